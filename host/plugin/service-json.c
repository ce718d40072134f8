/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the parts "json in" and "json out". Values and builders are those of json/json.h
 * themselves; here is only who owns them: documents and builders belong to the instance, which
 * hands them out again in the next call, so a row costs no allocation.
 */
#include "config.h"

#include "plugin/service_internal.h"

/* --- in --------------------------------------------------------------------------------------- */

const lh_json *lh_service_json_parse(lh_call *c, lh_str text)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const lh_json *v;

    if (lh_call_enter(c, "json_parse") < 0)
        return NULL;
    v = lh_build_parse(c->instance->docs, &c->n_docs, &c->doc_bytes, text, &e);
    if (!v)
        lh_call_note(c, e.code == LH_FAILED ? LH_E_LIMIT : LH_E_DATA, "%s", lh_error_text(&e));
    return v;
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
