/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact JSON: reading without converting, and building.
 *
 * In: a text (a page of a source, a row, an offset). Out: a tape of 16 bytes a value that refers
 * into that text; strings are decoded and numbers converted only when somebody asks. What is
 * written again comes out byte for byte: 64-bit ids, decimals such as 19.99, unknown members.
 *
 * This is for payloads. Configuration and control documents, which want a mutable tree and
 * messages with places, go through json/document.h (jansson).
 *
 * Nothing here allocates per value, knows a file or prints.
 */
#ifndef LH_JSON_JSON_H
#define LH_JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

/*
 * One value on the tape. Members of an object are two entries, the key (a string) and the value.
 *
 * `link` makes walking possible from an entry alone, without a pointer back to the document: a
 * leaf (scalar, key, or empty container) holds its own index; a container with members holds the
 * number of entries that it spans, itself included. So the next sibling is `span` entries on, and
 * the document is found through the leftmost leaf, whose index leads to the entry before the
 * first, which holds the document. The tape itself is free of pointers and can be sent elsewhere.
 */
struct lh_json {
    uint32_t start; /* offset of the first byte in the text */
    uint32_t len;   /* bytes, with quotes and braces */
    uint32_t link;  /* see above */
    uint32_t info;  /* kind and flags; keys: hash of the name; containers: count of members */
};

struct lh_json_limits {
    size_t max_bytes;    /* of text; at most 4 GiB - 1 */
    uint32_t max_depth;  /* of nesting, containers only: [] is 1 */
    uint32_t max_values; /* entries on the tape, so keys count; at most 2^28 - 1 */
};

/* 64 MiB, 64 levels, 64 Mi values: the bounds of a page (interface.md, frames). */
extern const struct lh_json_limits lh_json_page_limits;

enum lh_json_reason {
    LH_JSON_FINE = 0,
    LH_JSON_SYNTAX,    /* not RFC 8259 */
    LH_JSON_BAD_UTF8,  /* also a \u escape that is half a surrogate pair */
    LH_JSON_TOO_DEEP,  /* a limit; the source asks too much */
    LH_JSON_TOO_LARGE, /* a limit: bytes or values */
};

/* Why a scan stopped, and where. */
struct lh_json_problem {
    enum lh_json_reason reason;
    size_t offset;        /* of the offending byte; text length at an early end */
    const char *expected; /* static text: "a value", "',' or '}'" */
};

struct lh_json_doc;

/* A document that can be scanned into again and again: tape and memory are kept for the next. */
struct lh_json_doc *lh_json_doc_new(void);
void lh_json_doc_destroy(struct lh_json_doc *doc);
LH_AUTOPTR(lh_json_doc, lh_json_doc_destroy)

/*
 * Ends the document before its text goes: it is empty, and values that somebody still holds answer
 * NONE and "" until the next scan.
 */
void lh_json_doc_clear(struct lh_json_doc *doc);

/*
 * One pass over `text`: grammar (RFC 8259, any value at the top), UTF-8, depth, sizes; fills the
 * tape. The text is borrowed and must stay as it is for as long as values are used; values of an
 * earlier scan of this doc die. Returns the reason; ret_problem (may be NULL) is set on failure
 * only, and the doc is then empty.
 *
 * Both halves of a surrogate pair must be there when written as \u escapes; \u0000 is legal.
 */
enum lh_json_reason lh_json_scan(struct lh_json_doc *doc, lh_str text,
                                 const struct lh_json_limits *limits,
                                 struct lh_json_problem *ret_problem);

/*
 * The problem as an error: "<name>:<line>:<column>: expected ..., found ...". `code` is the code
 * for bad data; limits use it too. Columns count bytes from 1.
 */
int lh_json_problem_error(const struct lh_json_problem *problem, lh_str text, const char *name,
                          int code, struct lh_error *e);

/* Line and column (from 1, in bytes) of an offset. */
void lh_json_place(lh_str text, size_t offset, size_t *ret_line, size_t *ret_column);

/* The value at the top; NULL before a scan or after a failed one. */
const struct lh_json *lh_json_root(const struct lh_json_doc *doc);
lh_str lh_json_text(const struct lh_json_doc *doc);

/* What a scan found besides the tape: what lh_json_adopt wants to know. */
struct lh_json_shape {
    uint32_t depth;     /* of the deepest nesting */
    uint32_t duplicate; /* index of the first key that stands twice; 0: none */
    bool spaced;
};

struct lh_json_shape lh_json_shape(const struct lh_json_doc *doc);

/*
 * Makes a document out of a text and a tape that were scanned elsewhere, by this program: nothing
 * is checked. memory has n + 1 entries, the first one for the document's own use, then the tape.
 * Text and memory are borrowed; such a document cannot be scanned into.
 */
void lh_json_adopt(struct lh_json_doc *doc, lh_str text, struct lh_json *memory, uint32_t n,
                   struct lh_json_shape shape);

/*
 * What its user gives a document, and finds again at each of its values; NULL at first. `fill` (may
 * be NULL) lays the members of a hollow container (below) when lh_json_get or lh_json_next come to
 * it; when it answers false they find nothing there.
 */
typedef bool lh_json_fill(void *mark, const struct lh_json *container);
void lh_json_set_mark(struct lh_json_doc *doc, void *mark, lh_json_fill *fill);
void *lh_json_mark(const struct lh_json *v);

/* The same and the index of v, which is not NULL. */
void *lh_json_marked(const struct lh_json *v, uint32_t *ret_index);

/* Entries on the tape, and the tape itself for somebody who sends it on. */
const struct lh_json *lh_json_tape(const struct lh_json_doc *doc, size_t *ret_n);

/*
 * A document can be sent on in parts: entries of its tape, behind them texts. The text of a leaf
 * comes with its entry. A container whose members have not come is hollow: it has its kind and
 * count. lh_json_get and lh_json_next have it filled; whatever else looks below a value, or at the
 * text of a container (lh_json_raw, writing, building), wants it whole.
 */
enum lh_json_part {
    LH_JSON_MEMBERS,  /* the entries directly in a container; containers among them are hollow */
    LH_JSON_SKELETON, /* a value; arrays in it are hollow, and objects of very many members */
    LH_JSON_WHOLE,    /* a value and all in it: its lh_json_entries as they lie, its lh_json_raw */
    LH_JSON_COLUMN,   /* of an array whose elements have come: one member of each, hollow */
};

/* Appends a part of the first two kinds; how many entries it has. */
uint32_t lh_json_skim(struct lh_buf *to, const struct lh_json *v, enum lh_json_part part);

/* A member of an object, by their indexes; value 0: the object has none of that name. */
struct lh_json_cell {
    uint32_t object, value;
};

/* Appends a column: a cell for each element in order, then entries and texts; how many cells. */
uint32_t lh_json_skim_column(struct lh_buf *to, const struct lh_json *array, lh_str key);

/* Where parts are laid: memory and n as for lh_json_adopt, and the text. */
struct lh_json_room {
    struct lh_json *memory;
    uint32_t n;
    char *text;
    size_t text_n;
};

/*
 * Lays a part of n entries, the first at index `at`: of the value, or behind it when they are its
 * members. False when they lead beyond the end.
 */
bool lh_json_lay(const struct lh_json_room *to, uint32_t at, lh_str data, uint32_t n,
                 enum lh_json_part part);

/* The same for a column of n cells. */
bool lh_json_lay_column(const struct lh_json_room *to, lh_str data, uint32_t n);

/* Makes the entry at an index an empty one, as lh_json_doc_clear does with those that it walks. */
void lh_json_blank(struct lh_json_doc *doc, uint32_t index);

/* Whether v has come with all that is in it, as LH_JSON_WHOLE; whether its members have not. */
bool lh_json_is_whole(const struct lh_json *v);
bool lh_json_is_hollow(const struct lh_json *v);

/* The value at an index, if it comes with the skeleton of the document; else NULL. */
const struct lh_json *lh_json_in_skeleton(const struct lh_json_doc *doc, uint32_t index);

/* Entries that v takes on the tape; the value behind all of them, NULL at the end of the tape. */
uint32_t lh_json_entries(const struct lh_json *v);
const struct lh_json *lh_json_after(const struct lh_json *v);

/*
 * The first key that stands twice in its object (the later of the two), or NULL. RFC 8259 calls
 * this unpredictable, not invalid: the scan reports it, the caller decides. lh_json_get answers
 * with the last of equal keys, as jansson and Python do.
 */
const struct lh_json *lh_json_duplicate(const struct lh_json_doc *doc);

/*
 * Whether there is white space between tokens anywhere: such a text is no JSON line. White space
 * around the value at the top does not count, because it is not part of it.
 */
bool lh_json_spaced(const struct lh_json_doc *doc);

/* --- walking ------------------------------------------------------------------------------ *
 * Every call takes NULL and answers NONE, NULL, 0 or the empty slice, so chains need no tests. */

int lh_json_kind(const struct lh_json *v);
const struct lh_json *lh_json_get(const struct lh_json *object, lh_str key);

/*
 * The value after prev (NULL = the first) in an array or object; NULL at the end. For objects
 * ret_key (may be NULL) gets the decoded key, which lives as long as the document.
 */
const struct lh_json *lh_json_next(const struct lh_json *container, const struct lh_json *prev,
                                   lh_str *ret_key);
size_t lh_json_count(const struct lh_json *container); /* elements or members */

/* The decoded string; the text of a number, true or false; empty for null and containers. */
lh_str lh_json_str(const struct lh_json *v);
lh_str lh_json_raw(const struct lh_json *v); /* exact source text */

/*
 * Exact or nothing: 0, or LH_INVALID for anything but a number that is an integer in range (1e3
 * and 1.0 are integers; 1.5, 9223372036854775808 and "1" are not).
 */
int lh_json_i64(const struct lh_json *v, int64_t *ret);

/* The document that v belongs to; v is not NULL. */
struct lh_json_doc *lh_json_owner(const struct lh_json *v);

/* The index of v on its tape, and the way back (NULL when out of range). */
uint32_t lh_json_index(const struct lh_json *v);
const struct lh_json *lh_json_at(const struct lh_json_doc *doc, uint32_t index);

/* "an array", "nothing": what a value is, for messages. */
const char *lh_json_kind_words(const struct lh_json *v);

/*
 * An error about a value that is not what it should be: "<name>:<line>:<column>: expected
 * <expected>, found a number, "5"". v may be NULL, the place is then that of its container.
 */
int lh_json_value_error(const struct lh_json *container, const struct lh_json *v, const char *name,
                        const char *expected, int code, struct lh_error *e);

/*
 * An error as above when an object has a member that is none of `known`: "expected <expected>;
 * "x" is not known, found ...". 0 when all are.
 */
int lh_json_check_members(const struct lh_json *object, const char *const *known, size_t n_known,
                          const char *name, const char *expected, int code, struct lh_error *e);

/* --- writing ------------------------------------------------------------------------------ */

/* The source text of v without insignificant white space; strings and numbers byte for byte.
 * NULL is written as null, here and in the canonical form. */
void lh_json_write(struct lh_buf *to, const struct lh_json *v);

/* A JSON string: quotes, and escapes only where RFC 8259 demands them. s must be valid UTF-8. */
void lh_json_write_str(struct lh_buf *to, lh_str s);

/*
 * The canonical form (offsets, cache keys): keys sorted by bytes, no white space, minimal
 * escapes, numbers as their text. LH_INVALID when a key stands twice.
 */
int lh_json_write_canonical(struct lh_buf *to, const struct lh_json *v);

/* --- building: the out_* calls of the interface ------------------------------------------- *
 *
 * A builder holds one value. A call that is out of order, out of bounds or not UTF-8 makes the
 * builder fail; it stays failed (later calls do nothing) until the next lh_out_reset, and says
 * why in lh_out_finish. Values given by reference are copied from their document's text at once.
 */
struct lh_out;

struct lh_out *lh_out_new(size_t max_bytes, uint32_t max_depth);
void lh_out_destroy(struct lh_out *o);
LH_AUTOPTR(lh_out, lh_out_destroy)

void lh_out_reset(struct lh_out *o);
void lh_out_begin(struct lh_out *o, int brace); /* '{' or '[' */
void lh_out_end(struct lh_out *o);
void lh_out_key(struct lh_out *o, lh_str key);
void lh_out_str(struct lh_out *o, lh_str utf8);
void lh_out_i64(struct lh_out *o, int64_t value);
void lh_out_raw(struct lh_out *o, lh_str json);              /* checked, white space dropped */
void lh_out_json(struct lh_out *o, const struct lh_json *v); /* NULL = null */

/*
 * The members of an object, but for those named in `except` and those whose name was written at
 * this level before. The current level must be an object. Of equal names in the source the last is
 * taken. NULL and null have no members.
 */
void lh_out_members(struct lh_out *o, const struct lh_json *object, const lh_str *except,
                    size_t n_except);

/*
 * Ends the value: its text, valid until the next call on o. LH_INVALID when a call before was
 * wrong or the value is not complete, LH_FAILED when it is beyond a bound of lh_out_new; the
 * message names the first wrong call and the rule.
 */
int lh_out_finish(struct lh_out *o, lh_str *ret_json, struct lh_error *e);

/* The same as a value to walk, valid until the next call on o. */
int lh_out_value(struct lh_out *o, const struct lh_json **ret, struct lh_error *e);

/* Whether the value is complete, so that there is nothing left to add. */
bool lh_out_is_complete(const struct lh_out *o);

/* The first wrong call and the rule, or NULL when all were right. */
const char *lh_out_failure(const struct lh_out *o);

/* Whether that call was right but for a bound, of bytes or depth. */
bool lh_out_is_beyond_bounds(const struct lh_out *o);

#endif
