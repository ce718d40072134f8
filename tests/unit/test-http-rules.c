/* SPDX-License-Identifier: Apache-2.0 */
/* Retry rules: what the specs of the five connectors make of their sources' answers. */
#include "config.h"

#include "http/rules.h"

#include "base/file.h"
#include "spec_file.h"
#include "tap.h"

#include <stdlib.h>

#define NOW INT64_C(1795280400000) /* Sat, 21 Nov 2026 17:00:00 GMT */

struct answer {
    const char *spec; /* of this connector; "": none */
    int status;
    const char *headers; /* lines */
    const char *body;
    enum lh_http_verdict verdict;
    int code;
    int64_t least_ms, told_ms;
    bool slow_down;
};

static const struct answer answers[] = {
    /* without rules */
    {"", 200, "", "{}", LH_HTTP_TAKE, LH_E_DATA, 0, -1, false},
    {"", 301, "Location: /x", "", LH_HTTP_TAKE, LH_E_DATA, 0, -1, false},
    {"", 400, "", "", LH_HTTP_TAKE, LH_E_DATA, 0, -1, false},
    {"", 401, "Retry-After: 5", "", LH_HTTP_TAKE, LH_E_AUTH, 0, -1, false},
    {"", 403, "", "", LH_HTTP_TAKE, LH_E_DENIED, 0, -1, false},
    {"", 404, "", "", LH_HTTP_TAKE, LH_E_NOT_FOUND, 0, -1, false},
    {"", 408, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, false},
    {"", 410, "", "", LH_HTTP_TAKE, LH_E_NOT_FOUND, 0, -1, false},
    {"", 429, "", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, -1, true},
    {"", 429, "Retry-After: 7", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 7000, true},
    {"", 429, "Retry-After: 0", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 0, true},
    {"", 429, "Retry-After: Sat, 21 Nov 2026 17:00:30 GMT", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0,
     30000, true},
    {"", 429, "Retry-After: Fri, 20 Nov 2026 17:00:30 GMT", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 0,
     true},
    {"", 429, "Retry-After: 1000000000000", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 86400000, true},
    {"", 429, "Retry-After: -3", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, -1, true},
    {"", 500, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, false},
    {"", 501, "", "", LH_HTTP_TAKE, LH_E_UNSUPPORTED, 0, -1, false},
    {"", 502, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, false},
    {"", 503, "Retry-After: 3", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, 3000, true},
    {"", 504, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, false},
    {"", 505, "", "", LH_HTTP_TAKE, LH_E_UNAVAILABLE, 0, -1, false},

    /* GitHub: primary limit, secondary limit in its three forms, rights, single sign-on */
    {"github", 403, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795281000",
     "{\"message\":\"API rate limit exceeded for user ID 1.\"}", LH_HTTP_AGAIN, LH_E_THROTTLED, 0,
     600000, true},
    {"github", 429, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795281000", "{}", LH_HTTP_AGAIN,
     LH_E_THROTTLED, 0, 600000, true},
    {"github", 403,
     "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795281000\n"
     "Date: Sat, 21 Nov 2026 17:09:00 GMT",
     "{}", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 60000, true},
    {"github", 403, "x-ratelimit-remaining: 4000\nretry-after: 57",
     "{\"message\":\"You have exceeded a secondary rate limit.\"}", LH_HTTP_AGAIN, LH_E_THROTTLED,
     0, 57000, true},
    {"github", 429, "retry-after: Sat, 21 Nov 2026 17:01:00 GMT", "{}", LH_HTTP_AGAIN,
     LH_E_THROTTLED, 0, 60000, true},
    {"github", 403, "x-ratelimit-remaining: 4000",
     "{\"message\":\"You have exceeded a secondary rate limit. Please wait a few minutes.\"}",
     LH_HTTP_AGAIN, LH_E_THROTTLED, 60000, -1, true},
    {"github", 403, "", "{\"message\":\"You have triggered an abuse detection mechanism.\"}",
     LH_HTTP_AGAIN, LH_E_THROTTLED, 60000, -1, true},
    {"github", 403, "x-ratelimit-remaining: 4000",
     "{\"message\":\"Resource not accessible by personal access token\"}", LH_HTTP_TAKE,
     LH_E_DENIED, 0, -1, false},
    {"github", 403, "x-github-sso: required; url=https://github.com/orgs/o/sso", "{}",
     LH_HTTP_GIVE_UP, LH_E_DENIED, 0, -1, false},
    {"github", 401, "", "{\"message\":\"Bad credentials\"}", LH_HTTP_TAKE, LH_E_AUTH, 0, -1, false},
    {"github", 404, "", "{}", LH_HTTP_GIVE_UP, LH_E_NOT_FOUND, 0, -1, false},
    {"github", 410, "", "{}", LH_HTTP_GIVE_UP, LH_E_NOT_FOUND, 0, -1, false},
    {"github", 451, "", "{}", LH_HTTP_GIVE_UP, LH_E_NOT_FOUND, 0, -1, false},
    {"github", 502, "", "<html>", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, false},
    {"github", 403, "", "not json, rate limit", LH_HTTP_TAKE, LH_E_DENIED, 0, -1, false},

    /* HubSpot */
    {"hubspot", 429, "", "{\"status\":\"error\",\"policyName\":\"DAILY\"}", LH_HTTP_GIVE_UP,
     LH_E_THROTTLED, 0, -1, false},
    {"hubspot", 429, "", "{\"policyName\":\"TEN_SECONDLY_ROLLING\"}", LH_HTTP_AGAIN, LH_E_THROTTLED,
     10000, -1, true},
    {"hubspot", 429, "Retry-After: 11", "{\"policyName\":\"TEN_SECONDLY_ROLLING\"}", LH_HTTP_AGAIN,
     LH_E_THROTTLED, 10000, 11000, true},
    {"hubspot", 429, "", "{\"policyName\":\"SECONDLY\"}", LH_HTTP_AGAIN, LH_E_THROTTLED, 1000, -1,
     true},
    {"hubspot", 429, "", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 10000, -1, true},
    {"hubspot", 477, "Retry-After: 3600", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, 3600000, true},
    {"hubspot", 423, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 2000, -1, true},
    {"hubspot", 524, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 2000, -1, true},
    {"hubspot", 530, "", "<html>", LH_HTTP_GIVE_UP, LH_E_AUTH, 0, -1, false},
    {"hubspot", 403, "", "{\"category\":\"MISSING_SCOPES\"}", LH_HTTP_GIVE_UP, LH_E_DENIED, 0, -1,
     false},
    {"hubspot", 400, "", "{\"message\":\"Paging through deleted objects\"}", LH_HTTP_TAKE,
     LH_E_DATA, 0, -1, false},

    /* Zendesk */
    {"zendesk", 429, "Retry-After: 93\nx-rate-limit-remaining: 0",
     "{\"error\":\"APIRateLimitExceeded\",\"description\":\"Number of allowed incremental export "
     "API requests per minute exceeded\"}",
     LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 93000, true},
    {"zendesk", 503, "Retry-After: 20", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, 20000, true},
    {"zendesk", 429, "ratelimit-reset: 41", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 0, 41000, true},
    {"zendesk", 429, "", "", LH_HTTP_AGAIN, LH_E_THROTTLED, 60000, -1, true},
    {"zendesk", 503, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, false},
    {"zendesk", 404, "", "{\"error\":\"RecordNotFound\"}", LH_HTTP_TAKE, LH_E_NOT_FOUND, 0, -1,
     false},

    /* Airtable */
    {"airtable", 429, "", "{\"errors\":[{\"error\":\"RATE_LIMIT_REACHED\"}]}", LH_HTTP_AGAIN,
     LH_E_THROTTLED, 30000, -1, true},
    {"airtable", 429, "", "{\"error\":{\"type\":\"PUBLIC_API_BILLING_LIMIT_EXCEEDED\"}}",
     LH_HTTP_GIVE_UP, LH_E_THROTTLED, 0, -1, false},
    {"airtable", 503, "Retry-After: 12", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, 12000, true},
    {"airtable", 403, "", "{\"error\":{\"type\":\"INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND\"}}",
     LH_HTTP_TAKE, LH_E_DENIED, 0, -1, false},
    {"airtable", 422, "", "{\"error\":{\"type\":\"INVALID_FILTER_BY_FORMULA\"}}", LH_HTTP_TAKE,
     LH_E_DATA, 0, -1, false},
    {"airtable", 422, "", "{\"error\":{\"type\":\"LIST_RECORDS_ITERATOR_NOT_AVAILABLE\"}}",
     LH_HTTP_TAKE, LH_E_DATA, 0, -1, false},
    {"airtable", 404, "", "{\"error\":\"NOT_FOUND\"}", LH_HTTP_TAKE, LH_E_NOT_FOUND, 0, -1, false},

    /* OSI PI */
    {"osipi", 429, "", "Rate limit was reached", LH_HTTP_AGAIN, LH_E_THROTTLED, 1000, -1, true},
    {"osipi", 502, "", "", LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 2000, -1, true},
    {"osipi", 501, "", "", LH_HTTP_TAKE, LH_E_UNSUPPORTED, 0, -1, false},
    {"osipi", 200, "", "{\"Items\":[],\"WebException\":{\"Errors\":[\"x\"],\"StatusCode\":502}}",
     LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 1000, -1, true},
    {"osipi", 200, "", "{\"Items\":[],\"WebException\":null}", LH_HTTP_TAKE, LH_E_DATA, 0, -1,
     false},
    {"osipi", 200, "", "{\"Items\":[{\"WebException\":{}}]}", LH_HTTP_TAKE, LH_E_DATA, 0, -1,
     false},
    {"osipi", 207, "", "{\"1\":{\"Status\":200}}", LH_HTTP_TAKE, LH_E_DATA, 0, -1, false},
};

/* --- making ----------------------------------------------------------------------------------- */

static struct lh_http_rules *rules_of_text(const char *text)
{
    lh_autoptr(lh_spec) spec = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    ok(lh_spec_parse(lh_str_z(text), "spec.json", &spec, &e) == 0, "spec %s", lh_error_text(&e));
    return lh_http_rules_new(spec);
}

static struct lh_http_rules *rules_of_file(const char *name)
{
    char *path lh_autofree = spec_file(name);
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 20);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (!name[0])
        return lh_http_rules_new(NULL);
    is_int(lh_file_read(path, (size_t)1 << 20, 0, &text, &e), 0, lh_error_text(&e));
    return rules_of_text(lh_buf_text(&text));
}

static void put_headers(struct lh_http_headers *h, const char *lines)
{
    size_t at = 0;
    lh_str line;

    while ((line = lh_str_part(lines, '\n', &at)).n)
        lh_http_headers_add_line(h, line, NULL);
}

static void decide(const struct lh_http_rules *rules, const struct answer *a,
                   struct lh_http_decision *ret)
{
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    struct lh_http_view view = {a->status, &h, lh_str_z(a->body), NULL};

    put_headers(&h, a->headers);
    lh_http_decide(rules, &view, NOW, ret);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_answers(void)
{
    struct lh_http_rules *rules = NULL;
    const char *spec = NULL;

    for (size_t i = 0; i < LH_LEN(answers); i++) {
        const struct answer *a = &answers[i];
        struct lh_http_decision d;

        if (!spec || strcmp(spec, a->spec) != 0) {
            lh_http_rules_destroy(rules);
            rules = rules_of_file(spec = a->spec);
        }
        decide(rules, a, &d);
        ok(d.verdict == a->verdict && d.code == a->code && d.least_ms == a->least_ms &&
               d.told_ms == a->told_ms && d.slow_down == a->slow_down,
           "%s %d, line %zu: %s", a->spec, a->status, i, a->body);
        if (d.verdict != a->verdict || d.code != a->code || d.told_ms != a->told_ms)
            printf("# got verdict %d, code %d, least %" PRId64 ", told %" PRId64 ", slow %d\n",
                   (int)d.verdict, d.code, d.least_ms, d.told_ms, d.slow_down);
    }
    lh_http_rules_destroy(rules);
}

#define SPEC_WITH(retry)                                                                           \
    "{\"spec\":1,\"name\":\"a\",\"version\":\"1.0.0\",\"license\":\"MIT\",\"retry\":[" retry "]}"

/* One rule, one body: whether it matches. */
static void test_json(void)
{
    static const struct {
        const char *spec, *body;
        bool matches;
    } cases[] = {
        {SPEC_WITH("{\"json\":{\"/a\":\"x*\"},\"again\":true}"), "{\"a\":\"xyz\"}", true},
        {SPEC_WITH("{\"json\":{\"/a\":\"x*\"},\"again\":true}"), "{\"a\":\"zx\"}", false},
        {SPEC_WITH("{\"json\":{\"/a\":\"x*\"},\"again\":true}"), "{}", false},
        {SPEC_WITH("{\"json\":{\"/a\":\"x*\"},\"again\":true}"), "{\"a\":[\"x\"]}", false},
        {SPEC_WITH("{\"json\":{\"/a\":\"4*\"},\"again\":true}"), "{\"a\":429}", true},
        {SPEC_WITH("{\"json\":{\"/a\":429},\"again\":true}"), "{\"a\":429}", true},
        {SPEC_WITH("{\"json\":{\"/a\":429},\"again\":true}"), "{\"a\":4.29e2}", true},
        {SPEC_WITH("{\"json\":{\"/a\":429},\"again\":true}"), "{\"a\":\"429\"}", false},
        {SPEC_WITH("{\"json\":{\"/a\":0.5},\"again\":true}"), "{\"a\":5e-1}", true},
        {SPEC_WITH("{\"json\":{\"/a\":0.5},\"again\":true}"), "{\"a\":5}", false},
        {SPEC_WITH("{\"json\":{\"/a\":true},\"again\":true}"), "{\"a\":true}", true},
        {SPEC_WITH("{\"json\":{\"/a\":true},\"again\":true}"), "{\"a\":false}", false},
        {SPEC_WITH("{\"json\":{\"/a\":false},\"again\":true}"), "{\"a\":false}", true},
        {SPEC_WITH("{\"json\":{\"/a\":null},\"again\":true}"), "{\"a\":null}", true},
        {SPEC_WITH("{\"json\":{\"/a\":null},\"again\":true}"), "{}", false},
        {SPEC_WITH("{\"json\":{\"/a\":\"*\"},\"again\":true}"), "{\"a\":{}}", true},
        {SPEC_WITH("{\"json\":{\"/a\":\"*\"},\"again\":true}"), "{\"a\":null}", false},
        {SPEC_WITH("{\"json\":{\"/a/1/b\":\"x\"},\"again\":true}"), "{\"a\":[0,{\"b\":\"x\"}]}",
         true},
        {SPEC_WITH("{\"json\":{\"/a/2/b\":\"x\"},\"again\":true}"), "{\"a\":[0,{\"b\":\"x\"}]}",
         false},
        {SPEC_WITH("{\"json\":{\"/a/-\":\"x\"},\"again\":true}"), "{\"a\":[\"x\"]}", false},
        {SPEC_WITH("{\"json\":{\"/a~1b/~0c\":\"x\"},\"again\":true}"), "{\"a/b\":{\"~c\":\"x\"}}",
         true},
        {SPEC_WITH("{\"json\":{\"\":\"x\"},\"again\":true}"), "\"x\"", true},
        {SPEC_WITH("{\"json\":{\"/\":\"x\"},\"again\":true}"), "{\"\":\"x\"}", true},
        {SPEC_WITH("{\"json\":{\"/a\":1,\"/b\":2},\"again\":true}"), "{\"a\":1,\"b\":2}", true},
        {SPEC_WITH("{\"json\":{\"/a\":1,\"/b\":2},\"again\":true}"), "{\"a\":1,\"b\":3}", false},
        {SPEC_WITH("{\"json\":{\"/a\":1},\"status\":[500],\"again\":true}"), "{\"a\":1}", false},
        {SPEC_WITH("{\"json\":{\"/a\":1},\"again\":true}"), "{\"a\":1", false},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_autoptr(lh_http_rules) rules = rules_of_text(cases[i].spec);
        struct answer a = {.status = 418, .headers = "", .body = cases[i].body};
        struct lh_http_decision d;

        decide(rules, &a, &d);
        is_int(d.verdict == LH_HTTP_AGAIN, cases[i].matches, cases[i].spec);
    }
}

/* A body that was parsed already is not parsed again; and the first rule that matches decides. */
static void test_parsed_and_first(void)
{
    lh_autoptr(lh_http_rules) rules =
        rules_of_text(SPEC_WITH("{\"json\":{\"/a\":1},\"give_up\":\"offset\"},"
                                "{\"status\":[400],\"min_wait_ms\":5}"));
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    struct lh_http_view view = {400, &h, LH_STR("no json"), NULL};
    struct lh_http_decision d;

    lh_http_decide(rules, &view, NOW, &d);
    is_int(d.least_ms, 5, "the second");
    lh_json_scan(doc, LH_STR("{\"a\":1}"), &lh_json_page_limits, NULL);
    view.json = lh_json_root(doc);
    lh_http_decide(rules, &view, NOW, &d);
    is_int(d.code, LH_E_OFFSET, "the first");
}

/* An answer that is another mistake than its status says. */
static void test_give_up(void)
{
    lh_autoptr(lh_http_rules) rules =
        rules_of_text(SPEC_WITH("{\"status\":[418],\"json\":{\"/a\":1},\"give_up\":\"option\"}"));
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_http_view view = {418, &h, LH_STR("{\"a\":1}"), NULL};
    struct lh_http_decision d;

    lh_http_decide(rules, &view, NOW, &d);
    is_int(d.verdict, LH_HTTP_GIVE_UP, "it ends");
    is_int(d.code, LH_E_OPTION, "as the rule says");
    lh_http_explain(&view, &d, NOW, &text);
    is_str(lh_buf_text(&text), "418; check the options", "and so do the words");
}

static void test_units(void)
{
    static const struct {
        const char *spec, *header;
        int64_t told_ms;
    } cases[] = {
        {SPEC_WITH("{\"status\":[418],\"until\":{\"header\":\"x\",\"unit\":\"epoch_s\"}}"),
         "X: 1795280405", 5000},
        {SPEC_WITH("{\"status\":[418],\"until\":{\"header\":\"x\",\"unit\":\"epoch_ms\"}}"),
         "X: 1795280400007", 7},
        {SPEC_WITH("{\"status\":[418],\"until\":{\"header\":\"x\",\"unit\":\"seconds\"}}"), "X: 9",
         9000},
        {SPEC_WITH("{\"status\":[418],\"until\":{\"header\":\"x\",\"unit\":\"http_date\"}}"),
         "X: Sat, 21 Nov 2026 17:00:02 GMT", 2000},
        {SPEC_WITH("{\"status\":[418],\"until\":{\"header\":\"x\",\"unit\":\"seconds\"}}"), "Y: 9",
         -1},
        {SPEC_WITH("{\"status\":[418],\"until\":{\"header\":\"x\",\"unit\":\"seconds\"}}"),
         "X: 9\nRetry-After: 11", 11000},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_autoptr(lh_http_rules) rules = rules_of_text(cases[i].spec);
        struct answer a = {.status = 418, .headers = cases[i].header, .body = ""};
        struct lh_http_decision d;

        decide(rules, &a, &d);
        is_int(d.told_ms, cases[i].told_ms, cases[i].spec);
    }
}

static void test_waits(void)
{
    static const struct {
        struct lh_http_decision d;
        unsigned attempt;
        int64_t from, to;
    } cases[] = {
        {{LH_HTTP_AGAIN, 0, 0, -1, -1, false}, 1, 0, 500},
        {{LH_HTTP_AGAIN, 0, 0, -1, -1, false}, 2, 0, 1000},
        {{LH_HTTP_AGAIN, 0, 0, -1, -1, false}, 4, 0, 4000},
        {{LH_HTTP_AGAIN, 0, 0, -1, -1, false}, 4000000000u, 0, 30000},
        {{LH_HTTP_AGAIN, 0, 0, -1, 0, true}, 2, 0, 1000},
        {{LH_HTTP_AGAIN, 0, 0, -1, 57000, true}, 3, 57000, 58000},
        {{LH_HTTP_AGAIN, 0, 0, -1, 2000, true}, 3, 2000, 2200},
        {{LH_HTTP_AGAIN, 0, 0, 5, 2000, true}, 3, 2000, 2200},
        {{LH_HTTP_AGAIN, 0, 60000, -1, -1, true}, 1, 60000, 60500},
        {{LH_HTTP_AGAIN, 0, 60000, -1, -1, true}, 2, 60000, 120000},
        {{LH_HTTP_AGAIN, 0, 60000, -1, -1, true}, 9, 60000, 480000},
        {{LH_HTTP_AGAIN, 0, 2000, 60000, -1, true}, 9, 2000, 60000},
        {{LH_HTTP_AGAIN, 0, 2000, 2000, -1, true}, 9, 2000, 2000},
        {{LH_HTTP_AGAIN, 0, 10000, -1, 4000, true}, 1, 10000, 10400},
        {{LH_HTTP_AGAIN, 0, 86400000, -1, -1, true}, 30, 86400000, 691200000},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        is_int(lh_http_wait_ms(&cases[i].d, cases[i].attempt, 0), cases[i].from, "the least");
        is_int(lh_http_wait_ms(&cases[i].d, cases[i].attempt, UINT32_MAX), cases[i].to, "the most");
    }
}

static void test_explain(void)
{
    static const struct {
        struct answer a;
        const char *text;
    } cases[] = {
        {{"github", 403, "x-ratelimit-remaining: 4000",
          "{\"message\":\"You have exceeded a secondary rate limit\"}", 0, 0, 0, 0, 0},
         "403 Forbidden: You have exceeded a secondary rate limit; wait 60 s, or use fewer --jobs"},
        {{"github", 403, "retry-after: 57", "{}", 0, 0, 0, 0, 0},
         "403 Forbidden; wait 57 s, or use fewer --jobs"},
        {{"github", 401, "", "{\"message\":\"Bad\\n  credentials\\t\"}", 0, 0, 0, 0, 0},
         "401 Unauthorized: Bad credentials; the source refuses the credentials: check that they "
         "are right and have not expired"},
        {{"hubspot", 429, "",
          "{\"policyName\":\"DAILY\",\"message\":\"You have reached your daily "
          "limit.\"}",
          0, 0, 0, 0, 0},
         "429 Too Many Requests: You have reached your daily limit.; the quota is used up: try "
         "again later"},
        {{"zendesk", 503, "Retry-After: 20", "<html><title>Down</title>", 0, 0, 0, 0, 0},
         "503 Service Unavailable; the source is not available: try again in 20 s"},
        {{"airtable", 422, "",
          "{\"error\":{\"type\":\"INVALID_FILTER_BY_FORMULA\",\"message\":"
          "\"The formula is invalid\"}}",
          0, 0, 0, 0, 0},
         "422 Unprocessable Content: The formula is invalid; the source does not take the request "
         "as it is"},
        {{"airtable", 404, "", "{\"error\":\"NOT_FOUND\"}", 0, 0, 0, 0, 0},
         "404 Not Found: NOT_FOUND; check the names; some sources say this too when a right is "
         "missing"},
        {{"osipi", 200, "", "{\"WebException\":{\"Errors\":[\"stream broke\"]}}", 0, 0, 0, 0, 0},
         "200: stream broke; the source is not available: try again later"},
        {{"osipi", 418, "", "I am a teapot\r\n\x1b[31m", 0, 0, 0, 0, 0},
         "418: I am a teapot [31m; the source does not take the request as it is"},
        {{"osipi", 400, "", "\xff\xfe", 0, 0, 0, 0, 0},
         "400 Bad Request; the source does not take the request as it is"},
        {{"osipi", 403, "", "", 0, 0, 0, 0, 0},
         "403 Forbidden; the credentials are good, but a right or scope is missing: ask for it, or "
         "leave this out"},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        const struct answer *a = &cases[i].a;
        lh_autoptr(lh_http_rules) rules = rules_of_file(a->spec);
        lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
        lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
        struct lh_http_view view = {a->status, &h, lh_str_z(a->body), NULL};
        struct lh_http_decision d;

        put_headers(&h, a->headers);
        lh_http_decide(rules, &view, NOW, &d);
        lh_http_explain(&view, &d, NOW, &text);
        is_str(lh_buf_text(&text), cases[i].text, a->spec);
    }
}

static void test_long_words(void)
{
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) body = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_http_view view = {.status = 400, .headers = &h};
    struct lh_http_decision d = {.verdict = LH_HTTP_TAKE, .code = LH_E_DATA, .told_ms = -1};

    lh_buf_char(&body, 'x');
    for (int i = 0; i < 1000; i++)
        lh_buf_z(&body, "\xc3\xa4");
    view.body = lh_buf_slice(&body);
    lh_http_explain(&view, &d, NOW, &text);
    ok(text.n < 600, "%zu bytes", text.n);
    ok(strstr(lh_buf_text(&text), "\xc3\xa4 ...; ") != NULL, "cut at a character, and said so");
}

int main(void)
{
    RUN(test_answers);
    RUN(test_json);
    RUN(test_parsed_and_first);
    RUN(test_give_up);
    RUN(test_units);
    RUN(test_waits);
    RUN(test_explain);
    RUN(test_long_words);
    return tap_done();
}
