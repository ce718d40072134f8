/* SPDX-License-Identifier: Apache-2.0 */
/* Files, read with a limit and written whole or not at all; see file.h. */
#include "config.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES   ((size_t)64 << 10)
#define RANDOM_CHARS  6
#define TEMP_ATTEMPTS 100

static const char *advice(int errno_value)
{
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
        return "; free some space and run again";
    case EFBIG:
        return "; raise the limit for file sizes (ulimit -f) and run again";
    case EACCES:
    case EPERM:
        return "; check the owner and the permissions of the file and its folder";
    case EROFS:
        return "; choose a folder on a file system that can be written";
    default:
        return "";
    }
}

int lh_file_error(struct lh_error *e, int errno_value, const char *doing, const char *path)
{
    char text[128];
    bool names_no_file = errno_value == ENOENT || errno_value == ENOTDIR || errno_value == EISDIR ||
                         errno_value == ENAMETOOLONG;
    int code = names_no_file ? LH_INVALID : LH_FAILED;

    return lh_error_set(e, code, "%s %s: %s%s", doing, path,
                        strerror_r(errno_value, text, sizeof text), advice(errno_value));
}

static int read_all(int fd, const char *path, size_t max_bytes, struct lh_buf *b,
                    struct lh_error *e)
{
    char *chunk lh_autofree = lh_xmalloc(CHUNK_BYTES);
    size_t total = 0;

    for (;;) {
        ssize_t n = read(fd, chunk, CHUNK_BYTES);

        if (n == 0)
            return LH_DONE;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lh_file_error(e, errno, "read", path);
        if ((size_t)n > max_bytes - total)
            return lh_error_set(e, LH_INVALID, "read %s: it is larger than the limit of %zu bytes",
                                path, max_bytes);
        total += (size_t)n;
        lh_buf_add(b, chunk, (size_t)n);
        if (b->failed)
            return lh_error_set(e, LH_INVALID, "read %s: it is larger than the limit of %zu bytes",
                                path, b->max);
    }
}

static int open_error(struct lh_error *e, int errno_value, const char *path, unsigned flags)
{
    int code = lh_file_error(e, errno_value, "read", path);

    if (!(flags & LH_FILE_MAYBE) || (errno_value != ENOENT && errno_value != ENOTDIR))
        return code;
    if (e)
        e->code = LH_NOT_FOUND;
    return LH_NOT_FOUND;
}

int lh_file_read(const char *path, size_t max_bytes, unsigned flags, struct lh_buf *b,
                 struct lh_error *e)
{
    bool is_stdin = (flags & LH_FILE_STDIN) && strcmp(path, "-") == 0;
    int how = O_RDONLY | O_CLOEXEC | O_NOCTTY | (flags & LH_FILE_REGULAR ? O_NONBLOCK : 0);
    int opened lh_autoclose = is_stdin ? -1 : open(path, how);
    struct stat st;
    size_t before = b->n;
    bool failed_before = b->failed;
    int code;

    if (!is_stdin && opened < 0)
        return open_error(e, errno, path, flags);
    if ((flags & LH_FILE_REGULAR) && (fstat(opened, &st) || !S_ISREG(st.st_mode)))
        return lh_error_set(e, LH_INVALID, "read %s: expected a regular file", path);
    code = read_all(is_stdin ? STDIN_FILENO : opened, is_stdin ? "standard input" : path, max_bytes,
                    b, e);
    if (code) {
        b->failed = failed_before;
        lh_buf_cut(b, before);
    }
    return code;
}

int lh_file_write_fd(int fd, lh_str text, const char *path, struct lh_error *e)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lh_file_error(e, errno, "write", path);
        text = lh_str_n(text.p + n, text.n - (size_t)n);
    }
    return LH_DONE;
}

static void put_random(char to[RANDOM_CHARS + 1])
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz012345";
    unsigned char random[RANDOM_CHARS] = {0};

    /* Six bytes come whole or not at all; without them O_EXCL still keeps names apart. */
    if (getrandom(random, sizeof random, 0) < 0)
        random[0] = (unsigned char)getpid();
    for (int i = 0; i < RANDOM_CHARS; i++)
        to[i] = alphabet[random[i] % 32];
    to[RANDOM_CHARS] = '\0';
}

int lh_file_make_temp(int folder, const char *stem, mode_t mode, char ret_name[NAME_MAX + 1])
{
    for (int i = 0; i < TEMP_ATTEMPTS; i++) {
        char random[RANDOM_CHARS + 1];
        int fd;

        put_random(random);
        snprintf(ret_name, NAME_MAX + 1, "%.*s%s", NAME_MAX - RANDOM_CHARS, stem, random);
        fd = openat(folder, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

void lh_file_writer_free(struct lh_file_writer *w)
{
    if (w->temp)
        unlinkat(w->folder, w->temp, 0);
    if (w->fd >= 0 && !w->borrowed)
        close(w->fd);
    if (w->folder >= 0)
        close(w->folder);
    free(w->path);
    free(w->name);
    free(w->temp);
    *w = (struct lh_file_writer)LH_FILE_WRITER_INIT;
}

/* Opens the folder that `path` is in (links are resolved already) and keeps the name inside. */
static int open_folder(struct lh_file_writer *w, const char *path, struct lh_error *e)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder lh_autofree =
        slash ? lh_xmemdup0(path, slash == path ? 1 : (size_t)(slash - path)) : lh_xstrdup(".");

    if (!*name)
        return lh_error_set(e, LH_INVALID, "write %s: this names a folder, not a file", w->path);
    w->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->folder < 0)
        return lh_file_error(e, errno, "write", w->path);
    w->name = lh_xstrdup(name);
    return LH_DONE;
}

/* wanted: the mode that must come out in the end; 0 leaves it to the umask. */
static int open_temp(struct lh_file_writer *w, mode_t wanted, struct lh_error *e)
{
    char *stem lh_autofree = lh_xasprintf(".%s.", w->name);
    char name[NAME_MAX + 1];

    /* A longer name could not be renamed to: say so now, not when all is written. */
    if (strlen(w->name) > NAME_MAX)
        return lh_file_error(e, ENAMETOOLONG, "write", w->path);
    w->fd = lh_file_make_temp(w->folder, stem, wanted ? 0600 : 0666, name);
    if (w->fd < 0)
        return lh_file_error(e, errno, "write", w->path);
    w->temp = lh_xstrdup(name);
    if (wanted && fchmod(w->fd, wanted) != 0)
        return lh_file_error(e, errno, "set the permissions of", w->path);
    return LH_DONE;
}

static int begin_directly(struct lh_file_writer *w, struct lh_error *e)
{
    w->fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return w->fd < 0 ? lh_file_error(e, errno, "write", w->path) : LH_DONE;
}

static int begin_new(struct lh_file_writer *w, mode_t mode, struct lh_error *e)
{
    struct stat link;
    int code;

    if (lstat(w->path, &link) == 0)
        return lh_error_set(e, LH_INVALID,
                            "write %s: it is a symbolic link to nothing; remove it, or make the "
                            "file it points to",
                            w->path);
    code = open_folder(w, w->path, e);
    return code ? code : open_temp(w, mode, e);
}

static int begin_replacing(struct lh_file_writer *w, mode_t mode, struct lh_error *e)
{
    char *real lh_autofree = realpath(w->path, NULL);
    int code;

    if (!real)
        return lh_file_error(e, errno, "write", w->path);
    code = open_folder(w, real, e);
    return code ? code : open_temp(w, mode, e);
}

int lh_file_writer_begin(struct lh_file_writer *w, const char *path, mode_t mode,
                         struct lh_error *e)
{
    struct stat old;

    w->path = lh_xstrdup(path);
    if (strcmp(path, "-") == 0) {
        w->fd = STDOUT_FILENO;
        w->borrowed = true;
        return LH_DONE;
    }
    if (stat(path, &old) != 0)
        return errno == ENOENT ? begin_new(w, mode, e) : lh_file_error(e, errno, "write", path);
    if (S_ISDIR(old.st_mode))
        return lh_file_error(e, EISDIR, "write", path);
    if (!S_ISREG(old.st_mode))
        return begin_directly(w, e);
    return begin_replacing(w, mode ? mode : old.st_mode & 0777, e);
}

int lh_file_writer_append(struct lh_file_writer *w, lh_str text, struct lh_error *e)
{
    return lh_file_write_fd(w->fd, text, w->borrowed ? "standard output" : w->path, e);
}

int lh_file_writer_commit(struct lh_file_writer *w, struct lh_error *e)
{
    if (w->folder < 0)
        return LH_DONE;
    if (fsync(w->fd) != 0 || renameat(w->folder, w->temp, w->folder, w->name) != 0)
        return lh_file_error(e, errno, "write", w->path);
    free(lh_take(w->temp));
    if (fsync(w->folder) != 0)
        return lh_file_error(e, errno, "sync the folder of", w->path);
    return LH_DONE;
}

int lh_file_write_atomic(const char *path, lh_str text, mode_t mode, struct lh_error *e)
{
    lh_auto(lh_file_writer) w = LH_FILE_WRITER_INIT;
    int code = lh_file_writer_begin(&w, path, mode, e);

    if (!code)
        code = lh_file_writer_append(&w, text, e);
    return code ? code : lh_file_writer_commit(&w, e);
}
