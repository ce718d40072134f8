/* SPDX-License-Identifier: Apache-2.0 */
/* The trees of bundles: pipelines, jobs, variables, targets; see bundle.h. */
#include "config.h"

#include "base/slug.h"
#include "generate/bundle.h"
#include "schedule/schedule.h"
#include "yaml/yaml.h"

#include <stdlib.h>

/* --- names -------------------------------------------------------------------------------- */

/* "<connector><middle>[_<suffix>]"; the caller frees it. */
static char *name_of(const struct lh_bundle_request *r, const char *separator, const char *middle,
                     const char *end)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(LH_BUF_TEXT);

    lh_slug(lh_str_z(r->connector), &name);
    lh_buf_f(&name, "%s%s%s", separator, middle, end);
    if (r->suffix)
        lh_buf_f(&name, "_%s", r->suffix);
    return lh_buf_take(&name);
}

/* "<connector>[_<suffix>]_<what>" */
static char *variable_of(const struct lh_bundle_request *r, const char *what)
{
    char *base lh_autofree = name_of(r, "", "", "");

    return lh_xasprintf("%s_%s", base, what);
}

static char *reference_to(const struct lh_bundle_request *r, const char *what)
{
    char *name lh_autofree = variable_of(r, what);

    return lh_xasprintf("${var.%s}", name);
}

static const char *path_variable(const struct lh_bundle_request *r)
{
    return r->notebooks ? "notebook_base_path" : "ingest_files_path";
}

/* What ${resources...} can name: it is left as text, silently, when the key is another. */
static int check_key(const char *key, struct lh_error *e)
{
    bool good = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z');
    size_t n = strlen(key);

    for (size_t i = 0; good && i < n; i++)
        good = (key[i] >= 'a' && key[i] <= 'z') || (key[i] >= 'A' && key[i] <= 'Z') ||
               (key[i] >= '0' && key[i] <= '9') || (i + 1 < n && (key[i] == '_' || key[i] == '-'));
    if (good)
        return 0;
    return lh_error_set(e, LH_USAGE,
                        "\"%s\" cannot be the key of a resource: letters, digits, '_' and '-', a "
                        "letter first, a letter or digit last; see --bundle-suffix",
                        key);
}

/* --- what the configuration adds ---------------------------------------------------------- */

static int bad_permission(size_t i, struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID,
                        "configuration: bundle.permissions: entry %zu: expected level (CAN_MANAGE, "
                        "CAN_RUN or CAN_VIEW) and one of user_name, group_name, "
                        "service_principal_name",
                        i + 1);
}

static bool is_permission(const json_t *entry)
{
    static const char *const levels[] = {"CAN_MANAGE", "CAN_RUN", "CAN_VIEW"};
    static const char *const whom[] = {"user_name", "group_name", "service_principal_name"};
    const char *level = json_string_value(json_object_get(entry, "level"));
    bool level_is_known = false;
    size_t names = 0;

    for (size_t i = 0; i < LH_LEN(levels); i++)
        level_is_known |= level && strcmp(level, levels[i]) == 0;
    for (size_t i = 0; i < LH_LEN(whom); i++)
        names += json_is_string(json_object_get(entry, whom[i]));
    return level_is_known && names == 1 && json_object_size(entry) == 2;
}

/* Jobs call CAN_RUN another name. */
static int add_permissions(const struct lh_bundle_request *r, bool job, json_t *to,
                           struct lh_error *e)
{
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(r->permissions); i++) {
        const json_t *entry = json_array_get(r->permissions, i);
        json_t *copy = json_copy((json_t *)(uintptr_t)entry);

        json_array_append_new(list, copy);
        if (!is_permission(entry)) {
            json_decref(list);
            return bad_permission(i, e);
        }
        if (job && strcmp(json_string_value(json_object_get(entry, "level")), "CAN_RUN") == 0)
            json_object_set_new(copy, "level", json_string("CAN_MANAGE_RUN"));
    }
    if (json_array_size(list))
        json_object_set_new(to, "permissions", list);
    else
        json_decref(list);
    return 0;
}

static void add_tags(const struct lh_bundle_request *r, json_t *to)
{
    if (json_object_size(r->tags))
        json_object_set_new(to, "tags", json_copy((json_t *)(uintptr_t)r->tags));
}

static json_t *addresses(const struct lh_bundle_request *r)
{
    return json_copy((json_t *)(uintptr_t)r->notify);
}

/* --- pipelines and jobs ------------------------------------------------------------------- */

/* A notebook loses its extension in the workspace; a local one is looked for as a file. */
static json_t *library_of(const struct lh_bundle_request *r, const struct lh_plan_pipeline *p)
{
    char *base lh_autofree = reference_to(r, path_variable(r));
    char *stem lh_autofree = r->notebooks ? lh_xasprintf("%s_%s", r->connector, p->slug)
                                          : lh_xasprintf("ingest_%s", p->slug);
    bool in_workspace = r->files_path[0] == '/' || strncmp(r->files_path, "${", 2) == 0;
    char *path lh_autofree =
        lh_xasprintf("%s/%s%s", base, stem, r->is_notebook && in_workspace ? "" : ".py");

    return json_pack("[{s:{s:s}}]", r->is_notebook ? "notebook" : "file", "path", path);
}

static json_t *dependencies(const struct lh_bundle_request *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->n_packages; i++)
        json_array_append_new(list, json_string(r->packages[i]));
    return json_pack("{s:o}", "dependencies", list);
}

static char *title_of(const struct lh_bundle_request *r, const struct lh_plan_pipeline *p,
                      const char *end)
{
    return lh_xasprintf("%s %s%s%s%s%s", r->connector, p->slug, end, r->suffix ? " [" : "",
                        r->suffix ? r->suffix : "", r->suffix ? "]" : "");
}

static int make_pipeline(const struct lh_bundle_request *r, const struct lh_plan_pipeline *p,
                         json_t **ret, struct lh_error *e)
{
    char *name lh_autofree = title_of(r, p, "");
    char *catalog lh_autofree = reference_to(r, "catalog");
    char *schema lh_autofree = reference_to(r, "schema");
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "name", name, "catalog", catalog,
                          "schema", schema, "channel", r->channel, "serverless", 1, "continuous", 0,
                          "libraries", library_of(r, p));
    int code;

    if (r->root_path)
        json_object_set_new(o, "root_path", json_string(r->root_path));
    if (r->n_packages)
        json_object_set_new(o, "environment", dependencies(r));
    if (json_array_size(r->notify))
        json_object_set_new(o, "notifications",
                            json_pack("[{s:o, s:[s, s, s]}]", "email_recipients", addresses(r),
                                      "alerts", "on-update-failure", "on-update-fatal-failure",
                                      "on-flow-failure"));
    add_tags(r, o);
    code = add_permissions(r, false, o, e);
    if (code)
        json_decref(o);
    else
        *ret = o;
    return code;
}

static int make_job(const struct lh_bundle_request *r, const struct lh_plan_pipeline *p,
                    const char *key, json_t **ret, struct lh_error *e)
{
    char *name lh_autofree = title_of(r, p, " scheduler");
    char *pipeline lh_autofree = lh_xasprintf("${resources.pipelines.%s.id}", key);
    char *task lh_autofree = lh_xasprintf("ingest_%s", p->slug);
    lh_auto(lh_buf) quartz = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_schedule schedule;
    json_t *o;
    int code;

    if (lh_schedule_parse(p->schedule, &schedule, e))
        return lh_error_wrap(e, "%s:%zu:%zu: schedule", p->place.file ? p->place.file : "manifest",
                             p->place.line, p->place.column);
    lh_schedule_quartz(&schedule, &quartz);
    o = json_pack("{s:s, s:{s:s, s:s, s:s}, s:i, s:{s:b}, s:[{s:s, s:{s:s}}]}", "name", name,
                  "schedule", "quartz_cron_expression", lh_buf_text(&quartz), "timezone_id", "UTC",
                  "pause_status", r->paused ? "PAUSED" : "UNPAUSED", "max_concurrent_runs", 1,
                  "queue", "enabled", 1, "tasks", "task_key", task, "pipeline_task", "pipeline_id",
                  pipeline);
    if (json_array_size(r->notify))
        json_object_set_new(o, "email_notifications",
                            json_pack("{s:o}", "on_failure", addresses(r)));
    add_tags(r, o);
    code = add_permissions(r, true, o, e);
    if (code)
        json_decref(o);
    else
        *ret = o;
    return code;
}

static int add_pipeline(const struct lh_bundle_request *r, const struct lh_plan_pipeline *p,
                        json_t *pipelines, json_t *jobs, struct lh_error *e)
{
    char *key lh_autofree = name_of(r, "_", p->slug, "");
    char *job_key lh_autofree = name_of(r, "_", p->slug, "_scheduler");
    json_t *pipeline = NULL;
    json_t *job = NULL;
    int code = check_key(key, e);

    if (!code)
        code = make_pipeline(r, p, &pipeline, e);
    if (!code)
        json_object_set_new(pipelines, key, pipeline);
    if (!code && r->jobs && p->schedule.n)
        code = make_job(r, p, key, &job, e);
    if (job)
        json_object_set_new(jobs, job_key, job);
    return code;
}

/* A key may be there once over all kinds of resources. */
static int check_unique(const json_t *pipelines, const json_t *jobs, struct lh_error *e)
{
    json_t *all = (json_t *)(uintptr_t)jobs; /* jansson's iterators take no const */

    for (void *at = json_object_iter(all); at; at = json_object_iter_next(all, at)) {
        const char *key = json_object_iter_key(at);

        if (json_object_get(pipelines, key))
            return lh_error_set(e, LH_INVALID,
                                "the scheduler of one group and the pipeline of another would both "
                                "be called \"%s\": rename a group",
                                key);
    }
    return 0;
}

static void add_variable(const struct lh_bundle_request *r, json_t *variables, const char *what,
                         const char *value, const char *description)
{
    char *name lh_autofree = variable_of(r, what);

    json_object_set_new(variables, name,
                        json_pack("{s:s, s:s}", "description", description, "default", value));
}

static json_t *make_variables(const struct lh_bundle_request *r)
{
    json_t *variables = json_object();
    size_t n = strlen(r->files_path);
    char *path lh_autofree = NULL;

    while (n > 1 && r->files_path[n - 1] == '/')
        n--;
    path = lh_xmemdup0(r->files_path, n);
    add_variable(r, variables, "catalog", r->catalog, "Catalog of tables that are given none");
    add_variable(r, variables, "schema", r->schema, "Schema of tables that are given none");
    add_variable(r, variables, path_variable(r), path,
                 r->notebooks ? "Folder of the notebooks" : "Folder of the ingest files");
    return variables;
}

int lh_bundle_add_resources(const struct lh_plan *plan, const struct lh_bundle_request *request,
                            json_t *bundle, struct lh_error *e)
{
    json_t *pipelines = json_object();
    json_t *jobs = json_object();
    json_t *resources = json_pack("{s:o}", "pipelines", pipelines);
    int code = 0;

    for (size_t i = 0; !code && i < plan->n; i++)
        code = add_pipeline(request, &plan->pipelines[i], pipelines, jobs, e);
    if (!code)
        code = check_unique(pipelines, jobs, e);
    if (json_object_size(jobs))
        json_object_set(resources, "jobs", jobs);
    json_decref(jobs);
    json_object_set_new(bundle, "variables", make_variables(request));
    json_object_set_new(bundle, "resources", resources);
    return code;
}

/* --- the bundle itself -------------------------------------------------------------------- */

static json_t *make_target(const struct lh_bundle_target *t, bool is_default)
{
    static const char shared[] = "/Workspace/Shared/.bundle/${bundle.name}/${bundle.target}";
    const char *root = t->root_path ? t->root_path : t->production ? shared : NULL;
    json_t *o = json_pack("{s:s}", "mode", t->production ? "production" : "development");
    json_t *workspace = json_object();

    if (is_default)
        json_object_set_new(o, "default", json_true());
    if (t->host)
        json_object_set_new(workspace, "host", json_string(t->host));
    if (root)
        json_object_set_new(workspace, "root_path", json_string(root));
    if (json_object_size(workspace))
        json_object_set(o, "workspace", workspace);
    json_decref(workspace);
    if (t->run_as)
        json_object_set_new(
            o, "run_as",
            json_pack("{s:s}", strchr(t->run_as, '@') ? "user_name" : "service_principal_name",
                      t->run_as));
    return o;
}

void lh_bundle_add_main(const struct lh_bundle_request *request, const char *include,
                        json_t *bundle)
{
    static const struct lh_bundle_target usual[] = {{.name = "dev"},
                                                    {.name = "prod", .production = true}};
    const struct lh_bundle_target *targets = request->n_targets ? request->targets : usual;
    size_t n = request->n_targets ? request->n_targets : LH_LEN(usual);
    char *name lh_autofree = name_of(request, "_", "pipelines", "");
    json_t *all = json_object();
    size_t first = 0;

    for (size_t i = n; i > 0; i--)
        if (strcmp(targets[i - 1].name, "dev") == 0)
            first = i - 1;
    json_object_set_new(bundle, "bundle", json_pack("{s:s}", "name", name));
    if (include)
        json_object_set_new(bundle, "include", json_pack("[s]", include));
    for (size_t i = 0; i < n; i++)
        json_object_set_new(all, targets[i].name, make_target(&targets[i], i == first));
    json_object_set_new(bundle, "targets", all);
}

/* --- targets of the command line ---------------------------------------------------------- */

static int bad_target(const char *text, struct lh_error *e, const char *why)
{
    return lh_error_set(e, LH_USAGE,
                        "--target: %s; expected NAME=HOST[,root_path=PATH][,run_as=USER-OR-ID]"
                        "[,mode=development|production], found \"%s\"",
                        why, text);
}

static bool is_host(const char *host)
{
    const char *rest = strncmp(host, "https://", 8) == 0 ? host + 8 : NULL;

    if (strncmp(host, "http://127.0.0.1", 16) == 0 || strncmp(host, "http://localhost", 16) == 0)
        rest = host + 7;
    return rest && *rest &&
           !rest[strspn(rest, "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:")];
}

static const char *set_field(lh_str part, struct lh_arena *a, struct lh_bundle_target *t)
{
    const char *text = lh_arena_copy(a, part);
    const char *value = strchr(text, '=');

    if (strncmp(text, "root_path=", 10) == 0 && value[1] == '/')
        t->root_path = value + 1;
    else if (strncmp(text, "run_as=", 7) == 0 && value[1])
        t->run_as = value + 1;
    else if (strcmp(text, "mode=production") == 0 || strcmp(text, "mode=development") == 0)
        t->production = value[1] == 'p';
    else
        return "a part that is not known or has no right value";
    return NULL;
}

int lh_bundle_parse_target(const char *text, struct lh_arena *a, struct lh_bundle_target *ret,
                           struct lh_error *e)
{
    struct lh_bundle_target t = {0};
    const char *equals = strchr(text, '=');
    const char *why = NULL;
    lh_str host;
    size_t at;

    if (!equals || equals == text)
        return bad_target(text, e, "no name of a target");
    t.name = lh_arena_copy(a, lh_str_n(text, (size_t)(equals - text)));
    if (check_key(t.name, NULL))
        return bad_target(text, e, "this cannot be the name of a target");
    t.production = strcmp(t.name, "prod") == 0 || strcmp(t.name, "production") == 0;
    at = (size_t)(equals + 1 - text);
    host = lh_str_part(text, ',', &at);
    while (host.n && host.p[host.n - 1] == '/')
        host.n--;
    t.host = memmem(host.p, host.n, "://", 3) ? lh_arena_copy(a, host)
                                              : lh_arena_copy(a, lh_str_z(NULL));
    if (!*t.host) {
        char *full lh_autofree = lh_xasprintf("https://%.*s", LH_STR_ARG(host));

        t.host = lh_arena_copy(a, lh_str_z(full));
    }
    if (!is_host(t.host))
        return bad_target(text, e, "the host is no https:// address");
    while (!why && text[at])
        why = set_field(lh_str_part(text, ',', &at), a, &t);
    if (why)
        return bad_target(text, e, why);
    *ret = t;
    return 0;
}
