/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalog: what a source has.
 *
 * In: a loaded connector, its options, what is wanted. Out: one struct with all tables, sorted by
 * namespace and name: schema, metadata as our connector has it and as the Python connector of the
 * same name has it, what came of looking it up, what was measured.
 *
 * Namespaces are walked and tables looked up side by side by a pool of instances; the result does
 * not depend on how many there are. Each table has an outcome:
 *
 *     refused   the source says that a right is missing (403), of the table or of one of its
 *               parents: the others are kept
 *     failed    anything else, and best_effort: nothing is known about it
 *
 * Credentials that are refused (401) end the run at once, and without best_effort so does any other
 * failure. A catalog without a single good table is none.
 */
#ifndef LH_CATALOG_CATALOG_H
#define LH_CATALOG_CATALOG_H

#include "base/arena.h"
#include "plugin/service.h"

enum lh_outcome { LH_TABLE_OK, LH_TABLE_REFUSED, LH_TABLE_FAILED };

/* Ingestion type, keys and cursor: of our connector, or of the Python connector. */
struct lh_truth {
    const char *ingestion; /* "cdc"; "unknown" */
    const char **keys;
    size_t n_keys;
    const char *cursor; /* "" without one */
};

/* What reading the beginning of a table took. */
struct lh_measured {
    bool is_there;
    bool complete;            /* the table has no more rows */
    uint64_t rows, bytes;     /* bytes: of the rows as JSON */
    uint64_t requests;        /* not counting repetitions */
    uint64_t *limit_requests; /* the same for each limit of the spec */
    int64_t ms;
};

struct lh_catalog_table {
    const char *name, *id, *category, *comment; /* category: the connector's own, or "" */
    const char **ns;
    size_t n_ns;
    uint32_t flags; /* LH_TABLE_* */
    struct lh_opts *opts;
    enum lh_outcome outcome;
    int code;           /* exit code of the failure */
    const char *reason; /* without secrets; "" when it is good */
    struct lh_truth native;
    struct lh_truth upstream; /* without a type when the Python connector has no such table */
    struct lh_schema *schema; /* NULL unless it is good */
    json_t *props;            /* as lh_metadata; may be NULL */
    struct lh_measured measured;
};

/* A namespace, outermost level first. */
struct lh_namespace_path {
    const char **ns;
    size_t n_ns;
};

struct lh_catalog {
    const struct lh_spec *spec;
    struct lh_catalog_table *tables;
    size_t n;
    struct lh_namespace_path *refused; /* namespaces: what is in them is not known */
    size_t n_refused_namespaces;
    size_t n_refused, n_failed; /* tables */
    bool is_partial;            /* the connector said that parts are missing */
    struct lh_arena arena;      /* holds texts */
};

#define LH_CATALOG_INIT                                                                            \
    {                                                                                              \
        0                                                                                          \
    }

void lh_catalog_free(struct lh_catalog *c);

/* Columns of a namespace and a table as one text for messages and globs: "owner/repo/issues". */
void lh_catalog_path(const struct lh_catalog_table *t, struct lh_buf *to);

#define LH_CATALOG_MAX_JOBS   64
#define LH_CATALOG_MAX_SAMPLE 1000000 /* rows */

struct lh_catalog_wants {
    size_t jobs; /* 1 to LH_CATALOG_MAX_JOBS */
    bool best_effort;
    uint64_t rows;       /* read up to so many of each table; 0: none */
    bool measure;        /* and keep what that took */
    const lh_str *given; /* namespace levels, outermost first; deeper ones are walked */
    size_t n_given;
    const char *const *include, *const *exclude; /* globs; no include: all */
    size_t n_include, n_exclude;
    const struct lh_namespace_path *also; /* looked into besides those that are walked */
    size_t n_also;
    /* Whether a table that was found there is meant; NULL: all are. */
    bool (*is_wanted)(void *arg, const struct lh_table_entry *t);
    /*
     * The options of a table, finished, to be destroyed by the catalog. In the caller's thread,
     * before any table is looked up.
     */
    int (*options)(void *arg, const struct lh_table_entry *t, struct lh_opts **ret,
                   struct lh_error *e);
    /* How far it is, also while nothing happens; NULL: nobody asks. In the caller's thread. */
    void (*progress)(void *arg, size_t done, size_t bad, size_t left);
    void *arg;
};

/*
 * Makes the catalog; plugin, opts and run as for lh_pool_new, and the spec must live longer. ret is
 * freed by the caller also after a failure. What was refused or failed, a glob that matches
 * nothing, and parts that are missing are warnings in run->log, in the order of the tables.
 *
 * LH_NOT_FOUND: there is no table, or none is left; LH_REFUSED: all were refused; the code of the
 * first table when all have failed; LH_INTERRUPTED, LH_UNREACHABLE for the end of run->deadline.
 */
int lh_catalog_make(const struct lh_plugin *plugin, const struct lh_opts *opts,
                    const struct lh_run *run, const struct lh_catalog_wants *wants,
                    struct lh_catalog *ret, struct lh_error *e);

/* --- parts ------------------------------------------------------------------------------------ */

/* A sample takes no more requests than that, to within those between two checkpoints. */
#define LH_CATALOG_SAMPLE_REQUESTS ((uint64_t)100)

/*
 * Reads up to `rows` rows of a table from its beginning and measures; when only one is wanted, a
 * checkpoint is as good. What the connector answered a failure with is in lh_instance_result.
 * limit_requests of ret is the caller's to free. When the connector's process had to be started
 * again, rows count once and requests as often as they were made.
 */
int lh_catalog_sample(struct lh_instance *in, const struct lh_run *run, const struct lh_spec *spec,
                      lh_str table, const struct lh_opts *opts, uint32_t ingestion, uint64_t rows,
                      struct lh_measured *ret, struct lh_error *e);

/* What the spec's profile of the Python connector says about a table; false: nothing. */
bool lh_catalog_upstream(const struct lh_spec *spec, const char *table, struct lh_arena *arena,
                         struct lh_truth *ret);

/* --- the document ----------------------------------------------------------------------------- */

#define LH_CATALOG_VERSION 1

/*
 * The catalog as JSON, for people's tools and `catalog diff` (README.md of this folder has the
 * format): keys sorted, a line for each table, nothing about this machine or moment. `category`
 * gives the category of a table. profile: "upstream" or "native", what the manifest has.
 */
void lh_catalog_write(const struct lh_catalog *c, const char *profile,
                      const char *(*category)(void *arg, const struct lh_catalog_table *t),
                      void *arg, struct lh_buf *to);

#endif
