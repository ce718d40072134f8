/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a command: from argv to an exit code.
 *
 * In: the command table and argv. Out: results on stdout, everything else through the log sink on
 * stderr, and the exit code. A command gets a context instead of globals.
 */
#ifndef LH_CMD_PROGRAM_H
#define LH_CMD_PROGRAM_H

#include "base/buf.h"
#include "base/log.h"
#include "cmd/command.h"
#include "config/configuration.h"

struct lh_context {
    const struct lh_command *const *commands;
    struct lh_log *log;
    struct lh_config *config; /* NULL for commands with LH_CMD_NO_CONFIG; with LH_CMD_ANY_CONFIG
                                 it may be NULL */
    const struct lh_config_sources *sources; /* where it was read from; NULL as above */
};

/* Runs one command line; returns the exit code. Never exits by itself. */
int lh_program_run(const struct lh_command *const *commands, int argc, char **argv);

/*
 * Writes a result to stdout, whole. Whoever has more to say calls it again. LH_FAILED when the
 * buffer has failed or stdout cannot take it.
 */
int lh_print(const struct lh_buf *result, struct lh_error *e);

/*
 * Runs another command with the context of this one, as if its words had been typed. For the demo,
 * which shows commands by running them.
 */
int lh_program_step(struct lh_context *context, const char *const *words, size_t n,
                    struct lh_error *e);

/* The folder of the installed connectors, or the build tree's (LAKEHOST_CONNECTORDIR). */
const char *lh_connector_folder(void);

/* The folder of the installed program lakehost-worker, or the build tree's (LAKEHOST_LIBEXECDIR).
 */
const char *lh_libexec_folder(void);

/* The commands, one file of this folder for each group. */
extern const struct lh_command lh_command_help;
extern const struct lh_command lh_command_completion;
extern const struct lh_command lh_command_config_show;
extern const struct lh_command lh_command_demo;
extern const struct lh_command lh_command_discover;
extern const struct lh_command lh_command_doctor;
extern const struct lh_command lh_command_explain;
extern const struct lh_command lh_command_validate;
extern const struct lh_command lh_command_catalog_diff;
extern const struct lh_command lh_command_check;
extern const struct lh_command lh_command_generate_bundle;
extern const struct lh_command lh_command_generate_connector_spec;
extern const struct lh_command lh_command_generate_ingest;
extern const struct lh_command lh_command_generate_notebooks;
extern const struct lh_command lh_command_generate_pipeline_spec;
extern const struct lh_command lh_command_generate_sdp_entry;
extern const struct lh_command lh_command_namespaces;
extern const struct lh_command lh_command_tables;
extern const struct lh_command lh_command_schema;
extern const struct lh_command lh_command_metadata;
extern const struct lh_command lh_command_partitions;
extern const struct lh_command lh_command_read;
extern const struct lh_command lh_command_group;
extern const struct lh_command lh_command_preset_list;
extern const struct lh_command lh_command_preset_show;
extern const struct lh_command lh_command_preset_copy;
extern const struct lh_command lh_command_plugin_list;
extern const struct lh_command lh_command_plugin_show;
extern const struct lh_command lh_command_plugin_sign;
extern const struct lh_command lh_command_plugin_validate;
extern const struct lh_command lh_command_plugin_verify;
extern const struct lh_command lh_command_upload_dir;

#endif
