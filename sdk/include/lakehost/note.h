/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The note that carries a connector's spec inside its shared object.
 *
 * A connector does not include this by hand: the include that spec.awk makes from spec.json does.
 *
 *     #include "spec.inc"
 *     static const struct lh_connector table = {LH_CONNECTOR_HEAD, "acme", LH_SPEC, acme_open,
 * ...};
 *
 * The bytes are an ELF note of owner "lakehost" and type 1 in a section whose name begins with
 * ".note": compilers give it the type SHT_NOTE, linkers put it into a PT_NOTE segment and never
 * collect it, and `strip -s` leaves it alone. So lakehost reads the spec from the file without
 * running any of the connector's code, and spec_json points to the very same bytes.
 */
#ifndef LAKEHOST_NOTE_H
#define LAKEHOST_NOTE_H

#include <stdint.h>

/* clang's AddressSanitizer puts red zones behind variables; between notes they would be damage. */
#if defined(__clang__)
#define LH_SPEC_NOTE_BARE , no_sanitize("address")
#else
#define LH_SPEC_NOTE_BARE
#endif

/*
 * Declares the note for a spec of n bytes; its value follows. Notes are padded to four bytes, and
 * so is this struct by its last member: there is no padding that a compiler could complain about.
 */
#define LH_SPEC_NOTE(n)                                                                            \
    static const struct {                                                                          \
        uint32_t owner_size, spec_size, type;                                                      \
        char owner[12];                                                                            \
        unsigned char spec[((n) + 3u) / 4u * 4u];                                                  \
    } lh_spec_note __attribute__((section(".note.lakehost"), aligned(4), used LH_SPEC_NOTE_BARE))

/* The members before the spec. */
#define LH_SPEC_NOTE_HEAD(n) 9u, (n), 1u, "lakehost"

/* spec_json and spec_len of struct lh_connector. The text does not end in NUL. */
#define LH_SPEC (const char *)lh_spec_note.spec, LH_SPEC_SIZE

#endif
