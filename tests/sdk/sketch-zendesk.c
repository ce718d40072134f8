/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hard read path of a Zendesk connector, on a fake host: the cursor export of tickets, where
 * deletes come in the same stream and the source says itself that it is at the end, and comments
 * merged from an event and its child.
 */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

static const struct lh_host *H = &fake_host;

static int commit(lh_str cursor, lh_out *o, lh_sink *out)
{
    H->out_begin(o, '{');
    H->out_key(o, LHS("cursor"));
    H->out_str(o, cursor);
    H->out_end(o);
    return H->checkpoint(out, H->out_done(o));
}

/* One of ten requests a minute: the bucket is the spec's, and end_of_stream saves a last one. */
static int ask(lh_call *c, lh_str what, lh_str cursor, const struct lh_http_resp **ret)
{
    struct lh_http_req q;
    int rc;

    q = lhs_get(cursor.n ? lhs_fmt(H, c, "/api/v2/incremental/%s.json?cursor=%s", what.p,
                                   lhs_pct(H, c, cursor).p)
                         : lhs_fmt(H, c, "/api/v2/incremental/%s.json?start_time=0", what.p));
    q.bucket = LHS("incremental");
    rc = H->http(c, &q, ret);
    if (rc)
        return rc;
    return (*ret)->status == 200 ? LH_OK : H->http_fail(c, *ret);
}

static int send_tickets(const lh_json *page, lh_out *o, lh_sink *out)
{
    const lh_json *t = NULL;
    int rc = LH_OK;

    (void)o;
    while (!rc && (t = H->json_next(H->json_get(page, LHS("tickets")), t, NULL))) {
        int deleted = lhs_eq(H->json_str(H->json_get(t, LHS("status"))), LHS("deleted"));

        rc = H->row(out, deleted ? LH_DELETE : LH_UPSERT, t);
    }
    return rc;
}

/* A comment is a child of an event; what the parent knows comes first and wins. */
static int send_comments(const lh_json *page, lh_out *o, lh_sink *out)
{
    const lh_json *event = NULL;
    int rc = LH_OK;

    while ((event = H->json_next(H->json_get(page, LHS("ticket_events")), event, NULL))) {
        const lh_json *child = NULL;

        while (!rc &&
               (child = H->json_next(H->json_get(event, LHS("child_events")), child, NULL))) {
            if (!lhs_eq(H->json_str(H->json_get(child, LHS("event_type"))), LHS("Comment")))
                continue;
            H->out_begin(o, '{');
            H->out_key(o, LHS("ticket_id"));
            H->out_json(o, H->json_get(event, LHS("ticket_id")));
            H->out_key(o, LHS("created_at"));
            H->out_json(o, H->json_get(event, LHS("created_at")));
            H->out_members(o, child, NULL, 0);
            H->out_end(o);
            rc = H->row_out(out, LH_UPSERT, o);
        }
    }
    return rc;
}

static int read_table(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    int comments = lhs_eq(s->table, LHS("ticket_comments"));
    lh_str what = comments ? LHS("ticket_events") : LHS("tickets/cursor");
    lh_str cursor = H->json_str(H->json_get(s->offset, LHS("cursor")));
    lh_out *o = H->out_new(c);
    int at_end = 0;

    while (!at_end) {
        const struct lh_http_resp *page;
        int rc = ask(c, what, cursor, &page);

        if (rc)
            return rc;
        rc = comments ? send_comments(page->json, o, out) : send_tickets(page->json, o, out);
        if (rc)
            return rc;
        cursor = lhs_dup(H, c, H->json_str(H->json_get(page->json, LHS("after_cursor"))));
        at_end = H->json_kind(H->json_get(page->json, LHS("end_of_stream"))) != LH_JSON_FALSE;
        H->http_release(c, page);
        if ((rc = commit(cursor, o, out)))
            return rc;
    }
    return LH_OK;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_tickets(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/api/v2/incremental/tickets/cursor.json?start_time=0", NULL, 200, NULL,
         "{\"tickets\":[{\"id\":1,\"status\":\"open\"},{\"id\":2,\"status\":\"deleted\"}],"
         "\"after_cursor\":\"a+b=\",\"end_of_stream\":false}"},
        {"GET", "/api/v2/incremental/tickets/cursor.json?cursor=a%2Bb%3D", NULL, 200, NULL,
         "{\"tickets\":[],\"after_cursor\":\"c\",\"end_of_stream\":true}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "tickets", NULL, 0);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done");
    is_str(fake_text(&f.rows),
           "{\"id\":1,\"status\":\"open\"}\n-{\"id\":2,\"status\":\"deleted\"}\n",
           "an upsert and a delete, as they came");
    is_str(fake_text(&f.checkpoints), "{\"cursor\":\"a+b=\"}\n{\"cursor\":\"c\"}\n",
           "a checkpoint per page, after an empty one too");
    is_str(fake_text(&f.events),
           "GET /api/v2/incremental/tickets/cursor.json?start_time=0\n"
           "GET /api/v2/incremental/tickets/cursor.json?cursor=a%2Bb%3D\n",
           "no third request: the source said that it was all");
    is_int(f.n_live, 0, "pages are released");
    fake_end(&f);
}

static void test_resumed(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/api/v2/incremental/tickets/cursor.json?cursor=c", NULL, 429, NULL, "{}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "tickets", "{\"cursor\":\"c\"}", 0);
    is_int(read_table(&f.call, &s, &f.sink), LH_E_THROTTLED, "the quota is spent");
    is_str(fake_text(&f.checkpoints), "", "nothing is committed");
    fake_end(&f);
}

static void test_comments(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/api/v2/incremental/ticket_events.json?start_time=0", NULL, 200, NULL,
         "{\"ticket_events\":[{\"ticket_id\":35436,\"created_at\":\"2026-03-01T00:00:00Z\","
         "\"child_events\":[{\"id\":1,\"event_type\":\"Comment\",\"body\":\"Grüße\","
         "\"ticket_id\":null},{\"id\":2,\"event_type\":\"Change\"}]}],"
         "\"after_cursor\":\"x\",\"end_of_stream\":true}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, NULL);
    s = fake_scan(&f, "ticket_comments", NULL, 0);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done");
    is_str(fake_text(&f.rows),
           "{\"ticket_id\":35436,\"created_at\":\"2026-03-01T00:00:00Z\",\"id\":1,"
           "\"event_type\":\"Comment\",\"body\":\"Grüße\"}\n",
           "comments only; the parent's ticket_id hides the child's");
    fake_end(&f);
}

int main(void)
{
    RUN(test_tickets);
    RUN(test_resumed);
    RUN(test_comments);
    return tap_done();
}
