/* SPDX-License-Identifier: Apache-2.0 */
/* When a schedule fires: how often, when next, and moved by some minutes. Days are UTC. */
#include "config.h"

#include "schedule/schedule_internal.h"

#define DAY_S 86400

/* The calendar repeats after 28 years, but for years such as 2100. */
#define SAMPLE_BEGIN 2000
#define SAMPLE_END   2028

struct day {
    int year, month, day; /* month 1 to 12, day 1 to 31 */
    int week_day;         /* 0 to 6, Sunday is 0 */
    int last;             /* day of the month */
};

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to the first of January of a year from 1970 on. */
static int64_t begin_of(int year)
{
    int64_t before = year - 1;

    return (int64_t)(year - 1970) * 365 + (before / 4 - before / 100 + before / 400) -
           (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static struct day first_day(int year)
{
    /* 1970-01-01 was a Thursday */
    return (struct day){year, 1, 1, (int)((begin_of(year) + 4) % 7), 31};
}

static void next_day(struct day *d)
{
    d->week_day = (d->week_day + 1) % 7;
    if (d->day++ < d->last)
        return;
    d->day = 1;
    if (d->month++ == 12) {
        d->month = 1;
        d->year++;
    }
    d->last = days_in(d->year, d->month);
}

/* The day of the month of the working day nearest to one, within the month. */
static int nearest_work_day(const struct day *d, int day)
{
    int week_day = ((d->week_day + day - d->day) % 7 + 7) % 7;

    if (week_day == 6)
        return day > 1 ? day - 1 : day + 2;
    if (week_day == 0)
        return day < d->last ? day + 1 : day - 2;
    return day;
}

static bool fires_on(const struct lh_schedule *s, const struct day *d)
{
    int day;

    if (!(s->months >> d->month & 1))
        return false;
    switch (s->days) {
    case LH_DAYS_OF_WEEK:
        return s->week_days >> d->week_day & 1;
    case LH_DAYS_LAST:
        day = d->last - s->nth;
        return day >= 1 && d->day == (s->work ? nearest_work_day(d, day) : day);
    case LH_DAYS_NEAREST:
        return s->nth <= d->last && d->day == nearest_work_day(d, s->nth);
    case LH_DAYS_LAST_WEEK_DAY:
        return d->week_day == s->week_day && d->day > d->last - 7;
    case LH_DAYS_NTH_WEEK_DAY:
        return d->week_day == s->week_day && (d->day + 6) / 7 == s->nth;
    case LH_DAYS_OF_MONTH:
    default:
        return s->month_days >> d->day & 1;
    }
}

static bool in_year(const struct lh_schedule *s, int year)
{
    int bit = year - LH_FIRST_YEAR;

    return !lh_schedule_has_years(s) || (s->years[bit / 64] >> (bit % 64) & 1);
}

/* How many days of a year it fires on; stops at the first one when `any` is enough. */
static int days_of(const struct lh_schedule *s, int year, bool any)
{
    int n = 0;

    for (struct day d = first_day(year); d.year == year && !(any && n); next_day(&d))
        n += fires_on(s, &d);
    return n;
}

/* Without years of its own the sample tells: it has all fourteen kinds of years. */
bool lh_schedule_can_fire(const struct lh_schedule *s)
{
    bool all = !lh_schedule_has_years(s);

    for (int year = all ? SAMPLE_BEGIN : LH_FIRST_YEAR;
         year < (all ? SAMPLE_END : LH_LAST_YEAR + 1); year++)
        if (in_year(s, year) && days_of(s, year, true))
            return true;
    return false;
}

static int64_t times_of_day(const struct lh_schedule *s)
{
    return (int64_t)__builtin_popcountll(s->seconds) * __builtin_popcountll(s->minutes) *
           __builtin_popcount(s->hours);
}

/* Firings in the sample, as if every year were one of the schedule's. */
static int64_t times_of_sample(const struct lh_schedule *s, int64_t *ret_days)
{
    int64_t days = 0;

    for (int year = SAMPLE_BEGIN; year < SAMPLE_END; year++)
        days += days_of(s, year, false);
    *ret_days = begin_of(SAMPLE_END) - begin_of(SAMPLE_BEGIN);
    return days * times_of_day(s);
}

double lh_schedule_times_per_day(const struct lh_schedule *s)
{
    int64_t days;
    int64_t times = times_of_sample(s, &days);

    return (double)times / (double)days;
}

int64_t lh_schedule_period(const struct lh_schedule *s)
{
    int64_t days;
    int64_t times = times_of_sample(s, &days);

    return times ? (days * DAY_S + times / 2) / times : days * DAY_S;
}

/* --- the next one ------------------------------------------------------------------------------
 */

static int lowest(uint64_t bits, int from)
{
    uint64_t rest = from < 64 ? bits >> from << from : 0;

    return rest ? __builtin_ctzll(rest) : -1;
}

/* The first second of a day that is `from` or later; -1: none. */
static int first_time(const struct lh_schedule *s, int from)
{
    for (int hour = lowest(s->hours, from / 3600); hour >= 0; hour = lowest(s->hours, hour + 1)) {
        int left = from - hour * 3600 > 0 ? from - hour * 3600 : 0;

        for (int minute = lowest(s->minutes, left / 60); minute >= 0;
             minute = lowest(s->minutes, minute + 1)) {
            int second = lowest(s->seconds, left - minute * 60 > 0 ? left - minute * 60 : 0);

            if (second >= 0)
                return hour * 3600 + minute * 60 + second;
        }
    }
    return -1;
}

int64_t lh_schedule_next(const struct lh_schedule *s, int64_t after)
{
    int64_t at = after < -1 ? 0 : after + 1; /* the first second that counts */
    int64_t day = at / DAY_S;
    int year = LH_FIRST_YEAR;
    struct day d;

    while (year <= LH_LAST_YEAR && begin_of(year + 1) <= day)
        year++;
    if (year > LH_LAST_YEAR)
        return -1;
    d = first_day(year);
    for (int64_t n = begin_of(year); d.year <= LH_LAST_YEAR; n++, next_day(&d)) {
        int time;

        if (n < day || !in_year(s, d.year) || !fires_on(s, &d))
            continue;
        time = first_time(s, n == day ? (int)(at % DAY_S) : 0);
        if (time >= 0)
            return n * DAY_S + time;
    }
    return -1;
}

/* --- stagger -----------------------------------------------------------------------------------
 */

/* The smallest distance of two minutes of a set, round the hour; 60 for one minute. */
static int smallest_gap(uint64_t minutes)
{
    int first = lowest(minutes, 0);
    int last = first;
    int gap = 60;

    for (int minute = lowest(minutes, first + 1); minute >= 0;
         minute = lowest(minutes, minute + 1)) {
        gap = minute - last < gap ? minute - last : gap;
        last = minute;
    }
    return 60 - last + first < gap ? 60 - last + first : gap;
}

static bool every_hour(const struct lh_schedule *s)
{
    return s->hours == LH_HOUR_BITS;
}

/* Whether the minute may pass into the next hour: that is no other day. */
static bool may_carry(const struct lh_schedule *s)
{
    return every_hour(s) || (__builtin_popcountll(s->minutes) == 1 && !(s->hours >> 23 & 1));
}

int lh_schedule_window(const struct lh_schedule *s)
{
    int gap = smallest_gap(s->minutes);
    int room = 60 - (63 - __builtin_clzll(s->minutes)); /* until the end of the hour */

    return may_carry(s) || gap < room ? gap : room;
}

struct lh_schedule lh_schedule_shift(const struct lh_schedule *s, int minutes)
{
    struct lh_schedule later = *s;
    uint64_t over = s->minutes >> (60 - minutes); /* those that pass into the next hour */

    later.minutes = (s->minutes << minutes & LH_MINUTE_BITS) | over;
    if (over && !every_hour(s))
        later.hours = s->hours << 1;
    return later;
}

struct lh_schedule lh_schedule_stagger(const struct lh_schedule *s, size_t i, size_t n)
{
    size_t window = (size_t)lh_schedule_window(s);

    if (!n)
        return *s;
    return lh_schedule_shift(s, (int)(i % n * window / n));
}
