/* SPDX-License-Identifier: Apache-2.0 */
/* A required function is missing. */
#include "load.h"

#define TEXT SPEC("missing_slot")

NOTE(note, TEXT);
static const struct lh_connector table = {
    LH_CONNECTOR_HEAD, "missing_slot", TEXT, sizeof(TEXT) - 1, load_open, load_close,
    load_list,         load_scan,      NULL, load_scan};
ENTRY(LH_ENTRY, &table)
