/* SPDX-License-Identifier: Apache-2.0 */
/* Its table is shorter than that of interface 1.0. */
#include "load.h"

NOTE(note, SPEC("short_struct"));
static const struct lh_connector table = {
    LH_SIZE_UPTO(struct lh_connector, read_table), LH_ABI_MAJOR, LH_ABI_MINOR, 0, 0, 0,
    REST("short_struct", SPEC("short_struct"))};
ENTRY(LH_ENTRY, &table)
