/* SPDX-License-Identifier: Apache-2.0 */
/* ~/.databrickscfg; see profiles.h. One pass over the lines, no line twice. */
#include "config.h"

#include "workspace/profiles.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <stdlib.h>

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void lh_profiles_free(struct lh_profiles *p)
{
    for (size_t i = 0; i < p->n; i++) {
        for (size_t k = 0; k < p->items[i].n; k++) {
            free(p->items[i].keys[k].name);
            wipe(p->items[i].keys[k].value);
        }
        free(p->items[i].keys);
        free(p->items[i].name);
    }
    free(p->items);
    free(p->file);
    *p = (struct lh_profiles){0};
}

const struct lh_profile *lh_profiles_find(const struct lh_profiles *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->items[i].name, name) == 0)
            return &p->items[i];
    return NULL;
}

const struct lh_profile_key *lh_profile_get(const struct lh_profile *profile, const char *key)
{
    for (size_t i = 0; profile && i < profile->n; i++)
        if (strcmp(profile->keys[i].name, key) == 0)
            return &profile->keys[i];
    return NULL;
}

/* --- lines ------------------------------------------------------------------------------------ */

struct reading {
    struct lh_profiles *into;
    struct lh_profile *section;  /* the last one; NULL before the first */
    struct lh_profile_key *last; /* whose value may go on; NULL: none */
    size_t indent;               /* of the line that `last` is in */
    size_t line;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static lh_str trim(lh_str s)
{
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n && is_blank(*s.p)) {
        s.p++;
        s.n--;
    }
    return s;
}

static int problem(const struct reading *r, size_t column, struct lh_error *e, const char *what)
{
    return lh_error_set(e, LH_INVALID, "%s:%zu:%zu: %s", r->into->file, r->line, column, what);
}

static int begin_section(struct reading *r, lh_str line, size_t column, struct lh_error *e)
{
    size_t end = line.n;
    char *name lh_autofree = NULL;

    while (end > 1 && line.p[end - 1] != ']')
        end--;
    if (end <= 2)
        return problem(r, column, e, "expected [name], found \"[\" without a name and \"]\"");
    name = lh_xmemdup0(line.p + 1, end - 2);
    if (lh_profiles_find(r->into, name))
        return lh_error_set(e, LH_INVALID,
                            "%s:%zu:%zu: the section [%s] is there twice, first in line %zu; "
                            "remove one",
                            r->into->file, r->line, column, name,
                            lh_profiles_find(r->into, name)->line);
    r->into->items = lh_xgrow(r->into->items, r->into->n, &r->into->cap, sizeof *r->into->items);
    r->section = &r->into->items[r->into->n++];
    *r->section = (struct lh_profile){.name = lh_take(name), .line = r->line};
    r->last = NULL;
    return 0;
}

/* Where the first '=' or ':' is; line.n without one. */
static size_t separator(lh_str line)
{
    size_t at = 0;

    while (at < line.n && line.p[at] != '=' && line.p[at] != ':')
        at++;
    return at;
}

static int add_key(struct reading *r, lh_str line, size_t column, struct lh_error *e)
{
    size_t at = separator(line);
    lh_str name = trim(lh_str_n(line.p, at));
    lh_str value = at < line.n ? trim(lh_str_n(line.p + at + 1, line.n - at - 1)) : name;
    char *lower lh_autofree = lh_xmemdup0(name.p, name.n);
    const struct lh_profile_key *other;

    if (at == line.n)
        return problem(r, column, e, "expected key = value, a [section] or a # comment");
    if (name.n == 0)
        return problem(r, column, e, "there is no key before the \"=\"");
    if (!r->section)
        return problem(r, column, e, "a key stands before the first [section]");
    for (char *c = lower; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    if ((other = lh_profile_get(r->section, lower)))
        return lh_error_set(e, LH_INVALID,
                            "%s:%zu:%zu: [%s] has the key %s twice, first in line %zu; remove one",
                            r->into->file, r->line, column, r->section->name, lower, other->line);
    r->section->keys =
        lh_xgrow(r->section->keys, r->section->n, &r->section->cap, sizeof *r->section->keys);
    r->last = &r->section->keys[r->section->n++];
    *r->last = (struct lh_profile_key){.name = lh_take(lower),
                                       .value = lh_xmemdup0(value.p, value.n),
                                       .line = r->line,
                                       .column = column};
    return 0;
}

/* The value goes on; old and new text are both wiped where they were. */
static void add_line(struct reading *r, lh_str line)
{
    size_t n = strlen(r->last->value);
    char *longer = lh_xmalloc(n + line.n + 2);

    memcpy(longer, r->last->value, n);
    longer[n] = '\n';
    memcpy(longer + n + 1, line.p, line.n);
    longer[n + 1 + line.n] = '\0';
    wipe(r->last->value);
    r->last->value = longer;
    if (!r->last->more)
        r->last->more = r->line;
}

static int take_line(struct reading *r, lh_str whole, struct lh_error *e)
{
    lh_str line = trim(whole);
    size_t indent = line.n ? (size_t)(line.p - whole.p) : 0;

    if (line.n == 0 || *line.p == '#' || *line.p == ';')
        return 0;
    if (r->last && indent > r->indent) {
        add_line(r, line);
        return 0;
    }
    r->indent = indent;
    return *line.p == '[' ? begin_section(r, line, indent + 1, e) : add_key(r, line, indent + 1, e);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int check_text(lh_str text, const char *file, struct lh_error *e)
{
    if (text.n > LH_PROFILES_BYTES)
        return lh_error_set(e, LH_INVALID, "%s: more than %zu bytes", file, LH_PROFILES_BYTES);
    if (!lh_utf8_valid(text) || (text.n && memchr(text.p, '\0', text.n)))
        return lh_error_set(e, LH_INVALID, "%s: expected a text in UTF-8", file);
    return 0;
}

/* The next line and its end: LF, CR or both. */
static lh_str next_line(lh_str text, size_t *at)
{
    size_t begin = *at;
    size_t n;

    while (*at < text.n && text.p[*at] != '\n' && text.p[*at] != '\r')
        ++*at;
    n = *at - begin;
    if (*at + 1 < text.n && text.p[*at] == '\r' && text.p[*at + 1] == '\n')
        ++*at;
    ++*at;
    return lh_str_n(text.p + begin, n);
}

int lh_profiles_parse(lh_str text, const char *file, struct lh_profiles *ret, struct lh_error *e)
{
    struct reading r = {.into = ret};
    size_t at = lh_str_starts(text, LH_STR("\xef\xbb\xbf")) ? 3 : 0;
    int code = check_text(text, file, e);

    if (code)
        return code;
    ret->file = lh_xstrdup(file);
    while (!code && at < text.n) {
        r.line++;
        code = take_line(&r, next_line(text, &at), e);
    }
    if (code)
        lh_profiles_free(ret);
    return code;
}
