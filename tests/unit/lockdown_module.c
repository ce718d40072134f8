/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared object for test-lockdown: its constructor tries what a hostile connector's would, and
 * starts a thread that is still there when the second filter comes.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#pragma GCC visibility push(default) /* all of it is for the test */

/* errno of what the constructor tried; 0: it succeeded */
int module_file = -1, module_socket = -1, module_fork = -1, module_write = -1;

static struct {
    pthread_t thread;
    int ask[2]; /* a byte lets the thread go on */
    int opened; /* errno of what it tried then */
} waiting;

static void *wait_and_open(void *unused)
{
    char byte;

    (void)unused;
    if (read(waiting.ask[0], &byte, 1) == 1)
        waiting.opened = open("/etc/ld.so.cache", O_RDONLY) < 0 ? errno : 0;
    return NULL;
}

__attribute__((constructor)) static void start(void)
{
    int fd = open("/etc/passwd", O_RDONLY);
    pid_t child;

    module_file = fd < 0 ? errno : 0;
    fd = socket(AF_INET, SOCK_STREAM, 0);
    module_socket = fd < 0 ? errno : 0;
    fd = open("/tmp/lockdown_module_was_here", O_WRONLY | O_CREAT, 0600);
    module_write = fd < 0 ? errno : 0;
    child = fork();
    if (child == 0)
        _exit(0);
    module_fork = child < 0 ? errno : 0;
    if (pipe(waiting.ask) || pthread_create(&waiting.thread, NULL, wait_and_open, NULL))
        waiting.ask[1] = -1;
}

/* What the constructor's thread may open now, as an errno; -1 when there is no such thread. */
int module_thread_opens(void);
int module_thread_opens(void)
{
    if (write(waiting.ask[1], "x", 1) != 1 || pthread_join(waiting.thread, NULL))
        return -1;
    return waiting.opened;
}

static void *leave(void *value)
{
    pthread_exit(value); /* unwinds: the libc then wants its unwinder */
}

/* Starts a thread, which ends by pthread_exit: 0 when its value came back. */
int module_thread_exits(void);
int module_thread_exits(void)
{
    pthread_t thread;
    char here;
    void *value = NULL;
    int code = pthread_create(&thread, NULL, leave, &here);

    if (!code)
        code = pthread_join(thread, &value);
    return code ? code : value != &here;
}
