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
block demo >"$work/shown"
# Line by line; a line "..." stands for any number of lines.
differs=$(awk -v shown="$work/shown" '
    BEGIN { while ((getline line < shown) > 0) want[++n] = line; at = 1 }
    at <= n && want[at] == "..." { skipping = 1; at++ }
    at <= n && $0 == want[at] { skipping = 0; at++; next }
    skipping { next }
    { print "printed: " $0; print "  shown: " want[at]; exit }
    END { if (at <= n && !(at == n && want[n] == "...")) print "shown only: " want[at] }' "$work/out")
is "$(wc -l <"$work/shown" | awk '{ print ($1 > 20) }')" 1 'the README shows the demo'
is "$differs" '' 'as it is printed'
commands=$("$LAKEHOST" help | sed -n '/^Global options:/q; s/^  \([a-z][a-z -]*[a-z]\) .*/\1/p' |
    sed 's/  .*//')
readme=$(cat "$top/README.md")
printf '%s\n' "$commands" >"$work/commands"
while read -r command; do
    like "$readme" "\`lakehost $command" "the README names lakehost $command"
done <"$work/commands"

done_testing
