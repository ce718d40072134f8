/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard against a source that gives the same page for ever.
 *
 * The rule: within one call of a connector, without a wait between, the same request with the same
 * answer may come LH_LOOP_REPEATS times. That is far more than a connector that looks the same
 * thing up again and again without cache_ms, and whoever polls for a result waits between; an
 * endless read of one page, or of a circle of pages, is found.
 *
 * Memory is fixed: requests share slots, and one that loses its slot begins anew. A circle needs
 * only one of its requests to keep its own. Bodies are hashed from the second time on, so that a
 * read of different pages pays nothing.
 */
#include "config.h"

#include "http/internal.h"

#include <stdlib.h>

void lh_loop_free(struct lh_loop *loop)
{
    free(loop->slots);
    loop->slots = NULL;
}

void lh_loop_reset(struct lh_loop *loop)
{
    if (loop->slots)
        memset(loop->slots, 0, LH_LOOP_SLOTS * sizeof *loop->slots);
}

static uint64_t number_of(const struct lh_http_key *key)
{
    uint64_t n = 0;

    for (size_t i = 0; i < 16; i++) {
        char c = key->hex[i];

        n = n << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return n;
}

/* FNV-1a, eight bytes at a time: no adversary, who would only be asked for more pages. */
static uint64_t hash_of(int status, lh_str body)
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)status;
    size_t i = 0;

    for (; i + 8 <= body.n; i += 8) {
        uint64_t word;

        memcpy(&word, body.p + i, 8);
        h = (h ^ word) * prime;
        h ^= h >> 29;
    }
    for (; i < body.n; i++)
        h = (h ^ (unsigned char)body.p[i]) * prime;
    return h ^ body.n;
}

bool lh_loop_check(struct lh_loop *loop, const struct lh_http_key *key, int status, lh_str body)
{
    uint64_t request = number_of(key);
    struct lh_loop_slot *slot;
    uint64_t answer;

    if (!loop->slots)
        loop->slots = lh_xcalloc(LH_LOOP_SLOTS, sizeof *loop->slots);
    slot = &loop->slots[request % LH_LOOP_SLOTS];
    if (slot->request != request || !slot->n) {
        *slot = (struct lh_loop_slot){.request = request, .n = 1};
        return true;
    }
    answer = hash_of(status, body);
    if (slot->n == 1 || slot->answer != answer) {
        slot->answer = answer;
        slot->n = 2;
        return true;
    }
    return ++slot->n <= LH_LOOP_REPEATS;
}
