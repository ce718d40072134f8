/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of rows share: one pass over all rows, with what it remembers. */
#ifndef LH_MANIFEST_CHECK_INTERNAL_H
#define LH_MANIFEST_CHECK_INTERNAL_H

#include "base/map.h"
#include "manifest/manifest_internal.h"
#include "plugin/spec.h"
#include "json/json.h"

struct lh_group_seen;

struct lh_manifest_checking {
    const struct lh_manifest *m;
    const struct lh_manifest_policy *policy; /* never NULL */
    struct lh_findings *f;
    struct lh_json_doc *doc; /* scanned into again and again */
    struct lh_arena arena;   /* for texts of the run */
    struct lh_arena scratch; /* for texts of one row */
    struct lh_buf key;       /* for keys of maps */

    struct lh_map schedules;    /* text -> its Quartz, in the arena; NULL: it is wrong */
    struct lh_map groups;       /* name -> struct lh_group_seen, in the arena */
    struct lh_map sources;      /* group, connection and source table -> row */
    struct lh_map destinations; /* catalog, schema and table in lower case -> row */

    const char *quartz; /* of this row's schedule; NULL: it has none, or a wrong one */
    /* of the row before, because neighbours mostly have the same */
    const char *last_schedule, *last_quartz;
    const char *group_name;
    struct lh_group_seen *group;
};

/*
 * The options of a row as a JSON object; NULL for none and for what is none (which is reported).
 * Valid until the next call.
 */
const struct lh_json *lh_manifest_check_json(struct lh_manifest_checking *c,
                                             const struct lh_manifest_row *row,
                                             enum lh_manifest_column column);

/* Whether a word is one: "cdc". */
bool lh_manifest_is_ingestion_type(lh_str word);

/* Each cell by itself. */
void lh_manifest_check_row(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                           const struct lh_json *options);

/* The options, table, keys and cursor against the connector's spec. */
void lh_manifest_check_spec(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                            const struct lh_json *options);

/* Rows against each other. */
void lh_manifest_check_others(struct lh_manifest_checking *c, const struct lh_manifest_row *row);

/* A finding about a cell of a row of the run. */
#define LH_CHECK(c, row, column, id, ...)                                                          \
    LH_CELL_FINDING((c)->f, (c)->m, row, column, id, __VA_ARGS__)

#endif
