/* SPDX-License-Identifier: Apache-2.0 */
/* URLs in memory that is used again: a read of many tags makes thousands of long ones. */
#include "osipi.h"

void osipi_clear(struct text *t)
{
    t->n = 0;
}

/* Room for n more bytes and a NUL. */
static int has_room(struct reader *r, struct text *t, size_t n)
{
    size_t cap = t->cap ? t->cap : 1024;
    char *p;

    if (t->failed)
        return 0;
    if (n < t->cap - t->n)
        return 1;
    while (cap - t->n <= n) {
        if (cap > SIZE_MAX / 2)
            return 0;
        cap *= 2;
    }
    p = H->alloc(r->call, cap);
    if (!p) {
        t->failed = 1;
        return 0;
    }
    if (t->n)
        memcpy(p, t->p, t->n);
    t->p = p;
    t->cap = cap;
    return 1;
}

void osipi_add(struct reader *r, struct text *t, lh_str s)
{
    if (!s.n || !has_room(r, t, s.n))
        return;
    memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
    t->p[t->n] = 0;
}

void osipi_add_z(struct reader *r, struct text *t, const char *s)
{
    osipi_add(r, t, lhs_z(s));
}

void osipi_add_value(struct reader *r, struct text *t, lh_str s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char b = (unsigned char)s.p[i];
        char code[3] = {'%', hex[b >> 4], hex[b & 15]};

        if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
            b == '-' || b == '.' || b == '_' || b == '~')
            osipi_add(r, t, lhs_n(s.p + i, 1));
        else
            osipi_add(r, t, lhs_n(code, 3));
    }
}

void osipi_param(struct reader *r, struct text *t, const char *name, lh_str value)
{
    osipi_add_z(r, t, t->n && memchr(t->p, '?', t->n) ? "&" : "?");
    osipi_add_z(r, t, name);
    osipi_add_z(r, t, "=");
    osipi_add_value(r, t, value);
}

void osipi_param_i64(struct reader *r, struct text *t, const char *name, int64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)value);

    osipi_param(r, t, name, lhs_n(digits, n < 0 ? 0 : (size_t)n));
}

void osipi_param_time(struct reader *r, struct text *t, const char *name, int64_t ticks)
{
    char iso[TIME_SIZE];

    osipi_param(r, t, name, osipi_iso(iso, ticks));
}

lh_str osipi_str(const struct text *t)
{
    return t->failed ? lhs_n(NULL, 0) : lhs_n(t->p, t->n);
}
