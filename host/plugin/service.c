/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of services, instances, and the life of a call: what is made ready before the
 * connector runs and what is made of its answer. The services are in service-*.c.
 */
#include "config.h"

#include "plugin/service_internal.h"

#include <stdlib.h>

const struct lh_host lh_service_host = {
    .struct_size = sizeof(struct lh_host),
    .abi_major = LH_ABI_MAJOR,
    .abi_minor = LH_ABI_MINOR,
    .alloc = lh_service_alloc,
    .fail = lh_service_fail,
    .partial = lh_service_partial,
    .log = lh_service_log,
    .progress = lh_service_progress,
    .cancelled = lh_service_cancelled,
    .sleep_ms = lh_service_sleep_ms,
    .now_ms = lh_service_now_ms,
    .opt = lh_service_opt,
    .base_url = lh_service_base_url,
    .http = lh_service_http,
    .http_prefetch = lh_service_http_prefetch,
    .http_again = lh_service_http_again,
    .http_fail = lh_service_http_fail,
    .http_release = lh_service_http_release,
    .http_header = lh_service_http_header,
    .json_parse = lh_service_json_parse,
    .json_kind = lh_json_kind,
    .json_get = lh_json_get,
    .json_next = lh_json_next,
    .json_count = lh_json_count,
    .json_str = lh_json_str,
    .json_raw = lh_json_raw,
    .json_i64 = lh_service_json_i64,
    .out_new = lh_service_out_new,
    .out_begin = lh_service_out_begin,
    .out_end = lh_service_out_end,
    .out_key = lh_service_out_key,
    .out_str = lh_service_out_str,
    .out_i64 = lh_service_out_i64,
    .out_raw = lh_service_out_raw,
    .out_json = lh_service_out_json,
    .out_members = lh_service_out_members,
    .out_done = lh_service_out_done,
    .add_namespace = lh_service_add_namespace,
    .add_table = lh_service_add_table,
    .add_field = lh_service_add_field,
    .field_begin = lh_service_field_begin,
    .field_end = lh_service_field_end,
    .set_meta = lh_service_set_meta,
    .set_prop = lh_service_set_prop,
    .add_step = lh_service_add_step,
    .row = lh_service_row,
    .rows = lh_service_rows,
    .row_out = lh_service_row_out,
    .row_text = lh_service_row_text,
    .checkpoint = lh_service_checkpoint,
    .add_partition = lh_service_add_partition,
};

/* --- what a return code means ----------------------------------------------------------------- */

struct meaning {
    int code; /* enum lh_code */
    const char *name, *text;
};

/* By -code; the comments of connector.h. */
static const struct meaning meanings[] = {
    {LH_DONE, "LH_OK", "done"},
    {LH_INVALID, "LH_E_UNSUPPORTED", "this is not offered here"},
    {LH_INVALID, "LH_E_OPTION", "an option is wrong; fix the options"},
    {LH_REFUSED, "LH_E_AUTH", "the credentials were refused; fix the credentials"},
    {LH_REFUSED, "LH_E_DENIED", "the credentials are good, but a right or scope is missing"},
    {LH_NOT_FOUND, "LH_E_NOT_FOUND", "there is no such table, namespace or object"},
    {LH_UNREACHABLE, "LH_E_THROTTLED", "the quota or rate of the source is spent; wait"},
    {LH_UNREACHABLE, "LH_E_UNAVAILABLE", "the source cannot be reached; try later"},
    {LH_FAILED, "LH_E_DATA", "the source sent what it must not"},
    {LH_INVALID, "LH_E_OFFSET", "the offset is unreadable or expired; start without it"},
    {LH_INTERRUPTED, "LH_E_CANCELLED", "cancelled"},
    {LH_FAILED, "LH_E_LIMIT", "a bound of the host was reached"},
    {LH_BAD_PLUGIN, "LH_E_NOMEM", "the connector has no memory left"},
    {LH_BAD_PLUGIN, "LH_E_INTERNAL", "the connector failed by a fault of its own"},
    {LH_BAD_PLUGIN, "LH_E_RULE", "the connector broke a rule"},
};

const char *lh_result_name(int code)
{
    return code <= 0 && code >= LH_E_RULE ? meanings[-code].name : "unknown";
}

int lh_result_exit(int code)
{
    return code <= 0 && code >= LH_E_RULE ? meanings[-code].code : LH_BAD_PLUGIN;
}

/* What the connector did wrong by returning rc; nothing when it may. */
static void judge_return(struct lh_call *call, int rc, bool may_have_more)
{
    const char *service = call->foreign;

    if (service)
        lh_call_broke(call, 29, "%s was called from another thread, or for a call that was over",
                      service);
    else if (rc > LH_MORE || rc < LH_E_RULE)
        lh_call_broke(call, 0, "it returned %d, which is none of LH_OK, LH_MORE and LH_E_*", rc);
    else if (rc == LH_E_RULE)
        lh_call_broke(call, 0, "it returned LH_E_RULE, which only the host sets");
    else if (rc == LH_E_CANCELLED)
        lh_call_broke(call, 0, "it returned LH_E_CANCELLED, but the host had not cancelled");
    else if (rc == LH_MORE && !may_have_more)
        lh_call_broke(call, 0, "it returned LH_MORE, which only a read may");
    else if (rc == LH_OK && call->stop == LH_MORE)
        lh_call_broke(call, 9, "checkpoint answered LH_MORE and it returned LH_OK instead");
    else if (rc < 0)
        lh_call_builder_failed(call);
}

/* The connector's own failure in the host's words. */
static int own_failure(const struct lh_call *call, int rc, struct lh_error *e)
{
    /* a bound that was reached is the cause, whatever the connector made of the NULL it got */
    int code = call->noted == LH_E_LIMIT ? LH_E_LIMIT : rc;
    const struct meaning *meaning = &meanings[-code];
    lh_auto(lh_buf) where = LH_BUF_INIT(LH_BUF_TEXT);

    lh_call_where(call, &where);
    if (call->noted && *lh_error_text(&call->note))
        return lh_error_set(e, meaning->code, "%s: %s", lh_buf_text(&where),
                            lh_error_text(&call->note));
    return lh_error_set(e, meaning->code, "%s: %s (%s, without a message)", lh_buf_text(&where),
                        meaning->text, meaning->name);
}

/* --- calls ------------------------------------------------------------------------------------ */

struct lh_call *lh_call_begin(struct lh_instance *in, const char *name, lh_str table,
                              unsigned takes, void *into)
{
    struct lh_call *call = &in->calls[in->turn++ % LH_CALLS];

    lh_arena_reset(&in->scratch);
    *call = (struct lh_call){
        .magic = LH_CALL_RUNNING,
        .instance = in,
        .name = name,
        .table = table,
        .thread = pthread_self(),
        .memory = &in->scratch,
        .sink = {.magic = LH_SINK_OPEN, .takes = takes, .into = into},
    };
    call->sink.call = call;
    in->running = call;
    lh_service_http_begin(in);
    return call;
}

int lh_call_end(struct lh_call *call, int rc, bool *ret_more, struct lh_error *e)
{
    int code;

    if (call->stop >= 0)
        judge_return(call, rc, ret_more != NULL);
    lh_service_http_end(call);
    call->instance->running = NULL;
    call->magic = LH_CALL_OVER;
    call->sink.magic = 0;
    call->instance->result = call->stop < 0 ? call->stop : rc < 0 ? rc : LH_OK;
    if (call->stop < 0)
        code = lh_error_move(e, &call->error);
    else if (rc < 0)
        code = own_failure(call, rc, e);
    else
        code = LH_DONE;
    if (!code && ret_more)
        *ret_more = rc == LH_MORE;
    lh_error_free(&call->error);
    lh_error_free(&call->note);
    return code;
}

int lh_call_restart(struct lh_call *call)
{
    lh_arena_reset(&call->instance->scratch);
    lh_error_free(&call->note);
    call->noted = 0;
    call->n_docs = call->doc_bytes = call->n_outs = 0;
    call->holds_enough = false;
    call->foreign = NULL;
    if (call->stop > 0)
        call->stop = 0;
    return call->sink.rewind ? call->sink.rewind(call) : call->stop;
}

struct lh_scan lh_call_scan(struct lh_call *call, const struct lh_opts *table_opts)
{
    return (struct lh_scan){
        .struct_size = sizeof(struct lh_scan),
        .table = lh_arena_str(&call->instance->scratch, call->table),
        .opts = table_opts,
        .as_of_ms = call->instance->run->as_of_ms,
    };
}

/* --- instances -------------------------------------------------------------------------------- */

static void free_instance(struct lh_instance *in)
{
    lh_service_http_close(in);
    for (size_t i = 0; i < LH_CALL_MAX_DOCS; i++)
        lh_json_doc_destroy(in->docs[i]);
    for (size_t i = 0; i < LH_CALL_MAX_OUTS; i++)
        lh_out_destroy(in->outs[i]);
    lh_arena_free(&in->own);
    lh_arena_free(&in->scratch);
    lh_buf_free(&in->base_url);
    free(in);
}

/* Rule 27, as far as the table itself tells. */
static int check_slots(const struct lh_plugin *plugin, struct lh_error *e)
{
    const struct lh_connector *table = &plugin->table;

    if (!table->get_partitions == !table->read_partition)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: rule 27 of the interface is broken: it has %s and no %s; they come "
                        "together",
                        plugin->name, table->get_partitions ? "get_partitions" : "read_partition",
                        table->get_partitions ? "read_partition" : "get_partitions");
}

int lh_instance_open(const struct lh_plugin *plugin, const struct lh_opts *opts,
                     const struct lh_run *run, struct lh_instance **ret, struct lh_error *e)
{
    struct lh_instance *in;
    struct lh_call *call;
    int code = check_slots(plugin, e);

    if (code)
        return code;
    in = lh_xcalloc(1, sizeof *in);
    in->plugin = plugin;
    in->opts = opts;
    in->run = run;
    in->own.max = LH_CALL_MAX_BYTES;
    in->scratch.max = LH_CALL_MAX_BYTES;
    in->base_url = (struct lh_buf)LH_BUF_INIT(LH_BUF_TEXT);
    call = lh_call_begin(in, "open", LH_STR(""), 0, NULL);
    call->memory = &in->own;
    code = lh_call_end(call, plugin->table.open(call, opts, &in->self), NULL, e);
    if (code) {
        free_instance(in);
        return code;
    }
    *ret = in;
    return 0;
}

void lh_instance_close(struct lh_instance *in)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_call *call;

    if (!in)
        return;
    call = lh_call_begin(in, "close", LH_STR(""), 0, NULL);
    in->plugin->table.close(call, in->self);
    /* the work is done and kept: what is wrong now is worth a warning */
    if (lh_call_end(call, LH_OK, NULL, &e))
        lh_log_warn(in->run->log, "%s", lh_error_text(&e));
    free_instance(in);
}

int lh_instance_result(const struct lh_instance *instance)
{
    return instance->result;
}

bool lh_instance_partial(const struct lh_instance *instance)
{
    return instance->partial;
}
