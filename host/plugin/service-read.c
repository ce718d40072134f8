/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that read: rows of either flow, a partition, the list of partitions, the newest
 * offset; and rules 21 to 28 as far as they show when the call is over.
 */
#include "config.h"

#include "plugin/service_reading.h"

#include <stdlib.h>

typedef int read_slot(lh_call *, void *self, const struct lh_scan *, lh_sink *);

static void reading_free(struct lh_reading *r)
{
    lh_buf_free(&r->first);
    lh_buf_free(&r->last);
    lh_buf_free(&r->next);
    lh_buf_free(&r->end);
    lh_buf_free(&r->line);
    lh_json_doc_destroy(r->text);
    lh_json_doc_destroy(r->offset);
    lh_json_doc_destroy(r->until);
    lh_json_doc_destroy(r->partition);
}

#define lh_autoreading __attribute__((cleanup(reading_free))) struct lh_reading

/* --- what the scan says ----------------------------------------------------------------------- */

/* One JSON object of the caller's; *ret_doc stays NULL for none. canonical may be NULL. */
static int take_object(lh_str json, const char *what, struct lh_json_doc **ret_doc,
                       struct lh_buf *canonical, struct lh_error *e)
{
    struct lh_json_problem problem;

    if (!json.n)
        return 0;
    *ret_doc = lh_json_doc_new();
    if (lh_json_scan(*ret_doc, json, &lh_json_page_limits, &problem))
        return lh_json_problem_error(&problem, json, what, LH_INVALID, e);
    if (lh_json_kind(lh_json_root(*ret_doc)) != LH_JSON_OBJECT)
        return lh_error_set(e, LH_INVALID, "%s: expected a JSON object, found %.*s", what,
                            LH_STR_ARG(lh_str_n(json.p, json.n < 60 ? json.n : 60)));
    if (lh_json_write_canonical(canonical, lh_json_root(*ret_doc)))
        return lh_error_set(e, LH_INVALID, "%s: a key stands twice in an object", what);
    if (canonical->failed)
        return lh_error_set(e, LH_INVALID, "%s: it has more than %zu bytes", what, canonical->max);
    return 0;
}

/* Canonical forms have no bound of their own: a connector's is judged by its size. */
static void make_bufs(struct lh_reading *r)
{
    r->first = (struct lh_buf)LH_BUF_INIT(LH_OFFSET_MAX_BYTES);
    r->end = (struct lh_buf)LH_BUF_INIT(LH_OFFSET_MAX_BYTES);
    r->last = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    r->next = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    r->line = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    r->text = lh_json_doc_new();
}

/* Makes a reading ready; rule 22: {} and no offset are both the beginning. */
static int prepare(struct lh_reading *r, const struct lh_read *what, struct lh_error *e)
{
    lh_auto(lh_buf) partition = LH_BUF_INIT(LH_OFFSET_MAX_BYTES);
    int code;

    make_bufs(r);
    if ((code = take_object(what->offset, "the start offset", &r->offset, &r->first, e)) ||
        (code = take_object(what->end, "the end offset", &r->until, &r->end, e)) ||
        (code = take_object(what->partition, "the partition", &r->partition, &partition, e)))
        return code;
    if (r->first.n == 2)
        lh_buf_reset(&r->first);
    lh_buf_str(&r->last, lh_buf_slice(&r->first));
    return 0;
}

static struct lh_scan make_scan(struct lh_call *call, const struct lh_reading *r,
                                const struct lh_read *what)
{
    struct lh_scan scan = lh_call_scan(call, what->table_opts);

    if (r->first.n)
        scan.offset = lh_json_root(r->offset);
    scan.end = lh_json_root(r->until);
    scan.partition = lh_json_root(r->partition);
    scan.max_rows = what->max_rows;
    return scan;
}

/* --- when it is over -------------------------------------------------------------------------- */

/* A first checkpoint of {} has moved nothing: it is the beginning. */
static bool has_moved(const struct lh_reading *r)
{
    lh_str first = r->first.n ? lh_buf_slice(&r->first) : LH_STR("{}");
    lh_str last = r->last.n ? lh_buf_slice(&r->last) : LH_STR("{}");

    return !lh_str_eq(first, last);
}

/* Rules 23 and 25: what the read left behind. */
static void judge(struct lh_call *call, const struct lh_reading *r, int rc)
{
    if (call->stop < 0 || rc < 0)
        return;
    if (rc == LH_MORE && !has_moved(r))
        lh_call_broke(call, 23, "it returned LH_MORE without a checkpoint that moved");
    else if (r->pending && !r->rows_are_free && !has_moved(r))
        lh_call_broke(call, 23, "%" PRIu64 " rows were given without a checkpoint that moved",
                      r->pending);
    else if (rc == LH_OK && r->end.n && !r->rows_are_free &&
             !lh_str_eq(lh_buf_slice(&r->last), lh_buf_slice(&r->end)))
        lh_call_broke(call, 25, "it returned LH_OK before the checkpoint that equals `end`, %s",
                      lh_buf_text(&r->end));
}

/* --- reads ------------------------------------------------------------------------------------ */

/* The rows since the last checkpoint are taken back: they will come again. */
static int rewind_reading(struct lh_call *call)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_reading *r = call->sink.into;

    r->pending = 0;
    if (r->to && r->to->rewind(r->to->arg, &e))
        return lh_call_stop(call, LH_E_CANCELLED, &e);
    return call->stop;
}

struct job {
    struct lh_instance *in;
    const struct lh_read *what;
    const struct lh_row_writer *to;
    read_slot *slot;
    const char *name;
    unsigned takes;
};

/* One call of a slot that reads. *ret_untouched: it gave neither row nor checkpoint. */
static int read_with(const struct job *job, struct lh_reading *r, bool *ret_more,
                     bool *ret_untouched, struct lh_error *e)
{
    struct lh_call *call;
    struct lh_scan scan;
    int rc;
    int code = prepare(r, job->what, e);

    *ret_untouched = false;
    if (code)
        return lh_error_wrap(e, "%s: %s(%.*s)", job->in->plugin->name, job->name,
                             LH_STR_ARG(job->what->table));
    r->to = job->to;
    call = lh_call_begin(job->in, job->name, job->what->table, job->takes, r);
    call->last = &r->last;
    call->sink.rewind = rewind_reading;
    scan = make_scan(call, r, job->what);
    rc = job->slot(call, job->in->self, &scan, &call->sink);
    judge(call, r, rc);
    *ret_untouched = rc == LH_E_UNSUPPORTED && !r->pending && !r->n_checkpoints;
    return lh_call_end(call, rc, ret_more, e);
}

static int no_slot(const struct lh_instance *in, const struct lh_read *what, const char *slot,
                   struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID, "%s: %.*s: the connector has no %s", in->plugin->name,
                        LH_STR_ARG(what->table), slot);
}

static int read_partition(struct lh_instance *in, const struct lh_read *what,
                          const struct lh_row_writer *to, bool *ret_more, struct lh_error *e)
{
    const struct job job = {
        in, what, to, in->plugin->table.read_partition, "read_partition", LH_TAKES_ROWS};
    lh_autoreading r = {.takes_both = true, .rows_are_free = true};
    bool untouched;

    if (!job.slot)
        return no_slot(in, what, job.name, e);
    return read_with(&job, &r, ret_more, &untouched, e);
}

/* Rule 28: one read serves both flows where there is no read_table_deletes for the table. */
static int read_flow(struct lh_instance *in, const struct lh_read *what,
                     const struct lh_row_writer *to, bool *ret_more, struct lh_error *e)
{
    const struct job job = {in,           what,
                            to,           in->plugin->table.read_table,
                            "read_table", LH_TAKES_ROWS | LH_TAKES_CHECKPOINTS};
    lh_autoreading r = {
        .takes_op = what->flow == LH_READ_DELETES ? LH_DELETE : LH_UPSERT,
        .rows_are_free = what->ingestion == LH_INGEST_SNAPSHOT,
    };
    bool untouched;

    return read_with(&job, &r, ret_more, &untouched, e);
}

int lh_instance_read(struct lh_instance *in, const struct lh_read *what,
                     const struct lh_row_writer *to, bool *ret_more, struct lh_error *e)
{
    const struct job job = {in,
                            what,
                            to,
                            in->plugin->table.read_table_deletes,
                            "read_table_deletes",
                            LH_TAKES_ROWS | LH_TAKES_CHECKPOINTS};
    lh_autoreading r = {.takes_both = true};
    lh_auto(lh_error) unsupported = LH_ERROR_INIT;
    bool untouched;
    int code;

    if (what->partition.n)
        return read_partition(in, what, to, ret_more, e);
    if (what->flow == LH_READ_ROWS || !job.slot)
        return read_flow(in, what, to, ret_more, e);
    code = read_with(&job, &r, ret_more, &untouched, &unsupported);
    if (code && untouched)
        return read_flow(in, what, to, ret_more, e);
    return code ? lh_error_move(e, &unsupported) : 0;
}

/* --- offsets and partitions ------------------------------------------------------------------- */

static int rewind_latest(struct lh_call *call)
{
    struct lh_reading *r = call->sink.into;

    r->n_checkpoints = 0;
    return call->stop;
}

int lh_instance_latest_offset(struct lh_instance *in, const struct lh_read *what,
                              struct lh_buf *ret, struct lh_error *e)
{
    lh_autoreading r = {0};
    struct lh_call *call;
    struct lh_scan scan;
    int rc;
    int code;

    if (!in->plugin->table.latest_offset)
        return no_slot(in, what, "latest_offset", e);
    if ((code = prepare(&r, what, e)))
        return code;
    call = lh_call_begin(in, "latest_offset", what->table, LH_TAKES_CHECKPOINTS, &r);
    call->sink.rewind = rewind_latest;
    scan = make_scan(call, &r, what);
    rc = in->plugin->table.latest_offset(call, in->self, &scan, &call->sink);
    if (rc == LH_OK && !call->stop && r.n_checkpoints != 1)
        lh_call_broke(call, 0, "it gave %" PRIu64 " checkpoints, expected one", r.n_checkpoints);
    code = lh_call_end(call, rc, NULL, e);
    if (!code)
        lh_buf_str(ret, lh_buf_slice(&r.last));
    return code;
}

void lh_partitions_free(struct lh_partitions *partitions)
{
    for (size_t i = 0; i < partitions->n; i++)
        free(partitions->items[i].json);
    free(partitions->items);
    *partitions = (struct lh_partitions){0};
}

/* Whether the connector can be asked; rule 27 for what is no snapshot. */
static int can_partition(const struct lh_instance *in, const struct lh_read *what,
                         struct lh_error *e)
{
    if (!in->plugin->table.get_partitions)
        return no_slot(in, what, "get_partitions", e);
    if (in->plugin->table.latest_offset || what->ingestion == LH_INGEST_SNAPSHOT)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: get_partitions(%.*s): rule 27 of the interface is broken: it has no "
                        "latest_offset, which partitions of anything but a snapshot need",
                        in->plugin->name, LH_STR_ARG(what->table));
}

static void partitioning_free(struct lh_partitioning *p)
{
    lh_partitions_free(&p->list);
    lh_buf_free(&p->text);
    lh_map_free(&p->seen);
}

static int rewind_partitioning(struct lh_call *call)
{
    struct lh_partitioning *p = call->sink.into;

    partitioning_free(p);
    *p = (struct lh_partitioning){.text = LH_BUF_INIT(SIZE_MAX / 2)};
    return call->stop;
}

int lh_instance_partitions(struct lh_instance *in, const struct lh_read *what,
                           struct lh_partitions *ret, struct lh_error *e)
{
    __attribute__((cleanup(partitioning_free))) struct lh_partitioning p = {
        .text = LH_BUF_INIT(SIZE_MAX / 2)};
    lh_autoreading r = {0};
    struct lh_call *call;
    struct lh_scan scan;
    int code = can_partition(in, what, e);

    if (code || (code = prepare(&r, what, e)))
        return code;
    call = lh_call_begin(in, "get_partitions", what->table, LH_TAKES_PARTITIONS, &p);
    call->sink.rewind = rewind_partitioning;
    scan = make_scan(call, &r, what);
    code = lh_call_end(call, in->plugin->table.get_partitions(call, in->self, &scan, &call->sink),
                       NULL, e);
    if (code)
        return code;
    *ret = p.list;
    p.list = (struct lh_partitions){0};
    return 0;
}
