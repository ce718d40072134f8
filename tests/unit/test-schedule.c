/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedules. The second half compares cron and Quartz minute by minute: both evaluators there are
 * written for this test, read the texts by themselves and know nothing of host/schedule.
 */
#include "config.h"

#include "schedule/schedule.h"
#include "schedule/shortest.h"
#include "tap.h"

#include <ctype.h>
#include <stdlib.h>

/* The Quartz of a text, or "error: " and the message; the caller frees it. */
static char *quartz_of(const char *text)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_schedule s;

    if (lh_schedule_parse(lh_str_z(text), &s, &e))
        lh_buf_f(&b, "error: %s", lh_error_text(&e));
    else
        lh_schedule_quartz(&s, &b);
    return lh_buf_take(&b);
}

static const struct {
    const char *text, *quartz;
} good[] = {
    {"* * * * *", "0 * * * * ?"},
    {"*/15 * * * *", "0 0/15 * * * ?"},
    {"0 0 * * *", "0 0 0 * * ?"},
    {"0 0 * * 0", "0 0 0 ? * SUN"},
    {"0 0 * * 7", "0 0 0 ? * SUN"},
    {"@weekly", "0 0 0 ? * SUN"},
    {"0 9 * * 1", "0 0 9 ? * MON"},
    {"0 9 * * 1-5", "0 0 9 ? * MON-FRI"},
    {"0 9 * * mon-fri", "0 0 9 ? * MON-FRI"},
    {"0 9 * * 5-7", "0 0 9 ? * SUN,FRI,SAT"},
    {"0 9 * * 6,0", "0 0 9 ? * SUN,SAT"},
    {"0 9 * * 1-5/2", "0 0 9 ? * MON,WED,FRI"},
    {"0 9 * * */2", "0 0 9 ? * SUN,TUE,THU,SAT"},
    {"0 9 * * 0-6", "0 0 9 * * ?"},
    {"0 0 1,15 * *", "0 0 0 1,15 * ?"},
    {"0 0 */2 * *", "0 0 0 1/2 * ?"},
    {"0 0 1-31 * 1", "0 0 0 * * ?"},
    {"0 0 29 2 *", "0 0 0 29 2 ?"},
    {"7-59/10 8-18 * JAN,jul *", "0 7/10 8-18 * 1,7 ?"},
    {"*/60 * * * *", "0 0 * * * ?"},
    {"0 */25 * * *", "0 0 0 * * ?"},
    {"0 0 0 * * ?", "0 0 0 * * ?"},
    /* not of the table: macros, blanks, both spellings, days */
    {"@hourly", "0 0 * * * ?"},
    {"@Daily", "0 0 0 * * ?"},
    {"@midnight", "0 0 0 * * ?"},
    {"@monthly", "0 0 0 1 * ?"},
    {"@yearly", "0 0 0 1 1 ?"},
    {"@annually", "0 0 0 1 1 ?"},
    {" \t05  04\t* * * ", "0 5 4 * * ?"},
    {"? ? ? ? ?", "0 * * * * ?"},
    {"0 0 ? * 2", "0 0 0 ? * TUE"},
    {"0 0 * * 1-7/2", "0 0 0 ? * SUN,MON,WED,FRI"},
    {"0 0 * * 0-7", "0 0 0 * * ?"},
    {"0 0 */1 * 1", "0 0 0 ? * MON"},
    {"0 0 5 * */1", "0 0 0 5 * ?"},
    {"0 0 1 * 0-6", "0 0 0 * * ?"},
    {"0,30 1-3,5 * * *", "0 0,30 1-3,5 * * ?"},
    {"30-59 * * * *", "0 30-59 * * * ?"},
    {"0 0 1,20 * *", "0 0 0 1,20 * ?"},
    {"0 0 28-31 2 *", "0 0 0 28-31 2 ?"},
    {"0 0 * sep-NOV *", "0 0 0 * 9-11 ?"},
    /* Quartz */
    {"0 0 12 ? * WED", "0 0 12 ? * WED"},
    {"0 0 12 ? * 2-6", "0 0 12 ? * MON-FRI"},
    {"0 0 12 ? * FRI-MON", "0 0 12 ? * SUN,MON,FRI,SAT"},
    {"0 0 22-2 * * ?", "0 0 0-2,22,23 * * ?"},
    {"0 0 20-4/3 * * ?", "0 0 2,20,23 * * ?"},
    {"0 0/5 14,18 * * ?", "0 0/5 14,18 * * ?"},
    {"/10 * * * * ?", "0/10 * * * * ?"},
    {"0 5/20 * * * ?", "0 5/20 * * * ?"},
    {"0 0 0 ? * *", "0 0 0 * * ?"},
    {"0 0 0 ? * 2/2", "0 0 0 ? * MON,WED,FRI"},
    {"0 0 0 l * ?", "0 0 0 L * ?"},
    {"0 0 0 L-3 * ?", "0 0 0 L-3 * ?"},
    {"0 0 0 LW * ?", "0 0 0 LW * ?"},
    {"0 0 0 L-2w * ?", "0 0 0 L-2W * ?"},
    {"0 0 0 15W * ?", "0 0 0 15W * ?"},
    {"0 0 0 ? * L", "0 0 0 ? * SAT"},
    {"0 0 0 ? * 6L", "0 0 0 ? * FRIL"},
    {"0 0 0 ? * fril", "0 0 0 ? * FRIL"},
    {"0 0 0 ? * 6#3", "0 0 0 ? * 6#3"},
    {"0 0 0 ? * FRI#3", "0 0 0 ? * 6#3"},
    {"0 0 0 1 1 ? 2030", "0 0 0 1 1 ? 2030"},
    {"0 0 0 1 1 ? 2030-2032,2035", "0 0 0 1 1 ? 2030-2032,2035"},
    {"0 0 0 1 1 ? 2190/4", "0 0 0 1 1 ? 2190/4"},
    {"0 0 0 1 1 ? *", "0 0 0 1 1 ?"},
    {"0 0 0 29 2 ? 2023-2024", "0 0 0 29 2 ? 2023,2024"},
};

static void test_good(void)
{
    for (size_t i = 0; i < LH_LEN(good); i++) {
        char *quartz lh_autofree = quartz_of(good[i].text);
        char *again lh_autofree = quartz_of(quartz);

        is_str(quartz, good[i].quartz, good[i].text);
        is_str(again, good[i].quartz, "and that is Quartz");
    }
}

static const struct {
    const char *text, *rule, *message; /* all of it */
} bad[] = {
    {"0 0 1 * 1", "LH103",
     "cron fires when the day of month or the day of week matches, which one trigger of Quartz "
     "cannot; write two schedules, 0 0 1 * * and 0 0 * * 1"},
    {"0 0 */2 * 1", "LH104",
     "cron fires when the day of month */2 and the day of week 1 both match, which Quartz cannot; "
     "write * for one of them"},
    {"0 0 31 2 *", "LH105", "it never fires: none of its months has any of its days"},
    {"0 0 31 2,4,6,9,11 *", "LH105", "it never fires: none of its months has any of its days"},
    {"10/15 * * * *", "LH102",
     "minute: expected 0 to 59, found \"10/15\"; a step follows * or a range: 10-59/15"},
    {"0 22-2 * * *", "LH102",
     "hour: expected 0 to 23, found \"22-2\"; a range runs upwards: 22-23,0-2"},
    {"0 0 * * SAT-SUN", "LH102",
     "day of week: expected 0 to 7 or SUN to SAT, found \"SAT-SUN\"; a range runs upwards: 6,0"},
    {"0 24 * * *", "LH102", "hour: expected 0 to 23, found \"24\""},
    {"0 0 L * *", "LH102",
     "day of month: expected 1 to 31, found \"L\"; L, W and # are of Quartz, which has seconds in "
     "front"},
    {"0 0 * * 5#2", "LH102",
     "day of week: expected 0 to 7 or SUN to SAT, found \"5#2\"; L, W and # are of Quartz, which "
     "has seconds in front"},
    {"@reboot", "LH101",
     "expected @hourly, @daily, @weekly, @monthly or @yearly, found \"@reboot\""},
    {"* * * *", "LH101", "expected five fields of cron, or six or seven of Quartz, found 4"},
    {"1 2 3 4 5 6 7 8", "LH101",
     "expected five fields of cron, or six or seven of Quartz, found 8"},
    {"", "LH101", "expected five fields of cron, or six or seven of Quartz, found 0"},
    {"none", "LH101", "expected five fields of cron, or six or seven of Quartz, found 1"},
    {"*/0 * * * *", "LH102", "minute: expected 0 to 59, found \"*/0\""},
    {"1,,2 * * * *", "LH102", "minute: expected 0 to 59, found \"\""},
    {"1, * * * *", "LH102", "minute: expected 0 to 59, found \"\""},
    {"-1 * * * *", "LH102", "minute: expected 0 to 59, found \"-1\""},
    {"1- * * * *", "LH102", "minute: expected 0 to 59, found \"1-\""},
    {"1-2-3 * * * *", "LH102", "minute: expected 0 to 59, found \"1-2-3\""},
    {"99999999999 * * * *", "LH102", "minute: expected 0 to 59, found \"99999999999\""},
    {"*5 * * * *", "LH102", "minute: expected 0 to 59, found \"*5\""},
    {"0 0 0 * *", "LH102", "day of month: expected 1 to 31, found \"0\""},
    {"0 0 * FOO *", "LH102", "month: expected 1 to 12 or JAN to DEC, found \"FOO\""},
    {"0 0 * JANUARY *", "LH102", "month: expected 1 to 12 or JAN to DEC, found \"JANUARY\""},
    {"0 0 * * \x1b[2J", "LH102", "day of week: expected 0 to 7 or SUN to SAT, found \"\\x1b[2J\""},
    /* Quartz */
    {"0 0 0 * * *", "LH106",
     "Quartz, which this is with its 6 fields, has exactly one ? for a day; write \"0 0 0 * * ?\""},
    {"0 0 0 1 * *", "LH106",
     "Quartz, which this is with its 6 fields, has exactly one ? for a day; write \"0 0 0 1 * ?\""},
    {"0 0 0 * * 1 2030", "LH106",
     "Quartz, which this is with its 7 fields, has exactly one ? for a day; write \"0 0 0 ? * 1 "
     "2030\""},
    {"0 0 0 ? * ?", "LH106",
     "Quartz, which this is with its 6 fields, has exactly one ? for a day; write \"0 0 0 * * ?\""},
    {"0 0 0 1 * 1", "LH106",
     "Quartz takes a day of month or a day of week, and ? for the other one; write two schedules"},
    {"? 0 0 1 * ?", "LH102", "seconds: expected 0 to 59, found \"?\""},
    {"0/60 * * * * ?", "LH102", "seconds: expected 0 to 59, found \"0/60\"; a step is 1 to 59"},
    {"0 0 0/24 * * ?", "LH102", "hours: expected 0 to 23, found \"0/24\"; a step is 1 to 23"},
    {"0 0 0 ? * 0", "LH102", "day of week: expected 1 to 7 or SUN to SAT, found \"0\""},
    {"0 0 0 ? * MON-FRI/2", "LH102",
     "day of week: expected 1 to 7 or SUN to SAT, found \"MON-FRI/2\"; Quartz ignores a step "
     "behind a name, write the values"},
    {"0 0 0 L,15 * ?", "LH102", "day of month: expected 1 to 31, found \"L\""},
    {"0 0 0 L-31 * ?", "LH102", "day of month: expected 1 to 31, found \"L-31\""},
    {"0 0 0 32W * ?", "LH102", "day of month: expected 1 to 31, found \"32W\""},
    {"0 0 0 W * ?", "LH102", "day of month: expected 1 to 31, found \"W\""},
    {"0 0 0 ? * 6#6", "LH102", "day of week: expected 1 to 7 or SUN to SAT, found \"6#6\""},
    {"0 0 0 ? * 8L", "LH102", "day of week: expected 1 to 7 or SUN to SAT, found \"8L\""},
    {"0 0 0 1 1 ? 1969", "LH102", "year: expected 1970 to 2199, found \"1969\""},
    {"0 0 0 1 1 ? 2030-2020", "LH102",
     "year: expected 1970 to 2199, found \"2030-2020\"; years run upwards"},
    {"0 0 0 29 2 ? 2023", "LH105", "it never fires: none of its months has any of its days"},
    {"0 0 0 L-30 2 ?", "LH105", "it never fires: none of its months has any of its days"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < LH_LEN(bad); i++) {
        lh_auto(lh_error) e = LH_ERROR_INIT;
        struct lh_schedule_problem problem = {NULL, NULL};
        struct lh_schedule s = {.nth = 77};

        is_int(lh_schedule_check(lh_str_z(bad[i].text), &s, &problem, &e), LH_INVALID, bad[i].text);
        is_str(lh_error_text(&e), bad[i].message, "what is wrong");
        is_str(problem.rule ? problem.rule->id : NULL, bad[i].rule, "by which rule");
        is_int(s.nth, 77, "untouched");
    }
}

static void test_limits(void)
{
    char text[LH_SCHEDULE_MAX + 2];
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_schedule s;

    memset(text, ' ', sizeof text);
    memcpy(text, "0 0 * * *", 9);
    is_int(lh_schedule_parse(lh_str_n(text, LH_SCHEDULE_MAX), &s, &e), 0, "as long as can be");
    is_int(lh_schedule_parse(lh_str_n(text, LH_SCHEDULE_MAX + 1), &s, &e), LH_INVALID, "too long");
    ok(lh_schedule_is_none(LH_STR("")) && lh_schedule_is_none(LH_STR(" \t")) &&
           lh_schedule_is_none(LH_STR(" NONE ")),
       "none");
    ok(!lh_schedule_is_none(LH_STR("nones")) && !lh_schedule_is_none(LH_STR("@daily")), "some");
}

static struct lh_schedule parsed(const char *text)
{
    struct lh_schedule s = {0};

    ok(lh_schedule_parse(lh_str_z(text), &s, NULL) == 0, "%s", text);
    return s;
}

static void test_period(void)
{
    static const struct {
        const char *text;
        int64_t period;
    } cases[] = {
        {"* * * * *", 60},
        {"*/15 * * * *", 900},
        {"0 0 * * *", 86400},
        {"0,1 9 * * *", 43200},
        {"0 0 * * 1", 604800},
        {"0 9 * * 1-5", 120960},
        {"0/10 * * * * ?", 10},
        {"* * * * * ?", 1},
        {"0 0 1 * *", 2629800},
        {"0 0 29 2 *", 126230400},
        {"0 0 0 1 1 ? 2030", 31557600},
    };
    struct lh_schedule quarterly;

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        struct lh_schedule s = parsed(cases[i].text);

        is_int(lh_schedule_period(&s), cases[i].period, cases[i].text);
    }
    quarterly = parsed("*/15 * * * *");
    ok(lh_schedule_times_per_day(&quarterly) == 96.0, "per day");
}

static void test_next(void)
{
    static const struct {
        const char *text;
        int64_t after, next;
    } cases[] = {
        {"* * * * *", 0, 60},
        {"* * * * *", -1, 0},
        {"* * * * *", INT64_MIN, 0},
        {"0 0 * * *", 1700000000, 1700006400},        /* 2023-11-15 00:00:00 */
        {"0 0 29 2 *", 1709164800, 1835395200},       /* 2024-02-29 -> 2028-02-29 */
        {"0 0 29 2 *", 3981312000, 4233686400},       /* 2096-02-29 -> 2104-02-29 */
        {"0 0 12 ? * 6L", 1700000000, 1700827200},    /* Friday 2023-11-24 12:00 */
        {"0 0 12 ? * 6#3", 1700000000, 1700222400},   /* Friday 2023-11-17 12:00 */
        {"0 0 12 ? * 1#5", 1700000000, 1704024000},   /* Sunday 2023-12-31 12:00 */
        {"0 0 12 L * ?", 1706745600, 1709208000},     /* 2024-02-29 12:00 */
        {"0 0 12 L-28 2 ?", 1700000000, 1706788800},  /* 2024-02-01 12:00 */
        {"0 0 12 LW * ?", 1711800000, 1714478400},    /* behind 2024-03-29: Tuesday 2024-04-30 */
        {"0 0 12 15W * ?", 1717200000, 1718366400},   /* Saturday 15th: Friday 2024-06-14 */
        {"0 0 12 1W * ?", 1717200000, 1717416000},    /* Saturday 1st: Monday 2024-06-03 */
        {"0 0 12 30W * ?", 1717545600, 1719576000},   /* Sunday 30th, the last: Friday 2024-06-28 */
        {"0 0 12 23W * ?", 1718900000, 1719230400},   /* Sunday 23rd: Monday 2024-06-24 */
        {"0 0 12 31W 4-7 ?", 1717545600, 1722427200}, /* June has none: Wednesday 2024-07-31 */
        {"30 15 10 1 1 ? 2030", 0, 1893492930},
        {"30 15 10 1 1 ? 2030", 1893492930, -1},
        {"* * * * *", 7258118399, -1}, /* the end of 2199 */
        {"* * * * *", INT64_MAX - 1, -1},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        struct lh_schedule s = parsed(cases[i].text);

        is_int(lh_schedule_next(&s, cases[i].after), cases[i].next, cases[i].text);
    }
}

/* --- stagger -----------------------------------------------------------------------------------
 */

static const struct {
    const char *text;
    int window;
    const char *third; /* of four */
} spread[] = {
    {"*/15 * * * *", 15, "7-59/15 * * * *"},
    {"*/5 * * * *", 5, "2-59/5 * * * *"},
    {"* * * * *", 1, "* * * * *"},
    {"0 0 * * *", 60, "30 0 * * *"},
    {"45 1 * * 1-5", 60, "15 2 * * 1-5"},
    {"45 23 * * *", 15, "52 23 * * *"},
    {"0,30 9-17 * * *", 30, "15,45 9-17 * * *"},
    {"10,50 9-17 * * *", 10, "15,55 9-17 * * *"},
    {"50 * * * 1", 60, "20 * * * 1"},
    {"0,50 * * * *", 10, "5,55 * * * *"},
    {"*/7 * * * *", 4, "2-59/7 * * * *"},
    {"0 0/10 8-18 ? * MON-FRI", 10, "0 5/10 8-18 ? * MON-FRI"},
    {"15 0 3 L * ? 2030,2031", 60, "15 30 3 L * ? 2030,2031"},
};

static void test_stagger(void)
{
    for (size_t i = 0; i < LH_LEN(spread); i++) {
        struct lh_schedule s = parsed(spread[i].text);
        lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

        struct lh_schedule third = lh_schedule_stagger(&s, 2, 4);
        struct lh_schedule first = lh_schedule_stagger(&s, 4, 4);

        is_int(lh_schedule_window(&s), spread[i].window, spread[i].text);
        lh_schedule_text(&third, &b);
        is_str(lh_buf_text(&b), spread[i].third, "the third of four");
        lh_buf_reset(&b);
        lh_schedule_text(&first, &b);
        is_str(lh_buf_text(&b), spread[i].text, "the first stays");
        ok(lh_schedule_stagger(&s, 5, 0).minutes == s.minutes, "none of none");
    }
}

/* Every shift of each fires as often, and each time so many minutes later. */
static void test_shifts(void)
{
    for (size_t i = 0; i < LH_LEN(spread); i++) {
        struct lh_schedule s = parsed(spread[i].text);
        int wrong = 0;

        for (int k = 0; k < lh_schedule_window(&s); k++) {
            struct lh_schedule later = lh_schedule_shift(&s, k);

            wrong += lh_schedule_period(&later) != lh_schedule_period(&s);
            wrong += later.minutes == 0 || later.minutes >> 60 || later.hours >> 24;
        }
        is_int(wrong, 0, spread[i].text);
    }
}

/* --- minute by minute --------------------------------------------------------------------------
 */

/* 2023-03-01, a Wednesday, to 2025-02-28: two years with a leap day. */
#define BEGIN_S       INT64_C(1677628800)
#define DAYS          731
#define FIRST_WEEKDAY 3

/* What a text says, as one flag for each value. */
struct says {
    bool minute[60], hour[24], day[32], month[13], week_day[7];
    bool day_star, week_star; /* cron */
    bool day_open, week_open; /* Quartz */
};

static const char names[] = "SUNMONTUEWEDTHUFRISATJANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";

static int number(const char **p)
{
    char word[4] = "";

    if (isdigit((unsigned char)**p)) {
        char *end;
        long value = strtol(*p, &end, 10);

        *p = end;
        return (int)value;
    }
    for (int i = 0; i < 3; i++)
        word[i] = (char)toupper((unsigned char)(*p)[i]);
    *p += 3;
    for (int i = 0; i < 19; i++)
        if (strncmp(names + (size_t)i * 3, word, 3) == 0)
            return i < 7 ? i : i - 6;
    return -1;
}

/* Marks what one field of cron, or of Quartz, says; values begin at min. */
static void mark(const char *p, bool *flags, int min, int max, bool quartz)
{
    for (;; p++) {
        int from = min;
        int to = max;
        int step = 1;

        if (*p == '*' || *p == '?') {
            p++;
        } else {
            from = to = number(&p);
            if (*p == '-') {
                p++;
                to = number(&p);
            } else if (quartz && *p == '/') {
                to = max;
            }
        }
        if (*p == '/') {
            p++;
            step = number(&p);
        }
        for (int v = from; v <= to; v += step)
            flags[v] = true;
        if (*p != ',')
            return;
    }
}

static void split(const char *text, char fields[6][200])
{
    for (int i = 0; i < 6; i++) {
        size_t n = strcspn(text, " ");

        memcpy(fields[i], text, n);
        fields[i][n] = '\0';
        text += n + (text[n] == ' ');
    }
}

static void read_cron(const char *text, struct says *s)
{
    char f[6][200] = {""};
    bool week[8] = {false};

    *s = (struct says){.minute = {false}};
    split(text, f);
    mark(f[0], s->minute, 0, 59, false);
    mark(f[1], s->hour, 0, 23, false);
    mark(f[2], s->day, 1, 31, false);
    mark(f[3], s->month, 1, 12, false);
    mark(f[4], week, 0, 7, false);
    memcpy(s->week_day, week, sizeof s->week_day);
    s->week_day[0] |= week[7];
    s->day_star = f[2][0] == '*';
    s->week_star = f[4][0] == '*';
}

static void read_quartz(const char *text, struct says *s)
{
    char f[6][200] = {""};

    *s = (struct says){.minute = {false}};
    split(text, f);
    mark(f[1], s->minute, 0, 59, true);
    mark(f[2], s->hour, 0, 23, true);
    mark(f[3], s->day, 1, 31, true);
    mark(f[4], s->month, 1, 12, true);
    mark(f[5], s->week_day, 0, 6, true);
    s->day_open = f[3][0] == '?';
    s->week_open = f[5][0] == '?';
    ok(f[0][0] == '0' && !f[0][1], "%s begins with no seconds", text);
}

struct date {
    int day, month, week_day;
};

static void dates(struct date all[DAYS])
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 2023;
    struct date d = {1, 3, FIRST_WEEKDAY};

    for (int i = 0; i < DAYS; i++) {
        all[i] = d;
        d.week_day = (d.week_day + 1) % 7;
        if (d.day++ < lengths[d.month - 1] + (year == 2024 && d.month == 2))
            continue;
        d.day = 1;
        year += d.month == 12;
        d.month = d.month % 12 + 1;
    }
}

static bool cron_day(const struct says *s, const struct date *d)
{
    bool day = s->day[d->day];
    bool week = s->week_day[d->week_day];

    return s->month[d->month] && (s->day_star || s->week_star ? day && week : day || week);
}

static bool quartz_day(const struct says *s, const struct date *d)
{
    return s->month[d->month] && (s->day_open ? s->week_day[d->week_day] : s->day[d->day]) &&
           s->day_open != s->week_open;
}

/* Minutes of the two years on which both do not say the same; and the firing times of cron. */
static size_t differences(const struct says *cron, const struct says *quartz,
                          const struct date *all, size_t *ret_fires)
{
    size_t n = 0;

    *ret_fires = 0;
    for (int day = 0; day < DAYS; day++) {
        bool c = cron_day(cron, &all[day]);
        bool q = quartz_day(quartz, &all[day]);

        for (int minute = 0; minute < 1440; minute++) {
            bool by_cron = c && cron->hour[minute / 60] && cron->minute[minute % 60];
            bool by_quartz = q && quartz->hour[minute / 60] && quartz->minute[minute % 60];

            n += by_cron != by_quartz;
            *ret_fires += by_cron;
        }
    }
    return n;
}

/* Follows lh_schedule_next through the two years, for some firings; how many were wrong. */
static size_t wrong_steps(const struct lh_schedule *s, const struct says *cron,
                          const struct date *all)
{
    int64_t at = BEGIN_S - 1;
    size_t wrong = 0;

    for (int i = 0; i < 50 && at < BEGIN_S + (DAYS - 400) * INT64_C(86400); i++) {
        int64_t next = lh_schedule_next(s, at);
        int64_t t = (at - BEGIN_S) / 60 + (at >= BEGIN_S ? 1 : 0);

        for (; t < DAYS * 1440; t++)
            if (cron_day(cron, &all[t / 1440]) && cron->hour[t % 1440 / 60] && cron->minute[t % 60])
                break;
        if (t == DAYS * 1440)
            break; /* it fires later than we look */
        wrong += next != BEGIN_S + t * 60;
        at = BEGIN_S + t * 60;
    }
    return wrong;
}

/* Numbers that are the same on every machine. */
static uint64_t state = 20240229;

static int below(int n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

static void put_item(struct lh_buf *b, int min, int max)
{
    int from = min + below(max - min + 1);
    int to = from + below(max - from + 1);

    switch (below(6)) {
    case 0:
        lh_buf_f(b, "*/%d", 1 + below(max - min + 2));
        return;
    case 1:
        lh_buf_f(b, "%d-%d", from, to);
        return;
    case 2:
        lh_buf_f(b, "%d-%d/%d", from, to, 1 + below(7));
        return;
    case 3:
        lh_buf_f(b, "%d-%d/%d", min, max, 1 + below(12));
        return;
    default:
        lh_buf_f(b, "%d", from);
    }
}

static void put_field(struct lh_buf *b, int min, int max, int one_in)
{
    int items = 1 + (below(3) == 0 ? below(4) : 0);

    if (below(one_in)) {
        lh_buf_char(b, '*');
        return;
    }
    for (int i = 0; i < items; i++) {
        lh_buf_z(b, i ? "," : "");
        put_item(b, min, max);
    }
}

static void random_cron(struct lh_buf *b)
{
    lh_buf_reset(b);
    put_field(b, 0, 59, 1);
    lh_buf_char(b, ' ');
    put_field(b, 0, 23, 2);
    lh_buf_char(b, ' ');
    put_field(b, 1, 31, 2);
    lh_buf_char(b, ' ');
    put_field(b, 1, 12, 4);
    lh_buf_char(b, ' ');
    put_field(b, 0, 7, 2);
}

/* Whether cron itself says that one day cannot be both, or either: then a refusal is right. */
static bool must_refuse(const struct says *s, const struct date *all)
{
    bool whole_month = true;
    bool whole_week = true;
    bool never = true;

    for (int i = 1; i <= 31; i++)
        whole_month = whole_month && s->day[i];
    for (int i = 0; i < 7; i++)
        whole_week = whole_week && s->week_day[i];
    for (int i = 0; i < DAYS; i++)
        never = never && !cron_day(s, &all[i]);
    return (!whole_month && !whole_week) || never;
}

static void compare(const char *text, const struct date *all, size_t *compared)
{
    char *quartz lh_autofree = quartz_of(text);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    char *again lh_autofree = NULL;
    struct says c;
    struct says q;
    struct lh_schedule s = {0};
    size_t fires;

    read_cron(text, &c);
    if (strncmp(quartz, "error", 5) == 0) {
        ok(must_refuse(&c, all), "%s: %s", text, quartz);
        return;
    }
    read_quartz(quartz, &q);
    is_int(differences(&c, &q, all, &fires), 0, text);
    ok(fires > 0, "%s fires %zu times", quartz, fires);
    lh_schedule_parse(lh_str_z(text), &s, NULL);
    is_int(wrong_steps(&s, &c, all), 0, "the next one, and the next");
    lh_schedule_text(&s, &b);
    again = quartz_of(lh_buf_text(&b));
    is_str(again, quartz, "as cron and back");
    ++*compared;
}

static void test_minutes(void)
{
    /* two years take half a second for 400 texts; valgrind gets few */
    int n = getenv("LAKEHOST_VALGRIND") ? 8 : 400;
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    static struct date all[DAYS];
    size_t compared = 0;

    dates(all);
    for (size_t i = 0; i < LH_LEN(good) && strcmp(good[i].text, "0 0 0 * * ?") != 0; i++)
        if (*good[i].text != '@')
            compare(good[i].text, all, &compared);
    for (int i = 0; i < n; i++) {
        random_cron(&text);
        compare(lh_buf_text(&text), all, &compared);
    }
    diag("%d texts, %zu of them compared over %d days", n, compared, DAYS);
    ok(compared > (size_t)n / 4, "enough of them are convertible");
}

/* --- the shortest ----------------------------------------------------------------------------- */

static void shortest_is(const char *const *texts, size_t n, const char *want, const char *other)
{
    lh_auto(lh_schedule_meanings) meanings = lh_schedule_meanings_new();

    for (size_t first = 0; first < n; first++) {
        struct lh_shortest s = {0};

        for (size_t i = 0; i < n; i++)
            lh_shortest_offer(&s, texts[(first + i) % n], &meanings);
        is_str(s.schedule, want, "the shortest, whatever comes first");
        is_str(s.other, other, "and one that was not taken");
    }
}

static void test_shortest(void)
{
    static const char *const none[] = {"", "none", "no schedule"};
    static const char *const mixed[] = {"", "@daily", "0 4 * * *", "0 */5 * * * ?", "*/15 * * * *"};
    static const char *const same[] = {"@daily", "0 0 * * *", "0 0 0 * * ?", "none"};

    shortest_is(none, 3, NULL, NULL);
    shortest_is(mixed, 5, "0 */5 * * * ?", "*/15 * * * *");
    shortest_is(same, 4, "0 0 * * *", NULL);
}

int main(void)
{
    RUN(test_good);
    RUN(test_bad);
    RUN(test_limits);
    RUN(test_period);
    RUN(test_next);
    RUN(test_stagger);
    RUN(test_shifts);
    RUN(test_minutes);
    RUN(test_shortest);
    return tap_done();
}
