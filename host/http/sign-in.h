/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-in: puts the credentials that a spec describes into requests.
 *
 * One object per client, shared by its threads. Static kinds (bearer, basic, header, query) are
 * made once; oauth2 fetches tokens through a callback, keeps them until shortly before they expire,
 * and fetches once however many threads ask at the same time. Each secret that is made here (an
 * encoded header, a fetched token) is registered with the log's redaction before it is used.
 *
 * Credentials go to the origin of the base and to origins that the spec declares with sign_in true,
 * never elsewhere; the client secret and the refresh token go to the token endpoint's origin only.
 * Whether a request may go to an origin at all is the origin guard's business.
 */
#ifndef LH_HTTP_SIGN_IN_H
#define LH_HTTP_SIGN_IN_H

#include "base/log.h"
#include "http/bucket.h"
#include "http/headers.h"
#include "plugin/spec.h"

#define LH_TOKEN_ANSWER_BYTES ((size_t)64 << 10)

/* One POST to the token endpoint, made below retries, records and this file. */
struct lh_token_request {
    const char *url;
    const struct lh_http_headers *headers; /* Content-Type, Accept, maybe Authorization: secret */
    lh_str body;                           /* a form; secret */
};

struct lh_token_answer {
    int status;
    struct lh_buf body; /* empty, with the limit LH_TOKEN_ANSWER_BYTES; wiped afterwards */
};

/*
 * Sends it as it is, to that URL only: no redirect is followed, no sign-in added, nothing of it
 * logged. Any complete answer is 0, whatever its status. LH_UNREACHABLE, LH_INTERRUPTED and others:
 * no answer.
 */
typedef int lh_token_fetch(void *context, const struct lh_token_request *request,
                           const struct lh_patience *patience, struct lh_token_answer *ret,
                           struct lh_error *e);

/* The one that sends it over HTTP; the context is a struct lh_http_client. */
int lh_http_client_fetch_token(void *client, const struct lh_token_request *request,
                               const struct lh_patience *patience, struct lh_token_answer *ret,
                               struct lh_error *e);

struct lh_sign_in_setup {
    struct lh_log *log; /* secrets are registered with it; warnings */
    lh_token_fetch *fetch;
    void *context;
    const struct lh_clock *clock; /* NULL: the real one */
    /*
     * Where a refresh token that the source replaced is kept for the next run: a regular file of
     * this user with mode 0600, made when it is needed. A symbolic link, and a file that others may
     * read or write, is refused. NULL: kept for this run, with one warning.
     */
    const char *rotation_file;
};

struct lh_sign_in;

/*
 * The first entry whose placeholders are set and whose `when` holds. A spec without entries, and
 * one of which none holds and none is needed (kind none), signs nothing. LH_INVALID: the spec has
 * entries and no one is complete (says which options would complete each), a template makes no
 * URL, the rotation file is not safe. Copies what it needs; opts may go afterwards.
 */
int lh_sign_in_new(const struct lh_spec *spec, const struct lh_opts *opts,
                   const struct lh_sign_in_setup *setup, struct lh_sign_in **ret,
                   struct lh_error *e);
void lh_sign_in_destroy(struct lh_sign_in *s); /* wipes what it holds */
LH_AUTOPTR(lh_sign_in, lh_sign_in_destroy)

/* The entry's id, for check, plugin show and messages; "none" when nothing is signed. */
const char *lh_sign_in_id(const struct lh_sign_in *s);

/* Whether requests to this absolute URL are signed. */
bool lh_sign_in_covers(const struct lh_sign_in *s, lh_str url);

/*
 * Signs a request: sets a header, or appends to the query of `url` (an absolute URL, changed in
 * place; both are wiped by the caller). Does nothing to a URL that is not covered. May fetch a
 * token, or wait for a thread that does. *ret_serial is for lh_sign_in_renew. LH_REFUSED: the token
 * endpoint refuses (its error and what to do, never a secret); LH_UNREACHABLE, LH_INTERRUPTED.
 */
int lh_sign_in_apply(struct lh_sign_in *s, const struct lh_patience *patience, struct lh_buf *url,
                     struct lh_http_headers *headers, uint64_t *ret_serial, struct lh_error *e);

/*
 * After a 401 to a request that was signed with this serial: *ret_again says whether it is worth
 * another try, once, because there is a new token now. Drops the token unless another thread did
 * already; static kinds answer false.
 */
int lh_sign_in_renew(struct lh_sign_in *s, uint64_t serial, const struct lh_patience *patience,
                     bool *ret_again, struct lh_error *e);

#endif
