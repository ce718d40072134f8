/* SPDX-License-Identifier: Apache-2.0 */
/* What stopped a scan, in words and with a place. */
#include "config.h"

#include "json/json.h"
#include "json/text.h"

#include <stdio.h>

void lh_json_place(lh_str text, size_t offset, size_t *ret_line, size_t *ret_column)
{
    size_t stop = offset < text.n ? offset : text.n;
    size_t line = 1;
    size_t begin = 0;
    const char *feed;

    while (begin < stop && (feed = memchr(text.p + begin, '\n', stop - begin))) {
        begin = (size_t)(feed - text.p) + 1;
        line++;
    }
    *ret_line = line;
    *ret_column = stop - begin + 1;
}

/* What stands at the offset: a character, a byte, the end. */
static void describe(char *to, size_t size, lh_str text, size_t offset)
{
    unsigned char c;

    if (offset >= text.n) {
        snprintf(to, size, "the end of the text");
        return;
    }
    c = (unsigned char)text.p[offset];
    if (c > ' ' && c < 0x7f)
        snprintf(to, size, "'%c'", c);
    else
        snprintf(to, size, "byte 0x%02x", c);
}

int lh_json_problem_error(const struct lh_json_problem *problem, lh_str text, const char *name,
                          int code, struct lh_error *e)
{
    char found[32];
    size_t line;
    size_t column;

    text = text.p ? text : LH_STR(""); /* as the scan took it */
    lh_json_place(text, problem->offset, &line, &column);
    describe(found, sizeof found, text, problem->offset);
    return lh_error_set(e, code, "%s:%zu:%zu: expected %s, found %s", name, line, column,
                        problem->expected, found);
}

const char *lh_json_kind_words(const struct lh_json *v)
{
    static const char *const words[] = {"nothing",  "null",     "false",    "true",
                                        "a number", "a string", "an array", "an object"};

    return words[lh_json_kind(v)];
}

int lh_json_value_error(const struct lh_json *container, const struct lh_json *v, const char *name,
                        const char *expected, int code, struct lh_error *e)
{
    const struct lh_json *at = v ? v : container;
    int kind = lh_json_kind(v);
    char *shown lh_autofree =
        kind == LH_JSON_STRING || kind == LH_JSON_NUMBER ? lh_text_quote(lh_json_str(v)) : NULL;
    lh_str text = lh_json_text(lh_json_owner(at));
    size_t line;
    size_t column;

    lh_json_place(text, (size_t)(lh_json_raw(at).p - text.p), &line, &column);
    return lh_error_set(e, code, "%s:%zu:%zu: expected %s, found %s%s%s", name, line, column,
                        expected, lh_json_kind_words(v), shown ? ", " : "", shown ? shown : "");
}

static bool is_known(lh_str name, const char *const *known, size_t n_known)
{
    for (size_t i = 0; i < n_known; i++)
        if (lh_str_eqz(name, known[i]))
            return true;
    return false;
}

int lh_json_check_members(const struct lh_json *object, const char *const *known, size_t n_known,
                          const char *name, const char *expected, int code, struct lh_error *e)
{
    const struct lh_json *v = NULL;
    lh_str member;

    while ((v = lh_json_next(object, v, &member))) {
        char *shown lh_autofree = NULL;
        char *wanted lh_autofree = NULL;

        if (is_known(member, known, n_known))
            continue;
        shown = lh_text_quote(member);
        wanted = lh_xasprintf("%s; %s is not known", expected, shown);
        return lh_json_value_error(object, v, name, wanted, code, e);
    }
    return 0;
}
