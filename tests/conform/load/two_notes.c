/* SPDX-License-Identifier: Apache-2.0 */
/* It has two notes. */
#include "load.h"

NOTE(note, SPEC("two_notes"));
NOTE(second, SPEC("two_notes"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("two_notes", SPEC("two_notes"))};
ENTRY(LH_ENTRY, &table)
