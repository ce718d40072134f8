/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP engine as far as it can be tested without a source: origins, redirects, what is shown of
 * a URL, the guard against repeated pages, the answer cache with several threads, cancelling. What
 * needs a source is in tests/system/http.sh.
 */
#include "config.h"
#include "tap.h"

#include "http/internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- where to --------------------------------------------------------------------------------- */

static void is_origin(const char *url, const char *want)
{
    const char *why;
    char *got lh_autofree = lh_origin_of(lh_str_z(url), &why);

    is_str(got, want, url);
}

static void test_origins(void)
{
    is_origin("https://API.Example.com/a?b", "https://api.example.com:443");
    is_origin("https://api.example.com:443", "https://api.example.com:443");
    is_origin("http://h:8080/", "http://h:8080");
    is_origin("http://[::1]/", "http://[::1]:80");
    is_origin("https://a@b/", NULL);
    is_origin("https://b\\@a/", NULL);
    is_origin("//b/", NULL);
    is_origin("https:/b/", NULL);
    is_origin("https://b#@a/", NULL);
    is_origin("", NULL);
}

static void is_allowed(const char *url, bool want)
{
    static const char *const hosts[] = {"intranet.example"};
    const struct lh_http_engine engine = {
        .settings = {.plain_hosts = hosts, .n_plain_hosts = LH_LEN(hosts)}};

    ok(lh_origin_is_allowed(&engine, lh_str_z(url)) == want, "%s: %s", url,
       want ? "allowed" : "not allowed");
}

static void test_schemes(void)
{
    is_allowed("https://anything.example/", true);
    is_allowed("http://anything.example/", false);
    is_allowed("http://127.0.0.1:8080/", true);
    is_allowed("http://127.255.0.1/", true);
    is_allowed("http://LOCALHOST/", true);
    is_allowed("http://[::1]/", true);
    is_allowed("http://[::2]/", false);
    is_allowed("http://127.0.0.1.example.com/", false);
    is_allowed("http://127.example/", false);
    is_allowed("http://localhost.example/", false);
    is_allowed("http://0.0.0.0/", false);
    is_allowed("http://Intranet.Example/x", true);
    is_allowed("http://x.intranet.example/", false);
    is_allowed("ftp://127.0.0.1/", false);
}

static void test_redirects(void)
{
    ok(lh_redirect_is_one(301) && lh_redirect_is_one(302) && lh_redirect_is_one(303) &&
           lh_redirect_is_one(307) && lh_redirect_is_one(308),
       "those are followed");
    ok(!lh_redirect_is_one(300) && !lh_redirect_is_one(304) && !lh_redirect_is_one(305),
       "no other");
    ok(lh_redirect_is_get(303, LH_STR("POST")) && lh_redirect_is_get(303, LH_STR("PUT")),
       "303 is a GET");
    ok(!lh_redirect_is_get(303, LH_STR("HEAD")), "but a HEAD stays");
    ok(lh_redirect_is_get(301, LH_STR("POST")) && lh_redirect_is_get(302, LH_STR("POST")),
       "301 and 302 to a POST");
    ok(!lh_redirect_is_get(301, LH_STR("PUT")), "and to nothing else");
    ok(!lh_redirect_is_get(307, LH_STR("POST")) && !lh_redirect_is_get(308, LH_STR("POST")),
       "307 and 308 change nothing");
}

static void is_shown(const char *url, const char *want)
{
    lh_auto(lh_buf) got = LH_BUF_INIT(LH_BUF_TEXT);

    lh_http_show_url(&got, lh_str_z(url));
    is_str(lh_buf_text(&got), want, url);
}

static void test_shown(void)
{
    is_shown("https://h/p", "https://h/p");
    is_shown("https://h/p?", "https://h/p?");
    is_shown("https://h/p?a=1&token=x&b=2", "https://h/p?a=1&token=***&b=2");
    is_shown("https://h/p?Token=x", "https://h/p?Token=***");
    is_shown("https://h/p?token", "https://h/p?token");
    is_shown("https://h/p?token=", "https://h/p?token=***");
    is_shown("https://h/p?page_token=x&&", "https://h/p?page_token=x&&");
    is_shown("https://h/p?a=b=c&sig=d=e", "https://h/p?a=b=c&sig=***");
    is_shown("https://h/p?X-Amz-Signature=ab", "https://h/p?X-Amz-Signature=***");
}

/* --- requests --------------------------------------------------------------------------------- */

static void is_checked(const char *method, const char *name, const char *value, const char *body,
                       const char *want)
{
    const struct lh_header header = {lh_str_z(name), lh_str_z(value)};
    const struct lh_http_request r = {.method = lh_str_z(method),
                                      .url = LH_STR("/x"),
                                      .body = lh_str_z(body),
                                      .headers = &header,
                                      .n_headers = name ? 1 : 0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_http_request_check(&r, &e);

    is_int(code, *want ? LH_E_RULE : 0, method);
    has_str(lh_error_text(&e), want, *want ? want : "fine");
}

static void test_requests(void)
{
    is_checked("GET", NULL, NULL, "", "");
    is_checked("PATCH", "X-A", "b", "x", "");
    is_checked("get", NULL, NULL, "", "the method");
    is_checked("", NULL, NULL, "", "the method");
    is_checked("GET", NULL, NULL, "x", "a GET has no body");
    is_checked("GET", "authorization", "x", "", "is the host's");
    is_checked("GET", "Content-Type", "x", "", "is the host's");
    is_checked("GET", "Expect", "x", "", "is the host's");
    is_checked("GET", "X A", "x", "", "token");
    is_checked("GET", "X-A", "x\ny", "", "X-A");
}

static void test_copy(void)
{
    char url[] = "/u";
    struct lh_header headers[] = {{LH_STR("A"), LH_STR("1")}, {LH_STR("B"), LH_STR("")}};
    const struct lh_http_request r = {.method = LH_STR("POST"),
                                      .url = lh_str_z(url),
                                      .body = LH_STR("b\0c"),
                                      .headers = headers,
                                      .n_headers = 2,
                                      .cache_ms = 7};
    struct lh_http_request *copy lh_autofree = lh_http_request_copy(&r);
    struct lh_http_key_parts parts;
    struct lh_http_key one;
    struct lh_http_key two;

    lh_http_key_of(&r, &parts, &one);
    url[1] = 'x';
    headers[0].value = LH_STR("2");
    lh_http_key_of(copy, &parts, &two);
    is_str(two.hex, one.hex, "a copy is the same request, whatever becomes of the first");
    is_slice(copy->url, "/u", "the URL");
    is_slice(copy->headers[0].value, "1", "a header");
    is_int(copy->cache_ms, 7, "and the numbers");
}

/* --- the same page for ever ------------------------------------------------------------------- */

static struct lh_http_key key_of(unsigned n)
{
    const struct lh_http_request r = {.method = LH_STR("GET"), .url = lh_str_n((char *)&n, 4)};
    struct lh_http_key_parts parts;
    struct lh_http_key key;

    lh_http_key_of(&r, &parts, &key);
    return key;
}

/* How many answers are taken of a source that goes round `pages` pages. */
static unsigned turns(unsigned pages, unsigned most)
{
    struct lh_loop loop = {0};
    unsigned n = 0;

    while (n < most) {
        struct lh_http_key key = key_of(n % pages);
        char body[32];

        snprintf(body, sizeof body, "{\"page\":%u}", n % pages);
        if (!lh_loop_check(&loop, &key, 200, lh_str_z(body)))
            break;
        n++;
    }
    lh_loop_free(&loop);
    return n;
}

static void test_loop(void)
{
    struct lh_loop loop = {0};
    struct lh_http_key key = key_of(1);
    bool good = true;

    is_int(turns(1, 5000), LH_LOOP_REPEATS, "one page for ever");
    is_int(turns(2, 5000), 2 * LH_LOOP_REPEATS, "two pages in turn");
    is_int(turns(100000, 100000), 100000, "pages that differ are no circle");
    for (unsigned i = 0; i < 5000; i++) {
        char body[32];

        snprintf(body, sizeof body, "{\"done\":%u}", i);
        good = good && lh_loop_check(&loop, &key, 200, lh_str_z(body));
    }
    ok(good, "one request with answers that differ is none either");
    for (unsigned i = 0; i < 5000; i++) {
        if (i % 500 == 0)
            lh_loop_reset(&loop);
        good = good && lh_loop_check(&loop, &key, 200, LH_STR("{\"status\":\"pending\"}"));
    }
    ok(good, "nor is polling, with waits between");
    lh_loop_free(&loop);
}

/* --- the answer cache ------------------------------------------------------------------------- */

static const struct lh_patience for_ever = {{INT64_MAX}, -1};

static struct lh_http_answer *answer_of(int status, const char *body)
{
    struct lh_http_answer *answer = lh_http_answer_new(NULL);

    answer->status = status;
    lh_buf_z(&answer->body, body);
    return answer;
}

/* Finds, or fills in `body` (NULL: fails). The body that was found, "" when it was filled. */
static const char *look_up(struct lh_http_cache *cache, unsigned n, int64_t age, int status,
                           const char *body)
{
    static char found[64];
    lh_autoptr(lh_http_answer) answer = NULL;
    lh_autoptr(lh_http_answer) made = NULL;
    struct lh_cache_entry *fill;
    struct lh_http_key key = key_of(n);

    if (lh_http_cache_find(cache, &key, age, &for_ever, &answer, &fill, NULL))
        return "failed";
    snprintf(found, sizeof found, "%s", answer ? lh_buf_text(&answer->body) : "");
    if (fill && body)
        made = answer_of(status, body);
    if (fill)
        lh_http_cache_fill(cache, fill, made);
    return found;
}

static void test_cache(void)
{
    struct lh_http_cache cache;
    struct lh_http_key key = key_of(1);

    lh_http_cache_init(&cache);
    is_str(look_up(&cache, 1, 60000, 200, "one"), "", "nothing yet");
    is_str(look_up(&cache, 1, 60000, 200, "two"), "one", "now it is there");
    ok(lh_http_cache_has(&cache, &key, 60000), "and known to be");
    is_str(look_up(&cache, 2, 60000, 200, "x"), "", "another request");
    usleep(5000);
    is_str(look_up(&cache, 1, 1, 200, "three"), "", "too old for this one");
    is_str(look_up(&cache, 1, 60000, 200, "x"), "three", "and replaced");
    is_str(look_up(&cache, 3, 60000, 503, "bad"), "", "a failure");
    is_str(look_up(&cache, 3, 60000, 200, NULL), "", "is not kept, nor is none");
    is_str(look_up(&cache, 3, 60000, 200, "good"), "", "so it is asked again");
    for (unsigned i = 10; i < 6000; i++)
        look_up(&cache, i, 60000, 200, "some");
    ok(cache.entries.count <= 4096, "entries are bounded");
    is_int(cache.bytes, cache.entries.count * 4, "and their bytes counted");
    lh_http_cache_free(&cache);
}

struct asker {
    struct lh_http_cache *cache;
    _Atomic(unsigned) *asked;
    pthread_t thread;
    bool good;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    lh_autoptr(lh_http_answer) answer = NULL;
    struct lh_cache_entry *fill;
    struct lh_http_key key = key_of(1);

    if (lh_http_cache_find(a->cache, &key, 60000, &for_ever, &answer, &fill, NULL))
        return NULL;
    if (fill) {
        ++*a->asked;
        usleep(20000);
        answer = answer_of(200, "shared");
        lh_http_cache_fill(a->cache, fill, answer);
    }
    a->good = strcmp(lh_buf_text(&answer->body), "shared") == 0;
    return NULL;
}

static void test_cache_shared(void)
{
    struct lh_http_cache cache;
    struct asker askers[8];
    _Atomic(unsigned) asked = 0;
    bool good = true;

    lh_http_cache_init(&cache);
    for (size_t i = 0; i < LH_LEN(askers); i++) {
        askers[i] = (struct asker){.cache = &cache, .asked = &asked};
        pthread_create(&askers[i].thread, NULL, ask, &askers[i]);
    }
    for (size_t i = 0; i < LH_LEN(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        good = good && askers[i].good;
    }
    ok(good, "eight threads have the answer");
    is_int(asked, 1, "and one asked");
    lh_http_cache_free(&cache);
}

/* --- transfers that do not come to their end -------------------------------------------------- */

/* A socket that takes connections and never answers. */
static int listen_mutely(unsigned *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 64) ||
        getsockname(fd, (struct sockaddr *)&at, &n))
        return -1;
    *ret_port = ntohs(at.sin_port);
    return fd;
}

struct net {
    struct lh_log log;
    struct lh_spec *spec;
    struct lh_opts *opts;
    struct lh_http_engine *engine;
    struct lh_http_client *client;
    struct lh_http_session *session;
};

static void begin(struct net *net, unsigned port)
{
    struct lh_http_settings settings = {.log = &net->log, .retries = 1};
    char *spec lh_autofree = lh_xasprintf(
        "{\"spec\":1,\"name\":\"net\",\"version\":\"1.0.0\",\"license\":\"Apache-2.0\","
        "\"base\":[\"http://127.0.0.1:%u\"]}",
        port);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_log_init(&net->log, STDERR_FILENO);
    net->log.threshold = LH_LOG_ERROR;
    if (lh_spec_parse(lh_str_z(spec), "spec", &net->spec, &e) ||
        lh_http_engine_new(&settings, &net->engine, &e)) {
        fprintf(stderr, "%s\n", lh_error_text(&e));
        abort();
    }
    net->opts = lh_opts_new(net->spec, false);
    lh_opts_finish(net->opts, LH_STR(""), LH_STR(""), NULL);
    net->client = lh_http_client_new(net->engine, net->spec, net->opts);
    net->session = lh_http_session_new(net->client);
}

static void end(struct net *net)
{
    lh_http_session_destroy(net->session);
    lh_http_client_destroy(net->client);
    lh_http_engine_destroy(net->engine);
    lh_opts_destroy(net->opts);
    lh_spec_destroy(net->spec);
    lh_log_free(&net->log);
}

static void is_cancelled(struct net *net, struct lh_patience patience, const char *what)
{
    const struct lh_http_request get = {.method = LH_STR("GET"), .url = LH_STR("/x")};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_answer *answer = NULL;
    int64_t began = lh_now_ms();

    is_int(lh_http_session_send(net->session, &get, &patience, NULL, &answer, &e), LH_E_CANCELLED,
           what);
    ok(lh_now_ms() - began < 2000, "at once");
    has_str(lh_error_text(&e), "GET http://127.0.0.1:", "the request is named");
    is_int(e.code, LH_INTERRUPTED, "its exit code");
}

static void test_cancel(void)
{
    const struct lh_http_request ahead = {.method = LH_STR("GET"), .url = LH_STR("/ahead")};
    unsigned port = 0;
    int fd = listen_mutely(&port);
    struct net net = {.session = NULL};
    int pipes[2];

    if (!ok(fd >= 0 && pipe(pipes) == 0, "a mute source"))
        return;
    begin(&net, port);
    is_cancelled(&net, (struct lh_patience){lh_deadline_in(100), -1}, "the deadline");
    ok(write(pipes[1], "x", 1) == 1, "a signal");
    is_cancelled(&net, (struct lh_patience){lh_deadline_never(), pipes[0]}, "interrupted");
    lh_http_session_prefetch(net.session, &ahead);
    lh_http_session_prefetch(net.session, &ahead);
    usleep(20000);
    end(&net);
    ok(true, "a session ends with requests under way");
    begin(&net, port);
    lh_http_session_prefetch(net.session, &ahead);
    end(&net);
    ok(true, "also with one that has hardly begun");
    close(fd);
    close(pipes[0]);
    close(pipes[1]);
}

static void test_nobody(void)
{
    const struct lh_http_request post = {.method = LH_STR("POST"), .url = LH_STR("/x")};
    struct lh_http_budget budget = {0};
    struct lh_http_answer *answer = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct net net = {.session = NULL};

    begin(&net, 1);
    is_int(lh_http_session_send(net.session, &post, &for_ever, &budget, &answer, &e),
           LH_E_UNAVAILABLE, "nobody listens");
    is_int(budget.attempts, 2, "a POST that was never sent is tried again");
    is_int(e.code, LH_UNREACHABLE, "exit 7");
    end(&net);
}

static void test_settings(void)
{
    struct lh_log log;
    struct lh_http_settings settings = {.log = &log, .cacert = "/nonexistent/ca"};
    struct lh_http_engine *engine = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_log_init(&log, STDERR_FILENO);
    is_int(lh_http_engine_new(&settings, &engine, &e), LH_E_OPTION,
           "certificates that are not there");
    has_str(lh_error_text(&e), "/nonexistent/ca", "are named");
    settings = (struct lh_http_settings){.log = &log, .trace_file = "/nonexistent/trace"};
    is_int(lh_http_engine_new(&settings, &engine, &e), LH_E_OPTION, "a trace that cannot be");
    settings = (struct lh_http_settings){.log = &log, .replay_dir = "/nonexistent/rec"};
    is_int(lh_http_engine_new(&settings, &engine, &e), LH_E_OPTION,
           "a recording that is not there");
    ok(engine == NULL, "and nothing comes of it");
    lh_log_free(&log);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    RUN(test_origins);
    RUN(test_schemes);
    RUN(test_redirects);
    RUN(test_shown);
    RUN(test_requests);
    RUN(test_copy);
    RUN(test_loop);
    RUN(test_cache);
    RUN(test_cache_shared);
    RUN(test_cancel);
    RUN(test_nobody);
    RUN(test_settings);
    curl_global_cleanup();
    return tap_done();
}
