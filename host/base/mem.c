/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that aborts; see mem.h. */
#include "config.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void lh_no_memory(void)
{
    static const char text[] = "lakehost: out of memory\n";

    /* write, not stdio: nothing here may allocate. The result does not matter any more. */
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        abort();
    abort();
}

static void *must(void *p)
{
    if (!p)
        lh_no_memory();
    return p;
}

void *lh_xcalloc(size_t count, size_t size)
{
    return must(calloc(count ? count : 1, size ? size : 1));
}

void *lh_xmalloc(size_t size)
{
    return must(malloc(size ? size : 1));
}

void *lh_xrealloc(void *p, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        must(NULL);
    return must(realloc(p, bytes ? bytes : 1));
}

char *lh_xstrdup(const char *s)
{
    return lh_xmemdup0(s, strlen(s));
}

char *lh_xmemdup0(const char *p, size_t n)
{
    char *copy;

    n = p ? n : 0;
    copy = lh_xmalloc(n + 1);
    if (n)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}

char *lh_xasprintf(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    return must(n < 0 ? NULL : text);
}

void *lh_xgrow(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    if (*cap > SIZE_MAX / 2)
        must(NULL);
    *cap = *cap ? *cap * 2 : 8;
    return lh_xrealloc(p, *cap, size);
}

void lh_free_cleanup(void *pp)
{
    void *p;

    memcpy(&p, pp, sizeof p);
    free(p);
}

void lh_close_cleanup(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
