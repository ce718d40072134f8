/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One transfer by curl: its options, what is taken from the wire and how much of it, and what
 * curl's failures are for people. Redirects, proxies of the environment, netrc and cookies are off
 * here; what of it there is at all is ours.
 */
#include "config.h"

#include "http/internal.h"

#include "base/number.h"

#include <stdlib.h>
#include <unistd.h>

#define CONNECT_MS     10000L
#define STALL_BYTES    100L   /* a second */
#define BUFFER_BYTES   65536L /* of curl, for reading */
#define LIFE_OF_CONN_S 3600L
#define RATIO_MAX      600u /* deflate's own limit is 1032; rows of nulls came to 550 */
#define RATIO_FREE     ((size_t)1 << 20)
#define SEND_MAX       ((size_t)64 << 20)
#define CANNOT_VERIFY  "the certificate is not trusted"

/* --- what comes ------------------------------------------------------------------------------- */

static size_t refuse(struct lh_transfer *t, int result, const char *why)
{
    t->refused = result;
    t->why = why;
    return 0;
}

/* A status line begins a new set: 100-continue and the like came before. */
static size_t take_header(char *line, size_t size, size_t n, void *arg)
{
    struct lh_transfer *t = arg;
    size_t length = size * n;
    lh_str text = lh_str_n(line, length);
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (t->body.n) /* a trailer */
        return length;
    if (lh_str_starts(text, LH_STR("HTTP/"))) {
        lh_http_headers_free(&t->got);
        return length;
    }
    while (text.n && (text.p[text.n - 1] == '\r' || text.p[text.n - 1] == '\n'))
        text.n--;
    if (!text.n)
        return length;
    if (lh_http_headers_add_line(&t->got, text, &why))
        return refuse(t, LH_E_DATA, "the headers of the answer are malformed or too large");
    return length;
}

static bool is_coded(const struct lh_transfer *t)
{
    return lh_http_headers_get(&t->got, "content-encoding").n > 0;
}

static uint64_t wire_bytes(const struct lh_transfer *t)
{
    curl_off_t n = 0;

    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &n);
    return n > 0 ? (uint64_t)n : 0;
}

/* curl counts what it has read behind the buffer that is being decoded: `late`. */
static bool grows_too_much(const struct lh_transfer *t, uint64_t late)
{
    return t->body.n > RATIO_FREE && is_coded(t) && t->body.n / RATIO_MAX > wire_bytes(t) + late;
}

/* Room for all of it at once, where the source says how much. */
static void make_room(struct lh_transfer *t)
{
    lh_str length = lh_http_headers_get(&t->got, "content-length");
    int64_t n;

    if (!length.n || is_coded(t) ||
        lh_number_i64(length, 0, (int64_t)t->max_bytes, "", LH_INVALID, &n, NULL))
        return;
    lh_buf_room(&t->body, (size_t)n);
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct lh_transfer *t = arg;
    size_t length = size * n;

    if (!t->body.n)
        make_room(t);
    if (length > t->max_bytes - t->body.n)
        return refuse(t, LH_E_LIMIT, "the answer is larger than");
    lh_buf_add(&t->body, bytes, length);
    if (grows_too_much(t, BUFFER_BYTES))
        return refuse(t, LH_E_LIMIT, "the answer grew by decompression more than");
    return length;
}

/* --- what goes out ---------------------------------------------------------------------------- */

/* "name: value" for curl; "name;" stands for an empty value there. */
static void add_line(struct lh_transfer *t, lh_str name, lh_str value)
{
    lh_auto(lh_buf) line = LH_BUF_INIT(2 * LH_HTTP_HEADER_BYTES);
    struct curl_slist *longer;

    lh_buf_str(&line, name);
    lh_buf_z(&line, value.n ? ": " : ";");
    lh_buf_str(&line, value);
    longer = curl_slist_append(t->lines, lh_buf_text(&line));
    if (longer)
        t->lines = longer;
    if (line.p)
        explicit_bzero(line.p, line.n);
}

static void add_lines(struct lh_transfer *t)
{
    for (size_t i = 0; i < t->headers.n; i++)
        add_line(t, t->headers.items[i].name, t->headers.items[i].value);
    t->lines = curl_slist_append(t->lines, "Expect:");
    if (t->has_body && !lh_http_headers_get(&t->headers, "content-type").n)
        t->lines = curl_slist_append(t->lines, "Content-Type:");
}

static void set_method(struct lh_transfer *t)
{
    const char *method = lh_buf_text(&t->method);

    if (t->has_body) {
        curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, lh_buf_text(&t->send));
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->send.n);
    }
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(method, t->has_body ? "POST" : "GET") != 0)
        curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_times(struct lh_transfer *t)
{
    const struct lh_http_settings *s = &t->engine->settings;
    uint32_t most = t->timeout_ms ? t->timeout_ms : s->timeout_ms;
    /* whoever asks for a longer time has a source that thinks for long */
    uint32_t stall = t->timeout_ms > s->stall_ms ? t->timeout_ms : s->stall_ms;

    curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)most);
    curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES);
    curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, (long)(stall + 999) / 1000);
}

static void set_trust(struct lh_transfer *t)
{
    curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (t->cacert) {
        curl_easy_setopt(t->easy, CURLOPT_CAINFO, t->cacert);
        curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
    }
    if (t->insecure) {
        curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

/*
 * What is on this machine is asked directly: a proxy elsewhere knows nothing of it, and would learn
 * of it. Our headers, credentials among them, are for the source: none of them goes into a CONNECT.
 */
static void set_proxy(struct lh_transfer *t)
{
    const char *proxy = t->engine->settings.proxy;

    curl_easy_setopt(t->easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    if (!proxy || lh_origin_is_near(lh_buf_slice(&t->url)))
        curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
    else if (strcmp(proxy, "environment") != 0)
        curl_easy_setopt(t->easy, CURLOPT_PROXY, proxy);
    curl_easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_ways(struct lh_transfer *t)
{
    bool is_plain = lh_str_starts(lh_buf_slice(&t->url), LH_STR("http://"));

    curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
    curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(t->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(t->easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT,
                     1L); /* a name that is looked up does not hold us */
    curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, 1L);
    /* curl repeats a request by itself when a connection that was kept ends without an answer */
    if (t->once)
        curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(t->easy, CURLOPT_MAXLIFETIME_CONN, LIFE_OF_CONN_S);
    curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(t->easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
}

void lh_transfer_prepare(struct lh_transfer *t)
{
    if (t->easy)
        curl_easy_reset(t->easy);
    else
        t->easy = curl_easy_init();
    if (!t->easy)
        return;
    t->body = lh_http_body_take(t->engine, (size_t)t->max_bytes);
    add_lines(t);
    curl_easy_setopt(t->easy, CURLOPT_URL, lh_buf_text(&t->url));
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->lines);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->message);
    curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    set_method(t);
    set_times(t);
    set_trust(t);
    set_proxy(t);
    set_ways(t);
}

/* --- when it is over -------------------------------------------------------------------------- */

static int64_t wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Others may take a place as soon as this one is given back, so what the answer says about limits
 * is learned before. Answers of success are looked into by the thread that waits for them.
 */
static void settle_bucket(struct lh_transfer *t)
{
    struct lh_bucket *bucket = lh_take(t->bucket);
    const struct lh_http_view view = {
        .status = t->status, .headers = &t->got, .body = lh_buf_slice(&t->body)};
    struct lh_http_decision decision;
    struct lh_http_rate rate;
    int64_t now = wall_ms();

    if (!bucket)
        return;
    if (t->status && lh_http_rate_read(&t->got, now, &rate))
        lh_bucket_learn(bucket, &rate);
    if (t->status >= 400) {
        lh_http_decide(t->rules, &view, now, &decision);
        if (decision.verdict == LH_HTTP_AGAIN && decision.slow_down) {
            lh_bucket_pause(bucket, decision.told_ms > decision.least_ms ? decision.told_ms
                                                                         : decision.least_ms);
            lh_bucket_slow_down(bucket);
        }
    }
    lh_bucket_give_back(bucket);
}

static void take_facts(struct lh_transfer *t)
{
    curl_off_t us = 0;
    long status = 0;
    char *location = NULL;

    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
    t->took_ms = us / 1000;
    t->wire_bytes = wire_bytes(t);
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!t->result && !t->refused)
        t->status = (int)status;
    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &location);
    if (location)
        lh_buf_z(&t->location, location);
}

void lh_transfer_finish(struct lh_transfer *t, CURLcode result)
{
    t->result = result;
    if (!result && grows_too_much(t, 0)) {
        refuse(t, LH_E_LIMIT, "the answer grew by decompression more than");
        t->result = CURLE_WRITE_ERROR;
    }
    if (t->easy)
        take_facts(t);
    settle_bucket(t);
    if (!t->quiet && result != CURLE_ABORTED_BY_CALLBACK)
        lh_http_trace(t);
}

static void wipe(struct lh_buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->n);
    lh_buf_reset(b);
}

static void free_lines(struct lh_transfer *t)
{
    for (struct curl_slist *line = t->lines; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(t->lines);
    t->lines = NULL;
}

void lh_transfer_clear(struct lh_transfer *t)
{
    const struct lh_transfer kept = *t;

    free_lines(t);
    wipe(&t->url);
    wipe(&t->send);
    if (t->send.cap > RATIO_FREE)
        lh_buf_free(&t->send);
    lh_http_headers_free(&t->headers);
    lh_http_headers_free(&t->got);
    lh_http_body_give(t->engine, &t->body);
    *t = (struct lh_transfer){.engine = kept.engine, .event = kept.event, .easy = kept.easy};
    t->method = kept.method;
    t->url = kept.url;
    t->shown = kept.shown;
    t->location = kept.location;
    t->send = kept.send.cap > RATIO_FREE ? (struct lh_buf){0} : kept.send;
    t->method.max = t->url.max = t->shown.max = t->location.max = 4 * LH_URL_BYTES;
    t->send.max = SEND_MAX;
    lh_buf_reset(&t->method);
    lh_buf_reset(&t->url);
    lh_buf_reset(&t->shown);
    lh_buf_reset(&t->location);
    lh_buf_reset(&t->send);
}

void lh_transfer_free(struct lh_transfer *t)
{
    lh_transfer_clear(t);
    lh_buf_free(&t->method);
    lh_buf_free(&t->url);
    lh_buf_free(&t->shown);
    lh_buf_free(&t->location);
    lh_buf_free(&t->send);
    curl_easy_cleanup(t->easy);
    if (t->event >= 0)
        close(t->event);
    free(t);
}

/* --- failures --------------------------------------------------------------------------------- */

struct failure {
    CURLcode code;
    bool sent, again; /* as lh_transfer_problem */
    const char *text, *advice;
};

static const struct failure failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, false, true, "the host's name is not known",
     "check its spelling and the network"},
    {CURLE_COULDNT_RESOLVE_PROXY, false, true, "the proxy's name is not known",
     "check the key proxy of the configuration"},
    {CURLE_COULDNT_CONNECT, false, true, "no connection", "check host, port and network"},
    {CURLE_OPERATION_TIMEDOUT, true, true, "the answer did not come in time", "try later"},
    {CURLE_PARTIAL_FILE, true, true, "the answer was cut off", "try later"},
    {CURLE_GOT_NOTHING, true, true, "the connection was closed without an answer", "try later"},
    {CURLE_SEND_ERROR, true, true, "the connection was lost while sending", "try later"},
    {CURLE_RECV_ERROR, true, true, "the connection was lost", "try later"},
    {CURLE_HTTP2, true, true, "the connection was lost (HTTP/2)", "try later"},
    {CURLE_HTTP2_STREAM, true, true, "the connection was lost (HTTP/2)", "try later"},
    {CURLE_SSL_CONNECT_ERROR, false, true, "no TLS connection",
     "check that the host speaks TLS 1.2 or later at this port"},
    {CURLE_PEER_FAILED_VERIFICATION, false, false, CANNOT_VERIFY,
     "give the certificates to trust with --cacert FILE"},
    {CURLE_SSL_CACERT_BADFILE, false, false, "the file with certificates to trust is not usable",
     "expected certificates in PEM form"},
    {CURLE_BAD_CONTENT_ENCODING, true, true, "the answer's compression is broken", "try later"},
    {CURLE_WEIRD_SERVER_REPLY, true, false, "what answers does not speak HTTP",
     "check host and port"},
    {CURLE_UNSUPPORTED_PROTOCOL, false, false, "what answers does not speak HTTP",
     "check host and port"},
};

static const struct failure *find_failure(CURLcode code)
{
    static const struct failure other = {CURLE_OK, true, true, "the transfer failed", "try later"};

    for (size_t i = 0; i < LH_LEN(failures); i++)
        if (failures[i].code == code)
            return &failures[i];
    return &other;
}

static int refused(const struct lh_transfer *t, struct lh_error *e)
{
    if (t->refused != LH_E_LIMIT)
        return lh_http_error(e, t->refused, "%s", t->why);
    if (t->body.n > RATIO_FREE && strstr(t->why, "grew"))
        return lh_http_error(e, LH_E_LIMIT, "%s %u times; such an answer is not taken", t->why,
                             RATIO_MAX);
    return lh_http_error(e, LH_E_LIMIT,
                         "%s %" PRIu64 " bytes, the bound of the request; ask for smaller pages",
                         t->why, t->max_bytes);
}

int lh_transfer_problem(const struct lh_transfer *t, bool *ret_sent, bool *ret_again,
                        struct lh_error *e)
{
    const struct failure *failure;
    int result;

    *ret_sent = true;
    *ret_again = false;
    if (t->refused)
        return refused(t, e);
    if (!t->result)
        return 0;
    failure = find_failure(t->result);
    *ret_sent = failure->sent;
    *ret_again = failure->again;
    result = t->result == CURLE_SSL_CACERT_BADFILE ? LH_E_OPTION : LH_E_UNAVAILABLE;
    return lh_http_error(e, result, "%s (%s); %s", failure->text,
                         *t->message ? t->message : curl_easy_strerror(t->result), failure->advice);
}
