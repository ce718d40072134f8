/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector whose tables are all partitioned, each in its own way: "mixed" has deletes among the
 * rows of its partitions, "partial" lacks a part of one, "empty" has no partition although
 * read_table has a row, "large" gives rows of 1 MiB, "backwards" has its last rows first.
 * tests/system/jobs.sh says what comes of each.
 */
#include <lakehost/sdk.h>

#include "spec.inc"

#define N_PARTS 4
#define LARGE   ((size_t)1 << 20)

static const struct lh_host *H;

static int parts_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    (void)c, (void)o, (void)ret_self;
    return LH_OK;
}

static void parts_close(lh_call *c, void *self)
{
    (void)c, (void)self;
}

static int parts_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table t;

    (void)c, (void)self, (void)ns, (void)n_ns;
    memset(&t, 0, sizeof t);
    t.struct_size = (uint32_t)sizeof t;
    t.flags = LH_TABLE_PARTITIONED;
    t.name = LHS("mixed");
    return H->add_table(sink, &t);
}

static int parts_get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field field;

    (void)c, (void)self, (void)s;
    memset(&field, 0, sizeof field);
    field.struct_size = (uint32_t)sizeof field;
    field.name = LHS("id");
    field.type = LHS("bigint");
    return H->add_field(sink, &field);
}

static int parts_read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    lh_str key = LHS("id");
    struct lh_meta meta;

    (void)c, (void)self, (void)s;
    memset(&meta, 0, sizeof meta);
    meta.struct_size = (uint32_t)sizeof meta;
    meta.flags = LH_TABLE_PARTITIONED;
    meta.ingestion = LH_INGEST_CDC_WITH_DELETES;
    meta.keys = &key;
    meta.n_keys = 1;
    meta.cursor = key;
    return H->set_meta(sink, &meta);
}

static int give(lh_call *c, lh_sink *sink, uint32_t op, int64_t id, size_t filler)
{
    lh_out *o = H->out_new(c);

    H->out_begin(o, '{');
    lhs_out_i64(H, o, LHS("id"), id);
    if (filler) {
        char *text = H->alloc(c, filler);

        if (!text)
            return LH_E_NOMEM;
        memset(text, 'x', filler);
        H->out_key(o, LHS("filler"));
        H->out_str(o, lhs_n(text, filler));
    }
    H->out_end(o);
    return H->row_out(sink, op, o);
}

static int end_of_all(lh_call *c, lh_sink *sink)
{
    return H->checkpoint(sink, H->json_parse(c, LHS("{\"all\":true}")));
}

/* By one reader only where there are no partitions: then the row says so. */
static int parts_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    int rc = s->offset ? LH_OK : give(c, sink, LH_UPSERT, -1, 0);

    (void)self;
    return rc ? rc : end_of_all(c, sink);
}

static int parts_latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    (void)self, (void)s;
    return end_of_all(c, sink);
}

static int parts_get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    int rc = LH_OK;

    (void)self;
    for (int64_t i = 0; i < N_PARTS && !rc && !lhs_eq(s->table, LHS("empty")); i++) {
        H->out_begin(o, '{');
        lhs_out_i64(H, o, LHS("part"), lhs_eq(s->table, LHS("backwards")) ? N_PARTS - 1 - i : i);
        H->out_end(o);
        rc = H->add_partition(sink, H->out_done(o), 1);
    }
    return rc;
}

static int parts_read_partition(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    int64_t part = 0;
    int rc = H->json_i64(H->json_get(s->partition, LHS("part")), &part);

    (void)self;
    if (lhs_eq(s->table, LHS("large"))) {
        for (int i = 0; i < 20 && !rc; i++)
            rc = give(c, sink, LH_UPSERT, part, LARGE);
        return rc;
    }
    /* the first comes last, unless somebody sees to the order; surely so in "late" */
    if (!rc)
        rc = H->sleep_ms(c, part ? 0 : lhs_eq(s->table, LHS("late")) ? 5000 : 200);
    if (!rc && part == 2 && lhs_eq(s->table, LHS("partial")))
        rc = H->partial(c, LH_E_DENIED, LHS("part 2"), LHS("a right is missing"));
    if (!rc)
        rc = give(c, sink, LH_UPSERT, part * 10, 0);
    if (!rc && lhs_eq(s->table, LHS("mixed")))
        rc = give(c, sink, LH_DELETE, part * 10 + 1, 0);
    return rc ? rc : give(c, sink, LH_UPSERT, part * 10 + 2, 0);
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "parts",
    LH_SPEC,
    parts_open,
    parts_close,
    parts_list_tables,
    parts_get_table_schema,
    parts_read_table_metadata,
    parts_read_table,
    NULL,
    NULL,
    NULL,
    parts_latest_offset,
    parts_get_partitions,
    parts_read_partition,
    NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
