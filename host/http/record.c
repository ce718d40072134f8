/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: the folder, counting, storing; see record.h. Reading an answer's file, which may be
 * hostile, is record-read.c's business.
 */
#include "config.h"

#include "http/record.h"

#include "base/file.h"
#include "base/map.h"
#include "base/utf8.h"
#include "json/document.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT       1
#define RUN_FILE     "run.json"
#define RUN_MAX      ((size_t)64 << 10)
#define REQUEST_BODY ((size_t)64 << 10) /* shown to people; what is longer is left out */

struct lh_recording {
    char *folder;
    struct lh_log *log;
    bool replays;
    int64_t as_of_ms, now_ms;
    pthread_mutex_t mutex;
    struct lh_map counts; /* key -> uint32_t */
};

void lh_recorded_free(struct lh_recorded *r)
{
    lh_http_headers_free(&r->headers);
    lh_buf_free(&r->body);
    lh_buf_free(&r->final_url);
    lh_buf_free(&r->message);
}

/* --- the run ---------------------------------------------------------------------------------- */

static struct lh_recording *make(const char *folder, struct lh_log *log, bool replays)
{
    struct lh_recording *r = lh_xcalloc(1, sizeof *r);

    r->folder = lh_xstrdup(folder);
    r->log = log;
    r->replays = replays;
    r->counts = (struct lh_map)LH_MAP_INIT(free);
    pthread_mutex_init(&r->mutex, NULL);
    return r;
}

void lh_recording_destroy(struct lh_recording *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->mutex);
    lh_map_free(&r->counts);
    free(r->folder);
    free(r);
}

static char *path_in(const struct lh_recording *r, const char *name)
{
    return lh_xasprintf("%s/%s", r->folder, name);
}

static int write_run(const struct lh_recording *r, struct lh_error *e)
{
    char *path lh_autofree = path_in(r, RUN_FILE);
    char *text lh_autofree = lh_xasprintf("{\"lakehost_recording\": %d, \"as_of_ms\": %" PRId64
                                          ", \"now_ms\": %" PRId64 "}\n",
                                          FORMAT, r->as_of_ms, r->now_ms);

    if (access(path, F_OK) == 0)
        return lh_error_set(e, LH_CONFLICT,
                            "%s: there is a recording in it already; name another folder, or "
                            "remove it",
                            r->folder);
    return lh_file_write_atomic(path, lh_str_z(text), 0600, e);
}

int lh_recording_begin(const char *folder, int64_t as_of_ms, int64_t now_ms, struct lh_log *log,
                       struct lh_recording **ret, struct lh_error *e)
{
    lh_autoptr(lh_recording) r = make(folder, log, false);
    int code;

    r->as_of_ms = as_of_ms;
    r->now_ms = now_ms;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return lh_file_error(e, errno, "make the folder", folder);
    code = write_run(r, e);
    if (!code)
        *ret = lh_take(r);
    return code;
}

static int read_ms(const struct lh_document *d, const char *pointer, int64_t *ret,
                   struct lh_error *e)
{
    const json_t *value = lh_document_at(d, pointer);

    if (!json_is_integer(value))
        return lh_document_error(d, pointer, e, "expected a whole number");
    *ret = json_integer_value(value);
    return 0;
}

static int read_run(struct lh_recording *r, struct lh_error *e)
{
    char *path lh_autofree = path_in(r, RUN_FILE);
    lh_auto(lh_buf) text = LH_BUF_INIT(RUN_MAX);
    lh_auto(lh_document) d = {0};
    int64_t version = 0;
    int code = lh_file_read(path, RUN_MAX, LH_FILE_REGULAR, &text, e);

    if (!code)
        code = lh_document_parse_json(&d, lh_buf_slice(&text), path, e);
    if (!code)
        code = read_ms(&d, "/lakehost_recording", &version, e);
    if (!code && version != FORMAT)
        code = lh_document_error(&d, "/lakehost_recording", e,
                                 "expected %d; this program knows no other version of recordings",
                                 FORMAT);
    if (!code)
        code = read_ms(&d, "/as_of_ms", &r->as_of_ms, e);
    return code ? code : read_ms(&d, "/now_ms", &r->now_ms, e);
}

int lh_recording_open(const char *folder, struct lh_recording **ret, struct lh_error *e)
{
    lh_autoptr(lh_recording) r = make(folder, NULL, true);
    int code = read_run(r, e);

    if (code)
        return lh_error_wrap(e, "replay");
    *ret = lh_take(r);
    return 0;
}

bool lh_recording_replays(const struct lh_recording *r)
{
    return r->replays;
}

int64_t lh_recording_as_of_ms(const struct lh_recording *r)
{
    return r->as_of_ms;
}

int64_t lh_recording_now_ms(const struct lh_recording *r)
{
    return r->now_ms;
}

uint32_t lh_recording_count(struct lh_recording *r, const struct lh_http_key *key)
{
    uint32_t *count;
    uint32_t before;

    pthread_mutex_lock(&r->mutex);
    count = lh_map_get(&r->counts, lh_str_z(key->hex));
    if (!count) {
        count = lh_xcalloc(1, sizeof *count);
        lh_map_set(&r->counts, lh_str_z(key->hex), count);
    }
    before = (*count)++;
    pthread_mutex_unlock(&r->mutex);
    return before;
}

/* --- storing ---------------------------------------------------------------------------------- */

/* JSON takes UTF-8 only; a stranger's header may be anything. */
static void put_str(struct lh_out *out, struct lh_log *log, lh_str text)
{
    lh_auto(lh_buf) clean = LH_BUF_INIT(SIZE_MAX / 4);
    lh_auto(lh_buf) valid = LH_BUF_INIT(SIZE_MAX / 4);
    lh_str s;
    size_t at = 0;

    lh_log_redact(log, text, &clean);
    s = lh_buf_slice(&clean);
    while (at < s.n) {
        size_t from = at;

        if (lh_utf8_next_any(s, &at) < LH_UTF8_BAD)
            lh_buf_add(&valid, s.p + from, at - from);
        else
            lh_buf_z(&valid, "\xef\xbf\xbd");
    }
    lh_out_str(out, lh_buf_slice(&valid));
}

static void put_member(struct lh_out *out, struct lh_log *log, const char *key, lh_str text)
{
    if (text.n == 0)
        return;
    lh_out_key(out, lh_str_z(key));
    put_str(out, log, text);
}

static void put_number(struct lh_out *out, const char *key, int64_t value)
{
    lh_out_key(out, lh_str_z(key));
    lh_out_i64(out, value);
}

static void put_request(struct lh_out *out, struct lh_log *log,
                        const struct lh_http_key_parts *request)
{
    lh_out_key(out, LH_STR("request"));
    lh_out_begin(out, '{');
    put_member(out, log, "method", request->method);
    put_member(out, log, "url", request->url);
    put_member(out, log, "content_type", request->content_type);
    if (request->body.n <= REQUEST_BODY)
        put_member(out, log, "body", request->body);
    lh_out_end(out);
}

static void put_headers(struct lh_out *out, struct lh_log *log, const struct lh_http_headers *h)
{
    lh_out_key(out, LH_STR("headers"));
    lh_out_begin(out, '[');
    for (size_t i = 0; i < h->n; i++) {
        if (lh_str_eqz(h->items[i].name, "set-cookie"))
            continue;
        lh_out_begin(out, '[');
        lh_out_str(out, h->items[i].name);
        put_str(out, log, h->items[i].value);
        lh_out_end(out);
    }
    lh_out_end(out);
}

static void put_answer(struct lh_out *out, struct lh_log *log, const struct lh_recorded *answer,
                       size_t body_bytes)
{
    if (!answer->status) {
        put_number(out, "failed", answer->failed);
        put_member(out, log, "message", lh_buf_slice(&answer->message));
        return;
    }
    put_number(out, "status", answer->status);
    put_member(out, log, "final_url", lh_buf_slice(&answer->final_url));
    put_number(out, "retry_after_ms", answer->retry_after_ms);
    put_number(out, "attempts", answer->attempts);
    put_headers(out, log, &answer->headers);
    put_number(out, "body_bytes", (int64_t)body_bytes);
}

static char *answer_path(const struct lh_recording *r, const struct lh_http_key *key,
                         uint32_t count)
{
    return lh_xasprintf("%s/%s-%" PRIu32 ".answer", r->folder, key->hex, count);
}

int lh_recording_put(struct lh_recording *r, const struct lh_http_key *key, uint32_t count,
                     const struct lh_http_key_parts *request, const struct lh_recorded *answer,
                     struct lh_error *e)
{
    char *path lh_autofree = answer_path(r, key, count);
    lh_autoptr(lh_out) out = lh_out_new((size_t)16 << 20, 8);
    lh_auto(lh_buf) body = LH_BUF_INIT(SIZE_MAX / 4);
    lh_auto(lh_buf) text = LH_BUF_INIT(SIZE_MAX / 4);
    lh_str meta;
    int code;

    if (answer->status)
        lh_log_redact(r->log, lh_buf_slice(&answer->body), &body);
    lh_out_begin(out, '{');
    put_number(out, "lakehost_answer", FORMAT);
    put_request(out, r->log, request);
    put_answer(out, r->log, answer, body.n);
    lh_out_end(out);
    code = lh_out_finish(out, &meta, e);
    if (code)
        return lh_error_wrap(e, "record %s", path);
    lh_buf_str(&text, meta);
    lh_buf_char(&text, '\n');
    lh_buf_str(&text, lh_buf_slice(&body));
    code = lh_file_write_atomic(path, lh_buf_slice(&text), 0600, e);
    return code ? lh_error_wrap(e, "record") : 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int not_recorded(const struct lh_recording *r, uint32_t count,
                        const struct lh_http_key_parts *request, struct lh_error *e)
{
    if (count == 0)
        return lh_error_set(e, LH_NOT_FOUND,
                            "replay %s: %.*s %.*s: the recorded run did not make this request; "
                            "replay with the options that it was recorded with, or record again",
                            r->folder, LH_STR_ARG(request->method), LH_STR_ARG(request->url));
    return lh_error_set(e, LH_NOT_FOUND,
                        "replay %s: %.*s %.*s: the recorded run made this request %" PRIu32
                        " time%s only; replay with the options that it was recorded with, or "
                        "record again",
                        r->folder, LH_STR_ARG(request->method), LH_STR_ARG(request->url), count,
                        count == 1 ? "" : "s");
}

int lh_recording_get(struct lh_recording *r, const struct lh_http_key *key, uint32_t count,
                     const struct lh_http_key_parts *request, struct lh_recorded *ret,
                     struct lh_error *e)
{
    char *path lh_autofree = answer_path(r, key, count);
    size_t max = (ret->body.max < LH_RECORD_BODY_BYTES ? ret->body.max : LH_RECORD_BODY_BYTES) +
                 LH_RECORD_META_BYTES;
    lh_auto(lh_buf) text = LH_BUF_INIT(max);
    int code = lh_file_read(path, max, LH_FILE_REGULAR | LH_FILE_MAYBE, &text, e);

    if (code == LH_NOT_FOUND)
        return not_recorded(r, count, request, e);
    if (!code)
        code = lh_recorded_parse(lh_buf_slice(&text), path, ret, e);
    return code ? lh_error_wrap(e, "replay") : 0;
}
