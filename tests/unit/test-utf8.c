/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tap.h"

#include <stdlib.h>

/*
 * A decoder of its own, from the definition: the bits of the sequence, then what RFC 3629 rules
 * out by value. Returns the length, 0 when the bytes are no sequence.
 */
static size_t decode(const unsigned char *p, size_t n, uint32_t *ret_c)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = p[0] < 0x80             ? 1
                    : (p[0] & 0xe0) == 0xc0 ? 2
                    : (p[0] & 0xf0) == 0xe0 ? 3
                    : (p[0] & 0xf8) == 0xf0 ? 4
                                            : 0;
    uint32_t c = length == 1 ? p[0] : p[0] & (0x7fu >> length);

    if (length == 0 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c * 64 + (p[i] & 0x3f);
    }
    if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret_c = c;
    return length;
}

/* Both decoders on the same bytes, and what was read is written back. */
static bool agree(const unsigned char *p, size_t n)
{
    lh_str s = lh_str_n((const char *)p, n);
    uint32_t want = 0;
    uint32_t got = 0;
    size_t length = decode(p, n, &want);
    size_t at = 0;
    char back[4];

    if (length == 0) {
        got = lh_utf8_next_any(s, &at);
        return lh_utf8_valid_prefix(s) == 0 && at == 1 && got == LH_UTF8_BAD + p[0];
    }
    if (lh_utf8_valid_prefix(lh_str_n(s.p, length)) != length)
        return false;
    got = lh_utf8_next(s, &at);
    if (got != want || at != length)
        return false;
    at = 0;
    return lh_utf8_next_any(s, &at) == want && at == length && lh_utf8_put(back, want) == length &&
           memcmp(back, p, length) == 0;
}

static void test_two_bytes(void)
{
    int bad = 0;

    for (unsigned i = 0; i < 0x10000; i++) {
        unsigned char p[2] = {(unsigned char)(i >> 8), (unsigned char)i};

        bad += !agree(p, 2) || !agree(p, 1);
    }
    is_int(bad, 0, "every sequence of two bytes");
}

static void test_boundaries(void)
{
    static const unsigned char bytes[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                          0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                                          0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfc, 0xff};
    size_t n = LH_LEN(bytes);
    int bad = 0;

    for (size_t i = 0; i < n * n * n * n; i++) {
        unsigned char p[4] = {bytes[i % n], bytes[i / n % n], bytes[i / n / n % n],
                              bytes[i / n / n / n]};

        bad += !agree(p, 4) || !agree(p, 3);
    }
    is_int(bad, 0, "every boundary of three and four bytes");
}

static void test_all_code_points(void)
{
    int bad = 0;

    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char p[4];

        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        bad += !lh_utf8_valid(lh_str_n(p, lh_utf8_put(p, c)));
    }
    is_int(bad, 0, "every code point is written as valid UTF-8");
}

/* The prefix is found where it is, whatever the alignment of the eight-byte steps. */
static void test_prefix(void)
{
    int bad = 0;

    for (size_t n = 0; n <= 40; n++) {
        for (size_t at = 0; at < n; at++) {
            char *text lh_autofree = lh_xmalloc(n);

            memset(text, 'x', n);
            bad += lh_utf8_valid_prefix(lh_str_n(text, n)) != n;
            text[at] = (char)0xff;
            bad += lh_utf8_valid_prefix(lh_str_n(text, n)) != at;
        }
    }
    is_int(bad, 0, "a bad byte at every place of every length to 40");
    ok(lh_utf8_valid(LH_STR("")), "the empty text is valid");
    ok(lh_utf8_valid(lh_str_n("a\0b", 3)), "NUL is a character");
    is_int(lh_utf8_valid_prefix(LH_STR("abc\xe2\x82")), 3, "a sequence that is cut off");
}

static void test_width(void)
{
    is_int(lh_utf8_width(LH_STR("")), 0, "nothing");
    is_int(lh_utf8_width(LH_STR("\xc3\xa9t\xc3\xa9")), 3, "narrow");
    is_int(lh_utf8_width(LH_STR("\xe6\xbc\xa2\xe5\xad\x97!")), 5, "wide");
    is_int(lh_utf8_width(LH_STR("\xf0\x9f\x98\x80")), 2, "an emoji");
}

int main(void)
{
    RUN(test_two_bytes);
    RUN(test_boundaries);
    RUN(test_all_code_points);
    RUN(test_prefix);
    RUN(test_width);
    return tap_done();
}
