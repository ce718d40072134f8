/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share about connector files: opening them with checks, the rules
 * that an unopened connector must keep, pins and signatures. Not for other folders.
 */
#ifndef LH_PLUGIN_INTERNAL_H
#define LH_PLUGIN_INTERNAL_H

#include "plugin/plugin.h"

#include <sys/stat.h>

#define LH_PLUGIN_NAME_MAX  32
#define LH_PLUGIN_NAME_RULE "a name [a-z][a-z0-9_]{0,31}"
#define LH_PLUGIN_BUILT_IN  "(built in)"

/* Whether a name is one that a connector may have. */
bool lh_plugin_is_name(lh_str name);

/* --- files (open.c) --------------------------------------------------------------------------- */

/* A connector's file and the folder that it lies in, as they were when opened. */
struct lh_plugin_file {
    int fd; /* for reading; -1: none */
    char *path;
    char *folder_path;
    struct stat st, folder_st;
};

#define LH_PLUGIN_FILE_INIT                                                                        \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

void lh_plugin_file_free(struct lh_plugin_file *file);

/*
 * Opens FOLDER/FILE, no symbolic link, a regular file. LH_NOT_FOUND when there is no such folder or
 * file. ret must be empty.
 */
int lh_plugin_file_open(const char *folder, const char *file, struct lh_plugin_file *ret,
                        struct lh_error *e);

/*
 * The same for a path that a user gave: links are followed, and what they lead to is opened. Of a
 * connector, so what is not there is LH_BAD_PLUGIN.
 */
int lh_plugin_file_open_path(const char *path, struct lh_plugin_file *ret, struct lh_error *e);

/*
 * The owner must be root or the user, and nobody else may write. `what` is the path, for the
 * message. The same rule for connectors, their folders, keys and the lock file.
 */
int lh_plugin_check_owner(const struct stat *st, const char *what, struct lh_error *e);
int lh_plugin_check_mode(const struct stat *st, const char *what, struct lh_error *e);

/*
 * Appends a small file that decisions rest on (a trusted key, the lock file), checked as connectors
 * are. LH_NOT_FOUND when it is not there, LH_INVALID for all else: it is no connector's.
 */
int lh_plugin_read_trusted(const struct lh_plugin_policy *policy, const char *path,
                           struct lh_buf *b, struct lh_error *e);

/*
 * Gives a set error another code, the one of what the file is to the user: LH_BAD_PLUGIN for files
 * of a connector (itself and its .sig), LH_INVALID for any other (keys, the lock file). Returns it.
 */
int lh_plugin_recode(struct lh_error *e, int code);

/* --- rules (inspect.c) ------------------------------------------------------------------------ */

/*
 * Fills info->elf, spec and (unless it has one) name from an open file. LH_BAD_PLUGIN with the
 * first rule that is broken.
 */
int lh_plugin_inspect(const struct lh_plugin_policy *policy, const struct lh_plugin_file *file,
                      struct lh_plugin_info *info, struct lh_error *e);

/* The same for all rules, also those that only ask for good manners: a line for each problem. */
void lh_plugin_validate_file(const struct lh_plugin_policy *policy,
                             const struct lh_plugin_file *file, struct lh_plugin_info *info,
                             struct lh_buf *to, size_t *ret_problems);

/* The table's name and spec are those of the note that was checked (load.c). */
int lh_plugin_check_same(const struct lh_plugin_info *info, const struct lh_connector *table,
                         struct lh_error *e);

/* --- finding (find.c) ------------------------------------------------------------------------- */

/* Whether a folder of the policy is one that stands before it, whatever both are called. */
bool lh_plugin_folder_repeats(const struct lh_plugin_policy *policy, size_t i);

/*
 * lh_plugin_find with the open file, and with a line in passed_over for each candidate that was
 * not taken. For a static connector ret_file stays empty.
 */
int lh_plugin_search(const struct lh_plugin_policy *policy, const char *name,
                     struct lh_plugin_info *ret, struct lh_plugin_file *ret_file,
                     struct lh_buf *passed_over, struct lh_error *e);

/* --- hashes and signatures (verify.c) --------------------------------------------------- */

/* Why GnuTLS could not do something. */
int lh_plugin_gnutls_error(struct lh_error *e, int gnutls_code, const char *doing,
                           const char *what);

/* The SHA-256 of all of an open file in hex. */
int lh_plugin_hash(int fd, const char *path, char ret_hex[65], struct lh_error *e);

/* What is signed: this and the SHA-256 in hex and a newline. */
#define LH_PLUGIN_SIGNED "lakehost connector signature 1\nsha256 "
char *lh_plugin_signed_text(const char *hex);

/*
 * Fills info->sha256, signature and signer. An error is only what cannot be read, or a FILE.sig
 * that is no signature.
 */
int lh_plugin_examine(const struct lh_plugin_policy *policy, const struct lh_plugin_file *file,
                      struct lh_plugin_info *info, struct lh_error *e);

/* lh_plugin_permit for all that it asks, not only the first: a line each; how many there are. */
size_t lh_plugin_permit_lines(const struct lh_plugin_policy *policy,
                              const struct lh_plugin_info *info, struct lh_buf *to);

/*
 * lh_plugin_examine and lh_plugin_permit with the same answer, but the file is hashed only where
 * that decides: when it is pinned, or a signature is required.
 */
int lh_plugin_permit_cheaply(const struct lh_plugin_policy *policy,
                             const struct lh_plugin_file *file, struct lh_plugin_info *info,
                             struct lh_error *e);

/* --- pins (lock.c) ---------------------------------------------------------------------------- */

/* LH_INVALID when the lock file of the policy is none; a missing one is fine. */
int lh_plugin_check_lock(const struct lh_plugin_policy *policy, struct lh_error *e);

/* --- connectors that are linked into the program (static.c) ----------------------------------- */

/* Appends one info each; nothing when none is linked in. */
int lh_plugin_static_list(struct lh_plugin_info **list, size_t *n, struct lh_error *e);

#endif
