/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that look into a source: namespaces, tables, schema, metadata, partitions. */
#include "config.h"

#include "cmd/open.h"

#include "json/document.h"

#include <lakehost/sdk.h>
#include <stdlib.h>

#define RESULT_MAX ((size_t)1 << 30)
#define MAX_LEVELS 16

static json_t *strings(char **items, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(items[i]));
    return list;
}

/* --- namespaces and tables -------------------------------------------------------------------- */

static void add_namespace(struct lh_buf *to, const struct lh_table_entry *entry, bool json)
{
    for (size_t i = 0; i < entry->n_ns && !json; i++) {
        if (i)
            lh_buf_char(to, '\t');
        lh_source_add_plain(to, entry->ns[i]);
    }
    if (json)
        lh_source_add_json(to, strings(entry->ns, entry->n_ns), 0);
    else
        lh_buf_char(to, '\n');
}

static int run_namespaces(struct lh_context *context, const struct lh_args *args,
                          struct lh_error *e)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(RESULT_MAX);
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    lh_auto(lh_namespaces) all = {0};
    lh_str prefix[MAX_LEVELS];
    size_t n = args->n_positional - 1;
    int code;

    if (n > MAX_LEVELS)
        return lh_error_set(e, LH_USAGE, "PREFIX: at most %d levels", MAX_LEVELS);
    for (size_t i = 0; i < n; i++)
        prefix[i] = lh_str_z(args->positional[i + 1]);
    code = lh_source_open(context, args, args->positional[0], &s, e);
    if (!code)
        code = lh_instance_list_namespaces(s.in, prefix, n, &all, e);
    for (size_t i = 0; i < all.n && !code; i++)
        add_namespace(&out, &all.items[i], lh_source_wants_json(args));
    if (!code)
        code = lh_print(&out, e);
    return lh_source_end(&s, code, e);
}

static json_t *table_as_json(const struct lh_table_entry *t)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:b, s:b}", "name", t->name, "id", t->id,
                     "namespace", strings(t->ns, t->n_ns), "category", t->category, "comment",
                     t->comment, "partitioned", (t->flags & LH_TABLE_PARTITIONED) != 0,
                     "replayable", (t->flags & LH_TABLE_REPLAYABLE) != 0);
}

static int run_tables(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(RESULT_MAX);
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    lh_auto(lh_tables) tables = {0};
    const struct lh_opts *opts;
    json_t *list = NULL;
    lh_str ns[MAX_LEVELS];
    int code = lh_source_open(context, args, args->positional[0], &s, e);

    if (!code)
        code = lh_source_table(&s, LH_STR(""), &opts, e);
    if (!code)
        code =
            lh_instance_list_tables(s.in, ns, lh_source_namespace(&s, ns, MAX_LEVELS), &tables, e);
    if (code)
        return lh_source_end(&s, code, e);
    if (lh_source_wants_json(args))
        list = json_array();
    for (size_t i = 0; i < tables.n; i++) {
        if (list) {
            json_array_append_new(list, table_as_json(&tables.items[i]));
        } else {
            lh_source_add_plain(&out, tables.items[i].name);
            lh_buf_char(&out, '\n');
        }
    }
    if (list)
        lh_source_add_json(&out, list, 2);
    return lh_source_end(&s, lh_print(&out, e), e);
}

/* --- schema and metadata ---------------------------------------------------------------------- */

static void add_schema(struct lh_buf *to, const struct lh_schema *schema, const char *form)
{
    if (form && strcmp(form, "ddl") == 0)
        lh_schema_write_ddl(to, schema);
    else if (form && strcmp(form, "table") == 0)
        lh_schema_write_table(to, schema);
    else
        lh_schema_write_json(to, schema, 0);
    if (to->n && to->p[to->n - 1] != '\n')
        lh_buf_char(to, '\n');
}

/* Opens the source and takes the options of the table, the second argument. */
static int open_table(struct lh_context *context, const struct lh_args *args, struct lh_source *s,
                      const struct lh_opts **ret_opts, struct lh_error *e)
{
    int code = lh_source_open(context, args, args->positional[0], s, e);

    return code ? code : lh_source_table(s, lh_str_z(args->positional[1]), ret_opts, e);
}

static int run_schema(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(RESULT_MAX);
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    lh_autoptr(lh_schema) schema = NULL;
    const struct lh_opts *opts = NULL;
    int code = open_table(context, args, &s, &opts, e);

    if (!code)
        code = lh_instance_schema(s.in, lh_str_z(args->positional[1]), opts, &schema, e);
    if (!code) {
        add_schema(&out, schema, lh_args_get(args, "output"));
        code = lh_print(&out, e);
    }
    return lh_source_end(&s, code, e);
}

/* A property is exact JSON text; jansson would change its numbers, so it stays text. */
static json_t *metadata_as_json(const struct lh_metadata *m)
{
    json_t *all =
        json_pack("{s:o, s:s, s:s, s:b, s:b}", "primary_keys", strings(m->keys, m->n_keys),
                  "ingestion_type", lh_ingestion_name(m->ingestion), "category", m->category,
                  "partitioned", (m->flags & LH_TABLE_PARTITIONED) != 0, "replayable",
                  (m->flags & LH_TABLE_REPLAYABLE) != 0);

    json_object_set_new(all, "cursor_field", *m->cursor ? json_string(m->cursor) : json_null());
    if (m->props)
        json_object_set(all, "properties", m->props);
    return all;
}

static void add_names(struct lh_buf *to, const char *title, char *const *names, size_t n)
{
    lh_buf_z(to, title);
    for (size_t i = 0; i < n; i++) {
        lh_buf_z(to, i ? ", " : "");
        lh_source_add_plain(to, names[i]);
    }
    lh_buf_z(to, n ? "\n" : "-\n");
}

static void metadata_as_text(struct lh_buf *to, const struct lh_metadata *m)
{
    const char *name;
    json_t *value;

    add_names(to, "primary_keys    ", m->keys, m->n_keys);
    add_names(to, "cursor_field    ", &m->cursor, *m->cursor != 0);
    lh_buf_f(to, "ingestion_type  %s\n", lh_ingestion_name(m->ingestion));
    add_names(to, "category        ", &m->category, *m->category != 0);
    lh_buf_f(to, "partitioned     %s\n", m->flags & LH_TABLE_PARTITIONED ? "yes" : "no");
    lh_buf_f(to, "replayable      %s\n", m->flags & LH_TABLE_REPLAYABLE ? "yes" : "no");
    json_object_foreach(m->props, name, value)
    {
        lh_source_add_plain(to, name);
        lh_buf_f(to, "  %s\n", json_string_value(value));
    }
}

/* Keys and cursor must be columns: what is printed here is used elsewhere to merge rows. */
static int get_metadata(struct lh_source *s, lh_str table, const struct lh_opts *opts,
                        struct lh_metadata *ret, struct lh_error *e)
{
    lh_autoptr(lh_schema) schema = NULL;
    int code = lh_instance_metadata(s->in, table, opts, ret, e);

    if (!code)
        code = lh_instance_schema(s->in, table, opts, &schema, e);
    return code ? code : lh_instance_match(s->in, table, ret, schema, e);
}

static int run_metadata(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(RESULT_MAX);
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    lh_auto(lh_metadata) metadata = {0};
    const struct lh_opts *opts = NULL;
    int code = open_table(context, args, &s, &opts, e);

    if (!code)
        code = get_metadata(&s, lh_str_z(args->positional[1]), opts, &metadata, e);
    if (!code) {
        if (lh_source_wants_text(args))
            metadata_as_text(&out, &metadata);
        else
            lh_source_add_json(&out, metadata_as_json(&metadata), 2);
        code = lh_print(&out, e);
    }
    return lh_source_end(&s, code, e);
}

/* --- partitions ------------------------------------------------------------------------------- */

/* A partition and its weight, for people. */
static void add_partition_text(struct lh_buf *to, const struct lh_partition *p)
{
    lh_buf_f(to, "%llu\t", (unsigned long long)p->weight);
    lh_source_add_plain(to, p->json);
    lh_buf_char(to, '\n');
}

/* One line: what read --partition takes. All of it is JSON text already. */
static void add_partition(struct lh_buf *to, const struct lh_partition *p,
                          const struct lh_read *what, int64_t as_of_ms)
{
    char as_of[LHS_ISO_SIZE];

    lhs_iso_at(as_of, as_of_ms);
    lh_buf_f(to,
             "{\"as_of\":\"%s\",\"end\":%.*s,\"offset\":%.*s,\"partition\":%s,\"weight\":%llu}\n",
             as_of, LH_STR_ARG(what->end.n ? what->end : LH_STR("null")),
             LH_STR_ARG(what->offset.n ? what->offset : LH_STR("null")), p->json,
             (unsigned long long)p->weight);
}

static int list_partitions(struct lh_source *s, struct lh_read *what, struct lh_buf *end,
                           struct lh_buf *out, struct lh_error *e)
{
    lh_auto(lh_metadata) metadata = {0};
    lh_auto(lh_partitions) all = {0};
    int code = lh_instance_metadata(s->in, what->table, what->table_opts, &metadata, e);

    if (code)
        return code;
    what->ingestion = metadata.ingestion;
    if (metadata.ingestion != LH_INGEST_SNAPSHOT) {
        code = lh_instance_latest_offset(s->in, what, end, e);
        what->end = lh_buf_slice(end);
    }
    if (!code)
        code = lh_instance_partitions(s->in, what, &all, e);
    for (size_t i = 0; i < all.n && !code; i++) {
        if (lh_source_wants_text(s->args))
            add_partition_text(out, &all.items[i]);
        else
            add_partition(out, &all.items[i], what, s->run.as_of_ms);
    }
    return code;
}

static int run_partitions(struct lh_context *context, const struct lh_args *args,
                          struct lh_error *e)
{
    const char *start = lh_args_get(args, "start-offset");
    lh_auto(lh_buf) offset = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) end = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) out = LH_BUF_INIT(RESULT_MAX);
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    struct lh_read what = {.table = lh_str_z(args->positional[1])};
    int code = start ? lh_source_json(start, "--start-offset", &offset, e) : 0;

    if (!code)
        code = open_table(context, args, &s, &what.table_opts, e);
    what.offset = lh_buf_slice(&offset);
    if (!code)
        code = list_partitions(&s, &what, &end, &out, e);
    if (!code)
        code = lh_print(&out, e);
    return s.in ? lh_source_end(&s, code, e) : code;
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct lh_option plain_options[] = {
    {"--output", "FORMAT", "text or json", "text|json"},
    LH_SOURCE_OPTIONS,
    {NULL},
};

static const struct lh_option schema_options[] = {
    {"--output", "FORMAT", "spark-json (StructType as JSON), ddl or table", "spark-json|ddl|table"},
    LH_SOURCE_OPTIONS,
    {NULL},
};

static const struct lh_option metadata_options[] = {
    {"--output", "FORMAT", "json (default) or text", "text|json"},
    LH_SOURCE_OPTIONS,
    {NULL},
};

static const struct lh_option partitions_options[] = {
    {"--output", "FORMAT", "json (default), which read --partition takes, or text", "text|json"},
    {"--start-offset", "JSON|@FILE", "partitions of what comes after this offset"},
    {"--as-of", "TIME", "the run's horizon (default: now)"},
    LH_SOURCE_OPTIONS,
    {NULL},
};

#define GROUP "Looking into a source"
#define EXITS "0 1 2 3 4 5 6 7 8 130"

const struct lh_command lh_command_namespaces = {
    .name = "namespaces",
    .summary = "Lists the namespaces of a source that has them, one a line",
    .args = "CONNECTOR [PREFIX...]",
    .details = "The levels of a namespace are separated by tabs; with --output json each line is\n"
               "a JSON array. PREFIX asks for what lies below; CONNECTOR then stands before it,\n"
               "also with --plugin.",
    .group = GROUP,
    .options = plain_options,
    .examples = (const struct lh_example[]){{"namespaces example", "all of them"},
                                            {"namespaces example archive", "those below one"},
                                            {NULL}},
    .exits = EXITS,
    .run = run_namespaces,
};

const struct lh_command lh_command_tables = {
    .name = "tables",
    .summary = "Lists the tables of a source, one name a line",
    .args = "CONNECTOR",
    .details = "Without namespace levels (--table-option) the tables of all namespaces are listed.",
    .group = GROUP,
    .options = plain_options,
    .examples =
        (const struct lh_example[]){
            {"tables example", "their names"},
            {"tables example --table-option area=archive", "those of one namespace"},
            {"tables example --output json", "with id, namespace and category"},
            {NULL}},
    .exits = EXITS,
    .run = run_tables,
};

const struct lh_command lh_command_schema = {
    .name = "schema",
    .summary = "Prints the schema of a table",
    .args = "CONNECTOR TABLE",
    .group = GROUP,
    .options = schema_options,
    .examples = (const struct lh_example[]){{"schema example orders", "as Spark's StructType JSON"},
                                            {"schema example metrics --output ddl", "as Spark DDL"},
                                            {"schema example metrics --output table", "to read"},
                                            {NULL}},
    .exits = EXITS,
    .run = run_schema,
};

const struct lh_command lh_command_metadata = {
    .name = "metadata",
    .summary = "Prints keys, cursor, ingestion type and category of a table",
    .args = "CONNECTOR TABLE",
    .group = GROUP,
    .options = metadata_options,
    .examples =
        (const struct lh_example[]){
            {"metadata example orders", "how the table is to be read"},
            {"metadata example narrow_01 --table-option area=archive", "of one in a namespace"},
            {NULL}},
    .exits = EXITS,
    .run = run_metadata,
};

const struct lh_command lh_command_partitions = {
    .name = "partitions",
    .summary = "Prints the partitions of a table, one JSON document a line",
    .args = "CONNECTOR TABLE",
    .details =
        "Each line has the partition, offset, end and as_of that read --partition takes; with\n"
        "--output text its weight, a tab and the partition alone.",
    .group = GROUP,
    .options = partitions_options,
    .examples = (const struct lh_example[]){{"partitions example metrics", "all of the table"},
                                            {"partitions example metrics --as-of 2026-03-01",
                                             "as it was at a time"},
                                            {NULL}},
    .exits = EXITS,
    .run = run_partitions,
};
