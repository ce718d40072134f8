/* SPDX-License-Identifier: Apache-2.0 */
/* Retry rules: which one an answer matches, and how long to wait; see rules.h. */
#include "config.h"

#include "http/rules.h"

#include "base/glob.h"
#include "json/text.h"

#include <stdlib.h>

#define FIRST_WAIT_MS 500
#define MOST_WAIT_MS  30000
#define TOLD_JITTER   1000

/* A header and its pattern; or a JSON pointer and its value, a pattern when it is a text. */
struct test {
    const char *name;
    const char *pattern;
    const json_t *value; /* borrowed from the rules' own copy */
};

struct rule {
    int *status;
    size_t n_status;
    struct test *headers, *json;
    size_t n_headers, n_json;
    int64_t min_wait_ms, max_wait_ms; /* -1: none */
    const char *until;                /* a header; NULL: none */
    enum lh_http_unit unit;
    int give_up; /* LH_E_*; 0: no */
};

struct lh_http_rules {
    struct lh_arena arena;
    json_t **copies; /* what the rules borrow from */
    struct rule *rules;
    size_t n;
};

/* --- from the spec ---------------------------------------------------------------------------- */

static const struct {
    const char *word;
    int code;
} give_ups[] = {
    {"auth", LH_E_AUTH},           {"denied", LH_E_DENIED},
    {"not_found", LH_E_NOT_FOUND}, {"throttled", LH_E_THROTTLED},
    {"data", LH_E_DATA},           {"unavailable", LH_E_UNAVAILABLE},
    {"option", LH_E_OPTION},       {"unsupported", LH_E_UNSUPPORTED},
    {"offset", LH_E_OFFSET},
};

static int give_up_code(const char *word)
{
    for (size_t i = 0; word && i < LH_LEN(give_ups); i++)
        if (strcmp(word, give_ups[i].word) == 0)
            return give_ups[i].code;
    return 0;
}

static enum lh_http_unit unit_of(const char *word)
{
    static const char *const words[] = {
        [LH_HTTP_EPOCH_S] = "epoch_s",
        [LH_HTTP_EPOCH_MS] = "epoch_ms",
        [LH_HTTP_SECONDS] = "seconds",
        [LH_HTTP_DATE] = "http_date",
    };
    size_t i = 0;

    while (word && i + 1 < LH_LEN(words) && strcmp(words[i], word) != 0)
        i++;
    return (enum lh_http_unit)i;
}

static struct test *take_tests(struct lh_arena *arena, const json_t *map, size_t *ret_n)
{
    struct test *tests = lh_arena_alloc(arena, (json_object_size(map) + 1) * sizeof *tests);
    void *at = json_object_iter((json_t *)(uintptr_t)map);
    size_t n = 0;

    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)map, at)) {
        tests[n].name = json_object_iter_key(at);
        tests[n].value = json_object_iter_value(at);
        tests[n].pattern = json_string_value(tests[n].value);
        n++;
    }
    *ret_n = n;
    return tests;
}

static int64_t int_or_none(const json_t *value)
{
    return value ? json_integer_value(value) : -1;
}

static void take_rule(struct lh_arena *arena, const json_t *from, struct rule *to)
{
    const json_t *status = json_object_get(from, "status");
    const json_t *until = json_object_get(from, "until");

    to->n_status = json_array_size(status);
    to->status = lh_arena_alloc(arena, (to->n_status + 1) * sizeof *to->status);
    for (size_t i = 0; i < to->n_status; i++)
        to->status[i] = (int)json_integer_value(json_array_get(status, i));
    to->headers = take_tests(arena, json_object_get(from, "header"), &to->n_headers);
    to->json = take_tests(arena, json_object_get(from, "json"), &to->n_json);
    to->min_wait_ms = int_or_none(json_object_get(from, "min_wait_ms"));
    to->max_wait_ms = int_or_none(json_object_get(from, "max_wait_ms"));
    to->until = json_string_value(json_object_get(until, "header"));
    to->unit = unit_of(json_string_value(json_object_get(until, "unit")));
    to->give_up = give_up_code(json_string_value(json_object_get(from, "give_up")));
}

struct lh_http_rules *lh_http_rules_new(const struct lh_spec *spec)
{
    struct lh_http_rules *rules = lh_xcalloc(1, sizeof *rules);

    rules->n = spec ? spec->n_retry : 0;
    rules->rules = lh_arena_alloc(&rules->arena, (rules->n + 1) * sizeof *rules->rules);
    rules->copies = lh_arena_alloc(&rules->arena, (rules->n + 1) * sizeof(json_t *));
    for (size_t i = 0; i < rules->n; i++) {
        rules->copies[i] = json_deep_copy(spec->retry[i].rule);
        take_rule(&rules->arena, rules->copies[i], &rules->rules[i]);
    }
    return rules;
}

void lh_http_rules_destroy(struct lh_http_rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->n; i++)
        json_decref(rules->copies[i]);
    lh_arena_free(&rules->arena);
    free(rules);
}

/* --- values in the body ----------------------------------------------------------------------- */

/* One reference token of a JSON pointer, unescaped into `to`. *at begins behind its '/'. */
static void take_token(const char **at, struct lh_buf *to)
{
    for (; **at && **at != '/'; (*at)++) {
        char c = **at;

        if (c == '~' && ((*at)[1] == '0' || (*at)[1] == '1'))
            c = *++*at == '0' ? '~' : '/';
        lh_buf_char(to, c);
    }
}

static const struct lh_json *element(const struct lh_json *array, const char *index)
{
    const struct lh_json *at = NULL;
    char *end = NULL;
    unsigned long n = strtoul(index, &end, 10);

    if (index[0] < '0' || index[0] > '9' || *end || n >= lh_json_count(array))
        return NULL;
    do
        at = lh_json_next(array, at, NULL);
    while (n--);
    return at;
}

static const struct lh_json *at_pointer(const struct lh_json *value, const char *pointer)
{
    while (*pointer == '/' && value) {
        lh_auto(lh_buf) token = LH_BUF_INIT(LH_BUF_TEXT);

        pointer++;
        take_token(&pointer, &token);
        value = lh_json_kind(value) == LH_JSON_ARRAY ? element(value, lh_buf_text(&token))
                                                     : lh_json_get(value, lh_buf_slice(&token));
    }
    return value;
}

static bool number_equals(const struct lh_json *value, const json_t *wanted)
{
    char *text lh_autofree = NULL;
    int64_t whole;
    lh_str raw = lh_json_raw(value);

    if (lh_json_kind(value) != LH_JSON_NUMBER)
        return false;
    if (json_is_integer(wanted))
        return lh_json_i64(value, &whole) == 0 && whole == json_integer_value(wanted);
    text = lh_xmemdup0(raw.p, raw.n);
    return !(lh_text_to_real(text) < json_real_value(wanted)) &&
           !(lh_text_to_real(text) > json_real_value(wanted));
}

static bool value_matches(const struct lh_json *value, const struct test *test)
{
    int kind = lh_json_kind(value);

    if (test->pattern && strcmp(test->pattern, "*") == 0)
        return kind != LH_JSON_NONE && kind != LH_JSON_NULL;
    if (test->pattern)
        return kind >= LH_JSON_FALSE && kind <= LH_JSON_STRING &&
               lh_glob_match(lh_str_z(test->pattern), lh_json_str(value));
    if (json_is_number(test->value))
        return number_equals(value, test->value);
    return kind == (json_is_null(test->value)   ? LH_JSON_NULL
                    : json_is_true(test->value) ? LH_JSON_TRUE
                                                : LH_JSON_FALSE);
}

/* --- matching --------------------------------------------------------------------------------- */

/* The answer, and its body once it was parsed for a rule. */
struct look {
    const struct lh_http_view *answer;
    const struct lh_json *json;
    struct lh_json_doc *doc; /* NULL: not parsed here */
};

static void look_free(struct look *look)
{
    lh_json_doc_destroy(look->doc);
}

static const struct lh_json *body_of(struct look *look)
{
    if (!look->json && !look->doc) {
        look->doc = lh_json_doc_new();
        if (lh_json_scan(look->doc, look->answer->body, &lh_json_page_limits, NULL) == LH_JSON_FINE)
            look->json = lh_json_root(look->doc);
    }
    return look->json;
}

static bool status_matches(const struct rule *rule, int status)
{
    for (size_t i = 0; i < rule->n_status; i++)
        if (rule->status[i] == status)
            return true;
    return rule->n_status == 0;
}

static bool matches(const struct rule *rule, struct look *look)
{
    if (!status_matches(rule, look->answer->status))
        return false;
    for (size_t i = 0; i < rule->n_headers; i++) {
        lh_str value = lh_http_headers_get(look->answer->headers, rule->headers[i].name);

        if (!value.p || !lh_glob_match(lh_str_z(rule->headers[i].pattern), value))
            return false;
    }
    for (size_t i = 0; i < rule->n_json; i++)
        if (!value_matches(at_pointer(body_of(look), rule->json[i].name), &rule->json[i]))
            return false;
    return true;
}

/* --- deciding --------------------------------------------------------------------------------- */

static int code_of_status(int status)
{
    static const struct {
        int status, code;
    } codes[] = {
        {401, LH_E_AUTH},        {402, LH_E_DENIED},      {403, LH_E_DENIED},
        {404, LH_E_NOT_FOUND},   {408, LH_E_UNAVAILABLE}, {410, LH_E_NOT_FOUND},
        {423, LH_E_UNAVAILABLE}, {425, LH_E_UNAVAILABLE}, {429, LH_E_THROTTLED},
        {451, LH_E_DENIED},      {501, LH_E_UNSUPPORTED},
    };

    for (size_t i = 0; i < LH_LEN(codes); i++)
        if (codes[i].status == status)
            return codes[i].code;
    return status >= 500 ? LH_E_UNAVAILABLE : LH_E_DATA;
}

static bool is_asked_again(int status)
{
    return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
           status == 503 || status == 504;
}

/* What it is when the retries are used up: a 403 that a rule asks again was a limit. */
static int code_of_again(int status)
{
    int code = code_of_status(status);

    if (code == LH_E_DENIED)
        return LH_E_THROTTLED;
    return code == LH_E_DATA ? LH_E_UNAVAILABLE : code;
}

static int64_t told_by(const struct rule *rule, const struct lh_http_headers *h, int64_t now_ms)
{
    int64_t told = lh_http_retry_after(h, now_ms);
    int64_t until = -1;

    if (rule && rule->until)
        until = lh_http_wait_for(h, lh_http_headers_get(h, rule->until), rule->unit, now_ms);
    return until > told ? until : told;
}

static void ask_again(const struct rule *rule, const struct lh_http_view *answer, int64_t now_ms,
                      struct lh_http_decision *ret)
{
    bool is_ruled = rule && rule->min_wait_ms > 0;

    *ret = (struct lh_http_decision){
        .verdict = LH_HTTP_AGAIN,
        .code = code_of_again(answer->status),
        .least_ms = is_ruled ? rule->min_wait_ms : 0,
        .most_ms = rule ? rule->max_wait_ms : -1,
        .told_ms = told_by(rule, answer->headers, now_ms),
    };
    ret->slow_down = is_ruled || ret->told_ms > 0 || answer->status == 429;
}

void lh_http_decide(const struct lh_http_rules *rules, const struct lh_http_view *answer,
                    int64_t now_ms, struct lh_http_decision *ret)
{
    lh_auto(look) look = {.answer = answer, .json = answer->json};
    const struct rule *rule = NULL;

    for (size_t i = 0; i < rules->n && !rule; i++)
        if (matches(&rules->rules[i], &look))
            rule = &rules->rules[i];
    if (rule && rule->give_up)
        *ret = (struct lh_http_decision){LH_HTTP_GIVE_UP, rule->give_up, 0, -1, -1, false};
    else if (rule || is_asked_again(answer->status))
        ask_again(rule, answer, now_ms, ret);
    else
        *ret = (struct lh_http_decision){LH_HTTP_TAKE, code_of_status(answer->status), 0, -1, -1,
                                         false};
}

void lh_http_decide_lost(struct lh_http_decision *ret)
{
    *ret = (struct lh_http_decision){LH_HTTP_AGAIN, LH_E_UNAVAILABLE, 0, -1, -1, false};
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* How much longer than `least` a wait may be. */
static int64_t spread_of(const struct lh_http_decision *d, unsigned attempt)
{
    int64_t least = d->least_ms > 0 ? d->least_ms : 0;
    int64_t step = least > FIRST_WAIT_MS ? least : FIRST_WAIT_MS;
    int64_t most = least * 8 > MOST_WAIT_MS ? least * 8 : MOST_WAIT_MS;
    unsigned doubled = attempt > 1 ? attempt - 1 : 0;
    int64_t spread = (step << (doubled < 16 ? doubled : 16)) - least;

    if (d->told_ms > 0)
        return d->told_ms / 10 < TOLD_JITTER ? d->told_ms / 10 : TOLD_JITTER;
    if (d->most_ms >= 0)
        most = d->most_ms;
    if (spread < FIRST_WAIT_MS)
        spread = FIRST_WAIT_MS;
    if (spread > most - least)
        spread = most - least;
    return spread > 0 ? spread : 0;
}

int64_t lh_http_wait_ms(const struct lh_http_decision *decision, unsigned attempt, uint32_t random)
{
    int64_t floor = decision->least_ms > decision->told_ms ? decision->least_ms : decision->told_ms;
    uint64_t room = (uint64_t)spread_of(decision, attempt) + 1;

    return (floor > 0 ? floor : 0) + (int64_t)((room * random) >> 32);
}
