/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows from anywhere into any schema. The first line is DDL, the rest one JSON value. What comes
 * out is one JSON object with exactly the columns of the schema; coerced again it stays as it is,
 * and nothing more is rejected or rounded.
 */
#include "config.h"

#include "schema/coerce.h"

#define FUZZ_NAME "coerce"
#include "fuzz/fuzz.h"

/* Wrapping adds levels to the 64 of a page. */
static const struct lh_json_limits limits = {(size_t)1 << 24, 200, 1u << 20};

/* struct<> takes {"a": 1} and gives {}, which is null the next time. */
static bool has_empty_struct(const struct lh_type *type)
{
    if (type->kind == LH_TYPE_STRUCT && type->n_columns == 0)
        return true;
    for (size_t i = 0; i < type->n_columns; i++)
        if (has_empty_struct(type->columns[i].type))
            return true;
    return (type->key && has_empty_struct(type->key)) ||
           (type->element && has_empty_struct(type->element));
}

static void check_columns(const struct lh_schema *s, const struct lh_json *row)
{
    const struct lh_type *root = lh_schema_root(s);
    const struct lh_json *v = NULL;
    lh_str key;

    FUZZ_ASSERT(lh_json_kind(row) == LH_JSON_OBJECT && lh_json_count(row) == root->n_columns);
    for (size_t i = 0; (v = lh_json_next(row, v, &key)); i++)
        FUZZ_ASSERT(lh_str_eq(key, root->columns[i].name));
}

static void check_again(const struct lh_schema *s, const struct lh_json *row, lh_str text)
{
    lh_autoptr(lh_coercer) c = lh_coercer_new(s);
    lh_auto(lh_buf) again = LH_BUF_INIT((size_t)1 << 24);

    FUZZ_ASSERT(lh_coerce_row(c, row, &again, NULL) == LH_DONE);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&again), text));
    FUZZ_ASSERT(lh_coercer_totals(c)->rejected == 0 && lh_coercer_totals(c)->rounded == 0);
}

static void check_row(const struct lh_schema *s, const struct lh_json_doc *in)
{
    lh_autoptr(lh_coercer) c = lh_coercer_new(s);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) out = LH_BUF_INIT((size_t)1 << 24);
    lh_auto(lh_buf) report = LH_BUF_INIT((size_t)1 << 24);

    if (lh_coerce_row(c, lh_json_root(in), &out, NULL))
        return;
    FUZZ_ASSERT(lh_json_scan(doc, lh_buf_slice(&out), &limits, NULL) == LH_JSON_FINE);
    FUZZ_ASSERT(!lh_json_spaced(doc));
    FUZZ_ASSERT(lh_json_duplicate(in) || !lh_json_duplicate(doc));
    check_columns(s, lh_json_root(doc));
    if (!has_empty_struct(lh_schema_root(s)))
        check_again(s, lh_json_root(doc), lh_buf_slice(&out));
    for (const struct lh_coerce_count *at = NULL; (at = lh_coercer_next(c, at));)
        lh_coerce_count_write(&report, at);
    /* The second row finds its columns by the order of the first. */
    lh_buf_reset(&report);
    FUZZ_ASSERT(lh_coerce_row(c, lh_json_root(in), &report, NULL) == LH_DONE);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&report), lh_buf_slice(&out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_autoptr(lh_schema) s = NULL;
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const char *text = (const char *)data;
    const char *line = size ? memchr(text, '\n', size) : NULL;
    size_t n = line ? (size_t)(line - text) : size;

    if (!line || lh_schema_parse_ddl(lh_str_n(text, n), &s, NULL))
        return 0;
    if (lh_json_scan(doc, lh_str_n(line + 1, size - n - 1), &lh_json_page_limits, NULL) ==
        LH_JSON_FINE)
        check_row(s, doc);
    return 0;
}
