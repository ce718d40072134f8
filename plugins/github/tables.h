/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of GitHub as data: what they are about, how their rows come, their columns. */
#ifndef GITHUB_TABLES_H
#define GITHUB_TABLES_H

#include <lakehost/sdk.h>

/* What a table is about: as many levels of a namespace, which are options, say where it is. */
enum scope { OF_ACCOUNT, OF_OWNER, OF_REPO };

/* How its rows come; each has a file or a function of its own. */
enum way { BY_UPDATE, BY_PULL, BY_REVIEW, BY_COMMIT, BY_LIST };

struct column {
    const char *name, *type;
    int is_required; /* the source never leaves it out */
};

struct table {
    const char *name, *comment;
    enum scope scope;
    enum way way;
    uint32_t ingestion;
    const char *keys[3]; /* columns, NULL behind the last */
    const char *cursor;  /* column; NULL: none */
    const char *path;    /* of its list; of what belongs to a repository, below that */
    const char *query;   /* besides per_page; "" or with a '&' at the end; NULL: no list */
    const char *needs;   /* what a token must be allowed to, for messages */
    const struct column *columns;
    size_t n_columns;
};

#define N_TABLES 12
extern const struct table github_tables[N_TABLES];

#endif
