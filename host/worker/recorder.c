/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builders in a worker: out_* is written down and goes to the host with row_out, where the real
 * builder runs and every rule is judged. A builder of our own runs only when the connector asks for
 * the value, or begins the next one without having given the last one away.
 */
#include "config.h"

#include "worker/worker.h"

#include "plugin/build.h"
#include "worker/wire.h"

#include <stdlib.h>

#define UNSEEN_MAX ((size_t)1 << 20) /* bytes of ops that no builder has looked at */

static struct lh_recorder *recorder(lh_out *o)
{
    return (struct lh_recorder *)(void *)o;
}

/* --- running what was written down ------------------------------------------------------------ */

/* Lets the builder of our own catch up; whether all was right so far. */
static bool catch_up(struct lh_recorder *r)
{
    lh_str ops = lh_buf_slice(&r->ops);

    if (!r->local)
        r->local = lh_out_new(LH_ROW_MAX_BYTES, LH_ROW_MAX_DEPTH);
    while (r->executed < ops.n) {
        struct lh_record record = {0};
        const struct lh_json *v = NULL;

        /* they are our own */
        if (lh_record_get(ops, &r->executed, &record, NULL))
            return false;
        if (record.value.tag == LH_VALUE_REF)
            lh_worker_complete(
                v = lh_worker_at(r->call->worker, record.value.doc, record.value.index));
        if (record.value.tag == LH_VALUE_TEXT &&
            !lh_json_scan(r->call->worker->text, record.value.text, &lh_json_page_limits, NULL))
            v = lh_json_root(r->call->worker->text);
        if (record.value.tag == LH_VALUE_GONE)
            v = lh_build_nothing(r->call->worker->text);
        lh_build(r->local, &record, v);
    }
    return !lh_out_failure(r->local);
}

/* Empty again; the next value begins. */
static void clear(struct lh_recorder *r)
{
    lh_buf_reset(&r->ops);
    r->executed = 0;
    r->depth = 0;
    r->refers = false;
    if (r->local)
        lh_out_reset(r->local);
}

/* What follows is about this builder, unless it was about it already. */
static void name(struct lh_recorder *r)
{
    struct lh_buf *to = &r->call->worker->out;

    if (r->call->named == r)
        return;
    lh_record_put_u32(to, LH_REC_OUT, r->number);
    r->call->named = r;
}

/* Hands the ops to the host's builder of this number. */
static void ship(struct lh_recorder *r)
{
    struct lh_buf *to = &r->call->worker->out;

    if (r->ops.n > LH_WORKER_FLUSH)
        lh_worker_told(r->call);
    name(r);
    lh_buf_str(to, lh_buf_slice(&r->ops));
    clear(r);
}

/* The host's builder fails as ours did; `finish`: in out_done. */
static void fail(struct lh_recorder *r, bool finish)
{
    ship(r);
    r->failed = true;
    if (finish)
        lh_record_put_bare(&r->call->worker->out, LH_REC_DONE);
    lh_worker_told(r->call);
}

void lh_recorders_settle(struct lh_call *c)
{
    for (size_t i = 0; i < c->n_outs; i++) {
        struct lh_recorder *r = c->worker->outs[i];

        if (r->ops.n && !r->failed && !catch_up(r))
            fail(r, false);
    }
}

void lh_recorders_yield(struct lh_call *c)
{
    for (size_t i = 0; i < c->n_outs; i++) {
        struct lh_recorder *r = c->worker->outs[i];

        if (!r->refers)
            continue;
        ship(r);
        r->failed = true;
    }
}

void lh_recorders_reset(struct lh_worker *w)
{
    for (size_t i = 0; i < LH_CALL_MAX_OUTS && w->outs[i]; i++) {
        clear(w->outs[i]);
        w->outs[i]->failed = false;
    }
}

bool lh_recorders_refer(const struct lh_call *c)
{
    for (size_t i = 0; i < c->n_outs; i++)
        if (c->worker->outs[i]->refers)
            return true;
    return false;
}

/* --- writing down ----------------------------------------------------------------------------- */

lh_out *lh_worker_out_new(lh_call *c)
{
    struct lh_recorder **r;

    if (lh_worker_enter(c, "out_new") < 0)
        return NULL;
    if (c->n_outs == LH_CALL_MAX_OUTS) {
        lh_worker_limit(c, LH_SAY_OUTS, LH_CALL_MAX_OUTS);
        return NULL;
    }
    r = &c->worker->outs[c->n_outs];
    if (!*r) {
        *r = lh_xcalloc(1, sizeof **r);
        (*r)->ops = (struct lh_buf)LH_BUF_INIT(LH_MESSAGE_FROM_MAX);
    }
    (*r)->call = c;
    (*r)->number = (uint32_t)c->n_outs++;
    return (lh_out *)(void *)*r;
}

/* The builder whose next call is to be written down; NULL when nothing more is. */
static struct lh_recorder *writable(lh_out *o)
{
    struct lh_recorder *r = recorder(o);

    return r && !r->failed ? r : NULL;
}

/* It was written down. */
static void noted(struct lh_recorder *r)
{
    if (r->ops.failed || (r->ops.n - r->executed > UNSEEN_MAX && !catch_up(r)))
        fail(r, false);
}

static void note_str(lh_out *o, uint32_t kind, lh_str s)
{
    struct lh_recorder *r = writable(o);

    if (!r)
        return;
    lh_record_put_str(&r->ops, kind,
                      s.n > LH_ROW_MAX_BYTES ? lh_worker_cut(s, LH_ROW_MAX_BYTES) : s);
    noted(r);
}

/* A value that the host holds goes by reference, and with it what is said of it. */
static void note_value(struct lh_recorder *r, uint32_t kind, const lh_json *v)
{
    uint32_t index = 0;
    const struct lh_worker_answer *a = v ? lh_json_marked(v, &index) : NULL;
    struct lh_value value;

    if (a && !a->released) {
        lh_record_put_ref(&r->ops, kind, a->id, index);
        r->refers = true;
        return;
    }
    value = lh_worker_value(v);
    lh_record_put_bare(&r->ops, kind);
    lh_wire_add_value(&r->ops, &value);
}

void lh_worker_out_begin(lh_out *o, int brace)
{
    struct lh_recorder *r = writable(o);

    if (!r)
        return;
    /* rule 8: what follows a complete value begins the next one */
    if (r->ops.n && !r->depth) {
        if (!catch_up(r))
            fail(r, false);
        else if (lh_out_is_complete(r->local))
            clear(r);
    }
    if (r->failed)
        return;
    lh_record_put_u32(&r->ops, LH_REC_BEGIN, (uint32_t)brace);
    noted(r);
    r->depth++;
}

void lh_worker_out_end(lh_out *o)
{
    struct lh_recorder *r = writable(o);

    if (!r)
        return;
    lh_record_put_bare(&r->ops, LH_REC_END);
    noted(r);
    r->depth -= r->depth > 0;
}

void lh_worker_out_key(lh_out *o, lh_str key)
{
    note_str(o, LH_REC_KEY, key);
}

void lh_worker_out_str(lh_out *o, lh_str utf8)
{
    note_str(o, LH_REC_STR, utf8);
}

void lh_worker_out_i64(lh_out *o, int64_t value)
{
    struct lh_recorder *r = writable(o);

    if (!r)
        return;
    lh_record_put_u64(&r->ops, LH_REC_INT, (uint64_t)value);
    noted(r);
}

void lh_worker_out_raw(lh_out *o, lh_str json)
{
    note_str(o, LH_REC_RAW, json);
}

void lh_worker_out_json(lh_out *o, const lh_json *v)
{
    struct lh_recorder *r = writable(o);

    if (!r)
        return;
    note_value(r, LH_REC_JSON, v);
    noted(r);
}

void lh_worker_out_members(lh_out *o, const lh_json *object, const lh_str *except, size_t n_except)
{
    struct lh_recorder *r = writable(o);

    if (!r)
        return;
    note_value(r, LH_REC_MEMBERS, object);
    lh_wire_add_list(&r->ops, (struct lh_list){.items = except, .n = (uint32_t)n_except});
    noted(r);
}

/* --- values ----------------------------------------------------------------------------------- */

const lh_json *lh_worker_out_done(lh_out *o)
{
    struct lh_recorder *r = recorder(o);
    const struct lh_json *value = NULL;

    if (!r || r->failed)
        return NULL;
    catch_up(r);
    if (lh_out_value(r->local, &value, NULL))
        fail(r, true);
    return value;
}

int lh_worker_row_out(lh_sink *s, uint32_t op, lh_out *o)
{
    int rc = lh_worker_enter_sink(s, "row_out");

    if (rc)
        return rc;
    if (o)
        name(recorder(o));
    if (o && !recorder(o)->failed)
        ship(recorder(o));
    lh_record_put_u64(&s->call->worker->out, LH_REC_ROW_OUT, op | (o ? 0 : (uint64_t)1 << 32));
    rc = lh_worker_told(s->call);
    lh_answers_settle(s->call);
    return rc;
}
