/* SPDX-License-Identifier: Apache-2.0 */
/* The changes between two catalogs; see diff.h. Both documents were checked when they were read. */
#include "config.h"

#include "catalog/diff.h"

#include "base/map.h"

#include <stdlib.h>

struct diffing {
    struct lh_changes *to;
    const char *table;
    struct lh_buf path; /* of the column that is looked at */
};

void lh_changes_free(struct lh_changes *c)
{
    free(c->items);
    lh_arena_free(&c->arena);
    *c = (struct lh_changes){0};
}

static lh_str text_of(const struct lh_json *object, const char *key)
{
    return lh_json_str(lh_json_get(object, lh_str_z(key)));
}

static void add(struct diffing *d, const char *kind, lh_str column, lh_str before, lh_str after,
                bool breaking)
{
    struct lh_changes *c = d->to;

    c->items = lh_xgrow(c->items, c->n, &c->cap, sizeof *c->items);
    c->items[c->n++] = (struct lh_change){
        .kind = kind,
        .table = d->table,
        .column = lh_arena_copy(&c->arena, column),
        .before = lh_arena_copy(&c->arena, before),
        .after = lh_arena_copy(&c->arena, after),
        .breaking = breaking,
    };
    c->n_breaking += breaking;
}

/* --- types ------------------------------------------------------------------------------------ */

static bool is_kind(const struct lh_json *type, const char *kind)
{
    return lh_json_kind(type) == LH_JSON_OBJECT && lh_str_eqz(text_of(type, "type"), kind);
}

static bool is_nullable(const struct lh_json *v, const char *key)
{
    return lh_json_kind(lh_json_get(v, lh_str_z(key))) != LH_JSON_FALSE;
}

/* As Spark's simpleString has it: array<struct<name:string>>. */
static void put_type(const struct lh_json *type, struct lh_buf *to)
{
    const struct lh_json *field = NULL;
    bool first = true;

    if (lh_json_kind(type) == LH_JSON_STRING) {
        lh_buf_str(to, lh_json_str(type));
    } else if (is_kind(type, "array")) {
        lh_buf_z(to, "array<");
        put_type(lh_json_get(type, LH_STR("elementType")), to);
        lh_buf_char(to, '>');
    } else if (is_kind(type, "map")) {
        lh_buf_z(to, "map<");
        put_type(lh_json_get(type, LH_STR("keyType")), to);
        lh_buf_char(to, ',');
        put_type(lh_json_get(type, LH_STR("valueType")), to);
        lh_buf_char(to, '>');
    } else {
        lh_buf_z(to, "struct<");
        while ((field = lh_json_next(lh_json_get(type, LH_STR("fields")), field, NULL))) {
            lh_buf_z(to, first ? "" : ",");
            first = false;
            lh_buf_str(to, text_of(field, "name"));
            lh_buf_char(to, ':');
            put_type(lh_json_get(field, LH_STR("type")), to);
        }
        lh_buf_char(to, '>');
    }
}

static void diff_fields(struct diffing *d, const struct lh_json *before,
                        const struct lh_json *after);
static void diff_types(struct diffing *d, const struct lh_json *before,
                       const struct lh_json *after);

/* The parts of arrays and maps are columns of their own in messages. */
static void diff_part(struct diffing *d, const char *mark, const char *type_key,
                      const char *null_key, const struct lh_json *before,
                      const struct lh_json *after)
{
    size_t n = d->path.n;
    bool was = is_nullable(before, null_key);
    bool is = is_nullable(after, null_key);

    lh_buf_z(&d->path, mark);
    if (was != is)
        add(d, "nullability_changed", lh_buf_slice(&d->path),
            was ? LH_STR("null") : LH_STR("not null"), is ? LH_STR("null") : LH_STR("not null"),
            is);
    diff_types(d, lh_json_get(before, lh_str_z(type_key)), lh_json_get(after, lh_str_z(type_key)));
    lh_buf_cut(&d->path, n);
}

static bool are_both(const struct lh_json *before, const struct lh_json *after, const char *kind)
{
    return is_kind(before, kind) && is_kind(after, kind);
}

static void diff_words(struct diffing *d, const struct lh_json *before, const struct lh_json *after)
{
    lh_auto(lh_buf) was = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) is = LH_BUF_INIT(SIZE_MAX / 2);

    put_type(before, &was);
    put_type(after, &is);
    if (!lh_str_eq(lh_buf_slice(&was), lh_buf_slice(&is)))
        add(d, "column_retyped", lh_buf_slice(&d->path), lh_buf_slice(&was), lh_buf_slice(&is),
            true);
}

static void diff_types(struct diffing *d, const struct lh_json *before, const struct lh_json *after)
{
    if (are_both(before, after, "struct")) {
        diff_fields(d, before, after);
    } else if (are_both(before, after, "array")) {
        diff_part(d, "[]", "elementType", "containsNull", before, after);
    } else if (are_both(before, after, "map")) {
        diff_part(d, "{key}", "keyType", "", before, after);
        diff_part(d, "{}", "valueType", "valueContainsNull", before, after);
    } else {
        diff_words(d, before, after);
    }
}

/* --- columns ---------------------------------------------------------------------------------- */

static void take_fields(const struct lh_json *type, struct lh_map *to)
{
    const struct lh_json *field = NULL;

    while ((field = lh_json_next(lh_json_get(type, LH_STR("fields")), field, NULL)))
        lh_map_set(to, text_of(field, "name"), (void *)(uintptr_t)field);
}

static void add_column(struct diffing *d, const struct lh_json *field, bool is_new)
{
    lh_auto(lh_buf) type = LH_BUF_INIT(SIZE_MAX / 2);

    put_type(lh_json_get(field, LH_STR("type")), &type);
    if (!is_nullable(field, "nullable"))
        lh_buf_z(&type, " not null");
    if (is_new)
        add(d, "column_added", lh_buf_slice(&d->path), LH_STR(""), lh_buf_slice(&type),
            !is_nullable(field, "nullable"));
    else
        add(d, "column_removed", lh_buf_slice(&d->path), lh_buf_slice(&type), LH_STR(""), true);
}

static void diff_field(struct diffing *d, const struct lh_json *before, const struct lh_json *after)
{
    bool was = is_nullable(before, "nullable");
    bool is = is_nullable(after, "nullable");

    if (was != is)
        add(d, "nullability_changed", lh_buf_slice(&d->path),
            was ? LH_STR("null") : LH_STR("not null"), is ? LH_STR("null") : LH_STR("not null"),
            is);
    diff_types(d, lh_json_get(before, LH_STR("type")), lh_json_get(after, LH_STR("type")));
}

/* Fields of one against those of the other; *only: what only the first has is new, or gone. */
static void diff_side(struct diffing *d, const struct lh_json *type, const struct lh_map *other,
                      bool is_new)
{
    const struct lh_json *field = NULL;
    size_t n = d->path.n;

    while ((field = lh_json_next(lh_json_get(type, LH_STR("fields")), field, NULL))) {
        lh_str name = text_of(field, "name");
        const struct lh_json *twin = lh_map_get(other, name);

        lh_buf_z(&d->path, n ? "." : "");
        lh_buf_str(&d->path, name);
        if (!twin)
            add_column(d, field, is_new);
        else if (!is_new)
            diff_field(d, field, twin);
        lh_buf_cut(&d->path, n);
    }
}

static void diff_fields(struct diffing *d, const struct lh_json *before,
                        const struct lh_json *after)
{
    lh_auto(lh_map) were = LH_MAP_INIT(NULL);
    lh_auto(lh_map) are = LH_MAP_INIT(NULL);

    take_fields(before, &were);
    take_fields(after, &are);
    diff_side(d, before, &are, false);
    diff_side(d, after, &were, true);
}

/* --- tables ----------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return lh_str_cmp(*(const lh_str *)a, *(const lh_str *)b);
}

/* Keys with commas, sorted: their order means nothing. */
static void put_keys(const struct lh_json *truth, struct lh_buf *to)
{
    const struct lh_json *list = lh_json_get(truth, LH_STR("primary_keys"));
    lh_str *keys lh_autofree = lh_xcalloc(lh_json_count(list) + 1, sizeof *keys);
    const struct lh_json *key = NULL;
    size_t n = 0;

    while ((key = lh_json_next(list, key, NULL)))
        keys[n++] = lh_json_str(key);
    qsort(keys, n, sizeof *keys, by_text);
    for (size_t i = 0; i < n; i++) {
        lh_buf_z(to, i ? ", " : "");
        lh_buf_str(to, keys[i]);
    }
}

static void diff_text(struct diffing *d, const char *kind, const char *column, lh_str before,
                      lh_str after, bool breaking)
{
    if (!lh_str_eq(before, after))
        add(d, kind, lh_str_z(column), before, after, breaking);
}

static void diff_truth(struct diffing *d, const char *which, const struct lh_json *before,
                       const struct lh_json *after)
{
    const struct lh_json *was = lh_json_get(before, lh_str_z(which));
    const struct lh_json *is = lh_json_get(after, lh_str_z(which));
    lh_auto(lh_buf) old_keys = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) new_keys = LH_BUF_INIT(SIZE_MAX / 2);

    put_keys(was, &old_keys);
    put_keys(is, &new_keys);
    diff_text(d, "cursor_changed", which, text_of(was, "cursor_field"), text_of(is, "cursor_field"),
              true);
    diff_text(d, "ingestion_type_changed", which, text_of(was, "ingestion_type"),
              text_of(is, "ingestion_type"), true);
    diff_text(d, "primary_keys_changed", which, lh_buf_slice(&old_keys), lh_buf_slice(&new_keys),
              true);
}

/* Of a table that could not be looked up nothing is known, so only that is a change. */
static void diff_table(struct diffing *d, const struct lh_json *before, const struct lh_json *after)
{
    lh_str was = text_of(before, "status");
    lh_str is = text_of(after, "status");

    diff_text(d, "status_changed", "", was, is, !lh_str_eqz(is, "ok"));
    diff_text(d, "category_changed", "", text_of(before, "category"), text_of(after, "category"),
              false);
    if (!lh_str_eqz(was, "ok") || !lh_str_eqz(is, "ok"))
        return;
    diff_truth(d, "native", before, after);
    diff_truth(d, "upstream", before, after);
    diff_fields(d, lh_json_get(before, LH_STR("schema")), lh_json_get(after, LH_STR("schema")));
}

static int by_place(const void *a, const void *b)
{
    const struct lh_change *x = a;
    const struct lh_change *y = b;
    int order = strcmp(x->table, y->table);

    if (!order)
        order = strcmp(x->column, y->column);
    if (!order)
        order = strcmp(x->kind, y->kind);
    return order ? order : strcmp(x->after, y->after);
}

/* Below 0: the next table is in `before` only, above 0: in `after` only. */
static int compare_next(const struct lh_catalog_document *before, size_t i,
                        const struct lh_catalog_document *after, size_t k)
{
    if (i == before->n)
        return 1;
    return k == after->n ? -1 : strcmp(before->tables[i].path, after->tables[k].path);
}

void lh_catalog_diff(const struct lh_catalog_document *before,
                     const struct lh_catalog_document *after, struct lh_changes *ret)
{
    struct diffing d = {.to = ret, .path = LH_BUF_INIT(SIZE_MAX / 2)};
    size_t i = 0;
    size_t k = 0;

    while (i < before->n || k < after->n) {
        int order = compare_next(before, i, after, k);
        const char *path = order > 0 ? after->tables[k].path : before->tables[i].path;

        d.table = lh_arena_copy(&ret->arena, lh_str_z(path));
        if (order < 0)
            add(&d, "table_removed", LH_STR(""), LH_STR(""), LH_STR(""), true);
        else if (order > 0)
            add(&d, "table_added", LH_STR(""), LH_STR(""), LH_STR(""), false);
        else
            diff_table(&d, before->tables[i].json, after->tables[k].json);
        i += order <= 0;
        k += order >= 0;
    }
    lh_buf_free(&d.path);
    if (ret->n)
        qsort(ret->items, ret->n, sizeof *ret->items, by_place);
}
