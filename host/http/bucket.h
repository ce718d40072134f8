/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rate buckets: how many requests may be under way, and how many in a stretch of time.
 *
 * All buckets of a client are one object that is shared by its threads. A request takes one place
 * before it is sent and gives it back when its answer is there (or will not come):
 *
 *     code = lh_buckets_take(buckets, LH_STR("search"), LH_STR(""), wait, &bucket, e);
 *     if (code) return code;
 *     ... send, receive ...
 *     lh_bucket_learn(bucket, &rate);
 *     lh_bucket_give_back(bucket);
 *
 * "rate in per_s" is exact: in no stretch of per_s seconds does the source count more than `rate`
 * requests, wherever between sending and answering it counts them. So a place becomes free per_s
 * after its answer, not after its sending.
 *
 * Those who wait are served in the order they came. Times are of the monotonic clock.
 */
#ifndef LH_HTTP_BUCKET_H
#define LH_HTTP_BUCKET_H

#include "base/deadline.h"
#include "base/error.h"
#include "http/headers.h"
#include "plugin/spec.h"

#define LH_BUCKET_KEYS    4096 /* keys that one bucket may have: each has counters of its own */
#define LH_BUCKET_DEFAULT "default"
#define LH_BUCKET_RUNNING 16 /* requests under way in a bucket without "concurrent" */

/* The clock and the waiting, for tests; NULL where one is taken: the real ones. */
struct lh_clock {
    int64_t (*now_ms)(void *context); /* monotonic */
    /* Returns at at_ms (INT64_MAX: never), or earlier when one of the fds can be read (-1: none).
     */
    void (*wait)(void *context, int64_t at_ms, int fd1, int fd2);
    void *context;
};

/* How long a caller waits at most, and what ends it earlier. */
struct lh_patience {
    struct lh_deadline deadline;
    int fd; /* readable: interrupted (lh_signals.fd, never read here); -1: none */
};

struct lh_limit {
    const char *name;
    double rate, per_s;  /* 0: no such limit */
    unsigned concurrent; /* 0: LH_BUCKET_RUNNING */
    bool learns;         /* rate follows the limit that the source's headers name */
    const char *within;  /* another bucket, added before, of which each request takes a place too */
};

struct lh_buckets;
struct lh_bucket; /* of one name and key; lives as long as its lh_buckets */

/* A "default" that nobody adds is there all the same, without a rate. */
struct lh_buckets *lh_buckets_new(const struct lh_clock *clock);
void lh_buckets_destroy(struct lh_buckets *buckets); /* nobody waits, every place is given back */
LH_AUTOPTR(lh_buckets, lh_buckets_destroy)

/* Before the first take. LH_INVALID: a name for the second time, `within` not known. */
int lh_buckets_add(struct lh_buckets *buckets, const struct lh_limit *limit, struct lh_error *e);

/* A limit of a spec with the values of options. LH_INVALID: an option that is no such number. */
int lh_limit_of_spec(const struct lh_spec_limit *from, const struct lh_opts *opts,
                     struct lh_limit *ret, struct lh_error *e);

/* Adds the limits of the options' spec; `concurrent` may be an option. */
int lh_buckets_add_spec(struct lh_buckets *buckets, const struct lh_spec *spec,
                        const struct lh_opts *opts, struct lh_error *e);

/*
 * Takes a place, as soon as there is one. name "" is "default". key: buckets of one name with
 * different keys count apart; what it lies within counts them together. LH_INVALID: no such bucket,
 * too many keys; LH_UNREACHABLE: there is no place before the deadline, which is said at once when
 * it can be known; LH_INTERRUPTED: fd.
 */
int lh_buckets_take(struct lh_buckets *buckets, lh_str name, lh_str key,
                    const struct lh_patience *patience, struct lh_bucket **ret, struct lh_error *e);

/*
 * Takes a place if there is one now and nobody waits for it; *ret is NULL else, and *ret_at_ms says
 * when to ask again (INT64_MAX: when one was given back). For prefetches, which promise nothing.
 */
int lh_buckets_try(struct lh_buckets *buckets, lh_str name, lh_str key, struct lh_bucket **ret,
                   int64_t *ret_at_ms, struct lh_error *e);

/* Each place once. */
void lh_bucket_give_back(struct lh_bucket *bucket);

/* Nobody takes a place of this bucket in the next ms (Retry-After). A shorter pause changes nothing
 * about a longer one that is under way. */
void lh_bucket_pause(struct lh_bucket *bucket, int64_t ms);

/*
 * The source complained of too many requests, before the place is given back: half as many may be
 * under way from now on, and one more after each 16 answers, up to `concurrent`. Complaints about
 * requests that were under way together count once.
 */
void lh_bucket_slow_down(struct lh_bucket *bucket);

/*
 * What the headers of an answer say (lh_http_rate_read), before the place is given back: with
 * nothing remaining the bucket waits for the reset; fewer remaining than counted here (others use
 * the account too) are taken as the truth; a bucket that learns takes over the limit as its rate.
 */
void lh_bucket_learn(struct lh_bucket *bucket, const struct lh_http_rate *rate);

#endif
