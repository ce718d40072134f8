/* SPDX-License-Identifier: Apache-2.0 */
/* Where a connector's spec is. */
#ifndef LH_TESTS_SPEC_FILE_H
#define LH_TESTS_SPEC_FILE_H

#include "base/mem.h"

#include <stdlib.h>

static inline char *spec_file(const char *connector)
{
    const char *top = getenv("srcdir");

    return lh_xasprintf("%s/plugins/%s/spec.json", top ? top : ".", connector);
}

#endif
