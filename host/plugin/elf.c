/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a shared object's note and dynamic section; see elf.h. */
#include "config.h"

#include "plugin/elf.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far above anything a linker makes. */
#define MAX_HEADERS  128
#define MAX_NOTES    ((size_t)2 << 20)
#define MAX_DYNAMIC  1024
#define MAX_STRINGS  ((size_t)4 << 20)
#define MAX_SYMBOLS  100000
#define MAX_EXPORTED 20000
#define MAX_NAME     1024

typedef ElfW(Ehdr) Header;
typedef ElfW(Phdr) Segment;
typedef ElfW(Dyn) Dynamic;
typedef ElfW(Sym) Symbol;
typedef ElfW(Nhdr) Note;

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__i386__)
#define MACHINE EM_386
#elif defined(__arm__)
#define MACHINE EM_ARM
#elif defined(__riscv)
#define MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#elif defined(__s390x__)
#define MACHINE EM_S390
#elif defined(__loongarch__)
#define MACHINE EM_LOONGARCH
#else
#error "name this machine's ELF number here"
#endif

#define CLASS       (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)
#define BYTE_ORDER_ (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

struct reader {
    int fd;
    const char *path;
    uint64_t size;
    Segment segments[MAX_HEADERS];
    size_t n_segments;
    struct lh_error *e;
};

static int damaged(const struct reader *r, const char *what)
{
    return lh_error_set(r->e, LH_BAD_PLUGIN, "%s: damaged shared object: %s", r->path, what);
}

/* Exactly n bytes from offset, all of them inside the file. */
static int read_at(const struct reader *r, uint64_t offset, void *to, size_t n, const char *what)
{
    size_t done = 0;

    if (offset > r->size || n > r->size - offset)
        return damaged(r, what);
    while (done < n) {
        ssize_t got = pread(r->fd, (char *)to + done, n - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lh_error_errno(r->e, LH_BAD_PLUGIN, errno, "%s: read", r->path);
        if (got == 0)
            return damaged(r, what);
        done += (size_t)got;
    }
    return 0;
}

static int check_header(const struct reader *r, const Header *h)
{
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return lh_error_set(r->e, LH_BAD_PLUGIN, "%s: not a shared object (no ELF file)", r->path);
    if (h->e_ident[EI_CLASS] != CLASS || h->e_ident[EI_DATA] != BYTE_ORDER_ ||
        h->e_machine != MACHINE)
        return lh_error_set(r->e, LH_BAD_PLUGIN,
                            "%s: built for another machine (ELF class %u, data %u, machine %u; "
                            "this host: %u, %u, %u)",
                            r->path, h->e_ident[EI_CLASS], h->e_ident[EI_DATA], h->e_machine, CLASS,
                            BYTE_ORDER_, MACHINE);
    if (h->e_type != ET_DYN)
        return lh_error_set(r->e, LH_BAD_PLUGIN, "%s: an ELF file, but no shared object", r->path);
    return 0;
}

static int read_segments(struct reader *r)
{
    Header h;
    struct stat st;

    if (fstat(r->fd, &st))
        return lh_error_errno(r->e, LH_BAD_PLUGIN, errno, "%s", r->path);
    r->size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
    if (r->size < sizeof h)
        return lh_error_set(r->e, LH_BAD_PLUGIN, "%s: not a shared object (%ju bytes)", r->path,
                            (uintmax_t)r->size);
    if (read_at(r, 0, &h, sizeof h, "no header") || check_header(r, &h))
        return LH_BAD_PLUGIN;
    if (h.e_phentsize != sizeof(Segment) || h.e_phnum == 0 || h.e_phnum > MAX_HEADERS)
        return damaged(r, "its program headers are of no known size or number");
    r->n_segments = h.e_phnum;
    return read_at(r, h.e_phoff, r->segments, r->n_segments * sizeof(Segment),
                   "program headers beyond its end");
}

static size_t padded(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

/*
 * Header, owner, descriptor. Owner and descriptor end at a multiple of the alignment, counted from
 * the note's beginning (glibc's ELF_NOTE_DESC_OFFSET).
 */
int lh_elf_walk_notes(const char *p, size_t n, size_t align, lh_elf_take_spec *take, void *arg)
{
    size_t at = 0;

    while (n - at >= sizeof(Note)) {
        const char *owner = p + at + sizeof(Note);
        Note note;
        size_t text; /* from the note's beginning */
        int code = 0;

        memcpy(&note, p + at, sizeof note);
        if (note.n_namesz > n - at - sizeof note)
            return LH_INVALID;
        text = padded(sizeof note + note.n_namesz, align);
        if (text > n - at || note.n_descsz > n - at - text)
            return LH_INVALID;
        if (note.n_type == LH_NOTE_SPEC && note.n_namesz == sizeof LH_NOTE_OWNER &&
            memcmp(owner, LH_NOTE_OWNER, sizeof LH_NOTE_OWNER) == 0)
            code = take(arg, lh_str_n(p + at + text, note.n_descsz));
        if (code)
            return code;
        /* the last one need not be padded */
        text = padded(text + note.n_descsz, align);
        at = text > n - at ? n : at + text;
    }
    return 0;
}

/* The one spec of a file. */
struct only_spec {
    const struct reader *r;
    struct lh_buf *to;
};

static int take_only(void *arg, lh_str spec)
{
    const struct only_spec *only = arg;

    if (only->to->n)
        return damaged(only->r, "two notes with a spec");
    if (spec.n == 0 || spec.n > LH_NOTE_MAX_SPEC)
        return damaged(only->r, "a spec that is empty or too large");
    lh_buf_str(only->to, spec);
    return 0;
}

static int read_notes(const struct reader *r, struct lh_elf *elf)
{
    for (size_t i = 0; i < r->n_segments; i++) {
        const Segment *s = &r->segments[i];
        struct only_spec only = {r, &elf->spec};
        char *bytes lh_autofree = NULL;
        int code;

        if (s->p_type != PT_NOTE)
            continue;
        if (s->p_filesz > MAX_NOTES)
            return damaged(r, "a segment of notes that is too large");
        bytes = lh_xmalloc(s->p_filesz);
        if (read_at(r, s->p_offset, bytes, s->p_filesz, "notes beyond its end"))
            return LH_BAD_PLUGIN;
        code = lh_elf_walk_notes(bytes, s->p_filesz, s->p_align == 8 ? 8 : 4, take_only, &only);
        if (code == LH_INVALID)
            return damaged(r, "a note beyond its segment");
        if (code)
            return code;
    }
    if (!elf->spec.n)
        return lh_error_set(r->e, LH_BAD_PLUGIN,
                            "%s: no lakehost connector: it has no note of owner \"%s\", type %u",
                            r->path, LH_NOTE_OWNER, LH_NOTE_SPEC);
    return 0;
}

int lh_elf_read_spec(int fd, const char *path, struct lh_elf *ret, struct lh_error *e)
{
    struct reader r = {.fd = fd, .path = path, .e = e};

    ret->spec = (struct lh_buf)LH_BUF_INIT(LH_NOTE_MAX_SPEC);
    return read_segments(&r) || read_notes(&r, ret) ? LH_BAD_PLUGIN : 0;
}

/* --- the dynamic section ---------------------------------------------------------------------- */

struct tables {
    Dynamic *entries;
    size_t n;
    uint64_t strings, symbols;   /* file offsets */
    size_t strings_n, symbols_n; /* bytes, entries */
};

/* A virtual address as an offset in the file, with the bytes that follow it in its segment. */
static bool file_offset(const struct reader *r, uint64_t address, uint64_t *ret, uint64_t *ret_left)
{
    for (size_t i = 0; i < r->n_segments; i++) {
        const Segment *s = &r->segments[i];

        if (s->p_type != PT_LOAD || address < s->p_vaddr || address - s->p_vaddr >= s->p_filesz)
            continue;
        if (s->p_offset > r->size || s->p_filesz > r->size - s->p_offset)
            return false;
        *ret = s->p_offset + (address - s->p_vaddr);
        *ret_left = s->p_filesz - (address - s->p_vaddr);
        return true;
    }
    return false;
}

/* Of several the last one counts, as it does for the dynamic linker. */
static bool dynamic_value(const struct tables *t, int64_t tag, uint64_t *ret)
{
    for (size_t i = t->n; i-- > 0;)
        if (t->entries[i].d_tag == tag) {
            *ret = t->entries[i].d_un.d_val;
            return true;
        }
    return false;
}

/* The one dynamic section: with two of them, we and the dynamic linker might read another one. */
static const Segment *dynamic_segment(const struct reader *r)
{
    const Segment *found = NULL;

    for (size_t i = 0; i < r->n_segments; i++) {
        if (r->segments[i].p_type != PT_DYNAMIC)
            continue;
        if (found)
            return NULL;
        found = &r->segments[i];
    }
    return found;
}

static int read_dynamic(const struct reader *r, struct tables *t)
{
    const Segment *s = dynamic_segment(r);

    if (!s)
        return damaged(r, "no dynamic section, or two");
    t->n = s->p_filesz / sizeof(Dynamic);
    if (t->n > MAX_DYNAMIC)
        return damaged(r, "a dynamic section that is too large");
    t->entries = lh_xcalloc(t->n, sizeof(Dynamic));
    if (read_at(r, s->p_offset, t->entries, t->n * sizeof(Dynamic),
                "a dynamic section beyond its end"))
        return LH_BAD_PLUGIN;
    for (size_t k = 0; k < t->n; k++)
        if (t->entries[k].d_tag == DT_NULL)
            t->n = k;
    return 0;
}

/* The highest symbol that a bucket of DT_GNU_HASH begins with. */
static int last_bucket(const struct reader *r, uint64_t offset, uint32_t n, uint32_t *ret)
{
    uint32_t *buckets lh_autofree = lh_xcalloc(n, sizeof *buckets);

    if (read_at(r, offset, buckets, n * sizeof *buckets, "its hash table"))
        return LH_BAD_PLUGIN;
    *ret = 0;
    for (uint32_t i = 0; i < n; i++)
        *ret = buckets[i] > *ret ? buckets[i] : *ret;
    return 0;
}

/* The number of symbols out of DT_GNU_HASH: the last chain ends with the last symbol. */
static int count_gnu(const struct reader *r, uint64_t offset, uint64_t left, size_t *ret)
{
    uint32_t head[4]; /* buckets, first hashed symbol, words of the filter, shift */
    uint64_t buckets;
    uint64_t chain;
    uint32_t last;

    if (left < sizeof head || read_at(r, offset, head, sizeof head, "its hash table"))
        return damaged(r, "its hash table");
    if (head[0] > MAX_SYMBOLS || head[2] > MAX_SYMBOLS || head[1] > MAX_SYMBOLS)
        return damaged(r, "a hash table that is too large");
    buckets = offset + sizeof head + (uint64_t)head[2] * sizeof(ElfW(Addr));
    chain = buckets + (uint64_t)head[0] * sizeof(uint32_t);
    if (last_bucket(r, buckets, head[0], &last))
        return LH_BAD_PLUGIN;
    if (last < head[1]) {
        *ret = head[1]; /* nothing is hashed: nothing is exported */
        return 0;
    }
    for (uint32_t word = 0; !(word & 1); last++) {
        if (last > MAX_SYMBOLS)
            return damaged(r, "a hash table that is too large");
        if (read_at(r, chain + (uint64_t)(last - head[1]) * sizeof word, &word, sizeof word,
                    "its hash table"))
            return LH_BAD_PLUGIN;
    }
    *ret = last;
    return 0;
}

static int count_symbols(const struct reader *r, const struct tables *t, size_t *ret)
{
    uint64_t address;
    uint64_t offset;
    uint64_t left;
    uint32_t head[2]; /* DT_HASH: buckets, chains; there is one chain for each symbol */

    if (dynamic_value(t, DT_HASH, &address) && file_offset(r, address, &offset, &left)) {
        if (left < sizeof head || read_at(r, offset, head, sizeof head, "its hash table"))
            return damaged(r, "its hash table");
        *ret = head[1];
        return 0;
    }
    if (dynamic_value(t, DT_GNU_HASH, &address) && file_offset(r, address, &offset, &left))
        return count_gnu(r, offset, left, ret);
    return damaged(r, "no hash table of its symbols");
}

static int find_tables(const struct reader *r, struct tables *t)
{
    uint64_t address;
    uint64_t size;
    uint64_t left;

    if (!dynamic_value(t, DT_STRTAB, &address) || !dynamic_value(t, DT_STRSZ, &size) ||
        !file_offset(r, address, &t->strings, &left) || size > left || size > MAX_STRINGS)
        return damaged(r, "no usable table of names");
    t->strings_n = size;
    if (!dynamic_value(t, DT_SYMTAB, &address) || !file_offset(r, address, &t->symbols, &left))
        return damaged(r, "no usable table of symbols");
    if (count_symbols(r, t, &t->symbols_n))
        return LH_BAD_PLUGIN;
    if (t->symbols_n > MAX_SYMBOLS || t->symbols_n > left / sizeof(Symbol))
        return damaged(r, "a table of symbols that is too large");
    return 0;
}

/* Appends the name at an offset of the string table, when it is there and of sane length. */
static int add_name(const struct reader *r, const char *strings, size_t n, uint64_t at,
                    char ***list, size_t *count)
{
    const char *end = at < n ? memchr(strings + at, '\0', n - at) : NULL;

    if (!end || (size_t)(end - (strings + at)) > MAX_NAME)
        return damaged(r, "a name outside its table of names");
    if ((*count & (*count - 1)) == 0) /* room for the next power of two */
        *list = lh_xrealloc(*list, *count ? *count * 2 : 1, sizeof **list);
    (*list)[(*count)++] = lh_xstrdup(strings + at);
    return 0;
}

/* One dynamic symbol: others can see it, or it is others' and must be there. */
static int take_symbol(const struct reader *r, const struct tables *t, const char *strings,
                       const Symbol *symbol, struct lh_elf *elf)
{
    unsigned bind = ELF64_ST_BIND(symbol->st_info);
    bool defined = symbol->st_shndx != SHN_UNDEF;

    if (bind != STB_GLOBAL && (bind != STB_WEAK || !defined))
        return 0;
    if ((defined ? elf->n_exported : elf->n_undefined) >= MAX_EXPORTED)
        return damaged(r, defined ? "more exported names than a connector can have"
                                  : "more undefined names than a connector can have");
    return defined ? add_name(r, strings, t->strings_n, symbol->st_name, &elf->exported,
                              &elf->n_exported)
                   : add_name(r, strings, t->strings_n, symbol->st_name, &elf->undefined,
                              &elf->n_undefined);
}

static int read_symbols(const struct reader *r, const struct tables *t, const char *strings,
                        struct lh_elf *elf)
{
    Symbol *symbols lh_autofree = lh_xcalloc(t->symbols_n, sizeof(Symbol));

    if (read_at(r, t->symbols, symbols, t->symbols_n * sizeof(Symbol), "its symbols"))
        return LH_BAD_PLUGIN;
    for (size_t i = 0; i < t->symbols_n; i++)
        if (take_symbol(r, t, strings, &symbols[i], elf))
            return LH_BAD_PLUGIN;
    return 0;
}

static int read_needed(const struct reader *r, const struct tables *t, const char *strings,
                       struct lh_elf *elf)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->entries[i].d_tag == DT_NEEDED &&
            add_name(r, strings, t->strings_n, t->entries[i].d_un.d_val, &elf->needed,
                     &elf->n_needed))
            return LH_BAD_PLUGIN;
    return 0;
}

static void read_flags(const struct reader *r, const struct tables *t, struct lh_elf *elf)
{
    uint64_t flags = 0;
    uint64_t flags_1 = 0;
    uint64_t ignored;

    dynamic_value(t, DT_FLAGS, &flags);
    dynamic_value(t, DT_FLAGS_1, &flags_1);
    elf->text_relocations = dynamic_value(t, DT_TEXTREL, &ignored) || (flags & DF_TEXTREL);
    elf->bind_now =
        dynamic_value(t, DT_BIND_NOW, &ignored) || (flags & DF_BIND_NOW) || (flags_1 & DF_1_NOW);
    elf->executable_stack = true;
    for (size_t i = 0; i < r->n_segments; i++) {
        if (r->segments[i].p_type == PT_GNU_STACK)
            elf->executable_stack = (r->segments[i].p_flags & PF_X) != 0;
        elf->relro = elf->relro || r->segments[i].p_type == PT_GNU_RELRO;
    }
}

int lh_elf_read(int fd, const char *path, struct lh_elf *ret, struct lh_error *e)
{
    struct reader r = {.fd = fd, .path = path, .e = e};
    struct tables t = {0};
    Dynamic *entries lh_autofree = NULL;
    char *strings lh_autofree = NULL;
    int code;

    ret->spec = (struct lh_buf)LH_BUF_INIT(LH_NOTE_MAX_SPEC);
    if (read_segments(&r) || read_notes(&r, ret))
        return LH_BAD_PLUGIN;
    code = read_dynamic(&r, &t);
    entries = t.entries;
    if (code || find_tables(&r, &t))
        return LH_BAD_PLUGIN;
    strings = lh_xmalloc(t.strings_n);
    if (read_at(&r, t.strings, strings, t.strings_n, "its names") ||
        read_symbols(&r, &t, strings, ret) || read_needed(&r, &t, strings, ret))
        return LH_BAD_PLUGIN;
    read_flags(&r, &t, ret);
    return 0;
}

static void free_names(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

void lh_elf_free(struct lh_elf *elf)
{
    free_names(elf->exported, elf->n_exported);
    free_names(elf->undefined, elf->n_undefined);
    free_names(elf->needed, elf->n_needed);
    lh_buf_free(&elf->spec);
    *elf = (struct lh_elf){0};
}
