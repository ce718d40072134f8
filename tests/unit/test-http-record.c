/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: what is stored comes back, nothing secret is stored, hostile files are refused. */
#include "config.h"

#include "http/record.h"

#include "tap.h"
#include "temp_folder.h"

#include <pthread.h>

static const struct lh_http_key_parts get_x = {
    .method = LH_STR_INIT("GET"),
    .url = LH_STR_INIT("https://api.example.com/x?key=s3cret-99"),
};

static struct lh_http_key key_of(const struct lh_http_key_parts *parts)
{
    struct lh_http_key key;

    lh_http_key_make(parts, &key);
    return key;
}

static struct lh_recording *begin(const char *folder, struct lh_log *log)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_recording *r = NULL;

    ok(lh_recording_begin(folder, 1000, 2000, log, &r, &e) == 0, "%s: %s", folder,
       lh_error_text(&e));
    return r;
}

static struct lh_recording *replay(const char *folder)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_recording *r = NULL;

    ok(lh_recording_open(folder, &r, &e) == 0, "%s: %s", folder, lh_error_text(&e));
    return r;
}

static void put(struct lh_recording *r, const struct lh_http_key_parts *parts, int status,
                lh_str body)
{
    lh_auto(lh_recorded) a = LH_RECORDED_INIT(1000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_key key = key_of(parts);

    a.status = status;
    a.attempts = 3;
    a.retry_after_ms = 5000;
    lh_buf_str(&a.body, body);
    lh_buf_z(&a.final_url, "https://api.example.com/y");
    lh_http_headers_add(&a.headers, LH_STR("Content-Type"), LH_STR("application/json"), NULL);
    lh_http_headers_add(&a.headers, LH_STR("X-Echo"), LH_STR("s3cret-99 \xff"), NULL);
    lh_http_headers_add(&a.headers, LH_STR("Set-Cookie"), LH_STR("id=1"), NULL);
    is_int(lh_recording_put(r, &key, lh_recording_count(r, &key), parts, &a, &e), 0,
           lh_error_text(&e));
}

static int get(struct lh_recording *r, const struct lh_http_key_parts *parts,
               struct lh_recorded *ret, struct lh_error *e)
{
    struct lh_http_key key = key_of(parts);

    return lh_recording_get(r, &key, lh_recording_count(r, &key), parts, ret, e);
}

static void test_round(void)
{
    lh_autoptr(lh_recording) to = begin("round", NULL);
    lh_autoptr(lh_recording) from = NULL;
    lh_auto(lh_recorded) a = LH_RECORDED_INIT(1000);
    lh_auto(lh_recorded) b = LH_RECORDED_INIT(1000);
    lh_auto(lh_recorded) c = LH_RECORDED_INIT(1000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct stat st;

    put(to, &get_x, 200, LH_STR("{\"a\":\n\"b\0c\"}\n"));
    put(to, &get_x, 404, LH_STR(""));
    ok(!lh_recording_replays(to), "records");
    from = replay("round");
    ok(lh_recording_replays(from), "replays");
    is_int(lh_recording_as_of_ms(from), 1000, "as of");
    is_int(lh_recording_now_ms(from), 2000, "now");
    is_int(get(from, &get_x, &a, &e), 0, lh_error_text(&e));
    is_int(a.status, 200, "status");
    is_mem(a.body.p, a.body.n, "{\"a\":\n\"b\0c\"}\n", 13, "body, byte for byte");
    is_str(lh_buf_text(&a.final_url), "https://api.example.com/y", "final URL");
    is_int(a.retry_after_ms, 5000, "Retry-After");
    is_int(a.attempts, 3, "attempts");
    is_slice(lh_http_headers_get(&a.headers, "content-type"), "application/json", "a header");
    is_slice(lh_http_headers_get(&a.headers, "x-echo"), "s3cret-99 \xef\xbf\xbd", "not UTF-8");
    ok(!lh_http_headers_get(&a.headers, "set-cookie").p, "no cookie");
    is_int(get(from, &get_x, &b, &e), 0, "the second of the same");
    is_int(b.status, 404, "status");
    is_int(b.body.n, 0, "no body");
    is_int(get(from, &get_x, &c, &e), LH_NOT_FOUND, "no third");
    is_str(lh_error_text(&e),
           "replay round: GET https://api.example.com/x?key=s3cret-99: the recorded run made this "
           "request 2 times only; replay with the options that it was recorded with, or record "
           "again",
           "message");
    ok(stat("round", &st) == 0 && (st.st_mode & 0777) == 0700, "a folder of one's own");
}

static void test_no_answer(void)
{
    lh_autoptr(lh_recording) to = begin("none", NULL);
    lh_autoptr(lh_recording) from = NULL;
    lh_auto(lh_recorded) a = LH_RECORDED_INIT(1000);
    lh_auto(lh_recorded) b = LH_RECORDED_INIT(1000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_http_key key = key_of(&get_x);

    a.failed = LH_E_UNAVAILABLE;
    lh_buf_z(&a.message, "connection refused");
    is_int(lh_recording_put(to, &key, 0, &get_x, &a, &e), 0, lh_error_text(&e));
    from = replay("none");
    is_int(get(from, &get_x, &b, &e), 0, lh_error_text(&e));
    is_int(b.status, 0, "no answer");
    is_int(b.failed, LH_E_UNAVAILABLE, "why");
    is_str(lh_buf_text(&b.message), "connection refused", "in words");
}

static void test_no_secret(void)
{
    struct lh_log log;
    lh_autoptr(lh_recording) to = NULL;
    struct lh_http_key key = key_of(&get_x);
    char *path lh_autofree = lh_xasprintf("secret/%s-0.answer", key.hex);
    struct stat st;
    lh_auto(lh_recorded) a = LH_RECORDED_INIT(1000);
    lh_autoptr(lh_recording) from = NULL;
    FILE *file;
    char text[4096];
    size_t n;

    lh_log_init(&log, -1);
    lh_log_secret(&log, LH_STR("s3cret-99"), "token");
    to = begin("secret", &log);
    put(to, &get_x, 200, LH_STR("{\"you sent\":\"Bearer s3cret-99\"}"));
    file = fopen(path, "r");
    n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = 0;
    if (file)
        fclose(file);
    ok(n > 0 && !strstr(text, "s3cret"), "the file has no secret: %.*s", (int)strcspn(text, "\n"),
       text);
    ok(strstr(text, "GET") != NULL, "but says what was asked");
    ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "and is for one's own eyes");
    from = replay("secret");
    is_int(get(from, &get_x, &a, NULL), 0, "replays all the same");
    is_str(lh_buf_text(&a.body), "{\"you sent\":\"Bearer ***\"}", "without it");
    lh_log_free(&log);
}

static void test_folders(void)
{
    lh_autoptr(lh_recording) r = begin("once", NULL);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_recorded) a = LH_RECORDED_INIT(1000);
    lh_autoptr(lh_recording) empty = replay("once");
    struct lh_recording *none = NULL;

    ok(!lh_recording_replays(r), "recording");
    is_int(lh_recording_begin("once", 1, 1, NULL, &none, &e), LH_CONFLICT, "not twice");
    is_str(lh_error_text(&e),
           "once: there is a recording in it already; name another folder, or remove it",
           "message");
    is_int(lh_recording_begin("no/such", 1, 1, NULL, &none, &e), LH_INVALID, "no folder above");
    is_int(lh_recording_open("nowhere", &none, &e), LH_INVALID, "nothing to replay");
    put_file("once/run.json", "{\"lakehost_recording\": 2}", 0600);
    is_int(lh_recording_open("once", &none, &e), LH_INVALID, "another version");
    put_file("once/run.json", "{\"lakehost_recording\": 1, \"as_of_ms\": \"1\"}", 0600);
    is_int(lh_recording_open("once", &none, &e), LH_INVALID, "no number");
    put_file("once/run.json", "{", 0600);
    is_int(lh_recording_open("once", &none, &e), LH_INVALID, "no JSON");
    ok(!none, "untouched");
    is_int(get(empty, &get_x, &a, &e), LH_NOT_FOUND, "a request that was not made");
    ok(strstr(lh_error_text(&e), "did not make this request") != NULL, "%s", lh_error_text(&e));
}

#define META(rest) "{\"lakehost_answer\":1," rest "}\n"
#define FINE       "\"status\":200,\"retry_after_ms\":-1,\"attempts\":1,\"headers\":[],\"body_bytes\":2"

static void test_hostile(void)
{
    static const struct {
        const char *text;
        const char *message; /* "": it is fine */
    } cases[] = {
        {META(FINE) "ok", ""},
        {META("\"failed\":-7"), ""},
        {"", "f: this is no recorded answer"},
        {"{}", "f: this is no recorded answer"},
        {"[]\n", "f: key /: expected an object"},
        {"{}\n", "f: key /lakehost_answer: expected a whole number from 1 to 1"},
        {"{\"lakehost_answer\":2}\n",
         "f: key /lakehost_answer: expected a whole number from 1 to 1"},
        {META(FINE), "f: expected a body of 2 bytes, found 0; it was cut or changed"},
        {META(FINE) "abc", "f: expected a body of 2 bytes, found 3; it was cut or changed"},
        {META("\"status\":99"), "f: key /status: expected a whole number from 100 to 599"},
        {META("\"status\":\"200\""), "f: key /status: expected a whole number from 100 to 599"},
        {META("\"failed\":0"), "f: key /failed: expected a whole number from -14 to -1"},
        {META("\"failed\":-7,\"message\":5"), "f: key /message: expected a string"},
        {META("\"status\":200,\"retry_after_ms\":-2"),
         "f: key /retry_after_ms: expected a whole number from -1 to 86400000"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":-1"),
         "f: key /attempts: expected a whole number from 0 to 1000000"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":1,\"headers\":{}"),
         "f: key /headers: expected a list"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":1,\"headers\":[[\"a\"]]"),
         "f: key /headers: expected pairs of a name and a value"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":1,\"headers\":[{\"a\":\"b\"}]"),
         "f: key /headers: expected pairs of a name and a value"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":1,\"headers\":[[\"a\",\"b\\n\"]]"),
         "f: header a: a line break or NUL in its value"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":1,\"headers\":[],"
              "\"body_bytes\":-1"),
         "f: key /body_bytes: expected a whole number from 0 to 1073741824"},
        {META("\"status\":200,\"retry_after_ms\":0,\"attempts\":1,\"headers\":[],"
              "\"body_bytes\":11") "12345678901",
         "f: the body has 11 bytes, 10 are allowed"},
        {"{\"a\":\n}", "f:1:6: expected a value, found the end of the text"},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_auto(lh_recorded) a = LH_RECORDED_INIT(10);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        int code = lh_recorded_parse(lh_str_z(cases[i].text), "f", &a, &e);

        is_int(code, cases[i].message[0] ? LH_INVALID : 0, "code");
        is_str(lh_error_text(&e), cases[i].message, "message");
        ok(!code || (a.status == 0 && a.headers.n == 0 && a.body.n == 0), "untouched");
    }
}

#define THREADS 4
#define ROUNDS  200

static void *count(void *context)
{
    struct lh_http_key key = key_of(&get_x);
    uint64_t sum = 0;

    for (int i = 0; i < ROUNDS; i++)
        sum += lh_recording_count(context, &key);
    return (void *)(uintptr_t)sum;
}

static void test_threads(void)
{
    lh_autoptr(lh_recording) r = begin("threads", NULL);
    pthread_t threads[THREADS];
    uint64_t n = (uint64_t)THREADS * ROUNDS;
    uint64_t sum = 0;

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, count, r);
    for (int i = 0; i < THREADS; i++) {
        void *part;

        pthread_join(threads[i], &part);
        sum += (uintptr_t)part;
    }
    is_int(sum, n * (n - 1) / 2, "each number once");
}

int main(void)
{
    if (!temp_folder_begin())
        return 1;
    RUN(test_round);
    RUN(test_no_answer);
    RUN(test_no_secret);
    RUN(test_folders);
    RUN(test_hostile);
    RUN(test_threads);
    temp_folder_end();
    return tap_done();
}
