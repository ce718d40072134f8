#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command of the table has a man page, and no page is left over.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

[ -n "${MAN_PAGES-}" ] || { echo '1..0 # SKIP configured with --disable-man'; exit 0; }

wanted=$(sh "$top/host/man/make-man.sh" "$LAKEHOST" x x x | sort)
made=$(for page in $MAN_PAGES; do echo "${page##*/}"; done | sort)
is "$made" "$wanted" 'the pages of host/local.mk are those of the command table'
for page in $MAN_PAGES; do
    page=${page##*/}
    text=$(cat "$MAN_FOLDER/$page")
    like "$text" '.SH EXAMPLES' "$page has examples"
    like "$text" '.SH "EXIT STATUS"' "$page has exit codes"
    words=$(sed -n '/^\.SH NAME/{n;s/.* \\- //p;q;}' "$MAN_FOLDER/$page" | wc -w)
    is "$([ "$words" -gt 2 ] && echo a sentence)" 'a sentence' "$page says in its name what it is"
    unlike "$text" '.run' "$page does not tell how it was made"
    if command -v mandoc >/dev/null; then
        is "$(mandoc -T lint -W error "$MAN_FOLDER/$page" 2>&1)" '' "$page is correct roff"
    fi
done

done_testing
