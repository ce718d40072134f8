/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Databricks workspace: signed in once, used by many threads, one function for each REST call.
 *
 *     lh_autoptr(lh_workspace) w = NULL;
 *     lh_auto(lh_ws) ws = LH_WS_INIT;
 *
 *     code = lh_workspace_open(&settings, &patience, &w, e);
 *     if (!code) lh_ws_begin(&ws, w, &patience);
 *     if (!code) code = lh_ws_mkdirs(&ws, "/Users/me@example.com/x", e);
 *
 * RESULTS. 0, or an enum lh_code with `e` set: LH_INVALID (the workspace does not take it),
 * LH_REFUSED (401, 403), LH_NOT_FOUND, LH_CONFLICT (there already, or changed since),
 * LH_UNREACHABLE (no answer, or none but "later" within the budget of retries), LH_INTERRUPTED,
 * LH_FAILED. The message names the call, the error code and the workspace's own words. ws->trouble
 * has the rest.
 *
 * CERTAINTY. A call that changes nothing or that may be made twice is repeated until it is
 * answered. Any other (making a job, a pipeline, a run) is sent once; when no answer says what
 * became of it, trouble.maybe is set, and the caller looks before it does it again.
 *
 * JSON. Settings of pipelines and jobs are jansson trees as they came, with every field that
 * lakehost does not know; lh_ws_merge lays what is wanted over what is there. Ids of jobs, runs and
 * objects are 64 bits and never pass through a double.
 */
#ifndef LH_WORKSPACE_WORKSPACE_H
#define LH_WORKSPACE_WORKSPACE_H

#include "http/http.h"
#include "workspace/auth.h"

#include <jansson.h>

#define LH_WS_RETRIES    30 /* a wait that the workspace asks for is no reason to give up */
#define LH_WS_RUNNING    16 /* calls under way at once, whatever the number of threads */
#define LH_WS_PAGES_MOST 10000
#define LH_WS_IMPORT_MAX ((size_t)10 << 20) /* what an import takes */

struct lh_workspace;

struct lh_workspace_settings {
    struct lh_log *log;
    struct lh_auth_sources auth;
    struct lh_http_settings http; /* log is not looked at; retries 0: LH_WS_RETRIES, < 0: none */
};

/* Resolves, signs in as far as that takes no call of the interface, and starts the HTTP engine. */
int lh_workspace_open(const struct lh_workspace_settings *settings,
                      const struct lh_patience *patience, struct lh_workspace **ret,
                      struct lh_error *e);
void lh_workspace_destroy(struct lh_workspace *w);
LH_AUTOPTR(lh_workspace, lh_workspace_destroy)

const char *lh_workspace_host(const struct lh_workspace *w); /* "https://..." */
const char *lh_workspace_kind(const struct lh_workspace *w); /* "pat": how it is signed in */

/* --- one thread's way to it ------------------------------------------------------------------- */

/* What is known about a call that failed, beyond the code. */
struct lh_ws_trouble {
    int status;    /* of HTTP; 0: there was no answer */
    char code[64]; /* error_code; "" when there was none */
    bool exists;   /* what was to be made is there already */
    bool maybe;    /* it may have happened all the same */
};

struct lh_ws {
    struct lh_workspace *workspace;
    struct lh_http_session *session;
    struct lh_patience patience;
    struct lh_ws_trouble trouble; /* of the last call */
};

#define LH_WS_INIT                                                                                 \
    {                                                                                              \
        NULL                                                                                       \
    }

void lh_ws_begin(struct lh_ws *ws, struct lh_workspace *w, const struct lh_patience *patience);
void lh_ws_free(struct lh_ws *ws);

/*
 * n pieces of work on up to `jobs` threads, each with a way of its own: work(context, i, ws, e) for
 * each i from 0. A piece that fails with LH_REFUSED, LH_INTERRUPTED or LH_UNREACHABLE ends it:
 * those that have not begun do not begin. done[i] (n entries, the caller's) gets its code, -1 if it
 * never began. Answers the first code in the order of i that is not 0, with its error.
 */
typedef int lh_ws_work(void *context, size_t i, struct lh_ws *ws, struct lh_error *e);
int lh_ws_each(struct lh_workspace *w, const struct lh_patience *patience, size_t n, unsigned jobs,
               lh_ws_work *work, void *context, int *done, struct lh_error *e);

/* --- who, files and folders ------------------------------------------------------------------- */

/* Paths are absolute, with or without /Workspace. */

/* The user's name, or the id of a service principal; free() it. */
int lh_ws_me(struct lh_ws *ws, char **ret_user, struct lh_error *e);

enum lh_ws_type { LH_WS_FOLDER, LH_WS_FILE, LH_WS_NOTEBOOK, LH_WS_REPO, LH_WS_OTHER };

struct lh_ws_object {
    enum lh_ws_type type;
    char *path; /* without /Workspace */
    int64_t id;
    int64_t size; /* of a file; -1: not known */
};

void lh_ws_object_free(struct lh_ws_object *o);

int lh_ws_get_status(struct lh_ws *ws, const char *path, struct lh_ws_object *ret,
                     struct lh_error *e);
/* What is directly in a folder; the caller frees each and the array. */
int lh_ws_list_folder(struct lh_ws *ws, const char *path, struct lh_ws_object **ret, size_t *ret_n,
                      struct lh_error *e);
int lh_ws_mkdirs(struct lh_ws *ws, const char *path, struct lh_error *e);

enum lh_ws_format {
    LH_WS_RAW,    /* a file, byte for byte */
    LH_WS_SOURCE, /* a notebook at exactly this path; takes a language */
    LH_WS_JUPYTER /* a notebook from .ipynb */
};

/* Up to LH_WS_IMPORT_MAX bytes; the folder must be there. Without overwrite trouble.exists. */
int lh_ws_import(struct lh_ws *ws, const char *path, lh_str content, enum lh_ws_format format,
                 const char *language, bool overwrite, struct lh_error *e);
/* Appends a file, or a notebook's source. */
int lh_ws_export(struct lh_ws *ws, const char *path, struct lh_buf *to, struct lh_error *e);
int lh_ws_delete(struct lh_ws *ws, const char *path, bool recursive, struct lh_error *e);

/* Files of volumes: /Volumes/catalog/schema/volume/... */
int lh_ws_put_file(struct lh_ws *ws, const char *path, lh_str content, bool overwrite,
                   struct lh_error *e);
int lh_ws_make_directory(struct lh_ws *ws, const char *path, struct lh_error *e);

/* --- pipelines -------------------------------------------------------------------------------- */

/* An array, to be released: {pipeline_id, name, state, latest_updates...}; name NULL: all. */
int lh_ws_list_pipelines(struct lh_ws *ws, const char *name, json_t **ret, struct lh_error *e);
/* The whole answer; its member "spec" has the settings, "last_modified" goes to replace. */
int lh_ws_get_pipeline(struct lh_ws *ws, const char *id, json_t **ret, struct lh_error *e);
/* May be maybe. free() the id. */
int lh_ws_create_pipeline(struct lh_ws *ws, const json_t *settings, char **ret_id,
                          struct lh_error *e);
/* Whether it would be taken (dry_run); makes nothing. */
int lh_ws_try_pipeline(struct lh_ws *ws, const json_t *settings, struct lh_error *e);
/* All settings; what is left out is lost. last_modified 0: whatever is there now. LH_CONFLICT. */
int lh_ws_replace_pipeline(struct lh_ws *ws, const char *id, const json_t *settings,
                           int64_t last_modified, struct lh_error *e);
/* A pipeline that is gone already is no failure. */
int lh_ws_delete_pipeline(struct lh_ws *ws, const char *id, bool drop_tables, struct lh_error *e);
int lh_ws_stop_pipeline(struct lh_ws *ws, const char *id, struct lh_error *e);

/* May be maybe. free() the update's id. */
int lh_ws_start_update(struct lh_ws *ws, const char *id, bool full_refresh, char **ret_update,
                       struct lh_error *e);
int lh_ws_get_update(struct lh_ws *ws, const char *id, const char *update, json_t **ret,
                     struct lh_error *e);
/* An array, the latest first; filter may be NULL ("level='ERROR'"). At most `most`. */
int lh_ws_list_events(struct lh_ws *ws, const char *id, const char *filter, size_t most,
                      json_t **ret, struct lh_error *e);

/* Whether an update has ended, and well. */
bool lh_ws_update_has_ended(const char *state);

/*
 * Asks every poll_ms until the update has ended; seen (may be NULL) hears each answer and ends it
 * with a code that is not 0. *ret_state is to be freed.
 */
int lh_ws_wait_update(struct lh_ws *ws, const char *id, const char *update, int64_t poll_ms,
                      int (*seen)(void *context, const json_t *update, struct lh_error *e),
                      void *context, char **ret_state, struct lh_error *e);

/* --- jobs ------------------------------------------------------------------------------------- */

/* An array of {job_id, settings...}, without tasks; names exactly equal only. NULL: all. */
int lh_ws_list_jobs(struct lh_ws *ws, const char *name, json_t **ret, struct lh_error *e);
/* The whole answer, with all tasks, however many pages they take. */
int lh_ws_get_job(struct lh_ws *ws, int64_t id, json_t **ret, struct lh_error *e);
/* May be maybe; names are not unique, so only a tag of one's own tells. */
int lh_ws_create_job(struct lh_ws *ws, const json_t *settings, int64_t *ret_id, struct lh_error *e);
int lh_ws_reset_job(struct lh_ws *ws, int64_t id, const json_t *settings, struct lh_error *e);
/* A job that is gone already is no failure. */
int lh_ws_delete_job(struct lh_ws *ws, int64_t id, struct lh_error *e);
/* The token (up to 64 bytes) makes it safe to repeat: the same one is the same run. */
int lh_ws_run_job(struct lh_ws *ws, int64_t id, const char *token, int64_t *ret_run,
                  struct lh_error *e);
int lh_ws_get_run(struct lh_ws *ws, int64_t run, json_t **ret, struct lh_error *e);

/* --- Unity Catalog, secrets, Git folders ------------------------------------------------------ */

int lh_ws_list_connections(struct lh_ws *ws, json_t **ret, struct lh_error *e);
int lh_ws_get_connection(struct lh_ws *ws, const char *name, json_t **ret, struct lh_error *e);
/* {name, connection_type, options, comment}; options are strings. */
int lh_ws_create_connection(struct lh_ws *ws, const json_t *body, json_t **ret, struct lh_error *e);
/* options replace all that are there, secrets among them, which nobody can read back. */
int lh_ws_update_connection(struct lh_ws *ws, const char *name, const json_t *options, json_t **ret,
                            struct lh_error *e);
int lh_ws_delete_connection(struct lh_ws *ws, const char *name, struct lh_error *e);

/* kind: "catalogs", "schemas", "volumes", "tables"; full: "main.default". */
int lh_ws_get_securable(struct lh_ws *ws, const char *kind, const char *full, json_t **ret,
                        struct lh_error *e);
int lh_ws_create_schema(struct lh_ws *ws, const char *catalog, const char *name,
                        struct lh_error *e);
int lh_ws_create_volume(struct lh_ws *ws, const char *catalog, const char *schema, const char *name,
                        struct lh_error *e);

/* Appends a secret's bytes, which the log knows from then on. */
int lh_ws_get_secret(struct lh_ws *ws, const char *scope, const char *key, struct lh_buf *to,
                     struct lh_error *e);

/* May be maybe: the path tells. */
int lh_ws_create_repo(struct lh_ws *ws, const json_t *body, int64_t *ret_id, struct lh_error *e);
int lh_ws_get_repo(struct lh_ws *ws, int64_t id, json_t **ret, struct lh_error *e);
int lh_ws_update_repo(struct lh_ws *ws, int64_t id, const json_t *body, struct lh_error *e);
int lh_ws_delete_repo(struct lh_ws *ws, int64_t id, struct lh_error *e);

/* --- settings --------------------------------------------------------------------------------- */

/*
 * `live` with `wanted` laid over it, as a new tree: members of objects one by one, anything else is
 * replaced. A null in `wanted` takes the member away.
 */
json_t *lh_ws_merge(const json_t *live, const json_t *wanted);

#endif
