/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates: text with placeholders ${option}, and the places of a URL in which an option may
 * stand. Reads and checks them; values are put in by opts-url.c, which walks the same way.
 */
#include "config.h"

#include "plugin/spec_internal.h"

#include "base/nearest.h"
#include "json/text.h"

/* --- reading ---------------------------------------------------------------------------------- */

bool lh_template_next(const char **at, struct lh_template_part *ret)
{
    const char *begin = *at;
    const char *end;

    if (!*begin)
        return false;
    ret->is_option = begin[0] == '$' && begin[1] == '{';
    if (ret->is_option) {
        begin += 2;
        end = strchr(begin, '}');
        *at = end ? end + 1 : begin + strlen(begin);
        ret->text = end ? lh_str_n(begin, (size_t)(end - begin)) : lh_str_z(begin);
        return true;
    }
    end = strstr(begin, "${");
    *at = end ? end : begin + strlen(begin);
    ret->text = lh_str_n(begin, (size_t)(*at - begin));
    return true;
}

bool lh_template_is_literal(const char *tmpl)
{
    return !strstr(tmpl, "${");
}

/* --- checking --------------------------------------------------------------------------------- */

static lh_str option_name(const void *context, size_t i)
{
    return lh_str_z(((const struct lh_spec_option *)context)[i].name);
}

static int unknown_option(const struct lh_spec_walk *w, const struct lh_spec *spec, lh_str name)
{
    char *quoted lh_autofree = lh_text_quote(name);
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    if (lh_spec_find(spec->table_options, spec->n_table_options, name))
        return lh_spec_wrong(w, "the placeholder %s is a table option, expected one of \"options\"",
                             quoted);
    lh_nearest_hint(name, option_name, spec->options, spec->n_options, &hint);
    return lh_spec_wrong(w, "the placeholder %s names no option%s", quoted, lh_buf_text(&hint));
}

/* The option of a placeholder, by its name and not by an alias. */
static int find_option(const struct lh_spec_walk *w, const struct lh_spec *spec,
                       const struct lh_template_part *part, const struct lh_spec_option **ret)
{
    const struct lh_spec_option *option;

    if (!*part->text.p || part->text.p[part->text.n] != '}')
        return lh_spec_wrong(w, "found \"${\" without \"}\", expected ${option}");
    option = lh_spec_find(spec->options, spec->n_options, part->text);
    if (!option)
        return unknown_option(w, spec, part->text);
    if (!lh_str_eqz(part->text, option->name))
        return lh_spec_wrong(w, "the placeholder ${%.*s} is an alias; write ${%s}",
                             LH_STR_ARG(part->text), option->name);
    *ret = option;
    return 0;
}

int lh_template_check(const struct lh_spec_walk *w, const struct lh_spec *spec, const char *tmpl)
{
    const struct lh_spec_option *option;
    struct lh_template_part part;

    while (lh_template_next(&tmpl, &part)) {
        int code = part.is_option ? find_option(w, spec, &part, &option) : 0;

        if (code)
            return code;
    }
    return 0;
}

/* --- URLs ------------------------------------------------------------------------------------- */

/* What may stand in the literal text of a URL besides letters and digits. */
static bool is_url_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~!$&'()*+,;=:%/[]", c));
}

static bool step_char(enum lh_url_state *state, char c, const char **ret_why)
{
    *ret_why = "this character is not taken in the template of a URL";
    if (!is_url_char(c))
        return false;
    if (*state == LH_URL_PATH)
        return true;
    if (c == '/' && *state != LH_URL_HOST_BEGIN && *state != LH_URL_PORT_BEGIN) {
        *state = LH_URL_PATH;
        return true;
    }
    switch (*state) {
    case LH_URL_HOST_BEGIN:
    case LH_URL_HOST:
        *state = c == ':' ? LH_URL_PORT_BEGIN : LH_URL_HOST;
        *ret_why = "expected a host name behind \"//\"";
        return c != '/' && c != '%' && !(c == ':' && *state == LH_URL_HOST);
    case LH_URL_HOST_OPTION:
        *state = LH_URL_PORT_BEGIN;
        *ret_why = "behind a host option only ':' or '/' may follow";
        return c == ':';
    case LH_URL_PORT_BEGIN:
    case LH_URL_PORT:
        *state = LH_URL_PORT;
        *ret_why = "expected a port behind ':'";
        return c >= '0' && c <= '9';
    default:
        *ret_why = "behind a url option only '/' may follow";
        return false;
    }
}

bool lh_url_step_text(enum lh_url_state *state, lh_str text, const char **ret_why)
{
    size_t at = 0;

    if (*state == LH_URL_BEGIN) {
        at = lh_str_starts(text, LH_STR("https://"))  ? strlen("https://")
             : lh_str_starts(text, LH_STR("http://")) ? strlen("http://")
                                                      : 0;
        *ret_why = "expected \"https://\", \"http://\" or a url option at its beginning";
        if (!at)
            return false;
        *state = LH_URL_HOST_BEGIN;
    }
    for (; at < text.n; at++)
        if (!step_char(state, text.p[at], ret_why))
            return false;
    return true;
}

static bool is_word_type(enum lh_option_type type)
{
    return type == LH_OPTION_STRING || type == LH_OPTION_INT || type == LH_OPTION_ENUM;
}

static enum lh_url_role role_of(enum lh_url_state state, enum lh_option_type type,
                                const char **ret_why)
{
    if (type == LH_OPTION_URL) {
        *ret_why = "a url option may only begin a template";
        return state == LH_URL_BEGIN ? LH_URL_WHOLE : LH_URL_WRONG;
    }
    if (type == LH_OPTION_HOST) {
        *ret_why = "a host option may only stand behind \"//\"";
        return state == LH_URL_HOST_BEGIN ? LH_URL_AUTHORITY : LH_URL_WRONG;
    }
    if (state == LH_URL_PORT_BEGIN) {
        *ret_why = "a port must be an option of the type int";
        return type == LH_OPTION_INT ? LH_URL_NUMBER : LH_URL_WRONG;
    }
    *ret_why = state == LH_URL_BEGIN ? "only a url option may begin a template"
                                     : "an option of this type may not stand in a URL";
    if (state == LH_URL_BEGIN || !is_word_type(type))
        return LH_URL_WRONG;
    if (state == LH_URL_HOST_BEGIN || state == LH_URL_HOST)
        return LH_URL_LABEL;
    return state == LH_URL_PATH ? LH_URL_SEGMENT : LH_URL_BASE_PATH;
}

enum lh_url_role lh_url_step_option(enum lh_url_state *state, enum lh_option_type type,
                                    const char **ret_why)
{
    static const enum lh_url_state next[] = {
        [LH_URL_WHOLE] = LH_URL_BASE,     [LH_URL_AUTHORITY] = LH_URL_HOST_OPTION,
        [LH_URL_LABEL] = LH_URL_HOST,     [LH_URL_NUMBER] = LH_URL_PORT,
        [LH_URL_BASE_PATH] = LH_URL_PATH, [LH_URL_SEGMENT] = LH_URL_PATH,
    };
    enum lh_url_role role = role_of(*state, type, ret_why);

    if (role != LH_URL_WRONG)
        *state = next[role];
    return role;
}

static int check_url_part(const struct lh_spec_walk *w, const struct lh_spec *spec,
                          const struct lh_template_part *part, enum lh_url_state *state)
{
    const struct lh_spec_option *option = NULL;
    const char *why = NULL;
    int code;

    if (!part->is_option)
        return lh_url_step_text(state, part->text, &why) ? 0 : lh_spec_wrong(w, "%s", why);
    code = find_option(w, spec, part, &option);
    if (code)
        return code;
    if (option->secret)
        return lh_spec_wrong(w, "the option %s is secret, and a URL is shown; use sign_in",
                             option->name);
    if (lh_url_step_option(state, option->type, &why) == LH_URL_WRONG)
        return lh_spec_wrong(w, "${%s}: %s", option->name, why);
    return 0;
}

int lh_template_check_url(const struct lh_spec_walk *w, const struct lh_spec *spec,
                          const char *tmpl, bool is_origin)
{
    enum lh_url_state state = LH_URL_BEGIN;
    struct lh_template_part part;

    while (lh_template_next(&tmpl, &part)) {
        int code = check_url_part(w, spec, &part, &state);

        if (code)
            return code;
    }
    if (state == LH_URL_HOST_BEGIN || state == LH_URL_PORT_BEGIN)
        return lh_spec_wrong(w, "expected a host name or a port at its end");
    if (is_origin && state == LH_URL_PATH)
        return lh_spec_wrong(w, "expected an origin: https:// and a host, without a path");
    return 0;
}
