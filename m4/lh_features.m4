# SPDX-License-Identifier: Apache-2.0
# The switches of configure. Every feature has its own --enable; nothing is found and used silently.

AC_DEFUN([LH_ARG_FEATURES], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors @<:@no@:>@])],
    [], [enable_werror=no])
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [leave out the hardening flags @<:@used@:>@])],
    [], [enable_hardening=yes])
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@],
      [build with sanitizers; LIST defaults to address,undefined @<:@no@:>@])],
    [], [enable_sanitizers=no])
  AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing], [link the fuzz targets with clang's libFuzzer @<:@no@:>@])],
    [], [enable_fuzzing=no])
  AC_ARG_ENABLE([static-connectors],
    [AS_HELP_STRING([--enable-static-connectors],
      [link the connectors into the programs, too @<:@no@:>@])],
    [], [enable_static_connectors=no])
  AC_ARG_ENABLE([man],
    [AS_HELP_STRING([--disable-man], [do not make the man pages (they need help2man) @<:@made@:>@])],
    [], [enable_man=yes])
])

# __attribute__((cleanup)) is how host code frees what it holds; there is no fallback.
AC_DEFUN([LH_REQUIRE_CLEANUP_ATTRIBUTE], [
  AC_CACHE_CHECK([whether $CC knows the cleanup attribute], [lh_cv_cleanup_attribute], [
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM(
        [[static void drop(int *p) { *p = 0; }]],
        [[int x __attribute__((cleanup(drop))) = 1; return x - 1;]])],
      [lh_cv_cleanup_attribute=yes], [lh_cv_cleanup_attribute=no])])
  AS_IF([test "$lh_cv_cleanup_attribute" = no],
    [AC_MSG_ERROR([lakehost needs a compiler with the cleanup attribute: gcc or clang])])
])

# Where the shells look for completions. The defaults lie below our own prefix so that an
# unprivileged install works; pkg-config knows bash's own folder for those who want it.
AC_DEFUN([LH_COMPLETION_DIRS], [
  AC_ARG_VAR([bashcompdir], [folder for the bash completion])
  AC_ARG_VAR([zshcompdir], [folder for the zsh completion])
  AC_ARG_VAR([fishcompdir], [folder for the fish completion])
  : "${bashcompdir:=\$(datadir)/bash-completion/completions}"
  : "${zshcompdir:=\$(datadir)/zsh/site-functions}"
  : "${fishcompdir:=\$(datadir)/fish/vendor_completions.d}"
])
