/* SPDX-License-Identifier: Apache-2.0 */
/* The arena, and the allocation and cleanup of mem.h. */
#include "config.h"

#include "base/arena.h"
#include "tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static void test_pieces(void)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    char *last = NULL;
    bool good = true;

    for (size_t n = 1; n < 400; n++) {
        char *piece = lh_arena_alloc(&a, n);

        good = good && piece && (uintptr_t)piece % _Alignof(max_align_t) == 0 && is_zero(piece, n);
        good = good && piece != last;
        memset(piece, 0xff, n);
        last = piece;
    }
    ok(good, "aligned, zeroed, apart");
    last = lh_arena_alloc(&a, 100000);
    ok(last && is_zero(last, 100000), "a piece larger than a block");
}

static void test_reset(void)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    char *first;

    lh_arena_reset(&a);
    is_int(a.total, 0, "resetting an unused arena is fine");
    first = lh_arena_alloc(&a, 64);
    memset(first, 0xff, 64);
    lh_arena_reset(&a);
    is_int(a.total, 0, "nothing is given out");
    ok(lh_arena_alloc(&a, 64) == first, "the block is used again");
    ok(is_zero(first, 64), "and zeroed again");
    lh_arena_alloc(&a, 100000);
    lh_arena_reset(&a);
    ok(!a.blocks, "a large block is not kept");
}

static void test_limit(void)
{
    lh_auto(lh_arena) a = {.max = 64};

    ok(lh_arena_alloc(&a, 48) != NULL, "within the limit");
    ok(!lh_arena_alloc(&a, 17), "one past it");
    ok(lh_arena_alloc(&a, 16) != NULL, "exactly the limit");
    ok(!lh_arena_alloc(&a, 1), "nothing more");
    ok(!lh_arena_copy(&a, LH_STR("x")) && !lh_arena_str(&a, LH_STR("x")).p, "no copies either");
    ok(!lh_arena_alloc(&a, SIZE_MAX) && !lh_arena_alloc(&a, SIZE_MAX - 7), "no overflow");
    ok(!lh_arena_copy(&a, lh_str_n("", SIZE_MAX)), "nor with the NUL");
    lh_arena_reset(&a);
    ok(lh_arena_alloc(&a, 64) != NULL, "reset gives all of it back");
}

static void test_copies(void)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    lh_str s = lh_arena_str(&a, lh_str_n("a\0b", 3));

    is_mem(s.p, s.n, "a\0b", 3, "a slice");
    is_int(s.p[3], 0, "with a NUL behind");
    is_str(lh_arena_copy(&a, lh_str_n(NULL, 0)), "", "nothing is the empty text");
}

static void test_take(void)
{
    char *text lh_autofree = lh_xstrdup("mine");
    char *other lh_autofree = lh_take(text);

    ok(!text, "lh_take leaves NULL behind");
    is_str(other, "mine", "and hands the value over");
}

static int open_in_scope(void)
{
    int fd lh_autoclose = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int none lh_autoclose = -1;

    return none < 0 ? fd : -1;
}

static void test_autoclose(void)
{
    int fd = open_in_scope();

    ok(fd >= 0 && fcntl(fd, F_GETFD) == -1, "closed with its scope");
}

static void test_grow(void)
{
    int *numbers = NULL;
    size_t cap = 0;
    bool good = true;

    for (int n = 0; n < 1000; n++) {
        numbers = lh_xgrow(numbers, (size_t)n, &cap, sizeof *numbers);
        good = good && cap > (size_t)n;
        numbers[n] = n;
    }
    for (int n = 0; n < 1000; n++)
        good = good && numbers[n] == n;
    ok(good && cap == 1024, "doubles and keeps what was there");
    free(numbers);
}

static void overflow_realloc(void)
{
    free(lh_xrealloc(NULL, SIZE_MAX / 2, 3));
}

/* True when it aborts, and says why on stderr. */
static bool aborts(void (*run)(void))
{
    char text[64] = "";
    int fds[2] = {-1, -1};
    int status = 0;
    pid_t child;

    if (pipe(fds) != 0)
        return false;
    child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        run();
        _exit(0);
    }
    close(fds[1]);
    waitpid(child, &status, 0);
    if (read(fds[0], text, sizeof text - 1) < 0)
        text[0] = '\0';
    close(fds[0]);
    return WIFSIGNALED(status) && strcmp(text, "lakehost: out of memory\n") == 0;
}

static void test_out_of_memory(void)
{
    ok(aborts(overflow_realloc), "a size that overflows aborts with one line");
}

int main(void)
{
    RUN(test_pieces);
    RUN(test_reset);
    RUN(test_limit);
    RUN(test_copies);
    RUN(test_take);
    RUN(test_autoclose);
    RUN(test_grow);
    RUN(test_out_of_memory);
    return tap_done();
}
