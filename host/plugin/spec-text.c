/* SPDX-License-Identifier: Apache-2.0 */
/* Where a walk over a spec is, how it complains, and the rules for the texts that it meets. */
#include "config.h"

#include "plugin/spec_internal.h"

#include "json/text.h"

#define TEXT_MAX 4096 /* bytes of one text */

/* --- places ----------------------------------------------------------------------------------- */

void lh_spec_walk_free(struct lh_spec_walk *w)
{
    lh_buf_free(&w->pointer);
}

size_t lh_spec_into(struct lh_spec_walk *w, const char *name)
{
    size_t before = w->pointer.n;

    lh_pointer_push(&w->pointer, lh_str_z(name));
    return before;
}

size_t lh_spec_into_item(struct lh_spec_walk *w, size_t index)
{
    size_t before = w->pointer.n;

    lh_pointer_push_index(&w->pointer, index);
    return before;
}

int lh_spec_wrong(const struct lh_spec_walk *w, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    return lh_document_error(w->document, lh_buf_text(&w->pointer), w->e, "%s", lh_buf_text(&text));
}

/* --- texts ------------------------------------------------------------------------------------ */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A letter, then letters, digits and '_'; capitals only where they are allowed. */
static bool is_word(lh_str s, size_t max, bool capital_first, bool capitals)
{
    if (s.n == 0 || s.n > max || !(is_lower(s.p[0]) || (capital_first && is_upper(s.p[0]))))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!is_lower(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '_' &&
            !(capitals && is_upper(s.p[i])))
            return false;
    return true;
}

static bool is_connector(lh_str s)
{
    return is_word(s, 32, false, false);
}

static bool is_name(lh_str s)
{
    return is_word(s, 64, false, false);
}

static bool is_option(lh_str s)
{
    return is_word(s, 64, false, true);
}

static bool is_alias(lh_str s)
{
    return is_word(s, 64, true, true);
}

/* A number without leading zeros at the front of s. */
static bool take_number(lh_str *s)
{
    size_t n = 0;

    while (n < s->n && is_digit(s->p[n]))
        n++;
    if (n == 0 || n > 9 || (n > 1 && s->p[0] == '0'))
        return false;
    *s = lh_str_n(s->p + n, s->n - n);
    return true;
}

static bool take_char(lh_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = lh_str_n(s->p + 1, s->n - 1);
    return true;
}

static bool is_version(lh_str s)
{
    if (s.n > 64 || !take_number(&s) || !take_char(&s, '.') || !take_number(&s) ||
        !take_char(&s, '.') || !take_number(&s))
        return false;
    if (s.n == 0)
        return true;
    if (s.n < 2 || (s.p[0] != '-' && s.p[0] != '+'))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!is_lower(s.p[i]) && !is_upper(s.p[i]) && !is_digit(s.p[i]) && !strchr(".-+", s.p[i]))
            return false;
    return true;
}

/* token of RFC 9110 */
static bool is_header(lh_str s)
{
    if (s.n == 0 || s.n > 128)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_lower(s.p[i]) && !is_upper(s.p[i]) && !is_digit(s.p[i]) &&
            !strchr("!#$%&'*+-.^_`|~", s.p[i]))
            return false;
    return true;
}

/* RFC 6901 */
static bool is_pointer(lh_str s)
{
    if (s.n && s.p[0] != '/')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '~' && (i + 1 == s.n || (s.p[i + 1] != '0' && s.p[i + 1] != '1')))
            return false;
    return true;
}

static bool is_full(lh_str s)
{
    return s.n > 0;
}

static const struct {
    bool (*holds)(lh_str s);
    const char *what;
} rules[] = {
    [LH_TEXT_ANY] = {NULL, NULL},
    [LH_TEXT_LINES] = {NULL, NULL},
    [LH_TEXT_CONNECTOR] = {is_connector, "a name of up to 32 characters: a-z, then a-z, 0-9 and _"},
    [LH_TEXT_NAME] = {is_name, "a name of up to 64 characters: a-z, then a-z, 0-9 and _"},
    [LH_TEXT_OPTION] = {is_option,
                        "an option's name of up to 64 characters: a-z, then letters, 0-9 and _"},
    [LH_TEXT_ALIAS] = {is_alias,
                       "a name of up to 64 characters: a letter, then letters, 0-9 and _"},
    [LH_TEXT_VERSION] = {is_version, "a version such as 1.0.0 or 1.2.0-rc.1"},
    [LH_TEXT_HEADER] = {is_header, "the name of a header"},
    [LH_TEXT_POINTER] = {is_pointer, "a JSON pointer such as /error/type"},
    [LH_TEXT_FULL] = {is_full, "a text that is not empty"},
};

int lh_spec_check_text(const struct lh_spec_walk *w, enum lh_text_rule rule, const char *z)
{
    lh_str s = lh_str_z(z);

    if (s.n > TEXT_MAX)
        return lh_spec_wrong(w, "expected at most %d bytes, found %zu", TEXT_MAX, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)z[i] < ' ' && !(rule == LH_TEXT_LINES && z[i] == '\n')) || z[i] == 0x7f)
            return lh_spec_wrong(w, "found the control character 0x%02x, expected text",
                                 (unsigned char)z[i]);
    if (rules[rule].holds && !rules[rule].holds(s)) {
        char *quoted lh_autofree = lh_text_quote(s);

        return lh_spec_wrong(w, "expected %s, found %s", rules[rule].what, quoted);
    }
    return 0;
}
