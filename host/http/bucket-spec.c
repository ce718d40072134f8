/* SPDX-License-Identifier: Apache-2.0 */
/* The rate buckets that a spec declares; see bucket.h. */
#include "config.h"

#include "http/bucket.h"

#include "base/number.h"

/* A number, or the value of the one option that it names (spec-check.c saw to that). 0: none. */
static int number_of(const char *tmpl, const char *what, int64_t max, const struct lh_opts *opts,
                     int64_t *ret, struct lh_error *e)
{
    char *option lh_autofree = NULL;

    if (tmpl && tmpl[0] == '$') {
        option = lh_xmemdup0(tmpl + 2, strlen(tmpl) - 3);
        tmpl = lh_opts_get(opts, option);
        what = option;
    }
    if (tmpl)
        return lh_number_i64(lh_str_z(tmpl), 1, max, what, LH_INVALID, ret, e);
    *ret = 0;
    return 0;
}

/* An option that is not set makes no rate. */
static int take_rate(const struct lh_spec_limit *from, const struct lh_opts *opts,
                     struct lh_limit *to, struct lh_error *e)
{
    int64_t rate = 0;
    int code = number_of(from->rate_tmpl, "rate", 1000000000, opts, &rate, e);

    if (code || !from->rate_tmpl)
        return code;
    to->rate = (double)rate;
    to->per_s = rate ? from->per_s : 0;
    return 0;
}

int lh_limit_of_spec(const struct lh_spec_limit *from, const struct lh_opts *opts,
                     struct lh_limit *ret, struct lh_error *e)
{
    struct lh_limit limit = {
        .name = from->bucket,
        .rate = from->rate,
        .per_s = from->per_s,
        .learns = from->learns,
        .within = from->within,
    };
    int64_t concurrent = 0;
    int code = number_of(from->concurrent, "concurrent", 1000, opts, &concurrent, e);

    limit.concurrent = (unsigned)concurrent;
    if (!code)
        code = take_rate(from, opts, &limit, e);
    if (!code)
        *ret = limit;
    return code;
}

int lh_buckets_add_spec(struct lh_buckets *buckets, const struct lh_spec *spec,
                        const struct lh_opts *opts, struct lh_error *e)
{
    struct lh_limit limit;
    int code = 0;

    for (size_t i = 0; i < spec->n_limits && !code; i++) {
        code = lh_limit_of_spec(&spec->limits[i], opts, &limit, e);
        if (!code)
            code = lh_buckets_add(buckets, &limit, e);
    }
    return code;
}
