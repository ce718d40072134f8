/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker can make the host do: records of any kind and content are executed in a call of a
 * real instance, as if they had come over the socket. Input: a byte that says which call it is,
 * then records. Each ends its message that asks; what the host answers is thrown away.
 */
#include "config.h"

#include "plugin/broker_internal.h"
#include "plugin/internal.h"
#include "unit/fake_connector.h"

#define FUZZ_NAME "broker"
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/socket.h>

/* The worker of this process: its records, and answers that it was given before. */
static struct {
    lh_str records;
    struct lh_host host;
    struct lh_answer answers[2];
} worker;

static void drain(int fd)
{
    char bytes[65536];

    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

static int make_room(void *arg, short events, struct lh_error *e)
{
    (void)events, (void)e;
    drain(*(const int *)arg);
    return 0;
}

/* The records up to the next that asks, or all; *at moves behind them. */
static lh_str next_message(lh_str records, size_t *at)
{
    struct lh_record r = {0};
    size_t begin = *at;

    while (*at < records.n)
        if (lh_record_get(records, at, &r, NULL))
            *at = records.n;
        else if (lh_record_asks(r.kind))
            break;
    return lh_str_n(records.p + begin, *at - begin);
}

static int play(lh_call *c)
{
    static const struct lh_isolation settings = {.compute_ms = 60000, .load_ms = 60000};
    const struct lh_broker broker = {.settings = &settings, .host = &worker.host, .fd = -1};
    lh_autoptr(lh_link) link = lh_link_new(&broker);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_record last = {0};
    bool returned = false;
    int fds[2] = {-1, -1};
    size_t at = 0;
    int rc = 0;

    FUZZ_ASSERT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    link->call = c;
    link->ch = (struct lh_channel){
        .fd = fds[0], .max_frame = LH_FRAME_TO, .wait = make_room, .arg = &fds[1]};
    for (uint32_t i = 0; i < 2; i++)
        link->answers[i + 1] = (struct lh_link_answer){i + 1, &worker.answers[i].resp};
    while (!rc && !returned && at < worker.records.n) {
        rc = lh_link_execute(link, next_message(worker.records, &at), &returned, &last, &e);
        drain(fds[1]);
    }
    close(fds[0]);
    close(fds[1]);
    if (rc)
        return lh_call_lost(c, "%s", lh_error_text(&e));
    return returned ? (int)(int64_t)last.num[0] : LH_OK;
}

static int play_list(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *s)
{
    (void)self, (void)ns, (void)n, (void)s;
    return play(c);
}

static int play_scan(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    (void)self, (void)scan, (void)s;
    return play(c);
}

static int play_check(lh_call *c, void *self, lh_sink *s)
{
    (void)self, (void)s;
    return play(c);
}

/* No time passes here. */
static int sleep_not(lh_call *c, uint32_t ms)
{
    (void)ms;
    return lh_call_enter(c, "sleep_ms");
}

static int take_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    (void)arg, (void)offset, (void)e;
    return 0;
}

static int take_back(void *arg, struct lh_error *e)
{
    (void)arg, (void)e;
    return 0;
}

/* Rows that come out are JSON, whatever went in. */
static int take_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();

    (void)arg, (void)op, (void)row, (void)e;
    FUZZ_ASSERT(lh_json_scan(doc, text, &lh_json_page_limits, NULL) == LH_JSON_FINE);
    FUZZ_ASSERT(lh_json_kind(lh_json_root(doc)) == LH_JSON_OBJECT);
    return 0;
}

static void call(struct fake *f, unsigned which)
{
    const struct lh_row_writer to = {take_row, take_checkpoint, NULL, take_back};
    const struct lh_read what = {.table = LH_STR("t"),
                                 .table_opts = f->table_opts,
                                 .ingestion = LH_INGEST_APPEND,
                                 .partition = which == 5 ? LH_STR("{\"p\":1}") : LH_STR("")};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_tables tables = {0};
    struct lh_metadata metadata = {0};
    struct lh_partitions partitions = {0};
    struct lh_schema *schema = NULL;
    bool more;

    switch (which) {
    case 0:
        lh_instance_list_tables(f->in, NULL, 0, &tables, &e);
        lh_tables_free(&tables);
        break;
    case 1:
        lh_instance_schema(f->in, what.table, f->table_opts, &schema, &e);
        lh_schema_destroy(schema);
        break;
    case 2:
        if (!lh_instance_metadata(f->in, what.table, f->table_opts, &metadata, &e))
            lh_metadata_free(&metadata);
        break;
    case 3:
        if (!lh_instance_partitions(f->in, &what, &partitions, &e))
            lh_partitions_free(&partitions);
        break;
    default:
        lh_instance_read(f->in, &what, &to, &more, &e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const lh_str texts[2] = {
        LH_STR_INIT(
            "{\"items\":[{\"id\":1,\"a\":{\"b\":[2]}},{\"id\":\"\\u20ac\"},3,{}],\"next\":null}"),
        LH_STR_INIT(" [ {\"a\":1, \"a\":2}, [] ] ")};
    lh_autoptr(lh_json_doc) first = lh_json_doc_new();
    lh_autoptr(lh_json_doc) second = lh_json_doc_new();
    struct lh_json_doc *const docs[2] = {first, second};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    static int null = -1;
    struct fake f;

    if (!size)
        return 0;
    null = null < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : null;
    fake_make(&f);
    dup2(null, f.pipe[1]);
    f.plugin.table.list_tables = play_list;
    f.plugin.table.get_table_schema = f.plugin.table.read_table_metadata =
        f.plugin.table.read_table = f.plugin.table.get_partitions = f.plugin.table.read_partition =
            f.plugin.table.latest_offset = play_scan;
    f.plugin.table.check = play_check;
    worker.records = lh_str_n((const char *)data + 1, size - 1);
    worker.host = lh_service_host;
    worker.host.sleep_ms = sleep_not;
    for (size_t i = 0; i < 2; i++) {
        FUZZ_ASSERT(!lh_json_scan(docs[i], texts[i], &lh_json_page_limits, NULL));
        worker.answers[i].resp = (struct lh_http_resp){.struct_size = sizeof(struct lh_http_resp),
                                                       .status = 200,
                                                       .json = lh_json_root(docs[i])};
    }
    FUZZ_ASSERT(fake_begin(&f, &e) == 0);
    call(&f, data[0] % 6);
    fake_end(&f);
    return 0;
}
