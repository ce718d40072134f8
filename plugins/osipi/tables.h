/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of a PI System as data: which objects they list, which calls of PI Web API give their
 * rows, and how each column comes from what the server sent.
 *
 * The tables are in files by category; tables.c is the list of all.
 */
#ifndef OSIPI_TABLES_H
#define OSIPI_TABLES_H

#include <lakehost/sdk.h>

/* Where the value of a column comes from. */
enum how {
    AS_IS,        /* a member, as it was sent; "Links.Self" is one in another, "A|B" the first */
    AS_TEXT,      /* a member, whatever it is, as text */
    AS_LIST,      /* a member; an empty list when it is missing */
    AS_MAP,       /* a member; an empty object when it is missing */
    LAST_SEGMENT, /* a member that is a URL: the WebID at its end */
    END_TIME,     /* a time; null while it is open */
    PARENT,       /* WebID of the object in whose list it stood */
    GRANDPARENT,  /* and of the one above */
    PARENT_NAME,
    LABEL,    /* the text of the set that it is in */
    ARGUMENT, /* a text of the read: its calculation, its time */
    NOW,      /* when the call began */
    TAG,      /* WebID of the tag, as it was asked for */
    NUMBER,   /* of a timed value: its number, the code of a digital state */
    WORDS,    /* of a timed value: its text, the name of a digital state */
    IS_DIGITAL,
    COMPUTED /* the table's reader knows */
};

struct column {
    const char *name, *type;
    enum how how;
    const char *from;
    int is_required;
};

/* How a list is read to its end. */
enum paging {
    WHOLE,    /* it has no pages */
    BY_INDEX, /* startIndex and maxCount */
    BY_SIZE   /* maxCount only: asked for in one large page */
};

/* A set of objects that the server lists: all of one kind, or those that belong to a parent. */
struct set {
    const char *what;        /* for people: "element templates" */
    const struct set *of;    /* its parents; NULL: there is one list */
    const char *head, *tail; /* path before and after the parent's WebID; of NULL: head only */
    const char *query;       /* "name=value&...", or "" */
    enum paging paging;
    const char *filter;          /* parameter that takes the option nameFilter; NULL: none */
    const char *option;          /* table option: WebIDs that stand for the list; NULL: none */
    const char *member, *wanted; /* only those whose member has this value; NULL: all */
    const char *label;
    int is_bare;  /* its objects have no WebId */
    int is_timed; /* the server wants startTime, endTime and searchMode */
};

extern const struct set osipi_data_servers, osipi_asset_servers, osipi_databases, osipi_points,
    osipi_af_tables, osipi_elements, osipi_frames, osipi_inner_elements;

/* How the rows of a table come; each has a function (osipi.c). */
enum way {
    BY_LIST,      /* a row for each object of its sets */
    BY_CATALOG,   /* points, counted */
    BY_LINKS,     /* a row for each link of the objects */
    BY_HIERARCHY, /* elements, with depth and parent */
    BY_ELEMENT,   /* attributes of elements */
    BY_CONTENT,   /* rows of AF tables */
    BY_TAG,       /* values of tags: struct series */
    BY_FRAME,     /* event frames: what is new or changed */
    BY_REFERENCE, /* elements of those */
    OF_FRAMES     /* a row for each object of each event frame of the last days */
};

/* What an answer about one stream holds. */
enum shape {
    ONE_VALUE, /* a timed value; in the answer of a stream set below "Value" */
    VALUES,    /* "Items": timed values */
    SUMMARIES  /* "Items": {"Type", "Value": timed value} */
};

/* Which part of time is asked for. */
enum span {
    NO_SPAN,
    AT_TIME,     /* option time; now without it */
    NOW_OR_TIME, /* option time; none without it */
    AS_GIVEN,    /* options startTime and endTime, passed on */
    RECORDED,    /* what was recorded since the last read: pages of maxCount values */
    PLOTTED,     /* the same, thinned out to `intervals` */
    ON_GRID      /* one value each sampleInterval or summaryDuration, at whole multiples of it */
};

/* How the values of a tag are asked for. */
struct series {
    const char *action; /* streams/{w}/ACTION, streamsets/ACTION */
    enum shape shape;
    enum span span;
    const char *step;         /* ON_GRID: parameter of the step */
    const char *step_option;  /* option with it */
    const char *default_step; /* ... */
};

#define MOST_SETS 4

struct table {
    const char *name, *comment;
    enum way way;
    uint32_t ingestion;
    const char *keys[4]; /* columns, NULL behind the last */
    const char *cursor;  /* column; NULL: none */
    const struct column *columns;
    size_t n_columns;
    const struct set *sets[MOST_SETS]; /* whose objects are the rows, NULL behind the last */
    const struct series *series;       /* BY_TAG */
};

#define COLUMNS(list) list, sizeof(list) / sizeof(list)[0]

/* One category each; the order of all is that of the Python connector. */
extern const struct table osipi_discovery[], osipi_time_series[], osipi_asset_framework[],
    osipi_event_frames[], osipi_governance[];

#define N_DISCOVERY       4
#define N_TIME_SERIES     14
#define N_ASSET_FRAMEWORK 13
#define N_EVENT_FRAMES    7
#define N_GOVERNANCE      1

/* The i-th of all tables; NULL behind the last. */
const struct table *osipi_table(size_t i);

#endif
