/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names written at each open level of a builder: a stack and a hash table over it.
 *
 * Levels close in reverse order, so names leave as they came, and a table of chains can forget
 * them one by one. A name is pushed first and linked later; only linked names are found.
 */
#ifndef LH_JSON_NAMES_H
#define LH_JSON_NAMES_H

#include "base/buf.h"

struct lh_name {
    size_t at;      /* offset of the name, in the text that was written or in `odd` */
    uint32_t len;   /* of the name, decoded */
    uint32_t hash;  /* as the tape has it */
    uint32_t level; /* names of different levels do not meet */
    uint32_t next;  /* chain: index + 1 */
    bool odd;       /* is not in the text as it is, because it is escaped there */
};

struct lh_names {
    struct lh_name *names;
    size_t n, cap;
    size_t n_linked;
    uint32_t *heads; /* chains: index + 1 of the latest name */
    uint32_t n_heads;
    struct lh_buf odd;
};

enum lh_names_found {
    LH_NAMES_ABSENT,
    LH_NAMES_PRESENT,
    LH_NAMES_FLOODED /* so many names with one hash that somebody made them on purpose */
};

void lh_names_free(struct lh_names *names);

/* `text` is what names that are not odd are offsets of. */
enum lh_names_found lh_names_find(const struct lh_names *names, const char *text, uint32_t level,
                                  uint32_t hash, lh_str name);

/* A name at an offset of the text. */
void lh_names_push(struct lh_names *names, uint32_t level, uint32_t hash, size_t at, size_t len);

/* A name that is copied. */
void lh_names_push_copy(struct lh_names *names, uint32_t level, uint32_t hash, lh_str name);

/* Links what was pushed and is not linked. */
void lh_names_link(struct lh_names *names);

/* Forgets all but the first n, and what they have copied beyond `odd` bytes. */
void lh_names_cut(struct lh_names *names, size_t n, size_t odd);

/* Forgets the linked names from `first` on; those that are not linked stay. */
void lh_names_drop_linked(struct lh_names *names, size_t first);

#endif
