/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a request may go: which origin a URL has, whether it may be spoken to without TLS, and what
 * a redirect makes of a request. Which origins are declared is the client's knowledge.
 */
#include "config.h"

#include "http/internal.h"

#include <stdlib.h>
#include <strings.h>

char *lh_origin_of(lh_str url, const char **ret_why)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_URL_BYTES);
    struct lh_url u;

    if (!lh_url_split(url, &u, ret_why))
        return NULL;
    lh_buf_z(&text, u.is_https ? "https://" : "http://");
    lh_url_write_lower(&text, u.host);
    lh_buf_char(&text, ':');
    if (u.port.n)
        lh_buf_str(&text, u.port);
    else
        lh_buf_z(&text, u.is_https ? "443" : "80");
    return lh_buf_take(&text);
}

static bool is_same_host(lh_str a, const char *b)
{
    return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

/* Names below localhost are loopback by RFC 6761, but not every resolver says so: only the name. */
static bool is_loopback(lh_str host)
{
    return is_same_host(host, "localhost") || is_same_host(host, "[::1]") ||
           (lh_str_starts(host, LH_STR("127.")) && host.p[host.n - 1] >= '0' &&
            host.p[host.n - 1] <= '9');
}

bool lh_origin_is_near(lh_str url)
{
    const char *why;
    struct lh_url u;

    return lh_url_split(url, &u, &why) && is_loopback(u.host);
}

bool lh_origin_is_allowed(const struct lh_http_engine *engine, lh_str url)
{
    const char *why;
    struct lh_url u;

    if (!lh_url_split(url, &u, &why))
        return false;
    if (u.is_https || is_loopback(u.host))
        return true;
    for (size_t i = 0; i < engine->settings.n_plain_hosts; i++)
        if (is_same_host(u.host, engine->settings.plain_hosts[i]))
            return true;
    return false;
}

bool lh_redirect_is_one(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool lh_redirect_is_get(int status, lh_str method)
{
    if (status == 303)
        return !lh_str_eqz(method, "HEAD");
    return (status == 301 || status == 302) && lh_str_eqz(method, "POST");
}
