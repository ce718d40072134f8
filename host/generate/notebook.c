/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notebooks: one for each pipeline, with a table function for each table. How a table is kept up
 * is its ingestion type's: read whole, appended to, or changes applied by key.
 */
#include "config.h"

#include "base/slug.h"
#include "generate/notebook.h"

struct notebook {
    const struct lh_plan *plan;
    const struct lh_plan_pipeline *pipeline;
    struct lh_arena *a;
    const char **slugs; /* of the destinations */
    struct lh_error *e;
};

/* --- destinations ------------------------------------------------------------------------- */

/* "catalog.schema.table", as far as the manifest says; the rest is the pipeline's. */
static lh_str destination_of(const struct lh_plan_table *t, struct lh_arena *a)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(LH_BUF_TEXT * 8);
    const lh_str parts[] = {t->catalog, t->schema, t->table};

    for (size_t i = 0; i < LH_LEN(parts); i++) {
        if (!parts[i].n)
            continue;
        if (name.n)
            lh_buf_char(&name, '.');
        lh_generate_sql_part(&name, parts[i]);
    }
    return lh_arena_str(a, lh_buf_slice(&name));
}

static int set_destinations(struct notebook *nb, lh_str **ret)
{
    const struct lh_plan_pipeline *p = nb->pipeline;
    lh_str *names = lh_arena_alloc(nb->a, p->n * sizeof *names);
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);

    for (size_t i = 0; i < p->n; i++) {
        const struct lh_plan_table *t = &p->tables[i];

        names[i] = destination_of(t, nb->a);
        if (t->catalog.n && !t->schema.n)
            return lh_plan_error(nb->plan->manifest, t->row, LH_MF_DESTINATION_SCHEMA, nb->e,
                                 "\"%.*s\" has a catalog and no schema", LH_STR_ARG(t->source));
        if (!lh_map_set(&seen, names[i], NULL))
            return lh_plan_error(nb->plan->manifest, t->row, LH_MF_DESTINATION_TABLE, nb->e,
                                 "two tables of the notebook go to %.*s", LH_STR_ARG(names[i]));
    }
    nb->slugs = lh_slugs(names, p->n, nb->a);
    *ret = names;
    return 0;
}

/* --- tables ------------------------------------------------------------------------------- */

enum how { WHOLE, APPENDED, CHANGES, HISTORY };

static const char *const how_words[] = {"read whole", "appended", "changes applied by key",
                                        "history of whole reads"};
static const char *const how_names[] = {"whole", "appended", "changes", "history"};

static bool is_type(const struct lh_plan_table *t, const char *type)
{
    return strcmp(t->row->cells[LH_MF_INGESTION_TYPE], type) == 0;
}

static enum how how_of(const struct lh_plan_table *t)
{
    bool cdc = is_type(t, "cdc") || is_type(t, "cdc_with_deletes");

    if (is_type(t, "snapshot"))
        return lh_str_eqz(t->scd_type, "SCD_TYPE_2") ? HISTORY : WHOLE;
    return cdc && !lh_str_eqz(t->scd_type, "APPEND_ONLY") ? CHANGES : APPENDED;
}

static lh_str sequence_of(const struct lh_plan_table *t)
{
    return t->sequence_by.n ? t->sequence_by : lh_str_z(t->row->cells[LH_MF_CURSOR_FIELD]);
}

static int check_table(const struct notebook *nb, const struct lh_plan_table *t, enum how how)
{
    const char *type = t->row->cells[LH_MF_INGESTION_TYPE];

    if ((how == CHANGES || how == HISTORY) && !t->primary_keys.n)
        return lh_plan_error(nb->plan->manifest, t->row, LH_MF_PRIMARY_KEYS, nb->e,
                             "\"%.*s\" is %s%s and has none", LH_STR_ARG(t->source), type,
                             how == HISTORY ? " with SCD_TYPE_2" : "");
    if (how == CHANGES && !sequence_of(t).n)
        return lh_plan_error(nb->plan->manifest, t->row, LH_MF_CURSOR_FIELD, nb->e,
                             "\"%.*s\" is %s and has none, nor a sequence_by",
                             LH_STR_ARG(t->source), type);
    return 0;
}

static int add_table(const struct notebook *nb, const struct lh_plan_table *t, lh_str destination,
                     const char *slug, struct lh_tpl_value *tables)
{
    struct lh_arena *a = nb->a;
    struct lh_tpl_value *map = lh_tpl_map(a);
    enum how how = how_of(t);

    for (size_t i = 0; i < LH_LEN(how_names); i++)
        lh_tpl_set(a, map, lh_str_z(how_names[i]), lh_tpl_bool(i == how));
    lh_tpl_set_text(a, map, "how", lh_str_z(how_words[how]));
    lh_tpl_set_text(a, map, "source_table", t->source);
    lh_tpl_set_text(a, map, "destination", destination);
    lh_tpl_set_text(a, map, "comment",
                    lh_tpl_format(a, "Table %.*s of the source", LH_STR_ARG(t->source)));
    lh_tpl_set_text(a, map, "function", lh_tpl_format(a, "table_%s", slug));
    lh_tpl_set_text(a, map, "view", lh_tpl_format(a, "lakehost_source_%s", slug));
    lh_tpl_set_text(a, map, "deletes_function", lh_tpl_format(a, "deletes_%s", slug));
    lh_tpl_set_text(a, map, "deletes_view", lh_tpl_format(a, "lakehost_deletes_%s", slug));
    lh_tpl_set_text(a, map, "sequence_by", sequence_of(t));
    lh_tpl_set_text(a, map, "scd", lh_str_z(lh_str_eqz(t->scd_type, "SCD_TYPE_2") ? "2" : "1"));
    lh_tpl_set(a, map, LH_STR("deletes"), lh_tpl_bool(is_type(t, "cdc_with_deletes")));
    lh_tpl_set(a, map, LH_STR("keys"), lh_generate_names_value(&t->primary_keys, a));
    lh_tpl_set(a, map, LH_STR("cluster_by"), lh_tpl_bool(t->cluster_by.n > 0));
    lh_tpl_set(a, map, LH_STR("cluster_by_list"), lh_generate_names_value(&t->cluster_by, a));
    lh_tpl_set(a, map, LH_STR("options"), lh_generate_options_value(t, a));
    lh_tpl_append(a, tables, map);
    return check_table(nb, t, how);
}

/* --- the connection's options ------------------------------------------------------------- */

static lh_str text_of(const json_t *value)
{
    return lh_str_n(json_string_value(value), json_string_length(value));
}

static const struct lh_tpl_value *option_value(struct lh_arena *a, const char *name,
                                               const json_t *value, bool code)
{
    struct lh_tpl_value *map = lh_tpl_map(a);
    struct lh_tpl_value *keys = lh_tpl_list(a);

    lh_tpl_set_text(a, map, "option", lh_str_z(name));
    for (size_t i = 0; i < json_array_size(value); i++)
        lh_tpl_append(a, keys, lh_tpl_text(a, text_of(json_array_get(value, i))));
    lh_tpl_set(a, map, LH_STR("keys"), keys);
    if (json_is_string(value))
        lh_tpl_set(a, map, LH_STR("value"),
                   code ? lh_tpl_code(a, text_of(value)) : lh_tpl_text(a, text_of(value)));
    return map;
}

static void set_options(struct lh_arena *a, struct lh_tpl_value *map, const char *name,
                        const json_t *section, bool code)
{
    struct lh_tpl_value *list = lh_tpl_list(a);
    json_t *object = (json_t *)(uintptr_t)section;

    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        lh_tpl_append(a, list,
                      option_value(a, json_object_iter_key(i), json_object_iter_value(i), code));
    lh_tpl_set(a, map, lh_str_z(name), list);
}

/* A folder holds <connector>_generated_source.py, as the original has it; a .py is the file. */
static lh_str connector_file(const struct lh_notebook_request *r, struct lh_arena *a)
{
    size_t n = strlen(r->connector_path);

    if (n > 3 && strcmp(r->connector_path + n - 3, ".py") == 0)
        return lh_str_z(r->connector_path);
    while (n > 1 && r->connector_path[n - 1] == '/')
        n--;
    return lh_tpl_format(a, "%.*s/%s_generated_source.py", (int)n, r->connector_path,
                         r->base.connector);
}

static int notebook_value(struct notebook *nb, const struct lh_notebook_request *r,
                          const struct lh_tpl_value **ret)
{
    const struct lh_connector_config *c = r->config;
    const json_t *secrets = json_object_get(c->tree, "secret_mappings");
    struct lh_tpl_value *map = lh_tpl_map(nb->a);
    struct lh_tpl_value *tables = lh_tpl_list(nb->a);
    lh_str *destinations = NULL;
    int code = set_destinations(nb, &destinations);

    lh_tpl_set_text(nb->a, map, "connector", lh_str_z(r->base.connector));
    lh_tpl_set_text(nb->a, map, "group", nb->pipeline->group);
    lh_tpl_set_text(nb->a, map, "connector_file", connector_file(r, nb->a));
    lh_tpl_set_text(nb->a, map, "secrets_scope",
                    lh_str_z(json_object_size(secrets) ? c->scope : ""));
    set_options(nb->a, map, "secrets", secrets, false);
    set_options(nb->a, map, "static_options", c->static_options, false);
    set_options(nb->a, map, "dynamic_options", json_object_get(c->tree, "dynamic_options"), true);
    lh_tpl_set(nb->a, map, LH_STR("tables"), tables);
    for (size_t i = 0; !code && i < nb->pipeline->n; i++)
        code = add_table(nb, &nb->pipeline->tables[i], destinations[i], nb->slugs[i], tables);
    if (!code)
        *ret = map;
    return code;
}

int lh_generate_notebooks(const struct lh_plan *plan, const struct lh_notebook_request *request,
                          struct lh_tree *tree, struct lh_error *e)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    const struct lh_template *t = NULL;
    int code = lh_templates_get(request->base.templates, "notebook/dlt.py", &t, e);

    for (size_t i = 0; !code && i < plan->n; i++) {
        struct notebook nb = {.plan = plan, .pipeline = &plan->pipelines[i], .a = &a, .e = e};
        char *file lh_autofree =
            lh_xasprintf("%s_%s.py", request->base.connector, nb.pipeline->slug);
        const struct lh_tpl_value *map = NULL;

        lh_arena_reset(&a);
        code = notebook_value(&nb, request, &map);
        if (!code)
            code = lh_generate_python(t, map, file, tree, e);
    }
    return code;
}
