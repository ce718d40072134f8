/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A manifest grouped again: which pipeline each of its rows belongs to, and when it runs.
 *
 * In: rows, the user's choices, an earlier manifest. Out: the same rows in their order, with
 * pipeline_group and schedule set, and what group.h says about the balance. The rules are
 * group.h's; this file knows what a manifest's cells mean for them.
 */
#ifndef LH_GROUP_REGROUP_H
#define LH_GROUP_REGROUP_H

#include "base/log.h"
#include "catalog/classify.h"
#include "group/group.h"
#include "manifest/manifest.h"

struct lh_regroup_wants {
    bool relabel; /* groups are made anew, by `by`; otherwise they are those of the rows */
    enum lh_group_by by;
    const struct lh_classifier *classifier; /* for rows without a category; with relabel */
    enum lh_balance balance;
    uint32_t max_tables, pipelines; /* 0: as group.h */
    uint64_t max_weight;
    const struct lh_manifest *previous; /* NULL: none */
    bool stagger;                       /* equal schedules are spread over their period */
    struct lh_log *log;                 /* warnings */
};

struct lh_regrouped {
    struct lh_group_result groups; /* item i is row i; its texts are the manifest's */
    const char **schedules;        /* of each pipeline; "": none */
    size_t n_new, n_gone;          /* tables that `previous` has not, that only it has */
};

/*
 * Regroups. Rows that lh_manifest_check would refuse must not come here. What may share a
 * pipeline: rows of one connection and one destination catalog; with relabel also: no source table
 * twice.
 *
 * A table is the one of the earlier manifest that has its source table and destination (catalog,
 * schema, table). There, with relabel, its pipeline wins over the label that is made for it;
 * without, the row's own group wins.
 *
 * Schedules: a pipeline gets the shortest of its tables' (the first in cron's order of text among
 * equally short ones), with a warning where they differ.
 *
 * LH_INVALID as lh_group_assign; m is untouched then but for empty categories that were found out.
 */
int lh_regroup(struct lh_manifest *m, const struct lh_regroup_wants *w, struct lh_regrouped *ret,
               struct lh_error *e);

void lh_regrouped_free(struct lh_regrouped *r);

/* For regroup-schedule.c: sets r->schedules and the rows' cells. */
void lh_regroup_schedules(struct lh_manifest *m, const struct lh_regroup_wants *w,
                          struct lh_regrouped *r);

#endif
