/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a connector's file such that what is checked is what is read; see internal.h. */
#include "config.h"

#include "plugin/internal.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void lh_plugin_file_free(struct lh_plugin_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file->folder_path);
    *file = (struct lh_plugin_file)LH_PLUGIN_FILE_INIT;
}

static int open_error(struct lh_error *e, int errno_value, const char *path)
{
    if (errno_value == ELOOP)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "%s: expected a regular file, found a symbolic link; put the file "
                            "itself there, or name it by its path",
                            path);
    return lh_error_errno(
        e, errno_value == ENOENT || errno_value == ENOTDIR ? LH_NOT_FOUND : LH_BAD_PLUGIN,
        errno_value, "open %s", path);
}

/* What the two descriptors are; the folder's is needed no longer than that. */
static int look_at(struct lh_plugin_file *file, int folder, struct lh_error *e)
{
    if (fstat(folder, &file->folder_st))
        return lh_error_errno(e, LH_BAD_PLUGIN, errno, "%s", file->folder_path);
    if (fstat(file->fd, &file->st))
        return lh_error_errno(e, LH_BAD_PLUGIN, errno, "%s", file->path);
    if (!S_ISREG(file->st.st_mode))
        return lh_error_set(e, LH_BAD_PLUGIN, "%s: expected a regular file, found %s", file->path,
                            S_ISDIR(file->st.st_mode) ? "a folder" : "a device or pipe");
    return 0;
}

int lh_plugin_file_open(const char *folder, const char *name, struct lh_plugin_file *ret,
                        struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    int folder_fd lh_autoclose = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder_fd < 0)
        return open_error(e, errno, folder);
    file.folder_path = lh_xstrdup(folder);
    file.path = lh_xasprintf("%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", name);
    /* O_NONBLOCK: a pipe that lies there must not hold us up before we see that it is one */
    file.fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file.fd < 0)
        return open_error(e, errno, file.path);
    if (look_at(&file, folder_fd, e))
        return LH_BAD_PLUGIN;
    *ret = file;
    file = (struct lh_plugin_file)LH_PLUGIN_FILE_INIT;
    return 0;
}

static int open_path(const char *path, struct lh_plugin_file *ret, struct lh_error *e)
{
    char *real lh_autofree = realpath(path, NULL);
    char *slash;

    if (!real)
        return open_error(e, errno, path);
    slash = strrchr(real, '/');
    if (slash == real)
        return lh_plugin_file_open("/", real + 1, ret, e);
    *slash = '\0';
    return lh_plugin_file_open(real, slash + 1, ret, e);
}

int lh_plugin_recode(struct lh_error *e, int code)
{
    if (e)
        e->code = code;
    return code;
}

int lh_plugin_file_open_path(const char *path, struct lh_plugin_file *ret, struct lh_error *e)
{
    return open_path(path, ret, e) ? lh_plugin_recode(e, LH_BAD_PLUGIN) : 0;
}

int lh_plugin_check_owner(const struct stat *st, const char *what, struct lh_error *e)
{
    if (st->st_uid == 0 || st->st_uid == geteuid())
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: owner: expected root or the user who runs this (%u), found user %u; "
                        "copy or chown it",
                        what, (unsigned)geteuid(), (unsigned)st->st_uid);
}

int lh_plugin_check_mode(const struct stat *st, const char *what, struct lh_error *e)
{
    if (!(st->st_mode & (S_IWGRP | S_IWOTH)))
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: permissions: expected that only its owner can write to it, found mode "
                        "%04o; chmod go-w %s",
                        what, (unsigned)(st->st_mode & 07777), what);
}

#define MAX_TRUSTED ((size_t)1 << 20)

static int read_fd(const struct lh_plugin_file *file, struct lh_buf *b, struct lh_error *e)
{
    size_t total = 0;

    while (total <= MAX_TRUSTED) {
        char chunk[4096];
        ssize_t n = pread(file->fd, chunk, sizeof chunk, (off_t)total);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lh_error_errno(e, LH_FAILED, errno, "read %s", file->path);
        if (n == 0)
            return 0;
        lh_buf_add(b, chunk, (size_t)n);
        total += (size_t)n;
    }
    return lh_error_set(e, LH_INVALID, "read %s: it is larger than the limit of %zu bytes",
                        file->path, MAX_TRUSTED);
}

int lh_plugin_read_trusted(const struct lh_plugin_policy *policy, const char *path,
                           struct lh_buf *b, struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    int code = open_path(path, &file, e);

    if (code == LH_NOT_FOUND)
        return code;
    if (!code && !policy->allow_unsafe)
        code = lh_plugin_check_owner(&file.st, file.path, e) ||
               lh_plugin_check_mode(&file.st, file.path, e);
    return code || read_fd(&file, b, e) ? lh_plugin_recode(e, LH_INVALID) : 0;
}
