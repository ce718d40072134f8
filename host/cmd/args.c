/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing a command line against the command table; see command.h. Prints nothing. */
#include "config.h"

#include "base/nearest.h"
#include "cmd/command.h"

#include <stdlib.h>

void lh_args_free(struct lh_args *args)
{
    free(args->values);
    free(args->positional);
    *args = (struct lh_args){0};
}

lh_str lh_option_key(const struct lh_option *option)
{
    const char *last = strrchr(option->names, ' ');

    last = last ? last + 1 : option->names;
    return lh_str_z(last + strspn(last, "-"));
}

const struct lh_option *lh_option_find(const struct lh_option *table, lh_str name)
{
    for (const struct lh_option *option = table; option && option->names; option++) {
        size_t at = 0;
        lh_str part;

        while ((part = lh_str_part(option->names, ' ', &at)).n)
            if (lh_str_eq(part, name))
                return option;
    }
    return NULL;
}

bool lh_word_eq(lh_str a, lh_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (a.p[i] != b.p[i] &&
            !((a.p[i] == '-' || a.p[i] == '_') && (b.p[i] == '-' || b.p[i] == '_')))
            return false;
    return true;
}

static void add_value(struct lh_args *args, const struct lh_option *option, const char *value)
{
    args->values = lh_xgrow(args->values, args->n_values, &args->cap_values, sizeof *args->values);
    args->values[args->n_values++] = (struct lh_arg_value){option, value};
}

static void add_positional(struct lh_args *args, const char *word)
{
    args->positional = lh_xgrow(args->positional, args->n_positional, &args->cap_positional,
                                sizeof *args->positional);
    args->positional[args->n_positional++] = word;
}

/* Collects the names of two option tables, for did-you-mean. */
static int unknown_option(const struct lh_option *own, lh_str name, struct lh_error *e)
{
    const struct lh_option *const tables[] = {own, lh_global_options};
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    lh_str *names lh_autofree = NULL;
    size_t n = 0;
    size_t cap = 0;

    for (size_t t = 0; t < LH_LEN(tables); t++)
        for (const struct lh_option *o = tables[t]; o && o->names; o++) {
            size_t at = 0;
            lh_str part;

            while ((part = lh_str_part(o->names, ' ', &at)).n) {
                names = lh_xgrow(names, n, &cap, sizeof *names);
                names[n++] = part;
            }
        }
    if (name.n == 2 && lh_option_find(lh_global_options, name))
        lh_buf_z(&hint, "; a short global option stands before the command");
    else
        lh_nearest_hint(name, lh_nearest_slice, names, n, &hint);
    return lh_error_set(e, LH_USAGE, "unknown option %.*s%s", LH_STR_ARG(name), lh_buf_text(&hint));
}

static int check_value(const struct lh_option *option, const char *value, struct lh_error *e)
{
    size_t at = 0;
    lh_str part;

    if (!option->values)
        return 0;
    while ((part = lh_str_part(option->values, '|', &at)).n)
        if (lh_str_eqz(part, value))
            return 0;
    return lh_error_set(e, LH_USAGE, "option --%.*s: expected %s, found \"%s\"",
                        LH_STR_ARG(lh_option_key(option)), option->values, value);
}

/* One option with its value taken; `next` is the following word or NULL. */
static int take(struct lh_args *args, const struct lh_option *option, lh_str name,
                const char *inline_value, const char *next, bool *ret_used_next, struct lh_error *e)
{
    const char *value = inline_value;

    *ret_used_next = false;
    if (!option->arg) {
        if (inline_value)
            return lh_error_set(e, LH_USAGE, "option %.*s takes no value, found \"%s\"",
                                LH_STR_ARG(name), inline_value);
        add_value(args, option, "");
        return 0;
    }
    if (!value) {
        if (!next)
            return lh_error_set(e, LH_USAGE, "option %.*s needs a value: %.*s %s", LH_STR_ARG(name),
                                LH_STR_ARG(name), option->arg);
        value = next;
        *ret_used_next = true;
    }
    if (!(option->flags & LH_OPT_REPEAT) &&
        lh_args_get(args, lh_option_key(option).p)) /* the key ends where the names end */
        return lh_error_set(e, LH_USAGE, "option %.*s is given twice", LH_STR_ARG(name));
    if (check_value(option, value, e))
        return e ? e->code : LH_USAGE;
    add_value(args, option, value);
    return 0;
}

/* -qv, -nNAME: letters of flags, the last of which may take the rest as its value. */
static int take_letters(struct lh_args *args, const struct lh_option *table, const char *word,
                        const char *next, bool *ret_used_next, struct lh_error *e)
{
    *ret_used_next = false;
    for (size_t i = 1; word[i]; i++) {
        const char letter[2] = {'-', word[i]};
        lh_str name = lh_str_n(letter, 2);
        const struct lh_option *option = lh_option_find(table, name);
        const char *rest = word[i + 1] ? word + i + 1 : NULL;
        int code;

        if (!option)
            return unknown_option(table, i == 1 ? lh_str_z(word) : name, e);
        code = take(args, option, name, option->arg ? rest : NULL, next, ret_used_next, e);
        if (code || option->arg)
            return code;
    }
    return 0;
}

/* One word that begins with '-'. short_ones: the table whose single letters count here. */
static int take_option(struct lh_args *args, const struct lh_option *own,
                       const struct lh_option *short_ones, const char *word, const char *next,
                       bool *ret_used_next, struct lh_error *e)
{
    const char *equals = strchr(word, '=');
    bool is_long = word[1] == '-';
    lh_str name = is_long && equals ? lh_str_n(word, (size_t)(equals - word)) : lh_str_z(word);
    const struct lh_option *option = lh_option_find(is_long ? own : short_ones, name);

    if (!option && (is_long || lh_str_eqz(name, "-h")))
        option = lh_option_find(lh_global_options, name);
    if (option)
        return take(args, option, name, is_long && equals ? equals + 1 : NULL, next, ret_used_next,
                    e);
    if (is_long)
        return unknown_option(own, name, e);
    return take_letters(args, short_ones, word, next, ret_used_next, e);
}

int lh_args_parse_global(struct lh_args *args, const char *const *words, size_t n, size_t *ret_used,
                         struct lh_error *e)
{
    size_t i = 0;

    while (i < n && words[i][0] == '-' && words[i][1] && strcmp(words[i], "--") != 0) {
        bool used_next;
        int code = take_option(args, NULL, lh_global_options, words[i],
                               i + 1 < n ? words[i + 1] : NULL, &used_next, e);

        if (code)
            return code;
        i += used_next ? 2 : 1;
    }
    *ret_used = i;
    return 0;
}

static bool asks_for_help(const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

/* How many arguments a command asks for at least. */
static size_t count_required(const struct lh_command *command)
{
    size_t at = 0;
    size_t n = 0;
    lh_str part;

    while (command->args && (part = lh_str_part(command->args, ' ', &at)).n)
        n += part.p[0] != '[';
    return n;
}

/*
 * Where an option stands for the first argument and there are fewer than the command asks for, it
 * is the first that was left out: NULL takes its place, and the others keep theirs.
 */
static void fill_first(struct lh_args *args, const struct lh_command *command)
{
    bool stands = false;

    for (size_t i = 0; i < args->n_values; i++)
        stands = stands || (args->values[i].option->flags & LH_OPT_INSTEAD);
    if (!stands || args->n_positional >= count_required(command))
        return;
    add_positional(args, NULL);
    for (size_t i = args->n_positional - 1; i > 0; i--)
        args->positional[i] = args->positional[i - 1];
    args->positional[0] = NULL;
}

/* Counts and values of positional arguments against the command's list. */
static int check_positional(const struct lh_args *args, const struct lh_command *command,
                            struct lh_error *e)
{
    size_t at = 0;
    size_t taken = 0;
    lh_str part;

    while (command->args && (part = lh_str_part(command->args, ' ', &at)).n) {
        if (part.p[0] != '[' && taken >= args->n_positional)
            return lh_error_set(e, LH_USAGE, "%.*s is missing: lakehost %s %s", LH_STR_ARG(part),
                                command->name, command->args);
        taken = part.n > 4 && memcmp(part.p + part.n - 4, "...]", 4) == 0 ? args->n_positional
                                                                          : taken + 1;
    }
    if (args->n_positional > taken)
        return lh_error_set(e, LH_USAGE, "unexpected argument \"%s\": lakehost %s%s%s",
                            args->positional[taken], command->name, command->args ? " " : "",
                            command->args ? command->args : "");
    if (command->values && args->n_positional && args->positional[0]) {
        const struct lh_option like = {.names = command->args, .values = command->values};

        if (check_value(&like, args->positional[0], NULL))
            return lh_error_set(e, LH_USAGE, "%s: expected %s, found \"%s\"", command->args,
                                command->values, args->positional[0]);
    }
    return 0;
}

static int check_required(const struct lh_args *args, const struct lh_command *command,
                          struct lh_error *e)
{
    for (const struct lh_option *o = command->options; o && o->names; o++)
        if ((o->flags & LH_OPT_REQUIRED) && !lh_args_get(args, lh_option_key(o).p))
            return lh_error_set(e, LH_USAGE, "option --%s is missing: --%s %s", lh_option_key(o).p,
                                lh_option_key(o).p, o->arg);
    return 0;
}

int lh_args_parse(struct lh_args *args, const struct lh_command *command, const char *const *words,
                  size_t n, struct lh_error *e)
{
    bool options_over = false;
    int code;

    if (asks_for_help(words, n)) {
        add_value(args, lh_option_find(lh_global_options, LH_STR("--help")), "");
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        bool used_next = false;

        if (!options_over && strcmp(words[i], "--") == 0) {
            options_over = true;
        } else if (options_over || words[i][0] != '-' || !words[i][1]) {
            add_positional(args, words[i]);
        } else {
            code = take_option(args, command->options, command->options, words[i],
                               i + 1 < n ? words[i + 1] : NULL, &used_next, e);
            if (code)
                return code;
            i += used_next;
        }
    }
    fill_first(args, command);
    code = check_positional(args, command, e);
    return code ? code : check_required(args, command, e);
}

const char *lh_args_next(const struct lh_args *args, const char *key, size_t *at)
{
    while (*at < args->n_values) {
        const struct lh_arg_value *value = &args->values[(*at)++];

        if (lh_str_eqz(lh_option_key(value->option), key))
            return value->value;
    }
    return NULL;
}

const char *lh_args_get(const struct lh_args *args, const char *key)
{
    const char *last = NULL;
    const char *value;
    size_t at = 0;

    while ((value = lh_args_next(args, key, &at)))
        last = value;
    return last;
}

size_t lh_args_count(const struct lh_args *args, const char *key)
{
    size_t n = 0;
    size_t at = 0;

    while (lh_args_next(args, key, &at))
        n++;
    return n;
}

static lh_str command_name(const void *commands, size_t i)
{
    return lh_str_z(((const struct lh_command *const *)commands)[i]->name);
}

static int unknown_command(const struct lh_command *const *commands, const char *const *words,
                           size_t n, bool is_group, struct lh_error *e)
{
    char *typed lh_autofree =
        is_group && n > 1 ? lh_xasprintf("%s %s", words[0], words[1]) : lh_xstrdup(words[0]);
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    size_t n_commands = 0;

    if (is_group && n == 1)
        return lh_error_set(e, LH_USAGE, "%s needs a second word: lakehost help %s", words[0],
                            words[0]);
    while (commands[n_commands])
        n_commands++;
    lh_nearest_hint(lh_str_z(typed), command_name, commands, n_commands, &hint);
    return lh_error_set(e, LH_USAGE, "unknown command \"%s\"%s", typed, lh_buf_text(&hint));
}

int lh_command_find(const struct lh_command *const *commands, const char *const *words, size_t n,
                    const struct lh_command **ret, size_t *ret_words, struct lh_error *e)
{
    bool is_group = false;

    for (size_t i = 0; n && commands[i]; i++) {
        size_t at = 0;
        lh_str first = lh_str_part(commands[i]->name, ' ', &at);
        lh_str second = lh_str_part(commands[i]->name, ' ', &at);

        if (!lh_word_eq(first, lh_str_z(words[0])))
            continue;
        is_group = is_group || second.n;
        if (second.n && (n < 2 || !lh_word_eq(second, lh_str_z(words[1]))))
            continue;
        *ret = commands[i];
        *ret_words = second.n ? 2 : 1;
        return 0;
    }
    return unknown_command(commands, words, n, is_group, e);
}
