/* SPDX-License-Identifier: Apache-2.0 */
/* ~/.databrickscfg as Python's configparser takes it. */
#include "config.h"
#include "tap.h"

#include "workspace/profiles.h"

static struct lh_profiles p;

static void read_text(const char *text)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_profiles_free(&p);
    is_int(lh_profiles_parse(lh_str_z(text), "cfg", &p, &e), 0, "it is taken");
    is_str(lh_error_text(&e), "", "without a word");
}

static const char *value(const char *section, const char *key)
{
    const struct lh_profile_key *found = lh_profile_get(lh_profiles_find(&p, section), key);

    return found ? found->value : NULL;
}

static void refused(const char *text, const char *message)
{
    struct lh_profiles none = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_profiles_parse(lh_str_z(text), "cfg", &none, &e), LH_INVALID, "refused");
    is_str(lh_error_text(&e), message, text);
}

static void test_literal(void)
{
    read_text(
        "\xef\xbb\xbf# comment\r\n;another\r\n[DEFAULT]\r\n\r\nHost\t:\thttps://h/?o=1 ; #x\r\n"
        "token = dapi%41=b:c  \r\n[a b] # what follows is no matter\r\nempty =\r\n");
    is_str(value("DEFAULT", "host"), "https://h/?o=1 ; #x", "a value is literal, to its end");
    is_str(value("DEFAULT", "token"), "dapi%41=b:c", "the first separator counts");
    is_str(value("a b", "empty"), "", "an empty value");
    is_str(value("a b", "host"), NULL, "nothing is inherited from DEFAULT");
    is_int(lh_profile_get(lh_profiles_find(&p, "DEFAULT"), "token")->line, 6, "line");
    is_int(lh_profiles_find(&p, "a b")->line, 7, "line of a section");
    ok(!lh_profiles_find(&p, "A B"), "names of sections are exact");
}

static void test_continued(void)
{
    read_text("[a]\nx = 1\n  2\n# no\n\n\t3 = 4\n y = 5\nz = 6\n  [b]\n");
    is_str(value("a", "x"), "1\n2\n3 = 4\ny = 5", "lines that begin further to the right");
    is_int(lh_profile_get(&p.items[0], "x")->more, 3, "where it goes on");
    is_str(value("a", "z"), "6\n[b]", "even a section");
    read_text(" [a]\n  x = 1\n  y = 2\n z = 3\n");
    is_str(value("a", "x"), "1", "keys side by side are keys");
    is_str(value("a", "z"), "3", "and so are those further to the left");
}

static void test_refused(void)
{
    refused("x = 1\n", "cfg:1:1: a key stands before the first [section]");
    refused("[a]\n  what\n", "cfg:2:3: expected key = value, a [section] or a # comment");
    refused("[a]\n= 1\n", "cfg:2:1: there is no key before the \"=\"");
    refused("[a]\nx=1\n\n[a]\n",
            "cfg:4:1: the section [a] is there twice, first in line 1; remove one");
    refused("[a]\nToken=secret\n\ntoken : other\n",
            "cfg:4:1: [a] has the key token twice, first in line 2; remove one");
    refused("[a\n", "cfg:1:1: expected [name], found \"[\" without a name and \"]\"");
    refused("[]\n", "cfg:1:1: expected [name], found \"[\" without a name and \"]\"");
    refused("[a]\nx = \xff\n", "cfg: expected a text in UTF-8");
}

int main(void)
{
    RUN(test_literal);
    RUN(test_continued);
    RUN(test_refused);
    lh_profiles_free(&p);
    return tap_done();
}
