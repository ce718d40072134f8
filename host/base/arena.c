/* SPDX-License-Identifier: Apache-2.0 */
/* The arena; see arena.h. */
#include "config.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#define BLOCK_BYTES ((size_t)16 << 10)
#define ALIGNMENT   (_Alignof(max_align_t))

struct lh_arena_block {
    struct lh_arena_block *next;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

void lh_arena_free(struct lh_arena *a)
{
    struct lh_arena_block *block = a->blocks;

    while (block) {
        struct lh_arena_block *next = block->next;

        free(block);
        block = next;
    }
    *a = (struct lh_arena){.max = a->max};
}

void lh_arena_reset(struct lh_arena *a)
{
    struct lh_arena_block *keep = a->blocks;
    struct lh_arena rest = {0};

    if (!keep)
        return;
    rest.blocks = keep->next;
    lh_arena_free(&rest);
    /* A block made for one large piece is not worth keeping. */
    if (keep->size > BLOCK_BYTES) {
        free(keep);
        keep = NULL;
    } else {
        keep->next = NULL;
    }
    *a = (struct lh_arena){.blocks = keep, .max = a->max};
}

static void add_block(struct lh_arena *a, size_t need)
{
    size_t size = need > BLOCK_BYTES ? need : BLOCK_BYTES;
    struct lh_arena_block *block = lh_xmalloc(sizeof *block + size);

    block->size = size;
    block->next = a->blocks;
    a->blocks = block;
    a->used = 0;
}

void *lh_arena_alloc(struct lh_arena *a, size_t n)
{
    size_t need = (n + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    void *piece;

    if (need < n || need > SIZE_MAX / 2 || need > SIZE_MAX - a->total)
        return NULL;
    if (a->max && a->total + need > a->max)
        return NULL;
    if (!a->blocks || need > a->blocks->size - a->used)
        add_block(a, need);
    piece = a->blocks->bytes + a->used;
    a->used += need;
    a->total += need;
    return memset(piece, 0, need);
}

char *lh_arena_copy(struct lh_arena *a, lh_str s)
{
    char *copy = s.n == SIZE_MAX ? NULL : lh_arena_alloc(a, s.n + 1);

    if (copy && s.n && s.p)
        memcpy(copy, s.p, s.n);
    return copy;
}

lh_str lh_arena_str(struct lh_arena *a, lh_str s)
{
    char *copy = lh_arena_copy(a, s);

    return lh_str_n(copy, copy ? s.n : 0);
}
