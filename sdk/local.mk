# SPDX-License-Identifier: Apache-2.0
# What third parties compile against.

lakehostincludedir = $(includedir)/lakehost
dist_lakehostinclude_HEADERS = \
	sdk/include/lakehost/connector.h \
	sdk/include/lakehost/sdk.h
