/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error struct: a code, and a message that says what was being done, what was found and
 * what to do.
 *
 * A function that can fail takes a `struct lh_error *` last and returns the code: 0 is done,
 * anything else says the error was set. Each level that knows something new wraps it once:
 *
 *     discover github: table reviews: GET /repos/o/r/pulls: 403, secondary rate limit; wait 57 s
 *
 * The codes are the exit codes of the program (lakehost(1)), so main has nothing to translate.
 * Error messages may be printed only through the log sink, which redacts secrets.
 */
#ifndef LH_BASE_ERROR_H
#define LH_BASE_ERROR_H

#include "base/mem.h"

enum lh_code {
    LH_DONE = 0,
    LH_FAILED = 1,       /* for a reason not below */
    LH_USAGE = 2,        /* wrong usage of the command line */
    LH_INVALID = 3,      /* invalid input: file, line, column or key, found, expected; a local file
                            that the user names and that is not there is this too */
    LH_REFUSED = 4,      /* authentication or permission refused */
    LH_NOT_FOUND = 5,    /* not found by its name: connector, table, pipeline, connection, path in
                            the workspace */
    LH_PARTLY = 6,       /* some failed, each named; the rest is kept */
    LH_UNREACHABLE = 7,  /* unreachable, timed out, rate limited past the budget */
    LH_BAD_PLUGIN = 8,   /* a plugin could not be loaded, also because its file (or FILE.sig) is not
                            there or is none; it crashed, hung or broke the rules */
    LH_CONFLICT = 9,     /* locked by another run, or changed since the plan */
    LH_DIFFERENT = 10,   /* differences found */
    LH_INTERRUPTED = 130 /* a signal or a cancellation */
};

struct lh_error {
    int code;      /* enum lh_code; 0 = nothing has failed */
    char *message; /* owned; NULL exactly when code is 0 */
};

#define LH_ERROR_INIT                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

void lh_error_free(struct lh_error *e);

/*
 * Sets the error and returns code. An error that was set before is replaced. e may be NULL for
 * a caller that wants the code only.
 */
int lh_error_set(struct lh_error *e, int code, const char *format, ...) LH_PRINTF(3, 4);

/* As above, with ": " and errno's text at the end. */
int lh_error_errno(struct lh_error *e, int code, int errno_value, const char *format, ...)
    LH_PRINTF(4, 5);

/*
 * Puts "<what>: " before the message and returns the code. Does nothing to an error that is not
 * set; e may be NULL, the result is then LH_FAILED.
 */
int lh_error_wrap(struct lh_error *e, const char *format, ...) LH_PRINTF(2, 3);

/* The message, or "" when nothing has failed. */
const char *lh_error_text(const struct lh_error *e);

/* Hands a set error from one struct to another (which is freed first). Returns its code. */
int lh_error_move(struct lh_error *to, struct lh_error *from);

#endif
