/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the presets of connectors whose tables are known without a source: those of the Python
 * connector that the generated pipelines run, out of the connector's own spec.
 *
 *     make-presets PLUGINS TO CONNECTOR...      PLUGINS/<connector>/spec.json
 *                                               TO/<connector>/preset_*.csv
 *
 * `make presets` runs it; tests/system/preset.sh compares what it writes with what is there.
 */
#include "config.h"

#include "base/file.h"
#include "group/regroup.h"
#include "plugin/spec.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What `discover` writes without further options. */
static const struct {
    const char *kind, *schedule, *weight;
} by_kind[] = {
    {"snapshot", "0 0 * * *", "1"},
    {"append", "*/15 * * * *", "10"},
    {"cdc", "*/5 * * * *", "10"},
    {"unknown", "", "1"},
};

static const struct {
    const char *name;
    enum lh_group_by by;
} files[] = {
    {"all_tables", LH_GROUP_NONE},
    {"by_ingestion_type", LH_GROUP_INGESTION},
    {"by_category_and_ingestion", LH_GROUP_CATEGORY_AND_INGESTION},
};

/* As discover writes them: no blanks. */
static const char *keys_of(struct lh_manifest *m, const json_t *truth)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    size_t i;
    json_t *key;

    json_array_foreach(json_object_get(truth, "keys"), i, key)
    {
        lh_buf_char(&b, i ? ',' : '[');
        lh_json_write_str(&b, lh_str_z(json_string_value(key)));
    }
    if (b.n)
        lh_buf_char(&b, ']');
    return lh_manifest_keep(m, lh_buf_slice(&b));
}

static void add_row(const struct lh_spec *spec, struct lh_manifest *m, const char *table,
                    const json_t *truth)
{
    struct lh_manifest_row *row = lh_manifest_add(m);
    const char *type = json_string_value(json_object_get(truth, "type"));
    const char *cursor = json_string_value(json_object_get(truth, "cursor"));
    const char *category = lh_spec_category(spec, lh_str_z(table));

    row->cells[LH_MF_SOURCE_TABLE] = lh_manifest_keep(m, lh_str_z(table));
    row->cells[LH_MF_DESTINATION_TABLE] = row->cells[LH_MF_SOURCE_TABLE];
    row->cells[LH_MF_TABLE_OPTIONS_JSON] = "{}";
    row->cells[LH_MF_INGESTION_TYPE] = lh_manifest_keep(m, lh_str_z(type));
    row->cells[LH_MF_CURSOR_FIELD] = lh_manifest_keep(m, lh_str_z(cursor));
    row->cells[LH_MF_CATEGORY] = lh_manifest_keep(m, lh_str_z(category));
    row->cells[LH_MF_PRIMARY_KEYS] = keys_of(m, truth);
    for (size_t i = 0; i < LH_LEN(by_kind); i++)
        if (strcmp(by_kind[i].kind, lh_ingestion_kind(lh_str_z(type))) == 0) {
            row->cells[LH_MF_SCHEDULE] = by_kind[i].schedule;
            row->cells[LH_MF_WEIGHT] = by_kind[i].weight;
        }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct lh_manifest_row *)a)->cells[LH_MF_SOURCE_TABLE],
                  ((const struct lh_manifest_row *)b)->cells[LH_MF_SOURCE_TABLE]);
}

static int write_one(const struct lh_spec *spec, const char *path, enum lh_group_by by,
                     struct lh_error *e)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_classifier) classifier = {0};
    lh_auto(lh_regrouped) done = {0};
    const struct lh_regroup_wants wants = {
        .relabel = true, .by = by, .classifier = &classifier, .balance = LH_BALANCE_NONE};
    const char *table;
    json_t *truth;

    json_object_foreach(json_object_get(spec->upstream, "tables"), table, truth)
        add_row(spec, &m, table, truth);
    qsort(m.rows, m.n_rows, sizeof *m.rows, by_name);
    if (lh_regroup(&m, &wants, &done, e))
        return e->code;
    return lh_manifest_write(&m, path, e);
}

static int write_all(const char *plugins, const char *to, const char *connector, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_autoptr(lh_spec) spec = NULL;
    char *file lh_autofree = lh_xasprintf("%s/%s/spec.json", plugins, connector);
    int code = lh_file_read(file, LH_BUF_TEXT, 0, &text, e);

    if (!code)
        code = lh_spec_parse(lh_buf_slice(&text), file, &spec, e);
    for (size_t i = 0; !code && i < LH_LEN(files); i++) {
        char *path lh_autofree = lh_xasprintf("%s/%s/preset_%s.csv", to, connector, files[i].name);

        code = write_one(spec, path, files[i].by, e);
    }
    return code;
}

int main(int argc, char **argv)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (argc < 4) {
        fprintf(stderr, "usage: make-presets PLUGINS TO CONNECTOR...\n");
        return LH_USAGE;
    }
    for (int i = 3; i < argc; i++)
        if (write_all(argv[1], argv[2], argv[i], &e)) {
            fprintf(stderr, "make-presets: %s\n", lh_error_text(&e));
            return e.code;
        }
    return 0;
}
