/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many files in one folder, such that a run that fails leaves the last good output.
 *
 *     lh_auto(lh_tree) t = LH_TREE_INIT;
 *
 *     code = lh_tree_begin(&t, "out", e);
 *     if (!code) code = lh_tree_add(&t, LH_STR("jobs/a.yml"), text, 0, e);   (many of them)
 *     if (!code) code = lh_tree_commit(&t, e);
 *
 * Each file is staged as a temporary file beside its target. Commit makes all of them durable
 * with one syncfs, then renames them in byte order of their paths. Without commit, the end of
 * the scope removes the temporary files and the folders that were made. A file that has its
 * content already is not touched. Files of the folder that are not added stay.
 *
 * What is atomic: each file. What is not: the set. A run that is killed between two renames
 * leaves some files new and some old, each of them whole, and running again finishes the job. After
 * a power cut the same holds: content was durable before it got its name, the renames themselves
 * may be lost.
 *
 * The folder is locked (flock) from begin to free, and the kernel drops the lock of a process
 * that died. So temporary files that are found under the lock belong to nobody: they are removed
 * from the folders that this run writes to, and from no others. Where the file system knows no
 * locks, two runs at once are not noticed, and nothing is removed.
 *
 * Symbolic links and special files inside the folder are refused, not followed; the folder
 * itself may be reached through links.
 */
#ifndef LH_BASE_TREE_H
#define LH_BASE_TREE_H

#include "base/error.h"
#include "base/map.h"

#include <sys/types.h>

enum lh_tree_state { LH_TREE_NEW, LH_TREE_CHANGED, LH_TREE_UNCHANGED };

struct lh_tree_file {
    char *path; /* as it was added */
    char *temp; /* the temporary file beside it, as long as there is one */
    enum lh_tree_state state;
};

struct lh_tree {
    char *path; /* of the folder, as the caller named it */
    int root;   /* the folder, locked when `locked` */
    bool locked, committed;
    struct lh_tree_file *files; /* for the caller to read; in order of path after commit */
    size_t n, cap;
    char **made; /* folders that were made: paths below root, in order */
    size_t made_n, made_cap;
    char **above; /* root, and what is above it, that were made */
    size_t above_n, above_cap;
    struct lh_map names;   /* every file and folder that was added */
    struct lh_map cleaned; /* folders that hold no leftovers any more */
    int folder;            /* the folder that was used last, */
    char *folder_path;     /* and its path below root */
};

#define LH_TREE_INIT                                                                               \
    {                                                                                              \
        .root = -1, .folder = -1                                                                   \
    }

/* Makes the folder (and those above it) when it is missing. LH_CONFLICT: another run has it. */
int lh_tree_begin(struct lh_tree *t, const char *path, struct lh_error *e);

/*
 * Stages a file. The path is relative: no empty component, no "." or "..", no NUL, 255 bytes a
 * component at most; each path once, and none below another. mode is as in
 * lh_file_write_atomic.
 */
int lh_tree_add(struct lh_tree *t, lh_str path, lh_str text, mode_t mode, struct lh_error *e);

/* Puts every staged file in its place. On failure the message says how many are there. */
int lh_tree_commit(struct lh_tree *t, struct lh_error *e);

void lh_tree_free(struct lh_tree *t);

#endif
