/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation that aborts, and the cleanup attributes.
 *
 * lakehost bounds what it takes in (bytes, depth, count) before it allocates, so a failed
 * allocation means a broken machine and not a large input: these helpers print one line and
 * abort. Code that can do better with a failure calls malloc itself and checks.
 *
 * One way to clean up in host code: declare with lh_autofree, lh_autoclose, lh_auto or
 * lh_autoptr and return from wherever the function is done.
 */
#ifndef LH_BASE_MEM_H
#define LH_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#define LH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define LH_MUST_USE          __attribute__((warn_unused_result))
#define LH_LEN(array)        (sizeof(array) / sizeof((array)[0]))

/* Zeroed memory; the caller frees it with free(). count * size is checked. */
void *lh_xcalloc(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2)));

/* Uninitialised memory; the caller frees it with free(). */
void *lh_xmalloc(size_t size) __attribute__((malloc, alloc_size(1)));

/* realloc for arrays; count * size is checked. p may be NULL. */
void *lh_xrealloc(void *p, size_t count, size_t size) LH_MUST_USE;

/* Copies; the caller frees them with free(). lh_xmemdup0 adds a NUL behind the n bytes;
 * p NULL is the empty text, whatever n is. */
char *lh_xstrdup(const char *s) __attribute__((malloc));
char *lh_xmemdup0(const char *p, size_t n) __attribute__((malloc));

/* printf into fresh memory; the caller frees it with free(). */
char *lh_xasprintf(const char *format, ...) LH_PRINTF(1, 2);

/*
 * Makes room for one more in a growing array: returns p, moved when n has reached *cap.
 * Grows by doubling. The caller frees it with free().
 */
void *lh_xgrow(void *p, size_t n, size_t *cap, size_t size) LH_MUST_USE;

/* The line and the abort, for a library's call that fails without memory only. */
void lh_no_memory(void) __attribute__((noreturn));

/* For use as cleanup functions only. */
void lh_free_cleanup(void *pp);
void lh_close_cleanup(const int *fd);

/* char *s lh_autofree = ...: freed at the end of the scope. */
#define lh_autofree __attribute__((cleanup(lh_free_cleanup)))

/* int fd lh_autoclose = ...: closed at the end of the scope unless negative. */
#define lh_autoclose __attribute__((cleanup(lh_close_cleanup)))

/* lh_auto(lh_buf) b = {0}: a struct lh_buf that lh_buf_free(&b) ends with the scope. */
#define lh_auto(type) __attribute__((cleanup(type##_free))) struct type

/*
 * lh_autoptr(lh_map) m = ...: a struct lh_map * that is destroyed at the end of the scope.
 * LH_AUTOPTR(lh_map, lh_map_destroy) in the type's header says how.
 */
#define lh_autoptr(type) __attribute__((cleanup(type##_ptr_cleanup))) struct type *
#define LH_AUTOPTR(type, destroy)                                                                  \
    static inline void type##_ptr_cleanup(struct type **p)                                         \
    {                                                                                              \
        if (*p)                                                                                    \
            destroy(*p);                                                                           \
    }

/* Hands p to somebody else: the value, with the variable set to NULL. */
#define lh_take(p)                                                                                 \
    __extension__({                                                                                \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })

#endif
