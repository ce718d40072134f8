/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4180, one row at a time, over a text that it may change.
 *
 * In: a text in memory, checked for UTF-8 and free of NUL. Out: the values of each row, decoded in
 * place and ended by NUL, so that nothing is allocated or copied. Knows no columns and no header.
 *
 * The text keeps as many bytes as it had, and all line ends within values: lh_csv_move finds the
 * place of a value from its pointer alone. Who changes values afterwards only ends them earlier.
 *
 * Rows end with CRLF, LF or CR; the last one may end with the text. Lines with nothing on them are
 * skipped. What RFC 4180 does not allow is reported, and reading goes on with the nearest meaning.
 */
#ifndef LH_MANIFEST_CSV_H
#define LH_MANIFEST_CSV_H

#include <stdbool.h>
#include <stddef.h>

enum lh_csv_problem {
    LH_CSV_QUOTE_INSIDE,  /* a quote in a value that does not begin with one; taken as it is */
    LH_CSV_BEHIND_QUOTE,  /* text between a closing quote and the comma; left out */
    LH_CSV_UNCLOSED,      /* the text ends within quotes; the value is what is left */
    LH_CSV_VALUE_TOO_LONG /* more than max_value bytes; kept */
};

struct lh_csv {
    char *at;         /* where the next row begins */
    char *end;        /* of the text; *end is NUL */
    size_t line;      /* at `at`, from 1 */
    size_t max_cells; /* values kept of a row; those beyond are counted only */
    size_t max_value; /* bytes */
    void (*problem)(void *context, enum lh_csv_problem problem, const struct lh_csv *csv,
                    const char *where);
    void *context;

    /* the row */
    char **cells; /* max_cells of them, the caller's */
    size_t n;     /* values that the row has */
    char *start;
    size_t start_line;
    bool plain; /* the row has no quote */
};

/* The next row; false at the end of the text. */
bool lh_csv_next(struct lh_csv *csv);

/* A place in a row, from which later ones are found without beginning again. */
struct lh_csv_place {
    const char *begin; /* of the row, which begins on this line at first */
    const char *at;
    size_t line, column; /* from 1; columns in characters */
};

#define LH_CSV_PLACE(start, start_line)                                                            \
    {                                                                                              \
        (start), (start), (start_line), 1                                                          \
    }

/*
 * Moves to `where`, which is not before place->at: a value, its opening quote, or something in or
 * behind a value that is not in quotes.
 */
void lh_csv_move(struct lh_csv_place *place, const char *where);

#endif
