/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest that a command works on: --input-csv FILE, or --preset CONNECTOR/NAME, which stands
 * for it everywhere. What is wrong with it is said on stderr, all of it.
 */
#ifndef LH_CMD_INPUT_H
#define LH_CMD_INPUT_H

#include "cmd/program.h"
#include "manifest/manifest.h"

#define LH_INPUT_OPTIONS                                                                           \
    {"--csv --input-csv", "FILE", "the manifest; - is standard input", NULL, LH_OPT_FILE},         \
    {                                                                                              \
        "--preset", "CONNECTOR/NAME",                                                              \
            "a manifest that ships, instead of --input-csv; see lakehost preset list"              \
    }

/*
 * The path of the manifest; the caller frees it. LH_USAGE unless exactly one of the two options
 * was given, LH_NOT_FOUND for a preset that there is not.
 */
int lh_input_path(const struct lh_args *args, char **ret_path, struct lh_error *e);

/*
 * Reads a manifest, fills empty cells (defaults may be NULL), checks it (policy may be NULL, see
 * manifest.h) and says what is wrong; notes with --verbose. LH_INVALID when a finding is an error.
 * `f` comes with the severities that the caller wants (lh_cmd_severities).
 */
int lh_input_read(struct lh_context *context, const char *path,
                  const struct lh_manifest_defaults *defaults,
                  const struct lh_manifest_policy *policy, struct lh_manifest *ret,
                  struct lh_findings *f, struct lh_error *e);

#endif
