/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration: layers in, one checked tree out that knows where each value came from.
 *
 *     flag > environment LAKEHOST_* > --config FILE > ./lakehost.yaml >
 *     $XDG_CONFIG_HOME/lakehost/config.yaml > the bundled default_config.yaml
 *
 * Maps are merged key by key; lists and plain values are replaced. Every layer is checked against
 * one table of keys: an unknown key or a value of another type is refused with file, line and
 * key. Keys are written with dots here and on the command line ("pipeline.channel").
 */
#ifndef LH_CONFIG_CONFIGURATION_H
#define LH_CONFIG_CONFIGURATION_H

#include "base/error.h"
#include "base/log.h"

#include <jansson.h>

struct lh_config;

enum lh_config_type {
    LH_CONFIG_STRING,
    LH_CONFIG_BOOL,
    LH_CONFIG_COUNT,       /* a whole number, 0 to 2^31 - 1 */
    LH_CONFIG_CHOICE,      /* one of `values` */
    LH_CONFIG_STRINGS,     /* a list of strings */
    LH_CONFIG_STRING_LIST, /* a list of strings, or one string with commas */
    LH_CONFIG_PATHS,       /* a list of strings; as one text (environment, flag) with ':' between */
    LH_CONFIG_LIST,        /* a list of anything */
    LH_CONFIG_STRING_MAP,  /* a map of the user's own keys to strings */
    LH_CONFIG_MAP          /* a map of anything */
};

struct lh_config_key {
    const char *key; /* "repo.url" */
    enum lh_config_type type;
    const char *values; /* "CURRENT|PREVIEW" for a choice */
    const char *help;   /* one line */
};

/* The table of keys, in the order of the documentation; ends with key == NULL. */
extern const struct lh_config_key lh_config_keys[];

/* Where the layers lie. A NULL path is a layer that is not there. */
struct lh_config_sources {
    const char *bundled;  /* must exist */
    const char *user;     /* may be missing */
    const char *folder;   /* ./lakehost.yaml; may be missing */
    const char *explicit; /* --config; must exist */
    char *const *environ; /* "NAME=value", ends with NULL; NULL: none */
};

/*
 * Reads and merges the layers. LH_INVALID with file, line and key, or for a file that must
 * exist and does not. An unknown LAKEHOST_* variable is a warning in log. The caller destroys *ret.
 */
int lh_config_load(const struct lh_config_sources *sources, struct lh_log *log,
                   struct lh_config **ret, struct lh_error *e);
void lh_config_destroy(struct lh_config *config);
LH_AUTOPTR(lh_config, lh_config_destroy)

/*
 * The strongest layer: a flag of the command line. `text` is the value as typed; for lists and
 * maps it is YAML.
 */
int lh_config_set(struct lh_config *config, const char *key, const char *text, const char *flag,
                  struct lh_error *e);

/* The value at a key, borrowed; NULL when it is not set (or null). */
const json_t *lh_config_get(const struct lh_config *config, const char *key);
const char *lh_config_string(const struct lh_config *config, const char *key);
bool lh_config_bool(const struct lh_config *config, const char *key, bool if_unset);
int64_t lh_config_count(const struct lh_config *config, const char *key, int64_t if_unset);

/* The merged tree, borrowed. */
const json_t *lh_config_tree(const struct lh_config *config);

/*
 * One entry for each value that is set: its dotted key -> where it came from ("default",
 * "lakehost.yaml:3:5", "environment LAKEHOST_COLOR", "--color"). Borrowed; an object of strings.
 */
const json_t *lh_config_origins(const struct lh_config *config);

/* LAKEHOST_PIPELINE_CHANNEL for "pipeline.channel"; the caller frees it. */
char *lh_config_variable(const char *key);

#endif
