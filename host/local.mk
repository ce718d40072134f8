# SPDX-License-Identifier: Apache-2.0
# The program: two convenience libraries and main.c.
#
# liblakehost-core is what the worker process links and nothing else: libc only.
# liblakehost is everything but main.c, for the program and the tests.

noinst_LTLIBRARIES += host/liblakehost-core.la host/liblakehost.la

host_liblakehost_core_la_SOURCES = \
	host/base/arena.c host/base/arena.h \
	host/base/base64.c host/base/base64.h \
	host/base/buf.c host/base/buf.h \
	host/base/deadline.c host/base/deadline.h \
	host/base/error.c host/base/error.h \
	host/base/file.c host/base/file.h \
	host/base/file-lock.c host/base/file-lock.h \
	host/base/glob.c host/base/glob.h \
	host/base/log.c host/base/log.h \
	host/base/map.c host/base/map.h \
	host/base/mem.c host/base/mem.h \
	host/base/nearest.c host/base/nearest.h \
	host/base/number.c host/base/number.h \
	host/base/redact.c host/base/redact.h \
	host/base/signal.c host/base/signal.h \
	host/base/str.h \
	host/base/tree.c host/base/tree.h \
	host/base/utf8.c host/base/utf8.h \
	host/json/hollow.c \
	host/json/json.h \
	host/json/json_internal.h \
	host/json/keys.c \
	host/json/lex.h \
	host/json/names.c host/json/names.h \
	host/json/out.c \
	host/json/problem.c \
	host/json/scan.c \
	host/json/text.c host/json/text.h \
	host/json/value.c \
	host/json/write.c \
	host/plugin/accept.c \
	host/plugin/build.c host/plugin/build.h \
	host/plugin/image.c host/plugin/image.h \
	host/plugin/limits.h \
	host/worker/channel.c host/worker/channel.h \
	host/worker/frames.c host/worker/frames.h host/worker/wire.h \
	host/worker/lockdown.c host/worker/lockdown.h \
	host/worker/lockdown-landlock.c \
	host/worker/lockdown-seccomp.c \
	host/worker/lockdown_internal.h \
	host/worker/worker_fds.h

host_liblakehost_la_SOURCES = \
	host/catalog/catalog.c host/catalog/catalog.h \
	host/catalog/catalog_internal.h \
	host/catalog/classify.c host/catalog/classify.h \
	host/catalog/diff.c host/catalog/diff.h \
	host/catalog/estimate.c \
	host/catalog/profile.c \
	host/catalog/read.c \
	host/catalog/rows.c host/catalog/rows.h \
	host/catalog/rows-schedule.c \
	host/catalog/sample.c \
	host/catalog/select.c \
	host/catalog/walk.c \
	host/catalog/write.c \
	host/base/findings.c host/base/findings.h \
	host/base/slug.c host/base/slug.h \
	host/cmd/about.c \
	host/cmd/args.c \
	host/cmd/catalog.c \
	host/cmd/check.c \
	host/cmd/command.h \
	host/cmd/completion.c \
	host/cmd/config.c \
	host/cmd/demo.c host/cmd/demo.h \
	host/cmd/demo-kill.c \
	host/cmd/discover.c host/cmd/discover.h \
	host/cmd/discover-flags.c \
	host/cmd/discover-write.c \
	host/cmd/doctor.c \
	host/cmd/explain.c host/cmd/explain.h \
	host/cmd/explain-interface.c \
	host/cmd/group.c \
	host/cmd/generate.c host/cmd/generate.h \
	host/cmd/generate-bundle.c \
	host/cmd/generate-ingest.c \
	host/cmd/generate-notebooks.c \
	host/cmd/generate-sdp.c \
	host/cmd/generate-spec.c \
	host/cmd/help.c host/cmd/help.h \
	host/cmd/input.c host/cmd/input.h \
	host/cmd/plugin.c \
	host/cmd/plugin-list.c \
	host/cmd/plugin-show.c \
	host/cmd/plugins.c host/cmd/plugins.h \
	host/cmd/open.c host/cmd/open.h \
	host/cmd/preset.c \
	host/cmd/open-workspace.c \
	host/cmd/program.c host/cmd/program.h \
	host/cmd/progress.c host/cmd/progress.h \
	host/cmd/read.c host/cmd/read.h \
	host/cmd/read-jobs.c \
	host/cmd/read-offset.c \
	host/cmd/read-output.c \
	host/cmd/read-partition.c \
	host/cmd/rules.c \
	host/cmd/source.c \
	host/cmd/validate.c host/cmd/validate.h \
	host/cmd/validate-generated.c \
	host/cmd/validate-manifest.c \
	host/cmd/upload.c \
	host/cmd/workspace.c host/cmd/workspace.h \
	host/config/configuration.c host/config/configuration.h \
	host/config/data.c host/config/data.h \
	host/config/keys.c \
	host/config/preset.c host/config/preset.h \
	host/group/assign.h \
	host/group/group.c host/group/group.h \
	host/group/improve.c \
	host/group/pack.c host/group/pack.h \
	host/group/regroup-schedule.c \
	host/group/regroup.c host/group/regroup.h \
	host/group/result.c \
	host/generate/bundle.c host/generate/bundle.h \
	host/generate/connector-config.c host/generate/connector-config.h \
	host/generate/generate.h \
	host/generate/ingest.c \
	host/generate/notebook.c host/generate/notebook.h \
	host/generate/pipeline-spec-check.c \
	host/generate/pipeline-spec.c host/generate/pipeline-spec.h \
	host/generate/plan.c host/generate/plan.h \
	host/generate/plan-options.c \
	host/generate/plan_internal.h \
	host/generate/python.c host/generate/python.h \
	host/generate/sdp.c host/generate/sdp.h \
	host/generate/template.c host/generate/template.h \
	host/generate/template-escape.c \
	host/generate/template-render.c \
	host/generate/template-value.c \
	host/generate/template_internal.h \
	host/generate/templates.c \
	host/generate/values.c \
	host/generate/yaml.c \
	host/http/bucket-spec.c \
	host/http/bucket.c host/http/bucket.h \
	host/http/cache.c \
	host/http/client.c \
	host/http/engine.c \
	host/http/flight.c \
	host/http/guard.c \
	host/http/hash.c host/http/hash.h \
	host/http/headers-time.c \
	host/http/headers.c host/http/headers.h \
	host/http/http.h \
	host/http/internal.h \
	host/http/loop.c \
	host/http/record-read.c \
	host/http/record.c host/http/record.h \
	host/http/retry.c \
	host/http/rotation.c \
	host/http/rules-explain.c \
	host/http/rules.c host/http/rules.h \
	host/http/secret.c host/http/secret.h \
	host/http/session.c \
	host/http/sign-in.c host/http/sign-in.h \
	host/http/token.c host/http/token.h \
	host/http/trace.c \
	host/http/transfer.c \
	host/json/document.c host/json/document.h \
	host/json/dump.c \
	host/json/places.c \
	host/json/pointer.c \
	host/manifest/check.c host/manifest/check_internal.h \
	host/manifest/check-row.c \
	host/manifest/check-spec.c \
	host/manifest/csv.c host/manifest/csv.h \
	host/manifest/manifest.c host/manifest/manifest.h \
	host/manifest/manifest_internal.h \
	host/manifest/read.c \
	host/manifest/rules.c \
	host/manifest/write.c \
	host/plugin/broker.c host/plugin/broker.h \
	host/plugin/broker-link.c \
	host/plugin/broker-page.c \
	host/plugin/broker-run.c \
	host/plugin/broker_internal.h \
	host/plugin/connector-spec.c \
	host/plugin/elf.c host/plugin/elf.h \
	host/plugin/find.c \
	host/plugin/inspect.c \
	host/plugin/internal.h \
	host/plugin/load.c \
	host/plugin/lock.c \
	host/plugin/open.c \
	host/plugin/opts.c \
	host/plugin/opts-url.c \
	host/plugin/opts-value.c \
	host/plugin/opts_internal.h \
	host/plugin/plugin.h \
	host/plugin/pool.c host/plugin/pool.h \
	host/plugin/pool-queue.c \
	host/plugin/pool_internal.h \
	host/plugin/service.c host/plugin/service.h \
	host/plugin/service-call.c \
	host/plugin/service-catalog.c \
	host/plugin/service-data.c \
	host/plugin/service-http.c \
	host/plugin/service-json.c \
	host/plugin/service-read.c \
	host/plugin/service-rules.c \
	host/plugin/service_internal.h \
	host/plugin/service_reading.h \
	host/plugin/sign.c \
	host/plugin/spec.c host/plugin/spec.h \
	host/plugin/spec-check-names.c \
	host/plugin/spec-check.c host/plugin/spec_check.h \
	host/plugin/spec-format.c host/plugin/spec_format.h \
	host/plugin/spec-shape.c \
	host/plugin/spec-template.c \
	host/plugin/spec-text.c \
	host/plugin/spec_internal.h \
	host/plugin/static.c \
	host/plugin/url.c host/plugin/url.h \
	host/plugin/validate.c \
	host/plugin/verify.c \
	host/schedule/cron.c \
	host/schedule/quartz.c \
	host/schedule/rules.c \
	host/schedule/schedule.c host/schedule/schedule.h \
	host/schedule/schedule_internal.h \
	host/schedule/shortest.c host/schedule/shortest.h \
	host/schedule/times.c \
	host/schedule/write.c \
	host/schema/coerce.c host/schema/coerce.h \
	host/schema/coerce-number.c \
	host/schema/coerce-plan.c \
	host/schema/coerce-text.c \
	host/schema/coerce-time.c \
	host/schema/coerce_internal.h \
	host/schema/coerce_plan.h \
	host/schema/ddl.c \
	host/schema/render.c \
	host/schema/render-table.c \
	host/schema/schema.h \
	host/schema/schema_internal.h \
	host/schema/types.c \
	host/workspace/auth.c host/workspace/auth.h \
	host/workspace/auth-host.c \
	host/workspace/auth-kind.c \
	host/workspace/auth_internal.h \
	host/workspace/call.c \
	host/workspace/calls-catalog.c \
	host/workspace/calls-files.c \
	host/workspace/calls-jobs.c \
	host/workspace/calls-pipelines.c \
	host/workspace/cli.c \
	host/workspace/discovery.c \
	host/workspace/helper.c host/workspace/helper.h \
	host/workspace/profiles.c host/workspace/profiles.h \
	host/workspace/signer.c host/workspace/signer.h \
	host/workspace/signer_internal.h \
	host/workspace/trouble.c \
	host/workspace/upload.c host/workspace/upload.h \
	host/workspace/upload-scan.c \
	host/workspace/workspace.c host/workspace/workspace.h \
	host/workspace/workspace_internal.h \
	host/yaml/file.c \
	host/yaml/read.c \
	host/yaml/scalar.c host/yaml/scalar.h \
	host/yaml/write.c \
	host/yaml/yaml.h

host_liblakehost_la_LIBADD = host/liblakehost-core.la $(JANSSON_LIBS) $(YAML_LIBS) $(GNUTLS_LIBS) \
	$(CURL_LIBS) \
	$(LIBADD_DLOPEN) $(LTDL_LIBS)

bin_PROGRAMS += host/lakehost
host_lakehost_SOURCES = host/main.c

# The process that a connector runs in: libc, libdl, libltdl.
pkglibexec_PROGRAMS = host/worker/lakehost-worker
host_worker_lakehost_worker_SOURCES = \
	host/worker/answers.c \
	host/worker/main.c \
	host/worker/parts.c \
	host/worker/recorder.c \
	host/worker/services.c \
	host/worker/worker.c host/worker/worker.h
host_worker_lakehost_worker_LDADD = host/liblakehost-core.la $(LIBADD_DLOPEN) $(LTDL_LIBS)

# Both ends are of one build, or do not talk: a sum over what they are made of.
host/worker/frames.lo: host/worker/build-id.h
host/worker/build-id.h: $(host_liblakehost_core_la_SOURCES) $(host_worker_lakehost_worker_SOURCES) \
		host/plugin/broker.c host/plugin/broker-link.c host/plugin/broker-page.c \
		host/plugin/broker-run.c
	$(AM_V_GEN)$(MKDIR_P) host/worker && \
		sum=`cat $^ | LC_ALL=C cksum | $(SED) 's/ .*//'` && \
		printf '#define LH_BUILD_SUM "%s"\n' "$$sum" >$@
CLEANFILES += host/worker/build-id.h

EXTRA_DIST += \
	host/base/README.md host/catalog/README.md host/cmd/README.md host/config/README.md \
	host/generate/README.md host/group/README.md host/http/README.md host/man/README.md \
	host/json/README.md host/manifest/README.md host/plugin/README.md \
	host/schedule/README.md host/schema/README.md host/worker/README.md \
	host/workspace/README.md host/yaml/README.md

# Man pages: one for the program and one for each command, by help2man from --help, which is made
# from the command table. tests/system/man.sh compares this list with that table.
EXTRA_DIST += host/man/make-man.sh host/man/common.h2m
man_pages =
if WITH_MAN
man_pages += \
	host/man/lakehost.1 \
	host/man/lakehost-catalog-diff.1 \
	host/man/lakehost-check.1 \
	host/man/lakehost-completion.1 \
	host/man/lakehost-config-show.1 \
	host/man/lakehost-demo.1 \
	host/man/lakehost-discover.1 \
	host/man/lakehost-doctor.1 \
	host/man/lakehost-explain.1 \
	host/man/lakehost-group.1 \
	host/man/lakehost-generate-bundle.1 \
	host/man/lakehost-generate-connector-spec.1 \
	host/man/lakehost-generate-ingest.1 \
	host/man/lakehost-generate-notebooks.1 \
	host/man/lakehost-generate-pipeline-spec.1 \
	host/man/lakehost-generate-sdp-entry.1 \
	host/man/lakehost-help.1 \
	host/man/lakehost-metadata.1 \
	host/man/lakehost-namespaces.1 \
	host/man/lakehost-partitions.1 \
	host/man/lakehost-plugin-list.1 \
	host/man/lakehost-plugin-show.1 \
	host/man/lakehost-plugin-sign.1 \
	host/man/lakehost-plugin-validate.1 \
	host/man/lakehost-plugin-verify.1 \
	host/man/lakehost-preset-copy.1 \
	host/man/lakehost-preset-list.1 \
	host/man/lakehost-preset-show.1 \
	host/man/lakehost-read.1 \
	host/man/lakehost-schema.1 \
	host/man/lakehost-tables.1 \
	host/man/lakehost-upload-dir.1 \
	host/man/lakehost-validate.1
man1_MANS += $(man_pages)
endif
CLEANFILES += host/man/*.1 host/man/stamp

$(man_pages): host/man/stamp
	@test -f $@ || { rm -f host/man/stamp; $(MAKE) $(AM_MAKEFLAGS) host/man/stamp; }
host/man/stamp: host/lakehost$(EXEEXT) $(srcdir)/host/man/make-man.sh $(srcdir)/host/man/common.h2m
	$(AM_V_GEN)$(MKDIR_P) host/man && $(SHELL) $(srcdir)/host/man/make-man.sh \
		'$(abs_builddir)/host/lakehost$(EXEEXT)' '$(HELP2MAN)' host/man \
		$(srcdir)/host/man/common.h2m $(man_pages)
	@touch $@

# Completions, from the same table.
bashcomp_DATA = host/completion/lakehost
zshcomp_DATA = host/completion/_lakehost
fishcomp_DATA = host/completion/lakehost.fish
CLEANFILES += $(bashcomp_DATA) $(zshcomp_DATA) $(fishcomp_DATA)

$(bashcomp_DATA): host/lakehost$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) host/completion && host/lakehost$(EXEEXT) completion bash >$@
$(zshcomp_DATA): host/lakehost$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) host/completion && host/lakehost$(EXEEXT) completion zsh >$@
$(fishcomp_DATA): host/lakehost$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) host/completion && host/lakehost$(EXEEXT) completion fish >$@
