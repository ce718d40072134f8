/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of values of tags, and the call that each of them makes. See tables.h. */
#include "tables.h"

/* clang-format off */
#define VALUE_COLUMNS                                                                              \
    {"value", "double", NUMBER, NULL, 0},                                                          \
    {"good", "boolean", AS_IS, "Good", 0},                                                         \
    {"questionable", "boolean", AS_IS, "Questionable", 0},                                         \
    {"substituted", "boolean", AS_IS, "Substituted", 0},                                           \
    {"annotated", "boolean", AS_IS, "Annotated", 0},                                               \
    {"units", "string", AS_IS, "UnitsAbbreviation", 0},                                            \
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},                                            \
    {"value_text", "string", WORDS, NULL, 0},                                                      \
    {"is_digital", "boolean", IS_DIGITAL, NULL, 1}

static const struct column values[] = {
    {"tag_webid", "string", TAG, NULL, 1},
    {"timestamp", "timestamp", AS_IS, "Timestamp", 1},
    VALUE_COLUMNS,
};

static const struct column latest[] = {
    {"tag_webid", "string", TAG, NULL, 1},
    {"timestamp", "timestamp", AS_IS, "Timestamp", 0},
    VALUE_COLUMNS,
};

static const struct column at_time[] = {
    {"tag_webid", "string", TAG, NULL, 1},
    {"query_time", "timestamp", ARGUMENT, NULL, 1},
    {"timestamp", "timestamp", AS_IS, "Timestamp", 0},
    VALUE_COLUMNS,
};

static const struct column summaries[] = {
    {"tag_webid", "string", TAG, NULL, 1},
    {"summary_type", "string", LABEL, NULL, 1},
    {"timestamp", "timestamp", AS_IS, "Timestamp", 1},
    VALUE_COLUMNS,
};

static const struct column calculated[] = {
    {"tag_webid", "string", TAG, NULL, 1},
    {"timestamp", "timestamp", AS_IS, "Timestamp", 1},
    {"value", "double", NUMBER, NULL, 0},
    {"units", "string", AS_IS, "UnitsAbbreviation", 0},
    {"calculation_type", "string", LABEL, NULL, 1},
    {"ingestion_timestamp", "timestamp", NOW, NULL, 1},
    {"value_text", "string", WORDS, NULL, 0},
    {"is_digital", "boolean", IS_DIGITAL, NULL, 1},
};

static const struct series recorded = {"recorded", VALUES, RECORDED, NULL, NULL, NULL};
static const struct series interpolated =
    {"interpolated", VALUES, ON_GRID, "interval", "sampleInterval", "1m"};
static const struct series plot = {"plot", VALUES, PLOTTED, NULL, NULL, NULL};
static const struct series summary = {"summary", SUMMARIES, AS_GIVEN, NULL, NULL, NULL};
static const struct series buckets =
    {"summary", SUMMARIES, ON_GRID, "summaryDuration", "summaryDuration", "1h"};
static const struct series calculation =
    {"summary", SUMMARIES, ON_GRID, "summaryDuration", "sampleInterval", "1m"};
static const struct series current = {"value", ONE_VALUE, NOW_OR_TIME, NULL, NULL, NULL};
static const struct series value = {"value", ONE_VALUE, AT_TIME, NULL, NULL, NULL};
static const struct series recorded_at = {"recordedattime", ONE_VALUE, AT_TIME, NULL, NULL, NULL};
static const struct series end = {"end", ONE_VALUE, NO_SPAN, NULL, NULL, NULL};

#define APPEND(name, comment, columns, series)                                                     \
    {name, comment, BY_TAG, LH_INGEST_APPEND, {"tag_webid", "timestamp"}, "timestamp",             \
     COLUMNS(columns), {NULL}, series}

const struct table osipi_time_series[N_TIME_SERIES] = {
    APPEND("pi_timeseries", "recorded values", values, &recorded),
    APPEND("pi_streamset_recorded", "recorded values", values, &recorded),
    APPEND("pi_interpolated", "one value each sampleInterval", values, &interpolated),
    APPEND("pi_streamset_interpolated", "one value each sampleInterval", values, &interpolated),
    APPEND("pi_plot", "values thinned out for a plot", values, &plot),
    APPEND("pi_streamset_plot", "values thinned out for a plot", values, &plot),
    {"pi_summary", "summaries of startTime to endTime", BY_TAG, LH_INGEST_SNAPSHOT,
     {"tag_webid", "summary_type", "timestamp"}, NULL, COLUMNS(summaries), {NULL}, &summary},
    {"pi_streamset_summary", "summaries of each summaryDuration", BY_TAG, LH_INGEST_APPEND,
     {"tag_webid", "summary_type", "timestamp"}, "timestamp", COLUMNS(summaries), {NULL},
     &buckets},
    {"pi_current_value", "the value of now, or of option time", BY_TAG, LH_INGEST_SNAPSHOT,
     {"tag_webid"}, NULL, COLUMNS(latest), {NULL}, &current},
    {"pi_value_at_time", "the value at option time, interpolated", BY_TAG, LH_INGEST_SNAPSHOT,
     {"tag_webid", "timestamp"}, NULL, COLUMNS(latest), {NULL}, &value},
    {"pi_recorded_at_time", "the recorded value at option time", BY_TAG, LH_INGEST_SNAPSHOT,
     {"tag_webid", "query_time"}, NULL, COLUMNS(at_time), {NULL}, &recorded_at},
    {"pi_end", "the last value in the archive", BY_TAG, LH_INGEST_SNAPSHOT, {"tag_webid"}, NULL,
     COLUMNS(latest), {NULL}, &end},
    {"pi_streamset_end", "the last value in the archive", BY_TAG, LH_INGEST_SNAPSHOT,
     {"tag_webid"}, NULL, COLUMNS(latest), {NULL}, &end},
    {"pi_calculated", "calculationType of each sampleInterval", BY_TAG, LH_INGEST_APPEND,
     {"tag_webid", "timestamp", "calculation_type"}, "timestamp", COLUMNS(calculated), {NULL},
     &calculation},
};
