/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command `check`: the stages that a run goes through, each printed when it is over, up to the
 * first that the rest needs; then one probe of each table.
 */
#include "config.h"

#include "catalog/catalog.h"
#include "cmd/open.h"

#include <stdlib.h>

#define RESULT_MAX ((size_t)1 << 30)
#define MAX_LEVELS 16

struct checking {
    struct lh_log *log; /* knows the secrets: a report goes past its sink */
    struct lh_buf text;
    json_t *list;
    bool json;
    size_t good, bad, good_tables;
    bool is_over;          /* a stage failed that the others need */
    bool is_late;          /* the time of --timeout ended in the tables */
    bool may_be_partly;    /* nothing failed but single tables */
    struct lh_steps own;   /* what the connector itself looked at */
    struct lh_error first; /* that failed */
};

static void checking_free(struct checking *c)
{
    lh_buf_free(&c->text);
    json_decref(c->list);
    lh_error_free(&c->first);
    lh_steps_free(&c->own);
}

/* --- steps ------------------------------------------------------------------------------------ */

static char *without_secrets(const struct checking *c, const char *text)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(SIZE_MAX / 2);

    lh_log_redact(c->log, lh_str_z(text), &b);
    return lh_xstrdup(lh_buf_text(&b));
}

/* A reason may have several lines. */
static void add_lines(struct lh_buf *to, const char *detail)
{
    lh_str line;
    lh_str rest = lh_str_z(detail);

    for (bool first = true; rest.n; first = false) {
        const char *feed = memchr(rest.p, '\n', rest.n);
        char *text lh_autofree = NULL;

        line = lh_str_n(rest.p, feed ? (size_t)(feed - rest.p) : rest.n);
        rest = lh_str_n(line.p + line.n + (feed != NULL), rest.n - line.n - (feed != NULL));
        text = lh_xmemdup0(line.p, line.n);
        lh_buf_z(to, first ? "" : "\n           ");
        lh_source_add_plain(to, text);
    }
}

/* One step: its exit code; result is the connector's LH_E_*, NULL for the host's own steps. */
static int add_step(struct checking *c, const char *what, int code, const char *result,
                    const char *why, struct lh_error *e)
{
    char *name lh_autofree = without_secrets(c, what);
    char *detail lh_autofree = without_secrets(c, why);

    if (!code)
        c->good++;
    else if (!c->bad++)
        lh_error_set(&c->first, code, "%s: %s", name, detail);
    json_array_append_new(c->list,
                          json_pack("{s:s, s:b, s:i, s:s?, s:s}", "step", name, "ok", code == 0,
                                    "exit", code, "result", result, "detail", detail));
    if (c->json)
        return 0;
    lh_buf_reset(&c->text);
    lh_buf_f(&c->text, "%-6s ", code ? "failed" : "ok");
    lh_source_add_plain(&c->text, name);
    lh_buf_z(&c->text, ": ");
    add_lines(&c->text, detail);
    if (code && result)
        lh_buf_f(&c->text, " (%s)", result);
    else if (code)
        lh_buf_f(&c->text, " (exit %d)", code);
    lh_buf_char(&c->text, '\n');
    return lh_print(&c->text, e);
}

static int add_good(struct checking *c, const char *name, const char *detail, struct lh_error *e)
{
    return add_step(c, name, 0, NULL, detail, e);
}

/* A step of the host that failed for `why`, which is freed. */
static int add_failed(struct checking *c, const char *name, struct lh_error *why,
                      struct lh_error *e)
{
    int code = add_step(c, name, why->code, NULL, lh_error_text(why), e);

    lh_error_free(why);
    return code;
}

/* --- the stages ------------------------------------------------------------------------------- */

/* Where the connector was found, in words that hold on every machine. */
static int add_plugin(struct checking *c, const struct lh_source *s, struct lh_error *e)
{
    const char *flag = lh_args_get(s->args, "plugin");
    const char *name = s->args->positional[0];
    const char *file = flag ? flag : name && strchr(name, '/') ? name : NULL;
    bool is_static = s->plugin->path[0] == '(';
    char *detail lh_autofree =
        lh_xasprintf("%s %s, %s%s", s->plugin->name, s->plugin->spec->version,
                     file        ? "from "
                     : is_static ? "built into the program"
                                 : "from the search path",
                     file ? file : "");

    return add_good(c, "plugin", detail, e);
}

static int add_sign_in(struct checking *c, const struct lh_source *s, struct lh_error *e)
{
    const struct lh_spec_sign_in *sign_in = lh_opts_sign_in(s->opts);
    lh_auto(lh_error) why = LH_ERROR_INIT;

    if (sign_in)
        return add_good(c, "sign-in", sign_in->id, e);
    if (!s->plugin->spec->n_sign_in)
        return 0;
    c->is_over = true;
    lh_error_set(&why, LH_INVALID, "no mode of sign-in has all its options");
    return add_failed(c, "sign-in", &why, e);
}

/* Loading and opening: what lh_source_open did, stage by stage. why: where it ended, if it did. */
static int add_opening(struct checking *c, const struct lh_source *s, struct lh_error *why,
                       struct lh_error *e)
{
    int code;

    c->is_over = why->code != 0;
    if (s->stage == LH_STAGE_PLUGIN)
        return add_failed(c, "plugin", why, e);
    code = add_plugin(c, s, e);
    if (!code && why->code)
        return add_failed(c, "options", why, e);
    if (!code)
        code = add_good(c, "options", "complete", e);
    return code ? code : add_sign_in(c, s, e);
}

/* What the connector itself looks at. */
static int add_connectors_steps(struct checking *c, struct lh_source *s, struct lh_error *e)
{
    const struct lh_steps *steps = &c->own;
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code = 0;

    if (lh_instance_check(s->in, &c->own, &why)) {
        c->is_over = true;
        return add_failed(c, "check", &why, e);
    }
    for (size_t i = 0; i < steps->n && !code; i++) {
        /* every table would be refused as well, and some sources lock accounts out */
        c->is_over = c->is_over || steps->items[i].code == LH_E_AUTH;
        code = add_step(c, steps->items[i].name, lh_result_exit(steps->items[i].code),
                        lh_result_name(steps->items[i].code), steps->items[i].detail, e);
    }
    return code;
}

/* --- tables ----------------------------------------------------------------------------------- */

/* One probe: metadata, schema, whether they agree, and a row. */
static int probe(struct lh_source *s, const struct lh_table_entry *t, char **ret_detail,
                 struct lh_error *e)
{
    lh_auto(lh_metadata) metadata = {0};
    lh_autoptr(lh_schema) schema = NULL;
    struct lh_measured measured = {0};
    const struct lh_opts *opts = NULL;
    lh_str table = lh_str_z(t->name);
    int code = lh_source_table_in(s, table, t->ns, t->n_ns, &opts, e);

    if (!code)
        code = lh_instance_metadata(s->in, table, opts, &metadata, e);
    if (!code)
        code = lh_instance_schema(s->in, table, opts, &schema, e);
    if (!code)
        code = lh_instance_match(s->in, table, &metadata, schema, e);
    if (!code)
        code = lh_catalog_sample(s->in, &s->run, s->plugin->spec, table, opts, metadata.ingestion,
                                 1, &measured, e);
    free(measured.limit_requests);
    if (!code)
        *ret_detail = lh_xasprintf(
            "%s, %zu column%s, can be read", lh_ingestion_name(metadata.ingestion),
            lh_schema_root(schema)->n_columns, lh_schema_root(schema)->n_columns == 1 ? "" : "s");
    return code;
}

static char *step_name(const struct lh_table_entry *t)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(SIZE_MAX / 2);

    lh_buf_z(&name, "table ");
    for (size_t i = 0; i < t->n_ns; i++)
        lh_buf_f(&name, "%s/", t->ns[i]);
    lh_buf_z(&name, t->name);
    return lh_xstrdup(lh_buf_text(&name));
}

static int add_table(struct checking *c, struct lh_source *s, const struct lh_table_entry *t,
                     struct lh_error *e)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;
    char *name lh_autofree = step_name(t);
    char *detail lh_autofree = NULL;

    if (!probe(s, t, &detail, &why)) {
        c->good_tables++;
        return add_good(c, name, detail, e);
    }
    if (s->signals.got)
        return lh_error_move(e, &why);
    c->is_late = lh_deadline_passed(s->run.deadline);
    return c->is_late ? 0 : add_failed(c, name, &why, e);
}

/* That is about no table: which of them it ended in is chance. */
static int add_late(struct checking *c, size_t n_left, size_t n, struct lh_error *e)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;

    c->may_be_partly = false;
    lh_error_set(&why, LH_UNREACHABLE,
                 "the time of --timeout is over; %zu of %zu tables were not tried to the end",
                 n_left, n);
    return add_failed(c, "tables", &why, e);
}

static int list_tables(struct lh_source *s, struct lh_tables *ret, struct lh_error *e)
{
    const struct lh_opts *opts;
    lh_str ns[MAX_LEVELS];
    int code = lh_source_table(s, LH_STR(""), &opts, e);

    return code
               ? code
               : lh_instance_list_tables(s->in, ns, lh_source_namespace(s, ns, MAX_LEVELS), ret, e);
}

static bool has_table(const struct lh_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->n; i++)
        if (strcmp(tables->items[i].name, name) == 0)
            return true;
    return false;
}

/* Whether all that failed before was about single tables: then the others are worth something. */
static bool only_tables_failed(const struct checking *c, const struct lh_tables *tables)
{
    for (size_t i = 0; i < c->own.n; i++)
        if (c->own.items[i].code && !has_table(tables, c->own.items[i].name))
            return false;
    return true;
}

static int add_tables(struct checking *c, struct lh_source *s, struct lh_error *e)
{
    lh_auto(lh_tables) tables = {0};
    lh_auto(lh_error) why = LH_ERROR_INIT;
    char *count lh_autofree = NULL;
    int code;

    if (list_tables(s, &tables, &why)) {
        c->is_over = true;
        return add_failed(c, "tables", &why, e);
    }
    count = lh_xasprintf("%zu listed", tables.n);
    code = add_good(c, "tables", count, e);
    c->may_be_partly = only_tables_failed(c, &tables);
    for (size_t i = 0; i < tables.n && !code; i++) {
        code = add_table(c, s, &tables.items[i], e);
        if (c->is_late)
            return add_late(c, tables.n - i, tables.n, e);
    }
    return code;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What it comes to; when some tables work and all that does not are others, LH_PARTLY. */
static int end(struct checking *c, struct lh_error *e)
{
    const char *first;
    size_t n;
    int code = c->good_tables && c->may_be_partly ? LH_PARTLY
               : c->is_late                       ? LH_UNREACHABLE
                                                  : c->first.code;

    if (c->json) {
        lh_source_add_json(&c->text, json_incref(c->list), 2);
        if (lh_print(&c->text, e))
            return e->code;
    }
    if (!c->bad)
        return 0;
    first = lh_error_text(&c->first);
    n = strcspn(first, "\n");
    /* a reason of several lines was printed: what stands in the first one is enough */
    return lh_error_set(e, code, "check: %zu of %zu steps failed; %.*s%s", c->bad, c->bad + c->good,
                        (int)n, first, first[n] ? " ..." : "");
}

static int run_check(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    __attribute__((cleanup(checking_free))) struct checking c = {.log = context->log,
                                                                 .text = LH_BUF_INIT(RESULT_MAX),
                                                                 .list = json_array(),
                                                                 .json =
                                                                     lh_source_wants_json(args)};
    lh_auto(lh_source) s = LH_SOURCE_INIT;
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code = lh_source_open(context, args, args->positional[0], &s, &why);

    if (code && (s.stage == LH_STAGE_FLAGS || code == LH_USAGE || s.signals.got))
        return lh_source_end(&s, lh_error_move(e, &why), e);
    code = add_opening(&c, &s, &why, e);
    if (!code && !c.is_over)
        code = add_connectors_steps(&c, &s, e);
    if (!code && !c.is_over)
        code = add_tables(&c, &s, e);
    if (!code && !s.signals.got)
        code = end(&c, e);
    else if (!code)
        code = LH_INTERRUPTED;
    return s.in ? lh_source_end(&s, code, e) : code;
}

static const struct lh_option options[] = {
    {"--output", "FORMAT", "text or json", "text|json"},
    LH_SOURCE_OPTIONS,
    {NULL},
};

const struct lh_command lh_command_check = {
    .name = "check",
    .summary = "Checks a source step by step: connector, options, sign-in, each table",
    .args = "CONNECTOR",
    .details =
        "The steps: plugin, options, sign-in where the connector has it, what the connector\n"
        "itself looks at, and each table: its metadata and schema, whether keys and cursor are\n"
        "columns, and one row. A step that fails says why; where the others need it, it is the\n"
        "last. When some tables work and others do not, the exit code is 6; when --timeout\n"
        "ends it, 7.",
    .group = "Looking into a source",
    .options = options,
    .examples =
        (const struct lh_example[]){
            {"check example", "is everything there that a run needs?"},
            {"check example --table-option area=archive", "the tables of one namespace"},
            {"check example --output json", "the same for a program"},
            {NULL}},
    .exits = "0 1 2 3 4 5 6 7 8 130",
    .run = run_check,
};
