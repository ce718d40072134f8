/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote service, computed: a log of changes that is a function of the seed and the time alone.
 * It stands where another connector has H->http and a page of JSON; do not copy it.
 */
#ifndef EXAMPLE_REMOTE_H
#define EXAMPLE_REMOTE_H

#include <lakehost/sdk.h>

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
    const char *name, *type; /* the type in Spark DDL; names are below 16 bytes */
    enum value value;
};

struct table {
    const char *name, *comment, *area, *key, *cursor; /* key and cursor: names of columns */
    uint32_t ingestion, flags;
    unsigned shape;
    int row_bytes;             /* about */
    struct column columns[12]; /* up to one without a name */
};

/* An instance: the options. The first `rows` entries are the initial load. */
struct source {
    int64_t rows, seed, changes, page_rows, pages, latency_ms, failure_rate;
    lh_str forbidden;
};

/* What is asked for: the entries from first to last - 1 of a table, given out as op. */
struct query {
    const struct table *table;
    lh_str name;
    int64_t since, until; /* the times in between lie all entries; since: LHS_NO_TIME is all */
    int64_t first, last;
    uint32_t op, n_asked; /* n_asked: earlier requests of the same call */
};

/* A page of rows; all of it is the service's. */
struct page {
    const struct source *src;
    uint64_t salt;
    int64_t next, last;
    size_t n_columns;
    struct {
        char lead[22]; /* what stands before the value: ,"name": */
        uint8_t size, value;
    } columns[12];
    uint32_t op;
    unsigned shape;
    char row[512]; /* the fixed text is below 250 bytes, each of seven numbers below 21 */
};

/*
 * Fills in first and last from the times. Of a log, and of deletes, these are all entries, so that
 * reads one after the other and one of all their time give the same; everything else is a state:
 * the newest entry about each row.
 */
void remote_find(const struct source *src, struct query *q);

/* When entry i happened. */
int64_t remote_time_of(const struct source *src, int64_t i);

/*
 * Asks for the entries: 200, 403 for a forbidden table, 503 at the failure rate, but never for the
 * first request of a call, so that each call gets on.
 */
int remote_get(const struct source *src, const struct query *q, struct page *ret);

/* The page's next row as text, until the next call; of deletes key and cursor. {NULL, 0}: none. */
lh_str remote_next(struct page *page);

#endif
