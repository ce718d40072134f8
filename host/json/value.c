/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a scanned document, decoding and converting what is asked for.
 *
 * Decoded strings need no allocation of their own: the decoded text is never longer than the
 * source, so every string has its place, at its own offset, in one block as long as the text.
 * Asking twice gives the same bytes at the same address.
 */
#include "config.h"

#include "base/utf8.h"
#include "json/json_internal.h"
#include "json/lex.h"

#include <stdlib.h>

/* --- document and tape -------------------------------------------------------------------- */

/* The leaf that comes first below v; v itself when it is one. */
static const struct lh_json *first_leaf(const struct lh_json *v)
{
    while (lh_json_nests(v))
        v++;
    return v;
}

uint32_t lh_json_index(const struct lh_json *v)
{
    const struct lh_json *leaf;

    if (!v)
        return 0;
    leaf = first_leaf(v);
    return leaf->link - (uint32_t)(leaf - v);
}

struct lh_json_doc *lh_json_owner(const struct lh_json *v)
{
    const struct lh_json *leaf = first_leaf(v);
    struct lh_json_doc *doc;

    memcpy(&doc, leaf - leaf->link - 1, sizeof doc);
    return doc;
}

const struct lh_json *lh_json_root(const struct lh_json_doc *doc)
{
    return lh_json_at(doc, 0);
}

lh_str lh_json_text(const struct lh_json_doc *doc)
{
    return doc && doc->n ? doc->text : LH_STR("");
}

const struct lh_json *lh_json_tape(const struct lh_json_doc *doc, size_t *ret_n)
{
    *ret_n = doc ? doc->n : 0;
    return lh_json_root(doc);
}

const struct lh_json *lh_json_at(const struct lh_json_doc *doc, uint32_t index)
{
    return doc && index < doc->n ? doc->memory + 1 + index : NULL;
}

const struct lh_json *lh_json_duplicate(const struct lh_json_doc *doc)
{
    return doc && doc->duplicate ? lh_json_at(doc, doc->duplicate) : NULL;
}

bool lh_json_spaced(const struct lh_json_doc *doc)
{
    return doc && doc->n && doc->spaced;
}

struct lh_json_shape lh_json_shape(const struct lh_json_doc *doc)
{
    return (struct lh_json_shape){doc->depth, doc->duplicate, doc->spaced};
}

void lh_json_adopt(struct lh_json_doc *doc, lh_str text, struct lh_json *memory, uint32_t n,
                   struct lh_json_shape shape)
{
    doc->text = text;
    doc->memory = memory;
    doc->borrowed = true;
    doc->cap = doc->n = n;
    doc->depth = shape.depth;
    doc->duplicate = shape.duplicate;
    doc->spaced = shape.spaced;
    memcpy(memory, &doc, sizeof doc);
}

void lh_json_set_mark(struct lh_json_doc *doc, void *mark, lh_json_fill *fill)
{
    doc->mark = mark;
    doc->fill = fill;
}

void *lh_json_mark(const struct lh_json *v)
{
    return v ? lh_json_owner(v)->mark : NULL;
}

void *lh_json_marked(const struct lh_json *v, uint32_t *ret_index)
{
    const struct lh_json *leaf = first_leaf(v);
    const struct lh_json_doc *doc;

    memcpy(&doc, leaf - leaf->link - 1, sizeof doc);
    *ret_index = leaf->link - (uint32_t)(leaf - v);
    return doc->mark;
}

/* --- strings ------------------------------------------------------------------------------ */

static uint32_t hex4(const uint8_t *p)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 4 | lh_lex_hex(p[i]);
    return value;
}

/* The escape behind the backslash at p, which the scanner has checked; returns where it ends. */
static const uint8_t *decode_escape(const uint8_t *p, char **to)
{
    static const char from[] = "bfnrt";
    static const char into[] = "\b\f\n\r\t";
    const char *short_form = memchr(from, p[1], sizeof from - 1);
    uint32_t c;

    if (p[1] != 'u') {
        *(*to)++ = short_form ? into[short_form - from] : (char)p[1];
        return p + 2;
    }
    c = hex4(p + 2);
    p += 6;
    if (c >= 0xd800 && c <= 0xdfff) {
        c = 0x10000 + ((c & 0x3ff) << 10) + (hex4(p + 2) & 0x3ff);
        p += 6;
    }
    *to += lh_utf8_put(*to, c);
    return p;
}

static size_t decode_text(const uint8_t *p, const uint8_t *end, char *to)
{
    char *begin = to;

    while (p < end) {
        const uint8_t *stop = memchr(p, '\\', (size_t)(end - p));
        size_t run = (size_t)((stop ? stop : end) - p);

        memcpy(to, p, run);
        to += run;
        p = stop ? decode_escape(stop, &to) : end;
    }
    return (size_t)(to - begin);
}

static void reserve_decoded(struct lh_json_doc *doc)
{
    if (doc->decoded_cap >= doc->text.n)
        return;
    free(doc->decoded);
    doc->decoded = lh_xmalloc(doc->text.n);
    doc->decoded_cap = doc->text.n;
}

lh_str lh_json_decode(struct lh_json_doc *doc, const struct lh_json *string)
{
    lh_str inside = lh_str_n(doc->text.p + string->start + 1, string->len - 2);
    const uint8_t *p = (const uint8_t *)inside.p;
    char *to;

    if (!lh_json_escaped(string))
        return inside;
    reserve_decoded(doc);
    to = doc->decoded + string->start;
    return lh_str_n(to, decode_text(p, p + inside.n, to));
}

bool lh_json_key_is(struct lh_json_doc *doc, const struct lh_json *key, lh_str name)
{
    return lh_str_eq(lh_json_decode(doc, key), name);
}

lh_str lh_json_raw(const struct lh_json *v)
{
    return v ? lh_str_n(lh_json_owner(v)->text.p + v->start, v->len) : LH_STR("");
}

lh_str lh_json_str(const struct lh_json *v)
{
    switch (lh_json_kind(v)) {
    case LH_JSON_STRING:
        return lh_json_decode(lh_json_owner(v), v);
    case LH_JSON_NUMBER:
    case LH_JSON_TRUE:
    case LH_JSON_FALSE:
        return lh_json_raw(v);
    default:
        return LH_STR("");
    }
}

/* --- walking ------------------------------------------------------------------------------ */

int lh_json_kind(const struct lh_json *v)
{
    return v ? (int)lh_json_kind_of(v) : LH_JSON_NONE;
}

size_t lh_json_count(const struct lh_json *container)
{
    return container && lh_json_nests(container) ? container->info >> LH_JSON_SHIFT : 0;
}

static LH_COLD bool fill(const struct lh_json *container)
{
    const struct lh_json_doc *doc = lh_json_owner(container);

    return doc->fill && doc->fill(doc->mark, container);
}

const struct lh_json *lh_json_get(const struct lh_json *object, lh_str key)
{
    const struct lh_json *found = NULL;
    struct lh_json_doc *doc;
    const struct lh_json *end;
    uint32_t hash;

    if (!object || lh_json_kind_of(object) != LH_JSON_OBJECT || !lh_json_nests(object))
        return NULL;
    if (LH_UNLIKELY(lh_json_lacks_members(object)) && !fill(object))
        return NULL;
    doc = lh_json_owner(object);
    hash = lh_lex_hash((const uint8_t *)key.p, key.n, key.n);
    end = object + object->link;
    for (const struct lh_json *k = object + 1; k < end; k += 1 + lh_json_span(k + 1)) {
        if (k->info >> LH_JSON_SHIFT != hash || !lh_json_key_is(doc, k, key))
            continue;
        found = k + 1;
        if (!doc->duplicate)
            break;
    }
    return found;
}

const struct lh_json *lh_json_next(const struct lh_json *container, const struct lh_json *prev,
                                   lh_str *ret_key)
{
    const struct lh_json *next;

    if (!container || !lh_json_nests(container))
        return NULL;
    if (LH_UNLIKELY(lh_json_lacks_members(container)) && !fill(container))
        return NULL;
    next = prev ? prev + lh_json_span(prev) : container + 1;
    if (next <= container || next >= container + container->link)
        return NULL;
    if (lh_json_kind_of(container) == LH_JSON_ARRAY) {
        if (ret_key)
            *ret_key = LH_STR("");
        return next;
    }
    if (ret_key)
        *ret_key = lh_json_decode(lh_json_owner(container), next);
    return next + 1;
}

/* --- numbers ------------------------------------------------------------------------------ */

/* A number as digits, of which `n` from `first` on count, times ten to the `exponent`. */
struct decimal {
    const char *digits; /* there may be a point among them */
    size_t n;
    int64_t exponent;
    bool negative;
};

/* Far more than the digits of any text, far less than int64 can add up. */
#define EXPONENT_MAX (INT64_C(1) << 40)

static int64_t read_exponent(lh_str s)
{
    bool negative = s.n && s.p[0] == '-';
    int64_t value = 0;

    for (size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'); i < s.n; i++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (s.p[i] - '0');
    return negative ? -value : value;
}

/* Splits the text of a number; without zeros at either end of its digits. */
static struct decimal split(lh_str s)
{
    struct decimal d = {.negative = s.p[0] == '-'};
    size_t point;
    size_t end = 0;

    s = lh_str_n(s.p + d.negative, s.n - d.negative);
    while (end < s.n && (s.p[end] | 0x20) != 'e')
        end++;
    if (end < s.n)
        d.exponent = read_exponent(lh_str_n(s.p + end + 1, s.n - end - 1));
    for (point = 0; point < end && s.p[point] != '.'; point++)
        ;
    d.exponent -= point < end ? (int64_t)(end - point - 1) : 0;
    while (end && (s.p[end - 1] == '0' || s.p[end - 1] == '.'))
        d.exponent += s.p[--end] == '0';
    d.digits = s.p;
    d.n = end;
    while (d.n && (d.digits[0] == '0' || d.digits[0] == '.')) {
        d.digits++;
        d.n--;
    }
    return d;
}

/* Appends a digit to a value that is kept negative, because that is the wider side. */
static bool append_digit(int64_t *value, int digit)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_sub_overflow(*value, (int64_t)digit, value);
}

int lh_json_i64(const struct lh_json *v, int64_t *ret)
{
    struct decimal d;
    int64_t value = 0;

    if (lh_json_kind(v) != LH_JSON_NUMBER)
        return LH_INVALID;
    d = split(lh_json_raw(v));
    if (d.n && (d.exponent < 0 || d.exponent > 18))
        return LH_INVALID;
    for (size_t i = 0; i < d.n; i++)
        if (d.digits[i] != '.' && !append_digit(&value, d.digits[i] - '0'))
            return LH_INVALID;
    for (int64_t i = 0; d.n && i < d.exponent; i++)
        if (!append_digit(&value, 0))
            return LH_INVALID;
    if (!d.negative && value == INT64_MIN)
        return LH_INVALID;
    *ret = d.negative ? value : -value;
    return 0;
}
