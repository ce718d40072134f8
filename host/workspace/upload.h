/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of files to a folder of the workspace.
 *
 * In: a local folder. Out: what it would become there (lh_upload_scan, no network), then the same
 * done, with a result for each file (lh_upload_run). A file whose first line is the notebook header
 * of its language, and .ipynb, become notebooks, whose names have no extension; all else becomes
 * files, byte for byte. Symbolic links and what is neither file nor folder are left out with a
 * warning; so are .git, .databricks, node_modules and __pycache__, without one.
 */
#ifndef LH_WORKSPACE_UPLOAD_H
#define LH_WORKSPACE_UPLOAD_H

#include "workspace/workspace.h"

#define LH_UPLOAD_FILES 100000u
#define LH_UPLOAD_DEPTH 64u

enum lh_upload_state {
    LH_UPLOAD_PENDING, /* not begun: something ended it before */
    LH_UPLOAD_DONE,
    LH_UPLOAD_EXISTS, /* refused: it is there, and overwriting was not asked for */
    LH_UPLOAD_FAILED
};

struct lh_upload_file {
    char *local;          /* path on this machine */
    char *path;           /* in the workspace */
    const char *language; /* of a notebook from source; NULL: none */
    enum lh_ws_format format;
    enum lh_upload_state state;
    struct lh_error error; /* of LH_UPLOAD_EXISTS and _FAILED */
};

struct lh_upload {
    struct lh_upload_file *files; /* in byte order of their local paths */
    size_t n, cap;
    char **folders; /* of the workspace, in the order they were found, the target first */
    size_t n_folders, cap_folders;
};

void lh_upload_free(struct lh_upload *u);

/*
 * Fills *ret, which is zero. LH_INVALID: the folder cannot be read, a name is not UTF-8, a file is
 * larger than an import takes, two files would become one, there are too many.
 */
int lh_upload_scan(const char *folder, const char *workspace_path, struct lh_log *log,
                   struct lh_upload *ret, struct lh_error *e);

/*
 * Makes the folders, then the files, up to `jobs` at a time. Each file's state says what became of
 * it. The code is that of what ended all of it (no folder, no permission, no answer, interrupted),
 * LH_PARTLY when files were refused because they are there, or failed while others did not; their
 * code when all failed.
 */
int lh_upload_run(struct lh_workspace *w, const struct lh_patience *patience, unsigned jobs,
                  bool overwrite, struct lh_upload *u, struct lh_error *e);

#endif
