/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the part "http": the only entrance of connectors to host/http/. Rules 7, 12 and
 * 16 to 19 are enforced here.
 *
 * What a connector gets of an answer is a handle. Released handles, and those of a call that is
 * over, stay as tombstones until the next call has ended, so that their use is a broken rule with a
 * name and never undefined.
 */
#include "config.h"

#include "http/http.h"
#include "plugin/service_internal.h"

#include <stdlib.h>

#define HANDLES_AT_ONCE 64u
#define IDLE_DOCS_LEAST 2u /* so that what was just released is not used again at once */

enum handle_state { HANDLE_UNUSED, HANDLE_ALIVE, HANDLE_RELEASED, HANDLE_OVER };

struct handle {
    struct lh_answer answer; /* first: the connector's pointer is ours */
    enum handle_state state;
    struct lh_http_budget budget;
    struct lh_instance *instance;
    struct lh_http_answer *from; /* from here on only of one that is alive */
    struct lh_http_request *request;
    struct lh_json_doc *doc;
};

struct handles {
    struct handles *before;
    size_t n;
    struct handle items[HANDLES_AT_ONCE];
};

struct lh_instance_http {
    struct lh_http_session *session;
    struct handles *now, *over; /* of the call that runs, of the last one; newest first */
    struct lh_json_doc *idle[LH_CALL_MAX_ANSWERS]; /* used in turn */
    size_t n_idle;
    uint64_t n_requests;
    uint64_t *of_limits; /* the same for each limit of the spec */
};

/* --- handles ---------------------------------------------------------------------------------- */

static struct handle *find(struct handles *list, const struct lh_http_resp *resp)
{
    for (; list; list = list->before)
        for (size_t i = list->n; i-- > 0;)
            if (&list->items[i].answer.resp == resp)
                return &list->items[i];
    return NULL;
}

static struct handle *new_handle(struct lh_instance_http *http)
{
    if (!http->now || http->now->n == HANDLES_AT_ONCE) {
        struct handles *more = lh_xcalloc(1, sizeof *more);

        more->before = http->now;
        http->now = more;
    }
    return &http->now->items[http->now->n++];
}

static void free_handles(struct handles *list)
{
    while (list) {
        struct handles *before = list->before;

        free(list);
        list = before;
    }
}

static struct lh_json_doc *take_doc(struct lh_instance_http *http)
{
    struct lh_json_doc *doc = http->idle[0];

    if (http->n_idle < IDLE_DOCS_LEAST)
        return lh_json_doc_new();
    http->n_idle--;
    memmove(http->idle, http->idle + 1, http->n_idle * sizeof *http->idle);
    return doc;
}

/* Values that the connector still holds become "nothing" and stay readable for a while. */
static void give_doc(struct lh_instance_http *http, struct lh_json_doc *doc)
{
    lh_json_doc_clear(doc);
    if (http->n_idle < LH_CALL_MAX_ANSWERS)
        http->idle[http->n_idle++] = doc;
    else
        lh_json_doc_destroy(doc);
}

/* Ends what a handle stands for, and leaves the tombstone. */
static void bury(struct lh_instance_http *http, struct handle *h, enum handle_state state)
{
    if (h->state == HANDLE_ALIVE) {
        if (h->doc)
            give_doc(http, lh_take(h->doc));
        lh_http_answer_unref(lh_take(h->from));
        free(lh_take(h->request));
    }
    h->state = state;
    h->answer = (struct lh_answer){.resp = {.struct_size = sizeof(struct lh_http_resp),
                                            .body = lh_str_n("", 0),
                                            .final_url = lh_str_n("", 0),
                                            .retry_after_ms = -1}};
}

/* The handle behind a connector's pointer, when it is alive; else a broken rule. */
static int use(lh_call *c, const char *service, const struct lh_http_resp *resp,
               struct handle **ret)
{
    struct lh_instance_http *http = c->instance->http;
    struct handle *h = http ? find(http->now, resp) : NULL;

    if (!h && http)
        h = find(http->over, resp);
    if (!h)
        return lh_call_broke(c, 7, "%s: expected an answer of the host, found %s", service,
                             resp ? "something else" : "NULL");
    if (h->state != HANDLE_ALIVE)
        return lh_call_broke(c, 7, "%s was called with an answer %s", service,
                             h->state == HANDLE_RELEASED
                                 ? "that was released before"
                                 : "of an earlier call, which died with that call");
    *ret = h;
    return 0;
}

/* --- instances and calls ---------------------------------------------------------------------- */

static struct lh_instance_http *http_of(lh_call *c)
{
    struct lh_instance *in = c->instance;

    if (!in->http) {
        in->http = lh_xcalloc(1, sizeof *in->http);
        in->http->session = lh_http_session_new(in->run->http);
        in->http->of_limits =
            lh_xcalloc(in->plugin->spec->n_limits + 1, sizeof *in->http->of_limits);
    }
    return in->http;
}

void lh_service_http_begin(struct lh_instance *in)
{
    if (in->http)
        lh_http_session_begin(in->http->session);
}

void lh_service_http_end(struct lh_call *call)
{
    struct lh_instance_http *http = call->instance->http;

    if (!http)
        return;
    for (struct handles *list = http->now; list; list = list->before)
        for (size_t i = 0; i < list->n; i++)
            bury(http, &list->items[i], HANDLE_OVER);
    free_handles(http->over);
    http->over = lh_take(http->now);
    if (call->stop == LH_E_CANCELLED)
        lh_http_session_drop(http->session);
}

void lh_service_http_close(struct lh_instance *in)
{
    struct lh_instance_http *http = in->http;

    if (!http)
        return;
    free_handles(http->now);
    free_handles(http->over);
    for (size_t i = 0; i < http->n_idle; i++)
        lh_json_doc_destroy(http->idle[i]);
    lh_http_session_destroy(http->session);
    free(http->of_limits);
    free(http);
}

void lh_service_http_slept(struct lh_instance *in)
{
    if (in->http)
        lh_http_session_slept(in->http->session);
}

/* --- counting --------------------------------------------------------------------------------- */

/* The limit of this name; n_limits when the spec has none. */
static size_t find_limit(const struct lh_spec *spec, lh_str name)
{
    size_t i = 0;

    while (i < spec->n_limits && !lh_str_eqz(name, spec->limits[i].bucket))
        i++;
    return i;
}

/* A limit lies within others that were declared before it, so this ends. */
static void count(lh_call *c, lh_str bucket)
{
    const struct lh_spec *spec = c->instance->plugin->spec;
    struct lh_instance_http *http = http_of(c);
    lh_str name = bucket.n ? bucket : LH_STR(LH_BUCKET_DEFAULT);

    http->n_requests++;
    for (size_t i = find_limit(spec, name); i < spec->n_limits;
         i = find_limit(spec, lh_str_z(spec->limits[i].within)))
        http->of_limits[i]++;
}

uint64_t lh_instance_requests(const struct lh_instance *in, const char *bucket)
{
    const struct lh_spec *spec = in->plugin->spec;
    size_t i = bucket ? find_limit(spec, lh_str_z(bucket)) : 0;

    if (!in->http || (bucket && i == spec->n_limits))
        return 0;
    return bucket ? in->http->of_limits[i] : in->http->n_requests;
}

/* --- requests --------------------------------------------------------------------------------- */

static int check_headers(lh_call *c, const struct lh_http_req *req)
{
    int rc = 0;

    if (req->n_headers && !req->headers)
        return lh_call_broke(c, 12, "http: %zu headers are announced and there are none",
                             req->n_headers);
    for (size_t i = 0; !rc && i < req->n_headers && i < LH_HTTP_HEADERS; i++) {
        rc = lh_call_text(c, "http: the name of a header", req->headers[i].name);
        if (!rc)
            rc = lh_call_text(c, "http: the value of a header", req->headers[i].value);
    }
    return rc;
}

static int check_texts(lh_call *c, const struct lh_http_req *req)
{
    const struct {
        const char *what;
        lh_str text;
    } texts[] = {
        {"http: the method", req->method}, {"http: the URL", req->url},
        {"http: the body", req->body},     {"http: the content type", req->content_type},
        {"http: the bucket", req->bucket}, {"http: the bucket's key", req->bucket_key},
    };

    for (size_t i = 0; i < LH_LEN(texts); i++) {
        int rc = lh_call_text(c, texts[i].what, texts[i].text);

        if (rc)
            return rc;
    }
    return check_headers(c, req);
}

/* What the connector asks for, checked: rules 12 and 17. */
static int take_request(lh_call *c, const struct lh_http_req *theirs, struct lh_http_request *ret)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_req req;
    int rc = lh_call_copy(c, "http: the request", theirs, &req, sizeof req,
                          LH_SIZE_UPTO(struct lh_http_req, max_bytes));

    if (rc || (rc = check_texts(c, &req)))
        return rc;
    *ret = (struct lh_http_request){
        .method = req.method,
        .url = req.url,
        .body = req.body,
        .content_type = req.content_type,
        .headers = req.headers,
        .n_headers = req.n_headers,
        .bucket = req.bucket,
        .bucket_key = req.bucket_key,
        .timeout_ms = req.timeout_ms,
        .cache_ms = req.cache_ms,
        .max_bytes = req.max_bytes,
        .flags = req.flags,
    };
    if (lh_http_request_check(ret, &e))
        return lh_call_broke(c, 17, "http: %s", lh_error_text(&e));
    return 0;
}

static int check_room(lh_call *c)
{
    if (c->n_answers == LH_CALL_MAX_ANSWERS)
        return lh_call_note(c, LH_E_LIMIT,
                            "http: the call holds %u answers, no more are given; release them, or "
                            "checkpoint more often (rule 9)",
                            LH_CALL_MAX_ANSWERS);
    if (c->doc_bytes > LH_CALL_DOC_BYTES)
        return lh_call_note(c, LH_E_LIMIT,
                            "http: the call holds answers and documents of %zu bytes; release "
                            "them, or checkpoint more often (rule 9)",
                            c->doc_bytes);
    return 0;
}

/* 0 when a request may be made now. */
static int enter(lh_call *c, const char *service)
{
    int rc = lh_call_enter(c, service);

    if (rc)
        return rc;
    if (!c->instance->run->http)
        return lh_call_note(c, LH_E_UNSUPPORTED,
                            "the connector asks for HTTP (%s), which is not there", service);
    rc = lh_call_look(c);
    return rc ? rc : check_room(c);
}

/* No answer: what the connector is told. */
static int no_answer(lh_call *c, const char *service, int result, struct lh_error *e)
{
    int rc;

    if (result == LH_E_RULE)
        return lh_call_broke(c, 17, "%s: %s", service, lh_error_text(e));
    if (result != LH_E_CANCELLED)
        return lh_call_note(c, result, "%s", lh_error_text(e));
    /* the words of the call's own look are the better ones, when it still sees the reason */
    rc = lh_call_look(c);
    return rc ? rc : lh_call_stop(c, result, e);
}

static struct lh_patience patience_of(const lh_call *c)
{
    const struct lh_run *run = c->instance->run;

    return (struct lh_patience){run->deadline, run->signals ? run->signals->fd : -1};
}

/* --- answers ---------------------------------------------------------------------------------- */

/* RFC 8259 lets a reader ignore a byte order mark. */
static lh_str json_text(const struct lh_http_answer *answer)
{
    lh_str text = lh_buf_slice(&answer->body);

    return lh_str_starts(text, LH_STR("\xef\xbb\xbf")) ? lh_str_n(text.p + 3, text.n - 3) : text;
}

static int not_json(lh_call *c, const struct handle *h, enum lh_json_reason reason,
                    const struct lh_json_problem *problem)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_buf) name = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_f(&name, "%.*s %s: the answer is no JSON that can be taken",
             LH_STR_ARG(h->request->method), lh_buf_text(&h->from->final_url));
    lh_json_problem_error(problem, json_text(h->from), lh_buf_text(&name), LH_FAILED, &e);
    return lh_call_note(c, reason >= LH_JSON_TOO_DEEP ? LH_E_LIMIT : LH_E_DATA, "%s",
                        lh_error_text(&e));
}

/* Rule 16: parsed unless NOT_JSON; what is no JSON is wrong in a success only. */
static int parse(lh_call *c, struct lh_instance_http *http, struct handle *h)
{
    lh_str text = json_text(h->from);
    struct lh_json_problem problem;
    enum lh_json_reason reason;

    if (!text.n || (h->request->flags & LH_HTTP_NOT_JSON))
        return 0;
    h->doc = take_doc(http);
    reason = lh_json_scan(h->doc, text, &lh_json_page_limits, &problem);
    if (!reason) {
        h->answer.resp.json = lh_json_root(h->doc);
        h->answer.resp.body = LH_STR(""); /* a worker has parts of it only: json_raw has the text */
        return 0;
    }
    give_doc(http, lh_take(h->doc));
    return h->from->status >= 200 && h->from->status < 300 ? not_json(c, h, reason, &problem) : 0;
}

/* Makes the handle; the answer is taken over. */
static int hand_over(lh_call *c, const struct lh_http_request *request,
                     const struct lh_http_budget *budget, struct lh_http_answer *from,
                     const struct lh_http_resp **ret)
{
    struct lh_instance_http *http = c->instance->http;
    struct handle *h = new_handle(http);
    int rc;

    *h = (struct handle){.state = HANDLE_ALIVE,
                         .instance = c->instance,
                         .from = from,
                         .request = lh_http_request_copy(request),
                         .budget = *budget};
    h->answer.headers = from->headers.items;
    h->answer.n_headers = from->headers.n;
    h->answer.resp = (struct lh_http_resp){.struct_size = sizeof(struct lh_http_resp),
                                           .status = from->status,
                                           .body = lh_buf_slice(&from->body),
                                           .final_url = lh_buf_slice(&from->final_url),
                                           .retry_after_ms = from->retry_after_ms,
                                           .attempts = from->attempts};
    rc = parse(c, http, h);
    if (rc) {
        bury(http, h, HANDLE_RELEASED);
        return rc;
    }
    c->n_answers++;
    c->doc_bytes += from->body.n;
    *ret = &h->answer.resp;
    return 0;
}

/* --- the services ----------------------------------------------------------------------------- */

int lh_service_http(lh_call *c, const struct lh_http_req *req, const struct lh_http_resp **ret)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_budget budget = {0};
    struct lh_http_request request;
    struct lh_http_answer *answer;
    struct lh_patience patience;
    int rc;

    if (ret)
        *ret = NULL;
    if ((rc = enter(c, "http")) || (rc = take_request(c, req, &request)))
        return rc;
    if (!ret)
        return lh_call_broke(c, 0, "http: there is no place for the answer");
    patience = patience_of(c);
    count(c, request.bucket);
    rc = lh_http_session_send(http_of(c)->session, &request, &patience, &budget, &answer, &e);
    return rc ? no_answer(c, "http", rc, &e) : hand_over(c, &request, &budget, answer, ret);
}

void lh_service_http_prefetch(lh_call *c, const struct lh_http_req *req)
{
    struct lh_http_request request;

    if (lh_call_enter(c, "http_prefetch") || !c->instance->run->http ||
        take_request(c, req, &request))
        return;
    if (!(request.flags & LH_HTTP_REPEATABLE) && !lh_str_eqz(request.method, "GET"))
        lh_call_broke(c, 18, "http_prefetch: a %.*s needs LH_HTTP_REPEATABLE",
                      LH_STR_ARG(request.method));
    else
        lh_http_session_prefetch(http_of(c)->session, &request);
}

int lh_service_http_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                          const struct lh_http_resp **ret)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_answer *answer;
    struct lh_patience patience;
    struct handle *h;
    int rc;

    if (ret)
        *ret = NULL;
    if ((rc = enter(c, "http_again")) || (rc = use(c, "http_again", resp, &h)) ||
        (rc = lh_call_text(c, "http_again: why", why)))
        return rc;
    if (!ret || wait_ms < 0)
        return lh_call_broke(c, 19, "http_again: %s",
                             ret ? "a wait is never negative" : "there is no place for the answer");
    patience = patience_of(c);
    count(c, h->request->bucket);
    rc = lh_http_session_again(c->instance->http->session, h->request, h->from, wait_ms, why,
                               &patience, &h->budget, &answer, &e);
    return rc ? no_answer(c, "http_again", rc, &e)
              : hand_over(c, h->request, &h->budget, answer, ret);
}

int lh_service_http_fail(lh_call *c, const struct lh_http_resp *resp)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct handle *h;
    int rc = lh_call_enter(c, "http_fail");

    if (rc < 0 || (rc = use(c, "http_fail", resp, &h)))
        return rc;
    rc = lh_http_client_verdict(c->instance->run->http, h->request, h->from, &e);
    return lh_call_note(c, rc, "%s", lh_error_text(&e));
}

void lh_service_http_release(lh_call *c, const struct lh_http_resp *resp)
{
    struct handle *h;

    if (lh_call_enter(c, "http_release") < 0 || use(c, "http_release", resp, &h))
        return;
    c->n_answers--;
    c->doc_bytes -= h->from->body.n;
    bury(c->instance->http, h, HANDLE_RELEASED);
}

void lh_service_http_misused(struct lh_call *c, const char *service,
                             const struct lh_http_resp *resp)
{
    if (lh_call_enter(c, service) >= 0)
        use(c, service, resp, &(struct handle *){NULL});
}

lh_str lh_service_http_header(const struct lh_http_resp *resp, const char *name)
{
    const struct handle *h = (const struct handle *)(const void *)resp;
    lh_str value = LH_STR("");

    if (!resp || !name)
        return value;
    if (h->state == HANDLE_ALIVE)
        value = lh_http_headers_get(&h->from->headers, name);
    else if (h->instance && h->instance->running)
        use(h->instance->running, "http_header", resp, &(struct handle *){NULL});
    return value.p ? value : LH_STR("");
}
