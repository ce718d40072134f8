/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits of the default branch. Their dates say when somebody made them, not when they came to the
 * branch, so no date can say what is new; the graph can.
 *
 * A read is about one commit, the head. The first one lists all that can be reached from it, which
 * never changes: page numbers hold. Every other one asks GitHub to compare the head of the last one
 * with the new one, and gives out what only the new one has, however old it is.
 *
 * Places: {"head", "next"} in the first read, {"head", "base", "next", "listed"} in a comparison,
 * {"head", "as_of"} behind either. {"cursor"}, as the Python connector keeps it, begins there.
 */
#include "github.h"

/* --- rows ------------------------------------------------------------------------------------- */

static void put_member(struct reader *r, const char *column, const lh_json *value)
{
    H->out_key(r->out, lhs_z(column));
    H->out_json(r->out, value);
}

/* GitHub knows no account for some authors: null, or an object without members. */
static const lh_json *account(const lh_json *row, const char *member)
{
    const lh_json *user = H->json_get(row, lhs_z(member));

    return H->json_count(user) ? user : NULL;
}

static int send_commit(struct reader *r, const lh_json *row)
{
    static const char *const verbatim[] = {"sha", "node_id", "html_url", "url"};
    static const struct {
        const char *person, *member, *column;
    } flat[] = {
        {"author", "name", "commit_author_name"},
        {"author", "email", "commit_author_email"},
        {"author", "date", "commit_author_date"},
        {"committer", "name", "commit_committer_name"},
        {"committer", "email", "commit_committer_email"},
        {"committer", "date", "commit_committer_date"},
    };
    const lh_json *commit = H->json_get(row, LHS("commit"));

    H->out_begin(r->out, '{');
    lhs_out_str(H, r->out, LHS("repository_owner"), r->repo->owner);
    lhs_out_str(H, r->out, LHS("repository_name"), r->repo->name);
    for (size_t i = 0; i < sizeof verbatim / sizeof *verbatim; i++)
        put_member(r, verbatim[i], H->json_get(row, lhs_z(verbatim[i])));
    put_member(r, "commit_message", H->json_get(commit, LHS("message")));
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        put_member(r, flat[i].column,
                   H->json_get(H->json_get(commit, lhs_z(flat[i].person)), lhs_z(flat[i].member)));
    put_member(r, "author", account(row, "author"));
    put_member(r, "committer", account(row, "committer"));
    H->out_end(r->out);
    r->n_rows++;
    return H->row_out(r->sink, LH_UPSERT, r->out);
}

/* --- pages ------------------------------------------------------------------------------------ */

/* Old versions of GitHub Enterprise Server list 250 commits of a comparison, and no more. */
static int check_total(struct reader *r, int64_t total)
{
    const struct place *p = &r->repo->place;

    if (!p->base.n || p->next.n || p->listed == total)
        return LH_OK;
    return lhs_fail(H, r->call, LH_E_DATA,
                    "GitHub compares %s with %s and lists %lld of %lld commits; read %s from the "
                    "beginning",
                    p->base.p, p->head.p, (long long)p->listed, (long long)total, r->repo->key.p);
}

static int read_page(struct reader *r, const struct lh_http_resp *answer)
{
    struct place *p = &r->repo->place;
    const lh_json *row = NULL;
    const lh_json *rows;
    int64_t total = 0;
    int rc =
        github_rows(r, answer, p->base.n ? "commits" : NULL, &rows); /* a comparison's, a list */

    if (!rc && p->base.n && H->json_i64(H->json_get(answer->json, LHS("total_commits")), &total))
        rc = H->fail(r->call, LH_E_DATA, LHS("GitHub does not say how many commits it compared"));
    while (!rc && (row = H->json_next(rows, row, NULL))) {
        rc = send_commit(r, row);
        p->listed += p->base.n > 0;
    }
    H->http_release(r->call, answer);
    return rc ? rc : check_total(r, total);
}

/* From p->next on to the end, a checkpoint behind each page. */
static int read_pages(struct reader *r)
{
    struct place *p = &r->repo->place;

    while (p->next.n) {
        const struct lh_http_resp *answer;
        lh_str next;
        int rc = github_get(r, p->next, &answer);

        if (rc || (rc = github_next(r, p->next, answer, &next)))
            return rc;
        p->next = next;
        github_prefetch(r, next);
        if ((rc = read_page(r, answer)))
            return rc;
        if (!next.n)
            break;
        if ((rc = github_commit(r)))
            return rc;
        if (r->n_rows >= r->most_rows)
            return LH_MORE;
    }
    return github_finish(r);
}

/* --- the read --------------------------------------------------------------------------------- */

/* The newest commit of the default branch; empty: the repository has none. */
static int find_head(struct reader *r, lh_str *ret)
{
    lh_str url = lhs_fmt(H, r->call, "%s/commits?per_page=1", r->repo->path.p);
    const struct lh_http_resp *answer;
    const lh_json *rows;
    int rc = url.p ? github_get_or(r, url, 409, &answer) : LH_E_NOMEM;

    if (rc)
        return rc;
    if (answer->status == 409) {
        *ret = LHS("");
    } else {
        lh_str sha;

        if ((rc = github_rows(r, answer, NULL, &rows)))
            return rc;
        sha = H->json_str(H->json_get(H->json_next(rows, NULL, NULL), LHS("sha")));
        if (!github_is_sha(sha))
            return H->fail(r->call, LH_E_DATA, LHS("GitHub lists a commit without a sha"));
        *ret = lhs_dup(H, r->call, sha);
    }
    H->http_release(r->call, answer);
    return ret->p ? LH_OK : LH_E_NOMEM;
}

/* All that can be reached from the head, of this date or later. */
static int list_all(struct reader *r, int64_t since)
{
    struct place *p = &r->repo->place;
    lh_str path = lhs_fmt(H, r->call, "%s/commits", r->repo->path.p);
    lh_str query;
    char text[LHS_ISO_SIZE];

    query = since > 0
                ? lhs_fmt(H, r->call, "sha=%s&since=%s&", p->head.p, lhs_iso_at(text, since).p)
                : lhs_fmt(H, r->call, "sha=%s&", p->head.p);
    p->base = LHS("");
    p->listed = 0;
    p->next = path.p && query.p ? github_list_url(r, path, query.p) : lhs_n(NULL, 0);
    return p->next.p ? LH_OK : LH_E_NOMEM;
}

/*
 * What only the new head has. When GitHub does not know the old one any more, history was written
 * anew, and all of it is given out: a row twice is better than one never.
 */
static int compare(struct reader *r, lh_str base)
{
    struct place *p = &r->repo->place;
    lh_str path = lhs_fmt(H, r->call, "%s/compare/%s...%s", r->repo->path.p, base.p, p->head.p);
    const struct lh_http_resp *answer;
    int rc = path.p ? LH_OK : LH_E_NOMEM;

    if (rc)
        return rc;
    p->base = base;
    p->listed = 0;
    p->next = github_list_url(r, path, "");
    if (!p->next.p)
        return LH_E_NOMEM;
    if ((rc = github_get_or(r, p->next, 404, &answer)))
        return rc;
    if (answer->status == 404) {
        lh_str text = lhs_fmt(H, r->call,
                              "%s: commit %s is gone, its history was written anew; "
                              "all commits are read again",
                              r->repo->key.p, base.p);

        H->http_release(r->call, answer);
        H->log(r->call, LH_LOG_WARN, text);
        return list_all(r, r->start);
    }
    rc = github_next(r, p->next, answer, &p->next);
    github_prefetch(r, p->next);
    if (!rc)
        rc = read_page(r, answer);
    return rc || !p->next.n ? rc : github_commit(r);
}

int github_read_commits(struct reader *r)
{
    struct place *p = &r->repo->place;
    lh_str old = p->head;
    int64_t since = p->cursor != LHS_NO_TIME ? p->cursor : r->start;
    int rc;

    p->as_of = p->cursor = LHS_NO_TIME;
    if (p->next.n)
        return read_pages(r);
    if ((rc = find_head(r, &p->head)))
        return rc;
    if (!p->head.n || lhs_eq(p->head, old))
        return github_finish(r);
    rc = old.n ? compare(r, old) : list_all(r, since);
    return rc ? rc : read_pages(r);
}
