/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of OAuth 2 (RFC 6749): fetched when one is needed, kept until shortly before they expire,
 * shared by threads. For host/http and for what signs requests itself (host/workspace).
 */
#ifndef LH_HTTP_TOKEN_H
#define LH_HTTP_TOKEN_H

#include "http/secret.h"
#include "http/sign-in.h"

enum lh_client_auth { LH_CLIENT_BASIC, LH_CLIENT_POST, LH_CLIENT_NONE };

/* All but url may be empty; scope is left out then. refresh_token not empty: that grant. */
struct lh_token_grant {
    char *url;
    enum lh_client_auth client_auth;
    struct lh_secret client_id, client_secret, scope, refresh_token;
    struct lh_secret resource; /* what Microsoft's endpoint calls the audience */
    int64_t refresh_before_ms;
};

void lh_token_grant_free(struct lh_token_grant *grant);

struct lh_tokens;

/* Takes the grant's content over. LH_INVALID: the rotation file is not safe to use. */
int lh_tokens_new(struct lh_token_grant *grant, const struct lh_sign_in_setup *setup,
                  struct lh_tokens **ret, struct lh_error *e);
void lh_tokens_destroy(struct lh_tokens *tokens);
LH_AUTOPTR(lh_tokens, lh_tokens_destroy)

/* A token that is good now, as "Bearer ...". See lh_sign_in_apply. */
int lh_tokens_get(struct lh_tokens *tokens, const struct lh_patience *patience,
                  struct lh_secret *ret, uint64_t *ret_serial, struct lh_error *e);

/* Drops the token with this serial, if it is the one that is kept. */
void lh_tokens_drop(struct lh_tokens *tokens, uint64_t serial);

/* --- rotation.c: a refresh token that the source replaced ------------------------------------- */

/*
 * The token that is kept for the grant of this fingerprint: *ret stays as it is when the file does
 * not exist or was written for another grant (the user gave a new refresh token since). LH_INVALID:
 * not safe.
 */
int lh_rotation_read(const char *path, const char *fingerprint, struct lh_secret *ret,
                     struct lh_error *e);
int lh_rotation_write(const char *path, const char *fingerprint, lh_str token, struct lh_error *e);

/* SHA-256 over endpoint, client and the refresh token that was given, in hex. */
void lh_rotation_fingerprint(const struct lh_token_grant *given, char ret_hex[65]);

#endif
