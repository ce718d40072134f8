/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What group.c and result.c share while pipelines are being found: the items as numbers. All
 * numbers follow the bytes of what they stand for, so that no result depends on the input's order.
 */
#ifndef LH_GROUP_ASSIGN_H
#define LH_GROUP_ASSIGN_H

#include "base/map.h"
#include "group/group.h"

#define LH_NOBODY UINT32_MAX

/* The different values of a field, in byte order. */
struct lh_names {
    lh_str *text;
    uint32_t n;
};

struct lh_assign_bin {
    uint32_t home; /* the earlier pipeline that it is, or LH_NOBODY */
    uint32_t tables;
    uint64_t load;
};

struct lh_assign_group {
    uint64_t id; /* label << 32 | apart; pipelines of no label count behind the labels */
    size_t first, n_bins;
    size_t tables;
    uint64_t largest, lower_bound;
};

struct lh_assign {
    const struct lh_group_item *items;
    size_t n;
    const struct lh_group_options *options;

    struct lh_names labels, aparts, pipelines;
    uint32_t *rank;                    /* for each item: its place by name */
    uint32_t *label, *apart;           /* its label and apart */
    uint32_t *previous;                /* the pipeline that it is in, or LH_NOBODY */
    uint32_t *home;                    /* the one that it stays in, or LH_NOBODY */
    uint32_t *bin_of;                  /* the bin that it is in at the end */
    uint64_t *group;                   /* its group's id */
    bool *evicted;                     /* it would have stayed but for a cap */
    uint32_t *base, *named;            /* for each label: its group's, the earlier pipeline of
                                          this name or LH_NOBODY */
    uint32_t *family, *number, *owner; /* for each earlier pipeline: label, number, apart */
    uint32_t *slot;                    /* which bin of its group it is */

    struct lh_assign_bin *bins;
    size_t n_bins, cap_bins;
    struct lh_assign_group *groups;
    size_t n_groups, cap_groups;
};

/*
 * The label that each earlier pipeline belongs to, and its number: "core" and "core_02" belong to
 * the label "core" as 1 and 2; one of no label belongs to itself. Where labels win, "core_02" may
 * be a label too: what an earlier run called so is still a part of the group "core".
 */
void lh_group_find_families(struct lh_assign *a);

/* Names for the new pipelines, and everything that the result says. */
void lh_group_finish(struct lh_assign *a, struct lh_group_result *ret);

#endif
