/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hard read path of an Airtable connector, on a fake host: bases as namespaces, fields by id,
 * formulas with the user's text in them, and an iterator that expires in the middle and must begin
 * again, so that its cursor is never stored.
 */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

#define MOST_PASSES 3

static const struct lh_host *H = &fake_host;

/* A string of Airtable's formula language. */
static lh_str formula_str(lh_call *c, lh_str v)
{
    char *p = (char *)H->alloc(c, 2 * v.n + 3);
    size_t n = 0;

    if (!p)
        return lhs_n(NULL, 0);
    p[n++] = '\'';
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '\'' || v.p[i] == '\\')
            p[n++] = '\\';
        p[n++] = v.p[i];
    }
    p[n++] = '\'';
    return lhs_n(p, n);
}

/* The table as the base's schema has it; the answer is shared by schema, metadata and reads. */
static int table_of(lh_call *c, lh_str base, lh_str name, const lh_json **ret)
{
    struct lh_http_req q = lhs_get(lhs_fmt(H, c, "/v0/meta/bases/%s/tables", base.p));
    const struct lh_http_resp *p;
    const lh_json *t = NULL;
    int rc;

    q.cache_ms = 600000;
    if ((rc = H->http(c, &q, &p)))
        return rc;
    if (p->status != 200)
        return H->http_fail(c, p);
    while ((t = H->json_next(H->json_get(p->json, LHS("tables")), t, NULL)))
        if (lhs_eq(H->json_str(H->json_get(t, LHS("name"))), name)) {
            *ret = t;
            return LH_OK;
        }
    return lhs_fail(H, c, LH_E_NOT_FOUND, "base %s has no table %s", base.p, name.p);
}

static struct lh_http_req list_request(lh_call *c, const struct lh_scan *s, lh_str filter,
                                       lh_str after, lh_out *b)
{
    lh_str base = lhs_z(H->opt(s->opts, "base_id"));
    struct lh_http_req q;

    H->out_begin(b, '{');
    H->out_key(b, LHS("returnFieldsByFieldId"));
    H->out_raw(b, LHS("true"));
    if (filter.n) {
        H->out_key(b, LHS("filterByFormula"));
        H->out_str(b, filter);
    }
    if (after.n) {
        H->out_key(b, LHS("offset"));
        H->out_str(b, after);
    }
    H->out_end(b);
    q = lhs_post(lhs_fmt(H, c, "/v0/%s/%s/listRecords", base.p, lhs_pct(H, c, s->table).p),
                 H->json_raw(H->out_done(b)));
    q.bucket = LHS("base");
    q.bucket_key = base;
    return q;
}

/* Columns by id, so that a renamed field stays the same; an unticked checkbox is not sent. */
static int send_record(const lh_json *fields, const lh_json *record, lh_out *o, lh_sink *out)
{
    const lh_json *values = H->json_get(record, LHS("fields"));
    const lh_json *field = NULL;

    H->out_begin(o, '{');
    H->out_key(o, LHS("id"));
    H->out_json(o, H->json_get(record, LHS("id")));
    while ((field = H->json_next(fields, field, NULL))) {
        const lh_json *v = H->json_get(values, H->json_str(H->json_get(field, LHS("id"))));

        H->out_key(o, H->json_str(H->json_get(field, LHS("name"))));
        if (!v && lhs_eq(H->json_str(H->json_get(field, LHS("type"))), LHS("checkbox")))
            H->out_raw(o, LHS("false"));
        else
            H->out_json(o, v);
    }
    H->out_end(o);
    return H->row_out(out, LH_UPSERT, o);
}

/* All pages of one iterator. *ret_expired: it was forgotten by the source, begin again. */
static int one_pass(lh_call *c, const struct lh_scan *s, const lh_json *fields, lh_str filter,
                    lh_sink *out, int *ret_expired)
{
    lh_out *o = H->out_new(c);
    lh_out *b = H->out_new(c);
    lh_str after = lhs_n(NULL, 0);

    do {
        struct lh_http_req q = list_request(c, s, filter, after, b);
        const struct lh_http_resp *p;
        const lh_json *record = NULL;
        int rc = H->http(c, &q, &p);

        if (rc)
            return rc;
        *ret_expired =
            p->status == 422 &&
            lhs_eq(H->json_str(H->json_get(H->json_get(p->json, LHS("error")), LHS("type"))),
                   LHS("LIST_RECORDS_ITERATOR_NOT_AVAILABLE"));
        if (*ret_expired)
            return LH_OK;
        if (p->status != 200)
            return H->http_fail(c, p);
        while ((record = H->json_next(H->json_get(p->json, LHS("records")), record, NULL)))
            if ((rc = send_record(fields, record, o, out)))
                return rc;
        after = lhs_dup(H, c, H->json_str(H->json_get(p->json, LHS("offset"))));
        H->http_release(c, p);
    } while (after.n);
    return LH_OK;
}

static int read_table(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    lh_str as_of = lhs_iso(H, c, s->as_of_ms);
    lh_str since = H->json_str(H->json_get(s->offset, LHS("cursor")));
    lh_out *o = H->out_new(c);
    lh_str filter = lhs_n(NULL, 0);
    const lh_json *table = NULL;
    int expired = 1;
    int rc = table_of(c, lhs_z(H->opt(s->opts, "base_id")), s->table, &table);

    if (since.n)
        filter = lhs_fmt(H, c, "IS_AFTER(LAST_MODIFIED_TIME(),%s)", formula_str(c, since).p);
    for (int i = 0; !rc && expired && i < MOST_PASSES; i++)
        rc = one_pass(c, s, H->json_get(table, LHS("fields")), filter, out, &expired);
    if (rc)
        return rc;
    if (expired)
        return lhs_fail(H, c, LH_E_UNAVAILABLE, "the iterator expired %d times", MOST_PASSES);
    H->out_begin(o, '{');
    H->out_key(o, LHS("cursor"));
    H->out_str(o, as_of);
    H->out_end(o);
    return H->checkpoint(out, H->out_done(o));
}

static int list_namespaces(lh_call *c, lh_sink *out)
{
    struct lh_http_req q = lhs_get(LHS("/v0/meta/bases"));
    const struct lh_http_resp *p;
    const lh_json *base = NULL;
    int rc = H->http(c, &q, &p);

    if (rc)
        return rc;
    if (p->status != 200)
        return H->http_fail(c, p);
    while (!rc && (base = H->json_next(H->json_get(p->json, LHS("bases")), base, NULL))) {
        lh_str id = H->json_str(H->json_get(base, LHS("id")));

        rc = H->add_namespace(out, &id, 1);
    }
    return rc;
}

/* --- tests ------------------------------------------------------------------------------------ */

#define SCHEMA                                                                                     \
    "{\"tables\":[{\"name\":\"T 1\",\"fields\":[{\"id\":\"f1\",\"name\":\"Näme\","                \
    "\"type\":\"text\"},{\"id\":\"f2\",\"name\":\"Done\",\"type\":\"checkbox\"}]}]}"
#define META "/v0/meta/bases/appX/tables"
#define LIST "/v0/appX/T%201/listRecords"

static const struct fake_option options[] = {{"base_id", "appX"}, {NULL, NULL}};

static void test_formula(void)
{
    struct fake f;

    fake_begin(&f, NULL, NULL);
    is_slice(formula_str(&f.call, LHS("it's \\ 'x'")), "'it\\'s \\\\ \\'x\\''", "escaped");
    is_slice(formula_str(&f.call, LHS("")), "''", "empty");
    fake_end(&f);
}

static void test_iterator_expires(void)
{
    static const struct fake_answer answers[] = {
        {"GET", META, NULL, 200, NULL, SCHEMA},
        {"POST", LIST, NULL, 200, NULL,
         "{\"records\":[{\"id\":\"r1\",\"fields\":{\"f1\":\"a\"}}],\"offset\":\"i1\"}"},
        {"POST", LIST, "\"offset\":\"i1\"", 422, NULL,
         "{\"error\":{\"type\":\"LIST_RECORDS_ITERATOR_NOT_AVAILABLE\"}}"},
        {"POST", LIST, NULL, 200, NULL,
         "{\"records\":[{\"id\":\"r1\",\"fields\":{\"f1\":\"a\"}},"
         "{\"id\":\"r2\",\"fields\":{\"f2\":true}}]}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    s = fake_scan(&f, "T 1", NULL, INT64_C(1772357415000));
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done in a second pass");
    is_str(fake_text(&f.rows),
           "{\"id\":\"r1\",\"Näme\":\"a\",\"Done\":false}\n"
           "{\"id\":\"r1\",\"Näme\":\"a\",\"Done\":false}\n"
           "{\"id\":\"r2\",\"Näme\":null,\"Done\":true}\n",
           "flat rows; the first comes twice, which keys make harmless");
    is_str(fake_text(&f.checkpoints), "{\"cursor\":\"2026-03-01T09:30:15Z\"}\n",
           "one checkpoint, and no iterator in it");
    fake_end(&f);
}

static void test_since(void)
{
    static const struct fake_answer answers[] = {
        {"GET", META, NULL, 200, NULL, SCHEMA},
        {"POST", LIST,
         "\"filterByFormula\":\"IS_AFTER(LAST_MODIFIED_TIME(),'2026-02-28T00:00:00Z')\"", 200, NULL,
         "{\"records\":[]}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    s = fake_scan(&f, "T 1", "{\"cursor\":\"2026-02-28T00:00:00Z\"}", INT64_C(1772357415000));
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done");
    is_str(fake_text(&f.rows), "", "nothing new");
    is_str(fake_text(&f.checkpoints), "{\"cursor\":\"2026-03-01T09:30:15Z\"}\n", "it moved");
    fake_end(&f);
}

static void test_catalog(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/v0/meta/bases", NULL, 200, NULL, "{\"bases\":[{\"id\":\"appX\"}]}"},
        {"GET", META, NULL, 200, NULL, SCHEMA},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    is_int(list_namespaces(&f.call, &f.sink), LH_OK, "bases");
    is_str(fake_text(&f.catalog), "namespace appX\n", "are namespaces");
    s = fake_scan(&f, "none", NULL, 0);
    is_int(read_table(&f.call, &s, &f.sink), LH_E_NOT_FOUND, "a table that is not there");
    has_str(fake_text(&f.events), "base appX has no table none", "is named");
    fake_end(&f);
}

int main(void)
{
    RUN(test_formula);
    RUN(test_iterator_expires);
    RUN(test_since);
    RUN(test_catalog);
    return tap_done();
}
