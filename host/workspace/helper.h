/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program, run once for what it prints: no shell, no standard input, bounded output, a
 * deadline. It is in a session of its own and killed with all it started when the time is over.
 */
#ifndef LH_WORKSPACE_HELPER_H
#define LH_WORKSPACE_HELPER_H

#include "base/buf.h"
#include "http/bucket.h"

#define LH_HELPER_BYTES ((size_t)256 << 10) /* of each of its two outputs */

/*
 * The file of a program: `name` itself when it holds a '/', else the first in the folders of `path`
 * (as PATH has them; NULL: none) that may be executed and has least_bytes. NULL when there is none;
 * *ret_small then says whether one was passed over for its size. free() it.
 */
char *lh_helper_find(const char *name, const char *path, int64_t least_bytes, bool *ret_small);

struct lh_helper_result {
    struct lh_buf out, err; /* wiped when they go */
    int status;             /* its exit code; 128 + N when signal N ended it */
};

#define LH_HELPER_RESULT_INIT                                                                      \
    {                                                                                              \
        .out = LH_BUF_INIT(LH_HELPER_BYTES), .err = LH_BUF_INIT(LH_HELPER_BYTES)                   \
    }

void lh_helper_result_free(struct lh_helper_result *r);

/*
 * argv[0] is the file. 0 when it ran to its end, whatever its exit code. LH_FAILED: it cannot be
 * started, or printed more than LH_HELPER_BYTES; LH_UNREACHABLE: too late; LH_INTERRUPTED.
 */
int lh_helper_run(const char *const *argv, char *const *env, const struct lh_patience *patience,
                  struct lh_helper_result *ret, struct lh_error *e);

#endif
