/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the OSI PI connector share. osipi.c is the catalog, check and the instance;
 * text.c builds URLs; time.c reads PI times; walk.c asks for lists and goes through sets; row.c
 * writes rows; lists.c and frames.c read all but values. Values of tags: tags.c says which tags and
 * from when on (the offset), series.c goes through them in groups, query.c makes requests, ask.c
 * asks about one group until each of its tags has answered.
 */
#ifndef OSIPI_H
#define OSIPI_H

#include "tables.h"

/* The host's table. */
extern const struct lh_host *osipi_host;
#define H osipi_host

/* Times are ticks of 100 ns since 1970, as fine as PI's are. */
#define TICKS_PER_MS INT64_C(10000)
#define TICKS_PER_S  INT64_C(10000000)
#define NO_TICKS     INT64_MIN

/* A text that grows in memory of the call, and is used again. */
struct text {
    char *p;
    size_t n, cap;
    int failed; /* there was no memory */
};

/* An instance: options of the connection. */
struct instance {
    const lh_opts *opts;
    int64_t max_inflight;
};

/* One call that reads. */
struct reader {
    lh_call *call;
    const struct instance *self;
    const struct table *table;
    const struct lh_scan *scan;
    lh_sink *sink;
    lh_out *out;
    struct text url, ahead;
    lh_str now;                /* of the column ingestion_timestamp */
    lh_str argument;           /* of columns that are ARGUMENT */
    int64_t as_of;             /* ticks */
    int64_t page;              /* items of a page: option maxCount */
    int64_t from, to;          /* of a set that is timed: ticks */
    int64_t first_index;       /* option startIndex */
    const struct set *limited; /* a walk ends behind `enough` objects of this set; NULL: never */
    int64_t enough;
    int64_t n_rows;
};

/* An object that the server listed, or that an option names: then it has a WebID only. */
struct node {
    const lh_json *item; /* NULL: named by an option */
    lh_str webid;
    const struct set *set;
    const struct node *parent; /* NULL: none */
};

/* --- text.c ----------------------------------------------------------------------------------- */

void osipi_clear(struct text *t);
void osipi_add(struct reader *r, struct text *t, lh_str s);
/* The same for a C string, and for what a URL must carry percent-encoded. */
void osipi_add_z(struct reader *r, struct text *t, const char *s);
void osipi_add_value(struct reader *r, struct text *t, lh_str s);
/* "?name=value", or with '&' when there is a '?' already. */
void osipi_param(struct reader *r, struct text *t, const char *name, lh_str value);
void osipi_param_i64(struct reader *r, struct text *t, const char *name, int64_t value);
void osipi_param_time(struct reader *r, struct text *t, const char *name, int64_t ticks);
lh_str osipi_str(const struct text *t);

/* --- time.c ----------------------------------------------------------------------------------- */

#define TIME_SIZE 32

/* Ticks of an ISO 8601 time; NO_TICKS when it is none. */
int64_t osipi_ticks(lh_str iso);

/* ISO 8601 with as many digits behind the point as it needs. */
lh_str osipi_iso(char to[TIME_SIZE], int64_t ticks);

/*
 * A PI time: `*`, `t`, `y`, names of weekdays and months, numbers of days and years, ISO 8601,
 * 2-Mar-2026 10:00, each with offsets such as -1d+2h behind it. Days begin in UTC. NO_TICKS when it
 * is none.
 */
int64_t osipi_pi_time(lh_str text, int64_t now);

/* A PI interval of fixed length, such as 90s or 1.5h, as ticks; 0 when it is none. */
int64_t osipi_interval(lh_str text);

/* --- walk.c ----------------------------------------------------------------------------------- */

/* A walk that has enough ends with this, which never leaves walk.c. */
#define ENOUGH 1000

/* Asks for r->url; any status but 200, and an answer that broke off, is an error. */
int osipi_get(struct reader *r, uint32_t cache_ms, const struct lh_http_resp **ret);

/* Whether the answer says of itself that the rest of it is missing. */
int osipi_is_broken(const lh_json *answer);

/* What is wrong, in the server's words; empty: it does not say. */
lh_str osipi_complaint(const lh_json *content);

/* Called with each object of a walk; 0 to go on. */
typedef int osipi_each(struct reader *r, const struct node *node, void *context);

/* Goes through a set: its parents, and theirs, page by page. */
int osipi_walk(struct reader *r, const struct set *set, osipi_each *each, void *context);

/* The objects of one parent, from an index on. *io_index is then the index behind the last page
 * that was gone through; `turn` (may be NULL) is called after each page. */
int osipi_pages(struct reader *r, const struct set *set, const struct node *parent,
                int64_t *io_index, osipi_each *each, int (*turn)(struct reader *r, void *context),
                void *context);

/* --- row.c ------------------------------------------------------------------------------------ */

/* A column that the table's reader knows: writes its value into r->out. */
typedef void osipi_compute(struct reader *r, const struct column *column, const struct node *node,
                           void *context);

/* A row of the table about an object. */
int osipi_row(struct reader *r, const struct node *node, osipi_compute *compute, void *context);

/* A row about a timed value. */
int osipi_value_row(struct reader *r, lh_str tag, lh_str label, const lh_json *value);

/* A member as `from` of struct column names it; NULL when it is missing or null. */
const lh_json *osipi_member(const lh_json *item, const char *from);

/* What stands behind the last slash. */
lh_str osipi_last_segment(lh_str url);

/* --- the ways to read ------------------------------------------------------------------------- */

int osipi_read_list(struct reader *r);
int osipi_read_catalog(struct reader *r);
int osipi_read_links(struct reader *r);
int osipi_read_hierarchy(struct reader *r);
int osipi_read_element_attributes(struct reader *r);
int osipi_read_content(struct reader *r);
int osipi_read_frames(struct reader *r);
int osipi_read_of_frames(struct reader *r);

/* --- tags.c ----------------------------------------------------------------------------------- */

enum tag_state { LEFT, DONE, FAILED };

/* A tag in a window. */
struct tag {
    lh_str webid;
    int64_t since;  /* what is older was given out */
    int64_t n_at;   /* how many values of exactly `since` were given out, too */
    int64_t page;   /* values of a page */
    int64_t count;  /* values in the answer of a stream set; -1: it has none */
    int state;      /* enum tag_state */
    int tries;      /* in which nothing came */
    int code;       /* LH_E_*: what is wrong with it */
    lh_str problem; /* the same in words */
};

/*
 * Where a table of values stands: all tags were read up to `until`, and when a window is open, the
 * first `done` of them up to `to`. Tags that failed are behind, each with a time of its own.
 *
 * {"until": T} or {"until": T, "to": T, "done": N, "after": WEBID}, with "behind": {WEBID: [T, N]}
 */
struct place {
    int64_t until; /* NO_TICKS: nothing was read */
    int64_t to;    /* NO_TICKS: no window is open */
    int64_t done;
    lh_str after; /* WebID of the last that is done */
    const lh_json *behind;
};

/* The tags of a read, in the server's order. */
struct tags {
    struct tag *items;
    size_t n, cap;
};

int osipi_take_place(struct reader *r, const lh_json *offset, struct place *ret);
int osipi_find_tags(struct reader *r, struct tags *tags);
int osipi_add_tag(struct reader *r, struct tags *tags, lh_str webid);

/* Gives each tag its `since`; a window that the tags do not fit any more is begun anew. */
void osipi_put_in_place(struct place *place, struct tags *tags);

/* The offset of a place, with the tags that are behind it; NULL: too many are. */
const lh_json *osipi_offset(const struct place *place, const struct tags *tags, lh_out *out);

/* --- query.c ---------------------------------------------------------------------------------- */

#define BATCH_ID_SIZE 24

/* How the values of a scan are asked for. */
struct asking {
    struct reader *r;
    const struct series *series;
    int64_t step;     /* ON_GRID: ticks */
    lh_str step_text; /* ... as the user wrote it */
    int64_t max_tags; /* of a request; 0: as many as fit */
    int use_streamsets, use_batch;
    int has_answered; /* for one tag at least */
    int reserved;
    lh_out *body;
    lh_str base;
    int64_t from, to; /* what is being asked for */
    int64_t wait_ms;  /* before the next round, because something failed */
};

int osipi_begin_asking(struct reader *r, struct asking *ret);

/* How many of the tags make one request; at least 1. All of them have one `since`. */
size_t osipi_group(const struct asking *a, const struct tag *tags, size_t n);

/*
 * Requests for the tags that are LEFT: all in one, the first osipi_batch_size in a batch, one. The
 * URL is in `url`; without memory it is empty, or the body is.
 */
struct lh_http_req osipi_streamset_request(struct asking *a, struct text *url,
                                           const struct tag *tags, size_t n);
struct lh_http_req osipi_batch_request(struct asking *a, struct text *url, const struct tag *tags,
                                       size_t n);
struct lh_http_req osipi_stream_request(struct asking *a, struct text *url, const struct tag *tag);

size_t osipi_batch_size(const struct asking *a);

/* The name that the i-th tag has in a batch. */
lh_str osipi_batch_id(char to[BATCH_ID_SIZE], size_t i);

/* --- ask.c ------------------------------------------------------------------------------------ */

/* Asks ahead for what osipi_ask will ask first. */
void osipi_ask_ahead(struct asking *a, const struct tag *tags, size_t n, int64_t from, int64_t to);

/* Gives out all values of a group from `from` until before `to`; what fails is in the tags. */
int osipi_ask(struct asking *a, struct tag *tags, size_t n, int64_t from, int64_t to);

/* --- series.c --------------------------------------------------------------------------------- */

int osipi_read_series(struct reader *r);
int osipi_latest(struct reader *r);
int osipi_partitions(struct reader *r);
int osipi_read_partition(struct reader *r);

#endif
