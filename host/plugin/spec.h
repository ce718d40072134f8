/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec of a connector: what it declares about itself, as data.
 *
 * In: the JSON text of the ELF note (or of a spec.json). Out: one checked struct, or LH_INVALID
 * with file, line and key. Nothing here runs code of a connector or touches the network.
 *
 * The format is `"spec": 1`; `needs` lists features that the host must know, an unknown one refuses
 * the connector. Placeholders ${option} stand in base, origins, limits and sign_in only.
 */
#ifndef LH_PLUGIN_SPEC_H
#define LH_PLUGIN_SPEC_H

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "json/document.h"

#include <stdint.h>

enum lh_option_type {
    LH_OPTION_STRING,
    LH_OPTION_INT,  /* min, max */
    LH_OPTION_BOOL, /* handed on as "true" or "false" */
    LH_OPTION_LIST, /* parts with commas */
    LH_OPTION_URL,  /* absolute, http or https, no user-info, no fragment */
    LH_OPTION_HOST, /* host name or address, with or without a port */
    LH_OPTION_ENUM, /* one of `values` */
    LH_OPTION_TIME, /* ISO 8601 date or time */
    LH_OPTION_JSON  /* a JSON text, handed on canonical */
};

struct lh_strings {
    const char **items;
    size_t n;
};

struct lh_spec_option {
    const char *name;
    enum lh_option_type type;
    const char *if_absent; /* "default"; NULL: none */
    const char *help;      /* "description"; "" without one */
    struct lh_strings aliases;
    struct lh_strings values; /* enum */
    struct lh_strings tables; /* table options: only for these tables and "@category"; none: all */
    int64_t min, max;         /* int; INT64_MIN and INT64_MAX without bounds */
    bool required, secret, native_only;
    bool is_namespace; /* a table option that is a namespace level */
};

struct lh_spec_pair {
    const char *name, *value;
};

struct lh_spec_pairs {
    struct lh_spec_pair *items;
    size_t n;
};

enum lh_sign_in_kind {
    LH_SIGN_IN_NONE,
    LH_SIGN_IN_BEARER, /* token */
    LH_SIGN_IN_BASIC,  /* user, password */
    LH_SIGN_IN_HEADER, /* name, value */
    LH_SIGN_IN_QUERY,  /* name, value */
    LH_SIGN_IN_OAUTH2  /* grant, token_url, client_auth, client_id, client_secret, scope,
                          refresh_token, refresh_before_s */
};

struct lh_spec_sign_in {
    const char *id;
    enum lh_sign_in_kind kind;
    struct lh_spec_pairs when;   /* option = value: all must hold */
    struct lh_spec_pairs fields; /* the fields of the kind, as templates */
};

struct lh_spec_limit {
    const char *bucket;
    double rate, per_s;     /* `rate` requests in `per_s` seconds; 0: no such limit */
    const char *rate_tmpl;  /* the option that holds the rate; NULL: none, `rate` does */
    const char *concurrent; /* template of a number; NULL: none */
    const char *within;     /* a bucket before this one of which each request takes a place too */
    bool learns;            /* the limit that the source's headers name takes the place of rate */
};

/* One retry rule; what it matches on and what it does, checked, kept as the document has it. */
struct lh_spec_retry {
    const json_t *rule; /* borrowed from `document` */
};

struct lh_spec_origin {
    const char *url; /* template */
    bool sign_in;
};

struct lh_spec {
    struct lh_arena arena;       /* owns what is below, */
    struct lh_document document; /* together with this */
    const char *name, *version, *license, *display_name, *description;
    struct lh_strings needs; /* known features only */
    bool needs_consent;      /* "network" or "secrets" is among them: the host refuses the connector
                                unless the user's configuration names it */
    struct lh_spec_option *options;
    size_t n_options;
    struct lh_spec_option *table_options;
    size_t n_table_options;
    struct lh_strings base; /* templates; the first whose placeholders are all set wins */
    struct lh_spec_origin *origins;
    size_t n_origins;
    struct lh_spec_pairs headers;
    const char *tls_verify, *tls_ca; /* names of options; NULL: none */
    struct lh_spec_sign_in *sign_in;
    size_t n_sign_in;
    struct lh_spec_limit *limits;
    size_t n_limits;
    struct lh_spec_retry *retry;
    size_t n_retry;
    struct lh_strings namespaces; /* names of table options, outermost first */
    const json_t *categories; /* name -> list of tables; borrowed from `document`; may be NULL */
    const json_t *parents;  /* table -> tables that it is read through: refused, they keep it back;
                               borrowed; may be NULL */
    const json_t *upstream; /* profile of the Python connector; borrowed; may be NULL */
};

/* `name` is for messages. The caller destroys *ret. */
int lh_spec_parse(lh_str json, const char *name, struct lh_spec **ret, struct lh_error *e);
void lh_spec_destroy(struct lh_spec *spec);
LH_AUTOPTR(lh_spec, lh_spec_destroy)

/* The category of a table by the spec; NULL when it names none. */
const char *lh_spec_category(const struct lh_spec *spec, lh_str table);

/* The option of this name, or with this alias; NULL when there is none. */
const struct lh_spec_option *lh_spec_find(const struct lh_spec_option *options, size_t n,
                                          lh_str name);

/* What the Python connector of the same name says about a table. Borrowed from the spec. */
struct lh_upstream {
    const char *type, *cursor; /* "" when the profile does not say */
    const json_t *keys;        /* a list of strings, or NULL */
};

/*
 * False, and ret untouched, when the profile does not have the table. A profile of tables whose
 * names nobody knows in advance (Airtable's) is under the name "*".
 */
bool lh_spec_upstream(const struct lh_spec *spec, lh_str table, struct lh_upstream *ret);

/*
 * connector_spec.yaml of the community connectors, made from the spec: options (type, required,
 * secret, default, description), sign-in modes, external_options_allowlist (the table options).
 */
int lh_spec_write_connector_spec(const struct lh_spec *spec, struct lh_buf *to, struct lh_error *e);

/* --- option values ---------------------------------------------------------------------------- */

/*
 * Values given for the options of a connection or of a table. H->opt of a connector reads them;
 * the type name is the interface's.
 */
struct lh_opts;

/* for_tables: the spec's table_options instead of its options. The spec must live longer. */
struct lh_opts *lh_opts_new(const struct lh_spec *spec, bool for_tables);
void lh_opts_destroy(struct lh_opts *opts); /* wipes secrets */
LH_AUTOPTR(lh_opts, lh_opts_destroy)

/*
 * One value as the user gave it; `origin` says where ("--option", "options.yaml:3:5"). Aliases are
 * resolved, the value is checked and normalised by type. LH_INVALID: unknown option (did you
 * mean), wrong value, the same option under two names with two values; messages name option and
 * origin and never hold a secret's value. An equal repetition is fine; a later one replaces an
 * earlier one of the same name. An empty value is none: it takes back one given under this name.
 */
int lh_opts_set(struct lh_opts *opts, lh_str name, lh_str value, const char *origin,
                struct lh_error *e);

/*
 * Completes: fills in defaults and checks what is required. For table options: table and category
 * (may be empty) decide which options apply; one that does not is LH_INVALID.
 */
int lh_opts_finish(struct lh_opts *opts, lh_str table, lh_str category, struct lh_error *e);

/* For the host: any value, NULL when absent. Borrowed. The name is no alias. */
const char *lh_opts_get(const struct lh_opts *opts, const char *name);

/*
 * Appends what was given (not the defaults) as a JSON object of texts, keys sorted, by the options'
 * own names: {"owner":"acme"}. No secrets.
 */
void lh_opts_write_given(const struct lh_opts *opts, struct lh_buf *to);

/* The next option that was given and that only our connector has; *at begins with 0; NULL: none. */
const char *lh_opts_next_native(const struct lh_opts *opts, size_t *at);

/*
 * Whether a value under this name (or alias) is for the table, by name and category of the spec;
 * not so for namespace levels, which a table has of its own. True for a name that there is not: who
 * sets it hears of it.
 */
bool lh_opts_wants(const struct lh_opts *opts, lh_str name, lh_str table);

/* Whether it is a namespace level. */
bool lh_opts_is_namespace(const struct lh_opts *opts, lh_str name);

/* For connectors: NULL for secrets too. */
const char *lh_opts_public(const struct lh_opts *opts, const char *name);

/* Registers every secret value with the log; of JSON also each text in it, from 4 bytes on. */
void lh_opts_register_secrets(const struct lh_opts *opts, struct lh_log *log);

/* The first sign-in mode whose placeholders are all set and whose `when` holds; NULL: none. */
const struct lh_spec_sign_in *lh_opts_sign_in(const struct lh_opts *opts);

/*
 * For when there is none: appends the modes with what each lacks, "token (token), oauth (client_id,
 * client_secret)". The names of options, never a value.
 */
void lh_opts_sign_in_missing(const struct lh_opts *opts, struct lh_buf *to);

/* Appends the template with the options' values as they are. False when one of them is not set. */
bool lh_opts_expand_text(const struct lh_opts *opts, const char *tmpl, struct lh_buf *to);

/*
 * Expands ${option} in a template of the spec by the rules for URLs: a url option may only begin
 * it, a host option may be a whole authority, any other value in host position must be one DNS
 * label, and within paths values are percent-encoded, or refused where they would change the URL's
 * structure (opts-url.c has the rules). LH_INVALID when the result is no URL that holds;
 * *ret_missing (may be NULL) names the first placeholder that is not set, with LH_NOT_FOUND.
 * Appends to `to`.
 */
int lh_opts_expand_url(const struct lh_opts *opts, const char *tmpl, struct lh_buf *to,
                       const char **ret_missing, struct lh_error *e);

/* The instance's base: the first of spec->base that expands; "" when the spec has none. */
int lh_opts_base_url(const struct lh_opts *opts, struct lh_buf *to, struct lh_error *e);

#endif
