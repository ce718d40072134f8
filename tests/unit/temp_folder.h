/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of its own for a test that needs real files: made in $TMPDIR (or the build folder),
 * entered, and removed with all that is in it. The test works with relative paths.
 */
#ifndef LH_TESTS_TEMP_FOLDER_H
#define LH_TESTS_TEMP_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char temp_folder_path[1024];

static inline int temp_folder_remove_one(const char *path, const struct stat *st, int type,
                                         struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void temp_folder_end(void)
{
    if (chdir("/") == 0)
        nftw(temp_folder_path, temp_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline bool temp_folder_begin(void)
{
    const char *top = getenv("TMPDIR");
    char here[512];

    if (!top || !*top)
        top = getcwd(here, sizeof here);
    snprintf(temp_folder_path, sizeof temp_folder_path, "%s/lh-test.XXXXXX", top ? top : ".");
    return mkdtemp(temp_folder_path) && chdir(temp_folder_path) == 0;
}

/* The names in a folder; those that begin with a dot only when `hidden` is all that is asked. */
static inline int count_names(const char *path, bool hidden)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    int n = 0;

    if (!dir)
        return -1;
    while ((entry = readdir(dir)))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
             (entry->d_name[0] == '.') == hidden;
    closedir(dir);
    return n;
}

static inline void put_file(const char *path, const char *text, unsigned mode)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return;
    fputs(text, file);
    fclose(file);
    chmod(path, mode);
}

/* The start of a file as text, "(none)" when it cannot be read; valid until the next call. */
static inline const char *file_text(const char *path)
{
    static char text[256];
    FILE *file = fopen(path, "r");

    if (!file)
        return "(none)";
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static inline unsigned file_mode(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

#endif
