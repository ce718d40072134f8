/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/buf.h"
#include "tap.h"

#include <stdlib.h>

static void test_empty(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(10);

    is_str(lh_buf_text(&b), "", "an unused buffer is the empty text");
    is_int(lh_buf_slice(&b).n, 0, "and the empty slice");
    lh_buf_add(&b, NULL, 0);
    ok(!b.failed && b.n == 0, "adding nothing is fine");
}

static void test_appends(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_z(&b, "n=");
    lh_buf_i64(&b, INT64_MIN);
    lh_buf_char(&b, ' ');
    lh_buf_u64(&b, UINT64_MAX);
    lh_buf_f(&b, " %s %d", "x", 7);
    lh_buf_fill(&b, '-', 3);
    lh_buf_str(&b, LH_STR("end"));
    is_str(lh_buf_text(&b), "n=-9223372036854775808 18446744073709551615 x 7---end", "all kinds");
    ok(!b.failed, "nothing failed");
}

static void test_limit(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(4);

    lh_buf_z(&b, "abcd");
    ok(!b.failed, "exactly the limit fits");
    lh_buf_char(&b, 'e');
    ok(b.failed, "one more does not");
    is_str(lh_buf_text(&b), "abcd", "what was there stays");
    lh_buf_cut(&b, 1);
    lh_buf_z(&b, "x");
    is_str(lh_buf_text(&b), "a", "and the failure sticks");
    lh_buf_reset(&b);
    lh_buf_f(&b, "%d", 12345);
    ok(b.failed, "printf obeys the limit too");
    is_str(lh_buf_text(&b), "", "whole or not at all");
    ok(!lh_buf_room(&b, SIZE_MAX), "no overflow of sizes");
}

static void test_take(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(100);
    char *text lh_autofree = NULL;

    lh_buf_fill(&b, 'y', 90);
    text = lh_buf_take(&b);
    is_int(strlen(text), 90, "the text changes hands");
    is_str(lh_buf_text(&b), "", "the buffer starts again");
    lh_buf_z(&b, "again");
    is_str(lh_buf_text(&b), "again", "with its limit kept");
}

int main(void)
{
    RUN(test_empty);
    RUN(test_appends);
    RUN(test_limit);
    RUN(test_take);
    return tap_done();
}
