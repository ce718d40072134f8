/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schema/schema.h"
#include "tap.h"

#include <jansson.h>
#include <stdlib.h>

/* --- types, one by one -------------------------------------------------------------------- */

static const struct {
    const char *ddl;     /* as read */
    const char *written; /* as written again; NULL: the same */
    const char *json;    /* its "type" in StructType JSON */
} type_cases[] = {
    {"boolean", NULL, "\"boolean\""},
    {"tinyint", NULL, "\"byte\""},
    {"BYTE", "tinyint", "\"byte\""},
    {"SmallInt", "smallint", "\"short\""},
    {"short", "smallint", "\"short\""},
    {"int", NULL, "\"integer\""},
    {"INTEGER", "int", "\"integer\""},
    {"bigint", NULL, "\"long\""},
    {"long", "bigint", "\"long\""},
    {"float", NULL, "\"float\""},
    {"real", "float", "\"float\""},
    {"double", NULL, "\"double\""},
    {"decimal", "decimal(10,0)", "\"decimal(10,0)\""},
    {"dec(5)", "decimal(5,0)", "\"decimal(5,0)\""},
    {"numeric ( 38 , 38 )", "decimal(38,38)", "\"decimal(38,38)\""},
    {"decimal(1,0)", NULL, "\"decimal(1,0)\""},
    {"string", NULL, "\"string\""},
    {"string collate UNICODE_CI", "string COLLATE UNICODE_CI", "\"string\""},
    {"char(3)", NULL, "\"char(3)\""},
    {"character(3)", "char(3)", "\"char(3)\""},
    {"varchar(2147483647)", NULL, "\"varchar(2147483647)\""},
    {"binary", NULL, "\"binary\""},
    {"date", NULL, "\"date\""},
    {"timestamp", NULL, "\"timestamp\""},
    {"timestamp_ltz", "timestamp", "\"timestamp\""},
    {"timestamp_ntz", NULL, "\"timestamp_ntz\""},
    {"void", NULL, "\"void\""},
    {"variant", NULL, "\"variant\""},
    {"interval", NULL, "\"interval\""},
    {"interval year", NULL, "\"interval year\""},
    {"interval month", NULL, "\"interval month\""},
    {"INTERVAL YEAR TO MONTH", "interval year to month", "\"interval year to month\""},
    {"interval day", NULL, "\"interval day\""},
    {"interval day to second", NULL, "\"interval day to second\""},
    {"interval hour to minute", NULL, "\"interval hour to minute\""},
    {"interval second", NULL, "\"interval second\""},
    {"array<int>", NULL, "{\"containsNull\":true,\"elementType\":\"integer\",\"type\":\"array\"}"},
    {" ARRAY < ARRAY<int>>\t", "array<array<int>>",
     "{\"containsNull\":true,\"elementType\":{\"containsNull\":true,\"elementType\":\"integer\","
     "\"type\":\"array\"},\"type\":\"array\"}"},
    {"map<string, decimal(3,1)>", "map<string,decimal(3,1)>",
     "{\"keyType\":\"string\",\"type\":\"map\",\"valueContainsNull\":true,\"valueType\":\"decimal("
     "3,1)\"}"},
    {"struct<>", NULL, "{\"fields\":[],\"type\":\"struct\"}"},
    {"struct<a int, b:string not null>", "struct<a: int, b: string NOT NULL>",
     "{\"fields\":[{\"metadata\":{},\"name\":\"a\",\"nullable\":true,\"type\":\"integer\"},"
     "{\"metadata\":{},\"name\":\"b\",\"nullable\":false,\"type\":\"string\"}],\"type\":"
     "\"struct\"}"},
};

static void check_type_json(const char *ddl, const char *want)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_auto(lh_buf) json = LH_BUF_INIT(LH_BUF_TEXT);
    char *whole lh_autofree = lh_xasprintf("{\"fields\":[{\"metadata\":{},\"name\":\"x\","
                                           "\"nullable\":true,\"type\":%s}],\"type\":\"struct\"}",
                                           want);

    if (strstr(ddl, "collate"))
        return; /* has metadata; test_json looks at it */
    lh_schema_add(s, LH_STR("x"), lh_str_z(ddl), LH_STR(""), 0, NULL);
    lh_schema_write_json(&json, s, 0);
    is_str(lh_buf_text(&json), whole, ddl);
}

static void test_types(void)
{
    for (size_t i = 0; i < LH_LEN(type_cases); i++) {
        lh_auto(lh_arena) arena = LH_ARENA_INIT;
        lh_auto(lh_error) e = LH_ERROR_INIT;
        lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
        const char *ddl = type_cases[i].ddl;
        const struct lh_type *type = NULL;

        ok(lh_type_parse_ddl(&arena, lh_str_z(ddl), &type, &e) == LH_DONE, "%s: %s", ddl,
           lh_error_text(&e));
        if (!type)
            continue;
        lh_type_write_ddl(&text, type);
        is_str(lh_buf_text(&text), type_cases[i].written ? type_cases[i].written : ddl, ddl);
        check_type_json(ddl, type_cases[i].json);
    }
}

/* --- what is refused, and how it is said -------------------------------------------------- */

static const struct {
    const char *ddl, *message;
} type_errors[] = {
    {"", "column 1: expected a type, found the end"},
    {"   ", "column 4: expected a type, found the end"},
    {"strng", "column 1: expected a type, found \"strng\""},
    {"`int`", "column 1: expected a type, found \"`int`\""},
    {"array", "column 6: expected \"<\", found the end"},
    {"array<>", "column 7: expected a type, found \">\""},
    {"array<int", "column 10: expected \">\", found the end"},
    {"array<int,int>", "column 10: expected \">\", found \",\""},
    {"map<int>", "column 8: expected \",\", found \">\""},
    {"struct<abcdef: int)>", "column 19: expected \">\" or \",\", found \")\""},
    {"struct<a>", "column 9: expected a type, found \">\""},
    {"struct", "column 7: expected \"<\", found the end"},
    {"int int", "column 5: expected the end, found \"int\""},
    {"int NOT NULL", "column 5: expected the end, found \"NOT\""},
    {"decimal(0,0)", "column 9: expected a number from 1 to 38, found \"0\""},
    {"decimal(39,0)", "column 9: expected a number from 1 to 38, found \"39\""},
    {"decimal(4,5)", "column 11: expected a number from 0 to 4, found \"5\""},
    {"decimal(4,-1)", "column 11: expected a number from 0 to 4, found \"-\""},
    {"decimal(4 4)", "column 11: expected \",\" or \")\", found \"4\""},
    {"decimal(99999999999)", "column 9: expected a number from 1 to 38, found \"99999999999\""},
    {"char", "column 5: expected \"(\" and a length, found the end"},
    {"char(0)", "column 6: expected a number from 1 to 2147483647, found \"0\""},
    {"varchar(2147483648)",
     "column 9: expected a number from 1 to 2147483647, found \"2147483648\""},
    {"interval month to year", "column 19: expected a finer unit of this interval, found \"year\""},
    {"interval year to day", "column 18: expected month, found \"day\""},
    {"interval day to day", "column 17: expected a finer unit of this interval, found \"day\""},
    {"interval week", "column 10: expected the end, found \"week\""},
    {"struct<a int, A int>",
     "column 15: two columns of one name: \"a\" and \"A\" (Spark does not tell upper from lower "
     "case)"},
    {"struct<`` int>", "column 8: expected the name of a column, found \"``\""},
    {"struct<`a int>", "column 8: this ` is never closed"},
    {"struct<a int comment 'x>", "column 22: this ' is never closed"},
    {"struct<a int comment x>", "column 22: expected a text in quotes, found \"x\""},
    {"struct<a int not nul>", "column 18: expected NULL after NOT, found \"nul\""},
    {"struct<a int not null not null>", "column 23: expected \">\" or \",\", found \"not\""},
    {"struct<a int comment '\\ud800'>", "column 23: an escape that is no character"},
    {"struct<a int comment '\\0'>", "column 23: an escape that is no character"},
    {"struct<a int comment '\\u12'>", "column 23: an escape that is no character"},
    {"struct<a int comment '\\u12g4'>", "column 23: an escape that is no character"},
    {"struct<a int comment '\\U00110000'>", "column 23: an escape that is no character"},
    {"struct<a int comment '\\Uffffffff1'>", "column 23: an escape that is no character"},
    {"interval day to `x", "column 17: this ` is never closed"},
    {"a234567890123456789012345678901234567\xc3\xa9\xc3\xa9 int",
     "column 1: expected a type, found \"a234567890123456789012345678901234567\xc3\xa9\""},
    {"int -- a number", "column 5: expected the end, found a comment (--)"},
    {"/* a number */ int", "column 1: expected a type, found a comment (/*)"},
    {"string collate", "column 15: expected the name of a collation, found the end"},
};

static void test_type_errors(void)
{
    for (size_t i = 0; i < LH_LEN(type_errors); i++) {
        lh_auto(lh_arena) arena = LH_ARENA_INIT;
        lh_auto(lh_error) e = LH_ERROR_INIT;
        const struct lh_type *type = NULL;

        is_int(lh_type_parse_ddl(&arena, lh_str_z(type_errors[i].ddl), &type, &e), LH_INVALID,
               type_errors[i].ddl);
        is_str(lh_error_text(&e), type_errors[i].message, type_errors[i].ddl);
        ok(!type, "the result is untouched");
    }
}

static void test_bytes(void)
{
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_type *type = NULL;

    is_int(lh_type_parse_ddl(&arena, lh_str_n("int\0", 4), &type, &e), LH_INVALID, "a NUL");
    is_str(lh_error_text(&e), "column 4: a NUL in the text", "said so");
    is_int(lh_type_parse_ddl(&arena, LH_STR("array<\xff>"), &type, &e), LH_INVALID, "not UTF-8");
    is_str(lh_error_text(&e), "column 7: this is not UTF-8", "said so");
    is_int(lh_type_parse_ddl(&arena, lh_str_n(NULL, 0), &type, NULL), LH_INVALID, "no text");
    ok(!type, "the result is untouched");
    is_int(lh_type_parse_ddl(&arena, LH_STR("array\n<\r\nint\n>\n"), &type, NULL), LH_DONE,
           "lines are white space");
}

static char *nested(unsigned depth)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    for (unsigned i = 0; i < depth; i++)
        lh_buf_z(&b, "array<");
    lh_buf_z(&b, "int");
    lh_buf_fill(&b, '>', depth);
    return lh_buf_take(&b);
}

static void test_limits(void)
{
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_buf) many = LH_BUF_INIT((size_t)1 << 22);
    char *deep lh_autofree = nested(LH_SCHEMA_MAX_DEPTH);
    char *deeper lh_autofree = nested(LH_SCHEMA_MAX_DEPTH + 1);
    const struct lh_type *type = NULL;
    struct lh_schema *s = NULL;

    is_int(lh_type_parse_ddl(&arena, lh_str_z(deep), &type, &e), LH_DONE, "64 levels");
    is_int(lh_type_parse_ddl(&arena, lh_str_z(deeper), &type, &e), LH_INVALID, "65 levels");
    is_str(lh_error_text(&e), "column 385: nested deeper than 64 levels", "said so");
    for (unsigned i = 0; i < LH_SCHEMA_MAX_COLUMNS; i++)
        lh_buf_f(&many, "%sc%u int", i ? "," : "", i);
    is_int(lh_schema_parse_ddl(lh_buf_slice(&many), &s, &e), LH_DONE, "10,000 columns");
    is_int(lh_schema_root(s)->n_columns, 10000, "all there");
    is_int(lh_schema_add(s, LH_STR("more"), LH_STR("int"), LH_STR(""), 0, &e), LH_INVALID,
           "but no more");
    lh_schema_destroy(s);
    s = NULL;
    lh_buf_z(&many, ", last int");
    is_int(lh_schema_parse_ddl(lh_buf_slice(&many), &s, &e), LH_INVALID, "10,001 columns");
    has_str(lh_error_text(&e), "a schema of more than 10000 columns", "said so");
    lh_buf_reset(&many);
    lh_buf_z(&many, "a int");
    lh_buf_fill(&many, ' ', LH_SCHEMA_MAX_TEXT - 4);
    is_int(lh_schema_parse_ddl(lh_buf_slice(&many), &s, &e), LH_INVALID, "a MiB and a byte");
    ok(!s, "the result is untouched");
}

/* --- columns ------------------------------------------------------------------------------ */

static const char *const column_cases[][2] = {
    {"a INT", "a int"},
    {"a: int, b: string", "a int, b string"},
    {"struct<a: int, b string>", "a int, b string"},
    {"STRUCT < a int >", "a int"},
    {"struct int", "struct int"}, /* a column of this name */
    {"a int NOT NULL COMMENT 'x', b array<int> COMMENT \"y\"",
     "a int NOT NULL COMMENT 'x', b array<int> COMMENT 'y'"},
    {"a int COMMENT 'x' NOT NULL", "a int NOT NULL COMMENT 'x'"},
    {"a int COMMENT ''", "a int"},
    {"`a b` int, `c``d` int, `1` int, 2x int", "`a b` int, `c``d` int, `1` int, `2x` int"},
    {"gr\xc3\xb6\xc3\x9f"
     "e int",
     "`gr\xc3\xb6\xc3\x9f"
     "e` int"},
    {"comment string comment 'c', not int not null",
     "comment string COMMENT 'c', not int NOT NULL"},
    {"a int COMMENT 'it''s'", "a int COMMENT 'it\\'s'"},
    {"a int COMMENT \"say \\\"x\\\" \\\\ \\n\\t\\u00e9\\ud83d\\ude00\\U0001f600\\101\"",
     "a int COMMENT 'say \"x\" \\\\ \\n\\t\xc3\xa9\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
     "A'"},
    {"a int COMMENT '50\\% \\_ \\z'",
     "a int COMMENT '50\\\\% \\\\_ z'"}, /* Spark keeps these two */
    {"a int COMMENT 'a--b /* c */'", "a int COMMENT 'a--b /* c */'"},
    {"a interval NOT NULL, b interval day NOT NULL",
     "a interval NOT NULL, b interval day NOT NULL"},
};

static void test_columns(void)
{
    for (size_t i = 0; i < LH_LEN(column_cases); i++) {
        lh_autoptr(lh_schema) s = NULL;
        lh_auto(lh_error) e = LH_ERROR_INIT;
        lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

        ok(lh_schema_parse_ddl(lh_str_z(column_cases[i][0]), &s, &e) == LH_DONE, "%s: %s",
           column_cases[i][0], lh_error_text(&e));
        if (!s)
            continue;
        lh_schema_write_ddl(&text, s);
        is_str(lh_buf_text(&text), column_cases[i][1], column_cases[i][0]);
    }
}

static const char *const column_errors[][2] = {
    {"", "column 1: expected the name of a column, found the end"},
    {"struct<>", "a schema without columns"},
    {"a int b int", "column 7: expected \",\" or the end, found \"b\""},
    {"a int,", "column 7: expected the name of a column, found the end"},
    {"a int, b int>", "column 13: expected \",\" or the end, found \">\""},
    {"struct<a int> b", "column 15: expected the end, found \"b\""},
    {"a int nullable", "column 7: expected \",\" or the end, found \"nullable\""},
    {"a int DEFAULT 3", "column 7: expected \",\" or the end, found \"DEFAULT\""},
    {"id int, x int, Id string", "column 16: two columns of one name: \"id\" and \"Id\" (Spark "
                                 "does not tell upper from lower case)"},
};

static void test_column_errors(void)
{
    for (size_t i = 0; i < LH_LEN(column_errors); i++) {
        struct lh_schema *s = NULL;
        lh_auto(lh_error) e = LH_ERROR_INIT;

        is_int(lh_schema_parse_ddl(lh_str_z(column_errors[i][0]), &s, &e), LH_INVALID,
               column_errors[i][0]);
        is_str(lh_error_text(&e), column_errors[i][1], column_errors[i][0]);
        ok(!s, "the result is untouched");
    }
}

/* --- building ----------------------------------------------------------------------------- */

static void is_ddl(const struct lh_schema *s, const char *want, const char *what)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

    lh_schema_write_ddl(&text, s);
    is_str(lh_buf_text(&text), want, what);
}

static void test_build(void)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_column *column;

    is_int(lh_schema_finish(s, &e), LH_INVALID, "nothing in it yet");
    is_int(lh_schema_add(s, LH_STR("id"), LH_STR("bigint"), LH_STR("key"), LH_COLUMN_NOT_NULL, &e),
           0, "a column");
    is_int(lh_schema_begin(s, LH_STR("labels"), LH_STR("array<struct>"), LH_STR("all"), 0, &e), 0,
           "begin");
    is_int(lh_schema_add(s, LH_STR("id"), LH_STR("int"), LH_STR(""), LH_COLUMN_EMPTY_IS_NULL, &e),
           0, "the same name one level down");
    is_int(lh_schema_begin(s, LH_STR("m"), LH_STR("map<string,struct>"), LH_STR(""), 0, &e), 0,
           "begin in begin");
    is_int(lh_schema_add(s, LH_STR("deep"), LH_STR("array<struct<x int>>"), LH_STR(""), 0, &e), 0,
           "a whole struct");
    is_int(lh_schema_finish(s, &e), LH_INVALID, "open");
    is_str(lh_error_text(&e), "column \"m\" was begun and not ended", "said so");
    is_int(lh_schema_end(s, &e), 0, "end");
    is_int(lh_schema_end(s, &e), 0, "end");
    is_int(lh_schema_add(s, LH_STR("last one"), LH_STR("date"), LH_STR(""), 0, &e), 0, "and on");
    is_int(lh_schema_finish(s, &e), 0, "complete");
    is_ddl(s,
           "id bigint NOT NULL COMMENT 'key', labels array<struct<id: int, m: map<string,"
           "struct<deep: array<struct<x: int>>>>>> COMMENT 'all', `last one` date",
           "as built");
    column = lh_type_column(lh_schema_root(s), LH_STR("labels"));
    ok(column &&
           lh_type_column(column->type->element, LH_STR("id"))->flags == LH_COLUMN_EMPTY_IS_NULL,
       "flags are kept");
    ok(!lh_type_column(lh_schema_root(s), LH_STR("LABELS")), "finding minds the case");
}

static void refused(struct lh_schema *s, int code, struct lh_error *e, const char *message)
{
    is_int(code, LH_INVALID, message);
    is_str(lh_error_text(e), message, message);
    is_ddl(s, "x int", "the schema is as it was");
}

static void test_build_errors(void)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str none = LH_STR("");

    lh_schema_add(s, LH_STR("x"), LH_STR("int"), none, 0, &e);
    refused(s, lh_schema_add(s, LH_STR("y"), LH_STR("map<a>"), none, 0, &e), &e,
            "type of column \"y\": column 5: expected a type, found \"a\"");
    refused(s, lh_schema_add(s, LH_STR("X"), LH_STR("int"), none, 0, &e), &e,
            "two columns of one name: \"x\" and \"X\" (Spark does not tell upper from lower case)");
    refused(s, lh_schema_add(s, none, LH_STR("int"), none, 0, &e), &e, "a column without a name");
    refused(s, lh_schema_add(s, LH_STR("\xc0"), LH_STR("int"), none, 0, &e), &e,
            "the name of a column is not UTF-8");
    refused(s, lh_schema_add(s, lh_str_n("a\0b", 3), LH_STR("int"), none, 0, &e), &e,
            "the name of a column has a NUL in it");
    refused(s, lh_schema_add(s, LH_STR("a"), LH_STR("int"), LH_STR("\xff"), 0, &e), &e,
            "the comment is not UTF-8");
    refused(s, lh_schema_add(s, LH_STR("a"), LH_STR("struct"), none, 0, &e), &e,
            "type of column \"a\": column 7: expected \"<\", found the end");
    refused(s, lh_schema_begin(s, LH_STR("a"), LH_STR("array<int>"), none, 0, &e), &e,
            "type of column \"a\": expected a form with a struct to be filled, as \"struct\" or "
            "\"array<struct>\", found \"array<int>\"");
    refused(s, lh_schema_begin(s, LH_STR("a"), LH_STR("map<struct,struct>"), none, 0, &e), &e,
            "type of column \"a\": column 18: expected \"<\", found \">\"");
    refused(s, lh_schema_end(s, &e), &e, "the end of a struct that was not begun");
    is_int(lh_schema_begin(s, LH_STR("s"), LH_STR("struct"), none, 0, &e), 0, "begin");
    is_int(lh_schema_end(s, &e), LH_INVALID, "an empty struct");
}

static void test_build_depth(void)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = 0;
    unsigned i = 0;

    for (; i < 100 && !code; i++)
        code = lh_schema_begin(s, LH_STR("s"), LH_STR("struct"), LH_STR(""), 0, &e);
    is_int(i, LH_SCHEMA_MAX_DEPTH + 1, "64 structs in each other");
    has_str(lh_error_text(&e), "nested deeper than 64 levels", "said so");
    is_int(lh_schema_add(s, LH_STR("a"), LH_STR("array<int>"), LH_STR(""), 0, &e), LH_INVALID,
           "no container fits in");
    is_int(lh_schema_add(s, LH_STR("a"), LH_STR("int"), LH_STR(""), 0, &e), 0, "a scalar does");
    for (i = 0; i < LH_SCHEMA_MAX_DEPTH; i++)
        code = lh_schema_end(s, &e);
    is_int(code, 0, "all ended");
    is_int(lh_schema_finish(s, &e), 0, "complete");
}

static void test_build_text(void)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *comment lh_autofree = lh_xcalloc(LH_SCHEMA_MAX_TEXT, 1);

    memset(comment, 'c', LH_SCHEMA_MAX_TEXT);
    is_int(lh_schema_add(s, LH_STR("a"), LH_STR("int"), lh_str_n(comment, LH_SCHEMA_MAX_TEXT - 4),
                         0, &e),
           0, "a MiB of text");
    is_int(lh_schema_add(s, LH_STR("b"), LH_STR("int"), LH_STR(""), 0, &e), LH_INVALID,
           "and no byte more");
}

/* --- the written forms -------------------------------------------------------------------- */

static void test_json(void)
{
    lh_autoptr(lh_schema) s = NULL;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_schema_parse_ddl(LH_STR("id long NOT NULL COMMENT 'say \"id\"', `n\xc3\xa4me` string"), &s,
                        NULL);
    lh_schema_write_json(&b, s, 0);
    is_str(
        lh_buf_text(&b),
        "{\"fields\":[{\"metadata\":{\"comment\":\"say \\\"id\\\"\"},\"name\":\"id\",\"nullable\":"
        "false,\"type\":\"long\"},{\"metadata\":{},\"name\":\"n\xc3\xa4me\",\"nullable\":true,"
        "\"type\":\"string\"}],\"type\":\"struct\"}",
        "compact");
    lh_buf_reset(&b);
    lh_schema_write_json(&b, s, 2);
    is_str(
        lh_buf_text(&b),
        "{\n  \"fields\": [\n    {\n      \"metadata\": {\n        \"comment\": \"say \\\"id\\\"\"\n"
        "      },\n      \"name\": \"id\",\n      \"nullable\": false,\n      \"type\": \"long\"\n"
        "    },\n    {\n      \"metadata\": {},\n      \"name\": \"n\xc3\xa4me\",\n"
        "      \"nullable\": true,\n      \"type\": \"string\"\n    }\n  ],\n"
        "  \"type\": \"struct\"\n}",
        "as json.dumps(indent=2, sort_keys=True)");
}

static void test_json_collation(void)
{
    lh_autoptr(lh_schema) s = NULL;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_schema_parse_ddl(LH_STR("a string collate UTF8_BINARY, b string collate UNICODE_CI comment "
                               "'c', m map<string collate UTF8_LCASE, array<string collate de>>"),
                        &s, NULL);
    lh_schema_write_json(&b, s, 0);
    has_str(lh_buf_text(&b), "{\"metadata\":{},\"name\":\"a\"", "the default is not said");
    has_str(lh_buf_text(&b),
            "{\"metadata\":{\"__COLLATIONS\":{\"b\":\"icu.UNICODE_CI\"},\"comment\":\"c\"}",
            "one of ICU, before the comment");
    has_str(lh_buf_text(&b),
            "{\"__COLLATIONS\":{\"m.key\":\"spark.UTF8_LCASE\",\"m.value.element\":\"icu.de\"}}",
            "inside");
}

static void test_table(void)
{
    lh_autoptr(lh_schema) s = NULL;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_schema_parse_ddl(
        LH_STR("id bigint NOT NULL COMMENT 'the\\nkey', labels array<struct<name string COMMENT "
               "'\xc2\x9b"
               "31m', m map<struct<k int>, struct<v int NOT NULL>>>>, "
               "`\xe6\x97\xa5\xe6\x9c\xac\x1b[2J` date"),
        &s, NULL);
    lh_schema_write_table(&b, s);
    is_str(lh_buf_text(&b),
           "COLUMN    TYPE                NULL  COMMENT\n"
           "id        bigint              no    the key\n"
           "labels    array<struct>       yes\n"
           "  name    string              yes   ?31m\n"
           "  m       map<struct,struct>  yes\n"
           "    k     int                 yes\n"
           "    v     int                 no\n"
           "\xe6\x97\xa5\xe6\x9c\xac?[2J  date                yes\n",
           "wide characters count twice, control characters are shown");
}

static void test_full_buffer(void)
{
    lh_autoptr(lh_schema) s = NULL;

    lh_schema_parse_ddl(LH_STR("a struct<b: int, c: array<string>> COMMENT 'x'"), &s, NULL);
    for (size_t n = 0; n < 30; n++) {
        lh_auto(lh_buf) b = LH_BUF_INIT(n);

        lh_schema_write_ddl(&b, s);
        lh_schema_write_json(&b, s, 1);
        lh_schema_write_table(&b, s);
        ok(b.failed && b.n <= n, "%zu bytes are not enough", n);
    }
}

/* --- random trees ------------------------------------------------------------------------- */

static uint32_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

/* A name that is new in its struct: texts that hurt, and a number. */
static void random_name(struct lh_buf *to, uint64_t *state, unsigned number)
{
    static const char *const hard[] = {"a",   "a b", "`",  "``x", "1",      "NOT",      "comment",
                                       "a'b", "\"",  "\\", "\n",  "struct", "int",      "<",
                                       "a.b", ",",   ">",  "--",  "/*",     "\xc3\xa9", "interval"};

    lh_buf_f(to, "%s%u", hard[random_next(state) % LH_LEN(hard)], number);
}

static void random_comment(struct lh_buf *to, uint64_t *state)
{
    static const char *const parts[] = {"a",   "'",  "''", "\"",      "\\",
                                        "\\%", "\n", "\t", "\\u0041", "\xf0\x9f\x98\x80",
                                        "\\",  "%",  "_",  "--"};

    for (unsigned i = random_next(state) % 6; i; i--)
        lh_buf_z(to, parts[random_next(state) % LH_LEN(parts)]);
}

static const char *random_leaf(uint64_t *state)
{
    return type_cases[random_next(state) % 36].ddl;
}

static const char *random_form(uint64_t *state)
{
    static const char *const forms[] = {"struct", "array<struct>", "map<string,struct>",
                                        "map<date,array<struct>>", "map<struct,int>"};

    return forms[random_next(state) % LH_LEN(forms)];
}

static void random_columns(struct lh_schema *s, uint64_t *state, unsigned level)
{
    unsigned n = 1 + random_next(state) % 5;

    for (unsigned i = 0; i < n; i++) {
        lh_auto(lh_buf) name = LH_BUF_INIT(100);
        lh_auto(lh_buf) comment = LH_BUF_INIT(1000);
        unsigned flags = random_next(state) % 4;
        bool nests = level < 5 && random_next(state) % 3 == 0;

        random_name(&name, state, i);
        random_comment(&comment, state);
        if (nests) {
            lh_schema_begin(s, lh_buf_slice(&name), lh_str_z(random_form(state)),
                            lh_buf_slice(&comment), flags, NULL);
            random_columns(s, state, level + 1);
            lh_schema_end(s, NULL);
        } else {
            lh_schema_add(s, lh_buf_slice(&name), lh_str_z(random_leaf(state)),
                          lh_buf_slice(&comment), flags, NULL);
        }
    }
}

static bool same_as_json(const struct lh_type *type, const json_t *json);

static bool same_columns(const struct lh_type *type, const json_t *fields)
{
    if (!json_is_array(fields) || json_array_size(fields) != type->n_columns)
        return false;
    for (size_t i = 0; i < type->n_columns; i++) {
        const struct lh_column *column = &type->columns[i];
        const json_t *field = json_array_get(fields, i);
        const char *comment =
            json_string_value(json_object_get(json_object_get(field, "metadata"), "comment"));

        if (json_object_size(field) != 4 ||
            !lh_str_eqz(column->name, json_string_value(json_object_get(field, "name"))) ||
            json_is_true(json_object_get(field, "nullable")) !=
                !(column->flags & LH_COLUMN_NOT_NULL) ||
            !lh_str_eqz(column->comment, comment) ||
            !same_as_json(column->type, json_object_get(field, "type")))
            return false;
    }
    return true;
}

static bool same_as_json(const struct lh_type *type, const json_t *json)
{
    const char *name = json_string_value(json_object_get(json, "type"));

    if (type->kind == LH_TYPE_STRUCT)
        return name && strcmp(name, "struct") == 0 &&
               same_columns(type, json_object_get(json, "fields"));
    if (type->kind == LH_TYPE_ARRAY)
        return name && strcmp(name, "array") == 0 &&
               json_is_true(json_object_get(json, "containsNull")) &&
               same_as_json(type->element, json_object_get(json, "elementType"));
    if (type->kind == LH_TYPE_MAP)
        return name && strcmp(name, "map") == 0 &&
               json_is_true(json_object_get(json, "valueContainsNull")) &&
               same_as_json(type->key, json_object_get(json, "keyType")) &&
               same_as_json(type->element, json_object_get(json, "valueType"));
    return json_is_string(json);
}

static bool json_holds(const struct lh_schema *s, unsigned indent)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    json_t *json;
    bool same;

    lh_schema_write_json(&text, s, indent);
    json = json_loadb(lh_buf_text(&text), text.n, JSON_REJECT_DUPLICATES, NULL);
    same = json && same_as_json(lh_schema_root(s), json);
    json_decref(json);
    return same;
}

static bool ddl_holds(const struct lh_schema *s)
{
    lh_autoptr(lh_schema) again = NULL;
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_schema_write_ddl(&text, s);
    if (lh_schema_parse_ddl(lh_buf_slice(&text), &again, &e) == LH_DONE &&
        lh_type_equal(lh_schema_root(s), lh_schema_root(again)))
        return true;
    diag("%s", lh_error_text(&e));
    diag("%s", lh_buf_text(&text));
    return false;
}

static void test_random_trees(void)
{
    uint64_t state = UINT64_C(0x123456789abcdef);
    size_t ddl = 0;
    size_t json = 0;
    size_t columns = 0;

    for (int i = 0; i < 2000; i++) {
        lh_autoptr(lh_schema) s = lh_schema_new();

        random_columns(s, &state, 0);
        columns += lh_schema_root(s)->n_columns;
        ddl += ddl_holds(s);
        json += json_holds(s, 0) && json_holds(s, 2);
    }
    ok(columns > 4000, "the generator makes columns (%zu)", columns);
    is_int(ddl, 2000, "written as DDL and read back: the same tree");
    is_int(json, 2000, "as JSON: what jansson sees is the tree");
}

static void test_equal(void)
{
    static const char *const different[] = {"a int",
                                            "A int",
                                            "a bigint",
                                            "a int NOT NULL",
                                            "a int COMMENT 'x'",
                                            "a int, b int",
                                            "a decimal",
                                            "a decimal(10,1)",
                                            "a char(1)",
                                            "a varchar(1)",
                                            "a char(2)",
                                            "a array<int>",
                                            "a map<int,int>",
                                            "a struct<a int>",
                                            "a struct<b int>",
                                            "a interval",
                                            "a interval day",
                                            "a interval day to second",
                                            "a string",
                                            "a string collate de",
                                            "a map<int,string>"};
    struct lh_schema *s[LH_LEN(different)];
    size_t wrong = 0;

    for (size_t i = 0; i < LH_LEN(different); i++)
        lh_schema_parse_ddl(lh_str_z(different[i]), &s[i], NULL);
    for (size_t i = 0; i < LH_LEN(different); i++)
        for (size_t j = 0; j < LH_LEN(different); j++)
            wrong += lh_type_equal(lh_schema_root(s[i]), lh_schema_root(s[j])) != (i == j);
    is_int(wrong, 0, "each is equal to itself only");
    for (size_t i = 0; i < LH_LEN(different); i++)
        lh_schema_destroy(s[i]);
}

int main(void)
{
    RUN(test_types);
    RUN(test_type_errors);
    RUN(test_bytes);
    RUN(test_limits);
    RUN(test_columns);
    RUN(test_column_errors);
    RUN(test_build);
    RUN(test_build_errors);
    RUN(test_build_depth);
    RUN(test_build_text);
    RUN(test_json);
    RUN(test_json_collation);
    RUN(test_table);
    RUN(test_full_buffer);
    RUN(test_random_trees);
    RUN(test_equal);
    return tap_done();
}
