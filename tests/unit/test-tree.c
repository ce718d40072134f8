/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/tree.h"
#include "tap.h"
#include "temp_folder.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 50
#define FILES  20

static void add(struct lh_tree *t, const char *path, const char *text, int want)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_tree_add(t, lh_str_z(path), lh_str_z(text), 0, &e), want, path);
    if (want && e.code)
        diag("%s", lh_error_text(&e));
}

static void test_commit(void)
{
    lh_auto(lh_tree) t = LH_TREE_INIT;
    lh_auto(lh_tree) again = LH_TREE_INIT;
    struct stat before = {0};
    struct stat after = {0};

    is_int(lh_tree_begin(&t, "c/d", NULL), 0, "begin makes the folder");
    add(&t, "z", "last", 0);
    add(&t, "sub/deep/a", "A", 0);
    add(&t, "sub/b", "", 0);
    is_int(count_names("c/d", false), 1, "nothing is in its place");
    is_int(lh_tree_commit(&t, NULL), 0, "commit");
    is_str(file_text("c/d/z"), "last", "z");
    is_str(file_text("c/d/sub/deep/a"), "A", "a");
    is_str(file_text("c/d/sub/b"), "", "b");
    is_str(t.files[0].path, "sub/b", "the files in order of their paths");
    is_int(t.files[0].state, LH_TREE_NEW, "new");
    lh_tree_free(&t);
    is_str(file_text("c/d/z"), "last", "free leaves what was committed");
    put_file("c/d/other", "other", 0644);
    stat("c/d/z", &before);
    is_int(lh_tree_begin(&again, "c/d/", NULL), 0, "again");
    add(&again, "sub/b", "changed", 0);
    add(&again, "z", "last", 0);
    is_int(lh_tree_commit(&again, NULL), 0, "commit");
    is_int(again.files[0].state, LH_TREE_CHANGED, "changed");
    is_int(again.files[1].state, LH_TREE_UNCHANGED, "unchanged");
    stat("c/d/z", &after);
    ok(before.st_ino == after.st_ino && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec,
       "what has its content is not touched");
    is_str(file_text("c/d/sub/b"), "changed", "what has not, is");
    is_str(file_text("c/d/other"), "other", "what was not added stays");
    is_int(count_names("c/d", true) + count_names("c/d/sub", true), 0, "nothing temporary");
}

static void test_abort(void)
{
    mkdir("e", 0755);
    put_file("e/f", "old", 0644);
    {
        lh_auto(lh_tree) t = LH_TREE_INIT;

        is_int(lh_tree_begin(&t, "e", NULL), 0, "begin");
        add(&t, "f", "new", 0);
        add(&t, "made/deep/f", "new", 0);
        is_int(count_names("e", true), 1, "staged");
    }
    is_str(file_text("e/f"), "old", "the old file is there");
    is_int(count_names("e", true), 0, "the temporary file is gone");
    is_int(count_names("e", false), 1, "and so are the folders that were made");
    {
        lh_auto(lh_tree) t = LH_TREE_INIT;

        is_int(lh_tree_begin(&t, "g/h/i", NULL), 0, "a folder that was not there");
        add(&t, "f", "new", 0);
    }
    ok(access("g", F_OK) != 0, "is not there afterwards");
}

static void test_paths(void)
{
    static const char *const bad[] = {"",
                                      "/a",
                                      "a/",
                                      "a//b",
                                      ".",
                                      "..",
                                      "../a",
                                      "a/../b",
                                      "a/./b",
                                      "a/..",
                                      ".lakehost-abcdef",
                                      "x/.lakehost-abcdef/y"};
    lh_auto(lh_tree) t = LH_TREE_INIT;
    char name[258];

    is_int(lh_tree_begin(&t, "p", NULL), 0, "begin");
    for (size_t i = 0; i < LH_LEN(bad); i++)
        add(&t, bad[i], "x", LH_INVALID);
    is_int(lh_tree_add(&t, lh_str_n("a\0b", 3), LH_STR("x"), 0, NULL), LH_INVALID, "a NUL");
    is_int(lh_tree_add(&t, lh_str_n(NULL, 0), LH_STR("x"), 0, NULL), LH_INVALID, "no path");
    memset(name, 'n', sizeof name);
    name[256] = '\0';
    add(&t, name, "x", LH_INVALID);
    name[255] = '\0';
    add(&t, name, "x", 0);
    add(&t, "..a/b..", "x", 0);
    add(&t, "..a/b..", "x", LH_INVALID);
    add(&t, "..a", "x", LH_INVALID);
    add(&t, "..a/b../c", "x", LH_INVALID);
    is_int(t.n, 2, "what was refused is not there");
    is_int(lh_tree_commit(&t, NULL), 0, "commit");
    is_int(count_names("p", true) + count_names("p", false), 2, "two names");
}

static void test_modes(void)
{
    lh_auto(lh_tree) t = LH_TREE_INIT;

    umask(022);
    mkdir("m", 0755);
    put_file("m/keep", "1", 0640);
    put_file("m/same", "1", 0644);
    is_int(lh_tree_begin(&t, "m", NULL), 0, "begin");
    add(&t, "keep", "2", 0);
    add(&t, "new", "2", 0);
    is_int(lh_tree_add(&t, LH_STR("same"), LH_STR("1"), 0600, NULL), 0, "same text, other mode");
    is_int(lh_tree_commit(&t, NULL), 0, "commit");
    is_int(file_mode("m/keep"), 0640, "kept");
    is_int(file_mode("m/new"), 0644, "by the umask");
    is_int(file_mode("m/same"), 0600, "set");
}

static void test_what_is_there(void)
{
    lh_auto(lh_tree) t = LH_TREE_INIT;

    mkdir("w", 0755);
    mkdir("w/folder", 0755);
    put_file("w/file", "1", 0644);
    put_file("outside", "1", 0644);
    mkdir("outside-d", 0755);
    ok(symlink("../outside", "w/link") == 0 && symlink("../outside-d", "w/link-d") == 0, "links");
    is_int(lh_tree_begin(&t, "w", NULL), 0, "begin");
    add(&t, "folder", "2", LH_INVALID);
    add(&t, "file/x", "2", LH_INVALID);
    add(&t, "link", "2", LH_INVALID);
    add(&t, "link-d/x", "2", LH_INVALID);
    is_int(lh_tree_commit(&t, NULL), 0, "an empty commit");
    is_str(file_text("outside"), "1", "nothing outside was touched");
    is_int(count_names("outside-d", false) + count_names("outside-d", true), 0, "nor made");
}

static void test_lock_and_leftovers(void)
{
    lh_auto(lh_tree) t = LH_TREE_INIT;
    lh_auto(lh_tree) other = LH_TREE_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    mkdir("l", 0755);
    mkdir("l/sub", 0755);
    mkdir("l/not-used", 0755);
    put_file("l/.lakehost-aaaaaa", "left", 0644);
    put_file("l/sub/.lakehost-bbbbbb", "left", 0644);
    put_file("l/not-used/.lakehost-cccccc", "left", 0644);
    put_file("l/.lakehost-name-of-a-user", "kept", 0644);
    mkdir("l/.lakehost-dddddd", 0755);
    is_int(lh_tree_begin(&t, "l", NULL), 0, "begin");
    is_int(lh_tree_begin(&other, "l", &e), LH_CONFLICT, "a second run");
    has_str(lh_error_text(&e), "write l: another run is writing", "is told why");
    lh_tree_free(&other);
    add(&t, "sub/a", "1", 0);
    add(&t, "b", "1", 0);
    add(&t, "sub/c", "1", 0);
    is_int(count_names("l/sub", true), 2, "leftovers are gone, our own are not");
    is_int(lh_tree_commit(&t, NULL), 0, "commit");
    is_str(file_text("l/sub/a"), "1", "a");
    is_str(file_text("l/b"), "1", "b");
    is_int(count_names("l/not-used", true), 1, "a folder that is not written to is left alone");
    is_int(count_names("l", true), 2, "and so is what only looks similar");
    lh_tree_free(&t);
    is_int(lh_tree_begin(&other, "l", NULL), 0, "free unlocks");
}

static void test_full(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *text lh_autofree = lh_xcalloc(1, 100001);
    struct rlimit before;
    struct rlimit limit;

    memset(text, 'x', 100000);
    mkdir("q", 0755);
    put_file("q/a", "old", 0644);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 50000;
    setrlimit(RLIMIT_FSIZE, &limit);
    {
        lh_auto(lh_tree) t = LH_TREE_INIT;

        is_int(lh_tree_begin(&t, "q", &e), 0, "begin");
        is_int(lh_tree_add(&t, LH_STR("a"), LH_STR("new"), 0, &e), 0, "fits");
        is_int(lh_tree_add(&t, LH_STR("b"), lh_str_z(text), 0, &e), LH_FAILED, "does not");
    }
    setrlimit(RLIMIT_FSIZE, &before);
    has_str(lh_error_text(&e), "write q/b: File too large; raise", "names the file");
    is_str(file_text("q/a"), "old", "the last good output is there");
    is_int(count_names("q", true), 0, "and nothing temporary");
}

static void test_commit_fails(void)
{
    lh_auto(lh_tree) t = LH_TREE_INIT;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_tree_begin(&t, "cf", NULL), 0, "begin");
    add(&t, "a", "1", 0);
    add(&t, "b", "1", 0);
    add(&t, "c", "1", 0);
    mkdir("cf/b", 0755);
    put_file("cf/b/x", "", 0644);
    is_int(lh_tree_commit(&t, &e), LH_INVALID, "a folder came in the way");
    has_str(lh_error_text(&e), "1 of 3 files are in place", "says how far it came");
    has_str(lh_error_text(&e), "write cf/b: Is a directory", "and why");
    lh_tree_free(&t);
    is_str(file_text("cf/a"), "1", "a is there");
    is_str(file_text("cf/c"), "(none)", "c is not");
    is_int(count_names("cf", true), 0, "and nothing temporary");
}

static int write_set(const char *text)
{
    lh_auto(lh_tree) t = LH_TREE_INIT;
    int code = lh_tree_begin(&t, "k", NULL);

    for (int i = 0; i < FILES && !code; i++) {
        char path[32];
        int n = snprintf(path, sizeof path, "d%d/f%d", i % 3, i);

        code = lh_tree_add(&t, lh_str_n(path, (size_t)n), lh_str_z(text), 0, NULL);
    }
    return code ? code : lh_tree_commit(&t, NULL);
}

/* How many of the files hold `text`; `other` counts those that hold neither set's text. */
static int count_files(const char *text, const char *old, int *other)
{
    int n = 0;

    for (int i = 0; i < FILES; i++) {
        char path[32];
        const char *found;

        snprintf(path, sizeof path, "k/d%d/f%d", i % 3, i);
        found = file_text(path);
        n += strcmp(found, text) == 0;
        *other += strcmp(found, text) != 0 && strcmp(found, old) != 0;
    }
    return n;
}

static void test_killed(void)
{
    char old[64] = "begin";
    int other = 0;
    int finished = 0;

    is_int(write_set(old), 0, "the first set");
    for (int i = 0; i < ROUNDS; i++) {
        struct timespec wait = {.tv_nsec = 100000L + i * 131000L % 6000000L};
        char text[64];
        pid_t child;

        snprintf(text, sizeof text, "round %d", i);
        child = fork();
        if (child == 0)
            _exit(write_set(text));
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        count_files(text, old, &other);
        finished += write_set(text) == 0 && count_files(text, text, &other) == FILES;
        memcpy(old, text, sizeof old);
    }
    is_int(other, 0, "killed at any point: every file is old or new");
    is_int(finished, ROUNDS, "running again finishes the job");
    is_int(count_names("k/d0", true) + count_names("k/d1", true) + count_names("k/d2", true), 0,
           "and removes what was left");
}

int main(void)
{
    if (!temp_folder_begin())
        SKIP_ALL("no temporary folder");
    RUN(test_commit);
    RUN(test_abort);
    RUN(test_paths);
    RUN(test_modes);
    RUN(test_what_is_there);
    RUN(test_lock_and_leftovers);
    RUN(test_full);
    RUN(test_commit_fails);
    RUN(test_killed);
    temp_folder_end();
    return tap_done();
}
