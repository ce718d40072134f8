/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event frames. A read asks for what overlaps the time since the last one and gives out what began
 * or ended in it: a frame comes when it begins and again when it ends, not each time that it is
 * still open. The offset is {"until": T}, and in the middle of a read {"until": T, "to": T,
 * "database": WEBID, "index": N}: the pages of that database up to N were given out.
 */
#include "osipi.h"

#define TICKS_PER_MINUTE (60 * TICKS_PER_S)
#define TICKS_PER_DAY    (86400 * TICKS_PER_S)

/* Where the read stands. */
struct frames {
    int64_t until;   /* everything before was given out; NO_TICKS: nothing was */
    int64_t to;      /* end of the window that is open; NO_TICKS: none is */
    lh_str database; /* where in that window, and from which index on; empty: at its beginning */
    int64_t index;
    int64_t since; /* what began or ended before is old */
    int is_found;  /* the database was come to */
    lh_out *offset;
};

static int64_t member_time(const lh_json *object, const char *name)
{
    const lh_json *value = H->json_get(object, lhs_z(name));

    return H->json_kind(value) == LH_JSON_STRING ? osipi_ticks(H->json_str(value)) : NO_TICKS;
}

/* --- the offset ------------------------------------------------------------------------------- */

static int take(struct reader *r, struct frames *f)
{
    const lh_json *offset = r->scan->offset;

    f->until = f->to = NO_TICKS;
    if (!offset || !H->json_count(offset))
        return LH_OK;
    f->until = member_time(offset, "until");
    if (f->until == NO_TICKS) /* as the Python connector's offsets have it */
        f->until = member_time(offset, "offset");
    f->to = member_time(offset, "to");
    f->database = H->json_str(H->json_get(offset, LHS("database")));
    if (f->to != NO_TICKS && f->database.n &&
        !H->json_i64(H->json_get(offset, LHS("index")), &f->index) && f->index >= 0)
        return LH_OK;
    if (f->until == NO_TICKS || f->to != NO_TICKS)
        return H->fail(r->call, LH_E_OFFSET,
                       LHS("the offset is none of this table; read from the beginning"));
    return LH_OK;
}

static void out_time(struct frames *f, const char *name, int64_t ticks)
{
    char iso[TIME_SIZE];

    lhs_out_str(H, f->offset, lhs_z(name), osipi_iso(iso, ticks));
}

static int commit(struct reader *r, struct frames *f)
{
    H->out_begin(f->offset, '{');
    if (f->until != NO_TICKS)
        out_time(f, "until", f->until);
    if (f->to != NO_TICKS) {
        out_time(f, "to", f->to);
        lhs_out_str(H, f->offset, LHS("database"), f->database);
        lhs_out_i64(H, f->offset, LHS("index"), f->index);
    }
    H->out_end(f->offset);
    return H->checkpoint(r->sink, H->out_done(f->offset));
}

/* --- what is new ------------------------------------------------------------------------------ */

/* What begins at the end of the window, or is to end behind it, is for the next read to tell. */
static int is_new(const struct frames *f, const struct node *node)
{
    int64_t start = member_time(node->item, "StartTime");
    int64_t end = member_time(node->item, "EndTime");

    if (start == NO_TICKS)
        return 1;
    return start < f->to && (start >= f->since || (end >= f->since && end < f->to));
}

struct reference {
    lh_str webid;
    int is_primary;
};

static void compute_reference(struct reader *r, const struct column *column,
                              const struct node *node, void *context)
{
    const struct reference *reference = context;

    (void)node;
    if (!strcmp(column->name, "element_webid"))
        H->out_str(r->out, reference->webid);
    else
        H->out_str(r->out, reference->is_primary ? LHS("primary") : LHS("referenced"));
}

/* The primary element first, then the others. The frame itself names them all. */
static int each_reference(struct reader *r, const struct node *node)
{
    const lh_json *all = H->json_get(node->item, LHS("RefElementWebIds"));
    lh_str primary = osipi_last_segment(H->json_str(
        osipi_member(node->item, "PrimaryReferencedElementWebId|Links.PrimaryReferencedElement")));
    struct reference reference = {primary, 1};
    const lh_json *one = NULL;
    int rc = primary.n ? osipi_row(r, node, compute_reference, &reference) : LH_OK;

    reference.is_primary = 0;
    while (!rc && (one = H->json_next(all, one, NULL))) {
        reference.webid = H->json_str(one);
        if (reference.webid.n && !lhs_eq(reference.webid, primary))
            rc = osipi_row(r, node, compute_reference, &reference);
    }
    return rc;
}

static int each_frame(struct reader *r, const struct node *node, void *context)
{
    const struct frames *f = context;

    if (!is_new(f, node))
        return LH_OK;
    return r->table->way == BY_REFERENCE ? each_reference(r, node) : osipi_row(r, node, NULL, NULL);
}

/* --- windows ---------------------------------------------------------------------------------- */

static int each_page(struct reader *r, void *context)
{
    return commit(r, context);
}

static int each_database(struct reader *r, const struct node *node, void *context)
{
    struct frames *f = context;

    if (f->database.n && !f->is_found) {
        if (!lhs_eq(f->database, node->webid))
            return LH_OK;
        f->is_found = 1;
    } else {
        f->database = lhs_dup(H, r->call, node->webid);
        f->index = r->first_index;
        f->is_found = 1;
    }
    return osipi_pages(r, &osipi_frames, node, &f->index, each_frame, each_page, f);
}

static int read_window(struct reader *r, struct frames *f)
{
    const lh_opts *o = r->scan->opts;
    int64_t overlap = lhs_opt_i64(H, o, "overlap_minutes", 60) * TICKS_PER_MINUTE;
    int64_t days = lhs_opt_i64(H, o, "lookback_days", 30);
    int rc;

    r->to = f->to;
    f->since = f->until == NO_TICKS ? f->to - days * TICKS_PER_DAY : f->until - overlap;
    r->from = f->since;
    if (f->until == NO_TICKS)
        f->since = NO_TICKS + 1; /* the first read gives what is open, too */
    f->is_found = 0;
    rc = osipi_walk(r, &osipi_databases, each_database, f);
    if (!rc && f->database.n && !f->is_found) { /* that database is gone: all of it again */
        f->database = LHS("");
        rc = osipi_walk(r, &osipi_databases, each_database, f);
    }
    if (rc)
        return rc;
    f->until = f->to;
    f->to = NO_TICKS;
    f->database = LHS("");
    return commit(r, f);
}

/* A window that an earlier run left open first, then the rest. */
int osipi_read_frames(struct reader *r)
{
    struct frames f = {NO_TICKS, NO_TICKS, {NULL, 0}, 0, 0, 0, NULL};
    int rc = take(r, &f);

    f.offset = H->out_new(r->call);
    if (!rc && r->scan->end)
        return H->fail(r->call, LH_E_UNSUPPORTED,
                       LHS("event frames are read up to now; no read ends at an offset"));
    if (!rc && f.to != NO_TICKS && f.to <= r->as_of)
        rc = read_window(r, &f);
    if (rc || (f.until != NO_TICKS && f.until >= r->as_of))
        return rc;
    f.to = r->as_of;
    f.database = LHS("");
    return read_window(r, &f);
}

/* --- what belongs to the frames of the last days ---------------------------------------------- */

static int each_row(struct reader *r, const struct node *node, void *context)
{
    (void)context;
    return osipi_row(r, node, NULL, NULL);
}

int osipi_read_of_frames(struct reader *r)
{
    int64_t days = lhs_opt_i64(H, r->scan->opts, "lookback_days", 30);

    r->to = r->as_of;
    r->from = r->as_of - days * TICKS_PER_DAY;
    return osipi_walk(r, r->table->sets[0], each_row, NULL);
}
