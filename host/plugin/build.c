/* SPDX-License-Identifier: Apache-2.0 */
/* Builders as connectors use them; see build.h. */
#include "config.h"

#include "plugin/build.h"

/* Rule 8: what follows a complete value begins the next one. */
void lh_service_out_begin(lh_out *o, int brace)
{
    if (!o)
        return;
    if (lh_out_is_complete(o) && !lh_out_failure(o))
        lh_out_reset(o);
    lh_out_begin(o, brace);
}

void lh_service_out_end(lh_out *o)
{
    if (o)
        lh_out_end(o);
}

void lh_service_out_key(lh_out *o, lh_str key)
{
    if (o)
        lh_out_key(o, key);
}

void lh_service_out_str(lh_out *o, lh_str utf8)
{
    if (o)
        lh_out_str(o, utf8);
}

void lh_service_out_i64(lh_out *o, int64_t value)
{
    if (o)
        lh_out_i64(o, value);
}

void lh_service_out_raw(lh_out *o, lh_str json)
{
    if (o)
        lh_out_raw(o, json);
}

void lh_service_out_json(lh_out *o, const lh_json *v)
{
    if (o)
        lh_out_json(o, v);
}

void lh_service_out_members(lh_out *o, const lh_json *object, const lh_str *except, size_t n_except)
{
    if (o)
        lh_out_members(o, object, except, n_except);
}

/* The reason of a failure stays in the builder; the end of the call finds it there. */
const lh_json *lh_service_out_done(lh_out *o)
{
    const struct lh_json *value = NULL;

    if (o)
        lh_out_value(o, &value, NULL);
    return value;
}

/* Values of an answer that was released stay so: see lh_json_doc_clear. */
const struct lh_json *lh_build_nothing(struct lh_json_doc *doc)
{
    const struct lh_json *v;

    lh_json_scan(doc, LH_STR("0"), &lh_json_page_limits, NULL);
    v = lh_json_root(doc);
    lh_json_doc_clear(doc);
    return v;
}

/* --- out of records --------------------------------------------------------------------------- */

static void build_with(lh_out *o, const struct lh_record *record, const struct lh_json *v)
{
    if (record->kind == LH_REC_JSON) {
        lh_service_out_json(o, v);
    } else {
        lh_str *except lh_autofree = lh_xcalloc(record->list[0].n + 1, sizeof *except);
        struct lh_list list = record->list[0];
        size_t n = 0;

        while (lh_list_next(&list, &except[n]))
            n++;
        lh_service_out_members(o, v, except, n);
    }
}

bool lh_build(lh_out *o, const struct lh_record *record, const struct lh_json *v)
{
    switch (record->kind) {
    case LH_REC_BEGIN:
        lh_service_out_begin(o, (int)(int64_t)record->num[0]);
        break;
    case LH_REC_END:
        lh_service_out_end(o);
        break;
    case LH_REC_KEY:
        lh_service_out_key(o, record->str[0]);
        break;
    case LH_REC_STR:
        lh_service_out_str(o, record->str[0]);
        break;
    case LH_REC_INT:
        lh_service_out_i64(o, (int64_t)record->num[0]);
        break;
    case LH_REC_RAW:
        lh_service_out_raw(o, record->str[0]);
        break;
    case LH_REC_JSON:
    case LH_REC_MEMBERS:
        build_with(o, record, v);
        break;
    case LH_REC_DONE:
        lh_service_out_done(o);
        break;
    default:
        return false;
    }
    return true;
}
