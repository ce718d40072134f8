/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to do about an answer: the retry rules of a spec, and those that hold without any.
 *
 * In: status, headers and body of a complete answer. Out: take it, ask again (after how long), or
 * give up at once; and, for http_fail, the code and the words. Pure: nothing here waits, counts
 * attempts or knows whether a request may be repeated; that is the retry loop's business.
 *
 * The spec's rules come first, in the order they stand; the first one that matches decides. A rule
 * matches when the status is in its list, each header is there and matches its pattern, and each
 * JSON pointer leads to a value that does (the pattern "*" alone matches all but null). Rules for
 * 2xx are legal: PI answers 200 with a WebException in the body.
 *
 * Without a match: 408, 425, 429, 500, 502, 503, 504 are asked again; all else is taken as it is.
 */
#ifndef LH_HTTP_RULES_H
#define LH_HTTP_RULES_H

#include "http/headers.h"
#include "plugin/spec.h"
#include "json/json.h"

/* An answer as the rules see it. */
struct lh_http_view {
    int status;
    const struct lh_http_headers *headers;
    lh_str body;
    const struct lh_json
        *json; /* the body when it was parsed; NULL: the rules parse it if need be */
};

enum lh_http_verdict {
    LH_HTTP_TAKE,   /* hand it on */
    LH_HTTP_AGAIN,  /* ask again after lh_http_wait_ms() */
    LH_HTTP_GIVE_UP /* hand it on although the status would be asked again: it is no use */
};

struct lh_http_decision {
    enum lh_http_verdict verdict;
    int code;         /* what http_fail makes of the answer: LH_E_*; never 0 */
    int64_t least_ms; /* AGAIN: no wait is shorter */
    int64_t most_ms;  /* AGAIN: no wait of the host's own making is longer; -1: the default */
    int64_t told_ms;  /* AGAIN: the wait that the source asks for; -1: it does not say. 0 is no
                         permission to hammer: the usual backoff goes on top of it */
    bool slow_down;   /* AGAIN: 429, or a wait that was told or is ruled: others that use the same
                         bucket wait too (lh_bucket_pause) */
};

struct lh_http_rules;

/* The rules of a spec that was checked; it may go afterwards. NULL: the default rules only. */
struct lh_http_rules *lh_http_rules_new(const struct lh_spec *spec);
void lh_http_rules_destroy(struct lh_http_rules *rules);
LH_AUTOPTR(lh_http_rules, lh_http_rules_destroy)

/* now_ms: wall clock. Rules may be used by several threads at once. */
void lh_http_decide(const struct lh_http_rules *rules, const struct lh_http_view *answer,
                    int64_t now_ms, struct lh_http_decision *ret);

/* The same for a request without an answer (connection refused or lost, timed out). */
void lh_http_decide_lost(struct lh_http_decision *ret);

/*
 * How long to wait behind attempt `attempt` (the first is 1) before the next: at least what was
 * told and ruled, and a random part on top (full jitter) so that the whole is up to 500 ms, or what
 * is ruled when that is longer, doubled with each attempt behind the first; at most `most_ms` (30
 * s, or 8 times least_ms when that is longer). Where the source told a wait, the random part is at
 * most a tenth of it and at most 1 s, and nothing cuts the wait. `random` is any 32 random bits.
 */
int64_t lh_http_wait_ms(const struct lh_http_decision *decision, unsigned attempt, uint32_t random);

/*
 * What http_fail says about an answer: "403 Forbidden: Resource not accessible by personal access
 * token; the credentials are good but ..." (at most about 600 bytes). The source's own words are
 * found in the usual places of JSON errors, cut, and put on one line. Not redacted: the caller
 * passes it through lh_log_redact. Appends; the decision is the one made for this answer.
 */
void lh_http_explain(const struct lh_http_view *answer, const struct lh_http_decision *decision,
                     int64_t now_ms, struct lh_buf *to);

#endif
