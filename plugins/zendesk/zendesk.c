/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Zendesk connector. From top to bottom: the catalog, where a read begins, requests, exports
 * (tickets, users, organizations, comments), lists (the rest), check, the instance. tables.c has
 * the tables as data.
 *
 * Exports allow 10 requests a minute, for all of them together; the spec's limits see to that, and
 * nothing is asked for that an answer before has told. They leave out what changed within the last
 * minute, which the next run brings.
 *
 * Offsets: {"cursor": C} of a cursor export, {"start_time": S, "seen": ["ID@SECOND"]} of a time
 * export, {"after": C} within a list; and "as_of", the horizon, when there was no more up to it. S
 * is in seconds since 1970; seen are the rows from then on that were given out.
 */
#include "tables.h"

#include "spec.inc"

#define EXPORT_ROWS       1000 /* of a page; Zendesk's bound */
#define LEAST_EXPORT_ROWS 60   /* a page that times out is halved down to this */
#define LIST_ROWS         100
#define LATEST_S          61 /* before now: later no export begins */
#define EMPTY_PAGES       3  /* in a row, that bring no progress */

static const struct lh_host *H; /* the host's table, from the entry function */

/* --- the catalog ------------------------------------------------------------------------------ */

static int find(lh_call *c, lh_str name, const struct table **ret)
{
    for (size_t i = 0; i < N_TABLES; i++)
        if (lhs_eq(name, lhs_z(zendesk_tables[i].name))) {
            *ret = &zendesk_tables[i];
            return LH_OK;
        }
    return lhs_fail(H, c, LH_E_NOT_FOUND, "there is no table \"%.*s\"", (int)name.n, name.p);
}

static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table report = {.struct_size = sizeof report};
    int rc = LH_OK;

    (void)self, (void)ns;
    if (n_ns)
        return H->fail(c, LH_E_NOT_FOUND, LHS("Zendesk has no namespaces"));
    for (size_t i = 0; i < N_TABLES && !rc; i++) {
        report.name = lhs_z(zendesk_tables[i].name);
        report.comment = lhs_z(zendesk_tables[i].comment);
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
        rc = H->add_field(sink, &field);
    }
    return rc;
}

static int read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta meta = {.struct_size = sizeof meta, .n_keys = 1};
    lh_str key = LHS("id");
    const struct table *t;
    int rc = find(c, s->table, &t);

    (void)self;
    if (rc)
        return rc;
    meta.ingestion = t->ingestion;
    meta.keys = &key;
    meta.cursor = lhs_z(t->cursor);
    return H->set_meta(sink, &meta);
}

/* --- where a read begins ---------------------------------------------------------------------- */

/* A row of a time export that the next page repeats. */
struct seen {
    lh_str id;
    int64_t second;
};

/* One call of read_table: where it stands, and what it needs to get on. */
struct reader {
    lh_call *call;
    const struct table *table;
    const struct lh_scan *scan;
    lh_sink *sink;
    lh_out *out;
    lh_str cursor;      /* of a cursor export or list; empty: none yet */
    int64_t start_time; /* without one */
    struct seen *seen;  /* from start_time on */
    size_t n_seen;
    int64_t page_rows;
    int64_t n_rows, most_rows; /* of this call */
    int n_empty;
    int is_covered; /* the offset reaches the horizon already */
};

static int bad_offset(const struct reader *r, const char *member)
{
    lh_str offset = H->json_raw(r->scan->offset);

    return lhs_fail(H, r->call, LH_E_OFFSET, "the offset's \"%s\" is none of this table: %.*s",
                    member, offset.n < 200 ? (int)offset.n : 200, offset.p);
}

static int take_seen(struct reader *r, const lh_json *ids)
{
    const lh_json *id = NULL;

    if (H->json_kind(ids) != LH_JSON_ARRAY)
        return ids ? bad_offset(r, "seen") : LH_OK;
    r->seen = H->alloc(r->call, (H->json_count(ids) + 1) * sizeof *r->seen);
    if (!r->seen)
        return LH_E_NOMEM;
    while ((id = H->json_next(ids, id, NULL))) {
        struct seen *seen = &r->seen[r->n_seen++];
        lh_str text = H->json_str(id);
        size_t at = text.n;

        while (at && text.p[at - 1] != '@')
            at--;
        if (!at || lhs_i64(lhs_n(text.p + at, text.n - at), &seen->second))
            return bad_offset(r, "seen");
        seen->id = lhs_n(text.p, at - 1);
    }
    return LH_OK;
}

/* A first run may be given {"start_time": S} alone, for a cursor export too. */
static int take_offset(struct reader *r)
{
    const lh_json *offset = r->scan->offset;
    const char *name = r->table->paging == LIST ? "after" : "cursor";
    const lh_json *cursor = H->json_get(offset, lhs_z(name));
    const lh_json *start = H->json_get(offset, LHS("start_time"));
    const lh_json *as_of = H->json_get(offset, LHS("as_of"));
    int64_t covered = lhs_time_ms(H->json_str(as_of));

    if (cursor && (H->json_kind(cursor) != LH_JSON_STRING || r->table->paging == TIME_EXPORT))
        return bad_offset(r, name);
    if (start &&
        (H->json_i64(start, &r->start_time) || r->start_time < 0 || r->table->paging == LIST))
        return bad_offset(r, "start_time");
    if (as_of && covered == LHS_NO_TIME)
        return bad_offset(r, "as_of");
    if (H->json_count(offset) && !cursor && !start && !as_of)
        return bad_offset(r, r->table->paging == TIME_EXPORT ? "start_time" : name);
    r->cursor = H->json_str(cursor);
    r->is_covered = as_of && covered >= r->scan->as_of_ms;
    return take_seen(r, H->json_get(offset, LHS("seen")));
}

static int begin(struct reader *r)
{
    const struct lh_scan *s = r->scan;
    lh_str start = lhs_z(H->opt(s->opts, "start_date"));
    int64_t time = start.n ? lhs_time_ms(start) : 0;
    int rc = find(r->call, s->table, &r->table);

    if (rc)
        return rc;
    if (s->end)
        return H->fail(r->call, LH_E_UNSUPPORTED,
                       LHS("Zendesk's cursors cannot be compared: no read ends at an offset"));
    r->start_time = time > 0 ? time / 1000 : 0;
    r->page_rows = r->table->paging == LIST ? LIST_ROWS : EXPORT_ROWS;
    if (s->max_rows && s->max_rows < (uint64_t)r->page_rows)
        r->page_rows = (int64_t)s->max_rows;
    r->most_rows = lhs_opt_i64(H, s->opts, "max_records_per_batch", 100000);
    r->out = H->out_new(r->call);
    return take_offset(r);
}

/* All rows so far belong to where the reader stands; is_end: and there are no more up to as_of. */
static int commit(struct reader *r, int is_end)
{
    char text[LHS_ISO_SIZE];
    const char *name = r->table->paging == LIST ? "after" : "cursor";

    H->out_begin(r->out, '{');
    if (is_end)
        lhs_out_str(H, r->out, LHS("as_of"), lhs_iso_at(text, r->scan->as_of_ms));
    if (r->cursor.n && !(is_end && r->table->paging == LIST))
        lhs_out_str(H, r->out, lhs_z(name), r->cursor);
    else if (r->table->paging != LIST)
        lhs_out_i64(H, r->out, LHS("start_time"), r->start_time);
    if (r->n_seen) {
        H->out_key(r->out, LHS("seen"));
        H->out_begin(r->out, '[');
        for (size_t i = 0; i < r->n_seen; i++)
            H->out_str(r->out, lhs_fmt(H, r->call, "%.*s@%lld", (int)r->seen[i].id.n,
                                       r->seen[i].id.p, (long long)r->seen[i].second));
        H->out_end(r->out);
    }
    H->out_end(r->out);
    return H->checkpoint(r->sink, H->out_done(r->out));
}

/* --- requests --------------------------------------------------------------------------------- */

/* url?name=number */
static lh_str with_number(lh_call *c, lh_str url, const char *name, int64_t number)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)number);

    return lhs_query(H, c, url, lhs_z(name), lhs_n(text, (size_t)n));
}

static struct lh_http_req request(const struct reader *r)
{
    lh_str url = lhs_z(r->table->path);
    struct lh_http_req q;

    if (r->table->paging == LIST) {
        url = with_number(r->call, url, "page[size]", r->page_rows);
        if (r->cursor.n)
            url = lhs_query(H, r->call, url, LHS("page[after]"), r->cursor);
    } else if (r->cursor.n) {
        url = lhs_query(H, r->call, url, LHS("cursor"), r->cursor);
    } else {
        url = with_number(r->call, url, "start_time", r->start_time);
    }
    if (r->table->paging == CURSOR_EXPORT)
        url = with_number(r->call, url, "per_page", r->page_rows);
    q = lhs_get(url);
    q.bucket = lhs_z(r->table->bucket);
    return q;
}

/* What Zendesk means by a status, where that is nothing that a host can know; NULL: it can. */
static const char *meaning_of(const struct table *t, int status)
{
    if (status == 404 && !strcmp(t->bucket, "help_center"))
        return "the account has no help center or no community, or the subdomain is another; "
               "leave the table out";
    if (status == 403 && t->paging != LIST)
        return "the export takes an admin, or an agent whose role allows it; use such a user's "
               "email and API token";
    return NULL;
}

/* An answer other than 200. */
static int refuse(const struct reader *r, const struct lh_http_resp *answer)
{
    const char *meaning = meaning_of(r->table, answer->status);

    if (meaning)
        return lhs_fail(H, r->call, answer->status == 404 ? LH_E_NOT_FOUND : LH_E_DENIED,
                        "Zendesk answers %d for %s: %s", (int)answer->status, r->table->name,
                        meaning);
    if ((answer->status == 400 || answer->status == 422) && r->table->paging != LIST && r->cursor.n)
        return lhs_fail(H, r->call, LH_E_OFFSET,
                        "Zendesk answers %d: it does not take the offset's cursor (any more); "
                        "read %s from the beginning, or from a {\"start_time\": SECONDS}",
                        (int)answer->status, r->table->name);
    return H->http_fail(r->call, answer);
}

/* --- exports ---------------------------------------------------------------------------------- */

struct page {
    const struct lh_http_resp *answer;
    const lh_json *rows;
    size_t n_rows;
    int is_last;      /* the source says so */
    int64_t earliest; /* time of a row, in milliseconds */
};

/* Zendesk advises smaller pages where an export times out; retrying is over when it shows here. */
static int ask(struct reader *r, struct page *ret)
{
    struct page page = {0};

    for (;;) {
        struct lh_http_req q = request(r);
        int rc = H->http(r->call, &q, &page.answer);

        if (rc)
            return rc;
        if (page.answer->status != 504 || r->table->paging != CURSOR_EXPORT ||
            r->page_rows / 2 < LEAST_EXPORT_ROWS)
            break;
        H->http_release(r->call, page.answer);
        r->page_rows /= 2;
    }
    if (page.answer->status != 200)
        return refuse(r, page.answer);
    page.rows = H->json_get(page.answer->json, lhs_z(r->table->member));
    page.n_rows = H->json_count(page.rows);
    page.is_last =
        H->json_kind(H->json_get(page.answer->json, LHS("end_of_stream"))) == LH_JSON_TRUE;
    page.earliest = INT64_MAX;
    if (H->json_kind(page.rows) != LH_JSON_ARRAY)
        return lhs_fail(H, r->call, LH_E_DATA, "an answer of Zendesk has no list \"%s\"",
                        r->table->member);
    *ret = page;
    return LH_OK;
}

/* When the row came to the export, in milliseconds; LHS_NO_TIME where it does not say. */
static int64_t time_of(const struct reader *r, const lh_json *row)
{
    const lh_json *time = H->json_get(row, lhs_z(r->table->time));
    int64_t seconds;

    if (H->json_kind(time) != LH_JSON_NUMBER)
        return lhs_time_ms(H->json_str(time));
    return H->json_i64(time, &seconds) || seconds < 0 || seconds > INT64_MAX / 1000
               ? LHS_NO_TIME
               : seconds * 1000;
}

/* A time export gives the rows of its first second once more. */
static int was_seen(const struct reader *r, const lh_json *row, int64_t time)
{
    lh_str id = H->json_str(H->json_get(row, LHS("id")));

    for (size_t i = 0; i < r->n_seen; i++)
        if (time / 1000 == r->seen[i].second && lhs_eq(id, r->seen[i].id))
            return 1;
    return 0;
}

static int is_deleted(const lh_json *row)
{
    return lhs_eq(H->json_str(H->json_get(row, LHS("status"))), LHS("deleted")) ||
           H->json_kind(H->json_get(row, LHS("active"))) == LH_JSON_FALSE ||
           H->json_kind(H->json_get(row, LHS("deleted_at"))) == LH_JSON_STRING;
}

/* The comments among an event's children; what the event knows comes first and counts. */
static int send_comments(struct reader *r, const lh_json *event)
{
    static const char *const of_event[] = {"ticket_id", "created_at", "timestamp"};
    const lh_json *children = H->json_get(event, LHS("child_events"));
    const lh_json *child = NULL;
    int rc = LH_OK;

    while (!rc && (child = H->json_next(children, child, NULL))) {
        if (!lhs_eq(H->json_str(H->json_get(child, LHS("event_type"))), LHS("Comment")))
            continue;
        H->out_begin(r->out, '{');
        for (size_t i = 0; i < sizeof of_event / sizeof *of_event; i++) {
            H->out_key(r->out, lhs_z(of_event[i]));
            H->out_json(r->out, H->json_get(event, lhs_z(of_event[i])));
        }
        H->out_key(r->out, LHS("audit_id"));
        H->out_json(r->out, H->json_get(event, LHS("id")));
        H->out_members(r->out, child, NULL, 0);
        H->out_end(r->out);
        rc = H->row_out(r->sink, LH_UPSERT, r->out);
    }
    return rc;
}

static int send_rows(struct reader *r, struct page *page)
{
    int has_comments = r->table->ingestion == LH_INGEST_APPEND;
    const lh_json *row = NULL;
    int rc = LH_OK;

    while (!rc && (row = H->json_next(page->rows, row, NULL))) {
        int64_t time = time_of(r, row);

        if (time < page->earliest) /* LHS_NO_TIME is before all times */
            page->earliest = time;
        if (was_seen(r, row, time))
            continue;
        rc = has_comments ? send_comments(r, row)
                          : H->row(r->sink, is_deleted(row) ? LH_DELETE : LH_UPSERT, row);
        r->n_rows++;
    }
    return rc;
}

/* A page without a sign of progress: the source may be behind, for a while. */
static int stalled(struct reader *r, const struct page *page)
{
    if (page->n_rows || ++r->n_empty == EMPTY_PAGES)
        return lhs_fail(H, r->call, LH_E_DATA,
                        "Zendesk says that there are more %s, and not where they begin",
                        r->table->name);
    return LH_OK;
}

static int move_cursor(struct reader *r, const struct page *page)
{
    lh_str after = H->json_str(H->json_get(page->answer->json, LHS("after_cursor")));

    if (!after.n || lhs_eq(after, r->cursor))
        return page->is_last ? LH_OK : stalled(r, page);
    r->n_empty = 0;
    r->cursor = lhs_dup(H, r->call, after);
    return r->cursor.p ? LH_OK : LH_E_NOMEM;
}

/* Which rows the next page, or the next run, gives once more when it begins with this second. */
static int keep_seen(struct reader *r, const struct page *page, int64_t start_time)
{
    const lh_json *row = NULL;

    r->n_seen = 0;
    r->seen = H->alloc(r->call, (page->n_rows + 1) * sizeof *r->seen);
    if (!r->seen)
        return LH_E_NOMEM;
    while ((row = H->json_next(page->rows, row, NULL))) {
        int64_t time = time_of(r, row);

        if (time == LHS_NO_TIME || time / 1000 < start_time)
            continue;
        r->seen[r->n_seen].second = time / 1000;
        r->seen[r->n_seen].id = lhs_dup(H, r->call, H->json_str(H->json_get(row, LHS("id"))));
        if (!r->seen[r->n_seen++].id.p)
            return LH_E_NOMEM;
    }
    return LH_OK;
}

/* No read begins behind its horizon, nor within the minute that Zendesk does not export yet. */
static int64_t latest_start(const struct reader *r)
{
    int64_t settled = H->now_ms(r->call) / 1000 - LATEST_S;
    int64_t horizon = r->scan->as_of_ms / 1000;

    return settled < horizon ? settled : horizon;
}

/*
 * The next page begins with the second in which this one ends. When this one holds nothing else,
 * there is no way to the rest of that second: they are reported missing, and the next one is tried.
 */
static int move_time(struct reader *r, struct page *page)
{
    int64_t latest = latest_start(r);
    int64_t end_time = -1;
    int rc;

    (void)H->json_i64(H->json_get(page->answer->json, LHS("end_time")), &end_time);
    if (end_time > latest) {
        end_time = latest;
        page->is_last = 1;
    }
    if (!page->n_rows && end_time <= r->start_time)
        return page->is_last ? LH_OK : stalled(r, page);
    if (end_time < r->start_time)
        return stalled(r, page);
    r->n_empty = 0;
    if (end_time == r->start_time && !page->is_last) {
        char what[64];
        int n = snprintf(what, sizeof what, "second %lld", (long long)end_time);

        r->n_seen = 0;
        r->start_time = end_time + 1;
        return H->partial(r->call, LH_E_DATA, lhs_n(what, (size_t)n),
                          LHS("more rows changed in this second than a page holds, and Zendesk "
                              "has no way to ask for the others"));
    }
    rc = keep_seen(r, page, end_time);
    r->start_time = end_time;
    return rc;
}

/*
 * Page after page, each with a checkpoint. It is over when the source says so, and when it is only
 * giving what came after the horizon, which in a busy account would go on for ever.
 */
static int read_export(struct reader *r)
{
    for (;;) {
        struct page page = {0};
        int is_end;
        int rc;

        if (!r->cursor.n && r->start_time > latest_start(r))
            return commit(r, 1); /* nothing yet, and Zendesk refuses to begin there */
        if ((rc = ask(r, &page)) || (rc = send_rows(r, &page)))
            return rc;
        rc = r->table->paging == CURSOR_EXPORT ? move_cursor(r, &page) : move_time(r, &page);
        if (rc)
            return rc;
        is_end = page.is_last || (page.n_rows && page.earliest > r->scan->as_of_ms);
        H->http_release(r->call, page.answer);
        if ((rc = commit(r, is_end)) || is_end)
            return rc;
        if (r->n_rows >= r->most_rows)
            return LH_MORE;
    }
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Where the next page begins; r->cursor becomes empty on the last one. */
static int move_list(struct reader *r, const lh_json *answer)
{
    const lh_json *meta = H->json_get(answer, LHS("meta"));
    lh_str after = H->json_str(H->json_get(meta, LHS("after_cursor")));
    int more = H->json_kind(H->json_get(meta, LHS("has_more")));

    if (more == LH_JSON_FALSE) {
        r->cursor = LHS("");
        return LH_OK;
    }
    if (more != LH_JSON_TRUE || !after.n || lhs_eq(after, r->cursor))
        return lhs_fail(H, r->call, LH_E_DATA,
                        "an answer of Zendesk does not say whether there are more %s, or where",
                        r->table->name);
    r->cursor = lhs_dup(H, r->call, after);
    return r->cursor.p ? LH_OK : LH_E_NOMEM;
}

static int read_list(struct reader *r)
{
    struct lhs_pages pages = lhs_pages(request(r));
    const struct lh_http_resp *answer;
    int rc;

    while (!(rc = lhs_page(H, r->call, &pages, &answer)) && answer) {
        const lh_json *rows = H->json_get(answer->json, lhs_z(r->table->member));

        if ((rc = move_list(r, answer->json)))
            return rc;
        lhs_pages_next(H, r->call, &pages, r->cursor.n ? request(r).url : LHS(""));
        if (H->json_kind(rows) != LH_JSON_ARRAY)
            return lhs_fail(H, r->call, LH_E_DATA, "an answer of Zendesk has no list \"%s\"",
                            r->table->member);
        if ((rc = H->rows(r->sink, LH_UPSERT, rows)) || (rc = commit(r, !r->cursor.n)))
            return rc;
    }
    return rc && pages.page && pages.page->status != 200 ? refuse(r, pages.page) : rc;
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct reader r = {.call = c, .scan = s, .sink = sink};
    int rc = begin(&r);

    (void)self;
    if (rc || r.is_covered)
        return rc;
    return r.table->paging == LIST ? read_list(&r) : read_export(&r);
}

/* --- check ------------------------------------------------------------------------------------ */

/* Whose token it is. Without good credentials Zendesk may answer 200, about nobody. */
static int check_user(lh_call *c, lh_sink *sink, int *ret_code)
{
    struct lh_http_req q = lhs_get(LHS("/api/v2/users/me.json"));
    const struct lh_http_resp *answer;
    const lh_json *user;
    lh_str role;
    int64_t id;
    int rc = H->http(c, &q, &answer);

    if (rc)
        return rc;
    user = H->json_get(answer->json, LHS("user"));
    role = H->json_str(H->json_get(user, LHS("role")));
    *ret_code = answer->status != 200                                   ? H->http_fail(c, answer)
                : H->json_i64(H->json_get(user, LHS("id")), &id) || !id ? LH_E_AUTH
                                                                        : LH_OK;
    return H->add_step(sink, LHS("user"), *ret_code,
                       *ret_code ? LHS("Zendesk does not take email and api_token")
                                 : lhs_fmt(H, c, "role %.*s", (int)role.n, role.n ? role.p : ""));
}

/* One row of a table; of the exports, what changed in the last hour. */
static int check_table(lh_call *c, const struct table *t, lh_sink *sink)
{
    struct reader r = {.call = c, .table = t, .page_rows = 1};
    const struct lh_http_resp *answer;
    struct lh_http_req q;
    const char *meaning;
    lh_str detail;
    int rc;

    r.start_time = H->now_ms(c) / 1000 - 3600;
    q = request(&r);
    rc = H->http(c, &q, &answer);
    if (rc)
        return rc;
    meaning = meaning_of(t, answer->status);
    detail = lhs_fmt(H, c, "HTTP status %d%s%s", (int)answer->status, meaning ? ": " : "",
                     meaning ? meaning : "");
    return H->add_step(sink, lhs_z(t->name), answer->status == 200 ? LH_OK : refuse(&r, answer),
                       detail);
}

static int check(lh_call *c, void *self, lh_sink *sink)
{
    int code = LH_OK;
    int rc = check_user(c, sink, &code);

    (void)self;
    for (size_t i = 0; i < N_TABLES && !rc && !code; i++)
        rc = check_table(c, &zendesk_tables[i], sink);
    return rc;
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
    "zendesk",
    LH_SPEC,
    open_source,
    close_source,
    list_tables,
    get_table_schema,
    read_table_metadata,
    read_table,
    check,
    NULL, /* list_namespaces */
    NULL, /* read_table_deletes: they come with the rows */
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
