/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slugs: from a label that a person wrote to a name that is good as file name, bundle key, task
 * key and SQL name.
 *
 * Lower case (ASCII); each run of characters other than a-z 0-9 becomes one `_`; none at either
 * end. Nothing left: `group`. A digit in front gets `g_` before it. At most LH_SLUG_MAX bytes.
 *
 * Two labels can have one slug. lh_slugs gives every label of a set its own, and depends on the
 * set alone, not on its order: a label that is its slug already keeps it, each of the others gets
 * `_` and eight hexadecimal digits of a hash of the label. So does a slug that had to be cut.
 */
#ifndef LH_BASE_SLUG_H
#define LH_BASE_SLUG_H

#include "base/arena.h"
#include "base/buf.h"

#define LH_SLUG_MAX 63

/* Appends the slug of one label. */
void lh_slug(lh_str label, struct lh_buf *to);

/*
 * The slugs of n labels, in their order; equal labels get equal slugs. The texts are in the arena,
 * the array too.
 */
const char **lh_slugs(const lh_str *labels, size_t n, struct lh_arena *arena);

#endif
