/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command `doctor`: what this machine, the configuration and the connectors lack, each with
 * its remedy. It changes nothing, runs no code of a connector and goes on after every problem. The
 * network is used for the workspace only, where one is named.
 */
#include "config.h"

#include "cmd/plugins.h"
#include "cmd/workspace.h"

#include "plugin/broker.h"
#include "worker/lockdown.h"
#include "json/document.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One thing that was looked at. A remedy says that it is a problem. */
struct finding {
    const char *area; /* a literal */
    char *what;
    char *detail; /* NULL: nothing to say */
    char *remedy; /* NULL: it is well */
};

struct report {
    struct finding *items;
    size_t n, cap, problems;
};

static void report_free(struct report *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->items[i].what);
        free(r->items[i].detail);
        free(r->items[i].remedy);
    }
    free(r->items);
}

/* Texts are copied, made plain for a terminal; detail and remedy may be NULL. */
static void add(struct report *r, const char *area, const char *what, const char *detail,
                const char *remedy)
{
    r->items = lh_xgrow(r->items, r->n, &r->cap, sizeof *r->items);
    r->items[r->n++] =
        (struct finding){.area = area,
                         .what = lh_plugin_plain(what),
                         .detail = detail && *detail ? lh_plugin_plain(detail) : NULL,
                         .remedy = remedy ? lh_plugin_plain(remedy) : NULL};
    r->problems += remedy != NULL;
}

/* --- isolation -------------------------------------------------------------------------------- */

#define ISOLATION "isolation"

static const struct part {
    unsigned bit;
    const char *keeps;
    const char *remedy;
} parts[] = {
    {LH_LOCK_RLIMITS, "no core file, no byte into a file, few descriptors, bounded memory",
     "run it where lowering one's own resource limits is allowed"},
    {LH_LOCK_NO_NEW_PRIVS, "no program and no call gives a connector rights",
     "use Linux 3.5 or later, and a container that allows prctl and capset"},
    {LH_LOCK_UNDUMPABLE, "other processes do not read a connector's memory",
     "use a container that allows prctl"},
    {LH_LOCK_LANDLOCK, "a connector reads shared libraries and no other file",
     "use Linux 5.13 or later with \"landlock\" in its list of security modules (boot with "
     "lsm=landlock,...); in a container allow the landlock_ system calls"},
    {LH_LOCK_SECCOMP, "no socket, program, process or signal out of a connector",
     "use Linux 4.14 or later with CONFIG_SECCOMP_FILTER; emulated processors (qemu-user) and some "
     "sandboxes have none"},
    {LH_LOCK_SECCOMP_LATE, "a loaded connector opens no file at all",
     "see seccomp: this part comes with it"},
};

/* "NAME: WHY; NAME: WHY" -> the WHY of one name, or NULL. The caller frees it. */
static char *reason_of(const char *note, const char *name)
{
    size_t at = 0;
    lh_str one;

    while ((one = lh_str_part(note, ';', &at)).n) {
        size_t n = strlen(name);

        while (one.n && *one.p == ' ')
            one = lh_str_n(one.p + 1, one.n - 1);
        if (one.n > n + 2 && memcmp(one.p, name, n) == 0 && one.p[n] == ':')
            return lh_xmemdup0(one.p + n + 2, one.n - n - 2);
    }
    return NULL;
}

static void look_at_isolation(struct report *r)
{
    struct lh_lockdown lockdown;
    unsigned offered = lh_lockdown_offered(&lockdown);

    for (size_t i = 0; i < LH_LEN(parts); i++) {
        const char *name = lh_lockdown_name(parts[i].bit);
        char *reason lh_autofree = reason_of(lockdown.note, name);

        if (offered & parts[i].bit)
            add(r, ISOLATION, name, parts[i].keeps, NULL);
        else
            add(r, ISOLATION, name, reason ? reason : lockdown.note, parts[i].remedy);
    }
}

/* What a build or a tool goes without is no problem, but nobody should have to find out. */
static void look_at_tools(struct report *r)
{
    const char *preloaded = getenv("LD_PRELOAD");

#ifdef LH_SANITIZED
    add(r, ISOLATION, "sanitizers", LH_SANITIZERS_LEAVE_OFF, NULL);
#endif
    /* it shows itself to a program in this way only */
    if (preloaded && strstr(preloaded, "vgpreload"))
        add(r, ISOLATION, "valgrind",
            "this program runs in valgrind, which does not know the calls that are tried above; "
            "connectors run outside of it, with all that the kernel offers",
            NULL);
}

/* --- configuration ---------------------------------------------------------------------------- */

#define CONFIGURATION "configuration"

/*
 * Settings name folders that code is loaded from. A group may write: many users' files belong to a
 * group of their own.
 */
static const char *who_may_write(const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return NULL;
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return "it belongs to another user, who may name folders that code is loaded from";
    if (S_ISREG(st.st_mode) && st.st_mode & S_IWOTH)
        return "everybody may write to it, and so name folders that code is loaded from";
    return NULL;
}

static void look_at_file(struct report *r, const struct lh_config_sources *only, const char *path,
                         bool must_exist)
{
    lh_autoptr(lh_config) config = NULL;
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    const char *open_to;

    if (!path || (!must_exist && access(path, F_OK) != 0))
        return;
    if (lh_config_load(only, NULL, &config, &problem)) {
        add(r, CONFIGURATION, path, lh_error_text(&problem),
            "correct that place; `lakehost config show` prints the result");
        return;
    }
    open_to = who_may_write(path);
    add(r, CONFIGURATION, path, open_to,
        open_to ? "make it yours, and take the right from others: chmod go-w" : NULL);
}

/* Each layer by itself, so that the first wrong one does not hide the others. */
static void look_at_configuration(struct report *r, const struct lh_context *context)
{
    const struct lh_config_sources *s = context->sources;
    lh_autoptr(lh_config) config = NULL;
    lh_auto(lh_error) problem = LH_ERROR_INIT;

    look_at_file(r, &(struct lh_config_sources){.bundled = s->bundled}, s->bundled, true);
    look_at_file(r, &(struct lh_config_sources){.user = s->user}, s->user, false);
    look_at_file(r, &(struct lh_config_sources){.folder = s->folder}, s->folder, false);
    look_at_file(r, &(struct lh_config_sources){.explicit = s->explicit}, s->explicit, true);
    /* when all went well together, the variables did; their warnings have been printed then */
    if (!context->config && lh_config_load(&(struct lh_config_sources){.environ = s->environ},
                                           context->log, &config, &problem))
        add(r, CONFIGURATION, "environment", lh_error_text(&problem),
            "correct or unset that variable");
}

/* --- the worker ------------------------------------------------------------------------------- */

#define WORKER "worker"

/* The program that connectors run in, started once. */
static void look_at_worker(struct report *r, const struct lh_isolation *isolation,
                           struct lh_log *log)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;

    if (lh_broker_try(isolation, log, &problem))
        add(r, WORKER, isolation->worker, lh_error_text(&problem),
            "install lakehost whole, or correct the setting isolation.worker");
    else
        add(r, WORKER, isolation->worker, "the program that connectors run in", NULL);
}

/* --- connectors ------------------------------------------------------------------------------- */

#define CONNECTORS "connectors"

static void look_at_connector(struct report *r, const struct lh_plugin_info *info)
{
    char *what lh_autofree =
        *info->name ? lh_xasprintf("%s (%s)", info->name, info->path) : lh_xstrdup(info->path);
    char *remedy lh_autofree = NULL;

    if (!info->error.code) {
        add(r, CONNECTORS, what, info->shadowed ? "an earlier folder has one of its name" : NULL,
            NULL);
        return;
    }
    remedy = *info->name ? lh_xasprintf("remove or rebuild it; `lakehost plugin validate %s` lists "
                                        "every problem of the file",
                                        info->path)
                         : lh_xstrdup("make the folder readable, or take it off the search path");
    add(r, CONNECTORS, what, lh_error_text(&info->error), remedy);
}

static void look_at_list(struct report *r, const struct lh_plugin_policy *policy)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    struct lh_plugin_info *all lh_autofree = NULL;
    size_t n = 0;
    size_t good = 0;

    if (lh_plugin_list(policy, true, &all, &n, &problem))
        add(r, CONNECTORS, "built in", lh_error_text(&problem), "build lakehost again");
    for (size_t i = 0; i < n; i++) {
        good += !all[i].error.code;
        look_at_connector(r, &all[i]);
        lh_plugin_info_free(&all[i]);
    }
    if (!good)
        add(r, CONNECTORS, "search path", "no folder of it has a connector that can be used",
            "install one, or name its folder with --plugin-path or the setting plugin_path");
}

/* With the defaults where the configuration is wrong: it has been named already. */
static void look_at_connectors(struct report *r, const struct lh_context *context,
                               const struct lh_args *args)
{
    lh_auto(lh_plugins) plugins = {0};
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    lh_autoptr(lh_config) defaults = NULL;
    struct lh_context with = *context;

    if (!with.config) {
        if (lh_config_load(&(struct lh_config_sources){.bundled = NULL}, NULL, &defaults, &problem))
            return;
        with.config = defaults;
    }
    if (lh_cmd_plugin_policy(&with, args, &plugins, &problem))
        add(r, CONFIGURATION, "plugins_lock", lh_error_text(&problem),
            "name a file that is there; no connector can be used before");
    else if (plugins.policy.isolation)
        look_at_worker(r, plugins.policy.isolation, context->log);
    if (!problem.code)
        look_at_list(r, &plugins.policy);
}

/* --- the workspace ---------------------------------------------------------------------------- */

#define WORKSPACE    "workspace"
#define WORKSPACE_MS 60000

/* Whether anything says which workspace; what is wrong with it is found by signing in. */
static bool names_workspace(const struct lh_args *args)
{
    const struct lh_auth_sources sources = lh_cmd_workspace_sources(args);
    lh_auto(lh_auth) auth = LH_AUTH_INIT;

    return lh_auth_resolve(&sources, NULL, &auth, NULL) || lh_auth_get(&auth, LH_AUTH_HOST);
}

/* Signs in, and asks for nothing but one's own name; nothing is asked twice. */
static int sign_in(struct lh_context *context, const struct lh_args *args, char **ret_what,
                   struct lh_error *e)
{
    const struct lh_patience patience = {lh_deadline_in(WORKSPACE_MS), -1};
    lh_autoptr(lh_workspace) w = NULL;
    lh_auto(lh_ws) ws = LH_WS_INIT;
    char *user lh_autofree = NULL;
    int code = lh_cmd_workspace_sign_in(context, args, LH_SIGN_IN_ONCE, &patience, &w, e);

    if (code)
        return code;
    lh_ws_begin(&ws, w, &patience);
    code = lh_ws_me(&ws, &user, e);
    if (!code)
        *ret_what =
            lh_xasprintf("%s as %s, by %s", lh_workspace_host(w), user, lh_workspace_kind(w));
    return code;
}

static void look_at_workspace(struct report *r, struct lh_context *context,
                              const struct lh_args *args)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    char *what lh_autofree = NULL;

    if (!names_workspace(args))
        add(r, WORKSPACE, "none", "commands that deploy need one: --profile, --host, DATABRICKS_*",
            NULL);
    else if (sign_in(context, args, &what, &problem))
        add(r, WORKSPACE, "sign-in", lh_error_text(&problem),
            problem.code == LH_UNREACHABLE ? "check the host, the network and the proxy"
                                           : "correct what the message names");
    else
        add(r, WORKSPACE, what, NULL, NULL);
}

/* --- printing --------------------------------------------------------------------------------- */

static void put_line(struct lh_buf *to, const char *label, const char *text)
{
    if (text)
        lh_buf_f(to, "             %s%s\n", label, text);
}

static void as_text(const struct report *r, struct lh_buf *to)
{
    const char *area = "";

    for (size_t i = 0; i < r->n; i++) {
        const struct finding *f = &r->items[i];

        if (strcmp(area, f->area) != 0)
            lh_buf_f(to, "%s%s\n", *area ? "\n" : "", f->area);
        area = f->area;
        lh_buf_f(to, "  %-9s  %s\n", f->remedy ? "PROBLEM" : "ok", f->what);
        put_line(to, "", f->detail);
        put_line(to, "remedy: ", f->remedy);
    }
    if (r->problems)
        lh_buf_f(to, "\n%zu problem%s\n", r->problems, r->problems == 1 ? "" : "s");
    else
        lh_buf_z(to, "\nnothing is missing\n");
}

static void as_json(const struct report *r, struct lh_buf *to)
{
    json_t *all = json_array();
    json_t *root;
    char *text lh_autofree = NULL;

    for (size_t i = 0; i < r->n; i++) {
        const struct finding *f = &r->items[i];

        json_array_append_new(all, json_pack("{s:s, s:s, s:b, s:s?, s:s?}", "area", f->area, "what",
                                             f->what, "ok", !f->remedy, "detail", f->detail,
                                             "remedy", f->remedy));
    }
    root = json_pack("{s:o, s:I}", "findings", all, "problems", (json_int_t)r->problems);
    text = lh_document_dump(root, 2);
    json_decref(root);
    lh_buf_f(to, "%s\n", text);
}

static int run_doctor(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    __attribute__((cleanup(report_free))) struct report r = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);
    const char *output = lh_args_get(args, "output");

    look_at_isolation(&r);
    look_at_tools(&r);
    look_at_configuration(&r, context);
    look_at_connectors(&r, context, args);
    look_at_workspace(&r, context, args);
    (output && strcmp(output, "json") == 0 ? as_json : as_text)(&r, &b);
    if (lh_print(&b, e))
        return e->code;
    if (r.problems)
        return lh_error_set(e, LH_FAILED, "%zu problem%s found; each is listed with its remedy",
                            r.problems, r.problems == 1 ? " was" : "s were");
    return 0;
}

static const struct lh_option doctor_options[] = {
    {"--output", "FORMAT", "text or json", "text|json"},
    LH_PLUGIN_OPTIONS,
    LH_WORKSPACE_SIGN_IN_OPTIONS,
    {NULL},
};

const struct lh_command lh_command_doctor = {
    .name = "doctor",
    .summary =
        "Says what this machine, the configuration, connectors and workspace lack, and the remedy",
    .details =
        "Isolation: the means by which a connector is kept from files, sockets and other\n"
        "processes, each tried in a process of its own. A connector is used without those that\n"
        "are missing; a note says so each time.\n\n"
        "Configuration: every layer by itself, and whether others may write to it.\n\n"
        "Worker: whether the program that connectors run in starts, and is of this build.\n\n"
        "Connectors: everything on the search path, with pins and signatures. No code of a\n"
        "connector is run.\n\n"
        "Workspace: where flags, environment or ~/.databrickscfg name one, it is signed in to and\n"
        "asked for one's own name.\n\n"
        "The exit code is 1 when anything is a problem.",
    .group = "About lakehost",
    .options = doctor_options,
    .examples = (const struct lh_example[]){{"doctor", "what is missing here"},
                                            {"doctor --output json", "the same for programs"},
                                            {NULL}},
    .exits = "0 1 2",
    .flags = LH_CMD_ANY_CONFIG,
    .run = run_doctor,
};
