/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a manifest; see manifest.h. */
#include "config.h"

#include "base/file.h"
#include "manifest/manifest_internal.h"

#include <stdint.h>

/* Handed to the file in pieces of about this. */
#define PIECE ((size_t)1 << 20)

/* Optional columns that some row has something in. */
static void find_used(const struct lh_manifest *m, bool used[LH_MF_COLUMNS])
{
    for (int column = 0; column < LH_MF_COLUMNS; column++) {
        used[column] = column < LH_MF_SCD_TYPE;
        for (size_t i = 0; i < m->n_rows && !used[column]; i++)
            used[column] = *m->rows[i].cells[column] != '\0';
    }
}

static void put_value(struct lh_buf *to, const char *value, bool first)
{
    size_t n = strcspn(value, ",\"\r\n");

    if (!first)
        lh_buf_char(to, ',');
    if (!value[n]) {
        lh_buf_add(to, value, n);
        return;
    }
    lh_buf_char(to, '"');
    for (;;) {
        n = strcspn(value, "\"");
        lh_buf_add(to, value, n);
        if (!value[n])
            break;
        lh_buf_add(to, "\"\"", 2);
        value += n + 1;
    }
    lh_buf_char(to, '"');
}

static void put_header(const struct lh_manifest *m, const bool *used, struct lh_buf *to)
{
    for (int column = 0; column < LH_MF_COLUMNS; column++)
        if (used[column])
            put_value(to, lh_manifest_column_name((enum lh_manifest_column)column), column == 0);
    for (size_t i = 0; i < m->n_extra; i++)
        put_value(to, m->extra_names[i], false);
    lh_buf_z(to, "\r\n");
}

static void put_row(const struct lh_manifest *m, const struct lh_manifest_row *row,
                    const bool *used, struct lh_buf *to)
{
    for (int column = 0; column < LH_MF_COLUMNS; column++)
        if (used[column])
            put_value(to, row->cells[column], column == 0);
    for (size_t i = 0; i < m->n_extra; i++)
        put_value(to, row->extra[i], false);
    lh_buf_z(to, "\r\n");
}

void lh_manifest_format(const struct lh_manifest *m, struct lh_buf *to)
{
    bool used[LH_MF_COLUMNS];

    find_used(m, used);
    put_header(m, used, to);
    for (size_t i = 0; i < m->n_rows; i++)
        put_row(m, &m->rows[i], used, to);
}

int lh_manifest_write(const struct lh_manifest *m, const char *file, struct lh_error *e)
{
    lh_auto(lh_file_writer) w = LH_FILE_WRITER_INIT;
    lh_auto(lh_buf) piece = LH_BUF_INIT(SIZE_MAX);
    bool used[LH_MF_COLUMNS];
    int code = lh_file_writer_begin(&w, file, 0, e);

    find_used(m, used);
    put_header(m, used, &piece);
    for (size_t i = 0; i < m->n_rows && !code; i++) {
        put_row(m, &m->rows[i], used, &piece);
        if (piece.n < PIECE)
            continue;
        code = lh_file_writer_append(&w, lh_buf_slice(&piece), e);
        lh_buf_reset(&piece);
    }
    if (!code)
        code = lh_file_writer_append(&w, lh_buf_slice(&piece), e);
    return code ? code : lh_file_writer_commit(&w, e);
}
