#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The installed headers alone, with every compiler there is and in every language they promise; the
# note that spec.awk and note.h make; and what the built connectors export and need.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
include=$top/sdk/include
awk_program=$top/sdk/mk/spec.awk
strict='-pedantic -Wall -Wextra -Wconversion -Wpadded -Werror'
build=${LAKEHOST%/*}

cat >"$work/alone.c" <<'END'
#include <lakehost/connector.h>
END
cat >"$work/helpers.c" <<'END'
#include <lakehost/sdk.h>
END
cat >"$work/spec.json" <<'END'
{"spec":1,"name":"tiny","version":"1","license":"0BSD","description":"Zürich",
 "display_name":"filler so that the text is longer than one line"}
END
cat >"$work/tiny.c" <<'END'
#include <lakehost/sdk.h>
#include "spec.inc"
static const struct lh_connector table = {LH_CONNECTOR_HEAD, "tiny", LH_SPEC, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};
LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    return host ? &table : NULL;
}
END
status=0
LC_ALL=C awk -f "$awk_program" "$work/spec.json" >"$work/spec.inc" 2>"$work/err" || status=$?
is "$status" 0 'spec.awk makes an include'

# compile COMPILER LANGUAGE STANDARD
compile() {
    if ! command -v "$1" >/dev/null; then
        skip "$1 $3" "no $1 here"
        return
    fi
    for file in alone helpers; do
        status=0
        # shellcheck disable=SC2086 # a list of flags
        "$1" -x "$2" -std="$3" $strict -I"$include" -c "$work/$file.c" -o "$work/$file.o" \
            >"$work/out" 2>"$work/err" || status=$?
        out=$(cat "$work/out") err=$(cat "$work/err") last="$1 -x $2 -std=$3 $file.c"
        is "$status" 0 "$1 -std=$3: $file"
    done
    status=0
    # shellcheck disable=SC2086
    "$1" -x "$2" -std="$3" $strict -I"$include" -I"$work" -fPIC -shared -fvisibility=hidden \
        -ffunction-sections -fdata-sections -Wl,--gc-sections "$work/tiny.c" -o "$work/tiny.so" \
        >"$work/out" 2>"$work/err" || status=$?
    out=$(cat "$work/out") err=$(cat "$work/err") last="$1 -x $2 -std=$3 tiny.c"
    is "$status" 0 "$1 -std=$3: a connector"
    has_note "$1 -std=$3"
}

# The note: found through program headers after strip -s, with the very bytes of spec.json.
has_note() {
    if ! command -v readelf >/dev/null || ! command -v strip >/dev/null; then
        skip "$1: the note" 'no readelf or strip here'
        return
    fi
    strip -s "$work/tiny.so"
    out=$(readelf -nW "$work/tiny.so" | grep -A 1 lakehost)
    want=$(od -An -v -tx1 "$work/spec.json" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//')
    like "$out" "$(printf '0x%08x' "$(wc -c <"$work/spec.json")")" "$1: the note has the spec's size"
    like "$out" "description data: $want" "$1: and its bytes, after strip -s and --gc-sections"
}

for cc in gcc clang; do
    for std in c99 c11 c17; do
        compile $cc c $std
    done
done
for cc in g++ clang++; do
    compile $cc c++ c++11
done

refuse() { # refuse MESSAGE NAME: spec.awk and a spec that is none
    status=0
    LC_ALL=C awk -f "$awk_program" "$work/bad.json" >"$work/out" 2>"$work/err" || status=$?
    err=$(cat "$work/err") out=$(cat "$work/out")
    is "$status" 1 "spec.awk: $2"
    like "$err" "$1" "spec.awk: $2: the reason"
    is "$out" '' "spec.awk: $2: no include"
}
: >"$work/bad.json"
refuse 'empty' 'an empty file'

# What the connectors of this build export and need.
for plugin in "$build"/plugins/*/.libs/*.so; do
    name=${plugin##*/}
    if ! command -v nm >/dev/null || ! command -v readelf >/dev/null; then
        skip "$name" 'no nm or readelf here'
        continue
    fi
    out=$(nm -D --defined-only "$plugin" | awk '{ print $3 }')
    is "$out" lh_connector_entry_v0 "$name exports its entry and nothing else"
    out=$(readelf -dW "$plugin" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | grep -v '^libc\.')
    case $out in
    *san*) skip "$name needs libc alone" 'built with sanitizers' ;;
    *) is "$out" '' "$name needs libc alone" ;;
    esac
done

done_testing
