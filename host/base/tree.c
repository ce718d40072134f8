/* SPDX-License-Identifier: Apache-2.0 */
/* Many files in one folder; see tree.h. */
#include "config.h"

#include "base/file.h"
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_STEM    ".lakehost-"
#define TEMP_LENGTH  (sizeof TEMP_STEM - 1 + 6) /* the stem and what lh_file_make_temp adds */
#define COMPARE_STEP ((size_t)64 << 10)

static bool is_temp_name(lh_str name)
{
    return name.n == TEMP_LENGTH && lh_str_starts(name, LH_STR(TEMP_STEM));
}

static void remember(char ***list, size_t *n, size_t *cap, lh_str path)
{
    *list = lh_xgrow(*list, *n, cap, sizeof **list);
    (*list)[(*n)++] = lh_xmemdup0(path.p, path.n);
}

/* "out/jobs/a.yml", for messages. */
static int tree_error(const struct lh_tree *t, int errno_value, const char *doing, lh_str path,
                      struct lh_error *e)
{
    char *whole lh_autofree = lh_xasprintf("%s/%.*s", t->path, LH_STR_ARG(path));

    return lh_file_error(e, errno_value, doing, whole);
}

static int refuse(const struct lh_tree *t, lh_str path, const char *why, struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID, "write %s/%.*s: %s", t->path, LH_STR_ARG(path), why);
}

/* The folder of a path, "" for the root. */
static lh_str folder_of(lh_str path)
{
    const char *slash = memrchr(path.p, '/', path.n);

    return lh_str_n(path.p, slash ? (size_t)(slash - path.p) : 0);
}

static lh_str name_of(lh_str path)
{
    size_t folder = folder_of(path).n;
    size_t from = folder ? folder + 1 : 0;

    return lh_str_n(path.p + from, path.n - from);
}

/* The component at *at, which moves behind it and its slash. */
static lh_str next_component(lh_str path, size_t *at)
{
    const char *from = path.p + *at;
    const char *slash = memchr(from, '/', path.n - *at);
    size_t n = slash ? (size_t)(slash - from) : path.n - *at;

    *at += n + 1;
    return lh_str_n(from, n);
}

static int make_above(struct lh_tree *t, struct lh_error *e)
{
    size_t n = strlen(t->path);

    for (size_t i = 1; i <= n; i++) {
        char *part lh_autofree = NULL;

        if (i < n && t->path[i] != '/')
            continue;
        part = lh_xmemdup0(t->path, i);
        if (mkdir(part, 0777) == 0)
            remember(&t->above, &t->above_n, &t->above_cap, lh_str_n(part, i));
        else if (errno != EEXIST)
            return lh_file_error(e, errno, "make the folder", part);
    }
    return LH_DONE;
}

static int lock(struct lh_tree *t, struct lh_error *e)
{
    t->locked = flock(t->root, LOCK_EX | LOCK_NB) == 0;
    if (!t->locked && errno == EWOULDBLOCK)
        return lh_error_set(e, LH_CONFLICT,
                            "write %s: another run is writing to this folder; wait for its end, "
                            "or choose another folder",
                            t->path);
    return LH_DONE;
}

int lh_tree_begin(struct lh_tree *t, const char *path, struct lh_error *e)
{
    int code;

    t->path = lh_xstrdup(path);
    code = make_above(t, e);
    if (code)
        return code;
    t->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->root < 0)
        return lh_file_error(e, errno, "open the folder", path);
    return lock(t, e);
}

static const char *wrong_component(lh_str name)
{
    if (name.n == 0)
        return "a path here is relative, and no part of it is empty";
    if (lh_str_eqz(name, ".") || lh_str_eqz(name, ".."))
        return "\".\" and \"..\" are not allowed here";
    if (name.n > NAME_MAX)
        return "a part of the path is longer than 255 bytes";
    if (memchr(name.p, '\0', name.n))
        return "a path cannot hold a NUL";
    if (is_temp_name(name))
        return "names like this are kept for temporary files";
    return NULL;
}

static int check_path(const struct lh_tree *t, lh_str path, struct lh_error *e)
{
    if (path.n == 0)
        return refuse(t, path, wrong_component(path), e);
    /* <= : behind a trailing slash there is one more component, which is empty. */
    for (size_t at = 0; at <= path.n;) {
        const char *wrong = wrong_component(next_component(path, &at));

        if (wrong)
            return refuse(t, path, wrong, e);
    }
    return LH_DONE;
}

/* Each path once, and what is a file is no folder. A folder's value is NULL, a file's is not. */
static int claim_path(struct lh_tree *t, lh_str path, struct lh_error *e)
{
    for (size_t at = 0; at < folder_of(path).n;) {
        lh_str folder;

        next_component(path, &at);
        folder = lh_str_n(path.p, at - 1);
        if (lh_map_get(&t->names, folder))
            return refuse(t, path, "the name of its folder is taken by a file of this run", e);
        lh_map_set(&t->names, folder, NULL);
    }
    if (lh_map_has(&t->names, path))
        return refuse(t, path, "this run has a file or folder of this name already", e);
    lh_map_set(&t->names, path, t);
    return LH_DONE;
}

/* Removes what a run that died has left in a folder. Ours are younger than its first use. */
static void clean(const struct lh_tree *t, int folder)
{
    int fd = t->locked ? openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct stat st;

    if (!dir)
        return;
    while ((entry = readdir(dir)))
        if (is_temp_name(lh_str_z(entry->d_name)) &&
            fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            unlinkat(fd, entry->d_name, 0);
    closedir(dir);
}

static int enter(struct lh_tree *t, int *folder, lh_str path, lh_str name, bool make,
                 struct lh_error *e)
{
    char *z lh_autofree = lh_xmemdup0(name.p, name.n);
    int next;

    if (make && mkdirat(*folder, z, 0777) == 0)
        remember(&t->made, &t->made_n, &t->made_cap, path);
    else if (make && errno != EEXIST)
        return tree_error(t, errno, "make the folder", path, e);
    next = openat(*folder, z, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* O_DIRECTORY sees a link first and calls it "not a directory". */
    if (next < 0 && (errno == ENOTDIR || errno == ELOOP))
        return refuse(t, path, "this is not a folder, or it is a symbolic link; move it away", e);
    if (next < 0)
        return tree_error(t, errno, "open the folder", path, e);
    close(*folder);
    *folder = next;
    return LH_DONE;
}

static void leave_folder(struct lh_tree *t)
{
    if (t->folder >= 0)
        close(t->folder);
    t->folder = -1;
    free(lh_take(t->folder_path));
}

/* Opens a folder below root as t->folder; component by component, so that no link is followed. */
static int use_folder(struct lh_tree *t, lh_str path, bool make, struct lh_error *e)
{
    int folder;

    if (t->folder_path && lh_str_eqz(path, t->folder_path))
        return LH_DONE;
    leave_folder(t);
    folder = openat(t->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return tree_error(t, errno, "open the folder", path, e);
    for (size_t at = 0; path.n && at < path.n;) {
        lh_str name = next_component(path, &at);
        int code = enter(t, &folder, lh_str_n(path.p, at - 1), name, make, e);

        if (code) {
            close(folder);
            return code;
        }
    }
    t->folder = folder;
    t->folder_path = lh_xmemdup0(path.p, path.n);
    if (make && lh_map_set(&t->cleaned, path, NULL))
        clean(t, folder);
    return LH_DONE;
}

static bool has_content(int fd, lh_str text)
{
    char *chunk lh_autofree = lh_xmalloc(COMPARE_STEP);

    while (text.n) {
        ssize_t n = read(fd, chunk, text.n < COMPARE_STEP ? text.n : COMPARE_STEP);

        if (n <= 0 || memcmp(chunk, text.p, (size_t)n) != 0)
            return false;
        text = lh_str_n(text.p + n, text.n - (size_t)n);
    }
    return true;
}

/* What is at the target now. *mode 0 becomes the mode of a file that is there. */
static int compare(const struct lh_tree *t, lh_str path, lh_str text, mode_t *mode,
                   enum lh_tree_state *ret_state, struct lh_error *e)
{
    int fd lh_autoclose = -1;
    lh_str name = name_of(path);
    char *z lh_autofree = lh_xmemdup0(name.p, name.n);
    struct stat st;
    mode_t had;

    if (fstatat(t->folder, z, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT)
            return tree_error(t, errno, "write", path, e);
        *ret_state = LH_TREE_NEW;
        return LH_DONE;
    }
    if (!S_ISREG(st.st_mode))
        return refuse(t, path, "what is there is not a regular file; move it away", e);
    had = st.st_mode & 0777;
    *mode = *mode ? *mode : had;
    *ret_state = LH_TREE_CHANGED;
    if (*mode != had || (uintmax_t)st.st_size != text.n)
        return LH_DONE;
    fd = openat(t->folder, z, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && has_content(fd, text))
        *ret_state = LH_TREE_UNCHANGED;
    return LH_DONE;
}

/* Writes the temporary file; `file` owns its name from then on, also on failure. */
static int stage(const struct lh_tree *t, struct lh_tree_file *file, lh_str text, mode_t mode,
                 struct lh_error *e)
{
    char *whole lh_autofree = lh_xasprintf("%s/%s", t->path, file->path);
    char temp[NAME_MAX + 1];
    int fd lh_autoclose = lh_file_make_temp(t->folder, TEMP_STEM, mode ? 0600 : 0666, temp);
    int code;

    if (fd < 0)
        return lh_file_error(e, errno, "write", whole);
    file->temp = lh_xstrdup(temp);
    code = lh_file_write_fd(fd, text, whole, e);
    if (!code && mode && fchmod(fd, mode) != 0)
        code = lh_file_error(e, errno, "set the permissions of", whole);
    return code;
}

int lh_tree_add(struct lh_tree *t, lh_str path, lh_str text, mode_t mode, struct lh_error *e)
{
    struct lh_tree_file *file;
    enum lh_tree_state state;
    int code = check_path(t, path, e);

    if (!code)
        code = claim_path(t, path, e);
    if (!code)
        code = use_folder(t, folder_of(path), true, e);
    if (!code)
        code = compare(t, path, text, &mode, &state, e);
    if (code)
        return code;
    t->files = lh_xgrow(t->files, t->n, &t->cap, sizeof *t->files);
    file = &t->files[t->n++];
    *file = (struct lh_tree_file){.path = lh_xmemdup0(path.p, path.n), .state = state};
    return state == LH_TREE_UNCHANGED ? LH_DONE : stage(t, file, text, mode, e);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct lh_tree_file *)a)->path, ((const struct lh_tree_file *)b)->path);
}

static bool is_staged(const struct lh_tree *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->files[i].temp)
            return true;
    return false;
}

static int put_in_place(struct lh_tree *t, struct lh_tree_file *file, struct lh_error *e)
{
    lh_str path = lh_str_z(file->path);
    int code = use_folder(t, folder_of(path), false, e);

    if (code)
        return code;
    if (renameat(t->folder, file->temp, t->folder, name_of(path).p) != 0)
        return tree_error(t, errno, "write", path, e);
    free(lh_take(file->temp));
    return LH_DONE;
}

int lh_tree_commit(struct lh_tree *t, struct lh_error *e)
{
    if (t->n)
        qsort(t->files, t->n, sizeof *t->files, by_path);
    /* Before the renames: a name must never point to content that could still be lost. */
    if (is_staged(t) && syncfs(t->root) != 0)
        return lh_file_error(e, errno, "sync the folder", t->path);
    for (size_t i = 0; i < t->n; i++) {
        if (t->files[i].temp && put_in_place(t, &t->files[i], e))
            return lh_error_wrap(e,
                                 "%zu of %zu files are in place, the others are as they were; run "
                                 "again to finish",
                                 i, t->n);
    }
    t->committed = true;
    return LH_DONE;
}

static void drop_file(struct lh_tree *t, struct lh_tree_file *file)
{
    if (file->temp && use_folder(t, folder_of(lh_str_z(file->path)), false, NULL) == LH_DONE)
        unlinkat(t->folder, file->temp, 0);
    free(file->temp);
    free(file->path);
}

/* Takes the folders back, inner ones first; one that is not empty stays. */
static void drop_folders(const struct lh_tree *t)
{
    for (size_t i = t->made_n; i-- > 0 && !t->committed;)
        unlinkat(t->root, t->made[i], AT_REMOVEDIR);
    for (size_t i = t->above_n; i-- > 0 && !t->committed;)
        rmdir(t->above[i]);
}

static void free_list(char **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i]);
    free(list);
}

void lh_tree_free(struct lh_tree *t)
{
    for (size_t i = 0; i < t->n; i++)
        drop_file(t, &t->files[i]);
    leave_folder(t);
    drop_folders(t);
    free_list(t->made, t->made_n);
    free_list(t->above, t->above_n);
    lh_map_free(&t->names);
    lh_map_free(&t->cleaned);
    free(t->files);
    free(t->path);
    if (t->root >= 0)
        close(t->root);
    *t = (struct lh_tree)LH_TREE_INIT;
}
