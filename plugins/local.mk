# SPDX-License-Identifier: Apache-2.0
# The connectors that ship with lakehost: one folder, one shared object each.
#
# They are installed into $(libdir)/lakehost/connectors-1; the 1 is the interface's major.
connectordir = $(libdir)/lakehost/connectors-1
