/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules that a connector's file must keep before any of its code runs, as one table: finding
 * and listing stop at the first that is broken, `plugin validate` reports them all.
 */
#include "config.h"

#include "plugin/internal.h"

#include <dlfcn.h>
#include <gnu/lib-names.h>
#include <stdlib.h>

#define MAX_FILE ((off_t)1 << 30)

/* What a rule looks at, and where it puts what it learned. */
struct subject {
    const struct lh_plugin_policy *policy;
    const struct lh_plugin_file *file;
    struct lh_plugin_info *info;
};

struct rule {
    int (*check)(const struct subject *, struct lh_error *);
    bool decides;   /* when it is broken the connector is not used */
    bool necessary; /* when it is broken the later ones cannot be checked */
};

/* --- the file and its folder ------------------------------------------------------------------ */

static int check_size(const struct subject *s, struct lh_error *e)
{
    if (s->file->st.st_size <= MAX_FILE)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN, "%s: size: expected at most %jd bytes, found %jd",
                        s->file->path, (intmax_t)MAX_FILE, (intmax_t)s->file->st.st_size);
}

static int check_owner(const struct subject *s, struct lh_error *e)
{
    return s->policy->allow_unsafe ? 0 : lh_plugin_check_owner(&s->file->st, s->file->path, e);
}

static int check_mode(const struct subject *s, struct lh_error *e)
{
    return s->policy->allow_unsafe ? 0 : lh_plugin_check_mode(&s->file->st, s->file->path, e);
}

static int check_folder_owner(const struct subject *s, struct lh_error *e)
{
    return s->policy->allow_unsafe
               ? 0
               : lh_plugin_check_owner(&s->file->folder_st, s->file->folder_path, e);
}

static int check_folder_mode(const struct subject *s, struct lh_error *e)
{
    return s->policy->allow_unsafe
               ? 0
               : lh_plugin_check_mode(&s->file->folder_st, s->file->folder_path, e);
}

/* --- what the file says about itself ---------------------------------------------------------- */

static int check_elf(const struct subject *s, struct lh_error *e)
{
    return lh_elf_read(s->file->fd, s->file->path, &s->info->elf, e);
}

static bool exports(const struct lh_elf *elf, const char *name)
{
    for (size_t i = 0; i < elf->n_exported; i++)
        if (strcmp(elf->exported[i], name) == 0)
            return true;
    return false;
}

/* An entry function of this interface in another version. */
static const char *other_entry(const struct lh_elf *elf)
{
    static const char stem[] = "lh_connector_entry_v";

    for (size_t i = 0; i < elf->n_exported; i++)
        if (strncmp(elf->exported[i], stem, sizeof stem - 1) == 0)
            return elf->exported[i];
    return NULL;
}

static int check_entry(const struct subject *s, struct lh_error *e)
{
    const char *other = other_entry(&s->info->elf);

    if (exports(&s->info->elf, LH_PLUGIN_ENTRY))
        return 0;
    if (other)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "%s: entry: expected " LH_PLUGIN_ENTRY ", found %s: it was built for "
                            "another version of the interface; build it with this lakehost's "
                            "headers, or use the lakehost that it was built for",
                            s->file->path, other);
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: entry: expected the exported function " LH_PLUGIN_ENTRY
                        ", found none; mark it LH_EXPORT",
                        s->file->path);
}

static int check_spec(const struct subject *s, struct lh_error *e)
{
    if (lh_spec_parse(lh_buf_slice(&s->info->elf.spec), s->file->path, &s->info->spec, e) == 0)
        return 0;
    lh_error_wrap(e, "spec");
    if (e)
        e->code = LH_BAD_PLUGIN;
    return LH_BAD_PLUGIN;
}

static int check_name(const struct subject *s, struct lh_error *e)
{
    const char *name = s->info->spec->name;

    if (!lh_plugin_is_name(lh_str_z(name)))
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "%s: name: expected " LH_PLUGIN_NAME_RULE " in its spec, found \"%s\"",
                            s->file->path, name);
    if (!s->info->name)
        s->info->name = lh_xstrdup(name);
    if (strcmp(s->info->name, name) == 0)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: name: expected \"%s\" as the file is called, found \"%s\" in its "
                        "spec; rename the file to %s.so",
                        s->file->path, s->info->name, name, name);
}

/* --- what does not stop a connector, but should not be ---------------------------------------- */

static int check_exports(const struct subject *s, struct lh_error *e)
{
    const struct lh_elf *elf = &s->info->elf;

    for (size_t i = 0; i < elf->n_exported; i++)
        if (strcmp(elf->exported[i], LH_PLUGIN_ENTRY) != 0)
            return lh_error_set(e, LH_BAD_PLUGIN,
                                "%s: exported names: expected " LH_PLUGIN_ENTRY " alone, found %s "
                                "among %zu; build with -fvisibility=hidden",
                                s->file->path, elf->exported[i], elf->n_exported);
    return 0;
}

/* A second copy of what the host does for connectors. */
static int check_needed(const struct subject *s, struct lh_error *e)
{
    static const char *const refused[] = {"libcurl",   "libssl",  "libcrypto",
                                          "libgnutls", "libnss3", "libjansson"};
    const struct lh_elf *elf = &s->info->elf;

    for (size_t i = 0; i < elf->n_needed; i++)
        for (size_t k = 0; k < LH_LEN(refused); k++)
            if (strncmp(elf->needed[i], refused[k], strlen(refused[k])) == 0)
                return lh_error_set(e, LH_BAD_PLUGIN,
                                    "%s: libraries: expected none for HTTP, TLS or JSON, found %s; "
                                    "the host's services do that",
                                    s->file->path, elf->needed[i]);
    return 0;
}

/* The C library's parts, which are in every process: whether one of them has the name. */
static bool system_has(const char *name)
{
    static const char *const libraries[] = {LIBC_SO, LIBM_SO};

    for (size_t i = 0; i < LH_LEN(libraries); i++) {
        void *library = dlopen(libraries[i], RTLD_LAZY | RTLD_LOCAL);
        bool has = library && dlsym(library, name);

        if (library)
            dlclose(library);
        if (has)
            return true;
    }
    return false;
}

static bool needs_only_system(const struct lh_elf *elf)
{
    static const char *const known[] = {LIBC_SO, LIBM_SO, "ld-linux"};

    for (size_t i = 0; i < elf->n_needed; i++) {
        size_t k = 0;

        while (k < LH_LEN(known) && strncmp(elf->needed[i], known[k], strlen(known[k])) != 0)
            k++;
        if (k == LH_LEN(known))
            return false;
    }
    return true;
}

/*
 * Loading would fail, but only then. Where it needs libraries beside the C library's, they may have
 * the name, and to look is to run their code. Reserved names are the compiler's, whose parts (of
 * sanitizers, of coverage) may be in the process.
 */
static int check_undefined(const struct subject *s, struct lh_error *e)
{
    const struct lh_elf *elf = &s->info->elf;

    for (size_t i = 0; i < elf->n_undefined && needs_only_system(elf); i++)
        if (strncmp(elf->undefined[i], "__", 2) != 0 && !system_has(elf->undefined[i]))
            return lh_error_set(e, LH_BAD_PLUGIN,
                                "%s: symbols: expected none but the C library's, found %s, which "
                                "is not defined; link what has it (-Wl,-z,defs finds them)",
                                s->file->path, elf->undefined[i]);
    return 0;
}

static int check_text_relocations(const struct subject *s, struct lh_error *e)
{
    if (!s->info->elf.text_relocations)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: relocations: expected none in its code, found some; build with -fPIC",
                        s->file->path);
}

static int check_stack(const struct subject *s, struct lh_error *e)
{
    if (!s->info->elf.executable_stack)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: stack: expected one that is not executable, found one that is; link "
                        "with -Wl,-z,noexecstack",
                        s->file->path);
}

static int check_binding(const struct subject *s, struct lh_error *e)
{
    if (s->info->elf.bind_now && s->info->elf.relro)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: relocations: expected that they are done at load and then read-only, "
                        "found %s; link with -Wl,-z,relro,-z,now",
                        s->file->path,
                        s->info->elf.relro ? "lazy binding" : "no read-only segment for them");
}

static const struct rule rules[] = {
    {check_size, true, true},
    {check_owner, true, false},
    {check_mode, true, false},
    {check_folder_owner, true, false},
    {check_folder_mode, true, false},
    {check_elf, true, true},
    {check_entry, true, false},
    {check_spec, true, true},
    {check_name, true, false},
    {check_exports, false, false},
    {check_needed, false, false},
    {check_undefined, false, false},
    {check_text_relocations, false, false},
    {check_stack, false, false},
    {check_binding, false, false},
};

int lh_plugin_inspect(const struct lh_plugin_policy *policy, const struct lh_plugin_file *file,
                      struct lh_plugin_info *info, struct lh_error *e)
{
    const struct subject s = {policy, file, info};

    for (size_t i = 0; i < LH_LEN(rules); i++)
        if (rules[i].decides && rules[i].check(&s, e))
            return LH_BAD_PLUGIN;
    return 0;
}

void lh_plugin_validate_file(const struct lh_plugin_policy *policy,
                             const struct lh_plugin_file *file, struct lh_plugin_info *info,
                             struct lh_buf *to, size_t *ret_problems)
{
    const struct subject s = {policy, file, info};
    bool blind = false;

    for (size_t i = 0; i < LH_LEN(rules) && !blind; i++) {
        lh_auto(lh_error) problem = LH_ERROR_INIT;

        if (rules[i].check(&s, &problem) == 0)
            continue;
        lh_buf_f(to, "%s\n", lh_error_text(&problem));
        ++*ret_problems;
        blind = rules[i].necessary;
    }
}

void lh_plugin_info_free(struct lh_plugin_info *info)
{
    free(info->name);
    free(info->path);
    free(info->signer);
    lh_error_free(&info->error);
    lh_elf_free(&info->elf);
    if (info->spec)
        lh_spec_destroy(info->spec);
    *info = (struct lh_plugin_info){0};
}
