/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one call may hold, and the words for asking more: the same for a connector in this process
 * (service-*.c) and for one in a worker, which holds these things itself (host/worker).
 */
#ifndef LH_PLUGIN_LIMITS_H
#define LH_PLUGIN_LIMITS_H

#include <stddef.h>

#define LH_CALL_MAX_BYTES    ((size_t)64 << 20)  /* of alloc, in one call or in open */
#define LH_CALL_ENOUGH_BYTES ((size_t)16 << 20)  /* from here on checkpoint answers LH_MORE */
#define LH_CALL_MAX_DOCS     64u                 /* of json_parse, alive at once */
#define LH_CALL_ENOUGH_DOCS  32u                 /* checkpoint answers LH_MORE */
#define LH_CALL_DOC_BYTES    ((size_t)256 << 20) /* their text together */
#define LH_CALL_MAX_ANSWERS  64u                 /* of http, alive at once */
#define LH_CALL_MAX_OUTS     64u                 /* builders of one call */
#define LH_ROW_MAX_BYTES     ((size_t)16 << 20)  /* of a built value */
#define LH_ROW_MAX_DEPTH     64u

/* Formats: bytes held, asked for, bound */
#define LH_SAY_ALLOC                                                                               \
    "alloc: no memory: the call holds %zu bytes and asks for %zu more, at most %zu are given; "    \
    "checkpoint more often (rule 9)"
/* the bound */
#define LH_SAY_DOCS                                                                                \
    "json_parse: the call holds %u documents, no more are given; checkpoint more often (rule 9)"
/* bytes held, asked for */
#define LH_SAY_DOC_BYTES                                                                           \
    "json_parse: the call holds documents of %zu bytes and asks for %zu more; checkpoint more "    \
    "often (rule 9)"
/* the bound */
#define LH_SAY_OUTS "out_new: the call has %u builders; one can be used again and again"
#define LH_SAY_ANSWERS                                                                             \
    "http: the call holds %u answers, no more are given; release them or checkpoint more often "   \
    "(rule 9)"

#endif
