/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that are read whole each time: of a repository, an owner, or the account. */
#include "github.h"

/* A row of the table that is being read, whatever it is about. */
static int send_row(struct reader *r, const lh_json *row)
{
    static const char *const name = "temp_clone_token"; /* a credential, kept back */
    const lh_str secret = lhs_z(name);

    if (r->table->scope == OF_REPO)
        return github_send(r, row);
    H->out_begin(r->out, '{');
    if (r->table->scope == OF_OWNER) {
        H->out_key(r->out, LHS("repository_owner"));
        H->out_json(r->out, H->json_get(H->json_get(row, LHS("owner")), LHS("login")));
        H->out_key(r->out, LHS("repository_name"));
        H->out_json(r->out, H->json_get(row, LHS("name")));
    }
    if (H->json_get(row, LHS("organization"))) {
        H->out_key(r->out, LHS("organization_login"));
        H->out_json(r->out, H->json_get(H->json_get(row, LHS("organization")), LHS("login")));
    }
    H->out_members(r->out, row, &secret, 1);
    H->out_end(r->out);
    return H->row_out(r->sink, LH_UPSERT, r->out);
}

/* One answer: a list, or the account itself. */
static int read_answer(struct reader *r, const struct lh_http_resp *answer)
{
    const lh_json *row = NULL;
    const lh_json *rows;
    int rc;

    if (H->json_kind(answer->json) == LH_JSON_OBJECT && r->table->scope == OF_ACCOUNT)
        return send_row(r, answer->json);
    rc = github_rows(r, answer, NULL, &rows);
    while (!rc && (row = H->json_next(rows, row, NULL)))
        rc = send_row(r, row);
    return rc;
}

/* All pages. 404: *ret_found is 0, where that is no error. */
static int read_pages(struct reader *r, lh_str path, int *ret_found)
{
    lh_str url = path.p && r->table->query ? github_list_url(r, path, r->table->query) : path;
    int rc = url.p ? LH_OK : LH_E_NOMEM;

    while (!rc && url.n) {
        const struct lh_http_resp *answer;

        if ((rc = github_get_or(r, url, ret_found ? 404 : 0, &answer)))
            return rc;
        if (ret_found && !(*ret_found = answer->status != 404)) {
            H->http_release(r->call, answer);
            return LH_OK;
        }
        if ((rc = github_next(r, url, answer, &url)))
            return rc;
        github_prefetch(r, url);
        rc = read_answer(r, answer);
        H->http_release(r->call, answer);
    }
    return rc;
}

/* An owner is an organization, or else a user, of whom only public repositories are listed. */
static int read_owner(struct reader *r)
{
    lh_str owner = lhs_z(H->opt(r->scan->opts, "owner"));
    lh_str org = lhs_z(H->opt(r->scan->opts, "org"));
    lh_str name = lhs_pct(H, r->call, org.n ? org : owner);
    int is_org = 0;
    int rc;

    if (!name.p)
        return LH_E_NOMEM;
    if ((owner.n > 0) == (org.n > 0) || !github_is_name(name))
        return H->fail(r->call, LH_E_OPTION,
                       LHS("the table repositories: give one of the table options owner=NAME, of a "
                           "user or an organization, and org=ORGANIZATION"));
    rc = read_pages(r, lhs_fmt(H, r->call, "/orgs/%s/repos", name.p), org.n ? NULL : &is_org);
    if (rc || org.n || is_org)
        return rc;
    return read_pages(r, lhs_fmt(H, r->call, "/users/%s/repos", name.p), NULL);
}

int github_read_list(struct reader *r)
{
    if (r->table->scope == OF_OWNER)
        return read_owner(r);
    return read_pages(
        r, lhs_fmt(H, r->call, "%s%s", r->repo ? r->repo->path.p : "", r->table->path), NULL);
}
