/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OSI PI connector's own parts: PI times, intervals, ticks, and answers that a well-behaved
 * fake does not give. What a user sees of it, over the network: tests/system/osipi.sh.
 */
#include "config.h"

#include "fake_host.h"

#include "osipi.h"

#include "tap.h"

#define NOW_TEXT "2026-03-04T05:06:07.5Z" /* a Wednesday */

/* --- times ------------------------------------------------------------------------------------ */

static const struct {
    const char *text, *iso; /* NULL: it is no time */
} times[] = {
    {"*", NOW_TEXT},
    {"", NOW_TEXT},
    {" * ", NOW_TEXT},
    {"t", "2026-03-04T00:00:00Z"},
    {"Today", "2026-03-04T00:00:00Z"},
    {"y", "2026-03-03T00:00:00Z"},
    {"YESTERDAY", "2026-03-03T00:00:00Z"},
    {"*-30s", "2026-03-04T05:05:37.5Z"},
    {"*-1m", "2026-03-04T05:05:07.5Z"},
    {"*-1.5h", "2026-03-04T03:36:07.5Z"},
    {"* - 1 h + 30 m", "2026-03-04T04:36:07.5Z"},
    {"*-1w+2h", "2026-02-25T07:06:07.5Z"},
    {"*-1mo", "2026-02-04T05:06:07.5Z"},
    {"*-5mo", "2025-10-04T05:06:07.5Z"},
    {"*+1y", "2027-03-04T05:06:07.5Z"},
    {"*-2days", "2026-03-02T05:06:07.5Z"},
    {"-1d", "2026-03-03T05:06:07.5Z"},
    {"+90min", "2026-03-04T06:36:07.5Z"},
    {"t+8h", "2026-03-04T08:00:00Z"},
    {"y-0.5d", "2026-03-02T12:00:00Z"},
    {"Wednesday", "2026-03-04T00:00:00Z"},
    {"thu", "2026-02-26T00:00:00Z"},
    {"Mon+8h", "2026-03-02T08:00:00Z"},
    {"january", "2026-01-04T00:00:00Z"},
    {"feb", "2026-02-04T00:00:00Z"},
    {"may-1d", "2026-05-03T00:00:00Z"},
    {"1", "2026-03-01T00:00:00Z"},
    {"31", "2026-03-31T00:00:00Z"},
    {"2024", "2024-03-04T00:00:00Z"},
    {"2026-03-01", "2026-03-01T00:00:00Z"},
    {"2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00Z"},
    {"2026-03-01 10:00", "2026-03-01T10:00:00Z"},
    {"2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.1234567Z"},
    {"2-Mar-2026", "2026-03-02T00:00:00Z"},
    {"02-mar-26 10:30:15", "2026-03-02T10:30:15Z"},
    {"31-Dec-99 23:59", "1999-12-31T23:59:00Z"},
    {"now", NULL},
    {"*-1", NULL},
    {"*-h", NULL},
    {"*-1.5mo", NULL},
    {"*-1fortnight", NULL},
    {"*1d", NULL},
    {"*-", NULL},
    {"t8h", NULL},
    {"32", NULL},
    {"0", NULL},
    {"1969", NULL},
    {"30-Feb-2026", NULL},
    {"2-Mrz-2026", NULL},
    {"2-Mar-2026x", NULL},
    {"2026-13-01", NULL},
    {"*-99999999999y", NULL},
    {"*+999999999999999d", NULL},
    {"*-9999y", NULL},
    {"soon", NULL},
};

static void test_times(void)
{
    int64_t now = osipi_ticks(LHS(NOW_TEXT));
    char iso[TIME_SIZE];

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t time = osipi_pi_time(lhs_z(times[i].text), now);

        is_str(time == NO_TICKS ? "none" : osipi_iso(iso, time).p,
               times[i].iso ? times[i].iso : "none", times[i].text);
    }
    is_str(osipi_iso(iso, osipi_pi_time(LHS("*-1mo"), osipi_ticks(LHS("2026-03-31T01:00:00Z")))).p,
           "2026-02-28T01:00:00Z", "a short month has no 31st");
    is_str(osipi_iso(iso, osipi_pi_time(LHS("*-1y"), osipi_ticks(LHS("2024-02-29T01:00:00Z")))).p,
           "2023-02-28T01:00:00Z", "nor every year a 29th of February");
    is_str(osipi_iso(iso, osipi_ticks(LHS("1969-12-31T23:59:59.9999999Z"))).p,
           "1969-12-31T23:59:59.9999999Z", "before 1970");
    is_int(osipi_ticks(LHS("2026-03-01T10:00:00.12x")) == NO_TICKS, 1, "half a time");
    is_int(osipi_ticks(LHS("2026-03-01T10:00:00.12345678Z")) % 10000000, 1234567,
           "an eighth digit is cut");
}

static const struct {
    const char *text;
    int64_t seconds; /* 0: it is no interval */
} intervals[] = {
    {"30s", 30},      {"1m", 60},     {"1.5h", 5400}, {"2h", 7200},
    {" 1 d ", 86400}, {"1w", 604800}, {"90sec", 90},  {"", 0},
    {"1", 0},         {"m", 0},       {"0m", 0},      {"-1m", 0},
    {"1mo", 0},       {"1y", 0},      {"1m1s", 0},    {"9999999999999w", 0},
};

static void test_intervals(void)
{
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++)
        is_int(osipi_interval(lhs_z(intervals[i].text)) / 10000000, intervals[i].seconds,
               intervals[i].text);
}

/* --- answers ---------------------------------------------------------------------------------- */

#define PLACE "?startTime=2026-03-01T00%3A00%3A00Z&endTime=2026-03-01T01%3A00%3A00Z&maxCount=2"
#define SET                                                                                        \
    "/piwebapi/streamsets/recorded?webId=a&webId=b&startTime=2026-03-01T00%3A00%3A00Z"             \
    "&endTime=2026-03-01T01%3A00%3A00Z&maxCount=2"
#define V(t)        "{\"Timestamp\":\"2026-03-01T00:" t "Z\",\"Value\":1}"
#define LIST(items) "{\"Items\":[" items "]}"
#define GET(u, j)                                                                                  \
    {                                                                                              \
        "GET", u, NULL, 200, NULL, j                                                               \
    }

static const struct lh_connector *osipi;

/* One read of pi_timeseries of the tags, maxCount 2, up to one o'clock. */
struct read_case {
    const char *what, *tags, *offset;
    const char *per_request; /* option tags_per_request */
    struct fake_answer answers[6];
    int rc;
    const char *times; /* minutes and seconds of the rows, in order */
    const char *checkpoints;
};

#define UNTIL "{\"until\":\"2026-03-01T01:00:00Z\"}\n"

static const struct read_case cases[] = {
    {.what = "a page that is full has another behind it, which begins with its last value",
     .tags = "a",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("01:00") "," V("02:00"))),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A02%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=2",
                     LIST(V("02:00") "," V("03:00"))),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A03%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=2",
                     LIST(V("03:00")))},
     .times = "01:00 02:00 03:00 ",
     .checkpoints = UNTIL},
    {.what = "more values of one time than a page holds: a larger page",
     .tags = "a",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("01:00") "," V("01:00"))),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A01%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=2",
                     LIST(V("01:00") "," V("01:00"))),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A01%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=4",
                     LIST(V("01:00") "," V("01:00") "," V("01:00")))},
     .times = "01:00 01:00 01:00 ",
     .checkpoints = UNTIL},
    {.what = "a value that went between two pages does not take the next with it",
     .tags = "a",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("01:00") "," V("01:00"))),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A01%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=2",
                     LIST(V("02:00") "," V("02:00"))),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A02%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=2",
                     LIST(""))},
     .times = "01:00 01:00 02:00 02:00 ",
     .checkpoints = UNTIL},
    {.what = "values outside the window, which the server should not send",
     .tags = "a",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE,
                     LIST("{\"Timestamp\":\"2026-02-28T23:59:59Z\",\"Value\":1}")),
                 {0}},
     .times = "",
     .checkpoints = UNTIL},
    {.what = "one stream more than a page can hold: each has a count of its own",
     .tags = "a,b",
     .answers = {GET(SET, LIST("{\"WebId\":\"a\",\"Items\":[" V("01:00") "," V(
                              "02:00") "]},"
                                       "{\"WebId\":\"b\",\"Items\":[" V("03:00") "]}")),
                 GET("/piwebapi/streams/a/recorded?startTime=2026-03-01T00%3A02%3A00Z&endTime="
                     "2026-03-01T01%3A00%3A00Z&maxCount=2",
                     LIST(V("02:00")))},
     .times = "01:00 02:00 03:00 ",
     .checkpoints = UNTIL},
    {.what = "streams that nobody asked for, and one twice",
     .tags = "a,b",
     .answers = {GET(SET,
                     LIST("{\"WebId\":\"x\",\"Items\":[" V(
                         "09:00") "]},"
                                  "{\"WebId\":\"b\",\"Items\":[]},{\"WebId\":\"a\",\"Items\":[" V(
                                      "01:00") "]},{\"WebId\":\"a\",\"Items\":[" V("01:00") "]}"))},
     .times = "01:00 ",
     .checkpoints = UNTIL},
    {.what = "an open window whose tags have changed is begun anew",
     .tags = "a",
     .offset = "{\"until\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-03-01T00:30:00Z\",\"done\":1,"
               "\"after\":\"z\"}",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("01:00")))},
     .times = "01:00 ",
     .checkpoints = UNTIL},
    {.what = "each group of a window has its checkpoint",
     .tags = "a,b",
     .per_request = "1",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("01:00"))),
                 GET("/piwebapi/streams/b/recorded" PLACE, LIST(V("02:00")))},
     .times = "01:00 02:00 ",
     .checkpoints = "{\"until\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-03-01T01:00:00Z\","
                    "\"done\":1,\"after\":\"a\"}\n" UNTIL},
    {.what = "an open window goes on behind the tags that are done",
     .tags = "a,b",
     .offset = "{\"until\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-03-01T01:00:00Z\",\"done\":1,"
               "\"after\":\"a\"}",
     .answers = {GET("/piwebapi/streams/b/recorded" PLACE, LIST(V("01:00")))},
     .times = "01:00 ",
     .checkpoints = UNTIL},
    {.what = "an answer without a list, for ever",
     .tags = "a",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, "{}"),
                 GET("/piwebapi/streams/a/recorded" PLACE, "{\"Items\":{}}"),
                 GET("/piwebapi/streams/a/recorded" PLACE, LIST("{\"Value\":1}")),
                 GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("01:00") ",7"))},
     .times = "",
     .checkpoints =
         "{\"until\":\"2026-03-01T01:00:00Z\",\"behind\":{\"a\":[\"2026-03-01T00:00:00Z\","
         "0]}}\n"},
    {.what = "a tag that was behind is read from where it stood, without what was given out",
     .tags = "a",
     .offset =
         "{\"until\":\"2026-03-01T00:50:00Z\",\"behind\":{\"a\":[\"2026-03-01T00:00:00Z\",1]}}",
     .answers = {GET("/piwebapi/streams/a/recorded" PLACE, LIST(V("00:00"))), {0}},
     .times = "",
     .checkpoints = UNTIL},
};

/* The times of the rows, without the date. */
static void times_of(const char *rows, char *to, size_t size)
{
    static const char name[] = "\"timestamp\":\"2026-03-01T00:";
    size_t n = 0;

    while ((rows = strstr(rows, name)) && n + 7 < size) {
        rows += sizeof name - 1;
        memcpy(to + n, rows, 5);
        to[n + 5] = ' ';
        n += 6;
    }
    to[n] = 0;
}

static void run_case(const struct read_case *c)
{
    const struct fake_option options[] = {{"tag_webids", c->tags},
                                          {"maxCount", "2"},
                                          {"tags_per_request", c->per_request},
                                          {"startTime", "2026-03-01T00:00:00Z"},
                                          {NULL, NULL}};
    struct fake_answer answers[7] = {{0}};
    struct fake f;
    struct lh_scan scan;
    char got[256];
    void *self = NULL;
    int rc;

    memcpy(answers, c->answers, sizeof c->answers);
    fake_begin(&f, answers, options);
    osipi->open(&f.call, &f.opts, &self);
    scan = fake_scan(&f, "pi_timeseries", c->offset,
                     osipi_ticks(LHS("2026-03-01T01:00:00Z")) / TICKS_PER_MS);
    rc = osipi->read_table(&f.call, self, &scan, &f.sink);
    is_int(rc, c->rc, c->what);
    times_of(fake_text(&f.rows), got, sizeof got);
    is_str(got, c->times, "its rows");
    is_str(fake_text(&f.checkpoints), c->checkpoints, "its checkpoints");
    is_int(f.n_live, 0, "no answer is kept");
    fake_end(&f);
}

static void test_reads(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_case(&cases[i]);
}

/* An interrupted read of event frames goes on in the database, and at the page, that it came to. */
static void test_frames(void)
{
    static const struct fake_answer answers[] = {
        GET("/piwebapi/assetservers", LIST("{\"WebId\":\"s\"}")),
        GET("/piwebapi/assetservers/s/assetdatabases",
            LIST("{\"WebId\":\"d1\"},{\"WebId\":\"d2\"}")),
        GET("/piwebapi/assetdatabases/d2/eventframes?searchFullHierarchy=true&sortField=StartTime"
            "&sortOrder=Ascending&startTime=2026-02-28T23%3A00%3A00Z&endTime=2026-03-01T01%3A00%3A"
            "00Z&searchMode=Overlapped&startIndex=7&maxCount=1000",
            LIST("{\"WebId\":\"f\",\"StartTime\":\"2026-03-01T00:30:00Z\"}")),
        {0},
    };
    const struct fake_option options[] = {{"searchMode", "Overlapped"}, {NULL, NULL}};
    struct lh_scan scan;
    struct fake f;
    void *self = NULL;

    fake_begin(&f, answers, options);
    osipi->open(&f.call, &f.opts, &self);
    scan = fake_scan(&f, "pi_event_frames",
                     "{\"until\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-03-01T01:00:00Z\","
                     "\"database\":\"d2\",\"index\":7}",
                     osipi_ticks(LHS("2026-03-01T01:00:00Z")) / TICKS_PER_MS);
    is_int(osipi->read_table(&f.call, self, &scan, &f.sink), LH_OK, "event frames from a page on");
    is_int(strstr(fake_text(&f.rows), "\"event_frame_webid\":\"f\"") != NULL, 1, "its frame");
    is_str(fake_text(&f.checkpoints),
           "{\"until\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-03-01T01:00:00Z\","
           "\"database\":\"d2\",\"index\":8}\n" UNTIL,
           "and its checkpoints");
    fake_end(&f);
}

/* Without memory every read ends with an error, and nothing else happens. */
static void test_no_memory(void)
{
    const struct fake_option options[] = {{"tag_webids", "a"}, {NULL, NULL}};
    struct lh_scan scan;
    struct fake f;
    void *self = NULL;

    fake_begin(&f, NULL, options);
    osipi->open(&f.call, &f.opts, &self);
    scan = fake_scan(&f, "pi_timeseries", NULL, 1000);
    f.no_memory = true;
    is_int(osipi->read_table(&f.call, self, &scan, &f.sink), LH_E_NOMEM, "no memory");
    fake_end(&f);
}

int main(void)
{
    osipi = LH_ENTRY(&fake_host);
    RUN(test_times);
    RUN(test_intervals);
    RUN(test_reads);
    RUN(test_frames);
    RUN(test_no_memory);
    return tap_done();
}
