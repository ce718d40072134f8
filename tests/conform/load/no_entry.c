/* SPDX-License-Identifier: Apache-2.0 */
/* It exports no entry function. */
#include "load.h"

NOTE(note, SPEC("no_entry"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("no_entry", SPEC("no_entry"))};
ENTRY(lh_connector_entrance, &table)
