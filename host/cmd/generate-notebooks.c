/* SPDX-License-Identifier: Apache-2.0 */
/* The command `generate notebooks`. */
#include "config.h"

#include "cmd/generate.h"
#include "config/data.h"
#include "generate/notebook.h"

static const struct lh_option notebooks_options[] = {
    LH_INPUT_OPTIONS,
    {"--output-dir", "DIR", "where the files go; made when it is missing", NULL,
     LH_OPT_REQUIRED | LH_OPT_DIR},
    {"--connector-name", "NAME", "the connector", NULL, LH_OPT_REQUIRED},
    {"--connector-path", "PATH",
     "workspace folder of <connector>_generated_source.py, or the file itself (.py)", NULL,
     LH_OPT_REQUIRED},
    {"--generate-all-groups", NULL, "a notebook for each pipeline group"},
    {"--pipeline-group", "GROUP", "only the notebook of this group"},
    {"--connector-config", "FILE", "where options come from, instead of the built-in configuration",
     NULL, LH_OPT_FILE},
    {"--static-option", "KEY=VALUE", "a fixed option, over that of the configuration", NULL,
     LH_OPT_REPEAT},
    LH_GENERATE_DESTINATION,
    LH_GENERATE_COMMON,
    LH_GENERATE_TEMPLATES,
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static int read_config(const struct lh_args *args, const char *connector,
                       struct lh_connector_config *config, struct lh_error *e)
{
    char *built_in lh_autofree = lh_data_path("connector_configs.json");
    const char *file = lh_args_get(args, "connector-config");
    const char *text;
    size_t at = 0;
    int code = file ? lh_connector_config_read(file, config, e)
                    : lh_connector_config_built_in(built_in, connector, config, e);

    while (!code && (text = lh_args_next(args, "static-option", &at)))
        code = lh_connector_config_set(config, text, e);
    return code;
}

static int run_notebooks(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    bool all_groups = lh_args_count(args, "generate-all-groups") > 0;
    struct lh_plan_request plan = {
        .common_options_json = lh_args_get(args, "common-table-config-json"),
        .only_group = lh_args_get(args, "pipeline-group"),
        .for_notebooks = true,
    };
    lh_auto(lh_generate_input) in = {0};
    lh_auto(lh_connector_config) config = {0};
    lh_auto(lh_tree) tree = LH_TREE_INIT;
    struct lh_notebook_request request = {.config = &config,
                                          .connector_path = lh_args_get(args, "connector-path")};
    int code;

    if (all_groups && plan.only_group)
        return lh_error_set(e, LH_USAGE,
                            "--generate-all-groups and --pipeline-group exclude each other");
    plan.one_group = all_groups || plan.only_group ? NULL : "all";
    code = lh_cmd_generate_begin(context, args, &plan, &in, e);
    if (!code)
        code = read_config(args, in.connector, &config, e);
    if (!code)
        code = lh_connector_config_check(&config, in.plugin.spec, e);
    if (!code)
        code = lh_tree_begin(&tree, lh_args_get(args, "output-dir"), e);
    request.base = in.request;
    if (!code)
        code = lh_generate_notebooks(&in.plan, &request, &tree, e);
    return code ? code : lh_cmd_generate_commit(&tree, e);
}

const struct lh_command lh_command_generate_notebooks = {
    .name = "generate notebooks",
    .summary = "Writes pipeline notebooks that read a connector's credentials from secrets",
    .details =
        "For connectors whose credentials do not come from a connection. A notebook reads\n"
        "the secrets on the driver, the first key that the scope has, hands them to the\n"
        "connector as options and defines a table for each row of the manifest: read whole\n"
        "(snapshot), appended to (append), or with changes applied by primary_keys in the\n"
        "order of sequence_by or cursor_field (cdc, cdc_with_deletes). It goes to the row's\n"
        "destination; what the row leaves open is the pipeline's catalog and schema.\n"
        "\n"
        "Files are <connector>_<group>.py; without --generate-all-groups and --pipeline-group\n"
        "one notebook, <connector>_all.py, has all tables. All are written or none.\n"
        "\n"
        "The configuration says where options come from: secrets_scope, secret_mappings\n"
        "(option: keys to try), static_options (option: text), dynamic_options (option: a\n"
        "Python expression). One is built in for airtable, github, hubspot, osipi, salesforce,\n"
        "zendesk and zoho_crm. A placeholder such as <your-server> that nobody replaced is an\n"
        "error, and so is an option that the connector does not have.",
    .group = "Generate",
    .options = notebooks_options,
    .examples =
        (const struct lh_example[]){
            {"generate notebooks --connector-name hubspot --input-csv tables.csv --output-dir "
             "notebooks --connector-path /Workspace/Shared/connectors --generate-all-groups",
             "a notebook for each group"},
            {"generate notebooks --connector-name osipi --input-csv tables.csv --output-dir "
             "notebooks --connector-path /Workspace/Shared/connectors "
             "--static-option pi_base_url=https://pi.example.com",
             "with a value for the built-in configuration's placeholder"},
            {"generate notebooks --connector-name custom --connector-config custom.json "
             "--input-csv tables.csv --output-dir notebooks --connector-path /Workspace/custom.py",
             "a connector of your own"},
            {NULL}},
    .exits = "0 1 2 3 9",
    .run = run_notebooks,
};
