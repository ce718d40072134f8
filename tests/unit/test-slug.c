/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/slug.h"
#include "tap.h"

#include <stdlib.h>

static const struct {
    const char *label, *slug;
} cases[] = {
    {"", "group"},
    {"group", "group"},
    {"crm_objects", "crm_objects"},
    {"CRM Objects", "crm_objects"},
    {"  a -- b  ", "a_b"},
    {"__a__", "a"},
    {"a.b/c:d", "a_b_c_d"},
    {"2024", "g_2024"},
    {"-7 days", "g_7_days"},
    {"\xc3\xa9t\xc3\xa9", "t"},
    {"\xe6\x97\xa5\xe6\x9c\xac", "group"},
    {"A'; DROP TABLE x; --", "a_drop_table_x"},
    {"${var.x}", "var_x"},
    {"../../etc/passwd", "etc_passwd"},
    {"a\nb", "a_b"},
};

static void test_one(void)
{
    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_buf) b = LH_BUF_INIT(1000);

        lh_slug(lh_str_z(cases[i].label), &b);
        is_str(lh_buf_text(&b), cases[i].slug, cases[i].label);
    }
}

static void test_length(void)
{
    char label[301];
    char other[301];
    lh_auto(lh_buf) a = LH_BUF_INIT(1000);
    lh_auto(lh_buf) b = LH_BUF_INIT(1000);

    memset(label, 'x', 300);
    label[300] = '\0';
    memcpy(other, label, 301);
    other[299] = 'y';
    lh_slug(lh_str_n(label, LH_SLUG_MAX), &a);
    is_int(a.n, LH_SLUG_MAX, "as long as can be");
    ok(!strchr(lh_buf_text(&a), '_'), "and whole");
    lh_buf_reset(&a);
    lh_slug(lh_str_z(label), &a);
    lh_slug(lh_str_z(other), &b);
    is_int(a.n, LH_SLUG_MAX, "a longer one is cut");
    is_int(b.n, LH_SLUG_MAX, "and the other one");
    ok(strcmp(lh_buf_text(&a), lh_buf_text(&b)) != 0, "what was cut still counts");
}

static void test_append(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(1000);

    lh_buf_z(&b, "ingest_");
    lh_slug(LH_STR("-- 1"), &b);
    is_str(lh_buf_text(&b), "ingest_g_1", "what is in front does not count");
}

/* The slugs of the same labels in two orders; the second must give each label what the first did.
 */
static void same_in_any_order(const lh_str *labels, size_t n, lh_str *turned)
{
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    const char **first = lh_slugs(labels, n, &arena);
    const char **second;

    for (size_t i = 0; i < n; i++)
        turned[n - 1 - i] = labels[i];
    second = lh_slugs(turned, n, &arena);
    for (size_t i = 0; i < n; i++) {
        is_str(second[n - 1 - i], first[i], "the order does not matter");
        for (size_t j = 0; j < i; j++)
            ok((strcmp(first[i], first[j]) == 0) == lh_str_eq(labels[i], labels[j]), "%s and %s",
               first[i], first[j]);
    }
}

static void test_set(void)
{
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    lh_str labels[] = {LH_STR_INIT("A B"),   LH_STR_INIT("a_b"), LH_STR_INIT("a-b"),
                       LH_STR_INIT("other"), LH_STR_INIT(""),    LH_STR_INIT("group"),
                       LH_STR_INIT("a_b"),   LH_STR_INIT("A-B")};
    lh_str turned[LH_LEN(labels)];
    const char **slugs = lh_slugs(labels, LH_LEN(labels), &arena);

    is_str(slugs[1], "a_b", "a label that is its slug keeps it");
    is_str(slugs[6], "a_b", "equal labels have equal slugs");
    is_str(slugs[3], "other", "nobody else wants this");
    is_str(slugs[5], "group", "the word itself");
    is_str(slugs[0], "a_b_fa95d919", "a hash of the label");
    same_in_any_order(labels, LH_LEN(labels), turned);
    lh_slugs(labels, 0, &arena);
}

/* A label that is what another one's hashed slug would be. */
static void test_taken(void)
{
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    lh_str two[] = {LH_STR_INIT("A B"), LH_STR_INIT("a b")};
    const char **slugs = lh_slugs(two, 2, &arena);
    lh_str three[] = {two[0], two[1], lh_str_z(slugs[0])};
    lh_str turned[3];
    const char **again = lh_slugs(three, 3, &arena);

    is_str(again[2], slugs[0], "the label keeps it");
    ok(strcmp(again[0], slugs[0]) != 0, "the other one gets more digits: %s", again[0]);
    is_int(strlen(again[0]), strlen("a_b_") + 16, "sixteen");
    same_in_any_order(three, 3, turned);
}

int main(void)
{
    RUN(test_one);
    RUN(test_length);
    RUN(test_append);
    RUN(test_set);
    RUN(test_taken);
    return tap_done();
}
