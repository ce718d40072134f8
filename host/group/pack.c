/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling bins: by name (chunk), heaviest first into the lightest (LPT), heaviest first into the
 * first that has room (first fit decreasing, which needs few bins under a cap of weight).
 */
#include "config.h"

#include "group/pack.h"

uint64_t lh_pack_largest(const struct lh_bin *bins, uint32_t n)
{
    uint64_t largest = 0;

    for (uint32_t i = 0; i < n; i++)
        if (bins[i].load > largest)
            largest = bins[i].load;
    return largest;
}

uint64_t lh_pack_lower_bound(const uint64_t *weights, uint32_t n, uint32_t k)
{
    uint64_t bound = n ? weights[0] : 0;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += weights[i];
    if (k && sum / k + (sum % k > 0) > bound)
        bound = sum / k + (sum % k > 0);
    /* of the k + 1 heaviest, two share a bin */
    if (k && n > k && weights[k - 1] + weights[k] > bound)
        bound = weights[k - 1] + weights[k];
    return bound;
}

static void put(struct lh_pack *p, uint32_t place, uint32_t bin)
{
    p->bin_of[place] = bin;
    p->bins[bin].load += p->weights[place];
    p->bins[bin].tables++;
}

static bool has_room(const struct lh_pack *p, const struct lh_bin *bin, uint64_t weight)
{
    return bin->tables < p->max_tables && bin->load <= p->max_weight &&
           weight <= p->max_weight - bin->load;
}

static uint32_t ceil_div(uint32_t a, uint32_t b)
{
    return a / b + (a % b > 0);
}

/* Empties the bins again, but for what they had before. */
static void begin(struct lh_pack *p, const struct lh_bin *kept, uint32_t room)
{
    for (uint32_t i = 0; i < room; i++)
        p->bins[i] = i < p->n_kept ? kept[i] : (struct lh_bin){0};
    p->n_bins = p->n_kept;
}

/* --- chunk ------------------------------------------------------------------------------------ */

static uint32_t kept_tables(const struct lh_pack *p)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < p->n_kept; i++)
        sum += p->bins[i].tables;
    return sum;
}

/*
 * How many tables bin i may have: an equal share where the number of bins is given (the first
 * ones take what is over), all that the cap allows otherwise.
 */
static uint32_t share(const struct lh_pack *p, uint32_t all, uint32_t i)
{
    uint32_t k = p->pipelines;
    uint32_t part;

    if (!k || i >= k)
        return p->max_tables;
    part = p->n_kept ? ceil_div(all, k) : all / k + (i < all % k);
    return part < p->max_tables ? part : p->max_tables;
}

/* One bin after the other, in order of name; what does not fit begins the next. */
static void fill_chunks(struct lh_pack *p)
{
    uint32_t all = kept_tables(p) + p->n;
    uint32_t bin = 0;

    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t place = p->by_name[i];

        while (p->bins[bin].tables >= share(p, all, bin) ||
               !has_room(p, &p->bins[bin], p->weights[place]))
            bin++;
        put(p, place, bin);
    }
    if (p->n && bin + 1 > p->n_bins)
        p->n_bins = bin + 1;
}

/* --- first fit decreasing ----------------------------------------------------------------------
 */

/* A tree over the room of the bins; node 1 is the root, the leaves begin at `width`. */
struct rooms {
    uint64_t *most;
    uint32_t width;
};

static uint64_t room_of(const struct lh_pack *p, const struct lh_bin *bin)
{
    if (bin->tables >= p->max_tables || bin->load >= p->max_weight)
        return 0;
    return p->max_weight - bin->load;
}

static void rooms_set(struct rooms *r, uint32_t bin, uint64_t room)
{
    uint32_t at = r->width + bin;

    r->most[at] = room;
    while (at /= 2) {
        uint64_t a = r->most[2 * at];
        uint64_t b = r->most[2 * at + 1];

        r->most[at] = a > b ? a : b;
    }
}

static uint32_t rooms_first(const struct rooms *r, uint64_t weight)
{
    uint32_t at = 1;

    while (at < r->width)
        at = 2 * at + (r->most[2 * at] < weight);
    return at - r->width;
}

/* There is a bin for each table at the end, so one with room is always found. */
static void fill_first_fit(struct lh_pack *p)
{
    uint32_t n_bins = p->n_kept + p->n;
    struct rooms rooms = {.width = 1};
    uint64_t *most lh_autofree = NULL;

    while (rooms.width < n_bins)
        rooms.width *= 2;
    most = rooms.most = lh_xcalloc(2 * (size_t)rooms.width, sizeof *most);
    for (uint32_t i = 0; i < n_bins; i++)
        rooms.most[rooms.width + i] = room_of(p, &p->bins[i]);
    for (uint32_t i = rooms.width - 1; i > 0; i--) {
        uint64_t a = rooms.most[2 * i];
        uint64_t b = rooms.most[2 * i + 1];

        rooms.most[i] = a > b ? a : b;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t bin = rooms_first(&rooms, p->weights[i]);

        put(p, i, bin);
        rooms_set(&rooms, bin, room_of(p, &p->bins[bin]));
        if (bin + 1 > p->n_bins)
            p->n_bins = bin + 1;
    }
}

/* --- longest processing time first -------------------------------------------------------------
 */

/* A heap of bins, the lightest on top; among equals the one with fewer tables, then the first. */
struct heap {
    const struct lh_bin *bins;
    uint32_t *at;
    uint32_t n;
};

static bool is_before(const struct heap *h, uint32_t a, uint32_t b)
{
    if (h->bins[a].load != h->bins[b].load)
        return h->bins[a].load < h->bins[b].load;
    if (h->bins[a].tables != h->bins[b].tables)
        return h->bins[a].tables < h->bins[b].tables;
    return a < b;
}

static void sift_down(struct heap *h, uint32_t i)
{
    uint32_t bin = h->at[i];

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= h->n)
            break;
        if (child + 1 < h->n && is_before(h, h->at[child + 1], h->at[child]))
            child++;
        if (!is_before(h, h->at[child], bin))
            break;
        h->at[i] = h->at[child];
        i = child;
    }
    h->at[i] = bin;
}

/* False when a table finds no room in k bins: the lightest with a free place is too full. */
static bool fill_lightest(struct lh_pack *p, uint32_t k)
{
    uint32_t *at lh_autofree = lh_xcalloc(k ? k : 1, sizeof *at);
    struct heap h = {p->bins, at, k};

    for (uint32_t i = 0; i < k; i++)
        at[i] = i;
    for (uint32_t i = k / 2; i-- > 0;)
        sift_down(&h, i);
    for (uint32_t i = 0; i < p->n; i++) {
        while (h.n && p->bins[at[0]].tables >= p->max_tables) {
            at[0] = at[--h.n];
            sift_down(&h, 0);
        }
        if (!h.n || !has_room(p, &p->bins[at[0]], p->weights[i]))
            return false;
        put(p, i, at[0]);
        sift_down(&h, 0);
    }
    p->n_bins = k;
    return true;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

/* How few bins hold everything: exact for a cap of tables, first fit's answer for one of weight. */
static uint32_t bins_needed(struct lh_pack *p)
{
    uint32_t room = 0;
    uint32_t needed = p->n_kept;

    if (p->max_weight != UINT64_MAX) {
        fill_first_fit(p);
        return p->n_bins;
    }
    for (uint32_t i = 0; i < p->n_kept; i++)
        if (p->bins[i].tables < p->max_tables)
            room += p->max_tables - p->bins[i].tables;
    if (p->n > room)
        needed += ceil_div(p->n - room, p->max_tables);
    return needed;
}

/*
 * Chunks are kept when they happen to be better than what lightest-first found in as many bins.
 * (It can be: the greedy way is up to 4/3 of the best one, and chunks are any way at all.)
 */
static void compare_with_chunks(struct lh_pack *p, uint32_t room)
{
    struct lh_bin *bins lh_autofree = lh_xcalloc(room, sizeof *bins);
    uint32_t *bin_of lh_autofree = lh_xcalloc(p->n ? p->n : 1, sizeof *bin_of);
    struct lh_pack chunks = *p;
    size_t bytes = p->n * sizeof *bin_of;

    chunks.bins = bins;
    chunks.bin_of = bin_of;
    chunks.n_bins = 0;
    fill_chunks(&chunks);
    if (chunks.n_bins > p->n_bins ||
        lh_pack_largest(bins, chunks.n_bins) >= lh_pack_largest(p->bins, p->n_bins))
        return;
    memcpy(p->bins, bins, room * sizeof *bins);
    memcpy(p->bin_of, bin_of, bytes);
}

static uint32_t run_lpt(struct lh_pack *p, const struct lh_bin *kept, uint32_t room)
{
    uint32_t needed = bins_needed(p);
    uint32_t k = p->pipelines;

    if (k > room)
        k = room;
    if (!k || k < p->n_kept)
        k = needed > p->n_kept ? needed : p->n_kept;
    begin(p, kept, room);
    if (!fill_lightest(p, k)) {
        if (needed > k)
            return needed;
        begin(p, kept, room);
        fill_first_fit(p);
        p->n_bins = k;
    }
    if (!p->n_kept)
        compare_with_chunks(p, room);
    lh_pack_improve(p);
    return 0;
}

static uint32_t run_none(struct lh_pack *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        put(p, i, 0);
    if (!p->n_bins)
        p->n_bins = 1;
    return p->n_bins > 0 && p->bins[0].tables > p->max_tables
               ? ceil_div(p->bins[0].tables, p->max_tables)
               : 0;
}

uint32_t lh_pack_run(struct lh_pack *p)
{
    uint32_t room = p->n_kept + p->n;
    struct lh_bin *kept lh_autofree = lh_xcalloc(room ? room : 1, sizeof *kept);

    memcpy(kept, p->bins, p->n_kept * sizeof *kept);
    begin(p, kept, room);
    if (!p->n)
        return 0;
    switch (p->balance) {
    case LH_BALANCE_NONE:
        return run_none(p);
    case LH_BALANCE_CHUNK:
        fill_chunks(p);
        return p->pipelines >= p->n_kept && p->pipelines && p->n_bins > p->pipelines ? p->n_bins
                                                                                     : 0;
    default:
        return run_lpt(p, kept, room);
    }
}
