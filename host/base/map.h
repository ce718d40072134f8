/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map from text to pointers that remembers the order in which its keys came.
 *
 *     lh_auto(lh_map) seen = LH_MAP_INIT(free);
 *     size_t at = 0;
 *
 *     lh_map_set(&seen, LH_STR("a"), lh_xstrdup("1"));
 *     while (lh_map_next(&seen, &at, &key, &value)) ...
 *
 * Keys are any bytes and are copied. Values are the caller's pointers; with a destroy function
 * the map owns them. The hash is SipHash-1-3 under a key that differs in each process, so input
 * that was made to collide does not; no output depends on it, because walking follows insertion.
 */
#ifndef LH_BASE_MAP_H
#define LH_BASE_MAP_H

#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>

struct lh_map_entry;

struct lh_map {
    struct lh_map_entry *entries; /* in the order they came, with holes where one was removed */
    size_t used, cap;             /* entries, holes included, and their room */
    size_t count;                 /* keys in the map */
    uint64_t *slots;              /* the hash table, see map.c; 0 = empty */
    size_t slot_count;            /* a power of two, or 0 */
    void (*destroy)(void *value); /* NULL: values belong to the caller */
};

#define LH_MAP_INIT(destroy_)                                                                      \
    {                                                                                              \
        .destroy = (destroy_)                                                                      \
    }

void lh_map_free(struct lh_map *m);

/* The value, or NULL; lh_map_has tells a NULL value from no key. */
void *lh_map_get(const struct lh_map *m, lh_str key);
bool lh_map_has(const struct lh_map *m, lh_str key);

/*
 * Sets a key. True when it is new; one that was there keeps its place, and its old value is
 * destroyed. A map holds 2^31 keys at most and aborts beyond.
 */
bool lh_map_set(struct lh_map *m, lh_str key, void *value);

/*
 * Where the value of a key is: for one that is new, NULL, and the key is in the map from now on.
 * Valid until another key is added. Looks once where get and set would look twice.
 */
void **lh_map_at(struct lh_map *m, lh_str key);

/* Removes a key and destroys its value; false when it is not there. */
bool lh_map_remove(struct lh_map *m, lh_str key);

/*
 * Walks the keys in the order they came. *at begins as 0; false at the end. The key is followed
 * by a NUL and valid until it is removed. Either ret may be NULL. Removing while walking is
 * fine, adding is not.
 */
bool lh_map_next(const struct lh_map *m, size_t *at, lh_str *ret_key, void **ret_value);

#endif
