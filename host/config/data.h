/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the data files are that ship with lakehost: the default configuration, templates, presets.
 * Installed they lie in $(pkgdatadir), in a checkout in templates/, with the same names below.
 */
#ifndef LH_CONFIG_DATA_H
#define LH_CONFIG_DATA_H

/*
 * The folder of the data files: LAKEHOST_PKGDATADIR when it is set (the build tree's ./lakehost
 * sets it; a set-uid program ignores it), otherwise the installed one. Borrowed.
 */
const char *lh_data_folder(void);

/* The path of one of them ("presets/osipi/README.md"), there or not. The caller frees it. */
char *lh_data_path(const char *name);

#endif
