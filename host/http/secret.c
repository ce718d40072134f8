/* SPDX-License-Identifier: Apache-2.0 */
/* Secret text; see secret.h. */
#include "config.h"

#include "http/secret.h"

#include <string.h>

void lh_secret_wipe(struct lh_buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->cap);
    lh_buf_free(b);
}

void lh_secret_begin(struct lh_secret *s, size_t room)
{
    lh_secret_wipe(&s->text);
    s->text.max = room;
    (void)lh_buf_room(&s->text, room);
}

void lh_secret_free(struct lh_secret *s)
{
    lh_secret_wipe(&s->text);
}

void lh_secret_set(struct lh_secret *s, lh_str text)
{
    lh_secret_begin(s, text.n);
    lh_buf_str(&s->text, text);
}

void lh_secret_join(struct lh_secret *s, lh_str a, const char *between, lh_str b)
{
    lh_secret_begin(s, a.n + strlen(between) + b.n);
    lh_buf_str(&s->text, a);
    lh_buf_z(&s->text, between);
    lh_buf_str(&s->text, b);
}

/* With padding (RFC 4648, 4): 4 bytes for each 3. */
static void put_base64(struct lh_buf *to, lh_str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < s.n; i += 3) {
        size_t n = s.n - i < 3 ? s.n - i : 3;
        uint32_t bits = (uint32_t)(unsigned char)s.p[i] << 16;

        if (n > 1)
            bits |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
        if (n > 2)
            bits |= (unsigned char)s.p[i + 2];
        lh_buf_char(to, digits[bits >> 18]);
        lh_buf_char(to, digits[bits >> 12 & 63]);
        lh_buf_char(to, n > 1 ? digits[bits >> 6 & 63] : '=');
        lh_buf_char(to, n > 2 ? digits[bits & 63] : '=');
    }
}

void lh_secret_basic(struct lh_secret *s, lh_str pair)
{
    lh_secret_begin(s, 6 + (pair.n + 2) / 3 * 4);
    lh_buf_z(&s->text, "Basic ");
    put_base64(&s->text, pair);
}

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~", c));
}

void lh_secret_encoded(struct lh_buf *to, lh_str s)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (is_unreserved(s.p[i])) {
            lh_buf_char(to, s.p[i]);
            continue;
        }
        lh_buf_char(to, '%');
        lh_buf_char(to, digits[c >> 4]);
        lh_buf_char(to, digits[c & 15]);
    }
}
