/* SPDX-License-Identifier: Apache-2.0 */
/* Its table has another spec than its note. */
#include "load.h"

NOTE(note, SPEC("other_spec"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("other_spec", "{\"spec\":1}")};
ENTRY(LH_ENTRY, &table)
