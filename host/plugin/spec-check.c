/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a spec that its shape cannot say: names that refer to each other, templates, what
 * excludes what. One function a key, one table of them; here those about reaching the source.
 */
#include "config.h"

#include "plugin/spec_check.h"

#include "base/glob.h"
#include "base/map.h"
#include "base/number.h"
#include "http/headers.h"

int lh_spec_each(struct lh_spec_check *c, const char *key, size_t n, lh_spec_check_item *check)
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

/* --- base, origins, headers, tls -------------------------------------------------------------- */

static int check_base_item(struct lh_spec_check *c, size_t i)
{
    return lh_template_check_url(c->w, c->spec, c->spec->base.items[i], false);
}

static int check_base(struct lh_spec_check *c)
{
    return lh_spec_each(c, "base", c->spec->base.n, check_base_item);
}

static int check_origin(struct lh_spec_check *c, size_t i)
{
    lh_spec_into(c->w, "url");
    return lh_template_check_url(c->w, c->spec, c->spec->origins[i].url, true);
}

static int check_origins(struct lh_spec_check *c)
{
    return lh_spec_each(c, "origins", c->spec->n_origins, check_origin);
}

static int check_headers(struct lh_spec_check *c)
{
    size_t before = lh_spec_into(c->w, "headers");

    for (size_t i = 0; i < c->spec->headers.n; i++) {
        const struct lh_spec_pair *header = &c->spec->headers.items[i];
        size_t list = lh_spec_into(c->w, header->name);

        if (lh_http_header_is_of_host(lh_str_z(header->name)))
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
static int check_reference(struct lh_spec_check *c, const char *key, const char *name,
                           enum lh_option_type type, const char *type_name)
{
    const struct lh_spec_option *o;

    if (!name)
        return 0;
    o = lh_spec_find(c->spec->options, c->spec->n_options, lh_str_z(name));
    if (!o || strcmp(o->name, name) != 0)
        return lh_spec_wrong_at(c, key, "\"%s\" is none of \"options\"", name);
    if (o->type != type || o->secret)
        return lh_spec_wrong_at(c, key, "expected an option of the type %s that is not secret",
                                type_name);
    return 0;
}

static int check_tls(struct lh_spec_check *c)
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

static int check_when_pair(struct lh_spec_check *c, const struct lh_spec_pair *pair)
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

static int check_when(struct lh_spec_check *c, const struct lh_spec_sign_in *s)
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

static int check_field(struct lh_spec_check *c, const struct lh_spec_sign_in *s,
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

static int check_oauth2(struct lh_spec_check *c, const struct lh_spec_sign_in *s)
{
    const char *grant = field_of(s, "grant");
    const char *auth = field_of(s, "client_auth");
    bool is_public = auth && strcmp(auth, "none") == 0;
    bool refreshes = strcmp(grant, "refresh_token") == 0;
    char *feature lh_autofree = lh_xasprintf("oauth2.%s", grant);

    if (is_public == (field_of(s, "client_secret") != NULL))
        return is_public ? lh_spec_wrong_at(c, "client_secret", "client_auth none sends no secret")
                         : lh_spec_wrong(c->w, "the key \"client_secret\" is missing; a client "
                                               "without one has \"client_auth\": \"none\"");
    if (is_public && !refreshes)
        return lh_spec_wrong_at(c, "client_auth", "client_credentials needs a secret");
    if (refreshes != (field_of(s, "refresh_token") != NULL))
        return refreshes ? lh_spec_wrong(c->w, "the key \"refresh_token\" is missing")
                         : lh_spec_wrong_at(c, "refresh_token", "the grant %s has none", grant);
    if (!needs(c->spec, feature))
        return lh_spec_wrong_at(c, "grant", "\"needs\" must hold \"%s\"", feature);
    return 0;
}

static bool has_placeholder(const struct lh_spec_sign_in *s)
{
    for (size_t i = 0; i < s->fields.n; i++)
        if (!lh_template_is_literal(s->fields.items[i].value))
            return true;
    return false;
}

static int check_sign_in_item(struct lh_spec_check *c, size_t i)
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

static int check_sign_in(struct lh_spec_check *c)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);

    for (size_t i = 0; i < c->spec->n_sign_in; i++)
        if (!lh_map_set(&seen, lh_str_z(c->spec->sign_in[i].id), NULL)) {
            lh_spec_into(c->w, "sign_in");
            lh_spec_into_item(c->w, i);
            return lh_spec_wrong_at(c, "id", "found \"%s\" for the second time",
                                    c->spec->sign_in[i].id);
        }
    return lh_spec_each(c, "sign_in", c->spec->n_sign_in, check_sign_in_item);
}

/* --- limits and retry ------------------------------------------------------------------------- */

/* One option of the type int. */
static int check_int_option(struct lh_spec_check *c, const char *key, const char *tmpl,
                            const char *expected)
{
    const struct lh_spec_option *o;
    struct lh_template_part part;
    const char *at = tmpl;
    int code;

    lh_spec_into(c->w, key);
    code = lh_template_check(c->w, c->spec, tmpl);
    if (code)
        return code;
    if (!lh_template_next(&at, &part) || !part.is_option || *at)
        return lh_spec_wrong(c->w, "%s", expected);
    o = lh_spec_find(c->spec->options, c->spec->n_options, part.text);
    if (o->type != LH_OPTION_INT)
        return lh_spec_wrong(c->w, "expected an option of the type int, found ${%s}", o->name);
    return 0;
}

static int check_concurrent(struct lh_spec_check *c, const char *tmpl)
{
    int64_t number;

    if (!tmpl || lh_number_i64(lh_str_z(tmpl), 1, 1000, "", LH_INVALID, &number, NULL) == 0)
        return 0;
    return check_int_option(c, "concurrent", tmpl,
                            "expected a number from 1 to 1000 or one ${option}");
}

/* Those before it only, so that no bucket lies within itself. */
static int check_within(struct lh_spec_check *c, size_t i)
{
    const struct lh_spec_limit *limits = c->spec->limits;

    for (size_t k = 0; limits[i].within && k <= i; k++) {
        if (k == i)
            return lh_spec_wrong_at(c, "within", "\"%s\" is no bucket before this one",
                                    limits[i].within);
        if (strcmp(limits[k].bucket, limits[i].within) == 0)
            break;
    }
    return 0;
}

static int check_limit(struct lh_spec_check *c, size_t i)
{
    const struct lh_spec_limit *limit = &c->spec->limits[i];
    bool has_rate = limit->rate > 0 || limit->rate_tmpl;
    size_t before = c->w->pointer.n;
    int code;

    for (size_t k = 0; k < i; k++)
        if (strcmp(c->spec->limits[k].bucket, limit->bucket) == 0)
            return lh_spec_wrong_at(c, "bucket", "found \"%s\" for the second time", limit->bucket);
    if (has_rate != (limit->per_s > 0))
        return lh_spec_wrong(c->w, "\"rate\" and \"per_s\" come together");
    if (!has_rate && !limit->concurrent)
        return lh_spec_wrong(c->w, "a limit needs \"rate\" with \"per_s\", or \"concurrent\"");
    if (limit->learns && !has_rate)
        return lh_spec_wrong_at(c, "learns", "what learns its rate begins with one");
    if (limit->rate_tmpl) {
        code = check_int_option(c, "rate", limit->rate_tmpl,
                                "expected a number above 0 or one ${option}");
        if (code)
            return code;
        lh_buf_cut(&c->w->pointer, before);
    }
    code = check_within(c, i);
    return code ? code : check_concurrent(c, limit->concurrent);
}

static int check_limits(struct lh_spec_check *c)
{
    return lh_spec_each(c, "limits", c->spec->n_limits, check_limit);
}

/* The texts that a rule compares with are patterns. */
static int check_patterns(struct lh_spec_check *c, const char *key, json_t *map)
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

static int check_waits(struct lh_spec_check *c, const json_t *rule)
{
    const json_t *min = json_object_get(rule, "min_wait_ms");
    const json_t *max = json_object_get(rule, "max_wait_ms");
    bool waits = min || max || json_object_get(rule, "until");
    bool gives_up = json_object_get(rule, "give_up");

    if (!waits && !gives_up && !json_object_get(rule, "again"))
        return lh_spec_wrong(c->w, "the rule does nothing; it needs one of min_wait_ms, "
                                   "max_wait_ms, until, again, give_up");
    if (gives_up && (waits || json_object_get(rule, "again")))
        return lh_spec_wrong_at(c, "give_up", "a rule that gives up neither waits nor goes on");
    if (min && max && json_integer_value(min) > json_integer_value(max))
        return lh_spec_wrong_at(c, "min_wait_ms", "min_wait_ms is greater than max_wait_ms");
    if (json_is_false(json_object_get(rule, "again")))
        return lh_spec_wrong_at(c, "again",
                                "expected true; for a status that is not tried again use "
                                "give_up");
    return 0;
}

static int check_retry_rule(struct lh_spec_check *c, size_t i)
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

static int check_retry(struct lh_spec_check *c)
{
    return lh_spec_each(c, "retry", c->spec->n_retry, check_retry_rule);
}

/* --- all -------------------------------------------------------------------------------------- */

int lh_spec_check_rules(struct lh_spec_walk *w, struct lh_spec *spec)
{
    static int (*const rules[])(struct lh_spec_check *) = {
        lh_spec_check_options,
        lh_spec_check_namespaces,
        lh_spec_check_categories,
        check_base,
        check_origins,
        check_headers,
        check_tls,
        check_sign_in,
        check_limits,
        check_retry,
    };
    struct lh_spec_check c = {w, spec};

    for (size_t i = 0; i < LH_LEN(rules); i++) {
        int code = rules[i](&c);

        if (code)
            return code;
    }
    return 0;
}
