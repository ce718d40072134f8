/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in: choosing a mode, making what never changes, putting it into requests; see sign-in.h. */
#include "config.h"

#include "http/sign-in.h"

#include "base/number.h"
#include "http/token.h"
#include "plugin/url.h"

#include <stdlib.h>
#include <strings.h>

#define REFRESH_BEFORE_S 60
#define VALUE_MAX        (LH_HTTP_HEADER_BYTES / 8) /* of an option; encoded it still fits */

struct lh_sign_in {
    char *id;
    struct lh_http_headers headers; /* what never changes */
    struct lh_secret query;         /* "name=value", encoded */
    struct lh_tokens *tokens;       /* oauth2 */
    char **origins;                 /* URLs whose origins get it */
    size_t n_origins;
};

void lh_sign_in_destroy(struct lh_sign_in *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_origins; i++)
        free(s->origins[i]);
    free(s->origins);
    free(s->id);
    lh_http_headers_free(&s->headers);
    lh_secret_free(&s->query);
    lh_tokens_destroy(s->tokens);
    free(s);
}

/* --- templates -------------------------------------------------------------------------------- */

/* What making one needs. */
struct making {
    const struct lh_spec *spec;
    const struct lh_spec_sign_in *mode;
    const struct lh_opts *opts;
    const struct lh_sign_in_setup *setup;
    struct lh_error *e;
};

static const char *field_of(const struct making *m, const char *name)
{
    for (size_t i = 0; i < m->mode->fields.n; i++)
        if (strcmp(m->mode->fields.items[i].name, name) == 0)
            return m->mode->fields.items[i].value;
    return NULL;
}

/* A field with the options in it; empty when the mode has no such field. */
static int expand(const struct making *m, const char *name, struct lh_secret *ret)
{
    const char *tmpl = field_of(m, name);

    lh_secret_begin(ret, VALUE_MAX);
    if (!tmpl)
        return 0;
    if (!lh_opts_expand_text(m->opts, tmpl, &ret->text))
        return lh_error_set(m->e, LH_INVALID, "sign-in %s: an option of \"%s\" is missing",
                            m->mode->id, name);
    if (ret->text.failed)
        return lh_error_set(m->e, LH_INVALID, "sign-in %s: the options of \"%s\" are too long",
                            m->mode->id, name);
    return 0;
}

/* What is shorter is an option's value as it is, which was registered, with a warning, before. */
static void hide(const struct making *m, lh_str secret)
{
    if (secret.n >= 4)
        lh_log_secret(m->setup->log, secret, m->mode->id);
}

static int set_header(const struct making *m, struct lh_sign_in *s, lh_str name, lh_str value)
{
    return lh_http_headers_set(&s->headers, name, value, m->e)
               ? lh_error_wrap(m->e, "sign-in %s", m->mode->id)
               : 0;
}

/* --- the kinds -------------------------------------------------------------------------------- */

static int make_bearer(const struct making *m, struct lh_sign_in *s)
{
    lh_auto(lh_secret) token = LH_SECRET_INIT;
    lh_auto(lh_secret) value = LH_SECRET_INIT;
    int code = expand(m, "token", &token);

    if (code)
        return code;
    hide(m, lh_secret_text(&token));
    lh_secret_join(&value, LH_STR("Bearer"), " ", lh_secret_text(&token));
    return set_header(m, s, LH_STR("Authorization"), lh_secret_text(&value));
}

static int make_basic(const struct making *m, struct lh_sign_in *s)
{
    lh_auto(lh_secret) user = LH_SECRET_INIT;
    lh_auto(lh_secret) password = LH_SECRET_INIT;
    lh_auto(lh_secret) pair = LH_SECRET_INIT;
    lh_auto(lh_secret) value = LH_SECRET_INIT;
    int code = expand(m, "user", &user);

    if (!code)
        code = expand(m, "password", &password);
    if (code)
        return code;
    if (memchr(user.text.p, ':', user.text.n))
        return lh_error_set(m->e, LH_INVALID,
                            "sign-in %s: a user of basic authentication has no ':' in its name",
                            m->mode->id);
    lh_secret_join(&pair, lh_secret_text(&user), ":", lh_secret_text(&password));
    lh_secret_basic(&value, lh_secret_text(&pair));
    hide(m, lh_secret_text(&password));
    hide(m, lh_str_n(value.text.p + 6, value.text.n - 6));
    return set_header(m, s, LH_STR("Authorization"), lh_secret_text(&value));
}

static int make_header(const struct making *m, struct lh_sign_in *s)
{
    lh_auto(lh_secret) value = LH_SECRET_INIT;
    int code = expand(m, "value", &value);

    if (code)
        return code;
    hide(m, lh_secret_text(&value));
    return set_header(m, s, lh_str_z(field_of(m, "name")), lh_secret_text(&value));
}

static int make_query(const struct making *m, struct lh_sign_in *s)
{
    lh_str name = lh_str_z(field_of(m, "name"));
    lh_auto(lh_secret) value = LH_SECRET_INIT;
    int code = expand(m, "value", &value);

    if (code)
        return code;
    hide(m, lh_secret_text(&value));
    lh_secret_begin(&s->query, name.n * 3 + value.text.n * 3 + 1);
    lh_secret_encoded(&s->query.text, name);
    lh_buf_char(&s->query.text, '=');
    lh_secret_encoded(&s->query.text, lh_secret_text(&value));
    return 0;
}

static enum lh_client_auth client_auth_of(const char *word)
{
    if (word && strcmp(word, "none") == 0)
        return LH_CLIENT_NONE;
    return word && strcmp(word, "post") == 0 ? LH_CLIENT_POST : LH_CLIENT_BASIC;
}

static int make_token_url(const struct making *m, struct lh_token_grant *grant)
{
    lh_auto(lh_buf) url = LH_BUF_INIT(LH_URL_BYTES);
    const char *missing = NULL;
    int code = lh_opts_expand_url(m->opts, field_of(m, "token_url"), &url, &missing, m->e);

    if (code)
        return lh_error_wrap(m->e, "sign-in %s: token_url", m->mode->id);
    grant->url = lh_buf_take(&url);
    return 0;
}

static int make_grant(const struct making *m, struct lh_token_grant *grant)
{
    const char *before = field_of(m, "refresh_before_s");
    int64_t before_s = REFRESH_BEFORE_S;
    int code = make_token_url(m, grant);

    if (!code)
        code = expand(m, "client_id", &grant->client_id);
    if (!code)
        code = expand(m, "client_secret", &grant->client_secret);
    if (!code)
        code = expand(m, "scope", &grant->scope);
    if (!code)
        code = expand(m, "refresh_token", &grant->refresh_token);
    if (!code && before)
        code = lh_number_i64(lh_str_z(before), 0, 86400, "refresh_before_s", LH_INVALID, &before_s,
                             m->e);
    grant->client_auth = client_auth_of(field_of(m, "client_auth"));
    grant->refresh_before_ms = before_s * 1000;
    return code;
}

static int make_oauth2(const struct making *m, struct lh_sign_in *s)
{
    struct lh_token_grant grant = {.url = NULL};
    int code = make_grant(m, &grant);

    if (!code) {
        hide(m, lh_secret_text(&grant.client_secret));
        hide(m, lh_secret_text(&grant.refresh_token));
        code = lh_tokens_new(&grant, m->setup, &s->tokens, m->e);
    }
    lh_token_grant_free(&grant);
    return code;
}

static int make_none(const struct making *m, struct lh_sign_in *s)
{
    (void)m;
    (void)s;
    return 0;
}

/* --- origins ---------------------------------------------------------------------------------- */

static void add_origin(struct lh_sign_in *s, struct lh_buf *url)
{
    if (url->n)
        s->origins[s->n_origins++] = lh_buf_take(url);
}

static int take_origins(const struct making *m, struct lh_sign_in *s)
{
    lh_auto(lh_buf) base = LH_BUF_INIT(LH_URL_BYTES);
    int code = lh_opts_base_url(m->opts, &base, m->e);

    s->origins = lh_xcalloc(m->spec->n_origins + 1, sizeof *s->origins);
    if (!code)
        add_origin(s, &base);
    for (size_t i = 0; i < m->spec->n_origins && !code; i++) {
        lh_auto(lh_buf) url = LH_BUF_INIT(LH_URL_BYTES);
        const char *missing = NULL;

        if (!m->spec->origins[i].sign_in)
            continue;
        code = lh_opts_expand_url(m->opts, m->spec->origins[i].url, &url, &missing, m->e);
        if (code == LH_NOT_FOUND && missing)
            code = 0; /* an origin of an option that is not given */
        else if (!code)
            add_origin(s, &url);
    }
    return code;
}

static lh_str port_of(const struct lh_url *url)
{
    if (url->port.n)
        return url->port;
    return url->is_https ? LH_STR("443") : LH_STR("80");
}

static bool is_same_origin(const struct lh_url *a, const struct lh_url *b)
{
    return a->is_https == b->is_https && a->host.n == b->host.n &&
           strncasecmp(a->host.p, b->host.p, a->host.n) == 0 && lh_str_eq(port_of(a), port_of(b));
}

bool lh_sign_in_covers(const struct lh_sign_in *s, lh_str url)
{
    struct lh_url wanted, own;
    const char *why;

    if (!lh_url_split(url, &wanted, &why))
        return false;
    for (size_t i = 0; i < s->n_origins; i++)
        if (lh_url_split(lh_str_z(s->origins[i]), &own, &why) && is_same_origin(&wanted, &own))
            return true;
    return false;
}

/* --- making ----------------------------------------------------------------------------------- */

static int make(const struct making *m, struct lh_sign_in *s)
{
    static int (*const kinds[])(const struct making *, struct lh_sign_in *) = {
        [LH_SIGN_IN_NONE] = make_none,   [LH_SIGN_IN_BEARER] = make_bearer,
        [LH_SIGN_IN_BASIC] = make_basic, [LH_SIGN_IN_HEADER] = make_header,
        [LH_SIGN_IN_QUERY] = make_query, [LH_SIGN_IN_OAUTH2] = make_oauth2,
    };
    int code = take_origins(m, s);

    s->id = lh_xstrdup(m->mode ? m->mode->id : "none");
    return code || !m->mode ? code : kinds[m->mode->kind](m, s);
}

static int none_complete(const struct making *m)
{
    lh_auto(lh_buf) missing = LH_BUF_INIT(LH_BUF_TEXT);

    lh_opts_sign_in_missing(m->opts, &missing);
    return lh_error_set(m->e, LH_INVALID,
                        "%s: no way to sign in is complete; give the options that are missing "
                        "from one of %s",
                        m->spec->name, lh_buf_text(&missing));
}

int lh_sign_in_new(const struct lh_spec *spec, const struct lh_opts *opts,
                   const struct lh_sign_in_setup *setup, struct lh_sign_in **ret,
                   struct lh_error *e)
{
    const struct making m = {spec, lh_opts_sign_in(opts), opts, setup, e};
    lh_autoptr(lh_sign_in) s = NULL;
    int code;

    if (!m.mode && spec->n_sign_in)
        return none_complete(&m);
    s = lh_xcalloc(1, sizeof *s);
    code = make(&m, s);
    if (!code)
        *ret = lh_take(s);
    return code;
}

const char *lh_sign_in_id(const struct lh_sign_in *s)
{
    return s->id;
}

/* --- signing ---------------------------------------------------------------------------------- */

/* Room first, so that the URL with the secret in it is never moved. */
static int append_query(const struct lh_sign_in *s, struct lh_buf *url, struct lh_error *e)
{
    lh_str query = lh_secret_text(&s->query);
    bool has_query = memchr(url->p, '?', url->n) != NULL;

    if (!lh_buf_room(url, query.n + 1))
        return lh_error_set(e, LH_INVALID, "sign-in %s: the URL is too long with it", s->id);
    if (!has_query || url->p[url->n - 1] != '?')
        lh_buf_char(url, has_query ? '&' : '?');
    lh_buf_str(url, query);
    return 0;
}

static int put_token(struct lh_sign_in *s, const struct lh_patience *patience,
                     struct lh_http_headers *headers, uint64_t *ret_serial, struct lh_error *e)
{
    lh_auto(lh_secret) bearer = LH_SECRET_INIT;
    int code = lh_tokens_get(s->tokens, patience, &bearer, ret_serial, e);

    return code ? code
                : lh_http_headers_set(headers, LH_STR("Authorization"), lh_secret_text(&bearer), e);
}

int lh_sign_in_apply(struct lh_sign_in *s, const struct lh_patience *patience, struct lh_buf *url,
                     struct lh_http_headers *headers, uint64_t *ret_serial, struct lh_error *e)
{
    int code = 0;

    *ret_serial = 0;
    if (!lh_sign_in_covers(s, lh_buf_slice(url)))
        return 0;
    if (s->tokens)
        return put_token(s, patience, headers, ret_serial, e);
    for (size_t i = 0; i < s->headers.n && !code; i++)
        code = lh_http_headers_set(headers, s->headers.items[i].name, s->headers.items[i].value, e);
    return code || s->query.text.n == 0 ? code : append_query(s, url, e);
}

int lh_sign_in_renew(struct lh_sign_in *s, uint64_t serial, const struct lh_patience *patience,
                     bool *ret_again, struct lh_error *e)
{
    lh_auto(lh_secret) bearer = LH_SECRET_INIT;
    uint64_t fresh;
    int code;

    if (!s->tokens || serial == 0) {
        *ret_again = false;
        return 0;
    }
    lh_tokens_drop(s->tokens, serial);
    code = lh_tokens_get(s->tokens, patience, &bearer, &fresh, e);
    if (!code)
        *ret_again = true;
    return code;
}
