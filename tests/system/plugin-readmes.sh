#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the README of each connector that asks a source tells a new user to do, done line by line.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
# shellcheck source=tests/system/lib-connectors.sh
. "$top/tests/system/lib-connectors.sh"

# The commands of a README, with the fake's address and what it knows.
commands() {
    awk '/^```/ { if (inside++) exit; next } inside' "$top/plugins/$1/README.md" |
        sed -e '/^export /d' -e "s|https://pi.acme.com|$fake|g" -e 's|you@acme.com|ann@example.com|g' \
            -e 's|appXXXXXXXXXXXXXX|appMain0000000001|' -e 's|"Sales / 2026"|tbl00000000000003|'
}
# Stands for the program in these commands.
# shellcheck disable=SC2317 # they call it
lakehost() {
    # shellcheck disable=SC2086 # options without blanks inside
    run "$@" $more
    is "$status" 0 "lakehost $*"
    done_commands=$((done_commands + 1))
}
for name in $connectors; do
    connector "$name"
    mkdir "$work/$name"
    cd "$work/$name" || exit 99
    case $name in
    osipi) more= ;;
    github) more="--option base_url=$fake" ;;
    hubspot) more="--option base_url=$fake --option searches_per_second=1000000" ;;
    zendesk) more="--option base_url=$fake --option exports_per_minute=100000" ;;
    airtable) more="--option base_url=$fake --option requests_per_second=100000" ;;
    esac
    commands "$name" >its_commands
    done_commands=0
    # shellcheck source=/dev/null
    . ./its_commands
    is "$done_commands" "$(grep -c '^lakehost ' its_commands)" "$name: all of its commands"
    is "$((done_commands >= 6))" 1 "$name: which are some"
    is "$(fake_ask stats.violations)" '[]' "$name: by the vendor's rules"
    fake_stop "$fake_pid"
done

done_testing
