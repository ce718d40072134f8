/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays the connector: the slots of the table, each of which becomes a call to a worker; and what
 * is done when the worker dies on the way. See broker.h.
 */
#include "config.h"

#include "plugin/broker_internal.h"

#include "plugin/internal.h"
#include "plugin/opts_internal.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* One call as it is sent, again after a death. */
struct task {
    enum lh_slot slot;
    const struct lh_scan *scan; /* NULL: none */
    const lh_str *path;
    size_t n_path;
    struct lh_estimate *estimate;
    bool again; /* it begins at the last checkpoint */
};

/* --- sending a call --------------------------------------------------------------------------- */

/* The options that a connector may see: name, value, name, value, ... The caller frees them. */
static lh_str *visible(const lh_opts *opts, uint32_t *ret_n)
{
    lh_str *pairs = lh_xcalloc(opts ? 2 * opts->n + 1 : 1, sizeof *pairs);
    uint32_t n = 0;

    for (size_t i = 0; opts && i < opts->n; i++) {
        const char *value = lh_opts_public(opts, opts->options[i].name);

        if (!value)
            continue;
        pairs[n++] = lh_str_z(opts->options[i].name);
        pairs[n++] = lh_str_z(value);
    }
    *ret_n = n;
    return pairs;
}

/* Where the call begins: as it was asked for, or at the last checkpoint of the process before. */
static lh_str offset_of(const struct lh_call *call, const struct task *task)
{
    lh_str last;

    if (!task->again || !call->last)
        return lh_json_raw(task->scan->offset);
    last = lh_buf_slice(call->last);
    return lh_str_eqz(last, "{}") ? LH_STR("") : last;
}

static enum lh_fate send_call(struct lh_link *link, const struct lh_call *call,
                              const struct task *task)
{
    const struct lh_scan *scan = task->scan;
    const lh_opts *opts = task->slot == LH_SLOT_OPEN ? link->opts : scan ? scan->opts : NULL;
    uint32_t n = 0;
    lh_str *pairs lh_autofree = visible(opts, &n);
    struct lh_record record = {
        .kind = task->slot == LH_SLOT_OPEN    ? LH_REC_OPEN
                : task->slot == LH_SLOT_CLOSE ? LH_REC_CLOSE
                                              : LH_REC_CALL,
        .num = {task->slot, opts != NULL},
        .list = {{.items = pairs, .n = n}, {.items = task->path, .n = (uint32_t)task->n_path}},
    };

    if (task->slot == LH_SLOT_OPEN)
        record.num[0] = lh_service_has_clock(call->instance);
    if (scan) {
        record.num[2] = (uint64_t)scan->as_of_ms;
        record.num[3] = scan->max_rows;
        record.str[0] = scan->table;
        record.str[1] = offset_of(call, task);
        record.str[2] = lh_json_raw(scan->end);
        record.str[3] = lh_json_raw(scan->partition);
    }
    return lh_link_send(link, &record);
}

/* --- one attempt ------------------------------------------------------------------------------ */

/* A service that was called from afar is a matter of the call, or of nobody's. */
static void take_foreign(struct lh_call *call, const struct lh_record *r)
{
    if (r->str[0].n)
        call->foreign = lh_arena_copy(&call->instance->scratch, r->str[0]);
    if (r->str[1].n)
        lh_log_error(call->instance->run->log, "%s: %.*s was called while no call was running",
                     call->instance->plugin->name, LH_STR_ARG(r->str[1]));
}

static void begin_call(struct lh_link *link, struct lh_call *call, enum lh_slot slot)
{
    link->call = call;
    link->closing = slot == LH_SLOT_CLOSE;
    link->call_number++;
    link->cancelled = link->owes_cancel = false;
    link->n_outs = 0;
    link->out = NULL;
    link->whole = false;
    link->n_parts = 0;
    memset(link->answers, 0, sizeof link->answers);
    lh_link_forget(link);
}

static int take_return(struct lh_call *call, const struct task *task, const struct lh_record *r)
{
    take_foreign(call, r);
    if (task->estimate) {
        task->estimate->rows = (int64_t)r->num[1];
        task->estimate->bytes = (int64_t)r->num[2];
        task->estimate->requests = (int64_t)r->num[3];
    }
    return (int)(int64_t)r->num[0];
}

/* Until RETURN; false: the link's fate says why there was none. */
static bool attempt(struct lh_link *link, struct lh_call *call, const struct task *task,
                    int *ret_rc)
{
    struct lh_record last = {0};
    struct lh_message m;
    bool returned = false;

    begin_call(link, call, task->slot);
    if (send_call(link, call, task) != LH_LINK_FINE)
        return false;
    while (!returned) {
        lh_auto(lh_error) e = LH_ERROR_INIT;

        if (!lh_link_receive(link, &m))
            return false;
        if (m.type != LH_REC_OPS || m.call != link->call_number)
            lh_error_set(&e, LH_BAD_PLUGIN, "%s of call %u in call %u", lh_record_name(m.type),
                         m.call, link->call_number);
        if (e.code || lh_link_execute(link, m.payload, &returned, &last, &e)) {
            lh_link_surprise(link, &e);
            return false;
        }
        if (returned)
            *ret_rc = take_return(call, task, &last);
        else if (call->stop < 0)
            lh_link_cancel(link);
    }
    return true;
}

/* --- a process, and another one after it ------------------------------------------------------ */

static int start(struct lh_link *link, struct lh_record *ret_ready, struct lh_error *e)
{
    int code = lh_link_spawn(link, e);

    return code ? code : lh_link_load(link, ret_ready, e);
}

/* A new process for an instance that was open: it is opened again. 0, or the call's verdict. */
static int revive(struct lh_link *link, struct lh_call *call, bool reopen)
{
    static const struct task open = {.slot = LH_SLOT_OPEN};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_record ready = {0};
    int rc = 0;

    if (start(link, &ready, &e))
        return lh_call_lost(call, "could not be started again: %s", lh_error_text(&e));
    if (!reopen)
        return 0;
    if (!attempt(link, call, &open, &rc)) {
        lh_link_bury(link, LH_TERM_GRACE_MS);
        return lh_call_lost(call, "%s when it was opened again", link->end);
    }
    if (rc)
        return lh_call_lost(call, "could not be opened again: %s", lh_error_text(&call->note));
    return call->stop;
}

/* The call, the table and the checkpoint that a process died at. */
static void put_place(struct lh_buf *to, const struct lh_call *call)
{
    lh_buf_z(to, call->name);
    lh_buf_char(to, '\0');
    lh_buf_str(to, call->table);
    lh_buf_char(to, '\0');
    if (call->last)
        lh_buf_str(to, lh_buf_slice(call->last));
}

/* After a death: 0 to try again, or what the call ends with. */
static int bury(struct lh_link *link, struct lh_call *call, struct task *task)
{
    lh_auto(lh_buf) place = LH_BUF_INIT(SIZE_MAX / 2);
    lh_auto(lh_buf) where = LH_BUF_INIT(LH_BUF_TEXT);

    lh_link_bury(link, LH_TERM_GRACE_MS);
    if (call->stop < 0)
        return call->stop;
    if (task->slot == LH_SLOT_CLOSE)
        return lh_call_lost(call, "%s", link->end);
    put_place(&place, call);
    if (link->place.n && lh_str_eq(lh_buf_slice(&place), lh_buf_slice(&link->place)))
        return lh_call_lost(call, "%s twice at the same place: a poison page", link->end);
    lh_buf_reset(&link->place);
    lh_buf_str(&link->place, lh_buf_slice(&place));
    lh_call_where(call, &where);
    lh_log_warn(link->broker->log, "%s: the connector's process %s; it is started again from %s",
                lh_buf_text(&where), link->end,
                call->last && call->last->n ? "the last checkpoint" : "the beginning");
    task->again = true;
    return lh_call_restart(call);
}

static int run(struct lh_link *link, struct lh_call *call, struct task task)
{
    int rc = 0;

    for (;;) {
        if (!link->pid && revive(link, call, task.slot != LH_SLOT_OPEN))
            return call->stop;
        if (attempt(link, call, &task, &rc))
            break;
        if (bury(link, call, &task))
            return call->stop;
    }
    lh_buf_reset(&link->place);
    link->call = NULL;
    return rc;
}

/* --- the table -------------------------------------------------------------------------------- */

static int proxy_open(lh_call *call, const lh_opts *opts, void **ret_self)
{
    struct lh_broker *broker = call->instance->plugin->broker;
    struct lh_link *link = atomic_exchange(&broker->spare, NULL);
    int rc;

    if (!link)
        link = lh_link_new(broker);
    link->opts = opts;
    rc = run(link, call, (struct task){.slot = LH_SLOT_OPEN});
    if (rc || call->stop < 0)
        lh_link_destroy(link);
    else
        *ret_self = link;
    return rc;
}

static void proxy_close(lh_call *call, void *self)
{
    lh_autoptr(lh_link) link = self;

    if (!link->pid)
        return;
    run(link, call, (struct task){.slot = LH_SLOT_CLOSE});
    lh_link_bury(link, LH_TERM_GRACE_MS);
}

static int proxy_list_tables(lh_call *call, void *self, const lh_str *ns, size_t n, lh_sink *sink)
{
    (void)sink;
    return run(self, call, (struct task){.slot = LH_SLOT_LIST_TABLES, .path = ns, .n_path = n});
}

static int proxy_list_namespaces(lh_call *call, void *self, const lh_str *prefix, size_t n,
                                 lh_sink *sink)
{
    (void)sink;
    return run(self, call,
               (struct task){.slot = LH_SLOT_LIST_NAMESPACES, .path = prefix, .n_path = n});
}

static int proxy_check(lh_call *call, void *self, lh_sink *sink)
{
    (void)sink;
    return run(self, call, (struct task){.slot = LH_SLOT_CHECK});
}

static int proxy_estimate(lh_call *call, void *self, const struct lh_scan *scan,
                          struct lh_estimate *ret)
{
    return run(self, call, (struct task){.slot = LH_SLOT_ESTIMATE, .scan = scan, .estimate = ret});
}

#define PROXY(name, number)                                                                        \
    static int proxy_##name(lh_call *call, void *self, const struct lh_scan *scan, lh_sink *sink)  \
    {                                                                                              \
        (void)sink;                                                                                \
        return run(self, call, (struct task){.slot = number, .scan = scan});                       \
    }

PROXY(get_table_schema, LH_SLOT_GET_TABLE_SCHEMA)
PROXY(read_table_metadata, LH_SLOT_READ_TABLE_METADATA)
PROXY(read_table, LH_SLOT_READ_TABLE)
PROXY(read_table_deletes, LH_SLOT_READ_TABLE_DELETES)
PROXY(latest_offset, LH_SLOT_LATEST_OFFSET)
PROXY(get_partitions, LH_SLOT_GET_PARTITIONS)
PROXY(read_partition, LH_SLOT_READ_PARTITION)

static struct lh_connector table_of(uint64_t slots, const char *name, lh_str spec)
{
#define HAS(slot, proxy) (slots & 1u << (slot) ? (proxy) : NULL)
    return (struct lh_connector){
        LH_CONNECTOR_HEAD,
        .name = name,
        .spec_json = spec.p,
        .spec_len = spec.n,
        .open = proxy_open,
        .close = proxy_close,
        .list_tables = proxy_list_tables,
        .get_table_schema = proxy_get_table_schema,
        .read_table_metadata = proxy_read_table_metadata,
        .read_table = proxy_read_table,
        .check = HAS(LH_SLOT_CHECK, proxy_check),
        .list_namespaces = HAS(LH_SLOT_LIST_NAMESPACES, proxy_list_namespaces),
        .read_table_deletes = HAS(LH_SLOT_READ_TABLE_DELETES, proxy_read_table_deletes),
        .latest_offset = HAS(LH_SLOT_LATEST_OFFSET, proxy_latest_offset),
        .get_partitions = HAS(LH_SLOT_GET_PARTITIONS, proxy_get_partitions),
        .read_partition = HAS(LH_SLOT_READ_PARTITION, proxy_read_partition),
        .estimate = HAS(LH_SLOT_ESTIMATE, proxy_estimate),
    };
#undef HAS
}

/* --- the broker ------------------------------------------------------------------------------- */

static int first_process(struct lh_broker *broker, const struct lh_plugin_info *info,
                         struct lh_connector *ret_table, struct lh_error *e)
{
    lh_autoptr(lh_link) link = lh_link_new(broker);
    struct lh_connector said = {0};
    struct lh_record ready = {0};
    char *name lh_autofree = NULL;
    int code = start(link, &ready, e);

    if (code)
        return code;
    name = lh_xmemdup0(ready.str[0].p, ready.str[0].n);
    said.name = name;
    said.spec_json = ready.str[1].p;
    said.spec_len = ready.str[1].n;
    if (lh_plugin_check_same(info, &said, e)) {
        lh_error_wrap(e, "%s", broker->label);
        return LH_BAD_PLUGIN;
    }
    if (ready.str[2].n)
        lh_log_info(broker->log, "%s: isolation: %.*s", broker->name, LH_STR_ARG(ready.str[2]));
#ifdef LH_SANITIZED
    lh_log_info(broker->log, "%s: isolation: %s", broker->name, LH_SANITIZERS_LEAVE_OFF);
#endif
    *ret_table = table_of(ready.num[0], info->name, lh_buf_slice(&info->elf.spec));
    broker->spare = lh_take(link);
    return 0;
}

int lh_broker_start(const struct lh_isolation *settings, const struct lh_plugin_info *info, int fd,
                    const struct lh_host *host, struct lh_log *log, struct lh_broker **ret,
                    struct lh_connector *ret_table, struct lh_error *e)
{
    lh_autoptr(lh_broker) broker = lh_xcalloc(1, sizeof *broker);
    int code;

    broker->settings = settings;
    broker->host = host;
    broker->log = log;
    broker->name = lh_xstrdup(info->name);
    broker->label = lh_xstrdup(info->is_static ? info->name : info->path);
    broker->sha256 = lh_xstrdup(info->sha256);
    broker->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    code = first_process(broker, info, ret_table, e);
    if (!code)
        *ret = lh_take(broker);
    return code;
}

void lh_broker_destroy(struct lh_broker *broker)
{
    struct lh_link *spare = broker->spare;

    if (spare)
        lh_link_destroy(spare);
    if (broker->fd >= 0)
        close(broker->fd);
    free(broker->name);
    free(broker->label);
    free(broker->sha256);
    free(broker);
}

pid_t lh_instance_pid(const struct lh_instance *instance)
{
    const struct lh_link *link = instance->plugin->broker ? instance->self : NULL;

    return link ? link->pid : 0;
}

int lh_broker_try(const struct lh_isolation *settings, struct lh_log *log, struct lh_error *e)
{
    char *label lh_autofree = lh_xstrdup(settings->worker);
    const struct lh_broker broker = {
        .settings = settings, .log = log, .fd = -1, .name = label, .label = label};
    lh_autoptr(lh_link) link = lh_link_new(&broker);
    struct lh_record hello;
    int code = lh_link_spawn(link, e);

    return code ? code : lh_link_greet(link, &hello, e);
}
