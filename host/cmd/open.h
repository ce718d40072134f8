/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a source: what every command that talks to one does first.
 *
 * In: the arguments of the command line. Out: a loaded connector with an open instance, its
 * options taken from flags and files, signals caught, the deadline set.
 */
#ifndef LH_CMD_OPEN_H
#define LH_CMD_OPEN_H

#include "cmd/plugins.h"
#include "cmd/workspace.h"
#include "http/http.h"
#include "plugin/service.h"

#define LH_SOURCE_GROUP "Source"

/* Rows for the option table of such a command. */
/* clang-format off */
#define LH_SOURCE_OPTIONS                                                                          \
    {"--plugin", "FILE", "the connector's file, instead of a name from the search path", NULL,     \
     LH_OPT_FILE | LH_OPT_INSTEAD, LH_SOURCE_GROUP},                                               \
    {"--option", "KEY=VALUE", "an option of the connection; the value may be env:NAME, "           \
     "file:PATH or - (stdin)", NULL, LH_OPT_REPEAT, LH_SOURCE_GROUP},                              \
    {"--options-file", "FILE", "options of the connection, a JSON or YAML map", NULL, LH_OPT_FILE, \
     LH_SOURCE_GROUP},                                                                             \
    {"--init-options-json", "JSON", "options of the connection, as a JSON object", NULL, 0,        \
     LH_SOURCE_GROUP},                                                                             \
    {"--table-option", "KEY=VALUE", "an option of tables, namespace levels among them", NULL,      \
     LH_OPT_REPEAT, LH_SOURCE_GROUP},                                                              \
    {"--table-options-json", "JSON|@FILE", "options by table: {\"issues\": {\"owner\": \"o\"}}",   \
     NULL, 0, LH_SOURCE_GROUP},                                                                    \
    {"--timeout", "SECONDS", "give up after this long (default: never, but a request waits for "   \
     "limits of the source for 5 minutes at most)", NULL, 0, LH_SOURCE_GROUP},                     \
    {"--isolation", "MODE", "process: the connector runs in a process of its own (default); "      \
     "none: in this one", "none|process", 0, LH_SOURCE_GROUP},                                     \
    LH_PLUGIN_OPTIONS,                                                                             \
    {"--retries", "N", "how often a request is repeated, at most (default: 4)", NULL, 0,          \
     LH_SOURCE_GROUP},                                                                             \
    {"--cacert", "FILE", "certificates to trust instead of the system's, PEM", NULL, LH_OPT_FILE, \
     LH_SOURCE_GROUP},                                                                             \
    {"--record", "DIR", "keep the answers of the source in a new folder", NULL, LH_OPT_DIR,        \
     LH_SOURCE_GROUP},                                                                             \
    {"--replay", "DIR", "answer requests from such a folder, without a network", NULL,             \
     LH_OPT_DIR, LH_SOURCE_GROUP},                                                                 \
    {"--trace-http", "FILE", "write requests as JSON Lines: method, URL, status, bytes, time",     \
     NULL, LH_OPT_FILE, LH_SOURCE_GROUP},                                                          \
    {"--options-from-connection", "NAME", "options of a Unity Catalog connection; secrets never "  \
     "come back from there", NULL, 0, LH_WORKSPACE_GROUP},                                         \
    {"--options-from-scope", "SCOPE", "options of a secret scope of the workspace", NULL, 0,       \
     LH_WORKSPACE_GROUP},                                                                          \
    {"--secrets-mapping", "JSON|@FILE", "which secret of it is which option: "                     \
     "{\"api_token\": \"key\"}; of a list of keys the first that is there", NULL, 0,               \
     LH_WORKSPACE_GROUP},                                                                          \
    LH_WORKSPACE_SIGN_IN_OPTIONS
/* clang-format on */

/* How far lh_source_open came: what it failed in, when it failed. */
enum lh_source_stage { LH_STAGE_FLAGS, LH_STAGE_PLUGIN, LH_STAGE_OPTIONS, LH_STAGE_OPEN };

struct lh_source {
    struct lh_context *context;
    const struct lh_args *args;
    struct lh_plugins plugins;
    struct lh_plugin *plugin;
    struct lh_opts *opts;
    struct lh_opts *table_opts;  /* of the last lh_source_table */
    struct lh_document by_table; /* --table-options-json, once it was asked for */
    struct lh_signals signals;
    struct lh_http_engine *engine;
    struct lh_http_client *client;
    struct lh_run run;
    struct lh_instance *in;
    enum lh_source_stage stage;
    bool stdin_used;
    const char *stdin_value;  /* the "-" that took it, */
    struct lh_buf stdin_text; /* and what it got */
    bool is_partial;          /* parts were missing in another instance than `in` */
};

#define LH_SOURCE_INIT                                                                             \
    {                                                                                              \
        .signals = LH_SIGNALS_INIT                                                                 \
    }

void lh_source_free(struct lh_source *s);

/*
 * Opens the connector of this name for a command, or the one of --plugin, with which the name may
 * be NULL. LH_USAGE for flags of later versions and for a name that is not the file's; else as
 * lh_plugin_load, lh_opts_set, lh_opts_finish and lh_instance_open. ret must be LH_SOURCE_INIT.
 */
int lh_source_open(struct lh_context *context, const struct lh_args *args, const char *connector,
                   struct lh_source *ret, struct lh_error *e);

/*
 * For open.c: the options of --options-from-connection and --options-from-scope, set in s->opts.
 * LH_USAGE for flags that do not go together.
 */
int lh_source_from_workspace(struct lh_source *s, struct lh_error *e);

/*
 * For open.c, behind lh_opts_finish, which answered `code`: with --options-from-connection, names
 * the secrets that nobody has given.
 */
int lh_source_name_secrets(struct lh_source *s, int code, struct lh_error *e);

/* The options for one table (empty: for calls about none), borrowed until the next call. */
int lh_source_table(struct lh_source *s, lh_str table, const struct lh_opts **ret,
                    struct lh_error *e);

/* The same for a table in a namespace, whose levels are options of the table. */
int lh_source_table_in(struct lh_source *s, lh_str table, char *const *ns, size_t n_ns,
                       const struct lh_opts **ret, struct lh_error *e);

/*
 * The same for somebody who looks at many tables, to be destroyed: a --table-option that is not for
 * this table is left out, and of the namespace levels there are those of `ns`.
 */
int lh_source_many(struct lh_source *s, lh_str table, char *const *ns, size_t n_ns,
                   struct lh_opts **ret, struct lh_error *e);

/* Reads --table-options-json into s->by_table, whose root stays NULL without it. */
int lh_source_read_by_table(struct lh_source *s, struct lh_error *e);

/*
 * The namespace levels that --table-option gives, else an option of the connection with the name of
 * the level, without the other options of tables; outermost first, borrowed from s and *ret_opts,
 * which is to be destroyed. LH_INVALID: one without those around it.
 */
int lh_source_given(struct lh_source *s, struct lh_opts **ret_opts, lh_str *levels, size_t max,
                    size_t *ret_n, struct lh_error *e);

/* The same that --table-options-json gives for one table; 0 levels: none. */
int lh_source_given_for(struct lh_source *s, lh_str table, struct lh_opts **ret_opts,
                        lh_str *levels, size_t max, size_t *ret_n, struct lh_error *e);

/* Warns of what --table-option and --table-options-json give for none of these tables. */
void lh_source_warn_unused(struct lh_source *s, const char *const *tables, size_t n);

/* The namespace levels that --table-option gives, outermost first; NULL-terminated values. */
size_t lh_source_namespace(const struct lh_source *s, lh_str *levels, size_t max);

/*
 * What a command ends with: `code` of the last call, 130 or 143 when a signal ended it, LH_PARTLY
 * when parts were reported missing.
 */
int lh_source_end(struct lh_source *s, int code, struct lh_error *e);

/* The text of JSON|@FILE, of stdin for -, into `to`; `what` is the flag, for messages. */
int lh_source_json(const char *value, const char *what, struct lh_buf *to, struct lh_error *e);

/* A point in time, as ISO 8601: "2026-03-01", "2026-03-01T09:30:00Z". LH_USAGE else. */
int lh_source_time(const char *value, const char *what, int64_t *ret_ms, struct lh_error *e);

/* --- printing, the same for all commands about sources ---------------------------------------- */

/* Whether --output asks for one of the two, in commands where it is not what comes by itself. */
bool lh_source_wants_json(const struct lh_args *args);
bool lh_source_wants_text(const struct lh_args *args);

/* Appends a document and a newline; the reference is the callee's. */
void lh_source_add_json(struct lh_buf *to, json_t *value, int indent);

/* One name on one line, whatever the source calls it. */
void lh_source_add_plain(struct lh_buf *to, const char *text);

#endif
