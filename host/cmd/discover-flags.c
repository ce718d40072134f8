/* SPDX-License-Identifier: Apache-2.0 */
/* The flags of `discover`; see discover.h. */
#include "config.h"

#include "cmd/discover.h"

#include "base/file.h"
#include "base/glob.h"
#include "base/number.h"
#include "cmd/explain.h"
#include "schedule/schedule.h"

#include <stdlib.h>

#define DEFAULT_JOBS 8
#define MAP_MAX      ((size_t)1 << 20)

void lh_discover_free(struct lh_discover *d)
{
    free(d->include);
    free(d->exclude);
    free(d->group_schedules);
    lh_arena_free(&d->arena);
    lh_classifier_free(&d->classifier);
    lh_manifest_free(&d->previous);
}

/* --- which connector, which files ------------------------------------------------------------- */

static int take_connector(struct lh_discover *d, struct lh_error *e)
{
    const char *flag = lh_args_get(d->args, "connector-name");
    const char *name = d->args->positional[0];

    if (flag && name && strcmp(flag, name) != 0)
        return lh_error_set(e, LH_USAGE, "CONNECTOR is %s and --connector-name is %s; give one",
                            name, flag);
    d->connector = name ? name : flag;
    if (lh_args_get(d->args, "connector-python-file"))
        lh_log_info(d->context->log,
                    "--connector-python-file is not needed: the connector answers instead");
    return 0;
}

static int take_files(struct lh_discover *d, struct lh_error *e)
{
    d->csv = lh_args_get(d->args, "output-csv");
    d->json = lh_args_get(d->args, "output-json");
    if (!d->csv && !d->json)
        d->csv = "-";
    if (d->csv && d->json && strcmp(d->csv, d->json) == 0)
        return lh_error_set(e, LH_USAGE, "--output-csv and --output-json: both are %s", d->csv);
    return 0;
}

static int check_glob(const char *key, const char *glob, struct lh_error *e)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;

    return lh_glob_check(lh_str_z(glob), &why)
               ? lh_error_set(e, LH_USAGE, "--%s %s: %s", key, glob, lh_error_text(&why))
               : 0;
}

/* --- schedules and weights -------------------------------------------------------------------- */

/* A schedule in the form of a manifest: "" is none. */
static int make_schedule(const char *text, const char *flag, const char **ret, struct lh_error *e)
{
    struct lh_schedule schedule;
    bool is_none = lh_schedule_is_none(lh_str_z(text));

    if (!is_none && lh_schedule_parse(lh_str_z(text), &schedule, e))
        return lh_error_wrap(e, "%s", flag);
    *ret = is_none ? "" : text;
    return 0;
}

static int take_schedule(struct lh_discover *d, enum lh_kind kind, struct lh_error *e)
{
    static const char *const defaults[] = {"0 0 * * *", "*/15 * * * *", "*/5 * * * *", ""};
    char *key lh_autofree = lh_xasprintf("schedule-%s", lh_kind_name(kind));
    char *flag lh_autofree = lh_xasprintf("--%s", key);
    const char *text = lh_args_get(d->args, key);

    return make_schedule(text ? text : defaults[kind], flag, &d->rows.schedules[kind], e);
}

static int take_weight(struct lh_discover *d, enum lh_kind kind, struct lh_error *e)
{
    static const int64_t defaults[] = {1, 10, 10, 1};
    char *key lh_autofree = lh_xasprintf("weight-%s", lh_kind_name(kind));
    char *flag lh_autofree = lh_xasprintf("--%s", key);
    const char *text = lh_args_get(d->args, key);

    d->rows.weights[kind] = defaults[kind];
    return text ? lh_number_i64(lh_str_z(text), 1, LH_MANIFEST_MAX_WEIGHT, flag, LH_USAGE,
                                &d->rows.weights[kind], e)
                : 0;
}

static int take_group_schedule(struct lh_discover *d, const char *pair, struct lh_error *e)
{
    struct lh_group_schedule *to = &d->group_schedules[d->rows.n_group_schedules];
    const char *equals = strchr(pair, '=');
    int code;

    if (!equals || equals == pair)
        return lh_error_set(e, LH_USAGE, "--schedule-group: expected GLOB=CRON, found \"%s\"",
                            pair);
    to->glob = lh_arena_copy(&d->arena, lh_str_n(pair, (size_t)(equals - pair)));
    code = check_glob("schedule-group", to->glob, e);
    if (!code)
        code = make_schedule(equals + 1, "--schedule-group", &to->schedule, e);
    d->rows.n_group_schedules += !code;
    return code;
}

static int take_schedules(struct lh_discover *d, struct lh_error *e)
{
    const char *pair;
    size_t at = 0;
    int code = 0;

    for (int kind = 0; kind < LH_KINDS && !code; kind++) {
        code = take_schedule(d, (enum lh_kind)kind, e);
        if (!code)
            code = take_weight(d, (enum lh_kind)kind, e);
    }
    d->group_schedules =
        lh_xcalloc(lh_args_count(d->args, "schedule-group") + 1, sizeof *d->group_schedules);
    d->rows.group_schedules = d->group_schedules;
    while (!code && (pair = lh_args_next(d->args, "schedule-group", &at)))
        code = take_group_schedule(d, pair, e);
    return code;
}

/* --- tables ----------------------------------------------------------------------------------- */

static int take_globs(const struct lh_args *args, const char *key, const char ***ret, size_t *ret_n,
                      struct lh_error *e)
{
    const char *glob;
    size_t at = 0;

    *ret = lh_xcalloc(lh_args_count(args, key) + 1, sizeof **ret);
    while ((glob = lh_args_next(args, key, &at))) {
        if (check_glob(key, glob, e))
            return LH_USAGE;
        (*ret)[(*ret_n)++] = glob;
    }
    return 0;
}

static int take_lookup(struct lh_discover *d, struct lh_error *e)
{
    const char *jobs = lh_args_get(d->args, "jobs");
    const char *sample = lh_args_get(d->args, "sample");
    int64_t n_jobs = DEFAULT_JOBS;
    int64_t n_rows = 0;

    if (jobs &&
        lh_number_i64(lh_str_z(jobs), 1, LH_CATALOG_MAX_JOBS, "--jobs", LH_USAGE, &n_jobs, e))
        return LH_USAGE;
    if (sample &&
        lh_number_i64(lh_str_z(sample), 1, LH_CATALOG_MAX_SAMPLE, "--sample", LH_USAGE, &n_rows, e))
        return LH_USAGE;
    d->is_sample = sample != NULL;
    if (!sample && lh_args_count(d->args, "probe"))
        n_rows = 1;
    d->wants.jobs = (size_t)n_jobs;
    d->wants.rows = (uint64_t)n_rows;
    d->wants.measure = d->is_sample;
    d->wants.best_effort = lh_args_count(d->args, "best-effort") > 0;
    if (take_globs(d->args, "include", &d->include, &d->wants.n_include, e) ||
        take_globs(d->args, "exclude", &d->exclude, &d->wants.n_exclude, e))
        return LH_USAGE;
    d->wants.include = d->include;
    d->wants.exclude = d->exclude;
    return 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int take_map(struct lh_discover *d, struct lh_error *e)
{
    static const char flag[] = "--category-prefix-map-json";
    const char *value = lh_args_get(d->args, "category-prefix-map-json");
    lh_auto(lh_buf) text = LH_BUF_INIT(MAP_MAX);
    int code;

    if (!value)
        return 0;
    code = lh_source_json(value, flag, &text, e);
    return code ? code
                : lh_prefixes_parse(lh_buf_slice(&text), value[0] == '@' ? value + 1 : flag,
                                    &d->classifier.user, e);
}

/* Its cells come into the new manifest: it must be one that later stages take. */
static int take_previous(struct lh_discover *d, struct lh_error *e)
{
    const char *file = lh_args_get(d->args, "previous");
    lh_auto(lh_findings) findings = LH_FINDINGS_INIT;
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

    if (!file)
        return 0;
    if (lh_cmd_severities(d->context, d->args, &findings, e))
        return e->code;
    if (lh_manifest_read(file, &d->previous, &findings, e))
        return lh_error_wrap(e, "--previous");
    lh_manifest_check(&d->previous, NULL, &findings);
    lh_findings_write(&findings, false, &text);
    if (text.n)
        lh_log_warn(d->context->log, "--previous:\n%s", lh_buf_text(&text));
    d->rows.previous = &d->previous;
    return lh_findings_conclude(&findings, file, e);
}

static const char *get_or(const struct lh_args *args, const char *key, const char *otherwise)
{
    const char *value = lh_args_get(args, key);

    return value ? value : otherwise;
}

/* Without a flag: what all rows of the earlier manifest have; else the default. */
static const char *of_all(const struct lh_discover *d, const char *key,
                          enum lh_manifest_column column, const char *otherwise)
{
    const struct lh_manifest *m = &d->previous;

    if (lh_args_get(d->args, key) || !m->n_rows || !*m->rows[0].cells[column])
        return get_or(d->args, key, otherwise);
    for (size_t i = 1; i < m->n_rows; i++)
        if (strcmp(m->rows[i].cells[column], m->rows[0].cells[column]) != 0)
            return otherwise;
    return m->rows[0].cells[column];
}

static int take_rows(struct lh_discover *d, struct lh_error *e)
{
    const char *profile = get_or(d->args, "connector-profile", "upstream");
    const char *by = lh_args_get(d->args, "group-by");
    int code = take_previous(d, e);

    if (code)
        return code;
    d->rows.connection_name = of_all(d, "connection-name", LH_MF_CONNECTION_NAME, "");
    d->rows.destination_catalog = of_all(d, "dest-catalog", LH_MF_DESTINATION_CATALOG, "main");
    d->rows.destination_schema = of_all(d, "dest-schema", LH_MF_DESTINATION_SCHEMA, "bronze");
    d->rows.native = strcmp(profile, "native") == 0;
    d->rows.by = LH_GROUP_BY_DEFAULT;
    if (by)
        lh_group_by_read(lh_str_z(by), &d->rows.by);
    d->rows.classifier = &d->classifier;
    d->rows.log = d->context->log;
    code = take_schedules(d, e);
    return code ? code : take_map(d, e);
}

int lh_discover_read(struct lh_context *context, const struct lh_args *args,
                     struct lh_discover *ret, struct lh_error *e)
{
    int code;

    ret->context = context;
    ret->args = args;
    if ((code = take_connector(ret, e)) || (code = take_files(ret, e)) ||
        (code = take_lookup(ret, e)))
        return code;
    return take_rows(ret, e);
}
