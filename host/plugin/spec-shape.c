/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of a spec: which keys an object may have, of which type, and which it must have. The
 * tables read like the format's page; one walker goes over all of them. What keys mean to each
 * other is spec-check.c's business.
 */
#include "config.h"

#include "plugin/spec_internal.h"

#include "base/nearest.h"
#include "json/text.h"

#include <math.h>

#define ITEMS_MAX 1024 /* of a list or map; those of options are fewer */

enum shape {
    TEXT,       /* by a text rule */
    TEXTS,      /* a list of those */
    TEXT_MAP,   /* name -> text */
    HEADER_MAP, /* header -> text */
    CHOICE,     /* one of `words` */
    BOOL,
    INT,          /* min to max */
    INTS,         /* a list of those */
    INT_OR_TEXT,  /* the text is a template */
    RATE,         /* a number above 0 */
    SCALAR_MAP,   /* JSON pointer -> text, number, true, false, null */
    TEXTS_MAP,    /* name -> list of texts */
    OBJECT,       /* with `keys` */
    OBJECTS,      /* a list of those */
    OBJECT_MAP,   /* name -> one of those */
    SIGN_INS,     /* a list of objects whose keys depend on "kind" */
    COLUMN_NOTES, /* "native", "live" or a list of objects with `keys` */
    SEEN_BEFORE,  /* seen before the walk */
};

struct key {
    const char *name;
    enum shape shape;
    bool required;
    enum lh_text_rule rule;
    const char *words;
    const struct key *keys;
    int64_t min, max; /* of numbers */
    size_t items;     /* at most, of a list; 0: ITEMS_MAX */
};

/* --- the format ------------------------------------------------------------------------------- */

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

static const struct key option_keys[] = {
    OPTION_KEYS,
    {NULL},
};

static const struct key table_option_keys[] = {
    OPTION_KEYS,
    {"tables", TEXTS, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct key origin_keys[] = {
    {"url", TEXT, true, .rule = LH_TEXT_FULL},
    {"sign_in", BOOL, true},
    {NULL},
};

static const struct key tls_keys[] = {
    {"verify", TEXT, .rule = LH_TEXT_OPTION},
    {"ca", TEXT, .rule = LH_TEXT_OPTION},
    {NULL},
};

#define SIGN_IN_KEYS                                                                               \
    {"id", TEXT, true, .rule = LH_TEXT_NAME},                                                      \
    {"kind", TEXT, true},                                                                          \
    {"when", TEXT_MAP, .rule = LH_TEXT_FULL}

static const struct key none_keys[] = {
    SIGN_IN_KEYS,
    {NULL},
};

static const struct key bearer_keys[] = {
    SIGN_IN_KEYS,
    {"token", TEXT, true, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct key basic_keys[] = {
    SIGN_IN_KEYS,
    {"user", TEXT, true},
    {"password", TEXT, true},
    {NULL},
};

static const struct key header_keys[] = {
    SIGN_IN_KEYS,
    {"name", TEXT, true, .rule = LH_TEXT_HEADER},
    {"value", TEXT, true, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct key query_keys[] = {
    SIGN_IN_KEYS,
    {"name", TEXT, true, .rule = LH_TEXT_FULL},
    {"value", TEXT, true, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct key oauth2_keys[] = {
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

/* In the order of enum lh_sign_in_kind. */
static const struct { const char *kind; const struct key *keys; } sign_in_kinds[] = {
    {"none", none_keys},     {"bearer", bearer_keys}, {"basic", basic_keys},
    {"header", header_keys}, {"query", query_keys},   {"oauth2", oauth2_keys},
};

static const struct key limit_keys[] = {
    {"bucket", TEXT, true, .rule = LH_TEXT_NAME},
    {"rate", RATE},
    {"per_s", RATE},
    {"concurrent", INT_OR_TEXT, .min = 1, .max = 1000},
    {NULL},
};

static const struct key until_keys[] = {
    {"header", TEXT, true, .rule = LH_TEXT_HEADER},
    {"unit", CHOICE, true, .words = "epoch_s|epoch_ms|seconds|http_date"},
    {NULL},
};

static const struct key retry_keys[] = {
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

static const struct key upstream_table_keys[] = {
    {"keys", TEXTS, .rule = LH_TEXT_FULL},
    {"cursor", TEXT, .rule = LH_TEXT_FULL},
    {"type", CHOICE, .words = "snapshot|append|cdc|cdc_with_deletes"},
    {NULL},
};

/* One difference of a column: its type there, or without "type" that it is missing there. */
static const struct key column_note_keys[] = {
    {"table", TEXT, true, .rule = LH_TEXT_FULL},
    {"column", TEXT, true, .rule = LH_TEXT_FULL},
    {"type", TEXT, .rule = LH_TEXT_FULL},
    {NULL},
};

static const struct key upstream_keys[] = {
    {"tables", OBJECT_MAP, .keys = upstream_table_keys},
    {"columns", COLUMN_NOTES, .keys = column_note_keys},
    {NULL},
};

static const struct key namespace_keys[] = {
    {"option", TEXT, true, .rule = LH_TEXT_OPTION},
    {NULL},
};

static const struct key spec_keys[] = {
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
    {NULL},
};
/* clang-format on */

/* What a connector may need of the host. network and secrets take the user's consent. */
static const struct lh_spec_feature features[] = {
    {"oauth2.client_credentials", false},
    {"oauth2.refresh_token", false},
    {"network", true},
    {"secrets", true},
};

/* --- complaints ------------------------------------------------------------------------------- */

static int expected(const struct lh_spec_walk *w, const char *what, json_t *found)
{
    char *words lh_autofree = lh_document_describe(found);

    return lh_spec_wrong(w, "expected %s, found %s", what, words);
}

/* --- words ------------------------------------------------------------------------------------ */

/* The parts of "a|b|c" as slices, for lh_nearest; at most `max`. */
static size_t split(const char *words, lh_str *ret, size_t max)
{
    size_t at = 0;
    size_t n = 0;
    lh_str part;

    while (n < max && (part = lh_str_part(words, '|', &at)).n)
        ret[n++] = part;
    return n;
}

/* "found "x"; did you mean "y"?", behind `what`. */
static int unknown_word(const struct lh_spec_walk *w, const char *what, const char *found,
                        lh_nearest_word *known, const void *context, size_t n)
{
    char *quoted lh_autofree = lh_text_quote(lh_str_z(found));
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    lh_nearest_hint(lh_str_z(found), known, context, n, &hint);
    return lh_spec_wrong(w, "%s, found %s%s", what, quoted, lh_buf_text(&hint));
}

static int check_choice(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    char *what lh_autofree = NULL;
    lh_str words[16];
    size_t n = split(key->words, words, LH_LEN(words));

    if (!json_is_string(value))
        return expected(w, "a string", value);
    for (size_t i = 0; i < n; i++)
        if (lh_str_eqz(words[i], json_string_value(value)))
            return 0;
    what = lh_xasprintf("expected one of %s", key->words);
    for (char *p = what; *p; p++)
        if (*p == '|')
            *p = ' ';
    return unknown_word(w, what, json_string_value(value), lh_nearest_slice, words, n);
}

/* --- texts ------------------------------------------------------------------------------------ */

static int check_text(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    if (!json_is_string(value))
        return expected(w, "a string", value);
    return lh_spec_check_text(w, key->rule, json_string_value(value));
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int check_bool(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    (void)key;
    return json_is_boolean(value) ? 0 : expected(w, "true or false", value);
}

static int check_int(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    char *what lh_autofree = NULL;

    if (json_is_integer(value) && json_integer_value(value) >= key->min &&
        json_integer_value(value) <= key->max)
        return 0;
    if (key->min == INT64_MIN)
        return expected(w, "a whole number", value);
    what = lh_xasprintf("a whole number from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT,
                        (json_int_t)key->min, (json_int_t)key->max);
    return expected(w, what, value);
}

static int check_int_or_text(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return json_is_string(value) ? check_text(w, key, value) : check_int(w, key, value);
}

static int check_rate(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    double number = json_number_value(value);

    (void)key;
    if (json_is_number(value) && isfinite(number) && number > 0 && number <= 1e9)
        return 0;
    return expected(w, "a number above 0 and up to 1000000000", value);
}

/* --- containers ------------------------------------------------------------------------------- */

typedef int check_value(struct lh_spec_walk *w, const struct key *key, json_t *value);

static int check_each(struct lh_spec_walk *w, const struct key *key, json_t *list,
                      check_value *check)
{
    size_t max = key->items ? key->items : ITEMS_MAX;
    size_t n = json_array_size(list);
    int code = 0;

    if (!json_is_array(list))
        return expected(w, "a list", list);
    if (n > max)
        return lh_spec_wrong(w, "expected at most %zu items, found %zu", max, n);
    for (size_t i = 0; i < n && !code; i++) {
        size_t before = lh_spec_into_item(w, i);

        code = check(w, key, json_array_get(list, i));
        lh_buf_cut(&w->pointer, before);
    }
    return code;
}

/* Keys of a map are texts too: of the rule given. */
static int check_members(struct lh_spec_walk *w, const struct key *key, json_t *map,
                         enum lh_text_rule rule, check_value *check)
{
    const char *name;
    json_t *value;

    if (!json_is_object(map))
        return expected(w, "an object", map);
    if (json_object_size(map) > ITEMS_MAX)
        return lh_spec_wrong(w, "expected at most %d members, found %zu", ITEMS_MAX,
                             json_object_size(map));
    json_object_foreach(map, name, value)
    {
        size_t before = lh_spec_into(w, name);
        int code = lh_spec_check_text(w, rule, name);

        if (!code)
            code = check(w, key, value);
        if (code)
            return code;
        lh_buf_cut(&w->pointer, before);
    }
    return 0;
}

static int check_texts(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_each(w, key, value, check_text);
}

static int check_ints(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_each(w, key, value, check_int);
}

static int check_text_map(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_FULL, check_text);
}

static int check_header_map(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_HEADER, check_text);
}

static int check_texts_map(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_NAME, check_texts);
}

static int check_scalar(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    if (json_is_object(value) || json_is_array(value))
        return expected(w, "a string, a number, true, false or null", value);
    return json_is_string(value) ? check_text(w, key, value) : 0;
}

static int check_scalar_map(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_POINTER, check_scalar);
}

static lh_str key_name(const void *context, size_t i)
{
    return lh_str_z(((const struct key *)context)[i].name);
}

static const struct key *find_key(const struct key *keys, const char *name, size_t *ret_n)
{
    const struct key *found = NULL;
    size_t n = 0;

    for (; keys[n].name; n++)
        if (strcmp(keys[n].name, name) == 0)
            found = &keys[n];
    *ret_n = n;
    return found;
}

static int check_value_of(struct lh_spec_walk *w, const struct key *key, json_t *value);

static int check_keys(struct lh_spec_walk *w, const struct key *keys, json_t *object)
{
    const char *name;
    json_t *value;
    size_t n;

    if (!json_is_object(object))
        return expected(w, "an object", object);
    json_object_foreach(object, name, value)
    {
        const struct key *key = find_key(keys, name, &n);
        size_t before = lh_spec_into(w, name);
        int code = key ? check_value_of(w, key, value)
                       : unknown_word(w, "expected a known key", name, key_name, keys, n);

        if (code)
            return code;
        lh_buf_cut(&w->pointer, before);
    }
    for (; keys->name; keys++)
        if (keys->required && !json_object_get(object, keys->name))
            return lh_spec_wrong(w, "the key \"%s\" is missing", keys->name);
    return 0;
}

static int check_object(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_keys(w, key->keys, value);
}

static int check_objects(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_each(w, key, value, check_object);
}

static int check_object_map(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_FULL, check_object);
}

static lh_str kind_name(const void *context, size_t i)
{
    (void)context;
    return lh_str_z(sign_in_kinds[i].kind);
}

static int check_sign_in(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    json_t *kind = json_object_get(value, "kind");

    (void)key;
    if (!json_is_string(kind))
        return check_keys(w, none_keys, value);
    for (size_t i = 0; i < LH_LEN(sign_in_kinds); i++)
        if (strcmp(json_string_value(kind), sign_in_kinds[i].kind) == 0)
            return check_keys(w, sign_in_kinds[i].keys, value);
    lh_spec_into(w, "kind");
    return unknown_word(w, "expected one of none bearer basic header query oauth2",
                        json_string_value(kind), kind_name, NULL, LH_LEN(sign_in_kinds));
}

static int check_sign_ins(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    return check_each(w, key, value, check_sign_in);
}

static int check_column_notes(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    static const struct key words = {.words = "native|live"};

    if (json_is_string(value))
        return check_choice(w, &words, value);
    if (!json_is_array(value))
        return expected(w, "\"native\", \"live\" or a list of differences", value);
    return check_each(w, key, value, check_object);
}

static int check_nothing(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    (void)w, (void)key, (void)value;
    return 0;
}

static int check_value_of(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    static check_value *const checks[] = {
        [TEXT] = check_text,
        [TEXTS] = check_texts,
        [TEXT_MAP] = check_text_map,
        [HEADER_MAP] = check_header_map,
        [CHOICE] = check_choice,
        [BOOL] = check_bool,
        [INT] = check_int,
        [INTS] = check_ints,
        [INT_OR_TEXT] = check_int_or_text,
        [RATE] = check_rate,
        [SCALAR_MAP] = check_scalar_map,
        [TEXTS_MAP] = check_texts_map,
        [OBJECT] = check_object,
        [OBJECTS] = check_objects,
        [OBJECT_MAP] = check_object_map,
        [SIGN_INS] = check_sign_ins,
        [COLUMN_NOTES] = check_column_notes,
        [SEEN_BEFORE] = check_nothing,
    };

    return checks[key->shape](w, key, value);
}

/* --- what comes first ------------------------------------------------------------------------- */

static int check_version(struct lh_spec_walk *w, json_t *root)
{
    json_t *version = json_object_get(root, "spec");

    if (!version)
        return lh_spec_wrong(w, "the key \"spec\" is missing, which holds the version of the "
                                "format: 1");
    if (json_is_integer(version) && json_integer_value(version) == 1)
        return 0;
    lh_spec_into(w, "spec");
    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return expected(w, "the number 1", version);
    return lh_spec_wrong(w,
                         "expected 1, found %" JSON_INTEGER_FORMAT "; this program knows version 1 "
                         "of the format only: update it, or use an older connector",
                         json_integer_value(version));
}

static lh_str feature_name(const void *context, size_t i)
{
    (void)context;
    return lh_str_z(features[i].name);
}

const struct lh_spec_feature *lh_spec_feature(lh_str name)
{
    for (size_t i = 0; i < LH_LEN(features); i++)
        if (lh_str_eqz(name, features[i].name))
            return &features[i];
    return NULL;
}

static int check_feature(struct lh_spec_walk *w, const struct key *key, json_t *value)
{
    int code = check_text(w, key, value);

    if (code || lh_spec_feature(lh_str_z(json_string_value(value))))
        return code;
    return unknown_word(w,
                        "expected a feature that this program has; update it, or use an older "
                        "connector",
                        json_string_value(value), feature_name, NULL, LH_LEN(features));
}

static int check_needs(struct lh_spec_walk *w, json_t *root)
{
    static const struct key key = {"needs", TEXTS, .rule = LH_TEXT_FULL};
    json_t *needs = json_object_get(root, key.name);
    size_t before;
    int code;

    if (!needs)
        return 0;
    before = lh_spec_into(w, key.name);
    code = check_each(w, &key, needs, check_feature);
    if (!code)
        lh_buf_cut(&w->pointer, before);
    return code;
}

int lh_spec_check_shape(struct lh_spec_walk *w)
{
    json_t *root = w->document->root;
    int code;

    if (!json_is_object(root))
        return expected(w, "an object", root);
    code = check_version(w, root);
    if (!code)
        code = check_needs(w, root);
    return code ? code : check_keys(w, spec_keys, root);
}
