/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP, once, for every connector and for the workspace client.
 *
 * In: a request that is relative to a source's base, or absolute. Out: the answer, after sign-in,
 * waits for rate limits, redirects and retries; or why there is none. The layers, outermost first:
 *
 *     session    one for each connector instance: prefetches, guard against pages that repeat
 *     client     one for each source: answer cache, recording, retry loop, rate buckets, sign-in,
 *                guard of origins, redirects
 *     engine     one for each process: the I/O thread with its connections, log and trace
 *
 * An engine and a client are used by many threads, a session by one at a time. A thread that waits
 * is woken by its deadline and by a descriptor (of struct lh_signals); the transfer is cancelled
 * then.
 *
 * RESULTS. What can fail returns 0 or an LH_E_* of connector.h, with `e` set; its code is the exit
 * code that lh_result_exit gives for it:
 *
 *     LH_E_RULE         the request is not one that may be sent: origin, header, method, scheme
 *     LH_E_OPTION       the source's options do not make a URL, a sign-in, a TLS setting
 *     LH_E_AUTH         the sign-in failed (token endpoint)
 *     LH_E_THROTTLED    its bucket has no place before the deadline or the end of the budget
 *     LH_E_UNAVAILABLE  no connection, no name, no trust, cut off, too slow
 *     LH_E_CANCELLED    the descriptor woke it, or the deadline has passed
 *     LH_E_LIMIT        the body is larger than allowed, or grew too much by decompression
 *     LH_E_DATA         the source repeats itself, redirects in circles or to nowhere
 *
 * An answer of the source is an answer whatever its status: 404 is no failure here. With the budget
 * of retries spent it is the last one there was.
 *
 * Messages name method and URL without secrets, and say what to do.
 */
#ifndef LH_HTTP_HTTP_H
#define LH_HTTP_HTTP_H

#include "base/deadline.h"
#include "base/log.h"
#include "http/bucket.h"
#include "http/headers.h"
#include "plugin/spec.h"

#define LH_HTTP_BODY_DEFAULT ((uint64_t)16 << 20) /* of an answer, after decoding */
#define LH_HTTP_BODY_MAX     ((uint64_t)64 << 20) /* whatever a request asks for */
#define LH_HTTP_RETRIES      4                    /* after the first attempt */
#define LH_HTTP_BUDGET_MS                                                                          \
    ((int64_t)300000)              /* of all waits between attempts of a request, and              \
                                      of one wait for a place in its bucket */
#define LH_HTTP_TIMEOUT_MS 120000u /* of one attempt */
#define LH_HTTP_HOPS       5u      /* redirects that are followed */

/* --- the engine ------------------------------------------------------------------------------- */

struct lh_http_engine;

/* Zero is the default everywhere. Text is copied. */
struct lh_http_settings {
    struct lh_log *log;     /* never NULL: requests at level debug; knows the secrets */
    const char *cacert;     /* PEM file to trust instead of the system's certificates */
    const char *trace_file; /* requests as JSON Lines; "" or NULL: none */
    const char *record_dir; /* answers are kept here; */
    const char *replay_dir; /* or come from here, and nothing is sent. Not both. */
    const char *proxy;      /* URL; "environment": https_proxy, no_proxy and kin; NULL: none */
    const char *const *plain_hosts; /* hosts that may be spoken to without TLS, besides loopback */
    size_t n_plain_hosts;
    const char *rotation_file; /* refresh tokens that the source replaced; NULL: not kept */
    int64_t as_of_ms, now_ms;  /* of the run, for a recording */
    int retries;               /* LH_HTTP_RETRIES when negative; 0 is none */
    int64_t budget_ms;         /* LH_HTTP_BUDGET_MS */
    uint32_t timeout_ms;       /* LH_HTTP_TIMEOUT_MS */
    uint32_t stall_ms; /* a body that brings less than 100 bytes a second for this long: 30 s */
};

/*
 * Files and folders are opened here, the I/O thread starts with the first transfer. LH_E_OPTION
 * for a file that cannot be used. curl_global_init is the program's (main.c).
 */
int lh_http_engine_new(const struct lh_http_settings *settings, struct lh_http_engine **ret,
                       struct lh_error *e);

/* Ends the thread; no client may be left. */
void lh_http_engine_destroy(struct lh_http_engine *engine);
LH_AUTOPTR(lh_http_engine, lh_http_engine_destroy)

/* Whether answers come from a recording: waits are skipped then. */
bool lh_http_engine_replays(const struct lh_http_engine *engine);

/*
 * With a recording, made or replayed: true, and the horizon and the clock that the run must go by.
 * The clock stands still, and is moved by sleeps only.
 */
bool lh_http_engine_clock(const struct lh_http_engine *engine, int64_t *ret_as_of_ms,
                          int64_t *ret_now_ms);

/* --- the client ------------------------------------------------------------------------------- */

struct lh_http_client;

/*
 * A client for one source: base, origins, headers, sign-in, limits, retry rules and TLS options of
 * the spec with the values of `opts` (finished). All three must live longer. Nothing can fail here:
 * options that make no URL are reported with the first request.
 */
struct lh_http_client *lh_http_client_new(struct lh_http_engine *engine, const struct lh_spec *spec,
                                          const struct lh_opts *opts);
void lh_http_client_destroy(struct lh_http_client *client);
LH_AUTOPTR(lh_http_client, lh_http_client_destroy)

/*
 * Credentials that are not in a spec: apply puts them into the headers of a request to the base and
 * the origins with sign-in, renew answers whether there are new ones after a 401, as
 * lh_sign_in_apply and lh_sign_in_renew do. Both answer an enum lh_code, and come from any thread.
 */
struct lh_http_signer {
    int (*apply)(void *context, const struct lh_patience *patience, struct lh_http_headers *headers,
                 uint64_t *ret_serial, struct lh_error *e);
    int (*renew)(void *context, uint64_t serial, const struct lh_patience *patience,
                 bool *ret_again, struct lh_error *e);
    void *context; /* lives as long as the client */
};

/* In place of the spec's sign-in, before the first request. */
void lh_http_client_set_signer(struct lh_http_client *client, const struct lh_http_signer *signer);

struct lh_http_engine *lh_http_client_engine(const struct lh_http_client *client);

/* --- requests and answers --------------------------------------------------------------------- */

/* Borrowed while the call lasts. As struct lh_http_req of connector.h, which explains it. */
struct lh_http_request {
    lh_str method, url;
    lh_str body, content_type;
    const struct lh_header *headers;
    size_t n_headers;
    lh_str bucket, bucket_key;
    uint32_t timeout_ms, cache_ms;
    uint64_t max_bytes;
    uint32_t flags; /* LH_HTTP_* of connector.h */
};

/*
 * Whether it may be sent: rule 17 and the method. LH_E_RULE names what is wrong, never its value. A
 * session does not ask; whoever passes on what others wrote does.
 */
int lh_http_request_check(const struct lh_http_request *request, struct lh_error *e);

/* A copy in one block, for free(). */
struct lh_http_request *lh_http_request_copy(const struct lh_http_request *request);

/* Counted: the cache, a session and a service may hold the same one. Read only. */
struct lh_http_answer {
    unsigned refs; /* atomic */
    int status;
    struct lh_http_headers headers; /* without Set-Cookie */
    struct lh_buf body;             /* decoded; NUL behind */
    struct lh_buf final_url;        /* after redirects, without what the sign-in put in */
    int64_t retry_after_ms;         /* -1: none */
    unsigned attempts;              /* how often it was sent; 0: replayed */
    struct lh_http_engine *engine;  /* where the body's memory goes back to; may be NULL */
};

struct lh_http_answer *lh_http_answer_ref(struct lh_http_answer *answer);
void lh_http_answer_unref(struct lh_http_answer *answer);
LH_AUTOPTR(lh_http_answer, lh_http_answer_unref)

/* What a request has used of its retries; begins as zero, and goes on with lh_http_session_again.
 */
struct lh_http_budget {
    unsigned attempts; /* so far */
    int64_t waited_ms; /* between them */
};

/*
 * One GET of an absolute URL, as it is, for discovery: nothing signed, no redirect followed, not
 * repeated, up to 64 KiB. Any complete answer is 0. An enum lh_code, not an LH_E_*.
 */
int lh_http_client_peek(struct lh_http_client *client, lh_str url,
                        const struct lh_patience *patience, struct lh_http_answer **ret,
                        struct lh_error *e);

/* --- the session ------------------------------------------------------------------------------ */

struct lh_http_session;

struct lh_http_session *lh_http_session_new(struct lh_http_client *client);
void lh_http_session_destroy(struct lh_http_session *session);
LH_AUTOPTR(lh_http_session, lh_http_session_destroy)

/*
 * Begins a new call of the connector: what is being fetched in advance stays, the guard against
 * repeated pages counts anew.
 */
void lh_http_session_begin(struct lh_http_session *session);

/* The connector has waited: asking for the same thing again is then polling, not going in circles.
 */
void lh_http_session_slept(struct lh_http_session *session);

/* Drops what is being fetched in advance: the connector was cancelled. */
void lh_http_session_drop(struct lh_http_session *session);

/* Sends a request and waits for its answer, to be unreferenced. budget may be NULL. */
int lh_http_session_send(struct lh_http_session *session, const struct lh_http_request *request,
                         const struct lh_patience *wait, struct lh_http_budget *budget,
                         struct lh_http_answer **ret, struct lh_error *e);

/*
 * Starts a request whose answer an equal send takes later. Up to `concurrent` of its bucket are on
 * their way at once, further ones (LH_HTTP_AHEAD at most) start as those are taken. What can not be
 * started without waiting, or may not be repeated, is left for the send.
 */
#define LH_HTTP_AHEAD 64u
void lh_http_session_prefetch(struct lh_http_session *session,
                              const struct lh_http_request *request);

/*
 * Sends a request once more, at least wait_ms after now, in the same budget. With the budget spent:
 * LH_E_THROTTLED for 429 and what the rules call so, else LH_E_UNAVAILABLE, with `why` in the
 * message. `before` is the answer that is not good enough.
 */
int lh_http_session_again(struct lh_http_session *session, const struct lh_http_request *request,
                          const struct lh_http_answer *before, int64_t wait_ms, lh_str why,
                          const struct lh_patience *wait, struct lh_http_budget *budget,
                          struct lh_http_answer **ret, struct lh_error *e);

/*
 * What an answer means when the connector can do nothing with it: an LH_E_* by the rules of the
 * spec and by the status, with a message for the user: method, URL, status, what the source says
 * about it, what to do. The answer to LH_E_DATA is a status that is no failure.
 */
int lh_http_client_verdict(struct lh_http_client *client, const struct lh_http_request *request,
                           const struct lh_http_answer *answer, struct lh_error *e);

#endif
