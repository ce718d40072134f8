/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is wrong with it. Its constructor leaves a mark, to show when its code was run. */
#include "load.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

NOTE(note, SPEC("good"));
static const struct lh_connector table = {LH_CONNECTOR_HEAD, REST("good", SPEC("good"))};
ENTRY(LH_ENTRY, &table)

__attribute__((constructor)) static void leave_mark(void)
{
    const char *path = getenv("LH_TEST_MARK");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;

    if (fd >= 0)
        close(fd);
}
