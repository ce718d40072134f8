/* SPDX-License-Identifier: Apache-2.0 */
/* Glob patterns against a plain recursive matcher. Input: pattern, newline, name. */
#include "config.h"

#define FUZZ_NAME "glob"
#include "base/glob.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"

#include <string.h>

/* Recursion takes exponential time, so only short inputs are compared. */
#define COMPARE_MAX 12

/* A class as the documentation reads, for a pattern that was checked; returns what follows it. */
static size_t reference_class(lh_str p, size_t at, uint32_t c, bool *ret_in)
{
    bool negated = p.p[at + 1] == '!' || p.p[at + 1] == '^';
    size_t first = at + 1 + negated;
    bool in = false;

    for (at = first; at == first || p.p[at] != ']';) {
        uint32_t low;
        uint32_t high;

        at += p.p[at] == '\\';
        low = high = lh_utf8_next(p, &at);
        if (p.p[at] == '-' && p.p[at + 1] != ']') {
            at++;
            at += p.p[at] == '\\';
            high = lh_utf8_next(p, &at);
        }
        in |= c >= low && c <= high;
    }
    *ret_in = in != negated;
    return at + 1;
}

static bool reference(lh_str p, size_t at, lh_str name, size_t name_at)
{
    size_t rest = name_at;
    uint32_t c;

    if (at == p.n)
        return name_at == name.n;
    if (name_at == name.n)
        return p.p[at] == '*' && reference(p, at + 1, name, name_at);
    c = lh_utf8_next_any(name, &rest);
    if (p.p[at] == '*')
        return reference(p, at + 1, name, name_at) || reference(p, at, name, rest);
    if (p.p[at] == '?')
        return reference(p, at + 1, name, rest);
    if (p.p[at] == '[') {
        bool in;

        at = reference_class(p, at, c, &in);
        return in && reference(p, at, name, rest);
    }
    at += p.p[at] == '\\';
    return lh_utf8_next(p, &at) == c && reference(p, at, name, rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *newline = size ? memchr(text, '\n', size) : NULL;
    size_t n = newline ? (size_t)(newline - text) : size;
    lh_str pattern = lh_str_n(text, n);
    lh_str name = newline ? lh_str_n(text + n + 1, size - n - 1) : lh_str_n(text, 0);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    bool matches;

    if (size > 4096)
        return 0;
    matches = lh_glob_match(pattern, name);
    if (lh_glob_is_literal(pattern))
        FUZZ_ASSERT(matches == lh_str_eq(pattern, name));
    if (lh_glob_check(pattern, &e) != LH_DONE)
        FUZZ_ASSERT(strstr(lh_error_text(&e), "column ") != NULL);
    else if (pattern.n <= COMPARE_MAX && name.n <= COMPARE_MAX)
        FUZZ_ASSERT(matches == reference(pattern, 0, name, 0));
    return 0;
}
