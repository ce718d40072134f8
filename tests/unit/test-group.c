/* SPDX-License-Identifier: Apache-2.0 */
/* Which table runs in which pipeline: the rules by example, and on random tables. */
#include "config.h"
#include "tap.h"

#include "base/buf.h"
#include "group/group.h"

#include <stdlib.h>

enum { MOST = 4000 };

struct table {
    char name[32];
    char label[16];
    char apart[16];
    char previous[24];
    uint64_t weight;
};

static struct table tables[MOST];
static struct lh_group_item items[MOST];
static uint64_t seed = 88172645463325252ULL;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static void set(size_t i, const char *name, const char *label, const char *apart, uint64_t weight,
                const char *previous)
{
    struct table *t = &tables[i];

    if (name != t->name)
        snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->label, sizeof t->label, "%s", label);
    snprintf(t->apart, sizeof t->apart, "%s", apart);
    snprintf(t->previous, sizeof t->previous, "%s", previous);
    t->weight = weight;
}

static const struct lh_group_item *as_items(size_t n)
{
    for (size_t i = 0; i < n; i++)
        items[i] = (struct lh_group_item){
            .table = lh_str_z(tables[i].name),
            .label = lh_str_z(tables[i].label),
            .apart = lh_str_z(tables[i].apart),
            .previous = lh_str_z(tables[i].previous),
            .weight = tables[i].weight,
        };
    return items;
}

static struct lh_group_result assign(size_t n, const struct lh_group_options *options)
{
    struct lh_group_result r = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_group_assign(as_items(n), n, options, &r, &e);

    is_int(code, 0, "assigned");
    is_str(lh_error_text(&e), "", "no error");
    return r; /* empty when it was not */
}

static const char *name_of(const struct lh_group_result *r, size_t item)
{
    return r->pipelines[r->pipeline_of[item]].name;
}

static void refused(size_t n, const struct lh_group_options *options, const char *message)
{
    struct lh_group_result r = {.n_groups = 77};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_group_assign(as_items(n), n, options, &r, &e), LH_INVALID, "refused");
    is_str(lh_error_text(&e), message, "message");
    is_int((int)r.n_groups, 77, "the result is untouched");
}

/* Tables t000, t001, ... of one label, with random weights up to `heaviest`. */
static void make_random(size_t n, uint64_t heaviest)
{
    char name[32];

    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "t%03zu", i);
        set(i, name, "core", "", 1 + draw(heaviest), "");
    }
}

/* --- what is promised about every result -------------------------------------------------------
 */

struct sums {
    size_t tables;
    uint64_t load;
    const char *apart;
};

/* Sums, caps and what must not mix, counted once more from the assignment. */
static bool is_sound(const struct lh_group_result *r, size_t n, const struct lh_group_options *o)
{
    struct sums *sums = lh_xcalloc(r->n_pipelines + 1, sizeof *sums);
    uint64_t largest = 0;
    bool good = true;

    for (size_t i = 0; i < n; i++) {
        struct sums *s = &sums[r->pipeline_of[i]];

        good = good && r->pipeline_of[i] < r->n_pipelines;
        good = good && (!s->apart || strcmp(s->apart, tables[i].apart) == 0);
        s->apart = tables[i].apart;
        s->tables++;
        s->load += tables[i].weight;
    }
    for (size_t i = 0; i < r->n_pipelines; i++) {
        good = good && sums[i].tables && sums[i].tables == r->pipelines[i].tables;
        good = good && sums[i].load == r->pipelines[i].load;
        good = good && sums[i].tables <= (o->max_tables ? o->max_tables : LH_PIPELINE_MAX_TABLES);
        good = good && (!o->max_weight || sums[i].load <= o->max_weight);
        largest = sums[i].load > largest ? sums[i].load : largest;
        for (size_t j = 0; j < i; j++)
            good = good && strcmp(r->pipelines[i].name, r->pipelines[j].name) != 0;
    }
    free(sums);
    return good && largest == r->largest && r->lower_bound <= r->largest;
}

static size_t count_moves(const struct lh_group_result *r, size_t n)
{
    size_t moves = 0;

    for (size_t i = 0; i < n; i++)
        moves += tables[i].previous[0] && strcmp(tables[i].previous, name_of(r, i)) != 0;
    return moves;
}

/* The best largest load that there is: every way to put n weights into k bins. */
static uint64_t optimum(const uint64_t *weights, size_t n, uint64_t *loads, size_t k, uint64_t best)
{
    if (!n) {
        uint64_t largest = 0;

        for (size_t i = 0; i < k; i++)
            largest = loads[i] > largest ? loads[i] : largest;
        return largest < best ? largest : best;
    }
    for (size_t i = 0; i < k; i++) {
        if (loads[i] + weights[0] >= best)
            continue;
        loads[i] += weights[0];
        best = optimum(weights + 1, n - 1, loads, k, best);
        loads[i] -= weights[0];
        if (!loads[i])
            break; /* empty bins are all alike */
    }
    return best;
}

static void test_bound(void)
{
    bool good = true;

    for (int round = 0; round < 300; round++) {
        size_t n = 2 + draw(8);
        uint32_t k = 1 + (uint32_t)draw(4);
        struct lh_group_options o = {.balance = LH_BALANCE_LPT, .pipelines = k};
        struct lh_group_result r = {0};
        uint64_t weights[10], loads[4] = {0}, best;

        make_random(n, 1 + draw(100));
        for (size_t i = 0; i < n; i++)
            weights[i] = tables[i].weight;
        best = optimum(weights, n, loads, k, UINT64_MAX);
        good = good && !lh_group_assign(as_items(n), n, &o, &r, NULL) && is_sound(&r, n, &o);
        /* Graham 1969: 4/3 - 1/(3K) of the optimum */
        good = good && r.largest * 3 * k <= best * (4 * k - 1) && r.lower_bound <= best;
        if (!good)
            printf("# round %d: %zu tables, %u pipelines: %llu, best %llu, bound %llu\n", round, n,
                   k, (unsigned long long)r.largest, (unsigned long long)best,
                   (unsigned long long)r.lower_bound);
        lh_group_result_free(&r);
        if (!good)
            break;
    }
    ok(good, "never beyond 4/3 - 1/(3K) of the best, and the lower bound is one");
}

static void test_caps(void)
{
    static const enum lh_balance how[] = {LH_BALANCE_CHUNK, LH_BALANCE_LPT};
    bool good = true;

    for (int round = 0; round < 200 && good; round++) {
        size_t n = 1 + draw(120);
        struct lh_group_options o = {.balance = how[draw(2)]};
        struct lh_group_result r = {0};

        make_random(n, 50);
        for (size_t i = 0; i < n; i++)
            set(i, tables[i].name, draw(3) ? "core" : "side", draw(2) ? "a" : "b", tables[i].weight,
                draw(2) ? (draw(2) ? "core" : "core_02") : "");
        if (draw(2))
            o.max_tables = 1 + (uint32_t)draw(20);
        if (draw(2))
            o.max_weight = 50 + draw(100);
        o.labels_win = draw(2);
        good = !lh_group_assign(as_items(n), n, &o, &r, NULL) && is_sound(&r, n, &o) &&
               r.n_moves == count_moves(&r, n);
        if (!good)
            printf("# round %d: %zu tables, max_tables %u, max_weight %llu\n", round, n,
                   o.max_tables, (unsigned long long)o.max_weight);
        lh_group_result_free(&r);
    }
    ok(good, "caps hold, what is apart stays apart, names differ, sums are right");
}

static void test_not_worse_than_chunks(void)
{
    bool good = true;

    for (int round = 0; round < 300 && good; round++) {
        size_t n = 2 + draw(200);
        struct lh_group_options lpt = {.balance = LH_BALANCE_LPT};
        struct lh_group_options chunk = {.balance = LH_BALANCE_CHUNK};
        struct lh_group_result a = {0}, b = {0};

        make_random(n, 1 + draw(30));
        if (draw(2))
            lpt.pipelines = chunk.pipelines = 1 + (uint32_t)draw(n);
        else
            lpt.max_tables = chunk.max_tables = 1 + (uint32_t)draw(40);
        good = !lh_group_assign(as_items(n), n, &lpt, &a, NULL) &&
               !lh_group_assign(as_items(n), n, &chunk, &b, NULL) &&
               a.n_pipelines == b.n_pipelines && a.largest <= b.largest;
        lh_group_result_free(&a);
        lh_group_result_free(&b);
    }
    ok(good, "lpt is never worse than chunk in as many pipelines");
}

static void test_random_weights(void)
{
    static const size_t counts[] = {500, 1000, 2000, MOST};

    for (size_t i = 0; i < LH_LEN(counts); i++) {
        struct lh_group_options o = {.balance = LH_BALANCE_LPT, .pipelines = 100};
        struct lh_group_result r;

        make_random(counts[i], 1000);
        r = assign(counts[i], &o);
        ok(r.largest * 100 <= r.lower_bound * 101,
           "%zu tables in 100 pipelines: %llu is at most 1.01 of %llu", counts[i],
           (unsigned long long)r.largest, (unsigned long long)r.lower_bound);
        lh_group_result_free(&r);
    }
}

static void shuffle(size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = draw(i);
        struct table t = tables[i - 1];

        tables[i - 1] = tables[j];
        tables[j] = t;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct table *)a)->name, ((const struct table *)b)->name);
}

/* "t001=core_02 t002=core ...": which table is where, in order of name. */
static char *as_text(const struct lh_group_result *r, size_t n)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    struct table *copy = lh_xcalloc(n, sizeof *copy);

    memcpy(copy, tables, n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        snprintf(copy[i].previous, sizeof copy[i].previous, "%s", name_of(r, i));
    qsort(copy, n, sizeof *copy, by_name);
    for (size_t i = 0; i < n; i++)
        lh_buf_f(&b, "%s=%s ", copy[i].name, copy[i].previous);
    free(copy);
    for (size_t i = 0; i < r->n_pipelines; i++)
        lh_buf_f(&b, "%s:%zu ", r->pipelines[i].name, r->pipelines[i].tables);
    return lh_buf_take(&b);
}

static void test_order(void)
{
    static const enum lh_balance how[] = {LH_BALANCE_NONE, LH_BALANCE_CHUNK, LH_BALANCE_LPT};

    for (size_t h = 0; h < LH_LEN(how); h++) {
        struct lh_group_options o = {
            .balance = how[h], .pipelines = h ? 7 : 0, .labels_win = h == 2};
        char *first lh_autofree = NULL;
        bool good = true;

        make_random(300, 5);
        for (size_t i = 0; i < 300; i++)
            set(i, tables[i].name,
                i % 3   ? "core"
                : i % 2 ? "side"
                        : "core_02",
                i % 5 ? "a" : "b", tables[i].weight,
                i % 7 == 0    ? "core_02"
                : i % 11 == 0 ? "gone"
                              : "");
        for (int round = 0; round < 20; round++) {
            struct lh_group_result r;
            char *text lh_autofree = NULL;

            shuffle(300);
            r = assign(300, &o);
            if (!r.pipeline_of)
                break;
            text = as_text(&r, 300);
            if (!first)
                first = lh_take(text);
            else
                good = good && strcmp(first, text) == 0;
            lh_group_result_free(&r);
        }
        ok(good && first, "balance %zu: the same from every order of the input", h);
    }
}

static void remember(const struct lh_group_result *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        snprintf(tables[i].previous, sizeof tables[i].previous, "%s", name_of(r, i));
}

static void test_stable(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_LPT, .max_tables = 25, .max_weight = 1200};
    struct lh_group_result r;
    char *before lh_autofree = NULL;
    char *after lh_autofree = NULL;
    size_t pipelines;

    make_random(1010, 100);
    r = assign(1000, &o);
    pipelines = r.n_pipelines;
    before = as_text(&r, 1000);
    remember(&r, 1000);
    lh_group_result_free(&r);

    r = assign(1000, &o);
    after = as_text(&r, 1000);
    is_str(after, before, "once more: the same");
    is_int((int)r.n_moves, 0, "once more: nothing moves");
    lh_group_result_free(&r);

    r = assign(1010, &o);
    ok(is_sound(&r, 1010, &o), "1 %% more: caps hold");
    is_int((int)r.n_moves, 0, "1 %% more: nothing moves");
    ok(r.n_pipelines >= pipelines, "1 %% more: no pipeline is gone");
    lh_group_result_free(&r);

    r = assign(990, &o);
    is_int((int)r.n_moves, 0, "1 %% less: nothing moves");
    lh_group_result_free(&r);
}

/* --- rules by example --------------------------------------------------------------------------
 */

static void test_none(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_NONE};
    struct lh_group_result r;

    set(0, "b", "core", "", 5, "");
    set(1, "a", "core", "", 7, "");
    set(2, "c", "activity", "", 1, "");
    r = assign(3, &o);
    is_int((int)r.n_pipelines, 2, "a pipeline for each label");
    is_str(name_of(&r, 0), "core", "b");
    is_str(name_of(&r, 1), "core", "a");
    is_str(r.pipelines[0].name, "activity", "labels in order");
    is_int((int)r.largest, 12, "largest load");
    is_int((int)r.lower_bound, 12, "lower bound");
    lh_group_result_free(&r);

    r = assign(0, &o);
    is_int((int)r.n_pipelines, 0, "no tables, no pipelines");
    lh_group_result_free(&r);
}

static void test_names(void)
{
    static const lh_str retired[] = {LH_STR_INIT("core_04")};
    struct lh_group_options o = {
        .balance = LH_BALANCE_CHUNK, .max_tables = 1, .retired = retired, .n_retired = 1};
    struct lh_group_result r;

    set(0, "a", "core", "", 1, "");
    set(1, "b", "core", "", 1, "");
    set(2, "c", "core", "", 1, "");
    set(3, "d", "core_02", "", 1, "");
    r = assign(4, &o);
    is_str(name_of(&r, 0), "core", "the first part keeps the name");
    is_str(name_of(&r, 1), "core_03", "core_02 is a label");
    is_str(name_of(&r, 2), "core_05", "core_04 was somebody's");
    is_str(name_of(&r, 3), "core_02", "the label itself");
    lh_group_result_free(&r);

    make_random(101, 1);
    r = assign(101, &(struct lh_group_options){.balance = LH_BALANCE_CHUNK, .max_tables = 1});
    is_str(name_of(&r, 98), "core_99", "two digits");
    is_str(name_of(&r, 99), "core_100", "then three");
    lh_group_result_free(&r);
}

static void test_apart(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_NONE};
    struct lh_group_result r;

    set(0, "a", "core", "main", 1, "");
    set(1, "b", "core", "other", 1, "");
    set(2, "c", "core", "main", 1, "");
    r = assign(3, &o);
    is_str(name_of(&r, 0), "core", "a");
    is_str(name_of(&r, 1), "core_02", "another catalog, another pipeline");
    is_str(name_of(&r, 2), "core", "c");
    is_int((int)r.n_groups, 2, "two groups");
    lh_group_result_free(&r);

    /* b was with the others, and there are two of them */
    for (size_t i = 0; i < 3; i++)
        snprintf(tables[i].previous, sizeof tables[i].previous, "core_07");
    r = assign(3, &o);
    is_str(name_of(&r, 0), "core_07", "the most stay");
    is_str(name_of(&r, 1), "core", "the label's own name is free");
    is_int((int)r.n_moves, 1, "one moved");
    is_int((int)r.moves[0].item, 1, "b");
    is_int(r.moves[0].reason, LH_MOVE_APART, "because of its catalog");
    lh_group_result_free(&r);
}

static void test_labels_win(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_LPT, .labels_win = true};
    struct lh_group_result r;

    set(0, "a", "core", "", 1, "core_02"); /* a part of its label */
    set(1, "b", "core", "", 1, "activity");
    set(2, "c", "activity", "", 1, "activity");
    r = assign(3, &o);
    is_str(name_of(&r, 0), "core_02", "a stays");
    is_str(name_of(&r, 1), "core_02", "b goes to its label");
    is_int(r.moves[0].reason, LH_MOVE_LABEL, "because of its label");
    lh_group_result_free(&r);

    o.labels_win = false;
    r = assign(3, &o);
    is_str(name_of(&r, 1), "activity", "b stays otherwise");
    is_int((int)r.n_moves, 0, "nothing moves");
    lh_group_result_free(&r);
}

/* What an earlier run called core_02 is a part of core still, also in the rows of its manifest. */
static void test_parts(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_LPT, .labels_win = true, .max_tables = 2};
    struct lh_group_result r;

    set(0, "a", "core", "", 1, "core");
    set(1, "b", "core", "", 1, "core");
    set(2, "c", "core_02", "", 1, "core_02");
    set(3, "d", "core", "", 1, "");     /* somebody adds a table to the group */
    set(4, "e", "sales_02", "", 1, ""); /* a group of this name, and no part */
    set(5, "f", "sales", "", 1, "");
    r = assign(6, &o);
    is_int((int)r.n_moves, 0, "nothing moves");
    is_str(name_of(&r, 3), "core_02", "the new one goes where there is room");
    is_str(name_of(&r, 4), "sales_02", "a group of its own");
    is_str(name_of(&r, 5), "sales", "and the other one");
    is_int((int)r.n_groups, 3, "core, sales, sales_02");
    is_int((int)r.groups[0].n_pipelines, 2, "core has two pipelines");
    lh_group_result_free(&r);

    set(1, "b", "core_02", "", 1, "core"); /* somebody puts b there by hand */
    r = assign(3, &o);
    is_str(name_of(&r, 1), "core_02", "the part that the label names");
    is_int((int)r.n_moves, 1, "b moved");
    is_int(r.moves[0].reason, LH_MOVE_LABEL, "because of its label");
    lh_group_result_free(&r);
}

static void test_relieve(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_LPT, .max_weight = 100};
    struct lh_group_result r;

    set(0, "a", "core", "", 70, "core");
    set(1, "b", "core", "", 25, "core");
    set(2, "c", "core", "", 15, "core");
    set(3, "d", "core", "", 5, "core");
    r = assign(4, &o); /* 115: c is the lightest that is enough */
    is_int((int)r.n_moves, 1, "one table moves");
    is_int((int)r.moves[0].item, 2, "the lightest that is enough");
    is_int(r.moves[0].reason, LH_MOVE_CAP, "because of the cap");
    is_str(name_of(&r, 2), "core_02", "into a new part");
    lh_group_result_free(&r);

    o = (struct lh_group_options){.balance = LH_BALANCE_LPT, .max_tables = 2};
    r = assign(4, &o);
    is_int((int)r.n_moves, 2, "of counts as many as are too many");
    is_str(name_of(&r, 0), "core", "the heaviest stays");
    is_str(name_of(&r, 3), "core_02", "the lightest goes");
    lh_group_result_free(&r);
}

static void test_pipelines_asked(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_LPT, .pipelines = 2};
    struct lh_group_result r;

    for (size_t i = 0; i < 3; i++)
        set(i, (const char *[]){"a", "b", "c"}[i], "core", "", 1,
            (const char *[]){"core", "core_02", "core_03"}[i]);
    r = assign(3, &o);
    is_int((int)r.n_pipelines, 3, "fewer than there are: they stay");
    lh_group_result_free(&r);

    for (size_t i = 0; i < 3; i++)
        tables[i].previous[0] = '\0';
    o.pipelines = 8;
    r = assign(3, &o);
    is_int((int)r.n_pipelines, 3, "no pipeline without a table");
    lh_group_result_free(&r);
}

static void test_refusals(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_NONE};

    make_random(1001, 1);
    refused(1001, &o,
            "group core has 1001 tables and a pipeline takes 1000; --balance lpt makes 2 pipelines "
            "of it");
    o = (struct lh_group_options){.balance = LH_BALANCE_LPT, .pipelines = 2, .max_tables = 10};
    refused(21, &o,
            "group core: its 21 tables do not fit into 2 pipelines with these caps; 3 are enough");
    o.balance = LH_BALANCE_CHUNK;
    refused(21, &o,
            "group core: its 21 tables do not fit into 2 pipelines with these caps; 3 are enough");
    o = (struct lh_group_options){.balance = LH_BALANCE_LPT, .max_tables = 1001};
    refused(1, &o, "a pipeline takes 1000 tables at most, not 1001");
    set(0, "b", "core", "", 11, "");
    set(1, "a", "core", "", 12, "");
    o = (struct lh_group_options){.balance = LH_BALANCE_LPT, .max_weight = 10};
    refused(2, &o,
            "table a weighs 12, more than a pipeline may hold (10); raise --max-weight or lower "
            "the table's weight");
    tables[0].weight = 0;
    o = (struct lh_group_options){0};
    refused(1, &o, "table b: its weight is 0, not 1 to 1000000000000");
}

/* Greedy lightest-first finds no room here (3 3 | 2 2 2 | cap 6); first fit does. */
static void test_tight(void)
{
    struct lh_group_options o = {.balance = LH_BALANCE_LPT, .max_weight = 6, .pipelines = 2};
    static const uint64_t weights[] = {3, 3, 2, 2, 2};
    struct lh_group_result r;

    for (size_t i = 0; i < 5; i++)
        set(i, (const char *[]){"a", "b", "c", "d", "e"}[i], "core", "", weights[i], "");
    r = assign(5, &o);
    is_int((int)r.largest, 6, "both are full");
    is_int((int)r.n_pipelines, 2, "two are enough");
    lh_group_result_free(&r);
}

int main(void)
{
    RUN(test_none);
    RUN(test_names);
    RUN(test_apart);
    RUN(test_labels_win);
    RUN(test_parts);
    RUN(test_relieve);
    RUN(test_pipelines_asked);
    RUN(test_refusals);
    RUN(test_tight);
    RUN(test_bound);
    RUN(test_caps);
    RUN(test_not_worse_than_chunks);
    RUN(test_random_weights);
    RUN(test_order);
    RUN(test_stable);
    return tap_done();
}
