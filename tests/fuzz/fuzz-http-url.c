/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs that a source sends (redirects, links): one that has an origin is shown without the values
 * of its secret members, keeps its origin when it is shown, and is plain only where that is
 * allowed.
 */
#include "config.h"

#include "http/internal.h"

#define FUZZ_NAME "http-url"
#include "fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct lh_http_engine engine = {.settings = {.n_plain_hosts = 0}};
    lh_str url = lh_str_n((const char *)data, size);
    lh_auto(lh_buf) shown = LH_BUF_INIT(LH_BUF_TEXT);
    const char *why = NULL;
    char *origin lh_autofree = lh_origin_of(url, &why);
    char *again lh_autofree = NULL;

    if (!origin) {
        FUZZ_ASSERT(why != NULL && !lh_origin_is_allowed(&engine, url));
        return 0;
    }
    lh_http_show_url(&shown, url);

    again = lh_origin_of(lh_buf_slice(&shown), &why);
    FUZZ_ASSERT(again && strcmp(again, origin) == 0);
    if (strncmp(origin, "http:", 5) == 0 && lh_origin_is_allowed(&engine, url))
        FUZZ_ASSERT(strncmp(origin, "http://localhost:", 17) == 0 ||
                    strncmp(origin, "http://[::1]:", 13) == 0 ||
                    strncmp(origin, "http://127.", 11) == 0);
    return 0;
}
