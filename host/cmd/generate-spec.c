/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `generate pipeline-spec` and `generate connector-spec`. */
#include "config.h"

#include "base/file.h"
#include "cmd/generate.h"
#include "generate/bundle.h"
#include "generate/pipeline-spec.h"

#define MAX_SPEC ((size_t)1 << 30)

static const struct lh_option pipeline_options[] = {
    LH_INPUT_OPTIONS,
    {"--source-name --connector-name", "NAME", "the connector, to check options by"},
    LH_GENERATE_CONNECTION,
    LH_GENERATE_DESTINATION,
    LH_GENERATE_COMMON,
    {"--pipeline-group", "GROUP", "only the tables of this group"},
    {"--output", "FORMAT", "yaml (default) or json", "yaml|json"},
    {"--output-file", "FILE", "instead of stdout", NULL, LH_OPT_FILE},
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static int write_result(const struct lh_args *args, const struct lh_buf *text, struct lh_error *e)
{
    const char *file = lh_args_get(args, "output-file");

    if (!file || strcmp(file, "-") == 0)
        return lh_print(text, e);
    return lh_file_write_atomic(file, lh_buf_slice(text), 0, e);
}

static int format_spec(const struct lh_args *args, const json_t *spec, struct lh_buf *to,
                       struct lh_error *e)
{
    const char *output = lh_args_get(args, "output");
    char *json lh_autofree = NULL;

    if (!output || strcmp(output, "yaml") == 0)
        return lh_generate_yaml(spec, NULL, "pipeline spec", to, e);
    json = lh_document_dump(spec, 2);
    lh_buf_f(to, "%s\n", json);
    return 0;
}

static int run_pipeline_spec(struct lh_context *context, const struct lh_args *args,
                             struct lh_error *e)
{
    struct lh_plan_request plan = {
        .common_options_json = lh_args_get(args, "common-table-config-json"),
        .only_group = lh_args_get(args, "pipeline-group"),
    };
    lh_auto(lh_generate_input) in = {0};
    lh_auto(lh_buf) text = LH_BUF_INIT(MAX_SPEC);
    json_t *spec = NULL;
    int code;

    plan.one_group = plan.only_group ? NULL : "all";
    code = lh_cmd_generate_begin(context, args, &plan, &in, e);
    if (!code)
        code = lh_generate_pipeline_spec(&in.plan, &in.plan.pipelines[0], &spec, e);
    if (!code)
        code = format_spec(args, spec, &text, e);
    json_decref(spec);
    return code ? code : write_result(args, &text, e);
}

const struct lh_command lh_command_generate_pipeline_spec = {
    .name = "generate pipeline-spec",
    .summary = "Prints the pipeline spec of a manifest's tables",
    .details =
        "The spec that create_pipeline and the Python framework take: connection_name, and\n"
        "objects with source and destination of each table and its table_configuration, put\n"
        "together as generate ingest does. All tables must have one connection, and a\n"
        "source table is in a spec once.",
    .group = "Generate",
    .options = pipeline_options,
    .examples =
        (const struct lh_example[]){
            {"generate pipeline-spec --input-csv tables.csv --connection-name gh --catalog main "
             "--schema bronze --pipeline-group core_cdc",
             "the tables of one group, as YAML"},
            {"generate pipeline-spec --input-csv tables.csv --connection-name gh --catalog main "
             "--schema bronze --output json --output-file spec.json",
             "all tables, as a JSON file"},
            {NULL}},
    .exits = "0 1 2 3",
    .run = run_pipeline_spec,
};

/* --- connector-spec ----------------------------------------------------------------------- */

static const struct lh_option connector_options[] = {
    {"--connector-name", "NAME", "instead of CONNECTOR", NULL, LH_OPT_INSTEAD},
    {"--output-file", "FILE", "instead of stdout", NULL, LH_OPT_FILE},
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static int run_connector_spec(struct lh_context *context, const struct lh_args *args,
                              struct lh_error *e)
{
    const char *given = lh_args_get(args, "connector-name");
    lh_auto(lh_plugins) plugins = {.arena = LH_ARENA_INIT};
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (!code)
        code = lh_plugin_find(&plugins.policy, given ? given : args->positional[0], &info, e);
    if (!code)
        code = lh_spec_write_connector_spec(info.spec, &text, e);
    return code ? code : write_result(args, &text, e);
}

const struct lh_command lh_command_generate_connector_spec = {
    .name = "generate connector-spec",
    .summary = "Prints the connector_spec.yaml of a connector",
    .args = "CONNECTOR",
    .details = "Made from the connector's own spec: the parameters of a connection, the ways to\n"
               "sign in, and the table options that the connection lets through.",
    .group = "Generate",
    .options = connector_options,
    .examples =
        (const struct lh_example[]){
            {"generate connector-spec github", "on stdout"},
            {"generate connector-spec --connector-name osipi --output-file connector_spec.yaml",
             "into a file"},
            {NULL}},
    .exits = "0 1 2 3 5 8",
    .run = run_connector_spec,
};
