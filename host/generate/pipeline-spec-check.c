/* SPDX-License-Identifier: Apache-2.0 */
/* What a pipeline spec can be wrong in: rules, and the walk that finds it. */
#include "config.h"

#include "base/map.h"
#include "base/utf8.h"
#include "generate/pipeline-spec.h"
#include "json/text.h"

#define MAX_TABLES 1000

const struct lh_rule lh_pipeline_spec_rules[] = {
    {"LH401", LH_SEVERITY_ERROR, "A key of a pipeline spec is missing or of a wrong kind",
     "A spec has connection_name and objects; each object has a table with source_table. Names\n"
     "are texts that are not blank, primary_keys is a list of texts.\n\n"
     "wrong:  \"objects\": []\n"
     "right:  \"objects\": [{\"table\": {\"source_table\": \"issues\"}}]"},
    {"LH402", LH_SEVERITY_ERROR, "A key of a pipeline spec that the framework does not know",
     "The Python framework refuses a spec with keys that it does not know, though the program\n"
     "that uploads it only warns. Options of the connector belong into table_configuration."},
    {"LH403", LH_SEVERITY_ERROR, "An scd_type that there is not",
     "It is SCD_TYPE_1, SCD_TYPE_2 or APPEND_ONLY, in capitals."},
    {"LH404", LH_SEVERITY_ERROR, "The same source table twice in one spec",
     "The framework looks a table up by its name and finds the first: the second would get its\n"
     "options and its destination. Put them into two pipelines."},
    {"LH405", LH_SEVERITY_ERROR, "Two tables of a spec with one destination",
     "Catalog, schema and table are the same but for upper and lower case, or both leave out\n"
     "destination_table and are called the same. A table is written by one flow."},
    {"LH406", LH_SEVERITY_WARNING, "Only one of destination_catalog and destination_schema",
     "The framework then ignores the one that is there, and the table goes to the pipeline's own\n"
     "catalog and schema. Give both or none."},
    {"LH407", LH_SEVERITY_ERROR, "A name in a spec that Unity Catalog does not take",
     "Names of catalogs, schemas and tables have at most 255 characters, and no blank, period,\n"
     "slash or control character."},
    {"LH408", LH_SEVERITY_WARNING, "A table option that the connection does not let through",
     "Only options of the connection's externalOptionsAllowList reach the connector, and that\n"
     "list is made of its table options. `lakehost plugin show CONNECTOR` lists them."},
    {"LH409", LH_SEVERITY_ERROR, "A table with changes and no order for them",
     "The Python connector names no cursor for this table, whose changes are applied by key.\n"
     "Give sequence_by in its table_configuration."},
    {"LH410", LH_SEVERITY_ERROR, "A table whose rows are told apart by keys, without keys",
     "Neither the Python connector nor the table_configuration names primary_keys."},
    {"LH411", LH_SEVERITY_ERROR, "More tables than a pipeline takes",
     "A pipeline has at most 1,000 tables. `lakehost group --max-tables` divides them."},
    {"LH412", LH_SEVERITY_WARNING, "A table option that is not a text",
     "The framework hands on what Python prints: true becomes \"True\", null \"None\", a list its\n"
     "representation. Write the text that the connector expects: \"true\", \"60\"."},
    {NULL, LH_SEVERITY_OFF, NULL, NULL},
};

struct check {
    const struct lh_document *d;
    const struct lh_spec *spec;
    struct lh_findings *f;
    struct lh_map sources, destinations; /* name -> nothing */
};

static void check_free(struct check *c)
{
    lh_map_free(&c->sources);
    lh_map_free(&c->destinations);
}

static void find(const struct check *c, const char *id, const char *pointer, const char *format,
                 ...) LH_PRINTF(4, 5);
static void find(const struct check *c, const char *id, const char *pointer, const char *format,
                 ...)
{
    lh_auto(lh_buf) message = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_place place = {.file = c->d->name, .key = *pointer ? pointer : NULL};
    va_list args;

    lh_document_place(c->d, pointer, &place.line, &place.column);
    va_start(args, format);
    lh_buf_vf(&message, format, args);
    va_end(args);
    lh_findings_add(c->f, lh_rule_of(lh_pipeline_spec_rules, id), place, "%s",
                    lh_buf_text(&message));
}

/* A value as messages show it; the caller frees it. */
static char *shown(const json_t *value)
{
    return json_is_string(value)
               ? lh_text_quote(lh_str_n(json_string_value(value), json_string_length(value)))
               : lh_document_describe(value);
}

static bool is_blank(const json_t *text)
{
    const char *z = json_string_value(text);

    return !z || z[strspn(z, " \t\r\n")] == '\0';
}

/* A member that must be there and a text that is not blank; NULL when it is not. */
static const char *want_text(const struct check *c, const json_t *object, const char *pointer,
                             const char *name)
{
    const json_t *value = json_object_get(object, name);
    char *inner lh_autofree = lh_pointer_join(pointer, name);

    if (!value)
        find(c, "LH401", pointer, "%s is missing", name);
    else if (is_blank(value))
        find(c, "LH401", inner, "expected a text that is not blank");
    else
        return json_string_value(value);
    return NULL;
}

static void check_keys(const struct check *c, const json_t *object, const char *pointer,
                       const char *const *known, size_t n)
{
    json_t *o = (json_t *)(uintptr_t)object;

    for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i)) {
        const char *name = json_object_iter_key(i);
        char *inner lh_autofree = lh_pointer_join(pointer, name);
        bool is_known = false;

        for (size_t k = 0; k < n; k++)
            is_known |= strcmp(name, known[k]) == 0;
        if (!is_known)
            find(c, "LH402", inner, "the framework does not know this key");
    }
}

/* --- table_configuration ------------------------------------------------------------------ */

static void check_names(const struct check *c, const json_t *value, const char *pointer)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        char *inner lh_autofree = lh_pointer_index(pointer, i);

        if (is_blank(json_array_get(value, i)))
            find(c, "LH401", inner, "expected the name of a column");
    }
    if (!json_is_array(value))
        find(c, "LH401", pointer, "expected a list of column names");
}

static void check_scd_type(const struct check *c, const json_t *value, const char *pointer)
{
    const char *type = json_string_value(value);
    char *found lh_autofree = shown(value);

    if (!type || (strcmp(type, "SCD_TYPE_1") != 0 && strcmp(type, "SCD_TYPE_2") != 0 &&
                  strcmp(type, "APPEND_ONLY") != 0))
        find(c, "LH403", pointer, "expected SCD_TYPE_1, SCD_TYPE_2 or APPEND_ONLY, found %s",
             found);
}

static void check_option(const struct check *c, const char *name, const json_t *value,
                         const char *pointer)
{
    char *found lh_autofree = shown(value);

    if (!json_is_string(value))
        find(c, "LH412", pointer, "expected a text, found %s", found);
    if (c->spec && !lh_spec_find(c->spec->table_options, c->spec->n_table_options, lh_str_z(name)))
        find(c, "LH408", pointer, "%s has no such table option", c->spec->name);
}

static void check_configuration(const struct check *c, const json_t *configuration,
                                const char *pointer)
{
    json_t *o = (json_t *)(uintptr_t)configuration;

    if (!json_is_object(configuration)) {
        find(c, "LH401", pointer, "expected an object");
        return;
    }
    for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i)) {
        const char *name = json_object_iter_key(i);
        const json_t *value = json_object_iter_value(i);
        char *inner lh_autofree = lh_pointer_join(pointer, name);

        if (strcmp(name, "scd_type") == 0)
            check_scd_type(c, value, inner);
        else if (strcmp(name, "primary_keys") == 0 || strcmp(name, "cluster_by") == 0)
            check_names(c, value, inner);
        else if (strcmp(name, "sequence_by") == 0)
            (void)want_text(c, configuration, pointer, name);
        else
            check_option(c, name, value, inner);
    }
}

/* What the table's ingestion type, by the Python connector's profile, asks for. */
static void check_type(const struct check *c, const char *table, const json_t *configuration,
                       const char *pointer)
{
    const char *scd = json_string_value(json_object_get(configuration, "scd_type"));
    bool appended = scd && strcmp(scd, "APPEND_ONLY") == 0;
    struct lh_upstream up;

    if (!c->spec || !lh_spec_upstream(c->spec, lh_str_z(table), &up) ||
        strcmp(up.type, "append") == 0 || appended)
        return;
    if (!json_array_size(up.keys) &&
        !json_array_size(json_object_get(configuration, "primary_keys")))
        find(c, "LH410", pointer, "%s is %s and has no primary_keys", table, up.type);
    if (strncmp(up.type, "cdc", 3) == 0 && !*up.cursor &&
        !json_object_get(configuration, "sequence_by"))
        find(c, "LH409", pointer, "%s is %s and has no sequence_by", table, up.type);
}

/* --- tables ------------------------------------------------------------------------------- */

static bool is_catalog_name(const char *name)
{
    lh_str s = lh_str_z(name);
    size_t characters = 0;

    for (size_t at = 0; at < s.n; characters++) {
        uint32_t c = lh_utf8_next_any(s, &at);

        if (c <= ' ' || c == '.' || c == '/' || c == 0x7f)
            return false;
    }
    return characters > 0 && characters <= 255;
}

/* The texts of the destination; "" where there is none. */
static void check_destination(struct check *c, const json_t *table, const char *source,
                              const char *pointer)
{
    static const char *const keys[] = {"destination_catalog", "destination_schema",
                                       "destination_table"};
    const char *parts[LH_LEN(keys)] = {"", "", source ? source : ""};
    lh_auto(lh_buf) full = LH_BUF_INIT(LH_BUF_TEXT * 16);

    for (size_t i = 0; i < LH_LEN(keys); i++) {
        const json_t *value = json_object_get(table, keys[i]);
        char *inner lh_autofree = lh_pointer_join(pointer, keys[i]);
        char *found lh_autofree = value ? shown(value) : NULL;

        if (value && !json_is_string(value))
            find(c, "LH401", inner, "expected a text, found %s", found);
        else if (value && !is_catalog_name(json_string_value(value)))
            find(c, "LH407", inner, "Unity Catalog does not take the name %s", found);
        if (json_is_string(value))
            parts[i] = json_string_value(value);
        lh_buf_f(&full, "%s%c", parts[i], '\n');
    }
    if (!*parts[0] != !*parts[1])
        find(c, "LH406", pointer, "%s is there and %s is not", keys[*parts[0] ? 0 : 1],
             keys[*parts[0] ? 1 : 0]);
    for (size_t i = 0; i < full.n; i++)
        if (full.p[i] >= 'A' && full.p[i] <= 'Z')
            full.p[i] = (char)(full.p[i] - 'A' + 'a');
    if (source && !lh_map_set(&c->destinations, lh_buf_slice(&full), NULL))
        find(c, "LH405", pointer, "another table of this spec goes to the same destination");
}

static void check_table(struct check *c, const json_t *table, const char *pointer)
{
    static const char *const known[] = {"source_table", "destination_catalog", "destination_schema",
                                        "destination_table", "table_configuration"};
    const json_t *configuration = json_object_get(table, "table_configuration");
    char *inner lh_autofree = lh_pointer_join(pointer, "table_configuration");
    const char *source;

    if (!json_is_object(table)) {
        find(c, "LH401", pointer, "expected an object");
        return;
    }
    check_keys(c, table, pointer, known, LH_LEN(known));
    source = want_text(c, table, pointer, "source_table");
    if (source && !lh_map_set(&c->sources, lh_str_z(source), NULL))
        find(c, "LH404", pointer, "source table %s is in this spec before", source);
    check_destination(c, table, source, pointer);
    if (configuration)
        check_configuration(c, configuration, inner);
    if (source)
        check_type(c, source, configuration, pointer);
}

static void check_object(struct check *c, const json_t *object, const char *pointer)
{
    static const char *const known[] = {"table"};
    char *inner lh_autofree = lh_pointer_join(pointer, "table");

    if (!json_is_object(object)) {
        find(c, "LH401", pointer, "expected an object with a table");
        return;
    }
    check_keys(c, object, pointer, known, LH_LEN(known));
    if (json_object_get(object, "table"))
        check_table(c, json_object_get(object, "table"), inner);
    else
        find(c, "LH401", pointer, "table is missing");
}

void lh_pipeline_spec_check(const struct lh_document *d, const struct lh_spec *spec,
                            struct lh_findings *f)
{
    static const char *const known[] = {"connection_name", "objects"};
    __attribute__((cleanup(check_free))) struct check c = {.d = d, .spec = spec, .f = f};
    const json_t *objects = json_object_get(d->root, "objects");

    if (!json_is_object(d->root)) {
        find(&c, "LH401", "", "expected an object with connection_name and objects");
        return;
    }
    check_keys(&c, d->root, "", known, LH_LEN(known));
    (void)want_text(&c, d->root, "", "connection_name");
    if (!objects)
        find(&c, "LH401", "", "objects is missing");
    else if (!json_array_size(objects))
        find(&c, "LH401", "/objects", "expected a list of at least one table");
    if (json_array_size(objects) > MAX_TABLES)
        find(&c, "LH411", "/objects", "%zu tables", json_array_size(objects));
    for (size_t i = 0; i < json_array_size(objects); i++) {
        char *pointer lh_autofree = lh_pointer_index("/objects", i);

        check_object(&c, json_array_get(objects, i), pointer);
    }
}
