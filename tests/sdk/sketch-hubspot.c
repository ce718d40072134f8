/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hard read path of a HubSpot connector, on a fake host: properties that are known at run time
 * only, searches in a time window with JSON bodies, a second request per page for associations,
 * and rows that are put together from both.
 */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

static const struct lh_host *H = &fake_host;

/* Asks and takes 200, or 207 where parts may be missing. */
static int ask(lh_call *c, const struct lh_http_req *q, int parts, const struct lh_http_resp **ret)
{
    int rc = H->http(c, q, ret);

    if (rc)
        return rc;
    return (*ret)->status == 200 || (parts && (*ret)->status == 207) ? LH_OK
                                                                     : H->http_fail(c, *ret);
}

/* Shared by schema, metadata, every read and every worker: the host keeps the answer. */
static int properties(lh_call *c, lh_str object, const lh_json **ret)
{
    struct lh_http_req q = lhs_get(lhs_fmt(H, c, "/crm/v3/properties/%s", lhs_pct(H, c, object).p));
    const struct lh_http_resp *p;
    int rc;

    q.cache_ms = 600000;
    if ((rc = ask(c, &q, 0, &p)))
        return rc;
    *ret = H->json_get(p->json, LHS("results"));
    return LH_OK;
}

static int add(lh_sink *out, const char *name, const char *type)
{
    struct lh_field field = {.struct_size = sizeof field, .name = lhs_z(name), .type = lhs_z(type)};

    return strcmp(type, "struct") ? H->add_field(out, &field) : H->field_begin(out, &field);
}

static int get_table_schema(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    const lh_json *all = NULL;
    const lh_json *item = NULL;
    int rc = properties(c, s->table, &all);

    if (rc || (rc = add(out, "id", "string")) || (rc = add(out, "companies", "array<string>")) ||
        (rc = add(out, "properties", "struct")))
        return rc;
    while (!rc && (item = H->json_next(all, item, NULL))) {
        lh_str type = H->json_str(H->json_get(item, LHS("type")));
        struct lh_field field = {.struct_size = sizeof field, .flags = LH_FIELD_EMPTY_IS_NULL};

        field.name = H->json_str(H->json_get(item, LHS("name")));
        field.comment = H->json_str(H->json_get(item, LHS("label")));
        field.type = lhs_eq(type, LHS("bool"))     ? LHS("boolean")
                     : lhs_eq(type, LHS("number")) ? LHS("double")
                                                   : LHS("string");
        rc = H->add_field(out, &field);
    }
    return rc ? rc : H->field_end(out);
}

struct window {
    lh_str property, after;
    int64_t from, to;
};

static void put_filter(lh_call *c, lh_out *b, const struct window *w)
{
    H->out_begin(b, '{');
    H->out_key(b, LHS("propertyName"));
    H->out_str(b, w->property);
    H->out_key(b, LHS("operator"));
    H->out_str(b, LHS("BETWEEN"));
    H->out_key(b, LHS("value"));
    H->out_str(b, lhs_fmt(H, c, "%lld", (long long)w->from));
    H->out_key(b, LHS("highValue"));
    H->out_str(b, lhs_fmt(H, c, "%lld", (long long)w->to));
    H->out_end(b);
}

static lh_str search_body(lh_call *c, lh_out *b, const lh_json *wanted, const struct window *w)
{
    const lh_json *item = NULL;

    H->out_begin(b, '{');
    H->out_key(b, LHS("limit"));
    H->out_i64(b, 200);
    if (w->after.n) {
        H->out_key(b, LHS("after"));
        H->out_str(b, w->after);
    }
    H->out_key(b, LHS("filterGroups"));
    H->out_begin(b, '[');
    H->out_begin(b, '{');
    H->out_key(b, LHS("filters"));
    H->out_begin(b, '[');
    put_filter(c, b, w);
    H->out_end(b);
    H->out_end(b);
    H->out_end(b);
    H->out_key(b, LHS("properties"));
    H->out_begin(b, '[');
    while ((item = H->json_next(wanted, item, NULL)))
        H->out_json(b, H->json_get(item, LHS("name")));
    H->out_end(b);
    H->out_end(b);
    return H->json_raw(H->out_done(b));
}

/* The associations of a whole page in one request. */
static int associations(lh_call *c, lh_str object, const lh_json *results, lh_out *b,
                        const struct lh_http_resp **ret)
{
    const lh_json *item = NULL;
    struct lh_http_req q;

    H->out_begin(b, '{');
    H->out_key(b, LHS("inputs"));
    H->out_begin(b, '[');
    while ((item = H->json_next(results, item, NULL))) {
        H->out_begin(b, '{');
        H->out_key(b, LHS("id"));
        H->out_json(b, H->json_get(item, LHS("id")));
        H->out_end(b);
    }
    H->out_end(b);
    H->out_end(b);
    q = lhs_post(lhs_fmt(H, c, "/crm/v4/associations/%s/companies/batch/read", object.p),
                 H->json_raw(H->out_done(b)));
    return ask(c, &q, 1, ret);
}

/* Ids are numbers there and strings here: their digits, never a double. */
static void put_ids(lh_out *o, const lh_json *assoc, lh_str from)
{
    const lh_json *r = NULL;

    H->out_begin(o, '[');
    while ((r = H->json_next(H->json_get(assoc, LHS("results")), r, NULL))) {
        const lh_json *to = NULL;

        if (!lhs_eq(H->json_str(H->json_get(H->json_get(r, LHS("from")), LHS("id"))), from))
            continue;
        while ((to = H->json_next(H->json_get(r, LHS("to")), to, NULL)))
            H->out_str(o, H->json_str(H->json_get(to, LHS("toObjectId"))));
    }
    H->out_end(o);
}

static int send_page(const lh_json *results, const lh_json *assoc, lh_out *o, lh_sink *out)
{
    static const lh_str drop[] = {{"associations", 12}, {"url", 3}};
    const lh_json *item = NULL;
    int rc = LH_OK;

    while (!rc && (item = H->json_next(results, item, NULL))) {
        H->out_begin(o, '{');
        H->out_members(o, item, drop, 2);
        H->out_key(o, LHS("companies"));
        put_ids(o, assoc, H->json_str(H->json_get(item, LHS("id"))));
        H->out_end(o);
        rc = H->row_out(out, LH_UPSERT, o);
    }
    return rc;
}

static lh_str last_change(const lh_json *results)
{
    const lh_json *item = NULL;
    lh_str last = lhs_n(NULL, 0);

    while ((item = H->json_next(results, item, NULL)))
        last = H->json_str(H->json_get(item, LHS("updatedAt")));
    return last;
}

/* One page of the window: search, associations, rows, checkpoint; w->after says where it goes on.
 */
static int read_page(lh_call *c, const struct lh_scan *s, const lh_json *wanted, struct window *w,
                     lh_out *o, lh_sink *out)
{
    const struct lh_http_resp *page;
    const struct lh_http_resp *assoc;
    const lh_json *results;
    struct lh_http_req q = lhs_post(lhs_fmt(H, c, "/crm/v3/objects/%s/search", s->table.p),
                                    search_body(c, o, wanted, w));
    lh_str until;
    int rc;

    q.bucket = LHS("search");
    if ((rc = ask(c, &q, 0, &page)))
        return rc;
    results = H->json_get(page->json, LHS("results"));
    if ((rc = associations(c, s->table, results, o, &assoc)) ||
        (rc = send_page(results, assoc->json, o, out)))
        return rc;
    w->after = lhs_dup(
        H, c,
        H->json_str(H->json_get(H->json_get(H->json_get(page->json, LHS("paging")), LHS("next")),
                                LHS("after"))));
    until = w->after.n ? lhs_dup(H, c, last_change(results)) : lhs_iso(H, c, w->to);
    H->http_release(c, assoc);
    H->http_release(c, page);
    H->out_begin(o, '{');
    H->out_key(o, LHS("updatedAt"));
    H->out_str(o, until);
    H->out_end(o);
    return H->checkpoint(out, H->out_done(o));
}

static int read_table(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    lh_str since = H->json_str(H->json_get(s->offset, LHS("updatedAt")));
    struct window w = {LHS("hs_lastmodifieddate"), lhs_n(NULL, 0), since.n ? lhs_time_ms(since) : 0,
                       s->as_of_ms};
    lh_out *o = H->out_new(c);
    const lh_json *wanted = NULL;
    int rc;

    if (w.from == LHS_NO_TIME)
        return H->fail(c, LH_E_OFFSET, LHS("updatedAt of the offset is no time"));
    if (since.n && w.from >= w.to)
        return LH_OK;
    rc = properties(c, s->table, &wanted);
    while (!rc && !(rc = read_page(c, s, wanted, &w, o, out)) && w.after.n) {
    }
    return rc;
}

/* --- tests ------------------------------------------------------------------------------------ */

#define PROPERTIES                                                                                 \
    "{\"results\":[{\"name\":\"email\",\"type\":\"string\",\"label\":\"E-Mail\"},"                 \
    "{\"name\":\"size\",\"type\":\"number\"},{\"name\":\"hot\",\"type\":\"bool\"}]}"
#define AS_OF INT64_C(1772357415000) /* 2026-03-01T09:30:15Z */

static void test_schema(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/crm/v3/properties/contacts", NULL, 200, NULL, PROPERTIES}, {0}};
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "contacts", NULL, AS_OF);
    is_int(get_table_schema(&f.call, &s, &f.sink), LH_OK, "done");
    is_str(fake_text(&f.catalog),
           "column id string\ncolumn companies array<string>\nbegin column properties struct\n"
           "column email string\ncolumn size double\ncolumn hot boolean\nend\n",
           "columns, with one struct that the source defines");
    fake_end(&f);
}

static void test_read(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/crm/v3/properties/contacts", NULL, 200, NULL, PROPERTIES},
        {"POST", "/crm/v3/objects/contacts/search", "\"value\":\"1772323200000\"", 200, NULL,
         "{\"results\":[{\"id\":\"1\",\"url\":\"u\",\"updatedAt\":\"2026-03-01T01:00:00Z\"},"
         "{\"id\":\"2\",\"updatedAt\":\"2026-03-01T02:00:00Z\"}],"
         "\"paging\":{\"next\":{\"after\":\"200\"}}}"},
        {"POST", "/crm/v4/associations/contacts/companies/batch/read",
         "{\"inputs\":[{\"id\":\"1\"},{\"id\":\"2\"}]}", 207, NULL,
         "{\"results\":[{\"from\":{\"id\":\"2\"},\"to\":[{\"toObjectId\":9007199254740993},"
         "{\"toObjectId\":7}]}]}"},
        {"POST", "/crm/v3/objects/contacts/search", "\"after\":\"200\"", 200, NULL,
         "{\"results\":[]}"},
        {"POST", "/crm/v4/associations/contacts/companies/batch/read", "{\"inputs\":[]}", 200, NULL,
         "{\"results\":[]}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "contacts", "{\"updatedAt\":\"2026-03-01T00:00:00Z\"}", AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done");
    is_str(fake_text(&f.rows),
           "{\"id\":\"1\",\"updatedAt\":\"2026-03-01T01:00:00Z\",\"companies\":[]}\n"
           "{\"id\":\"2\",\"updatedAt\":\"2026-03-01T02:00:00Z\","
           "\"companies\":[\"9007199254740993\",\"7\"]}\n",
           "members dropped, ids added digit by digit");
    is_str(fake_text(&f.checkpoints),
           "{\"updatedAt\":\"2026-03-01T02:00:00Z\"}\n{\"updatedAt\":\"2026-03-01T09:30:15Z\"}\n",
           "per page, the last is the horizon");
    has_str(fake_text(&f.events),
            "{\"limit\":200,\"filterGroups\":[{\"filters\":[{\"propertyName\":"
            "\"hs_lastmodifieddate\",\"operator\":\"BETWEEN\",\"value\":\"1772323200000\","
            "\"highValue\":\"1772357415000\"}]}],\"properties\":[\"email\",\"size\",\"hot\"]}",
            "the body of the search");
    is_int(f.n_live, 1, "all but the properties, which the call needs, are released");
    fake_end(&f);
}

static void test_offsets(void)
{
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, NULL, NULL);
    s = fake_scan(&f, "contacts", "{\"updatedAt\":\"soon\"}", AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_E_OFFSET, "an offset that is none");
    s = fake_scan(&f, "contacts", "{\"updatedAt\":\"2026-03-01T09:30:15Z\"}", AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "a horizon that was reached");
    ok(!strstr(fake_text(&f.events), "GET"), "no request");
    fake_end(&f);
}

int main(void)
{
    RUN(test_schema);
    RUN(test_read);
    RUN(test_offsets);
    return tap_done();
}
