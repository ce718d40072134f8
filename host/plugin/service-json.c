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
        lh_call_note(c, LH_E_LIMIT, LH_SAY_DOCS, LH_CALL_MAX_DOCS);
        return false;
    }
    if (n > LH_CALL_DOC_BYTES - c->doc_bytes) {
        lh_call_note(c, LH_E_LIMIT, LH_SAY_DOC_BYTES, c->doc_bytes, n);
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
        lh_call_limit(c, LH_SAY_OUTS, LH_CALL_MAX_OUTS);
        return NULL;
    }
    out = &c->instance->outs[c->n_outs++];
    if (!*out)
        *out = lh_out_new(LH_ROW_MAX_BYTES, LH_ROW_MAX_DEPTH);
    lh_out_reset(*out);
    return *out;
}
