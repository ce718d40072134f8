/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of the REST interface: URL, body, the answer or what is wrong with it; and lists, page
 * for page. What is asked again, and how long it waits, is the HTTP engine's.
 */
#include "config.h"

#include "workspace/workspace_internal.h"

#include "http/secret.h"
#include "json/document.h"

#include <stdlib.h>

#define ANSWER_MOST ((uint64_t)64 << 20)

/* --- URLs ------------------------------------------------------------------------------------- */

void lh_ws_put_path(struct lh_buf *url, const char *path)
{
    while (*path) {
        size_t n = strcspn(path, "/");

        lh_secret_encoded(url, lh_str_n(path, n));
        path += n;
        if (*path) {
            lh_buf_char(url, '/');
            path++;
        }
    }
}

void lh_ws_put_segment(struct lh_buf *url, const char *name)
{
    lh_secret_encoded(url, lh_str_z(name));
}

void lh_ws_put_query(struct lh_buf *url, const char *key, const char *value)
{
    bool has_one = url->n && memchr(url->p, '?', url->n);

    lh_buf_f(url, "%c%s=", has_one ? '&' : '?', key);
    lh_secret_encoded(url, lh_str_z(value));
}

const char *lh_ws_url(const struct lh_buf *url)
{
    return url->failed ? NULL : lh_buf_text(url);
}

/* --- the request ------------------------------------------------------------------------------ */

static void fill_headers(const struct lh_workspace *w, struct lh_header *headers, size_t *ret_n)
{
    const char *id = lh_auth_get(&w->auth, LH_AUTH_WORKSPACE_ID);

    headers[0] = (struct lh_header){LH_STR("user-agent"), lh_str_z(w->user_agent)};
    *ret_n = 1;
    if (id)
        headers[(*ret_n)++] = (struct lh_header){LH_STR("x-databricks-workspace-id"), lh_str_z(id)};
}

static int send(struct lh_ws *ws, const struct lh_ws_call *call, struct lh_http_answer **ret,
                struct lh_error *e)
{
    struct lh_header headers[2];
    char *body lh_autofree = call->body ? lh_document_dump(call->body, 0) : NULL;
    struct lh_http_request request = {
        .method = lh_str_z(call->method),
        .url = lh_str_z(call->url),
        .body = body ? lh_str_z(body) : call->bytes,
        .content_type = call->bytes.p ? LH_STR("application/octet-stream")
                        : body        ? LH_STR("application/json")
                                      : LH_STR(""),
        .headers = headers,
        .max_bytes = ANSWER_MOST,
        .flags = call->flags & LH_WS_ONCE ? 0 : LH_HTTP_REPEATABLE,
    };

    fill_headers(ws->workspace, headers, &request.n_headers);
    lh_http_session_begin(ws->session);
    return lh_http_session_send(ws->session, &request, &ws->patience, NULL, ret, e);
}

/* --- what went wrong -------------------------------------------------------------------------- */

static lh_str path_of(const char *url)
{
    return lh_str_n(url, strcspn(url, "?"));
}

/* No answer: whether it was sent is not known, unless it cannot have been. */
static int no_answer(struct lh_ws *ws, const struct lh_ws_call *call, int result,
                     const struct lh_error *e)
{
    bool was_not_sent = result == LH_E_RULE || result == LH_E_OPTION || result == LH_E_AUTH;

    ws->trouble = (struct lh_ws_trouble){.maybe = (call->flags & LH_WS_ONCE) && !was_not_sent};
    return e ? e->code : LH_UNREACHABLE;
}

static int refused(struct lh_ws *ws, const struct lh_ws_call *call,
                   const struct lh_http_answer *answer, struct lh_error *e)
{
    struct lh_workspace *w = ws->workspace;
    lh_auto(lh_ws_problem) p = LH_WS_PROBLEM_INIT;
    lh_auto(lh_buf) words = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str path = path_of(call->url);
    int status = answer->status;

    lh_ws_problem_read(path, status, lh_buf_slice(&answer->body), &p);
    p.trouble.maybe = (call->flags & LH_WS_ONCE) && status >= 500;
    ws->trouble = p.trouble;
    lh_log_redact(w->log, lh_buf_slice(&p.message), &words);
    lh_error_set(e, p.code, "%s %s%.*s: %d%s%s%s%s", call->method, lh_workspace_host(w),
                 LH_STR_ARG(path), status, p.trouble.code[0] ? " " : "", p.trouble.code,
                 words.n ? ": " : "", lh_buf_text(&words));
    if (status == 401 || status == 403)
        lh_auth_explain(&w->auth, e);
    return p.code;
}

/* A page for browsers, or a redirect to one, in place of an answer. */
static int not_json(struct lh_ws *ws, const struct lh_ws_call *call,
                    const struct lh_http_answer *answer, struct lh_error *e)
{
    const char *where = lh_buf_text(&answer->final_url);

    ws->trouble =
        (struct lh_ws_trouble){.status = answer->status, .maybe = (call->flags & LH_WS_ONCE) != 0};
    if (strstr(where, "private-link-validation-error")) {
        snprintf(ws->trouble.code, sizeof ws->trouble.code, "PRIVATE_LINK_VALIDATION_ERROR");
        return lh_error_set(e, LH_REFUSED,
                            "%s %s%s: the workspace is reached by private link only, and not from "
                            "this network",
                            call->method, lh_workspace_host(ws->workspace), call->url);
    }
    return lh_error_set(e, LH_FAILED,
                        "%s %s%s: %d: expected a JSON object, found %s; check that the host is a "
                        "workspace's",
                        call->method, lh_workspace_host(ws->workspace), call->url, answer->status,
                        answer->body.n && *answer->body.p == '<' ? "a web page" : "something else");
}

/* --- the answer ------------------------------------------------------------------------------- */

static int take_json(struct lh_ws *ws, const struct lh_ws_call *call,
                     const struct lh_http_answer *answer, json_t **ret, struct lh_error *e)
{
    json_t *root;

    if (answer->body.n == 0) {
        *ret = json_object();
        return 0;
    }
    root = json_loadb(answer->body.p, answer->body.n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return not_json(ws, call, answer, e);
    }
    *ret = root;
    return 0;
}

int lh_ws_call(struct lh_ws *ws, const struct lh_ws_call *call, json_t **ret, struct lh_buf *to,
               struct lh_error *e)
{
    lh_autoptr(lh_http_answer) answer = NULL;
    json_t *root = NULL;
    int result;

    ws->trouble = (struct lh_ws_trouble){0};
    if (!call->url)
        return lh_error_set(e, LH_INVALID, "a name or path is too long for a URL");
    result = send(ws, call, &answer, e);
    if (result)
        return no_answer(ws, call, result, e);
    if (answer->status < 200 || answer->status >= 300)
        return refused(ws, call, answer, e);
    if (call->flags & LH_WS_BYTES) {
        lh_buf_str(to, lh_buf_slice(&answer->body));
        return to->failed ? lh_error_set(e, LH_FAILED, "%s: it is larger than %zu bytes", call->url,
                                         to->max)
                          : 0;
    }
    result = take_json(ws, call, answer, &root, e);
    if (!result && ret)
        *ret = root;
    else
        json_decref(root);
    return result;
}

int lh_ws_get(struct lh_ws *ws, const struct lh_buf *url, json_t **ret, struct lh_error *e)
{
    const struct lh_ws_call call = {.method = "GET", .url = lh_ws_url(url)};

    return lh_ws_call(ws, &call, ret, NULL, e);
}

int lh_ws_post(struct lh_ws *ws, const char *url, json_t *body, unsigned flags, json_t **ret,
               struct lh_error *e)
{
    const struct lh_ws_call call = {.method = "POST", .url = url, .body = body, .flags = flags};
    int code = lh_ws_call(ws, &call, ret, NULL, e);

    json_decref(body);
    return code;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Moves the rows of a page over; at most `most`. */
static void take_rows(json_t *to, json_t *rows, size_t most)
{
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        if (json_array_size(to) < most)
            json_array_append(to, row);
    }
}

static int circles(const char *url, struct lh_error *e)
{
    return lh_error_set(e, LH_FAILED,
                        "GET %s: its pages go in circles, or there are more than %d; the list is "
                        "given up",
                        url, LH_WS_PAGES_MOST);
}

int lh_ws_pages(struct lh_ws *ws, const struct lh_buf *url, const char *items, const char *token,
                size_t most, json_t **ret, struct lh_error *e)
{
    json_t *all = json_array();
    char *page lh_autofree = NULL;
    int code = 0;

    most = most ? most : SIZE_MAX;
    for (unsigned n = 0; !code; n++) {
        lh_auto(lh_buf) full = LH_WS_URL;
        json_t *answer = NULL;
        const char *next;

        lh_buf_str(&full, lh_buf_slice(url));
        full.failed = full.failed || url->failed;
        if (page)
            lh_ws_put_query(&full, token, page);
        code =
            n < LH_WS_PAGES_MOST ? lh_ws_get(ws, &full, &answer, e) : circles(lh_buf_text(url), e);
        take_rows(all, json_object_get(answer, items), most);
        next = json_string_value(json_object_get(answer, "next_page_token"));
        if (!code && next && page && strcmp(next, page) == 0)
            code = circles(lh_buf_text(url), e);
        free(page);
        page = !code && next && *next && json_array_size(all) < most ? lh_xstrdup(next) : NULL;
        json_decref(answer);
        if (!page)
            break;
    }
    if (code)
        json_decref(all);
    else
        *ret = all;
    return code;
}

/* --- members ---------------------------------------------------------------------------------- */

static int lacks(struct lh_ws *ws, const char *key, struct lh_error *e)
{
    /* it happened, and its name is lost */
    ws->trouble.maybe = true;
    return lh_error_set(e, LH_FAILED, "%s: the answer has no %s that is usable",
                        lh_workspace_host(ws->workspace), key);
}

int lh_ws_take_text(struct lh_ws *ws, const json_t *answer, const char *key, char **ret,
                    struct lh_error *e)
{
    const char *text = json_string_value(json_object_get(answer, key));

    if (!text || !*text)
        return lacks(ws, key, e);
    *ret = lh_xstrdup(text);
    return 0;
}

int lh_ws_take_id(struct lh_ws *ws, const json_t *answer, const char *key, int64_t *ret,
                  struct lh_error *e)
{
    const json_t *value = json_object_get(answer, key);

    if (!json_is_integer(value) || json_integer_value(value) <= 0)
        return lacks(ws, key, e);
    *ret = json_integer_value(value);
    return 0;
}
