/* SPDX-License-Identifier: Apache-2.0 */
/* Another program; see helper.h. */
#include "config.h"

#include "workspace/helper.h"

#include "base/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 20 /* how often one that has closed its outputs is asked whether it has ended */

/* --- finding ---------------------------------------------------------------------------------- */

static bool is_program(const char *file, int64_t least_bytes, bool *ret_small)
{
    struct stat st;

    if (stat(file, &st) || !S_ISREG(st.st_mode) || access(file, X_OK))
        return false;
    *ret_small = *ret_small || st.st_size < least_bytes;
    return st.st_size >= least_bytes;
}

char *lh_helper_find(const char *name, const char *path, int64_t least_bytes, bool *ret_small)
{
    *ret_small = false;
    if (strchr(name, '/'))
        return is_program(name, 0, ret_small) ? lh_xstrdup(name) : NULL;
    while (path && *path) {
        size_t n = strcspn(path, ":");
        char *file lh_autofree = lh_xasprintf("%.*s/%s", (int)n, path, name);

        /* an empty entry is the folder one is in, from where nothing is taken */
        if (n && is_program(file, least_bytes, ret_small))
            return lh_take(file);
        path += n + (path[n] == ':');
    }
    return NULL;
}

/* --- running ---------------------------------------------------------------------------------- */

struct child {
    pid_t pid; /* 0: none, or gone */
    int out[2], err[2];
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void child_free(struct child *c)
{
    if (c->pid > 0) {
        kill(-c->pid, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    close_end(&c->out[0]);
    close_end(&c->out[1]);
    close_end(&c->err[0]);
    close_end(&c->err[1]);
}

void lh_helper_result_free(struct lh_helper_result *r)
{
    struct lh_buf *both[] = {&r->out, &r->err};

    for (size_t i = 0; i < LH_LEN(both); i++) {
        if (both[i]->p)
            explicit_bzero(both[i]->p, both[i]->cap);
        lh_buf_free(both[i]);
    }
}

static int spawn(struct child *c, const char *const *argv, char *const *env)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t all;
    sigset_t none;
    int code;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                        (short)POSIX_SPAWN_SETSID);
    code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!code)
        code = posix_spawn_file_actions_adddup2(&actions, c->out[1], 1);
    if (!code)
        code = posix_spawn_file_actions_adddup2(&actions, c->err[1], 2);
    if (!code)
        code = posix_spawn(&c->pid, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (code)
        c->pid = 0;
    return code;
}

/* One read; the end is closed when the program has closed its own. */
static int take(int *fd, struct lh_buf *to, const char *name, struct lh_error *e)
{
    char piece[4096];
    ssize_t n = read(*fd, piece, sizeof piece);

    if (n > 0)
        lh_buf_add(to, piece, (size_t)n);
    else if (n == 0 || errno != EINTR)
        close_end(fd);
    explicit_bzero(piece, sizeof piece); /* it may be a token */
    return to->failed ? lh_error_set(e, LH_FAILED, "%s: it printed more than %zu bytes", name,
                                     LH_HELPER_BYTES)
                      : 0;
}

static int too_late(const char *name, struct lh_error *e)
{
    return lh_error_set(e, LH_UNREACHABLE, "%s: it took too long and was ended", name);
}

static int read_all(struct child *c, const char *name, const struct lh_patience *patience,
                    struct lh_helper_result *ret, struct lh_error *e)
{
    int code = 0;

    while (!code && (c->out[0] >= 0 || c->err[0] >= 0)) {
        struct pollfd ends[] = {
            {c->out[0], POLLIN, 0}, {c->err[0], POLLIN, 0}, {patience->fd, POLLIN, 0}};

        if (lh_deadline_passed(patience->deadline))
            return too_late(name, e);
        if (poll(ends, LH_LEN(ends), lh_deadline_poll(patience->deadline)) < 0 && errno != EINTR)
            return lh_error_errno(e, LH_FAILED, errno, "%s", name);
        if (ends[2].revents)
            return lh_error_set(e, LH_INTERRUPTED, "interrupted");
        if (ends[0].revents)
            code = take(&c->out[0], &ret->out, name, e);
        if (!code && ends[1].revents)
            code = take(&c->err[0], &ret->err, name, e);
    }
    return code;
}

static int wait_for(struct child *c, const char *name, const struct lh_patience *patience,
                    int *ret_status, struct lh_error *e)
{
    int status = 0;

    while (waitpid(c->pid, &status, WNOHANG) != c->pid) {
        if (lh_deadline_passed(patience->deadline))
            return too_late(name, e);
        if (!lh_sleep_until(lh_deadline_earlier(lh_deadline_in(LOOK_MS), patience->deadline),
                            patience->fd))
            return lh_error_set(e, LH_INTERRUPTED, "interrupted");
    }
    c->pid = 0;
    *ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

int lh_helper_run(const char *const *argv, char *const *env, const struct lh_patience *patience,
                  struct lh_helper_result *ret, struct lh_error *e)
{
    __attribute__((cleanup(child_free))) struct child c = {0, {-1, -1}, {-1, -1}};
    int code;

    if (pipe2(c.out, O_CLOEXEC) || pipe2(c.err, O_CLOEXEC))
        return lh_error_errno(e, LH_FAILED, errno, "start %s", argv[0]);
    /* asked first: what emulates vfork by fork starts a process that ends */
    code = access(argv[0], X_OK) ? errno : spawn(&c, argv, env);
    if (code)
        return lh_error_errno(e, LH_FAILED, code, "start %s", argv[0]);
    close_end(&c.out[1]);
    close_end(&c.err[1]);
    code = read_all(&c, argv[0], patience, ret, e);
    return code ? code : wait_for(&c, argv[0], patience, &ret->status, e);
}
