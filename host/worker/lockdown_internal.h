/* SPDX-License-Identifier: Apache-2.0 */
/* The two parts of the lock-down that have a file of their own. Not for other folders. */
#ifndef LH_WORKER_LOCKDOWN_INTERNAL_H
#define LH_WORKER_LOCKDOWN_INTERNAL_H

#include "worker/lockdown.h"

/*
 * Each returns 0 when it is in force, or an errno value. One that says "not on this kernel, or not
 * in this container" is recognised by lh_lockdown_is_missing; the others are failures.
 */
int lh_landlock_restrict(int plugin_fd);
int lh_seccomp_early(void);
int lh_seccomp_late(void);

/* Whether an errno value means that a kernel or a container lacks something. */
bool lh_lockdown_is_missing(int errno_value);

#endif
