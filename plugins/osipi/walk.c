/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of objects: asked for page by page, and gone through together with what they belong to. */
#include "osipi.h"

#define LARGE      100000 /* items of a list that has no startIndex */
#define MOST_EMPTY 10
#define CACHED_MS  600000 /* what every table asks first: servers, databases, points */
#define MOST_BYTES ((uint64_t)64 << 20)

/* --- requests --------------------------------------------------------------------------------- */

int osipi_is_broken(const lh_json *answer)
{
    int kind = H->json_kind(H->json_get(answer, LHS("WebException")));

    return kind != LH_JSON_NONE && kind != LH_JSON_NULL;
}

/* {"Errors": ["..."]}, {"Message": "..."}, or those below WebException. */
lh_str osipi_complaint(const lh_json *content)
{
    const lh_json *within = H->json_get(content, LHS("WebException"));
    const lh_json *errors;

    if (H->json_kind(within) == LH_JSON_OBJECT)
        content = within;
    errors = H->json_get(content, LHS("Errors"));
    if (H->json_kind(errors) == LH_JSON_ARRAY && H->json_count(errors))
        return H->json_str(H->json_next(errors, NULL, NULL));
    return H->json_str(H->json_get(content, LHS("Message")));
}

static struct lh_http_req request(const struct text *url, uint32_t cache_ms)
{
    struct lh_http_req q = lhs_get(osipi_str(url));

    q.cache_ms = cache_ms;
    q.max_bytes = MOST_BYTES;
    return q;
}

static int ask(struct reader *r, uint32_t cache_ms, const struct lh_http_resp **ret)
{
    struct lh_http_req q = request(&r->url, cache_ms);
    int rc = q.url.n ? H->http(r->call, &q, ret) : LH_E_NOMEM;

    if (!rc && (*ret)->status == 200 && osipi_is_broken((*ret)->json)) {
        lh_str why = osipi_complaint((*ret)->json);

        return lhs_fail(H, r->call, LH_E_UNAVAILABLE,
                        "the server broke off its answer: %.*s; try later", (int)why.n, why.p);
    }
    return rc;
}

int osipi_get(struct reader *r, uint32_t cache_ms, const struct lh_http_resp **ret)
{
    int rc = ask(r, cache_ms, ret);

    return rc || (*ret)->status == 200 ? rc : H->http_fail(r->call, *ret);
}

/* --- pages ------------------------------------------------------------------------------------ */

/* Whether the table's rows are the objects of this set, or points, which startIndex is about. */
static int is_counted(const struct reader *r, const struct set *set)
{
    return set == r->table->sets[0] || set == &osipi_points;
}

static int64_t page_size(const struct reader *r, const struct set *set)
{
    int64_t page = r->page;

    if (set == &osipi_points && page > 1000)
        page = 1000;
    return set == r->limited && r->enough < page ? r->enough : page;
}

static int64_t most_index(const struct reader *r, const struct set *set)
{
    return set == &osipi_points ? lhs_opt_i64(H, r->scan->opts, "maxTotalCount", INT64_MAX)
                                : INT64_MAX;
}

static void put_filters(struct reader *r, struct text *url, const struct set *set)
{
    const char *name = set->filter ? H->opt(r->scan->opts, "nameFilter") : NULL;
    const char *fields = set == r->table->sets[0] ? H->opt(r->scan->opts, "selectedFields") : NULL;

    if (name && *name)
        osipi_param(r, url, set->filter, lhs_z(name));
    if (fields && *fields)
        osipi_param(r, url, "selectedFields", lhs_z(fields));
    if (set == &osipi_points && r->table->way == BY_TAG)
        osipi_param(r, url, "selectedFields", LHS("Items.WebId;Links.Next"));
    if (set->is_timed) {
        osipi_param_time(r, url, "startTime", r->from);
        osipi_param_time(r, url, "endTime", r->to);
        osipi_param(r, url, "searchMode", lhs_z(H->opt(r->scan->opts, "searchMode")));
    }
}

static void make_url(struct reader *r, struct text *url, const struct set *set, lh_str parent,
                     int64_t index)
{
    osipi_clear(url);
    osipi_add_z(r, url, set->head);
    if (set->of) {
        osipi_add_value(r, url, parent);
        osipi_add_z(r, url, set->tail);
    }
    if (*set->query) {
        osipi_add_z(r, url, "?");
        osipi_add_z(r, url, set->query);
    }
    put_filters(r, url, set);
    if (set->paging == BY_INDEX) {
        osipi_param_i64(r, url, "startIndex", index);
        osipi_param_i64(r, url, "maxCount", page_size(r, set));
    } else if (set->paging == BY_SIZE) {
        osipi_param_i64(r, url, "maxCount", LARGE);
    }
}

static uint32_t cache_of(const struct reader *r, const struct set *set)
{
    int is_parent =
        set != r->table->sets[0] && (set == &osipi_data_servers || set == &osipi_points ||
                                     set == &osipi_asset_servers || set == &osipi_databases);

    return is_parent ? CACHED_MS : 0;
}

static void ask_ahead(struct reader *r, const struct set *set, lh_str parent, int64_t index,
                      uint32_t cache_ms)
{
    struct lh_http_req q;

    make_url(r, &r->ahead, set, parent, index);
    q = request(&r->ahead, cache_ms);
    if (q.url.n)
        H->http_prefetch(r->call, &q);
}

/*
 * The answer with the list. *ret is NULL when this parent's is missing and the read goes on: what
 * one asset database has taken away, or forbids, does not keep the others back.
 */
static int get_list(struct reader *r, const struct set *set, const struct node *parent,
                    uint32_t cache_ms, const struct lh_http_resp **ret)
{
    const struct lh_http_resp *answer;
    int rc = ask(r, cache_ms, &answer);
    lh_str why;

    *ret = NULL;
    if (rc)
        return rc;
    if (answer->status == 200) {
        if (H->json_kind(H->json_get(answer->json, LHS("Items"))) != LH_JSON_ARRAY)
            return lhs_fail(H, r->call, LH_E_DATA,
                            "%s: the answer has no Items; is there a PI "
                            "Web API at this address?",
                            set->what);
        *ret = answer;
        return LH_OK;
    }
    if (!parent || (answer->status != 404 && answer->status != 403))
        return H->http_fail(r->call, answer);
    why = osipi_complaint(answer->json);
    why = lhs_fmt(H, r->call, "%s: status %d %.*s", set->what, (int)answer->status, (int)why.n,
                  why.p);
    rc = H->partial(r->call, answer->status == 404 ? LH_E_NOT_FOUND : LH_E_DENIED, parent->webid,
                    why);
    H->http_release(r->call, answer);
    return rc;
}

static int is_wanted(const struct set *set, const lh_json *item)
{
    const lh_json *member;

    if (H->json_kind(H->json_get(item, LHS("WebId"))) != LH_JSON_STRING && !set->is_bare)
        return 0;
    if (!set->member)
        return 1;
    member = H->json_get(item, lhs_z(set->member));
    return lhs_eq(H->json_str(member), lhs_z(set->wanted));
}

/* --- levels ----------------------------------------------------------------------------------- */

/* What is done with each object of a set: its own objects are gone through in turn. */
struct level {
    const struct set *set;
    osipi_each *each;
    void *context;
};

static osipi_each walk_child;

/*
 * Asks for the lists of the objects that come next. Not where a walk ends behind so many objects:
 * how long the next list is to be is known behind this one, so the question would be another one.
 */
static const lh_json *children_ahead(struct reader *r, const struct level *level,
                                     const struct set *set, const lh_json *items,
                                     const lh_json *ahead, int64_t n)
{
    while (n-- > 0 && (ahead = H->json_next(items, ahead, NULL)))
        if (level->set != r->limited && is_wanted(set, ahead))
            ask_ahead(r, level->set, H->json_str(H->json_get(ahead, LHS("WebId"))), 0,
                      cache_of(r, level->set));
    return ahead;
}

/* Every object of one page. */
static int each_item(struct reader *r, const struct set *set, const struct node *parent,
                     const lh_json *items, osipi_each *each, void *context)
{
    const lh_json *item = NULL;
    const lh_json *ahead = NULL;
    int rc = LH_OK;
    int n_ahead = each == walk_child ? (int)r->self->max_inflight - 1 : 0;

    if (n_ahead > 0)
        ahead = children_ahead(r, context, set, items, H->json_next(items, NULL, NULL), n_ahead);
    while (!rc && (item = H->json_next(items, item, NULL))) {
        struct node node = {item, H->json_str(H->json_get(item, LHS("WebId"))), set, parent};

        if (n_ahead > 0 && ahead)
            ahead = children_ahead(r, context, set, items, ahead, 1);
        if (!is_wanted(set, item))
            continue;
        rc = each(r, &node, context);
        if (!rc && set == r->limited && --r->enough == 0)
            rc = ENOUGH;
    }
    return rc;
}

/* A page is known by its first WebId: a server without startIndex gives the first for ever. */
static uint64_t fingerprint(const lh_json *items)
{
    lh_str id = H->json_str(H->json_get(H->json_next(items, NULL, NULL), LHS("WebId")));
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < id.n; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * UINT64_C(1099511628211);
    return id.n ? hash : 0;
}

/* The pages of one list. */
struct pages {
    const struct set *set;
    const struct node *parent;
    int64_t index; /* of the next page */
    uint64_t print;
    int is_more;
    int n_empty; /* in a row */
};

/* What came empty is asked for again: an answer that was kept would be the same one. */
static uint32_t cache_of_page(const struct reader *r, const struct pages *p)
{
    return p->n_empty ? 0 : cache_of(r, p->set);
}

/* Where the next page begins: where the link says, else behind what came. */
static int64_t next_index(lh_str link, int64_t index, int64_t step)
{
    static const char name[] = "startIndex=";
    const size_t n = sizeof name - 1;
    int64_t said;

    for (size_t i = 0; i + n < link.n; i++) {
        size_t end = i + n;

        if (memcmp(link.p + i, name, n))
            continue;
        while (end < link.n && link.p[end] >= '0' && link.p[end] <= '9')
            end++;
        if (!lhs_i64(lhs_n(link.p + i + n, end - i - n), &said) && said >= index)
            return said;
    }
    return index + step;
}

/* Where the next page is, if there is one, and asks ahead for it. */
static int turn_page(struct reader *r, struct pages *p, const lh_json *answer, int64_t count)
{
    const lh_json *items = H->json_get(answer, LHS("Items"));
    lh_str link = H->json_str(osipi_member(answer, "Links.Next"));
    int64_t size = page_size(r, p->set);
    uint64_t print = fingerprint(items);

    if (print && print == p->print)
        return lhs_fail(H, r->call, LH_E_DATA,
                        "%s: the server gave the same page twice, at startIndex %lld", p->set->what,
                        (long long)p->index);
    p->print = print;
    p->n_empty = count ? 0 : p->n_empty + 1;
    if (p->n_empty > MOST_EMPTY)
        return lhs_fail(H, r->call, LH_E_DATA, "%s: nothing but empty pages, at startIndex %lld",
                        p->set->what, (long long)p->index);
    p->is_more = p->set->paging == BY_INDEX && (count >= size || link.n);
    p->index = p->is_more ? next_index(link, p->index, count ? count : size) : p->index + count;
    if (p->is_more && p->index < most_index(r, p->set) &&
        (p->set != r->limited || count < r->enough))
        ask_ahead(r, p->set, p->parent ? p->parent->webid : LHS(""), p->index, cache_of_page(r, p));
    if (p->set->paging == BY_SIZE && count >= LARGE)
        return H->partial(r->call, LH_E_LIMIT, lhs_z(p->set->what),
                          LHS("the server gives no more"));
    return LH_OK;
}

static int one_page(struct reader *r, struct pages *p, osipi_each *each, void *context)
{
    const struct lh_http_resp *answer;
    const lh_json *items;
    int rc;

    make_url(r, &r->url, p->set, p->parent ? p->parent->webid : LHS(""), p->index);
    rc = get_list(r, p->set, p->parent, cache_of_page(r, p), &answer);
    p->is_more = 0;
    if (rc || !answer)
        return rc;
    items = H->json_get(answer->json, LHS("Items"));
    rc = turn_page(r, p, answer->json, (int64_t)H->json_count(items));
    if (!rc)
        rc = each_item(r, p->set, p->parent, items, each, context);
    H->http_release(r->call, answer);
    return rc;
}

int osipi_pages(struct reader *r, const struct set *set, const struct node *parent,
                int64_t *io_index, osipi_each *each, int (*turn)(struct reader *r, void *context),
                void *context)
{
    struct pages p = {set, parent, *io_index, 0, 1, 0};
    int rc = LH_OK;

    while (!rc && p.is_more) {
        if (p.index >= most_index(r, set)) {
            H->log(r->call, LH_LOG_WARN,
                   LHS("there are more points than the option maxTotalCount allows"));
            return LH_OK;
        }
        rc = one_page(r, &p, each, context);
        if (rc)
            return rc;
        *io_index = p.index;
        if (turn)
            rc = turn(r, context);
    }
    return rc;
}

static int walk_child(struct reader *r, const struct node *node, void *context)
{
    const struct level *level = context;
    int64_t index = is_counted(r, level->set) ? r->first_index : 0;

    return osipi_pages(r, level->set, node, &index, level->each, NULL, level->context);
}

/* The WebIDs that stand for a set's list: of the table, else of the connection. */
static lh_str named(const struct reader *r, const struct set *set)
{
    lh_str list = lhs_z(set->option ? H->opt(r->scan->opts, set->option) : NULL);

    if (!list.n && set == &osipi_points && r->table->sets[0] && r->table->sets[0]->of == set)
        list = lhs_z(H->opt(r->self->opts, set->option));
    return list;
}

static int walk(struct reader *r, const struct set *set, osipi_each *each, void *context)
{
    struct level level = {set, each, context};
    lh_str list = named(r, set);
    size_t at = 0;
    int64_t index = is_counted(r, set) ? r->first_index : 0;
    int rc = LH_OK;

    if (list.n) {
        struct node node = {NULL, lhs_list_next(list, &at), set, NULL};

        for (; !rc && node.webid.n; node.webid = lhs_list_next(list, &at))
            rc = each(r, &node, context);
        return rc;
    }
    if (set->of)
        return walk(r, set->of, walk_child, &level);
    return osipi_pages(r, set, NULL, &index, each, NULL, context);
}

int osipi_walk(struct reader *r, const struct set *set, osipi_each *each, void *context)
{
    int rc = walk(r, set, each, context);

    if (rc != ENOUGH)
        return rc;
    if (r->limited != &osipi_points || r->table->way != BY_TAG)
        H->log(r->call, LH_LOG_WARN,
               lhs_fmt(H, r->call, "%s: the sample of %s is full; there may be more",
                       r->table->name, r->limited->what));
    return LH_OK;
}
