/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about lakehost itself: help, completion. */
#include "config.h"

#include "cmd/help.h"
#include "cmd/program.h"

static int run_help(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    const struct lh_command *command = NULL;
    size_t words;

    if (args->n_positional == 0) {
        lh_help_overview(&b, context->commands);
        return lh_print(&b, e);
    }
    if (args->n_positional == 1 &&
        lh_help_group(&b, context->commands, lh_str_z(args->positional[0])))
        return lh_print(&b, e);
    if (lh_command_find(context->commands, args->positional, args->n_positional, &command, &words,
                        e))
        return e->code;
    lh_help_command(&b, command);
    return lh_print(&b, e);
}

const struct lh_command lh_command_help = {
    .name = "help",
    .summary = "Explains a command, or lists all of them",
    .args = "[COMMAND...]",
    .group = "About lakehost",
    .examples = (const struct lh_example[]){{"help", "all commands and exit codes"},
                                            {"help config show", "one command"},
                                            {"help config", "the commands of a group"},
                                            {NULL}},
    .exits = "0 1 2",
    .flags = LH_CMD_NO_CONFIG,
    .run = run_help,
};

static int run_completion(struct lh_context *context, const struct lh_args *args,
                          struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_completion(&b, context->commands, args->positional[0]);
    return lh_print(&b, e);
}

const struct lh_command lh_command_completion = {
    .name = "completion",
    .summary = "Prints the completion script of a shell",
    .args = "SHELL",
    .values = "bash|zsh|fish",
    .details = "An installed lakehost brings these scripts along, and the shells find them. The\n"
               "command is for programs that run from a build tree or a folder of their own.",
    .group = "About lakehost",
    .examples =
        (const struct lh_example[]){
            {"completion bash > ~/.local/share/bash-completion/completions/lakehost",
             "for bash, from the next shell on"},
            {"completion fish > ~/.config/fish/completions/lakehost.fish", "the same for fish"},
            {NULL}},
    .exits = "0 1 2",
    .flags = LH_CMD_NO_CONFIG,
    .run = run_completion,
};
