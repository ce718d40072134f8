/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that people or control planes write: configuration, specs, state, workspace answers.
 *
 * In: a JSON text (read by jansson) or a YAML text (yaml/yaml.h). Out: one jansson tree that
 * knows where each value stood, so that a check further on can say
 *
 *     lakehost.yaml:7:12: key /pipeline/channel: expected CURRENT or PREVIEW, found "NIGHTLY"
 *
 * Keys are named by JSON Pointer (RFC 6901); "" is the whole document. Records of sources never
 * pass through here: jansson has no integers beyond 64 bits and changes decimals (json/json.h).
 */
#ifndef LH_JSON_DOCUMENT_H
#define LH_JSON_DOCUMENT_H

#include "base/buf.h"
#include "base/error.h"

#include <jansson.h>

struct lh_places;

struct lh_document {
    char *name;               /* the file's name as messages show it; owned */
    json_t *root;             /* owned */
    struct lh_places *places; /* pointer -> line and column; owned */
};

void lh_document_free(struct lh_document *d);

/*
 * Reads a JSON text. `name` is for messages. Refused with LH_INVALID and a place: what is not
 * RFC 8259, duplicate keys, NUL in a string, numbers that jansson cannot hold exactly, more than
 * 16 MiB, more than 64 levels. ret is untouched on failure.
 */
int lh_document_parse_json(struct lh_document *ret, lh_str text, const char *name,
                           struct lh_error *e);

/* Where the value at `pointer` stands; the place of its nearest known parent else; 0:0 unknown. */
void lh_document_place(const struct lh_document *d, const char *pointer, size_t *ret_line,
                       size_t *ret_column);

/*
 * For readers: notes a place; *places begins as NULL. Bounded (pointers of 1 KiB, 250,000 places):
 * what is beyond is not noted, and found at its parent.
 */
void lh_places_add(struct lh_places **places, const char *pointer, size_t line, size_t column);
bool lh_places_find(struct lh_places *places, lh_str pointer, size_t *ret_line, size_t *ret_column);
void lh_places_free(struct lh_places *places);

/* The value at a JSON pointer, borrowed; NULL when there is none. */
json_t *lh_document_at(const struct lh_document *d, const char *pointer);

/*
 * LH_INVALID: "<name>:<line>:<column>: key <pointer>: <text>". The one way to complain about a
 * value of a document.
 */
int lh_document_error(const struct lh_document *d, const char *pointer, struct lh_error *e,
                      const char *format, ...) LH_PRINTF(4, 5);

/* Appends "/<name>" or "/<index>" to a pointer, with ~ and / escaped; the caller frees it. */
char *lh_pointer_join(const char *pointer, const char *name);
char *lh_pointer_index(const char *pointer, size_t index);

/* The same in place, for a walk that cuts the buffer back by itself. */
void lh_pointer_push(struct lh_buf *pointer, lh_str name);
void lh_pointer_push_index(struct lh_buf *pointer, size_t index);

/* "an object", "a string", "the number 3": a value in words, for messages. Owned by the caller. */
char *lh_document_describe(const json_t *value);

/*
 * JSON as lakehost prints it: keys sorted, `indent` spaces (0 = one line), UTF-8 as it is, no
 * trailing newline. Owned by the caller.
 */
char *lh_document_dump(const json_t *value, int indent);

#endif
