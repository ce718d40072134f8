/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a workspace for a command; see workspace.h. Prints nothing but warnings. */
#include "config.h"

#include "cmd/workspace.h"

#include "base/number.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#define TIMEOUT_MAX ((int64_t)366 * 86400 * 1000)

void lh_cmd_workspace_free(struct lh_cmd_workspace *c)
{
    lh_workspace_destroy(c->workspace);
    lh_signals_free(&c->signals);
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

struct lh_auth_sources lh_cmd_workspace_sources(const struct lh_args *args)
{
    return (struct lh_auth_sources){.host = lh_args_get(args, "host"),
                                    .profile = lh_args_get(args, "profile"),
                                    .environ = getauxval(AT_SECURE) ? NULL : environ};
}

int lh_cmd_workspace_sign_in(struct lh_context *context, const struct lh_args *args, unsigned flags,
                             const struct lh_patience *patience, struct lh_workspace **ret,
                             struct lh_error *e)
{
    const struct lh_config *config = context->config;
    const char **hosts lh_autofree = NULL;
    struct lh_workspace_settings settings = {
        .log = context->log,
        .auth = lh_cmd_workspace_sources(args),
        .http = {.proxy = config ? lh_config_string(config, "proxy") : NULL,
                 .retries = flags & LH_SIGN_IN_ONCE ? -1 : 0},
    };

    if (flags & LH_SIGN_IN_ALONE) {
        settings.http.cacert = lh_args_get(args, "cacert");
        settings.http.trace_file = lh_args_get(args, "trace-http");
    }
    settings.http.plain_hosts = hosts = plain_hosts(config, &settings.http.n_plain_hosts);
    return lh_workspace_open(&settings, patience, ret, e);
}

int lh_cmd_workspace_open(struct lh_context *context, const struct lh_args *args,
                          struct lh_cmd_workspace *ret, struct lh_error *e)
{
    const char *timeout = lh_args_get(args, "timeout");
    int64_t ms = 0;
    int code;

    ret->patience = (struct lh_patience){lh_deadline_never(), -1};
    if (timeout) {
        if (lh_number_seconds(lh_str_z(timeout), TIMEOUT_MAX, "--timeout", LH_USAGE, &ms, e))
            return LH_USAGE;
        ret->patience.deadline = lh_deadline_in(ms);
    }
    code = lh_signals_begin(&ret->signals, e);
    if (code)
        return code;
    ret->patience.fd = ret->signals.fd;
    return lh_cmd_workspace_sign_in(context, args, LH_SIGN_IN_ALONE, &ret->patience,
                                    &ret->workspace, e);
}

int lh_cmd_workspace_end(struct lh_cmd_workspace *c, int code, struct lh_error *e)
{
    int got = lh_signals_pending(&c->signals);

    if (code && got)
        return lh_error_set(e, lh_signals_exit_code(got), "interrupted by %s",
                            got == SIGINT    ? "SIGINT"
                            : got == SIGTERM ? "SIGTERM"
                                             : "SIGHUP");
    return code;
}
