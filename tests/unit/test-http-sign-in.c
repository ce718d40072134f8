/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in: what goes into which request, and how tokens come and go. */
#include "config.h"

#include "http/sign-in.h"

#include "base/file-lock.h"
#include "base/file.h"
#include "spec_file.h"
#include "tap.h"
#include "temp_folder.h"
#include "json/document.h"

#include <pthread.h>
#include <unistd.h>

/* --- a token endpoint ------------------------------------------------------------------------- */

struct endpoint {
    int status;       /* -1: no answer */
    const char *body; /* "%d" is the number of the fetch */
    int delay_ms;
    int fetches;        /* atomic */
    const char *locked; /* a file, and what comes of locking it meanwhile */
    int lock_code;
    char url[256], form[512], authorization[256], content_type[64];
};

static int fetch(void *context, const struct lh_token_request *request,
                 const struct lh_patience *patience, struct lh_token_answer *ret,
                 struct lh_error *e)
{
    struct endpoint *end = context;
    int n = __atomic_add_fetch(&end->fetches, 1, __ATOMIC_SEQ_CST);
    const char *at = strstr(end->body, "%d");
    lh_str authorization = lh_http_headers_get(request->headers, "authorization");

    (void)patience;
    if (end->locked) {
        lh_auto(lh_file_lock) lock = LH_FILE_LOCK_INIT;

        end->lock_code = lh_file_lock_take(&lock, end->locked, NULL);
    }
    snprintf(end->url, sizeof end->url, "%s", request->url);
    snprintf(end->form, sizeof end->form, "%.*s", LH_STR_ARG(request->body));
    snprintf(end->authorization, sizeof end->authorization, "%.*s", LH_STR_ARG(authorization));
    snprintf(end->content_type, sizeof end->content_type, "%s",
             lh_http_headers_get(request->headers, "content-type").p);
    if (end->delay_ms)
        usleep((useconds_t)end->delay_ms * 1000);
    if (end->status < 0)
        return lh_error_set(e, LH_UNREACHABLE, "no route");
    ret->status = end->status;
    if (!at)
        at = end->body + strlen(end->body);
    lh_buf_add(&ret->body, end->body, (size_t)(at - end->body));
    if (*at) {
        lh_buf_i64(&ret->body, n);
        lh_buf_z(&ret->body, at + 2);
    }
    return 0;
}

static int64_t clock_now(void *context)
{
    return *(int64_t *)context;
}

/* All that a test needs. */
struct scene {
    struct lh_log log;
    struct endpoint end;
    int64_t now;
    struct lh_clock clock;
    struct lh_sign_in_setup setup;
    struct lh_spec *spec;
    struct lh_sign_in *s;
    struct lh_error e;
};

static struct scene *scene_init(struct scene *c, int status, const char *body)
{
    *c = (struct scene){.end = {.status = status, .body = body}, .now = 5000000};
    lh_log_init(&c->log, open("log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    c->clock = (struct lh_clock){clock_now, NULL, &c->now};
    c->setup = (struct lh_sign_in_setup){&c->log, fetch, &c->end, &c->clock, NULL};
    return c;
}

static void scene_free(struct scene *c)
{
    lh_sign_in_destroy(c->s);
    lh_spec_destroy(c->spec);
    lh_error_free(&c->e);
    if (c->log.fd >= 0)
        close(c->log.fd);
    lh_log_free(&c->log);
}

/* options: "name=value name=value" */
static int begin(struct scene *c, const char *spec, const char *options)
{
    lh_autoptr(lh_opts) opts = NULL;
    size_t at = 0;
    lh_str part;

    lh_sign_in_destroy(c->s);
    lh_spec_destroy(c->spec);
    c->s = NULL;
    c->spec = NULL;
    if (lh_spec_parse(lh_str_z(spec), "spec.json", &c->spec, &c->e))
        return ok(false, "%s", lh_error_text(&c->e)), -1;
    opts = lh_opts_new(c->spec, false);
    while ((part = lh_str_part(options, ' ', &at)).n) {
        const char *eq = memchr(part.p, '=', part.n);
        size_t n = (size_t)(eq - part.p);

        if (lh_opts_set(opts, lh_str_n(part.p, n), lh_str_n(eq + 1, part.n - n - 1), "test", &c->e))
            return ok(false, "%s", lh_error_text(&c->e)), -1;
    }
    if (lh_opts_finish(opts, LH_STR(""), LH_STR(""), &c->e))
        return ok(false, "%s", lh_error_text(&c->e)), -1;
    return lh_sign_in_new(c->spec, opts, &c->setup, &c->s, &c->e);
}

static const struct lh_patience forever = {{INT64_MAX}, -1};

/* "URL|authorization" after signing; the serial may be NULL. */
static const char *sign(struct scene *c, const char *url, uint64_t *ret_serial)
{
    static char result[1024];
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) to = LH_BUF_INIT(1000);
    uint64_t serial = 99;

    lh_buf_z(&to, url);
    if (lh_sign_in_apply(c->s, &forever, &to, &h, &serial, &c->e))
        snprintf(result, sizeof result, "%d: %s", c->e.code, lh_error_text(&c->e));
    else
        snprintf(result, sizeof result, "%s|%s", lh_buf_text(&to), h.n ? h.items[0].value.p : "-");
    if (ret_serial)
        *ret_serial = serial;
    return result;
}

static bool is_hidden(struct scene *c, const char *secret)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);

    lh_log_redact(&c->log, lh_str_z(secret), &out);
    return strcmp(lh_buf_text(&out), "***") == 0;
}

static const char *log_text(struct scene *c)
{
    static char text[4096];
    int fd lh_autoclose = open("log", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof text - 1);

    (void)c;
    text[n > 0 ? n : 0] = 0;
    for (char *end = text; (end = strchr(end, '\n'));)
        *end = ' '; /* it is shown in one line */
    return text;
}

/* --- specs ------------------------------------------------------------------------------------ */

#define SPEC(rest)                                                                                 \
    "{\"spec\":1,\"name\":\"a\",\"version\":\"1.0.0\",\"license\":\"MIT\","                        \
    "\"needs\":[\"oauth2.client_credentials\",\"oauth2.refresh_token\"],"                          \
    "\"options\":[{\"name\":\"token\",\"type\":\"string\",\"secret\":true},"                       \
    "{\"name\":\"secret\",\"type\":\"string\",\"secret\":true},"                                   \
    "{\"name\":\"user\",\"type\":\"string\"},{\"name\":\"open\",\"type\":\"bool\"},"               \
    "{\"name\":\"files\",\"type\":\"url\"}],"                                                      \
    "\"base\":[\"https://api.example.com/v1\"],"                                                   \
    "\"origins\":[{\"url\":\"https://files.example.net\",\"sign_in\":false},"                      \
    "{\"url\":\"https://more.example.net:444\",\"sign_in\":true},"                                 \
    "{\"url\":\"${files}\",\"sign_in\":true}],\"sign_in\":[" rest "]}"

#define BEARER "{\"id\":\"pat\",\"kind\":\"bearer\",\"token\":\"${token}\"}"
#define BASIC                                                                                      \
    "{\"id\":\"login\",\"kind\":\"basic\",\"user\":\"${user}/token\",\"password\":\"${secret}\"}"
#define OPEN "{\"id\":\"open\",\"kind\":\"none\",\"when\":{\"open\":\"true\"}}"
#define HEADER                                                                                     \
    "{\"id\":\"key\",\"kind\":\"header\",\"name\":\"X-Api-Key\",\"value\":\"k:${secret}\"}"
#define QUERY "{\"id\":\"key\",\"kind\":\"query\",\"name\":\"api key\",\"value\":\"${secret}\"}"
#define CLIENT(auth)                                                                               \
    "{\"id\":\"m2m\",\"kind\":\"oauth2\",\"grant\":\"client_credentials\","                        \
    "\"token_url\":\"https://login.example.org/token\",\"client_auth\":\"" auth "\","              \
    "\"client_id\":\"${user}\",\"client_secret\":\"${secret}\",\"scope\":\"all apis\","            \
    "\"refresh_before_s\":300}"
#define REFRESH(auth)                                                                              \
    "{\"id\":\"oauth\",\"kind\":\"oauth2\",\"grant\":\"refresh_token\","                           \
    "\"token_url\":\"https://login.example.org/token\"," auth "\"client_id\":\"${user}\","         \
    "\"refresh_token\":\"${token}\"}"
#define PUBLIC  REFRESH("\"client_auth\":\"none\",")
#define PRIVATE REFRESH("\"client_auth\":\"post\",\"client_secret\":\"${secret}\",")

/* --- static kinds ----------------------------------------------------------------------------- */

static void test_bearer(void)
{
    static const struct {
        const char *url, *signed_as;
    } cases[] = {
        {"https://api.example.com/v1/x", "https://api.example.com/v1/x|Bearer tok-123456"},
        {"https://API.example.com:443/", "https://API.example.com:443/|Bearer tok-123456"},
        {"https://more.example.net:444/a", "https://more.example.net:444/a|Bearer tok-123456"},
        {"https://more.example.net/a", "https://more.example.net/a|-"},
        {"https://files.example.net/a", "https://files.example.net/a|-"},
        {"http://api.example.com/v1/x", "http://api.example.com/v1/x|-"},
        {"https://api.example.com:8443/", "https://api.example.com:8443/|-"},
        {"https://api.example.com.evil.org/", "https://api.example.com.evil.org/|-"},
        {"https://evil.org/https://api.example.com", "https://evil.org/https://api.example.com|-"},
        {"https://api.example.com@evil.org/", "https://api.example.com@evil.org/|-"},
        {"/x", "/x|-"},
    };
    lh_auto(scene) c;
    bool again = true;

    scene_init(&c, 0, "");
    is_int(begin(&c, SPEC(OPEN "," BEARER), "token=tok-123456"), 0, lh_error_text(&c.e));
    is_str(lh_sign_in_id(c.s), "pat", "the first that is complete");
    for (size_t i = 0; i < LH_LEN(cases); i++)
        is_str(sign(&c, cases[i].url, NULL), cases[i].signed_as, cases[i].url);
    ok(is_hidden(&c, "tok-123456"), "hidden");
    is_int(lh_sign_in_renew(c.s, 0, &forever, &again, &c.e), 0, "renewed");
    ok(!again, "which is no use");
}

static void test_optional_origin(void)
{
    lh_auto(scene) c;

    scene_init(&c, 0, "");
    begin(&c, SPEC(BEARER), "token=tok-123456 files=http://127.0.0.1:8080/f");
    is_str(sign(&c, "http://127.0.0.1:8080/x", NULL), "http://127.0.0.1:8080/x|Bearer tok-123456",
           "an origin that an option names");
}

static void test_basic(void)
{
    lh_auto(scene) c;

    scene_init(&c, 0, "");
    is_int(begin(&c, SPEC(BEARER "," BASIC), "user=me@x.de secret=p\xc3\xa4ss:w0rd"), 0,
           lh_error_text(&c.e));
    is_str(sign(&c, "https://api.example.com/", NULL),
           "https://api.example.com/|Basic bWVAeC5kZS90b2tlbjpww6Rzczp3MHJk", "Basic");
    ok(is_hidden(&c, "bWVAeC5kZS90b2tlbjpww6Rzczp3MHJk"), "the encoded one is hidden");
    ok(is_hidden(&c, "p\xc3\xa4ss:w0rd"), "so is the password");
    is_int(begin(&c, SPEC(BASIC), "user=me:you secret=password"), LH_INVALID, "a colon");
    ok(!strstr(lh_error_text(&c.e), "password\""), "%s", lh_error_text(&c.e));
}

static void test_base64(void)
{
    static const char *const cases[][2] = {
        {"a", "YTpw"}, {"ab", "YWI6cA=="}, {"abc", "YWJjOnA="}, {"?,>", "Pyw+OnA="}};

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(scene) c;
        char *options lh_autofree = lh_xasprintf("user=%s secret=p", cases[i][0]);
        char *want lh_autofree = lh_xasprintf("https://api.example.com/|Basic %s", cases[i][1]);

        scene_init(&c, 0, "");
        begin(&c,
              SPEC("{\"id\":\"b\",\"kind\":\"basic\",\"user\":\"${user}\",\"password\":"
                   "\"${secret}\"}"),
              options);
        is_str(sign(&c, "https://api.example.com/", NULL), want, cases[i][0]);
    }
}

static void test_header(void)
{
    lh_auto(scene) c;
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) url = LH_BUF_INIT(1000);
    uint64_t serial;

    scene_init(&c, 0, "");
    begin(&c, SPEC(HEADER), "secret=abcdef");
    lh_buf_z(&url, "https://api.example.com/");
    lh_http_headers_set(&h, LH_STR("x-api-key"), LH_STR("from a stranger"), NULL);
    is_int(lh_sign_in_apply(c.s, &forever, &url, &h, &serial, &c.e), 0, lh_error_text(&c.e));
    is_slice(lh_http_headers_get(&h, "x-api-key"), "k:abcdef", "in place of what was there");
    ok(is_hidden(&c, "k:abcdef"), "hidden");
}

static void test_query(void)
{
    lh_auto(scene) c;

    scene_init(&c, 0, "");
    begin(&c, SPEC(QUERY), "secret=a&b=\xc3\xa4#");
    is_str(sign(&c, "https://api.example.com/x", NULL),
           "https://api.example.com/x?api%20key=a%26b%3D%C3%A4%23|-", "the first");
    is_str(sign(&c, "https://api.example.com/x?y=1", NULL),
           "https://api.example.com/x?y=1&api%20key=a%26b%3D%C3%A4%23|-", "behind others");
    is_str(sign(&c, "https://api.example.com/x?", NULL),
           "https://api.example.com/x?api%20key=a%26b%3D%C3%A4%23|-", "behind a '?'");
    is_str(sign(&c, "https://evil.org/x", NULL), "https://evil.org/x|-", "not elsewhere");
}

static void test_choice(void)
{
    lh_auto(scene) c;

    scene_init(&c, 0, "");
    begin(&c, SPEC(OPEN "," BEARER), "token=tok-123456 open=yes");
    is_str(lh_sign_in_id(c.s), "open", "`when` holds");
    is_str(sign(&c, "https://api.example.com/", NULL), "https://api.example.com/|-", "unsigned");
    is_int(begin(&c, SPEC(OPEN "," BEARER "," BASIC), "user=me"), LH_INVALID, "none is complete");
    is_str(lh_error_text(&c.e),
           "a: no way to sign in is complete; give the options that are missing from one of open "
           "(open=true), pat (token), login (secret)",
           "message");
    is_int(begin(&c, SPEC(""), ""), 0, "a source without sign-in");
    is_str(lh_sign_in_id(c.s), "none", "none");
    is_str(sign(&c, "https://api.example.com/", NULL), "https://api.example.com/|-", "unsigned");
    is_int(begin(&c, SPEC(BEARER), "token=a\nb"), LH_INVALID, "a line break in a secret");
    ok(!strstr(lh_error_text(&c.e), "a\nb"), "%s", lh_error_text(&c.e));
}

static void test_zendesk(void)
{
    lh_auto(scene) c;
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 20);
    char *path lh_autofree = spec_file("zendesk");

    scene_init(&c, 0, "");
    is_int(lh_file_read(path, (size_t)1 << 20, 0, &text, &c.e), 0, lh_error_text(&c.e));
    begin(&c, lh_buf_text(&text), "subdomain=acme email=a@b.c api_token=t0ken99");
    is_str(sign(&c, "https://acme.zendesk.com/api/v2/x", NULL),
           "https://acme.zendesk.com/api/v2/x|Basic YUBiLmMvdG9rZW46dDBrZW45OQ==",
           "email/token:api_token");
}

/* --- tokens ----------------------------------------------------------------------------------- */

#define GOOD "{\"access_token\":\"tok-number-%d\",\"token_type\":\"bearer\",\"expires_in\":3600}"

static void test_client_credentials(void)
{
    lh_auto(scene) c;

    scene_init(&c, 200, GOOD);
    is_int(begin(&c, SPEC(CLIENT("basic")), "user=me secret=s3cret/99"), 0, lh_error_text(&c.e));
    is_int(c.end.fetches, 0, "nothing is fetched before it is needed");
    is_str(sign(&c, "https://evil.org/", NULL), "https://evil.org/|-", "nor for others");
    is_int(c.end.fetches, 0, "no fetch");
    is_str(sign(&c, "https://api.example.com/", NULL),
           "https://api.example.com/|Bearer tok-number-1", "token");
    is_str(c.end.url, "https://login.example.org/token", "endpoint");
    is_str(c.end.form, "grant_type=client_credentials&scope=all%20apis", "form without secret");
    is_str(c.end.authorization, "Basic bWU6czNjcmV0JTJGOTk=", "client");
    is_str(c.end.content_type, "application/x-www-form-urlencoded", "type");
    ok(is_hidden(&c, "tok-number-1") && is_hidden(&c, "bWU6czNjcmV0JTJGOTk="), "hidden");
    is_str(sign(&c, "https://login.example.org/token", NULL), "https://login.example.org/token|-",
           "the endpoint gets no token");
    begin(&c, SPEC(CLIENT("basic")), "user=m:e secret=a%b+c:d");
    sign(&c, "https://api.example.com/", NULL);
    is_str(c.end.authorization,
           "Basic bSUzQWU6YSUyNWIlMkJjJTNBZA==", "form-encoded: no colon in either");
    begin(&c, SPEC(CLIENT("post")), "user=me secret=s3cret/99");
    sign(&c, "https://api.example.com/", NULL);
    is_str(c.end.form,
           "grant_type=client_credentials&scope=all%20apis&client_id=me&client_secret=s3cret%2F99",
           "in the form");
    is_str(c.end.authorization, "", "and not in a header");
}

static void test_renewal(void)
{
    lh_auto(scene) c;
    uint64_t first, second;
    bool again = false;

    scene_init(&c, 200, GOOD);
    begin(&c, SPEC(CLIENT("basic")), "user=me secret=s3cret/99");
    sign(&c, "https://api.example.com/", &first);
    c.now += 3299999;
    is_str(sign(&c, "https://api.example.com/", NULL),
           "https://api.example.com/|Bearer tok-number-1", "kept until 300 s before its end");
    c.now += 1;
    is_str(sign(&c, "https://api.example.com/", &second),
           "https://api.example.com/|Bearer tok-number-2", "renewed");
    is_int(lh_sign_in_renew(c.s, first, &forever, &again, &c.e), 0, "a late 401 to the first");
    ok(again && c.end.fetches == 2, "the second is there already");
    is_int(lh_sign_in_renew(c.s, second, &forever, &again, &c.e), 0, "a 401 to the second");
    ok(again && c.end.fetches == 3, "fetched anew");
    is_str(sign(&c, "https://api.example.com/", &second),
           "https://api.example.com/|Bearer tok-number-3", "the third");
    c.end.status = 401;
    c.end.body = "{\"error\":\"invalid_client\"}";
    again = false;
    is_int(lh_sign_in_renew(c.s, second, &forever, &again, &c.e), LH_REFUSED, "refused");
    ok(!again, "untouched");
}

/* How long a token is kept, by what the endpoint says about it. */
static void test_life(void)
{
    static const struct {
        const char *body;
        int64_t ms;
    } cases[] = {
        {"{\"access_token\":\"a\",\"expires_in\":\"3600\"}", 3300000},
        {"{\"access_token\":\"a\"}", 3300000},
        {"{\"access_token\":\"a\",\"expires_in\":null}", 3300000},
        {"{\"access_token\":\"a\",\"expires_in\":301}", 1000},
        {"{\"access_token\":\"a\",\"expires_in\":200}", 100000},
        {"{\"access_token\":\"a\",\"expires_in\":1e99}", 500},
        {"{\"access_token\":\"a\",\"expires_in\":99999999999999999999}", 31535700000},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(scene) c;

        scene_init(&c, 200, cases[i].body);
        begin(&c, SPEC(CLIENT("basic")), "user=me secret=s3cret/99");
        sign(&c, "https://api.example.com/", NULL);
        c.now += cases[i].ms - 1;
        sign(&c, "https://api.example.com/", NULL);
        is_int(c.end.fetches, 1, cases[i].body);
        c.now += 1;
        sign(&c, "https://api.example.com/", NULL);
        is_int(c.end.fetches, 2, "and then a new one");
    }
}

static void test_refused(void)
{
    static const struct {
        int status;
        const char *body, *message;
    } cases[] = {
        {401, "{\"error\":\"invalid_client\",\"error_description\":\"x\\r\\ny\"}",
         "4: sign-in: token endpoint https://login.example.org/token: 401: invalid_client: x  y; "
         "check the client's id and secret and what it may do"},
        {400, "{\"error\":\"invalid_grant\"}",
         "4: sign-in: token endpoint https://login.example.org/token: 400: invalid_grant; the "
         "refresh token is not valid any more: authorise again"},
        {403, "<html>s3cret/99",
         "4: sign-in: token endpoint https://login.example.org/token: 403; check the client's id "
         "and secret and what it may do"},
        {302, "",
         "4: sign-in: token endpoint https://login.example.org/token: 302, a redirect, which is "
         "not followed with credentials; check the URL"},
        {503, "",
         "7: sign-in: token endpoint https://login.example.org/token: 503; try again later"},
        {429, "",
         "7: sign-in: token endpoint https://login.example.org/token: 429; try again later"},
        {200, "<html>",
         "4: sign-in: token endpoint https://login.example.org/token: the answer has no "
         "access_token; check the URL"},
        {200, "{\"access_token\":17}",
         "4: sign-in: token endpoint https://login.example.org/token: the answer has no "
         "access_token; check the URL"},
        {200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}",
         "4: sign-in: token endpoint https://login.example.org/token: expected a token of the "
         "type Bearer, found another type"},
        {200, "{\"access_token\":\"a\\r\\nX: y\"}",
         "3: header Authorization: a line break or NUL in its value"},
        {-1, "", "7: no route"},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(scene) c;

        scene_init(&c, cases[i].status, cases[i].body);
        begin(&c, SPEC(PRIVATE), "user=me secret=s3cret/99 token=refresh-1");
        is_str(sign(&c, "https://api.example.com/", NULL), cases[i].message, "message");
    }
}

/* --- refresh tokens --------------------------------------------------------------------------- */

#define ROTATING "{\"access_token\":\"tok-number-1\",\"refresh_token\":\"refresh-new-%d\"}"

static void test_refresh(void)
{
    lh_auto(scene) c;
    uint64_t serial;
    bool again;

    scene_init(&c, 200, ROTATING);
    begin(&c, SPEC(PUBLIC), "user=me token=refresh-1");
    sign(&c, "https://api.example.com/", &serial);
    is_str(c.end.form, "grant_type=refresh_token&refresh_token=refresh-1&client_id=me", "public");
    is_str(c.end.authorization, "", "no secret");
    ok(is_hidden(&c, "refresh-new-1") && is_hidden(&c, "refresh-1"), "hidden");
    ok(strstr(log_text(&c), "no file was named for it") != NULL, "a warning: %s", log_text(&c));
    lh_sign_in_renew(c.s, serial, &forever, &again, &c.e);
    is_str(c.end.form, "grant_type=refresh_token&refresh_token=refresh-new-1&client_id=me",
           "the new one from now on");
    ok(strstr(strstr(log_text(&c), "no file") + 1, "no file") == NULL, "warned once");
    c.end.body = GOOD;
    sign(&c, "https://api.example.com/", &serial);
    lh_sign_in_renew(c.s, serial, &forever, &again, &c.e);
    lh_sign_in_renew(c.s, serial + 1, &forever, &again, &c.e);
    is_str(c.end.form, "grant_type=refresh_token&refresh_token=refresh-new-2&client_id=me",
           "one that is not replaced stays");
}

static void test_rotation_file(void)
{
    lh_auto(scene) c;
    lh_auto(lh_document) d = {0};
    lh_auto(lh_buf) text = LH_BUF_INIT(10000);
    struct stat st;

    scene_init(&c, 200, ROTATING);
    c.setup.rotation_file = "kept";
    begin(&c, SPEC(PUBLIC), "user=me token=refresh-1");
    sign(&c, "https://api.example.com/", NULL);
    ok(stat("kept", &st) == 0 && (st.st_mode & 07777) == 0600, "a file of mode 0600");
    lh_file_read("kept", 10000, 0, &text, NULL);
    lh_document_parse_json(&d, lh_buf_slice(&text), "kept", &c.e);
    is_str(json_string_value(lh_document_at(&d, "/refresh_token")), "refresh-new-1", "its token");
    is_str(log_text(&c), "", "no warning");

    c.end.body = GOOD;
    begin(&c, SPEC(PUBLIC), "user=me token=refresh-1");
    sign(&c, "https://api.example.com/", NULL);
    is_str(c.end.form, "grant_type=refresh_token&refresh_token=refresh-new-1&client_id=me",
           "the next run uses it");
    begin(&c, SPEC(PUBLIC), "user=me token=refresh-2");
    sign(&c, "https://api.example.com/", NULL);
    is_str(c.end.form, "grant_type=refresh_token&refresh_token=refresh-2&client_id=me",
           "unless another one is given");
    begin(&c, SPEC(PUBLIC), "user=you token=refresh-1");
    sign(&c, "https://api.example.com/", NULL);
    is_str(c.end.form, "grant_type=refresh_token&refresh_token=refresh-1&client_id=you",
           "or it is for another client");
    unlink("kept");
}

/* Two runs that were given the same refresh token, which the source replaces with each use. */
static void test_two_runs(void)
{
    lh_auto(scene) a;
    lh_auto(scene) b;
    uint64_t serial;
    bool again;

    scene_init(&a, 200, ROTATING);
    scene_init(&b, 200, "{\"access_token\":\"tok-b\",\"refresh_token\":\"refresh-of-b\"}");
    a.setup.rotation_file = b.setup.rotation_file = "shared";
    begin(&a, SPEC(PUBLIC), "user=me token=refresh-1");
    begin(&b, SPEC(PUBLIC), "user=me token=refresh-1");
    sign(&a, "https://api.example.com/", &serial);
    sign(&b, "https://api.example.com/", NULL);
    is_str(b.end.form, "grant_type=refresh_token&refresh_token=refresh-new-1&client_id=me",
           "the second run uses what the first one got");
    lh_sign_in_renew(a.s, serial, &forever, &again, &a.e);
    is_str(a.end.form, "grant_type=refresh_token&refresh_token=refresh-of-b&client_id=me",
           "and the first one what the second one got");
    unlink("shared");
}

static void test_locked_file(void)
{
    const struct lh_patience short_one = {lh_deadline_in(150), -1};
    lh_auto(scene) c;
    lh_auto(lh_file_lock) lock = LH_FILE_LOCK_INIT;
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) url = LH_BUF_INIT(1000);
    uint64_t serial;

    scene_init(&c, 200, ROTATING);
    c.setup.rotation_file = c.end.locked = "locked";
    begin(&c, SPEC(PUBLIC), "user=me token=refresh-1");
    lh_buf_z(&url, "https://api.example.com/");
    is_int(lh_file_lock_take(&lock, "locked", NULL), 0, "another run renews its token");
    is_int(lh_sign_in_apply(c.s, &short_one, &url, &h, &serial, &c.e), LH_UNREACHABLE, "a wait");
    ok(strstr(lh_error_text(&c.e), "another run") != NULL, "%s", lh_error_text(&c.e));
    is_int(c.end.fetches, 0, "and nothing is sent meanwhile");
    lh_file_lock_free(&lock);
    is_str(sign(&c, "https://api.example.com/", NULL),
           "https://api.example.com/|Bearer tok-number-1", "then it goes on");
    is_int(c.end.lock_code, LH_CONFLICT, "with the lock held while it is sent");
    is_int(lh_file_lock_take(&lock, "locked", NULL), 0, "and no longer");
    unlink("locked");
}

/* A request in advance waits for nothing, and so begins nothing that it would break off. */
static void test_no_time(void)
{
    const struct lh_patience none = {lh_deadline_in(0), -1};
    lh_auto(scene) c;
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) url = LH_BUF_INIT(1000);
    uint64_t serial;

    scene_init(&c, 200, ROTATING);
    begin(&c, SPEC(PUBLIC), "user=me token=refresh-1");
    lh_buf_z(&url, "https://api.example.com/");
    is_int(lh_sign_in_apply(c.s, &none, &url, &h, &serial, &c.e), LH_UNREACHABLE, "no token");
    is_int(c.end.fetches, 0, "and none is asked for");
    sign(&c, "https://api.example.com/", NULL);
    is_int(lh_sign_in_apply(c.s, &none, &url, &h, &serial, &c.e), 0, "one that is there will do");
}

static void test_unsafe_files(void)
{
    static const char *const names[] = {"link", "readable", "writable", "folder", "garbage", "big"};
    lh_auto(scene) c;
    char *big lh_autofree = lh_xcalloc(1, 70000);

    scene_init(&c, 200, ROTATING);
    memset(big, ' ', 69999);
    put_file("target", "{}", 0600);
    ok(symlink("target", "link") == 0, "link");
    put_file("readable", "{}", 0640);
    put_file("writable", "{}", 0602);
    ok(mkdir("folder", 0700) == 0, "folder");
    put_file("garbage", "refresh", 0600);
    put_file("big", big, 0600);
    for (size_t i = 0; i < LH_LEN(names); i++) {
        c.setup.rotation_file = names[i];
        is_int(begin(&c, SPEC(PUBLIC), "user=me token=refresh-1"), LH_INVALID, names[i]);
        ok(strstr(lh_error_text(&c.e), names[i]) == lh_error_text(&c.e), "%s", lh_error_text(&c.e));
    }
    c.setup.rotation_file = "late";
    is_int(begin(&c, SPEC(PUBLIC), "user=me token=refresh-1"), 0, "not there yet");
    ok(symlink("target", "late") == 0, "and then a link");
    is_str(sign(&c, "https://api.example.com/", NULL),
           "https://api.example.com/|Bearer tok-number-1", "the run goes on");
    ok(strstr(log_text(&c), "late: it is a symbolic link") != NULL, "warned: %s", log_text(&c));
    ok(!strstr(log_text(&c), "refresh-new"), "without the token");
}

/* --- threads ---------------------------------------------------------------------------------- */

#define THREADS 8

struct worker {
    struct scene *c;
    struct lh_patience patience;
    pthread_t thread;
    int code;
    char authorization[64];
};

static void *work(void *context)
{
    struct worker *w = context;
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_buf) url = LH_BUF_INIT(1000);
    uint64_t serial;

    lh_buf_z(&url, "https://api.example.com/");
    w->code = lh_sign_in_apply(w->c->s, &w->patience, &url, &h, &serial, NULL);
    if (!w->code)
        snprintf(w->authorization, sizeof w->authorization, "%s", h.items[0].value.p);
    return NULL;
}

static void run_all(struct scene *c, struct worker workers[THREADS])
{
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.c = c, .patience = forever};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
}

static void test_threads(void)
{
    struct worker workers[THREADS];
    lh_auto(scene) c;

    scene_init(&c, 200, GOOD);
    c.end.delay_ms = 200;
    begin(&c, SPEC(CLIENT("basic")), "user=me secret=s3cret/99");
    run_all(&c, workers);
    for (int i = 0; i < THREADS; i++)
        is_str(workers[i].authorization, "Bearer tok-number-1", "the same token");
    is_int(c.end.fetches, 1, "fetched once");
    begin(&c, SPEC(CLIENT("basic")), "user=me secret=s3cret/99");
    c.end.status = 401;
    c.end.fetches = 0;
    run_all(&c, workers);
    for (int i = 0; i < THREADS; i++)
        is_int(workers[i].code, LH_REFUSED, "refused");
    ok(c.end.fetches < THREADS, "those who waited do not ask again: %d", c.end.fetches);
}

/* A thread that waits for another one's fetch is woken by its own deadline and descriptor. */
static void test_impatient(void)
{
    struct worker slow, late, woken;
    lh_auto(scene) c;
    int ends[2];

    scene_init(&c, 200, GOOD);
    c.end.delay_ms = 1500;
    begin(&c, SPEC(CLIENT("basic")), "user=me secret=s3cret/99");
    ok(pipe(ends) == 0 && write(ends[1], "x", 1) == 1, "pipe");
    slow = (struct worker){.c = &c, .patience = forever};
    pthread_create(&slow.thread, NULL, work, &slow);
    while (__atomic_load_n(&c.end.fetches, __ATOMIC_SEQ_CST) == 0)
        usleep(1000);
    late = (struct worker){.c = &c, .patience = {lh_deadline_in(50), -1}};
    woken = (struct worker){.c = &c, .patience = {{INT64_MAX}, ends[0]}};
    work(&late);
    work(&woken);
    is_int(late.code, LH_UNREACHABLE, "deadline");
    is_int(woken.code, LH_INTERRUPTED, "descriptor");
    pthread_join(slow.thread, NULL);
    is_int(slow.code, 0, "the other one has it");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    RUN(test_zendesk);
    unlink("log"); /* of that test: it needs the folder of the sources */
    if (!temp_folder_begin())
        return 1;
    RUN(test_bearer);
    RUN(test_optional_origin);
    RUN(test_basic);
    RUN(test_base64);
    RUN(test_header);
    RUN(test_query);
    RUN(test_choice);
    RUN(test_client_credentials);
    RUN(test_renewal);
    RUN(test_life);
    RUN(test_refused);
    RUN(test_refresh);
    RUN(test_rotation_file);
    RUN(test_two_runs);
    RUN(test_locked_file);
    RUN(test_no_time);
    RUN(test_unsafe_files);
    RUN(test_threads);
    RUN(test_impatient);
    temp_folder_end();
    return tap_done();
}
