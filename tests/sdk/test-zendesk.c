/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Zendesk connector on a fake host: each way of paging, and what it does where Zendesk's
 * answers are odd. What a user sees of it, over the network: tests/system/zendesk.sh.
 */
#include "config.h"

#include "fake_host.h"

#include "tables.h"

#include "tap.h"

#define NOW      INT64_C(1772357415000)
#define NOW_TEXT "\"as_of\":\"2026-03-01T09:30:15Z\""
#define TICKETS  "/api/v2/incremental/tickets/cursor.json"
#define ORGS     "/api/v2/incremental/organizations.json"
#define EVENTS   "/api/v2/incremental/ticket_events.json?include=comment_events"
#define GROUPS   "/api/v2/groups.json?page%5Bsize%5D=100"
#define GET(u, j)                                                                                  \
    {                                                                                              \
        "GET", u, NULL, 200, NULL, j                                                               \
    }

static const struct lh_connector *zendesk;

/* One call of read_table, and what must come of it. NULL: does not matter. */
struct read_case {
    const char *what, *table, *offset;
    struct fake_option options[2];
    struct fake_answer answers[6];
    int stop_at, rc;
    const char *rows, *checkpoints, *events;
};

static const struct read_case cases[] = {
    {.what = "a cursor export, with deletes among the rows; no request behind the end",
     .table = "tickets",
     .answers = {GET(TICKETS "?start_time=0&per_page=1000",
                     "{\"tickets\":[{\"id\":1,\"status\":\"open\"},{\"id\":2,\"status\":"
                     "\"deleted\"}],\"after_cursor\":\"a+b=\",\"end_of_stream\":false}"),
                 GET(TICKETS "?cursor=a%2Bb%3D&per_page=1000",
                     "{\"tickets\":[{\"id\":9007199254740993}],\"after_cursor\":\"c\","
                     "\"end_of_stream\":true}")},
     .rows = "{\"id\":1,\"status\":\"open\"}\n-{\"id\":2,\"status\":\"deleted\"}\n"
             "{\"id\":9007199254740993}\n",
     .checkpoints = "{\"cursor\":\"a+b=\"}\n{" NOW_TEXT ",\"cursor\":\"c\"}\n"},
    {.what = "an empty page in the middle is not the end",
     .table = "tickets",
     .offset = "{\"cursor\":\"a\"}",
     .answers = {GET(TICKETS "?cursor=a&per_page=1000",
                     "{\"tickets\":[],\"after_cursor\":\"b\",\"end_of_stream\":false}"),
                 GET(TICKETS "?cursor=b&per_page=1000",
                     "{\"tickets\":[{\"id\":1}],\"after_cursor\":\"c\",\"end_of_stream\":true}")},
     .rows = "{\"id\":1}\n",
     .checkpoints = "{\"cursor\":\"b\"}\n{" NOW_TEXT ",\"cursor\":\"c\"}\n"},
    {.what = "nor is a page that does not say whether it is",
     .table = "tickets",
     .offset = "{\"cursor\":\"a\"}",
     .answers = {GET(TICKETS "?cursor=a&per_page=1000", "{\"tickets\":[],\"after_cursor\":\"b\"}"),
                 GET(TICKETS "?cursor=b&per_page=1000",
                     "{\"tickets\":[],\"after_cursor\":null,\"end_of_stream\":true}")},
     .rows = "",
     .checkpoints = "{\"cursor\":\"b\"}\n{" NOW_TEXT ",\"cursor\":\"b\"}\n"},
    {.what = "an account without tickets",
     .table = "tickets",
     .answers = {GET(TICKETS "?start_time=0&per_page=1000",
                     "{\"tickets\":[],\"after_cursor\":null,\"end_of_stream\":true}")},
     .rows = "",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":0}\n"},
    {.what = "what covers the horizon is not asked for",
     .table = "tickets",
     .offset = "{" NOW_TEXT ",\"cursor\":\"c\"}",
     .rows = "",
     .checkpoints = "",
     .events = ""},
    {.what = "a cursor that does not move",
     .table = "tickets",
     .offset = "{\"cursor\":\"a\"}",
     .answers = {GET(TICKETS "?cursor=a&per_page=1000",
                     "{\"tickets\":[{\"id\":1}],\"after_cursor\":\"a\",\"end_of_stream\":false}")},
     .rc = LH_E_DATA,
     .checkpoints = ""},
    {.what = "empty pages for ever",
     .table = "tickets",
     .offset = "{\"cursor\":\"a\"}",
     .answers = {GET(TICKETS "?cursor=a&per_page=1000", "{\"tickets\":[],\"after_cursor\":\"a\"}"),
                 GET(TICKETS "?cursor=a&per_page=1000", "{\"tickets\":[],\"after_cursor\":\"a\"}"),
                 GET(TICKETS "?cursor=a&per_page=1000", "{\"tickets\":[],\"after_cursor\":\"a\"}")},
     .rc = LH_E_DATA},
    {.what = "an answer of another kind is not an empty one",
     .table = "tickets",
     .answers = {GET(TICKETS "?start_time=0&per_page=1000", "{\"end_of_stream\":true}")},
     .rc = LH_E_DATA,
     .checkpoints = ""},
    {.what = "a page that times out is asked for in halves",
     .table = "tickets",
     .answers = {{"GET", TICKETS "?start_time=0&per_page=1000", NULL, 504, NULL, "{}"},
                 {"GET", TICKETS "?start_time=0&per_page=500", NULL, 504, NULL, "{}"},
                 GET(TICKETS "?start_time=0&per_page=250",
                     "{\"tickets\":[{\"id\":1}],\"after_cursor\":\"a\",\"end_of_stream\":true}")},
     .rows = "{\"id\":1}\n"},
    {.what = "a busy account: the read ends when all that comes is behind the horizon",
     .table = "tickets",
     .offset = "{\"cursor\":\"a\"}",
     .answers = {GET(TICKETS "?cursor=a&per_page=1000",
                     "{\"tickets\":[{\"id\":1,\"generated_timestamp\":4000000000},"
                     "{\"id\":2,\"generated_timestamp\":1772357415}],"
                     "\"after_cursor\":\"b\",\"end_of_stream\":false}"),
                 GET(TICKETS "?cursor=b&per_page=1000",
                     "{\"tickets\":[{\"id\":3,\"generated_timestamp\":1772357416}],"
                     "\"after_cursor\":\"c\",\"end_of_stream\":false}")},
     .checkpoints = "{\"cursor\":\"b\"}\n{" NOW_TEXT ",\"cursor\":\"c\"}\n"},
    {.what = "a batch is as large as the option says, to within a page",
     .table = "tickets",
     .options = {{"max_records_per_batch", "2"}},
     .answers = {GET(TICKETS "?start_time=0&per_page=1000",
                     "{\"tickets\":[{\"id\":1},{\"id\":2},{\"id\":3}],\"after_cursor\":\"a\","
                     "\"end_of_stream\":false}")},
     .rc = LH_MORE,
     .checkpoints = "{\"cursor\":\"a\"}\n"},
    {.what = "the host may end a call at any page",
     .table = "tickets",
     .stop_at = 1,
     .answers = {GET(TICKETS "?start_time=0&per_page=1000",
                     "{\"tickets\":[{\"id\":1}],\"after_cursor\":\"a\",\"end_of_stream\":false}")},
     .rc = LH_MORE},
    {.what = "a first read from a date",
     .table = "tickets",
     .options = {{"start_date", "2026-01-01T01:00:00+01:00"}},
     .answers = {GET(TICKETS "?start_time=1767225600&per_page=1000",
                     "{\"tickets\":[],\"after_cursor\":\"a\",\"end_of_stream\":true}")}},
    {.what = "or from a start_time, which the Python connector's offsets have",
     .table = "tickets",
     .options = {{"start_date", "2026-01-01"}},
     .offset = "{\"start_time\":1700000000,\"resume_after\":1700000000}",
     .answers = {GET(TICKETS "?start_time=1700000000&per_page=1000",
                     "{\"tickets\":[],\"after_cursor\":\"a\",\"end_of_stream\":true}")}},
    {.what = "a cursor that Zendesk does not take",
     .table = "tickets",
     .offset = "{\"cursor\":\"old\"}",
     .answers = {{"GET", TICKETS "?cursor=old&per_page=1000", NULL, 400, NULL, "{}"}},
     .rc = LH_E_OFFSET},
    {.what = "an agent who may not export",
     .table = "users",
     .answers = {{"GET", "/api/v2/incremental/users/cursor.json?start_time=0&per_page=1000", NULL,
                  403, NULL, "{}"}},
     .rc = LH_E_DENIED},
    {.what = "users: who is not active any more was deleted",
     .table = "users",
     .answers = {GET("/api/v2/incremental/users/cursor.json?start_time=0&per_page=1000",
                     "{\"users\":[{\"id\":1,\"active\":true},{\"id\":2,\"active\":false}],"
                     "\"after_cursor\":\"a\",\"end_of_stream\":true}")},
     .rows = "{\"id\":1,\"active\":true}\n-{\"id\":2,\"active\":false}\n"},
    {.what = "a time export: what each page repeats of the one before is given once",
     .table = "organizations",
     .answers = {GET(ORGS "?start_time=0",
                     "{\"organizations\":[{\"id\":1,\"updated_at\":\"2026-01-01T00:00:00Z\"},"
                     "{\"id\":2,\"updated_at\":\"2026-01-01T00:00:01Z\"}],"
                     "\"end_time\":1767225601,\"end_of_stream\":false}"),
                 GET(ORGS "?start_time=1767225601",
                     "{\"organizations\":[{\"id\":2,\"updated_at\":\"2026-01-01T00:00:01Z\"},"
                     "{\"id\":3,\"updated_at\":\"2026-01-01T00:00:01Z\"},"
                     "{\"id\":4,\"updated_at\":\"2026-01-01T00:00:05Z\",\"deleted_at\":"
                     "\"2026-01-01T00:00:05Z\"}],\"end_time\":1767225605,\"end_of_stream\":true}")},
     .rows = "{\"id\":1,\"updated_at\":\"2026-01-01T00:00:00Z\"}\n"
             "{\"id\":2,\"updated_at\":\"2026-01-01T00:00:01Z\"}\n"
             "{\"id\":3,\"updated_at\":\"2026-01-01T00:00:01Z\"}\n"
             "-{\"id\":4,\"updated_at\":\"2026-01-01T00:00:05Z\",\"deleted_at\":"
             "\"2026-01-01T00:00:05Z\"}\n",
     .checkpoints = "{\"start_time\":1767225601,\"seen\":[\"2@1767225601\"]}\n"
                    "{" NOW_TEXT ",\"start_time\":1767225605,\"seen\":[\"4@1767225605\"]}\n"},
    {.what = "and by the next run too, unless it changed",
     .table = "organizations",
     .offset = "{\"start_time\":1767225605,\"seen\":[\"4@1767225605\",\"5@1767225605\"]}",
     .answers = {GET(ORGS "?start_time=1767225605",
                     "{\"organizations\":[{\"id\":4,\"updated_at\":\"2026-01-01T00:00:05Z\"},"
                     "{\"id\":5,\"updated_at\":\"2026-01-01T00:00:09Z\"}],"
                     "\"end_time\":1767225609,\"end_of_stream\":true}")},
     .rows = "{\"id\":5,\"updated_at\":\"2026-01-01T00:00:09Z\"}\n",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":1767225609,\"seen\":[\"5@1767225609\"]}\n"},
    {.what = "nothing new",
     .table = "organizations",
     .offset = "{\"start_time\":1767225605,\"seen\":[\"4@1767225605\"]}",
     .answers = {GET(ORGS "?start_time=1767225605",
                     "{\"organizations\":[],\"end_time\":null,\"end_of_stream\":true}")},
     .rows = "",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":1767225605,\"seen\":[\"4@1767225605\"]}\n"},
    {.what = "a second with more rows than a page: what is missing is reported, the next one tried",
     .table = "organizations",
     .offset = "{\"start_time\":1767225600}",
     .answers = {GET(ORGS "?start_time=1767225600",
                     "{\"organizations\":[{\"id\":1,\"updated_at\":\"2026-01-01T00:00:00Z\"}],"
                     "\"end_time\":1767225600,\"end_of_stream\":false}"),
                 GET(ORGS "?start_time=1767225601",
                     "{\"organizations\":[],\"end_time\":null,\"end_of_stream\":true}")},
     .rows = "{\"id\":1,\"updated_at\":\"2026-01-01T00:00:00Z\"}\n",
     .checkpoints = "{\"start_time\":1767225601}\n{" NOW_TEXT ",\"start_time\":1767225601}\n",
     .events = "GET " ORGS "?start_time=1767225600\npartial -8: second 1767225600: more rows "
               "changed in this second than a page holds, and Zendesk has no way to ask for the "
               "others\nGET " ORGS "?start_time=1767225601\n"},
    {.what = "dated in the future: given once, and no offset lies beyond the horizon",
     .table = "ticket_comments",
     .offset = "{\"start_time\":1767225600}",
     .answers = {GET(
         EVENTS "&start_time=1767225600",
         "{\"ticket_events\":[{\"id\":7,\"timestamp\":1767225600,\"child_events\":[]},"
         "{\"id\":8,\"timestamp\":4102444800,\"child_events\":[{\"id\":9,\"event_type\":"
         "\"Comment\"}]}],\"end_time\":4102444800,\"end_of_stream\":false}")},
     .rows = "{\"ticket_id\":null,\"created_at\":null,\"timestamp\":4102444800,\"audit_id\":8,"
             "\"id\":9,\"event_type\":\"Comment\"}\n",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":1772357354,\"seen\":[\"8@4102444800\"]}\n"},
    {.what = "not the next time either",
     .table = "ticket_comments",
     .offset = "{\"start_time\":1772357354,\"seen\":[\"8@4102444800\"]}",
     .answers = {GET(EVENTS "&start_time=1772357354",
                     "{\"ticket_events\":[{\"id\":8,\"timestamp\":4102444800,\"child_events\":["
                     "{\"id\":9,\"event_type\":\"Comment\"}]}],\"end_time\":4102444800,"
                     "\"end_of_stream\":true}")},
     .rows = "",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":1772357354,\"seen\":[\"8@4102444800\"]}\n"},
    {.what = "the last minute is not asked for",
     .table = "organizations",
     .offset = "{\"start_time\":1772357390,\"seen\":[\"1@1772357390\"]}",
     .rows = "",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":1772357390,\"seen\":[\"1@1772357390\"]}\n",
     .events = ""},
    {.what = "comments: the event's ticket and time, the comment's author and body",
     .table = "ticket_comments",
     .answers = {GET(EVENTS "&start_time=0",
                     "{\"ticket_events\":[{\"id\":7,\"ticket_id\":35436,\"timestamp\":1767225600,"
                     "\"created_at\":\"2026-01-01T00:00:00Z\",\"updater_id\":1,\"child_events\":["
                     "{\"id\":8,\"event_type\":\"Change\"},{\"id\":9,\"type\":\"VoiceComment\","
                     "\"event_type\":\"Comment\",\"author_id\":5,\"body\":\"Gr\xc3\xbc\xc3\x9f"
                     "e\",\"ticket_id\":null,\"audit_id\":7}]},{\"id\":10,\"timestamp\":1767225600,"
                     "\"child_events\":[]}],\"end_time\":1767225600,\"end_of_stream\":true}")},
     .rows = "{\"ticket_id\":35436,\"created_at\":\"2026-01-01T00:00:00Z\",\"timestamp\":"
             "1767225600,\"audit_id\":7,\"id\":9,\"type\":\"VoiceComment\",\"event_type\":"
             "\"Comment\",\"author_id\":5,\"body\":\"Gr\xc3\xbc\xc3\x9f"
             "e\"}\n",
     .checkpoints = "{" NOW_TEXT
                    ",\"start_time\":1767225600,\"seen\":[\"7@1767225600\",\"10@1767225600\"]}\n"},
    {.what = "a stretch without comments moves the offset all the same",
     .table = "ticket_comments",
     .offset = "{\"start_time\":1767225600,\"seen\":[\"7@1767225600\"]}",
     .answers = {GET(EVENTS "&start_time=1767225600",
                     "{\"ticket_events\":[{\"id\":7,\"timestamp\":1767225600},{\"id\":8,"
                     "\"timestamp\":1767225700,\"child_events\":[]}],\"end_time\":1767225700,"
                     "\"end_of_stream\":true}")},
     .rows = "",
     .checkpoints = "{" NOW_TEXT ",\"start_time\":1767225700,\"seen\":[\"8@1767225700\"]}\n"},
    {.what = "a list, page by page",
     .table = "groups",
     .answers = {GET(GROUPS, "{\"groups\":[{\"id\":1},{\"id\":2}],\"meta\":{\"has_more\":true,"
                             "\"after_cursor\":\"x=\"}}"),
                 GET(GROUPS "&page%5Bafter%5D=x%3D",
                     "{\"groups\":[],\"meta\":{\"has_more\":true,\"after_cursor\":\"y\"}}"),
                 GET(GROUPS "&page%5Bafter%5D=y",
                     "{\"groups\":[{\"id\":\"3\"}],\"meta\":{\"has_more\":false,"
                     "\"after_cursor\":\"z\"}}")},
     .rows = "{\"id\":1}\n{\"id\":2}\n{\"id\":\"3\"}\n",
     .checkpoints = "{\"after\":\"x=\"}\n{\"after\":\"y\"}\n{" NOW_TEXT "}\n"},
    {.what = "a list that goes on where the host ended the call",
     .table = "groups",
     .offset = "{\"after\":\"y\"}",
     .answers = {GET(GROUPS "&page%5Bafter%5D=y",
                     "{\"groups\":[{\"id\":3}],\"meta\":{\"has_more\":false}}")},
     .rows = "{\"id\":3}\n",
     .checkpoints = "{" NOW_TEXT "}\n"},
    {.what = "an empty list",
     .table = "articles",
     .answers = {GET("/api/v2/help_center/articles.json?page%5Bsize%5D=100",
                     "{\"articles\":[],\"meta\":{\"has_more\":false,\"after_cursor\":null}}")},
     .rows = "",
     .checkpoints = "{" NOW_TEXT "}\n"},
    {.what = "no help center is not an empty list",
     .table = "articles",
     .answers = {{"GET", "/api/v2/help_center/articles.json?page%5Bsize%5D=100", NULL, 404, NULL,
                  "{}"}},
     .rc = LH_E_NOT_FOUND,
     .checkpoints = "",
     .events = "GET /api/v2/help_center/articles.json?page%5Bsize%5D=100\nhttp_fail 404\nfail -5: "
               "Zendesk answers 404 for articles: the account has no help center or no community, "
               "or the subdomain is another; leave the table out\n"},
    {.what = "nor is a list cut that is paged in another way",
     .table = "brands",
     .answers = {GET("/api/v2/brands.json?page%5Bsize%5D=100",
                     "{\"brands\":[{\"id\":1}],\"next_page\":\"https://a/b?page=2\"}")},
     .rc = LH_E_DATA,
     .checkpoints = ""},
    {.what = "small pages where few rows are wanted", /* max_rows below */
     .table = "topics",
     .answers = {GET("/api/v2/community/topics.json?page%5Bsize%5D=7",
                     "{\"topics\":[],\"meta\":{\"has_more\":false}}")}},
    {.what = "no such table", .table = "macros", .rc = LH_E_NOT_FOUND},
    {.what = "an offset of nothing known",
     .table = "tickets",
     .offset = "{\"page\":3}",
     .rc = LH_E_OFFSET},
    {.what = "a cursor that is a number",
     .table = "tickets",
     .offset = "{\"cursor\":3}",
     .rc = LH_E_OFFSET},
    {.what = "the cursor of another table",
     .table = "organizations",
     .offset = "{\"cursor\":\"a\"}",
     .rc = LH_E_OFFSET},
    {.what = "a start_time that is text",
     .table = "organizations",
     .offset = "{\"start_time\":\"soon\"}",
     .rc = LH_E_OFFSET},
    {.what = "a start_time below 0",
     .table = "organizations",
     .offset = "{\"start_time\":-1}",
     .rc = LH_E_OFFSET},
    {.what = "a horizon that is no time",
     .table = "tickets",
     .offset = "{\"as_of\":\"x\",\"cursor\":\"a\"}",
     .rc = LH_E_OFFSET},
    {.what = "seen that is no list",
     .table = "organizations",
     .offset = "{\"start_time\":1,\"seen\":5}",
     .rc = LH_E_OFFSET},
    {.what = "or a list of other things",
     .table = "organizations",
     .offset = "{\"start_time\":1,\"seen\":[\"@\"]}",
     .rc = LH_E_OFFSET},
};

static void test_reads(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct read_case *t = &cases[i];
        struct fake f;
        struct lh_scan s;
        void *self;

        fake_begin(&f, t->answers, t->options);
        f.stop_at = t->stop_at;
        zendesk->open(&f.call, &f.opts, &self);
        s = fake_scan(&f, t->table, t->offset, NOW);
        s.max_rows = lhs_eq(s.table, LHS("topics")) ? 7 : 0;
        is_int(zendesk->read_table(&f.call, self, &s, &f.sink), t->rc, t->what);
        if (t->rows)
            is_str(fake_text(&f.rows), t->rows, t->what);
        if (t->checkpoints)
            is_str(fake_text(&f.checkpoints), t->checkpoints, t->what);
        if (t->events)
            is_str(fake_text(&f.events), t->events, t->what);
        for (size_t k = 0; t->answers[k].method; k++)
            ok(f.given[k], "%s: request %zu was made", t->what, k);
        zendesk->close(&f.call, self);
        fake_end(&f);
    }
}

static void test_end_offset(void)
{
    struct fake f;
    struct lh_scan s;

    fake_begin(&f, NULL, NULL);
    s = fake_scan(&f, "tickets", NULL, NOW);
    s.end = fake_json(&f, "{\"cursor\":\"z\"}");
    is_int(zendesk->read_table(&f.call, NULL, &s, &f.sink), LH_E_UNSUPPORTED, "an end offset");
    fake_end(&f);
}

static void test_catalog(void)
{
    static const char *const columns[N_TABLES] = {"38", "14", "25", "15", "9", "16", "13", "37"};
    struct fake f;
    char text[8];

    fake_begin(&f, NULL, NULL);
    is_int(zendesk->list_tables(&f.call, NULL, NULL, 0, &f.sink), LH_OK, "the tables");
    is_str(fake_text(&f.catalog),
           "table tickets\ntable organizations\ntable articles\ntable brands\ntable groups\n"
           "table ticket_comments\ntable topics\ntable users\n",
           "in the order of the Python connector");
    for (size_t i = 0; i < N_TABLES; i++) {
        struct lh_scan s = fake_scan(&f, zendesk_tables[i].name, NULL, NOW);
        int has_cursor = 0;
        int n = 0;

        lh_buf_reset(&f.catalog);
        is_int(zendesk->get_table_schema(&f.call, NULL, &s, &f.sink), LH_OK, "columns");
        for (const char *p = fake_text(&f.catalog); *p; p = strchr(p, '\n') + 1)
            n++;
        snprintf(text, sizeof text, "%d", n);
        is_str(text, columns[i], zendesk_tables[i].name);
        for (size_t k = 0; k < zendesk_tables[i].n_columns; k++)
            has_cursor |= !zendesk_tables[i].cursor ||
                          !strcmp(zendesk_tables[i].cursor, zendesk_tables[i].columns[k].name);
        ok(has_cursor, "%s: its cursor is a column", zendesk_tables[i].name);
        is_int(zendesk->read_table_metadata(&f.call, NULL, &s, &f.sink), LH_OK, "metadata");
    }
    fake_end(&f);
}

static void test_check(void)
{
    static const struct fake_answer answers[] = {
        GET("/api/v2/users/me.json", "{\"user\":{\"id\":1,\"role\":\"agent\"}}"),
        {"GET", TICKETS "?start_time=1772353815&per_page=1", NULL, 403, NULL, "{}"},
        GET(ORGS "?start_time=1772353815", "{}"),
        {"GET", "/api/v2/help_center/articles.json?page%5Bsize%5D=1", NULL, 404, NULL, "{}"},
        GET("/api/v2/brands.json?page%5Bsize%5D=1", "{}"),
        GET("/api/v2/groups.json?page%5Bsize%5D=1", "{}"),
        GET(EVENTS "&start_time=1772353815", "{}"),
        GET("/api/v2/community/topics.json?page%5Bsize%5D=1", "{}"),
        GET("/api/v2/incremental/users/cursor.json?start_time=1772353815&per_page=1", "{}"),
        {0},
    };
    static const struct fake_answer nobody[] = {
        GET("/api/v2/users/me.json", "{\"user\":{\"id\":null,\"role\":\"end-user\"}}"),
        {0},
    };
    struct fake f;

    fake_begin(&f, answers, NULL);
    is_int(zendesk->check(&f.call, NULL, &f.sink), LH_OK, "check");
    is_str(fake_text(&f.catalog),
           "step user 0 role agent\nstep tickets -4 HTTP status 403: the export takes an admin, or "
           "an agent whose role allows it; use such a user's email and API token\n"
           "step organizations 0 HTTP status 200\nstep articles -5 HTTP status 404: the account "
           "has no help center or no community, or the subdomain is another; leave the table out\n"
           "step brands 0 HTTP status 200\nstep groups 0 HTTP status 200\n"
           "step ticket_comments 0 HTTP status 200\nstep topics 0 HTTP status 200\n"
           "step users 0 HTTP status 200\n",
           "each table by itself");
    fake_end(&f);
    fake_begin(&f, nobody, NULL);
    is_int(zendesk->check(&f.call, NULL, &f.sink), LH_OK, "check");
    is_str(fake_text(&f.catalog), "step user -3 Zendesk does not take email and api_token\n",
           "wrong credentials are nobody's, and nothing else is asked");
    fake_end(&f);
}

int main(void)
{
    zendesk = LH_ENTRY(&fake_host);
    RUN(test_reads);
    RUN(test_end_offset);
    RUN(test_catalog);
    RUN(test_check);
    return tap_done();
}
