/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the connectors of this folder share. Each is wrong in one way that shows before or while it
 * is loaded; `good` is not wrong. They offer no tables and cannot be read.
 */
#ifndef LH_TESTS_CONFORM_LOAD_H
#define LH_TESTS_CONFORM_LOAD_H

#include <lakehost/connector.h>
#include <lakehost/note.h>

/* A note by hand: the text of a literal without its NUL. */
#define NOTE(variable, text)                                                                       \
    static const struct {                                                                          \
        uint32_t owner_size, spec_size, type;                                                      \
        char owner[12];                                                                            \
        char spec[(sizeof(text) + 2) / 4 * 4];                                                     \
    } variable __attribute__((section(".note.lakehost"), aligned(4), used LH_SPEC_NOTE_BARE)) = {  \
        9, sizeof(text) - 1, 1, "lakehost", text}

#define SPEC(name) "{\"spec\":1,\"name\":\"" name "\",\"version\":\"1.0.0\",\"license\":\"0BSD\"}"

static inline int load_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    (void)c;
    (void)o;
    *ret_self = NULL;
    return LH_OK;
}

static inline void load_close(lh_call *c, void *self)
{
    (void)c;
    (void)self;
}

static inline int load_list(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *s)
{
    (void)c;
    (void)self;
    (void)ns;
    (void)n;
    (void)s;
    return LH_OK;
}

static inline int load_scan(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    (void)c;
    (void)self;
    (void)scan;
    (void)s;
    return LH_OK;
}

/* name, spec and its length, and the required functions. */
#define REST(name, text)                                                                           \
    name, text, sizeof(text) - 1, load_open, load_close, load_list, load_scan, load_scan, load_scan

#define ENTRY(function, table)                                                                     \
    LH_EXPORT const struct lh_connector *function(const struct lh_host *host);                     \
    const struct lh_connector *function(const struct lh_host *host)                                \
    {                                                                                              \
        (void)host;                                                                                \
        return table;                                                                              \
    }

#endif
