/* SPDX-License-Identifier: Apache-2.0 */
/* The command `generate bundle`. */
#include "config.h"

#include "base/file.h"
#include "cmd/generate.h"
#include "generate/bundle.h"
#include "yaml/yaml.h"

#include <stdlib.h>
#include <unistd.h>

static const struct lh_option bundle_options[] = {
    LH_INPUT_OPTIONS,
    {"--output-yaml", "FILE", "the bundle's file, or FOLDER/resources/FILE; - is stdout", NULL,
     LH_OPT_REQUIRED | LH_OPT_FILE},
    {"--connector-name", "NAME", "the connector", NULL, LH_OPT_REQUIRED},
    {"--ingest-files-path", "PATH", "folder of ingest files, in the workspace or relative", NULL, 0,
     "What the pipelines run"},
    {"--notebook-base-path", "PATH", "folder of notebooks, instead", NULL, 0,
     "What the pipelines run"},
    {"--connection-name", "NAME", "the connection of ingest files; a bundle does not name it", NULL,
     0, "What the pipelines run"},
    {"--root-path", "PATH", "folder from which the pipelines import", NULL, 0,
     "What the pipelines run"},
    {"--package", "WHL", "wheel or requirement that the pipelines install", NULL, LH_OPT_REPEAT,
     "What the pipelines run"},
    LH_GENERATE_FRAMEWORK,
    LH_GENERATE_TEMPLATES,
    {"--catalog --dest-catalog", "CATALOG", "catalog of the pipelines", NULL, LH_OPT_REQUIRED},
    {"--schema --dest-schema", "SCHEMA", "schema of the pipelines", NULL, LH_OPT_REQUIRED},
    {"--emit-jobs", NULL, "a job for each pipeline that has a schedule", NULL, 0, "Jobs"},
    {"--pause-jobs", NULL, "jobs wait until somebody unpauses them (default)", NULL, 0, "Jobs"},
    {"--no-pause-jobs", NULL, "jobs run from the first deployment on", NULL, 0, "Jobs"},
    {"--bundle-suffix", "SUFFIX", "end of all names and keys, for a second set", NULL, 0, "Bundle"},
    {"--target", "NAME=HOST,...", "a target; see below (default: dev and prod, without host)", NULL,
     LH_OPT_REPEAT, "Bundle"},
    {"--layout", "LAYOUT", "one file (single), or databricks.yml with resources/ beside it",
     "single|resources", 0, "Bundle"},
    {"--num-workers", "N", "accepted for the originals' sake; serverless pipelines have none", NULL,
     0, "Bundle"},
    LH_PLUGIN_OPTIONS,
    {NULL},
};

static const char comment[] =
    "Written by lakehost generate bundle; generating again replaces this file.";
static const char main_comment[] =
    "Made once by lakehost generate bundle, which does not replace it: it is yours.";

static const char *const main_names[] = {"databricks.yml", "databricks.yaml", "bundle.yml",
                                         "bundle.yaml"};

/* --- where it goes ------------------------------------------------------------------------ */

struct place {
    char *root;      /* the bundle's folder */
    char *resources; /* the file of pipelines and jobs below it; NULL: all in main */
    char *main;      /* "databricks.yml" */
};

static void place_free(struct place *p)
{
    free(p->root);
    free(p->resources);
    free(p->main);
}

static bool is_main(const char *name)
{
    for (size_t i = 0; i < LH_LEN(main_names); i++)
        if (strcmp(name, main_names[i]) == 0)
            return true;
    return false;
}

/* "a/b.yml" into "a" and "b.yml"; without a slash the folder is ".". */
static void split(const char *path, char **ret_folder, char **ret_name)
{
    const char *slash = strrchr(path, '/');

    *ret_folder = !slash          ? lh_xstrdup(".")
                  : slash == path ? lh_xstrdup("/")
                                  : lh_xmemdup0(path, (size_t)(slash - path));
    *ret_name = lh_xstrdup(slash ? slash + 1 : path);
}

static int place_of(const struct lh_args *args, const struct lh_bundle_request *r,
                    struct place *ret, struct lh_error *e)
{
    const char *layout = lh_args_get(args, "layout");
    char *folder lh_autofree = NULL;
    char *name lh_autofree = NULL;
    char *above lh_autofree = NULL;
    char *last lh_autofree = NULL;

    split(lh_args_get(args, "output-yaml"), &folder, &name);
    split(folder, &above, &last);
    if (!*name)
        return lh_error_set(e, LH_USAGE, "--output-yaml: expected a file, found a folder");
    if (strcmp(last, "resources") == 0 && !is_main(name)) {
        ret->root = lh_take(above);
        ret->resources = lh_xasprintf("resources/%s", name);
        ret->main = lh_xstrdup(main_names[0]);
        return 0;
    }
    ret->root = lh_take(folder);
    if (layout && strcmp(layout, "resources") == 0)
        ret->resources = lh_xasprintf("resources/%s%s%s.yml", r->connector, r->suffix ? "_" : "",
                                      r->suffix ? r->suffix : "");
    ret->main = lh_take(name);
    return 0;
}

/* --- the request -------------------------------------------------------------------------- */

struct request {
    struct lh_bundle_request r;
    struct lh_arena arena;
    const char **packages;
    struct lh_bundle_target *targets;
};

static void request_free(struct request *q)
{
    lh_arena_free(&q->arena);
    free(q->packages);
    free(q->targets);
}

static int set_paths(const struct lh_args *args, struct lh_bundle_request *r, struct lh_error *e)
{
    const char *ingest = lh_args_get(args, "ingest-files-path");
    const char *notebooks = lh_args_get(args, "notebook-base-path");

    if (!ingest == !notebooks)
        return lh_error_set(e, LH_USAGE,
                            "give one of --ingest-files-path and --notebook-base-path");
    r->notebooks = notebooks != NULL;
    r->files_path = notebooks ? notebooks : ingest;
    r->root_path = lh_args_get(args, "root-path");
    if (!*r->files_path)
        return lh_error_set(e, LH_USAGE, "%s: expected a folder",
                            notebooks ? "--notebook-base-path" : "--ingest-files-path");
    return 0;
}

static int set_targets(const struct lh_args *args, struct request *q, struct lh_error *e)
{
    size_t n = lh_args_count(args, "target");
    const char *text;
    size_t at = 0;
    int code = 0;

    q->targets = lh_xcalloc(n + 1, sizeof *q->targets);
    q->r.targets = q->targets;
    while (!code && (text = lh_args_next(args, "target", &at))) {
        struct lh_bundle_target *t = &q->targets[q->r.n_targets];

        code = lh_bundle_parse_target(text, &q->arena, t, e);
        for (size_t i = 0; !code && i < q->r.n_targets; i++)
            if (strcmp(q->targets[i].name, t->name) == 0)
                code = lh_error_set(e, LH_USAGE, "--target: \"%s\" is there twice", t->name);
        q->r.n_targets++;
    }
    return code;
}

static int set_request(const struct lh_context *context, const struct lh_args *args,
                       struct request *q, struct lh_error *e)
{
    const char *package;
    size_t at = 0;
    int code;

    q->r.suffix = lh_args_get(args, "bundle-suffix");
    if (q->r.suffix && !*q->r.suffix)
        q->r.suffix = NULL;
    q->r.connector = lh_args_get(args, "connector-name");
    q->r.catalog = lh_args_get(args, "dest-catalog");
    q->r.schema = lh_args_get(args, "dest-schema");
    q->r.channel = lh_config_string(context->config, "pipeline.channel");
    q->r.jobs = lh_args_count(args, "emit-jobs") > 0;
    q->r.paused = lh_args_count(args, "no-pause-jobs") == 0;
    q->r.permissions = lh_config_get(context->config, "bundle.permissions");
    q->r.tags = lh_config_get(context->config, "bundle.tags");
    q->r.notify = lh_config_get(context->config, "bundle.notify");
    q->packages = lh_xcalloc(lh_args_count(args, "package") + 1, sizeof *q->packages);
    q->r.packages = q->packages;
    while ((package = lh_args_next(args, "package", &at)))
        q->packages[q->r.n_packages++] = package;
    code = set_paths(args, &q->r, e);
    if (!code && lh_args_count(args, "pause-jobs") && !q->r.paused)
        code = lh_error_set(e, LH_USAGE, "--pause-jobs and --no-pause-jobs exclude each other");
    return code ? code : set_targets(args, q, e);
}

/* Which kind of library a file is, its template's first line says. */
static int set_kind(const struct lh_generate_input *in, struct lh_bundle_request *r,
                    struct lh_error *e)
{
    const struct lh_template *t = NULL;

    if (r->notebooks) {
        r->is_notebook = true;
        return 0;
    }
    if (lh_templates_get(in->templates, lh_ingest_template(in->request.framework), &t, e))
        return e->code;
    r->is_notebook = lh_generate_is_notebook(lh_template_first_line(t));
    return 0;
}

static void advise(struct lh_context *context, const struct lh_args *args,
                   const struct lh_bundle_request *r)
{
    if (lh_args_count(args, "num-workers"))
        lh_log_info(context->log, "--num-workers is without effect: serverless pipelines have no "
                                  "workers to count");
    if (!r->notebooks && !r->root_path && !r->n_packages)
        lh_log_warn(context->log, "the pipelines have nowhere to import the framework from: give "
                                  "--root-path or --package");
}

/* --- writing ------------------------------------------------------------------------------ */

static int stage(struct lh_tree *tree, const char *path, const json_t *bundle, const char *text,
                 struct lh_error *e)
{
    lh_auto(lh_buf) yaml = LH_BUF_INIT((size_t)1 << 30);
    int code = lh_generate_yaml(bundle, text, path, &yaml, e);

    return code ? code : lh_tree_add(tree, lh_str_z(path), lh_buf_slice(&yaml), 0, e);
}

/* The main file that is there already; NULL: none. The caller frees it. */
static char *existing_main(const struct place *p)
{
    for (size_t i = 0; i < LH_LEN(main_names); i++) {
        char *path lh_autofree = lh_xasprintf("%s/%s", p->root, main_names[i]);

        if (access(path, F_OK) == 0)
            return lh_take(path);
    }
    return NULL;
}

static void check_include(struct lh_context *context, const char *path)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const json_t *include;
    size_t i;

    if (lh_document_read(&d, path, &e)) {
        lh_log_warn(context->log, "%s", lh_error_text(&e));
        return;
    }
    include = json_object_get(d.root, "include");
    for (i = 0; i < json_array_size(include); i++) {
        const char *glob = json_string_value(json_array_get(include, i));

        if (glob &&
            (strncmp(glob, "resources/", 10) == 0 || strncmp(glob, "./resources/", 12) == 0))
            return;
    }
    lh_log_warn(context->log,
                "%s is there and stays as it is, but includes nothing of resources/; "
                "add: include: [resources/*.yml]",
                path);
}

static int write_two(struct lh_context *context, const struct place *p,
                     const struct lh_bundle_request *r, json_t *resources, struct lh_error *e)
{
    lh_auto(lh_tree) tree = LH_TREE_INIT;
    char *existing lh_autofree = existing_main(p);
    json_t *main = json_object();
    int code = lh_tree_begin(&tree, p->root, e);

    if (!code)
        code = stage(&tree, p->resources, resources, comment, e);
    lh_bundle_add_main(r, "resources/*.yml", main);
    if (existing)
        check_include(context, existing);
    else if (!code)
        code = stage(&tree, p->main, main, main_comment, e);
    json_decref(main);
    return code ? code : lh_cmd_generate_commit(&tree, e);
}

static int write_one(const struct place *p, const struct lh_bundle_request *r, json_t *resources,
                     const char *path, struct lh_error *e)
{
    lh_auto(lh_buf) yaml = LH_BUF_INIT((size_t)1 << 30);
    json_t *bundle = json_object();
    lh_auto(lh_tree) tree = LH_TREE_INIT;
    int code = 0;

    lh_bundle_add_main(r, NULL, bundle);
    json_object_update(bundle, resources);
    if (strcmp(path, "-") == 0) {
        code = lh_generate_yaml(bundle, comment, "bundle", &yaml, e);
        if (!code)
            code = lh_print(&yaml, e);
        json_decref(bundle);
        return code;
    }
    code = lh_tree_begin(&tree, p->root, e);
    if (!code)
        code = stage(&tree, p->main, bundle, comment, e);
    json_decref(bundle);
    return code ? code : lh_cmd_generate_commit(&tree, e);
}

static int write_bundle(struct lh_context *context, const struct lh_args *args,
                        const struct lh_generate_input *in, const struct lh_bundle_request *r,
                        struct lh_error *e)
{
    lh_auto(place) place = {0};
    json_t *resources = json_object();
    int code = place_of(args, r, &place, e);

    if (!code)
        code = lh_bundle_add_resources(&in->plan, r, resources, e);
    if (!code && place.resources)
        code = write_two(context, &place, r, resources, e);
    else if (!code)
        code = write_one(&place, r, resources, lh_args_get(args, "output-yaml"), e);
    json_decref(resources);
    return code;
}

static int run_bundle(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    struct lh_plan_request plan = {0};
    lh_auto(lh_generate_input) in = {0};
    lh_auto(request) q = {.r = {.paused = true}};
    int code = set_request(context, args, &q, e);

    if (!code)
        code = lh_cmd_generate_begin(context, args, &plan, &in, e);
    if (!code)
        code = set_kind(&in, &q.r, e);
    if (code)
        return code;
    advise(context, args, &q.r);
    return write_bundle(context, args, &in, &q.r, e);
}

const struct lh_command lh_command_generate_bundle = {
    .name = "generate bundle",
    .summary = "Writes the asset bundle of a manifest's pipelines and their jobs",
    .details =
        "One pipeline for each group: serverless, with the library that generate ingest or\n"
        "generate notebooks has written for it, and with --emit-jobs a job on the group's\n"
        "schedule (Quartz, UTC), paused unless --no-pause-jobs is given. Of the manifest\n"
        "only groups and schedules come into a bundle: adding a table changes nothing in it.\n"
        "\n"
        "A FILE whose folder is called resources gets variables, pipelines and jobs only;\n"
        "so does resources/NAME.yml with --layout resources. databricks.yml with its targets\n"
        "is then made beside resources/ when there is none, and never replaced. Variables,\n"
        "keys and names begin with the connector, so that several share one bundle.\n"
        "\n"
        "--target NAME=HOST[,root_path=PATH][,run_as=USER-OR-ID][,mode=development|production]\n"
        "may be given for each target. prod and production are in production mode if nothing\n"
        "is said; such a target gets a root path under /Workspace/Shared. dev, or the first,\n"
        "is the default target. Tags, permissions and addresses to tell of failures come from\n"
        "the configuration: bundle.tags, bundle.permissions, bundle.notify.",
    .group = "Generate",
    .options = bundle_options,
    .examples =
        (const struct lh_example[]){
            {"generate bundle --connector-name osipi --input-csv tables.csv --output-yaml "
             "bundle/databricks.yml --ingest-files-path /Workspace/Shared/osipi "
             "--root-path /Workspace/Shared/lakeflow-community-connectors "
             "--connection-name osipi --catalog main --schema bronze --emit-jobs",
             "ingest files, one file"},
            {"generate bundle --connector-name hubspot --input-csv tables.csv --output-yaml "
             "bundle/resources/hubspot.yml --notebook-base-path /Workspace/Shared/hubspot "
             "--catalog main --schema bronze --target dev=https://dev.example.com "
             "--target prod=https://prod.example.com,run_as=etl@example.com",
             "notebooks, beside other connectors"},
            {NULL}},
    .exits = "0 1 2 3 9",
    .run = run_bundle,
};
