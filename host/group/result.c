/* SPDX-License-Identifier: Apache-2.0 */
/* Names of pipelines, and the report about them; see group.h for both. */
#include "config.h"

#include "group/assign.h"

#include "base/buf.h"
#include <stdlib.h>

/* --- names -------------------------------------------------------------------------------------
 */

static uint32_t find(const struct lh_names *names, lh_str text)
{
    uint32_t low = 0;
    uint32_t high = names->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = lh_str_cmp(names->text[middle], text);

        if (!order)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return LH_NOBODY;
}

/* "core_02": 2, and its stem; 0 for what has no number of this kind. */
static uint32_t split_number(lh_str name, lh_str *ret_stem)
{
    size_t digits = 0;
    uint32_t number = 0;

    while (digits < name.n && digits < 9 && name.p[name.n - digits - 1] >= '0' &&
           name.p[name.n - digits - 1] <= '9')
        digits++;
    if (digits < 2 || name.n < digits + 2 || name.p[name.n - digits - 1] != '_')
        return 0;
    if (digits > 2 && name.p[name.n - digits] == '0')
        return 0;
    for (size_t i = name.n - digits; i < name.n; i++)
        number = number * 10 + (uint32_t)(name.p[i] - '0');
    *ret_stem = lh_str_n(name.p, name.n - digits - 1);
    return number >= 2 ? number : 0;
}

/* The label that a numbered name is a part of, and its number; LH_NOBODY: it is not one. */
static uint32_t whole_of(const struct lh_assign *a, lh_str name, uint32_t *ret_number)
{
    lh_str stem = {0};
    uint32_t number = split_number(name, &stem);
    uint32_t label = number ? find(&a->labels, stem) : LH_NOBODY;

    if (label != LH_NOBODY)
        *ret_number = number;
    return label;
}

void lh_group_find_families(struct lh_assign *a)
{
    for (uint32_t i = 0; i < a->labels.n; i++) {
        uint32_t number;
        uint32_t whole = whole_of(a, a->labels.text[i], &number);

        a->named[i] = find(&a->pipelines, a->labels.text[i]);
        a->base[i] = i;
        if (a->options->labels_win && a->named[i] != LH_NOBODY && whole != LH_NOBODY)
            a->base[i] = a->base[whole]; /* a shorter name: it came before */
    }
    for (uint32_t i = 0; i < a->pipelines.n; i++) {
        uint32_t label = find(&a->labels, a->pipelines.text[i]);

        a->number[i] = 1;
        if (label == LH_NOBODY || a->base[label] != label)
            label = whole_of(a, a->pipelines.text[i], &a->number[i]);
        a->family[i] = label == LH_NOBODY ? a->labels.n + i : a->base[label];
    }
}

/* Names that a new part of a group may not have. */
static void reserve(const struct lh_assign *a, struct lh_map *taken)
{
    for (uint32_t i = 0; i < a->labels.n; i++)
        lh_map_set(taken, a->labels.text[i], NULL);
    for (uint32_t i = 0; i < a->pipelines.n; i++)
        lh_map_set(taken, a->pipelines.text[i], NULL);
    for (size_t i = 0; i < a->options->n_retired; i++)
        lh_map_set(taken, a->options->retired[i], NULL);
}

/* The lowest numbered name of a label that is nobody's; *number is where to look, and goes on. */
static char *next_name(lh_str label, struct lh_map *taken, uint32_t *number)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(label.n + 16);

    do {
        lh_buf_reset(&b);
        lh_buf_str(&b, label);
        lh_buf_f(&b, "_%02u", ++*number);
    } while (!lh_map_set(taken, lh_buf_slice(&b), NULL));
    return lh_buf_take(&b);
}

static char *copy(lh_str s)
{
    return lh_xmemdup0(s.n ? s.p : "", s.n);
}

/* Which earlier pipelines are still there: their names are in use. */
static void find_kept(const struct lh_assign *a, bool *kept)
{
    for (size_t i = 0; i < a->n_bins; i++)
        if (a->bins[i].home != LH_NOBODY)
            kept[a->bins[i].home] = true;
}

static bool label_is_kept(const struct lh_assign *a, const bool *kept, lh_str label)
{
    uint32_t pipeline = find(&a->pipelines, label);

    return pipeline != LH_NOBODY && kept[pipeline];
}

/* Groups of one label follow each other, so its name and numbers go on from one to the next. */
static void name_pipelines(const struct lh_assign *a, struct lh_group_result *r)
{
    lh_auto(lh_map) taken = LH_MAP_INIT(NULL);
    bool *kept lh_autofree = lh_xcalloc(a->pipelines.n ? a->pipelines.n : 1, sizeof *kept);
    uint32_t label = LH_NOBODY;
    uint32_t number = 1;
    bool used = false;

    reserve(a, &taken);
    find_kept(a, kept);
    for (size_t i = 0; i < a->n_bins; i++) {
        uint32_t family = (uint32_t)(a->groups[r->pipelines[i].group].id >> 32);

        if (a->bins[i].home != LH_NOBODY) {
            r->pipelines[i].name = copy(a->pipelines.text[a->bins[i].home]);
            continue;
        }
        if (family != label) {
            label = family;
            number = 1;
            used = label_is_kept(a, kept, a->labels.text[label]);
        }
        r->pipelines[i].is_new = true;
        r->pipelines[i].name =
            used ? next_name(a->labels.text[label], &taken, &number) : copy(a->labels.text[label]);
        used = true;
    }
}

/* --- the report --------------------------------------------------------------------------------
 */

static void fill_groups(const struct lh_assign *a, struct lh_group_result *r)
{
    for (size_t i = 0; i < a->n_groups; i++) {
        const struct lh_assign_group *from = &a->groups[i];
        struct lh_group *to = &r->groups[i];
        uint32_t family = (uint32_t)(from->id >> 32);

        *to = (struct lh_group){
            .label = family < a->labels.n ? a->labels.text[family]
                                          : a->pipelines.text[family - a->labels.n],
            .apart = a->aparts.text[(uint32_t)from->id],
            .first = from->first,
            .n_pipelines = from->n_bins,
            .tables = from->tables,
            .largest = from->largest,
            .lower_bound = from->lower_bound,
        };
        for (size_t b = from->first; b < from->first + from->n_bins; b++) {
            r->pipelines[b] = (struct lh_group_pipeline){
                .group = i, .tables = a->bins[b].tables, .load = a->bins[b].load};
            to->load += a->bins[b].load;
        }
        if (from->largest > r->largest)
            r->largest = from->largest;
        if (from->lower_bound > r->lower_bound)
            r->lower_bound = from->lower_bound;
    }
}

static int by_item_rank(const void *a_, const void *b_, void *rank_)
{
    const uint32_t *rank = rank_;
    uint32_t x = rank[((const struct lh_group_move *)a_)->item];
    uint32_t y = rank[((const struct lh_group_move *)b_)->item];

    return (x > y) - (x < y);
}

static enum lh_move_reason reason_of(const struct lh_assign *a, size_t i)
{
    if (a->evicted[i])
        return LH_MOVE_CAP;
    if (a->options->labels_win &&
        (a->home[i] != LH_NOBODY || a->family[a->previous[i]] != a->base[a->label[i]]))
        return LH_MOVE_LABEL;
    return LH_MOVE_APART;
}

static void fill_moves(const struct lh_assign *a, struct lh_group_result *r)
{
    size_t cap = 0;

    for (size_t i = 0; i < a->n; i++) {
        lh_str was = a->items[i].previous;

        if (a->previous[i] == LH_NOBODY || lh_str_eqz(was, r->pipelines[r->pipeline_of[i]].name))
            continue;
        r->moves = lh_xgrow(r->moves, r->n_moves, &cap, sizeof *r->moves);
        r->moves[r->n_moves++] = (struct lh_group_move){i, was, reason_of(a, i)};
    }
    if (r->n_moves)
        qsort_r(r->moves, r->n_moves, sizeof *r->moves, by_item_rank, a->rank);
}

void lh_group_finish(struct lh_assign *a, struct lh_group_result *ret)
{
    struct lh_group_result r = {
        .pipelines = lh_xcalloc(a->n_bins ? a->n_bins : 1, sizeof *r.pipelines),
        .n_pipelines = a->n_bins,
        .groups = lh_xcalloc(a->n_groups ? a->n_groups : 1, sizeof *r.groups),
        .n_groups = a->n_groups,
        .pipeline_of = lh_take(a->bin_of),
    };

    fill_groups(a, &r);
    name_pipelines(a, &r);
    fill_moves(a, &r);
    *ret = r;
}

void lh_group_result_free(struct lh_group_result *r)
{
    for (size_t i = 0; i < r->n_pipelines; i++)
        free(r->pipelines[i].name);
    free(r->pipelines);
    free(r->groups);
    free(r->moves);
    free(r->pipeline_of);
}
