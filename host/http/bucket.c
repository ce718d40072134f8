/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rate buckets; see bucket.h. This file counts and waits; what the limits of a spec are is
 * bucket-spec.c's business.
 *
 * One lock for all. Whoever must wait stands in one queue with an eventfd of its own; whatever may
 * change who is next wakes all of them, and each looks again. They are as many as there are
 * threads, so this costs nothing that shows.
 */
#include "config.h"

#include "http/bucket.h"

#include "base/map.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NEVER INT64_MAX
#define COUNT_MAX                                                                                  \
    10000            /* requests in a window that are kept apart; more become shorter windows      \
                      */
#define SAME_MS 2000 /* resets that differ by less are the same one */
#define GROW    16   /* answers without a complaint, and one more request may be under way */

/* `count` in `ms`; count 0: no limit. */
struct window {
    size_t count;
    int64_t ms;
};

struct kind {
    struct lh_limit limit; /* its texts are these */
    char *name, *within;
    struct window window;
    size_t keys;
};

struct lh_bucket {
    struct lh_buckets *all;
    struct kind *kind;
    struct lh_bucket *within;
    struct window window; /* the kind's, or what was learned */
    size_t running;
    size_t most;     /* that may be running: the kind's, or less since the source complained */
    size_t crossing; /* of them, those that were under way at its last complaint */
    size_t good;     /* answers since, or since `most` grew */
    int64_t *done;   /* when the answers of the last window came, oldest first: a ring */
    size_t first, n, cap;
    int64_t paused_until_ms;
    int64_t budget; /* what the source says remains, until then */
    int64_t budget_until_ms;
};

struct waiter {
    struct lh_bucket *bucket;
    struct waiter *next;
    int fd;
};

struct lh_buckets {
    pthread_mutex_t mutex;
    const struct lh_clock *clock;
    struct lh_map kinds;   /* name -> struct kind */
    struct lh_map buckets; /* name NUL key -> struct lh_bucket */
    struct waiter *queue;  /* the first came first */
};

/* --- the clock -------------------------------------------------------------------------------- */

static int64_t real_now(void *context)
{
    (void)context;
    return lh_now_ms();
}

static void real_wait(void *context, int64_t at_ms, int fd1, int fd2)
{
    struct pollfd fds[2] = {{.fd = fd1, .events = POLLIN}, {.fd = fd2, .events = POLLIN}};

    (void)context;
    (void)poll(fds, 2, lh_deadline_poll((struct lh_deadline){at_ms}));
}

static int64_t now_of(const struct lh_buckets *all)
{
    return all->clock->now_ms(all->clock->context);
}

static int64_t later(int64_t ms, int64_t by)
{
    int64_t at;

    return __builtin_add_overflow(ms, by, &at) ? NEVER : at;
}

/* --- making ----------------------------------------------------------------------------------- */

/* A window that allows no more than `rate` in any per_s seconds, and is short enough to keep. */
static struct window make_window(double rate, double per_s)
{
    double parts = rate / COUNT_MAX;
    double ms = per_s * 1000;

    if (!(rate > 0))
        return (struct window){0, 0};
    if (parts > 1) {
        parts = (double)(int64_t)parts + 1;
        rate /= parts;
        ms /= parts;
    }
    if (rate < 1) {
        ms /= rate;
        rate = 1;
    }
    if (ms > 1e15)
        ms = 1e15;
    return (struct window){(size_t)rate, (int64_t)ms + ((double)(int64_t)ms < ms)};
}

static void destroy_kind(void *value)
{
    struct kind *kind = value;

    free(kind->name);
    free(kind->within);
    free(kind);
}

static void destroy_bucket(void *value)
{
    struct lh_bucket *bucket = value;

    free(bucket->done);
    free(bucket);
}

static void put_kind(struct lh_buckets *all, const struct lh_limit *limit)
{
    struct kind *kind = lh_xcalloc(1, sizeof *kind);

    kind->name = lh_xstrdup(limit->name);
    kind->within = limit->within ? lh_xstrdup(limit->within) : NULL;
    kind->limit = *limit;
    kind->limit.name = kind->name;
    kind->limit.within = kind->within;
    if (!limit->concurrent)
        kind->limit.concurrent = LH_BUCKET_RUNNING;
    kind->window = make_window(limit->rate, limit->per_s);
    lh_map_set(&all->kinds, lh_str_z(limit->name), kind);
}

struct lh_buckets *lh_buckets_new(const struct lh_clock *clock)
{
    static const struct lh_clock real = {real_now, real_wait, NULL};
    struct lh_buckets *all = lh_xcalloc(1, sizeof *all);

    pthread_mutex_init(&all->mutex, NULL);
    all->clock = clock ? clock : &real;
    all->kinds = (struct lh_map)LH_MAP_INIT(destroy_kind);
    all->buckets = (struct lh_map)LH_MAP_INIT(destroy_bucket);
    return all;
}

void lh_buckets_destroy(struct lh_buckets *buckets)
{
    if (!buckets)
        return;
    lh_map_free(&buckets->buckets);
    lh_map_free(&buckets->kinds);
    pthread_mutex_destroy(&buckets->mutex);
    free(buckets);
}

int lh_buckets_add(struct lh_buckets *buckets, const struct lh_limit *limit, struct lh_error *e)
{
    if (lh_map_has(&buckets->kinds, lh_str_z(limit->name)))
        return lh_error_set(e, LH_INVALID, "the rate bucket %s is there already", limit->name);
    if (limit->within && !lh_map_has(&buckets->kinds, lh_str_z(limit->within)))
        return lh_error_set(e, LH_INVALID,
                            "the rate bucket %s lies within %s, which is not there before it",
                            limit->name, limit->within);
    put_kind(buckets, limit);
    return 0;
}

static struct lh_bucket *make_bucket(struct lh_buckets *all, struct kind *kind, lh_str id)
{
    struct lh_bucket *bucket = lh_xcalloc(1, sizeof *bucket);

    bucket->all = all;
    bucket->kind = kind;
    bucket->window = kind->window;
    bucket->most = kind->limit.concurrent;
    kind->keys++;
    lh_map_set(&all->buckets, id, bucket);
    return bucket;
}

/* Finds or makes it, with those that it lies within. */
static int find_bucket(struct lh_buckets *all, lh_str name, lh_str key, struct lh_bucket **ret,
                       struct lh_error *e)
{
    lh_auto(lh_buf) id = LH_BUF_INIT((size_t)-1);
    struct lh_bucket *bucket;
    struct kind *kind = lh_map_get(&all->kinds, name);

    if (!kind)
        return lh_error_set(e, LH_INVALID, "the spec has no rate bucket \"%.*s\"",
                            LH_STR_ARG(name));
    lh_buf_str(&id, name);
    lh_buf_char(&id, 0);
    lh_buf_str(&id, key);
    bucket = lh_map_get(&all->buckets, lh_buf_slice(&id));
    if (!bucket && kind->keys == LH_BUCKET_KEYS)
        return lh_error_set(e, LH_INVALID, "the rate bucket %s has %d keys already; use fewer",
                            kind->limit.name, LH_BUCKET_KEYS);
    if (!bucket) {
        bucket = make_bucket(all, kind, lh_buf_slice(&id));
        if (kind->limit.within)
            (void)find_bucket(all, lh_str_z(kind->limit.within), LH_STR(""), &bucket->within, NULL);
    }
    *ret = bucket;
    return 0;
}

/* --- counting --------------------------------------------------------------------------------- */

static int64_t done_at(const struct lh_bucket *b, size_t i)
{
    return b->done[(b->first + i) % b->cap];
}

static void forget_old(struct lh_bucket *b, int64_t now)
{
    while (b->n && later(done_at(b, 0), b->window.ms) < now) {
        b->first = (b->first + 1) % b->cap;
        b->n--;
    }
}

static void note_done(struct lh_bucket *b, int64_t now)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 8;
        int64_t *done = lh_xcalloc(cap, sizeof *done);

        for (size_t i = 0; i < b->n; i++)
            done[i] = done_at(b, i);
        free(b->done);
        b->done = done;
        b->first = 0;
        b->cap = cap;
    }
    b->done[(b->first + b->n++) % b->cap] = now;
}

/* When the window has a place: the answers that are too many must have left it. */
static int64_t window_at(const struct lh_bucket *b, int64_t now)
{
    size_t used = b->running + b->n;

    if (b->window.count == 0 || used < b->window.count)
        return now;
    if (b->running >= b->window.count)
        return NEVER;
    return later(done_at(b, used - b->window.count), b->window.ms + 1);
}

/* When this bucket alone has a place; NEVER: when one is given back. */
static int64_t place_at(struct lh_bucket *b, int64_t now)
{
    int64_t at;

    forget_old(b, now);
    if (b->running >= b->most)
        return NEVER;
    at = window_at(b, now);
    if (at < b->paused_until_ms)
        at = b->paused_until_ms;
    if (b->budget <= 0 && at < b->budget_until_ms)
        at = b->budget_until_ms;
    return at;
}

static int64_t places_at(struct lh_bucket *b, int64_t now)
{
    int64_t at = now;

    for (; b; b = b->within) {
        int64_t one = place_at(b, now);

        at = one > at ? one : at;
    }
    return at;
}

static void take_places(struct lh_bucket *b)
{
    for (; b; b = b->within) {
        b->running++;
        b->budget -= b->budget > 0;
    }
}

/* --- the queue -------------------------------------------------------------------------------- */

static bool is_within(const struct lh_bucket *b, const struct lh_bucket *outer)
{
    while (b && b != outer)
        b = b->within;
    return b != NULL;
}

/* Whether somebody who waits for `first` is before whoever wants `b`: they share a bucket, and
 * the first waits for nothing but what they share. */
static bool goes_before(struct lh_bucket *first, const struct lh_bucket *b, int64_t now)
{
    for (; first; first = first->within) {
        if (is_within(b, first))
            return true;
        if (place_at(first, now) > now)
            return false;
    }
    return false;
}

/* When `b` may take its places: not while somebody (before `me`, if given) goes before. */
static int64_t turn_at(struct lh_buckets *all, struct lh_bucket *b, const struct waiter *me,
                       int64_t now)
{
    for (const struct waiter *w = all->queue; w && w != me; w = w->next)
        if (goes_before(w->bucket, b, now))
            return NEVER;
    return places_at(b, now);
}

static void wake_all(struct lh_buckets *all)
{
    for (struct waiter *w = all->queue; w; w = w->next)
        (void)eventfd_write(w->fd, 1);
}

static void stand_in_queue(struct lh_buckets *all, struct waiter *me)
{
    struct waiter **end = &all->queue;

    while (*end)
        end = &(*end)->next;
    *end = me;
}

static void leave_queue(struct lh_buckets *all, struct waiter *me)
{
    struct waiter **at = &all->queue;

    while (*at != me)
        at = &(*at)->next;
    *at = me->next;
    wake_all(all);
}

/* --- taking and giving back ------------------------------------------------------------------- */

static int no_place(const struct lh_bucket *b, int64_t ms, struct lh_error *e)
{
    if (ms < 0)
        return lh_error_set(e, LH_UNREACHABLE,
                            "rate limit: no place in the bucket %s before the deadline; use "
                            "fewer --jobs or a longer --timeout",
                            b->kind->limit.name);
    return lh_error_set(e, LH_UNREACHABLE,
                        "rate limit: no place in the bucket %s for %" PRId64 " s, which is behind "
                        "the deadline; try again then",
                        b->kind->limit.name, ms / 1000 + 1);
}

/* Unlocked while it waits. */
static int wait_for_turn(struct lh_buckets *all, struct waiter *me, const struct lh_patience *p,
                         struct lh_error *e)
{
    int64_t now = now_of(all);
    int64_t at = turn_at(all, me->bucket, me, now);
    eventfd_t count;

    while (at > now) {
        bool known = at != NEVER;

        if (now >= p->deadline.at_ms || (known && at > p->deadline.at_ms))
            return no_place(me->bucket, known ? at - now : -1, e);
        if (lh_is_readable(p->fd))
            return lh_error_set(e, LH_INTERRUPTED, "interrupted while waiting for the rate limit");
        pthread_mutex_unlock(&all->mutex);
        all->clock->wait(all->clock->context, at < p->deadline.at_ms ? at : p->deadline.at_ms,
                         me->fd, p->fd);
        (void)eventfd_read(me->fd, &count);
        pthread_mutex_lock(&all->mutex);
        now = now_of(all);
        at = turn_at(all, me->bucket, me, now);
    }
    return 0;
}

static int queue_for(struct lh_buckets *all, struct lh_bucket *b, const struct lh_patience *p,
                     struct lh_error *e)
{
    int fd lh_autoclose = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct waiter me = {.bucket = b, .fd = fd};
    int code;

    if (fd < 0)
        return lh_error_errno(e, LH_FAILED, errno, "wait for a rate limit");
    stand_in_queue(all, &me);
    code = wait_for_turn(all, &me, p, e);
    if (!code)
        take_places(b);
    leave_queue(all, &me);
    return code;
}

static int take_locked(struct lh_buckets *all, lh_str name, lh_str key,
                       const struct lh_patience *patience, struct lh_bucket **ret,
                       int64_t *ret_at_ms, struct lh_error *e)
{
    struct lh_bucket *b = NULL;
    int code = find_bucket(all, name, key, &b, e);
    int64_t now = now_of(all);

    if (code)
        return code;
    *ret_at_ms = turn_at(all, b, NULL, now);
    if (*ret_at_ms <= now)
        take_places(b);
    else if (patience)
        code = queue_for(all, b, patience, e);
    else
        b = NULL;
    if (!code)
        *ret = b;
    return code;
}

static int take(struct lh_buckets *all, lh_str name, lh_str key, const struct lh_patience *patience,
                struct lh_bucket **ret, int64_t *ret_at_ms, struct lh_error *e)
{
    static const struct lh_limit unlimited = {.name = LH_BUCKET_DEFAULT};
    int code;

    if (name.n == 0)
        name = LH_STR(LH_BUCKET_DEFAULT);
    pthread_mutex_lock(&all->mutex);
    if (lh_str_eqz(name, unlimited.name) && !lh_map_has(&all->kinds, name))
        put_kind(all, &unlimited);
    code = take_locked(all, name, key, patience, ret, ret_at_ms, e);
    pthread_mutex_unlock(&all->mutex);
    return code;
}

int lh_buckets_take(struct lh_buckets *buckets, lh_str name, lh_str key,
                    const struct lh_patience *patience, struct lh_bucket **ret, struct lh_error *e)
{
    int64_t at;

    return take(buckets, name, key, patience, ret, &at, e);
}

int lh_buckets_try(struct lh_buckets *buckets, lh_str name, lh_str key, struct lh_bucket **ret,
                   int64_t *ret_at_ms, struct lh_error *e)
{
    return take(buckets, name, key, NULL, ret, ret_at_ms, e);
}

/* Those that crossed the complaint on the wire know nothing of it. */
static void note_answer(struct lh_bucket *b)
{
    if (b->crossing) {
        b->crossing--;
        return;
    }
    if (b->most < b->kind->limit.concurrent && ++b->good == GROW) {
        b->most++;
        b->good = 0;
    }
}

void lh_bucket_give_back(struct lh_bucket *bucket)
{
    struct lh_buckets *all = bucket->all;
    int64_t now;

    pthread_mutex_lock(&all->mutex);
    now = now_of(all);
    for (struct lh_bucket *b = bucket; b; b = b->within) {
        b->running--;
        note_answer(b);
        forget_old(b, now);
        if (b->window.count)
            note_done(b, now);
    }
    wake_all(all);
    pthread_mutex_unlock(&all->mutex);
}

/* --- learning --------------------------------------------------------------------------------- */

void lh_bucket_pause(struct lh_bucket *bucket, int64_t ms)
{
    struct lh_buckets *all = bucket->all;
    int64_t until;

    pthread_mutex_lock(&all->mutex);
    until = later(now_of(all), ms > 0 ? ms : 0);
    if (until > bucket->paused_until_ms)
        bucket->paused_until_ms = until;
    wake_all(all);
    pthread_mutex_unlock(&all->mutex);
}

/* What is under way together is answered together: that is one complaint. */
void lh_bucket_slow_down(struct lh_bucket *bucket)
{
    pthread_mutex_lock(&bucket->all->mutex);
    if (!bucket->crossing) {
        bucket->most = bucket->most > 1 ? bucket->most / 2 : 1;
        bucket->crossing = bucket->running;
    }
    bucket->good = 0;
    pthread_mutex_unlock(&bucket->all->mutex);
}

static void learn_limit(struct lh_bucket *b, const struct lh_http_rate *rate)
{
    const struct lh_limit *limit = &b->kind->limit;
    double per_s = rate->window_ms > 0 ? (double)rate->window_ms / 1000 : limit->per_s;

    if (limit->learns && rate->limit > 0)
        b->window = make_window((double)rate->limit, per_s);
}

/* The requests of others that are under way may be counted in it already, or not yet. */
static void learn_remaining(struct lh_bucket *b, const struct lh_http_rate *rate, int64_t now)
{
    int64_t others = b->running ? (int64_t)b->running - 1 : 0;
    int64_t left = rate->remaining > others ? rate->remaining - others : 0;
    int64_t reset = rate->reset_ms >= 0    ? rate->reset_ms
                    : rate->window_ms >= 0 ? rate->window_ms
                                           : b->window.ms;
    int64_t until = later(now, reset);
    bool is_same = b->budget_until_ms > now && until < later(b->budget_until_ms, SAME_MS) &&
                   b->budget_until_ms < later(until, SAME_MS);

    if (is_same && b->budget < left)
        return; /* answers come in another order than they were counted */
    b->budget = left;
    b->budget_until_ms = until;
}

void lh_bucket_learn(struct lh_bucket *bucket, const struct lh_http_rate *rate)
{
    struct lh_buckets *all = bucket->all;

    pthread_mutex_lock(&all->mutex);
    learn_limit(bucket, rate);
    if (rate->remaining >= 0)
        learn_remaining(bucket, rate, now_of(all));
    wake_all(all);
    pthread_mutex_unlock(&all->mutex);
}
