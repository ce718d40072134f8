/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spark DDL into types: a lexer of five kinds of token and a parser that recurses as deep as
 * LH_SCHEMA_MAX_DEPTH lets it. The grammar stands in schema.h.
 */
#include "config.h"

#include "base/utf8.h"
#include "schema/schema_internal.h"

#include <stdio.h>

#define FOUND_MAX ((size_t)40) /* of a token in a message */

enum token_kind {
    TOKEN_END = 0,
    TOKEN_WORD,   /* a keyword, a plain name, a number */
    TOKEN_QUOTED, /* `a name` */
    TOKEN_TEXT,   /* 'a text' or "a text" */
    TOKEN_MARK    /* any other byte */
};

struct parser {
    struct lh_ddl *ddl;
    size_t at; /* behind the token */
    struct {
        enum token_kind kind;
        lh_str text; /* as it stands, with its quotes */
    } token;
    unsigned depth;
    struct lh_error *e;
};

/* --- tokens ------------------------------------------------------------------------------- */

static size_t offset(const struct parser *p)
{
    return (size_t)(p->token.text.p - p->ddl->text.p);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* What a message says about the token; a long one is cut between two code points. */
static lh_str shown(const struct parser *p)
{
    lh_str s = p->token.text;

    if (s.n > FOUND_MAX)
        s.n = lh_utf8_valid_prefix(lh_str_n(s.p, FOUND_MAX));
    return s;
}

static int expected(const struct parser *p, const char *what)
{
    lh_str found = shown(p);

    if (p->token.kind == TOKEN_END)
        return lh_error_set(p->e, LH_INVALID, "column %zu: expected %s, found the end",
                            offset(p) + 1, what);
    if (lh_str_eqz(p->token.text, "--") || lh_str_eqz(p->token.text, "/*"))
        return lh_error_set(p->e, LH_INVALID, "column %zu: expected %s, found a comment (%.*s)",
                            offset(p) + 1, what, LH_STR_ARG(found));
    return lh_error_set(p->e, LH_INVALID, "column %zu: expected %s, found \"%.*s\"", offset(p) + 1,
                        what, LH_STR_ARG(found));
}

/* The offset behind the closing quote; a doubled quote stands for one. 0: there is none. */
static size_t quoted_end(lh_str s, size_t at)
{
    char quote = s.p[at];

    for (size_t i = at + 1; i < s.n; i++) {
        if (s.p[i] == '\\' && quote != '`')
            i++;
        else if (s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
        else if (s.p[i] == quote)
            return i + 1;
    }
    return 0;
}

static size_t word_end(lh_str s, size_t at)
{
    while (at < s.n && is_word(s.p[at]))
        at++;
    return at;
}

static size_t mark_end(lh_str s, size_t at)
{
    lh_str rest = lh_str_n(s.p + at, s.n - at);

    return at + (lh_str_starts(rest, LH_STR("--")) || lh_str_starts(rest, LH_STR("/*")) ? 2 : 1);
}

/* Reads the next token. Only a quote without its end can fail. */
static int next(struct parser *p)
{
    lh_str s = p->ddl->text;
    size_t end;

    while (p->at < s.n && is_space(s.p[p->at]))
        p->at++;
    p->token.kind = TOKEN_END;
    p->token.text = lh_str_n(s.p + p->at, 0);
    if (p->at == s.n)
        return LH_DONE;
    if (is_word(s.p[p->at])) {
        p->token.kind = TOKEN_WORD;
        end = word_end(s, p->at);
    } else if (s.p[p->at] == '`' || s.p[p->at] == '\'' || s.p[p->at] == '"') {
        p->token.kind = s.p[p->at] == '`' ? TOKEN_QUOTED : TOKEN_TEXT;
        end = quoted_end(s, p->at);
        if (!end)
            return lh_error_set(p->e, LH_INVALID, "column %zu: this %c is never closed", p->at + 1,
                                s.p[p->at]);
    } else {
        p->token.kind = TOKEN_MARK;
        end = mark_end(s, p->at);
    }
    p->token.text.n = end - p->at;
    p->at = end;
    return LH_DONE;
}

static bool at_mark(const struct parser *p, char c)
{
    return p->token.kind == TOKEN_MARK && p->token.text.n == 1 && p->token.text.p[0] == c;
}

static bool at_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && lh_name_same(p->token.text, lh_str_z(word));
}

static int take_mark(struct parser *p, char c, const char *what)
{
    return at_mark(p, c) ? next(p) : expected(p, what);
}

static int take_word(struct parser *p, const char *word, const char *what)
{
    return at_word(p, word) ? next(p) : expected(p, what);
}

/* A decimal number from least to most. */
static int take_number(struct parser *p, uint32_t least, uint32_t most, uint32_t *ret)
{
    lh_str s = p->token.text;
    char what[64];
    uint64_t value = 0;
    bool good = p->token.kind == TOKEN_WORD && s.n <= 10;

    for (size_t i = 0; good && i < s.n; i++) {
        good = s.p[i] >= '0' && s.p[i] <= '9';
        value = value * 10 + (uint64_t)(s.p[i] - '0');
    }
    snprintf(what, sizeof what, "a number from %u to %u", least, most);
    if (!good || value < least || value > most)
        return expected(p, what);
    *ret = (uint32_t)value;
    return next(p);
}

/* --- quoted text -------------------------------------------------------------------------- */

/* n hexadecimal digits at `at`, or UINT32_MAX. */
static uint32_t hex(lh_str s, size_t at, size_t n)
{
    uint32_t value = 0;

    if (n > s.n || at > s.n - n)
        return UINT32_MAX;
    for (size_t i = at; i < at + n; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0 || value >> 28)
            return UINT32_MAX;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* \uXXXX (two of them for a surrogate pair) or \UXXXXXXXX; s.p[at] is the letter. Returns how
 * many bytes were read, 0 when this is no character. */
static size_t unicode_escape(lh_str s, size_t at, uint32_t *ret)
{
    size_t digits = s.p[at] == 'u' ? 4 : 8;
    uint32_t c = hex(s, at + 1, digits);
    size_t used = 1 + digits;

    if (digits == 4 && c >= 0xd800 && c < 0xdc00) {
        bool pair = at + used + 1 < s.n && s.p[at + used] == '\\' && s.p[at + used + 1] == 'u';
        uint32_t low = pair ? hex(s, at + used + 2, 4) : 0;

        if (low < 0xdc00 || low > 0xdfff)
            return 0;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        used += 6;
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *ret = c;
    return used;
}

static bool is_octal(lh_str s, size_t at)
{
    return at + 2 < s.n && s.p[at] <= '1' && s.p[at] >= '0' && s.p[at + 1] >= '0' &&
           s.p[at + 1] <= '7' && s.p[at + 2] >= '0' && s.p[at + 2] <= '7';
}

/*
 * One backslash escape of Spark's string literals; s.p[at] is the byte behind the backslash.
 * Returns the bytes read, 0 when the escape stands for no character or for NUL.
 */
static size_t unescape(lh_str s, size_t at, struct lh_buf *to)
{
    static const char letters[] = "btnrZ";
    static const char meaning[] = "\b\t\n\r\x1a";
    char c = s.p[at];
    const char *letter = memchr(letters, c, sizeof letters - 1);
    uint32_t code_point = 0;
    size_t used = 1;
    char bytes[4];

    if (c == '%' || c == '_') {
        lh_buf_char(to, '\\');
        lh_buf_char(to, c);
        return 1;
    }
    if (letter) {
        lh_buf_char(to, meaning[letter - letters]);
        return 1;
    }
    if (c == 'u' || c == 'U') {
        used = unicode_escape(s, at, &code_point);
    } else if (is_octal(s, at)) {
        code_point = (uint32_t)((s.p[at] - '0') * 64 + (s.p[at + 1] - '0') * 8 + s.p[at + 2] - '0');
        used = 3;
    } else if (c != '0') {
        lh_buf_char(to, c);
        return 1;
    }
    if (!used || !code_point)
        return 0;
    lh_buf_add(to, bytes, lh_utf8_put(bytes, code_point));
    return used;
}

/* The token between its quotes, without them. */
static lh_str inside(const struct parser *p)
{
    return lh_str_n(p->token.text.p + 1, p->token.text.n - 2);
}

static int take_text(struct parser *p, lh_str *ret)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_SCHEMA_MAX_TEXT);
    lh_str s;

    if (p->token.kind != TOKEN_TEXT)
        return expected(p, "a text in quotes");
    s = inside(p);
    for (size_t i = 0; i < s.n;) {
        size_t used = 1;

        if (s.p[i] == '\\') {
            used = unescape(s, i + 1, &text);
            if (!used)
                return lh_error_set(p->e, LH_INVALID, "column %zu: an escape that is no character",
                                    offset(p) + i + 2);
            used++;
        } else {
            lh_buf_char(&text, s.p[i]);
            used += s.p[i] == p->token.text.p[0]; /* a doubled quote */
        }
        i += used;
    }
    *ret = lh_arena_str(p->ddl->arena, lh_buf_slice(&text));
    return next(p);
}

static int take_name(struct parser *p, const char *what, lh_str *ret)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(LH_SCHEMA_MAX_TEXT);
    lh_str s = p->token.text;

    if (p->token.kind == TOKEN_QUOTED) {
        s = inside(p);
        if (s.n == 0)
            return expected(p, what);
        for (size_t i = 0; i < s.n; i++) {
            lh_buf_char(&name, s.p[i]);
            i += s.p[i] == '`';
        }
        s = lh_buf_slice(&name);
    } else if (p->token.kind != TOKEN_WORD) {
        return expected(p, what);
    }
    *ret = lh_arena_str(p->ddl->arena, s);
    return next(p);
}

/* --- types -------------------------------------------------------------------------------- */

static int parse_type(struct parser *p, struct lh_type **ret);
static int parse_columns(struct parser *p, struct lh_type *to, const char *after);

static int parse_decimal(struct parser *p, struct lh_type *type)
{
    int code;

    type->precision = 10;
    if (!at_mark(p, '('))
        return LH_DONE;
    code = next(p);
    if (!code)
        code = take_number(p, 1, 38, &type->precision);
    if (!code && at_mark(p, ',')) {
        code = next(p);
        if (!code)
            code = take_number(p, 0, type->precision, &type->scale);
        return code ? code : take_mark(p, ')', "\")\"");
    }
    return code ? code : take_mark(p, ')', "\",\" or \")\"");
}

static int parse_length(struct parser *p, struct lh_type *type)
{
    int code = take_mark(p, '(', "\"(\" and a length");

    if (!code)
        code = take_number(p, 1, INT32_MAX, &type->length);
    return code ? code : take_mark(p, ')', "\")\"");
}

static int parse_collation(struct parser *p, struct lh_type *type)
{
    int code;

    if (!at_word(p, "collate"))
        return LH_DONE;
    code = next(p);
    return code ? code : take_name(p, "the name of a collation", &type->collation);
}

static const char *const unit_names[] = {
    [LH_UNIT_NONE] = "",         [LH_UNIT_YEAR] = "year", [LH_UNIT_MONTH] = "month",
    [LH_UNIT_DAY] = "day",       [LH_UNIT_HOUR] = "hour", [LH_UNIT_MINUTE] = "minute",
    [LH_UNIT_SECOND] = "second",
};

const char *lh_unit_name(enum lh_interval_unit unit)
{
    return unit_names[unit];
}

/* The unit that the token names, NONE when it names none. */
static enum lh_interval_unit at_unit(const struct parser *p)
{
    for (size_t i = LH_UNIT_YEAR; i < LH_LEN(unit_names); i++)
        if (at_word(p, unit_names[i]))
            return (enum lh_interval_unit)i;
    return LH_UNIT_NONE;
}

/* Years and months are one family, days to seconds the other, and `to` is finer than `from`. */
static int parse_interval(struct parser *p, struct lh_type *type)
{
    int code;

    type->from = type->to = at_unit(p);
    if (type->from == LH_UNIT_NONE)
        return LH_DONE;
    code = next(p);
    if (code || !at_word(p, "to"))
        return code;
    code = next(p);
    if (code)
        return code;
    type->to = at_unit(p);
    if (type->to <= type->from || (type->from <= LH_UNIT_MONTH && type->to > LH_UNIT_MONTH))
        return expected(p, type->from == LH_UNIT_YEAR ? "month" : "a finer unit of this interval");
    return next(p);
}

static int parse_array(struct parser *p, struct lh_type *type)
{
    struct lh_type *element = NULL;
    int code = take_mark(p, '<', "\"<\"");

    if (!code)
        code = parse_type(p, &element);
    type->element = element;
    return code ? code : take_mark(p, '>', "\">\"");
}

static int parse_map(struct parser *p, struct lh_type *type)
{
    struct lh_type *key = NULL;
    struct lh_type *value = NULL;
    int code = take_mark(p, '<', "\"<\"");

    if (!code)
        code = parse_type(p, &key);
    if (!code)
        code = take_mark(p, ',', "\",\"");
    if (!code)
        code = parse_type(p, &value);
    type->key = key;
    type->element = value;
    return code ? code : take_mark(p, '>', "\">\"");
}

static int parse_struct(struct parser *p, struct lh_type *type)
{
    int code;

    if (p->ddl->may_open && !p->ddl->open && !at_mark(p, '<')) {
        p->ddl->open = type;
        p->ddl->open_depth = p->depth;
        return LH_DONE;
    }
    code = take_mark(p, '<', "\"<\"");
    if (code || at_mark(p, '>'))
        return code ? code : next(p);
    code = parse_columns(p, type, "\">\" or \",\"");
    return code ? code : take_mark(p, '>', "\">\" or \",\"");
}

/* What follows the word of a type. NULL: nothing. */
typedef int parse_rest(struct parser *p, struct lh_type *type);

static const struct type_word {
    const char *word;
    enum lh_type_kind kind;
    parse_rest *rest;
} type_words[] = {
    {"string", LH_TYPE_STRING, parse_collation},
    {"bigint", LH_TYPE_LONG, NULL},
    {"long", LH_TYPE_LONG, NULL},
    {"boolean", LH_TYPE_BOOLEAN, NULL},
    {"struct", LH_TYPE_STRUCT, parse_struct},
    {"array", LH_TYPE_ARRAY, parse_array},
    {"map", LH_TYPE_MAP, parse_map},
    {"int", LH_TYPE_INT, NULL},
    {"integer", LH_TYPE_INT, NULL},
    {"smallint", LH_TYPE_SHORT, NULL},
    {"short", LH_TYPE_SHORT, NULL},
    {"tinyint", LH_TYPE_BYTE, NULL},
    {"byte", LH_TYPE_BYTE, NULL},
    {"float", LH_TYPE_FLOAT, NULL},
    {"real", LH_TYPE_FLOAT, NULL},
    {"double", LH_TYPE_DOUBLE, NULL},
    {"decimal", LH_TYPE_DECIMAL, parse_decimal},
    {"dec", LH_TYPE_DECIMAL, parse_decimal},
    {"numeric", LH_TYPE_DECIMAL, parse_decimal},
    {"char", LH_TYPE_CHAR, parse_length},
    {"character", LH_TYPE_CHAR, parse_length},
    {"varchar", LH_TYPE_VARCHAR, parse_length},
    {"binary", LH_TYPE_BINARY, NULL},
    {"date", LH_TYPE_DATE, NULL},
    {"timestamp", LH_TYPE_TIMESTAMP, NULL},
    {"timestamp_ltz", LH_TYPE_TIMESTAMP, NULL},
    {"timestamp_ntz", LH_TYPE_TIMESTAMP_NTZ, NULL},
    {"interval", LH_TYPE_INTERVAL, parse_interval},
    {"void", LH_TYPE_VOID, NULL},
    {"variant", LH_TYPE_VARIANT, NULL},
};

static const struct type_word *at_type(const struct parser *p)
{
    for (size_t i = 0; i < LH_LEN(type_words); i++)
        if (at_word(p, type_words[i].word))
            return &type_words[i];
    return NULL;
}

static int parse_type(struct parser *p, struct lh_type **ret)
{
    const struct type_word *word = at_type(p);
    bool nests = word && word->kind >= LH_TYPE_ARRAY;
    struct lh_type *type;
    int code;

    if (!word)
        return expected(p, "a type");
    if (nests && p->depth == LH_SCHEMA_MAX_DEPTH)
        return lh_error_set(p->e, LH_INVALID, "column %zu: nested deeper than %u levels",
                            offset(p) + 1, LH_SCHEMA_MAX_DEPTH);
    type = lh_arena_alloc(p->ddl->arena, sizeof *type);
    type->kind = word->kind;
    p->depth += nests;
    code = next(p);
    if (!code && word->rest)
        code = word->rest(p, type);
    p->depth -= nests;
    if (!code)
        *ret = type;
    return code;
}

/* --- columns ------------------------------------------------------------------------------ */

/* NOT NULL and COMMENT, each once, in either order. */
static int parse_constraints(struct parser *p, struct lh_column *column)
{
    bool commented = false;
    int code = LH_DONE;

    while (!code) {
        if (!(column->flags & LH_COLUMN_NOT_NULL) && at_word(p, "not")) {
            column->flags |= LH_COLUMN_NOT_NULL;
            code = next(p);
            if (!code)
                code = take_word(p, "null", "NULL after NOT");
        } else if (!commented && at_word(p, "comment")) {
            commented = true;
            code = next(p);
            if (!code)
                code = take_text(p, &column->comment);
        } else {
            break;
        }
    }
    return code;
}

static int parse_column(struct parser *p, struct lh_type *to)
{
    struct lh_column column = {.comment = LH_STR("")};
    struct lh_type *type = NULL;
    size_t place = offset(p) + 1;
    int code = take_name(p, "the name of a column", &column.name);

    if (!code && at_mark(p, ':'))
        code = next(p);
    if (!code)
        code = parse_type(p, &type);
    if (!code)
        code = parse_constraints(p, &column);
    if (code)
        return code;
    column.type = type;
    if (++p->ddl->columns > LH_SCHEMA_MAX_COLUMNS)
        return lh_error_set(p->e, LH_INVALID, "column %zu: a schema of more than %u columns", place,
                            LH_SCHEMA_MAX_COLUMNS);
    code = lh_type_push(p->ddl->arena, to, &column, p->e);
    if (code)
        lh_error_wrap(p->e, "column %zu", place);
    return code;
}

/* One or more columns. `after` says what may follow one, for the caller's message. */
static int parse_columns(struct parser *p, struct lh_type *to, const char *after)
{
    int code = parse_column(p, to);

    while (!code && at_mark(p, ',')) {
        code = next(p);
        if (!code)
            code = parse_column(p, to);
    }
    if (!code && p->token.kind != TOKEN_END && !at_mark(p, '>'))
        code = expected(p, after);
    return code;
}

/* --- the two ways in ---------------------------------------------------------------------- */

static int begin(struct parser *p)
{
    lh_str s = p->ddl->text;
    size_t valid = lh_utf8_valid_prefix(s);

    if (s.n > LH_SCHEMA_MAX_TEXT)
        return lh_error_set(p->e, LH_INVALID, "a text of %zu bytes: a schema has %zu at most", s.n,
                            LH_SCHEMA_MAX_TEXT);
    if (valid < s.n)
        return lh_error_set(p->e, LH_INVALID, "column %zu: this is not UTF-8", valid + 1);
    if (s.n && memchr(s.p, '\0', s.n))
        return lh_error_set(p->e, LH_INVALID, "column %zu: a NUL in the text",
                            (size_t)((const char *)memchr(s.p, '\0', s.n) - s.p) + 1);
    if (!s.p)
        p->ddl->text = LH_STR("");
    return next(p);
}

int lh_ddl_type(struct lh_ddl *ddl, const struct lh_type **ret, struct lh_error *e)
{
    struct parser p = {.ddl = ddl, .depth = ddl->depth, .e = e};
    struct lh_type *type = NULL;
    int code = begin(&p);

    if (!code)
        code = parse_type(&p, &type);
    if (!code && p.token.kind != TOKEN_END)
        code = expected(&p, "the end");
    if (!code)
        *ret = type;
    return code;
}

/* Whether the text is "struct<...>": no column can begin so. */
static bool is_whole_struct(const struct parser *p)
{
    size_t at = p->at;

    while (at < p->ddl->text.n && is_space(p->ddl->text.p[at]))
        at++;
    return at_word(p, "struct") && at < p->ddl->text.n && p->ddl->text.p[at] == '<';
}

int lh_ddl_columns(struct lh_ddl *ddl, struct lh_type *to, struct lh_error *e)
{
    struct parser p = {.ddl = ddl, .e = e};
    struct lh_type columns = {.kind = LH_TYPE_STRUCT};
    bool whole;
    int code = begin(&p);

    if (code)
        return code;
    whole = is_whole_struct(&p);
    code = whole ? next(&p) : LH_DONE;
    if (!code)
        code = whole ? parse_struct(&p, &columns) : parse_columns(&p, &columns, "\",\" or the end");
    if (!code && p.token.kind != TOKEN_END)
        code = expected(&p, whole ? "the end" : "\",\" or the end");
    if (!code && columns.n_columns == 0)
        code = lh_error_set(e, LH_INVALID, "a schema without columns");
    if (!code)
        *to = columns;
    return code;
}
