/* SPDX-License-Identifier: Apache-2.0 */
/* The codec of frames, messages and records; see frames.h. */
#include "config.h"

#include "worker/frames.h"

#include "worker/wire.h"

#include "host/worker/build-id.h"

#include <stdlib.h>

lh_str lh_frames_build_id(void)
{
    return LH_STR("lakehost-build " PACKAGE_VERSION " " LH_BUILD_SUM);
}

/*
 * The fields of each kind: i and u 32 bits (signed, unsigned), q 64 bits, s a string, v a value,
 * l a list of strings. `asks`: the sender waits for an answer.
 */
static const struct {
    const char *name, *fields;
    bool asks;
} kinds[LH_REC_KINDS] = {
    [LH_REC_HELLO] = {"hello", "s", false},
    [LH_REC_LOAD] = {"load", "uqsss", false},
    [LH_REC_OPEN] = {"open", "ul", false},
    [LH_REC_CALL] = {"call", "uuqqssssll", false},
    [LH_REC_ANSWER] = {"answer", "iis", false},
    [LH_REC_DOC] = {"doc", "uiqqqqssl", false},
    [LH_REC_CANCEL] = {"cancel", "i", false},
    [LH_REC_CLOSE] = {"close", "", false},
    [LH_REC_READY] = {"ready", "uusss", false},
    [LH_REC_REFUSED] = {"refused", "us", false},
    [LH_REC_OPS] = {"ops", "", false},
    [LH_REC_RETURN] = {"return", "iqqqss", true},
    [LH_REC_FAIL] = {"fail", "is", false},
    [LH_REC_NOTE] = {"note", "is", false},
    [LH_REC_LIMIT] = {"limit", "s", false},
    [LH_REC_LOG] = {"log", "is", false},
    [LH_REC_PROGRESS] = {"progress", "qqs", false},
    [LH_REC_PARTIAL] = {"partial", "iss", true},
    [LH_REC_SLEEP] = {"sleep_ms", "u", true},
    [LH_REC_BASE_URL] = {"base_url", "", true},
    [LH_REC_HTTP] = {"http", "uuuuuqssssssl", true},
    [LH_REC_PREFETCH] = {"http_prefetch", "uuuuuqssssssl", false},
    [LH_REC_AGAIN] = {"http_again", "uqus", true},
    [LH_REC_HTTP_FAIL] = {"http_fail", "u", true},
    [LH_REC_RELEASE] = {"http_release", "u", false},
    [LH_REC_NAMESPACE] = {"add_namespace", "l", false},
    [LH_REC_TABLE] = {"add_table", "uuussssl", false},
    [LH_REC_FIELD] = {"add_field", "uuusss", false},
    [LH_REC_BEGIN_FIELD] = {"field_begin", "uuusss", false},
    [LH_REC_END_FIELD] = {"field_end", "", false},
    [LH_REC_META] = {"set_meta", "uuuuussl", false},
    [LH_REC_PROP] = {"set_prop", "sv", false},
    [LH_REC_STEP] = {"add_step", "iss", false},
    [LH_REC_ROW] = {"row", "uuv", false},
    [LH_REC_ROWS] = {"rows", "uv", false},
    [LH_REC_ROW_TEXT] = {"row_text", "us", false},
    [LH_REC_ROW_OUT] = {"row_out", "q", false},
    [LH_REC_CHECKPOINT] = {"checkpoint", "uv", true},
    [LH_REC_PARTITION] = {"add_partition", "qv", false},
    [LH_REC_OUT] = {"out_new", "u", false},
    [LH_REC_BEGIN] = {"out_begin", "i", false},
    [LH_REC_END] = {"out_end", "", false},
    [LH_REC_KEY] = {"out_key", "s", false},
    [LH_REC_STR] = {"out_str", "s", false},
    [LH_REC_INT] = {"out_i64", "q", false},
    [LH_REC_RAW] = {"out_raw", "s", false},
    [LH_REC_JSON] = {"out_json", "v", false},
    [LH_REC_MEMBERS] = {"out_members", "vl", false},
    [LH_REC_DONE] = {"out_done", "", false},
    [LH_REC_FETCH] = {"fetch", "uuus", true},
    [LH_REC_PART] = {"part", "uuus", false},
    [LH_REC_HEADER] = {"http_header", "u", false},
    [LH_REC_NOW] = {"now_ms", "", true},
};

static bool is_known(uint32_t kind)
{
    return kind > LH_REC_NONE && kind < LH_REC_KINDS && kinds[kind].name;
}

const char *lh_record_name(uint32_t kind)
{
    return is_known(kind) ? kinds[kind].name : "unknown";
}

bool lh_record_asks(uint32_t kind)
{
    return is_known(kind) && kinds[kind].asks;
}

/* --- frames ----------------------------------------------------------------------------------- */

void lh_frame_encode(const struct lh_frame *frame, uint8_t ret[LH_FRAME_HEAD])
{
    lh_wire_put32(ret, frame->len);
    ret[4] = frame->type;
    ret[5] = frame->flags;
    ret[6] = ret[7] = 0;
    lh_wire_put32(ret + 8, frame->call);
    lh_wire_put32(ret + 12, frame->seq);
}

int lh_frame_decode(const uint8_t head[LH_FRAME_HEAD], size_t max, struct lh_frame *ret,
                    struct lh_error *e)
{
    struct lh_frame frame = {
        .len = lh_wire_get32(head),
        .type = head[4],
        .flags = head[5],
        .call = lh_wire_get32(head + 8),
        .seq = lh_wire_get32(head + 12),
    };

    if (!is_known(frame.type) || frame.flags > LH_FRAME_MORE || head[6] || head[7])
        return lh_error_set(e, LH_BAD_PLUGIN, "a frame of type %u with flags 0x%02x%02x%02x",
                            frame.type, frame.flags, head[6], head[7]);
    if (frame.len > max)
        return lh_error_set(e, LH_BAD_PLUGIN, "a frame of %u bytes, at most %zu are allowed",
                            frame.len, max);
    *ret = frame;
    return 0;
}

/* --- messages --------------------------------------------------------------------------------- */

#define RAW_LEAST ((size_t)64 << 10)
#define SPARE_MAX ((size_t)8 << 20) /* what is larger is not kept */
#define LONG      LH_FRAME_FROM     /* a message of more gets memory of its own */

struct lh_room lh_room_take(struct lh_room *spare, size_t n)
{
    struct lh_room room = *spare;

    if (room.cap >= n) {
        *spare = (struct lh_room){0};
        return room;
    }
    /* the next may be a little larger */
    room.cap = n < SPARE_MAX ? n + n / 8 : n;
    room.p = lh_xmalloc(room.cap);
    return room;
}

void lh_room_give(struct lh_room *spare, struct lh_room room)
{
    bool keep = room.cap > spare->cap && room.cap <= SPARE_MAX;

    free(keep ? spare->p : room.p);
    if (keep)
        *spare = room;
}

void lh_inbox_free(struct lh_inbox *in)
{
    free(in->raw);
    free(in->whole.p);
    free(in->spare.p);
    in->raw = NULL;
    in->whole = in->spare = (struct lh_room){0};
}

static void drop_whole(struct lh_inbox *in)
{
    lh_room_give(&in->spare, in->whole);
    in->whole = (struct lh_room){0};
    in->whole_n = in->whole_total = 0;
    in->done = false;
}

struct lh_room lh_inbox_take(struct lh_inbox *in, const struct lh_message *m)
{
    struct lh_room room = in->done ? in->whole : lh_room_take(&in->spare, m->payload.n);

    if (in->done)
        in->whole = (struct lh_room){0};
    else
        memcpy(room.p, m->payload.p, m->payload.n);
    return room;
}

/* Where the next bytes belong: behind the others, or right into the message that they are of. */
char *lh_inbox_room(struct lh_inbox *in, size_t *ret_n)
{
    size_t used = in->end - in->begin;

    if (in->left && !used) {
        *ret_n = in->left;
        return (char *)in->whole.p + in->whole_n;
    }
    if (in->begin && (!used || in->cap - in->end < RAW_LEAST / 2)) {
        memmove(in->raw, in->raw + in->begin, used);
        in->begin = 0;
        in->end = used;
    }
    if (in->cap - in->end < RAW_LEAST / 2) {
        in->cap = in->cap ? 2 * in->cap : RAW_LEAST;
        in->raw = lh_xrealloc(in->raw, in->cap, 1);
    }
    *ret_n = in->cap - in->end;
    return (char *)in->raw + in->end;
}

void lh_inbox_got(struct lh_inbox *in, size_t n)
{
    if (in->left && in->begin == in->end) {
        in->whole_n += n;
        in->left -= n;
    } else {
        in->end += n;
    }
}

/* Moves what is there of the current frame into the message. */
static void move_on(struct lh_inbox *in)
{
    size_t n = in->end - in->begin;

    if (n > in->left)
        n = in->left;
    if (!n)
        return;
    memcpy((char *)in->whole.p + in->whole_n, in->raw + in->begin, n);
    in->whole_n += n;
    in->begin += n;
    in->left -= n;
}

static int surprise(struct lh_error *e, const char *what)
{
    lh_error_set(e, LH_BAD_PLUGIN, "%s", what);
    return -1;
}

/* The first frame of several, whose length comes first. 1: begun, 0: more bytes are needed. */
static int begin_whole(struct lh_inbox *in, const uint8_t *payload, size_t have, struct lh_error *e)
{
    uint64_t total;

    if (in->frame.len < 8)
        return surprise(e, "a message of several frames without its length");
    if (have < 8)
        return 0;
    total = lh_wire_get64(payload);
    if (total > in->max_message || total <= in->frame.len - 8) {
        lh_error_set(e, LH_BAD_PLUGIN, "a message of %llu bytes, at most %zu are allowed",
                     (unsigned long long)total, in->max_message);
        return -1;
    }
    in->whole = lh_room_take(&in->spare, (size_t)total);
    in->whole_total = (size_t)total;
    in->whole_n = 0;
    in->left = in->frame.len - 8;
    in->last = false;
    in->begin += LH_FRAME_HEAD + 8;
    return 1;
}

/* A message of one frame that is long: it is not put together where the others are. */
static int begin_long(struct lh_inbox *in, const struct lh_frame *frame)
{
    in->frame = *frame;
    in->whole = lh_room_take(&in->spare, frame->len);
    in->whole_total = in->left = frame->len;
    in->whole_n = 0;
    in->last = true;
    in->begin += LH_FRAME_HEAD;
    in->seq++;
    return 2;
}

/* A further frame of a message. */
static int go_on(struct lh_inbox *in, const struct lh_frame *frame, struct lh_error *e)
{
    size_t missing = in->whole_total - in->whole_n;

    if (frame->type != in->frame.type || frame->call != in->frame.call)
        return surprise(e, "a frame of another message inside a message");
    in->last = !(frame->flags & LH_FRAME_MORE);
    if (frame->len > missing || (in->last ? frame->len < missing : frame->len == missing))
        return surprise(e, "a message that is not as long as it said");
    in->left = frame->len;
    in->begin += LH_FRAME_HEAD;
    return 1;
}

/* 1: the message is complete; 0: not yet. */
static int finish_whole(struct lh_inbox *in, struct lh_message *ret)
{
    move_on(in);
    if (in->left || !in->last)
        return 0;
    in->done = true;
    in->last = false;
    *ret =
        (struct lh_message){in->frame.type, in->frame.call, lh_str_n(in->whole.p, in->whole_total)};
    return 1;
}

/* One frame, or the beginning of one: 1 a message, 2 look again, 0 more bytes, -1 wrong. */
static int take_frame(struct lh_inbox *in, struct lh_message *ret, struct lh_error *e)
{
    const uint8_t *head = in->raw + in->begin;
    size_t have = in->end - in->begin;
    struct lh_frame frame;
    int got;

    if (have < LH_FRAME_HEAD)
        return 0;
    if (lh_frame_decode(head, in->max_frame, &frame, e))
        return -1;
    if (frame.seq != in->seq)
        return surprise(e, "a frame out of order");
    if (in->whole.p || (frame.flags & LH_FRAME_MORE)) {
        if (!in->whole.p)
            in->frame = frame;
        got = in->whole.p ? go_on(in, &frame, e)
                          : begin_whole(in, head + LH_FRAME_HEAD, have - LH_FRAME_HEAD, e);
        in->seq += got > 0;
        return got > 0 ? 2 : got;
    }
    if (frame.len > LONG)
        return begin_long(in, &frame);
    if (have - LH_FRAME_HEAD < frame.len)
        return 0;
    in->seq++;
    in->begin += LH_FRAME_HEAD + frame.len;
    *ret = (struct lh_message){frame.type, frame.call,
                               lh_str_n((const char *)head + LH_FRAME_HEAD, frame.len)};
    return 1;
}

int lh_inbox_next(struct lh_inbox *in, struct lh_message *ret, struct lh_error *e)
{
    int got = 2;

    if (in->done)
        drop_whole(in);
    while (got == 2) {
        if (in->whole.p && finish_whole(in, ret))
            return 1;
        if (in->left)
            return 0;
        got = in->raw ? take_frame(in, ret, e) : 0;
    }
    return got;
}

/* --- records: writing ------------------------------------------------------------------------- */

void lh_record_put(struct lh_buf *to, const struct lh_record *record)
{
    const uint64_t *num = record->num;
    const lh_str *str = record->str;
    const struct lh_list *list = record->list;

    lh_record_put_bare(to, record->kind);
    for (const char *field = kinds[record->kind].fields; *field; field++)
        switch (*field) {
        case 'i':
        case 'u':
            lh_wire_add32(to, (uint32_t)*num++);
            break;
        case 'q':
            lh_wire_add64(to, *num++);
            break;
        case 's':
            lh_wire_add_str(to, 0, *str++);
            break;
        case 'v':
            lh_wire_add_value(to, &record->value);
            break;
        default:
            lh_wire_add_list(to, *list++);
        }
}

/* Behind the kind and the op. */
void lh_record_set_rows(struct lh_buf *to, size_t at, uint32_t n)
{
    lh_wire_put32((uint8_t *)to->p + at + 5, n);
}

/* --- records: reading ------------------------------------------------------------------------- */

struct reader {
    const char *p, *end;
    bool short_of; /* something was not there */
};

static const char *take(struct reader *r, size_t n)
{
    const char *p = r->p;

    if ((size_t)(r->end - r->p) < n) {
        r->short_of = true;
        r->p = r->end;
        return NULL;
    }
    r->p += n;
    return p;
}

static uint32_t take32(struct reader *r)
{
    const char *p = take(r, 4);

    return p ? lh_wire_get32(p) : 0;
}

static uint64_t take64(struct reader *r)
{
    const char *p = take(r, 8);

    return p ? lh_wire_get64(p) : 0;
}

static lh_str take_str(struct reader *r)
{
    uint32_t n = take32(r);
    const char *p;

    if (n == LH_WIRE_NO_TEXT)
        return lh_str_n(NULL, 1);
    p = take(r, n);
    return p ? lh_str_n(p, n) : LH_STR("");
}

static struct lh_value take_value(struct reader *r)
{
    const char *tag = take(r, 1);
    struct lh_value v = {.tag = tag ? (uint8_t)*tag : LH_VALUE_NONE};

    if (v.tag == LH_VALUE_TEXT)
        v.text = take_str(r);
    if (v.tag == LH_VALUE_REF) {
        v.doc = take32(r);
        v.index = take32(r);
    }
    if (v.tag > LH_VALUE_GONE || (v.text.n && !v.text.p))
        r->short_of = true;
    return v;
}

/* Walks it once, so that lh_list_next needs no checks. */
static struct lh_list take_list(struct reader *r)
{
    uint32_t n = take32(r);
    struct lh_list list = {.n = n, .packed = r->p};

    for (uint32_t i = 0; i < list.n && !r->short_of; i++)
        take_str(r);
    if (r->short_of)
        list.n = 0;
    return list;
}

bool lh_list_next(struct lh_list *list, lh_str *ret)
{
    uint32_t n;

    if (!list->n)
        return false;
    list->n--;
    if (list->items) {
        *ret = *list->items++;
        return true;
    }
    n = lh_wire_get32(list->packed);
    list->packed += 4;
    *ret = n == LH_WIRE_NO_TEXT ? lh_str_n(NULL, 1) : lh_str_n(list->packed, n);
    list->packed += n == LH_WIRE_NO_TEXT ? 0 : n;
    return true;
}

static void take_field(struct reader *r, char field, struct lh_record *ret, size_t next[3])
{
    uint32_t v;

    switch (field) {
    case 'i':
        v = take32(r);
        ret->num[next[0]++] = (uint64_t)(int64_t)(int32_t)v;
        break;
    case 'u':
        ret->num[next[0]++] = take32(r);
        break;
    case 'q':
        ret->num[next[0]++] = take64(r);
        break;
    case 's':
        ret->str[next[1]++] = take_str(r);
        break;
    case 'v':
        ret->value = take_value(r);
        break;
    default:
        ret->list[next[2]++] = take_list(r);
    }
}

int lh_record_get(lh_str data, size_t *at, struct lh_record *ret, struct lh_error *e)
{
    struct reader r = {data.p + *at, data.p + data.n, false};
    const char *kind = take(&r, 1);
    size_t next[3] = {0};

    ret->kind = kind ? (uint8_t)*kind : LH_REC_NONE;
    if (!is_known(ret->kind))
        return lh_error_set(e, LH_BAD_PLUGIN, "a record of the unknown kind %u", ret->kind);
    for (const char *field = kinds[ret->kind].fields; *field; field++)
        take_field(&r, *field, ret, next);
    if (r.short_of)
        return lh_error_set(e, LH_BAD_PLUGIN, "a record (%s) that ends too early",
                            kinds[ret->kind].name);
    *at = (size_t)(r.p - data.p);
    return 0;
}

/* --- answers of http -------------------------------------------------------------------------- */

void lh_doc_frame_encode(const struct lh_doc_frame *d, char ret[LH_DOC_FRAME_BYTES])
{
    uint8_t *p = (uint8_t *)ret;

    lh_wire_put32(p, d->depth);
    lh_wire_put32(p + 4, d->duplicate);
    lh_wire_put32(p + 8, d->spaced);
    lh_wire_put32(p + 12, d->entries);
    lh_wire_put32(p + 16, d->parts);
}

int lh_doc_parts(lh_str message, struct lh_doc_parts *ret, struct lh_error *e)
{
    struct lh_doc_parts parts = {0};
    uint64_t tape;
    uint64_t body;
    size_t entries;
    size_t at = 0;
    const char *p;

    if (lh_record_get(message, &at, &parts.record, e))
        return e ? e->code : LH_BAD_PLUGIN;
    p = parts.record.str[1].p;
    body = parts.record.num[4];
    tape = parts.record.num[5];
    if (parts.record.kind != LH_REC_DOC || parts.record.str[1].n != LH_DOC_FRAME_BYTES || !p)
        return lh_error_set(e, LH_BAD_PLUGIN, "an answer that is none");
    parts.doc = (struct lh_doc_frame){lh_wire_get32(p), lh_wire_get32(p + 4), lh_wire_get32(p + 8),
                                      lh_wire_get32(p + 12), lh_wire_get32(p + 16)};
    entries = parts.doc.entries;
    parts.tape_at = at + lh_doc_padding(at);
    parts.body_at = parts.tape_at + 16 * (entries + 1);
    if (tape > UINT32_MAX || entries > tape || !entries != !tape || body > LH_MESSAGE_TO_MAX ||
        message.n < parts.body_at || (entries == tape && message.n - parts.body_at != body))
        return lh_error_set(e, LH_BAD_PLUGIN, "an answer of other lengths than it says");
    *ret = parts;
    return 0;
}
