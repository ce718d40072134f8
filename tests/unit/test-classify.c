/* SPDX-License-Identifier: Apache-2.0 */
/* Categories and group labels. */
#include "config.h"

#include "catalog/classify.h"
#include "tap.h"
#include "temp_folder.h"

static struct lh_prefixes parse(const char *json)
{
    struct lh_prefixes p = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    ok(!lh_prefixes_parse(lh_str_z(json), "map.json", &p, &e), "%s is a map: %s", json,
       lh_error_text(&e));
    return p;
}

static void refuse(const char *json, const char *part)
{
    struct lh_prefixes p = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_prefixes_parse(lh_str_z(json), "map.json", &p, &e), LH_INVALID, json);
    has_str(lh_error_text(&e), part, "the message says where and what");
    ok(!p.items && !p.n, "nothing is left behind");
    lh_prefixes_free(&p);
}

static void test_maps(void)
{
    struct lh_prefixes p = parse("{\"zz\": \"last\", \"Deal\": \"crm\", \"d\": \"other\"}");

    is_int(p.n, 3, "all prefixes");
    is_str(p.items[0].prefix, "zz", "in the order of the document");
    is_str(lh_prefixes_find(&p, LH_STR("DEALS")), "crm", "the first that fits, whatever the case");
    is_str(lh_prefixes_find(&p, LH_STR("dea")), "other", "a prefix is not longer than the name");
    ok(!lh_prefixes_find(&p, LH_STR("azz")), "not in the middle");
    ok(!lh_prefixes_find(&p, LH_STR("")), "an empty name begins with none of them");
    lh_prefixes_free(&p);
    p = parse("{\"\": \"rest\"}");
    is_str(lh_prefixes_find(&p, LH_STR("x")), "rest", "an empty prefix is for all");
    lh_prefixes_free(&p);
}

static void test_bad_maps(void)
{
    refuse("[]", "map.json:1:1: expected an object of prefixes");
    refuse("{\"a\": 1}", "map.json:1:7: key /a: expected a category, found the number 1");
    refuse("{\"a\": \"\"}", "expected a category");
    refuse("{\"a\": \"x\", \"a\": \"y\"}", "map.json:1:");
    refuse("{\"a\": \"x\"", "map.json:1:");
}

static void category_is(const struct lh_classifier *c, const char *table, const char *own,
                        const char *want)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_classify(c, lh_str_z(table), own, &b);
    is_str(lh_buf_text(&b), want, table);
}

static void test_order(void)
{
    struct lh_classifier c = {0};

    category_is(&c, "pi_points", "", "pi");
    category_is(&c, "users", NULL, "unknown");
    category_is(&c, "_users", "", "unknown");
    category_is(&c, "", "", "unknown");
    category_is(&c, "a__b", "", "a");
    c.preset = parse("{\"pi\": \"shipped\"}");
    category_is(&c, "pi_points", "", "shipped");
    category_is(&c, "pi_points", "own", "own");
    c.user = parse("{\"PI_\": \"mine\"}");
    category_is(&c, "pi_points", "own", "mine");
    category_is(&c, "other", "own", "own");
    lh_classifier_free(&c);
}

static void test_preset(void)
{
    struct lh_prefixes p = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (!ok(temp_folder_begin(), "a folder"))
        return;
    is_int(lh_prefixes_read_preset(".", "acme", &p, &e), 0, "none is no failure");
    is_int(p.n, 0, "and no prefixes");
    ok(!mkdir("presets", 0700) && !mkdir("presets/acme", 0700), "folders");
    put_file("presets/acme/category_prefix_map.json", "{\"a\": \"b\"}\n", 0600);
    is_int(lh_prefixes_read_preset(".", "acme", &p, &e), 0, "is read");
    is_str(lh_prefixes_find(&p, LH_STR("abc")), "b", "and used");
    lh_prefixes_free(&p);
    put_file("presets/acme/category_prefix_map.json", "{", 0600);
    is_int(lh_prefixes_read_preset(".", "acme", &p, &e), LH_INVALID, "a broken one is refused");
    temp_folder_end();
}

static void label_is(enum lh_group_by by, const char *category, const char *type, const char *want)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_group_label(by, lh_str_z(category), lh_str_z(type), &b);
    is_str(lh_buf_text(&b), want, want);
}

static void test_labels(void)
{
    enum lh_group_by by = LH_GROUP_NONE;

    label_is(LH_GROUP_NONE, "core", "cdc", "all");
    label_is(LH_GROUP_INGESTION, "core", "append", "append");
    label_is(LH_GROUP_INGESTION, "core", "cdc_with_deletes", "cdc");
    label_is(LH_GROUP_INGESTION, "core", "", "unknown");
    label_is(LH_GROUP_CATEGORY, "core", "cdc", "core");
    label_is(LH_GROUP_CATEGORY, "", "cdc", "unknown");
    label_is(LH_GROUP_CATEGORY_AND_INGESTION, "core", "cdc_with_deletes", "core_cdc");
    label_is(LH_GROUP_CATEGORY_AND_INGESTION, "core", "nonsense", "core_unknown");
    label_is(LH_GROUP_CATEGORY_AND_INGESTION, "a", "snapshot", "a_snapshot");
    ok(lh_group_by_read(LH_STR("ingestion_type"), &by) && by == LH_GROUP_INGESTION, "a mode");
    ok(lh_group_by_read(LH_STR("none"), &by) && by == LH_GROUP_NONE, "the first");
    ok(lh_group_by_read(LH_STR("category_and_ingestion_type"), &by) &&
           by == LH_GROUP_CATEGORY_AND_INGESTION,
       "the last");
    ok(!lh_group_by_read(LH_STR("categories"), &by), "no mode");
    ok(!lh_group_by_read(LH_STR(""), &by), "nothing is no mode");
}

int main(void)
{
    RUN(test_maps);
    RUN(test_bad_maps);
    RUN(test_order);
    RUN(test_preset);
    RUN(test_labels);
    return tap_done();
}
