/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scanner accepts and refuses, where, and within which limits. jansson is the oracle
 * for generated texts. test-json-portable.c runs all of it again without SSE2.
 */
#include "config.h"

#include "tap.h"
#include "unit/collide.h"
#include "json/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

/* Scans a copy of exactly the text's size, so that valgrind and ASan see one byte too far. */
static enum lh_json_reason scan(struct lh_json_doc *doc, const char *p, size_t n,
                                const struct lh_json_limits *limits,
                                struct lh_json_problem *ret_problem)
{
    char *copy lh_autofree = lh_xmalloc(n ? n : 1);
    enum lh_json_reason reason;

    memcpy(copy, p, n);
    reason = lh_json_scan(doc, lh_str_n(copy, n), limits, ret_problem);
    return reason;
}

#define T(text) text, sizeof(text) - 1
#define GOOD(text)                                                                                 \
    {                                                                                              \
        T(text), LH_JSON_FINE, 0                                                                   \
    }
#define BAD(text, at)                                                                              \
    {                                                                                              \
        T(text), LH_JSON_SYNTAX, at                                                                \
    }
#define NOUTF8(text, at)                                                                           \
    {                                                                                              \
        T(text), LH_JSON_BAD_UTF8, at                                                              \
    }

static const struct {
    const char *text;
    size_t n;
    enum lh_json_reason reason;
    size_t offset;
} cases[] = {
    /* values at the top */
    GOOD("0"),
    GOOD("null"),
    GOOD("true"),
    GOOD("false"),
    GOOD("\"\""),
    GOOD("[]"),
    GOOD("{}"),
    GOOD(" \t\r\n1 \t\r\n"),
    GOOD("\n\n                                      [ ]          "),
    BAD("", 0),
    BAD("   ", 3),
    BAD("\0", 0),
    BAD("1\0", 1),
    BAD("[\0]", 1),
    BAD("1 2", 2),
    BAD("[][]", 2),
    BAD("{}x", 2),
    BAD("]", 0),
    BAD("}", 0),
    BAD(",", 0),
    BAD(":", 0),
    BAD("\xef\xbb\xbf[]", 0),
    BAD("\x0b[]", 0),
    BAD("\x0c"
        "1",
        0),
    BAD("\xc2\xa0"
        "1",
        0),
    BAD("// a comment\n1", 0),
    BAD("1/**/", 1),
    BAD("'a'", 0),
    BAD("a", 0),
    BAD("#", 0),
    BAD("undefined", 0),
    BAD("NaN", 0),
    BAD("Infinity", 0),
    BAD("-Infinity", 1),
    BAD("-NaN", 1),
    /* words */
    BAD("nul", 0),
    BAD("nulL", 0),
    BAD("tru", 0),
    BAD("fals", 0),
    BAD("True", 0),
    BAD("NULL", 0),
    BAD("nullx", 4),
    BAD("truefalse", 4),
    BAD("[nul]", 1),
    BAD("f", 0),
    BAD("n", 0),
    BAD("t", 0),
    /* numbers */
    GOOD("-0"),
    GOOD("-1"),
    GOOD("10"),
    GOOD("1234567890123456"),
    GOOD("12345678901234567"),
    GOOD("123456789012345678901234567890"),
    GOOD("0.0"),
    GOOD("0.5"),
    GOOD("1.25"),
    GOOD("1e1"),
    GOOD("1E1"),
    GOOD("1e+1"),
    GOOD("1e-1"),
    GOOD("0e0"),
    GOOD("-0.0e-0"),
    GOOD("1e400"),
    GOOD("1e00009"),
    GOOD("1.7976931348623157e309"),
    GOOD("0.00000000000000000000000000000001"),
    GOOD("[0,-0,1.5,1e3]"),
    GOOD("[1 ,2 ]"),
    BAD("-", 1),
    BAD("+1", 0),
    BAD("--1", 1),
    BAD("- 1", 1),
    BAD("01", 1),
    BAD("-01", 2),
    BAD("00", 1),
    BAD("0x1", 1),
    BAD("1.", 2),
    BAD(".5", 0),
    BAD("-.5", 1),
    BAD("1.e1", 2),
    BAD("1..2", 2),
    BAD("1.2.3", 3),
    BAD("1e", 2),
    BAD("1e+", 3),
    BAD("1e-", 3),
    BAD("1ee1", 2),
    BAD("1e1.5", 3),
    BAD("1e+-1", 3),
    BAD("1_000", 1),
    BAD("1,000", 1),
    BAD("1f", 1),
    BAD("[1.]", 3),
    BAD("[-]", 2),
    BAD("[1e]", 3),
    BAD("0.1.", 3),
    BAD("1 000", 2),
    BAD("\xef\xbc\x91", 0),
    BAD("1\xef\xbc\x91", 1),
    BAD("123456789012345678a", 18),
    /* arrays */
    GOOD("[1]"),
    GOOD("[[]]"),
    GOOD("[[],[]]"),
    GOOD("[ 1 , 2 ]"),
    GOOD("[null,true,false]"),
    GOOD("[\n1\n,\n2\n]"),
    GOOD("[[1],[[2]],3]"),
    BAD("[", 1),
    BAD("[1", 2),
    BAD("[1,", 3),
    BAD("[,", 1),
    BAD("[,1]", 1),
    BAD("[1,]", 3),
    BAD("[1,,2]", 3),
    BAD("[1 2]", 3),
    BAD("[1}", 2),
    BAD("[}", 1),
    BAD("[1:2]", 2),
    BAD("[]]", 2),
    BAD("[[]", 3),
    BAD("[1];", 3),
    BAD("[a]", 1),
    BAD("[\"a\",\n", 6),
    /* objects */
    GOOD("{\"a\":1}"),
    GOOD("{ \"a\" : 1 , \"b\" : 2 }"),
    GOOD("{\"\":0}"),
    GOOD("{\"a\":{\"a\":{}}}"),
    GOOD("{\"a\":[{}]}"),
    GOOD("{\"\\u0000\":1}"),
    GOOD("{\"a\":1,\"a\":2}"),
    GOOD("{\"a\":[],\"b\":{}}"),
    BAD("{", 1),
    BAD("{\"a\"", 4),
    BAD("{\"a\":", 5),
    BAD("{\"a\":1", 6),
    BAD("{\"a\":1,", 7),
    BAD("{\"a\":1,}", 7),
    BAD("{,}", 1),
    BAD("{\"a\"}", 4),
    BAD("{\"a\":}", 5),
    BAD("{\"a\" 1}", 5),
    BAD("{\"a\"::1}", 5),
    BAD("{\"a\":1 \"b\":2}", 7),
    BAD("{1:1}", 1),
    BAD("{a:1}", 1),
    BAD("{'a':1}", 1),
    BAD("{null:1}", 1),
    BAD("{[]:1}", 1),
    BAD("{\"a\":1]", 6),
    BAD("{\"a\",1}", 4),
    BAD("{]", 1),
    BAD("{\"a\":1}}", 7),
    BAD("{{}}", 1),
    BAD("{\"a\":1,,}", 7),
    /* strings */
    GOOD("\"a\""),
    GOOD("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    GOOD("\"\\u0000\""),
    GOOD("\"\\uABCD\\uabcd\""),
    GOOD("\"\x7f\""),
    GOOD("\"\\ud83d\\ude00\""),
    GOOD("\"\\uD800\\uDC00\\uDBFF\\uDFFF\""),
    GOOD("\"\\\\u12\""),
    GOOD("\"\\uffff\\ufdd0\""),
    GOOD("\"0123456789abcde\""),
    GOOD("\"0123456789abcdef\""),
    GOOD("\"0123456789abcdef0\""),
    GOOD("\"0123456789abcdef0123456789abcdef\\n\""),
    GOOD("\"\xe2\x80\xa8\xe2\x80\xa9\""),
    BAD("\"", 1),
    BAD("\"a", 2),
    BAD("\"\\", 2),
    BAD("\"\\\"", 3),
    BAD("\"\n\"", 1),
    BAD("\"\t\"", 1),
    BAD("\"\0\"", 1),
    BAD("\"\x1f\"", 1),
    BAD("\"\\a\"", 2),
    BAD("\"\\x41\"", 2),
    BAD("\"\\'\"", 2),
    BAD("\"\\0\"", 2),
    BAD("\"\\U0041\"", 2),
    BAD("\"\\u\"", 3),
    BAD("\"\\u123\"", 6),
    BAD("\"\\u123g\"", 6),
    BAD("\"\\u 123\"", 3),
    BAD("\"\\u-123\"", 3),
    BAD("\"\\u00", 5),
    BAD("\"\\\n\"", 2),
    BAD("\"\\\xc3\xa9\"", 2),
    BAD("\"0123456789abcdef", 17),
    BAD("\"0123456789abcde\x01\"", 16),
    BAD("\"0123456789abcdef\x1e\"", 17),
    BAD("\"a\"\"", 3),
    BAD("\"\\ud800\\u12\"", 11),
    BAD("[\"a\"\"b\"]", 4),
    /* UTF-8 and surrogates */
    GOOD("\"\xc2\x80\xdf\xbf\""),
    GOOD("\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
    GOOD("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
    GOOD("{\"\xc3\xa9\":\"\xe6\x97\xa5\xe6\x9c\xac\"}"),
    NOUTF8("\"\x80\"", 1),
    NOUTF8("\"\xbf\"", 1),
    NOUTF8("\"\xc0\xaf\"", 1),
    NOUTF8("\"\xc1\xbf\"", 1),
    NOUTF8("\"\xc3\"", 1),
    NOUTF8("\"\xc3(\"", 1),
    NOUTF8("\"\xc3", 1),
    NOUTF8("\"\xe0\x9f\xbf\"", 1),
    NOUTF8("\"\xe2\x82\"", 1),
    NOUTF8("\"\xe2(\xa1\"", 1),
    NOUTF8("\"\xed\xa0\x80\"", 1),
    NOUTF8("\"\xed\xbf\xbf\"", 1),
    NOUTF8("\"\xf0\x8f\xbf\xbf\"", 1),
    NOUTF8("\"\xf4\x90\x80\x80\"", 1),
    NOUTF8("\"\xf5\x80\x80\x80\"", 1),
    NOUTF8("\"\xff\"", 1),
    NOUTF8("\"\xfe\xff\"", 1),
    NOUTF8("\"\xc3\xa9\xc3\"", 3),
    NOUTF8("\"\xf0\x9f\x98", 1),
    NOUTF8("\"\xf8\x88\x80\x80\x80\"", 1),
    NOUTF8("{\"\xff\":1}", 2),
    NOUTF8("\"a\\n\xe9\"", 4),
    NOUTF8("\"\\ud800\"", 1),
    NOUTF8("\"\\udc00\"", 1),
    NOUTF8("\"\\ud800\\n\"", 1),
    NOUTF8("\"\\ud800\\ud800\"", 1),
    NOUTF8("\"\\udbff\\ue000\"", 1),
    NOUTF8("\"x\\ud800", 2),
    NOUTF8("\"\\ude00\\ud83d\"", 1),
    NOUTF8("\"0123456789abcdef\xff\"", 17),
};

static void test_grammar(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        struct lh_json_problem problem = {LH_JSON_FINE, 12345, NULL};
        size_t offset = cases[i].reason ? cases[i].offset : 12345;
        enum lh_json_reason reason =
            scan(doc, cases[i].text, cases[i].n, &lh_json_page_limits, &problem);

        if (!ok(reason == cases[i].reason && problem.offset == offset, "case %zu, %zu bytes", i,
                cases[i].n)) {
            tap_show("text", cases[i].text, cases[i].n);
            diag("expected %d at %zu, got %d at %zu", cases[i].reason, offset, reason,
                 problem.offset);
        }
        if (reason && (lh_json_root(doc) || problem.reason != reason || !problem.expected))
            ok(false, "a failed scan leaves nothing and says why");
    }
}

static void test_places(void)
{
    const lh_str text = LH_STR("{\n  \"a\": 1,\n  \"b\": x\n}");
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_json_problem problem;
    size_t line = 0;
    size_t column = 0;

    is_int(lh_json_scan(doc, text, &lh_json_page_limits, &problem), LH_JSON_SYNTAX, "bad");
    is_int(lh_json_problem_error(&problem, text, "page", LH_INVALID, &e), LH_INVALID,
           "the code comes back");
    is_str(lh_error_text(&e), "page:3:8: expected a value, found 'x'", "the place in words");
    is_int(lh_json_scan(doc, LH_STR("[1,\n"), &lh_json_page_limits, &problem), LH_JSON_SYNTAX,
           "cut");
    lh_json_problem_error(&problem, LH_STR("[1,\n"), "page", LH_FAILED, &e);
    is_str(lh_error_text(&e), "page:2:1: expected a value, found the end of the text",
           "an early end");
    lh_json_scan(doc, LH_STR("\"\x01\""), &lh_json_page_limits, &problem);
    lh_json_problem_error(&problem, LH_STR("\"\x01\""), "p", LH_FAILED, &e);
    has_str(lh_error_text(&e), "found byte 0x01", "unprintable bytes in hex");
    lh_json_place(LH_STR(""), 99, &line, &column);
    ok(line == 1 && column == 1, "beyond the end is the end");
    is_int(lh_json_scan(doc, LH_STR("1"), &lh_json_page_limits, NULL), LH_JSON_FINE, "good again");
}

/* [[[...]]] with `depth` levels */
static enum lh_json_reason nested(struct lh_json_doc *doc, size_t depth, uint32_t max,
                                  struct lh_json_problem *ret_problem)
{
    struct lh_json_limits limits = {SIZE_MAX, max, UINT32_MAX};
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    lh_buf_fill(&b, '[', depth);
    lh_buf_fill(&b, ']', depth);
    return scan(doc, b.p, b.n, &limits, ret_problem);
}

static void test_limits(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    struct lh_json_limits bytes = {5, 64, 100};
    struct lh_json_limits values = {100, 64, 3};
    struct lh_json_limits none = {100, 0, 0};
    struct lh_json_problem problem = {LH_JSON_FINE, 0, NULL};

    is_int(scan(doc, T("[1,2]"), &bytes, &problem), LH_JSON_FINE, "as many bytes as allowed");
    is_int(scan(doc, T("[1,23]"), &bytes, &problem), LH_JSON_TOO_LARGE, "one more");
    is_int(problem.offset, 5, "the first byte too many");
    is_int(scan(doc, T("[1,2]"), &values, &problem), LH_JSON_FINE, "as many values as allowed");
    is_int(scan(doc, T("[1,2,3]"), &values, &problem), LH_JSON_TOO_LARGE, "one more");
    is_int(problem.offset, 5, "the value too many");
    is_int(scan(doc, T("{\"a\":{}}"), &values, &problem), LH_JSON_FINE, "keys count too");
    is_int(scan(doc, T("{\"a\":{\"b\":1}}"), &values, &problem), LH_JSON_TOO_LARGE, "they do");
    is_int(scan(doc, T("1"), &none, &problem), LH_JSON_TOO_LARGE, "no values at all");
    none.max_values = 5;
    is_int(scan(doc, T("1"), &none, &problem), LH_JSON_FINE, "depth 0 allows scalars");
    is_int(scan(doc, T("[]"), &none, &problem), LH_JSON_TOO_DEEP, "and no container");
    is_int(nested(doc, 64, 64, &problem), LH_JSON_FINE, "as deep as allowed");
    is_int(nested(doc, 65, 64, &problem), LH_JSON_TOO_DEEP, "one deeper");
    is_int(problem.offset, 64, "the bracket too many");
    is_int(nested(doc, 1000000, UINT32_MAX, &problem), LH_JSON_FINE, "a million levels, no stack");
    is_int(lh_json_index(lh_json_root(doc)), 0, "the root of a million levels");
    is_int(nested(doc, 1000000, 64, &problem), LH_JSON_TOO_DEEP, "or not");
}

static void test_spaced(void)
{
    static const struct {
        const char *text;
        bool spaced;
    } texts[] = {{"[1,2]", false},       {" [1,2]\n", false},     {"[1, 2]", true},
                 {"[1 ,2]", true},       {"[ ]", true},           {"{ }", true},
                 {"{\"a b\":1}", false}, {"{\"a\" :1}", true},    {"{\"a\": 1}", true},
                 {"[1\n]", true},        {"[\"a\\n b\"]", false}, {"{\"a\":1\t}", true}};
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    for (size_t i = 0; i < LH_LEN(texts); i++) {
        lh_json_scan(doc, lh_str_z(texts[i].text), &lh_json_page_limits, NULL);
        is_int(lh_json_spaced(doc), texts[i].spaced, texts[i].text);
    }
}

/* --- keys --------------------------------------------------------------------------------- */

static lh_str duplicate_of(struct lh_json_doc *doc, const char *text)
{
    if (lh_json_scan(doc, lh_str_z(text), &lh_json_page_limits, NULL))
        return LH_STR("does not scan");
    return lh_json_raw(lh_json_duplicate(doc));
}

static void test_duplicates(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    is_slice(duplicate_of(doc, "{\"a\":1,\"b\":1,\"c\":[{\"a\":1}]}"), "", "different keys");
    is_slice(duplicate_of(doc, "{\"a\":1,\"a\":2}"), "\"a\"", "the same twice");
    is_slice(duplicate_of(doc, "{\"a\":1,\"\\u0061\":2}"), "\"\\u0061\"",
             "decoded, they are equal");
    is_slice(duplicate_of(doc, "{\"\\u0061\":1,\"a\":2}"), "\"a\"", "the other way round");
    is_slice(duplicate_of(doc, "{\"\\n\":1,\"\\u000a\":2}"), "\"\\u000a\"", "both escaped");
    is_slice(duplicate_of(doc, "{\"\\\\u0061\":1,\"a\":2}"), "",
             "an escaped backslash is no escape");
    is_slice(duplicate_of(doc, "{\"a\":1,\"a\\u0000\":2,\"\":3,\"\\u0000\":4}"), "",
             "NUL is a byte");
    is_slice(duplicate_of(doc, "{\"a\":{\"x\":1,\"x\":2},\"a\":3}"), "\"x\"", "inner before outer");
    is_slice(duplicate_of(doc, "{\"a\":1,\"\\u0061\":{\"x\":1,\"x\":2}}"), "\"\\u0061\"",
             "outer first");
    is_slice(duplicate_of(doc, "{\"0123456789x\":1,\"0123456789y\":2,\"0123456789x\":3}"),
             "\"0123456789x\"", "long keys");
    lh_json_scan(doc, LH_STR("{\"a\":1,\"a\""), &lh_json_page_limits, NULL);
    ok(!lh_json_duplicate(doc), "nothing is left of a failed scan");
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* An object of n different keys; with `again`, the first comes again at the end. */
static double scan_huge(struct lh_json_doc *doc, int n, const char *prefix, bool again)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);
    double begin;

    lh_buf_char(&b, '{');
    for (int i = 0; i < n + again; i++) {
        lh_buf_z(&b, i ? ",\"" : "\"");
        lh_buf_f(&b, "%s%d", prefix, i % n);
        lh_buf_z(&b, "\":0");
    }
    lh_buf_char(&b, '}');
    begin = seconds();
    if (scan(doc, b.p, b.n, &lh_json_page_limits, NULL))
        return 1e9;
    return seconds() - begin;
}

static void test_huge_object(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    int n = getenv("LAKEHOST_VALGRIND") ? 2000 : 200000;
    double small = scan_huge(doc, n / 10, "", false);
    double large = scan_huge(doc, n, "", false);

    ok(!lh_json_duplicate(doc), "%d keys, all different", n);
    diag("%d keys %.4f s, %d keys %.4f s", n / 10, small, n, large);
    ok(large < 1.0, "quadratic would take minutes");
    scan_huge(doc, n, "", true);
    is_int(lh_json_index(lh_json_duplicate(doc)), 2 * n + 1, "one twice is found");
    scan_huge(doc, n, "\\u0061", true);
    is_int(lh_json_index(lh_json_duplicate(doc)), 2 * n + 1, "also when all have escapes");
}

static void test_colliding_keys(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    int n = getenv("LAKEHOST_VALGRIND") ? 200 : 20000;
    double begin;

    colliding_object(&b, n, 0x1234567);
    begin = seconds();
    is_int(scan(doc, b.p, b.n, &lh_json_page_limits, NULL), LH_JSON_FINE, "colliding keys");
    begin = seconds() - begin;
    diag("%d keys with one hash: %.4f s", n, begin);
    ok(begin < 0.25, "no search through all of them for each");
    ok(!lh_json_duplicate(doc), "all different");
    memcpy(b.p + b.n - 13, b.p + 1, 10);
    scan(doc, b.p, b.n, &lh_json_page_limits, NULL);
    is_int(lh_json_index(lh_json_duplicate(doc)), 2 * n - 1, "the last key is the first again");
}

/* --- generated texts ---------------------------------------------------------------------- */

static uint32_t random32(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

static void generate_string(struct lh_buf *b, uint64_t *state)
{
    static const char *const pieces[] = {"a",
                                         "id",
                                         " text ",
                                         "\\n",
                                         "\\\"",
                                         "\\u00e9",
                                         "\xc3\xa9",
                                         "\xe6\x97\xa5",
                                         "\\ud83d\\ude00",
                                         "0123456789abcdef",
                                         "\xf0\x9f\x98\x80",
                                         "\\\\",
                                         "/"};
    uint32_t n = random32(state) % 5;

    lh_buf_char(b, '"');
    while (n--)
        lh_buf_z(b, pieces[random32(state) % LH_LEN(pieces)]);
    lh_buf_char(b, '"');
}

static void generate(struct lh_buf *b, uint64_t *state, int depth)
{
    static const char *const leaves[] = {"null", "true", "false", "0",    "-1",          "19.99",
                                         "1e3",  "[]",   "{}",    "-0.5", "12345678901", "1E-2"};
    static const char *const spaces[] = {"", "", "", " ", "\n  ", "\t"};
    uint32_t kind = depth ? random32(state) % 6 : random32(state) % 2;
    uint32_t n = random32(state) % 6;

    if (kind == 0) {
        generate_string(b, state);
        return;
    }
    if (kind < 3) {
        lh_buf_z(b, leaves[random32(state) % LH_LEN(leaves)]);
        return;
    }
    lh_buf_char(b, kind == 3 ? '[' : '{');
    for (uint32_t i = 0; i < n; i++) {
        lh_buf_z(b, i ? "," : "");
        lh_buf_z(b, spaces[random32(state) % LH_LEN(spaces)]);
        if (kind != 3) {
            generate_string(b, state);
            lh_buf_z(b, random32(state) % 4 ? ":" : " : ");
        }
        generate(b, state, depth - 1);
    }
    lh_buf_z(b, spaces[random32(state) % LH_LEN(spaces)]);
    lh_buf_char(b, kind == 3 ? ']' : '}');
}

/* The value as jansson has it, from the tape; numbers are compared as jansson reads their text. */
static bool same(const struct lh_json *v, const json_t *j)
{
    const struct lh_json *member = NULL;
    lh_str text = lh_json_str(v);
    lh_str key = LH_STR("");
    size_t i = 0;

    switch (lh_json_kind(v)) {
    case LH_JSON_NULL:
        return json_is_null(j);
    case LH_JSON_TRUE:
        return json_is_true(j);
    case LH_JSON_FALSE:
        return json_is_false(j);
    case LH_JSON_NUMBER: {
        json_t *number = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
        bool equal = number && json_equal(number, j);

        json_decref(number);
        return equal;
    }
    case LH_JSON_STRING:
        return json_is_string(j) &&
               lh_str_eq(text, lh_str_n(json_string_value(j), json_string_length(j)));
    case LH_JSON_ARRAY:
        while ((member = lh_json_next(v, member, NULL)))
            if (!same(member, json_array_get(j, i++)))
                return false;
        return json_is_array(j) && json_array_size(j) == i && lh_json_count(v) == i;
    default:
        while ((member = lh_json_next(v, member, &key))) {
            if (!same(lh_json_get(v, key), json_object_getn(j, key.p, key.n)))
                return false;
            i++;
        }
        return json_is_object(j) && json_object_size(j) == i && lh_json_count(v) == i;
    }
}

/* Every entry knows its index, and lies within the one around it. */
static bool consistent(const struct lh_json_doc *doc)
{
    size_t n = 0;
    const struct lh_json *tape = lh_json_tape(doc, &n);
    lh_str text = lh_json_text(doc);

    for (uint32_t i = 0; i < n; i++) {
        const struct lh_json *member = NULL;
        lh_str raw = lh_json_raw(&tape[i]);

        if (lh_json_at(doc, lh_json_index(&tape[i])) != &tape[i] || lh_json_index(&tape[i]) != i)
            return false;
        if (raw.p != text.p + tape[i].start || tape[i].start + (size_t)tape[i].len > text.n)
            return false;
        while ((member = lh_json_next(&tape[i], member, NULL)))
            if (member->start <= tape[i].start ||
                member->start + member->len >= tape[i].start + tape[i].len)
                return false;
    }
    return true;
}

/*
 * Where jansson differs on purpose or by weakness, and only there, we may accept what it refuses:
 * numbers beyond 64 bits or beyond a double, NUL in a key, equal keys, more than 2048 levels.
 */
static bool known_difference(const struct lh_json_doc *doc, const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
           code == json_error_stack_overflow ||
           (code == json_error_duplicate_key && lh_json_duplicate(doc));
}

static bool agrees(struct lh_json_doc *doc, const char *p, size_t n)
{
    char *exact lh_autofree = lh_xmalloc(n ? n : 1);
    json_error_t error = {0};
    json_t *j = json_loadb(p, n, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    enum lh_json_reason reason;
    bool good;

    memcpy(exact, p, n);
    reason = lh_json_scan(doc, lh_str_n(exact, n), &lh_json_page_limits, NULL);
    if (reason)
        good = !j;
    else if (j)
        good = same(lh_json_root(doc), j) && !lh_json_duplicate(doc) && consistent(doc);
    else
        good = known_difference(doc, &error) && consistent(doc);
    if (!good) {
        tap_show("text", p, n);
        diag("reason %d, jansson: %s", reason, j ? "accepts" : error.text);
    }
    json_decref(j);
    return good;
}

static void test_like_jansson(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(1 << 20);
    uint64_t state = UINT64_C(0x2545f4914f6cdd1d);
    int whole = 0;
    int mutated = 0;

    for (int i = 0; i < 1000; i++) {
        lh_buf_reset(&b);
        generate(&b, &state, 5);
        whole += agrees(doc, lh_buf_text(&b), b.n);
        for (uint32_t edits = 1 + random32(&state) % 2; edits && b.n; edits--)
            b.p[random32(&state) % b.n] = "\"\\{}[],:0e.-u\x80\xc3 \n\x01x"[random32(&state) % 20];
        mutated += agrees(doc, lh_buf_text(&b), b.n);
    }
    is_int(whole, 1000, "generated texts are read as jansson reads them");
    is_int(mutated, 1000, "damaged texts are judged as jansson judges them");
}

static void test_known_differences(void)
{
    static const char *const texts[] = {"[9223372036854775808]", "[1e400]", "{\"a\\u0000b\":1}"};
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    struct lh_json_problem problem;

    for (size_t i = 0; i < LH_LEN(texts); i++) {
        json_t *j = json_loads(texts[i], JSON_ALLOW_NUL, NULL);

        ok(!j && !lh_json_scan(doc, lh_str_z(texts[i]), &lh_json_page_limits, NULL),
           "jansson refuses what is fine: %s", texts[i]);
        json_decref(j);
    }
    is_int(nested(doc, 2049, 4096, &problem), LH_JSON_FINE, "2049 levels, one more than jansson's");
}

int main(void)
{
    RUN(test_grammar);
    RUN(test_places);
    RUN(test_limits);
    RUN(test_spaced);
    RUN(test_duplicates);
    RUN(test_huge_object);
    RUN(test_colliding_keys);
    RUN(test_like_jansson);
    RUN(test_known_differences);
    return tap_done();
}
