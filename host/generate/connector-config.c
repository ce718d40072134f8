/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and checking connector configurations; see connector-config.h. */
#include "config.h"

#include "base/nearest.h"
#include "base/utf8.h"
#include "generate/connector-config.h"
#include "generate/python.h"
#include "yaml/yaml.h"

#include <stdlib.h>

static const lh_str sections[] = {LH_STR_INIT("secrets_scope"), LH_STR_INIT("secret_mappings"),
                                  LH_STR_INIT("static_options"), LH_STR_INIT("dynamic_options")};

void lh_connector_config_free(struct lh_connector_config *c)
{
    lh_document_free(&c->document);
    json_decref(c->static_options);
    free(c->pointer);
}

/* --- reading ------------------------------------------------------------------------------ */

static int begin(struct lh_connector_config *c, const char *pointer, struct lh_error *e)
{
    const json_t *fixed;

    c->pointer = lh_xstrdup(pointer);
    c->tree = lh_document_at(&c->document, pointer);
    if (!json_is_object(c->tree))
        return lh_document_error(&c->document, pointer, e,
                                 "expected an object with "
                                 "secrets_scope, secret_mappings, "
                                 "static_options, dynamic_options");
    c->scope = json_string_value(json_object_get(c->tree, "secrets_scope"));
    fixed = json_object_get(c->tree, "static_options");
    c->static_options =
        json_is_object(fixed) ? json_copy((json_t *)(uintptr_t)fixed) : json_object();
    return 0;
}

int lh_connector_config_read(const char *file, struct lh_connector_config *ret, struct lh_error *e)
{
    int code = lh_document_read(&ret->document, file, e);

    return code ? code : begin(ret, "", e);
}

int lh_connector_config_built_in(const char *file, const char *connector,
                                 struct lh_connector_config *ret, struct lh_error *e)
{
    char *pointer lh_autofree = lh_pointer_join("", connector);
    lh_auto(lh_buf) names = LH_BUF_INIT(LH_BUF_TEXT);
    int code = lh_document_read(&ret->document, file, e);

    if (code)
        return code;
    if (lh_document_at(&ret->document, pointer))
        return begin(ret, pointer, e);
    for (void *i = json_object_iter(ret->document.root); i;
         i = json_object_iter_next(ret->document.root, i))
        lh_buf_f(&names, "%s%s", names.n ? ", " : "", json_object_iter_key(i));
    return lh_error_set(e, LH_INVALID,
                        "there is no built-in configuration of \"%s\"; give --connector-config "
                        "FILE (built in: %s)",
                        connector, lh_buf_text(&names));
}

int lh_connector_config_set(struct lh_connector_config *c, const char *text, struct lh_error *e)
{
    const char *equals = strchr(text, '=');
    char *name lh_autofree = NULL;

    if (!equals || equals == text || !lh_utf8_valid(lh_str_z(text)))
        return lh_error_set(e, LH_USAGE, "--static-option: expected KEY=VALUE, found \"%s\"", text);
    name = lh_xmemdup0(text, (size_t)(equals - text));
    json_object_set_new(c->static_options, name, json_string(equals + 1));
    return 0;
}

/* --- checking ----------------------------------------------------------------------------- */

struct check {
    const struct lh_connector_config *c;
    const struct lh_spec *spec;
    const json_t *section;
    const char *section_name;
    struct lh_error *e;
};

static int complain(const struct check *k, const char *name, const char *format, ...)
    LH_PRINTF(3, 4);
static int complain(const struct check *k, const char *name, const char *format, ...)
{
    lh_auto(lh_buf) message = LH_BUF_INIT(LH_BUF_TEXT);
    char *section lh_autofree = lh_pointer_join(k->c->pointer, k->section_name);
    char *pointer lh_autofree = name ? lh_pointer_join(section, name) : lh_xstrdup(section);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&message, format, args);
    va_end(args);
    return lh_document_error(&k->c->document, pointer, k->e, "%s", lh_buf_text(&message));
}

static int check_sections(const struct check *k)
{
    json_t *tree = (json_t *)(uintptr_t)k->c->tree;

    for (void *i = json_object_iter(tree); i; i = json_object_iter_next(tree, i)) {
        const char *name = json_object_iter_key(i);
        struct check here = *k;
        lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
        bool known = false;

        for (size_t s = 0; s < LH_LEN(sections); s++)
            known |= lh_str_eqz(sections[s], name);
        here.section_name = name;
        lh_nearest_hint(lh_str_z(name), lh_nearest_slice, sections, LH_LEN(sections), &hint);
        if (!known)
            return complain(&here, NULL, "this key is not known%s", lh_buf_text(&hint));
        if (strcmp(name, "secrets_scope") == 0) {
            if (!k->c->scope || !*k->c->scope)
                return complain(&here, NULL, "expected the name of a secret scope");
        } else if (!json_is_object(json_object_iter_value(i))) {
            return complain(&here, NULL, "expected an object");
        }
    }
    return 0;
}

static lh_str option_name(const void *spec, size_t i)
{
    return lh_str_z(((const struct lh_spec *)spec)->options[i].name);
}

static int check_option(const struct check *k, const char *name)
{
    const struct lh_spec_option *option =
        k->spec ? lh_spec_find(k->spec->options, k->spec->n_options, lh_str_z(name)) : NULL;
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    size_t there = 0;

    for (size_t s = 1; s < LH_LEN(sections); s++) {
        bool fixed = lh_str_eqz(sections[s], "static_options");
        const json_t *section =
            fixed ? k->c->static_options : json_object_get(k->c->tree, sections[s].p);

        there += json_object_get(section, name) != NULL;
    }
    if (there > 1)
        return complain(k, name, "the option has its value from two places");
    if (!*name || strcmp(name, "tableName") == 0)
        return complain(k, name, "no option can be called this");
    if (!k->spec)
        return 0;
    lh_nearest_hint(lh_str_z(name), option_name, k->spec, k->spec->n_options, &hint);
    if (!option)
        return complain(k, name, "the connector %s has no such option%s", k->spec->name,
                        lh_buf_text(&hint));
    if (option->native_only)
        return complain(k, name,
                        "the Python connector %s, which the notebook runs, does not have "
                        "this option; only lakehost's own has",
                        k->spec->name);
    if (option->secret && strcmp(k->section_name, "static_options") == 0)
        return complain(k, name,
                        "a secret must not stand in a file: put it into the scope, and "
                        "its key into secret_mappings");
    return 0;
}

/* "<your-server>" and, as the originals wrote them, "your-instance": what somebody must replace. */
static bool is_placeholder(const char *value)
{
    const char *your = strstr(value, "your-");

    return strpbrk(value, "<>") || (your && (your == value || strchr("/.:@ ", your[-1]))) ||
           strstr(value, "CHANGE_ME");
}

static int check_secret(const struct check *k, const char *name, const json_t *value)
{
    bool good = json_is_array(value) && json_array_size(value) > 0;

    for (size_t i = 0; good && i < json_array_size(value); i++)
        good = json_string_length(json_array_get(value, i)) > 0;
    return good ? 0 : complain(k, name, "expected a list of keys in the secret scope");
}

static int check_static(const struct check *k, const char *name, const json_t *value)
{
    if (!json_is_string(value))
        return complain(k, name, "expected a text: options are texts, write \"true\" or \"60\"");
    if (is_placeholder(json_string_value(value)))
        return complain(k, name,
                        "\"%s\" is a placeholder: give --static-option %s=VALUE, or a "
                        "--connector-config of your own",
                        json_string_value(value), name);
    return 0;
}

static int check_dynamic(const struct check *k, const char *name, const json_t *value)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (!json_is_string(value))
        return complain(k, name, "expected a Python expression as a text");
    if (lh_python_check_expression(lh_str_n(json_string_value(value), json_string_length(value)),
                                   "expression", &why))
        return complain(k, name, "%s", lh_error_text(&why));
    return 0;
}

static int check_section(struct check *k, const char *section_name, const json_t *section,
                         int check(const struct check *, const char *, const json_t *))
{
    json_t *object = (json_t *)(uintptr_t)section;
    int code = 0;

    k->section_name = section_name;
    for (void *i = json_object_iter(object); !code && i; i = json_object_iter_next(object, i)) {
        const char *name = json_object_iter_key(i);

        code = check_option(k, name);
        if (!code)
            code = check(k, name, json_object_iter_value(i));
    }
    return code;
}

int lh_connector_config_check(const struct lh_connector_config *c, const struct lh_spec *spec,
                              struct lh_error *e)
{
    struct check k = {.c = c, .spec = spec, .section_name = "secrets_scope", .e = e};
    const json_t *secrets = json_object_get(c->tree, "secret_mappings");
    int code = check_sections(&k);

    if (!code && json_object_size(secrets) && !c->scope)
        code = complain(&k, NULL, "secrets come from a scope: name it");
    if (!code)
        code = check_section(&k, "secret_mappings", secrets, check_secret);
    if (!code)
        code = check_section(&k, "static_options", c->static_options, check_static);
    if (!code)
        code = check_section(&k, "dynamic_options", json_object_get(c->tree, "dynamic_options"),
                             check_dynamic);
    return code;
}
