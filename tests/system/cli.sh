#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules that hold for every command: help, version, unknown words, streams, exit codes.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

run --version
is "$status" 0 '--version works'
like "$out" 'lakehost 0.' 'and says the version'
is "$err" '' 'on stdout only'

run
is "$status" 2 'no command is wrong usage'
is "$out" '' 'with nothing on stdout'
like "$err" 'lakehost help' 'and a way on'

for words in help --help -h; do
    run $words
    is "$status" 0 "$words works"
    like "$out" 'config show' "$words lists the commands"
    like "$out" 'Exit status:' "$words lists the exit codes"
done

commands=$("$LAKEHOST" help | sed -n '/^Global options:/q; s/^  \([a-z][a-z -]*[a-z]\) .*/\1/p' |
    sed 's/  .*//')
is "$(printf '%s\n' "$commands" | sort | uniq -d)" '' 'no command stands twice'
printf '%s\n' "$commands" >"$work/commands"
while read -r command; do
    # shellcheck disable=SC2086 # a command of two words
    run $command --help
    is "$status" 0 "$command --help works"
    for part in "Usage: lakehost $command" 'Global options:' 'Examples:' 'Exit status:'; do
        like "$out" "$part" "$command --help has \"$part\""
    done
    cp "$work/out" "$work/help"
    # shellcheck disable=SC2086
    run help $command
    is "$out" "$(cat "$work/help")" "help $command says the same"
    # shellcheck disable=SC2086
    run $command --no-such-option
    is "$status" 2 "$command refuses an unknown option"
    like "$err" '--no-such-option' "$command names it"
done <"$work/commands"

run config shwo
is "$status" 2 'an unknown second word'
like "$err" 'did you mean "config show"' 'with the nearest command'
run confg show
like "$err" 'unknown command "confg' 'an unknown first word'
run config
is "$status" 2 'half a command'
like "$err" 'help config' 'and how to see the rest'
run help config
like "$out" 'config show' 'help of a group lists its commands'
run help nonsense
is "$status" 2 'help of an unknown command'

run config_show
is "$status" 2 'an underscore is no blank'
run config show --orgin
like "$err" 'did you mean "--origin"' 'an option has a nearest match too'
run config show --output xml
is "$status" 2 'a value that is not among the choices'
like "$err" 'expected text|json, found "xml"' 'is answered with the choices'
run config show --output
like "$err" 'needs a value' 'a missing value is said'
run config show --output text --output json
like "$err" 'given twice' 'an option that is given twice is refused'
run config show --origin=1
like "$err" 'takes no value' 'a flag takes no value'
run config show surplus
is "$status" 2 'a surplus argument'
like "$err" 'unexpected argument "surplus"' 'is named'
run completion
like "$err" 'SHELL is missing' 'a missing argument is named'
run completion tcsh
like "$err" 'expected bash|zsh|fish' 'and one that is not among the choices'
run config show --output=json
is "$status" 0 '--option=value works'
run --log-format=json config show --nope
is "$(printf '%s' "$err" | head -c 10)" '{"level":"' 'errors as JSON Lines'
run --color always nope
like "$err" "$(printf '\033')" 'colour when asked for'
run --color never nope
unlike "$err" "$(printf '\033')" 'no colour when asked for'
run -qv help
is "$status" 0 'single letters cluster'
run config show -q
is "$status" 2 'after the command, short options are the command'\''s own'
run config show --quiet
is "$status" 0 'long global options count everywhere'

if [ -w /dev/full ]; then
    status=0
    "$LAKEHOST" help >/dev/full 2>"$work/err" || status=$?
    is "$status" 1 'a result that cannot be written is an error'
    like "$(cat "$work/err")" 'standard output' 'that says where'
else
    skip 'a result that cannot be written' 'no /dev/full here'
fi

done_testing
