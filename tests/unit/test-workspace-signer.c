/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials for a workspace as far as they need none: what is sent to Microsoft, how long tokens
 * are kept, what the databricks program may print, and how programs are run.
 */
#include "config.h"
#include "tap.h"
#include "temp_folder.h"

#include "workspace/helper.h"
#include "workspace/signer_internal.h"

#include "base/file.h"

static struct lh_log quiet;

/* --- Azure ------------------------------------------------------------------------------------ */

struct endpoint {
    int fetches;
    char url[2][256], form[2][512];
    bool has_authorization;
};

static int fetch(void *context, const struct lh_token_request *request,
                 const struct lh_patience *patience, struct lh_token_answer *ret,
                 struct lh_error *e)
{
    struct endpoint *end = context;
    int n = end->fetches++;

    (void)patience;
    (void)e;
    snprintf(end->url[n % 2], sizeof end->url[0], "%s", request->url);
    snprintf(end->form[n % 2], sizeof end->form[0], "%.*s", LH_STR_ARG(request->body));
    end->has_authorization = lh_http_headers_get(request->headers, "authorization").p != NULL;
    ret->status = 200;
    lh_buf_f(&ret->body, "{\"access_token\":\"token-%d\",\"expires_in\":\"3600\"}", n + 1);
    return 0;
}

static int64_t clock_now(void *context)
{
    return *(int64_t *)context;
}

static void header_is(const struct lh_http_signer *hooks, const char *name, const char *want,
                      uint64_t *ret_serial)
{
    const struct lh_patience patience = {lh_deadline_never(), -1};
    lh_auto(lh_http_headers) headers = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(hooks->apply(hooks->context, &patience, &headers, ret_serial, &e), 0, "signed");
    is_str(lh_http_headers_get(&headers, name).p, want, name);
}

static void test_azure(void)
{
    char *env[] = {(char *)(uintptr_t) "DATABRICKS_HOST=https://adb-1.2.azuredatabricks.net",
                   (char *)(uintptr_t) "ARM_TENANT_ID=tenant",
                   (char *)(uintptr_t) "ARM_CLIENT_ID=client",
                   (char *)(uintptr_t) "ARM_CLIENT_SECRET=se/cret",
                   (char *)(uintptr_t) "DATABRICKS_AZURE_RESOURCE_ID=/subscriptions/x",
                   NULL};
    const struct lh_auth_sources sources = {.environ = env};
    const struct lh_patience patience = {lh_deadline_never(), -1};
    struct endpoint end = {0};
    int64_t now = 1000;
    const struct lh_clock clock = {clock_now, NULL, &now};
    lh_auto(lh_auth) auth = LH_AUTH_INIT;
    const struct lh_signer_setup setup = {.auth = &auth,
                                          .log = &quiet,
                                          .patience = &patience,
                                          .fetch = fetch,
                                          .context = &end,
                                          .clock = &clock};
    lh_autoptr(lh_signer) s = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_signer hooks;
    uint64_t serial = 0;
    bool again = false;

    is_int(lh_auth_resolve(&sources, &quiet, &auth, &e), 0, "resolved");
    is_int(lh_signer_new(&setup, &s, &e), 0, lh_error_text(&e));
    if (!s)
        return;
    is_str(lh_signer_kind(s), "azure-client-secret", "the kind");
    hooks = lh_signer_hooks(s);
    header_is(&hooks, "authorization", "Bearer token-1", &serial);
    header_is(&hooks, "x-databricks-azure-sp-management-token", "token-2", &serial);
    header_is(&hooks, "x-databricks-azure-workspace-resource-id", "/subscriptions/x", &serial);
    is_int(end.fetches, 2, "two tokens for three requests");
    is_str(end.url[0], "https://login.microsoftonline.com/tenant/oauth2/token", "where from");
    is_str(end.form[0],
           "grant_type=client_credentials&resource=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d&"
           "client_id=client&client_secret=se%2Fcret",
           "for the workspace");
    is_str(end.form[1],
           "grant_type=client_credentials&"
           "resource=https%3A%2F%2Fmanagement.core.windows.net%2F&client_id=client&"
           "client_secret=se%2Fcret",
           "and for the cloud");
    ok(!end.has_authorization, "the client is in the form");
    now += 3600 * 1000 - LH_SIGNER_EARLY_MS - 1;
    header_is(&hooks, "authorization", "Bearer token-1", &serial);
    now += 1;
    header_is(&hooks, "authorization", "Bearer token-3", &serial);
    is_int(hooks.renew(hooks.context, serial, &patience, &again, &e), 0, "after a 401");
    ok(again, "there are new ones");
    header_is(&hooks, "authorization", "Bearer token-5", &serial);
    is_int(end.fetches, 6, "of both kinds");
}

/* --- what the program prints ------------------------------------------------------------------ */

static void test_cli_token(void)
{
    static const struct {
        const char *text, *bearer, *problem;
        int64_t expiry;
    } cases[] = {
        {"{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expiry\":\"2026-03-01T09:30:00Z\"}",
         "Bearer t", NULL, INT64_C(1772357400000)},
        {"{\"access_token\":\"t\",\"expiry\":\"2026-03-01T10:30:00.123456789+01:00\"}", "Bearer t",
         NULL, INT64_C(1772357400123)},
        {"{\"access_token\":\"t\",\"expiry\":\"2026-03-01T10:30:00+01:00\"}", "Bearer t", NULL,
         INT64_C(1772357400000)},
        {"secret", NULL, "cannot unmarshal CLI result: it is no JSON", 0},
        {"{\"expiry\":\"2026-03-01T09:30:00Z\"}", NULL,
         "cannot unmarshal CLI result: it has no access_token", 0},
        {"{\"access_token\":\"secret\",\"expiry\":\"tomorrow\"}", NULL,
         "cannot unmarshal CLI result: its expiry is no time with a zone", 0},
        {"{\"access_token\":\"secret\"}", NULL,
         "cannot unmarshal CLI result: its expiry is no time with a zone", 0},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_secret) bearer = LH_SECRET_INIT;
        lh_auto(lh_error) e = LH_ERROR_INIT;
        int64_t expiry = 0;
        int code = lh_cli_parse_token(lh_str_z(cases[i].text), &bearer, &expiry, &e);

        is_str(code ? lh_error_text(&e) : NULL, cases[i].problem, cases[i].text);
        is_str(code ? NULL : lh_buf_text(&bearer.text), cases[i].bearer, "the token");
        ok(expiry == cases[i].expiry, "until %" PRId64, expiry);
    }
}

/* --- programs --------------------------------------------------------------------------------- */

static void write_program(const char *path, const char *text)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (lh_file_write_atomic(path, lh_str_z(text), 0700, &e))
        diag("%s\n", lh_error_text(&e));
}

static int run_program(const char *const *argv, int64_t most_ms, struct lh_helper_result *ret,
                       struct lh_error *e)
{
    const struct lh_patience patience = {lh_deadline_in(most_ms), -1};
    char *env[] = {(char *)(uintptr_t) "GREETING=hello", NULL};

    return lh_helper_run(argv, env, &patience, ret, e);
}

static void test_helper(void)
{
    lh_auto(lh_helper_result) r = LH_HELPER_RESULT_INIT;
    lh_auto(lh_helper_result) late = LH_HELPER_RESULT_INIT;
    lh_auto(lh_helper_result) huge = LH_HELPER_RESULT_INIT;
    lh_auto(lh_helper_result) none = LH_HELPER_RESULT_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    write_program("say", "#!/bin/sh\necho \"$GREETING $1\"\necho wrong >&2\ncat\nexit 7\n");
    is_int(run_program((const char *const[]){"./say", "a b; c", NULL}, 60000, &r, &e), 0, "it ran");
    is_str(lh_buf_text(&r.out), "hello a b; c\n", "what it printed, without a shell between");
    is_str(lh_buf_text(&r.err), "wrong\n", "both ways");
    is_int(r.status, 7, "its exit code");
    write_program("wait", "#!/bin/sh\nexec >&- 2>&-\nsleep 600\n");
    is_int(run_program((const char *const[]){"./wait", NULL}, 100, &late, &e), LH_UNREACHABLE,
           "one that takes too long is ended");
    write_program("much", "#!/bin/sh\nwhile :; do echo 0123456789012345678901234567890; done\n");
    is_int(run_program((const char *const[]){"./much", NULL}, 60000, &huge, &e), LH_FAILED,
           "and one that prints too much");
    is_int(run_program((const char *const[]){"./none", NULL}, 60000, &none, &e), LH_FAILED,
           "one that is not there");
}

static void test_find(void)
{
    bool is_small = false;
    char *found lh_autofree = NULL;
    char *legacy lh_autofree = NULL;
    char *given lh_autofree = NULL;

    mkdir("one", 0700);
    mkdir("two", 0700);
    write_program("one/tool", "#!/bin/sh\n");
    write_program("two/tool", "#!/bin/sh\n# this one is larger\n");
    found = lh_helper_find("tool", "nowhere::one:two", 20, &is_small);
    is_str(found, "two/tool", "the first that is large enough");
    legacy = lh_helper_find("tool", "one", 20, &is_small);
    ok(!legacy && is_small, "one that is too small is told");
    given = lh_helper_find("one/tool", NULL, 20, &is_small);
    is_str(given, "one/tool", "a path is taken as it is");
}

int main(void)
{
    if (!temp_folder_begin())
        SKIP_ALL("no folder for files");
    lh_log_init(&quiet, open("log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    RUN(test_azure);
    RUN(test_cli_token);
    RUN(test_helper);
    RUN(test_find);
    close(quiet.fd);
    lh_log_free(&quiet);
    temp_folder_end();
    return tap_done();
}
