# SPDX-License-Identifier: Apache-2.0
# Tests, fuzz targets, benchmarks. Everything speaks TAP.
#
#   make check            all of it
#   make check-valgrind   the same under valgrind
#   make check-long       what takes longer than a build should wait for
#   make bench            measurements; prints ratios, asserts nothing

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/m4/aux/tap-driver.sh
TEST_EXTENSIONS = .sh .py
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = $(PYTHON)
AM_TESTS_ENVIRONMENT = \
	LAKEHOST='$(abs_top_builddir)/lakehost'; export LAKEHOST; \
	srcdir='$(srcdir)'; export srcdir; \
	PYTHON='$(PYTHON)'; export PYTHON; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	LC_ALL=C.UTF-8; export LC_ALL;

# One C file each, named like the module: tests/unit/test-buf.c.
unit_tests = \
	tests/unit/test-buf

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

# Programs as a user runs them.
system_tests =

TESTS += $(system_tests)

# Fuzz targets: ordinary tests over their seeds; real fuzzing with --enable-fuzzing. Each needs
# a line for its linker flags, and seeds in tests/data/fuzz/NAME.
fuzz_targets =

check_PROGRAMS += $(fuzz_targets)
if !WITH_FUZZING
TESTS += $(fuzz_targets)
endif

FUZZ_SECONDS = 240
fuzz: $(fuzz_targets)
	srcdir='$(srcdir)' $(srcdir)/tests/fuzz/run shared $(FUZZ_SECONDS) $(fuzz_targets)

# Measurements. Programs print ratios; see tests/bench/bench.h.
bench_programs =

EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)

bench: all $(bench_programs)
	@for program in $(bench_programs); do \
		echo "== $$program"; srcdir='$(srcdir)' PYTHON='$(PYTHON)' ./$$program || exit 1; \
	done

.PHONY: fuzz bench

EXTRA_DIST += tests/tap.h tests/fuzz/fuzz.h tests/fuzz/run tests/bench/bench.h tests/data
