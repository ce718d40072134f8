/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one schedule of tables that share a pipeline: the shortest that any of them wants.
 *
 * Tables without a schedule go with the others. Of schedules that are equally short the first by
 * bytes wins, so that the order of the tables does not matter; what fires at the same times is
 * equal however it is written.
 */
#ifndef LH_SCHEDULE_SHORTEST_H
#define LH_SCHEDULE_SHORTEST_H

#include "base/map.h"

/* What texts mean, each worked out once: the period is a walk over a calendar. */
struct lh_schedule_meanings {
    struct lh_map map;
};

struct lh_schedule_meanings lh_schedule_meanings_new(void);
void lh_schedule_meanings_free(struct lh_schedule_meanings *m);

struct lh_schedule_meaning;

/* All zero is the beginning. Texts are borrowed from whoever offered them. */
struct lh_shortest {
    const char *schedule; /* NULL: nobody has offered one */
    const struct lh_schedule_meaning *meaning;
    const char *other; /* one that was not taken; NULL: all want the same */
};

/* One more table's schedule; "" and texts that are no schedule are none. */
void lh_shortest_offer(struct lh_shortest *io, const char *schedule,
                       struct lh_schedule_meanings *m);

#endif
