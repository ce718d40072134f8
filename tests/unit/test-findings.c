/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/findings.h"
#include "tap.h"
#include "json/document.h"

#include <stdlib.h>

static const struct lh_rule rules[] = {
    {"LH901", LH_SEVERITY_ERROR, "Wrong", "Text."},
    {"LH902", LH_SEVERITY_WARNING, "Odd", "Text."},
    {"LH903", LH_SEVERITY_NOTE, "Remarkable", "Text."},
    {NULL},
};

static void add(struct lh_findings *f, const char *id, const char *file, size_t line, size_t column,
                const char *key, const char *message)
{
    lh_findings_add(f, lh_rule_of(rules, id), (struct lh_place){file, line, column, key}, "%s",
                    message);
}

static void fill(struct lh_findings *f)
{
    add(f, "LH902", "b.csv", 9, 0, NULL, "late");
    add(f, "LH901", "b.csv", 2, 7, "weight", "bad");
    add(f, "LH903", "b.csv", 2, 1, "", "first");
    add(f, "LH901", "b.csv", 2, 7, NULL, "worse");
    add(f, "LH901", "b.csv", 0, 0, NULL, "of the file");
    add(f, "LH901", "a.csv", 1, 1, NULL, "of another");
    add(f, "LH901", NULL, 0, 0, NULL, "of nothing");
}

static void test_text(void)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_findings_conclude(&f, "x", &e), 0, "nothing is fine");
    fill(&f);
    lh_buf_z(&b, "before:");
    lh_findings_write(&f, false, &b);
    is_str(lh_buf_text(&b),
           "before:b.csv: error: of the file [LH901]\n"
           "b.csv:2:1: note: first [LH903]\n"
           "b.csv:2:7: error: weight: bad [LH901]\n"
           "b.csv:2:7: error: worse [LH901]\n"
           "b.csv:9: warning: late [LH902]\n"
           "a.csv:1:1: error: of another [LH901]\n"
           "error: of nothing [LH901]\n",
           "sorted within a file");
    is_int(lh_findings_conclude(&f, "b.csv", &e), LH_INVALID, "errors");
    is_str(lh_error_text(&e), "b.csv: 5 errors, 1 warning; lakehost explain RULE says more",
           "counted");
}

static void test_json(void)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *again lh_autofree = NULL;

    lh_findings_write(&f, true, &b);
    is_str(lh_buf_text(&b),
           "{\n  \"counts\": {\"error\": 0, \"note\": 0, \"warning\": 0},\n  \"findings\": []\n}\n",
           "none");
    lh_buf_reset(&b);
    add(&f, "LH901", "a\"b.csv", 3, 17, "weight", "found \"x\"");
    add(&f, "LH902", NULL, 0, 0, NULL, "\t");
    lh_findings_write(&f, true, &b);
    is_int(lh_document_parse_json(&d, lh_buf_slice(&b), "x", &e), 0, "it is JSON");
    again = lh_document_dump(d.root, 0);
    is_str(
        again,
        "{\"counts\": {\"error\": 1, \"note\": 0, \"warning\": 1}, \"findings\": [{\"column\": "
        "17, \"file\": \"a\\\"b.csv\", \"key\": \"weight\", \"line\": 3, \"message\": \"found "
        "\\\"x\\\"\", \"rule\": \"LH901\", \"severity\": \"error\"}, {\"column\": null, \"file\": "
        "null, \"key\": null, \"line\": null, \"message\": \"\\t\", \"rule\": \"LH902\", "
        "\"severity\": \"warning\"}]}",
        "what it says");
}

static void test_severity(void)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    enum lh_severity severity = LH_SEVERITY_NOTE;

    lh_findings_set_severity(&f, "LH901", LH_SEVERITY_OFF);
    lh_findings_set_severity(&f, "LH903", LH_SEVERITY_WARNING);
    fill(&f);
    is_int(f.counts[LH_SEVERITY_ERROR], 0, "off");
    is_int(f.counts[LH_SEVERITY_WARNING], 2, "raised");
    is_int(f.n, 2, "what is off is not kept");
    f.strict = true;
    is_int(lh_findings_severity(&f, &rules[1]), LH_SEVERITY_ERROR, "strict");
    is_int(lh_findings_severity(&f, &rules[2]), LH_SEVERITY_ERROR, "strict, after the choice");
    is_int(lh_findings_severity(&f, &rules[0]), LH_SEVERITY_OFF, "off stays off");
    ok(lh_severity_parse(LH_STR("warning"), &severity) && severity == LH_SEVERITY_WARNING, "parse");
    ok(!lh_severity_parse(LH_STR("warn"), &severity), "no other word");
    lh_findings_add(NULL, &rules[0], (struct lh_place){0}, "x");
}

static void test_many(void)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);

    for (size_t i = 0; i < LH_FINDINGS_KEPT + 5; i++)
        add(&f, "LH901", "a.csv", i + 1, 0, NULL, "bad");
    is_int(f.n, LH_FINDINGS_KEPT, "so many are kept");
    is_int(f.counts[LH_SEVERITY_ERROR], LH_FINDINGS_KEPT + 5, "all are counted");
    lh_findings_write(&f, false, &b);
    has_str(lh_buf_text(&b), "\nand 5 more\n", "the rest is named");
}

static void test_terminal(void)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    add(&f, "LH901", "a\x1b[2J", 1, 0, "k\r", "m\x7f\n");
    lh_findings_write(&f, false, &b);
    is_str(lh_buf_text(&b), "a?[2J:1: error: k?: m?? [LH901]\n", "no control characters");
}

int main(void)
{
    RUN(test_text);
    RUN(test_json);
    RUN(test_severity);
    RUN(test_many);
    RUN(test_terminal);
    return tap_done();
}
