/* SPDX-License-Identifier: Apache-2.0 */
/* A schema as a table for people; see schema.h. Two passes: widths, then lines. */
#include "config.h"

#include "base/utf8.h"
#include "schema/schema_internal.h"

enum { NAME, TYPE, NULLS, COMMENT, CELLS };

/* One line of the table, and the widths of all. The cells are reused from line to line. */
struct table {
    struct lh_buf *to; /* NULL while widths are measured */
    size_t width[CELLS];
    struct lh_buf cell[CELLS];
};

static void table_free(struct table *t)
{
    for (size_t i = 0; i < CELLS; i++)
        lh_buf_free(&t->cell[i]);
}

/* Control characters would move the cursor; also C1 (U+0080 to U+009F), which terminals obey. */
static void write_shown(struct lh_buf *to, lh_str text)
{
    for (size_t at = 0; at < text.n;) {
        size_t begin = at;
        uint32_t c = lh_utf8_next(text, &at);

        if (c == '\n' || c == '\t' || c == '\r')
            lh_buf_char(to, ' ');
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            lh_buf_char(to, '?');
        else
            lh_buf_add(to, text.p + begin, at - begin);
    }
}

static void measure_line(struct table *t)
{
    for (size_t i = 0; i < CELLS; i++) {
        size_t width = lh_utf8_width(lh_buf_slice(&t->cell[i]));

        if (width > t->width[i])
            t->width[i] = width;
    }
}

/* Two spaces between cells, none at the end of a line. */
static void write_line(struct table *t)
{
    size_t gap = 0;

    for (size_t i = 0; i < CELLS; i++) {
        lh_str text = lh_buf_slice(&t->cell[i]);

        if (text.n) {
            lh_buf_fill(t->to, ' ', gap);
            lh_buf_str(t->to, text);
            gap = 0;
        }
        gap += t->width[i] + 2 - lh_utf8_width(text);
    }
    lh_buf_char(t->to, '\n');
}

static void end_line(struct table *t)
{
    if (t->to)
        write_line(t);
    else
        measure_line(t);
    for (size_t i = 0; i < CELLS; i++)
        lh_buf_reset(&t->cell[i]);
}

static void add_columns(struct table *t, const struct lh_type *type, unsigned level);

/* The structs inside a type that is not one itself: those of elements, keys and values. */
static void add_inner(struct table *t, const struct lh_type *type, unsigned level)
{
    if (type->kind == LH_TYPE_STRUCT)
        add_columns(t, type, level);
    if (type->key)
        add_inner(t, type->key, level);
    if (type->element)
        add_inner(t, type->element, level);
}

static void add_columns(struct table *t, const struct lh_type *type, unsigned level)
{
    for (size_t i = 0; i < type->n_columns; i++) {
        const struct lh_column *column = &type->columns[i];
        bool not_null = column->flags & LH_COLUMN_NOT_NULL;

        lh_buf_fill(&t->cell[NAME], ' ', (size_t)2 * level);
        write_shown(&t->cell[NAME], column->name);
        lh_type_write_outline(&t->cell[TYPE], column->type);
        lh_buf_z(&t->cell[NULLS], not_null ? "no" : "yes");
        write_shown(&t->cell[COMMENT], column->comment);
        end_line(t);
        add_inner(t, column->type, level + 1);
    }
}

static void add_all(struct table *t, const struct lh_type *root)
{
    static const char *const heads[CELLS] = {"COLUMN", "TYPE", "NULL", "COMMENT"};

    for (size_t i = 0; i < CELLS; i++)
        lh_buf_z(&t->cell[i], heads[i]);
    end_line(t);
    add_columns(t, root, 0);
}

void lh_schema_write_table(struct lh_buf *to, const struct lh_schema *s)
{
    lh_auto(table) t = {0};

    for (size_t i = 0; i < CELLS; i++)
        t.cell[i].max = LH_SCHEMA_MAX_TEXT * 2;
    add_all(&t, lh_schema_root(s));
    t.to = to;
    add_all(&t, lh_schema_root(s));
}
