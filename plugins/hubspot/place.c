/* SPDX-License-Identifier: Apache-2.0 */
/* Where a read stands: from an offset, and back into one; hubspot.h. */
#include "hubspot.h"

#define S_MS 1000

static int bad_offset(lh_call *c, const struct lh_scan *s, const char *member)
{
    lh_str offset = H->json_raw(s->offset);

    return lhs_fail(H, c, LH_E_OFFSET, "the offset's \"%s\" is none of this table: %.*s", member,
                    offset.n < 200 ? (int)offset.n : 200, offset.p);
}

/* A member that is a time; *ret stays as it is when there is none. */
static int take_time(lh_call *c, const struct lh_scan *s, const char *member, int64_t *ret)
{
    const lh_json *value = H->json_get(s->offset, lhs_z(member));
    int64_t time = lhs_time_ms(H->json_str(value));

    if (value && (H->json_kind(value) != LH_JSON_STRING || time == LHS_NO_TIME || time < 0))
        return bad_offset(c, s, member);
    if (value)
        *ret = time;
    return LH_OK;
}

static int take_place(lh_call *c, const struct lh_scan *s, struct place *p)
{
    const lh_json *after = H->json_get(s->offset, LHS("after"));
    const lh_json *id = H->json_get(s->offset, LHS("id"));
    int rc = take_time(c, s, "updatedAt", &p->from);

    if (!rc)
        rc = take_time(c, s, "until", &p->until);
    if (rc)
        return rc;
    if (after && (H->json_kind(after) != LH_JSON_STRING || (p->from != LHS_NO_TIME && !p->deletes)))
        return bad_offset(c, s, "after");
    if (id && (hubspot_id(id, &p->from_id) || p->from == LHS_NO_TIME || p->deletes))
        return bad_offset(c, s, "id");
    if ((after || id) && p->until == LHS_NO_TIME)
        return bad_offset(c, s, "until");
    if (H->json_count(s->offset) && p->from == LHS_NO_TIME && !after)
        return bad_offset(c, s, "updatedAt");
    p->after = H->json_str(after);
    return LH_OK;
}

/*
 * A search finds a change some time after it was made, so what is next begins before what was
 * reached. What comes twice is an upsert of the same state.
 */
static int64_t look_back(const struct lh_scan *s, int64_t from)
{
    int64_t ms = lhs_opt_i64(H, s->opts, "lookback_seconds", 300) * S_MS;

    return from > ms ? from - ms : 0;
}

/* An offset that has reached something goes on from there. */
static void go_on(const struct lh_scan *s, struct place *p)
{
    if (p->from >= s->as_of_ms) {
        p->state = COVERED;
        return;
    }
    p->state = p->deletes ? LISTING : SEARCHING;
    p->after = LHS("");
    p->from = look_back(s, p->from);
    p->from_id = NO_ID;
    p->until = s->as_of_ms;
}

int hubspot_begin(lh_call *c, const struct lh_scan *s, int deletes, struct place *ret)
{
    struct place p = {LISTING, deletes, {"", 0}, LHS_NO_TIME, NO_ID, LHS_NO_TIME};
    int64_t start = lhs_time_ms(lhs_z(H->opt(s->opts, "start_date")));
    int rc = take_place(c, s, &p);

    if (rc)
        return rc;
    if (s->end)
        return H->fail(c, LH_E_UNSUPPORTED,
                       LHS("HubSpot has only the newest state of a record: no read ends at an "
                           "offset"));
    if (p.until !=
        LHS_NO_TIME) { /* the run before did not get there; this one may have less time */
        p.until = p.until < s->as_of_ms ? p.until : s->as_of_ms;
        p.state = deletes || p.from == LHS_NO_TIME ? LISTING : SEARCHING;
        if (p.state == SEARCHING && p.from > p.until)
            p.state = COVERED;
    } else if (p.from != LHS_NO_TIME) {
        go_on(s, &p);
    } else {
        p.until = s->as_of_ms;
        if (start != LHS_NO_TIME) {
            p.state = p.deletes ? LISTING : SEARCHING;
            p.from = start > 0 ? start : 0;
        }
        if (start != LHS_NO_TIME && p.from > p.until)
            p.state = COVERED;
    }
    *ret = p;
    return LH_OK;
}

void hubspot_reached(const struct lh_scan *s, struct place *p)
{
    p->from = p->until;
    go_on(s, p);
}

const lh_json *hubspot_offset(const struct place *p, int reached, lh_out *o)
{
    char text[LHS_ISO_SIZE];
    char id[24];

    H->out_begin(o, '{');
    if (!reached && p->state == LISTING)
        lhs_out_str(H, o, LHS("after"), p->after);
    if (reached || p->from != LHS_NO_TIME)
        lhs_out_str(H, o, LHS("updatedAt"), lhs_iso_at(text, reached ? p->until : p->from));
    if (!reached && p->from_id != NO_ID) {
        int n = snprintf(id, sizeof id, "%lld", (long long)p->from_id);

        lhs_out_str(H, o, LHS("id"), lhs_n(id, (size_t)n));
    }
    if (!reached)
        lhs_out_str(H, o, LHS("until"), lhs_iso_at(text, p->until));
    H->out_end(o);
    return H->out_done(o);
}
