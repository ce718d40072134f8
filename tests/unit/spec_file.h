/* SPDX-License-Identifier: Apache-2.0 */
/* Where a connector's spec is: with its plugin, or in tests/data/spec while there is no plugin. */
#ifndef LH_TESTS_SPEC_FILE_H
#define LH_TESTS_SPEC_FILE_H

#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

static inline char *spec_file(const char *connector)
{
    const char *top = getenv("srcdir");
    char *path = lh_xasprintf("%s/plugins/%s/spec.json", top ? top : ".", connector);

    if (access(path, R_OK) == 0)
        return path;
    free(path);
    return lh_xasprintf("%s/tests/data/spec/%s.json", top ? top : ".", connector);
}

#endif
