/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner against hostile texts, and against jansson. What is accepted is walked, written,
 * read again and must be the same; the canonical form is a fixed point; the builder takes it.
 */
#include "config.h"

#include "unit/hollow_twin.h"

#include <jansson.h>

#define FUZZ_NAME "json"
#include "fuzz/fuzz.h"

/* jansson stops at 2048 levels; ours must stop before, to be compared. */
static const struct lh_json_limits limits = {(size_t)1 << 20, 1000, UINT32_MAX};

static void walk(const struct lh_json_doc *doc)
{
    size_t n = 0;
    const struct lh_json *tape = lh_json_tape(doc, &n);
    lh_str text = lh_json_text(doc);

    for (uint32_t i = 0; i < n; i++) {
        const struct lh_json *v = &tape[i];
        const struct lh_json *member = NULL;
        size_t members = 0;
        int64_t number;
        lh_str key = LH_STR("");

        FUZZ_ASSERT(lh_json_index(v) == i && lh_json_at(doc, i) == v);
        FUZZ_ASSERT(v->start + (size_t)v->len <= text.n && lh_json_raw(v).p == text.p + v->start);
        FUZZ_ASSERT(lh_json_str(v).n <= v->len);
        lh_json_i64(v, &number);
        for (; (member = lh_json_next(v, member, &key)); members++) {
            FUZZ_ASSERT(member->start > v->start && lh_json_raw(member).n < v->len);
            /* looking up each key of a large object would take too long */
            if (members < 50 && lh_json_kind(v) == LH_JSON_OBJECT)
                FUZZ_ASSERT(lh_json_get(v, key) &&
                            (lh_json_get(v, key) == member || lh_json_duplicate(doc)));
        }
        FUZZ_ASSERT(members == lh_json_count(v));
    }
}

/* Written and read again, it is as long on the tape and is not changed by writing once more. */
static void write_again(const struct lh_json_doc *doc)
{
    lh_autoptr(lh_json_doc) other = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) again = LH_BUF_INIT(SIZE_MAX / 2);
    size_t n = 0;
    size_t other_n = 0;

    lh_json_write(&b, lh_json_root(doc));
    FUZZ_ASSERT(lh_json_scan(other, lh_buf_slice(&b), &limits, NULL) == LH_JSON_FINE);
    FUZZ_ASSERT(!lh_json_spaced(other));
    lh_json_tape(doc, &n);
    lh_json_tape(other, &other_n);
    FUZZ_ASSERT(n == other_n &&
                lh_json_index(lh_json_duplicate(doc)) == lh_json_index(lh_json_duplicate(other)));
    for (uint32_t i = 0; i < n; i++)
        FUZZ_ASSERT(lh_str_eq(lh_json_str(lh_json_at(doc, i)), lh_json_str(lh_json_at(other, i))));
    lh_json_write(&again, lh_json_root(other));
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&b), lh_buf_slice(&again)));
}

static void canonical(const struct lh_json_doc *doc)
{
    lh_autoptr(lh_json_doc) other = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) again = LH_BUF_INIT(SIZE_MAX / 2);
    int code = lh_json_write_canonical(&b, lh_json_root(doc));

    FUZZ_ASSERT((code != 0) == (lh_json_duplicate(doc) != NULL));
    if (code)
        return;
    FUZZ_ASSERT(lh_json_scan(other, lh_buf_slice(&b), &limits, NULL) == LH_JSON_FINE);
    FUZZ_ASSERT(lh_json_write_canonical(&again, lh_json_root(other)) == 0);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&b), lh_buf_slice(&again)));
}

/* Own columns, the members of the source twice, the source itself: never a name twice. */
static void build(const struct lh_json_doc *doc)
{
    static const lh_str except[] = {LH_STR_INIT("b"), LH_STR_INIT("")};
    lh_autoptr(lh_json_doc) other = lh_json_doc_new();
    lh_autoptr(lh_out) o = lh_out_new(SIZE_MAX, 1002);
    const struct lh_json *root = lh_json_root(doc);
    lh_str json = LH_STR("");

    lh_out_begin(o, '[');
    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("a"));
    lh_out_i64(o, 1);
    if (lh_json_kind(root) == LH_JSON_OBJECT) {
        lh_out_members(o, root, except, LH_LEN(except));
        lh_out_members(o, root, NULL, 0);
    }
    lh_out_end(o);
    lh_out_json(o, root);
    lh_out_raw(o, lh_json_raw(root));
    lh_out_str(o, lh_json_str(root));
    lh_out_end(o);
    FUZZ_ASSERT(lh_out_finish(o, &json, NULL) == 0);
    FUZZ_ASSERT(lh_json_scan(other, json, &(struct lh_json_limits){SIZE_MAX, 1002, UINT32_MAX},
                             NULL) == LH_JSON_FINE);
    FUZZ_ASSERT(!lh_json_spaced(other));
    FUZZ_ASSERT(lh_json_duplicate(doc) || !lh_json_duplicate(other));
}

/* A column of the rows in `array`, laid where nothing else is: it has what they have. */
static void in_column(const struct lh_json_doc *doc, const struct lh_json *array, lh_str key)
{
    lh_str text = lh_json_text(doc);
    lh_auto(lh_buf) data = LH_BUF_INIT(SIZE_MAX / 2);
    uint32_t n = lh_json_skim_column(&data, array, key);
    size_t tape;
    struct lh_json_room room = {.text_n = text.n};
    struct lh_json *memory lh_autofree = NULL;
    char *to lh_autofree = lh_xmalloc(text.n);
    const struct lh_json *v = NULL;

    lh_json_tape(doc, &tape);
    room.memory = memory = lh_xcalloc(tape + 1, sizeof *memory);
    room.n = (uint32_t)tape;
    room.text = to;
    FUZZ_ASSERT(n == lh_json_count(array) && lh_json_lay_column(&room, lh_buf_slice(&data), n));
    for (uint32_t i = 0; (v = lh_json_next(array, v, NULL)); i++) {
        const struct lh_json *member = lh_json_get(v, key);
        struct lh_json_cell cell;

        memcpy(&cell, data.p + i * sizeof cell, sizeof cell);
        FUZZ_ASSERT(cell.object == lh_json_index(v) && cell.value == lh_json_index(member));
        if (!member)
            continue;
        FUZZ_ASSERT(memcmp(&memory[1 + cell.value], member, sizeof *member) == 0);
        FUZZ_ASSERT(lh_json_is_hollow(&memory[1 + cell.value]) == (lh_json_entries(member) > 1));
        FUZZ_ASSERT(lh_json_entries(member) > 1 ||
                    memcmp(to + member->start, text.p + member->start, member->len) == 0);
    }
}

/* Of the rows at the top, or in the first member; by the first name in the first row. */
static void in_columns(const struct lh_json_doc *doc)
{
    const struct lh_json *rows = lh_json_root(doc);
    lh_str key = LH_STR("");

    if (lh_json_kind(rows) == LH_JSON_OBJECT)
        rows = lh_json_next(rows, NULL, NULL);
    if (lh_json_kind(rows) != LH_JSON_ARRAY)
        return;
    lh_json_next(lh_json_next(rows, NULL, NULL), NULL, &key);
    in_column(doc, rows, key);
}

/* What came in parts says the same. */
static void in_parts(const struct lh_json_doc *doc)
{
    const struct lh_json *root = lh_json_root(doc);
    lh_autoptr(twin) t = twin_new(root, root->len % 5);

    FUZZ_ASSERT(twin_walks_as(t, t->root, root));
    in_columns(doc);
}

/*
 * jansson must agree, but for what it cannot hold: large numbers, NUL in keys. And it skips a NUL
 * that stands directly behind a number or a word, since it puts that byte back and then takes it
 * for the end of its buffer.
 */
static void compare(lh_str text, const struct lh_json_problem *problem,
                    const struct lh_json_doc *doc)
{
    enum lh_json_reason reason = problem->reason;
    json_error_t error = {0};
    json_t *j;
    enum json_error_code code;

    if (reason == LH_JSON_TOO_DEEP || reason == LH_JSON_TOO_LARGE)
        return;
    if (reason == LH_JSON_SYNTAX && problem->offset < text.n && text.p[problem->offset] == '\0')
        return;
    j = json_loadb(text.n ? text.p : "", text.n,
                   JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    code = json_error_code(&error);
    if (j)
        FUZZ_ASSERT(reason == LH_JSON_FINE && !lh_json_duplicate(doc));
    else if (reason == LH_JSON_FINE)
        FUZZ_ASSERT(code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
                    (code == json_error_duplicate_key && lh_json_duplicate(doc)));
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_str text = lh_str_n((const char *)data, size);
    struct lh_json_problem problem = {LH_JSON_FINE, 0, NULL};
    enum lh_json_reason reason = lh_json_scan(doc, text, &limits, &problem);

    FUZZ_ASSERT(reason == problem.reason && problem.offset <= size);
    compare(text, &problem, doc);
    if (reason) {
        FUZZ_ASSERT(!lh_json_root(doc) && problem.expected);
        return 0;
    }
    walk(doc);
    write_again(doc);
    canonical(doc);
    build(doc);
    in_parts(doc);
    return 0;
}
