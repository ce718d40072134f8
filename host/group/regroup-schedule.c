/* SPDX-License-Identifier: Apache-2.0 */
/* When each pipeline of a regrouped manifest runs; see regroup.h. */
#include "config.h"

#include "group/regroup.h"

#include "base/map.h"
#include "schedule/schedule.h"
#include <stdlib.h>

/* What a text says, worked out once: the period is a walk over a calendar. */
struct meaning {
    int64_t period; /* INT64_MAX: no schedule */
    char *quartz;   /* equal for what fires at the same times; NULL: no schedule */
};

static void meaning_destroy(void *meaning)
{
    free(((struct meaning *)meaning)->quartz);
    free(meaning);
}

static const struct meaning *meaning_of(struct lh_map *meanings, const char *text)
{
    struct meaning *meaning = lh_map_get(meanings, lh_str_z(text));
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

/* What the tables of one pipeline want; those without a schedule go with the others. */
struct wish {
    const char *schedule; /* NULL: nobody has said anything yet */
    const struct meaning *meaning;
    const char *other; /* one that was not taken; NULL: all want the same */
};

static void set_other(struct wish *w, const char *schedule)
{
    if (!w->other || strcmp(schedule, w->other) < 0)
        w->other = schedule;
}

/* The shorter one wins; of equally short ones the first by bytes, whatever the order of rows. */
static void offer(struct wish *w, const char *schedule, struct lh_map *meanings)
{
    const struct meaning *meaning;
    bool is_same;

    if (w->schedule == schedule || (w->schedule && strcmp(w->schedule, schedule) == 0))
        return;
    meaning = meaning_of(meanings, schedule);
    if (!meaning->quartz)
        return;
    is_same = w->schedule && strcmp(w->meaning->quartz, meaning->quartz) == 0;
    if (w->schedule &&
        (meaning->period > w->meaning->period ||
         (meaning->period == w->meaning->period && strcmp(schedule, w->schedule) > 0))) {
        if (!is_same)
            set_other(w, schedule);
        return;
    }
    if (w->schedule && !is_same)
        set_other(w, w->schedule);
    w->schedule = schedule;
    w->meaning = meaning;
}

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
    struct wish *wishes lh_autofree = lh_xcalloc(n, sizeof *wishes);
    lh_auto(lh_map) meanings = LH_MAP_INIT(meaning_destroy);

    for (size_t i = 0; i < m->n_rows; i++)
        offer(&wishes[r->groups.pipeline_of[i]], m->rows[i].cells[LH_MF_SCHEDULE], &meanings);
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
