/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presets: manifests that ship, one folder of data files for each connector, found by name.
 *
 * "osipi/all_tables" is presets/osipi/preset_all_tables.csv below the data folder (data.h). The
 * file's name is taken too: "osipi/preset_all_tables.csv". What is in them is manifest.h's.
 */
#ifndef LH_CONFIG_PRESET_H
#define LH_CONFIG_PRESET_H

#include "base/error.h"
#include "base/str.h"

struct lh_preset {
    char *name; /* "osipi/all_tables" */
    char *path;
};

struct lh_presets {
    struct lh_preset *items; /* in order of name */
    size_t n, cap;
};

void lh_presets_free(struct lh_presets *presets);

/*
 * All that ship; of one connector when it is not NULL. LH_NOT_FOUND for a connector that has none.
 * Without the folder of presets there are none, which is no failure.
 */
int lh_presets_list(const char *connector, struct lh_presets *ret, struct lh_error *e);

/* The file of one; the caller frees it. LH_NOT_FOUND with the nearest name. */
int lh_preset_find(const char *name, char **ret_path, struct lh_error *e);

/* As above, and its proper name ("osipi/all_tables"). */
int lh_preset_get(const char *name, struct lh_preset *ret, struct lh_error *e);
void lh_preset_free(struct lh_preset *preset);

#endif
