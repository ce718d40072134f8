/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of the databricks program (`databricks auth token`), where it is installed and signed in.
 * It is run without a shell and with a deadline, and once more when its token is about to expire.
 */
#include "config.h"

#include "workspace/signer_internal.h"

#include "workspace/helper.h"
#include "json/document.h"

#include <lakehost/sdk.h>
#include <stdlib.h>
#include <time.h>

#define NAME        "databricks"
#define LEGACY_MOST ((int64_t)1 << 20) /* the Python program of that name is smaller */
#define VERSION_MS  20000
#define TOKEN_MS    60000
#define WORDS_MAX   500 /* of what it says about a failure */

void lh_cli_destroy(struct lh_cli_token *c)
{
    if (!c)
        return;
    free(c->program);
    lh_secret_free(&c->bearer);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int run(const struct lh_cli_token *c, const struct lh_signer_setup *setup,
               const char *const *argv, int64_t most_ms, const struct lh_patience *patience,
               struct lh_helper_result *ret, struct lh_error *e)
{
    const struct lh_patience limited = {
        lh_deadline_earlier(lh_deadline_in(most_ms), patience->deadline), patience->fd};

    (void)c;
    return lh_helper_run(argv, setup->auth->environ, &limited, ret, e);
}

/* --- its version ------------------------------------------------------------------------------ */

static unsigned part_of(const json_t *version, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(version, key));

    return value > 0 && value < 1000000 ? (unsigned)value : 0;
}

/* A version that cannot be found out is 0.0.0, and so is a build of a developer. */
static void ask_version(struct lh_cli_token *c, const struct lh_signer_setup *setup)
{
    const char *const argv[] = {c->program, "version", "--output", "json", NULL};
    lh_auto(lh_helper_result) result = LH_HELPER_RESULT_INIT;
    lh_auto(lh_document) d = {0};

    if (run(c, setup, argv, VERSION_MS, setup->patience, &result, NULL) || result.status ||
        lh_document_parse_json(&d, lh_buf_slice(&result.out), "version", NULL))
        return;
    c->version[0] = part_of(d.root, "Major");
    c->version[1] = part_of(d.root, "Minor");
    c->version[2] = part_of(d.root, "Patch");
}

static bool is_at_least(const struct lh_cli_token *c, unsigned major, unsigned minor,
                        unsigned patch)
{
    const unsigned wanted[] = {major, minor, patch};

    for (size_t i = 0; i < LH_LEN(wanted); i++)
        if (c->version[i] != wanted[i])
            return c->version[i] > wanted[i];
    return true;
}

/* --- a token ---------------------------------------------------------------------------------- */

int lh_cli_parse_token(lh_str text, struct lh_secret *ret_bearer, int64_t *ret_expiry_ms,
                       struct lh_error *e)
{
    lh_auto(lh_document) d = {0};
    const char *token;
    const char *type;
    const char *expiry;
    int64_t at;

    /* its message would show a piece of the text */
    if (lh_document_parse_json(&d, text, "token", NULL))
        return lh_error_set(e, LH_INVALID, "cannot unmarshal CLI result: it is no JSON");
    token = json_string_value(json_object_get(d.root, "access_token"));
    type = json_string_value(json_object_get(d.root, "token_type"));
    expiry = json_string_value(json_object_get(d.root, "expiry"));
    if (!token || !*token)
        return lh_error_set(e, LH_INVALID, "cannot unmarshal CLI result: it has no access_token");
    at = expiry ? lhs_time_ms(lh_str_z(expiry)) : LHS_NO_TIME;
    if (at == LHS_NO_TIME)
        return lh_error_set(e, LH_INVALID,
                            "cannot unmarshal CLI result: its expiry is no time with a zone");
    lh_secret_join(ret_bearer, lh_str_z(type && *type ? type : "Bearer"), " ", lh_str_z(token));
    *ret_expiry_ms = at;
    return 0;
}

static size_t make_argv(const struct lh_cli_token *c, const struct lh_auth *a, const char *argv[8])
{
    const char *profile = lh_auth_get(a, LH_AUTH_PROFILE);
    bool by_profile = profile && is_at_least(c, 0, 207, 1);
    size_t n = 0;

    argv[n++] = c->program;
    argv[n++] = "auth";
    argv[n++] = "token";
    argv[n++] = by_profile ? "--profile" : "--host";
    argv[n++] = by_profile ? profile : lh_auth_get(a, LH_AUTH_HOST);
    if (is_at_least(c, 0, 296, 0))
        argv[n++] = "--force-refresh";
    argv[n] = NULL;
    return n;
}

/* What the program said, on one line, without what the log knows to be secret. */
static int refuse(const struct lh_signer_setup *setup, const struct lh_helper_result *result,
                  struct lh_error *e)
{
    lh_auto(lh_buf) words = LH_BUF_INIT(2 * LH_HELPER_BYTES);
    lh_auto(lh_buf) shown = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_str(&words, lh_buf_slice(&result->out));
    lh_buf_str(&words, lh_buf_slice(&result->err));
    for (size_t i = 0; i < words.n; i++)
        if ((unsigned char)words.p[i] < ' ')
            words.p[i] = ' ';
    while (words.n && words.p[words.n - 1] == ' ')
        lh_buf_cut(&words, words.n - 1);
    lh_buf_cut(&words, WORDS_MAX);
    lh_log_redact(setup->log, lh_buf_slice(&words), &shown);
    return lh_error_set(
        e, strstr(lh_buf_text(&words), "databricks OAuth is not") ? LH_NOT_FOUND : LH_REFUSED,
        "cannot get access token: %s", lh_buf_text(&shown));
}

/* Runs the program; the mutex is held. */
static int fetch(struct lh_cli_token *c, const struct lh_signer_setup *setup,
                 const struct lh_patience *patience, struct lh_error *e)
{
    lh_auto(lh_helper_result) result = LH_HELPER_RESULT_INIT;
    lh_auto(lh_secret) bearer = LH_SECRET_INIT;
    const char *argv[8];
    int64_t expiry = 0;
    int code;

    make_argv(c, setup->auth, argv);
    code = run(c, setup, argv, TOKEN_MS, patience, &result, e);
    if (!code && result.status)
        code = refuse(setup, &result, e);
    if (!code)
        code = lh_cli_parse_token(lh_buf_slice(&result.out), &bearer, &expiry, e);
    if (code)
        return code;
    lh_log_secret(setup->log, lh_secret_text(&bearer), "access token");
    lh_log_secret(setup->log, lh_str_z(strchr(lh_buf_text(&bearer.text), ' ') + 1), "access token");
    lh_secret_set(&c->bearer, lh_secret_text(&bearer));
    c->good_until_ms = expiry - LH_SIGNER_EARLY_MS;
    c->serial++;
    return 0;
}

int lh_cli_get(struct lh_cli_token *c, const struct lh_signer_setup *setup,
               const struct lh_patience *patience, struct lh_secret *ret, uint64_t *ret_serial,
               struct lh_error *e)
{
    int code = 0;

    pthread_mutex_lock(&c->mutex);
    if (c->bearer.text.n == 0 || now_ms() >= c->good_until_ms)
        code = fetch(c, setup, patience, e);
    if (!code) {
        lh_secret_set(ret, lh_secret_text(&c->bearer));
        *ret_serial = c->serial;
    }
    pthread_mutex_unlock(&c->mutex);
    return code;
}

void lh_cli_drop(struct lh_cli_token *c, uint64_t serial)
{
    pthread_mutex_lock(&c->mutex);
    if (c->serial == serial)
        lh_secret_free(&c->bearer);
    pthread_mutex_unlock(&c->mutex);
}

/* --- the first one ---------------------------------------------------------------------------- */

static int find(const struct lh_auth *a, char **ret, struct lh_error *e)
{
    const char *given = lh_auth_get(a, LH_AUTH_CLI_PATH);
    bool is_legacy;

    *ret =
        lh_helper_find(given ? given : NAME, lh_auth_variable(a, "PATH"), LEGACY_MOST, &is_legacy);
    if (*ret)
        return 0;
    if (is_legacy)
        return lh_error_set(e, LH_NOT_FOUND, "Databricks CLI version <0.100.0 detected");
    return lh_error_set(e, LH_NOT_FOUND, "the program %s is not installed", given ? given : NAME);
}

int lh_cli_new(const struct lh_signer_setup *setup, struct lh_cli_token **ret, struct lh_error *e)
{
    struct lh_cli_token *c;
    char *program lh_autofree = NULL;
    int code = find(setup->auth, &program, e);

    if (code)
        return code;
    c = lh_xcalloc(1, sizeof *c);
    pthread_mutex_init(&c->mutex, NULL);
    c->program = lh_take(program);
    ask_version(c, setup);
    code = fetch(c, setup, setup->patience, e);
    if (code)
        lh_cli_destroy(c);
    else
        *ret = c;
    return code;
}
