/* SPDX-License-Identifier: Apache-2.0 */
/* Five fields of cron, as cronie reads them; see schedule.h. */
#include "config.h"

#include "schedule/schedule_internal.h"

enum { MINUTE, HOUR, MONTH_DAY, MONTH, WEEK_DAY, FIELDS };

static const struct lh_cron_field cron_fields[FIELDS] = {
    {"minute", 0, 59, 0, 0, NULL, 0},
    {"hour", 0, 23, 0, 0, NULL, 0},
    {"day of month", 1, 31, 0, 0, NULL, 0},
    {"month", 1, 12, 0, 0, lh_month_names, 12},
    {"day of week", 0, 7, 0, 0, lh_week_day_names, 7}, /* 7 is folded to 0 after stepping */
};

static bool starts_with_star(lh_str field)
{
    return field.n && (*field.p == '*' || *field.p == '?');
}

static bool is_quartz_day(const struct lh_cron_field *field, lh_str text)
{
    bool day = field == &cron_fields[MONTH_DAY] || field == &cron_fields[WEEK_DAY];
    char last = text.n ? text.p[text.n - 1] : '\0';

    return day && (last == 'L' || last == 'W' || memchr(text.p, '#', text.n));
}

/* "22-23,0-2" for 22-2: what was meant. */
static int reversed(const struct lh_cron_reading *r, const struct lh_cron_field *field, lh_str text,
                    const struct lh_cron_item *item)
{
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    int max = field->names == lh_week_day_names ? 6 : field->max;

    lh_buf_f(&hint, "; a range runs upwards: %d", item->from);
    if (item->from < max)
        lh_buf_f(&hint, "-%d", max);
    lh_buf_f(&hint, ",%d", field->min);
    if (item->to > field->min)
        lh_buf_f(&hint, "-%d", item->to);
    return lh_schedule_misfit(r, field, text, lh_buf_text(&hint));
}

static int read_item(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                     lh_str text, struct lh_value_set *set)
{
    struct lh_cron_item item;
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    if (lh_str_eqz(text, "?"))
        text = LH_STR("*");
    if (is_quartz_day(field, text))
        return lh_schedule_misfit(r, field, text,
                                  "; L, W and # are of Quartz, which has seconds in front");
    if (lh_cron_item_read(r, field, text, &item))
        return LH_INVALID;
    if (item.step && !item.star && !item.range) {
        lh_buf_f(&hint, "; a step follows * or a range: %d-%d/%d", item.from, field->max,
                 item.step);
        return lh_schedule_misfit(r, field, text, lh_buf_text(&hint));
    }
    if (item.from > item.to)
        return reversed(r, field, text, &item);
    /* a * of the week is seven days, not eight */
    if (item.star && field->names == lh_week_day_names)
        item.to = 6;
    lh_value_set_add(set, field, item.from, item.to, item.step ? item.step : 1);
    return 0;
}

static int read_field(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                      lh_str text, uint64_t *ret)
{
    struct lh_value_set set = {{0}};

    for (;;) {
        const char *comma = memchr(text.p, ',', text.n);
        lh_str item = lh_str_n(text.p, comma ? (size_t)(comma - text.p) : text.n);

        if (read_item(r, field, item, &set))
            return LH_INVALID;
        if (!comma)
            break;
        text = lh_str_n(comma + 1, text.n - item.n - 1);
    }
    *ret = set.bits[0];
    return 0;
}

/*
 * Which days are meant (crontab(5)): where a day begins with a star, both fields must match; else
 * either. Quartz has one of them only.
 */
static int choose_days(const struct lh_cron_reading *r, const lh_str *f, struct lh_schedule *s)
{
    bool starred = starts_with_star(f[MONTH_DAY]) || starts_with_star(f[WEEK_DAY]);
    bool all_month = s->month_days == LH_DAY_BITS;
    bool all_week = s->week_days == LH_WEEK_DAY_BITS;

    if (!starred && !all_month && !all_week)
        return lh_schedule_refuse(r, "LH103", NULL,
                                  "cron fires when the day of month or the day of week matches, "
                                  "which one trigger of Quartz cannot; write two schedules, %.*s "
                                  "%.*s %.*s %.*s * and %.*s %.*s * %.*s %.*s",
                                  LH_STR_ARG(f[0]), LH_STR_ARG(f[1]), LH_STR_ARG(f[2]),
                                  LH_STR_ARG(f[3]), LH_STR_ARG(f[0]), LH_STR_ARG(f[1]),
                                  LH_STR_ARG(f[3]), LH_STR_ARG(f[4]));
    if (starred && !all_month && !all_week)
        return lh_schedule_refuse(r, "LH104", NULL,
                                  "cron fires when the day of month %.*s and the day of week %.*s "
                                  "both match, which Quartz cannot; write * for one of them",
                                  LH_STR_ARG(f[MONTH_DAY]), LH_STR_ARG(f[WEEK_DAY]));
    /* either: one that is always true decides */
    if (!starred) {
        s->month_days = LH_DAY_BITS;
        s->week_days = LH_WEEK_DAY_BITS;
        all_week = true;
    }
    s->days = all_week ? LH_DAYS_OF_MONTH : LH_DAYS_OF_WEEK;
    return 0;
}

int lh_cron_read(const struct lh_cron_reading *r, const lh_str *fields, struct lh_schedule *ret)
{
    uint64_t sets[FIELDS] = {0};

    for (int i = 0; i < FIELDS; i++)
        if (read_field(r, &cron_fields[i], fields[i], &sets[i]))
            return LH_INVALID;
    *ret = (struct lh_schedule){
        .seconds = 1,
        .minutes = sets[MINUTE],
        .hours = (uint32_t)sets[HOUR],
        .month_days = (uint32_t)sets[MONTH_DAY],
        .months = (uint32_t)sets[MONTH],
        .week_days = (uint32_t)((sets[WEEK_DAY] | sets[WEEK_DAY] >> 7) & LH_WEEK_DAY_BITS),
    };
    return choose_days(r, fields, ret);
}
