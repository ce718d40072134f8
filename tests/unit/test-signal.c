/* SPDX-License-Identifier: Apache-2.0 */
/* Signals and deadlines. */
#include "config.h"

#include "base/deadline.h"
#include "base/signal.h"
#include "tap.h"

#include <limits.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_blocked(int number)
{
    sigset_t now;

    pthread_sigmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, number) == 1;
}

static void test_pending(void)
{
    lh_auto(lh_signals) s = LH_SIGNALS_INIT;

    is_int(lh_signals_pending(&s), 0, "not begun: nothing");
    is_int(lh_signals_begin(&s, NULL), 0, "begin");
    ok(is_blocked(SIGINT) && is_blocked(SIGTERM) && is_blocked(SIGHUP), "blocked");
    is_int(lh_signals_pending(&s), 0, "none came");
    kill(getpid(), SIGTERM);
    is_int(lh_signals_pending(&s), SIGTERM, "one came");
    kill(getpid(), SIGINT);
    is_int(lh_signals_pending(&s), SIGTERM, "the first one stays");
    is_int(lh_signals_exit_code(lh_signals_pending(&s)), 143, "its exit code");
    lh_signals_free(&s);
    ok(!is_blocked(SIGINT) && !is_blocked(SIGTERM), "the mask is restored");
    ok(true, "and the second signal did not end us");
    is_int(s.fd, -1, "nothing is open");
}

/* How a child that runs `run` ended: its exit status, or 128 + signal. */
static int child(void (*run)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        run();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? lh_signals_exit_code(WTERMSIG(status)) : WEXITSTATUS(status);
}

static void leave_unseen(void)
{
    struct lh_signals s = LH_SIGNALS_INIT;

    lh_signals_begin(&s, NULL);
    kill(getpid(), SIGINT);
    lh_signals_free(&s);
}

static void restore_in_child(void)
{
    struct lh_signals s = LH_SIGNALS_INIT;

    lh_signals_begin(&s, NULL);
    lh_signals_in_child(&s);
    kill(getpid(), SIGHUP);
}

static void test_children(void)
{
    is_int(child(leave_unseen), 130, "a signal that nobody saw takes effect");
    is_int(child(restore_in_child), 129, "a child gets its signals back");
}

static void test_deadlines(void)
{
    struct lh_deadline never = lh_deadline_never();
    struct lh_deadline soon = lh_deadline_in(60000);

    ok(lh_deadline_left(soon) > 59000 && lh_deadline_left(soon) <= 60000, "left");
    ok(!lh_deadline_passed(soon) && lh_deadline_passed(lh_deadline_in(0)), "passed");
    is_int(lh_deadline_left(lh_deadline_in(-5)), 0, "the past is now");
    ok(lh_deadline_left(never) == INT64_MAX && !lh_deadline_passed(never), "never");
    ok(lh_deadline_in(INT64_MAX).at_ms == INT64_MAX, "beyond the clock is never");
    ok(lh_deadline_earlier(never, soon).at_ms == soon.at_ms &&
           lh_deadline_earlier(soon, never).at_ms == soon.at_ms,
       "the earlier of two");
    is_int(lh_deadline_poll(never), -1, "never, for poll");
    is_int(lh_deadline_poll(lh_deadline_in(0)), 0, "now, for poll");
    is_int(lh_deadline_poll(lh_deadline_in(INT64_C(1) << 40)), INT_MAX, "what poll can say");
}

static void test_sleep(void)
{
    lh_auto(lh_signals) s = LH_SIGNALS_INIT;
    int64_t begin = lh_now_ms();

    ok(lh_sleep_until(lh_deadline_in(30), -1), "slept to the end");
    ok(lh_now_ms() - begin >= 30, "and not less");
    lh_signals_begin(&s, NULL);
    ok(lh_sleep_until(lh_deadline_in(10), s.fd), "no signal");
    kill(getpid(), SIGTERM);
    ok(!lh_sleep_until(lh_deadline_in(20000), s.fd), "a signal wakes");
    ok(lh_now_ms() - begin < 10000, "at once");
    is_int(lh_signals_pending(&s), SIGTERM, "and is there to be seen");
}

static void *wait_for_it(void *arg)
{
    struct lh_signals *s = arg;

    lh_sleep_until(lh_deadline_in(20000), s->fd);
    return lh_signals_pending(s) == SIGTERM ? s : NULL;
}

static void test_stand_in(void)
{
    lh_auto(lh_signals) s = LH_SIGNALS_INIT;
    int64_t begin = lh_now_ms();
    pthread_t threads[3];
    bool mask_before = is_blocked(SIGTERM);
    int saw_it = 0;

    is_int(lh_signals_stand_in(&s, NULL), 0, "a stand-in");
    is_int(lh_signals_pending(&s), 0, "nobody raised it");
    for (size_t i = 0; i < LH_LEN(threads); i++)
        pthread_create(&threads[i], NULL, wait_for_it, &s);
    lh_signals_raise(&s, SIGTERM);
    lh_signals_raise(&s, SIGINT);
    for (size_t i = 0; i < LH_LEN(threads); i++) {
        void *saw = NULL;

        pthread_join(threads[i], &saw);
        saw_it += saw != NULL;
    }
    is_int(saw_it, LH_LEN(threads), "all threads wake, and see the first that was raised");
    ok(lh_now_ms() - begin < 10000, "at once");
    ok(!lh_sleep_until(lh_deadline_in(20000), s.fd), "and so it stays");
    lh_signals_free(&s);
    ok(is_blocked(SIGTERM) == mask_before, "the mask is what it was");
    is_int(s.fd, -1, "nothing is open");
}

int main(void)
{
    /* whoever started it may have had them ignored: nohup, a shell's background job */
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    RUN(test_pending);
    RUN(test_children);
    RUN(test_deadlines);
    RUN(test_sleep);
    RUN(test_stand_in);
    return tap_done();
}
