/* SPDX-License-Identifier: Apache-2.0 */
/* The HubSpot connector: the catalog, check, the instance. read.c reads. */
#include "hubspot.h"

#include "spec.inc"

const struct lh_host *hubspot_host;

/* What the options of the connection say. */
struct source {
    int has_custom;
};

/* --- the catalog ------------------------------------------------------------------------------ */

static int add_table(lh_sink *sink, const struct table *t, const char *comment, lh_str category)
{
    struct lh_table report = {.struct_size = sizeof report};

    report.name = t->name;
    report.id = t->type;
    report.comment = lhs_z(comment);
    report.category = category; /* where it is empty, the spec says it */
    return H->add_table(sink, &report);
}

/* Whether a portal has custom objects is a matter of its subscription, and of the token's scopes.
 */
static int list_custom(lh_call *c, lh_sink *sink)
{
    const struct lh_http_resp *answer;
    const lh_json *item = NULL;
    struct table t;
    int rc = hubspot_ask_custom(c, &answer);

    if (rc)
        return rc;
    if (answer->status == 403)
        return H->partial(c, LH_E_DENIED, LHS("custom objects"),
                          LHS("HubSpot answers 403; give the app the scopes "
                              "crm.schemas.custom.read and crm.objects.custom.read, or set the "
                              "option custom_objects=false"));
    if (answer->status != 200)
        return H->http_fail(c, answer);
    while (!rc && !hubspot_next_custom(c, H->json_get(answer->json, LHS("results")), &item, &t)) {
        lh_str label = H->json_str(H->json_get(H->json_get(item, LHS("labels")), LHS("plural")));

        rc = add_table(sink, &t, lhs_dup(H, c, label).p, LHS("custom_objects"));
    }
    return rc;
}

static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    const struct source *src = self;
    int rc = LH_OK;

    (void)ns;
    if (n_ns)
        return H->fail(c, LH_E_NOT_FOUND, LHS("HubSpot has no namespaces"));
    for (size_t i = 0; i < N_OBJECTS && !rc; i++) {
        const struct object *o = &hubspot_objects[i];
        struct table t = {o, lhs_z(o->name), lhs_z(o->name)};

        rc = add_table(sink, &t, o->comment, LHS(""));
    }
    return rc || !src->has_custom ? rc : list_custom(c, sink);
}

static int add_field(lh_sink *sink, const char *name, const char *type)
{
    struct lh_field field = {.struct_size = sizeof field};

    field.name = lhs_z(name);
    field.type = lhs_z(type);
    return H->add_field(sink, &field);
}

static int add_properties(lh_sink *sink, const lh_json *list)
{
    struct lh_field field = {.struct_size = sizeof field};
    const lh_json *item = NULL;
    int rc;

    field.name = LHS("properties");
    field.type = LHS("struct");
    rc = H->field_begin(sink, &field);
    field.flags = LH_FIELD_EMPTY_IS_NULL;
    while (!rc && (item = H->json_next(list, item, NULL))) {
        field.name = H->json_str(H->json_get(item, LHS("name")));
        field.type = hubspot_type_of(item);
        field.comment = H->json_str(H->json_get(item, LHS("label")));
        if (field.name.n)
            rc = H->add_field(sink, &field);
    }
    return rc ? rc : H->field_end(sink);
}

static int get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    static const char *const plain[][2] = {{"id", "string"},
                                           {"createdAt", "string"},
                                           {"updatedAt", "string"},
                                           {"archived", "boolean"}};
    const struct source *src = self;
    const lh_json *properties;
    struct table t;
    int rc = hubspot_find(c, s->table, src->has_custom, &t);

    if (!rc)
        rc = hubspot_ask_properties(c, &t, &properties);
    for (size_t i = 0; !rc && i < sizeof plain / sizeof *plain; i++)
        rc = add_field(sink, plain[i][0], plain[i][1]);
    for (size_t i = 0; !rc && t.object->links[i]; i++)
        rc = add_field(sink, t.object->links[i], "array<string>");
    return rc ? rc : add_properties(sink, properties);
}

static int read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_meta meta = {.struct_size = sizeof meta, .n_keys = 1, .cursor = LHS("updatedAt")};
    const struct source *src = self;
    lh_str key = LHS("id");
    struct table t;
    int rc = hubspot_find(c, s->table, src->has_custom, &t);

    if (rc)
        return rc;
    meta.ingestion = t.object->ingestion;
    meta.keys = &key;
    meta.category = t.object->name ? LHS("") : LHS("custom_objects");
    return H->set_meta(sink, &meta);
}

static int read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return hubspot_read(c, s, ((const struct source *)self)->has_custom, 0, sink);
}

static int read_table_deletes(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    return hubspot_read(c, s, ((const struct source *)self)->has_custom, 1, sink);
}

/* --- check ------------------------------------------------------------------------------------ */

static int probe(lh_call *c, const struct object *o, lh_sink *sink, int *ret_code)
{
    struct table t = {o, lhs_z(o->name), lhs_z(o->name)};
    struct lh_http_req q = lhs_get(lhs_fmt(
        H, c, "/crm/v3/objects/%s?limit=1&archived=false&properties=hs_object_id", o->name));
    const struct lh_http_resp *answer;
    lh_str detail;
    int rc = H->http(c, &q, &answer);

    if (rc == LH_E_CANCELLED)
        return rc;
    detail = rc ? LHS("no answer") : lhs_fmt(H, c, "HTTP status %d", (int)answer->status);
    if (!rc && answer->status != 200)
        rc = hubspot_refuse(c, &t, answer);
    *ret_code = rc;
    return H->add_step(sink, t.name, rc, detail);
}

static int check_custom(lh_call *c, lh_sink *sink)
{
    const struct lh_http_resp *answer;
    lh_str detail;
    int rc = hubspot_ask_custom(c, &answer);

    if (rc == LH_E_CANCELLED)
        return rc;
    if (rc)
        return H->add_step(sink, LHS("custom objects"), rc, LHS("no answer"));
    detail = lhs_fmt(H, c, "HTTP status %d, %llu objects", (int)answer->status,
                     (unsigned long long)H->json_count(H->json_get(answer->json, LHS("results"))));
    if (answer->status == 403)
        detail = LHS("HTTP status 403; give the app the scopes crm.schemas.custom.read and "
                     "crm.objects.custom.read, or set custom_objects=false");
    return H->add_step(sink, LHS("custom objects"),
                       answer->status == 200 ? LH_OK : H->http_fail(c, answer), detail);
}

/* A token that is wrong for one is wrong for all; a scope may be missing for any. */
static int check(lh_call *c, void *self, lh_sink *sink)
{
    const struct source *src = self;
    int code = LH_OK;
    int rc = LH_OK;

    for (size_t i = 0; i < N_OBJECTS && !rc && code != LH_E_AUTH; i++)
        rc = probe(c, &hubspot_objects[i], sink, &code);
    return rc || code == LH_E_AUTH || !src->has_custom ? rc : check_custom(c, sink);
}

/* --- the instance ----------------------------------------------------------------------------- */

static int open_source(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct source *src = H->alloc(c, sizeof *src);

    if (!src)
        return LH_E_NOMEM;
    src->has_custom = lhs_opt_bool(H, o, "custom_objects", 1);
    *ret_self = src;
    return LH_OK;
}

static void close_source(lh_call *c, void *self)
{
    (void)c, (void)self; /* what alloc gave goes by itself */
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "hubspot",
    LH_SPEC,
    open_source,
    close_source,
    list_tables,
    get_table_schema,
    read_table_metadata,
    read_table,
    check,
    NULL, /* list_namespaces */
    read_table_deletes,
    NULL, /* latest_offset */
    NULL, /* get_partitions */
    NULL, /* read_partition */
    NULL, /* estimate */
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
