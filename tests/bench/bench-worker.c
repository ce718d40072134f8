/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connectors in processes of their own against the host's own: the start of a process, and reading
 * pages of 1000 rows and 0.6 MB with the CPU time of both processes counted; the start is not, it
 * is spread over so many pages.
 *
 * Rows that refer to a page cost the page's skeleton sent to the worker, and what the connector
 * looks at: nothing of the rows, their places, a column of them. When it looks at all of a page
 * ("touched"), the page travels with its tape, twice its size; a connector in the host looks at
 * what is there. What that adds is the kernel's copying, in and out of the socket. Rows that are
 * built from nothing have no page, so that nothing else is in the ratio than the builder's calls
 * written down, sent, and read again.
 *
 * "bench-worker TABLE here" or "process": one of them alone, for a profiler.
 */
#include "config.h"

#include "bench/bench.h"
#include "unit/canned.h"

#include <signal.h>
#include <sys/resource.h>

#define CONNECTOR "./tests/conform/.libs/pages.so"
#define ROUNDS    5
#define PASSES    5 /* over the pages, in one process */
#define STARTS    50

static const struct lh_isolation isolation = {
    .worker = "host/worker/lakehost-worker", .load_ms = 20000, .compute_ms = 20000};
static const struct lh_run run = {.as_of_ms = 1772323200000, .deadline = {INT64_MAX}};

struct output {
    FILE *null;
    size_t rows, bytes;
};

static int write_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                     struct lh_error *e)
{
    struct output *o = arg;

    (void)op, (void)row, (void)e;
    o->rows++;
    o->bytes += text.n + 1;
    fwrite(text.p, 1, text.n, o->null);
    fputc('\n', o->null);
    return 0;
}

static int pass_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    (void)arg, (void)offset, (void)e;
    return 0;
}

static int pass_back(void *arg, struct lh_error *e)
{
    (void)arg, (void)e;
    return 0;
}

static void give_up(const struct lh_error *e)
{
    fprintf(stderr, "bench-worker: %s; run this in the build folder\n", lh_error_text(e));
    exit(1);
}

static double seconds(int who, long *ret_kib)
{
    struct rusage u;

    getrusage(who, &u);
    *ret_kib = u.ru_maxrss;
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static struct lh_plugin *load(const struct lh_host *host, bool process)
{
    const struct lh_plugin_policy policy = {.allow_unsafe = true,
                                            .isolation = process ? &isolation : NULL};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_plugin *plugin = NULL;

    if (lh_plugin_load(&policy, CONNECTOR, host, NULL, &plugin, &e))
        give_up(&e);
    return plugin;
}

static long worker_kib;

/* Before it ends: what wait4 tells of a child counts the host's pages, before exec, as well. */
static void note_peak(pid_t process)
{
    char path[64];
    char line[256];
    long kib = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    if (!(f = fopen(path, "r")))
        return;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1 && kib > worker_kib)
            worker_kib = kib;
    fclose(f);
}

/* One read with a process of its own, or none; CPU of host and worker together. */
static double read_once(const struct lh_host *host, bool process, const char *table,
                        struct output *ret)
{
    lh_autoptr(lh_plugin) plugin = load(host, process);
    lh_autoptr(lh_opts) opts = lh_opts_new(plugin->spec, false);
    const struct lh_row_writer to = {write_row, pass_checkpoint, ret, pass_back};
    const struct lh_read what = {.table = lh_str_z(table), .ingestion = LH_INGEST_APPEND};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_instance *in = NULL;
    bool more = false;
    double begin;
    long kib;

    lh_opts_finish(opts, LH_STR(""), LH_STR(""), &e);
    begin = seconds(RUSAGE_SELF, &kib) + seconds(RUSAGE_CHILDREN, &kib);
    if (lh_instance_open(plugin, opts, &run, &in, &e))
        give_up(&e);
    for (int i = 0; i < PASSES; i++) {
        canned_reset();
        if (lh_instance_read(in, &what, &to, &more, &e))
            give_up(&e);
    }
    if (process)
        note_peak(lh_instance_pid(in));
    /* a child's time is known when it has been waited for */
    lh_instance_close(in);
    return seconds(RUSAGE_SELF, &kib) + seconds(RUSAGE_CHILDREN, &kib) - begin;
}

static double best(const struct lh_host *host, bool process, const char *table, double *ret_mb)
{
    double least = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        struct output o = {.null = fopen("/dev/null", "w")};
        double took = read_once(host, process, table, &o);

        fclose(o.null);
        least = took < least ? took : least;
        *ret_mb = (double)o.bytes / 1e6;
    }
    return least;
}

static void compare(const struct lh_host *host, const char *what, const char *table)
{
    double mb = 0;
    double here = best(host, false, table, &mb);
    double there = best(host, true, table, &mb);

    printf("%-34s %10.2f ms/MB  in process   %10.2f ms/MB   %6.2f x\n", what, there * 1e3 / mb,
           here * 1e3 / mb, there / here);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* All of loading: the file is found, hashed and checked, the process started, READY. */
static double load_ms(const struct lh_host *host, bool process)
{
    double least = 1e9;

    for (int i = 0; i < STARTS; i++) {
        double begin = now_ms();
        lh_autoptr(lh_plugin) plugin = load(host, process);
        double took = now_ms() - begin;

        least = took < least ? took : least;
    }
    return least;
}

int main(int argc, char **argv)
{
    const struct lh_host host = canned_host();
    long ours;
    double here;
    double there;
    double mb = 0;

    signal(SIGPIPE, SIG_IGN);
    if (argc == 3) {
        there = best(&host, strcmp(argv[2], "process") == 0, argv[1], &mb);
        printf("%s: %.3f ms/MB, %s\n", argv[1], there * 1e3 / mb, argv[2]);
        canned_free();
        return 0;
    }
    here = load_ms(&host, false);
    there = load_ms(&host, true);
    printf("%-34s %10.2f ms     in process   %10.2f ms; the process alone %.2f ms\n",
           "load, to READY", there, here, there - here);
    compare(&host, "rows, a page at a time", "big_rows");
    compare(&host, "rows, one at a time", "big_each");
    compare(&host, "rows, own columns and members", "big_members");
    compare(&host, "rows, touched all over", "big_touched");
    compare(&host, "rows, built from nothing", "built");
    printf("    (no page is in the last: each call of the builder is written down, sent and read;\n"
           "    a row of 14 calls is 112 bytes of JSON and 139 of records)\n");
    seconds(RUSAGE_SELF, &ours);
    printf("%-34s %10ld KiB    worker       %10ld KiB\n", "memory, at most", ours, worker_kib);
    canned_free();
    return 0;
}
