/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PI times and intervals of the OSI PI connector: what is taken lies within the calendar, and is
 * the same when it is written and read again. Input: text.
 */
#include "config.h"

#include "osipi.h"

#define FUZZ_NAME "pi-time"
#include "fuzz/fuzz.h"

#define NOW   INT64_C(17726007675000000)
#define LEAST (INT64_C(-62135596800) * TICKS_PER_S)
#define MOST  (INT64_C(253402300800) * TICKS_PER_S)

static void check(int64_t ticks)
{
    char iso[TIME_SIZE];

    if (ticks == NO_TICKS)
        return;
    FUZZ_ASSERT(ticks < MOST);
    if (ticks >= LEAST)
        FUZZ_ASSERT(osipi_ticks(osipi_iso(iso, ticks)) == ticks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_str text = lhs_n((const char *)data, size);
    int64_t interval = osipi_interval(text);

    check(osipi_ticks(text));
    check(osipi_pi_time(text, NOW));
    FUZZ_ASSERT(interval >= 0 && interval < INT64_C(10000000000000000));
    return 0;
}
