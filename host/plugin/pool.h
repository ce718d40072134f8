/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool: jobs on several instances of one connector, side by side.
 *
 * In: a loaded connector and a list of jobs, each a function that gets an instance. Out: what the
 * jobs give, through a row writer and a function of the caller, both called in the caller's thread
 * only and in the order of the jobs. Partitions of a table are such jobs, and so are calls about
 * many tables.
 *
 *     lh_autoptr(lh_pool) pool = NULL;
 *     const struct lh_work work = {.n = partitions.n, .run = read_partition, .arg = &what};
 *     int code = lh_pool_new(plugin, opts, run, 4, &pool, e);
 *
 *     if (!code)
 *         code = lh_pool_run(pool, &work, &writer, e);
 *
 * Each thread has one instance, opened at its first job, kept for further ones, closed with the
 * pool and never used by another thread (rule 29). Jobs are begun in their order, one after the
 * other by each thread.
 *
 * Look-ahead: what a thread has made and the caller was not given yet is at most
 * LH_POOL_LOOK_AHEAD bytes of rows, or one row; beyond that the thread waits. So memory does not
 * grow with the number or size of jobs, whichever of them is slow.
 *
 * The first job that fails, a signal, and a writer that wants no more end all jobs, also those that
 * sleep or wait for room; the deadline of the run ends them one by one. What was not given by then
 * is dropped. An instance in this process that never looks at the host cannot be ended.
 */
#ifndef LH_PLUGIN_POOL_H
#define LH_PLUGIN_POOL_H

#include "plugin/service.h"

#define LH_POOL_MAX_THREADS ((size_t)64)
#define LH_POOL_LOOK_AHEAD  ((size_t)8 << 20) /* bytes of each thread */

struct lh_pool;

/*
 * A pool of up to n_threads (1 to LH_POOL_MAX_THREADS); there are never more than jobs. plugin,
 * opts (finished) and run must live longer; run->signals is looked at by the caller's thread only.
 */
int lh_pool_new(const struct lh_plugin *plugin, const struct lh_opts *opts,
                const struct lh_run *run, size_t n_threads, struct lh_pool **ret,
                struct lh_error *e);

/* Closes the instances and waits for the threads. */
void lh_pool_destroy(struct lh_pool *pool);
LH_AUTOPTR(lh_pool, lh_pool_destroy)

struct lh_work {
    size_t n; /* jobs 0 to n - 1 */
    /*
     * What is given is given as it comes: whole batches, those of one job in their order, a
     * checkpoint behind its rows; `done` in the order in which jobs end.
     */
    bool unordered;
    /*
     * In a thread of the pool: does a job. `to` takes its rows; what else the job finds out it
     * leaves in its own part of arg, which `done` may then read. Fails only where all jobs are to
     * end: a failure that concerns one table belongs into its result.
     */
    int (*run)(void *arg, size_t job, struct lh_instance *in, const struct lh_row_writer *to,
               struct lh_error *e);
    /* In the caller's thread: the job has ended and all its rows were given. NULL: nothing. */
    int (*done)(void *arg, size_t job, struct lh_error *e);
    /* In the caller's thread, about ten times a second while it waits. NULL: nothing. */
    void (*tick)(void *arg);
    void *arg;
};

/*
 * Does the work and returns when all of it was given, and no job runs any more. `to` may be NULL
 * when no job gives rows. Rows come to it as text only, without their place on a tape.
 *
 * to->rewind is called when rows of the job that is being given come again (lh_row_writer); they
 * are those behind its last checkpoint, or else behind the end of the job before. Unordered rows
 * cannot be taken back once they were given: the job then fails with LH_BAD_PLUGIN.
 *
 * The code is that of `to` or `done` when they ended it; LH_INTERRUPTED for a signal; else that of
 * the lowest job among those that failed by themselves. After a failure the pool does no more work,
 * a further call is LH_INTERRUPTED.
 */
int lh_pool_run(struct lh_pool *pool, const struct lh_work *work, const struct lh_row_writer *to,
                struct lh_error *e);

/* Whether parts were reported missing by any instance (lh_instance_partial). Not during a run. */
bool lh_pool_partial(const struct lh_pool *pool);

#endif
