/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock-down's order and its report: which parts, one after the other, and what is said of one
 * that is not there. Landlock and seccomp have files of their own.
 */
#include "config.h"

#include "worker/lockdown_internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 64 };

bool lh_lockdown_is_missing(int errno_value)
{
    return errno_value == ENOSYS || errno_value == EOPNOTSUPP || errno_value == EPERM ||
           errno_value == EACCES;
}

/* --- the parts -------------------------------------------------------------------------------- */

/* Lowers a limit, the hard one too; never raises one that is lower already. */
static int limit(unsigned what, rlim_t most)
{
    struct rlimit r;

    if (getrlimit(what, &r))
        return errno;
    if (r.rlim_max == RLIM_INFINITY || r.rlim_max > most)
        r.rlim_max = most;
    if (r.rlim_cur == RLIM_INFINITY || r.rlim_cur > r.rlim_max)
        r.rlim_cur = r.rlim_max;
    return setrlimit(what, &r) ? errno : 0;
}

static int set_limits(const struct lh_lockdown_settings *settings)
{
    int code = limit(RLIMIT_CORE, 0);

    if (!code)
        code = limit(RLIMIT_NOFILE, MAX_DESCRIPTORS);
    if (!code)
        code = limit(RLIMIT_FSIZE, 0);
    if (!code && settings->max_memory)
        code = limit(RLIMIT_AS, settings->max_memory > RLIM_INFINITY - 1
                                    ? RLIM_INFINITY - 1
                                    : (rlim_t)settings->max_memory);
    return code;
}

/* Version 3 of the kernel's structures: two words of 32 capabilities each, all of them zero. */
static int drop_capabilities(void)
{
    struct {
        uint32_t version;
        int pid;
    } header = {0x20080522, 0};
    const uint32_t none[6] = {0};

    return syscall(SYS_capset, &header, none) ? errno : 0;
}

static int give_up_privileges(const struct lh_lockdown_settings *settings)
{
    (void)settings;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? errno : drop_capabilities();
}

static int hide(const struct lh_lockdown_settings *settings)
{
    (void)settings;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? errno : 0;
}

static int confine_files(const struct lh_lockdown_settings *settings)
{
    return lh_landlock_restrict(settings->plugin_fd);
}

static int filter_calls(const struct lh_lockdown_settings *settings)
{
    (void)settings;
    return lh_seccomp_early();
}

/*
 * glibc opens its unwinder when a thread first ends by pthread_exit or is cancelled, and aborts
 * when it cannot. It is loaded now (0.13 ms) and stays; a system that has none needs none.
 */
static int filter_more_calls(const struct lh_lockdown_settings *settings)
{
    (void)settings;
    (void)!dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    return lh_seccomp_late();
}

/*
 * In this order: Landlock and seccomp need no-new-privs of a user without rights; Landlock's calls
 * are not on seccomp's list.
 */
static const struct part {
    unsigned bit;
    const char *name;
    int (*apply)(const struct lh_lockdown_settings *); /* 0 or an errno value */
} parts[] = {
    {LH_LOCK_RLIMITS, "resource limits", set_limits},
    {LH_LOCK_NO_NEW_PRIVS, "no-new-privs", give_up_privileges},
    {LH_LOCK_UNDUMPABLE, "hidden memory", hide},
    {LH_LOCK_LANDLOCK, "Landlock", confine_files},
    {LH_LOCK_SECCOMP, "seccomp", filter_calls},
    {LH_LOCK_SECCOMP_LATE, "seccomp after loading", filter_more_calls},
};

const char *lh_lockdown_name(unsigned bit)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].bit == bit)
            return parts[i].name;
    return NULL;
}

/* --- the steps -------------------------------------------------------------------------------- */

/* What a kernel says when a part is not there, in words that help. */
static const char *why_missing(int errno_value)
{
    if (errno_value == ENOSYS)
        return "this kernel does not have it";
    if (errno_value == EOPNOTSUPP)
        return "it is switched off in this kernel";
    return "this container does not allow it";
}

static void add_note(struct lh_lockdown *lockdown, const char *name, const char *why)
{
    size_t n = strlen(lockdown->note);

    snprintf(lockdown->note + n, sizeof lockdown->note - n, "%s%s: %s", n ? "; " : "", name, why);
}

static int apply(const struct part *part, const struct lh_lockdown_settings *settings,
                 struct lh_lockdown *io, struct lh_error *e)
{
    int code = part->apply(settings);

    if (!code)
        io->active |= part->bit;
    else if (lh_lockdown_is_missing(code) && part->bit != LH_LOCK_SECCOMP_LATE)
        add_note(io, part->name, why_missing(code));
    else
        return lh_error_errno(e, LH_FAILED, code, "lock the worker down: %s", part->name);
    return 0;
}

static int apply_parts(unsigned which, const struct lh_lockdown_settings *settings,
                       struct lh_lockdown *io, struct lh_error *e)
{
    int code = 0;

    for (size_t i = 0; !code && i < sizeof parts / sizeof *parts; i++)
        if (parts[i].bit & which & ~settings->leave_off)
            code = apply(&parts[i], settings, io, e);
    return code;
}

int lh_lockdown_before_load(const struct lh_lockdown_settings *settings, struct lh_lockdown *ret,
                            struct lh_error *e)
{
    struct lh_lockdown done = LH_LOCKDOWN_INIT;
    int code = apply_parts(LH_LOCK_ALL & ~(unsigned)LH_LOCK_SECCOMP_LATE, settings, &done, e);

    if (!code)
        *ret = done;
    return code;
}

int lh_lockdown_after_load(const struct lh_lockdown_settings *settings, struct lh_lockdown *io,
                           struct lh_error *e)
{
    /* without the first filter its note says enough */
    if (!(io->active & LH_LOCK_SECCOMP))
        return 0;
    return apply_parts(LH_LOCK_SECCOMP_LATE, settings, io, e);
}

/* --- what there is ---------------------------------------------------------------------------- */

/* The child: both steps, and the result into the pipe. Nothing of the parent's is run or freed. */
static void try_and_tell(int to)
{
    static const struct lh_lockdown_settings settings = {.plugin_fd = -1};
    struct lh_lockdown lockdown = LH_LOCKDOWN_INIT;
    struct lh_error e = LH_ERROR_INIT;

    if (lh_lockdown_before_load(&settings, &lockdown, &e) ||
        lh_lockdown_after_load(&settings, &lockdown, &e))
        snprintf(lockdown.note, sizeof lockdown.note, "%s", lh_error_text(&e));
    (void)!write(to, &lockdown, sizeof lockdown); /* a short one is seen by the reader */
    _exit(0);                                     /* a forked child */
}

static ssize_t read_whole(int fd, void *to, size_t n)
{
    size_t got = 0;

    while (got < n) {
        ssize_t k = read(fd, (char *)to + got, n - got);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        got += (size_t)k;
    }
    return (ssize_t)got;
}

unsigned lh_lockdown_offered(struct lh_lockdown *ret)
{
    struct lh_lockdown lockdown = LH_LOCKDOWN_INIT;
    int ends[2];
    pid_t child;

    *ret = lockdown;
    if (pipe2(ends, O_CLOEXEC)) {
        add_note(ret, "trial", strerror(errno));
        return 0;
    }
    child = fork();
    if (child == 0)
        try_and_tell(ends[1]);
    close(ends[1]);
    if (child < 0)
        add_note(ret, "trial", strerror(errno));
    else if (read_whole(ends[0], &lockdown, sizeof lockdown) == (ssize_t)sizeof lockdown)
        *ret = lockdown;
    else
        add_note(ret, "trial", "the process that tried it died");
    close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return ret->active;
}
