/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading: pages with checkpoints, deletes, partitions.
 *
 * The shape of it is that of any source that can be asked for "what changed since": find out what
 * the scan is about, then page after page: ask, send rows, checkpoint.
 */
#include "example.h"

#define N_PARTS 8

enum flow { ROWS, DELETES };

/* What a scan is about: the entries from first to last - 1 of the source's log, as of a time. */
struct span {
    const struct table *table;
    int64_t first, last, as_of;
    uint64_t salt;
    int is_covered; /* the offset reaches as_of already: nothing to ask the source for */
};

/* The time in an offset {"until": ...}: all entries up to it were given out. */
static int offset_time(lh_call *c, const lh_json *offset, int64_t *ret)
{
    lh_str until = H->json_str(H->json_get(offset, LHS("until")));
    int64_t time = lhs_time_ms(until);

    if (time == LHS_NO_TIME)
        return lhs_fail(H, c, LH_E_OFFSET, "the offset's \"until\" is no time: \"%.*s\"",
                        (int)until.n, until.n ? until.p : "");
    *ret = time;
    return LH_OK;
}

static int find_span(lh_call *c, const struct source *src, const struct lh_scan *s, enum flow flow,
                     struct span *ret)
{
    int has_offset = H->json_count(s->offset) > 0; /* NULL and {} are the beginning */
    int64_t since = 0;
    int rc = LH_OK;

    memset(ret, 0, sizeof *ret);
    ret->table = example_find(c, s);
    if (!ret->table)
        return LH_E_NOT_FOUND;
    ret->salt = example_source_salt(src, s->table);
    ret->as_of = s->as_of_ms;
    if (s->end)
        rc = offset_time(c, s->end, &ret->as_of);
    if (!rc && has_offset)
        rc = offset_time(c, s->offset, &since);
    if (rc)
        return rc;
    if (ret->as_of > s->as_of_ms)
        return H->fail(c, LH_E_OFFSET, LHS("the end offset lies beyond the run's horizon"));
    ret->last = example_source_entries(src, ret->as_of);
    ret->first = has_offset ? example_source_entries(src, since) : 0;
    ret->is_covered = has_offset && since >= ret->as_of;
    /* A state is the newest entry about each row; what goes on from an offset and never changes,
     * and deletes, are all there is. */
    if (flow == ROWS && !(has_offset && ret->table->shape & LOG) &&
        ret->first < ret->last - src->rows)
        ret->first = ret->last - src->rows;
    return LH_OK;
}

/* A row from its columns; of deletes the key and the cursor alone. */
static int send_row(const struct row *r, const struct table *t, uint32_t op, lh_out *o,
                    lh_sink *sink)
{
    H->out_begin(o, '{');
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *col = &t->columns[i];

        if (op == LH_DELETE && strcmp(col->name, t->key) && strcmp(col->name, t->cursor))
            continue;
        H->out_key(o, lhs_z(col->name));
        example_row_put(r, col->value, o);
    }
    H->out_end(o);
    return H->row_out(sink, op, o);
}

/* One page. What a source sends as text goes on as it is: nothing is quicker. */
static int send_page(const struct source *src, const struct span *span, enum flow flow,
                     int64_t first, int64_t last, lh_out *o, lh_sink *sink)
{
    const struct table *t = span->table;
    char text[METRIC_SIZE];
    int rc = LH_OK;

    for (; first < last && !rc; first++) {
        struct row r = example_source_row(src, span->salt, t->shape, first);

        if (t->columns->value == AS_TEXT)
            rc = H->row_text(sink, LH_UPSERT, example_row_metric(&r, text));
        else if (example_row_is_deleted(&r) == (flow == DELETES))
            rc = send_row(&r, t, flow == DELETES ? LH_DELETE : LH_UPSERT, o, sink);
    }
    return rc;
}

/*
 * All rows so far belong to this time. It is the log's, never a row's: rows of clocks that are
 * ahead are given out, but must not carry the offset beyond the horizon (rule 24).
 */
static int checkpoint(const struct span *span, const struct lh_scan *s, int64_t time_ms, lh_out *o,
                      lh_sink *sink)
{
    char text[LHS_ISO_SIZE];

    if (time_ms == span->as_of && s->end)
        return H->checkpoint(sink, s->end);
    H->out_begin(o, '{');
    H->out_key(o, LHS("until"));
    H->out_str(o, lhs_iso_at(text, time_ms));
    H->out_end(o);
    return H->checkpoint(sink, H->out_done(o));
}

/* Where the page from `first` on ends: pages need be no larger than what is wanted. */
static int64_t page_end(const struct source *src, const struct lh_scan *s, int64_t first,
                        int64_t last)
{
    int64_t rows = src->page_rows;

    if (s->max_rows && s->max_rows < (uint64_t)rows)
        rows = (int64_t)s->max_rows;
    return last - first > rows ? first + rows : last;
}

/* Page after page, each with a checkpoint; the last one says how far the source was looked at. */
static int read_flow(lh_call *c, const struct source *src, const struct lh_scan *s, enum flow flow,
                     lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    struct span span;
    int rc = find_span(c, src, s, flow, &span);

    if (rc || span.is_covered)
        return rc;
    for (int64_t n = 0;; n++) {
        int64_t next = page_end(src, s, span.first, span.last);
        int64_t until = next < span.last ? example_source_time(src, next - 1) : span.as_of;

        if (src->pages && n == src->pages)
            return LH_MORE;
        rc = example_source_ask(c, src, s->table, span.first, n);
        if (!rc)
            rc = send_page(src, &span, flow, span.first, next, o, sink);
        if (!rc)
            rc = checkpoint(&span, s, until, o, sink);
        if (rc || next == span.last)
            return rc;
        span.first = next;
    }
}

int example_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return read_flow(c, (const struct source *)self, s, ROWS, sink);
}

int example_read_table_deletes(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    const struct table *t = example_find(c, s);

    if (t && !(t->shape & LIVES))
        return H->fail(c, LH_E_UNSUPPORTED, LHS("nothing is ever deleted from this table"));
    return read_flow(c, (const struct source *)self, s, DELETES, sink);
}

/* --- partitions ------------------------------------------------------------------------------- */

static int partitioned_span(lh_call *c, const struct source *src, const struct lh_scan *s,
                            struct span *ret)
{
    int rc = find_span(c, src, s, ROWS, ret);

    if (rc || ret->table->flags & LH_TABLE_PARTITIONED)
        return rc;
    return lhs_fail(H, c, LH_E_UNSUPPORTED, "%s has no partitions; read it whole",
                    ret->table->name);
}

int example_latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct span span;
    int rc = find_span(c, (const struct source *)self, s, ROWS, &span);

    return rc ? rc : checkpoint(&span, s, span.as_of, H->out_new(c), sink);
}

int example_get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    lh_out *o = H->out_new(c);
    struct span span;
    int rc = partitioned_span(c, (const struct source *)self, s, &span);
    int64_t n = span.last - span.first;

    for (int64_t i = 0; i < N_PARTS && !rc; i++) {
        int64_t first = span.first + n * i / N_PARTS;
        int64_t last = span.first + n * (i + 1) / N_PARTS;

        if (span.is_covered || first == last)
            continue;
        H->out_begin(o, '{');
        H->out_key(o, LHS("first"));
        H->out_i64(o, first);
        H->out_key(o, LHS("last"));
        H->out_i64(o, last);
        H->out_end(o);
        rc = H->add_partition(sink, H->out_done(o), (uint64_t)(last - first));
    }
    return rc;
}

/* Self-contained, all or nothing: no checkpoint. */
int example_read_partition(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    const struct source *src = (const struct source *)self;
    struct span span;
    int64_t at = 0;
    int64_t last = 0;
    int rc = partitioned_span(c, src, s, &span);

    if (rc)
        return rc;
    if (H->json_i64(H->json_get(s->partition, LHS("first")), &at) ||
        H->json_i64(H->json_get(s->partition, LHS("last")), &last) || at < span.first ||
        at > last || last > span.last)
        return H->fail(c, LH_E_OFFSET, LHS("the partition is not one of this offset and horizon"));
    for (int64_t n = 0; at < last && !rc; n++) {
        int64_t next = page_end(src, s, at, last);

        rc = example_source_ask(c, src, s->table, at, n);
        if (!rc)
            rc = send_page(src, &span, ROWS, at, next, NULL, sink);
        at = next;
    }
    return rc;
}

int example_estimate(lh_call *c, void *self, const struct lh_scan *s, struct lh_estimate *ret)
{
    const struct source *src = (const struct source *)self;
    struct span span;
    int rc = find_span(c, src, s, ROWS, &span);

    if (rc)
        return rc;
    ret->rows = span.is_covered ? 0 : span.last - span.first;
    ret->bytes = ret->rows * span.table->row_bytes;
    ret->requests = (ret->rows + src->page_rows - 1) / src->page_rows;
    return LH_OK;
}
