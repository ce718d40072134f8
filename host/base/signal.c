/* SPDX-License-Identifier: Apache-2.0 */
/* Interruption without handlers; see signal.h. */
#include "config.h"

#include "base/signal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

int lh_signals_begin(struct lh_signals *s, struct lh_error *e)
{
    sigset_t before;
    sigset_t set;
    int failed;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    failed = pthread_sigmask(SIG_BLOCK, &set, &before);
    if (failed)
        return lh_error_errno(e, LH_FAILED, failed, "block signals");
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        int code = lh_error_errno(e, LH_FAILED, errno, "open a descriptor for signals");

        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return code;
    }
    *s = (struct lh_signals){.fd = fd, .before = before};
    return LH_DONE;
}

int lh_signals_stand_in(struct lh_signals *s, struct lh_error *e)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        return lh_error_errno(e, LH_FAILED, errno, "open a descriptor for a cancellation");
    *s = (struct lh_signals){.fd = fd, .is_stand_in = true};
    return LH_DONE;
}

void lh_signals_raise(struct lh_signals *stand_in, int signal_number)
{
    int none = 0;

    /* first what is asked for, then what is polled; nobody reads the descriptor */
    if (atomic_compare_exchange_strong(&stand_in->got, &none, signal_number))
        eventfd_write(stand_in->fd, 1);
}

static int next_signal(const struct lh_signals *s)
{
    struct signalfd_siginfo info;

    return read(s->fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int lh_signals_pending(struct lh_signals *s)
{
    if (!s->got && s->fd >= 0 && !s->is_stand_in)
        s->got = next_signal(s);
    return s->got;
}

void lh_signals_free(struct lh_signals *s)
{
    if (s->fd < 0)
        return;
    while (!s->is_stand_in && s->got && next_signal(s))
        ;
    close(s->fd);
    if (!s->is_stand_in)
        pthread_sigmask(SIG_SETMASK, &s->before, NULL);
    *s = (struct lh_signals)LH_SIGNALS_INIT;
}

void lh_signals_in_child(const struct lh_signals *s)
{
    if (s->fd >= 0)
        sigprocmask(SIG_SETMASK, &s->before, NULL);
}
