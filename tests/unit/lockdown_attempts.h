/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What test-lockdown tries behind the lock-down, as tables: system calls, files, what a connector
 * needs, and what a module saw. Each attempt answers with an errno; 0: it succeeded.
 */
#ifndef LH_TESTS_LOCKDOWN_ATTEMPTS_H
#define LH_TESTS_LOCKDOWN_ATTEMPTS_H

#include "tap.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What a child works with; opened before the lock-down. */
struct scene {
    int socket[2];
    int file;   /* open for writing, in a temporary folder */
    int module; /* a shared object, and one in C++; -1: none */
    int cxx;
    pid_t host;  /* the parent */
    void *image; /* the module, loaded between the two steps */
};

static int result(long returned)
{
    return returned < 0 ? errno : 0;
}

/* --- system calls that are refused ------------------------------------------------------------ */

enum { HOST = -1001, SOCKET = -1002 }; /* stand for arguments that are known later */
#define P(pointer) ((long)(intptr_t)(pointer))

struct raw {
    const char *name;
    long number;
    int want; /* errno */
    long arguments[6];
};

/* clang-format off */
#define REFUSED(name, ...) {#name, __NR_##name, EPERM, {__VA_ARGS__}}

static const struct raw refused[] = {
    REFUSED(socket, AF_INET, SOCK_STREAM), REFUSED(socket, AF_UNIX, SOCK_DGRAM),
    REFUSED(socketpair, AF_UNIX, SOCK_DGRAM), REFUSED(connect, -1), REFUSED(bind, -1),
    REFUSED(listen, SOCKET), REFUSED(accept4, SOCKET),
    REFUSED(sendto, SOCKET, P("x"), 1, 0, P("\1"), 2), REFUSED(sendmsg, SOCKET),
    REFUSED(recvmsg, SOCKET),
    REFUSED(execve, P("/bin/true")), REFUSED(execveat, -1, P("/bin/true")),
    REFUSED(clone, SIGCHLD), REFUSED(clone, CLONE_VM | CLONE_VFORK | SIGCHLD),
    REFUSED(clone, CLONE_NEWUSER | SIGCHLD), {"clone3", __NR_clone3, ENOSYS, {0}},
    REFUSED(ptrace, PTRACE_ATTACH, HOST), REFUSED(ptrace, PTRACE_TRACEME),
    REFUSED(process_vm_readv, HOST), REFUSED(process_vm_writev, HOST), REFUSED(kcmp, HOST, HOST),
    REFUSED(kill, HOST), REFUSED(kill, 0), REFUSED(kill, -1), REFUSED(tgkill, HOST, HOST),
    REFUSED(tkill, HOST), REFUSED(pidfd_open, HOST), REFUSED(pidfd_send_signal, -1),
    REFUSED(pidfd_getfd, -1), REFUSED(rt_sigqueueinfo, HOST), REFUSED(rt_tgsigqueueinfo, HOST, HOST),
    REFUSED(fcntl, SOCKET, F_SETOWN, HOST), REFUSED(ioctl, SOCKET, TIOCSTI, P("x")),
    REFUSED(ioctl, SOCKET, FIOSETOWN),
    REFUSED(mount, P("none"), P("/"), P("tmpfs")), REFUSED(umount2, P("/")),
    REFUSED(pivot_root, P("/"), P("/")), REFUSED(unshare, CLONE_NEWUSER), REFUSED(setns, -1),
    REFUSED(bpf), REFUSED(io_uring_setup, 1), REFUSED(userfaultfd), REFUSED(keyctl),
    REFUSED(add_key), REFUSED(request_key), REFUSED(perf_event_open), REFUSED(init_module),
    REFUSED(kexec_load), REFUSED(reboot), REFUSED(setuid), REFUSED(setresuid), REFUSED(setgroups),
    REFUSED(capset), REFUSED(prctl, PR_SET_DUMPABLE, 1), REFUSED(prctl, PR_SET_PTRACER, HOST),
    REFUSED(prlimit64, 0, RLIMIT_NOFILE, P("12345678901234567")),
    REFUSED(prlimit64, HOST, RLIMIT_NOFILE, P("12345678901234567")),
    REFUSED(setrlimit, RLIMIT_NOFILE, P("12345678901234567")), REFUSED(setpriority, 0, HOST, 1),
    REFUSED(sched_setaffinity, HOST, 8, P("\1\0\0\0\0\0\0")), REFUSED(personality, 0xffffffff),
    REFUSED(seccomp, 1, 8 /* SECCOMP_FILTER_FLAG_NEW_LISTENER */),
    {"landlock_create_ruleset", 444, ENOSYS, {0}},
    REFUSED(chdir, P("/")), REFUSED(fchdir, -1), REFUSED(chroot, P("/")), REFUSED(umask),
    REFUSED(memfd_create, P("m")), REFUSED(shmget), REFUSED(msgget), REFUSED(semget),
    REFUSED(mq_open, P("m")), REFUSED(inotify_init1), REFUSED(fanotify_init),
    REFUSED(name_to_handle_at, AT_FDCWD), REFUSED(open_by_handle_at, -1),
    REFUSED(openat2, AT_FDCWD, P("/")), REFUSED(openat, AT_FDCWD, P("/dev/null"), O_RDWR),
    REFUSED(openat, AT_FDCWD, P("/tmp/test-lockdown"), O_WRONLY | O_CREAT, 0600),
    REFUSED(mkdirat, AT_FDCWD, P("/tmp/test-lockdown")), REFUSED(unlinkat, AT_FDCWD, P("/tmp/x")),
    REFUSED(renameat2, AT_FDCWD, P("/a"), AT_FDCWD, P("/b")), REFUSED(symlinkat, P("/"), AT_FDCWD),
    REFUSED(linkat, AT_FDCWD, P("/"), AT_FDCWD), REFUSED(fchmodat, AT_FDCWD, P("/tmp")),
    REFUSED(fchownat, AT_FDCWD, P("/tmp")), REFUSED(truncate, P("/tmp/x")), REFUSED(ftruncate, -1),
    REFUSED(getdents64, -1), REFUSED(wait4, -1),
#ifdef __NR_open
    REFUSED(fork), REFUSED(creat, P("/tmp/test-lockdown")), REFUSED(mkdir, P("/tmp/test-lockdown")),
    REFUSED(open, P("/dev/null"), O_WRONLY), REFUSED(unlink, P("/tmp/x")), REFUSED(chmod, P("/tmp")),
#endif
#ifdef __x86_64__
    {"getpid in x32", __NR_getpid | 0x40000000, EPERM, {0}},
#endif
};

/* Refused from the second step on; `want` is what the first one answers, through Landlock or not. */
static const struct raw refused_late[] = {
    REFUSED(openat, AT_FDCWD, P("/etc/ld.so.cache")), REFUSED(openat, AT_FDCWD, P("/"), O_PATH),
    REFUSED(faccessat, AT_FDCWD, P("/")), REFUSED(readlinkat, AT_FDCWD, P("/")),
    REFUSED(statx, AT_FDCWD, P("/")), REFUSED(getcwd), REFUSED(seccomp, 1, 1),
    REFUSED(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1),
#ifdef __NR_open
    REFUSED(open, P("/etc/ld.so.cache")), REFUSED(stat, P("/")), REFUSED(access, P("/")),
#endif
};
/* clang-format on */

/* Does the call; a process that came of it goes at once. */
static int do_raw(const struct raw *raw, const struct scene *s)
{
    pid_t me = getpid();
    long a[6];
    int code;

    for (size_t i = 0; i < 6; i++)
        a[i] = raw->arguments[i] == HOST     ? s->host
               : raw->arguments[i] == SOCKET ? s->socket[0]
                                             : raw->arguments[i];
    code = result(syscall(raw->number, a[0], a[1], a[2], a[3], a[4], a[5]));
    if (getpid() != me)
        _exit(0);
    return code;
}

/* --- files that Landlock keeps ---------------------------------------------------------------- */

static int opens(const char *path, int flags)
{
    int fd = open(path, flags);

    if (fd >= 0)
        close(fd);
    return result(fd);
}

static int try_read_file(struct scene *s)
{
    (void)s;
    return opens("/etc/passwd", O_RDONLY);
}

static int try_own_environ(struct scene *s)
{
    (void)s;
    return opens("/proc/self/environ", O_RDONLY);
}

static int try_host_memory(struct scene *s)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/mem", (int)s->host);
    return opens(path, O_RDONLY);
}

static int try_folder(struct scene *s)
{
    (void)s;
    return opens("/", O_RDONLY | O_DIRECTORY);
}

static int try_library_folder(struct scene *s)
{
    (void)s;
    return opens("/usr/lib", O_RDONLY | O_DIRECTORY);
}

static int try_plugin(struct scene *s)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", s->module);
    return opens(path, O_RDONLY);
}

static int try_other_descriptor(struct scene *s)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", s->file);
    return opens(path, O_RDONLY);
}

static int try_library(struct scene *s)
{
    (void)s;
    return opens("/etc/ld.so.cache", O_RDONLY);
}

static int try_write_file(struct scene *s)
{
    signal(SIGXFSZ, SIG_IGN);
    return result(write(s->file, "x", 1));
}

/* --- what must work --------------------------------------------------------------------------- */

static int do_memory(struct scene *s)
{
    char *p = malloc(100);
    char *grown;

    (void)s;
    for (size_t n = 1 << 10; p && n <= (size_t)64 << 20; n *= 4) {
        grown = realloc(p, n);
        if (!grown)
            free(p);
        else
            grown[n - 1] = 1;
        p = grown;
    }
    if (!p)
        return ENOMEM;
    free(p);
    return 0;
}

static void *answer(void *value)
{
    return value;
}

static int do_threads(struct scene *s)
{
    pthread_t threads[8];
    void *value = NULL;

    for (size_t i = 0; i < 8; i++) {
        int code = pthread_create(&threads[i], NULL, answer, s);

        if (code)
            return code;
    }
    for (size_t i = 0; i < 8; i++)
        if (pthread_join(threads[i], &value) || value != s)
            return EPROTO;
    return 0;
}

static int do_socket_traffic(struct scene *s)
{
    struct pollfd wait = {.fd = s->socket[1], .events = POLLIN};
    char got[4];

    if (write(s->socket[0], "ab", 2) != 2 || send(s->socket[0], "cd", 2, MSG_NOSIGNAL) != 2)
        return errno;
    if (poll(&wait, 1, 1000) != 1 || recv(s->socket[1], got, 1, MSG_DONTWAIT) != 1)
        return errno;
    if (read(s->socket[1], got + 1, 3) != 3)
        return errno;
    return memcmp(got, "abcd", 4) ? EPROTO : 0;
}

static int do_clock(struct scene *s)
{
    const struct timespec pause = {0, 1000000};
    struct timespec now;

    (void)s;
    if (syscall(__NR_clock_gettime, CLOCK_REALTIME, &now) || nanosleep(&pause, NULL))
        return errno;
    return now.tv_sec > 1600000000 ? 0 : EPROTO;
}

static int do_signal_to_self(struct scene *s)
{
    (void)s;
    signal(SIGUSR1, SIG_IGN);
    return raise(SIGUSR1) || kill(getpid(), SIGUSR1) ? errno : 0;
}

static int do_format(struct scene *s)
{
    char text[64];

    (void)s;
    snprintf(text, sizeof text, "%.3f %d", 1.5, (int)getpid());
    return strncmp(text, "1.500 ", 6) ? EPROTO : 0;
}

static int do_random(struct scene *s)
{
    char bytes[8];

    (void)s;
    return result(syscall(__NR_getrandom, bytes, sizeof bytes, 0));
}

static int do_read_limits(struct scene *s)
{
    struct rlimit core, files, size;

    (void)s;
    if (getrlimit(RLIMIT_CORE, &core) || getrlimit(RLIMIT_NOFILE, &files) ||
        getrlimit(RLIMIT_FSIZE, &size))
        return errno;
    return core.rlim_max == 0 && files.rlim_max == 64 && size.rlim_max == 0 ? 0 : EPROTO;
}

/* --- the module, loaded between the two steps --------------------------------------------------
 */

static int try_memory_into_code(struct scene *s)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)s;
    if (p == MAP_FAILED)
        return ENOMEM;
    return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

/* The address of something in the module; a test module always has it. */
static void *in_module(struct scene *s, const char *name)
{
    return s->image ? dlsym(s->image, name) : NULL;
}

/* An int of the module that its constructor set. */
static int seen_by(struct scene *s, const char *name)
{
    const int *value = in_module(s, name);

    return value ? *value : -1;
}

/* A function of the module. POSIX: a function's address out of an object's. */
static int called_in(struct scene *s, const char *name)
{
    void *address = in_module(s, name);
    int (*function)(void);

    memcpy(&function, &address, sizeof function);
    return address ? function() : -1;
}

#define SEEN(name)                                                                                 \
    static int seen_##name(struct scene *s)                                                        \
    {                                                                                              \
        return seen_by(s, #name);                                                                  \
    }
#define CALLED(name)                                                                               \
    static int called_##name(struct scene *s)                                                      \
    {                                                                                              \
        return called_in(s, #name);                                                                \
    }

SEEN(module_file)
SEEN(module_socket)
SEEN(module_write)
SEEN(module_fork)
CALLED(module_thread_opens)
CALLED(module_thread_exits)
CALLED(cxx_constructor_opened)
CALLED(cxx_catches)
CALLED(cxx_thread_catches)

/* --- tables ----------------------------------------------------------------------------------- */

struct attempt {
    const char *what;
    int (*run)(struct scene *);
    int want; /* errno; 0: it works */
};

static const struct attempt files[] = {
    {"/etc/passwd", try_read_file, EACCES},
    {"own environment", try_own_environ, EACCES},
    {"memory of the host", try_host_memory, EACCES},
    {"a folder", try_folder, EACCES},
    {"a folder of libraries, to list it", try_library_folder, EACCES},
    {"a file that is open for writing", try_other_descriptor, EACCES},
    {"a library", try_library, 0},
    {"the connector, through its descriptor", try_plugin, 0},
};

static const struct attempt needed[] = {
    {"memory", do_memory, 0},
    {"threads", do_threads, 0},
    {"a socket that is open", do_socket_traffic, 0},
    {"clocks and sleep", do_clock, 0},
    {"signals to oneself", do_signal_to_self, 0},
    {"printf", do_format, 0},
    {"random bytes", do_random, 0},
    {"limits: no core, 64 descriptors, no files", do_read_limits, 0},
    {"writing to an open file: refused", try_write_file, EFBIG},
};

static const struct attempt loaded[] = {
    {"constructor: /etc/passwd", seen_module_file, EACCES},
    {"constructor: socket", seen_module_socket, EPERM},
    {"constructor: a new file", seen_module_write, EPERM},
    {"constructor: fork", seen_module_fork, EPERM},
    {"thread of a constructor: refused late", called_module_thread_opens, EPERM},
    {"a thread that ends by pthread_exit", called_module_thread_exits, 0},
    {"memory made executable", try_memory_into_code, EPERM},
};

static const struct attempt loaded_cxx[] = {
    {"C++ constructor: /etc/passwd", called_cxx_constructor_opened, EACCES},
    {"C++ exception", called_cxx_catches, 0},
    {"C++ exception in a thread", called_cxx_thread_catches, 0},
};

#endif
