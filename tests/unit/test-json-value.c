/* SPDX-License-Identifier: Apache-2.0 */
/* Walking, decoding and converting; what is refused is in test-json-scan.c. */
#include "config.h"

#include "tap.h"
#include "json/json.h"

#include <stdlib.h>

/* The root of a text that must scan. */
static const struct lh_json *read(struct lh_json_doc *doc, const char *text)
{
    struct lh_json_problem problem = {0};
    enum lh_json_reason reason = lh_json_scan(doc, lh_str_z(text), &lh_json_page_limits, &problem);

    if (reason)
        diag("%s: at %zu: expected %s", text, problem.offset, problem.expected);
    return lh_json_root(doc);
}

static void test_null_is_fine(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    int64_t number = 7;
    size_t n = 9;
    lh_str key = LH_STR("untouched");

    ok(!lh_json_root(doc) && !lh_json_duplicate(doc), "a new document is empty");
    ok(!lh_json_tape(doc, &n) && n == 0, "and has no tape");
    is_slice(lh_json_text(doc), "", "nor text");
    is_int(lh_json_kind(NULL), LH_JSON_NONE, "kind of nothing");
    ok(!lh_json_get(NULL, LH_STR("a")), "get from nothing");
    ok(!lh_json_next(NULL, NULL, &key), "next of nothing");
    is_slice(key, "untouched", "leaves the key alone");
    is_int(lh_json_count(NULL), 0, "count of nothing");
    is_slice(lh_json_str(NULL), "", "text of nothing");
    is_slice(lh_json_raw(NULL), "", "source of nothing");
    is_int(lh_json_i64(NULL, &number), LH_INVALID, "nothing is no number");
    is_int(number, 7, "and leaves the output alone");
    is_int(lh_json_index(NULL), 0, "index of nothing");
    ok(!lh_json_at(doc, 0), "no entry 0 in an empty document");
}

static void test_walk(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root = read(doc, "{\"a\":[1,[],{\"x\":null}],\"b\":\"t\",\"\":true}");
    const struct lh_json *v = NULL;
    lh_str key = LH_STR("");
    char seen[64] = "";

    while ((v = lh_json_next(root, v, &key)))
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%.*s=%d ", LH_STR_ARG(key),
                 lh_json_kind(v));
    is_str(seen, "a=6 b=5 =3 ", "members in order");
    is_int(lh_json_count(root), 3, "members counted");
    v = lh_json_get(root, LH_STR("a"));
    is_int(lh_json_count(v), 3, "elements counted");
    is_slice(lh_json_raw(v), "[1,[],{\"x\":null}]", "the source of an array");
    v = lh_json_next(v, lh_json_next(v, NULL, NULL), NULL);
    is_slice(lh_json_raw(v), "[]", "an empty array");
    ok(!lh_json_next(v, NULL, NULL) && lh_json_count(v) == 0, "has nothing in it");
    v = lh_json_get(lh_json_next(lh_json_get(root, LH_STR("a")), v, &key), LH_STR("x"));
    is_int(lh_json_kind(v), LH_JSON_NULL, "null in an object in an array");
    is_slice(key, "", "elements have no key");
    is_int(lh_json_kind(lh_json_get(root, LH_STR(""))), LH_JSON_TRUE, "the empty key");
    ok(!lh_json_get(root, LH_STR("c")), "no such key");
    ok(!lh_json_get(lh_json_get(root, LH_STR("b")), LH_STR("b")), "a string has no members");
    ok(!lh_json_get(lh_json_get(root, LH_STR("a")), LH_STR("x")), "nor has an array");
}

static void test_strings(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const char *text =
        "[\"plain\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u00e9\\u20AC\\ud83d\\ude00x\","
        "\"a\\u0000b\",12.50,false,null,{}]";
    const struct lh_json *root = read(doc, text);
    const struct lh_json *v = lh_json_next(root, NULL, NULL);
    const char *first;

    ok(lh_json_str(v).p == text + 2, "a plain string is a slice of the source");
    v = lh_json_next(root, v, NULL);
    is_slice(lh_json_str(v), "\"\\/\b\f\n\r\t", "short escapes");
    first = lh_json_str(v).p;
    v = lh_json_next(root, v, NULL);
    is_slice(lh_json_str(v), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x", "unicode escapes");
    v = lh_json_next(root, v, NULL);
    is_mem(lh_json_str(v).p, lh_json_str(v).n, "a\0b", 3, "NUL is text like any other");
    v = lh_json_next(root, v, NULL);
    is_slice(lh_json_str(v), "12.50", "a number is its text");
    v = lh_json_next(root, v, NULL);
    is_slice(lh_json_str(v), "false", "so is false");
    v = lh_json_next(root, v, NULL);
    is_slice(lh_json_str(v), "", "null is empty");
    v = lh_json_next(root, v, NULL);
    is_slice(lh_json_str(v), "", "and containers are");
    v = lh_json_next(root, lh_json_next(root, NULL, NULL), NULL);
    ok(lh_json_str(v).p == first, "asking twice gives the same text at the same place");
}

static void test_keys(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root =
        read(doc, "{\"\\u0061\":1,\"aa\":2,\"a\\nb\":3,\"0123456789012345678\":4}");
    lh_str key = LH_STR("");

    is_slice(lh_json_raw(lh_json_get(root, LH_STR("a"))), "1", "an escaped key is its value");
    is_slice(lh_json_raw(lh_json_get(root, LH_STR("a\nb"))), "3", "so is this one");
    is_slice(lh_json_raw(lh_json_get(root, LH_STR("0123456789012345678"))), "4", "a long key");
    ok(!lh_json_get(root, LH_STR("\\u0061")), "its source is not");
    lh_json_next(root, NULL, &key);
    is_slice(key, "a", "keys come decoded");
    ok(!lh_json_duplicate(doc), "no key twice");

    root = read(doc, "{\"a\":1,\"b\":{\"c\":0,\"d\":0,\"c\":0},\"\\u0061\":2}");
    is_slice(lh_json_raw(lh_json_get(root, LH_STR("a"))), "2", "the last of equal keys");
    is_slice(lh_json_raw(lh_json_duplicate(doc)), "\"c\"", "the first that stands twice");
    is_int(lh_json_index(lh_json_duplicate(doc)), 9, "the later of the two");
}

static void test_index(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    size_t n = 0;
    bool good = true;

    read(doc, "[[[[]]],{\"a\":{\"b\":[{}]}},[1,[2,[3]]]]");
    lh_json_tape(doc, &n);
    is_int(n, 16, "entries");
    for (uint32_t i = 0; i < n; i++)
        good = good && lh_json_index(lh_json_at(doc, i)) == i;
    ok(good, "every entry knows its index");
    ok(!lh_json_at(doc, (uint32_t)n) && !lh_json_at(doc, UINT32_MAX), "no entry behind the last");
}

static const struct {
    const char *text;
    bool exact;
    int64_t value;
} numbers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"-0.0e-5", true, 0},
    {"0e999999999999999999999", true, 0},
    {"0.000e-99999999999999999999999", true, 0},
    {"1", true, 1},
    {"-17", true, -17},
    {"1.0", true, 1},
    {"1e3", true, 1000},
    {"1E+3", true, 1000},
    {"10e-1", true, 1},
    {"1200.00e-2", true, 12},
    {"123.456e3", true, 123456},
    {"0.001e3", true, 1},
    {"0.0000000000000000000000000000001e31", true, 1},
    {"100000000000000000000000e-20", true, 1000},
    {"9223372036854775807", true, INT64_MAX},
    {"9223372036854775807.000", true, INT64_MAX},
    {"9223372036854775808", false, 0},
    {"-9223372036854775808", true, INT64_MIN},
    {"-9223372036854775809", false, 0},
    {"922337203685477580.7e1", true, INT64_MAX},
    {"9007199254740993", true, INT64_C(9007199254740993)},
    {"1e18", true, INT64_C(1000000000000000000)},
    {"1e19", false, 0},
    {"9e18", true, INT64_C(9000000000000000000)},
    {"10e18", false, 0},
    {"18446744073709551616", false, 0},
    {"123456789012345678901", false, 0},
    {"1.5", false, 0},
    {"0.1", false, 0},
    {"1e-1", false, 0},
    {"15e-1", false, 0},
    {"1e999999999", false, 0},
    {"1e-999999999", false, 0},
    {"1e99999999999999999999999999", false, 0},
    {"\"1\"", false, 0},
    {"true", false, 0},
    {"null", false, 0},
    {"[1]", false, 0},
};

static void test_i64(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    for (size_t i = 0; i < LH_LEN(numbers); i++) {
        int64_t value = 42;
        int code = lh_json_i64(read(doc, numbers[i].text), &value);
        int64_t want = numbers[i].exact ? numbers[i].value : 42;

        if (!ok(code == (numbers[i].exact ? 0 : LH_INVALID) && value == want, "integer: %s",
                numbers[i].text))
            diag("code %d, value %" PRId64 ", expected %" PRId64, code, value, want);
    }
}

int main(void)
{
    RUN(test_null_is_fine);
    RUN(test_walk);
    RUN(test_strings);
    RUN(test_keys);
    RUN(test_index);
    RUN(test_i64);
    return tap_done();
}
