/* SPDX-License-Identifier: Apache-2.0 */
/* The search path: one connector by its name, or all of them. Runs no code of any. */
#include "config.h"

#include "plugin/internal.h"

#include "base/map.h"
#include "base/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define SUFFIX ".so"

/* --- the folders ------------------------------------------------------------------------------ */

bool lh_plugin_folder_repeats(const struct lh_plugin_policy *policy, size_t i)
{
    struct stat this;
    struct stat earlier;

    if (stat(policy->folders[i], &this) != 0)
        return false;
    for (size_t k = 0; k < i; k++)
        if (stat(policy->folders[k], &earlier) == 0 && earlier.st_dev == this.st_dev &&
            earlier.st_ino == this.st_ino)
            return true;
    return false;
}

/* --- the names in a folder -------------------------------------------------------------------- */

struct names {
    char **items;
    size_t n, cap;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_candidate(const char *file)
{
    size_t n = strlen(file);

    return file[0] != '.' && n > sizeof SUFFIX - 1 &&
           strcmp(file + n - (sizeof SUFFIX - 1), SUFFIX) == 0;
}

/* Files that may be connectors, sorted. A folder that is not there has none. */
static int read_folder(const char *folder, struct names *ret, struct lh_error *e)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (!dir)
        return lh_error_errno(e, LH_BAD_PLUGIN, errno, "read the folder %s", folder);
    while ((entry = readdir(dir))) {
        if (!is_candidate(entry->d_name))
            continue;
        ret->items = lh_xgrow(ret->items, ret->n, &ret->cap, sizeof *ret->items);
        ret->items[ret->n++] = lh_xstrdup(entry->d_name);
    }
    closedir(dir);
    if (ret->n)
        qsort(ret->items, ret->n, sizeof *ret->items, by_text);
    return 0;
}

/* --- listing ---------------------------------------------------------------------------------- */

struct listing {
    const struct lh_plugin_policy *policy;
    bool with_hash;
    struct lh_plugin_info *items;
    size_t n, cap;
    struct lh_map seen; /* names of earlier folders */
};

static void listing_free(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        lh_plugin_info_free(&l->items[i]);
    free(l->items);
    lh_map_free(&l->seen);
}

static struct lh_plugin_info *add_info(struct listing *l)
{
    l->items = lh_xgrow(l->items, l->n, &l->cap, sizeof *l->items);
    l->items[l->n] = (struct lh_plugin_info){0};
    return &l->items[l->n++];
}

/*
 * What is to be said of a file. ret_in_the_way: it hides later ones of its name, as lh_plugin_find
 * has it: what cannot be inspected is passed over, what is not permitted is not.
 */
static int examine_file(const struct listing *l, const char *folder, const char *file,
                        struct lh_plugin_info *info, bool *ret_in_the_way, struct lh_error *e)
{
    lh_auto(lh_plugin_file) opened = LH_PLUGIN_FILE_INIT;
    int code;

    if (!lh_plugin_is_name(lh_str_z(info->name)))
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "%s: name: expected " LH_PLUGIN_NAME_RULE " before " SUFFIX
                            ", found \"%s\"; rename the file",
                            info->path, info->name);
    if (lh_plugin_file_open(folder, file, &opened, e) ||
        lh_plugin_inspect(l->policy, &opened, info, e))
        return LH_BAD_PLUGIN;
    *ret_in_the_way = true;
    if (!l->with_hash)
        return lh_plugin_permit_cheaply(l->policy, &opened, info, e);
    code = lh_plugin_examine(l->policy, &opened, info, e);
    return code ? code : lh_plugin_permit(l->policy, info, e);
}

static void list_file(struct listing *l, const char *folder, const char *file)
{
    struct lh_plugin_info *info = add_info(l);
    bool in_the_way = false;

    info->name = lh_xmemdup0(file, strlen(file) - (sizeof SUFFIX - 1));
    info->path = lh_xasprintf("%s/%s", folder, file);
    examine_file(l, folder, file, info, &in_the_way, &info->error);
    /* a folder has a name once, so this cannot hide what comes later in the same */
    info->shadowed = lh_map_has(&l->seen, lh_str_z(info->name));
    if (in_the_way)
        lh_map_set(&l->seen, lh_str_z(info->name), NULL);
}

/* A folder that cannot be read is listed as one broken entry: silence would hide connectors. */
static void list_folder(struct listing *l, const char *folder)
{
    __attribute__((cleanup(names_free))) struct names names = {0};
    lh_auto(lh_error) problem = LH_ERROR_INIT;

    if (read_folder(folder, &names, &problem)) {
        struct lh_plugin_info *info = add_info(l);

        info->name = lh_xstrdup("");
        info->path = lh_xstrdup(folder);
        lh_error_move(&info->error, &problem);
        return;
    }
    for (size_t i = 0; i < names.n; i++)
        list_file(l, folder, names.items[i]);
}

static int list_static(struct listing *l, struct lh_error *e)
{
    size_t first = l->n;
    int code = lh_plugin_static_list(&l->items, &l->n, e);

    l->cap = l->n;
    for (size_t i = first; i < l->n; i++) {
        struct lh_plugin_info *info = &l->items[i];

        info->shadowed = lh_map_has(&l->seen, lh_str_z(info->name));
        if (!info->error.code)
            lh_plugin_permit(l->policy, info, &info->error);
    }
    return code;
}

int lh_plugin_list(const struct lh_plugin_policy *policy, bool with_hash,
                   struct lh_plugin_info **ret, size_t *ret_n, struct lh_error *e)
{
    __attribute__((cleanup(listing_free))) struct listing l = {
        .policy = policy, .with_hash = with_hash, .seen = LH_MAP_INIT(NULL)};

    for (size_t i = 0; i < policy->n_folders; i++)
        if (!lh_plugin_folder_repeats(policy, i))
            list_folder(&l, policy->folders[i]);
    if (list_static(&l, e))
        return LH_BAD_PLUGIN;
    *ret_n = l.n;
    l.n = 0;
    *ret = lh_take(l.items);
    return 0;
}

/* --- finding ---------------------------------------------------------------------------------- */

/* One candidate: 0 when it can be used, LH_NOT_FOUND when it is not there. */
static int try_file(const struct lh_plugin_policy *policy, const char *name, const char *folder,
                    struct lh_plugin_info *ret, struct lh_plugin_file *ret_file, struct lh_error *e)
{
    lh_auto(lh_plugin_info) info = {.name = name ? lh_xstrdup(name) : NULL};
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    char *base lh_autofree = name ? lh_xasprintf("%s" SUFFIX, name) : NULL;
    int code = name ? lh_plugin_file_open(folder, base, &file, e)
                    : lh_plugin_file_open_path(folder, &file, e);

    if (code)
        return code;
    if (lh_plugin_inspect(policy, &file, &info, e))
        return LH_BAD_PLUGIN;
    info.path = lh_xstrdup(file.path);
    *ret = info;
    info = (struct lh_plugin_info){0};
    *ret_file = file;
    file = (struct lh_plugin_file)LH_PLUGIN_FILE_INIT;
    return 0;
}

static int find_static(const char *name, struct lh_plugin_info *ret, struct lh_error *e)
{
    struct lh_plugin_info *all lh_autofree = NULL;
    size_t n = 0;
    int code = lh_plugin_static_list(&all, &n, e);
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        if (code || found || strcmp(all[i].name, name) != 0) {
            lh_plugin_info_free(&all[i]);
            continue;
        }
        found = true;
        *ret = all[i];
    }
    return code ? code : found ? 0 : LH_NOT_FOUND;
}

static lh_str info_name(const void *context, size_t i)
{
    return lh_str_z(((const struct lh_plugin_info *)context)[i].name);
}

/* What else there is, for "did you mean". */
static void add_hint(const struct lh_plugin_policy *policy, const char *name, struct lh_buf *to)
{
    struct lh_plugin_info *all lh_autofree = NULL;
    size_t n = 0;

    if (lh_plugin_list(policy, false, &all, &n, NULL))
        return;
    lh_nearest_hint(lh_str_z(name), info_name, all, n, to);
    for (size_t i = 0; i < n; i++)
        lh_plugin_info_free(&all[i]);
}

static int not_found(const struct lh_plugin_policy *policy, const char *name, bool broken,
                     const struct lh_buf *tried, struct lh_error *e)
{
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    if (broken)
        return lh_error_set(e, LH_BAD_PLUGIN, "connector %s: none that can be used; tried:%s", name,
                            lh_buf_text(tried));
    add_hint(policy, name, &hint);
    return lh_error_set(e, LH_NOT_FOUND, "connector %s: not found%s; tried:%s", name,
                        lh_buf_text(&hint), tried->n ? lh_buf_text(tried) : " no folder");
}

static int search_folders(const struct lh_plugin_policy *policy, const char *name,
                          struct lh_plugin_info *ret, struct lh_plugin_file *ret_file,
                          struct lh_buf *passed_over, struct lh_error *e)
{
    lh_auto(lh_buf) tried = LH_BUF_INIT(LH_BUF_TEXT);
    bool broken = false;

    for (size_t i = 0; i < policy->n_folders; i++) {
        lh_auto(lh_error) problem = LH_ERROR_INIT;
        int code = 0;

        if (lh_plugin_folder_repeats(policy, i))
            continue;
        code = try_file(policy, name, policy->folders[i], ret, ret_file, &problem);
        if (code == 0)
            return 0;
        if (code != LH_NOT_FOUND)
            lh_buf_f(passed_over, "%s%s", passed_over->n ? "\n" : "", lh_error_text(&problem));
        broken = broken || code != LH_NOT_FOUND;
        if (code == LH_NOT_FOUND)
            lh_buf_f(&tried, "\n%s/%s" SUFFIX ": no such file", policy->folders[i], name);
        else
            lh_buf_f(&tried, "\n%s", lh_error_text(&problem));
    }
    if (find_static(name, ret, e) == 0)
        return 0;
    return not_found(policy, name, broken, &tried, e);
}

int lh_plugin_search(const struct lh_plugin_policy *policy, const char *name,
                     struct lh_plugin_info *ret, struct lh_plugin_file *ret_file,
                     struct lh_buf *passed_over, struct lh_error *e)
{
    if (strchr(name, '/'))
        return try_file(policy, NULL, name, ret, ret_file, e);
    if (!lh_plugin_is_name(lh_str_z(name)))
        return lh_error_set(
            e, LH_NOT_FOUND,
            "connector \"%s\": expected " LH_PLUGIN_NAME_RULE ", or a path with a '/' in it", name);
    return search_folders(policy, name, ret, ret_file, passed_over, e);
}

int lh_plugin_find(const struct lh_plugin_policy *policy, const char *name,
                   struct lh_plugin_info *ret, struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) passed_over = LH_BUF_INIT(LH_BUF_TEXT);
    int code = lh_plugin_search(policy, name, &info, &file, &passed_over, e);

    if (!code && file.fd >= 0)
        code = lh_plugin_examine(policy, &file, &info, e);
    if (code)
        return code;
    *ret = info;
    info = (struct lh_plugin_info){0};
    return 0;
}
