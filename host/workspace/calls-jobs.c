/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about jobs and their runs. Ids are 64 bits. */
#include "config.h"

#include "workspace/workspace_internal.h"

#include <stdlib.h>

#define JOBS "/api/2.2/jobs/"

static void put_id(struct lh_buf *url, const char *key, int64_t id)
{
    lh_buf_f(url, "?%s=", key);
    lh_buf_i64(url, id);
}

/* The platform compares names in any case. */
static void keep_named(json_t *jobs, const char *name)
{
    for (size_t i = json_array_size(jobs); i-- > 0;) {
        const json_t *settings = json_object_get(json_array_get(jobs, i), "settings");
        const char *text = json_string_value(json_object_get(settings, "name"));

        if (!text || strcmp(text, name) != 0)
            json_array_remove(jobs, i);
    }
}

int lh_ws_list_jobs(struct lh_ws *ws, const char *name, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    int code;

    lh_buf_z(&url, JOBS "list?limit=100");
    if (name)
        lh_ws_put_query(&url, "name", name);
    code = lh_ws_pages(ws, &url, "jobs", "page_token", 0, ret, e);
    if (!code && name)
        keep_named(*ret, name);
    return code;
}

/* What is spread over pages: the arrays of the settings. */
static void add_page(json_t *job, const json_t *page)
{
    static const char *const arrays[] = {"tasks", "job_clusters", "environments", "parameters"};
    json_t *settings = json_object_get(job, "settings");

    for (size_t i = 0; i < LH_LEN(arrays); i++)
        json_array_extend(json_object_get(settings, arrays[i]),
                          json_object_get(json_object_get(page, "settings"), arrays[i]));
}

int lh_ws_get_job(struct lh_ws *ws, int64_t id, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    char *token lh_autofree = NULL;
    json_t *job = NULL;
    int code;

    lh_buf_z(&url, JOBS "get");
    put_id(&url, "job_id", id);
    code = lh_ws_get(ws, &url, &job, e);
    for (size_t n = 0; !code; n++) {
        lh_auto(lh_buf) next = LH_WS_URL;
        json_t *page = NULL;
        const char *text = json_string_value(json_object_get(job, "next_page_token"));

        if (!text || !*text || n == LH_WS_PAGES_MOST)
            break;
        free(token);
        token = lh_xstrdup(text);
        lh_buf_str(&next, lh_buf_slice(&url));
        lh_ws_put_query(&next, "page_token", token);
        code = lh_ws_get(ws, &next, &page, e);
        json_object_del(job, "next_page_token");
        json_object_del(job, "has_more");
        if (!code)
            add_page(job, page);
        if (!code && json_object_get(page, "next_page_token"))
            json_object_set(job, "next_page_token", json_object_get(page, "next_page_token"));
        json_decref(page);
    }
    if (code)
        json_decref(job);
    else
        *ret = job;
    return code;
}

int lh_ws_create_job(struct lh_ws *ws, const json_t *settings, int64_t *ret_id, struct lh_error *e)
{
    json_t *answer = NULL;
    int code = lh_ws_post(ws, JOBS "create", json_deep_copy(settings), LH_WS_ONCE, &answer, e);

    if (!code)
        code = lh_ws_take_id(ws, answer, "job_id", ret_id, e);
    json_decref(answer);
    return code;
}

int lh_ws_reset_job(struct lh_ws *ws, int64_t id, const json_t *settings, struct lh_error *e)
{
    json_t *body =
        json_pack("{s:I, s:o}", "job_id", (json_int_t)id, "new_settings", json_deep_copy(settings));

    return lh_ws_post(ws, JOBS "reset", body, 0, NULL, e);
}

int lh_ws_delete_job(struct lh_ws *ws, int64_t id, struct lh_error *e)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;
    json_t *body = json_pack("{s:I}", "job_id", (json_int_t)id);
    int code = lh_ws_post(ws, JOBS "delete", body, 0, NULL, &why);

    return code == LH_NOT_FOUND ? 0 : code ? lh_error_move(e, &why) : 0;
}

int lh_ws_run_job(struct lh_ws *ws, int64_t id, const char *token, int64_t *ret_run,
                  struct lh_error *e)
{
    json_t *body = json_pack("{s:I, s:s*}", "job_id", (json_int_t)id, "idempotency_token", token);
    json_t *answer = NULL;
    int code = lh_ws_post(ws, JOBS "run-now", body, token ? 0 : LH_WS_ONCE, &answer, e);

    if (!code)
        code = lh_ws_take_id(ws, answer, "run_id", ret_run, e);
    json_decref(answer);
    return code;
}

int lh_ws_get_run(struct lh_ws *ws, int64_t run, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;

    lh_buf_z(&url, JOBS "runs/get");
    put_id(&url, "run_id", run);
    return lh_ws_get(ws, &url, ret, e);
}
