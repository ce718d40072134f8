/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing templates: a text becomes a list of nodes, or a message with its place. */
#include "config.h"

#include "base/utf8.h"
#include "generate/template_internal.h"

#include <stdlib.h>

struct parser {
    struct lh_template *t;
    lh_template_find *find;
    void *context;
    size_t at;   /* in the text */
    size_t line; /* of `at`, from 1 */
    size_t bol;  /* where that line begins */
    size_t open[LH_TPL_SCOPES];
    size_t n_open;
    struct lh_error *e;
};

void lh_template_destroy(struct lh_template *t)
{
    free(t->name);
    free(t->text);
    free(t->nodes);
    free(t);
}

static int complain(const struct parser *p, const char *format, ...) LH_PRINTF(2, 3);
static int complain(const struct parser *p, const char *format, ...)
{
    lh_auto(lh_buf) message = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&message, format, args);
    va_end(args);
    return lh_error_set(p->e, LH_INVALID, "%s:%zu:%zu: %s", p->t->name, p->line, p->at - p->bol + 1,
                        lh_buf_text(&message));
}

static struct lh_tpl_node *add_node(struct parser *p, enum lh_tpl_node_kind kind, lh_str text)
{
    struct lh_template *t = p->t;

    t->nodes = lh_xgrow(t->nodes, t->n_nodes, &t->cap_nodes, sizeof *t->nodes);
    t->nodes[t->n_nodes] = (struct lh_tpl_node){.kind = kind, .text = text, .line = p->line};
    return &t->nodes[t->n_nodes++];
}

static void add_literal(struct parser *p, size_t from, size_t to)
{
    if (to > from)
        add_node(p, LH_TPL_LITERAL, lh_str_n(p->t->text + from, to - from));
}

static lh_str trimmed(lh_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = lh_str_n(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

static bool is_name(lh_str s)
{
    if (lh_str_eqz(s, "."))
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
              s.p[i] == '_' || (i && s.p[i] >= '0' && s.p[i] <= '9')))
            return false;
    return s.n > 0;
}

/* --- tags --------------------------------------------------------------------------------- */

static int open_section(struct parser *p, enum lh_tpl_node_kind kind, lh_str name)
{
    if (!is_name(name))
        return complain(p, "expected the name of a section, found \"%.*s\"", LH_STR_ARG(name));
    if (p->n_open == LH_TPL_SCOPES)
        return complain(p, "more than %d sections within each other", LH_TPL_SCOPES);
    p->open[p->n_open++] = p->t->n_nodes;
    add_node(p, kind, name);
    return 0;
}

static int close_section(struct parser *p, lh_str name)
{
    struct lh_tpl_node *section = p->n_open ? &p->t->nodes[p->open[p->n_open - 1]] : NULL;

    if (!section)
        return complain(p, "{{/%.*s}} closes a section that nothing opened", LH_STR_ARG(name));
    if (!lh_str_eq(section->text, name))
        return complain(p, "{{/%.*s}} stands where {{/%.*s}} must (opened in line %zu)",
                        LH_STR_ARG(name), LH_STR_ARG(section->text), section->line);
    section->end = p->t->n_nodes;
    p->n_open--;
    return 0;
}

static int include(struct parser *p, lh_str name)
{
    char *z lh_autofree = lh_xmemdup0(name.p, name.n);
    const struct lh_template *included = NULL;

    if (!name.n)
        return complain(p, "expected the name of a template behind {{>");
    if (!p->find)
        return complain(p, "includes are not possible here");
    if (p->find(p->context, z, &included, p->e))
        return lh_error_wrap(p->e, "%s:%zu", p->t->name, p->line);
    if (included->height + 1 > p->t->height)
        p->t->height = included->height + 1;
    if (p->t->height > LH_TPL_INCLUDES)
        return complain(p, "more than %d files include each other", LH_TPL_INCLUDES);
    add_node(p, LH_TPL_INCLUDE, name)->included = included;
    return 0;
}

static int variable(struct parser *p, lh_str tag)
{
    const char *blank = memchr(tag.p, ' ', tag.n);
    lh_str context = lh_str_n(tag.p, blank ? (size_t)(blank - tag.p) : tag.n);
    lh_str name = trimmed(lh_str_n(tag.p + context.n, tag.n - context.n));
    lh_escape *escape = lh_escape_of(context);

    if (!name.n && is_name(context))
        return complain(p,
                        "say what \"%.*s\" stands in: {{py %.*s}}, or str, ident, expr, yaml, "
                        "comment, md",
                        LH_STR_ARG(context), LH_STR_ARG(context));
    if (!escape)
        return complain(p, "\"%.*s\" is no context: py, str, ident, expr, yaml, comment or md",
                        LH_STR_ARG(context));
    if (!is_name(name))
        return complain(p, "expected the name of a variable, found \"%.*s\"", LH_STR_ARG(name));
    add_node(p, LH_TPL_VARIABLE, name)->escape = escape;
    return 0;
}

static int handle_tag(struct parser *p, lh_str tag)
{
    lh_str rest = tag.n ? trimmed(lh_str_n(tag.p + 1, tag.n - 1)) : tag;

    switch (tag.n ? tag.p[0] : 0) {
    case 0:
        return complain(p, "an empty tag");
    case '!':
        return 0;
    case '#':
        return open_section(p, LH_TPL_SECTION, rest);
    case '^':
        return open_section(p, LH_TPL_INVERTED, rest);
    case '/':
        return close_section(p, rest);
    case '>':
        return include(p, rest);
    case '"':
        if (tag.n < 2 || tag.p[tag.n - 1] != '"')
            return complain(p, "a text without its closing quote");
        add_node(p, LH_TPL_LITERAL, lh_str_n(tag.p + 1, tag.n - 2));
        return 0;
    default:
        return variable(p, tag);
    }
}

/* --- the text ----------------------------------------------------------------------------- */

static size_t find_two(const struct lh_template *t, size_t from, size_t end, char c)
{
    for (size_t i = from; i + 1 < end; i++)
        if (t->text[i] == c && t->text[i + 1] == c)
            return i;
    return end;
}

static size_t line_end(const struct lh_template *t, size_t from)
{
    const char *lf = memchr(t->text + from, '\n', t->n - from);

    return lf ? (size_t)(lf - t->text) : t->n;
}

static bool is_blank(const struct lh_template *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (t->text[i] != ' ' && t->text[i] != '\t')
            return false;
    return true;
}

/* A literal tag may hold braces: {{"}}"}} ends at the quote. */
static size_t tag_end(const struct lh_template *t, size_t inside, size_t end)
{
    const char *quote;

    if (inside >= end || t->text[inside] != '"')
        return find_two(t, inside, end, '}');
    for (size_t i = inside + 1; i + 2 < end; i++) {
        quote = &t->text[i];
        if (quote[0] == '"' && quote[1] == '}' && quote[2] == '}')
            return i + 1;
    }
    return end;
}

/* One line: [p->at, end); a line of one tag that prints nothing leaves no line. */
static int parse_line(struct parser *p, size_t end)
{
    const struct lh_template *t = p->t;
    size_t after = end < t->n ? end + 1 : end; /* with the line feed */

    while (p->at < end) {
        size_t open = find_two(t, p->at, end, '{');
        size_t close = open < end ? tag_end(t, open + 2, end) : end;
        bool prints = true;
        lh_str tag;
        int code;

        if (open == end)
            break;
        if (close == end) {
            p->at = open;
            return complain(p, "{{ without }} in the same line");
        }
        tag = trimmed(lh_str_n(t->text + open + 2, close - open - 2));
        if (tag.n && strchr("#^/>!", tag.p[0]))
            prints = !is_blank(t, p->bol, open) || !is_blank(t, close + 2, end);
        if (prints)
            add_literal(p, p->at, open);
        p->at = open;
        code = handle_tag(p, tag);
        if (code)
            return code;
        p->at = prints ? close + 2 : after;
    }
    if (p->at < after)
        add_literal(p, p->at, after);
    p->at = after;
    return 0;
}

static int parse_text(struct parser *p)
{
    size_t good = lh_utf8_valid_prefix(lh_str_n(p->t->text, p->t->n));
    int code = 0;

    if (p->t->n > LH_TPL_BYTES)
        return complain(p, "the template has more than %zu bytes", LH_TPL_BYTES);
    for (; !code && p->at < p->t->n; p->line++) {
        size_t end = line_end(p->t, p->at);

        p->bol = p->at;
        if (good < p->t->n && good >= p->at && good <= end) {
            p->at = good;
            return complain(p, "not UTF-8");
        }
        code = parse_line(p, end);
    }
    if (!code && p->n_open) {
        const struct lh_tpl_node *section = &p->t->nodes[p->open[p->n_open - 1]];

        return lh_error_set(p->e, LH_INVALID, "%s:%zu: the section \"%.*s\" is not closed",
                            p->t->name, section->line, LH_STR_ARG(section->text));
    }
    return code;
}

int lh_template_parse(const char *name, char *text, size_t n, lh_template_find *find, void *context,
                      struct lh_template **ret, struct lh_error *e)
{
    lh_autoptr(lh_template) t = lh_xcalloc(1, sizeof *t);
    struct parser p = {.t = t, .find = find, .context = context, .line = 1, .e = e};
    int code;

    t->name = lh_xstrdup(name);
    t->text = text;
    t->n = n;
    code = parse_text(&p);
    if (code)
        return code;
    *ret = lh_take(t);
    return 0;
}

lh_str lh_template_first_line(const struct lh_template *t)
{
    return lh_str_n(t->text, line_end(t, 0));
}
