/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: memory that is given out in pieces and taken back all at once.
 *
 * Whatever belongs to one call, one page or one parsed file comes from one arena, and nobody
 * frees the pieces. Pieces are aligned for any type and zeroed.
 */
#ifndef LH_BASE_ARENA_H
#define LH_BASE_ARENA_H

#include "base/mem.h"
#include "base/str.h"

struct lh_arena_block;

struct lh_arena {
    struct lh_arena_block *blocks; /* the one in use first */
    size_t used;                   /* bytes taken from it */
    size_t total;                  /* bytes given out since the last reset */
    size_t max;                    /* limit for total; 0 = none */
};

#define LH_ARENA_INIT                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

void lh_arena_free(struct lh_arena *a);

/* Takes everything back, and keeps one block for the next round. */
void lh_arena_reset(struct lh_arena *a);

/*
 * n zeroed bytes, valid until reset or free. NULL only when the arena's limit would be passed
 * (with max == 0: never; see mem.h for memory that has run out).
 */
void *lh_arena_alloc(struct lh_arena *a, size_t n);

/* Copies with a NUL behind; NULL as above. */
char *lh_arena_copy(struct lh_arena *a, lh_str s);

/* A slice whose text lives in the arena, with a NUL behind it; p is NULL as above. */
lh_str lh_arena_str(struct lh_arena *a, lh_str s);

#endif
