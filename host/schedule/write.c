/* SPDX-License-Identifier: Apache-2.0 */
/* From a schedule to text, in both dialects. The same sets always give the same text. */
#include "config.h"

#include "schedule/schedule_internal.h"

/* How a field's set is written. */
struct style {
    int min, max;             /* values are bits min to max */
    int origin;               /* added to a bit to get what is written */
    const char *const *names; /* of bits from min on; NULL: numbers */
    bool quartz;              /* a step begins at a number: 7/10, not 7-59/10 */
};

struct set {
    const uint64_t *bits;
    const struct style *style;
};

static bool has(const struct set *set, int bit)
{
    return bit <= set->style->max && set->bits[bit / 64] >> (bit % 64) & 1;
}

/* The next member after bit, or -1. */
static int after(const struct set *set, int bit)
{
    for (bit++; bit <= set->style->max; bit++)
        if (has(set, bit))
            return bit;
    return -1;
}

static int first_of(const struct set *set)
{
    return after(set, set->style->min - 1);
}

static void put_value(const struct set *set, int bit, struct lh_buf *to)
{
    if (set->style->names)
        lh_buf_z(to, set->style->names[bit - set->style->min]);
    else
        lh_buf_i64(to, bit + set->style->origin);
}

/*
 * The step of a set that is first, first + step, ... and has no room for one more; 0 for any other
 * set. Two values are no run, they are a list.
 */
static int step_of(const struct set *set)
{
    int first = first_of(set);
    int second = first < 0 ? -1 : after(set, first);
    int step = second - first;
    int last = first;
    size_t n = 1;

    if (second < 0 || step < 2)
        return 0;
    for (int next = second; next >= 0; next = after(set, next), n++) {
        if (next - last != step)
            return 0;
        last = next;
    }
    return n >= 3 && last + step > set->style->max ? step : 0;
}

static void put_step(const struct set *set, int step, struct lh_buf *to)
{
    int first = first_of(set);

    if (!set->style->quartz && first == set->style->min)
        lh_buf_f(to, "*/%d", step);
    else if (set->style->quartz)
        lh_buf_f(to, "%d/%d", first + set->style->origin, step);
    else
        lh_buf_f(to, "%d-%d/%d", first, set->style->max, step);
}

/* Numbers with commas; three neighbours or more are a range. */
static void put_list(const struct set *set, struct lh_buf *to)
{
    const char *comma = "";

    for (int bit = first_of(set); bit >= 0;) {
        int last = bit;

        while (has(set, last + 1))
            last++;
        if (last < bit + 2)
            last = bit;
        lh_buf_z(to, comma);
        put_value(set, bit, to);
        if (last > bit) {
            lh_buf_char(to, '-');
            put_value(set, last, to);
        }
        comma = ",";
        bit = after(set, last);
    }
}

static bool is_full(const struct set *set)
{
    for (int bit = set->style->min; bit <= set->style->max; bit++)
        if (!has(set, bit))
            return false;
    return true;
}

static void put_set(const uint64_t *bits, const struct style *style, struct lh_buf *to)
{
    struct set set = {bits, style};
    int step = style->names ? 0 : step_of(&set);

    if (is_full(&set))
        lh_buf_char(to, '*');
    else if (step)
        put_step(&set, step, to);
    else
        put_list(&set, to);
}

static void put_bits(uint64_t bits, const struct style *style, struct lh_buf *to)
{
    put_set(&bits, style, to);
    lh_buf_char(to, ' ');
}

/* --- Quartz ----------------------------------------------------------------------------------- */

static const struct style q_minute = {0, 59, 0, NULL, true};
static const struct style q_hour = {0, 23, 0, NULL, true};
static const struct style q_day = {1, 31, 0, NULL, true};
static const struct style q_month = {1, 12, 0, NULL, true};
static const struct style q_week_day = {0, 6, 0, lh_week_day_names, true};
static const struct style q_year = {0, LH_LAST_YEAR - LH_FIRST_YEAR, LH_FIRST_YEAR, NULL, true};

static void put_month_day(const struct lh_schedule *s, struct lh_buf *to)
{
    switch (s->days) {
    case LH_DAYS_OF_MONTH:
        put_bits(s->month_days, &q_day, to);
        return;
    case LH_DAYS_LAST:
        lh_buf_char(to, 'L');
        if (s->nth)
            lh_buf_f(to, "-%d", s->nth);
        lh_buf_z(to, s->work ? "W " : " ");
        return;
    case LH_DAYS_NEAREST:
        lh_buf_f(to, "%dW ", s->nth);
        return;
    case LH_DAYS_OF_WEEK:
    case LH_DAYS_LAST_WEEK_DAY:
    case LH_DAYS_NTH_WEEK_DAY:
    default:
        lh_buf_z(to, "? ");
    }
}

static void put_week_day(const struct lh_schedule *s, struct lh_buf *to)
{
    uint64_t bits = s->week_days;

    if (s->days == LH_DAYS_OF_WEEK)
        put_set(&bits, &q_week_day, to);
    else if (s->days == LH_DAYS_LAST_WEEK_DAY)
        lh_buf_f(to, "%sL", lh_week_day_names[s->week_day]);
    else if (s->days == LH_DAYS_NTH_WEEK_DAY)
        lh_buf_f(to, "%d#%d", s->week_day + 1, s->nth);
    else
        lh_buf_char(to, '?');
}

void lh_schedule_quartz(const struct lh_schedule *s, struct lh_buf *to)
{
    put_bits(s->seconds, &q_minute, to);
    put_bits(s->minutes, &q_minute, to);
    put_bits(s->hours, &q_hour, to);
    put_month_day(s, to);
    put_bits(s->months, &q_month, to);
    put_week_day(s, to);
    if (lh_schedule_has_years(s)) {
        lh_buf_char(to, ' ');
        put_set(s->years, &q_year, to);
    }
}

/* --- cron ------------------------------------------------------------------------------------- */

static const struct style c_minute = {0, 59, 0, NULL, false};
static const struct style c_hour = {0, 23, 0, NULL, false};
static const struct style c_day = {1, 31, 0, NULL, false};
static const struct style c_month = {1, 12, 0, NULL, false};
static const struct style c_week_day = {0, 6, 0, NULL, false};

static void put_cron(const struct lh_schedule *s, struct lh_buf *to)
{
    bool by_week = s->days == LH_DAYS_OF_WEEK;
    uint64_t week = by_week ? s->week_days : LH_WEEK_DAY_BITS;

    put_bits(s->minutes, &c_minute, to);
    put_bits(s->hours, &c_hour, to);
    put_bits(by_week ? LH_DAY_BITS : s->month_days, &c_day, to);
    put_bits(s->months, &c_month, to);
    put_set(&week, &c_week_day, to);
}

void lh_schedule_text(const struct lh_schedule *s, struct lh_buf *to)
{
    if (s->is_quartz)
        lh_schedule_quartz(s, to);
    else
        put_cron(s, to);
}
