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

    for (const struct lh_json *at = begin; at < end; at += step(at, part), n++)
        lh_buf_add(to, at, sizeof *at);
    for (const struct lh_json *at = begin; at < end; at += step(at, part))
        if (!lh_json_nests(at))
            lh_buf_add(to, text + at->start, at->len);
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
        struct lh_json entry;

        memcpy(&entry, entries.p + i, sizeof entry);
        if (at >= to->n || lh_json_span(&entry) > to->n - at)
            return false;
        tape[at] = entry;
        if (lh_json_nests(&entry) ? !lay_container(to, at, part)
                                  : !lay_text(to, &text, entry.start, entry.len))
            return false;
        at += step(&entry, part);
    }
    return true;
}
