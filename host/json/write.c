/* SPDX-License-Identifier: Apache-2.0 */
/* Writing values of a scanned document, as they were or in canonical form, and strings. */
#include "config.h"

#include "json/json_internal.h"
#include "json/lex.h"

#include <stdlib.h>

/* --- strings ------------------------------------------------------------------------------ */

static void write_escape(struct lh_buf *to, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char into[] = "\"\\bfnrt";
    const char *short_form = memchr(from, c, sizeof from - 1);

    if (short_form) {
        lh_buf_add(to, (const char[]){'\\', into[short_form - from]}, 2);
    } else {
        lh_buf_z(to, "\\u00");
        lh_buf_char(to, hex[c >> 4]);
        lh_buf_char(to, hex[c & 15]);
    }
}

static void write_plain(struct lh_buf *to, lh_str s)
{
    char *room = s.n < to->max ? lh_buf_room(to, s.n + 2) : NULL;

    if (!room) {
        to->failed = true;
        return;
    }
    room[0] = '"';
    if (s.n)
        memcpy(room + 1, s.p, s.n);
    room[s.n + 1] = '"';
    to->n += s.n + 2;
}

void lh_json_write_str(struct lh_buf *to, lh_str s)
{
    const uint8_t *p = (const uint8_t *)(s.n ? s.p : "");
    const uint8_t *end = p + s.n;
    const uint8_t *stop = lh_lex_unescaped(p, end);

    if (stop == end) {
        write_plain(to, s);
        return;
    }
    lh_buf_char(to, '"');
    while (stop < end) {
        lh_buf_add(to, p, (size_t)(stop - p));
        write_escape(to, *stop);
        p = stop + 1;
        stop = lh_lex_unescaped(p, end);
    }
    lh_buf_add(to, p, (size_t)(end - p));
    lh_buf_char(to, '"');
}

/* --- as it was ---------------------------------------------------------------------------- */

/* What stands between two leaves: punctuation and white space. */
static void write_punctuation(struct lh_buf *to, const char *p, const char *end)
{
    for (; p < end; p++)
        if (!lh_lex_is_space((uint8_t)*p))
            lh_buf_char(to, *p);
}

/*
 * Everything that can contain significant white space is a leaf, so the leaves are copied whole
 * and the text between them loses its white space.
 */
static void write_dense(struct lh_buf *to, const char *text, const struct lh_json *v)
{
    const struct lh_json *stop = v + lh_json_span(v);
    const char *p = text + v->start;
    const char *end = p + v->len;

    for (; v < stop; v++) {
        if (lh_json_kind_of(v) >= LH_JSON_ARRAY)
            continue;
        write_punctuation(to, p, text + v->start);
        lh_buf_add(to, text + v->start, v->len);
        p = text + v->start + v->len;
    }
    write_punctuation(to, p, end);
}

void lh_json_write(struct lh_buf *to, const struct lh_json *v)
{
    const struct lh_json_doc *doc;

    if (!v) {
        lh_buf_z(to, "null");
        return;
    }
    doc = lh_json_owner(v);
    if (doc->spaced)
        write_dense(to, doc->text.p, v);
    else
        lh_buf_add(to, doc->text.p + v->start, v->len);
}

/* --- canonical ---------------------------------------------------------------------------- */

/* A container that is being written; its members stand on the stack of members. */
struct frame {
    size_t first, next, end;
    bool object;
};

struct canonical {
    struct lh_buf *to;
    struct lh_json_member *members;
    size_t n_members, members_cap;
    struct frame *frames;
    size_t n_frames, frames_cap;
};

static void canonical_free(struct canonical *c)
{
    free(c->members);
    free(c->frames);
}

static void make_room(struct canonical *c, size_t n)
{
    size_t need = c->n_members + n;

    if (need <= c->members_cap)
        return;
    c->members_cap = need * 2;
    c->members = lh_xrealloc(c->members, c->members_cap, sizeof *c->members);
}

/* Opens a container that has members; false when a key stands twice. */
static bool open_container(struct canonical *c, const struct lh_json *v)
{
    size_t n = lh_json_count(v);
    bool object = lh_json_kind_of(v) == LH_JSON_OBJECT;
    struct lh_json_member *first;

    make_room(c, n);
    first = c->members + c->n_members;
    lh_json_fill_members(v, first);
    if (object && !lh_json_sort_members(first, n))
        return false;
    c->frames = lh_xgrow(c->frames, c->n_frames, &c->frames_cap, sizeof *c->frames);
    c->frames[c->n_frames++] = (struct frame){c->n_members, c->n_members, c->n_members + n, object};
    c->n_members += n;
    lh_buf_char(c->to, object ? '{' : '[');
    return true;
}

static bool begin_value(struct canonical *c, const struct lh_json *v)
{
    if (lh_json_nests(v))
        return open_container(c, v);
    if (lh_json_kind_of(v) == LH_JSON_STRING && lh_json_escaped(v))
        lh_json_write_str(c->to, lh_json_str(v));
    else
        write_dense(c->to, lh_json_owner(v)->text.p, v);
    return true;
}

/* The next member of the innermost container, or its end. */
static bool step(struct canonical *c)
{
    struct frame *f = &c->frames[c->n_frames - 1];
    const struct lh_json_member *member;

    if (f->next == f->end) {
        lh_buf_char(c->to, f->object ? '}' : ']');
        c->n_members = f->first;
        c->n_frames--;
        return true;
    }
    member = &c->members[f->next];
    if (f->next++ > f->first)
        lh_buf_char(c->to, ',');
    if (f->object) {
        lh_json_write_str(c->to, member->key);
        lh_buf_char(c->to, ':');
    }
    return begin_value(c, member->value);
}

int lh_json_write_canonical(struct lh_buf *to, const struct lh_json *v)
{
    __attribute__((cleanup(canonical_free))) struct canonical c = {.to = to};
    size_t before = to->n;
    bool good;

    if (!v) {
        lh_buf_z(to, "null");
        return 0;
    }
    good = begin_value(&c, v);
    while (good && c.n_frames && !to->failed)
        good = step(&c);
    if (good)
        return 0;
    lh_buf_cut(to, before);
    return LH_INVALID;
}
