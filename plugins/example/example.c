/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The example connector: every kind of table, without a network. The model to copy.
 *
 * Here are the tables, the catalog and the instance; read.c reads, source.h is where the data come
 * from. What each call must do stands in <lakehost/connector.h>.
 */
#include "example.h"

#include "spec.inc"

#define AREA     "archive" /* the namespace of the tables narrow_01 to narrow_40 */
#define N_NARROW 40

const struct lh_host *example_host;

/* --- the tables ------------------------------------------------------------------------------- */

static const struct column products[] = {
    {"id", "bigint", ID, LH_FIELD_NOT_NULL},
    {"name", "string", NAME, 0},
    {"price", "decimal(10,2)", PRICE, 0},
    {"stock", "int", COUNT, 0},
    {"tags", "array<string>", TAGS, 0},
    {"discontinued", "boolean", FLAG, 0},
    {"updated_at", "timestamp", TIME, LH_FIELD_NOT_NULL},
};
static const struct column events[] = {
    {"id", "bigint", ID, LH_FIELD_NOT_NULL},
    {"kind", "string", KIND, 0},
    {"user_id", "bigint", USER_ID, 0},
    {"occurred_at", "timestamp", TIME, LH_FIELD_NOT_NULL},
};
static const struct column users[] = {
    {"id", "bigint", ID, LH_FIELD_NOT_NULL},
    {"name", "string", NAME, 0},
    {"email", "string", EMAIL, 0},
    {"logins", "int", COUNT, 0},
    {"updated_at", "timestamp", TIME, LH_FIELD_NOT_NULL},
};
static const struct column orders[] = {
    {"id", "bigint", ID, LH_FIELD_NOT_NULL},
    {"user_id", "bigint", USER_ID, 0},
    {"status", "string", STATUS, 0},
    {"total", "decimal(10,2)", PRICE, 0},
    {"updated_at", "timestamp", TIME, LH_FIELD_NOT_NULL},
};
static const struct column metrics[] = {
    {"sensor_id", "bigint", AS_TEXT, LH_FIELD_NOT_NULL},
    {"at", "timestamp", AS_TEXT, LH_FIELD_NOT_NULL},
    {"counter", "bigint", AS_TEXT, LH_FIELD_NOT_NULL},
    {"reading", "decimal(18,4)", AS_TEXT, 0},
    {"quality", "double", AS_TEXT, 0},
    {"place", "struct", AS_TEXT, 0},
    {"site", "string", AS_TEXT, 0},
    {"rack", "int", AS_TEXT, 0},
    {NULL, NULL, AS_TEXT, 0},
    {"samples", "array<bigint>", AS_TEXT, 0},
    {"labels", "map<string,string>", AS_TEXT, 0},
};
static const struct column narrow[] = {
    {"id", "bigint", ID, LH_FIELD_NOT_NULL},
    {"value", "int", COUNT, 0},
    {"updated_at", "timestamp", TIME, LH_FIELD_NOT_NULL},
};

#define COLUMNS(of) of, sizeof(of) / sizeof *(of)
#define AGAIN       LH_TABLE_REPLAYABLE
#define PARTS       LH_TABLE_PARTITIONED

/* clang-format off */
const struct table example_tables[] = {
    {"products", "What is sold: read whole each time", "id", NULL,
     COLUMNS(products), LH_INGEST_SNAPSHOT, AGAIN, IN_PLACE, 160},
    {"events", "What happened: never changed, but some clocks are ahead", "id", "occurred_at",
     COLUMNS(events), LH_INGEST_APPEND, AGAIN, LOG | CLOCKS_AHEAD, 110},
    {"users", "Who they are: changed in place", "id", "updated_at",
     COLUMNS(users), LH_INGEST_CDC, AGAIN, IN_PLACE | CLOCKS_AHEAD, 130},
    {"orders", "What they bought: changed, and deleted in the end", "id", "updated_at",
     COLUMNS(orders), LH_INGEST_CDC_WITH_DELETES, AGAIN, LIVES, 120},
    {"metrics", "What sensors measured: large, in partitions", "counter", "at",
     COLUMNS(metrics), LH_INGEST_APPEND, AGAIN | PARTS, LOG, 230},
    /* stands for narrow_01 to narrow_40; must be the last */
    {"narrow_", "One of many small tables", "id", "updated_at",
     COLUMNS(narrow), LH_INGEST_CDC, AGAIN, IN_PLACE, 90},
};
/* clang-format on */
#define N_TABLES (sizeof example_tables / sizeof *example_tables - 1)
static const struct table *const narrow_table = &example_tables[N_TABLES];

/* The table of this name, NULL when there is none. */
static const struct table *find(lh_str name)
{
    size_t prefix = strlen(narrow_table->name);
    int64_t number = 0;

    for (size_t i = 0; i < N_TABLES; i++)
        if (lhs_eq(name, lhs_z(example_tables[i].name)))
            return &example_tables[i];
    if (name.n != prefix + 2 || memcmp(name.p, narrow_table->name, prefix) ||
        lhs_i64(lhs_n(name.p + prefix, 2), &number))
        return NULL;
    return number >= 1 && number <= N_NARROW ? narrow_table : NULL;
}

/* The table, if it is where the options say: the namespace level is a table option. */
const struct table *example_find(lh_call *c, const struct lh_scan *s)
{
    const struct table *t = find(s->table);
    lh_str area = lhs_z(H->opt(s->opts, "area"));

    if (t && lhs_eq(area, t == narrow_table ? LHS(AREA) : LHS("")))
        return t;
    lhs_fail(H, c, LH_E_NOT_FOUND, "no table \"%.*s\" in area \"%.*s\"", (int)s->table.n,
             s->table.p, (int)area.n, area.n ? area.p : "");
    return NULL;
}

/* --- the catalog ------------------------------------------------------------------------------ */

static int example_list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n,
                                   lh_sink *sink)
{
    lh_str area = LHS(AREA);

    (void)c, (void)self, (void)prefix;
    return n ? LH_OK : H->add_namespace(sink, &area, 1);
}

static int add_table(const struct table *t, lh_str name, const lh_str *ns, size_t n_ns,
                     lh_sink *sink)
{
    struct lh_table report;

    memset(&report, 0, sizeof report);
    report.struct_size = (uint32_t)sizeof report;
    report.flags = t->flags;
    report.name = name;
    report.category = n_ns ? ns[0] : lhs_n(NULL, 0); /* of the others the spec says it */
    report.comment = lhs_z(t->comment);
    report.ns = ns;
    report.n_ns = n_ns;
    return H->add_table(sink, &report);
}

static int example_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    lh_str area = LHS(AREA);
    char name[16];
    int rc = LH_OK;

    (void)self;
    if (n_ns && (n_ns > 1 || !lhs_eq(ns[0], area)))
        return H->fail(c, LH_E_NOT_FOUND, LHS("the only namespace is " AREA));
    for (size_t i = 0; i < N_TABLES && !n_ns && !rc; i++)
        rc = add_table(&example_tables[i], lhs_z(example_tables[i].name), NULL, 0, sink);
    for (int i = 1; i <= N_NARROW && !rc; i++) {
        snprintf(name, sizeof name, "%s%02d", narrow_table->name, i);
        rc = add_table(narrow_table, lhs_z(name), &area, 1, sink);
    }
    return rc;
}

static int example_get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field field;
    const struct table *t = example_find(c, s);
    int rc = t ? LH_OK : LH_E_NOT_FOUND;

    (void)self;
    memset(&field, 0, sizeof field);
    field.struct_size = (uint32_t)sizeof field;
    for (size_t i = 0; !rc && i < t->n_columns; i++) {
        const struct column *col = &t->columns[i];

        field.name = lhs_z(col->name);
        field.type = lhs_z(col->type);
        field.flags = col->flags;
        rc = !col->name                     ? H->field_end(sink)
             : !strcmp(col->type, "struct") ? H->field_begin(sink, &field)
                                            : H->add_field(sink, &field);
    }
    return rc;
}

static int example_read_table_metadata(lh_call *c, void *self, const struct lh_scan *s,
                                       lh_sink *sink)
{
    struct lh_meta meta;
    const struct table *t = example_find(c, s);
    lh_str key;

    (void)self;
    if (!t)
        return LH_E_NOT_FOUND;
    key = lhs_z(t->key);
    memset(&meta, 0, sizeof meta);
    meta.struct_size = (uint32_t)sizeof meta;
    meta.flags = t->flags;
    meta.ingestion = t->ingestion;
    meta.keys = &key;
    meta.n_keys = 1;
    meta.cursor = lhs_z(t->cursor);
    meta.category = t == narrow_table ? LHS(AREA) : lhs_n(NULL, 0);
    return H->set_meta(sink, &meta);
}

static int example_check(lh_call *c, void *self, lh_sink *sink)
{
    const struct source *src = (const struct source *)self;
    int rc = H->add_step(sink, LHS("source"), LH_OK, LHS("computed here, no network"));

    for (size_t i = 0; i < N_TABLES && !rc; i++) {
        lh_str name = lhs_z(example_tables[i].name);
        int code = example_source_ask(c, src, name, 0, 0);

        rc = code == LH_E_CANCELLED ? code
                                    : H->add_step(sink, name, code,
                                                  code ? LHS("refused: option forbidden")
                                                       : lhs_z(example_tables[i].comment));
    }
    return rc;
}

/* --- the instance ----------------------------------------------------------------------------- */

static int example_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct source *src = (struct source *)H->alloc(c, sizeof *src);
    int64_t changes = lhs_opt_i64(H, o, "changes", 24);
    lh_str table;
    size_t at = 0;

    if (!src)
        return LH_E_NOMEM;
    src->host = H;
    src->rows = lhs_opt_i64(H, o, "rows", 1000);
    src->seed = lhs_opt_i64(H, o, "seed", 1);
    src->interval_ms = changes ? DAY_MS / changes : 0;
    src->page_rows = lhs_opt_i64(H, o, "page_rows", 1000);
    src->pages = lhs_opt_i64(H, o, "pages", 0);
    src->latency_ms = lhs_opt_i64(H, o, "latency_ms", 0);
    src->failure_rate = lhs_opt_i64(H, o, "failure_rate", 0);
    src->forbidden = lhs_z(H->opt(o, "forbidden"));
    while ((table = lhs_list_next(src->forbidden, &at)).n)
        if (!find(table))
            return lhs_fail(H, c, LH_E_OPTION, "option forbidden: there is no table \"%.*s\"",
                            (int)table.n, table.p);
    *ret_self = src;
    return LH_OK;
}

static void example_close(lh_call *c, void *self)
{
    (void)c, (void)self; /* what alloc gave goes by itself */
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "example",
    LH_SPEC,
    example_open,
    example_close,
    example_list_tables,
    example_get_table_schema,
    example_read_table_metadata,
    example_read_table,
    example_check,
    example_list_namespaces,
    example_read_table_deletes,
    example_latest_offset,
    example_get_partitions,
    example_read_partition,
    example_estimate,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
