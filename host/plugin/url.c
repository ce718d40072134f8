/* SPDX-License-Identifier: Apache-2.0 */
/* Taking absolute URLs apart; see url.h. */
#include "config.h"

#include "plugin/url.h"

#include <arpa/inet.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The place of the first of `chars`, or s.n. */
static size_t find_any(lh_str s, const char *chars)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] && strchr(chars, s.p[i]))
            return i;
    return s.n;
}

static lh_str from(lh_str s, size_t at)
{
    return lh_str_n(s.p + at, s.n - at);
}

/* --- hosts ------------------------------------------------------------------------------------ */

bool lh_url_is_label(lh_str s)
{
    if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-')
            return false;
    return true;
}

/* A label, but with '_', which hosts of Windows networks have. */
static bool is_host_label(lh_str s)
{
    if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return true;
}

static bool is_address(int family, lh_str s)
{
    unsigned char bytes[16];
    char text[64];

    if (s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return strlen(text) == s.n && inet_pton(family, text, bytes) == 1;
}

/* "1.2.3.4", and what some resolvers take for such: 127.1, 0x7f.1 */
static bool looks_like_number(lh_str label)
{
    if (label.n >= 2 && label.p[0] == '0' && (label.p[1] == 'x' || label.p[1] == 'X'))
        return true;
    for (size_t i = 0; i < label.n; i++)
        if (!is_digit(label.p[i]))
            return false;
    return true;
}

static bool is_host_name(lh_str host)
{
    lh_str rest = host;
    lh_str label;
    size_t dot;

    do {
        dot = find_any(rest, ".");
        label = lh_str_n(rest.p, dot);
        if (!is_host_label(label))
            return false;
        rest = dot < rest.n ? from(rest, dot + 1) : lh_str_n("", 0);
        if (dot + 1 == host.n)
            return false;
    } while (rest.n);
    if (host.p[host.n - 1] == '.')
        return false;
    return !looks_like_number(label) || is_address(AF_INET, host);
}

static bool is_host(lh_str host)
{
    if (host.n == 0 || host.n > 253)
        return false;
    if (host.p[0] == '[')
        return host.p[host.n - 1] == ']' && is_address(AF_INET6, lh_str_n(host.p + 1, host.n - 2));
    return is_host_name(host);
}

static bool is_port(lh_str port)
{
    unsigned value = 0;

    if (port.n == 0 || port.n > 5 || port.p[0] == '0')
        return false;
    for (size_t i = 0; i < port.n; i++) {
        if (!is_digit(port.p[i]))
            return false;
        value = value * 10 + (unsigned)(port.p[i] - '0');
    }
    return value <= 65535;
}

/* Where the host ends: at the ':' of a port, or at the end. */
static size_t host_end(lh_str authority)
{
    size_t at = 0;

    if (authority.n && authority.p[0] == '[') {
        at = find_any(authority, "]");
        return at < authority.n ? at + 1 : authority.n;
    }
    return find_any(authority, ":");
}

bool lh_url_split_authority(lh_str authority, lh_str *ret_host, lh_str *ret_port,
                            const char **ret_why)
{
    size_t end = host_end(authority);
    lh_str host = lh_str_n(authority.p, end);
    lh_str port = lh_str_n("", 0);

    if (find_any(authority, "@") < authority.n) {
        *ret_why = "a URL without user name and password";
        return false;
    }
    if (!is_host(host)) {
        *ret_why = "a host name, an IPv4 address or an IPv6 address in brackets";
        return false;
    }
    if (end < authority.n) {
        port = from(authority, end + 1);
        if (authority.p[end] != ':' || !is_port(port)) {
            *ret_why = "a port from 1 to 65535 behind the host's ':'";
            return false;
        }
    }
    *ret_host = host;
    *ret_port = port;
    return true;
}

/* --- paths ------------------------------------------------------------------------------------ */

static bool is_path_text(lh_str s, const char *more)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == '%' && (s.n - i < 3 || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2])))
            return false;
        if (!is_letter(c) && !is_digit(c) && !(c && strchr("-._~!$&'()*+,;=:@/%", c)) &&
            !(c && strchr(more, c)))
            return false;
    }
    return true;
}

/* "." and "..", also as %2e. */
static bool is_dots(lh_str segment)
{
    size_t dots = 0;

    while (segment.n) {
        size_t n = segment.p[0] == '.'                                       ? 1
                   : segment.n >= 3 && strncasecmp(segment.p, "%2e", 3) == 0 ? 3
                                                                             : 0;

        if (n == 0)
            return false;
        dots++;
        segment = from(segment, n);
    }
    return dots == 1 || dots == 2;
}

static bool has_dots(lh_str path)
{
    while (path.n) {
        size_t end = find_any(path, "/");

        if (is_dots(lh_str_n(path.p, end)))
            return true;
        path = end < path.n ? from(path, end + 1) : lh_str_n("", 0);
    }
    return false;
}

/* --- URLs ------------------------------------------------------------------------------------- */

static bool take_scheme(lh_str *s, bool *ret_https)
{
    static const struct {
        lh_str text;
        bool is_https;
    } schemes[] = {{LH_STR_INIT("https://"), true}, {LH_STR_INIT("http://"), false}};

    for (size_t i = 0; i < LH_LEN(schemes); i++) {
        size_t n = schemes[i].text.n;

        if (s->n < n || strncasecmp(s->p, schemes[i].text.p, n) != 0)
            continue;
        *ret_https = schemes[i].is_https;
        *s = from(*s, n);
        return true;
    }
    return false;
}

static bool split_path(lh_str rest, struct lh_url *u, const char **ret_why)
{
    size_t query = find_any(rest, "?");

    if (find_any(rest, "#") < rest.n) {
        *ret_why = "a URL without a fragment (\"#...\")";
        return false;
    }
    u->path = lh_str_n(rest.p, query);
    u->query = from(rest, query);
    *ret_why = "a URL whose path and query are of ASCII letters, digits and the punctuation of "
               "URLs; other characters are percent-encoded";
    if (!is_path_text(u->path, "") || !is_path_text(u->query, "?"))
        return false;
    *ret_why = "a URL without \".\" and \"..\" in its path";
    return !has_dots(u->path);
}

bool lh_url_split(lh_str url, struct lh_url *ret, const char **ret_why)
{
    struct lh_url u = {0};
    size_t end;

    *ret_why = "a URL of at most 8192 bytes";
    if (url.n > LH_URL_BYTES)
        return false;
    *ret_why = "an absolute URL that begins with https:// or http://";
    if (!take_scheme(&url, &u.is_https))
        return false;
    end = find_any(url, "/?#");
    if (!lh_url_split_authority(lh_str_n(url.p, end), &u.host, &u.port, ret_why) ||
        !split_path(from(url, end), &u, ret_why))
        return false;
    *ret = u;
    return true;
}

void lh_url_write_lower(struct lh_buf *to, lh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        lh_buf_char(to, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i]);
}

void lh_url_write(struct lh_buf *to, const struct lh_url *url)
{
    lh_str path = url->path;

    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    lh_buf_z(to, url->is_https ? "https://" : "http://");
    lh_url_write_lower(to, url->host);
    if (url->port.n) {
        lh_buf_char(to, ':');
        lh_buf_str(to, url->port);
    }
    lh_buf_str(to, path);
    lh_buf_str(to, url->query);
}
