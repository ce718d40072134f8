/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of tables to pipelines: which table runs in which pipeline.
 *
 * In: tables with a group label, a weight, and what must not mix. Out: a pipeline for each table,
 * and how good the balance is. No file, no manifest (regroup.h), no clock: equal tables give equal
 * pipelines, in whatever order they come.
 *
 * What holds always: tables that differ in `apart` never share a pipeline; no pipeline has more
 * than max_tables tables or max_weight of weight; a table that is in a pipeline already stays
 * there unless one of these rules, or its own label, forbids it; no two pipelines have one name.
 */
#ifndef LH_GROUP_GROUP_H
#define LH_GROUP_GROUP_H

#include "base/error.h"
#include "base/str.h"
#include <stdint.h>

enum lh_balance {
    LH_BALANCE_NONE,  /* a group is one pipeline */
    LH_BALANCE_CHUNK, /* tables by name, cut into equal counts */
    LH_BALANCE_LPT    /* heaviest table first into the lightest pipeline, then improved */
};

/*
 * What Databricks allows (documentation, "Pipeline limitations"). Each pipeline that lakehost
 * generates names one source file, so the limit of files is kept by construction.
 */
enum {
    LH_PIPELINE_MAX_TABLES = 1000,   /* datasets of one pipeline */
    LH_PIPELINE_MAX_FILES = 100,     /* source files that one pipeline lists singly */
    LH_WORKSPACE_MAX_UPDATES = 1000, /* pipelines of a workspace that run at one time */
};

/* How many pipelines of a connector are usual; outside of this a report says so. */
enum { LH_GROUP_FEW = 3, LH_GROUP_MANY = 8 };

#define LH_GROUP_MAX_WEIGHT ((uint64_t)1000000000000)

/* All slices are borrowed for the call; those of the result point into them where it says so. */
struct lh_group_item {
    lh_str table;    /* its name: order among equals, and in messages */
    lh_str detail;   /* what tells tables of one name apart; may be empty */
    lh_str label;    /* the group; not empty */
    lh_str apart;    /* any bytes: connection, catalog */
    lh_str previous; /* the pipeline that it is in; empty: none yet */
    uint64_t weight; /* 1 to LH_GROUP_MAX_WEIGHT */
};

struct lh_group_options {
    enum lh_balance balance;
    uint32_t max_tables;   /* per pipeline; 0: LH_PIPELINE_MAX_TABLES, which is also the most */
    uint64_t max_weight;   /* per pipeline; 0: none */
    uint32_t pipelines;    /* for each group (and `apart`); 0: as few as the caps allow */
    bool labels_win;       /* a table whose label is not that of its pipeline moves to its label */
    const lh_str *retired; /* names of earlier pipelines, not given to new parts of a group */
    size_t n_retired;
};

enum lh_move_reason {
    LH_MOVE_APART, /* its pipeline is another connection's or catalog's */
    LH_MOVE_LABEL, /* its label says so */
    LH_MOVE_CAP    /* its pipeline would hold too much */
};

struct lh_group_move {
    size_t item;
    lh_str from; /* the item's `previous` */
    enum lh_move_reason reason;
};

/* A group is what was balanced at once: the pipelines of one label and one `apart`. */
struct lh_group {
    lh_str label; /* borrowed from an item */
    lh_str apart; /* likewise */
    size_t first, n_pipelines;
    size_t tables;
    uint64_t load, largest; /* of all its pipelines, of the fullest */
    uint64_t lower_bound;   /* no way to put these tables into n_pipelines has a smaller largest */
};

struct lh_group_pipeline {
    char *name;   /* the label, or <label>_02, _03 */
    size_t group; /* which group of the result */
    size_t tables;
    uint64_t load;
    bool is_new; /* no table is in it yet */
};

struct lh_group_result {
    uint32_t *pipeline_of;               /* for each item */
    struct lh_group_pipeline *pipelines; /* those of a group together, by number */
    size_t n_pipelines;
    struct lh_group *groups; /* by label, then `apart` */
    size_t n_groups;
    struct lh_group_move *moves; /* by table */
    size_t n_moves;
    uint64_t largest;     /* load of the fullest pipeline */
    uint64_t lower_bound; /* the largest lower bound of a group: no better one is possible */
};

/*
 * Names: a group's first pipeline is called like the label; further ones get the lowest number
 * from 2 on, in two digits at least, whose name is nobody's: no label, no pipeline that is or was.
 *
 * Where labels win, a label that names a part of a group ("core_02", which was a pipeline already,
 * beside the label "core") is a part of it: a table goes into that very pipeline, and a table whose
 * label is "core" into any of the group's.
 *
 * With pipelines that are there already (`previous`), their tables stay, and only the others are
 * placed, into the lightest of the group's pipelines and, where the caps or `pipelines` ask for
 * it, into new ones; a pipeline that is over a cap gives away as few tables as possible.
 *
 * LH_INVALID: a weight out of range or above max_weight, a group that cannot be one pipeline, or
 * that does not fit into so many pipelines; the message says which. On failure *ret is untouched.
 */
int lh_group_assign(const struct lh_group_item *items, size_t n,
                    const struct lh_group_options *options, struct lh_group_result *ret,
                    struct lh_error *e);

void lh_group_result_free(struct lh_group_result *result);

#endif
