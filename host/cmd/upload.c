/* SPDX-License-Identifier: Apache-2.0 */
/* The command `upload-dir`. */
#include "config.h"

#include "cmd/workspace.h"

#include "base/number.h"
#include "workspace/upload.h"
#include "json/document.h"

#include <stdlib.h>

#define JOBS      8
#define JOBS_MOST 64

static const char *const states[] = {
    [LH_UPLOAD_PENDING] = "not begun",
    [LH_UPLOAD_DONE] = "uploaded",
    [LH_UPLOAD_EXISTS] = "exists",
    [LH_UPLOAD_FAILED] = "failed",
};

static void as_text(const struct lh_upload *u, struct lh_buf *to)
{
    for (size_t i = 0; i < u->n; i++)
        lh_buf_f(to, "%-9s  %s\n", states[u->files[i].state], u->files[i].path);
}

static void as_json(const struct lh_upload *u, struct lh_buf *to)
{
    json_t *files = json_array();
    json_t *root;
    char *text lh_autofree = NULL;

    for (size_t i = 0; i < u->n; i++) {
        const struct lh_upload_file *f = &u->files[i];

        json_array_append_new(files,
                              json_pack("{s:s, s:s, s:s, s:s, s:s*}", "local", f->local, "path",
                                        f->path, "state", states[f->state], "type",
                                        f->format == LH_WS_RAW ? "file" : "notebook", "error",
                                        f->error.code ? lh_error_text(&f->error) : NULL));
    }
    root = json_pack("{s:o}", "files", files);
    text = lh_document_dump(root, 2);
    json_decref(root);
    lh_buf_f(to, "%s\n", text);
}

/* Each file that is not there, by name. */
static void name_failures(struct lh_log *log, const struct lh_upload *u)
{
    for (size_t i = 0; i < u->n; i++) {
        const struct lh_upload_file *f = &u->files[i];

        if (f->state == LH_UPLOAD_EXISTS)
            lh_log_warn(log, "%s: %s is there already; use --overwrite-existing", f->local,
                        f->path);
        else if (f->state == LH_UPLOAD_FAILED)
            lh_log_warn(log, "%s: %s", f->local, lh_error_text(&f->error));
    }
}

static bool has_begun(const struct lh_upload *u)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->files[i].state != LH_UPLOAD_PENDING)
            return true;
    return false;
}

static int take_jobs(const struct lh_args *args, unsigned *ret, struct lh_error *e)
{
    const char *text = lh_args_get(args, "jobs");
    int64_t n = JOBS;

    if (text && lh_number_i64(lh_str_z(text), 1, JOBS_MOST, "--jobs", LH_USAGE, &n, e))
        return LH_USAGE;
    *ret = (unsigned)n;
    return 0;
}

static int upload(struct lh_context *context, const struct lh_args *args, unsigned jobs,
                  struct lh_upload *u, struct lh_error *e)
{
    lh_auto(lh_cmd_workspace) c = LH_CMD_WORKSPACE_INIT;
    int code = lh_cmd_workspace_open(context, args, &c, e);

    if (!code)
        code = lh_upload_run(c.workspace, &c.patience, jobs,
                             lh_args_count(args, "overwrite-existing") > 0, u, e);
    return lh_cmd_workspace_end(&c, code, e);
}

static int run_upload_dir(struct lh_context *context, const struct lh_args *args,
                          struct lh_error *e)
{
    const char *path = args->positional[1];
    const char *output = lh_args_get(args, "output");
    lh_auto(lh_upload) u = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)256 << 20);
    lh_auto(lh_error) why = LH_ERROR_INIT;
    unsigned jobs = JOBS;
    int code = take_jobs(args, &jobs, e);

    if (code)
        return code;
    if (path[0] != '/')
        return lh_error_set(e, LH_USAGE,
                            "WORKSPACE_PATH: expected a path from the root of the workspace, such "
                            "as /Users/me@example.com/x, found \"%s\"",
                            path);
    code = lh_upload_scan(args->positional[0], path, context->log, &u, e);
    if (code)
        return code;
    code = upload(context, args, jobs, &u, &why);
    if (code && !has_begun(&u))
        return lh_error_move(e, &why);
    name_failures(context->log, &u);
    (output && strcmp(output, "json") == 0 ? as_json : as_text)(&u, &b);
    if (lh_print(&b, e))
        return e->code;
    return code ? lh_error_move(e, &why) : 0;
}

static const struct lh_option options[] = {
    {"--overwrite-existing", NULL, "replace files and notebooks that are there"},
    {"--jobs", "N", "how many files at a time, 1 to 64 (default: 8)"},
    {"--output", "FORMAT", "text or json", "text|json"},
    LH_WORKSPACE_OPTIONS,
    {NULL},
};

const struct lh_command lh_command_upload_dir = {
    .name = "upload-dir",
    .summary = "Uploads a folder of files and notebooks to a folder of the workspace",
    .args = "DIR WORKSPACE_PATH",
    .details =
        "The folder and those above it are made. A file whose first line is the notebook header\n"
        "of its language (\"# Databricks notebook source\" in .py) and an .ipynb become\n"
        "notebooks, whose names have no extension there; everything else becomes a file, byte for\n"
        "byte, of up to 10 MB. Symbolic links, .git, .databricks, node_modules and __pycache__\n"
        "are left out. Files that are in the workspace and not in the folder stay.\n\n"
        "What is there already is refused, by name, unless --overwrite-existing is given; the\n"
        "others are uploaded, and the exit code is 6.\n\n"
        "Which workspace, and as whom: --host and --profile, the DATABRICKS_* variables, and\n"
        "~/.databrickscfg, by the rules of Databricks unified authentication. Known are pat,\n"
        "basic, oauth-m2m, azure-client-secret, and databricks-cli where that program is\n"
        "installed.",
    .group = "Deploy",
    .options = options,
    .examples =
        (const struct lh_example[]){
            {"upload-dir out /Workspace/Users/me@example.com/hubspot", "what generate wrote"},
            {"upload-dir out /Shared/hubspot --overwrite-existing", "the same again"},
            {"upload-dir out /Shared/hubspot --profile work --output json",
             "to the workspace of a profile; what became of each file"},
            {NULL}},
    .exits = "0 1 2 3 4 5 6 7 9 130",
    .run = run_upload_dir,
};
