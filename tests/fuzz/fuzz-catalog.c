/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogs: two documents with a NUL between, read and compared; each equals itself. */
#include "config.h"

#define FUZZ_NAME "catalog"
#include "fuzz/fuzz.h"

#include "catalog/diff.h"

#define FUZZ_MAX ((size_t)256 << 10)

static int read_text(lh_str text, struct lh_catalog_document *ret)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code;

    lh_buf_str(&ret->text, text);
    code = lh_catalog_document_parse("c.json", ret, &e);
    FUZZ_ASSERT(!code || (code == LH_INVALID && strncmp(e.message, "c.json:", 7) == 0));
    return code;
}

/* There and back: what is new on one way is gone on the other. */
static void compare(const struct lh_catalog_document *a, const struct lh_catalog_document *b)
{
    lh_auto(lh_changes) there = {0};
    lh_auto(lh_changes) back = {0};

    lh_catalog_diff(a, b, &there);
    lh_catalog_diff(b, a, &back);
    FUZZ_ASSERT(there.n == back.n);
    FUZZ_ASSERT(there.n_breaking <= there.n);
    for (size_t i = 0; i < there.n; i++)
        FUZZ_ASSERT(*there.items[i].table || a->n || b->n);
    FUZZ_ASSERT(a != b || there.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_catalog_document) a = LH_CATALOG_DOCUMENT_INIT;
    lh_auto(lh_catalog_document) b = LH_CATALOG_DOCUMENT_INIT;
    const uint8_t *cut = size ? memchr(data, 0, size) : NULL;
    size_t n = cut ? (size_t)(cut - data) : size;

    if (size > FUZZ_MAX || read_text(lh_str_n((const char *)data, n), &a))
        return 0;
    compare(&a, &a);
    if (cut && !read_text(lh_str_n((const char *)cut + 1, size - n - 1), &b))
        compare(&a, &b);
    return 0;
}
