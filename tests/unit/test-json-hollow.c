/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that come in parts: whatever is asked of one, in whatever order, it says as a whole. */
#include "config.h"

#include "hollow_twin.h"
#include "tap.h"
#include "json/json.h"

#include <limits.h>

static const struct lh_json *root_of(struct lh_json_doc *doc, const char *text)
{
    if (lh_json_scan(doc, lh_str_z(text), &lh_json_page_limits, NULL))
        diag("%s: does not scan", text);
    return lh_json_root(doc);
}

static const char *const texts[] = {
    "1",
    "[]",
    "{}",
    " \n[ 1 , [ ] ] ",
    "[[[[[[\"deep\"]]]]]]",
    "{\"a\":{\"b\":{\"c\":[{\"d\":{}}]}},\"e\":[[],{},[{}]],\"f\":\"\\u00e9\"}",
    "[{\"id\":1,\"id\":2},{\"id\":[3]},4,\"5\",null,{\"x\":{\"y\":[true,false]}}]",
    "{\"\":{\"\\ud83d\\ude00\":[]},\"z\":1e400,\"y\":-0.10}",
};

static void test_same(void)
{
    for (size_t i = 0; i < LH_LEN(texts); i++) {
        lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
        const struct lh_json *root = root_of(doc, texts[i]);

        for (unsigned patience = 0; patience < 4; patience++) {
            lh_autoptr(twin) t = twin_new(root, patience < 3 ? patience : UINT_MAX);

            ok(twin_walks_as(t, t->root, root), "text %zu: walked as the whole", i);
            ok(lh_json_is_whole(t->root), "and then it is whole");
        }
    }
}

/* What was walked is not whole by that: the text between its values has not come. */
static void test_text(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(twin) t = twin_new(root_of(doc, "{\"a\" : {\"b\" : 1}}"), UINT_MAX);
    const struct lh_json *a = lh_json_get(t->root, LH_STR("a"));

    is_slice(lh_json_str(lh_json_get(a, LH_STR("b"))), "1", "all entries are there");
    is_int(t->fills, 0, "with the skeleton");
    ok(!lh_json_is_whole(a) && !lh_json_is_whole(t->root), "but not all text");
    ok(twin_take(t, lh_json_index(a), LH_JSON_WHOLE), "it comes");
    ok(lh_json_is_whole(a) && !lh_json_is_whole(t->root), "for this one");
    is_slice(lh_json_raw(a), "{\"b\" : 1}", "as it was");
}

/* An object of many members stays closed, as arrays do; one of 32 comes. */
static void test_skeleton(void)
{
    for (unsigned n = 32; n <= 33; n++) {
        lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
        lh_auto(lh_buf) part = LH_BUF_INIT(LH_BUF_TEXT);
        lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
        const struct lh_json *root;

        lh_buf_z(&text, "{\"array\":[1,2],\"object\":{");
        for (unsigned i = 0; i < n; i++)
            lh_buf_f(&text, "%s\"%u\":%u", i ? "," : "", i, i);
        lh_buf_z(&text, "}}");
        root = root_of(doc, lh_buf_text(&text));
        is_int(lh_json_skim(&part, root, LH_JSON_SKELETON), n == 32 ? 5 + 64 : 5,
               "entries of a skeleton");
        lh_buf_reset(&part);
        is_int(lh_json_skim(&part, lh_json_get(root, LH_STR("object")), LH_JSON_MEMBERS), 2 * n,
               "of an object's members");
        lh_buf_reset(&part);
        is_int(lh_json_skim(&part, lh_json_get(root, LH_STR("array")), LH_JSON_MEMBERS), 2,
               "of an array's");
        lh_buf_reset(&part);
        is_int(lh_json_skim(&part, root + 1, LH_JSON_MEMBERS), 0, "of a string");
        is_int(part.n, 0, "and no text");
    }
}

/* Nobody has the members: they are not there, and nothing else is. */
static void test_refused(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(twin) t = twin_new(root_of(doc, "{\"a\":[1],\"b\":2}"), 0);
    const struct lh_json *a = lh_json_get(t->root, LH_STR("a"));

    t->refuses = true;
    is_int(lh_json_kind(a), LH_JSON_ARRAY, "the kind is known");
    is_int(lh_json_count(a), 1, "and the count");
    ok(!lh_json_next(a, NULL, NULL), "but there is no first");
    ok(!lh_json_get(t->root, LH_STR("c")), "nor a member that nobody has");
    is_slice(lh_json_str(lh_json_get(t->root, LH_STR("b"))), "2", "what has come is there");
    ok(lh_json_owner(a) == lh_json_owner(t->root) &&
           lh_json_at(lh_json_owner(a), lh_json_index(a)) == a,
       "and leads to its document");
    ok(!lh_json_is_whole(a) && !lh_json_is_whole(t->root), "it is not whole");
}

/* Parts that are cut, or belong to a larger document. */
static void test_bounds(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root = root_of(doc, "[\"abc\",[1,2],{\"d\":4}]");
    uint32_t n = lh_json_entries(root);
    lh_str text = lh_json_text(doc);

    for (enum lh_json_part part = LH_JSON_MEMBERS; part <= LH_JSON_WHOLE; part++) {
        lh_auto(lh_buf) data = LH_BUF_INIT(LH_BUF_TEXT);
        uint32_t entries = part == LH_JSON_WHOLE ? n : lh_json_skim(&data, root, part);
        struct lh_json *memory lh_autofree = lh_xcalloc(n + 1, sizeof *memory);
        char *to lh_autofree = lh_xmalloc(text.n);
        struct lh_json_room room = {memory, n, to, text.n};
        uint32_t at = part == LH_JSON_MEMBERS;
        unsigned taken = 0;

        if (part == LH_JSON_WHOLE) {
            lh_buf_add(&data, root, n * sizeof *root);
            lh_buf_str(&data, lh_json_raw(root));
        }
        ok(lh_json_lay(&room, at, lh_buf_slice(&data), entries, part), "all of part %u", part);
        for (size_t cut = 0; cut < data.n; cut++)
            taken += lh_json_lay(&room, at, lh_str_n(data.p, cut), entries, part);
        is_int(taken, 0, "nothing that is cut");
        room.n--;
        ok(!lh_json_lay(&room, at, lh_buf_slice(&data), entries, part),
           "no tape that is too short");
        room.n++;
        room.text_n = 0;
        ok(!lh_json_lay(&room, at, lh_buf_slice(&data), entries, part), "nor text");
        room.text_n = text.n;
        ok(!lh_json_lay(&room, n, lh_buf_slice(&data), entries, part), "nor behind the end");
        ok(!lh_json_lay(&room, UINT32_MAX, lh_buf_slice(&data), entries, part), "far behind");
    }
}

/* A column of rows of which some are no objects, or have no such member. */
static void test_column(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root = root_of(
        doc, "[{\"a\":1,\"k\":\"\\u0061\"},null,{\"k\":{\"x\":[1]}},{},{\"\\u006b\":2,\"k\":3}]");
    uint32_t n = lh_json_entries(root);
    lh_str text = lh_json_text(doc);
    lh_auto(lh_buf) data = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_json *memory lh_autofree = lh_xcalloc(n + 1, sizeof *memory);
    char *to lh_autofree = lh_xmalloc(text.n);
    struct lh_json_room room = {memory, n, to, text.n};
    static const uint32_t values[5] = {5, 0, 9, 0, 18};
    struct lh_json_cell cells[5];
    unsigned taken = 0;

    is_int(lh_json_skim_column(&data, root, LH_STR("k")), 5, "a cell for each row");
    memcpy(cells, data.p, sizeof cells);
    for (size_t i = 0; i < 5; i++)
        is_int(cells[i].value, values[i], "a value, the last of equal names");
    is_int(cells[4].object, 14, "and its row");
    is_int(data.n, 5 * sizeof *cells + 3 * sizeof *root + 8 + 1, "texts of leaves only");
    ok(lh_json_lay_column(&room, lh_buf_slice(&data), 5), "it is laid");
    ok(lh_json_is_hollow(&memory[1 + 9]) && !lh_json_is_hollow(&memory[1 + 5]),
       "containers hollow");
    ok(memcmp(to + memory[1 + 5].start, "\"\\u0061\"", 8) == 0, "texts in their places");
    for (size_t cut = 0; cut < data.n; cut++)
        taken += lh_json_lay_column(&room, lh_str_n(data.p, cut), 5);
    is_int(taken, 0, "nothing that is cut");
    ok(!lh_json_lay_column(&room, lh_buf_slice(&data), UINT32_MAX), "nor of more cells than come");
    room.n = 18;
    ok(!lh_json_lay_column(&room, lh_buf_slice(&data), 5), "nor behind the end");
    room.n = n;
    room.text_n = 0;
    ok(!lh_json_lay_column(&room, lh_buf_slice(&data), 5), "nor text");
    is_int(lh_json_skim_column(&data, lh_json_next(root, NULL, NULL), LH_STR("a")), 2,
           "of anything else than rows: nothing bad");
}

static void test_in_skeleton(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root = root_of(doc, "{\"a\":[[1],2],\"b\":{\"c\":[3]}}");

    ok(lh_json_in_skeleton(doc, 0) == root, "the whole");
    is_int(lh_json_kind(lh_json_in_skeleton(doc, 2)), LH_JSON_ARRAY, "an array in it");
    ok(!lh_json_in_skeleton(doc, 3) && !lh_json_in_skeleton(doc, 4), "but nothing of that");
    is_int(lh_json_kind(lh_json_in_skeleton(doc, 9)), LH_JSON_ARRAY, "an array in an object");
    ok(!lh_json_in_skeleton(doc, 10) && !lh_json_in_skeleton(doc, 11), "nor behind the end");
}

static void test_after(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root = root_of(doc, "[[1],{\"a\":[]},2]");
    const struct lh_json *v = lh_json_next(root, NULL, NULL);

    is_int(lh_json_entries(NULL), 0, "nothing has no entries");
    is_int(lh_json_entries(root), 7, "a value and all in it");
    ok(!lh_json_after(NULL) && !lh_json_after(root), "nothing is behind the root");
    ok(lh_json_after(v) == lh_json_next(root, v, NULL), "an element is behind another");
    v = lh_json_after(lh_json_after(v));
    is_slice(lh_json_str(v), "2", "and behind a container");
    ok(!lh_json_after(v), "and nothing behind the last");
}

int main(void)
{
    RUN(test_same);
    RUN(test_text);
    RUN(test_skeleton);
    RUN(test_refused);
    RUN(test_bounds);
    RUN(test_column);
    RUN(test_in_skeleton);
    RUN(test_after);
    return tap_done();
}
