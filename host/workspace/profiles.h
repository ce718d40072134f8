/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ~/.databrickscfg: sections of keys and values, with their places. In: a text that somebody wrote.
 * Out: what stands in it, or LH_INVALID with file, line and column; never a value in a message.
 *
 * The format is that of Python's configparser, which the SDKs agree on: "[name]", "key = value" or
 * "key: value", keys in any case, lines of "#" and ";" are comments and nothing else is, a line
 * that begins further to the right than the key above it goes on with its value. Sections and keys
 * come once. Sections inherit from nobody, "DEFAULT" is one like the others.
 */
#ifndef LH_WORKSPACE_PROFILES_H
#define LH_WORKSPACE_PROFILES_H

#include "base/error.h"
#include "base/str.h"

#define LH_PROFILES_BYTES ((size_t)1 << 20)

struct lh_profile_key {
    char *name;  /* in lower case */
    char *value; /* lines with LF between; wiped when it goes */
    size_t line, column;
    size_t more; /* the line at which the value goes on; 0: it does not */
};

struct lh_profile {
    char *name;
    size_t line;
    struct lh_profile_key *keys;
    size_t n, cap;
};

struct lh_profiles {
    char *file; /* for messages */
    struct lh_profile *items;
    size_t n, cap;
};

void lh_profiles_free(struct lh_profiles *p);

/* At most LH_PROFILES_BYTES. ret must be zero, and is so after a failure. */
int lh_profiles_parse(lh_str text, const char *file, struct lh_profiles *ret, struct lh_error *e);

/* NULL when there is none; names are compared exactly, keys are asked for in lower case. */
const struct lh_profile *lh_profiles_find(const struct lh_profiles *p, const char *name);
const struct lh_profile_key *lh_profile_get(const struct lh_profile *profile, const char *key);

#endif
