/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hard read path of a GitHub connector, on a fake host: issues by ascending time with a
 * checkpoint per page, pull requests by a descending walk that can be committed at its end only,
 * namespaces of two levels, two columns added to what the source sent.
 */
#include "config.h"

#include "fake_host.h"

#include "tap.h"

#define OVERLAP_MS 300000 /* GitHub's lists lag behind: what is younger is read again */

static const struct lh_host *H = &fake_host;

/* 404, 410 and 451 are about one repository: *ret is NULL where the run goes on without it. */
static int get(lh_call *c, lh_str url, const struct lh_http_resp **ret)
{
    struct lh_http_req q = lhs_get(url);
    const struct lh_http_resp *p;
    int rc = H->http(c, &q, &p);

    *ret = NULL;
    if (rc)
        return rc;
    if (p->status == 404 || p->status == 410 || p->status == 451)
        return H->partial(c, LH_E_NOT_FOUND, url, LHS("the repository is gone or blocked"));
    *ret = p;
    return p->status == 200 ? LH_OK : H->http_fail(c, p);
}

struct repo {
    lh_str owner, name;
};

static int emit(const struct repo *r, const lh_json *item, lh_out *o, lh_sink *out)
{
    static const lh_str drop[] = {{"_links", 6}};

    H->out_begin(o, '{');
    H->out_key(o, LHS("repository_owner"));
    H->out_str(o, r->owner);
    H->out_key(o, LHS("repository_name"));
    H->out_str(o, r->name);
    H->out_members(o, item, drop, 1);
    H->out_end(o);
    return H->row_out(out, LH_UPSERT, o);
}

static int commit(lh_str cursor, lh_out *o, lh_sink *out)
{
    H->out_begin(o, '{');
    H->out_key(o, LHS("cursor"));
    H->out_str(o, cursor);
    H->out_end(o);
    return H->checkpoint(out, H->out_done(o));
}

/* Pages of issues, oldest change first: safe to checkpoint after each. */
static int read_issues(lh_call *c, const struct repo *r, lh_str cursor, lh_str as_of, lh_out *o,
                       lh_sink *out)
{
    lh_str url = lhs_fmt(H, c, "/repos/%s/%s/issues?state=all&sort=updated&direction=asc",
                         lhs_pct(H, c, r->owner).p, lhs_pct(H, c, r->name).p);
    struct lhs_pages pages;
    const struct lh_http_resp *page;
    int rc;

    if (cursor.n)
        url = lhs_query(H, c, url, LHS("since"), lhs_iso(H, c, lhs_time_ms(cursor) - OVERLAP_MS));
    pages = lhs_pages(lhs_get(url));
    while (!(rc = lhs_page(H, c, &pages, &page)) && page) {
        const lh_json *item = NULL;
        lh_str next = lhs_link(H, c, page, "next");

        lhs_pages_next(H, c, &pages, next);
        while ((item = H->json_next(page->json, item, NULL))) {
            lh_str updated = H->json_str(H->json_get(item, LHS("updated_at")));

            if (lhs_cmp(updated, cursor) > 0 && lhs_cmp(updated, as_of) <= 0)
                cursor = lhs_dup(H, c, updated);
            if ((rc = emit(r, item, o, out)))
                return rc;
        }
        if ((rc = commit(next.n ? cursor : as_of, o, out)))
            return rc;
    }
    return rc;
}

/* Newest first, until what was seen: one checkpoint at the end, pages are released on the way. */
static int read_pulls(lh_call *c, const struct repo *r, lh_str cursor, lh_str as_of, lh_out *o,
                      lh_sink *out)
{
    lh_str url = lhs_fmt(H, c, "/repos/%s/%s/pulls?state=all&sort=updated&direction=desc",
                         lhs_pct(H, c, r->owner).p, lhs_pct(H, c, r->name).p);
    int rc;

    while (url.n) {
        const struct lh_http_resp *page;
        const lh_json *item = NULL;
        int known = 0;

        if ((rc = get(c, url, &page)) || !page)
            return rc;
        url = lhs_link(H, c, page, "next");
        while (!known && (item = H->json_next(page->json, item, NULL))) {
            known = lhs_cmp(H->json_str(H->json_get(item, LHS("updated_at"))), cursor) <= 0;
            if (!known && (rc = emit(r, item, o, out)))
                return rc;
        }
        if (known)
            url = lhs_n(NULL, 0);
        H->http_release(c, page);
    }
    return commit(as_of, o, out);
}

static int read_table(lh_call *c, const struct lh_scan *s, lh_sink *out)
{
    struct repo r = {lhs_z(H->opt(s->opts, "owner")), lhs_z(H->opt(s->opts, "repo"))};
    lh_str cursor = H->json_str(H->json_get(s->offset, LHS("cursor")));
    lh_str as_of = lhs_iso(H, c, s->as_of_ms);
    lh_out *o = H->out_new(c);

    if (cursor.n && lhs_cmp(cursor, as_of) >= 0)
        return LH_OK; /* the horizon was reached before */
    return lhs_eq(s->table, LHS("pulls")) ? read_pulls(c, &r, cursor, as_of, o, out)
                                          : read_issues(c, &r, cursor, as_of, o, out);
}

/* No prefix: organizations; one: its repositories. */
static int list_namespaces(lh_call *c, const lh_str *prefix, size_t n, lh_sink *out)
{
    lh_str url =
        n ? lhs_fmt(H, c, "/orgs/%s/repos", lhs_pct(H, c, prefix[0]).p) : LHS("/user/orgs");
    struct lhs_pages pages = lhs_pages(lhs_get(url));
    const struct lh_http_resp *page;
    int rc;

    while (!(rc = lhs_page(H, c, &pages, &page)) && page) {
        const lh_json *item = NULL;

        lhs_pages_next(H, c, &pages, lhs_link(H, c, page, "next"));
        while ((item = H->json_next(page->json, item, NULL))) {
            lh_str path[2] = {n ? prefix[0] : lhs_n(NULL, 0), lhs_n(NULL, 0)};

            path[n] = H->json_str(H->json_get(item, n ? LHS("name") : LHS("login")));
            if ((rc = H->add_namespace(out, path, n + 1)))
                return rc;
        }
    }
    return rc;
}

/* --- tests ------------------------------------------------------------------------------------ */

#define AS_OF  INT64_C(1772357415000) /* 2026-03-01T09:30:15Z */
#define ISSUES "/repos/o/r%20x/issues?state=all&sort=updated&direction=asc"

static const struct fake_option options[] = {{"owner", "o"}, {"repo", "r x"}, {NULL, NULL}};

static void test_issues(void)
{
    static const struct fake_answer answers[] = {
        {"GET", ISSUES "&since=2026-02-28T23%3A55%3A00Z", NULL, 200, "Link: </p2>; rel=\"next\"",
         "[{\"id\":9007199254740993,\"updated_at\":\"2026-03-01T01:00:00Z\",\"_links\":{}}]"},
        {"GET", "/p2", NULL, 200, NULL,
         "[{\"id\":2,\"repository_name\":\"theirs\",\"updated_at\":\"2027-01-01T00:00:00Z\"}]"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    s = fake_scan(&f, "issues", "{\"cursor\":\"2026-03-01T00:00:00Z\"}", AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done");
    is_str(fake_text(&f.rows),
           "{\"repository_owner\":\"o\",\"repository_name\":\"r x\",\"id\":9007199254740993,"
           "\"updated_at\":\"2026-03-01T01:00:00Z\"}\n"
           "{\"repository_owner\":\"o\",\"repository_name\":\"r x\",\"id\":2,"
           "\"updated_at\":\"2027-01-01T00:00:00Z\"}\n",
           "rows with the added columns first, ids as they were, one from the future");
    is_str(fake_text(&f.checkpoints),
           "{\"cursor\":\"2026-03-01T01:00:00Z\"}\n{\"cursor\":\"2026-03-01T09:30:15Z\"}\n",
           "a checkpoint per page, the last is the horizon and never beyond");
    has_str(fake_text(&f.events), "prefetch /p2\n", "the second page is asked for early");
    is_int(f.n_live, 0, "pages are released");
    fake_end(&f);
}

static void test_stopped(void)
{
    static const struct fake_answer answers[] = {
        {"GET", ISSUES, NULL, 200, "Link: </p2>; rel=\"next\"",
         "[{\"id\":1,\"updated_at\":\"2026-03-01T01:00:00Z\"}]"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    f.stop_at = 1;
    s = fake_scan(&f, "issues", NULL, AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_MORE, "what checkpoint answers is handed on");
    is_str(fake_text(&f.checkpoints), "{\"cursor\":\"2026-03-01T01:00:00Z\"}\n", "one checkpoint");
    fake_end(&f);
}

static void test_covered(void)
{
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, NULL, options);
    s = fake_scan(&f, "issues", "{\"cursor\":\"2026-03-01T09:30:15Z\"}", AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "the horizon was reached");
    is_str(fake_text(&f.events), "", "no request");
    fake_end(&f);
}

static void test_pulls(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/repos/o/r%20x/pulls?state=all&sort=updated&direction=desc", NULL, 200,
         "Link: </p2>; rel=\"next\"", "[{\"id\":3,\"updated_at\":\"2026-03-01T08:00:00Z\"}]"},
        {"GET", "/p2", NULL, 200, "Link: </p3>; rel=\"next\"",
         "[{\"id\":2,\"updated_at\":\"2026-03-01T02:00:00Z\"},"
         "{\"id\":1,\"updated_at\":\"2026-02-01T00:00:00Z\"}]"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    s = fake_scan(&f, "pulls", "{\"cursor\":\"2026-03-01T00:00:00Z\"}", AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "done, and page three was not asked for");
    has_str(fake_text(&f.rows), "\"id\":3,", "the newest");
    has_str(fake_text(&f.rows), "\"id\":2,", "and the one before");
    ok(!strstr(fake_text(&f.rows), "\"id\":1,"), "what was seen before is left out");
    is_str(fake_text(&f.checkpoints), "{\"cursor\":\"2026-03-01T09:30:15Z\"}\n", "one checkpoint");
    is_int(f.n_live, 0, "pages are released");
    fake_end(&f);
}

static void test_gone(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/repos/o/r%20x/pulls?state=all&sort=updated&direction=desc", NULL, 451, NULL,
         "{}"},
        {0},
    };
    struct lh_scan s;
    struct fake f;

    fake_begin(&f, answers, options);
    s = fake_scan(&f, "pulls", NULL, AS_OF);
    is_int(read_table(&f.call, &s, &f.sink), LH_OK, "the run goes on without it");
    has_str(fake_text(&f.events), "partial -5: /repos/o/r%20x/pulls", "what is missing is named");
    f.partial_policy = LH_E_NOT_FOUND;
    f.given[0] = false;
    is_int(read_table(&f.call, &s, &f.sink), LH_E_NOT_FOUND, "or does not: the host decides");
    is_str(fake_text(&f.checkpoints), "", "no checkpoint");
    fake_end(&f);
}

static void test_namespaces(void)
{
    static const struct fake_answer answers[] = {
        {"GET", "/user/orgs", NULL, 200, NULL, "[{\"login\":\"a\"},{\"login\":\"b\"}]"},
        {"GET", "/orgs/a/repos", NULL, 200, NULL, "[{\"name\":\"r\"}]"},
        {0},
    };
    lh_str prefix = LHS("a");
    struct fake f;

    fake_begin(&f, answers, NULL);
    is_int(list_namespaces(&f.call, NULL, 0, &f.sink), LH_OK, "organizations");
    is_int(list_namespaces(&f.call, &prefix, 1, &f.sink), LH_OK, "repositories");
    is_str(fake_text(&f.catalog), "namespace a\nnamespace b\nnamespace a r\n", "paths");
    fake_end(&f);
}

int main(void)
{
    RUN(test_issues);
    RUN(test_stopped);
    RUN(test_covered);
    RUN(test_pulls);
    RUN(test_gone);
    RUN(test_namespaces);
    return tap_done();
}
