#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program with connectors linked into it (configure --enable-static-connectors).
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

run plugin list
case $out in
*'(built in)'*) ;;
*)
    echo '1..0 # SKIP configured without --enable-static-connectors'
    exit 0
    ;;
esac
like "$out" "ok         ${LAKEHOST%/*}/connectors-1/example.so" 'a file comes first'
like "$out" 'shadowed   (built in)' 'and what is built in behind it'
sed '/^LAKEHOST_CONNECTORDIR=/s/=.*/=nowhere/' "$LAKEHOST" >"$work/lakehost"
chmod 755 "$work/lakehost"
LAKEHOST=$work/lakehost
run plugin list
# columns are as wide as the longest name
like "$(printf "%s\n" "$out" | tr -s " ")" "example 1.0.0 ok (built in)" "without the file it is used"
run plugin show example
is "$status" 0 'shown'
like "$out" 'file           (built in)' 'as what it is'
run plugin verify example
is "$status" 0 'the program vouches for it'
run plugin validate example
is "$out" 'example: no problem found' 'there is no file to complain about'

done_testing
