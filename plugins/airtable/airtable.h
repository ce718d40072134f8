/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the Airtable connector share: types of fields (types.c), names of columns
 * (names.c), bases (bases.c), the schema of one and what a read of a table takes from it
 * (schema.c), formulas and where a read stands (place.c), the records that a call has given
 * (seen.c). read.c reads.
 */
#ifndef AIRTABLE_H
#define AIRTABLE_H

#include <lakehost/sdk.h>

extern const struct lh_host *airtable_host; /* the host's table, from the entry function */
#define H airtable_host

#define MOST_PAGE_ROWS 100 /* Airtable's bound */
#define AIRTABLE_CACHE_MS                                                                          \
    600000 /* schemas are asked for once a run, by all calls of it together                        \
            */

/* What the options of the connection say. */
struct source {
    lh_str base; /* empty: each table names its own */
    int64_t page_rows, timeout_s;
};

/* --- types: what a field's cells are ---------------------------------------------------------- */

enum cell {
    CELL_TEXT,   /* whatever it is, as text */
    CELL_NUMBER, /* a number, or text that names no number: NaN, Infinity, -Infinity */
    CELL_CHECK,  /* true, or nothing, which is false */
    CELL_TIME,   /* a date and time, in UTC */
    CELL_AS_IS,  /* dates, objects */
    CELL_LINK    /* the id of a record, or an object that has it */
};

struct type {
    enum cell cell;
    int is_list;
    const char *spark; /* of one cell, or of an element of the list */
};

/* The type of a field; of a formula, a rollup or a lookup that of its result. */
struct type airtable_type(const lh_json *field);

/* A cell in the form of its type; value may be NULL. Errors of formulas are null. */
void airtable_put_cell(lh_out *o, const struct type *type, const lh_json *value);

/* The field for people: its name, its type, its description. */
lh_str airtable_describe(lh_call *c, const lh_json *field);

/* --- names: what columns are called ----------------------------------------------------------- */

/* The name as a column may be called; never empty. p NULL: no memory. */
lh_str airtable_clean_name(lh_call *c, lh_str name);

/*
 * Makes n clean names unique, without regard to case, and other than "id" and "createdTime". Those
 * that are unique stay as they are; of equal ones the first, and each other gets a number.
 * LH_E_NOMEM.
 */
int airtable_unique_names(lh_call *c, lh_str *names, size_t n);

/* --- schema: bases, tables, columns ----------------------------------------------------------- */

struct column {
    lh_str name;
    lh_str id; /* of the field: "fld..." */
    struct type type;
    const lh_json *field;
    int is_read;
};

/* A table, found, and how it is to be read. Owned by the call. */
struct table {
    lh_str base, id, name;
    struct column *columns;
    size_t n_columns;
    const struct column *cursor; /* NULL: a snapshot */
    int has_choice;              /* not all columns are read */
    int is_text;                 /* cell_format string: every cell is text */
};

/* The path of a request: what follows /v0, which the base URL may have or not. */
lh_str airtable_url(lh_call *c, const char *path, lh_str base, const char *behind, lh_str rest);

/* What the token may use. */
struct bases {
    struct base {
        lh_str id, name;
    } * items;
    size_t n;
    const struct lh_http_resp *refused; /* an answer other than 200; NULL: none */
};

/* All bases, asked for once a run (bases.c). */
int airtable_bases(lh_call *c, struct bases *ret);

/* The category of a base's tables: its name, or its id where there is none, or another one has it.
 */
lh_str airtable_category(const struct bases *bases, lh_str id);

/* The tables of a base, asked for once a run; *ret may be any answer. */
int airtable_ask_schema(lh_call *c, lh_str base, const struct lh_http_resp **ret);

/* What an answer other than 200 means; returns the code. */
int airtable_refuse(lh_call *c, lh_str base, const struct lh_http_resp *answer);

/* The list of tables in a good answer; LH_E_DATA. */
int airtable_tables_of(lh_call *c, const struct lh_http_resp *answer, const lh_json **ret);

/* The name that a table of this list goes by: its own, or its id where that is taken or empty. */
lh_str airtable_table_name(const lh_json *tables, const lh_json *table);

/* The base of a table: of its options, else of the connection; LH_E_OPTION without any. */
int airtable_base_of(lh_call *c, const struct source *src, const struct lh_scan *s, lh_str *ret);

/* The table that the scan means. LH_E_NOT_FOUND, LH_E_OPTION. */
int airtable_find(lh_call *c, const struct source *src, const struct lh_scan *s, struct table *ret);

/* --- place: where a read stands, its filter, its offset --------------------------------------- */

/*
 * Where a read stands. Of a snapshot an offset is {"as_of": H}: read as of H. Of a table with a
 * field that says what changed it is one of
 *
 *     {"modified": T, "since": S, "empty": true, "until": H}   within a read: of what changed from
 *                                     S on ("since" is missing: ever), all before T is given, and
 *                                     with "empty" all records too in which the field is empty
 *     {"modified": H}                                          all changes up to H are given
 *
 * No place within a list of Airtable's is ever in it: these last for minutes only.
 */
struct place {
    int is_covered;  /* nothing to read up to the horizon */
    int64_t from;    /* records changed before are given; LHS_NO_TIME: none is */
    int64_t since;   /* where the read began; LHS_NO_TIME: at the beginning */
    int64_t until;   /* the horizon of the read */
    int64_t settled; /* up to where records stay in the order that they are listed in */
    int has_empty;   /* records without a value are given */
};

/* Reads the scan's offset and options. LH_E_OFFSET, LH_E_UNSUPPORTED. */
int airtable_begin(lh_call *c, const struct lh_scan *s, const struct table *t, struct place *ret);

/* The offset, made in o. reached: all up to p->until is given. */
const lh_json *airtable_offset(const struct place *p, const struct table *t, int reached,
                               lh_out *o);

/* The formula for what is left to read, with the user's own; empty: everything. NULL: no memory. */
lh_str airtable_filter(lh_call *c, const struct place *p, const struct table *t, lh_str own);

/* --- seen: the records that a call has given -------------------------------------------------- */

struct seen;

/* NULL: no memory. */
struct seen *airtable_seen_new(lh_call *c);

/* 1: the id is new, and seen from now on; 0: it is not; LH_E_NOMEM. */
int airtable_seen_add(lh_call *c, struct seen *set, lh_str id);

/* --- read ------------------------------------------------------------------------------------- */

int airtable_read(lh_call *c, const struct source *src, const struct lh_scan *s, lh_sink *sink);

/* The request for records of a table; body is JSON. */
struct lh_http_req airtable_list_request(lh_call *c, const struct source *src, lh_str base,
                                         lh_str table, lh_str body);

#endif
