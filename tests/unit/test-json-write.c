/* SPDX-License-Identifier: Apache-2.0 */
/* What was read is written as it was, in one line, or in canonical form. */
#include "config.h"

#include "tap.h"
#include "json/json.h"

#include <stdlib.h>

static const struct lh_json *read(struct lh_json_doc *doc, const char *text)
{
    lh_json_scan(doc, lh_str_z(text), &lh_json_page_limits, NULL);
    return lh_json_root(doc);
}

static void is_written(const char *text, const char *want)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_json_write(&b, read(doc, text));
    is_slice(lh_buf_slice(&b), want, "written");
}

static void test_write(void)
{
    is_written("19.99", "19.99");
    is_written("[12345678901234567890123, 1.10, 1E400, -0]",
               "[12345678901234567890123,1.10,1E400,-0]");
    is_written("[1,\"\\u00e9 \\/\"]", "[1,\"\\u00e9 \\/\"]");
    is_written("{\n  \"a b\" : [ 1 , { } , [ ] ] ,\r\n\t\"\" : \" x \\n \"\n}\n",
               "{\"a b\":[1,{},[]],\"\":\" x \\n \"}");
    is_written(" [ ] ", "[]");
    is_written("[ [ ] , [ [ ] ] ]", "[[],[[]]]");
    is_written("\n\"\" ", "\"\"");
}

static void test_write_part(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(8);
    const struct lh_json *root = read(doc, "{\"a\": [1, {\"b\": 2}], \"c\": { }}");

    lh_json_write(
        &b,
        lh_json_get(lh_json_next(lh_json_get(root, LH_STR("a")),
                                 lh_json_next(lh_json_get(root, LH_STR("a")), NULL, NULL), NULL),
                    LH_STR("b")));
    lh_json_write(&b, lh_json_get(root, LH_STR("c")));
    lh_json_write(&b, NULL);
    is_slice(lh_buf_slice(&b), "2{}null", "parts, and nothing is null");
    lh_json_write(&b, root);
    ok(b.failed, "the limit of the buffer holds");
}

static void test_write_str(void)
{
    static const char all[] =
        "\x01\x1f\"\\/\b\f\n\r\t\x7f\xc3\xa9 0123456789abcdef\"0123456789abcdef";
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) tight = LH_BUF_INIT(4);

    lh_json_write_str(&b, lh_str_n(NULL, 0));
    is_slice(lh_buf_slice(&b), "\"\"", "the empty string");
    lh_buf_reset(&b);
    lh_json_write_str(&b, lh_str_z(all));
    is_slice(
        lh_buf_slice(&b),
        "\"\\u0001\\u001f\\\"\\\\/\\b\\f\\n\\r\\t\x7f\xc3\xa9 0123456789abcdef\\\"0123456789abcdef\"",
        "only what must be is escaped");
    lh_buf_reset(&b);
    lh_json_write_str(&b, lh_str_n("\0", 1));
    is_slice(lh_buf_slice(&b), "\"\\u0000\"", "NUL");
    lh_json_write_str(&tight, LH_STR("ab"));
    is_slice(lh_buf_slice(&tight), "\"ab\"", "just fits");
    lh_buf_reset(&tight);
    lh_json_write_str(&tight, LH_STR("abc"));
    ok(tight.failed, "one more does not");
}

/* Every byte at every offset of a word: what comes back is what went in. */
static void test_str_round_trip(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    char text[40];
    bool good = true;

    for (unsigned c = 0; c < 128; c++)
        for (size_t at = 0; at < sizeof text; at++) {
            lh_buf_reset(&b);
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            lh_json_write_str(&b, lh_str_n(text, sizeof text));
            good = good && !lh_json_scan(doc, lh_buf_slice(&b), &lh_json_page_limits, NULL) &&
                   lh_str_eq(lh_json_str(lh_json_root(doc)), lh_str_n(text, sizeof text));
        }
    ok(good, "all of ASCII at 40 offsets");
}

static void is_canonical(const char *text, const char *want)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) again = LH_BUF_INIT(LH_BUF_TEXT);

    is_int(lh_json_write_canonical(&b, read(doc, text)), 0, text);
    is_slice(lh_buf_slice(&b), want, "canonical");
    lh_json_write_canonical(&again, read(doc, lh_buf_text(&b)));
    is_slice(lh_buf_slice(&again), want, "and a fixed point");
}

static void test_canonical(void)
{
    is_canonical("{\"b\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"b\":1}");
    is_canonical("{ \"b\" : { \"d\":1, \"c\":[ {\"z\":1, \"y\":[ ]}, { } ] }, \"a\": 1.10 }",
                 "{\"a\":1.10,\"b\":{\"c\":[{\"y\":[],\"z\":1},{}],\"d\":1}}");
    is_canonical("[3, 1, 2]", "[3,1,2]");
    is_canonical("\"\\u0041\\/\\u00e9\\n\\u0001\"", "\"A/\xc3\xa9\\n\\u0001\"");
    is_canonical("{\"\\u0062\":1,\"a\":2}", "{\"a\":2,\"b\":1}");
    is_canonical("{\"aa\":1,\"a\":2,\"\xc3\xa9\":3,\"z\":4}",
                 "{\"a\":2,\"aa\":1,\"z\":4,\"\xc3\xa9\":3}");
    is_canonical("[ ]", "[]");
    is_canonical("{ }", "{}");
    is_canonical("1e3", "1e3");
}

static void test_canonical_refuses(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_z(&b, "before");
    is_int(lh_json_write_canonical(&b, read(doc, "{\"x\":1,\"y\":{\"a\":1,\"\\u0061\":2}}")),
           LH_INVALID, "a key stands twice");
    is_slice(lh_buf_slice(&b), "before", "and nothing is written");
    is_int(lh_json_write_canonical(&b, lh_json_get(lh_json_root(doc), LH_STR("x"))), 0,
           "other parts of the document can be written");
    is_int(lh_json_write_canonical(&b, NULL), 0, "nothing is null");
    is_slice(lh_buf_slice(&b), "before1null", "written");
}

static void test_canonical_deep(void)
{
    struct lh_json_limits limits = {SIZE_MAX, UINT32_MAX, UINT32_MAX};
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_fill(&text, '[', 100000);
    lh_buf_fill(&text, ']', 100000);
    lh_json_scan(doc, lh_buf_slice(&text), &limits, NULL);
    is_int(lh_json_write_canonical(&b, lh_json_root(doc)), 0, "100,000 levels need no stack");
    ok(lh_str_eq(lh_buf_slice(&text), lh_buf_slice(&b)), "and come out as they are");
}

int main(void)
{
    RUN(test_write);
    RUN(test_write_part);
    RUN(test_write_str);
    RUN(test_str_round_trip);
    RUN(test_canonical);
    RUN(test_canonical_refuses);
    RUN(test_canonical_deep);
    return tap_done();
}
