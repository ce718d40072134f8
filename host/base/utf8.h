/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8: checking and writing, nothing else. Strict as RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF.
 */
#ifndef LH_BASE_UTF8_H
#define LH_BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

/* The offset of the first byte that is not part of valid UTF-8; s.n when all of it is valid. */
size_t lh_utf8_valid_prefix(lh_str s);

static inline bool lh_utf8_valid(lh_str s)
{
    return lh_utf8_valid_prefix(s) == s.n;
}

/* Writes one code point (a scalar value, not a surrogate) to `to`; returns the bytes: 1 to 4. */
size_t lh_utf8_put(char to[4], uint32_t code_point);

/*
 * Reads the code point at *at and moves *at behind it. The text must be valid UTF-8 and
 * *at < s.n.
 */
uint32_t lh_utf8_next(lh_str s, size_t *at);

/*
 * As lh_utf8_next for text that nobody has checked: a byte that is not part of valid UTF-8 is
 * taken alone and comes back as LH_UTF8_BAD + its value, which no code point is equal to.
 */
#define LH_UTF8_BAD 0x110000u
uint32_t lh_utf8_next_any(lh_str s, size_t *at);

/* Columns on a terminal, roughly: code points, with wide East Asian ones counted twice. */
size_t lh_utf8_width(lh_str s);

#endif
