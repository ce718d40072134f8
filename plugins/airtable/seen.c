/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records that a call has given; airtable.h. 16 bytes each: Airtable's ids are "rec" and 14
 * characters, which are kept as they are; anything longer is kept as two hashes.
 */
#include "airtable.h"

#define KEY_BYTES 16
#define FEWEST    1024 /* slots; always a power of 2 */

struct seen {
    char (*keys)[KEY_BYTES]; /* all zeros: free */
    size_t n_slots, n;
};

/* FNV-1a */
static uint64_t hash(const char *p, size_t n, uint64_t h)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
    return h;
}

static void make_key(lh_str id, char to[KEY_BYTES])
{
    uint64_t hashes[2];

    memset(to, 0, KEY_BYTES);
    if (id.n > 3 && !memcmp(id.p, "rec", 3))
        id = lhs_n(id.p + 3, id.n - 3);
    if (id.n && id.n <= KEY_BYTES) {
        memcpy(to, id.p, id.n);
        return;
    }
    hashes[0] = hash(id.p, id.n, UINT64_C(0xcbf29ce484222325)) | 1;
    hashes[1] = hash(id.p, id.n, UINT64_C(0x9e3779b97f4a7c15));
    memcpy(to, hashes, sizeof hashes);
}

/* Where the key is, or where it goes. */
static char *slot_of(const struct seen *set, const char key[KEY_BYTES])
{
    static const char none[KEY_BYTES];
    size_t mask = set->n_slots - 1;
    size_t at = (size_t)(hash(key, KEY_BYTES, UINT64_C(0xcbf29ce484222325)) >> 7) & mask;

    while (memcmp(set->keys[at], none, KEY_BYTES) && memcmp(set->keys[at], key, KEY_BYTES))
        at = (at + 1) & mask;
    return set->keys[at];
}

/* Twice as large. What was there stays with the call: memory of a call cannot be given back. */
static int grow(lh_call *c, struct seen *set)
{
    struct seen larger = {NULL, set->n_slots ? 2 * set->n_slots : FEWEST, set->n};

    larger.keys = H->alloc(c, larger.n_slots * KEY_BYTES);
    if (!larger.keys)
        return LH_E_NOMEM;
    for (size_t i = 0; i < set->n_slots; i++)
        memcpy(slot_of(&larger, set->keys[i]), set->keys[i], KEY_BYTES);
    *set = larger;
    return LH_OK;
}

struct seen *airtable_seen_new(lh_call *c)
{
    return H->alloc(c, sizeof(struct seen));
}

int airtable_seen_add(lh_call *c, struct seen *set, lh_str id)
{
    char key[KEY_BYTES];
    char *slot;

    if (set->n >= set->n_slots / 8 * 7 && grow(c, set))
        return LH_E_NOMEM;
    make_key(id, key);
    slot = slot_of(set, key);
    if (!memcmp(slot, key, KEY_BYTES))
        return 0;
    memcpy(slot, key, KEY_BYTES);
    set->n++;
    return 1;
}
