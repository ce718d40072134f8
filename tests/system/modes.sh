#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every connector, in the host's process and in one of its own: each answer about each table, and all
# its rows, byte for byte the same.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
# shellcheck source=tests/system/lib-connectors.sh
. "$top/tests/system/lib-connectors.sh"
LAKEHOST_ISOLATION_COMPUTE_TIMEOUT=20 # sanitizers and a busy machine take their time
LAKEHOST_ISOLATION_LOAD_TIMEOUT=20
export LAKEHOST_ISOLATION_COMPUTE_TIMEOUT LAKEHOST_ISOLATION_LOAD_TIMEOUT

# in_mode MODE ARGUMENTS: leaves all that came of it in the file MODE, but for the clock and for how
# many requests there were before
in_mode() {
    mode=$1
    shift
    rm -f o.json o.jsonl
    # shellcheck disable=SC2086 # options without blanks inside
    run "$@" $given --isolation "$mode"
    {
        echo "exit $status"
        sed 's/ [0-9]* requests left/ N requests left/' "$work/out"
        # one note where the kernel lacks a part
        sed '/^lakehost: [a-z]*: isolation: /d' "$work/err"
        cat o.json o.jsonl 2>/dev/null |
            sed 's/"ingestion_timestamp":"20[^"]*Z"/"ingestion_timestamp":"now"/'
    } >"$mode"
}

# same ARGUMENTS... Under valgrind the host's process alone, which is what valgrind looks at.
same() {
    in_mode none "$@"
    if [ "${LAKEHOST_VALGRIND-}" ]; then
        is "$status" 0 "$*: exit 0"
        return
    fi
    in_mode process "$@"
    if cmp -s none process; then
        report yes "$*"
    else
        report no "$*"
        diff none process | head -n 6 | cut -c 1-300 | sed 's/^/# /'
    fi
    is "$status" 0 "$*: exit 0"
}

# What is wrong with a file of rows.
twice='
import collections, json, sys
def check(pairs):
    for name, n in collections.Counter(name for name, _ in pairs).items():
        if n > 1:
            print(name, "stands in a row", n, "times")
            sys.exit()
rows = [json.loads(line, object_pairs_hook=check) for line in open(sys.argv[1], encoding="utf-8")]
if not rows:
    print("no row")
'

for name in $connectors; do
    connector "$name"
    # shellcheck disable=SC2086 # options without blanks inside, here and below
    [ "${LAKEHOST_VALGRIND-}" ] || {
        same check $name
        same tables $name --output json $levels
    }
    for table in $tables; do
        levels_of "$table"
        # shellcheck disable=SC2086
        same read $name $table $at $horizon --until-done --offset-file o.json --output-file o.jsonl
        is "$("$PYTHON" -c "$twice" o.jsonl)" '' "$table: some rows, and no member of one twice"
        [ "${LAKEHOST_VALGRIND-}" ] && continue
        # shellcheck disable=SC2086
        same schema $name $table $at
    done
    fake_stop "$fake_pid"
done

done_testing
