/* SPDX-License-Identifier: Apache-2.0 */
/* Its table is of another major version. */
#include "load.h"

NOTE(note, SPEC("wrong_major"));
static const struct lh_connector table = {
    sizeof table, LH_ABI_MAJOR + 1, 3, 0, 0, 0, REST("wrong_major", SPEC("wrong_major"))};
ENTRY(LH_ENTRY, &table)
