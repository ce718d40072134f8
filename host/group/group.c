/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who runs where: tables are sorted, those that have a pipeline are kept in it, and each group of
 * the rest goes to pack.c. names.c calls what comes out by name, result.c reports it.
 */
#include "config.h"

#include "group/group.h"

#include "group/assign.h"
#include "group/pack.h"
#include <stdlib.h>

/* --- order -------------------------------------------------------------------------------------
 */

static lh_str slice_at(const struct lh_assign *a, size_t i, size_t offset)
{
    return *(const lh_str *)(const void *)((const char *)&a->items[i] + offset);
}

struct by_bytes {
    lh_str text;
    uint32_t *id;
};

static int by_text(const void *a, const void *b)
{
    return lh_str_cmp(((const struct by_bytes *)a)->text, ((const struct by_bytes *)b)->text);
}

/*
 * Numbers the different values of one field in byte order, so that everything after works on
 * numbers. Empty values get LH_NOBODY where `may_be_empty`.
 */
static void intern(struct lh_assign *a, size_t offset, bool may_be_empty, struct lh_names *names,
                   uint32_t *ids)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    struct by_bytes *sorted lh_autofree = NULL;
    size_t cap = 0;
    uint32_t *rank lh_autofree = NULL;
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++) {
        lh_str text = slice_at(a, i, offset);

        if (may_be_empty && !text.n) {
            ids[i] = LH_NOBODY;
            continue;
        }
        /* neighbours have mostly the same; a map's value is 1 + number */
        if (i && ids[i - 1] != LH_NOBODY && lh_str_eq(text, slice_at(a, i - 1, offset))) {
            ids[i] = ids[i - 1];
            continue;
        }
        if (!lh_map_has(&seen, text)) {
            sorted = lh_xgrow(sorted, n, &cap, sizeof *sorted);
            sorted[n].text = text;
            lh_map_set(&seen, text, (void *)(uintptr_t)++n);
        }
        ids[i] = (uint32_t)((uintptr_t)lh_map_get(&seen, text) - 1);
    }
    names->text = lh_xcalloc(n ? n : 1, sizeof *names->text);
    names->n = (uint32_t)n;
    rank = lh_xcalloc(n ? n : 1, sizeof *rank);
    for (size_t i = 0; i < n; i++)
        sorted[i].id = &rank[i];
    if (n)
        qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 0; i < n; i++) {
        *sorted[i].id = (uint32_t)i;
        names->text[i] = sorted[i].text;
    }
    for (size_t i = 0; i < a->n; i++)
        if (ids[i] != LH_NOBODY)
            ids[i] = rank[ids[i]];
}

/* Eight bytes of a table's name, as a number that orders like them. */
struct by_name {
    uint64_t key;
    uint32_t item;
};

static uint64_t name_key(lh_str name, size_t from)
{
    uint64_t key = 0;

    for (size_t i = from; i < from + 8; i++)
        key = key << 8 | (i < name.n ? (unsigned char)name.p[i] : 0);
    return key;
}

static int by_name(const void *a_, const void *b_, void *items_)
{
    const struct by_name *a = a_;
    const struct by_name *b = b_;
    const struct lh_group_item *items = items_;
    int order;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    order = lh_str_cmp(items[a->item].table, items[b->item].table);
    if (!order)
        order = lh_str_cmp(items[a->item].detail, items[b->item].detail);
    return order ? order : (a->item > b->item) - (a->item < b->item);
}

static size_t common_prefix(const struct lh_assign *a)
{
    lh_str first = a->n ? a->items[0].table : LH_STR("");
    size_t n = first.n;

    for (size_t i = 1; i < a->n && n; i++) {
        lh_str name = a->items[i].table;
        size_t k = 0;

        while (k < n && k < name.n && name.p[k] == first.p[k])
            k++;
        n = k;
    }
    return n;
}

/* The place of every item in the order of names. */
static void rank_names(struct lh_assign *a)
{
    struct by_name *sorted lh_autofree = lh_xcalloc(a->n ? a->n : 1, sizeof *sorted);
    size_t prefix = common_prefix(a);

    for (size_t i = 0; i < a->n; i++)
        sorted[i] = (struct by_name){name_key(a->items[i].table, prefix), (uint32_t)i};
    qsort_r(sorted, a->n, sizeof *sorted, by_name, (void *)(uintptr_t)a->items);
    for (size_t i = 0; i < a->n; i++)
        a->rank[sorted[i].item] = (uint32_t)i;
}

/* --- who stays ---------------------------------------------------------------------------------
 */

/* For each earlier pipeline and each `apart` in it: how many of its tables could stay. */
struct claim {
    uint32_t pipeline, apart, n;
};

static int by_claim(const void *a_, const void *b_)
{
    const struct claim *a = a_;
    const struct claim *b = b_;

    if (a->pipeline != b->pipeline)
        return a->pipeline < b->pipeline ? -1 : 1;
    return (a->apart > b->apart) - (a->apart < b->apart);
}

/*
 * The pipeline that a table would stay in, were it for its label alone; LH_NOBODY: any of its
 * group. Where labels win, one that names a part of a group ("core_02") means that part, and one
 * that names the group ("core") is content with the part that the table is in.
 */
static uint32_t candidate(const struct lh_assign *a, size_t i)
{
    uint32_t was = a->previous[i];
    uint32_t label = a->label[i];

    if (!a->options->labels_win)
        return was;
    if (was != LH_NOBODY && (a->named[label] == was || a->family[was] == label))
        return was;
    return a->base[label] != label ? a->named[label] : LH_NOBODY;
}

/* An earlier pipeline belongs to the `apart` that most of its tables have; to the first of equals.
 */
static void settle_claims(struct lh_assign *a)
{
    struct claim *claims lh_autofree = lh_xcalloc(a->n ? a->n : 1, sizeof *claims);
    uint32_t *most lh_autofree = lh_xcalloc(a->pipelines.n ? a->pipelines.n : 1, sizeof *most);
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++)
        if (candidate(a, i) != LH_NOBODY)
            claims[n++] = (struct claim){candidate(a, i), a->apart[i], 0};
    if (n)
        qsort(claims, n, sizeof *claims, by_claim);
    for (size_t i = 0, first = 0; i < n; i++) {
        if (by_claim(&claims[i], &claims[first]))
            first = i;
        if (++claims[first].n > most[claims[first].pipeline]) {
            most[claims[first].pipeline] = claims[first].n;
            a->owner[claims[first].pipeline] = claims[first].apart;
        }
    }
}

/*
 * Which group each item is of. One that stays is of its pipeline's group, one that does not of its
 * label's: group numbers are (label, apart), with pipelines of no label after the labels.
 */
static void choose_groups(struct lh_assign *a)
{
    for (size_t i = 0; i < a->n; i++) {
        uint32_t home = candidate(a, i);
        uint32_t family = a->base[a->label[i]];

        a->home[i] = LH_NOBODY;
        if (home != LH_NOBODY && a->owner[home] == a->apart[i]) {
            a->home[i] = home;
            family = a->family[home];
        }
        a->group[i] = (uint64_t)family << 32 | a->apart[i];
    }
}

/* --- one group ---------------------------------------------------------------------------------
 */

struct member {
    uint64_t group;
    uint64_t weight;
    uint32_t rank;
    uint32_t item;
};

static int by_group(const void *a_, const void *b_)
{
    const struct member *a = a_;
    const struct member *b = b_;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static int by_home(const void *a_, const void *b_, void *assign)
{
    const struct lh_assign *a = assign;
    uint32_t x = *(const uint32_t *)a_;
    uint32_t y = *(const uint32_t *)b_;

    if (a->number[x] != a->number[y])
        return a->number[x] < a->number[y] ? -1 : 1;
    return (x > y) - (x < y);
}

/* The earlier pipelines that members stay in, in order of their number. How many. */
static uint32_t collect_kept(struct lh_assign *a, const struct member *members, uint32_t n,
                             uint32_t *homes)
{
    uint32_t n_kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t home = a->home[members[i].item];

        if (home != LH_NOBODY && a->slot[home] == LH_NOBODY) {
            a->slot[home] = 0;
            homes[n_kept++] = home;
        }
    }
    qsort_r(homes, n_kept, sizeof *homes, by_home, a);
    for (uint32_t i = 0; i < n_kept; i++)
        a->slot[homes[i]] = i;
    return n_kept;
}

/* Takes a member out of the pipeline that it was in. */
static void evict(struct lh_assign *a, const struct member *m, struct lh_bin *bin)
{
    a->home[m->item] = LH_NOBODY;
    a->evicted[m->item] = true;
    bin->load -= m->weight;
    bin->tables--;
}

/*
 * Makes one pipeline hold what the caps say again, with as few tables leaving as can be: of
 * weights the heaviest, and as the last one the lightest that is enough; of counts the lightest.
 */
static void relieve(struct lh_assign *a, struct member *const *in, uint32_t n, struct lh_bin *bin,
                    const struct lh_pack *caps)
{
    uint32_t heaviest = 0;
    uint32_t lightest = n;

    while (bin->load > caps->max_weight) {
        uint64_t excess = bin->load - caps->max_weight;
        uint32_t i = heaviest;

        if (in[i]->weight < excess) {
            evict(a, in[heaviest++], bin);
            continue;
        }
        while (i + 1 < n && in[i + 1]->weight >= excess)
            i++;
        evict(a, in[i], bin);
    }
    while (bin->tables > caps->max_tables)
        if (a->home[in[--lightest]->item] != LH_NOBODY)
            evict(a, in[lightest], bin);
}

/* Fills the bins with who stays, and relieves those that are over a cap. */
static void keep(struct lh_assign *a, struct member *members, uint32_t n, struct lh_pack *pack)
{
    struct member **in lh_autofree = lh_xcalloc(n, sizeof(struct member *));
    uint32_t *begin lh_autofree = lh_xcalloc((size_t)pack->n_kept + 1, sizeof *begin);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t home = a->home[members[i].item];

        if (home == LH_NOBODY)
            continue;
        pack->bins[a->slot[home]].load += members[i].weight;
        begin[a->slot[home] + 1]++;
    }
    for (uint32_t b = 0; b < pack->n_kept; b++)
        begin[b + 1] += begin[b];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t home = a->home[members[i].item];

        if (home != LH_NOBODY)
            in[begin[a->slot[home]] + pack->bins[a->slot[home]].tables++] = &members[i];
    }
    for (uint32_t b = 0; b < pack->n_kept; b++)
        relieve(a, in + begin[b], pack->bins[b].tables, &pack->bins[b], pack);
}

static int by_rank(const void *a_, const void *b_, void *members_)
{
    const struct member *const *members = members_;
    uint32_t x = members[*(const uint32_t *)a_]->rank;
    uint32_t y = members[*(const uint32_t *)b_]->rank;

    return (x > y) - (x < y);
}

/* What pack.c works on: the members without a home. */
struct loose {
    const struct member **members;
    uint64_t *weights;
    uint32_t *by_name, *bin_of;
};

static void loose_free(struct loose *loose)
{
    free((void *)(uintptr_t)loose->members);
    free(loose->weights);
    free(loose->by_name);
    free(loose->bin_of);
}

static void collect_loose(struct lh_assign *a, const struct member *members, uint32_t n,
                          struct loose *loose, struct lh_pack *pack)
{
    loose->members = lh_xcalloc(n, sizeof(struct member *));
    loose->weights = lh_xcalloc(n, sizeof *loose->weights);
    loose->by_name = lh_xcalloc(n, sizeof *loose->by_name);
    loose->bin_of = lh_xcalloc(n, sizeof *loose->bin_of);
    for (uint32_t i = 0; i < n; i++) {
        if (a->home[members[i].item] != LH_NOBODY)
            continue;
        loose->members[pack->n] = &members[i];
        loose->weights[pack->n] = members[i].weight;
        loose->by_name[pack->n] = pack->n;
        pack->n++;
    }
    if (pack->balance != LH_BALANCE_NONE)
        qsort_r(loose->by_name, pack->n, sizeof *loose->by_name, by_rank,
                (void *)(uintptr_t)loose->members);
    pack->weights = loose->weights;
    pack->by_name = loose->by_name;
    pack->bin_of = loose->bin_of;
}

static uint64_t bound_of(const struct member *members, uint32_t n, uint32_t k)
{
    uint64_t *weights lh_autofree = lh_xcalloc(n, sizeof *weights);

    for (uint32_t i = 0; i < n; i++)
        weights[i] = members[i].weight;
    return lh_pack_lower_bound(weights, n, k);
}

static int too_few(const struct lh_assign *a, const struct member *members, uint32_t n,
                   uint32_t needed, struct lh_error *e)
{
    lh_str label = a->items[members[0].item].label;

    if (a->options->balance == LH_BALANCE_NONE)
        return lh_error_set(e, LH_INVALID,
                            "group %.*s has %u tables and a pipeline takes %u; --balance lpt "
                            "makes %u pipelines of it",
                            LH_STR_ARG(label), n, LH_PIPELINE_MAX_TABLES, needed);
    return lh_error_set(e, LH_INVALID,
                        "group %.*s: its %u tables do not fit into %u pipeline%s with these caps; "
                        "%u are enough",
                        LH_STR_ARG(label), n, a->options->pipelines,
                        a->options->pipelines == 1 ? "" : "s", needed);
}

/* The pipelines of one group, into the result; who stays keeps bin and name. */
static void note_group(struct lh_assign *a, const struct member *members, uint32_t n,
                       const struct lh_pack *pack, const struct loose *loose, const uint32_t *homes)
{
    uint32_t *at lh_autofree = lh_xcalloc(pack->n_bins, sizeof *at);
    size_t first = a->n_bins;

    for (uint32_t b = 0; b < pack->n_bins; b++) {
        if (!pack->bins[b].tables)
            continue;
        a->bins = lh_xgrow(a->bins, a->n_bins, &a->cap_bins, sizeof *a->bins);
        a->bins[a->n_bins++] = (struct lh_assign_bin){
            .home = b < pack->n_kept ? homes[b] : LH_NOBODY,
            .tables = pack->bins[b].tables,
            .load = pack->bins[b].load,
        };
        at[b] = (uint32_t)(a->n_bins - 1);
    }
    for (uint32_t i = 0; i < n; i++)
        if (a->home[members[i].item] != LH_NOBODY)
            a->bin_of[members[i].item] = at[a->slot[a->home[members[i].item]]];
    for (uint32_t i = 0; i < pack->n; i++)
        a->bin_of[loose->members[i]->item] = at[loose->bin_of[i]];
    a->groups = lh_xgrow(a->groups, a->n_groups, &a->cap_groups, sizeof *a->groups);
    a->groups[a->n_groups++] = (struct lh_assign_group){
        .id = members[0].group,
        .first = first,
        .n_bins = a->n_bins - first,
        .tables = n,
        .largest = lh_pack_largest(pack->bins, pack->n_bins),
        .lower_bound = bound_of(members, n, (uint32_t)(a->n_bins - first)),
    };
}

static int assign_group(struct lh_assign *a, struct member *members, uint32_t n, struct lh_error *e)
{
    const struct lh_group_options *o = a->options;
    __attribute__((cleanup(loose_free))) struct loose loose = {0};
    uint32_t *homes lh_autofree = lh_xcalloc(n, sizeof *homes);
    struct lh_bin *bins lh_autofree = NULL;
    struct lh_pack pack = {
        .balance = o->balance,
        .max_tables = o->max_tables ? o->max_tables : LH_PIPELINE_MAX_TABLES,
        .max_weight = o->max_weight ? o->max_weight : UINT64_MAX,
        .pipelines = o->pipelines,
    };
    uint32_t needed;

    pack.n_kept = collect_kept(a, members, n, homes);
    bins = pack.bins = lh_xcalloc((size_t)pack.n_kept + n, sizeof *bins);
    keep(a, members, n, &pack);
    collect_loose(a, members, n, &loose, &pack);
    needed = lh_pack_run(&pack);
    if (needed)
        return too_few(a, members, n, needed, e);
    note_group(a, members, n, &pack, &loose, homes);
    return 0;
}

static int assign_groups(struct lh_assign *a, struct lh_error *e)
{
    struct member *members lh_autofree = lh_xcalloc(a->n ? a->n : 1, sizeof *members);
    int code = 0;

    for (size_t i = 0; i < a->n; i++)
        members[i] = (struct member){a->group[i], a->items[i].weight, a->rank[i], (uint32_t)i};
    qsort(members, a->n, sizeof *members, by_group);
    for (size_t i = 0, end; !code && i < a->n; i = end) {
        for (end = i + 1; end < a->n && members[end].group == members[i].group; end++)
            ;
        code = assign_group(a, &members[i], (uint32_t)(end - i), e);
    }
    return code;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

static int check_item(const struct lh_group_item *item, const struct lh_group_options *o,
                      struct lh_error *e)
{
    if (item->weight < 1 || item->weight > LH_GROUP_MAX_WEIGHT)
        return lh_error_set(e, LH_INVALID, "table %.*s: its weight is %llu, not 1 to %llu",
                            LH_STR_ARG(item->table), (unsigned long long)item->weight,
                            (unsigned long long)LH_GROUP_MAX_WEIGHT);
    if (o->max_weight && item->weight > o->max_weight)
        return lh_error_set(e, LH_INVALID,
                            "table %.*s weighs %llu, more than a pipeline may hold (%llu); raise "
                            "--max-weight or lower the table's weight",
                            LH_STR_ARG(item->table), (unsigned long long)item->weight,
                            (unsigned long long)o->max_weight);
    return 0;
}

/* The first in order of name of those that are wrong: the same one whatever the order. */
static int check(const struct lh_assign *a, struct lh_error *e)
{
    const struct lh_group_options *o = a->options;
    size_t first = a->n;

    if (o->max_tables > LH_PIPELINE_MAX_TABLES)
        return lh_error_set(e, LH_INVALID, "a pipeline takes %u tables at most, not %u",
                            LH_PIPELINE_MAX_TABLES, o->max_tables);
    for (size_t i = 0; i < a->n; i++)
        if (check_item(&a->items[i], o, NULL) && (first == a->n || a->rank[i] < a->rank[first]))
            first = i;
    return first < a->n ? check_item(&a->items[first], o, e) : 0;
}

/* One block for what is counted by item; the pointers go into it. */
static void assign_begin(struct lh_assign *a)
{
    size_t n = a->n ? a->n : 1;

    a->rank = lh_xcalloc(n, sizeof *a->rank);
    a->label = lh_xcalloc(n, sizeof *a->label);
    a->apart = lh_xcalloc(n, sizeof *a->apart);
    a->previous = lh_xcalloc(n, sizeof *a->previous);
    a->home = lh_xcalloc(n, sizeof *a->home);
    a->bin_of = lh_xcalloc(n, sizeof *a->bin_of);
    a->group = lh_xcalloc(n, sizeof *a->group);
    a->evicted = lh_xcalloc(n, sizeof *a->evicted);
    rank_names(a);
    intern(a, offsetof(struct lh_group_item, label), false, &a->labels, a->label);
    intern(a, offsetof(struct lh_group_item, apart), false, &a->aparts, a->apart);
    intern(a, offsetof(struct lh_group_item, previous), true, &a->pipelines, a->previous);
    n = a->labels.n ? a->labels.n : 1;
    a->base = lh_xcalloc(n, sizeof *a->base);
    a->named = lh_xcalloc(n, sizeof *a->named);
    n = a->pipelines.n ? a->pipelines.n : 1;
    a->family = lh_xcalloc(n, sizeof *a->family);
    a->number = lh_xcalloc(n, sizeof *a->number);
    a->owner = lh_xcalloc(n, sizeof *a->owner);
    a->slot = lh_xmalloc(n * sizeof *a->slot);
    memset(a->slot, 0xff, n * sizeof *a->slot);
}

static void lh_assign_free(struct lh_assign *a)
{
    void *const all[] = {a->rank,    a->label,       a->apart,       a->previous,      a->home,
                         a->bin_of,  a->group,       a->family,      a->number,        a->owner,
                         a->slot,    a->base,        a->named,       a->bins,          a->groups,
                         a->evicted, a->labels.text, a->aparts.text, a->pipelines.text};

    for (size_t i = 0; i < LH_LEN(all); i++)
        free(all[i]);
}

int lh_group_assign(const struct lh_group_item *items, size_t n,
                    const struct lh_group_options *options, struct lh_group_result *ret,
                    struct lh_error *e)
{
    lh_auto(lh_assign) a = {.items = items, .n = n, .options = options};

    if (n >= LH_NOBODY / 4)
        return lh_error_set(e, LH_INVALID, "%zu tables are too many", n);
    assign_begin(&a);
    if (check(&a, e))
        return e ? e->code : LH_INVALID;
    lh_group_find_families(&a);
    settle_claims(&a);
    choose_groups(&a);
    if (assign_groups(&a, e))
        return e ? e->code : LH_INVALID;
    lh_group_finish(&a, ret);
    return 0;
}
