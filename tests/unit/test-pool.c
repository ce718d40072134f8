/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool, with a connector whose partitions say what they do: {"rows":N,"sleep":MS,"size":BYTES,
 * "fail":1}. A row is {"j":JOB,"i":I}, with "x" in it up to the size.
 */
#include "config.h"

#include "plugin/pool.h"
#include "tap.h"
#include "unit/fake_connector.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define SOON_MS 8000 /* what is ended ends within it, on a busy machine too */

static atomic_int opened;
static atomic_int closed;
static atomic_llong made; /* bytes of rows */

/* --- the connector ---------------------------------------------------------------------------- */

static int count_open(lh_call *c, const lh_opts *opts, void **ret_self)
{
    opened++;
    return empty_open(c, opts, ret_self);
}

static int fail_open(lh_call *c, const lh_opts *opts, void **ret_self)
{
    (void)opts;
    (void)ret_self;
    return H->fail(c, LH_E_AUTH, LHS("no"));
}

static void count_close(lh_call *c, void *self)
{
    closed++;
    empty_close(c, self);
}

static int64_t number_of(const struct lh_scan *scan, const char *name)
{
    int64_t n = 0;

    H->json_i64(H->json_get(scan->partition, lhs_z(name)), &n);
    return n;
}

static int scripted(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    int64_t size = number_of(scan, "size");
    char *filler = H->alloc(c, (size_t)size + 1);
    int rc = H->sleep_ms(c, (uint32_t)number_of(scan, "sleep"));
    lh_out *o = H->out_new(c);

    (void)self;
    memset(filler, 'x', (size_t)size);
    for (int64_t i = 0; i < number_of(scan, "rows") && !rc; i++) {
        H->out_begin(o, '{');
        lhs_out_i64(H, o, LHS("j"), number_of(scan, "j"));
        lhs_out_i64(H, o, LHS("i"), i);
        if (size)
            lhs_out_str(H, o, LHS("x"), (lh_str){filler, (size_t)size});
        H->out_end(o);
        made += size;
        rc = H->row_out(s, LH_UPSERT, o);
    }
    if (!rc && number_of(scan, "fail"))
        rc = H->fail(c, LH_E_DATA, LHS("as it was told"));
    return rc;
}

/* --- the pool under test ---------------------------------------------------------------------- */

struct table {
    const char *const *partitions;
    atomic_size_t n_done;
    bool done_in_order;
    size_t seen[64]; /* `done` of each job */
};

static int read_partition(void *arg, size_t job, struct lh_instance *in,
                          const struct lh_row_writer *to, struct lh_error *e)
{
    const struct table *t = arg;
    char *json lh_autofree = lh_xasprintf("{\"j\":%zu,%s}", job, t->partitions[job]);
    const struct lh_read what = {.table = LH_STR("orders"), .partition = lh_str_z(json)};
    bool more;

    return lh_instance_read(in, &what, to, &more, e);
}

static int see_done(void *arg, size_t job, struct lh_error *e)
{
    struct table *t = arg;

    (void)e;
    if (job != t->n_done)
        t->done_in_order = false;
    t->n_done++;
    t->seen[job]++;
    return 0;
}

struct test {
    struct fake f;
    struct lh_pool *pool;
    struct kept kept;
    struct lh_error e;
    int64_t begin;
    size_t n_threads;
};

static size_t count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    size_t n = 0;

    while (folder && readdir(folder))
        n++;
    if (folder)
        closedir(folder);
    return n;
}

/* One that was joined may be seen for a moment more. */
static size_t threads_left(size_t expected)
{
    struct lh_deadline late = lh_deadline_in(SOON_MS);

    while (count_threads() != expected && !lh_deadline_passed(late))
        lh_sleep_until(lh_deadline_in(1), -1);
    return count_threads();
}

static void begin(struct test *t, size_t n_threads)
{
    *t = (struct test){.kept = KEPT_INIT};
    t->kept.text.max = (size_t)64 << 20;
    t->begin = lh_now_ms();
    opened = 0;
    closed = 0;
    made = 0;
    t->n_threads = count_threads();
    fake_make(&t->f);
    t->f.plugin.table.open = count_open;
    t->f.plugin.table.close = count_close;
    t->f.plugin.table.get_partitions = empty_scan;
    t->f.plugin.table.read_partition = scripted;
    is_int(lh_pool_new(&t->f.plugin, NULL, &t->f.run, n_threads, &t->pool, &t->e), 0, "a pool");
}

static void end(struct test *t)
{
    ok(lh_now_ms() - t->begin < SOON_MS, "it did not take long");
    lh_pool_destroy(t->pool);
    is_int(closed, opened, "each instance is closed");
    is_int(threads_left(t->n_threads), t->n_threads, "no thread is left");
    lh_error_free(&t->e);
    lh_buf_free(&t->kept.text);
    fake_end(&t->f);
}

static int read_all(struct test *t, struct table *table, size_t n, bool unordered)
{
    const struct lh_work work = {
        .n = n, .unordered = unordered, .run = read_partition, .done = see_done, .arg = table};
    const struct lh_row_writer to = keep_in(&t->kept);

    table->n_done = 0;
    table->done_in_order = true;
    memset(table->seen, 0, sizeof table->seen);
    lh_buf_reset(&t->kept.text);
    t->kept.rows = 0;
    return lh_pool_run(t->pool, &work, &to, &t->e);
}

/* --- order ------------------------------------------------------------------------------------ */

static const char *const mixed[] = {
    "\"rows\":3,\"sleep\":80",
    "\"rows\":0",
    "\"rows\":700",
    "\"rows\":1,\"sleep\":20",
    "\"rows\":0",
    "\"rows\":2,\"size\":100000",
    "\"rows\":40,\"sleep\":30",
    "\"rows\":5,\"sleep\":1",
    "\"rows\":9",
};

static void test_order(void)
{
    static const size_t threads[] = {1, 2, 4, 64};
    lh_auto(lh_buf) one = LH_BUF_INIT((size_t)1 << 22);

    for (size_t i = 0; i < LH_LEN(threads); i++) {
        struct table table = {.partitions = mixed};
        struct test t;

        begin(&t, threads[i]);
        for (int again = 0; again < 2; again++) {
            is_int(read_all(&t, &table, LH_LEN(mixed), false), 0, lh_error_text(&t.e));
            is_int(table.n_done, LH_LEN(mixed), "all jobs are done");
            ok(table.done_in_order, "in their order");
            is_int(t.kept.rows, 760, "all rows");
            if (!one.n)
                lh_buf_str(&one, lh_buf_slice(&t.kept.text));
            ok(lh_str_eq(lh_buf_slice(&one), lh_buf_slice(&t.kept.text)),
               "the rows are those of one thread, %zu threads", threads[i]);
            ok(opened >= 1 && (size_t)opened <= threads[i], "%d instances for %zu threads",
               (int)opened, threads[i]);
        }
        is_int(read_all(&t, &table, 0, false), 0, "nothing to do");
        end(&t);
    }
    ok(strncmp(lh_buf_text(&one), "u{\"j\":0,\"i\":0}\n", 15) == 0, "the first row");
}

/* --- look-ahead ------------------------------------------------------------------------------- */

struct meter {
    long long given, most;
    size_t last_job;
    bool in_order;
};

static int measure(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                   struct lh_error *e)
{
    struct meter *m = arg;
    long long ahead = made - m->given;
    size_t job = (size_t)(text.p[5] - '0'); /* {"j":N */

    (void)op;
    (void)row;
    (void)e;
    m->most = ahead > m->most ? ahead : m->most;
    m->in_order = m->in_order && job >= m->last_job;
    m->last_job = job;
    m->given += 100000;
    return 0;
}

static int no_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    (void)arg;
    (void)offset;
    return lh_error_set(e, LH_FAILED, "a partition has no checkpoint");
}

static int no_rewind(void *arg, struct lh_error *e)
{
    (void)arg;
    return lh_error_set(e, LH_FAILED, "nothing came again");
}

static void test_look_ahead(void)
{
    static const char *const much[] = {
        "\"rows\":2,\"size\":100000,\"sleep\":600", "\"rows\":200,\"size\":100000",
        "\"rows\":200,\"size\":100000", "\"rows\":200,\"size\":100000"};
    struct table table = {.partitions = much};
    const struct lh_work work = {.n = LH_LEN(much), .run = read_partition, .arg = &table};
    struct meter m = {.in_order = true};
    const struct lh_row_writer to = {measure, no_checkpoint, &m, no_rewind};
    struct test t;

    begin(&t, 4);
    is_int(lh_pool_run(t.pool, &work, &to, &t.e), 0, lh_error_text(&t.e));
    is_int(m.given, 602 * 100000, "all rows");
    ok(m.in_order, "in the order of the jobs");
    ok(m.most > (long long)LH_POOL_LOOK_AHEAD * 2, "others went on while the first slept: %lld",
       m.most);
    ok(m.most <= (long long)LH_POOL_LOOK_AHEAD * 5, "but not too far: %lld", m.most);
    end(&t);
}

static int give_large(void *arg, size_t job, struct lh_instance *in, const struct lh_row_writer *to,
                      struct lh_error *e)
{
    const lh_str *row = arg;
    int code = to->row(to->arg, LH_UPSERT, LH_STR("first"), NULL, e);

    (void)job;
    (void)in;
    return code ? code : to->row(to->arg, LH_DELETE, *row, NULL, e);
}

/* A row that no queue has room for. */
static void test_large_row(void)
{
    char *text lh_autofree = lh_xcalloc(1, LH_POOL_LOOK_AHEAD + 2);
    lh_str row = lh_str_n(text, LH_POOL_LOOK_AHEAD + 1);
    const struct lh_work work = {.n = 2, .run = give_large, .arg = &row};
    struct lh_row_writer to;
    struct test t;

    memset(text, 'y', row.n);
    begin(&t, 1);
    to = keep_in(&t.kept);
    is_int(lh_pool_run(t.pool, &work, &to, &t.e), 0, lh_error_text(&t.e));
    is_int(t.kept.rows, 4, "its rows");
    is_int(t.kept.text.n, 2 * (7 + 1 + row.n + 1), "whole");
    end(&t);
}

/* --- unordered -------------------------------------------------------------------------------- */

static int give_marked(void *arg, size_t job, struct lh_instance *in,
                       const struct lh_row_writer *to, struct lh_error *e)
{
    char text[64];
    int code = 0;

    (void)arg;
    (void)in;
    for (int i = 0; i < 3000 && !code; i++) {
        int n = snprintf(text, sizeof text, "%zu %d", job, i);

        code = i % 1000 == 999 ? to->checkpoint(to->arg, lh_str_n(text, (size_t)n), e)
                               : to->row(to->arg, LH_UPSERT, lh_str_n(text, (size_t)n), NULL, e);
    }
    return code;
}

/* Whether each job's lines "u0 17" and "@0 999" come in their order, and how many there are. */
static bool is_each_in_order(const char *text, size_t *ret_lines)
{
    size_t next[8] = {0};
    bool good = true;

    for (*ret_lines = 0; *text && good; ++*ret_lines) {
        char *at = NULL;
        size_t job = strtoul(text + 1, &at, 10);
        size_t i = strtoul(at, &at, 10);

        good = job < 8 && *at == '\n' && i == next[job] && *text == (i % 1000 == 999 ? '@' : 'u');
        if (good)
            next[job]++;
        text = at + 1;
    }
    return good;
}

static void test_unordered(void)
{
    static const char *const slow_first[] = {"\"rows\":1,\"sleep\":400", "\"rows\":2",
                                             "\"rows\":3"};
    const struct lh_work work = {.n = 8, .unordered = true, .run = give_marked};
    struct table table = {.partitions = slow_first};
    struct lh_row_writer to;
    struct test t;
    size_t lines = 0;

    begin(&t, 3);
    to = keep_in(&t.kept);
    is_int(lh_pool_run(t.pool, &work, &to, &t.e), 0, lh_error_text(&t.e));
    ok(is_each_in_order(lh_buf_text(&t.kept.text), &lines),
       "the rows and checkpoints of each job are in their order, up to line %zu", lines);
    is_int(lines, 8 * 3000, "all of them");
    is_int(read_all(&t, &table, 3, true), 0, lh_error_text(&t.e));
    is_int(t.kept.rows, 6, "all rows");
    is_int(table.seen[0] + table.seen[1] + table.seen[2], 3, "all are done");
    ok(!table.done_in_order, "the slow one comes last");
    ok(strncmp(lh_buf_text(&t.kept.text), "u{\"j\":0", 7) != 0, "and holds nobody up");
    end(&t);
}

/* --- failures --------------------------------------------------------------------------------- */

static void test_failure(void)
{
    static const char *const fails[] = {"\"sleep\":60000", "\"rows\":500,\"size\":100000",
                                        "\"sleep\":60000", "\"sleep\":300,\"fail\":1",
                                        "\"rows\":1"};
    struct table table = {.partitions = fails};
    struct test t;

    for (int unordered = 0; unordered < 2; unordered++) {
        begin(&t, 4);
        is_int(read_all(&t, &table, LH_LEN(fails), unordered), LH_FAILED,
               "a job fails, others sleep or wait for room");
        is_str(lh_error_text(&t.e), "fake: read_partition(orders): as it was told", "it is named");
        is_int(table.seen[0] + table.seen[2] + table.seen[3], 0, "none of them is done");
        is_int(read_all(&t, &table, 1, false), LH_INTERRUPTED, "the pool does no more");
        end(&t);
    }
}

static int fail_together(void *arg, size_t job, struct lh_instance *in,
                         const struct lh_row_writer *to, struct lh_error *e)
{
    (void)in;
    (void)to;
    pthread_barrier_wait(arg);
    return lh_error_set(e, LH_FAILED, "job %zu", job);
}

static void test_several_fail(void)
{
    pthread_barrier_t barrier;
    const struct lh_work work = {.n = 4, .run = fail_together, .arg = &barrier};
    struct test t;

    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 20; i++) {
        begin(&t, 4);
        lh_pool_run(t.pool, &work, NULL, &t.e);
        is_str(lh_error_text(&t.e), "job 0", "the lowest of those that failed");
        end(&t);
    }
    pthread_barrier_destroy(&barrier);
}

static void test_open_fails(void)
{
    struct table table = {.partitions = mixed};
    struct test t;

    begin(&t, 3);
    t.f.plugin.table.open = fail_open;
    is_int(read_all(&t, &table, LH_LEN(mixed), false), LH_REFUSED, "no instance");
    is_str(lh_error_text(&t.e), "fake: open: no", "why");
    end(&t);
}

static void test_writer_stops(void)
{
    static const char *const some[] = {"\"rows\":20", "\"sleep\":60000",
                                       "\"rows\":500,\"size\":100000"};
    struct table table = {.partitions = some};
    struct test t;

    begin(&t, 3);
    t.kept.stop_at = 10;
    is_int(read_all(&t, &table, LH_LEN(some), false), LH_NOT_FOUND, "the writer wants no more");
    is_str(lh_error_text(&t.e), "the writer wants no more", "its own words");
    is_int(t.kept.rows, 10, "and it is not asked again");
    end(&t);
}

/* --- signals and deadlines -------------------------------------------------------------------- */

static int signal_and_sleep(void *arg, size_t job, struct lh_instance *in,
                            const struct lh_row_writer *to, struct lh_error *e)
{
    if (job == 1)
        kill(getpid(), SIGTERM);
    return read_partition(arg, job, in, to, e);
}

static void test_signal(void)
{
    static const char *const some[] = {"\"sleep\":60000", "\"sleep\":60000",
                                       "\"rows\":500,\"size\":100000"};
    struct table table = {.partitions = some};
    const struct lh_work work = {.n = 3, .run = signal_and_sleep, .arg = &table};
    lh_auto(lh_signals) signals = LH_SIGNALS_INIT;
    struct lh_row_writer to;
    struct test t;

    lh_signals_begin(&signals, NULL);
    begin(&t, 3);
    to = keep_in(&t.kept);
    t.f.run.signals = &signals;
    lh_pool_destroy(t.pool);
    is_int(lh_pool_new(&t.f.plugin, NULL, &t.f.run, 3, &t.pool, &t.e), 0, "with signals");
    is_int(lh_pool_run(t.pool, &work, &to, &t.e), LH_INTERRUPTED, "a signal ends it");
    is_int(signals.got, SIGTERM, "which one is known");
    end(&t);
}

static void test_deadline(void)
{
    static const char *const some[] = {"\"sleep\":60000", "\"rows\":3000,\"size\":10000",
                                       "\"sleep\":60000"};
    struct table table = {.partitions = some};
    struct test t;

    begin(&t, 3);
    t.f.run.deadline = lh_deadline_in(300);
    lh_pool_destroy(t.pool);
    is_int(lh_pool_new(&t.f.plugin, NULL, &t.f.run, 3, &t.pool, &t.e), 0, "with a deadline");
    is_int(read_all(&t, &table, LH_LEN(some), false), LH_UNREACHABLE, "the time is over");
    is_str(lh_error_text(&t.e), "fake: read_partition(orders): the time of --timeout is over",
           "and said as ever");
    end(&t);
}

/* --- what comes again ------------------------------------------------------------------------- */

struct replay {
    struct kept kept;
    atomic_bool was_given; /* the caller has the row "d" */
    bool waits;            /* the job does, for that */
    int taken_back;
};

static int see_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                   struct lh_error *e)
{
    struct replay *r = arg;
    int code = keep_row(&r->kept, op, text, row, e);

    if (lh_str_eqz(text, "d"))
        r->was_given = true;
    return code;
}

static int see_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    return keep_checkpoint(&((struct replay *)arg)->kept, offset, e);
}

static int see_rewind(void *arg, struct lh_error *e)
{
    struct replay *r = arg;

    (void)e;
    r->taken_back++;
    lh_buf_z(&r->kept.text, "<\n");
    return 0;
}

static int give_again(void *arg, size_t job, struct lh_instance *in, const struct lh_row_writer *to,
                      struct lh_error *e)
{
    struct lh_deadline late = lh_deadline_in(SOON_MS);
    struct replay *r = arg;
    int code = 0;

    (void)job;
    (void)in;
    code = code ? code : to->row(to->arg, LH_UPSERT, LH_STR("a"), NULL, e);
    code = code ? code : to->checkpoint(to->arg, LH_STR("{b}"), e);
    code = code ? code : to->row(to->arg, LH_UPSERT, LH_STR("c"), NULL, e);
    code = code ? code : to->row(to->arg, LH_UPSERT, LH_STR("d"), NULL, e);
    while (r->waits && !r->was_given && !lh_deadline_passed(late))
        lh_sleep_until(lh_deadline_in(1), -1);
    code = code ? code : to->row(to->arg, LH_UPSERT, LH_STR("e"), NULL, e);
    code = code ? code : to->rewind(to->arg, e);
    code = code ? code : to->rewind(to->arg, e);
    return code ? code : to->row(to->arg, LH_DELETE, LH_STR("f"), NULL, e);
}

static int replay(struct test *t, struct replay *r, bool waits, bool unordered)
{
    const struct lh_work work = {.n = 1, .unordered = unordered, .run = give_again, .arg = r};
    const struct lh_row_writer to = {see_row, see_checkpoint, r, see_rewind};

    *r = (struct replay){.kept = KEPT_INIT, .waits = waits};
    return lh_pool_run(t->pool, &work, &to, &t->e);
}

static void test_rewind(void)
{
    struct replay r;
    struct test t;

    begin(&t, 2);
    is_int(replay(&t, &r, true, false), 0, lh_error_text(&t.e));
    is_str(lh_buf_text(&r.kept.text), "ua\n@{b}\nuc\nud\n<\ndf\n",
           "what was given is taken back, what was not is dropped");
    lh_buf_free(&r.kept.text);
    is_int(replay(&t, &r, false, false), 0, lh_error_text(&t.e));
    /* unless the caller was as quick as the job */
    if (!r.taken_back)
        is_str(lh_buf_text(&r.kept.text), "ua\n@{b}\ndf\n", "or without a trace");
    lh_buf_free(&r.kept.text);
    is_int(replay(&t, &r, true, true), LH_BAD_PLUGIN, "what was given in no order is not");
    has_str(lh_error_text(&t.e), "cannot be taken back", "and it says so");
    lh_buf_free(&r.kept.text);
    end(&t);
}

/* --- jobs with results instead of rows -------------------------------------------------------- */

struct results {
    int64_t ms[16];
    size_t n_done;
    bool in_order;
};

static int report_missing(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    static const lh_str key = {"id", 2};
    const struct lh_meta meta = {
        .struct_size = sizeof meta, .ingestion = LH_INGEST_SNAPSHOT, .keys = &key, .n_keys = 1};

    (void)self;
    (void)scan;
    H->partial(c, LH_E_DENIED, LHS("a part"), LHS("not for you"));
    return H->set_meta(s, &meta);
}

static int ask_metadata(void *arg, size_t job, struct lh_instance *in,
                        const struct lh_row_writer *to, struct lh_error *e)
{
    struct results *r = arg;
    lh_auto(lh_metadata) metadata = {0};
    int code = lh_instance_metadata(in, LH_STR("orders"), NULL, &metadata, e);

    (void)to;
    r->ms[job] = code ? -1 : (int64_t)(job + metadata.n_keys);
    return code;
}

static int use_result(void *arg, size_t job, struct lh_error *e)
{
    struct results *r = arg;

    (void)e;
    r->in_order = r->in_order && job == r->n_done && r->ms[job] == (int64_t)job + 1;
    r->n_done++;
    return 0;
}

static void test_results(void)
{
    struct results r = {.in_order = true};
    const struct lh_work work = {.n = 16, .run = ask_metadata, .done = use_result, .arg = &r};
    struct test t;

    begin(&t, 4);
    t.f.plugin.table.read_table_metadata = report_missing;
    ok(!lh_pool_partial(t.pool), "nothing is missing yet");
    is_int(lh_pool_run(t.pool, &work, NULL, &t.e), 0, lh_error_text(&t.e));
    ok(r.in_order && r.n_done == 16, "each result, in the order of the jobs");
    ok(lh_pool_partial(t.pool), "a part was missing");
    end(&t);
}

static void test_unused(void)
{
    struct test t;

    begin(&t, 64);
    is_int(opened, 0, "nothing is opened for nothing");
    is_int(count_threads(), t.n_threads, "nor started");
    end(&t);
}

static void *nothing(void *arg)
{
    return arg;
}

int main(void)
{
    pthread_t first;

    /* with which a sanitizer may start one of its own, that is none of ours */
    if (pthread_create(&first, NULL, nothing, NULL) == 0)
        pthread_join(first, NULL);
    RUN(test_unused);
    RUN(test_order);
    RUN(test_look_ahead);
    RUN(test_large_row);
    RUN(test_unordered);
    RUN(test_failure);
    RUN(test_several_fail);
    RUN(test_open_fails);
    RUN(test_writer_stops);
    RUN(test_signal);
    RUN(test_deadline);
    RUN(test_rewind);
    RUN(test_results);
    return tap_done();
}
