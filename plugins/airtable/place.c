/* SPDX-License-Identifier: Apache-2.0 */
/* Where a read stands: from an offset, back into one, and into a formula; airtable.h. */
#include "airtable.h"

#define S_MS 1000

/* --- from an offset --------------------------------------------------------------------------- */

static int bad_offset(lh_call *c, const struct lh_scan *s, const char *name)
{
    lh_str offset = H->json_raw(s->offset);

    return lhs_fail(H, c, LH_E_OFFSET,
                    "the offset's \"%s\" is none of this table as it is read now; read it from the "
                    "beginning: %.*s",
                    name, offset.n < 200 ? (int)offset.n : 200, offset.p);
}

/* A member that is a time; *ret stays as it is when there is none. */
static int take_time(lh_call *c, const struct lh_scan *s, const char *name, int64_t *ret)
{
    const lh_json *value = H->json_get(s->offset, lhs_z(name));
    int64_t time = lhs_time_ms(H->json_str(value));

    if (value && (H->json_kind(value) != LH_JSON_STRING || time == LHS_NO_TIME || time < 0))
        return bad_offset(c, s, name);
    if (value)
        *ret = time;
    return LH_OK;
}

static int take_members(lh_call *c, const struct lh_scan *s, struct place *p, int64_t *ret_as_of)
{
    const lh_json *empty = H->json_get(s->offset, LHS("empty"));
    int rc = take_time(c, s, "modified", &p->from);

    if (!rc)
        rc = take_time(c, s, "since", &p->since);
    if (!rc)
        rc = take_time(c, s, "until", &p->until);
    if (!rc)
        rc = take_time(c, s, "as_of", ret_as_of);
    if (!rc && empty && H->json_kind(empty) != LH_JSON_TRUE)
        rc = bad_offset(c, s, "empty");
    p->has_empty = empty != NULL;
    return rc;
}

/*
 * Records that changed close to the horizon may come again with the next read: clocks differ, and
 * two changes within a second have the same time.
 */
static int64_t look_back(const struct lh_scan *s, int64_t from)
{
    int64_t ms = lhs_opt_i64(H, s->opts, "lookback_seconds", 300) * S_MS;

    return from > ms ? from - ms : 0;
}

static int begin_changes(lh_call *c, const struct lh_scan *s, struct place *p)
{
    if (p->until == LHS_NO_TIME) {
        if (p->since != LHS_NO_TIME || p->has_empty)
            return bad_offset(c, s, "until");
        p->is_covered = p->from != LHS_NO_TIME && p->from >= s->as_of_ms;
        if (p->from != LHS_NO_TIME)
            p->since = p->from = look_back(s, p->from);
        p->until = s->as_of_ms;
    } else if (p->from == LHS_NO_TIME || p->from > p->until) {
        return bad_offset(c, s, "modified");
    }
    if (p->until > s->as_of_ms)
        p->until = s->as_of_ms;
    p->is_covered = p->is_covered || (p->from != LHS_NO_TIME && p->from > p->until);
    p->settled = look_back(s, p->until);
    return LH_OK;
}

int airtable_begin(lh_call *c, const struct lh_scan *s, const struct table *t, struct place *ret)
{
    struct place p = {0, LHS_NO_TIME, LHS_NO_TIME, LHS_NO_TIME, 0, 0};
    int64_t as_of = LHS_NO_TIME;
    int rc = take_members(c, s, &p, &as_of);

    if (rc)
        return rc;
    if (s->end)
        return H->fail(c, LH_E_UNSUPPORTED,
                       LHS("Airtable has only the newest state of a record: no read ends at an "
                           "offset"));
    if (H->json_count(s->offset) && (t->cursor ? p.from : as_of) == LHS_NO_TIME)
        return bad_offset(c, s, t->cursor ? "modified" : "as_of");
    if (t->cursor) {
        rc = begin_changes(c, s, &p);
    } else {
        p.is_covered = as_of != LHS_NO_TIME && as_of >= s->as_of_ms;
        p.until = s->as_of_ms;
    }
    if (!rc)
        *ret = p;
    return rc;
}

/* --- back into one ---------------------------------------------------------------------------- */

const lh_json *airtable_offset(const struct place *p, const struct table *t, int reached, lh_out *o)
{
    char text[LHS_ISO_SIZE];

    H->out_begin(o, '{');
    if (!t->cursor)
        lhs_out_str(H, o, LHS("as_of"), lhs_iso_at(text, p->until));
    else
        lhs_out_str(H, o, LHS("modified"), lhs_iso_at(text, reached ? p->until : p->from));
    if (t->cursor && !reached) {
        if (p->since != LHS_NO_TIME)
            lhs_out_str(H, o, LHS("since"), lhs_iso_at(text, p->since));
        if (p->has_empty) {
            H->out_key(o, LHS("empty"));
            H->out_raw(o, LHS("true"));
        }
        lhs_out_str(H, o, LHS("until"), lhs_iso_at(text, p->until));
    }
    H->out_end(o);
    return H->out_done(o);
}

/* --- formulas --------------------------------------------------------------------------------- */

/* A text between two marks of Airtable's formulas, in which the second is escaped. */
static lh_str quoted(lh_call *c, lh_str text, char begin, char end)
{
    char *p = H->alloc(c, 2 * text.n + 3);
    size_t n = 0;

    if (!p)
        return lhs_n(NULL, 0);
    p[n++] = begin;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == end || text.p[i] == '\\')
            p[n++] = '\\';
        p[n++] = text.p[i];
    }
    p[n++] = end;
    return lhs_n(p, n);
}

/* Not before this time. */
static lh_str from_on(lh_call *c, const char *value, int64_t time)
{
    char text[LHS_ISO_SIZE];
    lh_str literal = quoted(c, lhs_iso_at(text, time), '\'', '\'');

    return literal.p ? lhs_fmt(H, c, "NOT(IS_BEFORE(%s,%s))", value, literal.p) : literal;
}

/* Of a record in which the field is empty, nothing is known but when it was made. */
static lh_str own_filter(lh_call *c, const struct place *p, const struct table *t)
{
    lh_str field = quoted(c, t->cursor->id, '{', '}');
    lh_str changed = field.p ? from_on(c, field.p, p->from) : field;
    lh_str empty = p->has_empty              ? LHS("0")
                   : p->since != LHS_NO_TIME ? from_on(c, "CREATED_TIME()", p->since)
                                             : LHS("1");

    if (!changed.p || !empty.p)
        return lhs_n(NULL, 0);
    return lhs_fmt(H, c, "IF(%s,%s,%s)", field.p, changed.p, empty.p);
}

lh_str airtable_filter(lh_call *c, const struct place *p, const struct table *t, lh_str own)
{
    lh_str changes;

    if (!t->cursor || p->from == LHS_NO_TIME)
        return own.n ? own : LHS("");
    changes = own_filter(c, p, t);
    if (!own.n || !changes.p)
        return changes;
    return lhs_fmt(H, c, "AND(%s,%.*s)", changes.p, (int)own.n, own.p);
}
