/* SPDX-License-Identifier: Apache-2.0 */
/* Rows, their texts and places; see manifest.h. */
#include "config.h"

#include "base/number.h"
#include "manifest/csv.h"
#include "manifest/manifest_internal.h"
#include "json/json.h"

#include <stdlib.h>

static const char *const column_names[LH_MF_COLUMNS] = {
    [LH_MF_CONNECTION_NAME] = "connection_name",
    [LH_MF_SOURCE_TABLE] = "source_table",
    [LH_MF_DESTINATION_CATALOG] = "destination_catalog",
    [LH_MF_DESTINATION_SCHEMA] = "destination_schema",
    [LH_MF_DESTINATION_TABLE] = "destination_table",
    [LH_MF_PIPELINE_GROUP] = "pipeline_group",
    [LH_MF_SCHEDULE] = "schedule",
    [LH_MF_TABLE_OPTIONS_JSON] = "table_options_json",
    [LH_MF_WEIGHT] = "weight",
    [LH_MF_INGESTION_TYPE] = "ingestion_type",
    [LH_MF_PRIMARY_KEYS] = "primary_keys",
    [LH_MF_CURSOR_FIELD] = "cursor_field",
    [LH_MF_CATEGORY] = "category",
    [LH_MF_SCD_TYPE] = "scd_type",
    [LH_MF_SEQUENCE_BY] = "sequence_by",
    [LH_MF_CLUSTER_BY] = "cluster_by",
    [LH_MF_STATUS] = "status",
    [LH_MF_ESTIMATE_JSON] = "estimate_json",
};

void lh_manifest_free(struct lh_manifest *m)
{
    free(m->file);
    free(m->rows);
    lh_arena_free(&m->arena);
    lh_buf_free(&m->text);
    *m = (struct lh_manifest)LH_MANIFEST_INIT;
}

const char *lh_manifest_column_name(enum lh_manifest_column column)
{
    return column_names[column];
}

enum lh_manifest_column lh_manifest_find_column(lh_str name)
{
    int column = 0;

    while (column < LH_MF_COLUMNS && !lh_str_eqz(name, column_names[column]))
        column++;
    return (enum lh_manifest_column)column;
}

static const char **empty_cells(struct lh_manifest *m, size_t n)
{
    const char **cells = n ? lh_arena_alloc(&m->arena, n * sizeof *cells) : NULL;

    for (size_t i = 0; i < n; i++)
        cells[i] = "";
    return cells;
}

struct lh_manifest_row *lh_manifest_add(struct lh_manifest *m)
{
    struct lh_manifest_row *row;

    m->rows = lh_xgrow(m->rows, m->n_rows, &m->cap_rows, sizeof *m->rows);
    row = &m->rows[m->n_rows++];
    *row = (struct lh_manifest_row){.extra = empty_cells(m, m->n_extra)};
    for (int i = 0; i < LH_MF_COLUMNS; i++)
        row->cells[i] = "";
    return row;
}

const char *lh_manifest_keep(struct lh_manifest *m, lh_str s)
{
    if (s.n == 0)
        return "";
    if (!m->last_kept || !lh_str_eqz(s, m->last_kept))
        m->last_kept = lh_arena_copy(&m->arena, s);
    return m->last_kept;
}

struct lh_place lh_manifest_place(const struct lh_manifest *m, const struct lh_manifest_row *row,
                                  enum lh_manifest_column column)
{
    struct lh_csv_place at = LH_CSV_PLACE(row->start, row->line);
    const char *cell = row->cells[column];

    /* cells that somebody set afterwards are not in the text */
    if (!row->start || cell < row->start || cell > m->text.p + m->text.n)
        return (struct lh_place){m->file, row->line, 0, column_names[column]};
    if (cell > row->start && cell[-1] == '"')
        cell--;
    lh_csv_move(&at, cell);
    return (struct lh_place){m->file, at.line, at.column, column_names[column]};
}

void lh_manifest_fill(struct lh_manifest *m, const struct lh_manifest_defaults *defaults)
{
    const char *const values[][2] = {
        [LH_MF_CONNECTION_NAME] = {defaults->connection_name},
        [LH_MF_DESTINATION_CATALOG] = {defaults->destination_catalog},
        [LH_MF_DESTINATION_SCHEMA] = {defaults->destination_schema},
    };

    for (size_t column = 0; column < LH_LEN(values); column++) {
        const char *value = values[column][0];

        if (!value)
            continue;
        value = lh_manifest_keep(m, lh_str_z(value));
        for (size_t i = 0; i < m->n_rows; i++)
            if (!*m->rows[i].cells[column])
                m->rows[i].cells[column] = value;
    }
}

/* --- values ----------------------------------------------------------------------------------- */

int64_t lh_manifest_weight(const struct lh_manifest_row *row)
{
    int64_t weight = 1;

    if (*row->cells[LH_MF_WEIGHT])
        (void)lh_number_i64(lh_str_z(row->cells[LH_MF_WEIGHT]), 1, LH_MANIFEST_MAX_WEIGHT, "",
                            LH_INVALID, &weight, NULL);
    return weight;
}

const char *lh_manifest_destination(const struct lh_manifest_row *row)
{
    const char *table = row->cells[LH_MF_DESTINATION_TABLE];

    return *table ? table : row->cells[LH_MF_SOURCE_TABLE];
}

static lh_str trim(lh_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = lh_str_n(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* Names with commas between. */
static bool split_names(lh_str text, struct lh_arena *arena, lh_str *names, size_t *ret_n)
{
    size_t n = 0;

    for (;;) {
        const char *comma = memchr(text.p, ',', text.n);
        lh_str name = trim(lh_str_n(text.p, comma ? (size_t)(comma - text.p) : text.n));

        if (!name.n)
            return false;
        names[n++] = lh_arena_str(arena, name);
        if (!comma)
            break;
        text = lh_str_n(comma + 1, text.n - (size_t)(comma + 1 - text.p));
    }
    *ret_n = n;
    return true;
}

/* A JSON list of texts that are not empty. */
static bool list_names(lh_str text, struct lh_arena *arena, lh_str *names, size_t *ret_n)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *item = NULL;
    size_t n = 0;

    if (lh_json_scan(doc, text, &lh_json_page_limits, NULL) != LH_JSON_FINE ||
        lh_json_kind(lh_json_root(doc)) != LH_JSON_ARRAY)
        return false;
    while ((item = lh_json_next(lh_json_root(doc), item, NULL))) {
        lh_str name = trim(lh_json_str(item));

        if (lh_json_kind(item) != LH_JSON_STRING || !name.n)
            return false;
        names[n++] = lh_arena_str(arena, name);
    }
    *ret_n = n;
    return true;
}

bool lh_manifest_names(const char *cell, struct lh_arena *arena, lh_str **ret, size_t *ret_n)
{
    lh_str text = trim(lh_str_z(cell));
    size_t commas = 0;
    lh_str *names;
    bool good;

    if (!text.n) {
        *ret = NULL;
        *ret_n = 0;
        return true;
    }
    for (size_t i = 0; i < text.n; i++)
        commas += text.p[i] == ',';
    /* as many names as parts, at most */
    names = lh_arena_alloc(arena, (commas + 1) * sizeof *names);
    good = (*text.p == '[' ? list_names : split_names)(text, arena, names, ret_n);
    if (good)
        *ret = names;
    return good;
}
