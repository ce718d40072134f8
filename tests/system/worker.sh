#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Connectors in processes of their own: the same output, exit and messages as in the host's own, and
# what comes of connectors that no host would survive (tests/conform/unruly.c).
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
build=${LAKEHOST%/*}

# Copies: a file that others may write is refused, and whose program is $work's is ours to look for.
mkdir "$work/plugins" "$work/early"
cp "$build/tests/conform/.libs/misbehave.so" "$build/tests/conform/.libs/unruly.so" "$work/plugins"
cp "$build/tests/conform/.libs/unruly_early.so" "$work/early/unruly.so"
cp "$build/host/worker/lakehost-worker" "$work/lakehost-worker"
chmod 755 "$work/plugins" "$work/early" "$work"/*/*.so
LAKEHOST_PLUGIN_PATH=$work/plugins
LAKEHOST_ISOLATION_WORKER=$work/lakehost-worker
LAKEHOST_ISOLATION_COMPUTE_TIMEOUT=20 # sanitizers and a busy machine take their time
LAKEHOST_ISOLATION_LOAD_TIMEOUT=20
export LAKEHOST_PLUGIN_PATH LAKEHOST_ISOLATION_WORKER
export LAKEHOST_ISOLATION_COMPUTE_TIMEOUT LAKEHOST_ISOLATION_LOAD_TIMEOUT

# --- both modes are the same

# same ARGUMENT...: stdout, stderr and exit of both; files of the run are compared by their name `o`
same() {
    rm -f o o.json
    run "$@" --isolation none
    none="$status
$out
$err
$(cat o o.json 2>/dev/null)"
    cp "$work/out" "$work/none"
    rm -f o o.json
    run "$@" --isolation process
    # one note where the kernel lacks a part
    err=$(sed '/^lakehost: [a-z]*: isolation: /d' "$work/err")
    cmp -s "$work/none" "$work/out" || out="$out (not byte for byte)"
    is "$status
$out
$err
$(cat o o.json 2>/dev/null)" "$none" "both modes: $*"
}

day='--option rows=120 --option page_rows=25 --as-of 2025-01-03'
same check example
same tables example
same tables example --output json
same namespaces example
same tables example archive
for table in products events users orders metrics; do
    # shellcheck disable=SC2086 # options without blanks inside, here and below
    {
        same schema example $table
        same schema example $table --output json
        same metadata example $table
        same partitions example $table --as-of 2025-01-03
        same read example $table $day
        same read example $table $day --until-done --typed
        same read example $table $day --output csv --limit 7
        same read example $table $day --deletes --until-done
        same read example $table $day --until-done --output-file o --offset-file o.json
        same read example $table $day --option pages=1
        same read example $table $day --option failure_rate=40
        same read example $table $day --option forbidden=$table
    }
done
same read example narrow_07 --table-option area=archive --option rows=5
same read example nothing
same read example orders --option rows=x
same read example orders --start-offset '{"x":1}'
same read example orders --timeout "${LAKEHOST_VALGRIND:+2}2" --option latency_ms=60000
"$LAKEHOST" partitions example metrics --option rows=200 --as-of 2025-02-01 >parts
while read -r line; do
    same read example metrics --option rows=200 --partition "$line"
done <parts

# Every connector that is wrong and survives.
for table in $(sed -n 's/^    WRONG(\([a-z_0-9]*\)),$/\1/p' "$top/tests/conform/misbehave.c") right; do
    same read misbehave --as-of 2025-06-01 "$table"
done
same read misbehave --as-of 2025-06-01 --until-done stalls
same read misbehave --as-of 2025-06-01 --offset-file o.json right_then_wrong
for table in bad_type column_twice column_without_name struct_not_ended unknown_flags \
    end_without_begin short_field no_field row_in_schema right; do
    same schema misbehave $table
done
for table in no_meta meta_twice no_keys unknown_ingestion right; do
    same metadata misbehave $table
done
for table in partition_twice partition_no_object right; do
    same partitions misbehave $table
done
for listing in row empty utf8 nul flags twice more silent right; do
    same tables misbehave --option listing=$listing
done
same check misbehave
same read misbehave right --partition '{"partition":{"part":1},"as_of":"2025-06-01T00:00:00Z"}'

# --- what no host survives

# unruly EXIT CALL PART COMMAND...
unruly() {
    want=$1
    call=$2
    part=$3
    shift 3
    run "$@"
    for word in "$@"; do :; done
    is "$status" "$want" "$word: exit $want"
    like "$err" "unruly: $call" "$word: the call is named"
    like "$err" "$part" "$word: $part"
    unlike "$err" 'Sanitizer' "$word: no report"
}

read_unruly() { # read_unruly TABLE EXIT PART
    unruly "$2" "read_table($1)" "$3" read unruly "$1"
}

unruly 8 open 'ended by signal 11 (SIGSEGV) twice at the same place: a poison page' \
    tables unruly --option open=crash
run tables unruly --plugin "$work/early/unruly.so"
is "$status" 8 'a constructor that crashes'
like "$err" 'load: the connector'"'"'s process was ended by signal 11 (SIGSEGV)' 'is named'
unruly 8 'get_table_schema(crash_schema)' 'poison page' schema unruly crash_schema
unruly 8 'read_table_metadata(crash_metadata)' 'poison page' metadata unruly crash_metadata
read_unruly crash_read 8 'poison page; no checkpoint yet'
is "$out" '' 'no rows'
read_unruly crash_later 8 'poison page; last checkpoint {"next":2}'
like "$err" 'it is started again from the last checkpoint' 'after a second try'
run read unruly --output-file o --offset-file o.json crash_later
is "$status $(cat o)" '8 {"id":0}
{"id":1}
{"id":2}' 'in a file'
like "$(cat o.json)" '"offset":{"next":2}' 'with the offset of what is right'
read_unruly leaves 8 'ended itself with exit code 3 twice'
LAKEHOST_ISOLATION_COMPUTE_TIMEOUT=2
watched=$(date +%s)
read_unruly endless 8 'no sign of life for 2 s'
read_unruly hang 8 'no sign of life for 2 s'
if [ -n "${LAKEHOST_VALGRIND-}" ]; then
    skip 'the watchdog, CANCEL, SIGTERM and SIGKILL in time' 'valgrind has its own'
else
    is "$(($(date +%s) - watched < 60))" 1 'the watchdog, CANCEL, SIGTERM and SIGKILL in time'
fi
LAKEHOST_ISOLATION_COMPUTE_TIMEOUT=20
run read unruly --limit 1 deaf
is "$status $out" '8 {"id":0}' 'who does not stop is at fault'
like "$err" 'read_table(deaf): the connector'"'"'s process went on after the host wanted no more' \
    'and named'
read_unruly closes 8 'twice at the same place'
read_unruly garbage 8 'broke the protocol of workers'
read_unruly cut_frame 8 'ended itself with exit code 0;'
read_unruly oversized 8 'a frame of 1073741824 bytes, at most 262144 are allowed'
read_unruly out_of_order 8 'a frame out of order'
read_unruly unknown_record 8 'a record of the unknown kind 238'
read_unruly foreign_value 8 'row: a reference to an answer that is not there'
read_unruly foreign_builder 8 'out_new: a builder that is not there'
read_unruly forks 8 'ended by signal 11 (SIGSEGV) twice'

# Memory has a bound of its own, but not under sanitizers, which reserve terabytes.
if grep -q '^#define LH_SANITIZED' "$build/config.h"; then
    skip 'greedy' 'a sanitizer leaves the bound off'
else
    LAKEHOST_ISOLATION_MAX_MEMORY=256
    export LAKEHOST_ISOLATION_MAX_MEMORY
    read_unruly greedy 8 'ended by signal 6 (SIGABRT) twice'
    unset LAKEHOST_ISOLATION_MAX_MEMORY
fi

# What a build leaves off is said at each load, but only then.
"$LAKEHOST" -v tables unruly >/dev/null 2>"$work/note"
if grep -q '^#define LH_SANITIZED' "$build/config.h"; then
    like "$(cat "$work/note")" 'unruly: isolation: this build has sanitizers and leaves off' 'a note of sanitizers'
else
    unlike "$(cat "$work/note")" 'sanitizers' 'no note of sanitizers'
fi

# A crash that happens once: the rows are all there.
six='{"id":0}
{"id":1}
{"id":2}
{"id":3}
{"id":4}
{"id":5}'
run read unruly crash_once
is "$status $out" "0 $six" 'a crash once, on a pipe'
like "$err" 'read_table(crash_once): the connector'"'"'s process was ended by signal 11 (SIGSEGV); it is started again from the last checkpoint' \
    'is a warning'
rm -f o o.json
run read unruly --output-file o --offset-file o.json crash_once
is "$status $(cat o)" "0 $six" 'into a file'
run read unruly --output-file o crash_once
is "$status $(cat o)" "0 $six" 'into a file without an offset'
run read unruly --limit 4 crash_once
is "$status $out" "0 $(printf '%s\n' "$six" | head -n 4)" 'with a limit'
run read unruly --typed --output-file o crash_once
is "$status" 0 'typed'
like "$err" 'column "missing" (bigint): NOT NULL, but null in 6 rows' 'values of rows that were read again count once'
run tables unruly --option "until=$(($(date +%s) * 1000 + 2000))"
is "$status $out" '0 right' 'a listing begins anew, with each table once'
like "$err" 'list_tables: the connector'"'"'s process was ended' 'and a warning'
run tables unruly --option close=crash
is "$status $out" '0 right' 'a crash in close'
like "$err" 'warning: unruly: close: the connector'"'"'s process was ended by signal 11' 'is a warning'

# What it writes becomes lines of the log, bounded.
run read unruly writes
is "$status $out" '0 {"id":0}
{"id":1}' 'output of its own does not mix with rows'
like "$err" 'unruly: its process wrote: one' 'it is in the log'
like "$err" '\x1b[2J' 'without what drives a terminal'
like "$err" 'more than 20 lines, the rest is left out' 'and not all of it'
is "$(($(wc -c <"$work/err") < 4000))" 1 'long lines are cut'

# A worker of another build, none, and one by hand.
"$PYTHON" - "$work/lakehost-worker" "$work/other-worker" <<'PY'
import re, sys
data = open(sys.argv[1], "rb").read()
data, n = re.subn(rb"(lakehost-build [0-9.]+ )[0-9]", rb"\1x", data)
assert n
open(sys.argv[2], "wb").write(data)
PY
chmod 755 "$work/other-worker"
LAKEHOST_ISOLATION_WORKER=$work/other-worker run tables unruly
is "$status" 8 'a worker of another build'
like "$err" 'it is of another build than this program, "lakehost-build' 'is refused'
LAKEHOST_ISOLATION_WORKER=$work/no-worker run tables unruly
is "$status" 5 'no worker'
like "$err" 'isolation.worker' 'is named with its setting'
status=0
out=$("$work/lakehost-worker" 2>&1 </dev/null) || status=$?
is "$status $out" '2 lakehost-worker is started by lakehost, which runs connectors in it' 'by hand'

# Nothing is left behind: no process of any run above, no file.
left=
for exe in /proc/[0-9]*/exe; do
    [ "$(readlink "$exe" 2>/dev/null)" = "$work/lakehost-worker" ] && left="$left $exe"
done
is "$left" '' 'no process is left'
is "$(ls "$work/cwd")" 'o
o.json
parts' 'no file is left'

done_testing
