/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: JSON by jansson, files, pointers, messages with places; see document.h. */
#include "config.h"

#include "json/document.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "json/text.h"

#include <stdlib.h>

void lh_document_free(struct lh_document *d)
{
    free(d->name);
    json_decref(d->root);
    lh_places_free(d->places);
    *d = (struct lh_document){0};
}

/* --- JSON --------------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.' || c == '_';
}

/* Where the token that begins at `at` ends. As fine as depth and messages need, no finer. */
static size_t token_end(lh_str text, size_t at)
{
    const char *p = text.p;
    size_t end = at + 1;

    if (p[at] == '"') {
        while (end < text.n && p[end] != '"')
            end += p[end] == '\\' ? 2 : 1;
        return end < text.n ? end + 1 : text.n;
    }
    while (is_word(p[at]) && end < text.n && is_word(p[end]))
        end++;
    return end;
}

static size_t skip_space(lh_str text, size_t at)
{
    while (at < text.n && memchr(" \t\r\n", text.p[at], 4))
        at++;
    return at;
}

/* jansson takes a NUL between tokens for the end of the text. */
static int check_bytes(lh_str text, const char *name, struct lh_error *e)
{
    const char *nul = text.n ? memchr(text.p, '\0', text.n) : NULL;

    if (nul)
        return lh_text_error(text, name, (size_t)(nul - text.p), e,
                             "found the byte 0x00, expected JSON");
    if (lh_str_starts(text, LH_STR("\xef\xbb\xbf")))
        return lh_text_error(text, name, 0, e,
                             "found a byte order mark, expected JSON; save the file without it");
    return 0;
}

/* jansson goes down to 2048 by recursion, which is more than a thread's stack may take. */
static int check_depth(lh_str text, const char *name, struct lh_error *e)
{
    size_t depth = 0;

    for (size_t at = skip_space(text, 0); at < text.n; at = skip_space(text, token_end(text, at))) {
        char c = text.p[at];

        if (c == '[' || c == '{')
            depth++;
        else if ((c == ']' || c == '}') && depth > 0)
            depth--;
        if (depth > LH_DOCUMENT_DEPTH)
            return lh_text_error(text, name, at, e, "found more than %d levels of nesting",
                                 LH_DOCUMENT_DEPTH);
    }
    return 0;
}

/*
 * The token that jansson had read when it stopped: the last one that begins before its position.
 * At an early end between two tokens there is none.
 */
static size_t last_token(lh_str text, const json_error_t *problem)
{
    size_t position = problem->position < 0 ? 0 : (size_t)problem->position;
    size_t at = skip_space(text, 0);

    if (json_error_code(problem) == json_error_premature_end_of_input &&
        strncmp(problem->text, "premature", strlen("premature")) != 0)
        return text.n;
    while (at < text.n) {
        size_t end = token_end(text, at);

        if (end >= position)
            return at;
        at = skip_space(text, end);
    }
    return text.n;
}

/* Never the text of a value: it may be a secret. */
static char *describe_token(lh_str text, size_t at)
{
    char c;

    if (at >= text.n)
        return lh_xstrdup("the end of the text");
    c = text.p[at];
    if (c == '"')
        return lh_xstrdup("a string");
    if (c == '-' || (c >= '0' && c <= '9'))
        return lh_xstrdup("a number");
    if (is_word(c) || (unsigned char)c >= 0x80)
        return lh_xstrdup("a word without quotes");
    if (c < 0x20 || c == 0x7f)
        return lh_xasprintf("the byte 0x%02x", (unsigned char)c);
    return lh_xasprintf("'%c'", c);
}

/* What jansson says, by the beginning of its text, and what it means by that. */
static const struct {
    const char *jansson;
    const char *expected; /* "expected %s, found ..." */
    const char *wrong;    /* or this alone */
} syntax_texts[] = {
    {"string or '}' expected", "a key in double quotes or '}'", NULL},
    {"':' expected", "':' after the key", NULL},
    {"'}' expected", "',' or '}'", NULL},
    {"']' expected", "',' or ']'", NULL},
    {"end of file expected", "the end of the text", NULL},
    {"unexpected token", "a value", NULL},
    {"invalid token", "a value", NULL},
    {"premature end", NULL, "found the end of the text in a string, expected '\"'"},
    {"unexpected newline", NULL, "found a line break in a string, expected \\n"},
    {"control character", NULL, "found a control character in a string, expected an escape"},
    {"invalid escape", NULL, "found a backslash in a string that begins no JSON escape"},
    {"invalid Unicode", NULL, "found half a surrogate pair in a string"},
    {"\\u0000", NULL, "found a NUL in a string, which cannot be taken"},
    {"NUL byte", NULL, "found a NUL in a key, which cannot be taken"},
    {"too big", NULL,
     "found an integer that does not fit 64 bits; write it as a string to keep its digits"},
    {"real number overflow", NULL,
     "found a number that no double can hold; write it as a string to keep its digits"},
};

static int syntax_error(lh_str text, const char *name, const json_error_t *problem,
                        struct lh_error *e)
{
    size_t at = last_token(text, problem);
    char *found lh_autofree = describe_token(text, at);

    if (json_error_code(problem) == json_error_duplicate_key) {
        char *key lh_autofree =
            lh_text_quote(lh_str_n(text.p + at + 1, token_end(text, at) - at - 2));

        return lh_text_error(text, name, at, e, "found the key %s twice in one object", key);
    }
    /* After "[1," jansson wants "']'", and means that it wants more. */
    if (at >= text.n && problem->text[0] == '\'')
        return lh_text_error(text, name, at, e, "expected %.3s, found %s", problem->text, found);
    for (size_t i = 0; i < LH_LEN(syntax_texts); i++) {
        if (strncmp(problem->text, syntax_texts[i].jansson, strlen(syntax_texts[i].jansson)) != 0)
            continue;
        if (syntax_texts[i].wrong)
            return lh_text_error(text, name, at, e, "%s", syntax_texts[i].wrong);
        return lh_text_error(text, name, at, e, "expected %s, found %s", syntax_texts[i].expected,
                             found);
    }
    return lh_text_error(text, name, at, e, "expected JSON, found %s", found);
}

int lh_document_parse_json(struct lh_document *ret, lh_str text, const char *name,
                           struct lh_error *e)
{
    json_error_t problem = {0};
    json_t *root;
    int code = lh_text_check(text, name, LH_DOCUMENT_BYTES, e);

    if (code)
        return code;
    code = check_bytes(text, name, e);
    if (!code)
        code = check_depth(text, name, e);
    if (code)
        return code;
    root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                      &problem);
    if (!root)
        return syntax_error(text, name, &problem, e);
    *ret = (struct lh_document){.name = lh_xstrdup(name), .root = root};
    lh_places_scan_json(&ret->places, text);
    return 0;
}

/* --- messages ----------------------------------------------------------------------------- */

void lh_document_place(const struct lh_document *d, const char *pointer, size_t *ret_line,
                       size_t *ret_column)
{
    lh_str p = lh_str_z(pointer);

    while (!lh_places_find(d->places, p, ret_line, ret_column)) {
        if (p.n == 0) {
            *ret_line = 0;
            *ret_column = 0;
            return;
        }
        do
            p.n--;
        while (p.n > 0 && p.p[p.n] != '/');
    }
}

/* "key /a/b: ", "" for the whole document; a pointer may be as long as a document. */
static char *pointer_label(const char *pointer)
{
    lh_str p = lh_str_n(pointer, strnlen(pointer, 1000));

    if (p.n == 0)
        return lh_xstrdup("");
    return lh_xasprintf("key %.*s%s: ", LH_STR_ARG(p), pointer[p.n] ? "..." : "");
}

int lh_document_error(const struct lh_document *d, const char *pointer, struct lh_error *e,
                      const char *format, ...)
{
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);
    char *label lh_autofree = pointer_label(pointer);
    size_t line;
    size_t column;
    va_list args;

    va_start(args, format);
    lh_buf_vf(&what, format, args);
    va_end(args);
    lh_document_place(d, pointer, &line, &column);
    if (line == 0)
        return lh_error_set(e, LH_INVALID, "%s: %s%s", d->name, label, lh_buf_text(&what));
    return lh_error_set(e, LH_INVALID, "%s:%zu:%zu: %s%s", d->name, line, column, label,
                        lh_buf_text(&what));
}

char *lh_document_describe(const json_t *value)
{
    static const char *const words[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_TRUE] = "true",        [JSON_FALSE] = "false",    [JSON_NULL] = "null",
    };
    char text[32];

    if (!value)
        return lh_xstrdup("nothing");
    if (json_is_integer(value))
        return lh_xasprintf("the number %" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value)) {
        lh_text_real(json_real_value(value), text);
        return lh_xasprintf("the number %s", text);
    }
    return lh_xstrdup(words[json_typeof(value)]);
}
