/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TAP for C tests: a header and nothing else.
 *
 *     #include "config.h"
 *     #include "tap.h"
 *
 *     static void test_grows(void)
 *     {
 *         ok(b.n == 3, "three bytes");
 *         is_int(b.n, 3, "the same, and it says what came");
 *         is_str(text, "abc", "text");
 *     }
 *
 *     int main(void)
 *     {
 *         RUN(test_grows);
 *         return tap_done();
 *     }
 *
 * The file runs alone as well: build it with `make tests/unit/test-NAME` and start it.
 */
#ifndef LH_TESTS_TAP_H
#define LH_TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
    int run, failed;
    const char *test; /* the function that RUN is in */
} tap;

__attribute__((format(printf, 5, 6))) static bool tap_ok(bool good, const char *code,
                                                         const char *file, int line,
                                                         const char *format, ...)
{
    va_list args;

    tap.run++;
    printf("%s %d - %s: ", good ? "ok" : "not ok", tap.run, tap.test ? tap.test : "main");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    if (!good) {
        tap.failed++;
        printf("# %s:%d: %s\n", file, line, code);
    }
    fflush(stdout);
    return good;
}

/* Text as a comment: several lines become several comments. */
static inline void tap_show(const char *label, const char *p, size_t n)
{
    printf("# %s: ", label);
    if (!p) {
        printf("(null)\n");
        return;
    }
    putchar('"');
    for (size_t i = 0; i < n; i++)
        if (p[i] == '\n')
            printf("\\n");
        else
            putchar(p[i]);
    printf("\"\n");
}

static inline bool tap_is_mem(const char *got, size_t got_n, const char *want, size_t want_n,
                              const char *code, const char *file, int line, const char *what)
{
    bool good = (!got || !want) ? got == want
                                : got_n == want_n && (got_n == 0 || memcmp(got, want, got_n) == 0);

    tap_ok(good, code, file, line, "%s", what ? what : code);
    if (!good) {
        tap_show("expected", want, want_n);
        tap_show("     got", got, got_n);
    }
    return good;
}

static inline bool tap_is_int(intmax_t got, intmax_t want, const char *code, const char *file,
                              int line, const char *what)
{
    bool good = tap_ok(got == want, code, file, line, "%s", what ? what : code);

    if (!good)
        printf("# expected: %" PRIdMAX "\n#      got: %" PRIdMAX "\n", want, got);
    return good;
}

static inline size_t tap_len(const char *s)
{
    return s ? strlen(s) : 0;
}

static inline bool tap_is_str(const char *got, const char *want, const char *code, const char *file,
                              int line, const char *what)
{
    return tap_is_mem(got, tap_len(got), want, tap_len(want), code, file, line, what);
}

/* Each answers whether it held; the text is printed either way. */
#define ok(cond, ...) tap_ok((cond), #cond, __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, what)                                                                    \
    tap_is_int((intmax_t)(got), (intmax_t)(want), #got " == " #want, __FILE__, __LINE__, what)
#define is_str(got, want, what) tap_is_str((got), (want), #got, __FILE__, __LINE__, what)
#define is_mem(got, got_n, want, want_n, what)                                                     \
    tap_is_mem((got), (got_n), (want), (want_n), #got, __FILE__, __LINE__, what)
/* A slice (lh_str) against a C string. */
#define is_slice(got, want, what)                                                                  \
    do {                                                                                           \
        lh_str slice_ = (got);                                                                     \
        const char *want_ = (want);                                                                \
        tap_is_mem(slice_.p ? slice_.p : "", slice_.n, want_, tap_len(want_), #got, __FILE__,      \
                   __LINE__, what);                                                                \
    } while (0)
/* The text must contain a part. */
#define has_str(got, part, what)                                                                   \
    do {                                                                                           \
        const char *got_ = (got);                                                                  \
        if (!ok(got_ && strstr(got_, (part)), "%s", what)) {                                       \
            tap_show("expected in it", (part), tap_len(part));                                     \
            tap_show("           got", got_, tap_len(got_));                                       \
        }                                                                                          \
    } while (0)
#define diag(...) (printf("# "), printf(__VA_ARGS__), printf("\n"))

#define RUN(function)                                                                              \
    do {                                                                                           \
        tap.test = #function;                                                                      \
        function();                                                                                \
        tap.test = NULL;                                                                           \
    } while (0)

/* For a test that cannot run here: the whole program is skipped, with the reason. */
#define SKIP_ALL(reason)                                                                           \
    do {                                                                                           \
        printf("1..0 # SKIP %s\n", reason);                                                        \
        return 0;                                                                                  \
    } while (0)

static inline int tap_done(void)
{
    printf("1..%d\n", tap.run);
    if (tap.failed)
        printf("# %d of %d failed; run this program alone to see them\n", tap.failed, tap.run);
    return tap.failed || tap.run == 0;
}

#endif
