/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tap.h"
#include "yaml/yaml.h"

#include <stdlib.h>

static char *write_json(const char *json, const struct lh_yaml_style *style)
{
    json_auto_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (!value)
        return lh_xstrdup("the test's JSON is wrong");
    if (lh_yaml_write(&b, value, style, &e))
        return lh_xstrdup(lh_error_text(&e));
    return lh_buf_take(&b);
}

static void test_documents(void)
{
    static const char *const cases[][2] = {
        {"{}", "{}\n"},
        {"[]", "[]\n"},
        {"null", "null\n"},
        {"\"a\"", "a\n"},
        {"\"\"", "\"\"\n"},
        {"1.0", "1.0\n"},
        {"{\"b\": 1, \"a\": [true, null, {\"x\": {}, \"z\": []}]}",
         "b: 1\na:\n- true\n- null\n- x: {}\n  z: []\n"},
        {"[[1, [2]], []]", "- - 1\n  - - 2\n- []\n"},
        {"[-9223372036854775808, 9223372036854775807, 1e5, 19.99, 1e300, -0.0]",
         "- -9223372036854775808\n- 9223372036854775807\n- 100000.0\n- 19.99\n- 1.0e+300\n- -0.0\n"},
        {"{\"on\": \"no\", \"1\": \"1\", \"<<\": \"=\", \"\": \"\"}",
         "\"on\": \"no\"\n\"1\": \"1\"\n\"<<\": \"=\"\n\"\": \"\"\n"},
        {"{\"q\": \"SELECT 1\\n  FROM t\\n\", \"r\": \"a\\n\\nb\"}",
         "q: |\n  SELECT 1\n    FROM t\nr: |-\n  a\n\n  b\n"},
        {"[\"a \\nb\", \"a\\n\\n\", \" a\\nb\", \"\\n\", \"a\\r\\nb\", \"a\\n\\tb\"]",
         "- \"a \\nb\"\n- \"a\\n\\n\"\n- \" a\\nb\"\n- \"\\n\"\n- \"a\\r\\nb\"\n- \"a\\n\\tb\"\n"},
        {"[\"\\u0007\", \"\\u0085\", \"\\u2028\", \"\\ufeff\", \"\\u00a0\", \"\xc3\xa9\"]",
         "- \"\\a\"\n- \"\\N\"\n- \"\\L\"\n- \"\\uFEFF\"\n- \"\xc2\xa0\"\n- \xc3\xa9\n"},
        {"[\"\xf0\x9f\x98\x80\"]", "- \"\\U0001F600\"\n"},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        char *got lh_autofree = write_json(cases[i][0], NULL);

        is_str(got, cases[i][1], cases[i][0]);
    }
}

static void test_width(void)
{
    lh_auto(lh_buf) json = LH_BUF_INIT(LH_BUF_TEXT);
    char *got lh_autofree = NULL;

    lh_buf_z(&json, "[\"plain");
    for (int i = 0; i < 500; i++)
        lh_buf_z(&json, " words");
    lh_buf_z(&json, "\", \"- quoted");
    for (int i = 0; i < 500; i++)
        lh_buf_z(&json, " words");
    lh_buf_z(&json, "\"]");
    got = write_json(lh_buf_text(&json), NULL);
    is_int(strchr(got, '\n') - got, 2 + 5 + 500 * 6, "the plain one is not folded");
    is_int(strlen(got), (2 + 5 + 3000 + 1) + (2 + 2 + 8 + 3000 + 1), "nor the quoted one");
}

static void test_style(void)
{
    static const struct lh_yaml_style sorted = {.sort_keys = true};
    static const struct lh_yaml_style comment = {.comment = "Made by x.\n\nDo not\redit\xe2\x80\xa8"
                                                            "a: 1\xf0\x9f\x98\x80"};
    static const struct lh_yaml_style ends = {.comment = "one\n"};
    char *a lh_autofree = write_json("{\"b\": {\"z\": 1, \"y\": 2}, \"a\": 1, \"B\": 0}", &sorted);
    char *b lh_autofree = write_json("{\"k\": 1}", &comment);
    char *c lh_autofree = write_json("1", &ends);

    is_str(a, "B: 0\na: 1\nb:\n  \"y\": 2\n  z: 1\n", "sorted at all levels");
    is_str(b, "# Made by x.\n#\n# Do not edit a: 1\xf0\x9f\x98\x80\nk: 1\n",
           "a comment that cannot break out");
    is_str(c, "# one\n1\n", "the last line feed makes no line");
}

static void test_needs_quotes(void)
{
    static const lh_str yes[] = {
        LH_STR_INIT(""),
        LH_STR_INIT(" "),
        LH_STR_INIT("a "),
        LH_STR_INIT(" a"),
        LH_STR_INIT("null"),
        LH_STR_INIT("nUll"),
        LH_STR_INIT("~"),
        LH_STR_INIT("True"),
        LH_STR_INIT("yes"),
        LH_STR_INIT("NO"),
        LH_STR_INIT("on"),
        LH_STR_INIT("Off"),
        LH_STR_INIT("y"),
        LH_STR_INIT("N"),
        LH_STR_INIT("0"),
        LH_STR_INIT("-1"),
        LH_STR_INIT("+1"),
        LH_STR_INIT("0123"),
        LH_STR_INIT("1_000"),
        LH_STR_INIT("0x1F"),
        LH_STR_INIT("0o17"),
        LH_STR_INIT("0b1"),
        LH_STR_INIT("1e3"),
        LH_STR_INIT(".5"),
        LH_STR_INIT(".inf"),
        LH_STR_INIT("-.INF"),
        LH_STR_INIT(".nan"),
        LH_STR_INIT("12:30:45"),
        LH_STR_INIT("2024-01-01"),
        LH_STR_INIT("<<"),
        LH_STR_INIT("="),
        LH_STR_INIT("-"),
        LH_STR_INIT("- a"),
        LH_STR_INIT("---"),
        LH_STR_INIT("..."),
        LH_STR_INIT("? a"),
        LH_STR_INIT(": a"),
        LH_STR_INIT("a:"),
        LH_STR_INIT("a: b"),
        LH_STR_INIT("a #b"),
        LH_STR_INIT("#a"),
        LH_STR_INIT("[a"),
        LH_STR_INIT("{a"),
        LH_STR_INIT("]"),
        LH_STR_INIT("}"),
        LH_STR_INIT(","),
        LH_STR_INIT("&a"),
        LH_STR_INIT("*a"),
        LH_STR_INIT("!a"),
        LH_STR_INIT("|"),
        LH_STR_INIT(">"),
        LH_STR_INIT("'a"),
        LH_STR_INIT("\"a"),
        LH_STR_INIT("%a"),
        LH_STR_INIT("@a"),
        LH_STR_INIT("`a"),
        LH_STR_INIT("a\tb"),
        LH_STR_INIT("a\nb"),
        LH_STR_INIT("a\x07"),
        LH_STR_INIT("a\0b"),
        LH_STR_INIT("a\x7f"),
        LH_STR_INIT("a\xc2\x85"),
        LH_STR_INIT("\xc2\xa0"),
        LH_STR_INIT("a\xe2\x80\xa8z"),
        LH_STR_INIT("a\xef\xbb\xbfz"),
        LH_STR_INIT("a\xff"),
        LH_STR_INIT("\xf0\x9f\x98\x80"),
    };
    static const lh_str no[] = {
        LH_STR_INIT("a"),
        LH_STR_INIT("abc def"),
        LH_STR_INIT("_x"),
        LH_STR_INIT("a-b.c/d"),
        LH_STR_INIT("/Workspace/a b"),
        LH_STR_INIT("${var.x}"),
        LH_STR_INIT("a:b"),
        LH_STR_INIT("a#b"),
        LH_STR_INIT("https://a/b?c=d#e"),
        LH_STR_INIT("it's"),
        LH_STR_INIT("say \"hi\""),
        LH_STR_INIT("nothing"),
        LH_STR_INIT("yesterday"),
        LH_STR_INIT("\xc3\xa9t\xc3\xa9"),
        LH_STR_INIT("a[0], {b}"),
    };

    for (size_t i = 0; i < LH_LEN(yes); i++)
        if (!ok(lh_yaml_needs_quotes(yes[i]), "string %zu is quoted", i))
            tap_show("string", yes[i].p, yes[i].n);
    for (size_t i = 0; i < LH_LEN(no); i++)
        ok(!lh_yaml_needs_quotes(no[i]), "plain: %.*s", LH_STR_ARG(no[i]));
    ok(lh_yaml_needs_quotes(lh_str_n(NULL, 0)), "the empty slice");
}

/* A failure leaves what was there and takes back what it wrote. */
static void check_failure(json_t *value, int code, const char *message)
{
    json_auto_t *root = json_pack("{s:s, s:o}", "first", "written", "then", value);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_buf_z(&b, "before\n");
    is_int(lh_yaml_write(&b, root, NULL, &e), code, message);
    has_str(lh_error_text(&e), message, "says why");
    is_str(lh_buf_text(&b), "before\n", "and leaves the text as it was");
}

static json_t *nested(size_t levels)
{
    json_t *value = json_array();

    while (--levels > 0)
        value = json_pack("[o]", value);
    return value;
}

static void test_failures(void)
{
    json_auto_t *deepest = nested(LH_YAML_DEPTH);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) small = LH_BUF_INIT(12);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    check_failure(json_stringn("a\0b", 3), LH_INVALID, "NUL");
    check_failure(json_string_nocheck("a\xff"), LH_INVALID, "not UTF-8");
    check_failure(nested(LH_YAML_DEPTH), LH_INVALID, "more than 32 levels");
    is_int(lh_yaml_write(&b, deepest, NULL, &e), 0, "32 levels are written");
    lh_buf_z(&small, "before\n");
    is_int(lh_yaml_write(&small, deepest, NULL, &e), LH_FAILED, "no room");
    is_str(lh_error_text(&e), "write YAML: the text has more than 12 bytes", "says the limit");
    is_str(lh_buf_text(&small), "before\n", "taken back");
    ok(small.failed, "and the buffer knows");
}

/* Whatever the depth and style, what is written reads back. */
static void test_reads_back(void)
{
    json_auto_t *deepest = nested(LH_YAML_DEPTH);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_document) d = {0};

    is_int(lh_yaml_write(&b, deepest, NULL, &e), 0, "written");
    is_int(lh_yaml_parse(&d, lh_buf_slice(&b), "f", &e), 0, "read");
    ok(json_equal(d.root, deepest), "equal");
}

int main(void)
{
    RUN(test_documents);
    RUN(test_width);
    RUN(test_style);
    RUN(test_needs_quotes);
    RUN(test_failures);
    RUN(test_reads_back);
    return tap_done();
}
