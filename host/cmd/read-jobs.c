/* SPDX-License-Identifier: Apache-2.0 */
/* `read --jobs`: the partitions of a table side by side; see read.h. */
#include "config.h"

#include "cmd/read.h"

#include "plugin/pool.h"

#define SHOWN_PARTITION 200 /* bytes of a partition in a message */

struct work {
    struct lh_source *source;
    const struct lh_read_jobs *jobs;
    struct lh_read what; /* of every partition: the same offset and end */
    struct lh_partitions partitions;
    const struct lh_row_writer *to;
};

/* --- partitions ------------------------------------------------------------------------------- */

static bool has_partitions(const struct lh_source *s, const struct lh_read *what, uint32_t flags)
{
    return what->flow == LH_READ_ROWS && flags & LH_TABLE_PARTITIONED &&
           s->plugin->table.get_partitions;
}

/* Where the read ends, canonical; empty for snapshots. What is not offered is named by rule 27. */
static int find_end(struct lh_source *s, const struct lh_read *what, struct lh_buf *ret,
                    struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = NULL;

    if (!what->end.n && (what->ingestion == LH_INGEST_SNAPSHOT || !s->plugin->table.latest_offset))
        return 0;
    if (!what->end.n)
        return lh_instance_latest_offset(s->in, what, ret, e);
    doc = lh_json_doc_new();
    if (lh_json_scan(doc, what->end, &lh_json_page_limits, NULL) == LH_JSON_FINE)
        lh_json_write_canonical(ret, lh_json_root(doc));
    return 0; /* what is wrong with it is said where it is used */
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* Which partition it is, unless the time is over: that is about none of them. */
static int wrap(const struct work *w, lh_str partition, struct lh_error *e)
{
    if (lh_deadline_passed(w->source->run.deadline))
        return e->code;
    return lh_error_wrap(
        e, "partition %.*s%s",
        LH_STR_ARG(
            lh_str_n(partition.p, partition.n < SHOWN_PARTITION ? partition.n : SHOWN_PARTITION)),
        partition.n > SHOWN_PARTITION ? "..." : "");
}

static int read_partition(void *arg, size_t job, struct lh_instance *in,
                          const struct lh_row_writer *to, struct lh_error *e)
{
    const struct work *w = arg;
    struct lh_read what = w->what;
    bool more;

    what.partition = lh_str_z(w->partitions.items[job].json);
    return lh_instance_read(in, &what, to, &more, e) ? wrap(w, what.partition, e) : 0;
}

static int end_partition(void *arg, size_t job, struct lh_error *e)
{
    const struct work *w = arg;

    (void)job;
    return w->jobs->done(w->to->arg, e);
}

/* Deletes are the other flow's (rule 28), which is read by one reader. */
static int give_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    const struct work *w = arg;

    return op == LH_DELETE ? 0 : w->to->row(w->to->arg, op, text, row, e);
}

static int give_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    const struct work *w = arg;

    return w->to->checkpoint(w->to->arg, offset, e);
}

static int give_rewind(void *arg, struct lh_error *e)
{
    const struct work *w = arg;

    return w->to->rewind(w->to->arg, e);
}

static int run_jobs(struct work *w, struct lh_error *e)
{
    const struct lh_row_writer to = {give_row, give_checkpoint, w, give_rewind};
    const struct lh_work work = {
        .n = w->partitions.n,
        .unordered = w->jobs->unordered,
        .run = read_partition,
        .done = end_partition,
        .arg = w,
    };
    struct lh_source *s = w->source;
    lh_autoptr(lh_pool) pool = NULL;
    int code = lh_pool_new(s->plugin, s->opts, &s->run, w->jobs->n, &pool, e);

    if (!code)
        code = lh_pool_run(pool, &work, &to, e);
    if (pool && lh_pool_partial(pool))
        s->is_partial = true;
    return code;
}

int lh_read_jobs_run(struct lh_source *s, const struct lh_read_jobs *jobs,
                     const struct lh_read *what, uint32_t table_flags,
                     const struct lh_row_writer *to, bool *ret_read, struct lh_error *e)
{
    lh_auto(lh_buf) end = LH_BUF_INIT(LH_BUF_TEXT);
    struct work w = {.source = s, .jobs = jobs, .what = *what, .to = to};
    int code;

    *ret_read = false;
    if (!has_partitions(s, what, table_flags)) {
        lh_log_warn(s->context->log, "--jobs: %s of %.*s are not partitioned, one reader reads",
                    what->flow == LH_READ_ROWS ? "rows" : "deletes", LH_STR_ARG(what->table));
        return 0;
    }
    if ((code = find_end(s, what, &end, e)))
        return code;
    w.what.end = lh_buf_slice(&end);
    code = lh_instance_partitions(s->in, &w.what, &w.partitions, e);
    /* none: nothing is new, and where the offset is now the connector knows */
    if (!code && w.partitions.n) {
        *ret_read = true;
        code = run_jobs(&w, e);
        if (!code && end.n && what->ingestion != LH_INGEST_SNAPSHOT)
            code = to->checkpoint(to->arg, lh_buf_slice(&end), e);
    }
    lh_partitions_free(&w.partitions);
    return code;
}
