/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a source that a workspace keeps: those of a Unity Catalog connection, which has no
 * secrets to give, and secrets of a scope. They come first, so that what the user says wins.
 */
#include "config.h"

#include "cmd/open.h"

#include "json/document.h"

#include <stdlib.h>

#define SECRET_MAX ((size_t)256 << 10)

/* The option of this name or alias; NULL: the connector has none. */
static const struct lh_spec_option *option_of(const struct lh_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->n_options; i++) {
        const struct lh_spec_option *option = &spec->options[i];

        if (strcmp(option->name, name) == 0)
            return option;
        for (size_t a = 0; a < option->aliases.n; a++)
            if (strcmp(option->aliases.items[a], name) == 0)
                return option;
    }
    return NULL;
}

/* --- a connection ----------------------------------------------------------------------------- */

/* sourceName is whose options they are. */
static int check_source(const struct lh_source *s, const char *name, const json_t *options,
                        struct lh_error *e)
{
    const char *source = json_string_value(json_object_get(options, "sourceName"));

    if (!source || strcmp(source, s->plugin->name) == 0)
        return 0;
    return lh_error_set(e, LH_INVALID,
                        "--options-from-connection: %s is a connection of the source %s, and the "
                        "connector is %s",
                        name, source, s->plugin->name);
}

static int take_options(struct lh_source *s, const char *name, const json_t *options,
                        struct lh_error *e)
{
    char *origin lh_autofree = lh_xasprintf("connection %s", name);
    const char *key;
    json_t *value;
    int code = check_source(s, name, options, e);

    if (code)
        return code;
    json_object_foreach((json_t *)(uintptr_t)options, key, value)
    {
        const struct lh_spec_option *option = option_of(s->plugin->spec, key);

        /* what stands for a secret there is none */
        if (!option || option->secret || !json_is_string(value)) {
            lh_log_debug(s->context->log, "connection %s: %s is not taken", name, key);
            continue;
        }
        code =
            lh_opts_set(s->opts, lh_str_z(key),
                        lh_str_n(json_string_value(value), json_string_length(value)), origin, e);
        if (code)
            return code;
    }
    return 0;
}

static int from_connection(struct lh_source *s, struct lh_ws *ws, const char *name,
                           struct lh_error *e)
{
    json_t *answer = NULL;
    int code = lh_ws_get_connection(ws, name, &answer, e);

    if (code)
        lh_error_wrap(e, "--options-from-connection %s", name);
    else
        code = take_options(s, name, json_object_get(answer, "options"), e);
    json_decref(answer);
    return code;
}

/* --- a scope ---------------------------------------------------------------------------------- */

/* One secret, if it is there. */
static int take_secret(struct lh_source *s, struct lh_ws *ws, const char *scope, const char *option,
                       const char *key, struct lh_error *e)
{
    lh_auto(lh_buf) value = LH_BUF_INIT(SECRET_MAX);
    char *origin lh_autofree = lh_xasprintf("secret %s/%s", scope, key);
    int code = lh_ws_get_secret(ws, scope, key, &value, e);

    if (!code)
        code = lh_opts_set(s->opts, lh_str_z(option), lh_buf_slice(&value), origin, e);
    else
        lh_error_wrap(e, "option %s: secret %s of the scope %s", option, key, scope);
    if (value.p)
        explicit_bzero(value.p, value.cap);
    return code;
}

static int wrong_mapping(const struct lh_document *d, const char *pointer, const json_t *value,
                         struct lh_error *e)
{
    char *found lh_autofree = lh_document_describe(value);

    return lh_document_error(d, pointer, e,
                             "expected the name of a secret, or a list of names, "
                             "found %s",
                             found);
}

/* Of several keys the first that is there; the error is that of the last. */
static int take_first(struct lh_source *s, struct lh_ws *ws, const struct lh_document *d,
                      const char *scope, const char *option, json_t *keys, struct lh_error *e)
{
    char *pointer lh_autofree = lh_pointer_join("", option);
    size_t n = json_is_array(keys) ? json_array_size(keys) : 1;
    int code = LH_NOT_FOUND;

    if (n == 0)
        return wrong_mapping(d, pointer, keys, e);
    for (size_t i = 0; code == LH_NOT_FOUND && i < n; i++) {
        const json_t *key = json_is_array(keys) ? json_array_get(keys, i) : keys;

        if (!json_is_string(key))
            return wrong_mapping(d, pointer, key, e);
        code = take_secret(s, ws, scope, option, json_string_value(key), e);
    }
    if (!code)
        lh_error_free(e);
    return code;
}

static int from_scope(struct lh_source *s, struct lh_ws *ws, const char *scope, const char *mapping,
                      struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 20);
    lh_auto(lh_document) d = {0};
    const char *option;
    json_t *keys;
    int code = lh_source_json(mapping, "--secrets-mapping", &text, e);

    if (!code)
        code = lh_document_parse_json(&d, lh_buf_slice(&text),
                                      mapping[0] == '@' ? mapping + 1 : "--secrets-mapping", e);
    if (!code && !json_is_object(d.root))
        code = wrong_mapping(&d, "", d.root, e);
    if (code)
        return code;
    json_object_foreach(d.root, option, keys)
    {
        if ((code = take_first(s, ws, &d, scope, option, keys, e)))
            return code;
    }
    return 0;
}

/* --- both ------------------------------------------------------------------------------------- */

static int check_flags(const struct lh_source *s, struct lh_error *e)
{
    const char *scope = lh_args_get(s->args, "options-from-scope");
    const char *mapping = lh_args_get(s->args, "secrets-mapping");

    if (!scope != !mapping)
        return lh_error_set(e, LH_USAGE,
                            "--options-from-scope and --secrets-mapping go together: the scope, "
                            "and which secret of it is which option");
    if ((scope || lh_args_get(s->args, "options-from-connection")) &&
        lh_args_get(s->args, "replay"))
        return lh_error_set(e, LH_USAGE,
                            "--replay does without a network, and so without a workspace; give the "
                            "options themselves");
    return 0;
}

int lh_source_from_workspace(struct lh_source *s, struct lh_error *e)
{
    const char *name = lh_args_get(s->args, "options-from-connection");
    const char *scope = lh_args_get(s->args, "options-from-scope");
    const struct lh_patience patience = {s->run.deadline, -1};
    lh_autoptr(lh_workspace) w = NULL;
    lh_auto(lh_ws) ws = LH_WS_INIT;
    int code = check_flags(s, e);

    if (code || (!name && !scope))
        return code;
    code = lh_cmd_workspace_sign_in(s->context, s->args, 0, &patience, &w, e);
    if (code)
        return code;
    lh_ws_begin(&ws, w, &patience);
    if (name)
        code = from_connection(s, &ws, name, e);
    if (!code && scope)
        code = from_scope(s, &ws, scope, lh_args_get(s->args, "secrets-mapping"), e);
    return code;
}

/* Appends the secret options without a value. */
static void put_missing(const struct lh_source *s, struct lh_buf *to)
{
    const struct lh_spec *spec = s->plugin->spec;

    for (size_t i = 0; i < spec->n_options; i++)
        if (spec->options[i].secret && !lh_opts_get(s->opts, spec->options[i].name))
            lh_buf_f(to, "%s%s", to->n ? ", " : "", spec->options[i].name);
}

int lh_source_name_secrets(struct lh_source *s, int code, struct lh_error *e)
{
    const char *name = lh_args_get(s->args, "options-from-connection");
    lh_auto(lh_buf) missing = LH_BUF_INIT(LH_BUF_TEXT);
    bool is_unsigned = !code && s->plugin->spec->n_sign_in && !lh_opts_sign_in(s->opts);

    if (!name || (!code && !is_unsigned))
        return code;
    put_missing(s, &missing);
    if (!missing.n)
        return code;
    return lh_error_set(e, LH_INVALID,
                        "the connection %s does not give its secrets back; without a value are: "
                        "%s; give them with --option or --options-from-scope%s%s",
                        name, lh_buf_text(&missing), code ? ": " : "",
                        code ? lh_error_text(e) : "");
}
