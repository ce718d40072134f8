/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers of an answer, line by line: what is taken is found again, and no wait is beyond its
 * bounds, whatever the source sends.
 */
#include "config.h"

#include "http/headers.h"

#define FUZZ_NAME "http-headers"
#include "fuzz/fuzz.h"

#define NOW INT64_C(1795280400000)

static void check_wait(int64_t ms)
{
    FUZZ_ASSERT(ms >= -1 && ms <= LH_HTTP_WAIT_MAX_MS);
}

static void check_list(const struct lh_http_headers *h)
{
    size_t bytes = 0;

    FUZZ_ASSERT(h->n <= LH_HTTP_HEADERS && h->bytes <= LH_HTTP_HEADER_BYTES);
    for (size_t i = 0; i < h->n; i++) {
        const struct lh_header *one = &h->items[i];

        bytes += one->name.n + one->value.n;
        FUZZ_ASSERT(strlen(one->name.p) == one->name.n && strlen(one->value.p) == one->value.n);
        FUZZ_ASSERT(lh_http_headers_get(h, one->name.p).p == one->value.p);
        for (int unit = LH_HTTP_EPOCH_S; unit <= LH_HTTP_DATE; unit++)
            check_wait(lh_http_wait_for(h, one->value, (enum lh_http_unit)unit, NOW));
    }
    FUZZ_ASSERT(bytes == h->bytes);
}

static void check_times(const struct lh_http_headers *h)
{
    struct lh_http_rate rate = {-1, -1, -1, -1};

    check_wait(lh_http_retry_after(h, NOW));
    if (lh_http_rate_read(h, NOW, &rate))
        FUZZ_ASSERT(rate.limit >= -1 && rate.remaining >= -1 && rate.window_ms >= -1);
    check_wait(rate.reset_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_http_headers) h = LH_HTTP_HEADERS_INIT;
    lh_auto(lh_http_headers) copy = LH_HTTP_HEADERS_INIT;
    lh_str rest = lh_str_n((const char *)data, size);

    while (rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end ? (size_t)(end - rest.p) + 1 : rest.n;
        lh_auto(lh_error) e = LH_ERROR_INIT;
        int code = lh_http_headers_add_line(&h, lh_str_n(rest.p, n), &e);

        FUZZ_ASSERT(code == e.code && (code == 0 || code == LH_INVALID));
        rest = lh_str_n(rest.p + n, rest.n - n);
    }
    check_list(&h);
    check_times(&h);
    lh_http_headers_copy(&copy, &h);
    check_list(&copy);
    while (copy.n)
        FUZZ_ASSERT(lh_http_headers_remove(&copy, copy.items[copy.n / 2].name));
    FUZZ_ASSERT(copy.bytes == 0);
    return 0;
}
