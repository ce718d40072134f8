/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local improvement: one table, or an exchange of two, between the fullest bin and a lighter
 * one, chosen such that the fuller of both becomes as light as it can. Ends when the lower bound is
 * reached, when no such step is left, or when the budget is spent; each step makes things better.
 *
 * Only tables that were placed in this run take part: what a bin had before stays.
 */
#include "config.h"

#include "group/pack.h"

#include <stdlib.h>

/* The places of a bin, the lightest first: from the highest place to the lowest. */
struct shelf {
    uint32_t *places;
    size_t n, cap;
};

struct improver {
    struct lh_pack *p;
    struct shelf *shelves;
    uint32_t *order; /* of the bins, the lightest first */
    uint64_t enough; /* no fullest bin is lighter than this */
    size_t budget;   /* steps left: looks at a table or a bin */
};

struct exchange {
    size_t out;      /* index on the fuller shelf */
    ptrdiff_t in;    /* index on the lighter shelf; -1: nothing comes back */
    uint64_t fuller; /* load of the fuller bin afterwards */
};

static uint64_t weight_at(const struct improver *m, const struct shelf *s, size_t i)
{
    return m->p->weights[s->places[i]];
}

static void shelf_insert(struct shelf *s, uint32_t place)
{
    size_t i;

    s->places = lh_xgrow(s->places, s->n, &s->cap, sizeof *s->places);
    for (i = s->n++; i > 0 && s->places[i - 1] < place; i--)
        s->places[i] = s->places[i - 1];
    s->places[i] = place;
}

static uint32_t shelf_remove(struct shelf *s, size_t i)
{
    uint32_t place = s->places[i];

    s->n--;
    memmove(s->places + i, s->places + i + 1, (s->n - i) * sizeof *s->places);
    return place;
}

/* Notes an exchange that leaves the fuller of both bins lighter than the best one so far. */
static void consider(uint64_t high, uint64_t low, uint64_t shift, size_t out, ptrdiff_t in,
                     struct exchange *best)
{
    uint64_t a = high - shift;
    uint64_t b = low + shift;
    uint64_t fuller = a > b ? a : b;

    if (fuller < best->fuller)
        *best = (struct exchange){out, in, fuller};
}

/*
 * The best exchange between two bins. Weights on shelves rise, and so does the weight that would
 * fit best in return: one walk over both. True when there is one.
 */
static bool find_exchange(struct improver *m, uint32_t a, uint32_t b, struct exchange *ret)
{
    const struct shelf *from = &m->shelves[a];
    const struct shelf *to = &m->shelves[b];
    uint64_t high = m->p->bins[a].load;
    uint64_t low = m->p->bins[b].load;
    uint64_t gap = high - low;
    bool may_move = m->p->bins[b].tables < m->p->max_tables;
    struct exchange best = {.fuller = high};
    size_t j =
        0; /* the first on the lighter shelf that is more than half the gap lighter no more */

    for (size_t i = 0; i < from->n; i++) {
        uint64_t weight = weight_at(m, from, i);

        if (may_move && weight < gap)
            consider(high, low, weight, i, -1, &best);
        while (j < to->n && weight_at(m, to, j) + gap / 2 < weight)
            j++;
        for (size_t k = j ? j - 1 : 0; k <= j && k < to->n; k++)
            if (weight_at(m, to, k) < weight && weight - weight_at(m, to, k) < gap)
                consider(high, low, weight - weight_at(m, to, k), i, (ptrdiff_t)k, &best);
    }
    m->budget -= from->n + to->n < m->budget ? from->n + to->n : m->budget;
    *ret = best;
    return best.fuller < high;
}

static void apply(struct improver *m, uint32_t a, uint32_t b, const struct exchange *x)
{
    struct lh_pack *p = m->p;
    uint32_t out = shelf_remove(&m->shelves[a], x->out);

    p->bins[a].load -= p->weights[out];
    p->bins[b].load += p->weights[out];
    p->bins[a].tables--;
    p->bins[b].tables++;
    p->bin_of[out] = b;
    if (x->in >= 0) {
        uint32_t in = shelf_remove(&m->shelves[b], (size_t)x->in);

        p->bins[a].load += p->weights[in];
        p->bins[b].load -= p->weights[in];
        p->bins[a].tables++;
        p->bins[b].tables--;
        p->bin_of[in] = a;
        shelf_insert(&m->shelves[a], in);
    }
    shelf_insert(&m->shelves[b], out);
}

/* Nearly sorted always, so that insertion is quick. */
static void sort_bins(struct improver *m)
{
    const struct lh_bin *bins = m->p->bins;

    for (uint32_t i = 1; i < m->p->n_bins; i++) {
        uint32_t bin = m->order[i];
        uint32_t j;

        for (j = i; j > 0; j--) {
            uint32_t before = m->order[j - 1];

            if (bins[before].load < bins[bin].load ||
                (bins[before].load == bins[bin].load && before > bin))
                break;
            m->order[j] = before;
        }
        m->budget -= i - j < m->budget ? i - j : m->budget;
        m->order[j] = bin;
    }
    m->budget -= m->p->n_bins < m->budget ? m->p->n_bins : m->budget;
}

/* One step; false when the fullest bin cannot be made lighter. */
static bool step(struct improver *m)
{
    struct lh_pack *p = m->p;
    uint32_t fullest = m->order[p->n_bins - 1];

    if (p->bins[fullest].load <= m->enough)
        return false;
    for (uint32_t i = 0; i + 1 < p->n_bins && m->budget; i++) {
        struct exchange x;

        if (p->bins[m->order[i]].load + 1 >= p->bins[fullest].load)
            return false;
        if (find_exchange(m, fullest, m->order[i], &x)) {
            apply(m, fullest, m->order[i], &x);
            return true;
        }
    }
    return false;
}

static int by_load(const void *a, const void *b, void *bins_)
{
    const struct lh_bin *bins = bins_;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    if (bins[x].load != bins[y].load)
        return bins[x].load < bins[y].load ? -1 : 1;
    return x > y ? -1 : 1;
}

void lh_pack_improve(struct lh_pack *p)
{
    struct shelf *shelves lh_autofree = lh_xcalloc(p->n_bins ? p->n_bins : 1, sizeof *shelves);
    uint32_t *order lh_autofree = lh_xcalloc(p->n_bins ? p->n_bins : 1, sizeof *order);
    /* what 100,000 tables in 100 bins may take is some 50 ms; few tables may look closer */
    struct improver m = {p, shelves, order, 0, (size_t)p->n * 100 + 20000};
    uint64_t sum = 0;

    for (uint32_t i = 0; i < p->n_bins; i++) {
        order[i] = i;
        sum += p->bins[i].load;
    }
    if (p->n_bins)
        m.enough = sum / p->n_bins + (sum % p->n_bins > 0);
    for (uint32_t i = p->n; i-- > 0;) {
        struct shelf *s = &shelves[p->bin_of[i]];

        s->places = lh_xgrow(s->places, s->n, &s->cap, sizeof *s->places);
        s->places[s->n++] = i;
    }
    qsort_r(order, p->n_bins, sizeof *order, by_load, p->bins);
    while (p->n_bins > 1 && m.budget && step(&m))
        sort_bins(&m);
    for (uint32_t i = 0; i < p->n_bins; i++)
        free(shelves[i].places);
}
