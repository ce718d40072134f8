/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a catalog to a manifest: one row for each table, with group, schedule, weight, destination.
 *
 * In: a catalog, the user's choices, an earlier manifest. Out: rows, in the order of the catalog.
 * The same input gives the same rows.
 *
 * Which connector the pipelines run decides what a row says: the Python connector's type, keys and
 * cursor (upstream, the default), or ours (native).
 *
 * From an earlier manifest a table keeps its destination, its group, the group's schedule, options
 * that are not given now and that the connector of the pipelines has, its weight unless it was
 * measured or is of another type, and the columns that nobody but a person fills in. A table that
 * is refused now keeps all of its row, with the status `refused`, so that the next deployment does
 * not remove it.
 */
#ifndef LH_CATALOG_ROWS_H
#define LH_CATALOG_ROWS_H

#include "catalog/catalog.h"
#include "catalog/classify.h"
#include "manifest/manifest.h"

/* The kinds of lh_ingestion_kind, which schedules and weights go by. */
enum lh_kind { LH_KIND_SNAPSHOT, LH_KIND_APPEND, LH_KIND_CDC, LH_KIND_UNKNOWN, LH_KINDS };

/* "snapshot", ... */
const char *lh_kind_name(enum lh_kind kind);
enum lh_kind lh_kind_of(const char *ingestion);

struct lh_group_schedule {
    const char *glob, *schedule; /* of the group's name; "": none */
};

struct lh_rows_wants {
    const char *connection_name, *destination_catalog, *destination_schema; /* "" for none */
    enum lh_group_by by;
    const struct lh_classifier *classifier;
    bool native;
    const char *schedules[LH_KINDS];                 /* valid (schedule.h); "": none */
    int64_t weights[LH_KINDS];                       /* 1 to LH_MANIFEST_MAX_WEIGHT */
    const struct lh_group_schedule *group_schedules; /* the last whose glob matches counts */
    size_t n_group_schedules;
    const struct lh_manifest *previous; /* NULL: none */
    /*
     * By namespace level: what a table is in whose options do not name the level, because the
     * connection does; NULL: such a table is above the level.
     */
    const char *const *implied;
    size_t n_implied;
    struct lh_log *log;
};

/*
 * Adds the rows. Warnings say where a group's tables want different schedules (the shortest is
 * taken) and which tables of the earlier manifest are gone. LH_INVALID: the earlier manifest has a
 * row that cannot be understood.
 */
int lh_catalog_rows(const struct lh_catalog *c, const struct lh_rows_wants *w,
                    struct lh_manifest *to, struct lh_error *e);

/*
 * The weight of a table that was measured, of a type that weighs `least`:
 *
 *     requests + bytes / 1 MiB, rounded up, at least 1; and at least `least` when there are more
 *     rows than were read
 */
int64_t lh_catalog_weight(const struct lh_measured *m, int64_t least);

/* The category of a table, in the arena of the catalog. */
const char *lh_catalog_category(struct lh_catalog *c, const struct lh_catalog_table *t,
                                const struct lh_classifier *classifier);

/* --- schedules (rows-schedule.c) -------------------------------------------------------------- */

/* Gives each group of `to` one schedule; wanted[i] is what row i would have by its type. */
void lh_catalog_schedule(const struct lh_rows_wants *w, const char *const *wanted,
                         struct lh_manifest *to);

/* --- estimate (estimate.c) -------------------------------------------------------------------- */

/*
 * What runs take of the source, from schedules and measurements: fills estimate_json of the rows of
 * measured tables. Appends to report, for people: a line for each of them, and how many requests a
 * day each limit of the source has to bear. A warning in log when they are more than it grants.
 */
void lh_catalog_estimate(const struct lh_catalog *c, const struct lh_opts *opts,
                         struct lh_manifest *to, struct lh_log *log, struct lh_buf *report);

#endif
