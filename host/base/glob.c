/* SPDX-License-Identifier: Apache-2.0 */
/* Glob patterns; see glob.h. */
#include "config.h"

#include "base/glob.h"
#include "base/utf8.h"

#include <stdint.h>

/* One character of a class, after its escape. False at the end of the pattern. */
static bool class_char(lh_str pattern, size_t *at, uint32_t *ret_c)
{
    if (*at < pattern.n && pattern.p[*at] == '\\')
        ++*at;
    if (*at >= pattern.n)
        return false;
    *ret_c = lh_utf8_next_any(pattern, at);
    return true;
}

enum class_result { CLASS_NO, CLASS_YES, CLASS_OPEN, CLASS_REVERSED };

/*
 * Reads the class whose '[' is at *at, moves behind its ']', and says whether c is in it.
 * A ']' that comes first is an ordinary character.
 */
static enum class_result match_class(lh_str pattern, size_t *at, uint32_t c)
{
    bool found = false;
    bool negated;

    ++*at;
    negated = *at < pattern.n && (pattern.p[*at] == '!' || pattern.p[*at] == '^');
    *at += negated;
    for (bool first = true; *at < pattern.n && (first || pattern.p[*at] != ']'); first = false) {
        uint32_t low;
        uint32_t high;

        if (!class_char(pattern, at, &low))
            return CLASS_OPEN;
        high = low;
        if (pattern.n - *at >= 2 && pattern.p[*at] == '-' && pattern.p[*at + 1] != ']') {
            ++*at;
            if (!class_char(pattern, at, &high))
                return CLASS_OPEN;
        }
        if (high < low)
            return CLASS_REVERSED;
        found = found || (c >= low && c <= high);
    }
    if (*at >= pattern.n)
        return CLASS_OPEN;
    ++*at;
    return found != negated ? CLASS_YES : CLASS_NO;
}

/* Matches one character of the name by the element at *at (no '*'), and moves behind both. */
static bool match_one(lh_str pattern, size_t *at, lh_str name, size_t *name_at)
{
    uint32_t c;

    if (*at >= pattern.n || *name_at >= name.n)
        return false;
    c = lh_utf8_next_any(name, name_at);
    if (pattern.p[*at] == '[')
        return match_class(pattern, at, c) == CLASS_YES;
    if (pattern.p[*at] == '?') {
        ++*at;
        return true;
    }
    if (pattern.p[*at] == '\\' && ++*at >= pattern.n)
        return false;
    return lh_utf8_next_any(pattern, at) == c;
}

/*
 * Only the last '*' is ever tried again, one character further: what an earlier one could take
 * in addition, the last can take as well.
 */
bool lh_glob_match(lh_str pattern, lh_str name)
{
    size_t at = 0;
    size_t name_at = 0;
    size_t star = SIZE_MAX; /* behind the last '*' */
    size_t star_name = 0;   /* where the rest of the name was tried against what follows it */

    while (name_at < name.n || at < pattern.n) {
        if (at < pattern.n && pattern.p[at] == '*') {
            star = ++at;
            star_name = name_at;
        } else if (!match_one(pattern, &at, name, &name_at)) {
            if (star == SIZE_MAX || star_name >= name.n)
                return false;
            lh_utf8_next_any(name, &star_name);
            at = star;
            name_at = star_name;
        }
    }
    return true;
}

static int refuse(lh_str pattern, size_t at, const char *why, struct lh_error *e)
{
    size_t column = 1;

    for (size_t i = 0; i < at; column++)
        lh_utf8_next_any(pattern, &i);
    return lh_error_set(e, LH_INVALID, "pattern \"%.*s\": column %zu: %s", LH_STR_ARG(pattern),
                        column, why);
}

static int check_class(lh_str pattern, size_t *at, struct lh_error *e)
{
    size_t from = *at;

    switch (match_class(pattern, at, 0)) {
    case CLASS_OPEN:
        return refuse(pattern, from,
                      "\"[\" is not closed; add \"]\", or write \"\\[\" for the character", e);
    case CLASS_REVERSED:
        return refuse(pattern, from, "a range in [] runs backwards; write the lower end first", e);
    case CLASS_NO:
    case CLASS_YES:
        break;
    }
    return LH_DONE;
}

int lh_glob_check(lh_str pattern, struct lh_error *e)
{
    size_t valid = lh_utf8_valid_prefix(pattern);
    size_t at = 0;

    if (valid < pattern.n)
        return refuse(pattern, valid, "this is not UTF-8", e);
    while (at < pattern.n) {
        int code = LH_DONE;

        if (pattern.p[at] == '\\' && at + 1 == pattern.n)
            code = refuse(pattern, at,
                          "\"\\\" with nothing behind it; write \"\\\\\" for the character", e);
        else if (pattern.p[at] == '[')
            code = check_class(pattern, &at, e);
        else
            at += pattern.p[at] == '\\' ? 2 : 1;
        if (code)
            return code;
    }
    return LH_DONE;
}

bool lh_glob_is_literal(lh_str pattern)
{
    for (size_t i = 0; i < pattern.n; i++)
        if (pattern.p[i] && strchr("*?[\\", pattern.p[i]))
            return false;
    return true;
}
