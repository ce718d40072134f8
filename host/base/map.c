/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map; see map.h. Open addressing, linear probing. A slot holds 1 + the place of an entry, in
 * its low half, and the high half of the entry's hash, so that a search rarely looks at an entry
 * that is another key's: those lie all over the memory.
 */
#include "config.h"

#include "base/map.h"

#include <stdlib.h>
#include <sys/auxv.h>

#define SLOTS_MIN   16
#define ENTRIES_MAX ((size_t)1 << 31)

struct lh_map_entry {
    char *key; /* NULL in a hole */
    size_t n;
    uint64_t hash;
    void *value;
};

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/*
 * 16 random bytes that the kernel gave this process: no system call, which the worker's lock
 * would have to allow. Where there are none (never on Linux) the key is zero.
 */
static void read_process_key(uint64_t key[2])
{
    const void *random = (const void *)getauxval(AT_RANDOM);

    key[0] = key[1] = 0;
    if (random)
        memcpy(key, random, 16);
}

/* SipHash-1-3 (Aumasson and Bernstein). Byte order does not matter here: nothing is stored. */
static uint64_t hash_key(lh_str s)
{
    uint64_t v[4] = {UINT64_C(0x736f6d6570736575), UINT64_C(0x646f72616e646f6d),
                     UINT64_C(0x6c7967656e657261), UINT64_C(0x7465646279746573)};
    uint64_t key[2];
    size_t at = 0;

    read_process_key(key);
    for (int i = 0; i < 4; i++)
        v[i] ^= key[i % 2];
    for (bool last = false; !last; at += 8) {
        uint64_t word = (uint64_t)s.n << 56;

        last = s.n - at < 8;
        if (s.n > at)
            memcpy(&word, s.p + at, last ? s.n - at : 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void drop(const struct lh_map *m, struct lh_map_entry *entry)
{
    if (entry->key && m->destroy && entry->value)
        m->destroy(entry->value);
    free(entry->key);
    *entry = (struct lh_map_entry){.hash = entry->hash};
}

void lh_map_free(struct lh_map *m)
{
    for (size_t i = 0; i < m->used; i++)
        drop(m, &m->entries[i]);
    free(m->entries);
    free(m->slots);
    *m = (struct lh_map){.destroy = m->destroy};
}

#define HIGH_HALF (UINT64_MAX << 32)

static struct lh_map_entry *find(const struct lh_map *m, lh_str key, uint64_t hash)
{
    size_t mask = m->slot_count - 1;

    if (m->count == 0)
        return NULL;
    for (size_t slot = hash & mask; m->slots[slot]; slot = (slot + 1) & mask) {
        struct lh_map_entry *entry;

        if ((m->slots[slot] ^ hash) & HIGH_HALF)
            continue;
        entry = &m->entries[(uint32_t)m->slots[slot] - 1];
        if (entry->key && entry->hash == hash && lh_str_eq(lh_str_n(entry->key, entry->n), key))
            return entry;
    }
    return NULL;
}

void *lh_map_get(const struct lh_map *m, lh_str key)
{
    const struct lh_map_entry *entry = m->count ? find(m, key, hash_key(key)) : NULL;

    return entry ? entry->value : NULL;
}

bool lh_map_has(const struct lh_map *m, lh_str key)
{
    return m->count && find(m, key, hash_key(key));
}

static void fill_slot(struct lh_map *m, size_t place)
{
    size_t mask = m->slot_count - 1;
    size_t slot = m->entries[place].hash & mask;

    while (m->slots[slot])
        slot = (slot + 1) & mask;
    m->slots[slot] = (m->entries[place].hash & HIGH_HALF) | (uint64_t)(place + 1);
}

static void close_holes(struct lh_map *m)
{
    size_t to = 0;

    for (size_t from = 0; from < m->used; from++)
        if (m->entries[from].key)
            m->entries[to++] = m->entries[from];
    m->used = to;
}

/* A new table for all keys and one more, at most half full, so that the next one is far away. */
static void rebuild(struct lh_map *m)
{
    size_t slots = SLOTS_MIN;

    close_holes(m);
    while (slots / 2 <= m->used)
        slots *= 2;
    free(m->slots);
    m->slots = lh_xcalloc(slots, sizeof *m->slots);
    m->slot_count = slots;
    for (size_t i = 0; i < m->used; i++)
        fill_slot(m, i);
}

static void append(struct lh_map *m, lh_str key, uint64_t hash, void *value)
{
    /* Holes fill the table like keys do: three quarters at most. */
    if (m->used >= m->slot_count / 4 * 3)
        rebuild(m);
    if (m->used >= ENTRIES_MAX)
        abort();
    m->entries = lh_xgrow(m->entries, m->used, &m->cap, sizeof *m->entries);
    m->entries[m->used] = (struct lh_map_entry){
        .key = lh_xmemdup0(key.p, key.n), .n = key.n, .hash = hash, .value = value};
    fill_slot(m, m->used++);
    m->count++;
}

bool lh_map_set(struct lh_map *m, lh_str key, void *value)
{
    uint64_t hash = hash_key(key);
    struct lh_map_entry *entry = find(m, key, hash);

    if (!entry) {
        append(m, key, hash, value);
        return true;
    }
    if (m->destroy && entry->value && entry->value != value)
        m->destroy(entry->value);
    entry->value = value;
    return false;
}

void **lh_map_at(struct lh_map *m, lh_str key)
{
    uint64_t hash = hash_key(key);
    struct lh_map_entry *entry = find(m, key, hash);

    if (!entry) {
        append(m, key, hash, NULL);
        entry = &m->entries[m->used - 1];
    }
    return &entry->value;
}

bool lh_map_remove(struct lh_map *m, lh_str key)
{
    struct lh_map_entry *entry = m->count ? find(m, key, hash_key(key)) : NULL;

    if (!entry)
        return false;
    drop(m, entry);
    m->count--;
    return true;
}

bool lh_map_next(const struct lh_map *m, size_t *at, lh_str *ret_key, void **ret_value)
{
    while (*at < m->used && !m->entries[*at].key)
        ++*at;
    if (*at >= m->used)
        return false;
    if (ret_key)
        *ret_key = lh_str_n(m->entries[*at].key, m->entries[*at].n);
    if (ret_value)
        *ret_value = m->entries[*at].value;
    ++*at;
    return true;
}
