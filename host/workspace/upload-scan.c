/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of files to a folder of the workspace: what is there; see upload.h. No network. */
#include "config.h"

#include "workspace/upload.h"

#include "base/file.h"
#include "base/map.h"
#include "base/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void lh_upload_free(struct lh_upload *u)
{
    for (size_t i = 0; i < u->n; i++) {
        free(u->files[i].local);
        free(u->files[i].path);
        lh_error_free(&u->files[i].error);
    }
    for (size_t i = 0; i < u->n_folders; i++)
        free(u->folders[i]);
    free(u->files);
    free(u->folders);
}

struct scan {
    struct lh_upload *into;
    struct lh_log *log;
    struct lh_map paths; /* of the workspace -> local path */
};

static void scan_free(struct scan *s)
{
    lh_map_free(&s->paths);
}

/* --- notebooks -------------------------------------------------------------------------------- */

static const struct {
    const char *extension, *language, *header;
} languages[] = {
    {".py", "PYTHON", "# Databricks notebook source"},
    {".sql", "SQL", "-- Databricks notebook source"},
    {".scala", "SCALA", "// Databricks notebook source"},
    {".r", "R", "# Databricks notebook source"},
    {".R", "R", "# Databricks notebook source"},
};

/* Where the extension of the last name begins; the end without one. */
static size_t extension(const char *path)
{
    const char *name = strrchr(path, '/');
    const char *dot;

    name = name ? name + 1 : path;
    dot = strrchr(name, '.');
    return dot && dot != name ? (size_t)(dot - path) : strlen(path);
}

static bool begins_with_line(lh_str text, const char *line)
{
    size_t n = strlen(line);

    return lh_str_starts(text, lh_str_z(line)) &&
           (text.n == n || text.p[n] == '\n' || text.p[n] == '\r');
}

/* What a file becomes; its path loses the extension where that is a notebook. */
static void classify(struct lh_upload_file *file, lh_str head)
{
    size_t at = extension(file->path);
    const char *name = file->path + at;

    file->format = LH_WS_RAW;
    if (strcmp(name, ".ipynb") == 0)
        file->format = LH_WS_JUPYTER;
    for (size_t i = 0; i < LH_LEN(languages); i++) {
        if (strcmp(name, languages[i].extension) != 0 ||
            !begins_with_line(head, languages[i].header))
            continue;
        file->format = LH_WS_SOURCE;
        file->language = languages[i].language;
    }
    if (file->format != LH_WS_RAW)
        file->path[at] = '\0';
}

/* --- walking ---------------------------------------------------------------------------------- */

/* A path of the workspace, once. */
static int claim(struct scan *s, const char *path, const char *local, struct lh_error *e)
{
    const char *other = lh_map_get(&s->paths, lh_str_z(path));

    if (other)
        return lh_error_set(e, LH_INVALID,
                            "%s and %s would both become %s; a notebook has no extension there: "
                            "rename one",
                            other, local, path);
    lh_map_set(&s->paths, lh_str_z(path), lh_xstrdup(local));
    return 0;
}

static int read_head(int folder, const char *name, const char *local, struct lh_buf *to,
                     struct lh_error *e)
{
    int fd lh_autoclose = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *room = lh_buf_room(to, 64);
    ssize_t n = fd < 0 ? -1 : read(fd, room, 64);

    if (n < 0)
        return lh_file_error(e, errno, "read", local);
    to->n += (size_t)n;
    return 0;
}

static int add_file(struct scan *s, int folder, const char *name, const char *local,
                    const char *path, const struct stat *st, struct lh_error *e)
{
    lh_auto(lh_buf) head = LH_BUF_INIT((size_t)64);
    struct lh_upload *u = s->into;
    struct lh_upload_file *file;

    if (u->n == LH_UPLOAD_FILES)
        return lh_error_set(e, LH_INVALID, "%s: more than %u files", local, LH_UPLOAD_FILES);
    if ((uint64_t)st->st_size > LH_WS_IMPORT_MAX)
        return lh_error_set(e, LH_INVALID,
                            "%s: %lld bytes, and a workspace folder takes files of up to %zu; put "
                            "it into a volume",
                            local, (long long)st->st_size, LH_WS_IMPORT_MAX);
    if (read_head(folder, name, local, &head, e))
        return e ? e->code : LH_FAILED;
    u->files = lh_xgrow(u->files, u->n, &u->cap, sizeof *u->files);
    file = &u->files[u->n++];
    *file = (struct lh_upload_file){.local = lh_xstrdup(local), .path = lh_xstrdup(path)};
    classify(file, lh_buf_slice(&head));
    return claim(s, file->path, local, e);
}

static bool is_left_out(const char *name)
{
    static const char *const names[] = {".git", ".databricks", "node_modules", "__pycache__"};

    for (size_t i = 0; i < LH_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int wanted(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
           !is_left_out(entry->d_name);
}

struct names {
    struct dirent **items;
    int n;
};

static void names_free(struct names *list)
{
    for (int i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
}

static int walk(struct scan *s, int folder, const char *local, const char *path, unsigned depth,
                struct lh_error *e);

static int walk_below(struct scan *s, int folder, const char *name, const char *local,
                      const char *path, unsigned depth, struct lh_error *e)
{
    int fd lh_autoclose = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return lh_file_error(e, errno, "open", local);
    if (depth == LH_UPLOAD_DEPTH)
        return lh_error_set(e, LH_INVALID, "%s: folders deeper than %u", local, LH_UPLOAD_DEPTH);
    return walk(s, fd, local, path, depth + 1, e);
}

/* Names become URLs and JSON: control characters would only ever be a mistake or a trick. */
static bool is_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return false;
    return lh_utf8_valid(lh_str_z(name));
}

static int take_entry(struct scan *s, int folder, const char *name, const char *local,
                      const char *path, unsigned depth, struct lh_error *e)
{
    char *local_name lh_autofree = lh_xasprintf("%s/%s", local, name);
    char *path_name lh_autofree = lh_xasprintf("%s/%s", path, name);
    struct stat st;

    if (!is_name(name))
        return lh_error_set(e, LH_INVALID,
                            "%s: expected a name in UTF-8 without control characters", local_name);
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW))
        return lh_file_error(e, errno, "look at", local_name);
    if (S_ISDIR(st.st_mode))
        return walk_below(s, folder, name, local_name, path_name, depth, e);
    if (S_ISREG(st.st_mode))
        return add_file(s, folder, name, local_name, path_name, &st, e);
    lh_log_warn(s->log, "%s: %s, left out", local_name,
                S_ISLNK(st.st_mode) ? "a symbolic link" : "neither a file nor a folder");
    return 0;
}

static int walk(struct scan *s, int folder, const char *local, const char *path, unsigned depth,
                struct lh_error *e)
{
    __attribute__((cleanup(names_free))) struct names list = {NULL, 0};
    struct lh_upload *u = s->into;
    int code = claim(s, path, local, e);

    u->folders = lh_xgrow(u->folders, u->n_folders, &u->cap_folders, sizeof *u->folders);
    u->folders[u->n_folders++] = lh_xstrdup(path);
    list.n = scandirat(folder, ".", &list.items, wanted, by_name);
    if (list.n < 0) {
        list.n = 0;
        return lh_file_error(e, errno, "read", local);
    }
    for (int i = 0; !code && i < list.n; i++)
        code = take_entry(s, folder, list.items[i]->d_name, local, path, depth, e);
    return code;
}

/* Without slashes at its end. */
static char *trimmed(const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return lh_xmemdup0(path, n);
}

int lh_upload_scan(const char *folder, const char *workspace_path, struct lh_log *log,
                   struct lh_upload *ret, struct lh_error *e)
{
    __attribute__((cleanup(scan_free))) struct scan s = {ret, log, LH_MAP_INIT(free)};
    char *local lh_autofree = trimmed(folder);
    char *path lh_autofree = trimmed(workspace_path);
    int fd lh_autoclose = open(local, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return lh_file_error(e, errno, "open", local);
    return walk(&s, fd, local, path, 0, e);
}
