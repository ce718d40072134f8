/* SPDX-License-Identifier: Apache-2.0 */
/* Reading catalogs and comparing them: what is refused, and every kind of change. */
#include "config.h"

#include "catalog/diff.h"
#include "tap.h"

#define NO_TRUTH "\"native\":null,\"upstream\":null,"
#define TABLE_A  "{\"name\":\"a\",\"namespace\":[],\"category\":\"c\",\"status\":\"ok\"," NO_TRUTH

/* A catalog whose table a has these fields. */
static char *with_fields(const char *fields)
{
    return lh_xasprintf("{\"schema_version\":1,\"tables\":[" TABLE_A
                        "\"schema\":{\"type\":\"struct\",\"fields\":[%s]}}]}",
                        fields);
}

static int parse(const char *text, struct lh_catalog_document *ret, struct lh_error *e)
{
    lh_buf_z(&ret->text, text);
    return lh_catalog_document_parse("c.json", ret, e);
}

static void refuse(const char *text, const char *message)
{
    lh_auto(lh_catalog_document) d = LH_CATALOG_DOCUMENT_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(parse(text, &d, &e), LH_INVALID, text);
    has_str(lh_error_text(&e), message, "place and reason");
}

static void refuse_fields(const char *fields, const char *message)
{
    char *text lh_autofree = with_fields(fields);

    refuse(text, message);
}

static void test_refused(void)
{
    refuse("", "c.json:1:1: expected a value");
    refuse("[]", "c.json:1:1: expected a catalog that lakehost discover --output-json wrote");
    refuse("{}", "c.json:1:1: expected a catalog");
    refuse("{\"schema_version\":\"1\"}", "c.json:1:19: expected a catalog");
    refuse("{\"schema_version\":0}", "c.json:1:19: expected a catalog");
    refuse("{\"schema_version\":7}", "schema_version is 7");
    refuse("{\"schema_version\":1}", "expected tables, a list, found nothing");
    refuse("{\"schema_version\":1,\"schema_version\":1}", "expected each key once");
    refuse("{\"schema_version\":1,\"tables\":[1]}", "c.json:1:31: expected a table, an object");
    refuse("{\"schema_version\":1,\"tables\":[{\"name\":1}]}", "expected name, a text");
    refuse("{\"schema_version\":1,\"tables\":[{\"name\":\"a\",\"namespace\":[1]}]}",
           "expected namespace, a list of texts");
    refuse("{\"schema_version\":1,\"tables\":[" TABLE_A "\"schema\":1}]}",
           "expected schema, a struct or null");
    refuse("{\"schema_version\":1,\"tables\":[" TABLE_A "\"schema\":null}," TABLE_A
           "\"schema\":null}]}",
           "expected each table once");
    refuse("{\"schema_version\":1,\"tables\":[{\"name\":\"a\",\"namespace\":[],\"category\":\"c\","
           "\"status\":\"ok\",\"native\":{\"ingestion_type\":\"cdc\",\"primary_keys\":\"id\"}}]}",
           "expected primary_keys, a list of texts");
}

static void test_refused_schemas(void)
{
    lh_auto(lh_buf) deep = LH_BUF_INIT(LH_BUF_TEXT);

    refuse_fields("1", "expected a field, an object");
    refuse_fields("{\"name\":\"x\",\"type\":\"long\"}", "expected nullable, true or false");
    refuse_fields("{\"name\":\"x\",\"nullable\":true}", "expected a type, found nothing");
    refuse_fields("{\"name\":\"x\",\"nullable\":true,\"type\":{\"type\":\"array\"}}",
                  "expected a type, found nothing");
    refuse_fields("{\"name\":\"x\",\"nullable\":true,\"type\":{\"type\":\"odd\"}}",
                  "expected a type: struct, array or map");
    refuse_fields("{\"name\":\"x\",\"nullable\":true,\"type\":\"long\"},"
                  "{\"name\":\"x\",\"nullable\":true,\"type\":\"long\"}",
                  "expected each column once");
    lh_buf_z(&deep, "{\"name\":\"x\",\"nullable\":true,\"type\":");
    for (int i = 0; i < 70; i++)
        lh_buf_z(&deep, "{\"type\":\"array\",\"elementType\":");
    lh_buf_z(&deep, "\"long\"");
    lh_buf_fill(&deep, '}', 71);
    refuse_fields(lh_buf_text(&deep), "expected a type of at most 64 levels");
}

/* What changes between two lists of fields: "kind column before>after[!]", a line each. */
static void changes_are(const char *before, const char *after, const char *want)
{
    lh_auto(lh_catalog_document) a = LH_CATALOG_DOCUMENT_INIT;
    lh_auto(lh_catalog_document) b = LH_CATALOG_DOCUMENT_INIT;
    lh_auto(lh_changes) changes = {0};
    lh_auto(lh_buf) got = LH_BUF_INIT(LH_BUF_TEXT);
    char *old lh_autofree = with_fields(before);
    char *new lh_autofree = with_fields(after);

    ok(!parse(old, &a, NULL) && !parse(new, &b, NULL), "both are read");
    lh_catalog_diff(&a, &b, &changes);
    for (size_t i = 0; i < changes.n; i++)
        lh_buf_f(&got, "%s %s %s>%s%s\n", changes.items[i].kind, changes.items[i].column,
                 changes.items[i].before, changes.items[i].after,
                 changes.items[i].breaking ? "!" : "");
    is_str(lh_buf_text(&got), want, "the changes");
}

#define FIELD(name, type)    "{\"name\":\"" name "\",\"nullable\":true,\"type\":" type "}"
#define FIELD_NN(name, type) "{\"name\":\"" name "\",\"nullable\":false,\"type\":" type "}"
#define ARRAY(type, null)    "{\"type\":\"array\",\"containsNull\":" null ",\"elementType\":" type "}"
#define MAP(key, type, null)                                                                       \
    "{\"type\":\"map\",\"keyType\":" key ",\"valueContainsNull\":" null ",\"valueType\":" type "}"
#define STRUCT(fields) "{\"type\":\"struct\",\"fields\":[" fields "]}"
#define LONG           "\"long\""
#define TEXT           "\"string\""

static void test_columns(void)
{
    changes_are(FIELD("x", LONG), FIELD("x", LONG), "");
    changes_are(FIELD("x", LONG) "," FIELD("y", LONG), FIELD("y", LONG) "," FIELD("x", LONG), "");
    changes_are("", FIELD("x", LONG), "column_added x >long\n");
    changes_are("", FIELD_NN("x", LONG), "column_added x >long not null!\n");
    changes_are(FIELD("x", LONG), "", "column_removed x long>!\n");
    changes_are(FIELD("x", LONG), FIELD("X", LONG),
                "column_added X >long\ncolumn_removed x long>!\n");
    changes_are(FIELD("x", "\"integer\""), FIELD("x", LONG), "column_retyped x integer>long!\n");
    changes_are(FIELD("x", LONG), FIELD_NN("x", LONG), "nullability_changed x null>not null\n");
    changes_are(FIELD_NN("x", LONG), FIELD("x", LONG), "nullability_changed x not null>null!\n");
}

static void test_parts(void)
{
    changes_are(FIELD("x", STRUCT(FIELD("a", LONG))), FIELD("x", STRUCT(FIELD("a", TEXT))),
                "column_retyped x.a long>string!\n");
    changes_are(FIELD("x", STRUCT(FIELD("a", LONG))), FIELD("x", ARRAY(LONG, "true")),
                "column_retyped x struct<a:long>>array<long>!\n");
    changes_are(FIELD("x", ARRAY(STRUCT(FIELD("a", LONG)), "false")),
                FIELD("x", ARRAY(STRUCT(FIELD("b", LONG)), "true")),
                "nullability_changed x[] not null>null!\n"
                "column_removed x[].a long>!\ncolumn_added x[].b >long\n");
    changes_are(FIELD("x", MAP(TEXT, LONG, "true")), FIELD("x", MAP(LONG, TEXT, "false")),
                "column_retyped x{key} string>long!\ncolumn_retyped x{} long>string!\n"
                "nullability_changed x{} null>not null\n");
}

int main(void)
{
    RUN(test_refused);
    RUN(test_refused_schemas);
    RUN(test_columns);
    RUN(test_parts);
    return tap_done();
}
