/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locking a process down before a connector's code is let into it, and once more behind it.
 *
 * Not a process of its own and not the worker: these are two calls for a process with one thread.
 * libc only; Landlock and seccomp are spoken to with raw system calls.
 *
 * Before the load (constructors of the connector run under this):
 *   rlimits     no core file, 64 descriptors, no byte into any file, address space when asked. Not
 *               NPROC: the kernel counts the user's other processes and all threads into it, so a
 *               low number fails at random, and new processes are refused by seccomp.
 *   privileges  no-new-privs, and all capabilities dropped (they are root's; a user has none).
 *   dumpable    off: no other process of the user reads this one or attaches to it.
 *   Landlock    reading of library folders and of the connector's own file, nothing else; no TCP
 *               (ABI 4), no abstract sockets or signals to others (ABI 6). No right to execute:
 *               mapping a library does not need one.
 *   seccomp     a list of what is allowed: memory, threads, clocks, open descriptors, reading
 *               files. Everything else is EPERM; clone3 and calls newer than this list are ENOSYS,
 *               so that a libc takes its older way.
 * After it:
 *   seccomp     in all threads: no opening or looking at paths, no new executable memory.
 *
 * The worker's own traffic is on the list as read, write, readv, writev, send, recv and poll; not
 * sendmsg and recvmsg, which carry descriptors: a kernel's code for descriptors in flight is no
 * place for a connector.
 *
 * Why a list of what is allowed: what a worker needs is short and known, while a list of what is
 * refused gets weaker with every kernel. What a connector misses fails with an error that its libc
 * knows how to report, and kills nothing.
 *
 * The boundary against a hostile connector is the first step, which is complete before any of its
 * code runs. The second takes away what only the loading needed.
 */
#ifndef LH_WORKER_LOCKDOWN_H
#define LH_WORKER_LOCKDOWN_H

#include "base/error.h"

#include <stdint.h>

enum {
    LH_LOCK_RLIMITS = 1,
    LH_LOCK_NO_NEW_PRIVS = 2,
    LH_LOCK_LANDLOCK = 4,
    LH_LOCK_SECCOMP = 8,
    LH_LOCK_SECCOMP_LATE = 16,
    LH_LOCK_UNDUMPABLE = 32
};
#define LH_LOCK_ALL 63u

struct lh_lockdown {
    unsigned active; /* LH_LOCK_*: what is in force */
    char note[200];  /* what is missing and why, in one line; "" when nothing is */
};

#define LH_LOCKDOWN_INIT                                                                           \
    {                                                                                              \
        0                                                                                          \
    }

struct lh_lockdown_settings {
    int plugin_fd;       /* the connector's file; -1: built in */
    uint64_t max_memory; /* bytes of address space; 0: unlimited */
    unsigned leave_off;  /* LH_LOCK_*: what sanitizers and valgrind cannot live with */
};

/*
 * The first step. A part that the kernel or the container does not have is left out with a note, as
 * is what was asked to be left off (without one). LH_FAILED when something fails that should not;
 * the process is then locked in part and must end. *ret is set only on success.
 */
int lh_lockdown_before_load(const struct lh_lockdown_settings *settings, struct lh_lockdown *ret,
                            struct lh_error *e);

/*
 * The second step, with what the first one returned. Reaches threads that constructors started. Of
 * a filter that the first step could install, any refusal now is LH_FAILED: the connector stands
 * behind it.
 */
int lh_lockdown_after_load(const struct lh_lockdown_settings *settings, struct lh_lockdown *io,
                           struct lh_error *e);

/*
 * What this kernel and container offer: both steps, tried in a child process. Returns `active`;
 * *ret says why something is missing. For `lakehost doctor`.
 */
unsigned lh_lockdown_offered(struct lh_lockdown *ret);

/* What a part is called ("seccomp"), for messages; NULL for what is not one LH_LOCK_* bit. */
const char *lh_lockdown_name(unsigned part);

#endif
