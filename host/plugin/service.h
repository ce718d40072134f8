/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service object: what stands behind the host's table while a connector runs.
 *
 * In: a loaded connector, option values, a horizon. Out: plain structs (tables, schemas, metadata)
 * and rows into a writer. Every rule of connector.h that can be seen from outside is enforced here,
 * once, and named when it is broken: "connector x: read_table(orders): rule 23: ...".
 *
 * The object neither knows whether the connector runs in this process or in a worker, nor how rows
 * are printed.
 */
#ifndef LH_PLUGIN_SERVICE_H
#define LH_PLUGIN_SERVICE_H

#include "base/deadline.h"
#include "base/signal.h"
#include "plugin/plugin.h"
#include "schema/schema.h"
#include "json/json.h"

#include <sys/types.h>

struct lh_http_client;

/* What is the same for all calls of one run of the program. */
struct lh_run {
    struct lh_log *log;
    struct lh_signals *signals; /* NULL: none */
    struct lh_deadline deadline;
    int64_t as_of_ms;            /* the horizon; UTC */
    struct lh_http_client *http; /* of the source; NULL: no HTTP */
};

/* The table of services for connectors in this process. Static, complete, constant. */
extern const struct lh_host lh_service_host;

struct lh_instance;

/* Opens an instance. `opts` (finished) and `run` must live longer. */
int lh_instance_open(const struct lh_plugin *plugin, const struct lh_opts *opts,
                     const struct lh_run *run, struct lh_instance **ret, struct lh_error *e);
void lh_instance_close(struct lh_instance *instance);
LH_AUTOPTR(lh_instance, lh_instance_close)

/* The process that the connector runs in; 0: this one, or none at the moment. */
pid_t lh_instance_pid(const struct lh_instance *instance);

/* Whether parts were reported missing (H->partial) since open: the run ends with LH_PARTLY. */
bool lh_instance_partial(const struct lh_instance *instance);

/* LH_E_* of the last call that has ended; LH_OK when it did not fail. An exit code says less: it is
 * one for credentials that are refused and for a right that is missing. */
int lh_instance_result(const struct lh_instance *instance);

/*
 * Requests that the connector has made since open, whether the source answered or the cache;
 * repetitions after a failure are not counted. bucket: those of a limit of the spec, with those of
 * limits that lie within it; NULL: all.
 */
uint64_t lh_instance_requests(const struct lh_instance *instance, const char *bucket);

/* --- catalog calls; all text is owned by the result ------------------------------------------- */

struct lh_table_entry {
    char *name, *id, *category, *comment; /* "" when not given; id and category are filled in */
    char **ns;
    size_t n_ns;
    uint32_t flags;
};

struct lh_tables {
    struct lh_table_entry *items;
    size_t n;
};

void lh_tables_free(struct lh_tables *tables);

struct lh_metadata {
    uint32_t ingestion, flags; /* LH_INGEST_*, LH_TABLE_* */
    char **keys;
    size_t n_keys;
    char *cursor, *category; /* "" without one */
    json_t *props;           /* object of set_prop values, as JSON text in strings; may be NULL */
};

/* "cdc": an LH_INGEST_* as users and manifests have it. */
const char *lh_ingestion_name(uint32_t ingestion);

void lh_metadata_free(struct lh_metadata *metadata);

struct lh_step {
    char *name, *detail;
    int code; /* LH_OK or LH_E_* */
};

/* What an LH_E_* is for people ("LH_E_AUTH") and as an exit code (enum lh_code). */
const char *lh_result_name(int code);
int lh_result_exit(int code);

struct lh_steps {
    struct lh_step *items;
    size_t n;
};

void lh_steps_free(struct lh_steps *steps);

/* Paths of namespaces: items[i] has the parts of one. */
struct lh_namespaces {
    struct lh_table_entry *items; /* ns and n_ns only */
    size_t n;
};

void lh_namespaces_free(struct lh_namespaces *namespaces);

int lh_instance_list_tables(struct lh_instance *in, const lh_str *ns, size_t n_ns,
                            struct lh_tables *ret, struct lh_error *e);
int lh_instance_list_namespaces(struct lh_instance *in, const lh_str *prefix, size_t n,
                                struct lh_namespaces *ret, struct lh_error *e);
int lh_instance_check(struct lh_instance *in, struct lh_steps *ret, struct lh_error *e);

/* table_opts: finished, of this table. */
int lh_instance_schema(struct lh_instance *in, lh_str table, const struct lh_opts *table_opts,
                       struct lh_schema **ret, struct lh_error *e);
int lh_instance_metadata(struct lh_instance *in, lh_str table, const struct lh_opts *table_opts,
                         struct lh_metadata *ret, struct lh_error *e);

/* Whether keys and cursor are columns, by their exact names: LH_BAD_PLUGIN names the one that is
 * not. */
int lh_instance_match(const struct lh_instance *in, lh_str table,
                      const struct lh_metadata *metadata, const struct lh_schema *schema,
                      struct lh_error *e);

/* --- reading ---------------------------------------------------------------------------------- */

/*
 * Takes what a read produces, in order. A function that answers other than 0 (with e set) ends the
 * read. `row` is on the tape of its document for verbatim rows; for rows that were built it is NULL
 * and text has it. text is one line, valid during the call.
 */
struct lh_row_writer {
    int (*row)(void *arg, uint32_t op, lh_str text, const struct lh_json *row, struct lh_error *e);
    /* All rows so far belong to this offset (canonical JSON). */
    int (*checkpoint)(void *arg, lh_str offset, struct lh_error *e);
    void *arg;
    /*
     * The rows since the last checkpoint (or since the beginning) come again: takes them back as
     * far as it can.
     */
    int (*rewind)(void *arg, struct lh_error *e);
};

enum lh_read_flow { LH_READ_ROWS, LH_READ_DELETES };

struct lh_read {
    lh_str table;
    const struct lh_opts *table_opts;
    enum lh_read_flow flow;
    lh_str offset, end, partition; /* JSON; empty: none */
    uint64_t max_rows;             /* hint; 0: none */
    uint32_t ingestion;            /* LH_INGEST_* of the table's metadata: rule 23 asks for it */
};

/*
 * One call of read_table, read_table_deletes or read_partition. *ret_more: the connector said
 * LH_MORE. Deletes of a connector that emits LH_DELETE in read_table are served from there, and
 * upserts are left out of that flow (and the other way round).
 */
int lh_instance_read(struct lh_instance *in, const struct lh_read *what,
                     const struct lh_row_writer *to, bool *ret_more, struct lh_error *e);

/* The newest offset up to the horizon, canonical; LH_INVALID where it is not offered. */
int lh_instance_latest_offset(struct lh_instance *in, const struct lh_read *what,
                              struct lh_buf *ret, struct lh_error *e);

struct lh_partition {
    char *json; /* canonical */
    uint64_t weight;
};

struct lh_partitions {
    struct lh_partition *items;
    size_t n;
};

void lh_partitions_free(struct lh_partitions *partitions);

int lh_instance_partitions(struct lh_instance *in, const struct lh_read *what,
                           struct lh_partitions *ret, struct lh_error *e);

#endif
