/* SPDX-License-Identifier: Apache-2.0 */
/* Its spec is no JSON. */
#include "load.h"

#define TEXT "{\"spec\":1,\"name\":bad_spec}"

NOTE(note, TEXT);
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("bad_spec", TEXT)};
ENTRY(LH_ENTRY, &table)
