/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of values: windows of time, groups of tags in each, partitions. A window is closed only
 * when all its tags are done, or known to be behind; an interrupted read goes on with the group
 * that it had come to.
 */
#include "osipi.h"

#define PARTITION_TAGS 500

/* --- the range of a read ---------------------------------------------------------------------- */

static int take_time(struct reader *r, const char *name, int64_t if_absent, int64_t *ret)
{
    const char *text = H->opt(r->scan->opts, name);

    *ret = text && *text ? osipi_pi_time(lhs_z(text), r->as_of) : if_absent;
    if (*ret != NO_TICKS)
        return LH_OK;
    return lhs_fail(H, r->call, LH_E_OPTION,
                    "option %s: expected a PI time such as *-1d, t+8h or 2026-03-01T10:00:00Z, "
                    "found \"%s\"",
                    name, text);
}

/* A multiple of the step, not above the time. */
static int64_t floor_step(const struct asking *a, int64_t time)
{
    int64_t rest = a->step ? time % a->step : 0;

    return time - (rest < 0 ? rest + a->step : rest);
}

/* How far the read goes, and where it begins when there is no offset. */
static int take_range(struct reader *r, const struct asking *a, int64_t *ret_from, int64_t *ret_to)
{
    const lh_opts *o = r->scan->opts;
    int64_t settle = lhs_opt_i64(H, o, "settle_seconds", 0) * TICKS_PER_S;
    int64_t lookback = lhs_opt_i64(H, o, "lookback_minutes", 60) * 60 * TICKS_PER_S;
    int64_t from;
    int64_t to;
    int rc = take_time(r, "endTime", r->as_of, &to);

    if (rc || (rc = take_time(r, "startTime", to - lookback, &from)))
        return rc;
    if (from > to)
        return H->fail(r->call, LH_E_OPTION,
                       LHS("option startTime: expected a time before endTime, found a later one"));
    if (to > r->as_of - settle)
        to = r->as_of - settle;
    *ret_from = floor_step(a, from);
    *ret_to = floor_step(a, to);
    return LH_OK;
}

/* What a read needs to know before its first request. */
struct series_read {
    struct reader *r;
    struct asking asking;
    struct place place;
    struct tags tags;
    int64_t to; /* of the read */
    lh_out *offset;
};

/* An offset that is off the grid (it was written for another step) goes on at the next point. */
static int64_t ceil_step(const struct asking *a, int64_t time)
{
    int64_t floor = floor_step(a, time);

    return floor < time ? floor + a->step : floor;
}

static int take_end(struct series_read *s)
{
    struct place end;
    int rc = osipi_take_place(s->r, s->r->scan->end, &end);

    if (rc || end.until == NO_TICKS)
        return rc;
    if (end.until < s->place.until)
        return H->fail(s->r->call, LH_E_OFFSET,
                       LHS("the end offset is before the offset that the read begins at"));
    if (floor_step(&s->asking, end.until) != end.until)
        return H->fail(s->r->call, LH_E_OFFSET,
                       LHS("the end offset is no multiple of the step that the table has"));
    s->to = end.until;
    return LH_OK;
}

static int begin(struct reader *r, struct series_read *s)
{
    int64_t from = 0;
    int rc;

    memset(s, 0, sizeof *s);
    s->r = r;
    if ((rc = osipi_begin_asking(r, &s->asking)) || r->table->ingestion == LH_INGEST_SNAPSHOT)
        return rc;
    s->offset = H->out_new(r->call);
    if ((rc = osipi_take_place(r, r->scan->offset, &s->place)) ||
        (rc = take_range(r, &s->asking, &from, &s->to)))
        return rc;
    s->place.until = s->place.until == NO_TICKS ? from : ceil_step(&s->asking, s->place.until);
    return take_end(s);
}

/* --- groups ----------------------------------------------------------------------------------- */

/* Asks ahead for the groups behind the one that begins at `i`. *io_ahead: where those begin that
 * were not asked for yet. */
static void groups_ahead(struct series_read *s, size_t i, size_t n, int64_t to, size_t *io_ahead)
{
    struct tag *tags = s->tags.items;

    if (*io_ahead < i)
        *io_ahead = i;
    for (int64_t k = 0; k < s->r->self->max_inflight && i < n; k++) {
        size_t group = osipi_group(&s->asking, tags + i, n - i);

        if (i >= *io_ahead) {
            osipi_ask_ahead(&s->asking, tags + i, group, tags[i].since, to);
            *io_ahead = i + group;
        }
        i += group;
    }
}

/* What failed for good: the host's policy decides. A partition cannot note what is behind. */
static int report(struct series_read *s, const struct tag *tags, size_t n)
{
    int is_final = s->r->scan->partition && s->r->table->ingestion != LH_INGEST_SNAPSHOT;
    int rc = LH_OK;

    for (size_t i = 0; !rc && i < n; i++) {
        if (tags[i].state != FAILED)
            continue;
        if (is_final && tags[i].code != LH_E_NOT_FOUND)
            return lhs_fail(H, s->r->call, tags[i].code, "tag %.*s: %.*s", (int)tags[i].webid.n,
                            tags[i].webid.p, (int)tags[i].problem.n, tags[i].problem.p);
        rc = H->partial(s->r->call, tags[i].code, tags[i].webid, tags[i].problem);
    }
    return rc;
}

static int commit(struct series_read *s)
{
    const lh_json *offset = osipi_offset(&s->place, &s->tags, s->offset);

    if (!offset)
        return H->fail(s->r->call, LH_E_UNAVAILABLE,
                       LHS("too many tags fail; is the data server up? try later"));
    return H->checkpoint(s->r->sink, offset);
}

/* The tags from the i-th on, group by group, each from where it stands until `to`. */
static int read_groups(struct series_read *s, size_t i, int64_t to, int commits)
{
    struct tag *tags = s->tags.items;
    size_t ahead = i;
    int rc = LH_OK;

    for (size_t k = i; k < s->tags.n; k++)
        tags[k].state = LEFT;
    while (!rc && i < s->tags.n) {
        size_t group = osipi_group(&s->asking, tags + i, s->tags.n - i);

        if (s->r->self->max_inflight > 1)
            groups_ahead(s, i, s->tags.n, to, &ahead);
        rc = osipi_ask(&s->asking, tags + i, group, tags[i].since, to);
        if (rc || (rc = report(s, tags + i, group)))
            return rc;
        H->progress(s->r->call, LHS("tags"), i + group, s->tags.n);
        i += group;
        s->place.done = (int64_t)i;
        s->place.after = tags[i - 1].webid;
        if (commits && i < s->tags.n)
            rc = commit(s);
    }
    return rc;
}

/* --- windows ---------------------------------------------------------------------------------- */

static int read_window(struct series_read *s)
{
    int rc = read_groups(s, (size_t)s->place.done, s->place.to, 1);

    if (rc)
        return rc;
    s->place.until = s->place.to;
    s->place.to = NO_TICKS;
    return commit(s);
}

static int64_t window_end(const struct series_read *s)
{
    int64_t most = lhs_opt_i64(H, s->r->scan->opts, "window_seconds", 0) * TICKS_PER_S;

    return most && s->to - s->place.until > most ? s->place.until + most : s->to;
}

static int read_windows(struct series_read *s)
{
    int rc = LH_OK;

    if (s->place.to > s->to)
        s->place.to = NO_TICKS;
    if (s->place.to == NO_TICKS && s->place.until >= s->to)
        return LH_OK;
    if ((rc = osipi_find_tags(s->r, &s->tags)))
        return rc;
    osipi_put_in_place(&s->place, &s->tags);
    while (!rc && (s->place.to != NO_TICKS || s->place.until < s->to)) {
        if (s->place.to == NO_TICKS) {
            s->place.to = window_end(s);
            s->place.done = 0;
        }
        rc = read_window(s);
    }
    return rc;
}

int osipi_read_series(struct reader *r)
{
    struct series_read s;
    int rc = begin(r, &s);

    if (rc)
        return rc;
    if (r->table->ingestion != LH_INGEST_SNAPSHOT)
        return read_windows(&s);
    rc = osipi_find_tags(r, &s.tags);
    return rc ? rc : read_groups(&s, 0, 0, 0);
}

/* --- partitions ------------------------------------------------------------------------------- */

int osipi_latest(struct reader *r)
{
    static const struct tags none = {NULL, 0, 0};
    struct series_read s;
    int rc = begin(r, &s);

    if (rc)
        return rc;
    if (r->table->ingestion == LH_INGEST_SNAPSHOT)
        return H->fail(r->call, LH_E_UNSUPPORTED, LHS("a snapshot has no offset"));
    s.place.until = s.to > s.place.until ? s.to : s.place.until;
    s.place.to = NO_TICKS;
    return H->checkpoint(r->sink, osipi_offset(&s.place, &none, s.offset));
}

/* {"tags": [WEBID, ...], "since": T, "n_at": N}; a snapshot has no time. */
static int add_partition(struct series_read *s, const struct tag *tags, size_t n)
{
    lh_out *out = s->r->out;
    char iso[TIME_SIZE];

    H->out_begin(out, '{');
    if (s->r->table->ingestion != LH_INGEST_SNAPSHOT) {
        lhs_out_str(H, out, LHS("since"), osipi_iso(iso, tags[0].since));
        lhs_out_i64(H, out, LHS("n_at"), tags[0].n_at);
    }
    H->out_key(out, LHS("tags"));
    H->out_begin(out, '[');
    for (size_t i = 0; i < n; i++)
        H->out_str(out, tags[i].webid);
    H->out_end(out);
    H->out_end(out);
    return H->add_partition(s->r->sink, H->out_done(out), n);
}

int osipi_partitions(struct reader *r)
{
    struct series_read s;
    int rc = begin(r, &s);

    if (rc || (rc = osipi_find_tags(r, &s.tags)))
        return rc;
    if (r->table->ingestion != LH_INGEST_SNAPSHOT)
        osipi_put_in_place(&s.place, &s.tags);
    for (size_t i = 0, n; !rc && i < s.tags.n; i += n) {
        const struct tag *first = &s.tags.items[i];

        for (n = 1; i + n < s.tags.n && n < PARTITION_TAGS && !first->n_at; n++)
            if (first[n].since != first->since || first[n].n_at)
                break;
        if (r->table->ingestion == LH_INGEST_SNAPSHOT || first->since < s.to)
            rc = add_partition(&s, first, n);
    }
    return rc;
}

static int take_tags(struct series_read *s, int64_t since, int64_t n_at)
{
    const lh_json *list = H->json_get(s->r->scan->partition, LHS("tags"));
    const lh_json *webid = NULL;
    int rc = LH_OK;

    while (!rc && (webid = H->json_next(list, webid, NULL)))
        rc = osipi_add_tag(s->r, &s->tags, H->json_str(webid));
    for (size_t i = 0; !rc && i < s->tags.n; i++) {
        s->tags.items[i].since = since;
        s->tags.items[i].n_at = n_at;
    }
    return rc || s->tags.n
               ? rc
               : H->fail(s->r->call, LH_E_OPTION, LHS("the partition has no list \"tags\""));
}

int osipi_read_partition(struct reader *r)
{
    const lh_json *since = H->json_get(r->scan->partition, LHS("since"));
    int64_t ticks = osipi_ticks(H->json_str(since));
    struct series_read s;
    int64_t n_at = 0;
    int rc = begin(r, &s);

    if (rc)
        return rc;
    if (r->table->ingestion == LH_INGEST_SNAPSHOT)
        ticks = s.to = 0;
    else if (ticks == NO_TICKS ||
             H->json_i64(H->json_get(r->scan->partition, LHS("n_at")), &n_at) || n_at < 0)
        return H->fail(r->call, LH_E_OPTION, LHS("the partition has no time \"since\""));
    rc = take_tags(&s, ticks, n_at);
    return rc ? rc : read_groups(&s, 0, s.to, 0);
}
