/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps two runs apart that would write the same file.
 *
 * The lock is an flock on a file of its own beside the one to be written, .NAME.lakehost-lock,
 * which is there while a run goes on and is removed at its end. The system lets go of it when a
 * process dies, however it dies: what a killed run left is taken over by the next one.
 *
 * The file itself would not do as a lock, because every write replaces it by a new one.
 */
#ifndef LH_BASE_FILE_LOCK_H
#define LH_BASE_FILE_LOCK_H

#include "base/error.h"

struct lh_file_lock {
    int fd;     /* -1: not held */
    int folder; /* where the lock's file is */
    char *name; /* inside folder */
};

#define LH_FILE_LOCK_INIT                                                                          \
    {                                                                                              \
        .fd = -1, .folder = -1                                                                     \
    }

/*
 * Takes the lock of a file that need not exist; symbolic links are followed, so two names of one
 * file have one lock. Does not wait: LH_CONFLICT names the file and, where it is known, the process
 * that has it. Then removes what runs that were killed left of lh_file_writer for this file.
 * Other errors are those of lh_file_writer_begin.
 */
int lh_file_lock_take(struct lh_file_lock *lock, const char *path, struct lh_error *e);

/* Lets go and removes the lock's file. */
void lh_file_lock_free(struct lh_file_lock *lock);

#endif
