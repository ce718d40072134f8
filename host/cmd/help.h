/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help and completion, made from the command table. Text in, text out; the program prints it.
 */
#ifndef LH_CMD_HELP_H
#define LH_CMD_HELP_H

#include "base/buf.h"
#include "cmd/command.h"

/* The help of one command: usage, sentence, details, examples, options by group, exit codes. */
void lh_help_command(struct lh_buf *to, const struct lh_command *command);

/* The overview: all commands by group, global options, exit codes. */
void lh_help_overview(struct lh_buf *to, const struct lh_command *const *commands);

/* The commands whose first word is `group`; false when there are none. */
bool lh_help_group(struct lh_buf *to, const struct lh_command *const *commands, lh_str group);

/* A completion script; shell is "bash", "zsh" or "fish". */
void lh_completion(struct lh_buf *to, const struct lh_command *const *commands, const char *shell);

#endif
