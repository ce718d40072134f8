/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command `validate`: what kinds of files it knows. A kind is one row of lh_validate_kinds and
 * a file validate-KIND.c.
 */
#ifndef LH_CMD_VALIDATE_H
#define LH_CMD_VALIDATE_H

#include "base/findings.h"
#include "cmd/program.h"
#include "plugin/plugin.h"

/* What the kinds get from the command line. */
struct lh_validating {
    struct lh_context *context;
    struct lh_findings *f;
    const struct lh_spec *spec; /* of --connector-name; NULL: not given */
    bool native;                /* --connector-profile native */
};

struct lh_validate_file {
    const char *path;   /* as messages name it */
    struct lh_buf text; /* all of it; a kind may take it */
};

struct lh_validate_kind {
    const char *name; /* "manifest"; for --kind */
    const char *what; /* "a manifest (CSV)" */
    /* Whether a file is of this kind, by its name and how it begins. The first kind wins. */
    bool (*is_it)(const struct lh_validate_file *file);
    /* Everything that is wrong is a finding; a failure is something else. */
    int (*check)(const struct lh_validating *v, struct lh_validate_file *file, struct lh_error *e);
};

/* Ends with name == NULL. */
extern const struct lh_validate_kind lh_validate_kinds[];

/* Whether a file's name ends with a suffix (".csv"), in any case. */
bool lh_validate_has_suffix(const struct lh_validate_file *file, const char *suffix);

bool lh_validate_is_manifest(const struct lh_validate_file *file);
int lh_validate_manifest(const struct lh_validating *v, struct lh_validate_file *file,
                         struct lh_error *e);

bool lh_validate_is_pipeline_spec(const struct lh_validate_file *file);
int lh_validate_pipeline_spec(const struct lh_validating *v, struct lh_validate_file *file,
                              struct lh_error *e);

bool lh_validate_is_python(const struct lh_validate_file *file);
int lh_validate_python(const struct lh_validating *v, struct lh_validate_file *file,
                       struct lh_error *e);

#endif
