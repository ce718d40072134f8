#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes lakehost(1) and one page per command out of --help, with help2man.
#
#   make-man.sh PROGRAM HELP2MAN FOLDER COMMON.h2m [PAGE...]
#
# PAGE is lakehost.1 or lakehost-config-show.1. Without PAGEs it prints the names of all pages
# that the command table asks for, one per line.
set -eu
program=$1
help2man=$2
folder=$3
common=$4
shift 4

# The commands of the overview: indented two, the name before two blanks or an argument.
commands() {
    "$program" help | sed -n '/^Global options:/q; s/^  \([a-z][a-z -]*[a-z]\) .*/\1/p' |
        sed 's/  .*//'
}

if [ $# -eq 0 ]; then
    echo lakehost.1
    commands | sed 's/ /-/g; s/^/lakehost-/; s/$/.1/'
    exit 0
fi

version=$("$program" --version | head -n 1)

# The sentence below the usage, without its full stop, for the NAME line.
summary() {
    # shellcheck disable=SC2086 # a command of two words
    "$program" help $1 | sed -n '/^$/{n;s/\.$//;p;q;}'
}

for page in "$@"; do
    page=${page##*/}
    words=
    name=${page%.1}
    if [ "$name" != lakehost ]; then
        words=$(commands | while read -r command; do
            [ "lakehost-$(echo "$command" | tr ' ' -)" != "$name" ] || echo "$command"
        done)
        [ -n "$words" ] || { echo "make-man.sh: no command for $page" >&2; exit 1; }
    fi
    cat >"$folder/.$name.run" <<RUN
#!/bin/sh
case \$1 in
--version) "$program" --version | head -n 1 ;;
*) exec "$program" $words --help ;;
esac
RUN
    chmod +x "$folder/.$name.run"
    "$help2man" --no-info --section=1 --manual='User Commands' --include="$common" \
        --name="$(summary "$words")" --output="$folder/.$page.tmp" "$folder/.$name.run"
    # help2man takes the page's name from the usage line, and adds the month of the build, which
    # would make every build differ; "Exit status:" is a section of its own in man-pages(7)
    sed -e "s/^\.TH .*/.TH $(echo "$name" | tr '[:lower:]' '[:upper:]') 1 \"\" \"$version\" \"User Commands\"/" \
        -e "s/^lakehost \\\\- /$(echo "$name" | sed 's/-/\\\\-/g') \\\\- /" \
        -e 's/^\.SS "Exit status:"/.SH "EXIT STATUS"/' \
        "$folder/.$page.tmp" >"$folder/$page"
    rm -f "$folder/.$page.tmp" "$folder/.$name.run"
done
