/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tap.h"
#include "yaml/yaml.h"

#include <stdlib.h>
#include <time.h>

/* What a text is refused with, or its tree as JSON. */
static char *parse(lh_str text)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (lh_yaml_parse(&d, text, "f", &e) == 0)
        return lh_document_dump(d.root, 0);
    if (e.code != LH_INVALID || d.root || d.name || d.places)
        return lh_xstrdup("wrong code, or not untouched on failure");
    return lh_xstrdup(lh_error_text(&e));
}

struct parse_case {
    lh_str text;
    const char *result;
};

static void run_cases(const struct parse_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *got lh_autofree = parse(cases[i].text);

        is_str(got, cases[i].result, "text:");
        if (strcmp(got, cases[i].result) != 0)
            tap_show("text", cases[i].text.p, cases[i].text.n);
    }
}

#define YAML(text, result)                                                                         \
    {                                                                                              \
        LH_STR_INIT(text), result                                                                  \
    }

static void test_structure(void)
{
    static const struct parse_case cases[] = {
        YAML("", "null"),
        YAML("# nothing\n", "null"),
        YAML("---\n", "null"),
        YAML("---\na: 1\n...\n", "{\"a\": 1}"),
        YAML("\xef\xbb\xbf"
             "a: 1",
             "{\"a\": 1}"),
        YAML("a:\r\n- x\r\n- z\r\n", "{\"a\": [\"x\", \"z\"]}"),
        YAML("a:\n  - {b: [], c: {}}\n  -\n", "{\"a\": [{\"b\": [], \"c\": {}}, null]}"),
        YAML("- - 1\n  - 2\n- 3\n", "[[1, 2], 3]"),
        YAML("{\"a\": [1, true], 'b': \"\\u00e9\"}", "{\"a\": [1, true], \"b\": \"\xc3\xa9\"}"),
        YAML("? k\n: v\n? w\n", "{\"k\": \"v\", \"w\": null}"),
        YAML("a: |\n  x\n   y\nb: >-\n  p\n  q\n", "{\"a\": \"x\\n y\\n\", \"b\": \"p q\"}"),
        YAML("on: 1\ntrue: 2\n3: 4\nno: 5\n", "{\"3\": 4, \"no\": 5, \"on\": 1, \"true\": 2}"),
        YAML("\"\": 1\n\"<<\": 2\n'null': 3\n", "{\"\": 1, \"<<\": 2, \"null\": 3}"),
        YAML("x: ${var.a}\ny: a#b\n", "{\"x\": \"${var.a}\", \"y\": \"a#b\"}"),
    };

    run_cases(cases, LH_LEN(cases));
}

static void test_plain(void)
{
    static const struct parse_case cases[] = {
        YAML("[~, null, Null, NULL]", "[null, null, null, null]"),
        YAML("[true, True, TRUE, false, False, FALSE]", "[true, true, true, false, false, false]"),
        YAML("[nULL, tRUE, TRue, yEs, nO]", "[\"nULL\", \"tRUE\", \"TRue\", \"yEs\", \"nO\"]"),
        YAML("[0, -0, +1, -12, 9223372036854775807, -9223372036854775808]",
             "[0, 0, 1, -12, 9223372036854775807, -9223372036854775808]"),
        YAML("[0o17, 0x1F, 0xff, 0x7fffffffffffffff]", "[15, 31, 255, 9223372036854775807]"),
        YAML("[0o18, 0xG, 0o, 0x, -0x1F, 0b101, 0O7, 0X7]",
             "[\"0o18\", \"0xG\", \"0o\", \"0x\", \"-0x1F\", \"0b101\", \"0O7\", \"0X7\"]"),
        YAML("[1.5, .5, 1., 1e3, 1E-3, +1.0e+5, -0.0, 0.1, 00.5]",
             "[1.5, 0.5, 1.0, 1000.0, 0.001, 100000.0, -0.0, 0.1, 0.5]"),
        YAML("[., +, e3, 1e, 1e+, 1.2.3, .e1, 1.5x]",
             "[\".\", \"+\", \"e3\", \"1e\", \"1e+\", \"1.2.3\", \".e1\", \"1.5x\"]"),
        YAML("[1_000, 12:30:45, 2024-01-01, =, ., infinity]",
             "[\"1_000\", \"12:30:45\", \"2024-01-01\", \"=\", \".\", \"infinity\"]"),
        YAML("['1', \"true\", 'no', '', '~', '0123', '.inf']",
             "[\"1\", \"true\", \"no\", \"\", \"~\", \"0123\", \".inf\"]"),
        YAML("|\n  1\n", "\"1\\n\""),
        YAML("1e-400", "0.0"),
    };

    run_cases(cases, LH_LEN(cases));
}

/* Each trap by itself, with the part of the message that helps. */
static void test_traps(void)
{
    static const char *const booleans[] = {"yes", "Yes", "YES", "no",  "No", "NO", "on", "On",
                                           "ON",  "off", "Off", "OFF", "y",  "Y",  "n",  "N"};
    static const char *const cases[][2] = {
        {"0123", "leading zero"},
        {"00", "leading zero"},
        {"-007", "leading zero"},
        {"08", "leading zero"},
        {"9223372036854775808", "quotes to keep its digits"},
        {"-9223372036854775809", "quotes to keep its digits"},
        {"99999999999999999999999999", "quotes to keep its digits"},
        {"0x8000000000000000", "quotes to keep its digits"},
        {"0xffffffffffffffffff", "quotes to keep its digits"},
        {"0o1000000000000000000000", "quotes to keep its digits"},
        {"1e400", "no double can hold"},
        {"-1.0E+999", "no double can hold"},
        {".inf", "infinity or a NaN"},
        {"-.INF", "infinity or a NaN"},
        {"+.Inf", "infinity or a NaN"},
        {".nan", "infinity or a NaN"},
        {".NaN", "infinity or a NaN"},
    };

    for (size_t i = 0; i < LH_LEN(booleans); i++) {
        char *text lh_autofree = lh_xasprintf("a:\n  b: %s # c\n", booleans[i]);
        char *got lh_autofree = parse(lh_str_z(text));

        has_str(got, "f:2:6: found a word that is a boolean to some readers", booleans[i]);
    }
    for (size_t i = 0; i < LH_LEN(cases); i++) {
        char *text lh_autofree = lh_xasprintf("a: %s", cases[i][0]);
        char *got lh_autofree = parse(lh_str_z(text));

        has_str(got, cases[i][1], cases[i][0]);
        has_str(got, "f:1:4: found", "with its place");
    }
}

/* The beginning of the message is enough: place, and what was found. */
static void test_refusals(void)
{
    static const struct parse_case cases[] = {
        YAML("a: &x 1\n", "f:1:4: found an anchor (&)"),
        YAML("- &x [1]\n", "f:1:3: found an anchor (&)"),
        YAML("&x {a: 1}\n", "f:1:1: found an anchor (&)"),
        YAML("a: 1\nb: *a\n", "f:2:4: found an alias (*)"),
        YAML("&a [*a, 1]", "f:1:1: found an anchor (&)"),
        YAML("a: !!str 1\n", "f:1:4: found a tag (!)"),
        YAML("a: ! 1\n", "f:1:4: found a tag (!)"),
        YAML("!x [1]\n", "f:1:1: found a tag (!)"),
        YAML("a: !x {b: 1}\n", "f:1:4: found a tag (!)"),
        YAML("a: 1\n<<: {b: 2}\n", "f:2:1: found a merge key (<<)"),
        YAML("a: 1\n---\nb: 2\n", "f:2:1: found a second document"),
        YAML("a\n...\nb\n", "f:3:1: expected the end of the text"),
        YAML("%YAML 1.1\n---\na: 1\n", "f:1:1: found a directive (%)"),
        YAML("%TAG ! x\n---\na: 1\n", "f:1:1: found a directive (%)"),
        YAML("a: 1\nb:\n  c: 2\na: 3\n", "f:4:1: found the key \"a\" twice, first at 1:1"),
        YAML("x:\n  {k: 1, j: 2,\n   'k': 3}\n", "f:3:4: found the key \"k\" twice, first at 2:4"),
        YAML("{a/b: 1, ~b: 2, \"a/b\": 3}", "f:1:17: found the key \"a/b\" twice, first at 1:2"),
        YAML("~: 1\n", "f:1:1: found an empty or null key"),
        YAML("? \n: 1\n", "f:1:2: found an empty or null key"),
        YAML("null: 1\n", "f:1:1: found an empty or null key"),
        YAML("? [a]\n: 1\n", "f:1:3: found a list or map as a key"),
        YAML("{{a: 1}: 2}\n", "f:1:2: found a list or map as a key"),
        YAML("{{ var }}\n", "f:1:2: found a list or map as a key"),
        YAML("a: \"x\\0y\"\n", "f:1:4: found a NUL in a string"),
        YAML("\"x\\0y\": 1\n", "f:1:1: found a NUL in a string"),
        YAML("a: \0\n", "f:1:4: found the character U+0000"),
        YAML("a: x\x07\n", "f:1:5: found the character U+0007"),
        YAML("a: 1\nb: \xc3\xa9\xff\n", "f:2:6: found the byte 0xff, expected UTF-8"),
        YAML("a:\n\tb: 1\n", "f:2:1: found a tab, expected spaces"),
        YAML("a: b: c\n", "f:1:5: found ':' where no key can stand"),
        YAML("a: - b\n", "f:1:4: found '-' where no list can begin"),
        YAML("a: @b\n", "f:1:4: found a character that cannot begin a value"),
        YAML("a: `b`\n", "f:1:4: found a character that cannot begin a value"),
        YAML("a: [1, 2\nb: 3\n", "f:2:2: expected ',' or ']'"),
        YAML("a: \"x\n", "f:2:1: found the end of the text in a string in quotes"),
        YAML("a: \"\\q\"\n", "f:1:5: found a backslash that begins no escape"),
        YAML("a: 1\n b: 2\n", "f:2:3: found ':' where no key can stand"),
        YAML("\xc3\xa9: {\xc3\xa9: *x}\n", "f:1:10: found an alias"),
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        char *got lh_autofree = parse(cases[i].text);

        if (!ok(strncmp(got, cases[i].result, strlen(cases[i].result)) == 0, "refused: %s",
                cases[i].result))
            diag("got: %s", got);
    }
}

static void test_places(void)
{
    static const struct {
        const char *pointer;
        size_t line, column;
    } cases[] = {
        {"", 2, 1},       {"/a", 2, 4},           {"/b", 4, 3}, {"/b/c", 4, 6},   {"/b/d/0", 6, 5},
        {"/b/d/1", 7, 5}, {"/b/d/1/e~1f", 7, 18}, {"/g", 9, 3}, {"/b/d/9", 6, 3},
    };
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str text = LH_STR("# c\n"
                         "a: 1\r\n"
                         "b:\n"
                         "  c: x\n"
                         "  d:\n"
                         "  - 1\n"
                         "  - {\xc3\xa9: 1, e/f: 2}\n"
                         "g:\n"
                         "  - z\n");

    is_int(lh_yaml_parse(&d, text, "n.yaml", &e), 0, "read");
    is_str(d.name, "n.yaml", "the name");
    for (size_t i = 0; i < LH_LEN(cases); i++) {
        size_t line;
        size_t column;

        lh_document_place(&d, cases[i].pointer, &line, &column);
        if (!ok(line == cases[i].line && column == cases[i].column, "place of '%s'",
                cases[i].pointer))
            diag("expected %zu:%zu, got %zu:%zu", cases[i].line, cases[i].column, line, column);
    }
}

/* --- limits ------------------------------------------------------------------------------- */

static char *repeat(const char *part, size_t times, const char *end)
{
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)4 << 20);

    for (size_t i = 0; i < times; i++)
        lh_buf_z(&b, part);
    lh_buf_z(&b, end);
    return lh_buf_take(&b);
}

static char *parse_repeated(const char *part, size_t times, const char *end)
{
    char *text lh_autofree = repeat(part, times, end);

    return parse(lh_str_z(text));
}

static void test_limits(void)
{
    char *deep lh_autofree = parse_repeated("[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    char *deeper lh_autofree = parse_repeated("[", 33, "");
    char *block lh_autofree = parse_repeated("- ", 33, "1");
    char *full lh_autofree = parse_repeated("\n", LH_YAML_BYTES - 1, "1");
    char *over lh_autofree = parse_repeated("\n", LH_YAML_BYTES, "1");
    /* start and end of stream, document and list are six more */
    char *events lh_autofree = parse_repeated("- 1\n", LH_YAML_EVENTS - 6, "");
    char *more lh_autofree = parse_repeated("- 1\n", LH_YAML_EVENTS - 5, "");

    has_str(deep, "[[[", "32 levels");
    has_str(deeper, "f:1:33: found more than 32 levels", "not 33");
    has_str(block, "f:1:65: found more than 32 levels", "in block style too");
    is_str(full, "1", "1 MiB");
    is_str(over, "f: found 1048577 bytes, expected at most 1048576", "and not a byte more");
    has_str(events, "1, 1, 1", "100,000 events");
    has_str(more, "found more than 100000 values", "and not more");
}

/* Inputs that cost libyaml, or a naive user of it, seconds to hours. */
static void test_bombs(void)
{
    static const struct {
        const char *part;
        size_t times;
        const char *end;
    } bombs[] = {
        {"[", 80000, ""},
        {"{", 80000, ""},
        {"[\n", 500000, ""},
        {"- ", 500000, ""},
        {"? ", 500000, ""},
        {"a: ", 300000, ""},
        {"[? ", 300000, ""},
        {"{a: ", 250000, ""},
        {"%TAG !a! b\n", 90000, ""},
        {"x\n...\n%TAG ! a\n%TAG !b! c\n", 40000, ""},
        {"- \n", 300000, ""},
        {"\"\n", 500000, ""},
        {"1", 1000000, ""},
        {"1", 1000000, ".0e-1000000"},
        {"#\n", 500000, "[["},
        {"a ", 500000, ": b"},
        {"'a\n", 300000, ""},
    };

    for (size_t i = 0; i < LH_LEN(bombs); i++) {
        clock_t start = clock();
        char *got lh_autofree = parse_repeated(bombs[i].part, bombs[i].times, bombs[i].end);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

        if (!ok(seconds < 2.0, "bomb %zu ends soon", i))
            diag("%.2f s: %.100s", seconds, got);
    }
}

int main(void)
{
    RUN(test_structure);
    RUN(test_plain);
    RUN(test_traps);
    RUN(test_refusals);
    RUN(test_places);
    RUN(test_limits);
    RUN(test_bombs);
    return tap_done();
}
