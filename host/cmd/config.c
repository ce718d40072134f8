/* SPDX-License-Identifier: Apache-2.0 */
/* The command `config show`. */
#include "config.h"

#include "cmd/program.h"
#include "yaml/yaml.h"

#include "json/document.h"
#include <stdlib.h>

static const struct lh_option show_options[] = {
    {"--origin", NULL, "show where each value came from"},
    {"--keys", NULL, "list the keys that a configuration may have, and what each is for"},
    {"--output", "FORMAT", "text (YAML; with --origin a table) or json", "text|json"},
    {NULL},
};

static int by_key(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One line per value, sorted by key: where it came from, then key = value. */
static void origins_as_text(const struct lh_config *config, struct lh_buf *to)
{
    json_t *origins = (json_t *)(uintptr_t)lh_config_origins(config);
    const char **keys lh_autofree = lh_xcalloc(json_object_size(origins), sizeof *keys);
    size_t n = 0;
    size_t width = 0;
    const char *key;
    json_t *origin;

    json_object_foreach(origins, key, origin)
    {
        keys[n++] = key;
        if (json_string_length(origin) > width && json_string_length(origin) < 60)
            width = json_string_length(origin);
    }
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 0; i < n; i++) {
        const json_t *value = lh_config_get(config, keys[i]);
        char *text lh_autofree = value ? lh_document_dump(value, 0) : lh_xstrdup("null");

        lh_buf_f(to, "%-*s  %s = %s\n", (int)width,
                 json_string_value(json_object_get(origins, keys[i])), keys[i], text);
    }
}

static void origins_as_json(const struct lh_config *config, struct lh_buf *to)
{
    json_t *all = json_object();
    char *text lh_autofree = NULL;
    const char *key;
    json_t *origin;

    json_object_foreach((json_t *)(uintptr_t)lh_config_origins(config), key, origin)
        json_object_set_new(all, key,
                            json_pack("{s:O, s:O?}", "origin", origin, "value",
                                      (json_t *)(uintptr_t)lh_config_get(config, key)));
    text = lh_document_dump(all, 2);
    json_decref(all);
    lh_buf_f(to, "%s\n", text);
}

/* Every key that there is, with the values where they are few. */
static void keys_as_text(struct lh_buf *to)
{
    for (const struct lh_config_key *k = lh_config_keys; k->key; k++)
        lh_buf_f(to, "%s%s%s\n    %s\n", k->key, k->values ? "  " : "", k->values ? k->values : "",
                 k->help);
}

static json_t *keys_as_json(void)
{
    json_t *all = json_array();

    for (const struct lh_config_key *k = lh_config_keys; k->key; k++)
        json_array_append_new(all, json_pack("{s:s, s:s?, s:s}", "key", k->key, "values", k->values,
                                             "help", k->help));
    return all;
}

static int run_keys(bool json, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    json_t *all = json ? keys_as_json() : NULL;
    char *text lh_autofree = json ? lh_document_dump(all, 2) : NULL;

    json_decref(all);
    if (json)
        lh_buf_f(&b, "%s\n", text);
    else
        keys_as_text(&b);
    return lh_print(&b, e);
}

static int run_show(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    static const struct lh_yaml_style style = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)16 << 20);
    const char *output = lh_args_get(args, "output");
    bool json = output && strcmp(output, "json") == 0;
    char *text lh_autofree = NULL;

    if (lh_args_count(args, "keys") && lh_args_count(args, "origin"))
        return lh_error_set(e, LH_USAGE, "--keys and --origin exclude each other");
    if (lh_args_count(args, "keys"))
        return run_keys(json, e);
    if (lh_args_count(args, "origin")) {
        (json ? origins_as_json : origins_as_text)(context->config, &b);
    } else if (json) {
        text = lh_document_dump(lh_config_tree(context->config), 2);
        lh_buf_f(&b, "%s\n", text);
    } else if (lh_yaml_write(&b, lh_config_tree(context->config), &style, e)) {
        return e->code;
    }
    return lh_print(&b, e);
}

const struct lh_command lh_command_config_show = {
    .name = "config show",
    .summary = "Prints the configuration that a command would run with",
    .details = "The layers, the strongest first: flags, environment variables LAKEHOST_*\n"
               "(pipeline.channel is LAKEHOST_PIPELINE_CHANNEL), the file of --config (or\n"
               "LAKEHOST_CONFIG), ./lakehost.yaml, $XDG_CONFIG_HOME/lakehost/config.yaml, the\n"
               "defaults. Maps are merged key by key; lists and plain values are replaced. The\n"
               "printed YAML is itself a configuration file. --keys lists the keys.",
    .group = "About lakehost",
    .options = show_options,
    .examples =
        (const struct lh_example[]){
            {"config show > lakehost.yaml", "begin a configuration of your own"},
            {"config show --keys", "what can be set"},
            {"config show --origin", "which file, variable or flag set each value"},
            {"--config team.yaml config show --output json", "with a further file, as JSON"},
            {NULL}},
    .exits = "0 1 2 3",
    .run = run_show,
};
