/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DDL from anywhere: what is accepted is written and reads back to the same tree, its JSON is
 * JSON, and a schema built from the same column is the same.
 */
#include "config.h"

#include "schema/schema.h"
#include "json/json.h"

#define FUZZ_NAME "ddl"
#include "fuzz/fuzz.h"

static void check_ddl(const struct lh_schema *s)
{
    lh_autoptr(lh_schema) again = NULL;
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 24);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_schema_write_ddl(&text, s);
    FUZZ_ASSERT(!text.failed);
    if (text.n > LH_SCHEMA_MAX_TEXT)
        return; /* long spaces may make the written form the longer one */
    FUZZ_ASSERT(lh_schema_parse_ddl(lh_buf_slice(&text), &again, &e) == LH_DONE);
    FUZZ_ASSERT(lh_type_equal(lh_schema_root(s), lh_schema_root(again)));
}

static void check_json(const struct lh_schema *s)
{
    static const struct lh_json_limits limits = {(size_t)1 << 28, 1000, 1u << 27};
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 28);

    lh_schema_write_json(&text, s, 0);
    FUZZ_ASSERT(lh_json_scan(doc, lh_buf_slice(&text), &limits, NULL) == LH_JSON_FINE);
    FUZZ_ASSERT(!lh_json_spaced(doc) && !lh_json_duplicate(doc));
    FUZZ_ASSERT(lh_json_count(lh_json_get(lh_json_root(doc), LH_STR("fields"))) ==
                lh_schema_root(s)->n_columns);
    lh_buf_reset(&text);
    lh_schema_write_table(&text, s);
}

static void check_build(const struct lh_schema *s)
{
    lh_autoptr(lh_schema) built = lh_schema_new();
    const struct lh_type *root = lh_schema_root(s);
    size_t n = root->n_columns < 20 ? root->n_columns : 20;

    for (size_t i = 0; i < n; i++) {
        const struct lh_column *column = &root->columns[i];
        lh_auto(lh_buf) type = LH_BUF_INIT((size_t)1 << 24);

        lh_type_write_ddl(&type, column->type);
        if (lh_schema_add(built, column->name, lh_buf_slice(&type), column->comment, column->flags,
                          NULL))
            return; /* the same bounds, counted with the longer form */
        FUZZ_ASSERT(lh_type_equal(lh_schema_root(built)->columns[i].type, root->columns[i].type));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_autoptr(lh_schema) s = NULL;
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str text = lh_str_n((const char *)data, size);
    const struct lh_type *type = NULL;
    int code = lh_type_parse_ddl(&arena, text, &type, &e);

    FUZZ_ASSERT((code == LH_DONE) == (type != NULL) && code == e.code);
    lh_error_free(&e);
    code = lh_schema_parse_ddl(text, &s, &e);
    FUZZ_ASSERT((code == LH_DONE) == (s != NULL) && code == e.code);
    FUZZ_ASSERT(code == LH_DONE || code == LH_INVALID);
    if (!s)
        return 0;
    check_ddl(s);
    check_json(s);
    check_build(s);
    return 0;
}
