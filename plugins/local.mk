# SPDX-License-Identifier: Apache-2.0
# The connectors that ship with lakehost: one folder, one shared object each.
#
# They are installed into $(libdir)/lakehost/connectors-1; the 1 is the interface's major. They are
# built as anybody's are: ISO C, the SDK's headers, nothing of the host, one exported symbol.
connectordir = $(libdir)/lakehost/connectors-1
connector_LTLIBRARIES = \
	plugins/airtable/airtable.la \
	plugins/example/example.la \
	plugins/github/github.la \
	plugins/hubspot/hubspot.la \
	plugins/osipi/osipi.la \
	plugins/zendesk/zendesk.la

PLUGIN_CPPFLAGS = -I$(top_srcdir)/sdk/include
PLUGIN_CFLAGS = -std=c99 -pedantic -fvisibility=hidden $(WARN_CFLAGS) $(HARD_CFLAGS) $(SAN_FLAGS)
PLUGIN_LDFLAGS = -module -avoid-version -shared -export-symbols-regex '^lh_connector_entry_v0$$' \
	-Wl,-z,now -Wl,-z,noexecstack $(AM_LDFLAGS)
# Under sanitizers the program brings the run-time library's symbols.
if !WITH_SANITIZERS
PLUGIN_LDFLAGS += -Wl,-z,defs
endif

# The spec of each as an include; the folder's objects wait for it.
SPEC_INC = $(AM_V_GEN)$(MKDIR_P) $(@D) && LC_ALL=C $(AWK) -f $(top_srcdir)/sdk/mk/spec.awk
plugin_specs = \
	plugins/airtable/spec.inc \
	plugins/example/spec.inc \
	plugins/github/spec.inc \
	plugins/hubspot/spec.inc \
	plugins/osipi/spec.inc \
	plugins/zendesk/spec.inc
CLEANFILES += $(plugin_specs)

plugins_airtable_airtable_la_SOURCES = plugins/airtable/airtable.c plugins/airtable/airtable.h \
	plugins/airtable/bases.c plugins/airtable/names.c plugins/airtable/place.c \
	plugins/airtable/read.c plugins/airtable/schema.c plugins/airtable/seen.c \
	plugins/airtable/types.c
plugins_airtable_airtable_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Iplugins/airtable
plugins_airtable_airtable_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_airtable_airtable_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_airtable_airtable_la_LIBADD =
EXTRA_DIST += plugins/airtable/spec.json plugins/airtable/README.md
$(plugins_airtable_airtable_la_OBJECTS): plugins/airtable/spec.inc
plugins/airtable/spec.inc: $(srcdir)/plugins/airtable/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/plugins/airtable/spec.json >$@.tmp && mv $@.tmp $@

plugins_example_example_la_SOURCES = \
	plugins/example/example.c plugins/example/remote.c plugins/example/remote.h
plugins_example_example_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Iplugins/example
plugins_example_example_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_example_example_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_example_example_la_LIBADD =
EXTRA_DIST += plugins/example/spec.json plugins/example/README.md
$(plugins_example_example_la_OBJECTS): plugins/example/spec.inc
plugins/example/spec.inc: $(srcdir)/plugins/example/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/plugins/example/spec.json >$@.tmp && mv $@.tmp $@

plugins_hubspot_hubspot_la_SOURCES = plugins/hubspot/hubspot.c plugins/hubspot/hubspot.h \
	plugins/hubspot/objects.c plugins/hubspot/place.c plugins/hubspot/read.c \
	plugins/hubspot/records.c
plugins_hubspot_hubspot_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Iplugins/hubspot
plugins_hubspot_hubspot_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_hubspot_hubspot_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_hubspot_hubspot_la_LIBADD =
EXTRA_DIST += plugins/hubspot/spec.json plugins/hubspot/README.md
$(plugins_hubspot_hubspot_la_OBJECTS): plugins/hubspot/spec.inc
plugins/hubspot/spec.inc: $(srcdir)/plugins/hubspot/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/plugins/hubspot/spec.json >$@.tmp && mv $@.tmp $@

plugins_zendesk_zendesk_la_SOURCES = \
	plugins/zendesk/zendesk.c plugins/zendesk/tables.c plugins/zendesk/tables.h
plugins_zendesk_zendesk_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Iplugins/zendesk
plugins_zendesk_zendesk_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_zendesk_zendesk_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_zendesk_zendesk_la_LIBADD =
EXTRA_DIST += plugins/zendesk/spec.json plugins/zendesk/README.md
$(plugins_zendesk_zendesk_la_OBJECTS): plugins/zendesk/spec.inc
plugins/zendesk/spec.inc: $(srcdir)/plugins/zendesk/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/plugins/zendesk/spec.json >$@.tmp && mv $@.tmp $@
plugins_github_github_la_SOURCES = plugins/github/commits.c plugins/github/github.c \
	plugins/github/github.h plugins/github/lists.c plugins/github/offset.c plugins/github/pulls.c \
	plugins/github/repos.c plugins/github/request.c plugins/github/tables.c \
	plugins/github/tables.h plugins/github/updates.c
plugins_github_github_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Iplugins/github
plugins_github_github_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_github_github_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_github_github_la_LIBADD =
EXTRA_DIST += plugins/github/spec.json plugins/github/README.md
$(plugins_github_github_la_OBJECTS): plugins/github/spec.inc
plugins/github/spec.inc: $(srcdir)/plugins/github/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/plugins/github/spec.json >$@.tmp && mv $@.tmp $@

plugins_osipi_osipi_la_SOURCES = \
	plugins/osipi/ask.c plugins/osipi/frames.c plugins/osipi/lists.c plugins/osipi/osipi.c \
	plugins/osipi/osipi.h plugins/osipi/query.c plugins/osipi/row.c plugins/osipi/series.c \
	plugins/osipi/tables.c plugins/osipi/tables.h plugins/osipi/tables-assets.c \
	plugins/osipi/tables-discovery.c plugins/osipi/tables-frames.c plugins/osipi/tables-series.c \
	plugins/osipi/tags.c plugins/osipi/text.c plugins/osipi/time.c plugins/osipi/walk.c
plugins_osipi_osipi_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Iplugins/osipi
plugins_osipi_osipi_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_osipi_osipi_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_osipi_osipi_la_LIBADD =
EXTRA_DIST += plugins/osipi/spec.json plugins/osipi/README.md
$(plugins_osipi_osipi_la_OBJECTS): plugins/osipi/spec.inc
plugins/osipi/spec.inc: $(srcdir)/plugins/osipi/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/plugins/osipi/spec.json >$@.tmp && mv $@.tmp $@

# Connectors are opened by path: nobody wants libtool's notes about them. The host refuses a folder
# that others can write to, whatever the umask was.
install-data-hook:
	chmod go-w "$(DESTDIR)$(connectordir)"
	for la in $(connector_LTLIBRARIES); do \
		rm -f "$(DESTDIR)$(connectordir)/$${la##*/}"; \
	done
uninstall-hook:
	for la in $(connector_LTLIBRARIES); do \
		name=$${la##*/}; rm -f "$(DESTDIR)$(connectordir)/$${name%.la}.so"; \
	done

# What the build tree's ./lakehost uses: copies of the built ones, which nobody but their owner can
# write to whatever the umask is; the host refuses anything else, links too.
noinst_DATA = connectors-1/stamp
connectors-1/stamp: $(connector_LTLIBRARIES)
	$(AM_V_GEN)$(MKDIR_P) connectors-1 && chmod 755 connectors-1 && for la in $^; do \
		name=$$(basename "$$la" .la) && \
		$(INSTALL) -m 755 "$$(dirname "$$la")/.libs/$$name.so" "connectors-1/$$name.so" || exit 1; \
	done
	@touch $@
CLEANFILES += connectors-1/*.so connectors-1/stamp

# --enable-static-connectors: each once more, linked into the program. libtool preopens no
# convenience library, and what has an -rpath is none.
if WITH_STATIC_CONNECTORS
static_connectors = \
	plugins/static/airtable.la \
	plugins/static/example.la \
	plugins/static/github.la \
	plugins/static/hubspot.la \
	plugins/static/osipi.la \
	plugins/static/zendesk.la
noinst_LTLIBRARIES += $(static_connectors)
STATIC_LDFLAGS = -module -avoid-version -static -rpath /nowhere
plugins_static_airtable_la_SOURCES = $(plugins_airtable_airtable_la_SOURCES)
plugins_static_airtable_la_CPPFLAGS = $(plugins_airtable_airtable_la_CPPFLAGS) -DLH_STATIC_NAME=airtable
plugins_static_airtable_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_static_airtable_la_LDFLAGS = $(STATIC_LDFLAGS)
$(plugins_static_airtable_la_OBJECTS): plugins/airtable/spec.inc
plugins_static_example_la_SOURCES = $(plugins_example_example_la_SOURCES)
plugins_static_example_la_CPPFLAGS = $(plugins_example_example_la_CPPFLAGS) -DLH_STATIC_NAME=example
plugins_static_example_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_static_example_la_LDFLAGS = $(STATIC_LDFLAGS)
$(plugins_static_example_la_OBJECTS): plugins/example/spec.inc
plugins_static_github_la_SOURCES = $(plugins_github_github_la_SOURCES)
plugins_static_github_la_CPPFLAGS = $(plugins_github_github_la_CPPFLAGS) -DLH_STATIC_NAME=github
plugins_static_github_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_static_github_la_LDFLAGS = $(STATIC_LDFLAGS)
$(plugins_static_github_la_OBJECTS): plugins/github/spec.inc
plugins_static_hubspot_la_SOURCES = $(plugins_hubspot_hubspot_la_SOURCES)
plugins_static_hubspot_la_CPPFLAGS = $(plugins_hubspot_hubspot_la_CPPFLAGS) -DLH_STATIC_NAME=hubspot
plugins_static_hubspot_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_static_hubspot_la_LDFLAGS = $(STATIC_LDFLAGS)
$(plugins_static_hubspot_la_OBJECTS): plugins/hubspot/spec.inc
plugins_static_osipi_la_SOURCES = $(plugins_osipi_osipi_la_SOURCES)
plugins_static_osipi_la_CPPFLAGS = $(plugins_osipi_osipi_la_CPPFLAGS) -DLH_STATIC_NAME=osipi
plugins_static_osipi_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_static_osipi_la_LDFLAGS = $(STATIC_LDFLAGS)
$(plugins_static_osipi_la_OBJECTS): plugins/osipi/spec.inc
plugins_static_zendesk_la_SOURCES = $(plugins_zendesk_zendesk_la_SOURCES)
plugins_static_zendesk_la_CPPFLAGS = $(plugins_zendesk_zendesk_la_CPPFLAGS) -DLH_STATIC_NAME=zendesk
plugins_static_zendesk_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_static_zendesk_la_LDFLAGS = $(STATIC_LDFLAGS)
$(plugins_static_zendesk_la_OBJECTS): plugins/zendesk/spec.inc
host_lakehost_LDFLAGS = $(AM_LDFLAGS) \
	-dlpreopen plugins/static/airtable.la \
	-dlpreopen plugins/static/example.la \
	-dlpreopen plugins/static/github.la \
	-dlpreopen plugins/static/hubspot.la \
	-dlpreopen plugins/static/osipi.la \
	-dlpreopen plugins/static/zendesk.la
host_lakehost_DEPENDENCIES = $(LDADD) $(static_connectors)
host_worker_lakehost_worker_LDFLAGS = $(host_lakehost_LDFLAGS)
host_worker_lakehost_worker_DEPENDENCIES = host/liblakehost-core.la $(static_connectors)
endif
