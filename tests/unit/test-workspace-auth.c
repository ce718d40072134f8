/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unified authentication without a network: which value wins, which kind of sign-in it is, and what
 * is said. What goes over the wire is in tests/system/workspace-auth.sh.
 */
#include "config.h"
#include "tap.h"
#include "temp_folder.h"

#include "workspace/auth.h"

#include "base/file.h"

#define DEFAULT_FILE "home/.databrickscfg"

static struct lh_log quiet;

struct scene {
    struct lh_auth auth;
    struct lh_error e;
    int code;
    char said[4096]; /* by the log */
};

static void write_file(const char *path, const char *text, mode_t mode)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (lh_file_write_atomic(path, lh_str_z(text), mode, &e))
        diag("%s\n", lh_error_text(&e));
}

static void scene_free(struct scene *s)
{
    lh_auth_free(&s->auth);
    lh_error_free(&s->e);
}

/* environment: "A=b" texts with NULL at the end; HOME is the test's. */
static struct scene resolve(const char *host, const char *profile, const char *const *environment)
{
    struct scene s = {.auth = LH_AUTH_INIT, .e = LH_ERROR_INIT};
    char *env[16] = {(char *)(uintptr_t) "HOME=home"};
    const struct lh_auth_sources sources = {host, profile, env};
    lh_auto(lh_buf) said = LH_BUF_INIT(sizeof s.said - 1);

    for (size_t i = 0; environment[i]; i++)
        env[i + 1] = (char *)(uintptr_t)environment[i];
    if (ftruncate(quiet.fd, 0) || lseek(quiet.fd, 0, SEEK_SET))
        diag("the log\n");
    s.code = lh_auth_resolve(&sources, &quiet, &s.auth, &s.e);
    s.auth.environ = NULL; /* it is gone with this frame */
    (void)lh_file_read("log", said.max, 0, &said, NULL);
    snprintf(s.said, sizeof s.said, "%s", lh_buf_text(&said));
    return s;
}

#define ENV(...)                                                                                   \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define NO_ENV ((const char *const[]){NULL})

static const char *kind_of(const struct scene *s)
{
    size_t at = 0;
    const struct lh_auth_provider *p = lh_auth_next(&s->auth, &at);

    return p ? p->name : NULL;
}

static void value_is(const struct scene *s, enum lh_auth_key key, const char *want)
{
    is_str(lh_auth_get(&s->auth, key), want, lh_auth_attributes[key].name);
}

static void fails(const char *host, const char *profile, const char *const *environment,
                  const char *message)
{
    __attribute__((cleanup(scene_free))) struct scene s = resolve(host, profile, environment);

    is_int(s.code, LH_INVALID, "refused");
    is_str(lh_error_text(&s.e), message, "the message");
}

/* --- where values come from ------------------------------------------------------------------- */

static void test_environment(void)
{
    __attribute__((cleanup(scene_free))) struct scene s = resolve(
        NULL, NULL, ENV("DATABRICKS_HOST=h.example", "DATABRICKS_TOKEN=dapi0", "DATABRICKS_XY=1"));

    unlink(DEFAULT_FILE);
    is_int(s.code, 0, "resolved");
    is_str(kind_of(&s), "pat", "host and token are pat");
    value_is(&s, LH_AUTH_HOST, "https://h.example");
    is_str(s.auth.origins[LH_AUTH_HOST], "DATABRICKS_HOST", "its origin");
}

static void test_empty_is_unset(void)
{
    __attribute__((cleanup(scene_free))) struct scene s =
        resolve(NULL, NULL, ENV("DATABRICKS_HOST=https://h", "DATABRICKS_TOKEN="));

    is_str(kind_of(&s), "databricks-cli", "without a token there is the program");
    value_is(&s, LH_AUTH_TOKEN, NULL);
}

static void test_flag_wins(void)
{
    __attribute__((cleanup(scene_free))) struct scene s =
        resolve("https://flag/", NULL, ENV("DATABRICKS_HOST=https://env"));

    value_is(&s, LH_AUTH_HOST, "https://flag");
}

static void test_file_is_left_alone(void)
{
    write_file(DEFAULT_FILE, "[DEFAULT]\nhost = https://default\ntoken = dapi1\n", 0600);
    {
        __attribute__((cleanup(scene_free))) struct scene s =
            resolve(NULL, NULL, ENV("DATABRICKS_HOST=https://h"));

        value_is(&s, LH_AUTH_TOKEN, NULL);
        lh_auth_nothing(&s.auth, &s.e);
        is_int(s.e.code, LH_REFUSED, "no credentials");
        is_str(lh_error_text(&s.e),
               "default auth: cannot configure default credentials, please check "
               "https://docs.databricks.com/en/dev-tools/"
               "auth.html#databricks-client-unified-authentication to configure credentials for "
               "your preferred authentication method. Config: host=https://h. Env: "
               "DATABRICKS_HOST",
               "the message of the SDKs");
    }
    __attribute__((cleanup(scene_free))) struct scene s = resolve(NULL, NULL, NO_ENV);
    value_is(&s, LH_AUTH_HOST, "https://default");
    is_str(s.auth.origins[LH_AUTH_TOKEN], DEFAULT_FILE ":3", "a place in the file");
    value_is(&s, LH_AUTH_PROFILE, NULL);
}

static void test_profile_and_environment(void)
{
    write_file(DEFAULT_FILE,
               "[work]\nhost = https://work\ntoken = dapi-work\nauth_type = pat\nunknown = 1\n",
               0600);
    __attribute__((cleanup(scene_free))) struct scene s =
        resolve(NULL, NULL, ENV("DATABRICKS_TOKEN=dapi-env", "DATABRICKS_CONFIG_PROFILE=work"));

    value_is(&s, LH_AUTH_TOKEN, "dapi-env");
    value_is(&s, LH_AUTH_HOST, "https://work");
    is_str(s.said, "", "without a word");
    __attribute__((cleanup(scene_free))) struct scene other =
        resolve("https://elsewhere", "work", NO_ENV);
    has_str(other.said,
            "profile work is for https://work, and its values are used for https://elsewhere, "
            "which --host names",
            "credentials that go elsewhere");
}

static void test_settings(void)
{
    write_file(DEFAULT_FILE,
               "[__settings__]\ndefault_profile = x\n[DEFAULT]\nhost=https://d\n[x]\n"
               "host=https://x\ntoken=dapi-x\n",
               0600);
    __attribute__((cleanup(scene_free))) struct scene s = resolve(NULL, NULL, NO_ENV);
    value_is(&s, LH_AUTH_HOST, "https://x");
    value_is(&s, LH_AUTH_PROFILE, "x");
    fails(NULL, "__settings__", NO_ENV,
          "__settings__ is a reserved section name and cannot be used as a profile. Config: "
          "profile=__settings__");
    fails(NULL, NULL, ENV("DATABRICKS_CONFIG_PROFILE=nope"),
          "resolve: " DEFAULT_FILE " has no nope profile configured. Config: profile=nope. Env: "
          "DATABRICKS_CONFIG_PROFILE");
}

static void test_other_file(void)
{
    write_file("other", "[a]\nhost=https://a\ntoken=secret-a\n", 0644);
    __attribute__((cleanup(scene_free))) struct scene s =
        resolve(NULL, "a", ENV("DATABRICKS_CONFIG_FILE=other"));
    value_is(&s, LH_AUTH_HOST, "https://a");
    has_str(s.said,
            "other holds credentials, and its permissions (0644) give them to others: chmod 600 "
            "other",
            "permissions");
    write_file("home/mine", "[a]\nhost=https://mine\n", 0600);
    __attribute__((cleanup(scene_free))) struct scene tilde =
        resolve(NULL, "a", ENV("DATABRICKS_CONFIG_FILE=~/mine"));
    value_is(&tilde, LH_AUTH_HOST, "https://mine");
    is_str(tilde.said, "", "0600 is fine");
    __attribute__((cleanup(scene_free))) struct scene none =
        resolve(NULL, "a", ENV("DATABRICKS_CONFIG_FILE=none"));
    is_int(none.code, 0, "a file that does not exist is no error");
}

static void test_bad_files(void)
{
    write_file(DEFAULT_FILE, "[a]\ntoken=x\ntoken=y\n", 0600);
    fails(NULL, "a", NO_ENV,
          DEFAULT_FILE ":3:1: [a] has the key token twice, first in line 2; remove one. Config: "
                       "profile=a");
    write_file(DEFAULT_FILE, "[a]\nhost=https://h\n  token=y\n", 0600);
    fails(NULL, "a", NO_ENV,
          DEFAULT_FILE ":2:1: [a] host: line 3 goes on with its value, because it begins further "
                       "to the right; let keys begin in one column. Config: profile=a");
    if (geteuid() != 0) {
        write_file(DEFAULT_FILE, "[a]\n", 0000);
        __attribute__((cleanup(scene_free))) struct scene s = resolve(NULL, "a", NO_ENV);
        has_str(lh_error_text(&s.e), DEFAULT_FILE, "a file that cannot be read is named");
        ok(s.code != 0, "and is an error");
    }
    unlink(DEFAULT_FILE);
}

/* --- which kind ------------------------------------------------------------------------------- */

static void test_conflicts(void)
{
    fails(NULL, NULL,
          ENV("DATABRICKS_HOST=https://h", "DATABRICKS_TOKEN=hidden-1", "DATABRICKS_CLIENT_ID=id",
              "DATABRICKS_CLIENT_SECRET=hidden-2"),
          "validate: more than one authorization method configured: oauth and pat. Config: "
          "host=https://h, token=***, client_id=id, client_secret=***. Env: DATABRICKS_HOST, "
          "DATABRICKS_TOKEN, DATABRICKS_CLIENT_ID, DATABRICKS_CLIENT_SECRET");
    fails(NULL, NULL, ENV("DATABRICKS_TOKEN=hidden-1", "ARM_TENANT_ID=t", "DATABRICKS_USERNAME=u"),
          "validate: more than one authorization method configured: azure and basic and pat. "
          "Config: token=***, username=u, azure_tenant_id=t. Env: DATABRICKS_TOKEN, "
          "DATABRICKS_USERNAME, ARM_TENANT_ID");
    __attribute__((cleanup(scene_free))) struct scene s = resolve(
        NULL, NULL,
        ENV("DATABRICKS_HOST=https://h", "DATABRICKS_TOKEN=hidden-1", "DATABRICKS_CLIENT_ID=id",
            "DATABRICKS_CLIENT_SECRET=hidden-2", "DATABRICKS_AUTH_TYPE=oauth-m2m"));
    is_int(s.code, 0, "auth_type decides");
    is_str(kind_of(&s), "oauth-m2m", "and is the one");
}

static void test_kinds(void)
{
    static const struct {
        const char *env[5];
        const char *kind;
    } cases[] = {
        {{"DATABRICKS_HOST=h", "DATABRICKS_USERNAME=u", "DATABRICKS_PASSWORD=p"}, "basic"},
        {{"DATABRICKS_HOST=h", "DATABRICKS_CLIENT_ID=i", "DATABRICKS_CLIENT_SECRET=s"},
         "oauth-m2m"},
        {{"DATABRICKS_HOST=h", "ARM_CLIENT_ID=i", "ARM_CLIENT_SECRET=s", "ARM_TENANT_ID=t"},
         "azure-client-secret"},
        {{"DATABRICKS_HOST=h", "DATABRICKS_METADATA_SERVICE_URL=http://127.0.0.1/x"},
         "metadata-service"},
        {{"DATABRICKS_HOST=h", "DATABRICKS_OIDC_TOKEN_FILE=f"}, "file-oidc"},
        {{"DATABRICKS_HOST=h"}, "databricks-cli"},
        {{"DATABRICKS_HOST=h", "DATABRICKS_AUTH_TYPE=azure-cli"}, "azure-cli"},
        {{"DATABRICKS_HOST=h", "DATABRICKS_AUTH_TYPE=pat"}, NULL},
        {{"DATABRICKS_TOKEN=t"}, NULL},
        {{NULL}, NULL},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        __attribute__((cleanup(scene_free))) struct scene s = resolve(NULL, NULL, cases[i].env);

        is_int(s.code, 0, "resolved");
        is_str(kind_of(&s), cases[i].kind, cases[i].env[0] ? cases[i].env[0] : "nothing");
    }
}

static void test_unsupported(void)
{
    __attribute__((cleanup(scene_free))) struct scene s =
        resolve("https://h", NULL, ENV("DATABRICKS_AUTH_TYPE=google-id"));
    size_t at = 0;
    const struct lh_auth_provider *p = lh_auth_next(&s.auth, &at);

    is_int(p ? (int)p->kind : -1, LH_AUTH_OTHER, "known, and not done");
    if (p)
        lh_auth_unsupported(&s.auth, p, &s.e);
    has_str(lh_error_text(&s.e), "auth type google-id is not supported by this program",
            "and it says so");
}

static void test_two_profiles(void)
{
    write_file(DEFAULT_FILE,
               "[one]\nhost = https://H.example/\ntoken=a\n[other]\nhost=https://x\n"
               "[two]\nhost=h.example:443\n",
               0600);
    __attribute__((cleanup(scene_free))) struct scene s =
        resolve("https://h.example", NULL, NO_ENV);
    char *env[] = {(char *)(uintptr_t) "HOME=home", NULL};

    s.auth.environ = env;
    is_int(lh_auth_check_profiles(&s.auth, &s.e), LH_INVALID, "two profiles for one host");
    is_str(lh_error_text(&s.e),
           "resolve: the profiles one and two of " DEFAULT_FILE
           " have the host https://h.example; choose one with --profile. Config: "
           "host=https://h.example",
           "both are named");
    __attribute__((cleanup(scene_free))) struct scene x = resolve("https://x", NULL, NO_ENV);
    x.auth.environ = env;
    is_int(lh_auth_check_profiles(&x.auth, &x.e), 0, "one profile is no question");
    lh_auth_nothing(&x.auth, &x.e);
    is_str(lh_error_text(&x.e),
           "default auth: cannot configure default credentials for https://x, which --host names; "
           "the profile other of " DEFAULT_FILE
           " is for it: choose it with --profile. Config: host=https://x",
           "but is offered");
    unlink(DEFAULT_FILE);
}

/* --- hosts ------------------------------------------------------------------------------------ */

static void host_is(const char *given, const char *want, const char *id)
{
    lh_auto(lh_buf) to = LH_BUF_INIT(1000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str got = LH_STR("");
    int code = lh_auth_normalise_host(lh_str_z(given), &to, &got, &e);

    is_str(code ? lh_error_text(&e) : lh_buf_text(&to), want, given);
    if (!code)
        is_slice(got, id, "the workspace's id");
}

static void test_hosts(void)
{
    host_is("dbc-1.cloud.databricks.com/", "https://dbc-1.cloud.databricks.com", "");
    host_is("https://h:443", "https://h", "");
    host_is("https://H:8443/", "https://h:8443", "");
    host_is("http://127.0.0.1:18999", "http://127.0.0.1:18999", "");
    host_is("http://h:443", "http://h:443", "");
    host_is(" https://adb-1.2.azuredatabricks.net/browse/folders/7?o=123#x ",
            "https://adb-1.2.azuredatabricks.net", "123");
    host_is("h/?a=o=1&o=77", "https://h", "77");
    host_is("h?o=", "https://h", "");
    host_is("https://accounts.cloud.databricks.com",
            "host: accounts.cloud.databricks.com is the console of an account; name the URL of a "
            "workspace",
            NULL);
    for (size_t i = 0; i < 4; i++) {
        static const char *const bad[] = {"", "https://", "ftp://h", "https://user:pw@h"};
        lh_auto(lh_buf) to = LH_BUF_INIT(1000);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        lh_str id;

        is_int(lh_auth_normalise_host(lh_str_z(bad[i]), &to, &id, &e), LH_INVALID, bad[i]);
        ok(!strstr(lh_error_text(&e), "pw"), "and nothing of it is shown");
    }
}

static void test_azure(void)
{
    is_str(lh_auth_azure_cloud(NULL, "https://adb-1.2.azuredatabricks.net")->name, "PUBLIC", "");
    is_str(lh_auth_azure_cloud(NULL, "https://adb-1.2.databricks.azure.us")->name, "USGOVERNMENT",
           "by the host");
    is_str(lh_auth_azure_cloud("AzureChinaCloud", "https://h")->name, "CHINA", "by its name");
    is_str(lh_auth_azure_cloud("usgovernment", NULL)->name, "USGOVERNMENT", "in any case");
    ok(!lh_auth_azure_cloud("moon", "https://h"), "no such cloud");
}

static void test_scopes(void)
{
    __attribute__((cleanup(scene_free))) struct scene s = resolve("h", NULL, NO_ENV);
    lh_auto(lh_buf) to = LH_BUF_INIT(1000);

    lh_auth_scopes(&s.auth, &to);
    is_str(lh_buf_text(&to), "all-apis", "without any");
    s.auth.values[LH_AUTH_SCOPES] = lh_xstrdup(" sql, jobs,sql  clusters");
    lh_buf_reset(&to);
    lh_auth_scopes(&s.auth, &to);
    is_str(lh_buf_text(&to), "clusters jobs sql", "sorted, once each");
}

int main(void)
{
    if (!temp_folder_begin())
        SKIP_ALL("no folder for files");
    lh_log_init(&quiet, open("log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600));
    if (mkdir("home", 0700))
        SKIP_ALL("no folder for files");
    RUN(test_environment);
    RUN(test_empty_is_unset);
    RUN(test_flag_wins);
    RUN(test_file_is_left_alone);
    RUN(test_profile_and_environment);
    RUN(test_settings);
    RUN(test_other_file);
    RUN(test_bad_files);
    RUN(test_conflicts);
    RUN(test_kinds);
    RUN(test_unsupported);
    RUN(test_two_profiles);
    RUN(test_hosts);
    RUN(test_azure);
    RUN(test_scopes);
    close(quiet.fd);
    lh_log_free(&quiet);
    temp_folder_end();
    return tap_done();
}
