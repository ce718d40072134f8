/* SPDX-License-Identifier: Apache-2.0 */
/* Slugs, and unique ones for a set of labels; see slug.h. */
#include "config.h"

#include "base/map.h"
#include "base/slug.h"

#include <stdlib.h>

#define HASH_DIGITS 8

/* FNV-1a, 64 bits: the same on every machine and in every version. */
static uint64_t hash(lh_str label)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < label.n; i++)
        h = (h ^ (unsigned char)label.p[i]) * 0x100000001b3u;
    return h;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The slug before it is cut. */
static void plain(lh_str label, struct lh_buf *to)
{
    size_t begin = to->n;
    bool gap = false;

    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i] >= 'A' && label.p[i] <= 'Z' ? (char)(label.p[i] | 0x20) : label.p[i];

        if (!is_word(c)) {
            gap = to->n > begin;
            continue;
        }
        if (to->n == begin && c <= '9')
            lh_buf_z(to, "g_");
        if (gap)
            lh_buf_char(to, '_');
        gap = false;
        lh_buf_char(to, c);
    }
    if (to->n == begin)
        lh_buf_z(to, "group");
}

/* Cuts what is there so that the digits fit, and adds them. */
static void add_hash(lh_str label, size_t begin, int digits, struct lh_buf *to)
{
    size_t room = LH_SLUG_MAX - 1 - (size_t)digits;

    if (to->n - begin > room)
        lh_buf_cut(to, begin + room);
    while (to->n > begin && to->p[to->n - 1] == '_')
        lh_buf_cut(to, to->n - 1);
    lh_buf_f(to, "_%0*llx", digits,
             (unsigned long long)(hash(label) >> (64 - 4 * (unsigned)digits)));
}

void lh_slug(lh_str label, struct lh_buf *to)
{
    size_t begin = to->n;

    plain(label, to);
    if (to->n - begin > LH_SLUG_MAX)
        add_hash(label, begin, HASH_DIGITS, to);
}

static int by_bytes(const void *a, const void *b)
{
    return lh_str_cmp(*(const lh_str *)a, *(const lh_str *)b);
}

/* The distinct labels, sorted: what the result may depend on. */
static size_t distinct(const lh_str *labels, size_t n, lh_str *ret)
{
    size_t used = 0;

    if (n)
        memcpy(ret, labels, n * sizeof *ret);
    qsort(ret, n, sizeof *ret, by_bytes);
    for (size_t i = 0; i < n; i++)
        if (!used || !lh_str_eq(ret[used - 1], ret[i]))
            ret[used++] = ret[i];
    return used;
}

struct naming {
    struct lh_map wanted; /* slug -> NULL when one label has it, not NULL for several */
    struct lh_map taken;  /* slug -> NULL */
    struct lh_map given;  /* label -> slug, in the arena */
    struct lh_arena *arena;
};

static void give(struct naming *names, lh_str label, lh_str slug)
{
    lh_map_set(&names->taken, slug, NULL);
    lh_map_set(&names->given, label, lh_arena_copy(names->arena, slug));
}

/* To a label that nobody else's slug meets, or that is its slug. */
static void give_plain(struct naming *names, lh_str label)
{
    lh_auto(lh_buf) slug = LH_BUF_INIT(SIZE_MAX);

    lh_slug(label, &slug);
    if (lh_str_eq(label, lh_buf_slice(&slug)) || !lh_map_get(&names->wanted, lh_buf_slice(&slug)))
        give(names, label, lh_buf_slice(&slug));
}

/* Eight digits; sixteen where that is taken too; then a number behind. */
static void give_hashed(struct naming *names, lh_str label)
{
    lh_auto(lh_buf) slug = LH_BUF_INIT(SIZE_MAX);
    size_t more = 1;

    for (int digits = HASH_DIGITS; digits <= 16; digits += 8) {
        lh_buf_reset(&slug);
        plain(label, &slug);
        add_hash(label, 0, digits, &slug);
        if (!lh_map_has(&names->taken, lh_buf_slice(&slug))) {
            give(names, label, lh_buf_slice(&slug));
            return;
        }
    }
    while (lh_map_has(&names->taken, lh_buf_slice(&slug))) {
        lh_buf_cut(&slug, 32);
        lh_buf_f(&slug, "_%zu", ++more);
    }
    give(names, label, lh_buf_slice(&slug));
}

static void count_wanted(struct naming *names, lh_str label)
{
    lh_auto(lh_buf) slug = LH_BUF_INIT(SIZE_MAX);
    bool again;

    lh_slug(label, &slug);
    again = lh_map_has(&names->wanted, lh_buf_slice(&slug));
    lh_map_set(&names->wanted, lh_buf_slice(&slug), again ? names : NULL);
}

const char **lh_slugs(const lh_str *labels, size_t n, struct lh_arena *arena)
{
    const char **slugs = lh_arena_alloc(arena, (n ? n : 1) * sizeof *slugs);
    lh_str *sorted lh_autofree = lh_xcalloc(n ? n : 1, sizeof *sorted);
    size_t kinds = distinct(labels, n, sorted);
    struct naming names = {.arena = arena};

    for (size_t i = 0; i < kinds; i++)
        count_wanted(&names, sorted[i]);
    for (size_t i = 0; i < kinds; i++)
        give_plain(&names, sorted[i]);
    for (size_t i = 0; i < kinds; i++)
        if (!lh_map_has(&names.given, sorted[i]))
            give_hashed(&names, sorted[i]);
    for (size_t i = 0; i < n; i++)
        slugs[i] = lh_map_get(&names.given, labels[i]);
    lh_map_free(&names.wanted);
    lh_map_free(&names.taken);
    lh_map_free(&names.given);
    return slugs;
}
