/* SPDX-License-Identifier: Apache-2.0 */
/* Every problem of one connector; see plugin.h. The rules themselves are in inspect.c. */
#include "config.h"

#include "plugin/internal.h"

/* The first file of that name in the folders, good or bad. */
static int open_named(const struct lh_plugin_policy *policy, const char *name,
                      struct lh_plugin_file *ret, struct lh_error *e)
{
    char *base lh_autofree = lh_xasprintf("%s.so", name);

    for (size_t i = 0; i < policy->n_folders; i++) {
        lh_auto(lh_error) problem = LH_ERROR_INIT;
        int code = lh_plugin_file_open(policy->folders[i], base, ret, &problem);

        if (code != LH_NOT_FOUND)
            return code ? lh_error_move(e, &problem) : 0;
    }
    return LH_NOT_FOUND;
}

/* Not in any folder: a static connector, or the message of a search that found nothing. */
static int validate_elsewhere(const struct lh_plugin_policy *policy, const char *name,
                              struct lh_error *e)
{
    lh_auto(lh_plugin_info) info = {0};

    return lh_plugin_find(policy, name, &info, e);
}

int lh_plugin_validate(const struct lh_plugin_policy *policy, const char *name, struct lh_buf *to,
                       size_t *ret_problems, struct lh_error *e)
{
    bool is_path = strchr(name, '/') != NULL;
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    lh_auto(lh_plugin_info) info = {.name = is_path ? NULL : lh_xstrdup(name)};
    size_t problems = 0;
    int code;

    if (!is_path && !lh_plugin_is_name(lh_str_z(name)))
        return validate_elsewhere(policy, name, e);
    code = is_path ? lh_plugin_file_open_path(name, &file, e) : open_named(policy, name, &file, e);
    if (code == LH_NOT_FOUND && !is_path)
        code = validate_elsewhere(policy, name, e);
    else if (!code)
        lh_plugin_validate_file(policy, &file, &info, to, &problems);
    if (!code)
        *ret_problems = problems;
    return code;
}
