#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A connector built far from here, from what `make install` gives its author and nothing else: the
# example's source, the Makefile in its README, the installed headers, spec.awk and pkg-config file.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
build=${LAKEHOST%/*}
unset MAKEFLAGS MFLAGS MAKELEVEL

if ! command -v "${CC:-cc}" >/dev/null; then
    echo "1..0 # SKIP no compiler (${CC:-cc}) here"
    exit 0
fi

# do COMMAND: like run, for any program
do_() {
    status=0
    "$@" >"$work/out" 2>"$work/err" || status=$?
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    last=$*
}

dest=$work/dest
do_ "${MAKE:-make}" -C "$build" DESTDIR="$dest" install-dist_lakehostincludeHEADERS install-dist_sdkDATA \
    install-pkgconfigDATA
is "$status" 0 'the SDK installs'
pc=$(find "$dest" -name lakehost-connector.pc)
headers=$(find "$dest" -name connector.h)
awk_program=$(find "$dest" -name spec.awk)
like "$pc" lakehost-connector.pc 'a pkg-config file'
like "$headers" lakehost/connector.h 'the header'
like "$awk_program" sdk/spec.awk 'spec.awk'

mkdir "$work/author"
cp "$top"/plugins/example/*.[ch] "$top/plugins/example/spec.json" "$work/author"
chmod u+w "$work/author"/*
sed -n '/^```make$/,/^```$/{/^```/!p;}' "$top/plugins/example/README.md" >"$work/author/Makefile"
# The files lie below DESTDIR, so their prefix does too; otherwise PC is pkg-config as it is.
prefix=${headers%/include/lakehost/connector.h}
if command -v pkg-config >/dev/null; then
    PKG_CONFIG_LIBDIR=${pc%/*}
    export PKG_CONFIG_LIBDIR
    pc="pkg-config --define-variable=prefix=$prefix"
else
    printf '#!/bin/sh\ncase $1 in --cflags) echo "-I%s" ;; *) echo "%s" ;; esac\n' \
        "$prefix/include" "$awk_program" >"$work/pc"
    chmod +x "$work/pc"
    pc=$work/pc
fi
do_ "${MAKE:-make}" -C "$work/author" CC="${CC:-cc}" CFLAGS='-O1 -Wall -Wextra -Werror' PKG_CONFIG="$pc"
is "$status" 0 'the Makefile of its README builds the example'
plugin=$work/author/example.so

if command -v nm >/dev/null; then
    do_ nm -D --defined-only "$plugin"
    is "$(echo "$out" | awk '$2 == "T" { print $3 }')" lh_connector_entry_v0 'it exports its entry'
fi
run plugin validate --help
if [ "$status" -eq 0 ]; then
    run plugin validate "$plugin"
    is "$status" 0 'plugin validate finds nothing wrong with it'
    run tables example --plugin "$plugin"
    is "$status" 0 'and it loads'
    like "$out" products 'and answers'

    # Another name, as the README says.
    sed 's/"name": "example"/"name": "acme"/' "$top/plugins/example/spec.json" >"$work/author/spec.json"
    sed 's/LH_CONNECTOR_HEAD, "example"/LH_CONNECTOR_HEAD, "acme"/' "$top/plugins/example/example.c" \
        >"$work/author/acme.c"
    do_ "${MAKE:-make}" -C "$work/author" CC="${CC:-cc}" PKG_CONFIG="$pc" NAME=acme \
        SOURCES='acme.c remote.c'
    is "$status" 0 'under another name'
    run check acme --plugin "$work/author/acme.so"
    is "$status" 0 'it loads too'

    # A spec that is none leaves no include behind that the next make would take.
    : >"$work/author/spec.json"
    do_ "${MAKE:-make}" -C "$work/author" PKG_CONFIG="$pc" spec.inc
    is "$status" 2 'an empty spec'
    is "$(ls "$work/author/spec.inc" 2>/dev/null)" '' 'makes no include'
elif command -v readelf >/dev/null; then
    do_ readelf -nW "$plugin"
    like "$out" lakehost 'it has a note of owner lakehost'
fi

done_testing
