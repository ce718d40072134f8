/* SPDX-License-Identifier: Apache-2.0 */
/* Connectors that are linked into the program: this one has `good` and `null_table`. */
#include "config.h"

#include "plugin/internal.h"
#include "tap.h"
#include "temp_folder.h"

#include <ltdl.h>

static const struct lh_host host = {.struct_size = sizeof host, .abi_major = LH_ABI_MAJOR};
static const struct lh_plugin_policy nowhere = {0};

static void test_list(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_plugin_info) info = {0};
    struct lh_plugin_info *all = NULL;
    size_t n = 0;

    is_int(lh_plugin_list(&nowhere, true, &all, &n, &e), 0, "listed without a folder");
    is_int(n, 2, "both");
    if (n == 2) {
        is_str(all[0].name, "good", "the first by name");
        is_str(all[1].name, "null_table", "the second");
        is_str(all[0].path, "(built in)", "where it is");
        is_str(all[0].spec->version, "1.0.0", "its spec");
        ok(all[0].is_static && !all[0].error.code && !all[0].sha256[0], "it has no file");
    }
    for (size_t i = 0; i < n; i++)
        lh_plugin_info_free(&all[i]);
    free(all);
    is_int(lh_plugin_find(&nowhere, "good", &info, &e), 0, "found by its name");
    ok(info.is_static, "as what it is");
    is_int(lh_plugin_find(&nowhere, "goood", NULL, &e), LH_NOT_FOUND, "another name is not");
    has_str(lh_error_text(&e), "did you mean \"good\"?", "but near");
}

static void test_load(void)
{
    struct lh_plugin_policy strict = {.require_signature = true};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_auto(lh_error) refused = LH_ERROR_INIT;
    lh_autoptr(lh_plugin) plugin = NULL;
    lh_autoptr(lh_plugin) again = NULL;
    lh_autoptr(lh_plugin) broken = NULL;

    is_int(lh_plugin_load(&strict, "good", &host, NULL, &plugin, &e), 0, "loaded");
    is_str(lh_error_text(&e), "", "without a complaint");
    ok(plugin && plugin->table.read_table && strcmp(plugin->path, "(built in)") == 0, "its table");
    is_int(lh_plugin_load(&strict, "good", &host, NULL, &again, &e), 0, "and again");
    is_int(lh_plugin_load(&nowhere, "null_table", &host, NULL, &broken, &refused), LH_BAD_PLUGIN,
           "the other is not accepted");
    is_str(lh_error_text(&refused),
           "null_table: entry function: expected the connector's table, found NULL", "as a file");
}

/* A file of the same name comes first; what libltdl could find is never taken. */
static void test_files(void)
{
    static const char *const folders[] = {"."};
    const struct lh_plugin_policy here = {.folders = (const char **)(uintptr_t)folders,
                                          .n_folders = 1};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_autoptr(lh_plugin) plugin = NULL;
    lh_plugin_entry *entry = NULL;

    put_file("good.so", "no connector", 0644);
    put_file("other.a", "no archive", 0644);
    is_int(lh_plugin_load(&here, "good", &host, NULL, &plugin, &e), 0,
           "a broken file is passed over for the one that is built in");
    setenv("LTDL_LIBRARY_PATH", ".", 1);
    is_int(lh_plugin_static_entry("other", &entry, &e), LH_BAD_PLUGIN, "a file is not looked for");
    ok(!entry, "nothing is returned");
}

int main(void)
{
    LTDL_SET_PRELOADED_SYMBOLS();
    if (!temp_folder_begin())
        SKIP_ALL("no temporary folder");
    RUN(test_list);
    RUN(test_load);
    RUN(test_files);
    temp_folder_end();
    return tap_done();
}
