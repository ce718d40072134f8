/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector that breaks the interface: each of its tables is wrong in one way that a host in the
 * same process can survive. What must come of each stands in tests/system/conform.sh.
 *
 * What is wrong before any of its code runs is in tests/conform/load.
 */
#include <lakehost/sdk.h>

#include "spec.inc"

static const struct lh_host *H;

/* The sink of a call that is over. */
static lh_sink *stale;

typedef int behaviour(lh_call *c, const struct lh_scan *s, lh_sink *sink);

struct wrong {
    const char *table;
    behaviour *what;
};

static int is_named(lh_str name, const char *what)
{
    return lhs_eq(name, lhs_z(what));
}

/* The behaviour of a table, NULL when the table is right here. */
static behaviour *find(const struct wrong *all, size_t n, lh_str table)
{
    for (size_t i = 0; i < n; i++)
        if (is_named(table, all[i].table))
            return all[i].what;
    return NULL;
}

#define FIND(all, table) find(all, sizeof(all) / sizeof *(all), table)

static int row(lh_sink *sink)
{
    return H->row_text(sink, LH_UPSERT, LHS("{\"id\":1,\"at\":\"2025-01-01T00:00:00Z\"}"));
}

static int mark(lh_call *c, lh_sink *sink, lh_str offset)
{
    return H->checkpoint(sink, H->json_parse(c, offset));
}

#define FIRST LHS("{\"until\":\"2025-01-01T00:00:00Z\"}")

/* --- rows ------------------------------------------------------------------------------------- */

static int array_as_row(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->row_text(sink, LH_UPSERT, LHS("[1,2]"));
}

static int nothing_as_row(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return H->row(sink, LH_UPSERT, H->json_get(H->json_parse(c, s->table), LHS("x")));
}

static int object_as_rows(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    return H->rows(sink, LH_UPSERT, H->json_parse(c, LHS("{\"rows\":[]}")));
}

static int number_in_rows(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    return H->rows(sink, LH_UPSERT, H->json_parse(c, LHS("[{\"id\":1},7]")));
}

static int broken_json(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->row_text(sink, LH_UPSERT, LHS("{\"id\":1"));
}

static int two_lines(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->row_text(sink, LH_UPSERT, LHS("{\"id\":1}\n{\"id\":2}"));
}

static int bad_utf8(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->row_text(sink, LH_UPSERT, LHS("{\"name\":\"\xff\"}"));
}

static int unknown_op(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->row_text(sink, 7, LHS("{\"id\":1}"));
}

static int no_sink(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return row(NULL);
}

static int old_sink(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return row(stale);
}

static int table_in_read(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_table t;

    (void)c;
    memset(&t, 0, sizeof t);
    t.struct_size = (uint32_t)sizeof t;
    t.name = s->table;
    return H->add_table(sink, &t);
}

/* It goes on after an error, as if nothing had been said. */
static int deaf(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    H->row_text(sink, LH_UPSERT, LHS("7"));
    row(sink);
    mark(c, sink, FIRST);
    return LH_OK;
}

/* --- the builder ------------------------------------------------------------------------------ */

static int value_without_key(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_begin(o, '{');
    H->out_str(o, LHS("no key"));
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

static int unfinished(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_begin(o, '{');
    return H->row_out(sink, LH_UPSERT, o);
}

static int ended_twice(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_begin(o, '{');
    H->out_end(o);
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

static int bad_utf8_built(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_begin(o, '{');
    H->out_key(o, LHS("name"));
    H->out_str(o, LHS("\xc3"));
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

static int array_built(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_begin(o, '[');
    H->out_end(o);
    return H->row_out(sink, LH_UPSERT, o);
}

static int too_deep(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_begin(o, '{');
    H->out_key(o, LHS("a"));
    for (int i = 0; i < 100000; i++)
        H->out_begin(o, '[');
    return H->row_out(sink, LH_UPSERT, o);
}

static lh_str deep_text(lh_call *c, lh_str around)
{
    const size_t levels = 2000;
    char *p = H->alloc(c, around.n + 2 * levels);

    memcpy(p, around.p, around.n - 1);
    memset(p + around.n - 1, '[', levels);
    memset(p + around.n - 1 + levels, ']', levels);
    p[around.n - 1 + 2 * levels] = '}';
    return lhs_n(p, around.n + 2 * levels);
}

static int too_deep_text(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    return H->row_text(sink, LH_UPSERT, deep_text(c, LHS("{\"a\":}")));
}

static int too_deep_raw(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);

    (void)s;
    H->out_raw(o, deep_text(c, LHS("{\"a\":}")));
    return H->row_out(sink, LH_UPSERT, o);
}

/* A value that is larger than a row may be. */
static int too_large(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const size_t n = (size_t)1 << 20;
    lh_out *o = H->out_new(c);
    char *p = H->alloc(c, n);

    (void)s;
    memset(p, 'x', n);
    H->out_begin(o, '[');
    for (int i = 0; i < 100; i++)
        H->out_str(o, lhs_n(p, n));
    return H->row_out(sink, LH_UPSERT, o);
}

static int no_builder(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    H->out_begin(NULL, '{');
    return H->row_out(sink, LH_UPSERT, NULL);
}

/* --- checkpoints and answers ------------------------------------------------------------------ */

static int no_checkpoint(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return row(sink);
}

static int more_without_progress(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return LH_MORE;
}

/* The same checkpoint in every call: the second one has not moved. */
static int stalls(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int rc = row(sink);

    (void)s;
    if (!rc)
        rc = mark(c, sink, FIRST);
    return rc ? rc : LH_MORE;
}

static int same_checkpoint(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int rc = stalls(c, s, sink);

    return rc == LH_MORE ? stalls(c, s, sink) : rc;
}

static int beyond_horizon(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int rc = row(sink);

    (void)s;
    return rc ? rc : mark(c, sink, LHS("{\"until\":\"2999-01-01T00:00:00Z\"}"));
}

static int offset_too_large(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    size_t n = 70000;
    char *filler = (char *)H->alloc(c, n);
    lh_out *o = H->out_new(c);

    (void)s;
    if (!filler)
        return LH_E_NOMEM;
    memset(filler, 'x', n);
    H->out_begin(o, '{');
    H->out_key(o, LHS("cursor"));
    H->out_str(o, lhs_n(filler, n));
    H->out_end(o);
    return H->checkpoint(sink, H->out_done(o));
}

static int array_as_offset(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    return mark(c, sink, LHS("[1]"));
}

static int key_twice_in_offset(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    return mark(c, sink, LHS("{\"a\":1,\"a\":2}"));
}

static int returns_42(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return 42;
}

static int returns_rule(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return LH_E_RULE;
}

static int returns_cancelled(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return LH_E_CANCELLED;
}

static int fails_without_reason(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return LH_E_DATA;
}

static int fails_with_success(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s, (void)sink;
    return H->fail(c, LH_OK, LHS("all is well"));
}

static int wants_too_much(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s, (void)sink;
    return H->alloc(c, SIZE_MAX / 2) ? LH_OK : LH_E_NOMEM;
}

static int bad_utf8_in_message(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s, (void)sink;
    return H->fail(c, LH_E_DATA, LHS("\xff"));
}

/* After a row and a checkpoint that are right: those stay. */
static int right_then_wrong(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int rc = row(sink);

    if (!rc)
        rc = mark(c, sink, FIRST);
    return rc ? rc : array_as_row(c, s, sink);
}

/*
 * Not wrong (rule 21): in the first call a row behind the checkpoint, which the next one gives
 * again.
 */
static int more_behind(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_str second = LHS("{\"id\":2,\"at\":\"2025-01-02T00:00:00Z\"}");
    int goes_on = H->json_count(s->offset) > 0;
    int rc = goes_on ? LH_OK : row(sink);

    if (!rc && !goes_on)
        rc = mark(c, sink, FIRST);
    if (!rc)
        rc = H->row_text(sink, LH_UPSERT, second);
    if (!rc && goes_on)
        rc = mark(c, sink, LHS("{\"until\":\"2025-01-02T00:00:00Z\"}"));
    return rc || goes_on ? rc : LH_MORE;
}

static int right(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int rc;

    if (H->json_count(s->offset))
        return LH_OK;
    rc = row(sink);
    return rc ? rc : mark(c, sink, FIRST);
}

#define WRONG(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct wrong reads[] = {
    WRONG(array_as_row),
    WRONG(nothing_as_row),
    WRONG(object_as_rows),
    WRONG(number_in_rows),
    WRONG(broken_json),
    WRONG(two_lines),
    WRONG(bad_utf8),
    WRONG(unknown_op),
    WRONG(no_sink),
    WRONG(old_sink),
    WRONG(table_in_read),
    WRONG(deaf),
    WRONG(value_without_key),
    WRONG(unfinished),
    WRONG(ended_twice),
    WRONG(bad_utf8_built),
    WRONG(array_built),
    WRONG(too_deep),
    WRONG(too_deep_text),
    WRONG(too_deep_raw),
    WRONG(too_large),
    WRONG(no_builder),
    WRONG(no_checkpoint),
    WRONG(stalls),
    WRONG(more_without_progress),
    WRONG(same_checkpoint),
    WRONG(beyond_horizon),
    WRONG(offset_too_large),
    WRONG(array_as_offset),
    WRONG(key_twice_in_offset),
    WRONG(returns_42),
    WRONG(returns_rule),
    WRONG(returns_cancelled),
    WRONG(fails_with_success),
    WRONG(fails_without_reason),
    WRONG(wants_too_much),
    WRONG(bad_utf8_in_message),
    WRONG(right_then_wrong),
    WRONG(more_behind),
};

/* --- schemas ---------------------------------------------------------------------------------- */

static struct lh_field column(const char *name, const char *type)
{
    struct lh_field f;

    memset(&f, 0, sizeof f);
    f.struct_size = (uint32_t)sizeof f;
    f.name = lhs_z(name);
    f.type = lhs_z(type);
    return f;
}

static int add(lh_sink *sink, const char *name, const char *type)
{
    struct lh_field f = column(name, type);

    return H->add_field(sink, &f);
}

static int bad_type(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return add(sink, "id", "bigintt");
}

static int column_twice(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return add(sink, "id", "bigint") ? LH_E_RULE : add(sink, "id", "string");
}

static int column_without_name(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return add(sink, "", "bigint");
}

static int struct_not_ended(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f = column("place", "struct");

    (void)c, (void)s;
    return H->field_begin(sink, &f) ? LH_E_RULE : add(sink, "site", "string");
}

static int end_without_begin(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->field_end(sink);
}

static int unknown_flags(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f = column("id", "bigint");

    (void)c, (void)s;
    f.flags = 1u << 20;
    return H->add_field(sink, &f);
}

static int short_field(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f = column("id", "bigint");

    (void)c, (void)s;
    f.struct_size = 8;
    return H->add_field(sink, &f);
}

static int no_field(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return H->add_field(sink, NULL);
}

static int row_in_schema(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s;
    return row(sink);
}

static const struct wrong schemas[] = {
    WRONG(bad_type),         WRONG(column_twice),  WRONG(column_without_name),
    WRONG(struct_not_ended), WRONG(unknown_flags), WRONG(end_without_begin),
    WRONG(short_field),      WRONG(no_field),      WRONG(row_in_schema),
};

/* --- metadata --------------------------------------------------------------------------------- */

static struct lh_meta meta(const lh_str *key)
{
    struct lh_meta m;

    memset(&m, 0, sizeof m);
    m.struct_size = (uint32_t)sizeof m;
    m.flags = LH_TABLE_PARTITIONED;
    m.ingestion = LH_INGEST_CDC;
    m.keys = key;
    m.n_keys = 1;
    m.cursor = LHS("at");
    return m;
}

static int right_meta(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_str key = LHS("id");
    struct lh_meta m = meta(&key);

    (void)c, (void)s;
    return H->set_meta(sink, &m);
}

static int no_meta(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return LH_OK;
}

static int meta_twice(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return right_meta(c, s, sink) ? LH_E_RULE : right_meta(c, s, sink);
}

static int no_keys(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta m = meta(NULL);

    (void)c, (void)s;
    m.n_keys = 0;
    return H->set_meta(sink, &m);
}

static int unknown_ingestion(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_str key = LHS("id");
    struct lh_meta m = meta(&key);

    (void)c, (void)s;
    m.ingestion = 99;
    return H->set_meta(sink, &m);
}

static int key_no_column(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_str key = LHS("ID");
    struct lh_meta m = meta(&key);

    (void)c, (void)s;
    return H->set_meta(sink, &m);
}

static int cursor_no_column(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    lh_str key = LHS("id");
    struct lh_meta m = meta(&key);

    (void)c, (void)s;
    m.cursor = LHS("at.time");
    return H->set_meta(sink, &m);
}

static const struct wrong metas[] = {
    WRONG(no_meta),           WRONG(meta_twice),    WRONG(no_keys),
    WRONG(unknown_ingestion), WRONG(key_no_column), WRONG(cursor_no_column),
};

/* --- partitions ------------------------------------------------------------------------------- */

static int partition_twice(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    const lh_json *part = H->json_parse(c, LHS("{\"part\":1}"));

    (void)s;
    return H->add_partition(sink, part, 1) ? LH_E_RULE : H->add_partition(sink, part, 1);
}

static int partition_no_object(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    return H->add_partition(sink, H->json_parse(c, LHS("7")), 1);
}

static const struct wrong partitions[] = {
    WRONG(partition_twice),
    WRONG(partition_no_object),
};

/* --- listings: the option `listing` says which ------------------------------------------------ */

static int list_one(lh_sink *sink, lh_str name, uint32_t flags)
{
    struct lh_table t;

    memset(&t, 0, sizeof t);
    t.struct_size = (uint32_t)sizeof t;
    t.name = name;
    t.flags = flags;
    return H->add_table(sink, &t);
}

static int misbehave_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns,
                                 lh_sink *sink)
{
    lh_str listing = lhs_z((const char *)self);

    (void)c, (void)ns, (void)n_ns;
    if (is_named(listing, "row"))
        return row(sink);
    if (is_named(listing, "empty"))
        return list_one(sink, LHS(""), 0);
    if (is_named(listing, "utf8"))
        return list_one(sink, LHS("a\xff"), 0);
    if (is_named(listing, "nul"))
        return list_one(sink, LHS("a\0b"), 0);
    if (is_named(listing, "flags"))
        return list_one(sink, LHS("a"), 1u << 31);
    if (is_named(listing, "twice"))
        return list_one(sink, LHS("a"), 0) ? LH_E_RULE : list_one(sink, LHS("a"), 0);
    if (is_named(listing, "more"))
        return LH_MORE;
    return list_one(sink, LHS("right"), 0);
}

/* --- the table -------------------------------------------------------------------------------- */

static int misbehave_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    lh_str listing = lhs_dup(H, c, lhs_z(H->opt(o, "listing")));

    if (is_named(listing, "silent"))
        return LH_E_AUTH;
    memcpy(ret_self, &listing.p, sizeof listing.p);
    return listing.p ? LH_OK : LH_E_NOMEM;
}

static void misbehave_close(lh_call *c, void *self)
{
    (void)c, (void)self;
}

static int misbehave_get_table_schema(lh_call *c, void *self, const struct lh_scan *s,
                                      lh_sink *sink)
{
    behaviour *wrong = FIND(schemas, s->table);

    (void)self;
    stale = sink;
    if (wrong)
        return wrong(c, s, sink);
    return add(sink, "id", "bigint") ? LH_E_RULE : add(sink, "at", "timestamp");
}

static int misbehave_read_table_metadata(lh_call *c, void *self, const struct lh_scan *s,
                                         lh_sink *sink)
{
    behaviour *wrong = FIND(metas, s->table);

    (void)self;
    stale = sink;
    return wrong ? wrong(c, s, sink) : right_meta(c, s, sink);
}

static int misbehave_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    behaviour *wrong = FIND(reads, s->table);

    (void)self;
    return wrong ? wrong(c, s, sink) : right(c, s, sink);
}

static int misbehave_check(lh_call *c, void *self, lh_sink *sink)
{
    (void)c, (void)self;
    return H->add_step(sink, LHS("step"), 42, LHS("no such code"));
}

static int misbehave_latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    (void)self, (void)s;
    return mark(c, sink, FIRST);
}

static int misbehave_get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    behaviour *wrong = FIND(partitions, s->table);

    (void)self;
    return wrong ? wrong(c, s, sink) : LH_OK;
}

/* A partition is all or nothing: it has no checkpoints. */
static int misbehave_read_partition(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    (void)self, (void)s;
    return row(sink) ? LH_E_RULE : mark(c, sink, FIRST);
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "misbehave",
    LH_SPEC,
    misbehave_open,
    misbehave_close,
    misbehave_list_tables,
    misbehave_get_table_schema,
    misbehave_read_table_metadata,
    misbehave_read_table,
    misbehave_check,
    NULL,
    NULL,
    misbehave_latest_offset,
    misbehave_get_partitions,
    misbehave_read_partition,
    NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
