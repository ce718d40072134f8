/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's life: loading one connector under lock-down, then calls until the host closes; and
 * how records leave and answers come. See worker.h.
 */
#include "config.h"

#include "worker/worker.h"

#include "plugin/image.h"
#include "worker/lockdown.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * The host is gone, or says what it must not. There may be frames of the connector below us, and
 * nobody is left to tell: the process ends here, without the connector's destructors.
 */
static _Noreturn void leave(const struct lh_worker *w)
{
    w->leave();
    __builtin_unreachable();
}

static void send_record(struct lh_worker *w, const struct lh_record *record)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_MESSAGE_FROM_MAX);
    lh_str part;

    lh_record_put(&b, record);
    part = lh_buf_slice(&b);
    if (lh_channel_send(&w->ch, (uint8_t)record->kind, w->call_number, &part, 1, NULL))
        leave(w);
}

/* Rows in one record: as many as fill a frame, so that the host hears of a connector as often. */
#define ROWS_MAX 4096u

/* --- records out, answers in ------------------------------------------------------------------ */

static void flush(struct lh_worker *w)
{
    lh_str part = lh_buf_slice(&w->out);

    if (!part.n)
        return;
    if (w->out.failed || lh_channel_send(&w->ch, LH_REC_OPS, w->call_number, &part, 1, NULL))
        leave(w);
    lh_buf_reset(&w->out);
    w->rows.end = 0;
}

static void take_cancel(struct lh_call *c, const struct lh_message *m)
{
    struct lh_record record = {0};
    size_t at = 0;

    if (m->type != LH_REC_CANCEL || lh_record_get(m->payload, &at, &record, NULL))
        leave(c->worker);
    /* one that crossed the end of its call is no news */
    if (m->call == c->worker->call_number && c->stop >= 0)
        c->stop = (int)(int64_t)record.num[0];
}

void lh_worker_look(struct lh_call *c)
{
    struct lh_message m;
    int got;

    while ((got = lh_channel_receive(&c->worker->ch, true, &m, NULL)) > 0)
        take_cancel(c, &m);
    if (got < 0)
        leave(c->worker);
}

static int hand_over(struct lh_call *c)
{
    flush(c->worker);
    lh_worker_look(c);
    return c->stop;
}

int lh_worker_told(struct lh_call *c)
{
    return c->worker->out.n >= LH_WORKER_FLUSH ? hand_over(c) : c->stop;
}

int lh_worker_tell(struct lh_call *c, const struct lh_record *record)
{
    lh_record_put(&c->worker->out, record);
    return lh_worker_told(c);
}

static void begin_rows(struct lh_worker *w, uint32_t op, const struct lh_json *v)
{
    const struct lh_record record = {
        .kind = LH_REC_ROW, .num = {op, 1}, .value = lh_worker_value(v)};

    w->rows = (struct lh_worker_rows){.at = w->out.n, .op = op, .n = 1};
    lh_record_put(&w->out, &record);
    /* only what lies on a tape has something behind it */
    if (record.value.tag == LH_VALUE_REF)
        w->rows.end = w->out.n;
}

int lh_worker_tell_row(struct lh_call *c, uint32_t op, const struct lh_json *v)
{
    struct lh_worker *w = c->worker;
    struct lh_worker_rows *rows = &w->rows;

    if (rows->end && rows->end == w->out.n && rows->next == v && rows->op == op)
        lh_record_set_rows(&w->out, rows->at, ++rows->n);
    else
        begin_rows(w, op, v);
    if (rows->end)
        rows->next = v + lh_json_entries(v);
    return rows->n < ROWS_MAX ? lh_worker_told(c) : hand_over(c);
}

struct lh_message lh_worker_receive(struct lh_call *c)
{
    struct lh_message m;

    do {
        if (lh_channel_receive(&c->worker->ch, false, &m, NULL) <= 0)
            leave(c->worker);
        if (m.type == LH_REC_CANCEL)
            take_cancel(c, &m);
    } while (m.type == LH_REC_CANCEL);
    return m;
}

int lh_worker_ask(struct lh_call *c, const struct lh_record *record, lh_str *ret_text,
                  struct lh_message *ret_message)
{
    struct lh_worker *w = c->worker;
    struct lh_record answer = {0};
    struct lh_message m;
    size_t at = 0;

    lh_record_put(&w->out, record);
    flush(w);
    m = lh_worker_receive(c);
    if (m.type != LH_REC_ANSWER && ret_message) {
        *ret_message = m;
        return 1;
    }
    if (m.type != LH_REC_ANSWER || lh_record_get(m.payload, &at, &answer, NULL))
        leave(w);
    c->stop = (int)(int64_t)answer.num[1];
    if (ret_text)
        *ret_text = answer.str[0];
    return (int)(int64_t)answer.num[0];
}

/* --- what every service does ------------------------------------------------------------------ */

bool lh_worker_is_in(struct lh_call *c, const char *service)
{
    struct lh_call *now;

    if (!c)
        return false;
    if (c->magic == LH_WORKER_RUNNING && pthread_equal(c->thread, pthread_self()))
        return true;
    now = c->worker->running;
    if (now)
        now->foreign = service;
    else
        c->worker->idle = service;
    return false;
}

int lh_worker_enter(struct lh_call *c, const char *service)
{
    return lh_worker_is_in(c, service) ? c->stop : LH_E_RULE;
}

int lh_worker_enter_sink(struct lh_sink *s, const char *service)
{
    if (!s || s->magic != LH_WORKER_RUNNING)
        return LH_E_RULE;
    return lh_worker_enter(s->call, service);
}

void lh_worker_note(struct lh_call *c, int code, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_record record = {.kind = LH_REC_NOTE, .num = {(uint64_t)code}};
    va_list args;

    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    record.str[0] = lh_buf_slice(&text);
    lh_worker_tell(c, &record);
}

void lh_worker_limit(struct lh_call *c, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_record record = {.kind = LH_REC_LIMIT};
    va_list args;

    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    record.str[0] = lh_buf_slice(&text);
    lh_worker_tell(c, &record);
    if (c->stop >= 0)
        c->stop = LH_E_LIMIT;
}

struct lh_value lh_worker_value(const struct lh_json *v)
{
    const struct lh_worker_answer *a;
    uint32_t index;

    if (!v)
        return (struct lh_value){.tag = LH_VALUE_NONE};
    a = lh_json_marked(v, &index);
    if (a && a->released)
        return (struct lh_value){.tag = LH_VALUE_GONE};
    if (a)
        return (struct lh_value){.tag = LH_VALUE_REF, .doc = a->id, .index = index};
    return (struct lh_value){.tag = LH_VALUE_TEXT, .text = lh_json_raw(v)};
}

lh_str lh_worker_cut(lh_str s, size_t bound)
{
    size_t max = bound + 64;

    if (s.n <= max || !s.p)
        return s;
    while (max > bound && ((unsigned char)s.p[max] & 0xc0) == 0x80)
        max--;
    return lh_str_n(s.p, max);
}

/* --- calls ------------------------------------------------------------------------------------ */

static struct lh_call *begin(struct lh_worker *w, struct lh_arena *memory)
{
    struct lh_call *c = &w->calls[w->turn++ % LH_WORKER_CALLS];

    lh_arena_reset(&w->scratch);
    lh_arena_reset(&w->given);
    *c = (struct lh_call){
        .magic = LH_WORKER_RUNNING,
        .worker = w,
        .memory = memory,
        .thread = pthread_self(),
        .sink = {.magic = LH_WORKER_RUNNING},
    };
    c->sink.call = c;
    w->running = c;
    return c;
}

static void end(struct lh_call *c, int rc, const struct lh_estimate *estimate)
{
    struct lh_worker *w = c->worker;
    const char *foreign = c->foreign;
    const char *idle = atomic_exchange(&w->idle, NULL);
    struct lh_record record = {
        .kind = LH_REC_RETURN,
        .num = {(uint64_t)(int64_t)rc, (uint64_t)estimate->rows, (uint64_t)estimate->bytes,
                (uint64_t)estimate->requests},
        .str = {lh_str_z(foreign), lh_str_z(idle)},
    };

    if (rc < 0)
        lh_recorders_settle(c);
    w->running = NULL;
    c->magic = LH_WORKER_OVER;
    c->sink.magic = 0;
    lh_record_put(&w->out, &record);
    flush(w);
    lh_recorders_reset(w);
    lh_answers_reset(w);
}

/* Copies a list of strings, each with a NUL behind it. */
static struct lh_opts copy_opts(struct lh_arena *arena, struct lh_list list)
{
    struct lh_opts opts = {.n = list.n};
    size_t i = 0;
    lh_str s;

    opts.texts = lh_arena_alloc(arena, ((size_t)list.n + 1) * sizeof *opts.texts);
    while (lh_list_next(&list, &s))
        opts.texts[i++] = lh_arena_copy(arena, s);
    return opts;
}

/* An offset or partition of the scan: the text stays in the arena for as long as the call. */
static const struct lh_json *scan_value(struct lh_worker *w, size_t which, lh_str text)
{
    struct lh_json_doc **doc = &w->scan_docs[which];

    if (!text.n)
        return NULL;
    if (!*doc)
        *doc = lh_json_doc_new();
    if (lh_json_scan(*doc, lh_arena_str(&w->given, text), &lh_json_page_limits, NULL))
        leave(w);
    return lh_json_root(*doc);
}

typedef int scan_slot(lh_call *, void *, const struct lh_scan *, lh_sink *);

static scan_slot *slot_of(const struct lh_connector *t, uint64_t slot)
{
    scan_slot *const slots[LH_SLOTS] = {
        [LH_SLOT_GET_TABLE_SCHEMA] = t->get_table_schema,
        [LH_SLOT_READ_TABLE_METADATA] = t->read_table_metadata,
        [LH_SLOT_READ_TABLE] = t->read_table,
        [LH_SLOT_READ_TABLE_DELETES] = t->read_table_deletes,
        [LH_SLOT_LATEST_OFFSET] = t->latest_offset,
        [LH_SLOT_GET_PARTITIONS] = t->get_partitions,
        [LH_SLOT_READ_PARTITION] = t->read_partition,
    };

    return slot < LH_SLOTS ? slots[slot] : NULL;
}

/* list_tables, list_namespaces: the parts, each with a NUL behind it. */
static int call_with_path(struct lh_worker *w, struct lh_call *c, uint64_t slot,
                          struct lh_list list)
{
    size_t n = list.n;
    lh_str *parts = lh_arena_alloc(&w->scratch, (n ? n : 1) * sizeof *parts);

    for (size_t i = 0; i < n; i++) {
        lh_str s = LH_STR("");

        lh_list_next(&list, &s);
        parts[i] = lh_arena_str(&w->scratch, s);
    }
    if (slot == LH_SLOT_LIST_TABLES)
        return w->table.list_tables(c, w->self, parts, n, &c->sink);
    if (!w->table.list_namespaces)
        leave(w);
    return w->table.list_namespaces(c, w->self, parts, n, &c->sink);
}

static void run_call(struct lh_worker *w, const struct lh_record *r)
{
    struct lh_call *c = begin(w, &w->scratch);
    struct lh_opts opts = copy_opts(&w->given, r->list[0]);
    struct lh_estimate estimate = {
        .struct_size = sizeof estimate, .rows = -1, .bytes = -1, .requests = -1};
    const struct lh_scan scan = {
        .struct_size = sizeof scan,
        .table = lh_arena_str(&w->scratch, r->str[0]),
        .opts = r->num[1] ? &opts : NULL,
        .offset = scan_value(w, 0, r->str[1]),
        .end = scan_value(w, 1, r->str[2]),
        .partition = scan_value(w, 2, r->str[3]),
        .as_of_ms = (int64_t)r->num[2],
        .max_rows = r->num[3],
    };
    scan_slot *slot = slot_of(&w->table, r->num[0]);
    int rc;

    if (slot)
        rc = slot(c, w->self, &scan, &c->sink);
    else if (r->num[0] == LH_SLOT_LIST_TABLES || r->num[0] == LH_SLOT_LIST_NAMESPACES)
        rc = call_with_path(w, c, r->num[0], r->list[1]);
    else if (r->num[0] == LH_SLOT_CHECK && w->table.check)
        rc = w->table.check(c, w->self, &c->sink);
    else if (r->num[0] == LH_SLOT_ESTIMATE && w->table.estimate)
        rc = w->table.estimate(c, w->self, &scan, &estimate);
    else
        leave(w);
    end(c, rc, &estimate);
}

static void run_open(struct lh_worker *w, const struct lh_record *r)
{
    static const struct lh_estimate none = {0};
    struct lh_call *c = begin(w, &w->own);

    w->asks_now = r->num[0] != 0;
    w->options = copy_opts(&w->kept, r->list[0]);
    end(c, w->table.open(c, &w->options, &w->self), &none);
}

static void run_close(struct lh_worker *w)
{
    static const struct lh_estimate none = {0};
    struct lh_call *c = begin(w, &w->scratch);

    w->table.close(c, w->self);
    end(c, LH_OK, &none);
}

/* --- loading ---------------------------------------------------------------------------------- */

static unsigned slots_of(const struct lh_connector *t)
{
    unsigned slots = 1u << LH_SLOT_OPEN | 1u << LH_SLOT_CLOSE | 1u << LH_SLOT_LIST_TABLES;

    for (unsigned i = 0; i < LH_SLOTS; i++)
        if (slot_of(t, i))
            slots |= 1u << i;
    slots |= t->check ? 1u << LH_SLOT_CHECK : 0;
    slots |= t->list_namespaces ? 1u << LH_SLOT_LIST_NAMESPACES : 0;
    slots |= t->estimate ? 1u << LH_SLOT_ESTIMATE : 0;
    return slots;
}

static int load(struct lh_worker *w, const struct lh_record *r, struct lh_lockdown *lock,
                struct lh_error *e)
{
    char *name lh_autofree = lh_xmemdup0(r->str[0].p, r->str[0].n);
    char *label lh_autofree = lh_xmemdup0(r->str[1].p, r->str[1].n);
    char *sha256 lh_autofree = lh_xmemdup0(r->str[2].p, r->str[2].n);
    const struct lh_lockdown_settings settings = {
        .plugin_fd = *name ? -1 : LH_WORKER_PLUGIN,
        .leave_off = (unsigned)r->num[0],
        .max_memory = r->num[1],
    };
    lh_plugin_entry *entry = NULL;
    int code = lh_lockdown_before_load(&settings, lock, e);

    if (!code)
        code = *name ? lh_plugin_static_entry(name, &entry, e)
                     : lh_image_load(LH_WORKER_PLUGIN, label, sha256, &entry, e);
    if (code)
        return code;
    if (lh_connector_accept(entry(&lh_worker_host), &w->table, e))
        return lh_error_wrap(e, "%s", label);
    close(LH_WORKER_PLUGIN);
    return lh_lockdown_after_load(&settings, lock, e);
}

static int run_load(struct lh_worker *w, const struct lh_record *r)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_lockdown lock = {0};
    int code = load(w, r, &lock, &e);
    const struct lh_record refused = {
        .kind = LH_REC_REFUSED, .num = {(uint64_t)code}, .str = {lh_str_z(lh_error_text(&e))}};
    const struct lh_record ready = {
        .kind = LH_REC_READY,
        .num = {code ? 0 : slots_of(&w->table), lock.active},
        .str = {lh_str_z(w->table.name), lh_str_n(w->table.spec_json, w->table.spec_len),
                lh_str_z(lock.note)},
    };

    send_record(w, code ? &refused : &ready);
    return code;
}

/* --- the loop --------------------------------------------------------------------------------- */

static int check_hello(const struct lh_record *r)
{
    return lh_str_eq(r->str[0], lh_frames_build_id()) ? 0 : LH_BAD_PLUGIN;
}

/* One message; 0 to go on, -1 for the end of a good life. */
static int serve(struct lh_worker *w, const struct lh_message *m)
{
    struct lh_record r = {0};
    size_t at = 0;

    if (lh_record_get(m->payload, &at, &r, NULL) || r.kind != m->type)
        return LH_FAILED;
    w->call_number = m->call;
    switch (m->type) {
    case LH_REC_HELLO:
        return check_hello(&r);
    case LH_REC_LOAD:
        return run_load(w, &r);
    case LH_REC_OPEN:
        run_open(w, &r);
        return 0;
    case LH_REC_CALL:
        run_call(w, &r);
        return 0;
    case LH_REC_CANCEL:
        return 0;
    case LH_REC_CLOSE:
        run_close(w);
        return -1;
    default:
        return LH_FAILED;
    }
}

static void worker_free(struct lh_worker *w)
{
    lh_recorders_reset(w);
    lh_answers_free(w);
    for (size_t i = 0; i < LH_CALL_MAX_DOCS; i++)
        lh_json_doc_destroy(w->docs[i]);
    for (size_t i = 0; i < LH_LEN(w->scan_docs); i++)
        lh_json_doc_destroy(w->scan_docs[i]);
    for (size_t i = 0; i < LH_CALL_MAX_OUTS; i++) {
        if (!w->outs[i])
            continue;
        lh_buf_free(&w->outs[i]->ops);
        lh_out_destroy(w->outs[i]->local);
        free(w->outs[i]);
    }
    lh_json_doc_destroy(w->text);
    free(w->spare.p);
    lh_buf_free(&w->out);
    lh_buf_free(&w->base_url);
    lh_arena_free(&w->own);
    lh_arena_free(&w->kept);
    lh_arena_free(&w->given);
    lh_arena_free(&w->scratch);
    lh_inbox_free(&w->ch.in);
    free(w);
}

int lh_worker_run(int fd, void (*leave_)(void))
{
    struct lh_worker *w = lh_xcalloc(1, sizeof *w);
    const struct lh_record hello = {.kind = LH_REC_HELLO, .str = {lh_frames_build_id()}};
    struct lh_message m;
    int code = 0;

    w->ch = (struct lh_channel){
        .fd = fd, .max_frame = LH_FRAME_FROM, .in = LH_INBOX_INIT(LH_FRAME_TO, LH_MESSAGE_TO_MAX)};
    w->leave = leave_;
    w->text = lh_json_doc_new();
    w->out = (struct lh_buf)LH_BUF_INIT(LH_MESSAGE_FROM_MAX);
    w->base_url = (struct lh_buf)LH_BUF_INIT(LH_BUF_TEXT);
    w->own.max = w->scratch.max = LH_CALL_MAX_BYTES;
    send_record(w, &hello);
    while (!code) {
        if (lh_channel_receive(&w->ch, false, &m, NULL) <= 0)
            code = LH_FAILED;
        else
            code = serve(w, &m);
    }
    worker_free(w);
    return code < 0 ? LH_DONE : code;
}
