/* SPDX-License-Identifier: Apache-2.0 */
/* It has no note: its spec cannot be read without running it. */
#include "load.h"

static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("no_note", SPEC("no_note"))};
ENTRY(LH_ENTRY, &table)
