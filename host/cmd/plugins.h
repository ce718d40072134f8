/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the commands look for connectors and what they ask of them: flags, configuration and
 * folders made into one policy. For every command that opens a source, and for `plugin ...`.
 */
#ifndef LH_CMD_PLUGINS_H
#define LH_CMD_PLUGINS_H

#include "base/arena.h"
#include "cmd/program.h"
#include "plugin/plugin.h"

/*
 * Rows for a command's option table:
 *
 *     static const struct lh_option options[] = {{"--limit", ...}, LH_PLUGIN_OPTIONS, {NULL}};
 */
#define LH_PLUGIN_GROUP "Connectors"
/* rows of a table */
/* clang-format off */
#define LH_PLUGIN_OPTIONS                                                                          \
    {"--plugin-path", "DIRS", "folders with connectors to look in first, ':' between them",        \
     NULL, LH_OPT_REPEAT | LH_OPT_DIR, LH_PLUGIN_GROUP},                                           \
    {"--require-signature", NULL, "use only connectors that a trusted key has signed",             \
     NULL, 0, LH_PLUGIN_GROUP},                                                                    \
    {"--trusted-key", "FILE", "an Ed25519 public key (PEM) whose signatures count",                \
     NULL, LH_OPT_REPEAT | LH_OPT_FILE, LH_PLUGIN_GROUP},                                          \
    {"--allow-unsafe", NULL, "also use connectors that others than root and you can change",       \
     NULL, 0, LH_PLUGIN_GROUP}
/* clang-format on */

struct lh_plugins {
    struct lh_plugin_policy policy; /* all of it lies in the arena */
    struct lh_isolation isolation;  /* what policy.isolation points to, unless it is none */
    struct lh_arena arena;
};

void lh_plugins_free(struct lh_plugins *plugins);

/*
 * The policy: folders of --plugin-path, of the setting plugin_path (LAKEHOST_PLUGIN_PATH), the
 * user's and the installed one; keys of --trusted-key and trusted_keys. LH_INVALID when the setting
 * plugins_lock names a file that is not there, and for a key or lock file that cannot be used,
 * needed or not. Connectors run in processes of their own unless --isolation says none. ret must be
 * empty, and stay where it is.
 */
int lh_cmd_plugin_policy(const struct lh_context *context, const struct lh_args *args,
                         struct lh_plugins *ret, struct lh_error *e);

/* Text of a connector for a terminal: control characters and what is not UTF-8 become U+FFFD. */
char *lh_plugin_plain(const char *text);

#endif
