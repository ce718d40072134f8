/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python, as far as it can be checked without Python: tokens, brackets, strings, indentation.
 *
 * This is what every generated file passes before it is written. It finds what a wrong template or
 * an escape that went wrong would leave behind; it is no parser, and lets mistakes of grammar pass
 * that are made of right tokens.
 */
#ifndef LH_GENERATE_PYTHON_H
#define LH_GENERATE_PYTHON_H

#include "base/buf.h"
#include "base/error.h"
#include "base/findings.h"

/* LH601: what a Python file can be wrong in. */
extern const struct lh_rule lh_python_rules[];

/* Whether s may be a name: ASCII letters, digits and '_', no digit first, no keyword. */
bool lh_python_is_identifier(lh_str s);

/*
 * Checks a whole file. LH_INVALID: "<name>:<line>:<column>: ..." for the first thing that is wrong:
 * text that is not UTF-8, characters that no token has, strings and brackets that do not end,
 * indentation that fits nothing.
 */
int lh_python_check(lh_str text, const char *name, struct lh_error *e);

/* The same with the place apart: line and column (in characters) from 1, set on failure only. */
int lh_python_check_at(lh_str text, size_t *ret_line, size_t *ret_column, struct lh_error *e);

/*
 * Checks one expression that is to stand in brackets or be an argument: one line, no statement, no
 * comment, no assignment, no comma outside brackets. The message begins with `name`.
 */
int lh_python_check_expression(lh_str text, const char *name, struct lh_error *e);

#endif
