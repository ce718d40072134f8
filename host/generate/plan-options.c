/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a table: common ones, those of its row's JSON, and the row's own columns, merged.
 * Values become the texts that the framework hands to a connector.
 */
#include "config.h"

#include "generate/plan_internal.h"
#include "plugin/spec.h"

#include <stdlib.h>

void lh_plan_options_free(struct lh_plan_options *o)
{
    if (o->doc)
        lh_json_doc_destroy(o->doc);
    free(o->pairs);
}

static lh_str keep(struct lh_plan_options *o, lh_str s)
{
    return lh_arena_str(&o->plan->arena, s);
}

static void add_pair(struct lh_plan_options *o, lh_str name, lh_str value)
{
    o->pairs = lh_xgrow(o->pairs, o->n, &o->cap, sizeof *o->pairs);
    o->pairs[o->n++] = (struct lh_plan_option){name, value};
}

/* Text as it is, numbers as written, lists and maps as JSON. null has no text: p == NULL. */
static lh_str text_of(struct lh_plan_options *o, const struct lh_json *v)
{
    lh_auto(lh_buf) json = LH_BUF_INIT((size_t)1 << 24);

    switch (lh_json_kind(v)) {
    case LH_JSON_NULL:
        return lh_str_n(NULL, 0);
    case LH_JSON_ARRAY:
    case LH_JSON_OBJECT:
        lh_json_write(&json, v);
        return keep(o, lh_buf_slice(&json));
    default:
        return keep(o, lh_json_str(v));
    }
}

/* --- what table_configuration knows itself ------------------------------------------------ */

static int set_names(struct lh_plan_options *o, lh_str text, struct lh_plan_names *ret)
{
    char *z lh_autofree = lh_xmemdup0(text.p, text.n);
    lh_str *items = NULL;
    size_t n = 0;

    if (!lh_manifest_names(z, &o->plan->arena, &items, &n))
        return LH_INVALID;
    *ret = (struct lh_plan_names){items, n};
    return 0;
}

static const char *const scd_types[] = {"SCD_TYPE_1", "SCD_TYPE_2", "APPEND_ONLY"};

static const char *set_scd_type(lh_str value, struct lh_plan_table *t)
{
    if (!value.n)
        t->scd_type = LH_STR("");
    for (size_t i = 0; i < LH_LEN(scd_types); i++)
        if (lh_str_eqz(value, scd_types[i]))
            t->scd_type = lh_str_z(scd_types[i]);
    return lh_str_eq(value, t->scd_type) ? NULL : "expected SCD_TYPE_1, SCD_TYPE_2 or APPEND_ONLY";
}

/*
 * Sets one of the framework's own keys. NULL, or what was expected; *ret_own is whether the name is
 * one of them. A value without text (null, "") takes it back.
 */
static const char *set_own(struct lh_plan_options *o, lh_str name, lh_str value,
                           struct lh_plan_table *t, bool *ret_own)
{
    static const char one_column[] = "expected the name of one column";
    static const char columns[] = "expected a list of column names";
    struct lh_plan_names names = {0};

    *ret_own = true;
    if (lh_str_eqz(name, "scd_type"))
        return set_scd_type(value, t);
    if (lh_str_eqz(name, "primary_keys"))
        return set_names(o, value, &t->primary_keys) ? columns : NULL;
    if (lh_str_eqz(name, "cluster_by"))
        return set_names(o, value, &t->cluster_by) ? columns : NULL;
    if (lh_str_eqz(name, "sequence_by")) {
        if (set_names(o, value, &names) || names.n > 1)
            return one_column;
        t->sequence_by = names.n ? names.items[0] : LH_STR("");
        return NULL;
    }
    *ret_own = false;
    return NULL;
}

static bool is_reserved(lh_str name)
{
    static const char *const names[] = {"tableName", "tableNameList", "tableConfigs",
                                        "isDeleteFlow", "databricks.connection"};

    for (size_t i = 0; i < LH_LEN(names); i++)
        if (lh_str_eqz(name, names[i]))
            return true;
    return false;
}

/* Pipelines run the Python connector, which does not have them. */
static bool is_native_only(const struct lh_spec *spec, lh_str name)
{
    const struct lh_spec_option *option =
        spec ? lh_spec_find(spec->table_options, spec->n_table_options, name) : NULL;

    return option && option->native_only;
}

/* --- a JSON object ------------------------------------------------------------------------ */

/* NULL, or what is wrong with a member. */
static const char *add_member(struct lh_plan_options *o, lh_str name, const struct lh_json *value,
                              struct lh_plan_table *t)
{
    lh_str text = text_of(o, value);
    bool own;
    const char *wrong = set_own(o, name, text.p ? text : LH_STR(""), t, &own);

    if (own || wrong)
        return wrong;
    if (!name.n)
        return "an option without a name";
    if (is_reserved(name))
        return "only the framework sets this option";
    if (is_native_only(o->request->spec, name))
        return "only lakehost's own connector has this option; the Python connector, which the "
               "pipeline runs, does not";
    add_pair(o, keep(o, name), text);
    return NULL;
}

/* Adds the members of an object. On failure *ret_name and the result say what is wrong. */
static const char *add_object(struct lh_plan_options *o, lh_str json, struct lh_plan_table *t,
                              lh_str *ret_name)
{
    static const struct lh_json_limits limits = {(size_t)1 << 24, 32, 1 << 20};
    const struct lh_json *v = NULL;
    struct lh_json_problem problem;
    const char *wrong = NULL;
    lh_str name;

    *ret_name = LH_STR("");
    if (!json.n)
        return NULL;
    if (lh_json_scan(o->doc, json, &limits, &problem) ||
        lh_json_kind(lh_json_root(o->doc)) != LH_JSON_OBJECT)
        return "expected a JSON object of table options";
    if (lh_json_duplicate(o->doc)) {
        *ret_name = keep(o, lh_json_str(lh_json_duplicate(o->doc)));
        return "the option is there twice";
    }
    while (!wrong && (v = lh_json_next(lh_json_root(o->doc), v, &name))) {
        wrong = add_member(o, name, v, t);
        if (wrong)
            *ret_name = keep(o, name);
    }
    return wrong;
}

/* --- merging ------------------------------------------------------------------------------ */

/* By name; of equal names the later one (in the array) comes later: they lie in one array. */
static int by_name(const void *a, const void *b)
{
    const struct lh_plan_option *x = a;
    const struct lh_plan_option *y = b;

    return lh_str_cmp(x->name, y->name);
}

/* A merge sort keeps equal names in their order; qsort of the C library does not promise it. */
static void sort(struct lh_plan_option *p, size_t n, struct lh_plan_option *room)
{
    size_t half = n / 2;
    size_t i = 0;
    size_t k = half;

    if (n < 2)
        return;
    sort(p, half, room);
    sort(p + half, n - half, room);
    for (size_t at = 0; at < n; at++)
        room[at] = k == n || (i < half && by_name(&p[i], &p[k]) <= 0) ? p[i++] : p[k++];
    memcpy(p, room, n * sizeof *p);
}

/* Sorted, the last of equal names only, those that null took away left out. */
static void finish(struct lh_plan_options *o, struct lh_plan_table *t)
{
    struct lh_plan_option *merged;
    size_t n = 0;

    if (!o->n)
        return;
    merged = lh_arena_alloc(&o->plan->arena, 2 * o->n * sizeof *merged);
    sort(o->pairs, o->n, merged + o->n);
    for (size_t i = 0; i < o->n; i++)
        if ((i + 1 == o->n || !lh_str_eq(o->pairs[i].name, o->pairs[i + 1].name)) &&
            o->pairs[i].value.p)
            merged[n++] = o->pairs[i];
    t->options = merged;
    t->n_options = n;
}

int lh_plan_options_begin(struct lh_plan_options *o, struct lh_plan *plan,
                          const struct lh_plan_request *request, struct lh_error *e)
{
    const char *wrong;
    lh_str name;

    o->plan = plan;
    o->request = request;
    o->doc = lh_json_doc_new();
    wrong = add_object(o, lh_str_z(request->common_options_json), &o->common, &name);
    if (wrong)
        return lh_error_set(e, LH_USAGE, "--common-table-config-json: %.*s%s%s", LH_STR_ARG(name),
                            name.n ? ": " : "", wrong);
    finish(o, &o->common);
    return 0;
}

static int add_columns(struct lh_plan_options *o, struct lh_plan_table *t, struct lh_error *e)
{
    static const enum lh_manifest_column columns[] = {LH_MF_SCD_TYPE, LH_MF_PRIMARY_KEYS,
                                                      LH_MF_SEQUENCE_BY, LH_MF_CLUSTER_BY};

    for (size_t i = 0; i < LH_LEN(columns); i++) {
        const char *cell = t->row->cells[columns[i]];
        const char *name = lh_manifest_column_name(columns[i]);
        bool own;
        const char *wrong = *cell ? set_own(o, lh_str_z(name), lh_str_z(cell), t, &own) : NULL;

        if (wrong)
            return lh_plan_error(o->plan->manifest, t->row, columns[i], e, "%s", wrong);
    }
    return 0;
}

int lh_plan_options_of(struct lh_plan_options *o, struct lh_plan_table *table, struct lh_error *e)
{
    lh_str json = lh_str_z(table->row->cells[LH_MF_TABLE_OPTIONS_JSON]);
    const char *wrong;
    lh_str name;

    table->scd_type = o->common.scd_type;
    table->sequence_by = o->common.sequence_by;
    table->primary_keys = o->common.primary_keys;
    table->cluster_by = o->common.cluster_by;
    o->n = 0;
    for (size_t i = 0; i < o->common.n_options; i++)
        add_pair(o, o->common.options[i].name, o->common.options[i].value);
    wrong = add_object(o, json, table, &name);
    if (wrong)
        return lh_plan_error(o->plan->manifest, table->row, LH_MF_TABLE_OPTIONS_JSON, e, "%.*s%s%s",
                             LH_STR_ARG(name), name.n ? ": " : "", wrong);
    finish(o, table);
    return add_columns(o, table, e);
}
