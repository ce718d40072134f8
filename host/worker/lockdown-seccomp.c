/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two system call filters, as tables, and the small compiler that makes BPF of a table.
 *
 * The first allows what is listed; the second, on top of it, refuses what is listed: the kernel
 * takes the stricter answer. Both look at the calling convention first: a filter is made for one,
 * and a process that changes over (i386 calls out of an x86-64 program) is killed.
 */
#include "config.h"

#include "worker/lockdown_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define NATIVE_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define NATIVE_ARCH AUDIT_ARCH_ARM
#endif

#ifndef NATIVE_ARCH

int lh_seccomp_early(void)
{
    return ENOSYS; /* no list for this processor; everything else of the lock-down works */
}

int lh_seccomp_late(void)
{
    return ENOSYS;
}

#else

enum { X32_BIT = 0x40000000 };      /* on x86-64: a call by the x32 convention */
enum { NEWER_THAN_THE_LIST = 440 }; /* numbers are the same everywhere from 424 on */
#define CLONE_NEW_ANYTHING 0x7e020080u /* CLONE_NEW*: namespaces */
#define OPEN_READS_ONLY    (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)

/* When a rule applies: always, or by one argument. */
enum when { ALWAYS, BITS_ARE, IS_NULL };

struct rule {
    uint32_t call;
    enum when when;
    unsigned argument;   /* 0-5 */
    uint32_t mask, bits; /* BITS_ARE: (argument & mask) == bits; the low half, as ints are read */
};

#define CALL(name)                                                                                 \
    {                                                                                              \
        .call = __NR_##name                                                                        \
    }
#define CALL_IF(name, arg, of, are)                                                                \
    {                                                                                              \
        .call = __NR_##name, .when = BITS_ARE, .argument = (arg), .mask = (of), .bits = (are)      \
    }
#define CALL_IF_NULL(name, arg)                                                                    \
    {                                                                                              \
        .call = __NR_##name, .when = IS_NULL, .argument = (arg)                                    \
    }
#define ALL_BITS 0xffffffffu
/* Stands for this process in a table; the compiler puts the number in. */
#define OWN_PID  0xfffffffeu

/* clang-format off */
static const struct rule allowed[] = {
    /* open descriptors: the worker's whole traffic */
    CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(close), CALL(ppoll),
    CALL(recvfrom), CALL_IF_NULL(sendto, 4), /* to no address: there is none to reach */
    CALL(pread64), CALL(pwrite64), CALL(preadv), CALL(pwritev), CALL(lseek), CALL(close_range),
    CALL(dup), CALL(dup3), CALL(pipe2), CALL(eventfd2), CALL(shutdown), CALL(pselect6),
    CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_pwait), CALL(fstat),
    /* not F_SETOWN, which sends signals to others */
    CALL_IF(fcntl, 1, ALL_BITS, F_GETFD), CALL_IF(fcntl, 1, ALL_BITS, F_SETFD),
    CALL_IF(fcntl, 1, ALL_BITS, F_GETFL), CALL_IF(fcntl, 1, ALL_BITS, F_SETFL),
    CALL_IF(fcntl, 1, ALL_BITS, F_DUPFD), CALL_IF(fcntl, 1, ALL_BITS, F_DUPFD_CLOEXEC),
    CALL_IF(ioctl, 1, ALL_BITS, FIONREAD), CALL_IF(ioctl, 1, ALL_BITS, FIONBIO),
    CALL_IF(ioctl, 1, ALL_BITS, TCGETS),
    /* memory; the second step refuses PROT_EXEC */
    CALL(brk), CALL(munmap), CALL(mprotect), CALL(mremap), CALL(madvise), CALL(msync),
    CALL(mincore), CALL(membarrier),
    /* threads: what shares everything with us, and nothing else */
    CALL(futex), CALL(set_robust_list), CALL(set_tid_address), CALL(gettid), CALL(sched_yield),
    CALL_IF(clone, 0, CLONE_THREAD | CLONE_NEW_ANYTHING, CLONE_THREAD),
    CALL(sched_getaffinity), CALL(sched_getparam), CALL(sched_getscheduler),
    CALL(sched_get_priority_max), CALL(sched_get_priority_min), CALL(getcpu), CALL(exit),
    CALL(exit_group), CALL(restart_syscall), CALL_IF(prctl, 0, ALL_BITS, PR_SET_NAME),
    CALL_IF(prctl, 0, ALL_BITS, PR_GET_NAME),
    /* signals to oneself */
    CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigpending),
    CALL(rt_sigsuspend), CALL(rt_sigtimedwait), CALL(sigaltstack),
    CALL_IF(tgkill, 0, ALL_BITS, OWN_PID), CALL_IF(kill, 0, ALL_BITS, OWN_PID),
    CALL_IF(rt_tgsigqueueinfo, 0, ALL_BITS, OWN_PID),
    /* clocks, and who one is */
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep),
    CALL(gettimeofday), CALL(times), CALL(getrusage), CALL(getrandom), CALL(uname), CALL(sysinfo),
    CALL(getpid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid),
    CALL_IF_NULL(prlimit64, 2), /* reading limits */
    /* what the dynamic linker does; Landlock says where, the second step that it is over */
    CALL_IF(openat, 2, OPEN_READS_ONLY, O_RDONLY), CALL(faccessat), CALL(readlinkat), CALL(getcwd),
    CALL(statx),
    /* a stricter filter for all threads: the second step; no listener that could answer calls */
    CALL_IF(seccomp, 1, ALL_BITS, SECCOMP_FILTER_FLAG_TSYNC),
    /* what only some architectures or kernels have */
#ifdef __NR_rseq
    CALL(rseq),
#endif
#ifdef __NR_faccessat2
    CALL(faccessat2),
#endif
#ifdef __NR_mmap2 /* i386's mmap takes a pointer to its arguments, which no filter sees */
    CALL(mmap2),
#else
    CALL(mmap),
#endif
#ifdef __NR_newfstatat
    CALL(newfstatat),
#endif
#ifdef __NR_open /* the older calls: x86-64, i386, arm */
    CALL_IF(open, 1, OPEN_READS_ONLY, O_RDONLY), CALL(stat), CALL(lstat), CALL(access),
    CALL(readlink), CALL(poll), CALL(dup2), CALL(pipe), CALL(epoll_create), CALL(epoll_wait),
    CALL(pause), CALL(eventfd),
#endif
#ifdef __x86_64__
    CALL(select), CALL(time),
#endif
#ifdef __NR_arch_prctl
    CALL(arch_prctl), /* own segment registers; i386 has a number for it too */
#endif
#ifdef __NR_getrlimit
    CALL(getrlimit),
#endif
#ifdef __NR_fcntl64 /* 32 bits */
    CALL_IF(fcntl64, 1, ALL_BITS, F_GETFD), CALL_IF(fcntl64, 1, ALL_BITS, F_SETFD),
    CALL_IF(fcntl64, 1, ALL_BITS, F_GETFL), CALL_IF(fcntl64, 1, ALL_BITS, F_SETFL),
    CALL_IF(fcntl64, 1, ALL_BITS, F_DUPFD), CALL_IF(fcntl64, 1, ALL_BITS, F_DUPFD_CLOEXEC),
    CALL(_llseek), CALL(_newselect), CALL(fstat64), CALL(stat64), CALL(lstat64), CALL(fstatat64),
    CALL(ugetrlimit), CALL(sigreturn), CALL(getuid32), CALL(geteuid32), CALL(getgid32),
    CALL(getegid32),
#endif
#ifdef __NR_clock_gettime64 /* 32 bits, with a clock for after 2038 */
    CALL(clock_gettime64), CALL(clock_getres_time64), CALL(clock_nanosleep_time64),
    CALL(futex_time64), CALL(ppoll_time64), CALL(pselect6_time64), CALL(rt_sigtimedwait_time64),
#endif
#ifdef __i386__
    CALL(set_thread_area), CALL(time),
#endif
#ifdef __arm__
    {.call = 0x0f0002}, {.call = 0x0f0005}, /* cacheflush, set_tls: private to arm */
#endif
};

static const struct rule refused_late[] = {
    CALL(openat), CALL(faccessat), CALL(readlinkat), CALL(getcwd), CALL(statx), CALL(seccomp),
    CALL_IF(mprotect, 2, PROT_EXEC, PROT_EXEC),
#ifdef __NR_faccessat2
    CALL(faccessat2),
#endif
#ifdef __NR_mmap2
    CALL_IF(mmap2, 2, PROT_EXEC, PROT_EXEC),
#else
    CALL_IF(mmap, 2, PROT_EXEC, PROT_EXEC),
#endif
#ifdef __NR_newfstatat
    CALL(newfstatat),
#endif
#ifdef __NR_open
    CALL(open), CALL(stat), CALL(lstat), CALL(access), CALL(readlink),
#endif
#ifdef __NR_stat64
    CALL(stat64), CALL(lstat64), CALL(fstatat64),
#endif
};
/* clang-format on */

/* --- from a table to a program ---------------------------------------------------------------- */

#define LENGTH(table) (sizeof(table) / sizeof *(table))
/* The longest rule has seven instructions, and there are a dozen around the rules. */
enum { MAX_PROGRAM = 7 * LENGTH(allowed) + 16 };

struct program {
    struct sock_filter code[MAX_PROGRAM];
    unsigned short n;
};

static void emit(struct program *p, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
    p->code[p->n++] = (struct sock_filter){(uint16_t)code, (uint8_t)yes, (uint8_t)no, k};
}

static void load(struct program *p, size_t offset)
{
    emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Jumps over `no` instructions unless the loaded word is k. */
static void unless_equal(struct program *p, uint32_t k, unsigned no)
{
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, no);
}

static void answer(struct program *p, uint32_t action)
{
    emit(p, BPF_RET | BPF_K, action, 0, 0);
}

/* Answers EPERM, or another errno, without doing the call. */
static uint32_t fails_with(int errno_value)
{
    return SECCOMP_RET_ERRNO | (uint32_t)errno_value;
}

/* The call's number is loaded before each rule, and again behind one that loaded something else. */
static void add_rule(struct program *p, const struct rule *rule, uint32_t action)
{
    size_t low = offsetof(struct seccomp_data, args) + 8 * (size_t)rule->argument;
    uint32_t bits = rule->bits == OWN_PID ? (uint32_t)getpid() : rule->bits;

    switch (rule->when) {
    case ALWAYS:
        unless_equal(p, rule->call, 1);
        answer(p, action);
        return;
    case BITS_ARE:
        unless_equal(p, rule->call, 5);
        load(p, low);
        emit(p, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
        unless_equal(p, bits, 1);
        break;
    case IS_NULL:
        unless_equal(p, rule->call, 6);
        load(p, low);
        unless_equal(p, 0, 3);
        load(p, low + 4);
        unless_equal(p, 0, 1);
        break;
    }
    answer(p, action);
    load(p, offsetof(struct seccomp_data, nr));
}

static void add_head(struct program *p)
{
    load(p, offsetof(struct seccomp_data, arch));
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0);
    answer(p, SECCOMP_RET_KILL_PROCESS);
    load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    emit(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    answer(p, fails_with(EPERM));
#endif
}

static void add_rules(struct program *p, const struct rule *rules, size_t n, uint32_t action)
{
    for (size_t i = 0; i < n; i++)
        add_rule(p, &rules[i], action);
}

/* In all threads, or in none: a thread of a constructor must not stay behind the first filter. */
static int install(const struct program *p)
{
    struct sock_fprog program = {p->n, (struct sock_filter *)(uintptr_t)p->code};
    long code = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);

    if (code < 0)
        return errno;
    return code > 0 ? EBUSY : 0; /* the thread that has a filter of its own */
}

/* Whether there are filters at all, so that one that is refused is known for a mistake of ours. */
static int probe(void)
{
    const uint32_t action = SECCOMP_RET_KILL_PROCESS;

    if (syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
        return 0;
    return errno == EINVAL ? ENOSYS : errno;
}

int lh_seccomp_early(void)
{
    struct program p = {.n = 0};
    int code = probe();

    if (code)
        return code;

    add_head(&p);
    add_rules(&p, allowed, LENGTH(allowed), SECCOMP_RET_ALLOW);
    /* its flags lie in memory, where a filter cannot see them; libc and Go then use clone */
    unless_equal(&p, __NR_clone3, 1);
    answer(&p, fails_with(ENOSYS));
    emit(&p, BPF_JMP | BPF_JGE | BPF_K, NEWER_THAN_THE_LIST, 0, 1);
    answer(&p, fails_with(ENOSYS));
    answer(&p, fails_with(EPERM));
    return install(&p);
}

int lh_seccomp_late(void)
{
    struct program p = {.n = 0};

    add_head(&p);
    add_rules(&p, refused_late, LENGTH(refused_late), fails_with(EPERM));
    answer(&p, SECCOMP_RET_ALLOW);
    return install(&p);
}

#endif
