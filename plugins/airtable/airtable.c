/* SPDX-License-Identifier: Apache-2.0 */
/* The Airtable connector: the catalog, check, the instance. read.c reads. */
#include "airtable.h"

#include "spec.inc"

const struct lh_host *airtable_host;

/* --- the catalog ------------------------------------------------------------------------------ */

static int list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n, lh_sink *sink)
{
    struct bases bases;
    int rc = LH_OK;

    (void)self, (void)prefix;
    if (n)
        return LH_OK; /* tables are below a base, no bases */
    rc = airtable_bases(c, &bases);
    if (!rc && bases.refused)
        rc = H->http_fail(c, bases.refused);
    for (size_t i = 0; !rc && i < bases.n; i++)
        rc = H->add_namespace(sink, &bases.items[i].id, 1);
    return rc;
}

static int list_base(lh_call *c, lh_str base, const struct bases *bases, lh_sink *sink)
{
    struct lh_table report = {.struct_size = sizeof report, .ns = &base, .n_ns = 1};
    const struct lh_http_resp *answer;
    const lh_json *tables = NULL;
    const lh_json *table = NULL;
    int rc = airtable_ask_schema(c, base, &answer);

    if (rc)
        return rc;
    if (answer->status != 200)
        return airtable_refuse(c, base, answer);
    rc = airtable_tables_of(c, answer, &tables);
    report.category = airtable_category(bases, base);
    while (!rc && (table = H->json_next(tables, table, NULL))) {
        report.name = airtable_table_name(tables, table);
        report.id = H->json_str(H->json_get(table, LHS("id")));
        report.comment = H->json_str(H->json_get(table, LHS("description")));
        rc = H->add_table(sink, &report);
    }
    H->http_release(c, answer);
    return rc;
}

/* A base that is named need not be in the list of bases: a token may have no right to the list. */
static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    const struct source *src = self;
    lh_str base = n_ns ? ns[0] : src->base;
    struct bases bases;
    int rc = airtable_bases(c, &bases);

    if (!rc && base.n)
        return list_base(c, base, &bases, sink);
    if (!rc && bases.refused)
        return H->http_fail(c, bases.refused);
    for (size_t i = 0; !rc && i < bases.n; i++) {
        rc = list_base(c, bases.items[i].id, &bases, sink);
        if (rc == LH_E_DENIED)
            rc = H->partial(c, rc, bases.items[i].id,
                            LHS("Airtable does not show this base to the token; its tables are "
                                "left out"));
    }
    return rc;
}

static int add_field(lh_sink *sink, lh_str name, lh_str type, lh_str comment, uint32_t flags)
{
    struct lh_field field = {.struct_size = sizeof field, .flags = flags};

    field.name = name;
    field.type = type;
    field.comment = comment;
    return H->add_field(sink, &field);
}

static int get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct table t;
    int rc = airtable_find(c, self, s, &t);

    if (!rc)
        rc = add_field(sink, LHS("id"), LHS("string"), LHS("of the record"), LH_FIELD_NOT_NULL);
    if (!rc)
        rc = add_field(sink, LHS("createdTime"), LHS("timestamp"), LHS("of the record"), 0);
    for (size_t i = 0; !rc && i < t.n_columns; i++) {
        const struct column *column = &t.columns[i];
        lh_str type = column->type.is_list ? lhs_fmt(H, c, "array<%s>", column->type.spark)
                                           : lhs_z(column->type.spark);

        if (column->is_read)
            rc = add_field(sink, column->name, type, airtable_describe(c, column->field), 0);
    }
    return rc;
}

/* The category is the list's: a request for each read would be one of 1,000 a month. */
static int read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta meta = {.struct_size = sizeof meta, .n_keys = 1};
    lh_str key = LHS("id");
    struct table t;
    int rc = airtable_find(c, self, s, &t);

    if (rc)
        return rc;
    meta.ingestion = t.cursor ? LH_INGEST_CDC : LH_INGEST_SNAPSHOT;
    meta.keys = &key;
    meta.cursor = t.cursor ? t.cursor->name : LHS("");
    return H->set_meta(sink, &meta);
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return airtable_read(c, self, s, sink);
}

/* --- check ------------------------------------------------------------------------------------ */

/* Whose token it is. */
static int check_token(lh_call *c, lh_sink *sink, int *ret_code)
{
    struct lh_http_req q = lhs_get(airtable_url(c, "/meta/whoami", LHS(""), "", LHS("")));
    const struct lh_http_resp *answer;
    int rc = H->http(c, &q, &answer);
    lh_str id;

    if (rc)
        return rc;
    id = H->json_str(H->json_get(answer->json, LHS("id")));
    *ret_code = answer->status == 200 ? LH_OK : H->http_fail(c, answer);
    return H->add_step(sink, LHS("token"), *ret_code,
                       *ret_code ? lhs_fmt(H, c, "HTTP status %d", (int)answer->status)
                                 : lhs_fmt(H, c, "of user %.*s", (int)id.n, id.n ? id.p : ""));
}

/* One record of the base's first table: another scope than the schema's. */
static int check_records(lh_call *c, const struct source *src, lh_str base, const lh_json *tables,
                         lh_sink *sink)
{
    lh_str table = H->json_str(H->json_get(H->json_next(tables, NULL, NULL), LHS("id")));
    struct lh_http_req q =
        airtable_list_request(c, src, base, table, LHS("{\"pageSize\":1,\"maxRecords\":1}"));
    const struct lh_http_resp *answer;
    int rc;

    if (!table.n)
        return LH_OK;
    rc = H->http(c, &q, &answer);
    if (rc)
        return rc;
    return H->add_step(sink, lhs_fmt(H, c, "records of %.*s", (int)base.n, base.p),
                       answer->status == 200 ? LH_OK : airtable_refuse(c, base, answer),
                       answer->status == 403
                           ? LHS("HTTP status 403: the token lacks the scope "
                                 "data.records:read")
                           : lhs_fmt(H, c, "HTTP status %d", (int)answer->status));
}

static int check_base(lh_call *c, const struct source *src, lh_str base, lh_sink *sink)
{
    const struct lh_http_resp *answer;
    const lh_json *tables = NULL;
    int rc = airtable_ask_schema(c, base, &answer);
    int code = LH_OK;

    if (rc)
        return rc;
    tables = H->json_get(answer->json, LHS("tables"));
    if (answer->status != 200)
        code = airtable_refuse(c, base, answer);
    rc =
        H->add_step(sink, lhs_fmt(H, c, "schema of %.*s", (int)base.n, base.p), code,
                    code ? lhs_fmt(H, c,
                                   "HTTP status %d: there is no such base, or the token lacks it "
                                   "or the scope schema.bases:read",
                                   (int)answer->status)
                         : lhs_fmt(H, c, "%llu tables", (unsigned long long)H->json_count(tables)));
    return rc || code ? rc : check_records(c, src, base, tables, sink);
}

/* The base of the connection; else each that the token may use. */
static int check(lh_call *c, void *self, lh_sink *sink)
{
    const struct source *src = self;
    struct bases bases;
    int code = LH_OK;
    int rc = check_token(c, sink, &code);

    if (rc || code)
        return rc;
    if (src->base.n)
        return check_base(c, src, src->base, sink);
    rc = airtable_bases(c, &bases);
    if (rc)
        return rc;
    rc = H->add_step(sink, LHS("bases"), bases.refused ? H->http_fail(c, bases.refused) : LH_OK,
                     bases.refused
                         ? LHS("the token lacks the scope schema.bases:read, or give base_id")
                         : lhs_fmt(H, c, "%llu", (unsigned long long)bases.n));
    for (size_t i = 0; !rc && i < bases.n; i++)
        rc = check_base(c, src, bases.items[i].id, sink);
    return rc;
}

/* --- the instance ----------------------------------------------------------------------------- */

static int open_source(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct source *src = H->alloc(c, sizeof *src);

    if (!src)
        return LH_E_NOMEM;
    src->base = lhs_z(H->opt(o, "base_id"));
    src->page_rows = lhs_opt_i64(H, o, "batch_size", MOST_PAGE_ROWS);
    src->timeout_s = lhs_opt_i64(H, o, "timeout", 30);
    *ret_self = src;
    return LH_OK;
}

static void close_source(lh_call *c, void *self)
{
    (void)c, (void)self; /* what alloc gave goes by itself */
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "airtable",
    LH_SPEC,
    open_source,
    close_source,
    list_tables,
    get_table_schema,
    read_table_metadata,
    read_table,
    check,
    list_namespaces,
    NULL, /* read_table_deletes: Airtable does not list what was deleted */
    NULL, /* latest_offset */
    NULL, /* get_partitions */
    NULL, /* read_partition */
    NULL, /* estimate */
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
