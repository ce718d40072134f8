/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of one row of a manifest. */
#include "config.h"

#include "base/nearest.h"
#include "base/number.h"
#include "manifest/check_internal.h"
#include "schedule/schedule.h"
#include "json/text.h"

#include <stdint.h>
#include <stdlib.h>

static const lh_str ingestion_types[] = {LH_STR_INIT("snapshot"), LH_STR_INIT("append"),
                                         LH_STR_INIT("cdc"), LH_STR_INIT("cdc_with_deletes"),
                                         LH_STR_INIT("unknown")};
static const lh_str scd_types[] = {LH_STR_INIT("SCD_TYPE_1"), LH_STR_INIT("SCD_TYPE_2"),
                                   LH_STR_INIT("APPEND_ONLY")};

bool lh_manifest_is_ingestion_type(lh_str word)
{
    for (size_t i = 0; i < LH_LEN(ingestion_types); i++)
        if (lh_str_eq(word, ingestion_types[i]))
            return true;
    return false;
}

/* One of some words, or nothing. */
static void check_word(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                       enum lh_manifest_column column, const char *id, const lh_str *words,
                       size_t n)
{
    lh_str cell = lh_str_z(row->cells[column]);
    lh_auto(lh_buf) expected = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    char *found lh_autofree = NULL;

    for (size_t i = 0; i < n; i++)
        if (!cell.n || lh_str_eq(cell, words[i]))
            return;
    for (size_t i = 0; i < n; i++)
        lh_buf_f(&expected, "%s%.*s", i ? i + 1 < n ? ", " : " or " : "", LH_STR_ARG(words[i]));
    lh_nearest_hint(cell, lh_nearest_slice, words, n, &hint);
    found = lh_text_quote(cell);
    LH_CHECK(c, row, column, id, "expected %s, found %s%s", lh_buf_text(&expected), found,
             lh_buf_text(&hint));
}

static bool is_type(const struct lh_manifest_row *row, const char *type)
{
    return strcmp(row->cells[LH_MF_INGESTION_TYPE], type) == 0;
}

static void check_weight(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const char *cell = row->cells[LH_MF_WEIGHT];
    char *found lh_autofree = NULL;
    int64_t weight;

    if (!*cell || lh_number_i64(lh_str_z(cell), 1, LH_MANIFEST_MAX_WEIGHT, "weight", LH_INVALID,
                                &weight, NULL) == 0)
        return;
    found = lh_text_quote(lh_str_z(cell));
    LH_CHECK(c, row, LH_MF_WEIGHT, "LH224", "expected a whole number from 1 to %d, found %s",
             LH_MANIFEST_MAX_WEIGHT, found);
}

/* NULL when it is wrong, which is reported. */
static const char *read_schedule(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    struct lh_schedule_problem problem = {NULL, NULL};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_buf) quartz = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_schedule s;

    if (lh_schedule_check(lh_str_z(row->cells[LH_MF_SCHEDULE]), &s, &problem, &e)) {
        lh_findings_add(c->f, problem.rule, lh_manifest_place(c->m, row, LH_MF_SCHEDULE), "%s",
                        lh_error_text(&e));
        return NULL;
    }
    lh_schedule_quartz(&s, &quartz);
    return lh_arena_copy(&c->arena, lh_buf_slice(&quartz));
}

/* The same text is the same schedule, and read once; a wrong one is named in each row. */
static void check_schedule(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const char *text = row->cells[LH_MF_SCHEDULE];
    void **known;

    c->quartz = NULL;
    if (!*text)
        return;
    if (!c->last_schedule || strcmp(text, c->last_schedule) != 0) {
        known = lh_map_at(&c->schedules, lh_str_z(text));
        if (!*known)
            *known = (void *)(uintptr_t)read_schedule(c, row);
        c->last_quartz = *known;
        c->last_schedule = c->last_quartz ? text : NULL;
    }
    c->quartz = c->last_quartz;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_catalog_name(const char *name)
{
    size_t characters = 0;

    for (; *name; name++) {
        unsigned char byte = (unsigned char)*name;

        if (byte <= 0x20 || byte == 0x7f || byte == '.' || byte == '/')
            return false;
        characters += (byte & 0xc0) != 0x80;
    }
    return characters <= 255;
}

static void check_destination(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    static const enum lh_manifest_column columns[] = {
        LH_MF_DESTINATION_CATALOG, LH_MF_DESTINATION_SCHEMA, LH_MF_DESTINATION_TABLE};
    bool catalog = *row->cells[LH_MF_DESTINATION_CATALOG] != '\0';
    bool schema = *row->cells[LH_MF_DESTINATION_SCHEMA] != '\0';

    for (size_t i = 0; i < LH_LEN(columns); i++) {
        char *found lh_autofree = NULL;

        if (is_catalog_name(row->cells[columns[i]]))
            continue;
        found = lh_text_quote(lh_str_z(row->cells[columns[i]]));
        LH_CHECK(c, row, columns[i], "LH231",
                 "expected at most 255 characters, none of them a blank, '.', '/' or a control "
                 "character, found %s",
                 found);
    }
    if (catalog != schema)
        LH_CHECK(c, row, catalog ? LH_MF_DESTINATION_SCHEMA : LH_MF_DESTINATION_CATALOG, "LH227",
                 "it is empty, and %s is not",
                 lh_manifest_column_name(catalog ? LH_MF_DESTINATION_CATALOG
                                                 : LH_MF_DESTINATION_SCHEMA));
}

/* A list of names; whether it has one. */
static bool check_names(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                        enum lh_manifest_column column)
{
    const char *cell = row->cells[column];
    char *found lh_autofree = NULL;
    lh_str *names = NULL;
    size_t n = 0;

    if (!*cell)
        return false;
    if (lh_manifest_names(cell, &c->scratch, &names, &n))
        return n > 0;
    found = lh_text_quote(lh_str_z(cell));
    LH_CHECK(c, row, column, "LH230",
             "expected names with commas between, or a JSON list of texts, found %s", found);
    /* the user meant to give one */
    return true;
}

/* --- keys and cursor -------------------------------------------------------------------------- */

/* A column that the file does not have is not empty: the connector itself answers. */
static bool is_left_out(const struct lh_manifest_checking *c, enum lh_manifest_column column)
{
    return c->m->file && !c->m->present[column];
}

static bool has_option(const struct lh_json *options, lh_str name)
{
    return lh_json_kind(lh_json_get(options, name)) > LH_JSON_NULL;
}

static void check_keys(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                       const struct lh_json *options)
{
    bool keys = check_names(c, row, LH_MF_PRIMARY_KEYS);
    bool sequence = check_names(c, row, LH_MF_SEQUENCE_BY);
    bool changes = is_type(row, "cdc") || is_type(row, "cdc_with_deletes");

    check_names(c, row, LH_MF_CLUSTER_BY);
    if ((changes || is_type(row, "snapshot")) && !keys && !is_left_out(c, LH_MF_PRIMARY_KEYS) &&
        !has_option(options, LH_STR("primary_keys")))
        LH_CHECK(c, row, LH_MF_PRIMARY_KEYS, "LH228",
                 "it is empty; rows of %s are told apart by their keys",
                 changes ? "cdc" : "a snapshot");
    if (changes && !*row->cells[LH_MF_CURSOR_FIELD] && !sequence &&
        !is_left_out(c, LH_MF_CURSOR_FIELD) && !has_option(options, LH_STR("sequence_by")))
        LH_CHECK(c, row, LH_MF_CURSOR_FIELD, "LH229",
                 "it is empty, and so is sequence_by; changes are put in order by one of them");
}

void lh_manifest_check_row(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                           const struct lh_json *options)
{
    if (!*row->cells[LH_MF_SOURCE_TABLE])
        LH_CHECK(c, row, LH_MF_SOURCE_TABLE, "LH221", "it is empty; expected the name of a table");
    check_destination(c, row);
    check_schedule(c, row);
    check_weight(c, row);
    check_word(c, row, LH_MF_INGESTION_TYPE, "LH226", ingestion_types, LH_LEN(ingestion_types));
    check_word(c, row, LH_MF_SCD_TYPE, "LH225", scd_types, LH_LEN(scd_types));
    check_keys(c, row, options);
}
