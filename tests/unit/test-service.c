/* SPDX-License-Identifier: Apache-2.0 */
/* The service object at work; test-service-rules.c has the connectors that are wrong. */
#include "config.h"

#include "tap.h"
#include "unit/fake_connector.h"

#include <stdlib.h>

#define CALL     lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s
#define UNUSED_C (void)self, (void)scan, (void)c

/* One connector's read_table from nothing, into text. */
static int read_as(struct fake *f, const struct lh_read *what, struct kept *kept, bool *ret_more,
                   struct lh_error *e)
{
    struct lh_row_writer to = keep_in(kept);

    lh_buf_reset(&kept->text);
    kept->rows = 0;
    return lh_instance_read(f->in, what, &to, ret_more, e);
}

/* --- the table -------------------------------------------------------------------------------- */

static void test_host_table(void)
{
    const unsigned char *bytes = (const unsigned char *)&lh_service_host;
    size_t first = offsetof(struct lh_host, alloc);

    is_int(lh_service_host.struct_size, sizeof(struct lh_host), "its size");
    is_int(lh_service_host.abi_major, LH_ABI_MAJOR, "its major");
    for (size_t at = first; at < sizeof(struct lh_host); at += sizeof(void *)) {
        static const unsigned char nothing[sizeof(void *)];

        ok(memcmp(bytes + at, nothing, sizeof nothing) != 0, "slot %zu is filled",
           (at - first) / sizeof(void *));
    }
}

/* --- rows ------------------------------------------------------------------------------------- */

static int all_forms(CALL)
{
    const lh_json *page = H->json_parse(
        c, LHS("{\"items\": [ {\"id\": 1, \"t\": \"a b\"},\n {\"id\":19.90} ], \"x\":{\"y\":1}}"));
    lh_out *o = H->out_new(c);
    int rc = H->rows(s, LH_UPSERT, H->json_get(page, LHS("items")));

    UNUSED_C;
    if (!rc)
        rc = H->row(s, LH_DELETE, H->json_get(page, LHS("x")));
    for (int i = 0; i < 2 && !rc; i++) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("n"));
        H->out_i64(o, i);
        H->out_members(o, H->json_get(page, LHS("x")), NULL, 0);
        H->out_end(o);
        rc = H->row_out(s, LH_UPSERT, o);
    }
    if (!rc)
        rc = H->row_text(s, LH_UPSERT, LHS(" { \"z\" : 9007199254740993 } "));
    if (rc)
        return rc;
    /* rule 8: a value that was finished is dropped by the next */
    H->out_begin(o, '[');
    H->out_end(o);
    H->out_begin(o, '{');
    H->out_key(o, LHS("z"));
    H->out_i64(o, 1);
    H->out_key(o, LHS("a"));
    H->out_raw(o, LHS(" [ 1.50 ] "));
    H->out_end(o);
    return H->checkpoint(s, H->out_done(o));
}

static void test_rows(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_read what = {.table = LH_STR("orders")};
    struct kept kept = KEPT_INIT;
    bool more = true;
    struct fake f;

    fake_make(&f);
    f.plugin.table.read_table = all_forms;
    fake_begin(&f, &e);
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "reads");
    is_str(lh_buf_text(&kept.text),
           "u{\"id\":1,\"t\":\"a b\"}\nu{\"id\":19.90}\nu{\"n\":0,\"y\":1}\nu{\"n\":1,\"y\":1}\n"
           "u{\"z\":9007199254740993}\n@{\"a\":[1.50],\"z\":1}\n",
           "rows byte for byte on one line, the offset canonical, deletes left out");
    ok(!more, "and is done");
    what.flow = LH_READ_DELETES;
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "the other flow from the same read (rule 28)");
    is_str(lh_buf_text(&kept.text), "d{\"y\":1}\n@{\"a\":[1.50],\"z\":1}\n", "is the deletes");
    what.flow = LH_READ_ROWS;
    kept.stop_at = 2;
    is_int(read_as(&f, &what, &kept, &more, &e), LH_NOT_FOUND, "a writer can end the read");
    is_str(lh_error_text(&e), "the writer wants no more", "with its own error");
    lh_buf_free(&kept.text);
    fake_end(&f);
}

static int deletes_only(CALL)
{
    int rc = H->row_text(s, LH_DELETE, LHS("{\"id\":7}"));

    UNUSED_C;
    return rc ? rc : H->checkpoint(s, H->json_parse(c, LHS("{\"d\":1}")));
}

static int not_for_this(CALL)
{
    UNUSED_C;
    (void)s;
    return H->fail(c, LH_E_UNSUPPORTED, LHS("no deletes here"));
}

static void test_deletes(void)
{
    const struct lh_read what = {.table = LH_STR("orders"), .flow = LH_READ_DELETES};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct kept kept = KEPT_INIT;
    bool more;
    struct fake f;

    fake_make(&f);
    f.plugin.table.read_table = all_forms;
    f.plugin.table.read_table_deletes = deletes_only;
    fake_begin(&f, &e);
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "a connector with read_table_deletes");
    is_str(lh_buf_text(&kept.text), "d{\"id\":7}\n@{\"d\":1}\n", "is asked there");
    f.plugin.table.read_table_deletes = not_for_this;
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "unless that is not for this table");
    is_str(lh_buf_text(&kept.text), "d{\"y\":1}\n@{\"a\":[1.50],\"z\":1}\n", "then read_table");
    lh_buf_free(&kept.text);
    fake_end(&f);
}

/* --- what a scan says ------------------------------------------------------------------------- */

static int echo(CALL)
{
    lh_out *o = H->out_new(c);

    (void)self;
    H->out_begin(o, '{');
    H->out_key(o, LHS("table"));
    H->out_str(o, scan->table);
    H->out_key(o, LHS("offset"));
    H->out_json(o, scan->offset);
    H->out_key(o, LHS("end"));
    H->out_json(o, scan->end);
    H->out_key(o, LHS("partition"));
    H->out_json(o, scan->partition);
    H->out_key(o, LHS("as_of"));
    H->out_i64(o, scan->as_of_ms);
    H->out_key(o, LHS("max"));
    H->out_i64(o, (int64_t)scan->max_rows);
    H->out_key(o, LHS("ends"));
    H->out_i64(o, scan->table.p[scan->table.n] == '\0');
    H->out_end(o);
    return H->row_out(s, LH_UPSERT, o);
}

static void test_scan(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_read what = {.table = lh_str_n("orders!", 6),
                           .partition = LH_STR("{\"p\":1}"),
                           .offset = LH_STR("{}"),
                           .max_rows = 5};
    struct kept kept = KEPT_INIT;
    bool more;
    struct fake f;

    fake_make(&f);
    f.plugin.table.get_partitions = echo;
    f.plugin.table.read_partition = echo;
    fake_begin(&f, &e);
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "a partition without a checkpoint");
    is_str(lh_buf_text(&kept.text),
           "u{\"table\":\"orders\",\"offset\":null,\"end\":null,\"partition\":{\"p\":1},"
           "\"as_of\":1772323200000,\"max\":5,\"ends\":1}\n",
           "{} is the beginning, the table ends in NUL");
    what.offset = LH_STR("[1]");
    is_int(read_as(&f, &what, &kept, &more, &e), LH_INVALID, "an offset that is no object");
    is_str(lh_error_text(&e),
           "fake: read_partition(orders): the start offset: expected a JSON object, found [1]",
           "says so");
    what.offset = LH_STR("{\"a\":");
    is_int(read_as(&f, &what, &kept, &more, &e), LH_INVALID, "or no JSON");
    has_str(lh_error_text(&e), "the start offset:1:6: ", "says where");
    lh_buf_free(&kept.text);
    fake_end(&f);
}

/* --- many rows, little memory ----------------------------------------------------------------- */

static int many_rows(CALL)
{
    lh_out *o = H->out_new(c);
    int rc = LH_OK;

    UNUSED_C;
    for (int64_t i = 0; i < 300000 && !rc; i++) {
        H->out_begin(o, '{');
        H->out_key(o, LHS("id"));
        H->out_i64(o, i);
        H->out_end(o);
        rc = i % 1000 ? H->row_out(s, LH_UPSERT, o) : H->checkpoint(s, H->out_done(o));
    }
    return rc;
}

static int count_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                     struct lh_error *e)
{
    (void)op;
    (void)text;
    (void)row;
    (void)e;
    ++*(size_t *)arg;
    return 0;
}

static int no_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    (void)arg;
    (void)offset;
    (void)e;
    return 0;
}

static void test_many_rows(void)
{
    const struct lh_read what = {.table = LH_STR("orders")};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    size_t rows = 0;
    struct lh_row_writer to = {count_row, no_checkpoint, &rows, NULL};
    bool more;
    struct fake f;

    fake_make(&f);
    f.plugin.table.read_table = many_rows;
    fake_begin(&f, &e);
    is_int(lh_instance_read(f.in, &what, &to, &more, &e), 0, "one long call with one builder");
    is_int(rows, 299700, "is never told to end: it holds nothing");
    fake_end(&f);
}

static int holds_much(CALL)
{
    int64_t n = 0;
    int rc = LH_OK;

    (void)self;
    H->json_i64(H->json_get(scan->offset, LHS("n")), &n);
    while (!rc) {
        lh_str text;

        if (!H->alloc(c, (size_t)1 << 20))
            return LH_E_NOMEM;
        text = lhs_fmt(H, c, "{\"n\":%lld}", (long long)++n);
        rc = H->row_text(s, LH_UPSERT, text);
        if (!rc)
            rc = H->checkpoint(s, H->json_parse(c, text));
    }
    return rc;
}

static void test_long_call_ends(void)
{
    struct lh_read what = {.table = LH_STR("orders"), .offset = LH_STR("{\"n\":100}")};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct kept kept = KEPT_INIT;
    bool more = false;
    struct fake f;

    fake_make(&f);
    f.plugin.table.read_table = holds_much;
    fake_begin(&f, &e);
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "a call that holds ever more");
    ok(more, "is ended by LH_MORE (rule 9)");
    is_int(kept.rows, 16, "when it holds more than 16 MiB");
    f.run.deadline = lh_deadline_in(-1);
    is_int(read_as(&f, &what, &kept, &more, &e), LH_UNREACHABLE, "and by the deadline");
    has_str(lh_error_text(&e), "fake: read_table(orders): the time of --timeout is over", "named");
    lh_buf_free(&kept.text);
    fake_end(&f);
}

/* --- failing ---------------------------------------------------------------------------------- */

static int fail_code;
static const char *fail_text;

static int fail_as_told(CALL)
{
    UNUSED_C;
    (void)s;
    return fail_text ? H->fail(c, fail_code, lhs_z(fail_text)) : fail_code;
}

static void test_codes(void)
{
    static const struct {
        int code, exit;
    } codes[] = {
        {LH_E_UNSUPPORTED, LH_INVALID},
        {LH_E_OPTION, LH_INVALID},
        {LH_E_AUTH, LH_REFUSED},
        {LH_E_DENIED, LH_REFUSED},
        {LH_E_NOT_FOUND, LH_NOT_FOUND},
        {LH_E_THROTTLED, LH_UNREACHABLE},
        {LH_E_UNAVAILABLE, LH_UNREACHABLE},
        {LH_E_DATA, LH_FAILED},
        {LH_E_OFFSET, LH_INVALID},
        {LH_E_LIMIT, LH_FAILED},
        {LH_E_NOMEM, LH_BAD_PLUGIN},
        {LH_E_INTERNAL, LH_BAD_PLUGIN},
    };
    struct kept kept = KEPT_INIT;
    const struct lh_read what = {.table = LH_STR("t")};
    struct fake f;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    bool more;

    fake_make(&f);
    f.plugin.table.read_table = fail_as_told;
    fake_begin(&f, &e);
    for (size_t i = 0; i < LH_LEN(codes); i++) {
        fail_code = codes[i].code;
        fail_text = "page 3 is empty";
        is_int(read_as(&f, &what, &kept, &more, &e), codes[i].exit, "the exit code");
        is_str(lh_error_text(&e), "fake: read_table(t): page 3 is empty", "the message, wrapped");
        fail_text = NULL;
        is_int(read_as(&f, &what, &kept, &more, &e), codes[i].exit, "the same without a message");
        has_str(lh_error_text(&e), ", without a message)", "which is said");
    }
    lh_buf_free(&kept.text);
    fake_end(&f);
}

/* --- catalog ---------------------------------------------------------------------------------- */

static int list_two(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *s)
{
    const lh_str path[] = {LH_STR_INIT("acme"), LH_STR_INIT("shop")};
    struct lh_table t = {.struct_size = sizeof t, .name = LHS("orders"), .flags = 0x8001};
    int rc = H->add_table(s, &t);

    (void)c;
    (void)self;
    t = (struct lh_table){.struct_size = sizeof t,
                          .name = LHS("orders"),
                          .id = LHS("t17"),
                          .category = n ? ns[0] : LHS("own"),
                          .comment = LHS("in a namespace"),
                          .ns = path,
                          .n_ns = 2};
    return rc ? rc : H->add_table(s, &t);
}

static int list_same(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *s)
{
    struct lh_table t = {.struct_size = sizeof t, .name = LHS("orders")};
    int rc = H->add_table(s, &t);

    (void)c;
    (void)self;
    (void)ns;
    (void)n;
    return rc ? rc : H->add_table(s, &t);
}

static void test_tables(void)
{
    const lh_str prefix = LH_STR("north");
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_tables) tables = {0};
    struct fake f;

    fake_make(&f);
    f.plugin.table.list_tables = list_same;
    fake_begin(&f, &e);
    is_int(lh_instance_list_tables(f.in, NULL, 0, &tables, &e), LH_BAD_PLUGIN, "equal names");
    is_str(lh_error_text(&e),
           "fake: list_tables: the interface is broken: add_table: \"orders\" was reported before; "
           "names are unique",
           "are refused");
    is_int(tables.n, 0, "the output is untouched");
    f.plugin.table.list_tables = list_two;
    is_int(lh_instance_list_tables(f.in, &prefix, 1, &tables, &e), 0, "unless namespaces differ");
    is_int(tables.n, 2, "two tables");
    is_str(tables.items[0].id, "orders", "the id is the name");
    is_str(tables.items[0].category, "sales", "the category is the spec's");
    is_int(tables.items[0].flags, LH_TABLE_PARTITIONED, "unknown low flags are dropped");
    is_str(tables.items[1].id, "t17", "or as reported");
    is_str(tables.items[1].category, "north", "as reported; the prefix came through");
    is_str(tables.items[1].ns[1], "shop", "the namespace");
    fake_end(&f);
}

static int list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n, lh_sink *s)
{
    lh_str path[2] = {LH_STR_INIT("a"), LH_STR_INIT("b")};

    (void)c;
    (void)self;
    if (n)
        path[0] = prefix[0];
    return H->add_namespace(s, path, 2);
}

static int check_steps(lh_call *c, void *self, lh_sink *s)
{
    int rc = H->add_step(s, LHS("reach"), LH_OK, LHS("in 3 ms"));

    (void)c;
    (void)self;
    return rc ? rc : H->add_step(s, LHS("orders"), LH_E_DENIED, LHS("scope read:orders"));
}

static void test_namespaces_and_check(void)
{
    const lh_str prefix = LH_STR("acme");
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_namespaces) namespaces = {0};
    lh_auto(lh_steps) steps = {0};
    struct fake f;

    fake_make(&f);
    fake_begin(&f, &e);
    is_int(lh_instance_list_namespaces(f.in, NULL, 0, &namespaces, &e), LH_INVALID, "not offered");
    is_int(lh_instance_check(f.in, &steps, &e), 0, "check is optional");
    is_int(steps.n, 0, "and has no steps then");
    f.plugin.table.list_namespaces = list_namespaces;
    f.plugin.table.check = check_steps;
    is_int(lh_instance_list_namespaces(f.in, &prefix, 1, &namespaces, &e), 0, "namespaces");
    is_int(namespaces.n, 1, "one");
    is_str(namespaces.items[0].ns[0], "acme", "its parts");
    is_str(namespaces.items[0].ns[1], "b", "its parts");
    is_int(lh_instance_check(f.in, &steps, &e), 0, "check");
    is_int(steps.n, 2, "two steps");
    is_int(steps.items[1].code, LH_E_DENIED, "with codes");
    is_str(steps.items[1].detail, "scope read:orders", "and details");
    fake_end(&f);
}

static int columns(CALL)
{
    struct lh_field f = {.struct_size = sizeof f,
                         .flags = LH_FIELD_NOT_NULL,
                         .name = LHS("id"),
                         .type = LHS("bigint"),
                         .comment = LHS("the key")};
    int rc = H->add_field(s, &f);

    UNUSED_C;
    f = (struct lh_field){
        .struct_size = sizeof f, .name = LHS("user"), .type = LHS("array<struct>")};
    if (!rc)
        rc = H->field_begin(s, &f);
    f = (struct lh_field){.struct_size = sizeof f, .name = LHS("name"), .type = LHS("string")};
    if (!rc)
        rc = H->add_field(s, &f);
    return rc ? rc : H->field_end(s);
}

static int metadata(CALL)
{
    const lh_str keys[] = {LH_STR_INIT("id"), LH_STR_INIT("region")};
    struct lh_meta m = {.struct_size = sizeof m,
                        .flags = LH_TABLE_REPLAYABLE,
                        .ingestion = LH_INGEST_CDC,
                        .keys = keys,
                        .n_keys = 2,
                        .cursor = LHS("at")};
    int rc = H->set_prop(s, "rows", H->json_parse(c, LHS("{\"b\": 1, \"a\": 2.50}")));

    UNUSED_C;
    return rc ? rc : H->set_meta(s, &m);
}

static void test_schema_and_metadata(void)
{
    lh_autoptr(lh_schema) schema = NULL;
    lh_auto(lh_buf) ddl = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_metadata) meta = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct fake f;

    fake_make(&f);
    f.plugin.table.get_table_schema = columns;
    f.plugin.table.read_table_metadata = metadata;
    fake_begin(&f, &e);
    is_int(lh_instance_schema(f.in, LH_STR("orders"), NULL, &schema, &e), 0, "a schema");
    lh_schema_write_ddl(&ddl, schema);
    is_str(lh_buf_text(&ddl),
           "id bigint NOT NULL COMMENT 'the key', user array<struct<name: string>>", "its columns");
    is_int(lh_instance_metadata(f.in, LH_STR("orders"), NULL, &meta, &e), 0, "metadata");
    is_int(meta.ingestion, LH_INGEST_CDC, "the type");
    is_int(meta.flags, LH_TABLE_REPLAYABLE, "the flags");
    is_int(meta.n_keys, 2, "the keys");
    is_str(meta.keys[1], "region", "the keys");
    is_str(meta.cursor, "at", "the cursor");
    is_str(meta.category, "sales", "the category, from the spec");
    is_str(json_string_value(json_object_get(meta.props, "rows")), "{\"a\":2.50,\"b\":1}",
           "a property, as JSON text");
    fake_end(&f);
}

/* --- partitions and the newest offset --------------------------------------------------------- */

static int three_partitions(CALL)
{
    int rc = LH_OK;

    UNUSED_C;
    for (int i = 0; i < 3 && !rc; i++)
        rc = H->add_partition(s, H->json_parse(c, lhs_fmt(H, c, "{\"part\": %d}", i)), 1);
    return rc;
}

static int newest(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, H->json_parse(c, LHS("{\"until\":\"2026-02-28T00:00:00Z\"}")));
}

static int two_newest(CALL)
{
    int rc = newest(c, self, scan, s);

    return rc ? rc : newest(c, self, scan, s);
}

static void test_partitions(void)
{
    const struct lh_read what = {.table = LH_STR("t"), .ingestion = LH_INGEST_APPEND};
    lh_auto(lh_buf) offset = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_partitions) partitions = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct fake f;

    fake_make(&f);
    fake_begin(&f, &e);
    is_int(lh_instance_partitions(f.in, &what, &partitions, &e), LH_INVALID, "not offered");
    is_int(lh_instance_latest_offset(f.in, &what, &offset, &e), LH_INVALID, "nor this");
    f.plugin.table.get_partitions = three_partitions;
    f.plugin.table.latest_offset = newest;
    is_int(lh_instance_partitions(f.in, &what, &partitions, &e), 0, "partitions");
    is_int(partitions.n, 3, "three");
    is_str(partitions.items[2].json, "{\"part\":2}", "canonical");
    is_int(lh_instance_latest_offset(f.in, &what, &offset, &e), 0, "the newest offset");
    is_str(lh_buf_text(&offset), "{\"until\":\"2026-02-28T00:00:00Z\"}", "canonical");
    f.plugin.table.latest_offset = two_newest;
    is_int(lh_instance_latest_offset(f.in, &what, &offset, &e), LH_BAD_PLUGIN, "there is one");
    fake_end(&f);
}

/* --- the small services ----------------------------------------------------------------------- */

struct seen {
    int64_t now;
    int cancelled, slept, partial;
    char base[100], owner[100];
    bool has_secret;
    char *kept; /* by open */
};

static struct seen seen;

static int look_around(CALL)
{
    lh_str base = H->base_url(c);
    const char *owner = H->opt(scan->opts, "owner");

    (void)self;
    (void)s;
    seen.now = H->now_ms(c);
    seen.cancelled = H->cancelled(c);
    seen.slept = H->sleep_ms(c, 1);
    seen.partial = H->partial(c, LH_E_DENIED, LHS("repo x"), LHS("403"));
    snprintf(seen.base, sizeof seen.base, "%.*s", (int)base.n, base.p);
    snprintf(seen.owner, sizeof seen.owner, "%s", owner ? owner : "");
    H->log(c, LH_LOG_WARN, LHS("something odd"));
    H->progress(c, LHS("pages"), 1, 0);
    return LH_OK;
}

static int open_keeping(lh_call *c, const lh_opts *opts, void **ret_self)
{
    (void)opts;
    seen.kept = H->alloc(c, 5);
    memcpy(seen.kept, "kept", 5);
    *ret_self = seen.kept;
    return LH_OK;
}

static int open_failing(lh_call *c, const lh_opts *opts, void **ret_self)
{
    (void)opts;
    (void)ret_self;
    return H->fail(c, LH_E_OPTION, LHS("owner and org exclude each other"));
}

static void test_small_services(void)
{
    struct lh_read what = {.table = LH_STR("t")};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct kept kept = KEPT_INIT;
    char text[500];
    bool more;
    struct fake f;

    fake_make(&f);
    f.plugin.table.open = open_failing;
    is_int(fake_begin(&f, &e), LH_INVALID, "open may fail");
    is_str(lh_error_text(&e), "fake: open: owner and org exclude each other", "with its reason");
    f.plugin.table.open = open_keeping;
    f.plugin.table.read_table = look_around;
    what.table_opts = f.table_opts;
    is_int(fake_begin(&f, &e), 0, "or not");
    ok(!lh_instance_partial(f.in), "nothing is missing");
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "the call");
    ok(seen.now > AS_OF - (int64_t)86400000 * 3650, "the time is roughly now");
    is_int(seen.cancelled, 0, "not cancelled");
    is_int(seen.slept, 0, "slept");
    is_int(seen.partial, 0, "a missing part is no end");
    ok(lh_instance_partial(f.in), "but known");
    is_str(seen.base, "https://api.example.com", "the base");
    is_str(seen.owner, "acme", "an option");
    is_str(seen.kept, "kept", "memory of open lives");
    has_str(fake_log(&f, text, sizeof text), "fake: read_table(t): \"repo x\" is missing: 403",
            "the log has it");
    has_str(text, "fake: something odd", "and what the connector says");
    lh_buf_free(&kept.text);
    fake_end(&f);
}

/* --- misuse that needs more than one call; test-service-rules.c has the rest --------------- */

static lh_call *stolen;

static int keeps_the_call(CALL)
{
    UNUSED_C;
    (void)s;
    if (stolen)
        H->log(stolen, LH_LOG_INFO, LHS("from the past"));
    stolen = c;
    return LH_OK;
}

static void test_stale_call(void)
{
    const struct lh_read what = {.table = LH_STR("orders")};
    struct kept kept = KEPT_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char text[500];
    bool more;
    struct fake f;

    stolen = NULL;
    fake_make(&f);
    f.plugin.table.read_table = keeps_the_call;
    fake_begin(&f, &e);
    is_int(read_as(&f, &what, &kept, &more, &e), 0, "a call that is kept does no harm");
    is_int(read_as(&f, &what, &kept, &more, &e), LH_BAD_PLUGIN, "using it in the next one does");
    has_str(
        lh_error_text(&e),
        "rule 29 of the interface is broken: log was called from another thread, or for a call that was over",
        "and is named");
    H->log(stolen, LH_LOG_INFO, LHS("from nowhere"));
    has_str(fake_log(&f, text, sizeof text), "log was called while no call was running",
            "also without a call that could be blamed");
    ok(!H->alloc(stolen, 8), "it gets no memory");
    ok(!H->out_new(stolen), "no builder");
    ok(!H->json_parse(stolen, LHS("{}")), "no document");
    is_int(H->fail(stolen, LH_E_DATA, LHS("x")), LH_E_RULE, "and no say");
    lh_buf_free(&kept.text);
    fake_end(&f);
}

static void test_open_and_slots(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct fake f;

    fake_make(&f);
    f.plugin.table.get_partitions = empty_scan;
    is_int(fake_begin(&f, &e), LH_BAD_PLUGIN, "get_partitions alone");
    has_str(lh_error_text(&e),
            "rule 27 of the interface is broken: it has get_partitions and no read_partition",
            "rule 27");
    ok(!f.in, "the instance is untouched");
    f.plugin.table.read_partition = empty_scan;
    is_int(fake_begin(&f, &e), 0, "together they are fine");
    {
        const struct lh_read what = {.table = LH_STR("t"), .ingestion = LH_INGEST_APPEND};
        lh_auto(lh_partitions) partitions = {0};

        is_int(lh_instance_partitions(f.in, &what, &partitions, &e), LH_BAD_PLUGIN,
               "but not without latest_offset");
        has_str(lh_error_text(&e), "rule 27 of the interface is broken: it has no latest_offset",
                "rule 27");
    }
    fake_end(&f);
}

int main(void)
{
    RUN(test_host_table);
    RUN(test_rows);
    RUN(test_deletes);
    RUN(test_scan);
    RUN(test_many_rows);
    RUN(test_long_call_ends);
    RUN(test_codes);
    RUN(test_tables);
    RUN(test_namespaces_and_check);
    RUN(test_schema_and_metadata);
    RUN(test_partitions);
    RUN(test_small_services);
    RUN(test_stale_call);
    RUN(test_open_and_slots);
    return tap_done();
}
