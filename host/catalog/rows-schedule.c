/* SPDX-License-Identifier: Apache-2.0 */
/* One schedule for each group of a manifest that is being made; see rows.h. */
#include "config.h"

#include "catalog/rows.h"

#include "base/glob.h"
#include "base/map.h"
#include "schedule/schedule.h"

#include <stdlib.h>

struct group {
    const char *schedule;
    int64_t period;           /* of `schedule`; INT64_MAX: none */
    const char *other;        /* a schedule that it is not; NULL: all want the same */
    bool is_previous, is_set; /* by the earlier manifest, by --schedule-group */
};

/* INT64_MAX for none, and for what is no schedule (of an earlier manifest that nobody checked). */
static int64_t period_of(const char *text)
{
    struct lh_schedule schedule;

    if (lh_schedule_is_none(lh_str_z(text)) || lh_schedule_parse(lh_str_z(text), &schedule, NULL))
        return INT64_MAX;
    return lh_schedule_period(&schedule);
}

/* The shorter one wins; of two that are equally long the one that came first. */
static void offer(struct group *g, const char *schedule)
{
    int64_t period = period_of(schedule);

    if (!g->schedule) {
        g->schedule = schedule;
        g->period = period;
    } else if (strcmp(g->schedule, schedule) != 0) {
        g->other = period < g->period ? g->schedule : schedule;
        g->schedule = period < g->period ? schedule : g->schedule;
        g->period = period < g->period ? period : g->period;
    }
}

static struct group *group_of(struct lh_map *groups, const char *name)
{
    struct group *g = lh_map_get(groups, lh_str_z(name));

    if (!g) {
        g = lh_xcalloc(1, sizeof *g);
        g->period = INT64_MAX;
        lh_map_set(groups, lh_str_z(name), g);
    }
    return g;
}

/* Groups that were there before keep what they had. */
static void take_previous(const struct lh_rows_wants *w, struct lh_map *groups)
{
    for (size_t i = 0; w->previous && i < w->previous->n_rows; i++) {
        const struct lh_manifest_row *row = &w->previous->rows[i];
        struct group *g = group_of(groups, row->cells[LH_MF_PIPELINE_GROUP]);

        g->is_previous = true;
        offer(g, row->cells[LH_MF_SCHEDULE]);
        g->other = NULL;
    }
}

/* --schedule-group: the last one that matches. */
static void take_flags(const struct lh_rows_wants *w, const char *name, struct group *g,
                       bool *io_seen)
{
    for (size_t i = 0; i < w->n_group_schedules; i++) {
        const struct lh_group_schedule *s = &w->group_schedules[i];

        if (!lh_glob_match(lh_str_z(s->glob), lh_str_z(name)))
            continue;
        io_seen[i] = true;
        g->is_set = true;
        g->schedule = s->schedule;
        g->other = NULL;
    }
}

static const char *words(const char *schedule)
{
    return *schedule ? schedule : "none";
}

static void warn(const struct lh_rows_wants *w, const char *name, const struct group *g)
{
    if (g->other)
        lh_log_warn(w->log,
                    "group %s: its tables want the schedules %s and %s; it gets the shortest, %s "
                    "(--schedule-group, or --group-by category_and_ingestion_type)",
                    name, words(g->schedule), words(g->other), words(g->schedule));
}

void lh_catalog_schedule(const struct lh_rows_wants *w, const char *const *wanted,
                         struct lh_manifest *to)
{
    lh_auto(lh_map) groups = LH_MAP_INIT(free);
    bool *seen lh_autofree = lh_xcalloc(w->n_group_schedules + 1, sizeof *seen);
    lh_auto(lh_map) told = LH_MAP_INIT(NULL);

    take_previous(w, &groups);
    for (size_t i = 0; i < to->n_rows; i++) {
        struct group *g = group_of(&groups, to->rows[i].cells[LH_MF_PIPELINE_GROUP]);

        if (!g->is_previous)
            offer(g, wanted[i]);
    }
    for (size_t i = 0; i < to->n_rows; i++) {
        const char *name = to->rows[i].cells[LH_MF_PIPELINE_GROUP];
        struct group *g = group_of(&groups, name);

        if (lh_map_set(&told, lh_str_z(name), NULL)) {
            take_flags(w, name, g, seen);
            warn(w, name, g);
        }
        to->rows[i].cells[LH_MF_SCHEDULE] = lh_manifest_keep(to, lh_str_z(g->schedule));
    }
    for (size_t i = 0; i < w->n_group_schedules; i++)
        if (!seen[i])
            lh_log_warn(w->log, "--schedule-group %s: no group matches",
                        w->group_schedules[i].glob);
}
