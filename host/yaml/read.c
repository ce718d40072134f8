/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text to document, by libyaml's events; see yaml.h.
 *
 * One loop and a stack of LH_YAML_DEPTH frames, no recursion: libyaml's own loader takes duplicate
 * keys, builds cycles from aliases, and needs time that is quadratic in the depth.
 */
#include "config.h"

#include "yaml/scalar.h"
#include "yaml/yaml.h"
#include "json/text.h"

#include <stdlib.h>
#include <yaml.h>

#define TAGS_MAX 1000

/* A container that is not closed yet. */
struct frame {
    json_t *container; /* borrowed from its parent, or from the document */
    char *key;         /* objects: the key whose value comes next; NULL: a key comes next */
    size_t pointer_n;  /* length of the container's own pointer */
};

/* libyaml counts code points, messages count bytes. Marks go up, so one pass serves them all. */
struct marks {
    lh_str text;
    size_t points;
    size_t offset;
};

struct reader {
    yaml_parser_t parser;
    lh_str text; /* without byte order mark */
    const char *name;
    struct lh_document *to;
    struct marks marks;
    struct lh_text_cursor cursor;
    struct frame stack[LH_YAML_DEPTH];
    size_t depth;
    struct lh_buf pointer;        /* of the value that comes next, when inside a container */
    struct lh_places *key_places; /* for duplicate keys: where the first one stands */
    size_t documents;
    size_t events, max_events;
    struct lh_error *e;
};

static void reader_free(struct reader *r)
{
    yaml_parser_delete(&r->parser);
    for (size_t i = 0; i < r->depth; i++)
        free(r->stack[i].key);
    lh_buf_free(&r->pointer);
    lh_places_free(r->key_places);
}

/* libyaml's types do not fit lh_auto, which wants a struct of its own name. */
struct event {
    yaml_event_t y;
};

static void event_free(struct event *ev)
{
    yaml_event_delete(&ev->y);
}

/* --- places ------------------------------------------------------------------------------- */

static size_t offset_of(struct marks *m, size_t points)
{
    if (points < m->points)
        *m = (struct marks){.text = m->text};
    while (m->points < points && m->offset < m->text.n) {
        m->offset++;
        while (m->offset < m->text.n && ((unsigned char)m->text.p[m->offset] & 0xc0) == 0x80)
            m->offset++;
        m->points++;
    }
    return m->offset;
}

static int refuse(struct reader *r, const yaml_mark_t *mark, const char *format, ...)
    LH_PRINTF(3, 4);
static int refuse(struct reader *r, const yaml_mark_t *mark, const char *format, ...)
{
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&what, format, args);
    va_end(args);
    return lh_text_error(r->text, r->name, offset_of(&r->marks, mark->index), r->e, "%s",
                         lh_buf_text(&what));
}

static void note_place(struct reader *r, struct lh_places **places, const yaml_mark_t *mark)
{
    size_t line;
    size_t column;

    lh_text_place(&r->cursor, offset_of(&r->marks, mark->index), &line, &column);
    lh_places_add(places, lh_buf_text(&r->pointer), line, column);
}

/* --- the tree ----------------------------------------------------------------------------- */

static struct frame *top(struct reader *r)
{
    return r->depth ? &r->stack[r->depth - 1] : NULL;
}

static bool expects_key(struct reader *r)
{
    return r->depth && json_is_object(top(r)->container) && !top(r)->key;
}

/* Puts a value (stolen) where the frame on top wants it, and notes its place. */
static void attach(struct reader *r, json_t *value, const yaml_mark_t *mark)
{
    struct frame *f = top(r);

    if (!f) {
        r->to->root = value;
    } else if (f->key) {
        json_object_set_new_nocheck(f->container, f->key, value);
        free(lh_take(f->key));
    } else {
        lh_buf_cut(&r->pointer, f->pointer_n);
        lh_pointer_push_index(&r->pointer, json_array_size(f->container));
        json_array_append_new(f->container, value);
    }
    note_place(r, &r->to->places, mark);
}

static int check_key(struct reader *r, lh_str key, bool plain, const yaml_mark_t *mark)
{
    if (plain && lh_yaml_is_null(key))
        return refuse(r, mark, "found an empty or null key, expected a name");
    if (plain && lh_str_eqz(key, "<<"))
        return refuse(r, mark, "found a merge key (<<), which is not taken; write the keys out");
    return 0;
}

static int duplicate(struct reader *r, lh_str key, const yaml_mark_t *mark)
{
    struct lh_document keys = {.places = r->key_places};
    char *shown lh_autofree = lh_text_quote(key);
    size_t line;
    size_t column;

    lh_document_place(&keys, lh_buf_text(&r->pointer), &line, &column);
    return refuse(r, mark, "found the key %s twice, first at %zu:%zu", shown, line, column);
}

static int take_key(struct reader *r, lh_str key, bool plain, const yaml_mark_t *mark)
{
    struct frame *f = top(r);
    int code = check_key(r, key, plain, mark);

    if (code)
        return code;
    lh_buf_cut(&r->pointer, f->pointer_n);
    lh_pointer_push(&r->pointer, key);
    f->key = lh_xmemdup0(key.p, key.n);
    if (json_object_get(f->container, f->key))
        return duplicate(r, key, mark);
    note_place(r, &r->key_places, mark);
    return 0;
}

/* --- events ------------------------------------------------------------------------------- */

static int check_properties(struct reader *r, const yaml_event_t *ev, const void *anchor,
                            const void *tag)
{
    if (anchor)
        return refuse(r, &ev->start_mark,
                      "found an anchor (&), which is not taken; write the value out wherever it is "
                      "wanted, or put a text that begins with & in quotes");
    if (tag)
        return refuse(r, &ev->start_mark,
                      "found a tag (!), which is not taken; put a text that begins with ! in "
                      "quotes");
    return 0;
}

static int on_scalar(struct reader *r, const yaml_event_t *ev)
{
    lh_str s = lh_str_n((const char *)ev->data.scalar.value, ev->data.scalar.length);
    bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    int code = check_properties(r, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
    const char *why = NULL;
    json_t *value;

    if (code)
        return code;
    if (memchr(s.p, '\0', s.n))
        return refuse(r, &ev->start_mark, "found a NUL in a string, which cannot be taken");
    if (expects_key(r))
        return take_key(r, s, plain, &ev->start_mark);
    value = plain ? lh_yaml_resolve(s, &why) : json_stringn_nocheck(s.p, s.n);
    if (!value)
        return refuse(r, &ev->start_mark, "%s", why ? why : "the value cannot be taken");
    attach(r, value, &ev->start_mark);
    return 0;
}

static int on_container(struct reader *r, const yaml_event_t *ev, const void *anchor,
                        const void *tag, json_t *container)
{
    json_auto_t *owned = container;
    int code = check_properties(r, ev, anchor, tag);

    if (code)
        return code;
    if (expects_key(r))
        return refuse(r, &ev->start_mark,
                      "found a list or map as a key, expected a name; put a name that begins with "
                      "[ or { in quotes");
    if (r->depth == LH_YAML_DEPTH)
        return refuse(r, &ev->start_mark, "found more than %d levels of nesting", LH_YAML_DEPTH);
    attach(r, lh_take(owned), &ev->start_mark);
    r->stack[r->depth++] = (struct frame){.container = container, .pointer_n = r->pointer.n};
    return 0;
}

static int on_document(struct reader *r, const yaml_event_t *ev)
{
    if (r->documents++ > 0)
        return refuse(r, &ev->start_mark,
                      "found a second document (---), expected the end of the text");
    if (ev->data.document_start.version_directive ||
        ev->data.document_start.tag_directives.start != ev->data.document_start.tag_directives.end)
        return refuse(r, &ev->start_mark,
                      "found a directive (%%), which is not taken; remove the line");
    return 0;
}

static int on_event(struct reader *r, const yaml_event_t *ev)
{
    if (++r->events > r->max_events)
        return refuse(r, &ev->start_mark, "found more than %zu values, brackets and keys",
                      r->max_events);
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(r, ev);
    case YAML_ALIAS_EVENT:
        return refuse(r, &ev->start_mark,
                      "found an alias (*), which is not taken; write the value out, or put a text "
                      "that begins with * in quotes");
    case YAML_SCALAR_EVENT:
        return on_scalar(r, ev);
    case YAML_SEQUENCE_START_EVENT:
        return on_container(r, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag,
                            json_array());
    case YAML_MAPPING_START_EVENT:
        return on_container(r, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag,
                            json_object());
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return 0;
    default:
        return 0;
    }
}

/* --- what libyaml refuses ----------------------------------------------------------------- */

static int refuse_byte(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;

    return lh_text_error(r->text, r->name, p->problem_offset, r->e,
                         "found the character U+%04X, which YAML does not allow here; write it as "
                         "an escape in double quotes",
                         p->problem_value < 0 ? 0u : (unsigned)p->problem_value);
}

/* What libyaml says, and what it means to somebody who looks at the line. */
static const struct {
    const char *problem;
    char first; /* the byte at the place, when it matters */
    const char *text;
} problems[] = {
    {"found character that cannot start any token", '\t', "found a tab, expected spaces"},
    {"found character that cannot start any token", 0,
     "found a character that cannot begin a value; put the value in quotes"},
    {"mapping values are not allowed in this context", 0,
     "found ':' where no key can stand; put a value that holds ': ' in quotes, and indent keys "
     "like their neighbours"},
    {"block sequence entries are not allowed in this context", 0,
     "found '-' where no list can begin; put the list on lines of its own, or the value in "
     "quotes"},
    {"could not find expected ':'", 0, "expected ':' after the key on the line before"},
    {"did not find expected key", 0, "expected a key; check the indentation and the quotes"},
    {"did not find expected '-' indicator", 0, "expected '-' as before; check the indentation"},
    {"did not find expected node content", 0, "expected a value"},
    {"did not find expected ',' or ']'", 0, "expected ',' or ']'"},
    {"did not find expected ',' or '}'", 0, "expected ',' or '}'"},
    {"did not find expected <document start>", 0,
     "expected the end of the text; check the indentation"},
    {"found unexpected end of stream", 0, "found the end of the text in a string in quotes"},
    {"found unknown escape character", 0,
     "found a backslash that begins no escape; double it, or use single quotes"},
};

static int refuse_syntax(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "not YAML";
    size_t at = offset_of(&r->marks, p->problem_mark.index);
    char here = '\0';

    if (p->error == YAML_MEMORY_ERROR)
        return lh_error_set(r->e, LH_FAILED, "%s: out of memory", r->name);
    if (p->error == YAML_READER_ERROR)
        return refuse_byte(r);
    if (at < r->text.n)
        here = r->text.p[at];
    for (size_t i = 0; i < LH_LEN(problems); i++)
        if (strcmp(problem, problems[i].problem) == 0 &&
            (!problems[i].first || problems[i].first == here))
            return refuse(r, &p->problem_mark, "%s", problems[i].text);
    return refuse(r, &p->problem_mark, "%s%s%s", p->context ? p->context : "",
                  p->context ? ": " : "", problem);
}

/*
 * libyaml compares every %TAG with those before: 60,000 of them cost 4 s. They are refused when
 * the document begins, which is after the last of them; so too many are refused before the first.
 */
static int check_tags(lh_str text, const char *name, struct lh_error *e)
{
    const char *end = text.p + text.n;
    const char *p = text.p;
    size_t n = 0;

    while (p && (p = memmem(p, (size_t)(end - p), "%TAG", 4))) {
        if (++n > TAGS_MAX)
            return lh_text_error(text, name, (size_t)(p - text.p), e,
                                 "found %%TAG more than %d times", TAGS_MAX);
        p += 4;
    }
    return 0;
}

static int read_events(struct reader *r)
{
    yaml_event_type_t type = YAML_NO_EVENT;
    int code = 0;

    while (!code && type != YAML_STREAM_END_EVENT) {
        lh_auto(event) ev = {0};

        if (!yaml_parser_parse(&r->parser, &ev.y))
            return refuse_syntax(r);
        type = ev.y.type;
        code = on_event(r, &ev.y);
    }
    return code;
}

int lh_yaml_parse_within(struct lh_document *ret, lh_str text, const char *name, size_t max_bytes,
                         size_t max_events, struct lh_error *e)
{
    lh_auto(lh_document) d = {.name = lh_xstrdup(name)};
    lh_auto(reader) r = {.name = name,
                         .to = &d,
                         .pointer = LH_BUF_INIT(SIZE_MAX / 2),
                         .max_events = max_events,
                         .e = e};
    int code;

    if (!yaml_parser_initialize(&r.parser))
        return lh_error_set(e, LH_FAILED, "%s: out of memory", name);
    if (lh_str_starts(text, LH_STR("\xef\xbb\xbf")))
        text = lh_str_n(text.p + 3, text.n - 3);
    code = lh_text_check(text, name, max_bytes, e);
    if (!code)
        code = check_tags(text, name, e);
    if (code)
        return code;
    r.text = r.marks.text = r.cursor.text = text;
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
    code = read_events(&r);
    if (code)
        return code;
    if (!d.root) {
        d.root = json_null();
        lh_places_add(&d.places, "", 1, 1);
    }
    *ret = d;
    d = (struct lh_document){0};
    return 0;
}

int lh_yaml_parse(struct lh_document *ret, lh_str text, const char *name, struct lh_error *e)
{
    return lh_yaml_parse_within(ret, text, name, LH_YAML_BYTES, LH_YAML_EVENTS, e);
}
