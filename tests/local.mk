# SPDX-License-Identifier: Apache-2.0
# Tests, fuzz targets, benchmarks. Everything speaks TAP.
#
#   make check            all of it; a line for each file, failures in full; V=1: all points
#   make check-valgrind   the same under valgrind; VALGRIND_EVERY=N: each Nth command of the scripts
#   make check-long       what takes longer than a build should wait for
#   make check-third-party  what needs the npm registry, and 200 MB for half a minute
#   make bench            measurements; prints ratios, asserts nothing

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' TAP_VERBOSE='$(V)' \
	$(SHELL) $(top_srcdir)/tests/tap-quiet.sh $(SHELL) $(top_srcdir)/m4/aux/tap-driver.sh
TEST_EXTENSIONS = .sh .py
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = $(PYTHON)
# Test programs run below this; check-valgrind sets it.
TEST_WRAPPER =
LOG_COMPILER = $(TEST_WRAPPER)
AM_TESTS_ENVIRONMENT = \
	LAKEHOST='$(abs_top_builddir)/lakehost'; export LAKEHOST; \
	srcdir='$(srcdir)'; export srcdir; \
	LOAD_CONNECTORS='$(abs_builddir)/tests/conform/load'; export LOAD_CONNECTORS; \
	MAN_PAGES='$(man_pages)'; export MAN_PAGES; \
	MAN_FOLDER='$(abs_builddir)/host/man'; export MAN_FOLDER; \
	PYTHON='$(PYTHON)'; export PYTHON; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	LC_ALL=C.UTF-8; export LC_ALL;

# One C file each, named like the module: tests/unit/test-buf.c.
unit_tests = \
	tests/unit/test-accept \
	tests/sdk/sketch-airtable \
	tests/sdk/sketch-github \
	tests/sdk/sketch-hubspot \
	tests/sdk/sketch-osipi \
	tests/sdk/sketch-zendesk \
	tests/sdk/test-abi \
	tests/sdk/test-airtable \
	tests/sdk/test-example \
	tests/sdk/test-hubspot \
	tests/sdk/test-github \
	tests/sdk/test-sdk \
	tests/sdk/test-osipi \
	tests/sdk/test-zendesk \
	tests/unit/test-arena \
	tests/unit/test-base64 \
	tests/unit/test-buf \
	tests/unit/test-channel \
	tests/unit/test-catalog \
	tests/unit/test-catalog-diff \
	tests/unit/test-classify \
	tests/unit/test-coerce \
	tests/unit/test-document \
	tests/unit/test-elf \
	tests/unit/test-error \
	tests/unit/test-file \
	tests/unit/test-file-lock \
	tests/unit/test-findings \
	tests/unit/test-glob \
	tests/unit/test-group \
	tests/unit/test-http \
	tests/unit/test-http-bucket \
	tests/unit/test-http-hash \
	tests/unit/test-http-headers \
	tests/unit/test-http-record \
	tests/unit/test-http-rules \
	tests/unit/test-http-sign-in \
	tests/unit/test-json-out \
	tests/unit/test-json-portable \
	tests/unit/test-json-hollow \
	tests/unit/test-json-scan \
	tests/unit/test-json-value \
	tests/unit/test-json-write \
	tests/unit/test-lockdown \
	tests/unit/test-log \
	tests/unit/test-manifest \
	tests/unit/test-map \
	tests/unit/test-nearest \
	tests/unit/test-number \
	tests/unit/test-opts \
	tests/unit/test-plugin \
	tests/unit/test-pool \
	tests/unit/test-schedule \
	tests/unit/test-schema \
	tests/unit/test-service \
	tests/unit/test-service-rules \
	tests/unit/test-signal \
	tests/unit/test-slug \
	tests/unit/test-spec \
	tests/unit/test-static \
	tests/unit/test-template \
	tests/unit/test-tree \
	tests/unit/test-utf8 \
	tests/unit/test-worker \
	tests/unit/test-workspace-auth \
	tests/unit/test-workspace-profiles \
	tests/unit/test-workspace-signer \
	tests/unit/test-workspace-trouble \
	tests/unit/test-yaml-read \
	tests/unit/test-yaml-write

# Connectors for the tests, each wrong in one way that shows before or while it is loaded.
load_connectors = \
	tests/conform/load/bad_spec.la \
	tests/conform/load/good.la \
	tests/conform/load/missing_slot.la \
	tests/conform/load/name_mismatch.la \
	tests/conform/load/needs_minor.la \
	tests/conform/load/no_entry.la \
	tests/conform/load/no_note.la \
	tests/conform/load/null_table.la \
	tests/conform/load/other_name.la \
	tests/conform/load/other_spec.la \
	tests/conform/load/other_version.la \
	tests/conform/load/short_struct.la \
	tests/conform/load/two_notes.la \
	tests/conform/load/undefined.la \
	tests/conform/load/wrong_major.la

tests_conform_load_bad_spec_la_SOURCES = tests/conform/load/bad_spec.c
tests_conform_load_bad_spec_la_LDFLAGS = $(module_ldflags)
tests_conform_load_good_la_SOURCES = tests/conform/load/good.c
tests_conform_load_good_la_LDFLAGS = $(module_ldflags)
tests_conform_load_missing_slot_la_SOURCES = tests/conform/load/missing_slot.c
tests_conform_load_missing_slot_la_LDFLAGS = $(module_ldflags)
tests_conform_load_name_mismatch_la_SOURCES = tests/conform/load/name_mismatch.c
tests_conform_load_name_mismatch_la_LDFLAGS = $(module_ldflags)
tests_conform_load_needs_minor_la_SOURCES = tests/conform/load/needs_minor.c
tests_conform_load_needs_minor_la_LDFLAGS = $(module_ldflags)
tests_conform_load_no_entry_la_SOURCES = tests/conform/load/no_entry.c
tests_conform_load_no_entry_la_LDFLAGS = $(module_ldflags)
tests_conform_load_no_note_la_SOURCES = tests/conform/load/no_note.c
tests_conform_load_no_note_la_LDFLAGS = $(module_ldflags)
tests_conform_load_null_table_la_SOURCES = tests/conform/load/null_table.c
tests_conform_load_null_table_la_LDFLAGS = $(module_ldflags)
tests_conform_load_other_name_la_SOURCES = tests/conform/load/other_name.c
tests_conform_load_other_name_la_LDFLAGS = $(module_ldflags)
tests_conform_load_other_spec_la_SOURCES = tests/conform/load/other_spec.c
tests_conform_load_other_spec_la_LDFLAGS = $(module_ldflags)
tests_conform_load_other_version_la_SOURCES = tests/conform/load/other_version.c
tests_conform_load_other_version_la_LDFLAGS = $(module_ldflags)
tests_conform_load_short_struct_la_SOURCES = tests/conform/load/short_struct.c
tests_conform_load_short_struct_la_LDFLAGS = $(module_ldflags)
tests_conform_load_two_notes_la_SOURCES = tests/conform/load/two_notes.c
tests_conform_load_two_notes_la_LDFLAGS = $(module_ldflags)
tests_conform_load_undefined_la_SOURCES = tests/conform/load/undefined.c
tests_conform_load_undefined_la_LDFLAGS = $(module_ldflags)
tests_conform_load_wrong_major_la_SOURCES = tests/conform/load/wrong_major.c
tests_conform_load_wrong_major_la_LDFLAGS = $(module_ldflags)

check_LTLIBRARIES += $(load_connectors)

# Two of them once more, linked into a program (test-static). libtool preopens no convenience
# library, and what has an -rpath is none.
static_test_connectors = tests/conform/load/static/good.la tests/conform/load/static/null_table.la
check_LTLIBRARIES += $(static_test_connectors)
static_ldflags = -module -avoid-version -static -rpath /nowhere
tests_conform_load_static_good_la_SOURCES = tests/conform/load/good.c
tests_conform_load_static_good_la_CPPFLAGS = $(AM_CPPFLAGS) -DLH_STATIC_NAME=good
tests_conform_load_static_good_la_LDFLAGS = $(static_ldflags)
tests_conform_load_static_null_table_la_SOURCES = tests/conform/load/null_table.c
tests_conform_load_static_null_table_la_CPPFLAGS = $(AM_CPPFLAGS) -DLH_STATIC_NAME=null_table
tests_conform_load_static_null_table_la_LDFLAGS = $(static_ldflags)
tests_unit_test_static_LDFLAGS = $(AM_LDFLAGS) \
	-dlpreopen tests/conform/load/static/good.la -dlpreopen tests/conform/load/static/null_table.la
tests_unit_test_static_DEPENDENCIES = $(LDADD) $(static_test_connectors)
# -rpath makes libtool build a shared object of what is not installed.
module_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
EXTRA_DIST += tests/conform/load/load.h
# What a connector can be tested with: a host of tables and lists.
fake_host = tests/sdk/fake_host.c tests/sdk/fake_host.h
tests_sdk_sketch_airtable_SOURCES = tests/sdk/sketch-airtable.c $(fake_host)
tests_sdk_sketch_github_SOURCES = tests/sdk/sketch-github.c $(fake_host)
tests_sdk_sketch_hubspot_SOURCES = tests/sdk/sketch-hubspot.c $(fake_host)
tests_sdk_sketch_osipi_SOURCES = tests/sdk/sketch-osipi.c $(fake_host)
tests_sdk_sketch_zendesk_SOURCES = tests/sdk/sketch-zendesk.c $(fake_host)
tests_sdk_test_airtable_SOURCES = tests/sdk/test-airtable.c $(fake_host) \
	$(plugins_airtable_airtable_la_SOURCES)
tests_sdk_test_airtable_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/airtable -Iplugins/airtable
$(tests_sdk_test_airtable_OBJECTS): plugins/airtable/spec.inc
tests_sdk_test_example_SOURCES = tests/sdk/test-example.c $(fake_host) \
	$(plugins_example_example_la_SOURCES)
tests_sdk_test_example_CPPFLAGS = $(AM_CPPFLAGS) -Iplugins/example
$(tests_sdk_test_example_OBJECTS): plugins/example/spec.inc
tests_sdk_test_hubspot_SOURCES = tests/sdk/test-hubspot.c $(fake_host) \
	$(plugins_hubspot_hubspot_la_SOURCES)
tests_sdk_test_hubspot_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/hubspot -Iplugins/hubspot
$(tests_sdk_test_hubspot_OBJECTS): plugins/hubspot/spec.inc
tests_sdk_test_github_SOURCES = tests/sdk/test-github.c $(fake_host) \
	$(plugins_github_github_la_SOURCES)
tests_sdk_test_github_CPPFLAGS = $(AM_CPPFLAGS) -Iplugins/github
$(tests_sdk_test_github_OBJECTS): plugins/github/spec.inc
tests_sdk_test_osipi_SOURCES = tests/sdk/test-osipi.c $(fake_host) $(plugins_osipi_osipi_la_SOURCES)
tests_sdk_test_osipi_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/osipi -Iplugins/osipi
$(tests_sdk_test_osipi_OBJECTS): plugins/osipi/spec.inc
tests_sdk_test_sdk_SOURCES = tests/sdk/test-sdk.c $(fake_host)
tests_sdk_test_zendesk_SOURCES = tests/sdk/test-zendesk.c $(fake_host) \
	$(plugins_zendesk_zendesk_la_SOURCES)
tests_sdk_test_zendesk_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/zendesk -Iplugins/zendesk
$(tests_sdk_test_zendesk_OBJECTS): plugins/zendesk/spec.inc

# What test-lockdown loads between the two steps; lockdown_cxx.cc it compiles itself.
check_LTLIBRARIES += tests/unit/lockdown_module.la
tests_unit_lockdown_module_la_SOURCES = tests/unit/lockdown_module.c
tests_unit_lockdown_module_la_LDFLAGS = $(module_ldflags)
tests_unit_test_lockdown_CPPFLAGS = $(AM_CPPFLAGS) \
	-DLOCKDOWN_MODULE='"$(abs_builddir)/tests/unit/.libs/lockdown_module.so"'
EXTRA_DIST += tests/unit/lockdown_attempts.h tests/unit/lockdown_cxx.cc

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

# A connector that breaks the rules, built as any other; tests/system/conform.sh says what comes
# of it. No -rpath, no shared object: libtool makes convenience libraries without one.
check_LTLIBRARIES += tests/conform/misbehave.la
tests_conform_misbehave_la_SOURCES = tests/conform/misbehave.c
tests_conform_misbehave_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Itests/conform
tests_conform_misbehave_la_CFLAGS = $(PLUGIN_CFLAGS)
tests_conform_misbehave_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_misbehave_la_OBJECTS): tests/conform/spec.inc
tests/conform/spec.inc: $(srcdir)/tests/conform/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/spec.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/spec.inc
EXTRA_DIST += tests/conform/spec.json

# And one that says the user's secrets (tests/system/secrets.sh).
check_LTLIBRARIES += tests/conform/leaky.la
tests_conform_leaky_la_SOURCES = tests/conform/leaky/leaky.c
tests_conform_leaky_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Itests/conform/leaky
tests_conform_leaky_la_CFLAGS = $(PLUGIN_CFLAGS)
tests_conform_leaky_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_leaky_la_OBJECTS): tests/conform/leaky/spec.inc
tests/conform/leaky/spec.inc: $(srcdir)/tests/conform/leaky/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/leaky/spec.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/leaky/spec.inc
EXTRA_DIST += tests/conform/leaky/spec.json
# One that attacks the host; tests/system/hostile.sh. It speaks to the kernel: not ISO C.
check_LTLIBRARIES += tests/conform/hostile.la
tests_conform_hostile_la_SOURCES = tests/conform/hostile.c
tests_conform_hostile_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Itests/conform
tests_conform_hostile_la_CFLAGS = $(PLUGIN_CFLAGS) -std=gnu99
tests_conform_hostile_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_hostile_la_OBJECTS): tests/conform/hostile.inc
tests/conform/hostile.inc: $(srcdir)/tests/conform/hostile.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/hostile.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/hostile.inc
EXTRA_DIST += tests/conform/hostile.json

# One that no host survives in its own process, and again with a constructor that crashes;
# tests/system/worker.sh. It knows the frames, to forge them.
unruly = tests/conform/unruly.la tests/conform/unruly_early.la
check_LTLIBRARIES += $(unruly)
UNRULY_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Itests/conform -I$(top_srcdir)/host
UNRULY_CFLAGS = $(PLUGIN_CFLAGS) -std=gnu99
tests_conform_unruly_la_SOURCES = tests/conform/unruly.c
tests_conform_unruly_la_CPPFLAGS = $(UNRULY_CPPFLAGS)
tests_conform_unruly_la_CFLAGS = $(UNRULY_CFLAGS)
tests_conform_unruly_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
tests_conform_unruly_early_la_SOURCES = tests/conform/unruly.c
tests_conform_unruly_early_la_CPPFLAGS = $(UNRULY_CPPFLAGS) -DEARLY
tests_conform_unruly_early_la_CFLAGS = $(UNRULY_CFLAGS)
tests_conform_unruly_early_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_unruly_la_OBJECTS) $(tests_conform_unruly_early_la_OBJECTS): \
	tests/conform/unruly.inc
tests/conform/unruly.inc: $(srcdir)/tests/conform/unruly.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/unruly.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/unruly.inc
EXTRA_DIST += tests/conform/unruly.json

# One that asks for pages, of a host that has some: tests/unit/test-worker.c, bench-worker.
check_LTLIBRARIES += tests/conform/pages.la
tests_conform_pages_la_SOURCES = tests/conform/pages.c
tests_conform_pages_la_CPPFLAGS = $(UNRULY_CPPFLAGS)
tests_conform_pages_la_CFLAGS = $(UNRULY_CFLAGS)
tests_conform_pages_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_pages_la_OBJECTS): tests/conform/pages.inc
tests/conform/pages.inc: $(srcdir)/tests/conform/pages.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/pages.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/pages.inc
EXTRA_DIST += tests/conform/pages.json
# A connector that asks what the tests of HTTP want asked (tests/system/http.sh).
check_LTLIBRARIES += tests/conform/web/web.la
tests_conform_web_web_la_SOURCES = tests/conform/web/web.c
tests_conform_web_web_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Itests/conform/web
tests_conform_web_web_la_CFLAGS = $(PLUGIN_CFLAGS)
tests_conform_web_web_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_web_web_la_OBJECTS): tests/conform/web/spec.inc
tests/conform/web/spec.inc: $(srcdir)/tests/conform/web/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/web/spec.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/web/spec.inc
EXTRA_DIST += tests/conform/web/spec.json

# And one with partitions of every kind (tests/system/jobs.sh).
check_LTLIBRARIES += tests/conform/parts.la
tests_conform_parts_la_SOURCES = tests/conform/parts/parts.c
tests_conform_parts_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -Itests/conform/parts
tests_conform_parts_la_CFLAGS = $(PLUGIN_CFLAGS)
tests_conform_parts_la_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere
$(tests_conform_parts_la_OBJECTS): tests/conform/parts/spec.inc
tests/conform/parts/spec.inc: $(srcdir)/tests/conform/parts/spec.json $(top_srcdir)/sdk/mk/spec.awk
	$(SPEC_INC) $(srcdir)/tests/conform/parts/spec.json >$@.tmp && mv $@.tmp $@
CLEANFILES += tests/conform/parts/spec.inc
EXTRA_DIST += tests/conform/parts/spec.json

# Programs as a user runs them, and the house rules.
system_tests = \
	tests/lint/lint.sh \
	tests/sdk/headers.sh \
	tests/system/catalog-diff.sh \
	tests/system/cli.sh \
	tests/system/completion.sh \
	tests/system/config.sh \
	tests/system/conform.sh \
	tests/system/discover.sh \
	tests/system/doctor.sh \
	tests/system/airtable.sh \
	tests/system/explain.sh \
	tests/system/hostile.sh \
	tests/system/fakes.sh \
	tests/system/generate.sh \
	tests/system/generate-bundle.py \
	tests/system/generate-run.py \
	tests/system/github.sh \
	tests/system/group.sh \
	tests/system/http.sh \
	tests/system/jobs.sh \
	tests/system/hubspot.sh \
	tests/system/man.sh \
	tests/system/modes.sh \
	tests/system/network.sh \
	tests/system/plugin.sh \
	tests/system/plugin-readmes.sh \
	tests/system/plugin-static.sh \
	tests/system/preset.sh \
	tests/system/read.sh \
	tests/system/osipi.sh \
	tests/system/out-of-tree.sh \
	tests/system/readme.sh \
	tests/system/secrets.sh \
	tests/system/source.sh \
	tests/system/tap-quiet.sh \
	tests/system/validate.sh \
	tests/system/validate-generated.sh \
	tests/system/upload-dir.sh \
	tests/system/worker.sh \
	tests/system/workspace-auth.sh \
	tests/system/workspace-calls.sh \
	tests/system/workspace-options.sh \
	tests/system/zendesk.sh \
	tests/system/fake-workspace.py \
	tests/system/yaml-roundtrip.py

# What they need besides the program itself.
check_PROGRAMS += tests/system/yaml-tool tests/system/workspace-tool

TESTS += $(system_tests)

# Fuzz targets: ordinary tests over their seeds; real fuzzing with --enable-fuzzing. Each needs
# a line for its linker flags, and seeds in tests/data/fuzz/NAME.
fuzz_targets = \
	tests/fuzz/fuzz-broker \
	tests/fuzz/fuzz-catalog \
	tests/fuzz/fuzz-coerce \
	tests/fuzz/fuzz-ddl \
	tests/fuzz/fuzz-elf \
	tests/fuzz/fuzz-frames \
	tests/fuzz/fuzz-glob \
	tests/fuzz/fuzz-http-headers \
	tests/fuzz/fuzz-http-record \
	tests/fuzz/fuzz-http-url \
	tests/fuzz/fuzz-json \
	tests/fuzz/fuzz-manifest \
	tests/fuzz/fuzz-pi-time \
	tests/fuzz/fuzz-profiles \
	tests/fuzz/fuzz-redact \
	tests/fuzz/fuzz-schedule \
	tests/fuzz/fuzz-spec \
	tests/fuzz/fuzz-template \
	tests/fuzz/fuzz-yaml

tests_fuzz_fuzz_broker_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_catalog_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_coerce_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ddl_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_elf_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_frames_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_glob_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_http_url_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_http_headers_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_http_record_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_manifest_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_pi_time_SOURCES = tests/fuzz/fuzz-pi-time.c plugins/osipi/time.c
tests_fuzz_fuzz_pi_time_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/osipi
tests_fuzz_fuzz_pi_time_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_profiles_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_redact_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_schedule_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_spec_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_template_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_yaml_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

check_PROGRAMS += $(fuzz_targets)
# All targets together take FUZZ_SECONDS in `make fuzz`, each takes LONG_FUZZ_SECONDS in
# `make check-long`. A tree without --enable-fuzzing makes one beside itself first.
FUZZ_SECONDS = 120
LONG_FUZZ_SECONDS = 600
if WITH_FUZZING
fuzz: $(fuzz_targets)
	srcdir='$(srcdir)' $(srcdir)/tests/fuzz/run shared $(FUZZ_SECONDS) $(fuzz_targets)
fuzz-long: $(fuzz_targets)
	srcdir='$(srcdir)' $(srcdir)/tests/fuzz/run each $(LONG_FUZZ_SECONDS) $(fuzz_targets)
else
TESTS += $(fuzz_targets)
fuzz fuzz-long: fuzz-build/config.status
	$(MAKE) -C fuzz-build $@
fuzz-build/config.status: $(top_srcdir)/configure
	$(MKDIR_P) fuzz-build
	cd fuzz-build && $(abs_top_srcdir)/configure -q CC=clang --enable-fuzzing \
		--enable-sanitizers --disable-man
endif

check-long: check fuzz-long

# Against servers and recordings that others made; skipped with a reason where they cannot be had.
third_party_tests = tests/system/third-party-github.sh
EXTRA_DIST += $(third_party_tests)
check-third-party:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(third_party_tests)'

VALGRIND_EVERY = 1
check-valgrind:
	@test -n '$(VALGRIND)' || { echo 'valgrind was not found by configure' >&2; exit 1; }
	LAKEHOST_VALGRIND=$(VALGRIND_EVERY) $(MAKE) $(AM_MAKEFLAGS) check TEST_WRAPPER='$(VALGRIND) -q \
		--error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite'

lint:
	srcdir='$(srcdir)' $(SHELL) $(srcdir)/tests/lint/lint.sh

# The formatter's version decides: CI uses Debian bookworm's clang-format 14.
format_files = cd $(srcdir) && find host sdk plugins templates tests -name '*.[ch]' 2>/dev/null
format:
	$(format_files) | xargs $(CLANG_FORMAT) -i
check-format:
	$(format_files) | xargs $(CLANG_FORMAT) --dry-run --Werror

clean-local:
	rm -rf fuzz-build fuzz-corpus fuzz-findings

# Measurements. Programs print ratios; see tests/bench/bench.h.
bench_programs = \
	tests/bench/bench-startup \
	tests/bench/bench-json \
	tests/bench/bench-coerce \
	tests/bench/bench-read \
	tests/bench/bench-worker \
	tests/bench/bench-jobs \
	tests/bench/bench-group

# The baseline of bench-startup; --no-as-needed keeps libraries that it does not use.
EXTRA_PROGRAMS += $(bench_programs) tests/bench/empty
CLEANFILES += $(bench_programs) tests/bench/empty tests/bench/connectors/*.so
tests_bench_empty_LDADD = $(JANSSON_LIBS) $(YAML_LIBS) $(GNUTLS_LIBS) $(CURL_LIBS) $(LTDL_LIBS)
tests_bench_empty_LDFLAGS = -Wl,--no-as-needed $(SAN_FLAGS)

bench: all $(bench_programs) tests/bench/empty $(load_connectors) tests/conform/pages.la \
		tests/conform/web/web.la
	@$(MKDIR_P) tests/bench/connectors && chmod 755 tests/bench/connectors
	@for name in good missing_slot needs_minor null_table short_struct wrong_major; do \
		$(INSTALL) -m 644 tests/conform/load/.libs/$$name.so tests/bench/connectors || exit 1; \
	done
	@for program in $(bench_programs); do \
		echo "== $$program"; srcdir='$(srcdir)' PYTHON='$(PYTHON)' ./$$program || exit 1; \
	done
	@echo '== tests/bench/bench-discover.py'; srcdir='$(srcdir)' LAKEHOST='$(abs_top_builddir)/lakehost' \
		$(PYTHON) $(srcdir)/tests/bench/bench-discover.py
	@echo '== tests/bench/bench-http.py'; srcdir='$(srcdir)' LAKEHOST='$(abs_top_builddir)/lakehost' \
		$(PYTHON) $(srcdir)/tests/bench/bench-http.py
	@echo '== tests/bench/bench-csv.py'; LAKEHOST='$(abs_top_builddir)/lakehost' \
		$(PYTHON) $(srcdir)/tests/bench/bench-csv.py
	@echo '== tests/bench/bench-osipi.py'; srcdir='$(srcdir)' LAKEHOST='$(abs_top_builddir)/lakehost' \
		$(PYTHON) $(srcdir)/tests/bench/bench-osipi.py
	@echo '== tests/bench/bench-group.py'; LAKEHOST='$(abs_top_builddir)/lakehost' \
		$(PYTHON) $(srcdir)/tests/bench/bench-group.py
	@echo '== tests/bench/bench-generate.py'; srcdir='$(srcdir)' \
		LAKEHOST='$(abs_top_builddir)/lakehost' $(PYTHON) $(srcdir)/tests/bench/bench-generate.py

.PHONY: fuzz fuzz-long bench check-long check-third-party check-valgrind lint format check-format

# Sources to test against, one process each.
fakes = \
	tests/fakes/README.md \
	tests/fakes/airtable.py \
	tests/fakes/airtable_data.py \
	tests/fakes/airtable_formula.py \
	tests/fakes/fake.py \
	tests/fakes/faults.py \
	tests/fakes/front.py \
	tests/fakes/github.py \
	tests/fakes/http2.py \
	tests/fakes/hubspot.py \
	tests/fakes/limits.py \
	tests/fakes/osipi.py \
	tests/fakes/osipi_data.py \
	tests/fakes/plain.py \
	tests/fakes/probe.py \
	tests/fakes/proxy.py \
	tests/fakes/tls.py \
	tests/fakes/wire.py \
	tests/fakes/workspace.py \
	tests/fakes/workspace_base.py \
	tests/fakes/workspace_catalog.py \
	tests/fakes/workspace_jobs.py \
	tests/fakes/workspace_pipelines.py \
	tests/fakes/workspace_tree.py \
	tests/fakes/zendesk.py

EXTRA_DIST += $(system_tests) $(fakes)
EXTRA_DIST += \
	tests/bench/bench-csv.py \
	tests/bench/bench-group.py \
	tests/bench/bench-discover.py \
	tests/bench/bench-generate.py \
	tests/bench/bench-http.py \
	tests/bench/bench-osipi.py \
	tests/bench/bench.h \
	tests/data \
	tests/fuzz/fuzz.h \
	tests/fuzz/run \
	tests/system/lib.sh \
	tests/system/lib-connectors.sh \
	tests/system/dab_schema.py \
	tests/system/generated.py \
	tests/system/ordinary.sh \
	tests/system/rows.py \
	tests/system/without.py \
	tests/tap-quiet.sh \
	tests/tap.h \
	tests/unit/canned.h \
	tests/unit/collide.h \
	tests/unit/elf_image.h \
	tests/unit/empty_connector.h \
	tests/unit/fake_connector.h \
	tests/unit/spec_file.h \
	tests/unit/temp_folder.h
EXTRA_DIST += $(system_tests) tests/system/lib.sh tests/tap-quiet.sh tests/system/without.py tests/system/ordinary.sh
EXTRA_DIST += tests/tap.h tests/unit/collide.h tests/unit/empty_connector.h tests/unit/fake_connector.h tests/unit/elf_image.h tests/unit/canned.h tests/unit/hollow_twin.h \
	tests/unit/temp_folder.h tests/data \
	tests/fuzz/fuzz.h tests/fuzz/run tests/bench/bench.h

# The installed program with the installed data files.
installcheck-local:
	for arguments in demo 'preset show osipi/all_tables'; do \
		LAKEHOST_PKGDATADIR='$(DESTDIR)$(pkgdatadir)' \
		LAKEHOST_CONNECTORDIR='$(DESTDIR)$(connectordir)' \
		LAKEHOST_LIBEXECDIR='$(DESTDIR)$(pkglibexecdir)' \
		'$(DESTDIR)$(bindir)/lakehost' $$arguments || exit 1; \
	done
