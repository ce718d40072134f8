/* SPDX-License-Identifier: Apache-2.0 */
/* The builder: what it writes, and what it refuses with which words. */
#include "config.h"

#include "tap.h"
#include "unit/collide.h"
#include "json/json.h"

#include <stdlib.h>

static const struct lh_json *read(struct lh_json_doc *doc, const char *text)
{
    lh_json_scan(doc, lh_str_z(text), &lh_json_page_limits, NULL);
    return lh_json_root(doc);
}

static void is_built(struct lh_out *o, const char *want, const char *what)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str json = LH_STR("untouched");

    is_int(lh_out_finish(o, &json, &e), 0, what);
    is_slice(json, want, what);
    if (e.code)
        diag("%s", lh_error_text(&e));
    lh_out_reset(o);
}

static void is_wrong(struct lh_out *o, int code, const char *want)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str json = LH_STR("untouched");

    is_int(lh_out_finish(o, &json, &e), code, want);
    ok(lh_out_is_beyond_bounds(o) == (code == LH_FAILED), "a bound or a rule");
    is_str(lh_error_text(&e), want, "the first wrong call and its rule");
    is_slice(json, "untouched", "the output is untouched");
    lh_out_reset(o);
}

static void is_refused(struct lh_out *o, const char *want)
{
    is_wrong(o, LH_INVALID, want);
}

static void is_beyond(struct lh_out *o, const char *want)
{
    is_wrong(o, LH_FAILED, want);
}

static void test_values(void)
{
    lh_autoptr(lh_out) o = lh_out_new(1000, 64);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("s"));
    lh_out_str(o, LH_STR("a\"b\n"));
    lh_out_key(o, LH_STR("k\ny"));
    lh_out_i64(o, INT64_MIN);
    lh_out_key(o, LH_STR(""));
    lh_out_begin(o, '[');
    lh_out_raw(o, LH_STR(" { \"x\" : 19.990 } "));
    lh_out_json(o, read(doc, "[12345678901234567890, 1e400]"));
    lh_out_json(o, NULL);
    lh_out_begin(o, '[');
    lh_out_end(o);
    lh_out_end(o);
    lh_out_end(o);
    is_built(o,
             "{\"s\":\"a\\\"b\\n\",\"k\\ny\":-9223372036854775808,"
             "\"\":[{\"x\":19.990},[12345678901234567890,1e400],null,[]]}",
             "all kinds");
    lh_out_str(o, LH_STR(""));
    is_built(o, "\"\"", "a scalar alone, in the same builder");
    lh_out_json(o, NULL);
    is_built(o, "null", "null alone");
}

static void test_order_of_calls(void)
{
    lh_autoptr(lh_out) o = lh_out_new(1000, 64);

    is_refused(o, "out_finish: no value was written");
    lh_out_begin(o, '[');
    lh_out_begin(o, '{');
    is_refused(o, "out_finish: 2 out_end missing");
    lh_out_begin(o, '{');
    lh_out_i64(o, 1);
    lh_out_key(o, LH_STR("a"));
    is_refused(o, "out_i64: in an object, out_key comes before each value");
    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("a"));
    lh_out_key(o, LH_STR("b"));
    is_refused(o, "out_key: the last out_key has no value");
    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("a"));
    lh_out_end(o);
    is_refused(o, "out_end: the last out_key has no value");
    lh_out_begin(o, '[');
    lh_out_key(o, LH_STR("a"));
    is_refused(o, "out_key: only an object has keys: out_begin('{') comes first");
    lh_out_key(o, LH_STR("a"));
    is_refused(o, "out_key: only an object has keys: out_begin('{') comes first");
    lh_out_end(o);
    is_refused(o, "out_end: there is nothing to end: every out_end needs its out_begin");
    lh_out_i64(o, 1);
    lh_out_begin(o, '[');
    is_refused(o, "out_begin: the value is complete, and a builder holds one value");
    lh_out_begin(o, '(');
    is_refused(o, "out_begin: the brace is '{' or '['");
}

static void test_texts(void)
{
    lh_autoptr(lh_out) o = lh_out_new(1000, 64);

    lh_out_str(o, LH_STR("\xff"));
    is_refused(o, "out_str: the text is not valid UTF-8");
    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("\xc3"));
    is_refused(o, "out_key: the key is not valid UTF-8");
    lh_out_raw(o, LH_STR("{\"a\":01}"));
    is_refused(o, "out_raw:1:7: expected ',' or '}', found '1'");
    lh_out_raw(o, LH_STR(""));
    is_refused(o, "out_raw:1:1: expected a value, found the end of the text");
    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("a"));
    lh_out_i64(o, 1);
    lh_out_key(o, LH_STR("a"));
    is_refused(o, "out_key: the key \"a\" stands twice in its object");
}

static void test_limits(void)
{
    lh_autoptr(lh_out) o = lh_out_new(10, 3);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *deep = read(doc, "[[[1]], [2]]");

    lh_out_str(o, LH_STR("12345678"));
    is_built(o, "\"12345678\"", "as large as allowed");
    lh_out_str(o, LH_STR("123456789"));
    is_beyond(o, "out_str: the value is larger than 10 bytes");
    for (int i = 0; i < 4; i++)
        lh_out_begin(o, '[');
    is_beyond(o, "out_begin: nested deeper than 3 levels");
    lh_out_json(o, deep);
    is_beyond(o, "out_json: the value is larger than 10 bytes");
}

static void test_depth_of_references(void)
{
    lh_autoptr(lh_out) o = lh_out_new(1000, 3);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *deep = read(doc, "{\"a\":[[1]],\"b\":[2]}");

    lh_out_json(o, deep);
    is_built(o, "{\"a\":[[1]],\"b\":[2]}", "as deep as allowed");
    lh_out_begin(o, '[');
    lh_out_json(o, lh_json_get(deep, LH_STR("a")));
    lh_out_end(o);
    is_built(o, "[[[1]]]", "a part of it below one level");
    lh_out_begin(o, '[');
    lh_out_json(o, deep);
    is_beyond(o, "out_json: nested deeper than 3 levels");
    lh_out_begin(o, '[');
    lh_out_raw(o, LH_STR("[[[]]]"));
    is_beyond(o, "out_raw:1:3: expected less deep nesting (a limit), found '['");
    lh_out_begin(o, '[');
    lh_out_begin(o, '{');
    lh_out_members(o, deep, (const lh_str[]){LH_STR("a")}, 1);
    lh_out_end(o);
    lh_out_end(o);
    is_built(o, "[{\"b\":[2]}]", "what is left out may be deep");
    lh_out_begin(o, '[');
    lh_out_begin(o, '{');
    lh_out_members(o, deep, NULL, 0);
    is_beyond(o, "out_members: nested deeper than 3 levels");
}

static void test_members(void)
{
    static const char *const sources[] = {
        "{\"id\":1,\"name\":\"x\",\"big\":12345678901234567890,\"tail\":[1,2]}",
        "{ \"id\": 1,\n \"name\": \"x\",\n \"big\": 12345678901234567890, \"tail\": [1, 2] }"};
    static const lh_str except[] = {LH_STR_INIT("name"), LH_STR_INIT("none")};
    lh_autoptr(lh_out) o = lh_out_new(1000, 64);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    for (size_t i = 0; i < LH_LEN(sources); i++) {
        const struct lh_json *row = read(doc, sources[i]);

        lh_out_begin(o, '{');
        lh_out_members(o, row, NULL, 0);
        lh_out_end(o);
        is_built(o, "{\"id\":1,\"name\":\"x\",\"big\":12345678901234567890,\"tail\":[1,2]}", "all");
        lh_out_begin(o, '{');
        lh_out_key(o, LH_STR("big"));
        lh_out_i64(o, 7);
        lh_out_members(o, row, except, LH_LEN(except));
        lh_out_members(o, row, NULL, 0);
        lh_out_key(o, LH_STR("none"));
        lh_out_i64(o, 8);
        lh_out_end(o);
        is_built(o, "{\"big\":7,\"id\":1,\"tail\":[1,2],\"name\":\"x\",\"none\":8}",
                 "own columns first, and each name once");
        lh_out_begin(o, '{');
        lh_out_members(o, row, NULL, 0);
        lh_out_key(o, LH_STR("tail"));
        is_refused(o, "out_key: the key \"tail\" stands twice in its object");
    }
}

static void test_members_of_odd_objects(void)
{
    lh_autoptr(lh_out) o = lh_out_new(1000, 64);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    static const lh_str plain[] = {LH_STR_INIT("a\n")};

    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("b"));
    lh_out_i64(o, 1);
    lh_out_members(o, read(doc, "{\"\\u0062\":2,\"\\u0063\":3,\"a\\u000a\":4}"), plain, 1);
    lh_out_key(o, LH_STR("a\n"));
    lh_out_i64(o, 5);
    lh_out_members(o, read(doc, "{\"c\":6,\"a\\n\":7,\"d\":8}"), NULL, 0);
    lh_out_end(o);
    is_built(o, "{\"b\":1,\"\\u0063\":3,\"a\\n\":5,\"d\":8}", "names are compared decoded");
    lh_out_begin(o, '{');
    lh_out_members(o, read(doc, "{\"a\":1,\"b\":2,\"a\":3,\"c\":4,\"\\u0061\":5}"), NULL, 0);
    lh_out_end(o);
    is_built(o, "{\"b\":2,\"c\":4,\"\\u0061\":5}", "the last of equal keys");
    lh_out_begin(o, '{');
    lh_out_members(o, NULL, NULL, 0);
    lh_out_members(o, read(doc, "null"), NULL, 0);
    lh_out_members(o, read(doc, "{}"), NULL, 0);
    lh_out_end(o);
    is_built(o, "{}", "nothing, null and {} have none");
    lh_out_begin(o, '{');
    lh_out_members(o, read(doc, "[1]"), NULL, 0);
    is_refused(o, "out_members: the value is no object");
    lh_out_begin(o, '[');
    lh_out_members(o, NULL, NULL, 0);
    is_refused(o, "out_members: only an object has keys: out_begin('{') comes first");
}

static void test_names_by_level(void)
{
    lh_autoptr(lh_out) o = lh_out_new(10000, 64);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("a"));
    lh_out_begin(o, '{');
    lh_out_members(o, read(doc, "{\"a\":1,\"b\":2}"), NULL, 0);
    lh_out_key(o, LH_STR("c"));
    lh_out_begin(o, '{');
    lh_out_key(o, LH_STR("c"));
    lh_out_i64(o, 3);
    lh_out_end(o);
    lh_out_end(o);
    lh_out_members(o, read(doc, "{\"a\":4,\"b\":5,\"c\":6}"), NULL, 0);
    lh_out_end(o);
    is_built(o, "{\"a\":{\"a\":1,\"b\":2,\"c\":{\"c\":3}},\"b\":5,\"c\":6}",
             "each level has its names");
}

/* More names than the table begins with, twice, so that it grows and is used again. */
static void test_many_names(void)
{
    lh_autoptr(lh_out) o = lh_out_new((size_t)1 << 24, 64);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) source = LH_BUF_INIT((size_t)1 << 24);
    lh_str json;

    lh_buf_char(&source, '{');
    for (int i = 0; i < 5000; i++)
        lh_buf_f(&source, "%s\"k%d\":%d", i ? "," : "", i, i);
    lh_buf_char(&source, '}');
    for (int round = 0; round < 2; round++) {
        lh_out_begin(o, '{');
        for (int i = 0; i < 5000; i += 2) {
            char key[16];

            snprintf(key, sizeof key, "k%d", i);
            lh_out_key(o, lh_str_z(key));
            lh_out_i64(o, -i);
        }
        lh_out_members(o, read(doc, lh_buf_text(&source)), NULL, 0);
        lh_out_members(o, lh_json_root(doc), NULL, 0);
        lh_out_end(o);
        is_int(lh_out_finish(o, &json, NULL), 0, "5000 names");
        is_int(lh_json_scan(doc, json, &lh_json_page_limits, NULL), 0, "the text is JSON");
        is_int(lh_json_count(lh_json_root(doc)), 5000, "each name once");
        ok(!lh_json_duplicate(doc), "indeed");
        lh_out_reset(o);
    }
}

static void test_colliding_names(void)
{
    lh_autoptr(lh_out) o = lh_out_new((size_t)1 << 24, 64);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) few = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) many = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str json = LH_STR("");

    colliding_object(&few, 100, 7);
    colliding_object(&many, 1000, 7);
    lh_out_begin(o, '{');
    lh_out_members(o, read(doc, lh_buf_text(&few)), NULL, 0);
    lh_out_members(o, read(doc, lh_buf_text(&many)), NULL, 0);
    lh_out_end(o);
    is_int(lh_out_finish(o, &json, NULL), 0, "names that collide");
    ok(lh_str_eq(json, lh_buf_slice(&many)), "each once, in order");
    lh_out_reset(o);
    lh_out_begin(o, '{');
    lh_out_members(o, lh_json_root(doc), NULL, 0);
    lh_out_members(o, lh_json_root(doc), NULL, 0);
    is_refused(o, "out_members: too many names of one object have the same hash");
}

static void test_walked(void)
{
    lh_autoptr(lh_out) o = lh_out_new(1000, 64);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_json *v = NULL;

    lh_out_begin(o, '{');
    ok(!lh_out_is_complete(o), "an open object is not complete");
    lh_out_key(o, LH_STR("a"));
    lh_out_i64(o, 7);
    lh_out_end(o);
    ok(lh_out_is_complete(o), "a closed one is");
    ok(!lh_out_failure(o), "and nothing was wrong");
    is_int(lh_out_value(o, &v, &e), 0, "it can be walked");
    is_slice(lh_json_raw(lh_json_get(v, LH_STR("a"))), "7", "with its members");
    lh_out_end(o);
    is_int(lh_out_value(o, &v, &e), LH_INVALID, "not after a wrong call");
    has_str(lh_out_failure(o), "out_end", "which is named");
}

int main(void)
{
    RUN(test_walked);
    RUN(test_values);
    RUN(test_order_of_calls);
    RUN(test_texts);
    RUN(test_limits);
    RUN(test_depth_of_references);
    RUN(test_members);
    RUN(test_members_of_odd_objects);
    RUN(test_names_by_level);
    RUN(test_many_names);
    RUN(test_colliding_names);
    return tap_done();
}
