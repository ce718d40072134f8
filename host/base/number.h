/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers from outside: the one place that turns text into a number.
 *
 * The whole text must be the number: no spaces, no '+', no "0x", no leading zeros (they mean
 * eight to some readers and ten to others). `what` names the place and begins the message, which
 * shows what was found and what was expected:
 *
 *     --jobs: expected a whole number from 1 to 64, found "x7"
 *
 * `code` is what the caller wants returned: LH_USAGE on the command line, LH_INVALID in a file.
 * The result is untouched on failure.
 */
#ifndef LH_BASE_NUMBER_H
#define LH_BASE_NUMBER_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

/* A whole decimal number within [min, max]; exact over all of int64_t. "-0" is 0. */
int lh_number_i64(lh_str text, int64_t min, int64_t max, const char *what, int code,
                  int64_t *ret_value, struct lh_error *e);

/*
 * A size in bytes within [min, max]: "512", "64K", "16M", "1G", "2T", units of 1024, in either
 * case, also as "64KiB". "KB" is refused: to some it is 1000.
 */
int lh_number_bytes(lh_str text, uint64_t min, uint64_t max, const char *what, int code,
                    uint64_t *ret_bytes, struct lh_error *e);

/*
 * A duration within [0, max_ms], in seconds unless a unit says otherwise: "30", "1.5", "250ms",
 * "2m", "1.5h", "1d". It must be a whole number of milliseconds: "0.0001" is refused, not
 * rounded to "at once".
 */
int lh_number_seconds(lh_str text, int64_t max_ms, const char *what, int code, int64_t *ret_ms,
                      struct lh_error *e);

/* true, yes, on, 1, false, no, off, 0; in any case. */
int lh_number_bool(lh_str text, const char *what, int code, bool *ret_value, struct lh_error *e);

#endif
