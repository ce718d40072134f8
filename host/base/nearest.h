/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did you mean: the known word nearest to one that is not known.
 *
 * Words are compared without regard to ASCII case, and '_' is '-'. In this order:
 *   1. the same word;
 *   2. a candidate that begins with the word (two characters at least);
 *   3. the smallest number of edits (a character added, dropped, changed, or two neighbours
 *      swapped), up to a third of the word's length, at least 1, at most 3, and fewer than the
 *      word has characters.
 * Among equals the first candidate wins. Words are compared by byte; one of more than 64 bytes
 * is near to nothing.
 */
#ifndef LH_BASE_NEAREST_H
#define LH_BASE_NEAREST_H

#include "base/buf.h"
#include "base/str.h"

/* The i-th known word; `context` is what the caller gave. For tables with words in them. */
typedef lh_str lh_nearest_word(const void *context, size_t i);

/* For an array of slices: lh_nearest(word, lh_nearest_slice, slices, n). */
lh_nearest_word lh_nearest_slice;

/* The place of the nearest among n known words, or -1. */
ptrdiff_t lh_nearest(lh_str word, lh_nearest_word *known, const void *context, size_t n);

/* Appends `; did you mean "x"?` when there is a nearest word, otherwise nothing. */
void lh_nearest_hint(lh_str word, lh_nearest_word *known, const void *context, size_t n,
                     struct lh_buf *out);

#endif
