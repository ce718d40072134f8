/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a shared object says about itself, read from its bytes without running any of it.
 *
 * In: an open file. Out: the spec from its note of owner "lakehost", the names that it exports and
 * the libraries that it needs. Everything in the file is hostile: every offset, size and count is
 * checked against the file and against a cap before it is used, and nothing is mapped, so a file
 * that shrinks meanwhile is a read error and no signal.
 *
 * Notes are found through program headers and names through the dynamic section, both of which
 * survive `strip -s`. Format: System V ABI, Linux Standard Base 5 (notes), gABI chapter 5.
 */
#ifndef LH_PLUGIN_ELF_H
#define LH_PLUGIN_ELF_H

#include "base/buf.h"
#include "base/error.h"

#define LH_NOTE_OWNER    "lakehost"
#define LH_NOTE_SPEC     1u
#define LH_NOTE_MAX_SPEC ((size_t)1 << 20)

struct lh_elf {
    struct lh_buf spec; /* the note's bytes */
    char **exported;    /* names of defined dynamic symbols, in the file's order */
    size_t n_exported;
    char **undefined; /* names that others must have; weak ones may be missing */
    size_t n_undefined;
    char **needed; /* DT_NEEDED */
    size_t n_needed;
    bool text_relocations; /* DT_TEXTREL */
    bool executable_stack; /* PT_GNU_STACK with PF_X, or no such header */
    bool bind_now;         /* DF_BIND_NOW or DF_1_NOW */
    bool relro;            /* PT_GNU_RELRO */
};

void lh_elf_free(struct lh_elf *elf);

/*
 * Walks the notes of one segment, n bytes that are aligned to 4 or 8, and gives each spec to take.
 * Returns what take answered when that was not 0, LH_INVALID when a note is damaged, else 0.
 */
typedef int lh_elf_take_spec(void *arg, lh_str spec);
int lh_elf_walk_notes(const char *p, size_t n, size_t align, lh_elf_take_spec *take, void *arg);

/*
 * Reads the program headers and notes of fd, whose offset does not matter. LH_BAD_PLUGIN with the
 * reason: no ELF file, another class, byte order or machine than this host, truncated, damaged, no
 * note, two notes, a note that is too large. `path` is for messages. ret must be empty.
 */
int lh_elf_read_spec(int fd, const char *path, struct lh_elf *ret, struct lh_error *e);

/* The same and the dynamic section: exported and undefined names, needed libraries, flags. */
int lh_elf_read(int fd, const char *path, struct lh_elf *ret, struct lh_error *e);

#endif
