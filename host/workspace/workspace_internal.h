/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of host/workspace/ share: how a call is made. workspace.h is the face. */
#ifndef LH_WORKSPACE_INTERNAL_H
#define LH_WORKSPACE_INTERNAL_H

#include "workspace/signer.h"
#include "workspace/workspace.h"

struct lh_workspace {
    struct lh_log *log;
    struct lh_auth auth;
    struct lh_spec *spec;
    struct lh_opts *opts;
    struct lh_http_engine *engine;
    struct lh_http_client *client;
    struct lh_signer *signer;
    char *user_agent;
};

/* --- URLs ------------------------------------------------------------------------------------- */

#define LH_WS_URL LH_BUF_INIT((size_t)8192)

/* Appends a name as one segment of a path, and a path with its slashes. */
void lh_ws_put_segment(struct lh_buf *url, const char *name);
void lh_ws_put_path(struct lh_buf *url, const char *path);
/* Appends "?key=value" or "&key=value". */
void lh_ws_put_query(struct lh_buf *url, const char *key, const char *value);

/* The text, or NULL when it became too long: a call with that is refused. */
const char *lh_ws_url(const struct lh_buf *url);

/* --- calls (call.c) --------------------------------------------------------------------------- */

enum {
    LH_WS_ONCE = 1, /* it must not happen twice */
    LH_WS_BYTES = 2 /* the answer is no JSON */
};

struct lh_ws_call {
    const char *method;
    const char *url;    /* from its '/' */
    const json_t *body; /* NULL: none */
    lh_str bytes;       /* a body that is no JSON */
    unsigned flags;
};

/*
 * One call. *ret gets the answer (an object; an empty one for an empty body); ret may be NULL.
 * Answers with LH_WS_BYTES go to `to`.
 */
int lh_ws_call(struct lh_ws *ws, const struct lh_ws_call *call, json_t **ret, struct lh_buf *to,
               struct lh_error *e);

/* The same for the usual: method, URL, body. */
int lh_ws_get(struct lh_ws *ws, const struct lh_buf *url, json_t **ret, struct lh_error *e);
int lh_ws_post(struct lh_ws *ws, const char *url, json_t *body /* taken */, unsigned flags,
               json_t **ret, struct lh_error *e);

/*
 * All pages of a list: the members `items` of each answer, as one array. `token` is the query's
 * name for the page; most 0: all.
 */
int lh_ws_pages(struct lh_ws *ws, const struct lh_buf *url, const char *items, const char *token,
                size_t most, json_t **ret, struct lh_error *e);

/* A member that must be there. free() the text. */
int lh_ws_take_text(struct lh_ws *ws, const json_t *answer, const char *key, char **ret,
                    struct lh_error *e);
int lh_ws_take_id(struct lh_ws *ws, const json_t *answer, const char *key, int64_t *ret,
                  struct lh_error *e);

/* --- what an error means (trouble.c) ---------------------------------------------------------- */

struct lh_ws_problem {
    struct lh_ws_trouble trouble;
    int code;              /* enum lh_code; never 0 */
    struct lh_buf message; /* the workspace's own words, on one line, bounded */
};

#define LH_WS_PROBLEM_INIT                                                                         \
    {                                                                                              \
        .message = LH_BUF_INIT((size_t)4096)                                                       \
    }

void lh_ws_problem_free(struct lh_ws_problem *p);

/* Reads an answer that is no success. path: of the request, without its query. */
void lh_ws_problem_read(lh_str path, int status, lh_str body, struct lh_ws_problem *ret);

#endif
