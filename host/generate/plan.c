/* SPDX-License-Identifier: Apache-2.0 */
/* From rows to pipelines: order, groups, slugs. The options of a table: plan-options.c. */
#include "config.h"

#include "base/slug.h"
#include "generate/plan_internal.h"

#include <stdlib.h>

void lh_plan_free(struct lh_plan *p)
{
    lh_arena_free(&p->arena);
}

int lh_plan_error(const struct lh_manifest *m, const struct lh_manifest_row *row,
                  enum lh_manifest_column column, struct lh_error *e, const char *format, ...)
{
    lh_auto(lh_buf) message = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_place at = lh_manifest_place(m, row, column);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&message, format, args);
    va_end(args);
    return lh_error_set(e, LH_INVALID, "%s:%zu:%zu: %s: %s", at.file ? at.file : "manifest",
                        at.line, at.column, lh_manifest_column_name(column), lh_buf_text(&message));
}

/* --- rows in order ------------------------------------------------------------------------ */

static const char *group_of(const struct lh_manifest_row *row)
{
    return row->cells[LH_MF_PIPELINE_GROUP];
}

static int by_table(const void *a, const void *b)
{
    const struct lh_manifest_row *x = *(const struct lh_manifest_row *const *)a;
    const struct lh_manifest_row *y = *(const struct lh_manifest_row *const *)b;
    int order = strcmp(x->cells[LH_MF_SOURCE_TABLE], y->cells[LH_MF_SOURCE_TABLE]);

    if (!order)
        order = strcmp(lh_manifest_destination(x), lh_manifest_destination(y));
    if (!order)
        order = (x > y) - (x < y); /* as they stand in the file */
    return order;
}

static int by_group(const void *a, const void *b)
{
    const struct lh_manifest_row *x = *(const struct lh_manifest_row *const *)a;
    const struct lh_manifest_row *y = *(const struct lh_manifest_row *const *)b;
    int order = strcmp(group_of(x), group_of(y));

    return order ? order : by_table(a, b);
}

static bool is_wanted(const struct lh_manifest_row *row, const struct lh_plan_request *request)
{
    return strcmp(row->cells[LH_MF_STATUS], "refused") != 0 &&
           (!request->only_group || strcmp(group_of(row), request->only_group) == 0);
}

/* The rows to generate for, sorted; in the arena. */
static const struct lh_manifest_row **sorted_rows(struct lh_plan *p,
                                                  const struct lh_plan_request *request,
                                                  size_t *ret_n)
{
    const struct lh_manifest *m = p->manifest;
    const struct lh_manifest_row **rows =
        lh_arena_alloc(&p->arena, (m->n_rows + 1) * sizeof(struct lh_manifest_row *));
    size_t n = 0;

    for (size_t i = 0; i < m->n_rows; i++)
        if (is_wanted(&m->rows[i], request))
            rows[n++] = &m->rows[i];
    qsort(rows, n, sizeof *rows, request->one_group ? by_table : by_group);
    *ret_n = n;
    return rows;
}

/* --- pipelines ---------------------------------------------------------------------------- */

/* One file names one connection, and the framework finds a table by its source's name alone. */
static int check_tables(const struct lh_plan *p, const struct lh_manifest_row *const *rows,
                        size_t n, struct lh_error *e)
{
    for (size_t i = 1; i < n; i++) {
        const char *connection = rows[0]->cells[LH_MF_CONNECTION_NAME];

        if (strcmp(rows[i]->cells[LH_MF_CONNECTION_NAME], connection) != 0)
            return lh_plan_error(p->manifest, rows[i], LH_MF_CONNECTION_NAME, e,
                                 "group \"%s\" has the connections \"%s\" and \"%s\"; a pipeline "
                                 "has one: give them groups of their own",
                                 group_of(rows[i]), connection,
                                 rows[i]->cells[LH_MF_CONNECTION_NAME]);
        if (strcmp(rows[i]->cells[LH_MF_SOURCE_TABLE], rows[i - 1]->cells[LH_MF_SOURCE_TABLE]) == 0)
            return lh_plan_error(
                p->manifest, rows[i], LH_MF_SOURCE_TABLE, e,
                "\"%s\" is twice in group \"%s\" (also in line %zu); the framework "
                "would give both the options and the destination of one: put "
                "them in two groups",
                rows[i]->cells[LH_MF_SOURCE_TABLE], group_of(rows[i]), rows[i - 1]->line);
    }
    return 0;
}

static void set_schedule(const struct lh_plan *p, struct lh_plan_pipeline *pipeline,
                         const struct lh_manifest_row *const *rows, size_t n)
{
    const struct lh_manifest_row *row = rows[0];

    for (size_t i = n; i > 0; i--)
        if (*rows[i - 1]->cells[LH_MF_SCHEDULE])
            row = rows[i - 1];
    pipeline->schedule = lh_str_z(row->cells[LH_MF_SCHEDULE]);
    pipeline->place = lh_manifest_place(p->manifest, row, LH_MF_SCHEDULE);
}

static int add_pipeline(struct lh_plan *p, lh_str group, struct lh_plan_options *options,
                        const struct lh_manifest_row *const *rows, size_t n, struct lh_error *e)
{
    struct lh_plan_pipeline *pipeline = &p->pipelines[p->n++];
    struct lh_plan_table *tables = lh_arena_alloc(&p->arena, n * sizeof *tables);
    int code = options->request->for_notebooks ? 0 : check_tables(p, rows, n, e);

    pipeline->group = group;
    pipeline->connection = lh_str_z(rows[0]->cells[LH_MF_CONNECTION_NAME]);
    pipeline->tables = tables;
    pipeline->n = n;
    set_schedule(p, pipeline, rows, n);
    for (size_t i = 0; !code && i < n; i++) {
        tables[i].row = rows[i];
        tables[i].source = lh_str_z(rows[i]->cells[LH_MF_SOURCE_TABLE]);
        tables[i].catalog = lh_str_z(rows[i]->cells[LH_MF_DESTINATION_CATALOG]);
        tables[i].schema = lh_str_z(rows[i]->cells[LH_MF_DESTINATION_SCHEMA]);
        tables[i].table = lh_str_z(lh_manifest_destination(rows[i]));
        code = lh_plan_options_of(options, &tables[i], e);
    }
    return code;
}

static size_t same_group(const struct lh_manifest_row *const *rows, size_t n)
{
    size_t same = 1;

    while (same < n && strcmp(group_of(rows[same]), group_of(rows[0])) == 0)
        same++;
    return same;
}

static void set_slugs(struct lh_plan *p)
{
    lh_str *labels = lh_arena_alloc(&p->arena, (p->n + 1) * sizeof *labels);
    const char **slugs;

    for (size_t i = 0; i < p->n; i++)
        labels[i] = p->pipelines[i].group;
    slugs = lh_slugs(labels, p->n, &p->arena);
    for (size_t i = 0; i < p->n; i++)
        p->pipelines[i].slug = slugs[i];
}

static int add_pipelines(struct lh_plan *p, const struct lh_plan_request *request,
                         struct lh_plan_options *options, struct lh_error *e)
{
    size_t n;
    const struct lh_manifest_row **rows = sorted_rows(p, request, &n);
    size_t groups = 1;
    int code = 0;

    if (!n && request->only_group)
        return lh_error_set(e, LH_INVALID, "%s: no table is in the group \"%s\"", p->manifest->file,
                            request->only_group);
    if (!n)
        return lh_error_set(e, LH_INVALID, "%s: there is no table in it", p->manifest->file);
    for (size_t i = 1; i < n; i++)
        groups += strcmp(group_of(rows[i]), group_of(rows[i - 1])) != 0;
    p->pipelines = lh_arena_alloc(&p->arena, groups * sizeof *p->pipelines);
    for (size_t at = 0; !code && at < n;) {
        size_t same = request->one_group ? n : same_group(rows + at, n - at);
        lh_str group = lh_str_z(request->one_group ? request->one_group : group_of(rows[at]));

        code = add_pipeline(p, group, options, rows + at, same, e);
        at += same;
    }
    if (!code)
        set_slugs(p);
    return code;
}

int lh_plan_make(const struct lh_manifest *manifest, const struct lh_plan_request *request,
                 struct lh_plan *ret, struct lh_error *e)
{
    lh_auto(lh_plan) p = {.manifest = manifest};
    lh_auto(lh_plan_options) options = {0};
    int code = lh_plan_options_begin(&options, &p, request, e);

    if (!code)
        code = add_pipelines(&p, request, &options, e);
    if (code)
        return code;
    *ret = p;
    p = (struct lh_plan)LH_PLAN_INIT;
    return 0;
}
