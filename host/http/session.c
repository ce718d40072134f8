/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session of one connector instance: requests that are fetched in advance, the answer cache and
 * the recording in their order, and the guard against repeated pages.
 */
#include "config.h"

#include "http/internal.h"

#include <stdlib.h>

#define STARTED_MOST 8u /* in advance, answered or not: what they hold of memory is bounded */

struct ahead {
    struct lh_http_key key;
    struct lh_http_request *request; /* a copy */
    struct lh_flight *flight;        /* NULL: not started */
};

struct lh_http_session {
    struct lh_http_client *client;
    struct ahead ahead[LH_HTTP_AHEAD]; /* in the order they came */
    size_t n_ahead;
    struct lh_loop loop;
};

struct lh_http_session *lh_http_session_new(struct lh_http_client *client)
{
    struct lh_http_session *session = lh_xcalloc(1, sizeof *session);

    session->client = client;
    return session;
}

static void ahead_free(struct ahead *a)
{
    lh_flight_end(a->flight);
    free(a->request);
}

void lh_http_session_drop(struct lh_http_session *session)
{
    for (size_t i = 0; i < session->n_ahead; i++)
        ahead_free(&session->ahead[i]);
    session->n_ahead = 0;
}

void lh_http_session_destroy(struct lh_http_session *session)
{
    if (!session)
        return;
    lh_http_session_drop(session);
    lh_loop_free(&session->loop);
    free(session);
}

void lh_http_session_begin(struct lh_http_session *session)
{
    lh_loop_reset(&session->loop);
}

void lh_http_session_slept(struct lh_http_session *session)
{
    lh_loop_reset(&session->loop);
}

/* --- requests --------------------------------------------------------------------------------- */

static lh_str put(char **at, lh_str s)
{
    lh_str copy = lh_str_n(*at, s.n);

    if (s.n)
        memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

struct lh_http_request *lh_http_request_copy(const struct lh_http_request *r)
{
    size_t n = sizeof *r + r->n_headers * sizeof *r->headers + r->method.n + r->url.n + r->body.n +
               r->content_type.n + r->bucket.n + r->bucket_key.n;
    struct lh_http_request *copy;
    struct lh_header *headers;
    char *at;

    for (size_t i = 0; i < r->n_headers; i++)
        n += r->headers[i].name.n + r->headers[i].value.n;
    copy = lh_xmalloc(n);
    headers = (struct lh_header *)(copy + 1);
    at = (char *)(headers + r->n_headers);
    *copy = *r;
    copy->headers = headers;
    for (size_t i = 0; i < r->n_headers; i++)
        headers[i] =
            (struct lh_header){put(&at, r->headers[i].name), put(&at, r->headers[i].value)};
    copy->method = put(&at, r->method);
    copy->url = put(&at, r->url);
    copy->body = put(&at, r->body);
    copy->content_type = put(&at, r->content_type);
    copy->bucket = put(&at, r->bucket);
    copy->bucket_key = put(&at, r->bucket_key);
    return copy;
}

static int check_text(lh_str s, const char *what, struct lh_error *e)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
            return lh_http_error(e, LH_E_RULE, "%s: found CR, LF or NUL", what);
    return 0;
}

static int check_header(const struct lh_header *header, struct lh_error *e)
{
    static const char *const others[] = {"content-type", "cookie2", "expect", "trailer", "upgrade"};
    lh_auto(lh_http_headers) probe = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (lh_http_headers_add(&probe, header->name, header->value, &why))
        return lh_http_error(e, LH_E_RULE, "%s", lh_error_text(&why));
    if (lh_http_header_is_of_host(header->name))
        return lh_http_error(e, LH_E_RULE, "the header %s is the host's", probe.items[0].name.p);
    for (size_t i = 0; i < LH_LEN(others); i++)
        if (lh_str_eqz(probe.items[0].name, others[i]))
            return lh_http_error(e, LH_E_RULE, "the header %s is the host's", others[i]);
    return 0;
}

static int check_method(lh_str method, struct lh_error *e)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; i < LH_LEN(known); i++)
        if (lh_str_eqz(method, known[i]))
            return 0;
    return lh_http_error(e, LH_E_RULE,
                         "the method: expected GET, HEAD, POST, PUT, PATCH or DELETE");
}

int lh_http_request_check(const struct lh_http_request *r, struct lh_error *e)
{
    int code = check_method(r->method, e);

    if (!code && r->n_headers > LH_HTTP_HEADERS / 2)
        code = lh_http_error(e, LH_E_RULE, "%zu headers are too many", r->n_headers);
    for (size_t i = 0; !code && i < r->n_headers; i++)
        code = check_header(&r->headers[i], e);
    if (!code)
        code = check_text(r->url, "the URL", e);
    if (!code)
        code = check_text(r->content_type, "the content type", e);
    if (!code && r->body.n && (lh_str_eqz(r->method, "GET") || lh_str_eqz(r->method, "HEAD")))
        code = lh_http_error(e, LH_E_RULE, "a %.*s has no body", LH_STR_ARG(r->method));
    return code;
}

/* --- in advance ------------------------------------------------------------------------------- */

static void start_ahead(struct lh_http_session *session)
{
    lh_auto(lh_error) ignored = LH_ERROR_INIT;
    size_t started = 0;

    for (size_t i = 0; i < session->n_ahead && started < STARTED_MOST; i++) {
        struct ahead *a = &session->ahead[i];

        if (!a->flight &&
            lh_flight_begin(session->client, a->request, 1, NULL, &a->flight, &ignored))
            return;
        if (!a->flight) /* no place in its bucket now; later ones shall not overtake it */
            return;
        started++;
    }
}

static void remove_ahead(struct lh_http_session *session, size_t i)
{
    free(session->ahead[i].request);
    session->n_ahead--;
    memmove(&session->ahead[i], &session->ahead[i + 1],
            (session->n_ahead - i) * sizeof session->ahead[i]);
}

static size_t find_ahead(const struct lh_http_session *session, const struct lh_http_key *key)
{
    size_t i = 0;

    while (i < session->n_ahead && strcmp(session->ahead[i].key.hex, key->hex) != 0)
        i++;
    return i;
}

void lh_http_session_prefetch(struct lh_http_session *session,
                              const struct lh_http_request *request)
{
    struct lh_http_client *client = session->client;
    lh_auto(lh_error) ignored = LH_ERROR_INIT;
    struct lh_http_key_parts parts;
    struct lh_http_key key;

    if (!(request->flags & LH_HTTP_REPEATABLE) && !lh_str_eqz(request->method, "GET"))
        return;
    if (lh_http_engine_replays(client->engine) || session->n_ahead == LH_HTTP_AHEAD ||
        lh_http_client_ready(client, &ignored))
        return;
    lh_http_key_of(request, &parts, &key);
    if (find_ahead(session, &key) < session->n_ahead ||
        (request->cache_ms && lh_http_cache_has(&client->cache, &key, request->cache_ms)))
        return;
    session->ahead[session->n_ahead++] =
        (struct ahead){.key = key, .request = lh_http_request_copy(request)};
    start_ahead(session);
}

/* --- sending ---------------------------------------------------------------------------------- */

struct sending {
    struct lh_http_session *session;
    const struct lh_http_request *request;
    const struct lh_patience *patience;
    struct lh_http_budget *budget;
    struct lh_http_key_parts parts;
    struct lh_http_key key;
};

/* From the network; a request that is under way already is taken from there. */
static int send_live(const struct sending *s, struct lh_http_answer **ret, struct lh_error *e)
{
    struct lh_http_session *session = s->session;
    size_t i = find_ahead(session, &s->key);
    struct lh_http_request *request lh_autofree = NULL; /* the flight has its own */
    struct lh_flight *first = NULL;
    int code;

    if (i < session->n_ahead) {
        first = lh_take(session->ahead[i].flight);
        request = lh_take(session->ahead[i].request);
        remove_ahead(session, i);
    }
    code = lh_http_client_send(session->client, request ? request : s->request, first, s->patience,
                               s->budget, ret, e);
    start_ahead(session);
    return code;
}

static struct lh_http_answer *replayed(struct lh_http_engine *engine, struct lh_recorded *from)
{
    struct lh_http_answer *answer = lh_http_answer_new(engine);

    answer->status = from->status;
    answer->headers = from->headers;
    from->headers = (struct lh_http_headers)LH_HTTP_HEADERS_INIT;
    lh_buf_free(&answer->body);
    lh_buf_free(&answer->final_url);
    answer->body = from->body;
    answer->final_url = from->final_url;
    answer->retry_after_ms = from->retry_after_ms;
    answer->attempts = from->attempts;
    from->body = (struct lh_buf){0};
    from->final_url = (struct lh_buf){0};
    return answer;
}

static int replay(const struct sending *s, uint32_t count, struct lh_http_answer **ret,
                  struct lh_error *e)
{
    struct lh_http_engine *engine = s->session->client->engine;
    lh_auto(lh_recorded) r = LH_RECORDED_INIT((size_t)LH_HTTP_BODY_MAX);
    int code = lh_recording_get(engine->record, &s->key, count, &s->parts, &r, e);

    if (code)
        return code == LH_NOT_FOUND ? LH_E_DATA : LH_E_OPTION;
    if (!r.status)
        return lh_http_error(e, r.failed, "%s", lh_buf_text(&r.message));
    *ret = replayed(engine, &r);
    return 0;
}

/* What was answered, or that nothing was. An interruption is no property of the source. */
static int store(const struct sending *s, uint32_t count, int result,
                 const struct lh_http_answer *answer, const struct lh_error *why,
                 struct lh_error *e)
{
    struct lh_http_engine *engine = s->session->client->engine;
    lh_auto(lh_recorded) r = LH_RECORDED_INIT((size_t)LH_HTTP_BODY_MAX);
    struct lh_recorded view = r;

    if (result == LH_E_CANCELLED)
        return 0;
    view.failed = result;
    if (result) {
        lh_buf_z(&r.message, lh_error_text(why));
        view.message = r.message;
    } else {
        view.status = answer->status;
        view.headers = answer->headers;
        view.body = answer->body;
        view.final_url = answer->final_url;
        view.retry_after_ms = answer->retry_after_ms;
        view.attempts = answer->attempts;
    }
    return lh_recording_put(engine->record, &s->key, count, &s->parts, &view, e) ? LH_E_OPTION : 0;
}

static int send_recorded(const struct sending *s, struct lh_http_answer **ret, struct lh_error *e)
{
    struct lh_recording *record = s->session->client->engine->record;
    lh_autoptr(lh_http_answer) answer = NULL;
    lh_auto(lh_error) why = LH_ERROR_INIT;
    uint32_t count;
    int code;
    int stored;

    if (!record)
        return send_live(s, ret, e);
    count = lh_recording_count(record, &s->key);
    if (lh_recording_replays(record))
        return replay(s, count, ret, e);
    code = send_live(s, &answer, &why);
    stored = store(s, count, code, answer, &why, e);
    if (stored)
        return stored;
    if (code) {
        lh_error_move(e, &why);
        return code;
    }
    *ret = lh_take(answer);
    return 0;
}

static int send_guarded(const struct sending *s, struct lh_http_answer **ret, struct lh_error *e)
{
    lh_autoptr(lh_http_answer) answer = NULL;
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);
    int code = send_recorded(s, &answer, e);

    if (code)
        return code;
    if (!lh_str_eqz(s->request->method, "GET") || answer->status >= 300 ||
        lh_loop_check(&s->session->loop, &s->key, answer->status, lh_buf_slice(&answer->body))) {
        *ret = lh_take(answer);
        return 0;
    }
    lh_http_request_show(s->session->client, s->request, &what);
    return lh_http_error(e, LH_E_DATA,
                         "%s: the same page came %u times in one call: the paging of the source "
                         "goes in circles, or a look-up lacks cache_ms; the read is ended",
                         lh_buf_text(&what), LH_LOOP_REPEATS);
}

static int send_cached(const struct sending *s, struct lh_http_answer **ret, struct lh_error *e)
{
    struct lh_http_cache *cache = &s->session->client->cache;
    struct lh_cache_entry *entry = NULL;
    struct lh_http_answer *answer = NULL;
    int code =
        lh_http_cache_find(cache, &s->key, s->request->cache_ms, s->patience, &answer, &entry, e);

    if (entry) {
        code = send_guarded(s, &answer, e);
        lh_http_cache_fill(cache, entry, answer);
    }
    if (!code)
        *ret = answer;
    return code;
}

int lh_http_session_send(struct lh_http_session *session, const struct lh_http_request *request,
                         const struct lh_patience *patience, struct lh_http_budget *budget,
                         struct lh_http_answer **ret, struct lh_error *e)
{
    struct lh_http_budget own = {0};
    struct sending s = {.session = session,
                        .request = request,
                        .patience = patience,
                        .budget = budget ? budget : &own};
    int code = lh_http_client_ready(session->client, e);

    if (code)
        return code;
    lh_http_key_of(request, &s.parts, &s.key);
    return request->cache_ms ? send_cached(&s, ret, e) : send_guarded(&s, ret, e);
}

int lh_http_session_again(struct lh_http_session *session, const struct lh_http_request *request,
                          const struct lh_http_answer *before, int64_t wait_ms, lh_str why,
                          const struct lh_patience *patience, struct lh_http_budget *budget,
                          struct lh_http_answer **ret, struct lh_error *e)
{
    struct lh_http_client *client = session->client;
    const struct lh_http_settings *settings = &client->engine->settings;
    struct sending s = {
        .session = session, .request = request, .patience = patience, .budget = budget};
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);
    int64_t left = settings->budget_ms - budget->waited_ms;
    bool is_replayed = lh_http_engine_replays(client->engine);
    int code;

    lh_http_request_show(client, request, &what);
    if (!is_replayed && (budget->attempts > (unsigned)settings->retries || wait_ms > left))
        return lh_http_error(e, before->status == 429 ? LH_E_THROTTLED : LH_E_UNAVAILABLE,
                             "%s: %.*s; it was sent %u times and %" PRId64
                             " ms were waited, no more are granted; try later, or raise --retries",
                             lh_buf_text(&what), LH_STR_ARG(why), budget->attempts,
                             budget->waited_ms);
    if (!is_replayed && wait_ms > 0) {
        budget->waited_ms += wait_ms;
        if ((code = lh_http_pause(wait_ms, patience, e)))
            return code;
    }
    lh_http_session_slept(session);
    lh_http_key_of(request, &s.parts, &s.key);
    return send_guarded(&s, ret, e);
}
