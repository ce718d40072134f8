/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command table: what a command is called, takes and answers, as data.
 *
 * Parsing, --help, the man pages and the completions are all made from these structs, so a
 * command that is in the table has them all. main.c holds the table; a file of this folder holds
 * the commands of one group and does only this: read arguments, call stages, print.
 */
#ifndef LH_CMD_COMMAND_H
#define LH_CMD_COMMAND_H

#include "base/error.h"
#include "base/str.h"

struct lh_args;
struct lh_context;

enum {
    LH_OPT_REPEAT = 1, /* may be given more than once */
    LH_OPT_FILE = 2,   /* the argument is a file: completed as one */
    LH_OPT_DIR = 4,    /* the argument is a folder */
    LH_OPT_REQUIRED = 8,
    LH_OPT_INSTEAD = 16 /* stands for the first positional argument, which may then be left out */
};

enum {
    LH_CMD_NO_CONFIG = 1, /* runs without reading the configuration */
    LH_CMD_ANY_CONFIG = 2 /* runs also with a configuration that is wrong, and looks at it itself */
};

struct lh_option {
    const char *names;  /* "-o --output": the last long one is what the code asks for */
    const char *arg;    /* name of the argument in help; NULL: a flag */
    const char *help;   /* one line, no full stop */
    const char *values; /* "text|json": nothing else is accepted; NULL: anything */
    unsigned flags;     /* LH_OPT_* */
    const char *group;  /* heading in help; NULL: "Options" */
};

/* Positional arguments: "CONNECTOR" is required, "[NAME]" is not, "[NAME...]" takes the rest. */
struct lh_example {
    const char *command; /* without the leading "lakehost " */
    const char *what;    /* what it is good for */
};

struct lh_command {
    const char *name;    /* "config show": one or two words, '-' between parts of a word */
    const char *summary; /* one sentence, no full stop */
    const char *args;    /* "CONNECTOR TABLE [NAME...]"; NULL: none */
    const char *values;  /* what the first positional may be: "bash|zsh|fish"; NULL: anything */
    const char *details; /* paragraphs for --help and the man page; NULL: none */
    const char *group;   /* heading in the overview */
    const struct lh_option *options;   /* ends with .names == NULL; NULL: none */
    const struct lh_example *examples; /* 2 to 4; ends with .command == NULL */
    const char *exits;                 /* the codes that it ends with: "0 2 3" */
    unsigned flags;                    /* LH_CMD_* */
    int (*run)(struct lh_context *, const struct lh_args *, struct lh_error *);
};

/* Options that every command takes; the short ones count only before the command. */
extern const struct lh_option lh_global_options[];

/* What an exit code means, in a few words; NULL for a code that is not ours. */
const char *lh_exit_meaning(int code);

/* --- names ------------------------------------------------------------------------------------ */

/* The option among a table (NULL: none) that `name` ("--output", "-o") names; NULL if none does. */
const struct lh_option *lh_option_find(const struct lh_option *table, lh_str name);

/* The name that the code asks for: the last of `names`, without dashes. */
lh_str lh_option_key(const struct lh_option *option);

/* Whether a command's word is meant: '_' and '-' are the same. */
bool lh_word_eq(lh_str a, lh_str b);

/*
 * The command that the first words mean; ret_words: how many of them (1 or 2). LH_USAGE with the
 * nearest name when there is none.
 */
int lh_command_find(const struct lh_command *const *commands, const char *const *words, size_t n,
                    const struct lh_command **ret, size_t *ret_words, struct lh_error *e);

/* --- arguments -------------------------------------------------------------------------------- */

struct lh_arg_value {
    const struct lh_option *option;
    const char *value; /* borrowed from argv; "" for a flag */
};

struct lh_args {
    struct lh_arg_value *values; /* in the order given */
    size_t n_values;
    size_t cap_values;
    const char **positional; /* the first is NULL where an LH_OPT_INSTEAD option stands for it */
    size_t n_positional;
    size_t cap_positional;
};

void lh_args_free(struct lh_args *args);

/*
 * Reads the options in front of the command. ret_used: how many words they took. LH_USAGE for an
 * unknown one.
 */
int lh_args_parse_global(struct lh_args *args, const char *const *words, size_t n, size_t *ret_used,
                         struct lh_error *e);

/*
 * Reads what follows the command: its options, long global ones, positional arguments; "--" ends
 * the options. With --help among them nothing else is checked. LH_USAGE names what is wrong and
 * the nearest match.
 */
int lh_args_parse(struct lh_args *args, const struct lh_command *command, const char *const *words,
                  size_t n, struct lh_error *e);

/* The last value of an option (key without dashes), or NULL. Borrowed. */
const char *lh_args_get(const struct lh_args *args, const char *key);

/* How often an option was given. */
size_t lh_args_count(const struct lh_args *args, const char *key);

/* Its values one after the other: *at begins with 0; NULL at the end. */
const char *lh_args_next(const struct lh_args *args, const char *key, size_t *at);

#endif
