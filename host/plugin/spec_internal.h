/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the spec share: a walk that knows its place, the shape of the document,
 * templates, and values by type. Nothing here leaves the folder.
 */
#ifndef LH_PLUGIN_SPEC_INTERNAL_H
#define LH_PLUGIN_SPEC_INTERNAL_H

#include "plugin/spec.h"

#define LH_SPEC_BYTES   ((size_t)1 << 20)
#define LH_SPEC_OPTIONS 256

/* --- walking a document with a place ---------------------------------------------------------- */

struct lh_spec_walk {
    const struct lh_document *document;
    struct lh_buf pointer; /* where the walk is, as a JSON pointer */
    struct lh_error *e;
};

void lh_spec_walk_free(struct lh_spec_walk *w);

/* Steps down; what comes back goes to lh_buf_cut(&w->pointer, ...) to step up again. */
size_t lh_spec_into(struct lh_spec_walk *w, const char *name);
size_t lh_spec_into_item(struct lh_spec_walk *w, size_t index);

/* LH_INVALID with the place of the walk. */
int lh_spec_wrong(const struct lh_spec_walk *w, const char *format, ...) LH_PRINTF(2, 3);

/* Rules for texts; none allows control characters, but LINES takes line breaks. */
enum lh_text_rule {
    LH_TEXT_ANY,
    LH_TEXT_LINES,
    LH_TEXT_CONNECTOR, /* [a-z][a-z0-9_]{0,31} */
    LH_TEXT_NAME,      /* [a-z][a-z0-9_]* */
    LH_TEXT_OPTION,    /* [a-z][A-Za-z0-9_]*: PI's are startTime and maxCount */
    LH_TEXT_ALIAS,     /* [A-Za-z][A-Za-z0-9_]* */
    LH_TEXT_VERSION,   /* 1.2.3, 1.2.3-rc.1+build */
    LH_TEXT_HEADER,    /* token of RFC 9110 */
    LH_TEXT_POINTER,   /* RFC 6901 */
    LH_TEXT_FULL       /* not empty */
};

/* The text against the rule; complains at the place of the walk. */
int lh_spec_check_text(const struct lh_spec_walk *w, enum lh_text_rule rule, const char *text);

/* --- the three passes over a document (spec-shape.c, spec.c, spec-check*.c) ------------------- */

/* Version and needs first, because another version has other keys; then every key's type. */
int lh_spec_check_shape(struct lh_spec_walk *w);

/* What the shape cannot say: names that refer to each other, templates, defaults, order. */
int lh_spec_check_rules(struct lh_spec_walk *w, struct lh_spec *spec);

/* A feature that "needs" may name; NULL when there is none of this name. */
struct lh_spec_feature {
    const char *name;
    bool needs_consent;
};
const struct lh_spec_feature *lh_spec_feature(lh_str name);

/* The words of enum lh_option_type, in its order: "string|int|bool|...". */
extern const char lh_option_types[];

/* --- templates (spec-template.c) -------------------------------------------------------------- */

struct lh_template_part {
    lh_str text;    /* literal text, or the name between the braces */
    bool is_option; /* it is a placeholder */
};

/*
 * The next part; *at begins as the template. False at the end. In a template that was never
 * checked a "${" without a name and a brace is a placeholder whose text is what is left of it.
 */
bool lh_template_next(const char **at, struct lh_template_part *ret);

/* True when the template has no placeholder. */
bool lh_template_is_literal(const char *tmpl);

/* Checks that each placeholder is well formed and names one of the options. */
int lh_template_check(const struct lh_spec_walk *w, const struct lh_spec *spec, const char *tmpl);

/* The same for the template of a URL: where which option may stand, and no secrets. */
int lh_template_check_url(const struct lh_spec_walk *w, const struct lh_spec *spec,
                          const char *tmpl, bool is_origin);

/* Where the walk over the template of a URL has come to. */
enum lh_url_state {
    LH_URL_BEGIN,       /* nothing yet */
    LH_URL_HOST_BEGIN,  /* behind "https://" */
    LH_URL_HOST,        /* in a host name */
    LH_URL_HOST_OPTION, /* behind a host option, which may have brought its port */
    LH_URL_PORT_BEGIN,  /* behind the ':' of a port */
    LH_URL_PORT,        /* in a port */
    LH_URL_BASE,        /* behind a url option */
    LH_URL_PATH
};

/* What an option is to a URL, by the place in which it stands. */
enum lh_url_role {
    LH_URL_WRONG,     /* it must not stand there */
    LH_URL_WHOLE,     /* a url option at the beginning */
    LH_URL_AUTHORITY, /* a host option behind "https://" */
    LH_URL_LABEL,     /* one DNS label in a host name */
    LH_URL_NUMBER,    /* a port */
    LH_URL_BASE_PATH, /* a path behind an authority or a url option; gets its '/' in front */
    LH_URL_SEGMENT    /* within a path: no '/' */
};

/* Steps over literal text or an option. *ret_why is set when the text or option is wrong there. */
bool lh_url_step_text(enum lh_url_state *state, lh_str text, const char **ret_why);
enum lh_url_role lh_url_step_option(enum lh_url_state *state, enum lh_option_type type,
                                    const char **ret_why);

/* --- values (opts-value.c) -------------------------------------------------------------------- */

/*
 * Appends the value in the form of the option's type. LH_INVALID: "expected ..., found ...", which
 * never holds a value that is or may hold a secret.
 */
int lh_option_normalise(const struct lh_spec_option *option, lh_str value, struct lh_buf *to,
                        struct lh_error *e);

#endif
