/* SPDX-License-Identifier: Apache-2.0 */
/* The command `generate sdp-entry`. */
#include "config.h"

#include "base/utf8.h"
#include "cmd/generate.h"
#include "generate/sdp.h"

static const struct lh_option sdp_options[] = {
    LH_INPUT_OPTIONS,
    {"--output-dir", "DIR", "where the two files go; made when it is missing", NULL,
     LH_OPT_REQUIRED | LH_OPT_DIR},
    {"--connector-name", "NAME", "the connector's name in the framework", NULL, LH_OPT_REQUIRED},
    LH_GENERATE_CONNECTION,
    {"--repo-path", "PATH", "the clone of the connectors' repository in the workspace", NULL,
     LH_OPT_REQUIRED},
    {"--catalog --dest-catalog", "CATALOG", "catalog of the pipeline", NULL, LH_OPT_REQUIRED},
    {"--schema --dest-schema", "SCHEMA", "schema of the pipeline", NULL, LH_OPT_REQUIRED},
    {"--table-prefix", "PREFIX", "before the name of each table (default bronze_)"},
    {"--pipeline-name", "NAME", "name of the pipeline (default: CONNECTOR Git folder)"},
    {"--channel", "CHANNEL", "release channel (default: the configuration's, PREVIEW)",
     "PREVIEW|CURRENT"},
    LH_GENERATE_COMMON,
    LH_GENERATE_TEMPLATES,
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static const char *text_or(const struct lh_args *args, const char *key, const char *otherwise)
{
    const char *value = lh_args_get(args, key);

    return value ? value : otherwise;
}

/* What goes into the settings, which are JSON. */
static int check_texts(const struct lh_args *args, struct lh_error *e)
{
    static const char *const keys[] = {"repo-path", "dest-catalog", "dest-schema", "pipeline-name",
                                       "table-prefix"};

    for (size_t i = 0; i < LH_LEN(keys); i++)
        if (!lh_utf8_valid(lh_str_z(text_or(args, keys[i], ""))))
            return lh_error_set(e, LH_USAGE, "--%s: not UTF-8", keys[i]);
    if (lh_args_get(args, "repo-path")[0] != '/')
        return lh_error_set(e, LH_USAGE,
                            "--repo-path: expected an absolute path of the workspace, "
                            "found \"%s\"",
                            lh_args_get(args, "repo-path"));
    return 0;
}

static char *without_slash(const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return lh_xmemdup0(path, n);
}

static int run_sdp(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    struct lh_plan_request plan = {
        .common_options_json = lh_args_get(args, "common-table-config-json"), .one_group = "all"};
    char *repo lh_autofree = without_slash(lh_args_get(args, "repo-path"));
    char *name lh_autofree = lh_xasprintf("%s Git folder", lh_args_get(args, "connector-name"));
    lh_auto(lh_generate_input) in = {0};
    lh_auto(lh_tree) tree = LH_TREE_INIT;
    struct lh_sdp_request request = {
        .repo_path = repo,
        .table_prefix = text_or(args, "table-prefix", "bronze_"),
        .pipeline_name = text_or(args, "pipeline-name", name),
        .catalog = lh_args_get(args, "dest-catalog"),
        .schema = lh_args_get(args, "dest-schema"),
        .channel = text_or(args, "channel", lh_config_string(context->config, "pipeline.channel")),
    };
    int code = check_texts(args, e);

    if (!code)
        code = lh_cmd_generate_begin(context, args, &plan, &in, e);
    if (!code)
        code = lh_tree_begin(&tree, lh_args_get(args, "output-dir"), e);
    request.base = in.request;
    if (!code)
        code = lh_generate_sdp(&in.plan, &request, &tree, e);
    if (!code)
        code = lh_cmd_generate_commit(&tree, e);
    if (!code)
        lh_log_info(context->log, "the author of this way of deployment reported that workers may "
                                  "not find the framework's modules; see the head of the file");
    return code;
}

const struct lh_command lh_command_generate_sdp_entry = {
    .name = "generate sdp-entry",
    .summary = "Writes the entry point and the settings of a pipeline that runs from a Git folder",
    .details =
        "<connector>_sdp.py puts the clone of the connectors' repository on sys.path,\n"
        "registers the connector and defines a table, named prefix + table, for each row of\n"
        "the manifest: read whole through the connection, whose options the engine adds.\n"
        "<connector>_pipeline.json is for databricks pipelines create --json; it expects the\n"
        "entry at PATH/sources/<connector>/sdp_ingest/<connector>_sdp.\n"
        "\n"
        "The author of this way of deployment later reported that workers could not import\n"
        "the framework's modules where the code lay in an ordinary workspace folder, because\n"
        "changes of sys.path reach the driver only. generate ingest does not depend on them.",
    .group = "Generate",
    .options = sdp_options,
    .examples =
        (const struct lh_example[]){
            {"generate sdp-entry --connector-name airtable --input-csv tables.csv "
             "--connection-name airtable --output-dir sdp --repo-path "
             "/Repos/team/lakeflow-community-connectors --catalog main --schema airtable",
             "entry point and settings"},
            {"generate sdp-entry --connector-name airtable --input-csv tables.csv "
             "--connection-name airtable --output-dir sdp --repo-path /Repos/team/clone "
             "--catalog main --schema airtable --table-prefix '' --channel CURRENT",
             "without a prefix, on the current channel"},
            {NULL}},
    .exits = "0 1 2 3 9",
    .run = run_sdp,
};
