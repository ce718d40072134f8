/* SPDX-License-Identifier: Apache-2.0 */
/* The command `group`. */
#include "config.h"

#include "cmd/explain.h"
#include "cmd/input.h"
#include "cmd/program.h"

#include "base/file.h"
#include "base/number.h"
#include "group/regroup.h"
#include "json/document.h"
#include <inttypes.h>

/* Rules about what shares a group: what this command sees to by itself, */
static const char *const always_mended[] = {"LH244", "LH245"};

/* and what it sees to where the groups are made anew. */
static const char *const mended_anew[] = {"LH242", "LH243"};

/* Everything that one run holds. */
struct job {
    struct lh_manifest manifest, previous;
    struct lh_findings findings;
    struct lh_classifier classifier;
    struct lh_regroup_wants wants;
    struct lh_regrouped done;
};

static void job_free(struct job *job)
{
    lh_regrouped_free(&job->done);
    lh_classifier_free(&job->classifier);
    lh_findings_free(&job->findings);
    lh_manifest_free(&job->previous);
    lh_manifest_free(&job->manifest);
}

/* --- options -----------------------------------------------------------------------------------
 */

static int read_count(const struct lh_args *args, const char *key, int64_t max, uint64_t *ret,
                      struct lh_error *e)
{
    const char *text = lh_args_get(args, key);
    char *what lh_autofree = lh_xasprintf("--%s", key);
    int64_t value = 0;

    if (text && lh_number_i64(lh_str_z(text), 1, max, what, LH_USAGE, &value, e))
        return e->code;
    *ret = (uint64_t)value;
    return 0;
}

static int read_balance(const struct lh_args *args, struct lh_regroup_wants *w, struct lh_error *e)
{
    const char *name = lh_args_get(args, "balance");
    uint64_t max_tables = 0;
    uint64_t pipelines = 0;

    if (read_count(args, "max-tables", LH_PIPELINE_MAX_TABLES, &max_tables, e) ||
        read_count(args, "max-weight", (int64_t)LH_GROUP_MAX_WEIGHT, &w->max_weight, e) ||
        read_count(args, "pipelines", 100000, &pipelines, e))
        return e->code;
    w->max_tables = (uint32_t)max_tables;
    w->pipelines = (uint32_t)pipelines;
    w->balance = name && strcmp(name, "none") == 0    ? LH_BALANCE_NONE
                 : name && strcmp(name, "chunk") == 0 ? LH_BALANCE_CHUNK
                                                      : LH_BALANCE_LPT;
    if (w->balance == LH_BALANCE_NONE && (max_tables || w->max_weight || pipelines))
        return lh_error_set(e, LH_USAGE,
                            "--balance none splits no group; --max-tables, --max-weight and "
                            "--pipelines go with lpt and chunk");
    return 0;
}

/* The map itself, or @FILE. */
static int read_prefixes(const char *value, struct lh_prefixes *ret, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    if (value[0] != '@')
        return lh_prefixes_parse(lh_str_z(value), "--category-prefix-map-json", ret, e);
    if (lh_file_read(value + 1, LH_BUF_TEXT, LH_FILE_STDIN, &b, e))
        return lh_error_wrap(e, "--category-prefix-map-json");
    return lh_prefixes_parse(lh_buf_slice(&b), value + 1, ret, e);
}

static int read_labels(const struct lh_args *args, struct job *job, struct lh_error *e)
{
    const char *by = lh_args_get(args, "group-by");
    const char *map = lh_args_get(args, "category-prefix-map-json");

    if (map && !by)
        return lh_error_set(e, LH_USAGE,
                            "--category-prefix-map-json is for --group-by: without it the groups "
                            "are those of the manifest");
    if (map && read_prefixes(map, &job->classifier.user, e))
        return e->code;
    job->wants.classifier = &job->classifier;
    job->wants.relabel = by && lh_group_by_read(lh_str_z(by), &job->wants.by);
    return 0;
}

/* --- the report --------------------------------------------------------------------------------
 */

static double ratio_of(uint64_t largest, uint64_t lower_bound)
{
    /* four places, rounded up: 1.0000 is the lower bound itself */
    return lower_bound ? (double)((largest * 10000 + lower_bound - 1) / lower_bound) / 10000 : 1;
}

static const char *const reasons[] = {
    [LH_MOVE_APART] = "another connection, catalog, or copy of its source table",
    [LH_MOVE_LABEL] = "its group is another one now",
    [LH_MOVE_CAP] = "its pipeline would hold too much",
};

/* What a user should know about the result besides its numbers. */
static char *note_of(const struct lh_group_result *r)
{
    if (!r->n_pipelines || (r->n_pipelines >= LH_GROUP_FEW && r->n_pipelines <= LH_GROUP_MANY))
        return NULL;
    return lh_xasprintf("%zu pipeline%s; %d to %d for a connector are what works best",
                        r->n_pipelines, r->n_pipelines == 1 ? "" : "s", LH_GROUP_FEW,
                        LH_GROUP_MANY);
}

static void moves_as_text(const struct job *job, struct lh_buf *to)
{
    const struct lh_group_result *r = &job->done.groups;

    if (!job->wants.previous)
        return;
    lh_buf_f(to, "%zu moved, %zu new, %zu gone\n", r->n_moves, job->done.n_new, job->done.n_gone);
    for (size_t i = 0; i < r->n_moves; i++)
        lh_buf_f(to, "moved: %s: %.*s -> %s (%s)\n",
                 job->manifest.rows[r->moves[i].item].cells[LH_MF_SOURCE_TABLE],
                 LH_STR_ARG(r->moves[i].from), r->pipelines[r->pipeline_of[r->moves[i].item]].name,
                 reasons[r->moves[i].reason]);
}

static void report_as_text(const struct job *job, struct lh_buf *to)
{
    const struct lh_group_result *r = &job->done.groups;
    char *note lh_autofree = note_of(r);
    int width = 8;

    for (size_t i = 0; i < r->n_pipelines; i++) {
        size_t n = strlen(r->pipelines[i].name);

        width = n > (size_t)width && n <= 60 ? (int)n : width;
    }
    lh_buf_f(to, "%-*s  %6s  %10s  %s\n", width, "PIPELINE", "TABLES", "LOAD", "SCHEDULE");
    for (size_t i = 0; i < r->n_pipelines; i++)
        lh_buf_f(to, "%-*s  %6zu  %10" PRIu64 "  %s\n", width, r->pipelines[i].name,
                 r->pipelines[i].tables, r->pipelines[i].load,
                 *job->done.schedules[i] ? job->done.schedules[i] : "-");
    lh_buf_f(to,
             "%zu tables, %zu pipelines; largest load %" PRIu64 ", lower bound %" PRIu64
             ", ratio %.4f\n",
             job->manifest.n_rows, r->n_pipelines, r->largest, r->lower_bound,
             ratio_of(r->largest, r->lower_bound));
    moves_as_text(job, to);
    if (note)
        lh_buf_f(to, "note: %s\n", note);
}

static json_t *group_as_json(const struct lh_group *g)
{
    return json_pack("{s:s%, s:i, s:i, s:I, s:I, s:I, s:f}", "group", g->label.p, g->label.n,
                     "pipelines", (int)g->n_pipelines, "tables", (int)g->tables, "load",
                     (json_int_t)g->load, "largest", (json_int_t)g->largest, "lower_bound",
                     (json_int_t)g->lower_bound, "ratio", ratio_of(g->largest, g->lower_bound));
}

static json_t *pipeline_as_json(const struct job *job, size_t i)
{
    const struct lh_group_pipeline *p = &job->done.groups.pipelines[i];
    lh_str label = job->done.groups.groups[p->group].label;

    return json_pack("{s:s, s:s%, s:i, s:I, s:s, s:b}", "name", p->name, "group", label.p, label.n,
                     "tables", (int)p->tables, "load", (json_int_t)p->load, "schedule",
                     job->done.schedules[i], "new", p->is_new);
}

static json_t *move_as_json(const struct job *job, const struct lh_group_move *move)
{
    const struct lh_group_result *r = &job->done.groups;
    const struct lh_manifest_row *row = &job->manifest.rows[move->item];

    return json_pack("{s:s, s:s, s:s%, s:s, s:s}", "table", row->cells[LH_MF_SOURCE_TABLE],
                     "destination", lh_manifest_destination(row), "from", move->from.p,
                     move->from.n, "to", r->pipelines[r->pipeline_of[move->item]].name, "reason",
                     reasons[move->reason]);
}

static void report_as_json(const struct job *job, struct lh_buf *to)
{
    const struct lh_group_result *r = &job->done.groups;
    char *note lh_autofree = note_of(r);
    json_t *groups = json_array();
    json_t *pipelines = json_array();
    json_t *moves = json_array();
    json_t *all;
    char *text lh_autofree = NULL;

    for (size_t i = 0; i < r->n_groups; i++)
        json_array_append_new(groups, group_as_json(&r->groups[i]));
    for (size_t i = 0; i < r->n_pipelines; i++)
        json_array_append_new(pipelines, pipeline_as_json(job, i));
    for (size_t i = 0; i < r->n_moves; i++)
        json_array_append_new(moves, move_as_json(job, &r->moves[i]));
    all = json_pack("{s:o, s:o, s:o, s:I, s:I, s:f, s:I, s:I, s:I, s:o}", "groups", groups,
                    "pipelines", pipelines, "moves", moves, "largest", (json_int_t)r->largest,
                    "lower_bound", (json_int_t)r->lower_bound, "ratio",
                    ratio_of(r->largest, r->lower_bound), "moved", (json_int_t)r->n_moves, "new",
                    (json_int_t)job->done.n_new, "gone", (json_int_t)job->done.n_gone, "notes",
                    note ? json_pack("[s]", note) : json_array());
    text = lh_document_dump(all, 2);
    json_decref(all);
    lh_buf_f(to, "%s\n", text);
}

/* --- the command -------------------------------------------------------------------------------
 */

static void switch_off(struct lh_findings *f, const char *const *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lh_findings_set_severity(f, rules[i], LH_SEVERITY_OFF);
}

/* The earlier manifest says where tables are; what else may be wrong with it does not matter. */
static int read_previous(struct lh_context *context, const char *path, struct job *job,
                         struct lh_error *e)
{
    lh_auto(lh_findings) findings = LH_FINDINGS_INIT;

    job->wants.previous = &job->previous;
    if (lh_manifest_read(path, &job->previous, &findings, e))
        return lh_error_wrap(e, "--previous");
    lh_findings_log(&findings, context->log);
    return lh_findings_conclude(&findings, path, e);
}

static int read_manifests(struct lh_context *context, const struct lh_args *args, struct job *job,
                          struct lh_error *e)
{
    const char *previous = lh_args_get(args, "previous");
    char *path lh_autofree = NULL;

    if (lh_input_path(args, &path, e) || lh_cmd_severities(context, args, &job->findings, e))
        return e->code;
    switch_off(&job->findings, always_mended, LH_LEN(always_mended));
    if (job->wants.relabel)
        switch_off(&job->findings, mended_anew, LH_LEN(mended_anew));
    if (lh_input_read(context, path, NULL, NULL, &job->manifest, &job->findings, e))
        return e->code;
    return previous ? read_previous(context, previous, job, e) : 0;
}

static int write_result(const struct lh_args *args, const struct job *job, struct lh_error *e)
{
    const char *output = lh_args_get(args, "output");
    const char *file = lh_args_get(args, "output-csv");
    lh_auto(lh_buf) report = LH_BUF_INIT((size_t)256 << 20);

    if (lh_manifest_write(&job->manifest, file, e))
        return e->code;
    if (strcmp(file, "-") == 0)
        return 0;
    (output && strcmp(output, "json") == 0 ? report_as_json : report_as_text)(job, &report);
    return lh_print(&report, e);
}

static int run_group(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    __attribute__((cleanup(job_free))) struct job job = {
        .manifest = LH_MANIFEST_INIT,
        .previous = LH_MANIFEST_INIT,
        .findings = LH_FINDINGS_INIT,
        .wants = {.stagger = lh_args_count(args, "stagger") > 0, .log = context->log},
    };

    if (lh_args_get(args, "output") && strcmp(lh_args_get(args, "output-csv"), "-") == 0)
        return lh_error_set(e, LH_USAGE,
                            "--output: with --output-csv - the manifest is what is printed");
    if (read_balance(args, &job.wants, e) || read_labels(args, &job, e) ||
        read_manifests(context, args, &job, e))
        return e->code;
    if (lh_regroup(&job.manifest, &job.wants, &job.done, e))
        return e->code;
    return write_result(args, &job, e);
}

static const struct lh_option options[] = {
    LH_INPUT_OPTIONS,
    {"--output-csv", "FILE", "the manifest that comes out; - prints it instead of the report", NULL,
     LH_OPT_FILE | LH_OPT_REQUIRED},
    {"--output", "FORMAT", "the report as text or json", "text|json"},
    {"--group-by", "MODE", "make the groups anew (default: those of the manifest)",
     LH_GROUP_BY_VALUES, 0, "Groups"},
    {"--category-prefix-map-json", "JSON|@FILE",
     "categories for tables without one, by how their names begin", NULL, 0, "Groups"},
    {"--previous", "FILE", "an earlier manifest: tables stay in the pipelines that they have there",
     NULL, LH_OPT_FILE, "Groups"},
    {"--stagger", NULL, "spread equal schedules inside their period", NULL, 0, "Groups"},
    {"--balance", "HOW",
     "none: a group is one pipeline; lpt: heaviest table first into the lightest pipeline; chunk: "
     "by name, equal counts (default: lpt)",
     "none|chunk|lpt", 0, "Balance"},
    {"--max-tables", "N", "tables of a pipeline, at most (default and limit: 1000)", NULL, 0,
     "Balance"},
    {"--max-weight", "N", "weight of a pipeline, at most", NULL, 0, "Balance"},
    {"--pipelines", "K", "split each group into K pipelines (default: as few as the limits allow)",
     NULL, 0, "Balance"},
    {NULL},
};

const struct lh_command lh_command_group = {
    .name = "group",
    .summary = "Groups the tables of a manifest into pipelines and balances them",
    .details =
        "What the tables weigh is the column weight. Tables of different connections or\n"
        "destination catalogs never share a pipeline. A group that is split keeps its name for\n"
        "the first part; the next ones are <group>_02, <group>_03. The result does not depend on\n"
        "the order of the rows, which stays.\n"
        "\n"
        "A table that moves to another pipeline costs a full refresh. With --previous tables stay\n"
        "where they are, unless a limit or their own group forbids it, and only new ones are\n"
        "placed; without it everything is balanced from nothing. With --group-by the pipeline\n"
        "that a table has wins over the group that would be made for it.\n"
        "\n"
        "With --group-by a pipeline gets the shortest schedule of its tables, with a warning\n"
        "where they differ. Without it, two schedules in one group are an error.\n"
        "\n"
        "The report has the load of each pipeline, the largest, the lower bound (no way to put\n"
        "these groups into as many pipelines has a smaller largest load), their ratio, and what\n"
        "moved.",
    .group = "Discover",
    .options = options,
    .examples =
        (const struct lh_example[]){
            {"group --input-csv tables.csv --output-csv tables.csv --group-by category",
             "other groups"},
            {"group --preset osipi/all_tables --output-csv pi.csv --pipelines 4",
             "four pipelines of about equal load"},
            {"group --csv new.csv --output-csv new.csv --previous old.csv --max-tables 50",
             "place what is new, move nothing else"},
            {NULL}},
    .exits = "0 1 2 3 5",
    .run = run_group,
};
