/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of requests: what makes a difference and what does not. */
#include "config.h"

#include "http/hash.h"

#include "tap.h"

#define HEADER(name, value)                                                                        \
    {                                                                                              \
        LH_STR_INIT(name), LH_STR_INIT(value)                                                      \
    }

static const struct lh_header headers[] = {HEADER("A", "1"), HEADER("b", "2")};
static const struct lh_header other_order[] = {HEADER("B", "2"), HEADER("a", "1")};
static const struct lh_header other_value[] = {HEADER("A", "1"), HEADER("b", "3")};
static const struct lh_header shifted[] = {HEADER("A", "1b"), HEADER("", "2")};

static struct lh_http_key key_of(struct lh_http_key_parts parts)
{
    struct lh_http_key key;

    lh_http_key_make(&parts, &key);
    return key;
}

static struct lh_http_key_parts base(void)
{
    return (struct lh_http_key_parts){
        LH_STR("POST"), LH_STR("/a?b"), LH_STR("application/json"), LH_STR("{}"), headers, 2, 0};
}

static void test_same(void)
{
    struct lh_http_key_parts parts = base();
    struct lh_http_key first = key_of(parts);

    is_int(strlen(first.hex), 64, "64 digits");
    /* from another implementation, so that recordings stay valid */
    is_str(key_of((struct lh_http_key_parts){.method = LH_STR("GET"), .url = LH_STR("/")}).hex,
           "e533337efb87e36bc8a028fe3aaa9eaedfa4ce00b1e1d9f75621e68aeaf6fc88", "GET /");
    parts.headers = other_order;
    is_str(key_of(parts).hex, first.hex, "case and order of headers");
    parts.flags = LH_HTTP_REPEATABLE | LH_HTTP_NOT_JSON;
    is_str(key_of(parts).hex, first.hex, "flags that change nothing about the request");
}

static void test_different(void)
{
    struct lh_http_key_parts cases[] = {base(), base(), base(), base(), base(),
                                        base(), base(), base(), base(), base()};
    size_t n = sizeof cases / sizeof cases[0];

    cases[1].method = LH_STR("GET");
    cases[2].url = LH_STR("/a?B");
    cases[3].content_type = LH_STR("text/plain");
    cases[4].body = LH_STR("{ }");
    cases[5].headers = other_value;
    cases[6].n_headers = 1;
    cases[7].flags = LH_HTTP_NO_SIGN_IN;
    cases[8].url = LH_STR("/a?bapplication/json");
    cases[8].content_type = LH_STR("");
    cases[9].headers = shifted;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            ok(strcmp(key_of(cases[i]).hex, key_of(cases[k]).hex) != 0, "%zu is not %zu", i, k);
}

int main(void)
{
    RUN(test_same);
    RUN(test_different);
    return tap_done();
}
