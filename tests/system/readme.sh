#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the README shows of the program is what the program prints.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

# The fenced block that follows the line "<!-- prints: NAME -->".
block() {
    awk -v mark="<!-- prints: $1 -->" '
        $0 == mark { found = 1; next }
        found && /^```/ { if (inside) exit; inside = 1; next }
        inside { print }' "$top/README.md"
}

run demo
is "$status" 0 'the demo runs'
is "$(block demo)" "$out" 'the README shows what the demo prints'
commands=$("$LAKEHOST" help | sed -n '/^Global options:/q; s/^  \([a-z][a-z -]*[a-z]\) .*/\1/p' |
    sed 's/  .*//')
readme=$(cat "$top/README.md")
printf '%s\n' "$commands" >"$work/commands"
while read -r command; do
    like "$readme" "\`lakehost $command" "the README names lakehost $command"
done <"$work/commands"

done_testing
