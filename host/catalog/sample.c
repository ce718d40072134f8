/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the beginning of a table, and what that took; see catalog.h. */
#include "config.h"

#include "catalog/catalog.h"

#include <stdlib.h>

struct sample {
    const struct lh_instance *in;
    uint64_t most;         /* rows */
    uint64_t last_request; /* enough when so many were made since `in` was opened */
    uint64_t rows, bytes;
    struct {
        uint64_t rows, bytes;
    } mark; /* at the last checkpoint */
    struct lh_buf offset;
    bool is_enough;
};

static int enough(struct sample *s, struct lh_error *e)
{
    s->is_enough = true;
    return lh_error_set(e, LH_INTERRUPTED, "the sample is complete");
}

static int take_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    struct sample *s = arg;

    (void)op, (void)row;
    s->rows++;
    s->bytes += text.n + 1;
    return s->rows == s->most ? enough(s, e) : 0;
}

static int take_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    struct sample *s = arg;

    s->mark.rows = s->rows;
    s->mark.bytes = s->bytes;
    lh_buf_reset(&s->offset);
    lh_buf_str(&s->offset, offset);
    /* who wants one row wants to know whether it can be read, and it can */
    if (s->most == 1 || lh_instance_requests(s->in, NULL) >= s->last_request)
        return enough(s, e);
    return 0;
}

static int take_back(void *arg, struct lh_error *e)
{
    struct sample *s = arg;

    (void)e;
    s->rows = s->mark.rows;
    s->bytes = s->mark.bytes;
    return 0;
}

/* Calls until there is nothing more, or enough. */
static int read_rows(struct lh_instance *in, const struct lh_run *run, struct lh_read *what,
                     struct sample *s, struct lh_error *e)
{
    const struct lh_row_writer to = {take_row, take_checkpoint, s, take_back};
    bool more = true;
    int code = 0;

    while (!code && more && !s->is_enough) {
        lh_auto(lh_buf) from = LH_BUF_INIT(LH_BUF_TEXT);

        lh_buf_str(&from, lh_buf_slice(&s->offset));
        what->offset = lh_buf_slice(&from);
        what->max_rows = s->most;
        code = lh_instance_read(in, what, &to, &more, e);
    }
    if (!code || !s->is_enough || (run->signals && run->signals->got))
        return code;
    lh_error_free(e);
    return 0;
}

static uint64_t requests_of(const struct lh_instance *in, const struct lh_spec *spec, size_t limit)
{
    return lh_instance_requests(in, limit < spec->n_limits ? spec->limits[limit].bucket : NULL);
}

int lh_catalog_sample(struct lh_instance *in, const struct lh_run *run, const struct lh_spec *spec,
                      lh_str table, const struct lh_opts *opts, uint32_t ingestion, uint64_t rows,
                      struct lh_measured *ret, struct lh_error *e)
{
    struct sample s = {
        .in = in,
        .most = rows,
        .last_request = lh_instance_requests(in, NULL) + LH_CATALOG_SAMPLE_REQUESTS,
        .offset = LH_BUF_INIT(LH_BUF_TEXT),
    };
    struct lh_read what = {.table = table, .table_opts = opts, .ingestion = ingestion};
    uint64_t *before lh_autofree = lh_xcalloc(spec->n_limits + 1, sizeof *before);
    int64_t begun = lh_now_ms();
    int code;

    for (size_t i = 0; i <= spec->n_limits; i++)
        before[i] = requests_of(in, spec, i);
    code = read_rows(in, run, &what, &s, e);
    lh_buf_free(&s.offset);
    if (code)
        return code;
    *ret = (struct lh_measured){
        .is_there = true,
        .complete = !s.is_enough,
        .rows = s.rows,
        .bytes = s.bytes,
        .requests = requests_of(in, spec, spec->n_limits) - before[spec->n_limits],
        .limit_requests = lh_xcalloc(spec->n_limits + 1, sizeof *ret->limit_requests),
        .ms = lh_now_ms() - begun,
    };
    for (size_t i = 0; i < spec->n_limits; i++)
        ret->limit_requests[i] = requests_of(in, spec, i) - before[i];
    return 0;
}
