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
                              struct lh_buf *to, size_t *ret_problems, struct lh_error *e)
{
    lh_auto(lh_plugin_info) info = {0};
    int code = lh_plugin_find(policy, name, &info, e);

    if (!code)
        *ret_problems = lh_plugin_permit_lines(policy, &info, to);
    return code;
}

/* Under another name it can be used by its path only. */
static void warn_of_name(const char *path, const char *name, struct lh_buf *to)
{
    const char *slash = strrchr(path, '/');
    char *wanted lh_autofree = lh_xasprintf("%s.so", name);

    if (strcmp(slash ? slash + 1 : path, wanted) != 0)
        lh_buf_f(to,
                 "warning: %s: name: expected the file name %s as its spec says; on the search "
                 "path it is not found under this one\n",
                 path, wanted);
}

/* What a run would warn about, too. */
static void warn_of_signature(const struct lh_plugin_policy *policy,
                              const struct lh_plugin_info *info, struct lh_buf *to)
{
    if (policy->require_signature || !lh_plugin_is_untrusted(policy, info))
        return;
    lh_buf_f(to,
             "warning: %s: signature: expected one by a trusted key, found one that none of %zu "
             "trusted keys made for this file\n",
             info->path, policy->n_trusted_keys);
}

/* Pin, signature and consent, once it is known which connector this is. */
static size_t check_permission(const struct lh_plugin_policy *policy,
                               const struct lh_plugin_file *file, struct lh_plugin_info *info,
                               struct lh_buf *to)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;

    if (!info->spec || !info->name)
        return 0;
    if (lh_plugin_examine(policy, file, info, &problem) == 0) {
        warn_of_signature(policy, info, to);
        return lh_plugin_permit_lines(policy, info, to);
    }
    lh_buf_f(to, "%s\n", lh_error_text(&problem));
    return 1;
}

static size_t validate_file(const struct lh_plugin_policy *policy,
                            const struct lh_plugin_file *file, struct lh_plugin_info *info,
                            struct lh_buf *to)
{
    bool any_name = !info->name;
    size_t problems = 0;

    info->path = lh_xstrdup(file->path);
    lh_plugin_validate_file(policy, file, info, to, &problems);
    if (any_name && info->name)
        warn_of_name(file->path, info->name, to);
    return problems + check_permission(policy, file, info, to);
}

int lh_plugin_validate(const struct lh_plugin_policy *policy, const char *name, struct lh_buf *to,
                       size_t *ret_problems, struct lh_error *e)
{
    bool is_path = strchr(name, '/') != NULL;
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    lh_auto(lh_plugin_info) info = {.name = is_path ? NULL : lh_xstrdup(name)};
    int code;

    if (!is_path && !lh_plugin_is_name(lh_str_z(name)))
        return validate_elsewhere(policy, name, to, ret_problems, e);
    code = is_path ? lh_plugin_file_open_path(name, &file, e) : open_named(policy, name, &file, e);
    if (code == LH_NOT_FOUND)
        return validate_elsewhere(policy, name, to, ret_problems, e);
    if (!code)
        *ret_problems = validate_file(policy, &file, &info, to);
    return code;
}
