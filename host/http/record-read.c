/* SPDX-License-Identifier: Apache-2.0 */
/* The file of one recorded answer, which may be anything; see record.h. */
#include "config.h"

#include "http/record.h"

#include "json/json.h"

#include <inttypes.h>

struct reading {
    const char *name;
    const struct lh_json *meta;
    struct lh_error *e;
};

static int wrong(const struct reading *r, const char *key, const char *expected)
{
    return lh_error_set(r->e, LH_INVALID, "%s: key /%s: expected %s", r->name, key, expected);
}

static const struct lh_json *member(const struct reading *r, const char *key)
{
    return lh_json_get(r->meta, lh_str_z(key));
}

static int read_i64(const struct reading *r, const char *key, int64_t min, int64_t max,
                    int64_t *ret)
{
    char *expected lh_autofree = NULL;
    int64_t value;

    if (lh_json_i64(member(r, key), &value) == 0 && value >= min && value <= max) {
        *ret = value;
        return 0;
    }
    expected = lh_xasprintf("a whole number from %" PRId64 " to %" PRId64, min, max);
    return wrong(r, key, expected);
}

static int read_text(const struct reading *r, const char *key, struct lh_buf *to)
{
    const struct lh_json *value = member(r, key);

    if (lh_json_kind(value) != LH_JSON_STRING)
        return lh_json_kind(value) == LH_JSON_NONE ? 0 : wrong(r, key, "a string");
    lh_buf_str(to, lh_json_str(value));
    return to->failed ? wrong(r, key, "a shorter string") : 0;
}

static int read_headers(const struct reading *r, struct lh_http_headers *to)
{
    const struct lh_json *list = member(r, "headers");
    const struct lh_json *at = NULL;

    if (lh_json_kind(list) != LH_JSON_ARRAY)
        return wrong(r, "headers", "a list");
    while ((at = lh_json_next(list, at, NULL))) {
        const struct lh_json *name = lh_json_next(at, NULL, NULL);
        const struct lh_json *value = name ? lh_json_next(at, name, NULL) : NULL;

        if (lh_json_kind(at) != LH_JSON_ARRAY || lh_json_count(at) != 2 ||
            lh_json_kind(name) != LH_JSON_STRING || lh_json_kind(value) != LH_JSON_STRING)
            return wrong(r, "headers", "pairs of a name and a value");
        if (lh_http_headers_add(to, lh_json_str(name), lh_json_str(value), r->e))
            return lh_error_wrap(r->e, "%s", r->name);
    }
    return 0;
}

static int read_failure(const struct reading *r, struct lh_recorded *to)
{
    int64_t failed = 0;
    int code = read_i64(r, "failed", LH_E_RULE, LH_E_UNSUPPORTED, &failed);

    to->failed = (int)failed;
    return code ? code : read_text(r, "message", &to->message);
}

static int read_body(const struct reading *r, lh_str body, struct lh_recorded *to)
{
    int64_t bytes = 0;
    int code = read_i64(r, "body_bytes", 0, (int64_t)LH_RECORD_BODY_BYTES, &bytes);

    if (code)
        return code;
    if ((uint64_t)bytes != body.n)
        return lh_error_set(r->e, LH_INVALID,
                            "%s: expected a body of %" PRId64
                            " bytes, found %zu; it was cut or changed",
                            r->name, bytes, body.n);
    lh_buf_str(&to->body, body);
    if (to->body.failed)
        return lh_error_set(r->e, LH_INVALID, "%s: the body has %zu bytes, %zu are allowed",
                            r->name, body.n, to->body.max);
    return 0;
}

static int read_answer(const struct reading *r, lh_str body, struct lh_recorded *to)
{
    int64_t status = 0;
    int64_t attempts = 0;
    int code = read_i64(r, "status", 100, 599, &status);

    if (!code)
        code = read_text(r, "final_url", &to->final_url);
    if (!code)
        code = read_i64(r, "retry_after_ms", -1, LH_HTTP_WAIT_MAX_MS, &to->retry_after_ms);
    if (!code)
        code = read_i64(r, "attempts", 0, 1000000, &attempts);
    if (!code)
        code = read_headers(r, &to->headers);
    to->status = (int)status;
    to->attempts = (uint32_t)attempts;
    return code ? code : read_body(r, body, to);
}

static int read_all(const struct reading *r, lh_str body, struct lh_recorded *to)
{
    int64_t version = 0;
    int code;

    if (lh_json_kind(r->meta) != LH_JSON_OBJECT)
        return wrong(r, "", "an object");
    code = read_i64(r, "lakehost_answer", 1, 1, &version);
    if (code)
        return code;
    return lh_json_kind(member(r, "failed")) != LH_JSON_NONE ? read_failure(r, to)
                                                             : read_answer(r, body, to);
}

int lh_recorded_parse(lh_str text, const char *name, struct lh_recorded *ret, struct lh_error *e)
{
    static const struct lh_json_limits limits = {LH_RECORD_META_BYTES, 8, 10000};
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    size_t most = text.n < LH_RECORD_META_BYTES ? text.n : LH_RECORD_META_BYTES;
    const char *end = most ? memchr(text.p, '\n', most) : NULL;
    size_t n = end ? (size_t)(end - text.p) : 0;
    lh_auto(lh_recorded) fresh = LH_RECORDED_INIT(ret->body.max);
    struct lh_json_problem problem;
    struct reading r = {name, NULL, e};
    int code;

    if (!end)
        return lh_error_set(e, LH_INVALID, "%s: this is no recorded answer", name);
    if (lh_json_scan(doc, lh_str_n(text.p, n), &limits, &problem) != LH_JSON_FINE)
        return lh_json_problem_error(&problem, lh_str_n(text.p, n), name, LH_INVALID, e);
    r.meta = lh_json_root(doc);
    code = read_all(&r, lh_str_n(end + 1, text.n - n - 1), &fresh);
    if (code)
        return code;
    lh_recorded_free(ret);
    *ret = fresh;
    fresh = (struct lh_recorded){.status = 0};
    return 0;
}
