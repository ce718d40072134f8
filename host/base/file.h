/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, read with a limit and written whole or not at all.
 *
 * A file is written to a temporary file .NAME.lakehost-XXXXXX in the same folder, synced, renamed
 * over the old one, and the folder is synced. Whoever reads sees the old or the new content, also
 * after a crash; a failed write leaves the old file as it was and removes the temporary one.
 * Only a process that is killed outright leaves it behind, and it harms nothing;
 * lh_file_remove_leftovers is for those who write the same file again and again.
 *
 * Errors name the path: LH_INVALID for a path that does not exist, for what is not a file and for
 * what is too large; LH_FAILED for the rest, with what to do where that is known.
 */
#ifndef LH_BASE_FILE_H
#define LH_BASE_FILE_H

#include "base/buf.h"
#include "base/error.h"

#include <limits.h>
#include <sys/types.h>

enum {
    LH_FILE_STDIN = 1,   /* lh_file_read: "-" is standard input */
    LH_FILE_REGULAR = 2, /* lh_file_read: no pipe, which could keep us waiting, and no device */
    LH_FILE_MAYBE = 4    /* lh_file_read: LH_NOT_FOUND for a path that does not exist, for a caller
                            that    can do without the file */
};

/*
 * Appends a file to b. A file of more than max_bytes is refused, also one that grows; so is one
 * that does not fit b. On failure b is as it was.
 */
int lh_file_read(const char *path, size_t max_bytes, unsigned flags, struct lh_buf *b,
                 struct lh_error *e);

/*
 * Writes a file whole or not at all. "-" is standard output and gets the text as it is; so do
 * /dev/stdout, /dev/stderr and /dev/fd/N, whatever they lead to.
 *
 * mode 0 keeps the permissions of a file that is there; a new one gets 0666 without the umask.
 * Another mode is set exactly (0600 for what others must not read, at no moment).
 * Like an editor this follows a symbolic link and replaces the file it points to; a link to
 * nothing is refused. A device or pipe (/dev/null) is written to directly. A hard link is
 * separated from the others, and the owner becomes whoever runs this.
 */
int lh_file_write_atomic(const char *path, lh_str text, mode_t mode, struct lh_error *e);

/*
 * The same in pieces:
 *
 *     lh_auto(lh_file_writer) w = LH_FILE_WRITER_INIT;
 *
 *     code = lh_file_writer_begin(&w, path, 0, e);
 *     if (!code) code = lh_file_writer_append(&w, text, e);
 *     if (!code) code = lh_file_writer_commit(&w, e);
 *
 * Without commit, the end of the scope takes everything back. After a failure only free is left.
 */
struct lh_file_writer {
    int fd;        /* the temporary file, or where text goes directly */
    int folder;    /* -1: written directly, there is nothing to rename */
    char *path;    /* as the caller named it, for messages */
    char *name;    /* inside folder */
    char *temp;    /* inside folder; locked (flock) for as long as somebody writes it */
    bool borrowed; /* fd was there before: standard output */
};

#define LH_FILE_WRITER_INIT                                                                        \
    {                                                                                              \
        .fd = -1, .folder = -1                                                                     \
    }

int lh_file_writer_begin(struct lh_file_writer *w, const char *path, mode_t mode,
                         struct lh_error *e);
int lh_file_writer_append(struct lh_file_writer *w, lh_str text, struct lh_error *e);
int lh_file_writer_commit(struct lh_file_writer *w, struct lh_error *e);
void lh_file_writer_free(struct lh_file_writer *w); /* aborts unless committed */

/* Makes the folders above a file that are not there yet. */
int lh_file_make_folders_of(const char *path, struct lh_error *e);

/* The descriptor that a path stands for: "-", /dev/stdout, /dev/stderr, /dev/fd/N; else -1. */
int lh_file_descriptor(const char *path);

/*
 * Removes temporary files of a file's writers that were killed; those at work keep theirs. What
 * cannot be removed stays, without a word.
 */
void lh_file_remove_leftovers(int folder, const char *name);

/*
 * For file-lock.c. Opens the folder that a file is in, or would be; its name there is the caller's
 * to free. Symbolic links are followed; one to nothing is refused.
 */
int lh_file_open_folder(const char *path, int *ret_folder, char **ret_name, struct lh_error *e);

/* For tree.c. Writes all of text to fd; `path` is for the message. */
int lh_file_write_fd(int fd, lh_str text, const char *path, struct lh_error *e);

/*
 * For tree.c. Makes a new file in a folder, called stem followed by random characters, opened
 * for writing; returns its descriptor, or -1 with errno. The stem is cut so that the name fits.
 */
int lh_file_make_temp(int folder, const char *stem, mode_t mode, char ret_name[NAME_MAX + 1]);

/* For tree.c. Sets an error from errno about a path, with the code it deserves. */
int lh_file_error(struct lh_error *e, int errno_value, const char *doing, const char *path);

#endif
