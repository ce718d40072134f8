/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has changed between two catalogs.
 *
 * In: two documents that lh_catalog_write made. Out: changes, sorted, each breaking or not.
 *
 *     table      added: no           removed, refused or failed now: yes
 *     column     added: no, but NOT NULL: yes           removed, retyped (also wider): yes
 *     null       now possible: yes   no longer possible: no
 *     primary keys, cursor, ingestion type: yes         category: no
 *
 * A column may be a field: "address.city", "labels[].name", "prices{}" (the values of a map). The
 * order of columns, and of keys, is no change. What is compared of keys, cursor and type are both
 * truths, our connector's ("native") and the Python connector's ("upstream").
 */
#ifndef LH_CATALOG_DIFF_H
#define LH_CATALOG_DIFF_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/json.h"

/* A table of a document; everything points into the document. */
struct lh_document_table {
    const char *path; /* "owner/repo/issues": namespace and name, which messages show */
    lh_str name;
    const struct lh_json *json;
};

struct lh_catalog_document {
    struct lh_buf text;
    struct lh_json_doc *doc;
    struct lh_document_table *tables; /* sorted by path */
    size_t n;
    struct lh_arena arena;
};

#define LH_CATALOG_DOCUMENT_INIT                                                                   \
    {                                                                                              \
        .text = LH_BUF_INIT((size_t)1 << 30)                                                       \
    }

void lh_catalog_document_free(struct lh_catalog_document *d);

/*
 * Reads a document; "-" is standard input. LH_INVALID with file, line and column for what is no
 * such document, and for one of a later version. ret is LH_CATALOG_DOCUMENT_INIT before, and freed
 * by the caller also after a failure.
 */
int lh_catalog_document_read(const char *file, struct lh_catalog_document *ret, struct lh_error *e);

/* The same for a text that was read already, into ret->text. */
int lh_catalog_document_parse(const char *name, struct lh_catalog_document *ret,
                              struct lh_error *e);

struct lh_change {
    const char *kind;   /* "column_retyped"; static */
    const char *table;  /* its path */
    const char *column; /* or the part that changed: "upstream.primary_keys"; "": the table */
    const char *before, *after; /* "": nothing to show */
    bool breaking;
};

struct lh_changes {
    struct lh_change *items;
    size_t n, cap, n_breaking;
    struct lh_arena arena; /* holds texts */
};

void lh_changes_free(struct lh_changes *c);

/* Adds all changes; sorted by table, column, kind. */
void lh_catalog_diff(const struct lh_catalog_document *before,
                     const struct lh_catalog_document *after, struct lh_changes *ret);

#endif
