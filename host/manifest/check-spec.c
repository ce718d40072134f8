/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row against the spec of its connector: options that it does not have or does not take, and
 * where what the row says is not what the Python connector of that name does.
 */
#include "config.h"

#include "base/nearest.h"
#include "manifest/check_internal.h"
#include "json/text.h"

#include <stdlib.h>

/* What the pipeline takes out of the options before the source sees them. */
static const char *const pipeline_options[] = {"scd_type", "primary_keys", "sequence_by",
                                               "cluster_by"};

static bool is_of_pipeline(lh_str name)
{
    for (size_t i = 0; i < LH_LEN(pipeline_options); i++)
        if (lh_str_eqz(name, pipeline_options[i]))
            return true;
    return false;
}

static lh_str option_name(const void *options, size_t i)
{
    return lh_str_z(((const struct lh_spec_option *)options)[i].name);
}

static void report_unknown(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                           lh_str name)
{
    const struct lh_spec *spec = c->policy->spec;
    const struct lh_spec_option *other = lh_spec_find(spec->options, spec->n_options, name);
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    char *quoted lh_autofree = lh_text_quote(name);

    if (other && other->secret) {
        LH_CHECK(c, row, LH_MF_TABLE_OPTIONS_JSON, "LH235",
                 "%s is a secret of the connection and does not belong into a file", quoted);
        return;
    }
    if (other)
        lh_buf_z(&hint, "; it is an option of the connection");
    else
        lh_nearest_hint(name, option_name, spec->table_options, spec->n_table_options, &hint);
    LH_CHECK(c, row, LH_MF_TABLE_OPTIONS_JSON, "LH232", "%s has no table option %s%s", spec->name,
             quoted, lh_buf_text(&hint));
}

/* A value as the connector gets it: texts as they are, the rest as JSON. */
static lh_str value_text(const struct lh_json *value, struct lh_buf *to)
{
    if (lh_json_kind(value) == LH_JSON_ARRAY || lh_json_kind(value) == LH_JSON_OBJECT) {
        lh_json_write(to, value);
        return lh_buf_slice(to);
    }
    return lh_json_str(value);
}

static void check_option(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                         lh_str name, const struct lh_json *value, struct lh_opts *opts)
{
    const struct lh_spec *spec = c->policy->spec;
    const struct lh_spec_option *option =
        lh_spec_find(spec->table_options, spec->n_table_options, name);
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (is_of_pipeline(name))
        return;
    if (!option) {
        report_unknown(c, row, name);
        return;
    }
    if (option->native_only && !c->policy->native)
        LH_CHECK(c, row, LH_MF_TABLE_OPTIONS_JSON, "LH306",
                 "the Python connector has no option %s; only a native pipeline takes it",
                 option->name);
    if (lh_opts_set(opts, name, value_text(value, &text), spec->name, &e))
        LH_CHECK(c, row, LH_MF_TABLE_OPTIONS_JSON, "LH233", "%s", lh_error_text(&e));
}

static void check_options(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                          const struct lh_json *options)
{
    lh_autoptr(lh_opts) opts = lh_opts_new(c->policy->spec, true);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_json *value = NULL;
    lh_str name;

    while ((value = lh_json_next(options, value, &name)))
        if (lh_json_kind(value) != LH_JSON_NULL)
            check_option(c, row, name, value, opts);
    /* the category is the spec's: that of the row may be the user's own */
    if (lh_opts_finish(opts, lh_str_z(row->cells[LH_MF_SOURCE_TABLE]), LH_STR(""), &e))
        LH_CHECK(c, row, LH_MF_TABLE_OPTIONS_JSON, "LH234", "%s", lh_error_text(&e));
}

/* --- the Python connector --------------------------------------------------------------------- */

/*
 * A difference is a mistake where the Python connector runs, and a remark where ours does. Ids of
 * remarks are ten more.
 */
static void differs(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                    enum lh_manifest_column column, const char *id, const char *remark_id,
                    const char *theirs)
{
    char *ours lh_autofree = lh_text_quote(lh_str_z(row->cells[column]));
    char *quoted lh_autofree = lh_text_quote(lh_str_z(theirs));

    LH_CHECK(c, row, column, c->policy->native ? remark_id : id,
             "the Python connector has %s, not %s", *theirs ? quoted : "none", ours);
}

static void check_type(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                       const struct lh_upstream *up)
{
    const char *type = row->cells[LH_MF_INGESTION_TYPE];

    if (lh_manifest_is_ingestion_type(lh_str_z(type)) && *up->type &&
        strcmp(type, "unknown") != 0 && strcmp(type, up->type) != 0)
        differs(c, row, LH_MF_INGESTION_TYPE, "LH302", "LH312", up->type);
}

static void check_cursor(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                         const struct lh_upstream *up)
{
    const char *cursor = row->cells[LH_MF_CURSOR_FIELD];

    if (*cursor && strcmp(cursor, up->cursor) != 0)
        differs(c, row, LH_MF_CURSOR_FIELD, "LH304", "LH314", up->cursor);
}

/* Keys are a set: another order is the same key. */
static bool same_keys(const lh_str *keys, size_t n, const json_t *theirs)
{
    size_t i;
    const json_t *one;

    if (n != json_array_size(theirs))
        return false;
    json_array_foreach(theirs, i, one)
    {
        size_t k = 0;

        while (k < n && !lh_str_eqz(keys[k], json_string_value(one)))
            k++;
        if (k == n)
            return false;
    }
    return true;
}

static void check_keys(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                       const struct lh_upstream *up)
{
    lh_auto(lh_buf) theirs = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str *keys = NULL;
    size_t n = 0;
    size_t i;
    const json_t *one;

    if (!lh_manifest_names(row->cells[LH_MF_PRIMARY_KEYS], &c->scratch, &keys, &n) || !n ||
        same_keys(keys, n, up->keys))
        return;
    json_array_foreach(up->keys, i, one)
        lh_buf_f(&theirs, "%s%s", i ? "," : "", json_string_value(one));
    differs(c, row, LH_MF_PRIMARY_KEYS, "LH303", "LH313", lh_buf_text(&theirs));
}

/* Columns that are missing there or have another type, all in one finding. */
static void check_columns(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const json_t *columns = json_object_get(c->policy->spec->upstream, "columns");
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    size_t i;
    const json_t *one;

    json_array_foreach(columns, i, one)
    {
        const char *table = json_string_value(json_object_get(one, "table"));
        const char *name = json_string_value(json_object_get(one, "column"));
        const char *type = json_string_value(json_object_get(one, "type"));

        if (!table || !name || strcmp(table, row->cells[LH_MF_SOURCE_TABLE]) != 0)
            continue;
        lh_buf_f(&text, "%s%s (%s)", text.n ? ", " : "", name, type ? type : "not there");
    }
    if (text.n)
        LH_CHECK(c, row, LH_MF_SOURCE_TABLE, "LH305",
                 "columns that differ in the Python connector: %s", lh_buf_text(&text));
}

static void check_profile(struct lh_manifest_checking *c, const struct lh_manifest_row *row)
{
    const struct lh_spec *spec = c->policy->spec;
    lh_str table = lh_str_z(row->cells[LH_MF_SOURCE_TABLE]);
    struct lh_upstream up;

    if (!table.n || !json_object_size(json_object_get(spec->upstream, "tables")))
        return;
    if (!lh_spec_upstream(spec, table, &up)) {
        char *quoted lh_autofree = lh_text_quote(table);

        LH_CHECK(c, row, LH_MF_SOURCE_TABLE, c->policy->native ? "LH311" : "LH301",
                 "the profile of the Python connector has no table %s", quoted);
        return;
    }
    check_type(c, row, &up);
    check_keys(c, row, &up);
    check_cursor(c, row, &up);
    check_columns(c, row);
}

void lh_manifest_check_spec(struct lh_manifest_checking *c, const struct lh_manifest_row *row,
                            const struct lh_json *options)
{
    check_options(c, row, options);
    check_profile(c, row);
}
