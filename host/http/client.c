/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of one source: what its spec and its options mean for HTTP, made once and with the
 * first request, because only then it is an error that they mean nothing. Answers live here too.
 */
#include "config.h"

#include "http/internal.h"

#include <stdlib.h>
#include <time.h>

/* --- answers ---------------------------------------------------------------------------------- */

struct lh_http_answer *lh_http_answer_new(struct lh_http_engine *engine)
{
    struct lh_http_answer *answer = lh_xcalloc(1, sizeof *answer);

    *answer = (struct lh_http_answer){.refs = 1,
                                      .headers = LH_HTTP_HEADERS_INIT,
                                      .body = LH_BUF_INIT((size_t)LH_HTTP_BODY_MAX),
                                      .final_url = LH_BUF_INIT(2 * LH_URL_BYTES),
                                      .retry_after_ms = -1,
                                      .engine = engine};
    return answer;
}

struct lh_http_answer *lh_http_answer_ref(struct lh_http_answer *answer)
{
    __atomic_add_fetch(&answer->refs, 1, __ATOMIC_RELAXED);
    return answer;
}

void lh_http_answer_unref(struct lh_http_answer *answer)
{
    if (__atomic_sub_fetch(&answer->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lh_http_headers_free(&answer->headers);
    if (answer->engine)
        lh_http_body_give(answer->engine, &answer->body);
    lh_buf_free(&answer->body);
    lh_buf_free(&answer->final_url);
    free(answer);
}

void lh_http_key_of(const struct lh_http_request *request, struct lh_http_key_parts *ret_parts,
                    struct lh_http_key *ret_key)
{
    *ret_parts = (struct lh_http_key_parts){.method = request->method,
                                            .url = request->url,
                                            .content_type = request->content_type,
                                            .body = request->body,
                                            .headers = request->headers,
                                            .n_headers = request->n_headers,
                                            .flags = request->flags};
    lh_http_key_make(ret_parts, ret_key);
}

/* --- what the options say --------------------------------------------------------------------- */

static int add_origin(struct lh_http_client *client, lh_str url, bool sign_in, struct lh_error *e)
{
    const char *why;
    char *text lh_autofree = lh_origin_of(url, &why);

    if (!text)
        return lh_error_set(e, LH_INVALID, "a URL of the spec: expected %s", why);
    client->origins[client->n_origins++] = (struct lh_origin){lh_take(text), sign_in};
    return 0;
}

static int take_origins(struct lh_http_client *client, struct lh_error *e)
{
    const struct lh_spec *spec = client->spec;
    int code = lh_opts_base_url(client->opts, &client->base, e);

    client->origins = lh_xcalloc(spec->n_origins + 1, sizeof *client->origins);
    if (!code && client->base.n)
        code = add_origin(client, lh_buf_slice(&client->base), true, e);
    for (size_t i = 0; !code && i < spec->n_origins; i++) {
        lh_auto(lh_buf) url = LH_BUF_INIT(LH_URL_BYTES);
        const char *missing;

        code = lh_opts_expand_url(client->opts, spec->origins[i].url, &url, &missing, e);
        if (!code)
            code = add_origin(client, lh_buf_slice(&url), spec->origins[i].sign_in, e);
        else if (code == LH_NOT_FOUND) /* one that is not there without its option */
            code = 0;
    }
    return code;
}

static const char *value_of(const struct lh_http_client *client, const char *option)
{
    return option ? lh_opts_get(client->opts, option) : NULL;
}

static void take_trust(struct lh_http_client *client)
{
    const char *verify = value_of(client, client->spec->tls_verify);
    const char *cacert = client->engine->settings.cacert;

    client->cacert = cacert ? cacert : value_of(client, client->spec->tls_ca);
    client->insecure = verify && strcmp(verify, "false") == 0;
    if (client->insecure)
        lh_log_warn(client->engine->settings.log,
                    "%s: option %s is false: certificates are not verified, anybody on the way can "
                    "read and change what is sent",
                    client->spec->name, client->spec->tls_verify);
}

/* A transfer of the client's own, below retries and sign-in. */
static struct lh_transfer *new_transfer(const struct lh_http_client *client, const char *method,
                                        lh_str url)
{
    struct lh_transfer *t = lh_transfer_new(client->engine);

    t->source = client->spec->name;
    t->cacert = client->cacert;
    t->insecure = client->insecure;
    lh_buf_z(&t->method, method);
    lh_buf_str(&t->url, url);
    return t;
}

/* Sends it and waits for its answer; an enum lh_code. */
static int run_transfer(struct lh_transfer *t, const struct lh_patience *patience,
                        struct lh_error *e)
{
    bool sent;
    bool again;

    if (lh_transfer_start(t, e) || lh_transfer_wait(t, patience, e) ||
        lh_transfer_problem(t, &sent, &again, e))
        return e ? e->code : LH_UNREACHABLE;
    return 0;
}

int lh_http_client_fetch_token(void *context, const struct lh_token_request *request,
                               const struct lh_patience *patience, struct lh_token_answer *ret,
                               struct lh_error *e)
{
    struct lh_http_client *client = context;
    lh_str url = lh_str_z(request->url);
    lh_autoptr(lh_transfer) t = new_transfer(client, "POST", url);
    int code;

    if (!lh_origin_is_allowed(client->engine, url))
        return lh_error_set(e, LH_INVALID, "the token endpoint is not spoken to without TLS");
    t->quiet = true;
    t->max_bytes = LH_TOKEN_ANSWER_BYTES;
    t->has_body = true;
    lh_buf_str(&t->send, request->body);
    lh_http_headers_copy(&t->headers, request->headers);
    code = run_transfer(t, patience, e);
    if (code)
        return code;
    ret->status = t->status;
    lh_buf_str(&ret->body, lh_buf_slice(&t->body));
    explicit_bzero(t->body.p, t->body.n);
    return 0;
}

static int make(struct lh_http_client *client, struct lh_error *e)
{
    const struct lh_http_settings *s = &client->engine->settings;
    const struct lh_sign_in_setup setup = {
        .log = s->log,
        .fetch = lh_http_client_fetch_token,
        .context = client,
        .rotation_file = s->rotation_file,
    };
    int code = take_origins(client, e);

    if (!code)
        take_trust(client);
    if (!code)
        code = lh_buckets_add_spec(client->buckets, client->spec, client->opts, e);
    if (!code && !client->signer.apply)
        code = lh_sign_in_new(client->spec, client->opts, &setup, &client->sign_in, e);
    return code;
}

int lh_http_client_ready(struct lh_http_client *client, struct lh_error *e)
{
    pthread_mutex_lock(&client->mutex);
    if (!client->is_ready) {
        client->unusable = lh_http_result(make(client, &client->error));
        client->is_ready = true;
    }
    pthread_mutex_unlock(&client->mutex);
    if (client->unusable)
        return lh_http_error(e, client->unusable, "%s", lh_error_text(&client->error));
    return 0;
}

int lh_http_client_peek(struct lh_http_client *client, lh_str url,
                        const struct lh_patience *patience, struct lh_http_answer **ret,
                        struct lh_error *e)
{
    struct lh_http_answer *answer;
    lh_autoptr(lh_transfer) t = NULL;
    int code;

    if (lh_http_client_ready(client, e))
        return e ? e->code : LH_INVALID;
    if (!lh_origin_is_allowed(client->engine, url))
        return lh_error_set(e, LH_INVALID, "it is not spoken to without TLS");
    t = new_transfer(client, "GET", url);
    lh_http_show_url(&t->shown, url);
    t->max_bytes = LH_TOKEN_ANSWER_BYTES;
    code = lh_http_headers_set(&t->headers, LH_STR("accept"), LH_STR("application/json"), e);
    if (!code)
        code = run_transfer(t, patience, e);
    if (code)
        return code;
    answer = lh_http_answer_new(client->engine);
    answer->status = t->status;
    answer->headers = t->got;
    t->got = (struct lh_http_headers)LH_HTTP_HEADERS_INIT;
    lh_buf_str(&answer->body, lh_buf_slice(&t->body));
    *ret = answer;
    return 0;
}

const struct lh_origin *lh_http_client_origin(const struct lh_http_client *client, lh_str url)
{
    const char *why;
    char *text lh_autofree = lh_origin_of(url, &why);

    for (size_t i = 0; text && i < client->n_origins; i++)
        if (strcmp(client->origins[i].text, text) == 0)
            return &client->origins[i];
    return NULL;
}

/* --- making and ending ------------------------------------------------------------------------ */

struct lh_http_client *lh_http_client_new(struct lh_http_engine *engine, const struct lh_spec *spec,
                                          const struct lh_opts *opts)
{
    struct lh_http_client *client = lh_xcalloc(1, sizeof *client);

    client->engine = engine;
    client->spec = spec;
    client->opts = opts;
    client->base = (struct lh_buf)LH_BUF_INIT(LH_URL_BYTES);
    client->buckets = lh_buckets_new(NULL);
    client->rules = lh_http_rules_new(spec);
    lh_http_cache_init(&client->cache);
    pthread_mutex_init(&client->mutex, NULL);
    return client;
}

void lh_http_client_set_signer(struct lh_http_client *client, const struct lh_http_signer *signer)
{
    client->signer = *signer;
}

void lh_http_client_destroy(struct lh_http_client *client)
{
    if (!client)
        return;
    lh_http_cache_free(&client->cache);
    lh_sign_in_destroy(client->sign_in);
    lh_buckets_destroy(client->buckets);
    lh_http_rules_destroy(client->rules);
    for (size_t i = 0; i < client->n_origins; i++)
        free(client->origins[i].text);
    free(client->origins);
    lh_buf_free(&client->base);
    lh_error_free(&client->error);
    pthread_mutex_destroy(&client->mutex);
    free(client);
}

struct lh_http_engine *lh_http_client_engine(const struct lh_http_client *client)
{
    return client->engine;
}

/* --- what an answer means --------------------------------------------------------------------- */

int lh_http_client_verdict(struct lh_http_client *client, const struct lh_http_request *request,
                           const struct lh_http_answer *answer, struct lh_error *e)
{
    const struct lh_http_view view = {
        .status = answer->status, .headers = &answer->headers, .body = lh_buf_slice(&answer->body)};
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) words = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_http_decision decision;
    struct timespec now;
    int64_t now_ms;

    clock_gettime(CLOCK_REALTIME, &now);
    now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    lh_http_decide(client->rules, &view, now_ms, &decision);
    lh_http_request_show(client, request, &text);
    lh_buf_z(&text, ": ");
    lh_http_explain(&view, &decision, now_ms, &words);
    lh_log_redact(client->engine->settings.log, lh_buf_slice(&words), &text);
    return lh_http_error(e, decision.code, "%s", lh_buf_text(&text));
}
