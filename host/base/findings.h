/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what is wrong with a user's file, all of it at once, each by a rule that has a name.
 *
 * In: a check says which rule, where and what. Out: text or JSON, in the order of the file, and
 * how many there are of each severity. A rule has a severity of its own, which the user's
 * configuration changes (`rules: {LH203: note}`) and --strict raises from warning to error.
 *
 *     lh_auto(lh_findings) f = LH_FINDINGS_INIT;
 *
 *     lh_findings_add(&f, lh_rule_of(lh_manifest_rules, "LH203"), place, "expected ...", x);
 *     code = lh_findings_conclude(&f, "tables.csv", e);
 *
 * Ids: LH1xx schedules, LH2xx manifest, LH3xx differences between a Python connector and ours,
 * LH4xx pipeline spec, LH5xx connector spec and connector configuration, LH6xx generated Python,
 * LH7xx bundle, LH8xx workspace. An id is never given to another rule.
 */
#ifndef LH_BASE_FINDINGS_H
#define LH_BASE_FINDINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "base/map.h"

enum lh_severity { LH_SEVERITY_OFF, LH_SEVERITY_NOTE, LH_SEVERITY_WARNING, LH_SEVERITY_ERROR };
#define LH_SEVERITIES 4

/*
 * One rule. Tables of them are static, one for each module, in the order of their ids, and end
 * with id == NULL. `lakehost explain ID` prints title and text.
 */
struct lh_rule {
    const char *id;            /* "LH203" */
    enum lh_severity severity; /* when nobody says otherwise */
    const char *title;         /* a line, no full stop */
    const char *text;          /* what it means, an example of wrong and right; lines of at most 90
                                  characters, paragraphs, no newline at the end */
};

/* Where something is. NULL and 0: not known. */
struct lh_place {
    const char *file;
    size_t line, column; /* from 1; columns in characters */
    const char *key;     /* the name of a column, or the path of a key */
};

struct lh_finding {
    const struct lh_rule *rule;
    enum lh_severity severity; /* never LH_SEVERITY_OFF */
    struct lh_place place;
    const char *message;
    size_t order;
};

/* As many findings are kept; the rest is counted. */
#define LH_FINDINGS_KEPT ((size_t)10000)

struct lh_findings {
    struct lh_finding *items; /* what was kept */
    size_t n, cap;
    size_t counts[LH_SEVERITIES]; /* all, also what was not kept */
    bool strict;                  /* warnings are errors */
    struct lh_map severities;     /* id -> severity that the user gave it */
    struct lh_arena arena;        /* holds texts */
};

#define LH_FINDINGS_INIT                                                                           \
    {                                                                                              \
        0                                                                                          \
    }

void lh_findings_free(struct lh_findings *f);

/* From now on the rule has this severity; LH_SEVERITY_OFF: it is not reported. */
void lh_findings_set_severity(struct lh_findings *f, const char *id, enum lh_severity severity);

/* What a rule counts as, with the user's choice and `strict` applied. */
enum lh_severity lh_findings_severity(const struct lh_findings *f, const struct lh_rule *rule);

/*
 * Adds one. Everything is copied but the rule. The message is one sentence without a full stop and
 * does not repeat the place; what it quotes from outside has gone through lh_text_quote. f may be
 * NULL: nothing is done.
 */
void lh_findings_add(struct lh_findings *f, const struct lh_rule *rule, struct lh_place place,
                     const char *format, ...) LH_PRINTF(4, 5);

/* The rule of this id in a table. The id must be there. */
const struct lh_rule *lh_rule_of(const struct lh_rule *table, const char *id);

/* "off", "note", "warning", "error". */
const char *lh_severity_name(enum lh_severity severity);
bool lh_severity_parse(lh_str name, enum lh_severity *ret);

/*
 * Appends all findings in the order of file (as they came), line and column. As text a line each:
 *
 *     tables.csv:3:17: error: weight: expected a whole number from 1, found "x" [LH208]
 *
 * with a last line that counts what was not kept. As JSON one document: {"counts": {"error": 1,
 * "note": 0, "warning": 0}, "findings": [{"column", "file", "key", "line", "message", "rule",
 * "severity"}]}; what is not known is null.
 */
void lh_findings_write(struct lh_findings *f, bool as_json, struct lh_buf *to);

/*
 * The same as messages, one for each: for a command whose result is something else. Notes are
 * LH_LOG_INFO.
 */
void lh_findings_log(struct lh_findings *f, struct lh_log *log);

/*
 * 0 when there is no error among them, else LH_INVALID: "<what>: 2 errors, 1 warning". f itself
 * has been printed by the caller.
 */
int lh_findings_conclude(const struct lh_findings *f, const char *what, struct lh_error *e);

#endif
