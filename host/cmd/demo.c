/* SPDX-License-Identifier: Apache-2.0 */
/* The command `demo`: the parts of lakehost at work, on data that the program carries. */
#include "config.h"

#include "cmd/program.h"
#include "schema/coerce.h"
#include "schema/schema.h"
#include "json/json.h"

/* What hurts in a page of a source: an id beyond a double, a decimal, a date in the future, text
 * beyond ASCII, a member that no schema knows, and one value that does not fit its column. */
static const char page[] =
    "{\"orders\": [\n"
    "  {\"id\": 9007199254740993, \"total\": 19.90, \"at\": \"2026-03-01T09:30:00+01:00\",\n"
    "   \"customer\": {\"name\": \"Z\\u00fcrich AG\", \"vip\": \"yes\"}, \"extra\": [1, 2]},\n"
    "  {\"id\": \"9223372036854775807\", \"total\": \"twelve\", \"at\": \"2026-03-02\",\n"
    "   \"customer\": {}}\n"
    "]}";

static const char ddl[] =
    "id BIGINT NOT NULL COMMENT 'the key', total DECIMAL(10,2), at TIMESTAMP, "
    "customer STRUCT<name: STRING, vip: BOOLEAN>";

static void heading(struct lh_buf *to, const char *text)
{
    lh_buf_f(to, "\n== %s\n", text);
}

/* Rows as the source gave them: only the white space between tokens is gone. */
static void show_rows(struct lh_buf *to, const struct lh_json *orders)
{
    const struct lh_json *row = NULL;

    heading(to, "1. A page is scanned; rows come out byte for byte, 64-bit ids and decimals too");
    while ((row = lh_json_next(orders, row, NULL))) {
        lh_json_write(to, row);
        lh_buf_char(to, '\n');
    }
}

static void show_schema(struct lh_buf *to, const struct lh_schema *schema)
{
    heading(to, "2. A schema in Spark DDL, as a table and as Spark's StructType JSON");
    lh_schema_write_table(to, schema);
    lh_schema_write_json(to, schema, 0);
    lh_buf_char(to, '\n');
}

static int show_typed(struct lh_buf *to, const struct lh_schema *schema,
                      const struct lh_json *orders, struct lh_error *e)
{
    lh_autoptr(lh_coercer) coercer = lh_coercer_new(schema);
    const struct lh_coerce_count *count = NULL;
    const struct lh_json *row = NULL;

    heading(to, "3. The rows coerced to that schema; what does not fit is counted and named");
    while ((row = lh_json_next(orders, row, NULL))) {
        if (lh_coerce_row(coercer, row, to, e))
            return lh_error_wrap(e, "the demo's row");
        lh_buf_char(to, '\n');
    }
    while ((count = lh_coercer_next(coercer, count))) {
        lh_coerce_count_write(to, count);
        lh_buf_char(to, '\n');
    }
    return 0;
}

static void show_config(struct lh_buf *to, const struct lh_config *config)
{
    static const char *const keys[] = {"color", "pipeline.channel", "pipeline.catalog"};

    heading(to, "4. Settings, each with the layer that it came from");
    for (size_t i = 0; i < LH_LEN(keys); i++) {
        const json_t *origin = json_object_get(lh_config_origins(config), keys[i]);
        const char *value = lh_config_string(config, keys[i]);

        lh_buf_f(to, "%-18s %-10s from %s\n", keys[i], value ? value : "null",
                 origin ? json_string_value(origin) : "nowhere");
    }
}

static int run_demo(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(lh_schema) schema = NULL;
    struct lh_json_problem problem;
    const struct lh_json *orders;
    lh_str text = lh_str_n(page, sizeof page - 1);

    (void)args;
    if (lh_json_scan(doc, text, &lh_json_page_limits, &problem))
        return lh_json_problem_error(&problem, text, "the demo's page", LH_FAILED, e);
    if (lh_schema_parse_ddl(lh_str_z(ddl), &schema, e))
        return lh_error_wrap(e, "the demo's schema");
    orders = lh_json_get(lh_json_root(doc), LH_STR("orders"));
    lh_buf_f(&b, "lakehost %s: what it does to a page of a source, on data that it carries\n",
             PACKAGE_VERSION);
    show_rows(&b, orders);
    show_schema(&b, schema);
    if (show_typed(&b, schema, orders, e))
        return e->code;
    show_config(&b, context->config);
    lh_buf_z(&b, "\nNext: lakehost help\n");
    return lh_print(&b, e);
}

const struct lh_command lh_command_demo = {
    .name = "demo",
    .summary = "Shows lakehost at work on data that it carries, with no account and no network",
    .group = "First steps",
    .examples = (const struct lh_example[]){{"demo", "see the scanner, schemas and settings"},
                                            {"--color never demo", "the same without colours"},
                                            {NULL}},
    .exits = "0 1 2 3",
    .run = run_demo,
};
