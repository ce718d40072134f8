/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of one object: which stands twice, and in what order they sort.
 *
 * Sources choose the keys, so nothing here may take long on purpose: the set of names has a
 * budget of steps, and when colliding hashes use it up, sorting decides.
 */
#include "config.h"

#include "json/json_internal.h"
#include "json/lex.h"

#include <stdlib.h>

static void note(struct lh_json_doc *doc, uint32_t key)
{
    if (!doc->duplicate || key < doc->duplicate)
        doc->duplicate = key;
}

/* --- sorting ------------------------------------------------------------------------------ */

/* Order of keys, and of the text among equal ones. */
static int order(const struct lh_json_member *a, const struct lh_json_member *b)
{
    int by_key = lh_str_cmp(a->key, b->key);

    return by_key ? by_key : (a->value > b->value) - (a->value < b->value);
}

/* Lets the member at `at` sink in a heap whose greatest is on top. */
static void sink(struct lh_json_member *heap, size_t at, size_t n)
{
    struct lh_json_member member = heap[at];

    while (2 * at + 1 < n) {
        size_t child = 2 * at + 1;

        if (child + 1 < n && order(&heap[child], &heap[child + 1]) < 0)
            child++;
        if (order(&member, &heap[child]) >= 0)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = member;
}

/* Heapsort: no input makes it slow, it needs no memory and does not recurse. */
bool lh_json_sort_members(struct lh_json_member *members, size_t n)
{
    bool distinct = true;

    for (size_t i = n / 2; i-- > 0;)
        sink(members, i, n);
    for (size_t i = n; i-- > 1;) {
        struct lh_json_member greatest = members[0];

        members[0] = members[i];
        members[i] = greatest;
        sink(members, 0, i);
    }
    for (size_t i = 1; i < n; i++)
        distinct = distinct && !lh_str_eq(members[i - 1].key, members[i].key);
    return distinct;
}

void lh_json_fill_members(const struct lh_json *container, struct lh_json_member *to)
{
    const struct lh_json *v = NULL;
    lh_str key = LH_STR("");

    while ((v = lh_json_next(container, v, &key)))
        *to++ = (struct lh_json_member){key, v};
}

static LH_COLD void find_by_sorting(struct lh_json_doc *doc, uint32_t object, uint32_t count)
{
    struct lh_json_member *members lh_autofree = lh_xcalloc(count, sizeof *members);
    const struct lh_json *tape = doc->memory + 1;

    lh_json_fill_members(&tape[object], members);
    if (lh_json_sort_members(members, count))
        return;

    for (uint32_t i = 1; i < count; i++)
        if (lh_str_eq(members[i - 1].key, members[i].key))
            note(doc, (uint32_t)(members[i].value - 1 - tape));
}

/* --- the set of names --------------------------------------------------------------------- */

/* Four slots a name or more, all empty; returns the mask. */
static uint32_t clear_slots(struct lh_json_doc *doc, uint32_t count)
{
    uint32_t want = UINT32_C(2) << (32 - __builtin_clz(count));

    if (want > doc->n_slots) {
        free(doc->slots);
        doc->slots = lh_xcalloc(want, sizeof *doc->slots);
        doc->n_slots = want;
        doc->serial = 0;
    }
    if (++doc->serial == 0) {
        memset(doc->slots, 0, doc->n_slots * sizeof *doc->slots);
        doc->serial = 1;
    }
    return want - 1;
}

static bool same_hash(const struct lh_json *a, const struct lh_json *b)
{
    return (a->info ^ b->info) >> LH_JSON_SHIFT == 0;
}

static bool same_key(struct lh_json_doc *doc, const struct lh_json *a, const struct lh_json *b)
{
    return same_hash(a, b) && lh_json_key_is(doc, a, lh_json_decode(doc, b));
}

/* What comparing the two costs, in bytes looked at, about. */
static uint64_t cost(const struct lh_json *a, const struct lh_json *b)
{
    return same_hash(a, b) ? UINT64_C(8) + a->len + b->len : 8;
}

void lh_json_find_duplicate(struct lh_json_doc *doc, uint32_t object, uint32_t count)
{
    const struct lh_json *tape = doc->memory + 1;
    uint32_t mask = clear_slots(doc, count);
    struct lh_json_slot *slots = doc->slots;
    uint32_t serial = doc->serial;
    uint64_t budget = UINT64_C(8) * count + UINT64_C(4) * tape[object].len;
    uint64_t spent = 0;
    uint32_t key = object + 1;

    for (uint32_t i = 0; i < count; i++, key += 1 + lh_json_span(&tape[key + 1])) {
        uint32_t at = tape[key].info >> LH_JSON_SHIFT & mask;

        for (; slots[at].serial == serial; at = (at + 1) & mask) {
            spent += cost(&tape[slots[at].key], &tape[key]);
            if (spent > budget) {
                find_by_sorting(doc, object, count);
                return;
            }
            if (same_key(doc, &tape[slots[at].key], &tape[key])) {
                note(doc, key);
                return;
            }
        }
        slots[at] = (struct lh_json_slot){serial, key};
    }
}
