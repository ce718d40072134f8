/* SPDX-License-Identifier: Apache-2.0 */
/* Rate buckets: under a clock of the test's own, and with threads under the real one. */
#include "config.h"

#include "http/bucket.h"

#include "tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- a clock that waiting moves --------------------------------------------------------------- */

struct clock {
    struct lh_clock face;
    int64_t now;
    int waits;
    struct lh_bucket *back; /* given back while somebody waits */
};

static int64_t clock_now(void *context)
{
    return ((struct clock *)context)->now;
}

static void clock_wait(void *context, int64_t at_ms, int fd1, int fd2)
{
    struct clock *clock = context;

    (void)fd1;
    (void)fd2;
    clock->waits++;
    if (clock->back) {
        clock->now += 5;
        lh_bucket_give_back(lh_take(clock->back));
    } else if (at_ms != INT64_MAX) {
        clock->now = at_ms;
    }
}

static struct clock *clock_init(struct clock *clock)
{
    *clock = (struct clock){.face = {clock_now, clock_wait, clock}, .now = 1000000};
    return clock;
}

static struct lh_buckets *make(struct clock *clock, const struct lh_limit *limits, size_t n)
{
    struct lh_buckets *buckets = lh_buckets_new(&clock_init(clock)->face);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    for (size_t i = 0; i < n; i++)
        is_int(lh_buckets_add(buckets, &limits[i], &e), 0, lh_error_text(&e));
    return buckets;
}

static const struct lh_patience forever = {{INT64_MAX}, -1};

static struct lh_bucket *take(struct lh_buckets *buckets, const char *name, const char *key)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_bucket *bucket = NULL;

    lh_buckets_take(buckets, lh_str_z(name), lh_str_z(key), &forever, &bucket, &e);
    ok(bucket != NULL, "%s %s taken %s", name, key, lh_error_text(&e));
    return bucket;
}

/* When the next place is there; a place that is there is given back without a trace of time. */
static int64_t next_at(struct lh_buckets *buckets, const char *name, const char *key)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_bucket *bucket = NULL;
    int64_t at = -1;

    is_int(lh_buckets_try(buckets, lh_str_z(name), lh_str_z(key), &bucket, &at, &e), 0,
           lh_error_text(&e));
    if (bucket)
        lh_bucket_give_back(bucket);
    return at;
}

/* --- rates ------------------------------------------------------------------------------------ */

/* As many as the source may count in any window: each request takes 300 ms, and is counted at any
 * moment of them. */
static void test_never_more_in_any_window(void)
{
    static const struct lh_limit limit = {"a", 10, 60, 4, false, NULL};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &limit, 1);
    int64_t sent[35];
    int worst = 0;

    for (int i = 0; i < 35; i++) {
        struct lh_bucket *bucket = take(buckets, "a", "");

        sent[i] = clock.now;
        clock.now += 300;
        lh_bucket_give_back(bucket);
    }
    for (int i = 0; i < 35; i++) {
        int count = 0;

        /* the first is counted as late as can be, the others as early */
        for (int k = i; k < 35 && sent[k] < sent[i] + 300 + 60000; k++)
            count++;
        worst = count > worst ? count : worst;
    }
    is_int(worst, 10, "at most ten in any 60 s");
    ok(sent[9] - sent[0] < 3000, "the first ten at once");
    is_int(sent[10] - sent[0], 60301, "the eleventh when the first has left the window");
    ok(clock.now - sent[0] < 190000, "35 in a little more than three minutes: %" PRId64,
       clock.now - sent[0]);
}

static void test_odd_rates(void)
{
    static const struct lh_limit limits[] = {
        {"half", 0.5, 1, 0, false, NULL},
        {"many", 1000000, 100, 1000, false, NULL},
        {"slow", 1, 1e9, 0, false, NULL},
    };
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, limits, LH_LEN(limits));
    struct lh_bucket *bucket;
    int64_t at;
    int taken = 0;

    lh_bucket_give_back(take(buckets, "half", ""));
    is_int(next_at(buckets, "half", "") - clock.now, 2001, "one in two seconds");
    do {
        bucket = NULL;
        lh_buckets_try(buckets, LH_STR("many"), LH_STR(""), &bucket, &at, NULL);
        if (bucket)
            lh_bucket_give_back(bucket);
        taken += bucket != NULL;
    } while (bucket);
    is_int(taken, 9900, "a million in 100 s are 9,900");
    is_int(at - clock.now, 992, "in 0.991 s");
    lh_bucket_give_back(take(buckets, "slow", ""));
    is_int(next_at(buckets, "slow", "") - clock.now, 1000000000001, "one in 30 years");
}

static void test_concurrent(void)
{
    static const struct lh_limit limit = {"a", 0, 0, 2, false, NULL};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &limit, 1);
    struct lh_bucket *first = take(buckets, "a", "");
    struct lh_bucket *second = take(buckets, "a", "");

    ok(next_at(buckets, "a", "") == INT64_MAX, "two are under way");
    clock.back = first;
    lh_bucket_give_back(take(buckets, "a", ""));
    is_int(clock.waits, 1, "the third waited until one was given back");
    lh_bucket_give_back(second);
    is_int(next_at(buckets, "a", ""), clock.now, "free again");
}

static void test_default(void)
{
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, NULL, 0);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_bucket *places[LH_BUCKET_RUNNING];
    struct lh_bucket *none = NULL;

    for (size_t i = 0; i < LH_LEN(places); i++)
        places[i] = take(buckets, i % 2 ? "" : "default", "");
    ok(next_at(buckets, "", "") == INT64_MAX, "%d under way", LH_BUCKET_RUNNING);
    for (size_t i = 0; i < LH_LEN(places); i++)
        lh_bucket_give_back(places[i]);
    is_int(lh_buckets_take(buckets, LH_STR("serch"), LH_STR(""), &forever, &none, &e), LH_INVALID,
           "no such bucket");
    is_str(lh_error_text(&e), "the spec has no rate bucket \"serch\"", "message");
    ok(!none, "untouched");
}

static void test_keys(void)
{
    static const struct lh_limit limits[] = {
        {"user", 6, 1, 8, false, NULL},
        {"base", 2, 1, 4, false, "user"},
    };
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, limits, LH_LEN(limits));
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_bucket *bucket = NULL;
    int64_t at;
    int code = 0;

    for (int i = 0; i < 2; i++)
        lh_bucket_give_back(take(buckets, "base", "app1"));
    is_int(next_at(buckets, "base", "app1") - clock.now, 1001, "two for each base");
    for (int i = 0; i < 2; i++)
        lh_bucket_give_back(take(buckets, "base", "app2"));
    for (int i = 0; i < 2; i++)
        lh_bucket_give_back(take(buckets, "base", "app3"));
    is_int(next_at(buckets, "base", "app4") - clock.now, 1001, "six for the user");
    for (int i = 0; i < LH_BUCKET_KEYS + 1 && !code; i++) {
        char key[16];

        snprintf(key, sizeof key, "k%d", i);
        code = lh_buckets_try(buckets, LH_STR("base"), lh_str_z(key), &bucket, &at, &e);
        if (bucket)
            lh_bucket_give_back(lh_take(bucket));
    }
    is_int(code, LH_INVALID, "keys have a bound");
}

static void test_add_refuses(void)
{
    static const struct lh_limit a = {"a", 0, 0, 1, false, NULL};
    static const struct lh_limit lost = {"b", 0, 0, 1, false, "c"};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &a, 1);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_buckets_add(buckets, &a, &e), LH_INVALID, "twice");
    is_int(lh_buckets_add(buckets, &lost, &e), LH_INVALID, "within nothing");
    is_str(lh_error_text(&e), "the rate bucket b lies within c, which is not there before it",
           "message");
}

/* --- learning --------------------------------------------------------------------------------- */

static void test_pause(void)
{
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, NULL, 0);
    struct lh_bucket *bucket = take(buckets, "", "");

    lh_bucket_pause(bucket, 30000);
    lh_bucket_pause(bucket, 1000);
    lh_bucket_pause(bucket, -5);
    lh_bucket_give_back(bucket);
    is_int(next_at(buckets, "", "") - clock.now, 30000, "the longest counts");
    is_int(next_at(buckets, "", "other") - clock.now, 0, "another key goes on");
    clock.now += 30000;
    is_int(next_at(buckets, "", ""), clock.now, "and it ends");
    bucket = take(buckets, "", "");
    lh_bucket_pause(bucket, INT64_MAX);
    lh_bucket_give_back(bucket);
    ok(next_at(buckets, "", "") == INT64_MAX, "no overflow");
}

/* Takes all places that there are, complains about the first `complaints`, and gives all back. */
static int burst(struct lh_buckets *buckets, int complaints)
{
    struct lh_bucket *taken[32];
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int64_t at;
    int n = 0;

    while (n < 32) {
        taken[n] = NULL;
        if (lh_buckets_try(buckets, LH_STR("a"), LH_STR(""), &taken[n], &at, &e) || !taken[n])
            break;
        n++;
    }
    for (int i = 0; i < n; i++) {
        if (i < complaints)
            lh_bucket_slow_down(taken[i]);
        lh_bucket_give_back(taken[i]);
    }
    return n;
}

static void test_slows_down(void)
{
    static const struct lh_limit limit = {"a", 0, 0, 8, false, NULL};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &limit, 1);
    int answers = 0;

    is_int(burst(buckets, 5), 8, "as many as it says");
    is_int(burst(buckets, 0), 4, "five complaints at a time: half as many");
    is_int(burst(buckets, 1), 4, "four are too many");
    is_int(burst(buckets, 1), 2, "two as well");
    is_int(burst(buckets, 1), 1, "so one");
    is_int(burst(buckets, 1), 1, "and no less");
    for (int i = 0; i < 15; i++)
        is_int(burst(buckets, 0), 1, "for a while");
    is_int(burst(buckets, 0), 1, "sixteen answers");
    is_int(burst(buckets, 0), 2, "and one more");
    for (int n = 2; n < 8 && answers < 1000; answers++)
        n = burst(buckets, 0);
    is_int(burst(buckets, 0), 8, "in the end as many as before");
    for (int i = 0; i < 100; i++)
        burst(buckets, 0);
    is_int(burst(buckets, 0), 8, "and no more");
}

static void answer(struct lh_buckets *buckets, int64_t limit, int64_t remaining, int64_t reset_ms,
                   int64_t window_ms)
{
    struct lh_http_rate rate = {limit, remaining, reset_ms, window_ms};
    struct lh_bucket *bucket = take(buckets, "a", "");

    lh_bucket_learn(bucket, &rate);
    lh_bucket_give_back(bucket);
}

static void test_remaining(void)
{
    static const struct lh_limit limit = {"a", 5000, 3600, 8, false, NULL};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &limit, 1);

    answer(buckets, 5000, 2, 1200000, -1);
    answer(buckets, 5000, 7, 1200000, -1); /* older, came later */
    answer(buckets, 5000, 6, 1200000, -1);
    is_int(next_at(buckets, "a", "") - clock.now, 1200000, "two were left, until the reset");
    clock.now += 1200001;
    is_int(next_at(buckets, "a", ""), clock.now, "a new window");
    answer(buckets, 5000, 0, 900, -1);
    is_int(next_at(buckets, "a", "") - clock.now, 900, "nothing left");
    clock.now += 901;
    answer(buckets, 5000, 0, 0, -1);
    is_int(next_at(buckets, "a", ""), clock.now, "a reset that has passed");
}

static void test_remaining_without_reset(void)
{
    static const struct lh_limit limits[] = {{"a", 200, 60, 4, false, NULL},
                                             {"b", 0, 0, 4, false, NULL}};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, limits, LH_LEN(limits));
    struct lh_http_rate none = {-1, 0, -1, -1};
    struct lh_bucket *bucket;

    answer(buckets, 700, 0, -1, -1);
    is_int(next_at(buckets, "a", "") - clock.now, 60000, "the bucket's own window");
    clock.now += 60001;
    answer(buckets, 100, 0, -1, 10000);
    is_int(next_at(buckets, "a", "") - clock.now, 10000, "the window that the source names");
    bucket = take(buckets, "b", "");
    lh_bucket_learn(bucket, &none);
    lh_bucket_give_back(bucket);
    is_int(next_at(buckets, "b", ""), clock.now, "no window at all: no wait");
}

static void test_learns(void)
{
    static const struct lh_limit limits[] = {{"a", 2, 10, 9, true, NULL},
                                             {"b", 2, 10, 9, false, NULL}};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, limits, LH_LEN(limits));
    struct lh_http_rate rate = {4, 3, -1, 10000};
    struct lh_bucket *other = take(buckets, "b", "");

    lh_bucket_learn(other, &rate);
    lh_bucket_give_back(other);
    lh_bucket_give_back(take(buckets, "b", ""));
    is_int(next_at(buckets, "b", "") - clock.now, 10001, "two: this one does not learn");
    answer(buckets, 4, 3, -1, 10000);
    for (int i = 0; i < 3; i++)
        lh_bucket_give_back(take(buckets, "a", ""));
    is_int(next_at(buckets, "a", "") - clock.now, 10001, "four in 10 s");
    clock.now += 20000;
    answer(buckets, 1, 100, -1, 5000);
    is_int(next_at(buckets, "a", "") - clock.now, 5001, "and down to one in 5 s");
    clock.now += 20000;
    answer(buckets, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
    is_int(next_at(buckets, "a", ""), clock.now, "absurd numbers do no harm");
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void test_deadline(void)
{
    static const struct lh_limit limit = {"a", 1, 60, 1, false, NULL};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &limit, 1);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_bucket *held = take(buckets, "a", "");
    struct lh_patience soon = {{clock.now + 5000}, -1};
    struct lh_bucket *none = NULL;

    is_int(lh_buckets_take(buckets, LH_STR("a"), LH_STR(""), &soon, &none, &e), LH_UNREACHABLE,
           "held by another until the deadline");
    is_str(lh_error_text(&e),
           "rate limit: no place in the bucket a before the deadline; use fewer --jobs or a "
           "longer --timeout",
           "message");
    is_int(clock.now, 1005000, "waited until then");
    lh_bucket_give_back(held);
    soon.deadline.at_ms = clock.now + 5000;
    clock.waits = 0;
    is_int(lh_buckets_take(buckets, LH_STR("a"), LH_STR(""), &soon, &none, &e), LH_UNREACHABLE,
           "60 s are more than 5");
    is_int(clock.waits, 0, "which is known at once");
    is_str(lh_error_text(&e),
           "rate limit: no place in the bucket a for 61 s, which is behind the deadline; try "
           "again then",
           "message");
    ok(!none, "untouched");
}

static void test_signal(void)
{
    static const struct lh_limit limit = {"a", 0, 0, 1, false, NULL};
    struct clock clock;
    lh_autoptr(lh_buckets) buckets = make(&clock, &limit, 1);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int fd lh_autoclose = eventfd(1, EFD_CLOEXEC);
    struct lh_patience until_signal = {{INT64_MAX}, fd};
    struct lh_bucket *held = take(buckets, "a", "");
    struct lh_bucket *none = NULL;

    is_int(lh_buckets_take(buckets, LH_STR("a"), LH_STR(""), &until_signal, &none, &e),
           LH_INTERRUPTED, "the descriptor ends it");
    lh_bucket_give_back(held);
    is_int(lh_buckets_take(buckets, LH_STR("a"), LH_STR(""), &until_signal, &none, &e), 0,
           "a place that is there needs no waiting");
    lh_bucket_give_back(none);
}

/* --- threads, under the real clock ------------------------------------------------------------ */

#define THREADS 8
#define ROUNDS  12

struct crowd {
    struct lh_buckets *buckets;
    int running, most; /* atomic */
    int64_t began[THREADS * ROUNDS];
    unsigned n; /* atomic */
};

static void *work(void *context)
{
    struct crowd *crowd = context;
    struct lh_patience patience = {lh_deadline_in(60000), -1};

    for (int i = 0; i < ROUNDS; i++) {
        struct lh_bucket *bucket = NULL;
        int running, most;

        if (lh_buckets_take(crowd->buckets, LH_STR("a"), LH_STR("k"), &patience, &bucket, NULL))
            return crowd;
        crowd->began[__atomic_fetch_add(&crowd->n, 1, __ATOMIC_SEQ_CST)] = lh_now_ms();
        running = __atomic_add_fetch(&crowd->running, 1, __ATOMIC_SEQ_CST);
        most = __atomic_load_n(&crowd->most, __ATOMIC_SEQ_CST);
        while (running > most && !__atomic_compare_exchange_n(&crowd->most, &most, running, false,
                                                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
        usleep(500);
        __atomic_sub_fetch(&crowd->running, 1, __ATOMIC_SEQ_CST);
        lh_bucket_give_back(bucket);
    }
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void test_threads(void)
{
    static const struct lh_limit limits[] = {{"outer", 30, 0.1, 8, false, NULL},
                                             {"a", 0, 0, 3, false, "outer"}};
    struct crowd crowd = {.buckets = lh_buckets_new(NULL)};
    pthread_t threads[THREADS];
    void *result;

    for (size_t i = 0; i < LH_LEN(limits); i++)
        lh_buckets_add(crowd.buckets, &limits[i], NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, &crowd);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &result);
        ok(!result, "thread %d had all its turns", i);
    }
    ok(crowd.most <= 3, "at most three at a time: %d", crowd.most);
    qsort(crowd.began, crowd.n, sizeof *crowd.began, by_time);
    ok(crowd.n == THREADS * ROUNDS && crowd.began[crowd.n - 1] - crowd.began[0] >= 300,
       "%u requests at 30 in 100 ms took %" PRId64 " ms", crowd.n,
       crowd.began[crowd.n - 1] - crowd.began[0]);
    lh_buckets_destroy(crowd.buckets);
}

/* How many of a spec's bucket "a" there are at once, with the option n (NULL: not set). */
static int count_at_once(const char *limits, const char *n)
{
    static const char head[] =
        "{\"spec\":1,\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"MIT\",\"options\":[{\"name\":"
        "\"n\",\"type\":\"int\"}],\"limits\":[";
    char *text lh_autofree = lh_xasprintf("%s%s]}", head, limits);
    lh_autoptr(lh_buckets) buckets = lh_buckets_new(NULL);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_autoptr(lh_spec) spec = NULL;
    lh_autoptr(lh_opts) opts = NULL;
    struct lh_bucket *bucket;
    int64_t at;
    int taken = 0;

    if (lh_spec_parse(lh_str_z(text), "x", &spec, &e))
        return diag("%s", lh_error_text(&e)), -1;
    opts = lh_opts_new(spec, false);
    if (n)
        lh_opts_set(opts, LH_STR("n"), lh_str_z(n), "test", &e);
    if (lh_opts_finish(opts, LH_STR(""), LH_STR(""), &e) ||
        lh_buckets_add_spec(buckets, spec, opts, &e))
        return diag("%s", lh_error_text(&e)), -1;
    for (; taken < 100; taken++) {
        lh_buckets_try(buckets, LH_STR("a"), LH_STR(""), &bucket, &at, &e);
        if (!bucket)
            break;
        lh_bucket_give_back(bucket);
    }
    return taken;
}

static void test_of_spec(void)
{
    static const char fixed[] = "{\"bucket\":\"a\",\"rate\":3,\"per_s\":60}";
    static const char option[] = "{\"bucket\":\"a\",\"rate\":\"${n}\",\"per_s\":60}";

    is_int(count_at_once(fixed, NULL), 3, "a rate");
    is_int(count_at_once(option, "5"), 5, "a rate that is an option");
    is_int(count_at_once(option, NULL), 100, "which is not set: none");
    is_int(count_at_once(option, "0"), -1, "or 0: refused");
}

int main(void)
{
    RUN(test_of_spec);
    RUN(test_never_more_in_any_window);
    RUN(test_odd_rates);
    RUN(test_concurrent);
    RUN(test_default);
    RUN(test_keys);
    RUN(test_add_refuses);
    RUN(test_pause);
    RUN(test_slows_down);
    RUN(test_remaining);
    RUN(test_remaining_without_reset);
    RUN(test_learns);
    RUN(test_deadline);
    RUN(test_signal);
    RUN(test_threads);
    return tap_done();
}
