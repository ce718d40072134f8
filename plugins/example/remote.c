/* SPDX-License-Identifier: Apache-2.0 */
/* The remote service, computed; see remote.h. */
#include "remote.h"

#define DAY_MS   INT64_C(86400000)
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
    [STRUCT] = {0, 0, {"{"}}, [END] = {0, 0, {"}"}},
};
/* clang-format on */

/* One entry: when its row says that it happened, its turn in the life of an order. */
struct row {
    int64_t id, time_ms, turn, users;
    uint64_t random;
};

int64_t remote_time_of(const struct source *src, int64_t i)
{
    return i < src->rows ? START_MS - (src->rows - i) * 1000
                         : START_MS + (i - src->rows + 1) * (DAY_MS / src->changes);
}

/* How many entries there are at a time. */
static int64_t entries_at(const struct source *src, int64_t time_ms)
{
    if (time_ms >= START_MS)
        return src->rows + (src->changes ? (time_ms - START_MS) / (DAY_MS / src->changes) : 0);
    if (time_ms < START_MS - src->rows * 1000)
        return 0;
    return src->rows - (START_MS - time_ms + 999) / 1000 + 1;
}

void remote_find(const struct source *src, struct query *q)
{
    int64_t since = q->since < q->until ? q->since : q->until;

    q->last = entries_at(src, q->until);
    q->first = q->since == LHS_NO_TIME ? 0 : entries_at(src, since);
    if (q->op != LH_DELETE && !(q->table->shape & LOG) && q->first < q->last - src->rows)
        q->first = q->last - src->rows;
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

static inline void put_pair(char *p, uint32_t n)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";

    memcpy(p, pairs + (size_t)2 * n, 2);
}

/* Two digits at a time, and no printf: a profile of metrics would show little else. */
static char *put_number(char *p, uint64_t n)
{
    uint32_t low = (uint32_t)(n % 100000000);
    uint32_t bound = 10;
    int digits = 1;

    if (n > low) {
        p = put_number(p, n / 100000000);
        digits = 8;
    }
    for (; digits < 8 && low >= bound; bound *= 10)
        digits++;
    p += digits;
    for (int i = 2; i <= digits; i += 2, low /= 100)
        put_pair(p - i, low % 100);
    if (digits % 2)
        p[-digits] = (char)('0' + low);
    return p;
}

/* One value as JSON: as the table has it, or made here. */
static inline char *put_value(char *p, const struct row *r, unsigned value)
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

/* The columns of a page, with the text before each value made once. */
static void prepare(const struct query *q, struct page *page)
{
    const char *comma = "{";

    for (const struct column *col = q->table->columns; col->name; col++) {
        int is_end = col->value == END;
        char *p = page->columns[page->n_columns].lead;

        if (q->op == LH_DELETE && strcmp(col->name, q->table->key) &&
            strcmp(col->name, q->table->cursor))
            continue;
        if (!is_end)
            p = put(put(put(put(p, comma), "\""), col->name), "\":");
        page->columns[page->n_columns].size = (uint8_t)(p - page->columns[page->n_columns].lead);
        page->columns[page->n_columns++].value = (uint8_t)col->value;
        comma = col->value == STRUCT ? "" : ",";
    }
}

lh_str remote_next(struct page *page)
{
    char *p = page->row;
    struct row r;

    do {
        if (page->next == page->last)
            return lhs_n(NULL, 0);
        r = row_of(page->src, page->salt, page->shape, page->next++);
    } while ((r.turn % 4 == 3) != (page->op == LH_DELETE));
    for (size_t i = 0; i < page->n_columns; i++) {
        memcpy(p, page->columns[i].lead, sizeof page->columns[i].lead);
        p = put_value(p + page->columns[i].size, &r, page->columns[i].value);
    }
    *p++ = '}';
    return lhs_n(page->row, (size_t)(p - page->row));
}

int remote_get(const struct source *src, const struct query *q, struct page *ret)
{
    uint64_t luck = mix((uint64_t)src->seed + (uint64_t)q->first) % 100;
    lh_str denied;
    size_t at = 0;

    while ((denied = lhs_list_next(src->forbidden, &at)).n)
        if (lhs_eq(denied, q->name))
            return 403;
    if (q->n_asked && luck < (uint64_t)src->failure_rate)
        return 503;
    *ret = (struct page){.src = src,
                         .salt = mix((uint64_t)src->seed),
                         .next = q->first,
                         .last = q->last,
                         .op = q->op,
                         .shape = q->table->shape};
    for (size_t i = 0; i < q->name.n; i++)
        ret->salt = mix(ret->salt ^ (unsigned char)q->name.p[i]);
    prepare(q, ret);
    return 200;
}
