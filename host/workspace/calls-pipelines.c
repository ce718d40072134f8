/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about pipelines and their updates, and the laying of settings over each other. */
#include "config.h"

#include "workspace/workspace_internal.h"

#include "base/deadline.h"

#include <stdlib.h>

#define PIPELINES "/api/2.0/pipelines"

/* PIPELINES/<id><what> */
static void put_url(struct lh_buf *url, const char *id, const char *what)
{
    lh_buf_z(url, PIPELINES "/");
    lh_ws_put_segment(url, id);
    lh_buf_z(url, what);
}

/* --- finding ---------------------------------------------------------------------------------- */

/* LIKE has wildcards and no escape that holds everywhere: ask for what is safe, compare here. */
static void put_filter(struct lh_buf *url, const char *name)
{
    size_t n = strcspn(name, "'%_\\");
    lh_auto(lh_buf) filter = LH_BUF_INIT(LH_BUF_TEXT);

    if (n == 0)
        return;
    lh_buf_f(&filter, "name LIKE '%.*s%s'", (int)n, name, name[n] ? "%" : "");
    lh_ws_put_query(url, "filter", lh_buf_text(&filter));
}

static void keep_named(json_t *rows, const char *name)
{
    for (size_t i = json_array_size(rows); i-- > 0;) {
        const char *text = json_string_value(json_object_get(json_array_get(rows, i), "name"));

        if (!text || strcmp(text, name) != 0)
            json_array_remove(rows, i);
    }
}

int lh_ws_list_pipelines(struct lh_ws *ws, const char *name, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    int code;

    lh_buf_z(&url, PIPELINES "?max_results=100");
    if (name)
        put_filter(&url, name);
    code = lh_ws_pages(ws, &url, "statuses", "page_token", 0, ret, e);
    if (!code && name)
        keep_named(*ret, name);
    return code;
}

int lh_ws_get_pipeline(struct lh_ws *ws, const char *id, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;

    put_url(&url, id, "");
    return lh_ws_get(ws, &url, ret, e);
}

/* --- changing --------------------------------------------------------------------------------- */

int lh_ws_create_pipeline(struct lh_ws *ws, const json_t *settings, char **ret_id,
                          struct lh_error *e)
{
    json_t *answer = NULL;
    int code = lh_ws_post(ws, PIPELINES, json_deep_copy(settings), LH_WS_ONCE, &answer, e);

    if (!code)
        code = lh_ws_take_text(ws, answer, "pipeline_id", ret_id, e);
    json_decref(answer);
    return code;
}

int lh_ws_try_pipeline(struct lh_ws *ws, const json_t *settings, struct lh_error *e)
{
    json_t *body = json_deep_copy(settings);

    json_object_set_new(body, "dry_run", json_true());
    return lh_ws_post(ws, PIPELINES, body, 0, NULL, e);
}

int lh_ws_replace_pipeline(struct lh_ws *ws, const char *id, const json_t *settings,
                           int64_t last_modified, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    json_t *body = json_deep_copy(settings);
    struct lh_ws_call call = {
        .method = "PUT", .body = body, .flags = last_modified ? LH_WS_ONCE : 0};
    int code;

    put_url(&url, id, "");
    call.url = lh_ws_url(&url);
    json_object_set_new(body, "id", json_string(id));
    if (last_modified)
        json_object_set_new(body, "expected_last_modified", json_integer(last_modified));
    code = lh_ws_call(ws, &call, NULL, NULL, e);
    json_decref(body);
    return code;
}

int lh_ws_delete_pipeline(struct lh_ws *ws, const char *id, bool drop_tables, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    lh_auto(lh_error) why = LH_ERROR_INIT;
    struct lh_ws_call call = {.method = "DELETE"};
    int code;

    put_url(&url, id, drop_tables ? "?cascade=true" : "?cascade=false");
    call.url = lh_ws_url(&url);
    code = lh_ws_call(ws, &call, NULL, NULL, &why);
    return code == LH_NOT_FOUND ? 0 : code ? lh_error_move(e, &why) : 0;
}

int lh_ws_stop_pipeline(struct lh_ws *ws, const char *id, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;

    put_url(&url, id, "/stop");
    return lh_ws_post(ws, lh_ws_url(&url), json_object(), 0, NULL, e);
}

/* --- updates ---------------------------------------------------------------------------------- */

int lh_ws_start_update(struct lh_ws *ws, const char *id, bool full_refresh, char **ret_update,
                       struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    json_t *answer = NULL;
    int code;

    put_url(&url, id, "/updates");
    code = lh_ws_post(ws, lh_ws_url(&url), json_pack("{s:b}", "full_refresh", full_refresh),
                      LH_WS_ONCE, &answer, e);
    if (!code)
        code = lh_ws_take_text(ws, answer, "update_id", ret_update, e);
    json_decref(answer);
    return code;
}

int lh_ws_get_update(struct lh_ws *ws, const char *id, const char *update, json_t **ret,
                     struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    json_t *answer = NULL;
    int code;

    put_url(&url, id, "/updates/");
    lh_ws_put_segment(&url, update);
    code = lh_ws_get(ws, &url, &answer, e);
    if (!code && json_is_object(json_object_get(answer, "update")))
        *ret = json_incref(json_object_get(answer, "update"));
    else if (!code)
        code = lh_error_set(e, LH_FAILED, "GET %s: the answer has no update", lh_buf_text(&url));
    json_decref(answer);
    return code;
}

/* One page of events; its rows go to `all`. *token is replaced by that of the next, or NULL. */
static int take_events(struct lh_ws *ws, const struct lh_buf *url, json_t *all, char **token,
                       struct lh_error *e)
{
    json_t *page = NULL;
    const char *next;
    int code = lh_ws_get(ws, url, &page, e);

    free(*token);
    next = json_string_value(json_object_get(page, "next_page_token"));
    *token = next && *next ? lh_xstrdup(next) : NULL;
    json_array_extend(all, json_object_get(page, "events"));
    json_decref(page);
    return code;
}

int lh_ws_list_events(struct lh_ws *ws, const char *id, const char *filter, size_t most,
                      json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    char *token lh_autofree = NULL;
    json_t *all = json_array();
    int code;

    put_url(&url, id, "/events?max_results=100");
    if (filter)
        lh_ws_put_query(&url, "filter", filter);
    code = take_events(ws, &url, all, &token, e);
    for (size_t n = 1; !code && token && json_array_size(all) < most && n < LH_WS_PAGES_MOST; n++) {
        /* with a token nothing but max_results may be asked for */
        lh_buf_reset(&url);
        put_url(&url, id, "/events?max_results=100");
        lh_ws_put_query(&url, "page_token", token);
        code = take_events(ws, &url, all, &token, e);
    }
    while (json_array_size(all) > most)
        json_array_remove(all, json_array_size(all) - 1);
    if (code)
        json_decref(all);
    else
        *ret = all;
    return code;
}

bool lh_ws_update_has_ended(const char *state)
{
    static const char *const ended[] = {"COMPLETED", "FAILED", "CANCELED"};

    for (size_t i = 0; i < LH_LEN(ended); i++)
        if (strcmp(state, ended[i]) == 0)
            return true;
    return false;
}

int lh_ws_wait_update(struct lh_ws *ws, const char *id, const char *update, int64_t poll_ms,
                      int (*seen)(void *context, const json_t *update, struct lh_error *e),
                      void *context, char **ret_state, struct lh_error *e)
{
    for (;;) {
        json_t *answer = NULL;
        char *state lh_autofree = NULL;
        int code = lh_ws_get_update(ws, id, update, &answer, e);

        if (!code)
            code = lh_ws_take_text(ws, answer, "state", &state, e);
        if (!code && seen)
            code = seen(context, answer, e);
        json_decref(answer);
        if (code)
            return code;
        if (lh_ws_update_has_ended(state)) {
            *ret_state = lh_take(state);
            return 0;
        }
        if (!lh_sleep_until(lh_deadline_earlier(lh_deadline_in(poll_ms), ws->patience.deadline),
                            ws->patience.fd))
            return lh_error_set(e, LH_INTERRUPTED, "interrupted; the update goes on");
        if (lh_deadline_passed(ws->patience.deadline))
            return lh_error_set(e, LH_UNREACHABLE,
                                "update %s is %s after the time that it was given; it goes on",
                                update, state);
    }
}

/* --- settings --------------------------------------------------------------------------------- */

json_t *lh_ws_merge(const json_t *live, const json_t *wanted)
{
    json_t *merged;
    const char *key;
    json_t *value;

    if (!json_is_object(live) || !json_is_object(wanted))
        return json_deep_copy(wanted);
    merged = json_deep_copy(live);
    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        if (json_is_null(value))
            json_object_del(merged, key);
        else
            json_object_set_new(merged, key, lh_ws_merge(json_object_get(live, key), value));
    }
    return merged;
}
