/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The example connector: every kind of table, without a network. The model to copy.
 *
 * From top to bottom: the tables and options as data, the catalog, reading, the instance. remote.h
 * stands for the service where another connector has H->http. What each call must do:
 * <lakehost/connector.h>.
 */
#include "remote.h"

#include "spec.inc"

#define AREA     "archive" /* the namespace of the tables narrow_01 to narrow_40 */
#define N_NARROW 40
#define N_PARTS  8

static const struct lh_host *H; /* the host's table, from the entry function */

/* --- the tables and options ------------------------------------------------------------------- */

#define AGAIN LH_TABLE_REPLAYABLE
#define PARTS LH_TABLE_PARTITIONED

/* clang-format off */
static const struct table tables[] = {
    {"products", "What is sold: read whole each time", "", "id", NULL,
     LH_INGEST_SNAPSHOT, AGAIN, IN_PLACE, 160,
     {{"id", "bigint", ID}, {"name", "string", NAME}, {"price", "decimal(10,2)", PRICE},
      {"stock", "int", COUNT}, {"tags", "array<string>", TAGS}, {"discontinued", "boolean", FLAG},
      {"updated_at", "timestamp", TIME}}},
    {"events", "What happened: never changed, but some clocks are ahead", "", "id", "occurred_at",
     LH_INGEST_APPEND, AGAIN, LOG | CLOCKS_AHEAD, 110,
     {{"id", "bigint", ID}, {"kind", "string", KIND}, {"user_id", "bigint", USER},
      {"occurred_at", "timestamp", TIME}}},
    {"users", "Who they are: changed in place", "", "id", "updated_at",
     LH_INGEST_CDC, AGAIN, IN_PLACE | CLOCKS_AHEAD, 130,
     {{"id", "bigint", ID}, {"name", "string", NAME}, {"email", "string", EMAIL},
      {"logins", "int", COUNT}, {"updated_at", "timestamp", TIME}}},
    {"orders", "What they bought: changed, and deleted in the end", "", "id", "updated_at",
     LH_INGEST_CDC_WITH_DELETES, AGAIN, LIVES, 120,
     {{"id", "bigint", ID}, {"user_id", "bigint", USER}, {"status", "string", STATUS},
      {"total", "decimal(10,2)", PRICE}, {"updated_at", "timestamp", TIME}}},
    {"metrics", "What sensors measured: large, in partitions", "", "counter", "at",
     LH_INGEST_APPEND, AGAIN | PARTS, LOG, 230,
     {{"sensor_id", "bigint", SENSOR}, {"at", "timestamp", TIME}, {"counter", "bigint", ID},
      {"reading", "decimal(18,4)", READING}, {"quality", "double", QUALITY},
      {"place", "struct", STRUCT}, {"site", "string", SITE}, {"rack", "int", RACK}, {"", "", END},
      {"samples", "array<bigint>", SAMPLES}, {"labels", "map<string,string>", LABELS}}},
    /* stands for narrow_01 to narrow_40; must be the last */
    {"narrow_", "One of many small tables", AREA, "id", "updated_at",
     LH_INGEST_CDC, AGAIN, IN_PLACE, 90,
     {{"id", "bigint", ID}, {"value", "int", COUNT}, {"updated_at", "timestamp", TIME}}},
};

/* Where the numbers among the options go; their defaults and bounds stand in the spec. */
#define NUMBER(name) {#name, offsetof(struct source, name)}
static const struct lhs_opt_member numbers[] = {
    NUMBER(rows), NUMBER(seed), NUMBER(changes), NUMBER(page_rows), NUMBER(pages),
    NUMBER(latency_ms), NUMBER(failure_rate),
};
/* clang-format on */
#define N_TABLES (sizeof tables / sizeof *tables - 1)
#define NARROW   (&tables[N_TABLES])

/* The table of this name, NULL when there is none. */
static const struct table *find(lh_str name)
{
    int64_t number = 0;

    for (size_t i = 0; i < N_TABLES; i++)
        if (lhs_eq(name, lhs_z(tables[i].name)))
            return &tables[i];
    if (name.n != 9 || memcmp(name.p, "narrow_", 7) || lhs_i64(lhs_n(name.p + 7, 2), &number))
        return NULL;
    return number >= 1 && number <= N_NARROW ? NARROW : NULL;
}

/* A scan's table, if it is where the options say: the namespace level is a table option. */
static int find_scanned(lh_call *c, const struct lh_scan *s, const struct table **ret)
{
    lh_str area = lhs_z(H->opt(s->opts, "area"));

    *ret = find(s->table);
    if (*ret && lhs_eq(area, lhs_z((*ret)->area)))
        return LH_OK;
    return lhs_fail(H, c, LH_E_NOT_FOUND, "no table \"%.*s\" in area \"%.*s\"", (int)s->table.n,
                    s->table.p, (int)area.n, area.n ? area.p : "");
}

/* A request, and what its status means: H->http and H->http_fail elsewhere. */
static int ask(lh_call *c, const struct source *src, const struct query *q, struct page *ret)
{
    int status = remote_get(src, q, ret);

    if (status == 403)
        return lhs_fail(H, c, LH_E_DENIED, "the source refuses the rows of %.*s", (int)q->name.n,
                        q->name.p);
    if (status == 503)
        return H->fail(c, LH_E_UNAVAILABLE, LHS("the source is unavailable"));
    return src->latency_ms ? H->sleep_ms(c, (uint32_t)src->latency_ms) : H->cancelled(c);
}

/* --- the catalog ------------------------------------------------------------------------------ */

/* A namespace that is named must be the one that there is. */
static int find_area(lh_call *c, const lh_str *ns, size_t n_ns)
{
    if (!n_ns || (n_ns == 1 && lhs_eq(ns[0], LHS(AREA))))
        return LH_OK;
    return lhs_fail(H, c, LH_E_NOT_FOUND, "no namespace \"%.*s\"; there is " AREA " alone",
                    (int)ns[n_ns - 1].n, ns[n_ns - 1].p);
}

static int list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n, lh_sink *sink)
{
    lh_str area = LHS(AREA);
    int rc = find_area(c, prefix, n);

    (void)self;
    return rc || n ? rc : H->add_namespace(sink, &area, 1);
}

static int add_table(lh_sink *sink, const struct table *t, lh_str name)
{
    struct lh_table report = {.struct_size = sizeof report, .flags = t->flags, .name = name};
    lh_str area = lhs_z(t->area);

    report.comment = lhs_z(t->comment);
    report.category = area; /* where it is empty, the spec says it */
    report.ns = &area;
    report.n_ns = area.n > 0;
    return H->add_table(sink, &report);
}

static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    int rc = find_area(c, ns, n_ns);

    (void)self;
    for (const struct table *t = tables; !n_ns && t < NARROW && !rc; t++)
        rc = add_table(sink, t, lhs_z(t->name));
    for (int i = 1; i <= N_NARROW && !rc; i++)
        rc = add_table(sink, NARROW, lhs_fmt(H, c, "narrow_%02d", i));
    return rc;
}

static int get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field field = {.struct_size = sizeof field};
    const struct table *t;
    int rc = find_scanned(c, s, &t);

    (void)self;
    for (const struct column *col = rc ? NULL : t->columns; !rc && col->name; col++) {
        field.name = lhs_z(col->name);
        field.type = lhs_z(col->type);
        field.flags = col->value <= SENSOR ? LH_FIELD_NOT_NULL : 0;
        rc = col->value == END      ? H->field_end(sink)
             : col->value == STRUCT ? H->field_begin(sink, &field)
                                    : H->add_field(sink, &field);
    }
    return rc;
}

static int read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta meta = {.struct_size = sizeof meta, .n_keys = 1};
    const struct table *t;
    lh_str key;
    int rc = find_scanned(c, s, &t);

    (void)self;
    if (rc)
        return rc;
    key = lhs_z(t->key);
    meta.flags = t->flags;
    meta.ingestion = t->ingestion;
    meta.keys = &key;
    meta.cursor = lhs_z(t->cursor);
    meta.category = lhs_z(t->area);
    return H->set_meta(sink, &meta);
}

/* What the host cannot see by itself: it tries each table, its columns and a row of it on its own.
 */
static int check(lh_call *c, void *self, lh_sink *sink)
{
    (void)c;
    (void)self;
    return H->add_step(sink, LHS("source"), LH_OK, LHS("computed here, no network"));
}

/* --- reading: what is asked for, then page after page: ask, send rows, checkpoint ------------- */

/* In every offset: {"until": TIME}, all entries up to this time were given out. */
#define UNTIL LHS("until")

/*
 * What a scan asks for: from its offset, NULL or {} at the beginning, to its end or the horizon.
 * `needs`: the flag of a table that can be read in this way.
 */
static int find_query(lh_call *c, const struct source *src, const struct lh_scan *s, uint32_t op,
                      uint32_t needs, struct query *ret)
{
    struct query q = {.name = s->table, .since = LHS_NO_TIME, .until = s->as_of_ms, .op = op};
    int rc = find_scanned(c, s, &q.table);

    if (!rc && op == LH_DELETE && q.table->ingestion != LH_INGEST_CDC_WITH_DELETES)
        rc = H->fail(c, LH_E_UNSUPPORTED, LHS("nothing is ever deleted from this table"));
    if (!rc && (q.table->flags & needs) != needs)
        rc = H->fail(c, LH_E_UNSUPPORTED, LHS("this table has no partitions; read it whole"));
    if (!rc)
        rc = lhs_offset_time(H, c, s->offset, UNTIL, &q.since);
    if (!rc)
        rc = lhs_offset_time(H, c, s->end, UNTIL, &q.until);
    if (!rc && q.until > s->as_of_ms)
        rc = H->fail(c, LH_E_OFFSET, LHS("the end offset lies beyond the run's horizon"));
    if (rc)
        return rc;
    remote_find(src, &q);
    *ret = q;
    return LH_OK;
}

/* One page. What a source sends goes on as it is: H->rows(sink, op, array) for a page of JSON. */
static int send_page(lh_call *c, const struct source *src, const struct query *q, lh_sink *sink)
{
    struct page page;
    lh_str row;
    int rc = ask(c, src, q, &page);

    while (!rc && (row = remote_next(&page)).n)
        rc = H->row_text(sink, q->op, row);
    return rc;
}

/*
 * All rows so far belong to this time. It is the log's, never a row's: rows of clocks that are
 * ahead are given out, but must not carry the offset beyond the horizon (rule 24).
 */
static int commit(const struct lh_scan *s, const struct query *q, int64_t time_ms, lh_out *o,
                  lh_sink *sink)
{
    if (s->end && time_ms == q->until)
        return H->checkpoint(sink, s->end);
    return lhs_checkpoint_time(H, sink, o, UNTIL, time_ms);
}

/*
 * Page after page, no larger than what is wanted. Each ends with a checkpoint, the last one with
 * how far the source was looked at; a partition is all or nothing and has none.
 */
static int read_pages(lh_call *c, const struct source *src, const struct lh_scan *s,
                      const struct query *all, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    int64_t rows = src->page_rows;
    struct query q = *all;
    int is_last = 0;
    int rc = LH_OK;

    if (s->max_rows && s->max_rows < (uint64_t)rows)
        rows = (int64_t)s->max_rows;
    for (; !rc && !is_last; q.n_asked++, q.first = q.last) {
        if (src->pages && q.n_asked == src->pages && !s->partition)
            return LH_MORE;
        is_last = all->last - q.first <= rows;
        q.last = is_last ? all->last : q.first + rows;
        rc = send_page(c, src, &q, sink);
        if (!rc && !s->partition)
            rc = commit(s, &q, is_last ? q.until : remote_time_of(src, q.last - 1), o, sink);
    }
    return rc;
}

/* A read whose offset covers the horizon already asks the source for nothing. */
static int read_as(lh_call *c, const struct source *src, const struct lh_scan *s, uint32_t op,
                   lh_sink *sink)
{
    struct query q;
    int rc = find_query(c, src, s, op, 0, &q);

    if (!rc && s->end && q.since > q.until)
        return H->fail(c, LH_E_OFFSET, LHS("the end offset lies before the start offset"));
    return rc || q.since >= q.until ? rc : read_pages(c, src, s, &q, sink);
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return read_as(c, self, s, LH_UPSERT, sink);
}

static int read_table_deletes(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return read_as(c, self, s, LH_DELETE, sink);
}

static int latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct query q;
    int rc = find_query(c, self, s, LH_UPSERT, 0, &q);

    return rc ? rc : commit(s, &q, q.until, H->out_new(c), sink);
}

static int get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    struct query q;
    int rc = find_query(c, self, s, LH_UPSERT, PARTS, &q);
    int64_t n = rc ? 0 : q.last - q.first;

    for (int64_t i = 0; i < N_PARTS && !rc; i++) {
        int64_t first = q.first + n * i / N_PARTS;
        int64_t last = q.first + n * (i + 1) / N_PARTS;

        if (first == last)
            continue;
        H->out_begin(o, '{');
        lhs_out_i64(H, o, LHS("first"), first);
        lhs_out_i64(H, o, LHS("last"), last);
        H->out_end(o);
        rc = H->add_partition(sink, H->out_done(o), (uint64_t)(last - first));
    }
    return rc;
}

static int read_partition(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct query all, q;
    int rc = find_query(c, self, s, LH_UPSERT, PARTS, &all);

    if (rc)
        return rc;
    q = all;
    if (H->json_i64(H->json_get(s->partition, LHS("first")), &q.first) ||
        H->json_i64(H->json_get(s->partition, LHS("last")), &q.last) || q.first < all.first ||
        q.first > q.last || q.last > all.last)
        return H->fail(c, LH_E_OFFSET, LHS("the partition is not one of this offset and horizon"));
    return q.first == q.last ? LH_OK : read_pages(c, self, s, &q, sink);
}

static int estimate(lh_call *c, void *self, const struct lh_scan *s, struct lh_estimate *ret)
{
    int64_t page_rows = ((const struct source *)self)->page_rows;
    struct query q;
    int rc = find_query(c, self, s, LH_UPSERT, 0, &q);

    if (rc)
        return rc;
    ret->rows = q.last - q.first;
    ret->bytes = ret->rows * q.table->row_bytes;
    ret->requests = (ret->rows + page_rows - 1) / page_rows;
    return LH_OK;
}

/* --- the instance ----------------------------------------------------------------------------- */

static int open_source(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct source *src = H->alloc(c, sizeof *src);
    lh_str table;
    size_t at = 0;

    if (!src)
        return LH_E_NOMEM;
    lhs_opt_members(H, o, numbers, sizeof numbers / sizeof *numbers, src);
    src->forbidden = lhs_z(H->opt(o, "forbidden"));
    while ((table = lhs_list_next(src->forbidden, &at)).n)
        if (!find(table))
            return lhs_fail(H, c, LH_E_OPTION, "option forbidden: there is no table \"%.*s\"",
                            (int)table.n, table.p);
    *ret_self = src;
    return LH_OK;
}

static void close_source(lh_call *c, void *self)
{
    (void)c, (void)self; /* what alloc gave goes by itself */
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD, "example",      LH_SPEC,          open_source,
    close_source,      list_tables,    get_table_schema, read_table_metadata,
    read_table,        check,          list_namespaces,  read_table_deletes,
    latest_offset,     get_partitions, read_partition,   estimate};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
