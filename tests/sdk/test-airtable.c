/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Airtable connector on a fake host: names, types and cells, formulas, and where each page and
 * each offset leads. What a user sees of it, over the network: tests/system/airtable.sh.
 */
#include "config.h"

#include "fake_host.h"

#include "airtable.h"

#include "tap.h"

/* clang-format off */
#define NOW      INT64_C(1772357415000)
#define NOW_TEXT "2026-03-01T09:30:15Z"
#define META     "/v0/meta/bases/appX/tables"
#define LIST     "/v0/appX/tbl1/listRecords"
#define GET(u, j)  {"GET", u, NULL, 200, NULL, j}
#define PAGE(b, j) {"POST", LIST, b, 200, NULL, j}
#define SNAPSHOT GET(META, "{\"tables\":[{\"id\":\"tbl1\",\"name\":\"T\",\"fields\":["              \
                 "{\"id\":\"fA\",\"name\":\"N\",\"type\":\"singleLineText\"}]}]}")
#define CHANGES  GET(META, "{\"tables\":[{\"id\":\"tbl1\",\"name\":\"T\",\"fields\":["              \
                 "{\"id\":\"fM\",\"name\":\"M\",\"type\":\"lastModifiedTime\",\"options\":{"       \
                 "\"result\":{\"type\":\"dateTime\"}}}]}]}")
#define REC(id)     "{\"id\":\"" id "\",\"createdTime\":\"c\",\"fields\":{}}"
#define MOD(id, t)  "{\"id\":\"" id "\",\"createdTime\":\"c\",\"fields\":{\"fM\":\"" t "\"}}"
#define RECS(r)     "{\"records\":[" r "]}"
#define MORE(r, o)  "{\"records\":[" r "],\"offset\":\"" o "\"}"
#define FORGOTTEN(b) {"POST", LIST, b, 422, NULL,                                                  \
                     "{\"error\":{\"type\":\"LIST_RECORDS_ITERATOR_NOT_AVAILABLE\"}}"}
#define ROW(id)     "{\"id\":\"" id "\",\"createdTime\":\"c\",\"n\":null}\n"
#define MROW(id, t) "{\"id\":\"" id "\",\"createdTime\":\"c\",\"m\":\"" t "\"}\n"
#define EROW(id)    "{\"id\":\"" id "\",\"createdTime\":\"c\",\"m\":null}\n"
#define T1 "2026-03-01T01:00:00.000Z"
#define T2 "2026-03-01T02:00:00.000Z"
#define T3 "2026-03-01T03:00:00.000Z"
#define LATE "2026-03-01T09:29:00.000Z" /* within the lookback */
#define AT(t) "2026-03-01T0" t ":00:00Z"
#define UNTIL ",\"until\":\"" NOW_TEXT "\"}"
#define REACHED "{\"modified\":\"" NOW_TEXT "\"}\n"
#define FILTER(f) "\"filterByFormula\":\"" f "\""
#define FROM(t, e) "IF({fM},NOT(IS_BEFORE({fM},'" t "'))," e ")"
/* clang-format on */

static const struct lh_connector *airtable;
static const struct fake_option base_only[] = {{"base_id", "appX"}, {NULL, NULL}};

/* --- names ------------------------------------------------------------------------------------ */

static void test_clean_names(void)
{
    static const char *const names[][2] = {
        {"ID", "id"},
        {"A--B", "a__b"},
        {"name ", "name_"},
        {"Price/Unit", "price_unit"},
        {"a (b), c;{d}=e\n\t", "a_b_cde"},
        {"$ #", "dollar_num"},
        {"2nd", "col_2nd"},
        {"", "field"},
        {"({})", "field"},
        {"\xc2\xb2", "\xc2\xb2"},
        {"\xf0\x9f\x98\x80", "_"},
        {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "___"},
        {"GR\xc3\x96\xc3\x9f"
         "E",
         "gr\xc3\xb6\xc3\x9f"
         "e"},
        {"\xc5\xb8\xc4\xb0\xc4\x8c", "\xc3\xbfi\xc4\x8d"},
        {"\xce\xa9\xd0\x96\xd4\xb1\xe1\xba\xa0", "\xcf\x89\xd0\xb6\xd5\xa1\xe1\xba\xa1"},
        {"\xe6\x9d\xb1\xe4\xba\xac\xe3\x80\x82", "\xe6\x9d\xb1\xe4\xba\xac_"},
        {"\xe2\x82\xac\xe2\x84\xa2\xc3\x97", "___"},
    };
    struct fake f;

    fake_begin(&f, NULL, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_slice(airtable_clean_name(&f.call, lhs_z(names[i][0])), names[i][1], names[i][0]);
    f.no_memory = true;
    ok(!airtable_clean_name(&f.call, LHS("x")).p, "no memory");
    fake_end(&f);
}

static void test_unique_names(void)
{
    static const char *const names[][2] = {
        {"id", "id_2"},      {"name", "name"}, {"createdtime", "createdtime_2"},
        {"name", "name_4"},  {"id", "id_3"},   {"name_2", "name_2"},
        {"name", "name_5"},  {"_", "_"},       {"_", "__2"},
        {"name_3", "name_3"}};
    enum { N = sizeof names / sizeof *names };
    lh_str given[N];
    struct fake f;

    fake_begin(&f, NULL, NULL);
    for (size_t i = 0; i < N; i++)
        given[i] = lhs_z(names[i][0]);
    is_int(airtable_unique_names(&f.call, given, N), LH_OK, "unique names");
    for (size_t i = 0; i < N; i++)
        is_slice(given[i], names[i][1], names[i][0]);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i; k++)
            ok(!lhs_eq(given[i], given[k]), "%zu and %zu differ", i, k);
    fake_end(&f);
}

/* --- types and cells -------------------------------------------------------------------------- */

#define OF(r) ",\"options\":{\"result\":" r "}"

static void test_types(void)
{
    static const struct {
        const char *rest, *spark;
        int is_list;
    } fields[] = {
        {"\"number\",\"options\":{\"precision\":0}", "double", 0},
        {"\"rating\"", "bigint", 0},
        {"\"checkbox\"", "boolean", 0},
        {"\"multipleSelects\"", "string", 1},
        {"\"createdTime\"", "timestamp", 0},
        {"\"createdTime\"" OF("{\"type\":\"date\"}"), "date", 0},
        {"\"formula\"" OF("{\"type\":\"percent\"}"), "double", 0},
        {"\"formula\"" OF("null"), "string", 0},
        {"\"formula\"", "string", 0},
        {"\"rollup\"" OF("{\"type\":\"dateTime\"}"), "timestamp", 0},
        {"\"formula\"" OF("{\"type\":\"multipleSelects\"}"), "string", 1},
        {"\"multipleLookupValues\"" OF("{\"type\":\"count\"}"), "bigint", 1},
        {"\"lookup\"" OF("{\"type\":\"multipleLookupValues\"" OF("{\"type\":\"date\"}") "}"),
         "date", 1},
        {"\"multipleLookupValues\"", "string", 1},
        {"\"somethingNew\"", "string", 0},
        {"7", "string", 0},
    };
    struct fake f;
    char text[1024];

    fake_begin(&f, NULL, NULL);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct type type;

        snprintf(text, sizeof text, "{\"type\":%s}", fields[i].rest);
        type = airtable_type(fake_json(&f, text));
        is_str(type.spark, fields[i].spark, fields[i].rest);
        is_int(type.is_list, fields[i].is_list, fields[i].rest);
    }
    fake_end(&f);
}

/* A result in a result in a result: text in the end, and an end there is. */
static void test_deep_types(void)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(1 << 20);
    struct fake f;

    for (int i = 0; i < 20; i++)
        lh_buf_z(&text, "{\"type\":\"lookup\",\"options\":{\"result\":");
    lh_buf_z(&text, "{\"type\":\"date\"}");
    for (int i = 0; i < 20; i++)
        lh_buf_z(&text, "}}");
    fake_begin(&f, NULL, NULL);
    is_str(airtable_type(fake_json(&f, lh_buf_text(&text))).spark, "string", "lookups of lookups");
    fake_end(&f);
}

static void test_cells(void)
{
    static const struct {
        struct type type;
        const char *cell, *column;
    } cells[] = {
        {{CELL_TEXT, 0, ""}, "\"a\"", "\"a\""},
        {{CELL_TEXT, 0, ""}, "9007199254740993", "\"9007199254740993\""},
        {{CELL_TEXT, 0, ""}, "true", "\"true\""},
        {{CELL_TEXT, 0, ""}, "[\"a\",2]", "\"[\\\"a\\\",2]\""},
        {{CELL_TEXT, 0, ""}, "{\"x\":\"\\u00fc\"}", "\"{\\\"x\\\":\\\"\\\\u00fc\\\"}\""},
        {{CELL_TEXT, 0, ""}, "{\"error\":\"#ERROR!\"}", "null"},
        {{CELL_TEXT, 0, ""}, "{\"specialValue\":\"NaN\"}", "null"},
        {{CELL_NUMBER, 0, ""}, "1.50", "1.50"},
        {{CELL_NUMBER, 0, ""}, "{\"specialValue\":\"-Infinity\"}", "\"-Infinity\""},
        {{CELL_NUMBER, 0, ""}, "{\"error\":1}", "null"},
        {{CELL_NUMBER, 0, ""}, "[4]", "4"},
        {{CELL_NUMBER, 0, ""}, "[4,5]", "[4,5]"},
        {{CELL_NUMBER, 0, ""}, "[[4]]", "[[4]]"},
        {{CELL_NUMBER, 0, ""}, "\"x\"", "\"x\""},
        {{CELL_CHECK, 0, ""}, NULL, "false"},
        {{CELL_CHECK, 0, ""}, "null", "false"},
        {{CELL_CHECK, 0, ""}, "true", "true"},
        {{CELL_CHECK, 1, ""}, NULL, "null"},
        {{CELL_CHECK, 1, ""}, "[true,null]", "[true,null]"},
        {{CELL_LINK, 1, ""}, "[\"rec1\",{\"id\":\"rec2\",\"x\":1},{}]", "[\"rec1\",\"rec2\",{}]"},
        {{CELL_TEXT, 1, ""}, "[1,{\"error\":1},[2]]", "[\"1\",null,\"[2]\"]"},
        {{CELL_TEXT, 1, ""}, "\"a\"", "[\"a\"]"},
        {{CELL_TEXT, 1, ""}, "{\"error\":1}", "null"},
        {{CELL_AS_IS, 0, ""}, "{\"id\":\"usr\",\"new\":[1]}", "{\"id\":\"usr\",\"new\":[1]}"},
        {{CELL_AS_IS, 1, ""}, "[]", "[]"},
        {{CELL_TIME, 0, ""}, NULL, "null"},
    };
    struct fake f;
    lh_out *o;

    fake_begin(&f, NULL, NULL);
    o = H->out_new(&f.call);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        H->out_begin(o, '[');
        airtable_put_cell(o, &cells[i].type, cells[i].cell ? fake_json(&f, cells[i].cell) : NULL);
        H->out_end(o);
        is_slice(H->json_raw(H->json_next(H->out_done(o), NULL, NULL)), cells[i].column,
                 cells[i].cell ? cells[i].cell : "nothing");
    }
    fake_end(&f);
}

/* --- the records that were given -------------------------------------------------------------- */

static void test_seen(void)
{
    static const char *const odd[] = {"rec",
                                      "r",
                                      "recABCDEFGHIJKLMNOPQR",
                                      "recABCDEFGHIJKLMNOPQS",
                                      "recABCDEFGHIJKLMN",
                                      "recABCDEFGHIJKLM"};
    struct seen *set;
    struct fake f;
    char id[32];
    int n_new = 0;
    int n_known = 0;

    fake_begin(&f, NULL, NULL);
    set = airtable_seen_new(&f.call);
    for (int pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < 20000; i++) {
            snprintf(id, sizeof id, "rec%014u", i * 7919u);
            if (airtable_seen_add(&f.call, set, lhs_z(id)))
                n_new++;
            else
                n_known++;
        }
    is_int(n_new, 20000, "ids that are new");
    is_int(n_known, 20000, "ids that are not");
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
            is_int(airtable_seen_add(&f.call, set, lhs_z(odd[i])), !pass, odd[i]);
    f.no_memory = true;
    is_int(airtable_seen_add(&f.call, set, LHS("rec1")), 1, "there is room for one more");
    ok(!airtable_seen_new(&f.call), "no memory");
    fake_end(&f);
}

/* --- reads ------------------------------------------------------------------------------------ */

/* One call of a read, and what must come of it. NULL: does not matter. */
struct read_case {
    const char *what, *offset;
    struct fake_option options[3];
    struct fake_answer answers[12];
    int stop_at, rc;
    const char *rows, *checkpoints;
};

static const struct read_case cases[] = {
    {.what = "a snapshot: an empty page in the middle, a record on two pages",
     .answers = {SNAPSHOT,
                 PAGE("{\"pageSize\":100,\"returnFieldsByFieldId\":true}", MORE(REC("r1"), "i/2")),
                 PAGE("true,\"offset\":\"i/2\"}", MORE("", "i/3")),
                 PAGE("\"i/3\"", RECS(REC("r1") "," REC("r2")))},
     .rows = ROW("r1") ROW("r2"),
     .checkpoints = "{\"as_of\":\"" NOW_TEXT "\"}\n"},
    {.what = "a list that Airtable forgets, and forgets again",
     .answers = {SNAPSHOT, PAGE(NULL, MORE(REC("r1") "," REC("r2"), "i/2")), FORGOTTEN("\"i/2\""),
                 PAGE(NULL, MORE(REC("r2") "," REC("r3"), "k/2")), FORGOTTEN("\"k/2\""),
                 PAGE(NULL, MORE(REC("r3") "," REC("r1"), "l/2")),
                 PAGE("\"l/2\"", RECS(REC("r4")))},
     .rows = ROW("r1") ROW("r2") ROW("r3") ROW("r4"),
     .checkpoints = "{\"as_of\":\"" NOW_TEXT "\"}\n"},
    {.what = "or forgets each time",
     .answers = {SNAPSHOT, PAGE(NULL, MORE(REC("r1"), "i/2")), FORGOTTEN("\"i/2\""),
                 PAGE(NULL, MORE(REC("r1"), "k/2")), FORGOTTEN("\"k/2\""),
                 PAGE(NULL, MORE(REC("r1"), "l/2")), FORGOTTEN("\"l/2\""), FORGOTTEN(NULL)},
     .rc = LH_E_UNAVAILABLE,
     .checkpoints = ""},
    {.what = "a snapshot that was read is not read again",
     .offset = "{\"as_of\":\"" NOW_TEXT "\"}",
     .answers = {SNAPSHOT},
     .rows = "",
     .checkpoints = ""},
    {.what = "a page that comes after itself",
     .answers = {SNAPSHOT, PAGE(NULL, MORE("", "i/2")), PAGE("\"i/2\"", MORE("", "i/2"))},
     .rc = LH_E_DATA},
    {.what = "no list", .answers = {SNAPSHOT, PAGE(NULL, "{}")}, .rc = LH_E_DATA},
    {.what = "a record without an id",
     .answers = {SNAPSHOT, PAGE(NULL, RECS("{}"))},
     .rc = LH_E_DATA},
    {.what = "changes: a checkpoint where the time moves, rows of that time behind it",
     .answers = {CHANGES,
                 PAGE("\"sort\":[{\"field\":\"fM\",\"direction\":\"asc\"}]}",
                      MORE(REC("r0") "," MOD("r1", T1) "," MOD("r2", T2) "," MOD("r3", T2), "i/2")),
                 PAGE("\"i/2\"", MORE(MOD("r4", T2) "," MOD("r5", T2), "i/3")),
                 PAGE("\"i/3\"", MORE(MOD("r6", T3), "i/4")),
                 PAGE("\"i/4\"", RECS(MOD("r7", LATE)))},
     .rows = EROW("r0") MROW("r1", T1) MROW("r2", T2) MROW("r3", T2) MROW("r4", T2) MROW("r5", T2)
         MROW("r6", T3) MROW("r7", LATE),
     .checkpoints = "{\"modified\":\"" AT("2") "\",\"empty\":true" UNTIL "\n{\"modified\":\"" AT(
         "3") "\",\"empty\":true" UNTIL "\n" REACHED},
    {.what = "rows of the time of a checkpoint are not before it",
     .stop_at = 1,
     .answers = {CHANGES, PAGE(NULL, MORE(MOD("r1", T1) "," MOD("r2", T2), "i/2"))},
     .rc = LH_MORE,
     .rows = MROW("r1", T1)},
    {.what = "and come with the next call, as do records without a time that were not given",
     .offset = "{\"modified\":\"" AT("2") "\"" UNTIL,
     .answers = {CHANGES, PAGE(FILTER(FROM(AT("2"), "1")), RECS(MOD("r2", T2)))},
     .rows = MROW("r2", T2),
     .checkpoints = REACHED},
    {.what = "or were",
     .offset = "{\"modified\":\"" AT("2") "\",\"empty\":true" UNTIL,
     .answers = {CHANGES, PAGE(FILTER(FROM(AT("2"), "0")), RECS(MOD("r2", T2)))},
     .rows = MROW("r2", T2),
     .checkpoints = REACHED},
    {.what = "the next run: a little before the last one's end, new records without a time too",
     .offset = "{\"modified\":\"" AT("2") "\"}",
     .answers = {CHANGES,
                 PAGE(FILTER(FROM("2026-03-01T01:55:00Z",
                                  "NOT(IS_BEFORE(CREATED_TIME(),'2026-03-01T01:55:00Z'))")),
                      RECS(REC("r0") "," MOD("r2", T3)))},
     .rows = EROW("r0") MROW("r2", T3),
     .checkpoints = "{\"modified\":\"" AT(
         "3") "\",\"since\":\"2026-03-01T01:55:00Z\",\"empty\":true" UNTIL "\n" REACHED},
    {.what = "which was interrupted",
     .offset = "{\"modified\":\"" AT("3") "\",\"since\":\"" AT("2") "\"" UNTIL,
     .answers = {CHANGES,
                 PAGE(FILTER(FROM(AT("3"), "NOT(IS_BEFORE(CREATED_TIME(),'" AT("2") "'))")),
                      RECS(""))},
     .rows = "",
     .checkpoints = REACHED},
    {.what = "with the user's own formula, which is not changed",
     .offset = "{\"modified\":\"" AT("2") "\",\"empty\":true" UNTIL,
     .options = {{"filter_formula", "{N}='it\\'s'"}, {"incremental_field", "M"}},
     .answers = {CHANGES, PAGE(FILTER("AND(" FROM(AT("2"), "0") ",{N}='it\\\\'s')"), RECS(""))},
     .checkpoints = REACHED},
    {.what = "records that come before their time: no checkpoint, no record lost",
     .answers = {CHANGES,
                 PAGE(NULL, MORE(MOD("r1", T3) "," MOD("r2", T1) "," MOD("r3", T2), "i/2")),
                 PAGE("\"i/2\"", RECS(MOD("r4", T3)))},
     .rows = MROW("r1", T3) MROW("r2", T1) MROW("r3", T2) MROW("r4", T3),
     .checkpoints = REACHED},
    {.what = "one that changed while it was read is in another's place",
     .answers = {CHANGES,
                 PAGE(NULL, MORE(MOD("r1", LATE) "," MOD("r2", T1) "," MOD("r3", T2), "i/2")),
                 PAGE("\"i/2\"", RECS(MOD("r4", T3)))},
     .rows = MROW("r2", T1) MROW("r1", LATE) MROW("r3", T2) MROW("r4", T3),
     .checkpoints = "{\"modified\":\"" AT("2") "\"" UNTIL "\n{\"modified\":\"" AT(
         "3") "\"" UNTIL "\n" REACHED},
    {.what = "a list that is forgotten goes on from the last checkpoint",
     .answers = {CHANGES, PAGE(NULL, MORE(MOD("r1", T1) "," MOD("r2", T2), "i/2")),
                 FORGOTTEN("\"i/2\""),
                 PAGE(FILTER(FROM(AT("2"), "1")), RECS(MOD("r2", T2) "," MOD("r3", T3)))},
     .rows = MROW("r1", T1) MROW("r2", T2) MROW("r3", T3),
     .checkpoints = "{\"modified\":\"" AT("2") "\"" UNTIL "\n{\"modified\":\"" AT(
         "3") "\"" UNTIL "\n" REACHED},
    {.what = "records of the future",
     .answers = {CHANGES,
                 PAGE(NULL, RECS(MOD("r1", T1) "," MOD("r2", "2099-01-01T00:00:00.000Z")))},
     .rows = MROW("r1", T1) MROW("r2", "2099-01-01T00:00:00.000Z"),
     .checkpoints = REACHED},
    {.what = "what covers the horizon is not asked for",
     .offset = "{\"modified\":\"" NOW_TEXT "\"}",
     .answers = {CHANGES},
     .rows = "",
     .checkpoints = ""},
    {.what = "an interrupted read whose horizon is later than this run's",
     .offset = "{\"modified\":\"2026-03-02T00:00:00Z\",\"until\":\"2026-03-03T00:00:00Z\"}",
     .answers = {CHANGES},
     .rows = "",
     .checkpoints = ""},
    {.what = "page sizes: Airtable's bound",
     .options = {{"batch_size", "1000"}},
     .answers = {SNAPSHOT, PAGE("\"pageSize\":100,", RECS(""))}},
    {.what = "page sizes: nothing is none",
     .options = {{"batch_size", "-3"}},
     .answers = {SNAPSHOT, PAGE("\"pageSize\":1,", RECS(""))}},
    {.what = "an offset of a snapshot, of what is none",
     .offset = "{\"as_of\":\"" NOW_TEXT "\"}",
     .answers = {CHANGES},
     .rc = LH_E_OFFSET},
    {.what = "an offset of changes, of a snapshot",
     .offset = "{\"modified\":\"" NOW_TEXT "\"}",
     .answers = {SNAPSHOT},
     .rc = LH_E_OFFSET},
    {.what = "an offset of nothing known",
     .offset = "{\"page\":3}",
     .answers = {CHANGES},
     .rc = LH_E_OFFSET},
    {.what = "an iterator",
     .offset = "{\"offset\":\"itr/rec\"}",
     .answers = {SNAPSHOT},
     .rc = LH_E_OFFSET},
    {.what = "no time",
     .offset = "{\"modified\":\"soon\"}",
     .answers = {CHANGES},
     .rc = LH_E_OFFSET},
    {.what = "a number", .offset = "{\"modified\":7}", .answers = {CHANGES}, .rc = LH_E_OFFSET},
    {.what = "\"empty\" that is false",
     .offset = "{\"modified\":\"" AT("2") "\",\"empty\":false" UNTIL,
     .answers = {CHANGES},
     .rc = LH_E_OFFSET},
    {.what = "\"since\" without \"until\"",
     .offset = "{\"modified\":\"" AT("2") "\",\"since\":\"" AT("1") "\"}",
     .answers = {CHANGES},
     .rc = LH_E_OFFSET},
    {.what = "behind its end",
     .offset = "{\"modified\":\"2026-04-01T00:00:00Z\"" UNTIL,
     .answers = {CHANGES},
     .rc = LH_E_OFFSET},
    {.what = "403", .answers = {{"GET", META, NULL, 403, NULL, "{}"}}, .rc = LH_E_DENIED},
    {.what = "no tables", .answers = {GET(META, "{}")}, .rc = LH_E_DATA},
    {.what = "a field without an id",
     .answers = {GET(
         META, "{\"tables\":[{\"id\":\"tbl1\",\"name\":\"T\",\"fields\":[{\"name\":\"N\"}]}]}")},
     .rc = LH_E_DATA},
    {.what = "no such table", .answers = {GET(META, "{\"tables\":[]}")}, .rc = LH_E_NOT_FOUND},
    {.what = "fields that are no list",
     .options = {{"fields", "[\"N\""}},
     .answers = {SNAPSHOT},
     .rc = LH_E_OPTION},
};

static void test_reads(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct read_case *t = &cases[i];
        struct fake_option options[4] = {{"base_id", "appX"}};
        struct fake f;
        struct lh_scan s;
        void *self;

        memcpy(options + 1, t->options, sizeof t->options);
        fake_begin(&f, t->answers, options);
        f.stop_at = t->stop_at;
        airtable->open(&f.call, &f.opts, &self);
        s = fake_scan(&f, "T", t->offset, NOW);
        is_int(airtable->read_table(&f.call, self, &s, &f.sink), t->rc, t->what);
        if (t->rows)
            is_str(fake_text(&f.rows), t->rows, t->what);
        if (t->checkpoints)
            is_str(fake_text(&f.checkpoints), t->checkpoints, t->what);
        for (size_t k = 0; t->answers[k].method && t->rc != LH_E_UNAVAILABLE; k++)
            ok(f.given[k], "%s: request %zu was made", t->what, k);
        airtable->close(&f.call, self);
        fake_end(&f);
    }
}

static void test_end_offset(void)
{
    static const struct fake_answer answers[] = {CHANGES, {0}};
    struct fake f;
    struct lh_scan s;
    void *self;

    fake_begin(&f, answers, base_only);
    airtable->open(&f.call, &f.opts, &self);
    s = fake_scan(&f, "tbl1", NULL, NOW);
    s.end = fake_json(&f, REACHED);
    is_int(airtable->read_table(&f.call, self, &s, &f.sink), LH_E_UNSUPPORTED, "an end offset");
    fake_end(&f);
}

/* --- the catalog ------------------------------------------------------------------------------ */

static void test_bases(void)
{
    static const struct fake_answer answers[] = {
        GET("/v0/meta/bases", "{\"bases\":[{\"id\":\"app1\",\"name\":\"One\"},{\"id\":\"app2\","
                              "\"name\":\"Same\"}],\"offset\":\"o=1\"}"),
        GET("/v0/meta/bases?offset=o%3D1", "{\"bases\":[{\"id\":\"app/3\",\"name\":\"Same\"}]}"),
        GET("/v0/meta/bases/app1/tables",
            "{\"tables\":[{\"id\":\"tbl1\",\"name\":\"A/B \\ud83d\\ude00\"},{\"id\":\"tbl2\","
            "\"name\":\"\"},{\"id\":\"tbl3\",\"name\":\"A/B \\ud83d\\ude00\"}]}"),
        GET("/v0/meta/bases/app2/tables", "{\"tables\":[{\"id\":\"tbl1\",\"name\":\"x\"}]}"),
        GET("/v0/meta/bases/app%2F3/tables", "{\"tables\":[]}"),
        {0},
    };
    static const struct fake_answer endless[] = {
        GET("/v0/meta/bases", "{\"bases\":[],\"offset\":\"o\"}"),
        GET("/v0/meta/bases?offset=o", "{\"bases\":[],\"offset\":\"o\"}"),
        {0},
    };
    struct bases bases;
    struct fake f;
    void *self;

    fake_begin(&f, answers, NULL);
    airtable->open(&f.call, &f.opts, &self);
    is_int(airtable->list_tables(&f.call, self, NULL, 0, &f.sink), LH_OK, "tables of all bases");
    has_str(fake_text(&f.catalog), "A/B \xf0\x9f\x98\x80", "any name");
    has_str(fake_text(&f.catalog), "tbl2", "one without a name, and");
    has_str(fake_text(&f.catalog), "tbl3", "a second one of a name, by their ids");
    fake_end(&f);
    fake_begin(&f, answers, NULL);
    is_int(airtable_bases(&f.call, &bases), LH_OK, "bases");
    is_slice(airtable_category(&bases, LHS("app1")), "One", "a category is the base's name");
    is_slice(airtable_category(&bases, LHS("app2")), "app2", "or id where two have one name");
    is_slice(airtable_category(&bases, LHS("app9")), "app9", "or where it is not known");
    fake_end(&f);
    fake_begin(&f, endless, NULL);
    is_int(airtable_bases(&f.call, &bases), LH_E_DATA, "a list of bases that does not end");
    fake_end(&f);
}

int main(void)
{
    airtable = LH_ENTRY(&fake_host);
    RUN(test_clean_names);
    RUN(test_unique_names);
    RUN(test_types);
    RUN(test_deep_types);
    RUN(test_cells);
    RUN(test_seen);
    RUN(test_reads);
    RUN(test_end_offset);
    RUN(test_bases);
    return tap_done();
}
