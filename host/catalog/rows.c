/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a manifest for the tables of a catalog; see rows.h. */
#include "config.h"

#include "catalog/rows.h"

#include "base/map.h"
#include "base/slug.h"
#include "base/utf8.h"
#include "json/document.h"
#include "json/json.h"

#include <stdlib.h>

#define MAX_DESTINATION 255 /* bytes of a table's name in Unity Catalog */
#define MAX_OPTIONS     ((size_t)4 << 20)
#define MAX_LEVELS      64

struct making {
    const struct lh_catalog *catalog;
    const struct lh_rows_wants *w;
    struct lh_manifest *to;
    struct lh_map names;    /* table name -> how many namespaces have it */
    struct lh_map previous; /* path -> row */
    struct lh_map used;     /* paths of the earlier manifest that there still are */
    const char **groups;    /* of each table */
    const char **targets;   /* table at the destination, of each table */
    const char **wanted;    /* schedule of each row */
    size_t cap_wanted;
};

static void making_free(struct making *m)
{
    lh_map_free(&m->names);
    lh_map_free(&m->previous);
    lh_map_free(&m->used);
    free(m->groups);
    free(m->targets);
    free(m->wanted);
}

/* --- kinds ------------------------------------------------------------------------------------ */

static const char *const kinds[] = {"snapshot", "append", "cdc", "unknown"};

const char *lh_kind_name(enum lh_kind kind)
{
    return kinds[kind];
}

enum lh_kind lh_kind_of(const char *ingestion)
{
    const char *name = lh_ingestion_kind(lh_str_z(ingestion));
    int kind = LH_KIND_SNAPSHOT;

    while (strcmp(kinds[kind], name) != 0)
        kind++;
    return (enum lh_kind)kind;
}

int64_t lh_catalog_weight(const struct lh_measured *m, int64_t least)
{
    const uint64_t mib = (uint64_t)1 << 20;
    uint64_t weight = m->requests + m->bytes / mib + (m->bytes % mib != 0);

    if (!m->complete && weight < (uint64_t)least)
        weight = (uint64_t)least;
    if (weight < 1)
        weight = 1;
    return weight > LH_MANIFEST_MAX_WEIGHT ? LH_MANIFEST_MAX_WEIGHT : (int64_t)weight;
}

const char *lh_catalog_category(struct lh_catalog *c, const struct lh_catalog_table *t,
                                const struct lh_classifier *classifier)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    lh_classify(classifier, lh_str_z(t->name), t->category, &b);
    return lh_arena_copy(&c->arena, lh_buf_slice(&b));
}

/* --- which truth ------------------------------------------------------------------------------ */

static const struct lh_truth *truth_of(const struct making *m, const struct lh_catalog_table *t)
{
    return m->w->native || !t->upstream.ingestion ? &t->native : &t->upstream;
}

/* --- the earlier manifest --------------------------------------------------------------------- */

static void put_part(struct lh_buf *key, const char *text)
{
    lh_buf_z(key, text);
    lh_buf_char(key, '\0');
}

/* The namespace levels of a row are table options. */
static int key_of_row(const struct making *m, const struct lh_manifest_row *row, struct lh_buf *key,
                      struct lh_error *e)
{
    const struct lh_strings *levels = &m->catalog->spec->namespaces;
    const char *json = row->cells[LH_MF_TABLE_OPTIONS_JSON];
    lh_auto(lh_document) d = {0};
    char *where lh_autofree =
        lh_xasprintf("%s:%zu: table_options_json",
                     m->w->previous->file ? m->w->previous->file : "(rows)", row->line);

    if (*json && lh_document_parse_json(&d, lh_str_z(json), where, e))
        return e->code;
    if (d.root && !json_is_object(d.root))
        return lh_document_error(&d, "", e, "expected an object");
    for (size_t i = 0; i < levels->n; i++) {
        const char *text = json_string_value(json_object_get(d.root, levels->items[i]));

        if (!text && i < m->w->n_implied)
            text = m->w->implied[i];
        if (!text)
            break;
        put_part(key, text);
    }
    lh_buf_z(key, row->cells[LH_MF_SOURCE_TABLE]);
    return 0;
}

static void key_of_table(const struct lh_catalog_table *t, struct lh_buf *key)
{
    for (size_t i = 0; i < t->n_ns; i++)
        put_part(key, t->ns[i]);
    lh_buf_z(key, t->name);
}

static int read_previous(struct making *m, struct lh_error *e)
{
    const struct lh_manifest *previous = m->w->previous;
    int code = 0;

    for (size_t i = 0; previous && i < previous->n_rows && !code; i++) {
        lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);

        code = key_of_row(m, &previous->rows[i], &key, e);
        if (!code && !lh_map_has(&m->previous, lh_buf_slice(&key)))
            lh_map_set(&m->previous, lh_buf_slice(&key), &previous->rows[i]);
    }
    return code;
}

/* The row that a table had; NULL: none. */
static const struct lh_manifest_row *find_previous(struct making *m,
                                                   const struct lh_catalog_table *t)
{
    lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);

    key_of_table(t, &key);
    if (lh_map_has(&m->previous, lh_buf_slice(&key)))
        lh_map_set(&m->used, lh_buf_slice(&key), NULL);
    return lh_map_get(&m->previous, lh_buf_slice(&key));
}

/* --- names ------------------------------------------------------------------------------------ */

/* A map of text to a count, which lies in the pointer. */
static uintptr_t count_of(const struct lh_map *counts, lh_str key)
{
    return (uintptr_t)lh_map_get(counts, key);
}

static void count_one(struct lh_map *counts, lh_str key)
{
    lh_map_set(counts, key, (void *)(count_of(counts, key) + 1));
}

static void count_names(struct making *m)
{
    for (size_t i = 0; i < m->catalog->n; i++)
        count_one(&m->names, lh_str_z(m->catalog->tables[i].name));
}

/* In several namespaces: the name alone does not say which table it is. */
static bool is_ambiguous(const struct making *m, const char *name)
{
    return count_of(&m->names, lh_str_z(name)) > 1;
}

/* What Unity Catalog takes as the name of a table. */
static bool is_table_name(lh_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= ' ' || name.p[i] == 0x7f || name.p[i] == '.' ||
            name.p[i] == '/')
            return false;
    return name.n > 0 && name.n <= MAX_DESTINATION;
}

/* Names without case, as the destination compares them: how many tables want each. */
static void count_targets(const struct making *m, struct lh_map *counts)
{
    for (size_t i = 0; i < m->catalog->n; i++) {
        char *folded lh_autofree = lh_xstrdup(m->catalog->tables[i].name);

        for (char *p = folded; *p; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        count_one(counts, lh_str_z(folded));
        m->targets[i] = lh_manifest_keep(m->to, lh_str_z(folded));
    }
}

/*
 * The table's own name where it is good and nobody else wants it; else a slug: of the name, where
 * nobody else has it, or of the path.
 */
static void name_targets(struct making *m)
{
    lh_auto(lh_map) counts = LH_MAP_INIT(NULL);
    size_t n = m->catalog->n;
    lh_str *labels lh_autofree = lh_xcalloc(n + 1, sizeof *labels);
    const char **slugs;

    count_targets(m, &counts);
    for (size_t i = 0; i < n; i++) {
        const struct lh_catalog_table *t = &m->catalog->tables[i];
        lh_auto(lh_buf) path = LH_BUF_INIT(SIZE_MAX / 2);

        if (count_of(&counts, lh_str_z(m->targets[i])) > 1)
            lh_catalog_path(t, &path);
        else
            lh_buf_z(&path, t->name);
        labels[i] = lh_arena_str(&m->to->arena, lh_buf_slice(&path));
    }
    slugs = lh_slugs(labels, n, &m->to->arena);
    for (size_t i = 0; i < n; i++) {
        const char *name = m->catalog->tables[i].name;
        bool is_single = count_of(&counts, lh_str_z(m->targets[i])) == 1;

        m->targets[i] = is_single && is_table_name(lh_str_z(name)) ? name : slugs[i];
    }
}

static void put_label(const struct making *m, const struct lh_catalog_table *t, struct lh_buf *to)
{
    lh_auto(lh_buf) category = LH_BUF_INIT(SIZE_MAX / 2);

    /* a pipeline cannot have one source table twice */
    for (size_t i = 0; i < t->n_ns && is_ambiguous(m, t->name); i++)
        lh_buf_f(to, "%s_", t->ns[i]);
    lh_classify(m->w->classifier, lh_str_z(t->name), t->category, &category);
    lh_group_label(m->w->by, lh_buf_slice(&category), lh_str_z(truth_of(m, t)->ingestion), to);
}

/* Group names are good as file name, key and SQL name from the beginning. */
static void name_groups(struct making *m)
{
    size_t n = m->catalog->n;
    lh_str *labels lh_autofree = lh_xcalloc(n + 1, sizeof *labels);
    const char **slugs;

    for (size_t i = 0; i < n; i++) {
        lh_auto(lh_buf) label = LH_BUF_INIT(SIZE_MAX / 2);

        put_label(m, &m->catalog->tables[i], &label);
        labels[i] = lh_arena_str(&m->to->arena, lh_buf_slice(&label));
    }
    slugs = lh_slugs(labels, n, &m->to->arena);
    for (size_t i = 0; i < n; i++)
        m->groups[i] = slugs[i];
}

/* --- rows ------------------------------------------------------------------------------------- */

static void set(const struct making *m, struct lh_manifest_row *row, enum lh_manifest_column column,
                lh_str text)
{
    row->cells[column] = lh_manifest_keep(m->to, text);
}

static void set_keys(const struct making *m, struct lh_manifest_row *row,
                     const struct lh_truth *truth)
{
    lh_auto(lh_buf) keys = LH_BUF_INIT(SIZE_MAX / 2);

    if (!truth->n_keys)
        return;
    for (size_t i = 0; i < truth->n_keys; i++) {
        lh_buf_char(&keys, i ? ',' : '[');
        lh_json_write_str(&keys, lh_str_z(truth->keys[i]));
    }
    lh_buf_char(&keys, ']');
    set(m, row, LH_MF_PRIMARY_KEYS, lh_buf_slice(&keys));
}

/* What the source says now. */
static void set_fresh(const struct making *m, struct lh_manifest_row *row,
                      const struct lh_catalog_table *t)
{
    const struct lh_truth *truth = truth_of(m, t);
    int64_t weight = m->w->weights[lh_kind_of(truth->ingestion)];
    lh_auto(lh_buf) text = LH_BUF_INIT(SIZE_MAX / 2);

    set(m, row, LH_MF_SOURCE_TABLE, lh_str_z(t->name));
    set(m, row, LH_MF_INGESTION_TYPE, lh_str_z(truth->ingestion));
    set(m, row, LH_MF_CURSOR_FIELD, lh_str_z(truth->cursor));
    set_keys(m, row, truth);
    lh_classify(m->w->classifier, lh_str_z(t->name), t->category, &text);
    set(m, row, LH_MF_CATEGORY, lh_buf_slice(&text));
    lh_buf_reset(&text);
    lh_opts_write_given(t->opts, &text);
    set(m, row, LH_MF_TABLE_OPTIONS_JSON, lh_buf_slice(&text));
    lh_buf_reset(&text);
    lh_buf_i64(&text, t->measured.is_there ? lh_catalog_weight(&t->measured, weight) : weight);
    set(m, row, LH_MF_WEIGHT, lh_buf_slice(&text));
}

/* Columns that the user added are kept where there is an earlier row. */
static void set_extra(const struct making *m, struct lh_manifest_row *row,
                      const struct lh_manifest_row *old)
{
    row->extra = lh_arena_alloc(&m->to->arena, (m->to->n_extra + 1) * sizeof *row->extra);
    for (size_t i = 0; i < m->to->n_extra; i++)
        row->extra[i] = old ? lh_manifest_keep(m->to, lh_str_z(old->extra[i])) : "";
}

/* Options that a manifest cannot have, because the pipelines run the Python connector. */
static lh_str *unfit_options(const struct making *m, size_t *ret_n)
{
    const struct lh_spec *spec = m->catalog->spec;
    lh_str *names = lh_xcalloc(spec->n_table_options + 1, sizeof *names);
    size_t n = 0;

    for (size_t i = 0; i < spec->n_table_options && !m->w->native; i++)
        if (spec->table_options[i].native_only)
            names[n++] = lh_str_z(spec->table_options[i].name);
    *ret_n = n;
    return names;
}

/* Adds what only the earlier row has; both are objects, read_previous saw to that. */
static void merge_options(const struct making *m, struct lh_manifest_row *row, const char *old)
{
    lh_autoptr(lh_json_doc) fresh = lh_json_doc_new();
    lh_autoptr(lh_json_doc) kept = lh_json_doc_new();
    lh_autoptr(lh_out) both = lh_out_new(MAX_OPTIONS, MAX_LEVELS);
    lh_auto(lh_buf) text = LH_BUF_INIT(MAX_OPTIONS);
    const struct lh_json *value;
    lh_str now = lh_str_z(row->cells[LH_MF_TABLE_OPTIONS_JSON]);
    size_t n_unfit;
    lh_str *unfit lh_autofree = unfit_options(m, &n_unfit);

    if (lh_json_scan(fresh, now, &lh_json_page_limits, NULL) ||
        lh_json_scan(kept, lh_str_z(old), &lh_json_page_limits, NULL))
        return;
    lh_out_begin(both, '{');
    lh_out_members(both, lh_json_root(fresh), NULL, 0);
    lh_out_members(both, lh_json_root(kept), unfit, n_unfit);
    lh_out_end(both);
    if (!lh_out_value(both, &value, NULL) && !lh_json_write_canonical(&text, value))
        set(m, row, LH_MF_TABLE_OPTIONS_JSON, lh_buf_slice(&text));
}

/* A weight that a person may have set, as long as nothing says that it is another table now. */
static bool keeps_weight(const struct lh_manifest_row *row, const struct lh_manifest_row *old,
                         const struct lh_catalog_table *t)
{
    return !t->measured.is_there && *old->cells[LH_MF_WEIGHT] &&
           strcmp(old->cells[LH_MF_INGESTION_TYPE], row->cells[LH_MF_INGESTION_TYPE]) == 0;
}

/* What is the user's: of the flags, or of the earlier row. */
static void set_kept(const struct making *m, struct lh_manifest_row *row, size_t i,
                     const struct lh_manifest_row *old)
{
    static const enum lh_manifest_column columns[] = {
        LH_MF_CONNECTION_NAME,   LH_MF_DESTINATION_CATALOG, LH_MF_DESTINATION_SCHEMA,
        LH_MF_DESTINATION_TABLE, LH_MF_PIPELINE_GROUP,      LH_MF_SCD_TYPE,
        LH_MF_SEQUENCE_BY,       LH_MF_CLUSTER_BY};

    set(m, row, LH_MF_CONNECTION_NAME, lh_str_z(m->w->connection_name));
    set(m, row, LH_MF_DESTINATION_CATALOG, lh_str_z(m->w->destination_catalog));
    set(m, row, LH_MF_DESTINATION_SCHEMA, lh_str_z(m->w->destination_schema));
    set(m, row, LH_MF_DESTINATION_TABLE, lh_str_z(m->targets[i]));
    set(m, row, LH_MF_PIPELINE_GROUP, lh_str_z(m->groups[i]));
    for (size_t k = 0; old && k < LH_LEN(columns); k++)
        if (*old->cells[columns[k]])
            set(m, row, columns[k], lh_str_z(old->cells[columns[k]]));
    if (old && keeps_weight(row, old, &m->catalog->tables[i]))
        set(m, row, LH_MF_WEIGHT, lh_str_z(old->cells[LH_MF_WEIGHT]));
    if (old)
        merge_options(m, row, old->cells[LH_MF_TABLE_OPTIONS_JSON]);
    set_extra(m, row, old);
}

static void note_wanted(struct making *m, const char *schedule)
{
    m->wanted = lh_xgrow(m->wanted, m->to->n_rows - 1, &m->cap_wanted, sizeof *m->wanted);
    m->wanted[m->to->n_rows - 1] = schedule;
}

static void add_fresh(struct making *m, size_t i)
{
    const struct lh_catalog_table *t = &m->catalog->tables[i];
    const struct lh_manifest_row *old = find_previous(m, t);
    struct lh_manifest_row *row = lh_manifest_add(m->to);

    set_fresh(m, row, t);
    set_kept(m, row, i, old);
    note_wanted(m, m->w->schedules[lh_kind_of(truth_of(m, t)->ingestion)]);
}

/* All of an earlier row, and that it was refused. */
static void add_refused(struct making *m, const struct lh_manifest_row *old)
{
    struct lh_manifest_row *row = lh_manifest_add(m->to);

    for (int k = 0; k < LH_MF_COLUMNS; k++)
        set(m, row, (enum lh_manifest_column)k, lh_str_z(old->cells[k]));
    set(m, row, LH_MF_STATUS, LH_STR("refused"));
    set_extra(m, row, old);
    note_wanted(m, row->cells[LH_MF_SCHEDULE]);
}

/* Earlier rows of a namespace that is refused now. */
static void keep_refused(struct making *m, const struct lh_namespace_path *ns)
{
    lh_auto(lh_buf) prefix = LH_BUF_INIT(SIZE_MAX / 2);
    size_t at = 0;
    lh_str key;
    void *row;

    for (size_t i = 0; i < ns->n_ns; i++)
        put_part(&prefix, ns->ns[i]);
    while (lh_map_next(&m->previous, &at, &key, &row))
        if (lh_str_starts(key, lh_buf_slice(&prefix)) && lh_map_set(&m->used, key, NULL))
            add_refused(m, row);
}

static void warn_of_gone(const struct making *m)
{
    lh_auto(lh_buf) names = LH_BUF_INIT(LH_BUF_TEXT);
    size_t at = 0;
    size_t n = 0;
    lh_str key;
    void *value;

    while (lh_map_next(&m->previous, &at, &key, &value)) {
        const struct lh_manifest_row *row = value;

        if (!lh_map_has(&m->used, key))
            lh_buf_f(&names, "%s%s", n++ ? ", " : "", row->cells[LH_MF_SOURCE_TABLE]);
    }
    if (n)
        lh_log_warn(m->w->log, "%zu table%s of %s %s not taken over: %s", n, n == 1 ? "" : "s",
                    m->w->previous->file, n == 1 ? "is" : "are", lh_buf_text(&names));
}

static void add_rows(struct making *m)
{
    for (size_t i = 0; i < m->catalog->n; i++) {
        const struct lh_catalog_table *t = &m->catalog->tables[i];
        const struct lh_manifest_row *old;

        if (t->outcome != LH_TABLE_REFUSED)
            add_fresh(m, i);
        else if ((old = find_previous(m, t)))
            add_refused(m, old);
    }
    for (size_t i = 0; i < m->catalog->n_refused_namespaces; i++)
        keep_refused(m, &m->catalog->refused[i]);
    if (m->w->previous)
        warn_of_gone(m);
}

int lh_catalog_rows(const struct lh_catalog *c, const struct lh_rows_wants *w,
                    struct lh_manifest *to, struct lh_error *e)
{
    __attribute__((cleanup(making_free))) struct making m = {
        .catalog = c,
        .w = w,
        .to = to,
        .groups = lh_xcalloc(c->n + 1, sizeof *m.groups),
        .targets = lh_xcalloc(c->n + 1, sizeof *m.targets),
    };
    int code = read_previous(&m, e);

    if (code)
        return code;
    if (w->previous) {
        to->n_extra = w->previous->n_extra;
        to->extra_names = lh_arena_alloc(&to->arena, (to->n_extra + 1) * sizeof *to->extra_names);
        for (size_t i = 0; i < to->n_extra; i++)
            to->extra_names[i] = lh_manifest_keep(to, lh_str_z(w->previous->extra_names[i]));
    }
    count_names(&m);
    name_targets(&m);
    name_groups(&m);
    add_rows(&m);
    lh_catalog_schedule(w, m.wanted, to);
    return 0;
}
