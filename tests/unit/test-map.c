/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/buf.h"
#include "base/map.h"
#include "tap.h"

#include <stdlib.h>

#define MANY 20000

static int destroyed;

static void count_destroyed(void *value)
{
    destroyed++;
    free(value);
}

static lh_str number_key(char key[32], unsigned i)
{
    return lh_str_n(key, (size_t)snprintf(key, 32, "key-%u", i));
}

/* The keys in order, with commas. */
static void join(const struct lh_map *m, struct lh_buf *b)
{
    size_t at = 0;
    lh_str key;

    lh_buf_reset(b);
    while (lh_map_next(m, &at, &key, NULL)) {
        lh_buf_str(b, key);
        lh_buf_char(b, ',');
    }
}

static void test_small(void)
{
    lh_auto(lh_map) m = LH_MAP_INIT(NULL);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    int one = 1;
    void **at;

    ok(!lh_map_has(&m, LH_STR("a")) && !lh_map_get(&m, LH_STR("a")), "nothing in the empty map");
    ok(!lh_map_remove(&m, LH_STR("a")), "nor to remove");
    ok(lh_map_set(&m, LH_STR("b"), &one), "a new key");
    ok(lh_map_set(&m, LH_STR("a"), NULL), "another");
    ok(lh_map_set(&m, LH_STR(""), &one), "the empty key is a key");
    ok(!lh_map_set(&m, LH_STR("b"), NULL), "b is not new");
    ok(lh_map_has(&m, LH_STR("a")) && !lh_map_get(&m, LH_STR("a")), "a NULL value is there");
    ok(lh_map_set(&m, lh_str_n("a\0b", 3), &one), "a NUL is part of a key");
    is_int(m.count, 4, "four keys");
    join(&m, &b);
    is_mem(b.p, b.n, "b,a,,a\0b,", 9, "in the order they came");
    ok(lh_map_remove(&m, LH_STR("b")) && !lh_map_has(&m, LH_STR("b")), "removed");
    lh_map_set(&m, LH_STR("b"), NULL);
    join(&m, &b);
    is_mem(b.p, b.n, "a,,a\0b,b,", 9, "comes back at the end");
    at = lh_map_at(&m, LH_STR(""));
    ok(*at == &one, "where a value is");
    at = lh_map_at(&m, LH_STR("new"));
    ok(!*at && lh_map_has(&m, LH_STR("new")), "a key that is new has none");
    *at = &one;
    ok(lh_map_get(&m, LH_STR("new")) == &one, "and gets one");
}

static void test_ownership(void)
{
    struct lh_map m = LH_MAP_INIT(count_destroyed);
    char *kept = lh_xstrdup("kept");

    destroyed = 0;
    lh_map_set(&m, LH_STR("a"), kept);
    lh_map_set(&m, LH_STR("a"), kept);
    is_int(destroyed, 0, "setting the same value again keeps it");
    lh_map_set(&m, LH_STR("a"), lh_xstrdup("new"));
    is_int(destroyed, 1, "replacing destroys the old value");
    lh_map_set(&m, LH_STR("b"), lh_xstrdup("b"));
    lh_map_remove(&m, LH_STR("b"));
    is_int(destroyed, 2, "removing destroys");
    lh_map_set(&m, LH_STR("c"), NULL);
    lh_map_free(&m);
    is_int(destroyed, 3, "freeing destroys the rest, but no NULL");
    ok(m.count == 0 && !lh_map_has(&m, LH_STR("a")), "the map can be used again");
    lh_map_set(&m, LH_STR("a"), lh_xstrdup("again"));
    is_str(lh_map_get(&m, LH_STR("a")), "again", "with its destroy function");
    lh_map_free(&m);
}

/* Against an array of what should be there, with removals and returns, in a fixed order. */
static void test_many(void)
{
    lh_auto(lh_map) m = LH_MAP_INIT(NULL);
    static char there[MANY];
    uint32_t random = 1;
    size_t count = 0;
    bool good = true;

    for (int i = 0; i < 20 * MANY; i++) {
        char text[32];
        unsigned k = (random = random * 1664525u + 1013904223u) >> 8;
        lh_str key = number_key(text, k % MANY);
        char *mark = &there[k % MANY];

        if (random & 0x80) {
            good = good && lh_map_set(&m, key, mark) == !*mark;
            count += !*mark;
            *mark = 1;
        } else {
            good = good && lh_map_remove(&m, key) == *mark;
            count -= (size_t)*mark;
            *mark = 0;
        }
    }
    ok(good, "every set and remove told what was there");
    is_int(m.count, count, "the count");
    for (unsigned i = 0; i < MANY; i++) {
        char text[32];

        good = good && lh_map_get(&m, number_key(text, i)) == (there[i] ? &there[i] : NULL);
    }
    ok(good, "every key leads to its value");
    ok(m.slot_count <= 8 * MANY, "removed keys do not make it grow: %zu slots", m.slot_count);
}

static void test_remove_while_walking(void)
{
    lh_auto(lh_map) m = LH_MAP_INIT(NULL);
    char text[32];
    size_t at = 0;
    lh_str key;

    for (unsigned i = 0; i < 100; i++)
        lh_map_set(&m, number_key(text, i), NULL);
    while (lh_map_next(&m, &at, &key, NULL))
        if (key.p[key.n - 1] % 2)
            lh_map_remove(&m, lh_str_z(key.p));
    is_int(m.count, 50, "half of them are left");
    at = 0;
    ok(lh_map_next(&m, &at, &key, NULL), "the walk begins behind the hole");
    is_slice(key, "key-0", "with the first that is left");
}

int main(void)
{
    RUN(test_small);
    RUN(test_ownership);
    RUN(test_many);
    RUN(test_remove_while_walking);
    return tap_done();
}
