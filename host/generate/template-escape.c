/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One escaping function for each context of a template; see template.h. Whatever the text is, it
 * comes out meaning the same, or is refused; it never ends the place that it stands in.
 */
#include "config.h"

#include "base/utf8.h"
#include "generate/python.h"
#include "generate/template.h"
#include "yaml/yaml.h"

static const char *kind_words(const struct lh_tpl_value *v)
{
    static const char *const words[] = {"a boolean", "a text", "an expression", "a list", "a map"};

    return words[v->kind];
}

static int wants_text(const struct lh_tpl_value *v, const char *context, struct lh_error *e)
{
    size_t good;

    if (v->kind != LH_TPL_TEXT)
        return lh_error_set(e, LH_INVALID, "%s wants a text, found %s", context, kind_words(v));
    good = lh_utf8_valid_prefix(v->text);
    if (good < v->text.n)
        return lh_error_set(e, LH_INVALID, "byte %zu of \"%.*s\" is not UTF-8", good + 1,
                            (int)(good > 40 ? 40 : good), v->text.p);
    return 0;
}

/* What is neither a letter to read nor harmless where lines and directions matter. */
static bool is_odd(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

/* The escape that Python and YAML (double-quoted) share. */
static void write_number(struct lh_buf *to, uint32_t c)
{
    if (c < 0x80)
        lh_buf_f(to, "\\x%02x", (unsigned)c);
    else if (c < 0x10000)
        lh_buf_f(to, "\\u%04x", (unsigned)c);
    else
        lh_buf_f(to, "\\U%08x", (unsigned)c);
}

/* --- Python ------------------------------------------------------------------------------- */

static bool is_plain_in_python(unsigned char c, const char *escaped)
{
    return c >= 0x20 && c < 0x7f && !strchr(escaped, c);
}

/* ASCII only: no reader needs to know an encoding, and nothing is invisible. */
static void write_python(struct lh_buf *to, lh_str s, const char *escaped)
{
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t c;

        while (at < s.n && is_plain_in_python((unsigned char)s.p[at], escaped))
            at++;
        lh_buf_add(to, s.p + start, at - start);
        if (at == s.n)
            return;
        c = lh_utf8_next(s, &at);
        if (c == '\n' || c == '\r' || c == '\t')
            lh_buf_z(to, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        else if (c == '\\' || c == '"' || c == '\'')
            lh_buf_f(to, "\\%c", (int)c);
        else
            write_number(to, c);
    }
}

static int write_string(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    int code = wants_text(v, "a Python string", e);

    if (code)
        return code;
    lh_buf_char(to, '"');
    write_python(to, v->text, "\"\\");
    lh_buf_char(to, '"');
    return 0;
}

static int write_members(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    bool map = v->kind == LH_TPL_MAP;
    int code = 0;

    lh_buf_char(to, map ? '{' : '[');
    for (size_t i = 0; !code && i < v->n; i++) {
        const struct lh_tpl_value name = {.kind = LH_TPL_TEXT, .text = v->members[i].name};

        if (i)
            lh_buf_z(to, ", ");
        if (map)
            code = write_string(&name, to, e);
        if (map && !code)
            lh_buf_z(to, ": ");
        if (!code)
            code = lh_escape_py(v->members[i].value, to, e);
    }
    lh_buf_char(to, map ? '}' : ']');
    return code;
}

int lh_escape_py(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    switch (v->kind) {
    case LH_TPL_BOOL:
        lh_buf_z(to, v->yes ? "True" : "False");
        return 0;
    case LH_TPL_LIST:
    case LH_TPL_MAP:
        return write_members(v, to, e);
    default:
        return write_string(v, to, e);
    }
}

/* Braces too: the string may be an f-string. */
int lh_escape_str(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    int code = wants_text(v, "the inside of a Python string", e);

    if (!code)
        write_python(to, v->text, "\"\\'{}");
    return code;
}

int lh_escape_ident(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    int code = wants_text(v, "an identifier", e);

    if (code)
        return code;
    if (!lh_python_is_identifier(v->text))
        return lh_error_set(e, LH_INVALID, "\"%.*s\" is no Python identifier", LH_STR_ARG(v->text));
    lh_buf_str(to, v->text);
    return 0;
}

int lh_escape_expr(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    if (v->kind != LH_TPL_CODE)
        return lh_error_set(e, LH_INVALID,
                            "this is data (%s) and no Python expression; write it "
                            "with {{py ...}}",
                            kind_words(v));
    lh_buf_str(to, v->text);
    return 0;
}

/* --- YAML --------------------------------------------------------------------------------- */

int lh_escape_yaml(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    int code = v->kind == LH_TPL_BOOL ? 0 : wants_text(v, "a YAML scalar", e);

    if (code)
        return code;
    if (v->kind == LH_TPL_BOOL) {
        lh_buf_z(to, v->yes ? "true" : "false");
        return 0;
    }
    if (memchr(v->text.n ? v->text.p : "x", '\0', v->text.n ? v->text.n : 1))
        return lh_error_set(e, LH_INVALID, "the text holds a NUL, which no YAML reader takes");
    if (!lh_yaml_needs_quotes(v->text)) {
        lh_buf_str(to, v->text);
        return 0;
    }
    lh_buf_char(to, '"');
    for (size_t at = 0; at < v->text.n;) {
        size_t start = at;
        uint32_t c = lh_utf8_next(v->text, &at);

        if (c == '"' || c == '\\')
            lh_buf_f(to, "\\%c", (int)c);
        else if (c == '\n')
            lh_buf_z(to, "\\n");
        else if (is_odd(c) || c >= 0xfffe)
            write_number(to, c);
        else
            lh_buf_add(to, v->text.p + start, at - start);
    }
    lh_buf_char(to, '"');
    return 0;
}

/* --- text for people ---------------------------------------------------------------------- */

/*
 * A comment is read by programs too: Python looks for "coding:" in the first two lines, and the
 * notebook format for words that begin a comment.
 */
static bool begins_command(lh_str s)
{
    static const char *const words[] = {"MAGIC", "COMMAND", "DBTITLE",
                                        "Databricks notebook source"};

    for (size_t i = 0; i < LH_LEN(words); i++)
        if (lh_str_starts(s, lh_str_z(words[i])))
            return true;
    return false;
}

static bool ends_coding(lh_str s, size_t at)
{
    return at >= 6 && (s.p[at] == ':' || s.p[at] == '=') && memcmp(s.p + at - 6, "coding", 6) == 0;
}

int lh_escape_comment(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    int code = wants_text(v, "a comment", e);
    size_t blanks = 0;

    if (code)
        return code;
    while (blanks < v->text.n && v->text.p[blanks] == ' ')
        blanks++;
    for (size_t at = 0; at < v->text.n;) {
        size_t start = at;
        uint32_t c = lh_utf8_next(v->text, &at);
        bool command =
            start == blanks && begins_command(lh_str_n(v->text.p + start, v->text.n - start));

        if (is_odd(c) || command || ends_coding(v->text, start))
            write_number(to, c);
        else
            lh_buf_add(to, v->text.p + start, at - start);
    }
    return 0;
}

/* "-", "=", "+" begin something at the start of a line, "." and ")" behind a number there. */
static bool begins_block(lh_str s, size_t at)
{
    if (at == 0)
        return strchr("-=+", s.p[0]) != NULL;
    for (size_t i = 0; i < at; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.p[at] == '.';
}

int lh_escape_md(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e)
{
    int code = wants_text(v, "Markdown", e);

    for (size_t at = 0; !code && at < v->text.n;) {
        size_t start = at;
        uint32_t c = lh_utf8_next(v->text, &at);

        if (is_odd(c)) {
            lh_buf_char(to, ' ');
            continue;
        }
        if (c < 0x80 && (strchr("\\`*_{}[]<>()#!|~&$@%^", (int)c) || begins_block(v->text, start)))
            lh_buf_char(to, '\\');
        lh_buf_add(to, v->text.p + start, at - start);
    }
    return code;
}

lh_escape *lh_escape_of(lh_str context)
{
    static const struct {
        const char *name;
        lh_escape *function;
    } contexts[] = {
        {"py", lh_escape_py},     {"str", lh_escape_str},   {"ident", lh_escape_ident},
        {"expr", lh_escape_expr}, {"yaml", lh_escape_yaml}, {"comment", lh_escape_comment},
        {"md", lh_escape_md},
    };

    for (size_t i = 0; i < LH_LEN(contexts); i++)
        if (lh_str_eqz(context, contexts[i].name))
            return contexts[i].function;
    return NULL;
}
