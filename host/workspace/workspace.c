/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a workspace, the ways of threads to it, and work on several of them. */
#include "config.h"

#include "workspace/workspace_internal.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/utsname.h>

/* An error that passes, by its words, where its status alone would not say so. */
#define PASSES(words)                                                                              \
    "{\"status\":[400,403,404,409,500,501],\"json\":{\"/message\":\"*" words "*\"},\"again\":true}"

/* What the HTTP engine has to know of a workspace. 429 and 503 are asked again by its own rules. */
static const char spec_text[] =
    "{\"spec\":1,\"name\":\"workspace\",\"version\":\"1.0.0\",\"license\":\"Apache-2.0\","
    "\"options\":[{\"name\":\"host\",\"type\":\"url\",\"required\":true}],"
    "\"base\":[\"${host}\"],"
    "\"limits\":[{\"bucket\":\"default\",\"concurrent\":16}],"
    "\"retry\":["
    /* clang-format off */
    PASSES("UnknownWorkerEnvironmentException") ","
    PASSES("does not have any associated worker environments") ","
    PASSES("There is no worker environment with id") ","
    PASSES("Unknown worker environment") ","
    PASSES("ClusterNotReadyException") ","
    PASSES("Unexpected error") ","
    PASSES("Please try again later or try a faster operation.") ","
    PASSES("RPC token bucket limit has been exceeded")
    /* clang-format on */
    "]}";

/* --- opening ---------------------------------------------------------------------------------- */

void lh_workspace_destroy(struct lh_workspace *w)
{
    if (!w)
        return;
    lh_http_client_destroy(w->client);
    lh_http_engine_destroy(w->engine);
    lh_signer_destroy(w->signer);
    lh_opts_destroy(w->opts);
    if (w->spec)
        lh_spec_destroy(w->spec);
    lh_auth_free(&w->auth);
    free(w->user_agent);
    free(w);
}

const char *lh_workspace_host(const struct lh_workspace *w)
{
    return lh_auth_get(&w->auth, LH_AUTH_HOST);
}

const char *lh_workspace_kind(const struct lh_workspace *w)
{
    return lh_signer_kind(w->signer);
}

static int make_client(struct lh_workspace *w, struct lh_error *e)
{
    int code = lh_spec_parse(lh_str_z(spec_text), "workspace", &w->spec, e);

    if (code)
        return code;
    w->opts = lh_opts_new(w->spec, false);
    code = lh_opts_set(w->opts, LH_STR("host"), lh_str_z(lh_workspace_host(w)),
                       w->auth.origins[LH_AUTH_HOST], e);
    if (!code)
        code = lh_opts_finish(w->opts, LH_STR(""), LH_STR(""), e);
    if (!code)
        w->client = lh_http_client_new(w->engine, w->spec, w->opts);
    return code;
}

static int make_engine(struct lh_workspace *w, const struct lh_http_settings *given,
                       struct lh_error *e)
{
    struct lh_http_settings settings = *given;

    settings.log = w->log;
    settings.retries = given->retries == 0  ? LH_WS_RETRIES
                       : given->retries < 0 ? 0
                                            : given->retries;
    return lh_http_engine_new(&settings, &w->engine, e) ? e->code : 0;
}

/* lakehost/1.0 libcurl/8.0 os/linux auth/pat */
static char *user_agent(const struct lh_workspace *w)
{
    struct utsname system;

    if (uname(&system))
        return lh_xstrdup(PACKAGE_NAME "/" PACKAGE_VERSION);
    for (char *c = system.sysname; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    return lh_xasprintf(PACKAGE_NAME "/" PACKAGE_VERSION " libcurl/%s os/%s auth/%s",
                        curl_version_info(CURLVERSION_NOW)->version, system.sysname,
                        lh_signer_kind(w->signer));
}

int lh_workspace_open(const struct lh_workspace_settings *settings,
                      const struct lh_patience *patience, struct lh_workspace **ret,
                      struct lh_error *e)
{
    lh_autoptr(lh_workspace) w = lh_xcalloc(1, sizeof *w);
    struct lh_signer_setup setup = {.auth = &w->auth, .log = settings->log, .patience = patience};
    struct lh_http_signer hooks;
    int code;

    w->log = settings->log;
    w->auth = (struct lh_auth)LH_AUTH_INIT;
    code = lh_auth_resolve(&settings->auth, w->log, &w->auth, e);
    if (!code && !lh_workspace_host(w))
        return lh_auth_nothing(&w->auth, e);
    if (!code)
        code = make_engine(w, &settings->http, e);
    if (!code)
        code = make_client(w, e);
    setup.client = w->client;
    if (!code)
        code = lh_signer_new(&setup, &w->signer, e);
    if (code)
        return code;
    hooks = lh_signer_hooks(w->signer);
    lh_http_client_set_signer(w->client, &hooks);
    w->user_agent = user_agent(w);
    *ret = lh_take(w);
    return 0;
}

/* --- ways to it ------------------------------------------------------------------------------- */

void lh_ws_begin(struct lh_ws *ws, struct lh_workspace *w, const struct lh_patience *patience)
{
    *ws = (struct lh_ws){
        .workspace = w, .session = lh_http_session_new(w->client), .patience = *patience};
}

void lh_ws_free(struct lh_ws *ws)
{
    lh_http_session_destroy(ws->session);
    ws->session = NULL;
}

/* --- work on several threads ------------------------------------------------------------------ */

struct crew {
    struct lh_workspace *workspace;
    const struct lh_patience *patience;
    lh_ws_work *work;
    void *context;
    size_t n;
    int *done;
    struct lh_error *errors;
    pthread_mutex_t mutex; /* guards what follows */
    size_t next;
    bool is_over;
};

/* The next piece, or n. */
static size_t take_piece(struct crew *c)
{
    size_t i;

    pthread_mutex_lock(&c->mutex);
    i = c->is_over ? c->n : c->next;
    c->next += i < c->n;
    pthread_mutex_unlock(&c->mutex);
    return i;
}

static void end_piece(struct crew *c, size_t i, int code)
{
    pthread_mutex_lock(&c->mutex);
    c->done[i] = code;
    c->is_over =
        c->is_over || code == LH_REFUSED || code == LH_INTERRUPTED || code == LH_UNREACHABLE;
    pthread_mutex_unlock(&c->mutex);
}

static void *run_pieces(void *context)
{
    struct crew *c = context;
    lh_auto(lh_ws) ws = LH_WS_INIT;
    size_t i;

    lh_ws_begin(&ws, c->workspace, c->patience);
    while ((i = take_piece(c)) < c->n)
        end_piece(c, i, c->work(c->context, i, &ws, &c->errors[i]));
    return NULL;
}

static void run_all(struct crew *c, unsigned jobs)
{
    pthread_t *threads lh_autofree = lh_xcalloc(jobs, sizeof *threads);
    unsigned started = 0;

    /* this thread works too, so that there is one whatever happens */
    while (started + 1 < jobs && !pthread_create(&threads[started], NULL, run_pieces, c))
        started++;
    run_pieces(c);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

int lh_ws_each(struct lh_workspace *w, const struct lh_patience *patience, size_t n, unsigned jobs,
               lh_ws_work *work, void *context, int *done, struct lh_error *e)
{
    struct lh_error *errors lh_autofree = lh_xcalloc(n + 1, sizeof *errors);
    struct crew c = {w, patience, work, context, n, done, errors, PTHREAD_MUTEX_INITIALIZER,
                     0, false};
    int code = 0;

    for (size_t i = 0; i < n; i++)
        done[i] = -1;
    run_all(&c, jobs > n ? (n ? (unsigned)n : 1) : jobs ? jobs : 1);
    for (size_t i = 0; i < n; i++) {
        if (!code && done[i] > 0)
            code = lh_error_move(e, &errors[i]);
        lh_error_free(&errors[i]);
    }
    pthread_mutex_destroy(&c.mutex);
    return code;
}
