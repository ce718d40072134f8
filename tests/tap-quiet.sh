#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make check` prints: one line for each test file, and failures in full.
#
#   tap-quiet.sh DRIVER... --test-name NAME DRIVER-ARGUMENTS...
#
# Runs Automake's TAP driver, which prints a line for each point and cannot be told otherwise, and
# lets through what is not right, with the diagnostics below it. The driver still writes the logs
# and counts the points. TAP_VERBOSE=1 (make check V=1) lets everything through.
if [ "${TAP_VERBOSE-}" = 1 ]; then
    exec "$@"
fi
name=
previous=
driver_only=yes
# The driver's options go as far as the first of the test's command; --comments is one more.
for word in "$@"; do
    [ "$previous" = --test-name ] && [ "$driver_only" = yes ] && name=$word
    previous=$word
    shift
    if [ "$word" = -- ] && [ "$driver_only" = yes ]; then
        driver_only=no
        set -- "$@" --comments
    fi
    set -- "$@" "$word"
done
{
    "$@"
    echo "driver: $?"
} | LC_ALL=C "${AM_TAP_AWK-awk}" -v name="$name" '
# Colours stand around the result: they are no part of it.
function result(line) {
    gsub(/\033\[[0-9;]*m/, "", line)
    sub(/[: ].*/, "", line)
    return line
}
{
    kind = result($0)
    if ($1 == "driver:") {
        status = $2
    } else if (kind == "#") {
        if (in_failure)
            print
    } else {
        n[kind]++
        in_failure = kind != "PASS" && kind != "SKIP" && kind != "XFAIL"
        if (in_failure)
            print
        else if (kind == "SKIP")
            skip = $0
    }
}
END {
    bad = n["FAIL"] + n["ERROR"] + n["XPASS"]
    good = n["PASS"] + n["XFAIL"]
    if (bad)
        printf "FAIL: %s: %d of %d points\n", name, bad, bad + good + n["SKIP"]
    else if (good)
        printf "PASS: %s: %d points%s\n", name, good,
            n["SKIP"] ? ", " n["SKIP"] " skipped" : ""
    else
        print skip != "" ? skip : "ERROR: " name ": no point at all"
    exit status
}'
