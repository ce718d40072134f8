/* SPDX-License-Identifier: Apache-2.0 */
/* The host of fake_host.h: JSON is the real module's, everything else a list or a line of text. */
#include "config.h"

#include "fake_host.h"

#include "base/mem.h"

#include <stdlib.h>
#include <strings.h>

struct fake_doc {
    struct fake_doc *next;
    struct lh_json_doc *doc;
    char *text;
};

struct fake_out {
    struct fake_out *next;
    struct fake *fake;
    struct lh_out *out;
    int depth;
    bool complete;
};

struct fake_response {
    struct lh_http_resp resp;
    struct lh_http_req req; /* to send again */
    const struct fake_answer *answer;
    struct fake *fake;
};

static void line(struct lh_buf *to, const char *format, ...) LH_PRINTF(2, 3);

static void line(struct lh_buf *to, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    lh_buf_vf(to, format, args);
    va_end(args);
    lh_buf_char(to, '\n');
}

/* --- call ------------------------------------------------------------------------------------- */

static void *call_alloc(lh_call *c, size_t n)
{
    void *p = c->fake->no_memory ? NULL : lh_arena_alloc(&c->fake->memory, n);

    if (p)
        memset(p, 0, n);
    return p;
}

static int call_fail(lh_call *c, int code, lh_str msg)
{
    line(&c->fake->events, "fail %d: %.*s", code, (int)msg.n, msg.p);
    return code;
}

static int call_partial(lh_call *c, int code, lh_str what, lh_str msg)
{
    line(&c->fake->events, "partial %d: %.*s: %.*s", code, (int)what.n, what.p, (int)msg.n, msg.p);
    return c->fake->partial_policy;
}

static void call_log(lh_call *c, int level, lh_str msg)
{
    line(&c->fake->events, "log %d: %.*s", level, (int)msg.n, msg.p);
}

static void call_progress(lh_call *c, lh_str what, uint64_t done, uint64_t total)
{
    line(&c->fake->events, "progress %.*s %d/%d", (int)what.n, what.p, (int)done, (int)total);
}

static int call_cancelled(lh_call *c)
{
    (void)c;
    return LH_OK;
}

static int call_sleep(lh_call *c, uint32_t ms)
{
    line(&c->fake->events, "sleep %u", ms);
    return LH_OK;
}

static int64_t call_now(lh_call *c)
{
    (void)c;
    return INT64_C(1772357415000); /* 2026-03-01T09:30:15Z */
}

static const char *call_opt(const lh_opts *opts, const char *name)
{
    const lh_json *declared = opts ? lh_json_get(opts->spec, LHS("options")) : NULL;
    const lh_json *o = NULL;

    for (const struct fake_option *f = opts ? opts->options : NULL; f && f->name; f++)
        if (!strcmp(f->name, name))
            return f->value;
    while ((o = lh_json_next(declared, o, NULL)))
        if (lh_str_eqz(lh_json_str(lh_json_get(o, LHS("name"))), name) &&
            lh_json_get(o, LHS("default")))
            return lh_arena_copy(opts->memory, lh_json_str(lh_json_get(o, LHS("default"))));
    return NULL;
}

static lh_str call_base_url(lh_call *c)
{
    (void)c;
    return LHS("https://source.test");
}

/* --- json ------------------------------------------------------------------------------------- */

/* A document of its own copy of the text; NULL when it is no JSON. */
static const lh_json *parse(struct fake *f, lh_str text)
{
    struct fake_doc *d = lh_xcalloc(1, sizeof *d);

    d->next = f->docs;
    f->docs = d;
    d->doc = lh_json_doc_new();
    d->text = lh_xmemdup0(text.p ? text.p : "", text.n);
    if (lh_json_scan(d->doc, lh_str_n(d->text, text.n), &lh_json_page_limits, NULL))
        return NULL;
    return lh_json_root(d->doc);
}

static const lh_json *json_parse(lh_call *c, lh_str text)
{
    return parse(c->fake, text);
}

static int json_i64(const lh_json *v, int64_t *ret)
{
    return lh_json_i64(v, ret) ? LH_E_DATA : LH_OK;
}

/* What connectors hold as lh_out is a fake_out here. */
static struct fake_out *of(lh_out *o)
{
    return (struct fake_out *)(void *)o;
}

static lh_out *out_new(lh_call *c)
{
    struct fake_out *o = lh_xcalloc(1, sizeof *o);

    o->next = c->fake->outs;
    c->fake->outs = o;
    o->fake = c->fake;
    o->out = lh_out_new((size_t)1 << 20, 64);
    return (lh_out *)(void *)o;
}

static void out_begin(lh_out *o, int brace)
{
    if (of(o)->complete)
        lh_out_reset(of(o)->out);
    of(o)->complete = false;
    of(o)->depth++;
    lh_out_begin(of(o)->out, brace);
}

static void out_end(lh_out *o)
{
    lh_out_end(of(o)->out);
    of(o)->complete = --of(o)->depth == 0;
}

static void out_key(lh_out *o, lh_str key)
{
    lh_out_key(of(o)->out, key);
}

static void out_str(lh_out *o, lh_str text)
{
    lh_out_str(of(o)->out, text);
}

static void out_i64(lh_out *o, int64_t n)
{
    lh_out_i64(of(o)->out, n);
}

static void out_raw(lh_out *o, lh_str json)
{
    lh_out_raw(of(o)->out, json);
}

static void out_json(lh_out *o, const lh_json *v)
{
    lh_out_json(of(o)->out, v);
}

static void out_members(lh_out *o, const lh_json *object, const lh_str *except, size_t n)
{
    lh_out_members(of(o)->out, object, except, n);
}

static const lh_json *out_done(lh_out *o)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str text;

    if (lh_out_finish(of(o)->out, &text, &e)) {
        line(&of(o)->fake->events, "out_done: %s", lh_error_text(&e));
        return NULL;
    }
    return parse(of(o)->fake, text);
}

/* --- http ------------------------------------------------------------------------------------- */

static const struct fake_answer *find_answer(struct fake *f, const struct lh_http_req *q)
{
    for (size_t i = 0; f->answers && f->answers[i].method; i++) {
        const struct fake_answer *a = &f->answers[i];
        char *body lh_autofree = lh_xmemdup0(q->body.p ? q->body.p : "", q->body.n);

        if (f->given[i] || !lh_str_eqz(q->method, a->method) || !lh_str_eqz(q->url, a->url) ||
            (a->body_part && !strstr(body, a->body_part)))
            continue;
        f->given[i] = true;
        return a;
    }
    return NULL;
}

static int http(lh_call *c, const struct lh_http_req *q, const struct lh_http_resp **ret)
{
    struct fake *f = c->fake;
    const struct fake_answer *a = find_answer(f, q);
    struct fake_response *r;

    line(&f->events, "%.*s %.*s%s%.*s", (int)q->method.n, q->method.p, (int)q->url.n, q->url.p,
         q->body.n ? " " : "", (int)q->body.n, q->body.p ? q->body.p : "");
    if (!a || a->status < 0) {
        line(&f->events, "no answer%s", a ? "" : ": the test has none");
        return a ? a->status : LH_E_UNAVAILABLE;
    }
    r = lh_arena_alloc(&f->memory, sizeof *r);
    *r = (struct fake_response){.req = *q, .answer = a, .fake = f};
    r->req.url = lh_arena_str(&f->memory, q->url);
    r->req.body = lh_arena_str(&f->memory, q->body);
    r->resp.struct_size = sizeof r->resp;
    r->resp.status = a->status;
    r->resp.final_url = r->req.url;
    r->resp.json = a->json ? parse(f, lhs_z(a->json)) : NULL;
    r->resp.retry_after_ms = -1;
    r->resp.attempts = 1;
    f->n_live++;
    *ret = &r->resp;
    return LH_OK;
}

static void http_prefetch(lh_call *c, const struct lh_http_req *q)
{
    line(&c->fake->events, "prefetch %.*s", (int)q->url.n, q->url.p);
}

static void http_release(lh_call *c, const struct lh_http_resp *resp)
{
    (void)resp;
    c->fake->n_live--;
}

static int http_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                      const struct lh_http_resp **ret)
{
    const struct fake_response *r = (const struct fake_response *)resp;

    line(&c->fake->events, "again in %d: %.*s", (int)wait_ms, (int)why.n, why.p);
    http_release(c, resp);
    return http(c, &r->req, ret);
}

static int http_fail(lh_call *c, const struct lh_http_resp *resp)
{
    int code = resp->status == 401   ? LH_E_AUTH
               : resp->status == 403 ? LH_E_DENIED
               : resp->status == 404 ? LH_E_NOT_FOUND
               : resp->status == 429 ? LH_E_THROTTLED
               : resp->status >= 500 ? LH_E_UNAVAILABLE
                                     : LH_E_DATA;

    line(&c->fake->events, "http_fail %d", resp->status);
    return code;
}

static lh_str http_header(const struct lh_http_resp *resp, const char *name)
{
    const struct fake_response *r = (const struct fake_response *)resp;
    size_t n = strlen(name);

    for (const char *p = r->answer->headers; p && *p;) {
        const char *end = strchr(p, '\n');
        size_t length = end ? (size_t)(end - p) : strlen(p);

        if (length > n + 2 && strncasecmp(p, name, n) == 0 && p[n] == ':')
            return lh_str_n(p + n + 2, length - n - 2);
        p = end ? end + 1 : NULL;
    }
    return lh_str_n("", 0);
}

/* --- catalog and data ------------------------------------------------------------------------- */

static int add_namespace(lh_sink *s, const lh_str *path, size_t n)
{
    lh_buf_z(&s->fake->catalog, "namespace");
    for (size_t i = 0; i < n; i++)
        lh_buf_f(&s->fake->catalog, " %.*s", (int)path[i].n, path[i].p);
    lh_buf_char(&s->fake->catalog, '\n');
    return LH_OK;
}

static int add_table(lh_sink *s, const struct lh_table *t)
{
    line(&s->fake->catalog, "table %.*s", (int)t->name.n, t->name.p);
    return LH_OK;
}

static int add_field(lh_sink *s, const struct lh_field *field)
{
    line(&s->fake->catalog, "column %.*s %.*s", (int)field->name.n, field->name.p,
         (int)field->type.n, field->type.p);
    return LH_OK;
}

static int field_begin(lh_sink *s, const struct lh_field *field)
{
    lh_buf_z(&s->fake->catalog, "begin ");
    return add_field(s, field);
}

static int field_end(lh_sink *s)
{
    line(&s->fake->catalog, "end");
    return LH_OK;
}

static int set_meta(lh_sink *s, const struct lh_meta *m)
{
    lh_str key = m->n_keys ? m->keys[0] : lhs_n("", 0);

    line(&s->fake->catalog, "meta %u %.*s %.*s", m->ingestion, (int)key.n, key.p, (int)m->cursor.n,
         m->cursor.n ? m->cursor.p : "");
    return LH_OK;
}

static int set_prop(lh_sink *s, const char *name, const lh_json *v)
{
    lh_str text = lh_json_raw(v);

    line(&s->fake->catalog, "prop %s %.*s", name, (int)text.n, text.p);
    return LH_OK;
}

static int add_step(lh_sink *s, lh_str name, int code, lh_str detail)
{
    line(&s->fake->catalog, "step %.*s %d %.*s", (int)name.n, name.p, code, (int)detail.n,
         detail.p);
    return LH_OK;
}

static int row_text(lh_sink *s, uint32_t op, lh_str text)
{
    line(&s->fake->rows, "%s%.*s", op == LH_DELETE ? "-" : "", (int)text.n, text.p);
    return LH_OK;
}

static int row(lh_sink *s, uint32_t op, const lh_json *object)
{
    return row_text(s, op, lh_json_raw(object));
}

static int rows(lh_sink *s, uint32_t op, const lh_json *array)
{
    for (const lh_json *v = NULL; (v = lh_json_next(array, v, NULL));)
        row(s, op, v);
    return LH_OK;
}

static int row_out(lh_sink *s, uint32_t op, lh_out *o)
{
    const lh_json *v = out_done(o);

    return v ? row(s, op, v) : LH_E_RULE;
}

static int checkpoint(lh_sink *s, const lh_json *offset)
{
    lh_str text = lh_json_raw(offset);

    line(&s->fake->checkpoints, "%.*s", (int)text.n, text.p);
    return ++s->fake->n_checkpoints == s->fake->stop_at ? LH_MORE : LH_OK;
}

static int add_partition(lh_sink *s, const lh_json *partition, uint64_t weight)
{
    lh_str text = lh_json_raw(partition);

    line(&s->fake->catalog, "partition %d %.*s", (int)weight, (int)text.n, text.p);
    return LH_OK;
}

/* clang-format off */
const struct lh_host fake_host = {
    (uint32_t)sizeof(struct lh_host), LH_ABI_MAJOR, LH_ABI_MINOR,
    call_alloc, call_fail, call_partial, call_log, call_progress, call_cancelled, call_sleep,
    call_now, call_opt, call_base_url,
    http, http_prefetch, http_again, http_fail, http_release, http_header,
    json_parse, lh_json_kind, lh_json_get, lh_json_next, lh_json_count, lh_json_str, lh_json_raw,
    json_i64,
    out_new, out_begin, out_end, out_key, out_str, out_i64, out_raw, out_json, out_members, out_done,
    add_namespace, add_table, add_field, field_begin, field_end, set_meta, set_prop, add_step,
    row, rows, row_out, row_text, checkpoint, add_partition,
};
/* clang-format on */

/* --- a test's life ---------------------------------------------------------------------------- */

void fake_begin(struct fake *f, const struct fake_answer *answers,
                const struct fake_option *options)
{
    size_t n = 0;

    *f = (struct fake){.answers = answers, .opts = {.options = options}};
    while (answers && answers[n].method)
        n++;
    f->given = lh_xcalloc(n + 1, sizeof *f->given);
    f->call.fake = f;
    f->sink.fake = f;
    f->rows = f->checkpoints = f->events = f->catalog =
        (struct lh_buf)LH_BUF_INIT((size_t)64 << 20);
}

void fake_end(struct fake *f)
{
    while (f->docs) {
        struct fake_doc *d = f->docs;

        f->docs = d->next;
        lh_json_doc_destroy(d->doc);
        free(d->text);
        free(d);
    }
    while (f->outs) {
        struct fake_out *o = f->outs;

        f->outs = o->next;
        lh_out_destroy(o->out);
        free(o);
    }
    lh_buf_free(&f->rows);
    lh_buf_free(&f->checkpoints);
    lh_buf_free(&f->events);
    lh_buf_free(&f->catalog);
    lh_arena_free(&f->memory);
    free(f->given);
}

const char *fake_text(const struct lh_buf *b)
{
    return b->n ? lh_buf_text(b) : "";
}

const lh_json *fake_json(struct fake *f, const char *text)
{
    return parse(f, lhs_z(text));
}

void fake_defaults(struct fake *f, const struct lh_connector *connector)
{
    f->opts.spec = fake_json(f, connector->spec_json);
    f->opts.memory = &f->memory;
}

struct lh_scan fake_scan(struct fake *f, const char *table, const char *offset, int64_t as_of_ms)
{
    struct lh_scan s = {.struct_size = sizeof s, .table = lhs_z(table), .opts = &f->opts};

    s.offset = offset ? fake_json(f, offset) : NULL;
    s.as_of_ms = as_of_ms;
    return s;
}
