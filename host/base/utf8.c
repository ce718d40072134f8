/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 checking and writing; see utf8.h. */
#include "config.h"

#include "base/utf8.h"

/*
 * Length of the valid sequence at p (n bytes left), 0 when there is none. The table is the one
 * of RFC 3629, section 4: only the second byte has ranges of its own.
 */
static size_t sequence(const unsigned char *p, size_t n)
{
    unsigned char lead = p[0];
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (length == 0 || lead > 0xf4 || length > n)
        return 0;
    if (length == 1)
        return 1;
    low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* Skips ASCII eight bytes at a time: nearly all text is that. */
static size_t skip_ascii(const unsigned char *p, size_t at, size_t n)
{
    while (n - at >= 8) {
        uint64_t word;

        memcpy(&word, p + at, 8);
        if (word & UINT64_C(0x8080808080808080))
            break;
        at += 8;
    }
    while (at < n && p[at] < 0x80)
        at++;
    return at;
}

size_t lh_utf8_valid_prefix(lh_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t at = 0;

    /* a length without a text is none */
    while (p) {
        size_t length;

        at = skip_ascii(p, at, s.n);
        if (at == s.n)
            return at;
        length = sequence(p + at, s.n - at);
        if (length == 0)
            return at;
        at += length;
    }
    return 0;
}

size_t lh_utf8_put(char to[4], uint32_t code_point)
{
    if (code_point < 0x80) {
        to[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        to[0] = (char)(0xc0 | code_point >> 6);
        to[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        to[0] = (char)(0xe0 | code_point >> 12);
        to[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        to[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | code_point >> 18);
    to[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    to[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    to[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

uint32_t lh_utf8_next(lh_str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;
    unsigned char lead = p[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code_point = length == 1 ? lead : lead & (0xffu >> (length + 1));

    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (p[i] & 0x3f);
    *at += length;
    return code_point;
}

uint32_t lh_utf8_next_any(lh_str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;

    if (sequence(p, s.n - *at))
        return lh_utf8_next(s, at);
    ++*at;
    return LH_UTF8_BAD + *p;
}

/* The blocks of Unicode's EastAsianWidth.txt that matter for a table on a terminal. */
static bool is_wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
           (c >= 0x1f300 && c <= 0x1f64f) || (c >= 0x1f900 && c <= 0x1f9ff) ||
           (c >= 0x20000 && c <= 0x3fffd);
}

size_t lh_utf8_width(lh_str s)
{
    size_t width = 0;

    for (size_t at = 0; at < s.n;)
        width += is_wide(lh_utf8_next(s, &at)) ? 2 : 1;
    return width;
}
