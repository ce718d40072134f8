/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/file.h"
#include "tap.h"
#include "temp_folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 50

static int write_file(const char *path, const char *text, mode_t mode, struct lh_error *e)
{
    return lh_file_write_atomic(path, lh_str_z(text), mode, e);
}

static void test_read(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(100);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    put_file("r", "0123456789", 0644);
    put_file("empty", "", 0644);
    lh_buf_z(&b, "x");
    is_int(lh_file_read("r", 10, 0, &b, &e), 0, "exactly the limit");
    is_str(lh_buf_text(&b), "x0123456789", "appended");
    is_int(lh_file_read("empty", 0, 0, &b, &e), 0, "the empty file");
    is_int(lh_file_read("r", 9, 0, &b, &e), LH_INVALID, "one byte too many");
    has_str(lh_error_text(&e), "read r: it is larger than the limit of 9 bytes", "says so");
    is_str(lh_buf_text(&b), "x0123456789", "the buffer is as it was");
    b.max = 15;
    is_int(lh_file_read("r", 50, 0, &b, &e), LH_INVALID, "the buffer's own limit counts");
    ok(!b.failed && b.n == 11, "and is as it was");
    is_int(lh_file_read("nowhere", 9, 0, &b, &e), LH_INVALID, "no such file");
    is_str(lh_error_text(&e), "read nowhere: No such file or directory", "is named");
    is_int(lh_file_read("nowhere", 9, LH_FILE_MAYBE, &b, &e), LH_NOT_FOUND, "may be missing");
    is_int(e.code, LH_NOT_FOUND, "in the error too");
    is_int(lh_file_read("r/x", 9, LH_FILE_MAYBE, &b, &e), LH_NOT_FOUND, "with its folder");
    is_int(lh_file_read(".", 9, LH_FILE_MAYBE, &b, &e), LH_INVALID, "but a folder is one");
    is_int(lh_file_read(".", 9, 0, &b, &e), LH_INVALID, "a folder");
    is_int(lh_file_read("-", 9, 0, &b, &e), LH_INVALID, "- is a file unless asked for");
    is_int(lh_file_read("/dev/zero", 1 << 20, 0, &b, &e), LH_INVALID, "an endless file ends");
}

static void test_stdin(void)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(100);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int saved lh_autoclose = dup(STDIN_FILENO);

    put_file("r", "from stdin", 0644);
    ok(freopen("r", "r", stdin) != NULL, "stdin is a file");
    is_int(lh_file_read("-", 100, LH_FILE_STDIN, &b, &e), 0, "read");
    is_str(lh_buf_text(&b), "from stdin", "its text");
    dup2(saved, STDIN_FILENO);
}

static void test_write(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char name[NAME_MAX + 2];

    umask(022);
    is_int(write_file("w", "new", 0, &e), 0, "a new file");
    is_str(file_text("w"), "new", "its text");
    is_int(file_mode("w"), 0644, "the umask counts");
    chmod("w", 0640);
    is_int(write_file("w", "second", 0, &e), 0, "again");
    is_str(file_text("w"), "second", "replaced");
    is_int(file_mode("w"), 0640, "the permissions stay");
    is_int(write_file("w", "", 0600, &e), 0, "empty, with a mode");
    is_str(file_text("w"), "", "empty");
    is_int(file_mode("w"), 0600, "the mode that was asked for");
    memset(name, 'n', sizeof name);
    name[NAME_MAX] = '\0';
    is_int(write_file(name, "long", 0, &e), 0, "the longest name");
    is_str(file_text(name), "long", "is written");
    unlink(name);
    name[NAME_MAX] = 'n';
    name[NAME_MAX + 1] = '\0';
    is_int(write_file(name, "long", 0, &e), LH_INVALID, "one longer");
    is_int(count_names(".", true), 0, "no temporary file is left");
}

static void test_targets(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct stat st;

    mkdir("d", 0755);
    put_file("d/real", "old", 0604);
    ok(symlink("d/real", "link") == 0 && symlink("gone", "dangling") == 0, "links");
    is_int(write_file("link", "through", 0, &e), 0, "a link is followed");
    is_str(file_text("d/real"), "through", "to the file");
    is_int(file_mode("d/real"), 0604, "whose permissions stay");
    ok(lstat("link", &st) == 0 && S_ISLNK(st.st_mode), "and stays a link");
    is_int(write_file("dangling", "x", 0, &e), LH_INVALID, "a link to nothing is refused");
    has_str(lh_error_text(&e), "symbolic link to nothing; remove it", "and named");
    is_int(write_file("d", "x", 0, &e), LH_INVALID, "a folder is refused");
    is_int(write_file("d/", "x", 0, &e), LH_INVALID, "also with a slash");
    is_int(write_file("new/", "x", 0, &e), LH_INVALID, "a name with a slash at its end");
    is_int(write_file("", "x", 0, &e), LH_INVALID, "the empty name");
    is_int(write_file("no/such", "x", 0, &e), LH_INVALID, "no folder");
    is_int(write_file("w/x", "x", 0, &e), LH_INVALID, "a file as folder");
    is_int(write_file("/dev/null", "x", 0, &e), 0, "a device is written to");
    ok(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode), "and stays a device");
    is_int(write_file("/dev/full", "x", 0, &e), LH_FAILED, "a full disk");
    is_str(lh_error_text(&e),
           "write /dev/full: No space left on device; free some space and run again",
           "says what to do");
    is_int(count_names(".", true) + count_names("d", true), 0, "no temporary file is left");
}

static void test_abort(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    put_file("a", "old", 0644);
    {
        lh_auto(lh_file_writer) w = LH_FILE_WRITER_INIT;

        is_int(lh_file_writer_begin(&w, "a", 0, &e), 0, "begun");
        is_int(lh_file_writer_append(&w, LH_STR("ne"), &e), 0, "written");
        is_int(count_names(".", true), 1, "to a temporary file");
        is_str(file_text("a"), "old", "the old file is there");
    }
    is_str(file_text("a"), "old", "and stays without commit");
    is_int(count_names(".", true), 0, "the temporary file is gone");
}

static void test_short_write(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *text lh_autofree = lh_xcalloc(1, 100001);
    struct rlimit before;
    struct rlimit limit;

    memset(text, 'x', 100000);
    put_file("s", "old", 0644);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 50000;
    setrlimit(RLIMIT_FSIZE, &limit);
    is_int(write_file("s", text, 0, &e), LH_FAILED, "the file may not grow");
    setrlimit(RLIMIT_FSIZE, &before);
    has_str(lh_error_text(&e), "write s: File too large; raise the limit", "says what to do");
    is_str(file_text("s"), "old", "the old file is there");
    is_int(count_names(".", true), 0, "the temporary file is gone");
}

/* Root may write everywhere, so this is asked as somebody else. */
static void test_no_permission(void)
{
    int status = -1;
    pid_t child;

    mkdir("ro", 0755);
    put_file("ro/f", "old", 0644);
    chmod("ro", 0555);
    child = fork();
    if (child == 0) {
        lh_auto(lh_error) e = LH_ERROR_INIT;

        if (chmod(".", 0755) != 0 || (geteuid() == 0 && setuid(65534) != 0))
            _exit(2);
        if (access("ro/f", R_OK) != 0)
            _exit(0); /* TMPDIR itself is closed to others: nothing to see */
        _exit(write_file("ro/f", "new", 0, &e) != LH_FAILED ||
              !strstr(lh_error_text(&e), "check the owner and the permissions"));
    }
    waitpid(child, &status, 0);
    is_int(status, 0, "a folder that cannot be written: refused, with what to do");
    is_str(file_text("ro/f"), "old", "the old file is there");
    chmod("ro", 0755);
}

static void test_stdout(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int saved lh_autoclose = dup(STDOUT_FILENO);
    int out lh_autoclose = open("out", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int code;

    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    code = write_file("-", "to stdout", 0, &e);
    dup2(saved, STDOUT_FILENO);
    is_int(code, 0, "written");
    is_str(file_text("out"), "to stdout", "to standard output");
    ok(access("-", F_OK) != 0, "and to no file of that name");
}

/* A name that leads to a descriptor is no file to be replaced, whatever is behind it. */
static void test_descriptors(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int log lh_autoclose = -1;
    char path[32];

    put_file("log", "before\n", 0644);
    log = open("log", O_WRONLY | O_APPEND | O_CLOEXEC);
    snprintf(path, sizeof path, "/dev/fd/%d", log);
    is_int(write_file(path, "after\n", 0, &e), 0, "/dev/fd/N");
    is_str(file_text("log"), "before\nafter\n", "is written to where it stands");
    is_int(lh_file_descriptor("/dev/stdout"), 1, "/dev/stdout");
    is_int(lh_file_descriptor("/dev/stderr"), 2, "/dev/stderr");
    is_int(lh_file_descriptor("/proc/self/fd/7"), 7, "/proc/self/fd");
    is_int(lh_file_descriptor("/dev/fd/7x"), -1, "not a number");
    is_int(lh_file_descriptor("dev/fd/7"), -1, "a file");
    is_int(write_file("/dev/fd/999", "x", 0, &e), LH_FAILED, "one that is not open");
}

/* Writes 256 KiB of one letter after the other until it is killed. */
static void write_for_ever(char *text, size_t n)
{
    for (char c = 'a';; c = c == 'z' ? 'a' : (char)(c + 1)) {
        memset(text, c, n);
        lh_file_write_atomic("k", lh_str_n(text, n), 0, NULL);
    }
}

static bool is_one_letter(size_t n)
{
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)1 << 20);

    if (lh_file_read("k", (size_t)1 << 20, 0, &b, NULL) != LH_DONE || b.n != n)
        return false;
    for (size_t i = 1; i < n; i++)
        if (b.p[i] != b.p[0])
            return false;
    return true;
}

static void test_killed(void)
{
    size_t n = (size_t)256 << 10;
    char *text lh_autofree = lh_xmalloc(n);
    int whole = 0;

    memset(text, '0', n);
    lh_file_write_atomic("k", lh_str_n(text, n), 0, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        struct timespec wait = {.tv_nsec = 200000L + i * 397000L % 15000000L};
        pid_t child = fork();

        if (child == 0)
            write_for_ever(text, n);
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        whole += is_one_letter(n);
    }
    is_int(whole, ROUNDS, "killed at any point: the old or the new content, whole");
}

int main(void)
{
    if (!temp_folder_begin())
        SKIP_ALL("no temporary folder");
    RUN(test_read);
    RUN(test_stdin);
    RUN(test_write);
    RUN(test_targets);
    RUN(test_abort);
    RUN(test_short_write);
    RUN(test_no_permission);
    RUN(test_stdout);
    RUN(test_descriptors);
    RUN(test_killed);
    temp_folder_end();
    return tap_done();
}
