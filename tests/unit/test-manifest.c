/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/file.h"
#include "manifest/manifest.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

/* Reads a text; all findings as text in the buffer. */
static void read_text(lh_str text, struct lh_manifest *m, struct lh_buf *ret_findings)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;

    lh_manifest_parse(text, "t.csv", m, &f);
    lh_findings_write(&f, false, ret_findings);
}

static void test_values(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    const struct lh_manifest_row *r;

    read_text(LH_STR("\xef\xbb\xbfsource_table,note,pipeline_group,weight,schedule\r\n"
                     " issues ,\" a, \"\"b\"\"\r\nc \",,\"\",None\r\n"
                     "\n\r\n"
                     "\"x\",,g,7,@daily"),
              &m, &b);
    has_str(lh_buf_text(&b),
            "t.csv:1:14: warning: not a column of lakehost, kept as it is: "
            "\"note\" [LH204]\n",
            "one remark");
    is_int(m.n_rows, 2, "blank lines are no rows");
    is_int(m.n_extra, 1, "one more column");
    r = &m.rows[0];
    is_str(r->cells[LH_MF_SOURCE_TABLE], "issues", "trimmed");
    is_str(r->extra[0], " a, \"b\"\r\nc ", "as it is");
    is_str(r->cells[LH_MF_PIPELINE_GROUP], "default", "no group and no category");
    is_str(r->cells[LH_MF_WEIGHT], "", "empty in quotes");
    is_str(r->cells[LH_MF_SCHEDULE], "", "none");
    is_str(r->cells[LH_MF_CURSOR_FIELD], "", "a column that is not there");
    is_int(r->line, 2, "its line");
    r = &m.rows[1];
    is_int(r->line, 6, "after a value of two lines and two blank ones");
    is_str(r->cells[LH_MF_SOURCE_TABLE], "x", "in quotes");
    is_str(r->cells[LH_MF_SCHEDULE], "@daily", "the last value, without a line end");
    is_int(lh_manifest_weight(r), 7, "weight");
    ok(m.present[LH_MF_WEIGHT] && !m.present[LH_MF_CATEGORY], "which columns there are");
}

static void test_aliases(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    read_text(LH_STR("source_table,category,table_configuration_json\n"
                     "a,crm,\"{\"\"x\"\":1}\"\nb,,\n"),
              &m, &b);
    is_str(lh_buf_text(&b), "", "nothing to remark");
    is_str(m.rows[0].cells[LH_MF_TABLE_OPTIONS_JSON], "{\"x\":1}", "the original's name");
    is_str(m.rows[0].cells[LH_MF_PIPELINE_GROUP], "crm", "the category is the group");
    is_str(m.rows[1].cells[LH_MF_PIPELINE_GROUP], "default", "neither");
    ok(m.present[LH_MF_TABLE_OPTIONS_JSON] && !m.present[LH_MF_PIPELINE_GROUP], "present");
    read_text(LH_STR("source_table,table_options_json,table_configuration_json\n"
                     "a,{},{}\nb,,1\nc,1,2\n"),
              &m, &b);
    is_str(m.rows[1].cells[LH_MF_TABLE_OPTIONS_JSON], "1", "where the other one is empty");
    is_str(lh_buf_text(&b),
           "t.csv:4:3: warning: table_options_json: table_configuration_json says something else "
           "and is not read [LH214]\n",
           "two that differ");
}

static void test_places(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_place at;

    read_text(LH_STR("category,source_table,weight,schedule\n"
                     "\xc3\xa9\xc3\xa9,\"\"\"a\"\"\nb\",  \t 5 ,\"\xe2\x82\xac\"\n"
                     "x,y,1,s\n"),
              &m, &b);
    is_str(m.rows[0].cells[LH_MF_SOURCE_TABLE], "\"a\"\nb", "quotes within");
    at = lh_manifest_place(&m, &m.rows[0], LH_MF_SOURCE_TABLE);
    ok(at.line == 2 && at.column == 4, "characters, not bytes: %zu:%zu", at.line, at.column);
    is_str(at.file, "t.csv", "the file");
    is_str(at.key, "source_table", "the column");
    at = lh_manifest_place(&m, &m.rows[0], LH_MF_WEIGHT);
    ok(at.line == 3 && at.column == 8, "behind a line end: %zu:%zu", at.line, at.column);
    at = lh_manifest_place(&m, &m.rows[0], LH_MF_SCHEDULE);
    ok(at.line == 3 && at.column == 11, "the opening quote: %zu:%zu", at.line, at.column);
    at = lh_manifest_place(&m, &m.rows[0], LH_MF_PIPELINE_GROUP);
    ok(at.line == 2 && at.column == 1, "where it came from: %zu:%zu", at.line, at.column);
    at = lh_manifest_place(&m, &m.rows[1], LH_MF_CURSOR_FIELD);
    ok(at.line == 4 && at.column == 0, "not there: %zu:%zu", at.line, at.column);
    m.rows[1].cells[LH_MF_WEIGHT] = lh_manifest_keep(&m, LH_STR("9"));
    at = lh_manifest_place(&m, &m.rows[1], LH_MF_WEIGHT);
    ok(at.line == 4 && at.column == 0, "set afterwards: %zu:%zu", at.line, at.column);
}

/* What a text is refused for, in full. */
static const struct {
    const char *text, *findings;
} wrong[] = {
    {"", "t.csv:1:1: error: the file is empty; expected a header with source_table at least "
         "[LH201]\n"},
    {"\xef\xbb\xbf\n\n", "t.csv:1:1: error: the file is empty; expected a header with "
                         "source_table at least [LH201]\n"},
    {"source_table\n", "t.csv: warning: there are no rows [LH213]\n"},
    {"a;b\n", "t.csv:1:1: warning: not a column of lakehost, kept as it is: \"a;b\" [LH204]\n"
              "t.csv:1:1: error: source_table: the header has no such column; this line has \";\" "
              "between values, not \",\" [LH202]\n"},
    {"source_table,weight,source_table\na,1,b\n",
     "t.csv:1:21: error: source_table: the header has this column twice; the first one is read "
     "[LH203]\n"},
    {"source_table,wieght, \n a,1,\n",
     "t.csv:1:14: warning: not a column of lakehost, kept as it is: \"wieght\" (did you mean "
     "weight?), \"\" [LH204]\n"},
    {"source_table,weight\na\nb,1,2\nc,1\n\"d\",1,2",
     "t.csv:2: error: expected 2 values, as the header has, found 1 [LH205]\n"
     "t.csv:3: error: expected 2 values, as the header has, found 3; a value with a comma is "
     "written in quotes [LH205]\n"
     "t.csv:5: error: expected 2 values, as the header has, found 3 [LH205]\n"},
    {"source_table,weight\n\"a\"b,1\nc,\"1\n\n",
     "t.csv:2:4: error: text behind the closing quote; a quote in a value is written twice "
     "[LH206]\n"
     "t.csv:3:3: error: this quote is not closed before the end of the file [LH207]\n"},
    {"source_table,weight\n\"\"\"\xc3\xa9\"x,b\"c\n",
     "t.csv:2:6: error: text behind the closing quote; a quote in a value is written twice "
     "[LH206]\n"
     "t.csv:2:9: warning: a quote in a value that does not begin with one; write \"...\" around it "
     "and each quote in it twice [LH208]\n"},
    {"source_table,weight\na\"\",\"1\"\n",
     "t.csv:2:2: warning: a quote in a value that does not begin with one; write \"...\" around it "
     "and each quote in it twice [LH208]\n"},
    {"source_table\n\xc3\xa9\xff\xfe\n\xc3\n",
     "t.csv:2:2: error: expected UTF-8, found the byte 0xff [LH209]\n"
     "t.csv:3:1: error: expected UTF-8, found the byte 0xc3 [LH209]\n"},
    {"\xff\xfes\0o\0", "t.csv:1:1: error: expected UTF-8, found UTF-16; save the file as CSV UTF-8 "
                       "[LH209]\n"},
};

static void test_wrong(void)
{
    for (size_t i = 0; i < LH_LEN(wrong); i++) {
        lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
        lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

        read_text(lh_str_z(wrong[i].text), &m, &b);
        is_str(lh_buf_text(&b), wrong[i].findings, wrong[i].text);
    }
}

static void test_nul(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    read_text(LH_STR("source_table\na\0b\0c\r\rd"), &m, &b);
    is_str(lh_buf_text(&b), "t.csv:2:2: error: a NUL character [LH210]\n", "once a line");
    is_int(m.n_rows, 2, "a carriage return ends a row");
    is_str(m.rows[0].cells[LH_MF_SOURCE_TABLE], "a?b?c", "the rest is read");
    is_int(m.rows[1].line, 4, "counted as a line end");
}

static void test_long(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)4 << 20);
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_z(&text, "source_table,a\n");
    lh_buf_fill(&text, 'x', (size_t)1 << 20);
    lh_buf_z(&text, ",1\n2,");
    lh_buf_fill(&text, 'x', ((size_t)1 << 20) + 1);
    read_text(lh_buf_slice(&text), &m, &b);
    is_str(lh_buf_text(&b) + strcspn(lh_buf_text(&b), "\n") + 1,
           "t.csv:3:3: error: a value of more than 1 MiB [LH211]\n", "one byte too long");
    lh_buf_reset(&text);
    lh_buf_reset(&b);
    lh_buf_z(&text, "source_table");
    for (int i = 0; i < 300; i++)
        lh_buf_z(&text, ",status");
    read_text(lh_buf_slice(&text), &m, &b);
    has_str(lh_buf_text(&b), "t.csv:1: error: 301 columns; expected at most 256 [LH212]\n",
            "too many columns");
}

static void format(const struct lh_manifest *m, struct lh_buf *b)
{
    lh_buf_reset(b);
    lh_manifest_format(m, b);
}

#define HEADER                                                                                     \
    "connection_name,source_table,destination_catalog,destination_schema,destination_table,"       \
    "pipeline_group,schedule,table_options_json,weight,ingestion_type,primary_keys,cursor_field,"  \
    "category"

static void test_write(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_manifest_row *row = lh_manifest_add(&m);

    row->cells[LH_MF_SOURCE_TABLE] = lh_manifest_keep(&m, LH_STR("a,b"));
    row->cells[LH_MF_TABLE_OPTIONS_JSON] = "{\"x\":\"\"}";
    row->cells[LH_MF_CATEGORY] = "l\nm";
    row = lh_manifest_add(&m);
    row->cells[LH_MF_SOURCE_TABLE] = lh_manifest_keep(&m, LH_STR("a,b"));
    ok(row->cells[LH_MF_SOURCE_TABLE] == m.rows[0].cells[LH_MF_SOURCE_TABLE], "one copy");
    format(&m, &b);
    is_str(lh_buf_text(&b),
           HEADER
           "\r\n,\"a,b\",,,,,,\"{\"\"x\"\":\"\"\"\"}\",,,,,\"l\nm\"\r\n,\"a,b\",,,,,,,,,,,\r\n",
           "as the original writes");
    row->cells[LH_MF_STATUS] = "refused";
    format(&m, &b);
    has_str(lh_buf_text(&b), "category,status\r\n", "a column that has something to say");
    has_str(lh_buf_text(&b), ",refused\r\n", "and its value");
}

static void test_round_trip(void)
{
    static const char text[] =
        HEADER ",scd_type,zz,\"a \"\"q\"\"\"\r\n"
               "c,t,,,,g,,\"{\"\"a\"\":\"\"b,c\"\"}\",,,,,,SCD_TYPE_1,\"1\r\n2\",\xe2\x82\xac\r\n"
               "c,u,,,,g,,,,,,,,, x ,\r\n";
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_manifest) again = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    read_text(lh_str_z(text), &m, &b);
    format(&m, &b);
    is_str(lh_buf_text(&b), text, "byte for byte");
    read_text(lh_buf_slice(&b), &again, &(struct lh_buf)LH_BUF_INIT(0));
    is_int(again.n_rows, 2, "and back");
}

static void test_files(void)
{
    char folder[] = "/tmp/test-manifest.XXXXXX";
    char *path lh_autofree = NULL;
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_manifest) again = LH_MANIFEST_INIT;
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (!ok(mkdtemp(folder), "a folder"))
        return;
    path = lh_xasprintf("%s/m.csv", folder);
    for (int i = 0; i < 30000; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "a table with a rather long name, %d", i);
        lh_manifest_add(&m)->cells[LH_MF_SOURCE_TABLE] = lh_manifest_keep(&m, lh_str_z(name));
    }
    is_int(lh_manifest_write(&m, path, &e), 0, "written");
    is_int(lh_manifest_read(path, &again, &f, &e), 0, "read");
    is_int(again.n_rows, 30000, "all of it");
    is_int(f.n, 0, "without a remark");
    is_str(again.rows[29999].cells[LH_MF_SOURCE_TABLE], "a table with a rather long name, 29999",
           "the last one");
    is_str(again.file, path, "its name");
    unlink(path);
    is_int(lh_manifest_read(path, &again, &f, &e), LH_INVALID, "a file that is not there");
    has_str(lh_error_text(&e), path, "is named");
    rmdir(folder);
}

static void test_names(void)
{
    static const struct {
        const char *cell;
        int n; /* -1: refused */
        const char *first;
    } cases[] = {
        {"", 0, NULL},         {"id", 1, "id"},        {" id , b ", 2, "id"},
        {"[\"id\"]", 1, "id"}, {"[]", 0, NULL},        {" [\"a,b\", \"c\"] ", 2, "a,b"},
        {"a,,b", -1, NULL},    {"[\"a\"", -1, NULL},   {"[1]", -1, NULL},
        {"[\"\"]", -1, NULL},  {"[\"a\",]", -1, NULL}, {",", -1, NULL},
    };
    lh_auto(lh_arena) arena = LH_ARENA_INIT;

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        lh_str *names = NULL;
        size_t n = 0;
        bool good = lh_manifest_names(cases[i].cell, &arena, &names, &n);

        is_int(good ? (int)n : -1, cases[i].n, cases[i].cell);
        if (good && n)
            is_slice(names[0], cases[i].first, "the first");
    }
}

static void test_fill(void)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    read_text(LH_STR("source_table,destination_catalog\na,\nb,own\n"), &m, &b);
    lh_manifest_fill(&m, &(struct lh_manifest_defaults){"conn", "main", NULL});
    is_str(m.rows[0].cells[LH_MF_DESTINATION_CATALOG], "main", "an empty cell");
    is_str(m.rows[1].cells[LH_MF_DESTINATION_CATALOG], "own", "a row's own value");
    is_str(m.rows[1].cells[LH_MF_CONNECTION_NAME], "conn", "a column that is not there");
    is_str(m.rows[1].cells[LH_MF_DESTINATION_SCHEMA], "", "nothing to fill with");
    is_str(lh_manifest_destination(&m.rows[0]), "a", "the table's own name");
}

int main(void)
{
    RUN(test_values);
    RUN(test_aliases);
    RUN(test_places);
    RUN(test_wrong);
    RUN(test_nul);
    RUN(test_long);
    RUN(test_write);
    RUN(test_round_trip);
    RUN(test_files);
    RUN(test_names);
    RUN(test_fill);
    return tap_done();
}
