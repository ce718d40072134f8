/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of a spec: one walk over the document along the tables of spec-format.c. What keys mean
 * to each other is spec-check.c's business.
 */
#include "config.h"

#include "plugin/spec_format.h"

#include "base/nearest.h"
#include "json/text.h"

#include <math.h>

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

static int check_choice(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
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

static int check_text(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    if (!json_is_string(value))
        return expected(w, "a string", value);
    return lh_spec_check_text(w, key->rule, json_string_value(value));
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int check_bool(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    (void)key;
    return json_is_boolean(value) ? 0 : expected(w, "true or false", value);
}

static int check_int(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
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

static int check_int_or_text(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return json_is_string(value) ? check_text(w, key, value) : check_int(w, key, value);
}

static int check_rate(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    double number = json_number_value(value);

    (void)key;
    if (json_is_number(value) && isfinite(number) && number > 0 && number <= 1e9)
        return 0;
    return expected(w, "a number above 0 and up to 1000000000", value);
}

static int check_rate_or_text(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return json_is_string(value) ? check_text(w, key, value) : check_rate(w, key, value);
}

/* --- containers ------------------------------------------------------------------------------- */

typedef int check_value(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value);

static int check_each(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *list,
                      check_value *check)
{
    size_t max = key->items ? key->items : LH_SPEC_ITEMS;
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
static int check_members(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *map,
                         enum lh_text_rule rule, check_value *check)
{
    const char *name;
    json_t *value;

    if (!json_is_object(map))
        return expected(w, "an object", map);
    if (json_object_size(map) > LH_SPEC_ITEMS)
        return lh_spec_wrong(w, "expected at most %d members, found %zu", LH_SPEC_ITEMS,
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

static int check_texts(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_each(w, key, value, check_text);
}

static int check_ints(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_each(w, key, value, check_int);
}

static int check_text_map(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_FULL, check_text);
}

static int check_header_map(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_HEADER, check_text);
}

static int check_texts_map(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_NAME, check_texts);
}

static int check_scalar(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    if (json_is_object(value) || json_is_array(value))
        return expected(w, "a string, a number, true, false or null", value);
    return json_is_string(value) ? check_text(w, key, value) : 0;
}

static int check_scalar_map(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_POINTER, check_scalar);
}

static lh_str key_name(const void *context, size_t i)
{
    return lh_str_z(((const struct lh_spec_key *)context)[i].name);
}

static const struct lh_spec_key *find_key(const struct lh_spec_key *keys, const char *name,
                                          size_t *ret_n)
{
    const struct lh_spec_key *found = NULL;
    size_t n = 0;

    for (; keys[n].name; n++)
        if (strcmp(keys[n].name, name) == 0)
            found = &keys[n];
    *ret_n = n;
    return found;
}

static int check_value_of(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value);

static int check_keys(struct lh_spec_walk *w, const struct lh_spec_key *keys, json_t *object)
{
    const char *name;
    json_t *value;
    size_t n;

    if (!json_is_object(object))
        return expected(w, "an object", object);
    json_object_foreach(object, name, value)
    {
        const struct lh_spec_key *key = find_key(keys, name, &n);
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

static int check_object(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_keys(w, key->keys, value);
}

static int check_objects(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_each(w, key, value, check_object);
}

static int check_object_map(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_members(w, key, value, LH_TEXT_FULL, check_object);
}

static lh_str kind_name(const void *context, size_t i)
{
    (void)context;
    return lh_str_z(lh_spec_kinds[i].name);
}

static int check_sign_in(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    json_t *kind = json_object_get(value, "kind");

    (void)key;
    if (!json_is_string(kind))
        return check_keys(w, lh_spec_kinds[LH_SIGN_IN_NONE].keys, value);
    for (size_t i = 0; i < LH_LEN(lh_spec_kinds); i++)
        if (strcmp(json_string_value(kind), lh_spec_kinds[i].name) == 0)
            return check_keys(w, lh_spec_kinds[i].keys, value);
    lh_spec_into(w, "kind");
    return unknown_word(w, "expected one of none bearer basic header query oauth2",
                        json_string_value(kind), kind_name, NULL, LH_LEN(lh_spec_kinds));
}

static int check_sign_ins(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    return check_each(w, key, value, check_sign_in);
}

static int check_column_notes(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    static const struct lh_spec_key words = {.words = "native|live"};

    if (json_is_string(value))
        return check_choice(w, &words, value);
    if (!json_is_array(value))
        return expected(w, "\"native\", \"live\" or a list of differences", value);
    return check_each(w, key, value, check_object);
}

static int check_nothing(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    (void)w, (void)key, (void)value;
    return 0;
}

static int check_value_of(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
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
        [RATE_OR_TEXT] = check_rate_or_text,
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
    return lh_str_z(lh_spec_features[i].name);
}

const struct lh_spec_feature *lh_spec_feature(lh_str name)
{
    for (size_t i = 0; i < LH_LEN(lh_spec_features); i++)
        if (lh_str_eqz(name, lh_spec_features[i].name))
            return &lh_spec_features[i];
    return NULL;
}

static int check_feature(struct lh_spec_walk *w, const struct lh_spec_key *key, json_t *value)
{
    int code = check_text(w, key, value);

    if (code || lh_spec_feature(lh_str_z(json_string_value(value))))
        return code;
    return unknown_word(w,
                        "expected a feature that this program has; update it, or use an older "
                        "connector",
                        json_string_value(value), feature_name, NULL, LH_LEN(lh_spec_features));
}

static int check_needs(struct lh_spec_walk *w, json_t *root)
{
    static const struct lh_spec_key key = {"needs", TEXTS, .rule = LH_TEXT_FULL};
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
    return code ? code : check_keys(w, lh_spec_keys, root);
}
