/* SPDX-License-Identifier: Apache-2.0 */
/* Python's tokens, brackets and indentation; see python.h. No grammar. */
#include "config.h"

#include "base/utf8.h"
#include "generate/python.h"

#define MAX_BRACKETS 100 /* CPython allows 200 */
#define MAX_INDENTS  50  /* and 100 */

const struct lh_rule lh_python_rules[] = {
    {"LH601", LH_SEVERITY_ERROR, "A Python file that is no Python",
     "Its tokens, strings, brackets or indentation are wrong: Python would not take it. What\n"
     "lakehost generates passes this check before it is written, so somebody has changed the\n"
     "file. The grammar is not checked."},
    {NULL, LH_SEVERITY_OFF, NULL, NULL},
};

enum token { END, NEWLINE, NAME, NUMBER, STRING, OPERATOR };

struct lexer {
    lh_str s;
    size_t at, line, bol;
    size_t start, start_line, start_bol; /* of the token that was read last */
    char open[MAX_BRACKETS];
    size_t open_line[MAX_BRACKETS];
    size_t n_open;
    size_t bad_line, bad_column; /* of what is wrong */
    struct lh_error *e;
};

/* The place is that of the token; its column counts characters. */
static int complain(struct lexer *x, const char *format, ...) LH_PRINTF(2, 3);
static int complain(struct lexer *x, const char *format, ...)
{
    lh_auto(lh_buf) message = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&message, format, args);
    va_end(args);
    x->bad_line = x->start_line;
    x->bad_column = 1;
    for (size_t at = x->start_bol; at < x->start;) {
        lh_utf8_next_any(x->s, &at);
        x->bad_column++;
    }
    return lh_error_set(x->e, LH_INVALID, "%s", lh_buf_text(&message));
}

static int peek(const struct lexer *x, size_t ahead)
{
    return x->at + ahead < x->s.n ? (unsigned char)x->s.p[x->at + ahead] : -1;
}

static void new_line(struct lexer *x)
{
    x->line++;
    x->bol = x->at;
}

static bool is_name_char(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c >= 0x80;
}

static lh_str token_text(const struct lexer *x)
{
    return lh_str_n(x->s.p + x->start, x->at - x->start);
}

/* --- names -------------------------------------------------------------------------------- */

static bool is_one_of(lh_str s, const char *list)
{
    for (size_t at = 0;;) {
        lh_str word = lh_str_part(list, ' ', &at);

        if (!word.n)
            return false;
        if (lh_str_eq(s, word))
            return true;
    }
}

bool lh_python_is_identifier(lh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_name_char((unsigned char)s.p[i]) || (unsigned char)s.p[i] >= 0x80)
            return false;
    return s.n && !(s.p[0] >= '0' && s.p[0] <= '9') &&
           !is_one_of(s, "False None True and as assert async await break class continue def del "
                         "elif else except finally for from global if import in is lambda nonlocal "
                         "not or pass raise return try while with yield");
}

/* --- tokens ------------------------------------------------------------------------------- */

/* At the opening quote. A backslash takes the next character with it in raw strings too. */
static int skip_string(struct lexer *x)
{
    int quote = peek(x, 0);
    bool triple = peek(x, 1) == quote && peek(x, 2) == quote;

    x->at += triple ? 3 : 1;
    for (;;) {
        int c = peek(x, 0);

        if (c < 0 || (c == '\n' && !triple))
            return complain(x, "a string without its end");
        if (c == quote && (!triple || (peek(x, 1) == quote && peek(x, 2) == quote))) {
            x->at += triple ? 3 : 1;
            return 0;
        }
        if (c == '\\' && peek(x, 1) >= 0) {
            x->at++;
            c = peek(x, 0);
        }
        x->at++;
        if (c == '\n')
            new_line(x);
    }
}

static bool is_string_prefix(lh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("rRbBuUfF", s.p[i]))
            return false;
    return s.n <= 2;
}

static int bracket(struct lexer *x, char c)
{
    static const char pairs[] = "()[]{}";
    const char *place = strchr(pairs, c);

    if ((place - pairs) % 2 == 0) {
        if (x->n_open == MAX_BRACKETS)
            return complain(x, "more than %d brackets within each other", MAX_BRACKETS);
        x->open_line[x->n_open] = x->line;
        x->open[x->n_open++] = c;
        return 0;
    }
    if (!x->n_open)
        return complain(x, "'%c' closes nothing", c);
    if (x->open[x->n_open - 1] != place[-1])
        return complain(x, "'%c' stands where '%c' of line %zu is still open", c,
                        x->open[x->n_open - 1], x->open_line[x->n_open - 1]);
    x->n_open--;
    return 0;
}

static int operator(struct lexer *x, int c)
{
    if (strchr("()[]{}", c))
        return bracket(x, x->s.p[x->at++]);
    if (!strchr("+-*/%@&|^~<>=!.,:;", c) || (c == '!' && peek(x, 1) != '='))
        return c > 0x20 && c < 0x7f ? complain(x, "'%c' is no part of Python", c)
                                    : complain(x, "the character 0x%02x is no part of Python", c);
    x->at++;
    /* longer ones are made of these, and "=" must be told from "==" */
    if (peek(x, 0) == '=' && strchr("+-*/%@&|^<>=!:", c))
        x->at++;
    return 0;
}

/* Blanks, comments, joined lines; a line end only within brackets. */
static void skip_blank(struct lexer *x)
{
    for (;;) {
        int c = peek(x, 0);

        if (c == '#') {
            while (peek(x, 0) >= 0 && peek(x, 0) != '\n')
                x->at++;
        } else if (c == '\\' &&
                   (peek(x, 1) == '\n' || (peek(x, 1) == '\r' && peek(x, 2) == '\n'))) {
            x->at += peek(x, 1) == '\n' ? 2 : 3;
            new_line(x);
        } else if (c == '\n' && x->n_open) {
            x->at++;
            new_line(x);
        } else if (c == ' ' || c == '\t' || c == '\f' || (c == '\r' && peek(x, 1) == '\n')) {
            x->at++;
        } else {
            return;
        }
    }
}

static int next(struct lexer *x, enum token *ret)
{
    int c;

    skip_blank(x);
    x->start = x->at;
    x->start_line = x->line;
    x->start_bol = x->bol;
    c = peek(x, 0);
    if (c < 0) {
        *ret = END;
    } else if (c == '\n') {
        *ret = NEWLINE;
        x->at++;
        new_line(x);
    } else if (c == '"' || c == '\'') {
        *ret = STRING;
        return skip_string(x);
    } else if (is_name_char(c) || (c == '.' && peek(x, 1) >= '0' && peek(x, 1) <= '9')) {
        *ret = c == '.' || (c >= '0' && c <= '9') ? NUMBER : NAME;
        do
            x->at++;
        while (is_name_char(peek(x, 0)) || (*ret == NUMBER && peek(x, 0) == '.'));
        if (*ret == NAME && (peek(x, 0) == '"' || peek(x, 0) == '\'') &&
            is_string_prefix(token_text(x))) {
            *ret = STRING;
            return skip_string(x);
        }
    } else {
        *ret = OPERATOR;
        return operator(x, c);
    }
    return 0;
}

static int not_text(struct lexer *x)
{
    size_t good = lh_utf8_valid_prefix(x->s);
    const char *nul = x->s.n ? memchr(x->s.p, '\0', x->s.n) : NULL;

    if (good == x->s.n && !nul)
        return 0;
    if (nul && (size_t)(nul - x->s.p) < good)
        good = (size_t)(nul - x->s.p);
    for (size_t i = 0; i < good; i++)
        if (x->s.p[i] == '\n') {
            x->line++;
            x->bol = i + 1;
        }
    x->start = good;
    x->start_line = x->line;
    x->start_bol = x->bol;
    return complain(x, nul && x->s.p[good] == '\0' ? "a NUL" : "not UTF-8");
}

/* --- files -------------------------------------------------------------------------------- */

struct indents {
    size_t width[MAX_INDENTS];
    size_t n;
    bool block; /* the line before ended with ':' */
};

/* At the first token of a logical line. */
static int check_indent(struct lexer *x, struct indents *in)
{
    size_t width = x->start - x->start_bol;
    size_t top = in->n ? in->width[in->n - 1] : 0;

    if (width && memchr(x->s.p + x->start_bol, '\t', width))
        return complain(x, "a tab in the indentation");
    if (in->block && width <= top)
        return complain(x, "expected an indented block");
    if (!in->block && width > top)
        return complain(x, "indented without a reason");
    if (width > top) {
        if (in->n == MAX_INDENTS)
            return complain(x, "more than %d levels of indentation", MAX_INDENTS);
        in->width[in->n++] = width;
    }
    while (in->n && in->width[in->n - 1] > width)
        in->n--;
    if (width != (in->n ? in->width[in->n - 1] : 0))
        return complain(x, "the indentation fits no line before");
    return 0;
}

static int check_lines(struct lexer *x)
{
    struct indents in = {.n = 0};
    bool first = true;
    bool colon = false;
    enum token token;
    int code;

    while (!(code = next(x, &token))) {
        if (token == END || token == NEWLINE) {
            if (!first)
                in.block = colon;
            first = true;
            if (token == END)
                return in.block ? complain(x, "expected an indented block") : 0;
            continue;
        }
        if (first && (code = check_indent(x, &in)))
            return code;
        first = false;
        colon = token == OPERATOR && lh_str_eqz(token_text(x), ":");
    }
    return code;
}

int lh_python_check_at(lh_str text, size_t *ret_line, size_t *ret_column, struct lh_error *e)
{
    struct lexer x = {.s = text, .line = 1, .e = e};
    int code = not_text(&x);

    if (!code)
        code = check_lines(&x);
    if (!code && x.n_open)
        code = complain(&x, "'%c' of line %zu is not closed", x.open[x.n_open - 1],
                        x.open_line[x.n_open - 1]);
    if (code) {
        *ret_line = x.bad_line;
        *ret_column = x.bad_column;
    }
    return code;
}

int lh_python_check(lh_str text, const char *name, struct lh_error *e)
{
    size_t line = 0;
    size_t column = 0;
    int code = lh_python_check_at(text, &line, &column, e);

    if (code)
        lh_error_wrap(e, "%s:%zu:%zu", name, line, column);
    return code;
}

/* --- expressions -------------------------------------------------------------------------- */

static bool is_statement_word(lh_str s)
{
    return is_one_of(s, "as assert async await break class continue def del except finally from "
                        "global import nonlocal pass raise return try while with yield elif");
}

static bool joins(enum token token, lh_str text)
{
    if (token == NAME)
        return is_one_of(text, "and or not in is if else for lambda");
    return token == OPERATOR && !strchr(")]}", text.p[text.n - 1]);
}

static int check_token(struct lexer *x, enum token token)
{
    lh_str text = token_text(x);

    if (token == NEWLINE)
        return complain(x, "an expression has one line");
    if (token == NAME && is_statement_word(text))
        return complain(x, "\"%.*s\" belongs to a statement, not to an expression",
                        LH_STR_ARG(text));
    if (token != OPERATOR)
        return 0;
    if (lh_str_eqz(text, ";") || (!x->n_open && (lh_str_eqz(text, ",") || lh_str_eqz(text, "="))))
        return complain(x, "'%.*s' cannot stand in an expression outside brackets",
                        LH_STR_ARG(text));
    if (text.n == 2 && text.p[1] == '=' && !strchr("=!<>", text.p[0]))
        return complain(x, "'%.*s' is an assignment", LH_STR_ARG(text));
    return 0;
}

/* The lexer passes over comments and line ends within brackets; here they are mistakes. */
static int check_one_line(struct lexer *x)
{
    for (size_t i = 0; i < x->s.n; i++)
        if ((unsigned char)x->s.p[i] < 0x20 || x->s.p[i] == 0x7f) {
            x->start = i;
            return complain(x, "an expression has one line and no control characters");
        }
    return 0;
}

static int check_expression(struct lexer *x)
{
    lh_str text = x->s;
    enum token token = END;
    bool open_end = true;
    size_t before = 0;
    int code = not_text(x);

    if (!code)
        code = check_one_line(x);
    while (!code && !(code = next(x, &token))) {
        lh_str blank = lh_str_n(text.p + before, x->start - before);

        if (blank.n && memchr(blank.p, '#', blank.n))
            return complain(x, "a comment in an expression");
        if (token == END)
            break;
        if (before == 0 && token == OPERATOR && !strchr("([{+-~", text.p[x->start]))
            return complain(x, "an expression cannot begin like this");
        code = check_token(x, token);
        open_end = joins(token, token_text(x));
        before = x->at;
    }
    if (!code && x->n_open)
        code = complain(x, "'%c' is not closed", x->open[x->n_open - 1]);
    if (!code && open_end)
        code = complain(x, text.n ? "the expression is not complete" : "an empty expression");
    return code;
}

int lh_python_check_expression(lh_str text, const char *name, struct lh_error *e)
{
    struct lexer x = {.s = text, .line = 1, .start_line = 1, .e = e};
    int code = check_expression(&x);

    if (code)
        lh_error_wrap(e, "%s:%zu:%zu", name, x.bad_line, x.bad_column);
    return code;
}
