/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: the insides of a schema, and the parser's entry points
 * for a schema that is being built.
 */
#ifndef LH_SCHEMA_SCHEMA_INTERNAL_H
#define LH_SCHEMA_SCHEMA_INTERNAL_H

#include "schema/schema.h"

struct lh_schema {
    struct lh_arena arena;
    struct lh_type root;
    /* The structs that are being filled: the root, and one for each begin without its end. */
    struct lh_type *open[LH_SCHEMA_MAX_DEPTH + 1];
    unsigned depth[LH_SCHEMA_MAX_DEPTH + 1]; /* containers around the columns of open[i] */
    unsigned level;
    size_t n_columns; /* at all levels */
    size_t n_text;
};

/* What a parse may use, and what it used: columns counts up to LH_SCHEMA_MAX_COLUMNS. */
struct lh_ddl {
    struct lh_arena *arena;
    lh_str text;
    unsigned depth;       /* containers around the text */
    size_t columns;       /* columns so far; counted up */
    bool may_open;        /* a struct without "<" is legal, once */
    struct lh_type *open; /* that struct */
    unsigned open_depth;  /* containers around its fields */
};

/* ddl->text as one type. */
int lh_ddl_type(struct lh_ddl *ddl, const struct lh_type **ret, struct lh_error *e);

/* ddl->text as the columns of a struct type, which is filled. */
int lh_ddl_columns(struct lh_ddl *ddl, struct lh_type *to, struct lh_error *e);

/*
 * Appends a column to a struct type, with copies of nothing. LH_INVALID when the name is empty or
 * stands there before, in any ASCII case.
 */
int lh_type_push(struct lh_arena *arena, struct lh_type *to, const struct lh_column *column,
                 struct lh_error *e);

/* ASCII case aside, and names as messages show them. */
bool lh_name_same(lh_str a, lh_str b);

/* The type without the fields of its structs: array<struct>. */
void lh_type_write_outline(struct lh_buf *to, const struct lh_type *type);

/* "year", "month", ... */
const char *lh_unit_name(enum lh_interval_unit unit);

#endif
