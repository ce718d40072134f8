/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weights into bins: what balances one group. Numbers in, numbers out; names and rules about who
 * may share a pipeline are group.c's. For the files of this folder.
 *
 * A table here is its place in `weights`, which begin with the heaviest; among equal weights the
 * places follow the names. So nothing depends on the order of the input.
 */
#ifndef LH_GROUP_PACK_H
#define LH_GROUP_PACK_H

#include "group/group.h"

struct lh_bin {
    uint64_t load;
    uint32_t tables;
};

struct lh_pack {
    enum lh_balance balance;
    uint32_t max_tables;
    uint64_t max_weight; /* UINT64_MAX: none */
    uint32_t pipelines;  /* 0: as few as the caps allow */
    const uint64_t *weights;
    const uint32_t *by_name; /* the places once more, in order of name */
    uint32_t n;
    struct lh_bin *bins; /* room for n_kept + n (at least 1); the first n_kept have something */
    uint32_t n_kept;
    uint32_t n_bins;  /* result: in use */
    uint32_t *bin_of; /* result: for each place */
};

/*
 * Fills the bins. 0, or the number of bins that would be enough when `pipelines` are too few.
 * Bins that are there keep what they have; n_bins is n_kept at least.
 */
uint32_t lh_pack_run(struct lh_pack *pack);

/* Moves and exchanges tables as long as that makes the fullest bin smaller, for a bounded time. */
void lh_pack_improve(struct lh_pack *pack);

/* The largest load that no way to put these weights (heaviest first) into k bins can go below. */
uint64_t lh_pack_lower_bound(const uint64_t *weights, uint32_t n, uint32_t k);

/* The load of the fullest bin. */
uint64_t lh_pack_largest(const struct lh_bin *bins, uint32_t n);

#endif
