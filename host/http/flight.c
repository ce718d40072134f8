/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt of a request: place in its bucket, headers, sign-in, the guard of origins, and the
 * redirects that follow. Each hop is guarded and signed as if it were asked for directly; headers
 * of the spec and of the connector go no further than the origin that they were meant for.
 */
#include "config.h"

#include "http/internal.h"

#include <stdlib.h>
#include <time.h>

struct lh_flight {
    struct lh_http_client *client;
    const struct lh_http_request *request;
    unsigned attempt;
    struct lh_buf url; /* of the hop, absolute, not signed */
    struct lh_buf method;
    bool has_body, has_headers; /* they still go along */
    bool is_signed;
    uint64_t serial; /* of the sign-in */
    unsigned hops;
    struct lh_transfer *t;
};

void lh_flight_end(struct lh_flight *f)
{
    if (!f)
        return;
    if (f->t)
        lh_transfer_end(f->t);
    lh_buf_free(&f->url);
    lh_buf_free(&f->method);
    free(f);
}

/* --- where to --------------------------------------------------------------------------------- */

static int take_url(struct lh_flight *f, struct lh_error *e)
{
    lh_str url = f->request->url;
    const char *why;
    struct lh_url u;

    if (url.n && url.p[0] == '/') {
        if (!f->client->base.n)
            return lh_http_error(e, LH_E_RULE, "the URL begins with '/' and the spec has no base");
        lh_buf_str(&f->url, lh_buf_slice(&f->client->base));
    }
    lh_buf_str(&f->url, url);
    if (f->url.failed || !lh_url_split(lh_buf_slice(&f->url), &u, &why))
        return lh_http_error(e, LH_E_RULE, "expected %s",
                             f->url.failed ? "a URL of at most 8192 bytes" : why);
    return 0;
}

/* What the user can do is to correct an option, or to report the source. */
static int refuse_origin(const struct lh_flight *f, const char *origin, struct lh_error *e)
{
    lh_auto(lh_buf) list = LH_BUF_INIT(LH_BUF_TEXT);

    for (size_t i = 0; i < f->client->n_origins; i++)
        lh_buf_f(&list, "%s%s", i ? ", " : "", f->client->origins[i].text);
    return lh_http_error(e, LH_E_DATA,
                         "%s to %s is refused: it is no declared origin of %s (%s), and nothing of "
                         "this source is sent elsewhere; check the URL options",
                         f->hops ? "the redirect" : "the request", origin, f->client->spec->name,
                         list.n ? lh_buf_text(&list) : "none");
}

/* A source that takes its token in the query may put it into a redirect to somewhere else. */
static bool holds_secret(struct lh_log *log, lh_str url)
{
    lh_auto(lh_buf) shown = LH_BUF_INIT(8 * LH_URL_BYTES);

    lh_log_redact(log, url, &shown);
    return !lh_str_eq(lh_buf_slice(&shown), url);
}

/* Whether this hop may be made, and with which rights. */
static int guard(const struct lh_flight *f, const struct lh_origin **ret, struct lh_error *e)
{
    lh_str url = lh_buf_slice(&f->url);
    const struct lh_origin *origin;
    const char *why = NULL;
    char *text lh_autofree = lh_origin_of(url, &why);

    if (!text)
        return lh_http_error(e, LH_E_DATA, "the redirect leads to no usable URL: expected %s", why);
    origin = lh_http_client_origin(f->client, url);
    if (!origin)
        return refuse_origin(f, text, e);
    if (!lh_origin_is_allowed(f->client->engine, url))
        return lh_http_error(e, LH_E_OPTION,
                             "%s is not spoken to without TLS; use https, or name the host in the "
                             "key plain_http of the configuration",
                             text);
    if (!origin->sign_in && holds_secret(f->client->engine->settings.log, url))
        return lh_http_error(e, LH_E_DATA,
                             "%s is refused: its URL holds a secret of this source, which is for "
                             "other origins",
                             text);
    *ret = origin;
    return 0;
}

/* --- what goes along -------------------------------------------------------------------------- */

static int set_header(struct lh_transfer *t, lh_str name, lh_str value, struct lh_error *e)
{
    return lh_http_headers_set(&t->headers, name, value, e) ? LH_E_RULE : 0;
}

static int add_headers(const struct lh_flight *f, struct lh_transfer *t, struct lh_error *e)
{
    const struct lh_http_request *r = f->request;
    const struct lh_spec_pairs *declared = &f->client->spec->headers;
    int code = 0;

    if (!(r->flags & LH_HTTP_NOT_JSON))
        code = set_header(t, LH_STR("accept"), LH_STR("application/json"), e);
    for (size_t i = 0; !code && f->has_headers && i < declared->n; i++)
        code =
            set_header(t, lh_str_z(declared->items[i].name), lh_str_z(declared->items[i].value), e);
    for (size_t i = 0; !code && f->has_headers && i < r->n_headers; i++)
        code = set_header(t, r->headers[i].name, r->headers[i].value, e);
    if (!code && f->has_body && (r->content_type.n || r->body.n))
        code = set_header(t, LH_STR("content-type"),
                          r->content_type.n ? r->content_type : LH_STR("application/json"), e);
    return code;
}

static bool sends_body(lh_str method)
{
    return !lh_str_eqz(method, "GET") && !lh_str_eqz(method, "HEAD") &&
           !lh_str_eqz(method, "DELETE");
}

static uint64_t bound_of(const struct lh_http_request *request)
{
    uint64_t most = request->max_bytes ? request->max_bytes : LH_HTTP_BODY_DEFAULT;

    return most < LH_HTTP_BODY_MAX ? most : LH_HTTP_BODY_MAX;
}

static struct lh_transfer *make_transfer(const struct lh_flight *f)
{
    struct lh_http_client *client = f->client;
    struct lh_transfer *t = lh_transfer_new(client->engine);

    t->source = client->spec->name;
    t->attempt = f->attempt;
    t->cacert = client->cacert;
    t->insecure = client->insecure;
    t->rules = client->rules;
    t->max_bytes = bound_of(f->request);
    t->timeout_ms = f->request->timeout_ms;
    t->has_body = f->has_body;
    t->once = !lh_http_is_repeatable(f->request);
    lh_buf_str(&t->method, lh_buf_slice(&f->method));
    lh_buf_str(&t->url, lh_buf_slice(&f->url));
    lh_http_show_url(&t->shown, lh_buf_slice(&f->url));
    if (f->has_body)
        lh_buf_str(&t->send, f->request->body);
    return t;
}

/* --- one hop ---------------------------------------------------------------------------------- */

/*
 * A place in the bucket; without patience none when there is none now. Nobody waits longer for it
 * than for an answer: a source may close a bucket for hours.
 */
static int take_place(const struct lh_flight *f, const struct lh_patience *patience,
                      struct lh_bucket **ret, struct lh_error *e)
{
    struct lh_buckets *all = f->client->buckets;
    struct lh_deadline most = lh_deadline_in(f->client->engine->settings.budget_ms);
    struct lh_patience limited;
    int64_t at;
    int code;

    if (patience) {
        limited = (struct lh_patience){lh_deadline_earlier(patience->deadline, most), patience->fd};
        code = lh_buckets_take(all, f->request->bucket, f->request->bucket_key, &limited, ret, e);
    } else {
        code = lh_buckets_try(all, f->request->bucket, f->request->bucket_key, ret, &at, e);
    }
    if (code == LH_UNREACHABLE)
        return LH_E_THROTTLED;
    return code == LH_INVALID ? LH_E_RULE : lh_http_result(code);
}

static int sign(struct lh_flight *f, struct lh_transfer *t, const struct lh_patience *patience,
                struct lh_error *e)
{
    const struct lh_patience none = {lh_deadline_in(0), -1};
    const struct lh_http_signer *signer = &f->client->signer;

    if (!patience)
        patience = &none;
    f->is_signed = true;
    if (signer->apply)
        return lh_http_result(signer->apply(signer->context, patience, &t->headers, &f->serial, e));
    return lh_http_result(
        lh_sign_in_apply(f->client->sign_in, patience, &t->url, &t->headers, &f->serial, e));
}

static int renew(const struct lh_flight *f, const struct lh_patience *patience, bool *ret_renewed,
                 struct lh_error *e)
{
    const struct lh_http_signer *signer = &f->client->signer;

    if (signer->apply)
        return lh_http_result(signer->renew(signer->context, f->serial, patience, ret_renewed, e));
    return lh_http_result(
        lh_sign_in_renew(f->client->sign_in, f->serial, patience, ret_renewed, e));
}

/* Starts the hop that url, method and the rest describe. *ret_started: false without patience. */
static int start_hop(struct lh_flight *f, const struct lh_patience *patience, bool *ret_started,
                     struct lh_error *e)
{
    lh_autoptr(lh_transfer) t = NULL;
    const struct lh_origin *origin = NULL;
    int code = guard(f, &origin, e);

    *ret_started = false;
    if (code)
        return code;
    t = make_transfer(f);
    if ((code = add_headers(f, t, e)))
        return code;
    if (origin->sign_in) {
        code = take_place(f, patience, &t->bucket, e);
        if (code || !t->bucket)
            return code;
    }
    if (origin->sign_in && !(f->request->flags & LH_HTTP_NO_SIGN_IN))
        code = sign(f, t, patience, e);
    if (!code)
        code = lh_transfer_start(t, e);
    if (code)
        return code;
    *ret_started = true;
    f->t = lh_take(t);
    return 0;
}

int lh_flight_begin(struct lh_http_client *client, const struct lh_http_request *request,
                    unsigned attempt, const struct lh_patience *patience, struct lh_flight **ret,
                    struct lh_error *e)
{
    lh_autoptr(lh_flight) f = lh_xcalloc(1, sizeof *f);
    bool is_started = false;
    int code;

    *f = (struct lh_flight){
        .client = client,
        .request = request,
        .attempt = attempt,
        .url = LH_BUF_INIT(LH_URL_BYTES),
        .method = LH_BUF_INIT(64),
        .has_body = request->body.n || sends_body(request->method),
        .has_headers = true,
    };
    lh_buf_str(&f->method, request->method);
    code = take_url(f, e);
    if (!code)
        code = start_hop(f, patience, &is_started, e);
    if (!code)
        *ret = is_started ? lh_take(f) : NULL;
    return code;
}

/* --- redirects -------------------------------------------------------------------------------- */

/* Without a fragment, which is for readers of pages. */
static void take_location(struct lh_flight *f)
{
    lh_str to = lh_buf_slice(&f->t->location);
    const char *fragment = to.n ? memchr(to.p, '#', to.n) : NULL;

    lh_buf_reset(&f->url);
    lh_buf_str(&f->url, lh_str_n(to.p, fragment ? (size_t)(fragment - to.p) : to.n));
}

static int follow(struct lh_flight *f, const struct lh_patience *patience, struct lh_error *e)
{
    const char *why;
    char *from lh_autofree = lh_origin_of(lh_buf_slice(&f->url), &why);
    char *to lh_autofree = NULL;
    bool is_started;

    if (f->hops++ == LH_HTTP_HOPS)
        return lh_http_error(e, LH_E_DATA, "it redirects more than %u times", LH_HTTP_HOPS);
    if (lh_redirect_is_get(f->t->status, lh_buf_slice(&f->method))) {
        lh_buf_reset(&f->method);
        lh_buf_z(&f->method, "GET");
        f->has_body = false;
    }
    take_location(f);
    lh_transfer_end(lh_take(f->t));
    to = lh_origin_of(lh_buf_slice(&f->url), &why);
    if (from && to && lh_str_starts(lh_str_z(from), LH_STR("https:")) &&
        lh_str_starts(lh_str_z(to), LH_STR("http:")))
        return lh_http_error(e, LH_E_DATA, "the redirect from https to http (%s) is refused", to);
    f->has_headers = f->has_headers && from && to && strcmp(from, to) == 0;
    f->is_signed = false;
    return start_hop(f, patience, &is_started, e);
}

/* --- the end of it ---------------------------------------------------------------------------- */

static struct lh_http_answer *make_answer(struct lh_flight *f, int64_t now_ms)
{
    struct lh_http_answer *answer = lh_http_answer_new(f->client->engine);
    struct lh_transfer *t = f->t;

    answer->status = t->status;
    answer->attempts = f->attempt;
    answer->headers = t->got;
    t->got = (struct lh_http_headers)LH_HTTP_HEADERS_INIT;
    lh_http_headers_remove(&answer->headers, LH_STR("set-cookie"));
    lh_http_headers_remove(&answer->headers, LH_STR("set-cookie2"));
    answer->body = t->body;
    t->body = (struct lh_buf){0};
    /* redacted, because a source may put into a redirect what the sign-in put into the request */
    lh_log_redact(f->client->engine->settings.log, lh_buf_slice(&f->url), &answer->final_url);
    answer->retry_after_ms = lh_http_retry_after(&answer->headers, now_ms);
    return answer;
}

static void decide(const struct lh_flight *f, struct lh_landing *ret)
{
    const struct lh_http_view view = {.status = ret->answer->status,
                                      .headers = &ret->answer->headers,
                                      .body = lh_buf_slice(&ret->answer->body)};
    struct timespec now;
    int64_t now_ms;

    clock_gettime(CLOCK_REALTIME, &now);
    now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    lh_http_decide(f->client->rules, &view, now_ms, &ret->decision);
}

int lh_flight_land(struct lh_flight *f, const struct lh_patience *patience, struct lh_landing *ret,
                   struct lh_error *e)
{
    struct timespec now;
    int code;

    *ret = (struct lh_landing){.may_be_processed = true};
    lh_http_decide_lost(&ret->decision);
    for (;;) {
        if ((code = lh_transfer_wait(f->t, patience, e)) ||
            (code = lh_transfer_problem(f->t, &ret->may_be_processed, &ret->again, e)))
            return code;
        if (!lh_redirect_is_one(f->t->status) || !f->t->location.n)
            break;
        if ((code = follow(f, patience, e)))
            return code;
    }
    if (f->t->status == 401 && f->is_signed && (code = renew(f, patience, &ret->renewed, e)))
        return code;
    clock_gettime(CLOCK_REALTIME, &now);
    ret->answer = make_answer(f, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    decide(f, ret);
    return 0;
}
