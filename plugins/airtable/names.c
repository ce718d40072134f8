/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What columns are called; airtable.h. Of ASCII, letters, digits and _ stay; of the rest everything
 * but punctuation, symbols and emoji. Small letters, as far as scripts have them that many write.
 */
#include "airtable.h"

struct range {
    uint32_t first, last;
};

/* What is no part of a word: the blocks of Unicode that hold punctuation and symbols. */
static const struct range symbols[] = {
    {0x80, 0xa9},     {0xab, 0xb1},       {0xb4, 0xb4},       {0xb6, 0xb8},        {0xbb, 0xbb},
    {0xbf, 0xbf},     {0xd7, 0xd7},       {0xf7, 0xf7},       {0x2c2, 0x2c5},      {0x2d2, 0x2df},
    {0x37e, 0x37e},   {0x387, 0x387},     {0x55a, 0x55f},     {0x589, 0x58a},      {0x5be, 0x5be},
    {0x60c, 0x60f},   {0x61b, 0x61f},     {0x66a, 0x66d},     {0x6d4, 0x6d4},      {0x964, 0x965},
    {0xe3f, 0xe3f},   {0x2000, 0x206f},   {0x207a, 0x207e},   {0x208a, 0x208e},    {0x20a0, 0x20cf},
    {0x2100, 0x214f}, {0x2190, 0x245f},   {0x249c, 0x24e9},   {0x2500, 0x2775},    {0x2794, 0x2bff},
    {0x2e00, 0x2e7f}, {0x2ff0, 0x3004},   {0x3008, 0x3020},   {0x3030, 0x3030},    {0x303d, 0x303f},
    {0x30a0, 0x30a0}, {0x30fb, 0x30fb},   {0xe000, 0xf8ff},   {0xfe00, 0xfe1f},    {0xfe30, 0xfe6f},
    {0xfeff, 0xfeff}, {0xff01, 0xff0f},   {0xff1a, 0xff20},   {0xff3b, 0xff40},    {0xff5b, 0xff65},
    {0xffe0, 0xffff}, {0x1d000, 0x1d3ff}, {0x1f000, 0x1fbff}, {0xe0000, 0x10ffff},
};

/* Capitals: each step-th from first on has its small letter `distance` further. */
static const struct {
    uint32_t first, last, step, distance;
} capitals[] = {
    {'A', 'Z', 1, 32},      {0xc0, 0xd6, 1, 32},    {0xd8, 0xde, 1, 32},     {0x100, 0x12e, 2, 1},
    {0x132, 0x136, 2, 1},   {0x139, 0x147, 2, 1},   {0x14a, 0x176, 2, 1},    {0x179, 0x17d, 2, 1},
    {0x1cd, 0x1db, 2, 1},   {0x1de, 0x1ee, 2, 1},   {0x1f8, 0x21e, 2, 1},    {0x386, 0x386, 1, 38},
    {0x388, 0x38a, 1, 37},  {0x38c, 0x38c, 1, 64},  {0x38e, 0x38f, 1, 63},   {0x391, 0x3a1, 1, 32},
    {0x3a3, 0x3ab, 1, 32},  {0x400, 0x40f, 1, 80},  {0x410, 0x42f, 1, 32},   {0x460, 0x480, 2, 1},
    {0x48a, 0x4be, 2, 1},   {0x4c1, 0x4cd, 2, 1},   {0x4d0, 0x52e, 2, 1},    {0x531, 0x556, 1, 48},
    {0x1e00, 0x1e94, 2, 1}, {0x1ea0, 0x1efe, 2, 1}, {0xff21, 0xff3a, 1, 32},
};

/* The next character of text that the host has checked for UTF-8. */
static uint32_t next_char(lh_str s, size_t *at)
{
    unsigned char first = (unsigned char)s.p[(*at)++];
    uint32_t c = first < 0x80   ? first
                 : first < 0xe0 ? first & 0x1fu
                 : first < 0xf0 ? first & 0xfu
                                : first & 7u;

    while (first >= 0xc0 && *at < s.n && ((unsigned char)s.p[*at] & 0xc0) == 0x80)
        c = c << 6 | ((unsigned char)s.p[(*at)++] & 0x3fu);
    return c;
}

/* At most four bytes. */
static size_t put_char(char *to, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(heads[n] | c);
    return n;
}

static uint32_t small(uint32_t c)
{
    if (c == 0x130) /* of Turkish; Unicode has two characters for it */
        return 'i';
    if (c == 0x178)
        return 0xff;
    for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
        if (c >= capitals[i].first && c <= capitals[i].last)
            return (c - capitals[i].first) % capitals[i].step ? c : c + capitals[i].distance;
    return c;
}

static int is_word(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_';
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (c >= symbols[i].first && c <= symbols[i].last)
            return 0;
    return 1;
}

static size_t put_text(char *to, const char *text)
{
    size_t n = strlen(text);

    memcpy(to, text, n);
    return n;
}

/* One character of a name; some are words, some are nothing. At most six bytes. */
static size_t put_clean(char *to, uint32_t c)
{
    if (c == '$')
        return put_text(to, "dollar");
    if (c == '#')
        return put_text(to, "num");
    if (c && c < 0x80 && strchr("(),;{}=\n\t", (int)c))
        return 0;
    return is_word(c) ? put_char(to, small(c)) : put_text(to, "_");
}

lh_str airtable_clean_name(lh_call *c, lh_str name)
{
    char *p = H->alloc(c, 6 * name.n + sizeof "col_field");
    size_t n = 0;
    size_t at = 0;

    if (!p)
        return lhs_n(NULL, 0);
    n = put_text(p, "col_");
    while (at < name.n)
        n += put_clean(p + n, next_char(name, &at));
    if (n == 4)
        return LHS("field");
    if (p[4] >= '0' && p[4] <= '9')
        return lhs_n(p, n);
    return lhs_n(p + 4, n - 4);
}

static int is_reserved(lh_str name)
{
    return lhs_same_name(name, LHS("id")) || lhs_same_name(name, LHS("createdTime"));
}

/* Whether another one of the n names is the same. */
static int is_taken(const lh_str *names, size_t n, size_t but, lh_str name)
{
    if (is_reserved(name))
        return 1;
    for (size_t i = 0; i < n; i++)
        if (i != but && lhs_eq(names[i], name))
            return 1;
    return 0;
}

/* Clean names are in small letters, so that equal is the same without regard to case. */
int airtable_unique_names(lh_call *c, lh_str *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        lh_str name = names[i];
        int is_first = !is_reserved(name) && !is_taken(names, i, i, name);

        for (unsigned k = 2; !is_first && is_taken(names, n, i, name); k++) {
            name = lhs_fmt(H, c, "%.*s_%u", (int)names[i].n, names[i].p, k);
            if (!name.p)
                return LH_E_NOMEM;
        }
        names[i] = name;
    }
    return LH_OK;
}
