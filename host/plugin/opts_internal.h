/* SPDX-License-Identifier: Apache-2.0 */
/* The values of options, for opts.c, which takes them, and opts-url.c, which puts them in URLs. */
#ifndef LH_PLUGIN_OPTS_INTERNAL_H
#define LH_PLUGIN_OPTS_INTERNAL_H

#include "plugin/spec_internal.h"

struct lh_opts_value {
    char *text;   /* by type; NULL: absent */
    char *name;   /* the name or alias that it was given under; NULL: the default */
    char *origin; /* where */
};

struct lh_opts {
    const struct lh_spec *spec;
    const struct lh_spec_option *options;
    size_t n;
    bool for_tables;
    struct lh_opts_value *values; /* one for each option */
};

/* The place of an option by its name; n when there is none. */
size_t lh_opts_index(const struct lh_opts *opts, lh_str name);

#endif
