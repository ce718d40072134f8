/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded dynamic buffer: the only string builder of the host.
 *
 * A buffer has a limit that its owner chose. Going over it sets `failed`, keeps what was there
 * and ignores everything after, so a chain of appends needs one check at its end:
 *
 *     lh_auto(lh_buf) b = LH_BUF_INIT(1 << 20);
 *     lh_buf_z(&b, "name: ");
 *     lh_buf_str(&b, name);
 *     if (b.failed) ...
 *
 * The text is always followed by a NUL that is not counted in n. Running out of memory aborts
 * (mem.h); going over the limit does not.
 */
#ifndef LH_BASE_BUF_H
#define LH_BASE_BUF_H

#include "base/mem.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>

struct lh_buf {
    char *p;     /* NULL as long as nothing was written */
    size_t n;    /* bytes in use */
    size_t cap;  /* bytes allocated */
    size_t max;  /* the limit for n; 0 is a limit too */
    bool failed; /* something did not fit */
};

#define LH_BUF_INIT(limit)                                                                         \
    {                                                                                              \
        .max = (limit)                                                                             \
    }

/* A limit for text that people read: a message, a line of a help page. */
#define LH_BUF_TEXT ((size_t)1 << 20)

void lh_buf_free(struct lh_buf *b);
void lh_buf_reset(struct lh_buf *b); /* empty again, keeps the memory, clears `failed` */

void lh_buf_add(struct lh_buf *b, const void *p, size_t n);
void lh_buf_z(struct lh_buf *b, const char *z);
void lh_buf_char(struct lh_buf *b, char c);
void lh_buf_fill(struct lh_buf *b, char c, size_t n);
void lh_buf_i64(struct lh_buf *b, int64_t value);
void lh_buf_u64(struct lh_buf *b, uint64_t value);
void lh_buf_f(struct lh_buf *b, const char *format, ...) LH_PRINTF(2, 3);
void lh_buf_vf(struct lh_buf *b, const char *format, va_list args) LH_PRINTF(2, 0);

/* lh_buf_room when there is not so much at once. */
char *lh_buf_more(struct lh_buf *b, size_t n);

static inline void lh_buf_str(struct lh_buf *b, lh_str s)
{
    lh_buf_add(b, s.p, s.n);
}

/*
 * Room for n more bytes at the end, to be written directly and then counted by adding to b->n.
 * NULL and `failed` when they would not fit.
 */
static inline char *lh_buf_room(struct lh_buf *b, size_t n)
{
    if (b->failed || n >= b->cap - b->n || n > b->max - b->n)
        return lh_buf_more(b, n);
    b->p[b->n + n] = '\0';
    return b->p + b->n;
}

/* Cuts back to n bytes; n beyond the end does nothing. */
void lh_buf_cut(struct lh_buf *b, size_t n);

/* The text as a C string; "" for an empty buffer. Valid until the next call on b. */
const char *lh_buf_text(const struct lh_buf *b);

/* The text as a slice. Valid until the next call on b. */
static inline lh_str lh_buf_slice(const struct lh_buf *b)
{
    return lh_str_n(b->p ? b->p : "", b->n);
}

/* The text as the caller's own, to be freed with free(); b is empty afterwards. */
char *lh_buf_take(struct lh_buf *b);

#endif
