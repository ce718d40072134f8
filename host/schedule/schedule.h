/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedules: POSIX cron in, Quartz out.
 *
 * In: five fields (`minute hour day-of-month month day-of-week`, the dialect of cronie), a macro
 * (@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually), or six or seven fields,
 * which are Quartz (`seconds minutes hours day-of-month month day-of-week [year]`) and are checked
 * as such. Out: Quartz, whose days of the week count from SUN = 1 and which wants exactly one `?`.
 *
 * A cron expression that no single Quartz trigger says is refused with what to write instead: cron
 * fires when either of two restricted days matches, Quartz cannot.
 *
 * Times are UTC. No time zones here: the job that the schedule goes into names one.
 */
#ifndef LH_SCHEDULE_SCHEDULE_H
#define LH_SCHEDULE_SCHEDULE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/findings.h"
#include "base/str.h"

#include <stdint.h>

/* A longer text is refused. */
#define LH_SCHEDULE_MAX ((size_t)1024)

/* Which field decides the day; the other one is `?` in Quartz. */
enum lh_schedule_days {
    LH_DAYS_OF_MONTH,      /* month_days */
    LH_DAYS_OF_WEEK,       /* week_days */
    LH_DAYS_LAST,          /* L, L-3, LW: `nth` days before the last of the month; `work` = W */
    LH_DAYS_NEAREST,       /* 15W: the working day nearest to `nth` */
    LH_DAYS_LAST_WEEK_DAY, /* 6L: the last `week_day` of the month */
    LH_DAYS_NTH_WEEK_DAY   /* 6#3: the `nth` `week_day` of the month */
};

/* Sets are bit masks: bit n is the value n. Plain data, copied by assignment. */
struct lh_schedule {
    uint64_t seconds, minutes; /* 0 to 59 */
    uint32_t hours;            /* 0 to 23 */
    uint32_t month_days;       /* 1 to 31 */
    uint32_t months;           /* 1 to 12 */
    uint32_t week_days;        /* 0 to 6, Sunday is 0 */
    uint64_t years[4];         /* bit n of all four is 1970 + n; all 0: every year */
    enum lh_schedule_days days;
    int nth;
    int week_day; /* 0 to 6 */
    bool work;
    bool is_quartz; /* as it was written */
};

/* Where and why a text was refused; the rule is one of lh_schedule_rules. */
struct lh_schedule_problem {
    const struct lh_rule *rule;
    const char *field; /* "minute"; NULL: the whole text */
};

/* LH101 and on: what a text can be refused for. */
extern const struct lh_rule lh_schedule_rules[];

/*
 * Reads a schedule. LH_INVALID with the field, what was found and what was expected.
 * "", "none": not accepted here, see lh_schedule_is_none.
 */
int lh_schedule_parse(lh_str text, struct lh_schedule *ret, struct lh_error *e);

/* The same, and says which rule was broken; ret_problem is set on failure only. */
int lh_schedule_check(lh_str text, struct lh_schedule *ret, struct lh_schedule_problem *ret_problem,
                      struct lh_error *e);

/* Whether a text says that there is no schedule: nothing but blanks, or `none` in any case. */
bool lh_schedule_is_none(lh_str text);

/*
 * Appends the Quartz expression. The same firing times always give the same text, so two schedules
 * are equal when their texts are.
 */
void lh_schedule_quartz(const struct lh_schedule *s, struct lh_buf *to);

/* Appends it in the dialect that it came in: five fields of cron, or Quartz. */
void lh_schedule_text(const struct lh_schedule *s, struct lh_buf *to);

/* How often it fires on an average day, over the 28 years in which the calendar repeats. */
double lh_schedule_times_per_day(const struct lh_schedule *s);

/* The average distance of two firings in seconds, at least 1: what "shorter" means. */
int64_t lh_schedule_period(const struct lh_schedule *s);

/*
 * The first firing after a time, both in seconds since 1970-01-01 00:00:00 UTC. -1: there is none
 * (its years are over).
 */
int64_t lh_schedule_next(const struct lh_schedule *s, int64_t after);

/*
 * Minutes by which the schedule can be moved so that it still fires as often, on the same days and
 * before its own next firing; an hour at most. At least 1, which means: not at all.
 */
int lh_schedule_window(const struct lh_schedule *s);

/* The schedule `minutes` later; minutes is less than the window. */
struct lh_schedule lh_schedule_shift(const struct lh_schedule *s, int minutes);

/*
 * The i-th of n equal schedules, spread evenly over their window: the first one stays, i-th is
 * i * window / n minutes later. Where n is more than the window, several share a minute.
 */
struct lh_schedule lh_schedule_stagger(const struct lh_schedule *s, size_t i, size_t n);

#endif
