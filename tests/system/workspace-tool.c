/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls of workspace.h from a shell: one line for each, "done ..." or "CODE exists=N maybe=N
 * MESSAGE". The workspace is that of the environment. Each argument is CALL or CALL=TEXT; "@"
 * stands for the id that the last call gave.
 */
#include "config.h"

#include "workspace/workspace.h"
#include "json/document.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct tool {
    struct lh_ws ws;
    char last[256];     /* the id */
    struct lh_buf said; /* what the call answered */
};

static void say(struct tool *t, json_t *value)
{
    char *text lh_autofree = value ? lh_document_dump(value, 0) : lh_xstrdup("");

    lh_buf_z(&t->said, text);
    json_decref(value);
}

static void keep(struct tool *t, char *id)
{
    snprintf(t->last, sizeof t->last, "%s", id);
    free(id);
}

static void keep_number(struct tool *t, int64_t id)
{
    snprintf(t->last, sizeof t->last, "%" PRId64, id);
}

static int64_t number(const char *text)
{
    return strtoll(text, NULL, 10);
}

/* --- the calls -------------------------------------------------------------------------------- */

/* Calls that give JSON for a text. */
static int get_json(struct tool *t, const char *call, const char *text, json_t **ret,
                    struct lh_error *e)
{
    const char *at = strcmp(text, "@") == 0 ? t->last : text;
    const char *name = *at ? at : NULL;

    if (strcmp(call, "list-pipelines") == 0)
        return lh_ws_list_pipelines(&t->ws, name, ret, e);
    if (strcmp(call, "get-pipeline") == 0)
        return lh_ws_get_pipeline(&t->ws, at, ret, e);
    if (strcmp(call, "list-jobs") == 0)
        return lh_ws_list_jobs(&t->ws, name, ret, e);
    if (strcmp(call, "get-job") == 0)
        return lh_ws_get_job(&t->ws, number(at), ret, e);
    if (strcmp(call, "get-run") == 0)
        return lh_ws_get_run(&t->ws, number(at), ret, e);
    if (strcmp(call, "list-connections") == 0)
        return lh_ws_list_connections(&t->ws, ret, e);
    if (strcmp(call, "get-connection") == 0)
        return lh_ws_get_connection(&t->ws, at, ret, e);
    if (strcmp(call, "get-schema") == 0)
        return lh_ws_get_securable(&t->ws, "schemas", at, ret, e);
    if (strcmp(call, "get-repo") == 0)
        return lh_ws_get_repo(&t->ws, number(at), ret, e);
    if (strcmp(call, "list-events") == 0)
        return lh_ws_list_events(&t->ws, at, NULL, 3, ret, e);
    return -1;
}

/* Calls that take a document. */
static int put_json(struct tool *t, const char *call, const json_t *body, struct lh_error *e)
{
    char *id = NULL;
    int64_t n = 0;
    json_t *answer = NULL;
    int code = -1;

    if (strcmp(call, "create-pipeline") == 0 &&
        !(code = lh_ws_create_pipeline(&t->ws, body, &id, e)))
        keep(t, id);
    else if (strcmp(call, "try-pipeline") == 0)
        code = lh_ws_try_pipeline(&t->ws, body, e);
    else if (strcmp(call, "replace-pipeline") == 0)
        code = lh_ws_replace_pipeline(&t->ws, t->last, body,
                                      json_integer_value(json_object_get(body, "was")), e);
    else if (strcmp(call, "create-job") == 0 && !(code = lh_ws_create_job(&t->ws, body, &n, e)))
        keep_number(t, n);
    else if (strcmp(call, "reset-job") == 0)
        code = lh_ws_reset_job(&t->ws, number(t->last), body, e);
    else if (strcmp(call, "create-connection") == 0 &&
             !(code = lh_ws_create_connection(&t->ws, body, &answer, e)))
        say(t, answer);
    else if (strcmp(call, "update-connection") == 0 &&
             !(code = lh_ws_update_connection(&t->ws, "c", body, &answer, e)))
        say(t, answer);
    else if (strcmp(call, "create-repo") == 0 && !(code = lh_ws_create_repo(&t->ws, body, &n, e)))
        keep_number(t, n);
    else if (strcmp(call, "update-repo") == 0)
        code = lh_ws_update_repo(&t->ws, number(t->last), body, e);
    return code;
}

static int wait_update(struct tool *t, const char *pipeline, struct lh_error *e)
{
    char *update lh_autofree = NULL;
    char *state lh_autofree = NULL;
    int code = lh_ws_start_update(&t->ws, pipeline, true, &update, e);

    if (!code)
        code = lh_ws_wait_update(&t->ws, pipeline, update, 1, NULL, NULL, &state, e);
    if (!code)
        lh_buf_z(&t->said, state);
    return code;
}

static int run_job(struct tool *t, const char *token, struct lh_error *e)
{
    int64_t run = 0;
    int code = lh_ws_run_job(&t->ws, number(t->last), *token ? token : NULL, &run, e);

    if (!code)
        keep_number(t, run);
    return code;
}

static int list_folder(struct tool *t, const char *path, struct lh_error *e)
{
    struct lh_ws_object *objects = NULL;
    size_t n = 0;
    int code = lh_ws_list_folder(&t->ws, path, &objects, &n, e);

    for (size_t i = 0; i < n; i++) {
        lh_buf_f(&t->said, "%s%d %s", i ? ", " : "", (int)objects[i].type, objects[i].path);
        lh_ws_object_free(&objects[i]);
    }
    free(objects);
    return code;
}

/* All the others. */
static int other(struct tool *t, const char *call, const char *text, struct lh_error *e)
{
    const char *at = strcmp(text, "@") == 0 ? t->last : text;
    char *id = NULL;
    int code = -1;

    if (strcmp(call, "me") == 0 && !(code = lh_ws_me(&t->ws, &id, e))) {
        lh_buf_z(&t->said, id);
        free(id);
    } else if (strcmp(call, "delete-pipeline") == 0)
        code = lh_ws_delete_pipeline(&t->ws, at, false, e);
    else if (strcmp(call, "drop-pipeline") == 0)
        code = lh_ws_delete_pipeline(&t->ws, at, true, e);
    else if (strcmp(call, "stop-pipeline") == 0)
        code = lh_ws_stop_pipeline(&t->ws, at, e);
    else if (strcmp(call, "update") == 0)
        code = wait_update(t, at, e);
    else if (strcmp(call, "delete-job") == 0)
        code = lh_ws_delete_job(&t->ws, number(at), e);
    else if (strcmp(call, "run-job") == 0)
        code = run_job(t, text, e);
    else if (strcmp(call, "delete-connection") == 0)
        code = lh_ws_delete_connection(&t->ws, at, e);
    else if (strcmp(call, "create-schema") == 0)
        code = lh_ws_create_schema(&t->ws, "main", at, e);
    else if (strcmp(call, "create-volume") == 0)
        code = lh_ws_create_volume(&t->ws, "main", "default", at, e);
    else if (strcmp(call, "put-file") == 0)
        code = lh_ws_put_file(&t->ws, at, LH_STR("bytes"), false, e);
    else if (strcmp(call, "make-directory") == 0)
        code = lh_ws_make_directory(&t->ws, at, e);
    else if (strcmp(call, "get-secret") == 0)
        code = lh_ws_get_secret(&t->ws, "scope", at, &t->said, e);
    else if (strcmp(call, "list-folder") == 0)
        code = list_folder(t, at, e);
    else if (strcmp(call, "delete-repo") == 0)
        code = lh_ws_delete_repo(&t->ws, number(at), e);
    return code;
}

static int run_call(struct tool *t, const char *word, struct lh_error *e)
{
    size_t n = strcspn(word, "=");
    char *call lh_autofree = lh_xmemdup0(word, n);
    const char *text = word[n] ? word + n + 1 : "";
    lh_auto(lh_document) d = {0};
    json_t *answer = NULL;
    int code;

    if (text[0] == '{' && !lh_document_parse_json(&d, lh_str_z(text), "body", e))
        return put_json(t, call, d.root, e);
    code = get_json(t, call, text, &answer, e);
    if (code == -1)
        return other(t, call, text, e);
    if (!code)
        say(t, answer);
    return code;
}

static void report(const struct tool *t, int code, const struct lh_error *e)
{
    if (code == 0)
        printf("done%s%s\n", t->said.n ? " " : "", lh_buf_text(&t->said));
    else if (code == -1)
        printf("no such call\n");
    else
        printf("%d exists=%d maybe=%d %s\n", code, t->ws.trouble.exists, t->ws.trouble.maybe,
               lh_error_text(e));
}

int main(int argc, char **argv)
{
    const struct lh_patience patience = {lh_deadline_never(), -1};
    struct lh_log log;
    struct lh_workspace_settings settings = {.log = &log, .auth = {.environ = environ}};
    lh_autoptr(lh_workspace) w = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct tool t = {.said = LH_BUF_INIT((size_t)1 << 24)};

    curl_global_init(CURL_GLOBAL_DEFAULT);
    lh_log_init(&log, STDERR_FILENO);
    if (lh_workspace_open(&settings, &patience, &w, &e)) {
        printf("%d %s\n", e.code, lh_error_text(&e));
        lh_log_free(&log);
        return 1;
    }
    lh_ws_begin(&t.ws, w, &patience);
    for (int i = 1; i < argc; i++) {
        lh_auto(lh_error) why = LH_ERROR_INIT;
        int code;

        lh_buf_reset(&t.said);
        code = run_call(&t, argv[i], &why);
        report(&t, code, &why);
    }
    lh_ws_free(&t.ws);
    lh_buf_free(&t.said);
    lh_log_free(&log);
    return 0;
}
