/* SPDX-License-Identifier: Apache-2.0 */
/* It needs a newer host. */
#include "load.h"

NOTE(note, SPEC("needs_minor"));
static const struct lh_connector table = {sizeof table,
                                          LH_ABI_MAJOR,
                                          9,
                                          LH_ABI_MINOR + 1,
                                          0,
                                          0,
                                          REST("needs_minor", SPEC("needs_minor"))};
ENTRY(LH_ENTRY, &table)
