/* SPDX-License-Identifier: Apache-2.0 */
/* When each pipeline of a regrouped manifest runs; see regroup.h. */
#include "config.h"

#include "group/regroup.h"

#include "schedule/schedule.h"
#include "schedule/shortest.h"

#include <stdlib.h>

/* --- stagger -----------------------------------------------------------------------------------
 */

struct slot {
    char *quartz; /* equal for equal schedules */
    struct lh_schedule schedule;
    size_t pipeline;
};

static int by_schedule(const void *a_, const void *b_, void *pipelines_)
{
    const struct lh_group_pipeline *pipelines = pipelines_;
    const struct slot *a = a_;
    const struct slot *b = b_;
    int order = strcmp(a->quartz, b->quartz);

    return order ? order : strcmp(pipelines[a->pipeline].name, pipelines[b->pipeline].name);
}

/* The pipelines that have a schedule, those with equal ones together. */
static size_t collect_slots(const struct lh_regrouped *r, struct slot *slots)
{
    size_t n = 0;

    for (size_t i = 0; i < r->groups.n_pipelines; i++) {
        lh_str text = lh_str_z(r->schedules[i]);
        lh_auto(lh_buf) quartz = LH_BUF_INIT(LH_BUF_TEXT);

        if (lh_schedule_is_none(text) || lh_schedule_parse(text, &slots[n].schedule, NULL))
            continue;
        lh_schedule_quartz(&slots[n].schedule, &quartz);
        slots[n].quartz = lh_xstrdup(lh_buf_text(&quartz));
        slots[n++].pipeline = i;
    }
    qsort_r(slots, n, sizeof *slots, by_schedule, r->groups.pipelines);
    return n;
}

/* n pipelines that would start at the same time. */
static void spread(struct lh_manifest *m, const struct lh_regroup_wants *w, struct lh_regrouped *r,
                   const struct slot *slots, size_t n)
{
    if (n > LH_WORKSPACE_MAX_UPDATES && !w->stagger)
        lh_log_warn(w->log,
                    "%zu pipelines start together (%s) and a workspace runs %d at a time; "
                    "--stagger spreads them",
                    n, r->schedules[slots[0].pipeline], LH_WORKSPACE_MAX_UPDATES);
    for (size_t i = 0; w->stagger && i < n; i++) {
        struct lh_schedule later = lh_schedule_stagger(&slots[i].schedule, i, n);
        lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

        if (i == 0)
            continue; /* the first one stays, also in how it is written */
        lh_schedule_text(&later, &text);
        r->schedules[slots[i].pipeline] = lh_manifest_keep(m, lh_buf_slice(&text));
    }
}

static void stagger(struct lh_manifest *m, const struct lh_regroup_wants *w, struct lh_regrouped *r)
{
    struct slot *slots lh_autofree =
        lh_xcalloc(r->groups.n_pipelines ? r->groups.n_pipelines : 1, sizeof *slots);
    size_t n = collect_slots(r, slots);

    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(slots[end].quartz, slots[i].quartz) == 0; end++)
            ;
        spread(m, w, r, &slots[i], end - i);
    }
    for (size_t i = 0; i < n; i++)
        free(slots[i].quartz);
}

/* --- all of it ---------------------------------------------------------------------------------
 */

void lh_regroup_schedules(struct lh_manifest *m, const struct lh_regroup_wants *w,
                          struct lh_regrouped *r)
{
    size_t n = r->groups.n_pipelines ? r->groups.n_pipelines : 1;
    struct lh_shortest *wishes lh_autofree = lh_xcalloc(n, sizeof *wishes);
    lh_auto(lh_schedule_meanings) meanings = lh_schedule_meanings_new();

    for (size_t i = 0; i < m->n_rows; i++)
        lh_shortest_offer(&wishes[r->groups.pipeline_of[i]], m->rows[i].cells[LH_MF_SCHEDULE],
                          &meanings);
    r->schedules = lh_xcalloc(n, sizeof(char *));
    for (size_t i = 0; i < r->groups.n_pipelines; i++) {
        r->schedules[i] = wishes[i].schedule ? wishes[i].schedule : "";
        if (wishes[i].other)
            lh_log_warn(w->log,
                        "group %s: its tables want the schedules %s and %s; it gets the shortest, "
                        "%s",
                        r->groups.pipelines[i].name, wishes[i].schedule, wishes[i].other,
                        wishes[i].schedule);
    }
    stagger(m, w, r);
    for (size_t i = 0; i < m->n_rows; i++)
        m->rows[i].cells[LH_MF_SCHEDULE] = r->schedules[r->groups.pipeline_of[i]];
}
