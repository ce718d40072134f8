/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connector_spec.yaml, as the community-connector tool reads it, made from a spec.
 *
 * Options that only this connector has ("native_only") are left out, and sign-in modes that need
 * one of them: the file describes the Python connector of the same name. With one mode left its
 * options stand in the flat list; with several each mode lists its own, and what no mode names is
 * shared. The type is "string" throughout, as in all files that the tool ships: values are text.
 */
#include "config.h"

#include "plugin/spec_internal.h"
#include "yaml/yaml.h"

struct writer {
    const struct lh_spec *spec;
    const struct lh_spec_sign_in *modes[64]; /* those that are written; the shape allows 64 */
    size_t n_modes;
};

/* --- which option belongs where --------------------------------------------------------------- */

static bool template_names(const char *tmpl, const char *option)
{
    struct lh_template_part part;

    while (lh_template_next(&tmpl, &part))
        if (part.is_option && lh_str_eqz(part.text, option))
            return true;
    return false;
}

static bool when_names(const struct lh_spec_sign_in *mode, const char *option)
{
    for (size_t i = 0; i < mode->when.n; i++)
        if (strcmp(mode->when.items[i].name, option) == 0)
            return true;
    return false;
}

static bool mode_names(const struct lh_spec_sign_in *mode, const char *option)
{
    for (size_t i = 0; i < mode->fields.n; i++)
        if (template_names(mode->fields.items[i].value, option))
            return true;
    return when_names(mode, option);
}

static bool base_names(const struct lh_spec *spec, const char *option)
{
    for (size_t i = 0; i < spec->base.n; i++)
        if (template_names(spec->base.items[i], option))
            return true;
    return false;
}

static bool any_mode_names(const struct lh_spec *spec, const char *option)
{
    for (size_t i = 0; i < spec->n_sign_in; i++)
        if (mode_names(&spec->sign_in[i], option))
            return true;
    return false;
}

static bool is_native(const struct lh_spec *spec, const struct lh_spec_sign_in *mode)
{
    for (size_t i = 0; i < spec->n_options; i++)
        if (spec->options[i].native_only && mode_names(mode, spec->options[i].name))
            return true;
    return false;
}

static void find_modes(struct writer *w)
{
    for (size_t i = 0; i < w->spec->n_sign_in && w->n_modes < LH_LEN(w->modes); i++)
        if (!is_native(w->spec, &w->spec->sign_in[i]))
            w->modes[w->n_modes++] = &w->spec->sign_in[i];
}

/* The options of one mode, or those that all share (NULL). */
static bool belongs(const struct writer *w, const struct lh_spec_option *o,
                    const struct lh_spec_sign_in *mode)
{
    bool of_mode;

    if (o->native_only)
        return false;
    if (w->n_modes < 2)
        return !mode;
    of_mode = any_mode_names(w->spec, o->name) && !base_names(w->spec, o->name) && !o->required;
    return mode ? of_mode && mode_names(mode, o->name) : !of_mode;
}

/* --- the tree --------------------------------------------------------------------------------- */

/*
 * Whether the tool shall ask for the option: a mode cannot do without what its templates name,
 * nor without its conditions, unless there is a default (then it is the condition that counts).
 */
static bool is_required(const struct writer *w, const struct lh_spec_option *o,
                        const struct lh_spec_sign_in *mode)
{
    if (!mode && w->n_modes == 1)
        mode = w->modes[0];
    if (mode && when_names(mode, o->name))
        return true;
    return o->required || (mode && !o->if_absent && mode_names(mode, o->name));
}

static json_t *make_parameter(const struct writer *w, const struct lh_spec_option *o,
                              const struct lh_spec_sign_in *mode)
{
    json_t *p = json_object();

    json_object_set_new(p, "name", json_string(o->name));
    json_object_set_new(p, "type", json_string("string"));
    json_object_set_new(p, "required", json_boolean(is_required(w, o, mode)));
    if (o->secret)
        json_object_set_new(p, "secret", json_true());
    if (o->if_absent)
        json_object_set_new(p, "default", json_string(o->if_absent));
    if (o->help[0])
        json_object_set_new(p, "description", json_string(o->help));
    return p;
}

static json_t *make_parameters(const struct writer *w, const struct lh_spec_sign_in *mode)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->spec->n_options; i++)
        if (belongs(w, &w->spec->options[i], mode))
            json_array_append_new(list, make_parameter(w, &w->spec->options[i], mode));
    return list;
}

static json_t *make_connection(const struct writer *w)
{
    json_t *connection = json_object();
    json_t *methods;

    json_object_set_new(connection, "parameters", make_parameters(w, NULL));
    if (w->n_modes < 2)
        return connection;
    methods = json_array();
    for (size_t i = 0; i < w->n_modes; i++) {
        json_t *method = json_object();

        json_object_set_new(method, "name", json_string(w->modes[i]->id));
        json_object_set_new(method, "parameters", make_parameters(w, w->modes[i]));
        json_array_append_new(methods, method);
    }
    json_object_set_new(connection, "auth_methods", methods);
    return connection;
}

/* The table options with their other names: whichever the Python connector knows passes. */
static json_t *make_allowlist(const struct lh_spec *spec)
{
    lh_auto(lh_buf) list = LH_BUF_INIT(LH_SPEC_BYTES * 2);

    for (size_t i = 0; i < spec->n_table_options; i++) {
        const struct lh_spec_option *o = &spec->table_options[i];

        if (o->native_only)
            continue;
        lh_buf_f(&list, "%s%s", list.n ? "," : "", o->name);
        for (size_t k = 0; k < o->aliases.n; k++)
            lh_buf_f(&list, ",%s", o->aliases.items[k]);
    }
    return json_string(lh_buf_text(&list));
}

int lh_spec_write_connector_spec(const struct lh_spec *spec, struct lh_buf *to, struct lh_error *e)
{
    struct writer w = {.spec = spec};
    json_t *root = json_object();
    int code;

    find_modes(&w);
    json_object_set_new(root, "display_name", json_string(spec->display_name));
    json_object_set_new(root, "connection", make_connection(&w));
    json_object_set_new(root, "external_options_allowlist", make_allowlist(spec));
    code = lh_yaml_write(to, root, NULL, e);
    json_decref(root);
    return code;
}
