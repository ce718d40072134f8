/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline spec of the community connectors: connection_name, and objects with a table each. */
#ifndef LH_GENERATE_PIPELINE_SPEC_H
#define LH_GENERATE_PIPELINE_SPEC_H

#include "generate/generate.h"

#include <jansson.h>

/*
 * The spec of one pipeline; the caller decrefs *ret. LH_INVALID for a pipeline without a connection
 * and a table without a destination.
 */
int lh_generate_pipeline_spec(const struct lh_plan *plan, const struct lh_plan_pipeline *pipeline,
                              json_t **ret, struct lh_error *e);

#endif
