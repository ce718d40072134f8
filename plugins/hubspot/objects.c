/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of HubSpot: its own as data, custom ones and all properties looked up; hubspot.h. */
#include "hubspot.h"

#define CACHE_MS 600000 /* definitions are asked for once a run, by all calls of it together */

#define DELETES LH_INGEST_CDC_WITH_DELETES
#define CHANGES LH_INGEST_CDC /* HubSpot has no list of those that were archived */
#define CURSOR  "hs_lastmodifieddate"

/* clang-format off */
const struct object hubspot_objects[N_OBJECTS] = {
    {"contacts", "People", "lastmodifieddate", "crm.objects.contacts.read", DELETES,
     {"companies"}},
    {"companies", "Organizations", CURSOR, "crm.objects.companies.read", DELETES,
     {"contacts"}},
    {"deals", "Deals of all pipelines", CURSOR, "crm.objects.deals.read", DELETES,
     {"contacts", "companies", "tickets"}},
    {"tickets", "Tickets of all pipelines", CURSOR, "tickets", DELETES,
     {"contacts", "companies", "deals"}},
    {"calls", "Calls that were logged", CURSOR, "crm.objects.contacts.read", CHANGES,
     {"contacts", "companies", "deals", "tickets"}},
    {"emails", "E-mails that were logged", CURSOR, "sales-email-read", DELETES,
     {"contacts", "companies", "deals", "tickets"}},
    {"meetings", "Meetings that were logged", CURSOR, "crm.objects.contacts.read", CHANGES,
     {"contacts", "companies", "deals", "tickets"}},
    {"tasks", "Tasks", CURSOR, "crm.objects.contacts.read", DELETES,
     {"contacts", "companies", "deals", "tickets"}},
    {"notes", "Notes", CURSOR, "crm.objects.contacts.read", DELETES,
     {"contacts", "companies", "deals", "tickets"}},
};

const struct object hubspot_custom_object = {
    NULL, NULL, CURSOR, "crm.objects.custom.read", CHANGES, {NULL}};

/* Anything else, such as enumeration or datetime, is text. */
static const struct { const char *hubspot, *spark; } types[] = {
    {"bool", "boolean"}, {"number", "double"},
};
/* clang-format on */

/* --- custom objects --------------------------------------------------------------------------- */

int hubspot_ask_custom(lh_call *c, const struct lh_http_resp **ret)
{
    struct lh_http_req q = lhs_get(LHS("/crm/v3/schemas"));

    q.cache_ms = CACHE_MS;
    return H->http(c, &q, ret);
}

static lh_str lower(lh_call *c, lh_str text)
{
    char *copy = H->alloc(c, text.n + 1);

    if (!copy)
        return LHS("");
    for (size_t i = 0; i < text.n; i++)
        copy[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] - 'A' + 'a') : text.p[i];
    return lhs_n(copy, text.n);
}

static const struct object *own_object(lh_str name)
{
    for (size_t i = 0; i < N_OBJECTS; i++)
        if (lhs_eq(name, lhs_z(hubspot_objects[i].name)))
            return &hubspot_objects[i];
    return NULL;
}

/* HubSpot's own objects have ids like 0-1, custom ones like 2-1234567. */
static int is_custom(const lh_json *item)
{
    lh_str id = H->json_str(H->json_get(item, LHS("objectTypeId")));

    return id.n && !(id.n > 1 && id.p[0] == '0' && id.p[1] == '-') &&
           H->json_str(H->json_get(item, LHS("name"))).n;
}

/* Whether the name is one of HubSpot's, or that of a custom object before this one. */
static int is_taken(const lh_json *list, const lh_json *item, lh_str name)
{
    const lh_json *before = NULL;

    if (own_object(name))
        return 1;
    while ((before = H->json_next(list, before, NULL)) && before != item)
        if (is_custom(before) && lhs_same_name(name, H->json_str(H->json_get(before, LHS("name")))))
            return 1;
    return 0;
}

int hubspot_next_custom(lh_call *c, const lh_json *list, const lh_json **at, struct table *ret)
{
    const lh_json *item = *at;

    while ((item = H->json_next(list, item, NULL)) && !is_custom(item))
        ;
    if (!item)
        return -1;
    *at = item;
    ret->object = &hubspot_custom_object;
    ret->type = lhs_dup(H, c, H->json_str(H->json_get(item, LHS("objectTypeId"))));
    ret->name = lower(c, H->json_str(H->json_get(item, LHS("name"))));
    if (is_taken(list, item, ret->name))
        ret->name = lower(c, H->json_str(H->json_get(item, LHS("fullyQualifiedName"))));
    if (!ret->name.n)
        ret->name = ret->type;
    return LH_OK;
}

static int find_custom(lh_call *c, lh_str name, struct table *ret)
{
    const struct lh_http_resp *answer;
    const lh_json *item = NULL;
    const lh_json *list;
    struct table found;
    int rc = hubspot_ask_custom(c, &answer);

    if (rc)
        return rc;
    if (answer->status == 403)
        return lhs_fail(H, c, LH_E_DENIED,
                        "\"%.*s\" is no object of HubSpot's own, and the token may not list custom "
                        "ones: give it the scopes crm.schemas.custom.read and "
                        "crm.objects.custom.read",
                        (int)name.n, name.p);
    if (answer->status != 200)
        return H->http_fail(c, answer);
    list = H->json_get(answer->json, LHS("results"));
    while (!hubspot_next_custom(c, list, &item, &found))
        if (lhs_eq(name, found.name)) {
            *ret = found;
            H->http_release(c, answer);
            return LH_OK;
        }
    return lhs_fail(H, c, LH_E_NOT_FOUND, "there is no object \"%.*s\", custom ones included",
                    (int)name.n, name.p);
}

int hubspot_find(lh_call *c, lh_str name, int has_custom, struct table *ret)
{
    const struct object *own = own_object(name);

    if (own) {
        ret->object = own;
        ret->name = ret->type = lhs_z(own->name);
        return LH_OK;
    }
    if (has_custom)
        return find_custom(c, name, ret);
    return lhs_fail(H, c, LH_E_NOT_FOUND,
                    "HubSpot has no object \"%.*s\" of its own, and custom_objects is false",
                    (int)name.n, name.p);
}

/* --- properties ------------------------------------------------------------------------------- */

int hubspot_ask_properties(lh_call *c, const struct table *t, const lh_json **ret)
{
    const struct lh_http_resp *answer;
    const lh_json *list;
    struct lh_http_req q =
        lhs_get(lhs_fmt(H, c, "/crm/v3/properties/%s", lhs_pct(H, c, t->type).p));
    int rc;

    q.cache_ms = CACHE_MS;
    rc = H->http(c, &q, &answer);
    if (rc)
        return rc;
    if (answer->status != 200)
        return hubspot_refuse(c, t, answer);
    list = H->json_get(answer->json, LHS("results"));
    if (H->json_kind(list) != LH_JSON_ARRAY || !H->json_count(list))
        return lhs_fail(H, c, LH_E_DATA, "HubSpot names no properties of %.*s", (int)t->name.n,
                        t->name.p);
    *ret = list;
    return LH_OK;
}

static int ends_with(lh_str s, lh_str end)
{
    return s.n >= end.n && !memcmp(s.p + s.n - end.n, end.p, end.n);
}

/*
 * Ids are no quantities: a double does not hold all of them. And some properties that are called
 * numbers hold several ids, with semicolons.
 */
lh_str hubspot_type_of(const lh_json *property)
{
    lh_str type = H->json_str(H->json_get(property, LHS("type")));
    lh_str name = H->json_str(H->json_get(property, LHS("name")));

    if (lhs_same_name(type, LHS("number")) && lhs_eq(name, LHS("hs_object_id")))
        return LHS("bigint");
    if (lhs_same_name(type, LHS("number")) && ends_with(name, LHS("_ids")))
        return LHS("string");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (lhs_same_name(type, lhs_z(types[i].hubspot)))
            return lhs_z(types[i].spark);
    return LHS("string");
}

/* --- answers ---------------------------------------------------------------------------------- */

int hubspot_refuse(lh_call *c, const struct table *t, const struct lh_http_resp *answer)
{
    if (answer->status == 403)
        return lhs_fail(H, c, LH_E_DENIED,
                        "HubSpot answers 403 for %.*s: the token lacks a scope; give the app %s, "
                        "and those of the objects that it is associated with",
                        (int)t->name.n, t->name.p, t->object->scope);
    return H->http_fail(c, answer);
}
