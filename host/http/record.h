/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: what a run asked and got, one file for each answer in a folder, and the same again
 * without a network.
 *
 * This layer lies above retries and sign-in, so it sees no credentials; what it stores passes
 * through the log's redaction all the same, because a source may echo a secret. An answer is found
 * again by the key of its request and by how many times this request was made before, so the order
 * of threads does not matter.
 *
 * DIR/run.json       the format's version, as_of_ms and now_ms of the recorded run
 * DIR/KEY-N.answer   one line of JSON (request, status, headers, ...), then the body as it is
 *
 * Files are written whole or not at all, with mode 0600: a recording holds the source's data.
 * A replay reads hostile files: sizes are bounded, keys, types and the body's length checked.
 *
 * Time: a run that records or replays sees a clock that stands at now_ms and is moved by its sleeps
 * only (by each instance for itself), so that requests made of the time are the same again.
 */
#ifndef LH_HTTP_RECORD_H
#define LH_HTTP_RECORD_H

#include "base/log.h"
#include "http/hash.h"
#include "http/headers.h"

#define LH_RECORD_BODY_BYTES ((size_t)1 << 30)
#define LH_RECORD_META_BYTES ((size_t)16 << 20) /* of the line before it */

/* An answer, or that there was none. */
struct lh_recorded {
    int status; /* 0: no answer */
    struct lh_http_headers headers;
    struct lh_buf body;
    struct lh_buf final_url;
    int64_t retry_after_ms;
    uint32_t attempts;
    int failed;            /* status 0: the error's code, */
    struct lh_buf message; /* and its message */
};

/* max_body: how large a body is taken when one is replayed. */
#define LH_RECORDED_INIT(max_body)                                                                 \
    {                                                                                              \
        .body = LH_BUF_INIT(max_body), .final_url = LH_BUF_INIT((size_t)16384),                    \
        .message = LH_BUF_INIT((size_t)16384), .retry_after_ms = -1                                \
    }

void lh_recorded_free(struct lh_recorded *r);

struct lh_recording; /* shared by threads */

/*
 * Begins a recording in a folder, which is made (0700) when it is not there; one with a recording
 * in it is refused with LH_CONFLICT. The log redacts what is stored; it outlives the record.
 */
int lh_recording_begin(const char *folder, int64_t as_of_ms, int64_t now_ms, struct lh_log *log,
                       struct lh_recording **ret, struct lh_error *e);

/* Opens one to be replayed. LH_NOT_FOUND, LH_INVALID with the file's name. */
int lh_recording_open(const char *folder, struct lh_recording **ret, struct lh_error *e);
void lh_recording_destroy(struct lh_recording *r);
LH_AUTOPTR(lh_recording, lh_recording_destroy)

bool lh_recording_replays(const struct lh_recording *r);
int64_t lh_recording_as_of_ms(const struct lh_recording *r);
int64_t lh_recording_now_ms(const struct lh_recording *r);

/*
 * One per request, when it is made and not when its answer comes, so that equal requests are
 * counted in the order they are asked for: how many times this key came before.
 */
uint32_t lh_recording_count(struct lh_recording *r, const struct lh_http_key *key);

/* Stores. The parts are for people who read the file; Set-Cookie is left out. */
int lh_recording_put(struct lh_recording *r, const struct lh_http_key *key, uint32_t count,
                     const struct lh_http_key_parts *request, const struct lh_recorded *answer,
                     struct lh_error *e);

/*
 * Reads into an empty *ret. LH_NOT_FOUND: the recorded run did not make this request, or not that
 * often; the message says which. LH_INVALID: the file is no recording.
 */
int lh_recording_get(struct lh_recording *r, const struct lh_http_key *key, uint32_t count,
                     const struct lh_http_key_parts *request, struct lh_recorded *ret,
                     struct lh_error *e);

/* For the fuzz target: one file's text. */
int lh_recorded_parse(lh_str text, const char *name, struct lh_recorded *ret, struct lh_error *e);

#endif
