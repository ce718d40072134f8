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

int lh_input_read(struct lh_context *context, const char *path,
                  const struct lh_manifest_defaults *defaults,
                  const struct lh_manifest_policy *policy, struct lh_manifest *ret,
                  struct lh_findings *f, struct lh_error *e)
{
    if (lh_manifest_read(path, ret, f, e))
        return e->code;
    if (defaults)
        lh_manifest_fill(ret, defaults);
    lh_manifest_check(ret, policy, f);
    lh_findings_log(f, context->log);
    return lh_findings_conclude(f, path, e);
}
