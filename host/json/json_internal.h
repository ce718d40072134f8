/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of host/json/ share about the tape; json.h is the face.
 *
 * The memory of a tape is one entry longer than the tape: the entry in front of the first holds
 * the document, so that walking needs an entry only.
 */
#ifndef LH_JSON_JSON_INTERNAL_H
#define LH_JSON_JSON_INTERNAL_H

#include "json/json.h"

/* How `info` is divided: kind, one flag, and 28 bits that hold a hash or a count. */
#define LH_JSON_KIND  7u
#define LH_JSON_FLAG  8u /* a string has a backslash in it; a container has members */
#define LH_JSON_SHIFT 4

/* A count must fit into 28 bits, so there are never more entries than this. */
#define LH_JSON_MAX_ENTRIES ((UINT32_C(1) << 28) - 1)

/* A place in the set of names that finds duplicate keys; filled when `serial` is the current. */
struct lh_json_slot {
    uint32_t serial;
    uint32_t key;
};

struct lh_json_doc {
    lh_str text;
    struct lh_json *memory; /* the hidden entry, then the tape */
    uint32_t cap;           /* entries that the tape has room for */
    uint32_t n;             /* entries in use; 0 = no document */
    uint32_t depth;         /* of the deepest nesting */
    uint32_t duplicate;     /* lowest index of a second key; 0 = none */
    bool spaced;
    bool borrowed; /* the memory is somebody else's: lh_json_adopt */
    void *mark;
    lh_json_fill *fill;
    char *decoded; /* a string at offset i of the text is decoded to offset i of this */
    size_t decoded_cap;
    struct lh_json_slot *slots;
    uint32_t n_slots; /* a power of two */
    uint32_t serial;  /* the object that the slots are used for */
    struct lh_json_problem problem;
};

/* A member with its decoded key, for sorting. */
struct lh_json_member {
    lh_str key;
    const struct lh_json *value;
};

static inline uint32_t lh_json_kind_of(const struct lh_json *v)
{
    return v->info & LH_JSON_KIND;
}

/* A container with members; ARRAY and OBJECT are the kinds with the two upper bits set. */
static inline bool lh_json_nests(const struct lh_json *v)
{
    return (v->info & (LH_JSON_FLAG | 6u)) == (LH_JSON_FLAG | 6u);
}

/* Whether the members of a container, which has some, have not come yet; see hollow.c. */
static inline bool lh_json_lacks_members(const struct lh_json *container)
{
    return lh_json_kind_of(container + 1) == LH_JSON_NONE;
}

/* Entries that v takes on the tape, itself included. */
static inline uint32_t lh_json_span(const struct lh_json *v)
{
    return lh_json_nests(v) ? v->link : 1;
}

/* Whether a string is written with escapes, so that its text is not its value. */
static inline bool lh_json_escaped(const struct lh_json *string)
{
    return (string->info & LH_JSON_FLAG) != 0;
}

/* The value of a string of doc; the text lives as long as the document. */
lh_str lh_json_decode(struct lh_json_doc *doc, const struct lh_json *string);

/* Whether the decoded key is `name`. */
bool lh_json_key_is(struct lh_json_doc *doc, const struct lh_json *key, lh_str name);

/* Looks for equal keys in a complete object of `count` members and notes the lowest in doc. */
void lh_json_find_duplicate(struct lh_json_doc *doc, uint32_t object, uint32_t count);

/* The members of an object, or the elements of an array with empty keys: lh_json_count of them. */
void lh_json_fill_members(const struct lh_json *container, struct lh_json_member *to);

/* Sorts by bytes of the key, equal ones by place. Answers whether all keys are different. */
bool lh_json_sort_members(struct lh_json_member *members, size_t n);

#endif
