/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a call: which rule of connector.h was broken, or why the host ended it, in words
 * that name connector, call, table, rule and last checkpoint. Here is also what every service
 * checks before it works.
 */
#include "config.h"

#include "plugin/service_internal.h"

#include "base/utf8.h"
#include "json/text.h"

#include <stdlib.h>

#define SHOWN_CHECKPOINT 200 /* bytes of the last checkpoint in a message */

void lh_call_where(const struct lh_call *call, struct lh_buf *to)
{
    lh_buf_f(to, "%s: %s", call->instance->plugin->name, call->name);
    if (call->table.n)
        lh_buf_f(to, "(%.*s)", LH_STR_ARG(call->table));
}

/* Which checkpoint the next run would begin with. */
static void add_checkpoint(const struct lh_call *call, struct lh_buf *to)
{
    lh_str last;

    if (!call->last)
        return;
    last = lh_buf_slice(call->last);
    if (!last.n)
        lh_buf_z(to, "; no checkpoint yet");
    else if (last.n <= SHOWN_CHECKPOINT)
        lh_buf_f(to, "; last checkpoint %.*s", LH_STR_ARG(last));
    else
        lh_buf_f(to, "; last checkpoint %.*s... (%zu bytes)", SHOWN_CHECKPOINT, last.p, last.n);
}

int lh_call_stop(struct lh_call *call, int code, struct lh_error *e)
{
    if (call->stop < 0)
        return call->stop;
    call->stop = code;
    lh_error_move(&call->error, e);
    return code;
}

/* The verdict in words: where, what it is, why, and the last checkpoint. */
LH_PRINTF(5, 0)
static int stop_with(struct lh_call *call, int result, int code, const char *what,
                     const char *format, va_list args)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_call_where(call, &text);
    lh_buf_z(&text, what);
    lh_buf_vf(&text, format, args);
    add_checkpoint(call, &text);
    lh_error_set(&e, code, "%s", lh_buf_text(&text));
    return lh_call_stop(call, result, &e);
}

int lh_call_broke(struct lh_call *call, int rule, const char *format, ...)
{
    char *what lh_autofree = NULL;
    va_list args;
    int rc;

    if (call->stop < 0)
        return call->stop;
    what = rule ? lh_xasprintf(": rule %d of the interface is broken: ", rule)
                : lh_xstrdup(": the interface is broken: ");
    va_start(args, format);
    rc = stop_with(call, LH_E_RULE, LH_BAD_PLUGIN, what, format, args);
    va_end(args);
    return rc;
}

int lh_call_limit(struct lh_call *call, const char *format, ...)
{
    va_list args;
    int rc;

    if (call->stop < 0)
        return call->stop;
    va_start(args, format);
    rc = stop_with(call, LH_E_LIMIT, LH_FAILED, ": a bound of the host: ", format, args);
    va_end(args);
    return rc;
}

int lh_call_lost(struct lh_call *call, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    va_list args;

    if (call->stop < 0)
        return call->stop;
    lh_call_where(call, &text);
    lh_buf_z(&text, ": the connector's process ");
    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    add_checkpoint(call, &text);
    lh_error_set(&e, LH_BAD_PLUGIN, "%s", lh_buf_text(&text));
    return lh_call_stop(call, LH_E_INTERNAL, &e);
}

int lh_call_note(struct lh_call *call, int code, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    call->noted = code;
    lh_error_set(&call->note, LH_FAILED, "%s", lh_buf_text(&text));
    return code;
}

/* --- before a service works ------------------------------------------------------------------- */

/*
 * A call that is over, or one that another thread uses: whatever runs now is told, and judges it
 * when it ends. Nothing else of the call is touched, it may be in use.
 */
static int out_of_place(struct lh_call *c, const char *service)
{
    struct lh_call *now = c->instance->running;

    if (now)
        now->foreign = service;
    else
        lh_log_error(c->instance->run->log, "%s: %s was called while no call was running",
                     c->instance->plugin->name, service);
    return LH_E_RULE;
}

int lh_call_enter(struct lh_call *c, const char *service)
{
    if (!c)
        return LH_E_RULE;
    if (c->magic != LH_CALL_RUNNING || !pthread_equal(c->thread, pthread_self()))
        return out_of_place(c, service);
    return c->stop;
}

int lh_sink_enter(struct lh_sink *s, const char *service, unsigned takes, struct lh_call **ret)
{
    int rc;

    if (!s || s->magic != LH_SINK_OPEN)
        return LH_E_RULE;
    rc = lh_call_enter(s->call, service);
    if (rc)
        return rc;
    if (!(s->takes & takes))
        return lh_call_broke(s->call, 0, "%s does not belong into %s", service, s->call->name);
    *ret = s->call;
    return 0;
}

int lh_call_look(struct lh_call *call)
{
    const struct lh_run *run = call->instance->run;
    bool signalled = run->signals && lh_signals_pending(run->signals);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_buf) where = LH_BUF_INIT(LH_BUF_TEXT);

    if (!signalled && !lh_deadline_passed(run->deadline))
        return 0;
    lh_call_where(call, &where);
    if (signalled)
        lh_error_set(&e, LH_INTERRUPTED, "%s: interrupted", lh_buf_text(&where));
    else
        lh_error_set(&e, LH_UNREACHABLE, "%s: the time of --timeout is over", lh_buf_text(&where));
    return lh_call_stop(call, LH_E_CANCELLED, &e);
}

int lh_call_text(struct lh_call *call, const char *what, lh_str text)
{
    size_t valid;

    if (!text.n)
        return 0;
    if (!text.p)
        return lh_call_broke(call, 12, "%s has a length and no text", what);
    valid = lh_utf8_valid_prefix(text);
    if (valid != text.n) {
        char *shown lh_autofree = lh_text_quote(lh_str_n(text.p, valid));

        return lh_call_broke(call, 12, "%s is not valid UTF-8 at byte %zu, after %s", what, valid,
                             shown);
    }
    if (memchr(text.p, 0, text.n))
        return lh_call_broke(call, 12, "%s has a NUL in it", what);
    return 0;
}

int lh_call_name(struct lh_call *call, const char *what, lh_str text)
{
    return text.n ? lh_call_text(call, what, text) : lh_call_broke(call, 0, "%s is empty", what);
}

int lh_call_copy(struct lh_call *call, const char *what, const void *theirs, void *ours,
                 size_t size, size_t least)
{
    uint32_t head[2];

    if (!theirs)
        return lh_call_broke(call, 0, "%s: expected a struct, found NULL", what);
    memcpy(head, theirs, sizeof head);
    if (head[0] < least || head[0] > 65536)
        return lh_call_broke(call, 1,
                             "%s: struct_size is %u, expected %zu or more, as sizeof gives it",
                             what, head[0], least);
    if (head[1] >> 16)
        return lh_call_broke(call, 4,
                             "%s: flags 0x%08x hold bits of 16 to 31 that this host does "
                             "not know",
                             what, head[1]);
    memset(ours, 0, size);
    memcpy(ours, theirs, head[0] < size ? head[0] : size);
    return 0;
}

int lh_call_judge_builder(struct lh_call *call, const struct lh_out *o)
{
    const char *failure = lh_out_failure(o);

    if (!failure)
        return 0;
    return lh_out_is_beyond_bounds(o) ? lh_call_limit(call, "%s", failure)
                                      : lh_call_broke(call, 14, "%s", failure);
}

bool lh_call_builder_failed(struct lh_call *call)
{
    int rc = 0;

    for (size_t i = 0; i < call->n_outs && !rc; i++)
        rc = lh_call_judge_builder(call, call->instance->outs[i]);
    return rc != 0;
}

int lh_call_canonical(struct lh_call *call, int rule, const char *what, const struct lh_json *v,
                      struct lh_buf *to)
{
    lh_buf_reset(to);
    if (!v && lh_call_builder_failed(call))
        return call->stop;
    if (lh_json_kind(v) != LH_JSON_OBJECT)
        return lh_call_broke(call, rule, "%s: expected a JSON object, found %s", what,
                             lh_json_kind_words(v));
    if (lh_json_raw(v).n > 4 * LH_OFFSET_MAX_BYTES)
        return lh_call_broke(call, rule, "%s has %zu bytes, more than 64 KiB", what,
                             lh_json_raw(v).n);
    if (lh_json_write_canonical(to, v))
        return lh_call_broke(call, rule, "%s: a key stands twice in an object", what);
    if (to->n > LH_OFFSET_MAX_BYTES)
        return lh_call_broke(call, rule, "%s has %zu bytes, more than 64 KiB", what, to->n);
    return 0;
}
