/* SPDX-License-Identifier: Apache-2.0 */
/* What both dialects share; see schedule.h. */
#include "config.h"

#include "schedule/schedule.h"

#include <strings.h>

bool lh_schedule_is_none(lh_str text)
{
    while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
        text = lh_str_n(text.p + 1, text.n - 1);
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
        text.n--;
    return !text.n || (text.n == 4 && strncasecmp(text.p, "none", 4) == 0);
}
