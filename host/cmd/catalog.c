/* SPDX-License-Identifier: Apache-2.0 */
/* The command `catalog diff`: what has changed between two catalogs. */
#include "config.h"

#include "catalog/diff.h"
#include "cmd/open.h"

#define RESULT_MAX ((size_t)1 << 30)

/* "orders.amount": the table, and the column where there is one. */
static void put_place(struct lh_buf *to, const struct lh_change *c)
{
    lh_source_add_plain(to, c->table);
    if (*c->column) {
        lh_buf_z(to, ": ");
        lh_source_add_plain(to, c->column);
    }
}

static void put_value(struct lh_buf *to, const char *value)
{
    if (*value)
        lh_source_add_plain(to, value);
    else
        lh_buf_z(to, "(none)");
}

static void put_line(struct lh_buf *to, const struct lh_change *c)
{
    size_t length = strlen(c->kind);
    bool has_both = length > 8 && (strcmp(c->kind + length - 8, "_changed") == 0 ||
                                   strcmp(c->kind + length - 8, "_retyped") == 0);

    lh_buf_z(to, c->breaking ? "breaking  " : "          ");
    put_place(to, c);
    lh_buf_z(to, ": ");
    for (const char *p = c->kind; *p; p++)
        lh_buf_char(to, *p == '_' ? ' ' : *p);
    if (has_both) {
        lh_buf_z(to, " from ");
        put_value(to, c->before);
        lh_buf_z(to, " to ");
        put_value(to, c->after);
    } else if (*c->before || *c->after) {
        lh_buf_z(to, ", ");
        put_value(to, *c->before ? c->before : c->after);
    }
    lh_buf_char(to, '\n');
}

static void put_json(struct lh_buf *to, const struct lh_changes *changes)
{
    json_t *list = json_array();

    for (size_t i = 0; i < changes->n; i++) {
        const struct lh_change *c = &changes->items[i];

        json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:s, s:s, s:s}", "after", c->after,
                                              "breaking", c->breaking, "column", c->column, "kind",
                                              c->kind, "before", c->before, "table", c->table));
    }
    lh_source_add_json(to,
                       json_pack("{s:i, s:o, s:i}", "breaking", (int)changes->n_breaking, "changes",
                                 list, "schema_version", 1),
                       2);
}

static int run_diff(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_catalog_document) before = LH_CATALOG_DOCUMENT_INIT;
    lh_auto(lh_catalog_document) after = LH_CATALOG_DOCUMENT_INIT;
    lh_auto(lh_changes) changes = {0};
    lh_auto(lh_buf) out = LH_BUF_INIT(RESULT_MAX);
    int code;

    (void)context;
    if (strcmp(args->positional[0], "-") == 0 && strcmp(args->positional[1], "-") == 0)
        return lh_error_set(e, LH_USAGE, "OLD and NEW: only one can be standard input");
    if ((code = lh_catalog_document_read(args->positional[0], &before, e)) ||
        (code = lh_catalog_document_read(args->positional[1], &after, e)))
        return code;
    lh_catalog_diff(&before, &after, &changes);
    if (lh_source_wants_json(args))
        put_json(&out, &changes);
    for (size_t i = 0; i < changes.n && !lh_source_wants_json(args); i++)
        put_line(&out, &changes.items[i]);
    code = lh_print(&out, e);
    if (!code && changes.n && lh_args_count(args, "exit-code"))
        return lh_error_set(e, LH_DIFFERENT, "%zu change%s, %zu of them breaking", changes.n,
                            changes.n == 1 ? "" : "s", changes.n_breaking);
    return code;
}

static const struct lh_option options[] = {
    {"--exit-code", NULL, "end with 10 when there are changes"},
    {"--output", "FORMAT", "text (default) or json", "text|json"},
    {NULL},
};

const struct lh_command lh_command_catalog_diff = {
    .name = "catalog diff",
    .summary = "Says what has changed between two catalogs of discover --output-json",
    .args = "OLD NEW",
    .details =
        "Breaking is what stops a pipeline or changes what its tables mean: a table that is gone\n"
        "or can no longer be read; a column that is gone, has another type (also a wider one, for\n"
        "Delta does not widen by itself), may now be null, or is new and may not; other keys,\n"
        "cursor or ingestion type, of lakehost's connector (native) or of the Python one\n"
        "(upstream). New tables and columns, other categories, and nulls that no longer come\n"
        "are not. The order of columns and keys is no change.",
    .group = "Discover",
    .options = options,
    .examples =
        (const struct lh_example[]){{"catalog diff old.json new.json", "what is new, what is gone"},
                                    {"catalog diff old.json new.json --exit-code --output json",
                                     "for a check that runs by itself"},
                                    {NULL}},
    .exits = "0 1 2 3 10",
    .run = run_diff,
};
