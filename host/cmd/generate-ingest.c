/* SPDX-License-Identifier: Apache-2.0 */
/* The command `generate ingest`. */
#include "config.h"

#include "cmd/generate.h"

static const struct lh_option ingest_options[] = {
    LH_INPUT_OPTIONS,
    {"--output-dir", "DIR", "where the files go; made when it is missing", NULL,
     LH_OPT_REQUIRED | LH_OPT_DIR},
    {"--source-name --connector-name", "NAME", "the connector's name in the framework", NULL,
     LH_OPT_REQUIRED},
    LH_GENERATE_CONNECTION,
    LH_GENERATE_DESTINATION,
    LH_GENERATE_COMMON,
    LH_GENERATE_FRAMEWORK,
    LH_GENERATE_TEMPLATES,
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static int run_ingest(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    struct lh_plan_request plan = {
        .common_options_json = lh_args_get(args, "common-table-config-json"),
    };
    lh_auto(lh_generate_input) in = {0};
    lh_auto(lh_tree) tree = LH_TREE_INIT;
    int code = lh_cmd_generate_begin(context, args, &plan, &in, e);

    if (!code)
        code = lh_tree_begin(&tree, lh_args_get(args, "output-dir"), e);
    if (!code)
        code = lh_generate_ingest(&in.plan, &in.request, &tree, e);
    return code ? code : lh_cmd_generate_commit(&tree, e);
}

const struct lh_command lh_command_generate_ingest = {
    .name = "generate ingest",
    .summary = "Writes one ingest_<group>.py for each pipeline group of a manifest",
    .details =
        "A file has the pipeline spec of its tables: source and destination, and the\n"
        "table_configuration made of the common options, those of the row's\n"
        "table_options_json (null takes one away), and the columns scd_type, primary_keys,\n"
        "sequence_by and cluster_by. Values become text: numbers as they are written, lists\n"
        "and maps as JSON. A row's own connection, catalog and schema win over the flags.\n"
        "\n"
        "Every file is checked before any is written, and all are written or none. The paths\n"
        "are printed, one a line. Files of groups that are no more stay where they are.\n"
        "\n"
        "With classic, the pipeline's root_path must be a clone of the connectors' repository\n"
        "with pipeline/ and libs/ at its root; with package, the package must come from the\n"
        "root_path or from the pipeline's environment (see generate bundle).",
    .group = "Generate",
    .options = ingest_options,
    .examples =
        (const struct lh_example[]){
            {"generate ingest --csv tables.csv --output-dir ingest --source-name osipi "
             "--connection-name osipi --catalog main --schema bronze",
             "files for the originals' framework"},
            {"generate ingest --input-csv tables.csv --output-dir src --connector-name github "
             "--connection-name gh --catalog main --schema github --framework package "
             "--common-table-config-json '{\"scd_type\": \"SCD_TYPE_1\"}'",
             "for today's package, with options for all tables"},
            {NULL}},
    .exits = "0 1 2 3 9",
    .run = run_ingest,
};
