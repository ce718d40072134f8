#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `read --jobs`: the same output for every N, offsets behind the last partition only, and what a
# signal, kill -9 or a failure leaves behind.
# `read` below is lakehost's, not the shell's; options in variables have no blanks inside.
# shellcheck source=tests/system/lib.sh disable=SC2086,SC2162
. "${srcdir:-.}/tests/system/lib.sh"

# The program itself: a shell or a wrapper between would take the signal.
program=$(dirname "$LAKEHOST")/host/lakehost
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=$(dirname "$LAKEHOST")/connectors-1
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR

day1='--as-of 2025-03-01'
day2='--as-of 2025-03-02'
many='--option rows=4000 --option page_rows=100'
metrics() {
    run read example metrics "$@"
}
printf '{"until":"2025-02-01T00:00:00Z"}' >february

# --- the same for every N
for form in '' --typed '--output csv' '--typed --output csv' '--limit 1400' \
    '--end-offset @february' '--start-offset @february'; do
    metrics $many $day1 $form --jobs 1
    is "$status" 0 "--jobs 1 $form"
    cp "$work/out" one
    [ -s one ]
    is $? 0 'there is output'
    metrics $many $day1 $form
    cmp -s one "$work/out"
    is $? 0 'it is that of one reader'
    for jobs in 2 3 8 64; do
        metrics $many $day1 $form --jobs $jobs
        cmp -s one "$work/out"
        is "$status $?" '0 0' "--jobs $jobs gives the same"
    done
done
{
    metrics $many $day1 --jobs 1
    sort "$work/out" >sorted
    metrics $many $day1 --jobs 4 --unordered
    sort "$work/out" | cmp -s - sorted
    is "$status $?" '0 0' '--unordered gives the same rows'
}

# --- offsets
{
    metrics $many $day1 --jobs 4 --offset-file o.json --output-file m.jsonl
    is "$status" 0 'with an offset file'
    like "$(cat o.json)" '"offset":{"until":"2025-03-01T00:00:00Z"}' 'the end is kept'
    like "$(cat o.json)" "\"length\":$(wc -c <m.jsonl | tr -d ' ')," 'with the length of the output'
    metrics $many $day2 --jobs 4 --offset-file o.json --output-file m.jsonl --resume
    is "$status" 0 'the next day'
    metrics $many $day1 --offset-file p.json --output-file n.jsonl
    metrics $many $day2 --offset-file p.json --output-file n.jsonl --resume
    cmp -s m.jsonl n.jsonl
    is $? 0 'brings what is new, as with one reader'
    is "$(cat o.json)" "$(sed s/n.jsonl/m.jsonl/ p.json)" 'and the offset of one reader'
    metrics $many $day2 --jobs 4 --offset-file o.json --output-file m.jsonl --resume
    is "$(cat o.json)" "$(sed s/n.jsonl/m.jsonl/ p.json)" 'nothing is new: nothing moves'
    metrics $many $day1 --jobs 4 --offset-file o.json --output-file m.jsonl --resume
    is "$status" 0 'an earlier horizon'
    is "$(cat o.json)" "$(sed s/n.jsonl/m.jsonl/ p.json)" 'does not move the offset back'
    metrics $many $day1 --jobs 4 --offset-file q.json --output-file q.jsonl --limit 2400
    like "$status $(cat q.json)" '0 {"connector":"example","flows":{},' '--limit: the offset is behind the last partition only'
    is "$(wc -l <q.jsonl | tr -d ' ')" 2400 'the rows are there'
}

# --- tables and flows without partitions
few="--option rows=30 $day1"
run read example orders $few --jobs 4
is "$status" 0 'a table without partitions'
like "$err" '--jobs: rows of orders are not partitioned, one reader reads' 'is noted'
cp "$work/out" jobs
run read example orders $few
is "$(cat jobs)" "$out" 'and read by one reader'
run read example orders $few --jobs 4 --deletes
is "$status" 0 'the delete flow'
like "$err" '--jobs: deletes of orders are not partitioned' 'too'

# --- partitions of every kind
mkdir "$work/plugins"
cp "${LAKEHOST%/*}/tests/conform/.libs/parts.so" "$work/plugins/parts.so"
chmod 755 "$work/plugins" "$work/plugins/parts.so"
parts() { # parts TABLE OPTIONS...
    run read parts --plugin-path "$work/plugins" "$@"
    ids=$(sed 's/^{"id":\([-0-9]*\).*/\1/' "$work/out" | tr '\n' ' ')
}
for jobs in 1 3; do
    rm -f p.json
    parts mixed --jobs $jobs --offset-file p.json
    is "$status $ids" '0 0 2 10 12 20 22 30 32 ' "deletes are not among the rows, --jobs $jobs"
    like "$(cat p.json)" '"offset":{"all":true}' 'the newest offset is kept'
    parts partial --jobs $jobs --offset-file q$jobs.json
    is "$status $ids" '6 0 2 10 12 20 22 30 32 ' 'what is missing of a partition'
    like "$err" '"part 2" is missing: a right is missing' 'is said'
    like "$(cat q$jobs.json)" '"offset":{"all":true}' 'and holds up nothing'
    parts backwards --jobs $jobs
    is "$status $ids" '0 30 32 20 22 10 12 0 2 ' 'the order is that of the partitions'
    parts empty --jobs $jobs --offset-file r$jobs.json
    is "$status $ids" '0 -1 ' 'without a partition one reader reads'
    like "$(cat r$jobs.json)" '"offset":{"all":true}' 'and moves the offset'
    parts large --jobs $jobs
    is "$status $(cksum <"$work/out")" "0 $(cat large 2>/dev/null || cksum <"$work/out")" 'large rows'
    cksum <"$work/out" >large
    is "$(wc -c <"$work/out" | tr -d ' ')" $((80 * (1048576 + 21))) 'all of them'
done
parts late --jobs 3 --unordered
is "$status $(tail -n 2 "$work/out" | tr '\n' ' ')" '0 {"id":0} {"id":2} ' \
    '--unordered: the slow one comes last'

# --- flags
for wrong in 0 65 x -1 ''; do
    run read example metrics --jobs "$wrong"
    is "$status" 2 "--jobs '$wrong'"
    like "$err" '--jobs: expected a whole number from 1 to 64' 'says what is expected'
done
run read example metrics --unordered
is "$status" 2 '--unordered alone'
like "$err" '--unordered needs --jobs N' 'is refused'
run read example metrics --partition '{"first":0,"last":5}' --jobs 2
is "$status" 2 '--partition and --jobs'
like "$err" '--partition excludes --jobs' 'exclude each other'

# --- failures
{
    metrics $many $day1 --jobs 4 --option failure_rate=100 --offset-file f.json --output-file f.jsonl
    is "$status" 7 'a partition fails'
    like "$err" 'partition {"first":' 'which one is said'
    like "$err" 'example: read_partition(metrics): ' 'and why'
    unlike "$(cat f.json)" 'until' 'the offset does not move'
    metrics $many $day1 --jobs 4 --option latency_ms=60000 --timeout 2
    is "$status" 7 '--timeout ends the sleeps of all'
    like "$err" 'the time of --timeout is over' 'and says so'
    unlike "$err" 'partition {' 'which is about none of them'
    metrics $many $day1 --jobs 4 --option forbidden=metrics
    is "$status" 4 'a table that is refused'
    status=0
    "$LAKEHOST" read example metrics $many $day1 --jobs 4 2>"$work/err" | head -n 1 >"$work/out"
    is "$(wc -l <"$work/out" | tr -d ' ') $(grep -v '^--[0-9]*-- ' "$work/err")" '1 ' 'a reader that goes away is left in peace'
}

# --- signals: quickly, whatever the threads wait for
interrupted() { # interrupted SIGNAL STATUS NAME OPTIONS...
    signal=$1 wanted=$2 name=$3
    shift 3
    # a background command ignores SIGINT, unless something else starts it
    "$PYTHON" - "$signal" "$program" read example metrics $many $day1 --jobs 4 "$@" \
        >"$work/out" 2>"$work/err" <<'EOF'
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
read, write = os.pipe()  # that nobody reads
process = subprocess.Popen(sys.argv[2:], stdout=write)
threads = 1
while threads < 2 and process.poll() is None:  # until the pool is at work
    time.sleep(0.05)
    with open("/proc/%d/status" % process.pid) as file:
        threads = int(file.read().split("Threads:")[1].split()[0])
time.sleep(0.3)
begin = time.monotonic()
process.send_signal(getattr(signal, sys.argv[1]))
status = process.wait(55)  # they would sleep for a minute, or for ever
took = time.monotonic() - begin
print("%d %s" % (status if status >= 0 else 128 - status, "soon" if took < 45 else took))
EOF
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    is "$out" "$wanted soon" "$name"
    like "$err" "interrupted by $signal" 'and it says so'
}
interrupted SIGINT 130 'SIGINT while all sleep' --option latency_ms=60000
interrupted SIGTERM 143 'SIGTERM while nobody reads the pipe'
interrupted SIGINT 130 'with an offset file' --option latency_ms=60000 --offset-file i.json \
    --output-file i.jsonl
is "$(cat i.json 2>/dev/null)" '' 'the offset stays'

# --- kill -9 in the middle, again and again: each row exactly once
rm -f o.json m.jsonl
"$program" read example metrics $many $day1 --jobs 1 >expected
i=0
kills=0
while [ $i -lt 12 ]; do
    i=$((i + 1))
    # the first one never comes to an end by itself
    "$program" read example metrics $many $day1 --jobs 3 \
        --option latency_ms=$((i == 1 ? 60000 : 12 / i)) \
        --offset-file o.json --output-file m.jsonl --resume &
    pid=$!
    sleep "0.0$i"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ $? = 137 ] && kills=$((kills + 1))
done
metrics $many $day1 --jobs 3 --offset-file o.json --output-file m.jsonl --resume
is "$status" 0 "after $i runs that were killed"
cmp -s expected m.jsonl
is $? 0 'each row is there once, in order'
[ $kills -gt 0 ]
is $? 0 'some were killed in the middle'

done_testing
