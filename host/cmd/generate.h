/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands `generate ...` share: the options of the originals that name the manifest and
 * fill in what it leaves open, and the way from there to a plan.
 */
#ifndef LH_CMD_GENERATE_H
#define LH_CMD_GENERATE_H

#include "cmd/input.h"
#include "cmd/plugins.h"
#include "generate/generate.h"

/* Rows for a command's option table. */
/* clang-format off */
#define LH_GENERATE_DESTINATION                                                                    \
    {"--catalog --dest-catalog", "CATALOG", "the catalog of tables that the manifest gives none"}, \
    {"--schema --dest-schema", "SCHEMA", "the schema of tables that the manifest gives none"}
#define LH_GENERATE_CONNECTION                                                                     \
    {"--connection-name", "NAME", "the connection of tables that the manifest gives none"}
#define LH_GENERATE_COMMON                                                                         \
    {"--common-table-config-json", "JSON", "table options for all tables; a row's own win"}
#define LH_GENERATE_TEMPLATES                                                                      \
    {"--template-dir", "DIR", "templates of your own, looked at before the bundled ones", NULL,    \
     LH_OPT_DIR}
#define LH_GENERATE_FRAMEWORK                                                                      \
    {"--framework", "LAYOUT", "what the files import: the originals' modules (classic, default) "  \
     "or the package databricks.labs.community_connector", "classic|package"}
/* clang-format on */

/* All that one run of a generator works with. */
struct lh_generate_input {
    const char *connector; /* NULL: the command can do without, and nobody gave one */
    struct lh_manifest manifest;
    struct lh_plan plan;
    struct lh_plugin_info plugin; /* .spec == NULL: lakehost has no such connector */
    struct lh_templates *templates;
    struct lh_generate_request request;
};

void lh_generate_input_free(struct lh_generate_input *in);

/*
 * Reads the manifest, fills in from the flags, checks it (what is wrong is printed, all of it) and
 * makes the plan. `plan` says what else the plan depends on; its spec is filled in from lakehost's
 * connector of the name, where there is one. in must be empty and stay where it is.
 */
int lh_cmd_generate_begin(struct lh_context *context, const struct lh_args *args,
                          struct lh_plan_request *plan, struct lh_generate_input *in,
                          struct lh_error *e);

/* Puts the staged files in their places and prints the path of each on stdout. */
int lh_cmd_generate_commit(struct lh_tree *tree, struct lh_error *e);

#endif
