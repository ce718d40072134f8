/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between coerce.c, which walks rows, and the files that convert scalars. A conversion writes a
 * whole JSON value, or nothing at all.
 */
#ifndef LH_SCHEMA_COERCE_INTERNAL_H
#define LH_SCHEMA_COERCE_INTERNAL_H

#include "schema/coerce.h"

enum lh_outcome {
    LH_OUTCOME_NULL = 0, /* nothing was written: there is no value, and that is fine */
    LH_OUTCOME_REJECTED, /* nothing was written: the value does not fit */
    LH_OUTCOME_ROUNDED,  /* written, without some of its digits */
    LH_OUTCOME_KEPT
};

/* v is neither NULL nor null. */
typedef enum lh_outcome lh_convert(const struct lh_type *type, const struct lh_json *v,
                                   struct lh_buf *to);

/* coerce-number.c */
lh_convert lh_coerce_boolean;
lh_convert lh_coerce_integer;
lh_convert lh_coerce_decimal;
lh_convert lh_coerce_float;

/* coerce-time.c */
lh_convert lh_coerce_date;
lh_convert lh_coerce_timestamp;

/* coerce-text.c */
lh_convert lh_coerce_string;
lh_convert lh_coerce_limited;
lh_convert lh_coerce_binary;
lh_convert lh_coerce_interval;
lh_convert lh_coerce_variant;
lh_convert lh_coerce_void;

/* The text of a string or number without white space around it; empty for other kinds. */
lh_str lh_coerce_text(const struct lh_json *v);

/* A quoted text that needs no escapes. */
void lh_coerce_quote(struct lh_buf *to, lh_str plain);

#endif
