/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `lakehost read example metrics` as a user runs it, against a bare pass over the same text: scan
 * each row, write it out, nothing else. And the memory of it, from 10 thousand to 10 million rows.
 *
 * The connector makes its rows up, which costs about what a source's answers would: it is counted
 * as the program's, as is its process. BENCH_ROWS sets the number of rows of the comparison.
 */
#include "config.h"

#include "bench/bench.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct cost {
    double seconds; /* of CPU, user and system */
    long kib;       /* largest resident size */
};

/* Runs the built program; its output goes to fd. Its connector's process is counted as well. */
static struct cost run(const char *rows, const char *isolation, int fd)
{
    char option[64];
    char mode[16];
    char program[] = "host/lakehost";
    char *argv[] = {program,
                    (char[]){"read"},
                    (char[]){"example"},
                    (char[]){"metrics"},
                    (char[]){"--as-of"},
                    (char[]){"2025-01-01"},
                    (char[]){"--isolation"},
                    mode,
                    (char[]){"--option"},
                    option,
                    NULL};
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    struct cost cost = {0, 0};
    pid_t pid;
    int status = 1;

    snprintf(option, sizeof option, "rows=%s", rows);
    snprintf(mode, sizeof mode, "%s", isolation);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    if (posix_spawn(&pid, program, &actions, NULL, argv, environ) == 0)
        wait4(pid, &status, 0, &usage);
    posix_spawn_file_actions_destroy(&actions);
    if (status) {
        fprintf(stderr, "bench-read: %s failed; run this in the build folder\n", program);
        exit(1);
    }
    cost.seconds = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
                   (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
    cost.kib = usage.ru_maxrss;
    return cost;
}

struct pass {
    const char *text;
    size_t size;
    int null;
    size_t rows;
    struct lh_json_doc *doc;
    struct lh_buf out;
};

static void flush(struct pass *p)
{
    if (p->out.n && write(p->null, p->out.p, p->out.n) < 0)
        exit(1);
    lh_buf_reset(&p->out);
}

/* The least that anybody can do who checks what he passes on. */
static void bare_pass(void *arg)
{
    struct pass *p = arg;
    const char *at = p->text;
    const char *end = p->text + p->size;

    p->rows = 0;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));

        if (!line_end ||
            lh_json_scan(p->doc, lh_str_n(at, (size_t)(line_end - at)), &lh_json_page_limits, NULL))
            exit(1);
        lh_json_write(&p->out, lh_json_root(p->doc));
        lh_buf_char(&p->out, '\n');
        p->rows++;
        if (p->out.n >= (size_t)256 << 10)
            flush(p);
        at = line_end + 1;
    }
    flush(p);
}

static void compare(const char *rows, const char *isolation, int null)
{
    char name[] = "/tmp/bench-read.XXXXXX";
    int fd = mkstemp(name);
    struct pass p = {.null = null, .doc = lh_json_doc_new(), .out = LH_BUF_INIT((size_t)1 << 30)};
    struct cost ours = {0, 0};
    struct stat st;
    double theirs = 0;

    if (fd < 0)
        exit(1);
    unlink(name);
    run(rows, isolation, fd);
    if (fstat(fd, &st))
        exit(1);
    p.size = (size_t)st.st_size;
    p.text = mmap(NULL, p.size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p.text == MAP_FAILED)
        exit(1);
    /* side by side, so that what else the machine does falls on both */
    for (int i = 0; i < 5; i++) {
        double bare = bench_best(bare_pass, &p, 1);
        struct cost again = run(rows, isolation, null);

        if (i == 0 || bare < theirs)
            theirs = bare;
        if (i == 0 || again.seconds < ours.seconds)
            ours = again;
    }
    bench_rate("read example metrics", "krows/s", (double)p.rows / ours.seconds / 1e3, "bare pass",
               (double)p.rows / theirs / 1e3);
    printf("--isolation %s: %.2f times the bare pass%s\n", isolation, ours.seconds / theirs,
           strcmp(isolation, "none") == 0 ? " (at most 2 is the aim)" : "");
    lh_json_doc_destroy(p.doc);
    lh_buf_free(&p.out);
    close(fd);
}

int main(void)
{
    static const char *const sizes[] = {"10000", "100000", "1000000", "10000000"};
    const char *rows = getenv("BENCH_ROWS");
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    char here[4096];
    char folder[4200];

    if (null < 0 || !getcwd(here, sizeof here))
        return 1;
    snprintf(folder, sizeof folder, "%s/connectors-1", here);
    setenv("LAKEHOST_CONNECTORDIR", folder, 1);
    snprintf(folder, sizeof folder, "%s/host/worker", here);
    setenv("LAKEHOST_LIBEXECDIR", folder, 1);
    snprintf(folder, sizeof folder, "%s/%s/templates", here,
             getenv("srcdir") ? getenv("srcdir") : "..");
    setenv("LAKEHOST_PKGDATADIR", folder, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        printf("%10s rows: %6ld KiB resident at most\n", sizes[i],
               run(sizes[i], "process", null).kib);
    /* last: a child begins with the largest size that its parent had */
    compare(rows ? rows : "5000000", "none", null);
    compare(rows ? rows : "5000000", "process", null);
    return 0;
}
