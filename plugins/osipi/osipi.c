/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OSI PI connector: the catalog, what a read is about, check, the instance. The tables are data
 * (tables*.c); see osipi.h for the other files.
 */
#include "osipi.h"

#include "spec.inc"

const struct lh_host *osipi_host; /* from the entry function */

/* --- the catalog ------------------------------------------------------------------------------ */

static int find(lh_call *c, lh_str name, const struct table **ret)
{
    const struct table *t;

    for (size_t i = 0; (t = osipi_table(i)); i++)
        if (lhs_eq(name, lhs_z(t->name))) {
            *ret = t;
            return LH_OK;
        }
    return lhs_fail(H, c, LH_E_NOT_FOUND, "there is no table \"%.*s\"", (int)name.n, name.p);
}

static uint32_t flags_of(const struct table *t)
{
    return t->way == BY_TAG ? LH_TABLE_PARTITIONED : 0;
}

static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table report = {.struct_size = sizeof report};
    const struct table *t;
    int rc = LH_OK;

    (void)c, (void)self, (void)ns;
    for (size_t i = 0; !n_ns && !rc && (t = osipi_table(i)); i++) {
        report.name = lhs_z(t->name);
        report.comment = lhs_z(t->comment);
        report.flags = flags_of(t);
        rc = H->add_table(sink, &report);
    }
    return rc;
}

static int get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field field = {.struct_size = sizeof field};
    const struct table *t;
    int rc = find(c, s->table, &t);

    (void)self;
    for (size_t i = 0; !rc && i < t->n_columns; i++) {
        field.name = lhs_z(t->columns[i].name);
        field.type = lhs_z(t->columns[i].type);
        field.flags = t->columns[i].is_required ? LH_FIELD_NOT_NULL : 0;
        rc = H->add_field(sink, &field);
    }
    return rc;
}

static int read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta meta = {.struct_size = sizeof meta};
    const struct table *t;
    lh_str keys[4];
    int rc = find(c, s->table, &t);

    (void)self;
    if (rc)
        return rc;
    while (meta.n_keys < 4 && t->keys[meta.n_keys]) {
        keys[meta.n_keys] = lhs_z(t->keys[meta.n_keys]);
        meta.n_keys++;
    }
    meta.ingestion = t->ingestion;
    meta.keys = keys;
    meta.cursor = lhs_z(t->cursor);
    meta.flags = flags_of(t);
    return H->set_meta(sink, &meta);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Options that say how many objects of a set are enough. 0: all. */
static const struct {
    const char *option;
    const struct set *set;
} samples[] = {
    {"default_points", &osipi_points},       {"default_tags", &osipi_points},
    {"default_elements", &osipi_elements},   {"default_tables", &osipi_af_tables},
    {"default_event_frames", &osipi_frames},
};

static void take_sample(struct reader *r)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        int64_t n = lhs_opt_i64(H, r->scan->opts, samples[i].option, 0);

        if (n > 0) {
            r->limited = samples[i].set;
            r->enough = n;
        }
    }
}

static int begin(struct reader *r)
{
    const lh_opts *o = r->scan->opts;
    int rc = find(r->call, r->scan->table, &r->table);

    if (rc)
        return rc;
    r->out = H->out_new(r->call);
    r->as_of = r->scan->as_of_ms * TICKS_PER_MS;
    r->now = lhs_iso(H, r->call, H->now_ms(r->call));
    r->page = lhs_opt_i64(H, o, "maxCount", 1000);
    r->first_index = lhs_opt_i64(H, o, "startIndex", 0);
    take_sample(r);
    return LH_OK;
}

static int read_one(struct reader *r)
{
    static int (*const ways[])(struct reader *) = {
        [BY_LIST] = osipi_read_list,
        [BY_CATALOG] = osipi_read_catalog,
        [BY_LINKS] = osipi_read_links,
        [BY_HIERARCHY] = osipi_read_hierarchy,
        [BY_ELEMENT] = osipi_read_element_attributes,
        [BY_CONTENT] = osipi_read_content,
        [BY_TAG] = osipi_read_series,
        [BY_FRAME] = osipi_read_frames,
        [BY_REFERENCE] = osipi_read_frames,
        [OF_FRAMES] = osipi_read_of_frames,
    };

    return ways[r->table->way](r);
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct reader r = {.call = c, .self = self, .scan = s, .sink = sink};
    int rc = begin(&r);

    return rc ? rc : read_one(&r);
}

/* Only tables of values have parts. */
static int in_parts(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink,
                    int (*act)(struct reader *))
{
    struct reader r = {.call = c, .self = self, .scan = s, .sink = sink};
    int rc = begin(&r);

    if (!rc && r.table->way != BY_TAG)
        return H->fail(c, LH_E_UNSUPPORTED, LHS("only the tables of time series have partitions"));
    return rc ? rc : act(&r);
}

static int latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return in_parts(c, self, s, sink, osipi_latest);
}

static int get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return in_parts(c, self, s, sink, osipi_partitions);
}

static int read_partition(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return in_parts(c, self, s, sink, osipi_read_partition);
}

/* --- check ------------------------------------------------------------------------------------ */

/* One step: its answer has the status that it should. */
static int step(lh_call *c, lh_sink *sink, lh_str name, const struct lh_http_req *q, int32_t wanted)
{
    const struct lh_http_resp *answer;
    int rc = H->http(c, q, &answer);
    lh_str text;

    if (rc)
        return rc;
    if (answer->status != wanted && answer->status != 200)
        return H->http_fail(c, answer);
    text = lhs_fmt(H, c, "%zu found", H->json_count(H->json_get(answer->json, LHS("Items"))));
    rc = H->add_step(sink, name, LH_OK, wanted == 207 ? LHS("the server takes it") : text);
    H->http_release(c, answer);
    return rc;
}

/* The lists that everything begins with, and a batch: a server may refuse every POST. */
static int check(lh_call *c, void *self, lh_sink *sink)
{
    struct lh_http_req q = lhs_get(LHS("/piwebapi/dataservers"));
    lh_str base = H->base_url(c);
    int rc = step(c, sink, LHS("data servers"), &q, 200);

    (void)self;
    q = lhs_get(LHS("/piwebapi/assetservers"));
    if (!rc)
        rc = step(c, sink, LHS("asset servers"), &q, 200);
    q = lhs_post(LHS("/piwebapi/batch"),
                 lhs_fmt(H, c, "{\"1\":{\"Method\":\"GET\",\"Resource\":\"%.*s%s\"}}", (int)base.n,
                         base.p, "/piwebapi/dataservers"));
    return rc ? rc : step(c, sink, LHS("batch"), &q, 207);
}

/* --- the instance ----------------------------------------------------------------------------- */

static int open_source(lh_call *c, const lh_opts *opts, void **ret_self)
{
    struct instance *self = H->alloc(c, sizeof *self);

    if (!self)
        return LH_E_NOMEM;
    self->opts = opts;
    self->max_inflight = lhs_opt_i64(H, opts, "max_inflight", 4);
    *ret_self = self;
    return LH_OK;
}

static void close_source(lh_call *c, void *self)
{
    (void)c, (void)self; /* what open allocated lives exactly as long */
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "osipi",
    LH_SPEC,
    open_source,
    close_source,
    list_tables,
    get_table_schema,
    read_table_metadata,
    read_table,
    check,
    NULL, /* list_namespaces */
    NULL, /* read_table_deletes: a PI System does not tell */
    latest_offset,
    get_partitions,
    read_partition,
    NULL, /* estimate */
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
