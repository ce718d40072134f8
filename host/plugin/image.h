/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of a connector: the only place where its code is let into a process, the host's own or
 * a worker's. Everything that can be asked of a file without running it was asked before; what was
 * asked is what is loaded, through the descriptor that was hashed.
 */
#ifndef LH_PLUGIN_IMAGE_H
#define LH_PLUGIN_IMAGE_H

#include "base/error.h"

#include <lakehost/connector.h>

/* The entry function's name, from the macro that connectors export it by. */
#define LH_PLUGIN_STRING_(x) #x
#define LH_PLUGIN_STRING(x)  LH_PLUGIN_STRING_(x)
#define LH_PLUGIN_ENTRY      LH_PLUGIN_STRING(LH_ENTRY)

typedef const struct lh_connector *lh_plugin_entry(const struct lh_host *);

/*
 * Loads the file behind fd, for good: images are not unloaded. path is for messages, sha256 (hex)
 * tells files apart. LH_BAD_PLUGIN with the dynamic linker's words.
 */
int lh_image_load(int fd, const char *path, const char *sha256, lh_plugin_entry **ret,
                  struct lh_error *e);

/* The entry function of a connector that is linked into the program. */
int lh_plugin_static_entry(const char *name, lh_plugin_entry **ret, struct lh_error *e);

/*
 * The acceptance of a table that a connector returned (rule 2 of connector.h): major, needs_minor,
 * size, required slots, must-understand flags, name. ret gets the copy. LH_BAD_PLUGIN names the
 * rule, what was expected and what was found.
 */
int lh_connector_accept(const struct lh_connector *theirs, struct lh_connector *ret,
                        struct lh_error *e);

#endif
