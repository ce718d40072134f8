/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `preset list`, `preset show` and `preset copy`. */
#include "config.h"

#include "cmd/program.h"

#include "base/file.h"
#include "base/utf8.h"
#include "config/preset.h"
#include "manifest/manifest.h"
#include "json/document.h"
#include <errno.h>
#include <unistd.h>

/* A preset with what is in it. */
struct opened {
    struct lh_manifest manifest;
    size_t n_groups;
};

static void opened_free(struct opened *o)
{
    lh_manifest_free(&o->manifest);
}

/* What ships is right; a file that is not is one that somebody has put there or changed. */
static int open_preset(const struct lh_preset *preset, struct opened *o, struct lh_error *e)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_map) groups = LH_MAP_INIT(NULL);

    if (lh_manifest_read(preset->path, &o->manifest, &f, e))
        return lh_error_wrap(e, "preset %s", preset->name);
    if (f.counts[LH_SEVERITY_ERROR])
        return lh_error_set(e, LH_INVALID, "preset %s: %s: %s", preset->name, preset->path,
                            f.items[0].message);
    for (size_t i = 0; i < o->manifest.n_rows; i++)
        lh_map_set(&groups, lh_str_z(o->manifest.rows[i].cells[LH_MF_PIPELINE_GROUP]), NULL);
    o->n_groups = groups.count;
    return 0;
}

static bool wants_json(const struct lh_args *args)
{
    const char *output = lh_args_get(args, "output");

    return output && strcmp(output, "json") == 0;
}

static int print_json(json_t *value, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);
    char *text lh_autofree = lh_document_dump(value, 2);

    json_decref(value);
    lh_buf_f(&b, "%s\n", text);
    return lh_print(&b, e);
}

/* --- list --------------------------------------------------------------------------------------
 */

static int run_list(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_presets) presets = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    json_t *all = json_array();
    const char *connector = args->n_positional ? args->positional[0] : NULL;
    int code = lh_presets_list(connector, &presets, e);

    (void)context;
    lh_buf_f(&b, "%-44s  %6s  %9s\n", "PRESET", "TABLES", "PIPELINES");
    for (size_t i = 0; !code && i < presets.n; i++) {
        __attribute__((cleanup(opened_free))) struct opened o = {.manifest = LH_MANIFEST_INIT};

        code = open_preset(&presets.items[i], &o, e);
        lh_buf_f(&b, "%-44s  %6zu  %9zu\n", presets.items[i].name, o.manifest.n_rows, o.n_groups);
        json_array_append_new(all, json_pack("{s:s, s:I, s:I}", "name", presets.items[i].name,
                                             "tables", (json_int_t)o.manifest.n_rows, "pipelines",
                                             (json_int_t)o.n_groups));
    }
    if (!code && wants_json(args))
        return print_json(all, e);
    json_decref(all);
    return code ? code : lh_print(&b, e);
}

/* --- show --------------------------------------------------------------------------------------
 */

static json_t *row_as_json(const struct lh_manifest_row *row)
{
    json_t *object = json_object();

    for (int c = 0; c < LH_MF_COLUMNS; c++)
        if (row->cells[c][0])
            json_object_set_new(object, lh_manifest_column_name((enum lh_manifest_column)c),
                                json_string(row->cells[c]));
    return object;
}

static int run_show(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_preset) preset = {0};
    __attribute__((cleanup(opened_free))) struct opened o = {.manifest = LH_MANIFEST_INIT};
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);
    json_t *rows;

    (void)context;
    if (lh_preset_get(args->positional[0], &preset, e) || open_preset(&preset, &o, e))
        return e->code;
    if (!wants_json(args)) {
        lh_manifest_format(&o.manifest, &b);
        return lh_print(&b, e);
    }
    rows = json_array();
    for (size_t i = 0; i < o.manifest.n_rows; i++)
        json_array_append_new(rows, row_as_json(&o.manifest.rows[i]));
    return print_json(json_pack("{s:s, s:o}", "name", preset.name, "tables", rows), e);
}

/* --- copy --------------------------------------------------------------------------------------
 */

/* preset_all_tables.csv in the current folder, unless a file is named. */
static const char *target_of(const struct lh_args *args, const struct lh_preset *preset)
{
    if (args->n_positional > 1)
        return args->positional[1];
    return strrchr(preset->path, '/') + 1;
}

static int run_copy(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_preset) preset = {0};
    __attribute__((cleanup(opened_free))) struct opened o = {.manifest = LH_MANIFEST_INIT};
    const char *target;
    int code;

    if (lh_preset_get(args->positional[0], &preset, e) || open_preset(&preset, &o, e))
        return e->code;
    target = target_of(args, &preset);
    /* what is there may be somebody's edited copy */
    if (lh_file_descriptor(target) < 0 && access(target, F_OK) == 0)
        return lh_error_set(e, LH_INVALID,
                            "copy preset %s: %s is there already; remove it or name another file",
                            preset.name, target);
    code = lh_manifest_write(&o.manifest, target, e);
    if (!code)
        lh_log_info(context->log, "preset %s is now %s", preset.name, target);
    return code;
}

/* --- the commands ------------------------------------------------------------------------------
 */

static const struct lh_option output_options[] = {
    {"--output", "FORMAT", "text (a table, or the CSV file) or json", "text|json"},
    {NULL},
};

#define DETAILS                                                                                    \
    "A preset is a manifest that ships: the tables of a connector with their ingestion types,\n"   \
    "keys, cursors, groups and schedules. --preset CONNECTOR/NAME stands for --input-csv in every" \
    "\ncommand; connection, catalog and schema come from the command's flags. For each connector:" \
    "\n\n"                                                                                         \
    "  all_tables                       one pipeline\n"                                            \
    "  by_ingestion_type                one for snapshot, append, cdc\n"                           \
    "  by_category_and_ingestion        one for each of these and category"

const struct lh_command lh_command_preset_list = {
    .name = "preset list",
    .summary = "Lists the presets that ship, with how many tables and pipelines each has",
    .args = "[CONNECTOR]",
    .details = DETAILS,
    .group = "Discover",
    .options = output_options,
    .examples = (const struct lh_example[]){{"preset list", "all of them"},
                                            {"preset list osipi", "those of one connector"},
                                            {NULL}},
    .exits = "0 1 2 3 5",
    .run = run_list,
};

const struct lh_command lh_command_preset_show = {
    .name = "preset show",
    .summary = "Prints a preset",
    .args = "PRESET",
    .details = DETAILS,
    .group = "Discover",
    .options = output_options,
    .examples = (const struct lh_example[]){{"preset show osipi/all_tables", "as CSV"},
                                            {"preset show github/by_ingestion_type --output json",
                                             "for another program"},
                                            {NULL}},
    .exits = "0 1 2 3 5",
    .run = run_show,
};

const struct lh_command lh_command_preset_copy = {
    .name = "preset copy",
    .summary = "Copies a preset into a file, to edit it",
    .args = "PRESET [FILE]",
    .details = DETAILS "\n\n"
                       "Without FILE it is preset_NAME.csv in the current folder; - is standard\n"
                       "output. A file that is there is not overwritten.",
    .group = "Discover",
    .examples =
        (const struct lh_example[]){
            {"preset copy osipi/by_category_and_ingestion", "preset_by_category_and_ingestion.csv"},
            {"preset copy hubspot/all_tables tables.csv", "into a file of your choice"},
            {NULL}},
    .exits = "0 1 2 3 5",
    .run = run_copy,
};
