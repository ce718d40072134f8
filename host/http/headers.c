/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of headers; see headers.h. What times and rates say is in headers-time.c. */
#include "config.h"

#include "http/headers.h"

#include <stdlib.h>
#include <strings.h>

static void wipe_header(struct lh_header *header)
{
    explicit_bzero((char *)(uintptr_t)header->value.p, header->value.n);
    free((char *)(uintptr_t)header->name.p);
    free((char *)(uintptr_t)header->value.p);
}

void lh_http_headers_free(struct lh_http_headers *h)
{
    for (size_t i = 0; i < h->n; i++)
        wipe_header(&h->items[i]);
    free(h->items);
    *h = (struct lh_http_headers)LH_HTTP_HEADERS_INIT;
}

/* --- what may be in one ----------------------------------------------------------------------- */

/* A character of a token, RFC 9110, 5.6.2. */
static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(lh_str s)
{
    size_t i = 0;

    while (i < s.n && is_token_char(s.p[i]))
        i++;
    return s.n > 0 && i == s.n;
}

static bool is_value(lh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == 0)
            return false;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static lh_str trim(lh_str s)
{
    while (s.n && is_blank(s.p[0]))
        s = lh_str_n(s.p + 1, s.n - 1);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static int check(const struct lh_http_headers *h, lh_str name, lh_str value, bool is_new,
                 struct lh_error *e)
{
    if (!is_token(name))
        return lh_error_set(e, LH_INVALID, "the name of a header is no token (RFC 9110, 5.6.2)");
    if (!is_value(value))
        return lh_error_set(e, LH_INVALID, "header %.*s: a line break or NUL in its value",
                            LH_STR_ARG(name));
    if (is_new && h->n == LH_HTTP_HEADERS)
        return lh_error_set(e, LH_INVALID, "more than %d headers", LH_HTTP_HEADERS);
    if (name.n > LH_HTTP_HEADER_BYTES || value.n > LH_HTTP_HEADER_BYTES ||
        h->bytes + name.n + value.n + 2 > LH_HTTP_HEADER_BYTES)
        return lh_error_set(e, LH_INVALID, "headers of more than %zu bytes", LH_HTTP_HEADER_BYTES);
    return 0;
}

/* --- the list --------------------------------------------------------------------------------- */

static size_t find(const struct lh_http_headers *h, lh_str name)
{
    size_t i = 0;

    while (i < h->n &&
           (h->items[i].name.n != name.n || strncasecmp(h->items[i].name.p, name.p, name.n) != 0))
        i++;
    return i;
}

static void push(struct lh_http_headers *h, lh_str name, lh_str value)
{
    char *copy = lh_xmemdup0(name.p, name.n);

    for (size_t i = 0; i < name.n; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + ('a' - 'A'));
    h->items = lh_xgrow(h->items, h->n, &h->cap, sizeof *h->items);
    h->items[h->n++] = (struct lh_header){
        lh_str_n(copy, name.n),
        lh_str_n(lh_xmemdup0(value.n ? value.p : "", value.n), value.n),
    };
    h->bytes += name.n + value.n;
}

static void append(struct lh_http_headers *h, struct lh_header *header, lh_str value)
{
    lh_str old = header->value;
    char *joined = lh_xmalloc(old.n + 2 + value.n + 1);

    memcpy(joined, old.p, old.n);
    memcpy(joined + old.n, ", ", 2);
    if (value.n)
        memcpy(joined + old.n + 2, value.p, value.n);
    joined[old.n + 2 + value.n] = 0;
    explicit_bzero((char *)(uintptr_t)old.p, old.n);
    free((char *)(uintptr_t)old.p);
    header->value = lh_str_n(joined, old.n + 2 + value.n);
    h->bytes += 2 + value.n;
}

int lh_http_headers_add(struct lh_http_headers *h, lh_str name, lh_str value, struct lh_error *e)
{
    size_t at = find(h, name);
    int code;

    value = trim(value);
    code = check(h, name, value, at == h->n, e);
    if (code)
        return code;
    if (at < h->n)
        append(h, &h->items[at], value);
    else
        push(h, name, value);
    return 0;
}

int lh_http_headers_set(struct lh_http_headers *h, lh_str name, lh_str value, struct lh_error *e)
{
    int code;

    value = trim(value);
    code = check(h, name, value, find(h, name) == h->n, e);
    if (code)
        return code;
    lh_http_headers_remove(h, name);
    push(h, name, value);
    return 0;
}

int lh_http_headers_add_line(struct lh_http_headers *h, lh_str line, struct lh_error *e)
{
    const char *colon;

    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    if (!colon)
        return lh_error_set(e, LH_INVALID, "a header without a colon");
    return lh_http_headers_add(h, lh_str_n(line.p, (size_t)(colon - line.p)),
                               lh_str_n(colon + 1, line.n - (size_t)(colon + 1 - line.p)), e);
}

bool lh_http_headers_remove(struct lh_http_headers *h, lh_str name)
{
    size_t at = find(h, name);

    if (at == h->n)
        return false;
    h->bytes -= h->items[at].name.n + h->items[at].value.n;
    wipe_header(&h->items[at]);
    memmove(&h->items[at], &h->items[at + 1], (h->n - at - 1) * sizeof *h->items);
    h->n--;
    return true;
}

lh_str lh_http_headers_get(const struct lh_http_headers *h, const char *name)
{
    size_t at = find(h, lh_str_z(name));

    return at < h->n ? h->items[at].value : lh_str_n(NULL, 0);
}

void lh_http_headers_copy(struct lh_http_headers *to, const struct lh_http_headers *from)
{
    for (size_t i = 0; i < from->n; i++)
        push(to, from->items[i].name, from->items[i].value);
}

bool lh_http_header_is_of_host(lh_str name)
{
    static const char *const headers[] = {
        "Authorization", "Cookie", "Host", "Content-Length", "Transfer-Encoding", "Connection",
    };

    if (name.n >= 6 && strncasecmp(name.p, "Proxy-", 6) == 0)
        return true;
    for (size_t i = 0; i < LH_LEN(headers); i++)
        if (name.n == strlen(headers[i]) && strncasecmp(name.p, headers[i], name.n) == 0)
            return true;
    return false;
}
