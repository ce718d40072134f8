/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coercion: records of a source into the shape of a schema, without losing anything unseen.
 *
 * In: one JSON object as the source sent it. Out: one JSON object with exactly the columns of the
 * schema, in its order, each value in the one form that its type has below; what is missing is
 * null, what is not declared is dropped. A value that does not fit becomes null and is counted,
 * with the first such value kept; a NOT NULL column that stays null is counted apart. The caller
 * decides whether that is a warning or the end.
 *
 * What each type takes. Text means a JSON string; for numbers and times white space around it is
 * ignored. Everything else is rejected.
 *
 *   boolean        true, false; text true t yes y 1 / false f no n 0 in any case; numbers 0 and 1
 *   tinyint ...    numbers and text that are integers in range, also as 1.0 and 1e3
 *   bigint           -> plain digits
 *   decimal(p,s)   numbers and text. Padded to s digits (19.9 -> 19.90); more digits are rounded
 *                  half up, as Spark's cast does, and counted as rounded unless they are zeros;
 *                  more than p - s digits before the point are rejected
 *   float, double  numbers as they are written, within range; text likewise (as a number), and
 *                  NaN, Infinity, -Infinity, inf in any case and sign -> "NaN", "Infinity"
 *   string         text as it is; numbers, true and false as their text; objects and arrays as
 *                  compact JSON text
 *   char, varchar  as string, of n code points at most
 *   binary         text that is base64 (RFC 4648, section 4, padded)
 *   date           text YYYY-MM-DD, year 0001 on; of a timestamp the day that is written in it
 *   timestamp      text YYYY-MM-DD[(T| )HH:MM[:SS[.fraction]][Z|+HH[[:]MM]]], no zone being UTC
 *                    -> "YYYY-MM-DDTHH:MM:SS.ffffffZ"; digits beyond the sixth are cut off, and
 *                    counted as rounded unless they are zeros
 *   timestamp_ntz  the same without a zone -> without Z
 *   interval       text as it is
 *   variant        any value
 *   void           nothing: every value is rejected
 *   array<T>       an array; any other value that T takes is wrapped: [value]
 *   map<K,V>       an object; of equal keys the last counts; an entry whose key K does not take
 *                  is dropped and counted
 *   struct         an object; {} is null
 *
 * Null is null everywhere, and "" is null in a column with LH_COLUMN_EMPTY_IS_NULL. Numbers are
 * compared and rounded as text: ids of 64 bits and decimals never pass through a double.
 *
 * Where this differs from the Python host, and why: values inside map<string,string> are JSON
 * text there written as Python's repr ({'id': 3}, True), which nothing reads back; an empty
 * object for a struct ends the run there; 1.5 for a bigint is cut to 1 there, and any text is
 * true or false for a boolean: information lost in silence; 12.345 in a column of scale 2 ends
 * the run there; null in a NOT NULL column passes there unless it is missing. Numbers are no
 * timestamps here: whether they count seconds or milliseconds only the source knows.
 */
#ifndef LH_SCHEMA_COERCE_H
#define LH_SCHEMA_COERCE_H

#include "schema/schema.h"
#include "json/json.h"

#define LH_COERCE_EXAMPLE ((size_t)80) /* bytes of the first value that are kept */

struct lh_coercer;

/*
 * A coercer for a schema, which must stay as it is and live longer. It learns the order of keys
 * from row to row and holds the counts; one thread at a time.
 */
struct lh_coercer *lh_coercer_new(const struct lh_schema *schema);
void lh_coercer_destroy(struct lh_coercer *c);
LH_AUTOPTR(lh_coercer, lh_coercer_destroy)

/*
 * Appends the typed row, as one JSON object on one line without a newline. LH_INVALID when the
 * value is no object or the row does not fit into `to`; `to` then ends where it did, and counts
 * may hold parts of the row.
 */
int lh_coerce_row(struct lh_coercer *c, const struct lh_json *object, struct lh_buf *to,
                  struct lh_error *e);

/* Sums over all columns since the coercer was made. */
struct lh_coerce_totals {
    uint64_t rows;
    uint64_t rejected; /* values that became null because they did not fit */
    uint64_t rounded;  /* values that lost digits */
    uint64_t nulls;    /* NOT NULL columns that are null: null or missing in the row, or rejected */
};

const struct lh_coerce_totals *lh_coercer_totals(const struct lh_coercer *c);

/* The same for one column, or a part of one: user.id, labels.element.name, props.value. */
struct lh_coerce_count {
    lh_str path;
    const struct lh_type *type;
    uint64_t rejected, rounded, nulls;
    lh_str first_rejected, first_rounded; /* source text; cut when longer, and "..." behind */
};

/*
 * Keeps the counts as they are now; and takes them back to that, or to none: rows that were counted
 * since then come again.
 */
void lh_coercer_mark(struct lh_coercer *c);
void lh_coercer_rewind(struct lh_coercer *c);

/* The next count after prev (NULL: the first) that is not zero, in order of the schema; or NULL. */
const struct lh_coerce_count *lh_coercer_next(const struct lh_coercer *c,
                                              const struct lh_coerce_count *prev);

/*
 * For people, in one line, without a newline:
 *
 *     column "amount" (decimal(10,2)): 3 values could not be coerced, first: "12,5"; ...
 */
void lh_coerce_count_write(struct lh_buf *to, const struct lh_coerce_count *count);

#endif
