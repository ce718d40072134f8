/* SPDX-License-Identifier: Apache-2.0 */
/* Locks beside files, and the leftovers of killed runs; see file-lock.h. */
#include "config.h"

#include "base/file-lock.h"

#include "base/file.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX      ".lakehost-lock"
#define OPEN_FLAGS  (O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)
#define MAX_RETRIES 100

void lh_file_lock_free(struct lh_file_lock *lock)
{
    /* while it is held: the name is ours, nobody else takes it away */
    if (lock->fd >= 0) {
        unlinkat(lock->folder, lock->name, 0);
        close(lock->fd);
    }
    if (lock->folder >= 0)
        close(lock->folder);
    free(lock->name);
    *lock = (struct lh_file_lock)LH_FILE_LOCK_INIT;
}

/* Another user's is only read: that is enough to lock it. */
static int open_lock(const struct lh_file_lock *lock)
{
    int fd = openat(lock->folder, lock->name, O_RDWR | O_CREAT | OPEN_FLAGS, 0644);

    if (fd < 0 && errno == EACCES)
        fd = openat(lock->folder, lock->name, O_RDONLY | OPEN_FLAGS);
    return fd;
}

static int conflict(int fd, const char *path, struct lh_error *e)
{
    char text[24] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    int64_t pid = 0;

    if (n > 0 && text[n - 1] == '\n' &&
        !lh_number_i64(lh_str_n(text, (size_t)n - 1), 1, INT32_MAX, "", LH_FAILED, &pid, NULL))
        return lh_error_set(e, LH_CONFLICT,
                            "%s: another run is writing it (process %lld); wait for its end, or "
                            "name another file",
                            path, (long long)pid);
    return lh_error_set(e, LH_CONFLICT,
                        "%s: another run is writing it; wait for its end, or name another file",
                        path);
}

/* Whether the lock's name still leads to this descriptor: whoever held it before removed it. */
static bool is_current(const struct lh_file_lock *lock, int fd)
{
    struct stat named;
    struct stat opened;

    return fstat(fd, &opened) == 0 &&
           fstatat(lock->folder, lock->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

/* For people and for conflict(); a lock without it works as well. */
static void write_pid(int fd)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
        return;
}

static int take(struct lh_file_lock *lock, const char *path, struct lh_error *e)
{
    for (int i = 0; i < MAX_RETRIES; i++) {
        int fd lh_autoclose = open_lock(lock);
        struct stat st;

        if (fd < 0 || fstat(fd, &st))
            return lh_file_error(e, errno, "lock", path);
        if (!S_ISREG(st.st_mode))
            return lh_error_set(e, LH_INVALID, "lock %s: %s beside it is no regular file", path,
                                lock->name);
        if (flock(fd, LOCK_EX | LOCK_NB))
            return errno == EWOULDBLOCK ? conflict(fd, path, e)
                                        : lh_file_error(e, errno, "lock", path);
        if (!is_current(lock, fd))
            continue;
        write_pid(fd);
        lock->fd = fd;
        fd = -1;
        return 0;
    }
    return conflict(-1, path, e);
}

int lh_file_lock_take(struct lh_file_lock *lock, const char *path, struct lh_error *e)
{
    char *name lh_autofree = NULL;
    int code = lh_file_open_folder(path, &lock->folder, &name, e);

    if (code)
        return code;
    lock->name = lh_xasprintf(".%.*s" SUFFIX, NAME_MAX - (int)sizeof SUFFIX, name);
    code = take(lock, path, e);
    if (code)
        lh_file_lock_free(lock);
    else
        lh_file_remove_leftovers(lock->folder, name);
    return code;
}
