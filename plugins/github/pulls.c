/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pull requests, and the reviews of each. Their list cannot be asked for from a time on.
 *
 * The first read goes through all of them in the order they were made, which never changes, so its
 * page numbers hold and a page is a checkpoint. Every other one, and the end of the first, goes
 * through those changed last until it comes to what is known. For the same reason the state is
 * looked at here: in GitHub's list of the open ones, all behind one that is closed move up.
 *
 * Places: {"cursor", "next"} in the first read, where cursor is the newest change when it began;
 * {"cursor", "as_of"} behind a whole one; {"cursor"} between the first read's two parts, and where
 * the reviews of some changed pull requests are still to come.
 */
#include "github.h"

#include <stdlib.h>

#define AHEAD 8 /* requests for reviews that are asked for ahead of time */

/* A pull request whose reviews are to be read. */
struct pull {
    int64_t number, updated;
    lh_str updated_at, url;
};

struct pulls {
    struct pull *items;
    size_t n, room;
};

static int is_wanted(const struct reader *r, const lh_json *row)
{
    return !r->state.n || lhs_eq(r->state, LHS("all")) ||
           lhs_eq(r->state, H->json_str(H->json_get(row, LHS("state"))));
}

/* --- reviews ---------------------------------------------------------------------------------- */

static lh_str reviews_url(const struct reader *r, int64_t number)
{
    lh_str path = lhs_fmt(H, r->call, "%s/pulls/%lld/reviews", r->repo->path.p, (long long)number);

    return path.p ? github_list_url(r, path, "") : path;
}

static int send_review(struct reader *r, const struct pull *pull, const lh_json *row)
{
    H->out_begin(r->out, '{');
    lhs_out_str(H, r->out, LHS("repository_owner"), r->repo->owner);
    lhs_out_str(H, r->out, LHS("repository_name"), r->repo->name);
    lhs_out_i64(H, r->out, LHS("pull_number"), pull->number);
    H->out_key(r->out, LHS("pull_updated_at"));
    if (pull->updated_at.n)
        H->out_str(r->out, pull->updated_at);
    else
        H->out_json(r->out, NULL);
    H->out_members(r->out, row, NULL, 0);
    H->out_end(r->out);
    r->n_rows++;
    return H->row_out(r->sink, LH_UPSERT, r->out);
}

static int send_reviews(struct reader *r, const struct pull *pull)
{
    lh_str url = pull->url;
    int rc = LH_OK;

    while (!rc && url.n) {
        const struct lh_http_resp *answer;
        const lh_json *row = NULL;
        const lh_json *rows;

        if ((rc = github_get(r, url, &answer)) || (rc = github_rows(r, answer, NULL, &rows)) ||
            (rc = github_next(r, url, answer, &url)))
            return rc;
        github_prefetch(r, url);
        while (!rc && (row = H->json_next(rows, row, NULL)))
            rc = send_review(r, pull, row);
        H->http_release(r->call, answer);
    }
    return rc;
}

/* The reviews of pulls[i], while those of the next ones are on their way. */
static int send_reviews_of(struct reader *r, const struct pulls *pulls, size_t i)
{
    if (i == 0)
        for (size_t k = 1; k < AHEAD && k < pulls->n; k++)
            github_prefetch(r, pulls->items[k].url);
    else if (i + AHEAD - 1 < pulls->n)
        github_prefetch(r, pulls->items[i + AHEAD - 1].url);
    return send_reviews(r, &pulls->items[i]);
}

static int add_pull(struct reader *r, struct pulls *pulls, const lh_json *row)
{
    struct pull *pull;

    if (pulls->n == pulls->room) {
        size_t room = pulls->room ? 2 * pulls->room : 128;
        struct pull *more = H->alloc(r->call, room * sizeof *more);

        if (!more)
            return LH_E_NOMEM;
        if (pulls->n)
            memcpy(more, pulls->items, pulls->n * sizeof *more);
        pulls->items = more;
        pulls->room = room;
    }
    pull = &pulls->items[pulls->n];
    if (H->json_i64(H->json_get(row, LHS("number")), &pull->number))
        return H->fail(r->call, LH_E_DATA, LHS("a pull request has no whole number in number"));
    pull->updated = github_time(row, "updated_at");
    pull->updated_at = lhs_dup(H, r->call, H->json_str(H->json_get(row, LHS("updated_at"))));
    pull->url = reviews_url(r, pull->number);
    pulls->n++;
    return pull->updated_at.p && pull->url.p ? LH_OK : LH_E_NOMEM;
}

/* --- pages of pull requests ------------------------------------------------------------------- */

struct page {
    const struct lh_http_resp *answer;
    const lh_json *rows;
    lh_str next;
};

static lh_str list_url(const struct reader *r, const char *order)
{
    lh_str path = lhs_fmt(H, r->call, "%s%s", r->repo->path.p, r->table->path);
    lh_str query = lhs_fmt(H, r->call, "%s%s&", r->table->query, order);

    return path.p && query.p ? github_list_url(r, path, query.p) : lhs_n(NULL, 0);
}

static int get_page(struct reader *r, lh_str url, struct page *ret)
{
    int rc = url.p ? github_get(r, url, &ret->answer) : LH_E_NOMEM;

    if (!rc)
        rc = github_rows(r, ret->answer, NULL, &ret->rows);
    return rc ? rc : github_next(r, url, ret->answer, &ret->next);
}

/* A wanted row: given out, or its reviews noted for later. */
static int take_row(struct reader *r, const lh_json *row, struct pulls *pulls)
{
    if (!is_wanted(r, row))
        return LH_OK;
    return r->table->way == BY_REVIEW ? add_pull(r, pulls, row) : github_send(r, row);
}

/* --- the first read --------------------------------------------------------------------------- */

/*
 * The newest change, by GitHub's own clock, and nothing that is still to come: what changes from
 * now on is found behind it.
 */
static int mark_newest(struct reader *r)
{
    int64_t latest = r->scan->as_of_ms - SETTLE_MS;
    int64_t page_rows = r->page_rows;
    struct page page;
    int rc;

    r->page_rows = 1;
    rc = get_page(r, list_url(r, "sort=updated&direction=desc"), &page);
    r->page_rows = page_rows;
    if (rc)
        return rc;
    r->repo->place.cursor = github_time(H->json_next(page.rows, NULL, NULL), "updated_at");
    if (r->repo->place.cursor == LHS_NO_TIME || r->repo->place.cursor > latest)
        r->repo->place.cursor = latest - latest % 1000;
    H->http_release(r->call, page.answer);
    return LH_OK;
}

static int read_first_page(struct reader *r, const struct page *page)
{
    struct pulls pulls = {0};
    const lh_json *row = NULL;
    int rc = LH_OK;

    while (!rc && (row = H->json_next(page->rows, row, NULL)))
        rc = take_row(r, row, &pulls);
    H->http_release(r->call, page->answer);
    for (size_t i = 0; !rc && i < pulls.n; i++)
        rc = send_reviews_of(r, &pulls, i);
    return rc;
}

static int read_all(struct reader *r)
{
    struct place *p = &r->repo->place;
    lh_str url = p->next;
    int rc = LH_OK;

    if (!url.n) {
        url = list_url(r, "sort=created&direction=asc");
        rc = mark_newest(r);
    }
    while (!rc && (url.n || !url.p)) {
        struct page page;

        if ((rc = get_page(r, url, &page)))
            return rc;
        url = p->next = page.next;
        github_prefetch(r, url);
        if (!(rc = read_first_page(r, &page)))
            rc = github_commit(r);
        if (!rc && r->n_rows >= r->most_rows)
            return LH_MORE;
    }
    return rc;
}

/* --- what changed since ----------------------------------------------------------------------- */

/* Everything changed behind `floor`, newest first; *newest is the last settled change of all. */
static int read_changed(struct reader *r, int64_t floor, struct pulls *pulls, int64_t *newest)
{
    lh_str url = list_url(r, "sort=updated&direction=desc");
    int rc = LH_OK;

    while (!rc && (url.n || !url.p)) {
        const lh_json *row = NULL;
        struct page page;

        if ((rc = get_page(r, url, &page)))
            return rc;
        url = page.next;
        while (!rc && (row = H->json_next(page.rows, row, NULL))) {
            int64_t time = github_time(row, "updated_at");

            if (time == LHS_NO_TIME)
                return H->fail(r->call, LH_E_DATA, LHS("a pull request has no time in updated_at"));
            if (time <= floor) {
                url = LHS("");
                break;
            }
            if (github_is_settled(r, time) && time > *newest)
                *newest = time;
            rc = take_row(r, row, pulls);
        }
        H->http_release(r->call, page.answer);
    }
    return rc;
}

static int by_update(const void *a, const void *b)
{
    const struct pull *x = a;
    const struct pull *y = b;

    return (x->updated > y->updated) - (x->updated < y->updated);
}

/* Oldest change first, so that there are places to go on from; several may share a time. */
static int read_noted_reviews(struct reader *r, struct pulls *pulls)
{
    struct place *p = &r->repo->place;
    int rc = LH_OK;

    if (pulls->n)
        qsort(pulls->items, pulls->n, sizeof *pulls->items, by_update);
    for (size_t i = 0; !rc && i < pulls->n; i++) {
        int64_t time = pulls->items[i].updated;
        int64_t next = i + 1 < pulls->n ? pulls->items[i + 1].updated : time;

        rc = send_reviews_of(r, pulls, i);
        if (rc || !github_is_settled(r, time) || time <= p->cursor || next <= time)
            continue;
        p->cursor = time;
        if (!(rc = github_commit(r)) && r->n_rows >= r->most_rows)
            return LH_MORE;
    }
    return rc;
}

/* --- the read --------------------------------------------------------------------------------- */

int github_read_pulls(struct reader *r)
{
    struct place *p = &r->repo->place;
    struct pulls pulls = {0};
    int is_new_run = p->as_of != LHS_NO_TIME;
    int64_t newest;
    int64_t floor;
    int rc = LH_OK;

    p->as_of = LHS_NO_TIME;
    if (p->next.n || (p->cursor == LHS_NO_TIME && r->start == LHS_NO_TIME))
        rc = read_all(r);
    if (rc)
        return rc;
    newest = p->cursor;
    floor = p->cursor == LHS_NO_TIME ? r->start - 1
            : is_new_run             ? p->cursor - r->lookback_ms - 1
                                     : p->cursor;
    rc = read_changed(r, floor, &pulls, &newest);
    if (!rc)
        rc = read_noted_reviews(r, &pulls);
    if (rc)
        return rc;
    p->cursor = newest;
    return github_finish(r);
}

/* One pull request's reviews alone: read whole each time. */
static int read_one_pull(struct reader *r, int64_t number)
{
    struct pull pull = {number, LHS_NO_TIME, {NULL, 0}, {NULL, 0}};
    lh_str url = lhs_fmt(H, r->call, "%s/pulls/%lld", r->repo->path.p, (long long)number);
    const struct lh_http_resp *answer;
    int rc = url.p ? github_get(r, url, &answer) : LH_E_NOMEM;

    if (rc)
        return rc;
    pull.updated_at =
        lhs_dup(H, r->call, H->json_str(H->json_get(answer->json, LHS("updated_at"))));
    pull.url = reviews_url(r, number);
    H->http_release(r->call, answer);
    if (!pull.updated_at.p || !pull.url.p)
        return LH_E_NOMEM;
    rc = send_reviews(r, &pull);
    return rc ? rc : github_finish(r);
}

int github_read_reviews(struct reader *r)
{
    int64_t number = lhs_opt_i64(H, r->scan->opts, "pull_number", 0);

    return number ? read_one_pull(r, number) : github_read_pulls(r);
}
