/* SPDX-License-Identifier: Apache-2.0 */
/* Letting a connector's image into the process; see image.h. */
#include "config.h"

#include "plugin/image.h"

#include "base/buf.h"

#include <dlfcn.h>
#include <ltdl.h>
#include <stdlib.h>

#define DESCRIPTOR_PATH "/proc/self/fd"

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

int lh_image_load(int fd, const char *path, const char *sha256, lh_plugin_entry **ret,
                  struct lh_error *e)
{
    lh_auto(lh_buf) name = LH_BUF_INIT(LH_BUF_TEXT);
    void *image;
    void *symbol;

    unique_path(&name, fd, sha256);
    dlerror();
    image = dlopen(lh_buf_text(&name), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!image)
        return linker_error(path, lh_buf_text(&name), e);
    symbol = dlsym(image, LH_PLUGIN_ENTRY);
    if (!symbol) {
        linker_error(path, lh_buf_text(&name), e);
        dlclose(image);
        return LH_BAD_PLUGIN;
    }
    /* POSIX: the address of a function out of a pointer to an object */
    memcpy(ret, &symbol, sizeof symbol);
    /* the handle is dropped, the image stays: RTLD_NODELETE */
    dlclose(image);
    return 0;
}

/* --- connectors that are linked into the program -----------------------------------------------
 */

/* Preopened modules only: without this, libltdl would go looking for files of that name. */
static int init_libltdl(struct lh_error *e)
{
    if (lt_dlinit())
        return lh_error_set(e, LH_BAD_PLUGIN, "connectors that are built in: %s", lt_dlerror());
    free(lt_dlloader_remove("lt_dlopen")); /* what it removes is ours */
    return 0;
}

int lh_plugin_static_entry(const char *name, lh_plugin_entry **ret, struct lh_error *e)
{
    char *module lh_autofree = lh_xasprintf("%s.a", name);
    lt_dlhandle handle;
    void *symbol;

    if (init_libltdl(e))
        return LH_BAD_PLUGIN;
    handle = lt_dlopen(module);
    symbol = handle ? lt_dlsym(handle, LH_PLUGIN_ENTRY) : NULL;
    if (!symbol)
        return lh_error_set(e, LH_BAD_PLUGIN, "connector %s, built in: %s", name, lt_dlerror());
    memcpy(ret, &symbol, sizeof symbol);
    return 0;
}
