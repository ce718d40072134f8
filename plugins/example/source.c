/* SPDX-License-Identifier: Apache-2.0 */
/* The source that is computed; see source.h. */
#include "source.h"

#define DAY_MS   INT64_C(86400000)
#define START_MS INT64_C(1735689600000)    /* 2025-01-01: the initial load is older than this */
#define FIRST_ID INT64_C(9007199254740993) /* 2^53 + 1: no double can hold it */

int64_t example_source_time(const struct source *src, int64_t i)
{
    return i < src->rows ? START_MS - (src->rows - i) * 1000
                         : START_MS + (i - src->rows + 1) * src->interval_ms;
}

int64_t example_source_entries(const struct source *src, int64_t time_ms)
{
    int64_t n;

    if (time_ms >= START_MS)
        return src->rows + (src->interval_ms ? (time_ms - START_MS) / src->interval_ms : 0);
    if (time_ms < START_MS - src->rows * 1000)
        return 0;
    n = (START_MS - time_ms + 999) / 1000;
    return src->rows - n + 1;
}

/* A number that looks random and is the same on every machine (splitmix64). */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

int example_source_ask(lh_call *c, const struct source *src, lh_str table, int64_t entry,
                       int64_t n_asked)
{
    uint64_t luck = mix((uint64_t)src->seed + (uint64_t)entry) % 100;
    lh_str denied;
    size_t at = 0;

    while ((denied = lhs_list_next(src->forbidden, &at)).n)
        if (lhs_eq(denied, table))
            return lhs_fail(src->host, c, LH_E_DENIED, "the source refuses the rows of %.*s",
                            (int)table.n, table.p);
    if (n_asked && luck < (uint64_t)src->failure_rate)
        return src->host->fail(c, LH_E_UNAVAILABLE, LHS("the source is unavailable"));
    return src->latency_ms ? src->host->sleep_ms(c, (uint32_t)src->latency_ms)
                           : src->host->cancelled(c);
}

uint64_t example_source_salt(const struct source *src, lh_str table)
{
    uint64_t salt = mix((uint64_t)src->seed);

    for (size_t i = 0; i < table.n; i++)
        salt = mix(salt ^ (unsigned char)table.p[i]);
    return salt;
}

struct row example_source_row(const struct source *src, uint64_t salt, unsigned shape, int64_t i)
{
    int64_t slot = i % src->rows;
    struct row r = {src->host, FIRST_ID + slot, example_source_time(src, i), 0, src->rows, 0};

    r.random = mix(salt + (uint64_t)i);
    if (shape & LOG)
        r.id = FIRST_ID + i;
    if (shape & LIVES) {
        /* sixteen neighbours do the same: deletes come in bunches, and pages are empty at times */
        r.turn = slot / 16 + i / src->rows;
        r.id += r.turn / 4 * src->rows;
    }
    if (shape & CLOCKS_AHEAD && r.random % 50 == 0)
        r.time_ms += 30 * DAY_MS;
    return r;
}

int example_row_is_deleted(const struct row *r)
{
    return r->turn % 4 == 3;
}

/* --- values ----------------------------------------------------------------------------------- */

static void put_tags(const struct row *r, lh_out *to)
{
    static const char *const tags[] = {"new", "sale", "überraschend"};

    r->host->out_begin(to, '[');
    for (size_t i = 0; i < (r->random >> 52 & 3); i++)
        r->host->out_str(to, lhs_z(tags[i]));
    r->host->out_end(to);
}

/* A number digit by digit: 19.90 stays 19.90. */
static void put_price(const struct row *r, lh_out *to)
{
    char text[32];

    snprintf(text, sizeof text, "%d.%02d", (int)(r->random >> 20 & 1023),
             (int)(r->random >> 30 & 63));
    r->host->out_raw(to, lhs_z(text));
}

static void put_email(const struct row *r, lh_out *to)
{
    char text[64];

    snprintf(text, sizeof text, "user%d@example.com", (int)(r->random >> 16 & 0xffff));
    if (r->random % 5)
        r->host->out_str(to, lhs_z(text));
    else
        r->host->out_json(to, NULL); /* null: it has none */
}

void example_row_put(const struct row *r, enum value what, lh_out *to)
{
    static const char *const names[] = {"Ana Müller", "大久保 一",   "O'Brien \"Bo\"",  "Zoë 😀",
                                        "נועה",       "back\\slash", "two\nlines\ttab", ""};
    static const char *const kinds[] = {"view", "click", "buy", "return"};
    static const char *const turns[] = {"new", "paid", "shipped", "deleted"};
    const struct lh_host *h = r->host;
    char text[LHS_ISO_SIZE];

    switch (what) {
    case ID:
        h->out_i64(to, r->id);
        break;
    case USER_ID:
        h->out_i64(to, FIRST_ID + (int64_t)(r->random % (uint64_t)r->users));
        break;
    case NAME:
        h->out_str(to, lhs_z(names[r->random >> 8 & 7]));
        break;
    case EMAIL:
        put_email(r, to);
        break;
    case PRICE:
        put_price(r, to);
        break;
    case COUNT:
        h->out_i64(to, (int64_t)(r->random >> 40 & 1023));
        break;
    case FLAG:
        h->out_raw(to, r->random >> 50 & 1 ? LHS("true") : LHS("false"));
        break;
    case TAGS:
        put_tags(r, to);
        break;
    case KIND:
        h->out_str(to, lhs_z(kinds[r->random >> 12 & 3]));
        break;
    case STATUS:
        h->out_str(to, lhs_z(turns[r->turn % 4]));
        break;
    case TIME:
        h->out_str(to, lhs_iso_at(text, r->time_ms));
        break;
    case AS_TEXT:
        break; /* its rows do not come here */
    }
}

/* --- metrics: a source that sends text -------------------------------------------------------- */

static char *add_text(char *p, lh_str text)
{
    memcpy(p, text.p, text.n);
    return p + text.n;
}

static char *add_number(char *p, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    return add_text(p, lhs_n(digits + at, sizeof digits - at));
}

/* The fixed parts are below 250 bytes, each of seven numbers below 21, the time below 25. */
lh_str example_row_metric(const struct row *r, char to[METRIC_SIZE])
{
    static const char *const parts[] = {",\"quality\":0.5,\"place\":{\"site\":\"Zürich\",\"rack\":",
                                        ",\"quality\":null,\"place\":{\"site\":\"東京\",\"rack\":",
                                        ",\"quality\":1e-3,\"place\":{\"site\":null,\"rack\":"};
    char time[LHS_ISO_SIZE];
    char *p = to;

    p = add_text(p, LHS("{\"sensor_id\":"));
    p = add_number(p, (uint64_t)FIRST_ID + r->random % 1000);
    p = add_text(p, LHS(",\"at\":\""));
    p = add_text(p, lhs_iso_at(time, r->time_ms));
    p = add_text(p, LHS("\",\"counter\":"));
    p = add_number(p, (uint64_t)r->id);
    p = add_text(p, LHS(",\"reading\":"));
    p = add_number(p, r->random >> 44);
    p = add_text(p, LHS(".2500"));
    p = add_text(p, lhs_z(parts[r->random % 3]));
    p = add_number(p, r->random >> 60);
    p = add_text(p, LHS("},\"samples\":["));
    p = add_number(p, r->random >> 32);
    p = add_text(p, LHS(","));
    p = add_number(p, r->random >> 1);
    p = add_text(p, LHS("],\"labels\":{\"unit\":\"kW\",\"line\":\""));
    p = add_number(p, r->random >> 56);
    p = add_text(p, LHS("\"}}"));
    return lhs_n(to, (size_t)(p - to));
}
