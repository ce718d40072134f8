/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's table as a connector in a worker sees it: which services are served here, and which
 * become records. Nothing is judged: what the connector gave goes to the host as it was.
 */
#include "config.h"

#include "worker/worker.h"

#include "plugin/build.h"

#include <time.h>

/* Texts of messages: whoever writes more than that is told so by the host. */
static lh_str text(lh_str s)
{
    return lh_worker_cut(s, LH_BUF_TEXT);
}

static uint64_t code_of(int code)
{
    return (uint64_t)(int64_t)code;
}

/* --- call ------------------------------------------------------------------------------------- */

static void *serve_alloc(lh_call *c, size_t n)
{
    void *p;

    if (lh_worker_enter(c, "alloc") < 0)
        return NULL;
    p = lh_arena_alloc(c->memory, n);
    if (!p)
        lh_worker_note(c, LH_E_LIMIT, LH_SAY_ALLOC, c->memory->total, n, c->memory->max);
    return p;
}

static int serve_fail(lh_call *c, int code, lh_str msg)
{
    const struct lh_record record = {
        .kind = LH_REC_FAIL, .num = {code_of(code)}, .str = {text(msg)}};
    int rc = lh_worker_enter(c, "fail");

    if (rc < 0)
        return rc;
    rc = lh_worker_tell(c, &record);
    return rc < 0 ? rc : code;
}

static int serve_partial(lh_call *c, int code, lh_str what, lh_str msg)
{
    const struct lh_record record = {
        .kind = LH_REC_PARTIAL, .num = {code_of(code)}, .str = {text(what), text(msg)}};
    int rc = lh_worker_enter(c, "partial");

    return rc ? rc : lh_worker_ask(c, &record, NULL, NULL);
}

static void serve_log(lh_call *c, int level, lh_str msg)
{
    const struct lh_record record = {
        .kind = LH_REC_LOG, .num = {code_of(level)}, .str = {text(msg)}};

    if (lh_worker_enter(c, "log") >= 0)
        lh_worker_tell(c, &record);
}

static void serve_progress(lh_call *c, lh_str what, uint64_t done, uint64_t total)
{
    const struct lh_record record = {
        .kind = LH_REC_PROGRESS, .num = {done, total}, .str = {text(what)}};

    if (lh_worker_enter(c, "progress") >= 0)
        lh_worker_tell(c, &record);
}

static int serve_cancelled(lh_call *c)
{
    int rc = lh_worker_enter(c, "cancelled");

    if (rc >= 0) {
        lh_worker_look(c);
        rc = c->stop;
    }
    return rc < 0 ? LH_E_CANCELLED : 0;
}

static int serve_sleep_ms(lh_call *c, uint32_t ms)
{
    const struct lh_record record = {.kind = LH_REC_SLEEP, .num = {ms}};
    int rc = lh_worker_enter(c, "sleep_ms");

    return rc < 0 ? rc : lh_worker_ask(c, &record, NULL, NULL);
}

static int64_t serve_now_ms(lh_call *c)
{
    const struct lh_record record = {.kind = LH_REC_NOW};
    lh_str told = LH_STR("");
    struct timespec now;
    int64_t ms;

    if (lh_worker_enter(c, "now_ms") >= 0 && c->worker->asks_now)
        lh_worker_ask(c, &record, &told, NULL);
    if (told.n == sizeof ms) {
        memcpy(&ms, told.p, sizeof ms);
        return ms;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *serve_opt(const lh_opts *opts, const char *name)
{
    for (size_t i = 0; opts && name && i + 1 < opts->n; i += 2)
        if (strcmp(opts->texts[i], name) == 0)
            return opts->texts[i + 1];
    return NULL;
}

static lh_str serve_base_url(lh_call *c)
{
    const struct lh_record record = {.kind = LH_REC_BASE_URL};
    struct lh_worker *w;
    lh_str url = LH_STR("");

    if (lh_worker_enter(c, "base_url") < 0)
        return url;
    w = c->worker;
    if (!w->has_base_url) {
        lh_worker_ask(c, &record, &url, NULL);
        lh_buf_str(&w->base_url, url);
        w->has_base_url = c->stop >= 0;
    }
    return lh_buf_slice(&w->base_url);
}

/* --- json in ---------------------------------------------------------------------------------- */

static const lh_json *serve_json_parse(lh_call *c, lh_str json)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const lh_json *v;

    if (lh_worker_enter(c, "json_parse") < 0)
        return NULL;
    v = lh_build_parse(c->worker->docs, &c->n_docs, &c->doc_bytes, json, &e);
    if (!v)
        lh_worker_note(c, e.code == LH_FAILED ? LH_E_LIMIT : LH_E_DATA, "%s", lh_error_text(&e));
    return v;
}

/* --- catalog ---------------------------------------------------------------------------------- */

static int tell(lh_sink *s, const char *service, const struct lh_record *record)
{
    int rc = lh_worker_enter_sink(s, service);

    return rc ? rc : lh_worker_tell(s->call, record);
}

/* A list, with what is NULL for a host that refuses its length. */
static struct lh_list list_of(const lh_str *items, size_t n)
{
    static const lh_str none[1] = {{NULL, 1}};

    if (n && !items)
        return (struct lh_list){.items = none, .n = 1};
    return (struct lh_list){.items = items, .n = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX};
}

/* Whether a struct of the connector has all that 1.0 had; what it is otherwise, the host says. */
static bool take_head(struct lh_record *r, const void *theirs, size_t least)
{
    uint32_t head[2] = {0};

    if (!theirs)
        return false;
    memcpy(head, theirs, sizeof head[0]);
    if (head[0] >= sizeof head)
        memcpy(head, theirs, sizeof head);
    r->num[0] = 1;
    r->num[1] = head[0];
    r->num[2] = head[1];
    return head[0] >= least;
}

static int serve_add_namespace(lh_sink *s, const lh_str *path, size_t n)
{
    const struct lh_record record = {.kind = LH_REC_NAMESPACE, .list = {list_of(path, n)}};

    return tell(s, "add_namespace", &record);
}

static int serve_add_table(lh_sink *s, const struct lh_table *t)
{
    struct lh_record record = {.kind = LH_REC_TABLE};

    if (take_head(&record, t, LH_SIZE_UPTO(struct lh_table, n_ns))) {
        record.str[0] = t->name;
        record.str[1] = t->id;
        record.str[2] = t->category;
        record.str[3] = t->comment;
        record.list[0] = list_of(t->ns, t->n_ns);
    }
    return tell(s, "add_table", &record);
}

static int tell_field(lh_sink *s, const char *service, uint32_t kind, const struct lh_field *f)
{
    struct lh_record record = {.kind = kind};

    if (take_head(&record, f, LH_SIZE_UPTO(struct lh_field, comment))) {
        record.str[0] = f->name;
        record.str[1] = f->type;
        record.str[2] = f->comment;
    }
    return tell(s, service, &record);
}

static int serve_add_field(lh_sink *s, const struct lh_field *f)
{
    return tell_field(s, "add_field", LH_REC_FIELD, f);
}

static int serve_field_begin(lh_sink *s, const struct lh_field *f)
{
    return tell_field(s, "field_begin", LH_REC_BEGIN_FIELD, f);
}

static int serve_field_end(lh_sink *s)
{
    const struct lh_record record = {.kind = LH_REC_END_FIELD};

    return tell(s, "field_end", &record);
}

static int serve_set_meta(lh_sink *s, const struct lh_meta *m)
{
    struct lh_record record = {.kind = LH_REC_META};

    if (take_head(&record, m, LH_SIZE_UPTO(struct lh_meta, category))) {
        record.num[3] = m->ingestion;
        record.num[4] = m->reserved;
        record.str[0] = m->cursor;
        record.str[1] = m->category;
        record.list[0] = list_of(m->keys, m->n_keys);
    }
    return tell(s, "set_meta", &record);
}

/* A value that a builder did not give: the host wants to know why before it judges. */
static void before_value(lh_sink *s, const lh_json *v)
{
    if (!v && s && s->magic == LH_WORKER_RUNNING)
        lh_recorders_settle(s->call);
}

static int serve_set_prop(lh_sink *s, const char *name, const lh_json *v)
{
    const struct lh_record record = {
        .kind = LH_REC_PROP, .str = {text(lh_str_z(name))}, .value = lh_worker_value(v)};

    before_value(s, v);
    return tell(s, "set_prop", &record);
}

static int serve_add_step(lh_sink *s, lh_str name, int code, lh_str detail)
{
    const struct lh_record record = {
        .kind = LH_REC_STEP, .num = {code_of(code)}, .str = {text(name), text(detail)}};

    return tell(s, "add_step", &record);
}

/* --- data ------------------------------------------------------------------------------------- */

static int serve_row(lh_sink *s, uint32_t op, const lh_json *object)
{
    int rc;

    before_value(s, object);
    rc = lh_worker_enter_sink(s, "row");
    return rc ? rc : lh_worker_tell_row(s->call, op, object);
}

static int serve_rows(lh_sink *s, uint32_t op, const lh_json *array)
{
    const struct lh_record record = {
        .kind = LH_REC_ROWS, .num = {op}, .value = lh_worker_value(array)};

    return tell(s, "rows", &record);
}

static int serve_row_text(lh_sink *s, uint32_t op, lh_str json)
{
    const struct lh_record record = {
        .kind = LH_REC_ROW_TEXT,
        .num = {op},
        .str = {lh_worker_cut(json, lh_json_page_limits.max_bytes)},
    };

    return tell(s, "row_text", &record);
}

static int serve_checkpoint(lh_sink *s, const lh_json *offset)
{
    struct lh_record record = {.kind = LH_REC_CHECKPOINT, .value = lh_worker_value(offset)};
    int rc = lh_worker_enter_sink(s, "checkpoint");
    const struct lh_call *c;

    if (rc)
        return rc;
    c = s->call;
    record.num[0] = c->memory->total > LH_CALL_ENOUGH_BYTES || c->n_docs >= LH_CALL_ENOUGH_DOCS ||
                    c->doc_bytes > LH_CALL_DOC_BYTES / 2;
    before_value(s, offset);
    return lh_worker_ask(s->call, &record, NULL, NULL);
}

static int serve_add_partition(lh_sink *s, const lh_json *v, uint64_t weight)
{
    const struct lh_record record = {
        .kind = LH_REC_PARTITION, .num = {weight}, .value = lh_worker_value(v)};

    before_value(s, v);
    return tell(s, "add_partition", &record);
}

/* --- the table -------------------------------------------------------------------------------- */

const struct lh_host lh_worker_host = {
    .struct_size = sizeof(struct lh_host),
    .abi_major = LH_ABI_MAJOR,
    .abi_minor = LH_ABI_MINOR,
    .alloc = serve_alloc,
    .fail = serve_fail,
    .partial = serve_partial,
    .log = serve_log,
    .progress = serve_progress,
    .cancelled = serve_cancelled,
    .sleep_ms = serve_sleep_ms,
    .now_ms = serve_now_ms,
    .opt = serve_opt,
    .base_url = serve_base_url,
    .http = lh_worker_http,
    .http_prefetch = lh_worker_http_prefetch,
    .http_again = lh_worker_http_again,
    .http_fail = lh_worker_http_fail,
    .http_release = lh_worker_http_release,
    .http_header = lh_worker_http_header,
    .json_parse = serve_json_parse,
    .json_kind = lh_json_kind,
    .json_get = lh_worker_json_get,
    .json_next = lh_json_next,
    .json_count = lh_json_count,
    .json_str = lh_json_str,
    .json_raw = lh_worker_json_raw,
    .json_i64 = lh_service_json_i64,
    .out_new = lh_worker_out_new,
    .out_begin = lh_worker_out_begin,
    .out_end = lh_worker_out_end,
    .out_key = lh_worker_out_key,
    .out_str = lh_worker_out_str,
    .out_i64 = lh_worker_out_i64,
    .out_raw = lh_worker_out_raw,
    .out_json = lh_worker_out_json,
    .out_members = lh_worker_out_members,
    .out_done = lh_worker_out_done,
    .add_namespace = serve_add_namespace,
    .add_table = serve_add_table,
    .add_field = serve_add_field,
    .field_begin = serve_field_begin,
    .field_end = serve_field_end,
    .set_meta = serve_set_meta,
    .set_prop = serve_set_prop,
    .add_step = serve_add_step,
    .row = serve_row,
    .rows = serve_rows,
    .row_out = lh_worker_row_out,
    .row_text = serve_row_text,
    .checkpoint = serve_checkpoint,
    .add_partition = serve_add_partition,
};
