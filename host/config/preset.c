/* SPDX-License-Identifier: Apache-2.0 */
/* Finding presets. A name from outside never becomes a path: it is looked up in the list. */
#include "config.h"

#include "config/preset.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/nearest.h"
#include "config/data.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define PREFIX LH_STR("preset_")
#define SUFFIX LH_STR(".csv")

void lh_preset_free(struct lh_preset *preset)
{
    free(preset->name);
    free(preset->path);
}

void lh_presets_free(struct lh_presets *presets)
{
    for (size_t i = 0; i < presets->n; i++)
        lh_preset_free(&presets->items[i]);
    free(presets->items);
}

static bool ends_with(lh_str s, lh_str end)
{
    return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

/* "preset_all_tables.csv", "preset_all_tables" and "all_tables" are "all_tables". */
static lh_str bare(lh_str name)
{
    if (ends_with(name, SUFFIX))
        name.n -= SUFFIX.n;
    if (lh_str_starts(name, PREFIX))
        name = lh_str_n(name.p + PREFIX.n, name.n - PREFIX.n);
    return name;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int is_preset(const struct dirent *entry)
{
    lh_str name = lh_str_z(entry->d_name);

    return lh_str_starts(name, PREFIX) && ends_with(name, SUFFIX) && bare(name).n;
}

/* The names in a folder; a folder that is not there has none. */
struct names {
    struct dirent **entries;
    int n;
};

static void names_free(struct names *names)
{
    for (int i = 0; i < names->n; i++)
        free(names->entries[i]);
    free(names->entries);
}

static int names_read(struct names *names, const char *folder, int filter(const struct dirent *),
                      struct lh_error *e)
{
    int n = scandir(folder, &names->entries, filter, NULL);

    if (n < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : lh_file_error(e, errno, "read", folder);
    names->n = n;
    return 0;
}

static int add_folder(struct lh_presets *to, const char *folder, const char *connector,
                      struct lh_error *e)
{
    __attribute__((cleanup(names_free))) struct names files = {0};
    char *path lh_autofree = lh_xasprintf("%s/%s", folder, connector);
    int code = names_read(&files, path, is_preset, e);

    for (int i = 0; !code && i < files.n; i++) {
        const char *file = files.entries[i]->d_name;
        lh_str name = bare(lh_str_z(file));

        to->items = lh_xgrow(to->items, to->n, &to->cap, sizeof *to->items);
        to->items[to->n++] = (struct lh_preset){
            .name = lh_xasprintf("%s/%.*s", connector, LH_STR_ARG(name)),
            .path = lh_xasprintf("%s/%s", path, file),
        };
    }
    return code;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct lh_preset *)a)->name, ((const struct lh_preset *)b)->name);
}

static lh_str connector_at(const void *names, size_t i)
{
    return lh_str_z(((const struct names *)names)->entries[i]->d_name);
}

static int no_connector(const struct names *connectors, const char *connector, struct lh_error *e)
{
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    lh_nearest_hint(lh_str_z(connector), connector_at, connectors, (size_t)connectors->n, &hint);
    return lh_error_set(e, LH_NOT_FOUND,
                        "no presets for a connector \"%s\"%s; lakehost preset list names all",
                        connector, lh_buf_text(&hint));
}

int lh_presets_list(const char *connector, struct lh_presets *ret, struct lh_error *e)
{
    __attribute__((cleanup(names_free))) struct names connectors = {0};
    lh_auto(lh_presets) all = {0};
    char *folder lh_autofree = lh_data_path("presets");
    int code = names_read(&connectors, folder, is_visible, e);

    for (int i = 0; !code && i < connectors.n; i++)
        if (!connector || strcmp(connector, connectors.entries[i]->d_name) == 0)
            code = add_folder(&all, folder, connectors.entries[i]->d_name, e);
    if (code)
        return code;
    if (connector && !all.n)
        return no_connector(&connectors, connector, e);
    if (all.n)
        qsort(all.items, all.n, sizeof *all.items, by_name);
    *ret = all;
    all = (struct lh_presets){0};
    return 0;
}

static lh_str preset_at(const void *items, size_t i)
{
    return lh_str_z(((const struct lh_preset *)items)[i].name);
}

int lh_preset_get(const char *name, struct lh_preset *ret, struct lh_error *e)
{
    lh_auto(lh_presets) all = {0};
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    const char *slash = strchr(name, '/');
    lh_str wanted = bare(lh_str_z(slash ? slash + 1 : ""));
    char *proper lh_autofree =
        lh_xasprintf("%.*s/%.*s", slash ? (int)(slash - name) : 0, name, LH_STR_ARG(wanted));

    if (lh_presets_list(NULL, &all, e))
        return lh_error_wrap(e, "preset %s", name);
    for (size_t i = 0; i < all.n; i++)
        if (strcmp(all.items[i].name, proper) == 0) {
            *ret = all.items[i];
            all.items[i] = (struct lh_preset){0};
            return 0;
        }
    if (slash)
        lh_nearest_hint(lh_str_z(proper), preset_at, all.items, all.n, &hint);
    return lh_error_set(e, LH_NOT_FOUND, "preset \"%s\": there is none of this name%s%s", name,
                        lh_buf_text(&hint),
                        slash ? "; lakehost preset list names all"
                              : "; a preset is CONNECTOR/NAME, lakehost preset list names all");
}

int lh_preset_find(const char *name, char **ret_path, struct lh_error *e)
{
    lh_auto(lh_preset) preset = {0};
    int code = lh_preset_get(name, &preset, e);

    if (!code)
        *ret_path = lh_take(preset.path);
    return code;
}
