/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: a manifest's rows as the pipelines that files are generated for.
 *
 * In: a manifest that has passed its checks, and what the command line fills in. Out: one pipeline
 * for each group, in the order of the groups' names, with a slug that is its alone; its tables in
 * the order of their names, each with its destination and its options merged and made into the
 * texts that the connector gets. Writes nothing, prints nothing.
 */
#ifndef LH_GENERATE_PLAN_H
#define LH_GENERATE_PLAN_H

#include "base/arena.h"
#include "base/error.h"
#include "manifest/manifest.h"

/* A table option: text, as the framework hands it on. */
struct lh_plan_option {
    lh_str name, value;
};

struct lh_plan_names {
    const lh_str *items;
    size_t n;
};

struct lh_plan_table {
    const struct lh_manifest_row *row;
    lh_str source, catalog, schema, table; /* catalog, schema, table: the destination */
    lh_str scd_type;                       /* "": not said */
    lh_str sequence_by;                    /* "": not said */
    struct lh_plan_names primary_keys, cluster_by;
    const struct lh_plan_option *options; /* sorted by name */
    size_t n_options;
};

struct lh_plan_pipeline {
    lh_str group;          /* as the manifest has it */
    const char *slug;      /* for names of files and keys; no two pipelines have the same */
    lh_str connection;     /* "": none */
    lh_str schedule;       /* of the first table that has one; "": none */
    struct lh_place place; /* of that schedule, or of the first row */
    const struct lh_plan_table *tables;
    size_t n;
};

struct lh_plan {
    const struct lh_manifest *manifest;
    struct lh_plan_pipeline *pipelines;
    size_t n;
    struct lh_arena arena;
};

#define LH_PLAN_INIT                                                                               \
    {                                                                                              \
        0                                                                                          \
    }

void lh_plan_free(struct lh_plan *p);

/* What the command line says for all tables. */
struct lh_plan_request {
    const char *common_options_json; /* a JSON object of table options; NULL: none */
    const char *only_group;          /* nothing but this group; NULL: all */
    const char *one_group;           /* all tables in one pipeline of this name; NULL: by group */
    const struct lh_spec *spec;      /* of lakehost's connector; NULL: not known */
    bool for_notebooks;              /* connections do not matter, nor a source table twice */
};

/*
 * Makes the plan; manifest and request must live longer. LH_INVALID with file, line and column for
 * options that are no JSON object, that only the framework may set or that only lakehost's own
 * connector has, for a group with two connections or two tables of one name, and for a group that
 * is not there.
 *
 * The manifest's own columns win over table_options_json, and that over the common options; null
 * takes an option away. Rows whose status is "refused" are left out.
 */
int lh_plan_make(const struct lh_manifest *manifest, const struct lh_plan_request *request,
                 struct lh_plan *ret, struct lh_error *e);

/* Sets LH_INVALID with the place of a cell in front of the message. */
int lh_plan_error(const struct lh_manifest *m, const struct lh_manifest_row *row,
                  enum lh_manifest_column column, struct lh_error *e, const char *format, ...)
    LH_PRINTF(5, 6);

#endif
