/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Glob patterns over names (not paths: '/' and a leading dot are characters like any other).
 *
 *     *        any characters, also none        [a-z]    one character of these
 *     ?        one character                    [!a-z]   one character, but none of these
 *     \x       x itself, also inside []
 *
 * The pattern must match the whole name; case counts. A ']' that comes first in a class, and a
 * '-' that comes first or last, is itself; '^' is '!'. Characters are code points; a byte of the
 * name that is not UTF-8 is one character, which only * ? and [!...] match.
 *
 * Matching takes at most (length of pattern) x (length of name) steps, whatever the pattern.
 */
#ifndef LH_BASE_GLOB_H
#define LH_BASE_GLOB_H

#include "base/error.h"
#include "base/str.h"

/* True when the pattern matches. A pattern that lh_glob_check refuses may match nothing. */
bool lh_glob_match(lh_str pattern, lh_str name);

/* LH_INVALID when the pattern is wrong: says what, and at which column (from 1, in characters). */
int lh_glob_check(lh_str pattern, struct lh_error *e);

/* True when the pattern has no special character: it then matches itself and nothing else. */
bool lh_glob_is_literal(lh_str pattern);

#endif
