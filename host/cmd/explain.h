/* SPDX-License-Identifier: Apache-2.0 */
/* What `lakehost explain` can explain: rules of files, rules of the interface, exit codes. */
#ifndef LH_CMD_EXPLAIN_H
#define LH_CMD_EXPLAIN_H

#include "base/findings.h"
#include "cmd/program.h"

#define LH_INTERFACE_RULES 30

/* Rule i + 1 of lakehost/connector.h. */
struct lh_interface_rule {
    const char *area, *text;
};

extern const struct lh_interface_rule lh_interface_rules[LH_INTERFACE_RULES];

/* The tables of rules, one of each module that has some; ends with NULL. */
extern const struct lh_rule *const lh_rule_tables[];

/* The rule of this id, in any case; NULL when there is none. */
const struct lh_rule *lh_rule_find(lh_str id);

/*
 * The severities that the user wants: the setting `rules` and, where the command has it, --strict.
 * LH_INVALID names the place of a rule or severity that does not exist. For every command that
 * collects findings.
 */
int lh_cmd_severities(const struct lh_context *context, const struct lh_args *args,
                      struct lh_findings *f, struct lh_error *e);

#endif
