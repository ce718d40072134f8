/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about Unity Catalog, secrets and Git folders. */
#include "config.h"

#include "workspace/workspace_internal.h"

#include "base/base64.h"

#include <stdlib.h>

#define UC    "/api/2.1/unity-catalog/"
#define REPOS "/api/2.0/repos"

/* UC<kind>/<name> */
static void put_url(struct lh_buf *url, const char *kind, const char *name)
{
    lh_buf_f(url, UC "%s/", kind);
    lh_ws_put_segment(url, name);
}

/* --- connections ------------------------------------------------------------------------------ */

int lh_ws_list_connections(struct lh_ws *ws, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;

    /* 0: pages, as large as the platform likes them */
    lh_buf_z(&url, UC "connections?max_results=0");
    return lh_ws_pages(ws, &url, "connections", "page_token", 0, ret, e);
}

int lh_ws_get_connection(struct lh_ws *ws, const char *name, json_t **ret, struct lh_error *e)
{
    return lh_ws_get_securable(ws, "connections", name, ret, e);
}

int lh_ws_create_connection(struct lh_ws *ws, const json_t *body, json_t **ret, struct lh_error *e)
{
    return lh_ws_post(ws, UC "connections", json_deep_copy(body), LH_WS_ONCE, ret, e);
}

int lh_ws_update_connection(struct lh_ws *ws, const char *name, const json_t *options, json_t **ret,
                            struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    json_t *body = json_pack("{s:o}", "options", json_deep_copy(options));
    struct lh_ws_call call = {.method = "PATCH", .body = body};
    int code;

    put_url(&url, "connections", name);
    call.url = lh_ws_url(&url);
    code = lh_ws_call(ws, &call, ret, NULL, e);
    json_decref(body);
    return code;
}

int lh_ws_delete_connection(struct lh_ws *ws, const char *name, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_call call = {.method = "DELETE"};

    put_url(&url, "connections", name);
    call.url = lh_ws_url(&url);
    return lh_ws_call(ws, &call, NULL, NULL, e);
}

/* --- catalogs, schemas, volumes, tables ------------------------------------------------------- */

int lh_ws_get_securable(struct lh_ws *ws, const char *kind, const char *full, json_t **ret,
                        struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;

    put_url(&url, kind, full);
    return lh_ws_get(ws, &url, ret, e);
}

int lh_ws_create_schema(struct lh_ws *ws, const char *catalog, const char *name, struct lh_error *e)
{
    json_t *body = json_pack("{s:s, s:s}", "catalog_name", catalog, "name", name);

    return lh_ws_post(ws, UC "schemas", body, LH_WS_ONCE, NULL, e);
}

int lh_ws_create_volume(struct lh_ws *ws, const char *catalog, const char *schema, const char *name,
                        struct lh_error *e)
{
    json_t *body = json_pack("{s:s, s:s, s:s, s:s}", "catalog_name", catalog, "schema_name", schema,
                             "name", name, "volume_type", "MANAGED");

    return lh_ws_post(ws, UC "volumes", body, LH_WS_ONCE, NULL, e);
}

/* --- secrets ---------------------------------------------------------------------------------- */

static int take_secret(struct lh_ws *ws, const char *text, const char *key, struct lh_buf *to,
                       struct lh_error *e)
{
    size_t before = to->n;

    if (!text || !lh_base64_decode(to, lh_str_z(text)))
        return lh_error_set(e, LH_FAILED, "secret %s: its value does not come as base64", key);
    lh_log_secret(ws->workspace->log, lh_str_z(text), key);
    lh_log_secret(ws->workspace->log, lh_str_n(to->p + before, to->n - before), key);
    return 0;
}

int lh_ws_get_secret(struct lh_ws *ws, const char *scope, const char *key, struct lh_buf *to,
                     struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    json_t *answer = NULL;
    json_t *value;
    int code;

    lh_buf_z(&url, "/api/2.0/secrets/get");
    lh_ws_put_query(&url, "scope", scope);
    lh_ws_put_query(&url, "key", key);
    code = lh_ws_get(ws, &url, &answer, e);
    value = json_object_get(answer, "value");
    if (!code)
        code = take_secret(ws, json_string_value(value), key, to, e);
    if (json_is_string(value))
        explicit_bzero((void *)(uintptr_t)json_string_value(value), json_string_length(value));
    json_decref(answer);
    return code;
}

/* --- Git folders ------------------------------------------------------------------------------ */

static void put_repo(struct lh_buf *url, int64_t id)
{
    lh_buf_z(url, REPOS "/");
    lh_buf_i64(url, id);
}

int lh_ws_create_repo(struct lh_ws *ws, const json_t *body, int64_t *ret_id, struct lh_error *e)
{
    json_t *answer = NULL;
    int code = lh_ws_post(ws, REPOS, json_deep_copy(body), LH_WS_ONCE, &answer, e);

    if (!code)
        code = lh_ws_take_id(ws, answer, "id", ret_id, e);
    json_decref(answer);
    return code;
}

int lh_ws_get_repo(struct lh_ws *ws, int64_t id, json_t **ret, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;

    put_repo(&url, id);
    return lh_ws_get(ws, &url, ret, e);
}

int lh_ws_update_repo(struct lh_ws *ws, int64_t id, const json_t *body, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_call call = {.method = "PATCH", .body = body};

    put_repo(&url, id);
    call.url = lh_ws_url(&url);
    return lh_ws_call(ws, &call, NULL, NULL, e);
}

int lh_ws_delete_repo(struct lh_ws *ws, int64_t id, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_call call = {.method = "DELETE"};

    put_repo(&url, id);
    call.url = lh_ws_url(&url);
    return lh_ws_call(ws, &call, NULL, NULL, e);
}
