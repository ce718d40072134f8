/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that ask for values: of a stream set, of a batch, of one stream; and their groups.
 */
#include "osipi.h"

#define MOST_TAGS  100  /* of a streamset call */
#define MOST_BATCH 50   /* requests of a batch */
#define MOST_URL   7500 /* bytes of WebIDs in a URL; servers take about 16 KB */
#define MOST_BYTES ((uint64_t)64 << 20)
#define MOST_ITEMS 300000 /* values of one answer, which are some 110 bytes each */

/* --- what is asked ---------------------------------------------------------------------------- */

static const char *option(const struct asking *a, const char *name)
{
    const char *text = H->opt(a->r->scan->opts, name);

    return text && *text ? text : NULL;
}

static void pass_on(struct asking *a, struct text *url, const char *name)
{
    const char *text = option(a, name);

    if (text)
        osipi_param(a->r, url, name, lhs_z(text));
}

static void put_summary_types(struct asking *a, struct text *url)
{
    const char *calculation = option(a, "calculationType");
    lh_str list = lhs_z(calculation ? calculation : option(a, "summaryType"));
    size_t at = 0;
    lh_str type;

    while ((type = lhs_list_next(list, &at)).n)
        osipi_param(a->r, url, "summaryType", type);
    pass_on(a, url, "calculationBasis");
}

/* Both ends of a range belong to it; so a grid of values ends with the last point before `to`. */
static void put_span(struct asking *a, struct text *url)
{
    int64_t end = a->to;

    if (a->series->span == ON_GRID && a->series->shape == VALUES)
        end = a->from + (a->to - 1 - a->from) / a->step * a->step;
    osipi_param_time(a->r, url, "startTime", a->from);
    osipi_param_time(a->r, url, "endTime", end);
    if (a->series->span == PLOTTED)
        osipi_param_i64(a->r, url, "intervals", lhs_opt_i64(H, a->r->scan->opts, "intervals", 300));
    if (a->series->span == ON_GRID)
        osipi_param(a->r, url, a->series->step, a->step_text);
}

static void put_query(struct asking *a, struct text *url, int64_t page)
{
    static const char *const passed[] = {"startTime",  "endTime",         "timeType",
                                         "sampleType", "sampleInterval",  "summaryDuration",
                                         "timeZone",   "filterExpression"};

    if (a->series->span >= RECORDED)
        put_span(a, url);
    if (a->series->span == RECORDED)
        osipi_param_i64(a->r, url, "maxCount", page);
    for (size_t i = 0; a->series->span == AS_GIVEN && i < sizeof passed / sizeof passed[0]; i++)
        pass_on(a, url, passed[i]);
    if (a->series->shape == SUMMARIES)
        put_summary_types(a, url);
    if (a->r->argument.n)
        osipi_param(a->r, url, "time", a->r->argument);
}

/* The user's choice of fields, and those without which there are no rows. */
static void put_fields(struct asking *a, struct text *url)
{
    const char *fields = option(a, "selectedFields");

    if (!fields)
        return;
    osipi_add_z(a->r, url, "&selectedFields=Items.WebId;Items.Items.Value;Items.Items.");
    osipi_add_z(a->r, url, a->series->shape == SUMMARIES ? "Type;" : "Timestamp;");
    osipi_add_value(a->r, url, lhs_z(fields));
}

static void stream_url(struct asking *a, struct text *url, const struct tag *tag)
{
    osipi_add_z(a->r, url, "/piwebapi/streams/");
    osipi_add_value(a->r, url, tag->webid);
    osipi_add_z(a->r, url, "/");
    osipi_add_z(a->r, url, a->series->action);
    if (a->series->span == RECORDED)
        a->from = tag->since;
    put_query(a, url, tag->page);
}

struct lh_http_req osipi_streamset_request(struct asking *a, struct text *url,
                                           const struct tag *tags, size_t n)
{
    struct lh_http_req q;

    osipi_clear(url);
    osipi_add_z(a->r, url, "/piwebapi/streamsets/");
    osipi_add_z(a->r, url, a->series->action);
    for (size_t i = 0; i < n; i++)
        if (tags[i].state == LEFT)
            osipi_param(a->r, url, "webId", tags[i].webid);
    put_query(a, url, a->r->page);
    put_fields(a, url);
    q = lhs_get(osipi_str(url));
    q.max_bytes = MOST_BYTES;
    return q;
}

/* As many as there are values for, if each tag has a whole page of them. */
static size_t fit(const struct asking *a, size_t most)
{
    int64_t n = a->series->span == RECORDED ? MOST_ITEMS / a->r->page : MOST_ITEMS;

    return n < 1 ? 1 : (uint64_t)n < most ? (size_t)n : most;
}

size_t osipi_batch_size(const struct asking *a)
{
    return fit(a, MOST_BATCH);
}

/* The request of a batch is named by its place among the tags. */
lh_str osipi_batch_id(char to[BATCH_ID_SIZE], size_t i)
{
    int n = snprintf(to, BATCH_ID_SIZE, "%zu", i + 1);

    return lhs_n(to, n < 0 ? 0 : (size_t)n);
}

struct lh_http_req osipi_batch_request(struct asking *a, struct text *url, const struct tag *tags,
                                       size_t n)
{
    const lh_json *body;
    struct lh_http_req q;
    char id[BATCH_ID_SIZE];

    H->out_begin(a->body, '{');
    for (size_t i = 0, left = 0; i < n && left < osipi_batch_size(a); i++) {
        if (tags[i].state != LEFT)
            continue;
        left++;
        osipi_clear(url);
        osipi_add(a->r, url, a->base);
        stream_url(a, url, &tags[i]);
        H->out_key(a->body, osipi_batch_id(id, i));
        H->out_begin(a->body, '{');
        lhs_out_str(H, a->body, LHS("Method"), LHS("GET"));
        lhs_out_str(H, a->body, LHS("Resource"), osipi_str(url));
        H->out_end(a->body);
    }
    H->out_end(a->body);
    body = H->out_done(a->body);
    q = lhs_post(LHS("/piwebapi/batch"), H->json_raw(body));
    q.max_bytes = MOST_BYTES;
    return q;
}

struct lh_http_req osipi_stream_request(struct asking *a, struct text *url, const struct tag *tag)
{
    struct lh_http_req q;

    osipi_clear(url);
    stream_url(a, url, tag);
    q = lhs_get(osipi_str(url));
    q.max_bytes = MOST_BYTES;
    return q;
}

/* --- groups ----------------------------------------------------------------------------------- */

size_t osipi_group(const struct asking *a, const struct tag *tags, size_t n)
{
    size_t most = fit(a, a->use_streamsets ? MOST_TAGS : a->use_batch ? MOST_BATCH : 1);
    size_t bytes = tags[0].webid.n;
    size_t i = 1;

    if (a->max_tags > 0 && (uint64_t)a->max_tags < most)
        most = (size_t)a->max_tags;
    if (tags[0].n_at)
        return 1;
    for (; i < n && i < most; i++) {
        bytes += tags[i].webid.n + sizeof "&webId=" - 1;
        if (tags[i].since != tags[0].since || tags[i].n_at ||
            (a->use_streamsets && bytes > MOST_URL))
            break;
    }
    return i;
}

/* --- the beginning ---------------------------------------------------------------------------- */

static int take_step(struct asking *a)
{
    const char *text = option(a, a->series->step_option);

    a->step_text = lhs_z(text ? text : a->series->default_step);
    a->step = osipi_interval(a->step_text);
    return a->step ? LH_OK
                   : lhs_fail(H, a->r->call, LH_E_OPTION,
                              "option %s: expected an interval such as 30s, 1m or 2h, found \"%s\"",
                              a->series->step_option, a->step_text.p);
}

/* Option time as the server is to have it: all requests mean the same. */
static int take_time(struct asking *a)
{
    const char *text = option(a, "time");
    struct reader *r = a->r;
    char iso[TIME_SIZE];
    int64_t time = text ? osipi_pi_time(lhs_z(text), r->as_of) : r->as_of;

    if (time == NO_TICKS)
        return lhs_fail(H, r->call, LH_E_OPTION,
                        "option time: expected a PI time such as *-1d or 2026-03-01T10:00:00Z, "
                        "found \"%s\"",
                        text);
    if (text || a->series->span == AT_TIME)
        r->argument = lhs_dup(H, r->call, osipi_iso(iso, time));
    return LH_OK;
}

int osipi_begin_asking(struct reader *r, struct asking *ret)
{
    struct asking a = {r, r->table->series, 0, {NULL, 0}, 0, 1, 1, 0, 0, NULL, {NULL, 0}, 0, 0, 0};
    int rc = LH_OK;

    a.use_streamsets = lhs_opt_bool(H, r->scan->opts, "prefer_streamset", 1);
    a.max_tags = lhs_opt_i64(H, r->scan->opts, "tags_per_request", 0);
    a.body = H->out_new(r->call);
    a.base = H->base_url(r->call);
    if (a.series->span == ON_GRID)
        rc = take_step(&a);
    else if (a.series->span == AT_TIME || a.series->span == NOW_OR_TIME)
        rc = take_time(&a);
    *ret = a;
    return rc;
}
