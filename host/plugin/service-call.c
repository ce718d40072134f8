/* SPDX-License-Identifier: Apache-2.0 */
/* The services of the part "call": memory, reasons, log, time, options. */
#include "config.h"

#include "http/http.h"
#include "plugin/service_internal.h"

#include <time.h>

void *lh_service_alloc(lh_call *c, size_t n)
{
    void *p;

    if (lh_call_enter(c, "alloc") < 0)
        return NULL;
    p = lh_arena_alloc(c->memory, n);
    if (!p)
        lh_call_note(c, LH_E_LIMIT, LH_SAY_ALLOC, c->memory->total, n, c->memory->max);
    return p;
}

int lh_service_fail(lh_call *c, int code, lh_str msg)
{
    int rc = lh_call_enter(c, "fail");

    if (rc < 0)
        return rc;
    if (code > LH_E_UNSUPPORTED || code <= LH_E_RULE)
        return lh_call_broke(c, 0, "fail: %d is no code that a connector may fail with", code);
    rc = lh_call_text(c, "fail: the message", msg);
    return rc ? rc : lh_call_note(c, code, "%.*s", LH_STR_ARG(msg));
}

int lh_service_partial(lh_call *c, int code, lh_str what, lh_str msg)
{
    lh_auto(lh_buf) where = LH_BUF_INIT(LH_BUF_TEXT);
    int rc = lh_call_enter(c, "partial");

    if (rc)
        return rc;
    if (code > LH_E_UNSUPPORTED || code <= LH_E_RULE)
        return lh_call_broke(c, 0, "partial: %d is no code that a connector may fail with", code);
    if ((rc = lh_call_text(c, "partial: what", what)) ||
        (rc = lh_call_text(c, "partial: the message", msg)))
        return rc;
    lh_call_where(c, &where);
    c->instance->partial = true;
    lh_log_warn(c->instance->run->log, "%s: \"%.*s\" is missing: %.*s", lh_buf_text(&where),
                LH_STR_ARG(what), LH_STR_ARG(msg));
    return 0;
}

void lh_service_log(lh_call *c, int level, lh_str msg)
{
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_log *log;

    if (lh_call_enter(c, "log") < 0)
        return;
    log = c->instance->run->log;
    if (level < LH_LOG_ERROR || level > LH_LOG_DEBUG) {
        lh_call_broke(c, 0, "log: %d is no level", level);
        return;
    }
    if (lh_call_text(c, "log: the message", msg) || !lh_log_wants(log, level))
        return;
    lh_buf_f(&line, "%s: ", c->instance->plugin->name);
    lh_buf_str(&line, msg);
    lh_log_write(log, level, lh_buf_slice(&line));
}

void lh_service_progress(lh_call *c, lh_str what, uint64_t done, uint64_t total)
{
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_log *log;

    if (lh_call_enter(c, "progress") < 0 || lh_call_text(c, "progress: what", what))
        return;
    log = c->instance->run->log;
    if (!lh_log_wants(log, LH_LOG_DEBUG))
        return;
    lh_buf_f(&line, "%s: %.*s: %llu", c->instance->plugin->name, LH_STR_ARG(what),
             (unsigned long long)done);
    if (total)
        lh_buf_f(&line, " of %llu", (unsigned long long)total);
    lh_log_write(log, LH_LOG_DEBUG, lh_buf_slice(&line));
}

int lh_service_cancelled(lh_call *c)
{
    int rc = lh_call_enter(c, "cancelled");

    if (rc < 0)
        return LH_E_CANCELLED;
    return lh_call_look(c);
}

/* The engine of the run when it records or replays, which decides about time. */
static const struct lh_http_engine *clock_of(const struct lh_instance *in, int64_t *ret_now_ms)
{
    const struct lh_http_engine *engine =
        in->run->http ? lh_http_client_engine(in->run->http) : NULL;
    int64_t as_of_ms;

    return engine && lh_http_engine_clock(engine, &as_of_ms, ret_now_ms) ? engine : NULL;
}

bool lh_service_has_clock(const struct lh_instance *in)
{
    int64_t now_ms;

    return clock_of(in, &now_ms);
}

int lh_service_sleep_ms(lh_call *c, uint32_t ms)
{
    int rc = lh_call_enter(c, "sleep_ms");
    const struct lh_http_engine *engine;
    const struct lh_run *run;
    struct lh_deadline until;
    int64_t now_ms;

    if (rc < 0)
        return rc;
    run = c->instance->run;
    engine = clock_of(c->instance, &now_ms);
    until = lh_deadline_in(engine && lh_http_engine_replays(engine) ? 0 : ms);
    c->instance->slept_ms += ms;
    lh_service_http_slept(c->instance);
    rc = lh_call_look(c);
    while (!rc && !lh_deadline_passed(until)) {
        lh_sleep_until(lh_deadline_earlier(until, run->deadline),
                       run->signals ? run->signals->fd : -1);
        rc = lh_call_look(c);
    }
    return rc;
}

int64_t lh_service_now_ms(lh_call *c)
{
    struct timespec now;
    int64_t now_ms;

    if (lh_call_enter(c, "now_ms") >= 0 && clock_of(c->instance, &now_ms))
        return now_ms + c->instance->slept_ms;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *lh_service_opt(const lh_opts *opts, const char *name)
{
    return opts && name ? lh_opts_public(opts, name) : NULL;
}

lh_str lh_service_base_url(lh_call *c)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_instance *in;

    if (lh_call_enter(c, "base_url") < 0)
        return LH_STR("");
    in = c->instance;
    if (!in->base_url.n && lh_opts_base_url(in->opts, &in->base_url, &e))
        lh_call_stop(c, LH_E_OPTION, &e);
    return lh_buf_slice(&in->base_url);
}
