/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemas: the typed tree of a table, read from Spark DDL or built column by column, and written
 * as Spark's StructType JSON, as DDL and as a table for people.
 *
 * The tree knows every type of Spark 4.0 and nothing of records; schema/coerce.h brings records
 * into its shape.
 */
#ifndef LH_SCHEMA_SCHEMA_H
#define LH_SCHEMA_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

/* Bounds of one schema. Text counts names, types and comments together. */
#define LH_SCHEMA_MAX_DEPTH   64u /* of containers in containers: array<int> is 1 */
#define LH_SCHEMA_MAX_COLUMNS 10000u
#define LH_SCHEMA_MAX_TEXT    ((size_t)1 << 20)

enum lh_type_kind {
    LH_TYPE_VOID = 0,
    LH_TYPE_BOOLEAN,
    LH_TYPE_BYTE,
    LH_TYPE_SHORT,
    LH_TYPE_INT,
    LH_TYPE_LONG,
    LH_TYPE_FLOAT,
    LH_TYPE_DOUBLE,
    LH_TYPE_DECIMAL,
    LH_TYPE_STRING,
    LH_TYPE_CHAR,
    LH_TYPE_VARCHAR,
    LH_TYPE_BINARY,
    LH_TYPE_DATE,
    LH_TYPE_TIMESTAMP,     /* an instant */
    LH_TYPE_TIMESTAMP_NTZ, /* a wall clock without a zone */
    LH_TYPE_INTERVAL,
    LH_TYPE_VARIANT,
    LH_TYPE_ARRAY,
    LH_TYPE_MAP,
    LH_TYPE_STRUCT
};

/* Coarse to fine. `interval` without units (the old calendar interval) has NONE twice. */
enum lh_interval_unit {
    LH_UNIT_NONE = 0,
    LH_UNIT_YEAR,
    LH_UNIT_MONTH,
    LH_UNIT_DAY,
    LH_UNIT_HOUR,
    LH_UNIT_MINUTE,
    LH_UNIT_SECOND
};

struct lh_column;

struct lh_type {
    enum lh_type_kind kind;
    uint32_t precision;             /* decimal: 1 to 38 */
    uint32_t scale;                 /* decimal: 0 to precision */
    uint32_t length;                /* char, varchar: code points, at least 1 */
    enum lh_interval_unit from, to; /* interval; equal when there is one unit */
    lh_str collation;               /* string: as written after COLLATE; empty without one */
    const struct lh_type *key;      /* map */
    const struct lh_type *element;  /* array: the element, map: the value */
    struct lh_column *columns;      /* struct */
    size_t n_columns;               /* struct; 0 is legal (struct<>) */
};

/* The values are those of lh_field.flags in the plugin interface. */
enum {
    LH_COLUMN_NOT_NULL = 1,
    LH_COLUMN_EMPTY_IS_NULL = 2 /* "" means that there is no value; not part of DDL or JSON */
};

/* A column of a table, or a field of a struct. Texts end in NUL. */
struct lh_column {
    lh_str name;
    lh_str comment; /* empty: none */
    const struct lh_type *type;
    unsigned flags;
    uint32_t fold; /* hash of the name without case; for types.c */
};

struct lh_schema;

/* An empty schema to build. Everything in it dies with it. */
struct lh_schema *lh_schema_new(void);
void lh_schema_destroy(struct lh_schema *s);
LH_AUTOPTR(lh_schema, lh_schema_destroy)

/* The columns so far, as a struct type; it may move with the next call that adds a column. */
const struct lh_type *lh_schema_root(const struct lh_schema *s);

/* --- reading DDL -------------------------------------------------------------------------- *
 *
 * The grammar of Spark's StructType.fromDDL:
 *
 *     column  = name [":"] type { NOT NULL | COMMENT 'text' }
 *     type    = boolean | tinyint | byte | smallint | short | int | integer | bigint | long
 *             | float | real | double | (decimal | dec | numeric) ["(" p ["," s] ")"]
 *             | string [COLLATE name] | (char | character | varchar) "(" n ")" | binary | date
 *             | timestamp | timestamp_ltz | timestamp_ntz | void | variant
 *             | interval [(year | month | day | hour | minute | second) [TO unit]]
 *             | array "<" type ">" | map "<" type "," type ">" | struct "<" [column {, column}] ">"
 *
 * Keywords in any case. Names are letters, digits, "_" and anything beyond ASCII; any other name
 * stands in backquotes, with a backquote doubled. Text stands in ' or ", with Spark's backslash
 * escapes or the quote doubled. Comments (-- and slash-star) are refused. Two columns of one
 * struct may not have names that differ in ASCII case only, as Spark by default does not tell
 * them apart.
 *
 * Errors are LH_INVALID: column 17: expected ">" or ",", found ")". Columns count bytes from 1.
 */

/* Columns: "a INT NOT NULL, b STRUCT<c: STRING>", or "STRUCT<...>" as a whole. At least one. */
int lh_schema_parse_ddl(lh_str ddl, struct lh_schema **ret, struct lh_error *e);

/* One type; it lives in the arena (which must have no limit of its own). */
int lh_type_parse_ddl(struct lh_arena *arena, lh_str ddl, const struct lh_type **ret,
                      struct lh_error *e);

/* --- building ----------------------------------------------------------------------------- *
 *
 * What a plugin calls add_field, field_begin and field_end. Everything is copied. On failure the
 * schema is as it was before the call.
 */

/* A column with a whole type, at the level that is open. */
int lh_schema_add(struct lh_schema *s, lh_str name, lh_str type, lh_str comment, unsigned flags,
                  struct lh_error *e);

/*
 * A column whose type has one struct without fields: "struct", "array<struct>",
 * "map<string,struct>". Columns that follow are fields of it until lh_schema_end.
 */
int lh_schema_begin(struct lh_schema *s, lh_str name, lh_str form, lh_str comment, unsigned flags,
                    struct lh_error *e);
int lh_schema_end(struct lh_schema *s, struct lh_error *e);

/* Whether the schema is complete: every begin has its end and there is a column. */
int lh_schema_finish(const struct lh_schema *s, struct lh_error *e);

/* --- asking ------------------------------------------------------------------------------- */

/* The same for Spark: everything but LH_COLUMN_EMPTY_IS_NULL. NULL equals NULL only. */
bool lh_type_equal(const struct lh_type *a, const struct lh_type *b);

/* The column of exactly this name (case matters, as in records); NULL when there is none. */
const struct lh_column *lh_type_column(const struct lh_type *type, lh_str name);

/* --- writing ------------------------------------------------------------------------------ */

/*
 * DDL that reads back to the same tree, types in lower case as Spark's catalogString has them:
 *
 *     id bigint NOT NULL COMMENT 'the key', labels array<struct<name: string>>
 */
void lh_schema_write_ddl(struct lh_buf *to, const struct lh_schema *s);
void lh_type_write_ddl(struct lh_buf *to, const struct lh_type *type);

/*
 * The text of PySpark's StructType.json(): keys sorted, nothing between tokens; with indent > 0
 * that many spaces a level, as json.dumps(..., indent=N, sort_keys=True). Names beyond ASCII are
 * written as they are, not as \u escapes. A comment is metadata {"comment": ...}, a collation
 * metadata {"__COLLATIONS": ...} as Spark 4 has it. No newline at the end.
 */
void lh_schema_write_json(struct lh_buf *to, const struct lh_schema *s, unsigned indent);

/*
 * For people: column, type, null, comment; fields of a struct are indented below their parent.
 * Control characters are shown as "?", so that a name from a source cannot drive a terminal.
 */
void lh_schema_write_table(struct lh_buf *to, const struct lh_schema *s);

#endif
