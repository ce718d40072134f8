/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where tokens come from: discovery_url, what the workspace says about itself, the classic path,
 * and at last the place where the endpoint always is. Nothing here is signed.
 */
#include "config.h"

#include "workspace/signer_internal.h"

#include "base/deadline.h"
#include "plugin/url.h"
#include "json/document.h"

#include <stdlib.h>

#define TRIES   4
#define WAIT_MS 500 /* before the second try, doubled with each */

#define METADATA "/.well-known/databricks-config"
#define SERVER   "/.well-known/oauth-authorization-server"

static bool may_pass(int code, const struct lh_http_answer *answer)
{
    if (code)
        return code == LH_UNREACHABLE;
    return answer->status == 429 || answer->status >= 500;
}

/* GET, again after what passes. */
static int get(const struct lh_signer *s, const char *url, struct lh_http_answer **ret,
               struct lh_error *e)
{
    const struct lh_patience *patience = s->setup.patience;
    int64_t wait = WAIT_MS;

    for (int i = 1;; i++, wait *= 2) {
        lh_autoptr(lh_http_answer) answer = NULL;
        lh_auto(lh_error) why = LH_ERROR_INIT;
        int code = lh_http_client_peek(s->setup.client, lh_str_z(url), patience, &answer, &why);

        if (i == TRIES || !may_pass(code, answer)) {
            *ret = lh_take(answer);
            return code ? lh_error_move(e, &why) : 0;
        }
        if (!lh_sleep_until(lh_deadline_earlier(lh_deadline_in(wait), patience->deadline),
                            patience->fd))
            return lh_error_set(e, LH_INTERRUPTED, "interrupted");
    }
}

/* The JSON object at this URL. LH_NOT_FOUND: there is none. */
static int get_document(const struct lh_signer *s, const char *url, struct lh_document *ret,
                        struct lh_error *e)
{
    lh_autoptr(lh_http_answer) answer = NULL;
    int code = get(s, url, &answer, e);

    if (code)
        return lh_error_wrap(e, "GET %s", url);
    if (answer->status != 200)
        return lh_error_set(e, answer->status >= 500 ? LH_UNREACHABLE : LH_NOT_FOUND, "GET %s: %d",
                            url, answer->status);
    if (lh_document_parse_json(ret, lh_buf_slice(&answer->body), url, e) ||
        !json_is_object(ret->root))
        return lh_error_set(e, LH_NOT_FOUND, "GET %s: expected a JSON object", url);
    return 0;
}

static const char *text_of(const struct lh_document *d, const char *key)
{
    const char *text = json_string_value(json_object_get(d->root, key));

    return text && *text ? text : NULL;
}

/* token_endpoint of the document at a discovery URL. */
static int endpoint_of(const struct lh_signer *s, const char *url, char **ret, struct lh_error *e)
{
    lh_auto(lh_document) d = {0};
    const char *endpoint;
    const char *why;
    struct lh_url parts;
    int code = get_document(s, url, &d, e);

    if (code)
        return code;
    endpoint = text_of(&d, "token_endpoint");
    if (!endpoint || !lh_url_split(lh_str_z(endpoint), &parts, &why))
        return lh_error_set(e, LH_NOT_FOUND, "GET %s: it names no token_endpoint that is a URL",
                            url);
    *ret = lh_xstrdup(endpoint);
    return 0;
}

/* --- what the workspace says about itself ----------------------------------------------------- */

static void fill(struct lh_auth *a, enum lh_auth_key key, const char *value)
{
    if (a->values[key] || !value)
        return;
    a->values[key] = lh_xstrdup(value);
    a->origins[key] = lh_xstrdup("the workspace");
}

/* "{host}/oidc" with its account in place, as a discovery URL. */
static int server_of(const struct lh_auth *a, const char *oidc, char **ret, struct lh_error *e)
{
    const char *hole = strstr(oidc, "{account_id}");
    const char *account = lh_auth_get(a, LH_AUTH_ACCOUNT_ID);
    lh_auto(lh_buf) url = LH_BUF_INIT(LH_URL_BYTES);

    if (hole && !account)
        return lh_error_set(e, LH_INVALID,
                            "account_id is required to resolve discovery_url from host metadata");
    lh_buf_add(&url, oidc, hole ? (size_t)(hole - oidc) : strlen(oidc));
    if (hole)
        lh_buf_f(&url, "%s%s", account, hole + strlen("{account_id}"));
    while (url.n && url.p[url.n - 1] == '/')
        lh_buf_cut(&url, url.n - 1);
    lh_buf_z(&url, SERVER);
    if (url.failed)
        return lh_error_set(e, LH_NOT_FOUND, "the oidc_endpoint of the workspace is too long");
    *ret = lh_buf_take(&url);
    return 0;
}

/* LH_NOT_FOUND: it does not say, as old deployments do not. */
static int from_metadata(struct lh_signer *s, const char *host, char **ret, struct lh_error *e)
{
    lh_auto(lh_document) d = {0};
    char *url lh_autofree = lh_xasprintf("%s" METADATA, host);
    char *server lh_autofree = NULL;
    int code = get_document(s, url, &d, e);

    if (code)
        return code;
    fill(s->setup.auth, LH_AUTH_ACCOUNT_ID, text_of(&d, "account_id"));
    fill(s->setup.auth, LH_AUTH_WORKSPACE_ID, text_of(&d, "workspace_id"));
    if (!text_of(&d, "oidc_endpoint"))
        return lh_error_set(e, LH_NOT_FOUND, "GET %s: it names no oidc_endpoint", url);
    code = server_of(s->setup.auth, text_of(&d, "oidc_endpoint"), &server, e);
    return code ? code : endpoint_of(s, server, ret, e);
}

/* A step that failed for this reason is followed by the next one. */
static bool goes_on(int code)
{
    return code == LH_NOT_FOUND || code == LH_UNREACHABLE;
}

int lh_signer_token_url(struct lh_signer *s, char **ret, struct lh_error *e)
{
    const struct lh_auth *a = s->setup.auth;
    const char *host = lh_auth_get(a, LH_AUTH_HOST);
    char *classic lh_autofree = lh_xasprintf("%s/oidc" SERVER, host);
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code;

    if (lh_auth_get(a, LH_AUTH_DISCOVERY_URL))
        return endpoint_of(s, lh_auth_get(a, LH_AUTH_DISCOVERY_URL), ret, e)
                   ? lh_error_wrap(e, "discovery_url")
                   : 0;
    code = from_metadata(s, host, ret, &why);
    if (goes_on(code)) {
        lh_log_debug(s->setup.log, "workspace: %s", lh_error_text(&why));
        code = endpoint_of(s, classic, ret, &why);
    }
    if (code == LH_NOT_FOUND) {
        lh_log_debug(s->setup.log, "workspace: %s", lh_error_text(&why));
        *ret = lh_xasprintf("%s/oidc/v1/token", host);
        return 0;
    }
    return code ? lh_error_move(e, &why) : 0;
}

/* --- Azure ------------------------------------------------------------------------------------ */

int lh_signer_azure_tenant(struct lh_signer *s, char **ret, struct lh_error *e)
{
    const char *host = lh_auth_get(s->setup.auth, LH_AUTH_HOST);
    char *url lh_autofree = lh_xasprintf("%s/aad/auth", host);
    lh_autoptr(lh_http_answer) answer = NULL;
    const char *why;
    struct lh_url to;
    lh_str location;
    size_t n = 0;
    int code = get(s, url, &answer, e);

    if (code)
        return lh_error_wrap(e, "GET %s", url);
    location = lh_http_headers_get(&answer->headers, "location");
    if (answer->status / 100 != 3 || !location.p || !lh_url_split(location, &to, &why))
        return lh_error_set(e, LH_INVALID,
                            "GET %s: %d: expected a redirect that names the tenant; set "
                            "ARM_TENANT_ID",
                            url, answer->status);
    for (n = 1; n < to.path.n && to.path.p[n] != '/'; n++)
        ;
    if (to.path.n < 2 || n < 2)
        return lh_error_set(e, LH_INVALID,
                            "GET %s: the redirect names no tenant; set "
                            "ARM_TENANT_ID",
                            url);
    *ret = lh_xmemdup0(to.path.p + 1, n - 1);
    return 0;
}
