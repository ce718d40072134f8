/* SPDX-License-Identifier: Apache-2.0 */
/* One schedule for each group of a manifest that is being made; see rows.h. */
#include "config.h"

#include "catalog/rows.h"

#include "base/glob.h"
#include "base/map.h"
#include "schedule/shortest.h"

#include <stdlib.h>

struct group {
    struct lh_shortest wish;
    const char *given; /* by --schedule-group; NULL: none of it matches */
    bool is_previous;  /* by the earlier manifest */
};

static struct group *group_of(struct lh_map *groups, const char *name)
{
    struct group *g = lh_map_get(groups, lh_str_z(name));

    if (!g) {
        g = lh_xcalloc(1, sizeof *g);
        lh_map_set(groups, lh_str_z(name), g);
    }
    return g;
}

/* Groups that were there before keep what they had. */
static void take_previous(const struct lh_rows_wants *w, struct lh_map *groups,
                          struct lh_schedule_meanings *meanings)
{
    for (size_t i = 0; w->previous && i < w->previous->n_rows; i++) {
        const struct lh_manifest_row *row = &w->previous->rows[i];
        struct group *g = group_of(groups, row->cells[LH_MF_PIPELINE_GROUP]);

        g->is_previous = true;
        lh_shortest_offer(&g->wish, row->cells[LH_MF_SCHEDULE], meanings);
        g->wish.other = NULL;
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
        g->given = s->schedule;
    }
}

static void warn(const struct lh_rows_wants *w, const char *name, const struct group *g)
{
    if (g->wish.other && !g->given)
        lh_log_warn(w->log,
                    "group %s: its tables want the schedules %s and %s; it gets the shortest, %s "
                    "(--schedule-group, or --group-by category_and_ingestion_type)",
                    name, g->wish.schedule, g->wish.other, g->wish.schedule);
}

static const char *schedule_of(const struct group *g)
{
    if (g->given)
        return g->given;
    return g->wish.schedule ? g->wish.schedule : "";
}

void lh_catalog_schedule(const struct lh_rows_wants *w, const char *const *wanted,
                         struct lh_manifest *to)
{
    lh_auto(lh_map) groups = LH_MAP_INIT(free);
    bool *seen lh_autofree = lh_xcalloc(w->n_group_schedules + 1, sizeof *seen);
    lh_auto(lh_map) told = LH_MAP_INIT(NULL);
    lh_auto(lh_schedule_meanings) meanings = lh_schedule_meanings_new();

    take_previous(w, &groups, &meanings);
    for (size_t i = 0; i < to->n_rows; i++) {
        struct group *g = group_of(&groups, to->rows[i].cells[LH_MF_PIPELINE_GROUP]);

        if (!g->is_previous)
            lh_shortest_offer(&g->wish, wanted[i], &meanings);
    }
    for (size_t i = 0; i < to->n_rows; i++) {
        const char *name = to->rows[i].cells[LH_MF_PIPELINE_GROUP];
        struct group *g = group_of(&groups, name);

        if (lh_map_set(&told, lh_str_z(name), NULL)) {
            take_flags(w, name, g, seen);
            warn(w, name, g);
        }
        to->rows[i].cells[LH_MF_SCHEDULE] = lh_manifest_keep(to, lh_str_z(schedule_of(g)));
    }
    for (size_t i = 0; i < w->n_group_schedules; i++)
        if (!seen[i])
            lh_log_warn(w->log, "--schedule-group %s: no group matches",
                        w->group_schedules[i].glob);
}
