/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Six or seven fields of Quartz, checked as its CronExpression does; see schedule.h. Refused
 * besides: a step behind a named range, which Quartz takes and then ignores.
 */
#include "config.h"

#include "schedule/schedule_internal.h"
#include "json/text.h"

#include <stdlib.h>

enum { SECOND, MINUTE, HOUR, MONTH_DAY, MONTH, WEEK_DAY, YEAR, FIELDS };

static const struct lh_cron_field quartz_fields[FIELDS] = {
    {"seconds", 0, 59, 59, 0, NULL, 0},
    {"minutes", 0, 59, 59, 0, NULL, 0},
    {"hours", 0, 23, 23, 0, NULL, 0},
    {"day of month", 1, 31, 31, 0, NULL, 0},
    {"month", 1, 12, 12, 0, lh_month_names, 12},
    {"day of week", 1, 7, 7, 1, lh_week_day_names, 7}, /* Sunday is bit 0 */
    {"year", LH_FIRST_YEAR, LH_LAST_YEAR, LH_LAST_YEAR - LH_FIRST_YEAR, LH_FIRST_YEAR, NULL, 0},
};

/* From a to b, over the end where b is before a: 22-2, FRI-MON. */
static void add_range(struct lh_value_set *set, const struct lh_cron_field *field, int from, int to,
                      int step)
{
    int size = field->max - field->min + 1;
    int value = from;

    if (to < from) {
        lh_value_set_add(set, field, from, field->max, step);
        while (value <= field->max)
            value += step;
        value -= size;
    }
    lh_value_set_add(set, field, value, to, step);
}

static int read_item(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                     lh_str text, struct lh_value_set *set)
{
    lh_auto(lh_buf) whole = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_cron_item item;

    if (text.n && *text.p == '/')
        lh_buf_char(&whole, '*');
    lh_buf_str(&whole, text);
    if (lh_cron_item_read(r, field, lh_buf_slice(&whole), &item))
        return LH_INVALID;
    lh_buf_f(&hint, "; a step is 1 to %d", field->max_step);
    if (item.step > field->max_step)
        return lh_schedule_misfit(r, field, text, lh_buf_text(&hint));
    if (item.step && item.named)
        return lh_schedule_misfit(r, field, text,
                                  "; Quartz ignores a step behind a name, write the values");
    if (item.to < item.from && field == &quartz_fields[YEAR])
        return lh_schedule_misfit(r, field, text, "; years run upwards");
    add_range(set, field, item.from, item.step && !item.range ? field->max : item.to,
              item.step ? item.step : 1);
    return 0;
}

static int read_list(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                     lh_str text, struct lh_value_set *ret)
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
    *ret = set;
    return 0;
}

/* --- L W # ------------------------------------------------------------------------------------ */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* A number from min to max that takes all of the text. */
static bool is_number(lh_str text, int min, int max, int *ret)
{
    int value = 0;

    if (!text.n || text.n > 2)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        value = value * 10 + (text.p[i] - '0');
    }
    if (value < min || value > max)
        return false;
    *ret = value;
    return true;
}

/* L, L-3, LW, L-3W, 15W. False: it is none of these. */
static bool read_special_day(lh_str text, struct lh_schedule *s)
{
    lh_str rest = text;
    bool work = rest.n > 1 && upper(rest.p[rest.n - 1]) == 'W';

    if (work)
        rest.n--;
    if (rest.n && upper(*rest.p) == 'L') {
        rest = lh_str_n(rest.p + 1, rest.n - 1);
        if (rest.n &&
            (*rest.p != '-' || !is_number(lh_str_n(rest.p + 1, rest.n - 1), 1, 30, &s->nth)))
            return false;
        s->days = LH_DAYS_LAST;
    } else {
        if (!work || !is_number(rest, 1, 31, &s->nth))
            return false;
        s->days = LH_DAYS_NEAREST;
    }
    s->work = work;
    return true;
}

/* A day of the week as name or number, 0 to 6. */
static bool is_week_day(lh_str text, int *ret)
{
    struct lh_cron_reading quiet = {NULL, NULL};
    struct lh_cron_item item;

    if (lh_cron_item_read(&quiet, &quartz_fields[WEEK_DAY], text, &item) || item.star ||
        item.range || item.step)
        return false;
    *ret = item.from - 1;
    return true;
}

/* 6L, FRIL, 6#3, FRI#3. False: it is none of these. */
static bool read_special_week_day(lh_str text, struct lh_schedule *s)
{
    const char *number = memchr(text.p, '#', text.n);

    if (number) {
        s->days = LH_DAYS_NTH_WEEK_DAY;
        return is_week_day(lh_str_n(text.p, (size_t)(number - text.p)), &s->week_day) &&
               is_number(lh_str_n(number + 1, text.n - (size_t)(number - text.p) - 1), 1, 5,
                         &s->nth);
    }
    s->days = LH_DAYS_LAST_WEEK_DAY;
    return text.n > 1 && upper(text.p[text.n - 1]) == 'L' &&
           is_week_day(lh_str_n(text.p, text.n - 1), &s->week_day);
}

/* --- the days --------------------------------------------------------------------------------- */

static bool is_open(lh_str field)
{
    return lh_str_eqz(field, "?");
}

/* Both or none of the days are `?`: says what to write. */
static int wrong_marks(const struct lh_cron_reading *r, const lh_str *fields, size_t n)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    char *right lh_autofree = NULL;
    lh_str f[FIELDS];

    memcpy(f, fields, n * sizeof *f);
    if (is_open(f[MONTH_DAY]))
        f[MONTH_DAY] = LH_STR("*");
    else if (lh_str_eqz(f[WEEK_DAY], "*"))
        f[WEEK_DAY] = LH_STR("?");
    else if (lh_str_eqz(f[MONTH_DAY], "*"))
        f[MONTH_DAY] = LH_STR("?");
    else
        return lh_schedule_refuse(r, "LH106", NULL,
                                  "Quartz takes a day of month or a day of week, and ? for the "
                                  "other one; write two schedules");
    for (size_t i = 0; i < n; i++) {
        lh_buf_z(&b, i ? " " : "");
        lh_buf_str(&b, f[i]);
    }
    right = lh_text_quote(lh_buf_slice(&b));
    return lh_schedule_refuse(r, "LH106", NULL,
                              "Quartz, which this is with its %zu fields, has exactly one ? for a "
                              "day; write %s",
                              n, right);
}

static int read_days(const struct lh_cron_reading *r, const lh_str *f, struct lh_schedule *s)
{
    bool by_week = is_open(f[MONTH_DAY]);
    const struct lh_cron_field *field = &quartz_fields[by_week ? WEEK_DAY : MONTH_DAY];
    lh_str text = f[by_week ? WEEK_DAY : MONTH_DAY];
    struct lh_schedule special;
    struct lh_value_set set;

    s->month_days = LH_DAY_BITS;
    s->week_days = LH_WEEK_DAY_BITS;
    special = *s;
    if ((by_week ? read_special_week_day : read_special_day)(text, &special)) {
        *s = special;
        return 0;
    }
    /* L alone is Saturday */
    if (by_week && text.n == 1 && upper(*text.p) == 'L')
        text = LH_STR("SAT");
    if (read_list(r, field, text, &set))
        return LH_INVALID;
    if (by_week)
        s->week_days = (uint32_t)set.bits[0];
    else
        s->month_days = (uint32_t)set.bits[0];
    s->days = s->week_days == LH_WEEK_DAY_BITS ? LH_DAYS_OF_MONTH : LH_DAYS_OF_WEEK;
    return 0;
}

static bool is_full(const struct lh_value_set *years)
{
    struct lh_value_set full = {{0}};

    lh_value_set_add(&full, &quartz_fields[YEAR], LH_FIRST_YEAR, LH_LAST_YEAR, 1);
    return memcmp(years->bits, full.bits, sizeof full.bits) == 0;
}

int lh_quartz_read(const struct lh_cron_reading *r, const lh_str *fields, size_t n,
                   struct lh_schedule *ret)
{
    struct lh_value_set sets[FIELDS] = {{{0}}};

    for (size_t i = 0; i < n; i++)
        if (i != MONTH_DAY && i != WEEK_DAY && read_list(r, &quartz_fields[i], fields[i], &sets[i]))
            return LH_INVALID;
    if (is_open(fields[MONTH_DAY]) == is_open(fields[WEEK_DAY]))
        return wrong_marks(r, fields, n);
    *ret = (struct lh_schedule){.seconds = sets[SECOND].bits[0],
                                .minutes = sets[MINUTE].bits[0],
                                .hours = (uint32_t)sets[HOUR].bits[0],
                                .months = (uint32_t)sets[MONTH].bits[0],
                                .is_quartz = true};
    if (n > YEAR && !is_full(&sets[YEAR]))
        memcpy(ret->years, sets[YEAR].bits, sizeof ret->years);
    return read_days(r, fields, ret);
}
