/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A jansson tree as JSON text; see document.h. Not json_dumps: that writes 19.99 as
 * 19.989999999999998 before 2.14.1, and prints sorted keys by the order of its version.
 */
#include "config.h"

#include "base/buf.h"
#include "json/document.h"
#include "json/text.h"

#include <stdint.h>
#include <stdlib.h>

struct dump {
    struct lh_buf to;
    size_t indent;
};

static void write_node(struct dump *d, const json_t *value, size_t level);

static void write_string(struct lh_buf *to, const char *s, size_t n)
{
    static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    lh_buf_char(to, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        const char *escape = NULL;

        for (size_t k = 0; !escape && k + 1 < sizeof escapes; k += 2)
            if (escapes[k] == s[i])
                escape = &escapes[k + 1];
        if (escape)
            lh_buf_f(to, "\\%c", *escape);
        else if (c < 0x20)
            lh_buf_f(to, "\\u%04x", c);
        else
            lh_buf_char(to, s[i]);
    }
    lh_buf_char(to, '"');
}

/* Before each member: a comma behind the one before, and a new line or a space. */
static void separate(struct dump *d, bool first, size_t level)
{
    if (!first)
        lh_buf_char(&d->to, ',');
    if (d->indent) {
        lh_buf_char(&d->to, '\n');
        lh_buf_fill(&d->to, ' ', d->indent * level);
    } else if (!first) {
        lh_buf_char(&d->to, ' ');
    }
}

static void close_container(struct dump *d, char brace, size_t level)
{
    if (d->indent) {
        lh_buf_char(&d->to, '\n');
        lh_buf_fill(&d->to, ' ', d->indent * level);
    }
    lh_buf_char(&d->to, brace);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;

    return strcmp(*x, *y);
}

static void write_object(struct dump *d, const json_t *object, size_t level)
{
    const char **names lh_autofree = lh_xcalloc(json_object_size(object), sizeof *names);
    size_t n = 0;
    const char *name;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)object, name, member) names[n++] = name;
    qsort(names, n, sizeof *names, by_name);
    lh_buf_char(&d->to, '{');
    for (size_t i = 0; i < n; i++) {
        separate(d, i == 0, level + 1);
        write_string(&d->to, names[i], strlen(names[i]));
        lh_buf_z(&d->to, ": ");
        write_node(d, json_object_get(object, names[i]), level + 1);
    }
    close_container(d, '}', level);
}

static void write_array(struct dump *d, const json_t *array, size_t level)
{
    lh_buf_char(&d->to, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        separate(d, i == 0, level + 1);
        write_node(d, json_array_get(array, i), level + 1);
    }
    close_container(d, ']', level);
}

static void write_real(struct lh_buf *to, double value)
{
    char text[32];

    lh_text_real(value, text);
    lh_buf_z(to, text);
}

static void write_node(struct dump *d, const json_t *value, size_t level)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        if (json_object_size(value))
            write_object(d, value, level);
        else
            lh_buf_z(&d->to, "{}");
        break;
    case JSON_ARRAY:
        if (json_array_size(value))
            write_array(d, value, level);
        else
            lh_buf_z(&d->to, "[]");
        break;
    case JSON_STRING:
        write_string(&d->to, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lh_buf_i64(&d->to, json_integer_value(value));
        break;
    case JSON_REAL:
        write_real(&d->to, json_real_value(value));
        break;
    default:
        lh_buf_z(&d->to, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

char *lh_document_dump(const json_t *value, int indent)
{
    struct dump d = {.to = LH_BUF_INIT(SIZE_MAX / 2), .indent = indent > 0 ? (size_t)indent : 0};

    write_node(&d, value, 0);
    return lh_buf_take(&d.to);
}
