/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a workspace for a command: what every command that talks to one does first. */
#ifndef LH_CMD_WORKSPACE_H
#define LH_CMD_WORKSPACE_H

#include "base/signal.h"
#include "cmd/program.h"
#include "workspace/workspace.h"

#define LH_WORKSPACE_GROUP "Workspace"

/* Rows for the option table of such a command; the first two also stand among those of sources. */
/* clang-format off */
#define LH_WORKSPACE_SIGN_IN_OPTIONS                                                               \
    {"--profile", "NAME", "section of ~/.databrickscfg that says which workspace and as whom",     \
     NULL, 0, LH_WORKSPACE_GROUP},                                                                 \
    {"--host", "URL", "the workspace, instead of DATABRICKS_HOST and the profile's", NULL, 0,      \
     LH_WORKSPACE_GROUP}

#define LH_WORKSPACE_OPTIONS                                                                       \
    LH_WORKSPACE_SIGN_IN_OPTIONS,                                                                  \
    {"--timeout", "SECONDS", "give up after this long (default: never, but one call is repeated "  \
     "for 5 minutes at most)", NULL, 0, LH_WORKSPACE_GROUP},                                       \
    {"--cacert", "FILE", "certificates to trust instead of the system's, PEM", NULL, LH_OPT_FILE,  \
     LH_WORKSPACE_GROUP},                                                                          \
    {"--trace-http", "FILE", "write requests as JSON Lines: method, URL, status, bytes, time",     \
     NULL, LH_OPT_FILE, LH_WORKSPACE_GROUP}
/* clang-format on */

struct lh_cmd_workspace {
    struct lh_signals signals;
    struct lh_patience patience;
    struct lh_workspace *workspace;
};

#define LH_CMD_WORKSPACE_INIT                                                                      \
    {                                                                                              \
        .signals = LH_SIGNALS_INIT                                                                 \
    }

void lh_cmd_workspace_free(struct lh_cmd_workspace *c);

/*
 * Signs in with what flags, environment and profile say. LH_USAGE for wrong flags, else as
 * lh_workspace_open. ret must be LH_CMD_WORKSPACE_INIT. Signals are taken from here on.
 */
int lh_cmd_workspace_open(struct lh_context *context, const struct lh_args *args,
                          struct lh_cmd_workspace *ret, struct lh_error *e);

enum {
    LH_SIGN_IN_ALONE = 1, /* --cacert and --trace-http are about the workspace, not a source */
    LH_SIGN_IN_ONCE = 2   /* nothing is asked twice */
};

/* The same without signals of its own, for commands that have a patience already. */
int lh_cmd_workspace_sign_in(struct lh_context *context, const struct lh_args *args, unsigned flags,
                             const struct lh_patience *patience, struct lh_workspace **ret,
                             struct lh_error *e);

/* What flags and environment say about the sign-in; borrowed from both. */
struct lh_auth_sources lh_cmd_workspace_sources(const struct lh_args *args);

/* What a command ends with: `code`, or 130 and 143 when a signal ended it. */
int lh_cmd_workspace_end(struct lh_cmd_workspace *c, int code, struct lh_error *e);

#endif
