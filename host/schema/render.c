/* SPDX-License-Identifier: Apache-2.0 */
/* A schema as DDL and as Spark's StructType JSON; see schema.h. The table is render-table.c. */
#include "config.h"

#include "schema/schema_internal.h"
#include "json/json.h"

/* --- names of types ----------------------------------------------------------------------- */

/* DDL calls them one thing, StructType JSON another. NULL: see the code. */
static const struct {
    const char *ddl, *json;
} names[] = {
    [LH_TYPE_VOID] = {"void", "void"},
    [LH_TYPE_BOOLEAN] = {"boolean", "boolean"},
    [LH_TYPE_BYTE] = {"tinyint", "byte"},
    [LH_TYPE_SHORT] = {"smallint", "short"},
    [LH_TYPE_INT] = {"int", "integer"},
    [LH_TYPE_LONG] = {"bigint", "long"},
    [LH_TYPE_FLOAT] = {"float", "float"},
    [LH_TYPE_DOUBLE] = {"double", "double"},
    [LH_TYPE_DECIMAL] = {"decimal", "decimal"},
    [LH_TYPE_STRING] = {"string", "string"},
    [LH_TYPE_CHAR] = {"char", "char"},
    [LH_TYPE_VARCHAR] = {"varchar", "varchar"},
    [LH_TYPE_BINARY] = {"binary", "binary"},
    [LH_TYPE_DATE] = {"date", "date"},
    [LH_TYPE_TIMESTAMP] = {"timestamp", "timestamp"},
    [LH_TYPE_TIMESTAMP_NTZ] = {"timestamp_ntz", "timestamp_ntz"},
    [LH_TYPE_INTERVAL] = {"interval", "interval"},
    [LH_TYPE_VARIANT] = {"variant", "variant"},
    [LH_TYPE_ARRAY] = {"array", "array"},
    [LH_TYPE_MAP] = {"map", "map"},
    [LH_TYPE_STRUCT] = {"struct", "struct"},
};

/* What stands behind the name, the same in both. */
static void write_parameters(struct lh_buf *to, const struct lh_type *type)
{
    if (type->kind == LH_TYPE_DECIMAL)
        lh_buf_f(to, "(%u,%u)", type->precision, type->scale);
    if (type->kind == LH_TYPE_CHAR || type->kind == LH_TYPE_VARCHAR)
        lh_buf_f(to, "(%u)", type->length);
    if (type->kind == LH_TYPE_INTERVAL && type->from != LH_UNIT_NONE)
        lh_buf_f(to, " %s", lh_unit_name(type->from));
    if (type->kind == LH_TYPE_INTERVAL && type->to != type->from)
        lh_buf_f(to, " to %s", lh_unit_name(type->to));
}

/* --- DDL ---------------------------------------------------------------------------------- */

static bool is_plain_name(lh_str name)
{
    if (name.n == 0 || (name.p[0] >= '0' && name.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return true;
}

static void write_name(struct lh_buf *to, lh_str name)
{
    if (is_plain_name(name)) {
        lh_buf_str(to, name);
        return;
    }
    lh_buf_char(to, '`');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '`')
            lh_buf_char(to, '`');
        lh_buf_char(to, name.p[i]);
    }
    lh_buf_char(to, '`');
}

static void write_text(struct lh_buf *to, lh_str text)
{
    lh_buf_char(to, '\'');
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '\n' || c == '\r' || c == '\t') {
            lh_buf_z(to, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            continue;
        }
        if (c == '\'' || c == '\\')
            lh_buf_char(to, '\\');
        lh_buf_char(to, c);
    }
    lh_buf_char(to, '\'');
}

static void write_columns(struct lh_buf *to, const struct lh_type *type, const char *colon)
{
    for (size_t i = 0; i < type->n_columns; i++) {
        const struct lh_column *column = &type->columns[i];

        if (i)
            lh_buf_z(to, ", ");
        write_name(to, column->name);
        lh_buf_z(to, colon);
        lh_type_write_ddl(to, column->type);
        if (column->flags & LH_COLUMN_NOT_NULL)
            lh_buf_z(to, " NOT NULL");
        if (column->comment.n) {
            lh_buf_z(to, " COMMENT ");
            write_text(to, column->comment);
        }
    }
}

void lh_type_write_ddl(struct lh_buf *to, const struct lh_type *type)
{
    lh_buf_z(to, names[type->kind].ddl);
    write_parameters(to, type);
    if (type->collation.n) {
        lh_buf_z(to, " COLLATE ");
        write_name(to, type->collation);
    }
    if (type->kind < LH_TYPE_ARRAY)
        return;
    lh_buf_char(to, '<');
    if (type->key) {
        lh_type_write_ddl(to, type->key);
        lh_buf_char(to, ',');
    }
    if (type->element)
        lh_type_write_ddl(to, type->element);
    write_columns(to, type, ": ");
    lh_buf_char(to, '>');
}

void lh_schema_write_ddl(struct lh_buf *to, const struct lh_schema *s)
{
    write_columns(to, lh_schema_root(s), " ");
}

void lh_type_write_outline(struct lh_buf *to, const struct lh_type *type)
{
    if (type->kind == LH_TYPE_STRUCT) {
        lh_buf_z(to, "struct");
    } else if (type->kind == LH_TYPE_ARRAY) {
        lh_buf_z(to, "array<");
        lh_type_write_outline(to, type->element);
        lh_buf_char(to, '>');
    } else if (type->kind == LH_TYPE_MAP) {
        lh_buf_z(to, "map<");
        lh_type_write_outline(to, type->key);
        lh_buf_char(to, ',');
        lh_type_write_outline(to, type->element);
        lh_buf_char(to, '>');
    } else {
        lh_type_write_ddl(to, type);
    }
}

/* --- JSON --------------------------------------------------------------------------------- */

/* Where the writer stands: white space is json.dumps's. */
struct writer {
    struct lh_buf *to;
    unsigned indent, level;
    bool fresh; /* nothing was written at this level */
};

static void new_line(struct writer *w)
{
    if (!w->indent)
        return;
    lh_buf_char(w->to, '\n');
    lh_buf_fill(w->to, ' ', (size_t)w->indent * w->level);
}

static void open_brace(struct writer *w, char brace)
{
    lh_buf_char(w->to, brace);
    w->level++;
    w->fresh = true;
}

static void close_brace(struct writer *w, char brace)
{
    w->level--;
    if (!w->fresh)
        new_line(w);
    lh_buf_char(w->to, brace);
    w->fresh = false;
}

static void item(struct writer *w)
{
    if (!w->fresh)
        lh_buf_char(w->to, ',');
    new_line(w);
    w->fresh = false;
}

static void key(struct writer *w, lh_str name)
{
    item(w);
    lh_json_write_str(w->to, name);
    lh_buf_z(w->to, w->indent ? ": " : ":");
}

static void pair(struct writer *w, const char *name, lh_str text)
{
    key(w, lh_str_z(name));
    lh_json_write_str(w->to, text);
}

static void json_type(struct writer *w, const struct lh_type *type);

/*
 * The collations of a column's strings, as Spark 4 keeps them: path -> "provider.name", the path
 * being the column and then element, key or value. Fields of a struct keep their own. The three
 * paths of one step come in sorted order, as everything here does.
 */
static void json_collations(struct writer *w, const struct lh_type *type, struct lh_buf *path)
{
    static const char *const step[] = {".element", ".key", ".value"};
    const struct lh_type *inner[] = {type->kind == LH_TYPE_ARRAY ? type->element : NULL, type->key,
                                     type->kind == LH_TYPE_MAP ? type->element : NULL};
    size_t n = path->n;

    if (type->collation.n && !lh_name_same(type->collation, LH_STR("UTF8_BINARY"))) {
        lh_auto(lh_buf) full = LH_BUF_INIT(LH_SCHEMA_MAX_TEXT + 16);

        lh_buf_z(&full, lh_str_starts(type->collation, LH_STR("UTF8")) ? "spark." : "icu.");
        lh_buf_str(&full, type->collation);
        key(w, lh_buf_slice(path));
        lh_json_write_str(w->to, lh_buf_slice(&full));
    }
    for (size_t i = 0; i < LH_LEN(step); i++) {
        if (!inner[i])
            continue;
        lh_buf_z(path, step[i]);
        json_collations(w, inner[i], path);
        lh_buf_cut(path, n);
    }
}

static bool has_collation(const struct lh_type *type)
{
    if (type->collation.n)
        return !lh_name_same(type->collation, LH_STR("UTF8_BINARY"));
    return (type->key && has_collation(type->key)) ||
           (type->element && has_collation(type->element));
}

static void json_metadata(struct writer *w, const struct lh_column *column)
{
    key(w, LH_STR("metadata"));
    open_brace(w, '{');
    if (has_collation(column->type)) {
        lh_auto(lh_buf) path = LH_BUF_INIT(LH_SCHEMA_MAX_TEXT + 64 * LH_SCHEMA_MAX_DEPTH);

        lh_buf_str(&path, column->name);
        key(w, LH_STR("__COLLATIONS"));
        open_brace(w, '{');
        json_collations(w, column->type, &path);
        close_brace(w, '}');
    }
    if (column->comment.n)
        pair(w, "comment", column->comment);
    close_brace(w, '}');
}

static void json_column(struct writer *w, const struct lh_column *column)
{
    item(w);
    open_brace(w, '{');
    json_metadata(w, column);
    pair(w, "name", column->name);
    key(w, LH_STR("nullable"));
    lh_buf_z(w->to, column->flags & LH_COLUMN_NOT_NULL ? "false" : "true");
    key(w, LH_STR("type"));
    json_type(w, column->type);
    close_brace(w, '}');
}

static void json_struct(struct writer *w, const struct lh_type *type)
{
    key(w, LH_STR("fields"));
    open_brace(w, '[');
    for (size_t i = 0; i < type->n_columns; i++)
        json_column(w, &type->columns[i]);
    close_brace(w, ']');
    pair(w, "type", LH_STR("struct"));
}

static void json_array(struct writer *w, const struct lh_type *type)
{
    key(w, LH_STR("containsNull"));
    lh_buf_z(w->to, "true");
    key(w, LH_STR("elementType"));
    json_type(w, type->element);
    pair(w, "type", LH_STR("array"));
}

static void json_map(struct writer *w, const struct lh_type *type)
{
    key(w, LH_STR("keyType"));
    json_type(w, type->key);
    pair(w, "type", LH_STR("map"));
    key(w, LH_STR("valueContainsNull"));
    lh_buf_z(w->to, "true");
    key(w, LH_STR("valueType"));
    json_type(w, type->element);
}

static void json_container(struct writer *w, const struct lh_type *type)
{
    open_brace(w, '{');
    if (type->kind == LH_TYPE_STRUCT)
        json_struct(w, type);
    else if (type->kind == LH_TYPE_ARRAY)
        json_array(w, type);
    else
        json_map(w, type);
    close_brace(w, '}');
}

static void json_type(struct writer *w, const struct lh_type *type)
{
    if (type->kind >= LH_TYPE_ARRAY) {
        json_container(w, type);
        return;
    }
    lh_buf_char(w->to, '"');
    lh_buf_z(w->to, names[type->kind].json);
    write_parameters(w->to, type);
    lh_buf_char(w->to, '"');
}

void lh_schema_write_json(struct lh_buf *to, const struct lh_schema *s, unsigned indent)
{
    struct writer w = {.to = to, .indent = indent};

    json_container(&w, lh_schema_root(s));
}
