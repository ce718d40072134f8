/* SPDX-License-Identifier: Apache-2.0 */
/* Plain scalars: the core schema of YAML 1.2 (section 10.3.2), and its traps; see scalar.h. */
#include "config.h"

#include "base/mem.h"
#include "yaml/scalar.h"
#include "json/text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

enum meaning { MEANS_NULL, MEANS_TRUE, MEANS_FALSE, MEANS_TRAP };

/* Booleans of YAML 1.1 only are traps. Each word counts in lower, Capital and UPPER case. */
static const struct {
    lh_str word;
    enum meaning meaning;
} words[] = {
    {LH_STR_INIT("null"), MEANS_NULL},   {LH_STR_INIT("true"), MEANS_TRUE},
    {LH_STR_INIT("false"), MEANS_FALSE}, {LH_STR_INIT("yes"), MEANS_TRAP},
    {LH_STR_INIT("no"), MEANS_TRAP},     {LH_STR_INIT("on"), MEANS_TRAP},
    {LH_STR_INIT("off"), MEANS_TRAP},    {LH_STR_INIT("y"), MEANS_TRAP},
    {LH_STR_INIT("n"), MEANS_TRAP},
};

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* lower, Capital or UPPER; not tRuE. */
static bool has_schema_case(lh_str s)
{
    bool first_lower = is_lower(s.p[0]);
    bool rest_lower = s.n > 1 ? is_lower(s.p[1]) : first_lower;

    for (size_t i = 1; i < s.n; i++)
        if (is_lower(s.p[i]) != rest_lower)
            return false;
    return !first_lower || rest_lower;
}

static int find_word(lh_str s)
{
    for (size_t i = 0; i < LH_LEN(words); i++)
        if (s.n == words[i].word.n && strncasecmp(s.p, words[i].word.p, s.n) == 0)
            return (int)i;
    return -1;
}

bool lh_yaml_is_word(lh_str s)
{
    return find_word(s) >= 0;
}

bool lh_yaml_is_null(lh_str plain)
{
    int word = find_word(plain);

    return plain.n == 0 || lh_str_eqz(plain, "~") ||
           (word >= 0 && words[word].meaning == MEANS_NULL && has_schema_case(plain));
}

static size_t digits(lh_str s, size_t at)
{
    size_t start = at;

    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at - start;
}

static size_t sign(lh_str s, size_t at)
{
    return at < s.n && (s.p[at] == '-' || s.p[at] == '+');
}

/* The digits of 0o17 or 0x1F when the whole of s is such a number. */
static bool is_based(lh_str s, char letter, const char *allowed)
{
    if (s.n < 3 || s.p[0] != '0' || s.p[1] != letter)
        return false;
    for (size_t i = 2; i < s.n; i++)
        if (!s.p[i] || !strchr(allowed, s.p[i]))
            return false;
    return true;
}

static bool is_decimal(lh_str s)
{
    size_t start = sign(s, 0);

    return s.n > start && digits(s, start) == s.n - start;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(lh_str s)
{
    size_t at = sign(s, 0);
    size_t whole = digits(s, at);
    size_t part = 0;

    at += whole;
    if (at < s.n && s.p[at] == '.') {
        part = digits(s, at + 1);
        at += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at += 1 + sign(s, at + 1);
        if (digits(s, at) == 0)
            return false;
        at += digits(s, at);
    }
    return at == s.n;
}

static bool is_inf_or_nan(lh_str s)
{
    static const char *const forms[] = {".inf", ".Inf", ".INF"};
    static const char *const nans[] = {".nan", ".NaN", ".NAN"};
    size_t start = sign(s, 0);
    lh_str rest = lh_str_n(s.p + start, s.n - start);

    for (size_t i = 0; i < LH_LEN(forms); i++)
        if (lh_str_eqz(rest, forms[i]) || lh_str_eqz(s, nans[i]))
            return true;
    return false;
}

static json_t *integer(lh_str s, unsigned base, const char **ret_why)
{
    bool negative = s.p[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t value = 0;

    for (size_t i = base == 10 ? sign(s, 0) : 2; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        unsigned digit = c <= '9' ? c - 48u : (c | 0x20u) - 97u + 10; /* '0', 'a' */

        if (value > (limit - digit) / base) {
            *ret_why = "found an integer that does not fit 64 bits; put it in quotes to keep its "
                       "digits";
            return NULL;
        }
        value = value * base + digit;
    }
    return json_integer(negative ? (json_int_t)(0 - value) : (json_int_t)value);
}

static json_t *decimal(lh_str s, const char **ret_why)
{
    size_t start = sign(s, 0);

    if (s.p[start] == '0' && s.n - start > 1) {
        *ret_why = "found a number with a leading zero, which is octal to some readers and decimal "
                   "to others; drop the zero, or put it in quotes when it is text";
        return NULL;
    }
    return integer(s, 10, ret_why);
}

static json_t *real(lh_str s, const char **ret_why)
{
    char *text lh_autofree = lh_xmemdup0(s.p, s.n);
    double value = lh_text_to_real(text);

    if (isfinite(value))
        return json_real(value);
    *ret_why = "found a number that no double can hold; put it in quotes to keep its digits";
    return NULL;
}

static json_t *word_value(lh_str s, int word, const char **ret_why)
{
    if (!has_schema_case(s))
        return json_stringn_nocheck(s.p, s.n);
    if (words[word].meaning != MEANS_TRAP)
        return words[word].meaning == MEANS_NULL ? json_null()
                                                 : json_boolean(words[word].meaning == MEANS_TRUE);
    *ret_why = "found a word that is a boolean to some readers and text to others; write true or "
               "false, or put it in quotes when it is text";
    return NULL;
}

json_t *lh_yaml_resolve(lh_str plain, const char **ret_why)
{
    int word = find_word(plain);

    if (lh_yaml_is_null(plain))
        return json_null();
    if (word >= 0)
        return word_value(plain, word, ret_why);
    if (is_decimal(plain))
        return decimal(plain, ret_why);
    if (is_based(plain, 'o', "01234567"))
        return integer(plain, 8, ret_why);
    if (is_based(plain, 'x', "0123456789abcdefABCDEF"))
        return integer(plain, 16, ret_why);
    if (is_real(plain))
        return real(plain, ret_why);
    if (is_inf_or_nan(plain)) {
        *ret_why = "found an infinity or a NaN, which JSON does not have; put it in quotes when it "
                   "is text";
        return NULL;
    }
    return json_stringn_nocheck(plain.p, plain.n);
}
