/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coercion to date, timestamp and timestamp_ntz. The calendar is the proleptic Gregorian one, as
 * Spark's is; years have four digits, 0001 to 9999. The rules stand in coerce.h.
 */
#include "config.h"

#include "schema/coerce_internal.h"

#define ZONE_MAX (18 * 60) /* minutes; java.time has no more */

struct moment {
    int year, month, day;
    int hour, minute, second, micros;
    int offset; /* of its zone, minutes east */
    bool has_zone;
    bool cut; /* there were digits behind the microseconds that are not 0 */
};

/* Exactly n digits at the front of s. */
static bool take_number(lh_str *s, size_t n, int *ret)
{
    int value = 0;

    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    s->p += n;
    s->n -= n;
    *ret = value;
    return true;
}

static bool take(lh_str *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool take_date(lh_str *s, struct moment *m)
{
    if (!take_number(s, 4, &m->year) || !take(s, '-') || !take_number(s, 2, &m->month) ||
        !take(s, '-') || !take_number(s, 2, &m->day))
        return false;
    return m->year >= 1 && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
           m->day <= days_in(m->year, m->month);
}

/* ".123456": at least one digit, six that count. */
static bool take_fraction(lh_str *s, struct moment *m)
{
    size_t n = 0;

    for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
        if (n < 6)
            m->micros = m->micros * 10 + (s->p[n] - '0');
        else
            m->cut = m->cut || s->p[n] != '0';
    }
    for (size_t i = n; i < 6; i++)
        m->micros *= 10;
    s->p += n;
    s->n -= n;
    return n > 0;
}

static bool take_clock(lh_str *s, struct moment *m)
{
    if (!take_number(s, 2, &m->hour) || !take(s, ':') || !take_number(s, 2, &m->minute))
        return false;
    if (take(s, ':')) {
        if (!take_number(s, 2, &m->second) || (take(s, '.') && !take_fraction(s, m)))
            return false;
    }
    return m->hour < 24 && m->minute < 60 && m->second < 60;
}

static bool take_zone(lh_str *s, struct moment *m)
{
    bool east = s->p[0] == '+';
    int hours = 0;
    int minutes = 0;

    m->has_zone = true;
    if (take(s, 'Z') || take(s, 'z'))
        return true;
    if ((!take(s, '+') && !take(s, '-')) || !take_number(s, 2, &hours))
        return false;
    if ((take(s, ':') || s->n) && !take_number(s, 2, &minutes))
        return false;
    m->offset = (east ? 1 : -1) * (hours * 60 + minutes);
    return minutes < 60 && m->offset <= ZONE_MAX && m->offset >= -ZONE_MAX;
}

/* A date, or a date and a time with or without a zone, and nothing behind it. */
static bool parse(const struct lh_json *v, struct moment *ret)
{
    struct moment m = {0};
    lh_str s;

    if (lh_json_kind(v) != LH_JSON_STRING)
        return false;
    s = lh_coerce_text(v);
    if (!take_date(&s, &m))
        return false;
    if (s.n && ((!take(&s, 'T') && !take(&s, 't') && !take(&s, ' ')) || !take_clock(&s, &m)))
        return false;
    if (s.n && (!take_zone(&s, &m) || s.n))
        return false;
    *ret = m;
    return true;
}

static void next_day(struct moment *m)
{
    if (++m->day <= days_in(m->year, m->month))
        return;
    m->day = 1;
    if (++m->month <= 12)
        return;
    m->month = 1;
    m->year++;
}

static void day_before(struct moment *m)
{
    if (--m->day >= 1)
        return;
    if (--m->month < 1) {
        m->month = 12;
        m->year--;
    }
    m->day = days_in(m->year, m->month);
}

/* The same moment in UTC; an offset moves the date by a day at most. False: out of years. */
static bool to_utc(struct moment *m)
{
    int minutes = m->hour * 60 + m->minute - m->offset;

    if (minutes < 0) {
        day_before(m);
        minutes += 24 * 60;
    } else if (minutes >= 24 * 60) {
        next_day(m);
        minutes -= 24 * 60;
    }
    m->hour = minutes / 60;
    m->minute = minutes % 60;
    m->offset = 0;
    return m->year >= 1 && m->year <= 9999;
}

static char *put(char *to, int value, int digits, char behind)
{
    for (int i = digits; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
    to[digits] = behind;
    return to + digits + 1;
}

enum lh_outcome lh_coerce_date(const struct lh_type *type, const struct lh_json *v,
                               struct lh_buf *to)
{
    struct moment m;

    (void)type;
    if (!parse(v, &m))
        return LH_OUTCOME_REJECTED;
    /* The text has passed as a date in just this form. */
    lh_coerce_quote(to, lh_str_n(lh_coerce_text(v).p, 10));
    return LH_OUTCOME_KEPT;
}

enum lh_outcome lh_coerce_timestamp(const struct lh_type *type, const struct lh_json *v,
                                    struct lh_buf *to)
{
    bool is_instant = type->kind == LH_TYPE_TIMESTAMP;
    struct moment m;
    char text[32];
    char *end = text;

    if (!parse(v, &m) || (is_instant ? !to_utc(&m) : m.has_zone))
        return LH_OUTCOME_REJECTED;
    *end++ = '"';
    end = put(end, m.year, 4, '-');
    end = put(end, m.month, 2, '-');
    end = put(end, m.day, 2, 'T');
    end = put(end, m.hour, 2, ':');
    end = put(end, m.minute, 2, ':');
    end = put(end, m.second, 2, '.');
    end = put(end, m.micros, 6, is_instant ? 'Z' : '"');
    if (is_instant)
        *end++ = '"';
    lh_buf_add(to, text, (size_t)(end - text));
    return m.cut ? LH_OUTCOME_ROUNDED : LH_OUTCOME_KEPT;
}
