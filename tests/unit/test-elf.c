/* SPDX-License-Identifier: Apache-2.0 */
/* Reading shared objects that nobody made for us: cut, damaged, foreign, hostile. */
#include "config.h"

#include "plugin/elf.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf_image.h"

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("image", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) {
        ok(false, "a file in memory");
        return fd;
    }
    return fd;
}

/* Reads bytes as a file, whole or the spec alone. */
static int read_bytes(const void *bytes, size_t n, bool whole, struct lh_elf *ret,
                      struct lh_error *e)
{
    int fd lh_autoclose = file_of(bytes, n);

    return whole ? lh_elf_read(fd, "x.so", ret, e) : lh_elf_read_spec(fd, "x.so", ret, e);
}

/* Both ways refuse an image, with this in the message. */
static void refused(const struct image *i, const char *part, const char *what)
{
    lh_auto(lh_elf) elf = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(read_bytes(i, sizeof *i, true, &elf, &e), LH_BAD_PLUGIN, what);
    has_str(lh_error_text(&e), part, "says why");
    has_str(lh_error_text(&e), "x.so: ", "names the file");
}

static void test_good(void)
{
    for (int gnu = 0; gnu < 2; gnu++) {
        lh_auto(lh_elf) elf = {0};
        lh_auto(lh_error) e = LH_ERROR_INIT;
        struct image i;

        image_make(&i, gnu);
        is_int(read_bytes(&i, sizeof i, true, &elf, &e), 0, gnu ? "DT_GNU_HASH" : "DT_HASH");
        is_str(lh_error_text(&e), "", "no complaint");
        is_str(lh_buf_text(&elf.spec), IMAGE_SPEC, "the spec");
        is_int(elf.n_exported, 2, "two exported names");
        is_int(elf.n_undefined, 1, "one undefined name");
        if (elf.n_exported != 2 || elf.n_undefined != 1 || elf.n_needed != 1)
            continue;
        is_str(elf.undefined[0], "libc.so.6", "the name of the undefined one");
        is_str(elf.exported[0], "lh_connector_entry_v0", "the entry");
        is_str(elf.exported[1], "weak", "a weak one");
        is_str(elf.needed[0], "libc.so.6", "the library");
        ok(elf.bind_now && elf.relro && !elf.executable_stack && !elf.text_relocations, "flags");
    }
}

static void test_flags(void)
{
    lh_auto(lh_elf) elf = {0};
    struct image i;

    image_make(&i, 0);
    i.segments[SEGMENT_STACK].p_type = PT_NULL;
    i.segments[SEGMENT_RELRO].p_type = PT_NULL;
    i.dynamic[5] = (ElfW(Dyn)){DT_TEXTREL, {0}};
    is_int(read_bytes(&i, sizeof i, true, &elf, NULL), 0, "read");
    ok(elf.executable_stack, "no stack header means an executable stack");
    ok(!elf.relro && !elf.bind_now && elf.text_relocations, "the others");
}

/* The file ends anywhere: an error, and never more than the file. */
static void test_truncated(void)
{
    size_t note_end = offsetof(struct image, note) + sizeof(((struct image *)0)->note);
    int wrong = 0;
    struct image i;

    for (int gnu = 0; gnu < 2; gnu++) {
        image_make(&i, gnu);
        for (size_t n = 0; n < sizeof i; n++) {
            lh_auto(lh_elf) elf = {0};
            lh_auto(lh_elf) spec = {0};
            lh_auto(lh_error) e = LH_ERROR_INIT;
            int want = n < note_end ? LH_BAD_PLUGIN : 0;

            wrong += read_bytes(&i, n, false, &spec, NULL) != want;
            wrong += read_bytes(&i, n, true, &elf, &e) != LH_BAD_PLUGIN;
            wrong += !strstr(lh_error_text(&e), "x.so: ");
        }
    }
    is_int(wrong, 0, "cut at every byte");
}

/* The bounds that hold for whatever is read. */
static bool is_sane(const struct lh_elf *elf, int code, const struct lh_error *e)
{
    if (code)
        return code == LH_BAD_PLUGIN && strstr(lh_error_text(e), "x.so") != NULL;
    for (size_t i = 0; i < elf->n_exported; i++)
        if (strlen(elf->exported[i]) > 1024)
            return false;
    return elf->spec.n > 0 && elf->spec.n < sizeof(struct image) && elf->n_exported <= 100 &&
           elf->n_needed <= 12;
}

/* Every field of every header set to every value that arithmetic is afraid of. */
static void test_extremes(void)
{
    const uint64_t values[] = {
        0,
        1,
        3,
        sizeof(struct image) - 1,
        sizeof(struct image),
        sizeof(struct image) + 1,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0xffff,
        0x7fffffff,
        0x80000000,
        0xfffffff0,
        0xffffffff,
        INT64_MAX,
        (uint64_t)INT64_MAX + 1,
        UINT64_MAX - 7,
        UINT64_MAX,
    };
    int wrong = 0;

    for (size_t at = 0; at < sizeof(struct image); at += 2)
        for (size_t v = 0; v < LH_LEN(values); v++)
            for (size_t width = 2; width <= 8; width *= 2) {
                lh_auto(lh_elf) elf = {0};
                lh_auto(lh_error) e = LH_ERROR_INIT;
                struct image i;
                int code;

                image_make(&i, at % 4 == 0);
                if (at % width || at + width > sizeof i)
                    continue;
                memcpy((char *)&i + at, &values[v], width); /* little endian */
                code = read_bytes(&i, sizeof i, true, &elf, &e);
                if (is_sane(&elf, code, &e))
                    continue;
                wrong++;
                diag("offset %zu, width %zu, value %" PRIx64 ": %s", at, width, values[v],
                     lh_error_text(&e));
            }
    is_int(wrong, 0, "extreme values in every field");
}

static void test_foreign(void)
{
    struct image i;

    image_make(&i, 0);
    i.header.e_ident[0] = 'M';
    refused(&i, "not a shared object (no ELF file)", "no ELF");
    image_make(&i, 0);
    i.header.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS32 : ELFCLASS64;
    refused(&i, "built for another machine", "another class");
    image_make(&i, 0);
    i.header.e_ident[EI_DATA] = ELFDATA2MSB;
    refused(&i, "built for another machine", "another byte order");
    image_make(&i, 0);
    i.header.e_machine = EM_SPARC;
    refused(&i, "built for another machine", "another machine");
    image_make(&i, 0);
    i.header.e_type = ET_REL;
    refused(&i, "no shared object", "an object file");
    image_make(&i, 0);
    i.header.e_phentsize--;
    refused(&i, "program headers", "another size of program headers");
    image_make(&i, 0);
    i.header.e_phnum = 129;
    refused(&i, "program headers", "too many program headers");
}

static void test_notes(void)
{
    struct image i;

    image_make(&i, 0);
    i.note.head.n_type = 2;
    refused(&i, "no note of owner \"lakehost\", type 1", "another type");
    image_make(&i, 0);
    i.note.owner[7] = 'T';
    refused(&i, "no lakehost connector", "another owner");
    image_make(&i, 0);
    i.segments[SEGMENT_RELRO] = i.segments[SEGMENT_NOTE];
    refused(&i, "two notes", "the same note twice");
    image_make(&i, 0);
    i.note.head.n_descsz = 0;
    refused(&i, "empty or too large", "an empty spec");
    image_make(&i, 0);
    i.note.head.n_descsz = sizeof i.note.text + 1;
    refused(&i, "a note beyond its segment", "one byte too many");
    image_make(&i, 0);
    i.note.head.n_namesz = sizeof i.note;
    refused(&i, "a note beyond its segment", "an owner that is too long");
    image_make(&i, 0);
    i.segments[SEGMENT_NOTE].p_filesz = ((size_t)2 << 20) + 1;
    refused(&i, "segment of notes that is too large", "a huge segment of notes");
}

/* Compilers put notes aligned to 8 into files: .note.gnu.property, with an owner of 4 bytes. */
static void test_aligned_to_8(void)
{
    struct {
        struct image i;
        struct {
            ElfW(Nhdr) head;
            char owner[4];
            char text[16];
            ElfW(Nhdr) second;
            char second_owner[12];
            char second_text[8];
        } notes;
    } file = {0};
    lh_auto(lh_elf) elf = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    image_make(&file.i, 0);
    image_segment(&file.i, SEGMENT_NOTE, PT_NOTE, sizeof file.i, sizeof file.notes);
    file.i.segments[SEGMENT_NOTE].p_align = 8;
    file.notes.head = (ElfW(Nhdr)){4, 16, 5};
    memcpy(file.notes.owner, "GNU", 4);
    file.notes.second = (ElfW(Nhdr)){9, 8, 1};
    memcpy(file.notes.second_owner, "lakehost", 9);
    memcpy(file.notes.second_text, "{\"a\":12}", 8);
    is_int(read_bytes(&file, sizeof file, true, &elf, &e), 0, "read");
    is_str(lh_error_text(&e), "", "without a complaint");
    is_str(lh_buf_text(&elf.spec), "{\"a\":12}", "the second note");
}

static void test_large_spec(void)
{
    const size_t sizes[] = {LH_NOTE_MAX_SPEC, LH_NOTE_MAX_SPEC + 1};
    const size_t room = sizeof(struct image) + 24 + LH_NOTE_MAX_SPEC + 4;

    for (size_t k = 0; k < LH_LEN(sizes); k++) {
        char *bytes lh_autofree = lh_xcalloc(1, room);
        lh_auto(lh_elf) elf = {0};
        struct image i;

        image_make(&i, 0);
        image_segment(&i, SEGMENT_NOTE, PT_NOTE, sizeof i, room - sizeof i);
        i.note.head.n_descsz = (uint32_t)sizes[k];
        memcpy(bytes, &i, sizeof i);
        memcpy(bytes + sizeof i, &i.note, 24);
        is_int(read_bytes(bytes, room, false, &elf, NULL), k ? LH_BAD_PLUGIN : 0,
               k ? "one byte more is refused" : "1 MiB is read");
        if (!k)
            is_int(elf.spec.n, LH_NOTE_MAX_SPEC, "all of it");
    }
}

static void test_dynamic(void)
{
    struct image i;

    image_make(&i, 0);
    i.segments[SEGMENT_RELRO] = i.segments[SEGMENT_DYNAMIC];
    refused(&i, "no dynamic section, or two", "two dynamic sections");
    image_make(&i, 0);
    i.segments[SEGMENT_DYNAMIC].p_type = PT_NULL;
    refused(&i, "no dynamic section, or two", "no dynamic section");
    image_make(&i, 0);
    i.strings[sizeof i.strings - 1] = 'x';
    i.symbols[2].st_name = sizeof i.strings - 1;
    refused(&i, "a name outside its table", "a name without an end");
    image_make(&i, 0);
    i.symbols[2].st_name = sizeof i.strings;
    refused(&i, "a name outside its table", "a name beyond the table");
    image_make(&i, 0);
    i.hash[1] = 100001;
    refused(&i, "symbols that is too large", "too many symbols");
    image_make(&i, 1);
    i.gnu[0] = 100001;
    refused(&i, "hash table that is too large", "too many buckets");
    image_make(&i, 1);
    i.gnu[4 + sizeof(ElfW(Addr)) / 4 + 2] = 0;
    memset(i.strings, 'b', sizeof i.strings); /* even, and so no end either */
    refused(&i, "its hash table", "a chain without an end");
}

static void test_odd_files(void)
{
    lh_auto(lh_elf) elf = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int folder lh_autoclose = open(".", O_RDONLY | O_CLOEXEC);

    is_int(read_bytes("", 0, true, &elf, &e), LH_BAD_PLUGIN, "an empty file");
    has_str(lh_error_text(&e), "0 bytes", "says so");
    is_int(lh_elf_read(folder, "folder", &elf, &e), LH_BAD_PLUGIN, "a folder");
    is_int(lh_elf_read(-1, "closed", &elf, &e), LH_BAD_PLUGIN, "no file");
}

int main(void)
{
    if (IMAGE_MACHINE == EM_NONE || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        SKIP_ALL("the images are for x86-64, i386 and aarch64");
    RUN(test_good);
    RUN(test_flags);
    RUN(test_truncated);
    RUN(test_extremes);
    RUN(test_foreign);
    RUN(test_notes);
    RUN(test_aligned_to_8);
    RUN(test_large_spec);
    RUN(test_dynamic);
    RUN(test_odd_files);
    return tap_done();
}
