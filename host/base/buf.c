/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded dynamic buffer; see buf.h. */
#include "config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void lh_buf_free(struct lh_buf *b)
{
    free(b->p);
    *b = (struct lh_buf){.max = b->max};
}

void lh_buf_reset(struct lh_buf *b)
{
    b->n = 0;
    b->failed = false;
    if (b->p)
        b->p[0] = '\0';
}

/* Doubles until `need` bytes and the NUL fit. need <= max, so this cannot overflow before memory
 * has run out. */
static void grow(struct lh_buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : 64;

    while (cap <= need)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    b->p = lh_xrealloc(b->p, cap, 1);
    b->cap = cap;
}

char *lh_buf_more(struct lh_buf *b, size_t n)
{
    if (b->failed || n > b->max || b->n > b->max - n) {
        b->failed = true;
        return NULL;
    }
    if (b->n + n >= b->cap)
        grow(b, b->n + n);
    b->p[b->n + n] = '\0';
    return b->p + b->n;
}

void lh_buf_add(struct lh_buf *b, const void *p, size_t n)
{
    char *to = lh_buf_room(b, p ? n : 0);

    if (!to || !p || n == 0)
        return;
    memcpy(to, p, n);
    b->n += n;
}

void lh_buf_z(struct lh_buf *b, const char *z)
{
    lh_buf_add(b, z, strlen(z));
}

void lh_buf_char(struct lh_buf *b, char c)
{
    char *to = lh_buf_room(b, 1);

    if (!to)
        return;
    *to = c;
    b->n++;
}

void lh_buf_fill(struct lh_buf *b, char c, size_t n)
{
    char *to = lh_buf_room(b, n);

    if (!to || n == 0)
        return;
    memset(to, c, n);
    b->n += n;
}

void lh_buf_u64(struct lh_buf *b, uint64_t value)
{
    char digits[20];
    size_t i = sizeof digits;

    do {
        digits[--i] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    lh_buf_add(b, digits + i, sizeof digits - i);
}

void lh_buf_i64(struct lh_buf *b, int64_t value)
{
    if (value < 0)
        lh_buf_char(b, '-');
    lh_buf_u64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void lh_buf_vf(struct lh_buf *b, const char *format, va_list args)
{
    va_list again;
    char *to;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0) {
        b->failed = true;
        return;
    }
    to = lh_buf_room(b, (size_t)n);
    if (!to)
        return;
    vsnprintf(to, (size_t)n + 1, format, args);
    b->n += (size_t)n;
}

void lh_buf_f(struct lh_buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    lh_buf_vf(b, format, args);
    va_end(args);
}

void lh_buf_cut(struct lh_buf *b, size_t n)
{
    if (n >= b->n)
        return;
    b->n = n;
    b->p[n] = '\0';
}

const char *lh_buf_text(const struct lh_buf *b)
{
    return b->p ? b->p : "";
}

char *lh_buf_take(struct lh_buf *b)
{
    char *text = b->p ? b->p : lh_xstrdup("");

    *b = (struct lh_buf){.max = b->max};
    return text;
}
