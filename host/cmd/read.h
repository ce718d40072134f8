/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the command `read` share: where rows go (read-output.c), where the offset is
 * kept (read-offset.c), what --partition takes (read-partition.c), and partitions side by side
 * (read-jobs.c).
 *
 * The order on disk is: rows, then the offset that they belong to. A run that is killed between
 * the two reads these rows again; with --output-file the length that belongs to the offset is kept
 * beside it, and --resume cuts back to that, so each row is there exactly once.
 */
#ifndef LH_CMD_READ_H
#define LH_CMD_READ_H

#include "base/buf.h"
#include "base/file.h"
#include "base/signal.h"
#include "cmd/open.h"
#include "plugin/service.h"
#include "schema/coerce.h"
#include "json/document.h"
#include "json/json.h"

/* --- output ----------------------------------------------------------------------------------- */

struct lh_read_output {
    int fd;                     /* -1: not open */
    char *path;                 /* for messages */
    bool owned;                 /* a file that can be cut back and synced */
    bool opened;                /* fd is to be closed: of `owned`, or of a device or pipe */
    bool broken_pipe;           /* the reader went away: no more, and nothing to say about it */
    bool waits;                 /* fd is no regular file: a write may take for ever */
    struct lh_signals *signals; /* end such a wait; NULL: none */
    uint64_t written;           /* bytes that fd has */
    bool cut_pending;           /* owned: what is there goes with the first bytes of this run */
    int (*before_cut)(void *arg, struct lh_error *e); /* NULL: nothing */
    void *before_cut_arg;
    struct lh_buf buffer;        /* what comes next */
    struct lh_file_writer whole; /* without an offset file: renamed at the end */
    /* formats */
    const struct lh_schema *schema; /* csv and typed rows; borrowed */
    struct lh_coercer *coercer;     /* typed rows; NULL: as they came */
    bool csv;
    struct lh_json_doc *doc;
    struct lh_buf line;
};

void lh_read_output_free(struct lh_read_output *out);

/*
 * Opens. path NULL or "-" is standard output, and so is another descriptor (/dev/fd/N). keep: a
 * file that grows beside an offset file, cut to `length` before the first bytes are written, so
 * that a run that fails earlier leaves it as it was; else a file that is there when it is complete.
 * A device or pipe is written to as it is; beside an offset file it is LH_INVALID, it cannot be
 * cut.
 */
int lh_read_output_open(struct lh_read_output *out, const char *path, bool keep, uint64_t length,
                        struct lh_error *e);

/* Whether a path is there and leads to a device, pipe or socket. */
bool lh_read_is_special(const char *path);

/* One row; row may be NULL (text has it). */
int lh_read_output_row(struct lh_read_output *out, lh_str text, const struct lh_json *row,
                       struct lh_error *e);

/* Column names for csv, at the beginning of the output. */
int lh_read_output_header(struct lh_read_output *out, struct lh_error *e);

/* Bytes so far, with those that wait in the buffer. */
uint64_t lh_read_output_length(const struct lh_read_output *out);

/* Hands everything to the system; sync: to the disk. */
int lh_read_output_flush(struct lh_read_output *out, bool sync, struct lh_error *e);

/* Takes rows back that will be read again, as far as they can be: to `length` bytes. */
int lh_read_output_cut(struct lh_read_output *out, uint64_t length, struct lh_error *e);

/* Makes a file without an offset file appear. */
int lh_read_output_commit(struct lh_read_output *out, struct lh_error *e);

/* --- offset file ------------------------------------------------------------------------------ */

/*
 * {"connector":C,"flows":{"rows":{"file":F,"form":"jsonl raw","length":N,"offset":{...}},
 * "deletes":{...}},"table":T}: offsets are exact JSON. What is said about the output is there only
 * with --output-file.
 */
struct lh_flow_offset {
    struct lh_buf offset; /* canonical; empty: none */
    uint64_t length;      /* of the output at that offset */
    bool has_length;
    char *file;       /* the output's absolute path; NULL: not known, or no UTF-8 */
    const char *form; /* of its rows, lh_offset_form; static; NULL: not known */
};

/* What the rows of an output look like: "csv typed", "jsonl raw". */
const char *lh_offset_form(bool csv, bool typed);

struct lh_offset_file {
    const char *path, *connector;
    lh_str table;
    struct lh_flow_offset flows[2]; /* by enum lh_read_flow */
};

/* The flow begins anew. */
void lh_flow_offset_forget(struct lh_flow_offset *flow);

/* Notes of which output `offset` and `length` are; path may be NULL: of none, a pipe. */
void lh_flow_offset_set_output(struct lh_flow_offset *flow, const char *path, const char *form);

void lh_offset_file_free(struct lh_offset_file *f);

/*
 * Reads the file when it is there; missing: all stays empty. LH_INVALID with a place when anything
 * in it is not as above, in either flow, and when it is about another connector or table.
 */
int lh_offset_file_read(struct lh_offset_file *f, struct lh_error *e);

/* Writes it whole or not at all. */
int lh_offset_file_write(const struct lh_offset_file *f, struct lh_error *e);

/* --- partitions ------------------------------------------------------------------------------- */

struct lh_read_line {
    struct lh_buf *partition, *offset, *end; /* JSON, of the caller; empty: none */
    bool is_whole;                           /* a line of `partitions`: as_of_ms is set */
    int64_t as_of_ms;
};

/*
 * Takes a line of `partitions`, or any other object as a partition alone. has_flags: offset, end or
 * horizon were given otherwise, which a whole line excludes (LH_USAGE). LH_INVALID with a place for
 * a member that is not as `partitions` writes it.
 */
int lh_read_line_take(lh_str text, bool has_flags, struct lh_read_line *to, struct lh_error *e);

/* --- partitions side by side ------------------------------------------------------------------ */

struct lh_read_jobs {
    size_t n; /* at most so many at once; 0: --jobs was not given */
    bool unordered;
    int (*done)(void *arg, struct lh_error *e); /* the rows of a partition are complete */
};

/*
 * Reads a table by its partitions and gives the rows to `to` (whose arg `done` gets too), in the
 * order of the partitions. The one checkpoint, the end of what was read, comes behind the last of
 * them; for a snapshot there is none. *ret_read: false when there is nothing to be read in this
 * way, which a note says when it is for want of partitions; nothing was given then. table_flags:
 * of its metadata.
 */
int lh_read_jobs_run(struct lh_source *s, const struct lh_read_jobs *jobs,
                     const struct lh_read *what, uint32_t table_flags,
                     const struct lh_row_writer *to, bool *ret_read, struct lh_error *e);

#endif
