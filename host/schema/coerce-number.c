/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coercion to boolean and numbers. Numbers are texts of digits with a point and an exponent, and
 * stay that: nothing here is a double. The rules stand in coerce.h.
 */
#include "config.h"

#include "schema/coerce_internal.h"

#include <stdlib.h>

/* Exponents are cut here; no text is long enough to shift digits that far. */
#define EXPONENT_MAX INT64_C(1000000000000)

/*
 * A decimal number in parts that point into its text. Its digits are those of whole and fraction
 * in a row; `first` is the index of the first that is not 0 (digits: all are), and `before` says
 * how many digits from there stand before the decimal point when the exponent is worked in; it is
 * negative for 0.001.
 */
struct number {
    bool negative;
    lh_str whole, fraction, exponent;
    size_t digits, first;
    int64_t before;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static lh_str take_digits(lh_str *s)
{
    lh_str digits = lh_str_n(s->p, 0);

    while (digits.n < s->n && is_digit(s->p[digits.n]))
        digits.n++;
    s->p += digits.n;
    s->n -= digits.n;
    return digits;
}

static bool take(lh_str *s, char a, char b)
{
    if (!s->n || (s->p[0] != a && s->p[0] != b))
        return false;
    s->p++;
    s->n--;
    return true;
}

static char digit(const struct number *n, size_t i)
{
    if (i < n->whole.n)
        return n->whole.p[i];
    return i < n->digits ? n->fraction.p[i - n->whole.n] : '0';
}

/* The exponent with its sign as a number, cut at EXPONENT_MAX; false when there are no digits. */
static bool take_exponent(lh_str *s, struct number *n, int64_t *ret)
{
    bool negative = s->n && s->p[0] == '-';
    int64_t value = 0;

    if (!take(s, '-', '+'))
        negative = false;
    n->exponent = take_digits(s);
    for (size_t i = 0; i < n->exponent.n && value < EXPONENT_MAX; i++)
        value = value * 10 + (n->exponent.p[i] - '0');
    *ret = negative ? -value : value;
    return n->exponent.n > 0;
}

/* What JSON calls a number, and what people type: +1, .5, 5., 007. */
static bool parse(lh_str s, struct number *ret)
{
    struct number n = {.negative = s.n && s.p[0] == '-'};
    int64_t exponent = 0;

    take(&s, '-', '+');
    n.whole = take_digits(&s);
    if (take(&s, '.', '.'))
        n.fraction = take_digits(&s);
    n.digits = n.whole.n + n.fraction.n;
    if (!n.digits || (take(&s, 'e', 'E') && !take_exponent(&s, &n, &exponent)) || s.n)
        return false;
    while (n.first < n.digits && digit(&n, n.first) == '0')
        n.first++;
    n.before = (int64_t)n.whole.n - (int64_t)n.first + exponent;
    *ret = n;
    return true;
}

static bool is_zero(const struct number *n)
{
    return n->first == n->digits;
}

/* Whether any digit from the one at `from` (counted from the first that is not 0) is not 0. */
static bool has_more(const struct number *n, int64_t from)
{
    size_t left = n->digits - n->first;
    size_t skip = from < 0 ? 0 : (uint64_t)from > left ? left : (size_t)from;

    for (size_t i = n->first + skip; i < n->digits; i++)
        if (digit(n, i) != '0')
            return true;
    return false;
}

/* --- integers and boolean ----------------------------------------------------------------- */

/* Exactly, or not at all. The magnitude of INT64_MIN does not fit a positive int64_t. */
static bool to_integer(const struct number *n, int64_t *ret)
{
    uint64_t limit = (uint64_t)INT64_MAX + n->negative;
    uint64_t value = 0;

    if (is_zero(n)) {
        *ret = 0;
        return true;
    }
    if (n->before <= 0 || n->before > 19 || has_more(n, n->before))
        return false;
    for (int64_t i = 0; i < n->before; i++)
        value = value * 10 + (uint64_t)(digit(n, n->first + (size_t)i) - '0');
    if (value > limit)
        return false;
    *ret = n->negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* The usual case without further ado: up to 18 digits, nothing else. */
static bool plain_integer(lh_str s, int64_t *ret)
{
    int64_t value = 0;

    if (s.n == 0 || s.n > 18)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
        value = value * 10 + (s.p[i] - '0');
    }
    *ret = value;
    return true;
}

static bool read_integer(const struct lh_json *v, int64_t *ret)
{
    lh_str s = lh_coerce_text(v);
    struct number n;

    return plain_integer(s, ret) || (parse(s, &n) && to_integer(&n, ret));
}

enum lh_outcome lh_coerce_integer(const struct lh_type *type, const struct lh_json *v,
                                  struct lh_buf *to)
{
    static const int64_t most[] = {
        [LH_TYPE_BYTE] = INT8_MAX,
        [LH_TYPE_SHORT] = INT16_MAX,
        [LH_TYPE_INT] = INT32_MAX,
        [LH_TYPE_LONG] = INT64_MAX,
    };
    int64_t value = 0;

    if (!read_integer(v, &value) || value > most[type->kind] || value < -most[type->kind] - 1)
        return LH_OUTCOME_REJECTED;
    lh_buf_i64(to, value);
    return LH_OUTCOME_KEPT;
}

static bool is_word(lh_str s, const char *word)
{
    size_t n = strlen(word);

    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]) != word[i])
            return false;
    return true;
}

/* 1, 0, or -1 for a text that is neither. */
static int truth(lh_str s)
{
    static const char *const words[] = {"false", "true", "f", "t", "no", "yes", "n", "y", "0", "1"};

    for (size_t i = 0; i < LH_LEN(words); i++)
        if (is_word(s, words[i]))
            return (int)(i % 2);
    return -1;
}

enum lh_outcome lh_coerce_boolean(const struct lh_type *type, const struct lh_json *v,
                                  struct lh_buf *to)
{
    int kind = lh_json_kind(v);
    int64_t value = -1;

    (void)type;
    if (kind == LH_JSON_TRUE || kind == LH_JSON_FALSE)
        value = kind == LH_JSON_TRUE;
    else if (kind == LH_JSON_STRING)
        value = truth(lh_coerce_text(v));
    else if (kind == LH_JSON_NUMBER && !read_integer(v, &value))
        value = -1;
    if (value != 0 && value != 1)
        return LH_OUTCOME_REJECTED;
    lh_buf_z(to, value ? "true" : "false");
    return LH_OUTCOME_KEPT;
}

/* --- decimal ------------------------------------------------------------------------------ */

/* The unscaled value: its digits without leading zeros, 38 at most and one of a carry. */
struct unscaled {
    char digits[40];
    size_t n;
};

/* Adds one in the last place. */
static void increment(struct unscaled *u)
{
    size_t i = u->n;

    while (i && u->digits[i - 1] == '9')
        u->digits[--i] = '0';
    if (i) {
        u->digits[i - 1]++;
        return;
    }
    memmove(u->digits + 1, u->digits, u->n);
    u->digits[0] = '1';
    u->n++;
}

/* The number to `scale` digits behind the point, half away from zero. False: above 38 digits. */
static bool scale_to(const struct number *n, uint32_t scale, struct unscaled *ret)
{
    int64_t keep = n->before + (int64_t)scale;

    ret->n = 0;
    if (is_zero(n) || keep < 0)
        return true;
    if (keep > 38)
        return false;
    for (; ret->n < (size_t)keep; ret->n++)
        ret->digits[ret->n] = digit(n, n->first + ret->n);
    if (digit(n, n->first + (size_t)keep) >= '5')
        increment(ret);
    return true;
}

static void write_unscaled(struct lh_buf *to, bool negative, const struct unscaled *u, size_t scale)
{
    size_t whole = u->n > scale ? u->n - scale : 0;

    if (negative && u->n)
        lh_buf_char(to, '-');
    if (whole)
        lh_buf_add(to, u->digits, whole);
    else
        lh_buf_char(to, '0');
    if (!scale)
        return;
    lh_buf_char(to, '.');
    lh_buf_fill(to, '0', scale - (u->n - whole));
    lh_buf_add(to, u->digits + whole, u->n - whole);
}

enum lh_outcome lh_coerce_decimal(const struct lh_type *type, const struct lh_json *v,
                                  struct lh_buf *to)
{
    struct number n;
    struct unscaled u;

    if (!parse(lh_coerce_text(v), &n) || !scale_to(&n, type->scale, &u) || u.n > type->precision)
        return LH_OUTCOME_REJECTED;
    write_unscaled(to, n.negative, &u, type->scale);
    return !is_zero(&n) && has_more(&n, n.before + (int64_t)type->scale) ? LH_OUTCOME_ROUNDED
                                                                         : LH_OUTCOME_KEPT;
}

/* --- float and double --------------------------------------------------------------------- */

/* The first 20 digits of the least number that rounds to infinity, and its digits before the
 * point. */
static const struct {
    int64_t before;
    char digits[21];
} too_large[] = {
    {39, "34028235677973366163"},
    {309, "17976931348623158079"},
};

static bool is_finite(const struct number *n, bool is_double)
{
    const char *limit = too_large[is_double].digits;
    int64_t before = too_large[is_double].before;

    if (is_zero(n) || n->before != before)
        return is_zero(n) || n->before < before;
    for (size_t i = 0; i < 20; i++) {
        char c = digit(n, n->first + i);

        if (c != limit[i])
            return c < limit[i];
    }
    return false;
}

/* The grammar of JSON wants a digit on both sides of the point, no zero in front and no plus. */
static void write_number(struct lh_buf *to, const struct number *n)
{
    lh_str whole = n->whole;

    while (whole.n > 1 && whole.p[0] == '0') {
        whole.p++;
        whole.n--;
    }
    if (n->negative)
        lh_buf_char(to, '-');
    lh_buf_str(to, whole.n ? whole : LH_STR("0"));
    if (n->fraction.n) {
        lh_buf_char(to, '.');
        lh_buf_str(to, n->fraction);
    }
    if (n->exponent.n) {
        lh_buf_z(to, n->exponent.p[-1] == '-' ? "e-" : "e");
        lh_buf_str(to, n->exponent);
    }
}

/* The names that Spark's JSON reader knows, and writes. */
static const char *special(lh_str s)
{
    bool negative = take(&s, '-', '-');

    if (!negative && is_word(s, "nan"))
        return "\"NaN\"";
    if (!negative)
        take(&s, '+', '+');
    if (is_word(s, "infinity") || is_word(s, "inf"))
        return negative ? "\"-Infinity\"" : "\"Infinity\"";
    return NULL;
}

enum lh_outcome lh_coerce_float(const struct lh_type *type, const struct lh_json *v,
                                struct lh_buf *to)
{
    lh_str s = lh_coerce_text(v);
    const char *name;
    struct number n;

    if (parse(s, &n)) {
        if (!is_finite(&n, type->kind == LH_TYPE_DOUBLE))
            return LH_OUTCOME_REJECTED;
        if (lh_json_kind(v) == LH_JSON_NUMBER)
            lh_buf_str(to, s);
        else
            write_number(to, &n);
        return LH_OUTCOME_KEPT;
    }
    name = special(s);
    if (!name)
        return LH_OUTCOME_REJECTED;
    lh_buf_z(to, name);
    return LH_OUTCOME_KEPT;
}
