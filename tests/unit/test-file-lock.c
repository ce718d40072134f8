/* SPDX-License-Identifier: Apache-2.0 */
/* Locks beside files, across processes: held, let go, left by a process that was killed. */
#include "config.h"

#include "base/file-lock.h"
#include "base/file.h"
#include "tap.h"
#include "temp_folder.h"

#include <signal.h>
#include <sys/wait.h>

static int take_and_free(const char *path, struct lh_error *e)
{
    lh_auto(lh_file_lock) lock = LH_FILE_LOCK_INIT;

    return lh_file_lock_take(&lock, path, e);
}

/* A process that holds the lock of "f" and has begun to write it; it waits to be killed. */
static pid_t start_holder(void)
{
    int ready[2];
    char byte = 0;
    pid_t pid;

    if (pipe(ready))
        return -1;
    pid = fork();
    if (pid == 0) {
        struct lh_file_lock lock = LH_FILE_LOCK_INIT;
        struct lh_file_writer w = LH_FILE_WRITER_INIT;

        if (lh_file_lock_take(&lock, "f", NULL) || lh_file_writer_begin(&w, "f", 0, NULL) ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        byte = 0;
    close(ready[0]);
    return byte ? pid : -1;
}

static void test_alone(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_file_lock lock = LH_FILE_LOCK_INIT;
    char text[32];

    is_int(lh_file_lock_take(&lock, "new", &e), 0, "of a file that is not there");
    ok(access(".new.lakehost-lock", F_OK) == 0, "lies beside it");
    snprintf(text, sizeof text, "%ld\n", (long)getpid());
    is_str(file_text(".new.lakehost-lock"), text, "and says who has it");
    is_int(take_and_free("new", &e), LH_CONFLICT, "is had once");
    is_int(take_and_free("./new", &e), LH_CONFLICT, "by whatever name");
    is_int(take_and_free("other", &e), 0, "another file has another");
    lh_file_lock_free(&lock);
    is_int(count_names(".", true), 0, "nothing is left");
    is_int(take_and_free("new", &e), 0, "and it can be had again");
    ok(take_and_free("nowhere/f", &e) != 0, "no folder");
    has_str(lh_error_text(&e), "nowhere/f: No such file", "which is named");
    is_int(take_and_free("f/", &e), LH_INVALID, "no name");
}

static void test_links(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_file_lock) lock = LH_FILE_LOCK_INIT;

    put_file("target", "", 0644);
    ok(symlink("target", "link") == 0 && symlink("nothing", "dangling") == 0, "links");
    is_int(lh_file_lock_take(&lock, "link", &e), 0, "through a link");
    is_int(take_and_free("target", &e), LH_CONFLICT, "is that of the file");
    is_int(take_and_free("dangling", &e), LH_INVALID, "a link to nothing");
    ok(mkdir(".dir.lakehost-lock", 0755) == 0, "a folder in the way");
    ok(take_and_free("dir", &e) != 0, "is an error");
    ok(mkfifo(".pipe.lakehost-lock", 0644) == 0, "a pipe in the way");
    is_int(take_and_free("pipe", &e), LH_INVALID, "too");
    ok(access(".pipe.lakehost-lock", F_OK) == 0, "and stays");
    remove(".pipe.lakehost-lock");
    remove(".dir.lakehost-lock");
}

static void test_other_process(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char part[64];
    pid_t pid = start_holder();

    ok(pid > 0, "another process has it");
    snprintf(part, sizeof part, "f: another run is writing it (process %ld)", (long)pid);
    is_int(take_and_free("f", &e), LH_CONFLICT, "so it is not to be had");
    has_str(lh_error_text(&e), part, "the message names file and process");
    put_file(".f.backup", "of the user", 0644);
    put_file(".f.lakehost-notes!", "of the user", 0644);
    is_int(count_names(".", true), 4, "its lock, its temporary file, and two of the user's");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    is_int(count_names(".", true), 4, "a process that is killed leaves them");
    is_int(take_and_free("f", &e), 0, "which is in nobody's way");
    is_int(count_names(".", true), 2, "and removed");
    is_str(file_text(".f.backup"), "of the user", "without touching other files");
}

static void test_at_work(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_file_writer) w = LH_FILE_WRITER_INIT;

    is_int(lh_file_writer_begin(&w, "g", 0, &e), 0, "somebody writes a file without its lock");
    is_int(take_and_free("g", &e), 0, "which is taken");
    is_int(lh_file_writer_commit(&w, &e), 0, "the temporary file was left alone");
}

int main(void)
{
    if (!temp_folder_begin())
        SKIP_ALL("no temporary folder");
    RUN(test_alone);
    RUN(test_links);
    RUN(test_other_process);
    RUN(test_at_work);
    temp_folder_end();
    return tap_done();
}
