/* SPDX-License-Identifier: Apache-2.0 */
/* Files, read with a limit and written whole or not at all; see file.h. */
#include "config.h"

#include "base/file.h"

#include "base/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES   ((size_t)64 << 10)
#define ALPHABET      "abcdefghijklmnopqrstuvwxyz012345"
#define RANDOM_CHARS  6
#define TEMP_FORM     ".%s.lakehost-" /* and random characters */
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
    unsigned char random[RANDOM_CHARS] = {0};

    /* Six bytes come whole or not at all; without them O_EXCL still keeps names apart. */
    if (getrandom(random, sizeof random, 0) < 0)
        random[0] = (unsigned char)getpid();
    for (int i = 0; i < RANDOM_CHARS; i++)
        to[i] = ALPHABET[random[i] % 32];
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

static int open_parent(const char *path, const char *slash)
{
    char *folder lh_autofree =
        slash ? lh_xmemdup0(path, slash == path ? 1 : (size_t)(slash - path)) : lh_xstrdup(".");

    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int lh_file_open_folder(const char *path, int *ret_folder, char **ret_name, struct lh_error *e)
{
    char *real lh_autofree = realpath(path, NULL);
    struct stat link;
    const char *slash;
    const char *name;

    if (!real && errno != ENOENT)
        return lh_file_error(e, errno, "write", path);
    if (!real && lstat(path, &link) == 0)
        return lh_error_set(e, LH_INVALID,
                            "write %s: it is a symbolic link to nothing; remove it, or make the "
                            "file it points to",
                            path);
    if (!real)
        real = lh_xstrdup(path);
    slash = strrchr(real, '/');
    name = slash ? slash + 1 : real;
    if (!*name)
        return lh_error_set(e, LH_INVALID, "write %s: this names a folder, not a file", path);
    *ret_folder = open_parent(real, slash);
    if (*ret_folder < 0)
        return lh_file_error(e, errno, "write", path);
    *ret_name = lh_xstrdup(name);
    return LH_DONE;
}

/* wanted: the mode that must come out in the end; 0 leaves it to the umask. */
static int open_temp(struct lh_file_writer *w, mode_t wanted, struct lh_error *e)
{
    char *stem lh_autofree = lh_xasprintf(TEMP_FORM, w->name);
    char name[NAME_MAX + 1];

    /* A longer name could not be renamed to: say so now, not when all is written. */
    if (strlen(w->name) > NAME_MAX)
        return lh_file_error(e, ENAMETOOLONG, "write", w->path);
    w->fd = lh_file_make_temp(w->folder, stem, wanted ? 0600 : 0666, name);
    if (w->fd < 0)
        return lh_file_error(e, errno, "write", w->path);
    w->temp = lh_xstrdup(name);
    /* says to lh_file_remove_leftovers that somebody is at work; without it no harm is done */
    (void)flock(w->fd, LOCK_EX | LOCK_NB);
    if (wanted && fchmod(w->fd, wanted) != 0)
        return lh_file_error(e, errno, "set the permissions of", w->path);
    return LH_DONE;
}

static int begin_directly(struct lh_file_writer *w, struct lh_error *e)
{
    w->fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return w->fd < 0 ? lh_file_error(e, errno, "write", w->path) : LH_DONE;
}

int lh_file_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    int64_t fd = -1;

    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            lh_number_i64(lh_str_z(path + strlen(folders[i])), 0, INT_MAX, path, LH_INVALID, &fd,
                          NULL);
    return (int)fd;
}

int lh_file_writer_begin(struct lh_file_writer *w, const char *path, mode_t mode,
                         struct lh_error *e)
{
    int fd = lh_file_descriptor(path);
    struct stat old;
    bool is_new;
    int code;

    w->path = lh_xstrdup(fd == STDOUT_FILENO ? "standard output" : path);
    if (fd >= 0) {
        w->fd = fd;
        w->borrowed = true;
        return LH_DONE;
    }
    is_new = stat(path, &old) != 0;
    if (is_new && errno != ENOENT)
        return lh_file_error(e, errno, "write", path);
    if (!is_new && S_ISDIR(old.st_mode))
        return lh_file_error(e, EISDIR, "write", path);
    if (!is_new && !S_ISREG(old.st_mode))
        return begin_directly(w, e);
    code = lh_file_open_folder(path, &w->folder, &w->name, e);
    return code ? code : open_temp(w, is_new || mode ? mode : old.st_mode & 0777, e);
}

int lh_file_writer_append(struct lh_file_writer *w, lh_str text, struct lh_error *e)
{
    return lh_file_write_fd(w->fd, text, w->path, e);
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

/* Whether a name is that of a temporary file: the stem, then random characters. */
static bool is_temp(const char *name, const char *stem)
{
    size_t n = strlen(stem);

    return strncmp(name, stem, n) == 0 && strlen(name + n) == RANDOM_CHARS &&
           strspn(name + n, ALPHABET) == RANDOM_CHARS;
}

static void remove_leftover(int folder, const char *name)
{
    int fd lh_autoclose =
        openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !flock(fd, LOCK_EX | LOCK_NB))
        unlinkat(folder, name, 0);
}

void lh_file_remove_leftovers(int folder, const char *name)
{
    char *stem lh_autofree = lh_xasprintf(TEMP_FORM, name);
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(dir)))
        if (is_temp(entry->d_name, stem))
            remove_leftover(folder, entry->d_name);
    closedir(dir);
}

int lh_file_write_atomic(const char *path, lh_str text, mode_t mode, struct lh_error *e)
{
    lh_auto(lh_file_writer) w = LH_FILE_WRITER_INIT;
    int code = lh_file_writer_begin(&w, path, mode, e);

    if (!code)
        code = lh_file_writer_append(&w, text, e);
    return code ? code : lh_file_writer_commit(&w, e);
}

int lh_file_make_folders_of(const char *path, struct lh_error *e)
{
    size_t n = strlen(path);

    for (size_t i = 1; i < n; i++) {
        char *part lh_autofree = NULL;

        if (path[i] != '/')
            continue;
        part = lh_xmemdup0(path, i);
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return lh_file_error(e, errno, "make the folder", part);
    }
    return LH_DONE;
}
