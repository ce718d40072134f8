/* SPDX-License-Identifier: Apache-2.0 */
/* Times and rates in headers; see headers.h. Every value is a stranger's, so all is clamped. */
#include "config.h"

#include "http/headers.h"

#include <time.h>

#define WHOLE_MAX                                                                                  \
    INT64_C(1000000000000000)           /* numbers are cut to this; times 1000 they still fit      \
                                         */
#define EPOCH_S  INT64_C(1000000000)    /* resets from here on are points in time, in seconds */
#define EPOCH_MS INT64_C(1000000000000) /* or in milliseconds */

/* --- dates ------------------------------------------------------------------------------------ */

/* The next bytes as a number of exactly n digits; blanks may stand for leading zeros. */
static bool take_digits(lh_str *s, size_t n, int *ret)
{
    int value = 0;
    size_t i = 0;

    if (s->n < n)
        return false;
    while (i + 1 < n && s->p[i] == ' ')
        i++;
    for (; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *s = lh_str_n(s->p + n, s->n - n);
    *ret = value;
    return true;
}

static bool take_text(lh_str *s, const char *text)
{
    if (!lh_str_starts(*s, lh_str_z(text)))
        return false;
    *s = lh_str_n(s->p + strlen(text), s->n - strlen(text));
    return true;
}

/* One of the names, which have 3 letters each; -1: none. */
static int take_name(lh_str *s, const char *names)
{
    for (int i = 0; s->n >= 3 && names[i * 3]; i++)
        if (memcmp(s->p, names + (size_t)i * 3, 3) == 0) {
            *s = lh_str_n(s->p + 3, s->n - 3);
            return i;
        }
    return -1;
}

static bool take_month(lh_str *s, struct tm *t)
{
    t->tm_mon = take_name(s, "JanFebMarAprMayJunJulAugSepOctNovDec");
    return t->tm_mon >= 0;
}

static bool take_time(lh_str *s, struct tm *t)
{
    return take_digits(s, 2, &t->tm_hour) && take_text(s, ":") && take_digits(s, 2, &t->tm_min) &&
           take_text(s, ":") && take_digits(s, 2, &t->tm_sec);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", behind the comma. */
static bool take_fixdate(lh_str s, struct tm *t)
{
    return take_digits(&s, 2, &t->tm_mday) && take_text(&s, " ") && take_month(&s, t) &&
           take_text(&s, " ") && take_digits(&s, 4, &t->tm_year) && take_text(&s, " ") &&
           take_time(&s, t) && take_text(&s, " GMT") && s.n == 0;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT", behind the comma. */
static bool take_rfc850(lh_str s, struct tm *t)
{
    bool good = take_digits(&s, 2, &t->tm_mday) && take_text(&s, "-") && take_month(&s, t) &&
                take_text(&s, "-") && take_digits(&s, 2, &t->tm_year) && take_text(&s, " ") &&
                take_time(&s, t) && take_text(&s, " GMT") && s.n == 0;

    t->tm_year += t->tm_year < 70 ? 2000 : 1900;
    return good;
}

/* "Sun Nov  6 08:49:37 1994", behind the day. */
static bool take_asctime(lh_str s, struct tm *t)
{
    return take_text(&s, " ") && take_month(&s, t) && take_text(&s, " ") &&
           take_digits(&s, 2, &t->tm_mday) && take_text(&s, " ") && take_time(&s, t) &&
           take_text(&s, " ") && take_digits(&s, 4, &t->tm_year) && s.n == 0;
}

static bool read_date(lh_str s, struct tm *t)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char *const rest[] = {"day", "day", "sday", "nesday", "rsday", "day", "urday"};
    int day = take_name(&s, days);

    if (day < 0)
        return false;
    if (take_text(&s, ", "))
        return take_fixdate(s, t);
    if (take_text(&s, rest[day]))
        return take_text(&s, ", ") && take_rfc850(s, t);
    return take_asctime(s, t);
}

bool lh_http_date(lh_str text, int64_t *ret_ms)
{
    struct tm t = {0};
    struct tm same;
    time_t at;

    if (!read_date(text, &t) || t.tm_hour > 23 || t.tm_min > 59 || t.tm_sec > 60)
        return false;
    t.tm_year -= 1900;
    same = t;
    at = timegm(&same);
    if (same.tm_mday != t.tm_mday && t.tm_sec < 60)
        return false; /* 31 April */
    *ret_ms = (int64_t)at * 1000;
    return true;
}

int64_t lh_http_source_time(const struct lh_http_headers *h, int64_t now_ms)
{
    lh_str date = lh_http_headers_get(h, "date");
    int64_t at;

    return date.p && lh_http_date(date, &at) ? at : now_ms;
}

/* --- waits ------------------------------------------------------------------------------------ */

/* Digits, and maybe a fraction of which milliseconds count; what is large is cut. */
static bool read_decimal(lh_str s, int64_t *ret_whole, int *ret_milli)
{
    int64_t whole = 0;
    int milli = 0;
    int weight = 100;
    size_t i = 0;

    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        whole = whole >= WHOLE_MAX ? WHOLE_MAX : whole * 10 + (s.p[i] - '0');
    if (i == 0)
        return false;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
            milli += weight * (s.p[i] - '0');
            weight /= 10;
        }
    *ret_whole = whole > WHOLE_MAX ? WHOLE_MAX : whole;
    *ret_milli = milli;
    return i == s.n;
}

static int64_t clamp_wait(int64_t ms)
{
    return ms < 0 ? 0 : ms > LH_HTTP_WAIT_MAX_MS ? LH_HTTP_WAIT_MAX_MS : ms;
}

/* Both may be anything. */
static int64_t wait_until(int64_t at_ms, int64_t now_ms)
{
    int64_t ms;

    if (__builtin_sub_overflow(at_ms, now_ms, &ms))
        ms = at_ms > now_ms ? INT64_MAX : 0;
    return clamp_wait(ms);
}

int64_t lh_http_wait_for(const struct lh_http_headers *h, lh_str value, enum lh_http_unit unit,
                         int64_t now_ms)
{
    int64_t source = lh_http_source_time(h, now_ms);
    int64_t whole, at;
    int milli;

    if (unit == LH_HTTP_DATE)
        return lh_http_date(value, &at) ? wait_until(at, source) : -1;
    if (!read_decimal(value, &whole, &milli))
        return -1;
    if (unit == LH_HTTP_EPOCH_MS)
        return wait_until(whole, source);
    at = whole * 1000 + milli;
    return unit == LH_HTTP_EPOCH_S ? wait_until(at, source) : clamp_wait(at);
}

int64_t lh_http_retry_after(const struct lh_http_headers *h, int64_t now_ms)
{
    lh_str value = lh_http_headers_get(h, "retry-after");
    bool is_number = value.n && value.p[0] >= '0' && value.p[0] <= '9';

    return lh_http_wait_for(h, value, is_number ? LH_HTTP_SECONDS : LH_HTTP_DATE, now_ms);
}

/* --- rates ------------------------------------------------------------------------------------ */

/* The number that a value begins with ("100, 100;w=60"); -1: none. */
static int64_t leading_number(const struct lh_http_headers *h, const char *name)
{
    lh_str value = name ? lh_http_headers_get(h, name) : lh_str_n(NULL, 0);
    int64_t whole;
    size_t n = 0;
    int milli;

    while (n < value.n && !strchr(",; ", value.p[n]))
        n++;
    return read_decimal(lh_str_n(value.p, n), &whole, &milli) ? whole : -1;
}

static int64_t read_reset(const struct lh_http_headers *h, const char *name, int64_t now_ms)
{
    int64_t number = leading_number(h, name);
    int64_t source = lh_http_source_time(h, now_ms);

    if (number < 0)
        return -1;
    if (number >= EPOCH_MS)
        return wait_until(number, source);
    return number >= EPOCH_S ? wait_until(number * 1000, source) : clamp_wait(number * 1000);
}

bool lh_http_rate_read(const struct lh_http_headers *h, int64_t now_ms, struct lh_http_rate *ret)
{
    static const struct {
        const char *limit, *remaining, *reset, *window_ms;
    } families[] = {
        {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", NULL},
        {"x-hubspot-ratelimit-max", "x-hubspot-ratelimit-remaining", NULL,
         "x-hubspot-ratelimit-interval-milliseconds"},
        {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", NULL},
        {"x-rate-limit", "x-rate-limit-remaining", NULL, NULL},
    };

    for (size_t i = 0; i < LH_LEN(families); i++) {
        if (!lh_http_headers_get(h, families[i].limit).p &&
            !lh_http_headers_get(h, families[i].remaining).p)
            continue;
        *ret = (struct lh_http_rate){
            .limit = leading_number(h, families[i].limit),
            .remaining = leading_number(h, families[i].remaining),
            .reset_ms = read_reset(h, families[i].reset, now_ms),
            .window_ms = leading_number(h, families[i].window_ms),
        };
        return true;
    }
    return false;
}
