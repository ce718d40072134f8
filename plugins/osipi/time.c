/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times: ISO 8601 to ticks and back, and PI's own syntax as PI Web API documents it under "Time
 * Strings". The server reads names of days in its own time zone, which nobody outside knows; here
 * they are in UTC.
 */
#include "osipi.h"

#define TICKS_PER_DAY (TICKS_PER_S * 86400)
#define LEAST         (INT64_C(-62135596800) * TICKS_PER_S) /* 0001-01-01 */
#define MOST          (INT64_C(253402300799) * TICKS_PER_S) /* 9999-12-31T23:59:59 */

static int64_t checked(double ticks)
{
    return ticks < (double)LEAST || ticks > (double)MOST ? NO_TICKS : (int64_t)ticks;
}

int64_t osipi_ticks(lh_str iso)
{
    int64_t ms = lhs_time_ms(iso);
    const char *point = iso.n ? memchr(iso.p, '.', iso.n) : NULL;
    size_t at = point ? (size_t)(point - iso.p) + 4 : iso.n;
    int64_t scale = TICKS_PER_MS / 10;
    int64_t ticks;

    if (ms == LHS_NO_TIME)
        return NO_TICKS;
    ticks = ms * TICKS_PER_MS;
    for (size_t i = point ? (size_t)(point - iso.p) + 1 : at; i < at && i < iso.n; i++)
        if (iso.p[i] < '0' || iso.p[i] > '9')
            return ticks;
    for (; at < iso.n && scale && iso.p[at] >= '0' && iso.p[at] <= '9'; at++, scale /= 10)
        ticks += (iso.p[at] - '0') * scale;
    return ticks;
}

lh_str osipi_iso(char to[TIME_SIZE], int64_t ticks)
{
    char seconds[LHS_ISO_SIZE];
    int64_t rest = ticks % TICKS_PER_S;
    int64_t whole;
    size_t n = 19;

    if (rest < 0)
        rest += TICKS_PER_S;
    whole = (ticks - rest) / TICKS_PER_MS;
    (void)lhs_iso_at(seconds, whole);
    memcpy(to, seconds, n);
    if (rest) {
        to[n++] = '.';
        lhs_put_digits(to + n, rest, 7);
        for (n += 7; to[n - 1] == '0'; n--)
            ;
    }
    to[n++] = 'Z';
    to[n] = 0;
    return lhs_n(to, n);
}

/* --- calendar --------------------------------------------------------------------------------- */

struct date {
    int64_t year, month, day;
};

static int64_t floor_day(int64_t ticks)
{
    int64_t rest = ticks % TICKS_PER_DAY;

    return ticks - (rest < 0 ? rest + TICKS_PER_DAY : rest);
}

static struct date date_of(int64_t ticks)
{
    char iso[TIME_SIZE];
    lh_str text = osipi_iso(iso, ticks);
    size_t at = 0;
    struct date d;

    d.year = lhs_digits(text, &at, 4);
    at++;
    d.month = lhs_digits(text, &at, 2);
    at++;
    d.day = lhs_digits(text, &at, 2);
    return d;
}

/* The last day of a short month stands for those that it does not have. */
static int64_t day_ticks(struct date d)
{
    int64_t most = lhs_month_days((int)d.year, (int)d.month);

    return lhs_days(d.year, d.month, d.day < most ? d.day : most) * TICKS_PER_DAY;
}

static int64_t add_months(int64_t ticks, int64_t months)
{
    struct date d = date_of(ticks);
    int64_t all;

    if (months > 120000 || months < -120000)
        return NO_TICKS;
    all = d.year * 12 + d.month - 1 + months;
    if (all < 12 || all >= 120000)
        return NO_TICKS;
    d.year = all / 12;
    d.month = all % 12 + 1;
    return day_ticks(d) + (ticks - floor_day(ticks));
}

/* --- words ------------------------------------------------------------------------------------ */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether the text is a word, or three letters of it. */
static int is_name(lh_str text, const char *word)
{
    return lhs_same_name(text, lhs_z(word)) || (text.n == 3 && lhs_same_name(text, lhs_n(word, 3)));
}

static int find_name(lh_str text, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (is_name(text, names[i]))
            return i;
    return -1;
}

/* clang-format off */
static const char *const weekdays[7] = {"thursday", "friday", "saturday", "sunday", "monday",
                                        "tuesday", "wednesday"}; /* 1970 began with a Thursday */
static const char *const months[12] = {"january", "february", "march", "april", "may", "june",
                                       "july", "august", "september", "october", "november",
                                       "december"};
/* clang-format on */

/* A word: today, yesterday, the last such weekday, today's day of a month. */
static int64_t named_time(lh_str word, int64_t now)
{
    int64_t today = floor_day(now);
    int64_t day = today / TICKS_PER_DAY;
    int which;

    if (lhs_same_name(word, LHS("t")) || lhs_same_name(word, LHS("today")))
        return today;
    if (lhs_same_name(word, LHS("y")) || lhs_same_name(word, LHS("yesterday")))
        return today - TICKS_PER_DAY;
    if ((which = find_name(word, weekdays, 7)) >= 0)
        return today - ((day - which) % 7 + 7) % 7 * TICKS_PER_DAY;
    if ((which = find_name(word, months, 12)) >= 0) {
        struct date d = date_of(now);

        d.month = which + 1;
        return day_ticks(d);
    }
    return NO_TICKS;
}

/* 5: that day of this month. 2026: today's day and month of that year. */
static int64_t numbered_time(lh_str number, int64_t now)
{
    struct date d = date_of(now);
    int64_t n;

    if (lhs_i64(number, &n))
        return NO_TICKS;
    if (number.n < 3 && n >= 1 && n <= lhs_month_days((int)d.year, (int)d.month))
        d.day = n;
    else if (number.n == 4 && n >= 1970)
        d.year = n;
    else
        return NO_TICKS;
    return day_ticks(d);
}

/* 2-Mar-2026, 02-Mar-26: into the ISO text that is there for it. Returns the bytes it took. */
static size_t take_pi_date(lh_str s, char ret_iso[11])
{
    size_t dash = s.n > 1 && s.p[1] == '-' ? 1 : 2;
    size_t at = dash + 5;
    int day;
    int month;
    int year;
    size_t from = 0;
    int n = 4;

    if (s.n < dash + 7 || s.p[dash] != '-' || s.p[dash + 4] != '-')
        return 0;
    day = lhs_digits(s, &from, (int)dash);
    month = find_name(lhs_n(s.p + dash + 1, 3), months, 12) + 1;
    if (s.n < at + 4 || s.p[at + 2] < '0' || s.p[at + 2] > '9')
        n = 2;
    year = lhs_digits(s, &at, n);
    if (day < 1 || !month || year < 0)
        return 0;
    year += n == 2 ? (year < 70 ? 2000 : 1900) : 0;
    lhs_put_digits(ret_iso, year, 4);
    lhs_put_digits(ret_iso + 5, month, 2);
    lhs_put_digits(ret_iso + 8, day, 2);
    ret_iso[4] = ret_iso[7] = '-';
    ret_iso[10] = 0;
    return at;
}

/* A date as PI writes it, with or without a time behind it. */
static int64_t pi_date(lh_str s)
{
    char iso[48] = "";
    size_t took = take_pi_date(s, iso);

    if (!took || s.n - took > sizeof iso - 12)
        return NO_TICKS;
    if (s.n > took && s.p[took] != ' ' && s.p[took] != 'T')
        return NO_TICKS;
    memcpy(iso + 10, s.p + took, s.n - took);
    iso[10 + s.n - took] = 0;
    return osipi_ticks(lhs_z(iso));
}

/* --- offsets ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int64_t seconds, months;
} units[] = {
    {"s", 1, 0},          {"sec", 1, 0},      {"second", 1, 0},   {"seconds", 1, 0},
    {"m", 60, 0},         {"min", 60, 0},     {"minute", 60, 0},  {"minutes", 60, 0},
    {"h", 3600, 0},       {"hour", 3600, 0},  {"hours", 3600, 0}, {"d", 86400, 0},
    {"day", 86400, 0},    {"days", 86400, 0}, {"w", 604800, 0},   {"week", 604800, 0},
    {"weeks", 604800, 0}, {"mo", 0, 1},       {"month", 0, 1},    {"months", 0, 1},
    {"y", 0, 12},         {"year", 0, 12},    {"years", 0, 12},
};

static void skip_blanks(lh_str s, size_t *at)
{
    while (*at < s.n && (s.p[*at] == ' ' || s.p[*at] == '\t'))
        ++*at;
}

/* A number without sign; -1 when there is none. */
static double take_number(lh_str s, size_t *at)
{
    double value = 0;
    double scale = 1;
    size_t begin = *at;
    int point = 0;

    for (; *at < s.n && ((s.p[*at] >= '0' && s.p[*at] <= '9') || (s.p[*at] == '.' && !point));
         ++*at) {
        if (s.p[*at] == '.') {
            point = 1;
            continue;
        }
        value = value * 10 + (s.p[*at] - '0');
        if (point)
            scale *= 10;
    }
    return *at - begin > (size_t)point && *at - begin < 16 ? value / scale : -1;
}

/* "1.5h": ticks, or months; 0 when it is neither. */
static int take_amount(lh_str s, size_t *at, double *ret_ticks, int64_t *ret_months)
{
    double number = take_number(s, at);
    size_t begin;

    skip_blanks(s, at);
    begin = *at;
    while (*at < s.n && is_letter(s.p[*at]))
        ++*at;
    for (size_t i = 0; number >= 0 && i < sizeof units / sizeof units[0]; i++) {
        if (!lhs_same_name(lhs_n(s.p + begin, *at - begin), lhs_z(units[i].name)))
            continue;
        *ret_ticks = number * (double)(units[i].seconds * TICKS_PER_S);
        *ret_months = number < 1e6 ? (int64_t)number * units[i].months : 1000000;
        return !units[i].months || number == (double)(int64_t)number;
    }
    return 0;
}

/* -1d+2h, to the end of the text. */
static int64_t add_offsets(lh_str s, size_t at, int64_t time)
{
    for (skip_blanks(s, &at); at < s.n && time != NO_TICKS; skip_blanks(s, &at)) {
        int sign = s.p[at] == '-' ? -1 : 1;
        double ticks;
        int64_t n_months;

        if (s.p[at] != '-' && s.p[at] != '+')
            return NO_TICKS;
        at++;
        skip_blanks(s, &at);
        if (!take_amount(s, &at, &ticks, &n_months))
            return NO_TICKS;
        time = n_months ? add_months(time, sign * n_months)
               : checked((double)time + sign * ticks) == NO_TICKS ? NO_TICKS
                                                                  : time + sign * (int64_t)ticks;
    }
    return time;
}

/* The part before the offsets: up to a sign behind a word, a number or a star. */
static size_t reference_end(lh_str s)
{
    size_t at = 0;

    if (at < s.n && s.p[at] == '*')
        return 1;
    while (at < s.n && is_letter(s.p[at]))
        at++;
    if (at)
        return at;
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at;
}

int64_t osipi_pi_time(lh_str text, int64_t now)
{
    int64_t time;
    size_t end;

    while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
        text = lhs_n(text.p + 1, text.n - 1);
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
        text.n--;
    if ((time = osipi_ticks(text)) != NO_TICKS || (time = pi_date(text)) != NO_TICKS)
        return time;
    end = reference_end(text);
    if (!end || text.p[0] == '*')
        time = now;
    else if (is_letter(lower(text.p[0])))
        time = named_time(lhs_n(text.p, end), now);
    else
        time = numbered_time(lhs_n(text.p, end), now);
    return time == NO_TICKS ? NO_TICKS : add_offsets(text, end, time);
}

int64_t osipi_interval(lh_str text)
{
    int64_t n_months;
    double ticks;
    size_t at = 0;

    skip_blanks(text, &at);
    if (!take_amount(text, &at, &ticks, &n_months) || n_months)
        return 0;
    skip_blanks(text, &at);
    return at == text.n && ticks >= 1 && ticks < 1e16 ? (int64_t)ticks : 0;
}
