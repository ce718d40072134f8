/* SPDX-License-Identifier: Apache-2.0 */
/* The policy for connectors out of flags, configuration and folders; see plugins.h. */
#include "config.h"

#include "cmd/plugins.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <unistd.h>

void lh_plugins_free(struct lh_plugins *plugins)
{
    lh_arena_free(&plugins->arena);
    *plugins = (struct lh_plugins){0};
}

/* A list whose texts and array live in the arena; room is for all that will come. */
struct list {
    struct lh_arena *arena;
    const char **items;
    size_t n, cap;
};

static void add(struct list *l, lh_str text)
{
    const char **grown;

    if (!text.n)
        return;
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 8;
        grown = lh_arena_alloc(l->arena, l->cap * sizeof *grown);
        for (size_t i = 0; i < l->n; i++)
            grown[i] = l->items[i];
        l->items = grown;
    }
    l->items[l->n++] = lh_arena_copy(l->arena, text);
}

static void add_setting(struct list *l, const struct lh_config *config, const char *key)
{
    const json_t *value = lh_config_get(config, key);
    size_t i;
    json_t *item;

    json_array_foreach(value, i, item) add(l, lh_str_z(json_string_value(item)));
}

/* lakehost's folder for the user's data, by the XDG rules; NULL without a home. */
static char *user_folder(void)
{
    const char *xdg = secure_getenv("XDG_DATA_HOME");
    const char *home = secure_getenv("HOME");

    if (xdg && xdg[0] == '/')
        return lh_xasprintf("%s/lakehost", xdg);
    return home && home[0] == '/' ? lh_xasprintf("%s/.local/share/lakehost", home) : NULL;
}

static void add_folders(struct list *l, const struct lh_config *config, const struct lh_args *args,
                        const char *user)
{
    size_t at = 0;
    const char *dirs;

    while ((dirs = lh_args_next(args, "plugin-path", &at)))
        while (*dirs) {
            size_t n = strcspn(dirs, ":");

            add(l, lh_str_n(dirs, n));
            dirs += n + (dirs[n] == ':');
        }
    add_setting(l, config, "plugin_path");
    if (user) {
        char *folder lh_autofree = lh_xasprintf("%s/connectors-%u", user, LH_ABI_MAJOR);

        add(l, lh_str_z(folder));
    }
    add(l, lh_str_z(lh_connector_folder()));
}

static int lock_file(const struct lh_config *config, const char *user, struct lh_plugins *to,
                     struct lh_error *e)
{
    const char *named = lh_config_string(config, "plugins_lock");
    char *path lh_autofree = named  ? lh_xstrdup(named)
                             : user ? lh_xasprintf("%s/plugins.lock", user)
                                    : NULL;

    /* a missing file pins nothing, which is not what somebody wants who named one */
    if (named && access(named, F_OK) != 0)
        return lh_error_set(
            e, LH_INVALID, "setting plugins_lock: there is no file %s; correct or unset it", named);
    to->policy.lock_file = path ? lh_arena_copy(&to->arena, lh_str_z(path)) : NULL;
    return 0;
}

/* Processes for connectors, unless the command line goes without them. */
static void take_isolation(const struct lh_config *config, const struct lh_args *args,
                           struct lh_plugins *to)
{
    const char *mode = lh_args_get(args, "isolation");
    const char *named = lh_config_string(config, "isolation.worker");
    char *path lh_autofree =
        named ? lh_xstrdup(named) : lh_xasprintf("%s/lakehost-worker", lh_libexec_folder());

    if (mode && strcmp(mode, "none") == 0)
        return;
    to->isolation = (struct lh_isolation){
        .worker = lh_arena_copy(&to->arena, lh_str_z(path)),
        .load_ms = 1000 * lh_config_count(config, "isolation.load_timeout", 5),
        .compute_ms = 1000 * lh_config_count(config, "isolation.compute_timeout", 30),
        .max_memory = (uint64_t)lh_config_count(config, "isolation.max_memory", 0) << 20,
    };
    to->policy.isolation = &to->isolation;
}

int lh_cmd_plugin_policy(const struct lh_context *context, const struct lh_args *args,
                         struct lh_plugins *ret, struct lh_error *e)
{
    char *user lh_autofree = user_folder();
    struct list folders = {.arena = &ret->arena};
    struct list keys = {.arena = &ret->arena};
    struct list consents = {.arena = &ret->arena};
    const char *key;
    size_t at = 0;
    int code = lock_file(context->config, user, ret, e);

    if (code)
        return code;
    add_folders(&folders, context->config, args, user);
    while ((key = lh_args_next(args, "trusted-key", &at)))
        add(&keys, lh_str_z(key));
    add_setting(&keys, context->config, "trusted_keys");
    add_setting(&consents, context->config, "plugin_consent");
    ret->policy.folders = folders.items;
    ret->policy.n_folders = folders.n;
    ret->policy.trusted_keys = keys.items;
    ret->policy.n_trusted_keys = keys.n;
    ret->policy.consents = consents.items;
    ret->policy.n_consents = consents.n;
    ret->policy.require_signature = lh_args_count(args, "require-signature") ||
                                    lh_config_bool(context->config, "require_signature", false);
    ret->policy.allow_unsafe = lh_args_count(args, "allow-unsafe") > 0;
    take_isolation(context->config, args, ret);
    return lh_plugin_check_policy(&ret->policy, e);
}

char *lh_plugin_plain(const char *text)
{
    lh_auto(lh_buf) plain = LH_BUF_INIT((size_t)4 << 20);
    lh_str s = lh_str_z(text);
    size_t at = 0;

    while (at < s.n) {
        uint32_t c = lh_utf8_next_any(s, &at);
        char bytes[4];

        /* C0, DEL, C1, the marks that turn the direction of writing, and bytes that are no text */
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
            (c >= 0x2066 && c <= 0x2069) || c >= LH_UTF8_BAD)
            c = 0xfffd;
        lh_buf_add(&plain, bytes, lh_utf8_put(bytes, c));
    }
    return lh_xstrdup(lh_buf_text(&plain));
}
