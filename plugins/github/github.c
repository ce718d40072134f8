/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GitHub connector: the catalog, what a read is about, check, the instance. The other files
 * have the tables (tables.c) and the ways to read them; see github.h.
 */
#include "github.h"

#include "spec.inc"

const struct lh_host *github_host; /* from the entry function */

/* --- the catalog ------------------------------------------------------------------------------ */

static int find(lh_call *c, lh_str name, const struct table **ret)
{
    for (size_t i = 0; i < N_TABLES; i++)
        if (lhs_eq(name, lhs_z(github_tables[i].name))) {
            *ret = &github_tables[i];
            return LH_OK;
        }
    return lhs_fail(H, c, LH_E_NOT_FOUND, "there is no table \"%.*s\"", (int)name.n, name.p);
}

/* Those of the account, of an owner, or of a repository: what is listed can be read as it is. */
static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table report = {.struct_size = sizeof report, .ns = ns, .n_ns = n_ns};
    int rc = LH_OK;

    (void)c, (void)self;
    for (size_t i = 0; i < N_TABLES && !rc; i++) {
        if (github_tables[i].scope != n_ns)
            continue;
        report.name = lhs_z(github_tables[i].name);
        report.comment = lhs_z(github_tables[i].comment);
        rc = H->add_table(sink, &report);
    }
    return rc;
}

static int get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field field = {.struct_size = sizeof field};
    const struct table *t;
    int rc = find(c, s->table, &t);

    (void)self;
    for (size_t i = 0; !rc && i < t->n_columns; i++) {
        field.name = lhs_z(t->columns[i].name);
        field.type = lhs_z(t->columns[i].type);
        field.flags = t->columns[i].is_required ? LH_FIELD_NOT_NULL : 0;
        rc = H->add_field(sink, &field);
    }
    return rc;
}

static int read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta meta = {.struct_size = sizeof meta};
    const struct table *t;
    lh_str keys[3];
    int rc = find(c, s->table, &t);

    (void)self;
    if (rc)
        return rc;
    while (meta.n_keys < 3 && t->keys[meta.n_keys]) {
        keys[meta.n_keys] = lhs_z(t->keys[meta.n_keys]);
        meta.n_keys++;
    }
    meta.ingestion = t->ingestion;
    meta.keys = keys;
    meta.cursor = lhs_z(t->cursor);
    return H->set_meta(sink, &meta);
}

/* --- namespaces: owners, and their repositories ----------------------------------------------- */

static int add_owner(struct reader *r, const lh_json *row)
{
    lh_str login = H->json_str(H->json_get(row, LHS("login")));

    if (!github_is_name(login))
        return H->fail(r->call, LH_E_DATA, LHS("GitHub lists an account without a login"));
    return H->add_namespace(r->sink, &login, 1);
}

/* The account, and the organizations that it is in. */
static int list_owners(struct reader *r)
{
    lh_str url = LHS("/user");
    const struct lh_http_resp *answer;
    int rc = github_get(r, url, &answer);

    if (!rc)
        rc = add_owner(r, answer->json);
    url = LHS("/user/orgs?per_page=100");
    while (!rc && url.n) {
        const lh_json *row = NULL;
        const lh_json *rows;

        if ((rc = github_get(r, url, &answer)) || (rc = github_rows(r, answer, NULL, &rows)) ||
            (rc = github_next(r, url, answer, &url)))
            return rc;
        while (!rc && (row = H->json_next(rows, row, NULL)))
            rc = add_owner(r, row);
        H->http_release(r->call, answer);
    }
    return rc;
}

static int list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n, lh_sink *sink)
{
    struct reader r = {.call = c, .sink = sink};
    int rc;

    (void)self;
    if (n != 1)
        return n ? LH_OK : list_owners(&r);
    rc = github_add_repos_of(&r, prefix[0]);
    for (size_t i = 0; i < r.n_repos && !rc; i++) {
        lh_str path[2] = {r.repos[i].owner, r.repos[i].name};

        rc = H->add_namespace(sink, path, 2);
    }
    return rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_one(struct reader *r)
{
    static int (*const ways[])(struct reader *) = {
        [BY_UPDATE] = github_read_updates, [BY_PULL] = github_read_pulls,
        [BY_REVIEW] = github_read_reviews, [BY_COMMIT] = github_read_commits,
        [BY_LIST] = github_read_list,
    };

    return ways[r->table->way](r);
}

/*
 * One repository after the other. Where there are several, one that is gone or closed to the token
 * does not keep the others back; the host is told that it is missing.
 */
static int read_repos(struct reader *r)
{
    size_t n_failed = 0;
    int rc = LH_OK;

    for (size_t i = 0; i < r->n_repos && !rc; i++) {
        r->repo = &r->repos[i];
        if (r->repo->place.as_of != LHS_NO_TIME && r->repo->place.as_of >= r->scan->as_of_ms)
            continue;
        rc = read_one(r);
        if (!rc && r->n_rows >= r->most_rows && i + 1 < r->n_repos && r->table->way != BY_LIST)
            return LH_MORE;
        if ((rc == LH_E_NOT_FOUND || rc == LH_E_DENIED) && r->problem.n &&
            ++n_failed < r->n_repos) {
            github_forget(r);
            rc = H->partial(r->call, rc, r->repo->key, r->problem);
        }
    }
    return rc;
}

static int begin(struct reader *r)
{
    const lh_opts *o = r->scan->opts;
    lh_str start = lhs_z(H->opt(o, "start_date"));
    int rc = find(r->call, r->scan->table, &r->table);

    if (rc)
        return rc;
    if (r->scan->end)
        return H->fail(r->call, LH_E_UNSUPPORTED,
                       LHS("GitHub cannot be asked for rows up to a time: no read ends at an "
                           "offset"));
    r->state = lhs_z(H->opt(o, "state"));
    r->page_rows = lhs_opt_i64(H, o, "per_page", 100);
    if (r->scan->max_rows && r->scan->max_rows < (uint64_t)r->page_rows)
        r->page_rows = (int64_t)r->scan->max_rows;
    r->lookback_ms = lhs_opt_i64(H, o, "lookback_seconds", 300) * 1000;
    r->most_rows = lhs_opt_i64(H, o, "max_records_per_batch", INT64_MAX);
    r->start = start.n ? lhs_time_ms(start) : LHS_NO_TIME;
    if (r->start > 0)
        r->start -= r->start % 1000; /* GitHub's times are whole seconds */
    r->out = H->out_new(r->call);
    return LH_OK;
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct reader r = {.call = c, .scan = s, .sink = sink};
    int rc = begin(&r);

    (void)self;
    if (!rc && r.table->scope != OF_REPO)
        return github_read_list(&r);
    if (!rc)
        rc = github_find_repos(&r);
    if (!rc && r.table->way != BY_LIST)
        rc = github_take_offset(&r);
    else
        for (size_t i = 0; i < r.n_repos; i++)
            r.repos[i].place.as_of = LHS_NO_TIME; /* a snapshot has no offset */
    return rc ? rc : read_repos(&r);
}

/* --- check ------------------------------------------------------------------------------------ */

/* Who the token is, what it may do, and how much is left of the hour. */
static lh_str describe(lh_call *c, const struct lh_http_resp *answer)
{
    lh_str login = H->json_str(H->json_get(answer->json, LHS("login")));
    lh_str scopes = H->http_header(answer, "X-OAuth-Scopes");
    lh_str left = H->http_header(answer, "X-RateLimit-Remaining");

    return lhs_fmt(H, c, "%.*s%s%.*s%s%.*s%s", (int)login.n, login.n ? login.p : "",
                   scopes.n ? "; scopes " : "", (int)scopes.n, scopes.n ? scopes.p : "",
                   left.n ? "; " : "", (int)left.n, left.n ? left.p : "",
                   left.n ? " requests left of the hour's" : "");
}

static int check(lh_call *c, void *self, lh_sink *sink)
{
    struct lh_http_req q = lhs_get(LHS("/user"));
    const struct lh_http_resp *answer;
    int rc = H->http(c, &q, &answer);

    (void)self;
    if (rc == LH_E_CANCELLED)
        return rc;
    if (rc)
        return H->add_step(sink, LHS("users"), rc, LHS("GET /user: no answer"));
    if (answer->status == 200)
        return H->add_step(sink, LHS("users"), LH_OK, describe(c, answer));
    rc = H->http_fail(c, answer);
    return H->add_step(sink, LHS("users"), rc,
                       lhs_fmt(H, c, "GET /user: HTTP status %d", (int)answer->status));
}

/* --- the instance ----------------------------------------------------------------------------- */

/* Nothing is kept between calls: options and offsets have it all. */
static int open_source(lh_call *c, const lh_opts *o, void **ret_self)
{
    (void)o;
    *ret_self = H->alloc(c, 1);
    return *ret_self ? LH_OK : LH_E_NOMEM;
}

static void close_source(lh_call *c, void *self)
{
    (void)c, (void)self; /* what alloc gave goes by itself */
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "github",
    LH_SPEC,
    open_source,
    close_source,
    list_tables,
    get_table_schema,
    read_table_metadata,
    read_table,
    check,
    list_namespaces,
    NULL, /* read_table_deletes: GitHub tells of none */
    NULL, /* latest_offset */
    NULL, /* get_partitions */
    NULL, /* read_partition */
    NULL, /* estimate */
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
