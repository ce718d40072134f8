/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of event frames. See tables.h. */
#include "tables.h"

/* clang-format off */
/* Sorted by time, so that what begins while pages are read comes behind them. */
const struct set osipi_frames = {
    .what = "event frames", .of = &osipi_databases,
    .head = "/piwebapi/assetdatabases/", .tail = "/eventframes",
    .query = "searchFullHierarchy=true&sortField=StartTime&sortOrder=Ascending",
    .paging = BY_INDEX, .option = "event_frame_webids", .is_timed = 1,
};

static const struct set frame_attributes = {
    .what = "attributes of event frames", .of = &osipi_frames,
    .head = "/piwebapi/eventframes/", .tail = "/attributes", .query = "searchFullHierarchy=true",
    .paging = BY_INDEX, .filter = "nameFilter",
};

static const struct set frame_annotations = {
    .what = "annotations of event frames", .of = &osipi_frames,
    .head = "/piwebapi/eventframes/", .tail = "/annotations", .query = "", .is_bare = 1,
};

static const struct set frame_templates = {
    .what = "event frame templates", .of = &osipi_databases,
    .head = "/piwebapi/assetdatabases/", .tail = "/elementtemplates", .query = "",
    .paging = BY_SIZE, .option = "eventframe_template_webid",
    .member = "InstanceType", .wanted = "EventFrame",
};

static const struct set frame_template_attributes = {
    .what = "attribute templates", .of = &frame_templates,
    .head = "/piwebapi/elementtemplates/", .tail = "/attributetemplates",
    .query = "showInherited=true&showDescendants=true", .paging = BY_INDEX,
};

/* Of a PI Web API the primary element is behind a link only. */
#define PRIMARY "PrimaryReferencedElementWebId|Links.PrimaryReferencedElement"

static const struct column frames[] = {
    {"event_frame_webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
    {"template_name", "string", AS_IS, "TemplateName", 0},
    {"start_time", "timestamp", AS_IS, "StartTime", 0},
    {"end_time", "timestamp", END_TIME, "EndTime", 0},
    {"primary_referenced_element_webid", "string", LAST_SEGMENT, PRIMARY, 0},
    {"description", "string", AS_IS, "Description", 0},
    {"category_names", "array<string>", AS_LIST, "CategoryNames", 0},
    {"attributes", "map<string,string>", AS_MAP, "Attributes", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

static const struct column attributes[] = {
    {"event_frame_webid", "string", PARENT, NULL, 1},
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

static const struct column templates[] = {
    {"webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
    {"description", "string", AS_IS, "Description", 0},
    {"path", "string", AS_IS, "Path", 0},
    {"assetdatabase_webid", "string", PARENT, NULL, 0},
};

static const struct column template_attributes[] = {
    {"webid", "string", AS_IS, "WebId", 1},
    {"name", "string", AS_IS, "Name", 0},
    {"description", "string", AS_IS, "Description", 0},
    {"path", "string", AS_IS, "Path", 0},
    {"type", "string", AS_IS, "Type", 0},
    {"eventframe_template_webid", "string", PARENT, NULL, 0},
    {"assetdatabase_webid", "string", GRANDPARENT, NULL, 0},
};

static const struct column references[] = {
    {"event_frame_webid", "string", AS_IS, "WebId", 1},
    {"element_webid", "string", COMPUTED, NULL, 1},
    {"relationship_type", "string", COMPUTED, NULL, 0},
    {"start_time", "timestamp", AS_IS, "StartTime", 0},
    {"end_time", "timestamp", END_TIME, "EndTime", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

/* A frame has one acknowledgement at most, without an id of its own: the frame's stands for it. */
static const struct column acknowledgements[] = {
    {"event_frame_webid", "string", AS_IS, "WebId", 1},
    {"ack_id", "string", AS_IS, "Id|WebId", 1},
    {"ack_timestamp", "timestamp", AS_IS, "AcknowledgedDate", 0},
    {"ack_user", "string", AS_IS, "AcknowledgedBy", 0},
    {"comment", "string", AS_IS, "AcknowledgedComment", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

static const struct column annotations[] = {
    {"event_frame_webid", "string", PARENT, NULL, 1},
    {"annotation_id", "string", AS_TEXT, "Id|WebId", 1},
    {"annotation_timestamp", "timestamp", AS_IS, "CreationDate", 0},
    {"annotation_user", "string", AS_IS, "Creator", 0},
    {"text", "string", AS_TEXT, "Value|Description|Name", 0},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
};

/* Frames that are acknowledged, in a set that says so to the server. */
static const struct set acknowledged = {
    .what = "event frames", .of = &osipi_databases,
    .head = "/piwebapi/assetdatabases/", .tail = "/eventframes",
    .query = "searchFullHierarchy=true&sortField=StartTime&sortOrder=Ascending&isAcknowledged=true",
    .paging = BY_INDEX, .member = "IsAcknowledged", .wanted = "true", .is_timed = 1,
};

const struct table osipi_event_frames[N_EVENT_FRAMES] = {
    {"pi_event_frames", "event frames, again when they end", BY_FRAME, LH_INGEST_CDC,
     {"event_frame_webid"}, "ingestion_timestamp", COLUMNS(frames), {&osipi_frames}, NULL},
    {"pi_eventframe_attributes", "attributes of event frames", OF_FRAMES, LH_INGEST_SNAPSHOT,
     {"event_frame_webid", "attribute_webid"}, NULL, COLUMNS(attributes), {&frame_attributes},
     NULL},
    {"pi_eventframe_templates", "event frame templates", BY_LIST, LH_INGEST_SNAPSHOT, {"webid"},
     NULL, COLUMNS(templates), {&frame_templates}, NULL},
    {"pi_eventframe_template_attributes", "attribute templates of event frame templates", BY_LIST,
     LH_INGEST_SNAPSHOT, {"webid"}, NULL, COLUMNS(template_attributes),
     {&frame_template_attributes}, NULL},
    {"pi_eventframe_referenced_elements", "elements that event frames are about", BY_REFERENCE,
     LH_INGEST_CDC, {"event_frame_webid", "element_webid"}, "ingestion_timestamp",
     COLUMNS(references), {&osipi_frames}, NULL},
    {"pi_eventframe_acknowledgements", "who acknowledged event frames", OF_FRAMES,
     LH_INGEST_SNAPSHOT, {"event_frame_webid", "ack_id"}, NULL, COLUMNS(acknowledgements),
     {&acknowledged}, NULL},
    {"pi_eventframe_annotations", "annotations of event frames", OF_FRAMES, LH_INGEST_SNAPSHOT,
     {"event_frame_webid", "annotation_id"}, NULL, COLUMNS(annotations), {&frame_annotations},
     NULL},
};
