/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: one thread that owns one curl multi handle and all connections. Other threads hand
 * it transfers through a list and wait on a descriptor; it never blocks in anything but its poll.
 */
#include "config.h"

#include "http/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define POLL_MS        60000 /* curl's own timers make it shorter */
#define BODY_KEPT_MOST ((size_t)8 << 20)

/* --- errors ----------------------------------------------------------------------------------- */

static int exit_code_of(int result)
{
    switch (result) {
    case LH_E_OPTION:
        return LH_INVALID;
    case LH_E_AUTH:
    case LH_E_DENIED:
        return LH_REFUSED;
    case LH_E_NOT_FOUND:
        return LH_NOT_FOUND;
    case LH_E_THROTTLED:
    case LH_E_UNAVAILABLE:
        return LH_UNREACHABLE;
    case LH_E_CANCELLED:
        return LH_INTERRUPTED;
    case LH_E_RULE:
        return LH_BAD_PLUGIN;
    default:
        return LH_FAILED;
    }
}

int lh_http_error(struct lh_error *e, int result, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    lh_error_set(e, exit_code_of(result), "%s", lh_buf_text(&text));
    return result;
}

int lh_http_result(int code)
{
    switch (code) {
    case 0:
        return 0;
    case LH_USAGE:
    case LH_INVALID:
        return LH_E_OPTION;
    case LH_REFUSED:
        return LH_E_AUTH;
    case LH_NOT_FOUND:
        return LH_E_NOT_FOUND;
    case LH_UNREACHABLE:
        return LH_E_UNAVAILABLE;
    case LH_BAD_PLUGIN:
        return LH_E_RULE;
    case LH_INTERRUPTED:
        return LH_E_CANCELLED;
    default:
        return LH_E_DATA;
    }
}

/* --- making and ending ------------------------------------------------------------------------ */

static const char *copy_text(struct lh_http_engine *engine, const char *text)
{
    return text && *text ? lh_arena_copy(&engine->texts, lh_str_z(text)) : NULL;
}

static void take_settings(struct lh_http_engine *engine, const struct lh_http_settings *from)
{
    struct lh_http_settings *s = &engine->settings;
    const char **hosts = lh_arena_alloc(&engine->texts, (from->n_plain_hosts + 1) * sizeof *hosts);

    *s = *from;
    for (size_t i = 0; i < from->n_plain_hosts; i++)
        hosts[i] = copy_text(engine, from->plain_hosts[i]);
    s->plain_hosts = hosts;
    s->cacert = copy_text(engine, from->cacert);
    s->proxy = copy_text(engine, from->proxy);
    s->rotation_file = copy_text(engine, from->rotation_file);
    s->trace_file = copy_text(engine, from->trace_file);
    s->record_dir = copy_text(engine, from->record_dir);
    s->replay_dir = copy_text(engine, from->replay_dir);
    if (s->retries < 0)
        s->retries = LH_HTTP_RETRIES;
    if (!s->budget_ms)
        s->budget_ms = LH_HTTP_BUDGET_MS;
    if (!s->timeout_ms)
        s->timeout_ms = LH_HTTP_TIMEOUT_MS;
    if (!s->stall_ms)
        s->stall_ms = 30000;
}

/* Files that curl would only complain about in the middle of the run. */
static int open_files(struct lh_http_engine *engine, struct lh_error *e)
{
    const struct lh_http_settings *s = &engine->settings;
    int code = 0;

    if (s->cacert && access(s->cacert, R_OK)) {
        lh_error_errno(e, LH_INVALID, errno, "read the certificates to trust, %s", s->cacert);
        return LH_E_OPTION;
    }
    if (s->trace_file) {
        engine->trace =
            open(s->trace_file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
        if (engine->trace < 0) {
            lh_error_errno(e, LH_FAILED, errno, "write the trace of requests, %s", s->trace_file);
            return LH_E_OPTION;
        }
    }
    if (s->record_dir && s->replay_dir)
        return lh_http_error(e, LH_E_OPTION, "a run is recorded or replayed, not both");
    if (s->record_dir)
        code =
            lh_recording_begin(s->record_dir, s->as_of_ms, s->now_ms, s->log, &engine->record, e);
    else if (s->replay_dir)
        code = lh_recording_open(s->replay_dir, &engine->record, e);
    return code ? LH_E_OPTION : 0;
}

int lh_http_engine_new(const struct lh_http_settings *settings, struct lh_http_engine **ret,
                       struct lh_error *e)
{
    lh_autoptr(lh_http_engine) engine = lh_xcalloc(1, sizeof *engine);
    int code;

    engine->trace = -1;
    pthread_mutex_init(&engine->mutex, NULL);
    take_settings(engine, settings);
    code = open_files(engine, e);
    if (code)
        return code;
    *ret = lh_take(engine);
    return 0;
}

static void free_list(struct lh_transfer *list)
{
    while (list) {
        struct lh_transfer *next = list->next;

        lh_transfer_free(list);
        list = next;
    }
}

void lh_http_engine_destroy(struct lh_http_engine *engine)
{
    if (!engine)
        return;
    if (engine->has_thread) {
        pthread_mutex_lock(&engine->mutex);
        engine->stop = true;
        pthread_mutex_unlock(&engine->mutex);
        curl_multi_wakeup(engine->multi);
        pthread_join(engine->thread, NULL);
    }
    free_list(engine->spare);
    curl_multi_cleanup(engine->multi);
    for (size_t i = 0; i < engine->n_bodies; i++)
        lh_buf_free(&engine->bodies[i]);
    if (engine->record)
        lh_recording_destroy(engine->record);
    if (engine->trace >= 0)
        close(engine->trace);
    lh_arena_free(&engine->texts);
    pthread_mutex_destroy(&engine->mutex);
    free(engine);
}

bool lh_http_engine_replays(const struct lh_http_engine *engine)
{
    return engine->record && lh_recording_replays(engine->record);
}

bool lh_http_engine_clock(const struct lh_http_engine *engine, int64_t *ret_as_of_ms,
                          int64_t *ret_now_ms)
{
    if (!engine->record)
        return false;
    *ret_as_of_ms = lh_recording_as_of_ms(engine->record);
    *ret_now_ms = lh_recording_now_ms(engine->record);
    return true;
}

/* --- memory that is used again ---------------------------------------------------------------- */

struct lh_buf lh_http_body_take(struct lh_http_engine *engine, size_t max)
{
    struct lh_buf body = LH_BUF_INIT(max);

    pthread_mutex_lock(&engine->mutex);
    if (engine->n_bodies)
        body = engine->bodies[--engine->n_bodies];
    pthread_mutex_unlock(&engine->mutex);
    body.max = max;
    lh_buf_reset(&body);
    return body;
}

void lh_http_body_give(struct lh_http_engine *engine, struct lh_buf *body)
{
    struct lh_buf left = *body;

    *body = (struct lh_buf)LH_BUF_INIT(body->max);
    if (left.cap <= BODY_KEPT_MOST) {
        pthread_mutex_lock(&engine->mutex);
        if (left.p && engine->n_bodies < LH_HTTP_SPARE) {
            engine->bodies[engine->n_bodies++] = left;
            left.p = NULL;
        }
        pthread_mutex_unlock(&engine->mutex);
    }
    free(left.p);
}

/* The mutex is held. */
static void keep(struct lh_http_engine *engine, struct lh_transfer *t)
{
    t->state = LH_TRANSFER_IDLE;
    t->next = engine->spare;
    engine->spare = t;
    engine->n_spare++;
}

static void recycle(struct lh_http_engine *engine, struct lh_transfer *t)
{
    bool is_kept;

    lh_transfer_clear(t);
    pthread_mutex_lock(&engine->mutex);
    is_kept = engine->n_spare < LH_HTTP_SPARE;
    if (is_kept)
        keep(engine, t);
    pthread_mutex_unlock(&engine->mutex);
    if (!is_kept)
        lh_transfer_free(t);
}

struct lh_transfer *lh_transfer_new(struct lh_http_engine *engine)
{
    struct lh_transfer *t;

    pthread_mutex_lock(&engine->mutex);
    t = engine->spare;
    if (t) {
        engine->spare = t->next;
        engine->n_spare--;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (!t) {
        t = lh_xcalloc(1, sizeof *t);
        t->engine = engine;
        t->event = -1;
        lh_transfer_clear(t);
    }
    t->next = NULL;
    return t;
}

/* --- the I/O thread --------------------------------------------------------------------------- */

/* Wakes whoever waits, and is done with t: it may be ended as soon as this is told. */
static void finish(struct lh_http_engine *engine, struct lh_transfer *t, CURLcode result)
{
    uint64_t one = 1;
    int event = t->event;

    lh_transfer_finish(t, result);
    pthread_mutex_lock(&engine->mutex);
    t->state = LH_TRANSFER_DONE;
    pthread_mutex_unlock(&engine->mutex);
    if (write(event, &one, sizeof one) < 0)
        lh_log_error(engine->settings.log, "wake a waiting request: %s", strerror(errno));
}

static void start(struct lh_http_engine *engine, struct lh_transfer *t)
{
    lh_transfer_prepare(t);
    if (curl_multi_add_handle(engine->multi, t->easy))
        finish(engine, t, CURLE_FAILED_INIT);
}

static void start_incoming(struct lh_http_engine *engine)
{
    struct lh_transfer *t;

    pthread_mutex_lock(&engine->mutex);
    t = engine->incoming;
    engine->incoming = NULL;
    for (struct lh_transfer *at = t; at; at = at->next)
        at->state = LH_TRANSFER_RUNS;
    pthread_mutex_unlock(&engine->mutex);
    while (t) {
        struct lh_transfer *next = t->next;

        start(engine, t);
        t = next;
    }
}

/* The next one that is to be cancelled. One that has come to its end by itself is its owner's. */
static struct lh_transfer *pop_abandoned(struct lh_http_engine *engine)
{
    struct lh_transfer *t;

    pthread_mutex_lock(&engine->mutex);
    do {
        t = engine->abandoned;
        engine->abandoned = t ? t->next_abandoned : NULL;
    } while (t && t->state != LH_TRANSFER_RUNS);
    pthread_mutex_unlock(&engine->mutex);
    return t;
}

static void cancel_abandoned(struct lh_http_engine *engine)
{
    struct lh_transfer *t;

    while ((t = pop_abandoned(engine))) {
        curl_multi_remove_handle(engine->multi, t->easy);
        finish(engine, t, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void take_finished(struct lh_http_engine *engine)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(engine->multi, &left))) {
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        char *t = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
        /* the answer's times and addresses are read before the handle leaves */
        curl_multi_remove_handle(engine->multi, easy);
        finish(engine, (struct lh_transfer *)(void *)t, result);
    }
}

static bool must_stop(struct lh_http_engine *engine)
{
    bool stop;

    pthread_mutex_lock(&engine->mutex);
    stop = engine->stop && !engine->incoming && !engine->abandoned;
    pthread_mutex_unlock(&engine->mutex);
    return stop;
}

static void *run(void *arg)
{
    struct lh_http_engine *engine = arg;
    int running;

    for (;;) {
        start_incoming(engine);
        cancel_abandoned(engine);
        curl_multi_perform(engine->multi, &running);
        take_finished(engine);
        /* asked here, because one wake-up may stand for several */
        if (must_stop(engine))
            return NULL;
        curl_multi_poll(engine->multi, NULL, 0, POLL_MS, NULL);
    }
}

/* Signals are the other threads' (base/signal.h). The mutex is held. */
static int start_thread(struct lh_http_engine *engine, struct lh_error *e)
{
    sigset_t all;
    sigset_t before;
    int failed;

    if (engine->has_thread)
        return 0;
    if (!engine->multi)
        engine->multi = curl_multi_init();
    if (!engine->multi)
        return lh_http_error(e, LH_E_UNAVAILABLE, "libcurl cannot be started");
    curl_multi_setopt(engine->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&engine->thread, NULL, run, engine);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    engine->has_thread = failed == 0;
    if (!failed)
        return 0;
    lh_error_errno(e, LH_UNREACHABLE, failed, "start the thread for HTTP");
    return LH_E_UNAVAILABLE;
}

/* --- what other threads call ------------------------------------------------------------------ */

int lh_transfer_start(struct lh_transfer *t, struct lh_error *e)
{
    struct lh_http_engine *engine = t->engine;
    int code;

    if (t->event < 0)
        t->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (t->event < 0) {
        lh_error_errno(e, LH_UNREACHABLE, errno, "open a descriptor to wait on");
        return LH_E_UNAVAILABLE;
    }
    pthread_mutex_lock(&engine->mutex);
    code = start_thread(engine, e);
    if (!code) {
        struct lh_transfer **last = &engine->incoming;

        while (*last)
            last = &(*last)->next;
        *last = t;
        t->state = LH_TRANSFER_WAITS;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (!code)
        curl_multi_wakeup(engine->multi);
    return code;
}

static int ended_by(const struct pollfd *fds, struct lh_error *e)
{
    return fds[1].revents ? lh_http_error(e, LH_E_CANCELLED, "interrupted")
                          : lh_http_error(e, LH_E_CANCELLED, "the time of --timeout is over");
}

int lh_transfer_wait(struct lh_transfer *t, const struct lh_patience *patience, struct lh_error *e)
{
    struct pollfd fds[] = {{.fd = t->event, .events = POLLIN},
                           {.fd = patience->fd, .events = POLLIN}};
    bool is_done;

    for (;;) {
        int n = poll(fds, 2, lh_deadline_poll(patience->deadline));

        pthread_mutex_lock(&t->engine->mutex);
        is_done = t->state == LH_TRANSFER_DONE;
        pthread_mutex_unlock(&t->engine->mutex);
        /* an interruption counts although the answer is there as well: "at once" */
        if (n > 0 && fds[1].revents)
            return ended_by(fds, e);
        if (is_done && fds[0].revents)
            return 0;
        if (n <= 0 && lh_deadline_passed(patience->deadline))
            return ended_by(fds, e);
    }
}

/* The mutex is held. */
static void unlink_incoming(struct lh_http_engine *engine, const struct lh_transfer *t)
{
    struct lh_transfer **at = &engine->incoming;

    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
}

static void unlink_abandoned(struct lh_http_engine *engine, const struct lh_transfer *t)
{
    struct lh_transfer **at = &engine->abandoned;

    pthread_mutex_lock(&engine->mutex);
    while (*at && *at != t)
        at = &(*at)->next_abandoned;
    if (*at)
        *at = t->next_abandoned;
    pthread_mutex_unlock(&engine->mutex);
}

/* Reads the event that the I/O thread has written, or is about to write. */
static void take_event(const struct lh_transfer *t)
{
    struct pollfd fd = {.fd = t->event, .events = POLLIN};
    uint64_t n;

    while (read(t->event, &n, sizeof n) < 0 && (errno == EAGAIN || errno == EINTR))
        poll(&fd, 1, -1);
}

/*
 * Waits for the I/O thread to let go of it, which is at once: what a transfer refers to (bucket,
 * rules, files) may be gone as soon as this returns.
 */
void lh_transfer_end(struct lh_transfer *t)
{
    struct lh_http_engine *engine = t->engine;
    enum lh_transfer_state state;

    pthread_mutex_lock(&engine->mutex);
    state = t->state;
    if (state == LH_TRANSFER_WAITS)
        unlink_incoming(engine, t);
    if (state == LH_TRANSFER_RUNS) {
        t->next_abandoned = engine->abandoned;
        engine->abandoned = t;
    }
    pthread_mutex_unlock(&engine->mutex);
    if (state == LH_TRANSFER_RUNS) {
        curl_multi_wakeup(engine->multi);
        take_event(t);
        unlink_abandoned(engine, t);
    }
    if (state == LH_TRANSFER_DONE)
        take_event(t);
    if (t->bucket) /* it was never sent */
        lh_bucket_give_back(lh_take(t->bucket));
    recycle(engine, t);
}
