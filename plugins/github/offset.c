/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets: where the read of each repository stands, from JSON and to JSON. */
#include "github.h"

static int bad(const struct reader *r, const char *member)
{
    lh_str offset = H->json_raw(r->scan->offset);

    return lhs_fail(H, r->call, LH_E_OFFSET,
                    "the offset's \"%s\" is none of the table %s: %.*s; read from the beginning",
                    member, r->table->name, offset.n < 200 ? (int)offset.n : 200, offset.p);
}

/* --- from JSON -------------------------------------------------------------------------------- */

static int take_time(const struct reader *r, const lh_json *from, const char *member, int64_t *ret)
{
    const lh_json *v = H->json_get(from, lhs_z(member));

    *ret = lhs_time_ms(H->json_str(v));
    return v && *ret == LHS_NO_TIME ? bad(r, member) : LH_OK;
}

static int take_text(const struct reader *r, const lh_json *from, const char *member, lh_str *ret)
{
    const lh_json *v = H->json_get(from, lhs_z(member));

    *ret = lhs_dup(H, r->call, H->json_str(v));
    if (!ret->p)
        return LH_E_NOMEM;
    return v && (H->json_kind(v) != LH_JSON_STRING || !ret->n) ? bad(r, member) : LH_OK;
}

/* A page that a source once told of. Which origins are asked is the host's to say. */
static int take_url(const struct reader *r, const lh_json *from, const char *member, lh_str *ret)
{
    int rc = take_text(r, from, member, ret);

    return !rc && ret->n && !github_is_url(*ret) ? bad(r, member) : rc;
}

int github_is_sha(lh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || !strchr("0123456789abcdefABCDEF", s.p[i]))
            return 0;
    return s.n > 0;
}

/* It becomes a part of a URL's path. */
static int take_sha(const struct reader *r, const lh_json *from, const char *member, lh_str *ret)
{
    int rc = take_text(r, from, member, ret);

    return !rc && ret->n && !github_is_sha(*ret) ? bad(r, member) : rc;
}

static int take_seen(const struct reader *r, const lh_json *from, struct place *p)
{
    const lh_json *ids = H->json_get(from, LHS("seen"));
    const lh_json *id = NULL;

    p->seen = H->alloc(r->call, MOST_SEEN * sizeof *p->seen);
    if (!p->seen)
        return LH_E_NOMEM;
    if (ids && (H->json_kind(ids) != LH_JSON_ARRAY || H->json_count(ids) > MOST_SEEN))
        return bad(r, "seen");
    while ((id = H->json_next(ids, id, NULL)))
        if (H->json_i64(id, &p->seen[p->n_seen++]))
            return bad(r, "seen");
    return LH_OK;
}

static int take_place(const struct reader *r, const lh_json *from, struct place *p)
{
    const lh_json *listed = H->json_get(from, LHS("listed"));
    int rc = take_time(r, from, "cursor", &p->cursor);

    if (!rc)
        rc = take_time(r, from, "as_of", &p->as_of);
    if (!rc)
        rc = take_url(r, from, "next", &p->next);
    if (!rc)
        rc = take_sha(r, from, "head", &p->head);
    if (!rc)
        rc = take_sha(r, from, "base", &p->base);
    if (!rc && p->next.n && !p->head.n && p->cursor == LHS_NO_TIME)
        rc = bad(r, "next");
    if (!rc && listed && (H->json_i64(listed, &p->listed) || p->listed < 0))
        rc = bad(r, "listed");
    return rc ? rc : take_seen(r, from, p);
}

/* Room for the longest place that is over, and for the one that is not. */
#define PLACE_MOST   160
#define READING_MOST 12000
#define OFFSET_MOST  65536

/* An offset has a bound, and with it the number of repositories. */
static int check_size(const struct reader *r)
{
    size_t size = READING_MOST;

    for (size_t i = 0; i < r->n_repos; i++)
        size += r->repos[i].key.n + PLACE_MOST;
    if (size <= OFFSET_MOST)
        return LH_OK;
    return lhs_fail(H, r->call, LH_E_OPTION,
                    "table option repos: %zu repositories are more than one offset can hold; read "
                    "some of them as a table of their own",
                    r->n_repos);
}

/* {"cursor": TIME} alone, as the Python connector keeps it, is taken too where it can be meant. */
int github_take_offset(struct reader *r)
{
    const lh_json *all = H->json_get(r->scan->offset, LHS("repos"));
    int rc = check_size(r);

    if (rc)
        return rc;
    if (H->json_count(r->scan->offset) && H->json_kind(all) != LH_JSON_OBJECT) {
        if (r->n_repos != 1 || !H->json_get(r->scan->offset, LHS("cursor")))
            return bad(r, "repos");
        rc = take_place(r, r->scan->offset, &r->repos->place);
        r->repos->kept = r->repos->place;
        return rc;
    }
    for (size_t i = 0; i < r->n_repos && !rc; i++) {
        struct repo *repo = &r->repos[i];

        rc = take_place(r, H->json_get(all, repo->key), &repo->place);
        repo->kept = repo->place;
    }
    return rc;
}

/* --- to JSON ---------------------------------------------------------------------------------- */

static void put_time(const struct reader *r, const char *member, int64_t time)
{
    char text[LHS_ISO_SIZE];

    if (time != LHS_NO_TIME)
        lhs_out_str(H, r->out, lhs_z(member), lhs_iso_at(text, time));
}

static void put_text(const struct reader *r, const char *member, lh_str text)
{
    if (text.n)
        lhs_out_str(H, r->out, lhs_z(member), text);
}

static void put_place(const struct reader *r, const struct place *p)
{
    H->out_begin(r->out, '{');
    put_time(r, "cursor", p->cursor);
    put_time(r, "as_of", p->as_of);
    put_text(r, "next", p->next);
    put_text(r, "head", p->head);
    put_text(r, "base", p->base);
    if (p->listed)
        lhs_out_i64(H, r->out, LHS("listed"), p->listed);
    if (p->n_seen) {
        H->out_key(r->out, LHS("seen"));
        H->out_begin(r->out, '[');
        for (size_t i = 0; i < p->n_seen; i++)
            H->out_i64(r->out, p->seen[i]);
        H->out_end(r->out);
    }
    H->out_end(r->out);
}

/* Repositories that the options do not name any more keep their places: they may come back. */
static int is_named(const struct reader *r, lh_str key)
{
    for (size_t i = 0; i < r->n_repos; i++)
        if (lhs_eq(r->repos[i].key, key))
            return 1;
    return 0;
}

int github_commit(struct reader *r)
{
    const lh_json *all = H->json_get(r->scan->offset, LHS("repos"));
    const lh_json *old = NULL;
    lh_str key;

    H->out_begin(r->out, '{');
    H->out_key(r->out, LHS("repos"));
    H->out_begin(r->out, '{');
    while ((old = H->json_next(all, old, &key)))
        if (!is_named(r, key)) {
            H->out_key(r->out, key);
            H->out_json(r->out, old);
        }
    for (size_t i = 0; i < r->n_repos; i++) {
        H->out_key(r->out, r->repos[i].key);
        put_place(r, &r->repos[i].place);
    }
    H->out_end(r->out);
    H->out_end(r->out);
    r->repo->kept = r->repo->place;
    return H->checkpoint(r->sink, H->out_done(r->out));
}

void github_forget(struct reader *r)
{
    r->repo->place = r->repo->kept;
    r->repo->place.n_seen = 0; /* what they are about may have been written over */
}

int github_finish(struct reader *r)
{
    struct place *p = &r->repo->place;

    p->as_of = r->scan->as_of_ms;
    p->next = p->base = LHS("");
    p->listed = 0;
    p->n_seen = 0;
    return github_commit(r);
}

int github_is_settled(const struct reader *r, int64_t time)
{
    return time != LHS_NO_TIME && time <= r->scan->as_of_ms - SETTLE_MS;
}
