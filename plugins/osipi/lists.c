/* SPDX-License-Identifier: Apache-2.0 */
/* The tables whose rows are objects that the server lists, and what is made of such lists. */
#include "osipi.h"

#include <stdlib.h>

/* Room for one more; NULL: no memory. */
static void *grown(struct reader *r, void *items, size_t n, size_t *io_cap, size_t size)
{
    void *more = items;

    if (n == *io_cap) {
        *io_cap = *io_cap ? *io_cap * 2 : 64;
        more = H->alloc(r->call, *io_cap * size);
        if (more && n)
            memcpy(more, items, n * size);
    }
    return more;
}

/* --- a row for each object -------------------------------------------------------------------- */

static int each_row(struct reader *r, const struct node *node, void *context)
{
    (void)context;
    return node->item ? osipi_row(r, node, NULL, NULL) : LH_OK;
}

int osipi_read_list(struct reader *r)
{
    int rc = LH_OK;

    for (size_t i = 0; !rc && i < MOST_SETS && r->table->sets[i]; i++)
        rc = osipi_walk(r, r->table->sets[i], each_row, NULL);
    return rc;
}

/* --- points, counted -------------------------------------------------------------------------- */

struct kind {
    lh_str word, units;
    int64_t n;
};

struct kinds {
    struct kind *items;
    size_t n, cap;
};

static int by_name(const struct kind *a, const struct kind *b)
{
    int order = lhs_cmp(a->word, b->word);

    return order ? order : lhs_cmp(a->units, b->units);
}

/* The most frequent first. */
static int by_count(const void *a, const void *b)
{
    const struct kind *x = a;
    const struct kind *y = b;

    return x->n != y->n ? (x->n < y->n ? 1 : -1) : by_name(x, y);
}

static lh_str trimmed(lh_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
        s = lhs_n(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r' ||
                   s.p[s.n - 1] == '\n'))
        s.n--;
    return s;
}

static lh_str first_word(lh_str s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != '\r' && s.p[n] != '\n')
        n++;
    return n ? lhs_n(s.p, n) : LHS("Unknown");
}

static int each_counted(struct reader *r, const struct node *node, void *context)
{
    struct kinds *all = context;
    struct kind key = {first_word(trimmed(H->json_str(H->json_get(node->item, LHS("Descriptor"))))),
                       trimmed(H->json_str(H->json_get(node->item, LHS("EngineeringUnits")))), 1};
    size_t low = 0;
    size_t high = all->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = by_name(&key, &all->items[middle]);

        if (!order) {
            all->items[middle].n++;
            return LH_OK;
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    key.word = lhs_dup(H, r->call, key.word);
    key.units = lhs_dup(H, r->call, key.units);
    all->items = grown(r, all->items, all->n, &all->cap, sizeof key);
    if (!all->items || !key.word.p || !key.units.p)
        return LH_E_NOMEM;
    memmove(all->items + low + 1, all->items + low, (all->n - low) * sizeof key);
    all->items[low] = key;
    all->n++;
    return LH_OK;
}

static void compute_kind(struct reader *r, const struct column *column, const struct node *node,
                         void *context)
{
    const struct kind *kind = context;

    (void)node;
    if (!strcmp(column->name, "count_points"))
        H->out_i64(r->out, kind->n);
    else
        H->out_str(r->out, strcmp(column->name, "point_type") ? kind->units : kind->word);
}

int osipi_read_catalog(struct reader *r)
{
    struct kinds all = {NULL, 0, 0};
    int rc = osipi_walk(r, &osipi_points, each_counted, &all);

    if (!rc && all.n)
        qsort(all.items, all.n, sizeof all.items[0], by_count);
    for (size_t i = 0; !rc && i < all.n; i++)
        rc = osipi_row(r, NULL, compute_kind, &all.items[i]);
    return rc;
}

/* --- links ------------------------------------------------------------------------------------ */

struct link {
    lh_str rel;
    const lh_json *href;
};

static void compute_link(struct reader *r, const struct column *column, const struct node *node,
                         void *context)
{
    const struct link *link = context;

    (void)node;
    if (!strcmp(column->name, "rel"))
        H->out_str(r->out, link->rel);
    else
        H->out_json(r->out, link->href);
}

static int each_link(struct reader *r, const struct node *node, void *context)
{
    const lh_json *links = H->json_get(node->item, LHS("Links"));
    struct link link = {{NULL, 0}, NULL};
    int rc = LH_OK;

    (void)context;
    while (!rc && H->json_kind(links) == LH_JSON_OBJECT &&
           (link.href = H->json_next(links, link.href, &link.rel)))
        if (H->json_kind(link.href) == LH_JSON_STRING)
            rc = osipi_row(r, node, compute_link, &link);
    return rc;
}

int osipi_read_links(struct reader *r)
{
    int rc = LH_OK;

    for (size_t i = 0; !rc && i < MOST_SETS && r->table->sets[i]; i++)
        rc = osipi_walk(r, r->table->sets[i], each_link, NULL);
    return rc;
}

/* --- the hierarchy ---------------------------------------------------------------------------- */

struct inner {
    lh_str path, webid;
};

struct inners {
    struct inner *items;
    size_t n, cap;
};

static int by_path(const void *a, const void *b)
{
    return lhs_cmp(((const struct inner *)a)->path, ((const struct inner *)b)->path);
}

/* Of \\SERVER\DATABASE\A\B: how many names there are behind the database; A is at depth 0. */
static int64_t depth_of(lh_str path)
{
    int64_t n = 0;

    for (size_t i = 2; i < path.n; i++)
        n += path.p[i] == '\\';
    return n > 2 ? n - 2 : 0;
}

static lh_str parent_of(lh_str path)
{
    while (path.n && path.p[path.n - 1] != '\\')
        path.n--;
    path.n -= path.n > 0;
    return path;
}

static void compute_place(struct reader *r, const struct column *column, const struct node *node,
                          void *context)
{
    lh_str path = H->json_str(H->json_get(node->item, LHS("Path")));
    struct inner key = {parent_of(path), {NULL, 0}};
    const struct inners *all = context;
    const struct inner *found;

    if (!strcmp(column->name, "depth")) {
        H->out_i64(r->out, depth_of(path));
        return;
    }
    found =
        all->n && depth_of(path) ? bsearch(&key, all->items, all->n, sizeof key, by_path) : NULL;
    H->out_str(r->out, found ? found->webid : LHS(""));
}

static int each_inner(struct reader *r, const struct node *node, void *context)
{
    struct inners *all = context;
    struct inner *inner;

    if (H->json_kind(H->json_get(node->item, LHS("HasChildren"))) == LH_JSON_FALSE)
        return LH_OK;
    all->items = grown(r, all->items, all->n, &all->cap, sizeof *inner);
    if (!all->items)
        return LH_E_NOMEM;
    inner = &all->items[all->n++];
    inner->path = lhs_dup(H, r->call, H->json_str(H->json_get(node->item, LHS("Path"))));
    inner->webid = lhs_dup(H, r->call, node->webid);
    return inner->path.p && inner->webid.p ? LH_OK : LH_E_NOMEM;
}

static int each_element(struct reader *r, const struct node *node, void *context)
{
    return osipi_row(r, node, compute_place, context);
}

/*
 * Elements name no parent, only a path. So all that have children are asked for first, with no more
 * than their path, and then all of them page by page.
 */
int osipi_read_hierarchy(struct reader *r)
{
    struct inners all = {NULL, 0, 0};
    int rc = osipi_walk(r, &osipi_inner_elements, each_inner, &all);

    if (!rc && all.n)
        qsort(all.items, all.n, sizeof all.items[0], by_path);
    return rc ? rc : osipi_walk(r, &osipi_elements, each_element, &all);
}

/* --- attributes of elements ------------------------------------------------------------------- */

/* Whose attribute it is: of the element that was asked for, else of the one it links to. */
static lh_str element_of(const struct node *node)
{
    if (node->parent->set == &osipi_elements)
        return node->parent->webid;
    return osipi_last_segment(H->json_str(osipi_member(node->item, "Links.Element")));
}

static void compute_element(struct reader *r, const struct column *column, const struct node *node,
                            void *context)
{
    (void)column, (void)context;
    H->out_str(r->out, element_of(node));
}

static int each_attribute(struct reader *r, const struct node *node, void *context)
{
    if (!element_of(node).n)
        return lhs_fail(H, r->call, LH_E_DATA,
                        "attribute %.*s does not say which element it belongs to; name the "
                        "elements in the option element_webids",
                        (int)node->webid.n, node->webid.p);
    return osipi_row(r, node, compute_element, context);
}

/* Of named elements, or a sample of them, one by one; else of whole databases, page by page. */
int osipi_read_element_attributes(struct reader *r)
{
    int is_named = H->opt(r->scan->opts, "element_webids") != NULL;

    return osipi_walk(r, r->table->sets[is_named || r->limited], each_attribute, NULL);
}

/* --- rows of AF tables ------------------------------------------------------------------------ */

struct line {
    lh_str table;
    int64_t index;
    const lh_json *columns;
};

static void compute_line(struct reader *r, const struct column *column, const struct node *node,
                         void *context)
{
    const struct line *line = context;

    (void)node;
    if (!strcmp(column->name, "table_webid"))
        H->out_str(r->out, line->table);
    else if (!strcmp(column->name, "row_index"))
        H->out_i64(r->out, line->index);
    else
        H->out_json(r->out, line->columns);
}

/* startIndex and maxCount are about the rows of each table: the server gives all at once. */
static int each_table(struct reader *r, const struct node *node, void *context)
{
    int64_t most = lhs_opt_i64(H, r->scan->opts, "maxCount", INT64_MAX);
    struct line line = {node->webid, 0, NULL};
    const struct lh_http_resp *answer;
    const lh_json *rows;
    int rc;

    (void)context;
    osipi_clear(&r->url);
    osipi_add_z(r, &r->url, "/piwebapi/tables/");
    osipi_add_value(r, &r->url, node->webid);
    osipi_add_z(r, &r->url, "/data");
    if ((rc = osipi_get(r, 0, &answer)))
        return rc;
    rows = H->json_get(answer->json, LHS("Rows"));
    for (; !rc && (line.columns = H->json_next(rows, line.columns, NULL)); line.index++)
        if (line.index >= r->first_index && line.index - r->first_index < most)
            rc = osipi_row(r, NULL, compute_line, &line);
    H->http_release(r->call, answer);
    return rc;
}

int osipi_read_content(struct reader *r)
{
    return osipi_walk(r, &osipi_af_tables, each_table, NULL);
}
