/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to start: /bin/true, an empty program linked to the same libraries, lakehost
 * printing its version, lakehost reading its configuration, lakehost listing the six connectors of
 * tests/bench/connectors (made by `make bench`). In turns, so that a machine that
 * changes its speed changes it for all; medians of wall and CPU time.
 */
#include "config.h"

#include "bench/bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 200

struct subject {
    const char *name;
    const char *argv[4];
    double wall[ROUNDS], cpu[ROUNDS]; /* milliseconds */
};

static double wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cpu_ms(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

static int run_once(struct subject *s, int round)
{
    posix_spawn_file_actions_t actions;
    double begin = wall_ms();
    char *argv[4];
    struct rusage usage;
    int status = -1;
    pid_t pid;

    memcpy(argv, s->argv, sizeof argv); /* posix_spawn takes them without const */
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0)
        return -1;
    posix_spawn_file_actions_destroy(&actions);
    if (wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return -1;
    s->wall[round] = wall_ms() - begin;
    s->cpu[round] = cpu_ms(&usage);
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

int main(void)
{
    static struct subject subjects[] = {
        {.name = "/bin/true", .argv = {"/bin/true"}},
        {.name = "empty program, same libraries", .argv = {"tests/bench/empty"}},
        {.name = "lakehost --version", .argv = {"host/lakehost", "--version"}},
        {.name = "lakehost config show", .argv = {"host/lakehost", "config", "show"}},
        {.name = "lakehost plugin list, six", .argv = {"host/lakehost", "plugin", "list"}},
    };
    const size_t n = sizeof subjects / sizeof *subjects;
    const char *top = getenv("srcdir");
    char data[4096];
    double base;

    snprintf(data, sizeof data, "%s/templates", top ? top : ".");
    setenv("LAKEHOST_PKGDATADIR", data, 1);
    setenv("LAKEHOST_CONNECTORDIR", "tests/bench/connectors", 1);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < n; i++)
            if (run_once(&subjects[i], round)) {
                fprintf(stderr, "%s did not run; start this in the build folder\n",
                        subjects[i].name);
                return 1;
            }
    base = median(subjects[1].wall);
    for (size_t i = 0; i < n; i++) {
        double wall = median(subjects[i].wall);

        printf("%-34s %7.3f ms wall  %7.3f ms CPU   %+7.3f ms over the empty program\n",
               subjects[i].name, wall, median(subjects[i].cpu), wall - base);
    }
    return 0;
}
