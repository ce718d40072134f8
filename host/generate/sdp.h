/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry point of a pipeline that runs from a Git folder, and the settings to create it with.
 */
#ifndef LH_GENERATE_SDP_H
#define LH_GENERATE_SDP_H

#include "generate/generate.h"

struct lh_sdp_request {
    struct lh_generate_request base;
    const char *repo_path;        /* of the clone in the workspace, without a slash at the end */
    const char *table_prefix;     /* before each table's name */
    const char *pipeline_name;    /* of the settings */
    const char *catalog, *schema; /* of the pipeline */
    const char *channel;
};

/*
 * Stages <connector>_sdp.py and <connector>_pipeline.json. The plan has one pipeline. A table is
 * called prefix + destination_table with everything but ASCII letters, digits and '_' made '_', in
 * lower case; a destination of its own is taken as it is. LH_INVALID for two tables of one name.
 */
int lh_generate_sdp(const struct lh_plan *plan, const struct lh_sdp_request *request,
                    struct lh_tree *tree, struct lh_error *e);

#endif
