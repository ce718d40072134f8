/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a catalog's document, and whether it is one; see diff.h. */
#include "config.h"

#include "catalog/diff.h"

#include "base/file.h"
#include "base/map.h"
#include "catalog/catalog.h"

#include <stdlib.h>

#define FILE_MAX   ((size_t)1 << 30)
#define MAX_LEVELS 64 /* of types in types; LH_SCHEMA_MAX_DEPTH of arrays and structs fit */

static const struct lh_json_limits limits = {
    .max_bytes = FILE_MAX, .max_depth = 256, .max_values = (1u << 28) - 1};

void lh_catalog_document_free(struct lh_catalog_document *d)
{
    free(d->tables);
    lh_json_doc_destroy(d->doc);
    lh_buf_free(&d->text);
    lh_arena_free(&d->arena);
    *d = (struct lh_catalog_document)LH_CATALOG_DOCUMENT_INIT;
}

/* --- members ---------------------------------------------------------------------------------- */

struct checking {
    const char *name; /* of the file */
    struct lh_error *e;
};

static int wrong(const struct checking *c, const struct lh_json *container, const struct lh_json *v,
                 const char *expected)
{
    return lh_json_value_error(container, v, c->name, expected, LH_INVALID, c->e);
}

static int check_kind(const struct checking *c, const struct lh_json *object, const char *key,
                      int kind, const char *expected)
{
    const struct lh_json *v = lh_json_get(object, lh_str_z(key));

    return lh_json_kind(v) == kind ? 0 : wrong(c, object, v, expected);
}

static int check_texts(const struct checking *c, const struct lh_json *object, const char *key,
                       const char *expected)
{
    const struct lh_json *list = lh_json_get(object, lh_str_z(key));
    const struct lh_json *item = NULL;

    if (lh_json_kind(list) != LH_JSON_ARRAY)
        return wrong(c, object, list, expected);
    while ((item = lh_json_next(list, item, NULL)))
        if (lh_json_kind(item) != LH_JSON_STRING)
            return wrong(c, list, item, expected);
    return 0;
}

/* native or upstream: null, or an object of three. */
static int check_truth(const struct checking *c, const struct lh_json *table, const char *key)
{
    const struct lh_json *truth = lh_json_get(table, lh_str_z(key));
    const struct lh_json *cursor = lh_json_get(truth, LH_STR("cursor_field"));
    int code;

    if (lh_json_kind(truth) == LH_JSON_NULL)
        return 0;
    if (lh_json_kind(truth) != LH_JSON_OBJECT)
        return wrong(c, table, truth, "native and upstream, each an object or null");
    code = check_kind(c, truth, "ingestion_type", LH_JSON_STRING, "ingestion_type, a text");
    if (!code)
        code = check_texts(c, truth, "primary_keys", "primary_keys, a list of texts");
    if (!code && lh_json_kind(cursor) != LH_JSON_NULL && lh_json_kind(cursor) != LH_JSON_STRING)
        code = wrong(c, truth, cursor, "cursor_field, a text or null");
    return code;
}

/* --- schemas ---------------------------------------------------------------------------------- */

static int check_type(const struct checking *c, const struct lh_json *parent,
                      const struct lh_json *type, unsigned level);

static int check_field(const struct checking *c, const struct lh_json *fields,
                       const struct lh_json *field, unsigned level)
{
    const struct lh_json *nullable = lh_json_get(field, LH_STR("nullable"));
    int kind = lh_json_kind(nullable);
    int code;

    if (lh_json_kind(field) != LH_JSON_OBJECT)
        return wrong(c, fields, field, "a field, an object");
    code = check_kind(c, field, "name", LH_JSON_STRING, "name, a text");
    if (!code && kind != LH_JSON_TRUE && kind != LH_JSON_FALSE)
        code = wrong(c, field, nullable, "nullable, true or false");
    return code ? code : check_type(c, field, lh_json_get(field, LH_STR("type")), level + 1);
}

static int check_struct(const struct checking *c, const struct lh_json *type, unsigned level)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    const struct lh_json *fields = lh_json_get(type, LH_STR("fields"));
    const struct lh_json *field = NULL;
    int code = 0;

    if (lh_json_kind(fields) != LH_JSON_ARRAY)
        return wrong(c, type, fields, "fields, a list");
    while (!code && (field = lh_json_next(fields, field, NULL))) {
        code = check_field(c, fields, field, level);
        if (!code && !lh_map_set(&seen, lh_json_str(lh_json_get(field, LH_STR("name"))), NULL))
            code = wrong(c, fields, field, "each column once");
    }
    return code;
}

/* A type is a word, or a struct, array or map of Spark's JSON. */
static int check_type(const struct checking *c, const struct lh_json *parent,
                      const struct lh_json *type, unsigned level)
{
    lh_str kind = lh_json_str(lh_json_get(type, LH_STR("type")));

    if (lh_json_kind(type) == LH_JSON_STRING)
        return 0;
    if (lh_json_kind(type) != LH_JSON_OBJECT || level > MAX_LEVELS)
        return wrong(c, parent, type,
                     level > MAX_LEVELS ? "a type of at most 64 levels" : "a type");
    if (lh_str_eqz(kind, "struct"))
        return check_struct(c, type, level);
    if (lh_str_eqz(kind, "array"))
        return check_type(c, type, lh_json_get(type, LH_STR("elementType")), level + 1);
    if (!lh_str_eqz(kind, "map"))
        return wrong(c, parent, type, "a type: struct, array or map");
    return check_type(c, type, lh_json_get(type, LH_STR("keyType")), level + 1) ||
                   check_type(c, type, lh_json_get(type, LH_STR("valueType")), level + 1)
               ? LH_INVALID
               : 0;
}

static int check_schema(const struct checking *c, const struct lh_json *table)
{
    const struct lh_json *schema = lh_json_get(table, LH_STR("schema"));

    if (lh_json_kind(schema) == LH_JSON_NULL)
        return 0;
    if (!lh_str_eqz(lh_json_str(lh_json_get(schema, LH_STR("type"))), "struct"))
        return wrong(c, table, schema, "schema, a struct or null");
    return check_struct(c, schema, 1);
}

/* --- tables ----------------------------------------------------------------------------------- */

static int check_table(const struct checking *c, const struct lh_json *tables,
                       const struct lh_json *table)
{
    int code;

    if (lh_json_kind(table) != LH_JSON_OBJECT)
        return wrong(c, tables, table, "a table, an object");
    if ((code = check_kind(c, table, "name", LH_JSON_STRING, "name, a text")) ||
        (code = check_texts(c, table, "namespace", "namespace, a list of texts")) ||
        (code = check_kind(c, table, "category", LH_JSON_STRING, "category, a text")) ||
        (code = check_kind(c, table, "status", LH_JSON_STRING, "status, a text")) ||
        (code = check_truth(c, table, "native")) || (code = check_truth(c, table, "upstream")))
        return code;
    return check_schema(c, table);
}

static void put_path(const struct lh_json *table, struct lh_buf *to)
{
    const struct lh_json *part = NULL;

    while ((part = lh_json_next(lh_json_get(table, LH_STR("namespace")), part, NULL))) {
        lh_buf_str(to, lh_json_str(part));
        lh_buf_char(to, '/');
    }
    lh_buf_str(to, lh_json_str(lh_json_get(table, LH_STR("name"))));
}

static int by_path(const void *a, const void *b)
{
    const struct lh_document_table *x = a;
    const struct lh_document_table *y = b;

    return strcmp(x->path, y->path);
}

static int take_tables(const struct checking *c, const struct lh_json *tables,
                       struct lh_catalog_document *d)
{
    const struct lh_json *table = NULL;
    int code = 0;

    d->tables = lh_xcalloc(lh_json_count(tables) + 1, sizeof *d->tables);
    while (!code && (table = lh_json_next(tables, table, NULL))) {
        lh_auto(lh_buf) path = LH_BUF_INIT(FILE_MAX);

        code = check_table(c, tables, table);
        put_path(table, &path);
        d->tables[d->n++] = (struct lh_document_table){
            .path = lh_arena_copy(&d->arena, lh_buf_slice(&path)),
            .name = lh_json_str(lh_json_get(table, LH_STR("name"))),
            .json = table,
        };
    }
    if (d->n)
        qsort(d->tables, d->n, sizeof *d->tables, by_path);
    for (size_t i = 1; i < d->n && !code; i++)
        if (strcmp(d->tables[i - 1].path, d->tables[i].path) == 0)
            code = wrong(c, tables, d->tables[i].json, "each table once");
    return code;
}

/* --- the document ----------------------------------------------------------------------------- */

static int check_version(const struct checking *c, const struct lh_json *root)
{
    const struct lh_json *v = lh_json_get(root, LH_STR("schema_version"));
    int64_t version = 0;

    if (lh_json_kind(root) != LH_JSON_OBJECT || lh_json_i64(v, &version) || version < 1)
        return wrong(c, root, v,
                     "a catalog that lakehost discover --output-json wrote, with schema_version");
    if (version > LH_CATALOG_VERSION)
        return lh_error_set(c->e, LH_INVALID,
                            "%s: schema_version is %lld, and this program knows version %d; "
                            "update it",
                            c->name, (long long)version, LH_CATALOG_VERSION);
    return 0;
}

int lh_catalog_document_parse(const char *name, struct lh_catalog_document *ret, struct lh_error *e)
{
    const struct checking c = {name, e};
    lh_str text = lh_buf_slice(&ret->text);
    struct lh_json_problem problem;
    const struct lh_json *root;
    const struct lh_json *twice;
    const struct lh_json *tables;

    ret->doc = lh_json_doc_new();
    if (lh_json_scan(ret->doc, text, &limits, &problem))
        return lh_json_problem_error(&problem, text, name, LH_INVALID, e);
    root = lh_json_root(ret->doc);
    twice = lh_json_duplicate(ret->doc);
    if (twice)
        return wrong(&c, root, twice, "each key once");
    if (check_version(&c, root))
        return LH_INVALID;
    tables = lh_json_get(root, LH_STR("tables"));
    if (lh_json_kind(tables) != LH_JSON_ARRAY)
        return wrong(&c, root, tables, "tables, a list");
    return take_tables(&c, tables, ret);
}

int lh_catalog_document_read(const char *file, struct lh_catalog_document *ret, struct lh_error *e)
{
    int code = lh_file_read(file, FILE_MAX, LH_FILE_STDIN, &ret->text, e);

    return code ? code : lh_catalog_document_parse(file, ret, e);
}
