/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format of a spec: which keys an object may have, of which shape, and which it must have. The
 * tables read like the format's page, and there is nothing else here.
 */
#include "config.h"

#include "plugin/spec_format.h"

const char lh_option_types[] = "string|int|bool|list|url|host|enum|time|json";

/* clang-format off */
#define OPTION_KEYS                                                                                \
    {"name", TEXT, true, .rule = LH_TEXT_OPTION},                                                  \
    {"type", CHOICE, true, .words = lh_option_types},                                              \
    {"default", TEXT},                                                                             \
    {"description", TEXT, .rule = LH_TEXT_LINES},                                                  \
    {"aliases", TEXTS, .rule = LH_TEXT_ALIAS, .items = 16},                                        \
    {"values", TEXTS, .rule = LH_TEXT_FULL},                                                       \
    {"min", INT, .min = INT64_MIN, .max = INT64_MAX},                                              \
    {"max", INT, .min = INT64_MIN, .max = INT64_MAX},                                              \
    {"required", BOOL},                                                                            \
    {"secret", BOOL},                                                                              \
    {"native_only", BOOL}

static const struct lh_spec_key option_keys[] = {
    OPTION_KEYS,
    {NULL},
};

static const struct lh_spec_key table_option_keys[] = {
    OPTION_KEYS,
    {"tables", TEXTS, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct lh_spec_key origin_keys[] = {
    {"url", TEXT, true, .rule = LH_TEXT_FULL},
    {"sign_in", BOOL, true},
    {NULL},
};

static const struct lh_spec_key tls_keys[] = {
    {"verify", TEXT, .rule = LH_TEXT_OPTION},
    {"ca", TEXT, .rule = LH_TEXT_OPTION},
    {NULL},
};

#define SIGN_IN_KEYS                                                                               \
    {"id", TEXT, true, .rule = LH_TEXT_NAME},                                                      \
    {"kind", TEXT, true},                                                                          \
    {"when", TEXT_MAP, .rule = LH_TEXT_FULL}

static const struct lh_spec_key none_keys[] = {
    SIGN_IN_KEYS,
    {NULL},
};

static const struct lh_spec_key bearer_keys[] = {
    SIGN_IN_KEYS,
    {"token", TEXT, true, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct lh_spec_key basic_keys[] = {
    SIGN_IN_KEYS,
    {"user", TEXT, true},
    {"password", TEXT, true},
    {NULL},
};

static const struct lh_spec_key header_keys[] = {
    SIGN_IN_KEYS,
    {"name", TEXT, true, .rule = LH_TEXT_HEADER},
    {"value", TEXT, true, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct lh_spec_key query_keys[] = {
    SIGN_IN_KEYS,
    {"name", TEXT, true, .rule = LH_TEXT_FULL},
    {"value", TEXT, true, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct lh_spec_key oauth2_keys[] = {
    SIGN_IN_KEYS,
    {"grant", CHOICE, true, .words = "client_credentials|refresh_token"},
    {"token_url", TEXT, true, .rule = LH_TEXT_FULL},
    {"client_auth", CHOICE, .words = "basic|post|none"},
    {"client_id", TEXT, true, .rule = LH_TEXT_FULL},
    {"client_secret", TEXT, .rule = LH_TEXT_FULL},
    {"scope", TEXT, .rule = LH_TEXT_FULL},
    {"refresh_token", TEXT, .rule = LH_TEXT_FULL},
    {"refresh_before_s", INT, .min = 0, .max = 86400},
    {NULL},
};

const struct lh_spec_kind lh_spec_kinds[LH_SPEC_KINDS] = {
    {"none", none_keys},     {"bearer", bearer_keys}, {"basic", basic_keys},
    {"header", header_keys}, {"query", query_keys},   {"oauth2", oauth2_keys},
};

static const struct lh_spec_key limit_keys[] = {
    {"bucket", TEXT, true, .rule = LH_TEXT_NAME},
    {"rate", RATE_OR_TEXT},
    {"per_s", RATE},
    {"concurrent", INT_OR_TEXT, .min = 1, .max = 1000},
    {"learns", BOOL},
    {"within", TEXT, .rule = LH_TEXT_NAME},
    {NULL},
};

static const struct lh_spec_key until_keys[] = {
    {"header", TEXT, true, .rule = LH_TEXT_HEADER},
    {"unit", CHOICE, true, .words = "epoch_s|epoch_ms|seconds|http_date"},
    {NULL},
};

static const struct lh_spec_key retry_keys[] = {
    {"status", INTS, .min = 100, .max = 599},
    {"header", HEADER_MAP, .rule = LH_TEXT_FULL},
    {"json", SCALAR_MAP},
    {"min_wait_ms", INT, .min = 0, .max = 86400000},
    {"max_wait_ms", INT, .min = 0, .max = 86400000},
    {"until", OBJECT, .keys = until_keys},
    {"give_up", CHOICE,
     .words = "auth|denied|not_found|throttled|unavailable|data|option|offset|unsupported"},
    {"again", BOOL},
    {NULL},
};

static const struct lh_spec_key upstream_table_keys[] = {
    {"keys", TEXTS, .rule = LH_TEXT_FULL},
    {"cursor", TEXT, .rule = LH_TEXT_FULL},
    {"type", CHOICE, .words = "snapshot|append|cdc|cdc_with_deletes"},
    {NULL},
};

/* One difference of a column: its type there, or without "type" that it is missing there. */
static const struct lh_spec_key column_note_keys[] = {
    {"table", TEXT, true, .rule = LH_TEXT_FULL},
    {"column", TEXT, true, .rule = LH_TEXT_FULL},
    {"type", TEXT, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct lh_spec_key upstream_keys[] = {
    {"tables", OBJECT_MAP, .keys = upstream_table_keys},
    {"columns", COLUMN_NOTES, .keys = column_note_keys},
    {NULL},
};

static const struct lh_spec_key namespace_keys[] = {
    {"option", TEXT, true, .rule = LH_TEXT_OPTION},
    {NULL},
};

const struct lh_spec_key lh_spec_keys[] = {
    {"spec", SEEN_BEFORE, true},
    {"name", TEXT, true, .rule = LH_TEXT_CONNECTOR},
    {"version", TEXT, true, .rule = LH_TEXT_VERSION},
    {"license", TEXT, true, .rule = LH_TEXT_FULL},
    {"display_name", TEXT, .rule = LH_TEXT_FULL},
    {"description", TEXT, .rule = LH_TEXT_LINES},
    {"needs", TEXTS},
    {"options", OBJECTS, .keys = option_keys, .items = LH_SPEC_OPTIONS},
    {"table_options", OBJECTS, .keys = table_option_keys, .items = LH_SPEC_OPTIONS},
    {"base", TEXTS, .rule = LH_TEXT_FULL, .items = 64},
    {"origins", OBJECTS, .keys = origin_keys, .items = 64},
    {"headers", HEADER_MAP},
    {"tls", OBJECT, .keys = tls_keys},
    {"sign_in", SIGN_INS, .items = 64},
    {"limits", OBJECTS, .keys = limit_keys, .items = 64},
    {"retry", OBJECTS, .keys = retry_keys, .items = 64},
    {"upstream", OBJECT, .keys = upstream_keys},
    {"namespaces", OBJECTS, .keys = namespace_keys},
    {"categories", TEXTS_MAP, .rule = LH_TEXT_FULL},
    {"parents", TEXTS_MAP, .rule = LH_TEXT_FULL},
    {NULL},
};
/* clang-format on */

/* What a connector may need of the host. network and secrets take the user's consent. */
const struct lh_spec_feature lh_spec_features[LH_SPEC_FEATURES] = {
    {"oauth2.client_credentials", false},
    {"oauth2.refresh_token", false},
    {"network", true},
    {"secrets", true},
};
