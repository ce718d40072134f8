/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: the only way text for people reaches stderr.
 *
 *     struct lh_log log;
 *
 *     lh_log_init(&log, STDERR_FILENO);
 *     lh_log_secret(&log, token, "token");
 *     lh_log_warn(&log, "table %s: skipped", name);     lakehost: warning: table t: skipped
 *     lh_log_free(&log);
 *
 * A message is one write(2), so lines of several processes do not mix. Secrets that were
 * registered come out as "***", in every form that redact.h names. Whatever could drive a
 * terminal or hide text (control characters, ESC and the C1 set among them, and those that turn
 * the direction of writing) comes out as an escape such as \x1b or \u009b, and bytes that are
 * not UTF-8 as U+FFFD. Newlines inside a message become indented lines, those at its end are
 * dropped. An error while writing is ignored: there is nowhere to report it.
 *
 * As JSON Lines a message is {"level":"warn","message":"..."}: keys sorted, no time stamp unless
 * asked for, so that equal input gives equal output.
 *
 * All functions may be called from several threads; the fields are set before that. A log of
 * NULL writes nothing.
 */
#ifndef LH_BASE_LOG_H
#define LH_BASE_LOG_H

#include "base/redact.h"

#include <pthread.h>

struct lh_log {
    int fd;                /* borrowed; the log does not close it */
    const char *program;   /* "lakehost"; the worker says its own name */
    int threshold;         /* LH_LOG_*; what is above is not written; LH_LOG_INFO at first */
    bool json;             /* JSON Lines instead of text */
    bool colour;           /* colours the level in text; the caller knows the terminal */
    bool time;             /* adds the time, UTC with milliseconds; for debugging */
    pthread_mutex_t mutex; /* guards the secrets, and keeps lines whole */
    struct lh_redactor secrets;
    struct lh_buf status; /* the line below the messages; empty: none */
};

void lh_log_init(struct lh_log *log, int fd);

/* Overwrites and frees the secrets. */
void lh_log_free(struct lh_log *log);

/* True when a message of this level would be written: saves the making of one. */
bool lh_log_wants(const struct lh_log *log, int level);

void lh_log_error(struct lh_log *log, const char *format, ...) LH_PRINTF(2, 3);
void lh_log_warn(struct lh_log *log, const char *format, ...) LH_PRINTF(2, 3);
void lh_log_info(struct lh_log *log, const char *format, ...) LH_PRINTF(2, 3);
void lh_log_debug(struct lh_log *log, const char *format, ...) LH_PRINTF(2, 3);

/* A message as a slice, of up to LH_BUF_TEXT bytes; what is longer is named and left out. */
void lh_log_write(struct lh_log *log, int level, lh_str message);

/*
 * A line that stays below the messages until the next one replaces it, "" takes it away: progress.
 * For a log whose descriptor is a terminal, and as text only; the line must fit its width. Secrets
 * and what could drive the terminal are replaced as in messages.
 */
void lh_log_status(struct lh_log *log, const char *line);

/*
 * Registers a secret, which is copied. `name` is the option it came from: a secret of 1 to 3
 * bytes draws one warning with it, because the output will have holes that puzzle its reader.
 */
void lh_log_secret(struct lh_log *log, lh_str secret, const char *name);

/*
 * Appends the text to out without the secrets and otherwise as it is, for whoever writes text
 * elsewhere: traces, reports, error texts in files.
 */
void lh_log_redact(struct lh_log *log, lh_str text, struct lh_buf *out);

#endif
