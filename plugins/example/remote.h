/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote service, computed: a log of changes that is a function of the seed and the time alone.
 * It stands where another connector has H->http and a page of JSON; do not copy it.
 */
#ifndef EXAMPLE_REMOTE_H
#define EXAMPLE_REMOTE_H

#include <lakehost/sdk.h>

#define DAY_MS   INT64_C(86400000)
#define ROW_SIZE 512 /* a row's fixed text is below 250 bytes, each of seven numbers below 21 */

/* What can stand in a column; the first three are never null. A struct begins and ends. */
/* clang-format off */
enum value { ID, TIME, SENSOR, USER, NAME, EMAIL, PRICE, COUNT, FLAG, TAGS, KIND, STATUS, READING,
             QUALITY, SITE, RACK, SAMPLES, LABELS, STRUCT, END };
/* clang-format on */

/* How a table's entries are made. */
enum shape {
    IN_PLACE = 0,    /* entry i is about row i modulo rows */
    LOG = 1,         /* each entry is a row of its own */
    LIVES = 2,       /* new, paid, shipped, deleted; then another order */
    CLOCKS_AHEAD = 4 /* every 50th row is dated 30 days later */
};

struct column {
    const char *name, *type; /* the type in Spark DDL */
    enum value value;
};

struct table {
    const char *name, *comment, *key, *cursor; /* key and cursor: names of columns */
    uint32_t ingestion, flags;
    unsigned shape;
    int row_bytes;             /* about */
    struct column columns[12]; /* up to one without a name */
};

/* An instance: the options. The first `rows` entries are the initial load. */
struct source {
    int64_t rows, seed, interval_ms, page_rows, pages, latency_ms, failure_rate;
    lh_str forbidden;
};

/* When entry i happens, and how many entries there are at a time. */
int64_t remote_time_of(const struct source *src, int64_t i);
int64_t remote_entries_at(const struct source *src, int64_t time_ms);

/*
 * Asks for a page that begins with this entry: 200, 403 for a forbidden table, 503 at the failure
 * rate, but never for the first request of a call, so that each call gets on.
 */
int remote_ask(const struct source *src, lh_str table, int64_t entry, int64_t n_asked);

/* What makes a table's values those of the seed and of no other table. */
uint64_t remote_salt(const struct source *src, lh_str table);

/*
 * The row of entry i as the service sends it, in `to`; of deletes the key and the cursor alone.
 * Empty when the entry is none of this op.
 */
lh_str remote_row(const struct source *src, uint64_t salt, const struct table *t, uint32_t op,
                  int64_t i, char to[ROW_SIZE]);

#endif
