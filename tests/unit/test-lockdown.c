/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock-down, in forked children: each denied thing is denied with its errno, each needed thing
 * works. The whole program becomes an ordinary user first; what is special about root is tried in a
 * child before that.
 */
#include "config.h"

#include "worker/lockdown.h"

#include "lockdown_attempts.h"
#include "tap.h"
#include "temp_folder.h"

#include <grp.h>
#include <sys/wait.h>

enum { ORDINARY_USER = 65534 };

/* It reserves terabytes, and finds no exceptions of what is loaded later than the program. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN true
#endif
#endif
#ifndef WITH_ASAN
#define WITH_ASAN false
#endif

/* --- children --------------------------------------------------------------------------------- */

enum { MAX_RESULTS = 200 };

/* What a child found out, in the order of the tables. */
struct findings {
    struct lh_lockdown lockdown;
    int n;
    int results[MAX_RESULTS];
    char failed[300]; /* "" or why there is no more */
};

typedef void scenario(struct scene *s, struct findings *f);

static void note(struct findings *f, int value)
{
    f->results[f->n++] = value;
}

static void try_all(struct scene *s, struct findings *f, const struct attempt *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        note(f, table[i].run(s));
}

static void try_raw(struct scene *s, struct findings *f, const struct raw *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        note(f, do_raw(&table[i], s));
}

#define LENGTH(table)    (sizeof(table) / sizeof *(table))
#define TRY(s, f, table) try_all(s, f, table, LENGTH(table))
#define RAW(s, f, table) try_raw(s, f, table, LENGTH(table))

/* One step of the lock-down: 1 before the load, 2 after it. */
static bool lock(struct findings *f, int plugin, int step)
{
    const struct lh_lockdown_settings settings = {.plugin_fd = plugin};
    struct lh_error e = LH_ERROR_INIT;
    int code = step == 1 ? lh_lockdown_before_load(&settings, &f->lockdown, &e)
                         : lh_lockdown_after_load(&settings, &f->lockdown, &e);

    if (code)
        snprintf(f->failed, sizeof f->failed, "step %d: %s", step, lh_error_text(&e));
    lh_error_free(&e);
    return !code;
}

static bool load(struct scene *s, struct findings *f, int module)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", module);
    s->image = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!s->image)
        snprintf(f->failed, sizeof f->failed, "dlopen: %s", dlerror());
    return s->image != NULL;
}

static void first_step(struct scene *s, struct findings *f)
{
    if (!lock(f, s->module, 1))
        return;
    RAW(s, f, refused);
    TRY(s, f, files);
    TRY(s, f, needed);
}

static void both_steps(struct scene *s, struct findings *f)
{
    if (!lock(f, s->module, 1) || !load(s, f, s->module) || !lock(f, s->module, 2))
        return;
    RAW(s, f, refused_late);
    RAW(s, f, refused);
    TRY(s, f, needed);
    TRY(s, f, loaded);
}

static void cxx_module(struct scene *s, struct findings *f)
{
    if (lock(f, s->cxx, 1) && load(s, f, s->cxx) && lock(f, s->cxx, 2))
        TRY(s, f, loaded_cxx);
}

/* Runs a scenario in a child; false when it died, with what became of it in ret_status. */
static bool in_child(scenario *run, struct scene *s, struct findings *ret, int *ret_status)
{
    int ends[2];
    bool whole;
    pid_t child;

    *ret = (struct findings){.n = 0};
    if (pipe(ends))
        return false;
    s->host = getpid();
    fflush(stdout);
    child = fork();
    if (child == 0) {
        run(s, ret);
        (void)!write(ends[1], ret, sizeof *ret);
        _exit(0);
    }
    close(ends[1]);
    whole = read(ends[0], ret, sizeof *ret) == (ssize_t)sizeof *ret;
    close(ends[0]);
    if (child < 0 || waitpid(child, ret_status, 0) != child)
        *ret_status = -1;
    return whole;
}

static void expect(const struct findings *f, int *at, const char *what, int want)
{
    int got = *at < f->n ? f->results[*at] : -1;

    ++*at;
    if (!is_int(got, want, what))
        diag("expected errno %s, got %s", want ? strerror(want) : "none",
             got < 0 ? "no answer"
             : got   ? strerror(got)
                     : "none");
}

static void expect_all(const struct findings *f, int *at, const struct attempt *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(f, at, table[i].what, table[i].want);
}

static void expect_raw(const struct findings *f, int *at, const struct raw *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(f, at, table[i].name, table[i].want);
}

/* A child's lock-down went through, and is whole. */
static bool went_well(scenario *run, struct scene *s, unsigned active, struct findings *ret)
{
    int status = 0;
    bool good = ok(in_child(run, s, ret, &status), "the child lives (status %d)", status);

    is_str(ret->failed, "", "the lock-down and the load went through");
    is_int(ret->lockdown.active, active, "every part is in force");
    is_str(ret->lockdown.note, "", "nothing to note");
    return good;
}

/* --- tests ------------------------------------------------------------------------------------ */

static struct scene scene = {.socket = {-1, -1}, .file = -1, .module = -1, .cxx = -1};

static void test_before_load(void)
{
    struct findings f;
    int at = 0;

    went_well(first_step, &scene, LH_LOCK_ALL & ~(unsigned)LH_LOCK_SECCOMP_LATE, &f);
    expect_raw(&f, &at, refused, LENGTH(refused));
    expect_all(&f, &at, files, LENGTH(files));
    expect_all(&f, &at, needed, LENGTH(needed));
}

static void test_after_load(void)
{
    struct findings f;
    int at = 0;

    went_well(both_steps, &scene, LH_LOCK_ALL, &f);
    expect_raw(&f, &at, refused_late, LENGTH(refused_late));
    expect_raw(&f, &at, refused, LENGTH(refused));
    expect_all(&f, &at, needed, LENGTH(needed));
    expect_all(&f, &at, loaded, LENGTH(loaded));
}

static void test_cxx(void)
{
    struct findings f;
    int at = 0;

    if (WITH_ASAN || scene.cxx < 0) {
        ok(true, "C++ # SKIP no C++ compiler, or built with a sanitizer");
        return;
    }
    went_well(cxx_module, &scene, LH_LOCK_ALL, &f);
    expect_all(&f, &at, loaded_cxx, LENGTH(loaded_cxx));
}

static void aborts(struct scene *s, struct findings *f)
{
    (void)s;
    if (lock(f, -1, 1) && lock(f, -1, 2))
        abort();
}

static void calls_as_i386(struct scene *s, struct findings *f)
{
    (void)s;
    if (!lock(f, -1, 1))
        return;
#ifdef __x86_64__
    {
        long number = 20; /* getpid there */

        __asm__ volatile("int $0x80" : "+a"(number) : : "memory", "r8", "r9", "r10", "r11");
        note(f, (int)number);
    }
#endif
}

static void test_deaths(void)
{
    struct findings f;
    int status = 0;

    ok(!in_child(aborts, &scene, &f, &status) && WIFSIGNALED(status), "abort() ends the process");
    is_int(WTERMSIG(status), SIGABRT, "by SIGABRT");
#ifdef __x86_64__
    ok(!in_child(calls_as_i386, &scene, &f, &status) && WIFSIGNALED(status),
       "another calling convention ends the process");
    /* SIGSEGV: a kernel that has no such calls */
    ok(WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV, "by SIGSYS, got %d",
       WTERMSIG(status));
#else
    ok(true, "another calling convention # SKIP for x86-64");
    (void)calls_as_i386;
#endif
}

static void eats_memory(struct scene *s, struct findings *f)
{
    const struct lh_lockdown_settings settings = {.plugin_fd = -1, .max_memory = 256u << 20};
    struct lh_error e = LH_ERROR_INIT;
    void *volatile p; /* what nobody looks at, a compiler does not ask for */

    (void)s;
    if (lh_lockdown_before_load(&settings, &f->lockdown, &e))
        return;
    p = malloc(64u << 20);
    note(f, p != NULL);
    p = malloc((size_t)512 << 20);
    note(f, p == NULL);
}

static void test_memory(void)
{
    struct findings f;
    int status = 0;

    ok(in_child(eats_memory, &scene, &f, &status) && f.n == 2, "the child lives");
    is_int(f.results[0], 1, "64 MiB of 256 are there");
    is_int(f.results[1], 1, "512 MiB are not");
}

static void leaves_off(struct scene *s, struct findings *f)
{
    const struct lh_lockdown_settings settings = {.plugin_fd = -1, .leave_off = LH_LOCK_ALL};
    struct lh_error e = LH_ERROR_INIT;

    (void)s;
    if (!lh_lockdown_before_load(&settings, &f->lockdown, &e) &&
        !lh_lockdown_after_load(&settings, &f->lockdown, &e))
        note(f, opens("/etc/passwd", O_RDONLY));
}

static void bad_descriptor(struct scene *s, struct findings *f)
{
    f->lockdown.active = 4711;
    (void)s;
    note(f, lock(f, 999, 1));
}

static void test_settings(void)
{
    struct findings f;
    int status = 0;

    ok(in_child(leaves_off, &scene, &f, &status) && f.n == 1, "everything left off");
    is_int(f.lockdown.active, 0, "nothing is in force");
    is_str(f.lockdown.note, "", "and that is no surprise");
    is_int(f.results[0], 0, "a file can be read");

    ok(in_child(bad_descriptor, &scene, &f, &status) && f.n == 1, "a descriptor that is closed");
    is_int(f.results[0], 0, "fails");
    is_int(f.lockdown.active, 4711, "and leaves the result alone");
    has_str(f.failed, "lock the worker down: Landlock: Bad file descriptor", "with the part");
}

static void test_offered(void)
{
    struct lh_lockdown lockdown = {.active = 4711, .note = "x"};
    int status;

    is_int(lh_lockdown_offered(&lockdown), LH_LOCK_ALL, "everything");
    is_int(lockdown.active, LH_LOCK_ALL, "said twice");
    is_str(lockdown.note, "", "without a note");
    is_int(waitpid(-1, &status, WNOHANG), -1, "no child is left");
    is_int(opens("/etc/passwd", O_RDONLY), 0, "and nothing has happened to us");
    for (unsigned bit = 1; bit < LH_LOCK_ALL; bit <<= 1)
        ok(lh_lockdown_name(bit), "part %u has a name", bit);
    ok(!lh_lockdown_name(64), "no name for what is none");
}

/* The child says when it is locked down and waits until it has been looked at. */
static pid_t locked_child(int *ret_talk)
{
    const struct lh_lockdown_settings settings = {.plugin_fd = -1};
    struct lh_lockdown lockdown;
    struct lh_error e = LH_ERROR_INIT;
    int ends[2];
    char byte = 'x';
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        return -1;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        byte = lh_lockdown_before_load(&settings, &lockdown, &e) ? '!' : '.';
        (void)!write(ends[1], &byte, 1);
        (void)!read(ends[1], &byte, 1);
        _exit(0);
    }
    close(ends[1]);
    *ret_talk = ends[0];
    return read(ends[0], &byte, 1) == 1 && byte == '.' ? child : -1;
}

/* A line of /proc/PID/status, without its name and blanks. */
static void status_of(pid_t pid, const char *name, char *ret, size_t size)
{
    char path[64], line[256];
    FILE *f;

    ret[0] = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            snprintf(ret, size, "%.*s", (int)strcspn(line + strlen(name) + 2, "\n"),
                     line + strlen(name) + 2);
    if (f)
        fclose(f);
}

static void test_seen_from_outside(void)
{
    int talk lh_autoclose = -1;
    pid_t child = locked_child(&talk);
    char path[64], line[64];

    if (!ok(child > 0, "a child is locked down"))
        return;
    status_of(child, "NoNewPrivs", line, sizeof line);
    is_str(line, "1", "no new privileges");
    status_of(child, "CapEff", line, sizeof line);
    is_str(line, "0000000000000000", "no capabilities");
    status_of(child, "CapPrm", line, sizeof line);
    is_str(line, "0000000000000000", "none to take");
    if (geteuid() != 0) {
        snprintf(path, sizeof path, "/proc/%d/environ", (int)getpid());
        is_int(opens(path, O_RDONLY), 0, "the user's other processes can be read");
        snprintf(path, sizeof path, "/proc/%d/environ", (int)child);
        is_int(opens(path, O_RDONLY), EACCES, "this one cannot");
        is_int(result(ptrace(PTRACE_ATTACH, child, NULL, NULL)), EPERM, "nor attached to");
    }
    close(talk);
    talk = -1;
    is_int(waitpid(child, NULL, 0), child, "it ends");
}

/* --- set-up ----------------------------------------------------------------------------------- */

/* Compiles the C++ module into the temporary folder, with whatever compiler there is. */
static int make_cxx(const char *source)
{
    static const char *const compilers[] = {"g++", "clang++"};
    char command[2048];

    for (size_t i = 0; i < LENGTH(compilers); i++) {
        snprintf(command, sizeof command,
                 "%s -std=c++11 -O1 -pthread -shared -fPIC -o cxx.so '%s' 2>cxx.log", compilers[i],
                 source);
        if (system(command) == 0 && chmod("cxx.so", 0755) == 0)
            return open("cxx.so", O_RDONLY | O_CLOEXEC);
    }
    return -1;
}

static bool set_up(void)
{
    const char *srcdir = getenv("srcdir");
    char *top lh_autofree = realpath(srcdir ? srcdir : ".", NULL);
    char source[1200];

    snprintf(source, sizeof source, "%s/tests/unit/lockdown_cxx.cc", top ? top : ".");
    if (!temp_folder_begin())
        return false;
    scene.cxx = make_cxx(source);
    scene.module = open(LOCKDOWN_MODULE, O_RDONLY | O_CLOEXEC);
    scene.file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return scene.module >= 0 && scene.file >= 0 &&
           socketpair(AF_UNIX, SOCK_STREAM, 0, scene.socket) == 0;
}

static void become_an_ordinary_user(void)
{
    if (geteuid() == 0)
        ok(setgroups(0, NULL) == 0 && setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) == 0 &&
               setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) == 0,
           "root becomes an ordinary user");
    ok(geteuid() != 0, "the test is not root");
    /* changing the user hid this process, and would hide its children without the lock-down */
    ok(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0, "what follows is not hidden");
}

/* Asked of the kernel, not of what is tested. */
static bool kernel_has_all(void)
{
    const uint32_t action = 0x80000000u; /* SECCOMP_RET_KILL_PROCESS */

    return syscall(444, NULL, 0L, 1) > 0 && syscall(__NR_seccomp, 2, 0, &action) == 0;
}

int main(void)
{
    bool ready;

    if (getenv("LAKEHOST_VALGRIND"))
        SKIP_ALL("valgrind cannot run behind filters");
    if (!kernel_has_all())
        SKIP_ALL("this kernel or container lacks Landlock or seccomp");
    ready = set_up();
    RUN(test_seen_from_outside);
    temp_folder_end(); /* what is open stays */
    become_an_ordinary_user();
    if (ok(ready, "files, a module, a socket")) {
        RUN(test_before_load);
        RUN(test_after_load);
        RUN(test_cxx);
        RUN(test_deaths);
        if (!WITH_ASAN)
            RUN(test_memory);
        RUN(test_settings);
        RUN(test_offered);
        RUN(test_seen_from_outside);
    }
    return tap_done();
}
