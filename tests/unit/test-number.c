/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/number.h"
#include "tap.h"

#include <stdlib.h>

static int64_t value;
static uint64_t bytes;

static int i64(const char *text, int64_t min, int64_t max)
{
    value = 42;
    return lh_number_i64(lh_str_z(text), min, max, "n", LH_INVALID, &value, NULL);
}

static void test_i64_edges(void)
{
    is_int(i64("9223372036854775807", INT64_MIN, INT64_MAX), 0, "the largest");
    ok(value == INT64_MAX, "is exact");
    is_int(i64("-9223372036854775808", INT64_MIN, INT64_MAX), 0, "the smallest");
    ok(value == INT64_MIN, "is exact");
    is_int(i64("9223372036854775808", INT64_MIN, INT64_MAX), LH_INVALID, "one more");
    is_int(i64("-9223372036854775809", INT64_MIN, INT64_MAX), LH_INVALID, "one less");
    is_int(i64("18446744073709551616", INT64_MIN, INT64_MAX), LH_INVALID, "2^64 does not wrap");
    is_int(i64("99999999999999999999999", INT64_MIN, INT64_MAX), LH_INVALID, "nor what is longer");
    is_int(value, 42, "failure leaves the result alone");
    is_int(i64("1", 1, 3), 0, "min is allowed");
    is_int(i64("3", 1, 3), 0, "max is allowed");
    is_int(i64("0", 1, 3), LH_INVALID, "below min");
    is_int(i64("4", 1, 3), LH_INVALID, "above max");
    is_int(i64("-0", 0, 3), 0, "-0 is 0");
}

static void test_i64_strict(void)
{
    static const char *const bad[] = {"",  " 1",  "1 ", "+1", "0x1", "1e3",      "1.0",
                                      "-", "--1", "01", "00", "1_0", "\xd9\xa1", "-01"};

    for (size_t i = 0; i < LH_LEN(bad); i++)
        ok(i64(bad[i], INT64_MIN, INT64_MAX) == LH_INVALID, "\"%s\" is refused", bad[i]);
    is_int(lh_number_i64(lh_str_n("1\0002", 3), 0, 9, "n", LH_USAGE, &value, NULL), LH_USAGE,
           "a NUL is no end; the caller's code comes back");
}

static void test_messages(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char long_text[] = "11111111111111111111111111111111111111111111111111111111111111111x";

    lh_number_i64(LH_STR("x7"), 1, 65535, "port", LH_INVALID, &value, &e);
    is_str(lh_error_text(&e), "port: expected a whole number from 1 to 65535, found \"x7\"",
           "what, expected, found");
    lh_number_i64(LH_STR(""), 1, 9, "port", LH_INVALID, &value, &e);
    has_str(lh_error_text(&e), "found nothing", "the empty text");
    lh_number_i64(lh_str_z(long_text), 1, 9, "port", LH_INVALID, &value, &e);
    has_str(lh_error_text(&e), "found a text of 66 bytes", "long text is described");
    lh_number_bytes(LH_STR("5KB"), 1, 16777216, "size", LH_INVALID, &bytes, &e);
    is_str(lh_error_text(&e),
           "size: expected a size from 1 to 16M, such as 512, 64K, 16M or 1G, found \"5KB\"",
           "sizes");
    lh_number_seconds(LH_STR("-1"), 90500, "wait", LH_INVALID, &value, &e);
    has_str(lh_error_text(&e), "seconds from 0 to 90.500, or a duration", "durations");
}

static int size(const char *text)
{
    bytes = 42;
    return lh_number_bytes(lh_str_z(text), 0, UINT64_MAX, "n", LH_INVALID, &bytes, NULL);
}

static void test_bytes(void)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"0", 0},
                {"1k", 1024},
                {"64KiB", 65536},
                {"16M", 16777216},
                {"3g", UINT64_C(3221225472)},
                {"16777215T", UINT64_C(0xffffff0000000000)},
                {"18446744073709551615", UINT64_MAX}};
    static const char *const bad[] = {"",
                                      "K",
                                      "1KB",
                                      "1.5M",
                                      "-1",
                                      "1 K",
                                      "1P",
                                      "iB",
                                      "1iB",
                                      "1Ki",
                                      "16777216T",
                                      "01",
                                      "18446744073709551616"};

    for (size_t i = 0; i < LH_LEN(good); i++) {
        is_int(size(good[i].text), 0, good[i].text);
        ok(bytes == good[i].bytes, "%s is %" PRIu64 ", got %" PRIu64, good[i].text, good[i].bytes,
           bytes);
    }
    for (size_t i = 0; i < LH_LEN(bad); i++)
        ok(size(bad[i]) == LH_INVALID && bytes == 42, "\"%s\" is refused", bad[i]);
    is_int(lh_number_bytes(LH_STR("1K"), 0, 1023, "n", LH_USAGE, &bytes, NULL), LH_USAGE, "max");
    is_int(lh_number_bytes(LH_STR("1K"), 1025, 2048, "n", LH_USAGE, &bytes, NULL), LH_USAGE, "min");
}

static void test_seconds(void)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"0", 0},         {"30", 30000},
                {"1.5", 1500},    {"0.001", 1},
                {"250ms", 250},   {"2m", 120000},
                {"1h", 3600000},  {"1.5h", 5400000},
                {"1d", 86400000}, {"1.000000000", 1000},
                {"3S", 3000},     {"9223372036854775807ms", INT64_MAX}};
    static const char *const bad[] = {"",
                                      ".5",
                                      "1.",
                                      "0.0001",
                                      "-1",
                                      "1w",
                                      "1 s",
                                      "0.5ms",
                                      "1.0000000000",
                                      "9223372036854775808ms",
                                      "106751991168d",
                                      "1.s",
                                      "1e3"};

    for (size_t i = 0; i < LH_LEN(good); i++) {
        is_int(lh_number_seconds(lh_str_z(good[i].text), INT64_MAX, "n", LH_INVALID, &value, NULL),
               0, good[i].text);
        is_int(value, good[i].ms, "in milliseconds");
    }
    value = 42;
    for (size_t i = 0; i < LH_LEN(bad); i++)
        ok(lh_number_seconds(lh_str_z(bad[i]), INT64_MAX, "n", LH_INVALID, &value, NULL) ==
                   LH_INVALID &&
               value == 42,
           "\"%s\" is refused", bad[i]);
    is_int(lh_number_seconds(LH_STR("1.001"), 1000, "n", LH_USAGE, &value, NULL), LH_USAGE, "max");
}

static void test_bool(void)
{
    static const char *const yes[] = {"true", "YES", "On", "1"};
    static const char *const no[] = {"False", "no", "OFF", "0"};
    static const char *const bad[] = {"", "y", "2", "truee", "tru", " on"};
    bool b = false;

    for (size_t i = 0; i < LH_LEN(yes); i++)
        ok(lh_number_bool(lh_str_z(yes[i]), "b", 3, &b, NULL) == 0 && b, "%s", yes[i]);
    for (size_t i = 0; i < LH_LEN(no); i++)
        ok(lh_number_bool(lh_str_z(no[i]), "b", 3, &b, NULL) == 0 && !b, "%s", no[i]);
    b = true;
    for (size_t i = 0; i < LH_LEN(bad); i++)
        ok(lh_number_bool(lh_str_z(bad[i]), "b", 3, &b, NULL) == 3 && b, "\"%s\"", bad[i]);
}

int main(void)
{
    RUN(test_i64_edges);
    RUN(test_i64_strict);
    RUN(test_messages);
    RUN(test_bytes);
    RUN(test_seconds);
    RUN(test_bool);
    return tap_done();
}
