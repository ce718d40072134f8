/* SPDX-License-Identifier: Apache-2.0 */
/* A file of a recording from anywhere: taken whole, or refused with the file's name. */
#include "config.h"

#include "http/record.h"

#define FUZZ_NAME "http-record"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_recorded) r = LH_RECORDED_INIT(4096);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_recorded_parse(lh_str_n((const char *)data, size), "f.answer", &r, &e);

    FUZZ_ASSERT(code == e.code && (code == 0 || code == LH_INVALID));
    if (code) {
        FUZZ_ASSERT(strncmp(lh_error_text(&e), "f.answer:", 9) == 0);
        FUZZ_ASSERT(r.status == 0 && r.failed == 0 && r.headers.n == 0 && r.body.n == 0);
        return 0;
    }
    FUZZ_ASSERT(r.status == 0 ? r.failed < 0 : r.status >= 100 && r.status <= 599);
    FUZZ_ASSERT(r.retry_after_ms >= -1 && r.retry_after_ms <= LH_HTTP_WAIT_MAX_MS);
    FUZZ_ASSERT(r.body.n <= 4096 && r.body.n < size);
    for (size_t i = 0; i < r.headers.n; i++)
        FUZZ_ASSERT(!strpbrk(r.headers.items[i].value.p, "\r\n"));
    return 0;
}
