/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the example connector share: tables as data, and the calls that read. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "source.h"

#define DAY_MS INT64_C(86400000)

/* The host's table, from the entry function. */
extern const struct lh_host *example_host;
#define H example_host

struct column {
    const char *name; /* NULL: the end of what "struct" began */
    const char *type; /* Spark DDL */
    enum value value;
    uint32_t flags;
};

struct table {
    const char *name, *comment;
    const char *key, *cursor; /* names of columns */
    const struct column *columns;
    size_t n_columns;
    uint32_t ingestion, flags;
    unsigned shape;
    int row_bytes; /* about */
};

extern const struct table example_tables[];

/* The table of a scan, if it is where the options say; NULL: the message is recorded. */
const struct table *example_find(lh_call *c, const struct lh_scan *s);

int example_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink);
int example_read_table_deletes(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink);
int example_latest_offset(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink);
int example_get_partitions(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink);
int example_read_partition(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink);
int example_estimate(lh_call *c, void *self, const struct lh_scan *s, struct lh_estimate *ret);

#endif
