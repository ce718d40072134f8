/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading: the only place where code of a connector is let into the process. Everything that can be
 * asked of a file without running it was asked before; what was asked is what is loaded, through
 * the descriptor that was hashed.
 */
#include "config.h"

#include "plugin/internal.h"

#include "plugin/broker.h"

#include <stdlib.h>

void lh_plugin_destroy(struct lh_plugin *plugin)
{
    if (plugin->broker)
        lh_broker_destroy(plugin->broker);
    if (plugin->spec)
        lh_spec_destroy(plugin->spec);
    free(plugin->name);
    free(plugin->path);
    free(plugin);
}

int lh_plugin_check_same(const struct lh_plugin_info *info, const struct lh_connector *table,
                         struct lh_error *e)
{
    if (strcmp(table->name, info->name) != 0)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "name: expected \"%s\" as its spec says, found \"%s\" in its table",
                            info->name, table->name);
    if (!lh_str_eq(lh_str_n(table->spec_json, table->spec_len), lh_buf_slice(&info->elf.spec)))
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "spec_json: expected the %zu bytes of its note, found %zu others; "
                            "point spec_json at the note",
                            info->elf.spec.n, table->spec_len);
    return 0;
}

static int accept_table(const struct lh_plugin_info *info, lh_plugin_entry *entry,
                        const struct lh_host *host, struct lh_connector *ret, struct lh_error *e)
{
    if (lh_connector_accept(entry(host), ret, e) || lh_plugin_check_same(info, ret, e)) {
        lh_error_wrap(e, "%s", info->is_static ? info->name : info->path);
        return LH_BAD_PLUGIN;
    }
    return 0;
}

/* What was let through, but should be known. */
static void warn(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                 const struct lh_buf *passed_over, struct lh_log *log)
{
    if (passed_over->n)
        lh_log_warn(log, "connector %s: %s is used; passed over:\n%s", info->name, info->path,
                    lh_buf_text(passed_over));
    if (policy->allow_unsafe && !info->is_static)
        lh_log_warn(log, "%s: owner and permissions were not checked", info->path);
    if (lh_plugin_is_untrusted(policy, info))
        lh_log_warn(log, "%s: none of the trusted keys made its signature for this file",
                    info->path);
}

/* Lets its code in, here. */
static int load_here(const struct lh_plugin_info *info, const struct lh_plugin_file *file,
                     const struct lh_host *host, struct lh_connector *ret, struct lh_error *e)
{
    lh_plugin_entry *entry = NULL;
    int code = info->is_static ? lh_plugin_static_entry(info->name, &entry, e)
                               : lh_image_load(file->fd, file->path, info->sha256, &entry, e);

    return code ? code : accept_table(info, entry, host, ret, e);
}

int lh_plugin_load(const struct lh_plugin_policy *policy, const char *name,
                   const struct lh_host *host, struct lh_log *log, struct lh_plugin **ret,
                   struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) passed_over = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_broker *broker = NULL;
    struct lh_connector table;
    int code = lh_plugin_search(policy, name, &info, &file, &passed_over, e);

    if (!code && !info.is_static)
        code = lh_plugin_examine(policy, &file, &info, e);
    if (!code)
        code = lh_plugin_permit(policy, &info, e);
    if (code)
        return code;
    warn(policy, &info, &passed_over, log);
    code = policy->isolation
               ? lh_broker_start(policy->isolation, &info, file.fd, host, log, &broker, &table, e)
               : load_here(&info, &file, host, &table, e);
    if (code)
        return code;
    *ret = lh_xcalloc(1, sizeof **ret);
    **ret = (struct lh_plugin){.table = table,
                               .spec = lh_take(info.spec),
                               .name = lh_take(info.name),
                               .path = lh_take(info.path),
                               .broker = broker};
    return 0;
}
