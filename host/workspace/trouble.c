/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer of the workspace that is no success means. The shapes, in the order in which they
 * are tried: nothing, a JSON object (of the present interface, of 1.2, of SCIM), "CODE: text", a
 * web page. A code that is known counts more than the status.
 */
#include "config.h"

#include "workspace/workspace_internal.h"

#include "base/utf8.h"
#include "json/json.h"

#include <stdlib.h>
#include <strings.h>

#define WORDS_MAX 1000

void lh_ws_problem_free(struct lh_ws_problem *p)
{
    lh_buf_free(&p->message);
}

/* --- words ------------------------------------------------------------------------------------ */

/* On one line, cut, and UTF-8 up to where it is. */
static void put_words(struct lh_buf *to, lh_str words)
{
    words.n = words.n < WORDS_MAX ? words.n : WORDS_MAX;
    words.n = lh_utf8_valid_prefix(words);
    for (size_t i = 0; i < words.n; i++)
        lh_buf_char(to, (unsigned char)words.p[i] < ' ' ? ' ' : words.p[i]);
    while (to->n && to->p[to->n - 1] == ' ')
        lh_buf_cut(to, to->n - 1);
}

static void put_code(struct lh_ws_trouble *t, lh_str code)
{
    size_t n = 0;

    for (; n < code.n && n + 1 < sizeof t->code; n++) {
        char c = code.p[n];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '.'))
            break;
        t->code[n] = c;
    }
    t->code[n] = '\0';
}

static lh_str text_of(const struct lh_json *object, const char *key)
{
    const struct lh_json *value = lh_json_get(object, lh_str_z(key));

    return lh_json_kind(value) == LH_JSON_STRING ? lh_json_str(value) : LH_STR("");
}

/* {"detail": ..., "scimType": ...} */
static void read_scim(const struct lh_json *root, struct lh_ws_problem *p)
{
    lh_str detail = text_of(root, "detail");
    lh_str type = text_of(root, "scimType");
    char code[32];

    lh_buf_reset(&p->message);
    put_words(&p->message, type);
    if (type.n)
        lh_buf_char(&p->message, ' ');
    put_words(&p->message, lh_str_eqz(detail, "null") ? LH_STR("SCIM API Internal Error") : detail);
    snprintf(code, sizeof code, "SCIM_%d", p->trouble.status);
    put_code(&p->trouble, lh_str_z(code));
}

static bool read_json(lh_str body, struct lh_ws_problem *p)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root;
    lh_str message;

    if (lh_json_scan(doc, body, &lh_json_page_limits, NULL) != LH_JSON_FINE)
        return false;
    root = lh_json_root(doc);
    if (lh_json_kind(root) != LH_JSON_OBJECT)
        return false;
    message = text_of(root, "error").n ? text_of(root, "error") : text_of(root, "message");
    put_code(&p->trouble, text_of(root, "error_code"));
    put_words(&p->message, message.n ? message : LH_STR("request failed"));
    if (lh_json_get(root, LH_STR("detail")))
        read_scim(root, p);
    return true;
}

/* "RESOURCE_DOES_NOT_EXIST: no such thing" */
static bool read_plain(lh_str body, struct lh_ws_problem *p)
{
    size_t n = 0;

    while (n < body.n && ((body.p[n] >= 'A' && body.p[n] <= 'Z') || body.p[n] == '_'))
        n++;
    if (n == 0 || n + 1 >= body.n || body.p[n] != ':' || body.p[n + 1] != ' ')
        return false;
    put_code(&p->trouble, lh_str_n(body.p, n));
    put_words(&p->message, lh_str_n(body.p + n + 2, body.n - n - 2));
    return true;
}

/* Where a text stands in another one, in any case of its letters; -1: nowhere. */
static ptrdiff_t find(lh_str in, size_t from, const char *what)
{
    size_t n = strlen(what);

    for (size_t i = from; i + n <= in.n; i++)
        if (strncasecmp(in.p + i, what, n) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static bool read_page(lh_str body, const char *open, const char *close, struct lh_ws_problem *p)
{
    ptrdiff_t begin = find(body, 0, open);
    ptrdiff_t end;

    if (begin < 0)
        return false;
    begin += (ptrdiff_t)strlen(open);
    end = find(body, (size_t)begin, close);
    if (end < 0)
        return false;
    put_words(&p->message, lh_str_n(body.p + begin, (size_t)(end - begin)));
    return p->message.n > 0;
}

static void read_words(lh_str body, struct lh_ws_problem *p)
{
    if (body.n == 0 || read_json(body, p) || read_plain(body, p) ||
        read_page(body, "<pre>", "</pre>", p) || read_page(body, "<title>", "</title>", p))
        return;
    lh_buf_z(&p->message, "the answer is not one of this interface: \"");
    put_words(&p->message, lh_str_n(body.p, body.n < 100 ? body.n : 100));
    lh_buf_char(&p->message, '"');
}

/* --- classes ---------------------------------------------------------------------------------- */

static const struct {
    const char *code;
    int exit;
} known[] = {
    {"ENDPOINT_NOT_FOUND", LH_FAILED}, /* the call does not exist, not the thing */
    {"FEATURE_DISABLED", LH_FAILED},
    {"INVALID_STATE", LH_INVALID},
    {"INVALID_PARAMETER_VALUE", LH_INVALID},
    {"MALFORMED_REQUEST", LH_INVALID},
    {"BAD_REQUEST", LH_INVALID},
    {"RESOURCE_DOES_NOT_EXIST", LH_NOT_FOUND},
    {"ABORTED", LH_CONFLICT},
    {"RESOURCE_CONFLICT", LH_CONFLICT},
    {"UNAUTHENTICATED", LH_REFUSED},
    {"PERMISSION_DENIED", LH_REFUSED},
    {"RESOURCE_EXHAUSTED", LH_UNREACHABLE},
    {"REQUEST_LIMIT_EXCEEDED", LH_UNREACHABLE},
    {"TEMPORARILY_UNAVAILABLE", LH_UNREACHABLE},
    {"DEADLINE_EXCEEDED", LH_UNREACHABLE},
    {"UNKNOWN", LH_FAILED},
    {"DATA_LOSS", LH_FAILED},
    {"INTERNAL_ERROR", LH_FAILED},
};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static int by_code(const char *code)
{
    for (size_t i = 0; i < LH_LEN(known); i++)
        if (strcmp(code, known[i].code) == 0)
            return known[i].exit;
    if (ends_with(code, "_DOES_NOT_EXIST") || ends_with(code, "NOT_FOUND"))
        return LH_NOT_FOUND;
    return ends_with(code, "ALREADY_EXISTS") ? LH_CONFLICT : 0;
}

static int by_status(int status)
{
    switch (status) {
    case 400:
        return LH_INVALID;
    case 401:
    case 403:
        return LH_REFUSED;
    case 404:
        return LH_NOT_FOUND;
    case 409:
        return LH_CONFLICT;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
        return LH_UNREACHABLE;
    default:
        return LH_FAILED;
    }
}

/* "Job 12 does not exist.", "Run: 12 in job: 3 doesn't exist": invalid by its code, absent in fact.
 */
static bool is_absent(lh_str path, const char *message)
{
    lh_str text = lh_str_z(message);

    if (find(path, 0, "/jobs/") < 0)
        return false;
    return (strncmp(message, "Job ", 4) == 0 || strncmp(message, "Run", 3) == 0) &&
           (find(text, 0, "does not exist") >= 0 || find(text, 0, "doesn't exist") >= 0);
}

void lh_ws_problem_read(lh_str path, int status, lh_str body, struct lh_ws_problem *ret)
{
    const char *message;

    ret->trouble = (struct lh_ws_trouble){.status = status};
    lh_buf_reset(&ret->message);
    read_words(body, ret);
    message = lh_buf_text(&ret->message);
    ret->code = by_code(ret->trouble.code);
    if (!ret->code)
        ret->code = by_status(status);
    if (status == 400 && is_absent(path, message))
        ret->code = LH_NOT_FOUND;
    ret->trouble.exists =
        ends_with(ret->trouble.code, "ALREADY_EXISTS") ||
        (ret->code == LH_CONFLICT && (strstr(message, "is already used by another pipeline") ||
                                      strstr(message, "already exists")));
    if (ret->trouble.exists)
        ret->code = LH_CONFLICT;
}
