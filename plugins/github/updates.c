/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issues and comments: lists in the order of the last update, from a time on.
 *
 * Page numbers are not followed: what is changed between two pages moves to the end of the list,
 * all behind it moves up, and the next page would begin one row too late. Each page is asked for
 * from the time at which the one before ended instead, less the rows of that second which were
 * given out. Only within a second that fills a page, Link leads on.
 */
#include "github.h"

/* Rows this much older than the horizon are in the order that was asked for, or never will be. */
#define ORDER_MS INT64_C(3600000)

struct page {
    const struct lh_http_resp *answer;
    const lh_json *rows;
    lh_str next;      /* by Link */
    int64_t earliest; /* of the rows' times; LHS_NO_TIME without rows */
    int64_t settled;  /* the last settled one; LHS_NO_TIME: there is none */
};

/* GitHub shows nothing for the beginning of time. */
static lh_str url_from(const struct reader *r, int64_t since)
{
    lh_str path = lhs_fmt(H, r->call, "%s%s", r->repo->path.p, r->table->path);
    lh_str query;
    char text[LHS_ISO_SIZE];

    query = lhs_fmt(H, r->call, "%s%s%s%s%s%s%s", r->state.n ? "state=" : "",
                    r->state.n ? r->state.p : "", r->state.n ? "&" : "", r->table->query,
                    since > 0 ? "since=" : "", since > 0 ? lhs_iso_at(text, since).p : "",
                    since > 0 ? "&" : "");
    return path.p && query.p ? github_list_url(r, path, query.p) : lhs_n(NULL, 0);
}

/* What the page says about where it lies, and that it is what was asked for. */
static int measure(struct reader *r, int64_t since, struct page *page)
{
    const lh_json *row = NULL;
    int64_t before = LHS_NO_TIME;

    page->earliest = page->settled = LHS_NO_TIME;
    while ((row = H->json_next(page->rows, row, NULL))) {
        int64_t time = github_time(row, "updated_at");

        if (time == LHS_NO_TIME)
            return lhs_fail(H, r->call, LH_E_DATA, "a row of %s has no time in updated_at",
                            r->table->name);
        if (time < since || (time < before && before < r->scan->as_of_ms - ORDER_MS))
            return lhs_fail(H, r->call, LH_E_DATA,
                            "the source does not give %s in the order and from the time asked for; "
                            "is base_url GitHub's API?",
                            r->table->name);
        if (page->earliest == LHS_NO_TIME || time < page->earliest)
            page->earliest = time;
        if (github_is_settled(r, time))
            page->settled = time;
        before = time;
    }
    return LH_OK;
}

static int get_page(struct reader *r, lh_str url, int64_t since, struct page *ret)
{
    struct page page = {0};
    int rc = github_get(r, url, &page.answer);

    if (!rc)
        rc = github_rows(r, page.answer, NULL, &page.rows);
    if (!rc)
        rc = github_next(r, url, page.answer, &page.next);
    if (!rc)
        rc = measure(r, since, &page);
    if (!rc)
        *ret = page;
    return rc;
}

/*
 * The page after this one; empty at the end. A page that lies beyond the horizon is the last one:
 * what comes later is the next run's, or reading would never end where changes never do.
 */
static lh_str choose_next(const struct reader *r, const struct page *page, int64_t *since)
{
    if (!page->next.n || page->earliest > r->scan->as_of_ms)
        return LHS("");
    if (page->earliest == LHS_NO_TIME || page->settled == LHS_NO_TIME ||
        page->settled <= page->earliest)
        return page->next;
    *since = page->settled;
    return url_from(r, *since);
}

/* --- rows ------------------------------------------------------------------------------------- */

static int was_seen(const struct place *p, int64_t time, int64_t id)
{
    for (size_t i = 0; time == p->cursor && i < p->n_seen; i++)
        if (p->seen[i] == id)
            return 1;
    return 0;
}

/* Moves the cursor to a row that was given out. */
static void note(const struct reader *r, int64_t time, int64_t id)
{
    struct place *p = &r->repo->place;

    if (!github_is_settled(r, time) || time < p->cursor)
        return;
    if (time > p->cursor)
        p->n_seen = 0;
    p->cursor = time;
    if (p->n_seen < MOST_SEEN)
        p->seen[p->n_seen++] = id;
}

static int send_rows(struct reader *r, const struct page *page)
{
    const lh_json *row = NULL;
    int rc = LH_OK;

    while (!rc && (row = H->json_next(page->rows, row, NULL))) {
        int64_t time = github_time(row, "updated_at");
        int64_t id;

        if (H->json_i64(H->json_get(row, LHS("id")), &id))
            return lhs_fail(H, r->call, LH_E_DATA, "a row of %s has no whole number in id",
                            r->table->name);
        if (was_seen(&r->repo->place, time, id))
            continue;
        rc = github_send(r, row);
        note(r, time, id);
    }
    return rc;
}

/* --- the read --------------------------------------------------------------------------------- */

/* From where on. A new run goes back a little, for what GitHub was late to show. */
static int64_t begin(const struct reader *r)
{
    struct place *p = &r->repo->place;

    if (p->as_of != LHS_NO_TIME && p->cursor != LHS_NO_TIME) {
        p->cursor -= r->lookback_ms;
        p->n_seen = 0;
    }
    p->as_of = LHS_NO_TIME;
    return p->cursor == LHS_NO_TIME ? r->start : p->cursor;
}

/* A page's checkpoint, unless it would be the one before: a long second has too many ids to keep.
 */
static int commit_page(struct reader *r, int64_t cursor, size_t n_seen)
{
    const struct place *p = &r->repo->place;
    int rc = p->cursor != cursor || p->n_seen != n_seen ? github_commit(r) : LH_OK;

    if (!rc && r->n_rows >= r->most_rows && p->cursor != cursor)
        return LH_MORE;
    return rc;
}

int github_read_updates(struct reader *r)
{
    struct place *p = &r->repo->place;
    int64_t at_first = p->cursor;
    int64_t since = begin(r);
    lh_str url = url_from(r, since);

    for (;;) {
        int64_t cursor = p->cursor;
        size_t n_seen = p->n_seen;
        struct page page;
        int rc = url.p ? get_page(r, url, since, &page) : LH_E_NOMEM;

        if (rc)
            return rc;
        url = choose_next(r, &page, &since);
        github_prefetch(r, url);
        rc = send_rows(r, &page);
        H->http_release(r->call, page.answer);
        if (rc)
            return rc;
        if (!url.n) {
            if (p->cursor < at_first)
                p->cursor = at_first;
            return github_finish(r);
        }
        if ((rc = commit_page(r, cursor, n_seen)))
            return rc;
    }
}
