/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about who one is, and about files and folders of the workspace and of volumes. */
#include "config.h"

#include "workspace/workspace_internal.h"

#include "base/base64.h"

#include <stdlib.h>

#define WS "/api/2.0/workspace/"
#define FS "/api/2.0/fs/"

int lh_ws_me(struct lh_ws *ws, char **ret_user, struct lh_error *e)
{
    const struct lh_ws_call call = {.method = "GET", .url = "/api/2.0/preview/scim/v2/Me"};
    json_t *answer = NULL;
    int code = lh_ws_call(ws, &call, &answer, NULL, e);

    if (!code)
        code = lh_ws_take_text(ws, answer, "userName", ret_user, e);
    json_decref(answer);
    return code;
}

/* --- objects ---------------------------------------------------------------------------------- */

void lh_ws_object_free(struct lh_ws_object *o)
{
    free(o->path);
    o->path = NULL;
}

static enum lh_ws_type type_of(const char *name)
{
    static const struct {
        const char *name;
        enum lh_ws_type type;
    } types[] = {{"DIRECTORY", LH_WS_FOLDER},
                 {"FILE", LH_WS_FILE},
                 {"NOTEBOOK", LH_WS_NOTEBOOK},
                 {"REPO", LH_WS_REPO}};

    for (size_t i = 0; name && i < LH_LEN(types); i++)
        if (strcmp(name, types[i].name) == 0)
            return types[i].type;
    return LH_WS_OTHER;
}

static int read_object(struct lh_ws *ws, const json_t *row, struct lh_ws_object *ret,
                       struct lh_error *e)
{
    struct lh_ws_object object = {.size = -1};
    const json_t *size = json_object_get(row, "size");
    int code = lh_ws_take_text(ws, row, "path", &object.path, e);

    if (code)
        return code;
    object.type = type_of(json_string_value(json_object_get(row, "object_type")));
    object.id = json_integer_value(json_object_get(row, "object_id"));
    if (json_is_integer(size))
        object.size = json_integer_value(size);
    *ret = object;
    return 0;
}

int lh_ws_get_status(struct lh_ws *ws, const char *path, struct lh_ws_object *ret,
                     struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    json_t *answer = NULL;
    int code;

    lh_buf_z(&url, WS "get-status");
    lh_ws_put_query(&url, "path", path);
    code = lh_ws_get(ws, &url, &answer, e);
    if (!code)
        code = read_object(ws, answer, ret, e);
    json_decref(answer);
    return code;
}

int lh_ws_list_folder(struct lh_ws *ws, const char *path, struct lh_ws_object **ret, size_t *ret_n,
                      struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_object *objects;
    json_t *answer = NULL;
    json_t *rows;
    size_t n = 0;
    int code;

    lh_buf_z(&url, WS "list");
    lh_ws_put_query(&url, "path", path);
    code = lh_ws_get(ws, &url, &answer, e);
    if (code)
        return code;
    rows = json_object_get(answer, "objects");
    objects = lh_xcalloc(json_array_size(rows) + 1, sizeof *objects);
    for (; !code && n < json_array_size(rows); n += !code)
        code = read_object(ws, json_array_get(rows, n), &objects[n], e);
    json_decref(answer);
    if (!code) {
        *ret = objects;
        *ret_n = n;
        return 0;
    }
    while (n)
        lh_ws_object_free(&objects[--n]);
    free(objects);
    return code;
}

int lh_ws_mkdirs(struct lh_ws *ws, const char *path, struct lh_error *e)
{
    return lh_ws_post(ws, WS "mkdirs", json_pack("{s:s}", "path", path), 0, NULL, e);
}

int lh_ws_import(struct lh_ws *ws, const char *path, lh_str content, enum lh_ws_format format,
                 const char *language, bool overwrite, struct lh_error *e)
{
    static const char *const formats[] = {"RAW", "SOURCE", "JUPYTER"};
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_WS_IMPORT_MAX / 3 * 4 + 8);
    json_t *body;

    if (content.n > LH_WS_IMPORT_MAX)
        return lh_error_set(e, LH_INVALID, "%s: %zu bytes, and the workspace takes %zu", path,
                            content.n, LH_WS_IMPORT_MAX);
    lh_base64_encode(&text, content);
    body = json_pack("{s:s, s:s, s:s, s:b, s:s*}", "path", path, "content", lh_buf_text(&text),
                     "format", formats[format], "overwrite", overwrite, "language", language);
    return lh_ws_post(ws, WS "import", body, overwrite ? 0 : LH_WS_ONCE, NULL, e);
}

int lh_ws_export(struct lh_ws *ws, const char *path, struct lh_buf *to, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_call call = {.method = "GET", .flags = LH_WS_BYTES};

    lh_buf_z(&url, WS "export");
    lh_ws_put_query(&url, "path", path);
    lh_ws_put_query(&url, "direct_download", "true");
    call.url = lh_ws_url(&url);
    return lh_ws_call(ws, &call, NULL, to, e);
}

int lh_ws_delete(struct lh_ws *ws, const char *path, bool recursive, struct lh_error *e)
{
    json_t *body = json_pack("{s:s, s:b}", "path", path, "recursive", recursive);

    return lh_ws_post(ws, WS "delete", body, 0, NULL, e);
}

/* --- volumes ---------------------------------------------------------------------------------- */

int lh_ws_put_file(struct lh_ws *ws, const char *path, lh_str content, bool overwrite,
                   struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_call call = {.method = "PUT",
                              .bytes = content.p ? content : LH_STR(""),
                              .flags = overwrite ? 0 : LH_WS_ONCE};

    lh_buf_z(&url, FS "files");
    lh_ws_put_path(&url, path);
    if (overwrite)
        lh_ws_put_query(&url, "overwrite", "true");
    call.url = lh_ws_url(&url);
    return lh_ws_call(ws, &call, NULL, NULL, e);
}

int lh_ws_make_directory(struct lh_ws *ws, const char *path, struct lh_error *e)
{
    lh_auto(lh_buf) url = LH_WS_URL;
    struct lh_ws_call call = {.method = "PUT"};

    lh_buf_z(&url, FS "directories");
    lh_ws_put_path(&url, path);
    call.url = lh_ws_url(&url);
    return lh_ws_call(ws, &call, NULL, NULL, e);
}
