/* SPDX-License-Identifier: Apache-2.0 */
/* Ingest files, one for each pipeline; and what generators of Python share. */
#include "config.h"

#include "generate/generate.h"
#include "generate/python.h"

#include <stdlib.h>

/* As much as one file may hold: the workspace takes no larger source file. */
#define MAX_FILE ((size_t)10 << 20)

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

/* --- values ------------------------------------------------------------------------------- */

static const struct lh_tpl_value *table_value(const struct lh_plan_table *table, struct lh_arena *a)
{
    struct lh_tpl_value *map = lh_tpl_map(a);

    lh_tpl_set_text(a, map, "source_table", table->source);
    lh_tpl_set_text(a, map, "destination_catalog", table->catalog);
    lh_tpl_set_text(a, map, "destination_schema", table->schema);
    lh_tpl_set_text(a, map, "destination_table", table->table);
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

    lh_tpl_set_text(a, map, "connector", lh_str_z(request->connector));
    lh_tpl_set_text(a, map, "connection", p->connection);
    lh_tpl_set_text(a, map, "group", p->group);
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
