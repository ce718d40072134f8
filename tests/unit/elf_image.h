/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared object, made by hand: a struct whose bytes are the file. It has what elf.h reads and
 * nothing else, and could not be run.
 */
#ifndef LH_TESTS_ELF_IMAGE_H
#define LH_TESTS_ELF_IMAGE_H

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define IMAGE_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define IMAGE_MACHINE EM_AARCH64
#elif defined(__i386__)
#define IMAGE_MACHINE EM_386
#else
#define IMAGE_MACHINE EM_NONE /* the test is skipped */
#endif

#define IMAGE_SPEC "{\"spec\":1,\"name\":\"x\"}"

enum { SEGMENT_LOAD, SEGMENT_NOTE, SEGMENT_DYNAMIC, SEGMENT_STACK, SEGMENT_RELRO, N_SEGMENTS };

struct image {
    ElfW(Ehdr) header;
    ElfW(Phdr) segments[N_SEGMENTS];
    struct {
        ElfW(Nhdr) head;
        char owner[12];
        char text[(sizeof IMAGE_SPEC + 2) / 4 * 4];
    } note;
    ElfW(Dyn) dynamic[12];
    ElfW(Sym) symbols[4];
    uint32_t hash[2 + 1 + 4];
    uint32_t
        gnu[4 + sizeof(ElfW(Addr)) / 4 + 1 + 2]; /* one word of filter, one bucket, two chains */
    char strings[64];
};

/* Offsets of the names in strings. */
enum { NAME_ENTRY = 1, NAME_WEAK = 32, NAME_NEEDED = 40 };

static inline void image_segment(struct image *i, int at, uint32_t type, size_t offset, size_t size)
{
    i->segments[at] = (ElfW(Phdr)){.p_type = type,
                                   .p_offset = offset,
                                   .p_vaddr = offset,
                                   .p_filesz = size,
                                   .p_memsz = size,
                                   .p_flags = PF_R | PF_W,
                                   .p_align = 4};
}

#define IMAGE_PART(i, at, type, member)                                                            \
    image_segment(i, at, type, offsetof(struct image, member), sizeof(i)->member)

static inline ElfW(Sym) image_symbol(unsigned name, unsigned bind, unsigned section)
{
    return (ElfW(Sym)){.st_name = name,
                       .st_info = (unsigned char)(bind << 4 | STT_FUNC),
                       .st_shndx = (uint16_t)section};
}

/* with_gnu: DT_GNU_HASH instead of DT_HASH. */
static inline void image_make(struct image *i, int with_gnu)
{
    const ElfW(Dyn) dynamic[] = {
        {DT_NEEDED, {NAME_NEEDED}},
        {DT_STRTAB, {offsetof(struct image, strings)}},
        {DT_STRSZ, {sizeof i->strings}},
        {DT_SYMTAB, {offsetof(struct image, symbols)}},
        {with_gnu ? DT_GNU_HASH : DT_HASH,
         {with_gnu ? offsetof(struct image, gnu) : offsetof(struct image, hash)}},
        {DT_FLAGS, {DF_BIND_NOW}},
    };

    memset(i, 0, sizeof *i);
    memcpy(i->header.e_ident, ELFMAG, SELFMAG);
    i->header.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    i->header.e_ident[EI_DATA] = ELFDATA2LSB;
    i->header.e_type = ET_DYN;
    i->header.e_machine = IMAGE_MACHINE;
    i->header.e_phoff = offsetof(struct image, segments);
    i->header.e_phentsize = sizeof i->segments[0];
    i->header.e_phnum = N_SEGMENTS;
    image_segment(i, SEGMENT_LOAD, PT_LOAD, 0, sizeof *i);
    IMAGE_PART(i, SEGMENT_NOTE, PT_NOTE, note);
    IMAGE_PART(i, SEGMENT_DYNAMIC, PT_DYNAMIC, dynamic);
    image_segment(i, SEGMENT_STACK, PT_GNU_STACK, 0, 0);
    image_segment(i, SEGMENT_RELRO, PT_GNU_RELRO, 0, 0);
    i->note.head.n_namesz = 9;
    i->note.head.n_descsz = sizeof IMAGE_SPEC - 1;
    i->note.head.n_type = 1;
    memcpy(i->note.owner, "lakehost", 9);
    memcpy(i->note.text, IMAGE_SPEC, sizeof IMAGE_SPEC - 1);
    memcpy(i->dynamic, dynamic, sizeof dynamic);
    i->symbols[1] = image_symbol(NAME_NEEDED, STB_GLOBAL, SHN_UNDEF);
    i->symbols[2] = image_symbol(NAME_ENTRY, STB_GLOBAL, 1);
    i->symbols[3] = image_symbol(NAME_WEAK, STB_WEAK, 1);
    i->hash[0] = 1;
    i->hash[1] = 4;
    i->gnu[0] = 1; /* buckets */
    i->gnu[1] = 2; /* first hashed symbol */
    i->gnu[2] = 1; /* words of the filter */
    i->gnu[4 + sizeof(ElfW(Addr)) / 4] = 2;
    i->gnu[4 + sizeof(ElfW(Addr)) / 4 + 2] = 1;
    memcpy(i->strings + NAME_ENTRY, "lh_connector_entry_v0", 22);
    memcpy(i->strings + NAME_WEAK, "weak", 5);
    memcpy(i->strings + NAME_NEEDED, "libc.so.6", 10);
}

#endif
