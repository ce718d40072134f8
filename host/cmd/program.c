/* SPDX-License-Identifier: Apache-2.0 */
/* From argv to an exit code; see program.h. */
#include "config.h"

#include "cmd/program.h"

#include "cmd/help.h"
#include "config/data.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>
#include <yaml.h>

const struct lh_option lh_global_options[] = {
    {"-h --help", NULL, "explain the command and exit", NULL, 0, "Global options"},
    {"--version", NULL, "print the version and exit", NULL, 0, "Global options"},
    {"-q --quiet", NULL, "errors only", NULL, 0, "Global options"},
    {"-v --verbose", NULL, "say more", NULL, LH_OPT_REPEAT, "Global options"},
    {"--debug", NULL, "say everything", NULL, 0, "Global options"},
    {"--color", "WHEN", "colours in messages", "auto|always|never", 0, "Global options"},
    {"--log-format", "FORMAT", "messages as text or JSON Lines", "text|json", 0, "Global options"},
    {"--config", "FILE", "a configuration file; see lakehost config show", NULL, LH_OPT_FILE,
     "Global options"},
    {NULL},
};

const char *lh_connector_folder(void)
{
    const char *folder = secure_getenv("LAKEHOST_CONNECTORDIR");

    return folder && *folder ? folder : LH_CONNECTORDIR;
}

const char *lh_libexec_folder(void)
{
    const char *folder = secure_getenv("LAKEHOST_LIBEXECDIR");

    return folder && *folder ? folder : LH_PKGLIBEXECDIR;
}

int lh_print(const struct lh_buf *result, struct lh_error *e)
{
    const char *p = lh_buf_text(result);
    size_t left = result->n;

    if (result->failed)
        return lh_error_set(e, LH_FAILED, "print the result: it is longer than %zu bytes",
                            result->max);
    while (left) {
        ssize_t n = write(STDOUT_FILENO, p, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lh_error_errno(e, LH_FAILED, errno, "write to standard output");
        p += n;
        left -= (size_t)n;
    }
    return 0;
}

static int print_version(struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    int major;
    int minor;
    int patch;

    yaml_get_version(&major, &minor, &patch);
    lh_buf_f(&b,
             "%s %s\nLicence: Apache-2.0\nLibraries: jansson %s, libcurl %s, libyaml %d.%d.%d\n",
             PACKAGE_NAME, PACKAGE_VERSION, jansson_version_str(),
             curl_version_info(CURLVERSION_NOW)->version, major, minor, patch);
    return lh_print(&b, e);
}

/* Given before or after the command: the one that comes last wins. */
static const char *global_value(const struct lh_args *before, const struct lh_args *after,
                                const char *key)
{
    const char *value = lh_args_get(after, key);

    return value ? value : lh_args_get(before, key);
}

static size_t global_count(const struct lh_args *before, const struct lh_args *after,
                           const char *key)
{
    return lh_args_count(before, key) + lh_args_count(after, key);
}

static void set_level(struct lh_log *log, const struct lh_args *before, const struct lh_args *after)
{
    size_t verbose = global_count(before, after, "verbose");

    if (global_count(before, after, "debug") || verbose > 1)
        log->threshold = LH_LOG_DEBUG;
    else if (verbose)
        log->threshold = LH_LOG_INFO;
    else if (global_count(before, after, "quiet"))
        log->threshold = LH_LOG_ERROR;
}

/* NO_COLOR (no-color.org) and a dumb terminal switch `auto` off, not `always`. */
static bool wants_color(const char *when)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (!when || strcmp(when, "auto") == 0)
        return isatty(STDERR_FILENO) && !(no_color && *no_color) &&
               !(term && strcmp(term, "dumb") == 0);
    return strcmp(when, "always") == 0;
}

static void set_appearance(struct lh_log *log, const char *color, const char *format)
{
    log->colour = wants_color(color);
    log->json = format && strcmp(format, "json") == 0;
}

/* The files that may be there; what the strings of `ret` point to is the caller's to free. */
static void find_config(const struct lh_args *before, const struct lh_args *after,
                        struct lh_config_sources *ret, char **ret_bundled, char **ret_user)
{
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    const char *file = global_value(before, after, "config");

    *ret_bundled = lh_data_path("default_config.yaml");
    /* the XDG rule: a path that is not absolute is ignored */
    if (xdg && xdg[0] == '/')
        *ret_user = lh_xasprintf("%s/lakehost/config.yaml", xdg);
    else if (home && home[0] == '/')
        *ret_user = lh_xasprintf("%s/.config/lakehost/config.yaml", home);
    /* the environment may name folders that code is loaded from: as secure_getenv */
    *ret = (struct lh_config_sources){.bundled = *ret_bundled,
                                      .user = *ret_user,
                                      .folder = "lakehost.yaml",
                                      .explicit = file ? file : getenv("LAKEHOST_CONFIG"),
                                      .environ = getauxval(AT_SECURE) ? NULL : environ};
}

static int load_config(struct lh_log *log, const struct lh_config_sources *sources,
                       const struct lh_args *before, const struct lh_args *after,
                       struct lh_config **ret, struct lh_error *e)
{
    static const char *const flags[][2] = {{"color", "--color"}, {"log-format", "--log-format"}};
    static const char *const keys[] = {"color", "log_format"};
    lh_autoptr(lh_config) config = NULL;
    int code = lh_config_load(sources, log, &config, e);

    for (size_t i = 0; !code && i < LH_LEN(flags); i++) {
        const char *value = global_value(before, after, flags[i][0]);

        if (value)
            code = lh_config_set(config, keys[i], value, flags[i][1], e);
    }
    if (!code)
        *ret = lh_take(config);
    return code;
}

static int print_help(const struct lh_command *const *commands, const struct lh_command *command,
                      struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    if (command)
        lh_help_command(&b, command);
    else
        lh_help_overview(&b, commands);
    return lh_print(&b, e);
}

/* The command with everything that it needs made ready. */
static int run_command(struct lh_context *context, const struct lh_command *command,
                       const struct lh_args *before, const struct lh_args *after,
                       struct lh_error *e)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    lh_autoptr(lh_config) config = NULL;
    char *bundled lh_autofree = NULL;
    char *user lh_autofree = NULL;
    struct lh_config_sources sources;

    if (command->flags & LH_CMD_NO_CONFIG)
        return command->run(context, after, e);
    find_config(before, after, &sources, &bundled, &user);
    if (load_config(context->log, &sources, before, after, &config, &problem) &&
        !(command->flags & LH_CMD_ANY_CONFIG))
        return lh_error_move(e, &problem);
    if (config)
        set_appearance(context->log, lh_config_string(config, "color"),
                       lh_config_string(config, "log_format"));
    context->config = config;
    context->sources = &sources;
    return command->run(context, after, e);
}

int lh_program_step(struct lh_context *context, const char *const *words, size_t n,
                    struct lh_error *e)
{
    lh_auto(lh_args) args = {0};
    const struct lh_command *command = NULL;
    size_t used = 0;

    if (lh_command_find(context->commands, words, n, &command, &used, e) ||
        lh_args_parse(&args, command, words + used, n - used, e))
        return e->code;
    return command->run(context, &args, e);
}

static int dispatch(struct lh_context *context, const char *const *words, size_t n,
                    struct lh_error *e)
{
    lh_auto(lh_args) before = {0};
    lh_auto(lh_args) after = {0};
    const struct lh_command *command = NULL;
    size_t used = 0;
    size_t command_words = 0;

    if (lh_args_parse_global(&before, words, n, &used, e))
        return e->code;
    set_level(context->log, &before, &after);
    set_appearance(context->log, lh_args_get(&before, "color"), lh_args_get(&before, "log-format"));
    if (lh_args_count(&before, "version"))
        return print_version(e);
    if (lh_args_count(&before, "help"))
        return print_help(context->commands, NULL, e);
    if (used == n)
        return lh_error_set(e, LH_USAGE, "no command given; lakehost help lists them");
    if (lh_command_find(context->commands, words + used, n - used, &command, &command_words, e))
        return e->code;
    used += command_words;
    if (lh_args_parse(&after, command, words + used, n - used, e))
        return lh_error_wrap(e, "lakehost %s", command->name);
    set_level(context->log, &before, &after);
    if (lh_args_count(&after, "help"))
        return print_help(context->commands, command, e);
    if (lh_args_count(&after, "version"))
        return print_version(e);
    return run_command(context, command, &before, &after, e);
}

int lh_program_run(const struct lh_command *const *commands, int argc, char **argv)
{
    lh_auto(lh_log) log;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_context context = {.commands = commands, .log = &log};
    int code;

    lh_log_init(&log, STDERR_FILENO);
    log.threshold = LH_LOG_WARN;
    code = dispatch(&context, (const char *const *)argv + 1, argc > 0 ? (size_t)argc - 1 : 0, &e);

    if (e.code)
        lh_log_error(&log, "%s", lh_error_text(&e));
    return code;
}
