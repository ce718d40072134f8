/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the open levels of a builder; see names.h. */
#include "config.h"

#include "json/names.h"

#include <stdlib.h>

#define HEADS_LEAST 64u

/*
 * Steps that a search may take. Chains are shorter than two names on average and reach ten by
 * accident in the largest objects.
 */
#define STEPS_MOST 256

void lh_names_free(struct lh_names *names)
{
    free(names->names);
    free(names->heads);
    lh_buf_free(&names->odd);
    *names = (struct lh_names){.odd = LH_BUF_INIT(names->odd.max)};
}

static uint32_t *head(const struct lh_names *names, uint32_t level, uint32_t hash)
{
    return &names->heads[(hash ^ level * 0x9e3779b1u) & (names->n_heads - 1)];
}

static lh_str text_of(const struct lh_names *names, const char *text, const struct lh_name *name)
{
    return lh_str_n((name->odd ? names->odd.p : text) + name->at, name->len);
}

enum lh_names_found lh_names_find(const struct lh_names *names, const char *text, uint32_t level,
                                  uint32_t hash, lh_str name)
{
    uint32_t at = names->n_heads ? *head(names, level, hash) : 0;
    int steps = 0;

    while (at) {
        const struct lh_name *other = &names->names[at - 1];

        if (other->hash == hash && other->level == level &&
            lh_str_eq(text_of(names, text, other), name))
            return LH_NAMES_PRESENT;
        if (++steps > STEPS_MOST)
            return LH_NAMES_FLOODED;
        at = other->next;
    }
    return LH_NAMES_ABSENT;
}

void lh_names_push(struct lh_names *names, uint32_t level, uint32_t hash, size_t at, size_t len)
{
    names->names = lh_xgrow(names->names, names->n, &names->cap, sizeof *names->names);
    names->names[names->n++] = (struct lh_name){
        .at = at,
        .len = (uint32_t)len,
        .hash = hash,
        .level = level,
    };
}

void lh_names_push_copy(struct lh_names *names, uint32_t level, uint32_t hash, lh_str name)
{
    lh_names_push(names, level, hash, names->odd.n, name.n);
    names->names[names->n - 1].odd = true;
    /* an empty name needs an address too */
    lh_buf_str(&names->odd, name);
    lh_buf_char(&names->odd, '\0');
}

static void link_name(struct lh_names *names, size_t i)
{
    struct lh_name *name = &names->names[i];
    uint32_t *chain = head(names, name->level, name->hash);

    name->next = *chain;
    *chain = (uint32_t)i + 1;
}

/* Twice as many chains as names at least; what is linked is linked anew. */
static void more_heads(struct lh_names *names)
{
    uint32_t want = names->n_heads ? names->n_heads : HEADS_LEAST;

    while (want < names->n)
        want *= 2;
    free(names->heads);
    names->heads = lh_xcalloc(want, sizeof *names->heads);
    names->n_heads = want;
    for (size_t i = 0; i < names->n_linked; i++)
        link_name(names, i);
}

void lh_names_link(struct lh_names *names)
{
    if (names->n > names->n_heads)
        more_heads(names);
    for (; names->n_linked < names->n; names->n_linked++)
        link_name(names, names->n_linked);
}

static void unlink_from(struct lh_names *names, size_t first)
{
    while (names->n_linked > first) {
        const struct lh_name *name = &names->names[--names->n_linked];

        *head(names, name->level, name->hash) = name->next;
    }
}

void lh_names_cut(struct lh_names *names, size_t n, size_t odd)
{
    unlink_from(names, n);
    names->n = n;
    lh_buf_cut(&names->odd, odd);
}

void lh_names_drop_linked(struct lh_names *names, size_t first)
{
    size_t linked = names->n_linked;

    if (linked == first)
        return;
    unlink_from(names, first);
    memmove(&names->names[first], &names->names[linked],
            (names->n - linked) * sizeof *names->names);
    names->n -= linked - first;
}
