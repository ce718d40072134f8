/* SPDX-License-Identifier: Apache-2.0 */
/* The rate buckets that a spec declares; see bucket.h. */
#include "config.h"

#include "http/bucket.h"

#include "base/number.h"

/* A number, or the value of the one option that it names (spec-check.c saw to that). 0: none. */
static int concurrent_of(const char *tmpl, const struct lh_opts *opts, unsigned *ret,
                         struct lh_error *e)
{
    char *option lh_autofree = NULL;
    int64_t value = 0;
    int code = 0;

    if (tmpl && tmpl[0] == '$') {
        option = lh_xmemdup0(tmpl + 2, strlen(tmpl) - 3);
        tmpl = lh_opts_get(opts, option);
    }
    if (tmpl)
        code = lh_number_i64(lh_str_z(tmpl), 1, 1000, option ? option : "concurrent", LH_INVALID,
                             &value, e);
    if (!code)
        *ret = (unsigned)value;
    return code;
}

int lh_buckets_add_spec(struct lh_buckets *buckets, const struct lh_spec *spec,
                        const struct lh_opts *opts, struct lh_error *e)
{
    for (size_t i = 0; i < spec->n_limits; i++) {
        const struct lh_spec_limit *from = &spec->limits[i];
        struct lh_limit limit = {
            .name = from->bucket,
            .rate = from->rate,
            .per_s = from->per_s,
            .learns = from->learns,
            .within = from->within,
        };
        int code = concurrent_of(from->concurrent, opts, &limit.concurrent, e);

        if (!code)
            code = lh_buckets_add(buckets, &limit, e);
        if (code)
            return code;
    }
    return 0;
}
