/* SPDX-License-Identifier: Apache-2.0 */
/* The offset file of the command `read`; see read.h. */
#include "config.h"

#include "cmd/read.h"

#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

void lh_offset_file_free(struct lh_offset_file *f)
{
    lh_buf_free(&f->offset);
    lh_buf_free(&f->other);
}

static int refuse(const struct lh_offset_file *f, const char *what, struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID, "--offset-file %s: %s", f->path, what);
}

/* This flow's offset and length. */
static int take_flow(struct lh_offset_file *f, const struct lh_json *flow, struct lh_error *e)
{
    const struct lh_json *offset = lh_json_get(flow, LH_STR("offset"));
    const struct lh_json *length = lh_json_get(flow, LH_STR("length"));
    int64_t n = 0;

    if (lh_json_kind(flow) == LH_JSON_NONE)
        return 0;
    if (lh_json_kind(offset) != LH_JSON_OBJECT || lh_json_write_canonical(&f->offset, offset))
        return refuse(f, "it has no offset that is a JSON object", e);
    if (length && (lh_json_i64(length, &n) || n < 0))
        return refuse(f, "its length is no whole number", e);
    f->has_length = length != NULL;
    f->length = (uint64_t)n;
    return 0;
}

static int take(struct lh_offset_file *f, const struct lh_json *root, struct lh_error *e)
{
    const struct lh_json *flows = lh_json_get(root, LH_STR("flows"));
    bool rows = strcmp(f->flow, "rows") == 0;
    const struct lh_json *other = lh_json_get(flows, rows ? LH_STR("deletes") : LH_STR("rows"));
    lh_str connector = lh_json_str(lh_json_get(root, LH_STR("connector")));
    lh_str table = lh_json_str(lh_json_get(root, LH_STR("table")));

    if (lh_json_kind(flows) != LH_JSON_OBJECT)
        return refuse(f, "this is no offset file: it has no \"flows\"", e);
    if (!lh_str_eqz(connector, f->connector) || !lh_str_eq(table, f->table))
        return lh_error_set(e, LH_INVALID,
                            "--offset-file %s: it is about %.*s %.*s, expected %s %.*s; give each "
                            "table a file of its own",
                            f->path, LH_STR_ARG(connector), LH_STR_ARG(table), f->connector,
                            LH_STR_ARG(f->table));
    if (other && lh_json_write_canonical(&f->other, other))
        return refuse(f, "a key stands twice in it", e);
    return take_flow(f, lh_json_get(flows, lh_str_z(f->flow)), e);
}

int lh_offset_file_read(struct lh_offset_file *f, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(FILE_MAX);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    struct lh_json_problem problem;

    f->offset = (struct lh_buf)LH_BUF_INIT(FILE_MAX);
    f->other = (struct lh_buf)LH_BUF_INIT(FILE_MAX);
    if (access(f->path, F_OK) != 0)
        return 0;
    if (lh_file_read(f->path, FILE_MAX, LH_FILE_REGULAR, &text, e))
        return lh_error_wrap(e, "--offset-file");
    if (lh_json_scan(doc, lh_buf_slice(&text), &lh_json_page_limits, &problem))
        return lh_json_problem_error(&problem, lh_buf_slice(&text), f->path, LH_INVALID, e);
    return take(f, lh_json_root(doc), e);
}

static void add_this(const struct lh_offset_file *f, struct lh_buf *to)
{
    lh_buf_f(to, "\"%s\":{", f->flow);
    if (f->has_length)
        lh_buf_f(to, "\"length\":%llu,", (unsigned long long)f->length);
    lh_buf_z(to, "\"offset\":");
    lh_buf_str(to, lh_buf_slice(&f->offset));
    lh_buf_char(to, '}');
}

static void add_other(const struct lh_offset_file *f, const char *name, struct lh_buf *to)
{
    lh_buf_f(to, "\"%s\":", name);
    lh_buf_str(to, lh_buf_slice(&f->other));
}

int lh_offset_file_write(const struct lh_offset_file *f, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(FILE_MAX);
    bool rows = strcmp(f->flow, "rows") == 0;

    lh_buf_z(&text, "{\"connector\":");
    lh_json_write_str(&text, lh_str_z(f->connector));
    lh_buf_z(&text, ",\"flows\":{");
    /* sorted: deletes before rows */
    if (!rows && f->offset.n)
        add_this(f, &text);
    if (rows && f->other.n)
        add_other(f, "deletes", &text);
    if (f->offset.n && f->other.n)
        lh_buf_char(&text, ',');
    if (rows && f->offset.n)
        add_this(f, &text);
    if (!rows && f->other.n)
        add_other(f, "rows", &text);
    lh_buf_z(&text, "},\"table\":");
    lh_json_write_str(&text, f->table);
    lh_buf_z(&text, "}\n");
    if (text.failed)
        return refuse(f, "the offset is too large", e);
    return lh_file_write_atomic(f->path, lh_buf_slice(&text), 0, e);
}
