/* SPDX-License-Identifier: Apache-2.0 */
/* The remote service, computed; see remote.h. */
#include "remote.h"

#define START_MS INT64_C(1735689600000)    /* 2025-01-01: the initial load is older than this */
#define FIRST_ID INT64_C(9007199254740993) /* 2^53 + 1: no double can hold it */

/* clang-format off */
/* Of a row's random number (it >> shift) % n: the text of that place, or the number itself. */
static const struct { unsigned shift, n; const char *texts[8]; } values[] = {
    [SENSOR] = {0, 1000, {NULL}}, [EMAIL] = {16, 65536, {NULL}}, [PRICE] = {20, 1024, {NULL}},
    [COUNT] = {40, 1024, {NULL}}, [READING] = {44, 1u << 20, {NULL}}, [RACK] = {60, 16, {NULL}},
    [LABELS] = {56, 256, {NULL}},
    [NAME] = {8, 8, {"\"Ana Müller\"", "\"大久保 一\"", "\"O'Brien \\\"Bo\\\"\"", "\"Zoë 😀\"",
                     "\"נועה\"", "\"back\\\\slash\"", "\"two\\nlines\\ttab\"", "\"\""}},
    [FLAG] = {50, 2, {"false", "true"}},
    [TAGS] = {52, 4, {"[]", "[\"new\"]", "[\"new\",\"sale\"]",
                      "[\"new\",\"sale\",\"überraschend\"]"}},
    [KIND] = {12, 4, {"\"view\"", "\"click\"", "\"buy\"", "\"return\""}},
    [STATUS] = {0, 4, {"\"new\"", "\"paid\"", "\"shipped\"", "\"deleted\""}},
    [QUALITY] = {0, 3, {"0.5", "null", "1e-3"}},
    [SITE] = {0, 3, {"\"Zürich\"", "\"東京\"", "null"}},
    [STRUCT] = {0, 1, {"{"}}, [END] = {0, 1, {"}"}},
};
/* clang-format on */

/* One entry: when its row says that it happened, its turn in the life of an order. */
struct row {
    int64_t id, time_ms, turn, users;
    uint64_t random;
};

/* When entry i happens, and how many entries there are at a time. */
int64_t remote_time_of(const struct source *src, int64_t i)
{
    return i < src->rows ? START_MS - (src->rows - i) * 1000
                         : START_MS + (i - src->rows + 1) * src->interval_ms;
}

int64_t remote_entries_at(const struct source *src, int64_t time_ms)
{
    if (time_ms >= START_MS)
        return src->rows + (src->interval_ms ? (time_ms - START_MS) / src->interval_ms : 0);
    if (time_ms < START_MS - src->rows * 1000)
        return 0;
    return src->rows - (START_MS - time_ms + 999) / 1000 + 1;
}

/* A number that looks random and is the same on every machine (splitmix64). */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Entry i of a table; the salt makes its values those of the seed and of no other table. */
static struct row row_of(const struct source *src, uint64_t salt, unsigned shape, int64_t i)
{
    int64_t slot = i % src->rows;
    struct row r = {FIRST_ID + (shape & LOG ? i : slot), remote_time_of(src, i), 0, src->rows,
                    mix(salt + (uint64_t)i)};

    if (shape & LIVES) {
        /* sixteen neighbours do the same: deletes come in bunches, and pages are empty at times */
        r.turn = slot / 16 + i / src->rows;
        r.id += r.turn / 4 * src->rows;
    }
    if (shape & CLOCKS_AHEAD && r.random % 50 == 0)
        r.time_ms += 30 * DAY_MS;
    return r;
}

static inline char *put(char *p, const char *text)
{
    size_t n = strlen(text);

    memcpy(p, text, n);
    return p + n;
}

/* Without printf, of which a profile of metrics would show little else. */
static char *put_number(char *p, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    memcpy(p, digits + at, sizeof digits - at);
    return p + sizeof digits - at;
}

/* One value as JSON: as the table has it, or made here. */
static char *put_value(char *p, const struct row *r, enum value value)
{
    uint64_t x = r->random;
    uint64_t n = values[value].n; /* 0: made from something else */
    uint64_t bits = n ? (x >> values[value].shift) % n : 0;

    switch (value) {
    case ID:
        return put_number(p, (uint64_t)r->id);
    case TIME:
        p = put(p, "\"");
        return put(p + lhs_iso_at(p, r->time_ms).n, "\"");
    case SENSOR:
        return put_number(p, (uint64_t)FIRST_ID + bits);
    case USER:
        return put_number(p, (uint64_t)FIRST_ID + x % (uint64_t)r->users);
    case EMAIL:
        return x % 5 ? put(put_number(put(p, "\"user"), bits), "@example.com\"") : put(p, "null");
    case PRICE:
        p = put(put_number(p, bits), ".");
        lhs_put_digits(p, (int64_t)(x >> 30 & 63), 2);
        return p + 2;
    case STATUS:
        return put(p, values[STATUS].texts[r->turn % 4]);
    case READING:
        return put(put_number(p, bits), ".2500");
    case SAMPLES:
        return put(put_number(put(put_number(put(p, "["), x >> 32), ","), x >> 1), "]");
    case LABELS:
        return put(put_number(put(p, "{\"unit\":\"kW\",\"line\":\""), bits), "\"}");
    default:
        return values[value].texts[0] ? put(p, values[value].texts[bits]) : put_number(p, bits);
    }
}

/* An entry's row as the source sends it; of deletes the key and the cursor alone. */
static lh_str row_text(const struct row *r, const struct table *t, uint32_t op, char to[ROW_SIZE])
{
    char *p = put(to, "{");

    for (const struct column *col = t->columns; col->name; col++) {
        if (op == LH_DELETE && strcmp(col->name, t->key) && strcmp(col->name, t->cursor))
            continue;
        if (col->value != END) {
            p = put(p, p[-1] == '{' ? "\"" : ",\"");
            p = put(put(p, col->name), "\":");
        }
        p = put_value(p, r, col->value);
    }
    p = put(p, "}");
    return lhs_n(to, (size_t)(p - to));
}

uint64_t remote_salt(const struct source *src, lh_str table)
{
    uint64_t salt = mix((uint64_t)src->seed);

    for (size_t i = 0; i < table.n; i++)
        salt = mix(salt ^ (unsigned char)table.p[i]);
    return salt;
}

lh_str remote_row(const struct source *src, uint64_t salt, const struct table *t, uint32_t op,
                  int64_t i, char to[ROW_SIZE])
{
    struct row r = row_of(src, salt, t->shape, i);

    return (r.turn % 4 == 3) == (op == LH_DELETE) ? row_text(&r, t, op, to) : lhs_n(to, 0);
}

int remote_ask(const struct source *src, lh_str table, int64_t entry, int64_t n_asked)
{
    uint64_t luck = mix((uint64_t)src->seed + (uint64_t)entry) % 100;
    lh_str denied;
    size_t at = 0;

    while ((denied = lhs_list_next(src->forbidden, &at)).n)
        if (lhs_eq(denied, table))
            return 403;
    return n_asked && luck < (uint64_t)src->failure_rate ? 503 : 200;
}
