/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the command `discover` share: its flags, and what it writes. */
#ifndef LH_CMD_DISCOVER_H
#define LH_CMD_DISCOVER_H

#include "catalog/rows.h"
#include "cmd/open.h"

#define LH_DISCOVER_LEVELS 16 /* of namespaces */

struct lh_discover {
    struct lh_context *context;
    const struct lh_args *args;
    const char *connector;
    const char *csv, *json; /* files; NULL: not wanted */
    struct lh_catalog_wants wants;
    struct lh_rows_wants rows;
    bool is_sample;
    const char **include, **exclude;
    struct lh_group_schedule *group_schedules;
    struct lh_arena arena; /* their texts */
    struct lh_classifier classifier;
    struct lh_manifest previous;
};

void lh_discover_free(struct lh_discover *d);

/* Reads the flags and the earlier manifest: all that can be wrong before a connector is opened. */
int lh_discover_read(struct lh_context *context, const struct lh_args *args,
                     struct lh_discover *ret, struct lh_error *e);

/* Writes the files, both or none as far as that can be. */
int lh_discover_write(const struct lh_discover *d, const struct lh_manifest *manifest,
                      struct lh_catalog *catalog, struct lh_error *e);

#endif
