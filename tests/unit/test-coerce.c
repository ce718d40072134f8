/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schema/coerce.h"
#include "tap.h"

#include <stdlib.h>

/* --- one value at a time ------------------------------------------------------------------ */

#define REJECTED "-" /* null, and counted */
#define ROUNDED  "~" /* in front: written, and counted as rounded */

static const struct {
    const char *type, *in, *out;
} cases[] = {
    /* boolean */
    {"boolean", "true", "true"},
    {"boolean", "false", "false"},
    {"boolean", "null", "null"},
    {"boolean", "\" Yes \"", "true"},
    {"boolean", "\"T\"", "true"},
    {"boolean", "\"y\"", "true"},
    {"boolean", "\"1\"", "true"},
    {"boolean", "\"FALSE\"", "false"},
    {"boolean", "\"f\"", "false"},
    {"boolean", "\"no\"", "false"},
    {"boolean", "\"n\"", "false"},
    {"boolean", "\"0\"", "false"},
    {"boolean", "0", "false"},
    {"boolean", "1", "true"},
    {"boolean", "1.0", "true"},
    {"boolean", "2", REJECTED},
    {"boolean", "-1", REJECTED},
    {"boolean", "0.5", REJECTED},
    {"boolean", "\"\"", REJECTED},
    {"boolean", "\"maybe\"", REJECTED},
    {"boolean", "[true]", REJECTED},
    /* integers, at their edges */
    {"tinyint", "127", "127"},
    {"tinyint", "128", REJECTED},
    {"tinyint", "-128", "-128"},
    {"tinyint", "-129", REJECTED},
    {"smallint", "32767", "32767"},
    {"smallint", "32768", REJECTED},
    {"smallint", "-32768", "-32768"},
    {"smallint", "-32769", REJECTED},
    {"int", "2147483647", "2147483647"},
    {"int", "2147483648", REJECTED},
    {"int", "-2147483648", "-2147483648"},
    {"int", "-2147483649", REJECTED},
    {"bigint", "9223372036854775807", "9223372036854775807"},
    {"bigint", "9223372036854775808", REJECTED},
    {"bigint", "-9223372036854775808", "-9223372036854775808"},
    {"bigint", "-9223372036854775809", REJECTED},
    {"bigint", "18446744073709551616", REJECTED},
    {"bigint", "99999999999999999999", REJECTED},
    {"bigint", "9007199254740993", "9007199254740993"},
    {"bigint", "999999999999999999", "999999999999999999"},
    {"bigint", "9223372036854775.807e3", "9223372036854775807"},
    {"bigint", "1.0", "1"},
    {"bigint", "1e3", "1000"},
    {"bigint", "1.5E1", "15"},
    {"bigint", "1500e-2", "15"},
    {"bigint", "1e-1", REJECTED},
    {"bigint", "1.5", REJECTED},
    {"bigint", "0e99999999999999999999", "0"},
    {"bigint", "1e99999999999999999999", REJECTED},
    {"bigint", "1e-99999999999999999999", REJECTED},
    {"bigint", "-0", "0"},
    {"bigint", "-0.0", "0"},
    {"bigint", "\" +42 \"", "42"},
    {"bigint", "\"-007\"", "-7"},
    {"bigint", "\"00000000000000000000000000000000000001\"", "1"},
    {"bigint", "\"1.0\"", "1"},
    {"bigint", "\"1.9\"", REJECTED},
    {"bigint", "\"12,5\"", REJECTED},
    {"bigint", "\"1 2\"", REJECTED},
    {"bigint", "\"0x10\"", REJECTED},
    {"bigint", "\"\"", REJECTED},
    {"bigint", "\"-\"", REJECTED},
    {"bigint", "\"e5\"", REJECTED},
    {"bigint", "\"1e\"", REJECTED},
    {"bigint", "\".\"", REJECTED},
    {"bigint", "\"1\\u0000\"", "1"}, /* control characters are white space, as in Spark */
    {"bigint", "true", REJECTED},
    {"bigint", "{}", REJECTED},
    /* decimal */
    {"decimal(10,2)", "19.9", "19.90"},
    {"decimal(10,2)", "19.99", "19.99"},
    {"decimal(10,2)", "19.990", "19.99"},
    {"decimal(10,2)", "19.995", ROUNDED "20.00"},
    {"decimal(10,2)", "19.994999", ROUNDED "19.99"},
    {"decimal(10,2)", "-0.005", ROUNDED "-0.01"},
    {"decimal(10,2)", "-0.004", ROUNDED "0.00"},
    {"decimal(10,2)", "0.0049999", ROUNDED "0.00"},
    {"decimal(10,2)", "1e-9", ROUNDED "0.00"},
    {"decimal(10,2)", "1e-99999999999999999999", ROUNDED "0.00"},
    {"decimal(10,2)", "-0", "0.00"},
    {"decimal(10,2)", "1e3", "1000.00"},
    {"decimal(10,2)", "0e99", "0.00"},
    {"decimal(10,2)", "99999999.99", "99999999.99"},
    {"decimal(10,2)", "99999999.994", ROUNDED "99999999.99"},
    {"decimal(10,2)", "99999999.995", REJECTED},
    {"decimal(10,2)", "100000000", REJECTED},
    {"decimal(10,2)", "1e99999999999999999999", REJECTED},
    {"decimal(10,2)", "\" 12.5 \"", "12.50"},
    {"decimal(10,2)", "\"12,5\"", REJECTED},
    {"decimal(10,2)", "\"\"", REJECTED},
    {"decimal(10,2)", "\"NaN\"", REJECTED},
    {"decimal(10,2)", "false", REJECTED},
    {"decimal(10,0)", "0.5", ROUNDED "1"},
    {"decimal(10,0)", "12", "12"},
    {"decimal(2,2)", "0.99", "0.99"},
    {"decimal(2,2)", "0.995", REJECTED},
    {"decimal(2,2)", "1", REJECTED},
    {"decimal(5,4)", "0.00012", ROUNDED "0.0001"},
    {"decimal(38,0)", "99999999999999999999999999999999999999",
     "99999999999999999999999999999999999999"},
    {"decimal(38,0)", "100000000000000000000000000000000000000", REJECTED},
    {"decimal(38,0)", "99999999999999999999999999999999999999.5", REJECTED},
    {"decimal(38,38)", "0.12345678901234567890123456789012345678",
     "0.12345678901234567890123456789012345678"},
    {"decimal(38,38)", "1e-38", "0.00000000000000000000000000000000000001"},
    {"decimal(38,38)", "5e-39", ROUNDED "0.00000000000000000000000000000000000001"},
    {"decimal(38,38)", "4e-39", ROUNDED "0.00000000000000000000000000000000000000"},
    /* float and double */
    {"double", "1.10", "1.10"},
    {"double", "-0.0", "-0.0"},
    {"double", "12345678901234567890", "12345678901234567890"},
    {"double", "1.50E+5", "1.50E+5"},
    {"double", "1E400", REJECTED},
    {"double", "1e-400", "1e-400"},
    {"double", "1.7976931348623157e308", "1.7976931348623157e308"},
    {"double", "1.7976931348623159e308", REJECTED},
    {"double", "1797693134862315807e290", "1797693134862315807e290"},
    {"double", "0e999", "0e999"},
    {"double", "\"12.5\"", "12.5"},
    {"double", "\" +.5 \"", "0.5"},
    {"double", "\"5.\"", "5"},
    {"double", "\"007.50\"", "7.50"},
    {"double", "\"-1E+05\"", "-1e05"},
    {"double", "\"1e-5\"", "1e-5"},
    {"double", "\"nan\"", "\"NaN\""},
    {"double", "\"+INF\"", "\"Infinity\""},
    {"double", "\"Infinity\"", "\"Infinity\""},
    {"double", "\"-infinity\"", "\"-Infinity\""},
    {"double", "\"-nan\"", REJECTED},
    {"double", "\"12,5\"", REJECTED},
    {"double", "\"1e400\"", REJECTED},
    {"double", "true", REJECTED},
    {"float", "3.4028235e38", "3.4028235e38"},
    {"float", "3.4028236e38", REJECTED},
    {"float", "1e39", REJECTED},
    /* text */
    {"string", "\"a\\u00e9\\n\"", "\"a\\u00e9\\n\""},
    {"string", "\"\"", "\"\""},
    {"string", "12.50", "\"12.50\""},
    {"string", "true", "\"true\""},
    {"string", "false", "\"false\""},
    {"string", "{ \"a\" : [ 1, \"x\" ] }", "\"{\\\"a\\\":[1,\\\"x\\\"]}\""},
    {"string", "[]", "\"[]\""},
    {"char(3)", "\"abc\"", "\"abc\""},
    {"char(3)", "\"abcd\"", REJECTED},
    {"varchar(2)", "\"\xf0\x9f\x98\x80\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\\ud83d\\ude00\""},
    {"varchar(2)", "\"\xc3\xa9\xc3\xa9\xc3\xa9\"", REJECTED},
    {"varchar(2)", "12", "\"12\""},
    {"varchar(2)", "123", REJECTED},
    {"varchar(2)", "[ ]", "\"[]\""},
    {"varchar(2)", "[1]", REJECTED},
    {"varchar(4)", "true", "\"true\""},
    {"varchar(4)", "false", REJECTED},
    {"binary", "\"aGk=\"", "\"aGk=\""},
    {"binary", "\"aGkh\"", "\"aGkh\""},
    {"binary", "\"aA==\"", "\"aA==\""},
    {"binary", "\"a\\/+A\"", "\"a\\/+A\""},
    {"binary", "\"\"", "\"\""},
    {"binary", "\"aGk\"", REJECTED},
    {"binary", "\"a===\"", REJECTED},
    {"binary", "\"====\"", REJECTED},
    {"binary", "\"aG=k\"", REJECTED},
    {"binary", "\"a-_A\"", REJECTED},
    {"binary", "12", REJECTED},
    /* dates and times */
    {"date", "\"2024-02-29\"", "\"2024-02-29\""},
    {"date", "\"2023-02-29\"", REJECTED},
    {"date", "\"2000-02-29\"", "\"2000-02-29\""},
    {"date", "\"1900-02-29\"", REJECTED},
    {"date", "\"0001-01-01\"", "\"0001-01-01\""},
    {"date", "\"0000-01-01\"", REJECTED},
    {"date", "\"9999-12-31\"", "\"9999-12-31\""},
    {"date", "\"2024-13-01\"", REJECTED},
    {"date", "\"2024-00-01\"", REJECTED},
    {"date", "\"2024-04-31\"", REJECTED},
    {"date", "\"2024-4-1\"", REJECTED},
    {"date", "\"20240401\"", REJECTED},
    {"date", "\" 2024-04-01 \"", "\"2024-04-01\""},
    {"date", "\"2024-04-01T23:30:00-05:00\"", "\"2024-04-01\""},
    {"date", "\"2024-04-01T25:00\"", REJECTED},
    {"date", "\"2024-04-01x\"", REJECTED},
    {"date", "\"\"", REJECTED},
    {"date", "20240401", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05Z\"", "\"2024-01-02T03:04:05.000000Z\""},
    {"timestamp", "\"2024-01-02t03:04:05z\"", "\"2024-01-02T03:04:05.000000Z\""},
    {"timestamp", "\"2024-01-02 03:04:05\"", "\"2024-01-02T03:04:05.000000Z\""},
    {"timestamp", "\"2024-01-02T03:04\"", "\"2024-01-02T03:04:00.000000Z\""},
    {"timestamp", "\"2024-01-02\"", "\"2024-01-02T00:00:00.000000Z\""},
    {"timestamp", "\"2024-01-02T03:04:05.1Z\"", "\"2024-01-02T03:04:05.100000Z\""},
    {"timestamp", "\"2024-01-02T03:04:05.1234560Z\"", "\"2024-01-02T03:04:05.123456Z\""},
    {"timestamp", "\"2024-01-02T03:04:05.1234567Z\"", ROUNDED "\"2024-01-02T03:04:05.123456Z\""},
    {"timestamp", "\"2024-01-02T03:04:05+05:30\"", "\"2024-01-01T21:34:05.000000Z\""},
    {"timestamp", "\"2024-02-28T20:00:00-0500\"", "\"2024-02-29T01:00:00.000000Z\""},
    {"timestamp", "\"2024-03-01T01:00:00+02\"", "\"2024-02-29T23:00:00.000000Z\""},
    {"timestamp", "\"2023-12-31T23:30:00-01:00\"", "\"2024-01-01T00:30:00.000000Z\""},
    {"timestamp", "\"2024-01-01T00:30:00+01:00\"", "\"2023-12-31T23:30:00.000000Z\""},
    {"timestamp", "\"2024-01-01T00:00:00+18:00\"", "\"2023-12-31T06:00:00.000000Z\""},
    {"timestamp", "\"2024-01-01T00:00:00+18:01\"", REJECTED},
    {"timestamp", "\"0001-01-01T00:00:00+00:01\"", REJECTED},
    {"timestamp", "\"9999-12-31T23:59:59.999999Z\"", "\"9999-12-31T23:59:59.999999Z\""},
    {"timestamp", "\"9999-12-31T23:59:59-00:01\"", REJECTED},
    {"timestamp", "\"2024-01-02T24:00:00Z\"", REJECTED},
    {"timestamp", "\"2024-01-02T23:60:00Z\"", REJECTED},
    {"timestamp", "\"2024-01-02T23:59:60Z\"", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05.Z\"", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05+\"", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05+1:00\"", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05+01:\"", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05+01:60\"", REJECTED},
    {"timestamp", "\"2024-01-02T03:04:05ZZ\"", REJECTED},
    {"timestamp", "\"2024-01-02T\"", REJECTED},
    {"timestamp", "\"yesterday\"", REJECTED},
    {"timestamp", "1704164645", REJECTED},
    {"timestamp", "\"1704164645000\"", REJECTED},
    {"timestamp_ntz", "\"2024-01-02T03:04:05\"", "\"2024-01-02T03:04:05.000000\""},
    {"timestamp_ntz", "\"2024-01-02T03:04:05Z\"", REJECTED},
    {"interval day", "\"1 day\"", "\"1 day\""},
    {"interval day", "1", REJECTED},
    /* anything and nothing */
    {"variant", "{ \"a\" : 1.10 , \"b\":[ ]}", "{\"a\":1.10,\"b\":[]}"},
    {"variant", "\"x\"", "\"x\""},
    {"variant", "null", "null"},
    {"void", "null", "null"},
    {"void", "1", REJECTED},
    /* containers */
    {"array<int>", "[]", "[]"},
    {"array<int>", "[1, null ,\"2\"]", "[1,null,2]"},
    {"array<int>", "7", "[7]"},
    {"array<int>", "\"x\"", REJECTED},
    {"array<int>", "{}", REJECTED},
    {"array<array<int>>", "7", "[[7]]"},
    {"array<decimal(2,1)>", "0.55", ROUNDED "[0.6]"},
    {"array<struct<a int>>", "{\"a\":1}", "[{\"a\":1}]"},
    {"array<struct<a int>>", "[{},{\"b\":1}]", "[null,{\"a\":null}]"},
    {"array<struct<a int>>", "{}", "null"},
    {"struct<a int, b string>", "{\"b\":\"x\",\"c\":1,\"a\":2}", "{\"a\":2,\"b\":\"x\"}"},
    {"struct<a int, b string>", "{\"A\":1}", "{\"a\":null,\"b\":null}"},
    {"struct<a int, b string>", "{}", "null"},
    {"struct<a int, b string>", "[]", REJECTED},
    {"struct<a int>", "\"\"", REJECTED},
    {"struct<`\xc3\xa9\"` int>", "{\"\\u00e9\\\"\":1}", "{\"\xc3\xa9\\\"\":1}"},
    {"struct<a int>", "{\"a\":1,\"a\":2}", "{\"a\":2}"},
    {"struct<>", "{\"a\":1}", "{}"},
    {"map<string,string>", "{\"a\":\"x\",\"b\":{\"id\":3, \"p\":false},\"c\":true,\"d\":null}",
     "{\"a\":\"x\",\"b\":\"{\\\"id\\\":3,\\\"p\\\":false}\",\"c\":\"true\",\"d\":null}"},
    {"map<string,int>", "{}", "{}"},
    {"map<string,int>", "[]", REJECTED},
    {"map<string,int>", "{\"a\":1,\"b\":2,\"\\u0061\":3}", "{\"b\":2,\"a\":3}"},
    {"map<int,int>", "{\"1\":1,\" +01 \":2,\"2.0\":3}", "{\"1\":2,\"2\":3}"},
    {"map<boolean,map<date,int>>", "{\"yes\":{\"2024-01-01T00:00\":1}}",
     "{\"true\":{\"2024-01-01\":1}}"},
    {"map<string,map<string,int>>", "{\"a\":{\"x\":1},\"b\":{\"y\":2,\"z\":3}}",
     "{\"a\":{\"x\":1},\"b\":{\"y\":2,\"z\":3}}"},
    {"map<double,int>", "{\"NAN\":1,\"1.5\":2}", "{\"NaN\":1,\"1.5\":2}"},
};

/* The row {"v": in} in a schema of one column v. */
static void coerce_one(const char *type, const char *in, struct lh_buf *to,
                       struct lh_coerce_totals *ret)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(lh_coercer) c = NULL;
    char *text lh_autofree = lh_xasprintf("{\"v\":%s}", in);

    ok(lh_schema_add(s, LH_STR("v"), lh_str_z(type), LH_STR(""), 0, NULL) == 0 &&
           lh_json_scan(doc, lh_str_z(text), &lh_json_page_limits, NULL) == LH_JSON_FINE,
       "%s and %s are read", type, in);
    c = lh_coercer_new(s);
    lh_coerce_row(c, lh_json_root(doc), to, NULL);
    *ret = *lh_coercer_totals(c);
}

static void test_values(void)
{
    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);
        const char *want = cases[i].out;
        bool rejected = strcmp(want, REJECTED) == 0;
        bool rounded = want[0] == '~';
        char *what lh_autofree = lh_xasprintf("%s: %s", cases[i].type, cases[i].in);
        char *row lh_autofree = lh_xasprintf("{\"v\":%s}", rejected  ? "null"
                                                           : rounded ? want + 1
                                                                     : want);
        struct lh_coerce_totals totals;

        coerce_one(cases[i].type, cases[i].in, &out, &totals);
        is_str(lh_buf_text(&out), row, what);
        is_int(totals.rejected, rejected, "rejected");
        is_int(totals.rounded, rounded, "rounded");
    }
}

/* --- rows --------------------------------------------------------------------------------- */

struct fixture {
    struct lh_schema *schema;
    struct lh_coercer *coercer;
    struct lh_json_doc *doc;
    struct lh_buf out;
    struct lh_error e;
};

static void fixture_free(struct fixture *f)
{
    lh_coercer_destroy(f->coercer);
    lh_schema_destroy(f->schema);
    lh_json_doc_destroy(f->doc);
    lh_buf_free(&f->out);
    lh_error_free(&f->e);
}

static void set_up(struct fixture *f, const char *ddl)
{
    *f = (struct fixture){.doc = lh_json_doc_new(), .out = LH_BUF_INIT(LH_BUF_TEXT)};
    ok(lh_schema_parse_ddl(lh_str_z(ddl), &f->schema, &f->e) == LH_DONE, "%s: %s", ddl,
       lh_error_text(&f->e));
    f->coercer = lh_coercer_new(f->schema);
}

static int row(struct fixture *f, const char *json)
{
    lh_buf_reset(&f->out);
    lh_json_scan(f->doc, lh_str_z(json), &lh_json_page_limits, NULL);
    return lh_coerce_row(f->coercer, lh_json_root(f->doc), &f->out, &f->e);
}

static void is_row(struct fixture *f, const char *json, const char *want)
{
    is_int(row(f, json), LH_DONE, json);
    is_str(lh_buf_text(&f->out), want, json);
}

static void test_order(void)
{
    lh_auto(fixture) f;

    set_up(&f, "a int, b int, c int");
    is_row(&f, "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2,\"c\":3}");
    is_row(&f, "{\"a\":4,\"b\":5,\"c\":6}", "{\"a\":4,\"b\":5,\"c\":6}");
    is_row(&f, "{\"c\":3,\"x\":0,\"b\":2,\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3}");
    is_row(&f, "{\"x\":0,\"c\":3,\"b\":2}", "{\"a\":null,\"b\":2,\"c\":3}");
    is_row(&f, "{}", "{\"a\":null,\"b\":null,\"c\":null}");
    is_row(&f, "{\"b\":1,\"b\":2,\"\\u0062\":3}", "{\"a\":null,\"b\":3,\"c\":null}");
    is_int(lh_coercer_totals(f.coercer)->rows, 6, "rows are counted");
    ok(!lh_coercer_next(f.coercer, NULL), "nothing else was");
}

static void test_not_rows(void)
{
    static const char *const texts[] = {"[]", "null", "1", "\"x\"", "broken"};
    lh_auto(fixture) f;

    set_up(&f, "a int");
    for (size_t i = 0; i < LH_LEN(texts); i++) {
        is_int(row(&f, texts[i]), LH_INVALID, texts[i]);
        is_str(lh_buf_text(&f.out), "", "nothing was written");
    }
    row(&f, "[1]");
    is_str(lh_error_text(&f.e), "a row that is not a JSON object: [1]", "the message shows it");
    is_int(lh_coerce_row(f.coercer, NULL, &f.out, &f.e), LH_INVALID, "NULL is no row");
}

static void test_full(void)
{
    lh_auto(fixture) f;
    const char *json = "{\"a\":1,\"m\":{\"k\":[1,2]},\"s\":{\"x\":1}}";

    set_up(&f, "a int, m map<string,string>, s struct<x: string>");
    row(&f, json);
    for (size_t max = f.out.n; max-- > 4;) {
        lh_auto(lh_buf) small = LH_BUF_INIT(max);

        lh_buf_z(&small, "keep");
        is_int(lh_coerce_row(f.coercer, lh_json_root(f.doc), &small, &f.e), LH_INVALID,
               "one byte less");
        is_str(lh_buf_text(&small), "keep", "what was there stays");
    }
    has_str(lh_error_text(&f.e), "a typed row does not fit into the 0 bytes left", "said so");
    is_row(&f, json, "{\"a\":1,\"m\":{\"k\":\"[1,2]\"},\"s\":{\"x\":\"1\"}}");
}

/* --- counting ----------------------------------------------------------------------------- */

static void is_report(struct fixture *f, const struct lh_coerce_count **at, const char *want)
{
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);

    *at = lh_coercer_next(f->coercer, *at);
    if (*at)
        lh_coerce_count_write(&line, *at);
    is_str(lh_buf_text(&line), want, want);
}

static void test_counts(void)
{
    lh_auto(fixture) f;
    const struct lh_coerce_count *at = NULL;

    set_up(&f, "id bigint NOT NULL, amount decimal(10,2), tags array<struct<n: tinyint>>, "
               "m map<int,boolean>, fine string");
    row(&f,
        "{\"id\":1,\"amount\":\"12,5\",\"tags\":[{\"n\":1},{\"n\":300}],\"m\":{\"x\":1,\"2\":9}}");
    row(&f, "{\"id\":\"?\",\"amount\":\"x\",\"tags\":[{\"n\":\n301}],\"m\":5}");
    row(&f, "{\"amount\":0.125}");
    row(&f, "{\"id\":null,\"amount\":[1,\n2]}");
    is_report(&f, &at,
              "column \"id\" (bigint): 1 value could not be coerced, first: \"?\"; NOT NULL, but "
              "null in 3 rows");
    is_report(&f, &at,
              "column \"amount\" (decimal(10,2)): 3 values could not be coerced, first: \"12,5\"; "
              "1 value lost digits, first: 0.125");
    is_report(&f, &at, "column \"m\" (map<int,boolean>): 1 value could not be coerced, first: 5");
    is_report(&f, &at,
              "column \"tags.element.n\" (tinyint): 2 values could not be coerced, first: 300");
    is_report(&f, &at, "column \"m.key\" (int): 1 value could not be coerced, first: \"x\"");
    is_report(&f, &at, "column \"m.value\" (boolean): 1 value could not be coerced, first: 9");
    is_report(&f, &at, "");
    is_int(lh_coercer_totals(f.coercer)->rejected, 9, "all rejected");
    is_int(lh_coercer_totals(f.coercer)->rounded, 1, "all rounded");
    is_int(lh_coercer_totals(f.coercer)->nulls, 3, "all nulls");
}

static void test_nested_not_null(void)
{
    lh_auto(fixture) f;

    set_up(&f, "s struct<a: int NOT NULL>, t struct<a: int> NOT NULL");
    row(&f, "{\"s\":null,\"t\":{\"a\":null}}");
    is_int(lh_coercer_totals(f.coercer)->nulls, 0, "no struct, no field that is missing");
    row(&f, "{\"s\":{\"b\":1},\"t\":{}}");
    is_int(lh_coercer_totals(f.coercer)->nulls, 2, "a field, and a struct that is {}");
}

static void test_long_example(void)
{
    lh_auto(fixture) f;
    lh_auto(lh_buf) json = LH_BUF_INIT(1000);
    const struct lh_coerce_count *count;

    set_up(&f, "a int");
    lh_buf_z(&json, "{\"a\":\"");
    for (int i = 0; i < 60; i++)
        lh_buf_z(&json, "\xc3\xa9");
    lh_buf_z(&json, "\"}");
    row(&f, lh_buf_text(&json));
    count = lh_coercer_next(f.coercer, NULL);
    is_int(count->first_rejected.n, 1 + 2 * 39 + 3, "cut between two characters");
    ok(strstr(count->first_rejected.p, "\xc3\xa9..."), "and shown as cut");
}

static void test_empty_is_null(void)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(lh_coercer) c = NULL;
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str none = LH_STR("");
    lh_str text = LH_STR("{\"d\":\"\",\"s\":\"\",\"t\":\" \",\"a\":\"\",\"n\":\"\"}");

    lh_schema_add(s, LH_STR("d"), LH_STR("date"), none, LH_COLUMN_EMPTY_IS_NULL, NULL);
    lh_schema_add(s, LH_STR("s"), LH_STR("string"), none, LH_COLUMN_EMPTY_IS_NULL, NULL);
    lh_schema_add(s, LH_STR("t"), LH_STR("string"), none, LH_COLUMN_EMPTY_IS_NULL, NULL);
    lh_schema_add(s, LH_STR("a"), LH_STR("array<string>"), none, LH_COLUMN_EMPTY_IS_NULL, NULL);
    lh_schema_add(s, LH_STR("n"), LH_STR("int"), none, LH_COLUMN_EMPTY_IS_NULL | LH_COLUMN_NOT_NULL,
                  NULL);
    c = lh_coercer_new(s);
    lh_json_scan(doc, text, &lh_json_page_limits, NULL);
    lh_coerce_row(c, lh_json_root(doc), &out, NULL);
    is_str(lh_buf_text(&out), "{\"d\":null,\"s\":null,\"t\":\" \",\"a\":null,\"n\":null}",
           "only \"\" is null");
    is_int(lh_coercer_totals(c)->rejected, 0, "and is no mistake");
    is_int(lh_coercer_totals(c)->nulls, 1, "but NOT NULL still holds");
}

/* --- size --------------------------------------------------------------------------------- */

static void test_many_columns(void)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(lh_coercer) c = NULL;
    lh_auto(lh_buf) json = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) want = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);
    unsigned n = LH_SCHEMA_MAX_COLUMNS;

    for (unsigned i = 0; i < n; i++) {
        char name[64];
        int length = snprintf(name, sizeof name, "same-head-%u-and-same-tail", i);

        lh_schema_add(s, lh_str_n(name, (size_t)length), LH_STR("int"), LH_STR(""), 0, NULL);
        lh_buf_f(&want, "%c\"%s\":%u", i ? ',' : '{', name, i);
        lh_buf_f(&json, "%c\"same-head-%u-and-same-tail\":%u", i ? ',' : '{', n - 1 - i, n - 1 - i);
    }
    lh_buf_char(&want, '}');
    lh_buf_char(&json, '}');
    c = lh_coercer_new(s);
    lh_json_scan(doc, lh_buf_slice(&json), &lh_json_page_limits, NULL);
    is_int(lh_coerce_row(c, lh_json_root(doc), &out, NULL), 0, "10,000 columns, backwards");
    ok(lh_str_eq(lh_buf_slice(&out), lh_buf_slice(&want)), "each has its value");
}

/* 63 arrays in the row's object are as deep as a page may be; the 64th comes from wrapping. */
static void test_deep(void)
{
    lh_auto(lh_buf) type = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) value = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) want = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_coerce_totals totals;

    for (unsigned i = 0; i < LH_SCHEMA_MAX_DEPTH; i++)
        lh_buf_z(&type, "array<");
    lh_buf_z(&type, "int");
    lh_buf_fill(&type, '>', LH_SCHEMA_MAX_DEPTH);
    lh_buf_fill(&value, '[', LH_SCHEMA_MAX_DEPTH - 1);
    lh_buf_char(&value, '5');
    lh_buf_fill(&value, ']', LH_SCHEMA_MAX_DEPTH - 1);
    lh_buf_z(&want, "{\"v\":");
    lh_buf_fill(&want, '[', LH_SCHEMA_MAX_DEPTH);
    lh_buf_char(&want, '5');
    lh_buf_fill(&want, ']', LH_SCHEMA_MAX_DEPTH);
    lh_buf_char(&want, '}');
    coerce_one(lh_buf_text(&type), lh_buf_text(&value), &out, &totals);
    is_str(lh_buf_text(&out), lh_buf_text(&want), "64 arrays");
    is_int(totals.rejected, 0, "nothing was rejected");
}

int main(void)
{
    RUN(test_values);
    RUN(test_order);
    RUN(test_not_rows);
    RUN(test_full);
    RUN(test_counts);
    RUN(test_nested_not_null);
    RUN(test_long_example);
    RUN(test_empty_is_null);
    RUN(test_many_columns);
    RUN(test_deep);
    return tap_done();
}
