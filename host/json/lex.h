/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of bytes, many at a time: what the scanner and the writers do all day.
 *
 * Two versions of everything: SSE2, 16 bytes at a time, and one for any machine, 8 bytes at a
 * time (also with LH_JSON_PORTABLE, which is how the tests reach it). Neither looks at or behind
 * `end`.
 */
#ifndef LH_JSON_LEX_H
#define LH_JSON_LEX_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined __SSE2__ && !defined LH_JSON_PORTABLE
#define LH_JSON_SSE2 1
#include <emmintrin.h>
#else
#define LH_JSON_SSE2 0
#endif

#define LH_LIKELY(x)   __builtin_expect(!!(x), 1)
#define LH_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define LH_INLINE      static inline __attribute__((always_inline))
#define LH_COLD        __attribute__((noinline, cold))

/* Eight bytes as a number, the first byte lowest. */
LH_INLINE uint64_t lh_lex_load(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Plain is what needs no look inside a string: ASCII but for '"', '\' and control characters. */
LH_INLINE bool lh_lex_is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

LH_INLINE bool lh_lex_is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') <= 9;
}

/* The value of a hexadecimal digit; 16 for any other byte. */
LH_INLINE uint32_t lh_lex_hex(uint8_t c)
{
    uint8_t letter = (uint8_t)((c | 0x20) - 'a');

    if (lh_lex_is_digit(c))
        return (uint32_t)c - '0';
    return letter < 6 ? letter + 10u : 16;
}

LH_INLINE bool lh_lex_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

#if LH_JSON_SSE2

LH_INLINE __m128i lh_lex_16(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* One bit for each of 16 bytes that is not plain. */
LH_INLINE uint32_t lh_lex_stops(__m128i bytes)
{
    /* compared as signed bytes, so that control characters and all above ASCII are below 0x20 */
    __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i back = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, back)));
}

/* The same, but text above ASCII passes. */
LH_INLINE uint32_t lh_lex_must_escape(__m128i bytes)
{
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i back = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, back)));
}

LH_INLINE uint32_t lh_lex_no_digits(__m128i bytes)
{
    __m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);

    return ~(uint32_t)_mm_movemask_epi8(digit) & 0xffff;
}

/* The first byte of [p, end) for which a bit is set in `mask`, which is about 16 bytes at p. */
#define LH_LEX_SKIP(mask)                                                                          \
    while (end - p >= 16) {                                                                        \
        uint32_t found = mask(lh_lex_16(p));                                                       \
        if (found)                                                                                 \
            return p + __builtin_ctz(found);                                                       \
        p += 16;                                                                                   \
    }

#else

/*
 * Whether eight bytes are all plain. A byte that is zero borrows from the byte above it, so only
 * the lowest find is exact; that is enough to say that there is one.
 */
LH_INLINE bool lh_lex_all_plain(uint64_t word)
{
    uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = (word ^ ones * '"') - ones;
    uint64_t back = (word ^ ones * '\\') - ones;
    uint64_t control = word - ones * 0x20;

    return ((word | quote | back | control) & ones * 0x80) == 0;
}

#define LH_LEX_SKIP_PLAIN                                                                          \
    while (end - p >= 8 && lh_lex_all_plain(lh_lex_load(p)))                                       \
    p += 8

#endif

/* The first byte that is not plain, or end. */
LH_INLINE const uint8_t *lh_lex_plain(const uint8_t *p, const uint8_t *end)
{
#if LH_JSON_SSE2
    LH_LEX_SKIP(lh_lex_stops);
#else
    LH_LEX_SKIP_PLAIN;
#endif
    while (p < end && lh_lex_is_plain(*p))
        p++;
    return p;
}

/* The first byte that must be escaped in a string, or end. */
LH_INLINE const uint8_t *lh_lex_unescaped(const uint8_t *p, const uint8_t *end)
{
#if LH_JSON_SSE2
    LH_LEX_SKIP(lh_lex_must_escape);
#endif
    while (p < end && (lh_lex_is_plain(*p) || *p >= 0x80)) {
        p++;
#if !LH_JSON_SSE2
        LH_LEX_SKIP_PLAIN;
#endif
    }
    return p;
}

/* The first byte that is no digit, or end. */
LH_INLINE const uint8_t *lh_lex_digits(const uint8_t *p, const uint8_t *end)
{
#if LH_JSON_SSE2
    LH_LEX_SKIP(lh_lex_no_digits);
#endif
    while (p < end && lh_lex_is_digit(*p))
        p++;
    return p;
}

/* The first byte that is ASCII, or end. */
LH_INLINE const uint8_t *lh_lex_beyond_ascii(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p >= 0x80)
        p++;
    return p;
}

/*
 * Hash of a name, 28 bits. `readable` bytes may be read from p on, at least n; with eight or
 * more, short names take no branch. Not secret: whoever uses it must bear collisions.
 */
LH_INLINE uint32_t lh_lex_hash(const uint8_t *p, size_t n, size_t readable)
{
    uint64_t hash = n * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word = 0;

    for (; n > 8; p += 8, n -= 8, readable -= 8) {
        hash = (hash ^ lh_lex_load(p)) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    if (LH_LIKELY(readable >= 8 && n))
        word = lh_lex_load(p) & (~UINT64_C(0) >> (64 - 8 * n));
    else
        for (size_t i = 0; i < n; i++)
            word |= (uint64_t)p[i] << 8 * i;
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 32;
    return (uint32_t)(hash * UINT64_C(0xc4ceb9fe1a85ec53) >> 36);
}

#endif
