/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of types: building it column by column, comparing, finding; see schema.h. */
#include "config.h"

#include "base/utf8.h"
#include "schema/schema_internal.h"

#include <stdlib.h>

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool lh_name_same(lh_str a, lh_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

/* FNV-1a over the lower-case name. */
static uint32_t fold_hash(lh_str name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.n; i++)
        hash = (hash ^ lower(name.p[i])) * 16777619u;
    return hash;
}

struct lh_schema *lh_schema_new(void)
{
    struct lh_schema *s = lh_xcalloc(1, sizeof *s);

    s->root.kind = LH_TYPE_STRUCT;
    s->open[0] = &s->root;
    return s;
}

void lh_schema_destroy(struct lh_schema *s)
{
    if (!s)
        return;
    lh_arena_free(&s->arena);
    free(s);
}

const struct lh_type *lh_schema_root(const struct lh_schema *s)
{
    return &s->root;
}

/* --- building ----------------------------------------------------------------------------- */

static const struct lh_column *find_folded(const struct lh_type *type, lh_str name, uint32_t fold)
{
    for (size_t i = 0; i < type->n_columns; i++)
        if (type->columns[i].fold == fold && lh_name_same(type->columns[i].name, name))
            return &type->columns[i];
    return NULL;
}

/* Doubles at each power of two, so that the capacity need not be kept. */
static struct lh_column *make_room(struct lh_arena *arena, struct lh_type *type)
{
    size_t n = type->n_columns;
    struct lh_column *columns;

    if (n & (n - 1))
        return type->columns;
    columns = lh_arena_alloc(arena, (n ? 2 * n : 1) * sizeof *columns);
    if (n)
        memcpy(columns, type->columns, n * sizeof *columns);
    type->columns = columns;
    return columns;
}

int lh_type_push(struct lh_arena *arena, struct lh_type *to, const struct lh_column *column,
                 struct lh_error *e)
{
    uint32_t fold = fold_hash(column->name);
    const struct lh_column *before = find_folded(to, column->name, fold);
    struct lh_column *columns;

    if (before)
        return lh_error_set(e, LH_INVALID,
                            "two columns of one name: \"%.*s\" and \"%.*s\" (Spark does not tell "
                            "upper from lower case)",
                            LH_STR_ARG(before->name), LH_STR_ARG(column->name));
    columns = make_room(arena, to);
    columns[to->n_columns] = *column;
    columns[to->n_columns].fold = fold;
    to->n_columns++;
    return LH_DONE;
}

static int check_text(lh_str text, const char *what, struct lh_error *e)
{
    if (!lh_utf8_valid(text))
        return lh_error_set(e, LH_INVALID, "%s is not UTF-8", what);
    if (text.n && memchr(text.p, '\0', text.n))
        return lh_error_set(e, LH_INVALID, "%s has a NUL in it", what);
    return LH_DONE;
}

/* The bounds of schema.h, before anything is copied. */
static int check_column(const struct lh_schema *s, lh_str name, lh_str type, lh_str comment,
                        struct lh_error *e)
{
    size_t left = LH_SCHEMA_MAX_TEXT - s->n_text;
    int code = check_text(name, "the name of a column", e);

    if (code)
        return code;
    if (name.n == 0)
        return lh_error_set(e, LH_INVALID, "a column without a name");
    if (name.n > left || type.n > left - name.n || comment.n > left - name.n - type.n)
        return lh_error_set(e, LH_INVALID, "a schema of more than %zu bytes", LH_SCHEMA_MAX_TEXT);
    if (s->n_columns >= LH_SCHEMA_MAX_COLUMNS)
        return lh_error_set(e, LH_INVALID, "a schema of more than %u columns",
                            LH_SCHEMA_MAX_COLUMNS);
    return check_text(comment, "the comment", e);
}

/* Parses the type and appends the column. `ddl` says afterwards what was opened. */
static int add_column(struct lh_schema *s, const struct lh_column *from, struct lh_ddl *ddl,
                      struct lh_error *e)
{
    struct lh_column column = {.flags = from->flags};
    int code;

    ddl->arena = &s->arena;
    ddl->depth = s->depth[s->level];
    ddl->columns = s->n_columns + 1;
    code = lh_ddl_type(ddl, &column.type, e);
    if (!code && ddl->may_open && !ddl->open)
        code = lh_error_set(e, LH_INVALID,
                            "expected a form with a struct to be filled, as \"struct\" or "
                            "\"array<struct>\", found \"%.*s\"",
                            LH_STR_ARG(ddl->text));
    if (code) {
        lh_error_wrap(e, "type of column \"%.*s\"", LH_STR_ARG(from->name));
        return code;
    }
    column.name = lh_arena_str(&s->arena, from->name);
    column.comment = lh_arena_str(&s->arena, from->comment);
    code = lh_type_push(&s->arena, s->open[s->level], &column, e);
    if (code)
        return code;
    s->n_columns = ddl->columns;
    s->n_text += from->name.n + ddl->text.n + from->comment.n;
    return LH_DONE;
}

static int build(struct lh_schema *s, const struct lh_column *column, struct lh_ddl *ddl,
                 struct lh_error *e)
{
    int code = check_column(s, column->name, ddl->text, column->comment, e);

    return code ? code : add_column(s, column, ddl, e);
}

int lh_schema_add(struct lh_schema *s, lh_str name, lh_str type, lh_str comment, unsigned flags,
                  struct lh_error *e)
{
    struct lh_column column = {.name = name, .comment = comment, .flags = flags};
    struct lh_ddl ddl = {.text = type};

    return build(s, &column, &ddl, e);
}

int lh_schema_begin(struct lh_schema *s, lh_str name, lh_str form, lh_str comment, unsigned flags,
                    struct lh_error *e)
{
    struct lh_column column = {.name = name, .comment = comment, .flags = flags};
    struct lh_ddl ddl = {.text = form, .may_open = true};
    int code = build(s, &column, &ddl, e);

    if (code)
        return code;
    /* Each open struct is one container deeper, and the parser has bounded those. */
    s->level++;
    s->open[s->level] = ddl.open;
    s->depth[s->level] = ddl.open_depth;
    return LH_DONE;
}

int lh_schema_end(struct lh_schema *s, struct lh_error *e)
{
    if (s->level == 0)
        return lh_error_set(e, LH_INVALID, "the end of a struct that was not begun");
    if (s->open[s->level]->n_columns == 0)
        return lh_error_set(e, LH_INVALID, "a struct without fields");
    s->level--;
    return LH_DONE;
}

int lh_schema_finish(const struct lh_schema *s, struct lh_error *e)
{
    if (s->level) {
        const struct lh_type *outer = s->open[s->level - 1];

        return lh_error_set(e, LH_INVALID, "column \"%.*s\" was begun and not ended",
                            LH_STR_ARG(outer->columns[outer->n_columns - 1].name));
    }
    if (s->root.n_columns == 0)
        return lh_error_set(e, LH_INVALID, "a schema without columns");
    return LH_DONE;
}

int lh_schema_parse_ddl(lh_str ddl_text, struct lh_schema **ret, struct lh_error *e)
{
    lh_autoptr(lh_schema) s = lh_schema_new();
    struct lh_ddl ddl = {.arena = &s->arena, .text = ddl_text};
    int code = lh_ddl_columns(&ddl, &s->root, e);

    if (code)
        return code;
    s->n_columns = ddl.columns;
    s->n_text = ddl_text.n;
    *ret = lh_take(s);
    return LH_DONE;
}

int lh_type_parse_ddl(struct lh_arena *arena, lh_str text, const struct lh_type **ret,
                      struct lh_error *e)
{
    struct lh_ddl ddl = {.arena = arena, .text = text};

    return lh_ddl_type(&ddl, ret, e);
}

/* --- asking ------------------------------------------------------------------------------- */

static bool columns_equal(const struct lh_type *a, const struct lh_type *b)
{
    if (a->n_columns != b->n_columns)
        return false;
    for (size_t i = 0; i < a->n_columns; i++) {
        const struct lh_column *left = &a->columns[i];
        const struct lh_column *right = &b->columns[i];

        if (!lh_str_eq(left->name, right->name) || !lh_str_eq(left->comment, right->comment) ||
            (left->flags & LH_COLUMN_NOT_NULL) != (right->flags & LH_COLUMN_NOT_NULL) ||
            !lh_type_equal(left->type, right->type))
            return false;
    }
    return true;
}

bool lh_type_equal(const struct lh_type *a, const struct lh_type *b)
{
    if (!a || !b)
        return a == b;
    return a->kind == b->kind && a->precision == b->precision && a->scale == b->scale &&
           a->length == b->length && a->from == b->from && a->to == b->to &&
           lh_str_eq(a->collation, b->collation) && lh_type_equal(a->key, b->key) &&
           lh_type_equal(a->element, b->element) && columns_equal(a, b);
}

const struct lh_column *lh_type_column(const struct lh_type *type, lh_str name)
{
    for (size_t i = 0; i < type->n_columns; i++)
        if (lh_str_eq(type->columns[i].name, name))
            return &type->columns[i];
    return NULL;
}
