/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers from outside; see number.h. */
#include "config.h"

#include "base/buf.h"
#include "base/number.h"

#include <strings.h>

#define FOUND_MAX       64 /* longer text is described, not cut: half a secret cannot be redacted */
#define FRACTION_DIGITS 9

/* A word and what it stands for. */
struct unit {
    const char *name;
    uint64_t factor;
};

static int refuse(lh_str text, const char *what, int code, const char *expected, struct lh_error *e)
{
    if (text.n == 0)
        return lh_error_set(e, code, "%s: expected %s, found nothing", what, expected);
    if (text.n > FOUND_MAX)
        return lh_error_set(e, code, "%s: expected %s, found a text of %zu bytes", what, expected,
                            text.n);
    return lh_error_set(e, code, "%s: expected %s, found \"%.*s\"", what, expected,
                        LH_STR_ARG(text));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes decimal digits from the front of *text: at least one, no leading zero, no overflow. */
static bool take_u64(lh_str *text, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t n = 0;

    for (; n < text->n && is_digit(text->p[n]); n++)
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text->p[n] - '0'), &value))
            return false;
    if (n == 0 || (n > 1 && text->p[0] == '0'))
        return false;
    *text = lh_str_n(text->p + n, text->n - n);
    *ret_value = value;
    return true;
}

static bool parse_i64(lh_str text, int64_t *ret_value)
{
    bool negative = text.n && text.p[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t value;

    if (negative)
        text = lh_str_n(text.p + 1, text.n - 1);
    if (!take_u64(&text, &value) || text.n || value > limit)
        return false;
    *ret_value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

int lh_number_i64(lh_str text, int64_t min, int64_t max, const char *what, int code,
                  int64_t *ret_value, struct lh_error *e)
{
    lh_auto(lh_buf) expected = LH_BUF_INIT(LH_BUF_TEXT);
    int64_t value;

    if (parse_i64(text, &value) && value >= min && value <= max) {
        *ret_value = value;
        return LH_DONE;
    }
    lh_buf_z(&expected, "a whole number from ");
    lh_buf_i64(&expected, min);
    lh_buf_z(&expected, " to ");
    lh_buf_i64(&expected, max);
    return refuse(text, what, code, lh_buf_text(&expected), e);
}

static const struct unit *find_unit(const struct unit *units, size_t n, lh_str name)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(units[i].name) == name.n && strncasecmp(units[i].name, name.p, name.n) == 0)
            return &units[i];
    return NULL;
}

static const struct unit byte_units[] = {
    {"", 1},
    {"K", UINT64_C(1) << 10},
    {"M", UINT64_C(1) << 20},
    {"G", UINT64_C(1) << 30},
    {"T", UINT64_C(1) << 40},
};

/* The largest unit that leaves a whole number: 16M and not 16777216. */
static void put_bytes(struct lh_buf *b, uint64_t bytes)
{
    size_t i = LH_LEN(byte_units);

    while (bytes && --i > 0 && bytes % byte_units[i].factor)
        ;
    lh_buf_u64(b, bytes ? bytes / byte_units[i].factor : 0);
    lh_buf_z(b, bytes ? byte_units[i].name : "");
}

static bool parse_bytes(lh_str text, uint64_t *ret_bytes)
{
    const struct unit *unit;
    uint64_t value;

    if (!take_u64(&text, &value))
        return false;
    if (text.n == 3 && strncasecmp(text.p + 1, "iB", 2) == 0)
        text.n = 1;
    unit = find_unit(byte_units, LH_LEN(byte_units), text);
    return unit && !__builtin_mul_overflow(value, unit->factor, ret_bytes);
}

int lh_number_bytes(lh_str text, uint64_t min, uint64_t max, const char *what, int code,
                    uint64_t *ret_bytes, struct lh_error *e)
{
    lh_auto(lh_buf) expected = LH_BUF_INIT(LH_BUF_TEXT);
    uint64_t bytes;

    if (parse_bytes(text, &bytes) && bytes >= min && bytes <= max) {
        *ret_bytes = bytes;
        return LH_DONE;
    }
    lh_buf_z(&expected, "a size from ");
    put_bytes(&expected, min);
    lh_buf_z(&expected, " to ");
    put_bytes(&expected, max);
    lh_buf_z(&expected, ", such as 512, 64K, 16M or 1G");
    return refuse(text, what, code, lh_buf_text(&expected), e);
}

static const struct unit time_units[] = {
    {"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

/* Takes ".5" from the front of *text, if there is one: its digits, and 10 to their number. */
static bool take_fraction(lh_str *text, uint64_t *ret_digits, uint64_t *ret_scale)
{
    uint64_t digits = 0;
    uint64_t scale = 1;
    size_t n = 1;

    if (text->n && text->p[0] == '.') {
        for (; n < text->n && is_digit(text->p[n]) && n <= FRACTION_DIGITS; n++) {
            digits = digits * 10 + (uint64_t)(text->p[n] - '0');
            scale *= 10;
        }
        if (n == 1)
            return false;
        *text = lh_str_n(text->p + n, text->n - n);
    }
    *ret_digits = digits;
    *ret_scale = scale;
    return true;
}

static bool parse_ms(lh_str text, uint64_t *ret_ms)
{
    const struct unit *unit;
    uint64_t whole;
    uint64_t digits;
    uint64_t scale;

    if (!take_u64(&text, &whole) || !take_fraction(&text, &digits, &scale))
        return false;
    unit = find_unit(time_units, LH_LEN(time_units), text);
    if (!unit || digits * unit->factor % scale)
        return false;
    return !__builtin_mul_overflow(whole, unit->factor, &whole) &&
           !__builtin_add_overflow(whole, digits * unit->factor / scale, ret_ms);
}

int lh_number_seconds(lh_str text, int64_t max_ms, const char *what, int code, int64_t *ret_ms,
                      struct lh_error *e)
{
    lh_auto(lh_buf) expected = LH_BUF_INIT(LH_BUF_TEXT);
    uint64_t ms;

    if (parse_ms(text, &ms) && max_ms >= 0 && ms <= (uint64_t)max_ms) {
        *ret_ms = (int64_t)ms;
        return LH_DONE;
    }
    lh_buf_z(&expected, "seconds from 0 to ");
    lh_buf_i64(&expected, max_ms / 1000);
    if (max_ms % 1000)
        lh_buf_f(&expected, ".%03d", (int)(max_ms % 1000));
    lh_buf_z(&expected, ", or a duration such as 1.5, 250ms, 2m or 1h");
    return refuse(text, what, code, lh_buf_text(&expected), e);
}

int lh_number_bool(lh_str text, const char *what, int code, bool *ret_value, struct lh_error *e)
{
    static const struct unit names[] = {
        {"true", 1}, {"yes", 1}, {"on", 1}, {"1", 1}, {"false", 0}, {"no", 0}, {"off", 0}, {"0", 0},
    };
    const struct unit *name = find_unit(names, LH_LEN(names), text);

    if (!name)
        return refuse(text, what, code, "true or false", e);
    *ret_value = name->factor != 0;
    return LH_DONE;
}
