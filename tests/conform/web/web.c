/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector that asks what a test wants asked: the table `get` makes one request, as its table
 * options say, and gives a row for each answer; `items` reads numbered pages; the others misuse
 * answers and requests, each in one way. tests/system/http.sh says what must come of it.
 */
#include <lakehost/sdk.h>

#include "spec.inc"

static const struct lh_host *H;

/* An answer of a call that is over. */
static const struct lh_http_resp *stale;

typedef int behaviour(lh_call *c, const struct lh_scan *s, lh_sink *sink);

struct table {
    const char *name;
    behaviour *read;
};

static lh_str text_of(const struct lh_scan *s, const char *option)
{
    return lhs_z(H->opt(s->opts, option));
}

static uint32_t number_of(const struct lh_scan *s, const char *option)
{
    return (uint32_t)lhs_opt_i64(H, s->opts, option, 0);
}

static uint32_t flag_of(const struct lh_scan *s, const char *option, uint32_t flag)
{
    return lhs_opt_bool(H, s->opts, option, 0) ? flag : 0;
}

/* --- get -------------------------------------------------------------------------------------- */

/* "Name: value" of the option `header`. */
static size_t take_header(const struct lh_scan *s, struct lh_header *ret)
{
    lh_str text = text_of(s, "header");
    size_t i = 0;

    while (i < text.n && text.p[i] != ':')
        i++;
    if (i == text.n)
        return 0;
    ret->name = lhs_n(text.p, i);
    ret->value = lhs_n(text.p + i + 1, text.n - i - 1);
    return 1;
}

static struct lh_http_req request_of(const struct lh_scan *s, const char *url,
                                     struct lh_header *header)
{
    struct lh_http_req req = lhs_get(text_of(s, url));

    req.method = text_of(s, "method");
    req.body = text_of(s, "body");
    req.headers = header;
    req.n_headers = take_header(s, header);
    req.bucket = text_of(s, "bucket");
    req.timeout_ms = number_of(s, "timeout_ms");
    req.cache_ms = number_of(s, "cache_ms");
    req.max_bytes = number_of(s, "max_bytes");
    req.flags = flag_of(s, "repeatable", LH_HTTP_REPEATABLE) |
                flag_of(s, "plain", LH_HTTP_NOT_JSON) | flag_of(s, "unsigned", LH_HTTP_NO_SIGN_IN);
    return req;
}

static int give(lh_out *o, const struct lh_scan *s, lh_sink *sink, const struct lh_http_resp *resp)
{
    const char *shown = H->opt(s->opts, "show");
    lh_str body = resp->json ? H->json_raw(resp->json) : resp->body;

    H->out_begin(o, '{');
    lhs_out_i64(H, o, LHS("status"), resp->status);
    lhs_out_i64(H, o, LHS("bytes"), (int64_t)body.n);
    lhs_out_i64(H, o, LHS("attempts"), resp->attempts);
    lhs_out_i64(H, o, LHS("retry_after_ms"), resp->retry_after_ms);
    lhs_out_str(H, o, LHS("final_url"), resp->final_url);
    if (shown)
        lhs_out_str(H, o, LHS("header"), H->http_header(resp, shown));
    H->out_key(o, LHS("json"));
    H->out_json(o, body.n < 4096 ? resp->json : NULL);
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

/* One request, again as often as asked, and its row. */
static int ask(lh_call *c, lh_out *o, const struct lh_scan *s, lh_sink *sink, const char *url)
{
    const struct lh_http_resp *resp;
    const struct lh_http_resp *next;
    struct lh_header header;
    struct lh_http_req req = request_of(s, url, &header);
    uint32_t again = number_of(s, "again");
    int rc = H->http(c, &req, &resp);

    while (!rc && again--) {
        rc = H->http_again(c, resp, number_of(s, "again_ms"), LHS("the test asks for more"), &next);
        H->http_release(c, resp);
        resp = next;
    }
    if (!rc && flag_of(s, "fail", 1) && resp->status >= 400)
        return H->http_fail(c, resp);
    if (!rc)
        rc = give(o, s, sink, resp);
    if (!rc && !flag_of(s, "keep", 1))
        H->http_release(c, resp);
    return rc;
}

static int get(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    uint32_t times = number_of(s, "times");
    struct lh_header header;
    struct lh_http_req then = request_of(s, "then", &header);
    lh_out *o = H->out_new(c);
    int rc = 0;

    if (then.url.n)
        H->http_prefetch(c, &then);
    while (!rc && times--) {
        rc = ask(c, o, s, sink, "url");
        if (!rc && number_of(s, "sleep_ms"))
            rc = H->sleep_ms(c, number_of(s, "sleep_ms"));
    }
    if (!rc && then.url.n)
        rc = ask(c, o, s, sink, "then");
    return rc;
}

/* --- items ------------------------------------------------------------------------------------ */

static lh_str page_url(lh_call *c, const struct lh_scan *s, uint32_t page)
{
    char *text = H->alloc(c, 64);
    int n =
        text ? snprintf(text, 64, "/items?page=%u&per_page=%u", page, number_of(s, "per_page")) : 0;

    return lhs_n(text, (size_t)n);
}

static int one_page(lh_call *c, lh_sink *sink, struct lh_http_req *req)
{
    const struct lh_http_resp *resp;
    int rc = H->http(c, req, &resp);

    if (rc)
        return rc;
    if (resp->status != 200)
        return H->http_fail(c, resp);
    rc = H->rows(sink, LH_UPSERT, H->json_get(resp->json, LHS("items")));
    H->http_release(c, resp);
    return rc;
}

/* Pages by number, `ahead` of them under way. */
static int items(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    uint32_t pages = number_of(s, "pages");
    uint32_t ahead = number_of(s, "ahead");
    uint32_t asked = 1;
    int rc = 0;

    for (uint32_t page = 1; !rc && page <= pages; page++) {
        struct lh_http_req req = lhs_get(page_url(c, s, page));

        for (; asked <= pages && asked < page + ahead + 1; asked++) {
            struct lh_http_req next = lhs_get(page_url(c, s, asked));

            if (asked > page)
                H->http_prefetch(c, &next);
        }
        rc = one_page(c, sink, &req);
    }
    return rc;
}

/* As the source says: `next` of each page. */
static int linked(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_str url = text_of(s, "url");
    int rc = 0;

    while (!rc && url.n) {
        struct lh_http_req req = lhs_get(url);
        const struct lh_http_resp *resp;

        if ((rc = H->http(c, &req, &resp)))
            return rc;
        if (resp->status != 200)
            return H->http_fail(c, resp);
        rc = H->rows(sink, LH_UPSERT, H->json_get(resp->json, LHS("items")));
        url = lhs_dup(H, c, H->json_str(H->json_get(resp->json, LHS("next"))));
        H->http_release(c, resp);
    }
    return rc;
}

/* --- misuse ----------------------------------------------------------------------------------- */

static const struct lh_http_resp *first(lh_call *c)
{
    struct lh_http_req req = lhs_get(LHS("/items?page=1&per_page=1"));
    const struct lh_http_resp *resp = NULL;

    H->http(c, &req, &resp);
    return resp;
}

static int released_twice(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = first(c);

    (void)s, (void)sink;
    H->http_release(c, resp);
    H->http_release(c, resp);
    return LH_OK;
}

static int released_fail(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = first(c);

    (void)s, (void)sink;
    H->http_release(c, resp);
    return H->http_fail(c, resp);
}

static int released_header(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = first(c);

    (void)s, (void)sink;
    H->http_release(c, resp);
    return H->http_header(resp, "content-type").n ? LH_E_INTERNAL : LH_OK;
}

static int released_again(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = first(c);

    (void)s, (void)sink;
    H->http_release(c, resp);
    return H->http_again(c, resp, 0, LHS("x"), &resp);
}

/* Values of an answer that is gone hold nothing. */
static int released_json(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = first(c);
    const lh_json *rows = H->json_get(resp->json, LHS("items"));

    (void)s;
    H->http_release(c, resp);
    return H->rows(sink, LH_UPSERT, rows);
}

/* A builder that holds a value of the answer. */
static const struct lh_http_resp *held(lh_call *c)
{
    const struct lh_http_resp *resp = first(c);
    lh_out *o = H->out_new(c);

    H->out_begin(o, '{');
    H->out_key(o, LHS("page"));
    H->out_json(o, resp->json);
    return resp;
}

static int held_twice(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = held(c);

    (void)s, (void)sink;
    H->http_release(c, resp);
    H->http_release(c, resp);
    return LH_OK;
}

static int held_json(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = held(c);
    const lh_json *rows = H->json_get(resp->json, LHS("items"));

    (void)s;
    H->http_release(c, resp);
    return H->rows(sink, LH_UPSERT, rows);
}

/* Many answers later. */
static int released_long_ago(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = first(c);

    (void)s, (void)sink;
    H->http_release(c, resp);
    for (int i = 0; i < 140; i++)
        H->http_release(c, first(c));
    return H->http_fail(c, resp);
}

/* Of the metadata call before this read. */
static int old_answer(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s, (void)sink;
    return H->http_fail(c, stale);
}

static int foreign_answer(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_resp copy = *first(c);

    (void)s, (void)sink;
    return H->http_fail(c, &copy);
}

static int no_answer(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s, (void)sink;
    return H->http_fail(c, NULL);
}

static int no_place(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_req req = lhs_get(LHS("/items"));

    (void)s, (void)sink;
    return H->http(c, &req, NULL);
}

static int no_request(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp;

    (void)s, (void)sink;
    return H->http(c, NULL, &resp);
}

static int small_request(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_req req = lhs_get(LHS("/items"));
    const struct lh_http_resp *resp;

    (void)s, (void)sink;
    req.struct_size = 40;
    return H->http(c, &req, &resp);
}

static int unknown_flag(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_req req = lhs_get(LHS("/items"));
    const struct lh_http_resp *resp;

    (void)s, (void)sink;
    req.flags = 1u << 20;
    return H->http(c, &req, &resp);
}

static int prefetched_post(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_req req = lhs_post(LHS("/echo"), LHS("{}"));

    (void)s, (void)sink;
    req.flags = 0;
    H->http_prefetch(c, &req);
    return LH_OK;
}

static int nul_in_url(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_req req = lhs_get(LHS("/items\0x"));
    const struct lh_http_resp *resp;

    (void)s, (void)sink;
    return H->http(c, &req, &resp);
}

static int line_in_header(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_http_req req = lhs_get(LHS("/items"));
    struct lh_header header = {LHS("X-A"), LHS("1\r\nCookie: a=b")};
    const struct lh_http_resp *resp;

    (void)s, (void)sink;
    req.headers = &header;
    req.n_headers = 1;
    return H->http(c, &req, &resp);
}

/* Holds every answer. */
static int hoards(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s, (void)sink;
    for (int i = 0; i < 100; i++)
        if (!first(c))
            return LH_E_NOMEM;
    return LH_OK;
}

/* What time it is, twice. */
static int clock_of(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    int rc = 0;

    (void)s;
    for (int i = 0; !rc && i < 2; i++) {
        H->out_begin(o, '{');
        lhs_out_i64(H, o, LHS("id"), H->now_ms(c));
        H->out_end(o);
        rc = H->row_out(sink, LH_UPSERT, o);
        if (!rc)
            rc = H->sleep_ms(c, 30);
    }
    return rc;
}

/* Asks under way when the instance ends. */
static int leaves(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)sink;
    for (uint32_t page = 1; page < 12; page++) {
        struct lh_http_req req = lhs_get(page_url(c, s, page));

        H->http_prefetch(c, &req);
    }
    return LH_OK;
}

static const struct table tables[] = {
    {"get", get},
    {"items", items},
    {"linked", linked},
    {"released_twice", released_twice},
    {"released_fail", released_fail},
    {"released_header", released_header},
    {"released_again", released_again},
    {"released_json", released_json},
    {"held_twice", held_twice},
    {"held_json", held_json},
    {"released_long_ago", released_long_ago},
    {"old_answer", old_answer},
    {"foreign_answer", foreign_answer},
    {"no_answer", no_answer},
    {"no_place", no_place},
    {"no_request", no_request},
    {"small_request", small_request},
    {"unknown_flag", unknown_flag},
    {"prefetched_post", prefetched_post},
    {"nul_in_url", nul_in_url},
    {"line_in_header", line_in_header},
    {"hoards", hoards},
    {"clock", clock_of},
    {"leaves", leaves},
};

/* --- the calls -------------------------------------------------------------------------------- */

static int web_open(lh_call *c, const lh_opts *opts, void **ret_self)
{
    (void)opts;
    *ret_self = H->alloc(c, 1);
    return *ret_self ? LH_OK : LH_E_NOMEM;
}

static void web_close(lh_call *c, void *self)
{
    (void)c, (void)self;
}

static int web_list(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *sink)
{
    (void)c, (void)self, (void)ns, (void)n;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct lh_table t;
        int rc;

        memset(&t, 0, sizeof t);
        t.struct_size = (uint32_t)sizeof t;
        t.name = lhs_z(tables[i].name);
        if ((rc = H->add_table(sink, &t)))
            return rc;
    }
    return LH_OK;
}

static int web_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f;

    (void)self;
    if (lhs_eq(s->table, LHS("old_answer")))
        stale = first(c);
    memset(&f, 0, sizeof f);
    f.struct_size = (uint32_t)sizeof f;
    f.name = LHS("id");
    f.type = LHS("bigint");
    return H->add_field(sink, &f);
}

static int web_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    static const char key[] = "id";
    lh_str keys = lhs_z(key);
    struct lh_meta m;

    (void)c, (void)self, (void)s;
    memset(&m, 0, sizeof m);
    m.struct_size = (uint32_t)sizeof m;
    m.ingestion = LH_INGEST_SNAPSHOT;
    m.keys = &keys;
    m.n_keys = 1;
    return H->set_meta(sink, &m);
}

static int web_read(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    (void)self;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (lhs_eq(s->table, lhs_z(tables[i].name)))
            return tables[i].read(c, s, sink);
    return H->fail(c, LH_E_NOT_FOUND, LHS("there is no such table"));
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD, "web", LH_SPEC, web_open, web_close, web_list, web_schema, web_metadata,
    web_read,          NULL,  NULL,    NULL,     NULL,      NULL,     NULL,       NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
