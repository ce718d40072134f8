/* SPDX-License-Identifier: Apache-2.0 */
/* Secret text; see secret.h. */
#include "config.h"

#include "http/secret.h"

#include "base/base64.h"

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

void lh_secret_basic(struct lh_secret *s, lh_str pair)
{
    lh_secret_begin(s, 6 + (pair.n + 2) / 3 * 4);
    lh_buf_z(&s->text, "Basic ");
    lh_base64_encode(&s->text, pair);
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
