/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of manifest/ share. */
#ifndef LH_MANIFEST_INTERNAL_H
#define LH_MANIFEST_INTERNAL_H

#include "manifest/manifest.h"

#define LH_MANIFEST_MAX_BYTES   ((size_t)1 << 30)
#define LH_MANIFEST_MAX_ROWS    ((size_t)10000000)
#define LH_MANIFEST_MAX_COLUMNS ((size_t)256)
#define LH_MANIFEST_MAX_VALUE   ((size_t)1 << 20)

/* The rule of this id among the manifest's. */
const struct lh_rule *lh_manifest_rule(const char *id);

/* The column of this name, or LH_MF_COLUMNS. */
enum lh_manifest_column lh_manifest_find_column(lh_str name);

/* Does a finding about a cell; the place has the column's name. */
#define LH_CELL_FINDING(f, m, row, column, id, ...)                                                \
    lh_findings_add(f, lh_manifest_rule(id), lh_manifest_place(m, row, column), __VA_ARGS__)

#endif
