/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a spec that its shape cannot say: names that refer to each other, templates,
 * defaults, what excludes what. One function a key, one table of them.
 */
#include "config.h"

#include "plugin/spec_internal.h"

#include "base/glob.h"
#include "base/map.h"
#include "base/number.h"

#include <strings.h>

struct check {
    struct lh_spec_walk *w;
    struct lh_spec *spec;
};

/* A rule for the item of a list, or for a named value. */
typedef int check_item(struct check *c, size_t i);

/* The rule for /key/0, /key/1, ... */
static int each(struct check *c, const char *key, size_t n, check_item *check)
{
    size_t before = lh_spec_into(c->w, key);

    for (size_t i = 0; i < n; i++) {
        size_t list = lh_spec_into_item(c->w, i);
        int code = check(c, i);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

/* LH_INVALID at a key below the walk's place. */
#define wrong_at(c, key, ...) (lh_spec_into((c)->w, (key)), lh_spec_wrong((c)->w, __VA_ARGS__))

/* LH_INVALID when a name was in the set before; adds it. */
static int add_name(struct check *c, struct lh_map *seen, const char *name)
{
    if (lh_map_set(seen, lh_str_z(name), NULL))
        return 0;
    return lh_spec_wrong(c->w, "found \"%s\" for the second time", name);
}

/* --- options ---------------------------------------------------------------------------------- */

struct option_list {
    const char *key;
    struct lh_spec_option *options;
    size_t n;
};

static int check_default(struct check *c, const struct lh_spec_option *o)
{
    lh_auto(lh_buf) value = LH_BUF_INIT(LH_SPEC_BYTES * 8);
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (!o->if_absent)
        return 0;
    if (o->secret)
        return wrong_at(c, "default", "a secret has no default");
    if (o->required)
        return wrong_at(c, "default", "a required option has no default; drop one of the two");
    if (lh_option_normalise(o, lh_str_z(o->if_absent), &value, &why))
        return wrong_at(c, "default", "%s", lh_error_text(&why));
    if (value.n == 0)
        return wrong_at(c, "default", "an empty value means none; drop the key");
    return 0;
}

static int check_values(struct check *c, const struct lh_spec_option *o)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    size_t before;

    if (o->type != LH_OPTION_ENUM)
        return o->values.n == 0 ? 0 : wrong_at(c, "values", "only an enum has values");
    if (o->values.n == 0)
        return lh_spec_wrong(c->w, "an enum needs \"values\"");
    before = lh_spec_into(c->w, "values");
    for (size_t i = 0; i < o->values.n; i++) {
        size_t list = lh_spec_into_item(c->w, i);
        int code = add_name(c, &seen, o->values.items[i]);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_range(struct check *c, const struct lh_spec_option *o)
{
    bool bounded = o->min != INT64_MIN || o->max != INT64_MAX;

    if (bounded && o->type != LH_OPTION_INT)
        return wrong_at(c, o->min != INT64_MIN ? "min" : "max", "only an int has min and max");
    if (o->min > o->max)
        return wrong_at(c, "min", "min is greater than max");
    return 0;
}

static int check_secret(struct check *c, const struct lh_spec_option *o, bool is_table_option)
{
    if (!o->secret)
        return 0;
    if (is_table_option)
        return wrong_at(c, "secret", "a table option cannot be secret: sign_in reads options only");
    if (o->type != LH_OPTION_STRING && o->type != LH_OPTION_JSON)
        return wrong_at(c, "secret", "only a string or json can be secret");
    return 0;
}

static int check_tables(struct check *c, const struct lh_spec_option *o)
{
    size_t before;

    if (o->tables.n == 0)
        return 0;
    before = lh_spec_into(c->w, "tables");
    for (size_t i = 0; i < o->tables.n; i++) {
        const char *table = o->tables.items[i];
        size_t list = lh_spec_into_item(c->w, i);

        if (table[0] == '@' && !json_object_get(c->spec->categories, table + 1))
            return lh_spec_wrong(c->w, "\"%s\" is none of \"categories\"", table);
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_names(struct check *c, struct lh_map *seen, const struct lh_spec_option *o)
{
    size_t before = lh_spec_into(c->w, "name");
    int code = add_name(c, seen, o->name);

    if (code)
        return code;
    lh_buf_cut(&c->w->pointer, before);
    before = lh_spec_into(c->w, "aliases");
    for (size_t i = 0; i < o->aliases.n; i++) {
        size_t list = lh_spec_into_item(c->w, i);

        code = add_name(c, seen, o->aliases.items[i]);
        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_option(struct check *c, struct lh_map *seen, const struct lh_spec_option *o,
                        bool is_table_option)
{
    int code = check_names(c, seen, o);

    if (!code)
        code = check_values(c, o);
    if (!code)
        code = check_range(c, o);
    if (!code)
        code = check_secret(c, o, is_table_option);
    if (!code)
        code = check_default(c, o);
    return code ? code : check_tables(c, o);
}

static int check_option_list(struct check *c, const struct option_list *list, bool of_tables)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    size_t before = lh_spec_into(c->w, list->key);

    for (size_t i = 0; i < list->n; i++) {
        size_t item = lh_spec_into_item(c->w, i);
        int code = check_option(c, &seen, &list->options[i], of_tables);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, item);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_options(struct check *c)
{
    struct lh_spec *s = c->spec;
    struct option_list options = {"options", s->options, s->n_options};
    struct option_list table_options = {"table_options", s->table_options, s->n_table_options};
    int code = check_option_list(c, &options, false);

    return code ? code : check_option_list(c, &table_options, true);
}

/* --- base, origins, headers, tls -------------------------------------------------------------- */

static int check_base_item(struct check *c, size_t i)
{
    return lh_template_check_url(c->w, c->spec, c->spec->base.items[i], false);
}

static int check_base(struct check *c)
{
    return each(c, "base", c->spec->base.n, check_base_item);
}

static int check_origin(struct check *c, size_t i)
{
    lh_spec_into(c->w, "url");
    return lh_template_check_url(c->w, c->spec, c->spec->origins[i].url, true);
}

static int check_origins(struct check *c)
{
    return each(c, "origins", c->spec->n_origins, check_origin);
}

/* Headers that only the host may write, as rule 17 of the interface says. */
static bool is_of_host(lh_str name)
{
    static const char *const headers[] = {
        "Authorization",     "Cookie",     "Host", "Content-Length",
        "Transfer-Encoding", "Connection", NULL};

    if (name.n >= 6 && strncasecmp(name.p, "Proxy-", 6) == 0)
        return true;
    for (size_t i = 0; headers[i]; i++)
        if (name.n == strlen(headers[i]) && strncasecmp(name.p, headers[i], name.n) == 0)
            return true;
    return false;
}

static int check_headers(struct check *c)
{
    size_t before = lh_spec_into(c->w, "headers");

    for (size_t i = 0; i < c->spec->headers.n; i++) {
        const struct lh_spec_pair *header = &c->spec->headers.items[i];
        size_t list = lh_spec_into(c->w, header->name);

        if (is_of_host(lh_str_z(header->name)))
            return lh_spec_wrong(c->w, "this header is the host's own; use sign_in");
        if (!lh_template_is_literal(header->value))
            return lh_spec_wrong(c->w, "placeholders are known in base, origins, limits and "
                                       "sign_in only");
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

/* An option that a key names: it must be there, by its name, and of the type. */
static int check_reference(struct check *c, const char *key, const char *name,
                           enum lh_option_type type, const char *type_name)
{
    const struct lh_spec_option *o;

    if (!name)
        return 0;
    o = lh_spec_find(c->spec->options, c->spec->n_options, lh_str_z(name));
    if (!o || strcmp(o->name, name) != 0)
        return wrong_at(c, key, "\"%s\" is none of \"options\"", name);
    if (o->type != type || o->secret)
        return wrong_at(c, key, "expected an option of the type %s that is not secret", type_name);
    return 0;
}

static int check_tls(struct check *c)
{
    size_t before = lh_spec_into(c->w, "tls");
    int code = check_reference(c, "verify", c->spec->tls_verify, LH_OPTION_BOOL, "bool");

    if (!code)
        code = check_reference(c, "ca", c->spec->tls_ca, LH_OPTION_STRING, "string");
    if (!code)
        lh_buf_cut(&c->w->pointer, before);
    return code;
}

/* --- sign-in ---------------------------------------------------------------------------------- */

static int check_when_pair(struct check *c, const struct lh_spec_pair *pair)
{
    const struct lh_spec_option *o =
        lh_spec_find(c->spec->options, c->spec->n_options, lh_str_z(pair->name));
    lh_auto(lh_buf) value = LH_BUF_INIT(LH_SPEC_BYTES * 8);
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (!o || strcmp(o->name, pair->name) != 0)
        return lh_spec_wrong(c->w, "\"%s\" is none of \"options\"", pair->name);
    if (o->secret)
        return lh_spec_wrong(c->w, "a secret cannot be compared");
    if (lh_option_normalise(o, lh_str_z(pair->value), &value, &why))
        return lh_spec_wrong(c->w, "%s", lh_error_text(&why));
    if (strcmp(lh_buf_text(&value), pair->value) != 0)
        return lh_spec_wrong(c->w, "never true, because the option's value comes as \"%s\"",
                             lh_buf_text(&value));
    return 0;
}

static int check_when(struct check *c, const struct lh_spec_sign_in *s)
{
    size_t before = lh_spec_into(c->w, "when");

    for (size_t i = 0; i < s->when.n; i++) {
        size_t list = lh_spec_into(c->w, s->when.items[i].name);
        int code = check_when_pair(c, &s->when.items[i]);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, list);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

/* Words that are no templates although they are fields. */
static bool is_word_field(const char *name)
{
    return strcmp(name, "grant") == 0 || strcmp(name, "client_auth") == 0 ||
           strcmp(name, "refresh_before_s") == 0;
}

static int check_field(struct check *c, const struct lh_spec_sign_in *s,
                       const struct lh_spec_pair *field)
{
    bool is_name = (s->kind == LH_SIGN_IN_HEADER || s->kind == LH_SIGN_IN_QUERY) &&
                   strcmp(field->name, "name") == 0;

    if (is_word_field(field->name))
        return 0;
    if (strcmp(field->name, "token_url") == 0)
        return lh_template_check_url(c->w, c->spec, field->value, false);
    if (is_name && !lh_template_is_literal(field->value))
        return lh_spec_wrong(c->w, "a name takes no placeholder");
    return lh_template_check(c->w, c->spec, field->value);
}

static const char *field_of(const struct lh_spec_sign_in *s, const char *name)
{
    for (size_t i = 0; i < s->fields.n; i++)
        if (strcmp(s->fields.items[i].name, name) == 0)
            return s->fields.items[i].value;
    return NULL;
}

static bool needs(const struct lh_spec *spec, const char *feature)
{
    for (size_t i = 0; i < spec->needs.n; i++)
        if (strcmp(spec->needs.items[i], feature) == 0)
            return true;
    return false;
}

static int check_oauth2(struct check *c, const struct lh_spec_sign_in *s)
{
    const char *grant = field_of(s, "grant");
    const char *auth = field_of(s, "client_auth");
    bool is_public = auth && strcmp(auth, "none") == 0;
    bool refreshes = strcmp(grant, "refresh_token") == 0;
    char *feature lh_autofree = lh_xasprintf("oauth2.%s", grant);

    if (is_public == (field_of(s, "client_secret") != NULL))
        return is_public ? wrong_at(c, "client_secret", "client_auth none sends no secret")
                         : lh_spec_wrong(c->w, "the key \"client_secret\" is missing; a client "
                                               "without one has \"client_auth\": \"none\"");
    if (is_public && !refreshes)
        return wrong_at(c, "client_auth", "client_credentials needs a secret");
    if (refreshes != (field_of(s, "refresh_token") != NULL))
        return refreshes ? lh_spec_wrong(c->w, "the key \"refresh_token\" is missing")
                         : wrong_at(c, "refresh_token", "the grant %s has none", grant);
    if (!needs(c->spec, feature))
        return wrong_at(c, "grant", "\"needs\" must hold \"%s\"", feature);
    return 0;
}

static bool has_placeholder(const struct lh_spec_sign_in *s)
{
    for (size_t i = 0; i < s->fields.n; i++)
        if (!lh_template_is_literal(s->fields.items[i].value))
            return true;
    return false;
}

static int check_sign_in_item(struct check *c, size_t i)
{
    const struct lh_spec_sign_in *s = &c->spec->sign_in[i];
    int code = check_when(c, s);

    for (size_t k = 0; !code && k < s->fields.n; k++) {
        size_t before = lh_spec_into(c->w, s->fields.items[k].name);

        code = check_field(c, s, &s->fields.items[k]);
        if (!code)
            lh_buf_cut(&c->w->pointer, before);
    }
    if (!code && s->kind == LH_SIGN_IN_OAUTH2)
        code = check_oauth2(c, s);
    if (!code && s->when.n == 0 && !has_placeholder(s) && i + 1 < c->spec->n_sign_in)
        code = lh_spec_wrong(c->w, "this entry always holds, so those behind it are never used; "
                                   "put it last or give it \"when\"");
    return code;
}

static int check_sign_in(struct check *c)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);

    for (size_t i = 0; i < c->spec->n_sign_in; i++)
        if (!lh_map_set(&seen, lh_str_z(c->spec->sign_in[i].id), NULL)) {
            lh_spec_into(c->w, "sign_in");
            lh_spec_into_item(c->w, i);
            return wrong_at(c, "id", "found \"%s\" for the second time", c->spec->sign_in[i].id);
        }
    return each(c, "sign_in", c->spec->n_sign_in, check_sign_in_item);
}

/* --- limits and retry ------------------------------------------------------------------------- */

/* A number, or one option of the type int. */
static int check_concurrent(struct check *c, const char *tmpl)
{
    const struct lh_spec_option *o;
    struct lh_template_part part;
    const char *at = tmpl;
    int64_t number;
    int code;

    if (!tmpl || lh_number_i64(lh_str_z(tmpl), 1, 1000, "", LH_INVALID, &number, NULL) == 0)
        return 0;
    lh_spec_into(c->w, "concurrent");
    code = lh_template_check(c->w, c->spec, tmpl);
    if (code)
        return code;
    if (!lh_template_next(&at, &part) || !part.is_option || *at)
        return lh_spec_wrong(c->w, "expected a number from 1 to 1000 or one ${option}");
    o = lh_spec_find(c->spec->options, c->spec->n_options, part.text);
    if (o->type != LH_OPTION_INT)
        return lh_spec_wrong(c->w, "expected an option of the type int, found ${%s}", o->name);
    return 0;
}

static int check_limit(struct check *c, size_t i)
{
    const struct lh_spec_limit *limit = &c->spec->limits[i];

    for (size_t k = 0; k < i; k++)
        if (strcmp(c->spec->limits[k].bucket, limit->bucket) == 0)
            return wrong_at(c, "bucket", "found \"%s\" for the second time", limit->bucket);
    if ((limit->rate > 0) != (limit->per_s > 0))
        return lh_spec_wrong(c->w, "\"rate\" and \"per_s\" come together");
    if (!(limit->rate > 0) && !limit->concurrent)
        return lh_spec_wrong(c->w, "a limit needs \"rate\" with \"per_s\", or \"concurrent\"");
    return check_concurrent(c, limit->concurrent);
}

static int check_limits(struct check *c)
{
    return each(c, "limits", c->spec->n_limits, check_limit);
}

/* The texts that a rule compares with are patterns. */
static int check_patterns(struct check *c, const char *key, json_t *map)
{
    size_t before = lh_spec_into(c->w, key);
    const char *name;
    json_t *value;

    json_object_foreach(map, name, value)
    {
        lh_auto(lh_error) why = LH_ERROR_INIT;
        size_t member = lh_spec_into(c->w, name);

        if (json_is_string(value) && lh_glob_check(lh_str_z(json_string_value(value)), &why))
            return lh_spec_wrong(c->w, "%s", lh_error_text(&why));
        lh_buf_cut(&c->w->pointer, member);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

static int check_waits(struct check *c, const json_t *rule)
{
    const json_t *min = json_object_get(rule, "min_wait_ms");
    const json_t *max = json_object_get(rule, "max_wait_ms");
    bool waits = min || max || json_object_get(rule, "until");
    bool gives_up = json_object_get(rule, "give_up");

    if (!waits && !gives_up && !json_object_get(rule, "again"))
        return lh_spec_wrong(c->w, "the rule does nothing; it needs one of min_wait_ms, "
                                   "max_wait_ms, until, again, give_up");
    if (gives_up && (waits || json_object_get(rule, "again")))
        return wrong_at(c, "give_up", "a rule that gives up neither waits nor goes on");
    if (min && max && json_integer_value(min) > json_integer_value(max))
        return wrong_at(c, "min_wait_ms", "min_wait_ms is greater than max_wait_ms");
    if (json_is_false(json_object_get(rule, "again")))
        return wrong_at(c, "again",
                        "expected true; for a status that is not tried again use "
                        "give_up");
    return 0;
}

static int check_retry_rule(struct check *c, size_t i)
{
    const json_t *rule = c->spec->retry[i].rule;
    json_t *status = json_object_get(rule, "status");
    json_t *header = json_object_get(rule, "header");
    json_t *json = json_object_get(rule, "json");
    int code;

    if (!json_array_size(status) && !json_object_size(header) && !json_object_size(json))
        return lh_spec_wrong(c->w, "the rule holds always; it needs one of status, header, json");
    code = check_patterns(c, "header", header);
    if (!code)
        code = check_patterns(c, "json", json);
    return code ? code : check_waits(c, rule);
}

static int check_retry(struct check *c)
{
    return each(c, "retry", c->spec->n_retry, check_retry_rule);
}

/* --- namespaces and categories ---------------------------------------------------------------- */

static int check_namespace(struct check *c, size_t i)
{
    const char *name = c->spec->namespaces.items[i];

    for (size_t k = 0; k < c->spec->n_table_options; k++) {
        struct lh_spec_option *o = &c->spec->table_options[k];

        if (strcmp(o->name, name) != 0)
            continue;
        if (o->is_namespace)
            return wrong_at(c, "option", "found \"%s\" for the second time", name);
        o->is_namespace = true;
        return 0;
    }
    return wrong_at(c, "option", "\"%s\" is none of \"table_options\"", name);
}

static int check_namespaces(struct check *c)
{
    return each(c, "namespaces", c->spec->namespaces.n, check_namespace);
}

static int check_category(struct check *c, struct lh_map *seen, const json_t *tables)
{
    for (size_t i = 0; i < json_array_size(tables); i++) {
        size_t before = lh_spec_into_item(c->w, i);
        int code = add_name(c, seen, json_string_value(json_array_get(tables, i)));

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, before);
    }
    return 0;
}

static int check_categories(struct check *c)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    size_t before = lh_spec_into(c->w, "categories");
    const char *name;
    json_t *tables;

    json_object_foreach(json_object_get(c->spec->document.root, "categories"), name, tables)
    {
        size_t member = lh_spec_into(c->w, name);
        int code = check_category(c, &seen, tables);

        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, member);
    }
    lh_buf_cut(&c->w->pointer, before);
    return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

int lh_spec_check_rules(struct lh_spec_walk *w, struct lh_spec *spec)
{
    static int (*const rules[])(struct check *) = {
        check_options, check_namespaces, check_categories, check_base,   check_origins,
        check_headers, check_tls,        check_sign_in,    check_limits, check_retry,
    };
    struct check c = {w, spec};

    for (size_t i = 0; i < LH_LEN(rules); i++) {
        int code = rules[i](&c);

        if (code)
            return code;
    }
    return 0;
}
