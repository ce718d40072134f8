/* SPDX-License-Identifier: Apache-2.0 */
/* The command `plugin list`: every connector on the search path, also the broken ones. */
#include "config.h"

#include "cmd/plugins.h"

#include "base/utf8.h"

#include <stdlib.h>

static const struct lh_option list_options[] = {
    {"--output", "FORMAT", "text or json", "text|json"},
    LH_PLUGIN_OPTIONS,
    {NULL},
};

struct listing {
    const struct lh_plugin_policy *policy;
    struct lh_plugin_info *items;
    size_t n;
};

static void listing_free(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        lh_plugin_info_free(&l->items[i]);
    free(l->items);
}

static const char *state(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info)
{
    return info->error.code                       ? "broken"
           : info->shadowed                       ? "shadowed"
           : lh_plugin_is_untrusted(policy, info) ? "untrusted"
                                                  : "ok";
}

static json_t *plain_json(const char *text)
{
    char *plain lh_autofree = text ? lh_plugin_plain(text) : NULL;

    return plain ? json_string(plain) : json_null();
}

static void list_as_json(const struct listing *l, struct lh_buf *to)
{
    json_t *all = json_array();
    char *text lh_autofree = NULL;

    for (size_t i = 0; i < l->n; i++) {
        const struct lh_plugin_info *info = &l->items[i];

        json_array_append_new(
            all, json_pack("{s:o, s:o, s:o, s:s, s:b, s:o}", "name", plain_json(info->name),
                           "version", plain_json(info->spec ? info->spec->version : NULL), "file",
                           plain_json(info->path), "state", state(l->policy, info), "built_in",
                           info->is_static, "error",
                           plain_json(info->error.code ? lh_error_text(&info->error) : NULL)));
    }
    text = lh_document_dump(all, 2);
    json_decref(all);
    lh_buf_f(to, "%s\n", text);
}

/* Name and version, padded to the widest. */
static void put_cell(struct lh_buf *to, const char *text, size_t width)
{
    char *plain lh_autofree = lh_plugin_plain(text);
    size_t have = lh_utf8_width(lh_str_z(plain));

    lh_buf_z(to, plain);
    lh_buf_fill(to, ' ', (have < width ? width - have : 0) + 2);
}

static const char *version_of(const struct lh_plugin_info *info)
{
    return info->spec ? info->spec->version : "-";
}

static size_t wider(size_t width, const char *text)
{
    size_t n = strlen(text);

    return n > width && n <= 40 ? n : width;
}

static void list_as_text(const struct listing *l, struct lh_buf *to)
{
    size_t name_width = sizeof "NAME" - 1;
    size_t version_width = sizeof "VERSION" - 1;

    for (size_t i = 0; i < l->n; i++) {
        name_width = wider(name_width, l->items[i].name);
        version_width = wider(version_width, version_of(&l->items[i]));
    }
    if (l->n) {
        put_cell(to, "NAME", name_width);
        put_cell(to, "VERSION", version_width);
        lh_buf_z(to, "STATE      FILE\n");
    }
    for (size_t i = 0; i < l->n; i++) {
        const struct lh_plugin_info *info = &l->items[i];
        char *path lh_autofree = lh_plugin_plain(info->path);
        char *why lh_autofree = lh_plugin_plain(lh_error_text(&info->error));

        put_cell(to, info->name, name_width);
        put_cell(to, version_of(info), version_width);
        lh_buf_f(to, "%-9s  %s\n", state(l->policy, info), path);
        if (info->error.code)
            lh_buf_f(to, "    %s\n", why);
    }
}

static int run_list(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {0};
    __attribute__((cleanup(listing_free))) struct listing l = {.policy = &plugins.policy};
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);
    const char *output = lh_args_get(args, "output");
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (!code)
        code = lh_plugin_list(&plugins.policy, false, &l.items, &l.n, e);
    if (code)
        return code;
    (output && strcmp(output, "json") == 0 ? list_as_json : list_as_text)(&l, &b);
    for (size_t i = 0; !l.n && i < plugins.policy.n_folders; i++)
        lh_log_warn(context->log, "no connector in %s", plugins.policy.folders[i]);
    return lh_print(&b, e);
}

const struct lh_command lh_command_plugin_list = {
    .name = "plugin list",
    .summary = "Lists every connector on the search path, also the broken ones and why",
    .details =
        "The search path: the folders of --plugin-path, of the setting plugin_path (or\n"
        "LAKEHOST_PLUGIN_PATH), $XDG_DATA_HOME/lakehost/connectors-1, the folder of the\n"
        "installed connectors; after it what is built into the program. A folder that\n"
        "stands there twice is searched once.\n\n"
        "The first one of a name that is a connector at all is used, later ones are\n"
        "shadowed. Broken is also what would be refused: by its pin in plugins.lock, where\n"
        "signatures are required, or for a consent that is missing. Untrusted is one with a\n"
        "signature that none of the trusted keys made for this file: it is used, with a\n"
        "warning. No code of a connector is run.",
    .group = "Connectors",
    .options = list_options,
    .examples = (const struct lh_example[]){{"plugin list", "what is there"},
                                            {"plugin list --output json", "the same for programs"},
                                            {"plugin list --plugin-path ./build",
                                             "with a folder of your own first"},
                                            {NULL}},
    .exits = "0 1 2 3 8",
    .run = run_list,
};
