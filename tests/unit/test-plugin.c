/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, listing and loading connectors that are wrong in one way each. */
#include "config.h"

#include "plugin/internal.h"
#include "tap.h"
#include "temp_folder.h"

#include <limits.h>

static const struct lh_host host = {.struct_size = sizeof host, .abi_major = LH_ABI_MAJOR};
static char connectors[PATH_MAX]; /* where the built ones lie */

static const char *const here[] = {"c"};
static const struct lh_plugin_policy policy = {.folders = (const char **)(uintptr_t)here,
                                               .n_folders = 1};

/* Copies a file; the new one can be read by all and written by its owner. */
static bool copy_file(const char *from, const char *to)
{
    char buffer[65536];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    size_t n;

    while (in && out && (n = fread(buffer, 1, sizeof buffer, in)))
        fwrite(buffer, 1, n, out);
    if (in)
        fclose(in);
    return in && out && fclose(out) == 0 && chmod(to, 0644) == 0;
}

/* Puts the built connector `name` into a folder as `as`.so. */
static void put(const char *name, const char *folder, const char *as)
{
    char *from lh_autofree = lh_xasprintf("%s/.libs/%s.so", connectors, name);
    char *to lh_autofree = lh_xasprintf("%s/%s.so", folder, as);

    if (!copy_file(from, to))
        ok(false, "copy %s to %s", from, to);
}

static int load(const struct lh_plugin_policy *p, const char *name, struct lh_plugin **ret,
                struct lh_error *e)
{
    return lh_plugin_load(p, name, &host, NULL, ret, e);
}

/* Refused with a part of the message; what says whether that is known without loading. */
static void refused(const char *name, bool seen_by_find, const char *part)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_error) f = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_autoptr(lh_plugin) plugin = NULL;

    is_int(load(&policy, name, &plugin, &e), LH_BAD_PLUGIN, name);
    has_str(lh_error_text(&e), part, "says what is wrong");
    has_str(lh_error_text(&e), ".so", "names the file");
    ok(!plugin, "nothing is returned");
    is_int(lh_plugin_find(&policy, name, &info, &f), seen_by_find ? LH_BAD_PLUGIN : 0,
           seen_by_find ? "find sees it" : "find runs no code, so it cannot see it");
    ok(seen_by_find ? !info.name && !info.path : info.path != NULL, "untouched, or filled in");
}

static void test_good(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_autoptr(lh_plugin) plugin = NULL;
    lh_autoptr(lh_plugin) again = NULL;

    put("good", "c", "good");
    setenv("LH_TEST_MARK", "loaded", 1);
    is_int(load(&policy, "good", &plugin, &e), 0, "it loads");
    ok(access("loaded", F_OK) == 0, "its constructor was run");
    is_str(lh_error_text(&e), "", "without a complaint");
    if (!plugin)
        return;
    is_str(plugin->name, "good", "its name");
    is_str(plugin->path, "c/good.so", "its path");
    is_str(plugin->spec->version, "1.0.0", "its spec");
    ok(plugin->table.read_table && !plugin->table.check, "its table");
    is_int(load(&policy, "good", &again, &e), 0, "it loads twice");
    ok(again && again->table.open == plugin->table.open, "as one image");
}

/* Found by the name that a descriptor had before: the linker must not take it for the first. */
static void test_same_descriptor(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_autoptr(lh_plugin) first = NULL;
    lh_autoptr(lh_plugin) second = NULL;

    put("name_mismatch", "c", "somebody");
    is_int(load(&policy, "good", &first, &e), 0, "one");
    is_int(load(&policy, "somebody", &second, &e), 0, "and another");
    is_str(lh_error_text(&e), "", "without a complaint");
    ok(first && second && strcmp(second->table.name, "somebody") == 0 &&
           first->table.open != second->table.open,
       "are two images");
    unlink("c/somebody.so");
}

static void test_wrong(void)
{
    static const struct {
        const char *name;
        bool seen;
        const char *part;
    } cases[] = {
        {"no_entry", true,
         "entry: expected the exported function lh_connector_entry_v0, found none"},
        {"other_version", true, "expected lh_connector_entry_v0, found lh_connector_entry_v9"},
        {"bad_spec", true, "spec: "},
        {"no_note", true, "it has no note of owner \"lakehost\""},
        {"two_notes", true, "two notes"},
        {"name_mismatch", true,
         "name: expected \"name_mismatch\" as the file is called, found \"somebody\" in its spec; "
         "rename the file to somebody.so"},
        {"null_table", false, "entry function: expected the connector's table, found NULL"},
        {"wrong_major", false, "rule 2: abi_major: expected 1, found 2"},
        {"needs_minor", false, "rule 2: needs_minor: expected at most 0, found 1"},
        {"short_struct", false, "rule 2: struct_size: expected "},
        {"missing_slot", false, "expected read_table_metadata in the table, found NULL"},
        {"other_name", false, "expected \"other_name\" as its spec says, found \"somebody\""},
        {"other_spec", false, "expected the 65 bytes of its note, found 10 others"},
        {"undefined", false, ".so: load: undefined symbol: lh_nobody_has_this"},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        put(cases[i].name, "c", cases[i].name);
        refused(cases[i].name, cases[i].seen, cases[i].part);
    }
}

static void test_list(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_plugin_info *all = NULL;
    size_t n = 0;
    size_t broken = 0;

    setenv("LH_TEST_MARK", "mark", 1);
    is_int(lh_plugin_list(&policy, true, &all, &n, &e), 0, "listed");
    for (size_t i = 0; i < n; i++) {
        broken += all[i].error.code != 0;
        if (i && strcmp(all[i - 1].path, all[i].path) >= 0)
            ok(false, "%s is not sorted", all[i].path);
        if (strcmp(all[i].name, "good") == 0)
            ok(!all[i].error.code && all[i].spec && strlen(all[i].sha256) == 64, "good is good");
    }
    for (size_t i = 0; i < n; i++)
        lh_plugin_info_free(&all[i]);
    is_int(n, 15, "all of them");
    is_int(broken, 6, "the broken ones too");
    free(all);
    ok(access("mark", F_OK) != 0, "no code was run");
}

static void test_no_code(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) lines = LH_BUF_INIT(LH_BUF_TEXT);
    size_t problems = 77;

    mkdir("fresh", 0755);
    put("good", "fresh", "good");
    setenv("LH_TEST_MARK", "mark2", 1);
    is_int(lh_plugin_find(&policy, "./fresh/good.so", &info, &e), 0, "found by its path");
    is_int(lh_plugin_validate(&policy, "./fresh/good.so", &lines, &problems, &e), 0, "validated");
    is_int(problems, 0, "no problem");
    is_str(lh_buf_text(&lines), "", "and no line");
    ok(access("mark2", F_OK) != 0, "no code was run");
    unsetenv("LH_TEST_MARK");
}

static void test_not_found(void)
{
    static const char *const folders[] = {"c", "nowhere", "empty"};
    const struct lh_plugin_policy several = {.folders = (const char **)(uintptr_t)folders,
                                             .n_folders = 3};
    const struct lh_plugin_policy none = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};

    mkdir("empty", 0755);
    is_int(lh_plugin_find(&several, "goood", &info, &e), LH_NOT_FOUND, "no such connector");
    is_str(lh_error_text(&e),
           "connector goood: not found; did you mean \"good\"?; tried:\nc/goood.so: no such file\n"
           "nowhere/goood.so: no such file\nempty/goood.so: no such file",
           "every place that was tried");
    is_int(lh_plugin_find(&several, "bad_spec", &info, &e), LH_BAD_PLUGIN, "a broken one");
    has_str(lh_error_text(&e), "none that can be used; tried:\nspec: c/bad_spec.so",
            "why it was passed over");
    has_str(lh_error_text(&e), "\nnowhere/bad_spec.so: no such file", "and where else");
    is_int(lh_plugin_find(&none, "good", &info, &e), LH_NOT_FOUND, "no folder");
    is_int(lh_plugin_find(&several, "Good", &info, &e), LH_NOT_FOUND, "no name");
    has_str(lh_error_text(&e), "expected a name [a-z][a-z0-9_]{0,31}", "says what a name is");
    is_int(lh_plugin_find(&several, "..", &info, &e), LH_NOT_FOUND, "nor this");
    is_int(lh_plugin_find(&several, "", &info, &e), LH_NOT_FOUND, "nor nothing");
    is_int(lh_plugin_find(&several, "./none.so", &info, &e), LH_BAD_PLUGIN, "no such path");
    is_int(lh_plugin_find(&several, "./c", &info, &e), LH_BAD_PLUGIN, "a folder is no connector");
    ok(!info.name && !info.path && !info.spec, "nothing was filled in");
}

/* A broken one is passed over for a good one further on, and listed as what it is. */
static void test_order(void)
{
    static const char *const folders[] = {"first", "c"};
    const struct lh_plugin_policy both = {.folders = (const char **)(uintptr_t)folders,
                                          .n_folders = 2};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_plugin_info) second = {0};
    lh_auto(lh_plugin_info) by_path = {0};

    mkdir("first", 0755);
    put_file("first/good.so", "\177ELF and nothing", 0644);
    is_int(lh_plugin_find(&both, "good", &info, &e), 0, "passes over the broken one");
    is_str(info.path, "c/good.so", "to the next");
    unlink("first/good.so");
    if (symlink("../c/good.so", "first/good.so") != 0)
        ok(false, "a symbolic link");
    is_int(lh_plugin_find(&both, "good", &second, &e), 0, "passes over a link");
    is_str(second.path, "c/good.so", "to the next");
    is_int(lh_plugin_find(&both, "first/good.so", &by_path, &e), 0, "follows it in a path");
    has_str(by_path.path, "/c/good.so", "to the file");
    unlink("first/good.so");
}

static void unsafe(const char *path, mode_t bad, mode_t good, const char *part)
{
    struct lh_plugin_policy lax = policy;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_plugin_info) allowed = {0};

    chmod(path, bad);
    is_int(lh_plugin_find(&policy, "good", &info, &e), LH_BAD_PLUGIN, "others may write");
    has_str(lh_error_text(&e), part, "says so");
    lax.allow_unsafe = true;
    is_int(lh_plugin_find(&lax, "good", &allowed, &e), 0, "unless it is allowed");
    chmod(path, good);
}

static void test_permissions(void)
{
    unsafe("c/good.so", 0664, 0644,
           "c/good.so: permissions: expected that only its owner can write "
           "to it, found mode 0664; chmod go-w c/good.so");
    unsafe("c/good.so", 0646, 0644, "found mode 0646");
    unsafe("c", 0775, 0755, "c: permissions: ");
    unsafe("c", 01777, 0755, "found mode 1777");
    if (geteuid() != 0)
        return;
    if (chown("c/good.so", 12345, (gid_t)-1) == 0)
        unsafe("c/good.so", 0644, 0644,
               "c/good.so: owner: expected root or the user who runs this (0), found user 12345");
    if (chown("c/good.so", 0, (gid_t)-1) == 0 && chown("c", 12345, (gid_t)-1) == 0)
        unsafe("c", 0755, 0755, "c: owner: expected root");
    ok(chown("c", 0, (gid_t)-1) == 0, "restored");
}

static void test_pipe(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};

    is_int(mkfifo("c/pipe.so", 0644), 0, "a pipe");
    is_int(lh_plugin_find(&policy, "pipe", &info, &e), LH_BAD_PLUGIN, "holds nobody up");
    has_str(lh_error_text(&e), "expected a regular file, found a device or pipe", "and is named");
    unlink("c/pipe.so");
}

int main(void)
{
    const char *built = getenv("LOAD_CONNECTORS");

    if (!realpath(built ? built : "tests/conform/load", connectors) || !temp_folder_begin())
        SKIP_ALL("no temporary folder, or no connectors: start this in the build folder");
    umask(022);
    mkdir("c", 0755);
    RUN(test_good);
    RUN(test_wrong);
    RUN(test_list);
    RUN(test_no_code);
    RUN(test_same_descriptor);
    RUN(test_not_found);
    RUN(test_order);
    RUN(test_permissions);
    RUN(test_pipe);
    temp_folder_end();
    return tap_done();
}
