/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of JSON and YAML texts share: places, refusals with a place, and reals as text.
 *
 * In: a text and byte offsets into it. Out: lines and columns, both from 1, columns in bytes;
 * errors that begin "<name>:<line>:<column>: ". Knows neither grammar.
 */
#ifndef LH_JSON_TEXT_H
#define LH_JSON_TEXT_H

#include "base/error.h"
#include "base/str.h"

/* Depth that a document may have, JSON or YAML, and its size; YAML has lower limits of its own. */
#define LH_DOCUMENT_DEPTH 64
#define LH_DOCUMENT_BYTES ((size_t)16 << 20)

/*
 * Counts lines as offsets go up, so that the places of all values of a text cost one pass.
 * Starts as {.text = ...}; an offset before the last one starts again at the beginning.
 */
struct lh_text_cursor {
    lh_str text;
    size_t at;         /* offset that was reached */
    size_t breaks;     /* line feeds before it */
    size_t line_start; /* offset of its line */
};

void lh_text_place(struct lh_text_cursor *cursor, size_t offset, size_t *ret_line,
                   size_t *ret_column);

/*
 * Notes the place of every value of a JSON text that a parser has taken (json/places.c). Places
 * are left as they are when the scanner refuses the text.
 */
struct lh_places;
void lh_places_scan_json(struct lh_places **places, lh_str text);

/* LH_INVALID: "<name>:<line>:<column>: <text>". */
int lh_text_error(lh_str text, const char *name, size_t offset, struct lh_error *e,
                  const char *format, ...) LH_PRINTF(5, 6);

/* 0, or LH_INVALID for more than max_bytes or for what is not UTF-8. */
int lh_text_check(lh_str text, const char *name, size_t max_bytes, struct lh_error *e);

/*
 * s in double quotes for a message: cut after some 60 bytes, control characters as \xNN. Not for
 * values, which may be secrets. The caller frees it.
 */
char *lh_text_quote(lh_str s);

/*
 * The shortest of 15 to 17 digits that read back as the same double, in a form that JSON, YAML
 * 1.1 and YAML 1.2 all take for a real: 19.99, 3.0, 1.0e+300. value must be finite.
 */
void lh_text_real(double value, char ret[32]);

/* The double that a JSON or YAML number says, whatever the locale; infinity when too large. */
double lh_text_to_real(const char *number);

#endif
