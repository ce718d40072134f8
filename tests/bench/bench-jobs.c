/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `lakehost read example metrics --jobs 4` against --jobs 1: the time on the clock, with a source
 * that answers at once (the machine's cores are what there is to gain) and with one that takes its
 * time for each page; and what each further job takes of memory.
 *
 * For the memory a reader rests before it reads on, so that each job gets as far ahead as it may.
 * BENCH_ROWS sets the number of rows.
 */
#include "config.h"

#include "bench/bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct cost {
    double wall, cpu; /* seconds */
    long kib;         /* largest resident size */
};

static double wall_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Starts the built program; its output goes to fd. */
static pid_t start(const char *jobs, const char *rows, const char *latency, const char *form,
                   int fd)
{
    char rows_option[64];
    char latency_option[64];
    const char *argv[] = {"host/lakehost", "read",     "example",   "metrics",  "--as-of",
                          "2025-01-01",    "--option", rows_option, "--option", latency_option,
                          "--jobs",        jobs,       form,        NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;

    snprintf(rows_option, sizeof rows_option, "rows=%s", rows);
    snprintf(latency_option, sizeof latency_option, "latency_ms=%s", latency);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    if (posix_spawn(&pid, argv[0], &actions, NULL, (char **)(uintptr_t)argv, environ)) {
        fprintf(stderr, "bench-jobs: %s does not start; run this in the build folder\n", argv[0]);
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static struct cost finish(pid_t pid, double begin)
{
    struct rusage usage;
    struct cost cost;
    int status = 1;

    if (wait4(pid, &status, 0, &usage) != pid || status) {
        fprintf(stderr, "bench-jobs: a read failed\n");
        exit(1);
    }
    cost.wall = wall_seconds() - begin;
    cost.cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
               (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
    cost.kib = usage.ru_maxrss;
    return cost;
}

static struct cost run(const char *jobs, const char *rows, const char *latency, const char *form,
                       int fd)
{
    double begin = wall_seconds();

    return finish(start(jobs, rows, latency, form, fd), begin);
}

/* The best of three, taken in turns: what else the machine does falls on both. */
static void compare(const char *what, const char *rows, const char *latency, const char *form,
                    int null)
{
    struct cost one = {0, 0, 0};
    struct cost four = {0, 0, 0};

    for (int i = 0; i < 3; i++) {
        struct cost a = run("1", rows, latency, form, null);
        struct cost b = run("4", rows, latency, form, null);

        if (i == 0 || a.wall < one.wall)
            one = a;
        if (i == 0 || b.wall < four.wall)
            four = b;
    }
    printf("%-34s 1 job %6.2f s   4 jobs %6.2f s   %5.2f times as fast, %.2f times the CPU\n", what,
           one.wall, four.wall, one.wall / four.wall, four.cpu / one.cpu);
    fflush(stdout);
}

/* Reads a little, rests until all jobs wait for room, reads the rest. */
static struct cost run_ahead(const char *jobs, const char *rows)
{
    char *bytes = malloc((size_t)1 << 20);
    double begin = wall_seconds();
    int ends[2];
    pid_t pid;

    if (!bytes || pipe2(ends, O_CLOEXEC))
        exit(1);
    pid = start(jobs, rows, "0", "--raw", ends[1]);
    close(ends[1]);
    if (read(ends[0], bytes, 4096) > 0)
        sleep(2);
    while (read(ends[0], bytes, (size_t)1 << 20) > 0)
        ;
    close(ends[0]);
    free(bytes);
    return finish(pid, begin);
}

static void compare_memory(const char *rows)
{
    static const char *const jobs[] = {"2", "4", "8"};
    long one = run_ahead("1", rows).kib;

    printf("slow reader, 1 job: %6ld KiB resident at most\n", one);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        long kib = run_ahead(jobs[i], rows).kib;

        printf(
            "slow reader, %s jobs: %6ld KiB, %5ld KiB for each further one (at most 16384 is the "
            "aim)\n",
            jobs[i], kib, (kib - one) / (strtol(jobs[i], NULL, 10) - 1));
        fflush(stdout);
    }
}

int main(void)
{
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
    rows = rows ? rows : "2000000";
    printf("%ld cores\n", sysconf(_SC_NPROCESSORS_ONLN));
    compare_memory(rows);
    compare("10 ms for a page, 200 pages", "200000", "10", "--raw", null);
    compare("no latency, verbatim", rows, "0", "--raw", null);
    compare("no latency, --unordered", rows, "0", "--unordered", null);
    compare("no latency, --typed", rows, "0", "--typed", null);
    return 0;
}
