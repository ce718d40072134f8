/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of options: taking them, completing them, handing them on. What a value of a type may be
 * is opts-value.c's business; no message of this file holds any value.
 */
#include "config.h"

#include "plugin/opts_internal.h"

#include "base/map.h"
#include "base/nearest.h"
#include "json/json.h"
#include "json/text.h"

#include <stdlib.h>

#define FORM_MAX      ((size_t)1 << 20) /* canonical JSON may be longer than what was given */
#define SHORTEST_TEXT 4 /* of a secret document; what is shorter stands in every other message */

static void free_value(struct lh_opts_value *value)
{
    if (value->text)
        explicit_bzero(value->text, strlen(value->text));
    free(value->text);
    free(value->name);
    free(value->origin);
    *value = (struct lh_opts_value){NULL, NULL, NULL};
}

struct lh_opts *lh_opts_new(const struct lh_spec *spec, bool for_tables)
{
    struct lh_opts *opts = lh_xcalloc(1, sizeof *opts);

    opts->spec = spec;
    opts->for_tables = for_tables;
    opts->options = for_tables ? spec->table_options : spec->options;
    opts->n = for_tables ? spec->n_table_options : spec->n_options;
    opts->values = lh_xcalloc(opts->n ? opts->n : 1, sizeof *opts->values);
    return opts;
}

void lh_opts_destroy(struct lh_opts *opts)
{
    if (!opts)
        return;
    for (size_t i = 0; i < opts->n; i++)
        free_value(&opts->values[i]);
    free(opts->values);
    free(opts);
}

size_t lh_opts_index(const struct lh_opts *opts, lh_str name)
{
    size_t i = 0;

    while (i < opts->n && !lh_str_eqz(name, opts->options[i].name))
        i++;
    return i;
}

/* --- taking ----------------------------------------------------------------------------------- */

static lh_str option_name(const void *context, size_t i)
{
    return lh_str_z(((const struct lh_spec_option *)context)[i].name);
}

static int unknown_option(const struct lh_opts *opts, lh_str name, const char *origin,
                          struct lh_error *e)
{
    const struct lh_spec *spec = opts->spec;
    const struct lh_spec_option *others = opts->for_tables ? spec->options : spec->table_options;
    size_t n = opts->for_tables ? spec->n_options : spec->n_table_options;
    const char *kind = opts->for_tables ? "table option" : "option";
    char *quoted lh_autofree = lh_text_quote(name);
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    if (lh_spec_find(others, n, name))
        return lh_error_set(e, LH_INVALID, "%s: %s has no %s %s; it is %s", origin, spec->name,
                            kind, quoted,
                            opts->for_tables ? "an option of the connection"
                                             : "an option of tables (--table-option)");
    lh_nearest_hint(name, option_name, opts->options, opts->n, &hint);
    return lh_error_set(e, LH_INVALID, "%s: %s has no %s %s%s", origin, spec->name, kind, quoted,
                        lh_buf_text(&hint));
}

/* The same option under two names must not have two values: which one would count? */
static int check_conflict(const struct lh_opts_value *old, lh_str name, const char *text,
                          const char *origin, struct lh_error *e)
{
    if (!old->name || lh_str_eqz(name, old->name) || strcmp(old->text, text) == 0)
        return 0;
    return lh_error_set(e, LH_INVALID,
                        "%s: option %.*s is another name of %s, which %s gives with another "
                        "value; give one of them",
                        origin, LH_STR_ARG(name), old->name, old->origin);
}

/* The value in its form, as the caller's own; NULL for an empty one. */
static int make_form(const struct lh_spec_option *option, lh_str value, char **ret,
                     struct lh_error *e)
{
    lh_auto(lh_buf) form = LH_BUF_INIT(FORM_MAX);
    int code;

    /* Room at once, so that growing leaves no part of a secret behind. */
    lh_buf_room(&form, value.n < FORM_MAX / 2 ? value.n * 2 : 0);
    code = lh_option_normalise(option, value, &form, e);
    if (!code && form.failed)
        code = lh_error_set(e, LH_INVALID, "found more than %zu bytes", FORM_MAX);
    if (!code)
        *ret = form.n ? lh_buf_take(&form) : NULL;
    else if (form.p)
        explicit_bzero(form.p, form.cap);
    return code;
}

int lh_opts_set(struct lh_opts *opts, lh_str name, lh_str value, const char *origin,
                struct lh_error *e)
{
    const struct lh_spec_option *option = lh_spec_find(opts->options, opts->n, name);
    struct lh_opts_value *at;
    struct lh_opts_value fresh = {NULL, NULL, NULL};
    int code;

    if (!option)
        return unknown_option(opts, name, origin, e);
    at = &opts->values[option - opts->options];
    if (make_form(option, value, &fresh.text, e))
        return lh_error_wrap(e, "%s: option %.*s", origin, LH_STR_ARG(name));
    if (!fresh.text) {
        if (at->name && lh_str_eqz(name, at->name))
            free_value(at);
        return 0;
    }
    code = check_conflict(at, name, fresh.text, origin, e);
    if (code) {
        free_value(&fresh);
        return code;
    }
    fresh.name = lh_xmemdup0(name.p, name.n);
    fresh.origin = lh_xstrdup(origin);
    free_value(at);
    *at = fresh;
    return 0;
}

/* --- completing ------------------------------------------------------------------------------- */

static bool applies(const struct lh_spec_option *option, lh_str table, lh_str category)
{
    if (option->tables.n == 0)
        return true;
    for (size_t i = 0; i < option->tables.n; i++) {
        const char *item = option->tables.items[i];

        if (item[0] == '@' ? category.n && lh_str_eqz(category, item + 1)
                           : table.n && lh_str_eqz(table, item))
            return true;
    }
    return false;
}

static int wrong_table(const struct lh_spec_option *option, const struct lh_opts_value *value,
                       lh_str table, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

    for (size_t i = 0; i < option->tables.n; i++)
        lh_buf_f(&text, "%s%s", i ? ", " : "", option->tables.items[i]);
    return lh_error_set(e, LH_INVALID, "%s: option %s is not for %s%.*s; it is for %s",
                        value->origin, value->name, table.n ? "the table " : "a call without table",
                        LH_STR_ARG(table), lh_buf_text(&text));
}

static int missing(const struct lh_opts *opts, const struct lh_spec_option *option,
                   struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID, "%s: the %s %s is missing%s%s", opts->spec->name,
                        opts->for_tables ? "table option" : "option", option->name,
                        option->help[0] ? ": " : "", option->help);
}

int lh_opts_finish(struct lh_opts *opts, lh_str table, lh_str category, struct lh_error *e)
{
    if (category.n == 0)
        category = lh_str_z(lh_spec_category(opts->spec, table));
    for (size_t i = 0; i < opts->n; i++) {
        const struct lh_spec_option *option = &opts->options[i];
        struct lh_opts_value *value = &opts->values[i];
        bool fits = applies(option, table, category);
        int code = 0;

        if (value->name && !fits)
            return wrong_table(option, value, table, e);
        if (!value->text && fits && option->required)
            return missing(opts, option, e);
        if (!value->text && fits && option->if_absent)
            code = make_form(option, lh_str_z(option->if_absent), &value->text, e);
        if (code)
            return lh_error_wrap(e, "option %s", option->name);
    }
    return 0;
}

/* --- handing on ------------------------------------------------------------------------------- */

const char *lh_opts_get(const struct lh_opts *opts, const char *name)
{
    size_t i = lh_opts_index(opts, lh_str_z(name));

    return i < opts->n ? opts->values[i].text : NULL;
}

const char *lh_opts_public(const struct lh_opts *opts, const char *name)
{
    size_t i = lh_opts_index(opts, lh_str_z(name));

    return i < opts->n && !opts->options[i].secret ? opts->values[i].text : NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct lh_spec_option *const *x = a;
    const struct lh_spec_option *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

void lh_opts_write_given(const struct lh_opts *opts, struct lh_buf *to)
{
    const struct lh_spec_option **given lh_autofree = lh_xcalloc(opts->n + 1, sizeof *given);
    size_t n = 0;

    for (size_t i = 0; i < opts->n; i++)
        if (opts->values[i].name && !opts->options[i].secret)
            given[n++] = &opts->options[i];
    qsort(given, n, sizeof(const struct lh_spec_option *), by_name);
    lh_buf_char(to, '{');
    for (size_t i = 0; i < n; i++) {
        lh_buf_z(to, i ? "," : "");
        lh_json_write_str(to, lh_str_z(given[i]->name));
        lh_buf_char(to, ':');
        lh_json_write_str(to, lh_str_z(opts->values[given[i] - opts->options].text));
    }
    lh_buf_char(to, '}');
}

const char *lh_opts_next_native(const struct lh_opts *opts, size_t *at)
{
    while (*at < opts->n) {
        size_t i = (*at)++;

        if (opts->values[i].name && opts->options[i].native_only)
            return opts->options[i].name;
    }
    return NULL;
}

bool lh_opts_is_namespace(const struct lh_opts *opts, lh_str name)
{
    const struct lh_spec_option *option = lh_spec_find(opts->options, opts->n, name);

    return option && option->is_namespace;
}

bool lh_opts_wants(const struct lh_opts *opts, lh_str name, lh_str table)
{
    const struct lh_spec_option *option = lh_spec_find(opts->options, opts->n, name);

    return !option || (!option->is_namespace &&
                       applies(option, table, lh_str_z(lh_spec_category(opts->spec, table))));
}

/* The texts in a secret document: a source says the key of an account, not the account. */
static void register_texts(const struct lh_json *v, const char *name, struct lh_log *log)
{
    const struct lh_json *inner = NULL;

    if (lh_json_kind(v) == LH_JSON_STRING && lh_json_str(v).n >= SHORTEST_TEXT)
        lh_log_secret(log, lh_json_str(v), name);
    while ((inner = lh_json_next(v, inner, NULL)))
        register_texts(inner, name, log);
}

static void register_secret(const struct lh_spec_option *option, lh_str value, struct lh_log *log)
{
    lh_autoptr(lh_json_doc) doc = NULL;

    lh_log_secret(log, value, option->name);
    if (option->type != LH_OPTION_JSON)
        return;
    doc = lh_json_doc_new();
    if (lh_json_scan(doc, value, &lh_json_page_limits, NULL) == LH_JSON_FINE)
        register_texts(lh_json_root(doc), option->name, log);
}

void lh_opts_register_secrets(const struct lh_opts *opts, struct lh_log *log)
{
    for (size_t i = 0; i < opts->n; i++)
        if (opts->options[i].secret && opts->values[i].text)
            register_secret(&opts->options[i], lh_str_z(opts->values[i].text), log);
}

/* --- sign-in ---------------------------------------------------------------------------------- */

static bool is_set(const struct lh_opts *opts, lh_str name)
{
    size_t i = lh_opts_index(opts, name);

    return i < opts->n && opts->values[i].text;
}

static bool all_set(const struct lh_opts *opts, const struct lh_spec_sign_in *s)
{
    struct lh_template_part part;

    for (size_t i = 0; i < s->fields.n; i++) {
        const char *at = s->fields.items[i].value;

        while (lh_template_next(&at, &part))
            if (part.is_option && !is_set(opts, part.text))
                return false;
    }
    return true;
}

static bool all_hold(const struct lh_opts *opts, const struct lh_spec_sign_in *s)
{
    for (size_t i = 0; i < s->when.n; i++) {
        const char *value = lh_opts_get(opts, s->when.items[i].name);

        if (!value || strcmp(value, s->when.items[i].value) != 0)
            return false;
    }
    return true;
}

const struct lh_spec_sign_in *lh_opts_sign_in(const struct lh_opts *opts)
{
    for (size_t i = 0; i < opts->spec->n_sign_in; i++) {
        const struct lh_spec_sign_in *s = &opts->spec->sign_in[i];

        if (all_set(opts, s) && all_hold(opts, s))
            return s;
    }
    return NULL;
}

static void put_missing(const struct lh_opts *opts, const struct lh_spec_sign_in *s,
                        struct lh_map *seen, struct lh_buf *to)
{
    struct lh_template_part part;

    for (size_t i = 0; i < s->fields.n; i++) {
        const char *at = s->fields.items[i].value;

        while (lh_template_next(&at, &part)) {
            if (!part.is_option || is_set(opts, part.text) || !lh_map_set(seen, part.text, NULL))
                continue;
            lh_buf_z(to, seen->count > 1 ? ", " : "");
            lh_buf_str(to, part.text);
        }
    }
    for (size_t i = 0; i < s->when.n; i++) {
        const struct lh_spec_pair *pair = &s->when.items[i];
        const char *value = lh_opts_get(opts, pair->name);

        if ((value && strcmp(value, pair->value) == 0) ||
            !lh_map_set(seen, lh_str_z(pair->name), NULL))
            continue;
        lh_buf_f(to, "%s%s=%s", seen->count > 1 ? ", " : "", pair->name, pair->value);
    }
}

void lh_opts_sign_in_missing(const struct lh_opts *opts, struct lh_buf *to)
{
    for (size_t i = 0; i < opts->spec->n_sign_in; i++) {
        lh_auto(lh_map) seen = LH_MAP_INIT(NULL);

        lh_buf_f(to, "%s%s (", i ? ", " : "", opts->spec->sign_in[i].id);
        put_missing(opts, &opts->spec->sign_in[i], &seen, to);
        lh_buf_char(to, ')');
    }
}

bool lh_opts_expand_text(const struct lh_opts *opts, const char *tmpl, struct lh_buf *to)
{
    struct lh_template_part part;

    while (lh_template_next(&tmpl, &part)) {
        size_t i = part.is_option ? lh_opts_index(opts, part.text) : 0;

        if (part.is_option && !is_set(opts, part.text))
            return false;
        lh_buf_str(to, part.is_option ? lh_str_z(opts->values[i].text) : part.text);
    }
    return true;
}
