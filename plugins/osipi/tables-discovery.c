/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of data servers and points, and of links. See tables.h. */
#include "tables.h"

/* clang-format off */
const struct set osipi_data_servers = {
    .what = "data servers", .head = "/piwebapi/dataservers", .query = "",
    .option = "dataserver_webid",
};

const struct set osipi_points = {
    .what = "points", .of = &osipi_data_servers,
    .head = "/piwebapi/dataservers/", .tail = "/points", .query = "",
    .paging = BY_INDEX, .filter = "nameFilter", .option = "point_webids",
};

static const struct set point_attributes = {
    .what = "attributes of points", .of = &osipi_points,
    .head = "/piwebapi/points/", .tail = "/attributes", .query = "", .is_bare = 1,
};

static const struct column data_servers[] = {
    {"webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
};

static const struct column points[] = {
    {"webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
    {"descriptor", "string", AS_IS, "Descriptor", 0},
    {"engineering_units", "string", AS_IS, "EngineeringUnits", 0},
    {"path", "string", AS_IS, "Path", 0},
    {"dataserver_webid", "string", PARENT, NULL, 0},
};

static const struct column attributes[] = {
    {"point_webid", "string", PARENT, NULL, 1},
    {"name", "string", AS_IS, "Name", 1},
    {"value", "string", AS_TEXT, "Value", 0},
    {"type", "string", AS_IS, "Type|ValueType", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

static const struct column catalog[] = {
    {"point_type", "string", COMPUTED, NULL, 1},
    {"engineering_units", "string", COMPUTED, NULL, 1},
    {"count_points", "bigint", COMPUTED, NULL, 0},
};

const struct table osipi_discovery[N_DISCOVERY] = {
    {"pi_dataservers", "PI Data Archives", BY_LIST, LH_INGEST_SNAPSHOT, {"webid"}, NULL,
     COLUMNS(data_servers), {&osipi_data_servers}, NULL},
    {"pi_points", "points (tags) of the data servers", BY_LIST, LH_INGEST_SNAPSHOT, {"webid"},
     NULL, COLUMNS(points), {&osipi_points}, NULL},
    {"pi_point_attributes", "attributes of points, with their values", BY_LIST,
     LH_INGEST_SNAPSHOT, {"point_webid", "name"}, NULL, COLUMNS(attributes), {&point_attributes},
     NULL},
    {"pi_point_type_catalog", "how many points there are of each word and unit",
     BY_CATALOG, LH_INGEST_SNAPSHOT, {"point_type", "engineering_units"}, NULL, COLUMNS(catalog),
     {&osipi_points}, NULL},
};

static const struct column links[] = {
    {"entity_type", "string", LABEL, NULL, 1},
    {"webid", "string", AS_IS, "WebId", 1},
    {"rel", "string", COMPUTED, NULL, 1},
    {"href", "string", COMPUTED, NULL, 0},
};

static const struct set labelled_data_servers = {
    .what = "data servers", .head = "/piwebapi/dataservers", .query = "", .label = "dataserver",
};

static const struct set labelled_asset_servers = {
    .what = "asset servers", .head = "/piwebapi/assetservers", .query = "", .label = "assetserver",
};

const struct table osipi_governance[N_GOVERNANCE] = {
    {"pi_links", "the URLs that servers and AF tables offer", BY_LINKS, LH_INGEST_SNAPSHOT,
     {"entity_type", "webid", "rel"}, NULL, COLUMNS(links),
     {&labelled_data_servers, &labelled_asset_servers, &osipi_af_tables}, NULL},
};
