/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connectors that are linked into the program, through libltdl's preopened modules; that is all of
 * libltdl's role, and it never sees a path. Their specs are read from the notes of the program's
 * own image in memory, so listing them runs none of their code either.
 */
#include "config.h"

#include "plugin/internal.h"

#include <link.h>
#include <stdlib.h>

struct listing {
    struct lh_plugin_info *items;
    size_t n;
    int code;
    struct lh_error *e;
};

static int take_spec(void *arg, lh_str spec)
{
    struct listing *l = arg;
    lh_auto(lh_plugin_info) info = {.is_static = true, .path = lh_xstrdup(LH_PLUGIN_BUILT_IN)};

    if (lh_spec_parse(spec, LH_PLUGIN_BUILT_IN, &info.spec, l->e))
        return LH_BAD_PLUGIN;
    info.name = lh_xstrdup(info.spec->name);
    info.elf.spec.max = LH_NOTE_MAX_SPEC;
    lh_buf_str(&info.elf.spec, spec);
    l->items = lh_xrealloc(l->items, l->n + 1, sizeof *l->items); /* there are few */
    l->items[l->n++] = info;
    info = (struct lh_plugin_info){0};
    return 0;
}

/* Whether the image that this code is in is the one at hand: a program, or a library of ours. */
static bool is_own_image(const struct dl_phdr_info *image)
{
    uintptr_t here = (uintptr_t)&is_own_image;

    for (size_t i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *s = &image->dlpi_phdr[i];
        uintptr_t begin = image->dlpi_addr + s->p_vaddr;

        if (s->p_type == PT_LOAD && here >= begin && here - begin < s->p_memsz)
            return true;
    }
    return false;
}

static int read_image(struct dl_phdr_info *image, size_t size, void *arg)
{
    struct listing *l = arg;

    (void)size;
    if (!is_own_image(image))
        return 0;
    for (size_t i = 0; i < image->dlpi_phnum && !l->code; i++) {
        const ElfW(Phdr) *s = &image->dlpi_phdr[i];

        if (s->p_type == PT_NOTE)
            l->code = lh_elf_walk_notes((const char *)(uintptr_t)(image->dlpi_addr + s->p_vaddr),
                                        s->p_memsz, s->p_align == 8 ? 8 : 4, take_spec, l);
    }
    return 1; /* there is but one */
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct lh_plugin_info *)a)->name,
                  ((const struct lh_plugin_info *)b)->name);
}

int lh_plugin_static_list(struct lh_plugin_info **list, size_t *n, struct lh_error *e)
{
    size_t first = *n;
    struct listing l = {.items = *list, .n = *n, .e = e};

    dl_iterate_phdr(read_image, &l);
    *list = l.items;
    *n = l.n;
    if (l.n - first > 1)
        qsort(l.items + first, l.n - first, sizeof *l.items, by_name);
    return l.code ? LH_BAD_PLUGIN : 0;
}
