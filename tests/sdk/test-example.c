/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The example connector on a fake host: that its data are a function of seed and time, that going
 * on from an offset gives each change once, and what it answers at the edges.
 */
#include "config.h"

#include "fake_host.h"

#include "base/mem.h"

#include "tap.h"

#include <stdlib.h>

#define T0       INT64_C(1735689600000) /* 2025-01-01 */
#define DAY      INT64_C(86400000)
#define FIRST_ID INT64_C(9007199254740993)
#define MOST_IDS 4096

static const struct lh_connector *example;

struct instance {
    struct fake fake;
    void *self;
};

static int start(struct instance *in, const struct fake_option *options)
{
    fake_begin(&in->fake, NULL, options);
    fake_defaults(&in->fake, example);
    return example->open(&in->fake.call, &in->fake.opts, &in->self);
}

static int stop(struct instance *in)
{
    example->close(&in->fake.call, in->self);
    fake_end(&in->fake);
    return 0;
}

typedef int slot(lh_call *, void *, const struct lh_scan *, lh_sink *);

static int call(struct instance *in, slot *to_call, const char *table, const char *offset,
                int64_t as_of)
{
    struct lh_scan s = fake_scan(&in->fake, table, offset, as_of);

    return to_call(&in->fake.call, in->self, &s, &in->fake.sink);
}

/* The last line of a buffer, to be freed. */
static char *last_line(const struct lh_buf *b)
{
    const char *text = fake_text(b);
    size_t n = strlen(text);
    size_t from = n ? n - 1 : 0;

    while (from > 0 && text[from - 1] != '\n')
        from--;
    return lh_xmemdup0(text + from, n ? n - 1 - from : 0);
}

static int count_lines(const struct lh_buf *b)
{
    int n = 0;

    for (const char *p = fake_text(b); (p = strchr(p, '\n')); p++)
        n++;
    return n;
}

/* --- states ----------------------------------------------------------------------------------- */

/* Rows by id; NULL: there is none. */
struct state {
    char *rows[MOST_IDS];
};

static void state_free(struct state *s)
{
    for (size_t i = 0; i < MOST_IDS; i++)
        free(s->rows[i]);
}

/* Applies lines of rows ("-" in front: deletes). Answers how many there were; checks each. */
static int apply(struct instance *in, struct state *s, const struct lh_buf *lines)
{
    int n = 0;
    int wrong = 0;

    for (const char *p = fake_text(lines); *p; n++) {
        const char *end = strchr(p, '\n');
        char *line lh_autofree = lh_xmemdup0(p, (size_t)(end - p));
        const lh_json *row = fake_json(&in->fake, line + (line[0] == '-'));
        int64_t id = -1;

        p = end + 1;
        if (lh_json_i64(lh_json_get(row, LHS("id")), &id) || id < FIRST_ID ||
            id >= FIRST_ID + MOST_IDS) {
            wrong++;
            continue;
        }
        free(s->rows[id - FIRST_ID]);
        s->rows[id - FIRST_ID] = line[0] == '-' ? NULL : lh_xstrdup(line);
    }
    is_int(wrong, 0, "every row is JSON with an id");
    return n;
}

static void compare(const struct state *got, const struct state *want, const char *what)
{
    int wrong = 0;

    for (size_t i = 0; i < MOST_IDS; i++)
        if (!got->rows[i] != !want->rows[i] ||
            (got->rows[i] && strcmp(got->rows[i], want->rows[i])))
            if (wrong++ == 0)
                diag("id %zu: expected %s, found %s", i, want->rows[i] ? want->rows[i] : "none",
                     got->rows[i] ? got->rows[i] : "none");
    is_int(wrong, 0, what);
}

static const struct fake_option small[] = {
    {"rows", "200"}, {"changes", "48"}, {"page_rows", "10"}, {NULL, NULL}};

/* Reads to the horizon from the offset and applies. *offset goes on, NULL at first. */
static int read_on(struct state *s, slot *flow, const char *table, char **offset, int64_t as_of)
{
    struct instance in;
    int n;

    start(&in, small);
    is_int(call(&in, flow, table, *offset, as_of), LH_OK, table);
    n = apply(&in, s, &in.fake.rows);
    free(*offset);
    *offset = last_line(&in.fake.checkpoints);
    stop(&in);
    return n;
}

static void test_users_over_time(void)
{
    struct state grown = {0};
    struct state whole = {0};
    char *offset lh_autofree = NULL;
    char *none lh_autofree = NULL;

    is_int(read_on(&grown, example->read_table, "users", &offset, T0 + DAY), 200, "all at first");
    is_str(offset, "{\"until\":\"2025-01-02T00:00:00Z\"}", "the offset is the horizon");
    is_int(read_on(&grown, example->read_table, "users", &offset, T0 + 2 * DAY), 48,
           "then a day's changes");
    is_int(read_on(&grown, example->read_table, "users", &offset, T0 + 2 * DAY + 1799999), 0,
           "no change in less than half an hour");
    is_int(read_on(&grown, example->read_table, "users", &offset, T0 + 9 * DAY), 200,
           "after a week every row, but each once");
    read_on(&whole, example->read_table, "users", &none, T0 + 9 * DAY);
    compare(&grown, &whole, "the state is the same as read whole");
    state_free(&grown);
    state_free(&whole);
}

static void test_orders_over_time(void)
{
    struct state grown = {0};
    struct state whole = {0};
    char *rows lh_autofree = NULL;
    char *deletes lh_autofree = NULL;
    char *none lh_autofree = NULL;
    int n_deletes = 0;

    for (int day = 0; day < 40; day += day % 3 + 1) {
        read_on(&grown, example->read_table, "orders", &rows, T0 + day * DAY);
        n_deletes +=
            read_on(&grown, example->read_table_deletes, "orders", &deletes, T0 + day * DAY);
    }
    read_on(&grown, example->read_table, "orders", &rows, T0 + 40 * DAY);
    read_on(&grown, example->read_table_deletes, "orders", &deletes, T0 + 40 * DAY);
    read_on(&whole, example->read_table, "orders", &none, T0 + 40 * DAY);
    ok(n_deletes > 400, "%d deletes", n_deletes);
    compare(&grown, &whole, "upserts and deletes give the state as read whole");
    state_free(&grown);
    state_free(&whole);
}

static void test_deletes_have_key_and_cursor(void)
{
    struct instance in;
    char *last lh_autofree = NULL;

    start(&in, small);
    is_int(call(&in, example->read_table_deletes, "orders", NULL, T0 + DAY), LH_OK, "read");
    last = last_line(&in.fake.rows);
    has_str(last, "-{\"id\":9007199254", "key");
    ok(!strstr(last, "status"), "nothing else");
    ok(count_lines(&in.fake.checkpoints) > 20, "pages without deletes have checkpoints too");
    is_int(call(&in, example->read_table_deletes, "users", NULL, T0), LH_E_UNSUPPORTED,
           "a table of which nothing is deleted");
    stop(&in);
}

static void test_events_append(void)
{
    struct state grown = {0};
    char *offset lh_autofree = NULL;

    is_int(read_on(&grown, example->read_table, "events", &offset, T0 + DAY), 248,
           "all, also what is older than the newest of each row");
    is_int(read_on(&grown, example->read_table, "events", &offset, T0 + 21 * DAY), 20 * 48,
           "then all, more than there are rows");
    state_free(&grown);
}

/* --- pages and checkpoints -------------------------------------------------------------------- */

static char *whole(const char *table, const struct fake_option *options, int64_t as_of)
{
    struct instance in;
    char *text;

    start(&in, options);
    is_int(call(&in, example->read_table, table, NULL, as_of), LH_OK, table);
    text = lh_xstrdup(fake_text(&in.fake.rows));
    stop(&in);
    return text;
}

static void test_page_size_is_unseen(void)
{
    static const char *const tables[] = {"products", "events", "users", "orders", "metrics"};
    static const struct fake_option large[] = {
        {"rows", "200"}, {"changes", "48"}, {"page_rows", "1000"}, {NULL, NULL}};
    static const struct fake_option other[] = {
        {"rows", "200"}, {"changes", "48"}, {"seed", "2"}, {NULL, NULL}};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char *a lh_autofree = whole(tables[i], small, T0 + 3 * DAY);
        char *b lh_autofree = whole(tables[i], large, T0 + 3 * DAY);
        char *c lh_autofree = whole(tables[i], other, T0 + 3 * DAY);

        is_str(b, a, "the same rows in other pages");
        ok(strcmp(a, c) != 0, "another seed gives others");
    }
}

static void test_more(void)
{
    static const struct fake_option two[] = {
        {"rows", "95"}, {"changes", "0"}, {"page_rows", "10"}, {"pages", "2"}, {NULL, NULL}};
    char *offset lh_autofree = NULL;
    int calls = 0;
    int rows = 0;
    int rc = LH_MORE;

    while (rc == LH_MORE && calls++ < 20) {
        struct instance in;

        start(&in, two);
        rc = call(&in, example->read_table, "users", offset, T0);
        rows += count_lines(&in.fake.rows);
        is_int(count_lines(&in.fake.checkpoints), 2, "two pages a call");
        free(offset);
        offset = last_line(&in.fake.checkpoints);
        stop(&in);
    }
    is_int(rc, LH_OK, "done");
    is_int(calls, 5, "after five calls");
    is_int(rows, 95, "with every row once");
}

static void test_stopped_by_host(void)
{
    struct instance in;
    char *offset lh_autofree = NULL;

    start(&in, small);
    in.fake.stop_at = 3;
    is_int(call(&in, example->read_table, "users", NULL, T0), LH_MORE, "checkpoint's LH_MORE");
    is_int(count_lines(&in.fake.rows), 30, "three pages");
    offset = last_line(&in.fake.checkpoints);
    lh_buf_reset(&in.fake.rows);
    in.fake.stop_at = 0;
    is_int(call(&in, example->read_table, "users", offset, T0), LH_OK, "and the rest");
    is_int(count_lines(&in.fake.rows), 170, "no row twice");
    stop(&in);
}

static void test_horizon(void)
{
    struct instance in;
    const char *line;
    int64_t as_of = T0 + DAY / 2;
    int future = 0;

    start(&in, small);
    is_int(call(&in, example->read_table, "users", NULL, as_of), LH_OK, "read");
    for (line = fake_text(&in.fake.rows); (line = strstr(line, "\"updated_at\":\"")); line++)
        future += lhs_time_ms(lhs_n(line + 14, 20)) > as_of;
    ok(future > 0, "%d rows are dated later than the horizon", future);
    for (line = fake_text(&in.fake.checkpoints); (line = strstr(line, "\"until\":\"")); line++)
        if (lhs_time_ms(lhs_n(line + 9, 20)) > as_of)
            ok(false, "a checkpoint lies beyond the horizon: %.40s", line);
    lh_buf_reset(&in.fake.rows);
    lh_buf_reset(&in.fake.checkpoints);
    is_int(call(&in, example->read_table, "users", "{\"until\":\"2025-01-01T12:00:00Z\"}", as_of),
           LH_OK, "a horizon that was reached");
    is_str(fake_text(&in.fake.rows), "", "no row");
    is_str(fake_text(&in.fake.checkpoints), "", "no checkpoint");
    is_int(call(&in, example->read_table, "users", NULL, INT64_C(-1)), LH_OK, "before anything");
    is_str(fake_text(&in.fake.rows), "", "there was nothing");
    is_int(call(&in, example->read_table, "users", NULL, T0 - 100 * 1000), LH_OK,
           "in the middle of the load");
    is_int(count_lines(&in.fake.rows), 101, "a part of it");
    stop(&in);
}

static void test_end(void)
{
    struct instance in;
    struct lh_scan s;
    char *last lh_autofree = NULL;

    start(&in, small);
    s = fake_scan(&in.fake, "events", "{\"until\":\"2025-01-02T00:00:00Z\"}", T0 + 30 * DAY);
    s.end = fake_json(&in.fake, "{\"until\":\"2025-01-03\"}");
    is_int(example->read_table(&in.fake.call, in.self, &s, &in.fake.sink), LH_OK, "to an end");
    is_int(count_lines(&in.fake.rows), 48, "a day");
    last = last_line(&in.fake.checkpoints);
    is_str(last, "{\"until\":\"2025-01-03\"}", "the last checkpoint is the end, letter by letter");
    s.end = fake_json(&in.fake, "{\"until\":\"2026-01-03\"}");
    is_int(example->read_table(&in.fake.call, in.self, &s, &in.fake.sink), LH_E_OFFSET,
           "an end beyond the horizon");
    stop(&in);
}

/* --- partitions ------------------------------------------------------------------------------- */

static void test_partitions(void)
{
    struct instance in;
    struct instance parts;
    const char *p;
    int n = 0;

    start(&in, small);
    start(&parts, small);
    is_int(call(&in, example->read_table, "metrics", NULL, T0 + DAY), LH_OK, "whole");
    is_int(call(&parts, example->get_partitions, "metrics", NULL, T0 + DAY), LH_OK, "parts");
    for (p = fake_text(&parts.fake.catalog); (p = strstr(p, "{\"first\"")); p++, n++) {
        struct lh_scan s = fake_scan(&parts.fake, "metrics", NULL, T0 + DAY);
        char *json lh_autofree = lh_xmemdup0(p, strcspn(p, "\n"));

        s.partition = fake_json(&parts.fake, json);
        is_int(example->read_partition(&parts.fake.call, parts.self, &s, &parts.fake.sink), LH_OK,
               json);
    }
    is_int(n, 8, "partitions");
    is_str(fake_text(&parts.fake.rows), fake_text(&in.fake.rows), "together they are the table");
    is_str(fake_text(&parts.fake.checkpoints), "", "without checkpoints");
    is_int(call(&in, example->get_partitions, "users", NULL, T0), LH_E_UNSUPPORTED,
           "a table without");
    lh_buf_reset(&in.fake.checkpoints);
    is_int(call(&in, example->latest_offset, "metrics", NULL, T0), LH_OK, "the newest offset");
    is_str(fake_text(&in.fake.checkpoints), "{\"until\":\"2025-01-01T00:00:00Z\"}\n",
           "is the horizon");
    stop(&in);
    stop(&parts);
}

static void test_foreign_partitions(void)
{
    static const char *const foreign[] = {"{}",
                                          "{\"first\":0}",
                                          "{\"first\":-1,\"last\":5}",
                                          "{\"first\":0,\"last\":1000000}",
                                          "{\"first\":\"0\",\"last\":5}",
                                          "{\"first\":9223372036854775807,\"last\":5}"};
    struct instance in;

    start(&in, small);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        struct lh_scan s = fake_scan(&in.fake, "metrics", NULL, T0);
        int rc;

        s.partition = fake_json(&in.fake, foreign[i]);
        rc = example->read_partition(&in.fake.call, in.self, &s, &in.fake.sink);
        ok(rc == LH_E_OFFSET, "%s: %d", foreign[i], rc);
    }
    is_str(fake_text(&in.fake.rows), "", "no row");
    stop(&in);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void test_refusals(void)
{
    static const struct fake_option options[] = {
        {"rows", "100"}, {"page_rows", "10"}, {"forbidden", "orders, narrow_03"}, {NULL, NULL}};
    static const struct fake_option wrong[] = {{"forbidden", "orders,ordres"}, {NULL, NULL}};
    struct instance in;

    is_int(start(&in, options), LH_OK, "open");
    is_int(call(&in, example->read_table, "orders", NULL, T0), LH_E_DENIED, "forbidden");
    is_int(call(&in, example->read_table_metadata, "orders", NULL, T0), LH_OK, "but known");
    is_int(call(&in, example->read_table, "users", NULL, T0), LH_OK, "others are not");
    is_int(example->check(&in.fake.call, in.self, &in.fake.sink), LH_OK, "check");
    has_str(fake_text(&in.fake.catalog), "step source 0 ", "what only it can see");
    is_int(call(&in, example->read_table, "user", NULL, T0), LH_E_NOT_FOUND, "no such table");
    is_int(call(&in, example->read_table, "narrow_01", NULL, T0), LH_E_NOT_FOUND,
           "a table without its namespace");
    is_int(call(&in, example->read_table, "narrow_", NULL, T0), LH_E_NOT_FOUND, "a prefix");
    is_int(call(&in, example->read_table, "narrow_41", NULL, T0), LH_E_NOT_FOUND, "one too many");
    is_int(call(&in, example->read_table, "narrow_00", NULL, T0), LH_E_NOT_FOUND, "one too few");
    is_int(call(&in, example->read_table, "users", "{\"until\":7}", T0), LH_E_OFFSET, "an offset");
    is_int(call(&in, example->read_table, "users", "{\"since\":\"x\"}", T0), LH_E_OFFSET,
           "another one's offset");
    stop(&in);
    is_int(start(&in, wrong), LH_E_OPTION, "a forbidden table that does not exist");
    has_str(fake_text(&in.fake.events), "\"ordres\"", "is named");
    fake_end(&in.fake);
    fake_begin(&in.fake, NULL, NULL);
    in.fake.no_memory = true;
    is_int(example->open(&in.fake.call, &in.fake.opts, &in.self), LH_E_NOMEM, "no memory");
    fake_end(&in.fake);
}

/* Every page but the first of a call fails, and yet it gets to the end. */
static void test_failures(void)
{
    static const struct fake_option options[] = {{"rows", "50"},
                                                 {"page_rows", "10"},
                                                 {"failure_rate", "100"},
                                                 {"latency_ms", "3"},
                                                 {NULL, NULL}};
    char *offset lh_autofree = NULL;
    int failures = 0;
    int rc;

    do {
        struct instance in;

        start(&in, options);
        rc = call(&in, example->read_table, "users", offset, T0);
        failures += rc == LH_E_UNAVAILABLE;
        has_str(fake_text(&in.fake.events), "sleep 3\n", "each page takes time");
        free(offset);
        offset = last_line(&in.fake.checkpoints);
        stop(&in);
    } while (rc == LH_E_UNAVAILABLE && failures < 10);
    is_int(rc, LH_OK, "done");
    is_int(failures, 4, "after a failure for each page but the last");
}

static void test_catalog(void)
{
    static const struct fake_option in_area[] = {{"area", "archive"}, {NULL, NULL}};
    lh_str area = LHS("archive");
    lh_str other = LHS("other");
    lh_str twice[] = {area, area};
    struct lh_estimate estimate = {.struct_size = sizeof estimate};
    struct lh_scan s;
    struct instance in;

    start(&in, in_area);
    is_int(example->list_namespaces(&in.fake.call, in.self, NULL, 0, &in.fake.sink), LH_OK, "ns");
    is_int(example->list_namespaces(&in.fake.call, in.self, &area, 1, &in.fake.sink), LH_OK, "ns");
    is_str(fake_text(&in.fake.catalog), "namespace archive\n", "one namespace, none below");
    is_int(example->list_namespaces(&in.fake.call, in.self, &other, 1, &in.fake.sink),
           LH_E_NOT_FOUND, "no such namespace");
    is_int(example->list_namespaces(&in.fake.call, in.self, twice, 2, &in.fake.sink),
           LH_E_NOT_FOUND, "nor one below the one there is");
    lh_buf_reset(&in.fake.catalog);
    is_int(example->list_tables(&in.fake.call, in.self, NULL, 0, &in.fake.sink), LH_OK, "all");
    is_int(count_lines(&in.fake.catalog), 45, "tables");
    is_int(example->list_tables(&in.fake.call, in.self, &area, 1, &in.fake.sink), LH_OK, "some");
    is_int(count_lines(&in.fake.catalog), 85, "and forty");
    is_int(example->list_tables(&in.fake.call, in.self, &other, 1, &in.fake.sink), LH_E_NOT_FOUND,
           "no namespace");
    is_int(call(&in, example->read_table, "narrow_40", NULL, T0), LH_OK, "a narrow table");
    is_int(count_lines(&in.fake.rows), 1000, "with the default's rows");
    is_int(call(&in, example->read_table, "users", NULL, T0), LH_E_NOT_FOUND, "not in there");
    s = fake_scan(&in.fake, "narrow_01", NULL, T0);
    is_int(example->estimate(&in.fake.call, in.self, &s, &estimate), LH_OK, "estimate");
    is_int(estimate.rows, 1000, "rows");
    is_int(estimate.requests, 1, "requests");
    stop(&in);
}

static void test_schema_fits_rows(void)
{
    struct instance in;

    start(&in, small);
    is_int(call(&in, example->get_table_schema, "metrics", NULL, T0), LH_OK, "schema");
    has_str(fake_text(&in.fake.catalog),
            "begin column place struct\ncolumn site string\ncolumn rack int\nend\n", "nested");
    is_int(call(&in, example->read_table, "metrics", NULL, T0), LH_OK, "rows");
    for (const char *p = fake_text(&in.fake.rows); *p; p = strchr(p, '\n') + 1) {
        char *line lh_autofree = lh_xmemdup0(p, strcspn(p, "\n"));

        if (lh_json_count(fake_json(&in.fake, line)) != 8)
            ok(false, "expected eight members, found %s", line);
    }
    is_int(call(&in, example->read_table_metadata, "orders", NULL, T0), LH_OK, "metadata");
    has_str(fake_text(&in.fake.catalog), "meta 4 id updated_at\n", "cdc_with_deletes");
    stop(&in);
}

int main(void)
{
    example = LH_ENTRY(&fake_host);
    is_str(example->name, "example", "name");
    is_int(example->struct_size, sizeof *example, "size");
    RUN(test_users_over_time);
    RUN(test_orders_over_time);
    RUN(test_deletes_have_key_and_cursor);
    RUN(test_events_append);
    RUN(test_page_size_is_unseen);
    RUN(test_more);
    RUN(test_stopped_by_host);
    RUN(test_horizon);
    RUN(test_end);
    RUN(test_partitions);
    RUN(test_foreign_partitions);
    RUN(test_refusals);
    RUN(test_failures);
    RUN(test_catalog);
    RUN(test_schema_fits_rows);
    return tap_done();
}
