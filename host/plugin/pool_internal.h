/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue between one thread of a pool and the caller: the jobs that the thread has begun and
 * that were not given out to their end, oldest first, each with its rows. See pool.h.
 *
 * The thread appends to its newest job; the caller takes all there is of the oldest in one swap of
 * buffers. So a queue's lock is held for moments and hardly ever contended.
 */
#ifndef LH_PLUGIN_POOL_INTERNAL_H
#define LH_PLUGIN_POOL_INTERNAL_H

#include "plugin/pool.h"

#include <pthread.h>

#define LH_POOL_BATCH ((size_t)64 << 10) /* bytes that are worth waking the caller for */

struct lh_pool_job;

struct lh_pool_queue {
    pthread_mutex_t mutex;
    pthread_cond_t room;
    struct lh_pool_job *first, *last;
    size_t bytes; /* of all its jobs */
    bool waits;   /* the thread, for room */
    bool unordered;
    int bell; /* eventfd that wakes the caller; the pool's */
    struct lh_signals *cancel;
    struct lh_deadline deadline;
};

void lh_pool_queue_init(struct lh_pool_queue *q, int bell, struct lh_signals *cancel,
                        struct lh_deadline deadline);
void lh_pool_queue_free(struct lh_pool_queue *q);

/* --- the thread ------------------------------------------------------------------------------- */

/* A job begins. */
void lh_pool_queue_begin(struct lh_pool_queue *q, size_t index);

/* Where its rows go. LH_INTERRUPTED when the pool was cancelled. */
struct lh_row_writer lh_pool_queue_writer(struct lh_pool_queue *q);

/* It is done, nothing comes after what was appended. */
void lh_pool_queue_end(struct lh_pool_queue *q);

/* --- the caller ------------------------------------------------------------------------------- */

/* The pool was cancelled: ends the wait for room. */
void lh_pool_queue_wake(struct lh_pool_queue *q);

/*
 * Whether the oldest job (which must be `index`, unless that is SIZE_MAX) has something to take:
 * a batch, a checkpoint, its end, or anything at all when any is true.
 */
bool lh_pool_queue_is_ready(struct lh_pool_queue *q, size_t index, bool any);

/*
 * Takes what there is of the oldest job, *ret_index; `io` is empty and gets the records. True: that
 * was all of it, and the job is gone from the queue.
 */
bool lh_pool_queue_take(struct lh_pool_queue *q, struct lh_buf *io, size_t *ret_index);

/* Hands the records that were taken to a writer. */
int lh_pool_queue_give(const struct lh_buf *records, const struct lh_row_writer *to,
                       struct lh_error *e);

/* Drops all jobs. */
void lh_pool_queue_clear(struct lh_pool_queue *q);

#endif
