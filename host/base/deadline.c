/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines on the monotonic clock; see deadline.h. */
#include "config.h"

#include "base/deadline.h"

#include <limits.h>
#include <poll.h>
#include <time.h>

int64_t lh_now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct lh_deadline lh_deadline_never(void)
{
    return (struct lh_deadline){INT64_MAX};
}

struct lh_deadline lh_deadline_in(int64_t ms)
{
    struct lh_deadline d;

    if (__builtin_add_overflow(lh_now_ms(), ms > 0 ? ms : 0, &d.at_ms))
        return lh_deadline_never();
    return d;
}

struct lh_deadline lh_deadline_earlier(struct lh_deadline a, struct lh_deadline b)
{
    return a.at_ms <= b.at_ms ? a : b;
}

int64_t lh_deadline_left(struct lh_deadline d)
{
    int64_t now = lh_now_ms();

    if (d.at_ms == INT64_MAX)
        return INT64_MAX;
    return d.at_ms > now ? d.at_ms - now : 0;
}

bool lh_deadline_passed(struct lh_deadline d)
{
    return lh_deadline_left(d) == 0;
}

int lh_deadline_poll(struct lh_deadline d)
{
    int64_t left = lh_deadline_left(d);

    if (left == INT64_MAX)
        return -1;
    return left > INT_MAX ? INT_MAX : (int)left;
}

bool lh_sleep_until(struct lh_deadline d, int fd)
{
    struct pollfd wake = {.fd = fd, .events = POLLIN};

    while (!lh_deadline_passed(d))
        if (poll(&wake, 1, lh_deadline_poll(d)) > 0)
            return false;
    return true;
}

bool lh_is_readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    return fd >= 0 && poll(&one, 1, 0) > 0;
}
