/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker with a host whose http answers canned pages: both modes give the same rows and the
 * same failures; references are checked; a process that was killed is followed by another; two
 * instances run in two threads; nothing of it stays behind.
 */
#include "config.h"

#include "canned.h"
#include "tap.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define CONNECTOR "./tests/conform/.libs/pages.so"

static const struct lh_isolation isolation = {
    .worker = "host/worker/lakehost-worker", .load_ms = 20000, .compute_ms = 20000};

struct kept {
    struct lh_buf text;
    struct lh_instance *in;
    size_t rows, at;
    bool kills; /* at the second checkpoint */
    unsigned checkpoints, again;
};

static int keep_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    struct kept *k = arg;

    (void)op, (void)row, (void)e;
    lh_buf_str(&k->text, text);
    lh_buf_char(&k->text, '\n');
    k->rows++;
    return 0;
}

static int keep_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    struct kept *k = arg;

    (void)e;
    lh_buf_str(&k->text, offset);
    lh_buf_char(&k->text, '\n');
    k->at = k->text.n;
    if (++k->checkpoints == 2 && k->kills)
        kill(lh_instance_pid(k->in), SIGKILL);
    return 0;
}

static int take_back(void *arg, struct lh_error *e)
{
    struct kept *k = arg;

    (void)e;
    lh_buf_cut(&k->text, k->at);
    k->again++;
    return 0;
}

static int load(const struct lh_host *host, bool process, struct lh_plugin **ret)
{
    const struct lh_plugin_policy policy = {.allow_unsafe = true,
                                            .isolation = process ? &isolation : NULL};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_plugin_load(&policy, CONNECTOR, host, NULL, ret, &e);

    if (code)
        diag("%s", lh_error_text(&e));
    return code;
}

/* One read of a table until there is no more; the failure becomes part of the text. */
static void read_table(struct lh_instance *in, const char *table, struct kept *k)
{
    const struct lh_row_writer to = {keep_row, keep_checkpoint, k, take_back};
    const struct lh_read what = {.table = lh_str_z(table), .ingestion = LH_INGEST_APPEND};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    bool more = false;
    int code;

    k->in = in;
    canned_reset();
    code = lh_instance_read(in, &what, &to, &more, &e);
    lh_buf_f(&k->text, "%d %d %s\n", code, more, lh_error_text(&e));
}

static struct kept make_kept(void)
{
    return (struct kept){.text = LH_BUF_INIT(SIZE_MAX / 2)};
}

static const struct lh_run run = {.as_of_ms = 1772323200000, .deadline = {INT64_MAX}};

static void test_same(void)
{
    static const char *const tables[] = {
        "rows",     "each",         "members",     "released", "answers",     "again",
        "fails",    "down",         "hoards",      "plain",    "touched",     "built",
        "big_each", "big_members",  "one",         "all",      "texts",       "copies",
        "mixed",    "deep_members", "big_touched", "columns",  "odd_columns", "many_columns",
        "inside",   "stale"};
    const struct lh_host host = canned_host();
    lh_autoptr(lh_plugin) here = NULL;
    lh_autoptr(lh_plugin) there = NULL;
    lh_autoptr(lh_opts) opts = NULL;
    lh_autoptr(lh_instance) near = NULL;
    lh_autoptr(lh_instance) far = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (load(&host, false, &here) || load(&host, true, &there)) {
        ok(false, "the connector is loaded in both modes");
        return;
    }
    opts = lh_opts_new(here->spec, false);
    is_int(lh_opts_finish(opts, LH_STR(""), LH_STR(""), &e), 0, "options");
    is_int(lh_instance_open(here, opts, &run, &near, &e), 0, "open here");
    is_int(lh_instance_open(there, opts, &run, &far, &e), 0, "open there");
    ok(lh_instance_pid(near) == 0 && lh_instance_pid(far) > 0, "one has a process");
    for (size_t i = 0; i < LH_LEN(tables); i++) {
        struct kept a = make_kept();
        struct kept b = make_kept();

        read_table(near, tables[i], &a);
        read_table(far, tables[i], &b);
        ok(lh_str_eq(lh_buf_slice(&a.text), lh_buf_slice(&b.text)), "%s: %zu bytes are the same",
           tables[i], a.text.n);
        ok(a.rows || !lh_str_starts(lh_buf_slice(&a.text), LH_STR("0 ")), "and some are rows");
        if (i < 11)
            is_str(lh_buf_text(&b.text), lh_buf_text(&a.text), "to be seen");
        lh_buf_free(&a.text);
        lh_buf_free(&b.text);
    }
}

/* What no connector can say but by hand: the process is ended, the next call has another one. */
static void test_bad_reference(void)
{
    static const char *const tables[][2] = {
        {"beyond", "row: a reference beyond the end of an answer"},
        {"too_many", "row: a reference beyond the end of an answer"},
        {"many_none", "row: expected an object, found nothing"},
        {"fetch_beyond", "fetch: a reference beyond the end of an answer"},
        {"fetch_foreign", "fetch: an answer that is not there"},
        {"fetch_part", "fetch: a part that there is not"},
        {"fetch_column", "fetch: a part that there is not"},
        {"fetch_no_name", "fetch: a part that there is not"},
        {"fetch_dies", "ended itself with exit code 7 twice at the same place: a poison page"},
    };
    const struct lh_host host = canned_host();
    lh_autoptr(lh_plugin) plugin = NULL;
    lh_autoptr(lh_opts) opts = NULL;

    if (load(&host, true, &plugin))
        return;
    opts = lh_opts_new(plugin->spec, false);
    lh_opts_finish(opts, LH_STR(""), LH_STR(""), NULL);
    for (size_t i = 0; i < LH_LEN(tables); i++) {
        lh_autoptr(lh_instance) in = NULL;
        lh_auto(lh_error) e = LH_ERROR_INIT;
        struct kept k = make_kept();

        is_int(lh_instance_open(plugin, opts, &run, &in, &e), 0, tables[i][0]);
        read_table(in, tables[i][0], &k);
        has_str(lh_buf_text(&k.text), "8 0 pages: read_table", "refused");
        has_str(lh_buf_text(&k.text), tables[i][1], "by name");
        ok(lh_instance_pid(in) == 0, "the process is gone");
        k.rows = 0;
        read_table(in, "each", &k);
        is_int(k.rows, 6, "the next call has another one");
        lh_buf_free(&k.text);
    }
}

static void test_killed(void)
{
    static const char *const tables[] = {"big_rows", "big_members", "each", "one", "all"};
    const struct lh_host host = canned_host();
    lh_autoptr(lh_plugin) plugin = NULL;
    lh_autoptr(lh_opts) opts = NULL;
    lh_autoptr(lh_instance) in = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (load(&host, true, &plugin))
        return;
    opts = lh_opts_new(plugin->spec, false);
    lh_opts_finish(opts, LH_STR(""), LH_STR(""), &e);
    is_int(lh_instance_open(plugin, opts, &run, &in, &e), 0, "open");
    for (size_t i = 0; i < LH_LEN(tables); i++) {
        struct kept whole = make_kept();
        struct kept killed = make_kept();

        killed.kills = true;
        read_table(in, tables[i], &whole);
        read_table(in, tables[i], &killed);
        is_int(killed.again, 1, "it was started again");
        ok(lh_str_eq(lh_buf_slice(&whole.text), lh_buf_slice(&killed.text)),
           "%s: %zu rows, as without", tables[i], whole.rows);
        lh_buf_free(&whole.text);
        lh_buf_free(&killed.text);
    }
}

/* --- threads ---------------------------------------------------------------------------------- */

struct thread {
    const struct lh_plugin *plugin;
    const struct lh_opts *opts;
    struct kept kept;
};

/* Rows out of nothing: the canned pages are for one thread. */
static void *read_alone(void *arg)
{
    struct thread *t = arg;
    struct lh_instance *in = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_row_writer to = {keep_row, keep_checkpoint, &t->kept, take_back};
    const struct lh_read what = {.table = LH_STR("built"), .ingestion = LH_INGEST_APPEND};
    bool more = false;

    if (!lh_instance_open(t->plugin, t->opts, &run, &in, &e))
        lh_instance_read(in, &what, &to, &more, &e);
    lh_instance_close(in);
    return NULL;
}

static void test_threads(void)
{
    const struct lh_host host = canned_host();
    lh_autoptr(lh_plugin) plugin = NULL;
    lh_autoptr(lh_opts) opts = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct thread threads[3];
    pthread_t ids[3];

    if (load(&host, true, &plugin))
        return;
    opts = lh_opts_new(plugin->spec, false);
    lh_opts_finish(opts, LH_STR(""), LH_STR(""), &e);
    for (size_t i = 0; i < LH_LEN(ids); i++) {
        threads[i] = (struct thread){plugin, opts, make_kept()};
        pthread_create(&ids[i], NULL, read_alone, &threads[i]);
    }
    for (size_t i = 0; i < LH_LEN(ids); i++) {
        pthread_join(ids[i], NULL);
        is_int(threads[i].kept.rows, 40000, "an instance in a thread");
        ok(lh_str_eq(lh_buf_slice(&threads[i].kept.text), lh_buf_slice(&threads[0].kept.text)),
           "with the rows of the others");
    }
    for (size_t i = 0; i < LH_LEN(ids); i++)
        lh_buf_free(&threads[i].kept.text);
}

static void test_nothing_left(void)
{
    int status;

    ok(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD, "no child is left, dead or alive");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    RUN(test_same);
    RUN(test_bad_reference);
    RUN(test_killed);
    RUN(test_threads);
    RUN(test_nothing_left);
    canned_free();
    return tap_done();
}
