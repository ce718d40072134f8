/* SPDX-License-Identifier: Apache-2.0 */
/* The command `explain`: the long text of a rule or an exit code. */
#include "config.h"

#include "base/nearest.h"
#include "base/number.h"
#include "cmd/explain.h"
#include "json/document.h"
#include "json/text.h"

#include <ctype.h>
#include <stdlib.h>

/* More than lh_exit_meaning says, and what to do. */
static const struct {
    int code;
    const char *text;
} exits[] = {
    {LH_DONE, "Everything that was asked for is done, also when there was nothing to do."},
    {LH_FAILED, "Something failed that none of the other codes is for: a full disk, an answer of "
                "the source that makes no sense, a bound that was passed. The message says what."},
    {LH_USAGE, "The command line is wrong: an unknown command or option, an argument that is "
               "missing. `lakehost help COMMAND` shows how it is meant."},
    {LH_INVALID, "What lakehost was given is wrong: a configuration, an option of a source, a "
                 "manifest, a schedule, an offset, or a file that is not there. The message names "
                 "file, line and column or key, what was found and what was expected. Nothing was "
                 "written."},
    {LH_REFUSED, "The source or the workspace refused the credentials (401) or lacks a right "
                 "(403). `lakehost check CONNECTOR` says at which step."},
    {LH_NOT_FOUND, "There is no connector, table, pipeline or connection of that name, or no such "
                   "path in the workspace."},
    {LH_PARTLY, "Some tables or resources failed or were refused; each is named. The rest is done "
                "and kept. Running the command again does what is missing."},
    {LH_UNREACHABLE, "The source or workspace could not be reached, did not answer in time, or "
                     "limited the rate for longer than the retries last. Try again later; nothing "
                     "is wrong with the input."},
    {LH_BAD_PLUGIN, "A connector could not be loaded, or crashed, hung, or broke a rule of the "
                    "interface. `lakehost plugin validate` lists what is wrong with its file, and "
                    "`lakehost explain rule N` says what rule N is."},
    {LH_CONFLICT, "Another run holds the lock, or what is deployed has changed since the plan. "
                  "Wait for the other run, or plan again."},
    {LH_DIFFERENT, "Not a failure: differences were found, and --exit-code asked to be told so."},
    {LH_INTERRUPTED, "The run was interrupted: 130 by Ctrl-C (SIGINT), 143 by SIGTERM. Temporary "
                     "files and locks are gone, and earlier output is as it was."},
};

/* --- one explanation -------------------------------------------------------------------------- */

struct explanation {
    char *id, *title, *text;
    const char *kind;     /* "rule", "interface rule", "exit code" */
    const char *severity; /* of a rule; NULL */
};

static void explanation_free(struct explanation *x)
{
    free(x->id);
    free(x->title);
    free(x->text);
}

static struct explanation of_rule(const struct lh_rule *rule)
{
    return (struct explanation){lh_xstrdup(rule->id), lh_xstrdup(rule->title),
                                lh_xstrdup(rule->text), "rule", lh_severity_name(rule->severity)};
}

static struct explanation of_interface(size_t number)
{
    const struct lh_interface_rule *rule = &lh_interface_rules[number - 1];
    const char *end = strstr(rule->text, ". ");
    size_t n = end ? (size_t)(end - rule->text) : strlen(rule->text) - 1;

    return (struct explanation){lh_xasprintf("rule %zu", number),
                                lh_xasprintf("%s: %.*s", rule->area, (int)n, rule->text),
                                lh_xstrdup(rule->text), "interface rule", NULL};
}

static struct explanation of_exit(size_t i)
{
    return (struct explanation){lh_xasprintf("exit %d", exits[i].code),
                                lh_xstrdup(lh_exit_meaning(exits[i].code)),
                                lh_xstrdup(exits[i].text), "exit code", NULL};
}

/* --- finding it ------------------------------------------------------------------------------- */

/* "rule 7", "RULE-7", "rule7" -> 7; false when the text is not that word and a number. */
static bool number_behind(const char *text, const char *word, int64_t max, int64_t *ret)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)text[i]) != word[i])
            return false;
    text += n + (n ? strspn(text + n, " -_") : 0);
    return lh_number_i64(lh_str_z(text), 0, max, "", LH_INVALID, ret, NULL) == 0;
}

static bool find_exit(int64_t code, struct explanation *ret)
{
    code = code == 143 ? LH_INTERRUPTED : code;
    for (size_t i = 0; i < LH_LEN(exits); i++)
        if (exits[i].code == code) {
            *ret = of_exit(i);
            return true;
        }
    return false;
}

static bool find(const char *what, struct explanation *ret)
{
    const struct lh_rule *rule = lh_rule_find(lh_str_z(what));
    int64_t number;

    if (rule) {
        *ret = of_rule(rule);
        return true;
    }
    if (number_behind(what, "rule", LH_INTERFACE_RULES, &number) && number) {
        *ret = of_interface((size_t)number);
        return true;
    }
    return (number_behind(what, "exit", 255, &number) || number_behind(what, "", 255, &number)) &&
           find_exit(number, ret);
}

static int unknown(const char *what, struct lh_error *e)
{
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    char *quoted lh_autofree = lh_text_quote(lh_str_z(what));
    lh_str *ids lh_autofree = NULL;
    size_t n = 0;
    size_t cap = 0;

    for (size_t t = 0; lh_rule_tables[t]; t++)
        for (const struct lh_rule *rule = lh_rule_tables[t]; rule->id; rule++) {
            ids = lh_xgrow(ids, n, &cap, sizeof *ids);
            ids[n++] = lh_str_z(rule->id);
        }
    lh_nearest_hint(lh_str_z(what), lh_nearest_slice, ids, n, &hint);
    return lh_error_set(e, LH_NOT_FOUND,
                        "expected a rule such as LH203, an interface rule such as \"rule 7\" or an "
                        "exit code, found %s%s; lakehost explain lists them all",
                        quoted, lh_buf_text(&hint));
}

/* --- printing --------------------------------------------------------------------------------- */

/* A paragraph without line ends of its own, broken at blanks. */
static void put_wrapped(struct lh_buf *to, const char *text)
{
    size_t column = 0;

    if (strchr(text, '\n')) {
        lh_buf_f(to, "%s\n", text);
        return;
    }
    while (*text) {
        size_t n = strcspn(text, " ");

        if (column && column + 1 + n > 90) {
            lh_buf_char(to, '\n');
            column = 0;
        }
        if (column)
            lh_buf_char(to, ' ');
        lh_buf_add(to, text, n);
        column += n + (column != 0);
        text += n + (text[n] == ' ');
    }
    lh_buf_char(to, '\n');
}

static void put_text(struct lh_buf *to, const struct explanation *x)
{
    lh_buf_f(to, "%s: %s\n", x->id, x->title);
    if (x->severity)
        lh_buf_f(to, "severity: %s\n", x->severity);
    lh_buf_char(to, '\n');
    put_wrapped(to, x->text);
}

static json_t *as_json(const struct explanation *x)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:s}", "id", x->id, "kind", x->kind, "severity",
                     x->severity, "text", x->text, "title", x->title);
}

static bool wants_json(const struct lh_args *args)
{
    const char *output = lh_args_get(args, "output");

    return output && strcmp(output, "json") == 0;
}

static int explain_one(const struct lh_args *args, const char *what, struct lh_error *e)
{
    __attribute__((cleanup(explanation_free))) struct explanation x = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    if (!find(what, &x))
        return unknown(what, e);
    if (wants_json(args)) {
        json_t *root = as_json(&x);
        char *text lh_autofree = lh_document_dump(root, 2);

        json_decref(root);
        lh_buf_f(&b, "%s\n", text);
    } else {
        put_text(&b, &x);
    }
    return lh_print(&b, e);
}

/* Every explanation, in order; takes what it is given. */
static void list_one(json_t *all, struct lh_buf *to, struct explanation x)
{
    if (all)
        json_array_append_new(all, as_json(&x));
    else
        lh_buf_f(to, "%-8s  %-8s  %s\n", x.id, x.severity ? x.severity : "", x.title);
    explanation_free(&x);
}

static int list_all(const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    json_t *all = wants_json(args) ? json_array() : NULL;
    char *text lh_autofree = NULL;

    for (size_t t = 0; lh_rule_tables[t]; t++)
        for (const struct lh_rule *rule = lh_rule_tables[t]; rule->id; rule++)
            list_one(all, &b, of_rule(rule));
    for (size_t i = 1; i <= LH_INTERFACE_RULES; i++)
        list_one(all, &b, of_interface(i));
    for (size_t i = 0; i < LH_LEN(exits); i++)
        list_one(all, &b, of_exit(i));
    if (all) {
        text = lh_document_dump(all, 2);
        lh_buf_f(&b, "%s\n", text);
    }
    json_decref(all);
    return lh_print(&b, e);
}

static int run_explain(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) what = LH_BUF_INIT(LH_BUF_TEXT);

    (void)context;
    if (!args->n_positional)
        return list_all(args, e);
    for (size_t i = 0; i < args->n_positional; i++)
        lh_buf_f(&what, "%s%s", i ? " " : "", args->positional[i]);
    return explain_one(args, lh_buf_text(&what), e);
}

static const struct lh_option explain_options[] = {
    {"--output", "FORMAT", "text or json", "text|json"},
    {NULL},
};

const struct lh_command lh_command_explain = {
    .name = "explain",
    .summary = "Says what a rule or an exit code means, and what to do",
    .args = "[CODE...]",
    .details =
        "CODE is what stands behind a message: a rule of files (LH203), a rule of the connector\n"
        "interface (rule 7) or an exit code (3, or exit 3). Without one all are listed.\n\n"
        "Rules have a severity: error, warning, note. The setting `rules` changes it:\n\n"
        "    rules: {LH204: error, LH305: \"off\"}",
    .group = "About lakehost",
    .options = explain_options,
    .examples = (const struct lh_example[]){{"explain", "all rules and exit codes"},
                                            {"explain LH203", "a rule of manifests"},
                                            {"explain rule 9", "a rule for connectors"},
                                            {"explain exit 3", "an exit code"},
                                            {NULL}},
    .exits = "0 1 2 5",
    .flags = LH_CMD_NO_CONFIG,
    .run = run_explain,
};
