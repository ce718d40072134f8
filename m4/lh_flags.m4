# SPDX-License-Identifier: Apache-2.0
# Warning, hardening and sanitizer flags. They go into variables of our own
# (WARN_CFLAGS, HARD_CFLAGS, HARD_LDFLAGS, SAN_FLAGS), never into the user's CFLAGS or LDFLAGS.

AC_DEFUN([LH_WARNINGS], [
  WARN_CFLAGS=
  AX_APPEND_COMPILE_FLAGS([ dnl
    -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wformat=2 -Wstrict-prototypes dnl
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings dnl
    -Wundef -Wvla -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wduplicated-cond dnl
    -Wlogical-op -Wno-missing-field-initializers], [WARN_CFLAGS], [-Werror])
  AS_IF([test "x$enable_werror" = xyes], [AS_VAR_APPEND([WARN_CFLAGS], [" -Werror"])])
  AC_SUBST([WARN_CFLAGS])
])

# The OpenSSF guide's flags. FORTIFY needs optimisation and must be off under sanitizers, which
# check the same and more.
AC_DEFUN([LH_HARDENING], [
  HARD_CFLAGS=
  HARD_LDFLAGS=
  lh_hardening_summary=no
  AS_IF([test "x$enable_hardening" = xyes], [
    AX_APPEND_COMPILE_FLAGS([ dnl
      -fstack-protector-strong -fstack-clash-protection -fcf-protection dnl
      -fno-strict-overflow -ftrivial-auto-var-init=zero], [HARD_CFLAGS], [-Werror])
    AX_APPEND_LINK_FLAGS([ dnl
      -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed], [HARD_LDFLAGS])
    lh_hardening_summary=yes
    AS_IF([test "x$enable_sanitizers" = xno], [LH_FORTIFY])
  ])
  AC_SUBST([HARD_CFLAGS])
  AC_SUBST([HARD_LDFLAGS])
])

AC_DEFUN([LH_FORTIFY], [
  AC_CACHE_CHECK([for the highest usable _FORTIFY_SOURCE], [lh_cv_fortify], [
    lh_cv_fortify=no
    lh_saved_CFLAGS=$CFLAGS
    for lh_level in 3 2; do
      CFLAGS="$lh_saved_CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$lh_level"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[return 0;]])],
        [lh_cv_fortify=$lh_level; break])
    done
    CFLAGS=$lh_saved_CFLAGS])
  AS_IF([test "$lh_cv_fortify" != no],
    [AS_VAR_APPEND([HARD_CFLAGS], [" -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$lh_cv_fortify"])
     lh_hardening_summary="yes, _FORTIFY_SOURCE=$lh_cv_fortify"],
    [lh_hardening_summary="yes, without _FORTIFY_SOURCE (no optimisation)"])
])

AC_DEFUN([LH_SANITIZERS], [
  lh_sanitizers=
  SAN_FLAGS=
  AS_CASE(["$enable_sanitizers"],
    [no], [],
    [yes], [lh_sanitizers=address,undefined],
    [lh_sanitizers=$enable_sanitizers])
  AS_IF([test -n "$lh_sanitizers"], [
    SAN_FLAGS="-fsanitize=$lh_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
    AX_CHECK_LINK_FLAG([$SAN_FLAGS], [],
      [AC_MSG_ERROR([$CC cannot link with -fsanitize=$lh_sanitizers])])
  ])
  FUZZ_FLAGS=
  FUZZ_LDFLAGS=
  AS_IF([test "x$enable_fuzzing" = xyes], [
    FUZZ_FLAGS="-fsanitize=fuzzer-no-link"
    AX_CHECK_COMPILE_FLAG([$FUZZ_FLAGS], [],
      [AC_MSG_ERROR([--enable-fuzzing needs clang: ./configure CC=clang --enable-fuzzing --enable-sanitizers])],
      [-Werror])
    AS_VAR_APPEND([SAN_FLAGS], [" $FUZZ_FLAGS"])
    AC_DEFINE([LH_LIBFUZZER], [1], [Define when libFuzzer supplies main to the fuzz targets.])
    FUZZ_LDFLAGS=-fsanitize=fuzzer
  ])
  AC_SUBST([FUZZ_LDFLAGS])
  AC_SUBST([SAN_FLAGS])
])
