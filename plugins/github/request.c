/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, pages, rows: what all tables of GitHub have in common. */
#include "github.h"

/* --- what an answer means --------------------------------------------------------------------- */

/* What a 403 is about when it is not about waiting: the host has seen to that. */
static int denied(struct reader *r, lh_str url, const struct lh_http_resp *answer)
{
    lh_str said = H->json_str(H->json_get(answer->json, LHS("message")));

    if (H->http_header(answer, "X-GitHub-SSO").n)
        r->problem = lhs_fmt(H, r->call,
                             "GitHub answers 403 for %.*s: the organization wants single sign-on; "
                             "authorize the token for it in the token's settings",
                             (int)url.n, url.p);
    else
        r->problem = lhs_fmt(H, r->call,
                             "GitHub answers 403 for %.*s: %.*s; the token is good, and needs %s",
                             (int)url.n, url.p, (int)said.n, said.n ? said.p : "",
                             r->table ? r->table->needs : "more rights");
    return H->fail(r->call, LH_E_DENIED, r->problem);
}

/* Nothing there is never the same as nothing in it. */
static int missing(struct reader *r, lh_str url, int status)
{
    const char *why = status == 410 ? "this is switched off for the repository; leave it out"
                      : status == 451
                          ? "the repository is blocked for legal reasons"
                          : "there is no such thing, or the token may not see it; check "
                            "the names, and that the token has access (scope repo)";

    r->problem =
        lhs_fmt(H, r->call, "GitHub answers %d for %.*s: %s", status, (int)url.n, url.p, why);
    return H->fail(r->call, LH_E_NOT_FOUND, r->problem);
}

static int refuse(struct reader *r, lh_str url, const struct lh_http_resp *answer)
{
    int rc = H->http_fail(r->call, answer);

    /* without the query, which says nothing here and may be long */
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] == '?')
            url.n = i;
    r->problem = LHS("");
    if (rc == LH_E_DENIED)
        return denied(r, url, answer);
    return rc == LH_E_NOT_FOUND ? missing(r, url, answer->status) : rc;
}

/* --- requests --------------------------------------------------------------------------------- */

int github_get_or(struct reader *r, lh_str url, int status, const struct lh_http_resp **ret)
{
    struct lh_http_req q = lhs_get(url);
    int rc = H->http(r->call, &q, ret);

    if (rc || (*ret)->status == 200 || (status && (*ret)->status == status))
        return rc;
    return refuse(r, url, *ret);
}

int github_get(struct reader *r, lh_str url, const struct lh_http_resp **ret)
{
    return github_get_or(r, url, 0, ret);
}

lh_str github_list_url(const struct reader *r, lh_str path, const char *query)
{
    return lhs_fmt(H, r->call, "%.*s?%sper_page=%d", (int)path.n, path.p, query, (int)r->page_rows);
}

void github_prefetch(struct reader *r, lh_str url)
{
    struct lh_http_req q = lhs_get(url);

    if (url.n)
        H->http_prefetch(r->call, &q);
}

int github_rows(struct reader *r, const struct lh_http_resp *answer, const char *member,
                const lh_json **ret)
{
    const lh_json *list = member ? H->json_get(answer->json, lhs_z(member)) : answer->json;
    const lh_json *row = NULL;
    int kind = H->json_kind(list);
    int is_good = kind == LH_JSON_ARRAY || kind == LH_JSON_NULL;

    while (is_good && (row = H->json_next(list, row, NULL)))
        is_good = H->json_kind(row) == LH_JSON_OBJECT;
    if (!is_good)
        return lhs_fail(H, r->call, LH_E_DATA, "GitHub answers with no list of objects for %.*s",
                        (int)answer->final_url.n, answer->final_url.p);
    *ret = list;
    return LH_OK;
}

int github_is_url(lh_str s)
{
    static const char marks[] = "-._~:/?[]@!$&'()*+,;=%";

    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
            !(s.p[i] >= '0' && s.p[i] <= '9') && (!s.p[i] || !strchr(marks, s.p[i])))
            return 0;
    return (s.n > 0 && s.p[0] == '/') || (s.n > 4 && !memcmp(s.p, "http", 4));
}

/*
 * The address as it stands: its path changes when a repository was renamed, and it need not have
 * page numbers. That it leads to no other origin is the host's to check.
 */
int github_next(struct reader *r, lh_str url, const struct lh_http_resp *answer, lh_str *ret)
{
    lh_str next = lhs_link(H, r->call, answer, "next");

    if (next.n && lhs_eq(next, url))
        return lhs_fail(H, r->call, LH_E_DATA, "GitHub says that behind %.*s comes the same page",
                        (int)url.n, url.p);
    if (next.n && !github_is_url(next))
        return lhs_fail(H, r->call, LH_E_DATA, "GitHub's next page has no address: %.*s",
                        next.n < 200 ? (int)next.n : 200, next.p);
    *ret = next;
    return next.p ? LH_OK : LH_E_NOMEM;
}

/* --- rows ------------------------------------------------------------------------------------- */

int github_send(struct reader *r, const lh_json *row)
{
    H->out_begin(r->out, '{');
    lhs_out_str(H, r->out, LHS("repository_owner"), r->repo->owner);
    lhs_out_str(H, r->out, LHS("repository_name"), r->repo->name);
    H->out_members(r->out, row, NULL, 0);
    H->out_end(r->out);
    r->n_rows++;
    return H->row_out(r->sink, LH_UPSERT, r->out);
}

int64_t github_time(const lh_json *row, const char *member)
{
    return lhs_time_ms(H->json_str(H->json_get(row, lhs_z(member))));
}
