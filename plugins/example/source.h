/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in for a remote source: a log of changes that anybody can compute.
 *
 * Entry i happens at source_time(i) and says something about one row, so the state at any time T is
 * a pure function of the seed and of T. A connector to copy is example.c; a real one has H->http
 * where that one calls this.
 */
#ifndef EXAMPLE_SOURCE_H
#define EXAMPLE_SOURCE_H

#include <lakehost/sdk.h>

/* The options. The first `rows` entries are the initial load, then come `changes` a day. */
struct source {
    const struct lh_host *host;
    int64_t rows, seed, interval_ms, page_rows, pages, latency_ms, failure_rate;
    lh_str forbidden;
};

/* What can stand in a column; AS_TEXT: the whole row is example_row_metric. */
enum value { ID, USER_ID, NAME, EMAIL, PRICE, COUNT, FLAG, TAGS, KIND, STATUS, TIME, AS_TEXT };

/* One entry: id, when its row says that it happened, its turn in the life of an order. */
struct row {
    const struct lh_host *host;
    int64_t id, time_ms, turn, users;
    uint64_t random;
};

/* How a table's entries are made. */
enum shape {
    IN_PLACE = 0,    /* entry i is about row i modulo rows */
    LOG = 1,         /* each entry is a row of its own */
    LIVES = 2,       /* new, paid, shipped, deleted; then another order */
    CLOCKS_AHEAD = 4 /* every 50th row is dated 30 days later */
};

/* When entry i happens, and how many entries there are at a time. */
int64_t example_source_time(const struct source *src, int64_t i);
int64_t example_source_entries(const struct source *src, int64_t time_ms);

/*
 * What stands for a request for rows from an entry on: takes time, may be refused (LH_E_DENIED),
 * may fail (LH_E_UNAVAILABLE), but never at the first of a call, so that each call gets on.
 */
int example_source_ask(lh_call *c, const struct source *src, lh_str table, int64_t entry,
                       int64_t n_asked);

/* What makes the values of this table those of the seed and no other table's. */
uint64_t example_source_salt(const struct source *src, lh_str table);

/* Entry i of a table. */
struct row example_source_row(const struct source *src, uint64_t salt, unsigned shape, int64_t i);
int example_row_is_deleted(const struct row *r);

/* Writes one value of the row. */
void example_row_put(const struct row *r, enum value what, lh_out *to);

/* The row as a whole, as a text of the table `metrics`. */
#define METRIC_SIZE 512
lh_str example_row_metric(const struct row *r, char to[METRIC_SIZE]);

#endif
