/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Helpers for connectors: everything inline, pure or built on the host's services, C99 and C++11.
 *
 * Names begin with lhs_. The host's table comes first where a helper needs it. Text that a helper
 * makes is owned by the call (connector.h, rule 7) and ends in NUL; a slice {NULL, 0} from a helper
 * that makes text says that there was no memory, and every service takes it as empty.
 *
 * Threads: what takes the host's table is called from the thread of the call, as every service; the
 * rest is pure and may be called anywhere. Errors: the host's codes, with the message recorded.
 *
 * A connector may use all of this or none of it; nothing here is part of the binary interface. All
 * of it is there since 1.0.
 */
#ifndef LAKEHOST_SDK_H
#define LAKEHOST_SDK_H

#include <lakehost/connector.h>

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if defined(__GNUC__)
#define LHS_UNUSED         __attribute__((unused))
#define LHS_PRINTF(fmt, a) __attribute__((format(printf, fmt, a)))
#else
#define LHS_UNUSED
#define LHS_PRINTF(fmt, a)
#endif

/* --- slices ----------------------------------------------------------------------------------- */

/* A string literal as a slice. */
#define LHS(literal) (lhs_n("" literal, sizeof(literal) - 1))

/* A slice of n bytes, which stay where they are. */
static inline lh_str lhs_n(const char *p, size_t n)
{
    lh_str s;

    s.p = p;
    s.n = n;
    return s;
}

/* A C string as a slice; NULL is empty. */
static inline lh_str lhs_z(const char *p)
{
    return lhs_n(p, p ? strlen(p) : 0);
}

/* Whether two slices hold the same bytes; {NULL, 0} equals "". */
static inline int lhs_eq(lh_str a, lh_str b)
{
    return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

/* Byte order: negative, 0, positive. */
static inline int lhs_cmp(lh_str a, lh_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* A copy in memory of the call. */
static inline lh_str lhs_dup(const struct lh_host *h, lh_call *c, lh_str s)
{
    char *p = (char *)h->alloc(c, s.n + 1);

    if (!p)
        return lhs_n(NULL, 0);
    if (s.n)
        memcpy(p, s.p, s.n);
    return lhs_n(p, s.n);
}

/* printf into memory of the call. */
LHS_UNUSED LHS_PRINTF(3, 4) static lh_str
    lhs_fmt(const struct lh_host *h, lh_call *c, const char *format, ...)
{
    va_list args;
    char *p;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    p = n < 0 ? NULL : (char *)h->alloc(c, (size_t)n + 1);
    if (!p)
        return lhs_n(NULL, 0);
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return lhs_n(p, (size_t)n);
}

/* fail with printf, up to 1023 bytes: return lhs_fail(H, c, LH_E_DATA, "page %d has no items", n);
 */
LHS_UNUSED LHS_PRINTF(4, 5) static int lhs_fail(const struct lh_host *h, lh_call *c, int code,
                                                const char *format, ...)
{
    char text[1024];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return h->fail(c, code, lhs_n(text, n < 0 ? 0 : strlen(text)));
}

/* --- numbers and options ---------------------------------------------------------------------- */

/* A whole decimal number; -1 when it is none or does not fit, 0 else. ret is untouched on -1. */
static inline int lhs_i64(lh_str s, int64_t *ret)
{
    uint64_t value = 0;
    uint64_t limit = (uint64_t)INT64_MAX;
    size_t i = 0;
    int negative = s.n > 0 && s.p[0] == '-';

    if (negative) {
        limit++;
        i = 1;
    }
    if (i == s.n)
        return -1;
    for (; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';

        if (digit > 9 || value > (limit - digit) / 10)
            return -1;
        value = value * 10 + digit;
    }
    *ret = negative ? (value == limit ? INT64_MIN : -(int64_t)value) : (int64_t)value;
    return 0;
}

/* An option declared as int; the host has checked it. if_absent where it is not given. */
static inline int64_t lhs_opt_i64(const struct lh_host *h, const lh_opts *o, const char *name,
                                  int64_t if_absent)
{
    int64_t value = if_absent;

    (void)lhs_i64(lhs_z(h->opt(o, name)), &value);
    return value;
}

/* An option declared as bool: the host gives "true" or "false". */
static inline int lhs_opt_bool(const struct lh_host *h, const lh_opts *o, const char *name,
                               int if_absent)
{
    const char *value = h->opt(o, name);

    return value ? !strcmp(value, "true") : if_absent;
}

/* A table of these says where the int options of a connector go: {"rows", offsetof(S, rows)}. */
struct lhs_opt_member {
    const char *name;
    size_t offset; /* of an int64_t in the struct that is filled in */
};

/*
 * Fills in the members for n options declared as int; the defaults are those of the spec. What has
 * none and is not given leaves its member as it is.
 */
static inline void lhs_opt_members(const struct lh_host *h, const lh_opts *o,
                                   const struct lhs_opt_member *options, size_t n, void *to)
{
    size_t i;

    for (i = 0; i < n; i++) {
        char *member = (char *)to + options[i].offset;
        int64_t value;

        memcpy(&value, member, sizeof value);
        value = lhs_opt_i64(h, o, options[i].name, value);
        memcpy(member, &value, sizeof value);
    }
}

/*
 * An option declared as list ("a, b,c"): the next part without blanks around it, *at begins with
 * 0; {NULL, 0} at the end. Empty parts are passed over.
 */
static inline lh_str lhs_list_next(lh_str list, size_t *at)
{
    while (*at < list.n) {
        size_t begin = *at;
        size_t end;

        while (*at < list.n && list.p[*at] != ',')
            ++*at;
        end = *at;
        if (*at < list.n)
            ++*at;
        while (begin < end && (list.p[begin] == ' ' || list.p[begin] == '\t'))
            begin++;
        while (end > begin && (list.p[end - 1] == ' ' || list.p[end - 1] == '\t'))
            end--;
        if (end > begin)
            return lhs_n(list.p + begin, end - begin);
    }
    return lhs_n(NULL, 0);
}

/* --- text ------------------------------------------------------------------------------------- */

/* One component of a URL, percent-encoded: all but RFC 3986's unreserved characters. */
LHS_UNUSED static lh_str lhs_pct(const struct lh_host *h, lh_call *c, lh_str raw)
{
    static const char hex[] = "0123456789ABCDEF";
    char *p = raw.n > (SIZE_MAX - 1) / 3 ? NULL : (char *)h->alloc(c, 3 * raw.n + 1);
    size_t n = 0;
    size_t i;

    if (!p)
        return lhs_n(NULL, 0);
    for (i = 0; i < raw.n; i++) {
        unsigned char b = (unsigned char)raw.p[i];

        if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
            b == '-' || b == '.' || b == '_' || b == '~') {
            p[n++] = (char)b;
        } else {
            p[n++] = '%';
            p[n++] = hex[b >> 4];
            p[n++] = hex[b & 15];
        }
    }
    return lhs_n(p, n);
}

/* url with name=value behind it, both percent-encoded, after "?" or "&" as the url asks for. */
LHS_UNUSED static lh_str lhs_query(const struct lh_host *h, lh_call *c, lh_str url, lh_str name,
                                   lh_str value)
{
    lh_str key = lhs_pct(h, c, name);
    lh_str text = lhs_pct(h, c, value);
    char *p = key.p && text.p ? (char *)h->alloc(c, url.n + key.n + text.n + 3) : NULL;
    size_t n = 0;

    if (!p)
        return lhs_n(NULL, 0);
    if (url.n)
        memcpy(p, url.p, url.n);
    n = url.n;
    p[n++] = url.n && memchr(url.p, '?', url.n) ? '&' : '?';
    memcpy(p + n, key.p, key.n);
    n += key.n;
    p[n++] = '=';
    if (text.n)
        memcpy(p + n, text.p, text.n);
    return lhs_n(p, n + text.n);
}

/* RFC 4648 base64 with padding. */
LHS_UNUSED static lh_str lhs_base64(const struct lh_host *h, lh_call *c, lh_str bytes)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *p =
        bytes.n > SIZE_MAX / 4 * 3 - 8 ? NULL : (char *)h->alloc(c, (bytes.n + 2) / 3 * 4 + 1);
    size_t n = 0;
    size_t i;

    if (!p)
        return lhs_n(NULL, 0);
    for (i = 0; i < bytes.n; i += 3) {
        size_t left = bytes.n - i;
        uint32_t word = (uint32_t)(unsigned char)bytes.p[i] << 16;

        if (left > 1)
            word |= (uint32_t)(unsigned char)bytes.p[i + 1] << 8;
        if (left > 2)
            word |= (uint32_t)(unsigned char)bytes.p[i + 2];
        p[n++] = set[word >> 18];
        p[n++] = set[word >> 12 & 63];
        p[n++] = left > 1 ? set[word >> 6 & 63] : '=';
        p[n++] = left > 2 ? set[word & 63] : '=';
    }
    return lhs_n(p, n);
}

/* --- time ------------------------------------------------------------------------------------- */

#define LHS_NO_TIME INT64_MIN

/* Days since 1970-01-01 of a date of the Gregorian calendar, for years 0 to 9999. */
static inline int64_t lhs_days(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;

    /* 400 years are 146097 days; y counts from March, so that the leap day comes last */
    return y * 365 + (y + 800) / 4 - (y + 800) / 100 + (y + 800) / 400 - 194 + (153 * m + 2) / 5 +
           day - 1 - 719468;
}

/* n digits at *at; -1 when they are none. */
static inline int lhs_digits(lh_str s, size_t *at, int n)
{
    int value = 0;

    for (; n > 0; n--, ++*at) {
        if (*at >= s.n || s.p[*at] < '0' || s.p[*at] > '9')
            return -1;
        value = value * 10 + (s.p[*at] - '0');
    }
    return value;
}

/* The zone at the end of a time, as minutes east; -1 when it is none. ret is 0 without a zone. */
static inline int lhs_zone(lh_str s, size_t at, int *ret)
{
    int hours;
    int minutes = 0;
    int sign;

    *ret = 0;
    if (at == s.n || (at + 1 == s.n && (s.p[at] == 'Z' || s.p[at] == 'z')))
        return 0;
    if (s.p[at] != '+' && s.p[at] != '-')
        return -1;
    sign = s.p[at++] == '-' ? -1 : 1;
    hours = lhs_digits(s, &at, 2);
    if (at < s.n && s.p[at] == ':')
        at++;
    if (at < s.n)
        minutes = lhs_digits(s, &at, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || at != s.n)
        return -1;
    *ret = sign * (hours * 60 + minutes);
    return 0;
}

/* Days in a month, 0 for no month. */
static inline int lhs_month_days(int year, int month)
{
    static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12)
        return 0;
    return month == 2 && year % 4 == 0 && (year % 100 || year % 400 == 0) ? 29 : days[month - 1];
}

/*
 * Milliseconds since 1970 of an ISO 8601 date or time: 2026-03-01, 2026-03-01T09:30[:15[.123...]],
 * a blank for the T, with Z, +01:00, +0100, +01 or nothing (UTC). LHS_NO_TIME for anything else.
 */
LHS_UNUSED static int64_t lhs_time_ms(lh_str s)
{
    size_t at = 0;
    int year = lhs_digits(s, &at, 4);
    int month = at < s.n && s.p[at] == '-' ? (at++, lhs_digits(s, &at, 2)) : -1;
    int day = at < s.n && s.p[at] == '-' ? (at++, lhs_digits(s, &at, 2)) : -1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int ms = 0;
    int scale = 100;
    int zone = 0;

    if (year < 0 || day < 1 || day > lhs_month_days(year, month))
        return LHS_NO_TIME;
    if (at < s.n && (s.p[at] == 'T' || s.p[at] == 't' || s.p[at] == ' ')) {
        at++;
        hour = lhs_digits(s, &at, 2);
        minute = at < s.n && s.p[at] == ':' ? (at++, lhs_digits(s, &at, 2)) : -1;
        if (at < s.n && s.p[at] == ':') {
            at++;
            second = lhs_digits(s, &at, 2);
        }
        if (at < s.n && s.p[at] == '.')
            for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++, scale /= 10)
                ms += (s.p[at] - '0') * scale;
        if (lhs_zone(s, at, &zone))
            return LHS_NO_TIME;
    } else if (at != s.n) {
        return LHS_NO_TIME;
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return LHS_NO_TIME;
    return (((lhs_days(year, month, day) * 24 + hour) * 60 + minute - zone) * 60 + second) * 1000 +
           ms;
}

/* The last n digits of a value that is not negative, with zeros in front. */
static inline void lhs_put_digits(char *to, int64_t value, int n)
{
    uint64_t rest = (uint64_t)value;

    for (; n > 0; rest /= 10)
        to[--n] = (char)('0' + rest % 10);
}

/* Room for what lhs_iso_at writes. */
#define LHS_ISO_SIZE 25

/*
 * "2026-03-01T09:30:15Z", with ".123" before the Z unless the milliseconds are 0. Years 0 to 9999;
 * what lies beyond is cut to them. Written to `to`, for whoever needs one for each row.
 */
LHS_UNUSED static lh_str lhs_iso_at(char to[LHS_ISO_SIZE], int64_t time_ms)
{
    const int64_t least = INT64_C(-62167219200000); /* 0000-01-01 */
    const int64_t most = INT64_C(253402300799999);  /* 9999-12-31T23:59:59.999Z */
    int64_t t = (time_ms < least ? least : time_ms > most ? most : time_ms) - least;
    int64_t rest = t % 86400000;
    /* days since 0000-03-01 plus 400 years, in years that end with February */
    int64_t day = t / 86400000 - 60 + 146097;
    int64_t in_era = day % 146097;
    int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * in_year + 2) / 153;
    int64_t year = day / 146097 * 400 - 400 + year_of_era + (month > 9);
    size_t n = 19;

    lhs_put_digits(to, year, 4);
    lhs_put_digits(to + 5, month > 9 ? month - 9 : month + 3, 2);
    lhs_put_digits(to + 8, in_year - (153 * month + 2) / 5 + 1, 2);
    lhs_put_digits(to + 11, rest / 3600000, 2);
    lhs_put_digits(to + 14, rest / 60000 % 60, 2);
    lhs_put_digits(to + 17, rest / 1000 % 60, 2);
    to[4] = to[7] = '-';
    to[10] = 'T';
    to[13] = to[16] = ':';
    if (rest % 1000) {
        to[n] = '.';
        lhs_put_digits(to + n + 1, rest % 1000, 3);
        n += 4;
    }
    to[n++] = 'Z';
    to[n] = 0;
    return lhs_n(to, n);
}

/* The same in memory of the call. */
LHS_UNUSED static lh_str lhs_iso(const struct lh_host *h, lh_call *c, int64_t time_ms)
{
    char text[LHS_ISO_SIZE];

    return lhs_dup(h, c, lhs_iso_at(text, time_ms));
}

/* --- objects ---------------------------------------------------------------------------------- */

/* A member of an object that is being built. */
static inline void lhs_out_str(const struct lh_host *h, lh_out *o, lh_str key, lh_str value)
{
    h->out_key(o, key);
    h->out_str(o, value);
}

/* The same for a number. */
static inline void lhs_out_i64(const struct lh_host *h, lh_out *o, lh_str key, int64_t value)
{
    h->out_key(o, key);
    h->out_i64(o, value);
}

/* --- offsets that are a time: {"until": "2026-03-01T09:30:15Z"} ------------------------------- */

/*
 * The time in a scan's offset or end, in milliseconds since 1970. *ret stays as it is at the
 * beginning (NULL or {}). LH_E_OFFSET, with a message, when the member is missing or no time.
 */
LHS_UNUSED static int lhs_offset_time(const struct lh_host *h, lh_call *c, const lh_json *offset,
                                      lh_str name, int64_t *ret)
{
    lh_str text = h->json_str(h->json_get(offset, name));
    int64_t time = lhs_time_ms(text);

    if (!h->json_count(offset))
        return LH_OK;
    if (time == LHS_NO_TIME)
        return lhs_fail(h, c, LH_E_OFFSET, "the offset's \"%.*s\" is no time: \"%.*s\"",
                        (int)name.n, name.p, (int)(text.n < 64 ? text.n : 64),
                        text.n ? text.p : "");
    *ret = time;
    return LH_OK;
}

/* checkpoint with such an offset, made in o; answers what checkpoint answers. */
LHS_UNUSED static int lhs_checkpoint_time(const struct lh_host *h, lh_sink *sink, lh_out *o,
                                          lh_str name, int64_t time_ms)
{
    char text[LHS_ISO_SIZE];

    h->out_begin(o, '{');
    lhs_out_str(h, o, name, lhs_iso_at(text, time_ms));
    h->out_end(o);
    return h->checkpoint(sink, h->out_done(o));
}

/* --- requests and pages ----------------------------------------------------------------------- */

/* A GET with nothing else set. The url must live until it is asked for. */
static inline struct lh_http_req lhs_get(lh_str url)
{
    struct lh_http_req q;

    memset(&q, 0, sizeof q);
    q.struct_size = (uint32_t)sizeof q;
    q.method = LHS("GET");
    q.url = url;
    q.flags = LH_HTTP_REPEATABLE;
    return q;
}

/* A POST of JSON that only asks: it may be repeated. */
static inline struct lh_http_req lhs_post(lh_str url, lh_str json)
{
    struct lh_http_req q = lhs_get(url);

    q.method = LHS("POST");
    q.body = json;
    q.content_type = LHS("application/json");
    return q;
}

/* Whether two names are the same but for the case of ASCII letters. */
static inline int lhs_same_name(lh_str a, lh_str b)
{
    size_t i;

    for (i = 0; i < a.n && i < b.n; i++) {
        char x = a.p[i];
        char y = b.p[i];

        if (x >= 'A' && x <= 'Z')
            x = (char)(x - 'A' + 'a');
        if (y >= 'A' && y <= 'Z')
            y = (char)(y - 'A' + 'a');
        if (x != y)
            return 0;
    }
    return a.n == b.n;
}

/* The next part of a text up to one of `stops` that is not inside "quotes"; *at comes after it. */
static inline lh_str lhs_unquoted(lh_str text, size_t *at, const char *stops)
{
    size_t begin = *at;
    size_t end;
    int quoted = 0;

    while (*at < text.n && text.p[*at] && (quoted || !strchr(stops, text.p[*at]))) {
        if (quoted && text.p[*at] == '\\' && *at + 1 < text.n)
            ++*at;
        else if (text.p[*at] == '"')
            quoted = !quoted;
        ++*at;
    }
    end = *at;
    if (*at < text.n)
        ++*at;
    while (begin < end && (text.p[begin] == ' ' || text.p[begin] == '\t'))
        begin++;
    while (end > begin && (text.p[end - 1] == ' ' || text.p[end - 1] == '\t'))
        end--;
    return lhs_n(text.p + begin, end - begin);
}

/* Whether a link's parameters say that it is `rel`: ; rel="prev next" or ; rel=next. */
static inline int lhs_link_is(lh_str params, const char *rel)
{
    size_t at = 0;

    while (at < params.n) {
        lh_str param = lhs_unquoted(params, &at, ";");
        size_t in_param = 0;
        lh_str name = lhs_unquoted(param, &in_param, "=");
        lh_str value = lhs_n(param.p + in_param, param.n - in_param);
        size_t in_value = 0;

        if (!lhs_same_name(name, LHS("rel")))
            continue;
        if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = lhs_n(value.p + 1, value.n - 2);
        while (in_value < value.n)
            if (lhs_same_name(lhs_unquoted(value, &in_value, " "), lhs_z(rel)))
                return 1;
        return 0; /* only the first rel of a link counts */
    }
    return 0;
}

/*
 * The target of RFC 8288's Link header with this relation ("next"); empty when there is none.
 * Whether it may be followed is checked by the host when it is asked for.
 */
LHS_UNUSED static lh_str lhs_link(const struct lh_host *h, lh_call *c,
                                  const struct lh_http_resp *resp, const char *rel)
{
    lh_str all = h->http_header(resp, "Link");
    size_t at = 0;

    while (at < all.n) {
        const char *open = (const char *)memchr(all.p + at, '<', all.n - at);
        const char *close =
            open ? (const char *)memchr(open, '>', all.n - (size_t)(open - all.p)) : NULL;

        if (!close)
            break;
        at = (size_t)(close - all.p) + 1;
        if (lhs_link_is(lhs_unquoted(all, &at, ","), rel))
            return lhs_dup(h, c, lhs_n(open + 1, (size_t)(close - open) - 1));
    }
    return lhs_n("", 0);
}

/*
 * Pages one after the other:
 *
 *     struct lhs_pages pages = lhs_pages(lhs_get(LHS("/items?per_page=100")));
 *     const struct lh_http_resp *page;
 *
 *     while (!(rc = lhs_page(H, c, &pages, &page)) && page) {
 *         lhs_pages_next(H, c, &pages, lhs_link(H, c, page, "next"));
 *         ... rows, checkpoint ...
 *     }
 *
 * lhs_page releases the page before. An answer other than 2xx ends the loop with http_fail's code.
 * lhs_pages_next says where the next page is (empty: there is none) and asks for it ahead of time.
 */
struct lhs_pages {
    struct lh_http_req req;          /* of the next page; method, headers and body stay */
    const struct lh_http_resp *page; /* the one at hand, NULL between pages */
    int more;                        /* whether req is to be sent */
    int reserved;
};

/* A loop that begins with this request. */
static inline struct lhs_pages lhs_pages(struct lh_http_req first)
{
    struct lhs_pages p;

    memset(&p, 0, sizeof p);
    p.req = first;
    p.more = 1;
    return p;
}

/* The next page; *ret is NULL after the last one and on failure. */
LHS_UNUSED static int lhs_page(const struct lh_host *h, lh_call *c, struct lhs_pages *p,
                               const struct lh_http_resp **ret)
{
    int rc;

    *ret = NULL;
    if (p->page)
        h->http_release(c, p->page);
    p->page = NULL;
    if (!p->more)
        return LH_OK;
    p->more = 0;
    rc = h->http(c, &p->req, &p->page);
    if (rc) {
        p->page = NULL;
        return rc;
    }
    if (p->page->status < 200 || p->page->status > 299)
        return h->http_fail(c, p->page);
    *ret = p->page;
    return LH_OK;
}

/* Where the next page is; the url must live until lhs_page. */
LHS_UNUSED static void lhs_pages_next(const struct lh_host *h, lh_call *c, struct lhs_pages *p,
                                      lh_str url)
{
    p->more = url.n > 0;
    p->req.url = url;
    if (p->more)
        h->http_prefetch(c, &p->req);
}

#endif
