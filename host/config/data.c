/* SPDX-License-Identifier: Apache-2.0 */
/* Where the data files are. */
#include "config.h"

#include "config/data.h"

#include "base/mem.h"
#include <stdlib.h>

const char *lh_data_folder(void)
{
    const char *folder = secure_getenv("LAKEHOST_PKGDATADIR");

    return folder && *folder ? folder : LH_PKGDATADIR;
}

char *lh_data_path(const char *name)
{
    return lh_xasprintf("%s/%s", lh_data_folder(), name);
}
