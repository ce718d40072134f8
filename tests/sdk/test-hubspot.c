/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HubSpot connector on a fake host: where each page leads, and what it does where HubSpot's
 * answers are odd. What a user sees of it, over the network: tests/system/hubspot.sh.
 */
#include "config.h"

#include "fake_host.h"

#include "hubspot.h"

#include "tap.h"

/* clang-format off */
#define NOW      INT64_C(1772357415000)
#define NOW_TEXT "2026-03-01T09:30:15Z"
#define T0       "2026-03-01T09:00:00Z" /* 1772355600000; looked back from: 1772355300000 */
#define LIST     "/crm/v3/objects/contacts?limit=100&archived=false&properties=email,amount" \
                 "&associations=companies"
#define GONE     "/crm/v3/objects/contacts?limit=100&archived=true&properties=hs_object_id"
#define SEARCH   "/crm/v3/objects/contacts/search"
#define BATCH    "/crm/v3/objects/contacts/batch/read?archived=false"
#define LINKS    "/crm/v4/associations/contacts/companies/batch/read"
#define GET(u, j)     {"GET", u, NULL, 200, NULL, j}
#define POST(u, b, j) {"POST", u, b, 200, NULL, j}
#define PROPERTIES                                                                                 \
    GET("/crm/v3/properties/contacts", "{\"results\":[{\"name\":\"email\",\"type\":\"string\"},"   \
        "{\"type\":\"string\"},{\"name\":\"amount\",\"type\":\"number\"}]}")
#define RECORD(id)    "{\"id\":\"" id "\",\"archived\":false,\"url\":\"x\"}"
#define ROW(id, to)   "{\"id\":\"" id "\",\"createdAt\":null,\"updatedAt\":null,"                  \
                      "\"archived\":false,\"companies\":[" to "],\"properties\":null}\n"
#define FOUND(id, t)  "{\"id\":\"" id "\",\"properties\":{\"lastmodifieddate\":\"" t "\"}}"
#define NEXT(a)       ",\"paging\":{\"next\":{\"after\":\"" a "\"}}"
#define NOTHING       POST(LINKS, NULL, "{\"results\":[]}")
/* clang-format on */

static const struct lh_connector *hubspot;

/* One call of a read, and what must come of it. NULL: does not matter. */
struct read_case {
    const char *what, *table, *offset;
    struct fake_option options[2];
    struct fake_answer answers[16];
    int deletes, stop_at, rc;
    const char *rows, *checkpoints;
};

static const struct read_case cases[] = {
    {.what = "a list: dropped members, associations once and in order, an empty page in the middle",
     .answers =
         {PROPERTIES,
          GET(LIST,
              "{\"results\":[{\"id\":\"7\",\"properties\":{\"email\":\"\"},\"archived\":false,"
              "\"updatedAt\":\"u\",\"createdAt\":\"c\",\"archivedAt\":1,\"associations\":{"
              "\"companies\":{\"results\":[{\"id\":\"20\",\"type\":\"a\"},{\"id\":\"3\","
              "\"type\":\"a\"},{\"id\":\"20\",\"type\":\"b\"},{\"id\":\"9007199254740993\"}]"
              "}}}]" NEXT("8+9") "}"),
          GET(LIST "&after=8%2B9", "{\"results\":[]" NEXT("9") "}"),
          GET(LIST "&after=9", "{\"results\":[" RECORD("9") "]}")},
     .rows =
         "{\"id\":\"7\",\"createdAt\":\"c\",\"updatedAt\":\"u\",\"archived\":false,"
         "\"companies\":[\"3\",\"20\",\"9007199254740993\"],\"properties\":{\"email\":\"\"}}\n" ROW(
             "9", ""),
     .checkpoints =
         "{\"after\":\"8+9\",\"until\":\"" NOW_TEXT "\"}\n{\"after\":\"9\",\"until\":\"" NOW_TEXT
         "\"}\n{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "associations that a list cuts off are asked for",
     .answers = {PROPERTIES,
                 GET(LIST, "{\"results\":[{\"id\":\"7\",\"archived\":false,\"associations\":{"
                           "\"companies\":{\"results\":[{\"id\":\"1\"}]" NEXT("x") "}}}]}"),
                 GET("/crm/v4/objects/contacts/7/associations/companies?limit=500",
                     "{\"results\":[{\"toObjectId\":2},{\"toObjectId\":1}]" NEXT("a=") "}"),
                 GET("/crm/v4/objects/contacts/7/associations/companies?limit=500&after=a%3D",
                     "{\"results\":[{\"toObjectId\":9007199254740993}]}")},
     .rows = ROW("7", "\"1\",\"2\",\"9007199254740993\"")},
    {.what = "a page that comes after itself",
     .offset = "{\"after\":\"5\",\"until\":\"" T0 "\"}",
     .answers = {PROPERTIES, GET(LIST "&after=5", "{\"results\":[]" NEXT("5") "}")},
     .rc = LH_E_DATA},
    {.what = "an id that is no number",
     .answers = {PROPERTIES, GET(LIST, "{\"results\":[" RECORD("x") "]}")},
     .rc = LH_E_DATA},
    {.what = "associated with what is no number",
     .answers = {PROPERTIES,
                 GET(LIST, "{\"results\":[{\"id\":\"7\",\"associations\":{\"companies\":{"
                           "\"results\":[{}]}}}]}")},
     .rc = LH_E_DATA},
    {.what = "no list", .answers = {PROPERTIES, GET(LIST, "{}")}, .rc = LH_E_DATA},
    {.what = "an offset that is not taken",
     .offset = "{\"after\":\"5\",\"until\":\"" T0 "\"}",
     .answers = {PROPERTIES, {"GET", LIST "&after=5", NULL, 400, NULL, "{}"}},
     .rc = LH_E_OFFSET},
    {.what = "no properties",
     .answers = {GET("/crm/v3/properties/contacts", "{\"results\":[]}")},
     .rc = LH_E_DATA},
    {.what = "the host wants no more",
     .stop_at = 1,
     .answers = {PROPERTIES, GET(LIST, "{\"results\":[" RECORD("9") "]" NEXT("10") "}")},
     .rc = LH_MORE,
     .rows = ROW("9", "")},
    {.what = "enough for a batch",
     .options = {{"max_records_per_batch", "1"}},
     .answers = {PROPERTIES, GET(LIST, "{\"results\":[" RECORD("9") "]" NEXT("10") "}")},
     .rc = LH_MORE},
    {.what = "the end of a list that an earlier run began, and what changed since it began",
     .offset = "{\"after\":\"5\",\"until\":\"" T0 "\"}",
     .answers = {PROPERTIES, GET(LIST "&after=5", "{\"results\":[" RECORD("5") "]}"),
                 POST(SEARCH,
                      "\"value\":\"1772355300000\"},{\"propertyName\":\"lastmodifieddate\","
                      "\"operator\":\"LTE\",\"value\":\"1772357415000\"}]}]",
                      "{\"total\":0,\"results\":[]}")},
     .rows = ROW("5", ""),
     .checkpoints = "{\"updatedAt\":\"" T0 "\"}\n{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "what covers the horizon is not asked for",
     .offset = "{\"updatedAt\":\"" NOW_TEXT "\"}",
     .rows = "",
     .checkpoints = ""},
    {.what = "nor what goes beyond it",
     .offset = "{\"updatedAt\":\"2026-03-02T00:00:00Z\",\"until\":\"2026-03-03T00:00:00Z\"}",
     .rows = "",
     .checkpoints = ""},
    {.what = "changes: the last time of a page is left to the next",
     .offset = "{\"updatedAt\":\"" T0 "\",\"until\":\"" NOW_TEXT "\"}",
     .answers =
         {PROPERTIES,
          POST(SEARCH, "\"value\":\"1772355600000\"},{",
               "{\"results\":[" FOUND("3", "2026-03-01T08:59:59.999Z") "," FOUND(
                   "2", "2026-03-01T09:00:01Z") "," FOUND("1", "1772355602500") "]" NEXT("3") "}"),
          POST(BATCH, "{\"properties\":[\"email\",\"amount\"],\"inputs\":[{\"id\":\"2\"}]}",
               "{\"results\":[" RECORD("2") "," RECORD("99") "]}"),
          POST(LINKS, "{\"inputs\":[{\"id\":\"2\"}]}",
               "{\"results\":[{\"from\":{\"id\":\"99\"},\"to\":[{\"toObjectId\":5}]},{\"from\":{"
               "\"id\":\"2\"},\"to\":[{\"toObjectId\":4}]}]}"),
          POST(SEARCH, "\"value\":\"1772355602500\"},{",
               "{\"results\":[" FOUND("1", "1772355602500") "]}"),
          POST(BATCH, "[{\"id\":\"1\"}]", "{\"results\":[" RECORD("1") "]}"), NOTHING},
     .rows = ROW("2", "\"4\"") ROW("1", ""),
     .checkpoints = "{\"updatedAt\":\"2026-03-01T09:00:02.500Z\",\"until\":\"" NOW_TEXT "\"}\n"
                    "{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "a page of one time: this one by ids",
     .offset = "{\"updatedAt\":\"" T0 "\",\"until\":\"" NOW_TEXT "\"}",
     .answers = {PROPERTIES,
                 POST(SEARCH, "\"sorts\":[{\"propertyName\":\"lastmodifieddate\"",
                      "{\"results\":[" FOUND("3", T0) "," FOUND("1", T0) "]" NEXT("2") "}"),
                 POST(SEARCH,
                      "\"LTE\",\"value\":\"1772355600000\"},{\"propertyName\":\"hs_object_id\","
                      "\"operator\":\"GT\",\"value\":\"0\"}]}],\"sorts\":[{\"propertyName\":"
                      "\"hs_object_id\",\"direction\":\"ASCENDING\"}]",
                      "{\"results\":[" FOUND("1", T0) "," FOUND("2", T0) "]" NEXT("2") "}"),
                 POST(BATCH, NULL, "{\"results\":[" RECORD("2") "," RECORD("1") "]}"), NOTHING,
                 POST(SEARCH, "\"GT\",\"value\":\"2\"", "{\"results\":[" FOUND("3", T0) "]}"),
                 POST(BATCH, NULL, "{\"results\":[" RECORD("3") "]}"), NOTHING,
                 POST(SEARCH, "\"value\":\"1772355600001\"},{", "{\"results\":[]}")},
     .rows = ROW("1", "") ROW("2", "") ROW("3", ""),
     .checkpoints = "{\"updatedAt\":\"" T0 "\",\"id\":\"2\",\"until\":\"" NOW_TEXT "\"}\n"
                    "{\"updatedAt\":\"2026-03-01T09:00:00.001Z\",\"until\":\"" NOW_TEXT "\"}\n"
                    "{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "ids of the horizon's time are the last",
     .offset = "{\"updatedAt\":\"" T0 "\",\"id\":\"9007199254740993\",\"until\":\"" T0 "\"}",
     .options = {{"lookback_seconds", "0"}},
     .answers = {PROPERTIES,
                 POST(SEARCH, "\"GT\",\"value\":\"9007199254740993\"", "{\"results\":[]}"),
                 POST(SEARCH, "\"value\":\"1772355600000\"},{", "{\"results\":[]}")},
     .rows = "",
     .checkpoints = "{\"updatedAt\":\"" T0 "\"}\n{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "an empty page of a search is passed by",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES, POST(SEARCH, NULL, "{\"results\":[]" NEXT("200") "}"),
                 POST(SEARCH, "\"after\":\"200\"", "{\"results\":[" FOUND("3", T0) "]}"),
                 POST(BATCH, NULL, "{\"results\":[" RECORD("3") "]}"), NOTHING},
     .rows = ROW("3", ""),
     .checkpoints = "{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "a search of empty pages",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES, POST(SEARCH, NULL, "{\"results\":[]" NEXT("1") "}"),
                 POST(SEARCH, "\"1\"}", "{\"results\":[]" NEXT("2") "}"),
                 POST(SEARCH, "\"2\"}", "{\"results\":[]" NEXT("3") "}"),
                 POST(SEARCH, "\"3\"}", "{\"results\":[]" NEXT("4") "}"),
                 POST(SEARCH, "\"4\"}", "{\"results\":[]" NEXT("5") "}"),
                 POST(SEARCH, "\"5\"}", "{\"results\":[]" NEXT("6") "}"),
                 POST(SEARCH, "\"6\"}", "{\"results\":[]" NEXT("7") "}"),
                 POST(SEARCH, "\"7\"}", "{\"results\":[]" NEXT("8") "}"),
                 POST(SEARCH, "\"8\"}", "{\"results\":[]" NEXT("9") "}"),
                 POST(SEARCH, "\"9\"}", "{\"results\":[]" NEXT("10") "}"),
                 POST(SEARCH, "\"10\"}", "{\"results\":[]" NEXT("11") "}")},
     .rc = LH_E_DATA},
    {.what = "a search in no order",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES, POST(SEARCH, NULL,
                                  "{\"results\":[" FOUND("3", "2026-03-01T09:00:02Z") "," FOUND(
                                      "2", "2026-03-01T09:00:01Z") "]}")},
     .rc = LH_E_DATA},
    {.what = "nor one of ids",
     .offset = "{\"updatedAt\":\"" T0 "\",\"id\":\"2\",\"until\":\"" NOW_TEXT "\"}",
     .answers = {PROPERTIES,
                 POST(SEARCH, NULL,
                      "{\"results\":[" FOUND("4", T0) "," FOUND("3", T0) "]" NEXT("2") "}")},
     .rc = LH_E_DATA},
    {.what = "a search without the time",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES, POST(SEARCH, NULL, "{\"results\":[{\"id\":\"3\"}]}")},
     .rc = LH_E_DATA},
    {.what = "what was archived meanwhile is left out",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES,
                 POST(SEARCH, NULL, "{\"results\":[" FOUND("3", T0) "," FOUND("4", T0) "]}"),
                 {"POST", BATCH, NULL, 207, NULL,
                  "{\"results\":[" RECORD("4") "],\"errors\":[{\"category\":\"OBJECT_NOT_FOUND\"}]"
                                               "}"},
                 {"POST", LINKS, NULL, 207, NULL,
                  "{\"results\":[{\"from\":{\"id\":\"3\"},\"to\":[{\"toObjectId\":5}]},"
                  "{\"from\":{\"id\":\"4\"},\"to\":[{\"toObjectId\":6}]}],"
                  "\"errors\":[{\"category\":\"x\",\"subCategory\":\"crm.associations."
                  "NO_ASSOCIATIONS_FOUND\"}]}"}},
     .rows = ROW("4", "\"6\"")},
    {.what = "what could not be looked up is not left out",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES,
                 POST(SEARCH, NULL, "{\"results\":[" FOUND("3", T0) "]}"),
                 {"POST", BATCH, NULL, 207, NULL,
                  "{\"results\":[],\"errors\":[{\"category\":\"INTERNAL\"}]}"}},
     .rc = LH_E_UNAVAILABLE,
     .rows = "",
     .checkpoints = ""},
    {.what = "associations that may not be read",
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .answers = {PROPERTIES,
                 POST(SEARCH, NULL, "{\"results\":[" FOUND("3", T0) "]}"),
                 POST(BATCH, NULL, "{\"results\":[" RECORD("3") "]}"),
                 {"POST", LINKS, NULL, 403, NULL, "{}"}},
     .rc = LH_E_DENIED,
     .rows = ""},
    {.what = "deletes: all of them at first, whatever time they are from",
     .deletes = 1,
     .answers = {GET(GONE, "{\"results\":[{\"id\":\"1\",\"updatedAt\":\"u\"}]" NEXT("2") "}"),
                 GET(GONE "&after=2", "{\"results\":[{\"id\":\"2\",\"archivedAt\":\"2097-01-01\"}]"
                                      "}")},
     .rows = "-{\"id\":\"1\",\"updatedAt\":\"u\",\"archived\":true}\n"
             "-{\"id\":\"2\",\"updatedAt\":\"2097-01-01\",\"archived\":true}\n",
     .checkpoints =
         "{\"after\":\"2\",\"until\":\"" NOW_TEXT "\"}\n{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "deletes: what came since, a batch at a time",
     .deletes = 1,
     .offset = "{\"updatedAt\":\"" T0 "\"}",
     .options = {{"max_records_per_batch", "1"}},
     .answers = {GET(GONE,
                     "{\"results\":[{\"id\":\"1\",\"archivedAt\":\"2026-03-01T08:54:59Z\"},"
                     "{\"id\":\"2\",\"archivedAt\":\"2026-03-01T08:55:00Z\"}]" NEXT("3") "}")},
     .rc = LH_MORE,
     .rows = "-{\"id\":\"2\",\"updatedAt\":\"2026-03-01T08:55:00Z\",\"archived\":true}\n",
     .checkpoints =
         "{\"after\":\"3\",\"updatedAt\":\"2026-03-01T08:55:00Z\",\"until\":\"" NOW_TEXT "\"}\n"},
    {.what = "deletes: which goes on from where it began",
     .deletes = 1,
     .offset =
         "{\"after\":\"3\",\"updatedAt\":\"2026-03-01T08:55:00Z\",\"until\":\"" NOW_TEXT "\"}",
     .answers = {GET(GONE "&after=3", "{\"results\":[{\"id\":\"3\",\"archivedAt\":"
                                      "\"2026-03-01T08:54:59Z\"}]}")},
     .rows = "",
     .checkpoints = "{\"updatedAt\":\"" NOW_TEXT "\"}\n"},
    {.what = "deletes of calls", .table = "calls", .deletes = 1, .rc = LH_E_UNSUPPORTED},
    {.what = "no such table", .table = "deal", .rc = LH_E_NOT_FOUND},
    {.what = "no offset of ours", .offset = "{\"x\":1}", .rc = LH_E_OFFSET},
    {.what = "a time that is a number", .offset = "{\"updatedAt\":1}", .rc = LH_E_OFFSET},
    {.what = "a time that is none", .offset = "{\"updatedAt\":\"soon\"}", .rc = LH_E_OFFSET},
    {.what = "a time before 1970", .offset = "{\"updatedAt\":\"1969-01-01\"}", .rc = LH_E_OFFSET},
    {.what = "a list without a horizon", .offset = "{\"after\":\"1\"}", .rc = LH_E_OFFSET},
    {.what = "a horizon alone", .offset = "{\"until\":\"" T0 "\"}", .rc = LH_E_OFFSET},
    {.what = "a list and a search",
     .offset = "{\"after\":\"1\",\"updatedAt\":\"" T0 "\",\"until\":\"" T0 "\"}",
     .rc = LH_E_OFFSET},
    {.what = "an after that is a number",
     .offset = "{\"after\":1,\"until\":\"" T0 "\"}",
     .rc = LH_E_OFFSET},
    {.what = "an id that is none",
     .offset = "{\"updatedAt\":\"" T0 "\",\"id\":\"-1\",\"until\":\"" T0 "\"}",
     .rc = LH_E_OFFSET},
    {.what = "deletes go by no id",
     .deletes = 1,
     .offset = "{\"updatedAt\":\"" T0 "\",\"id\":\"1\",\"until\":\"" T0 "\"}",
     .rc = LH_E_OFFSET},
};

static void test_reads(void)
{
    static const struct fake_option no_custom[] = {{"custom_objects", "false"}, {0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct read_case *t = &cases[i];
        struct lh_opts connection = {no_custom};
        struct fake f;
        struct lh_scan s;
        void *self;

        fake_begin(&f, t->answers, t->options);
        f.stop_at = t->stop_at;
        hubspot->open(&f.call, &connection, &self);
        s = fake_scan(&f, t->table ? t->table : "contacts", t->offset, NOW);
        is_int((t->deletes ? hubspot->read_table_deletes : hubspot->read_table)(&f.call, self, &s,
                                                                                &f.sink),
               t->rc, t->what);
        if (t->rows)
            is_str(fake_text(&f.rows), t->rows, t->what);
        if (t->checkpoints)
            is_str(fake_text(&f.checkpoints), t->checkpoints, t->what);
        for (size_t k = 0; t->answers[k].method; k++)
            ok(f.given[k], "%s: request %zu was made", t->what, k);
        if (t->rc >= 0)
            ok(f.n_live <= 1, "%s: only the properties are kept", t->what);
        hubspot->close(&f.call, self);
        fake_end(&f);
    }
}

static void test_end_offset(void)
{
    struct fake f;
    struct lh_scan s;
    void *self;

    fake_begin(&f, NULL, NULL);
    hubspot->open(&f.call, &f.opts, &self);
    s = fake_scan(&f, "contacts", NULL, NOW);
    s.end = fake_json(&f, "{\"updatedAt\":\"" T0 "\"}");
    is_int(hubspot->read_table(&f.call, self, &s, &f.sink), LH_E_UNSUPPORTED, "an end offset");
    fake_end(&f);
}

static void test_types(void)
{
    static const struct {
        const char *property, *type;
    } types[] = {
        {"{\"name\":\"amount\",\"type\":\"number\"}", "double"},
        {"{\"name\":\"hs_object_id\",\"type\":\"number\"}", "bigint"},
        {"{\"name\":\"hs_hd_ticket_ids\",\"type\":\"number\"}", "string"},
        {"{\"name\":\"vip\",\"type\":\"Bool\"}", "boolean"},
        {"{\"name\":\"_ids\",\"type\":\"bool\"}", "boolean"},
        {"{\"name\":\"born\",\"type\":\"date\"}", "string"},
        {"{\"name\":\"stage\",\"type\":\"enumeration\"}", "string"},
        {"{\"name\":\"new\",\"type\":\"of tomorrow\"}", "string"},
        {"{\"name\":\"bare\"}", "string"},
    };
    struct fake f;

    fake_begin(&f, NULL, NULL);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        is_str(hubspot_type_of(fake_json(&f, types[i].property)).p, types[i].type,
               types[i].property);
    fake_end(&f);
}

static void test_custom_names(void)
{
    static const char list[] =
        "[{\"objectTypeId\":\"0-1\",\"name\":\"contact\"},"
        "{\"objectTypeId\":\"2-1\",\"name\":\"Cars\",\"fullyQualifiedName\":\"p7_Cars\"},"
        "{\"objectTypeId\":\"2-2\"},{\"name\":\"x\"},"
        "{\"objectTypeId\":\"2-3\",\"name\":\"deals\",\"fullyQualifiedName\":\"p7_deals\"},"
        "{\"objectTypeId\":\"2-4\",\"name\":\"CARS\",\"fullyQualifiedName\":\"p7_CARS\"},"
        "{\"objectTypeId\":\"2-5\",\"name\":\"cars\"}]";
    static const char *const names[][2] = {
        {"cars", "2-1"}, {"p7_deals", "2-3"}, {"p7_cars", "2-4"}, {"2-5", "2-5"}};
    const lh_json *at = NULL;
    const lh_json *items;
    struct table t;
    struct fake f;

    fake_begin(&f, NULL, NULL);
    items = fake_json(&f, list);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        is_int(hubspot_next_custom(&f.call, items, &at, &t), LH_OK, names[i][0]);
        is_str(t.name.p, names[i][0], "in small letters, and none twice");
        is_str(t.type.p, names[i][1], "with its id");
    }
    is_int(hubspot_next_custom(&f.call, items, &at, &t), -1, "the others are HubSpot's, or none");
    fake_end(&f);
}

int main(void)
{
    hubspot = LH_ENTRY(&fake_host);
    RUN(test_reads);
    RUN(test_end_offset);
    RUN(test_types);
    RUN(test_custom_names);
    return tap_done();
}
