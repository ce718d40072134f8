/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command `validate`: finds out what files are, has each checked by its kind, prints all
 * findings. It sends nothing anywhere, runs no code of a connector and writes no file.
 */
#include "config.h"

#include "base/file.h"
#include "cmd/explain.h"
#include "cmd/plugins.h"
#include "cmd/validate.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define MAX_BYTES ((size_t)1 << 30)
#define MAX_DEPTH 16

const struct lh_validate_kind lh_validate_kinds[] = {
    {"pipeline-spec", "a pipeline spec (JSON, YAML)", lh_validate_is_pipeline_spec,
     lh_validate_pipeline_spec},
    {"python", "a generated Python file", lh_validate_is_python, lh_validate_python},
    /* last: any text whose first line has a source_table looks like one */
    {"manifest", "a manifest (CSV)", lh_validate_is_manifest, lh_validate_manifest},
    {NULL},
};

bool lh_validate_has_suffix(const struct lh_validate_file *file, const char *suffix)
{
    size_t n = strlen(file->path);
    size_t end = strlen(suffix);

    return n > end && strcasecmp(file->path + n - end, suffix) == 0;
}

/* One run: what was found, and the files that were looked at. */
struct validation {
    struct lh_validating v;
    const struct lh_validate_kind *kind; /* --kind; NULL: find out */
    struct lh_buf good;                  /* lines about files without a finding */
    size_t n_files;
};

/* The kind of a file; NULL when it is none that we know. */
static const struct lh_validate_kind *kind_of(const struct validation *run,
                                              const struct lh_validate_file *file)
{
    if (run->kind)
        return run->kind;
    for (const struct lh_validate_kind *kind = lh_validate_kinds; kind->name; kind++)
        if (kind->is_it(file))
            return kind;
    return NULL;
}

static int unknown_kind(const char *path, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    for (const struct lh_validate_kind *kind = lh_validate_kinds; kind->name; kind++)
        lh_buf_f(&b, "%s%s", b.n ? ", " : "", kind->what);
    return lh_error_set(e, LH_INVALID, "%s: cannot tell what this is; expected %s; --kind says it",
                        path, lh_buf_text(&b));
}

static void file_free(struct lh_validate_file *file)
{
    lh_buf_free(&file->text);
}

/* A file that the user named must be of a known kind; one found in a folder is passed over. */
static int validate_file(struct validation *run, const char *path, bool named, struct lh_error *e)
{
    __attribute__((cleanup(file_free))) struct lh_validate_file file = {
        strcmp(path, "-") == 0 ? "standard input" : path, LH_BUF_INIT(MAX_BYTES)};
    const struct lh_validate_kind *kind;
    size_t before = run->v.f->n;
    int code = lh_file_read(path, MAX_BYTES, LH_FILE_STDIN, &file.text, e);

    if (code)
        return code;
    kind = kind_of(run, &file);
    if (!kind)
        return named ? unknown_kind(file.path, e) : 0;
    run->n_files++;
    code = kind->check(&run->v, &file, e);
    if (!code && run->v.f->n == before)
        lh_buf_f(&run->good, "%s: nothing is wrong (%s)\n", file.path, kind->name);
    return code;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int validate_folder(struct validation *run, const char *path, int depth, struct lh_error *e);

/* Symbolic links are not followed: a folder's own files are meant. */
static int validate_entry(struct validation *run, const char *path, int depth, struct lh_error *e)
{
    struct stat st;

    if (lstat(path, &st))
        return lh_error_errno(e, LH_FAILED, errno, "look at %s", path);
    if (S_ISDIR(st.st_mode))
        return validate_folder(run, path, depth + 1, e);
    return S_ISREG(st.st_mode) ? validate_file(run, path, false, e) : 0;
}

static int validate_folder(struct validation *run, const char *path, int depth, struct lh_error *e)
{
    struct dirent **entries = NULL;
    int n;
    int code = 0;

    if (depth > MAX_DEPTH)
        return lh_error_set(e, LH_INVALID, "%s: folders are nested more than %d deep", path,
                            MAX_DEPTH);
    n = scandir(path, &entries, is_visible, by_name);
    if (n < 0)
        return lh_error_errno(e, LH_INVALID, errno, "read the folder %s", path);
    for (int i = 0; i < n; i++) {
        char *inner lh_autofree = lh_xasprintf("%s/%s", path, entries[i]->d_name);

        if (!code)
            code = validate_entry(run, inner, depth, e);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int validate_any(struct validation *run, const char *path, struct lh_error *e)
{
    size_t before = run->n_files;
    struct stat st;
    int code;

    if (strcmp(path, "-") == 0 || stat(path, &st) || !S_ISDIR(st.st_mode))
        return validate_file(run, path, true, e);
    code = validate_folder(run, path, 1, e);
    if (!code && run->n_files == before)
        return lh_error_set(e, LH_INVALID,
                            "%s: no file in this folder is of a kind that can be "
                            "checked",
                            path);
    return code;
}

/* --- arguments -------------------------------------------------------------------------------- */

static int choose_kind(struct validation *run, const char *name, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    for (const struct lh_validate_kind *kind = lh_validate_kinds; name && kind->name; kind++) {
        if (strcmp(kind->name, name) == 0)
            run->kind = kind;
        lh_buf_f(&b, "%s%s", b.n ? ", " : "", kind->name);
    }
    if (name && !run->kind)
        return lh_error_set(e, LH_USAGE, "option --kind: expected one of %s, found \"%s\"",
                            lh_buf_text(&b), name);
    return 0;
}

/* The connector's own file says what it takes; nothing of it is run. */
static int find_spec(struct lh_context *context, const struct lh_args *args,
                     struct lh_plugin_info *ret, struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {0};
    const char *name = lh_args_get(args, "connector-name");

    if (!name)
        return 0;
    if (lh_cmd_plugin_policy(context, args, &plugins, e))
        return e->code;
    return lh_plugin_find(&plugins.policy, name, ret, e);
}

static int print_findings(struct validation *run, bool as_json, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX);

    if (!as_json)
        lh_buf_str(&b, lh_buf_slice(&run->good));
    lh_findings_write(run->v.f, as_json, &b);
    return lh_print(&b, e);
}

static void validation_free(struct validation *run)
{
    lh_buf_free(&run->good);
}

static int run_validate(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_findings) f = LH_FINDINGS_INIT;
    lh_auto(lh_plugin_info) info = {0};
    __attribute__((cleanup(validation_free))) struct validation run = {
        .v = {.context = context, .f = &f}, .good = LH_BUF_INIT(SIZE_MAX)};
    const char *output = lh_args_get(args, "output");
    const char *profile = lh_args_get(args, "connector-profile");

    if (choose_kind(&run, lh_args_get(args, "kind"), e) ||
        lh_cmd_severities(context, args, &f, e) || find_spec(context, args, &info, e))
        return e->code;
    run.v.spec = info.spec;
    run.v.native = profile && strcmp(profile, "native") == 0;
    for (size_t i = 0; i < args->n_positional; i++)
        if (validate_any(&run, args->positional[i], e))
            return e->code;
    if (print_findings(&run, output && strcmp(output, "json") == 0, e))
        return e->code;
    return lh_findings_conclude(&f, args->n_positional == 1 ? args->positional[0] : "validate", e);
}

static const struct lh_option validate_options[] = {
    {"--strict", NULL, "warnings are errors"},
    {"--output", "FORMAT", "text or json", "text|json"},
    {"--kind", "KIND",
     "what the files are, where it cannot be told: manifest, pipeline-spec or python"},
    {"--connector-name", "NAME", "check tables and options against this connector too"},
    {"--connector-profile", "PROFILE",
     "what the pipelines run: the Python connector of that name (upstream, the default) or ours "
     "(native)",
     "upstream|native"},
    LH_PLUGIN_OPTIONS,
    {NULL},
};

const struct lh_command lh_command_validate = {
    .name = "validate",
    .summary = "Says everything that is wrong with a file, with line, column and rule",
    .args = "FILE [FILE...]",
    .details =
        "FILE is a manifest (CSV), a pipeline spec (JSON, YAML), a generated Python file, a\n"
        "folder, whose files of a known kind are checked, or - for standard input. Every problem\n"
        "is reported at once, one line each:\n\n"
        "    tables.csv:3:17: error: weight: expected a whole number from 1 to 1000000, found "
        "\"x\" [LH224]\n\n"
        "Lines and columns begin at 1; columns count characters. `lakehost explain LH224` says\n"
        "more. The setting `rules` gives a rule another severity, --strict makes warnings errors.\n"
        "\n"
        "With --connector-name, what the connector declares is checked too: its tables' options,\n"
        "and where a row differs from the Python connector of the same name, which is what\n"
        "generated pipelines run. A manifest for pipelines that run our connector is checked with\n"
        "--connector-profile native: options that only ours has are then fine, and differences\n"
        "are notes. No code of the connector is run.",
    .group = "Discover",
    .options = validate_options,
    .examples = (const struct lh_example[]){{"validate tables.csv", "a manifest"},
                                            {"validate tables.csv --connector-name github --strict",
                                             "against a connector, before a commit"},
                                            {"validate . --output json",
                                             "all files of a folder, for a program"},
                                            {NULL}},
    .exits = "0 1 2 3 5 8",
    .run = run_validate,
};
