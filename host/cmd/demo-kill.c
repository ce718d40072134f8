/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of the demo: it reads a table twice, and the second time it kills the connector's
 * process in the middle. Nothing is played: the signal is SIGKILL, and what is printed is what
 * came.
 */
#include "config.h"

#include "cmd/demo.h"

#include "cmd/plugins.h"
#include "plugin/service.h"

#include <signal.h>

#define ROWS      "6"
#define PAGE_ROWS "2"
#define AS_OF_MS  INT64_C(1735689600000) /* 2025-01-01 */
#define KILL_AT   2                      /* checkpoints */

struct reading {
    struct lh_instance *in;
    struct lh_buf rows;
    size_t kept; /* of rows, at the last checkpoint */
    unsigned checkpoints, again;
    bool kills;
};

static int take_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    struct reading *r = arg;

    (void)op, (void)row, (void)e;
    lh_buf_str(&r->rows, text);
    lh_buf_char(&r->rows, '\n');
    return 0;
}

static int take_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    struct reading *r = arg;
    pid_t process = lh_instance_pid(r->in);

    (void)offset, (void)e;
    r->kept = r->rows.n;
    if (++r->checkpoints == KILL_AT && r->kills && process > 0)
        kill(process, SIGKILL);
    return 0;
}

static int take_back(void *arg, struct lh_error *e)
{
    struct reading *r = arg;

    (void)e;
    lh_buf_cut(&r->rows, r->kept);
    r->again++;
    return 0;
}

static int read_users(struct lh_instance *in, bool kills, struct reading *ret, struct lh_error *e)
{
    const struct lh_row_writer to = {take_row, take_checkpoint, ret, take_back};
    const struct lh_read what = {
        .table = LH_STR("users"),
        .ingestion = LH_INGEST_CDC,
    };
    bool more = false;

    *ret = (struct reading){.in = in, .rows = LH_BUF_INIT(LH_BUF_TEXT), .kills = kills};
    return lh_instance_read(in, &what, &to, &more, e);
}

static int set_options(struct lh_opts *opts, struct lh_error *e)
{
    int code = lh_opts_set(opts, LH_STR("rows"), LH_STR(ROWS), "demo", e);

    if (!code)
        code = lh_opts_set(opts, LH_STR("page_rows"), LH_STR(PAGE_ROWS), "demo", e);
    return code ? code : lh_opts_finish(opts, LH_STR(""), LH_STR(""), e);
}

static int show(const struct reading *once, const struct reading *killed, struct lh_buf *to,
                struct lh_error *e)
{
    if (killed->again != 1 || !lh_str_eq(lh_buf_slice(&once->rows), lh_buf_slice(&killed->rows)))
        return lh_error_set(e, LH_FAILED,
                            "the demo: after its process was killed (started again %u times) the "
                            "rows are not those of a read that was left alone",
                            killed->again);
    lh_buf_str(to, lh_buf_slice(&killed->rows));
    lh_buf_z(to, "SIGKILL at checkpoint 2, started again from there: the same rows, each once\n");
    return 0;
}

static int read_twice(struct lh_context *context, const struct lh_plugin *plugin, struct lh_buf *to,
                      struct lh_error *e)
{
    const struct lh_run run = {
        .log = context->log, .deadline = lh_deadline_never(), .as_of_ms = AS_OF_MS};
    lh_autoptr(lh_opts) opts = lh_opts_new(plugin->spec, false);
    struct reading once = {.rows = LH_BUF_INIT(0)};
    struct reading killed = {.rows = LH_BUF_INIT(0)};
    struct lh_instance *in = NULL;
    int code = set_options(opts, e);

    if (!code)
        code = lh_instance_open(plugin, opts, &run, &in, e);
    if (!code)
        code = read_users(in, false, &once, e);
    if (!code)
        code = read_users(in, true, &killed, e);
    if (!code)
        code = show(&once, &killed, to, e);
    lh_instance_close(in);
    lh_buf_free(&once.rows);
    lh_buf_free(&killed.rows);
    return code;
}

int lh_demo_kill(struct lh_context *context, const struct lh_args *args, struct lh_buf *to,
                 struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {0};
    lh_autoptr(lh_plugin) plugin = NULL;
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (!code)
        code =
            lh_plugin_load(&plugins.policy, "example", &lh_service_host, context->log, &plugin, e);
    return code ? code : read_twice(context, plugin, to, e);
}
