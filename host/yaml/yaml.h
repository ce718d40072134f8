/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as people write configuration: a strict reader and a writer that nobody misreads.
 *
 * Read: a YAML text becomes a document (json/document.h), or a message with its place. Plain
 * scalars follow the core schema of YAML 1.2. What YAML 1.1 readers (PyYAML, Go's yaml.v2, Ruby)
 * understand as something else and people get wrong is refused with advice: yes/no/on/off/y/n as
 * values, integers with a leading zero. Anchors, aliases, tags, merge keys, directives and
 * several documents are refused.
 *
 * Written: block style, quoted wherever YAML 1.1 or 1.2 could read something else than the text.
 */
#ifndef LH_YAML_YAML_H
#define LH_YAML_YAML_H

#include "json/document.h"

#define LH_YAML_BYTES  ((size_t)1 << 20)
#define LH_YAML_DEPTH  32
#define LH_YAML_EVENTS 100000

/*
 * Reads a text; `name` is for messages. LH_INVALID with "<name>:<line>:<column>: " for whatever
 * is not taken, also for more than LH_YAML_BYTES, _DEPTH levels or _EVENTS of libyaml (a scalar
 * is one, a container two). A byte order mark is dropped. An empty text is null. ret is untouched
 * on failure.
 */
int lh_yaml_parse(struct lh_document *ret, lh_str text, const char *name, struct lh_error *e);

/* The same with other bounds, for a text that this program has written itself. */
int lh_yaml_parse_within(struct lh_document *ret, lh_str text, const char *name, size_t max_bytes,
                         size_t max_events, struct lh_error *e);

/*
 * Reads a file, as YAML when its name ends in .yaml or .yml, else as JSON. "-" is stdin (JSON when
 * it begins with '{' or '[', else YAML). LH_INVALID when there is no such file, and with the
 * place for what is wrong in it. ret is untouched on failure.
 */
int lh_document_read(struct lh_document *ret, const char *path, struct lh_error *e);

struct lh_yaml_style {
    const char *comment; /* lines to put first, each behind "# "; NULL = none */
    bool sort_keys;      /* by bytes; else in the order in which the object got them */
};

/*
 * Appends a value as a YAML text that ends with a line feed; equal input gives equal bytes.
 * style may be NULL. LH_INVALID for what no reader could take back: strings that hold NUL or are
 * not UTF-8, more than LH_YAML_DEPTH levels. LH_FAILED when it does not fit into `to`. On failure
 * `to` holds what it held before.
 */
int lh_yaml_write(struct lh_buf *to, const json_t *value, const struct lh_yaml_style *style,
                  struct lh_error *e);

/*
 * Whether a string must not stand there plain, because some reader would take it for null, a
 * boolean, a number, a date, a merge key or syntax. May say yes to a string that would be safe,
 * never no to one that is not.
 */
bool lh_yaml_needs_quotes(lh_str s);

#endif
