/* SPDX-License-Identifier: Apache-2.0 */
/* The command table. What a command does lies in cmd/, one file for each group. */
#include "config.h"

#include "cmd/program.h"

#include <curl/curl.h>
#include <signal.h>
#include <sys/prctl.h>

#ifdef LH_STATIC_CONNECTORS
#include <ltdl.h>
#endif

/*
 * What this process will hold of secrets is not for other processes of the user, a connector's
 * among them: no memory, no environment, no core dump. Not where something has to look into it:
 * sanitizers search for leaks by ptrace. A debugger or valgrind runs the program and is not kept
 * out; one that is attached later is.
 */
static void hide(void)
{
#if !defined(LH_SANITIZED)
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int argc, char **argv)
{
    static const struct lh_command *const commands[] = {
        &lh_command_check,
        &lh_command_namespaces,
        &lh_command_tables,
        &lh_command_schema,
        &lh_command_metadata,
        &lh_command_partitions,
        &lh_command_read,
        &lh_command_discover,
        &lh_command_catalog_diff,
        &lh_command_group,
        &lh_command_preset_list,
        &lh_command_preset_show,
        &lh_command_preset_copy,
        &lh_command_generate_ingest,
        &lh_command_generate_notebooks,
        &lh_command_generate_bundle,
        &lh_command_generate_sdp_entry,
        &lh_command_generate_pipeline_spec,
        &lh_command_generate_connector_spec,
        &lh_command_validate,
        &lh_command_upload_dir,
        &lh_command_plugin_list,
        &lh_command_plugin_show,
        &lh_command_plugin_validate,
        &lh_command_plugin_verify,
        &lh_command_plugin_sign,
        &lh_command_config_show,
        &lh_command_doctor,
        &lh_command_explain,
        &lh_command_demo,
        &lh_command_help,
        &lh_command_completion,
        NULL,
    };

#ifdef LH_STATIC_CONNECTORS
    LTDL_SET_PRELOADED_SYMBOLS();
#endif
    hide();
    /* a write that cannot be done is an error with a message, not a death */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* before there is a second thread; what it holds dies with the process */
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return LH_FAILED;
    return lh_program_run(commands, argc, argv);
}
