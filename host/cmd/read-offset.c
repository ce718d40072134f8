/* SPDX-License-Identifier: Apache-2.0 */
/* The offset file of the command `read`; see read.h. */
#include "config.h"

#include "cmd/read.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

/* As they stand in the file: sorted. */
static const struct {
    const char *name;
    enum lh_read_flow flow;
} flows[] = {{"deletes", LH_READ_DELETES}, {"rows", LH_READ_ROWS}};

#define N_FLOWS (sizeof flows / sizeof *flows)

static const char *const forms[] = {"jsonl raw", "jsonl typed", "csv raw", "csv typed"};

const char *lh_offset_form(bool csv, bool typed)
{
    return forms[2 * csv + typed];
}

void lh_offset_file_free(struct lh_offset_file *f)
{
    for (size_t i = 0; i < N_FLOWS; i++) {
        lh_buf_free(&f->flows[i].offset);
        free(f->flows[i].file);
    }
}

void lh_flow_offset_forget(struct lh_flow_offset *flow)
{
    lh_buf_reset(&flow->offset);
    flow->length = 0;
    lh_flow_offset_set_output(flow, NULL, NULL);
}

void lh_flow_offset_set_output(struct lh_flow_offset *flow, const char *path, const char *form)
{
    free(flow->file);
    flow->file = path ? realpath(path, NULL) : NULL;
    /* JSON cannot hold it; its length still tells it from others */
    if (flow->file && !lh_utf8_valid(lh_str_z(flow->file))) {
        free(flow->file);
        flow->file = NULL;
    }
    flow->form = form;
    flow->has_length = path != NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int expected(const struct lh_offset_file *f, const struct lh_json *container,
                    const struct lh_json *v, const char *what, struct lh_error *e)
{
    lh_json_value_error(container, v, f->path, what, LH_INVALID, e);
    return lh_error_wrap(e, "--offset-file");
}

/* What is not known would be lost at the next write. */
static int check_names(const struct lh_offset_file *f, const struct lh_json *object,
                       const char *const *known, size_t n_known, const char *what,
                       struct lh_error *e)
{
    if (lh_json_kind(object) != LH_JSON_OBJECT)
        return expected(f, object, object, what, e);
    if (lh_json_check_members(object, known, n_known, f->path, what, LH_INVALID, e))
        return lh_error_wrap(e, "--offset-file");
    return 0;
}

/* Of which output the offset is; each may be missing. */
static int take_output(const struct lh_offset_file *f, const struct lh_json *v,
                       struct lh_flow_offset *to, struct lh_error *e)
{
    const struct lh_json *file = lh_json_get(v, LH_STR("file"));
    const struct lh_json *form = lh_json_get(v, LH_STR("form"));
    lh_str path = lh_json_str(file);

    if (file && (lh_json_kind(file) != LH_JSON_STRING || path.n == 0 || path.p[0] != '/' ||
                 memchr(path.p, 0, path.n)))
        return expected(f, v, file, "\"file\", an absolute path", e);
    for (size_t i = 0; form && lh_json_kind(form) == LH_JSON_STRING && i < LH_LEN(forms); i++)
        if (lh_str_eqz(lh_json_str(form), forms[i]))
            to->form = forms[i];
    if (form && !to->form)
        return expected(f, v, form, "\"form\", csv or jsonl with raw or typed: \"jsonl raw\"", e);
    to->file = file ? lh_xmemdup0(path.p, path.n) : NULL;
    return 0;
}

static int take_flow(const struct lh_offset_file *f, const struct lh_json *v,
                     struct lh_flow_offset *to, struct lh_error *e)
{
    static const char *const names[] = {"file", "form", "length", "offset"};
    const struct lh_json *offset = lh_json_get(v, LH_STR("offset"));
    const struct lh_json *length = lh_json_get(v, LH_STR("length"));
    int64_t n = 0;
    int code = check_names(f, v, names, LH_LEN(names),
                           "an object of \"offset\", \"length\", \"file\" and \"form\"", e);

    if (code)
        return code;
    if (lh_json_kind(offset) != LH_JSON_OBJECT)
        return expected(f, v, offset, "\"offset\", a JSON object", e);
    if (length && (lh_json_i64(length, &n) || n < 0))
        return expected(f, v, length, "\"length\", a number of bytes", e);
    if (take_output(f, v, to, e))
        return e->code;
    lh_json_write_canonical(&to->offset, offset);
    to->has_length = length != NULL;
    to->length = (uint64_t)n;
    return 0;
}

/* It is about this table of this connector. */
static int check_subject(const struct lh_offset_file *f, const struct lh_json *root,
                         struct lh_error *e)
{
    const struct lh_json *connector = lh_json_get(root, LH_STR("connector"));
    const struct lh_json *table = lh_json_get(root, LH_STR("table"));

    if (lh_json_kind(connector) != LH_JSON_STRING)
        return expected(f, root, connector, "\"connector\", a string", e);
    if (lh_json_kind(table) != LH_JSON_STRING)
        return expected(f, root, table, "\"table\", a string", e);
    if (lh_str_eqz(lh_json_str(connector), f->connector) && lh_str_eq(lh_json_str(table), f->table))
        return 0;
    return lh_error_set(e, LH_INVALID,
                        "--offset-file %s: it is about %.*s %.*s, expected %s %.*s; give each "
                        "table a file of its own",
                        f->path, LH_STR_ARG(lh_json_str(connector)), LH_STR_ARG(lh_json_str(table)),
                        f->connector, LH_STR_ARG(f->table));
}

static int take(struct lh_offset_file *f, const struct lh_json *root, struct lh_error *e)
{
    static const char *const names[] = {"connector", "flows", "table"};
    const struct lh_json *all = lh_json_get(root, LH_STR("flows"));
    const struct lh_json *twice = lh_json_duplicate(lh_json_owner(root));
    const char *const flow_names[] = {flows[0].name, flows[1].name};
    int code =
        check_names(f, root, names, 3,
                    "an offset file, an object of \"connector\", \"flows\" and \"table\"", e);

    if (code)
        return code;
    if (twice)
        return expected(f, root, twice, "a key once in its object", e);
    if ((code = check_subject(f, root, e)))
        return code;
    if (!all)
        return expected(f, root, NULL, "\"flows\"", e);
    code = check_names(f, all, flow_names, N_FLOWS, "an object of \"deletes\" and \"rows\"", e);
    for (size_t i = 0; i < N_FLOWS && !code; i++) {
        const struct lh_json *v = lh_json_get(all, lh_str_z(flows[i].name));

        if (v)
            code = take_flow(f, v, &f->flows[flows[i].flow], e);
    }
    return code;
}

int lh_offset_file_read(struct lh_offset_file *f, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(FILE_MAX);
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    struct lh_json_problem problem;

    for (size_t i = 0; i < N_FLOWS; i++)
        f->flows[i].offset = (struct lh_buf)LH_BUF_INIT(FILE_MAX);
    if (access(f->path, F_OK) != 0)
        return 0;
    if (lh_file_read(f->path, FILE_MAX, LH_FILE_REGULAR, &text, e))
        return lh_error_wrap(e, "--offset-file");
    if (!lh_json_scan(doc, lh_buf_slice(&text), &lh_json_page_limits, &problem))
        return take(f, lh_json_root(doc), e);
    lh_json_problem_error(&problem, lh_buf_slice(&text), f->path, LH_INVALID, e);
    return lh_error_wrap(e, "--offset-file");
}

/* --- writing ---------------------------------------------------------------------------------- */

static void add_flow(const char *name, const struct lh_flow_offset *flow, struct lh_buf *to)
{
    lh_buf_f(to, "\"%s\":{", name);
    if (flow->has_length && flow->file) {
        lh_buf_z(to, "\"file\":");
        lh_json_write_str(to, lh_str_z(flow->file));
        lh_buf_char(to, ',');
    }
    if (flow->has_length && flow->form)
        lh_buf_f(to, "\"form\":\"%s\",", flow->form);
    if (flow->has_length)
        lh_buf_f(to, "\"length\":%llu,", (unsigned long long)flow->length);
    lh_buf_z(to, "\"offset\":");
    lh_buf_str(to, lh_buf_slice(&flow->offset));
    lh_buf_char(to, '}');
}

int lh_offset_file_write(const struct lh_offset_file *f, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(FILE_MAX);
    const char *comma = "";

    lh_buf_z(&text, "{\"connector\":");
    lh_json_write_str(&text, lh_str_z(f->connector));
    lh_buf_z(&text, ",\"flows\":{");
    for (size_t i = 0; i < N_FLOWS; i++) {
        const struct lh_flow_offset *flow = &f->flows[flows[i].flow];

        if (!flow->offset.n)
            continue;
        lh_buf_z(&text, comma);
        add_flow(flows[i].name, flow, &text);
        comma = ",";
    }
    lh_buf_z(&text, "},\"table\":");
    lh_json_write_str(&text, f->table);
    lh_buf_z(&text, "}\n");
    if (text.failed)
        return lh_error_set(e, LH_INVALID, "--offset-file %s: the offset is too large", f->path);
    return lh_file_write_atomic(f->path, lh_buf_slice(&text), 0, e);
}
