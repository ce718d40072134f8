/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the values of a JSON text stand: the scanner of json/json.h goes over a text that jansson
 * has taken, because jansson forgets places.
 */
#include "config.h"

#include "json/document.h"
#include "json/json.h"
#include "json/text.h"

struct walk {
    struct lh_text_cursor cursor;
    struct lh_buf pointer;
    struct lh_places **places;
};

static void walk_free(struct walk *w)
{
    lh_buf_free(&w->pointer);
}

/* Recursion as deep as the scan allowed: LH_DOCUMENT_DEPTH. */
static void note(struct walk *w, const struct lh_json *value)
{
    bool object = lh_json_kind(value) == LH_JSON_OBJECT;
    const struct lh_json *member = NULL;
    size_t before = w->pointer.n;
    size_t index = 0;
    size_t line;
    size_t column;
    lh_str key;

    lh_text_place(&w->cursor, value->start, &line, &column);
    lh_places_add(w->places, lh_buf_text(&w->pointer), line, column);
    if (!object && lh_json_kind(value) != LH_JSON_ARRAY)
        return;
    while ((member = lh_json_next(value, member, &key))) {
        if (object)
            lh_pointer_push(&w->pointer, key);
        else
            lh_pointer_push_index(&w->pointer, index++);
        note(w, member);
        lh_buf_cut(&w->pointer, before);
    }
}

void lh_places_scan_json(struct lh_places **places, lh_str text)
{
    struct lh_json_limits limits = {.max_bytes = LH_DOCUMENT_BYTES,
                                    .max_depth = LH_DOCUMENT_DEPTH,
                                    .max_values = (uint32_t)LH_DOCUMENT_BYTES};
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(walk) w = {.cursor = {.text = text}, .pointer = LH_BUF_INIT(SIZE_MAX / 2)};

    w.places = places;
    if (lh_json_scan(doc, text, &limits, NULL) == LH_JSON_FINE)
        note(&w, lh_json_root(doc));
}
