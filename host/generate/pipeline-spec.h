/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline spec of the community connectors: connection_name, and objects with a table each. */
#ifndef LH_GENERATE_PIPELINE_SPEC_H
#define LH_GENERATE_PIPELINE_SPEC_H

#include "base/findings.h"
#include "generate/generate.h"
#include "plugin/spec.h"
#include "json/document.h"

#include <jansson.h>

/*
 * The spec of one pipeline; the caller decrefs *ret. LH_INVALID for a pipeline without a connection
 * and a table without a destination.
 */
int lh_generate_pipeline_spec(const struct lh_plan *plan, const struct lh_plan_pipeline *pipeline,
                              json_t **ret, struct lh_error *e);

/* LH401 and on: what a spec can be wrong in. */
extern const struct lh_rule lh_pipeline_spec_rules[];

/*
 * Checks a spec that somebody wrote or generated; with the spec of a connector (NULL: not known)
 * also options, keys and order against what it declares of the Python connector.
 */
void lh_pipeline_spec_check(const struct lh_document *d, const struct lh_spec *spec,
                            struct lh_findings *f);

#endif
