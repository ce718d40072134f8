/* SPDX-License-Identifier: Apache-2.0 */
/* It was built for another version of the interface. */
#include "load.h"

NOTE(note, SPEC("other_version"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD,
                                          REST("other_version", SPEC("other_version"))};
ENTRY(lh_connector_entry_v9, &table)
