/* SPDX-License-Identifier: Apache-2.0 */
/* Its spec has another name than its file. */
#include "load.h"

NOTE(note, SPEC("somebody"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("somebody", SPEC("somebody"))};
ENTRY(LH_ENTRY, &table)
