/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of host/http/ share: the engine and its transfers, the client and its layers.
 * http.h is the face.
 */
#ifndef LH_HTTP_INTERNAL_H
#define LH_HTTP_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "http/hash.h"
#include "http/http.h"
#include "http/record.h"
#include "http/rules.h"
#include "http/sign-in.h"
#include "plugin/url.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>

/* Sets e with the exit code of `result` (LH_E_*), and returns result. */
int lh_http_error(struct lh_error *e, int result, const char *format, ...) LH_PRINTF(3, 4);

/* The LH_E_* for an error of the modules that answer with enum lh_code. */
int lh_http_result(int code);

/* --- engine (engine.c) ------------------------------------------------------------------------ */

#define LH_HTTP_SPARE 8u /* transfers and bodies that are kept for the next */

struct lh_transfer;

struct lh_http_engine {
    struct lh_http_settings settings; /* its texts are in `texts` */
    struct lh_arena texts;
    struct lh_recording *record; /* NULL: none */
    int trace;                   /* descriptor; -1: none */
    pthread_mutex_t mutex;       /* guards what follows */
    CURLM *multi;                /* the I/O thread's; made when it starts */
    pthread_t thread;
    bool has_thread, stop;
    struct lh_transfer *incoming;  /* to be started */
    struct lh_transfer *abandoned; /* to be cancelled; their owners wait for that */
    struct lh_transfer *spare;
    struct lh_buf bodies[LH_HTTP_SPARE];
    size_t n_spare, n_bodies;
};

/* A buffer for a body: memory of an earlier one where there is some. */
struct lh_buf lh_http_body_take(struct lh_http_engine *engine, size_t max);
void lh_http_body_give(struct lh_http_engine *engine, struct lh_buf *body);

/* --- transfers (transfer.c: curl; engine.c: their life) --------------------------------------- */

enum lh_transfer_state { LH_TRANSFER_IDLE, LH_TRANSFER_WAITS, LH_TRANSFER_RUNS, LH_TRANSFER_DONE };

/* One request on the wire and what came of it. */
struct lh_transfer {
    struct lh_http_engine *engine;
    struct lh_transfer *next; /* incoming or spare */
    struct lh_transfer *next_abandoned;
    enum lh_transfer_state state;
    int event; /* readable when it is done */
    CURL *easy;
    struct curl_slist *lines;

    /* what is asked for, set between lh_transfer_new and _start */
    const char *source;   /* name of the client, for the log */
    struct lh_buf method; /* NUL behind */
    struct lh_buf url;    /* as it goes out: may hold a secret */
    struct lh_buf shown;  /* the same for people */
    struct lh_http_headers headers;
    struct lh_buf send;      /* the body */
    bool has_body, insecure; /* insecure: certificates are not verified */
    bool once;               /* never sent twice, not even by curl */
    const char *cacert;      /* NULL: the system's; lives as long as the client */
    uint64_t max_bytes;
    uint32_t timeout_ms;
    unsigned attempt;
    bool quiet;                        /* the token endpoint: nothing of it is logged */
    struct lh_bucket *bucket;          /* given back when it is done; NULL: none */
    const struct lh_http_rules *rules; /* for what the bucket learns */

    /* what came */
    CURLcode result;
    int refused; /* LH_E_*: why the host ended it, with `why`; 0: it did not */
    const char *why;
    char message[CURL_ERROR_SIZE];
    int status;
    struct lh_http_headers got;
    struct lh_buf body;
    struct lh_buf location; /* absolute, of a redirect; empty: none */
    int64_t took_ms;
    uint64_t wire_bytes;
};

struct lh_transfer *lh_transfer_new(struct lh_http_engine *engine);

/* Hands it to the I/O thread. */
int lh_transfer_start(struct lh_transfer *t, struct lh_error *e);

/* 0 when it is done, LH_E_CANCELLED when patience ended first. */
int lh_transfer_wait(struct lh_transfer *t, const struct lh_patience *patience, struct lh_error *e);

/* Gives it back; one that runs is cancelled. */
void lh_transfer_end(struct lh_transfer *t);
LH_AUTOPTR(lh_transfer, lh_transfer_end)

/* For engine.c: makes t->easy ready; takes what curl knows when it is over; clears for reuse. */
void lh_transfer_prepare(struct lh_transfer *t);
void lh_transfer_finish(struct lh_transfer *t, CURLcode result);
void lh_transfer_clear(struct lh_transfer *t);
void lh_transfer_free(struct lh_transfer *t);

/*
 * What went wrong with a transfer that is done, or 0 when there is an answer. *ret_sent: the source
 * may have seen the request. *ret_again: it may work at another time.
 */
int lh_transfer_problem(const struct lh_transfer *t, bool *ret_sent, bool *ret_again,
                        struct lh_error *e);

/* --- what people see (trace.c) ---------------------------------------------------------------- */

/* Appends a URL with the values of its secret-looking query members as "***". */
void lh_http_show_url(struct lh_buf *to, lh_str url);

/* One line of --debug, and one of --trace-http, about a transfer that is done. */
void lh_http_trace(const struct lh_transfer *t);

/* --- origins (guard.c) ------------------------------------------------------------------------ */

struct lh_origin {
    char *text; /* "https://host:443": scheme, host in lower case, port */
    bool sign_in;
};

/* The origin of an absolute URL; free() it. NULL: it is none, *ret_why says what is expected. */
char *lh_origin_of(lh_str url, const char **ret_why);

/* Whether the URL names this machine's loopback. */
bool lh_origin_is_near(lh_str url);

/* Whether a request may go there by scheme: https, or http to loopback and to plain_hosts. */
bool lh_origin_is_allowed(const struct lh_http_engine *engine, lh_str url);

/* What a redirect does to the method: GET after 303, and after 301 and 302 to a POST. */
bool lh_redirect_is_get(int status, lh_str method);
bool lh_redirect_is_one(int status);

/* --- answer cache (cache.c) ------------------------------------------------------------------- */

struct lh_http_cache {
    pthread_mutex_t mutex;
    struct lh_map entries;
    size_t bytes;
};

struct lh_cache_entry;

void lh_http_cache_init(struct lh_http_cache *cache);
void lh_http_cache_free(struct lh_http_cache *cache);

/*
 * An answer that is younger than max_age_ms, or *ret_fill: the caller fetches it, and tells
 * lh_http_cache_fill. Others that ask for the same wait for it in between. LH_E_CANCELLED.
 */
int lh_http_cache_find(struct lh_http_cache *cache, const struct lh_http_key *key,
                       int64_t max_age_ms, const struct lh_patience *patience,
                       struct lh_http_answer **ret, struct lh_cache_entry **ret_fill,
                       struct lh_error *e);

/* Ends what find began. NULL, and what is no 2xx: there is nothing to keep. */
void lh_http_cache_fill(struct lh_http_cache *cache, struct lh_cache_entry *entry,
                        struct lh_http_answer *answer);

/* Whether such an answer is there or on its way. */
bool lh_http_cache_has(struct lh_http_cache *cache, const struct lh_http_key *key,
                       int64_t max_age_ms);

/* --- repeated pages (loop.c) ------------------------------------------------------------------ */

#define LH_LOOP_REPEATS 1000u
#define LH_LOOP_SLOTS   4096u

struct lh_loop_slot {
    uint64_t request, answer;
    uint32_t n; /* how often the request was answered so */
};

/* Zero is empty. */
struct lh_loop {
    struct lh_loop_slot *slots; /* made with the first request */
};

void lh_loop_free(struct lh_loop *loop);
void lh_loop_reset(struct lh_loop *loop);

/* Counts; false when this request had this answer LH_LOOP_REPEATS times before. */
bool lh_loop_check(struct lh_loop *loop, const struct lh_http_key *key, int status, lh_str body);

/* --- client (client.c) ------------------------------------------------------------------------ */

struct lh_http_client {
    struct lh_http_engine *engine;
    const struct lh_spec *spec;
    const struct lh_opts *opts;
    struct lh_http_cache cache;
    pthread_mutex_t mutex; /* guards is_ready and the error until it is */
    bool is_ready;
    int unusable; /* LH_E_*: what `error` says */
    struct lh_error error;
    struct lh_buf base;
    struct lh_origin *origins; /* that of the base first */
    size_t n_origins;
    struct lh_buckets *buckets;
    struct lh_sign_in *sign_in;
    struct lh_http_signer signer; /* in place of sign_in when it has an apply */
    struct lh_http_rules *rules;
    const char *cacert;
    bool insecure;
};

/* Makes what the options say, once. */
int lh_http_client_ready(struct lh_http_client *client, struct lh_error *e);

/* The declared origin of this URL, or NULL. */
const struct lh_origin *lh_http_client_origin(const struct lh_http_client *client, lh_str url);

struct lh_http_answer *lh_http_answer_new(struct lh_http_engine *engine);
void lh_http_key_of(const struct lh_http_request *request, struct lh_http_key_parts *ret_parts,
                    struct lh_http_key *ret_key);

/* --- one attempt (flight.c) ------------------------------------------------------------------- */

/* A request under way, redirects included. */
struct lh_flight;

/*
 * Sends `request`, which must live longer. patience NULL: only if it can be sent without waiting;
 * *ret is NULL else.
 */
int lh_flight_begin(struct lh_http_client *client, const struct lh_http_request *request,
                    unsigned attempt, const struct lh_patience *patience, struct lh_flight **ret,
                    struct lh_error *e);

struct lh_landing {
    struct lh_http_answer *answer; /* NULL: there is none */
    struct lh_http_decision decision;
    bool may_be_processed; /* the source may have acted on it */
    bool again;            /* no answer, but it may work at another time */
    bool renewed;          /* 401, and there are new credentials now */
};

/* Waits for it to the end. The answer is the caller's. */
int lh_flight_land(struct lh_flight *flight, const struct lh_patience *patience,
                   struct lh_landing *ret, struct lh_error *e);
void lh_flight_end(struct lh_flight *flight);
LH_AUTOPTR(lh_flight, lh_flight_end)

/* --- attempts (retry.c) ----------------------------------------------------------------------- */

/* `first` (may be NULL) is under way already, and is ended here. */
int lh_http_client_send(struct lh_http_client *client, const struct lh_http_request *request,
                        struct lh_flight *first, const struct lh_patience *patience,
                        struct lh_http_budget *budget, struct lh_http_answer **ret,
                        struct lh_error *e);

/* GET, HEAD and what the caller calls repeatable: it may be sent twice. */
bool lh_http_is_repeatable(const struct lh_http_request *request);

/* Waits at least this long: 0, or LH_E_CANCELLED. */
int lh_http_pause(int64_t ms, const struct lh_patience *patience, struct lh_error *e);

/* "GET https://host/path", for messages: what the plugin asked for, redacted. */
void lh_http_request_show(const struct lh_http_client *client,
                          const struct lh_http_request *request, struct lh_buf *to);

#endif
