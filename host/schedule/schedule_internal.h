/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of schedule/ share: fields, the grammar that both dialects have, the calendar. */
#ifndef LH_SCHEDULE_INTERNAL_H
#define LH_SCHEDULE_INTERNAL_H

#include "schedule/schedule.h"

#define LH_MINUTE_BITS   ((UINT64_C(1) << 60) - 1)
#define LH_HOUR_BITS     ((UINT32_C(1) << 24) - 1)
#define LH_DAY_BITS      (~UINT32_C(1))
#define LH_MONTH_BITS    UINT32_C(0x1ffe)
#define LH_WEEK_DAY_BITS UINT32_C(0x7f)

#define LH_FIRST_YEAR 1970
#define LH_LAST_YEAR  2199

/* A set of values that begins at some value: bit n is origin + n. */
struct lh_value_set {
    uint64_t bits[4];
};

struct lh_cron_field {
    const char *name;
    int min, max;
    int max_step;             /* of Quartz */
    int origin;               /* the value of bit 0 */
    const char *const *names; /* of values from min on; NULL: none */
    int n_names;
};

/* One item of a list: "*", "5", "1-5", "*" "/5", "1-5/2". */
struct lh_cron_item {
    int from, to; /* equal without a range */
    int step;     /* 0: none was given */
    bool star, range, named;
};

extern const char *const lh_month_names[12];   /* from 1 on */
extern const char *const lh_week_day_names[7]; /* Sunday first */

/* The text being read, and what is reported of it. */
struct lh_cron_reading {
    struct lh_schedule_problem *problem;
    struct lh_error *e;
};

/* The rule of this id among the schedules'. */
const struct lh_rule *lh_schedule_rule(const char *id);

/* Sets the error and the problem: LH_INVALID, "<field>: <text>". field may be NULL. */
int lh_schedule_refuse(const struct lh_cron_reading *r, const char *id, const char *field,
                       const char *format, ...) LH_PRINTF(4, 5);

/* "expected <what the field can hold>, found <item><hint>". */
int lh_schedule_misfit(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                       lh_str item, const char *hint);

/* Reads one item; ranges and steps are as written, values within the field's bounds. */
int lh_cron_item_read(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                      lh_str text, struct lh_cron_item *ret);

/* Adds from, from + step, ... up to `to` (values, not bits). */
void lh_value_set_add(struct lh_value_set *set, const struct lh_cron_field *field, int from, int to,
                      int step);

/* Five fields, or six or seven. The slices are the fields, without blanks. */
int lh_cron_read(const struct lh_cron_reading *r, const lh_str *fields, struct lh_schedule *ret);
int lh_quartz_read(const struct lh_cron_reading *r, const lh_str *fields, size_t n,
                   struct lh_schedule *ret);

/* Whether it is bound to some years. */
static inline bool lh_schedule_has_years(const struct lh_schedule *s)
{
    return s->years[0] || s->years[1] || s->years[2] || s->years[3];
}

/* Whether it fires at all, ever. */
bool lh_schedule_can_fire(const struct lh_schedule *s);

#endif
