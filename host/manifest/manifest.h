/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest: one row for each table, in a CSV file that a person may edit.
 *
 * In: a file, or rows that `discover` and `group` add. Out: rows with known columns, findings with
 * the place of everything that is wrong, and the file again. Columns that lakehost does not know
 * are kept, in their order, behind its own.
 *
 * Reading: RFC 4180, UTF-8 with or without a byte order mark, lines that end with CRLF, LF or CR.
 * Blank lines are no rows. Blanks around the values of known columns are dropped. Aliases are
 * resolved: `table_configuration_json` is table_options_json; an empty pipeline_group is the
 * category, or `default`; a schedule `none` is empty.
 *
 * Bounds: a file of 1 GiB, 10,000,000 rows, 256 columns, 1 MiB a value.
 */
#ifndef LH_MANIFEST_MANIFEST_H
#define LH_MANIFEST_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/findings.h"
#include "base/str.h"

struct lh_spec;

enum lh_manifest_column {
    LH_MF_CONNECTION_NAME,
    LH_MF_SOURCE_TABLE,
    LH_MF_DESTINATION_CATALOG,
    LH_MF_DESTINATION_SCHEMA,
    LH_MF_DESTINATION_TABLE,
    LH_MF_PIPELINE_GROUP,
    LH_MF_SCHEDULE,
    LH_MF_TABLE_OPTIONS_JSON,
    LH_MF_WEIGHT,
    LH_MF_INGESTION_TYPE,
    LH_MF_PRIMARY_KEYS,
    LH_MF_CURSOR_FIELD,
    LH_MF_CATEGORY,
    /* from here on written only when some row has something */
    LH_MF_SCD_TYPE,
    LH_MF_SEQUENCE_BY,
    LH_MF_CLUSTER_BY,
    LH_MF_STATUS,
    LH_MF_ESTIMATE_JSON,
    LH_MF_COLUMNS
};

/* The weight of a table is a whole number from 1 to this; an empty one is 1. */
#define LH_MANIFEST_MAX_WEIGHT 1000000

struct lh_manifest_row {
    const char *cells[LH_MF_COLUMNS]; /* never NULL; "" is empty */
    const char **extra;               /* n_extra cells of columns that are not known */
    size_t line;                      /* on which the row begins; 0: not from a file */
    const char *start;                /* for lh_manifest_place */
};

struct lh_manifest {
    char *file; /* its name for messages; NULL: not from a file */
    struct lh_manifest_row *rows;
    size_t n_rows, cap_rows;
    const char **extra_names; /* in the arena */
    size_t n_extra;
    bool present[LH_MF_COLUMNS]; /* the header has it (also under an alias) */
    struct lh_arena arena;       /* holds texts */
    struct lh_buf text;          /* the file; cells point into it */
    const char *last_kept;       /* for lh_manifest_keep */
};

#define LH_MANIFEST_INIT                                                                           \
    {                                                                                              \
        0                                                                                          \
    }

void lh_manifest_free(struct lh_manifest *m);

/* LH201 and on: what a manifest can be wrong in. */
extern const struct lh_rule lh_manifest_rules[];

/* "source_table". */
const char *lh_manifest_column_name(enum lh_manifest_column column);

/*
 * Reads a file ("-" is standard input); what is wrong with it are findings, and rows that could be
 * read are there all the same. A failure is a file that cannot be read. ret is freed by the caller
 * also then.
 */
int lh_manifest_read(const char *file, struct lh_manifest *ret, struct lh_findings *f,
                     struct lh_error *e);

/* The same from a text; `name` is for messages. */
void lh_manifest_parse(lh_str text, const char *name, struct lh_manifest *ret,
                       struct lh_findings *f);

/* The same without a copy: text is empty afterwards. */
void lh_manifest_take(struct lh_buf *text, const char *name, struct lh_manifest *ret,
                      struct lh_findings *f);

/* Values for cells that are empty; NULL: leave them. From the flags of a command. */
struct lh_manifest_defaults {
    const char *connection_name, *destination_catalog, *destination_schema;
};

void lh_manifest_fill(struct lh_manifest *m, const struct lh_manifest_defaults *defaults);

/* What the rows are checked against. */
struct lh_manifest_policy {
    const struct lh_spec *spec; /* the connector; NULL: not known, its options are not checked */
    bool native;                /* for pipelines that run our connector, not the Python one */
};

/* Checks all rows; policy may be NULL. What lh_manifest_read has reported is not said again. */
void lh_manifest_check(const struct lh_manifest *m, const struct lh_manifest_policy *policy,
                       struct lh_findings *f);

/*
 * Writes it, whole or not at all ("-" is standard output): RFC 4180 with CRLF, quotes where a value
 * needs them, no byte order mark.
 */
int lh_manifest_write(const struct lh_manifest *m, const char *file, struct lh_error *e);

/* The same as text. */
void lh_manifest_format(const struct lh_manifest *m, struct lh_buf *to);

/* A new row at the end, all cells "". Valid until the next one is added. */
struct lh_manifest_row *lh_manifest_add(struct lh_manifest *m);

/* A copy that lives as long as the manifest. The same text twice in a row is one copy. */
const char *lh_manifest_keep(struct lh_manifest *m, lh_str s);

/*
 * Where a cell is: line and column (from 1; in characters; of the opening quote where there is
 * one). A cell that is not from the file has the line of its row.
 */
struct lh_place lh_manifest_place(const struct lh_manifest *m, const struct lh_manifest_row *row,
                                  enum lh_manifest_column column);

/* --- values ----------------------------------------------------------------------------------- */

/* The weight; 1 for an empty cell and for one that is wrong. */
int64_t lh_manifest_weight(const struct lh_manifest_row *row);

/* The table at the destination: its cell, or the source table. */
const char *lh_manifest_destination(const struct lh_manifest_row *row);

/*
 * The names of primary_keys, sequence_by or cluster_by: a JSON list of texts, or names with commas
 * between. Texts and array are in the arena. False when it is neither, or a name is empty.
 */
bool lh_manifest_names(const char *cell, struct lh_arena *arena, lh_str **ret, size_t *ret_n);

#endif
