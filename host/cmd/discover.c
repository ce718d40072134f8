/* SPDX-License-Identifier: Apache-2.0 */
/* The command `discover`: from a live source to a manifest. */
#include "config.h"

#include "cmd/discover.h"

#include "base/file.h"
#include "cmd/progress.h"
#include "config/data.h"

#include <stdlib.h>
#include <unistd.h>

/* What the callbacks of the catalog get. */
struct running {
    struct lh_discover *d;
    struct lh_source *source;
    struct lh_progress progress;
    struct lh_opts *given_opts;
    lh_str given[LH_DISCOVER_LEVELS];
    size_t n_given;
    struct lh_namespace_path *also; /* of tables that --table-options-json puts somewhere */
    size_t n_also;
    const char *implied[LH_DISCOVER_LEVELS]; /* see take_implied */
    struct lh_arena arena;
};

static void running_free(struct running *r)
{
    lh_progress_free(&r->progress);
    lh_opts_destroy(r->given_opts);
    free(r->also);
    lh_arena_free(&r->arena);
}

/* --- namespaces ------------------------------------------------------------------------------- */

/* Where --table-options-json says that a table is; 0 levels: it does not say. */
static int place_of(struct running *r, const char *table, struct lh_namespace_path *ret,
                    struct lh_error *e)
{
    lh_autoptr(lh_opts) opts = NULL;
    lh_str levels[LH_DISCOVER_LEVELS];
    size_t n = 0;
    int code =
        lh_source_given_for(r->source, lh_str_z(table), &opts, levels, LH_LEN(levels), &n, e);

    if (code)
        return code;
    ret->n_ns = n;
    ret->ns = lh_arena_alloc(&r->arena, (n + 1) * sizeof *ret->ns);
    for (size_t i = 0; i < n; i++)
        ret->ns[i] = lh_arena_copy(&r->arena, levels[i]);
    return 0;
}

static int take_namespaces(struct running *r, struct lh_error *e)
{
    const char *table;
    json_t *value;
    int code =
        lh_source_given(r->source, &r->given_opts, r->given, LH_LEN(r->given), &r->n_given, e);

    if (!code)
        code = lh_source_read_by_table(r->source, e);
    if (code)
        return code;
    r->also = lh_xcalloc(json_object_size(r->source->by_table.root) + 1, sizeof *r->also);
    json_object_foreach(r->source->by_table.root, table, value)
    {
        code = place_of(r, table, &r->also[r->n_also], e);
        if (code)
            return code;
        r->n_also += r->also[r->n_also].n_ns > 0;
    }
    return 0;
}

static bool is_in(const struct lh_table_entry *t, const char *const *ns, size_t n)
{
    for (size_t i = 0; i < n && i < t->n_ns; i++)
        if (strcmp(ns[i], t->ns[i]) != 0)
            return false;
    return true;
}

/* A table that has a place of its own is meant there; the others where --table-option says. */
static bool is_wanted(void *arg, const struct lh_table_entry *t)
{
    struct running *r = arg;
    struct lh_namespace_path place = {0};

    if (!place_of(r, t->name, &place, NULL) && place.n_ns)
        return is_in(t, place.ns, place.n_ns);
    for (size_t i = 0; i < r->n_given && i < t->n_ns; i++)
        if (!lh_str_eqz(r->given[i], t->ns[i]))
            return false;
    return true;
}

/* --- tables ----------------------------------------------------------------------------------- */

/* What the connection says about a namespace level; NULL: nothing. */
static const char *of_connection(const struct running *r, size_t level)
{
    return lh_opts_public(r->source->opts, r->source->plugin->spec->namespaces.items[level]);
}

/*
 * Levels that the Python connector takes from the connection alone: they are not among the options
 * of a table in the connection's own namespace. Which those are, for every level.
 */
static void take_implied(struct running *r)
{
    const struct lh_spec *spec = r->source->plugin->spec;

    for (size_t i = 0; i < spec->namespaces.n && i < LH_LEN(r->implied); i++) {
        const struct lh_spec_option *option = lh_spec_find(
            spec->table_options, spec->n_table_options, lh_str_z(spec->namespaces.items[i]));

        if (!r->d->rows.native && option && option->native_only)
            r->implied[i] = of_connection(r, i);
    }
    r->d->rows.implied = r->implied;
    r->d->rows.n_implied = LH_LEN(r->implied);
}

/* How many levels of a table are said with it. */
static size_t levels_of(const struct running *r, const struct lh_table_entry *t)
{
    size_t n = t->n_ns;

    while (n && n <= LH_LEN(r->implied) && r->implied[n - 1] &&
           strcmp(r->implied[n - 1], t->ns[n - 1]) == 0)
        n--;
    return n;
}

static int refuse_native(const struct running *r, const struct lh_table_entry *t,
                         const char *option, struct lh_error *e)
{
    const struct lh_spec *spec = r->source->plugin->spec;
    size_t n = levels_of(r, t);

    if (n && strcmp(spec->namespaces.items[n - 1], option) == 0 &&
        lh_spec_find(spec->options, spec->n_options, lh_str_z(option)))
        return lh_error_set(e, LH_INVALID,
                            "table %s is in %s %s, and the Python connector, which the pipelines "
                            "run, knows only the %s of its connection: give --option %s=%s, or "
                            "--connector-profile native",
                            t->name, option, t->ns[n - 1], option, option, t->ns[n - 1]);
    return lh_error_set(e, LH_INVALID,
                        "table %s: only lakehost's own connector has the table option %s, and "
                        "the pipelines run the Python one; leave it out, or give "
                        "--connector-profile native",
                        t->name, option);
}

static int options_of(void *arg, const struct lh_table_entry *t, struct lh_opts **ret,
                      struct lh_error *e)
{
    struct running *r = arg;
    lh_autoptr(lh_opts) opts = NULL;
    size_t at = 0;
    const char *native;
    int code = lh_source_many(r->source, lh_str_z(t->name), t->ns, levels_of(r, t), &opts, e);

    if (code)
        return code;
    native = lh_opts_next_native(opts, &at);
    if (native && !r->d->rows.native)
        return refuse_native(r, t, native, e);
    *ret = lh_take(opts);
    return 0;
}

static void show_progress(void *arg, size_t done, size_t bad, size_t left)
{
    struct running *r = arg;

    lh_progress_show(&r->progress, done, bad, left);
}

static int make_catalog(struct running *r, struct lh_catalog *ret, struct lh_error *e)
{
    struct lh_discover *d = r->d;
    struct lh_source *s = r->source;
    char *what lh_autofree = lh_xasprintf("discover %s", s->plugin->name);
    int code = take_namespaces(r, e);

    if (code)
        return code;
    take_implied(r);
    d->wants.given = r->given;
    d->wants.n_given = r->n_given;
    d->wants.also = r->also;
    d->wants.n_also = r->n_also;
    d->wants.is_wanted = is_wanted;
    d->wants.options = options_of;
    d->wants.progress = show_progress;
    d->wants.arg = r;
    lh_progress_begin(&r->progress, d->context->log, what);
    code = lh_catalog_make(s->plugin, s->opts, &s->run, &d->wants, ret, e);
    lh_progress_free(&r->progress);
    return code;
}

/* --- what came of it -------------------------------------------------------------------------- */

static bool is_taken(const char *path)
{
    return path && lh_file_descriptor(path) == STDOUT_FILENO;
}

/* What was measured goes to standard output, unless a file does; --verbose tells it then. */
static int tell(const struct lh_discover *d, const struct lh_buf *report, struct lh_error *e)
{
    if (!report->n)
        return 0;
    if (!is_taken(d->csv) && !is_taken(d->json))
        return lh_print(report, e);
    lh_log_info(d->context->log, "%s", lh_buf_text(report));
    return 0;
}

static void warn_unused(struct lh_source *s, const struct lh_catalog *c)
{
    const char **names lh_autofree = lh_xcalloc(c->n + 1, sizeof *names);

    for (size_t i = 0; i < c->n; i++)
        names[i] = c->tables[i].name;
    lh_source_warn_unused(s, names, c->n);
}

/* Tables that the Python connector does not have, as far as its profile says. */
static void warn_unknown(const struct lh_discover *d, const struct lh_catalog *c)
{
    lh_auto(lh_buf) names = LH_BUF_INIT(LH_BUF_TEXT);
    size_t n = 0;

    for (size_t i = 0; i < c->n && c->spec->upstream && !d->rows.native; i++)
        if (c->tables[i].outcome == LH_TABLE_OK && !c->tables[i].upstream.ingestion)
            lh_buf_f(&names, "%s%s", n++ ? ", " : "", c->tables[i].name);
    if (n)
        lh_log_warn(d->context->log,
                    "the profile of the Python connector says nothing about %s; type, keys and "
                    "cursor are those of lakehost's own",
                    lh_buf_text(&names));
}

static int conclude(const struct lh_catalog *c, const char *connector, struct lh_error *e)
{
    if (!c->n_refused && !c->n_failed && !c->n_refused_namespaces && !c->is_partial)
        return 0;
    return lh_error_set(e, LH_PARTLY,
                        "%s: %zu of %zu tables are complete, %zu refused, %zu failed%s%s; see the "
                        "warnings above",
                        connector, c->n - c->n_refused - c->n_failed, c->n, c->n_refused,
                        c->n_failed, c->n_refused_namespaces ? ", namespaces are missing" : "",
                        c->is_partial ? ", parts are missing" : "");
}

static int discover(struct lh_discover *d, struct lh_source *s, struct lh_error *e)
{
    __attribute__((cleanup(running_free))) struct running r = {.d = d, .source = s};
    lh_auto(lh_catalog) c = LH_CATALOG_INIT;
    lh_auto(lh_manifest) manifest = LH_MANIFEST_INIT;
    lh_auto(lh_buf) report = LH_BUF_INIT(LH_BUF_TEXT);
    int code = lh_prefixes_read_preset(lh_data_folder(), s->plugin->name, &d->classifier.preset, e);

    if (!code)
        code = make_catalog(&r, &c, e);
    if (code)
        return code;
    warn_unused(s, &c);
    warn_unknown(d, &c);
    code = lh_catalog_rows(&c, &d->rows, &manifest, e);
    if (!code && d->is_sample)
        lh_catalog_estimate(&c, s->opts, &manifest, d->context->log, &report);
    if (!code)
        code = lh_discover_write(d, &manifest, &c, e);
    if (!code)
        code = tell(d, &report, e);
    return code ? code : conclude(&c, s->plugin->name, e);
}

static int run_discover(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    __attribute__((cleanup(lh_discover_free))) struct lh_discover d = {.context = context};
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    int code = lh_discover_read(context, args, &d, e);

    if (!code)
        code = lh_source_open(context, args, d.connector, &s, e);
    if (!code)
        code = discover(&d, &s, e);
    return s.in ? lh_source_end(&s, code, e) : code;
}

/* clang-format off */
static const struct lh_option options[] = {
    {"--connector-name", "NAME", "the connector, as the first argument", NULL, LH_OPT_INSTEAD},
    {"--output-csv", "FILE", "the manifest (default: standard output, unless --output-json)", NULL,
     LH_OPT_FILE},
    {"--output-json", "FILE", "the catalog with schemas, for programs and catalog diff", NULL,
     LH_OPT_FILE},
    {"--previous", "FILE", "an earlier manifest, of which much is kept (see above)", NULL,
     LH_OPT_FILE},
    {"--connection-name", "NAME", "the connection in Unity Catalog (default: the earlier "
     "manifest's, else none)"},
    {"--dest-catalog", "NAME", "the destination's catalog (default: the earlier manifest's, else "
     "main)"},
    {"--dest-schema", "NAME", "the destination's schema (default: the earlier manifest's, else "
     "bronze)"},
    {"--connector-profile", "NAME", "upstream: types, keys and cursors of the Python connector "
     "that pipelines run (default); native: lakehost's own", "upstream|native"},
    {"--connector-python-file", "FILE", "ignored: the connector answers instead", NULL,
     LH_OPT_FILE},
    {"--include", "GLOB", "only tables whose name, or NAMESPACE/NAME, matches", NULL,
     LH_OPT_REPEAT, "Tables"},
    {"--exclude", "GLOB", "not those", NULL, LH_OPT_REPEAT, "Tables"},
    {"--jobs", "N", "tables looked up side by side (default: 8)", NULL, 0, "Tables"},
    {"--probe", NULL, "read a row of each table", NULL, 0, "Tables"},
    {"--sample", "N", "read up to N rows of each table and measure; implies --probe", NULL, 0,
     "Tables"},
    {"--best-effort", NULL, "keep tables that cannot be looked up, with the type unknown", NULL, 0,
     "Tables"},
    {"--group-by", "MODE", "what makes a group (default: category_and_ingestion_type)",
     LH_GROUP_BY_VALUES, 0, "Groups"},
    {"--category-prefix-map-json", "JSON|@FILE", "categories by prefixes of table names, before "
     "the connector's own: {\"contact\": \"crm\"}", NULL, 0, "Groups"},
    {"--schedule-snapshot", "CRON", "of snapshot tables (default: '0 0 * * *'); none: no schedule",
     NULL, 0, "Groups"},
    {"--schedule-append", "CRON", "of append tables (default: '*/15 * * * *')", NULL, 0, "Groups"},
    {"--schedule-cdc", "CRON", "of cdc and cdc_with_deletes tables (default: '*/5 * * * *')", NULL,
     0, "Groups"},
    {"--schedule-unknown", "CRON", "of tables of unknown type (default: none)", NULL, 0, "Groups"},
    {"--schedule-group", "GLOB=CRON", "of the groups whose name matches; the last that does counts",
     NULL, LH_OPT_REPEAT, "Groups"},
    {"--weight-snapshot", "N", "of snapshot tables (default: 1)", NULL, 0, "Groups"},
    {"--weight-append", "N", "of append tables (default: 10)", NULL, 0, "Groups"},
    {"--weight-cdc", "N", "of cdc and cdc_with_deletes tables (default: 10)", NULL, 0, "Groups"},
    {"--weight-unknown", "N", "of tables of unknown type (default: 1)", NULL, 0, "Groups"},
    LH_SOURCE_OPTIONS,
    {NULL},
};
/* clang-format on */

const struct lh_command lh_command_discover = {
    .name = "discover",
    .summary = "Looks up all tables of a source and writes the manifest that pipelines are made of",
    .args = "CONNECTOR",
    .details =
        "A table that the source refuses (403) is left out with a warning, and those that are\n"
        "read through it; the exit code is then 6. Credentials that are refused (401) end the\n"
        "run with 4. Any other failure ends it too, or with --best-effort the table is kept with\n"
        "the type unknown, exit code 6. When no table is left, or a run fails, nothing is\n"
        "written and earlier files stay. The files are the same for every --jobs.\n\n"
        "Where the tables are known by heart none is refused before it is read: --probe reads.\n\n"
        "Namespace levels are table options: those that --table-option gives, or an option of\n"
        "the connection with the same name, are used, others are walked, and each table's go\n"
        "into its table_options_json, unless the Python connector takes them from the\n"
        "connection alone. A --table-option goes to the tables that take it.\n\n"
        "A category comes from --category-prefix-map-json, else from the connector, else from\n"
        "the map that ships for it, else it is the table's name before the first _. A group has\n"
        "one schedule, the shortest that its tables want.\n\n"
        "From the manifest of --previous a table keeps destination, group, the group's schedule,\n"
        "options that are not given now, its weight (unless it is measured, or of another type),\n"
        "scd_type, sequence_by, cluster_by and columns of your own. A table that is refused now\n"
        "keeps all of its row, with the status refused: the next deployment does not remove it.\n\n"
        "A sample is the first N rows, or what 100 requests bring. A table then weighs\n\n"
        "    requests + bytes / 1 MiB, rounded up\n\n"
        "but at least 1, and at least what its type weighs when it may have more rows. Requests\n"
        "are those that the connector made, bytes those of the rows as JSON. From schedules and\n"
        "requests follows how many requests a day the source has to bear: it is said beside what\n"
        "the source grants, and estimate_json keeps it for each table.",
    .group = "Discover",
    .options = options,
    .examples =
        (const struct lh_example[]){
            {"discover example --output-csv tables.csv", "all tables, to be read and edited"},
            {"discover github --option token=env:GITHUB_TOKEN --table-option owner=acme "
             "--table-option repo=web --connection-name github --output-csv tables.csv --probe",
             "one repository; what the token may not see is left out"},
            {"discover example --previous tables.csv --output-csv tables.csv",
             "later: new tables come in, groups stay"},
            {"discover example --sample 100 --output-json catalog.json --group-by category",
             "measured, and with schemas"},
            {NULL}},
    .exits = "0 1 2 3 4 5 6 7 8 130",
    .run = run_discover,
};
