/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of the service object: a connector that is compiled into the test, with a spec and
 * options. One .c file of a program includes it.
 */
#ifndef LH_TESTS_FAKE_CONNECTOR_H
#define LH_TESTS_FAKE_CONNECTOR_H

#include "empty_connector.h"
#include "plugin/service.h"

#include <lakehost/sdk.h>
#include <unistd.h>

#define AS_OF 1772323200000 /* 2026-03-01T00:00:00Z */

static const struct lh_host *const H = &lh_service_host;

/* What the fake says about itself. */
static const char fake_spec[] =
    "{\"spec\":1,\"name\":\"fake\",\"version\":\"1.0.0\",\"license\":\"Apache-2.0\","
    "\"base\":[\"https://api.example.com\"],"
    "\"table_options\":[{\"name\":\"owner\",\"type\":\"string\",\"default\":\"acme\"}],"
    "\"categories\":{\"sales\":[\"orders\"]}}";

static const struct lh_connector fake_table = {
    LH_CONNECTOR_HEAD,
    "fake",
    "{}",
    2,
    empty_open,
    empty_close,
    empty_list,
    empty_scan,
    empty_scan,
    empty_scan,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
};

/* --- an instance of one ----------------------------------------------------------------------- */

struct fake {
    struct lh_log log;
    struct lh_run run;
    struct lh_plugin plugin;
    struct lh_opts *opts, *table_opts;
    struct lh_instance *in;
    int pipe[2]; /* where the log goes */
};

static char fake_name[] = "fake";
static char fake_path[] = "(test)";

/* Begins; change f->plugin.table before fake_begin opens the instance. */
static void fake_make(struct fake *f)
{
    memset(f, 0, sizeof *f);
    if (pipe(f->pipe))
        f->pipe[1] = 2;
    lh_log_init(&f->log, f->pipe[1]);
    f->run = (struct lh_run){.log = &f->log, .deadline = lh_deadline_never(), .as_of_ms = AS_OF};
    f->plugin = (struct lh_plugin){.table = fake_table, .name = fake_name, .path = fake_path};
    if (lh_spec_parse(lh_str_z(fake_spec), "fake", &f->plugin.spec, NULL))
        return;
    f->opts = lh_opts_new(f->plugin.spec, false);
    f->table_opts = lh_opts_new(f->plugin.spec, true);
    lh_opts_finish(f->opts, LH_STR(""), LH_STR(""), NULL);
    lh_opts_finish(f->table_opts, LH_STR("t"), LH_STR(""), NULL);
}

static inline int fake_begin(struct fake *f, struct lh_error *e)
{
    return lh_instance_open(&f->plugin, f->opts, &f->run, &f->in, e);
}

static void fake_end(struct fake *f)
{
    lh_instance_close(f->in);
    lh_opts_destroy(f->table_opts);
    lh_opts_destroy(f->opts);
    lh_spec_destroy(f->plugin.spec);
    lh_log_free(&f->log);
    close(f->pipe[0]);
    close(f->pipe[1]);
}

/* What the log has, up to now; there must be something. */
static inline const char *fake_log(struct fake *f, char *text, size_t size)
{
    ssize_t n = read(f->pipe[0], text, size - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* --- a writer that keeps what it gets --------------------------------------------------------- */

struct kept {
    struct lh_buf text; /* "u{...}\n", "d{...}\n", "@{offset}\n" */
    size_t rows;
    size_t stop_at; /* fails at this row; 0: never */
};

static int keep_row(void *arg, uint32_t op, lh_str text, const struct lh_json *row,
                    struct lh_error *e)
{
    struct kept *kept = arg;

    if (row && lh_json_kind(row) != LH_JSON_OBJECT)
        return lh_error_set(e, LH_FAILED, "the row is no object");
    if (++kept->rows == kept->stop_at)
        return lh_error_set(e, LH_NOT_FOUND, "the writer wants no more");
    lh_buf_char(&kept->text, op == LH_DELETE ? 'd' : 'u');
    lh_buf_str(&kept->text, text);
    lh_buf_char(&kept->text, '\n');
    return 0;
}

static int keep_checkpoint(void *arg, lh_str offset, struct lh_error *e)
{
    struct kept *kept = arg;

    (void)e;
    lh_buf_char(&kept->text, '@');
    lh_buf_str(&kept->text, offset);
    lh_buf_char(&kept->text, '\n');
    return 0;
}

#define KEPT_INIT                                                                                  \
    {                                                                                              \
        .text = LH_BUF_INIT((size_t)16 << 20)                                                      \
    }

static inline struct lh_row_writer keep_in(struct kept *kept)
{
    return (struct lh_row_writer){keep_row, keep_checkpoint, kept, NULL};
}

#endif
