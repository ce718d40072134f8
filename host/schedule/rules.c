/* SPDX-License-Identifier: Apache-2.0 */
/* What a schedule can be refused for, as `lakehost explain` prints it. */
#include "config.h"

#include "schedule/schedule_internal.h"

const struct lh_rule lh_schedule_rules[] = {
    {"LH101", LH_SEVERITY_ERROR, "Not a schedule",
     "A schedule is five fields of cron (minute, hour, day of month, month, day of week), one of\n"
     "@hourly @daily @midnight @weekly @monthly @yearly @annually, or six or seven fields of\n"
     "Quartz (seconds in front, a year at the end). Nothing, or the word none, is no schedule.\n"
     "@reboot has no meaning for a pipeline.\n\n"
     "wrong:  every day at 9\n"
     "right:  0 9 * * *"},
    {"LH102", LH_SEVERITY_ERROR, "A field of a schedule is wrong",
     "Each field of cron is a list, with commas, of: * (all), */N (every Nth), a number, a range\n"
     "A-B, a range with a step A-B/N. Minutes are 0 to 59, hours 0 to 23, days 1 to 31, months 1\n"
     "to 12 or JAN to DEC, days of the week 0 to 7 (0 and 7 are Sunday) or SUN to SAT.\n\n"
     "wrong:  10/15 * * * *      right:  10-59/15 * * * *\n"
     "wrong:  0 22-2 * * *       right:  0 22-23,0-2 * * *\n"
     "wrong:  0 24 * * *         right:  0 0 * * *"},
    {"LH103", LH_SEVERITY_ERROR, "Day of month or day of week",
     "Where both days are restricted, cron fires when either matches. One Quartz trigger, and so\n"
     "one job, cannot say that. Write two schedules, for two groups or two jobs; on days that\n"
     "match both, both fire.\n\n"
     "wrong:  0 0 1 * 1\n"
     "right:  0 0 1 * *   and   0 0 * * 1"},
    {"LH104", LH_SEVERITY_ERROR, "Day of month and day of week",
     "Where a day begins with * and both days are restricted all the same, cron fires only when\n"
     "both match. Quartz cannot say that. Restrict one of them.\n\n"
     "wrong:  0 0 */2 * 1\n"
     "right:  0 0 * * 1"},
    {"LH105", LH_SEVERITY_ERROR, "A schedule that never fires",
     "No month of the schedule has a day of the schedule, or no year has such a month.\n\n"
     "wrong:  0 0 31 2 *\n"
     "right:  0 0 28 2 *"},
    {"LH106", LH_SEVERITY_ERROR, "Quartz needs exactly one ?",
     "Six or seven fields are Quartz. There, one of day of month and day of week must be ?,\n"
     "which means: the other one decides.\n\n"
     "wrong:  0 0 0 * * *\n"
     "right:  0 0 0 * * ?"},
    {NULL},
};

const struct lh_rule *lh_schedule_rule(const char *id)
{
    return lh_rule_of(lh_schedule_rules, id);
}
