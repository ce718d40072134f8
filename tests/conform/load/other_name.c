/* SPDX-License-Identifier: Apache-2.0 */
/* Its table has another name than its note. */
#include "load.h"

NOTE(note, SPEC("other_name"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("somebody", SPEC("other_name"))};
ENTRY(LH_ENTRY, &table)
