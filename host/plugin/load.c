/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading: the only place where code of a connector is let into the process. Everything that can be
 * asked of a file without running it was asked before; what was asked is what is loaded, through
 * the descriptor that was hashed.
 */
#include "config.h"

#include "plugin/internal.h"

#include <dlfcn.h>
#include <stdlib.h>

#define DESCRIPTOR_PATH "/proc/self/fd"

void lh_plugin_destroy(struct lh_plugin *plugin)
{
    if (plugin->spec)
        lh_spec_destroy(plugin->spec);
    free(plugin->name);
    free(plugin->path);
    free(plugin);
}

/*
 * The path of a descriptor, spelled in a way that no other file's is: the dynamic linker compares
 * names before files, so a second connector that got the number of the first one's closed
 * descriptor would be taken for the first. Half of the file's SHA-256 goes into the spelling: "/."
 * for a bit that is set, "//" for one that is not.
 */
static void unique_path(struct lh_buf *to, int fd, const char *sha256)
{
    lh_buf_z(to, DESCRIPTOR_PATH);
    for (size_t i = 0; i < 32; i++) {
        unsigned digit = (unsigned)(sha256[i] <= '9' ? sha256[i] - '0' : sha256[i] - 'a' + 10);

        for (unsigned bit = 8; bit; bit >>= 1)
            lh_buf_z(to, digit & bit ? "/." : "//");
    }
    lh_buf_f(to, "/%d", fd);
}

/* The dynamic linker's own words, but with the name that the user knows. */
static int linker_error(const char *path, const char *unique, struct lh_error *e)
{
    const char *said = dlerror();
    size_t n = strlen(unique);

    if (!said)
        said = "the dynamic linker does not say why";
    if (strncmp(said, unique, n) == 0 && said[n] == ':')
        said += n + 1 + (said[n + 1] == ' ');
    return lh_error_set(e, LH_BAD_PLUGIN, "%s: load: %s", path, said);
}

static int load_image(const struct lh_plugin_file *file, const char *sha256, lh_plugin_entry **ret,
                      struct lh_error *e)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(LH_BUF_TEXT);
    void *image;
    void *symbol;

    unique_path(&name, file->fd, sha256);
    dlerror();
    image = dlopen(lh_buf_text(&name), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!image)
        return linker_error(file->path, lh_buf_text(&name), e);
    symbol = dlsym(image, LH_PLUGIN_ENTRY);
    if (!symbol) {
        linker_error(file->path, lh_buf_text(&name), e);
        dlclose(image);
        return LH_BAD_PLUGIN;
    }
    /* POSIX: the address of a function out of a pointer to an object */
    memcpy(ret, &symbol, sizeof symbol);
    /* the handle is dropped, the image stays: RTLD_NODELETE */
    dlclose(image);
    return 0;
}

/* The table's name and spec are those of the note that was checked. */
static int check_same(const struct lh_plugin_info *info, const struct lh_connector *table,
                      struct lh_error *e)
{
    if (strcmp(table->name, info->name) != 0)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "name: expected \"%s\" as its spec says, found \"%s\" in its table",
                            info->name, table->name);
    if (!lh_str_eq(lh_str_n(table->spec_json, table->spec_len), lh_buf_slice(&info->elf.spec)))
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "spec_json: expected the %zu bytes of its note, found %zu others; "
                            "point spec_json at the note",
                            info->elf.spec.n, table->spec_len);
    return 0;
}

static int accept_table(const struct lh_plugin_info *info, lh_plugin_entry *entry,
                        const struct lh_host *host, struct lh_connector *ret, struct lh_error *e)
{
    if (lh_connector_accept(entry(host), ret, e) || check_same(info, ret, e)) {
        lh_error_wrap(e, "%s", info->is_static ? info->name : info->path);
        return LH_BAD_PLUGIN;
    }
    return 0;
}

static int load_file(const struct lh_plugin_policy *policy, const struct lh_plugin_file *file,
                     struct lh_plugin_info *info, lh_plugin_entry **ret, struct lh_error *e)
{
    int code = lh_plugin_examine(policy, file, info, e);

    if (!code)
        code = lh_plugin_permit(policy, info, e);
    return code ? code : load_image(file, info->sha256, ret, e);
}

static int load_static(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                       lh_plugin_entry **ret, struct lh_error *e)
{
    int code = lh_plugin_permit(policy, info, e);

    return code ? code : lh_plugin_static_entry(info->name, ret, e);
}

/* What was let through, but should be known. */
static void warn(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                 const struct lh_buf *passed_over, struct lh_log *log)
{
    if (passed_over->n)
        lh_log_warn(log, "connector %s: %s is used; passed over:\n%s", info->name, info->path,
                    lh_buf_text(passed_over));
    if (policy->allow_unsafe && !info->is_static)
        lh_log_warn(log, "%s: owner and permissions were not checked", info->path);
    if (info->signature == LH_SIGNATURE_UNTRUSTED && policy->n_trusted_keys)
        lh_log_warn(log, "%s: none of the trusted keys made its signature for this file",
                    info->path);
}

int lh_plugin_load(const struct lh_plugin_policy *policy, const char *name,
                   const struct lh_host *host, struct lh_log *log, struct lh_plugin **ret,
                   struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) passed_over = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_connector table;
    lh_plugin_entry *entry = NULL;
    int code = lh_plugin_search(policy, name, &info, &file, &passed_over, e);

    if (!code)
        code = info.is_static ? load_static(policy, &info, &entry, e)
                              : load_file(policy, &file, &info, &entry, e);
    if (code)
        return code;
    warn(policy, &info, &passed_over, log);
    code = accept_table(&info, entry, host, &table, e);
    if (code)
        return code;
    *ret = lh_xcalloc(1, sizeof **ret);
    **ret = (struct lh_plugin){.table = table,
                               .spec = lh_take(info.spec),
                               .name = lh_take(info.name),
                               .path = lh_take(info.path)};
    return 0;
}
