/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: calls of a connector that has nothing, each of them right. */
#ifndef LH_TESTS_EMPTY_CONNECTOR_H
#define LH_TESTS_EMPTY_CONNECTOR_H

#include <lakehost/connector.h>

static int empty_open(lh_call *c, const lh_opts *opts, void **ret_self)
{
    (void)c;
    (void)opts;
    *ret_self = NULL;
    return LH_OK;
}

static void empty_close(lh_call *c, void *self)
{
    (void)c;
    (void)self;
}

static int empty_list(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *s)
{
    (void)c;
    (void)self;
    (void)ns;
    (void)n;
    (void)s;
    return LH_OK;
}

static int empty_scan(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    (void)c;
    (void)self;
    (void)scan;
    (void)s;
    return LH_OK;
}

#endif
