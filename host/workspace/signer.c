/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials for requests to a workspace; see signer.h. Tokens are host/http's. */
#include "config.h"

#include "workspace/signer_internal.h"

#include <stdlib.h>

/* The application that every Azure workspace belongs to. */
#define AZURE_APPLICATION "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"

void lh_signer_destroy(struct lh_signer *s)
{
    if (!s)
        return;
    lh_secret_free(&s->header);
    lh_tokens_destroy(s->tokens);
    lh_tokens_destroy(s->management);
    lh_cli_destroy(s->cli);
    free(s);
}

const char *lh_signer_kind(const struct lh_signer *s)
{
    return s->provider->name;
}

static const char *value(const struct lh_signer *s, enum lh_auth_key key)
{
    return lh_auth_get(s->setup.auth, key);
}

/* --- making each kind ------------------------------------------------------------------------- */

static int make_pat(struct lh_signer *s, struct lh_error *e)
{
    (void)e;
    lh_secret_join(&s->header, LH_STR("Bearer"), " ", lh_str_z(value(s, LH_AUTH_TOKEN)));
    return 0;
}

static int make_basic(struct lh_signer *s, struct lh_error *e)
{
    lh_auto(lh_secret) pair = LH_SECRET_INIT;

    (void)e;
    lh_secret_join(&pair, lh_str_z(value(s, LH_AUTH_USERNAME)), ":",
                   lh_str_z(value(s, LH_AUTH_PASSWORD)));
    lh_secret_basic(&s->header, lh_secret_text(&pair));
    lh_log_secret(s->setup.log, lh_str_n(s->header.text.p + 6, s->header.text.n - 6), "password");
    return 0;
}

static int make_tokens(const struct lh_signer *s, struct lh_token_grant *grant,
                       struct lh_tokens **ret, struct lh_error *e)
{
    const struct lh_sign_in_setup setup = {
        .log = s->setup.log,
        .fetch = s->setup.fetch ? s->setup.fetch : lh_http_client_fetch_token,
        .context = s->setup.context ? s->setup.context : s->setup.client,
        .clock = s->setup.clock,
    };

    return lh_tokens_new(grant, &setup, ret, e);
}

static int make_m2m(struct lh_signer *s, struct lh_error *e)
{
    lh_auto(lh_token_grant)
        grant = {.client_auth = LH_CLIENT_BASIC, .refresh_before_ms = LH_SIGNER_EARLY_MS};
    lh_auto(lh_buf) scopes = LH_BUF_INIT(LH_BUF_TEXT);
    int code = lh_signer_token_url(s, &grant.url, e);

    if (code)
        return code;
    lh_auth_scopes(s->setup.auth, &scopes);
    lh_secret_set(&grant.client_id, lh_str_z(value(s, LH_AUTH_CLIENT_ID)));
    lh_secret_set(&grant.client_secret, lh_str_z(value(s, LH_AUTH_CLIENT_SECRET)));
    lh_secret_set(&grant.scope, lh_buf_slice(&scopes));
    return make_tokens(s, &grant, &s->tokens, e);
}

static int make_azure_tokens(const struct lh_signer *s, const char *url, const char *resource,
                             struct lh_tokens **ret, struct lh_error *e)
{
    lh_auto(lh_token_grant) grant = {.url = lh_xstrdup(url),
                                     .client_auth = LH_CLIENT_POST,
                                     .refresh_before_ms = LH_SIGNER_EARLY_MS};

    lh_secret_set(&grant.client_id, lh_str_z(value(s, LH_AUTH_AZURE_CLIENT_ID)));
    lh_secret_set(&grant.client_secret, lh_str_z(value(s, LH_AUTH_AZURE_CLIENT_SECRET)));
    lh_secret_set(&grant.resource, lh_str_z(resource));
    return make_tokens(s, &grant, ret, e);
}

static int make_azure(struct lh_signer *s, struct lh_error *e)
{
    const struct lh_azure_cloud *cloud =
        lh_auth_azure_cloud(value(s, LH_AUTH_AZURE_ENVIRONMENT), value(s, LH_AUTH_HOST));
    const char *given = value(s, LH_AUTH_AZURE_TENANT_ID);
    char *tenant lh_autofree = given ? lh_xstrdup(given) : NULL;
    char *url lh_autofree = NULL;
    int code = 0;

    if (!cloud)
        return lh_error_set(e, LH_INVALID,
                            "azure_environment: expected PUBLIC, USGOVERNMENT or CHINA, found %s",
                            value(s, LH_AUTH_AZURE_ENVIRONMENT));
    if (!tenant)
        code = lh_signer_azure_tenant(s, &tenant, e);
    if (code)
        return code;
    url = lh_xasprintf("%s%s/oauth2/token", cloud->login, tenant);
    code = make_azure_tokens(s, url, AZURE_APPLICATION, &s->tokens, e);
    return code ? code : make_azure_tokens(s, url, cloud->management, &s->management, e);
}

static int make_cli(struct lh_signer *s, struct lh_error *e)
{
    int code = lh_auth_check_profiles(s->setup.auth, e);

    return code ? code : lh_cli_new(&s->setup, &s->cli, e);
}

static int make(struct lh_signer *s, struct lh_error *e)
{
    static int (*const makers[])(struct lh_signer *, struct lh_error *) = {
        [LH_AUTH_PAT] = make_pat, [LH_AUTH_BASIC] = make_basic,
        [LH_AUTH_M2M] = make_m2m, [LH_AUTH_AZURE_SECRET] = make_azure,
        [LH_AUTH_CLI] = make_cli,
    };

    if (s->provider->kind == LH_AUTH_OTHER)
        return lh_auth_unsupported(s->setup.auth, s->provider, e);
    return makers[s->provider->kind](s, e);
}

int lh_signer_new(const struct lh_signer_setup *setup, struct lh_signer **ret, struct lh_error *e)
{
    lh_autoptr(lh_signer) s = lh_xcalloc(1, sizeof *s);
    lh_auto(lh_error) why = LH_ERROR_INIT;
    size_t at = 0;

    s->setup = *setup;
    while ((s->provider = lh_auth_next(setup->auth, &at))) {
        int code = make(s, &why);
        bool is_skipped = code == LH_NOT_FOUND && s->provider->kind == LH_AUTH_CLI;

        if (!code) {
            *ret = lh_take(s);
            return 0;
        }
        if (!is_skipped || lh_auth_get(setup->auth, LH_AUTH_TYPE)) {
            lh_error_move(e, &why);
            if (s->provider->kind != LH_AUTH_OTHER)
                lh_error_wrap(e, "default auth: %s", s->provider->name);
            return is_skipped && e ? (e->code = LH_REFUSED) : code;
        }
        lh_log_debug(setup->log, "workspace: %s: %s", s->provider->name, lh_error_text(&why));
    }
    return lh_auth_nothing(setup->auth, e);
}

/* --- requests --------------------------------------------------------------------------------- */

static int set_authorization(struct lh_http_headers *headers, const struct lh_secret *value,
                             struct lh_error *e)
{
    return lh_http_headers_set(headers, LH_STR("authorization"), lh_secret_text(value), e);
}

/* The second token and what it is for; without the word before it. */
static int add_azure(struct lh_signer *s, const struct lh_patience *patience,
                     struct lh_http_headers *headers, uint64_t *ret_serial, struct lh_error *e)
{
    const char *resource = value(s, LH_AUTH_AZURE_RESOURCE_ID);
    lh_auto(lh_secret) bearer = LH_SECRET_INIT;
    int code = lh_tokens_get(s->management, patience, &bearer, ret_serial, e);

    if (!code)
        code = lh_http_headers_set(headers, LH_STR("x-databricks-azure-sp-management-token"),
                                   lh_str_z(strchr(lh_buf_text(&bearer.text), ' ') + 1), e);
    if (!code && resource)
        code = lh_http_headers_set(headers, LH_STR("x-databricks-azure-workspace-resource-id"),
                                   lh_str_z(resource), e);
    return code;
}

static int apply_tokens(struct lh_signer *s, const struct lh_patience *patience,
                        struct lh_http_headers *headers, uint64_t *ret_serial, struct lh_error *e)
{
    lh_auto(lh_secret) bearer = LH_SECRET_INIT;
    uint64_t second = 0;
    int code;

    if (s->cli)
        code = lh_cli_get(s->cli, &s->setup, patience, &bearer, ret_serial, e);
    else
        code = lh_tokens_get(s->tokens, patience, &bearer, ret_serial, e);
    if (!code)
        code = set_authorization(headers, &bearer, e);
    if (!code && s->management)
        code = add_azure(s, patience, headers, &second, e);
    *ret_serial = (*ret_serial & UINT32_MAX) | second << 32;
    return code ? lh_error_wrap(e, "default auth: %s", s->provider->name) : 0;
}

static int apply(void *context, const struct lh_patience *patience, struct lh_http_headers *headers,
                 uint64_t *ret_serial, struct lh_error *e)
{
    struct lh_signer *s = context;

    *ret_serial = 0;
    return s->header.text.n ? set_authorization(headers, &s->header, e)
                            : apply_tokens(s, patience, headers, ret_serial, e);
}

static int renew(void *context, uint64_t serial, const struct lh_patience *patience,
                 bool *ret_again, struct lh_error *e)
{
    struct lh_signer *s = context;

    (void)patience;
    (void)e;
    *ret_again = !s->header.text.n;
    if (s->cli)
        lh_cli_drop(s->cli, serial);
    if (s->tokens)
        lh_tokens_drop(s->tokens, serial & UINT32_MAX);
    if (s->management)
        lh_tokens_drop(s->management, serial >> 32);
    return 0;
}

struct lh_http_signer lh_signer_hooks(struct lh_signer *s)
{
    return (struct lh_http_signer){.apply = apply, .renew = renew, .context = s};
}
