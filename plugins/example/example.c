/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The example connector: every kind of table, without a network. The model to copy.
 *
 * From top to bottom: the tables as data, the catalog, reading, the instance. remote.h stands for
 * the service where another connector has H->http. What each call must do: <lakehost/connector.h>.
 */
#include "remote.h"

#include "spec.inc"

#define AREA     "archive" /* the namespace of the tables narrow_01 to narrow_40 */
#define N_NARROW 40
#define N_PARTS  8

static const struct lh_host *H; /* the host's table, from the entry function */

/* --- the tables ------------------------------------------------------------------------------- */

#define AGAIN LH_TABLE_REPLAYABLE
#define PARTS LH_TABLE_PARTITIONED

/* clang-format off */
static const struct table tables[] = {
    {"products", "What is sold: read whole each time", "id", NULL,
     LH_INGEST_SNAPSHOT, AGAIN, IN_PLACE, 160,
     {{"id", "bigint", ID}, {"name", "string", NAME}, {"price", "decimal(10,2)", PRICE},
      {"stock", "int", COUNT}, {"tags", "array<string>", TAGS}, {"discontinued", "boolean", FLAG},
      {"updated_at", "timestamp", TIME}}},
    {"events", "What happened: never changed, but some clocks are ahead", "id", "occurred_at",
     LH_INGEST_APPEND, AGAIN, LOG | CLOCKS_AHEAD, 110,
     {{"id", "bigint", ID}, {"kind", "string", KIND}, {"user_id", "bigint", USER},
      {"occurred_at", "timestamp", TIME}}},
    {"users", "Who they are: changed in place", "id", "updated_at",
     LH_INGEST_CDC, AGAIN, IN_PLACE | CLOCKS_AHEAD, 130,
     {{"id", "bigint", ID}, {"name", "string", NAME}, {"email", "string", EMAIL},
      {"logins", "int", COUNT}, {"updated_at", "timestamp", TIME}}},
    {"orders", "What they bought: changed, and deleted in the end", "id", "updated_at",
     LH_INGEST_CDC_WITH_DELETES, AGAIN, LIVES, 120,
     {{"id", "bigint", ID}, {"user_id", "bigint", USER}, {"status", "string", STATUS},
      {"total", "decimal(10,2)", PRICE}, {"updated_at", "timestamp", TIME}}},
    {"metrics", "What sensors measured: large, in partitions", "counter", "at",
     LH_INGEST_APPEND, AGAIN | PARTS, LOG, 230,
     {{"sensor_id", "bigint", SENSOR}, {"at", "timestamp", TIME}, {"counter", "bigint", ID},
      {"reading", "decimal(18,4)", READING}, {"quality", "double", QUALITY},
      {"place", "struct", STRUCT}, {"site", "string", SITE}, {"rack", "int", RACK}, {"", "", END},
      {"samples", "array<bigint>", SAMPLES}, {"labels", "map<string,string>", LABELS}}},
    /* stands for narrow_01 to narrow_40; must be the last */
    {"narrow_", "One of many small tables", "id", "updated_at",
     LH_INGEST_CDC, AGAIN, IN_PLACE, 90,
     {{"id", "bigint", ID}, {"value", "int", COUNT}, {"updated_at", "timestamp", TIME}}},
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
    if (*ret && lhs_eq(area, *ret == NARROW ? LHS(AREA) : LHS("")))
        return LH_OK;
    return lhs_fail(H, c, LH_E_NOT_FOUND, "no table \"%.*s\" in area \"%.*s\"", (int)s->table.n,
                    s->table.p, (int)area.n, area.n ? area.p : "");
}

/* Stands for a request: what H->http and H->http_fail do elsewhere. */
static int ask(lh_call *c, const struct source *src, lh_str table, int64_t entry, int64_t n_asked)
{
    int status = remote_ask(src, table, entry, n_asked);

    if (status == 403)
        return lhs_fail(H, c, LH_E_DENIED, "the source refuses the rows of %.*s", (int)table.n,
                        table.p);
    if (status == 503)
        return H->fail(c, LH_E_UNAVAILABLE, LHS("the source is unavailable"));
    return src->latency_ms ? H->sleep_ms(c, (uint32_t)src->latency_ms) : H->cancelled(c);
}

/* --- the catalog ------------------------------------------------------------------------------ */

static int list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n, lh_sink *sink)
{
    lh_str area = LHS(AREA);

    (void)c, (void)self, (void)prefix;
    return n ? LH_OK : H->add_namespace(sink, &area, 1);
}

static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table report = {.struct_size = sizeof report};
    lh_str area = LHS(AREA);
    char name[32];
    int rc = LH_OK;

    (void)self;
    if (n_ns && (n_ns > 1 || !lhs_eq(ns[0], area)))
        return H->fail(c, LH_E_NOT_FOUND, LHS("the only namespace is " AREA));
    for (size_t i = n_ns ? N_TABLES : 0; i < N_TABLES + N_NARROW && !rc; i++) {
        const struct table *t = i < N_TABLES ? &tables[i] : NARROW;

        snprintf(name, sizeof name, "%s%02d", t->name, (int)(i - N_TABLES) + 1);
        report.flags = t->flags;
        report.name = lhs_z(t == NARROW ? name : t->name);
        report.comment = lhs_z(t->comment);
        if (t == NARROW) { /* the category of the others stands in the spec */
            report.category = area;
            report.ns = &area;
            report.n_ns = 1;
        }
        rc = H->add_table(sink, &report);
    }
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
    meta.category = t == NARROW ? LHS(AREA) : LHS("");
    return H->set_meta(sink, &meta);
}

static int check(lh_call *c, void *self, lh_sink *sink)
{
    int rc = H->add_step(sink, LHS("source"), LH_OK, LHS("computed here, no network"));

    for (const struct table *t = tables; t < NARROW && !rc; t++) {
        int code = ask(c, self, lhs_z(t->name), 0, 0);
        lh_str detail = code ? LHS("refused: option forbidden") : lhs_z(t->comment);

        rc = code == LH_E_CANCELLED ? code : H->add_step(sink, lhs_z(t->name), code, detail);
    }
    return rc;
}

/* --- reading: what the scan is about, then page after page: ask, send rows, checkpoint -------- */

enum flow { ROWS, DELETES, PARTITIONS };

/* A read of the entries from first to last - 1 as of a time, given out as op. */
struct span {
    const struct table *table;
    uint32_t op;
    int64_t first, last, as_of;
    int is_covered; /* the offset reaches as_of already: nothing to ask the source for */
};

/* The time in an offset {"until": ...}: all entries up to it were given out. */
static int offset_time(lh_call *c, const lh_json *offset, int64_t *ret)
{
    lh_str until = H->json_str(H->json_get(offset, LHS("until")));
    int64_t time = lhs_time_ms(until);

    if (time == LHS_NO_TIME)
        return lhs_fail(H, c, LH_E_OFFSET, "the offset's \"until\" is no time: \"%.*s\"",
                        (int)until.n, until.n ? until.p : "");
    *ret = time;
    return LH_OK;
}

static int find_span(lh_call *c, const struct source *src, const struct lh_scan *s, enum flow flow,
                     struct span *ret)
{
    struct span span = {NULL, flow == DELETES ? LH_DELETE : LH_UPSERT, 0, 0, s->as_of_ms, 0};
    int has_offset = H->json_count(s->offset) > 0; /* NULL and {} are the beginning */
    int64_t since = 0;
    int rc = find_scanned(c, s, &span.table);

    if (!rc && flow == DELETES && !(span.table->shape & LIVES))
        return H->fail(c, LH_E_UNSUPPORTED, LHS("nothing is ever deleted from this table"));
    if (!rc && s->end)
        rc = offset_time(c, s->end, &span.as_of);
    if (!rc && has_offset)
        rc = offset_time(c, s->offset, &since);
    if (rc)
        return rc;
    if (span.as_of > s->as_of_ms)
        return H->fail(c, LH_E_OFFSET, LHS("the end offset lies beyond the run's horizon"));
    if (flow == PARTITIONS && !(span.table->flags & PARTS))
        return lhs_fail(H, c, LH_E_UNSUPPORTED, "%s has no partitions; read it whole",
                        span.table->name);
    span.last = remote_entries_at(src, span.as_of);
    span.first = has_offset ? remote_entries_at(src, since) : 0;
    span.is_covered = has_offset && since >= span.as_of;
    if (span.is_covered)
        span.first = span.last;
    /* A state is the newest entry about each row; what goes on from an offset and never changes,
     * and deletes, are all there is. */
    if (flow != DELETES && !(has_offset && span.table->shape & LOG) &&
        span.first < span.last - src->rows)
        span.first = span.last - src->rows;
    *ret = span;
    return LH_OK;
}

/* One page. What a source sends as text goes on as it is: nothing is quicker. */
static int send_page(const struct source *src, const struct lh_scan *s, const struct span *span,
                     int64_t last, lh_sink *sink)
{
    uint64_t salt = remote_salt(src, s->table);
    char text[ROW_SIZE];
    int rc = LH_OK;

    for (int64_t i = span->first; i < last && !rc; i++) {
        lh_str row = remote_row(src, salt, span->table, span->op, i, text);

        if (row.n)
            rc = H->row_text(sink, span->op, row);
    }
    return rc;
}

/*
 * All rows so far belong to this time. It is the log's, never a row's: rows of clocks that are
 * ahead are given out, but must not carry the offset beyond the horizon (rule 24).
 */
static int checkpoint(const struct span *span, const struct lh_scan *s, int64_t time_ms, lh_out *o,
                      lh_sink *sink)
{
    char text[LHS_ISO_SIZE];

    if (time_ms == span->as_of && s->end)
        return H->checkpoint(sink, s->end);
    H->out_begin(o, '{');
    lhs_out_str(H, o, LHS("until"), lhs_iso_at(text, time_ms));
    H->out_end(o);
    return H->checkpoint(sink, H->out_done(o));
}

/*
 * Page after page, no larger than what is wanted. Each ends with a checkpoint, the last one with
 * how far the source was looked at; a partition is all or nothing and has none.
 */
static int read_pages(lh_call *c, const struct source *src, const struct lh_scan *s,
                      struct span *span, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    int64_t rows = src->page_rows;
    int rc;

    if (span->is_covered)
        return LH_OK;
    if (s->max_rows && s->max_rows < (uint64_t)rows)
        rows = (int64_t)s->max_rows;
    for (int64_t n = 0;; n++) {
        int is_last = span->last - span->first <= rows;
        int64_t next = is_last ? span->last : span->first + rows;

        if (src->pages && n == src->pages && !s->partition)
            return LH_MORE;
        rc = ask(c, src, s->table, span->first, n);
        if (!rc)
            rc = send_page(src, s, span, next, sink);
        if (!rc && !s->partition)
            rc =
                checkpoint(span, s, is_last ? span->as_of : remote_time_of(src, next - 1), o, sink);
        if (rc || is_last)
            return rc;
        span->first = next;
    }
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct span span;
    int rc = find_span(c, self, s, ROWS, &span);

    return rc ? rc : read_pages(c, self, s, &span, sink);
}

static int read_table_deletes(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct span span;
    int rc = find_span(c, self, s, DELETES, &span);

    return rc ? rc : read_pages(c, self, s, &span, sink);
}

static int latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct span span;
    int rc = find_span(c, self, s, ROWS, &span);

    return rc ? rc : checkpoint(&span, s, span.as_of, H->out_new(c), sink);
}

static int get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    struct span span;
    int rc = find_span(c, self, s, PARTITIONS, &span);
    int64_t n = rc ? 0 : span.last - span.first;

    for (int64_t i = 0; i < N_PARTS && !rc; i++) {
        int64_t first = span.first + n * i / N_PARTS;
        int64_t last = span.first + n * (i + 1) / N_PARTS;

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
    struct span span;
    int64_t first = 0;
    int64_t last = 0;
    int rc = find_span(c, self, s, PARTITIONS, &span);

    if (rc)
        return rc;
    if (H->json_i64(H->json_get(s->partition, LHS("first")), &first) ||
        H->json_i64(H->json_get(s->partition, LHS("last")), &last) || first < span.first ||
        first > last || last > span.last)
        return H->fail(c, LH_E_OFFSET, LHS("the partition is not one of this offset and horizon"));
    span.first = first;
    span.last = last;
    return first == last ? LH_OK : read_pages(c, self, s, &span, sink);
}

static int estimate(lh_call *c, void *self, const struct lh_scan *s, struct lh_estimate *ret)
{
    int64_t page_rows = ((const struct source *)self)->page_rows;
    struct span span;
    int rc = find_span(c, self, s, ROWS, &span);

    ret->rows = rc ? -1 : span.last - span.first;
    ret->bytes = rc ? -1 : ret->rows * span.table->row_bytes;
    ret->requests = rc ? -1 : (ret->rows + page_rows - 1) / page_rows;
    return rc;
}

/* --- the instance ----------------------------------------------------------------------------- */

static int open_source(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct source *src = H->alloc(c, sizeof *src);
    int64_t changes = lhs_opt_i64(H, o, "changes", 24);
    lh_str table;
    size_t at = 0;

    if (!src)
        return LH_E_NOMEM;
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
