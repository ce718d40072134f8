/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of requests; see hash.h. Every part goes in with its length, so that none runs into another.
 */
#include "config.h"

#include "http/hash.h"

#include "base/buf.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <strings.h>

static void put(gnutls_hash_hd_t hash, lh_str s)
{
    uint64_t n = s.n;
    unsigned char length[8];

    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (unsigned char)(n >> (8 * i));
    gnutls_hash(hash, length, sizeof length);
    if (s.n)
        gnutls_hash(hash, s.p, s.n);
}

static void put_lower(gnutls_hash_hd_t hash, lh_str s)
{
    char *lower lh_autofree = lh_xmemdup0(s.n ? s.p : "", s.n);

    for (size_t i = 0; i < s.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] + ('a' - 'A'));
    put(hash, lh_str_n(lower, s.n));
}

static int by_name(const void *a, const void *b)
{
    const struct lh_header *x = a;
    const struct lh_header *y = b;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int order = n ? strncasecmp(x->name.p, y->name.p, n) : 0;

    if (!order)
        order = (x->name.n > y->name.n) - (x->name.n < y->name.n);
    return order ? order : lh_str_cmp(x->value, y->value);
}

static void put_headers(gnutls_hash_hd_t hash, const struct lh_header *headers, size_t n)
{
    struct lh_header *sorted lh_autofree = lh_xcalloc(n + 1, sizeof *sorted);

    if (n)
        memcpy(sorted, headers, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 0; i < n; i++) {
        put_lower(hash, sorted[i].name);
        put(hash, sorted[i].value);
    }
}

void lh_http_key_make(const struct lh_http_key_parts *parts, struct lh_http_key *ret)
{
    static const char digits[] = "0123456789abcdef";
    bool is_bare = parts->flags & LH_HTTP_NO_SIGN_IN;
    gnutls_hash_hd_t hash;
    unsigned char digest[32];

    if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256))
        lh_no_memory();
    put(hash, parts->method);
    put(hash, parts->url);
    put(hash, parts->content_type);
    put(hash, parts->body);
    put(hash, is_bare ? LH_STR("bare") : LH_STR("signed"));
    put_headers(hash, parts->headers, parts->n_headers);
    gnutls_hash_deinit(hash, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        ret->hex[2 * i] = digits[digest[i] >> 4];
        ret->hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret->hex[64] = 0;
}
