/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes of unified authentication and where their values come from: flags, environment,
 * profile, in this order. What they mean is auth-kind.c's.
 */
#include "config.h"

#include "workspace/auth_internal.h"

#include "base/file.h"

#include <stdlib.h>
#include <sys/stat.h>

/* clang-format off */
const struct lh_auth_attribute lh_auth_attributes[LH_AUTH_KEYS] = {
    [LH_AUTH_HOST] = {"host", "DATABRICKS_HOST"},
    [LH_AUTH_ACCOUNT_ID] = {"account_id", "DATABRICKS_ACCOUNT_ID"},
    [LH_AUTH_WORKSPACE_ID] = {"workspace_id", "DATABRICKS_WORKSPACE_ID"},
    [LH_AUTH_DISCOVERY_URL] = {"discovery_url", "DATABRICKS_DISCOVERY_URL"},
    [LH_AUTH_TOKEN] = {"token", "DATABRICKS_TOKEN", NULL, "pat", true},
    [LH_AUTH_USERNAME] = {"username", "DATABRICKS_USERNAME", NULL, "basic"},
    [LH_AUTH_PASSWORD] = {"password", "DATABRICKS_PASSWORD", NULL, "basic", true},
    [LH_AUTH_CLIENT_ID] = {"client_id", "DATABRICKS_CLIENT_ID", NULL, "oauth"},
    [LH_AUTH_CLIENT_SECRET] = {"client_secret", "DATABRICKS_CLIENT_SECRET", NULL, "oauth", true},
    [LH_AUTH_SCOPES] = {"scopes", NULL},
    [LH_AUTH_OIDC_TOKEN_ENV] = {"oidc_token_env", "DATABRICKS_OIDC_TOKEN_ENV", NULL, "env-oidc"},
    [LH_AUTH_OIDC_TOKEN_FILEPATH] = {"oidc_token_filepath", "DATABRICKS_OIDC_TOKEN_FILEPATH",
                                     "DATABRICKS_OIDC_TOKEN_FILE", "file-oidc"},
    [LH_AUTH_PROFILE] = {"profile", "DATABRICKS_CONFIG_PROFILE"},
    [LH_AUTH_CONFIG_FILE] = {"config_file", "DATABRICKS_CONFIG_FILE"},
    [LH_AUTH_GOOGLE_SERVICE_ACCOUNT] = {"google_service_account",
                                        "DATABRICKS_GOOGLE_SERVICE_ACCOUNT", NULL, "google"},
    [LH_AUTH_GOOGLE_CREDENTIALS] = {"google_credentials", "GOOGLE_CREDENTIALS", NULL, "google",
                                    true},
    [LH_AUTH_AZURE_RESOURCE_ID] = {"azure_workspace_resource_id", "DATABRICKS_AZURE_RESOURCE_ID",
                                   NULL, "azure"},
    [LH_AUTH_AZURE_USE_MSI] = {"azure_use_msi", "ARM_USE_MSI", NULL, "azure"},
    [LH_AUTH_AZURE_CLIENT_SECRET] = {"azure_client_secret", "ARM_CLIENT_SECRET", NULL, "azure",
                                     true},
    [LH_AUTH_AZURE_CLIENT_ID] = {"azure_client_id", "ARM_CLIENT_ID", NULL, "azure"},
    [LH_AUTH_AZURE_TENANT_ID] = {"azure_tenant_id", "ARM_TENANT_ID", NULL, "azure"},
    [LH_AUTH_AZURE_ENVIRONMENT] = {"azure_environment", "ARM_ENVIRONMENT"},
    [LH_AUTH_CLI_PATH] = {"databricks_cli_path", "DATABRICKS_CLI_PATH"},
    [LH_AUTH_TYPE] = {"auth_type", "DATABRICKS_AUTH_TYPE"},
    [LH_AUTH_METADATA_SERVICE_URL] = {"metadata_service_url", "DATABRICKS_METADATA_SERVICE_URL",
                                      NULL, "metadata-service", true},
};
/* clang-format on */

void lh_auth_free(struct lh_auth *a)
{
    for (size_t i = 0; i < LH_AUTH_KEYS; i++) {
        if (a->values[i])
            explicit_bzero(a->values[i], strlen(a->values[i]));
        free(a->values[i]);
        free(a->origins[i]);
    }
    lh_buf_free(&a->variables);
}

const char *lh_auth_get(const struct lh_auth *a, enum lh_auth_key key)
{
    return a->values[key];
}

const char *lh_auth_variable(const struct lh_auth *a, const char *name)
{
    size_t n = strlen(name);

    for (char *const *v = a->environ; v && *v; v++)
        if (strncmp(*v, name, n) == 0 && (*v)[n] == '=' && (*v)[n + 1])
            return *v + n + 1;
    return NULL;
}

/* An empty value is none, and what is set stays. */
static bool set(struct lh_auth *a, size_t key, const char *value, char *origin)
{
    char *from lh_autofree = origin;

    if (a->values[key] || !value || !*value)
        return false;
    a->values[key] = lh_xstrdup(value);
    a->origins[key] = lh_take(from);
    return true;
}

static void set_flag(struct lh_auth *a, enum lh_auth_key key, const char *value, const char *flag)
{
    set(a, key, value, lh_xstrdup(flag));
}

static void set_from_environment(struct lh_auth *a)
{
    for (size_t i = 0; i < LH_AUTH_KEYS; i++) {
        const char *names[] = {lh_auth_attributes[i].env, lh_auth_attributes[i].alias};

        for (size_t k = 0; k < LH_LEN(names); k++) {
            if (!names[k] || !set(a, i, lh_auth_variable(a, names[k]), lh_xstrdup(names[k])))
                continue;
            lh_buf_f(&a->variables, "%s%s", a->variables.n ? ", " : "", names[k]);
        }
    }
}

/* --- the file --------------------------------------------------------------------------------- */

char *lh_auth_file(const struct lh_auth *a)
{
    const char *given = a->values[LH_AUTH_CONFIG_FILE];
    const char *home = lh_auth_variable(a, "HOME");

    if (given && strncmp(given, "~/", 2) != 0)
        return lh_xstrdup(given);
    if (!home)
        return NULL;
    return given ? lh_xasprintf("%s%s", home, given + 1) : lh_xasprintf("%s/.databrickscfg", home);
}

static void look_at_permissions(const char *path, struct lh_log *log)
{
    struct stat st;

    if (!log || stat(path, &st) || !S_ISREG(st.st_mode) || !(st.st_mode & 077))
        return;
    lh_log_warn(log,
                "%s holds credentials, and its permissions (%04o) give them to others: "
                "chmod 600 %s",
                path, (unsigned)st.st_mode & 07777, path);
}

int lh_auth_read_file(const char *path, struct lh_log *log, struct lh_profiles *ret,
                      struct lh_error *e)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;
    struct lh_buf text = LH_BUF_INIT(LH_PROFILES_BYTES);
    int code = lh_file_read(path, LH_PROFILES_BYTES, LH_FILE_MAYBE, &text, &why);

    if (!code) {
        look_at_permissions(path, log);
        code = lh_profiles_parse(lh_buf_slice(&text), path, ret, &why);
    }
    if (text.p)
        explicit_bzero(text.p, text.cap);
    lh_buf_free(&text);
    return code == LH_NOT_FOUND ? 0 : code ? lh_error_move(e, &why) : 0;
}

/* Whether enough was said to leave the file alone. */
static bool is_said(const struct lh_auth *a)
{
    for (size_t i = 0; i < LH_AUTH_KEYS; i++)
        if (a->values[i] && (lh_auth_attributes[i].group || i == LH_AUTH_HOST))
            return true;
    return false;
}

/* The section that is meant, or NULL for none. */
static int choose_section(struct lh_auth *a, const struct lh_profiles *p,
                          const struct lh_profile **ret, struct lh_error *e)
{
    const char *asked = a->values[LH_AUTH_PROFILE];
    const struct lh_profile_key *key =
        lh_profile_get(lh_profiles_find(p, "__settings__"), "default_profile");

    if (!asked && key && *key->value) {
        set(a, LH_AUTH_PROFILE, key->value, lh_xasprintf("%s:%zu", p->file, key->line));
        asked = a->values[LH_AUTH_PROFILE];
    }
    if (asked && strcmp(asked, "__settings__") == 0)
        return lh_error_set(e, LH_INVALID,
                            "__settings__ is a reserved section name and cannot be used as a "
                            "profile");
    *ret = lh_profiles_find(p, asked ? asked : "DEFAULT");
    if (asked && !*ret)
        return lh_error_set(e, LH_INVALID, "resolve: %s has no %s profile configured", p->file,
                            asked);
    return 0;
}

/* Credentials of one host that go to another are worth a word. */
static void look_at_host(const struct lh_auth *a, const struct lh_profile *profile,
                         struct lh_log *log)
{
    const struct lh_profile_key *key = lh_profile_get(profile, "host");
    lh_auto(lh_buf) theirs = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) ours = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str id;

    if (!key || !a->values[LH_AUTH_HOST] ||
        lh_auth_normalise_host(lh_str_z(key->value), &theirs, &id, NULL) ||
        lh_auth_normalise_host(lh_str_z(a->values[LH_AUTH_HOST]), &ours, &id, NULL) ||
        lh_str_eq(lh_buf_slice(&theirs), lh_buf_slice(&ours)))
        return;
    lh_log_warn(log, "profile %s is for %s, and its values are used for %s, which %s names",
                profile->name, lh_buf_text(&theirs), lh_buf_text(&ours), a->origins[LH_AUTH_HOST]);
}

static int take_profile(struct lh_auth *a, const struct lh_profiles *p,
                        const struct lh_profile *profile, struct lh_error *e)
{
    for (size_t i = 0; profile && i < LH_AUTH_KEYS; i++) {
        const struct lh_profile_key *key = lh_profile_get(profile, lh_auth_attributes[i].name);

        if (!key || i == LH_AUTH_PROFILE || i == LH_AUTH_CONFIG_FILE)
            continue;
        if (key->more)
            return lh_error_set(e, LH_INVALID,
                                "%s:%zu:%zu: [%s] %s: line %zu goes on with its value, because it "
                                "begins further to the right; let keys begin in one column",
                                p->file, key->line, key->column, profile->name, key->name,
                                key->more);
        set(a, i, key->value, lh_xasprintf("%s:%zu", p->file, key->line));
    }
    return 0;
}

static int set_from_file(struct lh_auth *a, struct lh_log *log, struct lh_error *e)
{
    char *path lh_autofree = lh_auth_file(a);
    lh_auto(lh_profiles) p = {0};
    const struct lh_profile *profile = NULL;
    int code;

    if (!path || (!a->values[LH_AUTH_PROFILE] && is_said(a)))
        return 0;
    code = lh_auth_read_file(path, log, &p, e);
    if (!code && p.file)
        code = choose_section(a, &p, &profile, e);
    if (!code && profile)
        look_at_host(a, profile, log);
    return code ? code : take_profile(a, &p, profile, e);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int normalise(struct lh_auth *a, struct lh_error *e)
{
    lh_auto(lh_buf) host = LH_BUF_INIT(LH_BUF_TEXT);
    char *id_text lh_autofree = NULL;
    lh_str id;

    if (!a->values[LH_AUTH_HOST])
        return 0;
    if (lh_auth_normalise_host(lh_str_z(a->values[LH_AUTH_HOST]), &host, &id, e))
        return lh_error_wrap(e, "%s", a->origins[LH_AUTH_HOST]);
    id_text = lh_xmemdup0(id.n ? id.p : "", id.n);
    set(a, LH_AUTH_WORKSPACE_ID, id_text, lh_xstrdup(a->origins[LH_AUTH_HOST]));
    free(a->values[LH_AUTH_HOST]);
    a->values[LH_AUTH_HOST] = lh_buf_take(&host);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* More than one kind, and nothing says which. */
static int check_groups(const struct lh_auth *a, struct lh_error *e)
{
    lh_auto(lh_buf) list = LH_BUF_INIT(LH_BUF_TEXT);
    const char *groups[LH_AUTH_KEYS];
    size_t n = 0;
    size_t different = 0;

    for (size_t i = 0; i < LH_AUTH_KEYS; i++)
        if (a->values[i] && lh_auth_attributes[i].group)
            groups[n++] = lh_auth_attributes[i].group;
    qsort(groups, n, sizeof *groups, by_name);
    for (size_t i = 0; i < n; i++) {
        if (i && strcmp(groups[i], groups[i - 1]) == 0)
            continue;
        lh_buf_f(&list, "%s%s", different++ ? " and " : "", groups[i]);
    }
    if (different < 2 || a->values[LH_AUTH_TYPE])
        return 0;
    return lh_error_set(e, LH_INVALID,
                        "validate: more than one authorization method configured: %s",
                        lh_buf_text(&list));
}

static void register_secrets(const struct lh_auth *a, struct lh_log *log)
{
    for (size_t i = 0; i < LH_AUTH_KEYS; i++)
        if (a->values[i] && lh_auth_attributes[i].is_secret)
            lh_log_secret(log, lh_str_z(a->values[i]), lh_auth_attributes[i].name);
}

int lh_auth_resolve(const struct lh_auth_sources *sources, struct lh_log *log, struct lh_auth *ret,
                    struct lh_error *e)
{
    int code;

    ret->environ = sources->environ;
    set_flag(ret, LH_AUTH_HOST, sources->host, "--host");
    set_flag(ret, LH_AUTH_PROFILE, sources->profile, "--profile");
    set_from_environment(ret);
    code = set_from_file(ret, log, e);
    register_secrets(ret, log);
    if (!code)
        code = normalise(ret, e);
    if (!code)
        code = check_groups(ret, e);
    return code ? lh_auth_explain(ret, e) : 0;
}
