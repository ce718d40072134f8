/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that is a failure, in words; see rules.h. Nothing here decides anything. */
#include "config.h"

#include "http/rules.h"

#include "base/utf8.h"

#include <inttypes.h>

#define WORDS_MAX 300 /* of the source's own text */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {423, "Locked"},
        {429, "Too Many Requests"},
        {451, "Unavailable For Legal Reasons"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < LH_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

/* --- the source's own words ------------------------------------------------------------------- */

/* Where sources say what went wrong; a step into an array is its first element. */
static const char *const places[][3] = {
    {"message"},
    {"error", "message"},
    {"error_description"},
    {"errors", "", "message"},
    {"detail"},
    {"description"},
    {"Message"},
    {"errors", ""},
    {"Errors", ""},
    {"WebException", "Errors", ""},
    {"title"},
    {"error", "type"},
    {"error"},
};

static lh_str words_at(const struct lh_json *value, const char *const path[3])
{
    for (size_t i = 0; i < 3 && path[i]; i++)
        value = lh_json_kind(value) == LH_JSON_ARRAY ? lh_json_next(value, NULL, NULL)
                                                     : lh_json_get(value, lh_str_z(path[i]));
    return lh_json_kind(value) == LH_JSON_STRING ? lh_json_str(value) : LH_STR("");
}

static lh_str words_of(const struct lh_json *json)
{
    for (size_t i = 0; i < LH_LEN(places); i++) {
        lh_str words = words_at(json, places[i]);

        if (words.n)
            return words;
    }
    return LH_STR("");
}

/* On one line, without what is no text, cut at a character. */
static void put_words(struct lh_buf *to, lh_str words)
{
    bool is_blank = true;
    bool is_cut = words.n > WORDS_MAX;

    if (is_cut)
        words.n = WORDS_MAX;
    words.n = lh_utf8_valid_prefix(words);
    if (words.n)
        lh_buf_z(to, ": ");
    for (size_t i = 0; i < words.n; i++) {
        bool blank = (unsigned char)words.p[i] <= ' ' || words.p[i] == 0x7f;

        if (!blank)
            lh_buf_char(to, words.p[i]);
        else if (!is_blank)
            lh_buf_char(to, ' ');
        is_blank = blank;
    }
    while (to->n && to->p[to->n - 1] == ' ')
        lh_buf_cut(to, to->n - 1);
    if (is_cut)
        lh_buf_z(to, " ...");
}

/* A body that is no JSON: a line of text, but no page for browsers. */
static lh_str plain_words(lh_str body)
{
    size_t at = 0;

    while (at < body.n && strchr(" \t\r\n", body.p[at]))
        at++;
    if (at == body.n || strchr("<{[", body.p[at]) || memchr(body.p, 0, body.n))
        return LH_STR("");
    return lh_str_n(body.p + at, body.n - at);
}

static void put_source_words(struct lh_buf *to, const struct lh_http_view *answer)
{
    lh_autoptr(lh_json_doc) doc = NULL;
    const struct lh_json *json = answer->json;

    if (!json) {
        doc = lh_json_doc_new();
        (void)lh_json_scan(doc, answer->body, &lh_json_page_limits, NULL);
        json = lh_json_root(doc);
    }
    put_words(to, json ? words_of(json) : plain_words(answer->body));
}

/* --- what to do ------------------------------------------------------------------------------- */

static const char *advice(const struct lh_http_view *answer, int code)
{
    switch (code) {
    case LH_E_AUTH:
        return "the source refuses the credentials: check that they are right and have not expired";
    case LH_E_DENIED:
        return "the credentials are good, but a right or scope is missing: ask for it, or leave "
               "this out";
    case LH_E_NOT_FOUND:
        return "check the names; some sources say this too when a right is missing";
    case LH_E_THROTTLED:
        return "the quota is used up: try again later";
    case LH_E_UNAVAILABLE:
        return "the source is not available: try again later";
    case LH_E_OPTION:
        return "check the options";
    case LH_E_OFFSET:
        return "the stored offset is of no use any more: begin again without it";
    case LH_E_UNSUPPORTED:
        return "the source does not offer this";
    default:
        return answer->status < 400 ? "the answer is not what it should be"
                                    : "the source does not take the request as it is";
    }
}

void lh_http_explain(const struct lh_http_view *answer, const struct lh_http_decision *decision,
                     int64_t now_ms, struct lh_buf *to)
{
    const char *reason = reason_of(answer->status);
    int64_t told = lh_http_retry_after(answer->headers, now_ms);

    if (decision->told_ms > told)
        told = decision->told_ms;
    if (decision->code == LH_E_THROTTLED && decision->least_ms > told)
        told = decision->least_ms;
    lh_buf_f(to, "%d%s%s", answer->status, reason[0] ? " " : "", reason);
    put_source_words(to, answer);
    lh_buf_z(to, "; ");
    if (decision->code == LH_E_THROTTLED && told > 0)
        lh_buf_f(to, "wait %" PRId64 " s, or use fewer --jobs", (told + 999) / 1000);
    else if (decision->code == LH_E_UNAVAILABLE && told > 0)
        lh_buf_f(to, "the source is not available: try again in %" PRId64 " s",
                 (told + 999) / 1000);
    else
        lh_buf_z(to, advice(answer, decision->code));
}
