/* SPDX-License-Identifier: Apache-2.0 */
/* Places, refusals and reals for both document readers; see text.h. */
#include "config.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "json/text.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#define QUOTE_MAX ((size_t)60)

void lh_text_place(struct lh_text_cursor *cursor, size_t offset, size_t *ret_line,
                   size_t *ret_column)
{
    const char *p = cursor->text.p;

    if (offset > cursor->text.n)
        offset = cursor->text.n;
    if (offset < cursor->at)
        *cursor = (struct lh_text_cursor){.text = cursor->text};
    while (cursor->at < offset) {
        const char *lf = memchr(p + cursor->at, '\n', offset - cursor->at);

        cursor->at = lf ? (size_t)(lf - p) + 1 : offset;
        if (lf) {
            cursor->breaks++;
            cursor->line_start = cursor->at;
        }
    }
    *ret_line = cursor->breaks + 1;
    *ret_column = offset - cursor->line_start + 1;
}

int lh_text_error(lh_str text, const char *name, size_t offset, struct lh_error *e,
                  const char *format, ...)
{
    struct lh_text_cursor cursor = {.text = text};
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);
    size_t line;
    size_t column;
    va_list args;

    va_start(args, format);
    lh_buf_vf(&what, format, args);
    va_end(args);
    lh_text_place(&cursor, offset, &line, &column);
    return lh_error_set(e, LH_INVALID, "%s:%zu:%zu: %s", name, line, column, lh_buf_text(&what));
}

int lh_text_check(lh_str text, const char *name, size_t max_bytes, struct lh_error *e)
{
    size_t valid;

    if (text.n > max_bytes)
        return lh_error_set(e, LH_INVALID, "%s: found %zu bytes, expected at most %zu", name,
                            text.n, max_bytes);
    valid = lh_utf8_valid_prefix(text);
    if (valid < text.n)
        return lh_text_error(text, name, valid, e,
                             "found the byte 0x%02x, expected UTF-8; convert the text to UTF-8",
                             (unsigned char)text.p[valid]);
    return 0;
}

char *lh_text_quote(lh_str s)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    size_t n = s.n;

    if (n > QUOTE_MAX)
        for (n = QUOTE_MAX; n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
            n--;
    lh_buf_char(&b, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 0x20 || c == 0x7f)
            lh_buf_f(&b, "\\x%02x", c);
        else
            lh_buf_char(&b, s.p[i]);
    }
    lh_buf_z(&b, n < s.n ? "...\"" : "\"");
    return lh_buf_take(&b);
}

/* Numbers have a point and no grouping whatever the user's locale says. */
struct c_locale {
    locale_t own;
    locale_t before;
};

static void c_locale_free(struct c_locale *l)
{
    uselocale(l->before);
    if (l->own)
        freelocale(l->own);
}

static void use_c_locale(struct c_locale *l)
{
    l->own = newlocale(LC_ALL_MASK, "C", NULL);
    l->before = uselocale(l->own);
}

void lh_text_real(double value, char ret[32])
{
    lh_auto(c_locale) l = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT(31);
    char digits[32];
    size_t mantissa;

    use_c_locale(&l);
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    /* YAML 1.1 wants a point in every real, and YAML 1.2 would read 100000 as an integer. */
    mantissa = strcspn(digits, "e");
    lh_buf_add(&b, digits, mantissa);
    if (!memchr(digits, '.', mantissa))
        lh_buf_z(&b, ".0");
    lh_buf_z(&b, digits + mantissa);
    memcpy(ret, lh_buf_text(&b), b.n + 1);
}

double lh_text_to_real(const char *number)
{
    lh_auto(c_locale) l = {0};

    use_c_locale(&l);
    return strtod(number, NULL);
}
