/* SPDX-License-Identifier: Apache-2.0 */
/* Which repositories a scan is about: one (owner, repo), or a list (repos) with OWNER/STAR in it.
 */
#include "github.h"

/* A name becomes a segment of a path; these two would change the path instead. */
int github_is_name(lh_str s)
{
    return s.n && !lhs_eq(s, LHS(".")) && !lhs_eq(s, LHS(".."));
}

/* Room for one more; what it was stays until the call ends. */
static int grow(struct reader *r)
{
    struct repo *more;

    if (r->n_repos & (r->n_repos - 1))
        return LH_OK; /* between two powers of two */
    more = H->alloc(r->call, (r->n_repos ? 2 * r->n_repos : 1) * sizeof *more);
    if (!more)
        return LH_E_NOMEM;
    if (r->n_repos)
        memcpy(more, r->repos, r->n_repos * sizeof *more);
    r->repos = more;
    return LH_OK;
}

static int add(struct reader *r, lh_str owner, lh_str name)
{
    struct repo *repo;
    int rc = grow(r);

    if (rc)
        return rc;
    repo = &r->repos[r->n_repos];
    repo->owner = lhs_dup(H, r->call, owner);
    repo->name = lhs_dup(H, r->call, name);
    if (!repo->owner.p || !repo->name.p)
        return LH_E_NOMEM;
    repo->key = lhs_fmt(H, r->call, "%s/%s", repo->owner.p, repo->name.p);
    for (size_t i = 0; i < r->n_repos; i++)
        if (lhs_same_name(r->repos[i].key, repo->key))
            return LH_OK; /* named twice */
    owner = lhs_pct(H, r->call, owner);
    name = lhs_pct(H, r->call, name);
    if (!repo->key.p || !owner.p || !name.p)
        return LH_E_NOMEM;
    repo->path = lhs_fmt(H, r->call, "/repos/%s/%s", owner.p, name.p);
    r->n_repos++;
    return repo->path.p ? LH_OK : LH_E_NOMEM;
}

/* --- repositories of an owner ----------------------------------------------------------------- */

/* One page. */
static int add_rows(struct reader *r, lh_str owner, const lh_json *rows)
{
    const lh_json *row = NULL;
    int rc = LH_OK;

    while (!rc && (row = H->json_next(rows, row, NULL))) {
        lh_str name = H->json_str(H->json_get(row, LHS("name")));

        rc = github_is_name(name)
                 ? add(r, owner, name)
                 : H->fail(r->call, LH_E_DATA, LHS("GitHub lists a repository without a name"));
    }
    return rc;
}

/* Of a user, GitHub lists only public repositories. 404: *ret_found is 0, where that is no error.
 */
static int add_all(struct reader *r, lh_str owner, const char *kind, int *ret_found)
{
    lh_str name = lhs_pct(H, r->call, owner);
    lh_str url = lhs_fmt(H, r->call, "/%s/%s/repos?sort=created&direction=asc&per_page=100", kind,
                         name.p ? name.p : "");
    int rc = name.p && url.p ? LH_OK : LH_E_NOMEM;

    while (!rc && url.n) {
        const struct lh_http_resp *answer;
        const lh_json *rows;

        if ((rc = github_get_or(r, url, ret_found ? 404 : 0, &answer)))
            return rc;
        if (ret_found && !(*ret_found = answer->status != 404)) {
            H->http_release(r->call, answer);
            return LH_OK;
        }
        if ((rc = github_rows(r, answer, NULL, &rows)) || (rc = github_next(r, url, answer, &url)))
            return rc;
        github_prefetch(r, url);
        rc = add_rows(r, owner, rows);
        H->http_release(r->call, answer);
    }
    return rc;
}

int github_add_repos_of(struct reader *r, lh_str owner)
{
    int is_org = 0;
    int rc;

    if (!github_is_name(owner))
        return lhs_fail(H, r->call, LH_E_OPTION, "\"%.*s\" is no owner of repositories",
                        (int)owner.n, owner.n ? owner.p : "");
    rc = add_all(r, owner, "orgs", &is_org);
    return rc || is_org ? rc : add_all(r, owner, "users", NULL);
}

/* --- the options ------------------------------------------------------------------------------ */

/* One part of `repos`. */
static int add_part(struct reader *r, lh_str part)
{
    const char *slash = memchr(part.p, '/', part.n);
    lh_str owner = lhs_n(part.p, slash ? (size_t)(slash - part.p) : 0);
    lh_str name = lhs_n(slash ? slash + 1 : "", slash ? part.n - owner.n - 1 : 0);

    if (!github_is_name(owner) || !github_is_name(name) || memchr(name.p, '/', name.n))
        return lhs_fail(H, r->call, LH_E_OPTION,
                        "table option repos: expected OWNER/NAME or OWNER/*, found \"%.*s\"",
                        (int)part.n, part.p);
    return lhs_eq(name, LHS("*")) ? github_add_repos_of(r, owner) : add(r, owner, name);
}

int github_find_repos(struct reader *r)
{
    lh_str owner = lhs_z(H->opt(r->scan->opts, "owner"));
    lh_str name = lhs_z(H->opt(r->scan->opts, "repo"));
    lh_str list = lhs_z(H->opt(r->scan->opts, "repos"));
    lh_str part;
    size_t at = 0;
    int rc = LH_OK;

    if (list.n && (owner.n || name.n))
        return H->fail(r->call, LH_E_OPTION,
                       LHS("table options: give owner and repo, or repos, not both"));
    if (!list.n && (!github_is_name(owner) || !github_is_name(name) || memchr(name.p, '/', name.n)))
        return lhs_fail(H, r->call, LH_E_OPTION,
                        "the table %s belongs to a repository: give the table options "
                        "owner=OWNER and repo=NAME, or repos=OWNER/NAME,OWNER/NAME",
                        r->table->name);
    if (!list.n)
        return add(r, owner, name);
    while (!rc && (part = lhs_list_next(list, &at)).n)
        rc = add_part(r, part);
    return rc;
}
