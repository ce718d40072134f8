/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes secrets out of text; see redact.h.
 *
 * Nothing is decoded as a whole. At each place where a form could begin, it is compared piece by
 * piece in three spellings: plain, percent-encoded, escaped. In each of them the text says which
 * piece comes next (one byte, %2F, \u002f), so there is nothing to try twice. What matched is
 * marked; only then is the text copied, so matches may overlap as they like.
 */
#include "config.h"

#include "base/redact.h"
#include "base/utf8.h"

#include <stdlib.h>

#define DERIVED_MIN 4  /* bytes of a secret that is looked for in other spellings */
#define CUT_MIN     8  /* bytes of a form that count when the text ends in it */
#define LINE_MIN    16 /* bytes of a line that is a secret of its own */

enum spelling { PLAIN, PERCENT, ESCAPED, SPELLINGS };

struct lh_redact_form {
    char *p;
    size_t n;
    bool base64;  /* '-' is as good as '+', '_' as good as '/' */
    bool derived; /* all spellings, not just the plain one */
    /* Characters of base64 on each side that share bits with the secret. */
    size_t before, after;
};

/* What the text shows at one place: `n` bytes of meaning in `taken` bytes of text. */
struct piece {
    char bytes[4];
    size_t n, taken;
    bool lost; /* U+FFFD: some byte from 0x80 on */
};

static void wipe(char *p, size_t n)
{
    explicit_bzero(p, n);
    free(p);
}

void lh_redactor_free(struct lh_redactor *r)
{
    for (size_t i = 0; i < r->n; i++)
        wipe(r->forms[i].p, r->forms[i].n);
    free(r->forms);
    *r = (struct lh_redactor)LH_REDACTOR_INIT;
}

static bool is_known(const struct lh_redactor *r, const struct lh_redact_form *form)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->forms[i].base64 == form->base64 && r->forms[i].before == form->before &&
            r->forms[i].after == form->after &&
            lh_str_eq(lh_str_n(r->forms[i].p, r->forms[i].n), lh_str_n(form->p, form->n)))
            return true;
    return false;
}

static void mark_first(struct lh_redactor *r, const struct lh_redact_form *form)
{
    unsigned char c = (unsigned char)form->p[0];

    r->first[c] = true;
    if (!form->derived)
        return;
    r->first['%'] = r->first['\\'] = true;
    if (c == ' ')
        r->first['+'] = true;
    if (c >= 0x80)
        r->first[0xef] = true;
    if (form->base64 && c == '+')
        r->first['-'] = true;
    if (form->base64 && c == '/')
        r->first['_'] = true;
}

/* Takes form.p over. */
static void add_form(struct lh_redactor *r, struct lh_redact_form form)
{
    if (form.n == 0 || is_known(r, &form)) {
        wipe(form.p, form.n);
        return;
    }
    r->forms = lh_xgrow(r->forms, r->n, &r->cap, sizeof *r->forms);
    r->forms[r->n++] = form;
    mark_first(r, &form);
}

static void add_plain(struct lh_redactor *r, lh_str secret)
{
    add_form(r, (struct lh_redact_form){.p = lh_xmemdup0(secret.p, secret.n),
                                        .n = secret.n,
                                        .derived = secret.n >= DERIVED_MIN});
}

/* The six bits of base64 at `bit` of the secret; all of them are inside it. */
static char base64_char(lh_str secret, size_t bit)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = bit / 8;
    unsigned pair = (unsigned)(unsigned char)secret.p[at] << 8;

    if (at + 1 < secret.n)
        pair |= (unsigned char)secret.p[at + 1];
    return alphabet[pair >> (10 - bit % 8) & 63];
}

/*
 * The secret inside longer base64 text, with `shift` bytes (mod 3) before it: the characters
 * that depend on nothing else. They begin at its first bit that a character begins with.
 */
static void add_base64(struct lh_redactor *r, lh_str secret, size_t shift)
{
    static const size_t first_bit[] = {0, 4, 2};
    size_t bit = first_bit[shift];
    size_t n = (secret.n * 8 - bit) / 6;
    char *p = lh_xmalloc(n + 1);

    for (size_t i = 0; i < n; i++)
        p[i] = base64_char(secret, bit + 6 * i);
    add_form(r, (struct lh_redact_form){.p = p,
                                        .n = n,
                                        .base64 = true,
                                        .derived = true,
                                        .before = bit ? 1 : 0,
                                        .after = (secret.n * 8 - bit) % 6 ? 1 : 0});
}

static void add_secret(struct lh_redactor *r, lh_str secret)
{
    add_plain(r, secret);
    for (size_t shift = 0; shift < 3 && secret.n >= DERIVED_MIN; shift++)
        add_base64(r, secret, shift);
}

void lh_redactor_add(struct lh_redactor *r, lh_str secret)
{
    size_t from = 0;

    if (secret.n == 0 || secret.n > SIZE_MAX / 8)
        return;
    add_secret(r, secret);
    while (from < secret.n) {
        const char *end = memchr(secret.p + from, '\n', secret.n - from);
        size_t to = end ? (size_t)(end - secret.p) : secret.n;

        if (to - from >= LINE_MIN && to - from < secret.n)
            add_secret(r, lh_str_n(secret.p + from, to - from));
        from = to + 1;
    }
}

/* The value of `digits` hex digits at `at`, or -1. */
static int32_t hex(lh_str text, size_t at, size_t digits)
{
    int32_t value = 0;

    if (text.n - at < digits)
        return -1;
    for (size_t i = at; i < at + digits; i++) {
        char c = text.p[i];
        char low = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (low >= 'a' && low <= 'f')
            value = value * 16 + (low - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static struct piece one_byte(char c, size_t taken)
{
    return (struct piece){.bytes = {c}, .n = 1, .taken = taken};
}

static struct piece code_point(int32_t value, size_t taken)
{
    struct piece piece = {.taken = taken};

    piece.n = lh_utf8_put(piece.bytes, (uint32_t)value);
    return piece;
}

/* \uXXXX at `at`, or two of them that are one character. */
static struct piece read_unicode(lh_str text, size_t at)
{
    int32_t value = hex(text, at + 2, 4);
    int32_t second;

    if (value < 0)
        return one_byte('\\', 1);
    if (value < 0xd800 || value > 0xdfff)
        return code_point(value, 6);
    if (value > 0xdbff || text.n - at < 12 || text.p[at + 6] != '\\' || text.p[at + 7] != 'u')
        return one_byte('\\', 1);
    second = hex(text, at + 8, 4);
    if (second < 0xdc00 || second > 0xdfff)
        return one_byte('\\', 1);
    return code_point(0x10000 + ((value - 0xd800) << 10) + (second - 0xdc00), 12);
}

static struct piece read_escape(lh_str text, size_t at)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *name;

    if (text.n - at >= 2 && text.p[at + 1] == 'u')
        return read_unicode(text, at);
    if (text.n - at >= 4 && text.p[at + 1] == 'x' && hex(text, at + 2, 2) >= 0)
        return one_byte((char)hex(text, at + 2, 2), 4);
    name = text.n - at >= 2 ? memchr(names, text.p[at + 1], sizeof names - 1) : NULL;
    return name ? one_byte(values[name - names], 2) : one_byte('\\', 1);
}

static struct piece read_piece(lh_str text, size_t at, enum spelling spelling)
{
    char c = text.p[at];

    if (spelling == PERCENT && c == '%' && hex(text, at + 1, 2) >= 0)
        return one_byte((char)hex(text, at + 1, 2), 3);
    if (spelling == ESCAPED && c == '\\')
        return read_escape(text, at);
    if (spelling == ESCAPED && text.n - at >= 3 && memcmp(text.p + at, "\xef\xbf\xbd", 3) == 0)
        return (struct piece){.n = 1, .taken = 3, .lost = true};
    return one_byte(c, 1);
}

static bool same_byte(const struct lh_redact_form *form, char want, const struct piece *piece,
                      enum spelling spelling)
{
    char got = piece->bytes[0];

    if (piece->lost)
        return (unsigned char)want >= 0x80;
    if (got == want)
        return true;
    if (form->base64)
        return (want == '+' && got == '-') || (want == '/' && got == '_');
    return spelling == PERCENT && want == ' ' && got == '+' && piece->taken == 1;
}

static bool same_piece(const struct lh_redact_form *form, size_t done, const struct piece *piece,
                       enum spelling spelling)
{
    if (piece->n == 1)
        return same_byte(form, form->p[done], piece, spelling);
    return form->n - done >= piece->n && memcmp(form->p + done, piece->bytes, piece->n) == 0;
}

/* True when the text ends at `at`, or inside a piece that begins there. */
static bool ends_at(lh_str text, size_t at, enum spelling spelling)
{
    if (at == text.n)
        return true;
    return (spelling == PERCENT && text.p[at] == '%' && text.n - at < 3) ||
           (spelling == ESCAPED && text.p[at] == '\\' && text.n - at < 12);
}

/* The bytes of text at `from` that show the form; 0 when it is not there. */
static size_t match(const struct lh_redact_form *form, lh_str text, size_t from,
                    enum spelling spelling)
{
    size_t done = 0;
    size_t at = from;

    while (done < form->n) {
        struct piece piece = {0};

        if (at < text.n)
            piece = read_piece(text, at, spelling);
        if (at == text.n || !same_piece(form, done, &piece, spelling))
            return done >= CUT_MIN && ends_at(text, at, spelling) ? text.n - from : 0;
        done += piece.n;
        at += piece.taken;
    }
    return at - from;
}

/* Marks what shows the form at `at`, and the seams of base64 around it. */
static void mark(const struct lh_redact_form *form, lh_str text, size_t at, char **marks)
{
    for (int spelling = PLAIN; spelling < (form->derived ? SPELLINGS : PERCENT); spelling++) {
        size_t n = match(form, text, at, (enum spelling)spelling);
        size_t from = at > form->before ? at - form->before : 0;
        size_t to = at + n;

        if (n == 0)
            continue;
        to += form->after < text.n - to ? form->after : text.n - to;
        if (!*marks)
            *marks = lh_xcalloc(text.n, 1);
        memset(*marks + from, 1, to - from);
    }
}

static void copy_unmarked(lh_str text, const char *marks, struct lh_buf *out)
{
    size_t at = 0;

    while (at < text.n) {
        const char *end = memchr(marks + at, !marks[at], text.n - at);
        size_t n = end ? (size_t)(end - marks) - at : text.n - at;

        if (marks[at])
            lh_buf_z(out, "***");
        else
            lh_buf_add(out, text.p + at, n);
        at += n;
    }
}

void lh_redactor_apply(const struct lh_redactor *r, lh_str text, struct lh_buf *out)
{
    char *marks lh_autofree = NULL;

    for (size_t at = 0; r->n && at < text.n; at++) {
        if (!r->first[(unsigned char)text.p[at]])
            continue;
        for (size_t i = 0; i < r->n; i++)
            mark(&r->forms[i], text, at, &marks);
    }
    if (marks)
        copy_unmarked(text, marks, out);
    else
        lh_buf_str(out, text);
}
