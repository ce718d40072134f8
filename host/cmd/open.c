/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a source for a command; see open.h. Prints nothing but warnings. */
#include "config.h"

#include "cmd/open.h"

#include "base/file.h"
#include "base/number.h"
#include "yaml/yaml.h"
#include "json/document.h"

#include <lakehost/sdk.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define VALUE_MAX   ((size_t)1 << 20)
#define RETRIES_MAX 100
#define TIMEOUT_MAX ((int64_t)366 * 86400 * 1000)

void lh_source_free(struct lh_source *s)
{
    lh_instance_close(s->in);
    lh_http_client_destroy(s->client);
    lh_http_engine_destroy(s->engine);
    if (s->stdin_text.p)
        explicit_bzero(s->stdin_text.p, s->stdin_text.cap);
    lh_buf_free(&s->stdin_text);
    lh_document_free(&s->by_table);
    lh_opts_destroy(s->table_opts);
    lh_opts_destroy(s->opts);
    if (s->plugin)
        lh_plugin_destroy(s->plugin);
    lh_plugins_free(&s->plugins);
    lh_signals_free(&s->signals);
}

/* --- flags ------------------------------------------------------------------------------------ */

int lh_source_json(const char *value, const char *what, struct lh_buf *to, struct lh_error *e)
{
    bool is_stdin = strcmp(value, "-") == 0;

    if (value[0] != '@' && !is_stdin)
        lh_buf_z(to, value);
    else if (lh_file_read(is_stdin ? value : value + 1, to->max, LH_FILE_STDIN, to, e))
        return lh_error_wrap(e, "%s", what);
    return to->failed ? lh_error_set(e, LH_USAGE, "%s: more than %zu bytes", what, to->max) : 0;
}

int lh_source_time(const char *value, const char *what, int64_t *ret_ms, struct lh_error *e)
{
    int64_t time_ms = lhs_time_ms(lh_str_z(value));

    if (time_ms == LHS_NO_TIME)
        return lh_error_set(e, LH_USAGE,
                            "%s: expected a time such as 2026-03-01T09:30:00Z, found \"%s\"", what,
                            value);
    *ret_ms = time_ms;
    return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

/* For one value; it may come again, for another table. */
static int read_stdin_once(struct lh_source *s, const char *value, struct lh_buf *to,
                           struct lh_error *e)
{
    int code = 0;

    if (s->stdin_used && s->stdin_value != value)
        return lh_error_set(e, LH_USAGE, "two values want standard input, which holds one");
    if (!s->stdin_used) {
        s->stdin_used = true;
        s->stdin_value = value;
        s->stdin_text = (struct lh_buf)LH_BUF_INIT(VALUE_MAX);
        /* room at once, so that growing leaves no part of a secret behind */
        lh_buf_room(&s->stdin_text, VALUE_MAX);
        code = lh_file_read("-", VALUE_MAX, LH_FILE_STDIN, &s->stdin_text, e);
    }
    lh_buf_str(to, lh_buf_slice(&s->stdin_text));
    return code;
}

/* env:NAME, file:PATH and - become what they stand for. */
static int resolve(struct lh_source *s, const char *value, struct lh_buf *to, struct lh_error *e)
{
    int code = 0;

    if (strncmp(value, "env:", 4) == 0) {
        const char *text = getenv(value + 4);

        if (!text)
            return lh_error_set(e, LH_INVALID, "the environment has no %s", value + 4);
        lh_buf_z(to, text);
        return 0;
    }
    if (strncmp(value, "file:", 5) == 0) {
        code = lh_file_read(value + 5, VALUE_MAX, 0, to, e);
    } else if (strcmp(value, "-") == 0) {
        code = read_stdin_once(s, value, to, e);
    } else {
        lh_buf_z(to, value);
        return 0;
    }
    /* files and echo end with a newline that is not meant */
    if (!code && to->n && to->p[to->n - 1] == '\n')
        lh_buf_cut(to, to->n - 1);
    if (!code && to->n && to->p[to->n - 1] == '\r')
        lh_buf_cut(to, to->n - 1);
    return code;
}

static bool is_secret(const struct lh_spec *spec, lh_str name)
{
    for (size_t i = 0; i < spec->n_options; i++) {
        const struct lh_spec_option *option = &spec->options[i];

        if (!option->secret)
            continue;
        if (lh_str_eqz(name, option->name))
            return true;
        for (size_t a = 0; a < option->aliases.n; a++)
            if (lh_str_eqz(name, option->aliases.items[a]))
                return true;
    }
    return false;
}

/* One value for opts; on_line: it stood on the command line, where others can see it. */
static int set_value(struct lh_source *s, struct lh_opts *opts, lh_str name, const char *value,
                     const char *origin, bool on_line, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(VALUE_MAX);
    int code = resolve(s, value, &text, e);

    if (code)
        return lh_error_wrap(e, "%s: option %.*s", origin, LH_STR_ARG(name));
    if (on_line && is_secret(s->plugin->spec, name) && lh_str_eqz(lh_buf_slice(&text), value))
        lh_log_warn(s->context->log,
                    "%s: option %.*s is a secret, and other users can see the command line; give "
                    "it as env:NAME, file:PATH or -",
                    origin, LH_STR_ARG(name));
    code = lh_opts_set(opts, name, lh_buf_slice(&text), origin, e);
    if (text.p)
        explicit_bzero(text.p, text.n);
    return code;
}

/* KEY=VALUE of a flag. */
static int set_pair(struct lh_source *s, struct lh_opts *opts, const char *pair, const char *flag,
                    struct lh_error *e)
{
    const char *equals = strchr(pair, '=');

    if (!equals || equals == pair)
        return lh_error_set(e, LH_USAGE, "%s: expected KEY=VALUE, found %s", flag,
                            equals ? "nothing before the '='" : "no '='");
    return set_value(s, opts, lh_str_n(pair, (size_t)(equals - pair)), equals + 1, flag, true, e);
}

static int set_pairs(struct lh_source *s, struct lh_opts *opts, const char *key, const char *flag,
                     struct lh_error *e)
{
    size_t at = 0;
    const char *pair;
    int code = 0;

    while (!code && (pair = lh_args_next(s->args, key, &at)))
        code = set_pair(s, opts, pair, flag, e);
    return code;
}

/* The members of a map; `pointer` is where it stands in its document. */
static int set_map(struct lh_source *s, struct lh_opts *opts, const struct lh_document *d,
                   const char *pointer, bool on_line, struct lh_error *e)
{
    json_t *map = lh_document_at(d, pointer);
    const char *name;
    json_t *value;

    if (!json_is_object(map)) {
        char *found lh_autofree = lh_document_describe(map);

        return lh_document_error(d, pointer, e, "expected a map of options, found %s", found);
    }
    json_object_foreach(map, name, value)
    {
        char *below lh_autofree = lh_pointer_join(pointer, name);
        char *dumped lh_autofree = json_is_string(value) ? NULL : lh_document_dump(value, 0);
        char *origin lh_autofree = NULL;
        size_t line;
        size_t column;

        if (json_is_null(value))
            continue;
        lh_document_place(d, below, &line, &column);
        origin = lh_xasprintf("%s:%zu:%zu", d->name, line, column);
        if (set_value(s, opts, lh_str_z(name), dumped ? dumped : json_string_value(value), origin,
                      on_line, e))
            return e ? e->code : LH_INVALID;
    }
    return 0;
}

/* --- options ---------------------------------------------------------------------------------- */

static int set_options(struct lh_source *s, struct lh_error *e)
{
    const char *file = lh_args_get(s->args, "options-file");
    const char *json = lh_args_get(s->args, "init-options-json");
    lh_auto(lh_document) from_file = {0};
    lh_auto(lh_document) from_json = {0};
    int code = 0;

    s->opts = lh_opts_new(s->plugin->spec, false);
    if (file && strcmp(file, "-") == 0)
        s->stdin_used = true;
    code = lh_source_from_workspace(s, e);
    if (!code && file && !(code = lh_document_read(&from_file, file, e)))
        code = set_map(s, s->opts, &from_file, "", false, e);
    if (!code && json &&
        !(code = lh_document_parse_json(&from_json, lh_str_z(json), "--init-options-json", e)))
        code = set_map(s, s->opts, &from_json, "", true, e);
    if (!code)
        code = set_pairs(s, s->opts, "option", "--option", e);
    if (!code)
        code = lh_source_name_secrets(s, lh_opts_finish(s->opts, LH_STR(""), LH_STR(""), e), e);
    lh_opts_register_secrets(s->opts, s->context->log);
    return code;
}

/* Each table has a map of options, also those that are not read now. */
static int check_tables(const struct lh_document *d, struct lh_error *e)
{
    const char *name;
    json_t *value;

    if (!json_is_object(d->root))
        return lh_document_error(d, "", e, "expected an object with tables as keys");
    json_object_foreach(d->root, name, value)
    {
        char *pointer lh_autofree = lh_pointer_join("", name);
        char *found lh_autofree = lh_document_describe(value);

        if (!json_is_object(value))
            return lh_document_error(d, pointer, e, "expected a map of options, found %s", found);
    }
    return 0;
}

int lh_source_read_by_table(struct lh_source *s, struct lh_error *e)
{
    const char *json = lh_args_get(s->args, "table-options-json");
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)16 << 20);
    int code;

    if (!json || s->by_table.root)
        return 0;
    code = lh_source_json(json, "--table-options-json", &text, e);
    if (!code)
        code = lh_document_parse_json(&s->by_table, lh_buf_slice(&text),
                                      json[0] == '@' ? json + 1 : "--table-options-json", e);
    return code ? code : check_tables(&s->by_table, e);
}

/* What --table-options-json says about one table. */
static int set_by_table(struct lh_source *s, struct lh_opts *opts, lh_str table, struct lh_error *e)
{
    char *name lh_autofree = lh_xmemdup0(table.n ? table.p : "", table.n);
    char *pointer lh_autofree = lh_pointer_join("", name);
    int code = lh_source_read_by_table(s, e);

    if (code || !s->by_table.root || !lh_document_at(&s->by_table, pointer))
        return code;
    return set_map(s, opts, &s->by_table, pointer, true, e);
}

/* The values of --table-option: all of them, or those that are for one table of many. */
static int set_table_pairs(struct lh_source *s, struct lh_opts *opts, lh_str table, bool is_one,
                           struct lh_error *e)
{
    size_t at = 0;
    const char *pair;
    int code = 0;

    while (!code && (pair = lh_args_next(s->args, "table-option", &at))) {
        lh_str name = lh_str_n(pair, strcspn(pair, "="));

        if (is_one || lh_opts_wants(opts, name, table))
            code = set_pair(s, opts, pair, "--table-option", e);
    }
    return code;
}

static int make_table_opts(struct lh_source *s, lh_str table, char *const *ns, size_t n_ns,
                           bool is_one, struct lh_opts **ret, struct lh_error *e)
{
    const struct lh_strings *names = &s->plugin->spec->namespaces;
    lh_autoptr(lh_opts) opts = lh_opts_new(s->plugin->spec, true);
    int code = set_table_pairs(s, opts, table, is_one, e);

    if (!code)
        code = set_by_table(s, opts, table, e);
    for (size_t i = 0; i < n_ns && i < names->n && !code; i++)
        code = lh_opts_set(opts, lh_str_z(names->items[i]), lh_str_z(ns[i]),
                           "the table's namespace", e);
    if (!code)
        code = lh_opts_finish(opts, table, LH_STR(""), e);
    lh_opts_register_secrets(opts, s->context->log);
    if (!code)
        *ret = lh_take(opts);
    return code;
}

int lh_source_many(struct lh_source *s, lh_str table, char *const *ns, size_t n_ns,
                   struct lh_opts **ret, struct lh_error *e)
{
    return make_table_opts(s, table, ns, n_ns, false, ret, e);
}

/* The levels among some options; those that are not there may be the connection's (NULL: not). */
static int take_levels(const struct lh_spec *spec, const struct lh_opts *opts,
                       const struct lh_opts *connection, const char *flag, lh_str *levels,
                       size_t max, size_t *ret_n, struct lh_error *e)
{
    const struct lh_strings *names = &spec->namespaces;
    size_t n = 0;

    for (size_t i = 0; i < names->n && i < max; i++) {
        const char *value = lh_opts_public(opts, names->items[i]);

        if (!value && connection)
            value = lh_opts_public(connection, names->items[i]);
        if (value && n < i)
            return lh_error_set(e, LH_INVALID, "%s: %s is within %s, which is not given", flag,
                                names->items[i], names->items[n]);
        if (value)
            levels[n++] = lh_str_z(value);
    }
    *ret_n = n;
    return 0;
}

int lh_source_given(struct lh_source *s, struct lh_opts **ret_opts, lh_str *levels, size_t max,
                    size_t *ret_n, struct lh_error *e)
{
    lh_autoptr(lh_opts) opts = lh_opts_new(s->plugin->spec, true);
    const char *pair;
    size_t at = 0;
    int code = 0;

    while (!code && (pair = lh_args_next(s->args, "table-option", &at)))
        if (lh_opts_is_namespace(opts, lh_str_n(pair, strcspn(pair, "="))))
            code = set_pair(s, opts, pair, "--table-option", e);
    if (!code)
        code = take_levels(s->plugin->spec, opts, s->opts, "--table-option", levels, max, ret_n, e);
    if (!code)
        *ret_opts = lh_take(opts);
    return code;
}

int lh_source_given_for(struct lh_source *s, lh_str table, struct lh_opts **ret_opts,
                        lh_str *levels, size_t max, size_t *ret_n, struct lh_error *e)
{
    lh_autoptr(lh_opts) opts = lh_opts_new(s->plugin->spec, true);
    int code = set_by_table(s, opts, table, e);

    if (!code)
        code =
            take_levels(s->plugin->spec, opts, NULL, "--table-options-json", levels, max, ret_n, e);
    if (!code)
        *ret_opts = lh_take(opts);
    return code;
}

static bool has_name(const char *const *names, size_t n, lh_str name)
{
    for (size_t i = 0; i < n; i++)
        if (lh_str_eqz(name, names[i]))
            return true;
    return false;
}

static void warn_unused_pair(struct lh_source *s, lh_str name, const char *const *tables, size_t n)
{
    lh_autoptr(lh_opts) opts = lh_opts_new(s->plugin->spec, true);

    for (size_t i = 0; i < n; i++)
        if (lh_opts_wants(opts, name, lh_str_z(tables[i])))
            return;
    if (!lh_opts_is_namespace(opts, name))
        lh_log_warn(s->context->log, "--table-option %.*s: it is for none of the tables",
                    LH_STR_ARG(name));
}

void lh_source_warn_unused(struct lh_source *s, const char *const *tables, size_t n)
{
    const char *pair;
    const char *name;
    json_t *value;
    size_t at = 0;

    while ((pair = lh_args_next(s->args, "table-option", &at)))
        warn_unused_pair(s, lh_str_n(pair, strcspn(pair, "=")), tables, n);
    json_object_foreach(s->by_table.root, name, value)
    {
        if (!has_name(tables, n, lh_str_z(name)))
            lh_log_warn(s->context->log, "--table-options-json: there is no table %s", name);
    }
}

int lh_source_table_in(struct lh_source *s, lh_str table, char *const *ns, size_t n_ns,
                       const struct lh_opts **ret, struct lh_error *e)
{
    struct lh_opts *opts;
    int code = make_table_opts(s, table, ns, n_ns, true, &opts, e);

    if (code)
        return code;
    lh_opts_destroy(s->table_opts);
    *ret = s->table_opts = opts;
    return 0;
}

int lh_source_table(struct lh_source *s, lh_str table, const struct lh_opts **ret,
                    struct lh_error *e)
{
    return lh_source_table_in(s, table, NULL, 0, ret, e);
}

size_t lh_source_namespace(const struct lh_source *s, lh_str *levels, size_t max)
{
    const struct lh_strings *names = &s->plugin->spec->namespaces;
    size_t n = 0;

    for (; n < names->n && n < max; n++) {
        const char *value = s->table_opts ? lh_opts_public(s->table_opts, names->items[n]) : NULL;

        if (!value)
            break;
        levels[n] = lh_str_z(value);
    }
    return n;
}

/* --- opening and ending ----------------------------------------------------------------------- */

/* Before it is let in: --plugin FILE and the name, when both are given, mean the same connector. */
static int check_agreement(const struct lh_source *s, const char *path, const char *connector,
                           struct lh_error *e)
{
    lh_auto(lh_plugin_info) info = {0};
    int code = lh_plugin_find(&s->plugins.policy, path, &info, e);

    if (code || strcmp(info.name, connector) == 0)
        return code;
    return lh_error_set(e, LH_USAGE,
                        "--plugin %s: it holds the connector %s, and CONNECTOR is %s; leave "
                        "CONNECTOR out, or name the one that is meant",
                        lh_args_get(s->args, "plugin"), info.name, connector);
}

static int load(struct lh_source *s, const char *connector, struct lh_error *e)
{
    const char *file = lh_args_get(s->args, "plugin");
    /* what holds a '/' is a path */
    char *path lh_autofree =
        file ? lh_xasprintf("%s%s", strchr(file, '/') ? "" : "./", file) : NULL;
    int code = lh_cmd_plugin_policy(s->context, s->args, &s->plugins, e);

    if (!code && path && connector)
        code = check_agreement(s, path, connector, e);
    return code ? code
                : lh_plugin_load(&s->plugins.policy, path ? path : connector, &lh_service_host,
                                 s->context->log, &s->plugin, e);
}

static int make_run(struct lh_source *s, struct lh_error *e)
{
    const char *timeout = lh_args_get(s->args, "timeout");
    const char *as_of = lh_args_get(s->args, "as-of");
    struct timespec now;
    int64_t ms = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    s->run = (struct lh_run){
        .log = s->context->log,
        .signals = &s->signals,
        .deadline = lh_deadline_never(),
        .as_of_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
    };
    if (as_of && lh_source_time(as_of, "--as-of", &s->run.as_of_ms, e))
        return LH_USAGE;
    if (timeout) {
        if (lh_number_seconds(lh_str_z(timeout), TIMEOUT_MAX, "--timeout", LH_USAGE, &ms, e))
            return LH_USAGE;
        s->run.deadline = lh_deadline_in(ms);
    }
    return 0;
}

/* Hosts of the key plain_http; the list is to be freed, its texts are borrowed. */
static const char **plain_hosts(const struct lh_config *config, size_t *ret_n)
{
    const json_t *list = config ? lh_config_get(config, "plain_http") : NULL;
    const char **hosts = lh_xcalloc(json_array_size(list) + 1, sizeof *hosts);

    *ret_n = json_array_size(list);
    for (size_t i = 0; i < *ret_n; i++)
        hosts[i] = json_string_value(json_array_get(list, i));
    return hosts;
}

static int make_engine(struct lh_source *s, struct lh_error *e)
{
    const struct lh_config *config = s->context->config;
    const char *retries = lh_args_get(s->args, "retries");
    const char **hosts lh_autofree = NULL;
    int64_t n = -1;
    struct lh_http_settings settings = {
        .log = s->context->log,
        .cacert = lh_args_get(s->args, "cacert"),
        .trace_file = lh_args_get(s->args, "trace-http"),
        .record_dir = lh_args_get(s->args, "record"),
        .replay_dir = lh_args_get(s->args, "replay"),
        .proxy = config ? lh_config_string(config, "proxy") : NULL,
        .rotation_file = config ? lh_config_string(config, "refresh_token_file") : NULL,
        .as_of_ms = s->run.as_of_ms,
        .now_ms = s->run.as_of_ms,
    };

    if (settings.record_dir && settings.replay_dir)
        return lh_error_set(e, LH_USAGE, "--record and --replay exclude each other");
    if (retries && lh_number_i64(lh_str_z(retries), 0, RETRIES_MAX, "--retries", LH_USAGE, &n, e))
        return LH_USAGE;
    settings.retries = (int)n;
    /* whoever says how long a run may take wants it to wait that long for a limit, too */
    if (lh_args_get(s->args, "timeout"))
        settings.budget_ms = lh_deadline_left(s->run.deadline);
    settings.plain_hosts = hosts = plain_hosts(config, &settings.n_plain_hosts);
    return lh_http_engine_new(&settings, &s->engine, e) ? e->code : 0;
}

/* The source's HTTP. A run that is replayed has the horizon of the one that was recorded. */
static int make_client(struct lh_source *s, struct lh_error *e)
{
    int64_t as_of_ms;
    int64_t now_ms;
    int code = make_engine(s, e);

    if (code)
        return code;
    s->client = lh_http_client_new(s->engine, s->plugin->spec, s->opts);
    s->run.http = s->client;
    if (!lh_args_get(s->args, "as-of") && lh_http_engine_clock(s->engine, &as_of_ms, &now_ms))
        s->run.as_of_ms = as_of_ms;
    return 0;
}

int lh_source_open(struct lh_context *context, const struct lh_args *args, const char *connector,
                   struct lh_source *ret, struct lh_error *e)
{
    int code;

    ret->context = context;
    ret->args = args;
    if ((code = make_run(ret, e)))
        return code;
    ret->stage = LH_STAGE_PLUGIN;
    if ((code = load(ret, connector, e)))
        return code;
    ret->stage = LH_STAGE_OPTIONS;
    if ((code = set_options(ret, e)) || (code = make_client(ret, e)))
        return code;
    ret->stage = LH_STAGE_OPEN;
    /* from here on signals are looked at, not taken: before it, reading a pipe could not be ended
     */
    if (lh_signals_begin(&ret->signals, e))
        return e->code;
    return lh_instance_open(ret->plugin, ret->opts, &ret->run, &ret->in, e);
}

int lh_source_end(struct lh_source *s, int code, struct lh_error *e)
{
    int got = s->signals.got;

    if (code && got)
        return lh_error_set(e, lh_signals_exit_code(got), "interrupted by %s",
                            got == SIGINT    ? "SIGINT"
                            : got == SIGTERM ? "SIGTERM"
                                             : "SIGHUP");
    if (!code && (s->is_partial || lh_instance_partial(s->in)))
        return lh_error_set(e, LH_PARTLY, "%s: parts are missing, see the warnings above",
                            s->plugin->name);
    return code;
}

/* --- printing --------------------------------------------------------------------------------- */

static bool wants(const struct lh_args *args, const char *format)
{
    const char *output = lh_args_get(args, "output");

    return output && strcmp(output, format) == 0;
}

bool lh_source_wants_json(const struct lh_args *args)
{
    return wants(args, "json");
}

bool lh_source_wants_text(const struct lh_args *args)
{
    return wants(args, "text");
}

void lh_source_add_json(struct lh_buf *to, json_t *value, int indent)
{
    char *text lh_autofree = lh_document_dump(value, indent);

    lh_buf_f(to, "%s\n", text);
    json_decref(value);
}

void lh_source_add_plain(struct lh_buf *to, const char *text)
{
    char *plain lh_autofree = lh_plugin_plain(text);

    lh_buf_z(to, plain);
}
