/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest grouped again: from rows to items and back; see regroup.h. */
#include "config.h"

#include "group/regroup.h"

#include "base/map.h"
#include "base/slug.h"
#include <stdlib.h>

struct regrouping {
    struct lh_manifest *m;
    const struct lh_regroup_wants *w;
    struct lh_group_item *items;
    size_t *repeated; /* rows whose source table is not alone in the manifest; mostly none */
    size_t n_repeated;
    uint32_t *copy; /* of rows with one source table in one group: which of them it is */
    size_t n_new, n_gone;
};

/* --- labels ------------------------------------------------------------------------------------
 */

static bool uses_category(enum lh_group_by by)
{
    return by == LH_GROUP_CATEGORY || by == LH_GROUP_CATEGORY_AND_INGESTION;
}

/* The category that a row is grouped by is written into it when it had none. */
static void fill_category(const struct regrouping *g, struct lh_manifest_row *row)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    if (*row->cells[LH_MF_CATEGORY])
        return;
    lh_classify(g->w->classifier, lh_str_z(row->cells[LH_MF_SOURCE_TABLE]), NULL, &b);
    row->cells[LH_MF_CATEGORY] = lh_manifest_keep(g->m, lh_buf_slice(&b));
}

/* Category and ingestion type are the same for many rows: one label for each pair. */
static const char *make_label(const struct regrouping *g, struct lh_map *labels,
                              struct lh_manifest_row *row)
{
    const char *ingestion = row->cells[LH_MF_INGESTION_TYPE];
    lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) label = LH_BUF_INIT(SIZE_MAX / 2);
    char *text;

    if (uses_category(g->w->by))
        fill_category(g, row);
    lh_buf_z(&key, row->cells[LH_MF_CATEGORY]);
    lh_buf_char(&key, '\0');
    lh_buf_z(&key, ingestion);
    text = lh_map_get(labels, lh_buf_slice(&key));
    if (text)
        return text;
    lh_group_label(g->w->by, lh_str_z(row->cells[LH_MF_CATEGORY]), lh_str_z(ingestion), &label);
    text = lh_arena_copy(&g->m->arena, lh_buf_slice(&label));
    lh_map_set(labels, lh_buf_slice(&key), text);
    return text;
}

/* Labels that lakehost makes are good as file name, key and SQL name from the beginning. */
static void make_labels(const struct regrouping *g)
{
    lh_auto(lh_map) labels = LH_MAP_INIT(NULL);
    lh_auto(lh_map) index = LH_MAP_INIT(NULL);
    lh_str *texts lh_autofree = NULL;
    const char **slugs;
    lh_str text;
    size_t at = 0;
    size_t n = 0;

    for (size_t i = 0; i < g->m->n_rows; i++) {
        text = lh_str_z(make_label(g, &labels, &g->m->rows[i]));
        g->items[i].label = text;
        if (!lh_map_has(&index, text))
            lh_map_set(&index, text, (void *)(uintptr_t)n++);
    }
    texts = lh_xcalloc(n ? n : 1, sizeof *texts);
    for (n = 0; lh_map_next(&index, &at, &text, NULL); n++)
        texts[n] = text;
    slugs = lh_slugs(texts, n, &g->m->arena);
    for (size_t i = 0; i < g->m->n_rows; i++)
        g->items[i].label = lh_str_z(slugs[(uintptr_t)lh_map_get(&index, g->items[i].label)]);
}

/* --- tables that were there --------------------------------------------------------------------
 */

/* What makes a table the same one as before. */
static void identify(const struct lh_manifest_row *row, struct lh_buf *to)
{
    const char *const parts[] = {
        row->cells[LH_MF_SOURCE_TABLE], row->cells[LH_MF_DESTINATION_CATALOG],
        row->cells[LH_MF_DESTINATION_SCHEMA], lh_manifest_destination(row)};

    lh_buf_reset(to);
    for (size_t i = 0; i < LH_LEN(parts); i++) {
        lh_buf_z(to, parts[i]);
        lh_buf_char(to, '\0');
    }
}

static void find_previous(struct regrouping *g)
{
    const struct lh_manifest *previous = g->w->previous;
    lh_auto(lh_map) known = LH_MAP_INIT(NULL);
    lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);

    for (size_t i = 0; i < previous->n_rows; i++) {
        identify(&previous->rows[i], &key);
        if (!lh_map_has(&known, lh_buf_slice(&key)))
            lh_map_set(&known, lh_buf_slice(&key), &previous->rows[i]);
    }
    g->n_gone = known.count;
    for (size_t i = 0; i < g->m->n_rows; i++) {
        const struct lh_manifest_row *row;

        identify(&g->m->rows[i], &key);
        row = lh_map_get(&known, lh_buf_slice(&key));
        if (row)
            g->items[i].previous = lh_str_z(row->cells[LH_MF_PIPELINE_GROUP]);
        /* a second row of the same table is a new one */
        if (row && lh_map_remove(&known, lh_buf_slice(&key)))
            g->n_gone--;
        else
            g->n_new++;
    }
}

/* --- source tables that stand several times ----------------------------------------------------
 */

/* Where they go is in the order of these: who has a pipeline first, then by destination. */
static int by_copy(const void *a_, const void *b_, void *items_)
{
    const struct lh_group_item *a = (struct lh_group_item *)items_ + *(const size_t *)a_;
    const struct lh_group_item *b = (struct lh_group_item *)items_ + *(const size_t *)b_;
    int order = lh_str_cmp(a->label, b->label);

    if (!order)
        order = lh_str_cmp(a->table, b->table);
    if (!order)
        order = lh_str_cmp(a->apart, b->apart);
    if (!order)
        order = (a->previous.n == 0) - (b->previous.n == 0);
    if (!order)
        order = lh_str_cmp(a->previous, b->previous);
    return order ? order : lh_str_cmp(a->detail, b->detail);
}

static bool share_a_pipeline(const struct lh_group_item *a, const struct lh_group_item *b)
{
    return lh_str_eq(a->label, b->label) && lh_str_eq(a->table, b->table) &&
           lh_str_eq(a->apart, b->apart);
}

/* Tables of one name are told apart by where they go, and then by their options. */
static void detail_of(const struct regrouping *g, size_t i)
{
    const struct lh_manifest_row *row = &g->m->rows[i];
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    identify(row, &b);
    lh_buf_z(&b, row->cells[LH_MF_TABLE_OPTIONS_JSON]);
    g->items[i].detail = lh_arena_str(&g->m->arena, lh_buf_slice(&b));
}

static void add_repeated(struct regrouping *g, size_t *cap, size_t row)
{
    g->repeated = lh_xgrow(g->repeated, g->n_repeated, cap, sizeof *g->repeated);
    g->repeated[g->n_repeated++] = row;
}

static void find_repeated(struct regrouping *g)
{
    lh_auto(lh_map) first = LH_MAP_INIT(NULL); /* 1 + row, or NULL once it is listed */
    size_t cap = 0;

    for (size_t i = 0; i < g->m->n_rows; i++) {
        lh_str table = g->items[i].table;
        uintptr_t before = (uintptr_t)lh_map_get(&first, table);

        if (!lh_map_has(&first, table)) {
            lh_map_set(&first, table, (void *)(uintptr_t)(i + 1));
            continue;
        }
        if (before) {
            add_repeated(g, &cap, before - 1);
            lh_map_set(&first, table, NULL);
        }
        add_repeated(g, &cap, i);
    }
}

static void number_copies(struct regrouping *g)
{
    find_repeated(g);
    for (size_t i = 0; i < g->n_repeated; i++)
        detail_of(g, g->repeated[i]);
    if (!g->n_repeated || !g->w->relabel)
        return;
    qsort_r(g->repeated, g->n_repeated, sizeof *g->repeated, by_copy, g->items);
    for (size_t i = 1; i < g->n_repeated; i++)
        if (share_a_pipeline(&g->items[g->repeated[i]], &g->items[g->repeated[i - 1]]))
            g->copy[g->repeated[i]] = g->copy[g->repeated[i - 1]] + 1;
}

/*
 * Copies within a group were kept apart, or were an error. What is left: one that stays in another
 * group's pipeline, where its like was put.
 */
static int check_repeated(const struct regrouping *g, const struct lh_group_result *r,
                          struct lh_error *e)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);

    for (size_t i = 0; i < g->n_repeated; i++) {
        uint32_t pipeline = r->pipeline_of[g->repeated[i]];

        lh_buf_reset(&key);
        lh_buf_u64(&key, pipeline);
        lh_buf_char(&key, ' ');
        lh_buf_str(&key, g->items[g->repeated[i]].table);
        if (!lh_map_set(&seen, lh_buf_slice(&key), NULL))
            return lh_error_set(e, LH_INVALID,
                                "pipeline %s would have the source table %.*s twice, which no "
                                "pipeline can; give one of them a pipeline_group of its own",
                                r->pipelines[pipeline].name,
                                LH_STR_ARG(g->items[g->repeated[i]].table));
    }
    return 0;
}

/* --- items -------------------------------------------------------------------------------------
 */

/* Connection, catalog and number of the copy, as one text; neighbours mostly share it. */
static void set_apart(struct regrouping *g, size_t i)
{
    const struct lh_manifest_row *row = &g->m->rows[i];
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    if (!*row->cells[LH_MF_CONNECTION_NAME] && !*row->cells[LH_MF_DESTINATION_CATALOG] &&
        !g->copy[i]) {
        g->items[i].apart = LH_STR("");
        return;
    }
    lh_buf_z(&b, row->cells[LH_MF_CONNECTION_NAME]);
    lh_buf_char(&b, '\0');
    lh_buf_z(&b, row->cells[LH_MF_DESTINATION_CATALOG]);
    if (g->copy[i])
        lh_buf_f(&b, "%c%010u", '\0', g->copy[i]);
    g->items[i].apart = i && lh_str_eq(g->items[i - 1].apart, lh_buf_slice(&b))
                            ? g->items[i - 1].apart
                            : lh_arena_str(&g->m->arena, lh_buf_slice(&b));
}

static void make_items(struct regrouping *g)
{
    for (size_t i = 0; i < g->m->n_rows; i++) {
        const struct lh_manifest_row *row = &g->m->rows[i];

        g->items[i].table = lh_str_z(row->cells[LH_MF_SOURCE_TABLE]);
        g->items[i].label = lh_str_z(row->cells[LH_MF_PIPELINE_GROUP]);
        g->items[i].weight = (uint64_t)lh_manifest_weight(row);
        set_apart(g, i);
    }
    if (g->w->relabel)
        make_labels(g);
    if (g->w->previous)
        find_previous(g);
    number_copies(g);
    for (size_t i = 0; i < g->m->n_rows; i++)
        if (g->copy[i])
            set_apart(g, i);
}

/* Every name that the earlier manifest has: not for new parts, also where nobody is left in it. */
static lh_str *retired_names(const struct lh_manifest *previous, size_t *ret_n)
{
    lh_str *names = NULL;
    size_t n = 0;
    size_t cap = 0;

    for (size_t i = 0; previous && i < previous->n_rows; i++) {
        lh_str name = lh_str_z(previous->rows[i].cells[LH_MF_PIPELINE_GROUP]);

        if (n && lh_str_eq(names[n - 1], name))
            continue;
        names = lh_xgrow(names, n, &cap, sizeof *names);
        names[n++] = name;
    }
    *ret_n = n;
    return names;
}

static int assign(const struct regrouping *g, struct lh_group_result *ret, struct lh_error *e)
{
    struct lh_group_options options = {
        .balance = g->w->balance,
        .max_tables = g->w->max_tables,
        .max_weight = g->w->max_weight,
        .pipelines = g->w->pipelines,
        .labels_win = !g->w->relabel,
    };
    lh_str *retired lh_autofree = retired_names(g->w->previous, &options.n_retired);

    options.retired = retired;
    return lh_group_assign(g->items, g->m->n_rows, &options, ret, e);
}

int lh_regroup(struct lh_manifest *m, const struct lh_regroup_wants *w, struct lh_regrouped *ret,
               struct lh_error *e)
{
    size_t n = m->n_rows ? m->n_rows : 1;
    struct lh_group_item *items lh_autofree = lh_xcalloc(n, sizeof *items);
    uint32_t *copy lh_autofree = lh_xcalloc(n, sizeof *copy);
    struct regrouping g = {.m = m, .w = w, .items = items, .copy = copy};
    size_t *repeated lh_autofree = NULL;
    lh_auto(lh_regrouped) r = {0};
    const char **names lh_autofree = NULL;
    int code;

    make_items(&g);
    repeated = g.repeated;
    code = assign(&g, &r.groups, e);
    if (!code)
        code = check_repeated(&g, &r.groups, e);
    if (code)
        return code;
    names = lh_xcalloc(r.groups.n_pipelines ? r.groups.n_pipelines : 1, sizeof *names);
    for (size_t i = 0; i < r.groups.n_pipelines; i++)
        names[i] = lh_manifest_keep(m, lh_str_z(r.groups.pipelines[i].name));
    for (size_t i = 0; i < m->n_rows; i++)
        m->rows[i].cells[LH_MF_PIPELINE_GROUP] = names[r.groups.pipeline_of[i]];
    lh_regroup_schedules(m, w, &r);
    r.n_new = g.n_new;
    r.n_gone = g.n_gone;
    *ret = r;
    r = (struct lh_regrouped){0};
    return 0;
}

void lh_regrouped_free(struct lh_regrouped *r)
{
    lh_group_result_free(&r->groups);
    free((void *)(uintptr_t)r->schedules);
}
