/* SPDX-License-Identifier: Apache-2.0 */
/* What a plain YAML scalar means: inner header of the reader and the writer. */
#ifndef LH_YAML_SCALAR_H
#define LH_YAML_SCALAR_H

#include "base/str.h"

#include <jansson.h>

/*
 * The value of a plain scalar by the core schema of YAML 1.2, a new reference. NULL for what is
 * refused; *ret_why then says what was found and what to write instead.
 */
json_t *lh_yaml_resolve(lh_str plain, const char **ret_why);

/* null, true, yes, off, ...: a word of YAML 1.1 or 1.2, in any mixture of cases. */
bool lh_yaml_is_word(lh_str s);

bool lh_yaml_is_null(lh_str plain);

#endif
