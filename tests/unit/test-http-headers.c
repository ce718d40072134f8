/* SPDX-License-Identifier: Apache-2.0 */
/* Header lists, and the times and rates in them. */
#include "config.h"

#include "http/headers.h"

#include "tap.h"

#include <stdlib.h>

#define NOW   INT64_C(784111777000)  /* Sun, 06 Nov 1994 08:49:37 GMT */
#define LATER INT64_C(1795280400000) /* Sat, 21 Nov 2026 17:00:00 GMT */

static void put(struct lh_http_headers *h, const char *line)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_http_headers_add_line(h, lh_str_z(line), &e), 0, lh_error_text(&e));
}

static void test_list(void)
{
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_http_headers) copy = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    put(&h, "Content-Type: application/json\r\n");
    put(&h, "LINK:  <https://a/1>; rel=\"next\" \r\n");
    put(&h, "X-Empty:\n");
    put(&h, "link:<https://a/9>; rel=\"last\"");
    is_int(h.n, 3, "three names");
    is_slice(lh_http_headers_get(&h, "Link"),
             "<https://a/1>; rel=\"next\", <https://a/9>; rel=\"last\"", "two lines of one name");
    is_slice(lh_http_headers_get(&h, "x-EMPTY"), "", "empty");
    ok(lh_http_headers_get(&h, "x-empty").p && !lh_http_headers_get(&h, "x").p, "empty is there");
    is_slice(h.items[0].name, "content-type", "lower case");
    is_str(lh_http_headers_get(&h, "content-type").p, "application/json", "ends in NUL");
    is_int(lh_http_headers_set(&h, LH_STR("Link"), LH_STR("b"), &e), 0, "set");
    is_slice(lh_http_headers_get(&h, "link"), "b", "in place of both");
    lh_http_headers_copy(&copy, &h);
    ok(lh_http_headers_remove(&h, LH_STR("LINK")), "removed");
    ok(!lh_http_headers_remove(&h, LH_STR("LINK")), "once");
    is_slice(lh_http_headers_get(&copy, "link"), "b", "the copy keeps it");
    is_int(copy.bytes - h.bytes, 5, "bytes are counted");
}

static void test_refused(void)
{
    static const struct {
        const char *name;
        lh_str value;
        const char *message;
    } cases[] = {
        {"", LH_STR_INIT("x"), "the name of a header is no token (RFC 9110, 5.6.2)"},
        {"a b", LH_STR_INIT("x"), "the name of a header is no token (RFC 9110, 5.6.2)"},
        {"a:", LH_STR_INIT("x"), "the name of a header is no token (RFC 9110, 5.6.2)"},
        {"\xc3\xa4", LH_STR_INIT("x"), "the name of a header is no token (RFC 9110, 5.6.2)"},
        {"A", LH_STR_INIT("s3cret\r\nHost: b"), "header A: a line break or NUL in its value"},
        {"A", LH_STR_INIT("s3cret\nb"), "header A: a line break or NUL in its value"},
        {"A", LH_STR_INIT("s3cret\0b"), "header A: a line break or NUL in its value"},
    };
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_error) e = LH_ERROR_INIT;

        is_int(lh_http_headers_set(&h, lh_str_z(cases[i].name), cases[i].value, &e), LH_INVALID,
               cases[i].name);
        is_str(lh_error_text(&e), cases[i].message, "message without the value");
    }
    is_int(h.n, 0, "nothing was added");
    is_int(lh_http_headers_add_line(&h, LH_STR("no colon"), NULL), LH_INVALID, "no colon");
    is_int(lh_http_headers_add_line(&h, LH_STR(" folded: x"), NULL), LH_INVALID, "folded");
    is_int(lh_http_headers_add_line(&h, LH_STR("a\r\nb: x"), NULL), LH_INVALID, "two lines");
    is_int(lh_http_headers_add_line(&h, LH_STR(""), NULL), LH_INVALID, "empty");
}

static void test_bounds(void)
{
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_http_headers) large = LH_HTTP_HEADERS_INIT;
    char *text lh_autofree = lh_xcalloc(1, LH_HTTP_HEADER_BYTES + 2);
    int code = 0;

    for (int i = 0; i <= LH_HTTP_HEADERS && !code; i++) {
        char name[16];

        snprintf(name, sizeof name, "x-%d", i);
        code = lh_http_headers_add(&h, lh_str_z(name), LH_STR("v"), NULL);
    }
    is_int(code, LH_INVALID, "too many");
    is_int(h.n, LH_HTTP_HEADERS, "as many as may be");
    is_int(lh_http_headers_add(&h, LH_STR("x-0"), LH_STR("w"), NULL), 0, "one more value of one");
    memset(text, 'a', LH_HTTP_HEADER_BYTES + 1);
    is_int(lh_http_headers_add(&large, LH_STR("a"), lh_str_z(text), NULL), LH_INVALID, "too large");
    is_int(lh_http_headers_add(&large, lh_str_z(text), LH_STR("a"), NULL), LH_INVALID, "name");
    is_int(lh_http_headers_add(&large, LH_STR("a"), lh_str_n(text, 60000), NULL), 0, "fits");
    is_int(lh_http_headers_add(&large, LH_STR("a"), lh_str_n(text, 6000), NULL), LH_INVALID,
           "together they do not");
}

static void test_of_host(void)
{
    ok(lh_http_header_is_of_host(LH_STR("authorization")), "authorization");
    ok(lh_http_header_is_of_host(LH_STR("PROXY-Authorization")), "proxy-");
    ok(lh_http_header_is_of_host(LH_STR("Transfer-Encoding")), "transfer-encoding");
    ok(!lh_http_header_is_of_host(LH_STR("X-Requested-With")), "no");
    ok(!lh_http_header_is_of_host(LH_STR("Hos")), "no prefix");
}

static void test_dates(void)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: no date */
    } cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", NOW},
        {"Sunday, 06-Nov-94 08:49:37 GMT", NOW},
        {"Sun Nov  6 08:49:37 1994", NOW},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wednesday, 01-Jan-69 00:00:00 GMT", INT64_C(3124224000000)},
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799000)},
        {"Tue, 29 Feb 2028 00:00:00 GMT", INT64_C(1835395200000)},
        {"Tue, 30 Jun 2015 23:59:60 GMT", INT64_C(1435708800000)},
        {"Sat, 31 Apr 2027 00:00:00 GMT", -1},
        {"Sun, 29 Feb 2027 00:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37 CET", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {"sun, 06 nov 1994 08:49:37 gmt", -1},
        {"Sun, 06 Nov 94 08:49:37 GMT", -1},
        {"2026-11-21T00:00:00Z", -1},
        {"Sun", -1},
        {"Sunday", -1},
        {"", -1},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        int64_t ms = -1;

        is_int(lh_http_date(lh_str_z(cases[i].text), &ms), cases[i].ms != -1, cases[i].text);
        is_int(ms, cases[i].ms, "ms, or untouched");
    }
}

static void test_retry_after(void)
{
    static const struct {
        const char *value, *date;
        int64_t ms;
    } cases[] = {
        {"57", NULL, 57000},
        {"0", NULL, 0},
        {"1.5", NULL, 1500},
        {"007", NULL, 7000},
        {"99999999999999999999999999", NULL, LH_HTTP_WAIT_MAX_MS},
        {"86401", NULL, LH_HTTP_WAIT_MAX_MS},
        {"-1", NULL, -1},
        {"", NULL, -1},
        {"soon", NULL, -1},
        {"5s", NULL, -1},
        {"+5", NULL, -1},
        {"1, 2", NULL, -1},
        {"Sun, 06 Nov 1994 08:50:07 GMT", NULL, 30000},
        {"Sun, 06 Nov 1994 08:49:07 GMT", NULL, 0},
        {"Fri, 31 Dec 9999 23:59:59 GMT", NULL, LH_HTTP_WAIT_MAX_MS},
        /* the source's clock is an hour late: its own time counts */
        {"Sun, 06 Nov 1994 07:50:07 GMT", "Sun, 06 Nov 1994 07:49:37 GMT", 30000},
        {"Sun, 06 Nov 1994 08:50:07 GMT", "yesterday", 30000},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;

        lh_http_headers_add(&h, LH_STR("Retry-After"), lh_str_z(cases[i].value), NULL);
        if (cases[i].date)
            lh_http_headers_add(&h, LH_STR("Date"), lh_str_z(cases[i].date), NULL);
        is_int(lh_http_retry_after(&h, NOW), cases[i].ms, cases[i].value);
    }
}

static void test_waits(void)
{
    static const struct {
        const char *value;
        enum lh_http_unit unit;
        int64_t ms;
    } cases[] = {
        {"784111787", LH_HTTP_EPOCH_S, 10000},
        {"784111787.25", LH_HTTP_EPOCH_S, 10250},
        {"784111777", LH_HTTP_EPOCH_S, 0},
        {"1", LH_HTTP_EPOCH_S, 0},
        {"9223372036854775807", LH_HTTP_EPOCH_S, LH_HTTP_WAIT_MAX_MS},
        {"784111787000", LH_HTTP_EPOCH_MS, 10000},
        {"10", LH_HTTP_SECONDS, 10000},
        {"Sun, 06 Nov 1994 08:49:47 GMT", LH_HTTP_DATE, 10000},
        {"10", LH_HTTP_DATE, -1},
        {"Sun, 06 Nov 1994 08:49:47 GMT", LH_HTTP_SECONDS, -1},
        {"", LH_HTTP_EPOCH_S, -1},
    };
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;

    for (size_t i = 0; i < LH_LEN(cases); i++)
        is_int(lh_http_wait_for(&h, lh_str_z(cases[i].value), cases[i].unit, NOW), cases[i].ms,
               cases[i].value);
    ok(lh_http_wait_for(&h, LH_STR("5"), LH_HTTP_EPOCH_S, INT64_MIN) == LH_HTTP_WAIT_MAX_MS,
       "no overflow");
}

static void test_rates(void)
{
    static const struct {
        const char *lines[4];
        struct lh_http_rate rate;
    } cases[] = {
        {{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4999",
          "X-RateLimit-Reset: 1795280460"},
         {5000, 4999, 60000, -1}},
        {{"X-HubSpot-RateLimit-Max: 190", "X-HubSpot-RateLimit-Remaining: 3",
          "X-HubSpot-RateLimit-Interval-Milliseconds: 10000",
          "X-HubSpot-RateLimit-Daily-Remaining: 0"},
         {190, 3, -1, 10000}},
        {{"ratelimit-limit: 700", "x-rate-limit: 600", "ratelimit-remaining: 699",
          "ratelimit-reset: 41"},
         {700, 699, 41000, -1}},
        {{"X-Rate-Limit: 700", "X-Rate-Limit-Remaining: 0"}, {700, 0, -1, -1}},
        {{"X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 1795280430000"}, {-1, 1, 30000, -1}},
        {{"ratelimit-limit: 100, 100;w=60", "ratelimit-remaining: many"}, {100, -1, -1, -1}},
        {{"X-RateLimit-Limit: -3", "X-RateLimit-Remaining: 99999999999999999999"},
         {-1, INT64_C(1000000000000000), -1, -1}},
    };
    lh_auto(lh_http_headers) none = LH_HTTP_HEADERS_INIT;
    struct lh_http_rate rate = {9, 9, 9, 9};

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
        const struct lh_http_rate *want = &cases[i].rate;
        struct lh_http_rate got = {9, 9, 9, 9};

        for (size_t k = 0; k < 4 && cases[i].lines[k]; k++)
            put(&h, cases[i].lines[k]);
        ok(lh_http_rate_read(&h, LATER, &got), "%s", cases[i].lines[0]);
        is_int(got.limit, want->limit, "limit");
        is_int(got.remaining, want->remaining, "remaining");
        is_int(got.window_ms, want->window_ms, "window");
        is_int(got.reset_ms, want->reset_ms, "reset");
    }
    ok(!lh_http_rate_read(&none, NOW, &rate) && rate.limit == 9, "none, untouched");
}

int main(void)
{
    RUN(test_list);
    RUN(test_refused);
    RUN(test_bounds);
    RUN(test_of_host);
    RUN(test_dates);
    RUN(test_retry_after);
    RUN(test_waits);
    RUN(test_rates);
    return tap_done();
}
