# SPDX-License-Identifier: Apache-2.0
# What is installed as data: the bundled default configuration, and presets.
dist_pkgdata_DATA += templates/default_config.yaml

# Presets: manifests by connector. Those of these connectors are made out of their specs.
made_presets = github hubspot osipi zendesk

preset_data = \
	templates/presets/airtable/README.md \
	templates/presets/airtable/category_prefix_map.json \
	templates/presets/airtable/preset_all_tables.csv \
	templates/presets/airtable/preset_by_category_and_ingestion.csv \
	templates/presets/airtable/preset_by_ingestion_type.csv \
	templates/presets/github/README.md \
	templates/presets/github/category_prefix_map.json \
	templates/presets/github/preset_all_tables.csv \
	templates/presets/github/preset_by_category_and_ingestion.csv \
	templates/presets/github/preset_by_ingestion_type.csv \
	templates/presets/hubspot/README.md \
	templates/presets/hubspot/category_prefix_map.json \
	templates/presets/hubspot/preset_all_tables.csv \
	templates/presets/hubspot/preset_by_category_and_ingestion.csv \
	templates/presets/hubspot/preset_by_ingestion_type.csv \
	templates/presets/osipi/README.md \
	templates/presets/osipi/preset_all_tables.csv \
	templates/presets/osipi/preset_by_category_and_ingestion.csv \
	templates/presets/osipi/preset_by_ingestion_type.csv \
	templates/presets/zendesk/README.md \
	templates/presets/zendesk/preset_all_tables.csv \
	templates/presets/zendesk/preset_by_category_and_ingestion.csv \
	templates/presets/zendesk/preset_by_ingestion_type.csv \
	templates/presets/zoho_crm/README.md \
	templates/presets/zoho_crm/preset_all_tables.csv \
	templates/presets/zoho_crm/preset_by_category_and_ingestion.csv \
	templates/presets/zoho_crm/preset_by_ingestion_type.csv
EXTRA_DIST += $(preset_data) templates/presets/README.md

# Each into the folder of its connector, below presets/.
install-data-local:
	@for file in $(preset_data); do \
		to='$(DESTDIR)$(pkgdatadir)'/`echo "$$file" | $(SED) 's|^templates/||'`; \
		from=$$file; test -f "$$from" || from='$(srcdir)'/$$file; \
		$(MKDIR_P) "`dirname "$$to"`" && $(INSTALL_DATA) "$$from" "$$to" || exit 1; \
	done

uninstall-local:
	@for file in $(preset_data); do \
		rm -f '$(DESTDIR)$(pkgdatadir)'/`echo "$$file" | $(SED) 's|^templates/||'` || exit 1; \
	done

check_PROGRAMS += templates/presets/make-presets

# Writes them again, into the source tree, when a connector's tables have changed.
presets: templates/presets/make-presets
	templates/presets/make-presets '$(srcdir)/plugins' '$(srcdir)/templates/presets' $(made_presets)
.PHONY: presets
# What is installed as data: templates and the bundled default configuration.
dist_pkgdata_DATA += templates/connector_configs.json
ingest_templatesdir = $(pkgdatadir)/ingest
dist_ingest_templates_DATA = \
	templates/ingest/classic.py \
	templates/ingest/package.py \
	templates/ingest/spec.py
notebook_templatesdir = $(pkgdatadir)/notebook
dist_notebook_templates_DATA = templates/notebook/dlt.py
sdp_templatesdir = $(pkgdatadir)/sdp
dist_sdp_templates_DATA = templates/sdp/entry.py
EXTRA_DIST += templates/README.md
