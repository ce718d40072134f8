/* SPDX-License-Identifier: Apache-2.0 */
/* Which tags a table of values is about, and where each of them stands: the offset. */
#include "osipi.h"

#define MOST_BEHIND 100 /* what an offset has room for */

/* --- the tags --------------------------------------------------------------------------------- */

int osipi_add_tag(struct reader *r, struct tags *tags, lh_str webid)
{
    struct tag tag = {{NULL, 0}, 0, 0, 0, -1, LEFT, 0, 0, {NULL, 0}};
    struct tag *more = tags->items;

    if (tags->n == tags->cap) {
        tags->cap = tags->cap ? tags->cap * 2 : 64;
        more = H->alloc(r->call, tags->cap * sizeof tag);
        if (more && tags->n)
            memcpy(more, tags->items, tags->n * sizeof tag);
    }
    tag.webid = lhs_dup(H, r->call, webid);
    tag.page = r->page;
    if (!more || !tag.webid.p)
        return LH_E_NOMEM;
    tags->items = more;
    tags->items[tags->n++] = tag;
    return LH_OK;
}

static int each_point(struct reader *r, const struct node *node, void *context)
{
    return osipi_add_tag(r, context, node->webid);
}

/* A tag that is named twice is one. */
static int is_there(const struct tags *tags, lh_str webid)
{
    for (size_t i = 0; i < tags->n; i++)
        if (lhs_eq(tags->items[i].webid, webid))
            return 1;
    return 0;
}

/* Those that the table's options name, else those that the connection's do, else points. */
int osipi_find_tags(struct reader *r, struct tags *tags)
{
    lh_str list = lhs_z(H->opt(r->scan->opts, "tag_webids"));
    lh_str webid;
    size_t at = 0;
    int rc = LH_OK;

    if (!list.n)
        list = lhs_z(H->opt(r->self->opts, "tag_webids"));
    if (!list.n)
        return osipi_walk(r, &osipi_points, each_point, tags);
    while (!rc && (webid = lhs_list_next(list, &at)).n)
        if (!is_there(tags, webid))
            rc = osipi_add_tag(r, tags, webid);
    return rc;
}

/* --- the place -------------------------------------------------------------------------------- */

static int64_t time_of(const lh_json *value)
{
    return H->json_kind(value) == LH_JSON_STRING ? osipi_ticks(H->json_str(value)) : NO_TICKS;
}

int osipi_take_place(struct reader *r, const lh_json *offset, struct place *ret)
{
    struct place place = {NO_TICKS, NO_TICKS, 0, {NULL, 0}, NULL};

    if (offset && H->json_count(offset)) {
        place.until = time_of(H->json_get(offset, LHS("until")));
        if (place.until == NO_TICKS) /* as the Python connector's offsets have it */
            place.until = time_of(H->json_get(offset, LHS("offset")));
        if (place.until == NO_TICKS)
            return H->fail(r->call, LH_E_OFFSET,
                           LHS("the offset has no time in \"until\"; read from the beginning"));
        place.to = time_of(H->json_get(offset, LHS("to")));
        place.after = H->json_str(H->json_get(offset, LHS("after")));
        place.behind = H->json_get(offset, LHS("behind"));
        if (place.to <= place.until || H->json_i64(H->json_get(offset, LHS("done")), &place.done) ||
            place.done < 1)
            place.to = NO_TICKS;
    }
    *ret = place;
    return LH_OK;
}

/* {WEBID: [T, N]} */
static void put_behind(const lh_json *behind, struct tag *tag)
{
    const lh_json *entry = H->json_get(behind, tag->webid);
    const lh_json *time = H->json_next(entry, NULL, NULL);
    int64_t since = time_of(time);
    int64_t n_at;

    if (since == NO_TICKS || H->json_i64(H->json_next(entry, time, NULL), &n_at) || n_at < 0)
        return;
    tag->since = since;
    tag->n_at = n_at;
}

static int64_t expected(const struct place *place, size_t i)
{
    return place->to != NO_TICKS && i < (size_t)place->done ? place->to : place->until;
}

void osipi_put_in_place(struct place *place, struct tags *tags)
{
    if (place->to != NO_TICKS && ((uint64_t)place->done > tags->n ||
                                  !lhs_eq(tags->items[place->done - 1].webid, place->after)))
        place->to = NO_TICKS;
    for (size_t i = 0; i < tags->n; i++) {
        tags->items[i].since = expected(place, i);
        tags->items[i].n_at = 0;
        if (H->json_kind(place->behind) == LH_JSON_OBJECT)
            put_behind(place->behind, &tags->items[i]);
    }
}

static void out_time(lh_out *out, int64_t ticks)
{
    char iso[TIME_SIZE];

    H->out_str(out, osipi_iso(iso, ticks));
}

const lh_json *osipi_offset(const struct place *place, const struct tags *tags, lh_out *out)
{
    size_t n_behind = 0;

    H->out_begin(out, '{');
    H->out_key(out, LHS("until"));
    out_time(out, place->until);
    if (place->to != NO_TICKS) {
        H->out_key(out, LHS("to"));
        out_time(out, place->to);
        lhs_out_i64(H, out, LHS("done"), place->done);
        lhs_out_str(H, out, LHS("after"), place->after);
    }
    for (size_t i = 0; i < tags->n; i++) {
        const struct tag *tag = &tags->items[i];

        if (tag->since == expected(place, i) && !tag->n_at)
            continue;
        if (!n_behind++) {
            H->out_key(out, LHS("behind"));
            H->out_begin(out, '{');
        }
        H->out_key(out, tag->webid);
        H->out_begin(out, '[');
        out_time(out, tag->since);
        H->out_i64(out, tag->n_at);
        H->out_end(out);
    }
    if (n_behind)
        H->out_end(out);
    H->out_end(out);
    return n_behind > MOST_BEHIND ? NULL : H->out_done(out);
}
