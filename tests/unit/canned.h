/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose http answers canned pages, for connectors in both modes: the services of the host,
 * but for http. "/small/N" has two pages of three odd rows, "/big/N" 40 pages of 1000 rows,
 * "/deep/N" three pages of everything that can be nested, "/plain/0" no JSON, "/down" no answer;
 * everything else is 404. One .c file of a program includes it.
 */
#ifndef LH_TESTS_CANNED_H
#define LH_TESTS_CANNED_H

#include "plugin/service_internal.h"

#include <stdlib.h>
#include <strings.h>

#define CANNED_BIG_PAGES 40
#define CANNED_BIG_ROWS  1000

struct canned {
    struct lh_answer answer;
    struct lh_json_doc *doc;
    const struct lh_call *call; /* whose it is; NULL: free */
};

/* Slots have no argument of their own to keep things in. */
static struct canned canned_pool[LH_CALL_MAX_ANSWERS];
static struct lh_buf canned_big = LH_BUF_INIT(SIZE_MAX / 2);
static struct lh_buf canned_deep[3] = {LH_BUF_INIT(SIZE_MAX / 2), LH_BUF_INIT(SIZE_MAX / 2),
                                       LH_BUF_INIT(SIZE_MAX / 2)};

static const char canned_small[] =
    "\n {\"items\" : [\n"
    "  {\"id\":9007199254740993, \"url\":\"x\", \"title\": \"Z\\u00fcrich \\\"AG\\\"\"},\n"
    "  {\"id\":1,\"total\":19.90,\"id\":2,\"deep\":{\"a\":[1,{\"b\":null}]} },\n"
    "  {\"source\":\"theirs\",\"\":[],\"first\":{}}\n"
    " ], \"next\": null}\n";

/* Too large to come to a worker at once; with white space between tokens in the second. */
static lh_str canned_nest(size_t which)
{
    struct lh_buf *b = &canned_deep[which];
    const char *space = which == 1 ? " \n" : "";

    if (b->n)
        return lh_buf_slice(b);
    lh_buf_f(b, "%s{\"none\":{},%s\"no\" :[],\"flat\":{\"a\":%s1,\"b\":{\"c\":\"d\"}},", space,
             space, space);
    lh_buf_f(b, "\"page\":{\"next\":\"a\\u00e9\\n\",\"at\":[1,[2,%s[]]]},", space);
    lh_buf_z(b, "\"w\\u00efde\":{");
    for (int i = 0; i < 100; i++)
        lh_buf_f(b, "%s\"m%d\":%s[%d,{\"x\":%d}]", i ? "," : "", i, space, i, i);
    lh_buf_z(b, "},\"down\":");
    for (int i = 0; i < 58; i++)
        lh_buf_z(b, i % 2 ? "[0," : "{\"k\":");
    lh_buf_z(b, "\"end\"");
    for (int i = 58; i-- > 0;)
        lh_buf_z(b, i % 2 ? "]" : "}");
    lh_buf_z(b, ",\"scalars\":[");
    for (int i = 0; i < 1200; i++)
        lh_buf_f(b, "%s%d.%d0,\"\\u20ac%d\",null,true", i ? "," : "", i, i, i);
    lh_buf_z(b, "],\"items\":[");
    for (int i = 0; i < 300; i++)
        lh_buf_f(b, "%s{\"id\":%d,\"tags\":[\"a\",{\"b\":[]}],%s\"of\":{\"id\":%d,\"id\":-%d}}",
                 i ? "," : "", i, space, i, i);
    lh_buf_z(b, "],\"odd\":[1");
    for (int i = 0; i < 120; i++)
        lh_buf_z(b, ",null,[{\"id\":1}],{},{\"id\":{\"a\":1},\"\\u006ff\":[\"\\u006ff\"]}");
    lh_buf_f(b, "],\"last\":%s}%s", which == 2 ? "[[[]]]" : "1e3", space);
    return lh_buf_slice(b);
}

static lh_str canned_page(lh_str url)
{
    long n;

    if (lh_str_starts(url, LH_STR("/deep/")) && url.p[6] < '3')
        return canned_nest((size_t)(url.p[6] - '0'));
    if (lh_str_eqz(url, "/plain/0"))
        return LH_STR("id,name\n1,a\n");
    if (lh_str_eqz(url, "/small/0") || lh_str_eqz(url, "/small/1"))
        return lh_str_n(canned_small, sizeof canned_small - 1);
    n = lh_str_starts(url, LH_STR("/big/")) ? strtol(url.p + 5, NULL, 10) : CANNED_BIG_PAGES;
    if (n >= CANNED_BIG_PAGES)
        return LH_STR("");
    if (!canned_big.n) {
        lh_buf_z(&canned_big, "{\"items\":[");
        for (int i = 0; i < CANNED_BIG_ROWS; i++)
            lh_buf_f(
                &canned_big,
                "%s{\"id\":%lld,\"url\":\"https://api.example.com/repos/o/r/issues/%d\","
                "\"title\":\"An issue about something or other, number %d\",\"state\":\"open\","
                "\"user\":{\"login\":\"somebody-%d\",\"id\":%d,\"site_admin\":false},"
                "\"labels\":[{\"id\":%d,\"name\":\"bug\",\"color\":\"f29513\"}],"
                "\"comments\":%d,\"created_at\":\"2026-01-02T03:04:05Z\",\"body\":\"Some text "
                "of a body, with \\\"quotes\\\" and a line\\nbreak, as they have in life; it "
                "goes on for a while so that a row has the size that rows have. And on, and "
                "on, until there are some six hundred bytes of it all in all.\"}",
                i ? "," : "", 9007199254740993LL + i, i, i, i % 50, i % 50, i % 7, i % 30);
        lh_buf_z(&canned_big, "]}");
    }
    return lh_buf_slice(&canned_big);
}

static int canned_give(lh_call *c, lh_str url, uint32_t attempts, const struct lh_http_resp **ret)
{
    static const struct lh_header headers[] = {{{"Content-Type", 12}, {"application/json", 16}},
                                               {{"X-Page", 6}, {"a page", 6}}};
    lh_str page = canned_page(url);
    struct canned *to = NULL;

    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS && !to; i++)
        if (canned_pool[i].call != c)
            to = &canned_pool[i];
    if (!to)
        return lh_call_limit(c, LH_SAY_ANSWERS, LH_CALL_MAX_ANSWERS);
    to->call = c;
    if (!to->doc)
        to->doc = lh_json_doc_new();
    to->answer = (struct lh_answer){
        .resp = {.struct_size = sizeof to->answer.resp,
                 .status = page.n ? 200 : 404,
                 .body = page,
                 .final_url = url,
                 .retry_after_ms = page.n ? -1 : 1500,
                 .attempts = attempts},
        .headers = headers,
        .n_headers = LH_LEN(headers),
    };
    if (page.n && !lh_json_scan(to->doc, page, &lh_json_page_limits, NULL)) {
        to->answer.resp.json = lh_json_root(to->doc);
        to->answer.resp.body = LH_STR("");
    }
    *ret = &to->answer.resp;
    return LH_OK;
}

static int canned_http(lh_call *c, const struct lh_http_req *req, const struct lh_http_resp **ret)
{
    int rc = lh_call_enter(c, "http");
    lh_str url;

    *ret = NULL;
    if (rc < 0)
        return rc;
    if (req->struct_size != sizeof *req || req->n_headers != 1 ||
        !lh_str_eqz(req->headers[0].value, "yes") || !lh_str_eqz(req->method, "GET"))
        return lh_call_note(c, LH_E_INTERNAL, "the request is not the one that was made");
    if (lh_str_eqz(req->url, "/down"))
        return lh_call_note(c, LH_E_UNAVAILABLE, "GET /down: nobody is there");
    url = lh_arena_str(&c->instance->scratch, req->url);
    return canned_give(c, url, 1, ret);
}

static int canned_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                        const struct lh_http_resp **ret)
{
    *ret = NULL;
    if (!resp || wait_ms != 5 || !lh_str_eqz(why, "once more"))
        return lh_call_note(c, LH_E_INTERNAL, "http_again is not the one that was made");
    return canned_give(c, resp->final_url, resp->attempts + 1, ret);
}

static int canned_fail(lh_call *c, const struct lh_http_resp *resp)
{
    return lh_call_note(c, LH_E_NOT_FOUND, "GET %.*s: %d", LH_STR_ARG(resp->final_url),
                        resp->status);
}

static void canned_release(lh_call *c, const struct lh_http_resp *resp)
{
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++)
        if (&canned_pool[i].answer.resp == resp && canned_pool[i].call == c) {
            canned_pool[i].call = NULL;
            /* values of it are nothing from now on, as those of the host's own http */
            lh_json_doc_clear(canned_pool[i].doc);
        }
}

static lh_str canned_header(const struct lh_http_resp *resp, const char *name)
{
    const struct lh_answer *answer = (const struct lh_answer *)resp;

    for (size_t i = 0; answer && name && i < answer->n_headers; i++)
        if (answer->headers[i].name.n == strlen(name) &&
            strncasecmp(answer->headers[i].name.p, name, answer->headers[i].name.n) == 0)
            return answer->headers[i].value;
    return LH_STR("");
}

/* What a call left behind; the calls of an instance come round again. */
static void canned_reset(void)
{
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++)
        canned_pool[i].call = NULL;
}

static void canned_free(void)
{
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++)
        lh_json_doc_destroy(canned_pool[i].doc);
    lh_buf_free(&canned_big);
    for (size_t i = 0; i < LH_LEN(canned_deep); i++)
        lh_buf_free(&canned_deep[i]);
}

static struct lh_host canned_host(void)
{
    struct lh_host host = lh_service_host;

    host.http = canned_http;
    host.http_again = canned_again;
    host.http_fail = canned_fail;
    host.http_header = canned_header;
    host.http_release = canned_release;
    return host;
}

#endif
