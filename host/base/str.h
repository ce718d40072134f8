/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slice of text: pointer and length, borrowed, not terminated. The type is the connector
 * interface's lh_str ("frozen for ever"), so that slices pass between both as they are.
 */
#ifndef LH_BASE_STR_H
#define LH_BASE_STR_H

#include <lakehost/connector.h>

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A string literal as a slice; for static tables LH_STR_INIT. */
#define LH_STR(literal) ((lh_str){"" literal, sizeof(literal) - 1})
#define LH_STR_INIT(literal)                                                                       \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

/* For printf's %.*s; the slice is cut at what an int can say. */
#define LH_STR_ARG(s) ((s).n > 0x7fffffff ? 0x7fffffff : (int)(s).n), ((s).p ? (s).p : "")

static inline lh_str lh_str_n(const char *p, size_t n)
{
    lh_str s = {p, n};

    return s;
}

/* A C string as a slice; NULL is the empty slice. */
static inline lh_str lh_str_z(const char *z)
{
    return lh_str_n(z, z ? strlen(z) : 0);
}

/* A length without a text (p NULL), which connectors may give, equals nothing and begins nothing.
 */
static inline bool lh_str_eq(lh_str a, lh_str b)
{
    return a.n == b.n && (a.n == 0 || (a.p && b.p && memcmp(a.p, b.p, a.n) == 0));
}

static inline bool lh_str_eqz(lh_str a, const char *z)
{
    return lh_str_eq(a, lh_str_z(z));
}

/* Byte order (which for UTF-8 is code point order): negative, 0, positive. */
static inline int lh_str_cmp(lh_str a, lh_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static inline bool lh_str_starts(lh_str s, lh_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || (s.p && memcmp(s.p, prefix.p, prefix.n) == 0));
}

/*
 * Walks a list such as "text|json" or "-o --output": the next part, empty at the end. *at begins
 * with 0. An empty part ends the walk as well.
 */
static inline lh_str lh_str_part(const char *list, char separator, size_t *at)
{
    const char *begin = list + *at;
    const char *end = strchr(begin, separator);
    size_t n = end ? (size_t)(end - begin) : strlen(begin);

    *at += n + (end ? 1 : 0);
    return lh_str_n(begin, n);
}

#endif
