/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames between host and worker, both directions. Input: a byte that says in how large pieces the
 * stream arrives and in which direction it goes, then the stream. Whatever comes, in whatever
 * pieces: the same messages or the same refusal; a record that was read is written as it was.
 */
#include "config.h"

#define FUZZ_NAME "frames"
#include "fuzz/fuzz.h"
#include "plugin/build.h"
#include "worker/frames.h"
#include "json/json.h"

#include <string.h>

/* What came of a stream: all messages behind each other, and whether it was refused. */
struct outcome {
    struct lh_buf messages;
    size_t n;
    bool refused;
};

/* Every record of a message, and all that points into it. */
static void walk(lh_str payload)
{
    size_t at = 0;

    while (at < payload.n) {
        lh_auto(lh_buf) again = LH_BUF_INIT(SIZE_MAX / 2);
        struct lh_record r = {0};
        size_t begin = at;
        lh_str s;

        if (lh_record_get(payload, &at, &r, NULL))
            return;
        FUZZ_ASSERT(at > begin && at <= payload.n);
        for (size_t i = 0; i < LH_RECORD_STRS; i++)
            FUZZ_ASSERT(!r.str[i].p || !r.str[i].n ||
                        (r.str[i].p >= payload.p && r.str[i].p + r.str[i].n <= payload.p + at));
        lh_record_put(&again, &r);
        FUZZ_ASSERT(again.n == at - begin);
        FUZZ_ASSERT(memcmp(again.p, payload.p + begin, again.n) == 0);
        for (size_t i = 0; i < LH_LEN(r.list); i++)
            while (lh_list_next(&r.list[i], &s))
                FUZZ_ASSERT(!s.p || (s.p >= payload.p && s.p + s.n <= payload.p + at));
    }
}

static const struct lh_json *value_at(void *doc, uint32_t answer, uint32_t index)
{
    return answer == 1 ? lh_json_at(doc, index) : NULL;
}

/* Executes records of builders, quickly where that is possible or never; where it stops. */
static size_t build(lh_str records, bool quick, struct lh_json_doc *doc, struct lh_buf *ret)
{
    lh_autoptr(lh_out) o = lh_out_new((size_t)1 << 20, 64);
    struct lh_record r = {0};
    size_t at = 0;
    lh_str text = {NULL, 0};

    for (;;) {
        const struct lh_json *v = NULL;
        size_t begin;

        if (quick)
            at += lh_build_quick(o, lh_str_n(records.p + at, records.n - at), value_at, doc);
        begin = at;
        if (at == records.n || lh_record_get(records, &at, &r, NULL))
            break;
        if ((r.kind == LH_REC_JSON || r.kind == LH_REC_MEMBERS) &&
            (r.value.tag != LH_VALUE_REF || !(v = value_at(doc, r.value.doc, r.value.index)))) {
            at = begin;
            break;
        }
        if (!lh_build(o, &r, v)) {
            at = begin;
            break;
        }
    }
    lh_buf_z(ret, lh_out_failure(o) ? lh_out_failure(o) : "");
    if (!lh_out_finish(o, &text, NULL))
        lh_buf_str(ret, text);
    return at;
}

/* The quick way takes as much as the other, to the same end. */
static void walk_builder(lh_str payload)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_buf) slow = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) quick = LH_BUF_INIT(SIZE_MAX / 2);
    static const lh_str text = LH_STR_INIT("{\"a\":1,\"b\":{\"c\":[null,\"\\u20ac\"]},\"a\":2}");

    FUZZ_ASSERT(!lh_json_scan(doc, text, &lh_json_page_limits, NULL));
    FUZZ_ASSERT(build(payload, false, doc, &slow) == build(payload, true, doc, &quick));
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&slow), lh_buf_slice(&quick)));
}

/* An answer of http, as the worker takes it apart. */
static void walk_doc(lh_str payload)
{
    struct lh_doc_parts parts;

    if (lh_doc_parts(payload, &parts, NULL))
        return;
    FUZZ_ASSERT(parts.tape_at % 16 == 0);
    FUZZ_ASSERT(parts.body_at == parts.tape_at + 16 * ((size_t)parts.doc.entries + 1));
    FUZZ_ASSERT(parts.body_at <= payload.n);
    if (parts.doc.entries == parts.record.num[5])
        FUZZ_ASSERT(parts.body_at + parts.record.num[4] == payload.n);
}

static void take(struct outcome *to, const struct lh_message *m)
{
    lh_buf_char(&to->messages, (char)m->type);
    lh_buf_u64(&to->messages, m->call);
    lh_buf_str(&to->messages, m->payload);
    to->n++;
    walk(m->payload);
    walk_doc(m->payload);
}

static void run(lh_str stream, size_t piece, bool to_worker, struct outcome *ret)
{
    struct lh_inbox in = LH_INBOX_INIT(to_worker ? LH_FRAME_TO : LH_FRAME_FROM,
                                       to_worker ? (size_t)1 << 22 : (size_t)1 << 20);
    struct lh_message m;
    size_t at = 0;
    int got = 0;

    while (at < stream.n && got >= 0) {
        size_t room;
        char *to = lh_inbox_room(&in, &room);
        size_t n = stream.n - at < piece ? stream.n - at : piece;

        FUZZ_ASSERT(room > 0);
        n = n < room ? n : room;
        memcpy(to, stream.p + at, n);
        lh_inbox_got(&in, n);
        at += n;
        while ((got = lh_inbox_next(&in, &m, NULL)) > 0) {
            take(ret, &m);
            if (m.payload.n % 2)
                lh_room_give(&in.spare, lh_inbox_take(&in, &m));
        }
    }
    ret->refused = got < 0;
    lh_inbox_free(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = {.messages = LH_BUF_INIT(SIZE_MAX / 2)};
    struct outcome torn = {.messages = LH_BUF_INIT(SIZE_MAX / 2)};
    lh_str stream;

    if (size < 2)
        return 0;
    stream = lh_str_n((const char *)data + 1, size - 1);
    walk(stream);
    walk_builder(stream);
    walk_doc(stream);
    run(stream, stream.n, data[0] & 1, &whole);
    run(stream, 1 + data[0] / 2, data[0] & 1, &torn);
    FUZZ_ASSERT(whole.n == torn.n && whole.refused == torn.refused);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&whole.messages), lh_buf_slice(&torn.messages)));
    lh_buf_free(&whole.messages);
    lh_buf_free(&torn.messages);
    return 0;
}
