/* SPDX-License-Identifier: Apache-2.0 */
/* The bases that the token may use; airtable.h. */
#include "airtable.h"

#define MOST_BASES 100000

static int ask_page(lh_call *c, lh_str after, const struct lh_http_resp **ret)
{
    struct lh_http_req q = lhs_get(airtable_url(c, "/meta/bases", LHS(""), "", LHS("")));

    if (after.n)
        q.url = lhs_query(H, c, q.url, LHS("offset"), after);
    q.cache_ms = AIRTABLE_CACHE_MS;
    return H->http(c, &q, ret);
}

static int take_page(lh_call *c, const lh_json *list, struct bases *b)
{
    const lh_json *item = NULL;
    struct base *items = H->alloc(c, (b->n + H->json_count(list) + 1) * sizeof *items);

    if (!items)
        return LH_E_NOMEM;
    if (b->n)
        memcpy(items, b->items, b->n * sizeof *items);
    b->items = items;
    while ((item = H->json_next(list, item, NULL))) {
        struct base *base = &items[b->n];

        base->id = lhs_dup(H, c, H->json_str(H->json_get(item, LHS("id"))));
        base->name = lhs_dup(H, c, H->json_str(H->json_get(item, LHS("name"))));
        b->n += base->id.n > 0;
    }
    return LH_OK;
}

int airtable_bases(lh_call *c, struct bases *ret)
{
    struct bases b = {NULL, 0, NULL};
    lh_str after = LHS("");

    do {
        const struct lh_http_resp *answer;
        const lh_json *list;
        lh_str next;
        int rc = ask_page(c, after, &answer);

        if (rc)
            return rc;
        if (answer->status != 200) {
            b.refused = answer;
            break;
        }
        list = H->json_get(answer->json, LHS("bases"));
        next = lhs_dup(H, c, H->json_str(H->json_get(answer->json, LHS("offset"))));
        if (H->json_kind(list) != LH_JSON_ARRAY || (next.n && lhs_eq(next, after)) ||
            b.n > MOST_BASES)
            return H->fail(c, LH_E_DATA,
                           LHS("an answer of Airtable has no list \"bases\", or the list does not "
                               "end"));
        if ((rc = take_page(c, list, &b)))
            return rc;
        after = next;
        H->http_release(c, answer);
    } while (after.n);
    *ret = b;
    return LH_OK;
}

lh_str airtable_category(const struct bases *bases, lh_str id)
{
    lh_str name = id;
    size_t n = 0;

    for (size_t i = 0; i < bases->n; i++)
        if (lhs_eq(bases->items[i].id, id) && bases->items[i].name.n)
            name = bases->items[i].name;
    for (size_t i = 0; i < bases->n; i++)
        n += lhs_eq(bases->items[i].name, name) ? 1 : 0;
    return n == 1 ? name : id;
}
