/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmarks share: CPU time, best of several, and one way to print.
 *
 * A benchmark runs lakehost's code beside a baseline on the same work in one process and prints
 * ratios. It asserts nothing: machines differ and are noisy.
 */
#ifndef LH_TESTS_BENCH_H
#define LH_TESTS_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double bench_cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The least CPU seconds that one call took, over at least `least` calls and 0.3 s in all. */
static inline double bench_best(void (*call)(void *), void *arg, int least)
{
    double best = 1e9;
    double all = 0;

    for (int i = 0; i < least || all < 0.3; i++) {
        double begin = bench_cpu_seconds();
        double took;

        call(arg);
        took = bench_cpu_seconds() - begin;
        all += took;
        best = took < best ? took : best;
    }
    return best;
}

/* "scan, REST page            1416.0 MB/s   jansson   81.0 MB/s   17.5 x" */
static inline void bench_rate(const char *what, const char *unit, double ours, const char *baseline,
                              double theirs)
{
    printf("%-34s %10.1f %s   %-12s %10.1f %s   %6.2f x\n", what, ours, unit, baseline, theirs,
           unit, theirs > 0 ? ours / theirs : 0);
    fflush(stdout);
}

#endif
