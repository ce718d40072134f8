/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and strings as frames.c has them on the wire, and the records of builders, which come by
 * the million: written and read in a few instructions each. Everything else goes by the table
 * there.
 */
#ifndef LH_WORKER_WIRE_H
#define LH_WORKER_WIRE_H

#include "worker/frames.h"

#define LH_WIRE_NO_TEXT UINT32_MAX /* a length without text */

static inline void lh_wire_put32(void *to, uint32_t v)
{
    uint8_t *p = to;

    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline void lh_wire_put64(void *to, uint64_t v)
{
    lh_wire_put32(to, (uint32_t)v);
    lh_wire_put32((uint8_t *)to + 4, (uint32_t)(v >> 32));
}

static inline uint32_t lh_wire_get32(const void *from)
{
    const uint8_t *p = from;

    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t lh_wire_get64(const void *from)
{
    return lh_wire_get32(from) | (uint64_t)lh_wire_get32((const uint8_t *)from + 4) << 32;
}

/* --- in a buffer ------------------------------------------------------------------------------ */

static inline void lh_wire_add32(struct lh_buf *to, uint32_t v)
{
    char *p = lh_buf_room(to, 4);

    if (!p)
        return;
    lh_wire_put32(p, v);
    to->n += 4;
}

static inline void lh_wire_add64(struct lh_buf *to, uint64_t v)
{
    char *p = lh_buf_room(to, 8);

    if (!p)
        return;
    lh_wire_put64(p, v);
    to->n += 8;
}

/* A string behind `front` bytes, whose place is returned: a kind, or nothing. */
static inline char *lh_wire_add_str(struct lh_buf *to, size_t front, lh_str s)
{
    bool none = s.n && !s.p;
    size_t n = none ? 0 : s.n;
    char *p = lh_buf_room(to, front + 4 + n);

    if (!p)
        return NULL;
    lh_wire_put32(p + front, none ? LH_WIRE_NO_TEXT : (uint32_t)n);
    if (n)
        memcpy(p + front + 4, s.p, n);
    to->n += front + 4 + n;
    return p;
}

static inline void lh_wire_add_list(struct lh_buf *to, struct lh_list list)
{
    lh_str s;

    lh_wire_add32(to, list.n);
    for (uint32_t i = 0; list.items && i < list.n; i++)
        lh_wire_add_str(to, 0, list.items[i]);
    while (!list.items && lh_list_next(&list, &s))
        lh_wire_add_str(to, 0, s);
}

/* --- records of builders ---------------------------------------------------------------------- */

static inline void lh_record_put_bare(struct lh_buf *to, uint32_t kind)
{
    char *p = lh_buf_room(to, 1);

    if (!p)
        return;
    *p = (char)kind;
    to->n++;
}

static inline void lh_record_put_u32(struct lh_buf *to, uint32_t kind, uint32_t v)
{
    char *p = lh_buf_room(to, 5);

    if (!p)
        return;
    *p = (char)kind;
    lh_wire_put32(p + 1, v);
    to->n += 5;
}

static inline void lh_record_put_u64(struct lh_buf *to, uint32_t kind, uint64_t v)
{
    char *p = lh_buf_room(to, 9);

    if (!p)
        return;
    *p = (char)kind;
    lh_wire_put64(p + 1, v);
    to->n += 9;
}

static inline void lh_record_put_str(struct lh_buf *to, uint32_t kind, lh_str s)
{
    char *p = lh_wire_add_str(to, 1, s);

    if (p)
        *p = (char)kind;
}

/* A reference to a value of an answer. */
static inline void lh_record_put_ref(struct lh_buf *to, uint32_t kind, uint32_t doc, uint32_t index)
{
    char *p = lh_buf_room(to, 10);

    if (!p)
        return;
    p[0] = (char)kind;
    p[1] = LH_VALUE_REF;
    lh_wire_put32(p + 2, doc);
    lh_wire_put32(p + 6, index);
    to->n += 10;
}

/* Without its kind, and in the place of one: the tag. */
static inline void lh_wire_add_value(struct lh_buf *to, const struct lh_value *v)
{
    if (v->tag == LH_VALUE_REF)
        lh_record_put_u64(to, v->tag, v->doc | (uint64_t)v->index << 32);
    else if (v->tag == LH_VALUE_TEXT)
        lh_record_put_str(to, v->tag, v->text);
    else
        lh_record_put_bare(to, v->tag);
}

#endif
