#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The completion scripts, loaded and asked in the shells themselves. A shell that is not
# installed is skipped with that reason.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

for shell in bash zsh fish; do
    run completion "$shell"
    is "$status" 0 "completion $shell prints a script"
    cp "$work/out" "$work/lakehost.$shell"
done

# bash_words WORD...: what bash would offer for the last word
bash_words() {
    bash --norc -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lakehost
        printf "%s\n" "${COMPREPLY[@]}"' "$work/lakehost.bash" "$@"
}
fish_words() {
    fish --no-config -c "source $work/lakehost.fish; complete -C '$1'" 2>&1 | cut -f1
}
lines() { tr '\n' ' ' | sed 's/ $//'; }

if command -v bash >/dev/null; then
    like "$(bash_words lakehost '' | lines)" 'config' 'bash: first words'
    is "$(bash_words lakehost conf | lines)" 'config' 'bash: a first word, once'
    is "$(bash_words lakehost config s | lines)" 'show' 'bash: a second word'
    is "$(bash_words lakehost --color always config s | lines)" 'show' 'bash: behind a global option'
    is "$(bash_words lakehost config show --ori | lines)" '--origin' 'bash: an option of the command'
    is "$(bash_words lakehost config show --output '' | lines)" 'text json' 'bash: its values'
    is "$(bash_words lakehost --color a | lines)" 'auto always' 'bash: values of a global option'
    is "$(bash_words lakehost completion '' | lines)" 'bash zsh fish' 'bash: a positional argument'
    touch a_file.yaml
    is "$(bash_words lakehost --config a_f | lines)" 'a_file.yaml' 'bash: files'
else
    skip 'bash' 'no bash here'
fi

if command -v zsh >/dev/null; then
    zsh -n "$work/lakehost.zsh" 2>"$work/err"
    is "$?" 0 'zsh: the script parses'
    mkdir -p "$work/functions"
    cp "$work/lakehost.zsh" "$work/functions/_lakehost"
    # a pseudo-terminal, because completion runs in the line editor only
    cat >"$work/ask.zsh" <<'ASK'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='> '; TERM=dumb; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "zstyle ':completion:*' list-colors ''; setopt zle; LISTMAX=0"
zpty -w shell "echo rea''dy"
zpty -r shell heard '*ready*'
zpty -n -w shell "$2"$'\t'
sleep 1
zpty -w shell ''
sleep 1
zpty -r shell heard
while zpty -r -t shell more; do heard+=$more; done
print -r -- $heard
zpty -d shell
ASK
    like "$(zsh -f "$work/ask.zsh" "$work/functions" 'lakehost config show --ori' 2>&1)" \
        '--origin' 'zsh: an option of the command'
    like "$(zsh -f "$work/ask.zsh" "$work/functions" 'lakehost comp' 2>&1)" \
        'completion' 'zsh: a first word'
else
    skip 'zsh' 'no zsh here'
fi

if command -v fish >/dev/null; then
    is "$(fish_words 'lakehost conf' | lines)" 'config' 'fish: a first word'
    is "$(fish_words 'lakehost config ' | lines)" 'show' 'fish: a second word'
    is "$(fish_words 'lakehost config show --ori' | lines)" '--origin' 'fish: an option'
    is "$(fish_words 'lakehost config show --output ' | sort | lines)" 'json text' 'fish: its values'
    is "$(fish_words 'lakehost completion ' | sort | lines)" 'bash fish zsh' \
        'fish: a positional argument'
else
    skip 'fish' 'no fish here'
fi

done_testing
