/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/nearest.h"
#include "tap.h"

static const lh_str commands[] = {
    LH_STR_INIT("discover"),
    LH_STR_INIT("generate"),
    LH_STR_INIT("create-pipeline"),
    LH_STR_INIT("list"),
    LH_STR_INIT("list-tables"),
    LH_STR_INIT("read"),
    LH_STR_INIT("Plan"),
    LH_STR_INIT(""),
};

static const struct {
    const char *word, *nearest;
} cases[] = {
    {"discover", "discover"},
    {"DISCOVER", "discover"},
    {"disc", "discover"},
    {"list", "list"},
    {"list_t", "list-tables"},
    {"li", "list"},
    {"create_pipeline", "create-pipeline"},
    {"create-pipelnie", "create-pipeline"},
    {"craete_pipelin", "create-pipeline"},
    {"dicsover", "discover"},
    {"genrate", "generate"},
    {"generaet", "generate"},
    {"gnrt", NULL},
    {"reed", "read"},
    {"rd", NULL},
    {"plam", "Plan"},
    {"l", NULL},
    {"x", NULL},
    {"", NULL},
    {"something", NULL},
    {"create-pipeline-with-a-name-that-goes-on-and-on-past-sixty-four-bytes", NULL},
};

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ptrdiff_t at = lh_nearest(lh_str_z(cases[i].word), lh_nearest_slice, commands,
                                  sizeof commands / sizeof commands[0]);

        is_str(at < 0 ? NULL : commands[at].p, cases[i].nearest, cases[i].word);
    }
}

static void test_order(void)
{
    static const lh_str words[] = {LH_STR_INIT("bat"), LH_STR_INIT("cat"), LH_STR_INIT("rat")};

    is_int(lh_nearest(LH_STR("hat"), lh_nearest_slice, words, 3), 0, "among equals the first");
    is_int(lh_nearest(LH_STR("hat"), lh_nearest_slice, words, 0), -1, "among none, none");
    is_int(lh_nearest(LH_STR("hat"), lh_nearest_slice, words + 1, 1), 0, "among one, that");
}

static void test_hint(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_nearest_hint(LH_STR("zzz"), lh_nearest_slice, commands, 8, &b);
    is_str(lh_buf_text(&b), "", "no hint");
    lh_buf_z(&b, "unknown command \"raed\"");
    lh_nearest_hint(LH_STR("raed"), lh_nearest_slice, commands, 8, &b);
    is_str(lh_buf_text(&b), "unknown command \"raed\"; did you mean \"read\"?", "a hint");
}

int main(void)
{
    RUN(test_cases);
    RUN(test_order);
    RUN(test_hint);
    return tap_done();
}
