/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Balancing: time, how near the result is to the lower bound, beside cutting by count; and how
 * many tables move when some are added.
 */
#include "config.h"

#include "bench.h"

#include "group/group.h"

struct input {
    struct lh_group_item *items;
    char (*names)[24];
    size_t n;
    struct lh_group_options options;
    struct lh_group_result result;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void make(struct input *in, size_t n, uint64_t heaviest, uint64_t seed)
{
    in->n = n;
    in->items = lh_xcalloc(n, sizeof *in->items);
    in->names = lh_xcalloc(n, sizeof *in->names);
    for (size_t i = 0; i < n; i++) {
        int len = snprintf(in->names[i], sizeof in->names[i], "table_%llx",
                           (unsigned long long)next_random(&seed));

        in->items[i] = (struct lh_group_item){
            .table = lh_str_n(in->names[i], (size_t)len),
            .label = LH_STR("core"),
            .weight = 1 + next_random(&seed) % heaviest,
        };
    }
}

static void done(struct input *in)
{
    lh_group_result_free(&in->result);
    free(in->items);
    free(in->names);
}

static void assign(void *arg)
{
    struct input *in = arg;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_group_result_free(&in->result);
    in->result = (struct lh_group_result){0};
    if (lh_group_assign(in->items, in->n, &in->options, &in->result, &e)) {
        fprintf(stderr, "bench-group: %s\n", lh_error_text(&e));
        exit(1);
    }
}

static double ratio(const struct input *in)
{
    return (double)in->result.largest / (double)in->result.lower_bound;
}

static void balance(size_t n, uint32_t pipelines, uint64_t heaviest)
{
    struct input in = {.options = {.balance = LH_BALANCE_LPT, .pipelines = pipelines}};
    struct input chunks = {.options = {.balance = LH_BALANCE_CHUNK, .pipelines = pipelines}};
    double took;

    make(&in, n, heaviest, 88172645463325252ULL);
    make(&chunks, n, heaviest, 88172645463325252ULL);
    took = bench_best(assign, &in, 3);
    assign(&chunks);
    printf("%7zu tables, weights 1 to %-6llu into %3u: %7.1f ms   largest/lower bound %.5f   "
           "chunks %.5f\n",
           n, (unsigned long long)heaviest, pipelines, took * 1e3, ratio(&in), ratio(&chunks));
    fflush(stdout);
    done(&in);
    done(&chunks);
}

/* All tables balanced, then 1 % more: with what is there kept, and from nothing. */
static void add(size_t n, uint32_t pipelines)
{
    struct input in = {.options = {.balance = LH_BALANCE_LPT, .pipelines = pipelines}};
    struct input before = in;
    size_t moved = 0;
    double kept_ratio;

    make(&in, n + n / 100, 1000, 362436069ULL);
    make(&before, n, 1000, 362436069ULL);
    assign(&before);
    for (size_t i = 0; i < n; i++)
        in.items[i].previous = lh_str_z(before.result.pipelines[before.result.pipeline_of[i]].name);
    assign(&in);
    kept_ratio = ratio(&in);
    printf("%7zu tables in %u pipelines and 1 %% more: %zu moved, ratio %.5f", n, pipelines,
           in.result.n_moves, kept_ratio);
    for (size_t i = 0; i < n; i++)
        in.items[i].previous = (lh_str){0};
    assign(&in);
    for (size_t i = 0; i < n; i++)
        moved += strcmp(in.result.pipelines[in.result.pipeline_of[i]].name,
                        before.result.pipelines[before.result.pipeline_of[i]].name) != 0;
    printf("; from nothing %zu moved, ratio %.5f\n", moved, ratio(&in));
    done(&in);
    done(&before);
}

int main(void)
{
    balance(100000, 100, 1000);
    balance(100000, 100, 10);
    balance(100000, 1000, 1000);
    balance(10000, 100, 1000);
    balance(1000, 100, 1000);
    balance(300, 100, 1000);
    add(100000, 120);
    add(1000, 100);
    return 0;
}
