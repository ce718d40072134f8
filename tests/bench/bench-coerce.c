/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed rows of a table like GitHub's issues: 30 columns, nested structs, arrays, a map, ids of
 * 64 bits, timestamps, a decimal; the records have a third more members than the table.
 *
 * Ours reads a page, coerces and writes each row. The baseline does less: jansson parses the same
 * page, the same 30 columns are looked up by name and dumped, and nothing is converted.
 */
#include "config.h"

#include "bench/bench.h"
#include "schema/coerce.h"

#include <jansson.h>

#define ROWS 500

static const char user_type[] =
    "struct<login: string, id: bigint, node_id: string, type: string, site_admin: boolean>";

static const char *const columns[][2] = {
    {"id", "bigint"},
    {"node_id", "string"},
    {"number", "bigint"},
    {"title", "string"},
    {"state", "string"},
    {"state_reason", "string"},
    {"locked", "boolean"},
    {"comments", "int"},
    {"body", "string"},
    {"user", user_type},
    {"assignee", user_type},
    {"assignees", NULL}, /* array of users */
    {"labels", "array<struct<id: bigint, node_id: string, name: string, color: string, "
               "description: string, default: boolean>>"},
    {"milestone", "struct<id: bigint, number: bigint, title: string, description: string, "
                  "state: string, created_at: timestamp, due_on: timestamp>"},
    {"created_at", "timestamp"},
    {"updated_at", "timestamp"},
    {"closed_at", "timestamp"},
    {"due", "date"},
    {"author_association", "string"},
    {"active_lock_reason", "string"},
    {"draft", "boolean"},
    {"url", "string"},
    {"html_url", "string"},
    {"labels_url", "string"},
    {"reactions", "map<string,string>"},
    {"estimate", "decimal(10,2)"},
    {"score", "double"},
    {"repository_owner", "string"},
    {"repository_name", "string"},
    {"priority", "tinyint"},
};

static void add_user(struct lh_buf *b, unsigned i)
{
    lh_buf_f(b,
             "{\"login\":\"octocat-%u\",\"id\":%u,\"node_id\":\"MDQ6VXNlcjE%u\",\"avatar_url\":"
             "\"https://avatars.example.net/u/%u?v=4\",\"gravatar_id\":\"\",\"url\":"
             "\"https://api.example.net/users/octocat-%u\",\"type\":\"User\",\"site_admin\":false}",
             i, 583231 + i, i, i, i);
}

static void add_labels(struct lh_buf *b, unsigned i)
{
    lh_buf_z(b, "\"labels\":[");
    for (unsigned j = 0; j < 1 + i % 4; j++)
        lh_buf_f(b,
                 "%s{\"id\":%u,\"node_id\":\"MDU6TGFiZWwyMDgwNDU5NDY=\",\"url\":"
                 "\"https://api.example.net/repos/o/r/labels/bug\",\"name\":\"bug-%u\",\"color\":"
                 "\"f29513\",\"default\":true,\"description\":\"Something isn't working\"}",
                 j ? "," : "", 208045946 + j, j);
    lh_buf_z(b, "],");
}

static void add_people(struct lh_buf *b, unsigned i)
{
    lh_buf_z(b, "\"user\":");
    add_user(b, i);
    lh_buf_z(b, ",");
    add_labels(b, i);
    lh_buf_z(b, "\"state\":\"open\",\"locked\":true,\"assignee\":");
    add_user(b, i + 1);
    lh_buf_z(b, ",\"assignees\":[");
    add_user(b, i + 1);
    lh_buf_z(b, "],");
}

static void add_rest(struct lh_buf *b, unsigned i)
{
    lh_buf_f(b,
             "\"milestone\":{\"id\":1002604,\"number\":1,\"title\":\"v1.0\",\"description\":"
             "\"Tracking\",\"state\":\"open\",\"created_at\":\"2011-04-10T20:09:31Z\",\"due_on\":"
             "null},\"comments\":%u,\"created_at\":\"2011-04-22T13:33:48Z\",\"updated_at\":"
             "\"2011-04-22T13:33:48Z\",\"closed_at\":null,\"due\":\"2024-02-29\","
             "\"author_association\":\"COLLABORATOR\",\"active_lock_reason\":\"too heated\","
             "\"draft\":false,\"body\":\"I'm having a problem with this.\\r\\n\\r\\nIt happens on "
             "every second start, and the log says nothing that helps; see the text below, which "
             "is long enough to look like one of a person.\\n\",\"reactions\":{\"url\":"
             "\"https://api.example.net/reactions\",\"total_count\":%u,\"+1\":0,\"-1\":0,"
             "\"laugh\":0},\"estimate\":%u.5,\"score\":1.0,\"repository_owner\":\"o\","
             "\"repository_name\":\"r\",\"priority\":%u,\"state_reason\":\"completed\"}",
             i % 50, i, i, i % 5);
}

static void add_issue(struct lh_buf *b, unsigned i)
{
    static const char *const urls[] = {"labels_url",     "comments_url", "events_url",
                                       "html_url",       "timeline_url", "repository_url",
                                       "repository_url2"};

    lh_buf_f(b,
             "{\"id\":%llu,\"node_id\":\"MDU6SXNzdWUx%u\",\"url\":\"https://api.example.net/%u\",",
             9007199254740993ull + i, i, i);
    for (size_t j = 0; j < LH_LEN(urls); j++)
        lh_buf_f(b, "\"%s\":\"https://api.example.net/repos/o/r/issues/%u/x\",", urls[j], i);
    lh_buf_f(b, "\"number\":%u,\"title\":\"Found a bug, number %u\",", i, i);
    add_people(b, i);
    add_rest(b, i);
}

struct bench {
    struct lh_buf page, out;
    struct lh_json_doc *doc;
    struct lh_coercer *coercer;
    size_t written;
};

static void scan_only(void *arg)
{
    struct bench *b = arg;

    lh_json_scan(b->doc, lh_buf_slice(&b->page), &lh_json_page_limits, NULL);
}

static void coerce_only(void *arg)
{
    struct bench *b = arg;
    const struct lh_json *row = NULL;

    lh_buf_reset(&b->out);
    while ((row = lh_json_next(lh_json_root(b->doc), row, NULL))) {
        lh_coerce_row(b->coercer, row, &b->out, NULL);
        lh_buf_char(&b->out, '\n');
    }
    b->written = b->out.n;
}

static void ours(void *arg)
{
    scan_only(arg);
    coerce_only(arg);
}

static void theirs(void *arg)
{
    struct bench *b = arg;
    json_t *page = json_loadb(b->page.p, b->page.n, 0, NULL);
    size_t i;
    json_t *row;

    json_array_foreach(page, i, row)
    {
        json_t *kept = json_object();
        char *text;

        for (size_t j = 0; j < LH_LEN(columns); j++) {
            json_t *value = json_object_get(row, columns[j][0]);

            if (value)
                json_object_set(kept, columns[j][0], value);
            else
                json_object_set_new(kept, columns[j][0], json_null());
        }
        text = json_dumps(kept, JSON_COMPACT);
        free(text);
        json_decref(kept);
    }
    json_decref(page);
}

static struct lh_schema *make_schema(void)
{
    struct lh_schema *s = lh_schema_new();
    lh_auto(lh_buf) users = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_f(&users, "array<%s>", user_type);
    for (size_t i = 0; i < LH_LEN(columns); i++) {
        lh_str type = columns[i][1] ? lh_str_z(columns[i][1]) : lh_buf_slice(&users);

        if (lh_schema_add(s, lh_str_z(columns[i][0]), type, LH_STR(""), 0, NULL))
            abort();
    }
    return s;
}

static void print(const struct bench *b, double both, double coerce, double baseline)
{
    double mb = (double)b->page.n / 1e6;

    printf("%d rows, %.0f bytes each, %zu columns; %.0f bytes typed\n", ROWS, mb * 1e6 / ROWS,
           LH_LEN(columns), (double)b->written / ROWS);
    bench_rate("typed rows, page to text", "krows/s", ROWS / both / 1e3, "jansson",
               ROWS / baseline / 1e3);
    bench_rate("typed rows, page to text", "MB/s   ", mb / both, "jansson", mb / baseline);
    bench_rate("coercion alone, on the tape", "MB/s   ", mb / coerce, "jansson", mb / baseline);
}

int main(void)
{
    struct lh_schema *schema = make_schema();
    struct bench b = {.page = LH_BUF_INIT((size_t)1 << 26), .out = LH_BUF_INIT((size_t)1 << 26)};
    double both;
    double coerce;

    b.doc = lh_json_doc_new();
    b.coercer = lh_coercer_new(schema);
    for (unsigned i = 0; i < ROWS; i++) {
        lh_buf_char(&b.page, i ? ',' : '[');
        add_issue(&b.page, i);
    }
    lh_buf_char(&b.page, ']');
    both = bench_best(ours, &b, 20);
    coerce = bench_best(coerce_only, &b, 20);
    if (lh_coercer_totals(b.coercer)->rejected || !lh_coercer_totals(b.coercer)->rows)
        abort(); /* the rows were not what this is to measure */
    print(&b, both, coerce, bench_best(theirs, &b, 20));
    lh_coercer_destroy(b.coercer);
    lh_json_doc_destroy(b.doc);
    lh_buf_free(&b.page);
    lh_buf_free(&b.out);
    lh_schema_destroy(schema);
    return 0;
}
