#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `read`: flows, offsets, limits, formats, and each row exactly once whatever happens to the process.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

rows() { wc -l <"$1" | tr -d ' '; }
# The program itself: a shell or a wrapper between would take the signal.
program=$(dirname "$LAKEHOST")/host/lakehost
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=$(dirname "$LAKEHOST")/connectors-1
LAKEHOST_LIBEXECDIR=$(dirname "$LAKEHOST")/host/worker
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR LAKEHOST_LIBEXECDIR

# --- resume, both flows
day1='--option rows=50 --as-of 2025-03-01'
day2='--option rows=50 --as-of 2025-03-02'
# shellcheck disable=SC2086 # options without blanks inside, here and below
{
    run read example orders $day1 --until-done --offset-file o.json
    is "$status" 0 'a first run'
    is "$(cat o.json)" '{"connector":"example","flows":{"rows":{"offset":{"until":"2025-03-01T00:00:00Z"}}},"table":"orders"}' \
        'leaves its offset'
    run read example orders $day1 --until-done --offset-file o.json --resume
    is "$out" '' 'the second gives nothing'
    run read example orders $day1 --until-done --offset-file o.json --resume --deletes
    is "$status" 0 'the delete flow'
    like "$out" '"updated_at"' 'has rows'
    like "$(cat o.json)" '"deletes":{"offset":' 'and an offset of its own'
    like "$(cat o.json)" '"rows":{"offset":{"until":"2025-03-01T00:00:00Z"}}' 'the other one stays'
    run read example orders $day1 --until-done --offset-file o.json --resume --deletes
    is "$out" '' 'each delete comes once'
    run read example orders $day2 --until-done --offset-file o.json --resume
    cp "$work/out" second
    like "$out" '"updated_at":"2025-03-01T' 'the next day has changes'
    run read example orders $day2 --until-done --start-offset '{"until":"2025-03-01T00:00:00Z"}'
    is "$out" "$(cat second)" '--start-offset is the same'
    run read example orders $day2 --offset-file o.json --resume --start-offset '{}'
    is "$out" '' '--resume goes before --start-offset'
    like "$err" '--start-offset is not used: --resume goes on from the offset in o.json' 'and says so'
    run read example orders $day2 --offset-file new.json --resume --start-offset '{"until":"2025-03-01T00:00:00Z"}'
    is "$out/$err" "$(cat second)/" 'which counts where there is no offset yet'
    run read example orders --option rows=50 --end-offset '{"until":"2025-03-02T00:00:00Z"}' \
        --start-offset '{"until":"2025-03-01T00:00:00Z"}'
    is "$out" "$(cat second)" 'and --end-offset ends there'
}
run read example events --as-of 2025-01-05 --option rows=5 --until-done --offset-file o1
for flags in '--offset-file o1 --resume' '--start-offset {"until":"2025-01-05T00:00:00Z"}'; do
    # shellcheck disable=SC2086
    run read example events --as-of 2025-01-05 --option rows=5 $flags --end-offset '{"until":"2025-01-04T00:00:00Z"}'
    is "$status" 3 'an end before the start'
    like "$err" 'the end offset lies before the start offset' 'is said'
    # shellcheck disable=SC2086
    run read example events --as-of 2025-01-05 --option rows=5 $flags --end-offset '{"until":"2025-01-05T00:00:00Z"}'
    is "$status/$out" 0/ 'an end at the start gives nothing'
done
run read example events --end-offset ' { } '
is "$status" 3 '{} as an end'
like "$err" '--end-offset: {} is the beginning' 'is explained'
for table in events metrics; do
    run read example $table --option rows=20 --as-of 2025-01-02 --until-done --offset-file p.$table --output-file p.out
    run read example $table --option rows=20 --as-of 2025-02-01 --until-done --offset-file p.$table --output-file p.out --resume
    run read example $table --option rows=20 --as-of 2025-02-01
    is "$(cksum <p.out)" "$(cksum <"$work/out")" "append: $table in two reads is as in one"
    is "$(rows p.out)" 764 'with all its rows'
    rm p.out
done
run read example users --offset-file o.json --resume
is "$status" 3 'an offset file of another table'
like "$err" 'it is about example orders, expected example users' 'is refused'
printf '{}' >bad.json
run read example users --offset-file bad.json
is "$status" 3 'what is no offset file too'
is "$(cat bad.json)" '{}' 'and stays as it is'
run read example users --resume
is "$status" 2 '--resume alone'
run read example users --deletes
is "$status" 3 'a table without deletes'
like "$err" 'has no delete flow' 'says so'
run read example orders --start-offset '{"until":"never"}'
is "$status" 3 'an offset that the connector does not take'
run read example orders --start-offset '[]'
is "$status" 3 'or that is none'
run read example products --offset-file snapshot.json
is "$status" 0 'a snapshot table'
is "$(ls snapshot.json 2>/dev/null)" '' 'keeps no offset'
like "$err" 'products is a snapshot table: it is read whole each time, and no offset of it is kept' 'and says so'
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 'once'

# --- an offset file is checked whole, the other flow too
broken() { # broken TEXT PART: is refused and stays as it is
    printf '%s' "$1" >broken.json
    run read example orders --offset-file broken.json --resume
    is "$status" 3 "refused: $1"
    like "$err" "--offset-file: broken.json:$2" 'with the place and what was expected'
    is "$(cat broken.json)" "$1" 'and left alone'
}
head='{"connector":"example","table":"orders","flows":{'
broken "$head}" '1:51: expected '
broken "$head"'"rows":{"offset":{}},"deletes":5}}' '1:81: expected an object of "offset", "length", "file" and "form", found a number, "5"'
broken "$head"'"deletes":{}}}' '1:60: expected "offset", a JSON object, found nothing'
broken "$head"'"deletes":{"offset":{},"length":"7"}}}' '1:82: expected "length", a number of bytes, found a string, "7"'
broken "$head"'"deletes":{"offset":{},"length":-7}}}' '1:82: expected "length", a number of bytes, found a number, "-7"'
broken "$head"'"deletes":{"offset":{},"file":"o.out"}}}' '1:80: expected "file", an absolute path, found a string, "o.out"'
broken "$head"'"deletes":{"offset":{},"form":"xml raw"}}}' '1:80: expected "form", csv or jsonl with raw or typed: "jsonl raw", found a string, "xml raw"'
broken "$head"'"deletes":{"offset":{},"form":7}}}' '1:80: expected "form", csv or jsonl'
broken "$head"'"rows":{"offset":[]}}}' '1:67: expected "offset", a JSON object, found an array'
broken "$head"'"updates":{"offset":{}}}}' '1:60: expected an object of "deletes" and "rows"; "updates" is not known'
broken "$head"'"rows":{"offset":{"a":1,"a":2}}}}' '1:74: expected a key once in its object, found a string, "a"'
broken '{"connector":"example","flows":{}}' '1:1: expected "table", a string, found nothing'
broken '{"connector":7,"table":"orders","flows":{}}' '1:14: expected "connector", a string, found a number, "7"'
broken '[]' '1:1: expected an offset file'

# --- limit
small='--option rows=100 --option page_rows=10 --as-of 2025-01-01'
# shellcheck disable=SC2086
{
    run read example events $small --limit 25 --offset-file l.json
    is "$(rows "$work/out")" 25 '--limit'
    cp "$work/out" first
    run read example events $small --start-offset '{}'
    is "$(head -n 25 "$work/out")" "$(cat first)" 'gives the first'
    cp "$work/out" all
    run read example events $small --until-done --offset-file l.json --resume
    is "$(cat "$work/out")" "$(tail -n +21 all)" 'its offset is not past what was given out'
    run read example events $small --limit 20 --offset-file l.json
    run read example events $small --until-done --offset-file l.json --resume
    is "$(cat "$work/out")" "$(tail -n +21 all)" 'and not before it where a page ends there'
    run read example events $small --option pages=3
    is "$(rows "$work/out")" 30 'one call'
    run read example events $small --option pages=3 --until-done
    is "$out" "$(cat all)" '--until-done goes on'
}
run read example events --limit 0
is "$status" 2 '--limit 0'

# --- formats
run read example metrics --option rows=3 --as-of 2025-01-01 --output csv
head -n 1 "$work/out" | tr -d '\r' >header
is "$(cat header)" 'sensor_id,at,counter,reading,quality,place,samples,labels' 'CSV has a header'
same=$("$PYTHON" -c 'import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(len(rows), all(isinstance(json.loads(r["labels"]), dict) for r in rows))' "$work/out")
is "$same" '3 True' 'which other programs read'
run read example orders --option rows=3 --as-of 2025-01-02 --typed --limit 1
like "$out" '.000000Z"' '--typed'
run read example orders --typed --raw
is "$status" 2 'not both'

# --- output files
run read example events --option rows=10 --output-file whole.jsonl --as-of 2025-01-01
is "$status/$(rows whole.jsonl)/$out" 0/10/ 'a file'
run read example events --option rows=10 --option forbidden=events --output-file whole.jsonl
is "$status/$(rows whole.jsonl)" 4/10 'stays as it was when the run fails'

# --- failing in the middle
run read example events --option rows=1000 --option page_rows=10 --option failure_rate=30 \
    --as-of 2025-01-01 --until-done --offset-file f.json --output-file f.jsonl
is "$status" 7 'a source that fails in the middle'
tries=0
while [ "$status" = 7 ] && [ "$tries" -lt 200 ]; do
    tries=$((tries + 1))
    run read example events --option rows=1000 --option page_rows=10 --option failure_rate=30 \
        --as-of 2025-01-01 --until-done --offset-file f.json --output-file f.jsonl --resume
done
is "$status" 0 'is read in several runs'
run read example events --option rows=1000 --as-of 2025-01-01
is "$(cksum <f.jsonl)" "$(cksum <"$work/out")" 'each row once'

# --- killed at any moment
big='--option rows=40000 --option page_rows=100 --option latency_ms=15 --as-of 2025-01-01'
# shellcheck disable=SC2086
run read example events --option rows=40000 --as-of 2025-01-01
cksum <"$work/out" >wanted
kill_rounds() { # kill_rounds SIGNAL FILE N: interrupts N runs, the next one comes through
    rounds=0
    code=1
    while [ "$code" -ne 0 ] && [ "$rounds" -lt 60 ]; do
        rounds=$((rounds + 1))
        # shellcheck disable=SC2086
        "$program" read example events $big --until-done --offset-file "$2.json" --resume \
            --output-file "$2" 2>"$work/err" &
        pid=$!
        # the offset is kept five times a second; some rounds end before the first time
        sleep "0.$((1 + rounds * 7 % 4))$((rounds * 3 % 10))"
        [ "$rounds" -gt "$3" ] || kill "-$1" "$pid" 2>/dev/null || true
        code=0
        wait "$pid" || code=$?
        [ "$rounds" -gt 1 ] || first_code=$code
        [ "$rounds" -gt "$3" ] || kept=$(cat "$2.json")
    done
}
kill_rounds KILL killed 20
like "$kept" '"length":' 'the killed runs kept an offset'
is "$code" 0 'kill -9 in 20 rounds, then to the end'
is "$(cksum <killed)" "$(cat wanted)" 'each row exactly once'
is "$(find . -name '.*lakehost*')" '' 'and what the killed runs left is gone'
kill_rounds TERM ended 5
is "$code" 0 'SIGTERM in 5 rounds, then to the end'
is "$(cksum <ended)" "$(cat wanted)" 'each row exactly once'
is "$first_code" 143 'exit 143'
"$PYTHON" - "$program" >sigint 2>&1 <<'EOF'
import os, signal, subprocess, sys, time
# python starts with SIGINT deliverable; a shell's background job ignores it
run = subprocess.Popen([sys.argv[1], "read", "example", "events", "--option", "latency_ms=20",
                        "--option", "rows=5000", "--option", "page_rows=10", "--offset-file", "i.json",
                        "--as-of", "2025-01-01"], stdout=open("i.jsonl", "w"), stderr=subprocess.PIPE)
for _ in range(600):  # until the first offset is there, at most a minute
    if os.path.exists("i.json"):
        break
    time.sleep(0.1)
run.send_signal(signal.SIGINT)
err = run.communicate()[1].decode()
print(run.returncode, err.strip())
EOF
is "$(cat sigint)" '130 lakehost: error: interrupted by SIGINT' 'SIGINT: exit 130'
like "$(cat i.json)" '"offset":{"until":' 'and an offset to go on from'
"$program" read example events --option rows=5000 --offset-file i.json --resume --as-of 2025-01-01 >>i.jsonl
"$program" read example events --option rows=5000 --as-of 2025-01-01 >i.wanted
sort -u i.jsonl >i.sorted
is "$(cksum <i.sorted)" "$(sort i.wanted | cksum)" 'nothing is lost on a pipe'

# --- what an earlier run left stays when a run fails before it has anything
run read example orders --option rows=4 --as-of 2025-01-03 --until-done --offset-file e.json --output-file e.jsonl
cp e.json e.json.was
cp e.jsonl e.jsonl.was
run read example orders --offset-file e.json --output-file e.jsonl --option forbidden=orders
is "$status" 4 'a run that is refused'
is "$(cat e.json)" "$(cat e.json.was)" 'leaves the earlier offset'
is "$(cat e.jsonl)" "$(cat e.jsonl.was)" 'and the earlier rows'
run read example orders --option rows=4 --as-of 2025-01-03 --until-done --offset-file e.json --output-file e.jsonl
is "$(cat e.jsonl)" "$(cat e.jsonl.was)" 'one that works starts anew'
ln -s e.json link.json
run read example orders --offset-file e.json --output-file link.json
is "$status" 2 'one file for rows and offset is refused, through a link too'
mkfifo waiting
run read example orders --offset-file waiting
is "$status" 3 'a pipe is no offset file'
run read example orders --offset-file n.json --output-file waiting
is "$status" 3 'and no output file beside one'
like "$err" '--output-file waiting: expected a regular file' 'which is named'

# --- output that is no regular file is written to, never replaced
run read example products --option rows=3
cp "$work/out" three
cat waiting >piped &
pid=$!
run read example products --option rows=3 --output-file waiting
wait "$pid"
is "$status/$(cksum <piped)" "0/$(cksum <three)" 'a named pipe'
is "$(ls -ld waiting | cut -c1)" p 'which is still one'
echo before >appended
"$program" read example products --option rows=3 --output-file /dev/stdout >>appended
is "$(cat appended)" "before
$(cat three)" '/dev/stdout that leads to a file'
"$program" read example products --option rows=3 --output-file /dev/fd/5 5>>appended
is "$(cat appended)" "before
$(cat three three)" '/dev/fd/5'
run read example orders --option rows=3 --as-of 2025-01-02 --offset-file stdout.json --output-file /dev/stdout
is "$status/$(rows "$work/out")" 0/3 'beside an offset file too'
unlike "$(cat stdout.json)" length 'which then has no length'
run read example products --output-file /dev/null
is "$status/$(ls -ld /dev/null | cut -c1)" 0/c 'a device'
run read example products --output-file /dev/full
is "$status" 1 'a device that is full'
run read example products --output-file .
is "$status" 3 'a folder'
is "$(find . -name '.*lakehost*')" '' 'and nothing is left of all that'

# --- two runs on the same files
slow='--option rows=100000 --option page_rows=10 --option latency_ms=100 --as-of 2025-01-01'
mkdir locked
ln -s locked/o.json other-name
for files in '--offset-file locked/o.json' '--output-file locked/out' \
    '--offset-file locked/o.json --output-file locked/out'; do
    # shellcheck disable=SC2086
    "$program" read example events $slow --until-done $files >slow.out 2>slow.err &
    pid=$!
    i=0
    while [ -z "$(find locked -name '*-lock' -size +0)" ] && [ "$i" -lt 200 ]; do
        i=$((i + 1))
        sleep 0.05
    done
    # shellcheck disable=SC2086
    run read example events --option rows=3 $files
    is "$status/$out" 9/ "a second run with $files"
    like "$err" "${files%% *}: locked/" 'names the file'
    like "$err" "another run is writing it (process $pid)" 'and who has it'
    if [ "${files%% *}" = --offset-file ]; then
        sleep 0.6
        run read example events --option rows=3 --offset-file other-name
        is "$status" 9 'through a link as well'
    fi
    # shellcheck disable=SC2086
    run read example events --option rows=3 $(printf '%s' "$files" | sed 's|locked/|locked/x|g')
    is "$status" 0 'other files are free'
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    # shellcheck disable=SC2086
    run read example events --option rows=3 $files
    is "$status" 0 'a killed run leaves no lock'
    is "$(find locked -name '.*')" '' 'and the next one removes what it left'
    rm -f locked/*
done
# shellcheck disable=SC2086
{
    "$program" read example events $slow --until-done --offset-file locked/o.json --output-file locked/out 2>slow.err &
    pid=$!
    sleep 0.5
    kill -TERM "$pid"
    wait "$pid" || code=$?
}
is "$code/$(find locked -name '.*')" 143/ 'SIGTERM: locks and temporary files are gone'
run read example orders --option rows=4 --as-of 2025-01-03 --offset-file both.json --output-file both.jsonl
cp both.jsonl both.was
run read example orders --option rows=4 --as-of 2025-01-03 --offset-file both.json --output-file both.jsonl --resume --deletes
is "$status/$(cksum <both.jsonl)" "3/$(cksum <both.was)" 'deletes do not go over the rows of the same table'
like "$err" 'give rows and deletes a file each' 'which is said'

# --- an output is one flow's in one form, also with rows behind the last offset
paged='--option rows=64 --option page_rows=10 --as-of 2025-01-05 --offset-file one.json'
mkdir moved
ln -s one.out link.out
refused() { # refused PART ARGUMENTS: exit 3, both files as they were
    part=$1
    shift
    cp one.json one.json.was
    cp one.out one.out.was
    # shellcheck disable=SC2086
    run read example orders $paged "$@"
    is "$status/$(cksum <one.out)" "3/$(cksum <one.out.was)" "refused: $*"
    like "$err" "$part" 'with the reason'
    is "$(cat one.json)" "$(cat one.json.was)" 'and the offset is left alone'
}
# shellcheck disable=SC2086
{
    run read example orders $paged --output-file one.out --limit 15
    is "$status/$(rows one.out)" 0/15 '--limit in the middle of a page'
    like "$(cat one.json)" "\"file\":\"$(pwd -P)/one.out\",\"form\":\"jsonl raw\",\"length\":" 'the offset file says of which output'
    refused 'give rows and deletes a file each' --output-file one.out --deletes
    refused 'give rows and deletes a file each' --output-file link.out --deletes --resume
    sed 's/"file":"[^"]*",//' one.json >one.json.new
    mv one.json.new one.json
    refused 'give rows and deletes a file each' --output-file one.out --deletes
    run read example orders $paged --output-file one.out --limit 15
    refused 'are jsonl raw, and these would be csv raw' --output-file one.out --resume --output csv
    refused 'are jsonl raw, and these would be jsonl typed' --output-file one.out --resume --typed
    cp one.out copy.out
    refused "belongs to $(pwd -P)/one.out, not to --output-file copy.out" --output-file copy.out --resume
    run read example orders $paged --output-file link.out --resume
    run read example orders --option rows=64 --as-of 2025-01-05
    is "$status/$(cksum <one.out)" "0/$(cksum <"$work/out")" 'the same flow goes on, through a link too'
    mv one.out moved/one.out
    cp "$work/out" one.whole
    run read example orders $paged --output-file moved/one.out --resume
    is "$status/$(cksum <moved/one.out)" "0/$(cksum <one.whole)" 'and where its file was moved to'
}

# --- a reader that does not read
full_pipe() { # full_pipe SIGNAL: fills a pipe, ends the run, goes on from where it was
    "$PYTHON" - "$program" "$1" "full.$1.json" 2>&1 <<'EOF'
import os, signal, subprocess, sys, time
program, name, offsets = sys.argv[1:]
source = [program, "read", "example", "events", "--option", "rows=3000", "--option", "page_rows=10",
          "--as-of", "2025-01-01"]
wanted = subprocess.run(source, stdout=subprocess.PIPE, check=True).stdout
source += ["--until-done", "--offset-file", offsets]
end, out = os.pipe()
# python starts with SIGINT deliverable; a shell's background job ignores it
run = subprocess.Popen(source + ["--option", "latency_ms=15"], stdout=out)
os.close(out)
deadline = time.monotonic() + 60
before = ""
while time.monotonic() < deadline:  # until the offset is there and nothing moves any more
    with open(f"/proc/{run.pid}/io") as f:
        now = f.read()
    if now == before and os.path.exists(offsets):
        break
    before = now
    time.sleep(0.5)
start = time.monotonic()
run.send_signal(getattr(signal, "SIG" + name))
code = run.wait(60)
took = time.monotonic() - start
got = b""
while part := os.read(end, 1 << 20):
    got += part
rest = subprocess.run(source + ["--resume"], stdout=subprocess.PIPE, check=True).stdout
first = got[:got.rfind(b"\n") + 1].splitlines()
print(code, took < 5, len(got) >= 30000, 0 < len(rest.splitlines()) < 3000,
      set(first) | set(rest.splitlines()) == set(wanted.splitlines()))
EOF
}
last=full_pipe
is "$(full_pipe TERM)" 'lakehost: error: interrupted by SIGTERM
143 True True True True' 'SIGTERM ends the wait, and the next run goes on'
is "$(full_pipe INT)" 'lakehost: error: interrupted by SIGINT
130 True True True True' 'SIGINT too'
mkfifo unread
"$program" read example events --output-file unread 2>unread.err &
pid=$!
sleep 0.5
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
is "$code" 143 'and the wait for a reader of a named pipe'

# --- a reader that goes away
{
    pipe_status=0
    "$program" read example events --option rows=100000 2>pipe.err || pipe_status=$?
    echo "$pipe_status" >pipe.status
} | head -n 1 >/dev/null
is "$(cat pipe.status)/$(cat pipe.err)" 1/ 'a closed pipe ends it quietly'

done_testing
