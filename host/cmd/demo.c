/* SPDX-License-Identifier: Apache-2.0 */
/* The command `demo`: the parts of lakehost at work, on data that the program carries. */
#include "config.h"

#include "cmd/demo.h"

#include "schema/coerce.h"
#include "schema/schema.h"

#include "json/json.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What is done with a source: the example connector, a day's users, the next day's changes. */
static const struct {
    const char *what;
    const char *const *words; /* a %s stands for the demo's folder */
} steps[] = {
    {"5. A source: the example connector is loaded and checked",
     (const char *const[]){"check", "example", NULL}},
    {"6. Its tables; the schema and the metadata of one",
     (const char *const[]){"tables", "example", NULL}},
    {NULL, (const char *const[]){"schema", "example", "orders", "--output", "table", NULL}},
    {NULL, (const char *const[]){"metadata", "example", "orders", NULL}},
    {"7. Rows up to a day; then the same again a day later: only what changed",
     (const char *const[]){"read", "example", "users", "--option", "rows=4", "--option",
                           "changes=2", "--as-of", "2025-01-03", "--until-done", "--offset-file",
                           "%s/users.json", "--resume", NULL}},
    {NULL, (const char *const[]){"read", "example", "users", "--option", "rows=4", "--option",
                                 "changes=2", "--as-of", "2025-01-04", "--until-done",
                                 "--offset-file", "%s/users.json", "--resume", NULL}},
};

#define MAX_WORDS 24

/* Prints a command as a user would type it, in the demo's folder, and runs it. */
static int run_step(struct lh_context *context, const char *what, const char *const *words,
                    const char *folder, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    char *path lh_autofree = NULL;
    const char *actual[MAX_WORDS];
    size_t n = 0;

    if (what)
        heading(&b, what);
    lh_buf_z(&b, "$ lakehost");
    for (; words[n]; n++) {
        bool in_folder = strncmp(words[n], "%s/", 3) == 0;

        lh_buf_f(&b, " %s", in_folder ? words[n] + 3 : words[n]);
        if (in_folder)
            path = lh_xasprintf("%s/%s", folder, words[n] + 3);
        actual[n] = in_folder ? path : words[n];
    }
    lh_buf_char(&b, '\n');
    return lh_print(&b, e) ? e->code : lh_program_step(context, actual, n, e);
}

/* The folder of --dir, made when it is not there; or one of its own, to be removed. */
static int demo_folder(const char *dir, char **ret, struct lh_error *e)
{
    const char *tmp = getenv("TMPDIR");
    char *folder lh_autofree =
        dir ? lh_xstrdup(dir) : lh_xasprintf("%s/lakehost-demo.XXXXXX", tmp && *tmp ? tmp : "/tmp");

    if (dir ? mkdir(folder, 0777) != 0 && errno != EEXIST : !mkdtemp(folder))
        return lh_error_errno(e, LH_FAILED, errno, "make the folder %s", folder);
    *ret = lh_take(folder);
    return 0;
}

static int run_steps(struct lh_context *context, const char *dir, struct lh_error *e)
{
    char *folder lh_autofree = NULL;
    char *offsets lh_autofree = NULL;
    int code = demo_folder(dir, &folder, e);

    if (code)
        return code;
    offsets = lh_xasprintf("%s/users.json", folder);
    if (unlink(offsets) && errno != ENOENT) /* of an earlier demo: it would have nothing to show */
        code = lh_error_errno(e, LH_FAILED, errno, "remove %s", offsets);
    for (size_t i = 0; !code && i < LH_LEN(steps); i++)
        code = run_step(context, steps[i].what, steps[i].words, folder, e);
    if (!dir) {
        unlink(offsets);
        rmdir(folder);
    }
    return code;
}

static int run_demo(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(lh_schema) schema = NULL;
    struct lh_json_problem problem;
    const struct lh_json *orders;
    lh_str text = lh_str_n(page, sizeof page - 1);

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
    if (lh_print(&b, e) || run_steps(context, lh_args_get(args, "dir"), e))
        return e->code;
    lh_buf_reset(&b);
    heading(&b, "8. The connector's process is killed in the middle of a read");
    if (lh_demo_kill(context, args, &b, e))
        return e->code;
    lh_buf_z(&b, "\nNext: lakehost plugin list, lakehost help\n");
    return lh_print(&b, e);
}

static const struct lh_option demo_options[] = {
    {"--dir", "DIR", "keep the demo's files here (default: a folder that is removed)", NULL,
     LH_OPT_DIR},
    {NULL},
};

const struct lh_command lh_command_demo = {
    .name = "demo",
    .summary = "Shows lakehost at work on data that it carries, with no account and no network",
    .group = "First steps",
    .options = demo_options,
    .examples =
        (const struct lh_example[]){
            {"demo", "see the scanner, schemas, settings and the example connector"},
            {"demo --dir /tmp/demo", "keep the offset file, to go on from there by hand"},
            {NULL}},
    .exits = "0 1 2 3 5 8",
    .run = run_demo,
};
