/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of one thread of a pool; see pool_internal.h. */
#include "config.h"

#include "plugin/pool_internal.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

enum kind { ROW_UPSERT = LH_UPSERT, ROW_DELETE = LH_DELETE, CHECKPOINT, REWIND };

/* In front of each text in a buffer of records. */
struct head {
    size_t n;
    enum kind kind;
};

struct lh_pool_job {
    struct lh_pool_job *next;
    size_t index;
    struct lh_buf rows; /* records that were not taken yet */
    size_t tail;        /* where those behind the last checkpoint begin */
    bool is_given_on;   /* some behind the last checkpoint were taken already */
    bool has_mark;      /* there is a checkpoint in rows */
    bool is_over;
};

/* The lock, for as long as the block goes on. */
static void unlock(pthread_mutex_t **mutex)
{
    pthread_mutex_unlock(*mutex);
}

#define HOLD(q)                                                                                    \
    __attribute__((cleanup(unlock), unused)) pthread_mutex_t *held_ = &(q)->mutex;                 \
    pthread_mutex_lock(held_)

void lh_pool_queue_init(struct lh_pool_queue *q, int bell, struct lh_signals *cancel,
                        struct lh_deadline deadline)
{
    pthread_condattr_t attributes;

    *q = (struct lh_pool_queue){.bell = bell, .cancel = cancel, .deadline = deadline};
    pthread_mutex_init(&q->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&q->room, &attributes);
    pthread_condattr_destroy(&attributes);
}

void lh_pool_queue_free(struct lh_pool_queue *q)
{
    lh_pool_queue_clear(q);
    pthread_cond_destroy(&q->room);
    pthread_mutex_destroy(&q->mutex);
}

/* --- the thread ------------------------------------------------------------------------------- */

void lh_pool_queue_begin(struct lh_pool_queue *q, size_t index)
{
    struct lh_pool_job *job = lh_xcalloc(1, sizeof *job);
    HOLD(q);

    job->index = index;
    job->rows = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    if (q->last)
        q->last->next = job;
    else
        q->first = job;
    q->last = job;
}

void lh_pool_queue_end(struct lh_pool_queue *q)
{
    HOLD(q);

    q->last->is_over = true;
    eventfd_write(q->bell, 1);
}

static int cancelled(struct lh_error *e)
{
    return lh_error_set(e, LH_INTERRUPTED, "cancelled");
}

static void wait(struct lh_pool_queue *q)
{
    int64_t at = q->deadline.at_ms;
    struct timespec until = {.tv_sec = (time_t)(at / 1000), .tv_nsec = (long)(at % 1000) * 1000000};

    if (at == INT64_MAX)
        pthread_cond_wait(&q->room, &q->mutex);
    else
        pthread_cond_timedwait(&q->room, &q->mutex, &until);
}

/*
 * Until n bytes more fit. When the deadline passes they are let in although they do not: the call
 * finds out at its next look, and words it as any call does.
 */
static int wait_for_room(struct lh_pool_queue *q, size_t n, struct lh_error *e)
{
    while (!lh_signals_pending(q->cancel)) {
        if (!q->bytes || q->bytes + n <= LH_POOL_LOOK_AHEAD || lh_deadline_passed(q->deadline))
            return 0;
        q->waits = true;
        eventfd_write(q->bell, 1);
        wait(q);
        q->waits = false;
    }
    return cancelled(e);
}

static void append(struct lh_pool_queue *q, enum kind kind, lh_str text)
{
    const struct head head = {.n = text.n, .kind = kind};
    struct lh_buf *rows = &q->last->rows;
    size_t before = rows->n;

    lh_buf_add(rows, &head, sizeof head);
    lh_buf_str(rows, text);
    q->bytes += rows->n - before;
    if (kind >= CHECKPOINT || (before < LH_POOL_BATCH && rows->n >= LH_POOL_BATCH))
        eventfd_write(q->bell, 1);
}

static int take_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    struct lh_pool_queue *q = arg;
    HOLD(q);
    int code = wait_for_room(q, sizeof(struct head) + text.n, e);

    (void)row; /* its document is not there any more when the caller comes */
    if (!code)
        append(q, op == LH_DELETE ? ROW_DELETE : ROW_UPSERT, text);
    return code;
}

/* Everything of the newest job up to here stays. */
static void mark(struct lh_pool_queue *q, enum kind kind, lh_str text)
{
    struct lh_pool_job *job = q->last;

    append(q, kind, text);
    job->tail = job->rows.n;
    job->is_given_on = false;
    job->has_mark = true;
}

static int take_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    struct lh_pool_queue *q = arg;
    HOLD(q);
    int code = wait_for_room(q, sizeof(struct head) + offset.n, e);

    if (!code)
        mark(q, CHECKPOINT, offset);
    return code;
}

/* What waits here goes without a trace; what was taken, the caller's writer has to take back. */
static int take_back(void *arg, struct lh_error *e)
{
    struct lh_pool_queue *q = arg;
    HOLD(q);
    struct lh_pool_job *job = q->last;

    if (lh_signals_pending(q->cancel))
        return cancelled(e);
    if (job->is_given_on && q->unordered)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "the connector was started again, and rows that it will give again "
                            "were given in no order: they cannot be taken back; in the order of "
                            "the jobs they can");
    q->bytes -= job->rows.n - job->tail;
    lh_buf_cut(&job->rows, job->tail);
    if (job->is_given_on)
        mark(q, REWIND, LH_STR(""));
    return 0;
}

struct lh_row_writer lh_pool_queue_writer(struct lh_pool_queue *q)
{
    return (struct lh_row_writer){
        .row = take_row, .checkpoint = take_checkpoint, .arg = q, .rewind = take_back};
}

/* --- the caller ------------------------------------------------------------------------------- */

void lh_pool_queue_wake(struct lh_pool_queue *q)
{
    HOLD(q);

    pthread_cond_signal(&q->room);
}

bool lh_pool_queue_is_ready(struct lh_pool_queue *q, size_t index, bool any)
{
    HOLD(q);
    const struct lh_pool_job *job = q->first;

    if (!job || (index != SIZE_MAX && job->index != index))
        return false;
    return job->is_over || job->has_mark || job->rows.n >= LH_POOL_BATCH ||
           (job->rows.n && (any || q->waits));
}

static void drop_first(struct lh_pool_queue *q)
{
    struct lh_pool_job *job = q->first;

    q->first = job->next;
    if (!q->first)
        q->last = NULL;
    q->bytes -= job->rows.n;
    lh_buf_free(&job->rows);
    free(job);
}

bool lh_pool_queue_take(struct lh_pool_queue *q, struct lh_buf *io, size_t *ret_index)
{
    HOLD(q);
    struct lh_pool_job *job = q->first;
    struct lh_buf swap = job->rows;
    bool is_over = job->is_over;

    *ret_index = job->index;
    job->is_given_on = job->is_given_on || swap.n > job->tail;
    job->tail = 0;
    job->has_mark = false;
    job->rows = *io;
    *io = swap;
    q->bytes -= swap.n;
    if (is_over)
        drop_first(q);
    pthread_cond_signal(&q->room);
    return is_over;
}

void lh_pool_queue_clear(struct lh_pool_queue *q)
{
    HOLD(q);

    while (q->first)
        drop_first(q);
}

static int give_one(enum kind kind, lh_str text, const struct lh_row_writer *to, struct lh_error *e)
{
    if (kind == CHECKPOINT)
        return to->checkpoint(to->arg, text, e);
    if (kind == REWIND)
        return to->rewind(to->arg, e);
    return to->row(to->arg, kind, text, NULL, e);
}

int lh_pool_queue_give(const struct lh_buf *records, const struct lh_row_writer *to,
                       struct lh_error *e)
{
    struct head head;
    int code = 0;

    for (size_t at = 0; at < records->n && !code; at += sizeof head + head.n) {
        memcpy(&head, records->p + at, sizeof head);
        code = give_one(head.kind, lh_str_n(records->p + at + sizeof head, head.n), to, e);
    }
    return code;
}
