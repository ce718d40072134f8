/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials for requests to a workspace: the kinds of sign-in of auth.h, made to work.
 *
 * In: resolved attributes. Out: headers for each request, from any thread; tokens are fetched when
 * they are needed and kept until 40 s before they expire. Each secret that is made here is known to
 * the log before it is used.
 */
#ifndef LH_WORKSPACE_SIGNER_H
#define LH_WORKSPACE_SIGNER_H

#include "http/http.h"
#include "http/sign-in.h"
#include "workspace/auth.h"

#define LH_SIGNER_EARLY_MS INT64_C(40000) /* Azure refuses tokens of less than 30 s */

struct lh_signer_setup {
    struct lh_auth *auth;          /* lives longer; gets what the workspace says about itself */
    struct lh_http_client *client; /* without sign-in of its own; lives longer */
    struct lh_log *log;
    const struct lh_patience *patience; /* for discovery, and for programs */
    lh_token_fetch *fetch;              /* NULL: lh_http_client_fetch_token */
    void *context;                      /* of fetch; NULL: the client */
    const struct lh_clock *clock;       /* for tokens; NULL: the real one */
};

struct lh_signer;

/*
 * Takes the first kind that works. LH_REFUSED: none does, or the one that was meant fails;
 * LH_INVALID: profiles or values contradict each other; LH_UNREACHABLE, LH_INTERRUPTED.
 */
int lh_signer_new(const struct lh_signer_setup *setup, struct lh_signer **ret, struct lh_error *e);
void lh_signer_destroy(struct lh_signer *s); /* after the client has ended */
LH_AUTOPTR(lh_signer, lh_signer_destroy)

/* "pat", as auth_type has it. */
const char *lh_signer_kind(const struct lh_signer *s);

/* For lh_http_client_set_signer. */
struct lh_http_signer lh_signer_hooks(struct lh_signer *s);

#endif
