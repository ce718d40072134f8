/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How tables are read, on top of pages (records.c) and places (place.c). From top to bottom: lists,
 * searches, reads.
 *
 * A first read lists all records. Later ones search for those that changed up to the horizon, in
 * the order of the changes, and look each of them up: a search tells no associations, and is
 * behind. No search goes further than its first page; the next one begins where that page ended. So
 * it is nothing that there are more than 10,000 changes, and that records move while they are read.
 */
#include "hubspot.h"

#define MOST_URL    5000 /* bytes of names of properties in a URL; some proxies take 8,000 in all */
#define EMPTY_PAGES 10   /* in a row */

/* --- one call of a read ----------------------------------------------------------------------- */

struct reader {
    lh_call *call;
    const struct lh_scan *scan;
    lh_sink *sink;
    struct table table;
    struct place place;
    struct page page;
    lh_str search_after;       /* behind empty pages of a search only */
    int64_t n_rows, most_rows; /* of this call */
    int n_empty;               /* pages in a row */
};

static int64_t page_rows(const struct reader *r, int64_t most)
{
    uint64_t wanted = r->scan->max_rows;

    return wanted && wanted < (uint64_t)most ? (int64_t)wanted : most;
}

static int commit(struct reader *r, int reached)
{
    return H->checkpoint(r->sink, hubspot_offset(&r->place, reached, r->page.out));
}

static int is_enough(const struct reader *r)
{
    return r->n_rows >= r->most_rows;
}

/* The list of results of an answer. */
static int take_results(struct reader *r, const struct lh_http_resp *answer, const lh_json **ret)
{
    const lh_json *results = H->json_get(answer->json, LHS("results"));

    if (answer->status == 400 && r->place.state == LISTING && r->place.after.n)
        return lhs_fail(H, r->call, LH_E_OFFSET,
                        "HubSpot answers 400: it does not take the offset's \"after\" (any more); "
                        "read %.*s from the beginning",
                        (int)r->table.name.n, r->table.name.p);
    if (answer->status != 200)
        return hubspot_refuse(r->call, &r->table, answer);
    if (H->json_kind(results) != LH_JSON_ARRAY)
        return H->fail(r->call, LH_E_DATA, LHS("an answer of HubSpot has no list \"results\""));
    *ret = results;
    return LH_OK;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Whether the properties are asked for in the URL of a list. */
static int has_short_names(const struct reader *r)
{
    return r->page.names.n <= MOST_URL;
}

static struct lh_http_req list_request(const struct reader *r)
{
    const struct object *o = r->table.object;
    lh_str type = lhs_pct(H, r->call, r->table.type);
    lh_str names = !r->place.deletes && has_short_names(r) ? r->page.names : LHS("hs_object_id");
    lh_str url = lhs_fmt(H, r->call, "/crm/v3/objects/%s?limit=%lld&archived=%s&properties=%.*s",
                         type.p, (long long)page_rows(r, BATCH_ROWS),
                         r->place.deletes ? "true" : "false", (int)names.n, names.p);

    for (size_t i = 0; !r->place.deletes && o->links[i]; i++)
        url = lhs_fmt(H, r->call, "%s%s%s", url.p, i ? "," : "&associations=", o->links[i]);
    if (r->place.after.n)
        url = lhs_query(H, r->call, url, LHS("after"), r->place.after);
    return lhs_get(url);
}

/* Rows of a page of the list of all records. */
static int send_listed(struct reader *r, const lh_json *results)
{
    const lh_json *record = NULL;
    int rc = LH_OK;

    while (!rc && (record = H->json_next(results, record, NULL)))
        rc = hubspot_page_add(&r->page, H->json_get(record, LHS("id")), record);
    if (!rc)
        rc = hubspot_page_inline_links(&r->page);
    if (!rc && !has_short_names(r)) {
        for (size_t i = 0; i < r->page.n_rows; i++)
            r->page.rows[i].record = NULL;
        rc = hubspot_page_records(&r->page);
    }
    r->n_rows += (int64_t)r->page.n_rows;
    return rc ? rc : hubspot_page_send(&r->page, r->sink);
}

/* Rows of a page of the list of archived records, which is in no order that helps. */
static int send_archived(struct reader *r, const lh_json *results)
{
    const lh_json *record = NULL;
    lh_out *o = r->page.out;
    int rc = LH_OK;

    while (!rc && (record = H->json_next(results, record, NULL))) {
        const lh_json *at = H->json_get(record, LHS("archivedAt"));
        int64_t time = lhs_time_ms(H->json_str(at));

        if (time != LHS_NO_TIME && r->place.from != LHS_NO_TIME && time < r->place.from)
            continue;
        H->out_begin(o, '{');
        H->out_key(o, LHS("id"));
        H->out_json(o, H->json_get(record, LHS("id")));
        H->out_key(o, LHS("updatedAt"));
        H->out_json(o, at ? at : H->json_get(record, LHS("updatedAt")));
        H->out_key(o, LHS("archived"));
        H->out_raw(o, LHS("true"));
        H->out_end(o);
        rc = H->row_out(r->sink, LH_DELETE, o);
        r->n_rows++;
    }
    return rc;
}

/* A page of a list; the place moves to the next one. */
static int read_list_page(struct reader *r)
{
    struct lh_http_req q = list_request(r);
    const struct lh_http_resp *answer;
    const lh_json *results = NULL;
    lh_str after;
    int rc = H->http(r->call, &q, &answer);

    if (!rc)
        rc = take_results(r, answer, &results);
    if (rc)
        return rc;
    hubspot_page_keep(&r->page, answer);
    after = hubspot_next_after(answer->json);
    if (after.n && lhs_eq(after, r->place.after))
        return lhs_fail(H, r->call, LH_E_DATA,
                        "HubSpot says that a page of %.*s comes after itself", (int)r->table.name.n,
                        r->table.name.p);
    r->place.after = lhs_dup(H, r->call, after);
    if (after.n) {
        q = list_request(r);
        H->http_prefetch(r->call, &q);
    }
    rc = r->place.deletes ? send_archived(r, results) : send_listed(r, results);
    hubspot_page_clear(&r->page);
    return rc;
}

static int read_list(struct reader *r)
{
    for (;;) {
        int rc = read_list_page(r);
        int is_last = !r->place.after.n;

        if (rc || (rc = commit(r, is_last)))
            return rc;
        if (is_last) {
            hubspot_reached(r->scan, &r->place);
            return LH_OK;
        }
        if (is_enough(r))
            return LH_MORE;
    }
}

/* --- searches --------------------------------------------------------------------------------- */

static void filter(lh_out *o, lh_str property, const char *operator, int64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)value);

    H->out_begin(o, '{');
    lhs_out_str(H, o, LHS("propertyName"), property);
    lhs_out_str(H, o, LHS("operator"), lhs_z(operator));
    lhs_out_str(H, o, LHS("value"), lhs_n(text, (size_t)n));
    H->out_end(o);
}

/* [{"filters": [...]}] */
static void filters(const struct reader *r, lh_str cursor, lh_out *o)
{
    int is_tie = r->place.from_id != NO_ID;

    H->out_begin(o, '[');
    H->out_begin(o, '{');
    H->out_key(o, LHS("filters"));
    H->out_begin(o, '[');
    filter(o, cursor, "GTE", r->place.from);
    filter(o, cursor, "LTE", is_tie ? r->place.from : r->place.until);
    if (is_tie)
        filter(o, LHS("hs_object_id"), "GT", r->place.from_id);
    H->out_end(o);
    H->out_end(o);
    H->out_end(o);
}

/*
 * From place.from on, in the order of the changes; or, where all of a page changed in the same
 * millisecond, those of this millisecond, in the order of their ids.
 */
static lh_str search_body(const struct reader *r)
{
    lh_str cursor = lhs_z(r->table.object->cursor);
    lh_out *o = r->page.body;

    H->out_begin(o, '{');
    H->out_key(o, LHS("filterGroups"));
    filters(r, cursor, o);
    H->out_key(o, LHS("sorts"));
    H->out_begin(o, '[');
    H->out_begin(o, '{');
    lhs_out_str(H, o, LHS("propertyName"),
                r->place.from_id != NO_ID ? LHS("hs_object_id") : cursor);
    lhs_out_str(H, o, LHS("direction"), LHS("ASCENDING"));
    H->out_end(o);
    H->out_end(o);
    H->out_key(o, LHS("properties"));
    H->out_begin(o, '[');
    H->out_str(o, cursor);
    H->out_end(o);
    lhs_out_i64(H, o, LHS("limit"), page_rows(r, SEARCH_ROWS));
    if (r->search_after.n)
        lhs_out_str(H, o, LHS("after"), r->search_after);
    H->out_end(o);
    return H->json_raw(H->out_done(o));
}

/* Good until the next body is made. */
static struct lh_http_req search_request(const struct reader *r)
{
    struct lh_http_req q = lhs_post(
        lhs_fmt(H, r->call, "/crm/v3/objects/%s/search", lhs_pct(H, r->call, r->table.type).p),
        search_body(r));

    q.bucket = LHS("search");
    return q;
}

/* When a record that was found changed; LHS_NO_TIME: it does not say. */
static int64_t time_of(const struct reader *r, const lh_json *found)
{
    const lh_json *properties = H->json_get(found, LHS("properties"));
    lh_str text = H->json_str(H->json_get(properties, lhs_z(r->table.object->cursor)));
    int64_t ms;

    return lhs_i64(text, &ms) ? lhs_time_ms(text) : ms;
}

/* What a page of a search holds. */
struct found {
    const lh_json *results;
    int has_more;
    int64_t last; /* time of the last record */
};

/* Without the order that was asked for, nobody could say what comes behind the page. */
static int take_found(const struct reader *r, struct found *f)
{
    const lh_json *item = NULL;

    f->last = r->place.from;
    while ((item = H->json_next(f->results, item, NULL))) {
        int64_t time = time_of(r, item);

        if (time == LHS_NO_TIME)
            return lhs_fail(H, r->call, LH_E_DATA, "a search of %.*s gives no %s",
                            (int)r->table.name.n, r->table.name.p, r->table.object->cursor);
        if (r->place.from_id == NO_ID && time < f->last && f->last > r->place.from)
            return lhs_fail(H, r->call, LH_E_DATA, "a search of %.*s is not in the order of %s",
                            (int)r->table.name.n, r->table.name.p, r->table.object->cursor);
        f->last = time > f->last ? time : f->last;
    }
    return LH_OK;
}

/*
 * Rows of a page in the order of the changes. Of the last time there may be more behind the page:
 * they are left to the next one, which begins with this time.
 */
static int take_changes(struct reader *r, const struct found *f, int *ret_is_last)
{
    const lh_json *item = NULL;
    int64_t end = f->last < r->place.until ? f->last : r->place.until;
    int rc = LH_OK;

    while (!rc && (item = H->json_next(f->results, item, NULL))) {
        int64_t time = time_of(r, item);

        if (time >= r->place.from && time <= r->place.until && (!f->has_more || time < end))
            rc = hubspot_page_add(&r->page, H->json_get(item, LHS("id")), NULL);
    }
    if (f->has_more)
        r->place.from = end;
    if (f->has_more && !r->page.n_rows)
        r->place.from_id = 0;
    *ret_is_last = !f->has_more;
    return rc;
}

/* Rows of a page that changed in the same millisecond, in the order of their ids. */
static int take_tie(struct reader *r, const struct found *f, int *ret_is_last)
{
    const lh_json *item = NULL;
    int64_t last_id = r->place.from_id;

    *ret_is_last = 0;
    while ((item = H->json_next(f->results, item, NULL))) {
        const lh_json *id = H->json_get(item, LHS("id"));
        int rc = time_of(r, item) == r->place.from ? hubspot_page_add(&r->page, id, NULL) : LH_OK;

        if (rc)
            return rc;
        if (hubspot_id(id, &last_id) || last_id <= r->place.from_id)
            return lhs_fail(H, r->call, LH_E_DATA, "a search of %.*s is not in the order of ids",
                            (int)r->table.name.n, r->table.name.p);
        r->place.from_id = last_id;
    }
    if (!f->has_more) {
        r->place.from_id = NO_ID;
        *ret_is_last = r->place.from++ >= r->place.until;
    }
    return LH_OK;
}

/* An empty page that is not the last one has to be passed by. */
static int pass_by(struct reader *r, lh_str after)
{
    if (++r->n_empty > EMPTY_PAGES)
        return lhs_fail(H, r->call, LH_E_DATA, "a search of %.*s has empty pages only",
                        (int)r->table.name.n, r->table.name.p);
    r->search_after = lhs_dup(H, r->call, after);
    return LH_OK;
}

/* A page of a search, from the answer to where the place moves. */
static int take_page(struct reader *r, const struct lh_http_resp *answer, int *ret_is_last)
{
    struct found f = {0};
    lh_str after = hubspot_next_after(answer->json);
    int rc = take_results(r, answer, &f.results);

    *ret_is_last = 0;
    f.has_more = after.n > 0;
    if (!rc && f.has_more && !H->json_count(f.results))
        return pass_by(r, after);
    r->search_after = LHS("");
    r->n_empty = 0;
    if (!rc)
        rc = take_found(r, &f);
    if (rc)
        return rc;
    return r->place.from_id == NO_ID ? take_changes(r, &f, ret_is_last)
                                     : take_tie(r, &f, ret_is_last);
}

/* *ret_rows: how many there were on the page. */
static int read_search_page(struct reader *r, int *ret_is_last, size_t *ret_rows)
{
    struct lh_http_req q = search_request(r);
    const struct lh_http_resp *answer;
    int rc = H->http(r->call, &q, &answer);

    if (!rc)
        rc = take_page(r, answer, ret_is_last);
    if (rc)
        return rc;
    H->http_release(r->call, answer);
    *ret_rows = r->page.n_rows;
    r->n_rows += (int64_t)r->page.n_rows;
    if (!*ret_is_last && !is_enough(r)) {
        q = search_request(r);
        H->http_prefetch(r->call, &q);
    }
    hubspot_page_prefetch(&r->page);
    if ((rc = hubspot_page_records(&r->page)) || (rc = hubspot_page_links(&r->page)) ||
        (rc = hubspot_page_send(&r->page, r->sink)))
        return rc;
    hubspot_page_clear(&r->page);
    return LH_OK;
}

static int read_search(struct reader *r)
{
    for (;;) {
        int is_last;
        size_t n_rows;
        int rc = read_search_page(r, &is_last, &n_rows);

        if (!rc && (n_rows || is_last))
            rc = commit(r, is_last);
        if (rc)
            return rc;
        if (is_last) {
            hubspot_reached(r->scan, &r->place);
            return LH_OK;
        }
        if (n_rows && is_enough(r))
            return LH_MORE;
    }
}

/* --- reads ------------------------------------------------------------------------------------ */

/* A read whose offset covers the horizon already asks HubSpot for nothing. */
int hubspot_read(lh_call *c, const struct lh_scan *s, int has_custom, int deletes, lh_sink *sink)
{
    struct reader r = {.call = c, .scan = s, .sink = sink};
    int rc = hubspot_find(c, s->table, has_custom, &r.table);

    if (!rc && deletes && r.table.object->ingestion != LH_INGEST_CDC_WITH_DELETES)
        rc = lhs_fail(H, c, LH_E_UNSUPPORTED, "HubSpot has no list of archived %.*s",
                      (int)s->table.n, s->table.p);
    if (!rc)
        rc = hubspot_begin(c, s, deletes, &r.place);
    if (rc || r.place.state == COVERED)
        return rc;
    r.most_rows = lhs_opt_i64(H, s->opts, "max_records_per_batch", INT64_MAX);
    rc = hubspot_page_open(c, &r.table, !deletes, &r.page);
    while (!rc && r.place.state != COVERED)
        rc = r.place.state == LISTING ? read_list(&r) : read_search(&r);
    return rc;
}
