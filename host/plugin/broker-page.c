/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of http on their way to a worker: what is small goes whole, a page as its skeleton, with
 * the parts that the page before was asked for. Everything goes out from where it lies.
 */
#include "config.h"

#include "plugin/broker_internal.h"

/* A tape of no more entries goes out whole at once. */
#define SMALL_TAPE 1024u

/* --- parts ------------------------------------------------------------------------------------ */

static void send_part(struct lh_link *link, const struct lh_json *v, enum lh_json_part part,
                      lh_str name)
{
    lh_auto(lh_buf) head = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) room = LH_BUF_INIT(LH_MESSAGE_TO_MAX);
    struct lh_record record = {
        .kind = LH_REC_PART, .num = {0, lh_json_index(v), part}, .str = {name}};
    lh_str parts[2] = {{"", 0}, {"", 0}};

    if (part == LH_JSON_WHOLE) {
        record.num[0] = lh_json_entries(v);
        parts[0] = lh_str_n((const char *)v, lh_json_entries(v) * sizeof *v);
        parts[1] = lh_json_raw(v);
    } else {
        record.num[0] = part == LH_JSON_COLUMN ? lh_json_skim_column(&room, v, name)
                                               : lh_json_skim(&room, v, part);
        parts[0] = lh_buf_slice(&room);
    }
    lh_record_put(&head, &record);
    lh_link_send_parts(link, LH_REC_PART,
                       (const lh_str[LH_CHANNEL_PARTS]){lh_buf_slice(&head), parts[0], parts[1]});
}

/* What the next pages of the call will be asked for as well, as far as it fits. */
static void learn(struct lh_link *link, uint32_t index, enum lh_json_part part, lh_str name)
{
    struct lh_link_part *to = &link->parts[link->n_parts];

    if (link->n_parts == LH_PARTS_MAX)
        return;
    *to = (struct lh_link_part){.index = index, .part = part, .name_n = name.n};
    memcpy(to->name, name.p, name.n);
    link->n_parts++;
}

const char *lh_link_fetch(struct lh_link *link, const struct lh_http_resp *resp,
                          const struct lh_record *r)
{
    lh_str name = r->str[0];
    const struct lh_json *v;

    if (!resp || !resp->json)
        return "an answer that is not there";
    v = lh_json_at(lh_json_owner(resp->json), (uint32_t)r->num[1]);
    if (!v)
        return "a reference beyond the end of an answer";
    if (r->num[2] > LH_JSON_COLUMN || !name.p || name.n > LH_COLUMN_NAME_MAX ||
        (r->num[2] == LH_JSON_COLUMN && lh_json_kind(v) != LH_JSON_ARRAY))
        return "a part that there is not";
    if (v == resp->json && r->num[2] == LH_JSON_WHOLE)
        link->whole = true;
    else
        learn(link, (uint32_t)r->num[1], (enum lh_json_part)r->num[2], name);
    send_part(link, v, (enum lh_json_part)r->num[2], name);
    return NULL;
}

/* The value in this page that a part was asked of in one before; NULL: there is none like it. */
static const struct lh_json *like(const struct lh_json_doc *doc, const struct lh_link_part *p)
{
    const struct lh_json *v = lh_json_in_skeleton(doc, p->index);

    return lh_json_kind(v) == LH_JSON_ARRAY && lh_json_count(v) ? v : NULL;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* What the worker gets of a document unasked: a tape and a text, or a skeleton put into `room`. */
static struct lh_doc_frame first_part(const struct lh_link *link, const struct lh_json_doc *doc,
                                      struct lh_buf *room, lh_str ret[2])
{
    struct lh_json_shape shape = lh_json_shape(doc);
    size_t n = 0;
    const struct lh_json *tape = lh_json_tape(doc, &n);
    struct lh_doc_frame frame = {shape.depth, shape.duplicate, shape.spaced, (uint32_t)n, 0};

    if (n <= SMALL_TAPE || link->whole) {
        ret[0] = lh_str_n((const char *)tape, n * sizeof *tape);
        ret[1] = lh_json_text(doc);
        return frame;
    }
    frame.entries = lh_json_skim(room, tape, LH_JSON_SKELETON);
    ret[0] = lh_buf_slice(room);
    ret[1] = LH_STR("");
    for (unsigned i = 0; i < link->n_parts; i++)
        frame.parts += like(doc, &link->parts[i]) != NULL;
    return frame;
}

static void send_parts(struct lh_link *link, const struct lh_json_doc *doc)
{
    for (unsigned i = 0; i < link->n_parts; i++) {
        const struct lh_link_part *p = &link->parts[i];
        const struct lh_json *v = like(doc, p);

        if (v)
            send_part(link, v, p->part, lh_str_n(p->name, p->name_n));
    }
}

void lh_link_send_answer(struct lh_link *link, uint32_t id, const struct lh_http_resp *resp)
{
    const struct lh_answer *all = (const struct lh_answer *)resp;
    const struct lh_json_doc *doc = resp->json ? lh_json_owner(resp->json) : NULL;
    lh_auto(lh_buf) head = LH_BUF_INIT(LH_MESSAGE_TO_MAX);
    lh_auto(lh_buf) room = LH_BUF_INIT(LH_MESSAGE_TO_MAX);
    lh_auto(lh_buf) held = LH_BUF_INIT(LH_MESSAGE_TO_MAX);
    struct lh_doc_frame frame = {0};
    char packed[LH_DOC_FRAME_BYTES];
    lh_str *headers lh_autofree = lh_xcalloc(2 * all->n_headers + 1, sizeof *headers);
    lh_str parts[2] = {{"", 0}, resp->body};
    struct lh_record record = {
        .kind = LH_REC_DOC,
        .num = {id, (uint64_t)(int64_t)resp->status, resp->attempts | (uint64_t)resp->flags << 32,
                (uint64_t)resp->retry_after_ms, doc ? lh_json_text(doc).n : resp->body.n,
                lh_json_entries(resp->json)},
        .str = {resp->final_url, {packed, sizeof packed}},
        .list = {{.items = headers, .n = (uint32_t)(2 * all->n_headers)}},
    };

    if (doc)
        frame = first_part(link, doc, &room, parts);
    lh_doc_frame_encode(&frame, packed);
    for (size_t i = 0; i < all->n_headers; i++) {
        headers[2 * i] = all->headers[i].name;
        headers[2 * i + 1] = all->headers[i].value;
    }
    lh_record_put(&head, &record);
    lh_buf_fill(&head, 0, lh_doc_padding(head.n) + 16);
    link->ch.held = frame.parts ? &held : NULL;
    lh_link_send_parts(link, LH_REC_DOC,
                       (const lh_str[LH_CHANNEL_PARTS]){lh_buf_slice(&head), parts[0], parts[1]});
    if (frame.parts)
        send_parts(link, doc);
    if (link->ch.held)
        lh_link_let_go(link);
}
