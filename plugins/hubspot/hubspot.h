/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the HubSpot connector share: the objects as data (objects.c), records and what
 * they are associated with (records.c), where a read stands (place.c). hubspot.c reads them.
 */
#ifndef HUBSPOT_H
#define HUBSPOT_H

#include <lakehost/sdk.h>

extern const struct lh_host *hubspot_host; /* the host's table, from the entry function */
#define H hubspot_host

#define N_OBJECTS   9   /* of HubSpot's own */
#define MOST_LINKS  4   /* kinds of objects that one is associated with */
#define BATCH_ROWS  100 /* records of a list, and inputs of a batch; HubSpot's bounds */
#define SEARCH_ROWS 200

/* --- objects: what there is to read ----------------------------------------------------------- */

struct object {
    const char *name, *comment;
    const char *cursor; /* the property that changes are searched by */
    const char *scope;  /* without which HubSpot answers 403 */
    uint32_t ingestion;
    const char *links[MOST_LINKS + 1]; /* objects whose ids a row has, in columns; ends with NULL */
};

extern const struct object hubspot_objects[N_OBJECTS];
extern const struct object hubspot_custom_object; /* what all custom objects have in common */

/* A table, found. Owned by the call. */
struct table {
    const struct object *object;
    lh_str name;
    lh_str type; /* in URLs: the name, or the id of a custom object */
};

/*
 * The table of this name. HubSpot is asked for custom objects, once a run, when it is none of its
 * own; has_custom says whether there are any for us. LH_E_NOT_FOUND, LH_E_DENIED.
 */
int hubspot_find(lh_call *c, lh_str name, int has_custom, struct table *ret);

/* GET of the definitions of custom objects; *ret may be any answer. */
int hubspot_ask_custom(lh_call *c, const struct lh_http_resp **ret);

/* The next custom object of that answer's list behind *at (NULL: the first); -1 at the end. */
int hubspot_next_custom(lh_call *c, const lh_json *list, const lh_json **at, struct table *ret);

/* The definitions of a table's properties, asked for once a run: an array. */
int hubspot_ask_properties(lh_call *c, const struct table *t, const lh_json **ret);

/* Spark type of a property. */
lh_str hubspot_type_of(const lh_json *property);

/* What an answer other than 2xx means for this table; returns the code. */
int hubspot_refuse(lh_call *c, const struct table *t, const struct lh_http_resp *answer);

/* --- place: where a read stands, and its offset ----------------------------------------------- */

#define NO_ID (-1)

/*
 * Where a read stands. An offset is one of
 *
 *     {"after": A, "until": H}                 within the list of all records
 *     {"updatedAt": T, "until": H}             within the changes up to H: all before T are given
 *     {"updatedAt": T, "id": I, "until": H}    and of those at T the ones with ids up to I
 *     {"updatedAt": H}                         all changes up to H are given
 *
 * and of a read of deletes, which goes through the list of archived records,
 *
 *     {"after": A, "until": H}, {"after": A, "until": H, "updatedAt": T}, {"updatedAt": H}
 *
 * where T is up to when they were given by the read before.
 */
struct place {
    enum { LISTING, SEARCHING, COVERED } state;
    int deletes;
    lh_str after;    /* of a list; empty: its beginning */
    int64_t from;    /* LHS_NO_TIME: none */
    int64_t from_id; /* NO_ID: none */
    int64_t until;
};

/* Reads the scan's offset and options. */
int hubspot_begin(lh_call *c, const struct lh_scan *s, int deletes, struct place *ret);

/* All changes up to p->until are given: COVERED, or on to those that came since. */
void hubspot_reached(const struct lh_scan *s, struct place *p);

/* The offset, made in o. reached: of p->until, all before are given. */
const lh_json *hubspot_offset(const struct place *p, int reached, lh_out *o);

/* --- records: rows of one page ---------------------------------------------------------------- */

struct row {
    int64_t id;
    const lh_json *record; /* NULL: not asked for yet, or archived meanwhile */
};

struct link {
    uint32_t row, kind; /* indexes of rows and of object->links */
    int64_t to;
};

/* The rows of one page, in the order they are given out. One serves a whole call. */
struct page {
    lh_call *call;
    const struct table *table;
    lh_str names;      /* of all properties, with commas */
    lh_str names_json; /* the same as an array */
    lh_out *body, *out;
    struct row rows[SEARCH_ROWS];
    size_t n_rows;
    struct link *links;
    size_t n_links, most_links;
    const struct lh_http_resp *answers[8]; /* that hold the records */
    size_t n_answers;
};

/* Asks for the properties, if the rows are to have them. */
int hubspot_page_open(lh_call *c, const struct table *t, int has_properties, struct page *ret);

/* Empties the page and releases its answers. */
void hubspot_page_clear(struct page *p);

/* The page keeps this answer until it is cleared. */
void hubspot_page_keep(struct page *p, const struct lh_http_resp *answer);

/* One more row; record may be NULL. LH_E_DATA: the id is no number. */
int hubspot_page_add(struct page *p, const lh_json *id, const lh_json *record);

/* The records of all rows, by id. */
int hubspot_page_records(struct page *p);

/* What all rows are associated with, by id. */
int hubspot_page_links(struct page *p);

/* Asks ahead for both. */
void hubspot_page_prefetch(struct page *p);

/* The associations that stand in the records of a list. */
int hubspot_page_inline_links(struct page *p);

/* Rows without a record are left out. */
int hubspot_page_send(struct page *p, lh_sink *sink);

/* --- read: what both flows of a table are ------------------------------------------------------
 */

int hubspot_read(lh_call *c, const struct lh_scan *s, int has_custom, int deletes, lh_sink *sink);

/* --- json ------------------------------------------------------------------------------------- */

/* Where the page behind this one begins; empty: there is none. */
lh_str hubspot_next_after(const lh_json *page);

/* A whole number in a string, or a number. */
int hubspot_id(const lh_json *value, int64_t *ret);

#endif
