/* SPDX-License-Identifier: Apache-2.0 */
/* The helpers of <lakehost/sdk.h>: pure ones against known values, the others on a fake host. */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

#include <stdlib.h>

static const struct lh_host *H = &fake_host;

static void test_slices(void)
{
    ok(lhs_eq(LHS("a"), lhs_z("a")) && !lhs_eq(LHS("a"), LHS("ab")), "equal");
    ok(lhs_eq(lhs_z(NULL), LHS("")), "NULL is empty");
    ok(lhs_cmp(LHS("a"), LHS("b")) < 0 && lhs_cmp(LHS("b"), LHS("a")) > 0, "order");
    ok(lhs_cmp(LHS("a"), LHS("ab")) < 0 && lhs_cmp(LHS("ab"), LHS("a")) > 0, "a prefix is less");
    ok(lhs_cmp(LHS("\xc3\xa9"), LHS("z")) > 0, "bytes are unsigned");
    is_int(lhs_cmp(LHS(""), lhs_n(NULL, 0)), 0, "empty and NULL");
}

static void test_i64(void)
{
    static const struct {
        const char *text;
        int good;
        int64_t value;
    } cases[] = {
        {"0", 1, 0},
        {"-0", 1, 0},
        {"007", 1, 7},
        {"9223372036854775807", 1, INT64_MAX},
        {"-9223372036854775808", 1, INT64_MIN},
        {"9223372036854775808", 0, 0},
        {"-9223372036854775809", 0, 0},
        {"99999999999999999999999", 0, 0},
        {"", 0, 0},
        {"-", 0, 0},
        {"+1", 0, 0},
        {" 1", 0, 0},
        {"1 ", 0, 0},
        {"1.0", 0, 0},
        {"1e3", 0, 0},
        {"0x10", 0, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 42;

        is_int(lhs_i64(lhs_z(cases[i].text), &value), cases[i].good ? 0 : -1, cases[i].text);
        is_int(value, cases[i].good ? cases[i].value : 42, "the value, untouched on failure");
    }
}

static void test_options(void)
{
    static const struct fake_option options[] = {
        {"n", "12"}, {"yes", "true"}, {"no", "false"}, {NULL, NULL}};
    struct fake f;

    fake_begin(&f, NULL, options);
    is_int(lhs_opt_i64(H, &f.opts, "n", 3), 12, "a number");
    is_int(lhs_opt_i64(H, &f.opts, "m", 3), 3, "an absent one");
    is_int(lhs_opt_i64(H, &f.opts, "yes", 3), 3, "one that is none");
    is_int(lhs_opt_bool(H, &f.opts, "yes", 0), 1, "true");
    is_int(lhs_opt_bool(H, &f.opts, "no", 1), 0, "false");
    is_int(lhs_opt_bool(H, &f.opts, "maybe", 1), 1, "absent");
    fake_end(&f);
}

static void test_option_members(void)
{
    static const struct fake_option options[] = {{"b", "-7"}, {"c", "x"}, {NULL, NULL}};
    struct numbers {
        int64_t a, b, c, other;
    } n = {1, 2, 3, 4};
    static const struct lhs_opt_member members[] = {{"a", offsetof(struct numbers, a)},
                                                    {"b", offsetof(struct numbers, b)},
                                                    {"c", offsetof(struct numbers, c)}};
    struct fake f;

    fake_begin(&f, NULL, options);
    lhs_opt_members(H, &f.opts, members, 3, &n);
    is_int(n.a, 1, "what is absent stays");
    is_int(n.b, -7, "what is given is there");
    is_int(n.c, 3, "what is no number stays");
    is_int(n.other, 4, "what is not in the table stays");
    fake_end(&f);
}

static void check_list(const char *list, const char *expected)
{
    char got[128] = "";
    size_t used = 0;
    size_t at = 0;
    lh_str part;

    while ((part = lhs_list_next(lhs_z(list), &at)).n)
        used += (size_t)snprintf(got + used, sizeof got - used, "[%.*s]", (int)part.n, part.p);
    is_str(got, expected, list);
}

static void test_lists(void)
{
    check_list("", "");
    check_list(",, ,", "");
    check_list("a", "[a]");
    check_list("a,b", "[a][b]");
    check_list(" a b ,\tc\t", "[a b][c]");
    check_list(",a,,b,", "[a][b]");
    check_list("\xc3\xa9, x", "[\xc3\xa9][x]");
}

static void test_text(void)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    struct fake f;

    fake_begin(&f, NULL, NULL);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        is_slice(lhs_base64(H, &f.call, lhs_z(vectors[i][0])), vectors[i][1], "RFC 4648, 10");
    is_slice(lhs_base64(H, &f.call, lhs_n("\0\xff\xfe", 3)), "AP/+", "bytes that are no text");
    is_slice(lhs_pct(H, &f.call, LHS("AZaz09-._~")), "AZaz09-._~", "unreserved characters stay");
    is_slice(lhs_pct(H, &f.call, LHS("a b/c?d=e&f#g%h+\xc3\xa9")),
             "a%20b%2Fc%3Fd%3De%26f%23g%25h%2B%C3%A9", "all else is encoded");
    is_slice(lhs_pct(H, &f.call, lhs_n("\0", 1)), "%00", "NUL");
    is_slice(lhs_query(H, &f.call, LHS("/x"), LHS("a b"), LHS("c&d")), "/x?a%20b=c%26d", "first");
    is_slice(lhs_query(H, &f.call, LHS("/x?y=1"), LHS("a"), LHS("")), "/x?y=1&a=", "second");
    is_slice(lhs_fmt(H, &f.call, "%s-%d", "a", 7), "a-7", "printf");
    is_int(lhs_fail(H, &f.call, LH_E_DATA, "page %d", 3), LH_E_DATA, "fail gives the code");
    is_str(fake_text(&f.events), "fail -8: page 3\n", "and the message");
    f.no_memory = true;
    ok(!lhs_dup(H, &f.call, LHS("a")).p && !lhs_fmt(H, &f.call, "a").p &&
           !lhs_pct(H, &f.call, LHS("a")).p && !lhs_base64(H, &f.call, LHS("a")).p &&
           !lhs_query(H, &f.call, LHS("a"), LHS("b"), LHS("c")).p && !lhs_iso(H, &f.call, 0).p,
       "no memory is {NULL, 0}");
    fake_end(&f);
}

/* --- time ------------------------------------------------------------------------------------- */

/* Every day of years 0 to 9999, counted one by one. */
static void test_all_days(void)
{
    int64_t day = lhs_days(0, 1, 1);
    int wrong = 0;
    char text[LHS_ISO_SIZE];
    char want[LHS_ISO_SIZE + 16];

    is_int(day, -719528, "0000-01-01");
    is_int(lhs_days(1970, 1, 1), 0, "1970-01-01");
    for (int y = 0; y <= 9999; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= lhs_month_days(y, m); d++, day++) {
                snprintf(want, sizeof want, "%04d-%02d-%02dT00:00:00Z", y, m, d);
                lhs_iso_at(text, day * 86400000);
                if (lhs_days(y, m, d) != day || strcmp(text, want) ||
                    lhs_time_ms(lhs_z(text)) != day * 86400000)
                    if (wrong++ == 0)
                        diag("day %d: expected %s, found %s", (int)day, want, text);
            }
    is_int(wrong, 0, "all days, both ways");
    is_int(day, 2932897, "the day after 9999-12-31");
}

static void test_iso(void)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {INT64_C(951827696789), "2000-02-29T12:34:56.789Z"},
        {INT64_C(1772357415000), "2026-03-01T09:30:15Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0000-01-01T00:00:00Z"},
    };
    struct fake f;

    fake_begin(&f, NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is_slice(lhs_iso(H, &f.call, cases[i].ms), cases[i].text, "a time");
    fake_end(&f);
}

static void test_times_read(void)
{
    static const struct {
        const char *text, *same_as; /* NULL: no time */
    } cases[] = {
        {"2026-03-01", "2026-03-01T00:00:00Z"},
        {"2026-03-01T09:30", "2026-03-01T09:30:00Z"},
        {"2026-03-01 09:30:15", "2026-03-01T09:30:15Z"},
        {"2026-03-01t09:30:15z", "2026-03-01T09:30:15Z"},
        {"2026-03-01T09:30:15.1Z", "2026-03-01T09:30:15.100Z"},
        {"2026-03-01T09:30:15.123456789Z", "2026-03-01T09:30:15.123Z"},
        {"2026-03-01T09:30:15+01:00", "2026-03-01T08:30:15Z"},
        {"2026-03-01T00:30:15+0100", "2026-02-28T23:30:15Z"},
        {"2026-03-01T09:30:15-08", "2026-03-01T17:30:15Z"},
        {"2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"}, /* a leap second */
        {"2024-02-29", "2024-02-29T00:00:00Z"},
        {"2023-02-29", NULL},
        {"1900-02-29", NULL},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"2026-04-31", NULL},
        {"2026-13-01", NULL},
        {"2026-00-01", NULL},
        {"2026-01-00", NULL},
        {"2026-03-01T24:00:00Z", NULL},
        {"2026-03-01T23:60:00Z", NULL},
        {"2026-03-01T23:59:61Z", NULL},
        {"2026-03-01T", NULL},
        {"2026-03-01T09", NULL},
        {"2026-03-01T09:30:15ZZ", NULL},
        {"2026-03-01T09:30:15+", NULL},
        {"2026-03-01T09:30:15+1", NULL},
        {"2026-03-01T09:30:15+24:00", NULL},
        {"2026-03-01T09:30:15+01:60", NULL},
        {"2026-03-01T09:30:15.", "2026-03-01T09:30:15Z"},
        {"2026-3-1", NULL},
        {"20260301", NULL},
        {"2026-03-01 ", NULL},
        {" 2026-03-01", NULL},
        {"", NULL},
        {"yesterday", NULL},
    };
    char text[LHS_ISO_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = lhs_time_ms(lhs_z(cases[i].text));

        if (!cases[i].same_as)
            ok(ms == LHS_NO_TIME, "\"%s\" is no time", cases[i].text);
        else
            is_str(ms == LHS_NO_TIME ? "no time" : lhs_iso_at(text, ms).p, cases[i].same_as,
                   cases[i].text);
    }
    for (size_t n = 0; n < 19; n++)
        ok(n == 10 || n == 16 || lhs_time_ms(lhs_n("2026-03-01T09:30:15", n)) == LHS_NO_TIME,
           "the first %zu bytes are no time", n);
}

/* --- links and pages -------------------------------------------------------------------------- */

static void check_link(const char *header, const char *rel, const char *expected)
{
    char headers[512];
    struct fake_answer answers[] = {{"GET", "/x", NULL, 200, headers, "[]"}, {0}};
    struct lh_http_req q = lhs_get(LHS("/x"));
    const struct lh_http_resp *r = NULL;
    struct fake f;

    snprintf(headers, sizeof headers, "X-Other: 1\nlink: %s", header);
    fake_begin(&f, answers, NULL);
    if (ok(H->http(&f.call, &q, &r) == LH_OK, "an answer"))
        is_slice(lhs_link(H, &f.call, r, rel), expected, header);
    fake_end(&f);
}

static void test_links(void)
{
    check_link("</a?page=2>; rel=\"next\"", "next", "/a?page=2");
    check_link("</a>; rel=next", "next", "/a");
    check_link("</a>; rel=\"prev\", </b>; rel=\"next\"", "next", "/b");
    check_link("</a>; rel=\"prev\", </b>; rel=\"next\"", "prev", "/a");
    check_link("</a>;rel=\"prev next\"", "next", "/a");
    check_link("</a> ; title=\"x\" ; REL=\"Next\" ", "next", "/a");
    check_link("</a,b>; rel=\"next\"", "next", "/a,b");
    check_link("</a>; title=\"a, b; rel=next\", </b>; rel=next", "next", "/b");
    check_link("</a>; title=\"</evil>; rel=next\", </b>; rel=next", "next", "/b");
    check_link("</a>; title=\"q\\\"; rel=next\", </b>; rel=next", "next", "/b");
    check_link("</a>; rel=prev; rel=next", "next", ""); /* only the first counts */
    check_link("</a>; rel=nextpage", "next", "");
    check_link("</a>; relx=next", "next", "");
    check_link("</a>; rel=\"next", "next", "");
    check_link("</a>; rel=", "next", "");
    check_link("</a>; rel", "next", "");
    check_link("</a>", "next", "");
    check_link("</a", "next", "");
    check_link("<", "next", "");
    check_link("a>; rel=next", "next", "");
    check_link("<>; rel=next", "next", "");
    check_link("\"<<<>>>\\", "next", "");
}

/* Every piece of a long header, so that a read beyond its end is found under sanitizers. */
static void test_broken_links(void)
{
    static const char whole[] = "</a>; title=\"\\\"<,>\"; rel=\"a next\", </b;>; rel=next;,<c>";

    for (size_t from = 0; from < sizeof whole; from++)
        for (size_t n = 0; n < sizeof whole - from; n++) {
            char *piece = strndup(whole + from, n);
            size_t at = 0;

            while (at < n)
                lhs_unquoted(lhs_n(piece, n), &at, ",");
            lhs_link_is(lhs_n(piece, n), "next");
            free(piece);
        }
    ok(true, "no read beyond the end");
}

static void test_pages(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/x", NULL, 200, "Link: </x?2>; rel=\"next\"", "[1]"},
        {"GET", "/x?2", NULL, 200, "Link: </x?3>; rel=\"next\"", "[]"},
        {"GET", "/x?3", NULL, 200, NULL, "[2]"},
        {0},
    };
    struct lhs_pages pages = lhs_pages(lhs_get(LHS("/x")));
    const struct lh_http_resp *page;
    struct fake f;
    int n = 0;
    int rc;

    fake_begin(&f, answers, NULL);
    while (!(rc = lhs_page(H, &f.call, &pages, &page)) && page) {
        lhs_pages_next(H, &f.call, &pages, lhs_link(H, &f.call, page, "next"));
        n++;
    }
    is_int(rc, LH_OK, "it ends well");
    is_int(n, 3, "three pages, an empty one among them");
    is_int(f.n_live, 0, "each released");
    is_str(fake_text(&f.events), "GET /x\nprefetch /x?2\nGET /x?2\nprefetch /x?3\nGET /x?3\n",
           "requests, the next ahead of time");
    is_int(lhs_page(H, &f.call, &pages, &page), LH_OK, "after the end");
    ok(!page, "there is no page");
    fake_end(&f);
}

static void test_pages_fail(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/forbidden", NULL, 403, NULL, "{}"},
        {"GET", "/down", NULL, LH_E_UNAVAILABLE, NULL, NULL},
        {0},
    };
    struct lhs_pages forbidden = lhs_pages(lhs_get(LHS("/forbidden")));
    struct lhs_pages down = lhs_pages(lhs_get(LHS("/down")));
    const struct lh_http_resp *page;
    struct fake f;

    fake_begin(&f, answers, NULL);
    is_int(lhs_page(H, &f.call, &forbidden, &page), LH_E_DENIED, "an answer that is none of 2xx");
    ok(!page, "gives no page");
    is_int(lhs_page(H, &f.call, &down, &page), LH_E_UNAVAILABLE, "no answer at all");
    ok(!page, "gives no page");
    is_int(lhs_page(H, &f.call, &down, &page), LH_OK, "and the loop is over");
    fake_end(&f);
}

static void test_members(void)
{
    struct fake f;
    lh_out *o;

    fake_begin(&f, NULL, NULL);
    o = H->out_new(&f.call);
    H->out_begin(o, '{');
    lhs_out_str(H, o, LHS("s"), LHS("a\"b"));
    lhs_out_i64(H, o, LHS("n"), INT64_MIN);
    H->out_end(o);
    is_slice(H->json_raw(H->out_done(o)), "{\"s\":\"a\\\"b\",\"n\":-9223372036854775808}",
             "members");
    fake_end(&f);
}

static void test_requests(void)
{
    struct lh_http_req q = lhs_post(LHS("/x"), LHS("{}"));

    is_slice(q.method, "POST", "method");
    is_slice(q.content_type, "application/json", "content type");
    is_int(q.struct_size, sizeof q, "size");
    is_int(q.flags, LH_HTTP_REPEATABLE, "it may be repeated");
}

/* --- offsets that are a time ------------------------------------------------------------------ */

static void test_offset_times(void)
{
    static const char *const wrong[] = {"{\"since\":\"2026-03-01\"}", "{\"until\":\"soon\"}",
                                        "{\"until\":null}", "[1]"};
    struct fake f;
    int64_t time = 42;
    lh_out *o;

    fake_begin(&f, NULL, NULL);
    is_int(lhs_offset_time(H, &f.call, NULL, LHS("until"), &time), LH_OK, "no offset");
    is_int(lhs_offset_time(H, &f.call, fake_json(&f, "{}"), LHS("until"), &time), LH_OK, "{}");
    is_int(time, 42, "are the beginning: untouched");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        is_int(lhs_offset_time(H, &f.call, fake_json(&f, wrong[i]), LHS("until"), &time),
               LH_E_OFFSET, wrong[i]);
    is_int(time, 42, "untouched on failure");
    has_str(fake_text(&f.events), "the offset's \"until\" is no time: \"soon\"", "the message");
    is_int(lhs_offset_time(H, &f.call, fake_json(&f, "{\"until\":\"1970-01-01T00:00:01Z\"}"),
                           LHS("until"), &time),
           LH_OK, "a time");
    is_int(time, 1000, "in milliseconds");
    o = H->out_new(&f.call);
    f.stop_at = 2;
    is_int(lhs_checkpoint_time(H, &f.sink, o, LHS("until"), 1000), LH_OK, "a checkpoint");
    is_int(lhs_checkpoint_time(H, &f.sink, o, LHS("until"), 2345), LH_MORE, "says what it is told");
    is_str(fake_text(&f.checkpoints),
           "{\"until\":\"1970-01-01T00:00:01Z\"}\n{\"until\":\"1970-01-01T00:00:02.345Z\"}\n",
           "and what it writes");
    fake_end(&f);
}

int main(void)
{
    RUN(test_slices);
    RUN(test_i64);
    RUN(test_options);
    RUN(test_option_members);
    RUN(test_lists);
    RUN(test_text);
    RUN(test_all_days);
    RUN(test_iso);
    RUN(test_times_read);
    RUN(test_links);
    RUN(test_broken_links);
    RUN(test_pages);
    RUN(test_pages_fail);
    RUN(test_members);
    RUN(test_requests);
    RUN(test_offset_times);
    return tap_done();
}
