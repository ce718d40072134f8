/* SPDX-License-Identifier: Apache-2.0 */
/* The one schedule of tables that share a pipeline; see shortest.h. */
#include "config.h"

#include "schedule/shortest.h"

#include "schedule/schedule.h"

#include <stdlib.h>

struct lh_schedule_meaning {
    int64_t period; /* INT64_MAX: no schedule */
    char *quartz;   /* equal for what fires at the same times; NULL: no schedule */
};

static void meaning_destroy(void *meaning)
{
    free(((struct lh_schedule_meaning *)meaning)->quartz);
    free(meaning);
}

struct lh_schedule_meanings lh_schedule_meanings_new(void)
{
    return (struct lh_schedule_meanings){LH_MAP_INIT(meaning_destroy)};
}

void lh_schedule_meanings_free(struct lh_schedule_meanings *m)
{
    lh_map_free(&m->map);
}

static const struct lh_schedule_meaning *meaning_of(struct lh_map *meanings, const char *text)
{
    struct lh_schedule_meaning *meaning = lh_map_get(meanings, lh_str_z(text));
    struct lh_schedule schedule;
    lh_auto(lh_buf) quartz = LH_BUF_INIT(LH_BUF_TEXT);

    if (meaning)
        return meaning;
    meaning = lh_xcalloc(1, sizeof *meaning);
    meaning->period = INT64_MAX;
    if (!lh_schedule_is_none(lh_str_z(text)) &&
        !lh_schedule_parse(lh_str_z(text), &schedule, NULL)) {
        meaning->period = lh_schedule_period(&schedule);
        lh_schedule_quartz(&schedule, &quartz);
        meaning->quartz = lh_buf_take(&quartz);
    }
    lh_map_set(meanings, lh_str_z(text), meaning);
    return meaning;
}

static void set_other(struct lh_shortest *s, const char *schedule)
{
    if (!s->other || strcmp(schedule, s->other) < 0)
        s->other = schedule;
}

void lh_shortest_offer(struct lh_shortest *io, const char *schedule, struct lh_schedule_meanings *m)
{
    const struct lh_schedule_meaning *meaning;
    bool is_same;

    if (io->schedule == schedule || (io->schedule && strcmp(io->schedule, schedule) == 0))
        return;
    meaning = meaning_of(&m->map, schedule);
    if (!meaning->quartz)
        return;
    is_same = io->schedule && strcmp(io->meaning->quartz, meaning->quartz) == 0;
    if (io->schedule &&
        (meaning->period > io->meaning->period ||
         (meaning->period == io->meaning->period && strcmp(schedule, io->schedule) > 0))) {
        if (!is_same)
            set_other(io, schedule);
        return;
    }
    if (io->schedule && !is_same)
        set_other(io, io->schedule);
    io->schedule = schedule;
    io->meaning = meaning;
}
