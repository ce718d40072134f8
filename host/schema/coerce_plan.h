/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a coercer, between coerce.c (which walks rows) and coerce-plan.c (which makes the
 * plan and counts).
 */
#ifndef LH_SCHEMA_COERCE_PLAN_H
#define LH_SCHEMA_COERCE_PLAN_H

#include "schema/coerce_internal.h"

/* An entry of a map: its key as a JSON string. A value of NULL: the key comes again. */
struct lh_coerce_entry {
    lh_str key;
    const struct lh_json *value;
};

/* One type of the tree. What changes from row to row is scratch: a node is never in use twice. */
struct lh_coerce_node {
    const struct lh_type *type;
    unsigned flags;                /* of the column */
    lh_str head;                   /* of a column: ,"name": (the first without the comma) */
    const struct lh_json *value;   /* scratch of the struct around a column */
    struct lh_coerce_count *count; /* of this node */
    struct lh_coerce_totals *totals;
    struct lh_coercer *coercer;

    struct lh_coerce_node *key, *element; /* map, array */
    struct lh_coerce_node *columns;       /* struct */
    size_t n_columns;
    uint32_t *order; /* struct: member by position -> column, as it was last; n_order of them */
    size_t n_order;
    uint32_t *slots; /* struct: hash -> column + 1; 0 = empty */
    uint32_t mask;

    struct lh_coerce_entry *entries; /* map: scratch */
    size_t n_entries, cap_entries;
    struct lh_buf keys; /* map: scratch, the texts of the keys */
};

struct lh_coercer {
    struct lh_arena arena;
    struct lh_coerce_node *nodes;            /* [0] is the row */
    struct lh_coerce_count *counts, *marked; /* as they were at lh_coercer_mark */
    size_t n_nodes;
    struct lh_coerce_totals totals, marked_totals;
};

/* The index of the column of this name; n_columns when there is none. */
size_t lh_coerce_find(const struct lh_coerce_node *node, lh_str key);

/* Counts what became of a value (which may be NULL: missing). */
void lh_coerce_note(struct lh_coerce_node *node, const struct lh_json *v, enum lh_outcome outcome);

/* The text, cut to LH_COERCE_EXAMPLE bytes between two code points. */
lh_str lh_coerce_excerpt(lh_str text);

#endif
