/* SPDX-License-Identifier: Apache-2.0 */
/* The command `plugin show`: what a connector's spec says, without running any of its code. */
#include "config.h"

#include "cmd/plugins.h"

#include <inttypes.h>

static const struct lh_option show_options[] = {
    {"--output", "FORMAT", "text, json, or connector-spec (the connector_spec.yaml)",
     "text|json|connector-spec"},
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static const char *const type_names[] = {
    [LH_OPTION_STRING] = "string", [LH_OPTION_INT] = "int",   [LH_OPTION_BOOL] = "bool",
    [LH_OPTION_LIST] = "list",     [LH_OPTION_URL] = "url",   [LH_OPTION_HOST] = "host",
    [LH_OPTION_ENUM] = "enum",     [LH_OPTION_TIME] = "time", [LH_OPTION_JSON] = "json",
};

static const char *const kind_names[] = {
    [LH_SIGN_IN_NONE] = "none",     [LH_SIGN_IN_BEARER] = "bearer", [LH_SIGN_IN_BASIC] = "basic",
    [LH_SIGN_IN_HEADER] = "header", [LH_SIGN_IN_QUERY] = "query",   [LH_SIGN_IN_OAUTH2] = "oauth2",
};

static const char *const signature_names[] = {
    [LH_SIGNATURE_NONE] = "none",
    [LH_SIGNATURE_GOOD] = "good",
    [LH_SIGNATURE_UNTRUSTED] = "untrusted",
};

/* "0, a draft" or "1", by the entry function that the file exports: without it there is no show. */
static char *interface_text(void)
{
    const char *version = strrchr(lh_plugin_entry_name, 'v') + 1;

    return lh_xasprintf("%s%s", version, strcmp(version, "0") == 0 ? ", a draft" : "");
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *strings_json(const struct lh_strings *strings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < strings->n; i++)
        json_array_append_new(list, json_string(strings->items[i]));
    return list;
}

static json_t *bound_json(int64_t bound, int64_t none)
{
    return bound == none ? json_null() : json_integer(bound);
}

static json_t *option_json(const struct lh_spec_option *o)
{
    return json_pack("{s:s, s:s, s:b, s:b, s:s?, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "name",
                     o->name, "type", type_names[o->type], "required", o->required, "secret",
                     o->secret, "default", o->if_absent, "description", o->help, "min",
                     bound_json(o->min, INT64_MIN), "max", bound_json(o->max, INT64_MAX), "aliases",
                     strings_json(&o->aliases), "values", strings_json(&o->values), "tables",
                     strings_json(&o->tables), "native_only", o->native_only, "namespace",
                     o->is_namespace);
}

static json_t *options_json(const struct lh_spec_option *options, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, option_json(&options[i]));
    return list;
}

static json_t *sign_in_json(const struct lh_spec *spec)
{
    json_t *list = json_array();

    for (size_t i = 0; i < spec->n_sign_in; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "id", spec->sign_in[i].id, "kind",
                                              kind_names[spec->sign_in[i].kind]));
    return list;
}

static json_t *origins_json(const struct lh_spec *spec)
{
    json_t *list = json_array();

    for (size_t i = 0; i < spec->n_origins; i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "url", spec->origins[i].url, "sign_in",
                                              spec->origins[i].sign_in));
    return list;
}

static json_t *text_or_null(const char *text)
{
    char *plain lh_autofree = text && *text ? lh_plugin_plain(text) : NULL;

    return plain ? json_string(plain) : json_null();
}

static void show_as_json(const struct lh_plugin_info *info, struct lh_buf *to)
{
    const struct lh_spec *spec = info->spec;
    json_t *all = json_pack("{s:s, s:s, s:s?, s:s?, s:s?}", "name", info->name, "version",
                            spec->version, "license", spec->license, "display_name",
                            spec->display_name, "description", spec->description);
    char *interface lh_autofree = interface_text();
    char *text lh_autofree = NULL;

    json_object_set_new(all, "entry", json_string(lh_plugin_entry_name));
    json_object_set_new(all, "interface", json_string(interface));
    json_object_set_new(all, "file", text_or_null(info->path));
    json_object_set_new(all, "built_in", json_boolean(info->is_static));
    json_object_set_new(all, "sha256", text_or_null(info->sha256));
    json_object_set_new(all, "signature", json_string(signature_names[info->signature]));
    json_object_set_new(all, "signer", text_or_null(info->signer));
    json_object_set_new(all, "needs", strings_json(&spec->needs));
    json_object_set_new(all, "options", options_json(spec->options, spec->n_options));
    json_object_set_new(all, "table_options",
                        options_json(spec->table_options, spec->n_table_options));
    json_object_set_new(all, "namespaces", strings_json(&spec->namespaces));
    json_object_set_new(all, "base", strings_json(&spec->base));
    json_object_set_new(all, "origins", origins_json(spec));
    json_object_set_new(all, "sign_in", sign_in_json(spec));
    json_object_set(all, "categories",
                    spec->categories ? (json_t *)(uintptr_t)spec->categories : json_null());
    text = lh_document_dump(all, 2);
    json_decref(all);
    lh_buf_f(to, "%s\n", text);
}

/* --- text ------------------------------------------------------------------------------------- */

static void put(struct lh_buf *to, const char *label, const char *text)
{
    char *plain lh_autofree = text && *text ? lh_plugin_plain(text) : NULL;

    if (plain)
        lh_buf_f(to, "%-14s %s\n", label, plain);
}

static char *join(const struct lh_strings *strings)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    for (size_t i = 0; i < strings->n; i++)
        lh_buf_f(&b, "%s%s", i ? ", " : "", strings->items[i]);
    return lh_xstrdup(lh_buf_text(&b));
}

static void put_list(struct lh_buf *to, const char *label, const struct lh_strings *strings)
{
    char *text lh_autofree = join(strings);

    put(to, label, text);
}

/* "token  string, required, secret  what it is for" */
static void put_option(struct lh_buf *to, const struct lh_spec_option *o)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    char *values lh_autofree = join(&o->values);
    char *aliases lh_autofree = join(&o->aliases);
    char *tables lh_autofree = join(&o->tables);
    char *plain lh_autofree = NULL;

    lh_buf_f(&b, "%s: %s%s%s", o->name, type_names[o->type], o->values.n ? " of " : "", values);
    if (o->min != INT64_MIN)
        lh_buf_f(&b, ", at least %" PRId64, o->min);
    if (o->max != INT64_MAX)
        lh_buf_f(&b, ", at most %" PRId64, o->max);
    lh_buf_z(&b, o->required ? ", required" : "");
    lh_buf_z(&b, o->secret ? ", secret" : "");
    lh_buf_z(&b, o->is_namespace ? ", namespace level" : "");
    lh_buf_z(&b, o->native_only ? ", not in the Python connector" : "");
    if (o->if_absent)
        lh_buf_f(&b, ", default \"%s\"", o->if_absent);
    if (o->aliases.n)
        lh_buf_f(&b, ", also called %s", aliases);
    if (o->tables.n)
        lh_buf_f(&b, ", for %s", tables);
    if (*o->help)
        lh_buf_f(&b, ": %s", o->help);
    plain = lh_plugin_plain(lh_buf_text(&b));
    lh_buf_f(to, "  %s\n", plain);
}

static void put_options(struct lh_buf *to, const char *label, const struct lh_spec_option *options,
                        size_t n)
{
    if (n)
        lh_buf_f(to, "%s\n", label);
    for (size_t i = 0; i < n; i++)
        put_option(to, &options[i]);
}

static void put_categories(struct lh_buf *to, const json_t *categories)
{
    const char *name;
    json_t *tables;

    if (json_object_size(categories))
        lh_buf_z(to, "categories\n");
    json_object_foreach((json_t *)(uintptr_t)categories, name, tables)
    {
        lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
        char *plain lh_autofree = NULL;
        size_t i;
        json_t *table;

        lh_buf_f(&line, "%s:", name);
        json_array_foreach(tables, i, table)
            lh_buf_f(&line, "%s %s", i ? "," : "", json_string_value(table));
        plain = lh_plugin_plain(lh_buf_text(&line));
        lh_buf_f(to, "  %s\n", plain);
    }
}

static void put_access(struct lh_buf *to, const struct lh_spec *spec)
{
    put_list(to, "base", &spec->base);
    for (size_t i = 0; i < spec->n_origins; i++)
        put(to, spec->origins[i].sign_in ? "origin" : "origin, open", spec->origins[i].url);
    for (size_t i = 0; i < spec->n_sign_in; i++) {
        char *text lh_autofree =
            lh_xasprintf("%s (%s)", spec->sign_in[i].id, kind_names[spec->sign_in[i].kind]);

        put(to, "sign-in", text);
    }
}

static void show_as_text(const struct lh_plugin_info *info, struct lh_buf *to)
{
    const struct lh_spec *spec = info->spec;
    char *interface lh_autofree = interface_text();
    char *signature lh_autofree =
        lh_xasprintf("%s%s%s", signature_names[info->signature], info->signer ? ", by " : "",
                     info->signer ? info->signer : "");

    put(to, "name", info->name);
    put(to, "version", spec->version);
    put(to, "description", spec->description);
    put(to, "licence", spec->license);
    put(to, "interface", interface);
    put(to, "file", info->path);
    put(to, "sha256", info->sha256);
    put(to, "signature", info->is_static ? NULL : signature);
    put_list(to, "needs", &spec->needs);
    put_access(to, spec);
    put_list(to, "namespaces", &spec->namespaces);
    put_options(to, "options", spec->options, spec->n_options);
    put_options(to, "table options", spec->table_options, spec->n_table_options);
    put_categories(to, spec->categories);
}

static int run_show(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {0};
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);
    const char *output = lh_args_get(args, "output");
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (!code)
        code = lh_plugin_find(&plugins.policy, args->positional[0], &info, e);
    if (code)
        return code;
    if (output && strcmp(output, "connector-spec") == 0)
        code = lh_spec_write_connector_spec(info.spec, &b, e);
    else if (output && strcmp(output, "json") == 0)
        show_as_json(&info, &b);
    else
        show_as_text(&info, &b);
    return code ? code : lh_print(&b, e);
}

const struct lh_command lh_command_plugin_show = {
    .name = "plugin show",
    .summary = "Prints what a connector says about itself: options, sign-in, origins, categories",
    .args = "FILE|NAME",
    .details = "Read from the spec in the connector's file; no code of it is run. What only its\n"
               "code could tell is not shown: its tables, and which optional calls it has.\n"
               "NAME may be a path when it holds a '/'.",
    .group = "Connectors",
    .options = show_options,
    .examples =
        (const struct lh_example[]){
            {"plugin show example", "which options it takes"},
            {"plugin show ./acme.so --output json", "a file, for programs"},
            {"plugin show example --output connector-spec > connector_spec.yaml",
             "the spec that the community-connector tool reads"},
            {NULL}},
    .exits = "0 1 2 3 5 8",
    .run = run_show,
};
