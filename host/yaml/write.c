/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A jansson tree as YAML, by libyaml's emitter; see yaml.h.
 *
 * libyaml quotes for syntax and never for meaning: a string "no" would come out plain and go in
 * as a boolean. So the style of every scalar is chosen here.
 */
#include "config.h"

#include "base/utf8.h"
#include "yaml/scalar.h"
#include "yaml/yaml.h"
#include "json/text.h"

#include <stdlib.h>
#include <yaml.h>

struct writer {
    yaml_emitter_t emitter;
    struct lh_buf *to;
    bool sort_keys;
    struct lh_error *e;
};

static void writer_free(struct writer *w)
{
    yaml_emitter_delete(&w->emitter);
}

/* --- styles ------------------------------------------------------------------------------- */

/*
 * What may stand in a plain or literal scalar: what both YAML versions print as it is and none
 * takes for a line break, space or mark. libyaml escapes beyond U+FFFF in any case.
 */
static bool is_printable(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) ||
           (c > 0xa0 && c < 0xfffe && c != 0x2028 && c != 0x2029 && c != 0xfeff);
}

static bool all_printable(lh_str s, bool line_feeds)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t c = lh_utf8_next(s, &at);

        if (!is_printable(c) && !(line_feeds && c == '\n'))
            return false;
    }
    return true;
}

/* Nothing that begins like this is a number, a date, an indicator, <<, = or ~. */
static bool starts_plainly(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/' || c == '$' ||
           c >= 0x80;
}

bool lh_yaml_needs_quotes(lh_str s)
{
    if (s.n == 0 || !starts_plainly((unsigned char)s.p[0]) || lh_yaml_is_word(s))
        return true;
    if (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':' || !lh_utf8_valid(s) || !all_printable(s, false))
        return true;
    for (size_t i = 1; i < s.n; i++)
        if ((s.p[i] == ' ' && s.p[i - 1] == ':') || (s.p[i] == '#' && s.p[i - 1] == ' '))
            return true;
    return false;
}

/*
 * Whether | shows the text exactly, without a hint for its indentation or its end: several lines,
 * none of which ends in a space, and no empty ones at either end.
 */
static bool fits_literal(lh_str s)
{
    if (s.n < 2 || s.p[0] == ' ' || s.p[0] == '\n' || !memchr(s.p, '\n', s.n) ||
        !all_printable(s, true))
        return false;
    if (s.p[s.n - 1] == ' ' || (s.p[s.n - 1] == '\n' && s.p[s.n - 2] == '\n'))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] == '\n' && s.p[i - 1] == ' ')
            return false;
    return true;
}

/* --- nodes -------------------------------------------------------------------------------- */

static int failed(struct writer *w)
{
    if (w->to->failed)
        return lh_error_set(w->e, LH_FAILED, "write YAML: the text has more than %zu bytes",
                            w->to->max);
    return lh_error_set(w->e, LH_FAILED, "write YAML: %s",
                        w->emitter.problem ? w->emitter.problem : "out of memory");
}

/* Both calls consume the event, also when they fail. */
static int emit(struct writer *w, int made, yaml_event_t *event)
{
    return made && yaml_emitter_emit(&w->emitter, event) ? 0 : failed(w);
}

static int write_scalar(struct writer *w, lh_str s, yaml_scalar_style_t style)
{
    yaml_event_t event;

    /* Both implicit: else a tag is written. */
    return emit(w,
                yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)s.p, (int)s.n,
                                             1, 1, style),
                &event);
}

static int write_string(struct writer *w, lh_str s, bool is_key)
{
    yaml_scalar_style_t style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;

    if (s.n > INT32_MAX || !lh_utf8_valid(s))
        return lh_error_set(w->e, LH_INVALID, "write YAML: a string is not UTF-8 or too long");
    if (s.n && memchr(s.p, '\0', s.n))
        return lh_error_set(w->e, LH_INVALID,
                            "write YAML: a string holds a NUL, which no reader takes");
    if (!lh_yaml_needs_quotes(s))
        style = YAML_PLAIN_SCALAR_STYLE;
    else if (!is_key && fits_literal(s))
        style = YAML_LITERAL_SCALAR_STYLE;
    return write_scalar(w, s, style);
}

static int write_plain(struct writer *w, const json_t *value)
{
    lh_auto(lh_buf) number = LH_BUF_INIT(32);
    char real[32];

    if (json_is_integer(value)) {
        lh_buf_i64(&number, json_integer_value(value));
    } else if (json_is_real(value)) {
        lh_text_real(json_real_value(value), real);
        lh_buf_z(&number, real);
    } else {
        lh_buf_z(&number, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
    return write_scalar(w, lh_buf_slice(&number), YAML_PLAIN_SCALAR_STYLE);
}

static int write_node(struct writer *w, const json_t *value, size_t depth);

static int write_array(struct writer *w, const json_t *array, size_t depth)
{
    yaml_event_t event;
    int code = emit(
        w, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE),
        &event);

    for (size_t i = 0; !code && i < json_array_size(array); i++)
        code = write_node(w, json_array_get(array, i), depth + 1);
    return code ? code : emit(w, yaml_sequence_end_event_initialize(&event), &event);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;

    return strcmp(*x, *y);
}

/* The names of an object in the order of writing. The caller frees the array, not the names. */
static const char **names_of(const struct writer *w, const json_t *object)
{
    const char **names = lh_xcalloc(json_object_size(object), sizeof *names);
    json_t *o = (json_t *)(uintptr_t)object; /* jansson's iterators take no const */
    size_t n = 0;

    for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i))
        names[n++] = json_object_iter_key(i);
    if (w->sort_keys)
        qsort(names, n, sizeof *names, by_name);
    return names;
}

static int write_object(struct writer *w, const json_t *object, size_t depth)
{
    const char **names lh_autofree = names_of(w, object);
    yaml_event_t event;
    int code = emit(
        w, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE),
        &event);

    for (size_t i = 0; !code && i < json_object_size(object); i++) {
        code = write_string(w, lh_str_z(names[i]), true);
        if (!code)
            code = write_node(w, json_object_get(object, names[i]), depth + 1);
    }
    return code ? code : emit(w, yaml_mapping_end_event_initialize(&event), &event);
}

static int write_node(struct writer *w, const json_t *value, size_t depth)
{
    bool container = json_is_object(value) || json_is_array(value);

    if (container && depth == LH_YAML_DEPTH)
        return lh_error_set(w->e, LH_INVALID, "write YAML: more than %d levels of nesting",
                            LH_YAML_DEPTH);
    if (json_is_object(value))
        return write_object(w, value, depth);
    if (json_is_array(value))
        return write_array(w, value, depth);
    if (json_is_string(value))
        return write_string(w, lh_str_n(json_string_value(value), json_string_length(value)),
                            false);
    return write_plain(w, value);
}

/* --- the document ------------------------------------------------------------------------- */

/* A comment must stay one: whatever a reader could take for a line break becomes a space. */
static void write_comment(struct lh_buf *to, const char *comment)
{
    lh_str s = lh_str_z(comment);

    s.n = lh_utf8_valid_prefix(s);
    for (size_t at = 0; at < s.n;) {
        bool empty = s.p[at] == '\n';

        lh_buf_z(to, empty ? "#" : "# ");
        while (at < s.n && s.p[at] != '\n') {
            size_t start = at;
            uint32_t c = lh_utf8_next(s, &at);

            if (is_printable(c) || c > 0xffff)
                lh_buf_add(to, s.p + start, at - start);
            else
                lh_buf_char(to, ' ');
        }
        lh_buf_char(to, '\n');
        at++;
    }
}

static int append(void *data, unsigned char *p, size_t n)
{
    struct lh_buf *to = data;

    lh_buf_add(to, p, n);
    return !to->failed;
}

static int write_document(struct writer *w, const json_t *value)
{
    yaml_event_t event;
    int code = emit(w, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);

    if (!code)
        code = emit(w, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
    if (!code)
        code = write_node(w, value, 0);
    if (!code)
        code = emit(w, yaml_document_end_event_initialize(&event, 1), &event);
    if (!code)
        code = emit(w, yaml_stream_end_event_initialize(&event), &event);
    return code;
}

int lh_yaml_write(struct lh_buf *to, const json_t *value, const struct lh_yaml_style *style,
                  struct lh_error *e)
{
    static const struct lh_yaml_style bare;
    lh_auto(writer) w = {.to = to, .sort_keys = (style ? style : &bare)->sort_keys, .e = e};
    size_t before = to->n;
    int code;

    if (!yaml_emitter_initialize(&w.emitter))
        return lh_error_set(e, LH_FAILED, "write YAML: out of memory");
    yaml_emitter_set_output(&w.emitter, append, to);
    yaml_emitter_set_unicode(&w.emitter, 1);
    yaml_emitter_set_width(&w.emitter, -1);
    yaml_emitter_set_indent(&w.emitter, 2);
    yaml_emitter_set_break(&w.emitter, YAML_LN_BREAK);
    if (style && style->comment)
        write_comment(to, style->comment);
    code = write_document(&w, value);
    if (code)
        lh_buf_cut(to, before);
    return code;
}
