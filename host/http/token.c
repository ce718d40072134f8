/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of OAuth 2; see token.h. One thread fetches at a time, without the lock; `fetching` keeps
 * the others out of what it changes.
 */
#include "config.h"

#include "http/token.h"

#include "base/file-lock.h"
#include "base/utf8.h"
#include "json/json.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#define LOOK_MS    100  /* how often a thread that waits for another one looks at its descriptor */
#define LIFE_S     3600 /* of a token whose answer does not say */
#define LIFE_MAX_S INT64_C(31536000) /* a year */
#define WORDS_MAX  200               /* of the endpoint's own text */

struct lh_tokens {
    struct lh_token_grant grant; /* refresh_token: the one to use next */
    char fingerprint[65];        /* of the grant as it was given */
    struct lh_sign_in_setup setup;
    char *rotation_file;
    bool has_warned;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool fetching;
    uint64_t round;   /* of fetching */
    uint64_t refused; /* the round in which the endpoint refused, */
    char *refusal;    /* with this message */
    struct lh_secret bearer;
    uint64_t serial;
    int64_t good_until_ms;
};

/* --- making ----------------------------------------------------------------------------------- */

void lh_token_grant_free(struct lh_token_grant *grant)
{
    free(grant->url);
    lh_secret_free(&grant->client_id);
    lh_secret_free(&grant->client_secret);
    lh_secret_free(&grant->scope);
    lh_secret_free(&grant->refresh_token);
    lh_secret_free(&grant->resource);
    *grant = (struct lh_token_grant){.url = NULL};
}

/* From now on, unless it is none, or the one that is in use. */
static bool use_refresh_token(struct lh_tokens *t, lh_str token)
{
    if (token.n == 0 || lh_str_eq(token, lh_secret_text(&t->grant.refresh_token)))
        return false;
    lh_log_secret(t->setup.log, token, "refresh token");
    lh_secret_set(&t->grant.refresh_token, token);
    return true;
}

int lh_tokens_new(struct lh_token_grant *grant, const struct lh_sign_in_setup *setup,
                  struct lh_tokens **ret, struct lh_error *e)
{
    lh_auto(lh_secret) kept = LH_SECRET_INIT;
    pthread_condattr_t attributes;
    char fingerprint[65];
    struct lh_tokens *t;
    int code = 0;

    lh_rotation_fingerprint(grant, fingerprint);
    if (setup->rotation_file && grant->refresh_token.text.n)
        code = lh_rotation_read(setup->rotation_file, fingerprint, &kept, e);
    if (code)
        return code;
    t = lh_xcalloc(1, sizeof *t);
    memcpy(t->fingerprint, fingerprint, sizeof fingerprint);
    t->grant = *grant;
    *grant = (struct lh_token_grant){.url = NULL};
    t->setup = *setup;
    t->rotation_file = setup->rotation_file ? lh_xstrdup(setup->rotation_file) : NULL;
    use_refresh_token(t, lh_secret_text(&kept));
    pthread_mutex_init(&t->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    *ret = t;
    return 0;
}

void lh_tokens_destroy(struct lh_tokens *tokens)
{
    if (!tokens)
        return;
    pthread_cond_destroy(&tokens->changed);
    pthread_mutex_destroy(&tokens->mutex);
    lh_token_grant_free(&tokens->grant);
    lh_secret_free(&tokens->bearer);
    free(tokens->refusal);
    free(tokens->rotation_file);
    free(tokens);
}

static int64_t now_of(const struct lh_tokens *t)
{
    return t->setup.clock ? t->setup.clock->now_ms(t->setup.clock->context) : lh_now_ms();
}

/* --- the request ------------------------------------------------------------------------------ */

static void put_field(struct lh_buf *form, const char *name, lh_str value)
{
    if (value.n == 0)
        return;
    if (form->n)
        lh_buf_char(form, '&');
    lh_buf_f(form, "%s=", name);
    lh_secret_encoded(form, value);
}

static void make_form(const struct lh_token_grant *g, struct lh_secret *form)
{
    size_t n = g->client_id.text.n + g->client_secret.text.n + g->scope.text.n +
               g->refresh_token.text.n + g->resource.text.n;

    lh_secret_begin(form, n * 3 + 256);
    put_field(&form->text, "grant_type",
              g->refresh_token.text.n ? LH_STR("refresh_token") : LH_STR("client_credentials"));
    put_field(&form->text, "refresh_token", lh_secret_text(&g->refresh_token));
    put_field(&form->text, "scope", lh_secret_text(&g->scope));
    put_field(&form->text, "resource", lh_secret_text(&g->resource));
    if (g->client_auth != LH_CLIENT_BASIC)
        put_field(&form->text, "client_id", lh_secret_text(&g->client_id));
    if (g->client_auth == LH_CLIENT_POST)
        put_field(&form->text, "client_secret", lh_secret_text(&g->client_secret));
}

/* "Basic ...", of both form-encoded (RFC 6749, 2.3.1). Most have nothing that this would change. */
static int put_basic(const struct lh_tokens *t, struct lh_http_headers *headers, struct lh_error *e)
{
    const struct lh_token_grant *g = &t->grant;
    lh_auto(lh_secret) pair = LH_SECRET_INIT;
    lh_auto(lh_secret) value = LH_SECRET_INIT;

    lh_secret_begin(&pair, (g->client_id.text.n + g->client_secret.text.n) * 3 + 1);
    lh_secret_encoded(&pair.text, lh_secret_text(&g->client_id));
    lh_buf_char(&pair.text, ':');
    lh_secret_encoded(&pair.text, lh_secret_text(&g->client_secret));
    lh_secret_basic(&value, lh_secret_text(&pair));
    lh_log_secret(t->setup.log, lh_str_n(value.text.p + 6, value.text.n - 6), "client secret");
    return lh_http_headers_set(headers, LH_STR("Authorization"), lh_secret_text(&value), e);
}

static int send_form(struct lh_tokens *t, const struct lh_patience *patience,
                     struct lh_token_answer *ret, struct lh_error *e)
{
    lh_auto(lh_http_headers) headers = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_secret) form = LH_SECRET_INIT;
    struct lh_token_request request = {.url = t->grant.url, .headers = &headers};
    int code = lh_http_headers_set(&headers, LH_STR("Content-Type"),
                                   LH_STR("application/x-www-form-urlencoded"), e);

    if (!code)
        code = lh_http_headers_set(&headers, LH_STR("Accept"), LH_STR("application/json"), e);
    if (!code && t->grant.client_auth == LH_CLIENT_BASIC)
        code = put_basic(t, &headers, e);
    if (code)
        return code;
    make_form(&t->grant, &form);
    request.body = lh_secret_text(&form);
    return t->setup.fetch(t->setup.context, &request, patience, ret, e);
}

/* --- the answer ------------------------------------------------------------------------------- */

/* The endpoint's error (RFC 6749, 5.2) on one line. */
static void put_words(const struct lh_json *json, struct lh_buf *to)
{
    static const char *const names[] = {"errorCode", "error", "errorSummary", "error_description",
                                        "message"};

    for (size_t i = 0; i < LH_LEN(names); i++) {
        lh_str words = lh_json_str(lh_json_get(json, lh_str_z(names[i])));

        words.n = words.n < WORDS_MAX ? words.n : WORDS_MAX;
        words.n = lh_utf8_valid_prefix(words);
        if (words.n)
            lh_buf_z(to, ": ");
        for (size_t k = 0; k < words.n; k++)
            lh_buf_char(to, (unsigned char)words.p[k] < ' ' ? ' ' : words.p[k]);
    }
}

static int refuse(const struct lh_tokens *t, int status, const struct lh_json *json,
                  struct lh_error *e)
{
    lh_auto(lh_buf) words = LH_BUF_INIT(LH_BUF_TEXT);
    bool is_grant = lh_str_eqz(lh_json_str(lh_json_get(json, LH_STR("error"))), "invalid_grant");

    put_words(json, &words);
    if (status == 408 || status == 429 || status >= 500)
        return lh_error_set(e, LH_UNREACHABLE, "sign-in: token endpoint %s: %d%s; try again later",
                            t->grant.url, status, lh_buf_text(&words));
    if (status >= 300 && status < 400)
        return lh_error_set(e, LH_REFUSED,
                            "sign-in: token endpoint %s: %d, a redirect, which is not followed "
                            "with credentials; check the URL",
                            t->grant.url, status);
    return lh_error_set(e, LH_REFUSED, "sign-in: token endpoint %s: %d%s; %s", t->grant.url, status,
                        lh_buf_text(&words),
                        is_grant && t->grant.refresh_token.text.n
                            ? "the refresh token is not valid any more: authorise again"
                            : "check the client's id and secret and what it may do");
}

static int64_t life_of(const struct lh_json *json)
{
    lh_str text = lh_json_str(lh_json_get(json, LH_STR("expires_in")));
    int64_t life = 0;

    if (text.n == 0)
        return LIFE_S;
    for (size_t i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        life = life > LIFE_MAX_S ? life : life * 10 + (text.p[i] - '0');
    return life < LIFE_MAX_S ? life : LIFE_MAX_S;
}

/* A source may replace the refresh token with each use; the old one is of no use then. */
static void rotate(struct lh_tokens *t, lh_str token)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (!use_refresh_token(t, token))
        return;
    if (t->rotation_file && lh_rotation_write(t->rotation_file, t->fingerprint, token, &why))
        lh_log_warn(t->setup.log,
                    "the source replaced the refresh token, and the new one is kept for this run "
                    "only: %s",
                    lh_error_text(&why));
    else if (!t->rotation_file && !t->has_warned)
        lh_log_warn(t->setup.log,
                    "the source replaced the refresh token, and the new one is kept for this run "
                    "only, because no file was named for it; the next run needs a new one");
    t->has_warned = true;
}

static int check_token(const struct lh_tokens *t, const struct lh_json *json, lh_str *ret,
                       struct lh_error *e)
{
    const struct lh_json *token = lh_json_get(json, LH_STR("access_token"));
    lh_str type = lh_json_str(lh_json_get(json, LH_STR("token_type")));

    if (lh_json_kind(token) != LH_JSON_STRING || lh_json_str(token).n == 0)
        return lh_error_set(e, LH_REFUSED,
                            "sign-in: token endpoint %s: the answer has no access_token; check "
                            "the URL",
                            t->grant.url);
    if (type.n && (type.n != 6 || strncasecmp(type.p, "bearer", 6) != 0))
        return lh_error_set(e, LH_REFUSED,
                            "sign-in: token endpoint %s: expected a token of the type Bearer, "
                            "found another type",
                            t->grant.url);
    *ret = lh_json_str(token);
    return 0;
}

struct fresh {
    struct lh_secret bearer;
    int64_t good_until_ms;
};

static void fresh_free(struct fresh *fresh)
{
    lh_secret_free(&fresh->bearer);
}

/* A token is renewed before it expires; one that lives too short for that, at half its life. */
static int64_t good_until(const struct lh_tokens *t, int64_t asked_ms, int64_t life_s)
{
    int64_t life = life_s * 1000;
    int64_t before = t->grant.refresh_before_ms;

    return asked_ms + life - (before < life ? before : life / 2);
}

static int take_answer(struct lh_tokens *t, const struct lh_token_answer *answer, int64_t asked_ms,
                       struct fresh *ret, struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *json;
    lh_str token = LH_STR("");
    int code;

    (void)lh_json_scan(doc, lh_buf_slice(&answer->body), &lh_json_page_limits, NULL);
    json = lh_json_root(doc);
    code = answer->status >= 200 && answer->status < 300 ? check_token(t, json, &token, e)
                                                         : refuse(t, answer->status, json, e);
    if (code)
        return code;
    lh_log_secret(t->setup.log, token, "access token");
    rotate(t, lh_json_str(lh_json_get(json, LH_STR("refresh_token"))));
    lh_secret_join(&ret->bearer, LH_STR("Bearer"), " ", token);
    ret->good_until_ms = good_until(t, asked_ms, life_of(json));
    return 0;
}

/*
 * A refresh token that is replaced when it is used is good for one run at a time: the lock is held
 * from reading the file to writing it. A file that cannot be locked cannot be written either, which
 * is said then.
 */
static int lock_file(const struct lh_tokens *t, const struct lh_patience *patience,
                     struct lh_file_lock *lock, struct lh_error *e)
{
    while (lh_file_lock_take(lock, t->rotation_file, NULL) == LH_CONFLICT) {
        struct lh_deadline look = lh_deadline_earlier(lh_deadline_in(LOOK_MS), patience->deadline);

        if (lh_deadline_passed(patience->deadline))
            return lh_error_set(e, LH_UNREACHABLE,
                                "sign-in: another run that uses %s has not got its token before "
                                "the deadline; try again",
                                t->rotation_file);
        if (!lh_sleep_until(look, patience->fd))
            return lh_error_set(e, LH_INTERRUPTED, "interrupted while waiting for a token");
    }
    return 0;
}

/* With the file locked; what another run has put into it since is what counts. */
static int begin_rotation(struct lh_tokens *t, const struct lh_patience *patience,
                          struct lh_file_lock *lock, struct lh_error *e)
{
    lh_auto(lh_secret) kept = LH_SECRET_INIT;
    int code;

    if (!t->rotation_file || !t->grant.refresh_token.text.n)
        return 0;
    code = lock_file(t, patience, lock, e);
    if (!code && !lh_rotation_read(t->rotation_file, t->fingerprint, &kept, NULL))
        use_refresh_token(t, lh_secret_text(&kept));
    return code;
}

static int fetch(struct lh_tokens *t, const struct lh_patience *patience, struct fresh *ret,
                 struct lh_error *e)
{
    struct lh_token_answer answer = {.body = LH_BUF_INIT(LH_TOKEN_ANSWER_BYTES)};
    lh_auto(lh_file_lock) lock = LH_FILE_LOCK_INIT;
    int64_t asked = now_of(t);
    int code = begin_rotation(t, patience, &lock, e);

    if (!code)
        code = send_form(t, patience, &answer, e);
    if (!code)
        code = take_answer(t, &answer, asked, ret, e);
    lh_secret_wipe(&answer.body);
    return code;
}

/* --- sharing ---------------------------------------------------------------------------------- */

/* Waits for the thread that fetches; unlocked meanwhile. */
static int wait_for_other(struct lh_tokens *t, const struct lh_patience *patience,
                          struct lh_error *e)
{
    while (t->fetching) {
        struct lh_deadline look = lh_deadline_earlier(lh_deadline_in(LOOK_MS), patience->deadline);
        struct timespec at = {.tv_sec = (time_t)(look.at_ms / 1000),
                              .tv_nsec = (long)(look.at_ms % 1000) * 1000000};

        if (lh_is_readable(patience->fd))
            return lh_error_set(e, LH_INTERRUPTED, "interrupted while waiting for a token");
        if (lh_deadline_passed(patience->deadline))
            return lh_error_set(e, LH_UNREACHABLE,
                                "sign-in: token endpoint %s: no token before the deadline; try "
                                "again, or use a longer --timeout",
                                t->grant.url);
        pthread_cond_timedwait(&t->changed, &t->mutex, &at);
    }
    return 0;
}

/* With the lock, which is given up for the fetching itself. */
static int fetch_for_all(struct lh_tokens *t, const struct lh_patience *patience,
                         struct lh_error *e)
{
    lh_auto(fresh) fresh = {.bearer = LH_SECRET_INIT};
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code;

    t->fetching = true;
    t->round++;
    pthread_mutex_unlock(&t->mutex);
    code = fetch(t, patience, &fresh, &why);
    pthread_mutex_lock(&t->mutex);
    t->fetching = false;
    if (!code) {
        lh_secret_set(&t->bearer, lh_secret_text(&fresh.bearer));
        t->good_until_ms = fresh.good_until_ms;
        t->serial++;
    } else if (code == LH_REFUSED) {
        free(t->refusal);
        t->refusal = lh_xstrdup(lh_error_text(&why));
        t->refused = t->round;
    }
    pthread_cond_broadcast(&t->changed);
    return code ? lh_error_move(e, &why) : 0;
}

static int get_locked(struct lh_tokens *t, const struct lh_patience *patience, struct lh_error *e)
{
    while (t->bearer.text.n == 0 || now_of(t) >= t->good_until_ms) {
        uint64_t round = t->round;
        int code;

        /* who has no time does not begin what would be broken off: the endpoint may have replaced
           the refresh token by then */
        if (lh_deadline_passed(patience->deadline))
            return lh_error_set(e, LH_UNREACHABLE, "sign-in: there is no token yet");
        if (!t->fetching)
            return fetch_for_all(t, patience, e);
        code = wait_for_other(t, patience, e);
        if (code)
            return code;
        if (t->refused == round)
            return lh_error_set(e, LH_REFUSED, "%s", t->refusal);
    }
    return 0;
}

int lh_tokens_get(struct lh_tokens *tokens, const struct lh_patience *patience,
                  struct lh_secret *ret, uint64_t *ret_serial, struct lh_error *e)
{
    int code;

    pthread_mutex_lock(&tokens->mutex);
    code = get_locked(tokens, patience, e);
    if (!code) {
        lh_secret_set(ret, lh_secret_text(&tokens->bearer));
        *ret_serial = tokens->serial;
    }
    pthread_mutex_unlock(&tokens->mutex);
    return code;
}

void lh_tokens_drop(struct lh_tokens *tokens, uint64_t serial)
{
    pthread_mutex_lock(&tokens->mutex);
    if (tokens->serial == serial)
        lh_secret_free(&tokens->bearer);
    pthread_mutex_unlock(&tokens->mutex);
}
