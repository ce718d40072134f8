/* SPDX-License-Identifier: Apache-2.0 */
/* Reading CSV in place; see csv.h. */
#include "config.h"

#include "manifest/csv.h"

#include <string.h>

/* What ends a run of ordinary characters. NUL ends the text: there is no other. */
static const bool is_special[256] = {
    [0] = true, ['\n'] = true, ['\r'] = true, ['"'] = true, [','] = true,
};

static char *skip_ordinary(char *p)
{
    while (!is_special[(unsigned char)*p])
        p++;
    return p;
}

static bool ends_value(char c)
{
    return c == ',' || c == '\n' || c == '\r' || c == '\0';
}

/* A value that begins, with its quote, at `where`. */
static void add(struct lh_csv *csv, const char *where, char *value, const char *value_end)
{
    if ((size_t)(value_end - value) > csv->max_value)
        csv->problem(csv->context, LH_CSV_VALUE_TOO_LONG, csv, where);
    if (csv->n < csv->max_cells)
        csv->cells[csv->n] = value;
    csv->n++;
}

/* A value without quotes; returns what ends it. */
static char *read_plain(struct lh_csv *csv, char *p)
{
    char *value = p;
    char *quote = NULL;

    for (p = skip_ordinary(p); !ends_value(*p); p = skip_ordinary(p + 1))
        quote = quote ? quote : p;
    add(csv, value, value, p);
    if (quote)
        csv->problem(csv->context, LH_CSV_QUOTE_INSIDE, csv, quote);
    return p;
}

/* Counts a line end at p and goes behind it. */
static char *pass_line_end(struct lh_csv *csv, char *p)
{
    csv->line++;
    return p + (p[0] == '\r' && p[1] == '\n' ? 2 : 1);
}

/*
 * Goes to the closing quote of a value whose text begins at p; NULL when there is none. Each pair
 * of quotes becomes one; *ret_end is the end of what is left.
 */
static char *find_close(struct lh_csv *csv, char *p, char **ret_end)
{
    char *to = NULL; /* NULL: nothing has moved so far */
    char *from = p;

    for (;;) {
        p = skip_ordinary(p);
        if (*p == '\n' || *p == '\r') {
            p = pass_line_end(csv, p);
            continue;
        }
        if (*p == ',') {
            p++;
            continue;
        }
        if (to)
            memmove(to, from, (size_t)(p - from));
        to = to ? to + (p - from) : p;
        *ret_end = to;
        if (*p == '\0')
            return NULL;
        if (p[1] != '"')
            return p;
        *to++ = '"';
        from = p += 2;
    }
}

/* A value in quotes, p at the opening one; returns what ends it. */
static char *read_quoted(struct lh_csv *csv, char *p)
{
    char *value = p + 1;
    char *value_end = value;
    char *close = find_close(csv, value, &value_end);
    char *behind;

    csv->plain = false;
    if (!close) {
        csv->problem(csv->context, LH_CSV_UNCLOSED, csv, p);
        close = csv->end;
        *close = '\0';
    }
    /* as many bytes as there were, for lh_csv_move */
    memset(value_end, 0, (size_t)(close - value_end) + (close < csv->end ? 1 : 0));
    add(csv, p, value, value_end);
    if (close == csv->end)
        return close;
    behind = close + 1;
    for (p = behind; !ends_value(*p); p++)
        ;
    if (p > behind)
        csv->problem(csv->context, LH_CSV_BEHIND_QUOTE, csv, behind);
    return p;
}

static bool skip_blank_lines(struct lh_csv *csv)
{
    while (*csv->at == '\n' || *csv->at == '\r')
        csv->at = pass_line_end(csv, csv->at);
    return csv->at < csv->end;
}

bool lh_csv_next(struct lh_csv *csv)
{
    char *p;
    char stop;

    if (!skip_blank_lines(csv))
        return false;
    csv->n = 0;
    csv->plain = true;
    csv->start = csv->at;
    csv->start_line = csv->line;
    p = csv->at;
    do {
        p = *p == '"' ? read_quoted(csv, p) : read_plain(csv, p);
        stop = *p;
        csv->at = stop == ',' || p == csv->end ? p + (p < csv->end) : pass_line_end(csv, p);
        *p = '\0';
        p = csv->at;
    } while (stop == ',');
    return true;
}

/* One byte of the text as it is now. */
static void pass(struct lh_csv_place *place)
{
    const char *p = place->at++;

    if (*p == '\n' || (*p == '\r' && p[1] != '\n')) {
        place->line++;
        place->column = 1;
    } else if (((unsigned char)*p & 0xc0) != 0x80) {
        place->column++;
    }
}

/*
 * A value in quotes: each quote left in it stood for two, and as many bytes behind its text stand
 * for nothing. Moves over its text and those.
 */
static void pass_quoted(struct lh_csv_place *place, const char *where)
{
    size_t dropped = 0;

    while (place->at < where && *place->at) {
        if (*place->at == '"') {
            dropped++;
            place->column++;
        }
        pass(place);
    }
    place->at = (size_t)(where - place->at) < dropped ? where : place->at + dropped;
}

void lh_csv_move(struct lh_csv_place *place, const char *where)
{
    while (place->at < where) {
        bool opens = *place->at == '"' && (place->at == place->begin || place->at[-1] == '\0');

        pass(place);
        if (opens)
            pass_quoted(place, where);
    }
}
