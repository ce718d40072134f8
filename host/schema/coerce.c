/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coercion of rows: the walk over objects, arrays and maps. Scalars are converted in
 * coerce-number.c, coerce-time.c and coerce-text.c; the plan is made in coerce-plan.c.
 *
 * A plan has one node for each type in the tree. A struct's node finds the column of a key in two
 * ways: first by the position that the key had in the last row, because the records of a table
 * nearly always have their keys in one order, then by a hash of the name.
 */
#include "config.h"

#include "schema/coerce_plan.h"

#include <stdlib.h>

static lh_convert *const conversions[] = {
    [LH_TYPE_VOID] = lh_coerce_void,           [LH_TYPE_BOOLEAN] = lh_coerce_boolean,
    [LH_TYPE_BYTE] = lh_coerce_integer,        [LH_TYPE_SHORT] = lh_coerce_integer,
    [LH_TYPE_INT] = lh_coerce_integer,         [LH_TYPE_LONG] = lh_coerce_integer,
    [LH_TYPE_FLOAT] = lh_coerce_float,         [LH_TYPE_DOUBLE] = lh_coerce_float,
    [LH_TYPE_DECIMAL] = lh_coerce_decimal,     [LH_TYPE_STRING] = lh_coerce_string,
    [LH_TYPE_CHAR] = lh_coerce_limited,        [LH_TYPE_VARCHAR] = lh_coerce_limited,
    [LH_TYPE_BINARY] = lh_coerce_binary,       [LH_TYPE_DATE] = lh_coerce_date,
    [LH_TYPE_TIMESTAMP] = lh_coerce_timestamp, [LH_TYPE_TIMESTAMP_NTZ] = lh_coerce_timestamp,
    [LH_TYPE_INTERVAL] = lh_coerce_interval,   [LH_TYPE_VARIANT] = lh_coerce_variant,
};

/* --- structs ------------------------------------------------------------------------------ */

/* The column of a key that is the at-th member, or NULL. */
static struct lh_coerce_node *find_column(struct lh_coerce_node *node, lh_str key, size_t at)
{
    size_t guess = at < node->n_order ? node->order[at] : node->n_columns;
    size_t found;

    if (guess < node->n_columns && lh_str_eq(node->type->columns[guess].name, key))
        return &node->columns[guess];
    found = lh_coerce_find(node, key);
    if (found == node->n_columns)
        return NULL;
    if (at < node->n_order)
        node->order[at] = (uint32_t)found;
    return &node->columns[found];
}

/* Hangs each member's value at its column; of equal keys the last one stays. */
static void spread(struct lh_coerce_node *node, const struct lh_json *object)
{
    const struct lh_json *v = NULL;
    size_t at = 0;
    lh_str key;

    for (size_t i = 0; i < node->n_columns; i++)
        node->columns[i].value = NULL;
    while ((v = lh_json_next(object, v, &key))) {
        struct lh_coerce_node *column = find_column(node, key, at++);

        if (column)
            column->value = v;
    }
}

static void write_value(struct lh_coerce_node *node, const struct lh_json *v, struct lh_buf *to);

static void write_struct(struct lh_coerce_node *node, const struct lh_json *object,
                         struct lh_buf *to)
{
    spread(node, object);
    lh_buf_char(to, '{');
    for (size_t i = 0; i < node->n_columns; i++) {
        struct lh_coerce_node *column = &node->columns[i];

        lh_buf_str(to, column->head);
        write_value(column, column->value, to);
    }
    lh_buf_char(to, '}');
}

static enum lh_outcome convert_struct(struct lh_coerce_node *node, const struct lh_json *v,
                                      struct lh_buf *to)
{
    if (lh_json_kind(v) != LH_JSON_OBJECT)
        return LH_OUTCOME_REJECTED;
    if (lh_json_count(v) == 0)
        return LH_OUTCOME_NULL;
    write_struct(node, v, to);
    return LH_OUTCOME_KEPT;
}

/* --- arrays ------------------------------------------------------------------------------- */

static enum lh_outcome convert(struct lh_coerce_node *node, const struct lh_json *v,
                               struct lh_buf *to);

/* A value that is no array becomes one, unless it would not fit as an element. */
static enum lh_outcome wrap(struct lh_coerce_node *node, const struct lh_json *v, struct lh_buf *to)
{
    size_t begin = to->n;
    enum lh_outcome outcome;

    lh_buf_char(to, '[');
    outcome = convert(node->element, v, to);
    if (outcome < LH_OUTCOME_ROUNDED)
        lh_buf_cut(to, begin);
    else
        lh_buf_char(to, ']');
    return outcome;
}

static enum lh_outcome convert_array(struct lh_coerce_node *node, const struct lh_json *v,
                                     struct lh_buf *to)
{
    const struct lh_json *element = NULL;
    bool first = true;

    if (lh_json_kind(v) != LH_JSON_ARRAY)
        return wrap(node, v, to);
    lh_buf_char(to, '[');
    while ((element = lh_json_next(v, element, NULL))) {
        if (!first)
            lh_buf_char(to, ',');
        first = false;
        write_value(node->element, element, to);
    }
    lh_buf_char(to, ']');
    return LH_OUTCOME_KEPT;
}

/* --- maps --------------------------------------------------------------------------------- */

/* Types whose values are written as the source wrote them. */
static bool is_text(enum lh_type_kind kind)
{
    return (kind >= LH_TYPE_STRING && kind <= LH_TYPE_BINARY) || kind == LH_TYPE_INTERVAL;
}

/*
 * The key as the JSON string that the output has. Its entry stands on the tape before the value
 * (json.h) and is a string like any other. False: it does not fit, and was counted.
 */
static bool write_key(struct lh_coerce_node *node, const struct lh_json *key, lh_str text,
                      struct lh_buf *to)
{
    size_t begin = to->n;
    enum lh_outcome outcome = LH_OUTCOME_REJECTED;

    if (node->type->kind < LH_TYPE_VARIANT)
        outcome = convert(node, key, to);
    lh_coerce_note(node, key, outcome);
    if (outcome < LH_OUTCOME_ROUNDED || to->failed)
        return false;
    if (is_text(node->type->kind)) {
        /* One form for one key, however it was escaped. */
        lh_buf_cut(to, begin);
        lh_json_write_str(to, text);
    } else if (to->p[begin] != '"') {
        lh_auto(lh_buf) plain = LH_BUF_INIT(to->max);

        lh_buf_add(&plain, to->p + begin, to->n - begin);
        lh_buf_cut(to, begin);
        lh_coerce_quote(to, lh_buf_slice(&plain));
    }
    return !to->failed;
}

/* All entries whose keys fit, in order of the text; the keys stand one after the other. */
static void collect(struct lh_coerce_node *node, const struct lh_json *object)
{
    const struct lh_json *v = NULL;
    size_t begin = 0;
    lh_str text;

    node->n_entries = 0;
    lh_buf_reset(&node->keys);
    while ((v = lh_json_next(object, v, &text))) {
        struct lh_coerce_entry *entry;

        if (!write_key(node->key, v - 1, text, &node->keys)) {
            lh_buf_cut(&node->keys, begin);
            continue;
        }
        node->entries =
            lh_xgrow(node->entries, node->n_entries, &node->cap_entries, sizeof *node->entries);
        entry = &node->entries[node->n_entries++];
        *entry = (struct lh_coerce_entry){.key.n = node->keys.n - begin, .value = v};
        begin = node->keys.n;
    }
    for (size_t i = 0, at = 0; i < node->n_entries; at += node->entries[i++].key.n)
        node->entries[i].key.p = node->keys.p + at;
}

/* By key, and equal keys in order of the text. */
static int by_key(const void *a, const void *b)
{
    const struct lh_coerce_entry *left = *(struct lh_coerce_entry *const *)a;
    const struct lh_coerce_entry *right = *(struct lh_coerce_entry *const *)b;
    int order = lh_str_cmp(left->key, right->key);

    return order ? order : (left > right) - (left < right);
}

/* Takes the value from every entry whose key comes again. */
static void drop_repeated(struct lh_coerce_node *node)
{
    struct lh_coerce_entry **sorted lh_autofree = NULL;

    if (node->n_entries < 2)
        return;
    sorted = lh_xcalloc(node->n_entries, sizeof *sorted);
    for (size_t i = 0; i < node->n_entries; i++)
        sorted[i] = &node->entries[i];
    qsort(sorted, node->n_entries, sizeof *sorted, by_key);
    for (size_t i = 1; i < node->n_entries; i++)
        if (lh_str_eq(sorted[i - 1]->key, sorted[i]->key))
            sorted[i - 1]->value = NULL;
}

static enum lh_outcome convert_map(struct lh_coerce_node *node, const struct lh_json *v,
                                   struct lh_buf *to)
{
    bool first = true;

    if (lh_json_kind(v) != LH_JSON_OBJECT)
        return LH_OUTCOME_REJECTED;
    node->keys.max = to->max;
    collect(node, v);
    drop_repeated(node);
    to->failed = to->failed || node->keys.failed;
    lh_buf_char(to, '{');
    for (size_t i = 0; i < node->n_entries; i++) {
        if (!node->entries[i].value)
            continue;
        if (!first)
            lh_buf_char(to, ',');
        first = false;
        lh_buf_str(to, node->entries[i].key);
        lh_buf_char(to, ':');
        write_value(node->element, node->entries[i].value, to);
    }
    lh_buf_char(to, '}');
    return LH_OUTCOME_KEPT;
}

/* --- values ------------------------------------------------------------------------------- */

/* v is neither NULL nor null. */
static enum lh_outcome convert(struct lh_coerce_node *node, const struct lh_json *v,
                               struct lh_buf *to)
{
    switch (node->type->kind) {
    case LH_TYPE_STRUCT:
        return convert_struct(node, v, to);
    case LH_TYPE_ARRAY:
        return convert_array(node, v, to);
    case LH_TYPE_MAP:
        return convert_map(node, v, to);
    default:
        return conversions[node->type->kind](node->type, v, to);
    }
}

static bool is_empty(const struct lh_coerce_node *node, const struct lh_json *v)
{
    return (node->flags & LH_COLUMN_EMPTY_IS_NULL) && lh_json_kind(v) == LH_JSON_STRING &&
           lh_json_raw(v).n == strlen("\"\"");
}

/* Always writes one JSON value. */
static void write_value(struct lh_coerce_node *node, const struct lh_json *v, struct lh_buf *to)
{
    enum lh_outcome outcome = LH_OUTCOME_NULL;

    if (lh_json_kind(v) > LH_JSON_NULL && !is_empty(node, v))
        outcome = convert(node, v, to);
    if (outcome == LH_OUTCOME_KEPT)
        return;
    if (outcome != LH_OUTCOME_ROUNDED)
        lh_buf_add(to, "null", 4);
    lh_coerce_note(node, v, outcome);
}

int lh_coerce_row(struct lh_coercer *c, const struct lh_json *object, struct lh_buf *to,
                  struct lh_error *e)
{
    size_t begin = to->n;

    if (lh_json_kind(object) != LH_JSON_OBJECT)
        return lh_error_set(e, LH_INVALID, "a row that is not a JSON object: %.*s",
                            LH_STR_ARG(lh_coerce_excerpt(lh_json_raw(object))));
    write_struct(&c->nodes[0], object, to);
    if (to->failed) {
        lh_buf_cut(to, begin);
        return lh_error_set(e, LH_INVALID, "a typed row does not fit into the %zu bytes left",
                            to->max - begin);
    }
    c->totals.rows++;
    return LH_DONE;
}
