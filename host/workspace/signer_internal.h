/* SPDX-License-Identifier: Apache-2.0 */
/* What the files signer*.c share. */
#ifndef LH_WORKSPACE_SIGNER_INTERNAL_H
#define LH_WORKSPACE_SIGNER_INTERNAL_H

#include "http/token.h"
#include "workspace/signer.h"

#include <pthread.h>

/* The tokens of a program; cli.c. */
struct lh_cli_token {
    char *program;         /* its file */
    unsigned version[3];   /* 0.0.0: not known */
    pthread_mutex_t mutex; /* guards what follows */
    struct lh_secret bearer;
    int64_t good_until_ms; /* wall clock */
    uint64_t serial;
};

struct lh_signer {
    struct lh_signer_setup setup;
    const struct lh_auth_provider *provider;
    struct lh_secret header;      /* pat, basic */
    struct lh_tokens *tokens;     /* oauth-m2m, azure */
    struct lh_tokens *management; /* azure: for the cloud's own interface */
    struct lh_cli_token *cli;     /* databricks-cli */
};

/* --- discovery.c ------------------------------------------------------------------------------ */

/* The URL that gives tokens to service principals. free() it. */
int lh_signer_token_url(struct lh_signer *s, char **ret, struct lh_error *e);

/* The directory (tenant) of an Azure workspace, which it redirects to. free() it. */
int lh_signer_azure_tenant(struct lh_signer *s, char **ret, struct lh_error *e);

/* --- cli.c ------------------------------------------------------------------------------------ */

/* LH_NOT_FOUND: there is no such program, or it is not signed in: another kind may do. */
int lh_cli_new(const struct lh_signer_setup *setup, struct lh_cli_token **ret, struct lh_error *e);
void lh_cli_destroy(struct lh_cli_token *c);
int lh_cli_get(struct lh_cli_token *c, const struct lh_signer_setup *setup,
               const struct lh_patience *patience, struct lh_secret *ret, uint64_t *ret_serial,
               struct lh_error *e);
void lh_cli_drop(struct lh_cli_token *c, uint64_t serial);

/* For tests: what the program prints. LH_INVALID says what is wrong with it, without its text. */
int lh_cli_parse_token(lh_str text, struct lh_secret *ret_bearer, int64_t *ret_expiry_ms,
                       struct lh_error *e);

#endif
