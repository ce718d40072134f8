/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GitHub connector on a fake host: where each page leads, what a checkpoint holds, and what it
 * does with answers that GitHub would not give. What a user sees of it: tests/system/github.sh.
 */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

#define NOW         INT64_C(1772357415000)
#define AS_OF       "\"as_of\":\"2026-03-01T09:30:15Z\""
#define REPO        "/repos/a/b"
#define ISSUES      REPO "/issues?state=all&sort=updated&direction=asc&"
#define SINCE       ISSUES "since=2025-01-0"
#define PULLS       REPO "/pulls?state=all&"
#define NEWEST      PULLS "sort=updated&direction=desc&"
#define OLDEST      PULLS "sort=created&direction=asc&"
#define HEAD        REPO "/commits?per_page=1"
#define COMPARE     REPO "/compare/aa...bb?per_page=2"
#define PLACE(text) "{\"repos\":{\"a/b\":{" text "}}}"
#define ROW(id, day)                                                                               \
    "{\"id\":" id ",\"number\":" id ",\"state\":\"open\",\"updated_at\":\"2025-01-0" day           \
    "T00:00:00Z\"}"
#define AT(day) "2025-01-0" day "T00:00:00Z"
#define SENT    "{\"repository_owner\":\"a\",\"repository_name\":\"b\","
#define GOT(id, day)                                                                               \
    SENT "\"id\":" id ",\"number\":" id ",\"state\":\"open\",\"updated_at\":\"" AT(day) "\"}\n"
#define SHA(sha)                                                                                   \
    SENT "\"sha\":\"" sha "\",\"node_id\":null,\"html_url\":null,\"url\":null,"                    \
         "\"commit_message\":null,\"commit_author_name\":null,\"commit_author_email\":null,"       \
         "\"commit_author_date\":null,\"commit_committer_name\":null,"                             \
         "\"commit_committer_email\":null,\"commit_committer_date\":null,\"author\":null,"         \
         "\"committer\":null}\n"
#define REVIEW(id, pull, day)                                                                      \
    SENT "\"pull_number\":" pull ",\"pull_updated_at\":\"" AT(day) "\",\"id\":" id "}\n"
#define NEXT(url) "Link: <" url ">; rel=\"next\""

/* clang-format off */
#define GET(url, link, json) {"GET", url, NULL, 200, link, json}
#define OPTIONS {"owner", "a"}, {"repo", "b"}, {"per_page", "2"}
/* clang-format on */

static const struct lh_connector *github;

/* One call of read_table, and what must come of it. NULL: does not matter. */
struct read_case {
    const char *what, *table, *offset;
    struct fake_option options[6];
    struct fake_answer answers[6];
    int stop_at, rc;
    const char *rows, *checkpoints, *says;
};

static const struct read_case cases[] = {
    {.what = "updates: from the time where a page ended, less what came of it",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NEXT("/x?page=2"),
                     "[" ROW("1", "1") "," ROW("2", "2") "]"),
                 GET(SINCE "2T00:00:00Z&per_page=2", NULL,
                     "[" ROW("2", "2") "," ROW("3", "2") "]")},
     .rows = GOT("1", "1") GOT("2", "2") GOT("3", "2"),
     .checkpoints = PLACE("\"cursor\":\"" AT("2") "\",\"seen\":[2]") "\n" PLACE(
         "\"cursor\":\"" AT("2") "\"," AS_OF) "\n"},
    {.what = "updates: stopped behind a page",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NEXT("/x?page=2"),
                     "[" ROW("1", "1") "," ROW("2", "2") "]")},
     .stop_at = 1,
     .rc = LH_MORE},
    {.what = "updates: and gone on with",
     .table = "issues",
     .offset = PLACE("\"cursor\":\"" AT("2") "\",\"seen\":[2]"),
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(SINCE "2T00:00:00Z&per_page=2", NULL,
                     "[" ROW("2", "2") "," ROW("3", "2") "]")},
     .rows = GOT("3", "2")},
    {.what = "updates: within a second Link leads on",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NEXT("/x?page=2"),
                     "[" ROW("1", "1") "," ROW("2", "1") "]"),
                 GET("/x?page=2", NULL, "[" ROW("3", "1") "]")},
     .rows = GOT("1", "1") GOT("2", "1") GOT("3", "1")},
    {.what = "updates: a new run goes back, and never ends before the last one did",
     .table = "issues",
     .offset = PLACE("\"cursor\":\"" AT("2") "\",\"as_of\":\"2026-01-01\""),
     .options = {OPTIONS, {"state", "all"}, {"lookback_seconds", "86400"}},
     .answers = {GET(SINCE "1T00:00:00Z&per_page=2", NULL, "[" ROW("1", "1") "]")},
     .rows = GOT("1", "1"),
     .checkpoints = PLACE("\"cursor\":\"" AT("2") "\"," AS_OF) "\n"},
    {.what = "updates: a horizon that was reached",
     .table = "issues",
     .offset = PLACE("\"cursor\":\"" AT("2") "\"," AS_OF),
     .options = {OPTIONS, {"state", "all"}},
     .rows = "",
     .checkpoints = ""},
    {.what = "updates: a source that does not look at since",
     .table = "issues",
     .offset = PLACE("\"cursor\":\"" AT("2") "\""),
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(SINCE "2T00:00:00Z&per_page=2", NULL, "[" ROW("1", "1") "]")},
     .rc = LH_E_DATA,
     .says = "is base_url GitHub's API?"},
    {.what = "updates: a source that does not look at sort",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NULL, "[" ROW("1", "2") "," ROW("2", "1") "]")},
     .rc = LH_E_DATA,
     .says = "is base_url GitHub's API?"},
    {.what = "updates: no time",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NULL, "[{\"id\":1}]")},
     .rc = LH_E_DATA,
     .says = "no time in updated_at"},
    {.what = "updates: no object",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NULL, "[1]")},
     .rc = LH_E_DATA,
     .says = "no list of objects"},
    {.what = "updates: no list",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NULL, "{}")},
     .rc = LH_E_DATA},
    {.what = "updates: null is an empty list",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NULL, "null")},
     .rows = ""},
    {.what = "a next page that is this one",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NEXT(ISSUES "per_page=2"), "[]")},
     .rc = LH_E_DATA,
     .says = "comes the same page"},
    {.what = "a next page without an address",
     .table = "issues",
     .options = {OPTIONS, {"state", "all"}},
     .answers = {GET(ISSUES "per_page=2", NEXT("/x y"), "[]")},
     .rc = LH_E_DATA,
     .says = "has no address"},
    {.what = "pulls: the first read, then what changed meanwhile",
     .table = "pull_requests",
     .options = {OPTIONS},
     .answers = {GET(NEWEST "per_page=1", NULL, "[" ROW("2", "2") "]"),
                 GET(OLDEST "per_page=2", NEXT("/x?page=2"),
                     "[" ROW("1", "1") "," ROW("2", "2") "]"),
                 GET("/x?page=2", NULL, "[" ROW("3", "1") "]"),
                 GET(NEWEST "per_page=2", NEXT("/y"), "[" ROW("1", "3") "," ROW("2", "2") "]")},
     .rows = GOT("1", "1") GOT("2", "2") GOT("3", "1") GOT("1", "3"),
     .checkpoints = PLACE("\"cursor\":\"" AT("2") "\",\"next\":\"/x?page=2\"") "\n" PLACE(
         "\"cursor\":\"" AT("2") "\"") "\n" PLACE("\"cursor\":\"" AT("3") "\"," AS_OF) "\n"},
    {.what = "reviews: the oldest change first, a checkpoint between two times",
     .table = "reviews",
     .offset = PLACE("\"cursor\":\"" AT("1") "\""),
     .options = {OPTIONS},
     .answers = {GET(NEWEST "per_page=2", NULL, "[" ROW("6", "3") "," ROW("5", "2") "]"),
                 GET(REPO "/pulls/5/reviews?per_page=2", NULL, "[{\"id\":50}]"),
                 GET(REPO "/pulls/6/reviews?per_page=2", NEXT("/z"), "[{\"id\":60}]"),
                 GET("/z", NULL, "[{\"id\":61}]")},
     .rows = REVIEW("50", "5", "2") REVIEW("60", "6", "3") REVIEW("61", "6", "3"),
     .checkpoints =
         PLACE("\"cursor\":\"" AT("2") "\"") "\n" PLACE("\"cursor\":\"" AT("3") "\"," AS_OF) "\n"},
    {.what = "pulls: no time",
     .table = "pull_requests",
     .offset = PLACE("\"cursor\":\"" AT("1") "\""),
     .options = {OPTIONS},
     .answers = {GET(NEWEST "per_page=2", NULL, "[{\"id\":1}]")},
     .rc = LH_E_DATA},
    {.what = "commits: a comparison",
     .table = "commits",
     .offset = PLACE("\"head\":\"aa\",\"as_of\":\"2026-01-01\""),
     .options = {OPTIONS},
     .answers = {GET(HEAD, NULL, "[{\"sha\":\"bb\"}]"),
                 GET(COMPARE, NEXT("/x"), "{\"total_commits\":2,\"commits\":[{\"sha\":\"ba\"}]}"),
                 GET("/x", NULL, "{\"total_commits\":2,\"commits\":[{\"sha\":\"bb\"}]}")},
     .rows = SHA("ba") SHA("bb"),
     .checkpoints =
         PLACE("\"next\":\"/x\",\"head\":\"bb\",\"base\":\"aa\",\"listed\":1") "\n" PLACE(
             AS_OF ",\"head\":\"bb\"") "\n"},
    {.what = "commits: a comparison that is cut off",
     .table = "commits",
     .offset = PLACE("\"head\":\"aa\",\"as_of\":\"2026-01-01\""),
     .options = {OPTIONS},
     .answers = {GET(HEAD, NULL, "[{\"sha\":\"bb\"}]"),
                 GET(COMPARE, NULL, "{\"total_commits\":300,\"commits\":[{\"sha\":\"bb\"}]}")},
     .rc = LH_E_DATA,
     .says = "lists 1 of 300 commits"},
    {.what = "commits: a head that is none",
     .table = "commits",
     .options = {OPTIONS},
     .answers = {GET(HEAD, NULL, "[{\"sha\":\"../..\"}]")},
     .rc = LH_E_DATA},
    {.what = "an offset that is none: a time",
     .table = "issues",
     .options = {OPTIONS},
     .offset = PLACE("\"cursor\":\"soon\""),
     .rc = LH_E_OFFSET},
    {.what = "a page",
     .table = "pull_requests",
     .options = {OPTIONS},
     .offset = PLACE("\"cursor\":\"2025-01-01\",\"next\":\"/{x}\""),
     .rc = LH_E_OFFSET},
    {.what = "a page of nothing",
     .table = "pull_requests",
     .options = {OPTIONS},
     .offset = PLACE("\"next\":\"/x\""),
     .rc = LH_E_OFFSET},
    {.what = "an id",
     .table = "issues",
     .options = {OPTIONS},
     .offset = PLACE("\"seen\":[\"x\"]"),
     .rc = LH_E_OFFSET},
    {.what = "a commit",
     .table = "commits",
     .options = {OPTIONS},
     .offset = PLACE("\"head\":\"master\""),
     .rc = LH_E_OFFSET},
    {.what = "a count",
     .table = "commits",
     .options = {OPTIONS},
     .offset = PLACE("\"head\":\"aa\",\"listed\":-1"),
     .rc = LH_E_OFFSET},
    {.what = "a list",
     .table = "issues",
     .options = {OPTIONS},
     .offset = "{\"repos\":[]}",
     .rc = LH_E_OFFSET},
    {.what = "something else",
     .table = "issues",
     .options = {OPTIONS},
     .offset = "{\"until\":\"2025-01-01\"}",
     .rc = LH_E_OFFSET},
};

static void run_case(const struct read_case *t)
{
    struct fake f;
    struct lh_scan scan;
    void *self = NULL;

    fake_begin(&f, t->answers, t->options);
    f.stop_at = t->stop_at;
    diag("%s", t->what);
    ok(github->open(&f.call, &f.opts, &self) == LH_OK, "opened");
    scan = fake_scan(&f, t->table, t->offset, NOW);
    is_int(github->read_table(&f.call, self, &scan, &f.sink), t->rc, "what it answers");
    if (t->rows)
        is_str(fake_text(&f.rows), t->rows, "rows");
    if (t->checkpoints)
        is_str(fake_text(&f.checkpoints), t->checkpoints, "checkpoints");
    if (t->says)
        has_str(fake_text(&f.events), t->says, "what it says");
    if (t->rc >= 0)
        is_int(f.n_live, 0, "no answer is kept");
    github->close(&f.call, self);
    fake_end(&f);
}

static void test_reads(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run_case(&cases[i]);
}

/* Without memory every read says so, and nothing else happens. */
static void test_no_memory(void)
{
    static const struct fake_option options[] = {OPTIONS, {NULL, NULL}};
    static const char *const tables[] = {"issues",  "pull_requests", "comments", "commits",
                                         "reviews", "branches",      "users"};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct fake f;
        struct lh_scan scan;

        fake_begin(&f, NULL, options);
        scan = fake_scan(&f, tables[i], NULL, NOW);
        f.no_memory = true;
        is_int(github->read_table(&f.call, NULL, &scan, &f.sink), LH_E_NOMEM, tables[i]);
        is_str(fake_text(&f.rows), "", "no row");
        fake_end(&f);
    }
}

int main(void)
{
    github = lh_connector_entry_v0(&fake_host);
    RUN(test_reads);
    RUN(test_no_memory);
    return tap_done();
}
