/* SPDX-License-Identifier: Apache-2.0 */
/* Connectors that are linked into the program; without them there are none. */
#include "config.h"

#include "plugin/internal.h"

int lh_plugin_static_list(struct lh_plugin_info **list, size_t *n, struct lh_error *e)
{
    (void)list;
    (void)n;
    (void)e;
    return 0;
}

int lh_plugin_static_entry(const char *name, lh_plugin_entry **ret, struct lh_error *e)
{
    *ret = NULL;
    return lh_error_set(e, LH_BAD_PLUGIN, "connector %s: none is built into this program", name);
}
