/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the parts "json in" and "json out". Values and builders are those of json/json.h
 * themselves; here is only who owns them: documents and builders belong to the instance, which
 * hands them out again in the next call, so a row costs no allocation.
 */
#include "config.h"

#include "plugin/service_internal.h"

/* --- in --------------------------------------------------------------------------------------- */

static bool has_room(struct lh_call *c, size_t n)
{
    if (c->n_docs == LH_CALL_MAX_DOCS) {
        lh_call_note(c, LH_E_LIMIT,
                     "json_parse: the call holds %u documents, no more are given; "
                     "checkpoint more often (rule 9)",
                     LH_CALL_MAX_DOCS);
        return false;
    }
    if (n > LH_CALL_DOC_BYTES - c->doc_bytes) {
        lh_call_note(c, LH_E_LIMIT,
                     "json_parse: the call holds documents of %zu bytes and asks for "
                     "%zu more; checkpoint more often (rule 9)",
                     c->doc_bytes, n);
        return false;
    }
    return true;
}

const lh_json *lh_service_json_parse(lh_call *c, lh_str text)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_json_problem problem;
    enum lh_json_reason reason;
    struct lh_json_doc **doc;

    if (lh_call_enter(c, "json_parse") < 0 || !has_room(c, text.n))
        return NULL;
    doc = &c->instance->docs[c->n_docs];
    if (!*doc)
        *doc = lh_json_doc_new();
    reason = lh_json_scan(*doc, text, &lh_json_page_limits, &problem);
    if (reason) {
        lh_json_problem_error(&problem, text, "json_parse", LH_FAILED, &e);
        lh_call_note(c, reason >= LH_JSON_TOO_DEEP ? LH_E_LIMIT : LH_E_DATA, "%s",
                     lh_error_text(&e));
        return NULL;
    }
    c->n_docs++;
    c->doc_bytes += text.n;
    return lh_json_root(*doc);
}

int lh_service_json_i64(const lh_json *v, int64_t *ret)
{
    return lh_json_i64(v, ret) ? LH_E_DATA : LH_OK;
}

/* --- out -------------------------------------------------------------------------------------- */

lh_out *lh_service_out_new(lh_call *c)
{
    struct lh_out **out;

    if (lh_call_enter(c, "out_new") < 0)
        return NULL;
    if (c->n_outs == LH_CALL_MAX_OUTS) {
        lh_call_limit(c, "out_new: the call has %u builders; one can be used again and again",
                      LH_CALL_MAX_OUTS);
        return NULL;
    }
    out = &c->instance->outs[c->n_outs++];
    if (!*out)
        *out = lh_out_new(LH_ROW_MAX_BYTES, LH_ROW_MAX_DEPTH);
    lh_out_reset(*out);
    return *out;
}

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
