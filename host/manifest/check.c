/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a manifest: the pass over all rows, and what rows say about each other. */
#include "config.h"

#include "manifest/check_internal.h"
#include "schedule/schedule.h"
#include "json/text.h"

#include <stdint.h>
#include <stdlib.h>

/* The first row of a group that says something, which the others must agree with. */
struct lh_group_seen {
    const struct lh_manifest_row *schedule, *connection, *catalog;
    const char *quartz; /* of `schedule` */
};

/* --- JSON ------------------------------------------------------------------------------------- */

/* The place in a value, in characters from 1. */
static size_t character_at(const char *text, size_t offset)
{
    size_t n = 1;

    for (size_t i = 0; i < offset; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

const struct lh_json *lh_manifest_check_json(struct lh_manifest_checking *c,
                                             const struct lh_manifest_row *row,
                                             enum lh_manifest_column column)
{
    const char *cell = row->cells[column];
    struct lh_json_problem problem = {LH_JSON_FINE, 0, NULL};
    const struct lh_json *root;

    if (!*cell)
        return NULL;
    if (lh_json_scan(c->doc, lh_str_z(cell), &lh_json_page_limits, &problem) != LH_JSON_FINE) {
        LH_CHECK(c, row, column, "LH222", "expected %s at character %zu of the value",
                 problem.expected ? problem.expected : "JSON", character_at(cell, problem.offset));
        return NULL;
    }
    root = lh_json_root(c->doc);
    if (lh_json_kind(root) != LH_JSON_OBJECT) {
        LH_CHECK(c, row, column, "LH223", "expected an object, found %s", lh_json_kind_words(root));
        return NULL;
    }
    if (lh_json_duplicate(c->doc)) {
        char *name lh_autofree = lh_text_quote(lh_json_str(lh_json_duplicate(c->doc)));

        LH_CHECK(c, row, column, "LH222", "the key %s stands twice in its object", name);
        return NULL;
    }
    return root;
}

/* --- other rows ------------------------------------------------------------------------------- */

/* "that of line 3", or "that of another row". */
static const char *other_row(const struct lh_manifest_row *row, char ret[48])
{
    if (row->line)
        (void)snprintf(ret, 48, "line %zu", row->line);
    else
        (void)snprintf(ret, 48, "another row");
    return ret;
}

static void key_part(struct lh_manifest_checking *c, const char *text, bool lower)
{
    size_t begin = c->key.n;

    lh_buf_z(&c->key, text);
    for (size_t i = begin; lower && i < c->key.n; i++)
        if (c->key.p[i] >= 'A' && c->key.p[i] <= 'Z')
            c->key.p[i] = (char)(c->key.p[i] | 0x20);
    /* no cell holds a NUL */
    lh_buf_char(&c->key, '\0');
}

/* The row that had this key before; NULL, and from now on it is this one. */
static const struct lh_manifest_row *seen(struct lh_manifest_checking *c, struct lh_map *map,
                                          const struct lh_manifest_row *row)
{
    void **first = lh_map_at(map, lh_buf_slice(&c->key));

    if (!*first)
        *first = (void *)(uintptr_t)row;
    return *first == row ? NULL : *first;
}

static void check_destination(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const struct lh_manifest_row *before;
    enum lh_manifest_column column =
        *row->cells[LH_MF_DESTINATION_TABLE] ? LH_MF_DESTINATION_TABLE : LH_MF_SOURCE_TABLE;
    char other[48];

    lh_buf_reset(&c->key);
    key_part(c, row->cells[LH_MF_DESTINATION_CATALOG], true);
    key_part(c, row->cells[LH_MF_DESTINATION_SCHEMA], true);
    key_part(c, lh_manifest_destination(row), true);
    before = seen(c, &c->destinations, row);
    if (before)
        LH_CHECK(c, row, column, "LH241",
                 "%s goes into the same table of the destination; names there have no case",
                 other_row(before, other));
}

static void check_source(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const struct lh_manifest_row *before;
    char other[48];

    lh_buf_reset(&c->key);
    key_part(c, row->cells[LH_MF_PIPELINE_GROUP], false);
    key_part(c, row->cells[LH_MF_CONNECTION_NAME], false);
    key_part(c, row->cells[LH_MF_SOURCE_TABLE], false);
    before = seen(c, &c->sources, row);
    if (before)
        LH_CHECK(c, row, LH_MF_SOURCE_TABLE, "LH242",
                 "%s has this table in the same pipeline group; give one of them another group",
                 other_row(before, other));
}

static void check_schedules(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                            struct lh_group_seen *group)
{
    const char *quartz = c->quartz;
    char other[48];

    if (!quartz)
        return;
    if (!group->schedule) {
        group->schedule = row;
        group->quartz = quartz;
    } else if (strcmp(group->quartz, quartz) != 0) {
        LH_CHECK(c, row, LH_MF_SCHEDULE, "LH243",
                 "%s, of the same pipeline group, has %s; a pipeline has one schedule",
                 other_row(group->schedule, other), group->schedule->cells[LH_MF_SCHEDULE]);
    }
}

/* One value for a group, without regard to rows that have none. */
static void check_same(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                       enum lh_manifest_column column, const struct lh_manifest_row **first,
                       const char *id, const char *why)
{
    char *found lh_autofree = NULL;
    char other[48];

    if (!*row->cells[column])
        return;
    if (!*first)
        *first = row;
    if (strcmp((*first)->cells[column], row->cells[column]) == 0)
        return;
    found = lh_text_quote(lh_str_z((*first)->cells[column]));
    LH_CHECK(c, row, column, id, "%s, of the same pipeline group, has %s; %s",
             other_row(*first, other), found, why);
}

static void check_group(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const char *name = row->cells[LH_MF_PIPELINE_GROUP];
    struct lh_group_seen *group = c->group;

    if (!group || strcmp(name, c->group_name) != 0) {
        void **known = lh_map_at(&c->groups, lh_str_z(name));

        if (!*known)
            *known = lh_arena_alloc(&c->arena, sizeof *group);
        group = *known;
        c->group = group;
        c->group_name = name;
    }
    check_schedules(c, row, group);
    check_same(c, row, LH_MF_CONNECTION_NAME, &group->connection, "LH244",
               "a pipeline has one connection");
    check_same(c, row, LH_MF_DESTINATION_CATALOG, &group->catalog, "LH245",
               "lakehost group makes a pipeline for each catalog");
}

void lh_manifest_check_others(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    if (*row->cells[LH_MF_SOURCE_TABLE]) {
        check_destination(c, row);
        check_source(c, row);
    }
    check_group(c, row);
}

/* --- all -------------------------------------------------------------------------------------- */

static void free_checking(struct lh_manifest_checking *c)
{
    lh_json_doc_destroy(c->doc);
    lh_arena_free(&c->arena);
    lh_arena_free(&c->scratch);
    lh_buf_free(&c->key);
    lh_map_free(&c->schedules);
    lh_map_free(&c->groups);
    lh_map_free(&c->sources);
    lh_map_free(&c->destinations);
}

void lh_manifest_check(const struct lh_manifest *m, const struct lh_manifest_policy *policy,
                       struct lh_findings *f)
{
    static const struct lh_manifest_policy none = {NULL, false};
    __attribute__((cleanup(free_checking))) struct lh_manifest_checking c = {
        .m = m,
        .policy = policy ? policy : &none,
        .f = f,
        .doc = lh_json_doc_new(),
        .key = LH_BUF_INIT(SIZE_MAX),
    };

    for (size_t i = 0; i < m->n_rows; i++) {
        const struct lh_manifest_row *row = &m->rows[i];
        const struct lh_json *options = lh_manifest_check_json(&c, row, LH_MF_TABLE_OPTIONS_JSON);

        lh_manifest_check_row(&c, row, options);
        if (c.policy->spec)
            lh_manifest_check_spec(&c, row, options);
        lh_manifest_check_json(&c, row, LH_MF_ESTIMATE_JSON);
        lh_manifest_check_others(&c, row);
        lh_arena_reset(&c.scratch);
    }
}
