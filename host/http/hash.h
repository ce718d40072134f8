/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of a request: SHA-256 over all that makes two requests the same. Used by the answer
 * cache, by prefetches and by record and replay, so it holds nothing that differs between two runs.
 */
#ifndef LH_HTTP_HASH_H
#define LH_HTTP_HASH_H

#include "base/str.h"

#include <stdint.h>

/* What is asked for, above sign-in. Header names count in any case, headers in any order. */
struct lh_http_key_parts {
    lh_str method, url, content_type, body;
    const struct lh_header *headers;
    size_t n_headers;
    uint32_t flags; /* LH_HTTP_NO_SIGN_IN makes a difference, the others do not */
};

struct lh_http_key {
    char hex[65];
};

void lh_http_key_make(const struct lh_http_key_parts *parts, struct lh_http_key *ret);

#endif
