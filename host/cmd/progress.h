/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress: a line below the messages that says how far a long run is.
 *
 * Only on a terminal, not with --quiet or --log-format json, and not in the first second: what is
 * done by then needs no words.
 *
 *     discover github [########----------------] 13 done, 1 failed, 25 left
 */
#ifndef LH_CMD_PROGRESS_H
#define LH_CMD_PROGRESS_H

#include "base/log.h"

struct lh_progress {
    struct lh_log *log;
    const char *what; /* "discover github"; borrowed */
    bool is_on;
    int64_t next_ms; /* not shown again before */
};

void lh_progress_begin(struct lh_progress *p, struct lh_log *log, const char *what);
void lh_progress_show(struct lh_progress *p, size_t done, size_t bad, size_t left);

/* Takes the line away; nothing more is shown. */
void lh_progress_free(struct lh_progress *p);

#endif
