/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion scripts for bash, zsh and fish, made from the command table. The scripts need
 * nothing but the shell itself and never start lakehost.
 */
#include "config.h"

#include "cmd/help.h"

/* Text inside single quotes: ' ends them, so it is written '\''. `escape` gets a backslash. */
static void quoted(struct lh_buf *to, lh_str text, const char *escape)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            lh_buf_z(to, "'\\''");
        else if (strchr(escape, text.p[i]))
            lh_buf_f(to, "\\%c", text.p[i]);
        else
            lh_buf_char(to, text.p[i]);
    }
}

/* "text|json" as "text json". */
static void alternatives(struct lh_buf *to, const char *values)
{
    for (const char *p = values; *p; p++)
        lh_buf_char(to, *p == '|' ? ' ' : *p);
}

/* Calls `each` for every name of every option of a table. */
static void each_name(struct lh_buf *to, const struct lh_option *table,
                      void (*each)(struct lh_buf *, const struct lh_option *, lh_str))
{
    for (const struct lh_option *o = table; o && o->names; o++) {
        size_t at = 0;
        lh_str part;

        while ((part = lh_str_part(o->names, ' ', &at)).n)
            each(to, o, part);
    }
}

/* --- bash ------------------------------------------------------------------------------------- */

static void bash_name(struct lh_buf *to, const struct lh_option *option, lh_str name)
{
    (void)option;
    lh_buf_f(to, "%.*s ", LH_STR_ARG(name));
}

/* The names of options that take a value: the word after them is no command. */
static void bash_valued(struct lh_buf *to, const struct lh_option *option, lh_str name)
{
    if (option->arg)
        lh_buf_f(to, "%s%.*s", to->p[to->n - 1] == ' ' ? "" : "|", LH_STR_ARG(name));
}

/* One case of the word before the cursor: what an option's value may be. */
static void bash_value(struct lh_buf *to, const struct lh_option *option, lh_str name)
{
    if (!option->arg)
        return;
    lh_buf_f(to, "        %.*s) ", LH_STR_ARG(name));
    if (option->values) {
        lh_buf_z(to, "COMPREPLY=($(compgen -W '");
        alternatives(to, option->values);
        lh_buf_z(to, "' -- \"$cur\"))");
    } else if (option->flags & (LH_OPT_FILE | LH_OPT_DIR)) {
        lh_buf_f(to, "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -%c -- \"$cur\"))",
                 option->flags & LH_OPT_FILE ? 'f' : 'd');
    } else {
        lh_buf_z(to, "COMPREPLY=()");
    }
    lh_buf_z(to, "; return ;;\n");
}

static void bash_words(struct lh_buf *to, const struct lh_command *const *commands)
{
    for (size_t i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');

        if (!space)
            lh_buf_f(to, "%s ", commands[i]->name);
        else if (i == 0 || strncmp(commands[i - 1]->name, commands[i]->name,
                                   (size_t)(space - commands[i]->name) + 1) != 0)
            lh_buf_f(to, "%.*s ", (int)(space - commands[i]->name), commands[i]->name);
    }
}

static void bash_command(struct lh_buf *to, const struct lh_command *command)
{
    lh_buf_f(to, "    '%s'%s)\n        case $prev in\n", command->name,
             strchr(command->name, ' ') ? "" : "*");
    each_name(to, command->options, bash_value);
    lh_buf_z(to, "        esac\n        options+=' ");
    each_name(to, command->options, bash_name);
    lh_buf_z(to, "'\n");
    if (command->values) {
        lh_buf_z(to, "        values='");
        alternatives(to, command->values);
        lh_buf_z(to, "'\n");
    }
    lh_buf_z(to, "        ;;\n");
}

/* Second words of two-word commands, one case per first word. */
static void bash_groups(struct lh_buf *to, const struct lh_command *const *commands)
{
    for (size_t i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');

        if (space)
            lh_buf_f(to, "    '%.*s') values+=' %s' ;;&\n", (int)(space - commands[i]->name),
                     commands[i]->name, space + 1);
    }
}

static void bash(struct lh_buf *to, const struct lh_command *const *commands)
{
    lh_buf_z(to, "# bash completion for lakehost; made from its command table.\n"
                 "_lakehost()\n{\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    local i word command= values= options='");
    each_name(to, lh_global_options, bash_name);
    lh_buf_z(to, "'\n    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                 "        word=${COMP_WORDS[i]}\n"
                 "        case $word in\n        ");
    each_name(to, lh_global_options, bash_valued);
    lh_buf_z(to, ") ((i++)) ;;\n        -*) ;;\n"
                 "        *) command+=${command:+ }${word//_/-} ;;\n"
                 "        esac\n    done\n    case $prev in\n");
    each_name(to, lh_global_options, bash_value);
    lh_buf_z(to, "    esac\n    case $command in\n    '') values='");
    bash_words(to, commands);
    lh_buf_z(to, "' ;;\n    esac\n    case $command in\n");
    bash_groups(to, commands);
    lh_buf_z(to, "    esac\n    case $command in\n");
    for (size_t i = 0; commands[i]; i++)
        bash_command(to, commands[i]);
    lh_buf_z(to, "    esac\n"
                 "    case $cur in\n"
                 "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
                 "    *) COMPREPLY=($(compgen -W \"$values\" -- \"$cur\")) ;;\n"
                 "    esac\n}\ncomplete -F _lakehost lakehost\n");
}

/* --- zsh -------------------------------------------------------------------------------------- */

static void zsh_option(struct lh_buf *to, const struct lh_option *option, lh_str name)
{
    lh_buf_f(to, "        '%s%.*s[", option->flags & LH_OPT_REPEAT ? "*" : "", LH_STR_ARG(name));
    quoted(to, lh_str_z(option->help), "[]:\\");
    lh_buf_z(to, "]");
    if (option->arg) {
        lh_buf_z(to, ":");
        quoted(to, lh_str_z(option->arg), "[]:\\");
        lh_buf_z(to, ":");
        if (option->values) {
            lh_buf_z(to, "(");
            alternatives(to, option->values);
            lh_buf_z(to, ")");
        } else if (option->flags & LH_OPT_FILE) {
            lh_buf_z(to, "_files");
        } else if (option->flags & LH_OPT_DIR) {
            lh_buf_z(to, "_files -/");
        }
    }
    lh_buf_z(to, "' \\\n");
}

static void zsh_command(struct lh_buf *to, const struct lh_command *command)
{
    lh_buf_f(to, "    ('%s')\n        _arguments -S \\\n", command->name);
    each_name(to, command->options, zsh_option);
    each_name(to, lh_global_options, zsh_option);
    if (command->values) {
        lh_buf_z(to, "        '1:value:(");
        alternatives(to, command->values);
        lh_buf_z(to, ")' \\\n");
    }
    lh_buf_z(to, "        '*:file:_files'\n        ;;\n");
}

static void zsh_names(struct lh_buf *to, const struct lh_command *const *commands)
{
    for (size_t i = 0; commands[i]; i++) {
        lh_buf_f(to, "        '%s:", commands[i]->name);
        quoted(to, lh_str_z(commands[i]->summary), ":\\");
        lh_buf_z(to, "'\n");
    }
}

static void zsh(struct lh_buf *to, const struct lh_command *const *commands)
{
    lh_buf_z(to, "#compdef lakehost\n# zsh completion for lakehost; made from its command table.\n"
                 "_lakehost() {\n"
                 "    local -a all first second given\n"
                 "    local entry command i\n"
                 "    all=(\n");
    zsh_names(to, commands);
    lh_buf_z(to, "    )\n"
                 "    for ((i = 2; i < CURRENT; i++)); do\n"
                 "        [[ $words[i] == -* ]] || given+=(${words[i]//_/-})\n"
                 "    done\n"
                 "    for entry in $all; do\n"
                 "        command=${entry%%:*}\n"
                 "        if [[ $command == \"$given[1]\" ||\n"
                 "            $command == \"$given[1] $given[2]\" ]]; then\n"
                 "            _lakehost_command $command ${#${(s: :)command}}\n"
                 "            return\n        fi\n"
                 "        if [[ $command == *' '* ]]; then\n"
                 "            first+=(${command%% *})\n"
                 "            [[ ${command%% *} != \"$given[1]\" ]] || second+=(\"${entry#* }\")\n"
                 "        else\n            first+=($entry)\n        fi\n    done\n"
                 "    first=(${(u)first})\n"
                 "    case ${#given} in\n"
                 "    (0) _describe command first ;;\n"
                 "    (1) _describe command second ;;\n"
                 "    esac\n}\n"
                 "_lakehost_command() {\n"
                 "    local command=$1 n=$2 i\n"
                 "    for ((i = 2; n > 0 && i <= $#words; i++)); do\n"
                 "        [[ $words[i] == -* ]] || ((n--))\n"
                 "    done\n"
                 "    shift $((i - 2)) words\n    ((CURRENT -= i - 2))\n"
                 "    case $command in\n");
    for (size_t i = 0; commands[i]; i++)
        zsh_command(to, commands[i]);
    lh_buf_z(to, "    esac\n}\n"
                 "if [ \"$funcstack[1]\" = _lakehost ]; then\n    _lakehost \"$@\"\n"
                 "else\n    compdef _lakehost lakehost\nfi\n");
}

/* --- fish ------------------------------------------------------------------------------------- */

static void fish_option(struct lh_buf *to, const struct lh_option *option, const char *condition)
{
    size_t at = 0;
    lh_str part;

    lh_buf_f(to, "complete -c lakehost%s", condition);
    while ((part = lh_str_part(option->names, ' ', &at)).n) {
        if (part.p[1] == '-')
            lh_buf_f(to, " -l %.*s", LH_STR_ARG(lh_str_n(part.p + 2, part.n - 2)));
        else
            lh_buf_f(to, " -%c %.*s", part.n == 2 ? 's' : 'o',
                     LH_STR_ARG(lh_str_n(part.p + 1, part.n - 1)));
    }
    if (option->values) {
        lh_buf_z(to, " -xa '");
        alternatives(to, option->values);
        lh_buf_z(to, "'");
    } else if (option->flags & LH_OPT_FILE) {
        lh_buf_z(to, " -rF");
    } else if (option->flags & LH_OPT_DIR) {
        lh_buf_z(to, " -xa '(__fish_complete_directories)'");
    } else if (option->arg) {
        lh_buf_z(to, " -x");
    }
    lh_buf_z(to, " -d '");
    quoted(to, lh_str_z(option->help), "\\");
    lh_buf_z(to, "'\n");
}

static void fish_command(struct lh_buf *to, const struct lh_command *command)
{
    char *condition lh_autofree = lh_xasprintf(" -n '__lakehost_is %s'", command->name);
    const char *space = strchr(command->name, ' ');

    if (space)
        lh_buf_f(to, "complete -c lakehost -n '__lakehost_at %.*s' -xa '%s' -d '",
                 (int)(space - command->name), command->name, space + 1);
    else
        lh_buf_f(to, "complete -c lakehost -n '__lakehost_at' -xa '%s' -d '", command->name);
    quoted(to, lh_str_z(command->summary), "\\");
    lh_buf_z(to, "'\n");
    if (space)
        lh_buf_f(to, "complete -c lakehost -n '__lakehost_at' -xa '%.*s'\n",
                 (int)(space - command->name), command->name);
    if (command->values) {
        lh_buf_f(to, "complete -c lakehost%s -xa '", condition);
        alternatives(to, command->values);
        lh_buf_z(to, "'\n");
    }
    for (const struct lh_option *o = command->options; o && o->names; o++)
        fish_option(to, o, condition);
}

static void fish(struct lh_buf *to, const struct lh_command *const *commands)
{
    lh_buf_z(to, "# fish completion for lakehost; made from its command table.\n"
                 "# The words of the command line that are no options.\n"
                 "function __lakehost_words\n"
                 "    for word in (commandline -opc)[2..]\n"
                 "        string match -q -- '-*' $word; or string replace -a _ - -- $word\n"
                 "    end\nend\n"
                 "# True where exactly these words stand before the cursor.\n"
                 "function __lakehost_at\n"
                 "    set -l words (__lakehost_words)\n    test \"$words\" = \"$argv\"\nend\n"
                 "# True where the command is this one.\n"
                 "function __lakehost_is\n"
                 "    set -l words (__lakehost_words)\n"
                 "    test \"$words[1..\"(count $argv)\"]\" = \"$argv\" 2>/dev/null\nend\n"
                 "complete -c lakehost -f\n");
    for (size_t i = 0; commands[i]; i++)
        fish_command(to, commands[i]);
    for (const struct lh_option *o = lh_global_options; o->names; o++)
        fish_option(to, o, "");
}

void lh_completion(struct lh_buf *to, const struct lh_command *const *commands, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        bash(to, commands);
    else if (strcmp(shell, "zsh") == 0)
        zsh(to, commands);
    else
        fish(to, commands);
}
