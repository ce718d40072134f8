/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector that asks for pages and makes rows of them in each way that there is. The pages come
 * from a host of a test (tests/unit/canned.h): tests/unit/test-worker.c compares both modes,
 * tests/bench/bench-worker.c measures them.
 */
#include <lakehost/sdk.h>

#include <stdio.h>
#include <unistd.h>

/* only to forge a frame */
#include "worker/frames.h"

#include "pages.inc"

static const struct lh_host *H;

static int get(lh_call *c, const char *url, const struct lh_http_resp **ret)
{
    struct lh_header header;
    struct lh_http_req req;

    header.name = LHS("X-Page");
    header.value = LHS("yes");
    memset(&req, 0, sizeof req);
    req.struct_size = (uint32_t)sizeof req;
    req.method = LHS("GET");
    req.url = lhs_z(url);
    req.headers = &header;
    req.n_headers = 1;
    return H->http(c, &req, ret);
}

static int mark(lh_sink *sink, lh_out *o, int64_t next)
{
    H->out_begin(o, '{');
    H->out_key(o, LHS("next"));
    H->out_i64(o, next);
    H->out_end(o);
    return H->checkpoint(sink, H->out_done(o));
}

typedef int each_page(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp);

/* Page after page until there is none; a page is let go before its checkpoint. */
static int walk(lh_call *c, const struct lh_scan *s, lh_sink *sink, const char *folder,
                each_page *each)
{
    lh_out *o = H->out_new(c);
    int64_t page = 0;
    int rc = LH_OK;

    if (s->offset)
        H->json_i64(H->json_get(s->offset, LHS("next")), &page);
    while (!rc) {
        const struct lh_http_resp *resp = NULL;
        char url[64];

        snprintf(url, sizeof url, "/%s/%lld", folder, (long long)page);
        rc = get(c, url, &resp);
        if (!rc && resp->status == 404)
            return LH_OK;
        if (!rc)
            rc = each(c, sink, o, resp);
        if (!rc)
            rc = mark(sink, o, ++page);
    }
    return rc;
}

static int give_rows(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    int rc = H->rows(sink, LH_UPSERT, H->json_get(resp->json, LHS("items")));

    (void)o;
    H->http_release(c, resp);
    return rc;
}

static int give_each(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    const lh_json *v = NULL;
    int rc = LH_OK;

    (void)o;
    while (!rc && (v = H->json_next(items, v, NULL)))
        rc = H->row(sink, LH_UPSERT, v);
    H->http_release(c, resp);
    return rc;
}

/* Two columns of its own, then all members but one: what most connectors do. */
static int give_members(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    static const lh_str except[] = {{"url", 3}};
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    const lh_json *v = NULL;
    int rc = LH_OK;

    while (!rc && (v = H->json_next(items, v, NULL))) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("source"));
        H->out_str(o, LHS("pages"));
        H->out_key(o, LHS("first"));
        H->out_json(o, H->json_get(v, LHS("id")));
        H->out_members(o, v, except, 1);
        H->out_end(o);
        rc = H->row_out(sink, LH_UPSERT, o);
    }
    H->http_release(c, resp);
    return rc;
}

/* Bytes of all scalars and names below a value, as a connector that looks at everything sees them.
 */
static size_t weigh(const lh_json *v)
{
    const lh_json *member = NULL;
    size_t n = H->json_str(v).n;
    lh_str key;

    while ((member = H->json_next(v, member, &key)))
        n += key.n + weigh(member);
    return n;
}

/* All is looked at, then the rows go as they are. */
static int give_touched(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    H->out_begin(o, '{');
    H->out_key(o, LHS("weight"));
    H->out_i64(o, (int64_t)weigh(resp->json));
    H->out_end(o);
    if (H->row_out(sink, LH_UPSERT, o))
        return LH_E_INTERNAL;
    return give_rows(c, sink, o, resp);
}

/* One row of many is looked at. */
static int give_one(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    const lh_json *last = NULL;
    const lh_json *v = NULL;

    while ((v = H->json_next(items, v, NULL)))
        last = v;
    H->out_begin(o, '{');
    H->out_key(o, LHS("count"));
    H->out_i64(o, (int64_t)H->json_count(items));
    H->out_key(o, LHS("raw"));
    H->out_str(o, H->json_raw(last));
    H->out_key(o, LHS("id"));
    H->out_str(o, H->json_str(H->json_get(last, LHS("id"))));
    H->out_key(o, LHS("of"));
    H->out_json(o, H->json_get(H->json_get(last, LHS("of")), LHS("id")));
    H->out_key(o, LHS("next"));
    H->out_str(o, H->json_str(H->json_get(H->json_get(resp->json, LHS("page")), LHS("next"))));
    H->out_end(o);
    if (H->row_out(sink, LH_UPSERT, o))
        return LH_E_INTERNAL;
    return give_rows(c, sink, o, resp);
}

/* A row of what every call about a value says, for it and all below it. */
static void tell_all(lh_sink *sink, lh_out *o, const lh_json *v, lh_str key)
{
    const lh_json *member = NULL;
    int64_t number = -7;
    int code = H->json_i64(v, &number);

    H->out_begin(o, '{');
    H->out_key(o, LHS("key"));
    H->out_str(o, key);
    H->out_key(o, LHS("kind"));
    H->out_i64(o, H->json_kind(v));
    H->out_key(o, LHS("str"));
    H->out_str(o, H->json_str(v));
    H->out_key(o, LHS("number"));
    H->out_i64(o, code ? code : number);
    H->out_key(o, LHS("missing"));
    H->out_json(o, H->json_get(v, LHS("missing")));
    H->out_key(o, LHS("id"));
    H->out_json(o, H->json_get(v, LHS("id")));
    H->out_end(o);
    H->row_out(sink, LH_UPSERT, o);
    while ((member = H->json_next(v, member, &key)))
        tell_all(sink, o, member, key);
}

static int give_all(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    tell_all(sink, o, resp->json, LHS(""));
    H->http_release(c, resp);
    return LH_OK;
}

/* Texts first, of containers that nobody has looked into. */
static int give_texts(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *v = NULL;
    lh_str key;

    while ((v = H->json_next(resp->json, v, &key))) {
        H->out_begin(o, '{');
        H->out_key(o, key);
        H->out_str(o, H->json_raw(v));
        H->out_end(o);
        H->row_out(sink, LH_UPSERT, o);
    }
    return give_all(c, sink, o, resp);
}

/* Values that a builder copies go on as values; the page is let go when only the builder has it. */
static int give_copies(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *wide = NULL;
    const lh_json *v = NULL;
    lh_str key;

    H->out_begin(o, '{');
    while ((v = H->json_next(resp->json, v, &key))) {
        H->out_key(o, key);
        H->out_json(o, v);
        wide = H->json_count(v) == 100 ? v : wide;
    }
    H->out_members(o, wide, NULL, 0);
    H->out_end(o);
    H->http_release(c, resp);
    v = H->out_done(o);
    tell_all(sink, H->out_new(c), H->json_get(v, LHS("page")), LHS("copy"));
    return H->row(sink, LH_UPSERT, v);
}

/* Rows that follow each other and rows that do not, of two kinds. */
static int give_mixed(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    const lh_json *first = H->json_next(items, NULL, NULL);
    const lh_json *v = NULL;
    unsigned i = 0;

    (void)o;
    while ((v = H->json_next(items, v, NULL))) {
        H->row(sink, i % 50 < 25 ? LH_UPSERT : LH_DELETE, v);
        if (++i % 70 == 0)
            H->row(sink, LH_UPSERT, first);
        if (i % 90 == 0)
            H->row(sink, LH_UPSERT, v);
    }
    H->http_release(c, resp);
    return LH_OK;
}

/* The page is let go between the builder's calls and its row. */
static int give_released(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    H->out_begin(o, '{');
    H->out_key(o, LHS("all"));
    H->out_json(o, resp->json);
    H->out_end(o);
    H->http_release(c, resp);
    return H->row_out(sink, LH_UPSERT, o);
}

/* Columns: members of every row, some that few have, a container, a name that is too long. */
static void put_columns(lh_out *o, const lh_json *v, const char *const *names, size_t n)
{
    H->out_begin(o, '{');
    for (size_t i = 0; i < n; i++) {
        const lh_json *member = H->json_get(v, lhs_z(names[i]));
        char key[16];

        snprintf(key, sizeof key, "%u", (unsigned)i);
        H->out_key(o, lhs_z(key));
        H->out_json(o, member);
        snprintf(key, sizeof key, "kind %u", (unsigned)i);
        H->out_key(o, lhs_z(key));
        H->out_i64(o, H->json_kind(member));
    }
    H->out_end(o);
}

static int give_columns_of(const lh_json *items, lh_sink *sink, lh_out *o, const char *const *names,
                           size_t n)
{
    const lh_json *v = NULL;

    while ((v = H->json_next(items, v, NULL))) {
        put_columns(o, v, names, n);
        if (H->row_out(sink, LH_UPSERT, o))
            return LH_E_INTERNAL;
    }
    return LH_OK;
}

static int give_columns(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    static const char *const names[] = {"id", "of", "absent", "tags", "of"};
    int rc = give_columns_of(H->json_get(resp->json, LHS("items")), sink, o, names,
                             sizeof names / sizeof *names);

    H->http_release(c, resp);
    return rc;
}

/* Of rows that are not all objects. */
static int give_odd_columns(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    static const char *const names[] = {"of", "id"};
    int rc = give_columns_of(H->json_get(resp->json, LHS("odd")), sink, o, names,
                             sizeof names / sizeof *names);

    H->http_release(c, resp);
    return rc;
}

/* More than come one by one; then a name that is too long for a column. */
static int give_many_columns(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    static const char *const names[] = {"id", "1", "2", "3", "4", "5", "6", "7", "8", "tags", "of"};
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    char name[400];
    int rc;

    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    rc = give_columns_of(items, sink, o, names, 3);
    if (!rc)
        rc = give_columns_of(items, sink, o, names, sizeof names / sizeof *names);
    H->out_begin(o, '[');
    H->out_json(o, H->json_get(H->json_next(items, NULL, NULL), lhs_z(name)));
    H->out_end(o);
    H->row(sink, LH_UPSERT, H->json_next(H->out_done(o), NULL, NULL) ? resp->json : NULL);
    H->http_release(c, resp);
    return rc;
}

/* A column, then inside of one of its values, and the text of another. */
static int give_inside(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    const lh_json *first = H->json_get(H->json_next(items, NULL, NULL), LHS("of"));
    const lh_json *v = NULL;
    int rc = LH_OK;

    while (!rc && (v = H->json_next(items, v, NULL))) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("of"));
        H->out_json(o, H->json_get(H->json_get(v, LHS("of")), LHS("id")));
        H->out_key(o, LHS("first"));
        H->out_str(o, H->json_raw(first));
        H->out_end(o);
        rc = H->row_out(sink, LH_UPSERT, o);
    }
    H->http_release(c, resp);
    return rc;
}

/* Values of columns of a page that was let go: they are nothing. */
static int give_stale(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    const lh_json *items = H->json_get(resp->json, LHS("items"));
    const lh_json *row = H->json_next(items, NULL, NULL);
    const lh_json *values[6];

    values[0] = H->json_get(row, LHS("id"));
    values[1] = H->json_get(row, LHS("of"));
    values[2] = H->json_get(H->json_next(items, row, NULL), LHS("id"));
    values[3] = row;
    values[4] = items;
    values[5] = resp->json;
    H->http_release(c, resp);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("kind"));
        H->out_i64(o, H->json_kind(values[i]));
        H->out_key(o, LHS("text"));
        H->out_str(o, H->json_str(values[i]));
        H->out_key(o, LHS("raw"));
        H->out_str(o, H->json_raw(values[i]));
        H->out_key(o, LHS("member"));
        H->out_i64(o, H->json_kind(H->json_get(values[i], LHS("id"))));
        H->out_key(o, LHS("count"));
        H->out_i64(o, (int64_t)H->json_count(values[i]));
        H->out_end(o);
        if (H->row_out(sink, LH_UPSERT, o))
            return LH_E_INTERNAL;
    }
    return LH_OK;
}

/* What an answer is besides its body. */
static int give_answer(lh_call *c, lh_sink *sink, lh_out *o, const struct lh_http_resp *resp)
{
    (void)c;
    H->out_begin(o, '{');
    H->out_key(o, LHS("status"));
    H->out_i64(o, resp->status);
    H->out_key(o, LHS("retry_after"));
    H->out_i64(o, resp->retry_after_ms);
    H->out_key(o, LHS("attempts"));
    H->out_i64(o, resp->attempts);
    H->out_key(o, LHS("url"));
    H->out_str(o, resp->final_url);
    H->out_key(o, LHS("header"));
    H->out_str(o, H->http_header(resp, "x-pAGE"));
    H->out_key(o, LHS("none"));
    H->out_str(o, H->http_header(resp, "X-Other"));
    H->out_key(o, LHS("bytes"));
    H->out_i64(o, (int64_t)H->json_raw(resp->json).n);
    H->out_key(o, LHS("text"));
    H->out_json(o, H->json_get(H->json_parse(c, H->json_raw(resp->json)), LHS("items")));
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

static int rows(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "small", give_rows);
}

static int each(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "small", give_each);
}

static int members(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "small", give_members);
}

static int released(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "small", give_released);
}

static int answers(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "small", give_answer);
}

static int big_rows(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "big", give_rows);
}

static int big_each(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "big", give_each);
}

static int big_members(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "big", give_members);
}

static int touched(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "small", give_touched);
}

static int big_touched(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return walk(c, s, sink, "big", give_touched);
}

#define DEEP(name, each_)                                                                          \
    static int name(lh_call *c, const struct lh_scan *s, lh_sink *sink)                            \
    {                                                                                              \
        return walk(c, s, sink, "deep", each_);                                                    \
    }

DEEP(one, give_one)
DEEP(all, give_all)
DEEP(texts, give_texts)
DEEP(copies, give_copies)
DEEP(mixed, give_mixed)
DEEP(deep_members, give_members)
DEEP(columns, give_columns)
DEEP(odd_columns, give_odd_columns)
DEEP(many_columns, give_many_columns)
DEEP(inside, give_inside)
DEEP(stale, give_stale)

static int plain(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = NULL;
    lh_out *o = H->out_new(c);
    int rc = get(c, "/plain/0", &resp);

    (void)s;
    if (rc)
        return rc;
    H->out_begin(o, '{');
    H->out_key(o, LHS("json"));
    H->out_json(o, resp->json);
    H->out_key(o, LHS("body"));
    H->out_str(o, resp->body);
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

/* Rows out of nothing, as many as the big pages have. */
static int built(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    int rc = LH_OK;

    (void)s;
    for (int64_t i = 0; !rc && i < 40000; i++) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("id"));
        H->out_i64(o, 9007199254740993 + i);
        H->out_key(o, LHS("title"));
        H->out_str(o, LHS("A title of some length, as they are"));
        H->out_key(o, LHS("user"));
        H->out_begin(o, '{');
        H->out_key(o, LHS("login"));
        H->out_str(o, LHS("somebody"));
        H->out_key(o, LHS("admin"));
        H->out_raw(o, LHS("false"));
        H->out_end(o);
        H->out_end(o);
        rc = H->row_out(sink, LH_UPSERT, o);
    }
    return rc ? rc : mark(sink, o, 1);
}

static int again(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    const struct lh_http_resp *resp = NULL;
    int rc = s->offset ? LH_OK : get(c, "/small/0", &resp);

    if (!rc && resp)
        rc = H->http_again(c, resp, 5, LHS("once more"), &resp);
    if (!rc && resp)
        rc = give_answer(c, sink, o, resp);
    return rc ? rc : mark(sink, o, 1);
}

static int fails(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = NULL;
    int rc = get(c, "/small/99", &resp);

    (void)s, (void)sink;
    return rc ? rc : H->http_fail(c, resp);
}

static int down(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = NULL;

    (void)s, (void)sink;
    return get(c, "/down", &resp);
}

static int hoards(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const struct lh_http_resp *resp = NULL;
    int rc = LH_OK;

    (void)s, (void)sink;
    for (int i = 0; !rc && i < 100; i++)
        rc = get(c, "/small/0", &resp);
    return rc;
}

/* Records by hand, behind those of a page that was asked for: see unruly.c. */
static int forge(lh_call *c, const unsigned char *record, unsigned char n)
{
    const unsigned char head[16] = {n, 0, 0, 0, LH_REC_OPS, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0};
    const struct lh_http_resp *resp = NULL;
    int rc = get(c, "/small/0", &resp);

    if (rc || write(3, head, sizeof head) != (ssize_t)sizeof head || write(3, record, n) != n)
        return LH_E_INTERNAL;
    return LH_OK;
}

#define FORGED(name, ...)                                                                          \
    static int name(lh_call *c, const struct lh_scan *s, lh_sink *sink)                            \
    {                                                                                              \
        static const unsigned char record[] = {__VA_ARGS__};                                       \
                                                                                                   \
        (void)s, (void)sink;                                                                       \
        if (forge(c, record, sizeof record))                                                       \
            return LH_E_INTERNAL;                                                                  \
        for (;;)                                                                                   \
            pause();                                                                               \
    }

/* op 0, one row, the first answer, value 2^24 */
FORGED(beyond, LH_REC_ROW, 0, 0, 0, 0, 1, 0, 0, 0, LH_VALUE_REF, 1, 0, 0, 0, 0, 0, 0, 1)
/* op 0, 2^24 rows from the root on, and what has no rows behind it */
FORGED(too_many, LH_REC_ROW, 0, 0, 0, 0, 0, 0, 0, 1, LH_VALUE_REF, 1, 0, 0, 0, 0, 0, 0, 0)
FORGED(many_none, LH_REC_ROW, 0, 0, 0, 0, 2, 0, 0, 0, LH_VALUE_NONE)
/* the first answer and value 2^24; the eighth answer; a part that there is not */
FORGED(fetch_beyond, LH_REC_FETCH, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0)
FORGED(fetch_foreign, LH_REC_FETCH, 8, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0)
FORGED(fetch_part, LH_REC_FETCH, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0)
/* a column of what is no array; a column without a name */
FORGED(fetch_column, LH_REC_FETCH, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0)
FORGED(fetch_no_name, LH_REC_FETCH, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 255, 255, 255, 255)

/* It asks, and does not live to see the answer. */
static int fetch_dies(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    static const unsigned char record[] = {
        LH_REC_FETCH, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};

    (void)s, (void)sink;
    forge(c, record, sizeof record);
    _exit(7);
}

static const struct {
    const char *table;
    int (*run)(lh_call *c, const struct lh_scan *s, lh_sink *sink);
} reads[] = {
    {"rows", rows},
    {"each", each},
    {"members", members},
    {"released", released},
    {"answers", answers},
    {"built", built},
    {"again", again},
    {"fails", fails},
    {"down", down},
    {"hoards", hoards},
    {"beyond", beyond},
    {"big_rows", big_rows},
    {"big_each", big_each},
    {"big_members", big_members},
    {"one", one},
    {"all", all},
    {"texts", texts},
    {"copies", copies},
    {"mixed", mixed},
    {"deep_members", deep_members},
    {"plain", plain},
    {"too_many", too_many},
    {"many_none", many_none},
    {"fetch_beyond", fetch_beyond},
    {"fetch_foreign", fetch_foreign},
    {"fetch_part", fetch_part},
    {"fetch_column", fetch_column},
    {"fetch_no_name", fetch_no_name},
    {"fetch_dies", fetch_dies},
    {"columns", columns},
    {"odd_columns", odd_columns},
    {"many_columns", many_columns},
    {"inside", inside},
    {"stale", stale},
    {"touched", touched},
    {"big_touched", big_touched},
};

/* --- the table -------------------------------------------------------------------------------- */

static int pages_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    (void)c, (void)o;
    *ret_self = NULL;
    return LH_OK;
}

static void pages_close(lh_call *c, void *self)
{
    (void)c, (void)self;
}

static int pages_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    int rc = LH_OK;

    (void)c, (void)self, (void)ns, (void)n_ns;
    for (size_t i = 0; !rc && i < sizeof reads / sizeof *reads; i++) {
        struct lh_table t;

        memset(&t, 0, sizeof t);
        t.struct_size = (uint32_t)sizeof t;
        t.name = lhs_z(reads[i].table);
        rc = H->add_table(sink, &t);
    }
    return rc;
}

static int pages_get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f;

    (void)c, (void)self, (void)s;
    memset(&f, 0, sizeof f);
    f.struct_size = (uint32_t)sizeof f;
    f.name = LHS("id");
    f.type = LHS("bigint");
    return H->add_field(sink, &f);
}

static int pages_read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta m;

    (void)c, (void)self, (void)s;
    memset(&m, 0, sizeof m);
    m.struct_size = (uint32_t)sizeof m;
    m.ingestion = LH_INGEST_APPEND;
    return H->set_meta(sink, &m);
}

static int pages_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    (void)self;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if (lhs_eq(s->table, lhs_z(reads[i].table)))
            return reads[i].run(c, s, sink);
    return H->fail(c, LH_E_NOT_FOUND, LHS("there is no such table"));
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "pages",
    LH_SPEC,
    pages_open,
    pages_close,
    pages_list_tables,
    pages_get_table_schema,
    pages_read_table_metadata,
    pages_read_table,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
