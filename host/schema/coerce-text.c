/* SPDX-License-Identifier: Apache-2.0 */
/* Coercion of what is text, or taken as it is; the rules stand in coerce.h. */
#include "config.h"

#include "schema/coerce_internal.h"

lh_str lh_coerce_text(const struct lh_json *v)
{
    int kind = lh_json_kind(v);
    lh_str s = kind == LH_JSON_STRING || kind == LH_JSON_NUMBER ? lh_json_str(v) : LH_STR("");

    while (s.n && (unsigned char)s.p[0] <= ' ') {
        s.p++;
        s.n--;
    }
    while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
        s.n--;
    return s;
}

void lh_coerce_quote(struct lh_buf *to, lh_str plain)
{
    lh_buf_char(to, '"');
    lh_buf_str(to, plain);
    lh_buf_char(to, '"');
}

static enum lh_outcome container_text(const struct lh_json *v, struct lh_buf *to)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(to->max);

    lh_json_write(&text, v);
    to->failed = to->failed || text.failed;
    lh_json_write_str(to, lh_buf_slice(&text));
    return LH_OUTCOME_KEPT;
}

enum lh_outcome lh_coerce_string(const struct lh_type *type, const struct lh_json *v,
                                 struct lh_buf *to)
{
    int kind = lh_json_kind(v);

    (void)type;
    if (kind == LH_JSON_STRING)
        lh_buf_str(to, lh_json_raw(v));
    else if (kind == LH_JSON_ARRAY || kind == LH_JSON_OBJECT)
        return container_text(v, to);
    else
        lh_coerce_quote(to, lh_json_raw(v));
    return LH_OUTCOME_KEPT;
}

/* Every byte but the second and later ones of a sequence. */
static size_t count_code_points(lh_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

enum lh_outcome lh_coerce_limited(const struct lh_type *type, const struct lh_json *v,
                                  struct lh_buf *to)
{
    int kind = lh_json_kind(v);
    lh_str text = lh_json_str(v);

    if (kind == LH_JSON_ARRAY || kind == LH_JSON_OBJECT) {
        lh_auto(lh_buf) compact = LH_BUF_INIT(to->max);

        lh_json_write(&compact, v);
        if (compact.failed || count_code_points(lh_buf_slice(&compact)) > type->length)
            return LH_OUTCOME_REJECTED;
    } else if (count_code_points(text) > type->length) {
        return LH_OUTCOME_REJECTED;
    }
    return lh_coerce_string(type, v, to);
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

enum lh_outcome lh_coerce_binary(const struct lh_type *type, const struct lh_json *v,
                                 struct lh_buf *to)
{
    lh_str s = lh_json_str(v);
    size_t n = s.n;

    (void)type;
    if (lh_json_kind(v) != LH_JSON_STRING || n % 4)
        return LH_OUTCOME_REJECTED;
    for (int i = 0; i < 2 && n && s.p[n - 1] == '='; i++)
        n--;
    for (size_t i = 0; i < n; i++)
        if (!is_base64(s.p[i]))
            return LH_OUTCOME_REJECTED;
    lh_buf_str(to, lh_json_raw(v));
    return LH_OUTCOME_KEPT;
}

enum lh_outcome lh_coerce_interval(const struct lh_type *type, const struct lh_json *v,
                                   struct lh_buf *to)
{
    (void)type;
    if (lh_json_kind(v) != LH_JSON_STRING)
        return LH_OUTCOME_REJECTED;
    lh_buf_str(to, lh_json_raw(v));
    return LH_OUTCOME_KEPT;
}

enum lh_outcome lh_coerce_variant(const struct lh_type *type, const struct lh_json *v,
                                  struct lh_buf *to)
{
    (void)type;
    lh_json_write(to, v);
    return LH_OUTCOME_KEPT;
}

enum lh_outcome lh_coerce_void(const struct lh_type *type, const struct lh_json *v,
                               struct lh_buf *to)
{
    (void)type;
    (void)v;
    (void)to;
    return LH_OUTCOME_REJECTED;
}
