/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that a configuration may have. Those of workspace_path, connection, repo and pipeline
 * are the keys of the community-connector tool's default_config.yaml, so its files work here.
 */
#include "config.h"

#include "config/configuration.h"

const struct lh_config_key lh_config_keys[] = {
    {"color", LH_CONFIG_CHOICE, "auto|always|never", "colours in messages"},
    {"log_format", LH_CONFIG_CHOICE, "text|json", "messages as lines of text or JSON Lines"},
    {"plugin_path", LH_CONFIG_PATHS, NULL,
     "folders with connectors, before the user's and the installed ones; LAKEHOST_PLUGIN_PATH has "
     "them with ':' between"},
    {"plugins_lock", LH_CONFIG_STRING, NULL,
     "file with the SHA-256 that connectors must have; lakehost/plugins.lock of the user's data "
     "folder when it is not set"},
    {"trusted_keys", LH_CONFIG_PATHS, NULL,
     "files with Ed25519 public keys of connectors' signers"},
    {"require_signature", LH_CONFIG_BOOL, NULL,
     "load only connectors that a trusted key has signed"},
    {"plugin_consent", LH_CONFIG_STRINGS, NULL,
     "connectors that may open connections of their own and see secrets, where they ask for it"},
    {"isolation.worker", LH_CONFIG_STRING, NULL,
     "path of the program lakehost-worker, where it is not the installed one"},
    {"isolation.load_timeout", LH_CONFIG_COUNT, NULL,
     "seconds that a connector's process may take until it has loaded the connector"},
    {"isolation.compute_timeout", LH_CONFIG_COUNT, NULL,
     "seconds that it may compute without a sign of life; waiting for the source does not count"},
    {"isolation.max_memory", LH_CONFIG_COUNT, NULL,
     "MiB of address space that it may have; 0 is no bound"},
    {"proxy", LH_CONFIG_STRING, NULL,
     "URL of a proxy for requests to sources; \"environment\" takes https_proxy, no_proxy and kin, "
     "which are not looked at otherwise; this machine is asked without it"},
    {"plain_http", LH_CONFIG_STRINGS, NULL,
     "hosts that may be spoken to without TLS, besides this machine"},
    {"refresh_token_file", LH_CONFIG_STRING, NULL,
     "file of mode 0600 for refresh tokens that a source replaced; without it they are kept for "
     "the run"},
    {"rules", LH_CONFIG_MAP, NULL,
     "severity of rules: \"off\", note, warning or error by id, as LH204: error; lakehost explain "
     "lists them"},
    {"workspace_path", LH_CONFIG_STRING, NULL,
     "workspace folder of a pipeline; {CURRENT_USER}, {PIPELINE_NAME} and {SOURCE_NAME} stand for "
     "the run's values"},
    {"connection.external_options_allowlist", LH_CONFIG_STRING_LIST, NULL,
     "table options that a connection passes on"},
    {"repo.url", LH_CONFIG_STRING, NULL, "Git repository of the connectors"},
    {"repo.path", LH_CONFIG_STRING, NULL, "where it is checked out; {WORKSPACE_PATH} is known"},
    {"repo.provider", LH_CONFIG_STRING, NULL, "the Git provider's name as the workspace spells it"},
    {"repo.branch", LH_CONFIG_STRING, NULL, "branch"},
    {"repo.sparse_checkout.patterns", LH_CONFIG_STRINGS, NULL, "folders to check out"},
    {"repo.exclude_root_files", LH_CONFIG_STRINGS, NULL, "files removed from the checkout"},
    {"pipeline.root_path", LH_CONFIG_STRING, NULL, "root of the pipeline's sources"},
    {"pipeline.libraries", LH_CONFIG_LIST, NULL, "source files of the pipeline"},
    {"pipeline.channel", LH_CONFIG_CHOICE, "CURRENT|PREVIEW", "release channel"},
    {"pipeline.continuous", LH_CONFIG_BOOL, NULL, "run all the time"},
    {"pipeline.development", LH_CONFIG_BOOL, NULL, "development mode"},
    {"pipeline.serverless", LH_CONFIG_BOOL, NULL, "serverless compute"},
    {"pipeline.catalog", LH_CONFIG_STRING, NULL, "catalog for the tables"},
    {"pipeline.schema", LH_CONFIG_STRING, NULL, "schema for the tables"},
    {"pipeline.target", LH_CONFIG_STRING, NULL, "older name of pipeline.schema"},
    {"pipeline.configuration", LH_CONFIG_STRING_MAP, NULL, "Spark configuration"},
    {"pipeline.clusters", LH_CONFIG_LIST, NULL, "clusters, where the pipeline is not serverless"},
    {"pipeline.environment", LH_CONFIG_MAP, NULL, "environment of a serverless pipeline"},
    {"bundle.tags", LH_CONFIG_STRING_MAP, NULL, "tags of generated pipelines and jobs"},
    {"bundle.permissions", LH_CONFIG_LIST, NULL,
     "who may do what with generated pipelines and jobs: entries with level (CAN_MANAGE, CAN_RUN, "
     "CAN_VIEW) and user_name, group_name or service_principal_name"},
    {"bundle.notify", LH_CONFIG_STRINGS, NULL,
     "addresses to tell of failures of generated pipelines and jobs"},
    {NULL},
};
