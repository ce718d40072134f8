/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command's manifest comes from, and what is wrong with it. */
#include "config.h"

#include "cmd/input.h"

#include "config/preset.h"

int lh_input_path(const struct lh_args *args, char **ret_path, struct lh_error *e)
{
    const char *file = lh_args_get(args, "input-csv");
    const char *preset = lh_args_get(args, "preset");

    if (file && preset)
        return lh_error_set(e, LH_USAGE, "--input-csv and --preset exclude each other");
    if (preset)
        return lh_preset_find(preset, ret_path, e);
    if (!file)
        return lh_error_set(e, LH_USAGE,
                            "no manifest given: --input-csv FILE, or --preset CONNECTOR/NAME");
    *ret_path = lh_xstrdup(file);
    return 0;
}

static int level_of(enum lh_severity severity)
{
    return severity == LH_SEVERITY_ERROR     ? LH_LOG_ERROR
           : severity == LH_SEVERITY_WARNING ? LH_LOG_WARN
                                             : LH_LOG_INFO;
}

void lh_input_say(struct lh_log *log, const struct lh_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++) {
        const struct lh_finding *one = &findings->items[i];
        lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);

        if (one->place.file)
            lh_buf_f(&line, "%s:", one->place.file);
        if (one->place.line)
            lh_buf_f(&line, "%zu:", one->place.line);
        if (one->place.column)
            lh_buf_f(&line, "%zu:", one->place.column);
        lh_buf_f(&line, "%s%s [%s]", line.n ? " " : "", one->message, one->rule->id);
        lh_log_write(log, level_of(one->severity), lh_buf_slice(&line));
    }
}

int lh_input_read(struct lh_context *context, const char *path, struct lh_manifest *ret,
                  struct lh_findings *f, struct lh_error *e)
{
    int code = lh_manifest_read(path, ret, f, e);

    if (code)
        return code;
    lh_input_say(context->log, f);
    return lh_findings_conclude(f, path, e);
}
