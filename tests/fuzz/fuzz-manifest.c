/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests: values and places against a reader that goes character by character over the text as
 * it was; then everything is checked, written, and read back equal.
 */
#include "config.h"

#define FUZZ_NAME "manifest"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "manifest/csv.h"
#include "manifest/manifest.h"

#include <string.h>

#define FUZZ_MAX ((size_t)16 << 10)
#define CELLS    64

/* --- the other reader ---------------------------------------------------------------------------
 */

struct reader {
    lh_str text;
    size_t at, line, column;
};

/* The character here: one byte, or 0 at the end; line ends of all kinds are '\n'. */
static char here(const struct reader *r)
{
    char c = r->at < r->text.n ? r->text.p[r->at] : '\0';

    return c == '\r' ? '\n' : c;
}

static void step(struct reader *r)
{
    char c = here(r);
    bool pair = r->text.p[r->at] == '\r' && r->at + 1 < r->text.n && r->text.p[r->at + 1] == '\n';

    r->at += pair ? 2 : 1;
    if (c == '\n') {
        r->line++;
        r->column = 1;
    } else if (r->at >= r->text.n || ((unsigned char)r->text.p[r->at] & 0xc0) != 0x80) {
        /* the last byte of a character */
        r->column++;
    }
}

struct cell {
    struct lh_buf value;
    size_t line, column;
};

static void take(struct reader *r, struct lh_buf *to)
{
    size_t begin = r->at;

    step(r);
    lh_buf_add(to, r->text.p + begin, r->at - begin);
}

static void read_cell(struct reader *r, struct cell *cell)
{
    lh_buf_reset(&cell->value);
    cell->line = r->line;
    cell->column = r->column;
    if (here(r) != '"') {
        while (r->at < r->text.n && here(r) != ',' && here(r) != '\n')
            take(r, &cell->value);
        return;
    }
    step(r);
    while (r->at < r->text.n) {
        if (here(r) == '"') {
            step(r);
            if (here(r) != '"')
                break;
        }
        take(r, &cell->value);
    }
    while (r->at < r->text.n && here(r) != ',' && here(r) != '\n')
        step(r);
}

/* One row; how many cells it has, 0 at the end. */
static size_t read_row(struct reader *r, struct cell *cells)
{
    size_t n = 0;

    while (r->at < r->text.n && here(r) == '\n')
        step(r);
    if (r->at == r->text.n)
        return 0;
    for (;;) {
        read_cell(r, &cells[n < CELLS ? n : CELLS]);
        n++;
        if (r->at == r->text.n || here(r) == '\n')
            break;
        step(r);
    }
    if (r->at < r->text.n)
        step(r);
    return n;
}

/* --- comparing ----------------------------------------------------------------------------------
 */

static void check_problem(void *context, enum lh_csv_problem problem, const struct lh_csv *csv,
                          const char *where)
{
    struct lh_csv_place *last = context;
    struct lh_csv_place fresh = LH_CSV_PLACE(csv->start, csv->start_line);

    (void)problem;
    FUZZ_ASSERT(where >= csv->start && where <= csv->end);
    if (last->begin != csv->start)
        *last = fresh;
    FUZZ_ASSERT(where >= last->at);
    lh_csv_move(last, where);
    lh_csv_move(&fresh, where);
    FUZZ_ASSERT(last->line == fresh.line && last->column == fresh.column);
}

static void compare_row(const struct lh_csv *csv, const struct cell *cells, size_t n)
{
    FUZZ_ASSERT(csv->n == n);
    for (size_t i = 0; i < n && i < CELLS; i++) {
        const char *value = csv->cells[i];
        struct lh_csv_place at = LH_CSV_PLACE(csv->start, csv->start_line);

        FUZZ_ASSERT(strcmp(value, lh_buf_text(&cells[i].value)) == 0);
        if (value > csv->start && value[-1] == '"')
            value--;
        lh_csv_move(&at, value);
        FUZZ_ASSERT(at.line == cells[i].line && at.column == cells[i].column);
    }
}

static void compare(lh_str text)
{
    static struct cell cells[CELLS + 1];
    char *values[CELLS];
    char *copy lh_autofree = lh_xmemdup0(text.p, text.n);
    struct reader r = {text, 0, 1, 1};
    struct lh_csv_place last = LH_CSV_PLACE(NULL, 1);
    struct lh_csv csv = {.at = copy,
                         .end = copy + text.n,
                         .line = 1,
                         .max_cells = CELLS,
                         .max_value = 1000,
                         .problem = check_problem,
                         .context = &last,
                         .cells = values};

    for (size_t i = 0; i <= CELLS; i++)
        cells[i].value.max = FUZZ_MAX;
    while (lh_csv_next(&csv))
        compare_row(&csv, cells, read_row(&r, cells));
    FUZZ_ASSERT(read_row(&r, cells) == 0);
    for (size_t i = 0; i <= CELLS; i++)
        lh_buf_free(&cells[i].value);
}

/* --- the manifest -------------------------------------------------------------------------------
 */

static void check_places(const struct lh_manifest *m)
{
    for (size_t i = 0; i < m->n_rows; i++)
        for (int column = 0; column < LH_MF_COLUMNS; column++) {
            struct lh_place at = lh_manifest_place(m, &m->rows[i], (enum lh_manifest_column)column);

            FUZZ_ASSERT(at.line >= m->rows[i].line && at.line > 0);
            FUZZ_ASSERT(lh_utf8_valid(lh_str_z(m->rows[i].cells[column])));
        }
}

/* What was written is the same when it is read and written again. */
static void check_round_trip(const struct lh_manifest *m)
{
    lh_auto(lh_manifest) back = LH_MANIFEST_INIT;
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_buf) first = LH_BUF_INIT((size_t)1 << 28);
    lh_auto(lh_buf) second = LH_BUF_INIT((size_t)1 << 28);

    lh_manifest_format(m, &first);
    lh_manifest_parse(lh_buf_slice(&first), "again", &back, &f);
    for (size_t i = 0; i < f.n; i++)
        FUZZ_ASSERT(strcmp(f.items[i].rule->id, "LH205") < 0 ||
                    strcmp(f.items[i].rule->id, "LH210") > 0);
    FUZZ_ASSERT(back.n_rows == m->n_rows && back.n_extra == m->n_extra);
    lh_manifest_format(&back, &second);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&first), lh_buf_slice(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_str text = lh_str_n((const char *)data, size);
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_buf) out = LH_BUF_INIT((size_t)1 << 28);

    if (size > FUZZ_MAX)
        return 0;
    if (lh_utf8_valid(text) && (!size || !memchr(data, 0, size)))
        compare(text);
    lh_manifest_parse(text, "fuzz", &m, &f);
    lh_manifest_check(&m, NULL, &f);
    check_places(&m);
    if (m.present[LH_MF_SOURCE_TABLE])
        check_round_trip(&m);
    lh_findings_write(&f, false, &out);
    for (size_t i = 0; i < out.n; i++)
        FUZZ_ASSERT((unsigned char)out.p[i] >= 0x20 || out.p[i] == '\n');
    return 0;
}
