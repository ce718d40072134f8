/* SPDX-License-Identifier: Apache-2.0 */
/* Its entry function returns NULL. */
#include "load.h"

NOTE(note, SPEC("null_table"));
ENTRY(LH_ENTRY, NULL)
