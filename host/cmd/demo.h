/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the command `demo` share. */
#ifndef LH_CMD_DEMO_H
#define LH_CMD_DEMO_H

#include "cmd/program.h"

/*
 * Reads a table of the example connector, kills its process in the middle, and appends what came to
 * `to`. LH_FAILED when that is not what a read gives that is left alone.
 */
int lh_demo_kill(struct lh_context *context, const struct lh_args *args, struct lh_buf *to,
                 struct lh_error *e);

#endif
