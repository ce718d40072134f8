/* SPDX-License-Identifier: Apache-2.0 */
/* Ingest files, one for each pipeline; and what generators of Python share. */
#include "config.h"

#include "generate/generate.h"
#include "generate/python.h"

#include <stdlib.h>

/* As much as one file may hold: the workspace takes no larger source file. */
#define MAX_FILE ((size_t)10 << 20)

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int lh_generate_check_connector(const char *name, struct lh_error *e)
{
    size_t n = strlen(name);
    bool good = n && n <= 64 && is_letter_or_digit(name[0]) && is_letter_or_digit(name[n - 1]) &&
                !(name[0] >= '0' && name[0] <= '9');

    for (size_t i = 0; good && i < n; i++)
        good = is_letter_or_digit(name[i]) || name[i] == '_' || name[i] == '-';
    if (good)
        return 0;
    return lh_error_set(e, LH_USAGE,
                        "--connector-name: expected letters, digits, '_' and '-', a letter first, "
                        "at most 64, found \"%.80s\"",
                        name);
}

bool lh_generate_is_notebook(lh_str first_line)
{
    return lh_str_eqz(first_line, "# Databricks notebook source") ||
           lh_str_eqz(first_line, "# Databricks notebook source\r");
}

const char *lh_ingest_template(enum lh_framework framework)
{
    return framework == LH_FRAMEWORK_PACKAGE ? "ingest/package.py" : "ingest/classic.py";
}

char *lh_ingest_file_name(const struct lh_plan_pipeline *pipeline)
{
    return lh_xasprintf("ingest_%s.py", pipeline->slug);
}

int lh_generate_check_destination(const struct lh_plan *plan, const struct lh_plan_table *table,
                                  struct lh_error *e)
{
    if (!table->catalog.n)
        return lh_plan_error(plan->manifest, table->row, LH_MF_DESTINATION_CATALOG, e,
                             "table \"%.*s\" has none: give --catalog", LH_STR_ARG(table->source));
    if (!table->schema.n)
        return lh_plan_error(plan->manifest, table->row, LH_MF_DESTINATION_SCHEMA, e,
                             "table \"%.*s\" has none: give --schema", LH_STR_ARG(table->source));
    return 0;
}

int lh_generate_check_connection(const struct lh_plan *plan,
                                 const struct lh_plan_pipeline *pipeline, struct lh_error *e)
{
    if (pipeline->connection.n)
        return 0;
    return lh_plan_error(plan->manifest, pipeline->tables[0].row, LH_MF_CONNECTION_NAME, e,
                         "group \"%.*s\" has none: give --connection-name",
                         LH_STR_ARG(pipeline->group));
}

/* --- values ------------------------------------------------------------------------------- */

static const struct lh_tpl_value *names_value(const struct lh_plan_names *names, struct lh_arena *a)
{
    struct lh_tpl_value *list = lh_tpl_list(a);

    for (size_t i = 0; i < names->n; i++)
        lh_tpl_append(a, list, lh_tpl_text(a, names->items[i]));
    return list;
}

const struct lh_tpl_value *lh_generate_configuration(const struct lh_plan_table *table,
                                                     struct lh_arena *a)
{
    struct lh_tpl_value *map = lh_tpl_map(a);

    if (table->scd_type.n)
        lh_tpl_set(a, map, LH_STR("scd_type"), lh_tpl_text(a, table->scd_type));
    if (table->primary_keys.n)
        lh_tpl_set(a, map, LH_STR("primary_keys"), names_value(&table->primary_keys, a));
    if (table->sequence_by.n)
        lh_tpl_set(a, map, LH_STR("sequence_by"), lh_tpl_text(a, table->sequence_by));
    if (table->cluster_by.n)
        lh_tpl_set(a, map, LH_STR("cluster_by"), names_value(&table->cluster_by, a));
    for (size_t i = 0; i < table->n_options; i++)
        lh_tpl_set(a, map, table->options[i].name, lh_tpl_text(a, table->options[i].value));
    return map;
}

static const struct lh_tpl_value *table_value(const struct lh_plan_table *table, struct lh_arena *a)
{
    struct lh_tpl_value *map = lh_tpl_map(a);

    lh_tpl_set(a, map, LH_STR("source_table"), lh_tpl_text(a, table->source));
    lh_tpl_set(a, map, LH_STR("destination_catalog"), lh_tpl_text(a, table->catalog));
    lh_tpl_set(a, map, LH_STR("destination_schema"), lh_tpl_text(a, table->schema));
    lh_tpl_set(a, map, LH_STR("destination_table"), lh_tpl_text(a, table->table));
    lh_tpl_set(a, map, LH_STR("table_configuration"), lh_generate_configuration(table, a));
    return map;
}

static int pipeline_value(const struct lh_plan *plan, const struct lh_generate_request *request,
                          const struct lh_plan_pipeline *p, struct lh_arena *a,
                          const struct lh_tpl_value **ret, struct lh_error *e)
{
    struct lh_tpl_value *map = lh_tpl_map(a);
    struct lh_tpl_value *tables = lh_tpl_list(a);
    int code = lh_generate_check_connection(plan, p, e);

    lh_tpl_set(a, map, LH_STR("connector"), lh_tpl_text(a, lh_str_z(request->connector)));
    lh_tpl_set(a, map, LH_STR("connection"), lh_tpl_text(a, p->connection));
    lh_tpl_set(a, map, LH_STR("group"), lh_tpl_text(a, p->group));
    lh_tpl_set(a, map, LH_STR("tables"), tables);
    for (size_t i = 0; !code && i < p->n; i++) {
        code = lh_generate_check_destination(plan, &p->tables[i], e);
        lh_tpl_append(a, tables, table_value(&p->tables[i], a));
    }
    if (!code)
        *ret = map;
    return code;
}

/* --- files -------------------------------------------------------------------------------- */

int lh_generate_python(const struct lh_template *t, const struct lh_tpl_value *map,
                       const char *file, struct lh_tree *tree, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(MAX_FILE);
    int code = lh_template_render(t, map, &text, e);

    if (!code)
        code = lh_python_check(lh_buf_slice(&text), file, e);
    if (code)
        return code;
    return lh_tree_add(tree, lh_str_z(file), lh_buf_slice(&text), 0, e);
}

int lh_generate_ingest(const struct lh_plan *plan, const struct lh_generate_request *request,
                       struct lh_tree *tree, struct lh_error *e)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    const struct lh_template *t = NULL;
    int code = lh_templates_get(request->templates, lh_ingest_template(request->framework), &t, e);

    for (size_t i = 0; !code && i < plan->n; i++) {
        char *file lh_autofree = lh_ingest_file_name(&plan->pipelines[i]);
        const struct lh_tpl_value *map = NULL;

        lh_arena_reset(&a);
        code = pipeline_value(plan, request, &plan->pipelines[i], &a, &map, e);
        if (!code)
            code = lh_generate_python(t, map, file, tree, e);
    }
    return code;
}
