/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of sign-in: their order, what each needs, and what is said when none is left. */
#include "config.h"

#include "workspace/auth_internal.h"

#include <stdlib.h>

#define HELP                                                                                       \
    "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication"
#define NEEDS 4

struct kind {
    struct lh_auth_provider provider;
    size_t needs[NEEDS];      /* 1 + enum lh_auth_key; 0: no more */
    const char *variables[2]; /* of the environment that must be there too */
    bool by_name_only;        /* auth_type must ask for it */
};

#define NEED(key) (1 + (size_t)LH_AUTH_##key)

/* In the order in which they are tried. */
static const struct kind kinds[] = {
    {{"pat", LH_AUTH_PAT}, {NEED(HOST), NEED(TOKEN)}},
    {{"basic", LH_AUTH_BASIC}, {NEED(HOST), NEED(USERNAME), NEED(PASSWORD)}},
    {{"metadata-service", LH_AUTH_OTHER}, {NEED(HOST), NEED(METADATA_SERVICE_URL)}},
    {{"oauth-m2m", LH_AUTH_M2M}, {NEED(HOST), NEED(CLIENT_ID), NEED(CLIENT_SECRET)}},
    {{"env-oidc", LH_AUTH_OTHER}, {NEED(HOST)}, {"DATABRICKS_OIDC_TOKEN"}},
    {{"env-oidc", LH_AUTH_OTHER}, {NEED(HOST), NEED(OIDC_TOKEN_ENV)}},
    {{"file-oidc", LH_AUTH_OTHER}, {NEED(HOST), NEED(OIDC_TOKEN_FILEPATH)}},
    {{"github-oidc", LH_AUTH_OTHER},
     {NEED(HOST), NEED(CLIENT_ID)},
     {"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}},
    {{"azure-client-secret", LH_AUTH_AZURE_SECRET},
     {NEED(HOST), NEED(AZURE_CLIENT_ID), NEED(AZURE_CLIENT_SECRET)}},
    {{"github-oidc-azure", LH_AUTH_OTHER},
     {NEED(HOST), NEED(AZURE_CLIENT_ID)},
     {"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}},
    {{"azure-cli", LH_AUTH_OTHER}, {NEED(HOST)}, .by_name_only = true},
    {{"azure-devops-oidc", LH_AUTH_OTHER}, {NEED(HOST), NEED(CLIENT_ID)}, {"SYSTEM_ACCESSTOKEN"}},
    {{"external-browser", LH_AUTH_OTHER}, {NEED(HOST)}, .by_name_only = true},
    {{"databricks-cli", LH_AUTH_CLI}, {NEED(HOST)}},
    {{"runtime-oauth", LH_AUTH_OTHER}, {NEED(SCOPES)}, {"DATABRICKS_RUNTIME_VERSION"}},
    {{"runtime", LH_AUTH_OTHER}, {0}, {"DATABRICKS_RUNTIME_VERSION"}},
    {{"google-credentials", LH_AUTH_OTHER}, {NEED(HOST), NEED(GOOGLE_CREDENTIALS)}},
    {{"google-id", LH_AUTH_OTHER}, {NEED(HOST), NEED(GOOGLE_SERVICE_ACCOUNT)}},
    {{"model-serving", LH_AUTH_OTHER}, {0}, .by_name_only = true},
};

static bool has_all(const struct lh_auth *a, const struct kind *k)
{
    for (size_t i = 0; i < NEEDS && k->needs[i]; i++)
        if (!a->values[k->needs[i] - 1])
            return false;
    for (size_t i = 0; i < LH_LEN(k->variables) && k->variables[i]; i++)
        if (!lh_auth_variable(a, k->variables[i]))
            return false;
    return true;
}

/* What is not done here is named when it was asked for, whether it has what it needs or not. */
static bool is_next(const struct lh_auth *a, const struct kind *k)
{
    const char *asked = a->values[LH_AUTH_TYPE];

    if (asked)
        return strcmp(asked, k->provider.name) == 0 &&
               (k->provider.kind == LH_AUTH_OTHER || has_all(a, k));
    return !k->by_name_only && has_all(a, k);
}

const struct lh_auth_provider *lh_auth_next(const struct lh_auth *a, size_t *at)
{
    while (*at < LH_LEN(kinds)) {
        const struct kind *k = &kinds[(*at)++];

        if (is_next(a, k))
            return &k->provider;
    }
    return NULL;
}

/* --- profiles of a host ----------------------------------------------------------------------- */

static bool is_for_host(const struct lh_profile *profile, const char *host)
{
    const struct lh_profile_key *key = lh_profile_get(profile, "host");
    lh_auto(lh_buf) theirs = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str id;

    return key && !lh_auth_normalise_host(lh_str_z(key->value), &theirs, &id, NULL) &&
           lh_str_eqz(lh_buf_slice(&theirs), host);
}

/* Appends "A and B" of the file; a file that cannot be read has none. */
static size_t profiles_of_host(const struct lh_auth *a, struct lh_buf *names, char **ret_file)
{
    char *path lh_autofree = lh_auth_file(a);
    lh_auto(lh_profiles) p = {0};
    size_t n = 0;

    if (!path || !a->values[LH_AUTH_HOST] || a->values[LH_AUTH_PROFILE] ||
        lh_auth_read_file(path, NULL, &p, NULL))
        return 0;
    for (size_t i = 0; i < p.n; i++)
        if (is_for_host(&p.items[i], a->values[LH_AUTH_HOST]))
            lh_buf_f(names, "%s%s", n++ ? " and " : "", p.items[i].name);
    *ret_file = lh_take(path);
    return n;
}

int lh_auth_check_profiles(const struct lh_auth *a, struct lh_error *e)
{
    lh_auto(lh_buf) names = LH_BUF_INIT(LH_BUF_TEXT);
    char *file lh_autofree = NULL;

    if (profiles_of_host(a, &names, &file) < 2)
        return 0;
    lh_error_set(e, LH_INVALID,
                 "resolve: the profiles %s of %s have the host %s; choose one with "
                 "--profile",
                 lh_buf_text(&names), file, a->values[LH_AUTH_HOST]);
    return lh_auth_explain(a, e);
}

/* --- messages --------------------------------------------------------------------------------- */

int lh_auth_nothing(const struct lh_auth *a, struct lh_error *e)
{
    lh_auto(lh_buf) names = LH_BUF_INIT(LH_BUF_TEXT);
    char *file lh_autofree = NULL;
    size_t n = profiles_of_host(a, &names, &file);

    lh_error_set(e, LH_REFUSED,
                 "default auth: cannot configure default credentials, please check " HELP
                 " to configure credentials for your preferred authentication method");
    if (n == 1)
        lh_error_set(e, LH_REFUSED,
                     "default auth: cannot configure default credentials for %s, which %s names; "
                     "the profile %s of %s is for it: choose it with --profile",
                     a->values[LH_AUTH_HOST], a->origins[LH_AUTH_HOST], lh_buf_text(&names), file);
    return lh_auth_explain(a, e);
}

int lh_auth_unsupported(const struct lh_auth *a, const struct lh_auth_provider *provider,
                        struct lh_error *e)
{
    lh_error_set(e, LH_INVALID,
                 "default auth: auth type %s is not supported by this program; it knows pat, "
                 "basic, oauth-m2m, azure-client-secret and databricks-cli",
                 provider->name);
    return lh_auth_explain(a, e);
}

static void put_values(const struct lh_auth *a, struct lh_buf *to)
{
    const char *between = ". Config: ";

    for (size_t i = 0; i < LH_AUTH_KEYS; i++) {
        if (!a->values[i])
            continue;
        lh_buf_f(to, "%s%s=%s", between, lh_auth_attributes[i].name,
                 lh_auth_attributes[i].is_secret ? "***" : a->values[i]);
        between = ", ";
    }
}

int lh_auth_explain(const struct lh_auth *a, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

    if (!e || !e->code)
        return e ? 0 : LH_INVALID;
    lh_buf_z(&text, lh_error_text(e));
    if (text.n && text.p[text.n - 1] == '.')
        lh_buf_cut(&text, text.n - 1);
    put_values(a, &text);
    if (a->variables.n)
        lh_buf_f(&text, ". Env: %s", lh_buf_text(&a->variables));
    return lh_error_set(e, e->code, "%s", lh_buf_text(&text));
}

/* --- scopes ----------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return lh_str_cmp(*(const lh_str *)a, *(const lh_str *)b);
}

void lh_auth_scopes(const struct lh_auth *a, struct lh_buf *to)
{
    const char *given = a->values[LH_AUTH_SCOPES] ? a->values[LH_AUTH_SCOPES] : "";
    lh_str *words lh_autofree = lh_xcalloc(strlen(given) / 2 + 1, sizeof *words);
    size_t before = to->n;
    size_t n = 0;

    while (*given) {
        size_t length = strcspn(given, ", ");

        if (length)
            words[n++] = lh_str_n(given, length);
        given += length + (given[length] != '\0');
    }
    qsort(words, n, sizeof *words, by_text);
    for (size_t i = 0; i < n; i++)
        if (!i || !lh_str_eq(words[i], words[i - 1]))
            lh_buf_f(to, "%s%.*s", to->n > before ? " " : "", LH_STR_ARG(words[i]));
    if (to->n == before)
        lh_buf_z(to, "all-apis");
}
