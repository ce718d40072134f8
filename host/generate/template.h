/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The template language: text with tags, filled in from values. Logic-less: a template cannot
 * compute, and cannot print a value without saying where it stands.
 *
 *     {{py name}}        a variable, escaped for its context (below)
 *     {{#name}}...{{/name}}   for each item of a list; once for a map (its members are then known),
 *                        for true and for text that is not empty
 *     {{^name}}...{{/name}}   the opposite: once for what the above leaves out
 *     {{>file}}          another template, with the values known here
 *     {{! text}}         a comment
 *     {{"text"}}         the text itself, such as {{"{{"}}
 *
 * A tag lies on one line. A line with nothing but a section, comment or include tag leaves no line
 * behind. Names are looked up from the innermost section outwards; {{py .}} is the item itself. A
 * name that is nowhere is an error with file and line, never an empty text.
 *
 * Contexts, one function each (lh_escape_*):
 *
 *     py        a Python value: string, list, dict, True or False
 *     str       inside the quotes of a Python string of any kind but a raw one
 *     ident     a Python identifier; refused when it is none
 *     expr      a Python expression that the caller has checked (LH_TPL_CODE), nothing else
 *     yaml      a YAML scalar
 *     comment   the rest of a comment line of Python or YAML
 *     md        Markdown text within a line
 *
 * templates/README.md tells users the same.
 */
#ifndef LH_GENERATE_TEMPLATE_H
#define LH_GENERATE_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* --- values ----------------------------------------------------------------------------------- */

enum lh_tpl_kind {
    LH_TPL_BOOL,
    LH_TPL_TEXT,
    LH_TPL_CODE, /* a Python expression that lh_python_check_expression has let pass */
    LH_TPL_LIST,
    LH_TPL_MAP
};

struct lh_tpl_member;

/* Values, their members and texts live in an arena of the caller's, or longer. */
struct lh_tpl_value {
    enum lh_tpl_kind kind;
    bool yes;                      /* BOOL */
    lh_str text;                   /* TEXT, CODE */
    struct lh_tpl_member *members; /* LIST (without names), MAP */
    size_t n, cap;
};

struct lh_tpl_member {
    lh_str name;
    const struct lh_tpl_value *value;
};

/* Makers. Texts are borrowed, not copied. The arena must have no limit. */
struct lh_tpl_value *lh_tpl_map(struct lh_arena *a);
struct lh_tpl_value *lh_tpl_list(struct lh_arena *a);
const struct lh_tpl_value *lh_tpl_text(struct lh_arena *a, lh_str text);
const struct lh_tpl_value *lh_tpl_code(struct lh_arena *a, lh_str checked);
const struct lh_tpl_value *lh_tpl_bool(bool yes);

/* Adds a member; of equal names the last counts in a lookup. */
void lh_tpl_set(struct lh_arena *a, struct lh_tpl_value *map, lh_str name,
                const struct lh_tpl_value *value);
void lh_tpl_append(struct lh_arena *a, struct lh_tpl_value *list, const struct lh_tpl_value *value);

/* The same for a text; the name lasts as long as the map. */
void lh_tpl_set_text(struct lh_arena *a, struct lh_tpl_value *map, const char *name, lh_str text);

/* printf into the arena. */
lh_str lh_tpl_format(struct lh_arena *a, const char *format, ...) LH_PRINTF(2, 3);

/* The member of a map, or NULL. */
const struct lh_tpl_value *lh_tpl_get(const struct lh_tpl_value *map, lh_str name);

/* --- templates -------------------------------------------------------------------------------- */

#define LH_TPL_BYTES    ((size_t)1 << 20) /* of a file */
#define LH_TPL_SCOPES   16                /* sections within sections */
#define LH_TPL_INCLUDES 8                 /* files within files */

struct lh_template;
struct lh_templates;

/*
 * Templates by name, each read once: from the folder of the user's own first (NULL: none), then
 * from the bundled ones.
 */
struct lh_templates *lh_templates_new(const char *own, const char *bundled);
void lh_templates_destroy(struct lh_templates *t);
LH_AUTOPTR(lh_templates, lh_templates_destroy)

/*
 * The template of a name such as "ingest/classic.py", with all that it includes; valid as long as
 * `t`. LH_INVALID with file, line and column for what is no template, and when there is no such
 * file.
 */
int lh_templates_get(struct lh_templates *t, const char *name, const struct lh_template **ret,
                     struct lh_error *e);

/* Whether the folder of the user's own has a template of the name. */
bool lh_templates_is_own(const struct lh_templates *t, const char *name);

/* The first line of the template's text, without its line feed. */
lh_str lh_template_first_line(const struct lh_template *t);

/* Appends the template filled in from a map. On failure `to` is as it was. LH_INVALID: file:line.
 */
int lh_template_render(const struct lh_template *t, const struct lh_tpl_value *map,
                       struct lh_buf *to, struct lh_error *e);

/* --- escaping --------------------------------------------------------------------------------- */

/*
 * Each appends one value as its context wants it. LH_INVALID when the context cannot hold it (text
 * that is not UTF-8, a list where a scalar must stand, no identifier); the message says what was
 * found and not where. What is written never ends its context: no quote, no line end.
 */
typedef int lh_escape(const struct lh_tpl_value *v, struct lh_buf *to, struct lh_error *e);

lh_escape lh_escape_py;
lh_escape lh_escape_str;
lh_escape lh_escape_ident;
lh_escape lh_escape_expr;
lh_escape lh_escape_yaml;
lh_escape lh_escape_comment;
lh_escape lh_escape_md;

/* The function of a context's name; NULL: no such context. */
lh_escape *lh_escape_of(lh_str context);

#endif
