/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline spec of the community connectors, as a document. */
#include "config.h"

#include "generate/pipeline-spec.h"

/* All text in a plan is UTF-8: the manifest's reader has seen to it. */
static json_t *text(lh_str s)
{
    return json_stringn(s.p, s.n);
}

static json_t *names(const struct lh_plan_names *n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n->n; i++)
        json_array_append_new(list, text(n->items[i]));
    return list;
}

static int no_nul(const struct lh_plan *plan, const struct lh_plan_table *t, struct lh_error *e)
{
    for (size_t i = 0; i < t->n_options; i++)
        if ((t->options[i].name.n && memchr(t->options[i].name.p, '\0', t->options[i].name.n)) ||
            (t->options[i].value.n && memchr(t->options[i].value.p, '\0', t->options[i].value.n)))
            return lh_plan_error(plan->manifest, t->row, LH_MF_TABLE_OPTIONS_JSON, e,
                                 "an option of \"%.*s\" holds a NUL, which no YAML reader takes",
                                 LH_STR_ARG(t->source));
    return 0;
}

static json_t *configuration(const struct lh_plan_table *t)
{
    json_t *o = json_object();

    if (t->scd_type.n)
        json_object_set_new(o, "scd_type", text(t->scd_type));
    if (t->primary_keys.n)
        json_object_set_new(o, "primary_keys", names(&t->primary_keys));
    if (t->sequence_by.n)
        json_object_set_new(o, "sequence_by", text(t->sequence_by));
    if (t->cluster_by.n)
        json_object_set_new(o, "cluster_by", names(&t->cluster_by));
    for (size_t i = 0; i < t->n_options; i++)
        json_object_setn_new(o, t->options[i].name.p, t->options[i].name.n,
                             text(t->options[i].value));
    return o;
}

static json_t *table(const struct lh_plan_table *t)
{
    json_t *o = json_object();
    json_t *options = configuration(t);

    json_object_set_new(o, "source_table", text(t->source));
    json_object_set_new(o, "destination_catalog", text(t->catalog));
    json_object_set_new(o, "destination_schema", text(t->schema));
    json_object_set_new(o, "destination_table", text(t->table));
    if (json_object_size(options))
        json_object_set(o, "table_configuration", options);
    json_decref(options);
    return json_pack("{s:o}", "table", o);
}

int lh_generate_pipeline_spec(const struct lh_plan *plan, const struct lh_plan_pipeline *pipeline,
                              json_t **ret, struct lh_error *e)
{
    json_t *objects = json_array();
    json_t *spec = json_object();
    int code = lh_generate_check_connection(plan, pipeline, e);

    json_object_set_new(spec, "connection_name", text(pipeline->connection));
    json_object_set_new(spec, "objects", objects);
    for (size_t i = 0; !code && i < pipeline->n; i++) {
        code = lh_generate_check_destination(plan, &pipeline->tables[i], e);
        if (!code)
            code = no_nul(plan, &pipeline->tables[i], e);
        if (!code)
            json_array_append_new(objects, table(&pipeline->tables[i]));
    }
    if (code)
        json_decref(spec);
    else
        *ret = spec;
    return code;
}
