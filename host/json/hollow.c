/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that come in parts: taking entries and texts from a whole one, and laying them where
 * they belong in another. Behind a container whose members have not come yet lies an empty entry, a
 * leaf that leads to the document as every leaf does; and a container's text begins with a zero
 * until it has come. Who moves the parts is somebody else's business.
 */
#include "config.h"

#include "json/json_internal.h"

/* Objects with more members than that stay hollow in a skeleton. */
#define OPEN_MAX 32u

uint32_t lh_json_entries(const struct lh_json *v)
{
    return v ? lh_json_span(v) : 0;
}

const struct lh_json *lh_json_after(const struct lh_json *v)
{
    return v ? lh_json_at(lh_json_owner(v), lh_json_index(v) + lh_json_span(v)) : NULL;
}

bool lh_json_is_hollow(const struct lh_json *v)
{
    return v && lh_json_nests(v) && lh_json_lacks_members(v);
}

bool lh_json_is_whole(const struct lh_json *v)
{
    return !v || !lh_json_nests(v) || lh_json_raw(v).p[0];
}

/* Whether the members of v come with v; both ends go by the entry alone. */
static bool is_open(const struct lh_json *v, enum lh_json_part part)
{
    return part == LH_JSON_WHOLE ||
           (part == LH_JSON_SKELETON && lh_json_kind_of(v) == LH_JSON_OBJECT &&
            v->info >> LH_JSON_SHIFT <= OPEN_MAX);
}

/* From one entry to the next that comes with the part. */
static uint32_t step(const struct lh_json *v, enum lh_json_part part)
{
    return lh_json_nests(v) && is_open(v, part) ? 1 : lh_json_span(v);
}

uint32_t lh_json_skim(struct lh_buf *to, const struct lh_json *v, enum lh_json_part part)
{
    const char *text = lh_json_owner(v)->text.p;
    const struct lh_json *end = v + lh_json_span(v);
    const struct lh_json *begin = part == LH_JSON_MEMBERS ? v + 1 : v;
    uint32_t n = 0;
    bool leaves = false;

    for (const struct lh_json *at = begin; at < end; at += step(at, part), n++) {
        lh_buf_add(to, at, sizeof *at);
        leaves |= !lh_json_nests(at);
    }
    for (const struct lh_json *at = begin; leaves && at < end; at += step(at, part))
        if (!lh_json_nests(at))
            lh_buf_add(to, text + at->start, at->len);
    return n;
}

const struct lh_json *lh_json_in_skeleton(const struct lh_json_doc *doc, uint32_t index)
{
    const struct lh_json *v = lh_json_at(doc, index);
    const struct lh_json *at = lh_json_root(doc);

    while (v && at < v)
        at += step(at, LH_JSON_SKELETON);
    return at == v ? v : NULL;
}

void lh_json_blank(struct lh_json_doc *doc, uint32_t index)
{
    if (index && index < doc->n)
        doc->memory[1 + index] = (struct lh_json){.link = index};
}

static struct lh_json_cell cell_at(const char *cells, uint32_t i)
{
    struct lh_json_cell cell;

    memcpy(&cell, cells + i * sizeof cell, sizeof cell);
    return cell;
}

static const struct lh_json *cell_value(const struct lh_json_doc *doc, const char *cells,
                                        uint32_t i)
{
    uint32_t value = cell_at(cells, i).value;

    return value ? lh_json_at(doc, value) : NULL;
}

uint32_t lh_json_skim_column(struct lh_buf *to, const struct lh_json *array, lh_str key)
{
    const struct lh_json_doc *doc = lh_json_owner(array);
    const struct lh_json *v = NULL;
    size_t begin = to->n;
    uint32_t n = 0;

    for (; (v = lh_json_next(array, v, NULL)); n++) {
        struct lh_json_cell cell = {lh_json_index(v), lh_json_index(lh_json_get(v, key))};

        lh_buf_add(to, &cell, sizeof cell);
    }
    for (uint32_t i = 0; i < n && !to->failed; i++)
        if ((v = cell_value(doc, to->p + begin, i)))
            lh_buf_add(to, v, sizeof *v);
    for (uint32_t i = 0; i < n && !to->failed; i++)
        if ((v = cell_value(doc, to->p + begin, i)) && !lh_json_nests(v))
            lh_buf_add(to, doc->text.p + v->start, v->len);
    return n;
}

/* The next `n` bytes of what came belong at `start` of the text. */
static bool lay_text(const struct lh_json_room *to, lh_str *from, uint32_t start, uint32_t n)
{
    if (from->n < n || start > to->text_n || n > to->text_n - start)
        return false;
    memcpy(to->text + start, from->p, n);
    *from = lh_str_n(from->p + n, from->n - n);
    return true;
}

static bool lay_whole(const struct lh_json_room *to, uint32_t at, lh_str entries, lh_str text)
{
    struct lh_json *tape = to->memory + 1;

    if (at >= to->n || !entries.n || entries.n / sizeof *tape > to->n - at)
        return false;
    memcpy(tape + at, entries.p, entries.n);
    return lay_text(to, &text, tape[at].start, tape[at].len);
}

static bool lay_container(const struct lh_json_room *to, uint32_t at, enum lh_json_part part)
{
    struct lh_json *entry = to->memory + 1 + at;

    if (entry->start >= to->text_n)
        return false;
    to->text[entry->start] = '\0';
    if (!is_open(entry, part))
        entry[1] = (struct lh_json){.link = at + 1};
    return true;
}

/* One entry with its text, hollow when it is a container. */
static bool lay_entry(const struct lh_json_room *to, uint32_t at, const char *entry, lh_str *text,
                      enum lh_json_part part)
{
    struct lh_json *v = to->memory + 1 + at;
    struct lh_json came;

    memcpy(&came, entry, sizeof came);
    if (at >= to->n || lh_json_span(&came) > to->n - at)
        return false;
    *v = came;
    return lh_json_nests(v) ? lay_container(to, at, part) : lay_text(to, text, v->start, v->len);
}

bool lh_json_lay_column(const struct lh_json_room *to, lh_str data, uint32_t n)
{
    size_t entry = (size_t)n * sizeof(struct lh_json_cell);
    size_t end = entry;
    lh_str text;

    if (entry > data.n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        end += cell_at(data.p, i).value ? sizeof(struct lh_json) : 0;
    if (end > data.n)
        return false;
    text = lh_str_n(data.p + end, data.n - end);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t value = cell_at(data.p, i).value;

        if (value && !lay_entry(to, value, data.p + entry, &text, LH_JSON_MEMBERS))
            return false;
        entry += value ? sizeof(struct lh_json) : 0;
    }
    return true;
}

bool lh_json_lay(const struct lh_json_room *to, uint32_t at, lh_str data, uint32_t n,
                 enum lh_json_part part)
{
    struct lh_json *tape = to->memory + 1;
    lh_str entries = lh_str_n(data.p, (size_t)n * sizeof *tape);
    lh_str text;

    if (entries.n > data.n)
        return false;
    text = lh_str_n(data.p + entries.n, data.n - entries.n);
    if (part == LH_JSON_WHOLE)
        return lay_whole(to, at, entries, text);
    for (size_t i = 0; i < entries.n; i += sizeof *tape) {
        if (!lay_entry(to, at, entries.p + i, &text, part))
            return false;
        at += step(&tape[at], part);
    }
    return true;
}
