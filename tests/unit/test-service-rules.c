/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connectors that are each wrong in one way, and what the service object says about them: exit
 * code, connector, call, table, rule, last checkpoint.
 */
#include "config.h"

#include "tap.h"
#include "unit/fake_connector.h"

#include <pthread.h>
#include <stdlib.h>

#define CALL     lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s
#define UNUSED_C (void)self, (void)scan, (void)c

static const lh_json *json(lh_call *c, const char *text)
{
    return H->json_parse(c, lhs_z(text));
}

/* --- rows ------------------------------------------------------------------------------------- */

static int row_is_array(CALL)
{
    UNUSED_C;
    return H->row(s, LH_UPSERT, json(c, "[1]"));
}

static int row_is_nothing(CALL)
{
    UNUSED_C;
    return H->row(s, LH_UPSERT, NULL);
}

static int rows_hold_a_number(CALL)
{
    UNUSED_C;
    return H->rows(s, LH_UPSERT, json(c, "[{\"a\":1}, 2]"));
}

static int rows_are_an_object(CALL)
{
    UNUSED_C;
    return H->rows(s, LH_UPSERT, json(c, "{}"));
}

static int text_is_a_string(CALL)
{
    UNUSED_C;
    return H->row_text(s, LH_UPSERT, LHS("\"x\""));
}

static int text_is_cut(CALL)
{
    UNUSED_C;
    return H->row_text(s, LH_UPSERT, LHS("{\"a\":1"));
}

static int text_is_latin1(CALL)
{
    UNUSED_C;
    return H->row_text(s, LH_UPSERT, LHS("{\"a\":\"\xfc\"}"));
}

static int op_is_unknown(CALL)
{
    UNUSED_C;
    return H->row(s, 7, json(c, "{}"));
}

static int built_is_array(CALL)
{
    lh_out *o = H->out_new(c);

    UNUSED_C;
    H->out_begin(o, '[');
    H->out_end(o);
    return H->row_out(s, LH_UPSERT, o);
}

static int built_in_disorder(CALL)
{
    lh_out *o = H->out_new(c);

    UNUSED_C;
    H->out_begin(o, '{');
    H->out_i64(o, 1);
    H->out_end(o);
    return H->row_out(s, LH_UPSERT, o);
}

static int built_latin1(CALL)
{
    lh_out *o = H->out_new(c);

    UNUSED_C;
    H->out_begin(o, '{');
    H->out_key(o, LHS("a"));
    H->out_str(o, LHS("\xfc"));
    H->out_end(o);
    return H->row_out(s, LH_UPSERT, o);
}

static int built_half(CALL)
{
    lh_out *o = H->out_new(c);

    UNUSED_C;
    H->out_begin(o, '{');
    return H->checkpoint(s, H->out_done(o));
}

static int failed_builder_returned(CALL)
{
    lh_out *o = H->out_new(c);

    UNUSED_C;
    (void)s;
    H->out_end(o);
    return H->out_done(o) ? LH_OK : LH_E_INTERNAL;
}

static int builder_is_null(CALL)
{
    UNUSED_C;
    return H->row_out(s, LH_UPSERT, NULL);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static int no_checkpoint(CALL)
{
    UNUSED_C;
    return H->row(s, LH_UPSERT, json(c, "{}"));
}

static int stands_still(CALL)
{
    int rc = H->checkpoint(s, json(c, "{\"n\":1}"));

    UNUSED_C;
    if (!rc)
        rc = H->row(s, LH_UPSERT, json(c, "{}"));
    return rc ? rc : H->checkpoint(s, json(c, "{ \"n\" : 1 }"));
}

static int checkpoint_is_beginning(CALL)
{
    int rc = H->row(s, LH_UPSERT, json(c, "{}"));

    UNUSED_C;
    return rc ? rc : H->checkpoint(s, json(c, "{}"));
}

static int more_without_checkpoint(CALL)
{
    UNUSED_C;
    (void)s;
    return LH_MORE;
}

static int more_at_the_start(CALL)
{
    int rc = H->checkpoint(s, json(c, "{\"start\": 1}"));

    UNUSED_C;
    return rc ? rc : LH_MORE;
}

static int offset_is_array(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, json(c, "[]"));
}

static int offset_is_nothing(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, NULL);
}

static int offset_repeats_a_key(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, json(c, "{\"a\":1,\"a\":2}"));
}

/* An offset with n bytes in canonical form. */
static int offset_of(lh_call *c, lh_sink *s, size_t n)
{
    lh_out *o = H->out_new(c);
    char *text = H->alloc(c, n);

    memset(text, 'x', n);
    H->out_begin(o, '{');
    H->out_key(o, LHS("k"));
    H->out_str(o, lhs_n(text, n - 8));
    H->out_end(o);
    return H->checkpoint(s, H->out_done(o));
}

static int offset_too_large(CALL)
{
    UNUSED_C;
    return offset_of(c, s, 65537);
}

static int offset_just_fits(CALL)
{
    UNUSED_C;
    return offset_of(c, s, 65536);
}

static int offset_beyond_horizon(CALL)
{
    int rc = H->checkpoint(s, json(c, "{\"until\":\"2026-03-01T00:00:00Z\"}"));

    UNUSED_C;
    return rc ? rc : H->checkpoint(s, json(c, "{\"until\":\"2026-03-01T00:00:00.001Z\"}"));
}

/* By its form, whatever the name. */
static int any_time_beyond_horizon(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, json(c, "{\"seen\":\"2031-01-01\"}"));
}

static int deep_time_beyond_horizon(CALL)
{
    UNUSED_C;
    return H->checkpoint(
        s, json(c, "{\"by_repo\":[{\"a\":1},{\"b\":\"2026-03-01T02:00:00+01:00\"}]}"));
}

static int ends_early(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, json(c, "{\"n\":1}"));
}

static int row_after_end(CALL)
{
    int rc = H->checkpoint(s, json(c, "{\"n\": 9}"));

    UNUSED_C;
    return rc ? rc : H->row(s, LH_UPSERT, json(c, "{}"));
}

static int checkpoint_in_partition(CALL)
{
    UNUSED_C;
    return H->checkpoint(s, json(c, "{\"n\": 9}"));
}

/* --- services and return codes ---------------------------------------------------------------- */

static int table_in_read(CALL)
{
    struct lh_table t = {.struct_size = sizeof t, .name = LHS("x")};

    UNUSED_C;
    return H->add_table(s, &t);
}

static int returns_99(CALL)
{
    UNUSED_C;
    (void)s;
    return 99;
}

static int returns_minus_99(CALL)
{
    UNUSED_C;
    (void)s;
    return -99;
}

static int returns_rule(CALL)
{
    UNUSED_C;
    (void)s;
    return LH_E_RULE;
}

static int returns_cancelled(CALL)
{
    UNUSED_C;
    (void)s;
    return LH_E_CANCELLED;
}

static int fails_with_success(CALL)
{
    UNUSED_C;
    (void)s;
    return H->fail(c, LH_OK, LHS("fine"));
}

static int fails_in_latin1(CALL)
{
    UNUSED_C;
    (void)s;
    return H->fail(c, LH_E_DATA, LHS("Z\xfcrich"));
}

static int hides_a_broken_rule(CALL)
{
    UNUSED_C;
    H->row(s, LH_UPSERT, NULL);
    H->fail(c, LH_E_DATA, LHS("something else"));
    return LH_OK;
}

static int ignores_more(CALL)
{
    UNUSED_C;
    for (int i = 0; i < 17; i++)
        if (!H->alloc(c, (size_t)1 << 20))
            return LH_E_NOMEM;
    return H->checkpoint(s, json(c, "{\"n\": 1}")) == LH_MORE ? LH_OK : LH_E_INTERNAL;
}

static int takes_all_memory(CALL)
{
    UNUSED_C;
    (void)s;
    while (H->alloc(c, (size_t)1 << 20))
        ;
    return LH_E_NOMEM;
}

static int parses_without_end(CALL)
{
    UNUSED_C;
    (void)s;
    while (json(c, "{}"))
        ;
    return LH_E_DATA;
}

static int makes_builders(CALL)
{
    UNUSED_C;
    (void)s;
    while (H->out_new(c))
        ;
    return LH_E_INTERNAL;
}

static int asks_http(CALL)
{
    const struct lh_http_resp *resp;
    struct lh_http_req req = lhs_get(LHS("/x"));

    UNUSED_C;
    (void)s;
    return H->http(c, &req, &resp);
}

struct theft {
    lh_call *call;
    int rc;
};

static void *call_from_there(void *arg)
{
    struct theft *theft = arg;

    theft->rc = H->cancelled(theft->call);
    return NULL;
}

static int uses_a_thread(CALL)
{
    struct theft theft = {.call = c};
    pthread_t thread;

    UNUSED_C;
    (void)s;
    if (!pthread_create(&thread, NULL, call_from_there, &theft))
        pthread_join(thread, NULL);
    return LH_OK;
}

/* --- schema and metadata ---------------------------------------------------------------------- */

static int field(lh_sink *s, const char *name, const char *type, uint32_t flags)
{
    struct lh_field f = {.struct_size = sizeof f, .flags = flags};

    f.name = lhs_z(name);
    f.type = lhs_z(type);
    return H->add_field(s, &f);
}

static int bad_type(CALL)
{
    UNUSED_C;
    return field(s, "id", "bigintt", 0);
}

static int same_column(CALL)
{
    int rc = field(s, "id", "bigint", 0);

    UNUSED_C;
    return rc ? rc : field(s, "ID", "string", 0);
}

static int end_without_begin(CALL)
{
    UNUSED_C;
    return H->field_end(s);
}

static int begin_without_end(CALL)
{
    struct lh_field f = {.struct_size = sizeof f, .name = LHS("user"), .type = LHS("struct")};
    int rc = H->field_begin(s, &f);

    UNUSED_C;
    return rc ? rc : field(s, "id", "bigint", 0);
}

static int no_columns(CALL)
{
    UNUSED_C;
    (void)s;
    return LH_OK;
}

static int high_flags(CALL)
{
    UNUSED_C;
    return field(s, "id", "bigint", 0x10000);
}

static int low_flags(CALL)
{
    UNUSED_C;
    return field(s, "id", "bigint", 0x8000);
}

static int small_struct(CALL)
{
    struct lh_field f = {.struct_size = 8, .name = LHS("id"), .type = LHS("bigint")};

    UNUSED_C;
    return H->add_field(s, &f);
}

static int huge_struct(CALL)
{
    struct lh_field f = {.struct_size = 1u << 20, .name = LHS("id"), .type = LHS("bigint")};

    UNUSED_C;
    return H->add_field(s, &f);
}

static int larger_struct(CALL)
{
    struct {
        struct lh_field field;
        char newer[32];
    } f = {.field = {.struct_size = sizeof f, .name = LHS("id"), .type = LHS("bigint")}};

    UNUSED_C;
    return H->add_field(s, &f.field);
}

static int nul_in_name(CALL)
{
    struct lh_field f = {.struct_size = sizeof f, .type = LHS("bigint")};

    UNUSED_C;
    f.name = lhs_n("a\0b", 3);
    return H->add_field(s, &f);
}

static int meta(lh_sink *s, uint32_t ingestion, const lh_str *keys, size_t n)
{
    struct lh_meta m = {.struct_size = sizeof m, .ingestion = ingestion, .keys = keys, .n_keys = n};

    m.cursor = LHS("at");
    return H->set_meta(s, &m);
}

static int no_meta(CALL)
{
    UNUSED_C;
    (void)s;
    return LH_OK;
}

static int meta_twice(CALL)
{
    int rc = meta(s, LH_INGEST_APPEND, NULL, 0);

    UNUSED_C;
    return rc ? rc : meta(s, LH_INGEST_APPEND, NULL, 0);
}

static int no_keys(CALL)
{
    UNUSED_C;
    return meta(s, LH_INGEST_CDC, NULL, 0);
}

static int equal_keys(CALL)
{
    const lh_str keys[] = {LH_STR_INIT("id"), LH_STR_INIT("id")};

    UNUSED_C;
    return meta(s, LH_INGEST_CDC, keys, 2);
}

static int bad_ingestion(CALL)
{
    UNUSED_C;
    return meta(s, 5, NULL, 0);
}

static int same_partition(CALL)
{
    int rc = H->add_partition(s, json(c, "{\"a\":1,\"b\":2}"), 1);

    UNUSED_C;
    return rc ? rc : H->add_partition(s, json(c, "{\"b\":2,\"a\":1}"), 1);
}

/* --- what is expected of each ----------------------------------------------------------------- */

enum kind { READ, SNAPSHOT, TO_END, PARTITION, SCHEMA, META, PARTITIONS };

struct misbehaviour {
    const char *name;
    enum kind kind;
    int (*connector)(CALL);
    int code;
    const char *says; /* a part of the message */
};

#define WRONG(kind, name, code, says)                                                              \
    {                                                                                              \
#name, kind, name, code, says                                                              \
    }

#define BROKEN(n)  "rule " #n " of the interface is broken: "
#define NO_RULE    "the interface is broken: "
#define NO_CP      "; no checkpoint yet"
#define LAST_CP(t) "; last checkpoint " t

static const struct misbehaviour misbehaviours[] = {
    WRONG(READ, row_is_array, LH_BAD_PLUGIN,
          BROKEN(21) "row: expected an object, found an array" NO_CP),
    WRONG(READ, row_is_nothing, LH_BAD_PLUGIN, BROKEN(21) "row: expected an object, found nothing"),
    WRONG(READ, rows_hold_a_number, LH_BAD_PLUGIN,
          BROKEN(21) "rows: element 1: expected an object, found a number" NO_CP),
    WRONG(READ, rows_are_an_object, LH_BAD_PLUGIN,
          BROKEN(21) "rows: expected an array of objects, found an object"),
    WRONG(READ, text_is_a_string, LH_BAD_PLUGIN,
          BROKEN(21) "row_text: expected an object, found a string"),
    WRONG(READ, text_is_cut, LH_BAD_PLUGIN, BROKEN(21) "row_text:1:7"),
    WRONG(READ, text_is_latin1, LH_BAD_PLUGIN, BROKEN(12) "row_text:1:7"),
    WRONG(READ, op_is_unknown, LH_BAD_PLUGIN,
          NO_RULE "row: op 7 is neither LH_UPSERT nor LH_DELETE"),
    WRONG(READ, built_is_array, LH_BAD_PLUGIN,
          BROKEN(21) "row_out: expected an object, found an array"),
    WRONG(READ, built_in_disorder, LH_BAD_PLUGIN,
          BROKEN(14) "out_i64: in an object, out_key comes before each value"),
    WRONG(READ, built_latin1, LH_BAD_PLUGIN,
          BROKEN(14) "out_str: the text is not valid UTF-8" NO_CP),
    WRONG(READ, built_half, LH_BAD_PLUGIN, BROKEN(14) "out_finish: 1 out_end missing"),
    WRONG(READ, failed_builder_returned, LH_BAD_PLUGIN,
          BROKEN(14) "out_end: there is nothing to end"),
    WRONG(READ, builder_is_null, LH_BAD_PLUGIN, BROKEN(14) "row_out: expected a builder"),
    WRONG(READ, no_checkpoint, LH_BAD_PLUGIN,
          BROKEN(23) "1 rows were given without a checkpoint that moved" NO_CP),
    WRONG(SNAPSHOT, no_checkpoint, 0, NULL),
    WRONG(READ, stands_still, LH_BAD_PLUGIN,
          BROKEN(23) "1 rows were given, and the checkpoint after them equals the one before; it "
                     "must move" LAST_CP("{\"n\":1}")),
    WRONG(READ, checkpoint_is_beginning, LH_BAD_PLUGIN,
          BROKEN(23) "1 rows were given, and the checkpoint after them is the beginning"),
    WRONG(READ, more_without_checkpoint, LH_BAD_PLUGIN,
          BROKEN(23) "it returned LH_MORE without a checkpoint that moved" NO_CP),
    WRONG(SNAPSHOT, more_without_checkpoint, LH_BAD_PLUGIN, BROKEN(23) "it returned LH_MORE"),
    WRONG(
        TO_END, more_at_the_start, LH_BAD_PLUGIN,
        BROKEN(23) "it returned LH_MORE without a checkpoint that moved" LAST_CP("{\"start\":1}")),
    WRONG(READ, offset_is_array, LH_BAD_PLUGIN,
          BROKEN(22) "checkpoint: expected a JSON object, found an array"),
    WRONG(READ, offset_is_nothing, LH_BAD_PLUGIN,
          BROKEN(22) "checkpoint: expected a JSON object, found nothing"),
    WRONG(READ, offset_repeats_a_key, LH_BAD_PLUGIN, BROKEN(22) "checkpoint: a key stands twice"),
    WRONG(READ, offset_too_large, LH_BAD_PLUGIN,
          BROKEN(22) "checkpoint has 65537 bytes, more than 64 KiB" NO_CP),
    WRONG(READ, offset_just_fits, 0, NULL),
    WRONG(READ, offset_beyond_horizon, LH_BAD_PLUGIN,
          BROKEN(24) "checkpoint: until is \"2026-03-01T00:00:00.001Z\", beyond the run's horizon"),
    WRONG(READ, offset_beyond_horizon, LH_BAD_PLUGIN,
          LAST_CP("{\"until\":\"2026-03-01T00:00:00Z\"}")),
    WRONG(READ, any_time_beyond_horizon, LH_BAD_PLUGIN,
          BROKEN(24) "checkpoint: seen is \"2031-01-01\", beyond the run's horizon, "
                     "2026-03-01T00:00:00Z"),
    WRONG(READ, deep_time_beyond_horizon, LH_BAD_PLUGIN, BROKEN(24) "checkpoint: b is"),
    WRONG(TO_END, ends_early, LH_BAD_PLUGIN,
          BROKEN(25) "it returned LH_OK before the checkpoint that equals `end`, {\"n\":9}" LAST_CP(
              "{\"n\":1}")),
    WRONG(TO_END, row_after_end, LH_BAD_PLUGIN,
          BROKEN(25) "row after the checkpoint that equals `end`" LAST_CP("{\"n\":9}")),
    WRONG(PARTITION, checkpoint_in_partition, LH_BAD_PLUGIN,
          NO_RULE "checkpoint does not belong into read_partition"),
    WRONG(PARTITION, no_checkpoint, 0, NULL),
    WRONG(READ, table_in_read, LH_BAD_PLUGIN, NO_RULE "add_table does not belong into read_table"),
    WRONG(READ, returns_99, LH_BAD_PLUGIN, NO_RULE "it returned 99, which is none of LH_OK"),
    WRONG(READ, returns_minus_99, LH_BAD_PLUGIN, NO_RULE "it returned -99, which is none of LH_OK"),
    WRONG(READ, returns_rule, LH_BAD_PLUGIN, NO_RULE "it returned LH_E_RULE"),
    WRONG(READ, returns_cancelled, LH_BAD_PLUGIN, NO_RULE "it returned LH_E_CANCELLED"),
    WRONG(SCHEMA, more_without_checkpoint, LH_BAD_PLUGIN,
          NO_RULE "it returned LH_MORE, which only a read may"),
    WRONG(READ, fails_with_success, LH_BAD_PLUGIN, NO_RULE "fail: 0 is no code"),
    WRONG(READ, fails_in_latin1, LH_BAD_PLUGIN,
          BROKEN(12) "fail: the message is not valid UTF-8 at byte 1, after \"Z\""),
    WRONG(READ, hides_a_broken_rule, LH_BAD_PLUGIN, BROKEN(21) "row: expected an object"),
    WRONG(READ, ignores_more, LH_BAD_PLUGIN,
          BROKEN(9) "checkpoint answered LH_MORE and it returned LH_OK instead"),
    WRONG(READ, takes_all_memory, LH_FAILED,
          "bytes and asks for 1048576 more, at most 67108864 are given"),
    WRONG(READ, parses_without_end, LH_FAILED, "json_parse: the call holds 64 documents"),
    WRONG(READ, makes_builders, LH_FAILED, "out_new: the call has 64 builders"),
    WRONG(READ, asks_http, LH_INVALID, "HTTP (http), which is not there"),
    WRONG(READ, uses_a_thread, LH_BAD_PLUGIN,
          BROKEN(29) "cancelled was called from another thread"),
    WRONG(SCHEMA, bad_type, LH_BAD_PLUGIN,
          NO_RULE "add_field: column \"id\" of type \"bigintt\": "),
    WRONG(SCHEMA, same_column, LH_BAD_PLUGIN,
          NO_RULE "add_field: column \"ID\" of type \"string\": "),
    WRONG(SCHEMA, end_without_begin, LH_BAD_PLUGIN, NO_RULE "field_end: "),
    WRONG(SCHEMA, begin_without_end, LH_BAD_PLUGIN, NO_RULE "the schema is not complete: "),
    WRONG(SCHEMA, no_columns, LH_BAD_PLUGIN, NO_RULE "the schema is not complete: "),
    WRONG(SCHEMA, high_flags, LH_BAD_PLUGIN,
          BROKEN(4) "add_field: flags 0x00010000 hold bits of 16 to 31"),
    WRONG(SCHEMA, low_flags, 0, NULL),
    WRONG(SCHEMA, small_struct, LH_BAD_PLUGIN, BROKEN(1) "add_field: struct_size is 8, expected"),
    WRONG(SCHEMA, huge_struct, LH_BAD_PLUGIN, BROKEN(1) "add_field: struct_size is 1048576"),
    WRONG(SCHEMA, larger_struct, 0, NULL),
    WRONG(SCHEMA, nul_in_name, LH_BAD_PLUGIN, BROKEN(12) "add_field has a NUL in it"),
    WRONG(META, no_meta, LH_BAD_PLUGIN, NO_RULE "it returned LH_OK without set_meta"),
    WRONG(META, meta_twice, LH_BAD_PLUGIN, NO_RULE "set_meta was called twice"),
    WRONG(META, no_keys, LH_BAD_PLUGIN, NO_RULE "set_meta: no keys"),
    WRONG(META, equal_keys, LH_BAD_PLUGIN, NO_RULE "set_meta: the key \"id\" stands twice"),
    WRONG(META, bad_ingestion, LH_BAD_PLUGIN, NO_RULE "set_meta: ingestion is 5"),
    WRONG(META, no_checkpoint, LH_BAD_PLUGIN,
          NO_RULE "row does not belong into read_table_metadata"),
    WRONG(PARTITIONS, same_partition, LH_BAD_PLUGIN,
          BROKEN(27) "add_partition: {\"a\":1,\"b\":2} was given before"),
};

/* --- running them ----------------------------------------------------------------------------- */

static void give_slot(struct lh_connector *table, const struct misbehaviour *m)
{
    table->latest_offset = empty_scan;
    table->get_partitions = empty_scan;
    table->read_partition = empty_scan;
    if (m->kind == SCHEMA)
        table->get_table_schema = m->connector;
    else if (m->kind == META)
        table->read_table_metadata = m->connector;
    else if (m->kind == PARTITIONS)
        table->get_partitions = m->connector;
    else if (m->kind == PARTITION)
        table->read_partition = m->connector;
    else
        table->read_table = m->connector;
}

static const char *slot_name(enum kind kind)
{
    static const char *const names[] = {
        [READ] = "read_table",           [SNAPSHOT] = "read_table",
        [TO_END] = "read_table",         [PARTITION] = "read_partition",
        [SCHEMA] = "get_table_schema",   [META] = "read_table_metadata",
        [PARTITIONS] = "get_partitions",
    };

    return names[kind];
}

static int read_once(struct fake *f, const struct misbehaviour *m, struct lh_error *e)
{
    struct kept kept = KEPT_INIT;
    struct lh_row_writer to = keep_in(&kept);
    struct lh_read what = {.table = LH_STR("orders"),
                           .ingestion = m->kind == SNAPSHOT ? LH_INGEST_SNAPSHOT : LH_INGEST_CDC};
    bool more;
    int code;

    if (m->kind == TO_END) {
        what.offset = LH_STR("{\"start\":1}");
        what.end = LH_STR("{\"n\":9}");
    }
    if (m->kind == PARTITION)
        what.partition = LH_STR("{\"part\":1}");
    code = lh_instance_read(f->in, &what, &to, &more, e);
    lh_buf_free(&kept.text);
    return code;
}

static int run_once(struct fake *f, const struct misbehaviour *m, struct lh_error *e)
{
    lh_autoptr(lh_schema) schema = NULL;
    lh_auto(lh_metadata) metadata = {0};
    lh_auto(lh_partitions) partitions = {0};
    struct lh_read what = {.table = LH_STR("orders")};

    switch (m->kind) {
    case SCHEMA:
        return lh_instance_schema(f->in, what.table, NULL, &schema, e);
    case META:
        return lh_instance_metadata(f->in, what.table, NULL, &metadata, e);
    case PARTITIONS:
        return lh_instance_partitions(f->in, &what, &partitions, e);
    case READ:
    case SNAPSHOT:
    case TO_END:
    case PARTITION:
        return read_once(f, m, e);
    }
    return -1;
}

static void try(const struct misbehaviour *m)
{
    char *where lh_autofree = lh_xasprintf("fake: %s(orders): ", slot_name(m->kind));
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct fake f;

    fake_make(&f);
    give_slot(&f.plugin.table, m);
    if (fake_begin(&f, &e)) {
        ok(false, "%s: %s", m->name, lh_error_text(&e));
        return;
    }
    is_int(run_once(&f, m, &e), m->code, m->name);
    if (m->says) {
        has_str(lh_error_text(&e), m->says, "what is wrong");
        ok(strncmp(lh_error_text(&e), where, strlen(where)) == 0, "connector, call, table");
    } else {
        is_str(lh_error_text(&e), "", "nothing is wrong");
    }
    fake_end(&f);
}

static void test_misbehaviours(void)
{
    for (size_t i = 0; i < LH_LEN(misbehaviours); i++)
        try(&misbehaviours[i]);
}

int main(void)
{
    RUN(test_misbehaviours);
    return tap_done();
}
