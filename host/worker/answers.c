/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http in a worker: requests travel as they are, answers come with their body and with the tape
 * that the host has scanned, so that values of them are walked here and named by reference.
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
    r.num[0] = 1;
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
    const struct lh_worker_answer *a = &w->answers[id % LH_CALL_MAX_ANSWERS];

    return id && a->id == id ? (struct lh_worker_answer *)(uintptr_t)a : NULL;
}

const struct lh_json *lh_worker_at(const struct lh_worker *w, uint32_t doc, uint32_t index)
{
    const struct lh_worker_answer *a = find(w, doc);

    return a ? lh_json_at(a->doc, index) : NULL;
}

static void free_answer(struct lh_worker_answer *a)
{
    lh_json_doc_destroy(a->doc);
    free(a->headers);
    free(a->message);
    *a = (struct lh_worker_answer){0};
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

/* Makes a document out of the parts where they lie. */
static void adopt(struct lh_worker_answer *a, const struct lh_doc_parts *parts)
{
    const struct lh_json_shape shape = {
        .depth = parts->doc.depth,
        .duplicate = parts->doc.duplicate,
        .spaced = parts->doc.spaced != 0,
    };
    char *message = a->message;

    a->doc = lh_json_doc_new();
    lh_json_set_mark(a->doc, a->id);
    lh_json_adopt(
        a->doc, lh_str_n(message + parts->body_at + parts->doc.text_at, (size_t)parts->doc.text_n),
        (struct lh_json *)(void *)(message + parts->tape_at), (uint32_t)parts->record.num[5],
        shape);
}

/* False when the host sent something else: there is no way on. */
static bool take_answer(struct lh_call *c, lh_str payload, void *memory,
                        const struct lh_http_resp **ret)
{
    struct lh_worker_answer *a;
    struct lh_doc_parts parts;
    /* memory of malloc is aligned for a tape, a place in the inbox is not */
    void *message = memory ? memory : lh_xmemdup0(payload.p, payload.n);

    if (lh_doc_parts(lh_str_n(message, payload.n), &parts, NULL) || !parts.record.num[0]) {
        free(message);
        return false;
    }
    a = &c->worker->answers[parts.record.num[0] % LH_CALL_MAX_ANSWERS];
    free_answer(a);
    a->message = message;
    a->id = (uint32_t)parts.record.num[0];
    a->resp = (struct lh_http_resp){
        .struct_size = sizeof a->resp,
        .status = (int32_t)(int64_t)parts.record.num[1],
        .body = lh_str_n((char *)message + parts.body_at, (size_t)parts.record.num[4]),
        .final_url = lh_arena_str(&c->worker->given, parts.record.str[0]),
        .retry_after_ms = (int64_t)parts.record.num[3],
        .attempts = (uint32_t)parts.record.num[2],
        .flags = (uint32_t)(parts.record.num[2] >> 32),
    };
    take_headers(a, &c->worker->given, parts.record.list[0]);
    if (parts.record.num[5])
        adopt(a, &parts);
    a->resp.json = lh_json_root(a->doc);
    *ret = &a->resp;
    return true;
}

static int ask(lh_call *c, const struct lh_record *record, const struct lh_http_resp **ret)
{
    void *memory = NULL;
    lh_str doc;
    int rc = lh_worker_ask(c, record, NULL, &doc, &memory);

    if (rc != 1)
        return rc;
    return take_answer(c, doc, memory, ret) ? LH_OK : LH_E_INTERNAL;
}

/* --- services --------------------------------------------------------------------------------- */

/* The answer that a connector means; NULL when it is none, or was released. */
static struct lh_worker_answer *answer_of(lh_call *c, const struct lh_http_resp *resp)
{
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++) {
        struct lh_worker_answer *a = &c->worker->answers[i];

        if (&a->resp == resp && a->id && !a->released)
            return a;
    }
    return NULL;
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
    const struct lh_worker_answer *a;
    struct lh_record record;

    if (ret)
        *ret = NULL;
    if (rc < 0)
        return rc;
    a = answer_of(c, resp);
    record = (struct lh_record){.kind = LH_REC_AGAIN,
                                .num = {a ? a->id : 0, (uint64_t)wait_ms},
                                .str = {lh_worker_cut(why, LH_BUF_TEXT)}};
    rc = ask(c, &record, &next);
    if (ret)
        *ret = next;
    return rc;
}

int lh_worker_http_fail(lh_call *c, const struct lh_http_resp *resp)
{
    int rc = lh_worker_enter(c, "http_fail");
    const struct lh_worker_answer *a;
    struct lh_record record;

    if (rc < 0)
        return rc;
    a = answer_of(c, resp);
    record = (struct lh_record){.kind = LH_REC_HTTP_FAIL, .num = {a ? a->id : 0}};
    return lh_worker_ask(c, &record, NULL, NULL, NULL);
}

static void release(lh_call *c, struct lh_worker_answer *a)
{
    const struct lh_record record = {.kind = LH_REC_RELEASE, .num = {a->id}};

    free_answer(a);
    lh_worker_tell(c, &record);
}

/* What a builder refers to lives until its calls have gone to the host. */
void lh_worker_http_release(lh_call *c, const struct lh_http_resp *resp)
{
    struct lh_worker_answer *a;

    if (lh_worker_enter(c, "http_release") < 0 || !(a = answer_of(c, resp)))
        return;
    if (lh_recorders_refer(c)) {
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
        if (c->worker->answers[i].released)
            release(c, &c->worker->answers[i]);
}

void lh_answers_reset(struct lh_worker *w)
{
    for (size_t i = 0; i < LH_CALL_MAX_ANSWERS; i++)
        if (w->answers[i].id)
            free_answer(&w->answers[i]);
    w->n_released = 0;
}

lh_str lh_worker_http_header(const struct lh_http_resp *resp, const char *name)
{
    const struct lh_worker_answer *a = (const struct lh_worker_answer *)resp;
    size_t n = name ? strlen(name) : 0;

    for (size_t i = 0; a && name && i < a->n_headers; i++)
        if (a->headers[i].name.n == n && strncasecmp(a->headers[i].name.p, name, n) == 0)
            return a->headers[i].value;
    return LH_STR("");
}
