/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a spec to the struct. The shape was checked before (spec-shape.c), so values
 * are taken as they are; what they mean to each other is checked after (spec-check.c).
 */
#include "config.h"

#include "plugin/spec_internal.h"

#include <stdlib.h>

/* --- values of a checked document ------------------------------------------------------------- */

static void *take_room(struct lh_spec *spec, size_t n, size_t size)
{
    return lh_arena_alloc(&spec->arena, n ? n * size : size);
}

static const char *text_or(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : otherwise;
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static int64_t int_or(const json_t *object, const char *key, int64_t otherwise)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static struct lh_strings take_texts(struct lh_spec *spec, const json_t *list)
{
    struct lh_strings texts = {.n = json_array_size(list)};

    texts.items = take_room(spec, texts.n, sizeof *texts.items);
    for (size_t i = 0; i < texts.n; i++)
        texts.items[i] = json_string_value(json_array_get(list, i));
    return texts;
}

static struct lh_spec_pairs take_pairs(struct lh_spec *spec, json_t *map)
{
    struct lh_spec_pairs pairs = {.items = NULL};
    const char *name;
    json_t *value;

    pairs.items = take_room(spec, json_object_size(map), sizeof *pairs.items);
    json_object_foreach(map, name, value)
    {
        pairs.items[pairs.n].name = name;
        pairs.items[pairs.n++].value = json_string_value(value);
    }
    return pairs;
}

/* The place of a word in "a|b|c", which the shape has made sure of. */
static size_t place_of(const char *words, const char *word)
{
    size_t at = 0;
    size_t i = 0;

    while (!lh_str_eqz(lh_str_part(words, '|', &at), word))
        i++;
    return i;
}

/* --- the parts -------------------------------------------------------------------------------- */

static struct lh_spec_option take_option(struct lh_spec *spec, const json_t *o)
{
    return (struct lh_spec_option){
        .name = text_or(o, "name", NULL),
        .type = (enum lh_option_type)place_of(lh_option_types, text_or(o, "type", NULL)),
        .if_absent = text_or(o, "default", NULL),
        .help = text_or(o, "description", ""),
        .aliases = take_texts(spec, json_object_get(o, "aliases")),
        .values = take_texts(spec, json_object_get(o, "values")),
        .tables = take_texts(spec, json_object_get(o, "tables")),
        .min = int_or(o, "min", INT64_MIN),
        .max = int_or(o, "max", INT64_MAX),
        .required = is_true(o, "required"),
        .secret = is_true(o, "secret"),
        .native_only = is_true(o, "native_only"),
    };
}

static struct lh_spec_option *take_options(struct lh_spec *spec, const char *key, size_t *ret_n)
{
    const json_t *list = json_object_get(spec->document.root, key);
    size_t n = json_array_size(list);
    struct lh_spec_option *options = take_room(spec, n, sizeof *options);

    for (size_t i = 0; i < n; i++)
        options[i] = take_option(spec, json_array_get(list, i));
    *ret_n = n;
    return options;
}

static void take_origins(struct lh_spec *spec, const json_t *list)
{
    spec->n_origins = json_array_size(list);
    spec->origins = take_room(spec, spec->n_origins, sizeof *spec->origins);
    for (size_t i = 0; i < spec->n_origins; i++) {
        const json_t *o = json_array_get(list, i);

        spec->origins[i] = (struct lh_spec_origin){.url = text_or(o, "url", NULL),
                                                   .sign_in = is_true(o, "sign_in")};
    }
}

/* A number as text; lives in the arena. */
static const char *number_text(struct lh_spec *spec, const json_t *value)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(32);

    lh_buf_i64(&text, json_integer_value(value));
    return lh_arena_copy(&spec->arena, lh_buf_slice(&text));
}

/* Every key that is not common to all kinds is a field. */
static struct lh_spec_pairs take_fields(struct lh_spec *spec, json_t *o)
{
    struct lh_spec_pairs fields = {.items =
                                       take_room(spec, json_object_size(o), sizeof *fields.items)};
    const char *name;
    json_t *value;

    json_object_foreach(o, name, value)
    {
        if (strcmp(name, "id") == 0 || strcmp(name, "kind") == 0 || strcmp(name, "when") == 0)
            continue;
        fields.items[fields.n].name = name;
        fields.items[fields.n++].value =
            json_is_integer(value) ? number_text(spec, value) : json_string_value(value);
    }
    return fields;
}

static void take_sign_in(struct lh_spec *spec, const json_t *list)
{
    spec->n_sign_in = json_array_size(list);
    spec->sign_in = take_room(spec, spec->n_sign_in, sizeof *spec->sign_in);
    for (size_t i = 0; i < spec->n_sign_in; i++) {
        json_t *o = json_array_get(list, i);
        size_t kind = place_of("none|bearer|basic|header|query|oauth2", text_or(o, "kind", NULL));

        spec->sign_in[i] = (struct lh_spec_sign_in){
            .id = text_or(o, "id", NULL),
            .kind = (enum lh_sign_in_kind)kind,
            .when = take_pairs(spec, json_object_get(o, "when")),
            .fields = take_fields(spec, o),
        };
    }
}

static void take_limits(struct lh_spec *spec, const json_t *list)
{
    spec->n_limits = json_array_size(list);
    spec->limits = take_room(spec, spec->n_limits, sizeof *spec->limits);
    for (size_t i = 0; i < spec->n_limits; i++) {
        const json_t *o = json_array_get(list, i);
        const json_t *concurrent = json_object_get(o, "concurrent");

        spec->limits[i] = (struct lh_spec_limit){
            .bucket = text_or(o, "bucket", NULL),
            .rate = json_number_value(json_object_get(o, "rate")),
            .rate_tmpl = json_string_value(json_object_get(o, "rate")),
            .per_s = json_number_value(json_object_get(o, "per_s")),
            .concurrent = json_is_integer(concurrent) ? number_text(spec, concurrent)
                                                      : json_string_value(concurrent),
            .within = json_string_value(json_object_get(o, "within")),
            .learns = json_is_true(json_object_get(o, "learns")),
        };
    }
}

static void take_retry(struct lh_spec *spec, const json_t *list)
{
    spec->n_retry = json_array_size(list);
    spec->retry = take_room(spec, spec->n_retry, sizeof *spec->retry);
    for (size_t i = 0; i < spec->n_retry; i++)
        spec->retry[i].rule = json_array_get(list, i);
}

static struct lh_strings take_namespaces(struct lh_spec *spec, const json_t *list)
{
    struct lh_strings names = {.n = json_array_size(list)};

    names.items = take_room(spec, names.n, sizeof *names.items);
    for (size_t i = 0; i < names.n; i++)
        names.items[i] = text_or(json_array_get(list, i), "option", NULL);
    return names;
}

static void take_all(struct lh_spec *spec)
{
    const json_t *root = spec->document.root;
    const json_t *tls = json_object_get(root, "tls");

    spec->name = text_or(root, "name", NULL);
    spec->version = text_or(root, "version", NULL);
    spec->license = text_or(root, "license", NULL);
    spec->display_name = text_or(root, "display_name", spec->name);
    spec->description = text_or(root, "description", "");
    spec->needs = take_texts(spec, json_object_get(root, "needs"));
    for (size_t i = 0; i < spec->needs.n; i++)
        spec->needs_consent |= lh_spec_feature(lh_str_z(spec->needs.items[i]))->needs_consent;
    spec->options = take_options(spec, "options", &spec->n_options);
    spec->table_options = take_options(spec, "table_options", &spec->n_table_options);
    spec->base = take_texts(spec, json_object_get(root, "base"));
    take_origins(spec, json_object_get(root, "origins"));
    spec->headers = take_pairs(spec, json_object_get(root, "headers"));
    spec->tls_verify = text_or(tls, "verify", NULL);
    spec->tls_ca = text_or(tls, "ca", NULL);
    take_sign_in(spec, json_object_get(root, "sign_in"));
    take_limits(spec, json_object_get(root, "limits"));
    take_retry(spec, json_object_get(root, "retry"));
    spec->namespaces = take_namespaces(spec, json_object_get(root, "namespaces"));
    spec->categories = json_object_get(root, "categories");
    spec->parents = json_object_get(root, "parents");
    spec->upstream = json_object_get(root, "upstream");
}

/* --- the face --------------------------------------------------------------------------------- */

void lh_spec_destroy(struct lh_spec *spec)
{
    if (!spec)
        return;
    lh_document_free(&spec->document);
    lh_arena_free(&spec->arena);
    free(spec);
}

int lh_spec_parse(lh_str json, const char *name, struct lh_spec **ret, struct lh_error *e)
{
    lh_autoptr(lh_spec) spec = lh_xcalloc(1, sizeof *spec);
    lh_auto(lh_spec_walk) walk = {.pointer = LH_BUF_INIT(LH_BUF_TEXT), .e = e};
    int code;

    if (json.n > LH_SPEC_BYTES)
        return lh_error_set(e, LH_INVALID, "%s: found %zu bytes, expected a spec of at most %zu",
                            name, json.n, LH_SPEC_BYTES);
    code = lh_document_parse_json(&spec->document, json, name, e);
    if (code)
        return code;
    walk.document = &spec->document;
    code = lh_spec_check_shape(&walk);
    if (code)
        return code;
    take_all(spec);
    code = lh_spec_check_rules(&walk, spec);
    if (!code)
        *ret = lh_take(spec);
    return code;
}

const struct lh_spec_option *lh_spec_find(const struct lh_spec_option *options, size_t n,
                                          lh_str name)
{
    for (size_t i = 0; i < n; i++) {
        if (lh_str_eqz(name, options[i].name))
            return &options[i];
        for (size_t j = 0; j < options[i].aliases.n; j++)
            if (lh_str_eqz(name, options[i].aliases.items[j]))
                return &options[i];
    }
    return NULL;
}

const char *lh_spec_category(const struct lh_spec *spec, lh_str table)
{
    const char *category;
    json_t *tables;

    json_object_foreach(json_object_get(spec->document.root, "categories"), category, tables)
    {
        for (size_t i = 0; i < json_array_size(tables); i++)
            if (lh_str_eqz(table, json_string_value(json_array_get(tables, i))))
                return category;
    }
    return NULL;
}

static const char *text_or_empty(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

bool lh_spec_upstream(const struct lh_spec *spec, lh_str table, struct lh_upstream *ret)
{
    const json_t *tables = json_object_get(spec->upstream, "tables");
    const json_t *profile = json_object_getn(tables, table.p, table.n);

    if (!profile)
        profile = json_object_get(tables, "*");
    if (!profile)
        return false;
    *ret = (struct lh_upstream){.type = text_or_empty(profile, "type"),
                                .cursor = text_or_empty(profile, "cursor"),
                                .keys = json_object_get(profile, "keys")};
    return true;
}
