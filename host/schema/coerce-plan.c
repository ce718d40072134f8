/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a coercer: made once from a schema; and the counts, with their report. */
#include "config.h"

#include "base/utf8.h"
#include "schema/coerce_plan.h"

#include <inttypes.h>
#include <stdlib.h>

#define PATH_MAX_PARENT ((size_t)256)

/* At most `most` bytes of s, between two code points. */
static size_t cut_at(lh_str s, size_t most)
{
    return s.n > most ? lh_utf8_valid_prefix(lh_str_n(s.p, most)) : s.n;
}

/* --- finding a column by name ------------------------------------------------------------- */

/* All of the name, eight bytes at a time: names of one table are often alike at both ends. */
static uint32_t hash(lh_str name)
{
    uint64_t value = name.n;
    uint64_t word = 0;
    size_t at = 0;

    for (; name.n - at > 8; at += 8) {
        memcpy(&word, name.p + at, 8);
        value = (value ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        value ^= value >> 32;
    }
    word = 0;
    if (name.n)
        memcpy(&word, name.p + at, name.n - at);
    value = (value ^ word) * UINT64_C(0xc2b2ae3d27d4eb4f);
    return (uint32_t)(value >> 32);
}

size_t lh_coerce_find(const struct lh_coerce_node *node, lh_str key)
{
    for (uint32_t at = hash(key) & node->mask; node->slots[at]; at = (at + 1) & node->mask)
        if (lh_str_eq(node->type->columns[node->slots[at] - 1].name, key))
            return node->slots[at] - 1;
    return node->n_columns;
}

/* At most half full, so that a search for a name that is not there ends soon. */
static void make_slots(struct lh_coercer *c, struct lh_coerce_node *node)
{
    uint32_t n = 4;

    while (n < 2 * node->n_columns)
        n *= 2;
    node->mask = n - 1;
    node->slots = lh_arena_alloc(&c->arena, n * sizeof *node->slots);
    for (size_t i = 0; i < node->n_columns; i++) {
        uint32_t at = hash(node->type->columns[i].name) & node->mask;

        while (node->slots[at])
            at = (at + 1) & node->mask;
        node->slots[at] = (uint32_t)i + 1;
    }
}

/* --- making the plan ---------------------------------------------------------------------- */

static size_t count_types(const struct lh_type *type)
{
    size_t n = 1;

    if (type->key)
        n += count_types(type->key);
    if (type->element)
        n += count_types(type->element);
    for (size_t i = 0; i < type->n_columns; i++)
        n += count_types(type->columns[i].type);
    return n;
}

/*
 * "parent.name"; the row itself has no path. A long parent is cut: names come from sources, and
 * each of ten thousand fields repeats those around it.
 */
static lh_str make_path(struct lh_coercer *c, lh_str parent, lh_str name)
{
    lh_auto(lh_buf) path = LH_BUF_INIT(SIZE_MAX);

    if (!parent.n)
        return lh_arena_str(&c->arena, name);
    lh_buf_str(&path, lh_str_n(parent.p, cut_at(parent, PATH_MAX_PARENT)));
    lh_buf_char(&path, '.');
    lh_buf_str(&path, name);
    return lh_arena_str(&c->arena, lh_buf_slice(&path));
}

static void fill_node(struct lh_coercer *c, struct lh_coerce_node *node, const struct lh_type *type,
                      lh_str path);

/* The next free nodes, in one run. */
static struct lh_coerce_node *take_nodes(struct lh_coercer *c, size_t n)
{
    struct lh_coerce_node *first = &c->nodes[c->n_nodes];

    c->n_nodes += n;
    return first;
}

static struct lh_coerce_node *make_inner(struct lh_coercer *c, const struct lh_type *type,
                                         lh_str path, lh_str name)
{
    struct lh_coerce_node *node = take_nodes(c, 1);

    fill_node(c, node, type, make_path(c, path, name));
    return node;
}

static lh_str make_head(struct lh_coercer *c, lh_str name, bool first)
{
    lh_auto(lh_buf) head = LH_BUF_INIT(SIZE_MAX);

    if (!first)
        lh_buf_char(&head, ',');
    lh_json_write_str(&head, name);
    lh_buf_char(&head, ':');
    return lh_arena_str(&c->arena, lh_buf_slice(&head));
}

/* Room for members that are not declared: sources send more than people ask for. */
static void make_order(struct lh_coercer *c, struct lh_coerce_node *node)
{
    node->n_order = 2 * node->n_columns + 16;
    node->order = lh_arena_alloc(&c->arena, node->n_order * sizeof *node->order);
}

static void fill_columns(struct lh_coercer *c, struct lh_coerce_node *node, lh_str path)
{
    const struct lh_type *type = node->type;

    node->columns = take_nodes(c, type->n_columns);
    node->n_columns = type->n_columns;
    for (size_t i = 0; i < type->n_columns; i++) {
        const struct lh_column *column = &type->columns[i];

        fill_node(c, &node->columns[i], column->type, make_path(c, path, column->name));
        node->columns[i].flags = column->flags;
        node->columns[i].head = make_head(c, column->name, i == 0);
    }
    make_slots(c, node);
    make_order(c, node);
}

static void fill_node(struct lh_coercer *c, struct lh_coerce_node *node, const struct lh_type *type,
                      lh_str path)
{
    node->type = type;
    node->totals = &c->totals;
    node->coercer = c;
    node->count = &c->counts[node - c->nodes];
    node->count->path = path;
    node->count->type = type;
    if (type->kind == LH_TYPE_STRUCT)
        fill_columns(c, node, path);
    if (type->key)
        node->key = make_inner(c, type->key, path, LH_STR("key"));
    if (type->element)
        node->element =
            make_inner(c, type->element, path, type->key ? LH_STR("value") : LH_STR("element"));
}

struct lh_coercer *lh_coercer_new(const struct lh_schema *schema)
{
    const struct lh_type *root = lh_schema_root(schema);
    struct lh_coercer *c = lh_xcalloc(1, sizeof *c);
    size_t n = count_types(root);

    c->nodes = lh_xcalloc(n, sizeof *c->nodes);
    c->counts = lh_xcalloc(n, sizeof *c->counts);
    c->marked = lh_xcalloc(n, sizeof *c->marked);
    fill_node(c, take_nodes(c, 1), root, LH_STR(""));
    lh_coercer_mark(c);
    return c;
}

void lh_coercer_destroy(struct lh_coercer *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_nodes; i++) {
        free(c->nodes[i].entries);
        lh_buf_free(&c->nodes[i].keys);
    }
    free(c->nodes);
    free(c->counts);
    free(c->marked);
    lh_arena_free(&c->arena);
    free(c);
}

/* --- counting ----------------------------------------------------------------------------- */

lh_str lh_coerce_excerpt(lh_str text)
{
    return lh_str_n(text.p, cut_at(text, LH_COERCE_EXAMPLE));
}

static lh_str keep_example(struct lh_arena *arena, const struct lh_json *v)
{
    lh_auto(lh_buf) example = LH_BUF_INIT(LH_COERCE_EXAMPLE + 3);
    lh_str text = lh_json_raw(v);

    lh_buf_str(&example, lh_coerce_excerpt(text));
    if (example.n < text.n)
        lh_buf_z(&example, "...");
    return lh_arena_str(arena, lh_buf_slice(&example));
}

void lh_coerce_note(struct lh_coerce_node *node, const struct lh_json *v, enum lh_outcome outcome)
{
    struct lh_coerce_count *count = node->count;
    struct lh_arena *arena = &node->coercer->arena;

    if (outcome == LH_OUTCOME_REJECTED) {
        if (count->rejected++ == 0)
            count->first_rejected = keep_example(arena, v);
        node->totals->rejected++;
    }
    if (outcome == LH_OUTCOME_ROUNDED) {
        if (count->rounded++ == 0)
            count->first_rounded = keep_example(arena, v);
        node->totals->rounded++;
    }
    if (outcome < LH_OUTCOME_ROUNDED && (node->flags & LH_COLUMN_NOT_NULL)) {
        count->nulls++;
        node->totals->nulls++;
    }
}

const struct lh_coerce_totals *lh_coercer_totals(const struct lh_coercer *c)
{
    return &c->totals;
}

void lh_coercer_mark(struct lh_coercer *c)
{
    memcpy(c->marked, c->counts, c->n_nodes * sizeof *c->counts);
    c->marked_totals = c->totals;
}

void lh_coercer_rewind(struct lh_coercer *c)
{
    memcpy(c->counts, c->marked, c->n_nodes * sizeof *c->counts);
    c->totals = c->marked_totals;
}

const struct lh_coerce_count *lh_coercer_next(const struct lh_coercer *c,
                                              const struct lh_coerce_count *prev)
{
    size_t i = prev ? (size_t)(prev - c->counts) + 1 : 0;

    for (; i < c->n_nodes; i++)
        if (c->counts[i].rejected || c->counts[i].rounded || c->counts[i].nulls)
            return &c->counts[i];
    return NULL;
}

/* Separates the parts of a report; the first follows its column. */
static void separate(struct lh_buf *to, bool *first)
{
    lh_buf_z(to, *first ? ": " : "; ");
    *first = false;
}

static void write_part(struct lh_buf *to, bool *first, uint64_t n, const char *what, lh_str example)
{
    if (!n)
        return;
    separate(to, first);
    lh_buf_f(to, "%" PRIu64 " value%s %s, first: ", n, n == 1 ? "" : "s", what);
    for (size_t i = 0; i < example.n; i++)
        lh_buf_char(to, (unsigned char)example.p[i] < ' ' ? ' ' : example.p[i]);
}

void lh_coerce_count_write(struct lh_buf *to, const struct lh_coerce_count *count)
{
    bool first = true;

    lh_buf_z(to, "column \"");
    lh_buf_str(to, count->path);
    lh_buf_z(to, "\" (");
    lh_type_write_ddl(to, count->type);
    lh_buf_char(to, ')');
    write_part(to, &first, count->rejected, "could not be coerced", count->first_rejected);
    write_part(to, &first, count->rounded, "lost digits", count->first_rounded);
    if (count->nulls) {
        separate(to, &first);
        lh_buf_f(to, "NOT NULL, but null in %" PRIu64 " row%s", count->nulls,
                 count->nulls == 1 ? "" : "s");
    }
}
