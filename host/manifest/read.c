/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a manifest: the text, the header, the rows; see manifest.h. */
#include "config.h"

#include "base/file.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "manifest/csv.h"
#include "manifest/manifest_internal.h"
#include "schedule/schedule.h"
#include "json/text.h"

#include <stdint.h>
#include <stdlib.h>

#define ALIAS "table_configuration_json"

/* Where the cells of a column of the file go, besides known columns (by their number). */
enum {
    TO_ALIAS = LH_MF_COLUMNS, /* table_options_json, when that is empty */
    TO_NOWHERE,               /* a second column of a name */
    TO_EXTRA                  /* and on: extra columns */
};

struct reading {
    struct lh_manifest *m;
    struct lh_findings *f;
    struct lh_csv csv;
    char *cells[LH_MANIFEST_MAX_COLUMNS];
    int to[LH_MANIFEST_MAX_COLUMNS];
    size_t n;               /* columns of the header */
    struct lh_csv_place at; /* of the last problem */
};

/* --- the text ----------------------------------------------------------------------------------
 */

static char *find_nul(char *p, char *end)
{
    char *nul = memchr(p, 0, (size_t)(end - p));

    return nul ? nul : end;
}

static char *find_not_utf8(char *p, char *end)
{
    return p + lh_utf8_valid_prefix(lh_str_n(p, (size_t)(end - p)));
}

static void report_bad(struct reading *r, const char *line_start, size_t line, const char *bad)
{
    struct lh_csv_place at = LH_CSV_PLACE(line_start, line);
    struct lh_place place;

    lh_csv_move(&at, bad);
    place = (struct lh_place){r->m->file, at.line, at.column, NULL};
    if (*bad)
        lh_findings_add(r->f, lh_manifest_rule("LH209"), place,
                        "expected UTF-8, found the byte 0x%02x", (unsigned char)*bad);
    else
        lh_findings_add(r->f, lh_manifest_rule("LH210"), place, "a NUL character");
}

/*
 * Bytes that `find` finds become `?`, so that the rest can be read; one finding for each line.
 * Lines are counted as csv.c counts them.
 */
static void clean_text(struct reading *r, char *begin, char *end,
                       char *(*find)(char *begin, char *end))
{
    size_t line = 1;
    size_t reported = 0;
    char *line_start = begin;
    char *at = begin;

    for (char *bad = find(begin, end); bad < end; bad = find(bad, end)) {
        for (; at < bad; at++)
            if (*at == '\n' || (*at == '\r' && at[1] != '\n')) {
                line++;
                line_start = at + 1;
            }
        if (line != reported)
            report_bad(r, line_start, line, bad);
        reported = line;
        *bad = '?';
    }
}

/* True when the text has the form of another encoding. */
static bool is_utf16(struct reading *r, const char *p, size_t n)
{
    if (n < 2 || !((p[0] == '\xff' && p[1] == '\xfe') || (p[0] == '\xfe' && p[1] == '\xff')))
        return false;
    lh_findings_add(r->f, lh_manifest_rule("LH209"), (struct lh_place){r->m->file, 1, 1, NULL},
                    "expected UTF-8, found UTF-16; save the file as CSV UTF-8");
    return true;
}

/* --- the header --------------------------------------------------------------------------------
 */

static char *trim(char *s)
{
    size_t n;

    s += strspn(s, " \t");
    n = strlen(s);
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        s[--n] = '\0';
    return s;
}

static struct lh_place header_place(const struct reading *r, const char *cell)
{
    struct lh_csv_place at = LH_CSV_PLACE(r->csv.start, r->csv.start_line);

    lh_csv_move(&at, cell > r->csv.start && cell[-1] == '"' ? cell - 1 : cell);
    return (struct lh_place){r->m->file, at.line, at.column, cell};
}

static bool seen_before(const struct reading *r, size_t column)
{
    for (size_t i = 0; i < column; i++)
        if (*r->cells[i] && strcmp(r->cells[i], r->cells[column]) == 0)
            return true;
    return false;
}

static int place_column(struct reading *r, size_t column)
{
    enum lh_manifest_column known = lh_manifest_find_column(lh_str_z(r->cells[column]));

    if (seen_before(r, column)) {
        lh_findings_add(r->f, lh_manifest_rule("LH203"), header_place(r, r->cells[column]),
                        "the header has this column twice; the first one is read");
        return TO_NOWHERE;
    }
    if (known != LH_MF_COLUMNS) {
        r->m->present[known] = true;
        return (int)known;
    }
    if (strcmp(r->cells[column], ALIAS) == 0) {
        r->m->present[LH_MF_TABLE_OPTIONS_JSON] = true;
        return TO_ALIAS;
    }
    return TO_EXTRA + (int)r->m->n_extra++;
}

static lh_str column_word(const void *context, size_t i)
{
    (void)context;
    return lh_str_z(lh_manifest_column_name((enum lh_manifest_column)i));
}

/* One warning for all columns that are not known. */
static void report_unknown(struct reading *r)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_place place = {r->m->file, 0, 0, NULL};

    for (size_t i = 0; i < r->n; i++) {
        char *name lh_autofree = NULL;
        ptrdiff_t near;

        if (r->to[i] < TO_EXTRA)
            continue;
        if (!place.line)
            place = header_place(r, r->cells[i]);
        name = lh_text_quote(lh_str_z(r->cells[i]));
        lh_buf_f(&b, "%s%s", b.n ? ", " : "", name);
        near = lh_nearest(lh_str_z(r->cells[i]), column_word, NULL, LH_MF_COLUMNS);
        if (near >= 0)
            lh_buf_f(&b, " (did you mean %s?)",
                     lh_manifest_column_name((enum lh_manifest_column)near));
    }
    place.key = NULL;
    if (b.n)
        lh_findings_add(r->f, lh_manifest_rule("LH204"), place,
                        "not a column of lakehost, kept as it is: %s", lh_buf_text(&b));
}

static void report_missing(struct reading *r)
{
    const char *only = r->n == 1 ? r->cells[0] : "";
    const char *other = strchr(only, ';')    ? "; this line has \";\" between values, not \",\""
                        : strchr(only, '\t') ? "; this line has tabs between values, not \",\""
                                             : "";

    lh_findings_add(r->f, lh_manifest_rule("LH202"),
                    (struct lh_place){r->m->file, r->csv.start_line, 1, "source_table"},
                    "the header has no such column%s", other);
}

/* False when rows cannot be read by it. */
static bool read_header(struct reading *r)
{
    struct lh_manifest *m = r->m;

    if (!lh_csv_next(&r->csv)) {
        lh_findings_add(r->f, lh_manifest_rule("LH201"), (struct lh_place){m->file, 1, 1, NULL},
                        "the file is empty; expected a header with source_table at least");
        return false;
    }
    r->n = r->csv.n < LH_MANIFEST_MAX_COLUMNS ? r->csv.n : LH_MANIFEST_MAX_COLUMNS;
    if (r->csv.n > r->n)
        lh_findings_add(r->f, lh_manifest_rule("LH212"),
                        (struct lh_place){m->file, r->csv.start_line, 0, NULL},
                        "%zu columns; expected at most %zu", r->csv.n, r->n);
    for (size_t i = 0; i < r->n; i++)
        r->cells[i] = trim(r->cells[i]);
    for (size_t i = 0; i < r->n; i++)
        r->to[i] = place_column(r, i);
    m->extra_names = lh_arena_alloc(&m->arena, (m->n_extra + 1) * sizeof *m->extra_names);
    for (size_t i = 0; i < r->n; i++)
        if (r->to[i] >= TO_EXTRA)
            m->extra_names[r->to[i] - TO_EXTRA] = r->cells[i];
    report_unknown(r);
    if (!m->present[LH_MF_SOURCE_TABLE])
        report_missing(r);
    return m->present[LH_MF_SOURCE_TABLE];
}

/* --- rows --------------------------------------------------------------------------------------
 */

static void check_width(struct reading *r, const struct lh_manifest_row *row)
{
    struct lh_place place = {r->m->file, row->line, 0, NULL};

    if (r->csv.n == r->n)
        return;
    lh_findings_add(r->f, lh_manifest_rule("LH205"), place,
                    "expected %zu values, as the header has, found %zu%s", r->n, r->csv.n,
                    r->csv.n > r->n && r->csv.plain ? "; a value with a comma is written in quotes"
                                                    : "");
}

static void take_alias(struct reading *r, struct lh_manifest_row *row, const char *alias)
{
    const char **options = &row->cells[LH_MF_TABLE_OPTIONS_JSON];

    if (!**options)
        *options = alias;
    else if (*alias && strcmp(*options, alias) != 0)
        LH_CELL_FINDING(r->f, r->m, row, LH_MF_TABLE_OPTIONS_JSON, "LH214",
                        ALIAS " says something else and is not read");
}

static void normalise(struct lh_manifest_row *row)
{
    const char **group = &row->cells[LH_MF_PIPELINE_GROUP];
    const char **schedule = &row->cells[LH_MF_SCHEDULE];

    if (!**group)
        *group = row->cells[LH_MF_CATEGORY];
    if (!**group)
        *group = "default";
    if (lh_schedule_is_none(lh_str_z(*schedule)))
        *schedule = "";
}

static void add_row(struct reading *r)
{
    struct lh_manifest_row *row = lh_manifest_add(r->m);
    size_t n = r->csv.n < r->n ? r->csv.n : r->n;
    const char *alias = "";

    row->line = r->csv.start_line;
    row->start = r->csv.start;
    check_width(r, row);
    for (size_t i = 0; i < n; i++) {
        int to = r->to[i];

        if (to >= TO_EXTRA)
            row->extra[to - TO_EXTRA] = r->cells[i];
        else if (to == TO_ALIAS)
            alias = trim(r->cells[i]);
        else if (to != TO_NOWHERE)
            row->cells[to] = trim(r->cells[i]);
    }
    take_alias(r, row, alias);
    normalise(row);
}

static void report_problem(void *context, enum lh_csv_problem problem, const struct lh_csv *csv,
                           const char *where)
{
    static const struct {
        const char *id, *message;
    } problems[] = {
        [LH_CSV_QUOTE_INSIDE] = {"LH208", "a quote in a value that does not begin with one; write "
                                          "\"...\" around it and each quote in it twice"},
        [LH_CSV_BEHIND_QUOTE] = {"LH206", "text behind the closing quote; a quote in a value is "
                                          "written twice"},
        [LH_CSV_UNCLOSED] = {"LH207", "this quote is not closed before the end of the file"},
        [LH_CSV_VALUE_TOO_LONG] = {"LH211", "a value of more than 1 MiB"},
    };
    struct reading *r = context;
    struct lh_csv_place *at = &r->at;

    /* a row can have millions of problems: each is looked for from the last one on */
    if (at->begin != csv->start)
        *at = (struct lh_csv_place)LH_CSV_PLACE(csv->start, csv->start_line);
    lh_csv_move(at, where);
    lh_findings_add(r->f, lh_manifest_rule(problems[problem].id),
                    (struct lh_place){r->m->file, at->line, at->column, NULL}, "%s",
                    problems[problem].message);
}

static void read_rows(struct reading *r)
{
    struct lh_place place = {r->m->file, 0, 0, NULL};

    while (r->m->n_rows < LH_MANIFEST_MAX_ROWS && lh_csv_next(&r->csv))
        add_row(r);
    if (!r->m->n_rows)
        lh_findings_add(r->f, lh_manifest_rule("LH213"), place, "there are no rows");
    if (r->m->n_rows == LH_MANIFEST_MAX_ROWS && lh_csv_next(&r->csv))
        lh_findings_add(r->f, lh_manifest_rule("LH212"), place, "more than %zu rows",
                        LH_MANIFEST_MAX_ROWS);
}

/* m->text is there. */
static void parse(struct lh_manifest *m, struct lh_findings *f)
{
    struct reading *r lh_autofree = lh_xcalloc(1, sizeof *r);
    char *begin = m->text.p;
    char *end = begin + m->text.n;

    r->m = m;
    r->f = f;
    if (is_utf16(r, begin, m->text.n))
        return;
    if (m->text.n >= 3 && memcmp(begin, "\xef\xbb\xbf", 3) == 0)
        begin += 3;
    clean_text(r, begin, end, find_nul);
    clean_text(r, begin, end, find_not_utf8);
    r->csv = (struct lh_csv){.at = begin,
                             .end = end,
                             .line = 1,
                             .cells = r->cells,
                             .max_cells = LH_LEN(r->cells),
                             .max_value = LH_MANIFEST_MAX_VALUE,
                             .problem = report_problem,
                             .context = r};
    if (read_header(r))
        read_rows(r);
}

void lh_manifest_take(struct lh_buf *text, const char *name, struct lh_manifest *ret,
                      struct lh_findings *f)
{
    lh_manifest_free(ret);
    ret->file = lh_xstrdup(name);
    lh_buf_z(text, ""); /* an empty file has a text too */
    ret->text = *text;
    *text = (struct lh_buf){.max = text->max};
    parse(ret, f);
}

int lh_manifest_read(const char *file, struct lh_manifest *ret, struct lh_findings *f,
                     struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_MANIFEST_MAX_BYTES);
    int code = lh_file_read(file, LH_MANIFEST_MAX_BYTES, LH_FILE_STDIN, &text, e);

    if (!code)
        lh_manifest_take(&text, strcmp(file, "-") == 0 ? "standard input" : file, ret, f);
    return code;
}

void lh_manifest_parse(lh_str text, const char *name, struct lh_manifest *ret,
                       struct lh_findings *f)
{
    lh_auto(lh_buf) copy = LH_BUF_INIT(SIZE_MAX);

    lh_buf_str(&copy, text);
    lh_manifest_take(&copy, name, ret, f);
}
