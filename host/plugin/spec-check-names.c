/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a spec about options, namespaces and categories: what may be called how. */
#include "config.h"

#include "plugin/spec_check.h"

#include "base/map.h"

/* LH_INVALID when a name was in the set before; adds it. */
static int add_name(struct lh_spec_check *c, struct lh_map *seen, const char *name)
{
    if (lh_map_set(seen, lh_str_z(name), NULL))
        return 0;
    return lh_spec_wrong(c->w, "found \"%s\" for the second time", name);
}

/* --- options ---------------------------------------------------------------------------------- */

struct option_list {
    const char *key;
    struct lh_spec_option *options;
    size_t n;
};

static int check_default(struct lh_spec_check *c, const struct lh_spec_option *o)
{
    lh_auto(lh_buf) value = LH_BUF_INIT(LH_SPEC_BYTES * 8);
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (!o->if_absent)
        return 0;
    if (o->secret)
        return lh_spec_wrong_at(c, "default", "a secret has no default");
    if (o->required)
        return lh_spec_wrong_at(c, "default",
                                "a required option has no default; drop one of the two");
    if (lh_option_normalise(o, lh_str_z(o->if_absent), &value, &why))
        return lh_spec_wrong_at(c, "default", "%s", lh_error_text(&why));
    if (value.n == 0)
        return lh_spec_wrong_at(c, "default", "an empty value means none; drop the key");
    return 0;
}

static int check_values(struct lh_spec_check *c, const struct lh_spec_option *o)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    size_t before;

    if (o->type != LH_OPTION_ENUM)
        return o->values.n == 0 ? 0 : lh_spec_wrong_at(c, "values", "only an enum has values");
    if (o->values.n == 0)
        return lh_spec_wrong(c->w, "an enum needs \"values\"");
    before = lh_spec_into(c->w, "values");
    for (size_t i = 0; i < o->values.n; i++) {
        size_t list = lh_spec_into_item(c->w, i);
        int code = add_name(c, &seen, o->values.items[i]);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_range(struct lh_spec_check *c, const struct lh_spec_option *o)
{
    bool bounded = o->min != INT64_MIN || o->max != INT64_MAX;

    if (bounded && o->type != LH_OPTION_INT)
        return lh_spec_wrong_at(c, o->min != INT64_MIN ? "min" : "max",
                                "only an int has min and max");
    if (o->min > o->max)
        return lh_spec_wrong_at(c, "min", "min is greater than max");
    return 0;
}

static int check_secret(struct lh_spec_check *c, const struct lh_spec_option *o,
                        bool is_table_option)
{
    if (!o->secret)
        return 0;
    if (is_table_option)
        return lh_spec_wrong_at(c, "secret",
                                "a table option cannot be secret: sign_in reads options only");
    if (o->type != LH_OPTION_STRING && o->type != LH_OPTION_JSON)
        return lh_spec_wrong_at(c, "secret", "only a string or json can be secret");
    return 0;
}

static int check_tables(struct lh_spec_check *c, const struct lh_spec_option *o)
{
    size_t before;

    if (o->tables.n == 0)
        return 0;
    before = lh_spec_into(c->w, "tables");
    for (size_t i = 0; i < o->tables.n; i++) {
        const char *table = o->tables.items[i];
        size_t list = lh_spec_into_item(c->w, i);

        if (table[0] == '@' && !json_object_get(c->spec->categories, table + 1))
            return lh_spec_wrong(c->w, "\"%s\" is none of \"categories\"", table);
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_names(struct lh_spec_check *c, struct lh_map *seen, const struct lh_spec_option *o)
{
    size_t before = lh_spec_into(c->w, "name");
    int code = add_name(c, seen, o->name);

    if (code)
        return code;
    lh_buf_cut(&c->w->pointer, before);
    before = lh_spec_into(c->w, "aliases");
    for (size_t i = 0; i < o->aliases.n; i++) {
        size_t list = lh_spec_into_item(c->w, i);

        code = add_name(c, seen, o->aliases.items[i]);
        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_option(struct lh_spec_check *c, struct lh_map *seen,
                        const struct lh_spec_option *o, bool is_table_option)
{
    int code = check_names(c, seen, o);

    if (!code)
        code = check_values(c, o);
    if (!code)
        code = check_range(c, o);
    if (!code)
        code = check_secret(c, o, is_table_option);
    if (!code)
        code = check_default(c, o);
    return code ? code : check_tables(c, o);
}

static int check_option_list(struct lh_spec_check *c, const struct option_list *list,
                             bool of_tables)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    size_t before = lh_spec_into(c->w, list->key);

    for (size_t i = 0; i < list->n; i++) {
        size_t item = lh_spec_into_item(c->w, i);
        int code = check_option(c, &seen, &list->options[i], of_tables);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, item);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

int lh_spec_check_options(struct lh_spec_check *c)
{
    struct lh_spec *s = c->spec;
    struct option_list options = {"options", s->options, s->n_options};
    struct option_list table_options = {"table_options", s->table_options, s->n_table_options};
    int code = check_option_list(c, &options, false);

    return code ? code : check_option_list(c, &table_options, true);
}

/* --- namespaces and categories ---------------------------------------------------------------- */

static int check_namespace(struct lh_spec_check *c, size_t i)
{
    const char *name = c->spec->namespaces.items[i];

    for (size_t k = 0; k < c->spec->n_table_options; k++) {
        struct lh_spec_option *o = &c->spec->table_options[k];

        if (strcmp(o->name, name) != 0)
            continue;
        if (o->is_namespace)
            return lh_spec_wrong_at(c, "option", "found \"%s\" for the second time", name);
        o->is_namespace = true;
        return 0;
    }
    return lh_spec_wrong_at(c, "option", "\"%s\" is none of \"table_options\"", name);
}

int lh_spec_check_namespaces(struct lh_spec_check *c)
{
    return lh_spec_each(c, "namespaces", c->spec->namespaces.n, check_namespace);
}

static int check_category(struct lh_spec_check *c, struct lh_map *seen, const json_t *tables)
{
    for (size_t i = 0; i < json_array_size(tables); i++) {
        size_t before = lh_spec_into_item(c->w, i);
        int code = add_name(c, seen, json_string_value(json_array_get(tables, i)));

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, before);
    }
    return 0;
}

int lh_spec_check_categories(struct lh_spec_check *c)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    size_t before = lh_spec_into(c->w, "categories");
    const char *name;
    json_t *tables;

    json_object_foreach(json_object_get(c->spec->document.root, "categories"), name, tables)
    {
        size_t member = lh_spec_into(c->w, name);
        int code = check_category(c, &seen, tables);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, member);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}
