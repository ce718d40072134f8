/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generators: a plan in, files out. Each file is checked before it is staged, and no file gets
 * its name before all are staged (base/tree.h), so that a failure leaves what was there.
 *
 * What comes out depends on the plan and the request alone: no dates, counts, hosts or users.
 */
#ifndef LH_GENERATE_GENERATE_H
#define LH_GENERATE_GENERATE_H

#include "base/tree.h"
#include "generate/plan.h"
#include "generate/template.h"

/* The Python framework that a generated file imports. */
enum lh_framework {
    LH_FRAMEWORK_CLASSIC, /* `pipeline` and `libs` at the root of a clone */
    LH_FRAMEWORK_PACKAGE  /* the package databricks.labs.community_connector */
};

struct lh_generate_request {
    const char *connector;
    enum lh_framework framework;
    struct lh_templates *templates;
};

/*
 * LH_USAGE unless a connector's name can be part of names of files and keys: letters, digits, '_'
 * and '-', a letter first, a letter or digit last, at most 64.
 */
int lh_generate_check_connector(const char *name, struct lh_error *e);

/* The template of ingest files: "ingest/classic.py". */
const char *lh_ingest_template(enum lh_framework framework);

/* "ingest_<slug>.py"; the caller frees it. */
char *lh_ingest_file_name(const struct lh_plan_pipeline *pipeline);

/* Whether Databricks takes a file of this first line as a notebook, and not as a file. */
bool lh_generate_is_notebook(lh_str first_line);

/*
 * Stages one ingest file for each pipeline. LH_INVALID for a template or a value that does not come
 * out as Python, and for a pipeline without a connection or a table without a destination.
 */
int lh_generate_ingest(const struct lh_plan *plan, const struct lh_generate_request *request,
                       struct lh_tree *tree, struct lh_error *e);

/* For generators: one file from a template, checked as Python and staged. */
int lh_generate_python(const struct lh_template *t, const struct lh_tpl_value *map,
                       const char *file, struct lh_tree *tree, struct lh_error *e);

/* For generators: table_configuration as the framework reads it; empty when there is nothing. */
const struct lh_tpl_value *lh_generate_configuration(const struct lh_plan_table *table,
                                                     struct lh_arena *a);

/* For generators: a list of names; the options alone, as a map. */
const struct lh_tpl_value *lh_generate_names_value(const struct lh_plan_names *names,
                                                   struct lh_arena *a);
const struct lh_tpl_value *lh_generate_options_value(const struct lh_plan_table *table,
                                                     struct lh_arena *a);

/* For generators: appends a part of a table's name for SQL, in backticks unless it is plain. */
void lh_generate_sql_part(struct lh_buf *to, lh_str part);

/* For generators: LH_INVALID unless the table has catalog, schema and name at the destination. */
int lh_generate_check_destination(const struct lh_plan *plan, const struct lh_plan_table *table,
                                  struct lh_error *e);

/* For generators: LH_INVALID unless the pipeline has a connection. */
int lh_generate_check_connection(const struct lh_plan *plan,
                                 const struct lh_plan_pipeline *pipeline, struct lh_error *e);

#endif
