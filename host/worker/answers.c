/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http in a worker: requests travel as they are, answers come with their body and with a part of
 * the tape that the host has scanned. Values of them are named by reference; who walks into one
 * gets the entries that are missing from the host first.
 */
#include "config.h"

#include "worker/worker.h"

#include <stdlib.h>
#include <strings.h>

/* --- requests --------------------------------------------------------------------------------- */

/* Headers as name, value, name, value, ... in `flat`, which has room. */
static struct lh_list flatten(const struct lh_http_req *req, lh_str *flat)
{
    for (size_t i = 0; i < req->n_headers; i++) {
        flat[2 * i] = req->headers[i].name;
        flat[2 * i + 1] = req->headers[i].value;
    }
    return (struct lh_list){.items = flat, .n = (uint32_t)(2 * req->n_headers)};
}

/* More headers than that are refused by the host, which sees one more than it takes. */
#define HEADERS_MAX 1000u

/*
 * The members of a request, as many as it has: a struct that is too short is refused by the host,
 * so nothing beyond its end is looked at here.
 */
static struct lh_record request(uint32_t kind, const struct lh_http_req *req, lh_str **flat)
{
    struct lh_record r = {.kind = kind};

    if (!req)
        return r;
    r.num[0] = LH_HTTP_PRESENT;
    r.num[1] = req->struct_size;
    if (req->struct_size < 2 * sizeof(uint32_t))
        return r;
    r.num[2] = req->flags;
    if (req->struct_size < LH_SIZE_UPTO(struct lh_http_req, max_bytes))
        return r;
    r.num[3] = req->timeout_ms;
    r.num[4] = req->cache_ms;
    r.num[5] = req->max_bytes;
    r.str[0] = req->method;
    r.str[1] = req->url;
    r.str[2] = lh_worker_cut(req->body, lh_json_page_limits.max_bytes);
    r.str[3] = req->content_type;
    r.str[4] = req->bucket;
    r.str[5] = req->bucket_key;
    if (req->n_headers <= HEADERS_MAX) {
        *flat = lh_xcalloc(2 * req->n_headers + 1, sizeof **flat);
        r.list[0] = flatten(req, *flat);
    }
    return r;
}

/* --- answers ---------------------------------------------------------------------------------- */

static struct lh_worker_answer *find(const struct lh_worker *w, uint32_t id)
{
    struct lh_worker_answer *a = w->answers[id % LH_CALL_MAX_ANSWERS];

    return a && a->id == id ? a : NULL;
}

const struct lh_json *lh_worker_at(const struct lh_worker *w, uint32_t doc, uint32_t index)
{
    const struct lh_worker_answer *a = find(w, doc);

    return a ? lh_json_at(a->doc, index) : NULL;
}

/* Values of it are dead from now on; the memory is for what comes next. */
static void drop_doc(struct lh_worker_answer *a)
{
    lh_json_doc_destroy(lh_take(a->doc));
    lh_worker_drop_columns(a);
    lh_room_give(&a->worker->ch.in.spare, a->message);
    lh_room_give(&a->worker->spare, a->parts);
    a->message = a->parts = (struct lh_room){0};
}

/* Values that the connector still holds become "nothing" and stay readable for a while. */
static void empty(struct lh_worker_answer *a)
{
    struct lh_worker_answer **emptied = a->worker->emptied;

    lh_worker_clear_columns(a);
    lh_json_doc_clear(a->doc);
    if (emptied[LH_WORKER_EMPTIED - 1])
        drop_doc(emptied[LH_WORKER_EMPTIED - 1]);
    memmove(emptied + 1, emptied, (LH_WORKER_EMPTIED - 1) * sizeof(struct lh_worker_answer *));
    emptied[0] = a;
}

/* Ends what an answer stands for, as the host's service does. */
static void bury(struct lh_worker_answer *a)
{
    struct lh_worker *w = a->worker;

    w->answers[a->id % LH_CALL_MAX_ANSWERS] = NULL;
    a->before = w->gone;
    w->gone = a;
    a->released = true;
    free(lh_take(a->headers));
    a->n_headers = 0;
    a->resp = (struct lh_http_resp){.struct_size = sizeof a->resp,
                                    .body = LH_STR(""),
                                    .final_url = LH_STR(""),
                                    .retry_after_ms = -1};
    if (a->doc)
        empty(a);
    else
        drop_doc(a);
}

static void free_list(struct lh_worker_answer *list)
{
    while (list) {
        struct lh_worker_answer *before = list->before;

        for (size_t i = 0; i < LH_WORKER_EMPTIED; i++)
            if (list->worker->emptied[i] == list)
                list->worker->emptied[i] = NULL;
        drop_doc(list);
        free(list);
        list = before;
    }
}

/* Values of headers end in NUL; the memory is the call's. */
static void take_headers(struct lh_worker_answer *a, struct lh_arena *arena, struct lh_list list)
{
    lh_str name;
    lh_str value;

    a->headers = lh_xcalloc(list.n / 2 + 1, sizeof *a->headers);
    while (lh_list_next(&list, &name) && lh_list_next(&list, &value))
        a->headers[a->n_headers++] =
            (struct lh_header){lh_arena_str(arena, name), lh_arena_str(arena, value)};
}

/* What comes in parts gets room for all of it; false when the skeleton is none. */
static bool lay_out(struct lh_worker_answer *a, lh_str message, const struct lh_doc_parts *parts)
{
    size_t tape = ((size_t)a->room.n + 1) * sizeof(struct lh_json);
    size_t from = parts->tape_at + sizeof(struct lh_json);

    a->parts = lh_room_take(&a->worker->spare, tape + a->room.text_n);
    a->room.memory = a->parts.p;
    a->room.text = (char *)a->parts.p + tape;
    return lh_json_lay(&a->room, 0, lh_str_n(message.p + from, message.n - from),
                       parts->doc.entries, LH_JSON_SKELETON);
}

/* Makes a document out of the parts. What came whole stays where it is. */
static bool adopt(struct lh_worker_answer *a, lh_str message, const struct lh_doc_parts *parts)
{
    const struct lh_json_shape shape = {
        .depth = parts->doc.depth,
        .duplicate = parts->doc.duplicate,
        .spaced = parts->doc.spaced != 0,
    };

    a->room = (struct lh_json_room){
        .memory = (struct lh_json *)(void *)((char *)a->message.p + parts->tape_at),
        .n = (uint32_t)parts->record.num[5],
        .text = (char *)a->message.p + parts->body_at,
        .text_n = (size_t)parts->record.num[4],
    };
    if (parts->doc.entries < a->room.n && !lay_out(a, message, parts))
        return false;
    a->doc = lh_json_doc_new();
    lh_json_set_mark(a->doc, a, lh_worker_fill);
    lh_json_adopt(a->doc, lh_str_n(a->room.text, a->room.text_n), a->room.memory, a->room.n, shape);
    a->resp.json = lh_json_root(a->doc);
    return true;
}

/* What the host sends because a page before needed it. */
static bool take_parts(struct lh_call *c, struct lh_worker_answer *a, uint32_t n)
{
    bool fine = true;

    while (fine && n--) {
        struct lh_message m = lh_worker_receive(c);

        fine = lh_worker_take_part(a, &m);
    }
    return fine;
}

/* False when the host sent something else: there is no way on. */
static bool take_answer(struct lh_call *c, const struct lh_message *m,
                        const struct lh_http_resp **ret)
{
    struct lh_room message = lh_inbox_take(&c->worker->ch.in, m);
    struct lh_worker_answer *a;
    struct lh_doc_parts parts;

    if (lh_doc_parts(lh_str_n(message.p, m->payload.n), &parts, NULL) || !parts.record.num[0]) {
        free(message.p);
        return false;
    }
    a = c->worker->answers[parts.record.num[0] % LH_CALL_MAX_ANSWERS];
    if (a)
        bury(a);
    a = lh_xcalloc(1, sizeof *a);
    c->worker->answers[parts.record.num[0] % LH_CALL_MAX_ANSWERS] = a;
    a->worker = c->worker;
    a->message = message;
    a->id = (uint32_t)parts.record.num[0];
    a->resp = (struct lh_http_resp){
        .struct_size = sizeof a->resp,
        .status = (int32_t)(int64_t)parts.record.num[1],
        .final_url = lh_arena_str(&c->worker->given, parts.record.str[0]),
        .retry_after_ms = (int64_t)parts.record.num[3],
        .attempts = (uint32_t)parts.record.num[2],
        .flags = (uint32_t)(parts.record.num[2] >> 32),
    };
    take_headers(a, &c->worker->given, parts.record.list[0]);
    *ret = &a->resp;
    if (parts.record.num[5])
        return adopt(a, lh_str_n(message.p, m->payload.n), &parts) &&
               take_parts(c, a, parts.doc.parts);
    a->resp.body = lh_str_n((char *)message.p + parts.body_at, (size_t)parts.record.num[4]);
    return true;
}

static int ask(lh_call *c, const struct lh_record *record, const struct lh_http_resp **ret)
{
    struct lh_message m = {0};
    int rc = lh_worker_ask(c, record, NULL, &m);

    if (!m.type)
        return rc;
    return take_answer(c, &m, ret) ? LH_OK : LH_E_INTERNAL;
}

/* --- services --------------------------------------------------------------------------------- */

/* The answer that a connector means; NULL when it is none, or was released. */
static struct lh_worker_answer *answer_of(const struct lh_call *c, const struct lh_http_resp *resp)
{
    for (size_t i = 0; resp && i < LH_CALL_MAX_ANSWERS; i++) {
        struct lh_worker_answer *a = c->worker->answers[i];

        if (a && &a->resp == resp && !a->released)
            return a;
    }
    return NULL;
}

static uint32_t find_gone(const struct lh_worker_answer *list, const struct lh_http_resp *resp)
{
    for (; list; list = list->before)
        if (&list->resp == resp)
            return list->id;
    return 0;
}

/*
 * What the host is told of the answer that a connector means. One that is none, or is gone, has a
 * name as well: the host says what is wrong with it.
 */
static uint32_t name_of(lh_call *c, const struct lh_http_resp *resp)
{
    const struct lh_worker_answer *a = answer_of(c, resp);
    uint32_t id;

    if (a || !resp)
        return a ? a->id : 0;
    if (c->worker->n_released) {
        lh_recorders_yield(c);
        lh_answers_settle(c);
    }
    id = find_gone(c->worker->gone, resp);
    if (!id)
        id = find_gone(c->worker->over, resp);
    return id ? id : LH_ANSWER_OTHER;
}

int lh_worker_http(lh_call *c, const struct lh_http_req *req, const struct lh_http_resp **ret)
{
    int rc = lh_worker_enter(c, "http");
    lh_str *flat lh_autofree = NULL;
    const struct lh_http_resp *resp = NULL;
    struct lh_record record;

    if (ret)
        *ret = NULL;
    if (rc < 0)
        return rc;
    record = request(LH_REC_HTTP, req, &flat);
    if (!ret)
        record.num[0] |= LH_HTTP_NO_PLACE;
    rc = ask(c, &record, &resp);
    if (ret)
        *ret = resp;
    return rc;
}

void lh_worker_http_prefetch(lh_call *c, const struct lh_http_req *req)
{
    lh_str *flat lh_autofree = NULL;
    struct lh_record record;

    if (lh_worker_enter(c, "http_prefetch") < 0)
        return;
    record = request(LH_REC_PREFETCH, req, &flat);
    lh_worker_tell(c, &record);
}

int lh_worker_http_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                         const struct lh_http_resp **ret)
{
    int rc = lh_worker_enter(c, "http_again");
    const struct lh_http_resp *next = NULL;
    struct lh_record record;

    if (ret)
        *ret = NULL;
    if (rc < 0)
        return rc;
    record = (struct lh_record){.kind = LH_REC_AGAIN,
                                .num = {name_of(c, resp), (uint64_t)wait_ms, !ret},
                                .str = {lh_worker_cut(why, LH_BUF_TEXT)}};
    rc = ask(c, &record, &next);
    if (ret)
        *ret = next;
    return rc;
}

int lh_worker_http_fail(lh_call *c, const struct lh_http_resp *resp)
{
    int rc = lh_worker_enter(c, "http_fail");
    struct lh_record record;

    if (rc < 0)
        return rc;
    record = (struct lh_record){.kind = LH_REC_HTTP_FAIL, .num = {name_of(c, resp)}};
    return lh_worker_ask(c, &record, NULL, NULL);
}

static void tell_id(lh_call *c, uint32_t kind, uint32_t id)
{
    const struct lh_record record = {.kind = kind, .num = {id}};

    lh_worker_tell(c, &record);
}

static void release(lh_call *c, struct lh_worker_answer *a)
{
    bury(a);
    tell_id(c, LH_REC_RELEASE, a->id);
}

/* What a builder refers to lives until its calls have gone to the host. */
void lh_worker_http_release(lh_call *c, const struct lh_http_resp *resp)
{
    struct lh_worker_answer *a;

    if (lh_worker_enter(c, "http_release") < 0)
        return;
    a = answer_of(c, resp);
    if (!a) {
        tell_id(c, LH_REC_RELEASE, name_of(c, resp));
    } else if (lh_recorders_refer(c)) {
        a->released = true;
        c->worker->n_released++;
    } else {
        release(c, a);
    }
}

void lh_answers_settle(struct lh_call *c)
{
    if (!c->worker->n_released || lh_recorders_refer(c))
        return;
    c->worker->n_released = 0;
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++)
        if (c->worker->answers[i] && c->worker->answers[i]->released)
            release(c, c->worker->answers[i]);
}

void lh_answers_reset(struct lh_worker *w)
{
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++)
        if (w->answers[i])
            bury(w->answers[i]);
    w->n_released = 0;
    free_list(w->over);
    w->over = lh_take(w->gone);
}

void lh_answers_free(struct lh_worker *w)
{
    lh_answers_reset(w);
    free_list(lh_take(w->over));
}

/* The host says what is wrong with asking an answer that is gone. */
static void tell_header(const struct lh_worker_answer *a)
{
    struct lh_call *c = a->worker->running;

    if (c && lh_worker_enter(c, "http_header") >= 0)
        tell_id(c, LH_REC_HEADER, name_of(c, &a->resp));
}

lh_str lh_worker_http_header(const struct lh_http_resp *resp, const char *name)
{
    const struct lh_worker_answer *a = (const struct lh_worker_answer *)resp;
    size_t n = name ? strlen(name) : 0;

    if (!a || !name)
        return LH_STR("");
    if (a->released)
        tell_header(a);
    for (size_t i = 0; i < a->n_headers; i++)
        if (a->headers[i].name.n == n && strncasecmp(a->headers[i].name.p, name, n) == 0)
            return a->headers[i].value;
    return LH_STR("");
}
