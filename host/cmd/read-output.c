/* SPDX-License-Identifier: Apache-2.0 */
/* Where the rows of the command `read` go, and in which form; see read.h. */
#include "config.h"

#include "cmd/read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES   ((size_t)256 << 10)
#define OPEN_EVERY_MS 50

void lh_read_output_free(struct lh_read_output *out)
{
    if (out->opened && out->fd >= 0)
        close(out->fd);
    free(out->path);
    lh_buf_free(&out->buffer);
    lh_buf_free(&out->line);
    lh_file_writer_free(&out->whole);
    lh_coercer_destroy(out->coercer);
    lh_json_doc_destroy(out->doc);
}

/* A file that is to grow beside an offset file. */
static int open_kept(struct lh_read_output *out, const char *path, uint64_t length,
                     struct lh_error *e)
{
    struct stat st;

    out->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    out->opened = true;
    if (out->fd < 0 || fstat(out->fd, &st))
        return lh_file_error(e, errno, "open", path);
    if (!S_ISREG(st.st_mode))
        return lh_error_set(e, LH_INVALID, "--output-file %s: expected a regular file", path);
    if ((uint64_t)st.st_size < length)
        return lh_error_set(e, LH_INVALID,
                            "--output-file %s: it has %lld bytes, and the offset belongs to %llu; "
                            "it was changed since, start without --resume",
                            path, (long long)st.st_size, (unsigned long long)length);
    out->owned = true;
    out->written = length;
    out->cut_pending = true;
    return 0;
}

static int interrupted(const struct lh_read_output *out, struct lh_error *e)
{
    return lh_error_set(e, LH_INTERRUPTED, "write to %s: its reader does not read", out->path);
}

/* A device, or a named pipe: that one cannot be opened before somebody reads it. */
static int open_special(struct lh_read_output *out, struct lh_error *e)
{
    struct pollfd signal = {.fd = out->signals ? out->signals->fd : -1, .events = POLLIN};

    while ((out->fd = open(out->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0 &&
           errno == ENXIO) {
        poll(&signal, 1, OPEN_EVERY_MS);
        if (out->signals && lh_signals_pending(out->signals))
            return interrupted(out, e);
    }
    out->opened = true;
    out->waits = true;
    if (out->fd < 0 || fcntl(out->fd, F_SETFL, 0))
        return lh_file_error(e, errno, "open", out->path);
    return 0;
}

static int use_descriptor(struct lh_read_output *out, int fd, struct lh_error *e)
{
    struct stat st;

    if (fstat(fd, &st))
        return lh_file_error(e, errno, "write to", out->path);
    out->fd = fd;
    out->waits = !S_ISREG(st.st_mode);
    return 0;
}

int lh_read_output_open(struct lh_read_output *out, const char *path, bool keep, uint64_t length,
                        struct lh_error *e)
{
    int fd = path ? lh_file_descriptor(path) : STDOUT_FILENO;
    int code;

    out->buffer = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    out->line = (struct lh_buf)LH_BUF_INIT((size_t)1 << 30);
    out->doc = lh_json_doc_new();
    out->path = lh_xstrdup(fd == STDOUT_FILENO ? "standard output" : path);
    if (fd >= 0)
        return use_descriptor(out, fd, e);
    if (lh_read_is_special(path) && keep)
        return lh_error_set(e, LH_INVALID,
                            "--output-file %s: expected a regular file, which --resume can cut "
                            "back; leave --offset-file out, or write to standard output",
                            path);
    if (lh_read_is_special(path))
        return open_special(out, e);
    if (keep)
        return open_kept(out, path, length, e);
    code = lh_file_writer_begin(&out->whole, path, 0, e);
    out->fd = code ? -1 : out->whole.fd;
    return code;
}

bool lh_read_is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

uint64_t lh_read_output_length(const struct lh_read_output *out)
{
    return out->written + out->buffer.n;
}

/* Cuts back to what this run goes on from. */
static int cut_now(struct lh_read_output *out, struct lh_error *e)
{
    if (!out->cut_pending)
        return 0;
    if (out->before_cut && out->before_cut(out->before_cut_arg, e))
        return e->code;
    if (ftruncate(out->fd, (off_t)out->written) ||
        lseek(out->fd, (off_t)out->written, SEEK_SET) < 0)
        return lh_file_error(e, errno, "cut", out->path);
    out->cut_pending = false;
    return 0;
}

/*
 * How many of n bytes a write takes without waiting. A pipe that is ready has room for PIPE_BUF
 * bytes; while its reader does not read, a signal ends the wait: 0.
 */
static size_t wait_for_room(const struct lh_read_output *out, size_t n)
{
    struct pollfd fds[] = {{.fd = out->fd, .events = POLLOUT},
                           {.fd = out->signals ? out->signals->fd : -1, .events = POLLIN}};

    if (!out->waits)
        return n;
    while (poll(fds, 2, out->signals && out->signals->got ? 0 : -1) < 0 && errno == EINTR)
        ;
    if (!fds[0].revents)
        return 0;
    return n < PIPE_BUF ? n : PIPE_BUF;
}

/* Writes until the buffer is out or something is in the way; *ret_n: how many bytes are out. */
static int write_buffer(struct lh_read_output *out, size_t *ret_n, struct lh_error *e)
{
    while (*ret_n < out->buffer.n) {
        size_t room = wait_for_room(out, out->buffer.n - *ret_n);
        ssize_t n = room ? write(out->fd, out->buffer.p + *ret_n, room) : 0;

        if (!room && lh_signals_pending(out->signals))
            return interrupted(out, e);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            out->broken_pipe = errno == EPIPE;
            return lh_error_errno(e, LH_FAILED, errno, "write to %s", out->path);
        }
        *ret_n += (size_t)n;
    }
    return 0;
}

int lh_read_output_flush(struct lh_read_output *out, bool sync, struct lh_error *e)
{
    size_t n = 0;
    int code = cut_now(out, e);

    if (code)
        return code;
    code = write_buffer(out, &n, e);
    /* what is out is out, also when it was not all: another flush goes on behind it */
    if (n) {
        memmove(out->buffer.p, out->buffer.p + n, out->buffer.n - n);
        lh_buf_cut(&out->buffer, out->buffer.n - n);
    }
    out->written += n;
    if (!code && sync && out->owned && fdatasync(out->fd))
        return lh_file_error(e, errno, "sync", out->path);
    return code;
}

int lh_read_output_cut(struct lh_read_output *out, uint64_t length, struct lh_error *e)
{
    if (length >= out->written) {
        lh_buf_cut(&out->buffer, (size_t)(length - out->written));
        return 0;
    }
    if (!out->owned && out->whole.folder < 0)
        return 0;
    lh_buf_reset(&out->buffer);
    if (ftruncate(out->fd, (off_t)length) || lseek(out->fd, (off_t)length, SEEK_SET) < 0)
        return lh_file_error(e, errno, "cut", out->path);
    out->written = length;
    return 0;
}

int lh_read_output_commit(struct lh_read_output *out, struct lh_error *e)
{
    int code = lh_read_output_flush(out, true, e);

    return code ? code : lh_file_writer_commit(&out->whole, e);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* RFC 4180: quoted where it has to be; "" is the empty text, nothing is null. */
static void add_cell(struct lh_buf *to, lh_str text)
{
    bool plain = text.n > 0;

    for (size_t i = 0; plain && i < text.n; i++)
        plain = text.p[i] != '"' && text.p[i] != ',' && text.p[i] != '\r' && text.p[i] != '\n';
    if (plain) {
        lh_buf_str(to, text);
        return;
    }
    lh_buf_char(to, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            lh_buf_char(to, '"');
        lh_buf_char(to, text.p[i]);
    }
    lh_buf_char(to, '"');
}

static void add_value(struct lh_read_output *out, const struct lh_json *v)
{
    int kind = lh_json_kind(v);

    if (kind == LH_JSON_ARRAY || kind == LH_JSON_OBJECT) {
        lh_buf_reset(&out->line);
        lh_json_write(&out->line, v);
        add_cell(&out->buffer, lh_buf_slice(&out->line));
    } else if (kind != LH_JSON_NONE && kind != LH_JSON_NULL) {
        add_cell(&out->buffer, lh_json_str(v));
    }
}

static void add_csv(struct lh_read_output *out, const struct lh_json *row)
{
    const struct lh_type *root = lh_schema_root(out->schema);

    for (size_t i = 0; i < root->n_columns; i++) {
        if (i)
            lh_buf_char(&out->buffer, ',');
        add_value(out, lh_json_get(row, root->columns[i].name));
    }
    lh_buf_z(&out->buffer, "\r\n");
}

int lh_read_output_header(struct lh_read_output *out, struct lh_error *e)
{
    const struct lh_type *root;

    if (!out->csv || lh_read_output_length(out))
        return 0;
    root = lh_schema_root(out->schema);
    for (size_t i = 0; i < root->n_columns; i++) {
        if (i)
            lh_buf_char(&out->buffer, ',');
        add_cell(&out->buffer, root->columns[i].name);
    }
    lh_buf_z(&out->buffer, "\r\n");
    return lh_read_output_flush(out, false, e);
}

/* The row as a value: rows that were built come as text only. */
static int scan_row(struct lh_read_output *out, lh_str text, const struct lh_json **ret,
                    struct lh_error *e)
{
    struct lh_json_problem problem;

    if (lh_json_scan(out->doc, text, &lh_json_page_limits, &problem))
        return lh_json_problem_error(&problem, text, "row", LH_FAILED, e);
    *ret = lh_json_root(out->doc);
    return 0;
}

static int add_formed(struct lh_read_output *out, lh_str text, const struct lh_json *row,
                      struct lh_error *e)
{
    lh_auto(lh_buf) typed = LH_BUF_INIT((size_t)1 << 30);
    struct lh_buf *to = out->csv ? &typed : &out->buffer;
    int code = row ? 0 : scan_row(out, text, &row, e);

    if (!code && out->coercer)
        code = lh_coerce_row(out->coercer, row, to, e);
    if (!code && out->coercer && out->csv)
        code = scan_row(out, lh_buf_slice(&typed), &row, e);
    if (code)
        return code;
    if (out->csv)
        add_csv(out, row);
    else
        lh_buf_char(&out->buffer, '\n');
    return 0;
}

int lh_read_output_row(struct lh_read_output *out, lh_str text, const struct lh_json *row,
                       struct lh_error *e)
{
    int code = 0;

    if (out->coercer || out->csv) {
        code = add_formed(out, text, row, e);
    } else {
        lh_buf_str(&out->buffer, text);
        lh_buf_char(&out->buffer, '\n');
    }
    if (!code && out->buffer.n >= FLUSH_BYTES)
        code = lh_read_output_flush(out, false, e);
    return code;
}
