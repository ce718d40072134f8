/* SPDX-License-Identifier: Apache-2.0 */
/* The command `read`: rows of a table to a file or pipe, and the offset that they belong to. */
#include "config.h"

#include "cmd/open.h"
#include "cmd/read.h"

#include "base/file-lock.h"
#include "base/number.h"
#include "plugin/pool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAVE_EVERY_MS 200 /* the offset file is written no more often than that */

struct reader {
    struct lh_source source;
    struct lh_metadata metadata;
    struct lh_schema *schema;
    struct lh_buf start, end, partition; /* JSON of the flags */
    struct lh_buf last;                  /* the last checkpoint whose rows were all given */
    struct lh_read_output out;
    struct lh_offset_file file;
    struct lh_flow_offset *mine; /* of this flow, in `file` */
    struct lh_file_lock offset_lock, output_lock;
    struct lh_read what;
    bool saves;   /* there is an offset file, and the table is no snapshot */
    bool unsaved; /* last is newer than the file */
    int64_t saved_at;
    uint64_t kept;  /* length of the output at `last` */
    uint64_t limit; /* rows; UINT64_MAX: all */
    uint64_t given;
    struct {
        uint64_t length, given;
    } mark; /* at the last checkpoint, or at the end of a partition */
    struct lh_read_jobs jobs;
    bool is_enough; /* --limit is reached: what comes next is not wanted */
};

static void reader_free(struct reader *r)
{
    lh_read_output_free(&r->out);
    lh_file_lock_free(&r->output_lock);
    lh_file_lock_free(&r->offset_lock);
    lh_offset_file_free(&r->file);
    lh_schema_destroy(r->schema);
    lh_metadata_free(&r->metadata);
    lh_buf_free(&r->start);
    lh_buf_free(&r->end);
    lh_buf_free(&r->partition);
    lh_buf_free(&r->last);
    lh_source_free(&r->source);
}

/* --- what the connector produces -------------------------------------------------------------- */

/* Rows first, then the offset that they belong to. */
static int save(struct reader *r, struct lh_error *e)
{
    int code = lh_read_output_flush(&r->out, r->saves, e);

    if (code || !r->saves || !r->unsaved)
        return code;
    lh_buf_reset(&r->mine->offset);
    lh_buf_str(&r->mine->offset, lh_buf_slice(&r->last));
    r->mine->length = r->kept;
    lh_flow_offset_set_output(r->mine, r->out.owned ? r->out.path : NULL,
                              lh_offset_form(r->out.csv, r->out.coercer != NULL));
    code = lh_offset_file_write(&r->file, e);
    r->unsaved = code != 0;
    r->saved_at = lh_now_ms();
    return code;
}

/* Ends the read from inside; the caller knows why. */
static int enough(struct reader *r, struct lh_error *e)
{
    r->is_enough = true;
    return lh_error_set(e, LH_INTERRUPTED, "--limit is reached");
}

static int take_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    struct reader *r = arg;

    (void)op;
    if (r->given == r->limit)
        return enough(r, e);
    r->given++;
    return lh_read_output_row(&r->out, text, row, e);
}

static int set_mark(void *arg, struct lh_error *e)
{
    struct reader *r = arg;

    (void)e;
    r->mark.length = lh_read_output_length(&r->out);
    r->mark.given = r->given;
    if (r->out.coercer)
        lh_coercer_mark(r->out.coercer);
    return 0;
}

static int take_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    struct reader *r = arg;

    lh_buf_reset(&r->last);
    lh_buf_str(&r->last, offset);
    set_mark(r, e);
    r->kept = r->mark.length;
    r->unsaved = true;
    if (r->given == r->limit)
        return enough(r, e);
    if (r->saves && lh_now_ms() - r->saved_at >= SAVE_EVERY_MS)
        return save(r, e);
    return 0;
}

/* Rows that will come again, from a connector that was started again: a pipe keeps what it has. */
static int take_back(void *arg, struct lh_error *e)
{
    struct reader *r = arg;
    uint64_t twice = r->given - r->mark.given;
    int code = lh_read_output_cut(&r->out, r->mark.length, e);

    r->given = r->mark.given;
    if (r->out.coercer)
        lh_coercer_rewind(r->out.coercer);
    if (!code && lh_read_output_length(&r->out) > r->mark.length)
        lh_log_warn(r->source.context->log,
                    "%" PRIu64 " rows come twice: they were written to %s already; in an "
                    "--output-file each comes once",
                    twice, r->out.path);
    return code;
}

/* --- getting ready ---------------------------------------------------------------------------- */

/* One name, or two names of one file. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat st_a;
    struct stat st_b;

    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
           st_a.st_ino == st_b.st_ino;
}

static int check_flags(const struct lh_args *args, struct lh_error *e)
{
    const char *offset_file = lh_args_get(args, "offset-file");
    const char *output_file = lh_args_get(args, "output-file");

    if (lh_args_count(args, "unordered") && !lh_args_get(args, "jobs"))
        return lh_error_set(e, LH_USAGE, "--unordered needs --jobs N");
    if (lh_args_count(args, "raw") && lh_args_count(args, "typed"))
        return lh_error_set(e, LH_USAGE, "--raw and --typed exclude each other");
    if (lh_args_count(args, "resume") && !offset_file)
        return lh_error_set(e, LH_USAGE, "--resume needs --offset-file FILE");
    if (offset_file && strcmp(offset_file, "-") == 0)
        return lh_error_set(e, LH_USAGE, "--offset-file: expected a file, found -");
    if (offset_file && output_file && is_same_file(offset_file, output_file))
        return lh_error_set(e, LH_USAGE, "--offset-file and --output-file: both are %s",
                            offset_file);
    if (offset_file && lh_read_is_special(offset_file))
        return lh_error_set(e, LH_INVALID, "--offset-file %s: expected a regular file",
                            offset_file);
    if (!lh_args_get(args, "partition"))
        return 0;
    if (offset_file || lh_args_count(args, "deletes"))
        return lh_error_set(e, LH_USAGE, "--partition excludes --offset-file and --deletes");
    if (lh_args_get(args, "jobs"))
        return lh_error_set(e, LH_USAGE, "--partition excludes --jobs: it is for one reader");
    return 0;
}

static int take_number(const struct lh_args *args, const char *name, const char *flag, int64_t max,
                       int64_t *ret, struct lh_error *e)
{
    const char *text = lh_args_get(args, name);

    return text ? lh_number_i64(lh_str_z(text), 1, max, flag, LH_USAGE, ret, e) : 0;
}

/* Offsets are the connector's own, but {} is the beginning everywhere: nothing lies before it. */
static int take_end(struct reader *r, const char *value, struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    const struct lh_json *root;

    if (lh_source_json(value, "--end-offset", &r->end, e))
        return e->code;
    /* what is no JSON is said with its place where it is used */
    if (lh_json_scan(doc, lh_buf_slice(&r->end), &lh_json_page_limits, NULL))
        return 0;
    root = lh_json_root(doc);
    if (lh_json_kind(root) != LH_JSON_OBJECT || lh_json_count(root))
        return 0;
    return lh_error_set(e, LH_INVALID,
                        "--end-offset: {} is the beginning, and nothing lies before it; leave it "
                        "out to read up to the horizon");
}

static int take_flags(struct reader *r, const struct lh_args *args, struct lh_error *e)
{
    const char *start = lh_args_get(args, "start-offset");
    const char *end = lh_args_get(args, "end-offset");
    int64_t limit = 0;
    int64_t jobs = 0;
    int code = check_flags(args, e);

    if (!code)
        code = take_number(args, "limit", "--limit", INT64_MAX, &limit, e);
    if (!code)
        code = take_number(args, "jobs", "--jobs", LH_POOL_MAX_THREADS, &jobs, e);
    r->limit = limit ? (uint64_t)limit : UINT64_MAX;
    r->what.max_rows = (uint64_t)limit;
    r->jobs.n = (size_t)jobs;
    r->jobs.unordered = lh_args_count(args, "unordered") > 0;
    r->jobs.done = set_mark;
    if (!code && start)
        code = lh_source_json(start, "--start-offset", &r->start, e);
    if (!code && end)
        code = take_end(r, end, e);
    r->what.offset = lh_buf_slice(&r->start);
    r->what.end = lh_buf_slice(&r->end);
    r->what.table = lh_str_z(args->positional[1]);
    r->what.flow = lh_args_count(args, "deletes") ? LH_READ_DELETES : LH_READ_ROWS;
    return code;
}

/*
 * Runs that write the same files are kept apart, at once and before anything is read of them. After
 * signals are caught: a run that is ended takes its locks with it.
 */
static int take_locks(struct reader *r, const struct lh_args *args, struct lh_error *e)
{
    const char *offset_file = lh_args_get(args, "offset-file");
    const char *output_file = lh_args_get(args, "output-file");

    if (offset_file && lh_file_lock_take(&r->offset_lock, offset_file, e))
        return lh_error_wrap(e, "--offset-file");
    if (output_file && lh_file_descriptor(output_file) < 0 && !lh_read_is_special(output_file) &&
        lh_file_lock_take(&r->output_lock, output_file, e))
        return lh_error_wrap(e, "--output-file");
    return 0;
}

/* The partition, and with a line of `partitions` also what belongs to it (rule 27). */
static int take_partition(struct reader *r, const char *value, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_read_line line = {&r->partition, &r->start, &r->end, false, 0};
    bool has_flags = r->what.offset.n || r->what.end.n || lh_args_get(r->source.args, "as-of");
    int code = lh_source_json(value, "--partition", &text, e);

    if (!code)
        code = lh_read_line_take(lh_buf_slice(&text), has_flags, &line, e);
    if (code)
        return code;
    if (line.is_whole)
        r->source.run.as_of_ms = line.as_of_ms;
    r->what.partition = lh_buf_slice(&r->partition);
    r->what.offset = lh_buf_slice(&r->start);
    r->what.end = lh_buf_slice(&r->end);
    return 0;
}

/* --- what the table and the files say --------------------------------------------------------- */

/* Keys and cursor must be columns, and the flow one that the table has. */
static int take_metadata(struct reader *r, struct lh_error *e)
{
    int code =
        lh_instance_metadata(r->source.in, r->what.table, r->what.table_opts, &r->metadata, e);

    if (code)
        return code;
    code = lh_instance_schema(r->source.in, r->what.table, r->what.table_opts, &r->schema, e);
    if (!code)
        code = lh_instance_match(r->source.in, r->what.table, &r->metadata, r->schema, e);
    if (code)
        return code;
    r->what.ingestion = r->metadata.ingestion;
    if (r->what.flow == LH_READ_DELETES && r->metadata.ingestion != LH_INGEST_CDC_WITH_DELETES)
        return lh_error_set(e, LH_INVALID,
                            "--deletes: %s %.*s has no delete flow, its ingestion type is not "
                            "cdc_with_deletes",
                            r->source.plugin->name, LH_STR_ARG(r->what.table));
    return 0;
}

/* Where this run begins, by the offset file; rule 26: never in the middle of a snapshot. */
static int take_offset_file(struct reader *r, const struct lh_args *args, struct lh_error *e)
{
    const char *path = lh_args_get(args, "offset-file");
    bool resume = lh_args_count(args, "resume") > 0;
    int code;

    if (!path)
        return 0;
    r->file.path = path;
    r->file.connector = r->source.plugin->name;
    r->file.table = r->what.table;
    r->mine = &r->file.flows[r->what.flow];
    if ((code = lh_offset_file_read(&r->file, e)))
        return code;
    r->saves = r->what.ingestion != LH_INGEST_SNAPSHOT;
    if (r->saves && resume && r->mine->offset.n) {
        if (r->start.n)
            lh_log_warn(r->source.context->log,
                        "--start-offset is not used: --resume goes on from the offset in %s", path);
        lh_buf_reset(&r->last);
        lh_buf_str(&r->last, lh_buf_slice(&r->mine->offset));
        r->what.offset = lh_buf_slice(&r->mine->offset);
        return 0;
    }
    if (!r->saves)
        lh_log_warn(r->source.context->log,
                    "--offset-file: %.*s is a snapshot table: it is read whole each time, and no "
                    "offset of it is kept",
                    LH_STR_ARG(r->what.table));
    lh_flow_offset_forget(r->mine);
    return 0;
}

/* What the offset file holds belongs to an output that is about to be cut. */
static int forget_offset(void *arg, struct lh_error *e)
{
    struct reader *r = arg;

    return r->mine->offset.n ? 0 : lh_offset_file_write(&r->file, e);
}

/* --resume: the offset must be this output's. One whose file is gone was moved, and may be. */
static int check_own_output(const struct reader *r, const char *path, const char *form,
                            struct lh_error *e)
{
    const struct lh_flow_offset *mine = r->mine;

    if (!mine->has_length)
        return lh_error_set(e, LH_INVALID,
                            "--resume: %s belongs to output on a pipe and has no length for "
                            "--output-file %s; go on without --output-file, or start anew",
                            r->file.path, path);
    if (mine->form && strcmp(mine->form, form) != 0)
        return lh_error_set(e, LH_INVALID,
                            "--resume: the rows in --output-file %s are %s, and these would be "
                            "%s; go on with the same --output and --typed or --raw, or start anew",
                            path, mine->form, form);
    if (mine->file && access(mine->file, F_OK) == 0 && !is_same_file(mine->file, path))
        return lh_error_set(e, LH_INVALID,
                            "--resume: %s belongs to %s, not to --output-file %s; give that one, "
                            "or start anew",
                            r->file.path, mine->file, path);
    return 0;
}

/* Whether the output is the other flow's, which may have grown since by what has no offset yet. */
static bool is_others_output(const struct reader *r, const char *path)
{
    const struct lh_flow_offset *other = &r->file.flows[!r->what.flow];
    struct stat st;

    if (!other->has_length || stat(path, &st))
        return false;
    if (other->file)
        return is_same_file(other->file, path);
    return !r->mine->offset.n && other->length && (uint64_t)st.st_size >= other->length;
}

static int check_output(const struct reader *r, const char *path, const char *form,
                        struct lh_error *e)
{
    int code = r->mine->offset.n ? check_own_output(r, path, form, e) : 0;

    if (!code && is_others_output(r, path))
        return lh_error_set(e, LH_INVALID,
                            "--output-file %s: %s says that it holds the other flow of the table; "
                            "give rows and deletes a file each",
                            path, r->file.path);
    return code;
}

static int open_output(struct reader *r, const struct lh_args *args, struct lh_error *e)
{
    const char *path = lh_args_get(args, "output-file");
    const char *form = lh_args_get(args, "output");
    bool keep = r->saves && path && lh_file_descriptor(path) < 0;
    bool typed = lh_args_count(args, "typed") > 0;
    int code;

    r->out.csv = form && strcmp(form, "csv") == 0;
    code = keep ? check_output(r, path, lh_offset_form(r->out.csv, typed), e) : 0;
    r->out.signals = &r->source.signals;
    if (!code)
        code = lh_read_output_open(&r->out, path, keep, keep ? r->mine->length : 0, e);
    if (code)
        return code;
    r->out.schema = r->schema;
    r->out.before_cut = r->saves ? forget_offset : NULL;
    r->out.before_cut_arg = r;
    if (typed)
        r->out.coercer = lh_coercer_new(r->schema);
    code = lh_read_output_header(&r->out, e);
    set_mark(r, e);
    r->kept = r->mark.length;
    return code;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_calls(struct reader *r, const struct lh_row_writer *to, bool until_done,
                      bool *ret_more, struct lh_error *e)
{
    lh_auto(lh_buf) from = LH_BUF_INIT(LH_BUF_TEXT);
    int code;

    do {
        *ret_more = false;
        code = lh_instance_read(r->source.in, &r->what, to, ret_more, e);
        if (!*ret_more)
            break;
        /* rule 21: the next call gives the rows behind the last checkpoint again */
        if (until_done && (code = lh_read_output_cut(&r->out, r->kept, e)))
            break;
        lh_buf_reset(&from);
        lh_buf_str(&from, lh_buf_slice(&r->last));
        r->what.offset = lh_buf_slice(&from);
    } while (!code && until_done);
    return code;
}

/* By partitions, where --jobs asks for it and there are some; else by one reader. */
static int read_rows(struct reader *r, const struct lh_args *args, bool *ret_more,
                     struct lh_error *e)
{
    const struct lh_row_writer to = {take_row, take_checkpoint, r, take_back};
    bool is_read = false;
    int code = 0;

    r->saved_at = lh_now_ms();
    if (r->jobs.n)
        code =
            lh_read_jobs_run(&r->source, &r->jobs, &r->what, r->metadata.flags, &to, &is_read, e);
    return code || is_read ? code
                           : read_calls(r, &to, lh_args_count(args, "until-done") > 0, ret_more, e);
}

static void report_coercion(const struct reader *r)
{
    const struct lh_coerce_count *count = NULL;

    while (r->out.coercer && (count = lh_coercer_next(r->out.coercer, count))) {
        lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);

        lh_coerce_count_write(&line, count);
        lh_log_warn(r->source.context->log, "%s", lh_buf_text(&line));
    }
}

/* Whatever ended the read: what was given out is flushed, and its offset kept. */
static int settle(struct reader *r, int code, struct lh_error *e)
{
    lh_auto(lh_error) late = LH_ERROR_INIT;
    bool is_untouched = false; /* it failed before there was anything: earlier files stay */

    if (r->is_enough && code == LH_INTERRUPTED) {
        lh_error_free(e);
        code = 0;
    }
    is_untouched = code && !r->given && !r->unsaved;
    if (!r->out.broken_pipe && !is_untouched && save(r, &late)) {
        if (!code)
            code = lh_error_move(e, &late);
        else if (late.code != LH_INTERRUPTED)
            lh_log_warn(r->source.context->log, "%s", lh_error_text(&late));
    }
    if (!code)
        code = lh_read_output_commit(&r->out, e);
    report_coercion(r);
    if (!r->out.broken_pipe)
        return lh_source_end(&r->source, code, e);
    /* as with any filter: the reader has what it wanted, there is nobody to tell */
    lh_error_free(e);
    return LH_FAILED;
}

static int prepare(struct reader *r, struct lh_context *context, const struct lh_args *args,
                   struct lh_error *e)
{
    const char *partition = lh_args_get(args, "partition");
    int code = take_flags(r, args, e);

    if (!code)
        code = lh_source_open(context, args, args->positional[0], &r->source, e);
    if (!code)
        code = take_locks(r, args, e);
    if (!code && partition)
        code = take_partition(r, partition, e);
    if (!code)
        code = lh_source_table(&r->source, r->what.table, &r->what.table_opts, e);
    if (!code)
        code = take_metadata(r, e);
    if (!code)
        code = take_offset_file(r, args, e);
    return code ? code : open_output(r, args, e);
}

static int run_read(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    __attribute__((cleanup(reader_free))) struct reader r = {
        .source = LH_SOURCE_INIT,
        .start = LH_BUF_INIT(LH_BUF_TEXT),
        .end = LH_BUF_INIT(LH_BUF_TEXT),
        .partition = LH_BUF_INIT(LH_BUF_TEXT),
        .last = LH_BUF_INIT(LH_BUF_TEXT),
        .out = {.fd = -1, .whole = LH_FILE_WRITER_INIT},
        .offset_lock = LH_FILE_LOCK_INIT,
        .output_lock = LH_FILE_LOCK_INIT,
    };
    bool more = false;
    int code = prepare(&r, context, args, e);

    if (code)
        return lh_source_end(&r.source, code, e);
    code = read_rows(&r, args, &more, e);
    code = settle(&r, code, e);
    if (!code && more && !r.is_enough)
        lh_log_warn(context->log, "there is more: --until-done goes on%s",
                    r.saves ? ", --resume later as well" : "");
    return code;
}

static const struct lh_option options[] = {
    {"--start-offset", "JSON|@FILE", "begin behind this offset (default: at the beginning)"},
    {"--offset-file", "FILE", "write the end offset here, as JSON", NULL, LH_OPT_FILE},
    {"--resume", NULL, "begin where the offset file says, when it exists; else at --start-offset"},
    {"--limit", "N", "stop after N records"},
    {"--until-done", NULL, "go on while the connector says that there is more"},
    {"--output-file", "FILE", "instead of standard output; --resume cuts it back: exactly once",
     NULL, LH_OPT_FILE},
    {"--as-of", "TIME", "the run's horizon (default: now)"},
    {"--end-offset", "JSON|@FILE", "read up to this offset"},
    {"--partition", "JSON|@FILE", "one line of lakehost partitions, or a partition alone"},
    {"--deletes", NULL, "the delete flow of a cdc_with_deletes table"},
    {"--raw", NULL, "records as the source gave them (default)"},
    {"--typed", NULL, "records coerced to the schema; what does not fit is null and counted"},
    {"--output", "FORMAT", "jsonl (default) or csv", "jsonl|csv"},
    {"--jobs", "N", "read by partitions, N side by side, where the table has them"},
    {"--unordered", NULL, "with --jobs: rows as they come (default: in the partitions' order)"},
    LH_SOURCE_OPTIONS,
    {NULL},
};

const struct lh_command lh_command_read = {
    .name = "read",
    .summary = "Reads records of a table as JSON Lines or CSV",
    .args = "CONNECTOR TABLE",
    .details =
        "With --offset-file the offset is kept at checkpoints, once what belongs to it was\n"
        "written; a run that is interrupted goes on with --resume. On a pipe a record may then\n"
        "come twice, with --output-file each is there exactly once. One offset file serves both\n"
        "flows of a table; with --output-file each flow has one of its own. Offsets of snapshot\n"
        "tables are not kept. A second run on the same files ends at once with exit code 9.\n\n"
        "With --jobs the offset moves when the last partition is complete; the first one that\n"
        "fails ends them all. The output is the same for every N, which is 64 at most. Each of\n"
        "the N opens the connector once more and takes up to 16 MiB of memory.\n\n"
        "CSV has a header and one column for each of the schema's, nested values as JSON; a null\n"
        "is empty, an empty text is \"\". When the reader of a pipe goes away, the command ends\n"
        "quietly with exit code 1.",
    .group = "Looking into a source",
    .options = options,
    .examples =
        (const struct lh_example[]){
            {"read example orders --limit 5", "the first five records"},
            {"read example orders --until-done --offset-file o.json --resume",
             "all of them, and the changes at the next time"},
            {"read example orders --deletes --offset-file o.json --resume", "what was deleted"},
            {"read example metrics --typed --output csv --output-file m.csv", "for a spreadsheet"},
            {NULL}},
    .exits = "0 1 2 3 4 5 6 7 8 9 130",
    .run = run_read,
};
