/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asset bundles: a plan in, the YAML of its pipelines and jobs out.
 *
 * A pipeline has the key <connector>_<slug>[_<suffix>], its job <connector>_<slug>_scheduler
 * [_<suffix>]; variables carry the same connector and suffix, so that several connectors share one
 * bundle. Of a manifest nothing but slugs and schedules comes into a bundle: names and keys stay as
 * they are when tables are added, and no table name can be read as ${...}.
 */
#ifndef LH_GENERATE_BUNDLE_H
#define LH_GENERATE_BUNDLE_H

#include "generate/generate.h"

#include <jansson.h>

struct lh_bundle_target {
    const char *name, *host; /* host NULL: whatever the user's profile says */
    const char *root_path;   /* NULL: the default of the mode */
    const char *run_as;      /* user (with '@') or application id; NULL: whoever deploys */
    bool production;
};

struct lh_bundle_request {
    const char *connector, *suffix;           /* suffix NULL: none */
    const char *files_path;                   /* of the files in the workspace, or relative */
    bool notebooks;                           /* <connector>_<slug> instead of ingest_<slug>.py */
    bool is_notebook;                         /* by their first line they are notebooks */
    const char *catalog, *schema, *root_path; /* root_path NULL: none */
    const char *channel;
    const char **packages; /* pip requirements or wheels */
    size_t n_packages;
    bool jobs, paused;
    const struct lh_bundle_target *targets;
    size_t n_targets;
    const json_t *permissions, *tags; /* of the configuration; NULL: none */
    const json_t *notify;             /* addresses to tell of failures; NULL: none */
};

/*
 * Adds `variables` and `resources` to an object. LH_INVALID for a schedule that Quartz cannot say,
 * keys that are no keys or stand twice, and settings of the configuration that are wrong.
 */
int lh_bundle_add_resources(const struct lh_plan *plan, const struct lh_bundle_request *request,
                            json_t *bundle, struct lh_error *e);

/* Adds `bundle`, `include` when it is not NULL, and `targets`. */
void lh_bundle_add_main(const struct lh_bundle_request *request, const char *include,
                        json_t *bundle);

/*
 * "dev=https://host,root_path=/P,run_as=ID,mode=production" into a target; texts are in the arena.
 * Production is the mode of `prod` and `production` when nothing is said. LH_USAGE.
 */
int lh_bundle_parse_target(const char *text, struct lh_arena *a, struct lh_bundle_target *ret,
                           struct lh_error *e);

/* A tree as YAML that reads back as the same tree. `name` is for messages. */
int lh_generate_yaml(const json_t *tree, const char *comment, const char *name, struct lh_buf *to,
                     struct lh_error *e);

#endif
