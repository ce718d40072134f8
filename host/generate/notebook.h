/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notebooks for connectors whose credentials do not come from a connection: secrets are read on the
 * driver and handed to the connector as options.
 */
#ifndef LH_GENERATE_NOTEBOOK_H
#define LH_GENERATE_NOTEBOOK_H

#include "generate/connector-config.h"
#include "generate/generate.h"

struct lh_notebook_request {
    struct lh_generate_request base;
    const struct lh_connector_config *config; /* that has passed its checks */
    const char *connector_path;               /* the folder of its file in the workspace, or that */
};

/*
 * Stages <connector>_<slug>.py for each pipeline. By ingestion type a table is read whole
 * (snapshot), appended to (append, unknown), or has changes applied by its keys in the order of
 * sequence_by or cursor_field (cdc, cdc_with_deletes; a snapshot with SCD_TYPE_2). LH_INVALID with
 * the place in the manifest for a type without its keys or cursor, and for a destination twice.
 */
int lh_generate_notebooks(const struct lh_plan *plan, const struct lh_notebook_request *request,
                          struct lh_tree *tree, struct lh_error *e);

#endif
