/* SPDX-License-Identifier: Apache-2.0 */
/* It uses a function that nobody has. */
#include "load.h"

int lh_nobody_has_this(void);

NOTE(note, SPEC("undefined"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("undefined", SPEC("undefined"))};
LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    (void)host;
    return lh_nobody_has_this() ? &table : NULL;
}
