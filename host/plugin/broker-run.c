/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executes what a worker says, record by record, through the host's table. Arguments are made again
 * as the connector gave them; the services judge them. What only a broken worker can say (a
 * reference to nothing, a question in the middle) is no rule of the interface and ends it.
 */
#include "config.h"

#include "plugin/broker_internal.h"

#include "worker/wire.h"

#include <stdlib.h>

/* One record on its way; `e` says why it is not right. */
struct step {
    struct lh_link *link;
    const struct lh_host *host;
    struct lh_call *call;
    struct lh_sink *sink;
    const struct lh_record *r;
    struct lh_error *e;
};

/* --- values ----------------------------------------------------------------------------------- */

static int wrong(const struct step *s, const char *what)
{
    return lh_error_set(s->e, LH_BAD_PLUGIN, "%s: %s", lh_record_name(s->r->kind), what);
}

static const struct lh_http_resp *answer_of(const struct lh_link *link, uint64_t id)
{
    const struct lh_link_answer *a = &link->answers[id % LH_CALL_MAX_ANSWERS];

    return id && a->id == id ? a->resp : NULL;
}

static const struct lh_json_doc *document_of(const struct lh_link *link, uint64_t id)
{
    const struct lh_http_resp *resp = answer_of(link, id);

    return resp && resp->json ? lh_json_owner(resp->json) : NULL;
}

static const struct lh_http_resp *given(const struct lh_link_given *list, uint64_t id)
{
    for (size_t i = list->n; i-- > 0;)
        if (list->items[i].id == id)
            return list->items[i].resp;
    return NULL;
}

/*
 * The answer that a record names, as the connector gave it: also NULL, what is none, and one that
 * is gone. The service says what is wrong with it, and compares no more than pointers.
 */
static int named(const struct step *s, const struct lh_http_resp **ret)
{
    static const struct lh_http_resp other = {0};
    uint64_t id = s->r->num[0];
    const struct lh_http_resp *resp = id == LH_ANSWER_OTHER ? &other : answer_of(s->link, id);

    if (!resp)
        resp = given(&s->link->given, id);
    if (!resp)
        resp = given(&s->link->before, id);
    if (id && !resp)
        return wrong(s, "an answer that is not there");
    *ret = resp;
    return 0;
}

/* The value that a record names; *ret is NULL for none. */
static int value_of(const struct step *s, const struct lh_json **ret)
{
    const struct lh_value *v = &s->r->value;
    const struct lh_json_doc *doc;

    *ret = NULL;
    if (v->tag == LH_VALUE_NONE)
        return 0;
    if (v->tag == LH_VALUE_GONE) {
        *ret = lh_build_nothing(s->link->text);
        return 0;
    }
    if (v->tag == LH_VALUE_TEXT) {
        if (lh_json_scan(s->link->text, v->text, &lh_json_page_limits, NULL))
            return wrong(s, "a value that is no JSON");
        *ret = lh_json_root(s->link->text);
        return 0;
    }
    doc = document_of(s->link, v->doc);
    if (!doc)
        return wrong(s, "a reference to an answer that is not there");
    *ret = lh_json_at(doc, v->index);
    return *ret ? 0 : wrong(s, "a reference beyond the end of an answer");
}

/* The strings of a list as an array; the caller frees it. */
static lh_str *array_of(struct lh_list list)
{
    lh_str *items = lh_xcalloc((size_t)list.n + 1, sizeof *items);

    for (size_t i = 0; lh_list_next(&list, &items[i]); i++)
        ;
    return items;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answer(struct lh_link *link, int rc, lh_str text)
{
    const struct lh_record record = {
        .kind = LH_REC_ANSWER,
        .num = {(uint64_t)(int64_t)rc, (uint64_t)(int64_t)link->call->stop},
        .str = {text},
    };

    lh_link_send(link, &record);
}

/* A place for one more answer; NULL when the call holds as many as it may. */
static struct lh_link_answer *free_place(struct lh_link *link)
{
    for (uint32_t i = 0; i < LH_CALL_MAX_ANSWERS; i++) {
        uint32_t last = link->n_answers;
        uint32_t id = link->n_answers = last + 1 == LH_ANSWER_OTHER ? 1 : last + 1;
        struct lh_link_answer *a = &link->answers[id % LH_CALL_MAX_ANSWERS];

        if (a->id)
            continue;
        a->id = id;
        return a;
    }
    return NULL;
}

static struct lh_http_req request_of(const struct lh_record *r, const struct lh_header *headers)
{
    return (struct lh_http_req){
        .struct_size = (uint32_t)r->num[1],
        .flags = (uint32_t)r->num[2],
        .timeout_ms = (uint32_t)r->num[3],
        .cache_ms = (uint32_t)r->num[4],
        .max_bytes = r->num[5],
        .method = r->str[0],
        .url = r->str[1],
        .body = r->str[2],
        .content_type = r->str[3],
        .bucket = r->str[4],
        .bucket_key = r->str[5],
        .headers = headers,
        .n_headers = r->list[0].n / 2,
    };
}

static struct lh_header *headers_of(struct lh_list list)
{
    struct lh_header *headers = lh_xcalloc((size_t)list.n / 2 + 1, sizeof *headers);

    for (size_t i = 0; list.n >= 2; i++) {
        lh_list_next(&list, &headers[i].name);
        lh_list_next(&list, &headers[i].value);
    }
    return headers;
}

void lh_link_forget(struct lh_link *link)
{
    struct lh_link_given spare = link->before;

    link->before = link->given;
    spare.n = 0;
    link->given = spare;
}

static void remember(struct lh_link_given *list, struct lh_link_answer answer)
{
    if (list->n == list->cap) {
        list->cap = list->cap ? 2 * list->cap : LH_CALL_MAX_ANSWERS;
        list->items = lh_xrealloc(list->items, list->cap, sizeof *list->items);
    }
    list->items[list->n++] = answer;
}

/* http and http_again: what the service answered, as a document or as a code. */
static int give_answer(const struct step *s, struct lh_link_answer *place, int rc,
                       const struct lh_http_resp *resp)
{
    if (rc || !resp) {
        place->id = 0;
        answer(s->link, rc, LH_STR(""));
        return 0;
    }
    place->resp = resp;
    remember(&s->link->given, *place);
    lh_link_send_answer(s->link, place->id, resp);
    return 0;
}

static int run_http(const struct step *s)
{
    const struct lh_record *r = s->r;
    struct lh_header *headers lh_autofree = headers_of(r->list[0]);
    const struct lh_http_req req = request_of(r, headers);
    const struct lh_http_resp *resp = NULL;
    struct lh_link_answer *place;
    int rc;

    if (r->kind == LH_REC_PREFETCH) {
        s->host->http_prefetch(s->call, r->num[0] ? &req : NULL);
        return 0;
    }
    if (!(place = free_place(s->link))) {
        rc = lh_call_limit(s->call, LH_SAY_ANSWERS, LH_CALL_MAX_ANSWERS);
        answer(s->link, rc, LH_STR(""));
        return 0;
    }
    rc = s->host->http(s->call, r->num[0] & LH_HTTP_PRESENT ? &req : NULL,
                       r->num[0] & LH_HTTP_NO_PLACE ? NULL : &resp);
    return give_answer(s, place, rc, resp);
}

static int run_again(const struct step *s)
{
    const struct lh_http_resp *old = NULL;
    const struct lh_http_resp *resp = NULL;
    struct lh_link_answer *place;
    int rc;

    if (named(s, &old))
        return LH_BAD_PLUGIN;
    if (!(place = free_place(s->link))) {
        rc = lh_call_limit(s->call, LH_SAY_ANSWERS, LH_CALL_MAX_ANSWERS);
        answer(s->link, rc, LH_STR(""));
        return 0;
    }
    rc = s->host->http_again(s->call, old, (int64_t)s->r->num[1], s->r->str[0],
                             s->r->num[2] ? NULL : &resp);
    return give_answer(s, place, rc, resp);
}

static int run_answers(const struct step *s)
{
    struct lh_link_answer *place = &s->link->answers[s->r->num[0] % LH_CALL_MAX_ANSWERS];
    const struct lh_http_resp *resp = NULL;

    if (named(s, &resp))
        return LH_BAD_PLUGIN;
    if (s->r->kind == LH_REC_HEADER) {
        lh_service_http_misused(s->call, "http_header", resp);
        return 0;
    }
    if (s->r->kind == LH_REC_HTTP_FAIL) {
        answer(s->link, s->host->http_fail(s->call, resp), LH_STR(""));
        return 0;
    }
    s->host->http_release(s->call, resp);
    if (place->id == s->r->num[0])
        *place = (struct lh_link_answer){0};
    return 0;
}

/* A part of an answer that the worker did not get with it. */
static int run_fetch(const struct step *s)
{
    const char *what = lh_link_fetch(s->link, answer_of(s->link, s->r->num[0]), s->r);

    return what ? wrong(s, what) : 0;
}

/* --- the part "call" -------------------------------------------------------------------------- */

static int run_call(const struct step *s)
{
    const struct lh_record *r = s->r;
    const struct lh_host *host = s->host;
    int code = (int)(int64_t)r->num[0];
    int64_t now_ms;

    switch (r->kind) {
    case LH_REC_FAIL:
        host->fail(s->call, code, r->str[0]);
        break;
    case LH_REC_NOTE:
        if (lh_call_enter(s->call, "note") >= 0)
            lh_call_note(s->call, code == LH_E_LIMIT ? LH_E_LIMIT : LH_E_DATA, "%.*s",
                         LH_STR_ARG(r->str[0]));
        break;
    case LH_REC_LIMIT:
        lh_call_limit(s->call, "%.*s", LH_STR_ARG(r->str[0]));
        break;
    case LH_REC_LOG:
        host->log(s->call, code, r->str[0]);
        break;
    case LH_REC_PROGRESS:
        host->progress(s->call, r->str[0], r->num[0], r->num[1]);
        break;
    case LH_REC_PARTIAL:
        answer(s->link, host->partial(s->call, code, r->str[0], r->str[1]), LH_STR(""));
        break;
    case LH_REC_SLEEP:
        answer(s->link, host->sleep_ms(s->call, (uint32_t)r->num[0]), LH_STR(""));
        break;
    case LH_REC_NOW:
        now_ms = host->now_ms(s->call);
        answer(s->link, 0, lh_str_n((const char *)&now_ms, sizeof now_ms));
        break;
    default: /* LH_REC_BASE_URL */
        answer(s->link, 0, host->base_url(s->call));
    }
    return 0;
}

/* --- the part "catalog" ----------------------------------------------------------------------- */

static int run_table(const struct step *s)
{
    const struct lh_record *r = s->r;
    lh_str *ns lh_autofree = array_of(r->list[0]);
    const struct lh_table table = {
        .struct_size = (uint32_t)r->num[1],
        .flags = (uint32_t)r->num[2],
        .name = r->str[0],
        .id = r->str[1],
        .category = r->str[2],
        .comment = r->str[3],
        .ns = ns,
        .n_ns = r->list[0].n,
    };

    s->host->add_table(s->sink, r->num[0] ? &table : NULL);
    return 0;
}

static int run_field(const struct step *s)
{
    const struct lh_record *r = s->r;
    const struct lh_field field = {
        .struct_size = (uint32_t)r->num[1],
        .flags = (uint32_t)r->num[2],
        .name = r->str[0],
        .type = r->str[1],
        .comment = r->str[2],
    };
    const struct lh_field *given = r->num[0] ? &field : NULL;

    if (r->kind == LH_REC_FIELD)
        s->host->add_field(s->sink, given);
    else
        s->host->field_begin(s->sink, given);
    return 0;
}

static int run_meta(const struct step *s)
{
    const struct lh_record *r = s->r;
    lh_str *keys lh_autofree = array_of(r->list[0]);
    const struct lh_meta meta = {
        .struct_size = (uint32_t)r->num[1],
        .flags = (uint32_t)r->num[2],
        .ingestion = (uint32_t)r->num[3],
        .reserved = (uint32_t)r->num[4],
        .keys = keys,
        .n_keys = r->list[0].n,
        .cursor = r->str[0],
        .category = r->str[1],
    };

    s->host->set_meta(s->sink, r->num[0] ? &meta : NULL);
    return 0;
}

static int run_catalog(const struct step *s)
{
    const struct lh_record *r = s->r;
    const struct lh_json *v = NULL;

    if (r->kind == LH_REC_NAMESPACE) {
        lh_str *path lh_autofree = array_of(r->list[0]);

        s->host->add_namespace(s->sink, path, r->list[0].n);
    } else if (r->kind == LH_REC_END_FIELD) {
        s->host->field_end(s->sink);
    } else if (r->kind == LH_REC_STEP) {
        s->host->add_step(s->sink, r->str[0], (int)(int64_t)r->num[0], r->str[1]);
    } else {
        char *name lh_autofree = lh_xmemdup0(r->str[0].n ? r->str[0].p : "", r->str[0].n);

        if (value_of(s, &v))
            return LH_BAD_PLUGIN;
        s->host->set_prop(s->sink, name, v);
    }
    return 0;
}

/* --- the part "data" -------------------------------------------------------------------------- */

/* A row, and as many behind it. */
static int run_row(const struct step *s, const struct lh_json *v)
{
    for (uint64_t n = s->r->num[1]; n; n--) {
        s->host->row(s->sink, (uint32_t)s->r->num[0], v);
        if (n > 1 && !(v = lh_json_after(v)))
            return wrong(s, "a reference beyond the end of an answer");
    }
    return 0;
}

static int run_data(const struct step *s)
{
    const struct lh_record *r = s->r;
    const struct lh_json *v = NULL;

    switch (r->kind) {
    case LH_REC_ROW_TEXT:
        s->host->row_text(s->sink, (uint32_t)r->num[0], r->str[0]);
        return 0;
    case LH_REC_ROW_OUT:
        s->host->row_out(s->sink, (uint32_t)r->num[0], r->num[0] >> 32 ? NULL : s->link->out);
        return 0;
    default:
        break;
    }
    if (value_of(s, &v))
        return LH_BAD_PLUGIN;
    switch (r->kind) {
    case LH_REC_ROW:
        return run_row(s, v);
    case LH_REC_ROWS:
        s->host->rows(s->sink, (uint32_t)r->num[0], v);
        break;
    case LH_REC_CHECKPOINT:
        s->call->holds_enough = r->num[0] != 0;
        answer(s->link, s->host->checkpoint(s->sink, v), LH_STR(""));
        break;
    default: /* LH_REC_PARTITION */
        s->host->add_partition(s->sink, v, r->num[0]);
    }
    return 0;
}

/* The builder of this place; those before it come first, as the connector had them. */
static int select_builder(const struct step *s)
{
    struct lh_link *link = s->link;
    uint64_t number = s->r->num[0];

    if (number >= LH_CALL_MAX_OUTS)
        return wrong(s, "a builder that is not there");
    while (link->n_outs <= number)
        link->outs[link->n_outs++] = s->host->out_new(s->call);
    link->out = link->outs[number];
    return 0;
}

static int run_builder(const struct step *s)
{
    const struct lh_json *v = NULL;

    if (s->r->kind == LH_REC_OUT)
        return select_builder(s);
    if ((s->r->kind == LH_REC_JSON || s->r->kind == LH_REC_MEMBERS) && value_of(s, &v))
        return LH_BAD_PLUGIN;
    /* what came as text was scanned just now */
    lh_build(s->link->out, s->r, v);
    return 0;
}

static const struct lh_json *referred(void *arg, uint32_t doc, uint32_t index)
{
    return lh_json_at(document_of(arg, doc), index);
}

/* Rows of a builder, one after the other, until something else comes; how many bytes that was. */
static size_t run_quick(const struct step *s, lh_str records)
{
    lh_out *o = s->link->out;
    size_t at = 0;

    for (;;) {
        at += lh_build_quick(o, lh_str_n(records.p + at, records.n - at), referred, s->link);
        if (records.n - at < 9 || (uint8_t)records.p[at] != LH_REC_ROW_OUT)
            return at;
        s->host->row_out(s->sink, lh_wire_get32(records.p + at + 1),
                         lh_wire_get32(records.p + at + 5) ? NULL : o);
        at += 9;
    }
}

/* --- records ---------------------------------------------------------------------------------- */

static int (*const runs[LH_REC_KINDS])(const struct step *) = {
    [LH_REC_FAIL] = run_call,         [LH_REC_NOTE] = run_call,
    [LH_REC_LIMIT] = run_call,        [LH_REC_LOG] = run_call,
    [LH_REC_PROGRESS] = run_call,     [LH_REC_PARTIAL] = run_call,
    [LH_REC_SLEEP] = run_call,        [LH_REC_BASE_URL] = run_call,
    [LH_REC_HTTP] = run_http,         [LH_REC_PREFETCH] = run_http,
    [LH_REC_AGAIN] = run_again,       [LH_REC_HTTP_FAIL] = run_answers,
    [LH_REC_RELEASE] = run_answers,   [LH_REC_FETCH] = run_fetch,
    [LH_REC_NAMESPACE] = run_catalog, [LH_REC_TABLE] = run_table,
    [LH_REC_FIELD] = run_field,       [LH_REC_BEGIN_FIELD] = run_field,
    [LH_REC_END_FIELD] = run_catalog, [LH_REC_META] = run_meta,
    [LH_REC_PROP] = run_catalog,      [LH_REC_STEP] = run_catalog,
    [LH_REC_ROW] = run_data,          [LH_REC_ROWS] = run_data,
    [LH_REC_ROW_TEXT] = run_data,     [LH_REC_ROW_OUT] = run_data,
    [LH_REC_CHECKPOINT] = run_data,   [LH_REC_PARTITION] = run_data,
    [LH_REC_OUT] = run_builder,       [LH_REC_BEGIN] = run_builder,
    [LH_REC_END] = run_builder,       [LH_REC_KEY] = run_builder,
    [LH_REC_STR] = run_builder,       [LH_REC_INT] = run_builder,
    [LH_REC_RAW] = run_builder,       [LH_REC_JSON] = run_builder,
    [LH_REC_MEMBERS] = run_builder,   [LH_REC_DONE] = run_builder,
    [LH_REC_HEADER] = run_answers,    [LH_REC_NOW] = run_call,
};

int lh_link_execute(struct lh_link *link, lh_str records, bool *ret_returned,
                    struct lh_record *ret_return, struct lh_error *e)
{
    struct lh_record r = {0};
    const struct step s = {
        .link = link,
        .host = link->broker->host,
        .call = link->call,
        .sink = &link->call->sink,
        .r = &r,
        .e = e,
    };
    size_t at = 0;

    *ret_returned = false;
    while (at < records.n) {
        if (lh_record_get(records, &at, &r, e))
            return LH_BAD_PLUGIN;
        if (lh_record_asks(r.kind) && at < records.n)
            return wrong(&s, "something follows it before it was answered");
        if (r.kind == LH_REC_RETURN) {
            *ret_returned = true;
            *ret_return = r;
        } else if (!runs[r.kind]) {
            return wrong(&s, "it has no place in a call");
        } else if (runs[r.kind](&s)) {
            return LH_BAD_PLUGIN;
        }
        if (runs[r.kind] == run_builder || r.kind == LH_REC_ROW_OUT)
            at += run_quick(&s, lh_str_n(records.p + at, records.n - at));
    }
    return 0;
}
