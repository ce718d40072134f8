/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines on the monotonic clock, in milliseconds. A deadline is a point in time, so it can be
 * handed down through calls and nobody counts what is left.
 */
#ifndef LH_BASE_DEADLINE_H
#define LH_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct lh_deadline {
    int64_t at_ms; /* on the monotonic clock; INT64_MAX = never */
};

/* Milliseconds on the monotonic clock, from some point in the past. */
int64_t lh_now_ms(void);

struct lh_deadline lh_deadline_never(void);

/* In ms from now; what is negative is now, what is beyond the clock is never. */
struct lh_deadline lh_deadline_in(int64_t ms);

struct lh_deadline lh_deadline_earlier(struct lh_deadline a, struct lh_deadline b);

/* Milliseconds that are left, 0 when it has passed, INT64_MAX for never. */
int64_t lh_deadline_left(struct lh_deadline d);

bool lh_deadline_passed(struct lh_deadline d);

/* The same for poll(2): -1 for never, and what an int cannot say is cut; poll again then. */
int lh_deadline_poll(struct lh_deadline d);

/*
 * Sleeps until the deadline, or until fd can be read (a struct lh_signals has one); fd may be -1.
 * True when it slept to the end, false when fd woke it.
 */
bool lh_sleep_until(struct lh_deadline d, int fd);

/* Whether there is something to read from fd now (a signal in a struct lh_signals); -1: no. */
bool lh_is_readable(int fd);

#endif
