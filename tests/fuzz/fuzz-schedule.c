/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: what is read can be written in both dialects, counted, moved; refusals say why. */
#include "config.h"

#define FUZZ_NAME "schedule"
#include "fuzz/fuzz.h"
#include "schedule/schedule.h"

#include <string.h>

/* Reads a text that must be good; its Quartz. */
static void reread(const struct lh_buf *text, struct lh_schedule *s, struct lh_buf *ret_quartz)
{
    FUZZ_ASSERT(lh_schedule_parse(lh_buf_slice(text), s, NULL) == 0);
    lh_buf_reset(ret_quartz);
    lh_schedule_quartz(s, ret_quartz);
}

static void check_texts(const struct lh_schedule *s)
{
    lh_auto(lh_buf) quartz = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) again = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_schedule back;

    lh_schedule_quartz(s, &quartz);
    reread(&quartz, &back, &again);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&quartz), lh_buf_slice(&again)) && back.is_quartz);
    lh_schedule_text(s, &text);
    reread(&text, &back, &again);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&quartz), lh_buf_slice(&again)));
    FUZZ_ASSERT(back.is_quartz == s->is_quartz);
}

static void check_times(const struct lh_schedule *s)
{
    int64_t first = lh_schedule_next(s, 1700000000);
    int64_t second = first < 0 ? -1 : lh_schedule_next(s, first);
    int window = lh_schedule_window(s);

    FUZZ_ASSERT(first == -1 || first > 1700000000);
    FUZZ_ASSERT(second == -1 || second > first);
    FUZZ_ASSERT(first < 0 || lh_schedule_next(s, first - 1) == first);
    FUZZ_ASSERT(lh_schedule_period(s) >= 1 && window >= 1 && window <= 60);
    for (int minutes = 0; minutes < window; minutes++) {
        struct lh_schedule later = lh_schedule_shift(s, minutes);

        FUZZ_ASSERT(lh_schedule_period(&later) == lh_schedule_period(s));
        FUZZ_ASSERT(first < 0 || later.years[0] || later.years[1] || later.years[2] ||
                    later.years[3] || lh_schedule_next(&later, 1700000000) > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_schedule_problem problem = {NULL, NULL};
    struct lh_schedule s;
    lh_str text = lh_str_n((const char *)data, size);

    if (size > LH_SCHEDULE_MAX + 10)
        return 0;
    lh_schedule_is_none(text);
    if (lh_schedule_check(text, &s, &problem, &e)) {
        FUZZ_ASSERT(e.code == LH_INVALID && *lh_error_text(&e) && problem.rule->id);
        for (const char *p = e.message; *p; p++)
            FUZZ_ASSERT((unsigned char)*p >= 0x20 && *p != 0x7f);
        return 0;
    }
    check_texts(&s);
    check_times(&s);
    return 0;
}
