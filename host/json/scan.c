/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner: one pass over a text, RFC 8259 to the letter, filling the tape.
 *
 * There is no recursion and no stack: while a container is open, its entry keeps the index of
 * the one around it in `link` and its count so far in `info`. The state of a scan is a local
 * struct whose address goes nowhere but into inlined functions, so it stays in registers; what
 * is not inlined takes and gives values.
 */
#include "config.h"

#include "base/utf8.h"
#include "json/json_internal.h"
#include "json/lex.h"

#include <stdlib.h>

const struct lh_json_limits lh_json_page_limits = {
    .max_bytes = (size_t)64 << 20,
    .max_depth = 64,
    .max_values = UINT32_C(64) << 20,
};

struct scan {
    struct lh_json_doc *doc;
    const uint8_t *text, *p, *end;
    struct lh_json *tape;
    uint32_t n, cap;
    uint32_t open;  /* the container that we are in */
    uint32_t count; /* of its members so far */
    uint32_t depth, deepest, max_depth, max_entries;
    uint8_t closer; /* '}' or ']': what ends it */
    bool spaced;
};

/* Where a string or number ended, and `bad` when that is the byte at fault. */
struct lexed {
    const uint8_t *at;
    uint32_t flag; /* LH_JSON_FLAG when there is a backslash */
    uint32_t bad;  /* an index of `faults` */
};

enum { FINE, NO_DIGIT, NO_END, CONTROL, NO_ESCAPE, NO_HEX, HALF_PAIR, NOT_UTF8 };

static const struct {
    enum lh_json_reason reason;
    const char *expected;
} faults[] = {
    [FINE] = {LH_JSON_FINE, ""},
    [NO_DIGIT] = {LH_JSON_SYNTAX, "a digit"},
    [NO_END] = {LH_JSON_SYNTAX, "'\"' at the end of the string"},
    [CONTROL] = {LH_JSON_SYNTAX, "control characters escaped in a string"},
    [NO_ESCAPE] = {LH_JSON_SYNTAX, "one of \" \\ / b f n r t u after a backslash"},
    [NO_HEX] = {LH_JSON_SYNTAX, "four hexadecimal digits after \\u"},
    [HALF_PAIR] = {LH_JSON_BAD_UTF8, "both halves of a surrogate pair"},
    [NOT_UTF8] = {LH_JSON_BAD_UTF8, "valid UTF-8"},
};

/* --- documents ---------------------------------------------------------------------------- */

struct lh_json_doc *lh_json_doc_new(void)
{
    return lh_xcalloc(1, sizeof(struct lh_json_doc));
}

void lh_json_doc_destroy(struct lh_json_doc *doc)
{
    if (!doc)
        return;
    if (!doc->borrowed)
        free(doc->memory);
    free(doc->decoded);
    free(doc->slots);
    free(doc);
}

void lh_json_doc_clear(struct lh_json_doc *doc)
{
    /* each entry a leaf that leads to the document, and holds nothing */
    for (uint32_t i = 0, next; i < doc->n; i = next) {
        struct lh_json *v = &doc->memory[1 + i];

        /* nobody has seen what is in a hollow one */
        next = i + (lh_json_nests(v) && lh_json_lacks_members(v) ? lh_json_span(v) : 1);
        *v = (struct lh_json){.link = i};
    }
    doc->n = 0;
    doc->duplicate = 0;
    doc->text = LH_STR("");
}

/* Room for at least `want` entries, and the document in front of them. */
static void reserve(struct lh_json_doc *doc, uint32_t want)
{
    doc->memory = lh_xrealloc(doc->memory, (size_t)want + 1, sizeof *doc->memory);
    memcpy(doc->memory, &doc, sizeof doc);
    doc->cap = want;
}

/* Doubles the tape; false when the limit is reached. */
static LH_COLD bool grow(struct lh_json_doc *doc, uint32_t max_entries)
{
    uint32_t want = doc->cap > max_entries / 2 ? max_entries : doc->cap * 2;

    if (doc->cap >= max_entries)
        return false;
    reserve(doc, want);
    return true;
}

static LH_COLD bool fail(struct lh_json_doc *doc, enum lh_json_reason reason, size_t offset,
                         const char *expected)
{
    doc->problem = (struct lh_json_problem){reason, offset, expected};
    return false;
}

LH_INLINE bool wrong(struct scan *s, const char *expected)
{
    return fail(s->doc, LH_JSON_SYNTAX, (size_t)(s->p - s->text), expected);
}

LH_INLINE bool faulty(struct scan *s, struct lexed l)
{
    return fail(s->doc, faults[l.bad].reason, (size_t)(l.at - s->text), faults[l.bad].expected);
}

/* --- strings ------------------------------------------------------------------------------ */

static struct lexed bad(const uint8_t *at, uint32_t fault)
{
    return (struct lexed){at, 0, fault};
}

/* The four digits at p as a number; FINE, and at behind them. */
static struct lexed hex4(const uint8_t *p, const uint8_t *end, uint32_t *ret)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++, p++) {
        uint32_t digit = lh_lex_hex(p < end ? *p : 0);

        if (digit > 15)
            return bad(p, NO_HEX);
        value = value << 4 | digit;
    }
    *ret = value;
    return (struct lexed){p, 0, FINE};
}

/* \uXXXX at p, or two of them for a code point beyond the first plane. */
static struct lexed unicode_escape(const uint8_t *p, const uint8_t *end)
{
    uint32_t first = 0;
    uint32_t second = 0;
    struct lexed l = hex4(p + 2, end, &first);

    if (l.bad || first < 0xd800 || first > 0xdfff)
        return l;
    if (first > 0xdbff || end - l.at < 2 || l.at[0] != '\\' || l.at[1] != 'u')
        return bad(p, HALF_PAIR);
    l = hex4(l.at + 2, end, &second);
    if (!l.bad && (second < 0xdc00 || second > 0xdfff))
        return bad(p, HALF_PAIR);
    return l;
}

static struct lexed escape(const uint8_t *p, const uint8_t *end)
{
    uint8_t c = end - p < 2 ? 0 : p[1];

    switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return (struct lexed){p + 2, 0, FINE};
    case 'u':
        return unicode_escape(p, end);
    default:
        return bad(p + 1, NO_ESCAPE);
    }
}

static struct lexed beyond_ascii(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *stop;
    size_t valid;

    /* most of it in one look: two bytes and then ASCII */
    if (end - p >= 2 && p[0] >= 0xc2 && p[0] < 0xe0 && (p[1] & 0xc0) == 0x80)
        return (struct lexed){p + 2, 0, FINE};
    stop = lh_lex_beyond_ascii(p, end);
    valid = lh_utf8_valid_prefix(lh_str_n((const char *)p, (size_t)(stop - p)));
    return (struct lexed){p + valid, 0, p + valid == stop ? FINE : NOT_UTF8};
}

/* The rest of a string from p on, up to its closing quote. */
static __attribute__((noinline)) struct lexed string_rest(const uint8_t *p, const uint8_t *end)
{
    uint32_t flag = 0;

    for (;;) {
        struct lexed l;

        p = lh_lex_plain(p, end);
        if (LH_UNLIKELY(p == end))
            return bad(p, NO_END);
        if (*p == '"')
            return (struct lexed){p, flag, FINE};
        if (*p == '\\') {
            flag = LH_JSON_FLAG;
            l = escape(p, end);
        } else if (*p >= 0x80) {
            l = beyond_ascii(p, end);
        } else {
            l = bad(p, CONTROL);
        }
        if (LH_UNLIKELY(l.bad))
            return l;
        p = l.at;
    }
}

/* The string whose first byte behind the quote is p. Short plain ones end here at once. */
LH_INLINE struct lexed string(const uint8_t *p, const uint8_t *end)
{
#if LH_JSON_SSE2
    if (LH_LIKELY(end - p >= 16)) {
        uint32_t stops = lh_lex_stops(lh_lex_16(p));

        if (!stops)
            return string_rest(p + 16, end);
        p += __builtin_ctz(stops);
        if (LH_LIKELY(*p == '"'))
            return (struct lexed){p, 0, FINE};
    }
#endif
    return string_rest(p, end);
}

/* --- values ------------------------------------------------------------------------------- */

/* Digits, at least one. */
LH_INLINE struct lexed digits(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *stop = lh_lex_digits(p, end);

    return (struct lexed){stop, 0, stop == p ? NO_DIGIT : FINE};
}

/* The number that begins with a digit or '-' at p. */
LH_INLINE struct lexed number(const uint8_t *p, const uint8_t *end)
{
    struct lexed l;

    p += *p == '-';
    if (p < end && *p == '0')
        l = (struct lexed){p + 1, 0, FINE};
    else
        l = digits(p, end);
    if (!l.bad && l.at < end && *l.at == '.')
        l = digits(l.at + 1, end);
    if (!l.bad && l.at < end && (*l.at | 0x20) == 'e') {
        p = l.at + 1;
        p += p < end && (*p == '+' || *p == '-');
        l = digits(p, end);
    }
    return l;
}

static __attribute__((noinline)) const uint8_t *skip_space(const uint8_t *p, const uint8_t *end)
{
#if LH_JSON_SSE2
    while (end - p >= 16) {
        __m128i other = _mm_cmpeq_epi8(lh_lex_16(p), _mm_set1_epi8(' '));
        uint32_t found = ~(uint32_t)_mm_movemask_epi8(other) & 0xffff;

        p += found ? __builtin_ctz(found) : 16;
        if (found && !lh_lex_is_space(*p))
            return p;
        p += found != 0;
    }
#endif
    while (p < end && lh_lex_is_space(*p))
        p++;
    return p;
}

/* The first byte of the next token, 0 at the end of the text. NUL is no token, so that is fine. */
LH_INLINE uint8_t token(struct scan *s)
{
    if (LH_UNLIKELY(s->p == s->end))
        return 0;
    if (LH_LIKELY(*s->p > ' '))
        return *s->p;
    if (lh_lex_is_space(*s->p)) {
        s->p = skip_space(s->p, s->end);
        s->spaced = true;
    }
    return s->p == s->end ? 0 : *s->p;
}

/* Appends the value from s->p to `to`, which becomes s->p. */
LH_INLINE bool put(struct scan *s, const uint8_t *to, uint32_t link, uint32_t info)
{
    if (LH_UNLIKELY(s->n == s->cap)) {
        if (!grow(s->doc, s->max_entries))
            return fail(s->doc, LH_JSON_TOO_LARGE, (size_t)(s->p - s->text),
                        "fewer values (a limit)");
        s->tape = s->doc->memory + 1;
        s->cap = s->doc->cap;
    }
    s->tape[s->n++] = (struct lh_json){
        .start = (uint32_t)(s->p - s->text),
        .len = (uint32_t)(to - s->p),
        .link = link,
        .info = info,
    };
    s->p = to;
    return true;
}

/* For a key with escapes. The tape may not be written through any other pointer meanwhile. */
static LH_COLD uint32_t escaped_hash(struct lh_json_doc *doc, uint32_t start, uint32_t len)
{
    struct lh_json key = {.start = start, .len = len, .info = LH_JSON_STRING | LH_JSON_FLAG};
    lh_str name = lh_json_decode(doc, &key);

    return lh_lex_hash((const uint8_t *)name.p, name.n, name.n);
}

/* A key and its colon. */
LH_INLINE bool scan_key(struct scan *s)
{
    struct lexed l;
    uint32_t hash;

    if (LH_UNLIKELY(token(s) != '"'))
        return wrong(s, s->count ? "a key" : "a key or '}'");
    l = string(s->p + 1, s->end);
    if (LH_UNLIKELY(l.bad))
        return faulty(s, l);
    hash = lh_lex_hash(s->p + 1, (size_t)(l.at - s->p) - 1, (size_t)(s->end - s->p) - 1);
    if (LH_UNLIKELY(l.flag))
        hash = escaped_hash(s->doc, (uint32_t)(s->p - s->text), (uint32_t)(l.at + 1 - s->p));
    if (!put(s, l.at + 1, s->n, LH_JSON_STRING | l.flag | hash << LH_JSON_SHIFT))
        return false;
    if (LH_UNLIKELY(token(s) != ':'))
        return wrong(s, "':'");
    s->p++;
    return true;
}

LH_INLINE bool scan_leaf(struct scan *s, struct lexed l, uint32_t kind)
{
    if (LH_UNLIKELY(l.bad))
        return faulty(s, l);
    return put(s, l.at + (kind == LH_JSON_STRING), s->n, kind | l.flag);
}

LH_INLINE bool scan_word(struct scan *s, const char *word, size_t n, uint32_t kind)
{
    if (LH_UNLIKELY((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0))
        return wrong(s, "a value");
    return put(s, s->p + n, s->n, kind);
}

/* '[' or '{'. With nothing in it, it is a leaf; else it becomes the container that we are in. */
LH_INLINE bool scan_open(struct scan *s, uint32_t kind, uint8_t closer)
{
    uint32_t entry = s->n;
    const uint8_t *start = s->p;

    if (LH_UNLIKELY(s->depth == s->max_depth))
        return fail(s->doc, LH_JSON_TOO_DEEP, (size_t)(s->p - s->text),
                    "less deep nesting (a limit)");
    if (!put(s, s->p + 1, s->open, kind))
        return false;
    s->depth++;
    s->deepest = s->depth > s->deepest ? s->depth : s->deepest;
    if (token(s) == closer) {
        s->p++;
        s->tape[entry].link = entry;
        s->tape[entry].len = (uint32_t)(s->p - start);
        s->depth--;
        return true;
    }
    if (s->depth > 1)
        s->tape[s->open].info =
            (s->closer == '}' ? LH_JSON_OBJECT : LH_JSON_ARRAY) | s->count << LH_JSON_SHIFT;
    s->open = entry;
    s->closer = closer;
    s->count = 0;
    return true;
}

/* Behind '}' or ']': completes the container and goes on in the one around it. */
LH_INLINE void scan_close(struct scan *s)
{
    struct lh_json *entry = &s->tape[s->open];
    uint32_t around = entry->link;
    uint32_t kind = s->closer == '}' ? LH_JSON_OBJECT : LH_JSON_ARRAY;

    entry->len = (uint32_t)(s->p - s->text) - entry->start;
    entry->link = s->n - s->open;
    entry->info = kind | LH_JSON_FLAG | s->count << LH_JSON_SHIFT;
    if (kind == LH_JSON_OBJECT && s->count > 1)
        lh_json_find_duplicate(s->doc, s->open, s->count);
    s->depth--;
    if (s->depth == 0)
        return;
    s->open = around;
    s->count = s->tape[around].info >> LH_JSON_SHIFT;
    s->closer = (s->tape[around].info & LH_JSON_KIND) == LH_JSON_OBJECT ? '}' : ']';
}

/* One value, or the beginning of one that has members. */
LH_INLINE bool scan_value(struct scan *s)
{
    uint8_t c = token(s);

    if (c == '"')
        return scan_leaf(s, string(s->p + 1, s->end), LH_JSON_STRING);
    if (c == '-' || lh_lex_is_digit(c))
        return scan_leaf(s, number(s->p, s->end), LH_JSON_NUMBER);
    switch (c) {
    case '{':
        return scan_open(s, LH_JSON_OBJECT, '}');
    case '[':
        return scan_open(s, LH_JSON_ARRAY, ']');
    case 'n':
        return scan_word(s, "null", 4, LH_JSON_NULL);
    case 't':
        return scan_word(s, "true", 4, LH_JSON_TRUE);
    case 'f':
        return scan_word(s, "false", 5, LH_JSON_FALSE);
    default:
        return wrong(s, s->depth && s->closer == ']' && !s->count ? "a value or ']'" : "a value");
    }
}

/* Behind a value: closes what ends here, takes the comma. */
LH_INLINE bool scan_behind(struct scan *s)
{
    while (s->depth) {
        uint8_t c = token(s);

        if (LH_LIKELY(c == ',')) {
            s->p++;
            return true;
        }
        if (LH_UNLIKELY(c != s->closer))
            return wrong(s, s->closer == '}' ? "',' or '}'" : "',' or ']'");
        s->p++;
        scan_close(s);
    }
    return true;
}

/* The value at the top, with all that is in it. */
LH_INLINE bool scan_tree(struct scan *s)
{
    do {
        uint32_t depth = s->depth;

        if (depth) {
            if (s->closer == '}' && !scan_key(s))
                return false;
            s->count++;
        }
        if (!scan_value(s))
            return false;
        if (s->depth == depth && !scan_behind(s))
            return false;
    } while (s->depth);
    return true;
}

/* The text around it, too. */
static bool scan_text(struct lh_json_doc *doc, const struct lh_json_limits *limits)
{
    const uint8_t *text = (const uint8_t *)doc->text.p;
    const uint8_t *end = text + doc->text.n;
    struct scan s = {
        .doc = doc,
        .text = text,
        .p = skip_space(text, end),
        .end = end,
        .tape = doc->memory + 1,
        .max_depth = limits->max_depth,
        .max_entries =
            limits->max_values < LH_JSON_MAX_ENTRIES ? limits->max_values : LH_JSON_MAX_ENTRIES,
    };

    s.cap = doc->cap < s.max_entries ? doc->cap : s.max_entries;
    if (!scan_tree(&s))
        return false;
    s.p = skip_space(s.p, s.end);
    if (s.p != s.end)
        return wrong(&s, "the end of the text");
    doc->n = s.n;
    doc->depth = s.deepest;
    doc->spaced = s.spaced;
    return true;
}

enum lh_json_reason lh_json_scan(struct lh_json_doc *doc, lh_str text,
                                 const struct lh_json_limits *limits,
                                 struct lh_json_problem *ret_problem)
{
    size_t most = limits->max_bytes < UINT32_MAX ? limits->max_bytes : UINT32_MAX;
    bool fine;

    doc->text = text.p ? text : LH_STR("");
    doc->n = 0;
    doc->depth = 0;
    doc->duplicate = 0;
    doc->spaced = false;
    doc->problem = (struct lh_json_problem){LH_JSON_FINE, 0, ""};
    if (text.n > most) {
        fine = fail(doc, LH_JSON_TOO_LARGE, most, "fewer bytes (a limit)");
    } else {
        /* pages have an entry for 20 to 30 bytes; what has more makes the tape grow */
        if (doc->cap < text.n / 32 + 16)
            reserve(doc, (uint32_t)(text.n / 32) + 16);
        fine = scan_text(doc, limits);
    }
    if (!fine) {
        doc->text = LH_STR("");
        doc->duplicate = 0;
        if (ret_problem)
            *ret_problem = doc->problem;
    }
    return doc->problem.reason;
}
