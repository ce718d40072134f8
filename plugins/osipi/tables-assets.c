/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the Asset Framework. See tables.h. */
#include "tables.h"

/* clang-format off */
const struct set osipi_asset_servers = {
    .what = "asset servers", .head = "/piwebapi/assetservers", .query = "",
};

const struct set osipi_databases = {
    .what = "asset databases", .of = &osipi_asset_servers,
    .head = "/piwebapi/assetservers/", .tail = "/assetdatabases", .query = "",
    .option = "assetdatabase_webid",
};

/* What belongs to a database, by the last part of its path. */
#define OF_DATABASE(text, tail_)                                                                   \
    .what = text, .of = &osipi_databases, .head = "/piwebapi/assetdatabases/", .tail = tail_

const struct set osipi_elements = {
    OF_DATABASE("elements", "/elements"), .query = "searchFullHierarchy=true", .paging = BY_INDEX,
    .option = "element_webids",
};

/* Those that have elements below them, with no more than their place. */
const struct set osipi_inner_elements = {
    OF_DATABASE("elements", "/elements"),
    .query = "searchFullHierarchy=true&"
             "selectedFields=Items.WebId;Items.Path;Items.HasChildren;Links.Next",
    .paging = BY_INDEX,
};

static const struct set database_attributes = {
    OF_DATABASE("attributes of elements", "/elementattributes"),
    .query = "searchFullHierarchy=true", .paging = BY_INDEX, .filter = "attributeNameFilter",
};

static const struct set element_attributes = {
    .what = "attributes of elements", .of = &osipi_elements,
    .head = "/piwebapi/elements/", .tail = "/attributes", .query = "searchFullHierarchy=true",
    .paging = BY_INDEX, .filter = "nameFilter",
};

static const struct set templates = {
    OF_DATABASE("element templates", "/elementtemplates"), .query = "", .paging = BY_SIZE,
    .option = "elementtemplate_webid", .member = "InstanceType", .wanted = "Element",
};

static const struct set template_attributes = {
    .what = "attribute templates", .of = &templates,
    .head = "/piwebapi/elementtemplates/", .tail = "/attributetemplates",
    .query = "showInherited=true&showDescendants=true", .paging = BY_INDEX,
};

static const struct set element_categories = {
    OF_DATABASE("element categories", "/elementcategories"), .query = "", .label = "element",
};

static const struct set attribute_categories = {
    OF_DATABASE("attribute categories", "/attributecategories"), .query = "", .label = "attribute",
};

static const struct set analysis_categories = {
    OF_DATABASE("analysis categories", "/analysiscategories"), .query = "", .label = "analysis",
};

static const struct set table_categories = {
    OF_DATABASE("table categories", "/tablecategories"), .query = "", .label = "table",
};

static const struct set analyses = {
    OF_DATABASE("analyses", "/analyses"), .query = "field=Name", .paging = BY_INDEX,
};

static const struct set analysis_templates = {
    OF_DATABASE("analysis templates", "/analysistemplates"), .query = "", .paging = BY_SIZE,
};

const struct set osipi_af_tables = {
    OF_DATABASE("AF tables", "/tables"), .query = "", .paging = BY_SIZE,
    .option = "table_webids", .label = "aftable",
};

static const struct set unit_classes = {
    .what = "unit classes", .of = &osipi_asset_servers,
    .head = "/piwebapi/assetservers/", .tail = "/unitclasses", .query = "",
};

static const struct set units = {
    .what = "units of measure", .of = &unit_classes,
    .head = "/piwebapi/unitclasses/", .tail = "/units", .query = "",
};

#define NAMED                                                                                      \
    {"webid", "string", AS_IS, "WebId", 1},                                                        \
    {"name", "string", AS_IS, "Name", 0}
#define DESCRIBED                                                                                  \
    NAMED,                                                                                         \
    {"description", "string", AS_IS, "Description", 0},                                            \
    {"path", "string", AS_IS, "Path", 0}

static const struct column server_columns[] = {
    NAMED,
    {"path", "string", AS_IS, "Path", 0},
};

static const struct column database_columns[] = {
    NAMED,
    {"path", "string", AS_IS, "Path", 0},
    {"assetserver_webid", "string", PARENT, NULL, 0},
};

static const struct column hierarchy_columns[] = {
    {"element_webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
    {"template_name", "string", AS_IS, "TemplateName", 0},
    {"description", "string", AS_IS, "Description", 0},
    {"path", "string", AS_IS, "Path", 0},
    {"parent_webid", "string", COMPUTED, NULL, 0},
    {"depth", "bigint", COMPUTED, NULL, 0},
    {"category_names", "array<string>", AS_LIST, "CategoryNames", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

static const struct column attribute_columns[] = {
    {"element_webid", "string", COMPUTED, NULL, 1},
    {"attribute_webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
    {"description", "string", AS_IS, "Description", 0},
    {"path", "string", AS_IS, "Path", 0},
    {"type", "string", AS_IS, "Type", 0},
    {"default_units_name", "string", AS_IS, "DefaultUnitsName", 0},
    {"data_reference_plugin", "string", AS_IS, "DataReferencePlugIn", 0},
    {"is_configuration_item", "boolean", AS_IS, "IsConfigurationItem", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

static const struct column of_database[] = {
    DESCRIBED,
    {"assetdatabase_webid", "string", PARENT, NULL, 0},
};

static const struct column template_attribute_columns[] = {
    DESCRIBED,
    {"type", "string", AS_IS, "Type", 0},
    {"default_units_name", "string", AS_IS, "DefaultUnitsName", 0},
    {"data_reference_plugin", "string", AS_IS, "DataReferencePlugIn", 0},
    {"is_configuration_item", "boolean", AS_IS, "IsConfigurationItem", 0},
    {"elementtemplate_webid", "string", PARENT, NULL, 0},
    {"assetdatabase_webid", "string", GRANDPARENT, NULL, 0},
};

static const struct column attribute_template_columns[] = {
    DESCRIBED,
    {"type", "string", AS_IS, "Type", 0},
    {"elementtemplate_webid", "string", PARENT, NULL, 0},
    {"assetdatabase_webid", "string", GRANDPARENT, NULL, 0},
};

static const struct column category_columns[] = {
    NAMED,
    {"description", "string", AS_IS, "Description", 0},
    {"category_type", "string", LABEL, NULL, 0},
    {"assetdatabase_webid", "string", PARENT, NULL, 0},
};

static const struct column analysis_columns[] = {
    DESCRIBED,
    {"analysis_template_name", "string", AS_IS, "TemplateName", 0},
    {"target_element_webid", "string", AS_IS, "TargetWebId", 0},
    {"assetdatabase_webid", "string", PARENT, NULL, 0},
};

static const struct column content_columns[] = {
    {"table_webid", "string", COMPUTED, NULL, 1},
    {"row_index", "bigint", COMPUTED, NULL, 1},
    {"columns", "map<string,string>", COMPUTED, NULL, 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

static const struct column unit_columns[] = {
    NAMED,
    {"abbreviation", "string", AS_IS, "Abbreviation", 0},
    {"quantity_type", "string", PARENT_NAME, NULL, 0},
};

#define LISTED(name, comment, columns, ...)                                                        \
    {name, comment, BY_LIST, LH_INGEST_SNAPSHOT, {"webid"}, NULL, COLUMNS(columns), {__VA_ARGS__}, \
     NULL}

const struct table osipi_asset_framework[N_ASSET_FRAMEWORK] = {
    LISTED("pi_assetservers", "AF servers", server_columns, &osipi_asset_servers),
    LISTED("pi_assetdatabases", "databases of the AF servers", database_columns, &osipi_databases),
    {"pi_af_hierarchy", "elements, with parent and depth", BY_HIERARCHY, LH_INGEST_SNAPSHOT,
     {"element_webid"}, NULL, COLUMNS(hierarchy_columns), {&osipi_elements}, NULL},
    {"pi_element_attributes", "attributes of elements", BY_ELEMENT, LH_INGEST_SNAPSHOT,
     {"element_webid", "attribute_webid"}, NULL, COLUMNS(attribute_columns),
     {&database_attributes, &element_attributes}, NULL},
    LISTED("pi_element_templates", "element templates", of_database, &templates),
    LISTED("pi_element_template_attributes", "attribute templates of element templates",
           template_attribute_columns, &template_attributes),
    LISTED("pi_attribute_templates", "the same with fewer columns", attribute_template_columns,
           &template_attributes),
    LISTED("pi_categories", "categories of elements, attributes, analyses and tables",
           category_columns, &element_categories, &attribute_categories, &analysis_categories,
           &table_categories),
    LISTED("pi_analyses", "analyses", analysis_columns, &analyses),
    LISTED("pi_analysis_templates", "analysis templates", of_database, &analysis_templates),
    LISTED("pi_af_tables", "AF tables", of_database, &osipi_af_tables),
    {"pi_af_table_rows", "rows of AF tables", BY_CONTENT, LH_INGEST_SNAPSHOT,
     {"table_webid", "row_index"}, NULL, COLUMNS(content_columns), {&osipi_af_tables}, NULL},
    LISTED("pi_units_of_measure", "units of measure", unit_columns, &units),
};
