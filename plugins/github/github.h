/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the GitHub connector share. github.c is the catalog and the instance; repos.c
 * says which repositories a scan is about; offset.c keeps where each of them stands; request.c
 * asks; updates.c, pulls.c, commits.c and lists.c read.
 *
 * An offset is {"repos": {"OWNER/NAME": PLACE, ...}}, see struct place.
 */
#ifndef GITHUB_H
#define GITHUB_H

#include "tables.h"

/* The host's table. */
extern const struct lh_host *github_host;
#define H github_host

/*
 * Seconds before the horizon in which nothing is settled: what is stamped with one of them may
 * still change under the same stamp, or was changed while it was listed. No cursor lies there.
 */
#define SETTLE_MS INT64_C(5000)

/*
 * Where the read of one repository stands. Which members a table uses is its file's business.
 *
 * as_of without next: everything up to that horizon was given out; the next run begins a little
 * before the cursor (lookback). Without as_of a run was interrupted and goes on just there.
 */
struct place {
    int64_t cursor; /* a time of GitHub's; LHS_NO_TIME: none */
    int64_t as_of;  /* a horizon; LHS_NO_TIME: not reached */
    lh_str next;    /* the page to go on with; empty: none */
    lh_str head;    /* commits: the newest commit of this read or the last */
    lh_str base;    /* commits: only what head has and this has not; empty: all */
    int64_t listed; /* commits: how many of a comparison were given out */
    int64_t *seen; /* ids of the rows of the cursor's second that were given out, up to MOST_SEEN */
    size_t n_seen;
};

#define MOST_SEEN 500

struct repo {
    lh_str owner, name; /* as the options have them */
    lh_str key;         /* OWNER/NAME, in offsets */
    lh_str path;        /* /repos/OWNER/NAME */
    struct place place;
    struct place kept; /* as the last checkpoint has it */
};

/* One call that reads. */
struct reader {
    lh_call *call;
    const struct table *table;
    const struct lh_scan *scan;
    lh_sink *sink;
    lh_out *out;
    struct repo *repos;
    size_t n_repos;
    struct repo *repo; /* the one that is being read; NULL: a table of something else */
    lh_str state;      /* option: open, closed, all */
    int64_t page_rows, lookback_ms;
    int64_t start;             /* option start_date; LHS_NO_TIME: from the beginning */
    int64_t n_rows, most_rows; /* of this call */
    lh_str problem;            /* why the last request was refused */
};

/* --- request.c -------------------------------------------------------------------------------- */

/* Asks; any status but 200 becomes the error that it means for the table. */
int github_get(struct reader *r, lh_str url, const struct lh_http_resp **ret);

/* The same, and an answer with this other status (0: none) is no error. */
int github_get_or(struct reader *r, lh_str url, int status, const struct lh_http_resp **ret);

/* path?query, with per_page at the end; query is empty or ends with '&'. */
lh_str github_list_url(const struct reader *r, lh_str path, const char *query);

/* The answer's array of objects, or its member's; LH_E_DATA for anything else but null. */
int github_rows(struct reader *r, const struct lh_http_resp *answer, const char *member,
                const lh_json **ret);

/* The page after this one by its Link header, in memory of the call; empty: there is none. */
int github_next(struct reader *r, lh_str url, const struct lh_http_resp *answer, lh_str *ret);

/* An absolute URL or a path, of the characters that URLs are made of. */
int github_is_url(lh_str s);

void github_prefetch(struct reader *r, lh_str url);

/* A row of the repository that is being read: whose it is, then all that the source sent. */
int github_send(struct reader *r, const lh_json *row);

/* A member that holds a time; LHS_NO_TIME when it does not. */
int64_t github_time(const lh_json *row, const char *member);

/* --- repos.c ---------------------------------------------------------------------------------- */

/* The repositories that the scan's options name, into r->repos. */
int github_find_repos(struct reader *r);

/* Adds every repository of a user or an organization, each once, in GitHub's order. */
int github_add_repos_of(struct reader *r, lh_str owner);

/* Whether it can be a segment of a path, and a namespace. */
int github_is_name(lh_str s);

/* --- offset.c --------------------------------------------------------------------------------- */

/* Finds the place of each of r->repos in the scan's offset. */
int github_take_offset(struct reader *r);

/* All rows so far belong to where the repositories stand. LH_MORE: return it. */
int github_commit(struct reader *r);

/* The same at the end of the repository that is being read. */
int github_finish(struct reader *r);

/* Of hexadecimal digits. */
int github_is_sha(lh_str s);

/* Back to the last checkpoint: the repository's read failed, and others go on. */
void github_forget(struct reader *r);

/* The time as a cursor, if it may be one: before the horizon, and settled. */
int github_is_settled(const struct reader *r, int64_t time);

/* --- the ways to read ------------------------------------------------------------------------- */

int github_read_updates(struct reader *r);
int github_read_pulls(struct reader *r);
int github_read_reviews(struct reader *r);
int github_read_commits(struct reader *r);
int github_read_list(struct reader *r);

#endif
