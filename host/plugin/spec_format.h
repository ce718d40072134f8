/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the format of a spec is written down: what an object may hold, as rows of tables.
 * spec-format.c has the tables, spec-shape.c walks a document along them; for these two files only,
 * and so that the tables can be read, the shapes have short names.
 */
#ifndef LH_PLUGIN_SPEC_FORMAT_H
#define LH_PLUGIN_SPEC_FORMAT_H

#include "plugin/spec_internal.h"

#define LH_SPEC_ITEMS 1024 /* at most, of a list or map; those of options are fewer */

enum lh_spec_shape {
    TEXT,       /* by a text rule */
    TEXTS,      /* a list of those */
    TEXT_MAP,   /* name -> text */
    HEADER_MAP, /* header -> text */
    CHOICE,     /* one of `words` */
    BOOL,
    INT,          /* min to max */
    INTS,         /* a list of those */
    INT_OR_TEXT,  /* the text is a template */
    RATE,         /* a number above 0 */
    RATE_OR_TEXT, /* the text is a template */
    SCALAR_MAP,   /* JSON pointer -> text, number, true, false, null */
    TEXTS_MAP,    /* name -> list of texts */
    OBJECT,       /* with `keys` */
    OBJECTS,      /* a list of those */
    OBJECT_MAP,   /* name -> one of those */
    SIGN_INS,     /* a list of objects whose keys depend on "kind" */
    COLUMN_NOTES, /* "native", "live" or a list of objects with `keys` */
    SEEN_BEFORE,  /* seen before the walk */
};

struct lh_spec_key {
    const char *name;
    enum lh_spec_shape shape;
    bool required;
    enum lh_text_rule rule;
    const char *words;
    const struct lh_spec_key *keys;
    int64_t min, max; /* of numbers */
    size_t items;     /* at most, of a list; 0: LH_SPEC_ITEMS */
};

/* What the document itself may hold; ends with .name == NULL. */
extern const struct lh_spec_key lh_spec_keys[];

/* What an entry of sign_in may hold, by its kind; in the order of enum lh_sign_in_kind. */
#define LH_SPEC_KINDS 6
struct lh_spec_kind {
    const char *name;
    const struct lh_spec_key *keys;
};
extern const struct lh_spec_kind lh_spec_kinds[LH_SPEC_KINDS];

/* What "needs" may name. */
#define LH_SPEC_FEATURES 4
extern const struct lh_spec_feature lh_spec_features[LH_SPEC_FEATURES];

#endif
