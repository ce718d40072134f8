/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector that no host survives in its own process: each of its tables crashes, hangs, leaves,
 * or speaks to the host behind the back of the worker. tests/system/worker.sh says what must come
 * of each. Built twice: with -DEARLY its constructor crashes.
 */
#define _GNU_SOURCE
#include <lakehost/sdk.h>

/* the one thing of the host that it knows, to speak as a worker that went bad would */
#include "worker/frames.h"

#include "unruly.inc"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const struct lh_host *H;

#ifdef EARLY
__attribute__((constructor)) static void crash_early(void)
{
    raise(SIGSEGV);
}
#endif

static int crash(void)
{
    raise(SIGSEGV);
    return LH_E_INTERNAL;
}

static int row(lh_sink *sink, int64_t id)
{
    char text[64];
    int n = snprintf(text, sizeof text, "{\"id\":%lld}", (long long)id);

    return H->row_text(sink, LH_UPSERT, lhs_n(text, (size_t)n));
}

/* A page of two rows and the checkpoint behind it. */
static int page(lh_call *c, lh_sink *sink, int64_t first)
{
    lh_out *o = H->out_new(c);
    int rc = row(sink, first);

    if (!rc)
        rc = row(sink, first + 1);
    H->out_begin(o, '{');
    H->out_key(o, LHS("next"));
    H->out_i64(o, first + 2);
    H->out_end(o);
    return rc ? rc : H->checkpoint(sink, H->out_done(o));
}

static int64_t first_row(const struct lh_scan *s)
{
    int64_t n = 0;

    return s->offset && !H->json_i64(H->json_get(s->offset, LHS("next")), &n) ? n : 0;
}

/* --- deaths ----------------------------------------------------------------------------------- */

static int crash_read(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    return crash();
}

/* After a page and one row more, wherever it began: the second one gets no further. */
static int crash_later(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int rc = s->offset ? LH_OK : page(c, sink, 0);

    if (!rc)
        rc = row(sink, 2);
    H->log(c, LH_LOG_INFO, LHS("a row without a checkpoint was given"));
    H->sleep_ms(c, 1); /* what was given is with the host */
    return rc ? rc : crash();
}

/* Only the first process crashes: the next one begins at a checkpoint. */
static int crash_once(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    int64_t first = first_row(s);
    int rc = LH_OK;

    for (int64_t id = first; !rc && id < 6; id += 2) {
        if (id == 2 && !s->offset) {
            rc = row(sink, id);
            H->sleep_ms(c, 1);
            return rc ? rc : crash();
        }
        rc = page(c, sink, id);
    }
    return rc;
}

static int endless(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    volatile unsigned turns = 0;

    (void)c, (void)s, (void)sink;
    for (;;)
        turns++;
    return LH_OK;
}

static int hang(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    struct timespec hour = {3600, 0};

    (void)c, (void)s, (void)sink;
    signal(SIGTERM, SIG_IGN);
    for (;;)
        nanosleep(&hour, NULL);
    return LH_OK;
}

/* One that has pages, and does not stop when it is told to. */
static int deaf(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    page(c, sink, 0);
    return endless(c, s, sink);
}

static int leaves(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    exit(3);
}

static int greedy(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    size_t piece = (size_t)16 << 20;
    volatile char *p; /* what nobody reads, a compiler does not ask for */

    (void)c, (void)s, (void)sink;
    while ((p = (volatile char *)malloc(piece)))
        for (size_t i = 0; i < piece; i += 4096)
            p[i] = 1;
    abort();
}

static int forks(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    pid_t child = fork();
    struct timespec hour = {3600, 0};

    (void)c, (void)s;
    if (child == 0)
        for (;;)
            nanosleep(&hour, NULL);
    row(sink, child > 0);
    return crash();
}

static int closes(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)s;
    for (int fd = 0; fd < 64; fd++)
        close(fd);
    return page(c, sink, 0);
}

/* --- words ------------------------------------------------------------------------------------ */

static int say(int fd, const char *text, size_t n)
{
    return write(fd, text, n) == (ssize_t)n ? 0 : errno;
}

static int writes(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    char line[2000];
    int failed = say(1, "one\n", 4) || say(2, "two \xff\x1b[2J\n", 10);

    (void)s;
    memset(line, 'x', sizeof line);
    failed = failed || say(1, line, sizeof line) || say(1, "\n", 1);
    for (int i = 0; !failed && i < 1000; i++)
        failed = say(1, "again\n", 6);
    return failed ? LH_E_INTERNAL : page(c, sink, 0);
}

/* A frame by hand: the socket is descriptor 3. The worker's first frames are HELLO, READY and the
 * ends of open, read_table_metadata and get_table_schema, so this one is number 5, in the fourth
 * call. */
#define SEQUENCE  5
#define THIS_CALL 4

static int frame(uint32_t len, uint32_t seq, const void *payload, size_t n)
{
    unsigned char bytes[128] = {0};
    uint32_t call = THIS_CALL;

    for (int i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)(len >> (8 * i));
        bytes[8 + i] = (unsigned char)(call >> (8 * i));
        bytes[12 + i] = (unsigned char)(seq >> (8 * i));
    }
    bytes[4] = LH_REC_OPS;
    if (n)
        memcpy(bytes + 16, payload, n);
    return say(3, (const char *)bytes, 16 + n) ? LH_E_INTERNAL : LH_OK;
}

/* It waits for what comes of it. */
static int wait_long(void)
{
    struct timespec hour = {3600, 0};

    nanosleep(&hour, NULL);
    return LH_OK;
}

static int garbage(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    say(3, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
    return wait_long();
}

static int cut_frame(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    frame(1000, SEQUENCE, "abc", 3);
    exit(0);
}

static int oversized(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    frame(1u << 30, SEQUENCE, "abc", 3);
    return wait_long();
}

static int out_of_order(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    frame(0, SEQUENCE + 7, "", 0);
    return wait_long();
}

static int unknown_record(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    (void)c, (void)s, (void)sink;
    frame(3, SEQUENCE, "\xee\x01\x02", 3);
    return wait_long();
}

static int foreign_value(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    static const unsigned char record[] = {LH_REC_ROW, 0, 0, 0, 0, 1, 0, 0, 0,
                                           1,          7, 0, 0, 0, 0, 0, 0, 0};

    (void)c, (void)s, (void)sink;
    frame(sizeof record, SEQUENCE, record, sizeof record);
    return wait_long();
}

static int foreign_builder(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    static const unsigned char record[] = {LH_REC_OUT, 0xff, 0xff, 0, 0};

    (void)c, (void)s, (void)sink;
    frame(sizeof record, SEQUENCE, record, sizeof record);
    return wait_long();
}

static int right(lh_call *c, const struct lh_scan *s, lh_sink *sink)
{
    return s->offset ? LH_OK : page(c, sink, 0);
}

/* --- the table -------------------------------------------------------------------------------- */

#define READ(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct {
    const char *table;
    int (*run)(lh_call *c, const struct lh_scan *s, lh_sink *sink);
} reads[] = {
    READ(crash_read), READ(crash_later),   READ(crash_once),      READ(endless),
    READ(hang),       READ(deaf),          READ(leaves),          READ(greedy),
    READ(forks),      READ(closes),        READ(writes),          READ(garbage),
    READ(cut_frame),  READ(oversized),     READ(out_of_order),    READ(unknown_record),
    READ(right),      READ(foreign_value), READ(foreign_builder),
};

struct self {
    lh_str close;
    int64_t until;
};

static int unruly_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct self *self = (struct self *)H->alloc(c, sizeof *self);

    if (!self)
        return LH_E_NOMEM;
    if (lhs_eq(lhs_z(H->opt(o, "open")), LHS("crash")))
        return crash();
    self->close = lhs_dup(H, c, lhs_z(H->opt(o, "close")));
    self->until = strtoll(H->opt(o, "until"), NULL, 10);
    *ret_self = self;
    return LH_OK;
}

static void unruly_close(lh_call *c, void *self)
{
    (void)c;
    if (lhs_eq(((struct self *)self)->close, LHS("crash")))
        crash();
}

/* One table, and a crash behind it as long as it is early: the one after that is not. */
static int unruly_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    int64_t wait = ((struct self *)self)->until - H->now_ms(c);
    struct lh_table t;
    int rc;

    (void)ns, (void)n_ns;
    memset(&t, 0, sizeof t);
    t.struct_size = (uint32_t)sizeof t;
    t.name = LHS("right");
    rc = H->add_table(sink, &t);
    if (rc || wait <= 0)
        return rc;
    H->sleep_ms(c, (uint32_t)wait);
    return crash();
}

static int unruly_get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f;

    (void)c, (void)self;
    if (lhs_eq(s->table, LHS("crash_schema")))
        return crash();
    memset(&f, 0, sizeof f);
    f.struct_size = (uint32_t)sizeof f;
    f.name = LHS("id");
    f.type = LHS("bigint");
    if (H->add_field(sink, &f) || !lhs_eq(s->table, LHS("crash_once")))
        return LH_OK;
    /* something to be counted in each of its rows */
    f.flags = LH_FIELD_NOT_NULL;
    f.name = LHS("missing");
    return H->add_field(sink, &f);
}

static int unruly_read_table_metadata(lh_call *c, void *self, const struct lh_scan *s,
                                      lh_sink *sink)
{
    lh_str key = LHS("id");
    struct lh_meta m;

    (void)c, (void)self;
    if (lhs_eq(s->table, LHS("crash_metadata")))
        return crash();
    memset(&m, 0, sizeof m);
    m.struct_size = (uint32_t)sizeof m;
    m.ingestion = LH_INGEST_APPEND;
    m.keys = &key;
    m.n_keys = 1;
    return H->set_meta(sink, &m);
}

static int unruly_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    (void)self;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if (lhs_eq(s->table, lhs_z(reads[i].table)))
            return reads[i].run(c, s, sink);
    return H->fail(c, LH_E_NOT_FOUND, LHS("there is no such table"));
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "unruly",
    LH_SPEC,
    unruly_open,
    unruly_close,
    unruly_list_tables,
    unruly_get_table_schema,
    unruly_read_table_metadata,
    unruly_read_table,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
