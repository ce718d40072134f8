/* SPDX-License-Identifier: Apache-2.0 */
/* Shared objects: both readers on the same bytes, which must agree on the spec. */
#include "config.h"

#define FUZZ_NAME "elf"
#include "fuzz/fuzz.h"
#include "plugin/elf.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd lh_autoclose = memfd_create("elf", MFD_CLOEXEC);
    lh_auto(lh_elf) spec = {0};
    lh_auto(lh_elf) all = {0};
    lh_auto(lh_error) spec_error = LH_ERROR_INIT;
    lh_auto(lh_error) all_error = LH_ERROR_INIT;
    int spec_code;
    int all_code;

    if (size > (size_t)1 << 20 || fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    spec_code = lh_elf_read_spec(fd, "fuzz.so", &spec, &spec_error);
    all_code = lh_elf_read(fd, "fuzz.so", &all, &all_error);
    FUZZ_ASSERT(spec_code == 0 || spec_code == LH_BAD_PLUGIN);
    FUZZ_ASSERT(all_code == 0 || all_code == LH_BAD_PLUGIN);
    FUZZ_ASSERT((spec_code == 0) == (spec_error.message == NULL));
    FUZZ_ASSERT((all_code == 0) == (all_error.message == NULL));
    /* whoever gets the whole has the spec */
    FUZZ_ASSERT(all_code != 0 || spec_code == 0);
    if (spec_code == 0) {
        FUZZ_ASSERT(spec.spec.n > 0 && spec.spec.n <= size);
        FUZZ_ASSERT(spec.spec.n == all.spec.n && memcmp(spec.spec.p, all.spec.p, spec.spec.n) == 0);
    }
    return 0;
}
