/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of --help. Its layout is also what help2man reads to make the man pages: "Usage:",
 * headings that end with a colon, options two columns in.
 */
#include "config.h"

#include "cmd/help.h"

#include <stdlib.h>

#define COLUMN 30

static const struct {
    int code;
    const char *meaning;
} exit_codes[] = {
    {LH_DONE, "done, also when there was nothing to do"},
    {LH_FAILED, "failed for a reason not below"},
    {LH_USAGE, "wrong usage of the command line"},
    {LH_INVALID, "invalid input, or a file that is not there: the message says what and where"},
    {LH_REFUSED, "authentication or permission refused"},
    {LH_NOT_FOUND, "not found: connector, table, pipeline, connection, path in the workspace"},
    {LH_PARTLY, "partly done: what failed is named, the rest is kept"},
    {LH_UNREACHABLE, "unreachable, timed out, or rate limited past the retry budget"},
    {LH_BAD_PLUGIN, "a plugin could not be loaded, crashed, hung or broke the rules"},
    {LH_CONFLICT, "locked by another run, or live state changed since the plan"},
    {LH_DIFFERENT, "differences found"},
    {LH_INTERRUPTED, "interrupted (143 by SIGTERM); temporary files and locks are gone"},
};

const char *lh_exit_meaning(int code)
{
    for (size_t i = 0; i < LH_LEN(exit_codes); i++)
        if (exit_codes[i].code == code)
            return exit_codes[i].meaning;
    return NULL;
}

/* "  -o, --output text|json" and the help behind it, on the next line when the names are long. */
static void option_line(struct lh_buf *to, const struct lh_option *option)
{
    size_t begin = to->n;
    size_t at = 0;
    bool first = true;
    lh_str part;

    lh_buf_z(to, strncmp(option->names, "--", 2) == 0 ? "      " : "  ");
    while ((part = lh_str_part(option->names, ' ', &at)).n) {
        lh_buf_z(to, first ? "" : ", ");
        lh_buf_str(to, part);
        first = false;
    }
    if (option->arg)
        lh_buf_f(to, " %s", option->values ? option->values : option->arg);
    if (to->n - begin > COLUMN - 2) {
        lh_buf_char(to, '\n');
        begin = to->n;
    }
    lh_buf_fill(to, ' ', COLUMN - (to->n - begin));
    lh_buf_f(to, "%s%s%s\n", option->help, option->flags & LH_OPT_REPEAT ? "; repeatable" : "",
             option->flags & LH_OPT_REQUIRED ? " (required)" : "");
}

static const char *heading(const struct lh_option *option)
{
    return option->group ? option->group : "Options";
}

static bool same_heading_before(const struct lh_option *table, const struct lh_option *option)
{
    for (const struct lh_option *o = table; o < option; o++)
        if (strcmp(heading(o), heading(option)) == 0)
            return true;
    return false;
}

/* All options, each heading once, in the order of first appearance. */
static void option_groups(struct lh_buf *to, const struct lh_option *table)
{
    for (const struct lh_option *lead = table; lead && lead->names; lead++) {
        if (same_heading_before(table, lead))
            continue;
        lh_buf_f(to, "\n%s:\n", heading(lead));
        for (const struct lh_option *o = lead; o->names; o++)
            if (strcmp(heading(o), heading(lead)) == 0)
                option_line(to, o);
    }
}

static void exit_lines(struct lh_buf *to, const char *codes)
{
    size_t at = 0;
    lh_str part;

    lh_buf_z(to, "\nExit status:\n");
    while ((part = lh_str_part(codes, ' ', &at)).n)
        lh_buf_f(to, "  %-5.*s %s\n", LH_STR_ARG(part),
                 lh_exit_meaning((int)strtol(part.p, NULL, 10)));
}

static void examples(struct lh_buf *to, const struct lh_example *example)
{
    if (!example || !example->command)
        return;
    lh_buf_z(to, "\nExamples:\n");
    for (; example->command; example++)
        lh_buf_f(to, "  lakehost %s\n      %s\n", example->command, example->what);
}

/* The command with an option in place of the first argument; optional ones go with that. */
static void usage_instead(struct lh_buf *to, const struct lh_command *command,
                          const struct lh_option *option)
{
    size_t at = 0;
    lh_str part = lh_str_part(command->args, ' ', &at);

    lh_buf_f(to, "  or:  lakehost %s --%s %s", command->name, lh_option_key(option).p, option->arg);
    while ((part = lh_str_part(command->args, ' ', &at)).n)
        if (part.p[0] != '[')
            lh_buf_f(to, " %.*s", LH_STR_ARG(part));
    lh_buf_z(to, " [OPTIONS]\n");
}

static void usage(struct lh_buf *to, const struct lh_command *command)
{
    lh_buf_f(to, "Usage: lakehost %s%s%s%s\n", command->name, command->args ? " " : "",
             command->args ? command->args : "", command->options ? " [OPTIONS]" : "");
    for (const struct lh_option *o = command->options; o && o->names; o++)
        if (o->flags & LH_OPT_INSTEAD)
            usage_instead(to, command, o);
}

void lh_help_command(struct lh_buf *to, const struct lh_command *command)
{
    usage(to, command);
    lh_buf_f(to, "\n%s.\n", command->summary);
    if (command->details)
        lh_buf_f(to, "\n%s\n", command->details);
    option_groups(to, command->options);
    option_groups(to, lh_global_options);
    examples(to, command->examples);
    exit_lines(to, command->exits);
}

static void command_line(struct lh_buf *to, const struct lh_command *command)
{
    char *name lh_autofree = lh_xasprintf("%s%s%s", command->name, command->args ? " " : "",
                                          command->args ? command->args : "");

    lh_buf_f(to, "  %-*s %s\n", COLUMN - 3, name, command->summary);
}

static void commands_of(struct lh_buf *to, const struct lh_command *const *commands,
                        const char *group)
{
    lh_buf_f(to, "\n%s:\n", group);
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->group, group) == 0)
            command_line(to, commands[i]);
}

static bool group_before(const struct lh_command *const *commands, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(commands[i]->group, commands[n]->group) == 0)
            return true;
    return false;
}

static const struct lh_example first_steps[] = {
    {"demo", "what it does, with no account and no network"},
    {"config show --origin", "the settings, and where each came from"},
    {"help config show", "one command in full"},
    {NULL},
};

void lh_help_overview(struct lh_buf *to, const struct lh_command *const *commands)
{
    lh_buf_z(to, "Usage: lakehost [GLOBAL OPTIONS] COMMAND [OPTIONS]\n\n"
                 "A native host for Lakeflow community connectors.\n");
    for (size_t i = 0; commands[i]; i++)
        if (!group_before(commands, i))
            commands_of(to, commands, commands[i]->group);
    option_groups(to, lh_global_options);
    examples(to, first_steps);
    lh_buf_z(to, "\nExit status:\n");
    for (size_t i = 0; i < LH_LEN(exit_codes); i++)
        lh_buf_f(to, "  %-5d %s\n", exit_codes[i].code, exit_codes[i].meaning);
    lh_buf_z(to, "\nlakehost COMMAND --help says more about each.\n");
}

bool lh_help_group(struct lh_buf *to, const struct lh_command *const *commands, lh_str group)
{
    bool found = false;

    for (size_t i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');

        if (!space ||
            !lh_word_eq(lh_str_n(commands[i]->name, (size_t)(space - commands[i]->name)), group))
            continue;
        if (!found)
            lh_buf_f(to, "Usage: lakehost %.*s COMMAND [OPTIONS]\n\nCommands:\n",
                     LH_STR_ARG(group));
        found = true;
        command_line(to, commands[i]);
    }
    return found;
}
