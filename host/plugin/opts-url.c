/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options in the templates of URLs. spec-template.c has checked where each option stands; here its
 * value is put in so that it cannot be more than its place allows:
 *
 *   a url option       as it is; one with a query may not be followed by anything
 *   a host option      as it is, with its port; a second port is refused
 *   a host's label     one DNS label, in lower case
 *   a port             digits, 1 to 65535
 *   behind those       a path: '/' is put in front when it has none
 *   within a path      a part of one segment: no '/'
 *
 * In paths, letters, digits and - . _ ~ ! $ & ' ( ) * + , ; = : @ stay, other characters are
 * percent-encoded, and ? # % \ and control characters are refused: they would change the URL's
 * structure, or it would be unclear whether they were encoded before. The result is taken apart
 * again, which finds what only shows when parts come together ("." and ".." among them).
 */
#include "config.h"

#include "plugin/opts_internal.h"
#include "plugin/url.h"

struct expansion {
    const struct lh_opts *opts;
    enum lh_url_state state;
    struct lh_buf url;
    struct lh_error *e;
};

static void expansion_free(struct expansion *x)
{
    lh_buf_free(&x->url);
}

/* The value is not shown: it may be a URL that holds a password. */
static int wrong(const struct expansion *x, const struct lh_spec_option *option,
                 const char *expected)
{
    size_t i = (size_t)(option - x->opts->options);
    const char *origin = x->opts->values[i].origin;

    return lh_error_set(x->e, LH_INVALID, "%s%soption %s: expected %s", origin ? origin : "",
                        origin ? ": " : "", option->name, expected);
}

/* --- values in their places ------------------------------------------------------------------- */

static bool stays(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~!$&'()*+,;=:@", c));
}

static int put_path(struct expansion *x, const struct lh_spec_option *option, lh_str value,
                    bool with_slash)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        if ((unsigned char)c < ' ' || c == 0x7f || strchr("?#%\\", c))
            return wrong(x, option, "a path without ? # % \\ and control characters");
        if (c == '/' && !with_slash)
            return wrong(x, option, "one part of a path, without '/'");
        if (stays(c) || c == '/')
            lh_buf_char(&x->url, c);
        else
            lh_buf_f(&x->url, "%%%02X", (unsigned char)c);
    }
    return 0;
}

static int put_base_path(struct expansion *x, const struct lh_spec_option *option, lh_str value)
{
    if (value.p[0] != '/')
        lh_buf_char(&x->url, '/');
    return put_path(x, option, value, true);
}

static int put_label(struct expansion *x, const struct lh_spec_option *option, lh_str value)
{
    if (!lh_url_is_label(value))
        return wrong(x, option, "one part of a host name: letters, digits and '-'");
    lh_url_write_lower(&x->url, value);
    return 0;
}

static int put_port(struct expansion *x, const struct lh_spec_option *option, lh_str value)
{
    lh_str authority = lh_buf_slice(&x->url);
    size_t begin = (size_t)(strstr(authority.p, "://") - authority.p) + 3;
    const char *why;
    lh_str host;
    lh_str port;

    /* What is there ends with the ':' of this port. */
    authority = lh_str_n(authority.p + begin, authority.n - begin - 1);
    if (lh_url_split_authority(authority, &host, &port, &why) && port.n)
        return wrong(x, option, "no port, because the host has one; drop one of the two");
    lh_buf_str(&x->url, value);
    return 0;
}

static int put_option(struct expansion *x, const struct lh_spec_option *option, lh_str value)
{
    const char *why;

    switch (lh_url_step_option(&x->state, option->type, &why)) {
    case LH_URL_WHOLE:
    case LH_URL_AUTHORITY:
        lh_buf_str(&x->url, value);
        return 0;
    case LH_URL_LABEL:
        return put_label(x, option, value);
    case LH_URL_NUMBER:
        return put_port(x, option, value);
    case LH_URL_BASE_PATH:
        return put_base_path(x, option, value);
    case LH_URL_SEGMENT:
        return put_path(x, option, value, false);
    case LH_URL_WRONG:
        break;
    }
    return wrong(x, option, why);
}

/* --- templates -------------------------------------------------------------------------------- */

/* "?" at the end of a url option would swallow the path behind it. */
static int check_query(struct expansion *x, const char *tmpl)
{
    if (x->state != LH_URL_BASE || !memchr(lh_buf_text(&x->url), '?', x->url.n))
        return 0;
    return lh_error_set(x->e, LH_INVALID, "%s: expected a URL without a query", tmpl);
}

static int put_part(struct expansion *x, const char *tmpl, const struct lh_template_part *part,
                    const char **ret_missing)
{
    int code = check_query(x, tmpl);
    const char *why;
    size_t i;

    if (code)
        return code;
    if (!part->is_option) {
        lh_buf_str(&x->url, part->text);
        return lh_url_step_text(&x->state, part->text, &why)
                   ? 0
                   : lh_error_set(x->e, LH_INVALID, "%s: %s", tmpl, why);
    }
    i = lh_opts_index(x->opts, part->text);
    if (i < x->opts->n && x->opts->values[i].text)
        return put_option(x, &x->opts->options[i], lh_str_z(x->opts->values[i].text));
    if (ret_missing && i < x->opts->n)
        *ret_missing = x->opts->options[i].name;
    return lh_error_set(x->e, LH_NOT_FOUND, "%s: the option %.*s is not set", tmpl,
                        LH_STR_ARG(part->text));
}

int lh_opts_expand_url(const struct lh_opts *opts, const char *tmpl, struct lh_buf *to,
                       const char **ret_missing, struct lh_error *e)
{
    lh_auto(expansion) x = {.opts = opts, .url = LH_BUF_INIT(LH_URL_BYTES), .e = e};
    const char *at = tmpl;
    struct lh_template_part part;
    struct lh_url url;
    const char *why;

    while (lh_template_next(&at, &part)) {
        int code = put_part(&x, tmpl, &part, ret_missing);

        if (code)
            return code;
    }
    if (x.url.failed)
        return lh_error_set(e, LH_INVALID, "%s: found more than %zu bytes with its options", tmpl,
                            LH_URL_BYTES);
    if (!lh_url_split(lh_buf_slice(&x.url), &url, &why))
        return lh_error_set(e, LH_INVALID, "%s: expected %s with its options", tmpl, why);
    lh_url_write(to, &url);
    return 0;
}

int lh_opts_base_url(const struct lh_opts *opts, struct lh_buf *to, struct lh_error *e)
{
    const struct lh_strings *base = &opts->spec->base;
    const char *first = NULL; /* what the first template lacks: the option to ask for */
    const char *missing = NULL;

    for (size_t i = 0; i < base->n; i++) {
        int code = lh_opts_expand_url(opts, base->items[i], to, &missing, e);

        if (code != LH_NOT_FOUND)
            return code;
        first = first ? first : missing;
    }
    if (base->n == 0)
        return 0;
    return lh_error_set(e, LH_INVALID, "%s: no URL to talk to; give the option %s",
                        opts->spec->name, first);
}
