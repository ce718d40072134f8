/* SPDX-License-Identifier: Apache-2.0 */
/* The options of tables, for plan.c. */
#ifndef LH_GENERATE_PLAN_INTERNAL_H
#define LH_GENERATE_PLAN_INTERNAL_H

#include "generate/plan.h"
#include "json/json.h"

struct lh_plan_options {
    struct lh_plan *plan;
    const struct lh_plan_request *request;
    struct lh_json_doc *doc; /* of the row at hand */
    struct lh_plan_table common;
    struct lh_plan_option *pairs; /* of a row, before they are sorted */
    size_t n, cap;
};

void lh_plan_options_free(struct lh_plan_options *o);

int lh_plan_options_begin(struct lh_plan_options *o, struct lh_plan *plan,
                          const struct lh_plan_request *request, struct lh_error *e);

/* Fills in what table_configuration takes, from table->row and the common options. */
int lh_plan_options_of(struct lh_plan_options *o, struct lh_plan_table *table, struct lh_error *e);

#endif
