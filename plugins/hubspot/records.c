/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of one page: their records, what these are associated with, and how they are given out;
 * hubspot.h.
 *
 * Records are asked for by id, with the names of the properties in the body, so that no portal has
 * too many of them; and associations too, because a search does not tell them.
 */
#include "hubspot.h"

#include <stdlib.h>

#define RECORDS    (-1) /* among the kinds of links: the records themselves */
#define MANY_LINKS 500  /* associations of one record in an answer; HubSpot's bound */

int hubspot_id(const lh_json *value, int64_t *ret)
{
    int64_t id;

    if (lhs_i64(H->json_str(value), &id) || id < 0)
        return -1;
    *ret = id;
    return 0;
}

lh_str hubspot_next_after(const lh_json *page)
{
    return H->json_str(
        H->json_get(H->json_get(H->json_get(page, LHS("paging")), LHS("next")), LHS("after")));
}

/* --- the page --------------------------------------------------------------------------------- */

/* The names of all properties, once with commas and once as an array. */
static int take_names(struct page *p, const lh_json *list)
{
    const lh_json *item = NULL;
    size_t n = 0;
    char *text;

    while ((item = H->json_next(list, item, NULL)))
        n += H->json_str(H->json_get(item, LHS("name"))).n + 1;
    text = H->alloc(p->call, n + 1);
    if (!text)
        return LH_E_NOMEM;
    H->out_begin(p->body, '[');
    for (n = 0; (item = H->json_next(list, item, NULL));) {
        lh_str name = H->json_str(H->json_get(item, LHS("name")));

        if (!name.n)
            continue;
        H->out_str(p->body, name);
        name = lhs_pct(H, p->call, name);
        if (!name.p)
            return LH_E_NOMEM;
        if (n)
            text[n++] = ',';
        memcpy(text + n, name.p, name.n);
        n += name.n;
    }
    H->out_end(p->body);
    p->names = lhs_n(text, n);
    p->names_json = lhs_dup(H, p->call, H->json_raw(H->out_done(p->body)));
    return p->names_json.p ? LH_OK : LH_E_NOMEM;
}

int hubspot_page_open(lh_call *c, const struct table *t, int has_properties, struct page *ret)
{
    const lh_json *list;
    int rc;

    ret->call = c;
    ret->table = t;
    ret->body = H->out_new(c);
    ret->out = H->out_new(c);
    if (!has_properties)
        return LH_OK;
    rc = hubspot_ask_properties(c, t, &list);
    return rc ? rc : take_names(ret, list);
}

void hubspot_page_clear(struct page *p)
{
    for (size_t i = 0; i < p->n_answers; i++)
        H->http_release(p->call, p->answers[i]);
    p->n_answers = p->n_rows = p->n_links = 0;
}

void hubspot_page_keep(struct page *p, const struct lh_http_resp *answer)
{
    p->answers[p->n_answers++] = answer;
}

int hubspot_page_add(struct page *p, const lh_json *id, const lh_json *record)
{
    lh_str text = H->json_raw(id);

    if (p->n_rows == SEARCH_ROWS)
        return H->fail(p->call, LH_E_DATA, LHS("HubSpot sent more records than were asked for"));
    if (hubspot_id(id, &p->rows[p->n_rows].id))
        return lhs_fail(H, p->call, LH_E_DATA, "the id of a record of %.*s is no number: %.*s",
                        (int)p->table->name.n, p->table->name.p, (int)(text.n < 64 ? text.n : 64),
                        text.n ? text.p : "");
    p->rows[p->n_rows++].record = record;
    return LH_OK;
}

/* --- batches: answers for up to BATCH_ROWS ids ------------------------------------------------ */

/* kind: RECORDS, or of a link. The body is good until the next one is made. */
static struct lh_http_req batch(struct page *p, int kind, size_t first)
{
    const char *type = lhs_pct(H, p->call, p->table->type).p;
    char id[24];
    lh_str url;

    if (kind == RECORDS)
        url = lhs_fmt(H, p->call, "/crm/v3/objects/%s/batch/read?archived=false", type);
    else
        url = lhs_fmt(H, p->call, "/crm/v4/associations/%s/%s/batch/read", type,
                      p->table->object->links[kind]);
    H->out_begin(p->body, '{');
    if (kind == RECORDS) {
        H->out_key(p->body, LHS("properties"));
        H->out_raw(p->body, p->names_json);
    }
    H->out_key(p->body, LHS("inputs"));
    H->out_begin(p->body, '[');
    for (size_t i = first; i < p->n_rows && i < first + BATCH_ROWS; i++) {
        int n = snprintf(id, sizeof id, "%lld", (long long)p->rows[i].id);

        H->out_begin(p->body, '{');
        lhs_out_str(H, p->body, LHS("id"), lhs_n(id, (size_t)n));
        H->out_end(p->body);
    }
    H->out_end(p->body);
    H->out_end(p->body);
    return lhs_post(url, H->json_raw(H->out_done(p->body)));
}

/* That an id is not there, or nothing is associated with it, is no error. */
static int check_errors(struct page *p, const lh_json *errors)
{
    const lh_json *error = NULL;

    while ((error = H->json_next(errors, error, NULL))) {
        lh_str category = H->json_str(H->json_get(error, LHS("category")));
        lh_str detail = H->json_str(H->json_get(error, LHS("subCategory")));

        if (!lhs_eq(category, LHS("OBJECT_NOT_FOUND")) &&
            !lhs_eq(detail, LHS("crm.associations.NO_ASSOCIATIONS_FOUND")))
            return lhs_fail(
                H, p->call, LH_E_UNAVAILABLE, "HubSpot could not look up all records of %.*s: %.*s",
                (int)p->table->name.n, p->table->name.p, (int)(category.n < 200 ? category.n : 200),
                category.n ? category.p : "");
    }
    return LH_OK;
}

/* Multi-Status says that some of the ids have errors. */
static int ask_batch(struct page *p, int kind, size_t first, const struct lh_http_resp **ret)
{
    struct lh_http_req q = batch(p, kind, first);
    const struct lh_http_resp *answer;
    int rc = H->http(p->call, &q, &answer);

    if (rc)
        return rc;
    if (answer->status != 200 && answer->status != 207)
        return hubspot_refuse(p->call, p->table, answer);
    rc = check_errors(p, H->json_get(answer->json, LHS("errors")));
    if (!rc && H->json_kind(H->json_get(answer->json, LHS("results"))) != LH_JSON_ARRAY)
        rc = H->fail(p->call, LH_E_DATA, LHS("an answer of HubSpot has no list \"results\""));
    if (!rc)
        *ret = answer;
    return rc;
}

/* The row with this id among those of the batch; NULL: there is none. */
static struct row *row_of(struct page *p, size_t first, const lh_json *id)
{
    int64_t wanted;

    if (hubspot_id(id, &wanted))
        return NULL;
    for (size_t i = first; i < p->n_rows && i < first + BATCH_ROWS; i++)
        if (p->rows[i].id == wanted)
            return &p->rows[i];
    return NULL;
}

/* All but the first, which is asked for next. */
void hubspot_page_prefetch(struct page *p)
{
    for (size_t first = 0; first < p->n_rows; first += BATCH_ROWS)
        for (int kind = first ? RECORDS : 0; kind < 0 || p->table->object->links[kind]; kind++) {
            struct lh_http_req q = batch(p, kind, first);

            H->http_prefetch(p->call, &q);
        }
}

int hubspot_page_records(struct page *p)
{
    for (size_t first = 0; first < p->n_rows; first += BATCH_ROWS) {
        const struct lh_http_resp *answer;
        const lh_json *record = NULL;
        const lh_json *results;
        int rc = ask_batch(p, RECORDS, first, &answer);

        if (rc)
            return rc;
        hubspot_page_keep(p, answer);
        results = H->json_get(answer->json, LHS("results"));
        while ((record = H->json_next(results, record, NULL))) {
            struct row *row = row_of(p, first, H->json_get(record, LHS("id")));

            if (row)
                row->record = record;
        }
    }
    return LH_OK;
}

/* --- links ------------------------------------------------------------------------------------ */

static int add_link(struct page *p, const struct row *row, int kind, const lh_json *to)
{
    struct link *link;

    if (p->n_links == p->most_links) {
        size_t most = p->most_links ? 2 * p->most_links : 1024;
        struct link *more = H->alloc(p->call, most * sizeof *more);

        if (!more)
            return LH_E_NOMEM;
        if (p->n_links)
            memcpy(more, p->links, p->n_links * sizeof *more);
        p->links = more;
        p->most_links = most;
    }
    link = &p->links[p->n_links];
    link->row = (uint32_t)(row - p->rows);
    link->kind = (uint32_t)kind;
    if (hubspot_id(to, &link->to))
        return lhs_fail(H, p->call, LH_E_DATA, "a record of %.*s is associated with no id",
                        (int)p->table->name.n, p->table->name.p);
    p->n_links++;
    return LH_OK;
}

static int add_links(struct page *p, const struct row *row, int kind, const lh_json *list,
                     lh_str member)
{
    const lh_json *item = NULL;
    int rc = LH_OK;

    while (!rc && (item = H->json_next(list, item, NULL)))
        rc = add_link(p, row, kind, H->json_get(item, member));
    return rc;
}

/* All associations of one record that has more of them than other answers hold. */
static int ask_links(struct page *p, const struct row *row, int kind)
{
    lh_str url = lhs_fmt(H, p->call, "/crm/v4/objects/%s/%lld/associations/%s?limit=%d",
                         lhs_pct(H, p->call, p->table->type).p, (long long)row->id,
                         p->table->object->links[kind], MANY_LINKS);
    struct lhs_pages pages = lhs_pages(lhs_get(url));
    const struct lh_http_resp *answer;
    int rc;

    while (!(rc = lhs_page(H, p->call, &pages, &answer)) && answer) {
        lh_str after = hubspot_next_after(answer->json);

        lhs_pages_next(H, p->call, &pages,
                       after.n ? lhs_query(H, p->call, url, LHS("after"), after) : LHS(""));
        rc = add_links(p, row, kind, H->json_get(answer->json, LHS("results")), LHS("toObjectId"));
        if (rc)
            return rc;
    }
    return rc && pages.page ? hubspot_refuse(p->call, p->table, pages.page) : rc;
}

static int take_links(struct page *p, int kind, size_t first, const lh_json *results)
{
    const lh_json *item = NULL;
    int rc = LH_OK;

    while (!rc && (item = H->json_next(results, item, NULL))) {
        const struct row *row =
            row_of(p, first, H->json_get(H->json_get(item, LHS("from")), LHS("id")));

        if (!row)
            continue;
        rc = hubspot_next_after(item).n
                 ? ask_links(p, row, kind)
                 : add_links(p, row, kind, H->json_get(item, LHS("to")), LHS("toObjectId"));
    }
    return rc;
}

int hubspot_page_links(struct page *p)
{
    for (size_t first = 0; first < p->n_rows; first += BATCH_ROWS)
        for (int kind = 0; p->table->object->links[kind]; kind++) {
            const struct lh_http_resp *answer;
            int rc = ask_batch(p, kind, first, &answer);

            if (!rc)
                rc = take_links(p, kind, first, H->json_get(answer->json, LHS("results")));
            if (rc)
                return rc;
            H->http_release(p->call, answer);
        }
    return LH_OK;
}

int hubspot_page_inline_links(struct page *p)
{
    int rc = LH_OK;

    for (size_t i = 0; i < p->n_rows; i++) {
        const lh_json *all = H->json_get(p->rows[i].record, LHS("associations"));

        for (int kind = 0; !rc && p->table->object->links[kind]; kind++) {
            const lh_json *some = H->json_get(all, lhs_z(p->table->object->links[kind]));

            rc =
                hubspot_next_after(some).n
                    ? ask_links(p, &p->rows[i], kind)
                    : add_links(p, &p->rows[i], kind, H->json_get(some, LHS("results")), LHS("id"));
        }
    }
    return rc;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int by_row_and_id(const void *a, const void *b)
{
    const struct link *x = a;
    const struct link *y = b;

    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* The ids in a column, each once: a record may be associated in several ways. */
static const struct link *send_links(struct page *p, uint32_t row, uint32_t kind,
                                     const struct link *link)
{
    const struct link *end = p->links + p->n_links;
    const struct link *before = NULL;
    char id[24];

    H->out_begin(p->out, '[');
    for (; link < end && link->row == row && link->kind == kind; before = link++) {
        int n = snprintf(id, sizeof id, "%lld", (long long)link->to);

        if (!before || before->to != link->to)
            H->out_str(p->out, lhs_n(id, (size_t)n));
    }
    H->out_end(p->out);
    return link;
}

static const struct link *build_row(struct page *p, uint32_t row, const struct link *link)
{
    static const char *const plain[] = {"id", "createdAt", "updatedAt", "archived"};
    const lh_json *record = p->rows[row].record;
    const char *const *links = p->table->object->links;

    H->out_begin(p->out, '{');
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        H->out_key(p->out, lhs_z(plain[i]));
        H->out_json(p->out, H->json_get(record, lhs_z(plain[i])));
    }
    for (uint32_t kind = 0; links[kind]; kind++) {
        H->out_key(p->out, lhs_z(links[kind]));
        link = send_links(p, row, kind, link);
    }
    H->out_key(p->out, LHS("properties"));
    H->out_json(p->out, H->json_get(record, LHS("properties")));
    H->out_end(p->out);
    return link;
}

int hubspot_page_send(struct page *p, lh_sink *sink)
{
    const struct link *link = p->links;
    int rc = LH_OK;

    if (p->n_links)
        qsort(p->links, p->n_links, sizeof *p->links, by_row_and_id);
    for (uint32_t i = 0; !rc && i < p->n_rows; i++) {
        while (link < p->links + p->n_links && link->row < i)
            link++; /* of a record that was archived meanwhile */
        if (!p->rows[i].record)
            continue;
        link = build_row(p, i, link);
        rc = H->row_out(sink, LH_UPSERT, p->out);
    }
    return rc;
}
