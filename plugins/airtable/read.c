/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How tables are read. From top to bottom: requests, rows, pages, passes.
 *
 * Airtable lists the records of a table page by page, and forgets after some minutes where a list
 * was ("iterator"). The list is then begun again, from the last checkpoint on where there is one,
 * and what was given before is passed over. Records with a field that says when they changed are
 * listed in that order, so that a read can go on from a time; those without are in no order.
 */
#include "airtable.h"

#define MOST_VAIN 3 /* lists in a row that end without a new record */

struct reader {
    lh_call *call;
    const struct source *source;
    const struct lh_scan *scan;
    lh_sink *sink;
    struct table table;
    struct place place;
    struct seen *seen;
    lh_out *body, *row;
    lh_str filter, after; /* of the list that is read */
    int64_t last;         /* time of its last row */
    int has_row;          /* it had one */
    int begins_empty;     /* and the first had no value in the field */
    int is_unsorted;      /* Airtable does not keep to the order: no checkpoint any more */
    uint64_t n_rows;      /* of this call */
};

/* --- requests --------------------------------------------------------------------------------- */

struct lh_http_req airtable_list_request(lh_call *c, const struct source *src, lh_str base,
                                         lh_str table, lh_str body)
{
    lh_str path = airtable_url(c, "/", base, "/", table);
    struct lh_http_req q = lhs_post(lhs_fmt(H, c, "%s/listRecords", path.p ? path.p : ""), body);

    q.bucket = LHS("base");
    q.bucket_key = base;
    q.timeout_ms = (uint32_t)(src->timeout_s * 1000);
    return q;
}

static int64_t page_rows(const struct reader *r)
{
    int64_t rows = lhs_opt_i64(H, r->scan->opts, "batch_size", r->source->page_rows);

    if (r->scan->max_rows && r->scan->max_rows < (uint64_t)MOST_PAGE_ROWS &&
        rows > (int64_t)r->scan->max_rows)
        rows = (int64_t)r->scan->max_rows;
    return rows < 1 ? 1 : rows > MOST_PAGE_ROWS ? MOST_PAGE_ROWS : rows;
}

static void put_choice(const struct reader *r)
{
    H->out_key(r->body, LHS("fields"));
    H->out_begin(r->body, '[');
    for (size_t i = 0; i < r->table.n_columns; i++)
        if (r->table.columns[i].is_read)
            H->out_str(r->body, r->table.columns[i].id);
    H->out_end(r->body);
}

static void put_sort(const struct reader *r)
{
    H->out_key(r->body, LHS("sort"));
    H->out_begin(r->body, '[');
    H->out_begin(r->body, '{');
    lhs_out_str(H, r->body, LHS("field"), r->table.cursor->id);
    lhs_out_str(H, r->body, LHS("direction"), LHS("asc"));
    H->out_end(r->body);
    H->out_end(r->body);
}

/* The same for each page of a list: Airtable insists. */
static void put_parameters(const struct reader *r)
{
    static const char *const options[][2] = {
        {"cell_format", "cellFormat"}, {"time_zone", "timeZone"}, {"user_locale", "userLocale"}};
    const char *view = H->opt(r->scan->opts, "view");

    lhs_out_i64(H, r->body, LHS("pageSize"), page_rows(r));
    H->out_key(r->body, LHS("returnFieldsByFieldId"));
    H->out_raw(r->body, LHS("true"));
    if (view)
        lhs_out_str(H, r->body, LHS("view"), lhs_z(view));
    if (r->table.has_choice)
        put_choice(r);
    if (r->table.cursor)
        put_sort(r);
    if (r->filter.n)
        lhs_out_str(H, r->body, LHS("filterByFormula"), r->filter);
    for (size_t i = 0; r->table.is_text && i < sizeof options / sizeof *options; i++)
        lhs_out_str(H, r->body, lhs_z(options[i][1]), lhs_z(H->opt(r->scan->opts, options[i][0])));
}

/* A POST, because a URL with a long formula or many fields is refused. */
static int ask(const struct reader *r, const struct lh_http_resp **ret)
{
    struct lh_http_req q;
    const lh_json *body;

    H->out_begin(r->body, '{');
    put_parameters(r);
    if (r->after.n)
        lhs_out_str(H, r->body, LHS("offset"), r->after);
    H->out_end(r->body);
    body = H->out_done(r->body);
    if (!body)
        return LH_E_INTERNAL;
    q = airtable_list_request(r->call, r->source, r->table.base, r->table.id, H->json_raw(body));
    return H->http(r->call, &q, ret);
}

/* --- rows ------------------------------------------------------------------------------------- */

static int send_record(struct reader *r, const lh_json *record)
{
    const lh_json *fields = H->json_get(record, LHS("fields"));

    H->out_begin(r->row, '{');
    H->out_key(r->row, LHS("id"));
    H->out_json(r->row, H->json_get(record, LHS("id")));
    H->out_key(r->row, LHS("createdTime"));
    H->out_json(r->row, H->json_get(record, LHS("createdTime")));
    for (size_t i = 0; i < r->table.n_columns; i++) {
        const struct column *column = &r->table.columns[i];

        if (!column->is_read)
            continue;
        H->out_key(r->row, column->name);
        airtable_put_cell(r->row, &column->type, H->json_get(fields, column->id));
    }
    H->out_end(r->row);
    r->n_rows++;
    return H->row_out(r->sink, LH_UPSERT, r->row);
}

/* When the record changed; LHS_NO_TIME where its field is empty. */
static int64_t time_of(const struct reader *r, const lh_json *record)
{
    const lh_json *fields = H->json_get(record, LHS("fields"));

    return lhs_time_ms(H->json_str(H->json_get(fields, r->table.cursor->id)));
}

/* Those of the page that changed before a time, or those that did not; each record once a call. */
static int send_part(struct reader *r, const lh_json *records, int64_t time, int is_before)
{
    const lh_json *record = NULL;
    int rc = LH_OK;

    while (!rc && (record = H->json_next(records, record, NULL))) {
        lh_str id = H->json_str(H->json_get(record, LHS("id")));
        int is_new;

        if (r->table.cursor && (time_of(r, record) < time) != is_before)
            continue;
        if (!id.n)
            return H->fail(r->call, LH_E_DATA, LHS("Airtable lists a record without an id"));
        is_new = airtable_seen_add(r->call, r->seen, id);
        if (is_new)
            rc = is_new < 0 ? is_new : send_record(r, record);
    }
    return rc;
}

/* --- pages ------------------------------------------------------------------------------------ */

/* What the order of a page tells: the time of its last record, or LHS_NO_TIME for no checkpoint. */
static int64_t look_at_order(struct reader *r, const lh_json *records)
{
    const lh_json *record = NULL;

    while ((record = H->json_next(records, record, NULL))) {
        int64_t time = time_of(r, record);

        if (!r->has_row)
            r->begins_empty = time == LHS_NO_TIME;
        else if (time < r->last && r->last <= r->place.settled)
            r->is_unsorted = 1;
        r->has_row = 1;
        r->last = time;
    }
    return r->is_unsorted || !r->has_row || r->last > r->place.settled ? LHS_NO_TIME : r->last;
}

/*
 * Rows of a page. All that changed before its last record did are given then, and a read can go on
 * from that time; rows of the time itself belong to the next checkpoint.
 */
static int send_page(struct reader *r, const lh_json *records)
{
    int64_t time = r->table.cursor ? look_at_order(r, records) : LHS_NO_TIME;
    int rc;

    if (time == LHS_NO_TIME || time <= r->place.from)
        return send_part(r, records, INT64_MAX, 1);
    rc = send_part(r, records, time, 1);
    if (rc)
        return rc;
    r->place.from = time;
    r->place.has_empty = r->place.has_empty || r->begins_empty;
    rc = H->checkpoint(r->sink, airtable_offset(&r->place, &r->table, 0, r->row));
    return rc ? rc : send_part(r, records, time, 0);
}

/* Where the next page is; r->after is empty behind the last one. */
static int move(struct reader *r, const lh_json *answer)
{
    lh_str after = H->json_str(H->json_get(answer, LHS("offset")));

    if (after.n && lhs_eq(after, r->after))
        return H->fail(r->call, LH_E_DATA, LHS("Airtable answers with the same page again"));
    r->after = lhs_dup(H, r->call, after);
    return r->after.p ? LH_OK : LH_E_NOMEM;
}

static int is_expired(const struct lh_http_resp *answer)
{
    const lh_json *error = H->json_get(answer->json, LHS("error"));

    return answer->status == 422 && lhs_eq(H->json_str(H->json_get(error, LHS("type"))),
                                           LHS("LIST_RECORDS_ITERATOR_NOT_AVAILABLE"));
}

/* --- passes ----------------------------------------------------------------------------------- */

/* One list, to its end or to where Airtable has forgotten it. */
static int read_list(struct reader *r, int *ret_expired)
{
    r->after = LHS("");
    r->has_row = r->begins_empty = 0;
    r->filter = airtable_filter(r->call, &r->place, &r->table,
                                lhs_z(H->opt(r->scan->opts, "filter_formula")));
    if (!r->filter.p)
        return LH_E_NOMEM;
    do {
        const struct lh_http_resp *answer;
        const lh_json *records;
        int rc = ask(r, &answer);

        if (rc)
            return rc;
        *ret_expired = is_expired(answer);
        if (*ret_expired) {
            H->http_release(r->call, answer);
            return LH_OK;
        }
        if (answer->status != 200)
            return airtable_refuse(r->call, r->table.base, answer);
        records = H->json_get(answer->json, LHS("records"));
        if (H->json_kind(records) != LH_JSON_ARRAY)
            return H->fail(r->call, LH_E_DATA,
                           LHS("an answer of Airtable has no list \"records\""));
        if ((rc = move(r, answer->json)) || (rc = send_page(r, records)))
            return rc;
        H->http_release(r->call, answer);
    } while (r->after.n);
    return LH_OK;
}

static int read_lists(struct reader *r)
{
    int expired = 1;
    int n_vain = 0;

    while (expired) {
        uint64_t n_before = r->n_rows;
        int rc = read_list(r, &expired);

        if (rc)
            return rc;
        n_vain = r->n_rows > n_before ? 0 : n_vain + 1;
        if (expired && n_vain == MOST_VAIN)
            return lhs_fail(H, r->call, LH_E_UNAVAILABLE,
                            "Airtable forgot %d times in a row where its list of %.*s was, before "
                            "there was a new record; try again later, or let filter_formula or a "
                            "view leave fewer records",
                            MOST_VAIN, (int)r->table.name.n, r->table.name.p);
        if (expired)
            H->log(r->call, LH_LOG_INFO,
                   LHS("Airtable has forgotten where the list was; it is begun again, and what was "
                       "given is passed over"));
    }
    return H->checkpoint(r->sink, airtable_offset(&r->place, &r->table, 1, r->row));
}

int airtable_read(lh_call *c, const struct source *src, const struct lh_scan *s, lh_sink *sink)
{
    struct reader r = {.call = c, .source = src, .scan = s, .sink = sink};
    int rc = airtable_find(c, src, s, &r.table);

    if (!rc)
        rc = airtable_begin(c, s, &r.table, &r.place);
    if (rc || r.place.is_covered)
        return rc;
    r.seen = airtable_seen_new(c);
    r.body = H->out_new(c);
    r.row = H->out_new(c);
    if (!r.seen)
        return LH_E_NOMEM;
    return read_lists(&r);
}
