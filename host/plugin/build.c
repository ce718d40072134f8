/* SPDX-License-Identifier: Apache-2.0 */
/* Values and builders as connectors use them; see build.h. */
#include "config.h"

#include "plugin/build.h"

#include "plugin/limits.h"
#include "worker/wire.h"

static int check_room(size_t n_docs, size_t doc_bytes, size_t n, struct lh_error *e)
{
    if (n_docs == LH_CALL_MAX_DOCS)
        return lh_error_set(e, LH_FAILED, LH_SAY_DOCS, LH_CALL_MAX_DOCS);
    if (n > LH_CALL_DOC_BYTES - doc_bytes)
        return lh_error_set(e, LH_FAILED, LH_SAY_DOC_BYTES, doc_bytes, n);
    return 0;
}

const lh_json *lh_build_parse(struct lh_json_doc **docs, size_t *n_docs, size_t *doc_bytes,
                              lh_str text, struct lh_error *e)
{
    struct lh_json_problem problem;
    enum lh_json_reason reason;
    struct lh_json_doc **doc;

    if (check_room(*n_docs, *doc_bytes, text.n, e))
        return NULL;
    doc = &docs[*n_docs];
    if (!*doc)
        *doc = lh_json_doc_new();
    reason = lh_json_scan(*doc, text, &lh_json_page_limits, &problem);
    if (reason) {
        lh_json_problem_error(&problem, text, "json_parse",
                              reason >= LH_JSON_TOO_DEEP ? LH_FAILED : LH_INVALID, e);
        return NULL;
    }
    ++*n_docs;
    *doc_bytes += text.n;
    return lh_json_root(*doc);
}

int lh_service_json_i64(const lh_json *v, int64_t *ret)
{
    return lh_json_i64(v, ret) ? LH_E_DATA : LH_OK;
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

#define FEW 4u /* names to leave out, that need no memory of their own */

static void build_with(lh_out *o, const struct lh_record *record, const struct lh_json *v)
{
    if (record->kind == LH_REC_JSON) {
        lh_service_out_json(o, v);
    } else {
        struct lh_list list = record->list[0];
        lh_str few[FEW] = {{NULL, 0}};
        lh_str *many lh_autofree = list.n > FEW ? lh_xcalloc(list.n, sizeof *many) : NULL;
        lh_str *except = many ? many : few;
        size_t n = 0;

        while (list.n && lh_list_next(&list, &except[n]))
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

/* --- records that come by the million --------------------------------------------------------- */

/* What is left of records, and who knows the values in them. */
struct quick {
    lh_out *o;
    const char *p, *end;
    lh_build_value *value;
    void *arg;
};

static bool has(const struct quick *q, size_t n)
{
    return (size_t)(q->end - q->p) >= n;
}

/* A string behind the first `at` bytes; false when it is not all there, or there is none. */
static bool quick_str(const struct quick *q, size_t at, lh_str *ret)
{
    uint32_t n;

    if (!has(q, at + 4))
        return false;
    n = lh_wire_get32(q->p + at);
    *ret = lh_str_n(q->p + at + 4, n);
    return n != LH_WIRE_NO_TEXT && n <= (size_t)(q->end - ret->p);
}

/* A value that is a reference: behind the kind, 9 bytes. */
static const struct lh_json *quick_value(const struct quick *q)
{
    return has(q, 10) && q->p[1] == LH_VALUE_REF
               ? q->value(q->arg, lh_wire_get32(q->p + 2), lh_wire_get32(q->p + 6))
               : NULL;
}

static size_t quick_members(const struct quick *q)
{
    const struct lh_json *v = quick_value(q);
    lh_str except[FEW];
    size_t at = 14;
    uint32_t n;

    if (!v || !has(q, at) || (n = lh_wire_get32(q->p + 10)) > FEW)
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!quick_str(q, at, &except[i]))
            return 0;
        at += 4 + except[i].n;
    }
    lh_service_out_members(q->o, v, except, n);
    return at;
}

/* One record; how many bytes it took, 0 when it is another, or not all there. */
static size_t quick_record(const struct quick *q)
{
    const struct lh_json *v;
    lh_str s;

    switch ((uint8_t)*q->p) {
    case LH_REC_END:
        lh_service_out_end(q->o);
        return 1;
    case LH_REC_BEGIN:
        if (!has(q, 5))
            return 0;
        lh_service_out_begin(q->o, (int)lh_wire_get32(q->p + 1));
        return 5;
    case LH_REC_INT:
        if (!has(q, 9))
            return 0;
        lh_service_out_i64(q->o, (int64_t)lh_wire_get64(q->p + 1));
        return 9;
    case LH_REC_KEY:
        if (!quick_str(q, 1, &s))
            return 0;
        lh_service_out_key(q->o, s);
        return 5 + s.n;
    case LH_REC_STR:
        if (!quick_str(q, 1, &s))
            return 0;
        lh_service_out_str(q->o, s);
        return 5 + s.n;
    case LH_REC_JSON:
        if (!(v = quick_value(q)))
            return 0;
        lh_service_out_json(q->o, v);
        return 10;
    case LH_REC_MEMBERS:
        return quick_members(q);
    default:
        return 0;
    }
}

size_t lh_build_quick(lh_out *o, lh_str records, lh_build_value *value, void *arg)
{
    struct quick q = {o, records.p, records.p + records.n, value, arg};
    size_t took = 1;

    while (took && q.p < q.end) {
        took = quick_record(&q);
        q.p += took;
    }
    return (size_t)(q.p - records.p);
}
