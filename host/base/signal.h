/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interruption without handlers and without globals: SIGINT, SIGTERM and SIGHUP are blocked and
 * arrive through a descriptor, to be polled beside sockets or asked for between two steps.
 *
 * Begin before any thread is started, so that every thread inherits the blocked mask, and free
 * in the thread that began. One thread asks, and raises a stand-in that the others look at. A child
 * inherits the mask too: give posix_spawn the mask `before`, or call lh_signals_in_child between
 * fork and exec.
 * SIGPIPE and SIGXFSZ are main's: it ignores them, so that a write fails with an error instead.
 */
#ifndef LH_BASE_SIGNAL_H
#define LH_BASE_SIGNAL_H

#include "base/error.h"

#include <signal.h>
#include <stdatomic.h>

struct lh_signals {
    int fd;           /* readable when a signal waits; -1 = not begun */
    atomic_int got;   /* the first signal that came, or 0 */
    bool is_stand_in; /* fd stays readable once it was raised */
    sigset_t before;  /* the mask to go back to */
};

#define LH_SIGNALS_INIT                                                                            \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

int lh_signals_begin(struct lh_signals *s, struct lh_error *e);

/*
 * A stand-in for other threads than the one that takes the signals: any number of them may poll its
 * descriptor and ask it, and whoever wants them to end raises it. It takes no signal itself.
 */
int lh_signals_stand_in(struct lh_signals *s, struct lh_error *e);

/* From any thread, for good: what is pending from now on, unless it was raised before. */
void lh_signals_raise(struct lh_signals *stand_in, int signal_number);

/*
 * Restores the mask. When a signal was seen, others that wait (the user pressed ^C twice) are
 * dropped; when none was seen, one that waits takes effect now and is not lost.
 */
void lh_signals_free(struct lh_signals *s);

/* The first signal that came, or 0. It stays: once interrupted is interrupted. */
int lh_signals_pending(struct lh_signals *s);

/* In a child between fork and exec: the mask from before. Async-signal-safe. */
void lh_signals_in_child(const struct lh_signals *s);

/* What a shell reports for a program that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
static inline int lh_signals_exit_code(int signal_number)
{
    return 128 + signal_number;
}

#endif
