/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector configuration of a notebook: which options of a connector come from which secrets,
 * which are fixed, which are computed when the notebook runs.
 *
 *     {"secrets_scope": "hubspot", "secret_mappings": {"access_token": ["access_token"]},
 *      "static_options": {}, "dynamic_options": {}}
 *
 * In: a JSON or YAML file of the user's, or the built-in one (templates/connector_configs.json).
 * Out: a struct that has passed every check, or LH_INVALID with file, line, column and key. No
 * secret is ever in it, and a static option that the connector calls secret is refused.
 */
#ifndef LH_GENERATE_CONNECTOR_CONFIG_H
#define LH_GENERATE_CONNECTOR_CONFIG_H

#include "plugin/spec.h"
#include "json/document.h"

struct lh_connector_config {
    struct lh_document document;
    char *pointer;          /* of the configuration in the document */
    const json_t *tree;     /* borrowed from it */
    const char *scope;      /* NULL: no secrets */
    json_t *static_options; /* option -> text, --static-option applied */
};

void lh_connector_config_free(struct lh_connector_config *c);

/* Reads the user's file. ret is freed by the caller also on failure. */
int lh_connector_config_read(const char *file, struct lh_connector_config *ret, struct lh_error *e);

/* Reads the built-in one from `file`; LH_INVALID lists those that there are. */
int lh_connector_config_built_in(const char *file, const char *connector,
                                 struct lh_connector_config *ret, struct lh_error *e);

/* One --static-option KEY=VALUE: replaces or adds. LH_USAGE. */
int lh_connector_config_set(struct lh_connector_config *c, const char *text, struct lh_error *e);

/*
 * Checks all of it, after the last change: keys, types, expressions, options that stand twice,
 * placeholders, and with a spec (NULL: none) that the connector has these options.
 */
int lh_connector_config_check(const struct lh_connector_config *c, const struct lh_spec *spec,
                              struct lh_error *e);

#endif
