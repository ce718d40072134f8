/* SPDX-License-Identifier: Apache-2.0 */
/* What service-data.c and service-read.c share: the state of one read, and of one partitioning. */
#ifndef LH_PLUGIN_SERVICE_READING_H
#define LH_PLUGIN_SERVICE_READING_H

#include "plugin/service_internal.h"

#include <inttypes.h>

struct lh_reading {
    const struct lh_row_writer *to; /* NULL: latest_offset, which has no rows */
    bool takes_both;                /* rows of either op go to the writer, else those of takes_op */
    uint32_t takes_op;
    bool rows_are_free; /* rows without a moved checkpoint are legal: snapshots, partitions */
    bool at_end;        /* the checkpoint that equals `end` was given */
    uint64_t pending;   /* rows since the last checkpoint */
    uint64_t n_checkpoints;
    struct lh_buf first, last, next, end; /* canonical; first: where the read began */
    struct lh_buf line;
    struct lh_json_doc *text;                       /* of row_text */
    struct lh_json_doc *offset, *until, *partition; /* what the scan shows to the connector */
};

struct lh_partitioning {
    struct lh_partitions list;
    size_t cap, bytes;
    struct lh_buf text;
    struct lh_map seen;
};

#endif
