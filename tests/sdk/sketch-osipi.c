/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hard read path of an OSI PI connector, on a fake host: partitions of fifty tags from a
 * listing in pages, one batch request for all of a partition, sub-requests that fail alone, an
 * answer of 200 with a broken body, and values whose column depends on their type.
 */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

#define GROUP      50 /* tags of a partition */
#define MOST_TRIES 3

static const struct lh_host *H = &fake_host;

/* A value is a number, a text, or a state with a name; bad values come as objects too. */
static void put_value(lh_out *o, const lh_json *v)
{
    const lh_json *x = H->json_get(v, LHS("Value"));
    int kind = H->json_kind(x);

    H->out_key(o, LHS("timestamp"));
    H->out_json(o, H->json_get(v, LHS("Timestamp")));
    H->out_key(o, LHS("value"));
    H->out_json(o, kind == LH_JSON_NUMBER ? x : NULL);
    H->out_key(o, LHS("value_text"));
    H->out_json(o, kind == LH_JSON_STRING   ? x
                   : kind == LH_JSON_OBJECT ? H->json_get(x, LHS("Name"))
                                            : NULL);
    H->out_key(o, LHS("good"));
    H->out_json(o, H->json_get(v, LHS("Good")));
}

static lh_str batch_body(lh_call *c, lh_out *b, const lh_json *tags, lh_str from, lh_str to)
{
    const lh_json *tag = NULL;

    H->out_begin(b, '{');
    while ((tag = H->json_next(tags, tag, NULL))) {
        lh_str id = H->json_str(tag);

        H->out_key(b, id);
        H->out_begin(b, '{');
        H->out_key(b, LHS("Method"));
        H->out_str(b, LHS("GET"));
        H->out_key(b, LHS("Resource"));
        H->out_str(b, lhs_fmt(H, c, "/piwebapi/streams/%s/recorded?startTime=%s&endTime=%s",
                              lhs_pct(H, c, id).p, lhs_pct(H, c, from).p, lhs_pct(H, c, to).p));
        H->out_end(b);
    }
    H->out_end(b);
    return H->json_raw(H->out_done(b));
}

/* The server answers well and reports an exception in the body: only a connector can see that. */
static int batch(lh_call *c, const struct lh_http_req *q, const struct lh_http_resp **ret)
{
    int rc = H->http(c, q, ret);

    for (int i = 1; !rc && H->json_get((*ret)->json, LHS("WebException")); i++) {
        if (i == MOST_TRIES)
            return H->fail(c, LH_E_UNAVAILABLE, LHS("WebException in every answer"));
        rc = H->http_again(c, *ret, 1000, LHS("WebException in the answer"), ret);
    }
    if (rc)
        return rc;
    return (*ret)->status == 200 || (*ret)->status == 207 ? LH_OK : H->http_fail(c, *ret);
}

static int send_stream(lh_str tag, const lh_json *answer, lh_out *o, lh_sink *out)
{
    const lh_json *items = H->json_get(H->json_get(answer, LHS("Content")), LHS("Items"));
    const lh_json *v = NULL;
    int rc = LH_OK;

    while (!rc && (v = H->json_next(items, v, NULL))) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("tag_webid"));
        H->out_str(o, tag);
        put_value(o, v);
        H->out_end(o);
        rc = H->row_out(out, LH_UPSERT, o);
    }
    return rc;
}

static int read_partition(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    lh_str from = H->json_str(H->json_get(s->offset, LHS("until")));
    lh_str to = H->json_str(H->json_get(s->end, LHS("until")));
    lh_out *o = H->out_new(c);
    struct lh_http_req q = lhs_post(
        LHS("/piwebapi/batch"), batch_body(c, o, H->json_get(s->partition, LHS("tags")), from, to));
    const struct lh_http_resp *p;
    const lh_json *answer = NULL;
    lh_str tag;
    int rc = batch(c, &q, &p);

    while (!rc && (answer = H->json_next(p->json, answer, &tag))) {
        int64_t status = 0;

        if (H->json_i64(H->json_get(answer, LHS("Status")), &status) || status != 200)
            rc = H->partial(c, LH_E_UNAVAILABLE, tag, LHS("the sub-request failed"));
        else
            rc = send_stream(tag, answer, o, out);
    }
    return rc;
}

/* The next GROUP tags of a page from *item on as one partition. */
static int add_group(const lh_json *items, const lh_json **item, lh_out *o, lh_sink *out)
{
    uint64_t n = 0;

    H->out_begin(o, '{');
    H->out_key(o, LHS("tags"));
    H->out_begin(o, '[');
    for (; *item && n < GROUP; n++, *item = H->json_next(items, *item, NULL))
        H->out_json(o, H->json_get(*item, LHS("WebId")));
    H->out_end(o);
    H->out_end(o);
    return H->add_partition(out, H->out_done(o), n);
}

/* A short page is the last one; the listing says nothing else. */
static int get_partitions(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    int64_t page_size = lhs_opt_i64(H, s->opts, "page_size", 1000);
    lh_out *o = H->out_new(c);

    for (int64_t start = 0;; start += page_size) {
        struct lh_http_req q =
            lhs_get(lhs_fmt(H, c, "/piwebapi/dataservers/F1/points?maxCount=%d&startIndex=%d",
                            (int)page_size, (int)start));
        const struct lh_http_resp *p;
        const lh_json *items;
        const lh_json *item;
        int64_t n;
        int rc;

        q.cache_ms = 3600000;
        if ((rc = H->http(c, &q, &p)))
            return rc;
        if (p->status != 200)
            return H->http_fail(c, p);
        items = H->json_get(p->json, LHS("Items"));
        n = (int64_t)H->json_count(items);
        item = H->json_next(items, NULL, NULL);
        while (item)
            if ((rc = add_group(items, &item, o, out)))
                return rc;
        H->http_release(c, p);
        if (n < page_size)
            return LH_OK;
    }
}

static int latest_offset(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    lh_out *o = H->out_new(c);

    H->out_begin(o, '{');
    H->out_key(o, LHS("until"));
    H->out_str(o, lhs_iso(H, c, s->as_of_ms));
    H->out_end(o);
    return H->checkpoint(out, H->out_done(o));
}

/* --- tests ------------------------------------------------------------------------------------ */

#define AS_OF  INT64_C(1772357415000) /* 2026-03-01T09:30:15Z */
#define POINTS "/piwebapi/dataservers/F1/points?maxCount="

static void test_partitions(void)
{
    static const struct fake_option options[] = {{"page_size", "2"}, {NULL, NULL}};
    static const struct fake_answer answers[] = {
        {"GET", POINTS "2&startIndex=0", NULL, 200, NULL,
         "{\"Items\":[{\"WebId\":\"a\"},{\"WebId\":\"b\"}]}"},
        {"GET", POINTS "2&startIndex=2", NULL, 200, NULL, "{\"Items\":[{\"WebId\":\"c\"}]}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    s = fake_scan(&f, "points", NULL, AS_OF);
    is_int(get_partitions(&f.call, &s, &f.sink), LH_OK, "done");
    is_int(latest_offset(&f.call, &s, &f.sink), LH_OK, "the newest offset");
    is_str(fake_text(&f.catalog),
           "partition 2 {\"tags\":[\"a\",\"b\"]}\npartition 1 {\"tags\":[\"c\"]}\n",
           "self-contained, with their weights");
    is_str(fake_text(&f.checkpoints), "{\"until\":\"2026-03-01T09:30:15Z\"}\n", "is the horizon");
    is_int(f.n_live, 0, "pages are released");
    fake_end(&f);
}

static void test_large_page(void)
{
    lh_auto(lh_buf) page = LH_BUF_INIT(1 << 20);
    struct fake_answer answers[] = {{"GET", POINTS "1000&startIndex=0", NULL, 200, NULL, NULL},
                                    {0}};
    struct lh_scan s;
    struct fake f;

    lh_buf_z(&page, "{\"Items\":[");
    for (int i = 0; i < 120; i++)
        lh_buf_f(&page, "%s{\"WebId\":\"t%d\"}", i ? "," : "", i);
    lh_buf_z(&page, "]}");
    answers[0].json = lh_buf_text(&page);
    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "points", NULL, AS_OF);
    is_int(get_partitions(&f.call, &s, &f.sink), LH_OK, "done");
    has_str(fake_text(&f.catalog), "partition 50 {\"tags\":[\"t0\",", "fifty");
    has_str(fake_text(&f.catalog), "partition 50 {\"tags\":[\"t50\",", "fifty more");
    has_str(fake_text(&f.catalog), "partition 20 {\"tags\":[\"t100\",", "and the rest");
    fake_end(&f);
}

static void test_read(void)
{
    static const struct fake_answer answers[] = {
        {"POST", "/piwebapi/batch",
         "{\"a\":{\"Method\":\"GET\",\"Resource\":\"/piwebapi/streams/a/recorded?startTime="
         "2026-03-01T00%3A00%3A00Z&endTime=2026-03-01T09%3A30%3A15Z\"},\"b\":",
         200, NULL, "{\"WebException\":{\"StatusCode\":502}}"},
        {"POST", "/piwebapi/batch", NULL, 207, NULL,
         "{\"a\":{\"Status\":200,\"Content\":{\"Items\":["
         "{\"Timestamp\":\"t1\",\"Value\":1.50,\"Good\":true},"
         "{\"Timestamp\":\"t2\",\"Value\":\"on\",\"Good\":true},"
         "{\"Timestamp\":\"t3\",\"Value\":{\"Name\":\"Shutdown\",\"Value\":254},"
         "\"Good\":false}]}},\"b\":{\"Status\":500}}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "points", "{\"until\":\"2026-03-01T00:00:00Z\"}", AS_OF);
    s.end = fake_json(&f, "{\"until\":\"2026-03-01T09:30:15Z\"}");
    s.partition = fake_json(&f, "{\"tags\":[\"a\",\"b\"]}");
    is_int(read_partition(&f.call, &s, &f.sink), LH_OK, "done, without one part");
    is_str(fake_text(&f.rows),
           "{\"tag_webid\":\"a\",\"timestamp\":\"t1\",\"value\":1.50,\"value_text\":null,"
           "\"good\":true}\n"
           "{\"tag_webid\":\"a\",\"timestamp\":\"t2\",\"value\":null,\"value_text\":\"on\","
           "\"good\":true}\n"
           "{\"tag_webid\":\"a\",\"timestamp\":\"t3\",\"value\":null,"
           "\"value_text\":\"Shutdown\",\"good\":false}\n",
           "each value in the column of its type, 1.50 as it was");
    has_str(fake_text(&f.events), "again in 1000: WebException", "the broken answer was repeated");
    has_str(fake_text(&f.events), "partial -7: b: the sub-request failed", "what is missing");
    is_str(fake_text(&f.checkpoints), "", "a partition has no checkpoint");
    f.partial_policy = LH_E_UNAVAILABLE;
    f.given[1] = false;
    is_int(read_partition(&f.call, &s, &f.sink), LH_E_UNAVAILABLE, "a stricter policy");
    fake_end(&f);
}

static void test_broken_for_good(void)
{
    static const struct fake_answer answers[] = {
        {"POST", "/piwebapi/batch", NULL, 200, NULL, "{\"WebException\":1}"},
        {"POST", "/piwebapi/batch", NULL, 200, NULL, "{\"WebException\":2}"},
        {"POST", "/piwebapi/batch", NULL, 200, NULL, "{\"WebException\":3}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "points", NULL, AS_OF);
    s.partition = fake_json(&f, "{\"tags\":[\"a\"]}");
    is_int(read_partition(&f.call, &s, &f.sink), LH_E_UNAVAILABLE, "it does not try for ever");
    has_str(fake_text(&f.events), "WebException in every answer", "and says why");
    fake_end(&f);
}

int main(void)
{
    RUN(test_partitions);
    RUN(test_large_page);
    RUN(test_read);
    RUN(test_broken_for_good);
    return tap_done();
}
