/* SPDX-License-Identifier: Apache-2.0 */
/* Base64; see base64.h. */
#include "config.h"

#include "base/base64.h"

void lh_base64_encode(struct lh_buf *to, lh_str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < s.n; i += 3) {
        size_t n = s.n - i < 3 ? s.n - i : 3;
        uint32_t bits = (uint32_t)(unsigned char)s.p[i] << 16;
        char four[4];

        if (n > 1)
            bits |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
        if (n > 2)
            bits |= (unsigned char)s.p[i + 2];
        four[0] = digits[bits >> 18];
        four[1] = digits[bits >> 12 & 63];
        four[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
        four[3] = n > 2 ? digits[bits & 63] : '=';
        lh_buf_add(to, four, sizeof four);
    }
}

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Without its padding; false for a padding that belongs elsewhere. */
static bool cut_padding(lh_str *text)
{
    size_t pads = 0;

    while (text->n && text->p[text->n - 1] == '=') {
        text->n--;
        pads++;
    }
    return pads == 0 || (pads < 3 && (text->n + pads) % 4 == 0);
}

bool lh_base64_decode(struct lh_buf *to, lh_str text)
{
    size_t before = to->n;
    uint32_t bits = 0;
    unsigned have = 0;
    bool good = cut_padding(&text) && text.n % 4 != 1;

    for (size_t i = 0; good && i < text.n; i++) {
        int value = digit(text.p[i]);

        good = value >= 0;
        bits = bits << 6 | (uint32_t)(value & 63);
        have += 6;
        if (have >= 8) {
            have -= 8;
            lh_buf_char(to, (char)(bits >> have & 255));
        }
    }
    /* what is left over is zero in every text that an encoder wrote */
    good = good && !(bits & ((1u << have) - 1)) && !to->failed;
    if (!good)
        lh_buf_cut(to, before);
    return good;
}
