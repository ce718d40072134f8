/* SPDX-License-Identifier: Apache-2.0 */
/* YAML: whatever is read can be written, and reads back equal; refusals have a place. */
#include "config.h"

#define FUZZ_NAME "yaml"
#include "fuzz/fuzz.h"

#include "yaml/yaml.h"

#define FUZZ_MAX ((size_t)64 << 10)

static void check_round_trip(const json_t *value)
{
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)64 << 20);
    lh_auto(lh_buf) again = LH_BUF_INIT((size_t)64 << 20);
    lh_auto(lh_document) back = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    FUZZ_ASSERT(lh_yaml_write(&text, value, NULL, &e) == 0);
    /* escapes and indentation may take it past what is read */
    if (text.n > LH_YAML_BYTES)
        return;
    FUZZ_ASSERT(lh_yaml_parse(&back, lh_buf_slice(&text), "again", &e) == 0);
    FUZZ_ASSERT(json_equal(back.root, value));
    FUZZ_ASSERT(lh_yaml_write(&again, back.root, NULL, &e) == 0);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&text), lh_buf_slice(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    size_t line;
    size_t column;

    if (size > FUZZ_MAX)
        return 0;
    if (lh_yaml_parse(&d, lh_str_n((const char *)data, size), "yaml", &e)) {
        FUZZ_ASSERT(e.code == LH_INVALID && strncmp(e.message, "yaml:", 5) == 0);
        FUZZ_ASSERT(!d.root && !d.name && !d.places);
        return 0;
    }
    lh_document_place(&d, "", &line, &column);
    FUZZ_ASSERT(line > 0 && column > 0);
    check_round_trip(d.root);
    return 0;
}
