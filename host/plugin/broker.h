/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connectors in processes of their own: the host's end. The broker fills a table as a connector
 * would and plays the connector for the service object: each slot sends the call to a worker and
 * executes what comes back through the services themselves, so every rule is enforced and worded
 * once, and both modes give the same.
 *
 * One worker is one instance. A worker that dies is started again, once at each place.
 */
#ifndef LH_PLUGIN_BROKER_H
#define LH_PLUGIN_BROKER_H

#include "plugin/plugin.h"

struct lh_broker;

/*
 * Starts the first worker and lets it load the connector: fd is the file that was checked (-1:
 * built in), info what is known of it. host, log and settings must live longer. ret_table has the
 * slots that the connector has. LH_BAD_PLUGIN as lh_image_load and lh_connector_accept, or when the
 * process does not live up to it.
 */
int lh_broker_start(const struct lh_isolation *settings, const struct lh_plugin_info *info, int fd,
                    const struct lh_host *host, struct lh_log *log, struct lh_broker **ret,
                    struct lh_connector *ret_table, struct lh_error *e);
void lh_broker_destroy(struct lh_broker *broker);
LH_AUTOPTR(lh_broker, lh_broker_destroy)

/*
 * Starts a worker that loads nothing, and ends it: whether the program is there, runs and is of
 * this build. LH_NOT_FOUND, LH_BAD_PLUGIN or LH_FAILED with the reason and what to do.
 */
int lh_broker_try(const struct lh_isolation *settings, struct lh_log *log, struct lh_error *e);

/* What a build with sanitizers goes without, for the note at each load and for doctor. */
#define LH_SANITIZERS_LEAVE_OFF                                                                    \
    "this build has sanitizers and leaves off the bound on a connector's memory, the search for "  \
    "leaks in its process, and the hiding of the host's own memory"

#endif
