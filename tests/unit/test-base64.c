/* SPDX-License-Identifier: Apache-2.0 */
/* Base64: the vectors of RFC 4648, and what is none. */
#include "config.h"
#include "tap.h"

#include "base/base64.h"

static const struct {
    const char *bytes, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xfe\xfd", "//79"},
    {"\xfb\xef\xbe", "++++"},
};

static void test_vectors(void)
{
    for (size_t i = 0; i < LH_LEN(vectors); i++) {
        lh_auto(lh_buf) b = LH_BUF_INIT(100);

        lh_base64_encode(&b, lh_str_z(vectors[i].bytes));
        is_str(lh_buf_text(&b), vectors[i].text, "encoded");
        lh_buf_reset(&b);
        ok(lh_base64_decode(&b, lh_str_z(vectors[i].text)), "decoded");
        is_str(lh_buf_text(&b), vectors[i].bytes, "and the same");
    }
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "Z", "Zg=", "Zh==", "Zm9=", "Z===", "Zm 8", "Zm9v=", "Zm-v", "=", "Zg==Zg=="};
    lh_auto(lh_buf) b = LH_BUF_INIT(4);

    lh_buf_z(&b, "ab");
    for (size_t i = 0; i < LH_LEN(bad); i++)
        ok(!lh_base64_decode(&b, lh_str_z(bad[i])), "%s", bad[i]);
    ok(lh_base64_decode(&b, LH_STR("Zg")), "padding may be left out");
    is_str(lh_buf_text(&b), "abf", "behind what was there");
    ok(!lh_base64_decode(&b, LH_STR("Zm9v")), "what does not fit");
    is_str(lh_buf_text(&b), "abf", "is not there");
}

int main(void)
{
    RUN(test_vectors);
    RUN(test_refused);
    return tap_done();
}
