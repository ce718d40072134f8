/* SPDX-License-Identifier: Apache-2.0 */
/* JSON pointers (RFC 6901), and the table of places that is keyed by them; see document.h. */
#include "config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "json/document.h"
#include "json/text.h"

#include <stdint.h>
#include <stdlib.h>

/*
 * Places are for messages, so they are bounded: a document that wants more of them still reads,
 * and its further values answer with the place of their parent.
 */
#define POINTER_MAX ((size_t)1024)
#define PLACES_MAX  ((size_t)250000)
#define TEXT_MAX    ((size_t)32 << 20)

struct place {
    lh_str pointer;
    uint32_t line, column;
};

/* Filled by one pass of a reader, then asked: sorted when first asked. */
struct lh_places {
    struct lh_arena text;
    struct place *all;
    size_t n, cap;
    bool sorted;
};

void lh_places_free(struct lh_places *places)
{
    if (!places)
        return;
    lh_arena_free(&places->text);
    free(places->all);
    free(places);
}

void lh_places_add(struct lh_places **places, const char *pointer, size_t line, size_t column)
{
    lh_str p = lh_str_n(pointer, strnlen(pointer, POINTER_MAX + 1));
    struct lh_places *t = *places;

    if (!t) {
        *places = t = lh_xcalloc(1, sizeof *t);
        t->text.max = TEXT_MAX;
    }
    if (p.n > POINTER_MAX || t->n == PLACES_MAX || line > UINT32_MAX || column > UINT32_MAX)
        return;
    p = lh_arena_str(&t->text, p);
    if (!p.p)
        return;
    t->all = lh_xgrow(t->all, t->n, &t->cap, sizeof *t->all);
    t->all[t->n++] = (struct place){p, (uint32_t)line, (uint32_t)column};
    t->sorted = false;
}

static int by_pointer(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;

    return lh_str_cmp(x->pointer, y->pointer);
}

bool lh_places_find(struct lh_places *places, lh_str pointer, size_t *ret_line, size_t *ret_column)
{
    struct place wanted = {.pointer = pointer};
    const struct place *found;

    if (!places || places->n == 0)
        return false;
    if (!places->sorted)
        qsort(places->all, places->n, sizeof *places->all, by_pointer);
    places->sorted = true;
    found = bsearch(&wanted, places->all, places->n, sizeof *places->all, by_pointer);
    if (!found)
        return false;
    *ret_line = found->line;
    *ret_column = found->column;
    return true;
}

/* --- pointers ----------------------------------------------------------------------------- */

void lh_pointer_push(struct lh_buf *pointer, lh_str name)
{
    lh_buf_char(pointer, '/');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '~')
            lh_buf_z(pointer, "~0");
        else if (name.p[i] == '/')
            lh_buf_z(pointer, "~1");
        else
            lh_buf_char(pointer, name.p[i]);
    }
}

void lh_pointer_push_index(struct lh_buf *pointer, size_t index)
{
    lh_buf_char(pointer, '/');
    lh_buf_u64(pointer, index);
}

char *lh_pointer_join(const char *pointer, const char *name)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    lh_buf_z(&b, pointer);
    lh_pointer_push(&b, lh_str_z(name));
    return lh_buf_take(&b);
}

char *lh_pointer_index(const char *pointer, size_t index)
{
    return lh_xasprintf("%s/%zu", pointer, index);
}

/* The name that an escaped part stands for; false when ~ is followed by something else. */
static bool unescape(lh_str part, struct lh_buf *ret)
{
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];

        if (c == '~') {
            char next = ++i < part.n ? part.p[i] : '\0';

            if (next != '0' && next != '1')
                return false;
            c = next == '0' ? '~' : '/';
        }
        lh_buf_char(ret, c);
    }
    return true;
}

/* RFC 6901: digits without leading zeros. */
static json_t *element(const json_t *array, lh_str part)
{
    size_t index = 0;

    if (part.n == 0 || part.n > 9 || (part.n > 1 && part.p[0] == '0'))
        return NULL;
    for (size_t i = 0; i < part.n; i++) {
        if (part.p[i] < '0' || part.p[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(part.p[i] - '0');
    }
    return json_array_get(array, index);
}

static json_t *child(const json_t *value, lh_str part)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(SIZE_MAX / 2);

    if (json_is_array(value))
        return element(value, part);
    if (!json_is_object(value) || !unescape(part, &name))
        return NULL;
    return json_object_get(value, lh_buf_text(&name));
}

json_t *lh_document_at(const struct lh_document *d, const char *pointer)
{
    json_t *value = d->root;

    while (value && *pointer) {
        size_t n;

        if (*pointer++ != '/')
            return NULL;
        n = strcspn(pointer, "/");
        value = child(value, lh_str_n(pointer, n));
        pointer += n;
    }
    return value;
}
