# SPDX-License-Identifier: Apache-2.0
# What third parties compile against: headers, and the awk program that puts a spec into them.

lakehostincludedir = $(includedir)/lakehost
dist_lakehostinclude_HEADERS = \
	sdk/include/lakehost/connector.h \
	sdk/include/lakehost/note.h \
	sdk/include/lakehost/sdk.h

sdkdir = $(pkgdatadir)/sdk
dist_sdk_DATA = sdk/mk/spec.awk

# pkg-config lakehost-connector: flags and folders; there is nothing to link with.
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = sdk/lakehost-connector.pc
CLEANFILES += $(pkgconfig_DATA)
EXTRA_DIST += sdk/lakehost-connector.pc.in sdk/ABI-CHANGES.md

sdk/lakehost-connector.pc: $(srcdir)/sdk/lakehost-connector.pc.in Makefile
	$(AM_V_GEN)$(MKDIR_P) sdk && $(SED) -e 's|@prefix[@]|$(prefix)|' \
		-e 's|@includedir[@]|$(includedir)|' -e 's|@libdir[@]|$(libdir)|' \
		-e 's|@connectordir[@]|$(connectordir)|' -e 's|@sdkdir[@]|$(sdkdir)|' \
		-e 's|@PACKAGE_VERSION[@]|$(PACKAGE_VERSION)|' \
		-e '/^[a-z]*dir=/s|=$(prefix)/|=$${prefix}/|' \
		$(srcdir)/sdk/lakehost-connector.pc.in >$@
