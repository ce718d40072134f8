/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the part "data": rows, checkpoints and partitions, with rules 21 to 28 as far
 * as they show while a connector runs. The calls that they belong to are in service-read.c.
 *
 * A page of rows goes from the text that was parsed to the writer without being copied.
 */
#include "config.h"

#include "plugin/service_reading.h"

#include <lakehost/sdk.h>
#include <stdlib.h>

/* --- rows ------------------------------------------------------------------------------------- */

/* What every service for rows checks; *ret_reading is set when it may go on. */
static int enter(struct lh_sink *s, const char *service, uint32_t op, struct lh_call **ret_call,
                 struct lh_reading **ret_reading)
{
    struct lh_reading *r;
    int rc = lh_sink_enter(s, service, LH_TAKES_ROWS, ret_call);

    if (rc)
        return rc;
    if (op != LH_UPSERT && op != LH_DELETE)
        return lh_call_broke(*ret_call, 0, "%s: op %u is neither LH_UPSERT nor LH_DELETE", service,
                             op);
    r = s->into;
    if (r->at_end)
        return lh_call_broke(*ret_call, 25, "%s after the checkpoint that equals `end`", service);
    *ret_reading = r;
    return 0;
}

/* One row that was checked. */
static int give(struct lh_call *call, struct lh_reading *r, uint32_t op, lh_str text,
                const struct lh_json *row)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    r->pending++;
    if (!r->takes_both && op != r->takes_op)
        return lh_call_tick(call);
    if (r->to->row(r->to->arg, op, text, row, &e))
        return lh_call_stop(call, LH_E_CANCELLED, &e);
    return lh_call_tick(call);
}

/* The text of a value as one line; from a text with white space it is written anew. */
static lh_str line_of(struct lh_reading *r, const struct lh_json *v, bool spaced)
{
    if (!spaced)
        return lh_json_raw(v);
    lh_buf_reset(&r->line);
    lh_json_write(&r->line, v);
    return lh_buf_slice(&r->line);
}

int lh_service_row(lh_sink *s, uint32_t op, const lh_json *object)
{
    struct lh_reading *r;
    struct lh_call *call;
    int rc = enter(s, "row", op, &call, &r);

    if (rc)
        return rc;
    if (!object && lh_call_builder_failed(call))
        return call->stop;
    if (lh_json_kind(object) != LH_JSON_OBJECT)
        return lh_call_broke(call, 21, "row: expected an object, found %s",
                             lh_json_kind_words(object));
    return give(call, r, op, line_of(r, object, lh_json_spaced(lh_json_owner(object))), object);
}

int lh_service_rows(lh_sink *s, uint32_t op, const lh_json *array)
{
    const struct lh_json *row = NULL;
    struct lh_reading *r;
    struct lh_call *call;
    size_t i = 0;
    bool spaced;
    int rc = enter(s, "rows", op, &call, &r);

    if (rc)
        return rc;
    if (lh_json_kind(array) != LH_JSON_ARRAY)
        return lh_call_broke(call, 21, "rows: expected an array of objects, found %s",
                             lh_json_kind_words(array));
    spaced = lh_json_spaced(lh_json_owner(array));
    for (; (row = lh_json_next(array, row, NULL)) && !rc; i++) {
        if (lh_json_kind(row) != LH_JSON_OBJECT)
            return lh_call_broke(call, 21, "rows: element %zu: expected an object, found %s", i,
                                 lh_json_kind_words(row));
        rc = give(call, r, op, line_of(r, row, spaced), row);
    }
    return rc;
}

int lh_service_row_out(lh_sink *s, uint32_t op, lh_out *o)
{
    struct lh_reading *r;
    struct lh_call *call;
    lh_str text;
    int rc = enter(s, "row_out", op, &call, &r);

    if (rc)
        return rc;
    if (!o)
        return lh_call_broke(call, 14, "row_out: expected a builder, found NULL");
    if (lh_out_finish(o, &text, NULL))
        return lh_call_judge_builder(call, o);
    if (text.p[0] != '{')
        return lh_call_broke(call, 21, "row_out: expected an object, found %s",
                             text.p[0] == '[' ? "an array" : "a plain value");
    rc = give(call, r, op, text, NULL);
    lh_out_reset(o);
    return rc;
}

int lh_service_row_text(lh_sink *s, uint32_t op, lh_str json_object)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_json_problem problem;
    const struct lh_json *row;
    struct lh_reading *r;
    struct lh_call *call;
    int rc = enter(s, "row_text", op, &call, &r);

    if (rc)
        return rc;
    if (lh_json_scan(r->text, json_object, &lh_json_page_limits, &problem)) {
        lh_json_problem_error(&problem, json_object, "row_text", LH_BAD_PLUGIN, &e);
        if (problem.reason >= LH_JSON_TOO_DEEP)
            return lh_call_limit(call, "%s", lh_error_text(&e));
        return lh_call_broke(call, problem.reason == LH_JSON_BAD_UTF8 ? 12 : 21, "%s",
                             lh_error_text(&e));
    }
    row = lh_json_root(r->text);
    if (lh_json_kind(row) != LH_JSON_OBJECT)
        return lh_call_broke(call, 21, "row_text: expected an object, found %s",
                             lh_json_kind_words(row));
    return give(call, r, op, line_of(r, row, lh_json_spaced(r->text)), row);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

/* Rule 9: the call holds so much that it should begin anew. */
static bool holds_enough(const struct lh_call *call)
{
    return call->holds_enough || call->memory->total > LH_CALL_ENOUGH_BYTES ||
           call->n_docs >= LH_CALL_ENOUGH_DOCS || call->n_answers >= LH_CALL_ENOUGH_DOCS ||
           call->doc_bytes > LH_CALL_DOC_BYTES / 2;
}

/*
 * Rule 24: an offset is the connector's own, but a time in it is one by its form (ISO 8601),
 * whatever its name and however deep. Whether a number is a time cannot be told.
 */
static int check_horizon(struct lh_call *call, lh_str name, const struct lh_json *v)
{
    int64_t as_of = call->instance->run->as_of_ms;
    const struct lh_json *item = NULL;
    int kind = lh_json_kind(v);
    char horizon[LHS_ISO_SIZE];
    lh_str key = name;
    int rc = 0;

    if (kind == LH_JSON_STRING) {
        int64_t time = lhs_time_ms(lh_json_str(v));

        if (time == LHS_NO_TIME || time <= as_of)
            return 0;
        lhs_iso_at(horizon, as_of);
        return lh_call_broke(call, 24, "checkpoint: %.*s is %.*s, beyond the run's horizon, %s",
                             LH_STR_ARG(name), LH_STR_ARG(lh_json_raw(v)), horizon);
    }
    if (kind != LH_JSON_OBJECT && kind != LH_JSON_ARRAY)
        return 0;
    while (!rc && (item = lh_json_next(v, item, kind == LH_JSON_OBJECT ? &key : NULL)))
        rc = check_horizon(call, key, item);
    return rc;
}

/* Rules 23 and 25 at a checkpoint whose canonical form is in r->next. */
static int check_order(struct lh_call *call, const struct lh_reading *r)
{
    if (r->at_end)
        return lh_call_broke(call, 25, "checkpoint after the one that equals `end`");
    if (r->pending && !r->rows_are_free && !r->last.n && r->next.n == 2)
        return lh_call_broke(call, 23,
                             "%" PRIu64 " rows were given, and the checkpoint after them is the "
                             "beginning",
                             r->pending);
    if (r->pending && !r->rows_are_free &&
        lh_str_eq(lh_buf_slice(&r->next), lh_buf_slice(&r->last)))
        return lh_call_broke(call, 23,
                             "%" PRIu64
                             " rows were given, and the checkpoint after them equals the "
                             "one before; it must move",
                             r->pending);
    return 0;
}

int lh_service_checkpoint(lh_sink *s, const lh_json *offset)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_reading *r;
    struct lh_call *call;
    struct lh_buf swap;
    int rc = lh_sink_enter(s, "checkpoint", LH_TAKES_CHECKPOINTS, &call);

    if (rc)
        return rc;
    r = s->into;
    if ((rc = lh_call_canonical(call, 22, "checkpoint", offset, &r->next)) ||
        (rc = check_horizon(call, LH_STR("the offset"), offset)) || (rc = check_order(call, r)))
        return rc;
    swap = r->last;
    r->last = r->next;
    r->next = swap;
    r->n_checkpoints++;
    r->pending = 0;
    r->at_end = r->end.n && lh_str_eq(lh_buf_slice(&r->last), lh_buf_slice(&r->end));
    if (r->to && r->to->checkpoint(r->to->arg, lh_buf_slice(&r->last), &e))
        return lh_call_stop(call, LH_E_CANCELLED, &e);
    if ((rc = lh_call_look(call)))
        return rc;
    if (!r->at_end && holds_enough(call))
        call->stop = LH_MORE;
    return call->stop;
}

/* --- partitions ------------------------------------------------------------------------------- */

int lh_service_add_partition(lh_sink *s, const lh_json *partition, uint64_t weight)
{
    struct lh_partitioning *to;
    struct lh_call *call;
    int rc = lh_sink_enter(s, "add_partition", LH_TAKES_PARTITIONS, &call);

    if (rc)
        return rc;
    to = s->into;
    if ((rc = lh_call_canonical(call, 27, "add_partition", partition, &to->text)))
        return rc;
    if (!lh_map_set(&to->seen, lh_buf_slice(&to->text), NULL))
        return lh_call_broke(call, 27,
                             "add_partition: %s was given before; partitions are disjoint",
                             lh_buf_text(&to->text));
    to->bytes += to->text.n;
    if (to->list.n == LH_CATALOG_MAX || to->bytes > LH_CATALOG_BYTES)
        return lh_call_limit(call, "add_partition: more than %zu partitions or %zu bytes",
                             LH_CATALOG_MAX, LH_CATALOG_BYTES);
    to->list.items = lh_xgrow(to->list.items, to->list.n, &to->cap, sizeof *to->list.items);
    to->list.items[to->list.n++] = (struct lh_partition){
        .json = lh_xmemdup0(to->text.p, to->text.n),
        .weight = weight,
    };
    return lh_call_tick(call);
}
