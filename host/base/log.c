/* SPDX-License-Identifier: Apache-2.0 */
/* The log; see log.h. A message is redacted first and made safe for a terminal after that. */
#include "config.h"

#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

/* Each byte of a message takes six at most ("\u001b"), or five of an indented empty line. */
#define LINE_MAX_BYTES (LH_BUF_TEXT * 8)
#define ERASE_LINE     "\r\033[K"
#define INDENT         4
#define FULL_WAIT_MS   1000 /* for a reader that does not read, when the sink does not block */

static const struct {
    const char *json, *text, *colour;
} level_names[] = {
    [LH_LOG_ERROR] = {"error", "error: ", "\033[31m"},
    [LH_LOG_WARN] = {"warn", "warning: ", "\033[33m"},
    [LH_LOG_INFO] = {"info", "", ""},
    [LH_LOG_DEBUG] = {"debug", "debug: ", "\033[2m"},
};

void lh_log_init(struct lh_log *log, int fd)
{
    *log = (struct lh_log){.fd = fd,
                           .program = "lakehost",
                           .threshold = LH_LOG_INFO,
                           .secrets = LH_REDACTOR_INIT,
                           .status = LH_BUF_INIT(LINE_MAX_BYTES)};
    pthread_mutex_init(&log->mutex, NULL);
}

void lh_log_free(struct lh_log *log)
{
    lh_redactor_free(&log->secrets);
    lh_buf_free(&log->status);
    pthread_mutex_destroy(&log->mutex);
}

bool lh_log_wants(const struct lh_log *log, int level)
{
    return log && level <= log->threshold;
}

void lh_log_secret(struct lh_log *log, lh_str secret, const char *name)
{
    if (!log)
        return;
    if (secret.n > 0 && secret.n < 4)
        lh_log_warn(log,
                    "%s: a secret of less than 4 bytes is hidden wherever its characters stand, "
                    "and only there; use a longer one",
                    name);
    pthread_mutex_lock(&log->mutex);
    lh_redactor_add(&log->secrets, secret);
    pthread_mutex_unlock(&log->mutex);
}

void lh_log_redact(struct lh_log *log, lh_str text, struct lh_buf *out)
{
    if (!log) {
        lh_buf_str(out, text);
        return;
    }
    pthread_mutex_lock(&log->mutex);
    lh_redactor_apply(&log->secrets, text, out);
    pthread_mutex_unlock(&log->mutex);
}

/* C0, DEL, C1, line and paragraph separators, and what changes the direction of writing. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void put_char(struct lh_buf *b, uint32_t c)
{
    char bytes[4];

    lh_buf_add(b, bytes, lh_utf8_put(bytes, c >= LH_UTF8_BAD ? 0xfffd : c));
}

static void put_text(struct lh_buf *b, lh_str message)
{
    for (size_t at = 0; at < message.n;) {
        uint32_t c = lh_utf8_next_any(message, &at);

        if (c == '\n') {
            lh_buf_char(b, '\n');
            lh_buf_fill(b, ' ', INDENT);
        } else if (c == '\t' || !is_unsafe(c)) {
            put_char(b, c);
        } else {
            lh_buf_f(b, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
        }
    }
}

static void put_json(struct lh_buf *b, lh_str message)
{
    static const char names[] = "\b\f\n\r\t";

    for (size_t at = 0; at < message.n;) {
        uint32_t c = lh_utf8_next_any(message, &at);
        const char *name = c && c < 0x20 ? strchr(names, (int)c) : NULL;

        if (name) {
            lh_buf_char(b, '\\');
            lh_buf_char(b, "bfnrt"[name - names]);
        } else if (is_unsafe(c)) {
            lh_buf_f(b, "\\u%04x", (unsigned)c);
        } else {
            if (c == '"' || c == '\\')
                lh_buf_char(b, '\\');
            put_char(b, c);
        }
    }
}

static void put_time(struct lh_buf *b)
{
    struct timespec now = {0};
    struct tm utc = {0};
    char text[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    lh_buf_add(b, text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc));
    lh_buf_f(b, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static void put_json_line(const struct lh_log *log, int level, lh_str message, struct lh_buf *line)
{
    lh_buf_f(line, "{\"level\":\"%s\",\"message\":\"", level_names[level].json);
    put_json(line, message);
    lh_buf_char(line, '"');
    if (log->time) {
        lh_buf_z(line, ",\"time\":\"");
        put_time(line);
        lh_buf_char(line, '"');
    }
    lh_buf_z(line, "}\n");
}

static void put_text_line(const struct lh_log *log, int level, lh_str message, struct lh_buf *line)
{
    bool colour = log->colour && level_names[level].text[0];

    if (log->time) {
        put_time(line);
        lh_buf_char(line, ' ');
    }
    lh_buf_f(line, "%s: ", log->program);
    lh_buf_z(line, colour ? level_names[level].colour : "");
    lh_buf_z(line, level_names[level].text);
    lh_buf_z(line, colour ? "\033[0m" : "");
    put_text(line, message);
    lh_buf_char(line, '\n');
}

/* One write(2), unless the sink takes only a part. */
static void write_all(int fd, lh_str text)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);

        if (n >= 0) {
            text = lh_str_n(text.p + n, text.n - (size_t)n);
        } else if (errno == EAGAIN) {
            struct pollfd sink = {.fd = fd, .events = POLLOUT};

            if (poll(&sink, 1, FULL_WAIT_MS) == 0)
                return;
        } else if (errno != EINTR) {
            return;
        }
    }
}

static lh_str without_newlines_at_end(lh_str text)
{
    while (text.n && text.p[text.n - 1] == '\n')
        text.n--;
    return text;
}

static void write_redacted(struct lh_log *log, int level, lh_str message)
{
    lh_auto(lh_buf) safe = LH_BUF_INIT(LINE_MAX_BYTES);
    lh_auto(lh_buf) line = LH_BUF_INIT(LINE_MAX_BYTES);
    lh_str text;

    lh_redactor_apply(&log->secrets, message, &safe);
    text = without_newlines_at_end(lh_buf_slice(&safe));
    if (log->status.n)
        lh_buf_z(&line, ERASE_LINE);
    if (log->json)
        put_json_line(log, level, text, &line);
    else
        put_text_line(log, level, text, &line);
    lh_buf_str(&line, lh_buf_slice(&log->status));
    write_all(log->fd, lh_buf_slice(&line));
}

void lh_log_status(struct lh_log *log, const char *text)
{
    lh_auto(lh_buf) safe = LH_BUF_INIT(LINE_MAX_BYTES);
    lh_auto(lh_buf) line = LH_BUF_INIT(LINE_MAX_BYTES);

    if (!log || log->json)
        return;
    pthread_mutex_lock(&log->mutex);
    if (log->status.n)
        lh_buf_z(&line, ERASE_LINE);
    lh_buf_reset(&log->status);
    lh_redactor_apply(&log->secrets, lh_str_z(text), &safe);
    put_text(&log->status, lh_buf_slice(&safe));
    lh_buf_str(&line, lh_buf_slice(&log->status));
    write_all(log->fd, lh_buf_slice(&line));
    pthread_mutex_unlock(&log->mutex);
}

void lh_log_write(struct lh_log *log, int level, lh_str message)
{
    if (!lh_log_wants(log, level))
        return;
    if (message.n > LH_BUF_TEXT)
        message = LH_STR("(a message of more than 1 MiB was left out)");
    pthread_mutex_lock(&log->mutex);
    write_redacted(log, level, message);
    pthread_mutex_unlock(&log->mutex);
}

static void write_formatted(struct lh_log *log, int level, const char *format, va_list args)
    LH_PRINTF(3, 0);

static void write_formatted(struct lh_log *log, int level, const char *format, va_list args)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    if (!lh_log_wants(log, level))
        return;
    lh_buf_vf(&b, format, args);
    /* What did not fit goes on as too long, so that one place says so. */
    lh_log_write(log, level, b.failed ? lh_str_n("", LH_BUF_TEXT + 1) : lh_buf_slice(&b));
}

#define LEVEL_FUNCTION(name, level)                                                                \
    void name(struct lh_log *log, const char *format, ...)                                         \
    {                                                                                              \
        va_list args;                                                                              \
                                                                                                   \
        va_start(args, format);                                                                    \
        write_formatted(log, level, format, args);                                                 \
        va_end(args);                                                                              \
    }

LEVEL_FUNCTION(lh_log_error, LH_LOG_ERROR)
LEVEL_FUNCTION(lh_log_warn, LH_LOG_WARN)
LEVEL_FUNCTION(lh_log_info, LH_LOG_INFO)
LEVEL_FUNCTION(lh_log_debug, LH_LOG_DEBUG)
