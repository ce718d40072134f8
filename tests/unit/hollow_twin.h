/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document that begins as the skeleton of another and gets its parts from it, as a worker does
 * from the host. For unit and fuzz tests; the other must live longer.
 */
#ifndef LH_TESTS_HOLLOW_TWIN_H
#define LH_TESTS_HOLLOW_TWIN_H

#include "json/json.h"

#include <stdlib.h>

struct twin {
    const struct lh_json_doc *from;
    const struct lh_json *root;
    struct lh_json_doc *doc;
    struct lh_json_room room;
    unsigned fills, patience; /* after so many fills all is taken */
    bool refuses;
};

static bool twin_take(const struct twin *t, uint32_t index, enum lh_json_part part)
{
    const struct lh_json *v = lh_json_at(t->from, index);
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);
    uint32_t n = lh_json_entries(v);

    if (part == LH_JSON_WHOLE) {
        lh_buf_add(&b, v, n * sizeof *v);
        lh_buf_str(&b, lh_json_raw(v));
    } else {
        n = lh_json_skim(&b, v, part);
    }
    return lh_json_lay(&t->room, index + (part == LH_JSON_MEMBERS), lh_buf_slice(&b), n, part);
}

static bool twin_fill(void *arg, const struct lh_json *v)
{
    struct twin *t = arg;

    if (t->refuses)
        return false;
    if (++t->fills > t->patience)
        return twin_take(t, 0, LH_JSON_WHOLE);
    return twin_take(t, lh_json_index(v), t->fills % 2 ? LH_JSON_MEMBERS : LH_JSON_WHOLE);
}

/* What was not laid is 0xee, which is no value. */
static struct twin *twin_new(const struct lh_json *root, unsigned patience)
{
    struct twin *t = lh_xcalloc(1, sizeof *t);
    lh_str text;

    t->from = lh_json_owner(root);
    text = lh_json_text(t->from);
    t->patience = patience;
    t->room = (struct lh_json_room){
        .memory = lh_xcalloc(lh_json_entries(root) + 1, sizeof *root),
        .n = lh_json_entries(root),
        .text = lh_xmalloc(text.n),
        .text_n = text.n,
    };
    memset(t->room.memory, 0xee, (lh_json_entries(root) + 1) * sizeof *root);
    memset(t->room.text, 0xee, text.n);
    t->doc = lh_json_doc_new();
    twin_take(t, 0, LH_JSON_SKELETON);
    lh_json_set_mark(t->doc, t, twin_fill);
    lh_json_adopt(t->doc, lh_str_n(t->room.text, text.n), t->room.memory, t->room.n,
                  lh_json_shape(t->from));
    t->root = lh_json_root(t->doc);
    return t;
}

static void twin_destroy(struct twin *t)
{
    lh_json_doc_destroy(t->doc);
    free(t->room.memory);
    free(t->room.text);
    free(t);
}
LH_AUTOPTR(twin, twin_destroy)

/* Whether all that is asked of a is what b says; recursion as deep as the document. */
static bool twin_walks_as(const struct twin *t, const struct lh_json *a, const struct lh_json *b)
{
    const struct lh_json *in_a = NULL;
    const struct lh_json *in_b = NULL;
    lh_str key_a;
    lh_str key_b;

    if (lh_json_kind(a) != lh_json_kind(b) || lh_json_count(a) != lh_json_count(b) ||
        lh_json_index(a) != lh_json_index(b) || !lh_str_eq(lh_json_str(a), lh_json_str(b)))
        return false;
    while ((in_b = lh_json_next(b, in_b, &key_b))) {
        in_a = lh_json_next(a, in_a, &key_a);
        if (!in_a || !lh_str_eq(key_a, key_b) || !twin_walks_as(t, in_a, in_b))
            return false;
        if (lh_json_kind(b) == LH_JSON_OBJECT && lh_json_count(b) < 50 &&
            lh_json_index(lh_json_get(a, key_a)) != lh_json_index(lh_json_get(b, key_b)))
            return false;
    }
    if (!lh_json_is_whole(a))
        twin_take(t, lh_json_index(a), LH_JSON_WHOLE);
    return !(in_a && lh_json_next(a, in_a, NULL)) && lh_json_is_whole(a) &&
           lh_str_eq(lh_json_raw(a), lh_json_raw(b));
}

#endif
