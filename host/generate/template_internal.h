/* SPDX-License-Identifier: Apache-2.0 */
/* A parsed template, for the files that parse it, find it and fill it in. */
#ifndef LH_GENERATE_TEMPLATE_INTERNAL_H
#define LH_GENERATE_TEMPLATE_INTERNAL_H

#include "generate/template.h"

enum lh_tpl_node_kind {
    LH_TPL_LITERAL,
    LH_TPL_VARIABLE,
    LH_TPL_SECTION,
    LH_TPL_INVERTED,
    LH_TPL_INCLUDE
};

struct lh_tpl_node {
    enum lh_tpl_node_kind kind;
    lh_str text;                        /* the literal; else the name */
    lh_escape *escape;                  /* of a variable */
    const struct lh_template *included; /* of an include */
    size_t end;                         /* of a section: the node behind it */
    size_t line;
};

struct lh_template {
    char *name; /* as messages show it */
    char *text; /* what nodes refer to */
    size_t n;
    struct lh_tpl_node *nodes; /* in order; a section is followed by what is in it */
    size_t n_nodes, cap_nodes;
    size_t height; /* files below this one */
};

/* How an include is resolved: the template of a name. */
typedef int lh_template_find(void *context, const char *name, const struct lh_template **ret,
                             struct lh_error *e);

/*
 * Parses text (taken over: allocated, n bytes). LH_INVALID: name:line:column. The caller destroys
 * *ret.
 */
int lh_template_parse(const char *name, char *text, size_t n, lh_template_find *find, void *context,
                      struct lh_template **ret, struct lh_error *e);
void lh_template_destroy(struct lh_template *t);
LH_AUTOPTR(lh_template, lh_template_destroy)

#endif
