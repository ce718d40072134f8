/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules of a spec share: spec-check.c has those about reaching the source and the list of
 * all, spec-check-names.c those about options, namespaces and categories. For these two files only.
 */
#ifndef LH_PLUGIN_SPEC_CHECK_H
#define LH_PLUGIN_SPEC_CHECK_H

#include "plugin/spec_internal.h"

struct lh_spec_check {
    struct lh_spec_walk *w;
    struct lh_spec *spec;
};

/* A rule for the item of a list. */
typedef int lh_spec_check_item(struct lh_spec_check *c, size_t i);

/* The rule for /key/0, /key/1, ... */
int lh_spec_each(struct lh_spec_check *c, const char *key, size_t n, lh_spec_check_item *check);

/* LH_INVALID at a key below the walk's place. */
#define lh_spec_wrong_at(c, key, ...)                                                              \
    (lh_spec_into((c)->w, (key)), lh_spec_wrong((c)->w, __VA_ARGS__))

/* The rules of spec-check-names.c; that of namespaces marks the options that are levels. */
int lh_spec_check_options(struct lh_spec_check *c);
int lh_spec_check_namespaces(struct lh_spec_check *c);
int lh_spec_check_categories(struct lh_spec_check *c);

#endif
