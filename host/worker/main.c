/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lakehost-worker: the process that a connector runs in. The host starts it with an empty
 * environment, standard input from nothing, standard output and error into one pipe, a socket as
 * descriptor 3 and the connector's file as descriptor 4; it is of no use otherwise.
 */
#include "config.h"

#include "worker/worker.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef LH_STATIC_CONNECTORS
#include <ltdl.h>
#endif

/*
 * What a sanitizer is told, as the environment is empty: a search for leaks needs ptrace, and a
 * connector's signals are the host's to report.
 */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:"
           "handle_sigfpe=0";
}

static void leave(void)
{
    _exit(LH_FAILED);
}

int main(void)
{
    int type = 0;
    socklen_t n = sizeof type;

    if (getsockopt(LH_WORKER_SOCKET, SOL_SOCKET, SO_TYPE, &type, &n) || type != SOCK_STREAM) {
        fputs("lakehost-worker is started by lakehost, which runs connectors in it\n", stderr);
        return LH_USAGE;
    }
    /* the host may be killed without a word; this ends with it, in whatever it is */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    syscall(SYS_close_range, LH_WORKER_FIRST_FREE, ~0u, 0);
#ifdef LH_STATIC_CONNECTORS
    LTDL_SET_PRELOADED_SYMBOLS();
#endif
    return lh_worker_run(LH_WORKER_SOCKET, leave);
}
