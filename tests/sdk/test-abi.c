/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of interface 1.0 as it was written down, on machines with 64-bit pointers. This file
 * is a frozen copy: lines are added for new items, none is ever changed.
 */
#include "config.h"

#include <lakehost/connector.h>

#include "tap.h"

struct place {
    const char *name;
    size_t expected, found;
};

#define AT(type, member, offset)                                                                   \
    {                                                                                              \
#type "." #member, offset, offsetof(struct type, member)                                   \
    }
#define SIZE(type, size)                                                                           \
    {                                                                                              \
        "sizeof " #type, size, sizeof(struct type)                                                 \
    }

/* clang-format off */
static const struct place places[] = {
    SIZE(lh_str, 16),
    AT(lh_str, p, 0),
    AT(lh_str, n, 8),
    SIZE(lh_header, 32),
    AT(lh_header, name, 0),
    AT(lh_header, value, 16),
    SIZE(lh_http_req, 136),
    AT(lh_http_req, struct_size, 0),
    AT(lh_http_req, flags, 4),
    AT(lh_http_req, method, 8),
    AT(lh_http_req, url, 24),
    AT(lh_http_req, body, 40),
    AT(lh_http_req, content_type, 56),
    AT(lh_http_req, headers, 72),
    AT(lh_http_req, n_headers, 80),
    AT(lh_http_req, bucket, 88),
    AT(lh_http_req, bucket_key, 104),
    AT(lh_http_req, timeout_ms, 120),
    AT(lh_http_req, cache_ms, 124),
    AT(lh_http_req, max_bytes, 128),
    SIZE(lh_http_resp, 64),
    AT(lh_http_resp, struct_size, 0),
    AT(lh_http_resp, status, 4),
    AT(lh_http_resp, body, 8),
    AT(lh_http_resp, final_url, 24),
    AT(lh_http_resp, json, 40),
    AT(lh_http_resp, retry_after_ms, 48),
    AT(lh_http_resp, attempts, 56),
    AT(lh_http_resp, flags, 60),
    SIZE(lh_table, 88),
    AT(lh_table, struct_size, 0),
    AT(lh_table, flags, 4),
    AT(lh_table, name, 8),
    AT(lh_table, id, 24),
    AT(lh_table, category, 40),
    AT(lh_table, comment, 56),
    AT(lh_table, ns, 72),
    AT(lh_table, n_ns, 80),
    SIZE(lh_field, 56),
    AT(lh_field, struct_size, 0),
    AT(lh_field, flags, 4),
    AT(lh_field, name, 8),
    AT(lh_field, type, 24),
    AT(lh_field, comment, 40),
    SIZE(lh_meta, 64),
    AT(lh_meta, struct_size, 0),
    AT(lh_meta, flags, 4),
    AT(lh_meta, ingestion, 8),
    AT(lh_meta, reserved, 12),
    AT(lh_meta, keys, 16),
    AT(lh_meta, n_keys, 24),
    AT(lh_meta, cursor, 32),
    AT(lh_meta, category, 48),
    SIZE(lh_scan, 72),
    AT(lh_scan, struct_size, 0),
    AT(lh_scan, flags, 4),
    AT(lh_scan, table, 8),
    AT(lh_scan, opts, 24),
    AT(lh_scan, offset, 32),
    AT(lh_scan, end, 40),
    AT(lh_scan, partition, 48),
    AT(lh_scan, as_of_ms, 56),
    AT(lh_scan, max_rows, 64),
    SIZE(lh_estimate, 32),
    AT(lh_estimate, struct_size, 0),
    AT(lh_estimate, flags, 4),
    AT(lh_estimate, rows, 8),
    AT(lh_estimate, bytes, 16),
    AT(lh_estimate, requests, 24),
    SIZE(lh_host, 392),
    AT(lh_host, struct_size, 0),
    AT(lh_host, abi_major, 4),
    AT(lh_host, abi_minor, 6),
    AT(lh_host, alloc, 8),
    AT(lh_host, fail, 16),
    AT(lh_host, partial, 24),
    AT(lh_host, log, 32),
    AT(lh_host, progress, 40),
    AT(lh_host, cancelled, 48),
    AT(lh_host, sleep_ms, 56),
    AT(lh_host, now_ms, 64),
    AT(lh_host, opt, 72),
    AT(lh_host, base_url, 80),
    AT(lh_host, http, 88),
    AT(lh_host, http_prefetch, 96),
    AT(lh_host, http_again, 104),
    AT(lh_host, http_fail, 112),
    AT(lh_host, http_release, 120),
    AT(lh_host, http_header, 128),
    AT(lh_host, json_parse, 136),
    AT(lh_host, json_kind, 144),
    AT(lh_host, json_get, 152),
    AT(lh_host, json_next, 160),
    AT(lh_host, json_count, 168),
    AT(lh_host, json_str, 176),
    AT(lh_host, json_raw, 184),
    AT(lh_host, json_i64, 192),
    AT(lh_host, out_new, 200),
    AT(lh_host, out_begin, 208),
    AT(lh_host, out_end, 216),
    AT(lh_host, out_key, 224),
    AT(lh_host, out_str, 232),
    AT(lh_host, out_i64, 240),
    AT(lh_host, out_raw, 248),
    AT(lh_host, out_json, 256),
    AT(lh_host, out_members, 264),
    AT(lh_host, out_done, 272),
    AT(lh_host, add_namespace, 280),
    AT(lh_host, add_table, 288),
    AT(lh_host, add_field, 296),
    AT(lh_host, field_begin, 304),
    AT(lh_host, field_end, 312),
    AT(lh_host, set_meta, 320),
    AT(lh_host, set_prop, 328),
    AT(lh_host, add_step, 336),
    AT(lh_host, row, 344),
    AT(lh_host, rows, 352),
    AT(lh_host, row_out, 360),
    AT(lh_host, row_text, 368),
    AT(lh_host, checkpoint, 376),
    AT(lh_host, add_partition, 384),
    SIZE(lh_connector, 144),
    AT(lh_connector, struct_size, 0),
    AT(lh_connector, abi_major, 4),
    AT(lh_connector, abi_minor, 6),
    AT(lh_connector, needs_minor, 8),
    AT(lh_connector, reserved16, 10),
    AT(lh_connector, flags, 12),
    AT(lh_connector, name, 16),
    AT(lh_connector, spec_json, 24),
    AT(lh_connector, spec_len, 32),
    AT(lh_connector, open, 40),
    AT(lh_connector, close, 48),
    AT(lh_connector, list_tables, 56),
    AT(lh_connector, get_table_schema, 64),
    AT(lh_connector, read_table_metadata, 72),
    AT(lh_connector, read_table, 80),
    AT(lh_connector, check, 88),
    AT(lh_connector, list_namespaces, 96),
    AT(lh_connector, read_table_deletes, 104),
    AT(lh_connector, latest_offset, 112),
    AT(lh_connector, get_partitions, 120),
    AT(lh_connector, read_partition, 128),
    AT(lh_connector, estimate, 136),
};

/* Codes and kinds are part of it. */
static const struct place numbers[] = {
    {"LH_OK", (size_t)0, (size_t)LH_OK},
    {"LH_MORE", (size_t)1, (size_t)LH_MORE},
    {"LH_E_UNSUPPORTED", (size_t)-1, (size_t)LH_E_UNSUPPORTED},
    {"LH_E_OPTION", (size_t)-2, (size_t)LH_E_OPTION},
    {"LH_E_AUTH", (size_t)-3, (size_t)LH_E_AUTH},
    {"LH_E_DENIED", (size_t)-4, (size_t)LH_E_DENIED},
    {"LH_E_NOT_FOUND", (size_t)-5, (size_t)LH_E_NOT_FOUND},
    {"LH_E_THROTTLED", (size_t)-6, (size_t)LH_E_THROTTLED},
    {"LH_E_UNAVAILABLE", (size_t)-7, (size_t)LH_E_UNAVAILABLE},
    {"LH_E_DATA", (size_t)-8, (size_t)LH_E_DATA},
    {"LH_E_OFFSET", (size_t)-9, (size_t)LH_E_OFFSET},
    {"LH_E_CANCELLED", (size_t)-10, (size_t)LH_E_CANCELLED},
    {"LH_E_LIMIT", (size_t)-11, (size_t)LH_E_LIMIT},
    {"LH_E_NOMEM", (size_t)-12, (size_t)LH_E_NOMEM},
    {"LH_E_INTERNAL", (size_t)-13, (size_t)LH_E_INTERNAL},
    {"LH_E_RULE", (size_t)-14, (size_t)LH_E_RULE},
    {"LH_JSON_NONE", (size_t)0, (size_t)LH_JSON_NONE},
    {"LH_JSON_NULL", (size_t)1, (size_t)LH_JSON_NULL},
    {"LH_JSON_FALSE", (size_t)2, (size_t)LH_JSON_FALSE},
    {"LH_JSON_TRUE", (size_t)3, (size_t)LH_JSON_TRUE},
    {"LH_JSON_NUMBER", (size_t)4, (size_t)LH_JSON_NUMBER},
    {"LH_JSON_STRING", (size_t)5, (size_t)LH_JSON_STRING},
    {"LH_JSON_ARRAY", (size_t)6, (size_t)LH_JSON_ARRAY},
    {"LH_JSON_OBJECT", (size_t)7, (size_t)LH_JSON_OBJECT},
    {"LH_LOG_ERROR", (size_t)0, (size_t)LH_LOG_ERROR},
    {"LH_LOG_WARN", (size_t)1, (size_t)LH_LOG_WARN},
    {"LH_LOG_INFO", (size_t)2, (size_t)LH_LOG_INFO},
    {"LH_LOG_DEBUG", (size_t)3, (size_t)LH_LOG_DEBUG},
    {"LH_INGEST_UNKNOWN", (size_t)0, (size_t)LH_INGEST_UNKNOWN},
    {"LH_INGEST_SNAPSHOT", (size_t)1, (size_t)LH_INGEST_SNAPSHOT},
    {"LH_INGEST_APPEND", (size_t)2, (size_t)LH_INGEST_APPEND},
    {"LH_INGEST_CDC", (size_t)3, (size_t)LH_INGEST_CDC},
    {"LH_INGEST_CDC_WITH_DELETES", (size_t)4, (size_t)LH_INGEST_CDC_WITH_DELETES},
    {"LH_UPSERT", (size_t)0, (size_t)LH_UPSERT},
    {"LH_DELETE", (size_t)1, (size_t)LH_DELETE},
    {"LH_FIELD_NOT_NULL", (size_t)1, (size_t)LH_FIELD_NOT_NULL},
    {"LH_FIELD_EMPTY_IS_NULL", (size_t)2, (size_t)LH_FIELD_EMPTY_IS_NULL},
    {"LH_TABLE_PARTITIONED", (size_t)1, (size_t)LH_TABLE_PARTITIONED},
    {"LH_TABLE_REPLAYABLE", (size_t)2, (size_t)LH_TABLE_REPLAYABLE},
    {"LH_HTTP_REPEATABLE", (size_t)1, (size_t)LH_HTTP_REPEATABLE},
    {"LH_HTTP_NO_SIGN_IN", (size_t)2, (size_t)LH_HTTP_NO_SIGN_IN},
    {"LH_HTTP_NOT_JSON", (size_t)4, (size_t)LH_HTTP_NOT_JSON},
};
/* clang-format on */

static void compare(const struct place *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        is_int(all[i].found, all[i].expected, all[i].name);
}

static void test_layout(void)
{
    compare(places, sizeof places / sizeof *places);
}

static void test_numbers(void)
{
    compare(numbers, sizeof numbers / sizeof *numbers);
}

static void test_ends(void)
{
    is_int(LH_HOST_SIZE_1_0, 392, "the host's table of 1.0");
    is_int(LH_CONNECTOR_SIZE_1_0, 144, "the connector's table of 1.0");
    is_int(LH_ABI_MAJOR, 1, "major");
}

int main(void)
{
    if (sizeof(void *) != 8)
        SKIP_ALL("the table is for 64-bit pointers");
    RUN(test_layout);
    RUN(test_numbers);
    RUN(test_ends);
    return tap_done();
}
