/* SPDX-License-Identifier: Apache-2.0 */
/* What the files auth*.c share. */
#ifndef LH_WORKSPACE_AUTH_INTERNAL_H
#define LH_WORKSPACE_AUTH_INTERNAL_H

#include "workspace/auth.h"
#include "workspace/profiles.h"

/* The file of the profiles, whether it is there or not; free() it. NULL: no home either. */
char *lh_auth_file(const struct lh_auth *a);

/* Reads it; what does not exist is empty. log is warned of permissions; NULL: nobody is. */
int lh_auth_read_file(const char *path, struct lh_log *log, struct lh_profiles *ret,
                      struct lh_error *e);

#endif
