/* SPDX-License-Identifier: Apache-2.0 */
/* Requests a day, from schedules and measurements; see rows.h. */
#include "config.h"

#include "catalog/rows.h"

#include "http/bucket.h"
#include "schedule/schedule.h"

#include <stdlib.h>

#define DAY_S 86400.0

static double runs_per_day(const struct lh_manifest_row *row)
{
    struct lh_schedule schedule;
    lh_str text = lh_str_z(row->cells[LH_MF_SCHEDULE]);

    if (lh_schedule_is_none(text) || lh_schedule_parse(text, &schedule, NULL))
        return 0;
    return lh_schedule_times_per_day(&schedule);
}

/* Rounded up: a request a week is one that a day has to bear. */
static uint64_t whole(double number)
{
    uint64_t down = number < 1e15 ? (uint64_t)number : (uint64_t)1e15;

    return down + ((double)down < number);
}

static const char *describe(struct lh_manifest *to, const struct lh_measured *m, double runs)
{
    lh_auto(lh_buf) json = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_f(&json,
             "{\"bytes\":%llu,\"complete\":%s,\"requests\":%llu,\"requests_per_day\":%llu,"
             "\"rows\":%llu}",
             (unsigned long long)m->bytes, m->complete ? "true" : "false",
             (unsigned long long)m->requests, (unsigned long long)whole((double)m->requests * runs),
             (unsigned long long)m->rows);
    return lh_manifest_keep(to, lh_buf_slice(&json));
}

static void put_sample(const struct lh_catalog_table *t, const char *weight, struct lh_buf *to)
{
    const struct lh_measured *m = &t->measured;

    lh_buf_f(to, "%8llu row%s%s %11llu bytes %5llu request%s %8.2f s   weight %-5s ",
             (unsigned long long)m->rows, m->rows == 1 ? " " : "s",
             m->complete ? "        " : " or more", (unsigned long long)m->bytes,
             (unsigned long long)m->requests, m->requests == 1 ? " " : "s", (double)m->ms / 1000,
             weight);
    lh_catalog_path(t, to);
    lh_buf_char(to, '\n');
}

/* What a limit grants and what is asked of it. */
static void put_limit(const struct lh_spec_limit *from, const struct lh_opts *opts, double asked,
                      const char *least, struct lh_log *log, struct lh_buf *to)
{
    struct lh_limit limit = {0};
    double granted;

    lh_buf_f(to, "limit %s: %s%llu requests a day", from->bucket, least,
             (unsigned long long)whole(asked));
    if (lh_limit_of_spec(from, opts, &limit, NULL) || limit.rate <= 0 || limit.per_s <= 0) {
        lh_buf_z(to, "; the connector declares no rate\n");
        return;
    }
    granted = limit.rate / limit.per_s * DAY_S;
    lh_buf_f(to, " of %llu (%.1f %%)\n", (unsigned long long)granted, 100 * asked / granted);
    if (asked > granted)
        lh_log_warn(log,
                    "limit %s: the schedules ask for %llu requests a day, and the source grants "
                    "%llu; run less often",
                    from->bucket, (unsigned long long)whole(asked), (unsigned long long)granted);
}

/* The table of a row; rows that were kept from an earlier manifest have none. */
static const struct lh_catalog_table *table_of(const struct lh_catalog *c,
                                               const struct lh_manifest_row *row, size_t *at)
{
    if (*row->cells[LH_MF_STATUS])
        return NULL;
    while (*at < c->n && c->tables[*at].outcome == LH_TABLE_REFUSED)
        ++*at;
    return *at < c->n ? &c->tables[(*at)++] : NULL;
}

void lh_catalog_estimate(const struct lh_catalog *c, const struct lh_opts *opts,
                         struct lh_manifest *to, struct lh_log *log, struct lh_buf *report)
{
    double *asked lh_autofree = lh_xcalloc(c->spec->n_limits + 1, sizeof *asked);
    const char *least = "";
    size_t at = 0;

    for (size_t i = 0; i < to->n_rows; i++) {
        struct lh_manifest_row *row = &to->rows[i];
        const struct lh_catalog_table *t = table_of(c, row, &at);
        double runs = runs_per_day(row);

        if (!t || !t->measured.is_there)
            continue;
        row->cells[LH_MF_ESTIMATE_JSON] = describe(to, &t->measured, runs);
        put_sample(t, row->cells[LH_MF_WEIGHT], report);
        if (!t->measured.complete)
            least = "at least ";
        asked[c->spec->n_limits] += (double)t->measured.requests * runs;
        for (size_t k = 0; k < c->spec->n_limits; k++)
            asked[k] += (double)t->measured.limit_requests[k] * runs;
    }
    if (!c->spec->n_limits)
        lh_buf_f(report, "%s%llu requests a day\n", least, (unsigned long long)whole(asked[0]));
    for (size_t k = 0; k < c->spec->n_limits; k++)
        put_limit(&c->spec->limits[k], opts, asked[k], least, log, report);
}
