/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which workspace, and as whom: Databricks unified authentication, without a network.
 *
 * In: flags, the environment, ~/.databrickscfg. Out: one value an attribute, where each came from,
 * and the kinds of sign-in that these values allow, in the order in which they are tried. The
 * rules, their order and the messages are those of the Databricks SDKs, so that what works there
 * works here; what is more: values have a place, and a host with two profiles, of which none was
 * chosen, is an error that names both.
 *
 * Every error is LH_INVALID (LH_REFUSED where the credentials are missing) and ends with which
 * attributes were set and by which variables; values that are secret are "***".
 */
#ifndef LH_WORKSPACE_AUTH_H
#define LH_WORKSPACE_AUTH_H

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"

enum lh_auth_key {
    LH_AUTH_HOST,
    LH_AUTH_ACCOUNT_ID,
    LH_AUTH_WORKSPACE_ID,
    LH_AUTH_DISCOVERY_URL,
    LH_AUTH_TOKEN,
    LH_AUTH_USERNAME,
    LH_AUTH_PASSWORD,
    LH_AUTH_CLIENT_ID,
    LH_AUTH_CLIENT_SECRET,
    LH_AUTH_SCOPES,
    LH_AUTH_OIDC_TOKEN_ENV,
    LH_AUTH_OIDC_TOKEN_FILEPATH,
    LH_AUTH_PROFILE,
    LH_AUTH_CONFIG_FILE,
    LH_AUTH_GOOGLE_SERVICE_ACCOUNT,
    LH_AUTH_GOOGLE_CREDENTIALS,
    LH_AUTH_AZURE_RESOURCE_ID,
    LH_AUTH_AZURE_USE_MSI,
    LH_AUTH_AZURE_CLIENT_SECRET,
    LH_AUTH_AZURE_CLIENT_ID,
    LH_AUTH_AZURE_TENANT_ID,
    LH_AUTH_AZURE_ENVIRONMENT,
    LH_AUTH_CLI_PATH,
    LH_AUTH_TYPE,
    LH_AUTH_METADATA_SERVICE_URL,
    LH_AUTH_KEYS
};

struct lh_auth_attribute {
    const char *name;  /* in a profile */
    const char *env;   /* NULL: none */
    const char *alias; /* another variable; NULL: none */
    const char *group; /* of sign-in, which exclude each other; NULL: none */
    bool is_secret;
};

extern const struct lh_auth_attribute lh_auth_attributes[LH_AUTH_KEYS];

struct lh_auth {
    char *values[LH_AUTH_KEYS];  /* NULL: not set; wiped when they go */
    char *origins[LH_AUTH_KEYS]; /* "--host", "DATABRICKS_HOST", "/home/me/.databrickscfg:3" */
    char *const *environ;        /* borrowed */
    struct lh_buf variables;     /* names of those that were used, "A, B" */
};

#define LH_AUTH_INIT                                                                               \
    {                                                                                              \
        .variables = LH_BUF_INIT(LH_BUF_TEXT)                                                      \
    }

void lh_auth_free(struct lh_auth *a);

struct lh_auth_sources {
    const char *host, *profile; /* flags; NULL: not given */
    char *const *environ;       /* "NAME=value", ends with NULL; also HOME and PATH */
};

/*
 * Fills *ret, which is LH_AUTH_INIT, up to the check for conflicts. Secrets are registered with the
 * log, which is warned about a file that others may read. Afterwards the host, when there is one,
 * is "https://name" or "https://name:port".
 */
int lh_auth_resolve(const struct lh_auth_sources *sources, struct lh_log *log, struct lh_auth *ret,
                    struct lh_error *e);

/* The value, or NULL. */
const char *lh_auth_get(const struct lh_auth *a, enum lh_auth_key key);

/* A variable of the environment that was given, or NULL; an empty one is NULL. */
const char *lh_auth_variable(const struct lh_auth *a, const char *name);

/* --- hosts (auth-host.c) ---------------------------------------------------------------------- */

/*
 * A host as people give it: without a scheme, with a slash, with the path and query of a browser.
 * Appends "https://name[:port]"; *ret_workspace_id is what stood behind "o=", or empty. LH_INVALID:
 * it is no host, or the console of an account.
 */
int lh_auth_normalise_host(lh_str given, struct lh_buf *to, lh_str *ret_workspace_id,
                           struct lh_error *e);

/* What Microsoft's endpoints are called in a cloud of theirs. */
struct lh_azure_cloud {
    const char *name;  /* "PUBLIC" */
    const char *login; /* with a slash at its end */
    const char *management;
};

/* By ARM_ENVIRONMENT ("PUBLIC", "AzurePublicCloud"), else by the host's name. NULL: no such cloud.
 */
const struct lh_azure_cloud *lh_auth_azure_cloud(const char *environment, const char *host);

/* --- kinds of sign-in (auth-kind.c) ----------------------------------------------------------- */

enum lh_auth_kind {
    LH_AUTH_PAT,
    LH_AUTH_BASIC,
    LH_AUTH_M2M,
    LH_AUTH_AZURE_SECRET,
    LH_AUTH_CLI,
    LH_AUTH_OTHER /* known to the SDKs, and not done here */
};

struct lh_auth_provider {
    const char *name; /* as auth_type has it */
    enum lh_auth_kind kind;
};

/*
 * The next kind that has all it needs: *at begins with 0. NULL at the end. With an auth_type it is
 * the only one. One that lakehost does not do is given too, when nothing can come before it.
 */
const struct lh_auth_provider *lh_auth_next(const struct lh_auth *a, size_t *at);

/* LH_REFUSED: nothing was usable; with the profiles that would have fitted the host. */
int lh_auth_nothing(const struct lh_auth *a, struct lh_error *e);

/* LH_INVALID: that kind is not done here, and what is. */
int lh_auth_unsupported(const struct lh_auth *a, const struct lh_auth_provider *provider,
                        struct lh_error *e);

/*
 * LH_INVALID when a profile decides who one is and none was chosen: two have the host. For kinds
 * that take their credentials from elsewhere.
 */
int lh_auth_check_profiles(const struct lh_auth *a, struct lh_error *e);

/* Appends ". Config: host=..., token=***. Env: DATABRICKS_HOST" to an error. Returns its code. */
int lh_auth_explain(const struct lh_auth *a, struct lh_error *e);

/* The scopes as they are sent: sorted, once each, "all-apis" when none was set. Appends. */
void lh_auth_scopes(const struct lh_auth *a, struct lh_buf *to);

#endif
