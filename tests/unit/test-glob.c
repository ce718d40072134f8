/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/deadline.h"
#include "base/glob.h"
#include "tap.h"

#include <stdlib.h>

static const struct {
    const char *pattern, *name;
    bool matches;
} cases[] = {
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "a/.b", true},
    {"**", "ab", true},
    {"?", "", false},
    {"?", "a", true},
    {"?", "\xc3\xa9", true},
    {"??", "\xc3\xa9", false},
    {"?", "\xff", true},
    {"??", "\xc3", false},
    {"abc", "abc", true},
    {"abc", "ab", false},
    {"ab", "abc", false},
    {"abc", "ABC", false},
    {"a*c", "abbbc", true},
    {"a*c", "ac", true},
    {"a*c", "acb", false},
    {"*a*b*c*", "xaybzcw", true},
    {"*a*b*c*", "xaybzw", false},
    {"*aab", "aaaab", true},
    {"*.?", "a.b.c", true},
    {"[a-c]", "b", true},
    {"[a-c]", "d", false},
    {"[!a-c]", "d", true},
    {"[^a-c]", "b", false},
    {"[!a]", "", false},
    {"[!a]", "\xff", true},
    {"[\xc3\xa0-\xc3\xaf]", "\xc3\xa9", true},
    {"[]a]", "]", true},
    {"[!]a]", "]", false},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[a\\]b]", "]", true},
    {"[\\a-c]", "b", true},
    {"[a\\-c]", "b", false},
    {"[*?]", "*", true},
    {"[*?]", "x", false},
    {"*[0-9]", "a12", true},
    {"\\*", "*", true},
    {"\\*", "x", false},
    {"\\\\", "\\", true},
    {"\\a", "a", true},
    {"\xc3\xa9*", "\xc3\xa9t\xc3\xa9", true},
    {"\xff", "\xff", true},
    {"[ab", "a", false},
    {"[", "[", false},
    {"[z-a]", "b", false},
    {"a\\", "a", false},
    {"a\\", "a\\", false},
    {"a/*", "a/b/c", true},
};

static void test_match(void)
{
    for (size_t i = 0; i < LH_LEN(cases); i++)
        ok(lh_glob_match(lh_str_z(cases[i].pattern), lh_str_z(cases[i].name)) == cases[i].matches,
           "\"%s\" %s \"%s\"", cases[i].pattern, cases[i].matches ? "matches" : "does not match",
           cases[i].name);
    ok(lh_glob_match(lh_str_n("a\0?", 3), lh_str_n("a\0b", 3)), "NUL is a character");
}

static void test_check(void)
{
    static const struct {
        const char *pattern, *message;
    } bad[] = {
        {"a[b", "pattern \"a[b\": column 2: \"[\" is not closed"},
        {"[]", "column 1: \"[\" is not closed"},
        {"[!]", "column 1"},
        {"[a\\", "column 1"},
        {"[a-\\", "column 1"},
        {"\xc3\xa9[", "column 2"},
        {"[a]x[z-a]", "column 5: a range in [] runs backwards"},
        {"ab\\", "column 3: \"\\\" with nothing behind it"},
        {"a\xff", "column 2: this is not UTF-8"},
    };
    lh_auto(lh_error) e = LH_ERROR_INIT;

    for (size_t i = 0; i < LH_LEN(bad); i++) {
        is_int(lh_glob_check(lh_str_z(bad[i].pattern), &e), LH_INVALID, bad[i].pattern);
        has_str(lh_error_text(&e), bad[i].message, "where and what");
    }
    lh_error_free(&e);
    is_int(lh_glob_check(LH_STR("a*?[]a-z]\\[[!\\]]\xc3\xa9"), &e), 0, "a good one");
    is_int(lh_glob_check(LH_STR(""), &e), 0, "the empty one");
    is_int(lh_glob_check(LH_STR("]-!^"), &e), 0, "nothing special outside []");
}

static void test_literal(void)
{
    ok(lh_glob_is_literal(LH_STR("main.public.t-1]")), "a plain name");
    ok(lh_glob_is_literal(lh_str_n("a\0b", 3)), "with a NUL");
    ok(lh_glob_is_literal(LH_STR("")), "the empty name");
    ok(!lh_glob_is_literal(LH_STR("a*")) && !lh_glob_is_literal(LH_STR("a?")) &&
           !lh_glob_is_literal(LH_STR("[a]")) && !lh_glob_is_literal(LH_STR("\\a")),
       "special characters");
}

/* What takes for ever with naive backtracking. */
static void test_time(void)
{
    char pattern[201];
    char name[20001];
    int64_t begin = lh_now_ms();

    for (size_t i = 0; i < 200; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[199] = 'b';
    memset(name, 'a', 20000);
    ok(!lh_glob_match(lh_str_n(pattern, 200), lh_str_n(name, 20000)), "no match");
    ok(lh_now_ms() - begin < 2000, "in %d ms", (int)(lh_now_ms() - begin));
}

int main(void)
{
    RUN(test_match);
    RUN(test_check);
    RUN(test_literal);
    RUN(test_time);
    return tap_done();
}
