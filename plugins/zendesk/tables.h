/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of Zendesk as data: where their rows come from, and their columns. */
#ifndef ZENDESK_TABLES_H
#define ZENDESK_TABLES_H

#include <lakehost/sdk.h>

/*
 * How rows come. A cursor export goes on from where its cursor points; a time export from a second,
 * whose rows come once more; a list is read whole, 100 rows a page.
 */
enum paging { CURSOR_EXPORT, TIME_EXPORT, LIST };

struct column {
    const char *name, *type;
};

struct table {
    const char *name, *comment;
    const char *cursor; /* column; NULL: none */
    uint32_t ingestion;
    enum paging paging;
    const char *path;   /* of the endpoint, without query */
    const char *member; /* of the answer, that holds the rows */
    const char *bucket; /* of the spec's limits */
    const char *time;   /* member of a row that an export goes by: epoch seconds or ISO 8601 */
    const struct column *columns;
    size_t n_columns;
};

#define N_TABLES 8
extern const struct table zendesk_tables[N_TABLES];

#endif
