/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool: threads that take jobs in their order, and the caller, who gives out what they make;
 * see pool.h. Rows wait in pool-queue.c. Two locks, never taken the other way round: the pool's,
 * then a queue's.
 */
#include "config.h"

#include "plugin/pool_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_EVERY_MS 100 /* what is less than a batch waits no longer than that */

struct thread {
    struct lh_pool *pool;
    pthread_t id;
    struct lh_instance *in; /* NULL: no job yet */
    struct lh_pool_queue queue;
};

struct lh_pool {
    const struct lh_plugin *plugin;
    const struct lh_opts *opts;
    const struct lh_run *outer; /* the caller's */
    struct lh_run run;          /* the instances': with a stand-in for the signals */
    struct lh_signals cancel;
    int bell; /* eventfd: there may be something to give, or a job failed */
    struct lh_buf taken;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t begin;  /* there are jobs, or is_ending */
    pthread_cond_t rest;   /* a thread has done its job */
    const struct lh_work *work;
    size_t next, n_busy;
    bool is_ending, has_failed;
    size_t failed_job;
    struct lh_error error;
    size_t n_threads, n_started;
    struct thread threads[];
};

/* --- the threads ------------------------------------------------------------------------------ */

/* All jobs end, wherever they wait. From any thread, without a lock. */
static void cancel(struct lh_pool *pool, int number)
{
    lh_signals_raise(&pool->cancel, number);
    for (size_t i = 0; i < pool->n_threads; i++)
        lh_pool_queue_wake(&pool->threads[i].queue);
    eventfd_write(pool->bell, 1);
}

static bool has_job(struct lh_pool *pool)
{
    return pool->work && pool->next < pool->work->n && !lh_signals_pending(&pool->cancel);
}

/* The next job, which stands in the thread's queue from then on; false: the pool ends. */
static bool next_job(struct thread *t, const struct lh_work **ret_work, size_t *ret_job)
{
    struct lh_pool *pool = t->pool;
    bool is_ending;

    pthread_mutex_lock(&pool->mutex);
    while (!pool->is_ending && !has_job(pool))
        pthread_cond_wait(&pool->begin, &pool->mutex);
    is_ending = pool->is_ending;
    if (!is_ending) {
        *ret_work = pool->work;
        *ret_job = pool->next++;
        pool->n_busy++;
        lh_pool_queue_begin(&t->queue, *ret_job);
    }
    pthread_mutex_unlock(&pool->mutex);
    return !is_ending;
}

static int do_job(struct thread *t, const struct lh_work *work, size_t job, struct lh_error *e)
{
    const struct lh_row_writer to = lh_pool_queue_writer(&t->queue);
    struct lh_pool *pool = t->pool;
    int code = 0;

    if (!t->in)
        code = lh_instance_open(pool->plugin, pool->opts, &pool->run, &t->in, e);
    return code ? code : work->run(work->arg, job, t->in, &to, e);
}

/* What ended because it was told to has not failed by itself. */
static void note_failure(struct lh_pool *pool, size_t job, struct lh_error *e)
{
    if (e->code == LH_INTERRUPTED && lh_signals_pending(&pool->cancel))
        return;
    if (pool->has_failed && pool->failed_job < job)
        return;
    pool->has_failed = true;
    pool->failed_job = job;
    lh_error_move(&pool->error, e);
}

static void end_job(struct thread *t, size_t job, int code, struct lh_error *e)
{
    struct lh_pool *pool = t->pool;

    if (!code)
        lh_pool_queue_end(&t->queue);
    pthread_mutex_lock(&pool->mutex);
    if (code)
        note_failure(pool, job, e);
    pthread_mutex_unlock(&pool->mutex);
    if (code)
        cancel(pool, SIGTERM);
    pthread_mutex_lock(&pool->mutex);
    pool->n_busy--;
    pthread_cond_signal(&pool->rest);
    pthread_mutex_unlock(&pool->mutex);
}

static void *run_thread(void *arg)
{
    const struct lh_work *work = NULL;
    struct thread *t = arg;
    size_t job = 0;

    while (next_job(t, &work, &job)) {
        lh_auto(lh_error) e = LH_ERROR_INIT;

        end_job(t, job, do_job(t, work, job, &e), &e);
    }
    /* here, where it was opened: what a worker process is bound to may be the thread */
    lh_instance_close(t->in);
    return NULL;
}

/* Signals are the caller's business. */
static int start_thread(struct lh_pool *pool, struct lh_error *e)
{
    struct thread *t = &pool->threads[pool->n_started];
    sigset_t all;
    sigset_t before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&t->id, NULL, run_thread, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return lh_error_errno(e, LH_FAILED, failed, "%s: start thread %zu for jobs",
                              pool->plugin->name, pool->n_started + 1);
    pool->n_started++;
    return 0;
}

/* --- the pool --------------------------------------------------------------------------------- */

int lh_pool_new(const struct lh_plugin *plugin, const struct lh_opts *opts,
                const struct lh_run *run, size_t n_threads, struct lh_pool **ret,
                struct lh_error *e)
{
    int bell lh_autoclose = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct lh_signals stand_in = LH_SIGNALS_INIT;
    struct lh_pool *pool;

    if (bell < 0)
        return lh_error_errno(e, LH_FAILED, errno, "open a descriptor for jobs");
    if (lh_signals_stand_in(&stand_in, e))
        return LH_FAILED;
    pool = lh_xcalloc(1, sizeof *pool + n_threads * sizeof *pool->threads);
    pool->plugin = plugin;
    pool->opts = opts;
    pool->outer = run;
    pool->run = *run;
    pool->cancel = stand_in;
    pool->run.signals = &pool->cancel;
    pool->bell = bell;
    bell = -1;
    pool->taken = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_cond_init(&pool->rest, NULL);
    pool->n_threads = n_threads;
    for (size_t i = 0; i < n_threads; i++) {
        pool->threads[i].pool = pool;
        lh_pool_queue_init(&pool->threads[i].queue, pool->bell, &pool->cancel, run->deadline);
    }
    *ret = pool;
    return 0;
}

void lh_pool_destroy(struct lh_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->is_ending = true;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->n_started; i++)
        pthread_join(pool->threads[i].id, NULL);
    for (size_t i = 0; i < pool->n_threads; i++)
        lh_pool_queue_free(&pool->threads[i].queue);
    pthread_cond_destroy(&pool->rest);
    pthread_cond_destroy(&pool->begin);
    pthread_mutex_destroy(&pool->mutex);
    lh_error_free(&pool->error);
    lh_buf_free(&pool->taken);
    lh_signals_free(&pool->cancel);
    close(pool->bell);
    free(pool);
}

bool lh_pool_partial(const struct lh_pool *pool)
{
    for (size_t i = 0; i < pool->n_started; i++)
        if (pool->threads[i].in && lh_instance_partial(pool->threads[i].in))
            return true;
    return false;
}

/* --- the caller ------------------------------------------------------------------------------- */

/* Threads are started when there is something for them to do. */
static int begin_work(struct lh_pool *pool, const struct lh_work *work, struct lh_error *e)
{
    int code = 0;

    if (lh_signals_pending(&pool->cancel))
        return lh_error_set(e, LH_INTERRUPTED, "%s: the pool was cancelled", pool->plugin->name);
    for (size_t i = 0; i < pool->n_threads; i++)
        pool->threads[i].queue.unordered = work->unordered;
    while (!code && pool->n_started < pool->n_threads && pool->n_started < work->n)
        code = start_thread(pool, e);
    if (code)
        return code;
    pthread_mutex_lock(&pool->mutex);
    pool->work = work;
    pool->next = 0;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    return 0;
}

/* A thread whose queue has something; those behind `from` come first. NULL: none. */
static struct thread *find_ready(struct lh_pool *pool, size_t index, bool any, size_t from)
{
    for (size_t i = 1; i <= pool->n_started; i++) {
        struct thread *t = &pool->threads[(from + i) % pool->n_started];

        if (lh_pool_queue_is_ready(&t->queue, index, any))
            return t;
    }
    return NULL;
}

static bool has_failed(struct lh_pool *pool)
{
    bool failed;

    pthread_mutex_lock(&pool->mutex);
    failed = pool->has_failed;
    pthread_mutex_unlock(&pool->mutex);
    return failed;
}

/* Until the bell rings or a signal comes, but not beyond `until`. */
static void wait_for_bell(const struct lh_pool *pool, struct lh_deadline until)
{
    struct lh_signals *signals = pool->outer->signals;
    struct pollfd fds[] = {{.fd = pool->bell, .events = POLLIN},
                           {.fd = signals ? signals->fd : -1, .events = POLLIN}};
    eventfd_t rung;

    if (poll(fds, LH_LEN(fds), lh_deadline_poll(until)) > 0 && fds[0].revents)
        eventfd_read(pool->bell, &rung);
}

/* What a thread's oldest job has, and its end. */
static int give(struct lh_pool *pool, struct thread *t, const struct lh_work *work,
                const struct lh_row_writer *to, size_t *io_done, struct lh_error *e)
{
    size_t job = 0;
    bool is_over;
    int code;

    lh_buf_reset(&pool->taken);
    is_over = lh_pool_queue_take(&t->queue, &pool->taken, &job);
    code = lh_pool_queue_give(&pool->taken, to, e);
    if (code || !is_over)
        return code;
    ++*io_done;
    return work->done ? work->done(work->arg, job, e) : 0;
}

/* Gives out all of it, or until a job has failed. */
static int give_all(struct lh_pool *pool, const struct lh_work *work,
                    const struct lh_row_writer *to, struct lh_error *e)
{
    struct lh_signals *signals = pool->outer->signals;
    struct lh_deadline until = lh_deadline_in(LOOK_EVERY_MS);
    struct thread *t = pool->threads;
    size_t n_done = 0;
    int code = 0;

    while (!code && n_done < work->n && !has_failed(pool)) {
        if (signals && lh_signals_pending(signals))
            return lh_error_set(e, LH_INTERRUPTED, "%s: interrupted", pool->plugin->name);
        t = find_ready(pool, work->unordered ? SIZE_MAX : n_done, lh_deadline_passed(until),
                       t ? (size_t)(t - pool->threads) : 0);
        if (t) {
            code = give(pool, t, work, to, &n_done, e);
            until = lh_deadline_in(LOOK_EVERY_MS);
        } else {
            if (work->tick)
                work->tick(work->arg);
            wait_for_bell(pool, lh_deadline_passed(until) ? lh_deadline_in(LOOK_EVERY_MS) : until);
        }
    }
    return code;
}

/* No job runs any more when it returns. */
static int end_work(struct lh_pool *pool, int code, struct lh_error *e)
{
    int got = pool->outer->signals ? pool->outer->signals->got : 0;

    if (code)
        cancel(pool, got ? got : SIGTERM);
    pthread_mutex_lock(&pool->mutex);
    while (pool->n_busy)
        pthread_cond_wait(&pool->rest, &pool->mutex);
    pool->work = NULL;
    if (!code && pool->has_failed)
        code = lh_error_move(e, &pool->error);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->n_threads; i++)
        lh_pool_queue_clear(&pool->threads[i].queue);
    return code;
}

int lh_pool_run(struct lh_pool *pool, const struct lh_work *work, const struct lh_row_writer *to,
                struct lh_error *e)
{
    int code = begin_work(pool, work, e);

    return code ? code : end_work(pool, give_all(pool, work, to, e), e);
}
