/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attempts: whether a request is sent again, when, and what is handed out when the budget is spent.
 * What an answer means is the rules' knowledge (rules.h), how one attempt goes is flight.c's.
 *
 * Sent again are GET, HEAD and what the connector calls repeatable; anything else only when the
 * source cannot have acted on it: no connection came about, or it said 429.
 */
#include "config.h"

#include "http/internal.h"

#include <stdlib.h>
#include <sys/random.h>

int lh_http_pause(int64_t ms, const struct lh_patience *patience, struct lh_error *e)
{
    struct lh_deadline until = lh_deadline_earlier(lh_deadline_in(ms), patience->deadline);

    if (!lh_sleep_until(until, patience->fd))
        return lh_http_error(e, LH_E_CANCELLED, "interrupted");
    if (lh_deadline_passed(patience->deadline))
        return lh_http_error(e, LH_E_CANCELLED, "the time of --timeout is over");
    return 0;
}

void lh_http_request_show(const struct lh_http_client *client,
                          const struct lh_http_request *request, struct lh_buf *to)
{
    lh_auto(lh_buf) url = LH_BUF_INIT(2 * LH_URL_BYTES);
    lh_auto(lh_buf) shown = LH_BUF_INIT(4 * LH_URL_BYTES);

    if (request->url.n && request->url.p[0] == '/')
        lh_buf_str(&url, lh_buf_slice(&client->base));
    lh_buf_str(&url, lh_str_n(request->url.p,
                              request->url.n < LH_URL_BYTES ? request->url.n : LH_URL_BYTES));
    lh_http_show_url(&shown, lh_buf_slice(&url));
    lh_buf_f(to, "%.*s ", LH_STR_ARG(request->method));
    if (client->engine->settings.log)
        lh_log_redact(client->engine->settings.log, lh_buf_slice(&shown), to);
    else
        lh_buf_str(to, lh_buf_slice(&shown));
}

/* --- one request ------------------------------------------------------------------------------ */

struct course {
    struct lh_http_client *client;
    const struct lh_http_request *request;
    const struct lh_patience *patience;
    struct lh_http_budget *budget;
    struct lh_http_answer *last; /* the last answer there was */
    bool has_renewed;            /* credentials, once */
};

static void course_free(struct course *c)
{
    if (c->last)
        lh_http_answer_unref(c->last);
}

bool lh_http_is_repeatable(const struct lh_http_request *r)
{
    return (r->flags & LH_HTTP_REPEATABLE) || lh_str_eqz(r->method, "GET") ||
           lh_str_eqz(r->method, "HEAD");
}

static uint32_t random_bits(void)
{
    uint32_t bits = 0;

    /* without randomness the wait is the shortest one: still a wait */
    return getrandom(&bits, sizeof bits, GRND_NONBLOCK) == sizeof bits ? bits : 0;
}

/* One attempt. `flight` may be under way already, and is ended. */
static int attempt(struct course *c, struct lh_flight *flight, struct lh_landing *ret,
                   struct lh_error *e)
{
    lh_autoptr(lh_flight) f = flight;
    int code = 0;

    *ret = (struct lh_landing){0};
    c->budget->attempts++;
    if (!f) {
        code = lh_flight_begin(c->client, c->request, c->budget->attempts, c->patience, &f, e);
        ret->again = code == LH_E_UNAVAILABLE; /* the token endpoint; the source was not asked */
    }
    lh_http_decide_lost(&ret->decision);
    if (!code)
        code = lh_flight_land(f, c->patience, ret, e);
    if (ret->answer) {
        if (c->last)
            lh_http_answer_unref(c->last);
        c->last = ret->answer;
        c->last->attempts = c->budget->attempts;
    }
    return code;
}

/* Whether another attempt makes sense, whatever the budget says. */
static bool wants_again(const struct course *c, int code, const struct lh_landing *landing)
{
    if (code)
        return landing->again && (lh_http_is_repeatable(c->request) || !landing->may_be_processed);
    return landing->decision.verdict == LH_HTTP_AGAIN &&
           (lh_http_is_repeatable(c->request) || landing->answer->status == 429);
}

/* Whether the budget has room for a wait of this length, which is then counted. */
static bool take_wait(struct course *c, int64_t ms)
{
    const struct lh_http_settings *s = &c->client->engine->settings;

    if (c->budget->attempts > (unsigned)s->retries || ms > s->budget_ms - c->budget->waited_ms ||
        ms >= lh_deadline_left(c->patience->deadline))
        return false;
    c->budget->waited_ms += ms;
    return true;
}

static void say_wait(const struct course *c, int64_t ms, int code, const struct lh_error *why)
{
    struct lh_log *log = c->client->engine->settings.log;
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);

    if (!lh_log_wants(log, LH_LOG_INFO))
        return;
    lh_buf_f(&line, "%s: ", c->client->spec->name);
    lh_http_request_show(c->client, c->request, &line);
    if (code)
        lh_buf_f(&line, ": %s", lh_error_text(why));
    else
        lh_buf_f(&line, ": %d", c->last->status);
    lh_buf_f(&line, "; attempt %u follows in %" PRId64 " ms", c->budget->attempts + 1, ms);
    lh_log_write(log, LH_LOG_INFO, lh_buf_slice(&line));
}

/* The answer that there was, or why there is none. */
static int hand_out(struct course *c, int code, struct lh_http_answer **ret, struct lh_error *e)
{
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);

    if (c->last && (!code || code == LH_E_UNAVAILABLE || code == LH_E_THROTTLED)) {
        *ret = lh_take(c->last);
        if (e)
            lh_error_free(e);
        return 0;
    }
    lh_http_request_show(c->client, c->request, &what);
    if (c->budget->attempts > 1)
        lh_buf_f(&what, " (%u attempts)", c->budget->attempts);
    lh_error_wrap(e, "%s", lh_buf_text(&what));
    return code;
}

int lh_http_client_send(struct lh_http_client *client, const struct lh_http_request *request,
                        struct lh_flight *first, const struct lh_patience *patience,
                        struct lh_http_budget *budget, struct lh_http_answer **ret,
                        struct lh_error *e)
{
    __attribute__((cleanup(course_free))) struct course c = {client, request, patience,
                                                             budget, NULL,    false};
    struct lh_landing landing;

    for (;;) {
        lh_auto(lh_error) why = LH_ERROR_INIT;
        int code = attempt(&c, lh_take(first), &landing, &why);
        int64_t ms;

        if (landing.renewed && !c.has_renewed) {
            c.has_renewed = true;
            continue;
        }
        ms = lh_http_wait_ms(&landing.decision, budget->attempts, random_bits());
        if (!wants_again(&c, code, &landing) || !take_wait(&c, ms)) {
            lh_error_move(e, &why);
            return hand_out(&c, code, ret, e);
        }
        say_wait(&c, ms, code, &why);
        if ((code = lh_http_pause(ms, patience, e)))
            return hand_out(&c, code, ret, e);
    }
}
